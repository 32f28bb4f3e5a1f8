/* r_pairs.c - the pairs that a state holds, as matrices of R. */
#include "r_api.h"

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
