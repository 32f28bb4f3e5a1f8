/* fold.h - private: where f is level along a variable at its bound, or at 0, as it is even in it. */
#ifndef LBFGSB_FOLD_H
#define LBFGSB_FOLD_H

#include "plateau.h"

/* Begins with the questions anew, at a new iterate. */
static inline void fold_record(lbfgsb_solver *s) {
  s->fold.asked = 0;
  s->fold.change = 0;
}

/* True if the question asked is one about a variable along which f is level. */
static inline bool fold_is_asked(const lbfgsb_solver *s) {
  return s->fold.asked > 0 && s->plateau.asked == 0;
}

/* fold_length = the way on which such a variable is asked about, with its sign; 0 for another variable. */
double fold_length(const lbfgsb_solver *s, size_t i);

/* Sets the trial aside along such a variable, or all. False where there is none left to ask about. */
bool fold_ask(lbfgsb_solver *s);

/* Takes the value there; true if it is lower. */
bool fold_hear(lbfgsb_solver *s, double value);

bool fold_valid(const lbfgsb_solver *s);

#endif
