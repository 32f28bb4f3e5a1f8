/* kernels_plain.c - the kernels for the instructions that all machines of a kind have. METHOD.md (26). */
#include "kernels.h"

static void pack(const uint64_t *marks, bool marked, size_t rows, size_t vectors, const double *from,
                 double *to) {
  for (size_t i = 0; i < rows; i++) {
    for (size_t v = 0; v < vectors; v++) to[v * BLOCK_ROWS] = from[v * BLOCK_ROWS + i];
    to += is_marked(marks, i) == marked;
  }
}

static void unpack(const uint64_t *marks, size_t rows, const double *from, double *to) {
  for (size_t i = 0; i < rows; i++) {
    to[i] = *from;
    from += is_marked(marks, i);
  }
}

#include "kernel_loops.h"

const kernel_table kernels_plain = KERNEL_TABLE(dots);
