/* core_tests.h - what the files of the core's tests share. */
#ifndef CORE_TESTS_H
#define CORE_TESTS_H

#include <stdbool.h>
#include <stddef.h>

#include "lbfgsb.h"

/* Counts a check, and prints one that failed. */
void check(bool ok, const char *what, const char *which);

/* problems.c, which needs none of the others */

/* f(x), and its gradient in g (n). */
typedef double objective(size_t n, const double *x, double *g);

typedef struct {
  size_t n;
  double *x, *lower, *upper;
} problem;

/* From 0, without bounds. */
problem new_problem(size_t n);
void free_problem(problem p);

/* Start, bounds and function of the problem called `name`. */
objective *set_up(const char *name, problem p);

/* recorded.c */

enum { MOST_VARIABLES = 4, RECORDED_POINTS = 300 };

/* A run, and the points that it has asked for. */
typedef struct {
  lbfgsb_solver *solver;
  size_t n, calls, asked;                  /* variables, evaluations, and those of them that */
  bool (*is_asked)(const lbfgsb_solver *); /* were such a question */
  double x[RECORDED_POINTS][MOST_VARIABLES];
} recorded_run;

recorded_run begin_run(size_t n, const double *start, double unit, bool is_asked(const lbfgsb_solver *));
void end_run(recorded_run *t);

/* Runs to the end, or to this many evaluations, in units of x and of f; each state on the way is valid. */
void run_recorded(recorded_run *t, objective *f, double unit, double most);

/* In other units of x and f, and if it is stopped by limits and resumed, a run asks for the same points to the
 * bit. */
void test_recorded(objective *f, size_t n, const double *start, bool is_asked(const lbfgsb_solver *),
                   const char *which);

/* test_core.c, and the files it calls */

/* Runs to the end; every point asked for is checked to be in the box. */
lbfgsb_summary run(lbfgsb_solver *solver, objective *f, problem p, const char *name);

void test_run(void);      /* whole runs */
void test_steps(void);    /* single steps, on states made for them */
void test_stop(void);     /* the rules of stop.c */
void test_noise_tables(void);    /* the noise that a table of values tells */
void test_gap(void);      /* what is said of the distance to the minimum */
void test_evidence(void); /* what the steps say of the gradient */
void test_way_back(void); /* the way back from where f does not depend on a variable */
void test_inflections(void); /* points that are level, and from where f falls on */
void test_conjugate(void); /* what the newest steps have left of the slopes */
void test_last_questions(void); /* questions that lead too far */
void test_contract(void); /* lbfgsb.h beyond the run: its number, the evidence, the pairs */
void test_wrong_calls(void); /* calls that ask for what cannot be */
void test_linesearch(void);
void test_scales(void); /* the scales that a run finds */
void test_growth(void); /* sizes of variables that begin at 0 */
void test_start_curvature(void); /* second derivatives there */
void test_layout(void); /* room for more pairs */
void test_bytes(void);  /* states of equal runs */
void test_partial(void); /* one element of a gradient by differences */
void test_differences(void); /* runs without a gradient */
void test_differences_end(void); /* and what they say of the model */
void test_valid(void);    /* states that are taken, and that are not */
void test_minimize(void); /* whole runs in one call */
void test_bits(void);     /* whole runs by several threads */
void print_bits(void);    /* a line of digits for each of them */

#endif
