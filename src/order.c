/* order.c - the order of the rows in the pairs' columns.
 *
 * A block of the columns has two parts: its front with the rows that are marked, a multiple of LANES, and its
 * back with the rest. In each part a column follows the other, and the rows keep their order. Every free row
 * is marked: what is summed over free rows, or wanted of them, needs the front alone. (The Cauchy search only
 * takes rows out of the free set; pass 1, which brings others, calls order_follow().) At first all rows are
 * in front. METHOD.md (25). */
#include "order.h"

#include <string.h>

#include "gram.h"

/* A new order costs as much as an iteration. A front shorter by fewer rows is not worth it, nor is a single
 * block, nor are the first iterations, in which many variables come to their bounds. Whenever an order turned
 * out to be rash the block's free set must stay for twice as many passes before the next. */
enum { WORTHWHILE = 3 * BLOCK_ROWS / 8, MOST_REQUIRED = 127 };

enum { BLOCK_MARKS = BLOCK_ROWS / MARKS, MARK_BYTES = BLOCK_ROWS / 8 };

static void set_order(lbfgsb_solver *s, size_t first, const uint64_t *marks, size_t front) {
  memcpy((uint64_t *)put(s, s->order.marks) + first / MARKS, marks, MARK_BYTES);
  put_bytes(s, s->order.front)[first / BLOCK_ROWS] = (unsigned char)front;
}

static void mark_all(uint64_t *marks) { memset(marks, 0xff, MARK_BYTES); }

void order_init(lbfgsb_solver *s) {
  uint64_t marks[BLOCK_MARKS];
  mark_all(marks);
  for (size_t first = 0; first < s->layout.n; first += BLOCK_ROWS)
    set_order(s, first, marks, block_rows(s, first));
}

/* part_offset = where the front or the back of the block begins. */
static size_t part_offset(const lbfgsb_solver *s, size_t first, bool front) {
  return order_offset(s, front ? first : first + order_front(s, first));
}

pair_block order_part(const lbfgsb_solver *s, size_t first, bool front) {
  size_t in_front = order_front(s, first);
  return (pair_block){.rows = front ? in_front : block_rows(s, first) - in_front,
                      .pairs = s->pairs.count,
                      .ahead = front && fetches_ahead(s, first) ? 2 * s->layout.capacity * BLOCK_ROWS : 0,
                      .columns = get(s, part_offset(s, first, front))};
}

static double *put_column(lbfgsb_solver *s, size_t first, bool front, size_t column) {
  return put(s, part_offset(s, first, front)) + column * order_part(s, first, front).rows;
}

double *order_columns(lbfgsb_solver *s, size_t first, size_t slot) {
  return put_column(s, first, true, 2 * slot);
}

void order_store(lbfgsb_solver *s, size_t first, bool front, size_t column, const double *rows) {
  memcpy(put_column(s, first, front, column), rows, order_part(s, first, front).rows * sizeof(double));
}

/* Counts the marked rows of the block before row i of it. */
static size_t marked_before(const uint64_t *marks, size_t i) {
  size_t count = 0;
  for (; i >= MARKS; i -= MARKS) count += (size_t)__builtin_popcountll(*marks++);
  return i == 0 ? count : count + (size_t)__builtin_popcountll(*marks << (MARKS - i));
}

const double *order_row_apart(const lbfgsb_solver *s, size_t i, size_t *stride) {
  size_t first = i - i % BLOCK_ROWS, row = i - first, marked = marked_before(order_marks(s, first), row);
  bool front = is_marked(order_marks(s, first), row);
  pair_block part = order_part(s, first, front);
  *stride = part.rows;
  return part.columns + (front ? marked : row - marked);
}

void order_rescale(lbfgsb_solver *s, size_t i, double factor) {
  if (s->pairs.count == 0) return;
  size_t stride;
  ptrdiff_t at = order_row(s, i, &stride) - get(s, s->order.columns);
  double *row = put(s, s->order.columns) + at;
  for (size_t slot = 0; slot < s->pairs.count; slot++, row += 2 * stride) {
    row[0] *= factor;
    row[stride] /= factor;
  }
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

/* Copies it. */
void order_read_block(const lbfgsb_solver *s, size_t first, size_t column, double *natural) {
  const uint64_t *marks = order_marks(s, first);
  pair_block front = order_part(s, first, true), back = order_part(s, first, false);
  const double *in_back = back.columns + column * back.rows;
  kernels()->unpack(marks, front.rows + back.rows, front.columns + column * front.rows, natural);
  for (size_t i = 0; i < front.rows + back.rows && back.rows > 0; i++)
    if (!is_marked(marks, i)) natural[i] = *in_back++;
}

void order_read(const lbfgsb_solver *s, size_t column, double *out) {
  for (size_t first = 0; first < s->layout.n; first += BLOCK_ROWS) {
    double copied[BLOCK_ROWS];
    memcpy(out + first, order_block(s, first, column, copied), own_rows(s, first) * sizeof(double));
  }
}

/* Stores a pair's two columns, BLOCK_ROWS apart in the natural order, in one part. */
static void write_pair(lbfgsb_solver *s, size_t first, bool front, size_t pair, const double *natural) {
  double x[2][BLOCK_ROWS];
  kernels()->pack(order_marks(s, first), front, block_rows(s, first), 2, natural, x[0]);
  for (size_t j = 0; j < 2; j++) order_store(s, first, front, 2 * pair + j, x[j]);
}

/* Gives the block another order, by way of the natural one. (The newest pair's columns, which are about to be
 * written, come along.) */
static void reorder(lbfgsb_solver *s, size_t chunk, size_t first, const uint64_t *marks, size_t front) {
  double *natural = put_chunk(s, s->order.natural, chunk);
  for (size_t j = 0; j < 2 * s->pairs.count; j++) order_read_block(s, first, j, natural + j * BLOCK_ROWS);
  set_order(s, first, marks, front);
  for (size_t j = 0; j < s->pairs.count; j++) {
    write_pair(s, first, true, j, natural + 2 * j * BLOCK_ROWS);
    write_pair(s, first, false, j, natural + 2 * j * BLOCK_ROWS);
  }
}

/* True if a row in the back is free. */
static bool misses(const lbfgsb_solver *s, size_t first, const unsigned char *free) {
  const uint64_t *marks = order_marks(s, first);
  for (size_t i = 0; i < block_rows(s, first); i++)
    if (free[i] && !is_marked(marks, i)) return true;
  return false;
}

/* True if the front is to be shortened to so many rows, in a block whose free set has stayed this long. */
static bool is_worthwhile(const lbfgsb_solver *s, size_t first, size_t needed, unsigned unchanged) {
  return needed + WORTHWHILE <= order_front(s, first) && s->layout.n > BLOCK_ROWS &&
         s->pairs.stored > s->layout.capacity &&
         unchanged > get_bytes(s, s->order.required)[first / BLOCK_ROWS];
}

static unsigned char at_most(unsigned count, unsigned most) {
  return (unsigned char)(count < most ? count : most);
}

/* Counts the passes in a row in which the block's free set has not changed. */
static unsigned count_unchanged(lbfgsb_solver *s, size_t first, bool stays) {
  unsigned char *unchanged = put_bytes(s, s->order.unchanged) + first / BLOCK_ROWS;
  return *unchanged = stays ? at_most(*unchanged + 1u, MOST_REQUIRED + 1) : 0;
}

static void require_more(lbfgsb_solver *s, size_t first) {
  unsigned char *required = put_bytes(s, s->order.required) + first / BLOCK_ROWS;
  *required = at_most(2u * *required + 1, MOST_REQUIRED);
}

void order_follow(lbfgsb_solver *s, size_t chunk, size_t first, const unsigned char *free, size_t free_rows) {
  size_t rows = block_rows(s, first), needed = pad_rows(free_rows);
  bool stays = memcmp(gram_free_rows(s, first), free, rows) == 0;
  unsigned unchanged = count_unchanged(s, first, stays);
  uint64_t marks[BLOCK_MARKS];
  if (is_worthwhile(s, first, needed, unchanged)) {
    mark_free(marks, free, rows, free_rows);
    reorder(s, chunk, first, marks, needed);
  } else if (!stays && order_front(s, first) < rows && misses(s, first, free)) {
    mark_all(marks);
    reorder(s, chunk, first, marks, rows);
    require_more(s, first);
  }
}
