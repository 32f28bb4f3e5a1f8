/* test_contract.c - what lbfgsb.h promises beyond the run: its number, what is evidence, the stored pairs. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core_tests.h"

static void test_abi(void) {
  size_t options = 0, summary = 0;
  check(lbfgsb_abi(&options, &summary) == LBFGSB_ABI, "the library's number", "abi");
  check(options == sizeof(lbfgsb_options) && summary == sizeof(lbfgsb_summary), "the structs' sizes", "abi");
}

static void test_is_evidence(void) {
  const lbfgsb_status evidence[] = {LBFGSB_GRADIENT_CONVERGED, LBFGSB_REDUCTION_CONVERGED,
                                    LBFGSB_ROUNDING_CONVERGED, LBFGSB_ZERO_GRADIENT};
  const lbfgsb_status none[] = {LBFGSB_RUNNING,          LBFGSB_TARGET_REACHED,     LBFGSB_ITERATION_LIMIT,
                                LBFGSB_EVALUATION_LIMIT, LBFGSB_TIME_LIMIT,         LBFGSB_STOPPED,
                                LBFGSB_STALLED,          LBFGSB_LINE_SEARCH_FAILED, LBFGSB_START_NOT_FINITE};
  for (size_t i = 0; i < sizeof evidence / sizeof *evidence; i++)
    check(lbfgsb_is_evidence(evidence[i]) == 1, "evidence of a minimum", "is_evidence");
  for (size_t i = 0; i < sizeof none / sizeof *none; i++)
    check(lbfgsb_is_evidence(none[i]) == 0, "no evidence", "is_evidence");
}

/* ---- The options -------------------------------------------------------------------------------- */

/* A table that forgets a field would leave it out of every comparison: no byte may differ unseen. */
static void test_every_field(void) {
  lbfgsb_options a, b;
  memset(&a, 0, sizeof a);
  memcpy(&b, &a, sizeof b);
  check(lbfgsb_options_equal(&a, &b), "the same", "options");
  for (size_t i = 0; i < sizeof a; i++) {
    ((unsigned char *)&b)[i] ^= 1;
    check(!lbfgsb_options_equal(&a, &b), "another byte is seen", "options");
    ((unsigned char *)&b)[i] ^= 1;
  }
}

/* With one field set to x all are valid, or not. */
static bool valid_with(const lbfgsb_option *option, double x) {
  lbfgsb_options options = lbfgsb_defaults();
  lbfgsb_option_set(&options, option, x);
  double back = lbfgsb_option_get(&options, option);
  check(back == x || (isnan(x) && isnan(back)) || fabs(x) > 1e300, "what was set comes back", option->name);
  return lbfgsb_options_valid(&options);
}

static void test_ranges(void) {
  const lbfgsb_option *option;
  for (size_t i = 0; (option = lbfgsb_option_at(i)); i++) {
    check(valid_with(option, option->standard), "the default is right", option->name);
    check(valid_with(option, option->least), "the least is right", option->name);
    if (!isinf(option->least) && (option->least >= 1 || !option->is_count))
      check(!valid_with(option, option->least - 1), "not below", option->name);
    if (option->most < 1e300) check(!valid_with(option, option->most + 1), "not above", option->name);
    if (!option->is_count) check(valid_with(option, NAN) == option->may_be_nan, "NaN", option->name);
  }
}

static void test_defaults(void) {
  lbfgsb_options options = lbfgsb_defaults();
  check(options.pairs == 10 && options.max_trials == 20 && options.max_iterations == 15000 &&
            options.max_evaluations == INFINITY && isnan(options.gradient_tolerance) &&
            options.reduction_tolerance == 1e7 * DBL_EPSILON && options.target_value == -INFINITY &&
            options.confirm == 1 && options.rescale == 1,
        "as lbfgsb.h says", "defaults");
}

static void test_reasons(void) {
  size_t count = 0;
  const lbfgsb_reason *reason;
  for (; (reason = lbfgsb_reason_of((lbfgsb_status)count)); count++) {
    check(reason->name != NULL, "every status has an entry", "reasons");
    check(!reason->option == !strchr(reason->sentence ? reason->sentence : "", '%'),
          "a format has its option", reason->name);
  }
  check(count > LBFGSB_UNBOUNDED, "up to the last", "reasons");
}

/* ---- The stored pairs ---------------------------------------------------------------------------- */

enum { PAIRS = 4, MOST_ITERATES = 200 };

/* The iterates of a run and their gradients, n doubles each. */
typedef struct {
  size_t n, count;
  double *x, *g;
} trace;

static void note(trace *t, const lbfgsb_solver *solver) {
  memcpy(t->x + t->count * t->n, lbfgsb_iterate(solver), t->n * sizeof(double));
  memcpy(t->g + t->count * t->n, lbfgsb_gradient(solver), t->n * sizeof(double));
  t->count++;
}

/* By z = x / scale, s is divided by the scale, and y multiplied (power = -1, 1). */
static bool is_difference(const double *v, const double *from, size_t n, const double *scale, int power) {
  for (size_t i = 0; i < n; i++)
    if (v[i] != (from[n + i] - from[i]) * pow(scale[i], power)) return false;
  return true;
}

/* The pair of an age is the step from one iterate to the next and the change of its gradient, and those of
 * the newest pair give theta. */
static void check_pairs(const lbfgsb_solver *solver, const trace *t, double *s, double *y) {
  size_t k = lbfgsb_pair_count(solver);
  double yy = 0, sy = 0;
  for (size_t age = 0; age < k; age++) {
    size_t from = (t->count - 1 - k + age) * t->n;
    check(lbfgsb_pair(solver, age, s, y) == 0, "the pair is there", "pair");
    check(is_difference(s, t->x + from, t->n, lbfgsb_scale(solver), -1), "s is the step", "pair");
    check(is_difference(y, t->g + from, t->n, lbfgsb_scale(solver), 1), "y is the change of the gradient",
          "pair");
  }
  if (k == 0) return;
  for (size_t i = 0; i < t->n; i++) yy += y[i] * y[i], sy += s[i] * y[i];
  check(fabs(lbfgsb_theta(solver) - yy / sy) <= 1e-6 * yy / sy, "theta = y'y / s'y", "theta");
  check(lbfgsb_pair(solver, k - 1, NULL, NULL) == 0, "either may be left out", "pair");
}

static void test_pairs(const char *name, size_t n) {
  problem p = new_problem(n);
  objective *f = set_up(name, p);
  lbfgsb_options options = lbfgsb_defaults();
  options.pairs = PAIRS;
  options.max_iterations = 25;
  options.gradient_tolerance = options.reduction_tolerance = 0;
  lbfgsb_solver *solver = malloc(lbfgsb_size(n, PAIRS));
  trace t = {n, 0, malloc(MOST_ITERATES * n * sizeof(double)), malloc(MOST_ITERATES * n * sizeof(double))};
  double *g = malloc(n * sizeof *g), *s = malloc(n * sizeof *s), value = 0;
  lbfgsb_init(solver, n, p.x, p.lower, p.upper, &options);
  check(lbfgsb_variables(solver) == n, "n", name);
  check(lbfgsb_pair_count(solver) == 0 && lbfgsb_theta(solver) == 1, "no pairs at first", name);
  check(lbfgsb_pair(solver, 0, s, g) == -1, "nor any to copy", name);
  size_t most = 0;
  for (lbfgsb_request request = LBFGSB_EVALUATE; request != LBFGSB_FINISHED;
       request = lbfgsb_advance(solver, value, g)) {
    if (request == LBFGSB_NEW_ITERATE) {
      note(&t, solver);
      if (lbfgsb_report(solver).skipped == 0 && lbfgsb_report(solver).restarts == 0)
        check_pairs(solver, &t, s, g);
      most = lbfgsb_pair_count(solver) > most ? lbfgsb_pair_count(solver) : most;
    }
    if (request == LBFGSB_EVALUATE) value = f(n, lbfgsb_point(solver), g);
  }
  check(most == PAIRS, "the ring has been full", name);
  free(t.x);
  free(t.g);
  free(g);
  free(s);
  free(solver);
  free_problem(p);
}

void test_contract(void) {
  test_abi();
  test_is_evidence();
  test_every_field();
  test_ranges();
  test_defaults();
  test_reasons();
  test_pairs("wood_box", 4);
  test_pairs("membrane", 300); /* whose rows are given another order */
}
