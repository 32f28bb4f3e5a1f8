/* subspace.c - the model's minimizer over the variables free at the Cauchy point (Byrd et al. 1995,
 * section 5), in the arrangement of order k that needs no pass over the pairs. */
#include "dense.h"
#include "state.h"

/* K = [[-(D + Y'Y|F / theta), (L - S'Y|F)'], [L - S'Y|F, theta S'S|A]]. The lower left block is
 * L_A - D_F - R_F (lower, diagonal, upper part): formed so, nothing cancels. */
static quasidefinite assemble_K(lbfgsb *s) {
  size_t k = s->count, ld = s->ld;
  quasidefinite K = quasidefinite_in(put(s, s->at.K), k, ld);
  for (size_t i = 0; i < k; i++)
    for (size_t j = 0; j < k; j++) {
      size_t ij = i * ld + j;
      double D = i == j ? get(s, s->at.curvature)[i] : 0;
      K.P[ij] = D + get(s, s->at.yy_free)[ij] / s->theta;
      K.E[ij] = pairs_newer(s, i, j) ? get(s, s->at.sy_active)[ij] : -get(s, s->at.sy_free)[ij];
      K.Q[ij] = s->theta * get(s, s->at.ss_active)[ij];
    }
  return K;
}

/* out -= W_F'W_F v, both (2k), W = [Y, theta S]. */
static void subtract_gram(const lbfgsb *s, const double *v, double *out) {
  size_t k = s->count, ld = s->ld;
  const double *yy = get(s, s->at.yy_free), *sy = get(s, s->at.sy_free), *ss = get(s, s->at.ss_free);
  for (size_t i = 0; i < k; i++)
    for (size_t j = 0; j < k; j++) {
      double vy = v[j], vs = s->theta * v[k + j];
      out[i] -= yy[i * ld + j] * vy + sy[j * ld + i] * vs;
      out[k + i] -= s->theta * (sy[i * ld + j] * vy + ss[i * ld + j] * vs);
    }
}

/* q = Mc - v / theta,  K v = -(1 - theta t*) p - W_F'W_F M c. */
bool subspace_minimizer(lbfgsb *s) {
  size_t k2 = 2 * s->count;
  double *q = put(s, s->at.q), *Mc = put(s, s->at.Mc);
  const double *p = get(s, s->at.p);
  quasidefinite K = assemble_K(s);
  if (!quasidefinite_factor(K)) return false;

  compact_apply(s, get(s, s->at.c), Mc);
  for (size_t j = 0; j < k2; j++) q[j] = -(1 - s->theta * s->path_time) * p[j];
  subtract_gram(s, Mc, q);
  quasidefinite_solve(K, q);
  for (size_t j = 0; j < k2; j++) q[j] = Mc[j] - q[j] * (1 / s->theta);
  return true;
}

/* The Cauchy point in row i. */
static double cauchy_row(const lbfgsb *s, size_t i) {
  double x = get(s, s->at.x)[i], g = get(s, s->at.gradient)[i];
  double l = get(s, s->at.lower)[i], u = get(s, s->at.upper)[i];
  return get_free(s)[i] ? clamp(x - s->path_time * g, l, u) : bound_ahead(x, g, l, u);
}

static void direction_to_trial(lbfgsb *s) {
  direction_sums sums = box_direction_begin();
  box_direction_rows(s, 0, pad_rows(s->n), &sums);
  box_direction_end(s, &sums);
}

void subspace_cauchy(lbfgsb *s) {
  double *trial = put(s, s->at.trial);
  for (size_t i = 0; i < s->n; i++) trial[i] = cauchy_row(s, i);
  direction_to_trial(s);
}

/* The longest step <= 1 from the Cauchy point towards trial inside the box. */
static double longest_step(const lbfgsb *s) {
  const double *l = get(s, s->at.lower), *u = get(s, s->at.upper), *trial = get(s, s->at.trial);
  double longest = 1;
  for (size_t i = 0; i < s->n; i++) {
    double from = cauchy_row(s, i), d = trial[i] - from;
    if (trial[i] < l[i]) longest = fmin(longest, (l[i] - from) / d);
    if (trial[i] > u[i]) longest = fmin(longest, (u[i] - from) / d);
  }
  return longest;
}

void subspace_truncate(lbfgsb *s) {
  double *trial = put(s, s->at.trial), step = longest_step(s);
  for (size_t i = 0; i < s->n; i++) {
    double from = cauchy_row(s, i);
    trial[i] = from + step * (trial[i] - from);
  }
  direction_to_trial(s);
}
