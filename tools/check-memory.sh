#!/bin/sh
# Memory errors in the whole test suite, which takes long; not part of .ci/run.
#   sh tools/check-memory.sh valgrind [FILTER]    under valgrind
#   sh tools/check-memory.sh asan [FILTER]        the package built with the address and undefined sanitizers
#   sh tools/check-memory.sh gctorture [FILTER]   a garbage collection at every 50th allocation
# FILTER: a regular expression for the names of the test files; those on memory and killed processes are
# left out, under valgrind also those on clusters: it has no long double, so R's sums differ from the workers'.
set -eu
cd "$(dirname "$0")/.."

what=$1 filter=${2:-.} without="'memory', 'checkpoint'"
library=$(mktemp -d)
trap 'rm -rf "$library"' EXIT
sanitizers='-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer'

install() { R CMD INSTALL --preclean --clean --no-docs --library="$library" . >"$library/log" 2>&1 || { cat "$library/log"; exit 1; }; }

# run_tests BEFORE [R OPTION...]
run_tests() {
  before=$1
  shift
  R_LIBS="$library${R_LIBS:+:$R_LIBS}" NOT_CRAN=true R --vanilla --no-echo "$@" -e "
    files <- sub('^test-(.*)[.]R$', '\\\\1', list.files('tests/testthat', '^test-'))
    files <- setdiff(grep('$filter', files, value = TRUE), c($without))
    loadNamespace('lbfgsb')
    $before
    testthat::test_dir('tests/testthat', reporter = 'check', package = 'lbfgsb', load_package = 'installed',
                       filter = paste0('^(', paste(files, collapse = '|'), ')$'))"
}

case $what in
  valgrind)
    without="$without, 'parallel'"
    install
    run_tests '' -d 'valgrind --leak-check=no --error-exitcode=9 --quiet'
    ;;
  asan)
    flags=$library/Makevars
    printf 'CFLAGS = -g -O1 %s\nSHLIB_LDFLAGS = -shared %s\nSHLIB_LIBADD = %s\n' "$sanitizers" "$sanitizers" "$sanitizers" >"$flags"
    R_MAKEVARS_USER=$flags LD_PRELOAD=$(gcc -print-file-name=libasan.so) ASAN_OPTIONS=detect_leaks=0 install
    export ASAN_OPTIONS=detect_leaks=0:abort_on_error=1:allocator_may_return_null=1
    LD_PRELOAD=$(gcc -print-file-name=libasan.so) run_tests ''
    ;;
  gctorture)
    install
    run_tests 'gctorture2(50)'
    ;;
esac
