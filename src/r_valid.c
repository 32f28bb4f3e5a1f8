/* r_valid.c - what must hold of a state from outside, so that nothing beside it is touched and it claims
 * nothing wrong: its parts have the lengths that C takes for granted, and its record says what the core does.
 * Whoever writes states by hand can make any checksum. */
#include "r_api.h"

#include <math.h>

/* ---- Lengths ------------------------------------------------------------------------------------------- */

static bool is_list(SEXP x, const char *const *names) { return TYPEOF(x) == VECSXP && has_names(x, names); }

static bool are_doubles(SEXP x, R_xlen_t length) { return is_plain(x) && XLENGTH(x) == length; }

static bool is_history(SEXP x) {
  return is_plain(x) && XLENGTH(x) >= HISTORY_COLUMNS && XLENGTH(x) % HISTORY_COLUMNS == 0;
}

bool is_run(SEXP run) {
  if (!is_list(run, run_names)) return false;
  SEXP tally = VECTOR_ELT(run, RUN_TALLY);
  return TYPEOF(VECTOR_ELT(run, RUN_SOLVER)) == RAWSXP &&
         TYPEOF(VECTOR_ELT(run, RUN_DIFFERENCES)) == RAWSXP && is_history(VECTOR_ELT(run, RUN_HISTORY)) &&
         are_doubles(tally, TALLY_LENGTH) && has_names(tally, tally_names);
}

/* Tells whether the extents of x, if it has any, make up its length, and it has as many names. */
static bool is_in_shape(SEXP x) {
  SEXP dim = Rf_getAttrib(x, R_DimSymbol), names = Rf_getAttrib(x, R_NamesSymbol);
  double size = 1;
  for (R_xlen_t i = 0; i < Rf_xlength(dim); i++) size *= TYPEOF(dim) == INTSXP ? INTEGER(dim)[i] : 0;
  return (dim == R_NilValue || size == (double)XLENGTH(x)) &&
         (names == R_NilValue || XLENGTH(names) == XLENGTH(x));
}

bool is_problem(SEXP problem) {
  if (!is_list(problem, problem_names)) return false;
  SEXP par = VECTOR_ELT(problem, PROBLEM_PAR);
  R_xlen_t n = Rf_xlength(par);
  return TYPEOF(par) == REALSXP && n > 0 && is_in_shape(par) &&
         are_doubles(VECTOR_ELT(problem, PROBLEM_LOWER), n) &&
         are_doubles(VECTOR_ELT(problem, PROBLEM_UPPER), n) &&
         are_doubles(VECTOR_ELT(problem, PROBLEM_PARSCALE), n);
}

/* ---- The problem --------------------------------------------------------------------------------------- */

/* Tells whether a problem is what new_problem() in R/bounds.R makes, and lbfgsb_init() asks for. */
static bool problem_holds(const units *u) {
  const double *par = REAL(u->par);
  for (R_xlen_t i = 0; i < u->n; i++) {
    bool inside = isfinite(par[i]) && u->lower[i] <= par[i] && par[i] <= u->upper[i];
    if (!inside || !isfinite(u->parscale[i]) || !(u->parscale[i] > 0)) return false;
  }
  return true;
}

/* Tells whether x (n, the solver's) is in the box. */
static bool is_in_box(const units *u, const double *x) {
  for (R_xlen_t i = 0; i < u->n; i++)
    if (!(u->lower[i] / u->parscale[i] <= x[i] && x[i] <= u->upper[i] / u->parscale[i])) return false;
  return true;
}

/* ---- The core and its options -------------------------------------------------------------------------- */

static bool core_holds(SEXP run, const units *u, lbfgsb_options options) {
  SEXP block = VECTOR_ELT(run, RUN_SOLVER);
  size_t size = (size_t)XLENGTH(block);
  if (!lbfgsb_valid(RAW(block), size)) return false;
  const lbfgsb_solver *solver = run_solver(run);
  lbfgsb_options own = lbfgsb_options_of(solver);
  bool asks = lbfgsb_pending(solver) != LBFGSB_NEW_ITERATE; /* else there may have been no other point */
  return lbfgsb_variables(solver) == (size_t)u->n && lbfgsb_options_equal(&own, &options) &&
         (!asks || is_in_box(u, lbfgsb_point(solver)));
}

/* The point asked for is in the box, too, and the value told is that of the tally. */
static bool differences_hold(SEXP run, const units *u) {
  SEXP block = VECTOR_ELT(run, RUN_DIFFERENCES);
  const lbfgsb_solver *solver = run_solver(run);
  const lbfgsb_differences *differences = run_differences(run);
  lbfgsb_request pending = lbfgsb_pending(solver);
  double told = run_tally(run)[TALLY_POINT] / u->fnscale;
  if ((pending == LBFGSB_GRADIENT || pending == LBFGSB_SLOPE) && told != lbfgsb_trial_value(solver))
    return false;
  if (!differences) return true;
  bool has_value = !lbfgsb_differences_takes_gradient(differences);
  return lbfgsb_differences_valid(RAW(block), (size_t)XLENGTH(block), solver) &&
         (!has_value || told == lbfgsb_differences_value(differences));
}

/* ---- The record ---------------------------------------------------------------------------------------- */

static bool is_count(double x) { return x >= 0 && x <= 9007199254740992.0 && x == floor(x); }

/* Tells whether the counts go together, and rows that there are: one for the start and for each iteration. */
static bool tally_holds(const double *tally, lbfgsb_summary at, R_xlen_t most_rows) {
  double rows = tally[TALLY_ROWS], evaluations = (double)at.evaluations;
  for (int i = 0; i < TALLY_VALUE; i++)
    if (!is_count(tally[i])) return false;
  return rows <= (double)most_rows && (rows == 0 ? at.iterations == 0 : rows == (double)at.iterations + 1) &&
         tally[TALLY_FUNCTION] >= evaluations && tally[TALLY_FUNCTION] >= tally[TALLY_GRADIENT];
}

/* Tells whether a row is as run_record() writes it, after `before` evaluations. */
static bool row_holds(const double *row, double before) {
  return is_count(row[HISTORY_EVALUATIONS]) && row[HISTORY_EVALUATIONS] > before &&
         isfinite(row[HISTORY_VALUE]) && isfinite(row[HISTORY_PGNORM]) && row[HISTORY_PGNORM] >= 0 &&
         isfinite(row[HISTORY_STEP]) && row[HISTORY_STEP] >= 0 && is_count(row[HISTORY_FREE]);
}

static bool history_holds(const double *history, R_xlen_t rows) {
  double before = 0;
  for (R_xlen_t i = 0; i < rows; i++, history += HISTORY_COLUMNS) {
    if (!row_holds(history, before)) return false;
    before = history[HISTORY_EVALUATIONS];
  }
  return true;
}

/* Tells whether the last row is the core's iterate, whose value is `value`. */
static bool iterate_holds(const double *row, double value, lbfgsb_summary at, const units *u) {
  return row[HISTORY_VALUE] == value && value / u->fnscale == at.value &&
         row[HISTORY_PGNORM] == at.projected_gradient_norm &&
         row[HISTORY_EVALUATIONS] <= (double)at.evaluations;
}

static bool record_holds(SEXP run, const units *u) {
  const lbfgsb_solver *solver = run_solver(run);
  lbfgsb_summary at = lbfgsb_report(solver);
  SEXP history = VECTOR_ELT(run, RUN_HISTORY);
  const double *tally = run_tally(run);
  if (!tally_holds(tally, at, XLENGTH(history) / HISTORY_COLUMNS)) return false;
  R_xlen_t rows = (R_xlen_t)tally[TALLY_ROWS];
  if (rows == 0) return true;
  const double *last = REAL(history) + (rows - 1) * HISTORY_COLUMNS;
  return history_holds(REAL(history), rows) && iterate_holds(last, tally[TALLY_VALUE], at, u) &&
         is_in_box(u, lbfgsb_iterate(solver));
}

/* Returns TRUE if a state that r_unseal() has opened, with options that are right, may go on. */
SEXP r_valid(SEXP state) {
  SEXP run = VECTOR_ELT(state, STATE_RUN);
  units u = units_of(state);
  lbfgsb_options options = core_options(VECTOR_ELT(state, STATE_CONTROL), (size_t)u.n);
  bool valid =
      problem_holds(&u) && core_holds(run, &u, options) && differences_hold(run, &u) && record_holds(run, &u);
  return Rf_ScalarLogical(valid);
}
