/* r_api.h - private: what the r_*.c files share; the only header that includes R's. */
#ifndef LBFGSB_R_API_H
#define LBFGSB_R_API_H

#define R_NO_REMAP
#include <R.h>
#include <Rinternals.h>
#include <stdbool.h>

#include "lbfgsb.h"
#include "r_names.h"

/* Tells whether x is doubles that are what they seem: those of a class are for R to read. */
static inline bool is_plain(SEXP x) { return TYPEOF(x) == REALSXP && !Rf_isObject(x); }

/* ---- r_names.c ---------------------------------------------------------------------------------------- */

/* Makes a new list or vector with the names of a table. */
SEXP new_named(SEXPTYPE type, const char *const *names);

/* Tells whether x has exactly these names. */
bool has_names(SEXP x, const char *const *names);

/* Returns the first element of a list of that name, or NULL. */
SEXP element(SEXP list, const char *name);

/* Returns the option of that name as a number; NA for NULL. */
static inline double number_in(SEXP control, const char *name) {
  SEXP x = element(control, name);
  return x == R_NilValue ? NA_REAL : Rf_asReal(x);
}

/* ---- r_state.c: a run as an R object --------------------------------------------------------------
 *
 * A list of plain vectors that saveRDS() keeps and Rf_duplicate() copies:
 *   solver   raw, the block of the core
 *   history  double, HISTORY_COLUMNS x (rows, room for more than are used)
 *   tally    double, TALLY_LENGTH
 *   differences  raw, the block of the core's differences; empty where there are none
 * C writes into it in place while a run goes on. */

static inline lbfgsb_solver *run_solver(SEXP run) {
  return (lbfgsb_solver *)RAW(VECTOR_ELT(run, RUN_SOLVER));
}
static inline double *run_tally(SEXP run) { return REAL(VECTOR_ELT(run, RUN_TALLY)); }

/* NULL where there are none. */
static inline lbfgsb_differences *run_differences(SEXP run) {
  SEXP block = VECTOR_ELT(run, RUN_DIFFERENCES);
  return XLENGTH(block) > 0 ? (lbfgsb_differences *)RAW(block) : NULL;
}

/* Take note of a value of fn at the solver's point, in the user's units; and of a new iterate, which is one
 * of the last two such points. */
void run_evaluated(SEXP run, double value);
void run_record(SEXP run, double fnscale);

/* Returns fn at the iterate, which is where one of the last two values was told: fn / fnscale is `value`. */
double value_at_iterate(double point, double before, double value, double fnscale);

/* Takes note of a better gradient at the iterate that was recorded last, if that has got one. */
void run_refine(SEXP run);

/* The core's options for n variables, on fn / fnscale. */
lbfgsb_options core_options(SEXP control, size_t n);

/* The relative error of fn that the user has told; 0 if none was. */
double noise_told(SEXP control);

/* ---- r_seal.c, r_valid.c: a state that comes from outside --------------------------------------------- */

/* Tell whether run and problem are lists of vectors of the lengths that C takes for granted. */
bool is_run(SEXP run);
bool is_problem(SEXP problem);

/* ---- r_units.c: the user's units ---------------------------------------------------------------------- */

/* The problem in the user's units: par as the user gave it, for its length and attributes; a bound is met
 * to the bit, and rounding never leaves the box. The solver's are par / parscale and fn / fnscale. */
typedef struct {
  SEXP par;
  R_xlen_t n;
  const double *lower, *upper, *parscale; /* n */
  double fnscale;
  bool scaled; /* some scale is not 1 */
} units;

/* Return those of these, each of which is named above; of a problem; of a state. */
units new_units(SEXP par, R_xlen_t n, const double *lower, const double *upper, const double *parscale,
                double fnscale);
units units_in(SEXP problem, double fnscale);
units units_of(SEXP state);

/* The problems of many fits, those of a task: a column for each. */
typedef struct {
  units first;
  const double *starts;   /* n x fits */
  R_xlen_t parscale_step; /* n; 0 where all have the same */
} fit_problems;
fit_problems read_problems(SEXP task);

/* Returns the units of one of the fits, by its number from 0; they have no `par`. */
units units_of_fit(const fit_problems *problems, R_xlen_t fit);

/* out (n) = x (n, the solver's) in the user's units; one element of it; and as a new vector with the
 * attributes of par. */
void units_point(const units *u, const double *x, double *out);
double units_coordinate(const units *u, R_xlen_t i, double x);
SEXP units_par(const units *u, const double *x);

/* The sizes of the parameters as far as they are known (n): parscale times the scales that the solver has
 * found. */
SEXP units_sizes(const units *u, const lbfgsb_solver *solver);

/* Return the gradient in the user's units, a new vector; and back: g itself, or its copy in out (n). */
SEXP units_gradient(const units *u, const double *g);
const double *units_to_solver(const units *u, const double *g, double *out);

/* Tells a run value and gradient (n, the solver's units), or NULL, at the point it asks for, in place, and
 * goes on to what is to be told next, which it returns. */
lbfgsb_request run_tell(SEXP run, const units *u, double value, const double *gradient);

/* ---- r_result.c --------------------------------------------------------------------------------------- */

/* Returns the evaluations of a tally, named. */
SEXP new_counts(const double *tally);

/* ---- r_differences.c ---------------------------------------------------------------------------------- */

/* Whether it is the core that makes gradients of differences by these options. */
bool is_by_core(SEXP control);

/* Tells whether it does so where RTMB, by these options, has no tape. */
bool is_by_core_without_tape(SEXP control);

/* What lbfgsb_differences_init() is told, with steps (n, the solver's units) or NULL. */
typedef struct {
  lbfgsb_method method;
  int measures_noise;
  const double *steps;
} difference_plan;
difference_plan plan_differences(SEXP control, SEXP steps);

/* Begins that, with steps (n, the solver's units) or NULL; in a run that goes on by other options makes it
 * fit these, or ends it unless it is `wanted`. */
void begin_differences(SEXP run, SEXP control, SEXP steps);
void fit_differences(SEXP run, SEXP control, SEXP steps, bool wanted);

/* Goes on from an iterate to the next request, with differences or without: run_solver() may then be
 * elsewhere. */
lbfgsb_request leave_iterate(SEXP run);

/* Tells the differences fn, in the user's units, at the point asked for; gradient (n, the solver's units) or
 * NULL. Counts them. */
lbfgsb_request tell_differences(SEXP run, const units *u, double value, const double *gradient);

/* ---- Entries, called from R --------------------------------------------------------------------------- */

/* r_names.c */
SEXP r_names(void);
SEXP r_reasons(void);

/* r_options.c */
SEXP r_options(SEXP control, SEXP base, SEXP rules);

/* r_begin.c */
SEXP r_begin(SEXP par, SEXP lower, SEXP upper, SEXP parscale, SEXP control);
SEXP r_begin_rows(SEXP task, SEXP fits, SEXP spare);

/* r_rows.c */
SEXP r_rows(SEXP task, SEXP ended);

/* r_seal.c */
SEXP r_seal(SEXP state, SEXP whole);
SEXP r_keep(SEXP state);
SEXP r_unseal(SEXP sealed);
SEXP r_layout(void);

/* r_valid.c */
SEXP r_valid(SEXP state);

/* r_state.c */
SEXP r_resume(SEXP run, SEXP control);
SEXP r_copy(SEXP run);
SEXP r_stop(SEXP run, SEXP status);
SEXP r_status(SEXP run);
SEXP r_ask(SEXP state);
SEXP r_wanted(SEXP run);
SEXP r_differ(SEXP run, SEXP control, SEXP steps);
SEXP r_tell(SEXP state, SEXP value, SEXP gradient, SEXP slope);

/* r_differences.c */
SEXP r_left_to_core(SEXP control);

/* r_hessian.c */
SEXP r_hessian(SEXP objective, SEXP calls, SEXP par, SEXP problem, SEXP of_value, SEXP spread);

/* r_result.c */
SEXP r_result(SEXP state, SEXP template, SEXP objective, SEXP kept);

/* r_evaluate.c */
SEXP r_objective(SEXP fn, SEXP gr, SEXP problem, SEXP control, SEXP frame);

/* r_native.c */
SEXP r_native_call(SEXP native, SEXP par);
SEXP r_native_find(SEXP f, SEXP package);

/* The objective of an example: sum (x_i - t_i)^2, t (n) the first vector of the data. */
double lbfgsb_example(size_t n, const double *x, double *gradient, void *data);

/* r_run.c */
SEXP r_has_extras(SEXP control);
SEXP r_run(SEXP state, SEXP objective, SEXP calls, SEXP watch, SEXP threads, SEXP steps);

/* r_lockstep.c */
SEXP r_ask_all(SEXP task, SEXP under_way, SEXP most);
SEXP r_tell_all(SEXP task, SEXP under_way, SEXP asked, SEXP values, SEXP gradients, SEXP failed);

/* r_threads.c */
SEXP r_unfit_data(SEXP data);
SEXP r_run_all(SEXP task, SEXP fits, SEXP threads);

/* r_units.c */
SEXP r_sizes(SEXP state);
SEXP r_findings(SEXP state);

/* r_pairs.c */
SEXP r_pairs(SEXP run);

/* Y (which = 0) or S (1), n x k, oldest first. */
SEXP columns_by_age(const lbfgsb_solver *s, size_t which);

/* r_doors.c - doors for the tests of the core's steps */
SEXP r_door_step(SEXP m, SEXP x, SEXP g, SEXP lower, SEXP upper, SEXP truncate);
SEXP r_door_compact(SEXP m, SEXP x, SEXP g, SEXP lower, SEXP upper, SEXP v);
SEXP r_door_search(SEXP phi, SEXP value, SEXP slope, SEXP step, SEXP max_step, SEXP max_trials);

#endif
