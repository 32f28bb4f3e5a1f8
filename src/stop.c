/* stop.c - when a run ends: all rules. */
#include "state.h"

/* Idle iterations in a row before the model is doubted, and then the run. */
static const size_t PATIENCE = 3;

/* What the rounding of f hides. */
static double rounding(const lbfgsb_solver *s) { return 10 * DBL_EPSILON * fabs(s->value); }

/* (f_old - f) / max(|f_old|, |f|) <= reduction_tolerance; published: / max(|f_old|, |f|, 1). */
static bool reduction_small(const lbfgsb_solver *s) {
  double scale = fmax(fabs(s->previous_value), fabs(s->value));
  if (!s->options.confirm) scale = fmax(scale, 1);
  return s->iterations > 0 && s->previous_value - s->value <= s->options.reduction_tolerance * scale;
}

/* A value within a relative tolerance of its minimum has a gradient within its root of the gradients
 * that the run came from. */
static bool gradient_fell(const lbfgsb_solver *s) {
  double scale = fmin(s->largest_pgnorm, fmax(1, fabs(s->value)));
  return s->pgnorm <= sqrt(s->options.reduction_tolerance) * scale;
}

/* The published test is on pgnorm, which is also small where a variable is just short of its bound,
 * however steep f is there; `steepest` is not. A problem that starts with small gradients is small. */
static bool gradient_small(const lbfgsb_solver *s) {
  double scale = s->options.confirm ? fmin(1, s->largest_pgnorm) : 1;
  return s->steepest <= s->options.gradient_tolerance * scale;
}

static bool is_zero(const double *v, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (v[i] != 0) return false;
  return true;
}

void stop_record(lbfgsb_solver *s) {
  bool idle = s->iterations > 0 && s->previous_value - s->value <= rounding(s);
  s->largest_pgnorm = fmax(s->largest_pgnorm, s->pgnorm);
  s->idle = idle ? s->idle + 1 : 0;
  s->doubted = s->doubted && idle;
}

void stop_doubt(lbfgsb_solver *s) {
  s->doubted = true;
  s->idle = 0;
}

lbfgsb_status stop_at_iterate(const lbfgsb_solver *s) {
  const lbfgsb_options *options = &s->options;
  if (s->iterations == 0 && is_zero(get(s, s->at.gradient), s->n)) return LBFGSB_ZERO_GRADIENT;
  if (gradient_small(s)) return LBFGSB_GRADIENT_CONVERGED;
  if (reduction_small(s) && (!options->confirm || gradient_fell(s))) return LBFGSB_REDUCTION_CONVERGED;
  if (s->value <= options->target_value) return LBFGSB_TARGET_REACHED;
  if (s->doubted && s->idle >= PATIENCE) return LBFGSB_STALLED;
  if ((double)s->iterations >= options->max_iterations) return LBFGSB_ITERATION_LIMIT;
  return stop_before_evaluation(s);
}

bool stop_doubts_model(const lbfgsb_solver *s) {
  return s->options.confirm && !s->doubted && s->idle >= PATIENCE;
}

lbfgsb_status stop_at_direction(const lbfgsb_solver *s) {
  bool hidden = s->count > 0 && -s->slope <= rounding(s);
  return s->options.confirm && reduction_small(s) && hidden ? LBFGSB_ROUNDING_CONVERGED : LBFGSB_RUNNING;
}

lbfgsb_status stop_before_evaluation(const lbfgsb_solver *s) {
  return (double)s->evaluations >= s->options.max_evaluations ? LBFGSB_EVALUATION_LIMIT : LBFGSB_RUNNING;
}

lbfgsb_status stop_without_progress(const lbfgsb_solver *s) {
  return s->options.confirm && gradient_fell(s) ? LBFGSB_ROUNDING_CONVERGED : LBFGSB_LINE_SEARCH_FAILED;
}
