/* test_curvature.c - second derivatives at the start, where a slope there has misled. Values and gradients
 * are told as no function would, and by a curve of growth. METHOD.md (83). */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "core_tests.h"
#include "solver.h"

static const double SLOPES[2] = {1, 0x1p-10}; /* at the start, where f = 16: units of 1 and 1024 */
static const double LOST[2] = {0.5, 0x1p-21}; /* at the first trial */
static const double CLOSE = 0x1p-20;          /* in such a unit */

static bool is_valid(const lbfgsb_solver *s) {
  return lbfgsb_valid(s, lbfgsb_size(s->layout.n, lbfgsb_options_of(s).pairs)) == 1;
}
static bool is_point(const lbfgsb_solver *s, double x1, double x2) {
  return lbfgsb_point(s)[0] == x1 && lbfgsb_point(s)[1] == x2;
}

/* A run that is told f = 16 and this gradient at its start, and waits for its first trial. */
static lbfgsb_solver *begin_with(problem p, const double *g, int confirm) {
  lbfgsb_options options = lbfgsb_defaults();
  options.confirm = confirm;
  lbfgsb_solver *s = malloc(lbfgsb_size(p.n, options.pairs));
  lbfgsb_init(s, p.n, p.x, p.lower, p.upper, &options);
  lbfgsb_advance(s, 16, g);
  check(lbfgsb_advance(s, 0, NULL) == LBFGSB_EVALUATE, "a trial is asked for", "curvature");
  return s;
}

static lbfgsb_solver *begin(double x1, double x2, int confirm) {
  problem p = new_problem(2);
  p.x[0] = x1, p.x[1] = x2;
  lbfgsb_solver *s = begin_with(p, SLOPES, confirm);
  free_problem(p);
  return s;
}

/* The gradient is asked for next to the start, along one variable at a time. Newton's step 2^-2 along x2 is
 * its unit; that along x1, 2, is longer than x1's. */
static void test_questions(void) {
  const double g1[2] = {1 + 0.5 * CLOSE, 0x1p-10};
  const double g2[2] = {1, 0x1p-10 + 0x1p-8 * 1024 * CLOSE};
  lbfgsb_solver *s = begin(0, 0, 1);
  double x1 = lbfgsb_point(s)[0], x2 = lbfgsb_point(s)[1];
  check(lbfgsb_scale(s)[0] == 1 && lbfgsb_scale(s)[1] == 1024, "slopes tell the units", "questions");
  check(lbfgsb_advance(s, 15, LOST) == LBFGSB_EVALUATE, "the trial is no iterate", "questions");
  check(is_point(s, CLOSE, 0) && is_valid(s), "along x1", "questions");
  check(lbfgsb_advance(s, 16, g1) == LBFGSB_EVALUATE && is_point(s, 0, 1024 * CLOSE), "along x2",
        "questions");
  check(is_valid(s) && lbfgsb_report(s).iterations == 0, "at the start", "questions");
  check(lbfgsb_advance(s, 16, g2) == LBFGSB_EVALUATE && is_valid(s), "then for a trial", "questions");
  check(lbfgsb_scale(s)[0] == 1 && lbfgsb_scale(s)[1] == 0.25, "in these units", "questions");
  check(is_point(s, x1, x2 * 0x1p-24), "as far as they say", "questions");
  check(lbfgsb_advance(s, 15, LOST) == LBFGSB_EVALUATE && s->run.phase == PHASE_TRIAL, "not asked again",
        "questions");
  check(lbfgsb_scale(s)[1] == 0x1p-6 && is_point(s, x1, x2 * 0x1p-32), "but x2 taken back", "questions");
  free(s);
}

/* A trial that leaves x2 no slope takes x2 back, 2^-8 as far, where it is one of too many to be asked about.
 */
static void test_recall(void) {
  enum { N = 6 };
  const double g[N] = {1, 1, 1, 1, 1, 0x1p-10}, lost[N] = {0.5, 0.5, 0.5, 0.5, 0.5, 0x1p-21};
  problem p = new_problem(N);
  lbfgsb_solver *s = begin_with(p, g, 1);
  double first = lbfgsb_point(s)[0], last = lbfgsb_point(s)[5], unit = lbfgsb_scale(s)[5];
  check(lbfgsb_advance(s, 15, lost) == LBFGSB_EVALUATE && s->run.phase == PHASE_TRIAL, "a trial", "recall");
  check(lbfgsb_scale(s)[5] == unit / 16 && lbfgsb_point(s)[5] == last / 256, "so far goes the one", "recall");
  check(lbfgsb_point(s)[0] == first && lbfgsb_scale(s)[0] == 1, "and so far the others", "recall");
  check(is_valid(s), "the state is valid", "recall");
  free_problem(p);
  free(s);
}

/* Of 1,000 variables chance leaves one a slope of 2^-11, but not of 2^-14: it is taken back alone. */
static void test_of_many(double left, bool is_lost) {
  enum { N = 1000 };
  double g[N], there[N];
  for (size_t i = 0; i < N; i++) g[i] = 1, there[i] = i > 0 ? 0.5 : left;
  problem p = new_problem(N);
  lbfgsb_solver *s = begin_with(p, g, 1);
  double unit = lbfgsb_scale(s)[0], other = lbfgsb_scale(s)[1];
  check((lbfgsb_advance(s, 15, there) == LBFGSB_EVALUATE) == is_lost, "lost or not", "many");
  check(lbfgsb_scale(s)[0] == (is_lost ? unit / 16 : unit), "its unit", "many");
  check(lbfgsb_scale(s)[1] == other, "and that of others", "many");
  free_problem(p);
  free(s);
}

/* Nothing else is taken back where a trial after the questions is not defined. */
static void test_undefined_later(void) {
  const double g[3] = {1, 1, 0x1p-10}, lost[3] = {0.5, 0.5, 0x1p-21};
  problem p = new_problem(3);
  p.x[0] = 4;
  lbfgsb_solver *s = begin_with(p, g, 1);
  lbfgsb_advance(s, 15, lost);
  check(s->run.phase == PHASE_CURVATURE, "a question", "undefined later");
  lbfgsb_advance(s, 16, g);
  lbfgsb_advance(s, 16, g);
  double unit = lbfgsb_scale(s)[1];
  check(lbfgsb_advance(s, NAN, NULL) == LBFGSB_EVALUATE, "a trial", "undefined later");
  check(lbfgsb_scale(s)[1] == unit, "no other unit", "undefined later");
  free_problem(p);
  free(s);
}

/* Not asked about are those whose slope is 0, or leads out of the box. */
static void test_held(void) {
  const double g[3] = {0, 1, 0x1p-10}, lost[3] = {0, 1, 0x1p-21};
  problem p = new_problem(3);
  p.lower[1] = 0;
  lbfgsb_solver *s = begin_with(p, g, 1);
  lbfgsb_advance(s, 15, lost);
  check(s->run.phase == PHASE_CURVATURE && lbfgsb_point(s)[2] != 0, "x3 is asked about", "held");
  lbfgsb_advance(s, 16, g);
  check(s->run.phase == PHASE_TRIAL, "alone", "held");
  free_problem(p);
  free(s);
}

/* Values before gradients ask for the same, also where the value alone refuses the trial; where a gradient is
 * not defined, or has an error, the unit stays. */
static void test_values_first(void) {
  const double g2[2] = {1, 0x1p-10 + 0x1p-8 * 1024 * CLOSE};
  lbfgsb_solver *s = begin(0, 0, 1);
  check(lbfgsb_advance_value(s, 17) == LBFGSB_GRADIENT, "its gradient, not its slope", "values");
  lbfgsb_advance_gradient(s, LOST, 0);
  check(lbfgsb_advance_value(s, NAN) == LBFGSB_EVALUATE && lbfgsb_scale(s)[0] == 1, "no value", "values");
  check(lbfgsb_advance_value(s, 16) == LBFGSB_GRADIENT && is_valid(s), "the gradient", "values");
  lbfgsb_advance_gradient(s, g2, 1e-3);
  check(lbfgsb_scale(s)[1] == 1024 && is_valid(s), "an error", "values");
  free(s);
  s = begin(0, 0, 1);
  lbfgsb_advance(s, 15, LOST);
  lbfgsb_advance_value(s, NAN);
  lbfgsb_advance_value(s, 16);
  lbfgsb_advance_gradient(s, g2, 0);
  check(lbfgsb_scale(s)[1] == 0.25, "without one", "values");
  free(s);
  s = begin(0, 0, 1);
  lbfgsb_advance(s, 15, LOST);
  check(lbfgsb_advance(s, -INFINITY, LOST) == LBFGSB_FINISHED, "-Inf ends the run", "values");
  check(lbfgsb_report(s).status == LBFGSB_UNBOUNDED, "as anywhere", "values");
  free(s);
}

/* Where x2 is at its upper bound the other side is asked about. */
static void test_other_side(void) {
  problem p = new_problem(2);
  p.upper[1] = CLOSE / 2;
  lbfgsb_solver *s = begin_with(p, SLOPES, 1);
  lbfgsb_advance(s, 15, LOST);
  lbfgsb_advance(s, 16, SLOPES);
  check(is_point(s, 0, -1024 * CLOSE) && is_valid(s), "below", "the other side");
  free_problem(p);
  free(s);
}

/* Nothing is asked where the slope is only slight, or has fallen as f has; without `confirm`; of variables
 * that began elsewhere; and not in a later search. */
static void test_silence(void) {
  const double slight[2] = {0.5, 0x1p-19};
  lbfgsb_solver *s = begin(0, 0, 1);
  check(lbfgsb_advance(s, 15, slight) == LBFGSB_NEW_ITERATE, "a slight slope", "silence");
  lbfgsb_advance(s, 0, NULL);
  lbfgsb_advance(s, 14, LOST);
  check(s->run.phase != PHASE_CURVATURE, "a later search", "silence");
  free(s);
  s = begin(0, 0, 1);
  check(lbfgsb_advance(s, 0x1p-20, LOST) == LBFGSB_NEW_ITERATE, "as f", "silence");
  free(s);
  s = begin(0, 0, 0);
  check(lbfgsb_advance(s, 15, LOST) == LBFGSB_NEW_ITERATE, "without `confirm`", "silence");
  free(s);
  s = begin(0, 1024, 1);
  check(lbfgsb_advance(s, 15, LOST) == LBFGSB_NEW_ITERATE, "began elsewhere", "silence");
  free(s);
}

/* A trial that is not accepted is asked about, too, and so is that after it, but of 128 variables at most. */
static void test_refused(size_t zeros, bool is_asked) {
  enum { MOST = 129 };
  double g[MOST], lost[MOST];
  problem p = new_problem(MOST);
  for (size_t i = 0; i < MOST; i++) g[i] = 1, lost[i] = 0x1p-11, p.x[i] = i < zeros ? 0 : 1;
  lbfgsb_solver *s = begin_with(p, g, 1);
  check(lbfgsb_advance(s, 17, g) == LBFGSB_EVALUATE && s->run.phase == PHASE_TRIAL, "one with slopes",
        "refused");
  check(lbfgsb_advance(s, 17, lost) == LBFGSB_EVALUATE, "one without", "refused");
  check((s->run.phase == PHASE_CURVATURE) == is_asked, "is asked about", "refused");
  check(is_valid(s), "the state is valid", "refused");
  free_problem(p);
  free(s);
}

/* States whose trial is another are refused. */
static void test_forged(void) {
  lbfgsb_solver *s = begin(0, 0, 1);
  lbfgsb_advance(s, 15, LOST);
  double *trial = put(s, s->direction.trial), *point = put(s, s->caller.point);
  trial[0] = point[0] = 2 * CLOSE;
  check(!is_valid(s), "farther", "forged");
  trial[0] = point[0] = 0;
  check(!is_valid(s), "nowhere", "forged");
  trial[0] = point[0] = CLOSE;
  check(is_valid(s), "as asked", "forged");
  trial[1] = CLOSE, point[1] = 1024 * CLOSE;
  check(!is_valid(s), "along both", "forged");
  free(s);
}

/* Squares of a logistic curve of growth by the logarithm of its height, by delay and logarithm of its rate,
 * in steps that are exact in other units. */
static double growth(size_t n, const double *x, double *g) {
  double sum = 0;
  for (size_t i = 0; i < n; i++) g[i] = 0;
  for (int t = 0; t <= 20; t++) {
    double y = 80 / (1 + 30 * exp(-0.4 * t)), rate = exp(x[2]), part = 1 / (1 + exp(x[1] - rate * t));
    double m = exp(x[0]) * part, slope = m * (1 - part), r = y - m;
    sum += r * r;
    g[0] -= 2 * r * m;
    g[1] += 2 * r * slope;
    g[2] -= 2 * r * slope * rate * t;
  }
  return sum;
}

static bool is_asked(const lbfgsb_solver *s) { return s->run.phase == PHASE_CURVATURE; }

/* From 0 the first trial lies where the curve is level: it is solved, by three questions. */
static void test_growth_curve(void) {
  const double zeros[3] = {0, 0, 0};
  recorded_run t = begin_run(3, zeros, 1, is_asked);
  run_recorded(&t, growth, 1, INFINITY);
  check(t.asked == 3 && t.calls < 60, "three questions", "a growth curve");
  check(lbfgsb_report(t.solver).value < 1e-12, "solved", "a growth curve");
  end_run(&t);
  test_recorded(growth, 3, zeros, is_asked, "a growth curve");
}

void test_start_curvature(void) {
  test_questions();
  test_recall();
  test_of_many(0x1p-11, false);
  test_of_many(0x1p-14, true);
  test_undefined_later();
  test_held();
  test_values_first();
  test_other_side();
  test_silence();
  test_refused(128, true);
  test_refused(129, false);
  test_forged();
  test_growth_curve();
}
