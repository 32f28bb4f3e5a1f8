/* test_inflection.c - points where f is level along the way of the last steps, and falls on. METHOD.md (70).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core_tests.h"
#include "inflection.h"

enum { N = 2, MOST_CALLS = 200 };

/* f = 10 + x^3 / 3 + x^4 / 4 + (y - x)^2, level at 0, from where it falls to 10 - 1/12 at x = y = -1. */
static double level(const double *x, double *g) {
  double t = x[0], r = x[1] - t;
  g[0] = t * t * (1 + t) - 2 * r;
  g[1] = 2 * r;
  return 10 + t * t * t * (1 + 0.75 * t) / 3 + r * r;
}

/* f = 10 + |x|^3 / 3 + (y - x)^2, whose slope is a square of the distance, too: before it comes there
 * nothing tells a run that beyond it f rises. */
static double minimum(const double *x, double *g) {
  double t = x[0], r = x[1] - t;
  g[0] = t * fabs(t) - 2 * r;
  g[1] = 2 * r;
  return 10 + t * t * fabs(t) / 3 + r * r;
}

/* f = 10 + (x - 2)^2 + 9 (y - x)^2, with no such point. */
static double convex(const double *x, double *g) {
  double r = x[1] - x[0];
  g[0] = 2 * (x[0] - 2) - 18 * r;
  g[1] = 18 * r;
  return 10 + (x[0] - 2) * (x[0] - 2) + 9 * r * r;
}

typedef struct {
  lbfgsb_solver *solver;
  size_t calls, asked; /* evaluations, and those of them that were questions about the way beyond */
  double x[MOST_CALLS][N];
} session;

/* Runs to the end, or to this many evaluations, in units of x and of f; each state on the way is valid. */
static void run_on(session *t, double (*f)(const double *, double *), double unit, double most) {
  lbfgsb_options options = lbfgsb_options_of(t->solver);
  size_t size = lbfgsb_size(N, options.pairs);
  options.max_evaluations = most;
  lbfgsb_request request = lbfgsb_resume(t->solver, &options);
  while (request != LBFGSB_FINISHED && t->calls < MOST_CALLS) {
    double g[N] = {0, 0}, x[N], value = NAN;
    check(lbfgsb_valid(t->solver, size), "a valid state", "inflection");
    for (size_t i = 0; i < N; i++) x[i] = lbfgsb_point(t->solver)[i] / unit;
    if (request == LBFGSB_EVALUATE) {
      memcpy(t->x[t->calls++], x, sizeof x);
      t->asked += inflection_is_asked(t->solver);
      value = unit * f(x, g);
    }
    request = lbfgsb_advance(t->solver, value, g);
  }
}

static session begin(double unit) {
  lbfgsb_options options = lbfgsb_defaults();
  options.pairs = 8;
  session t = {.solver = malloc(lbfgsb_size(N, options.pairs))};
  const double x[N] = {unit, 2 * unit}, lower[N] = {-INFINITY, -INFINITY}, upper[N] = {INFINITY, INFINITY};
  lbfgsb_init(t.solver, N, x, lower, upper, &options);
  return t;
}

static bool ends_at(const session *t, double x) {
  bool claimed = lbfgsb_is_evidence(lbfgsb_report(t->solver).status);
  return claimed && fabs(lbfgsb_iterate(t->solver)[0] - x) < 0.01;
}

static void test_answer(double (*f)(const double *, double *), bool asks, double end, const char *which) {
  session t = begin(1);
  run_on(&t, f, 1, INFINITY);
  check((t.asked > 0) == asks, "what is asked", which);
  check(ends_at(&t, end), "the minimum", which);
  free(t.solver);
}

/* In other units of x and f the points are the same to the bit. */
static void test_units(void) {
  session t = begin(1), scaled = begin(1024);
  run_on(&t, level, 1, INFINITY);
  run_on(&scaled, level, 1024, INFINITY);
  check(t.calls == scaled.calls && memcmp(t.x, scaled.x, sizeof t.x) == 0, "the same points", "units");
  free(t.solver);
  free(scaled.solver);
}

/* A limit lets the claim stand, and what is left is asked on resumption. */
static void test_limits(void) {
  session whole = begin(1), parts = begin(1);
  run_on(&whole, level, 1, INFINITY);
  for (size_t most = 1; most <= whole.calls; most++) run_on(&parts, level, 1, (double)most);
  check(parts.calls == whole.calls && memcmp(parts.x, whole.x, sizeof whole.x) == 0, "the same points",
        "limits");
  free(whole.solver);
  free(parts.solver);
}

void test_inflections(void) {
  test_answer(level, true, -1, "level");
  test_answer(minimum, true, 0, "minimum");
  test_answer(convex, false, 2, "convex");
  test_units();
  test_limits();
}
