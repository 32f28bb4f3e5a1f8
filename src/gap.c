/* gap.c - how far f may still be above its minimum, by what the run knows at its end. METHOD.md (51). */
#include "gap.h"

#include "stop.h"

/* promised = the fall of f by the last model there was, 0 where nothing can move. */
static double promised(const lbfgsb_solver *s) {
  if (s->iterate.steepest == 0) return 0;
  return isfinite(s->evidence.promised) ? s->evidence.promised : s->evidence.promised_before;
}

double gap_estimate(const lbfgsb_solver *s) {
  if (!lbfgsb_is_evidence(s->run.status) || s->run.status == LBFGSB_ZERO_GRADIENT) return INFINITY;
  double by_model = promised(s), reduced = s->run.previous_value - s->run.value;
  if (by_model == INFINITY) return INFINITY;
  return fmax(fmax(by_model, sqrt(by_model) * sqrt(fmax(reduced, 0))), stop_hidden_change(s));
}
