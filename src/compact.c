/* compact.c - the compact representation B = theta I - W M W' (Byrd, Nocedal, Schnabel 1994). */
#include "dense.h"
#include "state.h"

static quasidefinite inverse_of_M(lbfgsb_solver *s) {
  return (quasidefinite){.k = s->count, .ld = s->ld, .sparse = true, .rows = put(s, s->at.M)};
}

/* M^-1 = [[-D, L'], [L, theta S'S]], L_ji = s_j'y_i where s_j is newer than y_i. */
bool compact_factor(lbfgsb_solver *s) {
  quasidefinite M = inverse_of_M(s);
  for (size_t i = 0; i < s->count; i++) {
    const double *ss_free = pairs_gram_row(s, s->at.ss_free, i);
    const double *ss_active = pairs_gram_row(s, s->at.ss_active, i);
    row_P(M, i)[i] = get(s, s->at.curvature)[pairs_slot(s, i)];
    for (size_t j = i; j < s->count; j++) {
      size_t slot = pairs_slot(s, j), ji = slot * s->ld + pairs_slot(s, i);
      row_E(M, i)[j] = get(s, s->at.sy_free)[ji] + get(s, s->at.sy_active)[ji];
      row_Q(M, i)[j] = s->theta * (ss_free[slot] + ss_active[slot]);
    }
  }
  return quasidefinite_factor(M);
}

void compact_apply(lbfgsb_solver *s, const double *v, double *out) {
  for (size_t j = 0; j < 2 * s->count; j++) out[j] = v[j];
  quasidefinite_solve(inverse_of_M(s), out);
}

double compact_form(lbfgsb_solver *s, double *v) { return quasidefinite_form(inverse_of_M(s), v); }
