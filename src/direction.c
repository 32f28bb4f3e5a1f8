/* direction.c - pass 2 over the pairs: from the points of order k that cauchy.c and subspace.c have found to
 * vectors, the search direction and its first trial. It is one of the two loops over the pairs; iterate.c has
 * the other. METHOD.md (21), (22). */
#include "direction.h"

#include <string.h>

#include "box.h"
#include "cauchy.h"
#include "gram.h"
#include "iterate.h"
#include "order.h"
#include "pairs.h"
#include "subspace.h"

void direction_rescale(lbfgsb_solver *s, size_t i, double factor) { put(s, s->direction.trial)[i] /= factor; }

/* ---- The sums of a direction ------------------------------------------------------------------- */

static direction_sums *put_sums(lbfgsb_solver *s, size_t chunk) {
  return (direction_sums *)put_chunk(s, s->direction.sums, chunk);
}

static void begin_chunk(lbfgsb_solver *s, size_t chunk) {
  *put_sums(s, chunk) = (direction_sums){.max_step = {STEP_LIMIT, STEP_LIMIT, STEP_LIMIT, STEP_LIMIT}};
}

/* Adds up the sums of the chunks. */
static void end_direction(lbfgsb_solver *s) {
  s->direction.slope = 0;
  s->direction.max_step = INFINITY;
  s->direction.move = s->direction.norm = 0;
  s->direction.projected = false;
  for (size_t chunk = 0; chunk < chunk_count(s); chunk++) {
    const direction_sums *sums = put_sums(s, chunk);
    s->direction.slope += lanes_sum(sums->slope);
    s->direction.max_step = lesser(s->direction.max_step, lanes_min(sums->max_step));
    s->direction.move = greater(s->direction.move, lanes_max(sums->move));
    s->direction.norm = greater(s->direction.norm, lanes_max(sums->norm));
    s->direction.projected = s->direction.projected || lanes_any(sums->projected);
  }
}

/* Sets trial = P(trial), d = trial - x in a block. */
static void project_block(lbfgsb_solver *s, size_t chunk, size_t first) {
  box_rows at = iterate_rows(s, first);
  kernels()->direction(&at, put(s, s->direction.trial) + first, put(s, s->direction.d) + first,
                       put_sums(s, chunk));
}

/* ---- To the subspace minimizer ------------------------------------------------------------------ */

/* Puts q in the order of the columns, theta S split into theta and S. */
static void set_coefficients(lbfgsb_solver *s) {
  double *coefficients = put(s, s->direction.coefficients);
  const double *q = get(s, s->subspace.q);
  for (size_t j = 0; j < s->pairs.count; j++) {
    coefficients[2 * pairs_slot(s, j)] = q[j];
    coefficients[2 * pairs_slot(s, j) + 1] = s->pairs.theta * q[s->pairs.count + j];
  }
}

/* Computes Wq in the rows of a block; where they have an order, what it is in those of the back means
 * nothing. */
static void combine_block(const lbfgsb_solver *s, size_t first, double *Wq) {
  pair_block front = order_part(s, first, true);
  const double *coefficients = get(s, s->direction.coefficients);
  if (order_is_natural(s, first)) {
    kernels()->combine(&front, coefficients, Wq);
    return;
  }
  double in_front[BLOCK_ROWS];
  kernels()->combine(&front, coefficients, in_front);
  memset(in_front + front.rows, 0, LANES * sizeof(double)); /* which unpack() reads */
  kernels()->unpack(order_marks(s, first), block_rows(s, first), in_front, Wq);
}

static void step_chunk(lbfgsb_solver *s, size_t chunk, const void *unused) {
  (void)unused;
  begin_chunk(s, chunk);
  for (size_t first = chunk_begin(s, chunk); first < chunk_begin(s, chunk + 1); first += BLOCK_ROWS) {
    double Wq[BLOCK_ROWS];
    combine_block(s, first, Wq);
    box_rows at = iterate_rows(s, first);
    kernels()->step(&at, gram_free_rows(s, first), Wq, s->pairs.theta, put(s, s->direction.trial) + first,
                    put(s, s->direction.d) + first, put_sums(s, chunk));
  }
}

void direction_to_minimizer(lbfgsb_solver *s) {
  set_coefficients(s);
  each_chunk(s, step_chunk, NULL);
  end_direction(s);
}

/* ---- To the Cauchy point, and from there on ------------------------------------------------------ */

static void cauchy_chunk(lbfgsb_solver *s, size_t chunk, const void *unused) {
  (void)unused;
  double *trial = put(s, s->direction.trial);
  begin_chunk(s, chunk);
  for (size_t first = chunk_begin(s, chunk); first < chunk_begin(s, chunk + 1); first += BLOCK_ROWS) {
    for (size_t i = first; i < first + block_rows(s, first); i++) trial[i] = cauchy_in_row(s, i);
    project_block(s, chunk, first);
  }
}

void direction_to_cauchy(lbfgsb_solver *s) {
  each_chunk(s, cauchy_chunk, NULL);
  end_direction(s);
}

/* Sets trial = the minimizer, not projected. */
static void minimizer_chunk(lbfgsb_solver *s, size_t chunk, const void *unused) {
  (void)unused;
  for (size_t first = chunk_begin(s, chunk); first < chunk_begin(s, chunk + 1); first += BLOCK_ROWS) {
    double Wq[BLOCK_ROWS];
    combine_block(s, first, Wq);
    box_rows at = iterate_rows(s, first);
    kernels()->minimizer(&at, gram_free_rows(s, first), Wq, s->pairs.theta,
                         put(s, s->direction.trial) + first);
  }
}

/* longest_step = the longest step <= 1 from the Cauchy point towards trial inside the box. */
static double longest_step(const lbfgsb_solver *s) {
  const double *l = get(s, s->box.lower), *u = get(s, s->box.upper), *trial = get(s, s->direction.trial);
  double longest = 1;
  for (size_t i = 0; i < s->layout.n; i++) {
    double from = cauchy_in_row(s, i), d = trial[i] - from;
    if (trial[i] < l[i]) longest = lesser(longest, (l[i] - from) / d);
    if (trial[i] > u[i]) longest = lesser(longest, (u[i] - from) / d);
  }
  return longest;
}

/* Sets trial = the Cauchy point + step (trial - the Cauchy point). */
static void shorten_chunk(lbfgsb_solver *s, size_t chunk, const void *argument) {
  double *trial = put(s, s->direction.trial), step = *(const double *)argument;
  begin_chunk(s, chunk);
  for (size_t first = chunk_begin(s, chunk); first < chunk_begin(s, chunk + 1); first += BLOCK_ROWS) {
    for (size_t i = first; i < first + block_rows(s, first); i++) {
      double from = cauchy_in_row(s, i);
      trial[i] = from + step * (trial[i] - from);
    }
    project_block(s, chunk, first);
  }
}

bool direction_truncated(lbfgsb_solver *s) {
  if (!cauchy_time(s)) return false;
  set_coefficients(s);
  each_chunk(s, minimizer_chunk, NULL);
  double step = longest_step(s);
  each_chunk(s, shorten_chunk, &step);
  end_direction(s);
  return true;
}

/* ---- To a point that is asked about --------------------------------------------------------------- */

typedef struct {
  asked_rows *rows;
  const void *by;
} asked;

static void asked_chunk(lbfgsb_solver *s, size_t chunk, const void *argument) {
  const asked *point = argument;
  begin_chunk(s, chunk);
  for (size_t first = chunk_begin(s, chunk); first < chunk_begin(s, chunk + 1); first += BLOCK_ROWS) {
    point->rows(s, first, point->by, put(s, s->direction.trial) + first);
    project_block(s, chunk, first);
  }
}

void direction_to(lbfgsb_solver *s, asked_rows *rows, const void *by) {
  each_chunk(s, asked_chunk, &(asked){rows, by});
  end_direction(s);
}

/* ---- One or the other ------------------------------------------------------------------------------ */

bool direction_find(lbfgsb_solver *s) {
  if (!cauchy_point(s)) return false;
  if (!subspace_exists(s)) {
    direction_to_cauchy(s);
    return true;
  }
  if (!subspace_minimizer(s)) return false;
  direction_to_minimizer(s);
  bool uphill = s->direction.projected && s->direction.slope > 0;
  return !uphill || direction_truncated(s);
}

/* ---- Trials along the direction ------------------------------------------------------------------ */

static void trial_chunk(lbfgsb_solver *s, size_t chunk, const void *argument) {
  const double *l = get(s, s->box.lower), *u = get(s, s->box.upper);
  const double *x = get(s, s->iterate.x), *d = get(s, s->direction.d);
  double *trial = put(s, s->direction.trial), step = *(const double *)argument;
  for (size_t i = chunk_begin(s, chunk); i < chunk_begin(s, chunk + 1); i++)
    trial[i] = direction_point(x[i], d[i], step, l[i], u[i]);
}

void direction_set_trial(lbfgsb_solver *s, double step) { each_chunk(s, trial_chunk, &step); }

void direction_next_to(lbfgsb_solver *s, size_t i, double step) {
  direction_restore_trial(s, get(s, s->iterate.x));
  put(s, s->direction.trial)[i] += step;
}

void direction_restore_trial(lbfgsb_solver *s, const double *trial) {
  memcpy(put(s, s->direction.trial), trial, s->layout.n * sizeof(double));
}

static void slope_chunk(lbfgsb_solver *s, size_t chunk, const void *gradient) {
  size_t first = chunk_begin(s, chunk), rows = chunk_begin(s, chunk + 1) - first;
  const double *g = (const double *)gradient + first, *d = get(s, s->direction.d) + first;
  *put_chunk(s, s->direction.slopes, chunk) = kernels()->dot(g, d, rows);
}

double direction_slope(lbfgsb_solver *s, const double *gradient) {
  double slope = 0;
  each_chunk(s, slope_chunk, gradient);
  for (size_t chunk = 0; chunk < chunk_count(s); chunk++) slope += *get_chunk(s, s->direction.slopes, chunk);
  return slope;
}

bool direction_is_within(const lbfgsb_solver *s, double part) {
  const double *x = get(s, s->iterate.x), *d = get(s, s->direction.d);
  size_t i = 0;
  while (i < s->layout.n && fabs(d[i]) <= part * direction_size(x[i])) i++;
  return i == s->layout.n;
}
