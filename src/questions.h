/* questions.h - private: what is asked of f before a claim of convergence stands. */
#ifndef LBFGSB_QUESTIONS_H
#define LBFGSB_QUESTIONS_H

#include "agreement.h"
#include "fold.h"
#include "inflection.h"
#include "inside.h"

/* Begins with the questions anew, at a new iterate. */
void questions_record(lbfgsb_solver *s);

/* Sets the next trial where f would be lower if the claim were wrong; before a claim by values of f, or a
 * failure, once at the iterate. False where there is none left. */
bool questions_ask(lbfgsb_solver *s, lbfgsb_status claim);

/* Takes note of a claim that they are to be asked about later. */
void questions_put_off(lbfgsb_solver *s, lbfgsb_status claim);

/* Takes the value there, and the slope along the way; true if it refutes the claim. Of the value alone, with
 * NaN for the slope: true if it takes a gradient to go on. Where f is random the claim is that. */
bool questions_hear(lbfgsb_solver *s, double value, double slope);

/* True if what is noted of the question asked can be. */
bool questions_valid(const lbfgsb_solver *s);

/* True if the question asked is one on the way back to the start, or off a bound never left, which the pairs
 * know nothing of. */
static inline bool questions_lead_back(const lbfgsb_solver *s) {
  return !agreement_is_asked_at_bounds(s) && s->questions.cuts == 0 &&
         (fold_is_asked(s) || plateau_is_asked(s) || inside_is_asked(s));
}

#endif
