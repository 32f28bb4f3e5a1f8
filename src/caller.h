/* caller.h - private: what the caller tells and sees, in his units. */
#ifndef LBFGSB_CALLER_H
#define LBFGSB_CALLER_H

#include "solver.h"

/* caller_told = the gradient (n) told, in the solver's units. */
const double *caller_told(lbfgsb_solver *s, const double *gradient);

/* caller_bounded = the same without infinite slopes towards a bound on which the trial stands: no other point
 * would better them, so such an element is the iterate's, which enters no pair, or where that has another
 * sign, 1 with its own. As published they stay. */
const double *caller_bounded(lbfgsb_solver *s, const double *g);

/* caller_slope = g'd at the trial, NaN where the value there is not finite; *gradient, which was told,
 * becomes g, in which infinite slopes are bounded. */
double caller_slope(lbfgsb_solver *s, double value, const double **gradient);

/* caller_room = room for a gradient (n) that is to be told: none while a trial is kept there.
 * caller_clear_room sets it to NaN. */
double *caller_room(lbfgsb_solver *s);
void caller_clear_room(lbfgsb_solver *s);

/* Keeps the trial, which cannot be made again to the bit, until a gradient is told; caller_kept = it (n). */
void caller_keep_trial(lbfgsb_solver *s);
const double *caller_kept(const lbfgsb_solver *s);

/* caller_zero = a gradient of zeros (n). */
const double *caller_zero(lbfgsb_solver *s);

/* Takes note of a new iterate or gradient: the norms in the caller's units, which where all scales are 1 are
 * the solver's. */
void caller_record(lbfgsb_solver *s, double pgnorm, double steepest);

/* Takes note that there is a scale where there may have been none. */
void caller_outdate(lbfgsb_solver *s);

/* Sets what the caller sees between two advances, as far as it is another. */
void caller_show(lbfgsb_solver *s);

/* caller_point, _iterate, _gradient = the trial, the iterate and the gradient there (n), in the caller's
 * units. */
const double *caller_point(const lbfgsb_solver *s);
const double *caller_iterate(const lbfgsb_solver *s);
const double *caller_gradient(const lbfgsb_solver *s);

/* True if what the caller sees is that of the state. */
bool caller_valid(const lbfgsb_solver *s);

#endif
