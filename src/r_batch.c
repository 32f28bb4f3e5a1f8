/* r_batch.c - differences over a cluster: the values that a gradient still needs are found together, and told
 * one after another, each where it is asked for. So the run is that without a cluster, to the bit. */
#include "r_session.h"

void begin_batch(session *s) {
  if (element(s->control, "cluster") == R_NilValue) return;
  size_t most = 2 * (size_t)s->units.n;
  s->batch.index = (size_t *)R_alloc(most, sizeof(size_t));
  s->batch.at = (double *)R_alloc(most, sizeof(double));
}

void forget_batch(session *s) { s->batch.count = s->batch.next = 0; }

/* The elements, from 1, and what they are in the user's units: as R reads them. */
static void bind_points(const session *s) {
  const point_batch *batch = &s->batch;
  SEXP index = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)batch->count));
  SEXP at = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)batch->count));
  for (size_t k = 0; k < batch->count; k++) {
    REAL(index)[k] = (double)(batch->index[k] + 1);
    REAL(at)[k] = units_coordinate(&s->units, (R_xlen_t)batch->index[k], batch->at[k]);
  }
  bind(s->env, "index", index);
  bind(s->env, "at", at);
  UNPROTECT(2);
}

/* Finds as many values as the limit of evaluations leaves, if a gradient is under way. */
static void find_values(session *s) {
  bool refines = lbfgsb_pending(s->solver) == LBFGSB_REFINE;
  point_batch *batch = &s->batch;
  double left = s->max_evaluations - s->tally[TALLY_FUNCTION];
  size_t count = lbfgsb_differences_ahead(run_differences(s->run), s->solver, batch->index, batch->at);
  batch->count = left < (double)count ? (size_t)left : count;
  batch->next = 0;
  if (count == 0) return;
  bind_points(s);
  bind(s->env, "par", units_par(&s->units, refines ? lbfgsb_iterate(s->solver) : lbfgsb_point(s->solver)));
  SEXP values = evaluate_call(s, CALL_POINTS);
  REPROTECT(batch->values = values, batch->values_index);
  REPROTECT(s->par = R_NilValue, s->par_index); /* which is bound no more: the next value binds its own */
}

/* The place in the batch of the point that is asked for, or count; all of them differ from the gradient's in
 * one element. */
static size_t place_of(const point_batch *batch, const double *point) {
  size_t k = batch->next;
  while (k < batch->count && point[batch->index[k]] != batch->at[k]) k++;
  return k;
}

bool take_from_batch(session *s, double *value) {
  point_batch *batch = &s->batch;
  if (!batch->index) return false;
  if (batch->next == batch->count) find_values(s);
  size_t k = place_of(batch, lbfgsb_differences_point(run_differences(s->run)));
  if (k == batch->count) return false;
  *value = Rf_asReal(VECTOR_ELT(batch->values, (R_xlen_t)k));
  batch->next = k + 1;
  return true;
}
