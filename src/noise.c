/* noise.c - the level of noise in f (Moré and Wild 2011): resumable, it asks for one value after another, at
 * equally spaced points along a fixed direction. METHOD.md (42). */
#include "noise.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "arithmetic.h"
#include "box.h"
#include "dense.h"

enum { ATTEMPTS = 4 }; /* tables at most, and one more where the last shows a level for the first time */
static const double AGREEMENT = 4;          /* the paper's: levels that are one are within this factor */
static const double ROUNDING = 100;         /* times DBL_EPSILON: a lower level is no noise */
static const double FEWER_SCALE = 1 / 40.0; /* the next table's scale, where this one left the domain of f; */
static const double EQUAL_SCALE = 100; /* where half of the neighbours are equal, or only rounding shows; */
static const double OTHER_SCALE = 7;   /* where f itself hides its noise, or is in step with it; */
static const double TOO_FAR = 100;     /* times the change that is wanted: f itself hides all */
static const double SMOOTH = 1e-3;     /* of a level: what a finer table must show if it is one of noise, */
static const double PERSISTS = 0.5;    /* unless its slope, of which this part is left, is that of noise, */
static const double LARGE = 1e-3;      /* and the level is less of |f|; if it is more, the table */
static const double FINEST = 0x1p-42;  /* of this scale must show it */
static const double FALLS = 0.25;      /* of a level: noise does not fall so low with the order */
static const double COARSE = 1e-5;     /* of the variables' sizes: a step */
static const double SLIGHT = 1e-3;     /* of the largest difference of an order */
static const double APART = 0.05;      /* of the largest second difference: those beside a step */
static const double STAIR = 1e5 * DBL_EPSILON; /* of |f|: so high are no steps of rounding, ... */
static const double EVEN = 0.29;               /* ... whose values are spread evenly: 12^-1/2 of a step */
static const double STEADY = 5; /* levels of the same noise, at different steps, are within this factor */
static const double GOLDEN = 0.6180339887498949;

static void begin_table(noise_table *table, double scale) {
  table->scale = scale;
  table->known = 1;
}

void noise_begin(noise_table *table, double f, double scale, double wanted) {
  *table = (noise_table){.values = {f}, .least = INFINITY, .wanted = wanted};
  begin_table(table, scale);
}

void noise_doubt(noise_table *table, double f, double level) {
  *table = (noise_table){.values = {f}, .least = INFINITY, .doubted = level};
  begin_table(table, COARSE);
}

/* v leads towards the roomier side; its parts have no common divisor. */
double noise_point(const noise_table *table, size_t i, double x, double size, double lower, double upper) {
  double above = upper - x, below = x - lower;
  double part = 1 + fmod((double)(i + 1) * GOLDEN, 1) / 2, step = table->scale * size * part;
  double v = above >= below ? fmin(step, above / NOISE_VALUES) : -fmin(step, below / NOISE_VALUES);
  return x + (double)table->known * v;
}

/* ---- A table ------------------------------------------------------------------------------------- */

/* Takes the differences of the order k from those of order k - 1; true if they have both signs, but for those
 * that are next to nothing beside the others: where only one value is off, that of the others is rounding. */
static bool take_differences(double *difference, size_t k) {
  double least = 0, most = 0;
  for (size_t j = 0; j + k < NOISE_VALUES; j++) {
    difference[j] = difference[j + 1] - difference[j];
    least = fmin(least, difference[j]);
    most = fmax(most, difference[j]);
  }
  return fmin(most, -least) > SLIGHT * fmax(most, -least);
}

static double sum_of_squares(const double *v, size_t n) {
  double sum = 0;
  for (size_t j = 0; j < n; j++) sum += v[j] * v[j];
  return sum;
}

/* sigma[k]^2 = (k!)^2 / (2k)! mean (Delta^k f)^2; and which Delta^k f have both signs. From k = 1 on. */
typedef struct {
  double sigma[NOISE_VALUES];
  bool alternates[NOISE_VALUES];
} levels;

static levels find_levels(const double *values) {
  levels of = {.sigma = {0}};
  double difference[NOISE_VALUES], factor = 1;
  memcpy(difference, values, sizeof difference);
  for (size_t k = 1; k < NOISE_VALUES; k++) {
    of.alternates[k] = take_differences(difference, k);
    factor *= (double)k / (double)(2 * (2 * k - 1));
    of.sigma[k] = sqrt(factor * sum_of_squares(difference, NOISE_VALUES - k) / (double)(NOISE_VALUES - k));
  }
  return of;
}

/* noise_level = the first level with both signs with which the next two agree; 0 if there is none. */
static double noise_level(const levels *of) {
  const double *sigma = of->sigma;
  for (size_t k = 1; k + 3 < NOISE_VALUES; k++) {
    double least = fmin(sigma[k], fmin(sigma[k + 1], sigma[k + 2]));
    double most = fmax(sigma[k], fmax(sigma[k + 1], sigma[k + 2]));
    if (of->alternates[k] && most <= AGREEMENT * least) return sigma[k];
  }
  return 0;
}

static double least_level(const levels *of) {
  double least = of->sigma[1];
  for (size_t k = 2; k < NOISE_VALUES; k++) least = fmin(least, of->sigma[k]);
  return least;
}

/* True if half of the neighbours, or more, are equal: the points are too near to each other. */
static bool many_equal(const double *values) {
  size_t equal = 0;
  for (size_t j = 1; j < NOISE_VALUES; j++) equal += values[j] == values[j - 1];
  return 2 * equal >= NOISE_VALUES - 1;
}

/* True if f is smooth but for one step, which two second differences span, with both signs: the levels of
 * that agree as those of noise do. Beside the steps of few digits there is nothing. */
static bool is_one_step(const double *values) {
  double second[NOISE_VALUES - 2], beside = 0;
  size_t at = 0;
  for (size_t j = 0; j + 2 < NOISE_VALUES; j++) second[j] = values[j + 2] - 2 * values[j + 1] + values[j];
  for (size_t j = 1; j + 3 < NOISE_VALUES; j++)
    if (fabs(second[j + 1] - second[j]) > fabs(second[at + 1] - second[at])) at = j;
  for (size_t j = 0; j + 2 < NOISE_VALUES; j++)
    if (j != at && j != at + 1) beside = fmax(beside, fabs(second[j]));
  double height = fabs(second[at + 1] - second[at]) / 2, uneven = fabs(second[at + 1] + second[at]) / 2;
  bool is_alone = uneven < height / 2 && beside <= APART * height;
  return is_alone && beside > ROUNDING * DBL_EPSILON * fabs(values[0]);
}

/* ---- One table after another ----------------------------------------------------------------------- */

/* greatest_change = that of f from the first point on. */
static double greatest_change(const noise_table *table) {
  double change = 0;
  for (size_t j = 1; j < NOISE_VALUES; j++) change = fmax(change, fabs(table->values[j] - table->values[0]));
  return change;
}

/* beside = what a level is held against: |f|, or where f has come close to 0, by how much it changes over the
 * size of x. */
static double beside(const noise_table *table) {
  double change = greatest_change(table);
  return fmax(fabs(table->values[0]), change / ((NOISE_VALUES - 1) * table->scale));
}

static bool is_rounding(const noise_table *table, double level) {
  return level <= ROUNDING * DBL_EPSILON * beside(table);
}

/* least_jump = that of f between neighbours that differ; infinite without any. */
static double least_jump(const double *values) {
  double least = INFINITY;
  for (size_t j = 1; j < NOISE_VALUES; j++)
    if (values[j] != values[j - 1]) least = fmin(least, fabs(values[j] - values[j - 1]));
  return least;
}

/* stair_level = that of few digits, whose steps may be so even that f seems straight: it changes, between
 * points where at a hundredth of the distance it does not, by far more than a smooth f could; 0 if it does
 * not. */
static double stair_level(const noise_table *table) {
  bool is_high = table->jump > STAIR * beside(table) && table->jump < INFINITY;
  return is_high ? EVEN * table->jump : 0;
}

/* True if the level shows the shape of f: the table before, which was finer, does not show it, its slope goes
 * on in this one, and the levels fall with the order, or the steps are far too long for noise to be smooth at
 * the finer ones. */
static bool is_shape(const noise_table *table, const levels *of, double level, double slope) {
  bool persists = table->least < SMOOTH * level && slope >= PERSISTS * table->slope;
  return persists && (of->sigma[NOISE_VALUES - 1] < FALLS * level || table->scale > COARSE);
}

/* True if the level grows with the steps. That of noise does not, but that of an f whose curvature jumps, as
 * where residuals pass the corners of a robust loss. */
static bool grows(const noise_table *table, const levels *of, double level) {
  return table->before > 0 && fmax(level, of->sigma[3]) > STEADY * table->before;
}

/* True if the level is the first one, and finer steps are smooth: wider ones are to show whether it grows. */
static bool is_new(const noise_table *table, double level) {
  return table->before == 0 && table->least < SMOOTH * level;
}

/* other_scale = the next table's in units of this one's, whose values differ: where they show no level so
 * that f changes, as a square, by what is wanted, if it has changed by far more. */
static double other_scale(const noise_table *table) {
  double change = greatest_change(table);
  bool is_far = table->level == 0 && table->wanted > 0 && change > TOO_FAR * table->wanted;
  return is_far ? sqrt(table->wanted / change) : OTHER_SCALE;
}

/* Ends with the level that was doubted, unless f is smooth at the finest steps: then it was the shape of f;
 * or at two of coarse ones, as a wave may be in step with one. Equal values there are those of few digits. */
static bool end_doubt(noise_table *table, const levels *of, bool tells) {
  bool is_smooth = tells && least_level(of) < SMOOTH * table->doubted;
  table->level = is_smooth ? 0 : table->doubted;
  if (!is_smooth || table->scale != COARSE) return true;
  begin_table(table, GOLDEN * COARSE);
  return false;
}

static bool begin_doubt(noise_table *table, double level) {
  table->doubted = level;
  begin_table(table, FINEST);
  return false;
}

/* judged = the level, or the one found before, if it may be that of noise; else 0. */
static double judged(const noise_table *table, const levels *of, double level, double slope) {
  if (grows(table, of, level)) return 0;
  if (table->level > 0) return level > 0 ? level : table->level;
  return is_shape(table, of, level, slope) ? 0 : level;
}

/* next_scale = that of the table to come. Where only rounding shows, noise may be smooth at so fine a one. */
static double next_scale(const noise_table *table, bool defined, bool fine) {
  return (!defined ? FEWER_SCALE : fine ? EQUAL_SCALE : other_scale(table)) * table->scale;
}

/* Ends with the level, or begins another table with a scale that may show one, or whether it grows. */
static bool end_table(noise_table *table) {
  const double *values = table->values;
  bool defined = all_finite(values, NOISE_VALUES), equal = defined && many_equal(values);
  bool tells = defined && !equal;
  levels of = find_levels(values);
  if (table->doubted > 0) return end_doubt(table, &of, tells);
  double level = tells && !is_one_step(values) ? noise_level(&of) : 0;
  if (equal || table->jump > 0)
    table->jump = fmin(table->jump > 0 ? table->jump : INFINITY, least_jump(values));
  if (tells && is_rounding(table, level)) level = fmax(level, stair_level(table));
  bool fine = equal || (level > 0 && is_rounding(table, level));
  if (fine) level = 0;
  if (level > LARGE * fabs(values[0])) return begin_doubt(table, level);
  double slope = fabs(values[NOISE_VALUES - 1] - values[0]) / table->scale;
  bool is_sure = table->level > 0 || !is_new(table, level);
  table->level = judged(table, &of, level, slope);
  table->before = level;
  table->least = tells ? least_level(&of) : INFINITY;
  table->slope = slope;
  table->attempt++;
  if (table->level > 0 ? is_sure : table->attempt >= ATTEMPTS) return true;
  begin_table(table, next_scale(table, defined, fine));
  return false;
}

/* True if the last values differ as those of the level do that is doubted: by more than their slopes, which
 * go into no third difference. */
static bool shows(const noise_table *table) {
  const double *last = table->values + table->known - 1;
  bool tells = table->doubted > 0 && table->known > 3;
  return tells && fabs(last[0] - 3 * (last[-1] - last[-2]) - last[-3]) > table->doubted;
}

bool noise_take(noise_table *table, double value) {
  table->values[table->known++] = value;
  bool is_there = shows(table);
  if (is_there) table->level = table->doubted;
  return is_there || (table->known == NOISE_VALUES && end_table(table));
}

bool noise_valid(const noise_table *table) {
  return table->known >= 1 && table->known < NOISE_VALUES && table->attempt <= ATTEMPTS && table->scale > 0 &&
         isfinite(table->scale) && isfinite(table->values[0]) && table->wanted >= 0 && table->doubted >= 0 &&
         table->before >= 0 && isfinite(table->before) && table->jump >= 0;
}
