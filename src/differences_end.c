/* differences_end.c - what central differences, which tell second derivatives too, say of the way to the
 * minimum (METHOD.md, (52), (53)). */
#include "box.h"
#include "differences.h"

static const double NEAREST = 5e-10; /* of its size: a variable so near to its minimum is at it */

/* room_along = how far variable i, which is x, may go along the slope g. */
static double room_along(const lbfgsb_solver *s, size_t i, double x, double g) {
  return fabs(bound_ahead(x, g, lower_of(s, i), upper_of(s, i)) - x);
}

bool differences_are_held(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  if (d->method != LBFGSB_AUTO || d->pending != LBFGSB_REFINE) return false;
  double x = lbfgsb_iterate(s)[i], g = lbfgsb_gradient(s)[i];
  return room_along(s, i, x, g) == 0 && fabs(g) * scale_of(s, i) > s->run.rough;
}

/* Tells whether neither slope nor curvature keeps a variable where it is; of one that f does not depend on
 * that is said at the start alone. */
static bool is_unkept(const lbfgsb_solver *s, double g, double c) {
  return g == 0 && (s->run.iterations == 0 ? c <= 0 : c < 0);
}

/* Tells whether a bound holds a variable where it began, by a slope that may be of noise. */
static bool is_held_at_start(const lbfgsb_solver *s, size_t i, double x, double g) {
  return g != 0 && get(s, s->plateau.start)[i] * scale_of(s, i) == x && room_along(s, i, x, g) == 0;
}

/* Tells whether f is to be asked beside the variable before the run ends: METHOD.md (63). */
static bool is_to_be_asked(const lbfgsb_solver *s, size_t i, double x, double g, double c) {
  bool is_free = lower_of(s, i) < upper_of(s, i);
  return is_free && (is_unkept(s, g, c) || is_held_at_start(s, i, x, g));
}

bool differences_are_settled(const lbfgsb_differences *d, const lbfgsb_solver *s, const double *x) {
  const double *gradient = get_array(d, ARRAY_GRADIENT), *curvature = get_array(d, ARRAY_CURVATURE);
  for (size_t i = 0; i < d->n; i++) {
    double nearest = NEAREST * curvature[i] * differences_size(s, i, x[i]);
    if (is_to_be_asked(s, i, x[i], gradient[i], curvature[i])) return false;
    if (room_along(s, i, x[i], gradient[i]) > 0 && !(fabs(gradient[i]) <= nearest)) return false;
  }
  return true;
}

/* True if the last gradient is the iterate's: that of a trial which is refused tells nothing of it. */
static bool is_of_iterate(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  size_t i = 0;
  while (i < d->n && get_array(d, ARRAY_GRADIENT)[i] == lbfgsb_gradient(s)[i]) i++;
  return i == d->n;
}

bool differences_end_run(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  return d->settled && is_of_iterate(d, s) && differences_are_settled(d, s, lbfgsb_iterate(s));
}

/* gain_along = how far f may fall along variable i alone: to the minimum of its parabola, or to the bound. */
static double gain_along(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  double g = get_array(d, ARRAY_GRADIENT)[i], c = get_array(d, ARRAY_CURVATURE)[i];
  double room = room_along(s, i, base(d, s)[i], g), step = c > 0 ? fmin(fabs(g / c), room) : room;
  return g == 0 || room == 0 ? 0 : fabs(g) * step - c * step * step / 2;
}

double differences_gain(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  double sum = 0;
  for (size_t i = 0; i < d->n; i++) sum += gain_along(d, s, i);
  return isnan(sum) ? INFINITY : sum;
}
