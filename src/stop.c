/* stop.c - when a run ends: all rules. METHOD.md (31) to (34), (40), (61), (89). */
#include "stop.h"

#include "dense.h"
#include "direction.h"
#include "evidence.h"
#include "scales.h"

/* Idle iterations in a row before the model is doubted, and then the run: those that reduce f by no more than
 * rounding hides, or only by the last trial of a search, and leave the gradient as large as it was. */
static const size_t IDLE_LIMIT = 3;

/* Of its size: where no variable is farther from the model's minimum a rough gradient tells no more. */
static const double NEAR = 1e-8;

/* The tolerance of the gradient where none is given, without units. */
static const double RELATIVE_TOLERANCE = 1e-7;

double stop_hidden_change(const lbfgsb_solver *s) {
  return fmax(10 * DBL_EPSILON, 2 * s->run.noise) * fabs(s->run.value);
}

/* Tests (f_old - f) / max(|f_old|, |f|) <= reduction_tolerance; published: / max(|f_old|, |f|, 1) (32). */
static bool reduction_small(const lbfgsb_solver *s) {
  double scale = fmax(fabs(s->run.previous_value), fabs(s->run.value));
  if (!s->options.confirm) scale = fmax(scale, 1);
  return s->run.iterations > 0 &&
         s->run.previous_value - s->run.value <= s->options.reduction_tolerance * scale;
}

/* Tests the gradient, if an element of it may be larger by `error`: a value within a relative tolerance of
 * its minimum has one within the tolerance's root of the gradients that the run came from, and a good deal
 * within; and of f, as pairs of differences hide the softest directions (32). */
static bool gradient_fell(const lbfgsb_solver *s, double error) {
  double slope = 0.1 * evidence_slope(s);
  if (!evidence_is_by_slopes(s) && error == 0) slope = fmin(slope, evidence_strict_slope(s));
  return s->iterate.steepest + error <= sqrt(s->options.reduction_tolerance) * slope;
}

/* True if the gradient is held against the run's own, not against a number of the caller's. */
static bool gradient_is_relative(const lbfgsb_solver *s) {
  return isnan(s->options.gradient_tolerance) && s->options.confirm;
}

/* Tests `steepest`: the published test is on pgnorm, which is also small where a variable is just short of
 * its bound, however steep f is there. A number of the caller's is in his units; by it a problem that starts
 * with small gradients is small (31). */
static bool gradient_small(const lbfgsb_solver *s, double error) {
  double given = s->options.gradient_tolerance;
  if (gradient_is_relative(s))
    return s->iterate.steepest + error <= RELATIVE_TOLERANCE * evidence_strict_slope(s);
  double scale = s->options.confirm ? fmin(1, s->stop.largest_pgnorm) : 1;
  return s->caller.steepest + error <= (isnan(given) ? LBFGSB_PUBLISHED_TOLERANCE : given) * scale;
}

void stop_see_gradient(lbfgsb_solver *s) {
  s->stop.largest_pgnorm = fmax(s->stop.largest_pgnorm, s->caller.pgnorm);
}

/* True if a gradient that is told goes on falling where noise hides what f does. */
static bool gradient_falls(const lbfgsb_solver *s) {
  return evidence_is_by_slopes(s) && s->run.noise > 0 && s->caller.pgnorm < s->stop.least_pgnorm;
}

void stop_record(lbfgsb_solver *s) {
  double gain = s->run.previous_value - s->run.value;
  bool brings_little = gain <= stop_hidden_change(s) || s->run.search.final;
  bool idle = s->run.iterations > 0 && brings_little && !gradient_falls(s);
  stop_see_gradient(s);
  if (!idle) s->stop.least_pgnorm = s->caller.pgnorm;
  s->stop.idle = idle ? s->stop.idle + 1 : 0;
  s->stop.doubted = s->stop.doubted && idle;
}

void stop_doubt(lbfgsb_solver *s) {
  s->stop.doubted = true;
  s->stop.idle = 0;
}

void stop_forget(lbfgsb_solver *s) {
  s->stop.doubted = false;
  s->stop.idle = 0;
}

lbfgsb_status stop_at_iterate(const lbfgsb_solver *s) {
  const lbfgsb_options *options = &s->options;
  if (s->run.iterations == 0 && all_zero(get(s, s->iterate.gradient), s->layout.n))
    return LBFGSB_ZERO_GRADIENT;
  if (gradient_small(s, 0)) return LBFGSB_GRADIENT_CONVERGED;
  bool is_evident = !options->confirm || gradient_fell(s, 0) || evidence_is_at_bottom(s);
  if (reduction_small(s) && is_evident) return LBFGSB_REDUCTION_CONVERGED;
  return stop_without_claim(s);
}

lbfgsb_status stop_without_claim(const lbfgsb_solver *s) {
  if (s->run.value <= s->options.target_value) return LBFGSB_TARGET_REACHED;
  if (s->stop.doubted && s->stop.idle >= IDLE_LIMIT)
    return evidence_was_hidden(s) ? LBFGSB_ROUNDING_CONVERGED : LBFGSB_STALLED;
  if (evidence_is_spent(s)) return LBFGSB_ROUNDING_CONVERGED;
  if (evidence_creeps(s)) return LBFGSB_STALLED;
  return stop_at_limits(s);
}

lbfgsb_status stop_at_limits(const lbfgsb_solver *s) {
  if ((double)s->run.iterations >= s->options.max_iterations) return LBFGSB_ITERATION_LIMIT;
  return stop_before_evaluation(s);
}

/* True if differences show nothing at all, as those of an f with few digits; where little is left of it, they
 * may. */
static bool shows_nothing(const lbfgsb_solver *s) {
  return all_zero(get(s, s->iterate.gradient), s->layout.n) && !evidence_is_about_zero(s);
}

bool stop_is_premature(const lbfgsb_solver *s, lbfgsb_status reason) {
  double error = s->run.rough;
  if (!(error > 0)) return false;
  if (stop_is_claim(s, reason) && (shows_nothing(s) || scales_are_untold(s))) return true;
  if (reason == LBFGSB_GRADIENT_CONVERGED) return !gradient_small(s, error);
  if (reason == LBFGSB_REDUCTION_CONVERGED) return s->options.confirm && !gradient_fell(s, error);
  return lbfgsb_is_evidence(reason) || reason == LBFGSB_STALLED;
}

bool stop_doubts_model(const lbfgsb_solver *s) {
  return s->options.confirm && !s->stop.doubted && s->stop.idle >= IDLE_LIMIT;
}

/* A rough gradient is asked to be better before it ends a run. */
static bool is_near_by_rough(const lbfgsb_solver *s) {
  return s->run.rough > 0 && direction_is_within(s, NEAR);
}

lbfgsb_status stop_at_direction(const lbfgsb_solver *s) {
  if (!s->options.confirm || s->pairs.count == 0) return LBFGSB_RUNNING;
  bool hidden =
      -s->direction.slope <= stop_hidden_change(s) && reduction_small(s) && evidence_has_no_corner(s);
  return hidden || evidence_is_there(s) || is_near_by_rough(s) ? LBFGSB_ROUNDING_CONVERGED : LBFGSB_RUNNING;
}

lbfgsb_status stop_before_evaluation(const lbfgsb_solver *s) {
  return (double)s->run.evaluations >= s->options.max_evaluations ? LBFGSB_EVALUATION_LIMIT : LBFGSB_RUNNING;
}

lbfgsb_status stop_without_progress(const lbfgsb_solver *s) {
  bool hidden = evidence_is_hidden(s) || evidence_is_confined(s, stop_hidden_change(s));
  return s->options.confirm && hidden ? LBFGSB_ROUNDING_CONVERGED : LBFGSB_LINE_SEARCH_FAILED;
}

bool stop_is_claim(const lbfgsb_solver *s, lbfgsb_status reason) {
  if (reason == LBFGSB_GRADIENT_CONVERGED) return gradient_is_relative(s);
  return s->options.confirm && (reason == LBFGSB_REDUCTION_CONVERGED || reason == LBFGSB_ROUNDING_CONVERGED);
}

bool stop_is_doubted(const lbfgsb_solver *s, lbfgsb_status reason) {
  bool is_failure = reason == LBFGSB_STALLED || reason == LBFGSB_LINE_SEARCH_FAILED;
  if (evidence_is_spent(s)) return false;
  return stop_is_claim(s, reason) || (s->options.confirm && (reason == LBFGSB_ZERO_GRADIENT || is_failure));
}

/* True if the rules may have found, beyond an iterate, that all that is left is lost in f's rounding: what
 * the model promised is believed. */
static bool rounding_valid(const lbfgsb_solver *s) {
  if (stop_without_progress(s) == LBFGSB_ROUNDING_CONVERGED || evidence_digits_valid(s)) return true;
  return s->pairs.count > 0 && reduction_small(s) && 2 * s->evidence.promised <= stop_hidden_change(s);
}

/* True if the rules give the status at the iterate, or may do so once the model has spoken against a
 * claim. */
static bool is_reason_at_iterate(const lbfgsb_solver *s, lbfgsb_status status) {
  lbfgsb_status reason = stop_at_iterate(s);
  return reason == status || (stop_is_claim(s, reason) && stop_without_claim(s) == status);
}

bool stop_status_valid(const lbfgsb_solver *s) {
  lbfgsb_status status = s->run.status;
  if (stop_is_premature(s, status)) return false;
  bool at_iterate = s->run.phase == PHASE_ITERATE;
  switch (status) {
  case LBFGSB_RUNNING:
  case LBFGSB_ITERATION_LIMIT:
  case LBFGSB_EVALUATION_LIMIT:
  case LBFGSB_TIME_LIMIT:
  case LBFGSB_STOPPED:
    return true;
  case LBFGSB_START_NOT_FINITE:
    return phase_is_start(s->run.phase);
  case LBFGSB_UNBOUNDED:
    return s->options.confirm && !at_iterate;
  case LBFGSB_RANDOM:
    return s->options.confirm && at_iterate && s->questions.repeat == REPEAT_UNKNOWN;
  case LBFGSB_LINE_SEARCH_FAILED:
    return at_iterate && s->pairs.count == 0 && stop_without_progress(s) == status;
  case LBFGSB_ROUNDING_CONVERGED:
    if (lbfgsb_pending(s) == LBFGSB_EVALUATE) return s->evidence.gain < INFINITY; /* by differences (52) */
    return at_iterate && (is_reason_at_iterate(s, status) || rounding_valid(s));
  default:
    return at_iterate && is_reason_at_iterate(s, status);
  }
}
