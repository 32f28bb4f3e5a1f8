/* r_pairs.c - the pairs that a state holds, as matrices of R. */
#include "r_api.h"

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

/* list(Y, S, theta) of a run, in the solver's units. */
SEXP r_pairs(SEXP run) {
  const char *names[] = {"Y", "S", "theta", ""};
  const lbfgsb_solver *s = run_solver(run);
  SEXP out = PROTECT(Rf_mkNamed(VECSXP, names));
  SET_VECTOR_ELT(out, 0, columns_by_age(s, 0));
  SET_VECTOR_ELT(out, 1, columns_by_age(s, 1));
  SET_VECTOR_ELT(out, 2, Rf_ScalarReal(lbfgsb_theta(s)));
  UNPROTECT(1);
  return out;
}
