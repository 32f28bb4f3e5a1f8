/* gap.c - how far f may still be above its minimum, by what the run knows at its end. METHOD.md (51). */
#include "gap.h"

#include "stop.h"

/* promised = the fall of f by the last model there was, infinite without one; 0 where nothing can move. */
static double promised(const lbfgsb_solver *s) {
  if (s->iterate.steepest == 0) return 0;
  return isfinite(s->evidence.promised) ? s->evidence.promised : s->evidence.promised_before;
}

/* The mean of promise and reduction by their ratio, which is in no units: the same bits in other units of f.
 * A promise of more than the run has gained is none, as by a slope that overflows beside the iterate. */
double gap_estimate(const lbfgsb_solver *s) {
  if (!lbfgsb_is_evidence(s->run.status) || s->run.status == LBFGSB_ZERO_GRADIENT) return INFINITY;
  double p = promised(s), hidden = stop_hidden_change(s), reduced = s->run.previous_value - s->run.value;
  if (p > fmax(s->evidence.start_value - s->run.value, hidden)) return INFINITY;
  if (!(p > 0)) return hidden;
  return fmax(p * sqrt(fmax(reduced / p, 1)), hidden);
}
