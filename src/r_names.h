/* r_names.h - private: where C finds what it shares with R. Lists and vectors are read by place; each place
 * has its name in the table below its enum, and a test holds the names of R's own lists to it (r_names()). */
#ifndef LBFGSB_R_NAMES_H
#define LBFGSB_R_NAMES_H

#include "lbfgsb.h"

/* A state; and one as users get it, sealed: see r_seal.c. */
enum { STATE_RUN, STATE_PROBLEM, STATE_CONTROL, STATE_LENGTH };
static const char *const state_names[] = {
    [STATE_RUN] = "run", [STATE_PROBLEM] = "problem", [STATE_CONTROL] = "control", [STATE_LENGTH] = 0};

enum { SEALED_RUN, SEALED_PROBLEM, SEALED_CONTROL, SEALED_LAYOUT, SEALED_CHECKSUM, SEALED_LENGTH };
static const char *const sealed_names[] = {
    [SEALED_RUN] = "run",       [SEALED_PROBLEM] = "problem",   [SEALED_CONTROL] = "control",
    [SEALED_LAYOUT] = "layout", [SEALED_CHECKSUM] = "checksum", [SEALED_LENGTH] = 0};

enum { RUN_SOLVER, RUN_HISTORY, RUN_TALLY, RUN_DIFFERENCES, RUN_LENGTH };
static const char *const run_names[] = {[RUN_SOLVER] = "solver",
                                        [RUN_HISTORY] = "history",
                                        [RUN_TALLY] = "tally",
                                        [RUN_DIFFERENCES] = "differences",
                                        [RUN_LENGTH] = 0};

/* A row of the history, at an iterate. */
enum { HISTORY_EVALUATIONS, HISTORY_VALUE, HISTORY_PGNORM, HISTORY_STEP, HISTORY_FREE, HISTORY_COLUMNS };
static const char *const history_names[] = {[HISTORY_EVALUATIONS] = "evaluations",
                                            [HISTORY_VALUE] = "value",
                                            [HISTORY_PGNORM] = "pgnorm",
                                            [HISTORY_STEP] = "step",
                                            [HISTORY_FREE] = "free",
                                            [HISTORY_COLUMNS] = 0};

enum {
  TALLY_FUNCTION, /* evaluations of fn, those for differences included */
  TALLY_GRADIENT, /* of the gradient */
  TALLY_ROWS,     /* of the history */
  TALLY_VALUE,    /* fn at the iterate, in the user's units; NA before there is one */
  TALLY_POINT,    /* fn at the solver's point that was evaluated last; NA before */
  TALLY_BEFORE,   /* and at the one before that */
  TALLY_LENGTH
};
static const char *const tally_names[] = {[TALLY_FUNCTION] = "function",
                                          [TALLY_GRADIENT] = "gradient",
                                          [TALLY_ROWS] = "rows",
                                          [TALLY_VALUE] = "value",
                                          [TALLY_POINT] = "point",
                                          [TALLY_BEFORE] = "before",
                                          [TALLY_LENGTH] = 0};

/* In the user's units: see R/bounds.R. */
enum { PROBLEM_PAR, PROBLEM_LOWER, PROBLEM_UPPER, PROBLEM_PARSCALE, PROBLEM_LENGTH };
static const char *const problem_names[] = {[PROBLEM_PAR] = "par",
                                            [PROBLEM_LOWER] = "lower",
                                            [PROBLEM_UPPER] = "upper",
                                            [PROBLEM_PARSCALE] = "parscale",
                                            [PROBLEM_LENGTH] = 0};

/* The problems of many fits and what they have in common: `plain_task()` in R/many.R. */
enum {
  TASK_PAR, /* n x fits, as are lower and upper, in the user's units */
  TASK_LOWER,
  TASK_UPPER,
  TASK_PARSCALE, /* n, or n x fits */
  TASK_CONTROL,
  TASK_FNSCALE, /* as in control, as is maxeval */
  TASK_MAXEVAL,
  TASK_STEPS,  /* of differences (n, the solver's units), or NULL */
  TASK_NATIVE, /* what native_objective() keeps, or NULL; */
  TASK_DATA,   /* and its data for each fit, or NULL for its own */
  TASK_LENGTH
};
static const char *const task_names[] = {
    [TASK_PAR] = "par",           [TASK_LOWER] = "lower",     [TASK_UPPER] = "upper",
    [TASK_PARSCALE] = "parscale", [TASK_CONTROL] = "control", [TASK_FNSCALE] = "fnscale",
    [TASK_MAXEVAL] = "maxeval",   [TASK_STEPS] = "steps",     [TASK_NATIVE] = "native",
    [TASK_DATA] = "data",         [TASK_LENGTH] = 0};

/* Fits side by side: `fits`, their numbers, from 1, and `runs`; and the points that they ask for. */
enum { BLOCK_FITS, BLOCK_RUNS, BLOCK_LENGTH };
static const char *const block_names[] = {[BLOCK_FITS] = "fits", [BLOCK_RUNS] = "runs", [BLOCK_LENGTH] = 0};

enum { ASKED_PAR, ASKED_RUN, ASKED_LENGTH };
static const char *const asked_names[] = {[ASKED_PAR] = "par", [ASKED_RUN] = "run", [ASKED_LENGTH] = 0};

/* Ways to take differences that are the core's: see `gradient_methods` in R/control.R. */
enum { METHODS = LBFGSB_CENTRAL + 1 };
static const char *const method_names[] = {
    [LBFGSB_AUTO] = "auto", [LBFGSB_FORWARD] = "forward", [LBFGSB_CENTRAL] = "central", [METHODS] = 0};

/* What a run evaluates: `objective_calls` in R/objective.R. */
enum {
  CALL_FN,
  CALL_GR,
  CALL_DIFFERENCES,      /* reads par, value, left, sizes; list(gradient, evaluations), gradient NULL if there
                            were not enough evaluations left */
  CALL_POINTS,           /* reads par, index, at: a list of fn where par[index[k]] = at[k] */
  CALL_READ_VALUE,       /* list(value, gradient) of what fn returned, if that is neither a plain number nor a
                            list with one */
  CALL_READ_GRADIENT,    /* a gradient that is no plain vector (n), or has other names than par */
  CALL_REFUSE_LOOKALIKE, /* an error, of what fn returned: it has no gradient, but something like it */
  CALL_WATCH,            /* reads progress; TRUE to stop the run, else the time, in seconds, until which it
                            need not be asked */
  CALLS
};
static const char *const call_names[] = {[CALL_FN] = "fn",
                                         [CALL_GR] = "gr",
                                         [CALL_DIFFERENCES] = "differences",
                                         [CALL_POINTS] = "points",
                                         [CALL_READ_VALUE] = "read_value",
                                         [CALL_READ_GRADIENT] = "read_gradient",
                                         [CALL_REFUSE_LOOKALIKE] = "refuse_lookalike",
                                         [CALL_WATCH] = "watch",
                                         [CALLS] = 0};

/* What fn may call its gradient by mistake: `lookalikes` in R/objective.R. */
static const char *const lookalike_names[] = {"grad", "gr", "jac", "jacobian", "deriv", "derivative", 0};

/* Evaluations, of a progress and a fit. */
enum { COUNT_FUNCTION, COUNT_GRADIENT, COUNTS };
static const char *const count_names[] = {
    [COUNT_FUNCTION] = "function", [COUNT_GRADIENT] = "gradient", [COUNTS] = 0};

/* What a callback sees. */
enum {
  PROGRESS_ITERATION,
  PROGRESS_PAR,
  PROGRESS_VALUE,
  PROGRESS_GRADIENT,
  PROGRESS_PGNORM,
  PROGRESS_STEP,
  PROGRESS_COUNTS,
  PROGRESS_LENGTH
};
static const char *const progress_names[] = {
    [PROGRESS_ITERATION] = "iteration", [PROGRESS_PAR] = "par",       [PROGRESS_VALUE] = "value",
    [PROGRESS_GRADIENT] = "gradient",   [PROGRESS_PGNORM] = "pgnorm", [PROGRESS_STEP] = "step",
    [PROGRESS_COUNTS] = "counts",       [PROGRESS_LENGTH] = 0};

/* What r_run() returns. */
enum { END_GRADIENT, END_SUSPECTS, END_LEVEL, END_STEPS, END_LENGTH };
static const char *const end_names[] = {[END_GRADIENT] = "gradient",
                                        [END_SUSPECTS] = "suspects",
                                        [END_LEVEL] = "level",
                                        [END_STEPS] = "steps",
                                        [END_LENGTH] = 0};

/* A fit: `fit_template` in R/result.R. */
enum {
  FIT_PAR,
  FIT_VALUE,
  FIT_COUNTS,
  FIT_CONVERGENCE,
  FIT_MESSAGE,
  FIT_GRADIENT,
  FIT_PGNORM,
  FIT_GAP,
  FIT_ITERATIONS,
  FIT_BOUNDS,
  FIT_NONFINITE,
  FIT_HISTORY,
  FIT_FVAL,
  FIT_OBJECTIVE,
  FIT_STATE,
  FIT_LENGTH
};
static const char *const fit_names[] = {[FIT_PAR] = "par",
                                        [FIT_VALUE] = "value",
                                        [FIT_COUNTS] = "counts",
                                        [FIT_CONVERGENCE] = "convergence",
                                        [FIT_MESSAGE] = "message",
                                        [FIT_GRADIENT] = "gradient",
                                        [FIT_PGNORM] = "pgnorm",
                                        [FIT_GAP] = "gap",
                                        [FIT_ITERATIONS] = "iterations",
                                        [FIT_BOUNDS] = "bounds",
                                        [FIT_NONFINITE] = "nonfinite",
                                        [FIT_HISTORY] = "history",
                                        [FIT_FVAL] = "fval",
                                        [FIT_OBJECTIVE] = "objective",
                                        [FIT_STATE] = "state",
                                        [FIT_LENGTH] = 0};

/* What r_hessian() returns. */
enum { HESSIAN_MATRIX, HESSIAN_COUNTS, HESSIAN_STEPS, HESSIAN_CURVATURES, HESSIAN_LENGTH };
static const char *const hessian_names[] = {[HESSIAN_MATRIX] = "hessian",
                                            [HESSIAN_COUNTS] = "counts",
                                            [HESSIAN_STEPS] = "steps",
                                            [HESSIAN_CURVATURES] = "curvatures",
                                            [HESSIAN_LENGTH] = 0};

/* Where a parameter is: levels of a factor, whose codes are one more. */
enum { BOUND_FREE, BOUND_LOWER, BOUND_UPPER, BOUND_FIXED, BOUNDS };
static const char *const bound_names[] = {[BOUND_FREE] = "free",
                                          [BOUND_LOWER] = "at lower",
                                          [BOUND_UPPER] = "at upper",
                                          [BOUND_FIXED] = "fixed",
                                          [BOUNDS] = 0};

#endif
