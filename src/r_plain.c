/* r_plain.c - the short way into a run: what users mostly give, numbers in range and as they are, is taken in
 * one call. Whatever is not of that kind, right or wrong, is NULL here, for R to read, match and refuse. */
#include "r_api.h"

#include <math.h>
#include <string.h>

/* fn a function, gr one or NULL, hessian TRUE or FALSE, and the method this one. */
static bool is_plain_call(SEXP fn, SEXP gr, SEXP hessian, SEXP method) {
  bool functions = Rf_isFunction(fn) && (gr == R_NilValue || Rf_isFunction(gr));
  bool flag = TYPEOF(hessian) == LGLSXP && XLENGTH(hessian) == 1 && LOGICAL(hessian)[0] != NA_LOGICAL;
  bool named = TYPEOF(method) == STRSXP && XLENGTH(method) == 1;
  return functions && flag && named && strcmp(CHAR(STRING_ELT(method, 0)), "L-BFGS-B") == 0;
}

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

/* Puts the options in `control` where they stand in `base`; false unless all are plain and named once, by
 * their own names. ranges (3 x length of base). */
static bool take_plain_options(SEXP options, SEXP control, SEXP base, SEXP ranges) {
  SEXP given = Rf_getAttrib(control, R_NamesSymbol), names = Rf_getAttrib(base, R_NamesSymbol);
  if (TYPEOF(control) != VECSXP || given == R_NilValue) return false;
  for (R_xlen_t i = 0; i < XLENGTH(control); i++) {
    SEXP x = VECTOR_ELT(control, i);
    R_xlen_t j = place_of(STRING_ELT(given, i), names);
    bool known = j < XLENGTH(base) && VECTOR_ELT(options, j) == R_NilValue;
    if (!known || !is_plain_option(x, VECTOR_ELT(base, j), REAL(ranges) + 3 * j)) return false;
    SET_VECTOR_ELT(options, j, x);
  }
  return true;
}

/* All options: those in `control`, if they are plain, and the others of `base`; else NULL. */
static SEXP plain_control(SEXP control, SEXP base, SEXP ranges) {
  if (Rf_xlength(control) == 0) return base;
  SEXP options = PROTECT(Rf_allocVector(VECSXP, XLENGTH(base)));
  bool plain = take_plain_options(options, control, base, ranges);
  for (R_xlen_t j = 0; j < XLENGTH(base); j++)
    if (VECTOR_ELT(options, j) == R_NilValue) SET_VECTOR_ELT(options, j, VECTOR_ELT(base, j));
  Rf_setAttrib(options, R_NamesSymbol, Rf_getAttrib(base, R_NamesSymbol));
  UNPROTECT(1);
  return plain ? options : R_NilValue;
}

/* ---- The problem --------------------------------------------------------------------------------------- */

/* One number, or n, without names. */
static bool is_plain_bound(SEXP x, R_xlen_t n) {
  return is_plain(x) && (XLENGTH(x) == 1 || XLENGTH(x) == n) && Rf_getAttrib(x, R_NamesSymbol) == R_NilValue;
}

static SEXP recycled(SEXP x, R_xlen_t n) {
  const double *from = REAL(x); /* first: it may allocate */
  SEXP out = Rf_allocVector(REALSXP, n);
  double *to = REAL(out);
  R_xlen_t step = XLENGTH(x) == 1 ? 0 : 1;
  for (R_xlen_t i = 0; i < n; i++) to[i] = from[i * step];
  return out;
}

/* x is finite and in the box. */
static bool is_inside(const double *x, const double *lower, const double *upper, R_xlen_t n) {
  for (R_xlen_t i = 0; i < n; i++)
    if (!isfinite(x[i]) || !(lower[i] <= x[i] && x[i] <= upper[i])) return false;
  return true;
}

/* list(par, lower, upper, parscale), as new_problem() in R/bounds.R makes it; NULL unless all are plain and
 * the start is in the box. */
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
  bool inside = is_inside(REAL(par), REAL(VECTOR_ELT(problem, 1)), REAL(VECTOR_ELT(problem, 2)), n);
  UNPROTECT(1);
  return inside ? problem : R_NilValue;
}

/* ---- The state ----------------------------------------------------------------------------------------- */

/* The state of a new run, as R/state.R has it, or NULL. */
SEXP r_plain_state(SEXP par, SEXP fn, SEXP gr, SEXP lower, SEXP upper, SEXP control, SEXP hessian,
                   SEXP method, SEXP base, SEXP ranges) {
  const char *names[] = {"run", "problem", "control", ""};
  if (!is_plain_call(fn, gr, hessian, method)) return R_NilValue;
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
