#!/bin/sh
# Runs all tests of this checkout: the C core's own, then the package's with testthat.
set -eu
cd "$(dirname "$0")/.."
sh tools/setup.sh test

failed=0
sh tools/check-core.sh tests cc || failed=1

library=$(mktemp -d)
trap 'rm -rf "$library"' EXIT
R CMD INSTALL --preclean --clean --no-docs --library="$library" .
R_LIBS="$library${R_LIBS:+:$R_LIBS}" NOT_CRAN=true Rscript -e '
  testthat::test_dir("tests/testthat", reporter = "check", package = "lbfgsb", load_package = "installed")
' || failed=1
exit "$failed"
