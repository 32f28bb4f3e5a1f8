/* r_result.c - what is known of a run, at its end or before: the fields of a fit. */
#include "r_result.h"

#include <limits.h>
#include <math.h>

/* ---- Fields -------------------------------------------------------------------------------------------- */

int as_count(double x) { return x <= INT_MAX ? (int)x : NA_INTEGER; }

SEXP new_counts(const double *tally) {
  SEXP counts = PROTECT(new_named(INTSXP, count_names));
  INTEGER(counts)[COUNT_FUNCTION] = as_count(tally[TALLY_FUNCTION]);
  INTEGER(counts)[COUNT_GRADIENT] = as_count(tally[TALLY_GRADIENT]);
  UNPROTECT(1);
  return counts;
}

static SEXP history_column(SEXP history, int column, int rows) {
  SEXP out = Rf_allocVector(REALSXP, rows);
  const double *from = REAL(history) + column;
  double *to = REAL(out);
  for (R_xlen_t i = 0; i < rows; i++) to[i] = from[i * HISTORY_COLUMNS];
  return out;
}

/* Sets the history: a data frame with a row for the start and for each iteration, whose number comes
 * first. */
static void set_history(SEXP fit, SEXP run) {
  SEXP frame = SET_VECTOR_ELT(fit, FIT_HISTORY, Rf_shallow_duplicate(VECTOR_ELT(fit, FIT_HISTORY)));
  int rows = (int)run_tally(run)[TALLY_ROWS];
  SEXP iteration = SET_VECTOR_ELT(frame, 0, Rf_allocVector(INTSXP, rows));
  for (int i = 0; i < rows; i++) INTEGER(iteration)[i] = i;
  for (int j = 0; j < HISTORY_COLUMNS; j++)
    SET_VECTOR_ELT(frame, j + 1, history_column(VECTOR_ELT(run, RUN_HISTORY), j, rows));
  SEXP row_names = PROTECT(Rf_allocVector(INTSXP, 2)); /* short for 1 to -row_names[1] */
  INTEGER(row_names)[0] = NA_INTEGER;
  INTEGER(row_names)[1] = -rows;
  Rf_setAttrib(frame, R_RowNamesSymbol, row_names);
  UNPROTECT(1);
}

/* Sets the factor (n) that says where each element of par (n), in the user's units, is. */
static void set_bounds(SEXP fit, const units *u, SEXP par) {
  const double *x = REAL(par);
  SEXP factor = PROTECT(Rf_allocVector(INTSXP, u->n));
  int *codes = INTEGER(factor);
  for (R_xlen_t i = 0; i < u->n; i++) codes[i] = side_of(u, i, x[i]) + 1;
  SHALLOW_DUPLICATE_ATTRIB(factor, VECTOR_ELT(fit, FIT_BOUNDS));
  Rf_setAttrib(factor, R_NamesSymbol, Rf_getAttrib(par, R_NamesSymbol));
  SET_VECTOR_ELT(fit, FIT_BOUNDS, factor);
  UNPROTECT(1);
}

/* ---- The fit ------------------------------------------------------------------------------------------- */

/* Copies the template up to what there is none of. */
static SEXP new_fit(SEXP template, SEXP objective, SEXP kept) {
  R_xlen_t length = objective == R_NilValue ? FIT_OBJECTIVE : kept == R_NilValue ? FIT_STATE : FIT_LENGTH;
  SEXP fit = PROTECT(length < FIT_LENGTH ? Rf_xlengthgets(template, length) : Rf_shallow_duplicate(template));
  if (length > FIT_OBJECTIVE) SET_VECTOR_ELT(fit, FIT_OBJECTIVE, objective);
  if (length > FIT_STATE) SET_VECTOR_ELT(fit, FIT_STATE, kept);
  UNPROTECT(1);
  return fit;
}

/* gap_in = lbfgsb_gap() in the user's units. */
static double gap_in(const units *u, const lbfgsb_solver *solver) {
  double gap = lbfgsb_gap(solver) * fabs(u->fnscale);
  return R_FINITE(gap) ? gap : NA_REAL;
}

/* Tells whether the run ended at a trial, below every iterate. */
static bool ends_at_trial(SEXP run) {
  const double *tally = run_tally(run);
  bool begun = tally[TALLY_ROWS] > 0;
  return begun && lbfgsb_report(run_solver(run)).status == LBFGSB_UNBOUNDED && R_FINITE(tally[TALLY_POINT]);
}

result_view view_of(SEXP run, const units *u) {
  const lbfgsb_solver *solver = run_solver(run);
  bool at_trial = ends_at_trial(run);
  return (result_view){.units = *u,
                       .gap = gap_in(u, solver),
                       .solver = lbfgsb_report(solver),
                       .x = at_trial ? lbfgsb_point(solver) : lbfgsb_iterate(solver),
                       .trial = lbfgsb_point(solver),
                       .value = run_tally(run)[at_trial ? TALLY_POINT : TALLY_VALUE],
                       .noise = lbfgsb_noise(solver),
                       .known = run_tally(run)[TALLY_ROWS] > 0 && !at_trial};
}

/* Sets the best point, its value and gradient, and where it is; counts in at_side. */
static void set_point(SEXP fit, const result_view *at, const lbfgsb_solver *solver, R_xlen_t at_side[]) {
  SEXP par = SET_VECTOR_ELT(fit, FIT_PAR, units_par(&at->units, at->x));
  SEXP value = SET_VECTOR_ELT(fit, FIT_VALUE, Rf_ScalarReal(at->value));
  SET_VECTOR_ELT(fit, FIT_FVAL, value);
  if (at->known) SET_VECTOR_ELT(fit, FIT_GRADIENT, units_gradient(&at->units, lbfgsb_gradient(solver)));
  set_bounds(fit, &at->units, par);
  count_sides(&at->units, REAL(par), at_side);
}

static void set_figures(SEXP fit, const result_view *at) {
  const lbfgsb_summary *solver = &at->solver;
  SET_VECTOR_ELT(fit, FIT_PGNORM, Rf_ScalarReal(at->known ? solver->projected_gradient_norm : NA_REAL));
  SET_VECTOR_ELT(fit, FIT_GAP, Rf_ScalarReal(at->gap));
  SET_VECTOR_ELT(fit, FIT_ITERATIONS, Rf_ScalarInteger(as_count((double)solver->iterations)));
  SET_VECTOR_ELT(fit, FIT_NONFINITE, Rf_ScalarInteger(as_count((double)solver->nonfinite)));
}

/* Returns what is known of the best point so far, in the user's units, as ?lbfgsb describes it, but no class;
 * no `objective` and what comes after it if that is NULL, and no `state` if `kept` is. convergence and
 * message are NULL where the run could not begin; the gradient is NULL, and its norm NA, before the start has
 * been evaluated, or where it is not finite. */
SEXP r_result(SEXP state, SEXP template, SEXP objective, SEXP kept) {
  SEXP run = VECTOR_ELT(state, STATE_RUN), control = VECTOR_ELT(state, STATE_CONTROL);
  const units u = units_of(state);
  const result_view at = view_of(run, &u);
  R_xlen_t at_side[BOUNDS] = {0};
  SEXP fit = PROTECT(new_fit(template, objective, kept));
  set_point(fit, &at, run_solver(run), at_side);
  SET_VECTOR_ELT(fit, FIT_COUNTS, new_counts(run_tally(run)));
  set_history(fit, run);
  set_figures(fit, &at);
  const lbfgsb_reason *reason = lbfgsb_reason_of(at.solver.status);
  if (reason->sentence) {
    SET_VECTOR_ELT(fit, FIT_CONVERGENCE, Rf_ScalarInteger(reason->convergence));
    SET_VECTOR_ELT(fit, FIT_MESSAGE, new_message(&at, reason, control, at_side));
  }
  UNPROTECT(1);
  return fit;
}
