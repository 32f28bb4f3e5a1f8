/* box.c - the box l <= x <= u. METHOD.md (1). */
#include "box.h"

bool box_valid(size_t n, const double *lower, const double *upper) {
  for (size_t i = 0; i < n; i++) {
    double l = lower ? lower[i] : -INFINITY, u = upper ? upper[i] : INFINITY;
    if (!(l <= u) || l == INFINITY || u == -INFINITY) return false;
  }
  return true;
}

box_kind box_look(const lbfgsb_solver *s) {
  const double *l = get(s, s->box.lower), *u = get(s, s->box.upper);
  box_kind kind = {.constrained = false, .boxed = true, .same_lower = true, .same_upper = true};
  for (size_t i = 0; i < s->layout.n; i++) {
    bool below = l[i] > -INFINITY, above = u[i] < INFINITY;
    kind.constrained = kind.constrained || below || above;
    kind.boxed = kind.boxed && below && above;
    kind.same_lower = kind.same_lower && l[i] == l[0];
    kind.same_upper = kind.same_upper && u[i] == u[0];
  }
  return kind;
}

/* Adds 0, by which -0 becomes 0: no difference of numbers in the box is -0. */
void box_init(lbfgsb_solver *s, const double *lower, const double *upper) {
  double *l = put(s, s->box.lower), *u = put(s, s->box.upper);
  for (size_t i = 0; i < s->layout.n; i++) {
    l[i] = (lower ? lower[i] : -INFINITY) + 0.0;
    u[i] = (upper ? upper[i] : INFINITY) + 0.0;
  }
  for (size_t i = s->layout.n; i < pad_rows(s->layout.n); i++) l[i] = u[i] = 0;
  box_look_again(s);
}

void box_rescale(lbfgsb_solver *s, size_t i, double factor) {
  double *lower = put(s, s->box.lower), *upper = put(s, s->box.upper);
  lower[i] /= factor;
  upper[i] /= factor;
  s->box.same_lower = s->box.same_lower && isinf(lower[i]);
  s->box.same_upper = s->box.same_upper && isinf(upper[i]);
}

void box_look_again(lbfgsb_solver *s) {
  box_kind kind = box_look(s);
  s->box.constrained = kind.constrained;
  s->box.boxed = kind.boxed;
  s->box.same_lower = kind.same_lower;
  s->box.same_upper = kind.same_upper;
}
