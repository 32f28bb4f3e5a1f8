/* pair_sums.h - private: what the pairs tell of the curvature along each variable. METHOD.md (50). */
#ifndef LBFGSB_PAIR_SUMS_H
#define LBFGSB_PAIR_SUMS_H

#include "solver.h"

/* The pairs' sums of y_i^2 / s'y and of s_i^2 / s'y. The root h_i of their ratio is the geometric mean of
 * B_ii and of 1 / (B^-1)_ii, about; but where x_i hardly moves y_i is what the others bring, and the sum
 * alone tells how large B_ii is. And that of y_i s_i / s'y, whose sign is B_ii's unless others bring it. */
typedef struct {
  double yy, ss, ys;
} pair_sums;

/* True if they tell anything of the variable. */
static inline bool pair_sums_tell(pair_sums sums) { return sums.yy > 0 && sums.ss > 0; }

/* pair_sums_curvature = h_i; pair_sums_shown = that, as far as it is shown. */
static inline double pair_sums_curvature(pair_sums sums) { return sqrt(sums.yy / sums.ss); }
static inline double pair_sums_shown(pair_sums sums) { return lesser(pair_sums_curvature(sums), sums.yy); }

/* Sets sums = those over the oldest `pairs` for each row of the block that begins at row `first`. */
void pair_sums_of_block(const lbfgsb_solver *s, size_t first, size_t pairs, pair_sums *sums);

/* Sets h = the curvatures by the pairs in the rows of a block: negative where they have the sign
 * of what other variables bring, 0 where they tell none. */
void pair_sums_curvatures(const lbfgsb_solver *s, size_t first, double *h);

/* True if the pairs tell that f rises along variable i to either side, so that it was not far from there. */
bool pair_sums_show_rise(const lbfgsb_solver *s, size_t i);

#endif
