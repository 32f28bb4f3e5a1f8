/* r_session.h - private: one run while it goes on, for r_run.c, r_evaluate.c and r_watch.c. */
#ifndef LBFGSB_R_SESSION_H
#define LBFGSB_R_SESSION_H

#include "r_api.h"

typedef struct {
  SEXP run;
  SEXP calls, env; /* what is evaluated, and where: C binds there what the calls read */
  units units;
  double max_evaluations, max_seconds;
  double report_every; /* iterations; 0 for never */
  double begun;        /* seconds, if there is a limit of them */
  double watch_from;   /* seconds: not before; -Inf for always, Inf for never */
  SEXP par_symbol, gradient_symbol;
  SEXP par; /* the vector bound as `par`; reused unless somebody kept it */
  PROTECT_INDEX par_index;
  SEXP gradient; /* of the last evaluation, in the user's units */
  PROTECT_INDEX gradient_index;
  double *buffer; /* n, if scaled */
  double value;   /* fn at the last point, in the user's units */
} session;

/* now() = the time, in seconds. */
double now(void);

/* ---- r_evaluate.c -------------------------------------------------------------------------------------- */

/* Binds a variable that calls read. */
void bind(SEXP env, const char *name, SEXP value);

SEXP evaluate_call(const session *s, int call);

/* Says whether there is a `gr`. */
bool has_gr(const session *s);

/* Binds `par` to the point x (n). */
void bind_par(session *s, const double *x);

/* Evaluates fn at `par`: sets s->value, and s->gradient to what came along, or NULL; counted. */
void evaluate_value(session *s);

/* Takes the gradient at `par`, of gr, of fn, which was evaluated there last, or by differences: sets
 * s->gradient to a double vector (n), or NULL if there are not enough evaluations left; counted. */
void evaluate_gradient(session *s);

/* f and g at the solver's point, and on to its next request; stays where it is if a limit is reached.
 * The gradient stays valid until the next evaluation. */
lbfgsb_request evaluate_and_advance(session *s);

/* ---- r_watch.c ----------------------------------------------------------------------------------------- */

/* Takes note of a new iterate, and tells those who watch, who may stop the run. */
void visit_iterate(session *s);

#endif
