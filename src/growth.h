/* growth.h - private: sizes of variables that began at 0, by the first pair. */
#ifndef LBFGSB_GROWTH_H
#define LBFGSB_GROWTH_H

#include "solver.h"

/* growth_of_zeros = what the units of variables that began at 0 are to be multiplied by after the first
 * iteration, beside others that did not; 1 if by nothing. */
double growth_of_zeros(const lbfgsb_solver *s);

#endif
