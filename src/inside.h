/* inside.h - private: variables that have not left the bound where they began, measured in far too small a
 * unit. */
#ifndef LBFGSB_INSIDE_H
#define LBFGSB_INSIDE_H

#include "solver.h"

/* Begins with the questions anew, at a new iterate. */
static inline void inside_record(lbfgsb_solver *s) { s->inside.asked = 0; }

/* inside_way = that of such a variable i to its other bound; 0 of another one. */
double inside_way(const lbfgsb_solver *s, size_t i);

/* Sets the next trial where all of them are inside their box. False where there is none left, or no such
 * variable. */
bool inside_ask(lbfgsb_solver *s);

/* True if the question asked is one of these. */
static inline bool inside_is_asked(const lbfgsb_solver *s) { return s->inside.asked > 0; }

/* Measures those that have left their bound in units of their box. */
void inside_leave(lbfgsb_solver *s);

/* Takes the value there; true if f is lower. */
bool inside_hear(const lbfgsb_solver *s, double value);

bool inside_valid(const lbfgsb_solver *s);

#endif
