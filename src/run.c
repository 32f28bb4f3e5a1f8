/* run.c - the run: the iteration, cut into requests to the caller. */
#include "run.h"

#include "box.h"
#include "cauchy.h"
#include "dense.h"
#include "direction.h"
#include "evidence.h"
#include "iterate.h"
#include "layout.h"
#include "pairs.h"
#include "scales.h"
#include "stop.h"
#include "caller.h"

/* Without pairs no variable's first move is larger than this, in units of its size. */
static const double FIRST_MOVE = 0.5;

/* To where f is asked whether a gradient of 0 is a plateau's, in units of the step there. */
static const double PLATEAU_STEP = 1.5;

double run_plateau_step(const lbfgsb_solver *s) {
  return fmin(PLATEAU_STEP * s->run.search.step, s->direction.max_step);
}

lbfgsb_request run_finish(lbfgsb_solver *s, lbfgsb_status status) {
  s->run.status = status;
  return LBFGSB_FINISHED;
}

/* Without pairs, B is such that no variable moves by more than half its size. */
static void assume_scale(lbfgsb_solver *s) {
  double steepest = s->iterate.steepest;
  if (s->options.confirm && steepest > 0 && steepest < INFINITY) pairs_assume(s, steepest / FIRST_MOVE);
}

/* Forgets the pairs, to go on from the iterate along the projected gradient. */
static void restart(lbfgsb_solver *s) {
  pairs_forget(s);
  iterate_absorb(s, get(s, s->iterate.gradient), 0);
  assume_scale(s);
  s->run.restarts++;
}

/* ---- From an iterate to a trial ------------------------------------------------------------------ */

/* As published: a full step, but without pairs, where the scale is not known, one of length 1, and after a
 * restart no longer than either. */
static double published_first_step(const lbfgsb_solver *s, double max_step) {
  if (s->pairs.count > 0 || s->box.boxed) return 1;
  const double *d = get(s, s->direction.d);
  double norm_sq = 0;
  for (size_t i = 0; i < s->layout.n; i++) norm_sq += d[i] * d[i];
  return fmin(1 / sqrt(norm_sq), s->run.iterations > 0 ? 1 : max_step);
}

/* direction_norm = ||d||_inf. */
static double direction_norm(const lbfgsb_solver *s) {
  const double *d = get(s, s->direction.d);
  double norm = 0;
  for (size_t i = 0; i < s->layout.n; i++) norm = fmax(norm, fabs(d[i]));
  return norm;
}

/* A full step, but after a restart none that moves a variable by more than the last one did. */
static double first_step(const lbfgsb_solver *s, double max_step) {
  if (s->pairs.count > 0) return 1;
  double most = s->run.move > 0 ? s->run.move / direction_norm(s) : 1;
  return fmin(fmin(most, 1), max_step);
}

static search_outcome begin_search(lbfgsb_solver *s) {
  bool first = s->box.constrained && s->run.iterations == 0 && !s->options.confirm;
  double max_step = first ? 1 : s->direction.max_step;
  double step = s->options.confirm ? first_step(s, max_step) : published_first_step(s, max_step);
  search_point start = {0, s->run.value, s->direction.slope};
  s->run.trials = 0;
  search_outcome outcome = search_start(&s->run.search, start, step, max_step);
  if (s->run.search.step != 1) direction_set_trial(s, s->run.search.step);
  return outcome;
}

/* Asks for f and g at the trial that is in place. */
static lbfgsb_request evaluate(lbfgsb_solver *s, enum phase phase) {
  lbfgsb_status reason = stop_before_evaluation(s);
  s->run.phase = phase;
  return reason == LBFGSB_RUNNING ? LBFGSB_EVALUATE : run_finish(s, reason);
}

/* Ends the run at the iterate; the free set is again what it was before a direction was looked for. */
static lbfgsb_request finish_at_iterate(lbfgsb_solver *s, lbfgsb_status reason) {
  if (s->cauchy.crossed > 0) iterate_absorb(s, get(s, s->iterate.gradient), 0);
  s->run.phase = PHASE_ITERATE;
  return run_finish(s, reason);
}

/* Ends the run with a claim, unless f is to be asked first. */
static lbfgsb_request claim(lbfgsb_solver *s, lbfgsb_status reason) {
  bool asks = stop_is_claim(s, reason) && stop_before_evaluation(s) == LBFGSB_RUNNING;
  return asks && evidence_ask(s, reason) ? evaluate(s, PHASE_QUESTION) : finish_at_iterate(s, reason);
}

/* Finds the direction from the iterate. A model that is not positive definite is forgotten: it cannot end the
 * run either. */
static void find_direction(lbfgsb_solver *s) {
  if (!direction_find(s) || (stop_at_direction(s) != LBFGSB_RUNNING && !cauchy_time(s))) {
    restart(s);
    direction_find(s); /* without pairs it cannot fail */
  }
  evidence_promise(s);
}

/* Finds a trial where the search has none left: the lowest that there was; or, if none was lower and there are
 * no pairs to blame, one closer to the iterate. */
static bool search_goes_on(lbfgsb_solver *s) {
  line_search *search = &s->run.search;
  if (!s->options.confirm) return false;
  if (search_settle(search) != SEARCH_TRY) {
    double rounding = DBL_EPSILON * fabs(s->run.value);
    if (s->pairs.count > 0 || search_continue(search, rounding) != SEARCH_TRY) return false;
    s->run.trials = 0;
  }
  direction_set_trial(s, search->step);
  return true;
}

static lbfgsb_request search_direction(lbfgsb_solver *s);

/* Asks for the trial that is in place, if the search wants it; if it has failed the pairs are to blame, if
 * there are any. */
static lbfgsb_request next_trial(lbfgsb_solver *s, search_outcome outcome) {
  bool last = s->options.confirm && s->run.search.final;
  bool wanted = outcome == SEARCH_TRY && (s->run.trials < s->options.max_trials || last);
  if (wanted || search_goes_on(s)) return evaluate(s, PHASE_TRIAL);
  bool without_pairs = s->pairs.count == 0;
  restart(s);
  if (without_pairs) return claim(s, stop_without_progress(s));
  find_direction(s);
  return search_direction(s);
}

static lbfgsb_request search_direction(lbfgsb_solver *s) {
  lbfgsb_status reason = stop_at_direction(s);
  return reason == LBFGSB_RUNNING ? next_trial(s, begin_search(s)) : claim(s, reason);
}

/* Finds the direction; true if what the model promises there speaks for a claim, or there is no model. */
static bool model_agrees(lbfgsb_solver *s) {
  bool without_pairs = s->pairs.count == 0;
  find_direction(s);
  return without_pairs || evidence_is_exhausted(s);
}

static lbfgsb_request next_iteration(lbfgsb_solver *s) {
  lbfgsb_status reason = stop_at_iterate(s);
  if (reason != LBFGSB_RUNNING && !stop_is_claim(s, reason)) return run_finish(s, reason);
  if (scales_revise(s)) {
    iterate_absorb(s, get(s, s->iterate.gradient), 0);
    reason = stop_at_iterate(s);
  }
  if (model_agrees(s) && reason != LBFGSB_RUNNING) return claim(s, reason);
  if (stop_doubts_model(s)) {
    stop_doubt(s);
    restart(s);
    find_direction(s);
  }
  return search_direction(s);
}

/* ---- A plateau ------------------------------------------------------------------------------------ */

/* True if g = 0 at a trial inside the box: the end of a way to a bound is no plateau to be lost on. */
static bool asks_plateau(const lbfgsb_solver *s, const double *gradient) {
  if (!s->options.confirm || s->run.search.step > 0.99 * s->direction.max_step) return false;
  for (size_t i = 0; i < s->layout.n; i++)
    if (gradient[i] != 0) return false;
  return true;
}

/* Asks for f half as far again. */
static lbfgsb_request ask_plateau(lbfgsb_solver *s, double value) {
  s->run.trial_value = value;
  direction_set_trial(s, run_plateau_step(s));
  return evaluate(s, PHASE_PLATEAU);
}

/* ---- From a trial to an iterate ------------------------------------------------------------------ */

/* curvature_of_step = s'y of the step just accepted; 0 if the pair fails the curvature condition. */
static double curvature_of_step(const line_search *search, double slope) {
  double step = search->step, curvature = step * (slope - search->start.slope);
  return curvature > DBL_EPSILON * -search->start.slope * step ? curvature : 0;
}

static lbfgsb_request begin_iterate(lbfgsb_solver *s) {
  s->run.phase = PHASE_ITERATE;
  caller_record(s);
  stop_record(s);
  evidence_record(s);
  return LBFGSB_NEW_ITERATE;
}

/* Makes the trial the iterate. */
static lbfgsb_request accept(lbfgsb_solver *s, double value, double slope, const double *gradient) {
  double curvature = curvature_of_step(&s->run.search, slope);
  s->run.move = s->run.search.step * direction_norm(s);
  layout_accept_trial(s);
  iterate_absorb(s, gradient, curvature);
  s->run.previous_value = s->run.value;
  s->run.value = value;
  s->run.step = s->run.search.step;
  s->run.skipped += curvature == 0;
  s->run.iterations++;
  return begin_iterate(s);
}

/* Asks for the next trial, at the step that the search wants. */
static lbfgsb_request set_trial(lbfgsb_solver *s, search_outcome outcome) {
  direction_set_trial(s, s->run.search.step);
  return next_trial(s, outcome);
}

/* Judges a trial where f is known, or so high that it is a wall. */
static lbfgsb_request judge_finite(lbfgsb_solver *s, double value, double slope, const double *gradient) {
  line_search *search = &s->run.search;
  if (s->options.confirm && search_meets_wall(search, value)) return set_trial(s, search_shorten(search));
  search_outcome outcome = search_advance(search, value, slope);
  if (outcome != SEARCH_ACCEPTED) return set_trial(s, outcome);
  return asks_plateau(s, gradient) ? ask_plateau(s, value) : accept(s, value, slope, gradient);
}

static lbfgsb_request judge_trial(lbfgsb_solver *s, double value, const double *gradient) {
  const double *g = isfinite(value) ? caller_told(s, gradient) : NULL;
  double slope = g ? direction_slope(s, g) : NAN;
  s->run.trials++;
  if (evidence_is_unbounded(s, value)) return run_finish(s, LBFGSB_UNBOUNDED);
  if (isfinite(slope)) return judge_finite(s, value, slope, g);
  s->run.nonfinite++;
  return set_trial(s, search_shorten(&s->run.search));
}

/* Where f is the same beyond the trial, its zero gradient is that of a plateau, from where no way leads. */
static lbfgsb_request judge_plateau(lbfgsb_solver *s, double value) {
  if (value == s->run.trial_value) return set_trial(s, search_refuse(&s->run.search));
  direction_set_trial(s, s->run.search.step);
  return accept(s, s->run.trial_value, 0, caller_zero(s));
}

/* A lower value refutes the claim, and its point is the next iterate; any other ends the run. */
static lbfgsb_request judge_question(lbfgsb_solver *s, double value, const double *gradient) {
  if (evidence_is_unbounded(s, value)) return run_finish(s, LBFGSB_UNBOUNDED);
  const double *g = isfinite(value) ? caller_told(s, gradient) : NULL;
  double slope = g ? direction_slope(s, g) : NAN;
  if (!isfinite(slope) || !evidence_is_refuted(s, value)) return finish_at_iterate(s, s->evidence.claim);
  search_start(&s->run.search, (search_point){0, s->run.value, s->direction.slope}, 1, 1);
  return accept(s, value, slope, g);
}

static lbfgsb_request judge_start(lbfgsb_solver *s, double value, const double *gradient) {
  s->run.value = s->run.previous_value = value;
  if (value == -INFINITY && s->options.confirm) return run_finish(s, LBFGSB_UNBOUNDED);
  const double *g = isfinite(value) ? caller_told(s, gradient) : NULL;
  if (!g || !all_finite(g, s->layout.n)) return run_finish(s, LBFGSB_START_NOT_FINITE);
  iterate_absorb(s, g, 0);
  if (scales_at_start(s)) iterate_absorb(s, get(s, s->iterate.gradient), 0);
  assume_scale(s);
  return begin_iterate(s);
}

/* ---- Requests ------------------------------------------------------------------------------------ */

static lbfgsb_request advance(lbfgsb_solver *s, double value, const double *gradient) {
  s->run.evaluations += s->run.phase != PHASE_ITERATE;
  switch (s->run.phase) {
  case PHASE_START:
    return judge_start(s, value, gradient);
  case PHASE_TRIAL:
    return judge_trial(s, value, gradient);
  case PHASE_PLATEAU:
    return judge_plateau(s, value);
  case PHASE_QUESTION:
    return judge_question(s, value, gradient);
  case PHASE_ITERATE:
    return next_iteration(s);
  }
  return LBFGSB_FINISHED;
}

lbfgsb_request run_advance(lbfgsb_solver *s, double value, const double *gradient) {
  if (s->run.status != LBFGSB_RUNNING) return LBFGSB_FINISHED;
  lbfgsb_request request = advance(s, value, gradient);
  caller_show(s);
  return request;
}

lbfgsb_request run_pending(const lbfgsb_solver *s) {
  return s->run.phase == PHASE_ITERATE ? LBFGSB_NEW_ITERATE : LBFGSB_EVALUATE;
}

lbfgsb_request run_resume(lbfgsb_solver *s) {
  s->run.status = LBFGSB_RUNNING;
  lbfgsb_status reason = stop_before_evaluation(s);
  return reason == LBFGSB_RUNNING ? run_pending(s) : run_finish(s, reason);
}
