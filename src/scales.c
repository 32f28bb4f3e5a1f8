/* scales.c - the variables' scales. The run is one in z = x / scale, in which a change of 1 is to matter
 * about as much in each variable; so no other formula knows of them. They are powers of two, by which scaling
 * is exact, and other units of a variable change its scale and nothing else: in z all numbers are the same,
 * to the bit. A diagonal B0 in place of theta I would be other scales. METHOD.md (48) to (50), (57), (58),
 * (62), (68). */
#include "scales.h"

#include "box.h"
#include "chunks.h"
#include "direction.h"
#include "gram.h"
#include "iterate.h"
#include "order.h"
#include "pairs.h"
#include "plateau.h"

enum { FIRST_REVISION = 5 };        /* iteration, and the next ones at twice the number */
enum { MANY = 64 };                 /* variables, of more than which a few pairs tell too little, */
enum { SOME = 16 };                 /* and more sizes than that tell by their spread whether they differ: */
static const double CHANCE = 2.2;   /* of their logarithms to base 2; that of normal numbers is 1.6 */
static const double WORTHWHILE = 8; /* between the largest and the smallest factor of a revision */
static const double CLOSER = 1; /* log2, in the mean: what the older pairs are to tell of the newer ones */
static const double NEGLIGIBLE = 0x1p-32; /* beside others: so small a slope may be rounding */
static const double CAUTION = 0x1p-4;     /* of |f|, which the step from a start at 0 is to change it by */
static const double MODEST = 2;        /* log2: by what each of several of no known size is to promise less */
static const double WIDE = 2;          /* a box, in units of the scale: it has not told that */
static const double ENDLESS = 0x1p100; /* a box that tells none */
static const double STEEP = 0x1p13;    /* times |f|: a slope over the width of a box that is no size */
static const double SHORTER = 0x1p-20; /* unit, in place of that */
static const double LARGEST = 0x1p300; /* scale, and the inverse of the smallest */

/* power_of_two = that closest to v, by their ratio; 1 where v tells nothing. */
static double power_of_two(double v) {
  int exponent;
  if (!(v > 0) || v == INFINITY) return 1;
  double part = frexp(v, &exponent); /* v = part 2^exponent, 1/2 <= part < 1 */
  return fmin(fmax(ldexp(part * part < 0.5 ? 0.5 : 1, exponent), 1 / LARGEST), LARGEST);
}

/* True if nothing of the variable's is rounded in a unit `factor` times as large. */
static bool is_exact(const lbfgsb_solver *s, size_t i, double factor) {
  double l = get(s, s->box.lower)[i], u = get(s, s->box.upper)[i], x = get(s, s->iterate.x)[i];
  double scale = get(s, s->scales.scale)[i] * factor, g = get(s, s->iterate.gradient)[i];
  double start = get(s, s->plateau.start)[i];
  return start / factor * factor == start && l / factor * factor == l && u / factor * factor == u &&
         x / factor * factor == x && g * factor / factor == g && scale <= LARGEST && scale >= 1 / LARGEST;
}

/* Measures variable i in a unit `factor` times as large, a power of two: all that is kept of it follows. */
static void change_unit(lbfgsb_solver *s, size_t i, double factor) {
  if (factor == 1 || !is_exact(s, i, factor)) return;
  put(s, s->scales.scale)[i] *= factor;
  s->scales.used = true;
  box_rescale(s, i, factor);
  iterate_rescale(s, i, factor);
  direction_rescale(s, i, factor);
  plateau_rescale(s, i, factor);
  order_rescale(s, i, factor);
}

/* ---- At the start ----------------------------------------------------------------------------------- */

/* Of logarithms to base 2; the mean of none is NaN. */
typedef struct {
  double sum, squares, count;
} logs;

static void add_log(logs *m, double v) {
  if (v == 0 || fabs(v) == INFINITY) return;
  double log = log2(fabs(v));
  m->sum += log;
  m->squares += log * log;
  m->count++;
}
static double mean_of(logs m) { return m.sum / m.count; }
static double spread_of(logs m) { return sqrt(fmax(m.squares / m.count - mean_of(m) * mean_of(m), 0)); }

/* True of many sizes that differ by no more than chance: they are taken to be the same. */
static bool are_alike(const lbfgsb_solver *s, logs sizes) {
  return s->layout.n > MANY && sizes.count > SOME && spread_of(sizes) <= CHANCE;
}

/* width = that of variable i's box; infinite where it is out of all proportion. */
static double width(const lbfgsb_solver *s, size_t i) {
  double width = get(s, s->box.upper)[i] - get(s, s->box.lower)[i];
  return width < ENDLESS ? width : INFINITY;
}

/* Makes a size of variable i its unit, or the width of its box if that is smaller; one that is infinite or no
 * number tells nothing. */
static void set_size(lbfgsb_solver *s, size_t i, double size) {
  if (size < INFINITY) change_unit(s, i, power_of_two(fmin(size, width(s, i))));
}

/* size_at_start = the smaller of |x| and the width of the box; infinite where neither says anything. */
static double size_at_start(const lbfgsb_solver *s, size_t i) {
  double x = fabs(get(s, s->iterate.x)[i]), w = width(s, i);
  return fmin(x > 0 ? x : INFINITY, w > 0 ? w : INFINITY);
}

void scales_init(lbfgsb_solver *s) {
  double *scale = put(s, s->scales.scale);
  for (size_t i = 0; i < pad_rows(s->layout.n); i++) scale[i] = 1;
  s->scales.next_revision = FIRST_REVISION;
  if (!s->options.rescale) return;
  logs sizes = {0, 0, 0};
  for (size_t i = 0; i < s->layout.n; i++) add_log(&sizes, size_at_start(s, i));
  double common = are_alike(s, sizes) ? exp2(mean_of(sizes)) : 0;
  for (size_t i = 0; i < s->layout.n; i++) {
    double size = size_at_start(s, i);
    change_unit(s, i, power_of_two(common > 0 && size < INFINITY ? common : size));
  }
  box_look_again(s);
}

bool scales_are_unknown(const lbfgsb_solver *s, size_t i) {
  return s->options.rescale && get(s, s->iterate.x)[i] == 0 && width(s, i) > WIDE;
}

bool scales_refute_width(lbfgsb_solver *s, size_t i, double slope, double f) {
  double scale = get(s, s->scales.scale)[i], w = width(s, i);
  bool by_width = s->options.rescale && get(s, s->iterate.x)[i] == 0 && w > 0 && w < INFINITY;
  bool steep = f != 0 ? !(fabs(slope) * scale <= STEEP * fabs(f)) : isnan(slope);
  if (by_width && steep) change_unit(s, i, SHORTER);
  return get(s, s->scales.scale)[i] != scale;
}

/* negligible = the part of the others below which a slope may be rounding; one by differences is 0 then. */
static double negligible(const lbfgsb_solver *s) { return s->run.trial_error > 0 ? 0 : NEGLIGIBLE; }

/* small_part = log2 of a small part of |f|, which a variable of no known size is to change it by: how far f
 * is defined nothing tells. */
static double small_part(double f) { return log2(CAUTION * fabs(f)); }

void scales_doubt(lbfgsb_solver *s, size_t i, double slope, double c) {
  if (!s->options.rescale) return;
  double part = exp2(small_part(s->run.trial_value)), size = fmin(part / fabs(slope), sqrt(part / fabs(c)));
  set_size(s, i, size / get(s, s->scales.scale)[i]);
}

static bool is_of(const lbfgsb_solver *s, size_t i, bool unknown) {
  return width(s, i) > 0 && scales_are_unknown(s, i) == unknown;
}

/* Those of the slopes of the variables whose scales are unknown, or are known, which can move; without slopes
 * that may be rounding beside the largest of them. */
static logs log_slopes(const lbfgsb_solver *s, bool unknown) {
  const double *g = get(s, s->iterate.gradient);
  logs slopes = {0, 0, 0};
  double largest = 0;
  for (size_t i = 0; i < s->layout.n; i++)
    if (is_of(s, i, unknown)) largest = greater(largest, fabs(g[i]));
  for (size_t i = 0; i < s->layout.n; i++)
    if (is_of(s, i, unknown) && fabs(g[i]) > negligible(s) * largest) add_log(&slopes, g[i]);
  return slopes;
}

/* typical_slope = log2 of what that of a variable without a scale is to be: the mean of those that have one,
 * less if it is one of several, which would all move far; these may be at their minimum, so that part of |f|
 * if it is more, divided among many; the mean of all where f is 0 and none has one. NaN where there is no
 * slope to be compared with it. */
static double typical_slope(const lbfgsb_solver *s, logs unknown) {
  double share = s->layout.n > MANY ? log2(unknown.count) : 0;
  double known = mean_of(log_slopes(s, false)) - (unknown.count > 1 ? MODEST : 0);
  if (unknown.count == 0) return NAN;
  return isnan(known) && s->run.value == 0 ? mean_of(unknown) : fmax(known, small_part(s->run.value) - share);
}

/* Refutes the widths of boxes that have told sizes, where slopes are too steep for them. */
static void refute_widths(lbfgsb_solver *s) {
  for (size_t i = 0; i < s->layout.n; i++) {
    double slope = get(s, s->iterate.gradient)[i] / get(s, s->scales.scale)[i];
    if (!scales_are_unknown(s, i)) scales_refute_width(s, i, slope, s->run.value);
  }
}

/* Finds the scales; true if any has been. */
static bool find_at_start(lbfgsb_solver *s) {
  if (!s->options.rescale || s->scales.told) return false;
  s->scales.told = true;
  refute_widths(s);
  logs slopes = log_slopes(s, true); /* of those without a scale */
  double typical = typical_slope(s, slopes);
  if (isnan(typical)) return false;
  bool alike = are_alike(s, slopes);
  for (size_t i = 0; i < s->layout.n; i++) {
    double slope = fabs(get(s, s->iterate.gradient)[i]), log = alike ? mean_of(slopes) : log2(slope);
    bool has_size = scales_are_unknown(s, i) && (alike || slope > negligible(s) * exp2(typical));
    if (has_size) set_size(s, i, exp2(typical - log));
  }
  box_look_again(s);
  return true;
}

/* change_by_slopes = log2 of T of (49), by the slopes of the variables that have a scale. */
static double change_by_slopes(const lbfgsb_solver *s, const double *slopes) {
  logs mean = {0, 0, 0};
  for (size_t i = 0; i < s->layout.n; i++)
    if (!scales_are_unknown(s, i)) add_log(&mean, slopes[i] * get(s, s->scales.scale)[i]);
  return fmax(mean_of(mean) - MODEST, small_part(s->run.trial_value));
}

/* mean_bend = log2 of sqrt|c| of the same; NaN of none. */
static double mean_bend(const lbfgsb_solver *s, const double *c) {
  logs mean = {0, 0, 0};
  for (size_t i = 0; i < s->layout.n; i++)
    if (!scales_are_unknown(s, i)) add_log(&mean, sqrt(fabs(c[i])) * get(s, s->scales.scale)[i]);
  return mean_of(mean);
}

void scales_tell(lbfgsb_solver *s, const double *slopes, const double *c) {
  logs mean = {0, 0, 0};
  for (size_t i = 0; i < s->layout.n; i++)
    if (scales_are_unknown(s, i) && c[i] != 0) add_log(&mean, slopes[i] / sqrt(fabs(c[i])));
  double m = mean_of(mean), change = change_by_slopes(s, slopes), level = fmax(mean_bend(s, c), change - m);
  s->scales.told = isfinite(m) && isfinite(change);
  if (!s->scales.told) return;
  for (size_t i = 0; i < s->layout.n; i++) {
    double bend = log2(fabs(c[i])) / 2;
    double log_size = c[i] != 0 ? fmin(level, change / 2) - bend : level - (log2(fabs(slopes[i])) - m);
    if (scales_are_unknown(s, i)) set_size(s, i, exp2(log_size) / get(s, s->scales.scale)[i]);
  }
  box_look_again(s);
}

void scales_absorb(lbfgsb_solver *s, const double *gradient) {
  iterate_absorb(s, gradient, 0);
  if (s->run.iterations > 0 || !find_at_start(s)) return;
  iterate_absorb(s, get(s, s->iterate.gradient), 0);
}

void scales_forget(lbfgsb_solver *s) {
  if (s->run.iterations > 0) return;
  for (size_t i = 0; i < s->layout.n; i++)
    if (scales_are_unknown(s, i)) set_size(s, i, 1 / get(s, s->scales.scale)[i]);
  s->scales.told = false;
  box_look_again(s);
  iterate_absorb(s, get(s, s->iterate.gradient), 0);
}

/* ---- In the run ------------------------------------------------------------------------------------- */

/* The pairs' sums of y_i^2 / s'y and of s_i^2 / s'y. The root h_i of their ratio is the geometric mean of
 * B_ii and of 1 / (B^-1)_ii, about; but where x_i hardly moves y_i is what the others bring, and the sum
 * alone tells how large B_ii is. And that of y_i s_i / s'y, whose sign is B_ii's unless others bring it. */
typedef struct {
  double yy, ss, ys;
} pair_sums;

static bool tells(pair_sums sums) { return sums.yy > 0 && sums.ss > 0; }
static double curvature_of(pair_sums sums) { return sqrt(sums.yy / sums.ss); }
static double shown_curvature(pair_sums sums) { return lesser(curvature_of(sums), sums.yy); }

/* Sums over the oldest `pairs` for each row of the block that begins at row `first`. */
static void sum_block(const lbfgsb_solver *s, size_t first, size_t pairs, pair_sums *sums) {
  double y[BLOCK_ROWS], step[BLOCK_ROWS];
  for (size_t i = 0; i < BLOCK_ROWS; i++) sums[i] = (pair_sums){0, 0, 0};
  for (size_t age = 0; age < pairs; age++) {
    size_t slot = pairs_slot(s, age);
    double weight = 1 / get(s, s->pairs.curvature)[slot];
    order_read_block(s, first, 2 * slot, y);
    order_read_block(s, first, 2 * slot + 1, step);
    for (size_t i = 0; i < block_rows(s, first); i++) {
      sums[i].yy += y[i] * y[i] * weight;
      sums[i].ss += step[i] * step[i] * weight;
      sums[i].ys += y[i] * step[i] * weight;
    }
  }
}

void scales_curvatures(const lbfgsb_solver *s, size_t first, double *h) {
  pair_sums sums[BLOCK_ROWS];
  sum_block(s, first, s->pairs.count, sums);
  for (size_t i = 0; i < BLOCK_ROWS; i++)
    h[i] = tells(sums[i]) ? copysign(shown_curvature(sums[i]), sums[i].ys) : 0;
}

/* H, that of the sums over all variables, and the ends of the range of h. */
typedef struct {
  double mean, least, greatest;
} curvatures;

static curvatures look_at_pairs(const lbfgsb_solver *s, size_t pairs) {
  pair_sums total = {0, 0, 0}, sums[BLOCK_ROWS];
  curvatures found = {.least = INFINITY, .greatest = 0};
  for (size_t first = 0; first < s->layout.n; first += BLOCK_ROWS) {
    sum_block(s, first, pairs, sums);
    for (size_t i = 0; i < block_rows(s, first); i++) {
      if (!tells(sums[i])) continue;
      total.yy += sums[i].yy;
      total.ss += sums[i].ss;
      found.least = lesser(found.least, curvature_of(sums[i]));
      found.greatest = greater(found.greatest, shown_curvature(sums[i]));
    }
  }
  found.mean = curvature_of(total);
  return found;
}

/* revised_curvature = that of a variable, above the mean only as far as it is shown. */
static double revised_curvature(pair_sums sums, double mean) {
  double h = curvature_of(sums);
  return h > mean ? greater(shown_curvature(sums), mean) : h;
}

/* wanted_factor = that by which a curvature would be the mean. */
static double wanted_factor(double mean, double curvature) { return power_of_two(sqrt(mean / curvature)); }

/* True if the factors differ so much that the pairs and their matrices are worth changing. */
static bool is_worthwhile(curvatures h) {
  if (!isfinite(h.mean)) return false;
  return fmax(wanted_factor(h.mean, h.least), 1) / fmin(wanted_factor(h.mean, h.greatest), 1) >= WORTHWHILE;
}

/* factor_told = that by which the sums want the unit of a variable to be changed. */
static double factor_told(pair_sums sums, double mean) {
  return tells(sums) ? wanted_factor(mean, revised_curvature(sums, mean)) : 1;
}

/* told_closer = log2 of y'y s's / (y'D^2 y s'D^-2 s) of a pair, D the factors that older ones tell: above 0
 * where y and s are closer to one direction with them, as by a good B0. */
static double told_closer(const lbfgsb_solver *s, size_t age, size_t older, double mean) {
  double yy = 0, ss = 0, changed_yy = 0, changed_ss = 0;
  for (size_t first = 0; first < s->layout.n; first += BLOCK_ROWS) {
    double y[BLOCK_ROWS], step[BLOCK_ROWS];
    pair_sums sums[BLOCK_ROWS];
    sum_block(s, first, older, sums);
    order_read_block(s, first, 2 * pairs_slot(s, age), y);
    order_read_block(s, first, 2 * pairs_slot(s, age) + 1, step);
    for (size_t i = 0; i < block_rows(s, first); i++) {
      double factor = factor_told(sums[i], mean);
      yy += y[i] * y[i];
      ss += step[i] * step[i];
      changed_yy += y[i] * factor * (y[i] * factor);
      changed_ss += step[i] / factor * (step[i] / factor);
    }
  }
  return log2(yy / changed_yy) + log2(ss / changed_ss);
}

/* Tells whether what the older half of the pairs says of the variables is true of the newer half: smooth
 * steps say of each variable what only neighbours have in common. */
static bool newer_agree(const lbfgsb_solver *s) {
  size_t count = s->pairs.count, older = (count + 1) / 2;
  double mean = look_at_pairs(s, older).mean, closer = 0;
  for (size_t age = older; age < count; age++) closer += told_closer(s, age, older, mean);
  return closer >= CLOSER * (double)(count - older);
}

static void change_block(lbfgsb_solver *s, size_t first, double mean) {
  pair_sums sums[BLOCK_ROWS];
  sum_block(s, first, s->pairs.count, sums);
  for (size_t i = 0; i < BLOCK_ROWS && first + i < s->layout.n; i++)
    change_unit(s, first + i, factor_told(sums[i], mean));
}

/* Sets theta of the newest pair anew, and lets the next pass build the Gram matrices. */
static void renew_model(lbfgsb_solver *s) {
  size_t newest = pairs_newest(s);
  pairs_set_scale(s, newest, get(s, s->pairs.curvature)[newest], iterate_yy(s, newest));
  gram_renew(s);
}

bool scales_revise(lbfgsb_solver *s) {
  size_t iteration = s->run.iterations;
  if (!s->options.rescale || iteration < s->scales.next_revision || s->pairs.count < 2) return false;
  s->scales.next_revision = 2 * iteration;
  curvatures h = look_at_pairs(s, s->pairs.count);
  if (!is_worthwhile(h) || (s->layout.n > MANY && !newer_agree(s))) return false;
  for (size_t first = 0; first < s->layout.n; first += BLOCK_ROWS) change_block(s, first, h.mean);
  box_look_again(s);
  renew_model(s);
  return true;
}

bool scales_valid(const lbfgsb_solver *s) {
  const double *scale = get(s, s->scales.scale);
  bool used = false;
  for (size_t i = 0; i < pad_rows(s->layout.n); i++) {
    int exponent;
    bool power = isfinite(scale[i]) && frexp(scale[i], &exponent) == 0.5;
    if (!power || scale[i] > LARGEST || scale[i] < 1 / LARGEST || (i >= s->layout.n && scale[i] != 1))
      return false;
    used = used || scale[i] != 1;
  }
  return !used || s->scales.used;
}
