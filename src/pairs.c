/* pairs.c - the stored pairs W = [Y, theta S], and the two passes over them: the only loops over W.
 *
 * Rows stand in blocks of BLOCK_ROWS; in a block each column is contiguous, the columns in the order
 * y_0 s_0 y_1 s_1 ... of their slots. The slots are a ring: the newest pair takes the oldest's. */
#include <string.h>

#include "dense.h"
#include "state.h"

/* The vectors of pass 1: those whose dot products with the columns are taken, and the newest pair. */
enum { DOT_D, DOT_Y_FREE, DOT_S_FREE, DOT_S_ACTIVE, NEW_S, NEW_Y, VECTORS };

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
  bool move;              /* older pairs stand: rows that change sets move their Gram terms */
  bool rebuild;           /* build the older pairs' Gram matrices anew instead */
  size_t slot;            /* of the newest pair */
} first_pass;

static pair_block front_of(const lbfgsb_solver *s, size_t first) {
  pair_block front = order_part(s, first, true);
  if (fetches_ahead(s, first)) front.ahead = 2 * s->capacity * BLOCK_ROWS;
  return front;
}

void pairs_forget(lbfgsb_solver *s) {
  s->count = 0;
  s->oldest = 0;
  s->stored = 0;
  s->theta = 1;
  s->moved = 0;
}

/* ---- Gram matrices -------------------------------------------------------------------------- */

/* Row i of Y and S, each k in ld, for the chunk's use. */
static void gather(lbfgsb_solver *s, size_t chunk, size_t i) {
  size_t stride;
  const double *row = order_row(s, i, &stride);
  double *y = put_chunk(s, s->at.row, chunk), *ss = y + s->ld;
  for (size_t j = 0; j < s->count; j++, row += 2 * stride) {
    y[j] = row[0];
    ss[j] = row[stride];
  }
}

/* Adds (sign 1) the gathered row's rank-one terms to the chunk's free or active matrices, or takes them
 * away (-1). */
static void gram_add(lbfgsb_solver *s, size_t chunk, bool free, int sign) {
  size_t k = s->count, ld = s->ld;
  const double *y = put_chunk(s, s->at.row, chunk), *ss = y + ld;
  if (free) kernel_outer(put_chunk(s, s->at.yy_free, chunk), ld, k, sign, y, y);
  kernel_outer(put_chunk(s, free ? s->at.sy_free : s->at.sy_active, chunk), ld, k, sign, ss, y);
  kernel_outer(put_chunk(s, free ? s->at.ss_free : s->at.ss_active, chunk), ld, k, sign, ss, ss);
}

static void move_row(lbfgsb_solver *s, size_t chunk, size_t i, int sign) {
  gather(s, chunk, i);
  gram_add(s, chunk, true, sign);
  gram_add(s, chunk, false, -sign);
}

void pairs_activate(lbfgsb_solver *s, size_t i) {
  put_free(s)[i] = 0;
  s->free_count--;
  if (s->count == 0) return;
  move_row(s, 0, i, -1);
  s->moved++;
}

void pairs_row(const lbfgsb_solver *s, double *w) {
  const double *y = get(s, s->at.row), *ss = y + s->ld;
  for (size_t j = 0; j < s->count; j++) {
    w[j] = y[pairs_slot(s, j)];
    w[s->count + j] = s->theta * ss[pairs_slot(s, j)];
  }
}

/* The five matrices stand in one stretch. */
static size_t gram_length(const lbfgsb_solver *s) { return s->at.row - s->at.yy_free; }

static void gram_clear(lbfgsb_solver *s, size_t chunk) {
  memset(put_chunk(s, s->at.yy_free, chunk), 0, gram_length(s) * sizeof(double));
}

/* The dot product of pass 1 of a column with vector v. */
static double dot_product(const lbfgsb_solver *s, size_t column, size_t v) {
  return lanes_sum(get(s, s->at.sums) + ((column / 2 * DOT_VECTORS + v) * 2 + column % 2) * LANES);
}

/* The rows and columns of the pair in `slot`. */
static void gram_insert(lbfgsb_solver *s, size_t slot) {
  size_t ld = s->ld;
  double *yy_free = put(s, s->at.yy_free), *sy_free = put(s, s->at.sy_free);
  double *ss_free = put(s, s->at.ss_free), *ss_active = put(s, s->at.ss_active);
  for (size_t j = 0; j < s->count; j++) {
    size_t y = 2 * j, ss = 2 * j + 1, row = slot * ld + j, column = j * ld + slot;
    yy_free[row] = yy_free[column] = dot_product(s, y, DOT_Y_FREE);
    ss_free[row] = ss_free[column] = dot_product(s, ss, DOT_S_FREE);
    ss_active[row] = ss_active[column] = dot_product(s, ss, DOT_S_ACTIVE);
    sy_free[row] = dot_product(s, y, DOT_S_FREE);
    sy_free[column] = dot_product(s, ss, DOT_Y_FREE);
    put(s, s->at.sy_active)[row] = dot_product(s, y, DOT_S_ACTIVE);
  }
}

/* ---- Pass 1 ---------------------------------------------------------------------------------- */

/* The breakpoints of the block's rows, and the order of the columns that they ask for. */
static void find_breakpoints(lbfgsb_solver *s, size_t chunk, const box_rows *at, row_block *b) {
  breakpoint_sums *sums = &sums_of(s, chunk)->breakpoints;
  for (int l = 0; l < LANES; l++) {
    sums->first[l] = INFINITY;
    sums->free[l] = 0;
  }
  kernel_breakpoints(at, b->x[DOT_D], b->free, sums);
  put(s, s->at.block_breaks)[b->first / BLOCK_ROWS] = lanes_min(sums->first);
  size_t free_rows = (size_t)(sums->free[0] + sums->free[1] + sums->free[2] + sums->free[3]);
  sums_of(s, chunk)->free += free_rows;
  order_follow(s, chunk, b->first, b->free, free_rows);
}

/* Whether the rows of the block are in their natural order in the columns. */
static bool in_order(const lbfgsb_solver *s, const row_block *b) { return order_front(s, b->first) == b->padded; }

/* The newest pair, whole, into its columns if these are in order, and masked by the free set. True if an
 * active row has moved. */
static bool make_pair(lbfgsb_solver *s, row_block *b, const first_pass *pass, size_t ahead, double *yy) {
  double *y = order_column(s, b->first, true, 2 * pass->slot);
  pair_rows rows = {.rows = b->padded,
                    .ahead = ahead,
                    .x = get(s, s->at.x) + b->first,
                    .x_old = get(s, s->at.trial) + b->first,
                    .g = b->g,
                    .g_old = get(s, s->at.gradient) + b->first,
                    .free = b->free,
                    .y = in_order(s, b) ? y : b->x[NEW_Y],
                    .s = in_order(s, b) ? y + b->padded : b->x[NEW_S],
                    .y_free = b->x[DOT_Y_FREE],
                    .s_free = b->x[DOT_S_FREE],
                    .s_active = b->x[DOT_S_ACTIVE]};
  kernel_pair(&rows, yy);
  return lanes_any(rows.moved);
}

/* The newest pair, if there is one, into its columns in one part of the block, and the dot products with
 * the first `vectors` vectors, if any. */
static void absorb_part(lbfgsb_solver *s, size_t chunk, const row_block *b, const first_pass *pass, bool front,
                        int vectors) {
  _Alignas(CACHE_LINE * sizeof(double)) double x[VECTORS][BLOCK_ROWS];
  pair_block part = front ? front_of(s, b->first) : order_part(s, b->first, false);
  size_t from = vectors > 0 ? 0 : NEW_S, to = pass->keep ? VECTORS : DOT_D + 1;
  kernel_pack(order_marks(s, b->first), front, b->padded, to - from, b->x[from], x[from]);
  if (pass->keep) {
    order_store(s, b->first, front, 2 * pass->slot, x[NEW_Y]);
    order_store(s, b->first, front, 2 * pass->slot + 1, x[NEW_S]);
  }
  if (vectors > 0) kernel_dots(&part, x[0], vectors, put_chunk(s, s->at.sums, chunk));
}

/* The dot products of the block. The back has none but those with active rows that have moved. */
static void take_dots(lbfgsb_solver *s, size_t chunk, const row_block *b, const first_pass *pass,
                      bool active_moved) {
  int vectors = !pass->keep ? DOT_D + 1 : !active_moved ? DOT_S_FREE + 1 : DOT_S_ACTIVE + 1;
  if (in_order(s, b)) {
    pair_block block = front_of(s, b->first);
    kernel_dots(&block, b->x[0], vectors, put_chunk(s, s->at.sums, chunk));
    return;
  }
  absorb_part(s, chunk, b, pass, true, vectors);
  if (pass->keep) absorb_part(s, chunk, b, pass, false, active_moved ? vectors : 0);
}

/* The older pairs' Gram terms of the block's rows. */
static void build_rows(lbfgsb_solver *s, size_t chunk, const row_block *b) {
  for (size_t i = 0; i < b->rows; i++) {
    gather(s, chunk, b->first + i);
    gram_add(s, chunk, b->free[i], 1);
  }
}

/* Moves those of the rows that change sets; their number. */
static size_t move_rows(lbfgsb_solver *s, size_t chunk, const row_block *b) {
  const unsigned char *free = get_free(s) + b->first;
  size_t moved = 0;
  if (memcmp(free, b->free, b->rows) == 0) return 0;
  for (size_t i = 0; i < b->rows; i++)
    if (free[i] != b->free[i]) {
      move_row(s, chunk, b->first + i, b->free[i] ? 1 : -1);
      moved++;
    }
  return moved;
}

/* The block's gradient: the caller's, or where it needs padding a copy. */
static const double *block_gradient(row_block *b, const double *gradient) {
  if (b->rows == b->padded) return gradient + b->first;
  memcpy(b->padded_g, gradient + b->first, b->rows * sizeof(double));
  memset(b->padded_g + b->rows, 0, (b->padded - b->rows) * sizeof(double));
  return b->padded_g;
}

/* One block of pass 1: all that is done while its rows are in cache. */
static void absorb_block(lbfgsb_solver *s, size_t chunk, size_t first, const first_pass *pass) {
  row_block b; /* large: what is read is written first */
  b.first = first;
  b.padded = block_rows(s, first);
  b.rows = first + b.padded <= s->n ? b.padded : s->n - first;
  b.g = block_gradient(&b, pass->gradient);
  box_rows at = get_rows(s, first);
  at.g = b.g;
  find_breakpoints(s, chunk, &at, &b);
  bool active_moved = pass->keep && make_pair(s, &b, pass, at.ahead, sums_of(s, chunk)->yy);
  memmove(put(s, s->at.gradient) + first, b.g, b.padded * sizeof(double));
  take_dots(s, chunk, &b, pass, active_moved);
  if (pass->rebuild)
    build_rows(s, chunk, &b);
  else if (pass->move)
    sums_of(s, chunk)->moved += move_rows(s, chunk, &b);
  memcpy(put_free(s) + first, b.free, b.rows);
}

/* Doubles of the dot products of pass 1. */
static size_t dots_length(const lbfgsb_solver *s) { return 2 * s->count * DOT_VECTORS * LANES; }

static void absorb_chunk(lbfgsb_solver *s, size_t chunk, const void *what) {
  const first_pass *pass = what;
  *sums_of(s, chunk) = (chunk_sums){.moved = 0};
  memset(put_chunk(s, s->at.sums, chunk), 0, dots_length(s) * sizeof(double));
  if (pass->rebuild) gram_clear(s, chunk);
  for (size_t first = chunk_begin(s, chunk); first < chunk_begin(s, chunk + 1); first += BLOCK_ROWS)
    absorb_block(s, chunk, first, pass);
}

/* The slot of a new pair: the next one, or the oldest pair's. */
static size_t take_slot(lbfgsb_solver *s) {
  s->stored++;
  if (s->count < s->capacity) return s->count++;
  size_t slot = s->oldest;
  s->oldest = (slot + 1) % s->capacity;
  return slot;
}

static first_pass begin_pass(lbfgsb_solver *s, const double *gradient, bool keep) {
  size_t older = s->count - (keep && s->count == s->capacity);
  first_pass pass = {.gradient = gradient, .keep = keep};
  if (keep) pass.slot = take_slot(s);
  pass.rebuild = older > 0 && s->moved > s->n;
  pass.move = older > 0;
  if (pass.rebuild) s->moved = 0;
  return pass;
}

/* b (k) += a; a = 0. */
static void hand_over(double *a, double *b, size_t k) {
  add_small(b, 1, a, k);
  memset(a, 0, k * sizeof(double));
}

/* Adds the chunk's dot products and Gram terms to the first chunk's. */
static void add_chunk(lbfgsb_solver *s, size_t chunk, const first_pass *pass) {
  add_small(put(s, s->at.sums), 1, put_chunk(s, s->at.sums, chunk), dots_length(s));
  if (pass->rebuild || sums_of(s, chunk)->moved > 0)
    hand_over(put_chunk(s, s->at.yy_free, chunk), put(s, s->at.yy_free), gram_length(s));
}

/* What the breakpoints tell. */
static void end_breakpoints(lbfgsb_solver *s) {
  s->descent_sq = s->pgnorm = s->steepest = 0;
  s->first_break = INFINITY;
  s->free_count = 0;
  for (size_t chunk = 0; chunk < chunk_count(s->n, s->capacity); chunk++) {
    const breakpoint_sums *sums = &sums_of(s, chunk)->breakpoints;
    s->descent_sq += lanes_sum(sums->descent_sq);
    s->pgnorm = greater(s->pgnorm, lanes_max(sums->pgnorm));
    s->steepest = greater(s->steepest, lanes_max(sums->steepest));
    s->free_count += sums_of(s, chunk)->free;
  }
  for (size_t b = 0; b * BLOCK_ROWS < s->n; b++)
    s->first_break = lesser(s->first_break, get(s, s->at.block_breaks)[b]);
}

/* theta = y'y / s'y, p = W'd, and the newest pair's part of the Gram matrices. */
static void end_pass(lbfgsb_solver *s, const first_pass *pass, double curvature) {
  double yy = 0;
  end_breakpoints(s);
  for (size_t chunk = 0; chunk < chunk_count(s->n, s->capacity); chunk++) {
    if (chunk > 0) add_chunk(s, chunk, pass);
    yy += lanes_sum(sums_of(s, chunk)->yy);
    s->moved += sums_of(s, chunk)->moved;
  }
  if (pass->keep) {
    s->theta = yy / curvature;
    put(s, s->at.curvature)[pass->slot] = curvature;
    gram_insert(s, pass->slot);
  }
  double *p = put(s, s->at.p);
  for (size_t j = 0; j < s->count; j++) {
    p[j] = dot_product(s, 2 * pairs_slot(s, j), DOT_D);
    p[s->count + j] = s->theta * dot_product(s, 2 * pairs_slot(s, j) + 1, DOT_D);
  }
}

void pairs_absorb(lbfgsb_solver *s, const double *gradient, double curvature) {
  first_pass pass = begin_pass(s, gradient, curvature > 0);
  each_chunk(s, absorb_chunk, &pass);
  end_pass(s, &pass, curvature);
}

/* ---- Pass 2 ---------------------------------------------------------------------------------- */

/* The columns' coefficients q in the order of the columns, theta S split into theta and S. */
static void interleave(const lbfgsb_solver *s, double *columns) {
  const double *q = get(s, s->at.q);
  for (size_t j = 0; j < s->count; j++) {
    columns[2 * pairs_slot(s, j)] = q[j];
    columns[2 * pairs_slot(s, j) + 1] = s->theta * q[s->count + j];
  }
}

/* Wq in the rows of a block; where they have an order, what it is in those of the back means nothing. */
static void combine_block(const lbfgsb_solver *s, size_t first, double *Wq) {
  pair_block front = front_of(s, first);
  size_t rows = block_rows(s, first);
  if (front.rows == rows) {
    kernel_combine(&front, get(s, s->at.w), Wq);
    return;
  }
  double in_front[BLOCK_ROWS];
  kernel_combine(&front, get(s, s->at.w), in_front);
  memset(in_front + front.rows, 0, LANES * sizeof(double)); /* which kernel_unpack reads */
  kernel_unpack(order_marks(s, first), rows, in_front, Wq);
}

static void direction_chunk(lbfgsb_solver *s, size_t chunk, const void *project) {
  box_direction_begin(s, chunk);
  for (size_t first = chunk_begin(s, chunk); first < chunk_begin(s, chunk + 1); first += BLOCK_ROWS) {
    double Wq[BLOCK_ROWS];
    combine_block(s, first, Wq);
    box_rows at = get_rows(s, first);
    const unsigned char *free = get_free(s) + first;
    double *target = put(s, s->at.trial) + first, *d = put(s, s->at.direction) + first;
    if (*(const bool *)project)
      kernel_step(&at, free, Wq, s->theta, target, d, &sums_of(s, chunk)->direction);
    else
      kernel_minimizer(&at, free, Wq, s->theta, target);
  }
}

void pairs_direction(lbfgsb_solver *s, bool project) {
  interleave(s, put(s, s->at.w));
  each_chunk(s, direction_chunk, &project);
  if (project) box_direction_end(s);
}
