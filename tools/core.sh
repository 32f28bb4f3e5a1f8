#!/bin/sh
# Builds liblbfgsb.a, the solver without R, by $CC with $CFLAGS.
set -eu
cd "$(dirname "$0")/.."

build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
for file in $(ls src/*.c | grep -v '^src/r_'); do
  ${CC:-cc} -std=c11 -O2 ${CFLAGS-} -Iinst/include -c "$file" -o "$build/$(basename "$file" .c).o"
done
rm -f liblbfgsb.a
ar rc liblbfgsb.a "$build"/*.o
