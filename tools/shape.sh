#!/bin/sh
# The shape of the code, as a table in Markdown, and what it has to keep to:
#   sh tools/shape.sh         prints it; fails where a limit is broken, or a file of the core writes what is
#                             another's (tools/writers.R)
#   sh tools/shape.sh check   fails also if the table in CONTRIBUTING.md is another
#   sh tools/shape.sh write   writes it there
set -eu
cd "$(dirname "$0")/.."
Rscript tools/shape.R "$@"
