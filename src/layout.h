/* layout.h - private: where in the block everything is. */
#ifndef LBFGSB_LAYOUT_H
#define LBFGSB_LAYOUT_H

#include "solver.h"

/* True if a block for n variables and m pairs can be: neither is 0, nor is it larger than a size_t can
 * tell. */
bool layout_fits(size_t n, size_t m);

/* layout_size = its bytes; layout_first_size = those of which it makes use at the beginning; 0 if it
 * cannot. */
size_t layout_size(size_t n, size_t m);
size_t layout_first_size(size_t n, size_t m);

/* Empties the block, and sets all sizes and offsets. */
void layout_init(lbfgsb_solver *s, size_t n, size_t m);

/* layout_next_size = the bytes of which it will make use with another pair; layout_make_room does. */
size_t layout_next_size(const lbfgsb_solver *s);
void layout_make_room(lbfgsb_solver *s);

/* True if a block may begin there. */
bool layout_is_place(const void *block);

/* True if a block of `size` bytes is laid out as this build of the solver does it. */
bool layout_valid(const void *block, size_t size);

/* Makes the trial the iterate, and the iterate the previous one. */
void layout_accept_trial(lbfgsb_solver *s);

#endif
