/* r_api.h - private: what the r_*.c files share; the only header that includes R's. */
#ifndef LBFGSB_R_API_H
#define LBFGSB_R_API_H

#define R_NO_REMAP
#include <R.h>
#include <Rinternals.h>
#include <stdbool.h>

#include "lbfgsb.h"

/* Doubles that are what they seem: those of a class are for R to read. */
static inline bool is_plain(SEXP x) { return TYPEOF(x) == REALSXP && !Rf_isObject(x); }

/* ---- r_state.c: a run as an R object --------------------------------------------------------------
 *
 * A list of plain vectors that saveRDS() keeps and Rf_duplicate() copies:
 *   solver   raw, the block of the core
 *   history  double, HISTORY_COLUMNS x (rows, room for more than are used)
 *   tally    double, TALLY_LENGTH
 * C writes into it in place while a run goes on. */

enum { STATE_RUN, STATE_PROBLEM, STATE_CONTROL }; /* of a state: see R/state.R */
enum { RUN_SOLVER, RUN_HISTORY, RUN_TALLY };
enum { HISTORY_EVALUATIONS, HISTORY_VALUE, HISTORY_PGNORM, HISTORY_STEP, HISTORY_FREE, HISTORY_COLUMNS };
enum {
  TALLY_FUNCTION, /* evaluations of fn, those for differences included */
  TALLY_GRADIENT, /* of the gradient */
  TALLY_ROWS,     /* of the history */
  TALLY_VALUE,    /* fn at the iterate, in the user's units */
  TALLY_LENGTH
};

static inline lbfgsb_solver *run_solver(SEXP run) { return (lbfgsb_solver *)RAW(VECTOR_ELT(run, RUN_SOLVER)); }
static inline double *run_tally(SEXP run) { return REAL(VECTOR_ELT(run, RUN_TALLY)); }

/* Takes note of a new iterate with this value, in the user's units. */
void run_record(SEXP run, double value);

/* ---- The options ------------------------------------------------------------------------------------
 *
 * A list of all of them, checked; the order is that of `option_rules` in R/control.R. */

enum {
  OPTION_M,
  OPTION_FACTR,
  OPTION_PGTOL,
  OPTION_CONFIRM,
  OPTION_TARGET,
  OPTION_MAXIT,
  OPTION_MAXEVAL,
  OPTION_MAXTIME,
  OPTION_MAXLS,
  OPTION_FNSCALE,
  OPTION_PARSCALE,
  OPTION_TRACE,
  OPTION_REPORT,
  OPTION_GRADIENT,
  OPTION_NDEPS,
  OPTION_CLUSTER,
  OPTION_THREADS,
  OPTION_CALLBACK,
  OPTION_KEEP_STATE,
  OPTION_CHECKPOINT,
  OPTION_CHECKPOINT_EVERY
};

/* One that is a number, TRUE or FALSE. */
static inline double option(SEXP control, int which) { return Rf_asReal(VECTOR_ELT(control, which)); }

/* ---- r_units.c: the user's units -------------------------------------------------------------------- */

/* The problem in the user's units: par as the user gave it, for its length and attributes; a bound is met
 * to the bit, and rounding never leaves the box. The solver's are par / parscale and fn / fnscale. */
typedef struct {
  SEXP par;
  R_xlen_t n;
  const double *lower, *upper, *parscale; /* n */
  double fnscale;
  bool scaled; /* some scale is not 1 */
} units;

/* Of a state, and of list(par, lower, upper, parscale) with these options. */
units units_of(SEXP state);
units units_in(SEXP problem, SEXP control);

/* out (n) = x (n, the solver's) in the user's units; and as a new vector with the attributes of par. */
void units_point(const units *u, const double *x, double *out);
SEXP units_par(const units *u, const double *x);

/* The gradient in the user's units, a new vector; and back: g itself, or its copy in out (n). */
SEXP units_gradient(const units *u, const double *g);
const double *units_to_solver(const units *u, const double *g, double *out);

/* ---- Entries, called from R -------------------------------------------------------------------------- */

SEXP r_start(SEXP problem, SEXP control);
SEXP r_resume(SEXP run, SEXP control);
SEXP r_copy(SEXP run);
SEXP r_stop(SEXP run, SEXP status);
SEXP r_status(SEXP run);
SEXP r_valid(SEXP solver);
SEXP r_ask(SEXP state);
SEXP r_tell(SEXP state, SEXP value, SEXP gradient);
/* r_plain.c */
SEXP r_plain_state(SEXP par, SEXP fn, SEXP gr, SEXP lower, SEXP upper, SEXP control, SEXP hessian,
                   SEXP method, SEXP base, SEXP ranges);

/* r_result.c */
SEXP r_result(SEXP state, SEXP reasons, SEXP template, SEXP objective);

/* r_run.c */
SEXP r_objective(SEXP fn, SEXP gr, SEXP problem, SEXP control, SEXP frame);
SEXP r_run(SEXP state, SEXP env, SEXP calls, SEXP frame, SEXP frame_calls, SEXP shows_status);

/* r_pairs.c */
SEXP r_pairs(SEXP run);

/* Y (which = 0) or S (1), n x k, oldest first. */
SEXP columns_by_age(const lbfgsb_solver *s, size_t which);

/* r_doors.c - doors for the tests of the core's steps */
SEXP r_door_step(SEXP m, SEXP x, SEXP g, SEXP lower, SEXP upper, SEXP truncate);
SEXP r_door_compact(SEXP m, SEXP x, SEXP g, SEXP lower, SEXP upper, SEXP v);
SEXP r_door_search(SEXP phi, SEXP value, SEXP slope, SEXP step, SEXP max_step, SEXP max_trials);

#endif
