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
  SET_VECTOR_ELT(run, RUN_TALLY, new_named(REALSXP, tally_names));
  UNPROTECT(1);
  return run;
}

/* Makes a run what it is before it has begun: what a checkpoint saves is of this run alone. */
static void clear_run(SEXP run) {
  memset(run_solver(run), 0, (size_t)XLENGTH(VECTOR_ELT(run, RUN_SOLVER)));
  SET_VECTOR_ELT(run, RUN_HISTORY, zeros(FIRST_ROWS * HISTORY_COLUMNS));
  SET_VECTOR_ELT(run, RUN_DIFFERENCES, Rf_allocVector(RAWSXP, 0));
  memset(run_tally(run), 0, TALLY_LENGTH * sizeof(double));
  for (int i = TALLY_VALUE; i < TALLY_LENGTH; i++) run_tally(run)[i] = NA_REAL;
}

/* scaled(x) = x / parscale (n). */
static const double *scaled(const units *u, const double *x) {
  if (!u->scaled) return x;
  double *out = (double *)R_alloc((size_t)u->n, sizeof(double));
  for (R_xlen_t i = 0; i < u->n; i++) out[i] = x[i] / u->parscale[i];
  return out;
}

/* Begins a run, in place if `run` is one of as many variables and pairs, which is then lost; NULL if there is
 * no problem, it is larger than memory can be, or the scaled problem is not finite. */
static SEXP begin_run(SEXP problem, SEXP control, const lbfgsb_options *options, SEXP run) {
  if (problem == R_NilValue) return R_NilValue;
  units u = units_in(problem, number_in(control, "fnscale"));
  size_t n = (size_t)u.n, size = lbfgsb_size(n, options->pairs);
  if (size == 0) return R_NilValue;
  PROTECT(run = run == R_NilValue ? new_run(size) : run);
  clear_run(run);
  int refused = lbfgsb_init(run_solver(run), n, scaled(&u, REAL(u.par)), scaled(&u, u.lower),
                            scaled(&u, u.upper), options);
  if (!refused) lbfgsb_set_noise(run_solver(run), noise_told(control));
  UNPROTECT(1);
  return refused ? R_NilValue : run;
}

static SEXP new_state(SEXP run, SEXP problem, SEXP control) {
  if (run == R_NilValue) return R_NilValue;
  SEXP state = PROTECT(new_named(VECSXP, state_names));
  SET_VECTOR_ELT(state, STATE_RUN, run);
  SET_VECTOR_ELT(state, STATE_PROBLEM, problem);
  SET_VECTOR_ELT(state, STATE_CONTROL, control);
  UNPROTECT(1);
  return state;
}

/* Makes the state of a new run with these options, all of them and right, or NULL: of par, a double in its
 * box, and of lower, upper and parscale, each one number or as many as par has. */
SEXP r_begin(SEXP par, SEXP lower, SEXP upper, SEXP parscale, SEXP control) {
  SEXP problem = PROTECT(plain_problem(par, lower, upper, parscale));
  lbfgsb_options options = core_options(control, (size_t)Rf_xlength(par));
  SEXP state = new_state(PROTECT(begin_run(problem, control, &options, R_NilValue)), problem, control);
  UNPROTECT(2);
  return state;
}

/* ---- Rows of starts ------------------------------------------------------------------------------------ */

/* Returns a row of a matrix (rows x n), with the names of its columns. */
static SEXP row_of(SEXP matrix, R_xlen_t row) {
  R_xlen_t rows = Rf_nrows(matrix), n = Rf_ncols(matrix);
  SEXP out = PROTECT(Rf_allocVector(REALSXP, n)),
       names = Rf_GetColNames(Rf_getAttrib(matrix, R_DimNamesSymbol));
  for (R_xlen_t i = 0; i < n; i++) REAL(out)[i] = REAL(matrix)[row + i * rows];
  if (names != R_NilValue) Rf_setAttrib(out, R_NamesSymbol, names);
  UNPROTECT(1);
  return out;
}

static SEXP problem_of(SEXP task, R_xlen_t row) {
  SEXP problem = PROTECT(new_named(VECSXP, problem_names));
  SET_VECTOR_ELT(problem, PROBLEM_PAR, row_of(element(task, "par"), row));
  SET_VECTOR_ELT(problem, PROBLEM_LOWER, row_of(element(task, "lower"), row));
  SET_VECTOR_ELT(problem, PROBLEM_UPPER, row_of(element(task, "upper"), row));
  SET_VECTOR_ELT(problem, PROBLEM_PARSCALE, element(task, "parscale"));
  UNPROTECT(1);
  return problem;
}

/* Begins the fits of these numbers: a list of their states, NULL where that is not possible. task: as in
 * r_run_all(). Their runs take the place of those of `spare`, states that nobody looks at any more, as far as
 * there are any. */
SEXP r_begin_rows(SEXP task, SEXP fits, SEXP spare) {
  SEXP control = element(task, "control"), states = PROTECT(Rf_allocVector(VECSXP, XLENGTH(fits)));
  lbfgsb_options options = core_options(control, (size_t)Rf_ncols(element(task, "par")));
  for (R_xlen_t k = 0; k < XLENGTH(fits); k++) {
    SEXP problem = PROTECT(problem_of(task, INTEGER(fits)[k] - 1));
    SEXP old = k < XLENGTH(spare) ? VECTOR_ELT(VECTOR_ELT(spare, k), STATE_RUN) : R_NilValue;
    SEXP run = PROTECT(begin_run(problem, control, &options, old));
    SET_VECTOR_ELT(states, k, new_state(run, problem, control));
    UNPROTECT(2);
  }
  UNPROTECT(1);
  return states;
}
