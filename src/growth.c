/* growth.c - how far variables that began at 0 have to go, in units of the sizes that slopes have told there.
 * METHOD.md (80), (82). */
#include "growth.h"

#include <math.h>

#include "box.h"
#include "iterate.h"
#include "order.h"
#include "pairs.h"
#include "scales.h"
#include "step.h"

static const double LOST_SLOPE = 1e-3; /* of that at the start: there is hardly any left, */
static const double CHANCE = 0.1;      /* at most, that one is */
enum { SOON = 10 };                    /* within so many evaluations, but for the questions of curvature.c */
static const double RECALL = 0x1p-4;   /* of such a variable's unit, 2^-8 of its step */
static const double FAR = 0.1;         /* of another variable's unit */
enum { IN_VAIN = 4 }; /* trials for which no such variable is to blame, if the next is no better */
enum { BACK = 4 };    /* RECALL = 2^-BACK */
static const double GIVE_BACK = 0x1p16; /* RECALL^-IN_VAIN */

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

/* ---- By the first trials ------------------------------------------------------------------------ */

static bool goes_from_zero(const lbfgsb_solver *s, size_t i) {
  double x = get(s, s->iterate.x)[i];
  return scales_is_zero(x) && get(s, s->direction.trial)[i] != x;
}

/* A slope that is less as f is less is not lost. Of n slopes some are small as they have just gone through 0:
 * one of less than a part p of what it was by a chance of about n p. */
static bool has_lost_slope(const lbfgsb_solver *s, size_t i, double value, const double *gradient) {
  double part =
      lesser(LOST_SLOPE, CHANCE / (double)s->layout.n) * lesser(fabs(value) / fabs(s->run.value), 1);
  return fabs(gradient[i]) < part * fabs(get(s, s->iterate.gradient)[i]);
}

bool growth_is_lost(const lbfgsb_solver *s, size_t i, double value, const double *gradient) {
  return goes_from_zero(s, i) && has_lost_slope(s, i, value, gradient);
}

/* True if another variable has gone far for its size, to where it has lost its slope. */
static bool is_far_off(const lbfgsb_solver *s, size_t i, double value, const double *gradient) {
  double x = get(s, s->iterate.x)[i], step = get(s, s->direction.trial)[i] - x;
  return !scales_is_zero(x) && fabs(step) > FAR && has_lost_slope(s, i, value, gradient);
}

static bool may_recall(const lbfgsb_solver *s) {
  return s->options.rescale && s->options.confirm && s->run.iterations == 0;
}

/* Makes a fresh start with other units, if any is another. */
static bool begin_anew(lbfgsb_solver *s, bool found) {
  if (!found) return false;
  box_look_again(s);
  iterate_absorb(s, get(s, s->iterate.gradient), 0);
  step_assume_scale(s);
  return true;
}

/* True if a variable that began at 0 has lost its slope. */
static bool has_lost_zero(const lbfgsb_solver *s, double value, const double *gradient) {
  for (size_t i = 0; i < s->layout.n; i++)
    if (growth_is_lost(s, i, value, gradient)) return true;
  return false;
}

static bool is_late(const lbfgsb_solver *s) {
  return s->run.evaluations > (s->curvature.asked ? SOON + s->layout.n : SOON);
}

/* Where the units of those that began at 0 were taken back in vain, so often or so long, they are not to
 * blame. */
static bool gives_back(const lbfgsb_solver *s) { return s->growth.recalls == IN_VAIN || is_late(s); }

/* recall = what the unit of a variable is to be multiplied by. */
static double recall(const lbfgsb_solver *s, size_t i, double value, const double *gradient) {
  size_t before = s->growth.recalls;
  if (!growth_is_lost(s, i, value, gradient))
    return !is_late(s) && is_far_off(s, i, value, gradient) ? RECALL : 1;
  if (before > IN_VAIN) return 1;
  return gives_back(s) ? ldexp(1, BACK * (int)before) : RECALL;
}

bool growth_recall_level(lbfgsb_solver *s, double value, const double *gradient) {
  bool found = false, ends = gives_back(s);
  if (!may_recall(s) || !has_lost_zero(s, value, gradient)) return false;
  for (size_t i = 0; i < s->layout.n; i++) {
    double factor = recall(s, i, value, gradient);
    if (factor != 1) found = scales_change_unit(s, i, factor) || found;
  }
  if (found) s->growth.recalls = ends ? IN_VAIN + 1 : s->growth.recalls + 1;
  return begin_anew(s, found);
}

bool growth_recall_undefined(lbfgsb_solver *s) {
  const line_search *search = &s->run.search;
  size_t trials = s->run.evaluations - 1;
  bool none_defined = search->best.step == 0 && !search->bracketed && !s->curvature.asked, found = false;
  double factor = trials > IN_VAIN ? GIVE_BACK : RECALL;
  if (!may_recall(s) || !none_defined || trials > IN_VAIN + 1 || !has_others(s)) return false;
  for (size_t i = 0; i < s->layout.n; i++)
    if (goes_from_zero(s, i)) found = scales_change_unit(s, i, factor) || found;
  return begin_anew(s, found);
}
