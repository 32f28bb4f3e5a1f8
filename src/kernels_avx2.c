/* kernels_avx2.c - the kernels for x86-64 with AVX2, of which all but the dot products serve AVX-512 too.
 * METHOD.md (26). */
#include "kernels.h"

#ifdef KERNELS_X86
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC target("avx2")
#endif

/* ---- The order of the rows ------------------------------------------------------------------------ */

/* Positions in a vector of LANES doubles, each as two of halves of doubles. */
#define HALVES(a, b, c, d)                                                                                   \
  { 2 * a, 2 * a + 1, 2 * b, 2 * b + 1, 2 * c, 2 * c + 1, 2 * d, 2 * d + 1 }

/* For each mark, one bit a row: the marked rows first; and back again. */
static const unsigned char MARKED_FIRST[1 << LANES][2 * LANES] = {
    HALVES(0, 1, 2, 3), HALVES(0, 1, 2, 3), HALVES(1, 0, 2, 3), HALVES(0, 1, 2, 3),
    HALVES(2, 0, 1, 3), HALVES(0, 2, 1, 3), HALVES(1, 2, 0, 3), HALVES(0, 1, 2, 3),
    HALVES(3, 0, 1, 2), HALVES(0, 3, 1, 2), HALVES(1, 3, 0, 2), HALVES(0, 1, 3, 2),
    HALVES(2, 3, 0, 1), HALVES(0, 2, 3, 1), HALVES(1, 2, 3, 0), HALVES(0, 1, 2, 3)};
static const unsigned char BACK_AGAIN[1 << LANES][2 * LANES] = {
    HALVES(0, 1, 2, 3), HALVES(0, 1, 2, 3), HALVES(1, 0, 2, 3), HALVES(0, 1, 2, 3),
    HALVES(1, 2, 0, 3), HALVES(0, 2, 1, 3), HALVES(2, 0, 1, 3), HALVES(0, 1, 2, 3),
    HALVES(1, 2, 3, 0), HALVES(0, 2, 3, 1), HALVES(2, 0, 3, 1), HALVES(0, 1, 3, 2),
    HALVES(2, 3, 0, 1), HALVES(0, 3, 1, 2), HALVES(3, 0, 1, 2), HALVES(0, 1, 2, 3)};

INLINE unsigned mark_of(const uint64_t *marks, size_t i) {
  return (unsigned)(marks[i / MARKS] >> i % MARKS) & ((1 << LANES) - 1);
}

INLINE void permute(const double *from, const unsigned char *halves, double *to) {
  __m256i order = _mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)halves));
  __m256 v = _mm256_castpd_ps(_mm256_loadu_pd(from));
  _mm256_storeu_pd(to, _mm256_castps_pd(_mm256_permutevar8x32_ps(v, order)));
}

INLINE void pack_loop(const uint64_t *marks, bool marked, size_t rows, const size_t V, const double *from,
                      double *to) {
  const unsigned flip = marked ? 0 : (1 << LANES) - 1;
  for (size_t i = 0; i < rows; i += LANES) {
    unsigned mark = mark_of(marks, i) ^ flip;
#pragma GCC unroll 6
    for (size_t v = 0; v < V; v++)
      permute(from + v * BLOCK_ROWS + i, MARKED_FIRST[mark], to + v * BLOCK_ROWS);
    to += __builtin_popcount(mark);
  }
}

static void pack(const uint64_t *marks, bool marked, size_t rows, size_t vectors, const double *from,
                 double *to) {
  if (vectors == 6) /* the front's, mostly */
    pack_loop(marks, marked, rows, 6, from, to);
  else if (vectors == 2) /* the back's */
    pack_loop(marks, marked, rows, 2, from, to);
  else
    pack_loop(marks, marked, rows, vectors, from, to);
}

static void unpack(const uint64_t *marks, size_t rows, const double *from, double *to) {
  for (size_t i = 0; i < rows; i += LANES) {
    unsigned mark = mark_of(marks, i);
    permute(from, BACK_AGAIN[mark], to + i);
    from += __builtin_popcount(mark);
  }
}

#define KERNELS_AVX2
#include "kernel_loops.h"

const kernel_table kernels_avx2 = KERNEL_TABLE(dots);
const kernel_table kernels_avx512 = KERNEL_TABLE(dots_avx512);

#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
