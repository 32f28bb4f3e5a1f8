/* inflection.h - private: points where slope and curvature vanish together, and beyond which f falls on. */
#ifndef LBFGSB_INFLECTION_H
#define LBFGSB_INFLECTION_H

#include "solver.h"

/* Begins with the questions anew, at a new iterate. */
static inline void inflection_record(lbfgsb_solver *s) { s->inflection.asked = 0; }

/* True if the question asked is one about the way beyond. */
static inline bool inflection_is_asked(const lbfgsb_solver *s) {
  return phase_is_question(s->run.phase) && s->inflection.asked > 0 && s->fold.asked == 0 &&
         s->plateau.asked == 0;
}

/* Sets the trial on the way of the last steps, where their slopes promise that f is lower. False if they do
 * not. */
bool inflection_ask(lbfgsb_solver *s);

/* Takes the value there; true if f is lower. */
bool inflection_hear(const lbfgsb_solver *s, double value);

bool inflection_valid(const lbfgsb_solver *s);

#endif
