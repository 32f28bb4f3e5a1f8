/* gram.c - the pairs' Gram matrices over the free and over the active rows, which sum up to those over all
 * rows. They are never had by subtraction, which would cancel. METHOD.md (23), (24). */
#include "gram.h"

#include <string.h>

#include "chunks.h"
#include "dense.h"
#include "iterate.h"
#include "order.h"

void gram_forget(lbfgsb_solver *s) { s->gram.moved = 0; }

void gram_renew(lbfgsb_solver *s) { s->gram.moved = s->layout.n + 1; }

/* ---- A row moves ------------------------------------------------------------------------------- */

/* Gathers row i of Y and S, each k in ld, for the chunk's use. */
static void gather(lbfgsb_solver *s, size_t chunk, size_t i) {
  size_t stride;
  const double *row = order_row(s, i, &stride);
  double *y = put_chunk(s, s->gram.row, chunk), *ss = y + s->layout.ld;
  for (size_t j = 0; j < s->pairs.count; j++, row += 2 * stride) {
    y[j] = row[0];
    ss[j] = row[stride];
  }
}

/* Adds (sign 1) the gathered row's rank-one terms to the chunk's free or active matrices, or takes them
 * away (-1) (24). */
static void add_row(lbfgsb_solver *s, size_t chunk, bool free, int sign) {
  size_t k = s->pairs.count, ld = s->layout.ld;
  const double *y = get_chunk(s, s->gram.row, chunk), *ss = y + ld;
  if (free) kernels()->outer(put_chunk(s, s->gram.yy_free, chunk), ld, k, sign, y, y);
  double *sy = put_chunk(s, free ? s->gram.sy_free : s->gram.sy_active, chunk);
  kernels()->outer(sy, ld, k, sign, ss, y);
  kernels()->outer(put_chunk(s, free ? s->gram.ss_free : s->gram.ss_active, chunk), ld, k, sign, ss, ss);
}

static void move_row(lbfgsb_solver *s, size_t chunk, size_t i, int sign) {
  gather(s, chunk, i);
  add_row(s, chunk, true, sign);
  add_row(s, chunk, false, -sign);
}

void gram_activate(lbfgsb_solver *s, size_t i) {
  put_bytes(s, s->gram.free)[i] = 0;
  s->gram.free_count--;
  if (s->pairs.count == 0) return;
  move_row(s, 0, i, -1);
  s->gram.moved++;
}

void gram_activated_row(const lbfgsb_solver *s, double *w) {
  const double *y = get(s, s->gram.row), *ss = y + s->layout.ld;
  for (size_t j = 0; j < s->pairs.count; j++) {
    w[j] = y[pairs_slot(s, j)];
    w[s->pairs.count + j] = s->pairs.theta * ss[pairs_slot(s, j)];
  }
}

/* ---- In pass 1 --------------------------------------------------------------------------------- */

/* length = the doubles of the five matrices, which stand in one stretch. */
static size_t length(const lbfgsb_solver *s) { return s->gram.row - s->gram.yy_free; }

gram_task gram_begin(lbfgsb_solver *s, size_t older) {
  if (older == 0) return GRAM_NONE;
  if (s->gram.moved <= s->layout.n) return GRAM_MOVE;
  s->gram.moved = 0;
  return GRAM_BUILD;
}

void gram_begin_chunk(lbfgsb_solver *s, size_t chunk, gram_task task) {
  *put_chunk(s, s->gram.moved_in_chunk, chunk) = 0;
  if (task == GRAM_BUILD) memset(put_chunk(s, s->gram.yy_free, chunk), 0, length(s) * sizeof(double));
}

/* Adds the older pairs' terms of the rows. */
static void build_rows(lbfgsb_solver *s, size_t chunk, size_t first, size_t rows, const unsigned char *free) {
  for (size_t i = 0; i < rows; i++) {
    gather(s, chunk, first + i);
    add_row(s, chunk, free[i], 1);
  }
}

/* Moves those of the rows that change sets. */
static void move_rows(lbfgsb_solver *s, size_t chunk, size_t first, size_t rows, const unsigned char *free) {
  const unsigned char *previous = gram_free_rows(s, first);
  if (memcmp(previous, free, rows) == 0) return;
  for (size_t i = 0; i < rows; i++)
    if (previous[i] != free[i]) {
      move_row(s, chunk, first + i, free[i] ? 1 : -1);
      *put_chunk(s, s->gram.moved_in_chunk, chunk) += 1;
    }
}

void gram_set_free(lbfgsb_solver *s, size_t chunk, size_t first, size_t rows, const unsigned char *free,
                   gram_task task) {
  if (task == GRAM_BUILD) build_rows(s, chunk, first, rows, free);
  if (task == GRAM_MOVE) move_rows(s, chunk, first, rows, free);
  memcpy(put_bytes(s, s->gram.free) + first, free, rows);
}

/* Adds the chunk's terms to the first chunk's, and clears them. */
static void hand_over(lbfgsb_solver *s, size_t chunk) {
  double *terms = put_chunk(s, s->gram.yy_free, chunk);
  add_small(put(s, s->gram.yy_free), 1, terms, length(s));
  memset(terms, 0, length(s) * sizeof(double));
}

void gram_end(lbfgsb_solver *s, gram_task task, size_t free_count) {
  s->gram.free_count = free_count;
  for (size_t chunk = 0; chunk < chunk_count(s); chunk++) {
    double moved = *get_chunk(s, s->gram.moved_in_chunk, chunk);
    if (chunk > 0 && (task == GRAM_BUILD || moved > 0)) hand_over(s, chunk);
    s->gram.moved += (size_t)moved;
  }
}

void gram_insert(lbfgsb_solver *s, size_t slot) {
  size_t ld = s->layout.ld;
  double *yy_free = put(s, s->gram.yy_free), *sy_free = put(s, s->gram.sy_free);
  double *ss_free = put(s, s->gram.ss_free), *ss_active = put(s, s->gram.ss_active);
  double *sy_active = put(s, s->gram.sy_active);
  for (size_t j = 0; j < s->pairs.count; j++) {
    size_t row = slot * ld + j, column = j * ld + slot;
    yy_free[row] = yy_free[column] = iterate_dot_y(s, j, DOT_Y_FREE);
    ss_free[row] = ss_free[column] = iterate_dot_s(s, j, DOT_S_FREE);
    ss_active[row] = ss_active[column] = iterate_dot_s(s, j, DOT_S_ACTIVE);
    sy_free[row] = iterate_dot_y(s, j, DOT_S_FREE);
    sy_free[column] = iterate_dot_s(s, j, DOT_Y_FREE);
    sy_active[row] = iterate_dot_y(s, j, DOT_S_ACTIVE);
  }
}
