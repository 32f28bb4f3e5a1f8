/* fold.c - variables in which f is even, as a standard deviation: at 0, where they have come to, the slope is
 * 0 even if f falls from there. METHOD.md (63). */
#include "fold.h"

#include "box.h"
#include "direction.h"
#include "evidence.h"
#include "plateau.h"
#include "stop.h"

static const double NEXT_TO = 1e-4;  /* of its way back to the start: a variable so close to a bound, or 0 */
enum { VARIABLES = 10, POINTS = 4 }; /* asked about, and where each, at most */
static const double PARTS[POINTS] = {0.1, 0.01, 1e-3, 1e-4}; /* of that way */
static const double KEEPS = 30; /* times what counts: a slope along which f rises by more keeps a variable */
static const double QUADRATIC = 1.0 / 200; /* of the rise before: one of no less is that of a minimum */

/* Tells whether variable i has come to its bound, or to 0, where no slope keeps it. */
static bool is_level(const lbfgsb_solver *s, size_t i) {
  double x = get(s, s->iterate.x)[i], way = get(s, s->plateau.start)[i] - x;
  double lower = get(s, s->box.lower)[i], upper = get(s, s->box.upper)[i];
  double away = fmin(fabs(x), fmin(x - lower, upper - x)), rise = get(s, s->iterate.gradient)[i] * way;
  return way != 0 && away <= NEXT_TO * fabs(way) && PARTS[0] * rise <= KEEPS * evidence_least_gain(s);
}

/* level_variable = the k-th such variable, n where there is none. */
static size_t level_variable(const lbfgsb_solver *s, size_t k) {
  size_t i = 0;
  while (i < s->layout.n && (!is_level(s, i) || k-- > 0)) i++;
  return i;
}

bool fold_ask(lbfgsb_solver *s) {
  size_t k = s->fold.asked / POINTS, point = s->fold.asked % POINTS;
  size_t i = k < VARIABLES && plateau_may_return(s) ? level_variable(s, k) : s->layout.n;
  if (i == s->layout.n) return false;
  s->fold.asked++;
  direction_back(s, i, PARTS[point]);
  return true;
}

/* Where f rises as at a minimum, or its change is lost in rounding, closer points tell no more. */
bool fold_hear(lbfgsb_solver *s, double value) {
  double rise = value - s->run.value, before = s->fold.rise;
  size_t point = (s->fold.asked - 1) % POINTS;
  bool is_minimum = fabs(rise) <= stop_hidden_change(s) || (point > 0 && rise >= QUADRATIC * before);
  if (is_minimum) s->fold.asked += POINTS - 1 - point;
  s->fold.rise = rise;
  return rise < -evidence_clear_gain(s);
}

bool fold_valid(const lbfgsb_solver *s) { return s->fold.asked <= POINTS * VARIABLES; }
