/* kernels.h - private: the inner loops of both passes, over one block of rows. */
#ifndef LBFGSB_KERNELS_H
#define LBFGSB_KERNELS_H

#include <stddef.h>

/* The pairs' columns in one block: y_0 s_0 y_1 s_1 ..., each `stride` doubles after the last.
 * rows: a multiple of LANES. */
typedef struct {
  const double *columns;
  size_t stride, pairs, rows;
} pair_block;

/* Vectors in one call of kernel_dots, at most. */
enum { DOT_VECTORS = 4 };

/* sums (2 pairs x DOT_VECTORS x LANES) += dot products of each column with 1, 3 or 4 vectors x, which
 * stand BLOCK_ROWS doubles apart. */
void kernel_dots(const pair_block *block, const double *x, int vectors, double *sums);

/* out (rows) = sum over columns of q_j column_j, in the order of the columns. */
void kernel_combine(const pair_block *block, const double *q, double *out);

#endif
