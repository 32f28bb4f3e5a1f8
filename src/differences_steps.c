/* differences_steps.c - from where to where a difference is taken (METHOD.md, (38), (43), (57), (64),
 * (86), (87)). */
#include "differences.h"

#include "box.h"
#include "evidence.h"
#include "scales.h"

static const double HIDDEN = 100;      /* times eps_f: a difference below it is no evidence of a slope */
static const double FAINT = 1e5;       /* times that: no evidence where the step may be far too long */
static const double EQUAL = 0.02;      /* of that: values that do not differ */
static const double NOISY = 10;        /* times eps_f: what noise may make of a difference */
static const double FAIR = 1e-3;       /* of its size: a step by which a variable should show something */
static const double WIDEST = 10;       /* a step, relative to a variable's size, */
static const double FARTHEST = 1e9;    /* and at the start: it may be no size */
static const double A_REST = 1e-6;     /* of f at the start: f may be a rest of what cancels */
static const double MOST_WAYS = 30;    /* of curvature, in a size, */
static const double LEAST_PART = 1e-6; /* of which a step by curvature is to be at least, */
static const double LEAST_OF_X = 1e-3; /* of |x_i|, as short steps make much of noise not known yet, */
static const double MOST_PART = 1e3;   /* and at most, in units of the step without a model */
static const double NO_SIZE = 1e6;     /* of the same: where pairs tell a longer one that size is none */
static const double GROWTH = 10;       /* of a step that shows no slope, */
static const double FAR_GROWTH = 1000; /* and then */
static const double FLAT = 1e-4;       /* of f: a change by less is flat, wherever it comes from */
static const double LEAST_SIZE = 1e-3; /* of a variable near 0, */
static const double A_START = 0x1p-20; /* in its scale: closer to 0 it tells no size */
static const double FIRST_SIZE = 0.1;  /* and where it starts at 0: f may be rough close to it */
static const double BEND = 0.5; /* times eta^(1/4): the part of f that the slope is to change where a */
static const double MOST_BEND = 0x1p-6; /* second derivative is looked for; at most, and a part of a size, */
static const double PLAIN = 1e4;     /* and times what is hidden: a slope so exact that one value will do */
static const double MOST_RISE = 1e4; /* of f, by a step that may be far too long: beyond is a wall; */
static const double WALL = 1e150;    /* and of f, or f at the start if that is more, by any step */

/* Its scale, which pairs change, tells a size up to that at which it began. */
double differences_size(const lbfgsb_solver *s, size_t i, double x) {
  double scale = scale_of(s, i), start = fabs(get(s, s->plateau.start)[i]);
  return greater(fabs(x), LEAST_SIZE * (start > A_START && start < 1 ? start * scale : scale));
}

bool differences_is_next_to_zero(double size) { return FARTHEST * size < 1; }

/* size_of = that of a variable where its slope is taken. */
static double size_of(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  double x = base(d, s)[i];
  return phase_is_start(s->run.phase) && scales_is_zero(x) ? FIRST_SIZE * scale_of(s, i)
                                                           : differences_size(s, i, x);
}

static double relative_error(const lbfgsb_solver *s) { return greater(s->run.noise, DBL_EPSILON); }

/* step_by_model = that by the pairs alone, by this error of f. */
static double step_by_model(const lbfgsb_differences *d, size_t i, double error) {
  return 2 * sqrt(error / get_array(d, ARRAY_MODEL)[i]);
}

/* h = 2 sqrt(eps_f / B_ii) minimizes the bound 2 eps_f / h + h B_ii / 2 of the error; without a model the
 * root of the relative error of f, relative to x_i. */
static double forward_step(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  double relative = sqrt(relative_error(s)) * size_of(d, s, i), curvature = get_array(d, ARRAY_MODEL)[i];
  if (d->has_steps) return get_array(d, ARRAY_STEPS)[i];
  if (!d->knows_model || !(curvature > 0)) return relative;
  double step = step_by_model(d, i, evidence_error(s, base_value(d, s)));
  return clamp(step, LEAST_PART * relative, MOST_PART * relative);
}

/* way_of_change = over how far the curvature by the pairs changes f by as much as f is; at a size of its own
 * by as much as f was at the start if f is next to nothing beside it, as it may be a rest of what cancels. */
static double way_of_change(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i, bool by_scale) {
  double f = base_value(d, s), start = fabs(s->evidence.start_value);
  double value = evidence_error(s, f) / relative_error(s);
  if (!by_scale && fabs(f) < A_REST * start && s->run.noise == 0) value = start;
  return sqrt(value / get_array(d, ARRAY_MODEL)[i]);
}

/* By the variable's size, but by no more than so many of these ways: both |x_i| and a scale that a start at 0
 * has told may be far longer. */
double differences_central_step(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i, double x) {
  double size = differences_size(s, i, x);
  bool by_scale = fabs(x) < size;
  if (d->has_steps) return get_array(d, ARRAY_STEPS)[i];
  if (d->knows_model && get_array(d, ARRAY_MODEL)[i] > 0) {
    double least = by_scale ? LEAST_PART : LEAST_OF_X;
    size = clamp(MOST_WAYS * way_of_change(d, s, i, by_scale), least * size, size);
  }
  return cbrt(relative_error(s)) * size;
}

/* A small part of a size that is doubted, or a step by which the slope would change f by a small part of it.
 */
static double size_step(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  if (d->task == TASK_SLIGHT) return MOST_BEND * differences_size(s, i, base(d, s)[i]);
  double part = fmin(BEND * sqrt(sqrt(relative_error(s))), MOST_BEND);
  return part * fabs(d->value / get_array(d, ARRAY_GRADIENT)[i]);
}

/* True if the element of a central difference is taken by a wider step where it shows nothing at all. */
static bool looks_again(const lbfgsb_differences *d) {
  return d->method == LBFGSB_AUTO && d->task == TASK_CENTRAL && !d->knows_noise && !d->has_steps;
}

/* Of a value that is looked at again no more than its own rounding: (54) grants more, which a slope may be.
 */
double differences_hidden(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  double f = base_value(d, s);
  return HIDDEN * (looks_again(d) ? DBL_EPSILON * fabs(f) : evidence_error(s, f));
}

/* lengthened_step = how long a step is to be by the pairs, where by the variable's size it is far shorter;
 * else 0. A start next to 0 may be no size. */
static double lengthened_step(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i, double error) {
  bool tells = d->knows_model && get_array(d, ARRAY_MODEL)[i] > 0 && !d->knows_noise && !d->has_steps;
  double size = differences_size(s, i, base(d, s)[i]), step = tells ? step_by_model(d, i, error) : 0;
  if (!(step > NO_SIZE * sqrt(relative_error(s)) * size)) return 0;
  return d->task == TASK_CENTRAL ? cbrt(relative_error(s)) * way_of_change(d, s, i, true) : step;
}

/* shows_nothing = the change of f after which a wider step is taken: by one as long as pairs tell, which may
 * be those of noise, f must show more than noise; without them much more. */
static double shows_nothing(const lbfgsb_differences *d, const lbfgsb_solver *s, double lengthened,
                            double error) {
  bool is_short = lengthened > 0;
  if (is_short && d->task == TASK_FORWARD) return NOISY * error;
  if (looks_again(d)) return (is_short ? 1 : EQUAL) * differences_hidden(d, s);
  return (d->knows_noise && d->knows_model ? NOISY : HIDDEN) * error;
}

/* shows_too_little = the same where the variable begins at 0, and nothing tells how long a step is. */
static double shows_too_little(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  return d->task == TASK_WIDER && scales_is_zero(base(d, s)[i]) ? FAINT * differences_hidden(d, s) : 0;
}

/* True if the slope of element i is so exact that a second derivative takes one further value. */
static bool is_plain(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  return fabs(get_array(d, ARRAY_GRADIENT)[i] * get_array(d, ARRAY_STEP)[i]) >
         PLAIN * differences_hidden(d, s);
}

/* widest_step = up to where a step is widened; 0 for not at all. */
static double widest_step(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i, double lengthened) {
  double size = differences_size(s, i, base(d, s)[i]);
  if (d->task == TASK_WIDER) return differences_is_next_to_zero(size) ? 1 : FARTHEST * size;
  bool may_be_noise = !d->knows_model || (d->task == TASK_CENTRAL && base_value(d, s) != 0);
  if (d->knows_noise) return may_be_noise ? WIDEST * size : 0;
  return fmax(looks_again(d) ? FAIR * size : 0, lengthened);
}

/* most_rise = up to which f may rise: at the start, where steps are tried that may be far too long; and later
 * by a short one, beyond which there is a wall. */
static double most_rise(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  double f = fabs(base_value(d, s)), start = fabs(s->evidence.start_value);
  double most = is_far(d) ? MOST_RISE * f : phase_is_start(s->run.phase) ? 0 : WALL * fmax(f, start);
  return most > 0 ? most : INFINITY;
}

/* most_told = a change that the step before a wider one would have shown, where noise is known; but much
 * noise is no reason to take a steep slope for none, nor is the edge of where f is defined. */
static double most_told(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  if (!d->knows_noise || s->run.nonfinite > 0) return INFINITY;
  double told = shows_nothing(d, s, 0, evidence_error(s, base_value(d, s))) + differences_hidden(d, s);
  return told <= FLAT * fabs(base_value(d, s)) ? told : INFINITY;
}

partial_base differences_base(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  double error = evidence_error(s, base_value(d, s)), lengthened = lengthened_step(d, s, i, error);
  double widest = widest_step(d, s, i, lengthened);
  return (partial_base){.x = base(d, s)[i],
                        .f = base_value(d, s),
                        .lower = fmax(lower_of(s, i), -DBL_MAX),
                        .upper = fmin(upper_of(s, i), DBL_MAX),
                        .hidden = shows_nothing(d, s, lengthened, error),
                        .faint = shows_too_little(d, s, i),
                        .most = most_rise(d, s),
                        .widest = widest,
                        .longest = d->task == TASK_FORWARD && !d->knows_noise ? widest : INFINITY,
                        .growth = d->knows_noise ? GROWTH : FAR_GROWTH,
                        .told = most_told(d, s)};
}

void differences_begin(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i, partial *element) {
  partial_base from = differences_base(d, s, i);
  bool for_size = is_for_size(d);
  double step = for_size ? size_step(d, s, i) : forward_step(d, s, i);
  if (d->task == TASK_FORWARD || (for_size && is_plain(d, s, i)))
    partial_begin_forward(element, &from, step);
  else
    partial_begin_central(element, &from, for_size ? step : differences_central_step(d, s, i, from.x), step);
  if (d->task == TASK_WIDER && differences_show_nothing(d, s, i))
    element->unseen = get_array(d, ARRAY_STEP)[i];
}

/* slope_point = a point a little before the trial p: p + t (x - p), inside the box as x and p are. */
static double slope_point(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  double p = lbfgsb_point(s)[i], x = lbfgsb_iterate(s)[i];
  return clamp(p + d->fraction * (x - p), lower_of(s, i), upper_of(s, i));
}

/* table_point = element i of the next point of the table of values. After the start a variable stays on its
 * bound, where f may be a root, which is no noise. */
static double table_point(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  double x = lbfgsb_iterate(s)[i], l = lower_of(s, i), u = upper_of(s, i);
  bool stays = !phase_is_start(s->run.phase) && (x == l || x == u);
  return stays ? x : noise_point(&d->table, i, x, differences_size(s, i, x), l, u);
}

double differences_asked(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i) {
  if (is_in_gradient(d)) return i == d->index ? d->element.at : base(d, s)[i];
  if (d->task == TASK_SLOPE) return slope_point(d, s, i);
  return d->task == TASK_NOISE ? table_point(d, s, i) : lbfgsb_point(s)[i];
}
