/* test_evidence.c - by what part f has changed otherwise than its gradients say. METHOD.md (55). */
#include <math.h>
#include <stdlib.h>

#include "agreement.h"
#include "core_tests.h"
#include "evidence.h"
#include "questions.h"

/* After a step of 1 that has changed f from 3 to 2, from where the slope was -2. */
static lbfgsb_solver stepped(void) {
  return (lbfgsb_solver){
      .gram = {.free_count = 1},
      .run = {.value = 2, .previous_value = 3, .search = {.step = 1, .start = {.slope = -2}}}};
}

static void expect(const lbfgsb_solver *s, double part, const char *which) {
  check(lbfgsb_disagreement(s) == part, "the disagreement", which);
}

static void test_formula(void) {
  lbfgsb_solver s = stepped();
  agreement_compare(&s, 0);
  expect(&s, 0, "of the trapezoid rule");
  agreement_compare(&s, -2);
  expect(&s, 0.5, "of a gradient twice too large");
  agreement_compare(&s, 0);
  expect(&s, 0.5 / 3, "a third of it after the next");
  agreement_compare(&s, 1);
  expect(&s, 0.5, "of one half too small");
  agreement_compare(&s, 6);
  expect(&s, 1.5, "of one with the other sign");
  agreement_compare(&s, -INFINITY);
  expect(&s, 0.5, "none of a slope without end");
  s.run.value = -1.6e308;
  s.run.previous_value = 0;
  s.run.search.start.slope = 8e307;
  agreement_compare(&s, 8e307);
  expect(&s, 1.5, "of an f that is nearly too large");
}

/* A change that the rounding of f, or its noise, may have made tells nothing. */
static void test_hidden(void) {
  lbfgsb_solver s = stepped();
  s.run.previous_value = 2 + 1e-14;
  s.run.search.start.slope = -1e-14;
  agreement_compare(&s, 0);
  expect(&s, 0, "none of rounding");
  s = stepped();
  s.run.noise = 1e-3;
  agreement_compare(&s, -2);
  expect(&s, 0, "none of noise");
  s = stepped();
  s.evidence.top_value = 1e26; /* of which f is the rest */
  agreement_compare(&s, -2);
  expect(&s, 0, "none of what is left of larger terms");
}

/* A question about the gradient clears one that agrees there to 1/500, and refutes no claim. */
static void test_question(void) {
  lbfgsb_solver s = {
      .run = {.value = 2}, .gram = {.free_count = 1}, .agreement = {.disagreement = 0.3, .asked = 1}};
  check(questions_hear(&s, 3, NAN), "the slope is wanted", "a value alone");
  check(!questions_hear(&s, INFINITY, NAN), "no slope is wanted", "no value");
  expect(&s, 0.3, "by a value alone");
  check(!questions_hear(&s, 1, -1), "no claim is refuted", "a lower value");
  expect(&s, 0.3, "of a gradient half as large");
  questions_hear(&s, 2 + 1e-14, 2e-14);
  expect(&s, 0.3, "by what rounding hides");
  questions_hear(&s, 3, 1.99);
  expect(&s, 0.3, "of one off by 1/200");
  questions_hear(&s, 3, 2);
  expect(&s, 0, "of a gradient that agrees");
}

/* f is 2 at bounds from where it rises by 1 as the slopes say; asked about, though points before it were,
 * too. */
static lbfgsb_solver at_bounds(void) {
  return (lbfgsb_solver){.run = {.value = 2},
                         .direction = {.slope = 1},
                         .agreement = {.disagreement = 0.3, .asked_at_bounds = 1},
                         .inflection = {.asked = 1},
                         .plateau = {.asked = 1}};
}

static void expect_at_bounds(double value, double slope, bool goes_on, double part, const char *which) {
  lbfgsb_solver s = at_bounds();
  check(questions_hear(&s, value, slope) == goes_on, "what is wanted, or refuted", which);
  expect(&s, part, which);
}

/* A rise as the slopes say, or by curvature, is heard; steps are not, where no variable is free. */
static void test_at_bounds(void) {
  lbfgsb_solver s = at_bounds();
  check(!questions_lead_back(&s), "no way back", "at bounds");
  expect_at_bounds(3, NAN, false, 0, "the rise that is told");
  expect_at_bounds(3, 9, false, 0, "that, whatever the slope there");
  expect_at_bounds(3.5, NAN, true, 0, "more: the slope is wanted");
  expect_at_bounds(3.5, 2, false, 0, "of curvature");
  expect_at_bounds(2, 1, false, 1, "no rise");
  expect_at_bounds(1, 1, true, 2, "a fall by as much");
  expect_at_bounds(-8, 1, false, 1.1, "a fall by far more");
  expect_at_bounds(INFINITY, NAN, false, 0, "no value");
}

/* Slopes of the other sign would have made f fall by 1, their curvature by 1/4 to 1: such a point is the next
 * iterate; another change of f comes from elsewhere. */
static void test_fall_at_bounds(void) {
  const double falls[] = {0.24, 0.26, 1, 1.04, 1.06, INFINITY};
  for (size_t i = 0; i < sizeof falls / sizeof *falls; i++) {
    lbfgsb_solver s = at_bounds();
    bool is_next = 0.25 < falls[i] && falls[i] < 1.05;
    check(questions_hear(&s, 2 - falls[i], 1) == is_next, "a fall by as much as the slopes say", "at bounds");
  }
}

/* Slopes count where they are told, and are no rough ones. */
static void test_by_slopes(void) {
  lbfgsb_solver s = {.options.confirm = 1, .evidence.gain = NAN};
  check(evidence_is_by_slopes(&s), "a gradient that is told", "by slopes");
  s.run.rough = 1e-9;
  check(!evidence_is_by_slopes(&s), "a rough one", "by slopes");
  s = (lbfgsb_solver){.options.confirm = 1, .evidence.gain = INFINITY};
  check(!evidence_is_by_slopes(&s), "one by differences", "by slopes");
}

/* Of a whole run, in which each gradient is multiplied by a factor. */
static double disagreement_of_run(const char *name, size_t n, double factor) {
  problem p = new_problem(n);
  objective *f = set_up(name, p);
  lbfgsb_options options = lbfgsb_defaults();
  lbfgsb_solver *solver = malloc(lbfgsb_size(n, options.pairs));
  double *g = malloc(n * sizeof *g), value = 0;
  lbfgsb_init(solver, n, p.x, p.lower, p.upper, &options);
  for (lbfgsb_request request = LBFGSB_EVALUATE; request != LBFGSB_FINISHED;
       request = lbfgsb_advance(solver, value, g)) {
    if (request != LBFGSB_EVALUATE) continue;
    value = f(n, lbfgsb_point(solver), g);
    for (size_t i = 0; i < n; i++) g[i] *= factor;
  }
  double part = lbfgsb_disagreement(solver);
  free(solver);
  free(g);
  free_problem(p);
  return part;
}

static void test_runs(void) {
  check(disagreement_of_run("rosenbrock", 2, 1) < 0.05, "a right gradient agrees", "disagreement");
  check(disagreement_of_run("wood_box", 4, 1) < 0.05, "a right gradient agrees", "disagreement");
  for (double factor = 0.5; factor < 3; factor *= 1.1)
    if (fabs(factor - 1) > 0.07)
      check(disagreement_of_run("rosenbrock", 2, factor) > 0.05, "a wrong factor shows", "disagreement");
}

/* 1 + a^2 + a^4 + 10 b^2 of the distances to (1, 2), with noise that the gradient does not have. */
static double noisy(const double *x, double *g) {
  double a = x[0] - 1, b = x[1] - 2;
  g[0] = 2 * a + 4 * a * a * a;
  g[1] = 20 * b;
  return 1 + a * a + a * a * a * a + 10 * b * b + 1e-10 * sin(1e9 * x[0] + 3e9 * x[1]);
}

/* Runs to the end, by values and gradients, or by values, and gradients where they are wanted. */
static void run_noisy(lbfgsb_solver *solver, bool values_first) {
  double g[2], value = 0;
  for (lbfgsb_request request = LBFGSB_EVALUATE; request != LBFGSB_FINISHED;) {
    bool evaluate = request == LBFGSB_EVALUATE;
    if (request != LBFGSB_NEW_ITERATE) value = noisy(lbfgsb_point(solver), g);
    if (evaluate && values_first)
      request = lbfgsb_advance_value(solver, value);
    else if (evaluate || request == LBFGSB_NEW_ITERATE)
      request = lbfgsb_advance(solver, value, g);
    else
      request = lbfgsb_advance_gradient(solver, g, 0);
  }
}

/* The question about a gradient that noise has let disagree is heard, also where the value is told first. */
static void test_question_of_runs(bool values_first, const char *which) {
  const double lower[] = {-INFINITY, -INFINITY}, upper[] = {INFINITY, INFINITY};
  lbfgsb_options options = lbfgsb_defaults();
  lbfgsb_solver *solver = malloc(lbfgsb_size(2, options.pairs));
  size_t asked = 0, cleared = 0;
  for (int run = 0; run < 40; run++) {
    const double x[] = {1 + 0.03 * (run - 20.3), 2 + 0.01 * (run % 17 - 8.1)};
    lbfgsb_init(solver, 2, x, lower, upper, &options);
    run_noisy(solver, values_first);
    if (solver->agreement.asked == 0) continue;
    asked++;
    cleared += lbfgsb_disagreement(solver) < 0.05;
  }
  free(solver);
  check(asked > 10 && cleared == asked, "a right gradient is cleared", which);
}

/* A search without pairs, by a rough gradient: its trials rose by up to 1, the slope promises 1e-9 at the
 * shortest. */
static lbfgsb_solver rough_search(void) {
  return (lbfgsb_solver){
      .options = {.confirm = 1, .max_trials = 20},
      .run = {.rough = 1e-9, .search = {.start = {.slope = -1e-9}, .shortest = 1, .spread = 1}}};
}

/* It has four trials, or less if the caller's limit is less; any other has as many as he allows. */
static void test_trials(void) {
  lbfgsb_solver s = rough_search();
  check(evidence_trials(&s) == 4, "four", "trials");
  for (size_t most = 1; most <= 4; most++) {
    s.options.max_trials = most;
    check(evidence_trials(&s) == most, "no more than the limit", "trials");
  }
  s = rough_search();
  s.options.confirm = 0;
  check(evidence_trials(&s) == 20, "as published", "trials");
  s = rough_search();
  s.run.rough = 0;
  check(evidence_trials(&s) == 20, "a gradient that is told", "trials");
  s = rough_search();
  s.pairs.count = 1;
  check(evidence_trials(&s) == 20, "a pair", "trials");
  s = rough_search();
  s.run.search.start.slope = -2e-7;
  check(evidence_trials(&s) == 20, "a slope that promises something", "trials");
  s = rough_search();
  s.run.search.least.value = -1;
  check(evidence_trials(&s) == 20, "a lower trial", "trials");
  s = rough_search();
  s.run.search.spread = INFINITY;
  check(evidence_trials(&s) == 20, "one that is not finite", "trials");
}

/* The first search goes by a guess, but as published. */
static void test_of_search(void) {
  lbfgsb_solver s = {.options = {.confirm = 1}};
  check(evidence_of_search(&s).by_guess && evidence_of_search(&s).by_size, "the first", "a search");
  s.run.iterations = 1;
  check(!evidence_of_search(&s).by_guess && evidence_of_search(&s).by_size, "a later one", "a search");
  s = (lbfgsb_solver){.options = {.confirm = 0}};
  check(!evidence_of_search(&s).by_guess && !evidence_of_search(&s).by_size, "as published", "a search");
}

/* A rise that was let pass for noise leaves less for the next search by slopes. */
static void test_noise_left(void) {
  lbfgsb_solver s = {.options = {.confirm = 1},
                     .run = {.value = 10, .noise = 0x1p-4},
                     .evidence = {.lowest_value = 10, .gain = NAN}};
  check(evidence_of_search(&s).noise == 0.625, "all of it", "noise left");
  s.evidence.lowest_value = 9.75;
  check(evidence_of_search(&s).noise == 0.5, "less half of the rise", "noise left");
  s.evidence.lowest_value = 8;
  check(evidence_of_search(&s).noise == 0, "none", "noise left");
  s.evidence.gain = 0;
  check(evidence_of_search(&s).noise == 0.625, "all of it, by differences", "noise left");
}

/* The noise that two trials show which are off f = 10 by `off` and half of that. */
static double shown(double off, double gain) {
  lbfgsb_solver s = {
      .options = {.confirm = 1}, .run = {.value = 10}, .evidence = {.start_value = 10, .gain = gain}};
  search_start(&s.run.search, (search_point){0, 10, -1e-20}, 1, 10, (search_view){.by_slope = true});
  search_shorten(&s.run.search, 10 + off);
  s.run.search.step = 0.1;
  search_shorten(&s.run.search, 10 + off / 2);
  return evidence_shown_noise(&s);
}

/* It is more than rounding, and a small part of f, where slopes are told. */
static void test_shown_noise(void) {
  check(shown(0.1, NAN) > 0.0049 && shown(0.1, NAN) < 0.0051, "half of the larger", "shown noise");
  check(shown(1.9, NAN) > 0 && shown(2.1, NAN) == 0, "no tenth of f", "shown noise");
  check(shown(210 * DBL_EPSILON, NAN) > 0 && shown(190 * DBL_EPSILON, NAN) == 0, "no rounding",
        "shown noise");
  check(shown(0.1, 0) == 0, "slopes by differences", "shown noise");
}

/* f again at the same point is what it was to a ten-thousandth, or by noise that is told, not measured. */
static void test_repeated(void) {
  lbfgsb_solver s = {.run = {.value = 10, .noise = 0.1}, .evidence = {.start_value = 20}};
  check(evidence_is_repeated(&s, 10.0009) && !evidence_is_repeated(&s, 9.9989), "a little", "repeated");
  check(!evidence_is_repeated(&s, NAN), "no number", "repeated");
  evidence_tell_noise(&s, 1e-3);
  check(evidence_is_repeated(&s, 10.079) && !evidence_is_repeated(&s, 10.081), "noise that is told",
        "repeated");
  evidence_tell_noise(&s, 1e-9);
  check(evidence_is_repeated(&s, 10.079), "the larger one", "repeated");
  s.evidence.start_value = 2e8;
  check(evidence_is_repeated(&s, 8.1) && !evidence_is_repeated(&s, 7.9), "a part of the fall", "repeated");
}

/* The largest slope that is flat: 1e-4 of |f|, or of what f has been; by noise, more. */
static void test_flat(void) {
  lbfgsb_solver s = {
      .options = {.confirm = 1}, .run = {.value = 2}, .evidence = {.largest_slope = 8, .gain = NAN}};
  s.iterate.steepest = 8e-4;
  check(evidence_is_flat(&s), "1e-4 of the largest slope", "flat");
  s.iterate.steepest = 8.1e-4;
  check(!evidence_is_flat(&s), "more", "flat");
  s.run.noise = 1e-4;
  s.iterate.steepest = 0.99 * 1e-2 * 2;
  check(evidence_is_flat(&s), "told slopes by the noise of f", "flat");
  s.iterate.steepest = 1.01 * 1e-2 * 2;
  check(!evidence_is_flat(&s), "and by f alone", "flat");
  s.evidence.gain = 0;
  s.iterate.steepest = 0.99 * 4e-3 * 8;
  check(evidence_is_flat(&s), "differences by less noise, but by the largest slope", "flat");
  s.iterate.steepest = 1.01 * 4e-3 * 8;
  check(!evidence_is_flat(&s), "and no steeper", "flat");
  s.run.noise = 3e-4;
  s.iterate.steepest = 0.99 * 1e-4 * 8;
  check(evidence_is_flat(&s), "where noise is too much to excuse any", "flat");
  s.iterate.steepest = 1.01 * 1e-4 * 8;
  check(!evidence_is_flat(&s), "as without it", "flat");
}

/* True if a run of n variables, of which the last began at `start`, has no end by a trial of it at x. */
static bool has_no_end(size_t n, double start, double x, double value, size_t near) {
  problem p = new_problem(n);
  lbfgsb_options options = lbfgsb_defaults();
  p.x[n - 1] = start;
  lbfgsb_solver *s = malloc(lbfgsb_size(n, options.pairs));
  double *slopes = calloc(n, sizeof *slopes);
  lbfgsb_init(s, n, p.x, p.lower, p.upper, &options);
  slopes[n - 1] = -1;
  lbfgsb_advance(s, 1, slopes);
  put(s, s->direction.trial)[n - 1] = x / get(s, s->scales.scale)[n - 1];
  s->evidence.near = near;
  bool holds = evidence_is_unbounded(s, value);
  free(slopes);
  free(s);
  free_problem(p);
  return holds;
}

static void test_no_end(void) {
  const double far = 0x1.1p80;
  check(has_no_end(2, 1, far, -1, 0) && has_no_end(2, 1, -far, -1, 0), "beyond all boxes", "no end");
  check(has_no_end(2, 0, far, -1, 0) && has_no_end(2, 0x1p-40, far, -1, 0), "from next to 0", "no end");
  check(!has_no_end(2, 1, 0x1p80, -1, 0), "not so far", "no end");
  check(!has_no_end(2, 4, far, -1, 0) && has_no_end(2, 4, 4 * far, -1, 0), "from a larger start", "no end");
  check(!has_no_end(2, 1, far, 0, 0), "not below zero", "no end");
  check(!has_no_end(2, 1, far, -1, 1), "after a near step", "no end");
  check(has_no_end(64, 1, far, -1, 0) && !has_no_end(65, 1, far, -1, 0), "of many variables", "no end");
}

/* True if f = 1 has no corner at (x, other), not below 0, x at most `upper`, from (1, 1), where its slopes
 * are g. */
static bool has_no_corner(double x, double other, double upper, const double *g) {
  problem p = new_problem(2);
  lbfgsb_options options = lbfgsb_defaults();
  p.x[0] = p.x[1] = 1;
  p.lower[0] = p.lower[1] = 0;
  p.upper[0] = upper;
  lbfgsb_solver *s = malloc(lbfgsb_size(2, options.pairs));
  lbfgsb_init(s, 2, p.x, p.lower, p.upper, &options);
  lbfgsb_advance(s, 1, g);
  put(s, s->iterate.x)[0] = x;
  put(s, s->iterate.x)[1] = other;
  bool holds = evidence_has_no_corner(s);
  free(s);
  free_problem(p);
  return holds;
}

/* The largest slope is that at the start here, so a slope of more than 1e-4 of it is steep. */
static void test_no_corner(void) {
  const double steep[] = {1, 0}, both[] = {1, 1}, away[] = {-1, 0}, bottom[] = {0, 0};
  check(has_no_corner(0.5, 1, 2, bottom), "a bottom", "corner");
  check(!has_no_corner(0.5, 1, 2, steep), "a steep place", "corner");
  check(has_no_corner(0.9e-7, 1, 2, steep), "all but on its bound", "corner");
  check(has_no_corner(0.9e-7, 1, 2, away), "on either side of where it is to be", "corner");
  check(has_no_corner(2 - 0.9e-7, 1, 2, steep), "its upper bound", "corner");
  check(!has_no_corner(1.1e-7, 1, 2, steep), "not so near, by what the slope brings", "corner");
  check(!has_no_corner(0.9e-7, 1, 2, both), "beside a steep variable", "corner");
  check(has_no_corner(0.4e-7, 0.4e-7, 2, both), "both all but on their bounds", "corner");
  check(!has_no_corner(0.6e-7, 0.6e-7, 2, both), "not so near, by what both bring", "corner");
  check(has_no_corner(0, 1, 2, steep), "held by its bound", "corner");
  check(!has_no_corner(0, 1, 2, away), "that lets it go", "corner");
  check(!has_no_corner(1 + 0.9e-7, 1, 1 + 1e-7, steep), "from a start next to it", "corner");
}

/* A run by differences to 1e-21 of its start, that falls no more, and goes on by questions alone. */
static lbfgsb_solver spent(void) {
  return (lbfgsb_solver){
      .options = {.confirm = 1},
      .run = {.value = 1e-21},
      .iterate = {.steepest = 1e-11},
      .questions = {.refutations = 1},
      .evidence = {.start_value = 1, .older_value = 1e-21, .largest_slope = 1, .gain = INFINITY, .near = 32}};
}

static void test_spent(void) {
  lbfgsb_solver s = spent();
  check(evidence_is_spent(&s), "it is spent", "spent");
  s.questions.refutations = 0;
  check(!evidence_is_spent(&s), "without a question", "spent");
  s = spent();
  s.evidence.gain = NAN;
  check(!evidence_is_spent(&s), "with a gradient", "spent");
  s = spent();
  s.evidence.near = 31;
  check(!evidence_is_spent(&s), "of far steps", "spent");
  s = spent();
  s.run.value = s.evidence.older_value = 1.1e-20;
  check(!evidence_is_spent(&s), "of more", "spent");
  s = spent();
  s.evidence.older_value = 1.002e-21;
  check(!evidence_is_spent(&s), "of what falls", "spent");
  s = spent();
  s.iterate.steepest = 1e-3;
  check(!evidence_is_spent(&s), "where f is steep", "spent");
  s = spent();
  s.options.confirm = 0;
  check(!evidence_is_spent(&s), "as published", "spent");
}

void test_evidence(void) {
  test_formula();
  test_hidden();
  test_question();
  test_at_bounds();
  test_fall_at_bounds();
  test_by_slopes();
  test_trials();
  test_of_search();
  test_noise_left();
  test_shown_noise();
  test_repeated();
  test_spent();
  test_flat();
  test_no_end();
  test_no_corner();
  test_runs();
  test_question_of_runs(false, "by gradients");
  test_question_of_runs(true, "by values first");
}
