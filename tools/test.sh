#!/bin/sh
# Runs the tests of this checkout:
#   sh tools/test.sh            all: the C core's own, then the package's with testthat
#   sh tools/test.sh FILTER     of the package those in files whose names match
set -eu
cd "$(dirname "$0")/.."
sh tools/setup.sh test

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if [ ! -w tests/testthat/_snaps/print.md ]; then # testthat writes there
  cp -R . "$scratch/checkout"
  chmod -R u+w "$scratch/checkout"
  cd "$scratch/checkout"
fi

failed=0 filter=${1-}
if [ -z "$filter" ]; then
  echo 'Compiling and running the tests of the C core, for about a minute'
  sh tools/check-core.sh tests cc || failed=1
fi

library=$scratch/library
mkdir "$library"
echo 'Compiling the package, for about half a minute'
sh tools/install.sh "$library" --no-docs
echo 'Running the tests of the package, for some minutes'
R_LIBS="$library${R_LIBS:+:$R_LIBS}" NOT_CRAN=true Rscript -e '
  filter <- commandArgs(TRUE)
  testthat::test_dir("tests/testthat", reporter = "check", package = "lbfgsb", load_package = "installed",
                     filter = if (length(filter) > 0) filter)
' ${filter:+"$filter"} || failed=1
exit "$failed"
