/* differences_start.c - what elements of the start's gradient are taken again, as too little is known of the
 * variable: it has shown no slope, or nothing tells its size. METHOD.md (43), (57), (58), (64), (71) to (73).
 */
#include "caller.h"
#include "differences.h"
#include "evidence.h"
#include "scales.h"

static const double WEAK = 100;       /* times what is hidden: a difference that may be curvature alone */
static const double UNSEEN = 1e3;     /* times what is hidden: a slope that makes so much must show it */
static const double SEEN = 10;        /* times what f has not shown: by so much it is to change in a table */
static const double NO_SIZE = 1e-5;   /* of that over which f would change by f: it is none */
static const double SHORT = 1e-3;     /* of its size: a step beside which a far longer one tells more */
static const double STEEP = 10;       /* of a slope: what it may change by over a variable's size */
static const double BENT = 0.5;       /* of a slope: by so much another it may not be by the step for sizes */
static const double LONGER = 10;      /* times that of the slope: a step which tells more */
static const double SHORTER = 0x1p-4; /* of that step: over which f bends less */
static const double EXACT = 1e-6; /* of what a slope tells of a change, where a size is known: its error, */
static const double FAIR = 1e-2;  /* and where none is */
static const double CLEAR = 8;    /* times its error: a second derivative that tells a size */
static const double GROWN = 10;   /* times the error of f: what a slope that bends must make of a size */

/* True if the box has no room for a difference of variable i. */
static bool is_fixed(const lbfgsb_solver *s, size_t i) {
  double l = lower_of(s, i), u = upper_of(s, i);
  return u - l < INFINITY && u - l <= 4 * DBL_EPSILON * fmax(fabs(l), fabs(u));
}

size_t differences_next_free(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  while (i < d->n && is_fixed(s, i)) i++;
  return i;
}

/* ---- Slopes ---------------------------------------------------------------------------------------- */

/* True if the difference of element i is at most so many times what may be its error. */
static bool is_below(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i, double times) {
  double difference = get_array(d, ARRAY_GRADIENT)[i] * get_array(d, ARRAY_STEP)[i];
  return fabs(difference) <= times * differences_hidden(d, s);
}

bool differences_show_nothing(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  return is_below(d, s, i, 1);
}

/* True if it may be none: where a slope is to tell the variable's size, curvature alone must not do. */
static bool is_weak(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  return is_below(d, s, i, scales_is_zero(base(d, s)[i]) ? WEAK : 1);
}

double differences_unseen(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  double change = fabs(d->element.slope * d->element.unseen);
  return change > 0 && change > UNSEEN * differences_hidden(d, s) ? change : 0;
}

double differences_noise_change(const lbfgsb_differences *d) { return SEEN * d->unseen; }

double differences_noise_scale(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  double slopes = 0, change = differences_noise_change(d);
  if (change == 0) return sqrt(DBL_EPSILON);
  for (size_t i = differences_next_free(d, s, 0); i < d->n; i = differences_next_free(d, s, i + 1))
    slopes += fabs(get_array(d, ARRAY_GRADIENT)[i]) * differences_size(s, i, base(d, s)[i]);
  return change / slopes;
}

bool differences_refute_size(const lbfgsb_differences *d, lbfgsb_solver *s) {
  bool first =
      phase_is_start(s->run.phase) && (d->task == TASK_FORWARD || d->task == TASK_CENTRAL) && !d->has_steps;
  if (!first || !scales_refute_width(s, d->index, d->element.slope, d->value)) return false;
  caller_show(s);
  return true;
}

/* ---- Second derivatives ---------------------------------------------------------------------------- */

bool differences_leave_rest(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  double steepest = 0;
  for (size_t i = differences_next_free(d, s, 0); i < d->n; i = differences_next_free(d, s, i + 1))
    if (scales_are_unknown(s, i)) steepest = fmax(steepest, fabs(get_array(d, ARRAY_GRADIENT)[i]));
  return scales_leave_rest(d->value, fabs(d->value), steepest);
}

/* True if a slope has been found, but no second derivative. */
static bool lacks_curvature(const lbfgsb_differences *d, size_t i) {
  return fabs(get_array(d, ARRAY_GRADIENT)[i]) > 0 && get_array(d, ARRAY_CURVATURE)[i] == 0;
}

/* True if that would tell the sizes of two variables or more: of one alone the slope tells as much. */
static bool lacks_sizes(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  size_t lacking = 0;
  for (size_t i = differences_next_free(d, s, 0); i < d->n; i = differences_next_free(d, s, i + 1))
    lacking += scales_are_unknown(s, i) && lacks_curvature(d, i);
  return lacking >= 2 && !differences_leave_rest(d, s);
}

/* clear_curvature = that of variable i, unless it is one of noise that has been found since. */
static double clear_curvature(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  double c = get_array(d, ARRAY_CURVATURE)[i], step = get_array(d, ARRAY_STEP)[i];
  bool is_noise = d->knows_noise && fabs(c) * step * step <= CLEAR * evidence_error(s, d->value);
  return is_noise ? 0 : c;
}

/* True if f, as far as is known, would change by next to nothing over the variable's size: this may be far
 * too small. A curvature that tells more must not tell that f has its minimum along the variable here. */
static bool is_slight(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  double x = base(d, s)[i], size = differences_size(s, i, x), far = size / NO_SIZE, f = fabs(d->value);
  double slope = fabs(get_array(d, ARRAY_GRADIENT)[i]), curvature = fabs(clear_curvature(d, s, i));
  bool is_straight = curvature * far * far < f || curvature * size < STEEP * slope;
  return !scales_is_zero(x) && slope * far < f && is_straight;
}

/* True if the slope is that of a difference so small, by a step so short, that it may be one of noise. */
static bool is_unsure(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  double x = base(d, s)[i], step = get_array(d, ARRAY_STEP)[i];
  return !scales_is_zero(x) && step < SHORT * differences_size(s, i, x) && is_below(d, s, i, UNSEEN);
}

/* The step changes f by slope and bend alike, to a factor of STEEP. Where f hardly changes over a variable's
 * size it is straight there, or level in the middle: one of both is far less. Rounding is neither. But where
 * that is no size a step may bend as much. */
bool differences_are_of_terms(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  const partial *far = &d->element;
  double x = far->base.x, size = differences_size(s, d->index, x), slope = fabs(far->slope);
  double bend = fabs(get_array(d, ARRAY_CURVATURE)[d->index]) * far->step;
  bool is_size = !scales_is_zero(x) && !differences_is_next_to_zero(size);
  bool is_beyond = d->task == TASK_WIDER && is_size && far->step > size;
  bool is_both = bend < STEEP * slope && slope < STEEP * bend;
  return is_beyond && is_both && size * fmax(slope, bend) <= GROWN * evidence_error(s, d->value);
}

/* True if one of two slopes is another than the other by a good part of the larger. */
static bool are_other(double a, double b) { return fabs(a - b) > BENT * fmax(fabs(a), fabs(b)); }

bool differences_tell_more(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  const partial *far = &d->element;
  bool is_straight = fabs(far->curvature) * far->step < fabs(far->slope);
  bool was_noise = is_straight && are_other(far->slope, get_array(d, ARRAY_GRADIENT)[d->index]);
  return d->task == TASK_SLIGHT && was_noise && is_unsure(d, s, d->index);
}

/* True if so is each that is free: then none of the sizes means anything. */
static bool are_all_slight(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  size_t i = differences_next_free(d, s, 0);
  while (i < d->n && is_slight(d, s, i)) i = differences_next_free(d, s, i + 1);
  return i == d->n;
}

/* From the first scale on that is not 1 the caller's point is another array, which the next variable is read
 * from. */
void differences_doubt_sizes(const lbfgsb_differences *d, lbfgsb_solver *s) {
  bool beside_others = !are_all_slight(d, s);
  for (size_t i = differences_next_free(d, s, 0); i < d->n; i = differences_next_free(d, s, i + 1)) {
    if (!is_slight(d, s, i)) continue;
    bool was_used = s->scales.used;
    scales_doubt(s, i, get_array(d, ARRAY_GRADIENT)[i], clear_curvature(d, s, i), beside_others);
    if (s->scales.used && !was_used) caller_show(s);
  }
  caller_show(s);
}

double differences_second(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  const partial *far = &d->element;
  bool one_sided = far->stage == STAGE_FORWARD;
  double near = one_sided ? get_array(d, ARRAY_STEP)[d->index] : far->step;
  bool shows_nothing = one_sided && (far->unseen > 0 || far->step < near) && far->slope == 0;
  double bend = one_sided ? far->slope - get_array(d, ARRAY_GRADIENT)[d->index] : far->curvature * far->step;
  double error = 2 * evidence_error(s, d->value) * (1 / near + 1 / far->step);
  if (shows_nothing || !(fabs(bend) > CLEAR * error)) return 0;
  return one_sided ? 2 * bend / (far->at - far->base.x) : far->curvature;
}

/* True if the step for a size has found another slope. */
static bool finds_other(const lbfgsb_differences *d) {
  return d->task == TASK_SIZE && are_other(d->element.slope, get_array(d, ARRAY_GRADIENT)[d->index]);
}

bool differences_shorten(lbfgsb_differences *d, const lbfgsb_solver *s) {
  double near = get_array(d, ARRAY_STEP)[d->index], step = SHORTER * d->element.step;
  bool is_shorter = d->element.forward_step == near; /* only what is begun here; its step may have grown */
  if (!finds_other(d) || is_shorter || step < LONGER * near) return false;
  partial_base from = differences_base(d, s, d->index);
  partial_begin_central(&d->element, &from, step, near);
  return true;
}

bool differences_bend(const lbfgsb_differences *d) {
  bool is_as_close = d->element.step < LONGER * get_array(d, ARRAY_STEP)[d->index];
  return finds_other(d) || (d->task == TASK_SIZE && is_as_close);
}

/* By the slopes the change would be `told`, but for `error`, as their steps are short beside known sizes
 * only. */
bool differences_explain(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  double told = 0, error = WEAK * (double)d->n * differences_hidden(d, s);
  if (!phase_is_start(s->run.phase) || !d->bent || d->table.attempt > 0 || d->table.known != 2) return false;
  for (size_t i = 0; i < d->n; i++) {
    double change = get_array(d, ARRAY_GRADIENT)[i] * (get_array(d, ARRAY_POINT)[i] - base(d, s)[i]);
    told += change;
    error += (scales_are_unknown(s, i) ? FAIR : EXACT) * fabs(change);
  }
  return fabs(d->table.values[1] - d->table.values[0] - told) <= error;
}

double differences_curvature_error(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  const partial *element = &d->element;
  double x = element->base.x, ways = (element->first - x) * (element->second - x);
  return !element->has_curvature ? 0 : 4 * evidence_error(s, base_value(d, s)) / fabs(ways);
}

/* ---- Both ------------------------------------------------------------------------------------------ */

/* True if the task takes the element of this variable, which is free. */
static bool is_wanted(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  if (d->task == TASK_CENTRAL) return !differences_are_held(d, s, i);
  if (d->task == TASK_WIDER) return is_weak(d, s, i);
  if (d->task == TASK_SLIGHT) return (is_slight(d, s, i) || is_unsure(d, s, i)) && lacks_curvature(d, i);
  return d->task != TASK_SIZE || lacks_curvature(d, i);
}

size_t differences_next_wanted(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  i = differences_next_free(d, s, i);
  while (i < d->n && !is_wanted(d, s, i)) i = differences_next_free(d, s, i + 1);
  return i;
}

enum task differences_next_look(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  if (d->method != LBFGSB_AUTO || !phase_is_start(s->run.phase)) return d->task;
  if (d->task == TASK_FORWARD && !d->knows_noise) return TASK_WIDER;
  if (d->task == TASK_WIDER) return TASK_SLIGHT;
  return d->task != TASK_SIZE && lacks_sizes(d, s) ? TASK_SIZE : d->task;
}
