/* test_wrong_calls.c - calls that ask for what cannot be: pointers that are NULL, an answer to what was not
 * asked for. They are refused, and leave the run as it is. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core_tests.h"

enum { N = 3 };
static const double start[N] = {-1.2, 1, 2};

static double bowl(size_t n, const double *x, double *gradient, void *data) {
  (void)data;
  double value = 0;
  for (size_t i = 0; i < n; i++) {
    double r = x[i] - (double)i, weight = pow(10, (double)i);
    value += weight * (r * r + r * r * r * r);
    if (gradient) gradient[i] = weight * (2 * r + 4 * r * r * r);
  }
  return value;
}

static lbfgsb_solver *begin(size_t *size) {
  lbfgsb_options options = lbfgsb_defaults();
  *size = lbfgsb_size(N, options.pairs);
  lbfgsb_solver *s = malloc(*size);
  check(lbfgsb_init(s, N, start, NULL, NULL, &options) == 0, "begins", "wrong calls");
  return s;
}

/* ---- Nothing in place of something ------------------------------------------------------------------- */

static void test_init_without(void) {
  size_t size;
  lbfgsb_options options = lbfgsb_defaults();
  lbfgsb_solver *s = begin(&size);
  check(lbfgsb_init(NULL, N, start, NULL, NULL, &options) == -1, "no block", "init");
  check(lbfgsb_init(s, N, NULL, NULL, NULL, &options) == -1, "no start", "init");
  check(lbfgsb_init(s, N, start, NULL, NULL, NULL) == -1, "no options", "init");
  check(lbfgsb_valid(s, size) && !lbfgsb_valid(NULL, size), "no block is no run", "valid");
  free(s);
}

static void test_minimize_without(void) {
  size_t size;
  double x[N];
  memcpy(x, start, sizeof x);
  lbfgsb_options options = lbfgsb_defaults();
  lbfgsb_solver *s = begin(&size);
  lbfgsb_problem problem = {.n = N, .x = x, .f = bowl, .size = size}, no_x = problem;
  lbfgsb_summary summary;
  no_x.x = NULL;
  check(lbfgsb_minimize(NULL, &problem, &options, &summary) == -1, "no block", "minimize");
  check(lbfgsb_minimize(s, NULL, &options, &summary) == -1, "no problem", "minimize");
  check(lbfgsb_minimize(s, &no_x, &options, &summary) == -1, "no start", "minimize");
  check(lbfgsb_minimize(s, &problem, NULL, &summary) == -1, "no options", "minimize");
  check(lbfgsb_minimize(s, &problem, &options, NULL) == -1, "no summary", "minimize");
  check(memcmp(x, start, sizeof x) == 0, "x stays as it was", "minimize");
  free(s);
}

/* A copy that does not begin where a double may. */
static void test_unaligned(void) {
  size_t size;
  lbfgsb_solver *s = begin(&size);
  char *place = malloc(size + 1);
  memcpy(place + 1, s, size);
  check(!lbfgsb_valid(place + 1, size), "nor is one that is not aligned", "valid");
  check(!lbfgsb_differences_valid(place + 1, lbfgsb_differences_size(N), s), "nor is one that is not aligned",
        "differences");
  check(!lbfgsb_differences_valid(NULL, lbfgsb_differences_size(N), s), "nor is none", "differences");
  free(place);
  free(s);
}

static void test_no_size(void) {
  check(lbfgsb_size(2, (size_t)-1) == 0 && lbfgsb_first_size(2, (size_t)-1) == 0, "no run, no bytes", "size");
}

/* ---- No gradient ------------------------------------------------------------------------------------- */

/* Runs to the end with the gradient left out at one evaluation, as NULL or as NaN. */
static lbfgsb_summary run_without(size_t at, bool by_values, bool null) {
  size_t size, calls = 0;
  double gradient[N], value = 0;
  const double unknown[N] = {NAN, NAN, NAN}, *nothing = null ? NULL : unknown;
  lbfgsb_solver *s = begin(&size);
  lbfgsb_request request = LBFGSB_EVALUATE;
  while (request != LBFGSB_FINISHED) {
    if (request == LBFGSB_EVALUATE) value = bowl(N, lbfgsb_point(s), gradient, NULL);
    const double *told = request != LBFGSB_NEW_ITERATE && calls++ == at ? nothing : gradient;
    bool alone = request == LBFGSB_EVALUATE && by_values;
    if (alone) request = lbfgsb_advance_value(s, value);
    if (request != LBFGSB_FINISHED && (!alone || request != LBFGSB_EVALUATE))
      request = alone || request == LBFGSB_GRADIENT ? lbfgsb_advance_gradient(s, told, 0)
                                                    : lbfgsb_advance(s, value, told);
  }
  lbfgsb_summary summary = lbfgsb_report(s);
  free(s);
  return summary;
}

static void test_no_gradient(void) {
  for (size_t at = 0; at < 8; at++) {
    for (int by_values = 0; by_values < 2; by_values++) {
      lbfgsb_summary a = run_without(at, by_values, true), b = run_without(at, by_values, false);
      bool same = a.status == b.status && a.evaluations == b.evaluations && a.value == b.value &&
                  a.nonfinite == b.nonfinite;
      check(same, "a gradient that is NULL is one that is not finite", by_values ? "alone" : "with f");
    }
  }
}

/* ---- The wrong order --------------------------------------------------------------------------------- */

/* A run by differences that is also asked what it does not wait for. */
typedef struct {
  lbfgsb_solver *s;
  lbfgsb_differences *d;
  lbfgsb_request request;
  size_t size, differences_size;
  char *bytes; /* of both, as they were */
} pair_of_blocks;

static pair_of_blocks begin_differences(void) {
  pair_of_blocks p = {.request = LBFGSB_EVALUATE};
  p.s = begin(&p.size);
  p.differences_size = lbfgsb_differences_size(N);
  p.d = malloc(p.differences_size);
  p.bytes = malloc(p.size + p.differences_size);
  lbfgsb_differences_init(p.d, p.s, LBFGSB_AUTO, 1, NULL);
  return p;
}

static void end_differences(pair_of_blocks p) {
  free(p.s);
  free(p.d);
  free(p.bytes);
}

static void keep(const pair_of_blocks *p) {
  memcpy(p->bytes, p->s, p->size);
  memcpy(p->bytes + p->size, p->d, p->differences_size);
}

static bool unchanged(const pair_of_blocks *p) {
  return memcmp(p->bytes, p->s, p->size) == 0 && memcmp(p->bytes + p->size, p->d, p->differences_size) == 0;
}

static lbfgsb_request tell(pair_of_blocks *p) {
  return lbfgsb_differences_tell(p->d, p->s, bowl(N, lbfgsb_differences_point(p->d), NULL, NULL), NULL);
}

/* The request again, and the same bytes, for a call that it is no answer to. */
static bool is_refused(pair_of_blocks *p) {
  keep(p);
  bool right = true;
  if (p->request != LBFGSB_NEW_ITERATE) right = lbfgsb_differences_go_on(p->d, p->s) == p->request;
  if (p->request != LBFGSB_EVALUATE) right = right && tell(p) == p->request;
  return right && unchanged(p);
}

static void test_order(void) {
  pair_of_blocks p = begin_differences();
  bool refused = true;
  while (p.request != LBFGSB_FINISHED) {
    refused = is_refused(&p) && refused;
    p.request = p.request == LBFGSB_EVALUATE ? tell(&p) : lbfgsb_differences_go_on(p.d, p.s);
  }
  check(refused && is_refused(&p), "what was not asked for changes nothing", "differences");
  check(lbfgsb_is_evidence(lbfgsb_report(p.s).status), "and the run converges", "differences");
  end_differences(p);
}

/* A run that is stopped within a gradient asks for no more values; resumed, it goes on to the same bits. */
static void test_stop_within(void) {
  pair_of_blocks p = begin_differences(), q = begin_differences();
  lbfgsb_options options = lbfgsb_options_of(p.s);
  bool ends = true, same = true;
  while (p.request != LBFGSB_FINISHED && same) {
    lbfgsb_stop(p.s, LBFGSB_STOPPED);
    p.request = p.request == LBFGSB_EVALUATE ? tell(&p) : lbfgsb_differences_go_on(p.d, p.s);
    ends = ends && p.request == LBFGSB_FINISHED;
    lbfgsb_resume(p.s, &options);
    p.request = lbfgsb_differences_resume(p.d, p.s);
    same = p.request == q.request;
    p.request = p.request == LBFGSB_EVALUATE ? tell(&p) : lbfgsb_differences_go_on(p.d, p.s);
    q.request = q.request == LBFGSB_EVALUATE ? tell(&q) : lbfgsb_differences_go_on(q.d, q.s);
  }
  same = same && q.request == LBFGSB_FINISHED &&
         memcmp(lbfgsb_iterate(p.s), lbfgsb_iterate(q.s), N * sizeof(double)) == 0;
  check(ends, "the next request after a stop is the last", "differences");
  check(same, "resumed, the run is the same", "differences");
  end_differences(p);
  end_differences(q);
}

void test_wrong_calls(void) {
  test_init_without();
  test_minimize_without();
  test_unaligned();
  test_no_size();
  test_no_gradient();
  test_order();
  test_stop_within();
}
