/* plateau.h - private: plateaus, where f does not depend on some of its variables, or on none. */
#ifndef LBFGSB_PLATEAU_H
#define LBFGSB_PLATEAU_H

#include "solver.h"

/* Takes note of the start. */
void plateau_init(lbfgsb_solver *s);

/* Measures variable i in a unit `factor` times as large. */
void plateau_rescale(lbfgsb_solver *s, size_t i, double factor);

/* Takes note of a new iterate; and that it is one on the way back. */
void plateau_record(lbfgsb_solver *s);
void plateau_leave(lbfgsb_solver *s);

/* True if g = 0 at a trial, which may lie on a plateau. plateau_step = the step at which f is asked whether
 * it does. */
bool plateau_is_possible(const lbfgsb_solver *s, double value, const double *gradient);
double plateau_step(const lbfgsb_solver *s);

/* True if hardly any slope is left at a trial, and f has fallen less than half as much as the slopes at both
 * ends say: so no quadratic has its minimum there, and there is nothing to ask. */
bool plateau_is_evident(const lbfgsb_solver *s, double value, double slope, const double *gradient);

/* Tells which variables of the block that begins at row `first` may be lost on a plateau: far from their
 * start, without a slope now and, as far as the newest pair tells, before. One that has just come to its
 * minimum had a slope. */
void plateau_look(const lbfgsb_solver *s, size_t first, bool *lost);

/* Sets the next trial on the way of such variables back to the start; or past it, or away from it, where f
 * falls there along a line. False where there is none left, or no such variable. */
bool plateau_ask(lbfgsb_solver *s);

/* True if f is rounded by more than the slope says that it changes. */
static inline bool plateau_hides(double slope, double value) {
  return fabs(slope) <= DBL_EPSILON * fabs(value);
}

/* True if the question asked is one on the way back. */
static inline bool plateau_is_asked(const lbfgsb_solver *s) { return s->plateau.asked > 0; }

/* True if the run has not come back from such points too often. */
bool plateau_may_return(const lbfgsb_solver *s);

/* Takes the value there; true if f is lower. */
bool plateau_hear(lbfgsb_solver *s, double value);

/* True if what is noted of it can be. */
bool plateau_valid(const lbfgsb_solver *s);

#endif
