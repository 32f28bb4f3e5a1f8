/* box.h - private: the box l <= x <= u. */
#ifndef LBFGSB_BOX_H
#define LBFGSB_BOX_H

#include "solver.h"

static inline double clamp(double v, double lower, double upper) {
  return v < lower ? lower : v > upper ? upper : v;
}

/* bound_ahead = the bound that -g leads to; x itself where g = 0. */
static inline double bound_ahead(double x, double g, double lower, double upper) {
  return g > 0 ? lower : g < 0 ? upper : x;
}

/* True without a NaN, a lower above its upper, a lower = Inf, an upper = -Inf. NULL: no bounds. */
bool box_valid(size_t n, const double *lower, const double *upper);

/* box_look = what all bounds of the box are like. */
typedef struct {
  bool constrained, boxed, same_lower, same_upper; /* as in the state */
} box_kind;
box_kind box_look(const lbfgsb_solver *s);

/* Divides the bounds of variable i by a factor, after which finite ones are taken for different; sees anew
 * what all bounds are like, where that may be the same. */
void box_rescale(lbfgsb_solver *s, size_t i, double factor);
void box_look_again(lbfgsb_solver *s);

/* Copies the bounds into the state, and sees what they are like. */
void box_init(lbfgsb_solver *s, const double *lower, const double *upper);

#endif
