/* r_lockstep.c - runs side by side, whose function is evaluated for all of them at once: see R/lockstep.R. */
#include "r_api.h"

#include <math.h>
#include <string.h>

/* The fits under way, each by its number, from 1, and its run. */
typedef struct {
  R_xlen_t count;
  SEXP runs;       /* count */
  const int *fits; /* count */
  fit_problems problems;
  SEXP control, steps;
  double max_evaluations;
} block;

static block read_block(SEXP task, SEXP under_way) {
  SEXP runs = VECTOR_ELT(under_way, BLOCK_RUNS);
  return (block){.count = XLENGTH(runs),
                 .runs = runs,
                 .fits = INTEGER(VECTOR_ELT(under_way, BLOCK_FITS)),
                 .problems = read_problems(task),
                 .control = VECTOR_ELT(task, TASK_CONTROL),
                 .steps = VECTOR_ELT(task, TASK_STEPS),
                 .max_evaluations = Rf_asReal(VECTOR_ELT(task, TASK_MAXEVAL))};
}

static units units_in_block(const block *b, R_xlen_t k) { return units_of_fit(&b->problems, b->fits[k] - 1); }

/* ---- Ask ----------------------------------------------------------------------------------------------- */

/* The points that the runs ask for, one run's after the other's. Those that a gradient by differences still
 * takes differ from that of the gradient in one element. */
typedef struct {
  R_xlen_t rows;
  int *count;    /* of each run (runs); 0 where others ask for as many as there may be */
  size_t *index; /* rows: the element, where a run asks for more than one point; and */
  double *at;    /* rows: what it is, in the solver's units */
} points;

/* Looks ahead in a run: sets index and at (2n); returns how many points it asks for, at most so many, and no
 * more than there are evaluations left. */
static int look(const block *b, SEXP run, double most, size_t *index, double *at) {
  const lbfgsb_differences *differences = run_differences(run);
  if (!differences) return 1;
  double left = b->max_evaluations - run_tally(run)[TALLY_FUNCTION];
  double count = (double)lbfgsb_differences_ahead(differences, run_solver(run), index, at);
  return (int)fmax(1, fmin(count, fmin(most, left)));
}

static points find_points(const block *b, double most) {
  size_t each = 2 * (size_t)b->problems.first.n;
  size_t room = (size_t)fmin(most, (double)b->count * (double)each) + each;
  points p = {.count = (int *)R_alloc((size_t)b->count, sizeof(int)),
              .index = (size_t *)R_alloc(room, sizeof(size_t)),
              .at = (double *)R_alloc(room, sizeof(double))};
  for (R_xlen_t k = 0; k < b->count; k++) {
    double left = most - (double)p.rows;
    p.count[k] = left < 1 ? 0 : look(b, VECTOR_ELT(b->runs, k), left, p.index + p.rows, p.at + p.rows);
    p.rows += p.count[k];
  }
  return p;
}

static const double *asked(SEXP run) {
  const lbfgsb_differences *differences = run_differences(run);
  return differences ? lbfgsb_differences_point(differences) : lbfgsb_point(run_solver(run));
}

/* gradient_point = where a run takes a gradient. */
static const double *gradient_point(SEXP run) {
  const lbfgsb_solver *solver = run_solver(run);
  return lbfgsb_pending(solver) == LBFGSB_REFINE ? lbfgsb_iterate(solver) : lbfgsb_point(solver);
}

/* Writes the points of run k, of which the first is in this row, into par (rows x n). */
static void write_points(const block *b, R_xlen_t k, const points *p, R_xlen_t row, double *par) {
  SEXP run = VECTOR_ELT(b->runs, k);
  units u = units_in_block(b, k);
  R_xlen_t end = row + p->count[k];
  bool looks_ahead = p->count[k] > 1;
  const double *x = looks_ahead ? gradient_point(run) : asked(run);
  for (R_xlen_t i = 0; i < u.n; i++)
    for (R_xlen_t j = row; j < end; j++) par[j + i * p->rows] = units_coordinate(&u, i, x[i]);
  for (R_xlen_t j = row; looks_ahead && j < end; j++) {
    R_xlen_t i = (R_xlen_t)p->index[j];
    par[j + i * p->rows] = units_coordinate(&u, i, p->at[j]);
  }
}

/* Makes a matrix with the names of the parameters, of which those of the task have rows, for its columns. */
static SEXP new_points(R_xlen_t rows, SEXP starts) {
  SEXP par = PROTECT(Rf_allocMatrix(REALSXP, (int)rows, Rf_nrows(starts)));
  SEXP names = Rf_GetRowNames(Rf_getAttrib(starts, R_DimNamesSymbol));
  if (names != R_NilValue) {
    SEXP both = PROTECT(Rf_allocVector(VECSXP, 2));
    SET_VECTOR_ELT(both, 1, names);
    Rf_setAttrib(par, R_DimNamesSymbol, both);
    UNPROTECT(1);
  }
  UNPROTECT(1);
  return par;
}

/* Returns the points, `most` or less, that a block of fits, none of which has finished, asks for: list(par
 * (rows x n, in the user's units), run (rows), the number of each one's run). */
SEXP r_ask_all(SEXP task, SEXP under_way, SEXP most) {
  block b = read_block(task, under_way);
  points p = find_points(&b, Rf_asReal(most));
  SEXP out = PROTECT(new_named(VECSXP, asked_names));
  SEXP par = SET_VECTOR_ELT(out, ASKED_PAR, new_points(p.rows, VECTOR_ELT(task, TASK_PAR)));
  SEXP run = SET_VECTOR_ELT(out, ASKED_RUN, Rf_allocVector(INTSXP, p.rows));
  for (R_xlen_t k = 0, row = 0; row < p.rows; row += p.count[k++]) {
    write_points(&b, k, &p, row, REAL(par));
    for (R_xlen_t j = row; j < row + p.count[k]; j++) INTEGER(run)[j] = (int)k + 1;
  }
  UNPROTECT(1);
  return out;
}

/* ---- Tell ---------------------------------------------------------------------------------------------- */

/* What fn returned for all points. */
typedef struct {
  R_xlen_t rows;
  const double *points, *values; /* rows x n, rows */
  const double *gradients;       /* rows x n; NULL where there are none */
  const int *run;                /* rows */
  const int *failed;             /* rows; NULL where none has */
  double *buffer;                /* n */
} answers;

/* Tells whether a row of the answers is what the run asks for. */
static bool is_asked(const answers *a, R_xlen_t row, const units *u, SEXP run) {
  const double *x = asked(run);
  for (R_xlen_t i = 0; i < u->n; i++)
    if (units_coordinate(u, i, x[i]) != a->points[row + i * a->rows]) return false;
  return true;
}

/* The gradient of a row (n), in the solver's units; NULL where there is none. */
static const double *gradient_in(const answers *a, R_xlen_t row, const units *u) {
  if (!a->gradients || !R_FINITE(a->values[row])) return NULL;
  for (R_xlen_t i = 0; i < u->n; i++) a->buffer[i] = a->gradients[row + i * a->rows];
  return units_to_solver(u, a->buffer, a->buffer);
}

/* Tells a run a row; without a gradient the core's differences begin by the value. Tells whether it goes on.
 */
static bool tell_row(const block *b, const answers *a, R_xlen_t row, SEXP run, const units *u) {
  const lbfgsb_differences *differences = run_differences(run);
  bool takes = !differences || lbfgsb_differences_takes_gradient(differences);
  const double *gradient = takes ? gradient_in(a, row, u) : NULL;
  if (!differences && R_FINITE(a->values[row]) && !gradient) begin_differences(run, b->control, b->steps);
  return run_tell(run, u, a->values[row], gradient) != LBFGSB_FINISHED;
}

/* Tells a run its rows, from `row` on, the first and what else it asks for; returns 0 if it goes on, -1 if it
 * has finished, or the number, from 1, of the row at which fn failed. */
static int tell_rows(const block *b, const answers *a, R_xlen_t row) {
  R_xlen_t first = row, k = a->run[row] - 1;
  SEXP run = VECTOR_ELT(b->runs, k);
  units u = units_in_block(b, k);
  bool goes_on = true;
  for (; goes_on && row < a->rows && a->run[row] == k + 1; row++) {
    if (row > first && !is_asked(a, row, &u, run)) continue;
    if (a->failed && a->failed[row]) return (int)row + 1;
    goes_on = tell_row(b, a, row, run, &u);
  }
  return goes_on ? 0 : -1;
}

/* Tells the runs, in place, what fn is at the points of r_ask_all(): values (rows), gradients (rows x n, or
 * NULL), and where it failed, or NULL. Returns how each of them goes on, as tell_rows() says. */
SEXP r_tell_all(SEXP task, SEXP under_way, SEXP asked, SEXP values, SEXP gradients, SEXP failed) {
  block b = read_block(task, under_way);
  answers a = {.rows = XLENGTH(values),
               .points = REAL(VECTOR_ELT(asked, ASKED_PAR)),
               .values = REAL(values),
               .gradients = gradients == R_NilValue ? NULL : REAL(gradients),
               .run = INTEGER(VECTOR_ELT(asked, ASKED_RUN)),
               .failed = failed == R_NilValue ? NULL : LOGICAL(failed),
               .buffer = (double *)R_alloc((size_t)b.problems.first.n, sizeof(double))};
  SEXP end = PROTECT(Rf_allocVector(INTSXP, b.count));
  memset(INTEGER(end), 0, (size_t)b.count * sizeof(int));
  for (R_xlen_t row = 0; row < a.rows; row++)
    if (row == 0 || a.run[row] != a.run[row - 1]) INTEGER(end)[a.run[row] - 1] = tell_rows(&b, &a, row);
  UNPROTECT(1);
  return end;
}
