/* told.c - the gradient that the caller tells, as the solver takes it. */
#include "told.h"

#include <string.h>

#include "box.h"

/* True if the slope g at x is infinite and leads out of the box. */
static bool leads_out(double x, double g, double lower, double upper) {
  return isinf(g) && bound_ahead(x, g, lower, upper) == x;
}

static bool is_infinite(const double *g, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (isinf(g[i])) return true;
  return false;
}

/* in_place_of = what an infinite slope g is taken as where the slope at the iterate was `before`. */
static double in_place_of(double g, double before) {
  return before != 0 && (before > 0) == (g > 0) ? before : copysign(1, g);
}

const double *told_gradient(lbfgsb_solver *s, const double *gradient) {
  if (!s->options.confirm || !is_infinite(gradient, s->layout.n)) return gradient;
  const double *l = get(s, s->box.lower), *u = get(s, s->box.upper), *x = get(s, s->direction.trial);
  const double *before = get(s, s->iterate.gradient);
  bool known = s->run.phase != PHASE_START;
  double *out = put(s, s->told.gradient);
  for (size_t i = 0; i < s->layout.n; i++)
    out[i] = !leads_out(x[i], gradient[i], l[i], u[i]) ? gradient[i]
                                                       : in_place_of(gradient[i], known ? before[i] : 0);
  return out;
}

const double *told_zero(lbfgsb_solver *s) {
  double *out = put(s, s->told.gradient);
  memset(out, 0, s->layout.n * sizeof(double));
  return out;
}
