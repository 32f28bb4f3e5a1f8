/* valid.c - whether a block, which may come from anywhere, is the state of a run. No later call may reach
 * beyond it whatever its bytes are, so every size, index, count, enum and bool is looked at; and against
 * wrong claims all that follows from the point, its gradient and the box is computed again and compared, to
 * the bit. The pairs and their Gram matrices are believed: they only propose directions, which the line
 * search judges. METHOD.md, section 8. */
#include "valid.h"

#include <string.h>

#include "box.h"
#include "caller.h"
#include "chunks.h"
#include "curvature.h"
#include "dense.h"
#include "direction.h"
#include "evidence.h"
#include "fold.h"
#include "gram.h"
#include "inflection.h"
#include "inside.h"
#include "iterate.h"
#include "layout.h"
#include "order.h"
#include "pairs.h"
#include "plateau.h"
#include "questions.h"
#include "scales.h"
#include "stop.h"

/* True if a = b, or neither is a number. */
static bool same(double a, double b) { return a == b || (isnan(a) && isnan(b)); }

static bool is_evaluated(const lbfgsb_solver *s) { return !phase_is_start(s->run.phase); }

/* ---- What must not be read before it is looked at ------------------------------------------------- */

/* True if every bool is 0 or 1, as a byte: another means nothing. */
static bool bools_valid(const lbfgsb_solver *s) {
  const size_t bools[] = {
      offsetof(lbfgsb_solver, box.constrained),      offsetof(lbfgsb_solver, box.boxed),
      offsetof(lbfgsb_solver, box.same_lower),       offsetof(lbfgsb_solver, box.same_upper),
      offsetof(lbfgsb_solver, direction.projected),  offsetof(lbfgsb_solver, stop.doubted),
      offsetof(lbfgsb_solver, run.search.bracketed), offsetof(lbfgsb_solver, run.search.final),
      offsetof(lbfgsb_solver, run.search.by_size),   offsetof(lbfgsb_solver, run.search.by_slope),
      offsetof(lbfgsb_solver, run.search.by_guess),  offsetof(lbfgsb_solver, scales.used),
      offsetof(lbfgsb_solver, scales.told),          offsetof(lbfgsb_solver, scales.bent),
      offsetof(lbfgsb_solver, curvature.asked),      offsetof(lbfgsb_solver, iterate.far),
      offsetof(lbfgsb_solver, step.all_moved),       offsetof(lbfgsb_solver, caller.shown),
      offsetof(lbfgsb_solver, run.noise_doubted)};
  for (size_t i = 0; i < sizeof bools / sizeof *bools; i++)
    if (((const unsigned char *)s)[bools[i]] > 1) return false;
  return true;
}

static bool enums_valid(const lbfgsb_solver *s) {
  bool may_be_asked = s->run.phase == PHASE_QUESTION || s->questions.repeat != REPEAT_ASKED;
  return s->run.phase <= PHASE_NOISE && s->questions.repeat <= REPEAT_KNOWN && may_be_asked &&
         lbfgsb_reason_of(s->run.status) && lbfgsb_reason_of(s->questions.claim);
}

/* ---- The run -------------------------------------------------------------------------------------- */

/* True if each evaluation is that of the start, of an iterate, of a trial that was not finite, that which has
 * been told without its gradient, or another. */
static bool counts_valid(const lbfgsb_solver *s) {
  size_t evaluations = s->run.evaluations, iterations = s->run.iterations, nonfinite = s->run.nonfinite;
  size_t told = phase_has_value(s->run.phase);
  if ((double)evaluations > 1 / DBL_EPSILON) return false;
  if (!is_evaluated(s))
    return told <= evaluations && iterations == 0 && nonfinite == 0 && s->run.skipped == 0 &&
           s->pairs.stored == 0 && s->growth.recalls == 0 && s->stop.idle == 0 && s->questions.rest_led == 0;
  return iterations < evaluations && nonfinite < evaluations - iterations - told &&
         s->run.skipped <= iterations && s->pairs.stored <= iterations - s->run.skipped &&
         s->growth.recalls <= evaluations && s->stop.idle <= iterations && s->evidence.near <= iterations &&
         s->questions.rest_led <= iterations;
}

static bool is_part(double disagreement) { return disagreement >= 0 && disagreement <= 2; }

static bool errors_valid(const lbfgsb_solver *s) {
  return is_part(s->agreement.disagreement) && is_part(s->agreement.at_bounds) && !(s->evidence.gain < 0) &&
         !(s->evidence.trial_gain < 0) && s->run.noise >= 0 && s->evidence.told_noise >= 0 &&
         s->evidence.told_noise <= s->run.noise && isfinite(s->run.noise) && s->run.rough >= 0 &&
         s->run.trial_error >= 0 && (s->run.phase != PHASE_REFINE || s->run.rough > 0) &&
         (s->run.phase != PHASE_NOISE || s->questions.claim != LBFGSB_RUNNING);
}

static bool values_valid(const lbfgsb_solver *s) {
  if (!errors_valid(s) || (phase_has_value(s->run.phase) && !isfinite(s->run.trial_value))) return false;
  if (!is_evaluated(s))
    return s->run.step == 0 && s->stop.largest_pgnorm == 0 && s->stop.least_pgnorm == 0 && !s->stop.doubted;
  double before = s->run.previous_value;
  double most = before + fmax(2 * (s->run.noise * fabs(before)), search_hidden(before));
  return isfinite(s->run.value) && isfinite(s->run.previous_value) && s->run.value <= most &&
         s->run.step >= 0 && isfinite(s->run.step) && s->stop.largest_pgnorm >= s->caller.pgnorm &&
         s->evidence.lowest_value <= s->run.value && s->stop.least_pgnorm >= 0 &&
         s->stop.least_pgnorm <= s->stop.largest_pgnorm && s->evidence.start_slope >= 0 &&
         s->evidence.largest_slope >= 0;
}

/* True if the trial is one of a search along the direction from the iterate. */
static bool search_valid(const lbfgsb_solver *s) {
  const line_search *search = &s->run.search;
  const search_point *points[] = {&search->start, &search->best, &search->other, &search->least};
  for (size_t i = 0; i < sizeof points / sizeof *points; i++)
    if (!isfinite(points[i]->step) || !isfinite(points[i]->value) || !isfinite(points[i]->slope))
      return false;
  return search->start.step == 0 && search->start.value == s->run.value &&
         search->start.slope == s->direction.slope && search->start.slope < 0 && search->best.step >= 0 &&
         search->best.value <= s->run.value && search->other.step >= 0 && search->least.step >= 0 &&
         search->least.value <= s->run.value && search->step >= 0 && isfinite(search->step) &&
         search->lowest >= 0 && search->highest >= search->lowest && isfinite(search->max_step) &&
         search->noise == evidence_of_search(s).noise && isfinite(search->width) &&
         isfinite(search->previous_width) && search->shortest >= 0 && search->spread >= 0 &&
         search->steepest >= 0;
}

/* ---- The box and the rows -------------------------------------------------------------------------- */

static bool box_is_as_said(const lbfgsb_solver *s) {
  box_kind kind = box_look(s);
  return box_valid(s->layout.n, get(s, s->box.lower), get(s, s->box.upper)) &&
         kind.constrained == s->box.constrained && kind.boxed == s->box.boxed &&
         (kind.same_lower || !s->box.same_lower) && (kind.same_upper || !s->box.same_upper);
}

/* True if v (n) is finite, in the box, and padded with zeros. */
static bool is_inside(const lbfgsb_solver *s, const double *v) {
  const double *l = get(s, s->box.lower), *u = get(s, s->box.upper);
  size_t n = s->layout.n;
  for (size_t i = 0; i < n; i++)
    if (!isfinite(v[i]) || !(l[i] <= v[i] && v[i] <= u[i])) return false;
  return all_zero(v + n, pad_rows(n) - n);
}

static bool rows_valid(const lbfgsb_solver *s) {
  size_t n = s->layout.n, padding = pad_rows(n) - n;
  const double *g = get(s, s->iterate.gradient);
  return all_zero(get(s, s->box.lower) + n, padding) && all_zero(get(s, s->box.upper) + n, padding) &&
         is_inside(s, get(s, s->iterate.x)) && is_inside(s, get(s, s->plateau.start)) &&
         (!is_evaluated(s) || (all_finite(g, n) && all_zero(g + n, padding)));
}

/* ---- The pairs, their order, and the free set ------------------------------------------------------- */

static bool ring_valid(const lbfgsb_solver *s) {
  size_t m = s->layout.capacity, stored = s->pairs.stored;
  size_t count = stored < m ? stored : m, oldest = stored < m ? 0 : stored % m;
  bool waits = stored == m && s->run.phase == PHASE_ITERATE; /* for more room */
  if (s->pairs.count != count || s->pairs.oldest != oldest) return false;
  if (stored >= m && m < s->options.pairs && !waits) return false;
  for (size_t slot = 0; slot < count; slot++)
    if (!(get(s, s->pairs.curvature)[slot] > 0)) return false;
  return true;
}

static bool theta_valid(const lbfgsb_solver *s) {
  if (s->pairs.count == 0) return s->pairs.theta > 0 && isfinite(s->pairs.theta);
  size_t newest = pairs_newest(s);
  return same(s->pairs.theta, iterate_yy(s, newest) / get(s, s->pairs.curvature)[newest]);
}

/* True if the marks are those of a front of whole vectors, with all free rows in it, and all rows of
 * a single block, which is given no other order. */
static bool block_order_valid(const lbfgsb_solver *s, size_t first) {
  const uint64_t *marks = order_marks(s, first);
  const unsigned char *free = gram_free_rows(s, first);
  size_t front = 0;
  for (size_t i = 0; i < block_rows(s, first); i++) {
    if (free[i] > is_marked(marks, i)) return false;
    front += is_marked(marks, i);
  }
  bool may_be_short = s->layout.n > BLOCK_ROWS;
  return front % LANES == 0 && front == order_front(s, first) &&
         (may_be_short || front == block_rows(s, first));
}

static bool order_valid(const lbfgsb_solver *s) {
  for (size_t first = 0; first < s->layout.n; first += BLOCK_ROWS)
    if (!block_order_valid(s, first)) return false;
  return true;
}

/* True if the set has as many variables as it says, and no padding. */
static bool free_set_valid(const lbfgsb_solver *s) {
  const unsigned char *free = gram_free_rows(s, 0);
  size_t count = 0, n = s->layout.n;
  for (size_t i = 0; i < n; i++) count += free[i];
  for (size_t i = n; i < pad_rows(n); i++)
    if (free[i] != 0) return false;
  return count == s->gram.free_count;
}

/* ---- What pass 1 saw --------------------------------------------------------------------------------- */

/* True if pass 1 would find the same breakpoints in a block; adds to their sums. The Cauchy search only takes
 * variables out of the free set. */
static bool block_breakpoints_valid(const lbfgsb_solver *s, size_t first, breakpoint_sums *sums) {
  double d[BLOCK_ROWS];
  unsigned char free[BLOCK_ROWS];
  bool searched = s->cauchy.crossed > 0 && phase_has_direction(s->run.phase);
  const unsigned char *stored = gram_free_rows(s, first);
  box_rows at = iterate_rows(s, first);
  for (int l = 0; l < LANES; l++) sums->first[l] = INFINITY;
  kernels()->breakpoints(&at, d, free, sums);
  for (size_t i = 0; i < at.rows; i++)
    if (searched ? stored[i] > free[i] : stored[i] != free[i]) return false;
  return same(lanes_min(sums->first), get(s, s->iterate.block_breaks)[first / BLOCK_ROWS]);
}

static bool breakpoints_valid(const lbfgsb_solver *s) {
  double descent_sq = 0, pgnorm = 0, steepest = 0, first_break = INFINITY;
  double callers_pgnorm = 0, callers_steepest = 0;
  for (size_t chunk = 0; chunk < chunk_count(s); chunk++) {
    breakpoint_sums sums = {.descent_sq = {0}};
    for (size_t first = chunk_begin(s, chunk); first < chunk_begin(s, chunk + 1); first += BLOCK_ROWS) {
      if (!block_breakpoints_valid(s, first, &sums)) return false;
      first_break = lesser(first_break, lanes_min(sums.first));
    }
    descent_sq += lanes_sum(sums.descent_sq);
    pgnorm = greater(pgnorm, lanes_max(sums.pgnorm));
    steepest = greater(steepest, lanes_max(sums.steepest));
    callers_pgnorm = greater(callers_pgnorm, lanes_max(sums.callers_pgnorm));
    callers_steepest = greater(callers_steepest, lanes_max(sums.callers_steepest));
  }
  return same(descent_sq, s->iterate.descent_sq) && same(pgnorm, s->iterate.pgnorm) &&
         same(steepest, s->iterate.steepest) && same(first_break, s->iterate.first_break) &&
         same(s->scales.used ? callers_pgnorm : pgnorm, s->caller.pgnorm) &&
         same(s->scales.used ? callers_steepest : steepest, s->caller.steepest);
}

/* ---- What pass 2 made -------------------------------------------------------------------------------- */

/* True if slope, max_step, move and norm are those of d. */
static bool direction_sums_valid(const lbfgsb_solver *s) {
  const double *l = get(s, s->box.lower), *u = get(s, s->box.upper), *x = get(s, s->iterate.x);
  const double *g = get(s, s->iterate.gradient), *d = get(s, s->direction.d);
  double slope = 0, max_step = STEP_LIMIT, move = 0, norm = 0;
  for (size_t chunk = 0; chunk < chunk_count(s); chunk++) {
    size_t first = chunk_begin(s, chunk), rows = pad_rows(chunk_begin(s, chunk + 1) - first);
    slope += kernels()->dot(g + first, d + first, rows);
  }
  for (size_t i = 0; i < s->layout.n; i++) {
    if (d[i] != 0) max_step = lesser(((d[i] < 0 ? l[i] : u[i]) - x[i]) / d[i], max_step);
    move = greater(move, fabs(d[i]) / greater(fabs(x[i]), 1));
    norm = greater(norm, fabs(d[i]));
  }
  return same(slope, s->direction.slope) && same(max_step, s->direction.max_step) &&
         same(move, s->direction.move) && same(norm, s->direction.norm);
}

/* True if the point (n) is where the direction leads to, for a step of 1, or P(x + step d). */
static bool is_on_way(const lbfgsb_solver *s, const double *point, double step) {
  const double *l = get(s, s->box.lower), *u = get(s, s->box.upper), *x = get(s, s->iterate.x);
  const double *d = get(s, s->direction.d);
  bool at_end = phase_is_question(s->run.phase) || step == 1, on_line = !phase_is_question(s->run.phase);
  for (size_t i = 0; i < s->layout.n; i++) {
    at_end = at_end && point[i] - x[i] == d[i];
    on_line = on_line && point[i] == direction_point(x[i], d[i], step, l[i], u[i]);
  }
  return at_end || on_line;
}

static bool trial_valid(const lbfgsb_solver *s) {
  const double *trial = get(s, s->direction.trial), step = s->run.search.step;
  if (s->run.phase != PHASE_PLATEAU) return is_on_way(s, trial, step);
  const double *kept = caller_kept(s);
  const line_search *search = &s->run.search;
  return search_may_accept(search, s->run.trial_value) && is_inside(s, kept) && is_on_way(s, kept, step) &&
         is_on_way(s, trial, plateau_step(s));
}

static bool direction_valid(const lbfgsb_solver *s) {
  size_t n = s->layout.n;
  return is_inside(s, get(s, s->direction.trial)) && all_zero(get(s, s->direction.d) + n, pad_rows(n) - n) &&
         direction_sums_valid(s) && trial_valid(s) && (phase_is_question(s->run.phase) || search_valid(s));
}

/* True if the start is what is asked for. */
static bool start_valid(const lbfgsb_solver *s) {
  size_t size = pad_rows(s->layout.n) * sizeof(double);
  return memcmp(get(s, s->direction.trial), get(s, s->iterate.x), size) == 0;
}

/* ---- All --------------------------------------------------------------------------------------------- */

/* True if between passes the chunks have nothing to add to the first one's Gram matrices. */
static bool chunks_valid(const lbfgsb_solver *s) {
  for (size_t chunk = 1; chunk < chunk_count(s); chunk++)
    if (!all_zero(get_chunk(s, s->gram.yy_free, chunk), s->gram.row - s->gram.yy_free)) return false;
  return s->chunks.threads >= 1;
}

static bool run_valid(const lbfgsb_solver *s) {
  lbfgsb_options options = s->options;
  return lbfgsb_options_valid(&options) && counts_valid(s) && values_valid(s) && plateau_valid(s) &&
         fold_valid(s) && inflection_valid(s) && inside_valid(s) && questions_valid(s) &&
         stop_status_valid(s);
}

bool valid_state(const void *block, size_t size) {
  const lbfgsb_solver *s = block;
  if (!layout_valid(block, size) || !bools_valid(s) || !enums_valid(s)) return false;
  bool sound = scales_valid(s) && box_is_as_said(s) && rows_valid(s) && order_valid(s) && free_set_valid(s) &&
               ring_valid(s) && theta_valid(s) && chunks_valid(s) && run_valid(s);
  if (!sound || !caller_valid(s)) return false;
  if (!is_evaluated(s)) return start_valid(s);
  if (!breakpoints_valid(s)) return false;
  if (phase_is_curvature(s->run.phase)) return is_inside(s, get(s, s->direction.trial)) && curvature_valid(s);
  return !phase_has_direction(s->run.phase) || direction_valid(s);
}
