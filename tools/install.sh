#!/bin/sh
# Installs the package from a copy of this checkout, which need not be writable, and is quiet unless that fails:
#   sh tools/install.sh LIBRARY [options of R CMD INSTALL]
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
library=$1
shift

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/lbfgsb"
for part in DESCRIPTION LICENSE NAMESPACE R inst man src; do cp -R "$root/$part" "$scratch/lbfgsb"; done
chmod -R u+w "$scratch/lbfgsb"

if ! R CMD INSTALL --preclean --library="$library" "$@" "$scratch/lbfgsb" >"$scratch/log" 2>&1; then
  cat "$scratch/log" >&2
  exit 1
fi
