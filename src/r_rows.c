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
  bool ended = status != LBFGSB_RUNNING && status != LBFGSB_STOPPED && reason->sentence && !end->in_doubt;
  SEXP message = ended ? new_message(&end->view, reason, control, end->at_side) : Rf_ScalarString(NA_STRING);
  SET_STRING_ELT(column(columns, COLUMN_MESSAGE), k, STRING_ELT(PROTECT(message), 0));
  REAL(column(columns, COLUMN_VALUE))[k] = end->view.value;
  INTEGER(column(columns, COLUMN_CONVERGENCE))[k] = ended ? reason->convergence : NA_INTEGER;
  INTEGER(column(columns, COLUMN_EVALUATIONS))[k] = as_count(end->evaluations);
  INTEGER(column(columns, COLUMN_GRADIENTS))[k] = as_count(end->gradients);
  UNPROTECT(1);
}

/* Describes the end of a run; y (n) is scratch. */
static fit_end end_of(SEXP run, const units *u, double *y) {
  ended_run ended = {.solver = run_solver(run), .units = u, .y = y};
  return (fit_end){.view = view_of(run, u),
                   .evaluations = run_tally(run)[TALLY_FUNCTION],
                   .gradients = run_tally(run)[TALLY_GRADIENT],
                   .in_doubt = asks_for_a_look(&ended, !run_differences(run))};
}

/* Writes the row of an end; par (n): the room for its best point. */
static void write_row(SEXP columns, R_xlen_t k, fit_end end, const units *u, SEXP control, double *par) {
  units_point(u, end.view.x, par);
  count_sides(u, par, end.at_side);
  for (R_xlen_t i = 0; i < u->n; i++) REAL(VECTOR_ELT(columns, i))[k] = par[i];
  write_end(columns, k, &end, control);
}

/* Returns the columns of the rows of a block of fits, all of which have ended. */
SEXP r_rows(SEXP task, SEXP ended) {
  fit_problems problems = read_problems(task);
  R_xlen_t n = problems.first.n;
  SEXP runs = VECTOR_ELT(ended, BLOCK_RUNS), columns = PROTECT(new_columns(XLENGTH(runs), n));
  double *par = (double *)R_alloc((size_t)n, sizeof(double));
  for (R_xlen_t k = 0; k < XLENGTH(runs); k++) {
    R_xlen_t fit = INTEGER(VECTOR_ELT(ended, BLOCK_FITS))[k] - 1;
    units u = units_of_fit(&problems, fit);
    fit_end end = end_of(VECTOR_ELT(runs, k), &u, par);
    write_row(columns, k, end, &u, VECTOR_ELT(task, TASK_CONTROL), par);
  }
  UNPROTECT(1);
  return columns;
}
