/* plateau.c - plateaus: of f, to which a trial may lead; and of f along some variables, thrown so far by a
 * step that a model no longer depends on them, where a run has settled for the others. METHOD.md (59). */
#include "plateau.h"

#include <string.h>

#include "box.h"
#include "dense.h"
#include "direction.h"
#include "evidence.h"
#include "order.h"
#include "pairs.h"
#include "stop.h"

static const double BEYOND = 1.5; /* to where f is asked about a trial, in units of the step there */
static const double FAR = 1e-2;   /* of its size: a way on which a variable may have been lost */
enum { POINTS = 11 };             /* on the way back, the last one the start */
enum { RETURNS = 5 };             /* at most, so that a run ends */

void plateau_init(lbfgsb_solver *s) {
  memcpy(put(s, s->plateau.start), get(s, s->iterate.x), pad_rows(s->layout.n) * sizeof(double));
}

void plateau_rescale(lbfgsb_solver *s, size_t i, double factor) { put(s, s->plateau.start)[i] /= factor; }

void plateau_record(lbfgsb_solver *s) { s->plateau.asked = 0; }

void plateau_leave(lbfgsb_solver *s) { s->plateau.left++; }

/* ---- A trial ----------------------------------------------------------------------------------------- */

/* The end of a way to a bound is no plateau to be lost on. */
bool plateau_is_possible(const lbfgsb_solver *s, const double *gradient) {
  if (!s->options.confirm || s->run.search.step > 0.99 * s->direction.max_step) return false;
  return all_zero(gradient, s->layout.n);
}

double plateau_step(const lbfgsb_solver *s) {
  return fmin(BEYOND * s->run.search.step, s->direction.max_step);
}

/* ---- The way back ------------------------------------------------------------------------------------ */

void plateau_look(const lbfgsb_solver *s, size_t first, bool *lost) {
  const double *x = get(s, s->iterate.x), *g = get(s, s->iterate.gradient), *start = get(s, s->plateau.start);
  double y[BLOCK_ROWS] = {0};
  if (s->pairs.count > 0) order_read_block(s, first, 2 * pairs_slot(s, s->pairs.count - 1), y);
  for (size_t j = 0, i = first; j < block_rows(s, first); j++, i++) {
    double way = fabs(x[i] - start[i]), slope = fmax(fabs(g[i]), fabs(y[j]));
    lost[j] = way > FAR * direction_size(start[i]) &&
              plateau_hides((double)s->layout.n * slope * way, s->run.value);
  }
}

static bool is_suspected(const lbfgsb_solver *s) {
  bool lost[BLOCK_ROWS];
  for (size_t first = 0; first < s->layout.n; first += BLOCK_ROWS) {
    plateau_look(s, first, lost);
    for (size_t j = 0; j < block_rows(s, first); j++)
      if (lost[j]) return true;
  }
  return false;
}

bool plateau_may_return(const lbfgsb_solver *s) { return s->plateau.left < RETURNS; }

bool plateau_ask(lbfgsb_solver *s) {
  if (!plateau_may_return(s) || s->plateau.asked >= POINTS || !is_suspected(s)) return false;
  s->plateau.asked++;
  direction_back(s, s->layout.n, s->plateau.asked < POINTS ? 1 - ldexp(1, -(int)s->plateau.asked) : 1);
  return true;
}

/* Where f rises at once the variables are at a minimum. */
bool plateau_hear(lbfgsb_solver *s, double value) {
  if (s->plateau.asked == 1 && value > s->run.value + stop_hidden_change(s)) s->plateau.asked = POINTS;
  return value < s->run.value - evidence_clear_gain(s);
}

bool plateau_valid(const lbfgsb_solver *s) {
  return s->plateau.asked <= POINTS && s->plateau.left <= RETURNS && s->plateau.left <= s->run.iterations;
}
