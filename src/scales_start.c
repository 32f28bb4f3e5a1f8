/* scales_start.c - the variables' scales at the start: by the start itself, the box, and what the first
 * gradient tells, or second differences. METHOD.md (48), (49), (57), (58), (62), (68), (73), (88). */
#include "box.h"
#include "chunks.h"
#include "iterate.h"
#include "logs.h"
#include "scales.h"

static const double NEGLIGIBLE = 0x1p-32; /* beside others: so small a slope may be rounding */
static const double CAUTION = 0x1p-4;     /* of |f|, which the step from a start at 0 is to change it by */
static const double MODEST = 2; /* log2: by what each of several of no known size is to promise less */
static const double REST =
    0x1p-26;                       /* so small a value at the start may be what rounding has left of others */
static const double NEWTONS = 8;   /* steps along a variable that matters little yet: the most its unit is */
static const double EVEN = 0x1p-6; /* of x: so close to it is the way to the minimum of an even f */
static const double SHORTEST = 0x1p-20; /* if a size by it is so small */
static const double WIDE = 2;           /* a box, in units of the scale: it has not told that */
static const double ENDLESS = 0x1p100;  /* a box that tells none */
static const double STEEP = 0x1p13;     /* times |f|: a slope over the width of a box that is no size */
static const double HUGE_UNIT = 0x1p20; /* where f is 0, so that no slope is steep beside it */
static const double SHORTER = 0x1p-20;  /* unit, in place of that */

static void add_log(logs *m, double v) {
  if (v != 0 && fabs(v) < INFINITY) logs_add(m, log2(fabs(v)));
}

/* True of many sizes that differ by no more than chance: they are taken to be the same. */
static bool are_alike(const lbfgsb_solver *s, logs sizes) {
  return s->layout.n > MANY_VARIABLES && logs_are_alike(sizes);
}

/* width = that of variable i's box; infinite where it is out of all proportion. */
static double width(const lbfgsb_solver *s, size_t i) {
  double width = get(s, s->box.upper)[i] - get(s, s->box.lower)[i];
  return width < ENDLESS ? width : INFINITY;
}

void scales_set_size(lbfgsb_solver *s, size_t i, double size) {
  if (size < INFINITY) scales_change_unit(s, i, scales_power_of_two(fmin(size, width(s, i))));
}

/* size_at_start = the smaller of |x| and the width of the box; infinite where neither says anything. */
static double size_at_start(const lbfgsb_solver *s, size_t i) {
  double x = fabs(get(s, s->iterate.x)[i]), w = width(s, i);
  return fmin(scales_is_zero(x) ? INFINITY : x, w > 0 ? w : INFINITY);
}

void scales_init(lbfgsb_solver *s) {
  double *scale = put(s, s->scales.scale);
  for (size_t i = 0; i < pad_rows(s->layout.n); i++) scale[i] = 1;
  if (!s->options.rescale) return;
  logs sizes = NO_LOGS;
  for (size_t i = 0; i < s->layout.n; i++)
    if (width(s, i) > 0) add_log(&sizes, size_at_start(s, i));
  double common = are_alike(s, sizes) ? exp2(logs_mean(sizes)) : 0;
  for (size_t i = 0; i < s->layout.n; i++) {
    double size = size_at_start(s, i);
    scales_change_unit(s, i, scales_power_of_two(common > 0 && size < INFINITY ? common : size));
  }
  box_look_again(s);
}

bool scales_are_unknown(const lbfgsb_solver *s, size_t i) {
  double w = width(s, i);
  bool is_told = s->layout.n > MANY_VARIABLES && w <= WIDE;
  return s->options.rescale && scales_is_zero(get(s, s->plateau.start)[i]) && w > 0 && !is_told;
}

bool scales_refute_width(lbfgsb_solver *s, size_t i, double slope, double f) {
  double scale = get(s, s->scales.scale)[i], w = width(s, i);
  bool by_width = s->options.rescale && scales_is_zero(get(s, s->iterate.x)[i]) && w > 0 && w < INFINITY;
  bool steep = f != 0 ? !(fabs(slope) * scale <= STEEP * fabs(f)) : isnan(slope) || scale > HUGE_UNIT;
  return by_width && steep && scales_change_unit(s, i, SHORTER);
}

/* negligible = the part of the others below which a slope may be rounding; one by differences is 0 then. */
static double negligible(const lbfgsb_solver *s) { return s->run.trial_error > 0 ? 0 : NEGLIGIBLE; }

/* small_part = log2 of a small part of |f|, which a variable of no known size is to change it by: how far f
 * is defined nothing tells. */
static double small_part(double f) { return log2(CAUTION * fabs(f)); }

/* True if slope and second derivative at x (all the caller's) tell how far the minimum is: not where f bends
 * downwards, nor where it is even in x, so that its slope is c x. */
static bool tell_way(double x, double slope, double c) {
  return c > 0 && fabs(slope / c - x) > EVEN * fabs(x);
}

void scales_doubt(lbfgsb_solver *s, size_t i, double slope, double c, bool beside_others) {
  if (!s->options.rescale) return;
  double part = exp2(small_part(s->run.trial_value)), scale = get(s, s->scales.scale)[i];
  double size = fmin(part / fabs(slope), sqrt(part / fabs(c))), x = get(s, s->iterate.x)[i] * scale;
  if (beside_others && tell_way(x, slope, c)) size = fmin(size, fmax(NEWTONS * fabs(slope / c), scale));
  scales_set_size(s, i, size / scale);
}

static bool is_of(const lbfgsb_solver *s, size_t i, bool unknown) {
  return width(s, i) > 0 && scales_are_unknown(s, i) == unknown;
}

/* Of the variables whose scales are unknown, or are known, which can move and have a slope: the scales, and
 * the slopes in units of these and in the caller's. */
typedef struct {
  logs scales, slopes, callers;
} log_slopes;

static log_slopes look_at_slopes(const lbfgsb_solver *s, bool unknown) {
  const double *g = get(s, s->iterate.gradient), *scale = get(s, s->scales.scale);
  log_slopes found = {NO_LOGS, NO_LOGS, NO_LOGS};
  for (size_t i = 0; i < s->layout.n; i++) {
    if (!is_of(s, i, unknown) || g[i] == 0) continue;
    double slope = log2(fabs(g[i])), unit = ilogb(scale[i]);
    logs_add(&found.scales, unit);
    logs_add(&found.slopes, slope);
    logs_add(&found.callers, slope - unit);
  }
  return found;
}

bool scales_leave_rest(double f, double change, double slope) {
  return fabs(f) <= REST && !(change > SHORTEST * slope);
}

/* typical_slope = log2 of what that of a variable without a scale is to be: the mean of those that have one,
 * less if it is one of several, which would all move far; these may be at their minimum, so that part of |f|
 * if it is more, divided among many, or among more than a few where there are no others; the mean of all
 * where that is no more than rounding may have left. NaN where there is no slope to be compared with it. */
static double typical_slope(const lbfgsb_solver *s, logs known, logs unknown) {
  double others = logs_mean(known) - (unknown.count > 1 ? MODEST : 0);
  bool is_shared = s->layout.n > MANY_VARIABLES || (isnan(others) && unknown.count > FEW_SLOPES);
  double share = is_shared ? log2(unknown.count) : 0;
  double typical = fmax(others, small_part(s->run.value) - share);
  if (unknown.count == 0) return NAN;
  bool is_rest = scales_leave_rest(s->run.value, exp2(typical), exp2(unknown.greatest));
  return is_rest ? logs_mean(unknown) : typical;
}

/* Refutes the widths of boxes that have told sizes, where slopes are too steep for them; true if there are
 * any. */
static bool refute_widths(lbfgsb_solver *s) {
  bool refuted = false;
  for (size_t i = 0; i < s->layout.n; i++) {
    double slope = get(s, s->iterate.gradient)[i] / get(s, s->scales.scale)[i];
    if (!scales_are_unknown(s, i)) refuted = scales_refute_width(s, i, slope, s->run.value) || refuted;
  }
  return refuted;
}

/* Makes the scales of those that are unknown the same. */
static void set_all(lbfgsb_solver *s, double scale) {
  for (size_t i = 0; i < s->layout.n; i++)
    if (is_of(s, i, true)) scales_set_size(s, i, scale / get(s, s->scales.scale)[i]);
}

/* True of many variables of no known scale whose slopes are like those of others, which are of one scale. */
static bool are_as_others(const lbfgsb_solver *s, log_slopes unknown, log_slopes others) {
  bool have_one = others.scales.count > LOGS_SOME && logs_spread(others.scales) == 0;
  return unknown.scales.count > 0 && have_one && are_alike(s, logs_both(others.callers, unknown.callers));
}

/* Measures variables without a scale so that each has that slope, or all the mean one; one that is next to
 * nothing beside it says nothing. */
static void set_by_slopes(lbfgsb_solver *s, logs slopes, double typical) {
  bool alike = are_alike(s, slopes);
  for (size_t i = 0; i < s->layout.n; i++) {
    double slope = fabs(get(s, s->iterate.gradient)[i]), log = alike ? logs_mean(slopes) : log2(slope);
    bool has_size = scales_are_unknown(s, i) && (alike || slope > negligible(s) * exp2(typical));
    if (has_size) scales_set_size(s, i, exp2(typical - log));
  }
}

/* Finds the scales; true if any has been. */
static bool find_at_start(lbfgsb_solver *s) {
  if (s->scales.told) return false;
  s->scales.told = true;
  bool refuted = refute_widths(s);
  log_slopes unknown = look_at_slopes(s, true), others = look_at_slopes(s, false);
  double typical = typical_slope(s, others.slopes, unknown.slopes);
  if (isnan(typical)) return refuted;
  if (are_as_others(s, unknown, others))
    set_all(s, exp2(others.scales.greatest));
  else
    set_by_slopes(s, unknown.slopes, typical);
  return true;
}

/* change_by_slopes = log2 of T of (49), by the slopes of the variables that have a scale. */
static double change_by_slopes(const lbfgsb_solver *s, const double *slopes) {
  logs mean = NO_LOGS;
  for (size_t i = 0; i < s->layout.n; i++)
    if (!scales_are_unknown(s, i)) add_log(&mean, slopes[i] * get(s, s->scales.scale)[i]);
  return fmax(logs_mean(mean) - MODEST, small_part(s->run.trial_value));
}

/* mean_bend = log2 of sqrt|c| of the same; NaN of none. */
static double mean_bend(const lbfgsb_solver *s, const double *c) {
  logs mean = NO_LOGS;
  for (size_t i = 0; i < s->layout.n; i++)
    if (!scales_are_unknown(s, i)) add_log(&mean, sqrt(fabs(c[i])) * get(s, s->scales.scale)[i]);
  return logs_mean(mean);
}

/* promise_of = the root of what variable i promises by a parabola, g^2 / |c|; 0 if its bound holds it. */
static double promise_of(const lbfgsb_solver *s, size_t i, double slope, double c) {
  double x = get(s, s->iterate.x)[i], l = get(s, s->box.lower)[i], u = get(s, s->box.upper)[i];
  return c != 0 && bound_ahead(x, slope, l, u) != x ? fabs(slope) / sqrt(fabs(c)) : 0;
}

/* True if f bends downwards along the variable that promises most: it is far from a quadratic. */
static bool bends_down(const lbfgsb_solver *s, const double *slopes, const double *c) {
  double most = 0, bend = 0;
  for (size_t i = 0; i < s->layout.n; i++) {
    double promise = promise_of(s, i, slopes[i], c[i]);
    if (promise > most) bend = c[i];
    most = fmax(most, promise);
  }
  return bend < 0;
}

/* log2 of M, T and L of (57). */
typedef struct {
  double mean, change, level;
} log_measures;

static log_measures measure(const lbfgsb_solver *s, const double *slopes, const double *c) {
  logs mean = NO_LOGS;
  for (size_t i = 0; i < s->layout.n; i++)
    if (scales_are_unknown(s, i) && c[i] != 0) add_log(&mean, slopes[i] / sqrt(fabs(c[i])));
  double m = logs_mean(mean), change = change_by_slopes(s, slopes);
  return (log_measures){m, change, fmax(mean_bend(s, c), change - m)};
}

/* log_size = that of a variable by its slope and second derivative, where f bends downwards halfway to
 * Newton's step if that is less. */
static double log_size(const lbfgsb_solver *s, log_measures by, double slope, double c) {
  if (c == 0) return by.level - (log2(fabs(slope)) - by.mean);
  double size = fmin(by.level, by.change / 2) - log2(fabs(c)) / 2, newton = log2(fabs(slope / c));
  return s->scales.bent && slope != 0 ? (size + fmin(size, newton)) / 2 : size;
}

void scales_tell(lbfgsb_solver *s, const double *slopes, const double *c) {
  log_measures by = measure(s, slopes, c);
  s->scales.told = isfinite(by.mean) && isfinite(by.change);
  s->scales.bent = bends_down(s, slopes, c);
  for (size_t i = 0; i < s->layout.n; i++) {
    bool is_told = s->scales.told || (c[i] > 0 && slopes[i] == 0);
    double size = exp2(log_size(s, by, slopes[i], c[i]));
    if (is_told && scales_are_unknown(s, i)) scales_set_size(s, i, size / get(s, s->scales.scale)[i]);
  }
  box_look_again(s);
}

void scales_absorb(lbfgsb_solver *s, const double *gradient) {
  iterate_absorb(s, gradient, 0);
  if (s->run.iterations > 0 || !s->options.rescale) return;
  if (!find_at_start(s)) return;
  box_look_again(s);
  iterate_absorb(s, get(s, s->iterate.gradient), 0);
}

/* The unit is again the width of the box, or where that is infinite the caller's. */
void scales_forget(lbfgsb_solver *s) {
  if (s->run.iterations > 0) return;
  for (size_t i = 0; i < s->layout.n; i++) {
    double w = width(s, i), callers = 1 / get(s, s->scales.scale)[i];
    if (scales_are_unknown(s, i)) scales_set_size(s, i, w < INFINITY ? w : callers);
  }
  s->scales.told = s->scales.bent = false;
  box_look_again(s);
  iterate_absorb(s, get(s, s->iterate.gradient), 0);
}
