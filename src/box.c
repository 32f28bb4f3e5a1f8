/* box.c - the box l <= x <= u. */
#include "box.h"

bool box_valid(size_t n, const double *lower, const double *upper) {
  for (size_t i = 0; i < n; i++) {
    double l = lower ? lower[i] : -INFINITY, u = upper ? upper[i] : INFINITY;
    if (!(l <= u) || l == INFINITY || u == -INFINITY) return false;
  }
  return true;
}

/* Sets what is known of all bounds. */
static void look_at_bounds(lbfgsb_solver *s) {
  const double *l = get(s, s->box.lower), *u = get(s, s->box.upper);
  s->box.constrained = false;
  s->box.boxed = s->box.same_lower = s->box.same_upper = true;
  for (size_t i = 0; i < s->layout.n; i++) {
    bool below = l[i] > -INFINITY, above = u[i] < INFINITY;
    s->box.constrained = s->box.constrained || below || above;
    s->box.boxed = s->box.boxed && below && above;
    s->box.same_lower = s->box.same_lower && l[i] == l[0];
    s->box.same_upper = s->box.same_upper && u[i] == u[0];
  }
}

/* Adds 0, by which -0 becomes 0: no difference of numbers in the box is -0. */
void box_init(lbfgsb_solver *s, const double *lower, const double *upper) {
  double *l = put(s, s->box.lower), *u = put(s, s->box.upper);
  for (size_t i = 0; i < s->layout.n; i++) {
    l[i] = (lower ? lower[i] : -INFINITY) + 0.0;
    u[i] = (upper ? upper[i] : INFINITY) + 0.0;
  }
  for (size_t i = s->layout.n; i < pad_rows(s->layout.n); i++) l[i] = u[i] = 0;
  look_at_bounds(s);
}
