#!/bin/sh
# Checks the C core alone, without R:
#   sh tools/check-core.sh warnings COMPILER   it compiles with no warning and no R header
#   sh tools/check-core.sh data COMPILER       its objects hold no writable data
#   sh tools/check-core.sh tests COMPILER      its tests pass
#   sh tools/check-core.sh sanitize COMPILER   the same under the address and undefined sanitizers
#   sh tools/check-core.sh                     all of it, with gcc and clang
set -eu
cd "$(dirname "$0")/.."

build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
core=$(ls src/*.c | grep -v '^src/r_')

warnings() {
  for file in $core; do
    "$1" -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Werror -O2 \
      -Iinst/include -c "$file" -o "$build/$(basename "$file" .c).o"
  done
}

data() {
  warnings "$1"
  nm -A -P "$build"/*.o | awk '$3 ~ /^[dDbBC]$/ { print "writable:", $0; bad = 1 } END { exit bad }'
}

# tests COMPILER FLAG...
tests() {
  "$@" -std=c11 -g -Iinst/include -Isrc $core tests/core/*.c -lm -o "$build/tests"
  "$build/tests"
}

sanitize() { tests "$1" -O1 -fsanitize=address,undefined -fno-sanitize-recover=all; }

if [ $# -gt 0 ]; then
  "$@"
else
  for compiler in gcc clang; do
    for what in warnings data sanitize; do
      echo "$compiler: $what"
      "$what" "$compiler"
    done
  done
fi
