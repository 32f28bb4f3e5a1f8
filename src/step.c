/* step.c - the first step of a search: a full one; but without pairs, where the scale is not known, a guess.
 * METHOD.md (27), (74). */
#include "step.h"

#include "arithmetic.h"
#include "direction.h"
#include "evidence.h"
#include "pairs.h"

/* Without pairs no variable's first move is larger than this, in units of its size. */
static const double FIRST_MOVE = 0.5;

/* Nor is any later one larger at first: what pairs promise so far off they cannot know. */
static const double FARTHEST_MOVE = 30;

/* Much less where a variable moves for the first time, in the first iterations. */
static const double NEW_MOVE = 0.1;
static const size_t EARLY = 16;

/* True if the last step was as long as any may be: no bound nor curvature has ended it. */
static bool was_longest(const lbfgsb_solver *s) { return s->run.step >= STEP_LIMIT; }

void step_assume_scale(lbfgsb_solver *s) {
  double theta = s->iterate.steepest / (was_longest(s) ? s->run.move : FIRST_MOVE);
  if (s->options.confirm && theta > 0 && theta < INFINITY) pairs_assume(s, theta);
}

void step_record(lbfgsb_solver *s) {
  if (s->pairs.count == 0 && (s->run.iterations == 0 || was_longest(s))) step_assume_scale(s);
}

double step_most(const lbfgsb_solver *s) {
  bool first = s->box.constrained && s->run.iterations == 0 && !s->options.confirm;
  return first ? 1 : s->direction.max_step;
}

/* As published: without pairs one of length 1, and after a restart no longer than a full one either. */
static double published_first(const lbfgsb_solver *s) {
  if (s->box.boxed) return 1;
  const double *d = get(s, s->direction.d);
  double norm_sq = 0;
  for (size_t i = 0; i < s->layout.n; i++) norm_sq += d[i] * d[i];
  return fmin(1 / sqrt(norm_sq), s->run.iterations > 0 ? 1 : step_most(s));
}

/* Short steps, along a direction that only looked downhill, soon count no more; but where f is steep they
 * were right, as at a corner. */
double step_move(const lbfgsb_solver *s) {
  double before = s->run.rough > 0 || evidence_is_flat(s) ? s->run.move / 4 : 0;
  return fmax(s->run.search.step * s->direction.norm, before);
}

/* The step that moves none of the variables too far which have not moved yet, as they had no slope: no pair
 * tells anything of them. */
static double careful_step(lbfgsb_solver *s) {
  const double *x = get(s, s->iterate.x), *start = get(s, s->plateau.start), *d = get(s, s->direction.d);
  const double *l = get(s, s->box.lower), *u = get(s, s->box.upper);
  double step = 1;
  if (s->run.iterations > EARLY || s->step.all_moved) return step;
  s->step.all_moved = true;
  for (size_t i = 0; i < s->layout.n; i++) {
    bool is_new = x[i] == start[i] && x[i] != 0 && l[i] < x[i] && x[i] < u[i];
    if (is_new) s->step.all_moved = false;
    double most = NEW_MOVE * fabs(x[i]);
    if (is_new && fabs(d[i]) > most) step = lesser(step, most / fabs(d[i]));
  }
  return step;
}

/* After a restart no variable moves by more than the last steps did. */
double step_first(lbfgsb_solver *s) {
  if (s->pairs.count > 0 && !s->options.confirm) return 1;
  if (s->pairs.count > 0) return fmin(careful_step(s), FARTHEST_MOVE / s->direction.move);
  if (!s->options.confirm) return published_first(s);
  double most = s->run.move > 0 ? s->run.move / s->direction.norm : 1;
  return fmin(most, 1);
}
