/* pair_sums.c - sums over the pairs for each variable. METHOD.md (50). */
#include "pair_sums.h"

#include "order.h"
#include "pairs.h"

static void add_pair(pair_sums *to, double y, double step, double weight) {
  to->yy += y * y * weight;
  to->ss += step * step * weight;
  to->ys += y * step * weight;
}

static double pair_weight(const lbfgsb_solver *s, size_t slot) {
  return 1 / get(s, s->pairs.curvature)[slot];
}

void pair_sums_of_block(const lbfgsb_solver *s, size_t first, size_t pairs, pair_sums *sums) {
  size_t rows = block_rows(s, first);
  double copied_y[BLOCK_ROWS], copied_step[BLOCK_ROWS];
  for (size_t i = 0; i < rows; i++) sums[i] = (pair_sums){0, 0, 0};
  for (size_t age = 0; age < pairs; age++) {
    size_t slot = pairs_slot(s, age);
    const double *y = order_block(s, first, 2 * slot, copied_y);
    const double *step = order_block(s, first, 2 * slot + 1, copied_step);
    double weight = pair_weight(s, slot);
    for (size_t i = 0; i < rows; i++) add_pair(&sums[i], y[i], step[i], weight);
  }
}

void pair_sums_curvatures(const lbfgsb_solver *s, size_t first, double *h) {
  pair_sums sums[BLOCK_ROWS];
  pair_sums_of_block(s, first, s->pairs.count, sums);
  for (size_t i = 0; i < block_rows(s, first); i++)
    h[i] = pair_sums_tell(sums[i]) ? copysign(pair_sums_shown(sums[i]), sums[i].ys) : 0;
}

bool pair_sums_show_rise(const lbfgsb_solver *s, size_t i) {
  pair_sums sums = {0, 0, 0};
  size_t stride;
  const double *row = order_row(s, i, &stride);
  for (size_t age = 0; age < s->pairs.count; age++) {
    size_t slot = pairs_slot(s, age);
    add_pair(&sums, row[2 * slot * stride], row[(2 * slot + 1) * stride], pair_weight(s, slot));
  }
  return pair_sums_tell(sums) && sums.ys >= 0;
}
