/* conjugate.h - private: the way that is conjugate to the newest steps, of which they tell nothing. */
#ifndef LBFGSB_CONJUGATE_H
#define LBFGSB_CONJUGATE_H

#include "solver.h"

enum { CONJUGATE_STEPS = 5 }; /* at most */

/* d = -part R^2 (g - Y c) over the variables that can move, Y the newest y, the newest first. */
typedef struct {
  size_t steps;
  double c[CONJUGATE_STEPS], part;
} conjugate_way;

/* Computes d in the rows of a block. */
void conjugate_look(const lbfgsb_solver *s, size_t first, const conjugate_way *way, double *d);

/* Sets the trial there, with as many steps as leave a slope that promises the least near by: where it
 * promises `promise`, or as far as that is. False without any. */
bool conjugate_ask(lbfgsb_solver *s, double promise, double least);

#endif
