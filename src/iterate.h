/* iterate.h - private: the iterate, which pass 1 over the pairs absorbs. */
#ifndef LBFGSB_ITERATE_H
#define LBFGSB_ITERATE_H

#include "box.h"
#include "chunks.h"
#include "solver.h"

/* What pass 1 adds up over a chunk of rows. */
typedef struct {
  breakpoint_sums breakpoints;
  double yy[LANES];  /* of the newest pair */
  size_t free_count; /* variables with a positive breakpoint, */
  size_t far_blocks; /* and blocks in which one has moved far */
} iterate_sums;

/* The vectors of pass 1: those whose dot products with the columns are taken, and the newest pair. */
enum { DOT_D, DOT_Y_FREE, DOT_S_FREE, DOT_S_ACTIVE, NEW_S, NEW_Y, VECTORS };

/* iterate_dot_y, _s = the pass's dot product of y, and of s, of the pair in `slot` with a vector. */
static inline double iterate_dot_y(const lbfgsb_solver *s, size_t slot, size_t vector) {
  return lanes_sum(get(s, s->iterate.dots) + (slot * DOT_VECTORS + vector) * 2 * LANES);
}
static inline double iterate_dot_s(const lbfgsb_solver *s, size_t slot, size_t vector) {
  return lanes_sum(get(s, s->iterate.dots) + ((slot * DOT_VECTORS + vector) * 2 + 1) * LANES);
}

/* iterate_bounds = the bounds of the block that begins at row `first`: where they are the same for all
 * variables, those of the first block, which stay in the nearest cache. A padded block has its own. */
static inline const double *iterate_bounds(const lbfgsb_solver *s, size_t bounds, bool same, size_t first) {
  return get(s, bounds) + (same && first + BLOCK_ROWS <= s->layout.n ? 0 : first);
}

/* iterate_rows = the iterate and its box in the block that begins at row `first`. */
static inline box_rows iterate_rows(const lbfgsb_solver *s, size_t first) {
  return (box_rows){.rows = block_rows(s, first),
                    .ahead = fetches_ahead(s, first) ? BLOCK_ROWS : 0,
                    .streams = streams(s),
                    .x = get(s, s->iterate.x) + first,
                    .g = get(s, s->iterate.gradient) + first,
                    .scale = s->scales.used ? get(s, s->scales.scale) + first : NULL,
                    .lower = iterate_bounds(s, s->box.lower, s->box.same_lower, first),
                    .upper = iterate_bounds(s, s->box.upper, s->box.same_upper, first)};
}

/* Sets the first iterate: x (n), moved onto the box. */
void iterate_init(lbfgsb_solver *s, const double *x);

/* Measures variable i in a unit `factor` times as large. */
void iterate_rescale(lbfgsb_solver *s, size_t i, double factor);

/* Adds up, in the rows of a block, the y or the s of the newest pairs: what g, or x, has changed by over so
 * many steps. */
enum way { WAY_OF_G, WAY_OF_X }; /* in the order of a pair's columns */
void iterate_way(const lbfgsb_solver *s, size_t first, size_t steps, enum way of, double *way);

/* iterate_yy = y'y of the pair in `slot`, summed up as pass 1 does it. */
double iterate_yy(const lbfgsb_solver *s, size_t slot);

/* Absorbs x and its gradient (n) in pass 1; `previous` and the state's gradient are the previous iterate's.
 * curvature: s'y of the pair to store, 0 for none. The pairs, their Gram matrices and the free set follow. */
void iterate_absorb(lbfgsb_solver *s, const double *gradient, double curvature);

#endif
