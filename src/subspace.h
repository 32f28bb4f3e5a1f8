/* subspace.h - private: the model's minimizer over the free variables (Byrd et al. 1995, section 5). */
#ifndef LBFGSB_SUBSPACE_H
#define LBFGSB_SUBSPACE_H

#include "solver.h"

/* True if there are pairs, free variables to minimize over, and products that do not overflow. */
bool subspace_exists(const lbfgsb_solver *s);

/* Finds q (2k) of the minimizer, which is x + (W q - g) / theta in the free rows. False if K is not
 * quasi-definite. */
bool subspace_minimizer(lbfgsb_solver *s);

#endif
