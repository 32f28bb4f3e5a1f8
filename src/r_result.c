/* r_result.c - what is known of a run, at its end or before: the fields of a fit. */
#include "r_api.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  units units;
  lbfgsb_summary solver;
  double value; /* in the user's units, NA before there is one */
  bool known;   /* there is an iterate: a gradient and its norm */
} result_view;

/* ---- Fields -------------------------------------------------------------------------------------------- */

static int as_count(double x) { return x <= INT_MAX ? (int)x : NA_INTEGER; }

/* The fields of `fit_template` in R/result.R. */
enum {
  FIT_PAR,
  FIT_VALUE,
  FIT_COUNTS,
  FIT_CONVERGENCE,
  FIT_MESSAGE,
  FIT_GRADIENT,
  FIT_PGNORM,
  FIT_ITERATIONS,
  FIT_BOUNDS,
  FIT_NONFINITE,
  FIT_HISTORY,
  FIT_FVAL,
  FIT_OBJECTIVE
};

static void set_counts(SEXP fit, const double *tally) {
  SEXP counts = SET_VECTOR_ELT(fit, FIT_COUNTS, Rf_duplicate(VECTOR_ELT(fit, FIT_COUNTS)));
  INTEGER(counts)[0] = as_count(tally[TALLY_FUNCTION]);
  INTEGER(counts)[1] = as_count(tally[TALLY_GRADIENT]);
}

static SEXP history_column(SEXP history, int column, int rows) {
  SEXP out = Rf_allocVector(REALSXP, rows);
  const double *from = REAL(history) + column;
  double *to = REAL(out);
  for (R_xlen_t i = 0; i < rows; i++) to[i] = from[i * HISTORY_COLUMNS];
  return out;
}

/* A data frame with a row for the start and for each iteration. */
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

enum { FREE = 1, AT_LOWER, AT_UPPER, FIXED }; /* the levels */

/* A factor (n) that says where each element of par (n), in the user's units, is. */
static void set_bounds(SEXP fit, const units *u, SEXP par) {
  const double *x = REAL(par);
  SEXP factor = PROTECT(Rf_allocVector(INTSXP, u->n));
  int *side = INTEGER(factor);
  for (R_xlen_t i = 0; i < u->n; i++) {
    bool lower = x[i] == u->lower[i], upper = x[i] == u->upper[i];
    side[i] = lower ? (upper ? FIXED : AT_LOWER) : (upper ? AT_UPPER : FREE);
  }
  SHALLOW_DUPLICATE_ATTRIB(factor, VECTOR_ELT(fit, FIT_BOUNDS));
  Rf_setAttrib(factor, R_NamesSymbol, Rf_getAttrib(par, R_NamesSymbol));
  SET_VECTOR_ELT(fit, FIT_BOUNDS, factor);
  UNPROTECT(1);
}

static R_xlen_t count_code(SEXP factor, int code) {
  const int *codes = INTEGER(factor);
  R_xlen_t n = XLENGTH(factor), count = 0;
  for (R_xlen_t i = 0; i < n; i++) count += codes[i] == code;
  return count;
}

/* ---- The message --------------------------------------------------------------------------------------- */

typedef struct {
  char letters[512]; /* what does not fit is cut off */
  size_t length;
} text;

static void add(text *t, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(t->letters + t->length, sizeof t->letters - t->length, format, arguments);
  va_end(arguments);
  t->length += strlen(t->letters + t->length);
}

/* As sprintf() of R does it. */
static void add_number(text *t, const char *format, double x) {
  if (R_FINITE(x))
    add(t, format, x);
  else
    add(t, ISNAN(x) ? "NA" : x > 0 ? "Inf" : "-Inf");
}

static void add_counted(text *t, double count, const char *noun) {
  add(t, "%.0f %s%s", count, noun, count == 1 ? "" : "s");
}

/* Of an entry of `stop_reasons` in R/result.R. `option`: the place of the option that the sentence, a format,
 * names, or empty. */
enum { REASON_CODE, REASON_CONVERGENCE, REASON_SENTENCE, REASON_OPTION };

static void add_sentence(text *t, SEXP reason, SEXP control) {
  SEXP place = VECTOR_ELT(reason, REASON_OPTION);
  double named = XLENGTH(place) == 1 ? option(control, INTEGER(place)[0] - 1) : 0;
  add(t, CHAR(STRING_ELT(VECTOR_ELT(reason, REASON_SENTENCE), 0)), named);
}

/* "; value 1.5, projected gradient norm 2e-06, 1 of 3 parameters at a bound" */
static void add_figures(text *t, const result_view *at, SEXP bounds) {
  R_xlen_t at_bound = at->units.n - count_code(bounds, FREE);
  add(t, "; value ");
  add_number(t, "%.9g", at->value);
  if (at->known) {
    add(t, ", %sprojected gradient norm ", at->units.scaled ? "scaled " : "");
    add_number(t, "%.3g", at->solver.projected_gradient_norm);
  }
  if (at_bound > 0) {
    add(t, ", %.0f of ", (double)at_bound);
    add_counted(t, (double)at->units.n, "parameter");
    add(t, " at a bound");
  }
  if (at->solver.nonfinite > 0) {
    add(t, ", ");
    add_counted(t, (double)at->solver.nonfinite, "trial");
    add(t, " not finite");
  }
}

static SEXP new_message(const result_view *at, SEXP reason, SEXP control, SEXP bounds) {
  bool converged = Rf_asInteger(VECTOR_ELT(reason, REASON_CONVERGENCE)) == 0;
  if (converged && count_code(bounds, FIXED) == at->units.n)
    return Rf_mkString("converged: every parameter is fixed");
  text t = {.length = 0};
  add_sentence(&t, reason, control);
  add_figures(&t, at, bounds);
  return Rf_mkString(t.letters);
}

/* ---- The fit ------------------------------------------------------------------------------------------- */

/* A copy of the template, without `objective` where that is NULL. */
static SEXP new_fit(SEXP template, SEXP objective) {
  if (objective == R_NilValue) return Rf_xlengthgets(template, FIT_OBJECTIVE);
  SEXP fit = PROTECT(Rf_shallow_duplicate(template));
  SET_VECTOR_ELT(fit, FIT_OBJECTIVE, objective);
  UNPROTECT(1);
  return fit;
}

static result_view view_of(SEXP state) {
  SEXP run = VECTOR_ELT(state, STATE_RUN);
  return (result_view){.units = units_of(state),
                       .solver = lbfgsb_report(run_solver(run)),
                       .value = run_tally(run)[TALLY_VALUE],
                       .known = run_tally(run)[TALLY_ROWS] > 0};
}

/* What is known of the best point so far, in the user's units, as ?lbfgsb describes it, but no class; no
 * `objective` if that is NULL. convergence and message are NULL where the status has no entry in `reasons`;
 * the gradient is NULL, and its norm NA, before the start has been evaluated, or where it is not finite. */
SEXP r_result(SEXP state, SEXP reasons, SEXP template, SEXP objective) {
  SEXP run = VECTOR_ELT(state, STATE_RUN);
  const lbfgsb_solver *solver = run_solver(run);
  const result_view at = view_of(state);
  SEXP fit = PROTECT(new_fit(template, objective));
  SEXP par = SET_VECTOR_ELT(fit, FIT_PAR, units_par(&at.units, lbfgsb_iterate(solver)));
  SEXP value = SET_VECTOR_ELT(fit, FIT_VALUE, Rf_ScalarReal(at.value));
  set_counts(fit, run_tally(run));
  set_history(fit, run);
  set_bounds(fit, &at.units, par);
  if (at.known) SET_VECTOR_ELT(fit, FIT_GRADIENT, units_gradient(&at.units, lbfgsb_gradient(solver)));
  SET_VECTOR_ELT(fit, FIT_PGNORM, Rf_ScalarReal(at.known ? at.solver.projected_gradient_norm : NA_REAL));
  SET_VECTOR_ELT(fit, FIT_ITERATIONS, Rf_ScalarInteger(as_count((double)at.solver.iterations)));
  SET_VECTOR_ELT(fit, FIT_NONFINITE, Rf_ScalarInteger(as_count((double)at.solver.nonfinite)));
  SET_VECTOR_ELT(fit, FIT_FVAL, value);
  if ((R_xlen_t)at.solver.status < XLENGTH(reasons)) {
    SEXP reason = VECTOR_ELT(reasons, (R_xlen_t)at.solver.status);
    SET_VECTOR_ELT(fit, FIT_CONVERGENCE, VECTOR_ELT(reason, REASON_CONVERGENCE));
    SET_VECTOR_ELT(fit, FIT_MESSAGE,
                   new_message(&at, reason, VECTOR_ELT(state, STATE_CONTROL), VECTOR_ELT(fit, FIT_BOUNDS)));
  }
  UNPROTECT(1);
  return fit;
}
