#!/bin/sh
# Installs the package and fits a GARCH(1,1) with it; leaves garch-convergence.png in the current directory.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
sh "$root/tools/setup.sh" run

# R's first library if it can be written to, else the user's own
library=$(Rscript -e 'lib <- .libPaths()[1]
  if (file.access(lib, 2) != 0) dir.create(lib <- path.expand(Sys.getenv("R_LIBS_USER")), FALSE, TRUE)
  cat(lib)')
R CMD INSTALL --preclean --clean --library="$library" "$root"

Rscript "$root/tools/demo.R"
