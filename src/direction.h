/* direction.h - private: the search direction, and the trial points on it. */
#ifndef LBFGSB_DIRECTION_H
#define LBFGSB_DIRECTION_H

#include "box.h"
#include "conjugate.h"
#include "solver.h"

#define STEP_LIMIT 1e10 /* the published 3.0's */

/* direction_point = P(x + step d) in a row. One whose largest feasible step is reached stands on its bound to
 * the bit. */
static inline double direction_point(double x, double d, double step, double lower, double upper) {
  double bound = d < 0 ? lower : upper;
  bool reached = d != 0 && (bound - x) / d <= step;
  return reached ? bound : clamp(x + step * d, fmax(lower, -DBL_MAX), fmin(upper, DBL_MAX));
}

/* Divides the trial's variable i by a factor. */
void direction_rescale(lbfgsb_solver *s, size_t i, double factor);

/* Finds the direction from the iterate, and the trial at its end: to the subspace minimizer, projected on the
 * box; where that leads uphill, from the Cauchy point towards the minimizer up to the first bound; where
 * there is no minimizer, to the Cauchy point. False if B is not positive definite. */
bool direction_find(lbfgsb_solver *s);

/* Find the three, each alone. */
void direction_to_cauchy(lbfgsb_solver *s);
void direction_to_minimizer(lbfgsb_solver *s);
bool direction_truncated(lbfgsb_solver *s);

/* Sets the point in the rows of a block, before its projection on the box. */
typedef void asked_rows(const lbfgsb_solver *s, size_t first, const void *by, double *point);

/* Sets d, and the trial at its end, to the projection of such a point. */
void direction_to(lbfgsb_solver *s, asked_rows *rows, const void *by);

/* direction_size = the size of a variable, however close to 0 it has come. */
static inline double direction_size(double x) { return greater(fabs(x), SIZE_FLOOR); }

/* direction_free_size = that of variable i, 0 where a bound holds it against its slope. */
double direction_free_size(const lbfgsb_solver *s, size_t i);

/* Sets d, and the trial at its end, to P(x - D g) - x, D_i = step r_i^2, r_i the variable's size. */
void direction_by_sizes(lbfgsb_solver *s, double step);

enum movers { MOVE_TOLD, MOVE_OTHERS, MOVE_STAYING };

/* The same where x_i moves against g_i by so many times |g_i| / |h_i|, h_i the curvature that the pairs tell,
 * but no farther than this part of r_i, or than where its slope promises so much; and all not so far that
 * they promise more: those with h_i > 0, or the others; or, whatever h_i, those whose slopes the newest step
 * has hardly changed. */
void direction_by_curvatures(lbfgsb_solver *s, enum movers which, double times, double part, double promise);

/* The same to where all that have not left the bound where they began have gone this part of the way to the
 * other one. */
void direction_inside(lbfgsb_solver *s, double part);

/* The same along d as it is, to this part of it. */
void direction_shorten(lbfgsb_solver *s, double part);

/* The same on by a part of the newest pairs' s, all added up. */
void direction_on(lbfgsb_solver *s, size_t steps, double part);

/* The same along the newest pair's s, to where its curvature makes f rise by so much. */
void direction_by_pair(lbfgsb_solver *s, double rise);

/* The same along a way that is conjugate to the newest steps. */
void direction_conjugate(lbfgsb_solver *s, const conjugate_way *way);

/* The same to where variable `only`, or where it is n each, has gone this part of fold_length(). */
void direction_aside(lbfgsb_solver *s, size_t only, double part);

/* The same to where all that may be lost on a plateau have gone this part of their way back to the start. */
void direction_back(lbfgsb_solver *s, double part);

/* direction_held = how many variables a bound holds against their slopes, that may leave it. */
double direction_held(const lbfgsb_solver *s);

/* Sets d, and the trial at its end, into the box along each of these, to where these slopes say that f
 * rises by so much, each adding an equal part; but none farther than to a part of its size. d = 0 where none
 * is held. */
void direction_off_bounds(lbfgsb_solver *s, double rise);

/* Sets trial = P(x + step d). */
void direction_set_trial(lbfgsb_solver *s, double step);

/* Sets trial = x, but x_i + step. */
void direction_next_to(lbfgsb_solver *s, size_t i, double step);

/* Sets the trial (n) to the start, or to one there was before. */
void direction_restore_trial(lbfgsb_solver *s, const double *trial);

/* Tells whether no variable goes farther along it than this part of its size. */
bool direction_is_within(const lbfgsb_solver *s, double part);

/* direction_slope = g'd with the gradient (n) at the trial: NaN or infinite where an element of g is. */
double direction_slope(lbfgsb_solver *s, const double *gradient);

#endif
