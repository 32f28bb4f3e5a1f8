/* sizes.h - private: many variables of one kind that begin at sizes which mean nothing. */
#ifndef LBFGSB_SIZES_H
#define LBFGSB_SIZES_H

#include "solver.h"

/* Gives, after the first step, many variables one scale if they seem to be of one kind: their sizes differ,
 * but neither their slopes nor what the first pair tells speaks for these. True if any scale has changed. */
bool sizes_refute(lbfgsb_solver *s);

#endif
