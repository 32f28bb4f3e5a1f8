/* r_lockstep.c - runs side by side, whose function is evaluated for all of them at once: see R/lockstep.R. */
#include "r_api.h"

#include <string.h>

static SEXP run_of(SEXP states, R_xlen_t k) { return VECTOR_ELT(VECTOR_ELT(states, k), STATE_RUN); }

static bool is_running(SEXP run) { return lbfgsb_report(run_solver(run)).status == LBFGSB_RUNNING; }

/* Returns an option of the runs, which have it in common. */
static double option_of(SEXP states, const char *name) {
  return number_in(VECTOR_ELT(VECTOR_ELT(states, 0), STATE_CONTROL), name);
}

/* ---- Ask ----------------------------------------------------------------------------------------------- */

/* Points that a gradient by differences still takes: they differ from the first in one element. */
typedef struct {
  size_t count;
  size_t *index; /* 2n: the element; and */
  double *at;    /* 2n: what it is, in the solver's units */
} look_ahead;

static look_ahead new_look_ahead(size_t n) {
  return (look_ahead){.index = (size_t *)R_alloc(2 * n, sizeof(size_t)),
                      .at = (double *)R_alloc(2 * n, sizeof(double))};
}

/* Looks at most so many points ahead, and no more than there are evaluations left. */
static void look(look_ahead *ahead, SEXP run, double most, double max_evaluations) {
  const lbfgsb_differences *differences = run_differences(run);
  double left = max_evaluations - run_tally(run)[TALLY_FUNCTION];
  most = left < most ? left : most;
  size_t count =
      differences ? lbfgsb_differences_ahead(differences, run_solver(run), ahead->index, ahead->at) : 0;
  ahead->count = count == 0 ? 1 : most < (double)count ? (size_t)most : count;
}

/* Sets of each run (runs) how many points it asks for, those ahead too; 0 where others ask for `most` already.
 * Returns their sum. */
static R_xlen_t count_points(SEXP states, R_xlen_t most, look_ahead *ahead, int *count) {
  R_xlen_t rows = 0;
  double limit = option_of(states, "maxeval");
  for (R_xlen_t k = 0; k < XLENGTH(states); k++) {
    count[k] = 0;
    if (rows == most) continue;
    look(ahead, run_of(states, k), (double)(most - rows), limit);
    count[k] = (int)ahead->count;
    rows += count[k];
  }
  return rows;
}

static const double *asked(SEXP run) {
  const lbfgsb_differences *differences = run_differences(run);
  return differences ? lbfgsb_differences_point(differences) : lbfgsb_point(run_solver(run));
}

/* Writes the points of a run into the first `count` rows of points, of which each is `rows` from column to
 * column. */
static void write_points(SEXP state, double fnscale, int count, look_ahead *ahead, double *points,
                         R_xlen_t rows) {
  SEXP run = VECTOR_ELT(state, STATE_RUN);
  units u = units_in(VECTOR_ELT(state, STATE_PROBLEM), fnscale);
  const double *x = asked(run);
  for (R_xlen_t i = 0; i < u.n; i++)
    for (R_xlen_t k = 0; k < count; k++) points[k + i * rows] = units_coordinate(&u, i, x[i]);
  if (count == 1) return;
  look(ahead, run, count, R_PosInf);
  bool refines = lbfgsb_pending(run_solver(run)) == LBFGSB_REFINE;
  const double *base = refines ? lbfgsb_iterate(run_solver(run)) : lbfgsb_point(run_solver(run));
  for (R_xlen_t k = 0; k < count; k++) {
    size_t first = ahead->index[0], own = ahead->index[k];
    points[k + (R_xlen_t)first * rows] = units_coordinate(&u, (R_xlen_t)first, base[first]);
    points[k + (R_xlen_t)own * rows] = units_coordinate(&u, (R_xlen_t)own, ahead->at[k]);
  }
}

/* Makes a matrix with the names of par (n) for its columns. */
static SEXP new_points(R_xlen_t rows, SEXP par) {
  SEXP points = PROTECT(Rf_allocMatrix(REALSXP, (int)rows, (int)XLENGTH(par)));
  SEXP names = Rf_getAttrib(par, R_NamesSymbol);
  if (names != R_NilValue) {
    SEXP both = PROTECT(Rf_allocVector(VECSXP, 2));
    SET_VECTOR_ELT(both, 1, names);
    Rf_setAttrib(points, R_DimNamesSymbol, both);
    UNPROTECT(1);
  }
  UNPROTECT(1);
  return points;
}

/* Returns the points that these runs, none of which has finished, ask for: list(par (rows x n, in the user's
 * units), run (rows), the number of each one's run). */
SEXP r_ask_all(SEXP states, SEXP most) {
  static const char *const names[] = {"par", "run", NULL};
  R_xlen_t runs = XLENGTH(states);
  SEXP start = units_of(VECTOR_ELT(states, 0)).par;
  double fnscale = option_of(states, "fnscale");
  look_ahead ahead = new_look_ahead((size_t)XLENGTH(start));
  int *count = (int *)R_alloc((size_t)runs, sizeof(int));
  R_xlen_t rows = count_points(states, (R_xlen_t)Rf_asReal(most), &ahead, count), row = 0;
  SEXP out = PROTECT(new_named(VECSXP, names));
  SEXP par = SET_VECTOR_ELT(out, 0, new_points(rows, start));
  SEXP run = SET_VECTOR_ELT(out, 1, Rf_allocVector(INTSXP, rows));
  for (R_xlen_t k = 0; k < runs; k++) {
    if (count[k] == 0) continue;
    write_points(VECTOR_ELT(states, k), fnscale, count[k], &ahead, REAL(par) + row, rows);
    for (int end = count[k]; end > 0; end--) INTEGER(run)[row++] = (int)k + 1;
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
  const int *run, *failed;       /* rows */
  double *buffer;                /* n */
  double fnscale, max_evaluations;
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

/* Tells a run a row; without a gradient the core's differences begin by the value. */
static void tell_row(const answers *a, R_xlen_t row, SEXP state, const units *u, SEXP steps) {
  SEXP run = VECTOR_ELT(state, STATE_RUN), control = VECTOR_ELT(state, STATE_CONTROL);
  const lbfgsb_differences *differences = run_differences(run);
  bool takes = !differences || lbfgsb_differences_takes_gradient(differences);
  const double *gradient = takes ? gradient_in(a, row, u) : NULL;
  if (!differences && R_FINITE(a->values[row]) && !gradient) begin_differences(run, control, steps);
  run_tell(run, u, a->values[row], gradient);
  if (run_tally(run)[TALLY_FUNCTION] >= a->max_evaluations && is_running(run))
    lbfgsb_stop(run_solver(run), LBFGSB_EVALUATION_LIMIT);
}

/* Tells a run its rows, from `row` on, the first and what else it asks for; returns 0 if it goes on, -1 if it
 * has finished, or the number, from 1, of the row at which fn failed. */
static int tell_rows(const answers *a, R_xlen_t row, SEXP state, SEXP steps) {
  SEXP run = VECTOR_ELT(state, STATE_RUN);
  units u = units_in(VECTOR_ELT(state, STATE_PROBLEM), a->fnscale);
  R_xlen_t first = row;
  for (; row < a->rows && a->run[row] == a->run[first] && is_running(run); row++) {
    if (row > first && !is_asked(a, row, &u, run)) continue;
    if (a->failed[row]) return (int)row + 1;
    tell_row(a, row, state, &u, steps);
  }
  return is_running(run) ? 0 : -1;
}

/* Tells the runs, in place, what fn is at the points of r_ask_all(): values (rows), gradients (rows x n, or
 * NULL), and where it failed. steps: those of differences (n, the solver's units), or NULL. Returns how each
 * of them goes on, as tell_rows() says. */
SEXP r_tell_all(SEXP states, SEXP asked, SEXP values, SEXP gradients, SEXP failed, SEXP steps) {
  SEXP par = element(asked, "par");
  answers a = {.rows = XLENGTH(values),
               .points = REAL(par),
               .values = REAL(values),
               .gradients = gradients == R_NilValue ? NULL : REAL(gradients),
               .run = INTEGER(element(asked, "run")),
               .failed = LOGICAL(failed),
               .buffer = (double *)R_alloc((size_t)Rf_ncols(par), sizeof(double)),
               .fnscale = option_of(states, "fnscale"),
               .max_evaluations = option_of(states, "maxeval")};
  SEXP end = PROTECT(Rf_allocVector(INTSXP, XLENGTH(states)));
  memset(INTEGER(end), 0, (size_t)XLENGTH(end) * sizeof(int));
  for (R_xlen_t row = 0; row < a.rows; row++) {
    if (row > 0 && a.run[row] == a.run[row - 1]) continue;
    R_xlen_t k = a.run[row] - 1;
    INTEGER(end)[k] = tell_rows(&a, row, VECTOR_ELT(states, k), steps);
  }
  UNPROTECT(1);
  return end;
}
