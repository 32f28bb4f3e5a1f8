/* order.h - private: the pairs' columns, and the order of the rows in them. A block begins at row `first`. */
#ifndef LBFGSB_ORDER_H
#define LBFGSB_ORDER_H

#include "chunks.h"
#include "solver.h"

/* Sets the order in which all rows are in front. */
void order_init(lbfgsb_solver *s);

/* order_offset = where the columns of the rows before row i end. */
static inline size_t order_offset(const lbfgsb_solver *s, size_t i) {
  return s->order.columns + 2 * s->layout.capacity * i;
}

/* order_front, order_marks = how many rows of the block are in front, and which. */
static inline size_t order_front(const lbfgsb_solver *s, size_t first) {
  return get_bytes(s, s->order.front)[first / BLOCK_ROWS];
}
static inline const uint64_t *order_marks(const lbfgsb_solver *s, size_t first) {
  return (const uint64_t *)get(s, s->order.marks) + first / MARKS;
}

/* True if the rows of the block are in their natural order: all are in front. */
static inline bool order_is_natural(const lbfgsb_solver *s, size_t first) {
  return order_front(s, first) == block_rows(s, first);
}

/* order_part = the columns of the front or of the back of the block. */
pair_block order_part(const lbfgsb_solver *s, size_t first, bool front);

/* order_row = row i in column 0; in the next column it is `stride` further. order_row_apart = the same in a
 * block of two parts. */
const double *order_row_apart(const lbfgsb_solver *s, size_t i, size_t *stride);
static inline const double *order_row(const lbfgsb_solver *s, size_t i, size_t *stride) {
  size_t first = i - i % BLOCK_ROWS;
  if (!order_is_natural(s, first)) return order_row_apart(s, i, stride);
  *stride = block_rows(s, first);
  return get(s, order_offset(s, first)) + i % BLOCK_ROWS;
}

/* Measures variable i in a unit `factor` times as large, in the pairs: y_i *= factor, s_i /= factor. */
void order_rescale(lbfgsb_solver *s, size_t i, double factor);

/* order_columns = where y of the pair in `slot` is to be written in a block in natural order, and s behind
 * it. */
double *order_columns(lbfgsb_solver *s, size_t first, size_t slot);

/* Stores a column of the front or of the back, whose rows are given one after another. */
void order_store(lbfgsb_solver *s, size_t first, bool front, size_t column, const double *rows);

/* order_block = a column of a block in the natural order: as it stands, or copied to rows (BLOCK_ROWS). */
void order_read_block(const lbfgsb_solver *s, size_t first, size_t column, double *rows);
static inline const double *order_block(const lbfgsb_solver *s, size_t first, size_t column, double *rows) {
  if (order_is_natural(s, first)) return get(s, order_offset(s, first)) + column * block_rows(s, first);
  order_read_block(s, first, column, rows);
  return rows;
}

/* Copies a column of all rows, in the natural order, to out (n). */
void order_read(const lbfgsb_solver *s, size_t column, double *out);

/* Prepares the block for a new free set, while the state's own is still the previous one: a new free row that
 * is not in front brings all rows there; a set that stays brings the others behind (25). */
void order_follow(lbfgsb_solver *s, size_t chunk, size_t first, const unsigned char *free, size_t free_rows);

#endif
