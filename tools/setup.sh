#!/bin/sh
# Installs what is missing, and only that, where there is apt-get; says what to install elsewhere.
#   sh tools/setup.sh run      R and a C compiler: to install and use the package (the default)
#   sh tools/setup.sh test     and testthat, what its tests compare with, and a C++ compiler: to run them
#   sh tools/setup.sh check    and all that .ci/run needs
#   sh tools/setup.sh full     and all that .ci/full needs, but packages from CRAN
set -eu

level=${1:-run}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# needs DESCRIPTION DEBIAN-PACKAGE COMMAND...: missing if the command fails
needs() {
  description=$1 package=$2
  shift 2
  "$@" >/dev/null 2>&1 && return
  packages="$packages $package"
  missing="$missing  $description (in Debian: $package)
"
}

r_is_recent() { Rscript -e 'stopifnot(getRversion() >= "4.1")'; }
r_has() { Rscript -e "loadNamespace('$1')"; }
builds() { echo 'int main(void) { return 0; }' | "$@" -x c -o "$scratch/program" -; }
sanitizes() { builds "$1" -fsanitize=address,undefined; }
clang_version() { apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-//p'; }

look() {
  packages='' missing=''
  needs 'R 4.1 or newer' r-base-core r_is_recent
  needs 'a C compiler' 'gcc libc6-dev' builds cc
  needs 'make' make command -v make
  [ "$level" = run ] && return
  needs 'a C++ compiler' g++ command -v c++
  needs 'the R package testthat' r-cran-testthat r_has testthat
  for name in MASS Matrix TMB bbmle boot broom car evd fitdistrplus generics glmmTMB lavaan lme4 lmtest metadat metafor msm \
    multcomp nlme numDeriv pscl psych sandwich survival; do # the tests' models and clients
    needs "the R package $name" "r-cran-$(echo "$name" | tr 'A-Z' 'a-z')" r_has "$name"
  done
  [ "$level" = test ] && return
  needs 'the R package codetools' r-cran-codetools r_has codetools
  needs 'the R package knitr' r-cran-knitr r_has knitr
  needs 'the R package rmarkdown' r-cran-rmarkdown r_has rmarkdown
  needs 'pandoc' pandoc command -v pandoc
  needs 'qpdf' qpdf command -v qpdf
  needs 'HTML Tidy' tidy command -v tidy
  needs 'gcc with its sanitizers' gcc sanitizes gcc
  needs 'clang' clang builds clang
  needs "clang's sanitizers" "libclang-rt-$(clang_version)-dev" sanitizes clang
  [ "$level" = check ] && return
  needs 'valgrind' valgrind command -v valgrind
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

install() {
  as_root apt-get update &&
    look && # again: the version of clang is known only now
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends $packages &&
    look
}

look
if [ -n "$missing" ] && command -v apt-get >/dev/null; then
  install || echo 'apt-get could not install what is missing.' >&2
fi
if [ -n "$missing" ]; then
  printf 'Please install, then try again:\n%s' "$missing" >&2
  exit 1
fi
