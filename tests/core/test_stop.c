/* test_stop.c - each rule of stop.c on both sides of its threshold. */
#include <math.h>

#include "core_tests.h"
#include "evidence.h"
#include "stop.h"

/* After an iteration that reduced f from 4 to 2, by more than any rule ends on; the fall that a claim is held
 * against is too small to count beside f. The caller's thresholds are powers of two, so that they are met
 * exactly. */
static lbfgsb_solver running(void) {
  return (lbfgsb_solver){.options = {.pairs = 5,
                                     .max_iterations = 100,
                                     .max_evaluations = 200,
                                     .gradient_tolerance = 0x1p-10,
                                     .reduction_tolerance = 0x1p-20,
                                     .target_value = -INFINITY,
                                     .confirm = 1},
                         .run.iterations = 10,
                         .run.evaluations = 20,
                         .pairs.count = 5,
                         .run.value = 2,
                         .run.previous_value = 4,
                         .iterate.pgnorm = 1,
                         .iterate.steepest = 1,
                         .caller = {.pgnorm = 1, .steepest = 1},
                         .direction.slope = -1,
                         .stop.largest_pgnorm = 16,
                         .evidence = {.start_value = 4,
                                      .top_value = 4,
                                      .start_slope = 16,
                                      .largest_slope = 16,
                                      .middle_value = 4,
                                      .older_value = 4,
                                      .gain = INFINITY,
                                      .promised = INFINITY,
                                      .promised_before = INFINITY}};
}

/* With the last reduction just as large as the tolerance allows, and a gradient that has just fallen
 * enough. */
static lbfgsb_solver reduced(void) {
  lbfgsb_solver s = running();
  s.run.value = 4 - 0x1p-18;
  s.iterate.steepest = 0.1 * 0x1p-10 * s.run.value;
  s.options.gradient_tolerance = 0;
  return s;
}

static void expect(lbfgsb_status status, lbfgsb_status expected, const char *which) {
  check(status == expected, "the rule fires just at its threshold", which);
}

static void test_gradient(void) {
  lbfgsb_solver s = running();
  expect(stop_at_iterate(&s), LBFGSB_RUNNING, "no rule");
  s.caller.steepest = 0x1p-10;
  expect(stop_at_iterate(&s), LBFGSB_GRADIENT_CONVERGED, "gradient");
  s.caller.steepest = nextafter(0x1p-10, 1);
  expect(stop_at_iterate(&s), LBFGSB_RUNNING, "gradient too large");
  s.caller.pgnorm = 0;
  expect(stop_at_iterate(&s), LBFGSB_RUNNING, "steep just short of a bound");
  s.caller.steepest = 0x1p-12;
  s.stop.largest_pgnorm = 0x1p-3;
  expect(stop_at_iterate(&s), LBFGSB_RUNNING, "gradient of a problem with small gradients");
  s.options.confirm = 0;
  expect(stop_at_iterate(&s), LBFGSB_GRADIENT_CONVERGED, "gradient as published");
}

/* Without a number of the caller's: 1e-7 of the largest of the run or of what f is. */
static void test_relative_gradient(void) {
  lbfgsb_solver s = running();
  s.options.gradient_tolerance = NAN;
  s.iterate.steepest = 1e-7 * 2;
  expect(stop_at_iterate(&s), LBFGSB_GRADIENT_CONVERGED, "gradient beside f");
  check(stop_is_claim(&s, LBFGSB_GRADIENT_CONVERGED), "which is a claim to be doubted", "gradient");
  s.iterate.steepest = nextafter(1e-7 * 2, 1);
  expect(stop_at_iterate(&s), LBFGSB_RUNNING, "gradient too large beside f");
  s.run.value = 20;
  s.run.previous_value = 40;
  s.iterate.steepest = 1e-7 * 16;
  expect(stop_at_iterate(&s), LBFGSB_GRADIENT_CONVERGED, "gradient beside the largest");
  s.options.confirm = 0;
  s.caller.steepest = 1e-5;
  expect(stop_at_iterate(&s), LBFGSB_GRADIENT_CONVERGED, "gradient, by the published number");
  s.caller.steepest = nextafter(1e-5, 1);
  expect(stop_at_iterate(&s), LBFGSB_RUNNING, "gradient, by the published number");
}

static void test_claims(void) {
  lbfgsb_solver s = running();
  check(!stop_is_claim(&s, LBFGSB_GRADIENT_CONVERGED), "a number of the caller's holds by itself", "claim");
  check(stop_is_claim(&s, LBFGSB_REDUCTION_CONVERGED), "a small reduction is a claim", "claim");
  check(stop_is_claim(&s, LBFGSB_ROUNDING_CONVERGED), "so is rounding", "claim");
  check(!stop_is_claim(&s, LBFGSB_STALLED) && !stop_is_claim(&s, LBFGSB_TARGET_REACHED), "no other is",
        "claim");
  s.options.confirm = 0;
  check(!stop_is_claim(&s, LBFGSB_REDUCTION_CONVERGED), "none as published", "claim");
}

static void test_reduction(void) {
  lbfgsb_solver s = reduced();
  expect(stop_at_iterate(&s), LBFGSB_REDUCTION_CONVERGED, "reduction");
  s.run.value = nextafter(s.run.value, 0);
  s.iterate.steepest = 0x1p-30;
  expect(stop_at_iterate(&s), LBFGSB_RUNNING, "reduction too large");
  s = reduced();
  s.iterate.steepest = nextafter(s.iterate.steepest, 1);
  expect(stop_at_iterate(&s), LBFGSB_RUNNING, "the gradient has not fallen");
  s.evidence.gain = 3e-11 * s.run.value;
  expect(stop_at_iterate(&s), LBFGSB_REDUCTION_CONVERGED, "reduction, and too little to gain");
  s.evidence.gain = nextafter(s.evidence.gain, 1);
  expect(stop_at_iterate(&s), LBFGSB_RUNNING, "reduction, and more to gain");
  s.options.confirm = 0;
  expect(stop_at_iterate(&s), LBFGSB_REDUCTION_CONVERGED, "reduction as published");
  s = reduced();
  s.evidence.largest_slope = 1;
  expect(stop_at_iterate(&s), LBFGSB_RUNNING, "the gradient has not fallen from the largest");
}

/* (f_old - f) / max(|f_old|, |f|): with the larger one, and 1 only as published. */
static void test_reduction_scale(void) {
  lbfgsb_solver s = reduced();
  s.run.value = 0x1p-30;
  s.run.previous_value = 0x1p-29;
  s.iterate.steepest = 0x1p-60;
  expect(stop_at_iterate(&s), LBFGSB_RUNNING, "reduction of a small f");
  s.options.confirm = 0;
  expect(stop_at_iterate(&s), LBFGSB_REDUCTION_CONVERGED, "reduction of a small f as published");
  s.run.value = s.run.previous_value;
  s.evidence.older_value = s.run.value;
  s.iterate.steepest = 0.1 * 0x1p-10 * s.run.value;
  s.options.confirm = 1;
  expect(stop_at_iterate(&s), LBFGSB_REDUCTION_CONVERGED, "the gradient has fallen to that of a small f");
  s.run.previous_value = 0x1p-18 - 4;
  s.run.value = -4;
  s.iterate.steepest = 0.1 * 0x1p-8;
  expect(stop_at_iterate(&s), LBFGSB_REDUCTION_CONVERGED, "reduction of a negative f");
}

/* A state with these many iterations of no progress behind it, and one more now. */
static lbfgsb_solver idle(size_t before, bool doubted) {
  lbfgsb_solver s = running();
  s.run.previous_value = 2;
  s.stop.idle = before;
  s.stop.doubted = doubted;
  stop_record(&s);
  return s;
}

static void test_idle(void) {
  lbfgsb_solver s = idle(1, false);
  check(s.stop.idle == 2 && !stop_doubts_model(&s), "two idle iterations are no doubt", "idle");
  s = idle(2, false);
  check(s.stop.idle == 3 && stop_doubts_model(&s), "three are", "idle");
  expect(stop_at_iterate(&s), LBFGSB_RUNNING, "idle, not yet doubted");
  s.options.confirm = 0;
  check(!stop_doubts_model(&s), "the published rules know no doubt", "idle");
  s.options.confirm = 1;
  stop_doubt(&s);
  check(s.stop.doubted && s.stop.idle == 0 && !stop_doubts_model(&s), "they begin again, once", "idle");
  s = idle(1, true);
  expect(stop_at_iterate(&s), LBFGSB_RUNNING, "idle and doubted, not yet for long");
  s = idle(2, true);
  check(!stop_doubts_model(&s), "doubted already", "idle");
  expect(stop_at_iterate(&s), LBFGSB_STALLED, "idle and doubted");
  s.evidence.promised_before = 1e-7 * 2;
  s.iterate.steepest = 1e-4 * 16;
  expect(stop_at_iterate(&s), LBFGSB_ROUNDING_CONVERGED, "what was promised may be lost in the rounding");
  s.evidence.promised_before = nextafter(1e-7 * 2, 1);
  expect(stop_at_iterate(&s), LBFGSB_STALLED, "too much was promised");
}

/* An iteration is idle if it reduces f by no more than 10 units of f's rounding. */
static void test_progress(void) {
  lbfgsb_solver s = idle(2, true);
  s.run.previous_value = 2 + 20 * DBL_EPSILON;
  stop_record(&s);
  check(s.stop.idle == 4 && s.stop.doubted, "a reduction within the rounding is none", "idle");
  s.run.previous_value = 2 + 22 * DBL_EPSILON;
  stop_record(&s);
  check(s.stop.idle == 0 && !s.stop.doubted, "progress is not idle, and ends the doubt", "idle");
  s.run.value = s.run.previous_value = -2;
  stop_record(&s);
  check(s.stop.idle == 1, "no reduction of a negative value", "idle");
  s.caller.pgnorm = 17;
  stop_record(&s);
  check(s.stop.largest_pgnorm == 17, "the largest gradient is noted", "record");
  s.caller.pgnorm = 1;
  s.run.iterations = 0;
  stop_record(&s);
  check(s.stop.largest_pgnorm == 17 && s.stop.idle == 0, "the start is not idle", "record");
}

/* Where noise hides what f does, no iteration is idle that brings a smaller gradient, if it is told. */
static void test_noisy_progress(void) {
  lbfgsb_solver s = idle(0, false);
  s.run.noise = 0.5;
  s.evidence.gain = NAN;
  s.caller.pgnorm = 4;
  s.stop.least_pgnorm = 5;
  stop_record(&s);
  check(s.stop.idle == 0 && s.stop.least_pgnorm == 4, "a smaller gradient", "noise");
  stop_record(&s);
  check(s.stop.idle == 1, "one that is as large", "noise");
  s.caller.pgnorm = 3;
  s.evidence.gain = 0;
  stop_record(&s);
  check(s.stop.idle == 2 && s.stop.least_pgnorm == 4, "a smaller one by differences", "noise");
  s.evidence.gain = NAN;
  s.run.noise = 0;
  stop_record(&s);
  check(s.stop.idle == 3, "without noise", "noise");
}

/* In a long run, which was half as long at far more, steep and without a far step for twice 64 iterations, or
 * n: with the least fall of 64 that lets it go on. */
static lbfgsb_solver creeping(size_t n) {
  size_t pace = n > 64 ? n : 64;
  lbfgsb_solver s = running();
  s.layout.n = n;
  s.evidence.near = 2 * pace;
  s.run.nonfinite = 1;
  s.evidence.recent_value = 2 + 1e-9;
  s.evidence.before_value = 2 + 2 * 2e-7;
  return s;
}

static void test_creeping(void) {
  for (size_t n = 5; n < 500; n += 300) {
    lbfgsb_solver s = creeping(n);
    expect(stop_at_iterate(&s), LBFGSB_STALLED, "a slow run");
    s.evidence.near--;
    expect(stop_at_iterate(&s), LBFGSB_RUNNING, "a slow run not long after a far step");
    s = creeping(n);
    s.evidence.before_value *= 1 + 1e-12;
    expect(stop_at_iterate(&s), LBFGSB_RUNNING, "a run that is not as slow");
    s = creeping(n);
    s.run.nonfinite = 0;
    expect(stop_at_iterate(&s), LBFGSB_RUNNING, "a slow run of what is defined everywhere");
    s = creeping(n);
    s.iterate.steepest = 1e-4 * 16;
    expect(stop_at_iterate(&s), LBFGSB_RUNNING, "a slow run where f is flat");
    s = creeping(n);
    s.options.confirm = 0;
    expect(stop_at_iterate(&s), LBFGSB_RUNNING, "a slow run, as published");
  }
}

/* f of the last iteration that measures a pace is that of the one before, from the next on. */
static void test_pace(void) {
  lbfgsb_solver s = running();
  for (size_t k = 0; k < 130; k++) {
    s.run.iterations = k;
    s.run.value = 1000 - (double)k;
    evidence_record(&s);
    size_t before = k < 128 ? 0 : 64;
    check(1000 - s.evidence.before_value == (double)before, "64 to 127 iterations before", "pace");
  }
}

static void test_limits(void) {
  lbfgsb_solver s = running();
  s.options.target_value = 2;
  expect(stop_at_iterate(&s), LBFGSB_TARGET_REACHED, "target");
  s.options.target_value = nextafter(2, 0);
  expect(stop_at_iterate(&s), LBFGSB_RUNNING, "target not reached");
  s.options.max_iterations = 10;
  expect(stop_at_iterate(&s), LBFGSB_ITERATION_LIMIT, "iterations");
  s.options.max_iterations = 11;
  expect(stop_at_iterate(&s), LBFGSB_RUNNING, "iterations left");
  s.options.max_evaluations = 20;
  expect(stop_at_iterate(&s), LBFGSB_EVALUATION_LIMIT, "evaluations");
  expect(stop_before_evaluation(&s), LBFGSB_EVALUATION_LIMIT, "evaluations in a search");
  s.options.max_evaluations = 21;
  expect(stop_before_evaluation(&s), LBFGSB_RUNNING, "evaluations left");
}

static void test_direction(void) {
  lbfgsb_solver s = reduced();
  double hidden = 10 * DBL_EPSILON * s.run.value;
  s.direction.slope = -hidden;
  expect(stop_at_direction(&s), LBFGSB_ROUNDING_CONVERGED, "hidden by rounding");
  s.pairs.count = 0;
  expect(stop_at_direction(&s), LBFGSB_RUNNING, "no model to trust");
  s = reduced();
  s.direction.slope = -nextafter(hidden, 1);
  expect(stop_at_direction(&s), LBFGSB_RUNNING, "not hidden");
  s = running();
  s.direction.slope = -hidden;
  expect(stop_at_direction(&s), LBFGSB_RUNNING, "hidden after a large reduction");
  s = reduced();
  s.direction.slope = -hidden;
  s.options.confirm = 0;
  expect(stop_at_direction(&s), LBFGSB_RUNNING, "hidden, as published");
}

/* A direction within the digits of all variables ends the run near the minimum; one that moves nothing
 * anywhere. */
static void test_digits(void) {
  lbfgsb_solver s = running();
  s.evidence.promised = 0;
  s.evidence.near = 1;
  expect(stop_at_direction(&s), LBFGSB_RUNNING, "within the digits after one step");
  s.direction.slope = 0;
  expect(stop_at_direction(&s), LBFGSB_ROUNDING_CONVERGED, "moves nothing");
  s.run.phase = PHASE_ITERATE;
  s.run.status = LBFGSB_ROUNDING_CONVERGED;
  check(stop_status_valid(&s), "a state that ended so is valid", "moves nothing");
  s.evidence.promised = 0x1p-1000;
  check(!stop_status_valid(&s), "a state with a promise is not", "moves nothing");
  s.direction.slope = -1;
  s.evidence.near = 2;
  expect(stop_at_direction(&s), LBFGSB_ROUNDING_CONVERGED, "within the digits after two steps");
}

static void test_no_progress(void) {
  lbfgsb_solver s = running();
  s.iterate.steepest = 1e-4 * 16;
  s.evidence.promised = 1e-7 * 2;
  expect(stop_without_progress(&s), LBFGSB_ROUNDING_CONVERGED, "no progress, little was promised");
  s.evidence.promised = nextafter(1e-7 * 2, 1);
  expect(stop_without_progress(&s), LBFGSB_LINE_SEARCH_FAILED, "no progress");
  s.run.value = 0;
  s.evidence.promised = 10 * DBL_EPSILON * 4;
  expect(stop_without_progress(&s), LBFGSB_ROUNDING_CONVERGED, "no progress, the rest of what f was");
  s.evidence.promised = nextafter(10 * DBL_EPSILON * 4, 1);
  expect(stop_without_progress(&s), LBFGSB_LINE_SEARCH_FAILED, "no progress, more than that was promised");
  s.evidence.promised = 0;
  s.iterate.steepest = nextafter(1e-4 * 16, 1);
  expect(stop_without_progress(&s), LBFGSB_LINE_SEARCH_FAILED, "no progress, at a corner");
  s.iterate.steepest = 0;
  s.options.confirm = 0;
  expect(stop_without_progress(&s), LBFGSB_LINE_SEARCH_FAILED, "no progress, as published");
}

/* Where an element of g is not 0, however many are, the start is no zero gradient. */
static void test_zero_gradient(void) {
  union {
    lbfgsb_solver s;
    double block[sizeof(lbfgsb_solver) / sizeof(double) + 2];
  } state = {.s = running()};
  lbfgsb_solver *s = &state.s;
  s->layout.n = 2;
  s->iterate.gradient = sizeof(lbfgsb_solver) / sizeof(double);
  s->run.iterations = 0;
  double *g = put(s, s->iterate.gradient);
  g[0] = g[1] = 0;
  expect(stop_at_iterate(s), LBFGSB_ZERO_GRADIENT, "zero gradient");
  g[1] = 1;
  expect(stop_at_iterate(s), LBFGSB_RUNNING, "one element of it");
  s->run.previous_value = s->run.value;
  s->iterate.pgnorm = 0;
  expect(stop_at_iterate(s), LBFGSB_RUNNING, "the start has no reduction");
  g[1] = 0;
  s->run.iterations = 1;
  s->run.previous_value = 4;
  expect(stop_at_iterate(s), LBFGSB_RUNNING, "not at the start");
}

void test_stop(void) {
  test_gradient();
  test_relative_gradient();
  test_claims();
  test_reduction();
  test_reduction_scale();
  test_idle();
  test_progress();
  test_noisy_progress();
  test_creeping();
  test_pace();
  test_limits();
  test_direction();
  test_digits();
  test_no_progress();
  test_zero_gradient();
}
