/* layout.c - where in the block everything is: it alone sets offsets. METHOD.md, section 8. */
#include "layout.h"

#include <string.h>

#include "chunks.h"
#include "iterate.h"

/* Takes `length` doubles, in whole cache lines, from the block's end; returns their offset. */
static size_t take(size_t *end, size_t length) {
  size_t offset = *end;
  *end += (length + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
  return offset;
}

/* Places arrays of rows. The pairs, of which the first ones should touch few pages, begin near a page's
 * beginning where the block does. */
static void place_rows(lbfgsb_solver *s, size_t *end) {
  size_t rows = pad_rows(s->layout.n);
  s->order.columns = take(end, rows * 2 * s->layout.capacity);
  s->box.lower = take(end, rows);
  s->box.upper = take(end, rows);
  s->iterate.x = take(end, rows);
  s->direction.trial = s->iterate.previous = s->cauchy.heap = take(end, rows);
  s->iterate.gradient = take(end, rows);
  s->scales.scale = take(end, rows);
  s->plateau.start = take(end, rows);
  s->caller.told = take(end, rows);
  s->caller.point = take(end, rows);
  s->caller.iterate = take(end, rows);
  s->caller.gradient = take(end, rows);
  s->direction.d = s->cauchy.breakpoints = take(end, rows);
}

/* Places arrays of a double, some words or a byte for each block of rows, and a byte for each row. */
static void place_blocks(lbfgsb_solver *s, size_t *end) {
  size_t rows = pad_rows(s->layout.n), blocks = (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
  size_t bytes = rows / BLOCK_ROWS / sizeof(double) + 1;
  s->iterate.block_breaks = take(end, blocks);
  s->gram.free = take(end, (rows + sizeof(double) - 1) / sizeof(double));
  s->order.marks = take(end, blocks * (BLOCK_ROWS / MARKS));
  s->order.front = take(end, bytes);
  s->order.unchanged = take(end, bytes);
  s->order.required = take(end, bytes);
}

static void place_vectors(lbfgsb_solver *s, size_t *end) {
  size_t m = s->layout.capacity, ld = s->layout.ld;
  s->compact.M = take(end, 3 * m * ld);
  s->subspace.K = take(end, 3 * m * ld);
  size_t *vectors[] = {&s->iterate.p,     &s->cauchy.p,    &s->cauchy.c,
                       &s->cauchy.w,      &s->cauchy.Mw,   &s->compact.half,
                       &s->subspace.q,    &s->subspace.Mc, &s->direction.coefficients,
                       &s->scales.lengths};
  for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) *vectors[i] = take(end, 2 * m);
  s->pairs.curvature = take(end, m);
}

/* Places what each chunk has of its own: the first one's, after which the others' stand in the same order. */
static void place_chunks(lbfgsb_solver *s, size_t *end) {
  size_t m = s->layout.capacity, ld = s->layout.ld, first = *end;
  s->iterate.sums = take(end, sizeof(iterate_sums) / sizeof(double));
  s->direction.sums = take(end, sizeof(direction_sums) / sizeof(double));
  s->direction.slopes = take(end, 1);
  s->gram.moved_in_chunk = take(end, 1);
  size_t *gram[] = {&s->gram.yy_free, &s->gram.sy_free, &s->gram.ss_free, &s->gram.ss_active,
                    &s->gram.sy_active};
  for (size_t i = 0; i < sizeof gram / sizeof *gram; i++) *gram[i] = take(end, m * ld);
  s->gram.row = take(end, 2 * ld);
  s->order.natural = take(end, s->layout.n > BLOCK_ROWS ? 2 * m * BLOCK_ROWS : 0);
  s->iterate.dots = take(end, 2 * m * DOT_VECTORS * LANES);
  s->layout.chunk_length = *end - first;
  *end += (chunk_count(s) - 1) * s->layout.chunk_length;
}

/* What a run's state must have in common with this build. LAYOUT is raised by hand where the order or the
 * meaning of what the block holds changes, and then that of r_seal.c. */
enum { LAYOUT = 31 };
static size_t layout_mark(void) {
  return (sizeof(lbfgsb_solver) + CHUNK_ROWS + BLOCK_ROWS * LANES) * 1000 + LAYOUT;
}

/* Sets all sizes, and all offsets; returns the block's size in doubles. No offset goes by where the block is:
 * equal runs have equal bytes. Arrays begin with a cache line if the block does. */
static size_t place_all(lbfgsb_solver *s, size_t n, size_t m) {
  size_t end = 0;
  take(&end, sizeof *s / sizeof(double));
  s->layout.mark = layout_mark();
  s->layout.n = n;
  s->layout.capacity = m;
  s->layout.ld = pad_rows(m);
  place_rows(s, &end);
  place_vectors(s, &end);
  place_blocks(s, &end);
  place_chunks(s, &end);
  return end;
}

/* The block's size stays below 8 (16 m^2 + 250 m + (3 m + 15) (n + LANES) + 400) + sizeof(lbfgsb_solver)
 * bytes. */
bool layout_fits(size_t n, size_t m) {
  size_t limit = SIZE_MAX / 64;
  return n > 0 && m > 0 && m < limit / 64 / m && n < limit - LANES && m < limit / (n + LANES) / 10;
}

size_t layout_size(size_t n, size_t m) {
  lbfgsb_solver sketch;
  if (!layout_fits(n, m)) return 0;
  return place_all(&sketch, n, m) * sizeof(double);
}

/* first_room, next_room = pairs to have room for at the beginning, and for the next one: all of them where
 * there is more than a block of rows, as their order and the chunks go by that; and else few, then twice as
 * many. */
enum { FIRST_ROOM = 8 };
static size_t first_room(size_t n, size_t m) { return n <= BLOCK_ROWS && FIRST_ROOM < m ? FIRST_ROOM : m; }
static size_t next_room(const lbfgsb_solver *s) {
  size_t m = s->options.pairs, room = s->layout.capacity;
  if (s->pairs.count < room) return room;
  return 2 * room < m ? 2 * room : m;
}

size_t layout_first_size(size_t n, size_t m) {
  return layout_fits(n, m) ? layout_size(n, first_room(n, m)) : 0;
}

/* The chunks stand last. */
size_t layout_next_size(const lbfgsb_solver *s) {
  size_t room = next_room(s);
  if (room != s->layout.capacity) return layout_size(s->layout.n, room);
  return (s->iterate.sums + chunk_count(s) * s->layout.chunk_length) * sizeof(double);
}

/* Sets all offsets anew, with room for so many pairs. */
static void place_anew(lbfgsb_solver *s, size_t room) {
  bool swapped = s->direction.trial < s->iterate.x;
  place_all(s, s->layout.n, room);
  if (swapped) layout_accept_trial(s);
}

/* True if laying the block out anew would change nothing; which of two places the iterate has is left open.
 */
static bool offsets_valid(const lbfgsb_solver *s) {
  lbfgsb_solver anew;
  memcpy(&anew, s, sizeof *s);
  place_anew(&anew, s->layout.capacity);
  return memcmp(&anew, s, sizeof *s) == 0;
}

bool layout_is_place(const void *block) { return block && (uintptr_t)block % _Alignof(lbfgsb_solver) == 0; }

bool layout_valid(const void *block, size_t size) {
  const lbfgsb_solver *s = block;
  if (!layout_is_place(block) || size < sizeof *s || s->layout.mark != layout_mark()) return false;
  size_t n = s->layout.n, m = s->options.pairs, room = s->layout.capacity;
  bool has_room = layout_fits(n, m) && room >= first_room(n, m) && room <= m;
  return has_room && layout_size(n, room) <= size && offsets_valid(s);
}

/* Clears all of it: a copy of the block has nothing of what its memory held before. */
void layout_init(lbfgsb_solver *s, size_t n, size_t m) {
  memset(s, 0, layout_first_size(n, m));
  place_all(s, n, first_room(n, m));
}

/* ---- More room --------------------------------------------------------------------------------- */

/* `length` doubles go to where they stand from now on. */
static void move(lbfgsb_solver *s, size_t to, size_t from, size_t length) {
  memmove(put(s, to), get(s, from), length * sizeof(double));
}

static void move_matrix(lbfgsb_solver *s, size_t to, size_t from, size_t from_ld) {
  size_t k = s->pairs.count;
  for (size_t row = k; row-- > 0;) move(s, to + row * s->layout.ld, from + row * from_ld, k);
}

/* All goes to higher places, so what stands last goes first; the pairs stay. What passes and directions
 * compute anew, sums, M and K, is left behind. */
void layout_make_room(lbfgsb_solver *s) {
  size_t k = s->pairs.count, room = next_room(s);
  lbfgsb_solver old;
  if (room == s->layout.capacity) return;
  size_t size = layout_size(s->layout.n, s->layout.capacity);
  memset((unsigned char *)s + size, 0, layout_next_size(s) - size);
  memcpy(&old, s, sizeof *s);
  place_anew(s, room);
  move_matrix(s, s->gram.sy_active, old.gram.sy_active, old.layout.ld);
  move_matrix(s, s->gram.ss_active, old.gram.ss_active, old.layout.ld);
  move_matrix(s, s->gram.ss_free, old.gram.ss_free, old.layout.ld);
  move_matrix(s, s->gram.sy_free, old.gram.sy_free, old.layout.ld);
  move_matrix(s, s->gram.yy_free, old.gram.yy_free, old.layout.ld);
  move(s, s->iterate.block_breaks, old.iterate.block_breaks, old.iterate.sums - old.iterate.block_breaks);
  move(s, s->pairs.curvature, old.pairs.curvature, k);
  move(s, s->iterate.p, old.iterate.p, 2 * k);
  move(s, s->box.lower, old.box.lower, old.compact.M - old.box.lower);
}

void layout_accept_trial(lbfgsb_solver *s) {
  size_t previous = s->iterate.x;
  s->iterate.x = s->direction.trial;
  s->direction.trial = s->iterate.previous = s->cauchy.heap = previous;
}
