/* r_pairs.c - the pairs that a state holds, as matrices of R. */
#include "r_api.h"
#include "order.h"
#include "pairs.h"

SEXP columns_by_age(const lbfgsb_solver *s, size_t which) {
  SEXP out = Rf_allocMatrix(REALSXP, (int)s->layout.n, (int)s->pairs.count);
  for (size_t i = 0; i < s->layout.n; i++) {
    size_t stride;
    const double *row = order_row(s, i, &stride);
    for (size_t j = 0; j < s->pairs.count; j++)
      REAL(out)[i + j * s->layout.n] = row[(2 * pairs_slot(s, j) + which) * stride];
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
  SET_VECTOR_ELT(out, 2, Rf_ScalarReal(s->pairs.theta));
  UNPROTECT(1);
  return out;
}
