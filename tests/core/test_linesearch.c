/* test_linesearch.c - the line search alone: its trial values against formulas worked out by hand, the
 * bracket, the limits, and the functions of Moré and Thuente (1994), to whose sections the comments refer.
 * Every constant of linesearch.c is met from both sides. */
#include <float.h>
#include <math.h>

#include "core_tests.h"
#include "linesearch.h"

static const search_view plain = {0}; /* as published */

static bool near(double a, double b) { return fabs(a - b) <= 1e-12 * fabs(b); }

/* From phi(0) = 0, phi'(0) = -1 with the first trial at 1. */
static line_search begun(double max_step) {
  line_search search;
  search_outcome outcome = search_start(&search, (search_point){0, 0, -1}, 1, max_step, plain);
  check(outcome == SEARCH_TRY && search.step == 1, "a search begins", "search_start");
  return search;
}

/* What phi is at the trial in turn; the search must go on. */
typedef struct {
  double value, slope;
} answer;
static void tell(line_search *search, answer phi) {
  check(search_advance(search, phi.value, phi.slope) == SEARCH_TRY, "the search goes on", "search_advance");
}

/* The trial that follows these answers to the first ones, at 1 and then where the search asks. */
static double trial_after(answer first, answer second, double max_step) {
  line_search search = begun(max_step);
  tell(&search, first);
  if (!isnan(second.value)) tell(&search, second);
  return search.step;
}

static const answer none = {NAN, NAN};
static const double FAR = 1e10; /* a limit that is not met */

static void expect_trial(double trial, double expected, const char *which) {
  check(near(trial, expected), "the trial is that of the formula", which);
}

static search_outcome outcome_at(double step, double max_step, double value, double slope) {
  line_search search;
  search_start(&search, (search_point){0, 0, -1}, step, max_step, plain);
  return search_advance(&search, value, slope);
}

/* ---- What is accepted (1.1, 1.2) ------------------------------------------------------------------- */

static void test_conditions(void) {
  double line = -1e-3, flat = 0.9;
  check(outcome_at(1, FAR, line, 0) == SEARCH_ACCEPTED, "just enough", "decrease");
  check(outcome_at(1, FAR, nextafter(line, 0), 0) == SEARCH_TRY, "just too little", "decrease");
  check(outcome_at(2, FAR, 2 * line, 0) == SEARCH_ACCEPTED, "in proportion to the step", "decrease");
  check(outcome_at(2, FAR, nextafter(2 * line, 0), 0) == SEARCH_TRY, "in proportion to the step", "decrease");
  for (int sign = -1; sign <= 1; sign += 2) {
    check(outcome_at(1, FAR, -0.5, sign * flat) == SEARCH_ACCEPTED, "just flat enough", "curvature");
    check(outcome_at(1, FAR, -0.5, sign * nextafter(flat, 1)) == SEARCH_TRY, "just too steep", "curvature");
  }
}

/* A trial of this value above f, with no slope, beyond one of -4 that is too steep. */
static search_outcome outcome_beyond(double f, search_view view, double value) {
  line_search search;
  search_start(&search, (search_point){0, f, -1}, 1, FAR, view);
  tell(&search, (answer){f - 4, -2});
  bool accepts = search_may_accept(&search, f + value);
  search_outcome outcome = search_advance(&search, f + value, 0);
  check(accepts == (outcome == SEARCH_ACCEPTED), "its value tells", "given back");
  return outcome;
}

/* A trial that has lost more than half of what the best has gained is not the last of a first search, if that
 * is more than noise and a part of f. */
static void test_given_back(void) {
  search_view first = {.by_size = true, .by_guess = true}, later = {.by_size = true}, noisy = first,
              sloping = first;
  noisy.noise = 1;
  sloping.by_slope = true;
  check(outcome_beyond(0, first, -2.01) == SEARCH_ACCEPTED, "little is lost", "given back");
  check(outcome_beyond(0, first, -1.99) == SEARCH_TRY, "too much is lost", "given back");
  check(outcome_beyond(0, later, -1.99) == SEARCH_ACCEPTED, "a later search", "given back");
  check(outcome_beyond(0, noisy, -1.99) == SEARCH_ACCEPTED, "of what is noise", "given back");
  check(outcome_beyond(1e4, first, -1.99) == SEARCH_ACCEPTED, "next to nothing of f", "given back");
  check(outcome_beyond(1e3, sloping, 0) == SEARCH_TRY, "all, beside a slope", "given back");
}

/* At the largest step a descent that would go on is enough. */
static void test_limit(void) {
  check(outcome_at(1, 1, -1, -1) == SEARCH_ACCEPTED, "steep at the limit", "limit");
  check(outcome_at(1, 1 + 1e-9, -1, -1) == SEARCH_TRY, "steep short of the limit", "limit");
  check(outcome_at(1, 1, -1, 1) == SEARCH_TRY, "ascending at the limit", "limit");
  check(outcome_at(1, 1, 0, -1) == SEARCH_TRY, "no decrease at the limit", "limit");
}

static void test_start(void) {
  const double slopes[] = {0, 1, -INFINITY, NAN};
  line_search search;
  for (size_t i = 0; i < sizeof slopes / sizeof *slopes; i++)
    check(search_start(&search, (search_point){0, 0, slopes[i]}, 1, FAR, plain) == SEARCH_FAILED,
          "a start that does not descend, or not finitely", "search_start");
}

/* ---- Trial values (section 4) ---------------------------------------------------------------------- */

/* The minimizer of slope t + b t^2 + c t^3. */
static double cubic_minimizer(double slope, double b, double c) {
  return (sqrt(b * b - 3 * slope * c) - b) / (3 * c);
}

/* That of the cubic which begins so, and after `way` has risen by `rise` and has this last slope. */
static double fitted_minimizer(double slope, double way, double rise, double last) {
  double c = (slope + last - 2 * rise / way) / (way * way);
  return cubic_minimizer(slope, (rise / way - slope) / way - c * way, c);
}

/* Case 1. The cubic with phi(1) = 1 and phi'(1) = 2 is -t + 3 t^2 - t^3, that with phi'(1) = 6 is
 * -t - t^2 + 3 t^3; the parabola with phi(1) = 1 is -t + 2 t^2. The first cubic's minimizer is nearer to 0
 * than the parabola's, 1/4, the second's is not. */
static void test_higher(void) {
  expect_trial(trial_after((answer){1, 2}, none, FAR), cubic_minimizer(-1, 3, -1), "case 1: the cubic's");
  expect_trial(trial_after((answer){1, 6}, none, FAR), (cubic_minimizer(-1, -1, 3) + 0.25) / 2,
               "case 1: the mean");
}

/* Case 2. The cubic with phi(1) = -0.2 and phi'(1) = 2 is -t - 0.6 t^2 + 1.4 t^3, of which the minimizer is
 * 0.65; the slopes' zero, 1/3, is farther from 1. With phi(1) = -0.002 and phi'(1) = 0.95 it is
 * -t + 1.044 t^2 - 0.046 t^3, and its minimizer, 0.50, is the farther one: the zero is 1/1.95. */
static void test_opposite(void) {
  expect_trial(trial_after((answer){-0.2, 2}, none, FAR), 1.0 / 3, "case 2: the secant's");
  expect_trial(trial_after((answer){-0.002, 0.95}, none, FAR), cubic_minimizer(-1, 1.044, -0.046),
               "case 2: the cubic's");
}

/* Case 3 with no bracket: from phi(1) = -2, phi'(1) = -3 to the trial at 5 with phi'(5) = -1.5, from where
 * the slopes' zero is at 9, and 1.1 and 4 moves further on are 9.4 and 21. The cubic from 1 on is
 * -3 u + b u^2 + c u^3 with 16 b + 64 c = phi(5) + 14 and 8 b + 48 c = 1.5. For phi(5) = -11.5 its
 * minimizer is 7.25 and both are too near; for -10.9 it is 10.19, the farther one; for -10 there is none. */
static double third(double value) { return trial_after((answer){-2, -3}, (answer){value, -1.5}, FAR); }
static void test_flatter(void) {
  expect_trial(third(-11.5), 5 + 1.1 * 4, "case 3: the least");
  expect_trial(third(-10.9), 1 + cubic_minimizer(-3, 0.20625, -0.003125), "case 3: the cubic's");
  expect_trial(third(-10), 5 + 4 * 4, "case 3: the most");
}

/* Case 4 with no bracket: four times the last move further on, from 0 to 1, then from 1 to 5. */
static void test_steeper(void) {
  answer steeper = {-1, -2};
  expect_trial(trial_after(steeper, none, FAR), 1 + 4, "case 4: the most");
  expect_trial(trial_after(steeper, (answer){-20, -3}, FAR), 5 + 4 * 4, "case 4: the most again");
  expect_trial(trial_after(steeper, none, 3), 3, "case 4: the limit");
}

/* Bracketed by the second trial (case 1) and 1, where phi is 1 with slope 2. Case 3: the slopes' zero is
 * 20 or 11 times as far as the trial, the cubic's minimizer nearer; at most 0.66 of the way to 1. Case 4: the
 * cubic to 1. */
static void test_bracketed(void) {
  double trial = cubic_minimizer(-1, 3, -1), way = 1 - trial;
  answer higher = {1, 2};
  expect_trial(trial_after(higher, (answer){-0.17, -0.95}, FAR), trial + 0.66 * way,
               "case 3, bracketed: most of the way");
  expect_trial(trial_after(higher, (answer){-0.178, -0.91}, FAR), fitted_minimizer(-1, trial, -0.178, -0.91),
               "case 3, bracketed: the cubic's");
  expect_trial(trial_after(higher, (answer){-0.3, -1.5}, FAR), trial + fitted_minimizer(-1.5, way, 1.3, 2),
               "case 4, bracketed: the cubic's to the other end");
}

/* Case 3 from the right: bracketed by 1, where the slope is 2, and 0, the trial is at 1/3 (case 2). With
 * slope 1.5 there the slopes' zero is below 0: so most of the way to it. */
static void test_bracketed_right(void) {
  double step = trial_after((answer){-0.2, 2}, (answer){-0.3, 1.5}, FAR);
  expect_trial(step, 1.0 / 3 - 0.66 / 3, "case 3: most of the way to the left");
}

/* ---- The bracket (sections 2 and 3) ---------------------------------------------------------------- */

/* Without sufficient decrease so far, psi(t) = phi(t) + 1e-3 t chooses the trial: of phi(1) = -0.0005 and
 * phi'(1) = 2 it makes psi(1) = 0.0005 > psi(0), case 1 by -0.999 t - 0.0015 t^2 + 1.001 t^3. */
static void test_first_stage(void) {
  double cubic = cubic_minimizer(-0.999, -0.0015, 1.001), parabola = 0.999 / 1.999;
  expect_trial(trial_after((answer){-0.0005, 2}, none, FAR), (cubic + parabola) / 2, "case 1 of psi");
}

/* A bracket that did not shrink to 0.66 of its width in two trials is halved: before them it was as wide as
 * the limit. Else the trial is that of case 4. */
static void test_halving(void) {
  double trial = cubic_minimizer(-1, 3, -1), threshold = (1 - trial) / 0.66;
  answer higher = {1, 2}, steeper = {-0.3, -1.5};
  double asked = trial_after(higher, steeper, FAR);
  expect_trial(trial_after(higher, steeper, threshold * (1 - 1e-9)), (trial + 1) / 2, "halved");
  expect_trial(trial_after(higher, steeper, threshold * (1 + 1e-9)), asked, "not halved");
}

/* trial = that after phi(1) = rise, phi'(1) = 2 rise, and this slope, where phi is a parabola so far; first =
 * the one between. */
static double trial_by_size(double rise, double slope, double max_step, double *first) {
  line_search search = begun(max_step);
  search.by_size = true;
  tell(&search, (answer){rise, 2 * rise});
  *first = search.step;
  tell(&search, (answer){(slope - 1) / 2 * search.step, slope});
  return search.step;
}

/* A bracket more than 100 times as long as its near end is left at the geometric mean, where it would be at
 * 0.66 of the way (case 3) or halved (a limit of 1); a shorter one as without. */
static void test_by_size(void) {
  double first;
  const double flatter = -0.98, steeper = -1.5;
  double trial = trial_by_size(150, flatter, FAR, &first);
  check(first < 1 / 100.0, "a near end", "by size");
  expect_trial(trial, sqrt(first), "case 3, by size");
  trial = trial_by_size(150, steeper, 1, &first);
  expect_trial(trial, sqrt(first), "halved by size");
  trial = trial_by_size(15, flatter, FAR, &first);
  check(first > 1 / 100.0, "a far end", "by size");
  expect_trial(trial, first + 0.66 * (1 - first), "case 3 in a short bracket");
}

/* From phi(0) = 1, phi'(0) = -1e-12, which explain a rise of 1e-12. */
static line_search begun_in_rounding(bool by_slope) {
  line_search search;
  search_start(&search, (search_point){0, 1, -1e-12}, 1, FAR, (search_view){.by_slope = by_slope});
  return search;
}

/* Also holds what the value alone says against the outcome. */
static search_outcome outcome_of_rise(double rise, double slope, bool by_slope) {
  line_search search = begun_in_rounding(by_slope);
  bool may_accept = search_may_accept(&search, 1 + rise);
  search_outcome outcome = search_advance(&search, 1 + rise, slope);
  check(outcome != SEARCH_ACCEPTED || may_accept, "the gradient is wanted", "by slope");
  return outcome;
}

/* A rise of at most 1e-7 that is more than ten times what the slope explains is rounding, and no wall. */
static void test_by_slope(void) {
  const double flat = 0.89e-12, steep = 0.91e-12;
  check(outcome_of_rise(1e-7, flat, true) == SEARCH_ACCEPTED, "hidden", "by slope");
  check(outcome_of_rise(1.001e-7, flat, true) == SEARCH_TRY, "a rise too clear", "by slope");
  check(outcome_of_rise(1.1e-11, flat, true) == SEARCH_ACCEPTED, "more than is told", "by slope");
  check(outcome_of_rise(0.9e-11, flat, true) == SEARCH_TRY, "what may be told", "by slope");
  check(outcome_of_rise(1e-9, steep, true) == SEARCH_TRY, "too steep", "by slope");
  check(outcome_of_rise(1e-9, flat, false) == SEARCH_TRY, "slopes that are not told", "by slope");

  line_search walled = begun_in_rounding(true), flatter = walled;
  check(search_meets_wall(&walled, 1 + 2e-6), "a wall", "by slope");
  flatter.start.slope = -1e-18;
  check(!search_meets_wall(&flatter, 1 + 9e-10), "rounding", "by slope");
  flatter.by_slope = false;
  check(search_meets_wall(&flatter, 1 + 9e-10), "a wall", "by values");
}

/* The outcome of the same value, 1, where the slope is this there, and 0.8 times that at the trial. */
static search_outcome outcome_of_level(double slope, bool by_slope) {
  line_search search;
  search_start(&search, (search_point){0, 1, slope}, 1, FAR, (search_view){.by_slope = by_slope});
  return search_advance(&search, 1, 0.8 * slope);
}

/* A value that stays the same has no digits for a change that they should show. */
static void test_level(void) {
  check(outcome_of_level(-0.99e-4, true) == SEARCH_ACCEPTED, "four digits", "level");
  check(outcome_of_level(-1.01e-4, true) == SEARCH_TRY, "too large a change", "level");
  check(outcome_of_level(-1e-6, false) == SEARCH_TRY, "slopes that are not told", "level");
}

/* The slope bounds what is left where the trials have clearly risen, all of them finite. */
static void test_bound(void) {
  line_search search = begun_in_rounding(true);
  search_shorten(&search, 1 + 0.9e-9);
  check(search_bound(&search) == INFINITY, "no clear rise", "search_bound");
  search_shorten(&search, 2);
  check(search_bound(&search) == 0.2 * 1e-12, "of the shortest trial", "search_bound");
  check(search_continue(&search, 0) == SEARCH_TRY && search.by_slope, "goes on", "search_continue");
  search_shorten(&search, NAN);
  search_shorten(&search, 2);
  check(search_bound(&search) == INFINITY, "a trial without a value", "search_bound");
  search = begun_in_rounding(false);
  search_shorten(&search, 2);
  check(search_bound(&search) == INFINITY, "slopes that are not told", "search_bound");
}

/* The noise that trials at a step of 1 and at `near` show, phi falling by half a step; their values are off
 * by so much, and the slope of the first by `slope`. */
static double noise_of(double near, double off, double off_near, double slope) {
  line_search search;
  search_start(&search, (search_point){0, 1, -0.5}, 1, FAR, (search_view){.by_slope = true});
  search_advance(&search, 0.5 + off, slope - 0.5);
  search.step = near;
  search_advance(&search, 1 - near / 2 + off_near, -0.5);
  return search_noise(&search);
}

/* Trials show noise where they differ from what their slopes explain by as much near the start as far off,
 * and not by the same. */
static void test_noise(void) {
  check(near(noise_of(0.125, 0.4, 0.13, 0), 0.2), "half of the larger", "search_noise");
  check(near(noise_of(0.125, -0.3, 0.4, 0), 0.2), "of either sign", "search_noise");
  check(noise_of(0.13, 0.4, 0.13, 0) == 0, "no step so short", "search_noise");
  check(noise_of(0.125, 0.4, 0.11, 0) == 0, "an error that goes", "search_noise");
  check(noise_of(0.125, 0.4, 0.37, 0) == 0 && noise_of(0.125, 0.4, 0.35, 0) > 0, "a jump", "search_noise");
  check(noise_of(0.125, 0.4 + 0.05, 0.3, 0.1) == 0 && noise_of(0.125, 0.4 + 0.05, 0.25, 0.1) > 0,
        "a jump to another slope", "search_noise");
  check(noise_of(0.125, 0.4, NAN, 0) == 0 && noise_of(0.125, INFINITY, 0.13, 0) == 0, "no value",
        "search_noise");
  check(noise_of(0.125, 0, 0, 0) == 0, "slopes that explain the values", "search_noise");
  check(noise_of(0.125, 0.4, 0.2, 0.5) == 0, "slopes that may", "search_noise");
  check(noise_of(0.125, 1, 0.125, 0) == 0, "a wrong slope", "search_noise");
}

/* A trial shows noise together with one of the two before, its slope told or not. */
static void test_noise_of_trials(void) {
  const double steps[] = {1, 0.1, 0.09, 0.08, 0.001};
  const bool shows[] = {false, true, true, false, true};
  line_search search = begun_in_rounding(true);
  check(search_noise(&search) == 0, "no trial", "search_noise");
  for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
    search.step = steps[k];
    search_shorten(&search, 2 + 2 * steps[k]);
    check((search_noise(&search) > 0) == shows[k], "values without slopes", "search_noise");
  }
}

/* Noise of values makes no pair of told slopes doubtful. */
static void test_noisy_pair(void) {
  line_search search;
  search_start(&search, (search_point){0, 1, -1}, 1, FAR, (search_view){.noise = 1, .by_slope = true});
  check(search_curvature(&search, -0.5) == 0.5, "told slopes", "search_curvature");
  search.by_slope = false;
  check(search_curvature(&search, -0.5) == 0, "slopes by differences", "search_curvature");
}

/* Descends steeply to 1, and is higher at the limit: the bracket is [1, limit]. */
static line_search bracketed_by(double limit) {
  line_search search = begun(limit);
  tell(&search, (answer){-1, -2});
  tell(&search, (answer){1, 2});
  return search;
}

/* The search ends once the bracket is no wider than 0.1 of its upper end: with the best step, if that is any
 * better than the start. */
static void test_tolerance(void) {
  line_search wide = bracketed_by(1 / 0.9 * (1 + 1e-9)), narrow = bracketed_by(1 / 0.9 * (1 - 1e-9));
  check(wide.step > 1 && wide.step < 1 / 0.9, "within a bracket that is wide enough", "tolerance");
  check(narrow.step == 1, "back to the best", "tolerance");
  line_search worse = narrow;
  check(search_advance(&narrow, -1, -2) == SEARCH_ACCEPTED, "the best of a narrow bracket", "tolerance");
  check(search_advance(&worse, 0, -2) == SEARCH_FAILED, "no better than the start", "tolerance");
}

/* phi is huge wherever it is asked: no step is left, and the best is 0. */
static void test_exhausted_at_start(void) {
  line_search search = begun(FAR);
  search_outcome outcome = SEARCH_TRY;
  for (int trial = 0; trial < 10 && outcome == SEARCH_TRY; trial++)
    outcome = search_advance(&search, 1e300, 1);
  check(outcome == SEARCH_FAILED, "no step is left", "exhausted");
}

/* ---- Trials without a value ------------------------------------------------------------------------ */

/* A fifth of the way from the best step, which is the limit of those to come if there is no bracket. */
static void test_shorten(void) {
  line_search search = begun(FAR);
  for (int times = 1; times <= 3; times++) {
    check(search_shorten(&search, NAN) == SEARCH_TRY, "the search goes on", "search_shorten");
    expect_trial(search.step, pow(0.2, times), "from 0");
  }
  check(search_advance(&search, -1, -2) == SEARCH_ACCEPTED, "steep at the new limit", "search_shorten");

  search = begun(FAR);
  tell(&search, (answer){-1, -2});
  search_shorten(&search, NAN);
  expect_trial(search.step, 1 + 0.2 * 4, "from the best");
  search_outcome outcome = SEARCH_TRY;
  for (int times = 0; times < 100 && outcome == SEARCH_TRY; times++) outcome = search_shorten(&search, NAN);
  check(outcome == SEARCH_FAILED && search.step == 1, "until nothing is left", "search_shorten");
}

/* In a bracket the limit stays what it is, and nothing is lost by coming back to the best step. */
static void test_shorten_bracketed(void) {
  line_search search = begun(2);
  tell(&search, (answer){1, 2});
  check(search_shorten(&search, NAN) == SEARCH_TRY, "the search goes on", "search_shorten");
  expect_trial(search.step, 0.2 * cubic_minimizer(-1, 3, -1), "in a bracket");
  check(search.max_step == 2, "the limit stays", "search_shorten");
  for (int times = 0; times < 1000 && search.step > 0; times++) search_shorten(&search, NAN);
  check(search_shorten(&search, NAN) == SEARCH_TRY, "the bracket is left to search_advance",
        "search_shorten");
}

/* ---- Brackets, and ends ------------------------------------------------------------------------------ */

/* A higher trial brackets the minimum, whatever its slope. A bracket that has not shrunk is left in the
 * middle: by size, too, from 0, and as published also one that is far longer than its near end. */
static double halved(double best, search_view view) {
  line_search search = begun(FAR);
  search.by_size = view.by_size;
  search.best = (search_point){best, -best, -1};
  search.previous_width = 0.5;
  tell(&search, (answer){1, -1});
  check(search.bracketed, "a bracket", "higher");
  return search.step;
}

static void test_middle(void) {
  expect_trial(halved(0, (search_view){.by_size = true}), 0.5, "from 0, by size");
  expect_trial(halved(0.001, plain), 0.5005, "a wide bracket, as published");
  expect_trial(halved(0.0001, (search_view){.by_size = true}), 0.01, "a wide one, by size");
}

/* Where phi beside the best step is huge, the next one would be that again, at the near end or the far one.
 */
static void test_not_inside(void) {
  line_search search = begun(FAR);
  tell(&search, (answer){-1, -2});
  tell(&search, (answer){1e60, 1});
  check(search.final && search.step == 1, "the near end", "not inside");
  search = begun(FAR);
  tell(&search, (answer){-1, -2});
  tell(&search, (answer){-100, 2});
  check(1 < search.step && search.step < 5, "a bracket", "not inside");
  tell(&search, (answer){1e60, -1});
  check(search.final && search.step == 5, "the far end", "not inside");
}

/* From phi(0) = 1 by a slope of -1e-5 to 0.9, and back to 1, as flat as need be: no digit shows what the
 * slope tells, but what the best trial has gained is lost. */
static search_outcome outcome_back(search_view view) {
  line_search search;
  search_start(&search, (search_point){0, 1, -1e-5}, 1, FAR, view);
  tell(&search, (answer){0.9, -1e-5});
  return search_advance(&search, 1, 5e-6);
}

static void test_back(void) {
  check(outcome_back((search_view){.by_slope = true}) == SEARCH_ACCEPTED, "by its slope", "back");
  check(outcome_back((search_view){.by_slope = true, .by_guess = true}) == SEARCH_TRY, "given back", "back");
}

/* s'y is known where it is above the rounding of the slope, and the noise of f. */
static void test_pair(void) {
  line_search search = begun(FAR);
  search.step = 2;
  check(search_curvature(&search, -1 + 4 * DBL_EPSILON) == 8 * DBL_EPSILON, "step times change", "pair");
  check(search_curvature(&search, -1 + DBL_EPSILON / 2) == 0, "rounding", "pair");
  search.noise = 1e-3;
  check(search_curvature(&search, -0.9996) == 0 && search_curvature(&search, -0.9) > 0.19, "noise", "pair");
}

/* A rise behind the best step is no wall, however steep. */
static void test_behind(void) {
  line_search search = begun(FAR);
  check(search_meets_wall(&search, 2e6), "ahead", "wall");
  search.best.step = 2;
  check(!search_meets_wall(&search, 2e6), "behind", "wall");
}

/* The lowest trial is taken once more, if it is lower than phi(0), has a slope, and was not refused. */
static void test_settle(void) {
  line_search search = begun(FAR);
  check(search_settle(&search) == SEARCH_FAILED, "none yet", "settle");
  search_shorten(&search, -5);
  check(search_settle(&search) == SEARCH_FAILED, "none with a slope", "settle");
  search = begun(FAR);
  tell(&search, (answer){-1, -2});
  line_search refused = search;
  check(search_settle(&search) == SEARCH_TRY && search.step == 1 && search.final, "the lowest", "settle");
  check(search_settle(&search) == SEARCH_FAILED, "not twice", "settle");
  refused.step = 1;
  search_refuse(&refused);
  check(search_settle(&refused) == SEARCH_FAILED, "not one that is refused", "settle");
}

/* A new search begins at a tenth of the shortest step, or nearer if so it was asked, twice; if there was a
 * trial, and the slope promises more than rounding there. */
static void test_continue(void) {
  line_search search = begun(FAR);
  check(search_continue(&search, 0) == SEARCH_FAILED, "without a trial", "continue");
  search.shortest = 0.5;
  line_search nearer = search, rounded = search;
  check(search_continue(&search, 0) == SEARCH_TRY && near(search.step, 0.05), "a tenth", "continue");
  check(search.max_step == 0.5 && search.start.slope == -1, "no longer one, from there", "continue");
  search.shortest = 0.05;
  check(search_continue(&search, 0) == SEARCH_TRY && near(search.step, 0.005), "once more", "continue");
  search.shortest = 0.005;
  check(search_continue(&search, 0) == SEARCH_FAILED, "twice at most", "continue");
  nearer.step = 0.01;
  check(search_continue(&nearer, 0) == SEARCH_TRY && nearer.step == 0.01, "nearer", "continue");
  check(search_continue(&rounded, 0.051) == SEARCH_FAILED, "lost in rounding", "continue");
}

/* ---- The functions of section 5 -------------------------------------------------------------------- */

typedef answer phi_function(double step);

/* (5.1), beta = 2: -a / (a^2 + beta). */
static answer function1(double a) {
  double square = a * a + 2;
  return (answer){-a / square, (a * a - 2) / (square * square)};
}

/* (5.2), beta = 0.004: (a + beta)^5 - 2 (a + beta)^4. */
static answer function2(double a) {
  double b = a + 0.004;
  return (answer){pow(b, 5) - 2 * pow(b, 4), 5 * pow(b, 4) - 8 * pow(b, 3)};
}

/* (5.3), beta = 0.01, l = 39: |a - 1|, rounded within beta of 1, and a wave. */
static answer function3(double a) {
  const double beta = 0.01, wave = 39 * acos(-1) / 2, e = a - 1;
  bool round = fabs(e) < beta;
  return (answer){(round ? e * e / (2 * beta) + beta / 2 : fabs(e)) + (1 - beta) / wave * sin(wave * a),
                  (round ? e / beta : copysign(1, e)) + (1 - beta) * cos(wave * a)};
}

/* (5.4): gamma(b1) sqrt((1 - a)^2 + b2^2) + gamma(b2) sqrt(a^2 + b1^2), gamma(b) = sqrt(1 + b^2) - b. */
static answer yanai(double a, double b1, double b2) {
  double first = sqrt((1 - a) * (1 - a) + b2 * b2), second = sqrt(a * a + b1 * b1);
  double gamma1 = sqrt(1 + b1 * b1) - b1, gamma2 = sqrt(1 + b2 * b2) - b2;
  return (answer){gamma1 * first + gamma2 * second, gamma1 * (a - 1) / first + gamma2 * a / second};
}
static answer function4(double a) { return yanai(a, 0.001, 0.001); }
static answer function5(double a) { return yanai(a, 0.01, 0.001); }
static answer function6(double a) { return yanai(a, 0.001, 0.01); }

/* What the constants of linesearch.c make of the paper's four first trials, as measured. */
enum { STARTS = 4 };
static const double first_trials[STARTS] = {1e-3, 1e-1, 1e1, 1e3};
typedef struct {
  const char *name;
  phi_function *phi;
  bool narrow; /* a valley of less than 0.1 of its step: the bracket ends the search, not the slope */
  int evaluations[STARTS];
  double accepted[STARTS];
} published;

static const published functions[] = {
    {"function 1", function1, false, {5, 2, 1, 4}, {0.341, 0.5, 10, 36.88760696}},
    {"function 2", function2, true, {11, 7, 6, 10}, {1.597583045, 1.602408527, 1.612373806, 1.595040276}},
    {"function 3", function3, true, {11, 9, 7, 11}, {0.9967520447, 0.9858519281, 0.981156502, 1.01179275}},
    {"function 4", function4, false, {1, 1, 3, 4}, {1e-3, 0.1, 0.3491046164, 0.8294012432}},
    {"function 5", function5, false, {1, 1, 3, 4}, {1e-3, 0.1, 0.3362776577, 0.8223749381}},
    {"function 6", function6, false, {1, 1, 3, 4}, {1e-3, 0.1, 0.5076952643, 0.8369774697}}};

static void test_published(const published *function, int trial) {
  line_search search;
  answer start = function->phi(0), end = start;
  int evaluations = 0;
  search_outcome outcome =
      search_start(&search, (search_point){0, start.value, start.slope}, first_trials[trial], FAR, plain);
  for (; outcome == SEARCH_TRY && evaluations < 20; evaluations++) {
    end = function->phi(search.step);
    outcome = search_advance(&search, end.value, end.slope);
  }
  double accepted = function->accepted[trial];
  bool flat = fabs(end.slope) <= 0.9 * fabs(start.slope);
  check(outcome == SEARCH_ACCEPTED, "a step is accepted", function->name);
  check(end.value <= start.value + 1e-3 * search.step * start.slope, "sufficient decrease", function->name);
  check(flat == !function->narrow, "the curvature condition", function->name);
  check(evaluations == function->evaluations[trial], "the number of evaluations", function->name);
  check(fabs(search.step - accepted) <= 1e-9 * accepted, "the step", function->name);
}

static void test_all_published(void) {
  for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
    for (int trial = 0; trial < STARTS; trial++) test_published(&functions[i], trial);
}

void test_linesearch(void) {
  test_conditions();
  test_given_back();
  test_limit();
  test_start();
  test_higher();
  test_opposite();
  test_flatter();
  test_steeper();
  test_bracketed();
  test_bracketed_right();
  test_by_size();
  test_by_slope();
  test_level();
  test_bound();
  test_noise();
  test_noise_of_trials();
  test_noisy_pair();
  test_first_stage();
  test_halving();
  test_tolerance();
  test_exhausted_at_start();
  test_shorten();
  test_shorten_bracketed();
  test_middle();
  test_not_inside();
  test_back();
  test_pair();
  test_behind();
  test_settle();
  test_continue();
  test_all_published();
}
