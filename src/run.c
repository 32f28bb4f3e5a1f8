/* run.c - the run: the iteration, cut into requests to the caller. METHOD.md (2), (27), section 7. */
#include "run.h"

#include "agreement.h"
#include "caller.h"
#include "cauchy.h"
#include "curvature.h"
#include "dense.h"
#include "direction.h"
#include "evidence.h"
#include "growth.h"
#include "iterate.h"
#include "layout.h"
#include "pairs.h"
#include "plateau.h"
#include "questions.h"
#include "scales.h"
#include "step.h"
#include "stop.h"

lbfgsb_request run_finish(lbfgsb_solver *s, lbfgsb_status status) {
  s->run.status = status;
  return LBFGSB_FINISHED;
}

void run_restart(lbfgsb_solver *s) {
  pairs_forget(s);
  iterate_absorb(s, get(s, s->iterate.gradient), 0);
  step_assume_scale(s);
  s->run.restarts++;
}

static lbfgsb_request await(lbfgsb_solver *s, enum phase phase) {
  s->run.phase = phase;
  return run_pending(s);
}

lbfgsb_request run_return(lbfgsb_solver *s, enum phase phase) {
  if (s->cauchy.crossed > 0) iterate_absorb(s, get(s, s->iterate.gradient), 0);
  cauchy_forget(s);
  return await(s, phase);
}

static lbfgsb_request finish_at_iterate(lbfgsb_solver *s, lbfgsb_status reason) {
  run_return(s, PHASE_ITERATE);
  return run_finish(s, reason);
}

/* ---- From an iterate to a trial ------------------------------------------------------------------ */

static search_outcome start_search(lbfgsb_solver *s, double step) {
  search_point start = {0, s->run.value, s->direction.slope};
  return search_start(&s->run.search, start, step, step_most(s), evidence_of_search(s));
}

static search_outcome begin_search(lbfgsb_solver *s) {
  s->run.trials = 0;
  search_outcome outcome = start_search(s, step_first(s));
  if (s->run.search.step != 1) direction_set_trial(s, s->run.search.step);
  return outcome;
}

/* Asks for what the phase is one of, as f and g at the trial that is in place. */
static lbfgsb_request evaluate(lbfgsb_solver *s, enum phase phase) {
  lbfgsb_status reason = stop_before_evaluation(s);
  s->run.phase = phase;
  return reason == LBFGSB_RUNNING ? run_pending(s) : run_finish(s, reason);
}

lbfgsb_request run_conclude(lbfgsb_solver *s, lbfgsb_status reason) {
  if (!stop_is_doubted(s, reason) || !questions_ask(s, reason)) return finish_at_iterate(s, reason);
  s->run.phase = PHASE_QUESTION;
  lbfgsb_status limit = stop_at_limits(s);
  return limit == LBFGSB_RUNNING ? LBFGSB_EVALUATE : run_finish(s, limit);
}

/* The same, unless a better gradient is to say so first, or the noise is to be measured. */
static lbfgsb_request conclude(lbfgsb_solver *s, lbfgsb_status reason) {
  if (stop_is_premature(s, reason)) return run_return(s, PHASE_REFINE);
  return run_doubts_noise(s, reason) ? run_doubt_noise(s, reason) : run_conclude(s, reason);
}

/* Finds the direction from the iterate. A model that is not positive definite is forgotten: it cannot end the
 * run either. */
static void find_direction(lbfgsb_solver *s) {
  if (!direction_find(s) || (stop_at_direction(s) != LBFGSB_RUNNING && !cauchy_time(s))) {
    run_restart(s);
    direction_find(s); /* without pairs it cannot fail */
  }
  evidence_promise(s);
}

/* Takes the lowest trial that there was for the last one of the search. */
static bool search_settles(lbfgsb_solver *s) {
  if (!s->options.confirm || search_settle(&s->run.search) != SEARCH_TRY) return false;
  direction_set_trial(s, s->run.search.step);
  return true;
}

/* Begins another search closer to the iterate, if there are no pairs to blame for the failure of this one. */
static bool search_goes_on(lbfgsb_solver *s) {
  if (!s->options.confirm || s->pairs.count > 0) return false;
  if (search_continue(&s->run.search, DBL_EPSILON * fabs(s->run.value)) != SEARCH_TRY) return false;
  s->run.trials = 0;
  direction_set_trial(s, s->run.search.step);
  return true;
}

static lbfgsb_request search_direction(lbfgsb_solver *s);

static lbfgsb_request search_anew(lbfgsb_solver *s) {
  find_direction(s);
  return search_direction(s);
}

/* Goes on after a search that has failed: a rough gradient is to blame, or else the pairs, if there are
 * any. */
static lbfgsb_request end_search(lbfgsb_solver *s) {
  if (s->run.rough > 0) return run_return(s, PHASE_REFINE);
  if (search_goes_on(s)) return evaluate(s, PHASE_TRIAL);
  bool without_pairs = s->pairs.count == 0;
  run_restart(s);
  return without_pairs ? conclude(s, stop_without_progress(s)) : search_anew(s);
}

/* Searches from the iterate again, by what is known of the noise now. */
static lbfgsb_request search_in_noise(lbfgsb_solver *s) {
  run_return(s, PHASE_ITERATE);
  return search_anew(s);
}

/* Asks for the trial that is in place, if the search wants it. */
static lbfgsb_request next_trial(lbfgsb_solver *s, search_outcome outcome) {
  if (run_finds_noise(s)) return search_in_noise(s);
  if (evidence_ends_search(s)) return conclude(s, LBFGSB_ROUNDING_CONVERGED);
  bool last = s->options.confirm && s->run.search.final;
  bool wanted = outcome == SEARCH_TRY && (s->run.trials < evidence_trials(s) || last);
  return wanted || search_settles(s) ? evaluate(s, PHASE_TRIAL) : end_search(s);
}

static lbfgsb_request search_direction(lbfgsb_solver *s) {
  lbfgsb_status reason = stop_at_direction(s);
  return reason == LBFGSB_RUNNING ? next_trial(s, begin_search(s)) : conclude(s, reason);
}

/* Finds the direction; true if what the model promises there does not speak against a reason to stop. */
static bool model_agrees(lbfgsb_solver *s, lbfgsb_status reason) {
  bool is_asked = (s->pairs.count > 0 || evidence_is_lost(s)) && reason != LBFGSB_ROUNDING_CONVERGED;
  find_direction(s);
  return !is_asked || evidence_is_exhausted(s);
}

/* Goes on along the direction that has been found, but from a fresh start if the model is in doubt. */
static lbfgsb_request go_on(lbfgsb_solver *s) {
  if (!stop_doubts_model(s)) return search_direction(s);
  if (s->run.rough > 0) return run_return(s, PHASE_REFINE);
  stop_doubt(s);
  run_restart(s);
  return search_anew(s);
}

static lbfgsb_request next_iteration(lbfgsb_solver *s) {
  layout_make_room(s);
  lbfgsb_status reason = stop_at_iterate(s);
  if (reason != LBFGSB_RUNNING && !stop_is_claim(s, reason)) return conclude(s, reason);
  if ((reason != LBFGSB_RUNNING && scales_teach(s)) || scales_revise(s)) {
    iterate_absorb(s, get(s, s->iterate.gradient), 0);
    reason = stop_at_iterate(s);
  }
  if (!model_agrees(s, reason) || !scales_allow_claims(s)) reason = stop_without_claim(s);
  return reason == LBFGSB_RUNNING ? go_on(s) : conclude(s, reason);
}

/* ---- A plateau ------------------------------------------------------------------------------------ */

/* Asks for f half as far again. */
static lbfgsb_request ask_plateau(lbfgsb_solver *s, double value) {
  s->run.trial_value = value;
  caller_keep_trial(s);
  direction_set_trial(s, plateau_step(s));
  return evaluate(s, PHASE_PLATEAU);
}

/* ---- Second derivatives --------------------------------------------------------------------------- */

/* Asks for the gradient next to the start, along the first variable from `first` on; when there is none left,
 * finds a direction in the new units. */
static lbfgsb_request ask_curvature(lbfgsb_solver *s, size_t first) {
  if (curvature_ask(s, first)) return evaluate(s, PHASE_CURVATURE);
  step_assume_scale(s);
  return search_anew(s);
}

/* A gradient that is not defined there, or has an error, tells none. */
static lbfgsb_request judge_curvature(lbfgsb_solver *s, double value, const double *gradient) {
  if (evidence_is_unbounded(s, value)) return run_finish(s, LBFGSB_UNBOUNDED);
  size_t asked = curvature_asked(s);
  if (isfinite(value) && gradient && s->run.trial_error == 0) curvature_hear(s, caller_told(s, gradient));
  return ask_curvature(s, asked + 1);
}

/* ---- From a trial to an iterate ------------------------------------------------------------------ */

static lbfgsb_request begin_iterate(lbfgsb_solver *s) {
  step_record(s);
  stop_record(s);
  evidence_record(s);
  questions_record(s);
  return await(s, PHASE_ITERATE);
}

/* Makes the trial the iterate. */
static lbfgsb_request accept(lbfgsb_solver *s, double value, double slope, const double *gradient) {
  double curvature = search_curvature(&s->run.search, slope);
  s->run.move = step_move(s);
  layout_accept_trial(s);
  iterate_absorb(s, gradient, curvature);
  cauchy_forget(s);
  s->run.previous_value = s->run.value;
  s->run.value = value;
  s->run.step = s->run.search.step;
  s->run.rough = s->run.trial_error;
  s->run.skipped += curvature == 0;
  s->run.iterations++;
  agreement_compare(s, slope);
  return begin_iterate(s);
}

/* Goes on from a trial that is not to be the iterate. */
static lbfgsb_request leave_trial(lbfgsb_solver *s, search_outcome outcome) {
  s->run.trials++;
  direction_set_trial(s, s->run.search.step);
  return next_trial(s, outcome);
}

/* Goes on from a trial where f is not defined, or beyond a wall, or its slope is not known. */
static lbfgsb_request leave_undefined(lbfgsb_solver *s, double value) {
  bool wall = evidence_is_wall(s, value);
  s->run.nonfinite += !wall;
  if (growth_recall_undefined(s)) return search_anew(s);
  return leave_trial(s, search_shorten(&s->run.search, wall ? value : NAN));
}

static lbfgsb_request judge_trial(lbfgsb_solver *s, double value, const double *gradient) {
  if (evidence_is_unbounded(s, value)) return run_finish(s, LBFGSB_UNBOUNDED);
  double slope = caller_slope(s, value, &gradient);
  if (!isfinite(slope) || evidence_is_wall(s, value)) return leave_undefined(s, value);
  search_outcome outcome = search_advance(&s->run.search, value, slope);
  if (outcome == SEARCH_ACCEPTED && plateau_is_possible(s, value, gradient)) return ask_plateau(s, value);
  if (curvature_is_wanted(s, value, gradient)) return ask_curvature(s, 0);
  if (outcome != SEARCH_ACCEPTED) return leave_trial(s, outcome);
  if (growth_recall_level(s, value, gradient)) return search_anew(s);
  if (plateau_is_evident(s, value, slope, gradient)) return leave_trial(s, search_refuse(&s->run.search));
  return accept(s, value, slope, gradient);
}

/* Where f is the same beyond the trial, its zero gradient is that of a plateau, from where no way leads. */
static lbfgsb_request judge_plateau(lbfgsb_solver *s, double value) {
  if (value == s->run.trial_value) return leave_trial(s, search_refuse(&s->run.search));
  direction_restore_trial(s, caller_kept(s));
  return accept(s, s->run.trial_value, 0, caller_zero(s));
}

/* Goes on from a point on the way back, of which the pairs know nothing. */
static lbfgsb_request leave_plateau(lbfgsb_solver *s, double value, double slope, const double *gradient) {
  lbfgsb_request request = accept(s, value, slope, gradient);
  plateau_leave(s);
  run_restart(s);
  return request;
}

/* A lower value refutes the claim, and its point is the next iterate; after any other, unless there is more
 * to ask, the run ends. */
static lbfgsb_request judge_question(lbfgsb_solver *s, double value, const double *gradient) {
  if (evidence_is_unbounded(s, value)) return run_finish(s, LBFGSB_UNBOUNDED);
  double slope = caller_slope(s, value, &gradient);
  if (!questions_hear(s, value, slope) || !isfinite(slope)) return conclude(s, s->questions.claim);
  start_search(s, 1);
  return questions_lead_back(s) ? leave_plateau(s, value, slope, gradient)
                                : accept(s, value, slope, gradient);
}

static lbfgsb_request judge_start(lbfgsb_solver *s, double value, const double *gradient) {
  s->run.value = s->run.previous_value = value;
  if (value == -INFINITY && s->options.confirm) return run_finish(s, LBFGSB_UNBOUNDED);
  const double *g = isfinite(value) ? caller_told(s, gradient) : NULL;
  if (g && !all_finite(g, s->layout.n)) g = caller_bounded(s, g);
  if (!g || !all_finite(g, s->layout.n)) return run_finish(s, LBFGSB_START_NOT_FINITE);
  scales_absorb(s, g);
  s->run.rough = s->run.trial_error;
  return begin_iterate(s);
}

/* Judges value and gradient where they were asked for; `error` of an element, if there is a better
 * gradient. */
static lbfgsb_request judge(lbfgsb_solver *s, double value, const double *gradient, double error) {
  enum phase phase = s->run.phase;
  s->run.trial_error = error;
  if (phase_is_start(phase)) return judge_start(s, value, gradient);
  if (phase_is_curvature(phase)) return judge_curvature(s, value, gradient);
  if (phase_is_question(phase)) return judge_question(s, value, gradient);
  return phase == PHASE_PLATEAU ? judge_plateau(s, value) : judge_trial(s, value, gradient);
}

/* ---- Values before gradients ---------------------------------------------------------------------- */

/* Tells by the value at a trial whether its gradient is needed, its slope, or neither. */
static lbfgsb_request weigh_trial(lbfgsb_solver *s, double value) {
  if (!isfinite(value) || evidence_is_wall(s, value)) return leave_undefined(s, value);
  if (search_is_lost(&s->run.search, value)) return next_trial(s, SEARCH_FAILED);
  bool needs_gradient = search_may_accept(&s->run.search, value) || curvature_may_be_wanted(s);
  return await(s, needs_gradient ? PHASE_TRIAL_GRADIENT : PHASE_TRIAL_SLOPE);
}

/* Needs no gradient where the claim stands. */
static lbfgsb_request weigh_question(lbfgsb_solver *s, double value) {
  return questions_hear(s, value, NAN) ? await(s, PHASE_QUESTION_GRADIENT) : conclude(s, s->questions.claim);
}

static lbfgsb_request weigh(lbfgsb_solver *s, double value) {
  if (s->run.phase == PHASE_PLATEAU) return judge_plateau(s, value);
  if (isfinite(value)) s->run.trial_value = value;
  if (s->run.phase == PHASE_START)
    return isfinite(value) ? await(s, PHASE_START_GRADIENT) : judge_start(s, value, NULL);
  if (evidence_is_unbounded(s, value)) return run_finish(s, LBFGSB_UNBOUNDED);
  if (s->run.phase == PHASE_CURVATURE)
    return isfinite(value) ? await(s, PHASE_CURVATURE_GRADIENT) : judge_curvature(s, value, NULL);
  return s->run.phase == PHASE_QUESTION ? weigh_question(s, value) : weigh_trial(s, value);
}

/* Takes a better gradient at the iterate, with the pairs kept, and asks the same questions again. One that is
 * not finite is none: the one at hand is the best there is. A caller who was asked about the noise has no
 * more to say of it. */
static lbfgsb_request refine(lbfgsb_solver *s, const double *gradient, double error) {
  if (s->run.phase == PHASE_NOISE) s->run.noise_doubted = true;
  const double *g = caller_told(s, gradient);
  bool finite = g && all_finite(g, s->layout.n);
  s->run.rough = finite ? error : 0;
  scales_absorb(s, finite ? g : get(s, s->iterate.gradient));
  if (s->pairs.count == 0) step_assume_scale(s);
  stop_see_gradient(s);
  s->run.phase = PHASE_ITERATE;
  return next_iteration(s);
}

/* ---- Requests ------------------------------------------------------------------------------------ */

lbfgsb_request run_show(lbfgsb_solver *s, lbfgsb_request request) {
  caller_show(s);
  return request;
}

lbfgsb_request run_advance(lbfgsb_solver *s, double value, const double *gradient) {
  if (s->run.status != LBFGSB_RUNNING) return LBFGSB_FINISHED;
  if (phase_is_refined(s->run.phase)) return LBFGSB_REFINE;
  if (s->run.phase == PHASE_ITERATE) return run_show(s, next_iteration(s));
  s->run.evaluations++;
  return run_show(s, judge(s, value, gradient, 0));
}

lbfgsb_request run_advance_value(lbfgsb_solver *s, double value) {
  if (s->run.status != LBFGSB_RUNNING) return LBFGSB_FINISHED;
  if (run_pending(s) != LBFGSB_EVALUATE) return run_pending(s);
  s->run.evaluations++;
  return run_show(s, weigh(s, value));
}

lbfgsb_request run_advance_slope(lbfgsb_solver *s, double slope) {
  double value = s->run.trial_value, step = s->run.search.step;
  if (s->run.status != LBFGSB_RUNNING) return LBFGSB_FINISHED;
  if (s->run.phase != PHASE_TRIAL_SLOPE) return run_pending(s);
  if (!isfinite(slope)) return run_show(s, leave_undefined(s, value));
  return run_show(s, leave_trial(s, search_advance(&s->run.search, value, slope / step)));
}

lbfgsb_request run_advance_gradient(lbfgsb_solver *s, const double *gradient, double error) {
  if (s->run.status != LBFGSB_RUNNING) return LBFGSB_FINISHED;
  if (phase_is_refined(s->run.phase)) return run_show(s, refine(s, gradient, error));
  lbfgsb_request request = run_pending(s);
  bool awaited = request == LBFGSB_GRADIENT || request == LBFGSB_SLOPE;
  return awaited ? run_show(s, judge(s, s->run.trial_value, gradient, error)) : request;
}

lbfgsb_request run_pending(const lbfgsb_solver *s) { return phase_request(s->run.phase); }

lbfgsb_request run_resume(lbfgsb_solver *s) {
  s->run.status = LBFGSB_RUNNING;
  return phase_wants_value(s->run.phase) ? evaluate(s, s->run.phase) : run_pending(s);
}
