/* curvature.c - second derivatives at the start along variables that began at 0, asked for where the first
 * search shows that slopes alone have misled. METHOD.md (83). */
#include "curvature.h"

#include "box.h"
#include "direction.h"
#include "evidence.h"
#include "growth.h"
#include "iterate.h"
#include "scales.h"

static const double CLOSE = 0x1p-20; /* to the start, in the variable's unit */
enum { MOST = 128 };                 /* variables asked about, one value and gradient each, */
enum { PART = 4 };                   /* where one of so many has lost its slope: of many some do by chance */

/* step_aside = to where the gradient is asked for along variable i, inside the box; 0 without room. */
static double step_aside(const lbfgsb_solver *s, size_t i) {
  double x = get(s, s->iterate.x)[i], l = get(s, s->box.lower)[i], u = get(s, s->box.upper)[i];
  return u - x >= CLOSE ? CLOSE : x - l >= CLOSE ? -CLOSE : 0;
}

/* True if variable i begins at 0, from where its slope is to lead it. */
static bool is_from_zero(const lbfgsb_solver *s, size_t i) {
  double x = get(s, s->iterate.x)[i], l = get(s, s->box.lower)[i], u = get(s, s->box.upper)[i];
  bool leads_on = bound_ahead(x, get(s, s->iterate.gradient)[i], l, u) != x;
  return scales_is_zero(x) && leads_on && step_aside(s, i) != 0;
}

static size_t count_zeros(const lbfgsb_solver *s) {
  size_t zeros = 0;
  for (size_t i = 0; i < s->layout.n; i++) zeros += is_from_zero(s, i);
  return zeros;
}

bool curvature_may_be_wanted(const lbfgsb_solver *s) {
  bool is_first = s->run.iterations == 0 && !s->curvature.asked;
  if (!s->options.rescale || !is_first || !evidence_is_by_slopes(s)) return false;
  size_t zeros = count_zeros(s);
  return zeros > 0 && zeros <= MOST;
}

bool curvature_is_wanted(const lbfgsb_solver *s, double value, const double *gradient) {
  size_t lost = 0;
  if (!curvature_may_be_wanted(s)) return false;
  for (size_t i = 0; i < s->layout.n; i++)
    lost += is_from_zero(s, i) && growth_is_lost(s, i, value, gradient);
  return lost > 0 && PART * lost >= count_zeros(s);
}

bool curvature_ask(lbfgsb_solver *s, size_t first) {
  size_t i = first;
  s->curvature.asked = true;
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
  if (!s->curvature.asked || i == s->layout.n || !is_from_zero(s, i)) return false;
  const double *x = get(s, s->iterate.x), *trial = get(s, s->direction.trial);
  bool is_alone = true;
  for (size_t j = i + 1; j < s->layout.n; j++) is_alone = is_alone && trial[j] == x[j];
  return is_alone && trial[i] == x[i] + step_aside(s, i);
}
