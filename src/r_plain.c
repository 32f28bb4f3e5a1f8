/* r_plain.c - the short way into a run: what users mostly give, numbers in range and as they are, is taken in
 * one call. Whatever is not of that kind, right or wrong, is NULL here, for R to read, match and refuse. */
#include "r_api.h"

#include <math.h>

/* ---- The options --------------------------------------------------------------------------------------- */

/* A number, or TRUE or FALSE, as the option is by default, in its range: least, most, and whether whole. */
static bool is_plain_option(SEXP x, SEXP standard, const double *range) {
  bool simple = TYPEOF(x) == REALSXP || TYPEOF(x) == LGLSXP;
  if (!simple || TYPEOF(x) != TYPEOF(standard) || XLENGTH(x) != 1 || Rf_isObject(x)) return false;
  double number = Rf_asReal(x);
  return number >= range[0] && number <= range[1] && (range[2] == 0 || number == floor(number));
}

/* Of a string that is one of `names`, its place; else their number. */
static R_xlen_t place_of(SEXP name, SEXP names) {
  R_xlen_t j = 0;
  while (j < XLENGTH(names) && STRING_ELT(names, j) != name) j++;
  return j;
}

/* `base` with the options in `control`, of each of which `ranges` has a column; NULL unless all are plain and
 * named once, by their own names. */
static SEXP plain_control(SEXP control, SEXP base, SEXP ranges) {
  if (Rf_xlength(control) == 0) return base;
  SEXP given = PROTECT(Rf_getAttrib(control, R_NamesSymbol)), names = Rf_getAttrib(base, R_NamesSymbol);
  R_xlen_t count = XLENGTH(base);
  SEXP options = PROTECT(Rf_allocVector(VECSXP, count));
  bool plain = TYPEOF(control) == VECSXP && given != R_NilValue;
  for (R_xlen_t i = 0; plain && i < XLENGTH(control); i++) {
    SEXP x = VECTOR_ELT(control, i);
    R_xlen_t j = place_of(STRING_ELT(given, i), names);
    plain = j < count && VECTOR_ELT(options, j) == R_NilValue &&
            is_plain_option(x, VECTOR_ELT(base, j), REAL(ranges) + 3 * j);
    if (plain) SET_VECTOR_ELT(options, j, x);
  }
  for (R_xlen_t j = 0; j < count; j++)
    if (VECTOR_ELT(options, j) == R_NilValue) SET_VECTOR_ELT(options, j, VECTOR_ELT(base, j));
  Rf_setAttrib(options, R_NamesSymbol, names);
  UNPROTECT(2);
  return plain ? options : R_NilValue;
}

/* ---- The problem --------------------------------------------------------------------------------------- */

/* One number, or n, without names. */
static bool is_plain_bound(SEXP x, R_xlen_t n) {
  return is_plain(x) && (XLENGTH(x) == 1 || XLENGTH(x) == n) && Rf_getAttrib(x, R_NamesSymbol) == R_NilValue;
}

static SEXP recycled(SEXP x, R_xlen_t n) {
  SEXP out = Rf_allocVector(REALSXP, n);
  for (R_xlen_t i = 0; i < n; i++) REAL(out)[i] = REAL(x)[XLENGTH(x) == 1 ? 0 : i];
  return out;
}

/* par is finite and in the box. */
static bool is_inside(SEXP par, SEXP lower, SEXP upper) {
  const double *x = REAL(par), *l = REAL(lower), *u = REAL(upper);
  for (R_xlen_t i = 0; i < XLENGTH(par); i++)
    if (!R_FINITE(x[i]) || !(l[i] <= x[i] && x[i] <= u[i])) return false;
  return true;
}

/* list(par, lower, upper, parscale), as new_problem() in R/bounds.R makes it; NULL unless all are plain and the
 * start is in the box. */
static SEXP plain_problem(SEXP par, SEXP lower, SEXP upper, SEXP parscale) {
  const char *names[] = {"par", "lower", "upper", "parscale", ""};
  R_xlen_t n = Rf_xlength(par);
  if (!is_plain(par) || n == 0 || !is_plain_bound(lower, n) || !is_plain_bound(upper, n) ||
      !is_plain_bound(parscale, n))
    return R_NilValue;
  SEXP problem = PROTECT(Rf_mkNamed(VECSXP, names));
  SET_VECTOR_ELT(problem, 0, par);
  SET_VECTOR_ELT(problem, 1, recycled(lower, n));
  SET_VECTOR_ELT(problem, 2, recycled(upper, n));
  SET_VECTOR_ELT(problem, 3, recycled(parscale, n));
  UNPROTECT(1);
  return is_inside(par, VECTOR_ELT(problem, 1), VECTOR_ELT(problem, 2)) ? problem : R_NilValue;
}

/* ---- The state ----------------------------------------------------------------------------------------- */

/* The state of a new run, as R/state.R has it, or NULL. */
SEXP r_plain_state(SEXP par, SEXP lower, SEXP upper, SEXP control, SEXP base, SEXP ranges) {
  const char *names[] = {"run", "problem", "control", ""};
  SEXP state = PROTECT(Rf_mkNamed(VECSXP, names)), run = R_NilValue;
  control = SET_VECTOR_ELT(state, STATE_CONTROL, plain_control(control, base, ranges));
  if (control != R_NilValue) {
    SEXP parscale = VECTOR_ELT(control, OPTION_PARSCALE);
    SEXP problem = SET_VECTOR_ELT(state, STATE_PROBLEM, plain_problem(par, lower, upper, parscale));
    if (problem != R_NilValue) run = SET_VECTOR_ELT(state, STATE_RUN, r_start(problem, control));
  }
  UNPROTECT(1);
  return run == R_NilValue ? R_NilValue : state;
}
