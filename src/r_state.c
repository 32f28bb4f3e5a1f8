/* r_state.c - a run as an R object: begun, resumed, stopped, asked, told, and read at its end. */
#include "r_api.h"

#include <float.h>
#include <limits.h>
#include <string.h>

static units units_of_state(SEXP state) {
  return units_of(VECTOR_ELT(state, STATE_PROBLEM), VECTOR_ELT(state, STATE_CONTROL));
}

/* ---- Begin and resume --------------------------------------------------------------------------------- */

/* The core's, on fn / fnscale. */
static lbfgsb_options core_options(SEXP control) {
  double target = option(control, OPTION_TARGET);
  return (lbfgsb_options){.pairs = (size_t)option(control, OPTION_M),
                          .max_trials = (size_t)option(control, OPTION_MAXLS),
                          .max_iterations = option(control, OPTION_MAXIT),
                          .max_evaluations = option(control, OPTION_MAXEVAL),
                          .gradient_tolerance = option(control, OPTION_PGTOL),
                          .reduction_tolerance = option(control, OPTION_FACTR) * DBL_EPSILON,
                          .target_value = R_FINITE(target) ? target / option(control, OPTION_FNSCALE) : R_NegInf,
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
  units u = units_of(problem, control);
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

/* TRUE if this build can take up the solver's block (raw). */
SEXP r_valid(SEXP solver) {
  return Rf_ScalarLogical(TYPEOF(solver) == RAWSXP && lbfgsb_valid(RAW(solver), (size_t)XLENGTH(solver)));
}

/* ---- The history ---------------------------------------------------------------------------------------- */

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

/* ---- Ask and tell ----------------------------------------------------------------------------------------- */

/* The point to evaluate, in the user's units; NULL if the run has finished. */
SEXP r_ask(SEXP state) {
  const lbfgsb *solver = run_solver(VECTOR_ELT(state, STATE_RUN));
  if (lbfgsb_report(solver).status != LBFGSB_RUNNING) return R_NilValue;
  units u = units_of_state(state);
  return units_par(&u, lbfgsb_point(solver));
}

/* A copy of the run that has been told value and gradient (n; NULL where value is not finite), in the
 * user's units, at the point asked for. */
SEXP r_tell(SEXP state, SEXP value, SEXP gradient) {
  units u = units_of_state(state);
  SEXP run = PROTECT(Rf_duplicate(VECTOR_ELT(state, STATE_RUN)));
  lbfgsb *solver = run_solver(run);
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

/* ---- The end -------------------------------------------------------------------------------------------- */

static int as_count(double x) { return x <= INT_MAX ? (int)x : NA_INTEGER; }

static SEXP counts(const double *tally) {
  const char *names[] = {"function", "gradient", ""};
  SEXP counts = PROTECT(Rf_mkNamed(INTSXP, names));
  INTEGER(counts)[0] = as_count(tally[TALLY_FUNCTION]);
  INTEGER(counts)[1] = as_count(tally[TALLY_GRADIENT]);
  UNPROTECT(1);
  return counts;
}

static SEXP history_column(SEXP history, int column, int rows) {
  SEXP out = Rf_allocVector(REALSXP, rows);
  for (int i = 0; i < rows; i++) REAL(out)[i] = REAL(history)[i * HISTORY_COLUMNS + column];
  return out;
}

/* A data frame with a row for the start and for each iteration. */
static SEXP history(SEXP run) {
  const char *names[] = {"iteration", "evaluations", "value", "pgnorm", "step", "free", ""};
  int rows = (int)run_tally(run)[TALLY_ROWS];
  SEXP frame = PROTECT(Rf_mkNamed(VECSXP, names));
  SET_VECTOR_ELT(frame, 0, Rf_allocVector(INTSXP, rows));
  for (int i = 0; i < rows; i++) INTEGER(VECTOR_ELT(frame, 0))[i] = i;
  for (int j = 0; j < HISTORY_COLUMNS; j++)
    SET_VECTOR_ELT(frame, j + 1, history_column(VECTOR_ELT(run, RUN_HISTORY), j, rows));
  SEXP row_names = PROTECT(Rf_allocVector(INTSXP, 2)); /* short for 1 to -row_names[1] */
  INTEGER(row_names)[0] = NA_INTEGER;
  INTEGER(row_names)[1] = -rows;
  Rf_setAttrib(frame, R_RowNamesSymbol, row_names);
  Rf_setAttrib(frame, R_ClassSymbol, Rf_mkString("data.frame"));
  UNPROTECT(2);
  return frame;
}

/* n integers: 1, plus 1 at the lower bound, plus 2 at the upper. */
static SEXP sides(const units *u, const double *x) {
  SEXP sides = Rf_allocVector(INTSXP, u->n);
  int *side = INTEGER(sides);
  for (R_xlen_t i = 0; i < u->n; i++) side[i] = 1 + (x[i] == u->lower[i]) + 2 * (x[i] == u->upper[i]);
  return sides;
}

/* What is known of the best point so far, in the user's units. Before the start has been evaluated, or
 * where it is not finite, there is no gradient, and its norm is NA. */
SEXP r_result(SEXP state) {
  const char *names[] = {"par", "value", "counts", "gradient", "status", "pgnorm", "iterations", "sides",
                         "nonfinite", "history", "scaled", ""};
  SEXP run = VECTOR_ELT(state, STATE_RUN);
  const lbfgsb *solver = run_solver(run);
  const units u = units_of_state(state);
  lbfgsb_summary end = lbfgsb_report(solver);
  bool known = run_tally(run)[TALLY_ROWS] > 0;
  SEXP list = PROTECT(Rf_mkNamed(VECSXP, names));
  SET_VECTOR_ELT(list, 0, units_par(&u, lbfgsb_iterate(solver)));
  SET_VECTOR_ELT(list, 1, Rf_ScalarReal(run_tally(run)[TALLY_VALUE]));
  SET_VECTOR_ELT(list, 2, counts(run_tally(run)));
  SET_VECTOR_ELT(list, 3, known ? units_gradient(&u, lbfgsb_gradient(solver)) : R_NilValue);
  SET_VECTOR_ELT(list, 4, Rf_ScalarInteger((int)end.status));
  SET_VECTOR_ELT(list, 5, Rf_ScalarReal(known ? end.projected_gradient_norm : NA_REAL));
  SET_VECTOR_ELT(list, 6, Rf_ScalarInteger(as_count((double)end.iterations)));
  SET_VECTOR_ELT(list, 7, sides(&u, REAL(VECTOR_ELT(list, 0))));
  SET_VECTOR_ELT(list, 8, Rf_ScalarInteger(as_count((double)end.nonfinite)));
  SET_VECTOR_ELT(list, 9, history(run));
  SET_VECTOR_ELT(list, 10, Rf_ScalarLogical(u.scaled));
  UNPROTECT(1);
  return list;
}
