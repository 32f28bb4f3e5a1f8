/* test_differences.c - runs without a gradient, by the core alone: accuracy, the box, holes, noise,
 * resumption; and values before gradients. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core_tests.h"
#include "differences.h"

/* ---- A run of two blocks ----------------------------------------------------------------------------- */

typedef double function(size_t n, const double *x);

typedef struct {
  lbfgsb_solver *solver;
  lbfgsb_differences *differences;
  size_t solver_size, size;
  lbfgsb_request request;
  size_t evaluations;
} both;

enum { MOST = 20000 }; /* evaluations of a run that ends */

static both begin(problem p, lbfgsb_method method, int measures_noise, const double *steps) {
  lbfgsb_options options = lbfgsb_defaults();
  both b = {.solver_size = lbfgsb_size(p.n, options.pairs), .size = lbfgsb_differences_size(p.n)};
  b.solver = calloc(1, b.solver_size);
  b.differences = calloc(1, b.size);
  check(lbfgsb_init(b.solver, p.n, p.x, p.lower, p.upper, &options) == 0, "begins", "differences");
  lbfgsb_differences_init(b.differences, b.solver, method, measures_noise, steps);
  b.request = LBFGSB_EVALUATE;
  return b;
}

static void end(both b) {
  free(b.solver);
  free(b.differences);
}

static both copy_of(const both *b) {
  both c = *b;
  c.solver = memcpy(malloc(b->solver_size), b->solver, b->solver_size);
  c.differences = memcpy(malloc(b->size), b->differences, b->size);
  return c;
}

static bool is_inside(problem p, const double *x) {
  for (size_t i = 0; i < p.n; i++)
    if (!(p.lower[i] <= x[i] && x[i] <= p.upper[i])) return false;
  return true;
}

/* Goes on by one value, or from an iterate. */
static void step(both *b, problem p, function *f) {
  if (b->request == LBFGSB_NEW_ITERATE) {
    b->request = lbfgsb_differences_go_on(b->differences, b->solver);
    return;
  }
  const double *x = lbfgsb_differences_point(b->differences);
  check(is_inside(p, x), "the point is in the box", "differences");
  b->evaluations++;
  b->request = lbfgsb_differences_tell(b->differences, b->solver, f(p.n, x), NULL);
}

static bool are_valid(const both *b) {
  return lbfgsb_valid(b->solver, b->solver_size) &&
         lbfgsb_differences_valid(b->differences, b->size, b->solver);
}

static lbfgsb_summary finish(both *b, problem p, function *f) {
  while (b->request != LBFGSB_FINISHED && b->evaluations < MOST) {
    step(b, p, f);
    check(are_valid(b), "the blocks are valid", "differences");
  }
  check(b->request == LBFGSB_FINISHED, "the run ends", "differences");
  return lbfgsb_report(b->solver);
}

/* ---- Functions ----------------------------------------------------------------------------------------- */

static double square(double v) { return v * v; }

static double rosenbrock(size_t n, const double *x) {
  (void)n;
  return 100 * square(x[1] - square(x[0])) + square(1 - x[0]);
}

/* The minimum is at x_i = (i + 1) / 2. */
static double quadratic(size_t n, const double *x) {
  double f = 1;
  for (size_t i = 0; i < n; i++) f += (double)(i + 1) * square(x[i] - (double)(i + 1) / 2);
  return f;
}

static double alike(size_t n, const double *x) {
  double f = 1;
  for (size_t i = 0; i < n; i++) f += square(x[i] - 2);
  return f;
}

/* It hardly changes over a change of x_0 by 1. */
static double nearly_flat(size_t n, const double *x) {
  return quadratic(n - 1, x + 1) + 1e-3 * square(1e-4 * x[0] - 1);
}

/* Not defined where a variable is above 1, right beside the start. */
static double holey(size_t n, const double *x) {
  double f = 0;
  for (size_t i = 0; i < n; i++) f += x[i] > 1 ? NAN : square(x[i] + (double)i) + exp(x[i]);
  return f;
}

static double noisy(size_t n, const double *x) {
  double w = 0;
  for (size_t i = 0; i < n; i++) w += x[i] * sqrt((double)(2 + i));
  return quadratic(n, x) * (1 + 1e-7 * sin(1e9 * w));
}

/* Straight close to 0, and level far from it: by the slope alone it would change by 1e-4 of f over some 100.
 */
static double saturated(size_t n, const double *x) {
  double f = 1e6;
  for (size_t i = 0; i < n; i++) f -= tanh(x[i]);
  return f;
}

static problem in_box(size_t n, double start, double lower, double upper) {
  problem p = new_problem(n);
  for (size_t i = 0; i < n; i++) {
    p.x[i] = start;
    p.lower[i] = lower;
    p.upper[i] = upper;
  }
  return p;
}

static const lbfgsb_method methods[] = {LBFGSB_AUTO, LBFGSB_FORWARD, LBFGSB_CENTRAL};

/* ---- Runs ---------------------------------------------------------------------------------------------- */

/* The minimizer in the box, to the accuracy that the method is for. */
static void test_accuracy(void) {
  const double tolerance[] = {5e-6, 1e-4, 5e-6}; /* pgtol / 2, the curvature; forward: the root of eps_f */
  for (int k = 0; k < 3; k++) {
    problem p = in_box(5, 1, -0.5, 2);
    both b = begin(p, methods[k], 1, NULL);
    check(lbfgsb_is_evidence(finish(&b, p, quadratic).status), "converges", "accuracy");
    const double *x = lbfgsb_iterate(b.solver);
    for (size_t i = 0; i < 5; i++)
      check(fabs(x[i] - fmin((double)(i + 1) / 2, 2)) <= tolerance[k], "finds the minimizer", "accuracy");
    check(x[4] == 2, "is at the bound to the bit", "accuracy");
    end(b);
    free_problem(p);
  }
}

/* A gradient at the start costs 1, 1 and 2 values for each variable that is not fixed, and the steps are
 * those published, or given. */
static void test_points(void) {
  const double steps[] = {0.25, 0.5, 0.125},
               published[] = {sqrt(DBL_EPSILON), sqrt(DBL_EPSILON), cbrt(DBL_EPSILON)};
  for (int k = 0; k < 6; k++) {
    const double *given = k < 3 ? NULL : steps;
    problem p = in_box(3, 1, -9, 9);
    p.lower[1] = p.upper[1] = 1;
    lbfgsb_method method = methods[k % 3];
    both b = begin(p, method, 1, given);
    step(&b, p, quadratic);
    double h = given ? steps[0] : published[k % 3];
    check(lbfgsb_differences_point(b.differences)[0] == 1 + h, "the step", "points");
    while (b.request == LBFGSB_EVALUATE) step(&b, p, quadratic);
    check(b.request == LBFGSB_NEW_ITERATE, "an iterate", "points");
    check(b.evaluations == (method == LBFGSB_CENTRAL ? 5 : 3), "evaluations of a gradient", "points");
    check(lbfgsb_differences_gradients(b.differences) == 1, "one gradient", "points");
    check(lbfgsb_gradient(b.solver)[1] == 0, "0 where a variable is fixed", "points");
    if (method == LBFGSB_CENTRAL)
      check(fabs(lbfgsb_gradient(b.solver)[0] - 1) < 1e-9, "central differences of a parabola", "points");
    end(b);
    free_problem(p);
  }
}

/* What lies ahead is what is asked for. */
static void test_ahead(void) {
  size_t index[8];
  double at[8];
  problem p = in_box(4, 1, -9, 1); /* at the bound: one-sided */
  both b = begin(p, LBFGSB_CENTRAL, 1, NULL);
  check(lbfgsb_differences_ahead(b.differences, b.solver, index, at) == 0, "no gradient", "ahead");
  step(&b, p, quadratic);
  size_t count = lbfgsb_differences_ahead(b.differences, b.solver, index, at);
  check(count == 8, "two values a variable", "ahead");
  for (size_t k = 0; k < count; k++) {
    check(lbfgsb_differences_point(b.differences)[index[k]] == at[k], "the next point", "ahead");
    step(&b, p, quadratic);
  }
  check(b.request == LBFGSB_NEW_ITERATE, "the gradient is complete", "ahead");
  end(b);
  free_problem(p);
}

/* f is not defined on one side of the start: differences from the other; where everything is fixed, no more
 * than one value. */
static void test_holes(void) {
  for (int k = 0; k < 3; k++) {
    problem p = in_box(3, 1, -9, 9);
    both b = begin(p, methods[k], 1, NULL);
    check(lbfgsb_is_evidence(finish(&b, p, holey).status), "converges", "holes");
    check(lbfgsb_report(b.solver).value < holey(3, (double[]){-0.5, -1.2, -2.1}), "gets lower", "holes");
    end(b);
    free_problem(p);

    p = in_box(2, 1, 1, 1);
    b = begin(p, methods[k], 1, NULL);
    finish(&b, p, quadratic);
    check(b.evaluations == 1, "fixed variables cost nothing", "holes");
    end(b);
    free_problem(p);
  }
}

/* The noise that f has is found, by evaluations that are few, and the run gets to the minimum; told 0 it does
 * not measure. */
static void test_noise(void) {
  problem p = in_box(4, 0.1, -9, 9);
  both b = begin(p, LBFGSB_AUTO, 1, NULL);
  lbfgsb_summary at = finish(&b, p, noisy);
  double noise = lbfgsb_noise(b.solver);
  check(noise > 1e-8 && noise < 1e-6, "its level is found", "noise");
  check(b.solver->evidence.told_noise == 0, "that is none that is told", "noise");
  lbfgsb_set_noise(b.solver, 1e-9);
  check(b.solver->evidence.told_noise == 1e-9 && lbfgsb_noise(b.solver) == noise, "less is told", "noise");
  check(quadratic(4, lbfgsb_iterate(b.solver)) - 1 < 1e-4, "the minimum is found", "noise");
  check(at.evaluations <= b.evaluations, "the solver counts values at its points alone", "noise");
  end(b);
  b = begin(p, LBFGSB_AUTO, 0, NULL);
  finish(&b, p, noisy);
  check(lbfgsb_noise(b.solver) == 0, "nothing is measured", "noise");
  end(b);
  free_problem(p);
}

/* ---- Resumption ---------------------------------------------------------------------------------------- */

/* Copies of both blocks, taken before each value, are valid and go on to the same bits. */
static both begin_limited(problem p, lbfgsb_method method, const double *steps, double max_evaluations) {
  both b = begin(p, method, 1, steps);
  b.solver->options.max_evaluations = max_evaluations;
  return b;
}

static void test_resumption_to(double limit, lbfgsb_method method, const double *steps, function *f,
                               problem p, const char *name) {
  both whole = begin_limited(p, method, steps, limit), b = begin_limited(p, method, steps, limit);
  lbfgsb_summary expected = finish(&whole, p, f);
  while (b.request != LBFGSB_FINISHED) {
    both copy = copy_of(&b);
    check(lbfgsb_valid(copy.solver, copy.solver_size) == 1, "the solver is valid", name);
    check(lbfgsb_differences_valid(copy.differences, copy.size, copy.solver) == 1, "the block is valid",
          name);
    lbfgsb_options options = lbfgsb_options_of(copy.solver);
    lbfgsb_resume(copy.solver, &options);
    check(lbfgsb_differences_are(copy.differences, method, steps) == 1, "the method and its steps", name);
    check(lbfgsb_differences_resume(copy.differences, copy.solver) == b.request, "waits for the same", name);
    lbfgsb_summary at = finish(&copy, p, f);
    check(memcmp(lbfgsb_iterate(copy.solver), lbfgsb_iterate(whole.solver), p.n * sizeof(double)) == 0 &&
              at.value == expected.value && copy.evaluations == whole.evaluations,
          "goes on to the same bits", name);
    end(copy);
    step(&b, p, f);
  }
  end(b);
  end(whole);
}

static void test_resumption(lbfgsb_method method, function *f, problem p, const char *name) {
  test_resumption_to(INFINITY, method, NULL, f, p, name);
}

/* Where f = 1 at x = 1 shows nothing, and the pairs tell a far longer step. */
static both begin_level(problem p, const double *steps, enum task task) {
  both b = begin(p, LBFGSB_AUTO, 0, steps);
  b.differences->value = b.solver->run.value = 1;
  b.differences->task = task;
  b.differences->knows_model = true;
  put_array(b.differences, ARRAY_MODEL)[0] = 1e-20;
  return b;
}

/* Steps that are given are not widened by what the pairs tell, nor where f shows nothing; nor made longer
 * where they tell far more than a second difference of 0. */
static void test_no_longer(const double *steps) {
  const double h = 0x1p-17;
  problem p = in_box(1, 1, -9, 9);
  const enum task tasks[] = {TASK_FORWARD, TASK_CENTRAL};
  for (size_t k = 0; k < 2; k++) {
    both b = begin_level(p, steps, tasks[k]);
    check((differences_base(b.differences, b.solver, 0).widest == 0) == (steps != NULL), "no wider", "steps");
    end(b);
  }
  both b = begin_level(p, steps, TASK_CENTRAL);
  put_array(b.differences, ARRAY_MODEL)[0] = 10;
  b.differences->element = (partial){.base = {.x = 1, .f = 1},
                                     .slope = 1e-7,
                                     .step = h,
                                     .has_curvature = true,
                                     .first = 1 + h,
                                     .second = 1 - h};
  check(differences_lengthen(b.differences, b.solver) == (steps == NULL), "no longer", "steps");
  end(b);
  free_problem(p);
}

/* Steps that are given stay what they are, also from 0 in a box that is no size; a state has them, and no
 * others.
 */
static void test_given_steps(void) {
  const double steps[] = {0x1p-10, 0x1p-12, 0x1p-14}, others[] = {0x1p-10, 0x1p-12, 0x1p-13};
  problem p = in_box(3, 0, -1e10, 1e20);
  both b = begin(p, LBFGSB_AUTO, 1, steps);
  step(&b, p, quadratic);
  for (size_t i = 0; i < 3; i++) {
    check(lbfgsb_differences_point(b.differences)[i] == steps[i], "the step that is given", "steps");
    step(&b, p, quadratic);
  }
  check(!lbfgsb_differences_are(b.differences, LBFGSB_AUTO, others), "other steps", "steps");
  check(!lbfgsb_differences_are(b.differences, LBFGSB_AUTO, NULL), "none", "steps");
  check(!lbfgsb_differences_are(b.differences, LBFGSB_CENTRAL, steps), "another method", "steps");
  const double bad[] = {0, -1, INFINITY, NAN};
  for (size_t k = 0; k < 4; k++) {
    both copy = copy_of(&b);
    put_array(copy.differences, ARRAY_STEPS)[2] = bad[k];
    check(!lbfgsb_differences_valid(copy.differences, copy.size, copy.solver), "no step", "steps");
    end(copy);
  }
  end(b);
  test_resumption_to(INFINITY, LBFGSB_AUTO, steps, quadratic, p,
                     "resumption: given steps, a width that is no size");
  free_problem(p);
  p = in_box(2, -1.2, -5, 5);
  test_resumption_to(INFINITY, LBFGSB_AUTO, steps, rosenbrock, p, "resumption: given steps");
  free_problem(p);
  test_no_longer(NULL);
  test_no_longer(steps);
}

/* Any byte of the block may be any other: it is refused, or nothing beside it is touched and the run ends. */
static void test_damage(unsigned seed) {
  problem p = in_box(3, 0.5, -1, 2);
  both b = begin(p, LBFGSB_AUTO, 1, NULL);
  srand(seed);
  for (int k = rand() % 60; k > 0 && b.request != LBFGSB_FINISHED; k--) step(&b, p, noisy);
  for (int k = 0; k < 200; k++) {
    both copy = copy_of(&b);
    ((unsigned char *)copy.differences)[(size_t)rand() % copy.size] ^= (unsigned char)(1 << rand() % 8);
    if (lbfgsb_differences_valid(copy.differences, copy.size, copy.solver)) {
      copy.request = lbfgsb_differences_resume(copy.differences, copy.solver);
      for (int limit = 0; limit < 2000 && copy.request != LBFGSB_FINISHED; limit++) step(&copy, p, noisy);
    }
    end(copy);
  }
  check(lbfgsb_differences_valid(b.differences, b.size - 1, b.solver) == 0, "cut off", "damage");
  end(b);
  free_problem(p);
}

/* ---- Values before gradients --------------------------------------------------------------------------- */

static double with_gradient(const double *x, double *g) {
  double r = x[1] - square(x[0]);
  g[0] = -400 * x[0] * r - 2 * (1 - x[0]);
  g[1] = 200 * r;
  return rosenbrock(2, x);
}

/* Answers by the value first, and the gradient where that or the slope is asked for: the bits are those of
 * lbfgsb_advance(), by no more gradients. */
static void test_values_first(void) {
  problem p = in_box(2, -1.2, -5, 5);
  lbfgsb_options options = lbfgsb_defaults();
  lbfgsb_solver *one = malloc(lbfgsb_size(2, options.pairs)), *two = malloc(lbfgsb_size(2, options.pairs));
  lbfgsb_init(one, 2, p.x, p.lower, p.upper, &options);
  lbfgsb_init(two, 2, p.x, p.lower, p.upper, &options);
  double g[2];
  size_t slopes = 0;
  lbfgsb_request request = LBFGSB_EVALUATE, other = LBFGSB_EVALUATE;
  while (request != LBFGSB_FINISHED) {
    request = lbfgsb_advance(one, with_gradient(lbfgsb_point(one), g), g);
    while (other == LBFGSB_EVALUATE || other == LBFGSB_GRADIENT || other == LBFGSB_SLOPE) {
      double value = with_gradient(lbfgsb_point(two), g);
      check(lbfgsb_pending(two) == other, "what is pending", "values first");
      slopes += other == LBFGSB_SLOPE;
      bool first = other == LBFGSB_EVALUATE;
      other = first ? lbfgsb_advance_value(two, value) : lbfgsb_advance_gradient(two, g, 0);
      if (!first) break;
    }
    check(request == other, "the same request", "values first");
    while (request == LBFGSB_NEW_ITERATE) {
      request = lbfgsb_advance(one, 0, NULL);
      other = lbfgsb_advance(two, 0, NULL);
    }
  }
  check(memcmp(lbfgsb_iterate(one), lbfgsb_iterate(two), sizeof g) == 0, "the same bits", "values first");
  check(lbfgsb_report(one).evaluations == lbfgsb_report(two).evaluations, "the same count", "values first");
  check(slopes > 0, "slopes are asked for", "values first");
  free(one);
  free(two);
  free_problem(p);
}

/* A box that the minimum is outside of, and that has no 0: every block on the way is valid. */
static void test_far_box(void) {
  for (int k = 0; k < 3; k++) {
    problem p = in_box(6, 4.5, 4, 5);
    both b = begin(p, methods[k], 1, NULL);
    lbfgsb_summary at = finish(&b, p, quadratic);
    check(lbfgsb_is_evidence(at.status) && lbfgsb_iterate(b.solver)[0] == 4, "at its bound", "far box");
    end(b);
    free_problem(p);
  }
}

/* A better gradient that is not finite is none: the run goes on with the one it has, and its block is valid.
 */
static void test_lost_gradient(void) {
  problem p = in_box(6, 0.9, -0.5, 1);
  lbfgsb_options options = lbfgsb_defaults();
  options.max_trials = 1;
  size_t size = lbfgsb_size(p.n, options.pairs), lost = 0;
  lbfgsb_solver *s = calloc(1, size);
  double g[6] = {0};
  check(lbfgsb_init(s, p.n, p.x, p.lower, p.upper, &options) == 0, "begins", "lost gradient");
  lbfgsb_request request = LBFGSB_EVALUATE;
  for (size_t k = 0; k < 200 && request != LBFGSB_FINISHED; k++) {
    const double *x = request == LBFGSB_REFINE ? lbfgsb_iterate(s) : lbfgsb_point(s);
    for (size_t i = 0; i < p.n; i++)
      g[i] = request == LBFGSB_REFINE ? NAN : 4 * square(x[i]) * x[i] - (double)i;
    lost += request == LBFGSB_REFINE;
    if (request == LBFGSB_EVALUATE) {
      double value = 0;
      for (size_t i = 0; i < p.n; i++) value += square(square(x[i])) - (double)i * x[i];
      request = lbfgsb_advance_value(s, value);
    } else if (request == LBFGSB_SLOPE) {
      double slope = 0;
      for (size_t i = 0; i < p.n; i++) slope += g[i] * (x[i] - lbfgsb_iterate(s)[i]);
      request = lbfgsb_advance_slope(s, slope);
    } else {
      request = request == LBFGSB_NEW_ITERATE ? lbfgsb_advance(s, 0, NULL) : lbfgsb_advance_gradient(s, g, 1);
    }
    check(lbfgsb_valid(s, size) && lbfgsb_report(s).free <= p.n, "a valid block", "lost gradient");
  }
  check(lost > 0, "a better gradient is asked for", "lost gradient");
  free(s);
  free_problem(p);
}

/* Where f bends over the step for a second derivative at the start, 1/16 of it is tried, to both sides, once.
 */
static void test_shorter(void) {
  problem p = new_problem(2);
  both b = begin(p, LBFGSB_AUTO, 1, NULL);
  double longest = 0;
  size_t as_long = 0, sixteenth = 0;
  while (lbfgsb_report(b.solver).iterations == 0 && b.request == LBFGSB_EVALUATE) {
    const double *x = lbfgsb_differences_point(b.differences);
    bool alone = x[0] != 0 && x[1] == 0;
    longest = alone ? fmax(longest, fabs(x[0])) : longest;
    as_long += alone && fabs(x[0]) == longest && longest > 1;
    sixteenth += alone && fabs(x[0]) == longest / 16 && longest > 1;
    check(!alone || fabs(x[0]) < 1e-3 || fabs(x[0]) >= longest / 16, "none shorter", "shorter");
    step(&b, p, saturated);
  }
  check(longest > 10 && as_long > 0 && sixteenth == 2, "a sixteenth of the step", "shorter");
  end(b);
  free_problem(p);
}

/* Straight close to 0, and bent far from it: c is 7 over 60, where the slope is another, and 0.03 over 60
 * / 16. */
static double bent_afar(size_t n, const double *x) {
  double f = 1e6;
  for (size_t i = 0; i < n; i++) f += x[i] * (-1 + square(x[i]) * (1e-2 + 1e-3 * x[i]));
  return f;
}

/* Of both second derivatives the larger one tells the unit, sqrt(T / c) = 90 for T = 1e6 / 16. */
static void test_larger(void) {
  problem p = new_problem(2);
  both b = begin(p, LBFGSB_AUTO, 1, NULL);
  while (b.request != LBFGSB_NEW_ITERATE && b.evaluations < 100) step(&b, p, bent_afar);
  for (size_t i = 0; i < 2; i++)
    check(lbfgsb_scale(b.solver)[i] == 64 || lbfgsb_scale(b.solver)[i] == 128, "by the larger", "shorter");
  end(b);
  free_problem(p);
}

/* Nor is it tried again where noise is told, and so short a step grows as it shows nothing. */
static double saturated_beside(size_t n, const double *x) {
  (void)n;
  double bowl = square(x[0] - 1) / 20 + square(x[1] - 2) / 20;
  return 10 * (1 + 0.004 * (1 - exp(-5 * fabs(x[2] - 0.5))) + bowl);
}

static void test_shorter_by_noise(void) {
  problem p = new_problem(3);
  p.x[2] = 0.96;
  p.upper[2] = 1;
  both b = begin(p, LBFGSB_AUTO, 1, NULL);
  lbfgsb_set_noise(b.solver, 1e-4);
  lbfgsb_differences_init(b.differences, b.solver, LBFGSB_AUTO, 1, NULL);
  while (b.request != LBFGSB_NEW_ITERATE && b.evaluations < 100) step(&b, p, saturated_beside);
  check(b.evaluations < 100, "the start's gradient ends", "shorter");
  end(b);
  free_problem(p);
}

/* The slope of variable i by a step, and what a far longer one has found, of x = (1, 0) where f is 1. */
typedef struct {
  size_t i;
  double slope, step, far_slope, far_curvature;
} slopes;

static void test_more(slopes by, enum task task, bool more, const char *which) {
  problem p = new_problem(2);
  p.x[0] = 1;
  both b = begin(p, LBFGSB_AUTO, 0, NULL);
  lbfgsb_differences *d = b.differences;
  d->value = 1;
  d->task = task;
  d->index = by.i;
  put_array(d, ARRAY_GRADIENT)[by.i] = by.slope;
  put_array(d, ARRAY_STEP)[by.i] = by.step;
  d->element = (partial){.slope = by.far_slope, .curvature = by.far_curvature, .step = 0x1p-6};
  check(differences_tell_more(d, b.solver) == more, "whether a longer step tells more", which);
  end(b);
  free_problem(p);
}

/* A slope that a short step has told by what may be noise gives way to another one, as far as f is straight;
 * one that shows clearly, or only by a step of a size and more, does not, as over a part of a size there is
 * only noise. */
static void test_unsure(void) {
  test_more((slopes){0, 1e-4, 1e-8, 3e-4, 0}, TASK_SLIGHT, true, "another slope");
  test_more((slopes){0, 1e-4, 1e-8, 1.5e-4, 0}, TASK_SLIGHT, false, "much the same");
  test_more((slopes){0, 1e-4, 1e-8, 3e-4, 0.02}, TASK_SLIGHT, false, "of a bend");
  test_more((slopes){0, 1e-2, 1e-8, 3e-2, 0}, TASK_SLIGHT, false, "beside one that shows");
  test_more((slopes){0, 1e-14, 15, 3e-14, 0}, TASK_SLIGHT, false, "beside that of a wide step");
  test_more((slopes){0, 1e-9, 2e-3, 3e-9, 0}, TASK_SLIGHT, false, "beside that of a step as long");
  test_more((slopes){1, 1e-4, 1e-8, 3e-4, 0}, TASK_SLIGHT, false, "from 0");
  test_more((slopes){0, 1e-4, 1e-8, 3e-4, 0}, TASK_SIZE, false, "for a second derivative");
}

/* The diagonal of B by hand, of one pair: theta = y'y / s'y, then the diagonal update. */
static void test_curvature(void) {
  problem p = in_box(2, -1.2, -5, 5);
  both b = begin(p, LBFGSB_CENTRAL, 0, NULL);
  double diagonal[2] = {7, 7}, s[2], y[2];
  check(lbfgsb_curvature(b.solver, diagonal) == 0 && diagonal[0] == 7, "no pairs", "curvature");
  while (lbfgsb_pair_count(b.solver) == 0) step(&b, p, rosenbrock);
  check(lbfgsb_curvature(b.solver, diagonal) == 1, "a pair", "curvature");
  lbfgsb_pair(b.solver, 0, s, y);
  double sy = s[0] * y[0] + s[1] * y[1], ss = s[0] * s[0] + s[1] * s[1], theta = lbfgsb_theta(b.solver);
  for (int i = 0; i < 2; i++) {
    double expected = theta + y[i] * y[i] / sy - theta * s[i] * s[i] / ss;
    check(fabs(diagonal[i] - expected) <= 1e-6 * fabs(expected) && diagonal[i] > 0, "its diagonal",
          "curvature");
  }
  end(b);
  free_problem(p);
}

void test_differences(void) {
  test_accuracy();
  test_points();
  test_ahead();
  test_holes();
  test_noise();
  problem p = in_box(2, -1.2, -5, 5), q = in_box(4, 0.1, 0, 1.5);
  test_resumption(LBFGSB_AUTO, rosenbrock, p, "resumption: auto");
  test_resumption(LBFGSB_FORWARD, rosenbrock, p, "resumption: forward");
  for (int limit = 1; limit <= 12; limit++)
    test_resumption_to(limit, LBFGSB_AUTO, NULL, rosenbrock, p,
                       "resumption: the last evaluation that may be");
  test_resumption(LBFGSB_CENTRAL, holey, q, "resumption: central, holes");
  test_resumption(LBFGSB_AUTO, holey, q, "resumption: holes");
  test_resumption(LBFGSB_AUTO, noisy, q, "resumption: noise");
  free_problem(p);
  free_problem(q);
  for (int seed = 1; seed <= 6; seed++) {
    p = new_problem(4);
    for (size_t i = 0; i < 4; i++) p.x[i] = seed % 2 ? 0 : 0.1 * (double)(i + 1) * seed;
    test_resumption(LBFGSB_AUTO, noisy, p, "resumption: noise, in no box");
    free_problem(p);
  }
  p = new_problem(4);
  p.x[0] = 1;
  test_resumption(LBFGSB_AUTO, nearly_flat, p, "resumption: the only size is doubted");
  p.x[1] = 1e-10;
  test_resumption(LBFGSB_AUTO, quadratic, p, "resumption: a size that is doubted, and none");
  free_problem(p);
  p = in_box(3, 1e-10, -1, 1);
  test_resumption(LBFGSB_AUTO, alike, p, "resumption: all sizes are doubted alike");
  free_problem(p);
  p = in_box(3, 0, -1e10, 1e20);
  for (int k = 0; k < 3; k++)
    test_resumption(methods[k], quadratic, p, "resumption: a width that is no size");
  free_problem(p);
  for (unsigned seed = 1; seed <= 40; seed++) test_damage(seed);
  test_given_steps();
  test_far_box();
  test_values_first();
  test_lost_gradient();
  test_shorter();
  test_larger();
  test_shorter_by_noise();
  test_unsure();
  test_curvature();
}
