/* valid.h - private: what the core believes. */
#ifndef LBFGSB_VALID_H
#define LBFGSB_VALID_H

#include "solver.h"

/* True if `size` bytes at `block` are a state that this build can take up, as lbfgsb_valid(). */
bool valid_state(const void *block, size_t size);

#endif
