/* run.c - the run: the iteration, cut into requests to the caller. METHOD.md (2), (27), section 7. */
#include "run.h"

#include "box.h"
#include "cauchy.h"
#include "dense.h"
#include "direction.h"
#include "iterate.h"
#include "layout.h"
#include "pairs.h"
#include "stop.h"

lbfgsb_request run_finish(lbfgsb_solver *s, lbfgsb_status status) {
  s->run.status = status;
  return LBFGSB_FINISHED;
}

/* Forgets the pairs, to go on from the iterate along the projected gradient. Section 7. */
static void restart(lbfgsb_solver *s) {
  pairs_forget(s);
  iterate_absorb(s, get(s, s->iterate.gradient), 0);
  s->run.restarts++;
}

/* ---- From an iterate to a trial ------------------------------------------------------------------ */

/* first_step = a full step, but without pairs, where the scale is not known, one of length 1, and after a
 * restart no longer than either (27). */
static double first_step(const lbfgsb_solver *s, double max_step) {
  if (s->pairs.count > 0 || s->box.boxed) return 1;
  const double *d = get(s, s->direction.d);
  double norm_sq = 0;
  for (size_t i = 0; i < s->layout.n; i++) norm_sq += d[i] * d[i];
  return fmin(1 / sqrt(norm_sq), s->run.iterations > 0 ? 1 : max_step);
}

static search_outcome begin_search(lbfgsb_solver *s) {
  double max_step = s->box.constrained && s->run.iterations == 0 ? 1 : s->direction.max_step;
  search_point start = {0, s->run.value, s->direction.slope};
  s->run.trials = 0;
  search_outcome outcome = search_start(&s->run.search, start, first_step(s, max_step), max_step);
  if (s->run.search.step != 1) direction_set_trial(s, s->run.search.step);
  return outcome;
}

static lbfgsb_request next_direction(lbfgsb_solver *s);

/* Asks for the trial that is in place, if the search wants it; if it has failed the pairs are to blame, if
 * there are any. */
static lbfgsb_request next_trial(lbfgsb_solver *s, search_outcome outcome) {
  if (outcome == SEARCH_TRY && s->run.trials < s->options.max_trials) {
    lbfgsb_status reason = stop_before_evaluation(s);
    s->run.phase = PHASE_TRIAL;
    return reason == LBFGSB_RUNNING ? LBFGSB_EVALUATE : run_finish(s, reason);
  }
  bool without_pairs = s->pairs.count == 0;
  restart(s);
  s->run.phase = PHASE_ITERATE;
  return without_pairs ? run_finish(s, stop_without_progress(s)) : next_direction(s);
}

static lbfgsb_request next_direction(lbfgsb_solver *s) {
  if (!direction_find(s) || (stop_at_direction(s) != LBFGSB_RUNNING && !cauchy_time(s))) {
    restart(s);        /* a model that is not positive definite cannot end the run either */
    direction_find(s); /* without pairs it cannot fail */
  }
  lbfgsb_status reason = stop_at_direction(s);
  s->run.phase = PHASE_DIRECTION;
  return reason == LBFGSB_RUNNING ? next_trial(s, begin_search(s)) : run_finish(s, reason);
}

static lbfgsb_request next_iteration(lbfgsb_solver *s) {
  lbfgsb_status reason = stop_at_iterate(s);
  if (reason != LBFGSB_RUNNING) return run_finish(s, reason);
  if (stop_doubts_model(s)) {
    stop_doubt(s);
    restart(s);
  }
  return next_direction(s);
}

/* ---- From a trial to an iterate ------------------------------------------------------------------ */

/* curvature_of_step = s'y of the step just accepted; 0 if the pair fails the curvature condition (2). */
static double curvature_of_step(const line_search *search, double slope) {
  double step = search->step, curvature = step * (slope - search->start.slope);
  return curvature > DBL_EPSILON * -search->start.slope * step ? curvature : 0;
}

/* Makes the trial the iterate. */
static lbfgsb_request accept(lbfgsb_solver *s, double value, double slope, const double *gradient) {
  double curvature = curvature_of_step(&s->run.search, slope);
  layout_accept_trial(s);
  iterate_absorb(s, gradient, curvature);
  s->run.previous_value = s->run.value;
  s->run.value = value;
  s->run.step = s->run.search.step;
  s->run.skipped += curvature == 0;
  s->run.iterations++;
  s->run.phase = PHASE_ITERATE;
  stop_record(s);
  return LBFGSB_NEW_ITERATE;
}

static lbfgsb_request judge_trial(lbfgsb_solver *s, double value, const double *gradient) {
  double slope = isfinite(value) ? direction_slope(s, gradient) : NAN;
  search_outcome outcome;
  s->run.trials++;
  if (isfinite(slope)) {
    outcome = search_advance(&s->run.search, value, slope);
    if (outcome == SEARCH_ACCEPTED) return accept(s, value, slope, gradient);
  } else {
    s->run.nonfinite++;
    outcome = search_shorten(&s->run.search);
  }
  direction_set_trial(s, s->run.search.step);
  return next_trial(s, outcome);
}

static lbfgsb_request judge_start(lbfgsb_solver *s, double value, const double *gradient) {
  s->run.value = s->run.previous_value = value;
  if (!isfinite(value) || !all_finite(gradient, s->layout.n)) return run_finish(s, LBFGSB_START_NOT_FINITE);
  iterate_absorb(s, gradient, 0);
  s->run.phase = PHASE_ITERATE;
  stop_record(s);
  return LBFGSB_NEW_ITERATE;
}

/* ---- Requests ------------------------------------------------------------------------------------ */

lbfgsb_request run_advance(lbfgsb_solver *s, double value, const double *gradient) {
  if (s->run.status != LBFGSB_RUNNING) return LBFGSB_FINISHED;
  switch (s->run.phase) {
  case PHASE_START:
    s->run.evaluations++;
    return judge_start(s, value, gradient);
  case PHASE_TRIAL:
    s->run.evaluations++;
    return judge_trial(s, value, gradient);
  case PHASE_ITERATE:
    return next_iteration(s);
  case PHASE_DIRECTION:
    return next_trial(s, begin_search(s));
  }
  return LBFGSB_FINISHED;
}

lbfgsb_request run_pending(const lbfgsb_solver *s) {
  bool evaluates = s->run.phase == PHASE_START || s->run.phase == PHASE_TRIAL;
  return evaluates ? LBFGSB_EVALUATE : LBFGSB_NEW_ITERATE;
}

lbfgsb_request run_resume(lbfgsb_solver *s) {
  s->run.status = LBFGSB_RUNNING;
  lbfgsb_status reason = stop_before_evaluation(s);
  return reason == LBFGSB_RUNNING ? run_pending(s) : run_finish(s, reason);
}
