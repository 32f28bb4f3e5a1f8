/* pairs.c - the ring of stored pairs: which slot is whose, and theta. METHOD.md (3). */
#include "pairs.h"

#include "gram.h"

void pairs_forget(lbfgsb_solver *s) {
  s->pairs.count = 0;
  s->pairs.oldest = 0;
  s->pairs.stored = 0;
  s->pairs.theta = 1;
  gram_forget(s);
}

size_t pairs_take_slot(lbfgsb_solver *s) {
  s->pairs.stored++;
  if (s->pairs.count < s->layout.capacity) return s->pairs.count++;
  size_t slot = s->pairs.oldest;
  s->pairs.oldest = (slot + 1) % s->layout.capacity;
  return slot;
}

void pairs_assume(lbfgsb_solver *s, double theta) { s->pairs.theta = theta; }

void pairs_set_scale(lbfgsb_solver *s, size_t slot, double curvature, double yy) {
  s->pairs.theta = yy / curvature;
  put(s, s->pairs.curvature)[slot] = curvature;
}
