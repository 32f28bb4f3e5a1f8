/* differences_end.c - what central differences, which tell second derivatives too, say of the way to the
 * minimum (METHOD.md, (52), (53), (76)). */
#include "box.h"
#include "caller.h"
#include "differences.h"
#include "evidence.h"
#include "run.h"
#include "scales.h"

static const double NEAREST = 1e-4; /* of the step that tells: a variable so near to its minimum is at it */
static const double REFUTED = 100;  /* times a second derivative: a curvature that is of another place */

static const double NO_SIZE = 1e5;  /* times it: one that no pair has told, by a size that is none */
static const double SOMETHING = 10; /* times what the model may promise at a claim: a fall that refutes it */
static const double HIDING = 8;     /* times the error of f: no less */
static const double UNSURE = 25;    /* times its error: a second derivative that may be none */
static const double REFUTING = 200; /* so that 2 UNSURE 4 eps_f / h^2 is less than what such a fall needs */
static const double LONGER = 10;    /* a step that is to tell more, at least */
static const double LONGEST = 1e3;  /* and at most */

/* room_along = how far variable i, which is x, may go along the slope g. */
static double room_along(const lbfgsb_solver *s, size_t i, double x, double g) {
  return fabs(bound_ahead(x, g, lower_of(s, i), upper_of(s, i)) - x);
}

bool differences_are_held(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  if (d->method != LBFGSB_AUTO || d->pending != LBFGSB_REFINE) return false;
  double x = lbfgsb_iterate(s)[i], g = lbfgsb_gradient(s)[i];
  return room_along(s, i, x, g) == 0 && fabs(g) * scale_of(s, i) > s->run.rough;
}

/* Tells whether neither slope nor curvature keeps a variable where it is; of one that f does not depend on
 * that is said at the start alone. */
static bool is_unkept(const lbfgsb_solver *s, double g, double c) {
  return g == 0 && (s->run.iterations == 0 ? c <= 0 : c < 0);
}

/* Tells whether a bound holds a variable where it began, by a slope that may be of noise. */
static bool is_held_at_start(const lbfgsb_solver *s, size_t i, double x, double g) {
  return g != 0 && get(s, s->plateau.start)[i] * scale_of(s, i) == x && room_along(s, i, x, g) == 0;
}

/* Tells whether f is to be asked beside the variable before the run ends: METHOD.md (63). */
static bool is_to_be_asked(const lbfgsb_solver *s, size_t i, double x, double g, double c) {
  bool is_free = lower_of(s, i) < upper_of(s, i);
  return is_free && (is_unkept(s, g, c) || is_held_at_start(s, i, x, g));
}

/* nearest = the slope of a variable that is within a ten-thousandth of the central step from the minimum;
 * noise makes steps longer, but no point closer. */
static double nearest(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i, double x) {
  double exact = cbrt(DBL_EPSILON) * differences_size(s, i, x);
  return NEAREST * get_array(d, ARRAY_CURVATURE)[i] * fmin(differences_central_step(d, s, i, x), exact);
}

bool differences_are_settled(const lbfgsb_differences *d, const lbfgsb_solver *s, const double *x) {
  const double *gradient = get_array(d, ARRAY_GRADIENT), *curvature = get_array(d, ARRAY_CURVATURE);
  bool shows_something = false; /* on a plateau nothing does */
  for (size_t i = 0; i < d->n; i++) {
    if (is_to_be_asked(s, i, x[i], gradient[i], curvature[i])) return false;
    if (room_along(s, i, x[i], gradient[i]) > 0 && !(fabs(gradient[i]) <= nearest(d, s, i, x[i])))
      return false;
    shows_something = shows_something || gradient[i] != 0 || curvature[i] > 0;
  }
  return shows_something;
}

/* True if the last gradient is the iterate's: that of a trial which is refused tells nothing of it. */
static bool is_of_iterate(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  size_t i = 0;
  while (i < d->n && get_array(d, ARRAY_GRADIENT)[i] == lbfgsb_gradient(s)[i]) i++;
  return i == d->n;
}

bool differences_end_run(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  return d->settled && is_of_iterate(d, s) && differences_are_settled(d, s, lbfgsb_iterate(s));
}

/* gain_along = how far f may fall along variable i alone: to the minimum of its parabola, or to the bound. */
static double gain_along(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  double g = get_array(d, ARRAY_GRADIENT)[i], c = get_array(d, ARRAY_CURVATURE)[i];
  double room = room_along(s, i, base(d, s)[i], g), step = c > 0 ? fmin(fabs(g / c), room) : room;
  return g == 0 || room == 0 ? 0 : fabs(g) * step - c * step * step / 2;
}

double differences_gain(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  double sum = 0;
  for (size_t i = 0; i < d->n; i++) sum += gain_along(d, s, i);
  return isnan(sum) ? INFINITY : sum;
}

/* ---- The model --------------------------------------------------------------------------------------- */

/* most_curvature = as large as the second derivative of variable i may be by z = x / scale; 0 if unknown. */
static double most_curvature(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  return get_array(d, ARRAY_MOST)[i] * scale_of(s, i) * scale_of(s, i);
}

/* True if the model's curvature of variable i is far above that. */
static bool is_of_afar(const lbfgsb_differences *d, size_t i) {
  double most = get_array(d, ARRAY_MOST)[i];
  return most > 0 && get_array(d, ARRAY_MODEL)[i] > REFUTED * most;
}

/* least_gain = by how much f is to fall from x along variable i by its slope g, if no second derivative is
 * more than `most`. */
static double least_gain(const lbfgsb_solver *s, size_t i, double x, double g, double most) {
  return fabs(g) * fmin(fabs(g) / most, room_along(s, i, x, g)) / 2;
}

/* refuting_gain = by how much it must be for that. */
static double refuting_gain(const lbfgsb_solver *s) {
  double least = evidence_above_noise(s, SOMETHING * evidence_least_gain(s));
  return fmax(least, HIDING * evidence_error(s, s->run.value));
}

/* True if f is to fall clearly by the smaller one, or by something if the model is off by so much that the
 * variable's size is none. */
static bool is_refuted(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  double g = get_array(d, ARRAY_GRADIENT)[i], most = get_array(d, ARRAY_MOST)[i];
  bool is_far_off = get_array(d, ARRAY_MODEL)[i] > NO_SIZE * most;
  double gain = is_far_off ? refuting_gain(s) : evidence_clear_gain(s);
  return is_of_afar(d, i) && least_gain(s, i, iterate_of(s, i), g, most) > gain;
}

/* refuting_step = that of a central difference with the slope g of which the second one, if it is hidden, is
 * so small that f falls by something. */
static double refuting_step(const lbfgsb_solver *s, double f, double g) {
  return sqrt(REFUTING * evidence_error(s, f) * refuting_gain(s)) / fabs(g);
}

/* True if its error is all that the second difference of the element shows, if that refutes the model's
 * curvature, but does not tell that f falls by something. */
static bool is_too_short(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  const partial *element = &d->element;
  double c = fabs(element->curvature), error = differences_curvature_error(d, s);
  bool is_other = get_array(d, ARRAY_MODEL)[d->index] > NO_SIZE * (c + error);
  double gain = least_gain(s, d->index, element->base.x, element->slope, c + error);
  return error > 0 && c <= UNSURE * error && is_other && gain > 0 && gain <= refuting_gain(s);
}

bool differences_lengthen(lbfgsb_differences *d, const lbfgsb_solver *s) {
  partial *element = &d->element;
  bool tells = d->method == LBFGSB_AUTO && d->task == TASK_CENTRAL && d->knows_model;
  if (!tells || d->knows_noise || d->has_steps || !is_too_short(d, s)) return false;
  double step = refuting_step(s, element->base.f, element->slope);
  double longer = clamp(step, LONGER * element->step, LONGEST * element->step);
  if (longer > differences_size(s, d->index, element->base.x)) return false;
  partial_base from = differences_base(d, s, d->index);
  partial_begin_central(element, &from, longer, element->forward_step);
  return true;
}

/* log_curvature = log2 of the geometric mean of these of the variables of which the model is right, or of
 * all, if it is right of none; NaN where none is known. */
static double log_curvature(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  double sum[2] = {0, 0}, count[2] = {0, 0}; /* of those, and of the others */
  for (size_t i = 0; i < d->n; i++) {
    if (!(most_curvature(d, s, i) > 0)) continue;
    sum[is_of_afar(d, i)] += log2(most_curvature(d, s, i));
    count[is_of_afar(d, i)]++;
  }
  return count[0] > 0 ? sum[0] / count[0] : sum[1] / count[1];
}

/* log_factor = log2 of that by which the curvature of variable i would be the mean one, if its model is
 * refuted. */
static double log_factor(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i, double log_mean) {
  return is_refuted(d, s, i) ? (log_mean - log2(most_curvature(d, s, i))) / 2 : 0;
}

/* mean_log_factor = the mean of that over all variables that are not fixed. */
static double mean_log_factor(const lbfgsb_differences *d, const lbfgsb_solver *s, double log_mean) {
  double sum = 0, count = 0;
  for (size_t i = 0; i < d->n; i++) {
    if (!scales_is_free(s, i)) continue;
    sum += log_factor(d, s, i, log_mean);
    count++;
  }
  return sum / count;
}

/* Measures the variables of which the model is refuted so that their curvatures are that of the others; the
 * scales' geometric mean stays, as they are sizes, too. True if that changes any. */
static bool correct_scales(const lbfgsb_differences *d, lbfgsb_solver *s) {
  double log_mean = log_curvature(d, s);
  double common = scales_power_of_two(exp2(-mean_log_factor(d, s, log_mean)));
  bool found = false;
  for (size_t i = 0; i < d->n; i++) {
    double factor = scales_power_of_two(exp2(log_factor(d, s, i, log_mean)));
    found = scales_change_unit(s, i, factor * common) || found;
  }
  return found;
}

void differences_correct_model(const lbfgsb_differences *d, lbfgsb_solver *s) {
  bool tells = s->options.rescale && d->method == LBFGSB_AUTO && d->task == TASK_CENTRAL && d->knows_model;
  if (!tells || !correct_scales(d, s)) return;
  box_look_again(s);
  evidence_take_back(s);
  run_restart(s);
  caller_show(s);
}
