/* lbfgsb.c - what the caller sees: the functions of lbfgsb.h. METHOD.md has the method. */
#include "lbfgsb.h"

#include "agreement.h"
#include "box.h"
#include "caller.h"
#include "chunks.h"
#include "compact.h"
#include "dense.h"
#include "direction.h"
#include "evidence.h"
#include "gap.h"
#include "iterate.h"
#include "layout.h"
#include "order.h"
#include "pairs.h"
#include "plateau.h"
#include "run.h"
#include "scales.h"
#include "valid.h"

int lbfgsb_abi(size_t *options_size, size_t *summary_size) {
  *options_size = sizeof(lbfgsb_options);
  *summary_size = sizeof(lbfgsb_summary);
  return LBFGSB_ABI;
}

/* ---- Begin ------------------------------------------------------------------------------------- */

void lbfgsb_set_defaults(lbfgsb_options *options) { *options = lbfgsb_defaults(); }

size_t lbfgsb_default_pairs(size_t n) {
  if (n > 100) return n < 10000 ? 20 : 10;
  return n <= 10 ? 4 * n : n <= 20 ? 40 : n <= 50 ? 2 * n : 100;
}

size_t lbfgsb_size(size_t n, size_t m) { return layout_size(n, m); }
size_t lbfgsb_first_size(size_t n, size_t m) { return layout_first_size(n, m); }
size_t lbfgsb_next_size(const lbfgsb_solver *s) { return layout_next_size(s); }

int lbfgsb_init(lbfgsb_solver *s, size_t n, const double *x, const double *lower, const double *upper,
                const lbfgsb_options *options) {
  if (!s || !x || !options || !layout_fits(n, options->pairs) || !lbfgsb_options_valid(options) ||
      !all_finite(x, n) || !box_valid(n, lower, upper))
    return -1;
  layout_init(s, n, options->pairs);
  s->options = *options;
  chunks_set_threads(s, 1);
  box_init(s, lower, upper);
  order_init(s);
  iterate_init(s, x);
  pairs_forget(s);
  direction_restore_trial(s, get(s, s->iterate.x));
  plateau_init(s);
  scales_init(s);
  evidence_init(s);
  caller_show(s);
  return 0;
}

void lbfgsb_set_threads(lbfgsb_solver *s, size_t threads) { chunks_set_threads(s, threads); }

/* ---- Run --------------------------------------------------------------------------------------- */

lbfgsb_request lbfgsb_advance(lbfgsb_solver *s, double value, const double *gradient) {
  return run_advance(s, value, gradient);
}

lbfgsb_request lbfgsb_advance_value(lbfgsb_solver *s, double value) { return run_advance_value(s, value); }

lbfgsb_request lbfgsb_advance_slope(lbfgsb_solver *s, double slope) { return run_advance_slope(s, slope); }

lbfgsb_request lbfgsb_advance_gradient(lbfgsb_solver *s, const double *gradient, double error) {
  return run_advance_gradient(s, gradient, error);
}

lbfgsb_request lbfgsb_set_noise(lbfgsb_solver *s, double noise) {
  evidence_tell_noise(s, noise);
  return run_set_noise(s, noise);
}

void lbfgsb_stop(lbfgsb_solver *s, lbfgsb_status reason) {
  if (s->run.status == LBFGSB_RUNNING) run_finish(s, reason);
}

lbfgsb_request lbfgsb_pending(const lbfgsb_solver *s) { return run_pending(s); }

lbfgsb_request lbfgsb_resume(lbfgsb_solver *s, const lbfgsb_options *options) {
  if (!lbfgsb_options_valid(options) || options->pairs != s->options.pairs) return LBFGSB_FINISHED;
  s->options = *options;
  return run_resume(s);
}

/* ---- Look -------------------------------------------------------------------------------------- */

lbfgsb_options lbfgsb_options_of(const lbfgsb_solver *s) { return s->options; }

size_t lbfgsb_variables(const lbfgsb_solver *s) { return s->layout.n; }

int lbfgsb_valid(const void *block, size_t size) { return valid_state(block, size); }

const double *lbfgsb_point(const lbfgsb_solver *s) { return caller_point(s); }
const double *lbfgsb_iterate(const lbfgsb_solver *s) { return caller_iterate(s); }
const double *lbfgsb_gradient(const lbfgsb_solver *s) { return caller_gradient(s); }
const double *lbfgsb_scale(const lbfgsb_solver *s) { return get(s, s->scales.scale); }

lbfgsb_summary lbfgsb_report(const lbfgsb_solver *s) {
  return (lbfgsb_summary){.status = s->run.status,
                          .value = s->run.value,
                          .projected_gradient_norm = s->caller.pgnorm,
                          .step = s->run.step,
                          .iterations = s->run.iterations,
                          .evaluations = s->run.evaluations,
                          .nonfinite = s->run.nonfinite,
                          .skipped = s->run.skipped,
                          .restarts = s->run.restarts,
                          .free = s->gram.free_count};
}

void lbfgsb_get_report(const lbfgsb_solver *s, lbfgsb_summary *summary) { *summary = lbfgsb_report(s); }

double lbfgsb_gap(const lbfgsb_solver *s) { return gap_estimate(s); }

double lbfgsb_disagreement(const lbfgsb_solver *s) { return agreement_part(s); }

double lbfgsb_trial_value(const lbfgsb_solver *s) { return s->run.trial_value; }

double lbfgsb_noise(const lbfgsb_solver *s) { return s->run.noise; }

int lbfgsb_curvature(const lbfgsb_solver *s, double *diagonal) {
  const double *scale = lbfgsb_scale(s);
  if (s->pairs.count > 0) compact_diagonal(s, diagonal);
  for (size_t i = 0; s->pairs.count > 0 && i < s->layout.n; i++) diagonal[i] /= scale[i] * scale[i];
  return s->pairs.count > 0;
}

size_t lbfgsb_pair_count(const lbfgsb_solver *s) { return s->pairs.count; }
double lbfgsb_theta(const lbfgsb_solver *s) { return s->pairs.theta; }

int lbfgsb_pair(const lbfgsb_solver *s, size_t age, double *step, double *change) {
  if (age >= s->pairs.count) return -1;
  size_t slot = pairs_slot(s, age);
  if (change) order_read(s, 2 * slot, change);
  if (step) order_read(s, 2 * slot + 1, step);
  return 0;
}
