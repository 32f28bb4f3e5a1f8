/* test_inflection.c - points where f is level along the way of the last steps, and falls on. METHOD.md (70).
 */
#include <math.h>

#include "core_tests.h"
#include "inflection.h"

/* f = 10 + x^3 / 3 + x^4 / 4 + (y - x)^2, level at 0, from where it falls to 10 - 1/12 at x = y = -1. */
static double level(size_t n, const double *x, double *g) {
  (void)n;
  double t = x[0], r = x[1] - t;
  g[0] = t * t * (1 + t) - 2 * r;
  g[1] = 2 * r;
  return 10 + t * t * t * (1 + 0.75 * t) / 3 + r * r;
}

/* f = 10 + |x|^3 / 3 + (y - x)^2, whose slope is a square of the distance, too: before it comes there
 * nothing tells a run that beyond it f rises. */
static double minimum(size_t n, const double *x, double *g) {
  (void)n;
  double t = x[0], r = x[1] - t;
  g[0] = t * fabs(t) - 2 * r;
  g[1] = 2 * r;
  return 10 + t * t * fabs(t) / 3 + r * r;
}

/* f = 10 + (x - 2)^2 + 9 (y - x)^2, with no such point. */
static double convex(size_t n, const double *x, double *g) {
  (void)n;
  double r = x[1] - x[0];
  g[0] = 2 * (x[0] - 2) - 18 * r;
  g[1] = 18 * r;
  return 10 + (x[0] - 2) * (x[0] - 2) + 9 * r * r;
}

static const double START[] = {1, 2};

static recorded_run begin(double unit) { return begin_run(2, START, unit, inflection_is_asked); }

static bool ends_at(const recorded_run *t, double x) {
  bool claimed = lbfgsb_is_evidence(lbfgsb_report(t->solver).status);
  return claimed && fabs(lbfgsb_iterate(t->solver)[0] - x) < 0.01;
}

static void test_answer(objective *f, bool asks, double end, const char *which) {
  recorded_run t = begin(1);
  run_recorded(&t, f, 1, INFINITY);
  check((t.asked > 0) == asks, "what is asked", which);
  check(ends_at(&t, end), "the minimum", which);
  end_run(&t);
}

void test_inflections(void) {
  test_answer(level, true, -1, "level");
  test_answer(minimum, true, 0, "minimum");
  test_answer(convex, false, 2, "convex");
  test_recorded(level, 2, START, inflection_is_asked, "inflection");
}
