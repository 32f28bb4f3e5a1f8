/* r_session.h - private: one run while it goes on, for r_run.c, r_evaluate.c, r_watch.c and r_doubt.c. */
#ifndef LBFGSB_R_SESSION_H
#define LBFGSB_R_SESSION_H

#include "r_api.h"

/* Values of fn that a cluster has found ahead, of points that differ from the gradient's in one element. */
typedef struct {
  size_t count, next;
  size_t *index; /* 2n: the element; NULL without a cluster; and */
  double *at;    /* 2n: what it is, in the solver's units */
  SEXP values;   /* a list */
  PROTECT_INDEX values_index;
} point_batch;

/* An objective in compiled code. */
typedef struct {
  lbfgsb_objective *f;
  bool has_gradient;
  lbfgsb_data data;
} native_objective;

typedef struct {
  SEXP run;
  lbfgsb_solver *solver; /* of the run, */
  double *tally;         /* and its counts */
  SEXP calls, env;       /* what is evaluated, and where: C binds there what the calls read */
  units units;
  double max_evaluations, max_seconds;
  double report_every; /* iterations; 0 for never */
  double begun;        /* seconds, if there is a limit of them */
  double watch_from;   /* seconds: not before; -Inf for always, Inf for never */
  bool is_first;       /* nothing has been evaluated yet */
  bool has_gr;         /* there is a `gr` */
  SEXP par_symbol, gradient_symbol;
  SEXP par; /* the vector bound as `par`; reused unless somebody kept it */
  PROTECT_INDEX par_index;
  SEXP gradient; /* of the last evaluation, in the user's units */
  PROTECT_INDEX gradient_index;
  double *buffer;      /* n, if scaled */
  double value;        /* fn at the solver's point that was evaluated last, in the user's units */
  SEXP control, steps; /* of differences (n, the solver's units), or NULL */
  point_batch batch;
  native_objective *native; /* NULL where fn is evaluated by R */
} session;

/* now() = the time, in seconds. */
double now(void);

/* ---- r_evaluate.c -------------------------------------------------------------------------------------- */

/* Binds a variable that calls read. */
void bind(SEXP env, const char *name, SEXP value);

SEXP evaluate_call(const session *s, int call);

/* Returns one that evaluates these calls of an objective in env, a child of it: no run yet. */
session new_session(SEXP objective, SEXP calls, SEXP env);

/* Binds `par` to the point x (n, the solver's); a vector that fn kept is left to it. */
void bind_par(session *s, const double *x);

/* Returns fn at x (n, the solver's), and sets s->gradient to what came along, or NULL. */
double evaluate_value(session *s, const double *x);

/* Returns the gradient at `par`, of gr, of fn, which was evaluated there last, or by differences in R, in the
 * solver's units, and sets s->gradient to it in the user's; NULL if there are not enough evaluations left, or
 * no tape. Counted. */
const double *evaluate_gradient(session *s);

/* Sets s->gradient. */
void set_gradient(session *s, SEXP gradient);

/* What the run asks for, and on to the next request; stays where it is if a limit is reached.
 * The gradient stays valid until the next evaluation. */
lbfgsb_request evaluate_and_advance(session *s);

/* ---- r_native.c ---------------------------------------------------------------------------------------- */

/* Returns the objective of what native_objective() in R keeps, with the addresses of its data, or NULL; an
 * error of R if there is none at its address. */
native_objective *find_native(SEXP native);

/* Returns the addresses of what a list of vectors holds, or of one vector. */
lbfgsb_data find_data(SEXP data);

/* Returns f at s->par, and sets s->gradient, unless f has none or gr has it. */
double evaluate_native(session *s);

/* ---- r_batch.c ----------------------------------------------------------------------------------------- */

/* Begins with no values; forgets them; sets `value` to fn at the point that the differences ask for, if a
 * cluster is to find that. */
void begin_batch(session *s);
void forget_batch(session *s);
bool take_from_batch(session *s, double *value);

/* ---- r_watch.c ----------------------------------------------------------------------------------------- */

/* Takes note of a new iterate, and tells those who watch, who may stop the run. */
void visit_iterate(session *s);

/* Prints the last iterate, if it was not yet. */
void visit_end(const session *s);

/* ---- r_doubt.c ----------------------------------------------------------------------------------------- */

/* Returns the parameters, from 1 on, in which a run that has converged may have relied on a wrong gradient;
 * NULL if nothing speaks for that. It may evaluate fn twice. */
SEXP find_suspects(session *s);

/* Returns the free parameters, from 1 on, in which the gradient is 0 at the end of a run that has converged;
 * NULL where there are none, or where it is 0 in all, as at a minimum that was met to the bit. */
SEXP find_level(session *s);

/* Tells whether a run has converged whose values are all whole numbers, of which there are more than two,
 * though its parameters are none: fn may be a step function. */
bool shows_steps(session *s);

#endif
