/* test_gap.c - what lbfgsb_gap() says of the distance to the minimum. METHOD.md (51). */
#include <float.h>
#include <math.h>

#include "core_tests.h"
#include "gap.h"

/* Converged at f = 2, from 3, after a reduction by 1/4, with a model that promises 1/16. */
static lbfgsb_solver converged(void) {
  return (lbfgsb_solver){.run = {.status = LBFGSB_GRADIENT_CONVERGED, .value = 2, .previous_value = 2.25},
                         .iterate.steepest = 1,
                         .evidence = {.promised = 0.0625, .promised_before = 0.5, .start_value = 3}};
}

static void expect(lbfgsb_solver s, double gap, const char *which) {
  check(gap_estimate(&s) == gap, "the gap", which);
}

static void test_formula(void) {
  lbfgsb_solver s = converged();
  expect(s, 0.125, "the mean of promise and reduction");
  s.run.previous_value = 2;
  expect(s, 0.0625, "the promise, where it is more");
  s.evidence.promised = INFINITY;
  expect(s, 0.5, "the promise before, where there is none");
  s.evidence.promised_before = 1.25;
  expect(s, INFINITY, "a promise of more than the run has gained");
  s.evidence.promised_before = INFINITY;
  expect(s, INFINITY, "no model");
  s.iterate.steepest = 0;
  expect(s, 20 * DBL_EPSILON, "nothing can move");
  s.run.noise = 1e-6;
  expect(s, 4e-6, "the noise of f");
  s.run.value = -2;
  expect(s, 4e-6, "the noise of f below 0");
}

static void test_status(void) {
  const lbfgsb_status unknown[] = {LBFGSB_RUNNING,  LBFGSB_ZERO_GRADIENT, LBFGSB_TARGET_REACHED,
                                   LBFGSB_STOPPED,  LBFGSB_STALLED,       LBFGSB_LINE_SEARCH_FAILED,
                                   LBFGSB_UNBOUNDED};
  for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
    lbfgsb_solver s = converged();
    s.run.status = unknown[i];
    expect(s, INFINITY, "no evidence");
  }
}

void test_gap(void) {
  test_formula();
  test_status();
}
