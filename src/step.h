/* step.h - private: the first step of a search. */
#ifndef LBFGSB_STEP_H
#define LBFGSB_STEP_H

#include "solver.h"

/* Assumes, where there are no pairs, a model whose minimizer moves no variable by more than half its size, or
 * after a longest step as far as that has. */
void step_assume_scale(lbfgsb_solver *s);

/* Does so at the start, and where no curvature has ended a longest step. */
void step_record(lbfgsb_solver *s);

/* step_move = what the first step after a restart is to be held against, from the iterate that the trial is
 * to be. */
double step_move(const lbfgsb_solver *s);

/* step_most = the longest step along the direction. */
double step_most(const lbfgsb_solver *s);

/* step_first = the first step to try along the direction. */
double step_first(lbfgsb_solver *s);

#endif
