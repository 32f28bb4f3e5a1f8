/* test_questions.c - the last questions before a claim, where f is higher, or not defined, at the end of
 * their way, as a slope next to nothing promises something only far off. */
#include <math.h>

#include "core_tests.h"
#include "solver.h"

enum { N = 2, LENGTH = 80 };
static const double START[N] = {0.5, 0.5};
static const double UNIT = 1e5;  /* of the series */
static const double LEAST = 970; /* f is 962.1 at the minimum, 981.9 where a variance has been lost */

/* The series: steps of 0.3 and an error of 1, of numbers as if at random, in (-1.7, 1.7). */
static double random(int k) { return 3.4 * (fmod(fabs(sin(k + 1.0) * 1e4), 1) - 0.5); }

static double at(int t) {
  double level = 20;
  for (int k = 0; k <= t; k++) level += 0.3 * random(k);
  return UNIT * (level + random(1000 + t));
}

/* What a filter knows of the level, its variance, and their derivatives by one variable. */
typedef struct {
  double a, p, da, dp;
} level;

/* Takes a value; adds minus its log-likelihood to f, and its derivative to g. */
static level filter(level l, double y, double q, double r, const double *by, double *f, double *g) {
  double v = l.p + r, e = y - l.a, dv = l.dp + by[1], k = l.p / v, dk = (l.dp - k * dv) / v;
  *f += (log(v) + e * e / v) / 2;
  *g += (dv / v - 2 * e * l.da / v - e * e / v * dv / v) / 2;
  return (level){l.a + k * e, l.p * (1 - k) + q, l.da + dk * e - k * l.da, l.dp * (1 - k) - l.p * dk + by[0]};
}

/* A local level model by the logarithms of its two variances. */
static double series(size_t n, const double *x, double *g) {
  double q = exp(x[0]), r = exp(x[1]), f = 0;
  for (size_t i = 0; i < n; i++) {
    double by[N] = {i == 0 ? q : 0, i == 1 ? r : 0};
    level l = {at(0), r + q, 0, by[0] + by[1]};
    f = 0;
    for (int t = 1; t < LENGTH; t++) l = filter(l, at(t), q, r, by, &f, &g[i]);
  }
  return f;
}

static bool is_cut(const lbfgsb_solver *s) { return s->run.phase == PHASE_QUESTION && s->questions.cuts > 0; }

static void test_series(void) {
  recorded_run t = begin_run(N, START, 1, is_cut);
  run_recorded(&t, series, 1, INFINITY);
  lbfgsb_summary summary = lbfgsb_report(t.solver);
  check(t.asked > 0, "what is asked closer", "series");
  check(lbfgsb_is_evidence(summary.status) && summary.value < LEAST, "the minimum", "series");
  end_run(&t);
}

/* It falls towards where it is not defined: questions have an end. */
static double walled(size_t n, const double *x, double *g) {
  (void)n;
  g[0] = -exp(-x[0]);
  g[1] = 2 * (x[1] - 3);
  return x[0] > 16 ? NAN : 1 + exp(-x[0]) + (x[1] - 3) * (x[1] - 3);
}

static void test_end(void) {
  recorded_run t = begin_run(N, START, 1, is_cut);
  run_recorded(&t, walled, 1, INFINITY);
  bool ends = lbfgsb_report(t.solver).status != LBFGSB_RUNNING && t.calls < RECORDED_POINTS;
  check(ends && t.asked > 0 && t.asked <= 16, "an end", "walled");
  end_run(&t);
}

void test_last_questions(void) {
  test_series();
  test_end();
  test_recorded(series, N, START, is_cut, "series");
  test_recorded(walled, N, START, is_cut, "walled");
}
