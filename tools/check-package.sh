#!/bin/sh
# R CMD build and R CMD check --as-cran; fails at any error, warning or note but that of a new submission.
set -eu
cd "$(dirname "$0")/.."

export LC_ALL=C.UTF-8 _R_CHECK_SYSTEM_CLOCK_=FALSE # the clock would be compared with one in the network
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
manual=$(command -v pdflatex >/dev/null || echo --no-manual)

root=$PWD
cd "$work"
R CMD build "$root"
R CMD check --as-cran $manual lbfgsb_*.tar.gz || true

log=lbfgsb.Rcheck/00check.log
case $(sed -n 's/^Status: //p' "$log") in
  OK) ;;
  '1 NOTE')
    note=$(sed -n '/^\* checking CRAN incoming feasibility.* NOTE$/,/^\* checking/p' "$log" |
      grep -v -e '^\*' -e '^Maintainer: ' -e '^$')
    [ "$note" = 'New submission' ]
    ;;
  *) exit 1 ;;
esac
