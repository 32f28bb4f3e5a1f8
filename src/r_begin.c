/* r_begin.c - the state of a new run, of what is plain: whatever is not, right or wrong, is NULL here, for
 * R/begin.R to make plain or to refuse. */
#include "r_api.h"

#include <math.h>
#include <string.h>

/* ---- The problem --------------------------------------------------------------------------------------- */

/* Tells whether the scales are for the core to find, "auto": they are 1 to begin with. */
static bool is_auto(SEXP parscale) { return TYPEOF(parscale) == STRSXP; }

/* Tells whether x is one number, or n, without names. */
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

/* Tells whether x is finite and in the box. */
static bool is_inside(const double *x, const double *lower, const double *upper, R_xlen_t n) {
  for (R_xlen_t i = 0; i < n; i++)
    if (!isfinite(x[i]) || !(lower[i] <= x[i] && x[i] <= upper[i])) return false;
  return true;
}

/* Makes the problem, as R/bounds.R describes it; NULL unless all are plain and the start is in the box. */
static SEXP plain_problem(SEXP par, SEXP lower, SEXP upper, SEXP parscale) {
  R_xlen_t n = Rf_xlength(par);
  if (TYPEOF(par) != REALSXP || n == 0 || !is_plain_bound(lower, n) || !is_plain_bound(upper, n) ||
      !(is_auto(parscale) || is_plain_bound(parscale, n)))
    return R_NilValue;
  SEXP problem = PROTECT(new_named(VECSXP, problem_names));
  SET_VECTOR_ELT(problem, PROBLEM_PAR, par);
  lower = SET_VECTOR_ELT(problem, PROBLEM_LOWER, recycled(lower, n));
  upper = SET_VECTOR_ELT(problem, PROBLEM_UPPER, recycled(upper, n));
  parscale = SET_VECTOR_ELT(problem, PROBLEM_PARSCALE, is_auto(parscale) ? Rf_ScalarReal(1) : parscale);
  SET_VECTOR_ELT(problem, PROBLEM_PARSCALE, recycled(parscale, n));
  bool inside = is_inside(REAL(par), REAL(lower), REAL(upper), n);
  UNPROTECT(1);
  return inside ? problem : R_NilValue;
}

/* ---- The run ------------------------------------------------------------------------------------------- */

lbfgsb_options core_options(SEXP control, size_t n) {
  lbfgsb_options options = lbfgsb_defaults();
  options.pairs = lbfgsb_default_pairs(n);
  const lbfgsb_option *option;
  for (size_t i = 0; (option = lbfgsb_option_at(i)); i++) {
    SEXP x = element(control, option->name);
    if (x != R_NilValue) lbfgsb_option_set(&options, option, Rf_asReal(x));
  }
  double fnscale = number_in(control, "fnscale");
  options.target_value = R_FINITE(options.target_value) ? options.target_value / fnscale : R_NegInf;
  options.rescale = is_auto(element(control, "parscale"));
  return options;
}

double noise_told(SEXP control) {
  SEXP noise = element(control, "noise");
  return TYPEOF(noise) == STRSXP ? 0 : Rf_asReal(noise);
}

static SEXP zeros(R_xlen_t length) {
  SEXP out = Rf_allocVector(REALSXP, length);
  memset(REAL(out), 0, (size_t)length * sizeof(double));
  return out;
}

enum { FIRST_ROWS = 32 }; /* of the history: room for them at first */

static SEXP new_run(size_t solver_size) {
  SEXP run = PROTECT(new_named(VECSXP, run_names));
  SET_VECTOR_ELT(run, RUN_SOLVER, Rf_allocVector(RAWSXP, (R_xlen_t)solver_size));
  memset(run_solver(run), 0, solver_size); /* what a checkpoint saves is of this run alone */
  SET_VECTOR_ELT(run, RUN_HISTORY, zeros(FIRST_ROWS * HISTORY_COLUMNS));
  SET_VECTOR_ELT(run, RUN_TALLY, new_named(REALSXP, tally_names));
  memset(run_tally(run), 0, TALLY_LENGTH * sizeof(double));
  for (int i = TALLY_VALUE; i < TALLY_LENGTH; i++) run_tally(run)[i] = NA_REAL;
  SET_VECTOR_ELT(run, RUN_DIFFERENCES, Rf_allocVector(RAWSXP, 0));
  UNPROTECT(1);
  return run;
}

/* scaled(x) = x / parscale (n). */
static const double *scaled(const units *u, const double *x) {
  if (!u->scaled) return x;
  double *out = (double *)R_alloc((size_t)u->n, sizeof(double));
  for (R_xlen_t i = 0; i < u->n; i++) out[i] = x[i] / u->parscale[i];
  return out;
}

/* Begins a run; NULL if it is larger than memory can be, or the scaled problem is not finite. */
static SEXP begin_run(SEXP problem, SEXP control) {
  units u = units_in(problem, control);
  size_t n = (size_t)u.n;
  lbfgsb_options options = core_options(control, n);
  size_t size = lbfgsb_size(n, options.pairs);
  if (size == 0) return R_NilValue;
  SEXP run = PROTECT(new_run(size));
  int refused = lbfgsb_init(run_solver(run), n, scaled(&u, REAL(u.par)), scaled(&u, u.lower),
                            scaled(&u, u.upper), &options);
  if (!refused) lbfgsb_set_noise(run_solver(run), noise_told(control));
  UNPROTECT(1);
  return refused ? R_NilValue : run;
}

/* Makes the state of a new run with these options, all of them and right, or NULL: of par, a double in its
 * box, and of lower, upper and parscale, each one number or as many as par has. */
SEXP r_begin(SEXP par, SEXP lower, SEXP upper, SEXP parscale, SEXP control) {
  SEXP problem = PROTECT(plain_problem(par, lower, upper, parscale));
  SEXP run = PROTECT(problem == R_NilValue ? R_NilValue : begin_run(problem, control));
  SEXP state = R_NilValue;
  if (run != R_NilValue) {
    state = PROTECT(new_named(VECSXP, state_names));
    SET_VECTOR_ELT(state, STATE_RUN, run);
    SET_VECTOR_ELT(state, STATE_PROBLEM, problem);
    SET_VECTOR_ELT(state, STATE_CONTROL, control);
    UNPROTECT(1);
  }
  UNPROTECT(2);
  return state;
}
