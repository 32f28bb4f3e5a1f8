/* test_run.c - whole runs that need what an ordinary run does not: a fallback, a restart, a skipped pair. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core_tests.h"
#include "evidence.h"
#include "solver.h"

typedef struct {
  lbfgsb_solver *solver;
  double *g; /* n, for the gradient */
} session;

static session begin(problem p, const lbfgsb_options *options) {
  session run = {malloc(lbfgsb_size(p.n, options->pairs)), malloc(p.n * sizeof(double))};
  lbfgsb_init(run.solver, p.n, p.x, p.lower, p.upper, options);
  return run;
}

static lbfgsb_summary end(session run) {
  lbfgsb_summary report = lbfgsb_report(run.solver);
  free(run.solver);
  free(run.g);
  return report;
}

/* ---- The fallback of pass 2 ---------------------------------------------------------------------- */

/* (x - z)'A(x - z) / 2, z = (1, -0.95): with x_1 <= 0.05 the minimizer's projection lies uphill. */
static double valley(size_t n, const double *x, double *g) {
  double a = x[0] - 1, b = x[1] + 0.95;
  (void)n;
  g[0] = a + 0.99 * b;
  g[1] = 0.99 * a + b;
  return (a * g[0] + b * g[1]) / 2;
}

static void test_fallback(void) {
  problem p = new_problem(2);
  lbfgsb_options options = lbfgsb_defaults();
  memcpy(p.lower, (double[]){-3, -3}, 2 * sizeof(double));
  memcpy(p.upper, (double[]){0.05, 3}, 2 * sizeof(double));
  memcpy(p.x, p.lower, 2 * sizeof(double));
  session s = begin(p, &options);
  run(s.solver, valley, p, "fallback");
  lbfgsb_summary report = end(s);
  check(report.status == LBFGSB_GRADIENT_CONVERGED && report.restarts == 0, "descends by the fallback",
        "fallback");
  free_problem(p);
}

/* ---- Restarts ------------------------------------------------------------------------------------- */

/* Rosenbrock's function, not defined in these evaluations. */
static lbfgsb_summary run_with_gap(size_t first, size_t last, size_t max_trials, size_t confirm) {
  problem p = new_problem(2);
  objective *f = set_up("rosen2", p);
  lbfgsb_options options = lbfgsb_defaults();
  options.max_trials = max_trials;
  options.confirm = confirm;
  session s = begin(p, &options);
  double value = 0;
  size_t evaluation = 0;
  for (lbfgsb_request request = LBFGSB_EVALUATE; request != LBFGSB_FINISHED;
       request = lbfgsb_advance(s.solver, value, s.g)) {
    if (request != LBFGSB_EVALUATE) continue;
    value = f(2, lbfgsb_point(s.solver), s.g);
    evaluation++;
    if (evaluation >= first && evaluation <= last) value = NAN;
  }
  free_problem(p);
  return end(s);
}

/* A search that fails with pairs forgets them and goes on; one that fails without ends the run. */
static void test_restart(void) {
  lbfgsb_summary once = run_with_gap(11, 17, 7, 1);
  check(once.nonfinite == 7 && once.restarts == 1, "a failed search restarts", "restart");
  check(once.status == LBFGSB_GRADIENT_CONVERGED && once.value < 1e-8, "and the run goes on", "restart");
  lbfgsb_summary twice = run_with_gap(11, 24, 7, 0);
  check(twice.nonfinite == 14 && twice.evaluations == 24, "a second failure follows", "restart");
  check(twice.status == LBFGSB_LINE_SEARCH_FAILED, "and without pairs ends the run", "restart");
}

/* Without pairs a search that fails goes on closer to the iterate, twice, if it is not as published. */
static void test_continued_search(void) {
  lbfgsb_summary found = run_with_gap(11, 24, 7, 1);
  check(found.nonfinite == 14 && found.restarts == 1, "a search goes on where one has failed", "continued");
  check(found.status == LBFGSB_GRADIENT_CONVERGED && found.value < 1e-8, "and finds its way", "continued");
  lbfgsb_summary lost = run_with_gap(11, 22, 3, 1);
  check(lost.nonfinite == 12 && lost.status == LBFGSB_LINE_SEARCH_FAILED, "but no more than twice",
        "continued");
}

/* A search that has failed asks for f at the iterate again, and says so where that is another. */
static void test_random(void) {
  lbfgsb_summary same = run_with_gap(11, 22, 3, 1), other = run_with_gap(11, 23, 3, 1);
  check(same.evaluations == 23 && same.status == LBFGSB_LINE_SEARCH_FAILED, "f is as it was", "random");
  check(other.evaluations == 23 && other.status == LBFGSB_RANDOM, "or not", "random");
}

/* Where the only trial allowed is lower, but by too little, it is the next iterate. */
static void test_settled_search(void) {
  problem p = new_problem(1);
  lbfgsb_options options = lbfgsb_defaults();
  options.max_trials = 1;
  session s = begin(p, &options);
  lbfgsb_advance(s.solver, 0, (double[]){-1});
  lbfgsb_advance(s.solver, 0, NULL);
  double first = *lbfgsb_point(s.solver);
  check(lbfgsb_advance(s.solver, -1e-9, (double[]){-1}) == LBFGSB_EVALUATE, "lower, by too little",
        "settled");
  check(*lbfgsb_point(s.solver) == first, "the lowest trial is asked for again", "settled");
  check(lbfgsb_advance(s.solver, -1e-9, (double[]){-1}) == LBFGSB_NEW_ITERATE, "and accepted", "settled");
  check(end(s).evaluations == 3, "one evaluation beyond the limit", "settled");
  free_problem(p);
}

/* A gradient of 0 at a trial is asked about half as far again: as high there, the trial is on a plateau. */
static void test_plateau(double beyond, bool is_plateau) {
  problem p = new_problem(1);
  lbfgsb_options options = lbfgsb_defaults();
  session s = begin(p, &options);
  lbfgsb_advance(s.solver, 0, (double[]){-1});
  lbfgsb_advance(s.solver, 0, NULL);
  double first = *lbfgsb_point(s.solver);
  lbfgsb_request request = lbfgsb_advance(s.solver, -1, (double[]){0});
  check(request == LBFGSB_EVALUATE && *lbfgsb_point(s.solver) == 1.5 * first, "f is asked further on",
        "plateau");
  request = lbfgsb_advance(s.solver, beyond, (double[]){0});
  check(request == (is_plateau ? LBFGSB_EVALUATE : LBFGSB_NEW_ITERATE), "a plateau or an optimum", "plateau");
  double nearer = *lbfgsb_point(s.solver);
  check(!is_plateau || (nearer > 0 && nearer < first), "a plateau is left towards the iterate", "plateau");
  check(is_plateau || *lbfgsb_iterate(s.solver) == first, "an optimum is the iterate", "plateau");
  lbfgsb_summary report = end(s);
  check(report.value == (is_plateau ? 0 : -1), "its value is its own", "plateau");
  free_problem(p);
}

/* A trial with hardly a slope left, to which f has fallen less than slopes say, is on a plateau, and nothing
 * is asked; one to which it has fallen as they say, or more, is an iterate, and so is one with some slope
 * beside the change or f, where noise is known, or as published. */
static void test_evident_plateau(double f, double change, double slope, double noise, bool is_plateau) {
  problem p = new_problem(1);
  p.x[0] = 1;
  lbfgsb_options options = lbfgsb_defaults();
  session s = begin(p, &options);
  lbfgsb_set_noise(s.solver, noise);
  lbfgsb_advance(s.solver, f, (double[]){-1});
  lbfgsb_advance(s.solver, f, NULL);
  double first = *lbfgsb_point(s.solver);
  lbfgsb_request request = lbfgsb_advance(s.solver, f + (first - 1) * change, (double[]){slope});
  double nearer = *lbfgsb_point(s.solver);
  check(request == (is_plateau ? LBFGSB_EVALUATE : LBFGSB_NEW_ITERATE), "a plateau or an iterate", "evident");
  check(!is_plateau || (nearer > 1 && nearer < first), "it is left towards the iterate", "evident");
  end(s);
  free_problem(p);
}

/* Values without end, at the start and at a trial; as published such are not finite, or lower. */
static void test_unbounded(void) {
  for (size_t confirm = 0; confirm <= 1; confirm++) {
    problem p = new_problem(1);
    lbfgsb_options options = lbfgsb_defaults();
    options.confirm = confirm;
    options.rescale = 0;
    session s = begin(p, &options);
    lbfgsb_advance(s.solver, -INFINITY, NULL);
    lbfgsb_status expected = confirm ? LBFGSB_UNBOUNDED : LBFGSB_START_NOT_FINITE;
    check(end(s).status == expected, "-Inf at the start", "unbounded");
    s = begin(p, &options);
    lbfgsb_advance(s.solver, 2, (double[]){-3});
    lbfgsb_advance(s.solver, 0, NULL);
    lbfgsb_advance(s.solver, nextafter(-3e10, -INFINITY), (double[]){-1e10});
    check(end(s).status == (confirm ? LBFGSB_UNBOUNDED : LBFGSB_RUNNING), "far below zero", "unbounded");
    s = begin(p, &options);
    lbfgsb_advance(s.solver, 2, (double[]){-3});
    lbfgsb_advance(s.solver, 0, NULL);
    lbfgsb_advance(s.solver, -3e10, (double[]){-1e10});
    check(end(s).status == LBFGSB_RUNNING, "just not far enough", "unbounded");
    s = begin(p, &options);
    lbfgsb_advance(s.solver, 2, (double[]){-3});
    lbfgsb_advance(s.solver, 0, NULL);
    double first = *lbfgsb_point(s.solver);
    for (int trial = 1; trial <= 20; trial++) lbfgsb_advance(s.solver, -INFINITY, NULL);
    check(*lbfgsb_point(s.solver) < first, "-Inf at a trial shortens the step", "unbounded");
    lbfgsb_advance(s.solver, -INFINITY, NULL);
    check((end(s).status == LBFGSB_UNBOUNDED) == confirm, "but not for ever", "unbounded");
    free_problem(p);
  }
}

/* sqrt(x_1) + (x_2 - 1)^2 in x >= 0: x_1 comes to its bound, where the slope is infinite, and stays. */
static double root(size_t n, const double *x, double *g) {
  (void)n;
  g[0] = 0.5 / sqrt(x[0]);
  g[1] = 2 * (x[1] - 1);
  return sqrt(x[0]) + (x[1] - 1) * (x[1] - 1);
}

static void test_infinite_slope(void) {
  problem p = new_problem(2);
  lbfgsb_options options = lbfgsb_defaults();
  for (size_t i = 0; i < 2; i++) p.x[i] = 0.25, p.lower[i] = 0;
  session s = begin(p, &options);
  lbfgsb_summary report = run(s.solver, root, p, "infinite slope");
  check(report.nonfinite == 0 && report.status == LBFGSB_GRADIENT_CONVERGED, "no trial is lost",
        "infinite slope");
  check(lbfgsb_iterate(s.solver)[0] == 0 && fabs(lbfgsb_iterate(s.solver)[1] - 1) < 1e-6, "the minimizer",
        "infinite slope");
  check(isfinite(lbfgsb_gradient(s.solver)[0]), "a gradient that can be reckoned with", "infinite slope");
  end(s);
  free_problem(p);
}

/* The length of the first trial step after a search has failed, where the gradient is -slope; each pair is
 * forgotten at once. */
static double step_after_restart(double slope, size_t confirm) {
  problem p = new_problem(1);
  lbfgsb_options options = lbfgsb_defaults();
  options.max_trials = 1;
  options.confirm = confirm;
  session s = begin(p, &options);
  double start = 2 * slope, iterate = slope;
  lbfgsb_advance(s.solver, 0, &start);
  lbfgsb_advance(s.solver, 0, NULL);
  lbfgsb_advance(s.solver, -fabs(slope), &iterate);
  lbfgsb_advance(s.solver, 0, NULL);
  lbfgsb_advance(s.solver, NAN, NULL);
  double step = *lbfgsb_point(s.solver) - *lbfgsb_iterate(s.solver);
  check(end(s).restarts == 1, "the search has failed", "restart");
  free_problem(p);
  return step;
}

static void test_step_after_restart(void) {
  check(step_after_restart(-0.25, 0) == 0.25, "as published the step is -g", "restart");
  check(step_after_restart(-4, 0) == 1, "but no longer than 1", "restart");
  check(step_after_restart(-0.25, 1) == 0.5, "half a size, as the last one", "restart");
  check(step_after_restart(-4, 1) == 0.5, "whatever the unit of f", "restart");
}

/* ---- The curvature condition ----------------------------------------------------------------------- */

/* The summary after one step of length 1 along -g, in a box that ends there: slope -1 at its start. */
static lbfgsb_summary after_step(double slope) {
  problem p = new_problem(1);
  lbfgsb_options options = lbfgsb_defaults();
  options.confirm = 0;
  p.lower[0] = 0;
  p.upper[0] = 10;
  session s = begin(p, &options);
  lbfgsb_advance(s.solver, 0, (double[]){-1});
  lbfgsb_advance(s.solver, 0, NULL);
  lbfgsb_advance(s.solver, -1, &slope);
  free_problem(p);
  return end(s);
}

/* A pair counts if s'y > eps |g'd| step. */
static void test_skip(void) {
  const double kept[] = {-0.5, -1 + 0x1p-51}, skipped[] = {-1 + 0x1p-52, -1 + 0x1p-53, -1, -2};
  for (size_t i = 0; i < 2; i++) {
    lbfgsb_summary report = after_step(kept[i]);
    check(report.iterations == 1 && report.skipped == 0, "positive curvature is kept", "skip");
  }
  for (size_t i = 0; i < 4; i++) {
    lbfgsb_summary report = after_step(skipped[i]);
    check(report.iterations == 1 && report.skipped == 1, "tiny and negative curvature is skipped", "skip");
  }
}

/* The pairs skipped after a question at (x - 1)^4 + 1 with a noise of 1e-12 that is answered by a lower
 * value, and a gradient, by differences, that makes s'y so many times the noise of a value. */
static size_t skipped_after_question(double times) {
  const double noise = 1e-12;
  problem p = new_problem(1);
  lbfgsb_options options = lbfgsb_defaults();
  options.rescale = 0;
  p.x[0] = 1.3;
  session s = begin(p, &options);
  lbfgsb_set_noise(s.solver, noise);
  while (s.solver->run.phase != PHASE_QUESTION && lbfgsb_report(s.solver).status == LBFGSB_RUNNING) {
    double x = *lbfgsb_point(s.solver), g = 4 * pow(x - 1, 3);
    evidence_tell_gain(s.solver, 0);
    lbfgsb_advance(s.solver, pow(x - 1, 4) + 1, &g);
  }
  size_t iterations = lbfgsb_report(s.solver).iterations;
  double value = lbfgsb_report(s.solver).value, move = *lbfgsb_point(s.solver) - *lbfgsb_iterate(s.solver);
  double g = *lbfgsb_gradient(s.solver) + times * noise * value / move;
  lbfgsb_advance(s.solver, value * (1 - 1e-6), &g);
  lbfgsb_summary report = end(s);
  check(report.iterations == iterations + 1, "a lower value refutes the claim", "noise");
  free_problem(p);
  return report.skipped;
}

/* Nor does a pair count whose s'y may be noise. */
static void test_skip_at_question(void) {
  check(skipped_after_question(1.01) == 0, "more than noise is kept", "skip");
  check(skipped_after_question(0.99) == 1, "what may be noise is skipped", "skip");
}

/* ---- The evaluation limit --------------------------------------------------------------------------- */

static void test_evaluation_limit(void) {
  problem p = new_problem(50);
  objective *f = set_up("vardim50", p);
  lbfgsb_options options = lbfgsb_defaults();
  options.confirm = 0;
  size_t within_search = 0;
  for (size_t limit = 2; limit <= 12; limit++) {
    options.max_evaluations = (double)limit;
    session s = begin(p, &options);
    run(s.solver, f, p, "limit");
    within_search += lbfgsb_pending(s.solver) == LBFGSB_EVALUATE;
    lbfgsb_summary report = end(s);
    check(report.status == LBFGSB_EVALUATION_LIMIT && report.evaluations == limit, "the limit holds",
          "limit");
  }
  check(within_search >= 2, "inside of searches too", "limit");
  free_problem(p);
}

/* ---- Extreme magnitudes ------------------------------------------------------------------------------ */

static double steep_exponential(size_t n, const double *x, double *g) {
  double f = 0;
  for (size_t i = 0; i < n; i++) {
    f += exp(400 * x[i]) - x[i];
    g[i] = 400 * exp(400 * x[i]) - 1;
  }
  return f;
}

static double huge_bowl(size_t n, const double *x, double *g) {
  double f = 0;
  for (size_t i = 0; i < n; i++) {
    double a = (double)(i + 1) * 1e160, r = x[i] - 0.7;
    f += a * r * r / 2;
    g[i] = a * r;
  }
  return f;
}

/* d'd = g'g overflows. */
static void test_huge(objective *f, double start, double upper, double minimizer, const char *name) {
  problem p = new_problem(5);
  lbfgsb_options options = lbfgsb_defaults();
  for (size_t i = 0; i < 5; i++) p.x[i] = start, p.upper[i] = upper;
  session s = begin(p, &options);
  lbfgsb_summary report = run(s.solver, f, p, name);
  check(report.restarts <= 3, "no model is asked where its products overflow", name);
  for (size_t i = 0; i < 5; i++)
    check(fabs(lbfgsb_iterate(s.solver)[i] - minimizer) < 1e-4, "converges from a huge gradient", name);
  end(s);
  free_problem(p);
}

static double cliff(size_t n, const double *x, double *g) {
  (void)n;
  g[0] = 1e150;
  return 1e150 * x[0];
}

/* A bound so near that its breakpoint underflows is still ahead. */
static void test_tiny_room(void) {
  problem p = new_problem(1);
  lbfgsb_options options = lbfgsb_defaults();
  p.lower[0] = 0;
  p.x[0] = 1e-200;
  session s = begin(p, &options);
  lbfgsb_summary report = run(s.solver, cliff, p, "tiny room");
  check(lbfgsb_iterate(s.solver)[0] == 0 && report.iterations == 1, "the bound is reached", "tiny room");
  end(s);
  free_problem(p);
}

void test_run(void) {
  test_fallback();
  test_restart();
  test_step_after_restart();
  test_continued_search();
  test_random();
  test_settled_search();
  test_plateau(-1, true);
  test_plateau(-0.5, false);
  test_plateau(-2, false);
  test_evident_plateau(10, -0.2, -1e-8, 0, true);
  test_evident_plateau(10, -0.24, -1.5e-7, 0, true);
  test_evident_plateau(10, -0.26, -1e-8, 0, false);
  test_evident_plateau(10, -0.5, -1e-8, 0, false);
  test_evident_plateau(10, -2, -1e-8, 0, false);
  test_evident_plateau(10, -0.2, -2.5e-7, 0, false);
  test_evident_plateau(0.1001, -0.2, -5e-8, 0, false);
  test_evident_plateau(10, -0.2, -1e-8, 1e-9, false);
  test_unbounded();
  test_infinite_slope();
  test_skip();
  test_skip_at_question();
  test_evaluation_limit();
  test_huge(steep_exponential, 1, INFINITY, -log(400) / 400, "exponential");
  test_huge(steep_exponential, 1, 1, -log(400) / 400, "exponential, bounded");
  test_huge(huge_bowl, 3, INFINITY, 0.7, "bowl");
  test_huge(huge_bowl, 3, 3, 0.7, "bowl, bounded");
  test_huge(huge_bowl, -3, 0.6, 0.6, "bowl, at its bound");
  test_tiny_room();
}
