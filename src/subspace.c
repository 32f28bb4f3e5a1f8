/* subspace.c - the model's minimizer over the variables free at the Cauchy point (Byrd et al. 1995,
 * section 5), in the arrangement of order k that needs no pass over the pairs. */
#include "dense.h"
#include "state.h"

/* K = [[-(D + Y'Y|F / theta), (L - S'Y|F)'], [L - S'Y|F, theta S'S|A]]. The lower left block is
 * L_A - D_F - R_F (lower, diagonal, upper part): formed so, nothing cancels. */
static quasidefinite assemble_K(lbfgsb_solver *s) {
  quasidefinite K = {.k = s->count, .ld = s->ld, .rows = put(s, s->at.K)};
  double *sy_free = put(s, s->at.sy_free), *sy_active = put(s, s->at.sy_active);
  for (size_t i = 0; i < s->count; i++) {
    const double *yy_free = pairs_gram_row(s, s->at.yy_free, i);
    const double *ss_active = pairs_gram_row(s, s->at.ss_active, i);
    for (size_t j = 0; j < s->count; j++) {
      size_t slot = pairs_slot(s, j), ji = slot * s->ld + pairs_slot(s, i);
      row_P(K, i)[j] = yy_free[slot] * (1 / s->theta);
      row_E(K, i)[j] = j > i ? sy_active[ji] : -sy_free[ji];
      row_Q(K, i)[j] = s->theta * ss_active[slot];
    }
    row_P(K, i)[i] += get(s, s->at.curvature)[pairs_slot(s, i)];
  }
  return K;
}

/* out -= W_F'W_F v, both (2k), W = [Y, theta S]. */
static void subtract_gram(const lbfgsb_solver *s, const double *v, double *out) {
  size_t k = s->count;
  for (size_t i = 0; i < k; i++) {
    const double *yy = pairs_gram_row(s, s->at.yy_free, i), *sy = pairs_gram_row(s, s->at.sy_free, i);
    const double *ss = pairs_gram_row(s, s->at.ss_free, i);
    for (size_t j = 0; j < k; j++) {
      size_t slot = pairs_slot(s, j);
      double vy = v[j], vs = s->theta * v[k + j];
      out[i] -= yy[slot] * vy;
      out[j] -= sy[slot] * s->theta * v[k + i];
      out[k + i] -= s->theta * (sy[slot] * vy + ss[slot] * vs);
    }
  }
}

/* True if no active variable has moved while the pairs were made: S_A = 0, so that K is triangular. */
static bool active_at_rest(const lbfgsb_solver *s) {
  for (size_t j = 0; j < s->count; j++)
    if (get(s, s->at.ss_active)[j * s->ld + j] != 0) return false;
  return true;
}

/* v = K^-1 v (2k). False if K is not quasi-definite. */
static bool solve_K(lbfgsb_solver *s, double *v) {
  quasidefinite K = assemble_K(s);
  if (active_at_rest(s)) return quasidefinite_solve_triangular(K, v);
  if (!quasidefinite_factor(K)) return false;
  quasidefinite_solve(K, v);
  return true;
}

/* The minimizer is the same from any point where the active variables stand on their bounds: taken from
 * the one with z_F = 0 and c = W_A'z_A, it is q = Mc - v / theta,  K v = -p - W_F'W_F Mc. */
bool subspace_minimizer(lbfgsb_solver *s) {
  size_t k2 = 2 * s->count;
  double *q = put(s, s->at.q), *Mc = put(s, s->at.Mc);
  const double *p = get(s, s->at.p);
  for (size_t j = 0; j < k2; j++) q[j] = -p[j];
  if (s->crossed > 0) {
    compact_apply(s, get(s, s->at.c), Mc);
    subtract_gram(s, Mc, q);
  }
  if (!solve_K(s, q)) return false;
  for (size_t j = 0; j < k2; j++) q[j] = (s->crossed > 0 ? Mc[j] : 0) - q[j] * (1 / s->theta);
  return true;
}

bool subspace_exists(const lbfgsb_solver *s) {
  return s->count > 0 && s->free_count > 0 && isfinite(s->descent_sq);
}

/* The Cauchy point in row i. */
static double cauchy_row(const lbfgsb_solver *s, size_t i) {
  double x = get(s, s->at.x)[i], g = get(s, s->at.gradient)[i];
  double l = get(s, s->at.lower)[i], u = get(s, s->at.upper)[i];
  return get_free(s)[i] ? clamp(x - s->path_time * g, l, u) : bound_ahead(x, g, l, u);
}

static void cauchy_block(lbfgsb_solver *s, size_t first, const void *unused) {
  (void)unused;
  double *trial = put(s, s->at.trial);
  for (size_t i = first; i < first + block_rows(s, first); i++) trial[i] = cauchy_row(s, i);
}

void subspace_cauchy(lbfgsb_solver *s) { box_direction(s, cauchy_block, NULL); }

/* The longest step <= 1 from the Cauchy point towards trial inside the box. */
static double longest_step(const lbfgsb_solver *s) {
  const double *l = get(s, s->at.lower), *u = get(s, s->at.upper), *trial = get(s, s->at.trial);
  double longest = 1;
  for (size_t i = 0; i < s->n; i++) {
    double from = cauchy_row(s, i), d = trial[i] - from;
    if (trial[i] < l[i]) longest = fmin(longest, (l[i] - from) / d);
    if (trial[i] > u[i]) longest = fmin(longest, (u[i] - from) / d);
  }
  return longest;
}

/* trial = the Cauchy point + step (trial - the Cauchy point). */
static void shorten_block(lbfgsb_solver *s, size_t first, const void *at) {
  double *trial = put(s, s->at.trial), step = *(const double *)at;
  for (size_t i = first; i < first + block_rows(s, first); i++) {
    double from = cauchy_row(s, i);
    trial[i] = from + step * (trial[i] - from);
  }
}

bool subspace_truncate(lbfgsb_solver *s) {
  if (!cauchy_time(s)) return false;
  pairs_direction(s, false);
  double step = longest_step(s);
  box_direction(s, shorten_block, &step);
  return true;
}
