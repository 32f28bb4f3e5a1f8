/* r_pairs.c - the pairs that a state holds, as matrices of R. */
#include "r_api.h"
#include "state.h"

SEXP columns_by_age(const lbfgsb *s, size_t which) {
  SEXP out = Rf_allocMatrix(REALSXP, (int)s->n, (int)s->count);
  for (size_t i = 0; i < s->n; i++) {
    size_t first = i - i % BLOCK_ROWS, rows = s->n - first < BLOCK_ROWS ? s->n - first : BLOCK_ROWS;
    size_t stride = pad_rows(rows);
    const double *row = get(s, s->at.columns + first * 2 * s->capacity) + i % BLOCK_ROWS;
    for (size_t j = 0; j < s->count; j++)
      REAL(out)[i + j * s->n] = row[(2 * pairs_slot(s, j) + which) * stride];
  }
  return out;
}

/* list(Y, S, theta) of a run, in the solver's units. */
SEXP r_pairs(SEXP run) {
  const char *names[] = {"Y", "S", "theta", ""};
  const lbfgsb *s = run_solver(run);
  SEXP out = PROTECT(Rf_mkNamed(VECSXP, names));
  SET_VECTOR_ELT(out, 0, columns_by_age(s, 0));
  SET_VECTOR_ELT(out, 1, columns_by_age(s, 1));
  SET_VECTOR_ELT(out, 2, Rf_ScalarReal(s->theta));
  UNPROTECT(1);
  return out;
}
