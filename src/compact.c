/* compact.c - the compact representation B = theta I - W M W' (Byrd, Nocedal, Schnabel 1994), by slot. */
#include "dense.h"
#include "state.h"

/* S'Y over all rows, s of slot i and y of slot j. */
static double sy_total(const lbfgsb *s, size_t i, size_t j) {
  size_t ij = i * s->ld + j;
  return get(s, s->at.sy_free)[ij] + get(s, s->at.sy_active)[ij];
}

/* M^-1 = [[-D, L'], [L, theta S'S]], L_ij = s_i'y_j where s_i is newer than y_j. */
bool compact_factor(lbfgsb *s) {
  size_t k = s->count, ld = s->ld;
  quasidefinite M = quasidefinite_in(put(s, s->at.M), k, ld);
  for (size_t i = 0; i < k; i++)
    for (size_t j = 0; j < k; j++) {
      size_t ij = i * ld + j;
      M.P[ij] = i == j ? get(s, s->at.curvature)[i] : 0;
      M.E[ij] = pairs_newer(s, i, j) ? sy_total(s, i, j) : 0;
      M.Q[ij] = s->theta * (get(s, s->at.ss_free)[ij] + get(s, s->at.ss_active)[ij]);
    }
  return quasidefinite_factor(M);
}

void compact_apply(lbfgsb *s, const double *v, double *out) {
  for (size_t j = 0; j < 2 * s->count; j++) out[j] = v[j];
  quasidefinite_solve(quasidefinite_in(put(s, s->at.M), s->count, s->ld), out);
}
