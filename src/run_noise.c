/* run_noise.c - the noise of f in a run: told or found, and asked about where the run is to end by it.
 * METHOD.md, section 13. */
#include "evidence.h"
#include "questions.h"
#include "run.h"
#include "scales.h"
#include "stop.h"

static const double LITTLE = 1e-7; /* relative: less noise excuses hardly more than rounding may hide (46) */

/* Takes it for that of all values to come. */
static void take_noise(lbfgsb_solver *s, double noise) {
  s->run.noise = noise;
  s->run.search.noise = evidence_of_search(s).noise;
}

lbfgsb_request run_set_noise(lbfgsb_solver *s, double noise) {
  bool searches = s->run.phase == PHASE_TRIAL || s->run.phase == PHASE_TRIAL_SLOPE;
  if (!(noise > s->run.noise)) return run_pending(s);
  take_noise(s, noise);
  if (s->run.rough > 0 && (searches || s->run.phase == PHASE_REFINE)) {
    evidence_forget(s);
    run_return(s, PHASE_REFINE);
    scales_forget(s);
  }
  return run_show(s, run_pending(s));
}

bool run_finds_noise(lbfgsb_solver *s) {
  double noise = evidence_shown_noise(s);
  bool is_more = noise > s->run.noise;
  if (is_more) take_noise(s, noise);
  return is_more;
}

bool run_doubts_noise(const lbfgsb_solver *s, lbfgsb_status reason) {
  bool was_found = s->run.noise > fmax(s->evidence.told_noise, LITTLE);
  return was_found && !evidence_is_by_slopes(s) && !s->run.noise_doubted && stop_is_doubted(s, reason);
}

lbfgsb_request run_doubt_noise(lbfgsb_solver *s, lbfgsb_status reason) {
  questions_put_off(s, reason);
  return run_return(s, PHASE_NOISE);
}

/* What was found by steps for such a noise is worse than need be: the gradient is asked for again, and what
 * the run has been told by pairs and idle iterations is forgotten. */
lbfgsb_request run_hear_noise(lbfgsb_solver *s, bool shows) {
  s->run.noise_doubted = true;
  if (shows) return run_show(s, run_conclude(s, s->questions.claim));
  take_noise(s, s->evidence.told_noise);
  s->run.previous_value = fmax(s->run.previous_value, s->run.value);
  stop_forget(s);
  evidence_forget(s);
  s->run.rough = INFINITY;
  return run_show(s, run_return(s, PHASE_REFINE));
}
