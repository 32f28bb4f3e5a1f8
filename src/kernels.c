/* kernels.c - which variant of the kernels runs: on x86-64 the machine decides, elsewhere there is one. */
#include "kernels.h"

#ifdef KERNELS_X86
#define CHOOSE(name, arguments)               \
  if (__builtin_cpu_supports("avx2"))         \
    kernel_##name##_avx2 arguments;           \
  else                                        \
    kernel_##name##_plain arguments
#else
#define CHOOSE(name, arguments) kernel_##name##_plain arguments
#endif

/* Defines kernel_<name>. */
#define DISPATCH(name, parameters, arguments)                               \
  extern __typeof__(kernel_##name) kernel_##name##_plain, kernel_##name##_avx2; \
  void kernel_##name parameters { CHOOSE(name, arguments); }

DISPATCH(breakpoints, (const box_rows *at, double *d, unsigned char *free, breakpoint_sums *sums),
         (at, d, free, sums))
DISPATCH(times, (const box_rows *at, double *t), (at, t))
DISPATCH(pair, (pair_rows *pair, double *yy), (pair, yy))
DISPATCH(pack,
         (const uint64_t *marks, bool marked, size_t rows, size_t vectors, const double *from, double *to),
         (marks, marked, rows, vectors, from, to))
DISPATCH(unpack, (const uint64_t *marks, size_t rows, const double *from, double *to),
         (marks, rows, from, to))
DISPATCH(eliminate, (const upper_rows *a, double factor, const double *u), (a, factor, u))
DISPATCH(outer, (double *a, size_t ld, size_t k, double sign, const double *u, const double *v),
         (a, ld, k, sign, u, v))
DISPATCH(combine, (const pair_block *block, const double *q, double *out), (block, q, out))
DISPATCH(minimizer,
         (const box_rows *at, const unsigned char *free, const double *Wq, double theta, double *target),
         (at, free, Wq, theta, target))
DISPATCH(direction, (const box_rows *at, double *target, double *d, direction_sums *sums),
         (at, target, d, sums))
DISPATCH(step,
         (const box_rows *at, const unsigned char *free, const double *Wq, double theta, double *target,
          double *d, direction_sums *sums),
         (at, free, Wq, theta, target, d, sums))
DISPATCH(dot, (const double *a, const double *b, size_t n, double *result), (a, b, n, result))

extern __typeof__(kernel_dots) kernel_dots_plain, kernel_dots_avx2, kernel_dots_avx512;
void kernel_dots(const pair_block *block, const double *x, int vectors, double *sums) {
#ifdef KERNELS_X86
  if (__builtin_cpu_supports("avx512f")) {
    kernel_dots_avx512(block, x, vectors, sums);
    return;
  }
#endif
  CHOOSE(dots, (block, x, vectors, sums));
}
