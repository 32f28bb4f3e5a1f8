#!/bin/sh
# Fuzzes the C core with clang's libFuzzer, from the inputs in tests/core/corpus on:
#   sh tools/fuzz.sh core [SECONDS]    runs of hostile problems, for a minute if not told otherwise
#   sh tools/fuzz.sh state [SECONDS]   runs of damaged states
#   sh tools/fuzz.sh TARGET 0 FILE...  runs these inputs only
# An input that breaks the contract is left here as crash-*; once mended it belongs in the target's corpus.
set -eu
cd "$(dirname "$0")/.."

build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
core=$(ls src/*.c | grep -v '^src/r_')
target=${1:-core} seconds=${2:-60}
[ $# -lt 2 ] || shift
[ $# -lt 1 ] || shift

fuzzer=tests/core/fuzz_$target.c
[ "$target" = core ] || fuzzer="$fuzzer tests/core/problems.c"

# Comparisons of numbers, which libFuzzer would trace too, teach it nothing and take half of the time.
clang -std=c11 -g -O2 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
  -fno-sanitize-coverage=trace-cmp -Iinst/include $core $fuzzer -lm -o "$build/fuzz" || {
  echo 'clang with libFuzzer is needed: sh tools/setup.sh check installs it.' >&2
  exit 1
}

if [ $# -eq 0 ]; then
  mkdir "$build/new"
  set -- -max_total_time="$seconds" -max_len=256 -timeout=30 "$build/new" "tests/core/corpus/$target"
fi
"$build/fuzz" -verbosity=0 -print_final_stats=1 "$@"
