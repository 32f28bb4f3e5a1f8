/* gram.h - private: the pairs' Gram matrices over the free and over the active rows. */
#ifndef LBFGSB_GRAM_H
#define LBFGSB_GRAM_H

#include "pairs.h"
#include "solver.h"

static inline const unsigned char *gram_free_rows(const lbfgsb_solver *s, size_t first) {
  return get_bytes(s, s->gram.free) + first;
}

/* gram_row = the row of a matrix by slot that belongs to the pair of an age. */
static inline const double *gram_row(const lbfgsb_solver *s, size_t matrix, size_t age) {
  return get(s, matrix) + pairs_slot(s, age) * s->layout.ld;
}

/* Lets the next pass sum up all terms anew. */
void gram_renew(lbfgsb_solver *s);

/* Begins to count anew which rows have moved: there are no pairs. */
void gram_forget(lbfgsb_solver *s);

/* Moves variable i from the free to the active set, with its rank-one terms. */
void gram_activate(lbfgsb_solver *s, size_t i);

/* Sets w (2k) = (y_i, theta s_i) of the row activated last. */
void gram_activated_row(const lbfgsb_solver *s, double *w);

/* ---- In pass 1 --------------------------------------------------------------------------------- */

/* What is done with the older pairs' terms: nothing, for there are none; those of the rows that change sets
 * are moved; or all are summed anew, once more rows than there are have been moved. */
typedef enum { GRAM_NONE, GRAM_MOVE, GRAM_BUILD } gram_task;

/* Begins a pass, in which so many older pairs stay. */
gram_task gram_begin(lbfgsb_solver *s, size_t older);
void gram_begin_chunk(lbfgsb_solver *s, size_t chunk, gram_task task);

/* Takes the new free set of the rows first ... first + rows - 1. */
void gram_set_free(lbfgsb_solver *s, size_t chunk, size_t first, size_t rows, const unsigned char *free,
                   gram_task task);

/* Ends the pass: adds up the chunks' terms. free_count: variables in the new free set. */
void gram_end(lbfgsb_solver *s, gram_task task, size_t free_count);

/* Sets the rows and columns of the pair in `slot` to the pass's dot products (23). */
void gram_insert(lbfgsb_solver *s, size_t slot);

#endif
