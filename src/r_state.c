/* r_state.c - a run as an R object: resumed, stopped, asked and told. */
#include "r_api.h"

#include <string.h>

/* ---- Resume and stop ----------------------------------------------------------------------------------- */

/* Copies a run, ready to go on with new options; m stays as it is. */
SEXP r_resume(SEXP run, SEXP control) {
  SEXP copy = PROTECT(Rf_duplicate(run));
  lbfgsb_options options = core_options(control);
  options.pairs = lbfgsb_options_of(run_solver(copy)).pairs;
  lbfgsb_resume(run_solver(copy), &options);
  lbfgsb_set_noise(run_solver(copy), noise_told(control));
  UNPROTECT(1);
  return copy;
}

/* Copies a run under way, the same by any number of threads. */
SEXP r_copy(SEXP run) {
  SEXP copy = PROTECT(Rf_duplicate(run));
  lbfgsb_set_threads(run_solver(copy), 1);
  UNPROTECT(1);
  return copy;
}

/* Ends a run, in place, for the reason of this name. */
SEXP r_stop(SEXP run, SEXP status) {
  int reason = 0;
  while (strcmp(status_names[reason], CHAR(Rf_asChar(status))) != 0)
    if (++reason == STATUSES) Rf_error("no such reason");
  lbfgsb_set_threads(run_solver(run), 1); /* as at the end of r_run() */
  lbfgsb_stop(run_solver(run), (lbfgsb_status)reason);
  return R_NilValue;
}

/* Returns the name of the status. */
SEXP r_status(SEXP run) { return Rf_mkString(status_names[lbfgsb_report(run_solver(run)).status]); }

/* ---- The history --------------------------------------------------------------------------------------- */

/* Returns the history, with room for one more row than `used`. */
static SEXP reserve(SEXP run, R_xlen_t used) {
  SEXP history = VECTOR_ELT(run, RUN_HISTORY);
  if ((used + 1) * HISTORY_COLUMNS <= XLENGTH(history)) return history;
  return SET_VECTOR_ELT(run, RUN_HISTORY, Rf_xlengthgets(history, 2 * XLENGTH(history)));
}

void run_record(SEXP run, double value) {
  lbfgsb_summary now = lbfgsb_report(run_solver(run));
  const double row[HISTORY_COLUMNS] = {[HISTORY_EVALUATIONS] = (double)now.evaluations,
                                       [HISTORY_VALUE] = value,
                                       [HISTORY_PGNORM] = now.projected_gradient_norm,
                                       [HISTORY_STEP] = now.step,
                                       [HISTORY_FREE] = (double)now.free};
  R_xlen_t used = (R_xlen_t)run_tally(run)[TALLY_ROWS];
  memcpy(REAL(reserve(run, used)) + used * HISTORY_COLUMNS, row, sizeof row);
  run_tally(run)[TALLY_ROWS]++;
  run_tally(run)[TALLY_VALUE] = value;
}

void run_refine(SEXP run) {
  lbfgsb_summary now = lbfgsb_report(run_solver(run));
  R_xlen_t rows = (R_xlen_t)run_tally(run)[TALLY_ROWS];
  if (rows != (R_xlen_t)now.iterations + 1) return;
  double *last = REAL(VECTOR_ELT(run, RUN_HISTORY)) + (rows - 1) * HISTORY_COLUMNS;
  last[HISTORY_PGNORM] = now.projected_gradient_norm;
}

/* ---- Ask and tell -------------------------------------------------------------------------------------- */

/* Returns the point to evaluate, in the user's units; NULL if the run has finished. */
SEXP r_ask(SEXP state) {
  const lbfgsb_solver *solver = run_solver(VECTOR_ELT(state, STATE_RUN));
  if (lbfgsb_report(solver).status != LBFGSB_RUNNING) return R_NilValue;
  units u = units_of(state);
  return units_par(&u, lbfgsb_point(solver));
}

/* Returns a copy of the run that has been told value and gradient (n; NULL where value is not finite), in the
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
