/* kernels_avx512.c - the one kernel that gains from AVX-512: the dot products. A register holds LANES rows of
 * y and of s of a pair side by side: the same sums as in kernel_loops.h. METHOD.md (26). */
#include "kernels.h"

#ifdef KERNELS_X86
#include <immintrin.h>
#include <stdbool.h>

#define AVX512 __attribute__((target("avx512f")))

enum { PAIR_SUMS = DOT_VECTORS * 2 * LANES };

AVX512 INLINE __m512d side_by_side(const double *y, const double *s) {
  return _mm512_insertf64x4(_mm512_castpd256_pd512(_mm256_loadu_pd(y)), _mm256_loadu_pd(s), 1);
}
AVX512 INLINE __m512d twice(const double *x) { return _mm512_broadcast_f64x4(_mm256_loadu_pd(x)); }

/* Adds the dot products of P pairs, y_0 s_0 y_1 s_1 ... at `columns`, with V vectors. */
AVX512 INLINE void dots_of_pairs(const pair_block *block, const double *columns, const int P, const double *x,
                                 const int V, double *sums, const bool fetching) {
  const size_t stride = block->rows;
  __m512d sum[2][DOT_VECTORS];
#pragma GCC unroll 2
  for (int j = 0; j < P; j++)
#pragma GCC unroll 4
    for (int v = 0; v < V; v++) sum[j][v] = _mm512_loadu_pd(sums + j * PAIR_SUMS + 2 * v * LANES);
  for (size_t i = 0; i < block->rows; i += LANES) {
#pragma GCC unroll 2
    for (int j = 0; j < P; j++) {
      const double *y = columns + 2 * (size_t)j * stride, *s = y + stride;
      __m512d ys = side_by_side(y + i, s + i);
      fetch(y + block->ahead, i, fetching);
      fetch(s + block->ahead, i, fetching);
#pragma GCC unroll 4
      for (int v = 0; v < V; v++)
        sum[j][v] = _mm512_add_pd(sum[j][v], _mm512_mul_pd(ys, twice(x + v * BLOCK_ROWS + i)));
    }
  }
#pragma GCC unroll 2
  for (int j = 0; j < P; j++)
#pragma GCC unroll 4
    for (int v = 0; v < V; v++) _mm512_storeu_pd(sums + j * PAIR_SUMS + 2 * v * LANES, sum[j][v]);
}

AVX512 INLINE void dots_loop(const pair_block *block, const double *x, const int V, double *sums,
                             const bool fetching) {
  const double *columns = block->columns;
  size_t j = 0;
  for (; j + 2 <= block->pairs; j += 2, columns += 4 * block->rows)
    dots_of_pairs(block, columns, 2, x, V, sums + j * PAIR_SUMS, fetching);
  if (j < block->pairs) dots_of_pairs(block, columns, 1, x, V, sums + j * PAIR_SUMS, fetching);
}

AVX512 void dots_avx512(const pair_block *block, const double *x, int vectors, double *sums) {
  DOTS(dots_loop);
}
#endif
