/* r_api.h - private: what the r_*.c files share; the only header that includes R's. */
#ifndef LBFGSB_R_API_H
#define LBFGSB_R_API_H

#define R_NO_REMAP
#include <R.h>
#include <Rinternals.h>

#include "lbfgsb.h"

/* r_run.c */
SEXP r_start(SEXP par, SEXP lower, SEXP upper, SEXP parscale, SEXP options);
SEXP r_run(SEXP state, SEXP env, SEXP calls, SEXP par, SEXP lower, SEXP upper, SEXP parscale,
           SEXP fnscale, SEXP report);

/* r_pairs.c */
SEXP r_pairs(SEXP state);

/* The slot of the pair of this age, 0 the oldest; Y (which = 0) or S (1), n x k, oldest first. */
size_t slot_of_age(const lbfgsb *s, size_t age);
SEXP columns_by_age(const lbfgsb *s, size_t which);

/* r_doors.c - doors for the tests of the core's steps */
SEXP r_door_step(SEXP m, SEXP x, SEXP g, SEXP lower, SEXP upper, SEXP truncate);
SEXP r_door_compact(SEXP m, SEXP x, SEXP g, SEXP lower, SEXP upper, SEXP v);
SEXP r_door_search(SEXP phi, SEXP value, SEXP slope, SEXP step, SEXP max_step, SEXP max_trials);

#endif
