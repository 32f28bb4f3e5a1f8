/* kernels.h - private: the loops over rows, a block of rows a call. Every `rows` is a multiple of LANES. They
 * are the functions of a table, one for each set of instructions, all of which give the same bits.
 * METHOD.md (2), (6) to (8), (21), (23), (24), (26). */
#ifndef LBFGSB_KERNELS_H
#define LBFGSB_KERNELS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arithmetic.h"

/* There are variants for sets of instructions among which to choose at run time; but not where GCC does not
 * align what it spills from wide registers. */
#if defined(__x86_64__) && !defined(_WIN32)
#define KERNELS_X86
#endif

/* Rows that one vector operation handles, and rows of a block of pairs. A sum over rows is LANES sums
 * over every LANES-th row, added at the end: one order on every machine. */
enum { LANES = 4, BLOCK_ROWS = 128 };

/* A variable's size is |x|, or so much where that is less; one that has moved by more than so much of it was
 * not at its minimum. */
#define SIZE_FLOOR 1e-3
#define FAR_MOVE 1e-2

/* Doubles; what vectors read begins on one where it can. */
enum { CACHE_LINE = 8 };

/* Vectors in one call of dots(), at most. */
enum { DOT_VECTORS = 4 };

static inline size_t pad_rows(size_t rows) { return (rows + LANES - 1) / LANES * LANES; }

#define INLINE static inline __attribute__((always_inline))

/* Asks for p[i], once in a cache line, and only as far as the second cache: there are more requests on their
 * way at once than the first has room for. Loops that fetch the next block while they work on this one are
 * compiled a second time without: `fetching` is a constant. */
INLINE void fetch(const double *p, size_t i, const bool fetching) {
  if (fetching && i % CACHE_LINE == 0) __builtin_prefetch(p + i, 0, 2);
}

/* Takes dot products by a loop(block, x, V, sums, fetching) with V, the number of vectors, a constant too. */
#define DOTS_FETCHING(loop, V)                                                                               \
  (block->ahead > 0 ? loop(block, x, V, sums, true) : loop(block, x, V, sums, false))
#define DOTS(loop)                                                                                           \
  if (vectors == 1)                                                                                          \
    DOTS_FETCHING(loop, 1);                                                                                  \
  else if (vectors == 3)                                                                                     \
    DOTS_FETCHING(loop, 3);                                                                                  \
  else                                                                                                       \
    DOTS_FETCHING(loop, 4)

/* lanes_sum, _min, _max, _any = the one of the lanes v. */
static inline double lanes_sum(const double *v) { return (v[0] + v[1]) + (v[2] + v[3]); }
static inline double lanes_min(const double *v) { return lesser(lesser(v[0], v[1]), lesser(v[2], v[3])); }
static inline double lanes_max(const double *v) { return greater(greater(v[0], v[1]), greater(v[2], v[3])); }
static inline bool lanes_any(const long long *v) { return v[0] || v[1] || v[2] || v[3]; }

/* An iterate and its box in a block of rows; `ahead` doubles further stand those of the next block, to be
 * fetched meanwhile, unless it is 0; where `streams`, what is written would leave the
 * caches before it is read again. */
typedef struct {
  size_t rows, ahead;
  bool streams;
  const double *x, *g, *lower, *upper;
  const double *scale; /* NULL: all are 1 */
} box_rows;

/* The pairs' columns in some rows of a block: y_0 s_0 y_1 s_1 ..., one after another; `ahead` doubles
 * further those of the next block (0 if there is none), to be fetched meanwhile. */
typedef struct {
  size_t rows, pairs, ahead;
  const double *columns;
} pair_block;

/* The newest pair in a block of rows; `ahead` as above. */
typedef struct {
  size_t rows, ahead;
  const double *x, *x_old, *g, *g_old;
  const unsigned char *free;
  double *y, *s;
  double *y_free, *s_free, *s_active;
  long long moved[LANES]; /* not 0: s_active is not 0 in some row, */
  long long far[LANES];   /* or |s| > FAR_MOVE max(|x_old|, SIZE_FLOOR) */
} pair_rows;

/* What the kernels add up over all rows, in lanes. */
typedef struct {
  double descent_sq[LANES];                              /* d'd */
  double pgnorm[LANES];                                  /* ||P(x - g) - x||_inf */
  double steepest[LANES];                                /* ||d||_inf */
  double callers_pgnorm[LANES], callers_steepest[LANES]; /* the same by x = z scale, where there are scales */
  double first[LANES];                                   /* the smallest positive breakpoint, and */
  long long free[LANES];                                 /* how many there are: of the present block */
} breakpoint_sums;

typedef struct {
  double slope[LANES];        /* g'd */
  double max_step[LANES];     /* the largest feasible step along d */
  double move[LANES];         /* max_i |d_i| / max(|x_i|, 1) */
  double norm[LANES];         /* ||d||_inf */
  long long projected[LANES]; /* not 0: P moved some row */
} direction_sums;

/* A bit a row, MARKS of them in a word, the first row's the lowest. */
enum { MARKS = 64 };
static inline bool is_marked(const uint64_t *marks, size_t i) { return marks[i / MARKS] >> i % MARKS & 1; }

/* Rows first ... last - 1 of an upper triangle, and what stands to its right: row i has columns i ...
 * width - 1; rows are `stride` doubles apart; width and stride are multiples of LANES. */
typedef struct {
  size_t first, last, width, stride;
  double *rows;
} upper_rows;

typedef struct {
  /* Pass 1: free = t > 0 with the breakpoints t below;  d = -g where free, else 0;  sums. */
  void (*breakpoints)(const box_rows *at, double *d, unsigned char *free, breakpoint_sums *sums);

  /* Breakpoints t = (x - u)/g for g < 0, (x - l)/g for g > 0, and for g = 0 Inf inside the box, 0 on a bound;
   * short of a bound at least DBL_MIN. */
  void (*times)(const box_rows *at, double *t);

  /* Pass 1: y = g - g_old and s = x - x_old, whole and masked by free; moved and far;  yy (LANES) += y'y. */
  void (*pair)(pair_rows *rows, double *yy);

  /* Of the rows of some vectors, BLOCK_ROWS doubles apart, those that are marked, or those that are not, one
   * after another; what is behind them up to `rows` is lost. */
  void (*pack)(const uint64_t *marks, bool marked, size_t rows, size_t vectors, const double *from,
               double *to);

  /* Back into the marked rows; the others of `to` are lost. Behind the marked rows `from` has up to LANES
   * doubles more, if there are other rows. */
  void (*unpack)(const uint64_t *marks, size_t rows, const double *from, double *to);

  /* Pass 1: sums (pairs x DOT_VECTORS x 2 x LANES) += dot products of 1, 3 or 4 vectors x, which stand
   * BLOCK_ROWS doubles apart, with y and with s of each pair. */
  void (*dots)(const pair_block *block, const double *x, int vectors, double *sums);

  /* Row i -= factor u_i u (width) for each row i; up to LANES - 1 columns before i are written too. */
  void (*eliminate)(const upper_rows *a, double factor, const double *u);

  /* A (k x k, rows ld apart, ld a multiple of LANES) += sign u v'; columns k ... ld - 1 are written too. */
  void (*outer)(double *a, size_t ld, size_t k, double sign, const double *u, const double *v);

  /* Pass 2: out = sum over columns of q_j column_j, in the order of the columns. */
  void (*combine)(const pair_block *block, const double *q, double *out);

  /* target = x + (Wq - g) / theta where free, else the bound ahead. */
  void (*minimizer)(const box_rows *at, const unsigned char *free, const double *Wq, double theta,
                    double *target);

  /* target = P(target), and finite;  d = target - x. */
  void (*direction)(const box_rows *at, double *target, double *d, direction_sums *sums);

  /* Pass 2: target as of minimizer(), and then as of direction(), with its d, in one loop. */
  void (*step)(const box_rows *at, const unsigned char *free, const double *Wq, double theta, double *target,
               double *d, direction_sums *sums);

  /* dot = a'b, a and b (n) of any length. */
  double (*dot)(const double *a, const double *b, size_t n);
} kernel_table;

extern const kernel_table kernels_plain, kernels_avx2, kernels_avx512;

/* kernels_avx512.c has but one function of its table. */
extern __typeof__(*((kernel_table *)0)->dots) dots_avx512;

/* kernels = the table for this machine. */
static inline const kernel_table *kernels(void) {
#ifdef KERNELS_X86
  if (__builtin_cpu_supports("avx512f")) return &kernels_avx512;
  if (__builtin_cpu_supports("avx2")) return &kernels_avx2;
#endif
  return &kernels_plain;
}

#endif
