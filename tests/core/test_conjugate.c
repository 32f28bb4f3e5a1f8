/* test_conjugate.c - what the newest steps have left of the slopes. METHOD.md (77). */
#include "conjugate.h"

#include <math.h>

#include "core_tests.h"
#include "order.h"
#include "pairs.h"

enum { N = 3, YEARS = 31 };

static const double START[N] = {0, 0, 0};

/* 5 - 0.4 (t - 2005) + 0.2 (t - 2005)^2 = 804812 - 802.4 t + 0.2 t^2 */
static const double minimum[N] = {804812, -802.4, 0.2};

/* f = 10 + the sum of squares of a parabola less that one, over the years t from 1990 on. Beside level and slope
 * the square is softer by 1e10. */
static double years(size_t n, const double *b, double *g) {
  double sum = 10;
  for (int j = 0; j < YEARS; j++) {
    double t = 1990 + j, left = b[0] - minimum[0] + t * (b[1] - minimum[1] + t * (b[2] - minimum[2]));
    sum += left * left;
    g[0] += 2 * left;
    g[1] += 2 * left * t;
    g[2] += 2 * left * t * t;
  }
  (void)n;
  return sum;
}

static bool question_is_asked(const lbfgsb_solver *s) {
  return s->run.phase == PHASE_QUESTION && s->questions.asked_rest == s->run.iterations + 1;
}

/* The same; where it is the newest question, its way is checked against the newest step's change of g. */
static bool is_conjugate(const lbfgsb_solver *s) {
  if (!question_is_asked(s) || s->questions.asked_others == s->questions.asked_rest) return false;
  double y[N], product = 0, terms = 0;
  const double *d = get(s, s->direction.d);
  order_read(s, 2 * pairs_newest(s), y);
  for (size_t i = 0; i < N; i++) {
    product += y[i] * d[i];
    terms += fabs(y[i] * d[i]);
  }
  check(fabs(product) <= 1e-6 * terms, "conjugate to the newest step", "years");
  return true;
}

static void test_years(void) {
  recorded_run t = begin_run(N, START, 1, is_conjugate);
  run_recorded(&t, years, 1, INFINITY);
  lbfgsb_summary summary = lbfgsb_report(t.solver);
  check(t.asked > 0, "what is asked", "years");
  check(lbfgsb_is_evidence(summary.status) && summary.value < 10 + 1e-3, "the minimum", "years");
  end_run(&t);
}

void test_conjugate(void) {
  test_years();
  test_recorded(years, N, START, question_is_asked, "conjugate");
}
