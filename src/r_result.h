/* r_result.h - private: what r_result.c and r_message.c know of a run. */
#ifndef LBFGSB_R_RESULT_H
#define LBFGSB_R_RESULT_H

#include "r_api.h"

typedef struct {
  units units;
  lbfgsb_summary solver;
  const double *x;     /* the best point (n), the solver's; */
  const double *trial; /* the last one that was evaluated, NULL where it is not known */
  double value;        /* in the user's units, NA before there is one */
  double gap;          /* as lbfgsb_gap(), in the user's units; NA if it is not known */
  double noise;        /* relative, of fn; 0 if none is known */
  bool known;          /* there is a gradient at x, and its norm */
} result_view;

/* What has come of a fit, for a row of a table. */
typedef struct {
  result_view view;
  double evaluations, gradients;
  R_xlen_t at_side[BOUNDS];
  bool in_doubt; /* as asks_for_a_look() */
} fit_end;

/* side_of = where element i of a point in the user's units is, x: a place in bound_names. */
static inline int side_of(const units *u, R_xlen_t i, double x) {
  bool lower = x == u->lower[i], upper = x == u->upper[i];
  return lower ? (upper ? BOUND_FIXED : BOUND_LOWER) : (upper ? BOUND_UPPER : BOUND_FREE);
}

/* Counts where the elements of x (n, in the user's units) are. */
static inline void count_sides(const units *u, const double *x, R_xlen_t at_side[]) {
  for (R_xlen_t i = 0; i < u->n; i++) at_side[side_of(u, i, x[i])]++;
}

/* Looks at a run, at its end or before. */
result_view view_of(SEXP run, const units *u);

/* ---- r_rows.c ------------------------------------------------------------------------------------------ */

/* Makes the columns of `count` rows, as row_of_none() in R/many.R has them: first those of n parameters. */
SEXP new_columns(R_xlen_t count, R_xlen_t n);

/* Writes what is behind the parameters in row k. A fit that could not begin, was stopped, or is in doubt has
 * no message. */
void write_end(SEXP columns, R_xlen_t k, const fit_end *end, SEXP control);

/* ---- r_doubt.c ----------------------------------------------------------------------------------------- */

/* A run at its end. */
typedef struct {
  const lbfgsb_solver *solver;
  const units *units;
  double value;                                    /* fn at the end, in the user's units */
  double (*evaluate)(void *data, const double *x); /* the same at x (n, the solver's), counted; or NULL */
  void *data;
  double *y, *at; /* n: scratch; `at` NULL without `evaluate` */
} ended_run;

/* Tells whether lbfgsb() looks closer at the end of a run: its gradient, if that was delivered, may be wrong,
 * or fn may be level. It may ask for two values. */
bool asks_for_a_look(const ended_run *run, bool delivered);

/* ---- r_result.c, r_message.c --------------------------------------------------------------------------- */

/* Returns a count as R's integers are; NA if it is too large. */
int as_count(double x);

/* Makes the message, by this reason and a factor with `at_side` parameters on each side. */
SEXP new_message(const result_view *at, const lbfgsb_reason *reason, SEXP control, const R_xlen_t at_side[]);

#endif
