/* pairs.h - private: the ring of stored pairs. The newest pair takes the next slot, or the oldest pair's. */
#ifndef LBFGSB_PAIRS_H
#define LBFGSB_PAIRS_H

#include "solver.h"

/* pairs_slot = the slot of the pair of an age, 0 the oldest. */
static inline size_t pairs_slot(const lbfgsb_solver *s, size_t age) {
  size_t slot = s->pairs.oldest + age;
  return slot < s->layout.capacity ? slot : slot - s->layout.capacity;
}

/* pairs_newest = that of the newest one, where there is one. */
static inline size_t pairs_newest(const lbfgsb_solver *s) { return pairs_slot(s, s->pairs.count - 1); }

/* Forgets the pairs: B = I. */
void pairs_forget(lbfgsb_solver *s);

/* Makes room for a new pair; returns its slot. */
size_t pairs_take_slot(lbfgsb_solver *s);

/* Takes theta where there are no pairs: B = theta I. */
void pairs_assume(lbfgsb_solver *s, double theta);

/* Takes s'y and y'y of the newest pair: theta = y'y / s'y. */
void pairs_set_scale(lbfgsb_solver *s, size_t slot, double curvature, double yy);

#endif
