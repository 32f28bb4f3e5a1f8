/* differences.h - private: the machine between the solver and a caller who has values of f alone; one flat
 * block without pointers, the struct and then the arrays. */
#ifndef LBFGSB_DIFFERENCES_H
#define LBFGSB_DIFFERENCES_H

#include "caller.h"
#include "noise.h"
#include "partial.h"
#include "solver.h"

/* What the value asked for is wanted for. */
enum task {
  TASK_VALUE,
  TASK_FORWARD,
  TASK_WIDER,
  TASK_SLIGHT,
  TASK_SIZE,
  TASK_CENTRAL,
  TASK_SLOPE,
  TASK_NOISE
};

struct lbfgsb_differences {
  size_t n;
  enum task task;
  lbfgsb_request pending; /* of the solver's: what the task is for */
  lbfgsb_method method;
  bool has_steps;      /* the caller has given them */
  bool knows_model;    /* the solver's pairs have told the curvatures */
  bool stays_central;  /* a rough gradient has been replaced */
  bool measures_noise; /* where it shows: not yet */
  size_t gradients;    /* given to the solver */
  size_t fails;        /* trials of the search without sufficient decrease */
  size_t index;        /* of the gradient's element under way */
  double value;        /* f at the solver's point */
  double unseen;       /* what f should have shown by the slopes under way, and has not (64) */
  double fraction;     /* of the way back to the iterate, where a slope is asked for */
  bool knows_noise;    /* told at the beginning, or found */
  bool settled;        /* the last gradient was central, and 0 as near as can be */
  bool bent;           /* a slope at the start is another by a longer step: f is, or it was noise */
  bool unused[5];      /* to the next double */
  partial element;
  noise_table table;
};

/* Arrays (n) behind the struct. */
enum {
  ARRAY_POINT,     /* where f is asked for */
  ARRAY_GRADIENT,  /* under way, */
  ARRAY_STEP,      /* with the steps of its forward differences */
  ARRAY_CURVATURE, /* and the second ones, without what may be their errors, */
  ARRAY_MOST,      /* or with it: as large as they may be; 0 where that is not known */
  ARRAY_MODEL,     /* curvatures by the solver's pairs */
  ARRAY_STEPS,     /* given by the caller */
  ARRAYS
};
static inline const double *get_array(const lbfgsb_differences *d, int which) {
  return (const double *)(d + 1) + (size_t)which * d->n;
}
static inline double *put_array(lbfgsb_differences *d, int which) {
  return (double *)(d + 1) + (size_t)which * d->n;
}

/* In the units of the solver's caller; the iterate's also while scales change, before he is shown it. */
static inline double scale_of(const lbfgsb_solver *s, size_t i) { return get(s, s->scales.scale)[i]; }
static inline double lower_of(const lbfgsb_solver *s, size_t i) {
  return get(s, s->box.lower)[i] * scale_of(s, i);
}
static inline double upper_of(const lbfgsb_solver *s, size_t i) {
  return get(s, s->box.upper)[i] * scale_of(s, i);
}
static inline double iterate_of(const lbfgsb_solver *s, size_t i) {
  return get(s, s->iterate.x)[i] * scale_of(s, i);
}

/* base = x (n) of the gradient under way, and f there. */
static inline const double *base(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  return d->pending == LBFGSB_REFINE ? caller_iterate(s) : caller_point(s);
}
static inline double base_value(const lbfgsb_differences *d, const lbfgsb_solver *s) {
  return d->pending == LBFGSB_REFINE ? s->run.value : d->value;
}

/* True if the elements are taken again for second derivatives, at the start. */
static inline bool is_for_size(const lbfgsb_differences *d) {
  return d->task == TASK_SLIGHT || d->task == TASK_SIZE;
}

/* True if the elements are taken again by steps that may be far too long, at the start. */
static inline bool is_far(const lbfgsb_differences *d) { return is_for_size(d) || d->task == TASK_WIDER; }

static inline bool is_in_gradient(const lbfgsb_differences *d) {
  return d->task >= TASK_FORWARD && d->task <= TASK_CENTRAL;
}

/* differences_asked = element i of the point at which the value is asked for. */
double differences_asked(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i);

/* differences_size = that of variable i where it is x. */
double differences_size(const lbfgsb_solver *s, size_t i, double x);

/* True if a size at the start is so small that it may stand for 0: f is asked as far off as the caller's unit. */
bool differences_is_next_to_zero(double size);

/* differences_central_step = that of a central difference in variable i where it is x, before it is widened.
 */
double differences_central_step(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i, double x);

/* differences_base = where element i of the gradient under way is taken; differences_begin begins it. */
partial_base differences_base(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i);
void differences_begin(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i, partial *element);

/* differences_next_free = the first variable from i on that is not fixed, or n. */
size_t differences_next_free(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i);

/* True if a bound holds variable i of the iterate by a slope that is clear, though rough: a better one tells
 * no more. */
bool differences_are_held(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i);

/* differences_next_wanted = the same, of those whose element the task takes. */
size_t differences_next_wanted(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i);

/* differences_hidden = a change of f that is no evidence of a slope. */
double differences_hidden(const lbfgsb_differences *d, const lbfgsb_solver *s);

/* True if the difference of element i is no more than what is hidden. */
bool differences_show_nothing(const lbfgsb_differences *d, const lbfgsb_solver *s, size_t i);

/* differences_unseen = by how much f changes over a step that has shown nothing, as a wider one tells that
 * the element just found has a slope; 0 if that may be rounding. */
double differences_unseen(const lbfgsb_differences *d, const lbfgsb_solver *s);

/* differences_noise_scale = that of the table by which noise is measured; differences_noise_change = by how
 * much f is to change there from point to point, 0 for any. */
double differences_noise_change(const lbfgsb_differences *d);
double differences_noise_scale(const lbfgsb_differences *d, const lbfgsb_solver *s);

/* True if the size by which the element just found was taken, that of the box, was none: it is less now, and
 * the element is to be taken again. */
bool differences_refute_size(const lbfgsb_differences *d, lbfgsb_solver *s);

/* True if a far longer step has just told a slope that a short one could not, as f is straight so far. */
bool differences_tell_more(const lbfgsb_differences *d, const lbfgsb_solver *s);

/* True if a step beyond the variable's size has shown no more than terms that grow with the variable may have
 * left by their rounding, which is neither straight nor even: it has shown nothing. */
bool differences_are_of_terms(const lbfgsb_differences *d, const lbfgsb_solver *s);

/* Doubts the sizes of variables over which f does not change, neither by the slope nor by curvature. */
void differences_doubt_sizes(const lbfgsb_differences *d, lbfgsb_solver *s);

/* True if f at the start may be what rounding has left of larger terms: nothing is held against it. */
bool differences_leave_rest(const lbfgsb_differences *d, const lbfgsb_solver *s);

/* differences_second = the second derivative that the element at the start tells by a difference to both
 * sides, or to one and that of the gradient, which is nearer; 0 where it does not show above their errors. */
double differences_second(const lbfgsb_differences *d, const lbfgsb_solver *s);

/* Begins the element anew by a shorter step, once, if f bends over the one for a size; true if it has. */
bool differences_shorten(lbfgsb_differences *d, const lbfgsb_solver *s);

/* True if the slope of that difference is another than that of the nearer one. */
bool differences_bend(const lbfgsb_differences *d);

/* True if the first value of a table begun for that is what the slopes tell: they were not those of noise. */
bool differences_explain(const lbfgsb_differences *d, const lbfgsb_solver *s);

/* differences_curvature_error = what may be that of the second difference of the element just found; 0 where
 * there is none. */
double differences_curvature_error(const lbfgsb_differences *d, const lbfgsb_solver *s);

/* differences_next_look = the task that takes elements of the start's gradient again, or, where there is no
 * need, that which has ended. */
enum task differences_next_look(const lbfgsb_differences *d, const lbfgsb_solver *s);

/* True if no variable of the point x (n) can gain: a bound is in the way, or the minimum of the parabola
 * along it is within rounding, for all that the gradient's differences tell. */
bool differences_are_settled(const lbfgsb_differences *d, const lbfgsb_solver *s, const double *x);

/* True if that was so where the last gradient was taken, and is so of the iterate: the run is at its end. */
bool differences_end_run(const lbfgsb_differences *d, const lbfgsb_solver *s);

/* differences_gain = how far f may fall along each variable alone, all added up; infinite where that has no
 * end. */
double differences_gain(const lbfgsb_differences *d, const lbfgsb_solver *s);

/* True if what the task is for is what the solver waits for. */
bool differences_in_step(const lbfgsb_differences *d, const lbfgsb_solver *s);

/* Begins the element anew by a longer step, where its second derivative refutes the model's curvature, but
 * does not show; true if it has. */
bool differences_lengthen(lbfgsb_differences *d, const lbfgsb_solver *s);

/* Corrects the scales by second derivatives where they tell that the pairs are of a place far off, and
 * forgets the pairs. */
void differences_correct_model(const lbfgsb_differences *d, lbfgsb_solver *s);

#endif
