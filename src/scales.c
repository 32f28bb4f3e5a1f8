/* scales.c - the variables' scales. The run is one in z = x / scale, in which a change of 1 is to matter
 * about as much in each variable; so no other formula knows of them. They are powers of two, by which scaling
 * is exact, and other units of a variable change its scale and nothing else: in z all numbers are the same,
 * to the bit. A diagonal B0 in place of theta I would be other scales. METHOD.md (50), (75), (80). */
#include "scales.h"

#include <string.h>

#include "box.h"
#include "caller.h"
#include "direction.h"
#include "evidence.h"
#include "gram.h"
#include "growth.h"
#include "iterate.h"
#include "order.h"
#include "pair_sums.h"
#include "pairs.h"
#include "plateau.h"
#include "sizes.h"

static const double MOST_LARGER = 0x1p10; /* a unit by a revision: a curvature next to 0 tells no way yet */
static const double WORTHWHILE = 8;       /* between the largest and the smallest factor of a revision; */
static const double ANY = 2;              /* where the slopes of a start at 0 have told the units */
static const double CLOSER = 1;    /* log2, in the mean: what the older pairs are to tell of the newer ones */
static const double UNLEARNT = 16; /* times all that the pairs show: a curvature that is B0's alone */
static const double UNSEEN = 1e6;  /* the same: they show none */
static const double SOMETHING = 0.01; /* of what counts: by that such a variable may fall */
enum { LESSONS = 4 };  /* iterations, at most, in which the pairs are to learn such a variable */
enum { LATE = 5 };     /* iteration, of the first revision where the start itself has told the units */
enum { SETTLED = 40 }; /* iterations: by then units are learnt; many that are the same stay so */
static const size_t NEVER = SIZE_MAX;
static const double LARGEST = 0x1p300; /* scale, and the inverse of the smallest */

/* power_of_two = that closest to v, by their ratio; 1 where v tells nothing. */
double scales_power_of_two(double v) {
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

/* All that is kept of the variable follows. */
bool scales_change_unit(lbfgsb_solver *s, size_t i, double factor) {
  if (factor == 1 || !is_exact(s, i, factor)) return false;
  put(s, s->scales.scale)[i] *= factor;
  s->scales.used = true;
  caller_outdate(s);
  box_rescale(s, i, factor);
  iterate_rescale(s, i, factor);
  direction_rescale(s, i, factor);
  plateau_rescale(s, i, factor);
  order_rescale(s, i, factor);
  return true;
}

/* ---- In the run ------------------------------------------------------------------------------------- */

/* H, that of the sums over all variables, and the ends of the range of h. */
typedef struct {
  double mean, least, greatest;
} curvatures;

static curvatures look_at_pairs(const lbfgsb_solver *s, size_t pairs) {
  pair_sums total = {0, 0, 0}, sums[BLOCK_ROWS];
  curvatures found = {.least = INFINITY, .greatest = 0};
  for (size_t first = 0; first < s->layout.n; first += BLOCK_ROWS) {
    pair_sums_of_block(s, first, pairs, sums);
    for (size_t i = 0; i < block_rows(s, first); i++) {
      if (!pair_sums_tell(sums[i])) continue;
      total.yy += sums[i].yy;
      total.ss += sums[i].ss;
      found.least = lesser(found.least, pair_sums_curvature(sums[i]));
      found.greatest = greater(found.greatest, pair_sums_shown(sums[i]));
    }
  }
  found.mean = pair_sums_curvature(total);
  return found;
}

/* revised_curvature = that of a variable, above the mean only as far as it is shown. */
static double revised_curvature(pair_sums sums, double mean) {
  double h = pair_sums_curvature(sums);
  return h > mean ? greater(pair_sums_shown(sums), mean) : h;
}

/* wanted_factor = that by which a curvature would be the mean. */
static double wanted_factor(double mean, double curvature) {
  return scales_power_of_two(sqrt(mean / curvature));
}

bool scales_is_free(const lbfgsb_solver *s, size_t i) {
  return get(s, s->box.lower)[i] < get(s, s->box.upper)[i];
}

/* zeros_by_slopes = how many variables began at 0 and have units that slopes have told; 0 where n is large.
 */
static size_t zeros_by_slopes(const lbfgsb_solver *s) {
  const double *start = get(s, s->plateau.start);
  size_t zeros = 0;
  if (s->layout.n > MANY_VARIABLES || !evidence_is_by_slopes(s)) return 0;
  for (size_t i = 0; i < s->layout.n; i++) zeros += scales_is_zero(start[i]) && scales_is_free(s, i);
  return zeros;
}

/* True if the factors differ so much that the pairs and their matrices are worth changing. */
static bool is_worthwhile(const lbfgsb_solver *s, curvatures h) {
  double least = zeros_by_slopes(s) > 0 ? ANY : WORTHWHILE;
  if (!isfinite(h.mean)) return false;
  return wanted_factor(h.mean, h.least) / fmin(wanted_factor(h.mean, h.greatest), 1) >= least;
}

/* factor_told = that by which the sums want the unit of a variable to be changed. */
static double factor_told(pair_sums sums, double mean) {
  return pair_sums_tell(sums) ? lesser(wanted_factor(mean, revised_curvature(sums, mean)), MOST_LARGER) : 1;
}

/* mean_unit = the geometric mean of the scales. */
static double mean_unit(const lbfgsb_solver *s) {
  double sum = 0, count = 0;
  for (size_t i = 0; i < s->layout.n; i++) {
    if (!scales_is_free(s, i)) continue;
    sum += log2(get(s, s->scales.scale)[i]);
    count++;
  }
  return scales_power_of_two(exp2(sum / count));
}

/* What the units are to be multiplied by: what the oldest `pairs` tell, or without any what makes them all
 * the same. */
typedef struct {
  size_t pairs;
  double mean; /* H of those pairs, or that unit; 0 if they stay as they are */
  bool is_last;
} revision;

/* factor = that of each variable of the block. */
static void block_factors(const lbfgsb_solver *s, size_t first, revision r, double *factor) {
  const double *scale = get(s, s->scales.scale) + first;
  pair_sums sums[BLOCK_ROWS];
  pair_sums_of_block(s, first, r.pairs, sums);
  for (size_t i = 0; i < block_rows(s, first); i++)
    factor[i] = r.pairs > 0 ? factor_told(sums[i], r.mean) : r.mean / scale[i];
}

/* A pair's y'y and s's, and y'D^2 y and s'D^-2 s, D the factors of a revision. */
typedef struct {
  double yy, ss, changed_yy, changed_ss;
} pair_lengths;

static void add_lengths(pair_lengths *to, size_t rows, const double *y, const double *step,
                        const double *factor) {
  for (size_t i = 0; i < rows; i++) {
    to->yy += y[i] * y[i];
    to->ss += step[i] * step[i];
    to->changed_yy += y[i] * factor[i] * (y[i] * factor[i]);
    to->changed_ss += step[i] / factor[i] * (step[i] / factor[i]);
  }
}

/* told_closer = log2 of y'y s's / (y'D^2 y s'D^-2 s): above 0 where y and s are closer to one direction with
 * the factors, as by a good B0. */
static double told_closer(pair_lengths of) {
  return log2(of.yy / of.changed_yy) + log2(of.ss / of.changed_ss);
}

/* The mean of that over the newer half of the pairs. */
static double told_by_newer(lbfgsb_solver *s, revision r) {
  size_t count = s->pairs.count, older = (count + 1) / 2;
  pair_lengths *newer = (pair_lengths *)put(s, s->scales.lengths);
  memset(newer, 0, (count - older) * sizeof *newer);
  for (size_t first = 0; first < s->layout.n; first += BLOCK_ROWS) {
    double copied_y[BLOCK_ROWS], copied_step[BLOCK_ROWS], factor[BLOCK_ROWS];
    block_factors(s, first, r, factor);
    for (size_t age = older; age < count; age++) {
      const double *y = order_block(s, first, 2 * pairs_slot(s, age), copied_y);
      const double *step = order_block(s, first, 2 * pairs_slot(s, age) + 1, copied_step);
      add_lengths(&newer[age - older], block_rows(s, first), y, step, factor);
    }
  }
  double closer = 0;
  for (size_t j = 0; j < count - older; j++) closer += told_closer(newer[j]);
  return closer / (double)(count - older);
}

static bool are_the_same(const lbfgsb_solver *s) {
  const double *scale = get(s, s->scales.scale);
  double unit = 0;
  for (size_t i = 0; i < s->layout.n; i++) {
    if (!scales_is_free(s, i)) continue;
    if (unit > 0 && scale[i] != unit) return false;
    unit = scale[i];
  }
  return true;
}

/* The revision of many variables: by all pairs, if what the older half of them says is true of the newer
 * half; smooth steps say of each variable what only neighbours have in common. Or all units the same, if that
 * is more so; as it says less, less will do. Units that are the same late in a run stay so if no pair speaks
 * of others, or they speak against them: pairs of a smooth f, which agree with each other, would win in the
 * end. */
static revision revision_of_many(lbfgsb_solver *s, curvatures h) {
  size_t count = s->pairs.count, older = (count + 1) / 2;
  bool are_alike = are_the_same(s), is_spoken_of = is_worthwhile(s, h);
  revision by_pairs = {count, h.mean, false}, alike = {0, are_alike ? 0 : mean_unit(s), false};
  revision by_older = {older, look_at_pairs(s, older).mean, false};
  double told = is_spoken_of ? told_by_newer(s, by_older) : 0;
  double equal = are_alike ? 0 : told_by_newer(s, alike);
  if (equal > told && equal >= CLOSER / 2) return alike;
  if (told >= CLOSER) return by_pairs;
  bool stays = are_alike && (!is_spoken_of || told < -CLOSER / 2);
  return (revision){.is_last = stays && s->run.iterations >= SETTLED};
}

static revision best_revision(lbfgsb_solver *s) {
  curvatures h = look_at_pairs(s, s->pairs.count);
  if (s->layout.n > MANY_VARIABLES) return revision_of_many(s, h);
  return (revision){s->pairs.count, is_worthwhile(s, h) ? h.mean : 0, false};
}

static void change_block(lbfgsb_solver *s, size_t first, revision r) {
  double factor[BLOCK_ROWS];
  block_factors(s, first, r, factor);
  for (size_t i = 0; i < block_rows(s, first) && first + i < s->layout.n; i++)
    scales_change_unit(s, first + i, factor[i]);
}

/* Sets theta of the newest pair anew, and lets the next pass build the Gram matrices. */
static void renew_model(lbfgsb_solver *s) {
  size_t newest = pairs_newest(s);
  pairs_set_scale(s, newest, get(s, s->pairs.curvature)[newest], iterate_yy(s, newest));
  gram_renew(s);
}

/* Measures variables that began at 0 by how far they have to go, after the first step of all. */
static bool grow_zeros(lbfgsb_solver *s) {
  double factor = growth_of_zeros(s);
  const double *start = get(s, s->plateau.start);
  for (size_t i = 0; factor != 1 && i < s->layout.n; i++)
    if (scales_is_zero(start[i])) scales_change_unit(s, i, factor);
  return factor != 1;
}

static void look_again(lbfgsb_solver *s) {
  box_look_again(s);
  renew_model(s);
}

/* True if it is time to: from iteration LATE on, but where slopes have told the units as soon as there are
 * pairs. */
static bool is_due(const lbfgsb_solver *s) {
  size_t iteration = s->run.iterations;
  if (!s->options.rescale || iteration < s->scales.next_revision || s->pairs.count < 2) return false;
  return iteration >= LATE || zeros_by_slopes(s) > 0;
}

/* next_revision = the iteration of the next one: at twice the number, but at first each where slopes have
 * told those of more than a few, of which some are small by chance. */
static size_t next_revision(const lbfgsb_solver *s) {
  size_t iteration = s->run.iterations;
  return iteration < SETTLED && zeros_by_slopes(s) > FEW_SLOPES ? iteration + 1 : 2 * iteration;
}

static bool change_after_first_step(lbfgsb_solver *s) {
  if (!s->options.rescale) return false;
  bool are_of_one_kind = sizes_refute(s);
  return grow_zeros(s) || are_of_one_kind;
}

bool scales_revise(lbfgsb_solver *s) {
  if (change_after_first_step(s)) {
    look_again(s);
    return true;
  }
  if (!is_due(s)) return false;
  revision best = best_revision(s);
  s->scales.next_revision = best.is_last ? NEVER : next_revision(s);
  if (best.mean == 0) return false;
  for (size_t first = 0; first < s->layout.n; first += BLOCK_ROWS) change_block(s, first, best);
  look_again(s);
  return true;
}

/* True if B0 says far more of the variable's curvature than n pairs or more show, unless that may be nothing
 * but errors of g; and if its slope promises something by that. */
static bool is_unlearnt(const lbfgsb_solver *s, size_t i, pair_sums sums) {
  double g = get(s, s->iterate.gradient)[i], times = s->pairs.theta / sums.yy;
  bool promises = g * g > 2 * sums.yy * SOMETHING * evidence_least_gain(s);
  return promises && times > UNLEARNT && times < UNSEEN;
}

/* True if the pairs show next to nothing of a variable that its slope is to lead on. */
static bool is_untold(const lbfgsb_solver *s, size_t i, pair_sums sums) {
  double g = get(s, s->iterate.gradient)[i];
  bool promises = g * g > 2 * sums.yy * SOMETHING * evidence_least_gain(s);
  return promises && direction_free_size(s, i) > 0 && s->pairs.theta > UNSEEN * sums.yy;
}

bool scales_are_untold(const lbfgsb_solver *s) {
  pair_sums sums[BLOCK_ROWS];
  for (size_t first = 0; s->pairs.count > 0 && first < s->layout.n; first += BLOCK_ROWS) {
    pair_sums_of_block(s, first, s->pairs.count, sums);
    for (size_t i = 0; i < block_rows(s, first); i++)
      if (is_untold(s, first + i, sums[i])) return true;
  }
  return false;
}

/* Lets B0 say of such variables what the pairs show. True if there are any in the block. */
static bool teach_block(lbfgsb_solver *s, size_t first) {
  bool found = false;
  pair_sums sums[BLOCK_ROWS];
  pair_sums_of_block(s, first, s->pairs.count, sums);
  for (size_t i = 0; i < block_rows(s, first); i++) {
    if (!is_unlearnt(s, first + i, sums[i])) continue;
    scales_change_unit(s, first + i, wanted_factor(s->pairs.theta, sums[i].yy));
    found = true;
  }
  return found;
}

/* lessons = the iterations in which the pairs are to learn them. */
static size_t lessons(const lbfgsb_solver *s) { return s->layout.n < LESSONS ? s->layout.n : LESSONS; }

/* A revision that is due waits for the next iteration, also where the run is ended here, and resumed. */
bool scales_teach(lbfgsb_solver *s) {
  bool found = false, may_learn = s->layout.n <= s->pairs.count;
  bool may_teach = may_learn && s->scales.claims_from == 0 && s->stop.idle == 0;
  if (!s->options.rescale || !may_teach) return false;
  for (size_t first = 0; first < s->layout.n; first += BLOCK_ROWS) found = teach_block(s, first) || found;
  if (!found) return false;
  s->scales.claims_from = s->run.iterations + lessons(s);
  if (s->scales.next_revision <= s->run.iterations) s->scales.next_revision = s->run.iterations + 1;
  look_again(s);
  return true;
}

bool scales_allow_claims(const lbfgsb_solver *s) {
  return s->run.iterations >= s->scales.claims_from || s->stop.idle > 0;
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
  bool ends = s->scales.claims_from <= s->run.iterations + lessons(s);
  return ends && (!used || s->scales.used);
}
