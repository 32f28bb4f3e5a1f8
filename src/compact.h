/* compact.h - private: B = theta I - W M W', W = [Y, theta S]. */
#ifndef LBFGSB_COMPACT_H
#define LBFGSB_COMPACT_H

#include "solver.h"

/* Factors the inverse of M. False if it is not quasi-definite (4). */
bool compact_factor(lbfgsb_solver *s);

/* Sets out = M v, both (2k). */
void compact_apply(lbfgsb_solver *s, const double *v, double *out);

/* compact_form = v'M v (v: 2k). */
double compact_form(lbfgsb_solver *s, const double *v);

/* Sets diagonal (n) to the diagonal of D, theta I updated by the pairs, oldest first, each time by the
 * diagonal of the BFGS update of a diagonal matrix (METHOD.md (36)): positive, O(n m). */
void compact_diagonal(const lbfgsb_solver *s, double *diagonal);

#endif
