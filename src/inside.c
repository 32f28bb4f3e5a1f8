/* inside.c - the way into the box of a variable that began at its bound and has not left it: where f is
 * infinitely steep there, as of a proportion at 0, its unit may be so small that f is level along it.
 * METHOD.md (85). */
#include "inside.h"

#include <math.h>

#include "box.h"
#include "direction.h"
#include "evidence.h"
#include "plateau.h"
#include "scales.h"

static const double CLOSE = 0x1p-19; /* part of the width of its box: so close to its bound, in such units */
static const double WIDE = 0x1p20;   /* a box in the caller's units may stand for none */
static const double UNIT = 0x1p-7;   /* of the width, once it has left the bound */
enum { POINTS = 3 };                 /* asked about, at 2^-7, 2^-13 and 2^-19 of the width */

static double width(const lbfgsb_solver *s, size_t i) {
  return get(s, s->box.upper)[i] - get(s, s->box.lower)[i];
}

/* True if variable i began close to a bound of its box, and has so small a unit. */
static bool begins_close(const lbfgsb_solver *s, size_t i, double *bound) {
  double start = get(s, s->plateau.start)[i], close = CLOSE * width(s, i);
  bool low = start - get(s, s->box.lower)[i] <= close;
  *bound = get(s, low ? s->box.lower : s->box.upper)[i];
  bool is_small = close >= 1 && width(s, i) * get(s, s->scales.scale)[i] <= WIDE;
  return is_small && fabs(start - *bound) <= close;
}

double inside_way(const lbfgsb_solver *s, size_t i) {
  double x = get(s, s->iterate.x)[i], bound, way = width(s, i);
  if (!begins_close(s, i, &bound) || fabs(x - bound) > CLOSE * way) return 0;
  return bound == get(s, s->box.lower)[i] ? way : -way;
}

void inside_leave(lbfgsb_solver *s) {
  double bound;
  for (size_t i = 0; i < s->layout.n; i++)
    if (begins_close(s, i, &bound) && inside_way(s, i) == 0)
      scales_change_unit(s, i, scales_power_of_two(UNIT * width(s, i)));
  box_look_again(s);
}

static bool is_any_close(const lbfgsb_solver *s) {
  size_t i = 0;
  while (i < s->layout.n && inside_way(s, i) == 0) i++;
  return i < s->layout.n;
}

bool inside_ask(lbfgsb_solver *s) {
  if (s->inside.asked == POINTS || !plateau_may_return(s) || !is_any_close(s)) return false;
  direction_inside(s, ldexp(1, -1 - 6 * (int)++s->inside.asked));
  return true;
}

bool inside_hear(const lbfgsb_solver *s, double value) {
  return value < s->run.value - evidence_clear_gain(s);
}

bool inside_valid(const lbfgsb_solver *s) { return s->inside.asked <= POINTS; }
