/* r_begin.c - the state of a new run, of what is plain: whatever is not, right or wrong, is NULL here, for
 * R/begin.R to make plain or to refuse. */
#include "r_api.h"

#include <math.h>
#include <string.h>

/* ---- The problem --------------------------------------------------------------------------------------- */

/* Tells whether the scales are for the core to find, "auto": they are 1 to begin with. */
static bool is_auto(SEXP parscale) { return TYPEOF(parscale) == STRSXP; }

/* Tells whether x is one number, or n, without names and dimensions. */
static bool is_plain_bound(SEXP x, R_xlen_t n) {
  return is_plain(x) && (XLENGTH(x) == 1 || XLENGTH(x) == n) &&
         Rf_getAttrib(x, R_NamesSymbol) == R_NilValue && Rf_getAttrib(x, R_DimSymbol) == R_NilValue;
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

enum { FIRST_ROWS = 32 }; /* of the history: room for them at first */

/* Returns a part of a run, made so long unless it is. */
static SEXP size_part(SEXP run, int part, SEXPTYPE type, R_xlen_t length) {
  SEXP x = VECTOR_ELT(run, part);
  if (x != R_NilValue && XLENGTH(x) == length) return x;
  return SET_VECTOR_ELT(run, part, Rf_allocVector(type, length));
}

/* Makes a part of a run so many zeros. */
static double *clear_part(SEXP run, int part, R_xlen_t length) {
  double *x = REAL(size_part(run, part, REALSXP, length));
  return memset(x, 0, (size_t)length * sizeof *x);
}

static SEXP new_run(void) {
  SEXP run = PROTECT(new_named(VECSXP, run_names));
  SET_VECTOR_ELT(run, RUN_TALLY, new_named(REALSXP, tally_names));
  UNPROTECT(1);
  return run;
}

/* Makes a run what it is before it has begun, but for the solver's block, which lbfgsb_init() clears: what a
 * checkpoint saves is of this run alone. */
static void clear_run(SEXP run, size_t solver_size) {
  size_part(run, RUN_SOLVER, RAWSXP, (R_xlen_t)solver_size);
  clear_part(run, RUN_HISTORY, FIRST_ROWS * HISTORY_COLUMNS);
  size_part(run, RUN_DIFFERENCES, RAWSXP, 0);
  double *tally = clear_part(run, RUN_TALLY, TALLY_LENGTH);
  for (int i = TALLY_VALUE; i < TALLY_LENGTH; i++) tally[i] = NA_REAL;
}

/* scaled(x) = x / parscale (n). */
static const double *scaled(const units *u, const double *x) {
  if (!u->scaled) return x;
  double *out = (double *)R_alloc((size_t)u->n, sizeof(double));
  for (R_xlen_t i = 0; i < u->n; i++) out[i] = x[i] / u->parscale[i];
  return out;
}

/* Begins a run from a point (n, in the user's units), in the memory of another one, which is then lost,
 * unless that is NULL; NULL if it is larger than memory can be, or the scaled problem is not finite. */
static SEXP begin_run(const units *u, const double *start, const lbfgsb_options *options, double noise,
                      SEXP run) {
  size_t n = (size_t)u->n, size = lbfgsb_first_size(n, options->pairs);
  if (size == 0) return R_NilValue;
  PROTECT(run = run == R_NilValue ? new_run() : run);
  clear_run(run, size);
  int refused =
      lbfgsb_init(run_solver(run), n, scaled(u, start), scaled(u, u->lower), scaled(u, u->upper), options);
  if (!refused) lbfgsb_set_noise(run_solver(run), noise);
  UNPROTECT(1);
  return refused ? R_NilValue : run;
}

/* Makes the state of a new run of a problem; NULL where that is not possible. */
static SEXP new_state(SEXP problem, SEXP control) {
  units u = units_in(problem, number_in(control, "fnscale"));
  lbfgsb_options options = core_options(control, (size_t)u.n);
  SEXP run = PROTECT(begin_run(&u, REAL(u.par), &options, noise_told(control), R_NilValue));
  SEXP state = PROTECT(new_named(VECSXP, state_names));
  SET_VECTOR_ELT(state, STATE_RUN, run);
  SET_VECTOR_ELT(state, STATE_PROBLEM, problem);
  SET_VECTOR_ELT(state, STATE_CONTROL, control);
  UNPROTECT(2);
  return run == R_NilValue ? R_NilValue : state;
}

/* Makes the state of a new run with these options, all of them and right, or NULL: of par, a double in its
 * box, and of lower, upper and parscale, each one number or as many as par has. NULL stands for the scales
 * that the options tell; those of `hessian_diag` are R's to find. */
SEXP r_begin(SEXP par, SEXP lower, SEXP upper, SEXP parscale, SEXP control) {
  if (parscale == R_NilValue) {
    if (element(control, "hessian_diag") != R_NilValue) return R_NilValue;
    parscale = element(control, "parscale");
  }
  SEXP problem = PROTECT(plain_problem(par, lower, upper, parscale));
  SEXP state = problem == R_NilValue ? R_NilValue : new_state(problem, control);
  UNPROTECT(1);
  return state;
}

/* Begins the fits of these numbers: a list of their runs, NULL where that is not possible.
 * They take the memory of `spare`, runs that nobody looks at any more, as far as there are any. */
SEXP r_begin_rows(SEXP task, SEXP fits, SEXP spare) {
  SEXP control = VECTOR_ELT(task, TASK_CONTROL), runs = PROTECT(Rf_allocVector(VECSXP, XLENGTH(fits)));
  fit_problems problems = read_problems(task);
  lbfgsb_options options = core_options(control, (size_t)problems.first.n);
  double noise = noise_told(control);
  for (R_xlen_t k = 0; k < XLENGTH(fits); k++) {
    R_xlen_t fit = INTEGER(fits)[k] - 1;
    units u = units_of_fit(&problems, fit);
    SEXP old = k < XLENGTH(spare) ? VECTOR_ELT(spare, k) : R_NilValue;
    SET_VECTOR_ELT(runs, k, begin_run(&u, problems.starts + fit * u.n, &options, noise, old));
  }
  UNPROTECT(1);
  return runs;
}
