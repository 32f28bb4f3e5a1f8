/* agreement.h - private: whether the gradient told is that of f. */
#ifndef LBFGSB_AGREEMENT_H
#define LBFGSB_AGREEMENT_H

#include "solver.h"

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

#endif
