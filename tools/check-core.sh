#!/bin/sh
# Checks the C core alone, without R:
#   sh tools/check-core.sh warnings COMPILER   it compiles with no warning and no R header
#   sh tools/check-core.sh headers COMPILER    lbfgsb.h compiles as C11 and C++11, lbfgsb.hpp as C++11, with no warning
#   sh tools/check-core.sh data COMPILER       its objects hold no writable data
#   sh tools/check-core.sh library COMPILER    liblbfgsb.a has no global name but lbfgsb_*, and serves the program of
#                                              vignette("from-c")
#   sh tools/check-core.sh tests COMPILER      its tests pass
#   sh tools/check-core.sh sanitize COMPILER   the same under the address and undefined sanitizers
#   sh tools/check-core.sh threads COMPILER    8 threads, 1,000 solves each, under the thread sanitizer
#   sh tools/check-core.sh bits                results are the same to the bit without vectors, with those of
#                                              AVX2 and of AVX-512, with and without OpenMP, by gcc and clang
#   sh tools/check-core.sh                     all of it, with gcc and clang
set -eu
cd "$(dirname "$0")/.."

build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
core=$(ls src/*.c | grep -v '^src/r_')
tests=$(ls tests/core/*.c | grep -v '/fuzz_\|/threads_')

# The flag for OpenMP, if the compiler has it.
openmp() { echo '#include <omp.h>' | "$1" -fopenmp -x c -c - -o "$build/openmp.o" 2>/dev/null && echo -fopenmp; rm -f "$build/openmp.o"; }

# warnings COMPILER FLAG...
warnings() {
  for file in $core; do
    "$@" $(openmp "$1") -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Werror -O2 \
      -Iinst/include -c "$file" -o "$build/$(basename "$file" .c).o"
  done
}

headers() {
  echo '#include "lbfgsb.h"' >"$build/header.c"
  for language in 'c -std=c11 -Wstrict-prototypes' 'c++ -std=c++11'; do
    "$1" -x $language -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -Iinst/include -c "$build/header.c" \
      -o "$build/header.o"
  done
  cat >"$build/header.cpp" <<'CODE'
#include "lbfgsb.hpp"
using namespace lbfgsb_cpp;
typedef double function(std::size_t n, const double *x, double *gradient);
template lbfgsb_summary lbfgsb_cpp::minimize(const linked &, std::vector<double> &, function *);
template lbfgsb_summary lbfgsb_cpp::minimize_values(const linked &, std::vector<double> &, function *, const settings &);
double least(std::vector<double> &x);
double least(std::vector<double> &x) {
  return minimize_values(linked(), x, [](std::size_t, const double *y, double *) { return y[0] * y[0]; }).value;
}
CODE
  "$1" -x c++ -std=c++11 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -Iinst/include -c "$build/header.cpp" \
    -o "$build/header.o"
  rm "$build"/header.*
}

# Tables of pointers are const, but the linker writes them, once: they stand in .data.rel.ro.
data() {
  warnings "$1" -fPIC
  nm -A -f sysv "$build"/*.o | awk -F'|' '$7 ~ /^(\.t?data|\.t?bss|\*COM\*)/ && $7 !~ /^\.data\.rel\.ro/ {
    print "writable:", $0
    bad = 1
  } END { exit bad }'
}

# program = the first block of C below the heading "Without R".
program() { awk '/^## /{ there = /Without R/ } shown && /^```$/ { exit } shown { print } there && /^```c$/ { shown = 1 }' "$1"; }

library() {
  CC=$1 sh tools/core.sh
  nm -g --defined-only liblbfgsb.a | awk 'NF == 3 && $3 !~ /^lbfgsb_/ { print "global:", $3; bad = 1 } END { exit bad }'
  program vignettes/from-c.Rmd >"$build/program.c"
  "$1" -std=c11 -Iinst/include "$build/program.c" liblbfgsb.a -lm -o "$build/program"
  rm "$build/program.c"
  test "$("$build/program")" = 3
}

# tests COMPILER FLAG...
tests() {
  "$@" $(openmp "$1") -std=c11 -g -Iinst/include -Isrc $core $tests -lm -o "$build/tests"
  "$build/tests"
}

# bits_of COMPILER FLAG...: of a core built so, as R builds it (-std=gnu11), with the same tests
bits_of() {
  "$@" -std=gnu11 -Iinst/include -Isrc $core "$build"/*.o -lm -o "$build/tests"
  "$build/tests" bits
}

bits() {
  for file in $tests; do
    gcc -std=c11 -Iinst/include -Isrc -c "$file" -o "$build/$(basename "$file" .c).o"
  done
  bits_of gcc -O0 '-D__builtin_cpu_supports(feature)=0' >"$build/expected"
  cat "$build/expected"
  for variant in 'gcc -O2' 'gcc -O2 -fopenmp' 'gcc -O3 -march=native' 'clang -O2' 'clang -O2 -march=native' \
    'clang -O2 -D__builtin_cpu_supports(feature)=0' \
    'gcc -O2 -D__builtin_cpu_supports(feature)=(sizeof(feature)==sizeof("avx2"))'; do
    echo "$variant"
    bits_of $variant | cmp - "$build/expected"
  done
  rm "$build"/*.o
}

# Without OpenMP, whose barriers the sanitizer does not know. Where the layout of memory is random it may be
# unable to start, and setarch may not be allowed to change that: then a message, and no failure.
threads() {
  "$1" -std=c11 -g -O1 -fsanitize=thread -pthread -Iinst/include -Isrc $core tests/core/problems.c \
    tests/core/threads_core.c -lm -o "$build/threads"
  run='env TSAN_OPTIONS=halt_on_error=1'
  setarch -R true 2>/dev/null && run="setarch -R $run"
  echo 'int main(void) { return 0; }' | "$1" -fsanitize=thread -x c - -o "$build/empty"
  if $run "$build/empty" 2>/dev/null; then
    $run "$build/threads"
  else
    echo 'threads: not checked, the thread sanitizer cannot start here'
  fi
}

sanitize() { tests "$1" -O1 -fsanitize=address,undefined -fno-sanitize-recover=all; }

if [ $# -gt 0 ]; then
  "$@"
else
  bits
  for compiler in gcc clang; do
    for what in warnings headers data library sanitize; do
      echo "$compiler: $what"
      "$what" "$compiler"
    done
  done
fi
