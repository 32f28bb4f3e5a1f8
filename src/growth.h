/* growth.h - private: sizes of variables that began at 0, by the first trial and the first pair. */
#ifndef LBFGSB_GROWTH_H
#define LBFGSB_GROWTH_H

#include "solver.h"

/* growth_of_zeros = what the units of variables that began at 0 are to be multiplied by after the first
 * iteration, beside others that did not; 1 if by nothing. */
double growth_of_zeros(const lbfgsb_solver *s);

/* Take smaller units for variables that began at 0 and that the first trial has thrown to where f no longer
 * has a slope along them, by its gradient; or to where it is not defined, as the trials after it were, if
 * others began elsewhere. These are taken back where that was in vain. True if there is another unit: the
 * trial is no iterate, a direction from the start is to be found. */
bool growth_recall_level(lbfgsb_solver *s, double value, const double *gradient);
bool growth_recall_undefined(lbfgsb_solver *s);

#endif
