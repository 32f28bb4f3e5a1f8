/* catalogue.c - the options, and the reasons for which a run ends: an entry each, of which all else is made
 * that has to know every one of them. */
#include <limits.h>
#include <string.h>

#include "solver.h"

/* ---- Options ------------------------------------------------------------------------------------------- */

#define COUNT(field) .offset = offsetof(lbfgsb_options, field), .is_count = 1, .unit = 1
#define NUMBER(field, of) .offset = offsetof(lbfgsb_options, field), .unit = of

static const lbfgsb_option options[] = {
    {.name = "m", COUNT(pairs), .standard = 10, .least = 1, .most = INT_MAX},
    {.name = "maxls", COUNT(max_trials), .standard = 20, .least = 1, .most = INT_MAX},
    {.name = "maxit", NUMBER(max_iterations, 1), .standard = 15000, .least = 0, .most = INFINITY},
    {.name = "maxeval", NUMBER(max_evaluations, 1), .standard = INFINITY, .least = 1, .most = INFINITY},
    {.name = "pgtol", NUMBER(gradient_tolerance, 1), .standard = NAN, .most = DBL_MAX, .may_be_nan = 1},
    {.name = "factr", NUMBER(reduction_tolerance, DBL_EPSILON), .standard = 1e7, .least = 0, .most = DBL_MAX},
    {.name = "target", NUMBER(target_value, 1), .standard = -INFINITY, .least = -INFINITY, .most = INFINITY},
    {.name = "confirm", COUNT(confirm), .standard = 1, .least = 0, .most = 1},
    {.name = "rescale", COUNT(rescale), .standard = 1, .least = 0, .most = 1},
};

enum { OPTIONS = sizeof options / sizeof *options };

const lbfgsb_option *lbfgsb_option_at(size_t i) { return i < OPTIONS ? &options[i] : NULL; }

double lbfgsb_option_get(const lbfgsb_options *from, const lbfgsb_option *option) {
  const char *field = (const char *)from + option->offset;
  size_t count;
  double number;
  memcpy(&count, field, sizeof count);
  if (option->is_count) return (double)count;
  memcpy(&number, field, sizeof number);
  return number / option->unit;
}

void lbfgsb_option_set(lbfgsb_options *to, const lbfgsb_option *option, double x) {
  char *field = (char *)to + option->offset;
  const size_t count = option->is_count ? (size_t)x : 0;
  const double number = x * option->unit;
  if (option->is_count)
    memcpy(field, &count, sizeof count);
  else
    memcpy(field, &number, sizeof number);
}

lbfgsb_options lbfgsb_defaults(void) {
  lbfgsb_options out = {0};
  for (size_t i = 0; i < OPTIONS; i++) lbfgsb_option_set(&out, &options[i], options[i].standard);
  return out;
}

int lbfgsb_options_valid(const lbfgsb_options *given) {
  for (size_t i = 0; i < OPTIONS; i++) {
    const lbfgsb_option *option = &options[i];
    double x = lbfgsb_option_get(given, option);
    if (isnan(x) ? !option->may_be_nan : x < option->least || x > option->most) return 0;
  }
  return 1;
}

int lbfgsb_options_equal(const lbfgsb_options *a, const lbfgsb_options *b) {
  for (size_t i = 0; i < OPTIONS; i++) {
    double x = lbfgsb_option_get(a, &options[i]), y = lbfgsb_option_get(b, &options[i]);
    if (x != y && !(isnan(x) && isnan(y))) return 0;
  }
  return 1;
}

/* ---- Reasons ------------------------------------------------------------------------------------------- */

static const lbfgsb_reason reasons[] = {
    [LBFGSB_RUNNING] = {.name = "running", .convergence = 1, .sentence = "not finished"},
    [LBFGSB_GRADIENT_CONVERGED] =
        {.name = "gradient_converged",
         .convergence = 0,
         .sentence = "converged: the projected gradient is within pgtol = %.3g",
         .option = "pgtol",
         .otherwise =
             "converged: the projected gradient is small beside the value and beside the largest of the run"},
    [LBFGSB_REDUCTION_CONVERGED] = {.name = "reduction_converged",
                                    .convergence = 0,
                                    .sentence =
                                        "converged: the last reduction of the value is within factr = %.3g",
                                    .option = "factr"},
    [LBFGSB_ROUNDING_CONVERGED] =
        {.name = "rounding_converged",
         .convergence = 0,
         .sentence = "converged: any further reduction of the value would be lost in its rounding"},
    [LBFGSB_ZERO_GRADIENT] =
        {.name = "zero_gradient",
         .convergence = 0,
         .sentence =
             "the gradient is zero at the start: `par` is stationary already, or `fn` is constant around it: "
             "start elsewhere to see which"},
    [LBFGSB_TARGET_REACHED] = {.name = "target_reached",
                               .convergence = 1,
                               .sentence = "stopped: the value has reached target = %.9g",
                               .option = "target"},
    [LBFGSB_ITERATION_LIMIT] = {.name = "iteration_limit",
                                .convergence = 1,
                                .sentence = "not converged: stopped by maxit = %.0f",
                                .option = "maxit"},
    [LBFGSB_EVALUATION_LIMIT] = {.name = "evaluation_limit",
                                 .convergence = 1,
                                 .sentence = "not converged: stopped by maxeval = %.0f",
                                 .option = "maxeval"},
    [LBFGSB_TIME_LIMIT] = {.name = "time_limit",
                           .convergence = 1,
                           .sentence = "not converged: stopped by maxtime = %.3g seconds",
                           .option = "maxtime"},
    [LBFGSB_STOPPED] = {.name = "stopped", .convergence = 1, .sentence = "not converged: stopped on request"},
    [LBFGSB_STALLED] =
        {.name = "stalled",
         .convergence = 51,
         .sentence = "not converged: stalled, the value no longer improves though the gradient is not small"},
    [LBFGSB_LINE_SEARCH_FAILED] = {.name = "line_search_failed",
                                   .convergence = 52,
                                   .sentence = "not converged: the line search found no better value"},
    [LBFGSB_START_NOT_FINITE] = {.name = "start_not_finite", .convergence = 52},
    [LBFGSB_UNBOUNDED] = {.name = "unbounded",
                          .convergence = 53,
                          .sentence = "not converged: the value seems to improve without limit, see 53 in "
                                      "vignette(\"troubleshooting\", \"lbfgsb\")"},
    [LBFGSB_RANDOM] = {.name = "random",
                       .convergence = 54,
                       .sentence =
                           "not converged: fn gives different values at the same parameters, see 54 in "
                           "vignette(\"troubleshooting\", \"lbfgsb\")"},
};

enum { REASONS = sizeof reasons / sizeof *reasons };

const lbfgsb_reason *lbfgsb_reason_of(lbfgsb_status status) {
  return (size_t)status < REASONS ? &reasons[status] : NULL;
}

int lbfgsb_is_evidence(lbfgsb_status status) {
  const lbfgsb_reason *reason = lbfgsb_reason_of(status);
  return reason && reason->convergence == 0;
}
