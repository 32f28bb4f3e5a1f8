/* growth.h - private: sizes of variables that began at 0, by the first trial and the first pair. */
#ifndef LBFGSB_GROWTH_H
#define LBFGSB_GROWTH_H

#include "solver.h"

/* growth_of_zeros = what the units of variables that began at 0 are to be multiplied by after the first
 * iteration, beside others that did not; 1 if by nothing. */
double growth_of_zeros(const lbfgsb_solver *s);

/* Takes smaller units for variables that began at 0, beside others that did not, and that the first trial has
 * thrown to where f is not defined, as the trials after it were. These are taken back where that was in vain.
 * True if there is another unit: a direction from the start is to be found. */
bool growth_recall(lbfgsb_solver *s);

#endif
