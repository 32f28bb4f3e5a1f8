/* box.c - the box l <= x <= u. */
#include "lanes.h"
#include "state.h"

bool box_valid(size_t n, const double *lower, const double *upper) {
  for (size_t i = 0; i < n; i++) {
    double l = lower ? lower[i] : -INFINITY, u = upper ? upper[i] : INFINITY;
    if (!(l <= u) || l == INFINITY || u == -INFINITY) return false;
  }
  return true;
}

void box_init(lbfgsb *s, const double *x, const double *lower, const double *upper) {
  double *l = put(s, s->at.lower), *u = put(s, s->at.upper), *start = put(s, s->at.x);
  s->constrained = false;
  s->boxed = true;
  for (size_t i = 0; i < s->n; i++) {
    l[i] = lower ? lower[i] : -INFINITY;
    u[i] = upper ? upper[i] : INFINITY;
    start[i] = clamp(x[i], l[i], u[i]);
    bool below = l[i] > -INFINITY, above = u[i] < INFINITY;
    s->constrained = s->constrained || below || above;
    s->boxed = s->boxed && below && above;
  }
}

void box_trial(lbfgsb *s, double step) {
  const double *l = get(s, s->at.lower), *u = get(s, s->at.upper);
  const double *x = get(s, s->at.x), *d = get(s, s->at.direction);
  double *trial = put(s, s->at.trial);
  for (size_t i = 0; i < s->n; i++) trial[i] = clamp(x[i] + step * d[i], l[i], u[i]);
}

direction_sums box_direction_begin(void) {
  return (direction_sums){.max_step = {STEP_LIMIT, STEP_LIMIT, STEP_LIMIT, STEP_LIMIT}};
}

void box_direction_rows(lbfgsb *s, size_t first, size_t rows, direction_sums *sums) {
  const double *l = get(s, s->at.lower), *u = get(s, s->at.upper);
  const double *x = get(s, s->at.x), *g = get(s, s->at.gradient);
  double *trial = put(s, s->at.trial), *direction = put(s, s->at.direction);
  lanes slope = LOAD(sums->slope), max_step = LOAD(sums->max_step);
  lane_mask projected = *(lane_mask *)sums->projected;
  for (size_t i = first; i < first + rows; i += LANES) {
    lanes x_i = LOAD(x + i), l_i = LOAD(l + i), u_i = LOAD(u + i), target = LOAD(trial + i);
    lanes inside = LESSER(GREATER(target, l_i), u_i);
    lanes d = inside - x_i;
    lanes room = SELECT(d < 0, l_i - x_i, u_i - x_i);
    lanes feasible = SELECT(d == 0, FILL(STEP_LIMIT), room / d);
    projected |= inside != target;
    max_step = LESSER(feasible, max_step);
    slope += LOAD(g + i) * d;
    STORE(trial + i, inside);
    STORE(direction + i, d);
  }
  STORE(sums->slope, slope);
  STORE(sums->max_step, max_step);
  *(lane_mask *)sums->projected = projected;
}

void box_direction_end(lbfgsb *s, const direction_sums *sums) {
  s->slope = lanes_sum(sums->slope);
  s->max_step = lanes_min(sums->max_step);
  s->projected = sums->projected[0] || sums->projected[1] || sums->projected[2] || sums->projected[3];
}
