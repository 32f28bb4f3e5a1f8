#!/bin/sh
# R CMD build and R CMD check --as-cran; fails at any error, warning or note but those of a new submission and of
# missing packages that Debian does not have.
set -eu
cd "$(dirname "$0")/.."

export LC_ALL=C.UTF-8 _R_CHECK_SYSTEM_CLOCK_=FALSE # the clock would be compared with one in the network
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
manual=$(command -v pdflatex >/dev/null || echo --no-manual)

# Without RTMB R would ask CRAN whether anybody maintains it.
export _R_CHECK_FORCE_SUGGESTS_=false R_CRAN_WEB="file://$work/cran"
mkdir -p "$work/cran/web/packages"
Rscript -e 'saveRDS(data.frame(Package = character(), Maintainer = character()), commandArgs(TRUE))' \
  "$work/cran/web/packages/packages.rds"

root=$PWD
cd "$work"
R CMD build "$root"
R CMD check --as-cran $manual lbfgsb_*.tar.gz || true

log=lbfgsb.Rcheck/00check.log
elsewhere='RTMB|betareg|drc|mirai|paleoTS|pso' # of DESCRIPTION's, what Debian does not have
status=$(sed -n 's/^Status: //p' "$log")
notes=$(awk '/^\* checking .* NOTE$/ { on = 1; next } /^\* / { on = 0 } on' "$log" |
  sed -E "s/.($elsewhere)[^ ,]*[ ,]*//g" |
  grep -v -e '^Maintainer: ' -e '^New submission$' -e '^ *$' \
    -e '^Packages* suggested but not available for checking: *$' || true)
case $status in
  OK | '1 NOTE' | '2 NOTEs') [ -z "$notes" ] ;;
  *) exit 1 ;;
esac
