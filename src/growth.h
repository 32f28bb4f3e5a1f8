/* growth.h - private: sizes of variables that began at 0, by the first trial and the first pair. */
#ifndef LBFGSB_GROWTH_H
#define LBFGSB_GROWTH_H

#include "solver.h"

/* growth_of_zeros = what the units of variables that began at 0 are to be multiplied by after the first
 * iteration, beside others that did not; 1 if by nothing. */
double growth_of_zeros(const lbfgsb_solver *s);

/* True if variable i began at 0 and the trial has thrown it to where f hardly has a slope along it, by its
 * gradient. */
bool growth_is_lost(const lbfgsb_solver *s, size_t i, double value, const double *gradient);

/* Take smaller units for variables that a first trial has thrown so far, by its gradient, and beside them for
 * others that it has moved far and left no slope; or for those that began at 0, beside others that did not,
 * and were thrown to where f is not defined, as by the trials after it. Those of zeros are given back where
 * that was in vain. True if there is another unit: the trial is no iterate, a direction from the start is to
 * be found. */
bool growth_recall_level(lbfgsb_solver *s, double value, const double *gradient);
bool growth_recall_undefined(lbfgsb_solver *s);

#endif
