/* r_state.c - a run as an R object: resumed, stopped, asked and told. */
#include "r_api.h"

#include <string.h>

/* ---- Resume and stop ----------------------------------------------------------------------------------- */

/* Copies a run, ready to go on with new options; m stays as it is. */
SEXP r_resume(SEXP run, SEXP control) {
  SEXP copy = PROTECT(Rf_duplicate(run));
  lbfgsb_options options = core_options(control, lbfgsb_variables(run_solver(copy)));
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
  lbfgsb_status reason = LBFGSB_RUNNING;
  while (strcmp(lbfgsb_reason_of(reason)->name, CHAR(Rf_asChar(status))) != 0)
    if (!lbfgsb_reason_of(++reason)) Rf_error("no such reason");
  lbfgsb_set_threads(run_solver(run), 1); /* as at the end of r_run() */
  lbfgsb_stop(run_solver(run), reason);
  return R_NilValue;
}

/* Returns the name of the status. */
SEXP r_status(SEXP run) { return Rf_mkString(lbfgsb_reason_of(lbfgsb_report(run_solver(run)).status)->name); }

/* ---- The history --------------------------------------------------------------------------------------- */

/* Returns the history, with room for one more row than `used`. */
static SEXP reserve(SEXP run, R_xlen_t used) {
  SEXP history = VECTOR_ELT(run, RUN_HISTORY);
  if ((used + 1) * HISTORY_COLUMNS <= XLENGTH(history)) return history;
  return SET_VECTOR_ELT(run, RUN_HISTORY, Rf_xlengthgets(history, 2 * XLENGTH(history)));
}

void run_evaluated(SEXP run, double value) {
  double *tally = run_tally(run);
  tally[TALLY_BEFORE] = tally[TALLY_POINT];
  tally[TALLY_POINT] = value;
}

double value_at_iterate(double point, double before, double value, double fnscale) {
  if (point / fnscale == value) return point;
  return before / fnscale == value ? before : value * fnscale;
}

void run_record(SEXP run, double fnscale) {
  double *tally = run_tally(run);
  lbfgsb_summary now = lbfgsb_report(run_solver(run));
  double value = value_at_iterate(tally[TALLY_POINT], tally[TALLY_BEFORE], now.value, fnscale);
  const double row[HISTORY_COLUMNS] = {[HISTORY_EVALUATIONS] = (double)now.evaluations,
                                       [HISTORY_VALUE] = value,
                                       [HISTORY_PGNORM] = now.projected_gradient_norm,
                                       [HISTORY_STEP] = now.step,
                                       [HISTORY_FREE] = (double)now.free};
  R_xlen_t used = (R_xlen_t)tally[TALLY_ROWS];
  memcpy(REAL(reserve(run, used)) + used * HISTORY_COLUMNS, row, sizeof row);
  tally[TALLY_ROWS]++;
  tally[TALLY_VALUE] = value;
}

void run_refine(SEXP run) {
  lbfgsb_summary now = lbfgsb_report(run_solver(run));
  R_xlen_t rows = (R_xlen_t)run_tally(run)[TALLY_ROWS];
  if (rows != (R_xlen_t)now.iterations + 1) return;
  double *last = REAL(VECTOR_ELT(run, RUN_HISTORY)) + (rows - 1) * HISTORY_COLUMNS;
  last[HISTORY_PGNORM] = now.projected_gradient_norm;
}

/* ---- Ask and tell -------------------------------------------------------------------------------------- */

/* Returns the run, or, where it stands at an iterate, which is recorded, a copy that has gone on from
 * there. */
static SEXP past_iterate(SEXP run) {
  const lbfgsb_solver *solver = run_solver(run);
  bool waits = lbfgsb_report(solver).status == LBFGSB_RUNNING && lbfgsb_pending(solver) == LBFGSB_NEW_ITERATE;
  if (!waits) return run;
  SEXP copy = PROTECT(Rf_duplicate(run));
  leave_iterate(copy);
  UNPROTECT(1);
  return copy;
}

/* asked_point = where the run wants to know something; NULL if it has finished. */
static SEXP asked_point(const units *u, SEXP run) {
  const lbfgsb_solver *solver = run_solver(run);
  const lbfgsb_differences *differences = run_differences(run);
  if (lbfgsb_report(solver).status != LBFGSB_RUNNING) return R_NilValue;
  if (differences) return units_par(u, lbfgsb_differences_point(differences));
  return units_par(u,
                   lbfgsb_pending(solver) == LBFGSB_REFINE ? lbfgsb_iterate(solver) : lbfgsb_point(solver));
}

/* Returns the point to evaluate, in the user's units; NULL if the run has finished. */
SEXP r_ask(SEXP state) {
  units u = units_of(state);
  SEXP point = asked_point(&u, PROTECT(past_iterate(VECTOR_ELT(state, STATE_RUN))));
  UNPROTECT(1);
  return point;
}

/* Returns what is wanted there: "value", "gradient" or "slope"; NULL if the run has finished. */
SEXP r_wanted(SEXP run) {
  run = PROTECT(past_iterate(run));
  const lbfgsb_solver *solver = run_solver(run);
  bool finished = lbfgsb_report(solver).status != LBFGSB_RUNNING, by_values = run_differences(run) != NULL;
  lbfgsb_request pending = lbfgsb_pending(solver);
  UNPROTECT(1);
  if (finished) return R_NilValue;
  if (by_values || pending == LBFGSB_EVALUATE) return Rf_mkString("value");
  return Rf_mkString(pending == LBFGSB_SLOPE ? "slope" : "gradient");
}

/* Begins differences by values that are told, in place. */
SEXP r_differ(SEXP run, SEXP control, SEXP steps) {
  begin_differences(run, control, steps);
  return R_NilValue;
}

/* What a run is told, in the user's units, but for the gradient (n): NULL where there is none. */
typedef struct {
  bool has_value;
  double value, slope;
  const double *gradient;
} told;

static lbfgsb_request tell(SEXP run, const units *u, told at) {
  lbfgsb_solver *solver = run_solver(run);
  double *tally = run_tally(run);
  if (run_differences(run)) return tell_differences(run, u, at.value, at.gradient);
  tally[TALLY_FUNCTION] += at.has_value;
  tally[TALLY_GRADIENT] += at.gradient != NULL;
  if (at.has_value) {
    double value = at.value / u->fnscale;
    run_evaluated(run, at.value);
    bool alone = !at.gradient && R_FINITE(value);
    return alone ? lbfgsb_advance_value(solver, value) : lbfgsb_advance(solver, value, at.gradient);
  }
  if (at.gradient) return lbfgsb_advance_gradient(solver, at.gradient, 0);
  return lbfgsb_advance_slope(solver, at.slope / u->fnscale);
}

/* Tells whether a run by differences, which the core's own count leaves out, has no evaluation left. */
static bool exceeds_limit(SEXP run) {
  double most = lbfgsb_options_of(run_solver(run)).max_evaluations;
  return run_differences(run) && run_tally(run)[TALLY_FUNCTION] >= most;
}

/* Goes on to what is to be told next, and returns that. */
static lbfgsb_request go_on(SEXP run, const units *u, lbfgsb_request request) {
  double *tally = run_tally(run);
  while (request == LBFGSB_NEW_ITERATE) {
    run_record(run, u->fnscale);
    request = leave_iterate(run);
  }
  if (tally[TALLY_ROWS] == 0) tally[TALLY_VALUE] = tally[TALLY_POINT];
  if (request == LBFGSB_FINISHED || !exceeds_limit(run)) return request;
  lbfgsb_stop(run_solver(run), LBFGSB_EVALUATION_LIMIT);
  return LBFGSB_FINISHED;
}

lbfgsb_request run_tell(SEXP run, const units *u, double value, const double *gradient) {
  return go_on(run, u, tell(run, u, (told){.has_value = true, .value = value, .gradient = gradient}));
}

/* Returns a copy of the run that has been told what is wanted, each NULL or in the user's units: the value,
 * if that is finite with the gradient (n) or without; the gradient; the slope. */
SEXP r_tell(SEXP state, SEXP value, SEXP gradient, SEXP slope) {
  units u = units_of(state);
  SEXP from = PROTECT(past_iterate(VECTOR_ELT(state, STATE_RUN))), run = PROTECT(Rf_duplicate(from));
  double *buffer = (double *)R_alloc((size_t)u.n, sizeof(double));
  told at = {.has_value = value != R_NilValue, .value = Rf_asReal(value), .slope = Rf_asReal(slope)};
  if (gradient != R_NilValue) at.gradient = units_to_solver(&u, REAL(gradient), buffer);
  lbfgsb_set_threads(run_solver(run), 1);
  go_on(run, &u, tell(run, &u, at));
  UNPROTECT(2);
  return run;
}
