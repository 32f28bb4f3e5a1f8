/* solver.c - the run: what is asked of the caller, the iteration, and when it ends. */
#include <stdint.h>
#include <string.h>

#include "state.h"

/* ---- The block -------------------------------------------------------------------------------- */

/* Takes `length` doubles, in whole cache lines, from the block's end; their offset. */
static size_t take(size_t *end, size_t length) {
  size_t offset = *end;
  *end += (length + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
  return offset;
}

/* The offset after the struct at which a cache line begins. */
static size_t first_line(const lbfgsb_solver *block) {
  size_t start = (uintptr_t)block / sizeof(double), end = start + sizeof(lbfgsb_solver) / sizeof(double);
  return (end / CACHE_LINE + 1) * CACHE_LINE - start;
}

/* Offsets of all arrays, the first at `end`; returns the block's size in doubles. The pairs, of which the
 * first ones should touch few pages, begin near a page's beginning where the block does. */
static size_t lay_out(size_t n, size_t m, size_t end, array_offsets *at) {
  size_t rows = pad_rows(n);
  at->columns = take(&end, rows * 2 * m);
  at->lower = take(&end, rows);
  at->upper = take(&end, rows);
  at->x = take(&end, rows);
  at->trial = take(&end, rows);
  at->gradient = take(&end, rows);
  at->breakpoints = at->direction = take(&end, rows);
  at->block_breaks = take(&end, (rows + BLOCK_ROWS - 1) / BLOCK_ROWS);
  at->free = take(&end, (rows + sizeof(double) - 1) / sizeof(double));
  at->marks = take(&end, (rows + BLOCK_ROWS - 1) / BLOCK_ROWS * (BLOCK_ROWS / MARKS));
  size_t *bytes[] = {&at->front, &at->calm, &at->patience};
  for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++)
    *bytes[i] = take(&end, (rows / BLOCK_ROWS + sizeof(double)) / sizeof(double));
  size_t *factors[] = {&at->M, &at->K};
  for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) *factors[i] = take(&end, 3 * m * pad_rows(m));
  size_t *vectors[] = {&at->p, &at->c, &at->q, &at->Mc, &at->w, &at->Mw};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) *vectors[i] = take(&end, 2 * m);
  at->curvature = take(&end, m);
  at->chunk = take(&end, sizeof(chunk_sums) / sizeof(double));
  size_t *gram[] = {&at->yy_free, &at->sy_free, &at->ss_free, &at->ss_active, &at->sy_active};
  for (size_t i = 0; i < sizeof gram / sizeof *gram; i++) *gram[i] = take(&end, m * pad_rows(m));
  at->row = take(&end, 2 * pad_rows(m));
  at->reordered = take(&end, n > BLOCK_ROWS ? 2 * m * BLOCK_ROWS : 0);
  at->sums = take(&end, 2 * m * DOT_VECTORS * LANES);
  at->chunk_length = end - at->chunk;
  end += (chunk_count(n, m) - 1) * at->chunk_length;
  return end;
}

/* What a run's state must have in common with this build. LAYOUT is raised by hand where the order or the
 * meaning of what the block holds changes. */
enum { LAYOUT = 2 };
static size_t layout_mark(void) { return (sizeof(lbfgsb_solver) + CHUNK_ROWS + BLOCK_ROWS * LANES) * 1000 + LAYOUT; }

/* The block's size stays below 8 (16 m^2 + 200 m + (3 m + 9) (n + LANES) + 300) + sizeof(lbfgsb_solver) bytes. */
static bool size_fits(size_t n, size_t m) {
  size_t limit = SIZE_MAX / 64;
  return m < limit / 64 / m && n < limit - LANES && m < limit / (n + LANES) / 10;
}

size_t lbfgsb_size(size_t n, size_t m) {
  array_offsets at;
  if (n == 0 || m == 0 || !size_fits(n, m)) return 0;
  return lay_out(n, m, first_line(NULL) + CACHE_LINE, &at) * sizeof(double);
}

lbfgsb_options lbfgsb_defaults(void) {
  return (lbfgsb_options){.pairs = 10,
                          .max_trials = 20,
                          .max_iterations = 15000,
                          .max_evaluations = INFINITY,
                          .gradient_tolerance = 1e-5,
                          .reduction_tolerance = 1e7 * DBL_EPSILON,
                          .target_value = -INFINITY,
                          .confirm = 1};
}

static bool options_valid(const lbfgsb_options *options) {
  return options->max_trials >= 1 && options->max_iterations >= 0 && options->max_evaluations >= 1 &&
         options->gradient_tolerance >= 0 && options->reduction_tolerance >= 0 &&
         !isnan(options->target_value);
}

static bool all_finite(const double *x, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!isfinite(x[i])) return false;
  return true;
}

int lbfgsb_init(lbfgsb_solver *s, size_t n, const double *x, const double *lower, const double *upper,
                const lbfgsb_options *options) {
  size_t m = options->pairs;
  if (lbfgsb_size(n, m) == 0 || !options_valid(options) || !all_finite(x, n) || !box_valid(n, lower, upper))
    return -1;
  array_offsets at;
  size_t end = lay_out(n, m, first_line(s), &at);
  memset(s, 0, at.columns * sizeof(double)); /* pairs and vectors are written before they are read */
  memset((double *)s + at.block_breaks, 0, (end - at.block_breaks) * sizeof(double));
  s->mark = layout_mark();
  s->n = n;
  s->capacity = m;
  s->ld = pad_rows(m);
  s->at = at;
  s->options = *options;
  s->threads = 1;
  box_init(s, x, lower, upper);
  order_init(s);
  memcpy(put(s, at.trial), get(s, at.x), pad_rows(n) * sizeof(double));
  pairs_forget(s);
  return 0;
}

void lbfgsb_set_threads(lbfgsb_solver *s, size_t threads) { s->threads = threads; }

int lbfgsb_valid(const void *block, size_t size) {
  const lbfgsb_solver *s = block;
  return size >= sizeof *s && s->mark == layout_mark() && lbfgsb_size(s->n, s->capacity) == size;
}

/* ---- The iteration ------------------------------------------------------------------------------ */

static lbfgsb_request finish(lbfgsb_solver *s, lbfgsb_status status) {
  s->status = status;
  return LBFGSB_FINISHED;
}

/* Forgets the pairs and goes on from the iterate along the projected gradient. */
static void restart(lbfgsb_solver *s) {
  pairs_forget(s);
  pairs_absorb(s, get(s, s->at.gradient), 0);
  s->restarts++;
}

bool solver_direction(lbfgsb_solver *s) {
  if (!cauchy_point(s)) return false;
  if (!subspace_exists(s)) {
    subspace_cauchy(s);
    return true;
  }
  if (!subspace_minimizer(s)) return false;
  pairs_direction(s, true);
  if (s->projected && s->slope > 0) return subspace_truncate(s);
  return true;
}

/* The first trial: a full step, but without pairs, where the scale is not known, one of length 1, and after
 * a restart no longer than either. */
static double first_step(const lbfgsb_solver *s, double max_step) {
  if (s->count > 0 || s->boxed) return 1;
  const double *d = get(s, s->at.direction);
  double norm_sq = 0;
  for (size_t i = 0; i < s->n; i++) norm_sq += d[i] * d[i];
  return fmin(1 / sqrt(norm_sq), s->iterations > 0 ? 1 : max_step);
}

static search_outcome begin_search(lbfgsb_solver *s) {
  double max_step = s->constrained && s->iterations == 0 ? 1 : s->max_step;
  search_point start = {0, s->value, s->slope};
  s->trials = 0;
  search_outcome outcome = search_start(&s->search, start, first_step(s, max_step), max_step);
  if (s->search.step != 1) box_trial(s, s->search.step);
  return outcome;
}

static lbfgsb_request next_direction(lbfgsb_solver *s);

/* The search asks for a trial, which is in place, or has failed: then the pairs are to blame, if any. */
static lbfgsb_request next_trial(lbfgsb_solver *s, search_outcome outcome) {
  if (outcome == SEARCH_TRY && s->trials < s->options.max_trials) {
    lbfgsb_status reason = stop_before_evaluation(s);
    s->phase = PHASE_TRIAL;
    return reason == LBFGSB_RUNNING ? LBFGSB_EVALUATE : finish(s, reason);
  }
  bool without_pairs = s->count == 0;
  restart(s);
  s->phase = PHASE_ITERATE;
  return without_pairs ? finish(s, stop_without_progress(s)) : next_direction(s);
}

static lbfgsb_request next_direction(lbfgsb_solver *s) {
  if (!solver_direction(s) || (stop_at_direction(s) != LBFGSB_RUNNING && !cauchy_time(s))) {
    restart(s); /* a model that is not positive definite cannot end the run either */
    solver_direction(s); /* without pairs it cannot fail */
  }
  lbfgsb_status reason = stop_at_direction(s);
  s->phase = PHASE_DIRECTION;
  return reason == LBFGSB_RUNNING ? next_trial(s, begin_search(s)) : finish(s, reason);
}

/* s'y of the step just accepted; 0 if the pair fails the curvature condition. */
static double curvature_of_step(const lbfgsb_solver *s, double slope) {
  double step = s->search.step, curvature = step * (slope - s->search.start.slope);
  return curvature > DBL_EPSILON * -s->search.start.slope * step ? curvature : 0;
}

/* The trial becomes the iterate. */
static lbfgsb_request accept(lbfgsb_solver *s, double value, double slope, const double *gradient) {
  double curvature = curvature_of_step(s, slope);
  swap_iterate(s);
  pairs_absorb(s, gradient, curvature);
  s->previous_value = s->value;
  s->value = value;
  s->step = s->search.step;
  s->skipped += curvature == 0;
  s->iterations++;
  s->phase = PHASE_ITERATE;
  stop_record(s);
  return LBFGSB_NEW_ITERATE;
}

static void slope_chunk(lbfgsb_solver *s, size_t chunk, const void *at) {
  size_t first = chunk_begin(s, chunk), rows = chunk_begin(s, chunk + 1) - first;
  kernel_dot((const double *)at + first, get(s, s->at.direction) + first, rows, &sums_of(s, chunk)->slope);
}

/* g'd at the trial: NaN or infinite where an element of g is. */
static double trial_slope(lbfgsb_solver *s, const double *gradient) {
  double slope = 0;
  each_chunk(s, slope_chunk, gradient);
  for (size_t chunk = 0; chunk < chunk_count(s->n, s->capacity); chunk++) slope += sums_of(s, chunk)->slope;
  return slope;
}

static lbfgsb_request judge_trial(lbfgsb_solver *s, double value, const double *gradient) {
  double slope = isfinite(value) ? trial_slope(s, gradient) : NAN;
  search_outcome outcome;
  s->trials++;
  if (isfinite(slope)) {
    outcome = search_advance(&s->search, value, slope);
    if (outcome == SEARCH_ACCEPTED) return accept(s, value, slope, gradient);
  } else {
    s->nonfinite++;
    outcome = search_shorten(&s->search);
  }
  box_trial(s, s->search.step);
  return next_trial(s, outcome);
}

static lbfgsb_request judge_start(lbfgsb_solver *s, double value, const double *gradient) {
  s->value = s->previous_value = value;
  if (!isfinite(value) || !all_finite(gradient, s->n)) return finish(s, LBFGSB_START_NOT_FINITE);
  pairs_absorb(s, gradient, 0);
  s->phase = PHASE_ITERATE;
  stop_record(s);
  return LBFGSB_NEW_ITERATE;
}

static lbfgsb_request next_iteration(lbfgsb_solver *s) {
  lbfgsb_status reason = stop_at_iterate(s);
  if (reason != LBFGSB_RUNNING) return finish(s, reason);
  if (stop_doubts_model(s)) {
    stop_doubt(s);
    restart(s);
  }
  return next_direction(s);
}

/* ---- What the caller sees ------------------------------------------------------------------------ */

lbfgsb_request lbfgsb_advance(lbfgsb_solver *s, double value, const double *gradient) {
  if (s->status != LBFGSB_RUNNING) return LBFGSB_FINISHED;
  switch (s->phase) {
  case PHASE_START:
    s->evaluations++;
    return judge_start(s, value, gradient);
  case PHASE_TRIAL:
    s->evaluations++;
    return judge_trial(s, value, gradient);
  case PHASE_ITERATE:
    return next_iteration(s);
  case PHASE_DIRECTION:
    return next_trial(s, begin_search(s));
  }
  return LBFGSB_FINISHED;
}

void lbfgsb_stop(lbfgsb_solver *s, lbfgsb_status reason) {
  if (s->status == LBFGSB_RUNNING) finish(s, reason);
}

lbfgsb_request lbfgsb_pending(const lbfgsb_solver *s) {
  bool evaluates = s->phase == PHASE_START || s->phase == PHASE_TRIAL;
  return evaluates ? LBFGSB_EVALUATE : LBFGSB_NEW_ITERATE;
}

lbfgsb_request lbfgsb_resume(lbfgsb_solver *s, const lbfgsb_options *options) {
  if (!options_valid(options)) return LBFGSB_FINISHED;
  s->options = *options;
  s->status = LBFGSB_RUNNING;
  lbfgsb_status reason = stop_before_evaluation(s);
  return reason == LBFGSB_RUNNING ? lbfgsb_pending(s) : finish(s, reason);
}

lbfgsb_options lbfgsb_options_of(const lbfgsb_solver *s) { return s->options; }

const double *lbfgsb_point(const lbfgsb_solver *s) { return get(s, s->at.trial); }
const double *lbfgsb_iterate(const lbfgsb_solver *s) { return get(s, s->at.x); }
const double *lbfgsb_gradient(const lbfgsb_solver *s) { return get(s, s->at.gradient); }

lbfgsb_summary lbfgsb_report(const lbfgsb_solver *s) {
  return (lbfgsb_summary){.status = s->status,
                          .value = s->value,
                          .projected_gradient_norm = s->pgnorm,
                          .step = s->step,
                          .iterations = s->iterations,
                          .evaluations = s->evaluations,
                          .nonfinite = s->nonfinite,
                          .skipped = s->skipped,
                          .restarts = s->restarts,
                          .free = s->free_count};
}
