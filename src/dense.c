/* dense.c - small Cholesky, triangular and quasi-definite solves. Golub, Van Loan (2013), 4.1-4.2. */
#include "dense.h"

#include <math.h>

double dot_small(const double *a, const double *b, size_t k) {
  double sum = 0;
  for (size_t i = 0; i < k; i++) sum += a[i] * b[i];
  return sum;
}

bool cholesky(double *a, size_t k, size_t ld) {
  for (size_t i = 0; i < k; i++) {
    double *row = a + i * ld;
    for (size_t j = 0; j < i; j++)
      row[j] = (row[j] - dot_small(row, a + j * ld, j)) / a[j * ld + j];
    double pivot = row[i] - dot_small(row, row, i);
    if (!(pivot > 0 && pivot < INFINITY)) return false;
    row[i] = sqrt(pivot);
  }
  return true;
}

void solve_lower(const double *l, size_t k, size_t ld, double *b) {
  for (size_t i = 0; i < k; i++) b[i] = (b[i] - dot_small(l + i * ld, b, i)) / l[i * ld + i];
}

void solve_lower_transposed(const double *l, size_t k, size_t ld, double *b) {
  for (size_t i = k; i-- > 0;) {
    b[i] /= l[i * ld + i];
    for (size_t j = 0; j < i; j++) b[j] -= l[i * ld + j] * b[i];
  }
}

quasidefinite quasidefinite_in(double *storage, size_t k, size_t ld) {
  return (quasidefinite){k, ld, storage, storage + k * ld, storage + 2 * k * ld};
}

/* P = L L';  E = E L^-T, a row at a time;  Q = Q + E E' = J J'. */
bool quasidefinite_factor(quasidefinite a) {
  if (!cholesky(a.P, a.k, a.ld)) return false;
  for (size_t i = 0; i < a.k; i++) {
    solve_lower(a.P, a.k, a.ld, a.E + i * a.ld);
    for (size_t j = 0; j <= i; j++)
      a.Q[i * a.ld + j] += dot_small(a.E + i * a.ld, a.E + j * a.ld, a.k);
  }
  return cholesky(a.Q, a.k, a.ld);
}

/* With b = (u, v):  u = L^-1 u;  v = (J J')^-1 (v + E u);  u = L^-T (E'v - u). */
void quasidefinite_solve(quasidefinite a, double *b) {
  double *u = b, *v = b + a.k;
  solve_lower(a.P, a.k, a.ld, u);
  for (size_t i = 0; i < a.k; i++) v[i] += dot_small(a.E + i * a.ld, u, a.k);
  solve_lower(a.Q, a.k, a.ld, v);
  solve_lower_transposed(a.Q, a.k, a.ld, v);
  for (size_t j = 0; j < a.k; j++) u[j] = -u[j];
  for (size_t i = 0; i < a.k; i++)
    for (size_t j = 0; j < a.k; j++) u[j] += a.E[i * a.ld + j] * v[i];
  solve_lower_transposed(a.P, a.k, a.ld, u);
}
