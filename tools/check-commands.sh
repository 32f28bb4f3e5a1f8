#!/bin/sh
# Runs README's two commands in a checkout that cannot be written to, as a user who is not root: the demo leaves
# its picture, the tests of one file pass, and neither shows lines of a compiler.
set -eu
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'chmod -R u+w "$scratch"; rm -rf "$scratch"' EXIT
mkdir "$scratch/checkout" "$scratch/home" "$scratch/home/lib"
cp -R ./* "$scratch/checkout"
chmod -R a+rX,a-w "$scratch/checkout"
chmod a+x "$scratch"

as_user=''
if [ "$(id -u)" = 0 ]; then
  chown -R nobody "$scratch/home"
  as_user='runuser -u nobody --'
fi
in_home() { (cd "$scratch/home" && $as_user env HOME="$scratch/home" R_LIBS_USER="$scratch/home/lib" "$@"); }

in_home sh ../checkout/tools/demo.sh >"$scratch/demo" 2>&1 || { cat "$scratch/demo"; exit 1; }
in_home sh ../checkout/tools/test.sh '^words$' >"$scratch/test" 2>&1 || { cat "$scratch/test"; exit 1; }
[ -s "$scratch/home/garch.png" ]
tail -n 1 "$scratch/test" | grep '^\[ FAIL 0 .* PASS [1-9]'
if grep -E '^(gcc|cc|clang)' "$scratch/demo" "$scratch/test"; then exit 1; fi
