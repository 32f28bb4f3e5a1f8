/* kernels.c - the inner loops of both passes, compiled for the baseline and, on x86-64, for AVX2,
 * chosen at run time; both give the same bits. */
#include "kernels.h"

#include "lanes.h"

#define INLINE static inline __attribute__((always_inline))

/* The columns y and s of one pair against V vectors x: 2 V independent sums hide the adds' latency. */
INLINE void dots_of_pair(const double *y, const double *s, size_t rows, const double *x, const int V,
                         double *sums) {
  lanes sum_y[DOT_VECTORS], sum_s[DOT_VECTORS];
#pragma GCC unroll 4
  for (int v = 0; v < V; v++) {
    sum_y[v] = LOAD(sums + v * LANES);
    sum_s[v] = LOAD(sums + (DOT_VECTORS + v) * LANES);
  }
  for (size_t i = 0; i < rows; i += LANES) {
    lanes y_i = LOAD(y + i), s_i = LOAD(s + i);
#pragma GCC unroll 4
    for (int v = 0; v < V; v++) {
      lanes x_i = LOAD(x + v * BLOCK_ROWS + i);
      sum_y[v] += y_i * x_i;
      sum_s[v] += s_i * x_i;
    }
  }
#pragma GCC unroll 4
  for (int v = 0; v < V; v++) {
    STORE(sums + v * LANES, sum_y[v]);
    STORE(sums + (DOT_VECTORS + v) * LANES, sum_s[v]);
  }
}

INLINE void dots(const pair_block *block, const double *x, const int V, double *sums) {
  for (size_t j = 0; j < block->pairs; j++) {
    const double *y = block->columns + 2 * j * block->stride;
    dots_of_pair(y, y + block->stride, block->rows, x, V, sums + 2 * j * DOT_VECTORS * LANES);
  }
}

INLINE void dots_any(const pair_block *block, const double *x, int vectors, double *sums) {
  if (vectors == 1)
    dots(block, x, 1, sums);
  else if (vectors == 3)
    dots(block, x, 3, sums);
  else
    dots(block, x, 4, sums);
}

/* Four vectors of rows at a time, then one: each row's sum has the same order either way. */
INLINE void combine(const pair_block *block, const double *q, double *out) {
  const size_t columns = 2 * block->pairs, stride = block->stride;
  size_t i = 0;
  for (; i + 4 * LANES <= block->rows; i += 4 * LANES) {
    lanes sum0 = FILL(0), sum1 = FILL(0), sum2 = FILL(0), sum3 = FILL(0);
    const double *w = block->columns + i;
    for (size_t j = 0; j < columns; j++, w += stride) {
      lanes q_j = FILL(q[j]);
      sum0 += q_j * LOAD(w);
      sum1 += q_j * LOAD(w + LANES);
      sum2 += q_j * LOAD(w + 2 * LANES);
      sum3 += q_j * LOAD(w + 3 * LANES);
    }
    STORE(out + i, sum0);
    STORE(out + i + LANES, sum1);
    STORE(out + i + 2 * LANES, sum2);
    STORE(out + i + 3 * LANES, sum3);
  }
  for (; i < block->rows; i += LANES) {
    lanes sum = FILL(0);
    for (size_t j = 0; j < columns; j++) sum += FILL(q[j]) * LOAD(block->columns + j * stride + i);
    STORE(out + i, sum);
  }
}

#if defined(__x86_64__) && !defined(__AVX2__)
#define HAS_AVX2 __builtin_cpu_supports("avx2")
#define AVX2 __attribute__((target("avx2")))
#else
#define HAS_AVX2 0
#define AVX2
#endif

AVX2 static void dots_avx2(const pair_block *block, const double *x, int vectors, double *sums) {
  dots_any(block, x, vectors, sums);
}

AVX2 static void combine_avx2(const pair_block *block, const double *q, double *out) {
  combine(block, q, out);
}

void kernel_dots(const pair_block *block, const double *x, int vectors, double *sums) {
  if (HAS_AVX2)
    dots_avx2(block, x, vectors, sums);
  else
    dots_any(block, x, vectors, sums);
}

void kernel_combine(const pair_block *block, const double *q, double *out) {
  if (HAS_AVX2)
    combine_avx2(block, q, out);
  else
    combine(block, q, out);
}
