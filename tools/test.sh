#!/bin/sh
# Runs the tests of this checkout:
#   sh tools/test.sh            all: the C core's own, then the package's with testthat
#   sh tools/test.sh FILTER     of the package those in files whose names match
set -eu
cd "$(dirname "$0")/.."
sh tools/setup.sh test

failed=0 filter=${1-}
[ -n "$filter" ] || sh tools/check-core.sh tests cc || failed=1

library=$(mktemp -d)
trap 'rm -rf "$library"' EXIT
R CMD INSTALL --preclean --clean --no-docs --library="$library" .
R_LIBS="$library${R_LIBS:+:$R_LIBS}" NOT_CRAN=true Rscript -e '
  filter <- commandArgs(TRUE)
  testthat::test_dir("tests/testthat", reporter = "check", package = "lbfgsb", load_package = "installed",
                     filter = if (length(filter) > 0) filter)
' ${filter:+"$filter"} || failed=1
exit "$failed"
