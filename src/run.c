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

static lbfgsb_request await(lbfgsb_solver *s, enum phase phase) {
  s->run.phase = phase;
  return run_pending(s);
}

/* Ends the run; but what a rough gradient says, a better one is to say first. */
static lbfgsb_request conclude(lbfgsb_solver *s, lbfgsb_status reason) {
  return stop_is_premature(s, reason) ? await(s, PHASE_REFINE) : run_finish(s, reason);
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
  s->run.search.noise = s->run.noise * fabs(s->run.value);
  if (s->run.search.step != 1) direction_set_trial(s, s->run.search.step);
  return outcome;
}

static lbfgsb_request next_direction(lbfgsb_solver *s);

/* Asks for the trial that is in place, if the search wants it; if it has failed a rough gradient is to blame,
 * or else the pairs, if there are any. */
static lbfgsb_request next_trial(lbfgsb_solver *s, search_outcome outcome) {
  if (outcome == SEARCH_TRY && s->run.trials < s->options.max_trials) {
    lbfgsb_status reason = stop_before_evaluation(s);
    s->run.phase = PHASE_TRIAL;
    return reason == LBFGSB_RUNNING ? LBFGSB_EVALUATE : run_finish(s, reason);
  }
  if (s->run.rough > 0) return await(s, PHASE_REFINE);
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
  return reason == LBFGSB_RUNNING ? next_trial(s, begin_search(s)) : conclude(s, reason);
}

static lbfgsb_request next_iteration(lbfgsb_solver *s) {
  lbfgsb_status reason = stop_at_iterate(s);
  if (reason != LBFGSB_RUNNING) return conclude(s, reason);
  if (stop_doubts_model(s)) {
    if (s->run.rough > 0) return await(s, PHASE_REFINE);
    stop_doubt(s);
    restart(s);
  }
  return next_direction(s);
}

/* ---- From a trial to an iterate ------------------------------------------------------------------ */

/* curvature_of_step = s'y of the step just accepted; 0 if the pair fails the curvature condition (2), or
 * s'y may be nothing but noise. */
static double curvature_of_step(const line_search *search, double slope) {
  double step = search->step, curvature = step * (slope - search->start.slope);
  double least = fmax(DBL_EPSILON * -search->start.slope * step, search->noise);
  return curvature > least ? curvature : 0;
}

/* Makes the trial the iterate. */
static lbfgsb_request accept(lbfgsb_solver *s, double value, double slope, const double *gradient) {
  double curvature = curvature_of_step(&s->run.search, slope);
  layout_accept_trial(s);
  iterate_absorb(s, gradient, curvature);
  s->run.previous_value = s->run.value;
  s->run.value = value;
  s->run.step = s->run.search.step;
  s->run.rough = 0;
  s->run.skipped += curvature == 0;
  s->run.iterations++;
  s->run.phase = PHASE_ITERATE;
  stop_record(s);
  return LBFGSB_NEW_ITERATE;
}

/* search_on = what the search makes of the trial's value and slope, not finite where they are not known. */
static search_outcome search_on(lbfgsb_solver *s, double value, double slope) {
  s->run.trials++;
  if (isfinite(value) && isfinite(slope)) return search_advance(&s->run.search, value, slope);
  s->run.nonfinite++;
  return search_shorten(&s->run.search);
}

/* Goes on from a trial that is not to be the iterate. */
static lbfgsb_request leave_trial(lbfgsb_solver *s, search_outcome outcome) {
  direction_set_trial(s, s->run.search.step);
  return next_trial(s, outcome);
}

static lbfgsb_request judge_trial(lbfgsb_solver *s, double value, const double *gradient) {
  double slope = isfinite(value) ? direction_slope(s, gradient) : NAN;
  search_outcome outcome = search_on(s, value, slope);
  return outcome == SEARCH_ACCEPTED ? accept(s, value, slope, gradient) : leave_trial(s, outcome);
}

static lbfgsb_request judge_start(lbfgsb_solver *s, double value, const double *gradient) {
  s->run.value = s->run.previous_value = value;
  if (!isfinite(value) || !all_finite(gradient, s->layout.n)) return run_finish(s, LBFGSB_START_NOT_FINITE);
  iterate_absorb(s, gradient, 0);
  s->run.phase = PHASE_ITERATE;
  stop_record(s);
  return LBFGSB_NEW_ITERATE;
}

/* ---- Values before gradients ---------------------------------------------------------------------- */

/* Tells by the value at a trial whether its gradient is needed, its slope, or neither. */
static lbfgsb_request weigh_trial(lbfgsb_solver *s, double value) {
  if (!isfinite(value)) return leave_trial(s, search_on(s, value, NAN));
  s->run.trial_value = value;
  if (search_is_lost(&s->run.search, value)) return next_trial(s, SEARCH_FAILED);
  return await(s, search_may_accept(&s->run.search, value) ? PHASE_TRIAL_GRADIENT : PHASE_TRIAL_SLOPE);
}

static lbfgsb_request weigh_start(lbfgsb_solver *s, double value) {
  if (!isfinite(value)) return judge_start(s, value, NULL);
  s->run.trial_value = value;
  return await(s, PHASE_START_GRADIENT);
}

lbfgsb_request run_advance_value(lbfgsb_solver *s, double value) {
  if (s->run.status != LBFGSB_RUNNING) return LBFGSB_FINISHED;
  if (run_pending(s) != LBFGSB_EVALUATE) return run_pending(s);
  s->run.evaluations++;
  return s->run.phase == PHASE_START ? weigh_start(s, value) : weigh_trial(s, value);
}

lbfgsb_request run_advance_slope(lbfgsb_solver *s, double slope) {
  if (s->run.status != LBFGSB_RUNNING) return LBFGSB_FINISHED;
  if (s->run.phase != PHASE_TRIAL_SLOPE) return run_pending(s);
  return leave_trial(s, search_on(s, s->run.trial_value, slope / s->run.search.step));
}

/* Takes a better gradient at the iterate, with the pairs kept, and asks the same questions again. One that is
 * not finite is none: the one at hand is the best there is, and pass 1 comes again all the same, as a Cauchy
 * search may have taken variables out of the free set. */
static lbfgsb_request refine(lbfgsb_solver *s, const double *gradient, double error) {
  bool finite = all_finite(gradient, s->layout.n);
  s->run.rough = finite ? error : 0;
  iterate_absorb(s, finite ? gradient : get(s, s->iterate.gradient), 0);
  stop_see_gradient(s);
  s->run.phase = PHASE_ITERATE;
  return next_iteration(s);
}

lbfgsb_request run_advance_gradient(lbfgsb_solver *s, const double *gradient, double error) {
  if (s->run.status != LBFGSB_RUNNING) return LBFGSB_FINISHED;
  switch (s->run.phase) {
  case PHASE_REFINE:
    return refine(s, gradient, error);
  case PHASE_START_GRADIENT:
    s->run.rough = error;
    return judge_start(s, s->run.trial_value, gradient);
  case PHASE_TRIAL_GRADIENT:
  case PHASE_TRIAL_SLOPE: {
    lbfgsb_request request = judge_trial(s, s->run.trial_value, gradient);
    if (request == LBFGSB_NEW_ITERATE) s->run.rough = error;
    return request;
  }
  default:
    return run_pending(s);
  }
}

lbfgsb_request run_set_noise(lbfgsb_solver *s, double noise) {
  bool searches = s->run.phase == PHASE_TRIAL || s->run.phase == PHASE_TRIAL_SLOPE;
  if (!(noise > s->run.noise)) return run_pending(s);
  s->run.noise = noise;
  s->run.search.noise = s->run.noise * fabs(s->run.value);
  if (s->run.rough > 0 && (searches || s->run.phase == PHASE_REFINE)) {
    pairs_forget(s);
    s->run.phase = PHASE_REFINE;
  }
  return run_pending(s);
}

/* ---- Requests ------------------------------------------------------------------------------------ */

lbfgsb_request run_advance(lbfgsb_solver *s, double value, const double *gradient) {
  if (s->run.status != LBFGSB_RUNNING) return LBFGSB_FINISHED;
  switch (s->run.phase) {
  case PHASE_START:
  case PHASE_START_GRADIENT:
    s->run.evaluations++;
    return judge_start(s, value, gradient);
  case PHASE_TRIAL:
  case PHASE_TRIAL_GRADIENT:
  case PHASE_TRIAL_SLOPE:
    s->run.evaluations++;
    return judge_trial(s, value, gradient);
  case PHASE_ITERATE:
    return next_iteration(s);
  case PHASE_DIRECTION:
    return next_trial(s, begin_search(s));
  case PHASE_REFINE:
    return LBFGSB_REFINE;
  }
  return LBFGSB_FINISHED;
}

lbfgsb_request run_pending(const lbfgsb_solver *s) {
  static const lbfgsb_request requests[] = {
      [PHASE_START] = LBFGSB_EVALUATE,          [PHASE_TRIAL] = LBFGSB_EVALUATE,
      [PHASE_ITERATE] = LBFGSB_NEW_ITERATE,     [PHASE_DIRECTION] = LBFGSB_NEW_ITERATE,
      [PHASE_START_GRADIENT] = LBFGSB_GRADIENT, [PHASE_TRIAL_GRADIENT] = LBFGSB_GRADIENT,
      [PHASE_TRIAL_SLOPE] = LBFGSB_SLOPE,       [PHASE_REFINE] = LBFGSB_REFINE};
  return requests[s->run.phase];
}

lbfgsb_request run_resume(lbfgsb_solver *s) {
  s->run.status = LBFGSB_RUNNING;
  lbfgsb_status reason = stop_before_evaluation(s);
  return reason == LBFGSB_RUNNING ? run_pending(s) : run_finish(s, reason);
}
