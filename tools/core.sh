#!/bin/sh
# Builds liblbfgsb.a, the solver without R, by $CC with $CFLAGS: one object, of whose names only those of lbfgsb.h
# are seen from outside, where the linker and objcopy can do that.
set -eu
cd "$(dirname "$0")/.."

build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
for file in $(ls src/*.c | grep -v '^src/r_'); do
  ${CC:-cc} -std=c11 -O2 ${CFLAGS-} -Iinst/include -c "$file" -o "$build/$(basename "$file" .c).o"
done
if command -v objcopy >/dev/null; then
  ld -r -o "$build/all" "$build"/*.o
  rm "$build"/*.o
  objcopy --wildcard --keep-global-symbol='lbfgsb_*' "$build/all" "$build/lbfgsb.o"
fi
rm -f liblbfgsb.a
ar rc liblbfgsb.a "$build"/*.o
