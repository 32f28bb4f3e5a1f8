/* valid.h - private: what the core believes. */
#ifndef LBFGSB_VALID_H
#define LBFGSB_VALID_H

#include "solver.h"

/* True if all options but `pairs` are in their ranges. */
bool valid_options(lbfgsb_options options);

/* True if `size` bytes at `block` are a state that this build can take up, as lbfgsb_valid(). */
bool valid_state(const void *block, size_t size);

#endif
