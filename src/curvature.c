/* curvature.c - second derivatives at the start along variables that began at 0, asked for where the first
 * search shows that slopes alone have misled. METHOD.md (83). */
#include "curvature.h"

#include "box.h"
#include "direction.h"
#include "evidence.h"
#include "iterate.h"
#include "scales.h"

static const double LOST_SLOPE = 1e-3; /* of that at the start: there is hardly any left */
static const double CLOSE = 0x1p-20;   /* to the start, in the variable's unit */
enum { MOST = 128 };                   /* variables asked about, one gradient each */

/* step_aside = to where the gradient is asked for along variable i, inside the box; 0 without room. */
static double step_aside(const lbfgsb_solver *s, size_t i) {
  double x = get(s, s->iterate.x)[i], l = get(s, s->box.lower)[i], u = get(s, s->box.upper)[i];
  return u - x >= CLOSE ? CLOSE : x - l >= CLOSE ? -CLOSE : 0;
}

static bool is_from_zero(const lbfgsb_solver *s, size_t i) {
  return scales_is_zero(get(s, s->iterate.x)[i]) && step_aside(s, i) != 0;
}

/* True if there are some, but not too many. */
static bool may_ask(const lbfgsb_solver *s) {
  size_t zeros = 0;
  for (size_t i = 0; i < s->layout.n; i++) zeros += is_from_zero(s, i);
  return zeros > 0 && zeros <= MOST;
}

/* True at the trials of the first search, if nothing has been asked since the start. */
static bool is_first_search(const lbfgsb_solver *s) {
  return s->run.iterations == 0 && s->run.evaluations == s->run.trials + 2;
}

bool curvature_is_wanted(const lbfgsb_solver *s, double value, const double *gradient) {
  const double *g = get(s, s->iterate.gradient), *x = get(s, s->iterate.x);
  const double *trial = get(s, s->direction.trial);
  double part = LOST_SLOPE * lesser(fabs(value) / fabs(s->run.value), 1); /* by as much less as f itself is */
  if (!s->options.rescale || !is_first_search(s) || !evidence_is_by_slopes(s)) return false;
  for (size_t i = 0; i < s->layout.n; i++)
    if (is_from_zero(s, i) && trial[i] != x[i] && fabs(gradient[i]) < part * fabs(g[i])) return may_ask(s);
  return false;
}

bool curvature_ask(lbfgsb_solver *s, size_t first) {
  size_t i = first;
  while (i < s->layout.n && !is_from_zero(s, i)) i++;
  box_look_again(s);
  iterate_absorb(s, get(s, s->iterate.gradient), 0);
  if (i == s->layout.n) return false;
  direction_next_to(s, i, step_aside(s, i));
  return true;
}

size_t curvature_asked(const lbfgsb_solver *s) {
  const double *x = get(s, s->iterate.x), *trial = get(s, s->direction.trial);
  size_t i = 0;
  while (i < s->layout.n && trial[i] == x[i]) i++;
  return i;
}

void curvature_hear(lbfgsb_solver *s, const double *gradient) {
  size_t i = curvature_asked(s);
  double g = get(s, s->iterate.gradient)[i], c = (gradient[i] - g) / step_aside(s, i);
  scales_change_unit(s, i, lesser(scales_power_of_two(fabs(g / c)), 1));
}

bool curvature_valid(const lbfgsb_solver *s) {
  size_t i = curvature_asked(s);
  if (s->run.iterations > 0 || i == s->layout.n || !is_from_zero(s, i)) return false;
  const double *x = get(s, s->iterate.x), *trial = get(s, s->direction.trial);
  bool is_alone = true;
  for (size_t j = i + 1; j < s->layout.n; j++) is_alone = is_alone && trial[j] == x[j];
  return is_alone && trial[i] == x[i] + step_aside(s, i);
}
