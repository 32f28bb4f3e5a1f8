/* dense.h - private: symmetric quasi-definite matrices of order 2k, and small vectors. */
#ifndef LBFGSB_DENSE_H
#define LBFGSB_DENSE_H

#include <math.h>
#include <stdbool.h>
#include <stddef.h>

#include "arithmetic.h"

/* dot_small = a'b (k). */
static inline double dot_small(const double *a, const double *b, size_t k) {
  double sum = 0;
  for (size_t i = 0; i < k; i++) sum += a[i] * b[i];
  return sum;
}

/* Two doubles, which any processor that has vectors takes at once. */
typedef double two_doubles
    __attribute__((vector_size(2 * sizeof(double)), aligned(sizeof(double)), may_alias));

/* Adds b (k) += factor (scale a). */
static inline void add_scaled(double *b, double factor, double scale, const double *a, size_t k) {
  size_t i = 0;
  for (; i + 2 <= k; i += 2) *(two_doubles *)(b + i) += factor * (scale * *(const two_doubles *)(a + i));
  if (i < k) b[i] += factor * (scale * a[i]);
}

/* Adds b (k) += factor a. */
static inline void add_small(double *b, double factor, const double *a, size_t k) {
  add_scaled(b, factor, 1, a, k);
}

static inline bool is_pivot(double v) { return v > 0 && v < INFINITY; }

static inline bool all_finite(const double *x, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!isfinite(x[i])) return false;
  return true;
}

static inline bool all_zero(const double *x, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (x[i] != 0) return false;
  return true;
}

/* A = [[-P, E'], [E, Q]] of order 2k, P and Q + E P^-1 E' positive definite, which is all that a
 * factorization without pivoting needs (Vanderbei 1995, SIAM J. Optim. 5(1)). Row i is P_i, (E')_i and
 * Q_i, each in ld doubles; of P and Q the upper triangles count. Factored, it is the rows that Gaussian
 * elimination leaves, with the reciprocals of the pivots on the diagonals. */
typedef struct {
  size_t k, ld;
  bool sparse;  /* P is diagonal, E' strictly upper triangular: what else stands there does not matter */
  double *rows; /* k x 3 ld */
} quasidefinite;

static inline double *row_P(quasidefinite a, size_t i) { return a.rows + 3 * a.ld * i; }
static inline double *row_E(quasidefinite a, size_t i) { return row_P(a, i) + a.ld; }
static inline double *row_Q(quasidefinite a, size_t i) { return row_P(a, i) + 2 * a.ld; }

/* Factors in place. False if it is not quasi-definite. */
bool quasidefinite_factor(quasidefinite a);

/* Solves b (2k) = A^-1 b from the factors. */
void quasidefinite_solve(quasidefinite a, double *b);

/* quasidefinite_form = b'A^-1 b from the factors; overwrites b (2k) (6). */
double quasidefinite_form(quasidefinite a, double *b);

#endif
