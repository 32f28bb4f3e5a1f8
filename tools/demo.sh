#!/bin/sh
# Installs the package and fits a GARCH(1,1) with it; leaves garch.png in the current directory.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
sh "$root/tools/setup.sh" run

# R's first library if it can be written to, else the user's own
library=$(Rscript -e 'lib <- .libPaths()[1]
  if (file.access(lib, 2) != 0) dir.create(lib <- path.expand(Sys.getenv("R_LIBS_USER")), FALSE, TRUE)
  cat(lib)')

echo "Installing lbfgsb into $library"
sh "$root/tools/install.sh" "$library"

R_LIBS="$library${R_LIBS:+:$R_LIBS}" Rscript "$root/tools/demo.R"
