/* subspace.c - the model's minimizer over the variables free at the Cauchy point (Byrd et al. 1995,
 * section 5), in the arrangement of order k that needs no pass over the pairs. METHOD.md (15) to (19). */
#include "subspace.h"

#include "cauchy.h"
#include "compact.h"
#include "dense.h"
#include "gram.h"
#include "iterate.h"
#include "pairs.h"

/* Assembles K = [[-(D + Y'Y|F / theta), (L - S'Y|F)'], [L - S'Y|F, theta S'S|A]]. The lower left block is
 * L_A - D_F - R_F (lower, diagonal, upper part): formed so, nothing cancels (18). */
static quasidefinite assemble_K(lbfgsb_solver *s) {
  quasidefinite K = {.k = s->pairs.count, .ld = s->layout.ld, .rows = put(s, s->subspace.K)};
  const double *sy_free = get(s, s->gram.sy_free), *sy_active = get(s, s->gram.sy_active);
  double theta = s->pairs.theta, scale = 1 / theta; /* once: what is written might be theta, for C */
  for (size_t i = 0; i < s->pairs.count; i++) {
    const double *yy_free = gram_row(s, s->gram.yy_free, i);
    const double *ss_active = gram_row(s, s->gram.ss_active, i);
    for (size_t j = 0; j < s->pairs.count; j++) {
      size_t slot = pairs_slot(s, j), ji = slot * s->layout.ld + pairs_slot(s, i);
      row_P(K, i)[j] = yy_free[slot] * scale;
      row_E(K, i)[j] = j > i ? sy_active[ji] : -sy_free[ji];
      row_Q(K, i)[j] = theta * ss_active[slot];
    }
    row_P(K, i)[i] += get(s, s->pairs.curvature)[pairs_slot(s, i)];
  }
  return K;
}

/* Subtracts out -= W_F'W_F v, both (2k), W = [Y, theta S] (15). */
static void subtract_gram(const lbfgsb_solver *s, const double *v, double *out) {
  size_t k = s->pairs.count;
  double theta = s->pairs.theta;
  for (size_t i = 0; i < k; i++) {
    const double *yy = gram_row(s, s->gram.yy_free, i), *sy = gram_row(s, s->gram.sy_free, i);
    const double *ss = gram_row(s, s->gram.ss_free, i);
    for (size_t j = 0; j < k; j++) {
      size_t slot = pairs_slot(s, j);
      double vy = v[j], vs = theta * v[k + j];
      out[i] -= yy[slot] * vy;
      out[j] -= sy[slot] * theta * v[k + i];
      out[k + i] -= theta * (sy[slot] * vy + ss[slot] * vs);
    }
  }
}

/* True if no active variable has moved while the pairs were made: S_A = 0, so that K is triangular (19). */
static bool active_at_rest(const lbfgsb_solver *s) {
  for (size_t j = 0; j < s->pairs.count; j++)
    if (get(s, s->gram.ss_active)[j * s->layout.ld + j] != 0) return false;
  return true;
}

/* turning_age = that of the pair in slot 0, if pairs stand behind the last slot and there again; else k. */
static size_t turning_age(const lbfgsb_solver *s) {
  size_t last = s->layout.capacity - s->pairs.oldest;
  return s->pairs.count < last ? s->pairs.count : last;
}

/* Adds out (k, by age) += factor (scale row), that by slot, from an age on. */
static void add_row(const lbfgsb_solver *s, double *out, double factor, double scale, const double *row,
                    size_t from) {
  size_t k = s->pairs.count, oldest = s->pairs.oldest, turn = turning_age(s);
  if (from < turn) add_scaled(out + from, factor, scale, row + oldest + from, turn - from);
  size_t first = from < turn ? turn : from;
  add_scaled(out + first, factor, scale, row + first - turn, k - first);
}

/* Adds out (by age) += factor column, that by slot, up to an age, the last ones, for which others wait,
 * first. */
static void add_column(const lbfgsb_solver *s, double *out, double factor, const double *column, size_t to) {
  size_t turn = turning_age(s), oldest = s->pairs.oldest, ld = s->layout.ld;
  for (; to > turn; to--) out[to - 1] += factor * column[(to - 1 - turn) * ld];
  for (; to > 0; to--) out[to - 1] += factor * column[(oldest + to - 1) * ld];
}

/* r_jj, of R = (S'Y)_F. */
static double diagonal_R(const lbfgsb_solver *s, size_t j) {
  return gram_row(s, s->gram.sy_free, j)[pairs_slot(s, j)];
}

/* Solves -R s = v (k), v = s, from the newest pair on. False if R is singular. */
static bool solve_R(const lbfgsb_solver *s, double *v) {
  for (size_t j = s->pairs.count; j-- > 0;) {
    double r_jj = diagonal_R(s, j);
    if (!is_pivot(fabs(r_jj))) return false;
    v[j] *= -1 / r_jj;
    add_column(s, v, v[j], get(s, s->gram.sy_free) + pairs_slot(s, j), j);
  }
  return true;
}

/* Adds u (k) += P s, with P = D + Y_F'Y_F / theta. sums: scratch (k). */
static void add_P(const lbfgsb_solver *s, double *u, const double *step, double *sums) {
  size_t k = s->pairs.count;
  double scale = 1 / s->pairs.theta;
  for (size_t j = 0; j < k; j++) sums[j] = 0;
  for (size_t i = 0; i < k; i++) {
    const double *yy = gram_row(s, s->gram.yy_free, i);
    size_t slot = pairs_slot(s, i);
    double before = sums[i], p_ii = yy[slot] * scale + get(s, s->pairs.curvature)[slot];
    add_row(s, sums, step[i], scale, yy, 0);
    sums[i] = before + p_ii * step[i];
  }
  for (size_t j = 0; j < k; j++) u[j] += sums[j];
}

/* Solves -R'h = u (k), u = h. sums: scratch (k). */
static void solve_R_transposed(const lbfgsb_solver *s, double *u, double *sums) {
  size_t k = s->pairs.count;
  for (size_t j = 0; j < k; j++) sums[j] = 0;
  for (size_t j = 0; j < k; j++) {
    u[j] = (u[j] - sums[j]) * (-1 / diagonal_R(s, j));
    add_row(s, sums, -u[j], 1, gram_row(s, s->gram.sy_free, j), j + 1);
  }
}

/* Solves b (2k) = K^-1 b where Q = 0 and E = -R, from the Gram matrices as they are (19). False if K is
 * singular. */
static bool solve_K_at_rest(lbfgsb_solver *s, double *b) {
  size_t k = s->pairs.count;
  double *u = b, *v = b + k, *sums = put(s, s->subspace.K);
  if (!solve_R(s, v)) return false;
  add_P(s, u, v, sums);
  solve_R_transposed(s, u, sums);
  for (size_t j = 0; j < k; j++) {
    double h = u[j];
    u[j] = v[j];
    v[j] = h;
  }
  return true;
}

/* Solves v = K^-1 v (2k). False if K is not quasi-definite. */
static bool solve_K(lbfgsb_solver *s, double *v) {
  if (active_at_rest(s)) return solve_K_at_rest(s, v);
  quasidefinite K = assemble_K(s);
  if (!quasidefinite_factor(K)) return false;
  quasidefinite_solve(K, v);
  return true;
}

/* Takes the minimizer from a point where the active variables stand on their bounds, from all of which it is
 * the same: from the one with z_F = 0 and c = W_A'z_A, it is q = Mc - v / theta,  K v = -p - W_F'W_F Mc.
 * (17). */
bool subspace_minimizer(lbfgsb_solver *s) {
  size_t k2 = 2 * s->pairs.count;
  double *q = put(s, s->subspace.q), *Mc = put(s, s->subspace.Mc);
  const double *p = get(s, s->cauchy.p);
  double scale = 1 / s->pairs.theta;
  for (size_t j = 0; j < k2; j++) q[j] = -p[j];
  if (s->cauchy.crossed > 0) {
    compact_apply(s, get(s, s->cauchy.c), Mc);
    subtract_gram(s, Mc, q);
  }
  if (!solve_K(s, q)) return false;
  for (size_t j = 0; j < k2; j++) q[j] = (s->cauchy.crossed > 0 ? Mc[j] : 0) - q[j] * scale;
  return true;
}

bool subspace_exists(const lbfgsb_solver *s) {
  return s->pairs.count > 0 && s->gram.free_count > 0 && isfinite(s->iterate.descent_sq);
}
