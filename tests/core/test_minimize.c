/* test_minimize.c - a whole run in one call: to the bit the run of the loop; who may end it, and how. */
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include "core_tests.h"

/* What f and the watcher share; f leaves, or stops, at a call; 0 for never. */
typedef struct {
  objective *f;
  lbfgsb_solver *block;
  size_t calls, iterates;
  size_t leaves_at, stops_at, watch_ends_at;
  bool wants_gradient;
  jmp_buf away;
} shared;

static double shared_f(size_t n, const double *x, double *gradient, void *data) {
  shared *d = data;
  double unused[64];
  d->calls++;
  check((gradient != NULL) == d->wants_gradient, "a gradient is asked for where f has one", "minimize");
  if (d->calls == d->leaves_at) longjmp(d->away, 1);
  if (d->calls == d->stops_at) lbfgsb_stop(d->block, LBFGSB_TIME_LIMIT);
  return d->f(n, x, gradient ? gradient : unused);
}

static int shared_watch(const lbfgsb_solver *solver, void *data) {
  shared *d = data;
  check(lbfgsb_report(solver).iterations == d->iterates, "each iterate is shown", "minimize");
  return ++d->iterates == d->watch_ends_at;
}

static const char *const names[] = {"rosenbrock", "powell", "chain", "membrane"};
enum { NAMES = sizeof names / sizeof *names, N = 20 };

typedef struct {
  problem p;
  lbfgsb_options options;
  shared data;
  lbfgsb_problem call;
} setting;

static void begin(setting *t, const char *name, bool by_differences) {
  memset(t, 0, sizeof *t);
  t->p = new_problem(N);
  t->options = lbfgsb_defaults();
  t->data.f = set_up(name, t->p);
  t->data.block = malloc(lbfgsb_size(N, t->options.pairs));
  t->data.wants_gradient = !by_differences;
  t->call = (lbfgsb_problem){.n = N,
                             .x = t->p.x,
                             .lower = t->p.lower,
                             .upper = t->p.upper,
                             .f = shared_f,
                             .watch = shared_watch,
                             .data = &t->data};
  if (by_differences) t->call.differences = malloc(lbfgsb_differences_size(N));
}

static void end(setting *t) {
  free(t->data.block);
  free(t->call.differences);
  free_problem(t->p);
}

static bool same_bits(const double *a, const double *b) { return memcmp(a, b, N * sizeof(double)) == 0; }

/* The same problem by the loop of lbfgsb.h: the last point of each, and counts. */
static void test_equal(const char *name) {
  setting t;
  begin(&t, name, false);
  lbfgsb_solver *solver = malloc(lbfgsb_size(N, t.options.pairs));
  lbfgsb_init(solver, N, t.p.x, t.p.lower, t.p.upper, &t.options);
  lbfgsb_summary expected = run(solver, t.data.f, t.p, name), summary;
  check(lbfgsb_minimize(t.data.block, &t.call, &t.options, &summary) == 0, "runs", name);
  check(same_bits(t.p.x, lbfgsb_iterate(solver)), "the loop's minimizer, to the bit", name);
  check(memcmp(&summary.value, &expected.value, sizeof(double)) == 0, "its value", name);
  check(summary.status == expected.status && summary.iterations == expected.iterations, "its end", name);
  check(summary.evaluations == expected.evaluations && t.data.calls == summary.evaluations, "its count",
        name);
  check(t.data.iterates == summary.iterations + 1, "the watcher has seen all iterates", name);
  free(solver);
  end(&t);
}

/* x (n) = the minimizer by differences, by hand; returns how many values it took. */
static size_t minimize_by_hand(setting *t, double *x) {
  lbfgsb_solver *s = malloc(lbfgsb_size(N, t->options.pairs));
  lbfgsb_differences *d = malloc(lbfgsb_differences_size(N));
  double unused[N];
  size_t values = 0;
  lbfgsb_init(s, N, t->p.x, t->p.lower, t->p.upper, &t->options);
  lbfgsb_differences_init(d, s, LBFGSB_AUTO, 1, NULL);
  for (lbfgsb_request r = LBFGSB_EVALUATE; r != LBFGSB_FINISHED;) {
    bool asked = r == LBFGSB_EVALUATE;
    values += asked;
    r = asked ? lbfgsb_differences_tell(d, s, t->data.f(N, lbfgsb_differences_point(d), unused), NULL)
              : lbfgsb_differences_go_on(d, s);
  }
  memcpy(x, lbfgsb_iterate(s), N * sizeof(double));
  free(s);
  free(d);
  return values;
}

static void test_differences_stand_in(const char *name) {
  setting t;
  lbfgsb_summary summary;
  double x[N];
  begin(&t, name, true);
  size_t values = minimize_by_hand(&t, x);
  check(lbfgsb_minimize(t.data.block, &t.call, &t.options, &summary) == 0, "runs", name);
  check(same_bits(x, t.p.x), "the machine's minimizer, to the bit", name);
  check(summary.evaluations == values && t.data.calls == values, "each call counts", name);
  end(&t);
}

static lbfgsb_summary minimize(setting *t) {
  lbfgsb_summary summary;
  check(lbfgsb_minimize(t->data.block, &t->call, &t->options, &summary) == 0, "runs", "minimize");
  return summary;
}

/* At most so many calls, those for differences included. */
static void test_limit(bool by_differences) {
  setting t;
  begin(&t, "rosenbrock", by_differences);
  t.options.max_evaluations = 7;
  lbfgsb_summary summary = minimize(&t);
  check(t.data.calls == 7 && summary.evaluations == 7, "no call too many", "limit");
  check(summary.status == LBFGSB_EVALUATION_LIMIT, "says why", "limit");
  end(&t);
}

/* The value at the start is told though the run ends before the gradient there is known. */
static void test_end_at_start(bool by_differences, size_t calls) {
  setting t;
  begin(&t, "rosenbrock", by_differences);
  double start[N], unused[N];
  memcpy(start, t.p.x, sizeof start);
  double value = t.data.f(N, start, unused);
  t.data.stops_at = calls;
  lbfgsb_summary summary = minimize(&t);
  check(summary.value == value && isnan(summary.projected_gradient_norm), "f, and no gradient", "start");
  check(same_bits(t.p.x, start) && summary.evaluations == calls, "at the start", "start");
  end(&t);
}

static void test_f_stops(bool by_differences) {
  setting t;
  begin(&t, "rosenbrock", by_differences);
  t.data.stops_at = 5;
  check(minimize(&t).status == LBFGSB_TIME_LIMIT && t.data.calls == 5, "f ends the run at once", "stop");
  end(&t);
}

static void test_watch(bool by_differences) {
  setting t;
  begin(&t, "rosenbrock", by_differences);
  t.data.watch_ends_at = 4;
  lbfgsb_summary summary = minimize(&t);
  check(summary.status == LBFGSB_STOPPED && summary.iterations == 3, "the watcher ends the run", "watch");
  check(same_bits(t.p.x, lbfgsb_iterate(t.data.block)), "x is the last iterate", "watch");
  end(&t);
}

/* Where a gradient of 0 may be a plateau's, f is asked for its value alone; then the point from where that was
 * asked is the minimizer. */
static double parabola(size_t n, const double *x, double *gradient, void *data) {
  size_t *values_alone = data;
  double value = 0;
  *values_alone += gradient == NULL;
  for (size_t i = 0; i < n; i++) {
    value += (x[i] - 4) * (x[i] - 4);
    if (gradient) gradient[i] = 2 * (x[i] - 4);
  }
  return value;
}

static void test_value_alone(void) {
  double x[] = {0.3, -1.7};
  size_t values_alone = 0;
  lbfgsb_options options = lbfgsb_defaults();
  lbfgsb_problem call = {.n = 2, .x = x, .f = parabola, .data = &values_alone};
  lbfgsb_solver *block = malloc(lbfgsb_size(2, options.pairs));
  lbfgsb_summary summary;
  lbfgsb_minimize(block, &call, &options, &summary);
  check(values_alone > 0, "a value alone is asked for", "value alone");
  check(parabola(2, x, NULL, &values_alone) == summary.value && summary.value == 0, "x is where it was",
        "value alone");
  free(block);
}

/* -sum x_i^3, from x = 1: ever lower. */
static double endless(size_t n, const double *x, double *gradient, void *data) {
  double value = 0;
  for (size_t i = 0; i < n; i++) {
    value -= x[i] * x[i] * x[i];
    if (gradient) gradient[i] = -3 * x[i] * x[i];
  }
  return *(double *)data = value;
}

static void test_unbounded(bool by_differences) {
  double x[] = {1, 1}, last;
  lbfgsb_options options = lbfgsb_defaults();
  lbfgsb_problem call = {.n = 2, .x = x, .f = endless, .data = &last};
  lbfgsb_solver *block = malloc(lbfgsb_size(2, options.pairs));
  if (by_differences) call.differences = malloc(lbfgsb_differences_size(2));
  lbfgsb_summary summary;
  lbfgsb_minimize(block, &call, &options, &summary);
  check(summary.status == LBFGSB_UNBOUNDED && summary.value < -1e10, "the lowest value", "unbounded");
  check(summary.value == last && endless(2, x, NULL, &last) == summary.value, "and its point", "unbounded");
  check(isnan(summary.projected_gradient_norm), "no gradient is known there", "unbounded");
  free(call.differences);
  free(block);
}

/* The block that f has left can be taken up by the loop, to the bits of a run that it has not left. */
static void test_longjmp(void) {
  setting t, whole;
  lbfgsb_summary summary;
  begin(&t, "powell", false);
  begin(&whole, "powell", false);
  t.data.leaves_at = 9;
  lbfgsb_minimize(whole.data.block, &whole.call, &whole.options, &summary);
  if (setjmp(t.data.away) == 0) {
    lbfgsb_minimize(t.data.block, &t.call, &t.options, &summary);
    check(false, "f leaves", "longjmp");
  }
  check(lbfgsb_valid(t.data.block, lbfgsb_size(N, t.options.pairs)), "the block is valid", "longjmp");
  check(lbfgsb_resume(t.data.block, &t.options) == LBFGSB_EVALUATE, "it waits for the value", "longjmp");
  run(t.data.block, t.data.f, t.p, "longjmp");
  check(same_bits(lbfgsb_iterate(t.data.block), whole.p.x), "it goes on to the same bits", "longjmp");
  end(&t);
  end(&whole);
}

static double plain_f(size_t n, const double *x, double *gradient, void *data) {
  return (*(objective **)data)(n, x, gradient);
}

enum { LARGE = 100000 }; /* variables: where threads are used */

/* In the place of OpenMP's: 8 threads are 8 on fewer processors, too. */
int omp_get_num_procs(void);
int omp_get_num_procs(void) { return 8; }

/* x (LARGE) = where 15 iterations on so many threads lead. */
static void minimize_large(size_t threads, double *x) {
  problem p = new_problem(LARGE);
  objective *f = set_up("rosenbrock", p);
  lbfgsb_options options = lbfgsb_defaults();
  options.max_iterations = 15;
  lbfgsb_solver *block = malloc(lbfgsb_size(LARGE, options.pairs));
  lbfgsb_problem call = {
      .n = LARGE, .x = p.x, .lower = p.lower, .upper = p.upper, .f = plain_f, .data = &f, .threads = threads};
  lbfgsb_summary end;
  lbfgsb_minimize(block, &call, &options, &end);
  check(end.iterations == 15, "the run goes on", "threads");
  memcpy(x, p.x, LARGE * sizeof *x);
  free(block);
  free_problem(p);
}

static void test_threads(void) {
  double *one = malloc(2 * LARGE * sizeof *one), *more = one + LARGE;
  minimize_large(1, one);
  const size_t threads[] = {0, 2, 8};
  for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
    minimize_large(threads[i], more);
    check(memcmp(one, more, LARGE * sizeof *one) == 0, "the same bits by any number of threads", "threads");
  }
  free(one);
}

static double forgetful(size_t n, const double *x, double *gradient, void *data) {
  (void)n, (void)gradient, (void)data;
  return x[0] * x[0];
}

static void test_bad_input(void) {
  setting t;
  lbfgsb_summary summary = {.value = 42};
  begin(&t, "rosenbrock", false);
  lbfgsb_problem without_f = t.call, without_n = t.call;
  without_f.f = NULL;
  without_n.n = 0;
  check(lbfgsb_minimize(t.data.block, &without_f, &t.options, &summary) == -1, "f NULL", "bad input");
  check(lbfgsb_minimize(t.data.block, &without_n, &t.options, &summary) == -1, "n 0", "bad input");
  check(summary.value == 42 && t.data.calls == 0, "nothing was done", "bad input");
  t.call.f = forgetful;
  lbfgsb_minimize(t.data.block, &t.call, &t.options, &summary);
  check(summary.status == LBFGSB_START_NOT_FINITE, "an f that sets no gradient is found out", "bad input");
  end(&t);
}

/* The pairs are raised when the block has been made. */
static void test_small_block(void) {
  setting t;
  lbfgsb_summary summary;
  begin(&t, "rosenbrock", false);
  t.call.size = lbfgsb_size(N, t.options.pairs);
  t.options.pairs++;
  check(lbfgsb_minimize(t.data.block, &t.call, &t.options, &summary) == -1, "too small", "block");
  t.options.pairs--;
  check(lbfgsb_minimize(t.data.block, &t.call, &t.options, &summary) == 0, "large enough", "block");
  end(&t);
}

static void test_pointers(void) {
  lbfgsb_options set, defaults = lbfgsb_defaults();
  memset(&set, 0, sizeof set);
  lbfgsb_set_defaults(&set);
  check(set.pairs == defaults.pairs && set.rescale == defaults.rescale, "the defaults, by pointer",
        "pointers");
  check(isnan(set.gradient_tolerance) && set.max_iterations == defaults.max_iterations, "all", "pointers");
  check(lbfgsb_problem_size() == sizeof(lbfgsb_problem), "the problem's size", "pointers");
}

void test_minimize(void) {
  for (size_t i = 0; i < NAMES; i++) {
    test_equal(names[i]);
    test_differences_stand_in(names[i]);
  }
  for (int by_differences = 0; by_differences <= 1; by_differences++) {
    test_limit(by_differences);
    test_f_stops(by_differences);
    test_watch(by_differences);
    test_unbounded(by_differences);
  }
  test_end_at_start(false, 1);
  for (size_t calls = 1; calls <= N; calls++) test_end_at_start(true, calls);
  test_value_alone();
  test_threads();
  test_longjmp();
  test_bad_input();
  test_small_block();
  test_pointers();
}
