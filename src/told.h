/* told.h - private: the gradient that the caller tells, as the solver takes it. */
#ifndef LBFGSB_TOLD_H
#define LBFGSB_TOLD_H

#include "solver.h"

/* told_gradient = the gradient (n) told at the trial, without infinite slopes towards a bound on which the
 * trial stands: no other point would better them, so such an element is the iterate's, which enters no pair,
 * or where that has another sign, 1 with its own. As published: the gradient itself. */
const double *told_gradient(lbfgsb_solver *s, const double *gradient);

/* told_zero = a gradient of zeros (n). */
const double *told_zero(lbfgsb_solver *s);

#endif
