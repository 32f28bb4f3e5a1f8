/* r_rows.c - what has come of many fits: the columns of a table with a row for each. */
#include "r_result.h"

/* Behind the parameters. */
enum { COLUMN_VALUE, COLUMN_CONVERGENCE, COLUMN_MESSAGE, COLUMN_EVALUATIONS, COLUMN_GRADIENTS, COLUMNS };

SEXP new_columns(R_xlen_t count, R_xlen_t n) {
  static const SEXPTYPE types[COLUMNS] = {REALSXP, INTSXP, STRSXP, INTSXP, INTSXP};
  SEXP columns = PROTECT(Rf_allocVector(VECSXP, n + COLUMNS));
  for (R_xlen_t j = 0; j < XLENGTH(columns); j++)
    SET_VECTOR_ELT(columns, j, Rf_allocVector(j < n ? REALSXP : types[j - n], count));
  UNPROTECT(1);
  return columns;
}

static SEXP column(SEXP columns, int which) {
  return VECTOR_ELT(columns, XLENGTH(columns) - COLUMNS + which);
}

void write_end(SEXP columns, R_xlen_t k, const fit_end *end, SEXP control) {
  lbfgsb_status status = end->view.solver.status;
  const lbfgsb_reason *reason = lbfgsb_reason_of(status);
  bool ended = status != LBFGSB_RUNNING && status != LBFGSB_STOPPED && reason->sentence;
  SEXP message = ended ? new_message(&end->view, reason, control, end->at_side) : Rf_ScalarString(NA_STRING);
  SET_STRING_ELT(column(columns, COLUMN_MESSAGE), k, STRING_ELT(PROTECT(message), 0));
  REAL(column(columns, COLUMN_VALUE))[k] = end->view.value;
  INTEGER(column(columns, COLUMN_CONVERGENCE))[k] = ended ? reason->convergence : NA_INTEGER;
  INTEGER(column(columns, COLUMN_EVALUATIONS))[k] = as_count(end->evaluations);
  INTEGER(column(columns, COLUMN_GRADIENTS))[k] = as_count(end->gradients);
  UNPROTECT(1);
}

static void write_state(SEXP columns, R_xlen_t k, SEXP state) {
  SEXP run = VECTOR_ELT(state, STATE_RUN);
  fit_end end = {.view = view_of(state),
                 .evaluations = run_tally(run)[TALLY_FUNCTION],
                 .gradients = run_tally(run)[TALLY_GRADIENT]};
  SEXP par = PROTECT(units_par(&end.view.units, end.view.x));
  count_sides(&end.view.units, REAL(par), end.at_side);
  for (R_xlen_t i = 0; i < XLENGTH(par); i++) REAL(VECTOR_ELT(columns, i))[k] = REAL(par)[i];
  write_end(columns, k, &end, VECTOR_ELT(state, STATE_CONTROL));
  UNPROTECT(1);
}

/* Returns the columns of the rows of these states (one at least), all of n parameters. */
SEXP r_rows(SEXP states) {
  SEXP columns = PROTECT(new_columns(XLENGTH(states), units_of(VECTOR_ELT(states, 0)).n));
  for (R_xlen_t k = 0; k < XLENGTH(states); k++) write_state(columns, k, VECTOR_ELT(states, k));
  UNPROTECT(1);
  return columns;
}
