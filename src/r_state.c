/* r_state.c - a run as an R object: begun, resumed, stopped, asked and told. */
#include "r_api.h"

#include <float.h>
#include <string.h>

/* ---- Begin and resume ---------------------------------------------------------------------------------- */

/* The core's, on fn / fnscale. */
static lbfgsb_options core_options(SEXP control) {
  double target = option(control, OPTION_TARGET), fnscale = option(control, OPTION_FNSCALE);
  return (lbfgsb_options){.pairs = (size_t)option(control, OPTION_M),
                          .max_trials = (size_t)option(control, OPTION_MAXLS),
                          .max_iterations = option(control, OPTION_MAXIT),
                          .max_evaluations = option(control, OPTION_MAXEVAL),
                          .gradient_tolerance = option(control, OPTION_PGTOL),
                          .reduction_tolerance = option(control, OPTION_FACTR) * DBL_EPSILON,
                          .target_value = R_FINITE(target) ? target / fnscale : R_NegInf,
                          .confirm = option(control, OPTION_CONFIRM) != 0};
}

static SEXP zeros(R_xlen_t length) {
  SEXP out = Rf_allocVector(REALSXP, length);
  memset(REAL(out), 0, (size_t)length * sizeof(double));
  return out;
}

enum { FIRST_ROWS = 32 }; /* of the history: room for them at first */

static SEXP new_run(size_t solver_size) {
  const char *names[] = {"solver", "history", "tally", ""};
  SEXP run = PROTECT(Rf_mkNamed(VECSXP, names));
  SET_VECTOR_ELT(run, RUN_SOLVER, Rf_allocVector(RAWSXP, (R_xlen_t)solver_size));
  memset(run_solver(run), 0, solver_size); /* what a checkpoint saves is of this run alone */
  SET_VECTOR_ELT(run, RUN_HISTORY, zeros(FIRST_ROWS * HISTORY_COLUMNS));
  SET_VECTOR_ELT(run, RUN_TALLY, zeros(TALLY_LENGTH));
  run_tally(run)[TALLY_VALUE] = NA_REAL;
  UNPROTECT(1);
  return run;
}

/* x / parscale (n). */
static const double *scaled(const units *u, const double *x) {
  if (!u->scaled) return x;
  double *out = (double *)R_alloc((size_t)u->n, sizeof(double));
  for (R_xlen_t i = 0; i < u->n; i++) out[i] = x[i] / u->parscale[i];
  return out;
}

/* The state of a new run; NULL if it is larger than memory can be, or the scaled problem is not finite. */
SEXP r_start(SEXP problem, SEXP control) {
  units u = units_in(problem, control);
  lbfgsb_options settings = core_options(control);
  size_t n = (size_t)u.n, size = lbfgsb_size(n, settings.pairs);
  if (size == 0) return R_NilValue;
  SEXP run = PROTECT(new_run(size));
  int refused = lbfgsb_init(run_solver(run), n, scaled(&u, REAL(u.par)), scaled(&u, u.lower),
                            scaled(&u, u.upper), &settings);
  UNPROTECT(1);
  return refused ? R_NilValue : run;
}

/* A copy of a run, ready to go on with new options; m stays as it is. */
SEXP r_resume(SEXP run, SEXP control) {
  SEXP copy = PROTECT(Rf_duplicate(run));
  lbfgsb_options settings = core_options(control);
  settings.pairs = lbfgsb_options_of(run_solver(copy)).pairs;
  lbfgsb_resume(run_solver(copy), &settings);
  UNPROTECT(1);
  return copy;
}

/* A copy of a run under way, the same by any number of threads. */
SEXP r_copy(SEXP run) {
  SEXP copy = PROTECT(Rf_duplicate(run));
  lbfgsb_set_threads(run_solver(copy), 1);
  UNPROTECT(1);
  return copy;
}

SEXP r_stop(SEXP run, SEXP status) {
  lbfgsb_set_threads(run_solver(run), 1); /* as at the end of r_run() */
  lbfgsb_stop(run_solver(run), (lbfgsb_status)Rf_asInteger(status));
  return R_NilValue;
}

/* A number of enum lbfgsb_status. */
SEXP r_status(SEXP run) { return Rf_ScalarInteger((int)lbfgsb_report(run_solver(run)).status); }

/* TRUE if this build can take up the solver's block (raw). */
SEXP r_valid(SEXP solver) {
  return Rf_ScalarLogical(TYPEOF(solver) == RAWSXP && lbfgsb_valid(RAW(solver), (size_t)XLENGTH(solver)));
}

/* ---- The history --------------------------------------------------------------------------------------- */

/* The history, with room for one more row than `used`. */
static SEXP reserve(SEXP run, R_xlen_t used) {
  SEXP history = VECTOR_ELT(run, RUN_HISTORY);
  if ((used + 1) * HISTORY_COLUMNS <= XLENGTH(history)) return history;
  return SET_VECTOR_ELT(run, RUN_HISTORY, Rf_xlengthgets(history, 2 * XLENGTH(history)));
}

void run_record(SEXP run, double value) {
  lbfgsb_summary now = lbfgsb_report(run_solver(run));
  const double row[HISTORY_COLUMNS] = {(double)now.evaluations, value, now.projected_gradient_norm, now.step,
                                       (double)now.free};
  R_xlen_t used = (R_xlen_t)run_tally(run)[TALLY_ROWS];
  memcpy(REAL(reserve(run, used)) + used * HISTORY_COLUMNS, row, sizeof row);
  run_tally(run)[TALLY_ROWS]++;
  run_tally(run)[TALLY_VALUE] = value;
}

/* ---- Ask and tell -------------------------------------------------------------------------------------- */

/* The point to evaluate, in the user's units; NULL if the run has finished. */
SEXP r_ask(SEXP state) {
  const lbfgsb_solver *solver = run_solver(VECTOR_ELT(state, STATE_RUN));
  if (lbfgsb_report(solver).status != LBFGSB_RUNNING) return R_NilValue;
  units u = units_of(state);
  return units_par(&u, lbfgsb_point(solver));
}

/* A copy of the run that has been told value and gradient (n; NULL where value is not finite), in the
 * user's units, at the point asked for. */
SEXP r_tell(SEXP state, SEXP value, SEXP gradient) {
  units u = units_of(state);
  SEXP run = PROTECT(Rf_duplicate(VECTOR_ELT(state, STATE_RUN)));
  lbfgsb_solver *solver = run_solver(run);
  lbfgsb_set_threads(solver, 1);
  double *buffer = (double *)R_alloc((size_t)u.n, sizeof(double));
  const double *g = gradient == R_NilValue ? NULL : units_to_solver(&u, REAL(gradient), buffer);
  run_tally(run)[TALLY_FUNCTION]++;
  run_tally(run)[TALLY_GRADIENT] += g != NULL;
  lbfgsb_request request = lbfgsb_advance(solver, Rf_asReal(value) / u.fnscale, g);
  while (request == LBFGSB_NEW_ITERATE) {
    run_record(run, Rf_asReal(value));
    request = lbfgsb_advance(solver, 0, NULL);
  }
  if (run_tally(run)[TALLY_ROWS] == 0) run_tally(run)[TALLY_VALUE] = Rf_asReal(value);
  UNPROTECT(1);
  return run;
}
