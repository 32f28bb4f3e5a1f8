/* gap.h - private: how far f may still be above its minimum. */
#ifndef LBFGSB_GAP_H
#define LBFGSB_GAP_H

#include "solver.h"

/* gap_estimate = what f may be above the minimum by, at most, as lbfgsb_gap(). */
double gap_estimate(const lbfgsb_solver *s);

#endif
