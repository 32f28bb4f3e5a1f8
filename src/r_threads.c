/* r_threads.c - runs of native objectives side by side over threads, which call nothing of R: R's own thread
 * takes the pointers before and writes what has come of it after. */
#include <math.h>
#include <string.h>

#include "r_session.h"

#ifdef _OPENMP
#include <omp.h>
#endif

typedef struct {
  lbfgsb_solver *solver;
  lbfgsb_differences *differences; /* NULL where f has a gradient */
  native_objective *native;
  units units;
  double evaluations, gradients;
  double point, before; /* f at the last two of the solver's points, in the user's units; NaN before them */
  double value;         /* at the iterate; NaN before there is one */
  double *x, *gradient; /* n */
} native_run;

/* ---- In any thread ------------------------------------------------------------------------------------- */

static void keep_value(native_run *r, double value) {
  r->before = r->point;
  r->point = value;
}

/* The native objective in the solver's units. It sets a gradient wherever it has one, as in a run of
 * lbfgsb(), whose counts are the same. */
static double evaluate(size_t n, const double *x, double *gradient, void *data) {
  native_run *r = data;
  bool is_point = !r->differences || lbfgsb_differences_takes_gradient(r->differences);
  units_point(&r->units, x, r->x);
  double value = r->native->f(n, r->x, r->differences ? NULL : r->gradient, &r->native->data);
  if (is_point) keep_value(r, value);
  r->gradients += !r->differences && isfinite(value);
  if (gradient) memcpy(gradient, units_to_solver(&r->units, r->gradient, r->gradient), n * sizeof(double));
  return value / r->units.fnscale;
}

static int see_iterate(const lbfgsb_solver *solver, void *data) {
  native_run *r = data;
  r->value = value_at_iterate(r->point, r->before, lbfgsb_report(solver).value, r->units.fnscale);
  return 0;
}

static void run_native(native_run *r) {
  lbfgsb_problem problem = {.n = (size_t)r->units.n,
                            .x = r->x,
                            .f = evaluate,
                            .watch = see_iterate,
                            .data = r,
                            .differences = r->differences};
  lbfgsb_summary end;
  lbfgsb_run(r->solver, &problem, &end);
  r->evaluations = (double)end.evaluations;
}

static void run_all(native_run *runs, R_xlen_t count, int threads) {
#ifdef _OPENMP
  if (threads > omp_get_num_procs()) threads = omp_get_num_procs();
#pragma omp parallel for num_threads(threads) schedule(dynamic)
#else
  (void)threads;
#endif
  for (R_xlen_t k = 0; k < count; k++) run_native(&runs[k]);
}

/* ---- In R's thread ------------------------------------------------------------------------------------- */

static native_run begin_native(SEXP state, SEXP native, SEXP steps) {
  SEXP run = VECTOR_ELT(state, STATE_RUN), control = VECTOR_ELT(state, STATE_CONTROL);
  native_run r = {.native = find_native(native), .units = units_of(state)};
  size_t n = (size_t)r.units.n;
  if (!r.native->has_gradient) begin_differences(run, control, steps);
  r.solver = run_solver(run);
  r.differences = run_differences(run);
  r.point = r.before = r.value = NAN;
  r.x = (double *)R_alloc(n, sizeof(double));
  r.gradient = (double *)R_alloc(n, sizeof(double));
  for (size_t i = 0; i < n; i++) r.gradient[i] = NAN;
  return r;
}

/* Writes the counts and the last iterate into the run. */
static void end_native(SEXP run, const native_run *r) {
  double *tally = run_tally(run);
  bool known = !isnan(r->value);
  tally[TALLY_FUNCTION] = r->evaluations;
  tally[TALLY_GRADIENT] =
      r->differences ? (double)lbfgsb_differences_gradients(r->differences) : r->gradients;
  tally[TALLY_POINT] = r->point;
  tally[TALLY_BEFORE] = r->before;
  if (known) run_record(run, r->units.fnscale);
  tally[TALLY_VALUE] = known ? r->value : r->point;
}

/* Runs states, in place, to their ends, each with its native objective (lists as of native_objective()) and
 * its steps of differences, or NULL, by so many threads. Of the history there is the last row alone. */
SEXP r_run_all(SEXP states, SEXP natives, SEXP steps, SEXP threads) {
  R_xlen_t count = XLENGTH(states);
  native_run *runs = (native_run *)R_alloc((size_t)count, sizeof(native_run));
  for (R_xlen_t k = 0; k < count; k++)
    runs[k] = begin_native(VECTOR_ELT(states, k), VECTOR_ELT(natives, k), VECTOR_ELT(steps, k));
  run_all(runs, count, Rf_asInteger(threads));
  for (R_xlen_t k = 0; k < count; k++) end_native(VECTOR_ELT(VECTOR_ELT(states, k), STATE_RUN), &runs[k]);
  return R_NilValue;
}
