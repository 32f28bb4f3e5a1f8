/* curvature.h - private: second derivatives at the start, where slopes there have misled. */
#ifndef LBFGSB_CURVATURE_H
#define LBFGSB_CURVATURE_H

#include "solver.h"

/* True in the first search of a run, before they have been asked for, if variables begin at 0, but not too
 * many. */
bool curvature_may_be_wanted(const lbfgsb_solver *s);

/* True if by the gradient at this trial a good part of these has no slope left: second derivatives are to
 * tell how far to go. */
bool curvature_is_wanted(const lbfgsb_solver *s, double value, const double *gradient);

/* Sets the trial next to the start, along the first variable from `first` on that begins at 0. False if there
 * is none: their units are known. */
bool curvature_ask(lbfgsb_solver *s, size_t first);

/* curvature_asked = the variable along which it lies. */
size_t curvature_asked(const lbfgsb_solver *s);

/* Takes the gradient there: Newton's step along the variable is its unit, if that is less. */
void curvature_hear(lbfgsb_solver *s, const double *gradient);

/* True if the trial is what is asked for. */
bool curvature_valid(const lbfgsb_solver *s);

#endif
