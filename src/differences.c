/* differences.c - a run without a gradient (METHOD.md, section 13): between the solver and a caller who has
 * values of f alone. It asks for one value after another, and gives the solver gradients made of their
 * differences, as exact as needed. Like the solver it is resumable: whatever is under way, within a gradient
 * too, is in the block when a value is asked for. Units are those of the solver's caller. */
#include "differences.h"

#include <string.h>

#include "box.h"
#include "evidence.h"
#include "run.h"
#include "scales.h"

/* The published constants are those of the sources named; the others divide wide ranges that do as well. */
static const double SLIGHT = 100; /* times n eps_f: a reduction below it asks for central differences (39) */
static const double DOUBT = 10;   /* times its bound: a larger error of an element shows noise */
static const size_t PATIENCE = 3; /* trials without sufficient decrease, before noise is looked for */

/* ---- Where ----------------------------------------------------------------------------------------- */

static lbfgsb_request ask(lbfgsb_differences *d, const lbfgsb_solver *s) {
  double *point = put_array(d, ARRAY_POINT);
  if (is_in_gradient(d)) {
    memcpy(point, base(d, s), d->n * sizeof(double));
    point[d->index] = d->element.at;
  } else {
    for (size_t i = 0; i < d->n; i++) point[i] = differences_asked(d, s, i);
  }
  return LBFGSB_EVALUATE;
}

/* ---- A gradient ------------------------------------------------------------------------------------ */

static lbfgsb_request end_gradient(lbfgsb_differences *d, lbfgsb_solver *s);

/* Begins the next element, from `index` on, or ends the gradient. */
static lbfgsb_request begin_element(lbfgsb_differences *d, lbfgsb_solver *s, size_t index) {
  d->index = differences_next_wanted(d, s, index);
  if (d->index == d->n) return end_gradient(d, s);
  differences_begin(d, s, d->index, &d->element);
  return ask(d, s);
}

/* True if the element has found by a step that may be far too long, or was widened, less than may be nothing.
 */
static bool shows_no_slope(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  const partial *element = &d->element;
  bool is_wide = is_far(d) || (element->unseen > 0 && !d->knows_noise && d->task == TASK_CENTRAL);
  if (!is_wide) return false;
  double nothing = fmax(differences_hidden(d, s), is_far(d) ? partial_nothing(element) : 0);
  return fabs(element->slope * element->step) <= nothing;
}

/* Takes note of the slope that the element has found, and of its step. */
static void take_slope(lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  const partial *element = &d->element;
  if (is_far(d) || element->stage == STAGE_FORWARD) put_array(d, ARRAY_STEP)[i] = element->step;
  bool is_of_terms = differences_are_of_terms(d, s), is_none = is_of_terms || shows_no_slope(d, s);
  put_array(d, ARRAY_GRADIENT)[i] = is_none ? 0 : element->slope;
  if (is_of_terms) put_array(d, ARRAY_CURVATURE)[i] = 0;
  if (!is_none) d->unseen = fmax(d->unseen, differences_unseen(d, s));
}

/* Takes note of the second difference of the element; of two for a size, of the larger. */
static void take_curvature(lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  double c = d->element.curvature, error = differences_curvature_error(d, s);
  double nearer = copysign(fmax(fabs(c) - error, 0), c), before = get_array(d, ARRAY_CURVATURE)[i];
  double told = is_far(d) ? differences_second(d, s) : nearer;
  put_array(d, ARRAY_CURVATURE)[i] = is_for_size(d) && fabs(before) > fabs(told) ? before : told;
  put_array(d, ARRAY_MOST)[i] = is_far(d) ? 0 : fabs(c) + error;
}

static lbfgsb_request take_element(lbfgsb_differences *d, lbfgsb_solver *s, double value) {
  if (!partial_take(&d->element, value)) return ask(d, s);
  if (differences_refute_size(d, s)) return begin_element(d, s, d->index);
  take_curvature(d, s, d->index);
  if (differences_shorten(d, s) || differences_lengthen(d, s)) return ask(d, s);
  d->bent = d->bent || differences_bend(d);
  if (!is_for_size(d) || differences_tell_more(d, s)) take_slope(d, s, d->index);
  return begin_element(d, s, d->index + 1);
}

/* True if forward differences do not do: the trial has gained hardly more than what their errors hide. */
static bool wants_central(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  if (d->method != LBFGSB_AUTO) return d->method == LBFGSB_CENTRAL;
  if (d->pending == LBFGSB_REFINE || d->stays_central) return true;
  double slight = SLIGHT * (double)d->n * evidence_error(s, d->value);
  return !phase_is_start(s->run.phase) && s->run.value - d->value < slight;
}

/* Takes the elements that the task wants. */
static lbfgsb_request begin_task(lbfgsb_differences *d, lbfgsb_solver *s, enum task task) {
  d->task = task;
  return begin_element(d, s, 0);
}

/* True if the pairs tell how long steps are: of forward ones alone only where noise is told, as by longer
 * ones the error would be that of the step. */
static bool uses_model(const lbfgsb_differences *d) {
  return d->method == LBFGSB_AUTO || (d->method == LBFGSB_FORWARD && d->knows_noise);
}

static lbfgsb_request begin_gradient(lbfgsb_differences *d, lbfgsb_solver *s) {
  d->knows_model = uses_model(d) && lbfgsb_curvature(s, put_array(d, ARRAY_MODEL));
  d->unseen = 0;
  d->bent = false;
  for (size_t i = 0; i < d->n; i++) { /* that of fixed variables is 0 */
    put_array(d, ARRAY_GRADIENT)[i] = differences_are_held(d, s, i) ? lbfgsb_gradient(s)[i] : 0;
    put_array(d, ARRAY_MOST)[i] = 0;
  }
  return begin_task(d, s, wants_central(d, s) ? TASK_CENTRAL : TASK_FORWARD);
}

/* element_error = a bound of the error of a forward difference in element i, by this second derivative and
 * this error of f. */
static double element_error(const lbfgsb_differences *d, size_t i, double curvature, double error) {
  double step = get_array(d, ARRAY_STEP)[i];
  return 2 * error / step + step * fabs(curvature) / 2;
}

/* gradient_error = that of all elements, by z = x / scale, to be on the safe side; infinite without a model,
 * but 0 where all variables are fixed. */
static double gradient_error(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  if (d->task == TASK_CENTRAL || d->method != LBFGSB_AUTO) return 0;
  if (!d->knows_model) return differences_next_free(d, s, 0) < d->n ? INFINITY : 0;
  double error = 0, of_f = evidence_error(s, base_value(d, s));
  for (size_t i = differences_next_free(d, s, 0); i < d->n; i = differences_next_free(d, s, i + 1))
    error = fmax(error, scale_of(s, i) * element_error(d, i, get_array(d, ARRAY_MODEL)[i], of_f));
  return DOUBT * error;
}

/* ---- Noise ----------------------------------------------------------------------------------------- */

static lbfgsb_request begin_noise(lbfgsb_differences *d, const lbfgsb_solver *s) {
  d->measures_noise = false;
  d->task = TASK_NOISE;
  double f = phase_is_start(s->run.phase) ? d->value : s->run.value;
  noise_begin(&d->table, f, differences_noise_scale(d, s), differences_noise_change(d));
  return ask(d, s);
}

/* The same, where the run is to end by noise that was found elsewhere. */
static lbfgsb_request doubt_noise(lbfgsb_differences *d, const lbfgsb_solver *s) {
  double f = s->run.value;
  d->task = TASK_NOISE;
  noise_doubt(&d->table, f, s->run.noise * fabs(f));
  return ask(d, s);
}

static lbfgsb_request follow(lbfgsb_differences *d, lbfgsb_solver *s, lbfgsb_request request);
static lbfgsb_request begin_slope(lbfgsb_differences *d, const lbfgsb_solver *s);
static lbfgsb_request end_task(lbfgsb_differences *d, lbfgsb_solver *s, enum task task);

/* Without it, noise may show again. */
static lbfgsb_request end_doubt(lbfgsb_differences *d, lbfgsb_solver *s) {
  bool shows = d->table.level > 0;
  lbfgsb_request request = run_hear_noise(s, shows);
  d->knows_noise = lbfgsb_noise(s) > 0;
  d->measures_noise = !d->knows_noise;
  return follow(d, s, request);
}

/* Noise may have hidden that a size is none: the gradient is taken anew, by other sizes too. */
static lbfgsb_request end_noise_at_start(lbfgsb_differences *d, lbfgsb_solver *s) {
  if (!d->knows_noise) return end_task(d, s, d->bent ? TASK_SIZE : TASK_WIDER);
  differences_doubt_sizes(d, s);
  return begin_gradient(d, s);
}

/* Goes on with what raised the doubt; with the noise, if there is any, the gradient is taken anew. */
static lbfgsb_request end_noise(lbfgsb_differences *d, lbfgsb_solver *s) {
  if (s->run.phase == PHASE_NOISE) return end_doubt(d, s);
  double level = d->table.level, value = fabs(d->table.values[0]);
  bool is_noise = phase_is_start(s->run.phase) || !evidence_is_rounding(s, level);
  bool found = level > 0 && value > 0 && is_noise;
  lbfgsb_request request = found ? run_set_noise(s, fmin(level / value, 1)) : d->pending;
  d->knows_noise = found;
  if (phase_is_start(s->run.phase)) return end_noise_at_start(d, s);
  if (found) return follow(d, s, request);
  return d->pending == LBFGSB_SLOPE ? begin_slope(d, s) : end_task(d, s, TASK_CENTRAL);
}

/* Takes a value of the table. Where the first one is what the slopes tell, noise may show later. */
static lbfgsb_request take_table(lbfgsb_differences *d, lbfgsb_solver *s, double value) {
  if (noise_take(&d->table, value)) return end_noise(d, s);
  if (!differences_explain(d, s)) return ask(d, s);
  d->measures_noise = true;
  return end_task(d, s, TASK_SIZE);
}

/* True if the forward gradient at the iterate was worse than its bound allows. */
static bool disagrees(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  const double *forward = lbfgsb_gradient(s), *central = get_array(d, ARRAY_GRADIENT);
  double of_f = evidence_error(s, base_value(d, s));
  for (size_t i = differences_next_free(d, s, 0); i < d->n; i = differences_next_free(d, s, i + 1)) {
    double bound = DOUBT * element_error(d, i, get_array(d, ARRAY_CURVATURE)[i], of_f);
    if (fabs(central[i] - forward[i]) > bound) return true;
  }
  return false;
}

/* True if the gradient just taken says that f may be noisy. */
static bool is_doubtful(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  if (!d->measures_noise) return false;
  if (phase_is_start(s->run.phase) && differences_leave_rest(d, s)) return false;
  if (phase_is_start(s->run.phase)) return d->bent || d->unseen > 0;
  return d->pending == LBFGSB_REFINE && disagrees(d, s);
}

/* ---- The end ---------------------------------------------------------------------------------------- */

/* Takes note of what the gradient just taken, if it is one that can, tells of the way to the minimum. */
static void judge_gradient(lbfgsb_differences *d, lbfgsb_solver *s) {
  bool tells = d->method == LBFGSB_AUTO && d->task == TASK_CENTRAL;
  d->settled = tells && differences_are_settled(d, s, base(d, s));
  evidence_tell_gain(s, tells ? differences_gain(d, s) : INFINITY);
}

/* ---- What the solver asks for ------------------------------------------------------------------------ */

/* Gives the solver the gradient; the published methods give it with the value, at every point. */
static lbfgsb_request give_gradient(lbfgsb_differences *d, lbfgsb_solver *s, double error) {
  const double *gradient = get_array(d, ARRAY_GRADIENT);
  bool alone = lbfgsb_pending(s) != LBFGSB_EVALUATE;
  lbfgsb_request request =
      alone ? lbfgsb_advance_gradient(s, gradient, error) : lbfgsb_advance(s, d->value, gradient);
  return follow(d, s, request);
}

/* Goes on with elements that are to be taken again, if there are any; else gives the gradient. */
static lbfgsb_request end_task(lbfgsb_differences *d, lbfgsb_solver *s, enum task task) {
  d->task = task;
  if (task == TASK_SLIGHT) differences_doubt_sizes(d, s);
  enum task again = differences_next_look(d, s);
  if (again != task) return begin_task(d, s, again);
  if (d->method == LBFGSB_AUTO && phase_is_start(s->run.phase))
    scales_tell(s, get_array(d, ARRAY_GRADIENT), get_array(d, ARRAY_CURVATURE));
  d->gradients++;
  judge_gradient(d, s);
  if (d->pending == LBFGSB_REFINE) differences_correct_model(d, s);
  return give_gradient(d, s, gradient_error(d, s));
}

static lbfgsb_request end_gradient(lbfgsb_differences *d, lbfgsb_solver *s) {
  return is_doubtful(d, s) ? begin_noise(d, s) : end_task(d, s, d->task);
}

/* Asks for the slope of the secant to a point before the trial, as near as the error of f lets it be. */
static lbfgsb_request begin_slope(lbfgsb_differences *d, const lbfgsb_solver *s) {
  double error = evidence_error(s, d->value), rise = fmax(fabs(d->value - s->run.value), error);
  d->task = TASK_SLOPE;
  d->fraction = clamp(2 * sqrt(error / rise), 1e-8, 0.1);
  return ask(d, s);
}

/* Goes from the solver's request to the first value that it takes, or to what the caller is to see. */
static lbfgsb_request follow(lbfgsb_differences *d, lbfgsb_solver *s, lbfgsb_request request) {
  d->pending = request;
  switch (request) {
  case LBFGSB_EVALUATE:
    if (differences_end_run(d, s)) return d->pending = run_finish(s, LBFGSB_ROUNDING_CONVERGED);
    d->task = TASK_VALUE;
    return ask(d, s);
  case LBFGSB_REFINE:
    if (s->run.phase == PHASE_NOISE) return doubt_noise(d, s);
    d->stays_central = true;
    return begin_gradient(d, s);
  case LBFGSB_GRADIENT:
    return begin_gradient(d, s);
  case LBFGSB_SLOPE:
    return d->fails++ >= PATIENCE && d->measures_noise ? begin_noise(d, s) : begin_slope(d, s);
  case LBFGSB_NEW_ITERATE:
    d->fails = 0;
    differences_correct_model(d, s);
    return request;
  case LBFGSB_FINISHED:
    return request;
  }
  return LBFGSB_FINISHED;
}

/* Takes the value at the solver's point, with the gradient where it came along. */
static lbfgsb_request take_value(lbfgsb_differences *d, lbfgsb_solver *s, double value,
                                 const double *gradient) {
  d->value = value;
  d->gradients += gradient != NULL;
  if (gradient != NULL) evidence_tell_gain(s, NAN);
  if (gradient != NULL || (d->method != LBFGSB_AUTO && !isfinite(value)))
    return follow(d, s, lbfgsb_advance(s, value, gradient));
  return follow(d, s, d->method == LBFGSB_AUTO ? lbfgsb_advance_value(s, value) : LBFGSB_GRADIENT);
}

/* ---- What the caller sees ------------------------------------------------------------------------------ */

size_t lbfgsb_differences_size(size_t n) {
  size_t most = (SIZE_MAX - sizeof(lbfgsb_differences)) / (ARRAYS * sizeof(double));
  return n > most ? 0 : sizeof(lbfgsb_differences) + ARRAYS * n * sizeof(double);
}

void lbfgsb_differences_init(lbfgsb_differences *d, lbfgsb_solver *s, lbfgsb_method method,
                             int measures_noise, const double *steps) {
  size_t n = lbfgsb_variables(s);
  memset(d, 0, lbfgsb_differences_size(n));
  d->n = n;
  d->method = method;
  d->value = lbfgsb_trial_value(s);
  d->knows_noise = lbfgsb_noise(s) > 0;
  d->measures_noise = method == LBFGSB_AUTO && measures_noise && !d->knows_noise;
  d->has_steps = steps != NULL;
  if (steps != NULL) memcpy(put_array(d, ARRAY_STEPS), steps, n * sizeof(double));
  follow(d, s, lbfgsb_pending(s));
}

const double *lbfgsb_differences_point(const lbfgsb_differences *d) { return get_array(d, ARRAY_POINT); }

int lbfgsb_differences_takes_gradient(const lbfgsb_differences *d) { return d->task == TASK_VALUE; }

/* What the two wait for. */
static lbfgsb_request awaited(const lbfgsb_solver *s) {
  if (s->run.status != LBFGSB_RUNNING) return LBFGSB_FINISHED;
  return lbfgsb_pending(s) == LBFGSB_NEW_ITERATE ? LBFGSB_NEW_ITERATE : LBFGSB_EVALUATE;
}

lbfgsb_request lbfgsb_differences_tell(lbfgsb_differences *d, lbfgsb_solver *s, double value,
                                       const double *gradient) {
  bool is_told_of = d->pending == LBFGSB_EVALUATE; /* also where f has stopped the run */
  if (awaited(s) != LBFGSB_EVALUATE && !is_told_of) return awaited(s);
  if (is_in_gradient(d)) return take_element(d, s, value);
  if (d->task == TASK_SLOPE) return follow(d, s, lbfgsb_advance_slope(s, (d->value - value) / d->fraction));
  if (d->task == TASK_NOISE) return take_table(d, s, value);
  return take_value(d, s, value, gradient);
}

lbfgsb_request lbfgsb_differences_go_on(lbfgsb_differences *d, lbfgsb_solver *s) {
  return awaited(s) == LBFGSB_NEW_ITERATE ? follow(d, s, lbfgsb_advance(s, 0, NULL)) : awaited(s);
}

bool differences_in_step(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  lbfgsb_request request = lbfgsb_pending(s);
  bool gives_both = d->method != LBFGSB_AUTO && d->pending == LBFGSB_GRADIENT;
  return request == d->pending || (gives_both && request == LBFGSB_EVALUATE);
}

lbfgsb_request lbfgsb_differences_resume(lbfgsb_differences *d, lbfgsb_solver *s) {
  lbfgsb_request request = lbfgsb_pending(s);
  if (request == LBFGSB_NEW_ITERATE) return request;
  if (differences_in_step(d, s)) return LBFGSB_EVALUATE;
  d->value = lbfgsb_trial_value(s);
  return follow(d, s, request);
}

size_t lbfgsb_differences_ahead(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t *index,
                                double *at) {
  size_t count = 0;
  partial element = d->element;
  if (!is_in_gradient(d)) return 0;
  for (size_t i = d->index; i < d->n; i = differences_next_wanted(d, s, i + 1)) {
    if (i > d->index) differences_begin(d, s, i, &element);
    element.base.widest = 0;
    element.base.told = INFINITY;
    do {
      index[count] = i;
      at[count++] = element.at;
    } while (!partial_take(&element, element.base.f));
  }
  return count;
}

int lbfgsb_differences_are(const lbfgsb_differences *d, lbfgsb_method method, const double *steps) {
  bool same_steps = !steps || memcmp(get_array(d, ARRAY_STEPS), steps, d->n * sizeof(double)) == 0;
  return d->method == method && d->has_steps == (steps != NULL) && same_steps;
}

const double *lbfgsb_differences_gradient(const lbfgsb_differences *d) {
  return get_array(d, ARRAY_GRADIENT);
}

size_t lbfgsb_differences_gradients(const lbfgsb_differences *d) { return d->gradients; }

double lbfgsb_differences_value(const lbfgsb_differences *d) { return d->value; }
