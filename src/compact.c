/* compact.c - the compact representation B = theta I - W M W' (Byrd, Nocedal, Schnabel 1994). METHOD.md
 * (4), (6), (36). */
#include "compact.h"

#include <string.h>

#include "dense.h"
#include "gram.h"
#include "order.h"
#include "pairs.h"

static quasidefinite inverse_of_M(lbfgsb_solver *s) {
  return (quasidefinite){
      .k = s->pairs.count, .ld = s->layout.ld, .sparse = true, .rows = put(s, s->compact.M)};
}

/* Factors M^-1 = [[-D, L'], [L, theta S'S]], L_ji = s_j'y_i where s_j is newer than y_i (4). */
bool compact_factor(lbfgsb_solver *s) {
  quasidefinite M = inverse_of_M(s);
  for (size_t i = 0; i < s->pairs.count; i++) {
    const double *ss_free = gram_row(s, s->gram.ss_free, i);
    const double *ss_active = gram_row(s, s->gram.ss_active, i);
    row_P(M, i)[i] = get(s, s->pairs.curvature)[pairs_slot(s, i)];
    for (size_t j = i; j < s->pairs.count; j++) {
      size_t slot = pairs_slot(s, j), ji = slot * s->layout.ld + pairs_slot(s, i);
      row_E(M, i)[j] = get(s, s->gram.sy_free)[ji] + get(s, s->gram.sy_active)[ji];
      row_Q(M, i)[j] = s->pairs.theta * (ss_free[slot] + ss_active[slot]);
    }
  }
  return quasidefinite_factor(M);
}

void compact_apply(lbfgsb_solver *s, const double *v, double *out) {
  for (size_t j = 0; j < 2 * s->pairs.count; j++) out[j] = v[j];
  quasidefinite_solve(inverse_of_M(s), out);
}

double compact_form(lbfgsb_solver *s, const double *v) {
  double *half = put(s, s->compact.half);
  memcpy(half, v, 2 * s->pairs.count * sizeof(double));
  return quasidefinite_form(inverse_of_M(s), half);
}

/* form_of_diagonal = s'Ds, s of the pair in `slot`. */
static double form_of_diagonal(const lbfgsb_solver *s, size_t slot, const double *diagonal) {
  double sDs = 0, copied[BLOCK_ROWS];
  for (size_t first = 0; first < s->layout.n; first += BLOCK_ROWS) {
    const double *step = order_block(s, first, 2 * slot + 1, copied), *D = diagonal + first;
    size_t rows = own_rows(s, first);
    for (size_t i = 0; i < rows; i++) sDs += D[i] * step[i] * step[i];
  }
  return sDs;
}

/* Adds D (rows) += y^2 / s'y - (D s)^2 / s'Ds, two rows at once, as division takes long. */
static void update_rows(double *D, size_t rows, const double *y, const double *step, double sy, double sDs) {
  size_t i = 0;
  for (; i + 2 <= rows; i += 2) {
    two_doubles *D_i = (two_doubles *)(D + i), y_i = *(const two_doubles *)(y + i);
    two_doubles Ds = *D_i * *(const two_doubles *)(step + i);
    *D_i += y_i * y_i / sy - Ds * Ds / sDs;
  }
  if (i < rows) D[i] += y[i] * y[i] / sy - D[i] * step[i] * (D[i] * step[i]) / sDs;
}

/* Adds y_i^2 / s'y - (D_ii s_i)^2 / s'Ds of the pair in `slot`. */
static void update_diagonal(const lbfgsb_solver *s, size_t slot, double *diagonal) {
  double sy = get(s, s->pairs.curvature)[slot], sDs = form_of_diagonal(s, slot, diagonal);
  double copied_y[BLOCK_ROWS], copied_step[BLOCK_ROWS];
  for (size_t first = 0; first < s->layout.n; first += BLOCK_ROWS) {
    const double *y = order_block(s, first, 2 * slot, copied_y);
    const double *step = order_block(s, first, 2 * slot + 1, copied_step);
    update_rows(diagonal + first, own_rows(s, first), y, step, sy, sDs);
  }
}

void compact_diagonal(const lbfgsb_solver *s, double *diagonal) {
  for (size_t i = 0; i < s->layout.n; i++) diagonal[i] = s->pairs.theta;
  for (size_t age = 0; age < s->pairs.count; age++) update_diagonal(s, pairs_slot(s, age), diagonal);
}
