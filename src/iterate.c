/* iterate.c - pass 1 over the pairs: the iterate and its gradient are absorbed, block by block, while a
 * block's rows are in cache. It is one of the two loops over the pairs; direction.c has the other.
 * METHOD.md (2), (7), (8), (23). */
#include "iterate.h"

#include <string.h>

#include "caller.h"
#include "dense.h"
#include "gram.h"
#include "order.h"
#include "pairs.h"

/* One block of rows in pass 1; beyond the last row all is zero. */
typedef struct {
  size_t first, rows, padded; /* rows first ... first + rows - 1, padded to LANES */
  const double *g;
  double padded_g[BLOCK_ROWS];
  /* d = -g where the breakpoint is positive; y, s masked; and whole, where the rows have an order */
  _Alignas(CACHE_LINE * sizeof(double)) double x[VECTORS][BLOCK_ROWS];
  unsigned char free[BLOCK_ROWS];
} row_block;

/* What pass 1 has to do. */
typedef struct {
  const double *gradient; /* n */
  bool keep;              /* store the newest pair */
  size_t slot;            /* of the newest pair */
  gram_task gram;
} first_pass;

/* Adds 0, by which -0 becomes 0, as in box_init(). No gradient is known. */
void iterate_init(lbfgsb_solver *s, const double *x) {
  const double *l = get(s, s->box.lower), *u = get(s, s->box.upper);
  double *start = put(s, s->iterate.x);
  for (size_t i = 0; i < s->layout.n; i++) start[i] = clamp(x[i], l[i], u[i]) + 0.0;
  for (size_t i = s->layout.n; i < pad_rows(s->layout.n); i++) start[i] = 0;
  memset(put(s, s->iterate.gradient), 0, pad_rows(s->layout.n) * sizeof(double));
}

void iterate_rescale(lbfgsb_solver *s, size_t i, double factor) {
  put(s, s->iterate.x)[i] /= factor;
  put(s, s->iterate.gradient)[i] *= factor;
}

void iterate_way(const lbfgsb_solver *s, size_t first, size_t steps, enum way of, double *way) {
  for (size_t i = 0; i < block_rows(s, first); i++) way[i] = 0;
  for (size_t age = s->pairs.count - steps; age < s->pairs.count; age++) {
    double copied[BLOCK_ROWS];
    const double *rows = order_block(s, first, 2 * pairs_slot(s, age) + of, copied);
    for (size_t i = 0; i < block_rows(s, first); i++) way[i] += rows[i];
  }
}

double iterate_yy(const lbfgsb_solver *s, size_t slot) {
  double yy = 0;
  for (size_t chunk = 0; chunk < chunk_count(s); chunk++) {
    double sum[LANES] = {0}, copied[BLOCK_ROWS];
    for (size_t first = chunk_begin(s, chunk); first < chunk_begin(s, chunk + 1); first += BLOCK_ROWS) {
      const double *y = order_block(s, first, 2 * slot, copied);
      for (size_t i = 0; i < block_rows(s, first); i++) sum[i % LANES] += y[i] * y[i];
    }
    yy += lanes_sum(sum);
  }
  return yy;
}

/* ---- A block ----------------------------------------------------------------------------------- */

static iterate_sums *put_sums(lbfgsb_solver *s, size_t chunk) {
  return (iterate_sums *)put_chunk(s, s->iterate.sums, chunk);
}
static const iterate_sums *get_sums(const lbfgsb_solver *s, size_t chunk) {
  return (const iterate_sums *)get_chunk(s, s->iterate.sums, chunk);
}

/* Finds the breakpoints of the block's rows, and gives the columns the order that they ask for (7), (8). */
static void find_breakpoints(lbfgsb_solver *s, size_t chunk, const box_rows *at, row_block *b) {
  breakpoint_sums *sums = &put_sums(s, chunk)->breakpoints;
  for (int l = 0; l < LANES; l++) {
    sums->first[l] = INFINITY;
    sums->free[l] = 0;
  }
  kernels()->breakpoints(at, b->x[DOT_D], b->free, sums);
  put(s, s->iterate.block_breaks)[b->first / BLOCK_ROWS] = lanes_min(sums->first);
  size_t free_rows = (size_t)(sums->free[0] + sums->free[1] + sums->free[2] + sums->free[3]);
  put_sums(s, chunk)->free_count += free_rows;
  order_follow(s, chunk, b->first, b->free, free_rows);
}

/* Makes the newest pair, whole, in its columns if these are in their natural order, and masked by the free
 * set. True if an active row has moved (2). */
static bool make_pair(lbfgsb_solver *s, size_t chunk, row_block *b, const first_pass *pass) {
  double *columns = order_is_natural(s, b->first) ? order_columns(s, b->first, pass->slot) : NULL;
  pair_rows rows = {.rows = b->padded,
                    .ahead = fetches_ahead(s, b->first) ? BLOCK_ROWS : 0,
                    .x = get(s, s->iterate.x) + b->first,
                    .x_old = get(s, s->iterate.previous) + b->first,
                    .g = b->g,
                    .g_old = get(s, s->iterate.gradient) + b->first,
                    .free = b->free,
                    .y = columns ? columns : b->x[NEW_Y],
                    .s = columns ? columns + b->padded : b->x[NEW_S],
                    .y_free = b->x[DOT_Y_FREE],
                    .s_free = b->x[DOT_S_FREE],
                    .s_active = b->x[DOT_S_ACTIVE]};
  kernels()->pair(&rows, put_sums(s, chunk)->yy);
  put_sums(s, chunk)->far_blocks += lanes_any(rows.far);
  return lanes_any(rows.moved);
}

/* Looks how far the variables have moved where there is no new pair. */
static void look_at_step(lbfgsb_solver *s, size_t chunk, const row_block *b) {
  const double *x = get(s, s->iterate.x) + b->first, *old = get(s, s->iterate.previous) + b->first;
  size_t i = 0;
  while (i < b->rows && !(fabs(x[i] - old[i]) > FAR_MOVE * greater(fabs(old[i]), SIZE_FLOOR))) i++;
  put_sums(s, chunk)->far_blocks += i < b->rows;
}

/* Stores the newest pair, if there is one, in its columns of one part of the block, and takes the dot
 * products with the first `vectors` vectors, if any. */
static void absorb_part(lbfgsb_solver *s, size_t chunk, const row_block *b, const first_pass *pass,
                        bool front, int vectors) {
  _Alignas(CACHE_LINE * sizeof(double)) double x[VECTORS][BLOCK_ROWS];
  pair_block part = order_part(s, b->first, front);
  size_t from = vectors > 0 ? 0 : NEW_S, to = pass->keep ? VECTORS : DOT_D + 1;
  kernels()->pack(order_marks(s, b->first), front, b->padded, to - from, b->x[from], x[from]);
  if (pass->keep) {
    order_store(s, b->first, front, 2 * pass->slot, x[NEW_Y]);
    order_store(s, b->first, front, 2 * pass->slot + 1, x[NEW_S]);
  }
  if (vectors > 0) kernels()->dots(&part, x[0], vectors, put_chunk(s, s->iterate.dots, chunk));
}

/* Takes the dot products of the block. The back has none but those with active rows that have moved (23). */
static void take_dots(lbfgsb_solver *s, size_t chunk, const row_block *b, const first_pass *pass,
                      bool active_moved) {
  int vectors = !pass->keep ? DOT_D + 1 : !active_moved ? DOT_S_FREE + 1 : DOT_S_ACTIVE + 1;
  if (order_is_natural(s, b->first)) {
    pair_block block = order_part(s, b->first, true);
    kernels()->dots(&block, b->x[0], vectors, put_chunk(s, s->iterate.dots, chunk));
    return;
  }
  absorb_part(s, chunk, b, pass, true, vectors);
  if (pass->keep) absorb_part(s, chunk, b, pass, false, active_moved ? vectors : 0);
}

/* block_gradient = the caller's gradient in the block, or where that needs padding a copy. */
static const double *block_gradient(row_block *b, const double *gradient) {
  if (b->rows == b->padded) return gradient + b->first;
  memcpy(b->padded_g, gradient + b->first, b->rows * sizeof(double));
  memset(b->padded_g + b->rows, 0, (b->padded - b->rows) * sizeof(double));
  return b->padded_g;
}

/* Takes the slopes of fixed variables for those there were before: they tell nothing of the others, and enter
 * no pair. */
static void leave_out_fixed(lbfgsb_solver *s, const box_rows *at, const row_block *b) {
  double *old = put(s, s->iterate.gradient) + b->first;
  if (!s->options.confirm || (s->box.same_lower && s->box.same_upper)) return;
  for (size_t i = 0; i < b->padded; i++)
    if (at->lower[i] == at->upper[i]) old[i] = b->g[i];
}

/* Does all that is done with one block while its rows are in cache. */
static void absorb_block(lbfgsb_solver *s, size_t chunk, size_t first, const first_pass *pass) {
  row_block b; /* large: what is read is written first */
  b.first = first;
  b.padded = block_rows(s, first);
  b.rows = own_rows(s, first);
  b.g = block_gradient(&b, pass->gradient);
  box_rows at = iterate_rows(s, first);
  at.g = b.g;
  find_breakpoints(s, chunk, &at, &b);
  if (pass->keep) leave_out_fixed(s, &at, &b);
  bool active_moved = pass->keep && make_pair(s, chunk, &b, pass);
  if (!pass->keep) look_at_step(s, chunk, &b);
  memmove(put(s, s->iterate.gradient) + first, b.g, b.padded * sizeof(double));
  take_dots(s, chunk, &b, pass, active_moved);
  gram_set_free(s, chunk, first, b.rows, b.free, pass->gram);
}

/* ---- The pass ---------------------------------------------------------------------------------- */

/* dots_length = the doubles of the dot products. */
static size_t dots_length(const lbfgsb_solver *s) { return 2 * s->pairs.count * DOT_VECTORS * LANES; }

static void absorb_chunk(lbfgsb_solver *s, size_t chunk, const void *argument) {
  const first_pass *pass = argument;
  *put_sums(s, chunk) = (iterate_sums){.free_count = 0};
  memset(put_chunk(s, s->iterate.dots, chunk), 0, dots_length(s) * sizeof(double));
  gram_begin_chunk(s, chunk, pass->gram);
  for (size_t first = chunk_begin(s, chunk); first < chunk_begin(s, chunk + 1); first += BLOCK_ROWS)
    absorb_block(s, chunk, first, pass);
}

static first_pass begin_pass(lbfgsb_solver *s, const double *gradient, bool keep) {
  size_t older = s->pairs.count - (keep && s->pairs.count == s->layout.capacity);
  first_pass pass = {.gradient = gradient, .keep = keep, .gram = gram_begin(s, older)};
  if (keep) pass.slot = pairs_take_slot(s);
  return pass;
}

/* Adds up what the breakpoints of the chunks tell, and the step; returns the number of free variables. */
static size_t end_breakpoints(lbfgsb_solver *s) {
  size_t free_count = 0;
  double pgnorm = 0, steepest = 0;
  s->iterate.descent_sq = s->iterate.pgnorm = s->iterate.steepest = 0;
  s->iterate.first_break = INFINITY;
  s->iterate.far = false;
  for (size_t chunk = 0; chunk < chunk_count(s); chunk++) {
    const breakpoint_sums *sums = &get_sums(s, chunk)->breakpoints;
    s->iterate.descent_sq += lanes_sum(sums->descent_sq);
    s->iterate.pgnorm = greater(s->iterate.pgnorm, lanes_max(sums->pgnorm));
    s->iterate.steepest = greater(s->iterate.steepest, lanes_max(sums->steepest));
    pgnorm = greater(pgnorm, lanes_max(sums->callers_pgnorm));
    steepest = greater(steepest, lanes_max(sums->callers_steepest));
    free_count += get_sums(s, chunk)->free_count;
    s->iterate.far = s->iterate.far || get_sums(s, chunk)->far_blocks > 0;
  }
  for (size_t b = 0; b * BLOCK_ROWS < s->layout.n; b++)
    s->iterate.first_break = lesser(s->iterate.first_break, get(s, s->iterate.block_breaks)[b]);
  caller_record(s, pgnorm, steepest);
  return free_count;
}

/* Adds the chunks' dot products to the first chunk's; returns y'y of the newest pair. */
static double end_dots(lbfgsb_solver *s) {
  double yy = 0;
  for (size_t chunk = 0; chunk < chunk_count(s); chunk++) {
    const double *dots = get_chunk(s, s->iterate.dots, chunk);
    if (chunk > 0) add_small(put(s, s->iterate.dots), 1, dots, dots_length(s));
    yy += lanes_sum(get_sums(s, chunk)->yy);
  }
  return yy;
}

/* Sets p = W'd. */
static void set_p(lbfgsb_solver *s) {
  double *p = put(s, s->iterate.p);
  for (size_t j = 0; j < s->pairs.count; j++) {
    p[j] = iterate_dot_y(s, pairs_slot(s, j), DOT_D);
    p[s->pairs.count + j] = s->pairs.theta * iterate_dot_s(s, pairs_slot(s, j), DOT_D);
  }
}

void iterate_absorb(lbfgsb_solver *s, const double *gradient, double curvature) {
  first_pass pass = begin_pass(s, gradient, curvature > 0);
  each_chunk(s, absorb_chunk, &pass);
  double yy = end_dots(s);
  gram_end(s, pass.gram, end_breakpoints(s));
  if (pass.keep) {
    pairs_set_scale(s, pass.slot, curvature, yy);
    gram_insert(s, pass.slot);
  }
  set_p(s);
}
