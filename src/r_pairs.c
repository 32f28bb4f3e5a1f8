/* r_pairs.c - the pairs that a state holds: as matrices of R, and against what f has done. */
#include "r_api.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Y (which = 0) or S (1), n x k, oldest first. */
SEXP columns_by_age(const lbfgsb_solver *s, size_t which) {
  size_t n = lbfgsb_variables(s), k = lbfgsb_pair_count(s);
  SEXP out = Rf_allocMatrix(REALSXP, (int)n, (int)k);
  for (size_t j = 0; j < k; j++) {
    double *column = REAL(out) + j * n;
    lbfgsb_pair(s, j, which == 1 ? column : NULL, which == 0 ? column : NULL);
  }
  return out;
}

/* list(Y, S, theta, scale) of a run, in the units of the solver's z = x / scale. */
SEXP r_pairs(SEXP run) {
  const char *names[] = {"Y", "S", "theta", "scale", ""};
  const lbfgsb_solver *s = run_solver(run);
  SEXP out = PROTECT(Rf_mkNamed(VECSXP, names));
  SET_VECTOR_ELT(out, 0, columns_by_age(s, 0));
  SET_VECTOR_ELT(out, 1, columns_by_age(s, 1));
  SET_VECTOR_ELT(out, 2, Rf_ScalarReal(lbfgsb_theta(s)));
  SEXP scale = SET_VECTOR_ELT(out, 3, Rf_allocVector(REALSXP, (R_xlen_t)lbfgsb_variables(s)));
  memcpy(REAL(scale), lbfgsb_scale(s), lbfgsb_variables(s) * sizeof(double));
  UNPROTECT(1);
  return out;
}

/* ---- What the last step tells -------------------------------------------------------------------------- */

/* told_change = s'(g - y / 2), by which f changes along the newest pair (s, y) by the trapezoid rule, where g
 * is the gradient at its end. */
static double told_change(const lbfgsb_solver *solver) {
  size_t n = lbfgsb_variables(solver);
  double *s = (double *)R_alloc(n, sizeof(double)), *y = (double *)R_alloc(n, sizeof(double));
  const double *g = lbfgsb_gradient(solver), *scale = lbfgsb_scale(solver);
  double sum = 0;
  lbfgsb_pair(solver, lbfgsb_pair_count(solver) - 1, s, y);
  for (size_t i = 0; i < n; i++) sum += s[i] * (g[i] * scale[i] - y[i] / 2);
  return sum;
}

/* Tells whether f has changed in the last step otherwise, by half as much, than the gradient says; or, where
 * variables are free, whether no pair is left that could tell. What noise may hide is no evidence. */
SEXP r_contradicted(SEXP state) {
  SEXP run = VECTOR_ELT(state, STATE_RUN);
  const lbfgsb_solver *solver = run_solver(run);
  R_xlen_t rows = (R_xlen_t)run_tally(run)[TALLY_ROWS];
  if (rows < 2) return Rf_ScalarLogical(0);
  const double *last = REAL(VECTOR_ELT(run, RUN_HISTORY)) + (rows - 1) * HISTORY_COLUMNS;
  if (last[HISTORY_FREE] == 0) return Rf_ScalarLogical(0);
  if (lbfgsb_pair_count(solver) == 0) return Rf_ScalarLogical(1);
  double fnscale = number_in(VECTOR_ELT(state, STATE_CONTROL), "fnscale"),
         value = last[HISTORY_VALUE] / fnscale;
  double change = value - last[HISTORY_VALUE - HISTORY_COLUMNS] / fnscale, told = told_change(solver);
  double larger = fmax(fabs(change), fabs(told));
  double hidden = 100 * fmax(DBL_EPSILON, lbfgsb_noise(solver)) * fabs(value);
  return Rf_ScalarLogical(larger > hidden && fabs(change - told) > larger / 2);
}
