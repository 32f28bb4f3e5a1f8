/* dense.h - private: dense matrices of order k, rows contiguous with leading dimension ld. */
#ifndef LBFGSB_DENSE_H
#define LBFGSB_DENSE_H

#include <stdbool.h>
#include <stddef.h>

/* A (k x k, lower triangle) = L L', in place. False if A is not positive definite. */
bool cholesky(double *a, size_t k, size_t ld);

/* b (k) = L^-1 b, and b = L^-T b. */
void solve_lower(const double *l, size_t k, size_t ld, double *b);
void solve_lower_transposed(const double *l, size_t k, size_t ld, double *b);

/* a'b (k). */
double dot_small(const double *a, const double *b, size_t k);

/* The quasi-definite matrix [[-P, E'], [E, Q]] of order 2k, P and Q + E P^-1 E' positive definite.
 * Each of P, E, Q is k x k with leading dimension ld; P and Q are given in their lower triangles. */
typedef struct {
  size_t k, ld;
  double *P; /* becomes its Cholesky factor */
  double *E; /* becomes E P^-T/2 */
  double *Q; /* becomes the Cholesky factor of Q + E P^-1 E' */
} quasidefinite;

/* The three matrices one after another in storage (3 k x ld). */
quasidefinite quasidefinite_in(double *storage, size_t k, size_t ld);

/* Factors in place. False if it is not quasi-definite. */
bool quasidefinite_factor(quasidefinite a);

/* b (2k) = A^-1 b from the factors. */
void quasidefinite_solve(quasidefinite a, double *b);

#endif
