/* growth.c - how far variables that began at 0 have to go, in units of the sizes that slopes have told there.
 * METHOD.md (80), (82). */
#include "growth.h"

#include "box.h"
#include "iterate.h"
#include "order.h"
#include "pairs.h"
#include "scales.h"
#include "step.h"

static const double LOST_SLOPE = 1e-6; /* of that at the start: there is none any more */
static const double RECALL = 0x1p-4;   /* of such a variable's unit, 2^-8 of its step; */
enum { SOON = 10 };                    /* within so many evaluations */

/* The ways of variables that began at 0 from there to their own minima, log2, by the newest pair. */
typedef struct {
  double log_sum, count;
} ways;

static void add_way(const lbfgsb_solver *s, size_t i, ways *to) {
  double x = get(s, s->iterate.x)[i], g = get(s, s->iterate.gradient)[i];
  size_t stride, slot = pairs_newest(s);
  const double *row = order_row(s, i, &stride);
  double y = row[2 * slot * stride], step = row[(2 * slot + 1) * stride];
  if (!(y * step > 0)) return;
  to->log_sum += log2(fabs(x) + fabs(g * step / y));
  to->count++;
}

/* True if some variable that is free began elsewhere. */
static bool has_others(const lbfgsb_solver *s) {
  const double *start = get(s, s->plateau.start);
  for (size_t i = 0; i < s->layout.n; i++)
    if (!scales_is_zero(start[i]) && scales_is_free(s, i)) return true;
  return false;
}

/* mean_way = their geometric mean; 1 without any, or where all variables began at 0: then the way of the
 * first step is right, whatever its length. */
static double mean_way(const lbfgsb_solver *s) {
  const double *start = get(s, s->plateau.start);
  ways found = {0, 0};
  for (size_t i = 0; i < s->layout.n; i++)
    if (scales_is_zero(start[i])) add_way(s, i, &found);
  return found.count > 0 && has_others(s) ? exp2(found.log_sum / found.count) : 1;
}

double growth_of_zeros(const lbfgsb_solver *s) {
  bool is_first = s->run.iterations == 1 && s->pairs.count == 1 && s->layout.n <= MANY_VARIABLES;
  return is_first ? greater(scales_power_of_two(mean_way(s)), 1) : 1;
}

/* lost_part = the part of its slope at the start below which a variable has none any more: by as much less as
 * f itself is. */
static double lost_part(const lbfgsb_solver *s, double value) {
  return LOST_SLOPE * lesser(fabs(value) / fabs(s->run.value), 1);
}

/* True if variable i goes from 0 to where f is not defined, or where by the gradient there less than such a
 * part of its slope is left. */
static bool is_lost(const lbfgsb_solver *s, size_t i, const double *gradient, double part) {
  double x = get(s, s->iterate.x)[i];
  bool moves = get(s, s->direction.trial)[i] != x && scales_is_zero(x);
  return moves && (!gradient || fabs(gradient[i]) < part * fabs(get(s, s->iterate.gradient)[i]));
}

bool growth_recall_zeros(lbfgsb_solver *s, double value, const double *gradient) {
  bool may_recall = s->options.rescale && s->options.confirm && !(s->run.rough > 0);
  bool found = false;
  if (!may_recall || s->run.iterations > 0 || s->run.evaluations > SOON) return false;
  if (!gradient && !has_others(s)) return false; /* a shorter step of all is as good */
  double part = gradient ? lost_part(s, value) : 1;
  for (size_t i = 0; i < s->layout.n; i++)
    if (is_lost(s, i, gradient, part)) found = scales_change_unit(s, i, RECALL) || found;
  if (!found) return false;
  box_look_again(s);
  iterate_absorb(s, get(s, s->iterate.gradient), 0);
  step_assume_scale(s);
  return true;
}
