/* agreement.h - private: whether the gradient told is that of f. */
#ifndef LBFGSB_AGREEMENT_H
#define LBFGSB_AGREEMENT_H

#include "solver.h"

/* Forgets what was found at bounds, at a new iterate. */
static inline void agreement_record(lbfgsb_solver *s) { s->agreement.at_bounds = 0; }

/* agreement_part = by what part f changes otherwise than its gradient says; along steps, whose slopes matter
 * only where variables are free, or from bounds. */
double agreement_part(const lbfgsb_solver *s);

/* agreement_part_told = the change of f to a trial, in units of what the slopes at both ends say of it; 1
 * where its error hides it. */
double agreement_part_told(const lbfgsb_solver *s, double value, double slope);

/* Holds the change of f in the last step, whose slope at its end this is, against its slopes. */
void agreement_compare(lbfgsb_solver *s, double slope);

/* Sets the trial where a gradient that was told, and is right, agrees: close, but f changes by more than its
 * error there; once an iterate. False where there is no doubt. */
bool agreement_ask(lbfgsb_solver *s);

/* True if the question asked is that one. */
bool agreement_is_asked(const lbfgsb_solver *s);

/* Takes value and slope there; no answer refutes a claim, so it is false. Of the value alone, with NaN for
 * the slope: true, as the slope is wanted. */
bool agreement_hear(lbfgsb_solver *s, double value, double slope);

/* Sets the trial where all variables that bounds hold have moved into the box, and f rises a little by their
 * slopes; the last question at an iterate. False where none are held, or rounding hides the rise. */
bool agreement_ask_at_bounds(lbfgsb_solver *s);

/* True if the question asked is that one. */
bool agreement_is_asked_at_bounds(const lbfgsb_solver *s);

/* Takes value and slope there; true if f is lower. Of the value alone, with NaN for the slope: also if it is
 * not what the slopes at the bounds say, as the slope is wanted. */
bool agreement_hear_at_bounds(lbfgsb_solver *s, double value, double slope);

#endif
