/* box.c - the box l <= x <= u. */
#include "state.h"

bool box_valid(size_t n, const double *lower, const double *upper) {
  for (size_t i = 0; i < n; i++) {
    double l = lower ? lower[i] : -INFINITY, u = upper ? upper[i] : INFINITY;
    if (!(l <= u) || l == INFINITY || u == -INFINITY) return false;
  }
  return true;
}

/* -0 becomes 0, so that no difference of numbers in the box is -0. */
void box_init(lbfgsb_solver *s, const double *x, const double *lower, const double *upper) {
  double *l = put(s, s->at.lower), *u = put(s, s->at.upper), *start = put(s, s->at.x);
  s->constrained = false;
  s->boxed = s->same_lower = s->same_upper = true;
  for (size_t i = 0; i < s->n; i++) {
    l[i] = (lower ? lower[i] : -INFINITY) + 0.0;
    u[i] = (upper ? upper[i] : INFINITY) + 0.0;
    start[i] = clamp(x[i], l[i], u[i]) + 0.0;
    bool below = l[i] > -INFINITY, above = u[i] < INFINITY;
    s->constrained = s->constrained || below || above;
    s->boxed = s->boxed && below && above;
    s->same_lower = s->same_lower && l[i] == l[0];
    s->same_upper = s->same_upper && u[i] == u[0];
  }
  for (size_t i = s->n; i < pad_rows(s->n); i++) l[i] = u[i] = start[i] = 0;
}

/* A row whose largest feasible step is reached stands on its bound to the bit. */
static void trial_chunk(lbfgsb_solver *s, size_t chunk, const void *at) {
  const double *l = get(s, s->at.lower), *u = get(s, s->at.upper);
  const double *x = get(s, s->at.x), *d = get(s, s->at.direction);
  double *trial = put(s, s->at.trial), step = *(const double *)at;
  for (size_t i = chunk_begin(s, chunk); i < chunk_begin(s, chunk + 1); i++) {
    double bound = d[i] < 0 ? l[i] : u[i];
    bool reached = d[i] != 0 && (bound - x[i]) / d[i] <= step;
    trial[i] = reached ? bound : clamp(x[i] + step * d[i], fmax(l[i], -DBL_MAX), fmin(u[i], DBL_MAX));
  }
}

void box_trial(lbfgsb_solver *s, double step) { each_chunk(s, trial_chunk, &step); }

void box_direction_begin(lbfgsb_solver *s, size_t chunk) {
  sums_of(s, chunk)->direction =
      (direction_sums){.max_step = {STEP_LIMIT, STEP_LIMIT, STEP_LIMIT, STEP_LIMIT}};
}

void box_direction_end(lbfgsb_solver *s) {
  s->slope = 0;
  s->max_step = INFINITY;
  s->projected = false;
  for (size_t chunk = 0; chunk < chunk_count(s->n, s->capacity); chunk++) {
    const direction_sums *sums = &sums_of(s, chunk)->direction;
    s->slope += lanes_sum(sums->slope);
    s->max_step = lesser(s->max_step, lanes_min(sums->max_step));
    s->projected = s->projected || lanes_any(sums->projected);
  }
}

typedef struct {
  block_point *point;
  const void *what;
} direction_pass;

static void direction_chunk(lbfgsb_solver *s, size_t chunk, const void *to) {
  const direction_pass *pass = to;
  box_direction_begin(s, chunk);
  for (size_t first = chunk_begin(s, chunk); first < chunk_begin(s, chunk + 1); first += BLOCK_ROWS) {
    box_rows at = get_rows(s, first);
    pass->point(s, first, pass->what);
    kernel_direction(&at, put(s, s->at.trial) + first, put(s, s->at.direction) + first,
                     &sums_of(s, chunk)->direction);
  }
}

void box_direction(lbfgsb_solver *s, block_point *point, const void *what) {
  const direction_pass pass = {point, what};
  each_chunk(s, direction_chunk, &pass);
  box_direction_end(s);
}
