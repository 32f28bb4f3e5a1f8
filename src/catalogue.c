/* catalogue.c - the options, and the reasons for which a run ends: an entry each, of which all else is made
 * that has to know every one of them. */
#include <string.h>

#include "solver.h"

/* ---- Options ------------------------------------------------------------------------------------------- */

#define FIELD(field) offsetof(lbfgsb_options, field)

/* name, where, a count, unit; default, least, most in that unit, and whether NaN, for no number given, is
 * right */
static const lbfgsb_option options[] = {
    {"m", FIELD(pairs), 1, 1, 10, 1, 2147483647, 0},
    {"maxls", FIELD(max_trials), 1, 1, 20, 1, 2147483647, 0},
    {"maxit", FIELD(max_iterations), 0, 1, 15000, 0, INFINITY, 0},
    {"maxeval", FIELD(max_evaluations), 0, 1, INFINITY, 1, INFINITY, 0},
    {"pgtol", FIELD(gradient_tolerance), 0, 1, NAN, 0, DBL_MAX, 1},
    {"factr", FIELD(reduction_tolerance), 0, DBL_EPSILON, 1e7, 0, DBL_MAX, 0},
    {"target", FIELD(target_value), 0, 1, -INFINITY, -INFINITY, INFINITY, 0},
    {"confirm", FIELD(confirm), 1, 1, 1, 0, 1, 0},
    {"rescale", FIELD(rescale), 1, 1, 1, 0, 1, 0},
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
    [LBFGSB_RUNNING] = {"running", 1, "not finished", NULL, NULL},
    [LBFGSB_GRADIENT_CONVERGED] =
        {"gradient_converged", 0, "converged: the projected gradient is within pgtol = %.3g", "pgtol",
         "converged: the projected gradient is small beside the value and beside the largest of the run"},
    [LBFGSB_REDUCTION_CONVERGED] = {"reduction_converged", 0,
                                    "converged: the last reduction of the value is within factr = %.3g",
                                    "factr", NULL},
    [LBFGSB_ROUNDING_CONVERGED] =
        {"rounding_converged", 0,
         "converged: any further reduction of the value would be lost in its rounding", NULL, NULL},
    [LBFGSB_ZERO_GRADIENT] =
        {"zero_gradient", 0,
         "the gradient is zero at the start: `par` is stationary already, or `fn` is constant around it",
         NULL, NULL},
    [LBFGSB_TARGET_REACHED] = {"target_reached", 1, "stopped: the value has reached target = %.9g", "target",
                               NULL},
    [LBFGSB_ITERATION_LIMIT] = {"iteration_limit", 1, "not converged: stopped by maxit = %.0f", "maxit",
                                NULL},
    [LBFGSB_EVALUATION_LIMIT] = {"evaluation_limit", 1, "not converged: stopped by maxeval = %.0f", "maxeval",
                                 NULL},
    [LBFGSB_TIME_LIMIT] = {"time_limit", 1, "not converged: stopped by maxtime = %.3g seconds", "maxtime",
                           NULL},
    [LBFGSB_STOPPED] = {"stopped", 1, "not converged: stopped on request", NULL, NULL},
    [LBFGSB_STALLED] = {"stalled", 51,
                        "not converged: stalled, the value no longer falls though the gradient is not small",
                        NULL, NULL},
    [LBFGSB_LINE_SEARCH_FAILED] = {"line_search_failed", 52,
                                   "not converged: the line search found no lower value", NULL, NULL},
    [LBFGSB_START_NOT_FINITE] = {"start_not_finite", 52, NULL, NULL, NULL},
    [LBFGSB_UNBOUNDED] = {"unbounded", 53,
                          "not converged: the value falls without end: is `fn` to be maximized? See "
                          "`fnscale` in ?lbfgsb_control",
                          NULL, NULL},
};

enum { REASONS = sizeof reasons / sizeof *reasons };

const lbfgsb_reason *lbfgsb_reason_of(lbfgsb_status status) {
  return (size_t)status < REASONS ? &reasons[status] : NULL;
}

int lbfgsb_is_evidence(lbfgsb_status status) {
  const lbfgsb_reason *reason = lbfgsb_reason_of(status);
  return reason && reason->convergence == 0;
}
