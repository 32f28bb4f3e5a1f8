/* test_differences_end.c - whether second differences refute the model, METHOD.md (76), on runs made for it. */
#include <stdlib.h>

#include "core_tests.h"
#include "differences.h"

/* A variable of the last gradient: its slope, B_ii, and as large as the second derivative may be. */
typedef struct {
  double slope, model, most;
} told;

static double bowl(const double *x) {
  double sum = 1;
  for (size_t i = 0; i < 3; i++) sum += (x[i] - 2) * (x[i] - 2);
  return sum;
}

static lbfgsb_differences *run_by_values(lbfgsb_solver *s, lbfgsb_request request) {
  lbfgsb_differences *d = calloc(1, lbfgsb_differences_size(3));
  lbfgsb_differences_init(d, s, LBFGSB_AUTO, 0, NULL);
  while (request != LBFGSB_FINISHED)
    request = request == LBFGSB_NEW_ITERATE
                  ? lbfgsb_differences_go_on(d, s)
                  : lbfgsb_differences_tell(d, s, bowl(lbfgsb_differences_point(d)), NULL);
  return d;
}

/* What a better gradient tells of three variables, at 2 in [0, inf), corrects the scales by these factors. */
static void test_correction(const told *of, int rescale, const double *factor, const char *which) {
  problem p = new_problem(3);
  lbfgsb_options options = lbfgsb_defaults();
  for (size_t i = 0; i < 3; i++) p.x[i] = 1, p.lower[i] = 0;
  options.rescale = rescale;
  lbfgsb_solver *s = calloc(1, lbfgsb_size(3, options.pairs));
  lbfgsb_init(s, 3, p.x, p.lower, p.upper, &options);
  lbfgsb_differences *d = run_by_values(s, LBFGSB_EVALUATE);
  d->task = TASK_CENTRAL, d->pending = LBFGSB_REFINE, d->knows_model = true;
  bool corrects = false;
  for (size_t i = 0; i < 3; i++) {
    put_array(d, ARRAY_GRADIENT)[i] = of[i].slope;
    put_array(d, ARRAY_MODEL)[i] = of[i].model;
    put_array(d, ARRAY_MOST)[i] = of[i].most;
    corrects = corrects || factor[i] != 1;
  }
  size_t restarts = lbfgsb_report(s).restarts;
  s->evidence.promised = s->evidence.promised_before = 1;
  differences_correct_model(d, s);
  for (size_t i = 0; i < 3; i++) check(lbfgsb_scale(s)[i] == factor[i], "the scale", which);
  check(lbfgsb_report(s).restarts == restarts + corrects, "the pairs go where a scale changes", which);
  check((s->evidence.promised == INFINITY && s->evidence.promised_before == INFINITY) == corrects,
        "and the promises", which);
  free(d);
  free(s);
  free_problem(p);
}

void test_differences_end(void) {
  const double same[] = {1, 1, 1};
  const told right = {1, 1, 1}, wrong = {1, 1, 0x1p-8}, level = {0, 1, 0x1p-8};
  test_correction((told[]){wrong, right, right}, 1, (double[]){8, 0.5, 0.5}, "a variable of afar");
  test_correction((told[]){wrong, wrong, right}, 1, (double[]){2, 2, 0.125}, "two of them");
  test_correction((told[]){wrong, level, right}, 1, (double[]){8, 0.5, 0.5}, "beside one without a slope");
  test_correction((told[]){wrong, wrong, wrong}, 1, same, "none but those of afar");
  test_correction((told[]){wrong, {1, 1, 0x1p-12}, {1, 1, 0x1p-10}}, 1, (double[]){0.5, 2, 1}, "by their own mean");
  test_correction((told[]){wrong, right, {0, 0x1p-8, 0x1p-8}}, 1, (double[]){2, 0.5, 0.5}, "of a mean");
  test_correction((told[]){wrong, {0, 0x1p-8, 0x1p-8}, {0, 0x1p-8, 0x1p-8}}, 1, same, "as large as others");
  test_correction((told[]){wrong, right, right}, 0, same, "where scales are told");
}
