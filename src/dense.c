/* dense.c - symmetric quasi-definite matrices: elimination by rows, so that no loop waits for a sum.
 * Golub, Van Loan (2013), 4.1. METHOD.md (6), (19). */
#include "dense.h"

#include "kernels.h"

/* Eliminates P and with it E': row i -= (P_ji / P_jj) row j for i > j. */
static bool eliminate_P(quasidefinite a) {
  const kernel_table *kernel = kernels();
  for (size_t j = 0; j < a.k; j++) {
    double *row = row_P(a, j);
    if (!is_pivot(row[j])) return false;
    row[j] = 1 / row[j];
    upper_rows below = {j + 1, a.k, 2 * a.ld, 3 * a.ld, a.rows};
    if (!a.sparse) kernel->eliminate(&below, row[j], row);
  }
  return true;
}

/* first_of_E = the first column of (E')_j that is not 0. */
static size_t first_of_E(quasidefinite a, size_t j) { return a.sparse ? j + 1 : 0; }

/* Adds Q_i += (E_ij / P_jj) (E')_j: what the elimination of P leaves to add. */
static void add_to_Q(quasidefinite a) {
  const kernel_table *kernel = kernels();
  for (size_t j = 0; j < a.k; j++) {
    upper_rows Q = {first_of_E(a, j), a.k, a.ld, 3 * a.ld, row_Q(a, 0)};
    kernel->eliminate(&Q, -row_P(a, j)[j], row_E(a, j));
  }
}

static bool eliminate_Q(quasidefinite a) {
  const kernel_table *kernel = kernels();
  for (size_t j = 0; j < a.k; j++) {
    double *row = row_Q(a, j);
    if (!is_pivot(row[j])) return false;
    row[j] = 1 / row[j];
    upper_rows below = {j + 1, a.k, a.ld, 3 * a.ld, row_Q(a, 0)};
    kernel->eliminate(&below, row[j], row);
  }
  return true;
}

bool quasidefinite_factor(quasidefinite a) {
  if (!eliminate_P(a)) return false;
  add_to_Q(a);
  return eliminate_Q(a);
}

/* Solves for b = (u, v) forwards, by the same elimination. */
static void solve_forward(quasidefinite a, double *u, double *v) {
  for (size_t j = 0; j < a.k; j++) {
    const double *P = row_P(a, j);
    double factor = u[j] * P[j];
    if (!a.sparse) add_small(u + j + 1, -factor, P + j + 1, a.k - j - 1);
    size_t first = first_of_E(a, j);
    add_small(v + first, factor, row_E(a, j) + first, a.k - first);
  }
  for (size_t j = 0; j < a.k; j++) {
    const double *Q = row_Q(a, j);
    add_small(v + j + 1, -v[j] * Q[j], Q + j + 1, a.k - j - 1);
  }
}

/* Solves backwards: v_j = (v_j - Q_j v) / Q_jj,  u_j = ((E')_j v - u_j - P_j u) / P_jj, from the last row
 * on. */
static void solve_backward(quasidefinite a, double *u, double *v) {
  for (size_t j = a.k; j-- > 0;) {
    const double *Q = row_Q(a, j);
    v[j] = (v[j] - dot_small(Q + j + 1, v + j + 1, a.k - j - 1)) * Q[j];
  }
  for (size_t j = a.k; j-- > 0;) {
    const double *P = row_P(a, j);
    size_t first = first_of_E(a, j);
    u[j] = dot_small(row_E(a, j) + first, v + first, a.k - first) - u[j];
    if (!a.sparse) u[j] -= dot_small(P + j + 1, u + j + 1, a.k - j - 1);
    u[j] *= P[j];
  }
}

void quasidefinite_solve(quasidefinite a, double *b) {
  solve_forward(a, b, b + a.k);
  solve_backward(a, b, b + a.k);
}

double quasidefinite_form(quasidefinite a, double *b) {
  double *u = b, *v = b + a.k, form = 0;
  solve_forward(a, u, v);
  for (size_t j = 0; j < a.k; j++) form += v[j] * v[j] * row_Q(a, j)[j] - u[j] * u[j] * row_P(a, j)[j];
  return form;
}
