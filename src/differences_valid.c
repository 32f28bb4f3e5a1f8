/* differences_valid.c - whether a block, which may come from anywhere, is that of the differences of a run.
 * As in valid.c, every size, index, count, enum and bool is looked at; the point asked for follows from the
 * rest and is computed again. The differences already taken are believed. METHOD.md, section 13. */
#include "differences.h"
#include "layout.h"

/* True if every bool is 0 or 1, as a byte, and every enum one of its own: others mean nothing. */
static bool fields_valid(const lbfgsb_differences *d) {
  const size_t bools[] = {offsetof(lbfgsb_differences, has_steps),
                          offsetof(lbfgsb_differences, knows_model),
                          offsetof(lbfgsb_differences, stays_central),
                          offsetof(lbfgsb_differences, knows_noise),
                          offsetof(lbfgsb_differences, measures_noise),
                          offsetof(lbfgsb_differences, settled),
                          offsetof(lbfgsb_differences, bent),
                          offsetof(lbfgsb_differences, element.two_sided),
                          offsetof(lbfgsb_differences, element.narrowed),
                          offsetof(lbfgsb_differences, element.has_curvature)};
  for (size_t i = 0; i < sizeof bools / sizeof *bools; i++)
    if (((const unsigned char *)d)[bools[i]] > 1) return false;
  return d->task <= TASK_NOISE && d->pending <= LBFGSB_REFINE && d->method <= LBFGSB_CENTRAL;
}

static bool steps_valid(const lbfgsb_differences *d) {
  for (size_t i = 0; d->has_steps && i < d->n; i++)
    if (!(get_array(d, ARRAY_STEPS)[i] > 0) || !isfinite(get_array(d, ARRAY_STEPS)[i])) return false;
  return true;
}

static bool value_valid(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  bool told = lbfgsb_pending(s) == LBFGSB_GRADIENT || lbfgsb_pending(s) == LBFGSB_SLOPE;
  bool is_unused = d->task == TASK_VALUE || d->pending == LBFGSB_REFINE;
  return is_unused || (isfinite(d->value) && (!told || d->value == lbfgsb_trial_value(s)));
}

/* True if the task is one for what the solver waits for. */
static bool task_valid(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  if (is_in_gradient(d))
    return (d->pending == LBFGSB_GRADIENT || d->pending == LBFGSB_REFINE) && d->index < d->n &&
           get(s, s->box.lower)[d->index] < get(s, s->box.upper)[d->index] &&
           partial_valid(&d->element, differences_base(d, s, d->index));
  if (d->task == TASK_SLOPE) return d->pending == LBFGSB_SLOPE && d->fraction > 0 && d->fraction < 1;
  if (d->task == TASK_NOISE) return d->pending != LBFGSB_EVALUATE && noise_valid(&d->table);
  return d->pending == LBFGSB_EVALUATE;
}

static bool point_valid(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  for (size_t i = 0; i < d->n; i++)
    if (get_array(d, ARRAY_POINT)[i] != differences_asked(d, s, i)) return false;
  return true;
}

/* True unless the run is said to have been ended by differences that do not say so. */
static bool end_valid(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  bool ended = s->run.status == LBFGSB_ROUNDING_CONVERGED && s->run.phase != PHASE_ITERATE;
  return !ended || differences_end_run(d, s);
}

int lbfgsb_differences_valid(const void *block, size_t size, const lbfgsb_solver *s) {
  const lbfgsb_differences *d = block;
  if (!layout_is_place(block) || size < sizeof *d || d->n != lbfgsb_variables(s) ||
      size != lbfgsb_differences_size(d->n))
    return false;
  if (!fields_valid(d) || !steps_valid(d) || !end_valid(d, s)) return false;
  bool waits = d->pending == LBFGSB_NEW_ITERATE || d->pending == LBFGSB_FINISHED;
  if (waits || !differences_in_step(d, s)) return true; /* what it asks for is found anew */
  return value_valid(d, s) && task_valid(d, s) && point_valid(d, s);
}
