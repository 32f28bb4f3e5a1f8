/* order.c - the order of the rows in the pairs' columns.
 *
 * A block of the columns has two parts: its front with the rows that are marked, a multiple of LANES, and its
 * back with the rest. In each part a column follows the other, and the rows keep their order. Every free row
 * is marked: what is summed over free rows, or wanted of them, needs the front alone. (The Cauchy search only
 * takes rows out of the free set; pass 1, which brings others, calls order_follow().) At first all rows are
 * in front. */
#include <string.h>

#include "state.h"

/* A new order costs as much as an iteration. A front shorter by fewer rows is not worth it, nor is a single
 * block, nor are the first iterations, in which many variables come to their bounds. Whenever an order turned
 * out to be rash the block's free set must stay for twice as many passes before the next. */
enum { WORTHWHILE = 3 * BLOCK_ROWS / 8, MOST_PATIENCE = 127 };

enum { BLOCK_MARKS = BLOCK_ROWS / MARKS, MARK_BYTES = BLOCK_ROWS / 8 };

static void set_order(lbfgsb_solver *s, size_t first, const uint64_t *marks, size_t front) {
  memcpy((uint64_t *)put(s, s->at.marks) + first / MARKS, marks, MARK_BYTES);
  put_bytes(s, s->at.front)[first / BLOCK_ROWS] = (unsigned char)front;
}

static void mark_all(uint64_t *marks) { memset(marks, 0xff, MARK_BYTES); }

void order_init(lbfgsb_solver *s) {
  uint64_t marks[BLOCK_MARKS];
  mark_all(marks);
  for (size_t first = 0; first < s->n; first += BLOCK_ROWS) set_order(s, first, marks, block_rows(s, first));
}

static unsigned char *put_calm(lbfgsb_solver *s, size_t first) {
  return put_bytes(s, s->at.calm) + first / BLOCK_ROWS;
}
static unsigned char *put_patience(lbfgsb_solver *s, size_t first) {
  return put_bytes(s, s->at.patience) + first / BLOCK_ROWS;
}

static size_t part_offset(const lbfgsb_solver *s, size_t first, bool front) {
  return columns_offset(s, front ? first : first + order_front(s, first));
}

pair_block order_part(const lbfgsb_solver *s, size_t first, bool front) {
  size_t in_front = order_front(s, first);
  return (pair_block){.rows = front ? in_front : block_rows(s, first) - in_front,
                      .pairs = s->count,
                      .columns = get(s, part_offset(s, first, front))};
}

double *order_column(lbfgsb_solver *s, size_t first, bool front, size_t column) {
  return put(s, part_offset(s, first, front)) + column * order_part(s, first, front).rows;
}

void order_store(lbfgsb_solver *s, size_t first, bool front, size_t column, const double *rows) {
  memcpy(order_column(s, first, front, column), rows, order_part(s, first, front).rows * sizeof(double));
}

/* Marked rows of the block before row i of it. */
static size_t marked_before(const uint64_t *marks, size_t i) {
  size_t count = 0;
  for (; i >= MARKS; i -= MARKS) count += (size_t)__builtin_popcountll(*marks++);
  return i == 0 ? count : count + (size_t)__builtin_popcountll(*marks << (MARKS - i));
}

const double *order_row(const lbfgsb_solver *s, size_t i, size_t *stride) {
  size_t first = i - i % BLOCK_ROWS, row = i - first, marked = marked_before(order_marks(s, first), row);
  bool front = is_marked(order_marks(s, first), row);
  pair_block part = order_part(s, first, front);
  *stride = part.rows;
  return part.columns + (front ? marked : row - marked);
}

/* ---- A new order ------------------------------------------------------------------------------------ */

/* Marks the free rows, and others until their number is a multiple of LANES. */
static void mark_free(uint64_t *marks, const unsigned char *free, size_t rows, size_t free_rows) {
  size_t fill = pad_rows(free_rows) - free_rows;
  memset(marks, 0, MARK_BYTES);
  for (size_t i = 0; i < rows; i++) {
    bool fills = !free[i] && fill > 0;
    marks[i / MARKS] |= (uint64_t)(free[i] || fills) << i % MARKS;
    fill -= fills;
  }
}

/* A column in the natural order. */
static void read_column(const lbfgsb_solver *s, size_t first, size_t column, double *natural) {
  const uint64_t *marks = order_marks(s, first);
  pair_block front = order_part(s, first, true), back = order_part(s, first, false);
  const double *in_back = back.columns + column * back.rows;
  kernel_unpack(marks, front.rows + back.rows, front.columns + column * front.rows, natural);
  for (size_t i = 0; i < front.rows + back.rows && back.rows > 0; i++)
    if (!is_marked(marks, i)) natural[i] = *in_back++;
}

/* A pair's two columns, BLOCK_ROWS apart in the natural order, into one part. */
static void write_pair(lbfgsb_solver *s, size_t first, bool front, size_t pair, const double *natural) {
  double x[2][BLOCK_ROWS];
  kernel_pack(order_marks(s, first), front, block_rows(s, first), 2, natural, x[0]);
  for (size_t j = 0; j < 2; j++) order_store(s, first, front, 2 * pair + j, x[j]);
}

/* Gives the block another order, by way of the natural one. (The newest pair's columns, which are about to be
 * written, come along.) */
static void reorder(lbfgsb_solver *s, size_t chunk, size_t first, const uint64_t *marks, size_t front) {
  double *natural = put_chunk(s, s->at.reordered, chunk);
  for (size_t j = 0; j < 2 * s->count; j++) read_column(s, first, j, natural + j * BLOCK_ROWS);
  set_order(s, first, marks, front);
  for (size_t j = 0; j < s->count; j++) {
    write_pair(s, first, true, j, natural + 2 * j * BLOCK_ROWS);
    write_pair(s, first, false, j, natural + 2 * j * BLOCK_ROWS);
  }
}

/* Whether a row in the back is free. */
static bool misses(const lbfgsb_solver *s, size_t first, const unsigned char *free) {
  const uint64_t *marks = order_marks(s, first);
  for (size_t i = 0; i < block_rows(s, first); i++)
    if (free[i] && !is_marked(marks, i)) return true;
  return false;
}

/* Whether to shorten the front to so many rows. */
static bool is_worthwhile(lbfgsb_solver *s, size_t first, size_t needed) {
  return needed + WORTHWHILE <= order_front(s, first) && s->n > BLOCK_ROWS && s->stored > s->capacity &&
         *put_calm(s, first) > *put_patience(s, first);
}

static unsigned char at_most(unsigned count, unsigned most) {
  return (unsigned char)(count < most ? count : most);
}

void order_follow(lbfgsb_solver *s, size_t chunk, size_t first, const unsigned char *free, size_t free_rows) {
  size_t rows = block_rows(s, first), needed = pad_rows(free_rows);
  bool settled = memcmp(get_free(s) + first, free, rows) == 0;
  unsigned char *calm = put_calm(s, first), *patience = put_patience(s, first);
  uint64_t marks[BLOCK_MARKS];
  *calm = settled ? at_most(*calm + 1u, MOST_PATIENCE + 1) : 0;
  if (is_worthwhile(s, first, needed)) {
    mark_free(marks, free, rows, free_rows);
    reorder(s, chunk, first, marks, needed);
  } else if (!settled && order_front(s, first) < rows && misses(s, first, free)) {
    mark_all(marks);
    reorder(s, chunk, first, marks, rows);
    *patience = at_most(2u * *patience + 1, MOST_PATIENCE);
  }
}
