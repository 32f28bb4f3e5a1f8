/* r_threads.c - runs of native objectives side by side over threads, which call nothing of R: R's own thread
 * takes the pointers before and writes what has come of it after. */
#include <math.h>

#include "r_session.h"

#ifdef _OPENMP
#include <omp.h>
#endif

typedef struct {
  lbfgsb_solver *solver;
  lbfgsb_differences *differences; /* NULL where f has a gradient */
  native_objective *native;
  units units;
  double max_evaluations, evaluations, gradients;
  double point,
      before;   /* f at the solver's points that were evaluated last, in the user's units; NaN before */
  double value; /* at the iterate; NaN before there is one */
  double *x, *gradient; /* n */
} native_run;

/* ---- In any thread ------------------------------------------------------------------------------------- */

static double evaluate(native_run *r, const double *x) {
  native_objective *native = r->native;
  units_point(&r->units, x, r->x);
  r->evaluations++;
  return native->f((size_t)r->units.n, r->x, r->differences ? NULL : r->gradient, &native->data);
}

static void keep_value(native_run *r, double value) {
  r->before = r->point;
  r->point = value;
}

static lbfgsb_request advance_differences(native_run *r) {
  bool takes = lbfgsb_differences_takes_gradient(r->differences);
  double value = evaluate(r, lbfgsb_differences_point(r->differences));
  if (takes) keep_value(r, value);
  return lbfgsb_differences_tell(r->differences, r->solver, value / r->units.fnscale, NULL);
}

static lbfgsb_request advance_both(native_run *r) {
  double value = evaluate(r, lbfgsb_point(r->solver));
  keep_value(r, value);
  if (!isfinite(value)) return lbfgsb_advance(r->solver, value, NULL);
  r->gradients++;
  const double *gradient = units_to_solver(&r->units, r->gradient, r->gradient);
  return lbfgsb_advance(r->solver, value / r->units.fnscale, gradient);
}

static lbfgsb_request evaluate_and_go_on(native_run *r) {
  if (r->evaluations >= r->max_evaluations) lbfgsb_stop(r->solver, LBFGSB_EVALUATION_LIMIT);
  if (lbfgsb_report(r->solver).status != LBFGSB_RUNNING) return LBFGSB_FINISHED;
  return r->differences ? advance_differences(r) : advance_both(r);
}

static lbfgsb_request visit(native_run *r) {
  r->value = value_at_iterate(r->point, r->before, lbfgsb_report(r->solver).value, r->units.fnscale);
  return r->differences ? lbfgsb_differences_go_on(r->differences, r->solver)
                        : lbfgsb_advance(r->solver, 0, NULL);
}

static void run_native(native_run *r) {
  lbfgsb_request request = LBFGSB_EVALUATE;
  while (request != LBFGSB_FINISHED)
    request = request == LBFGSB_NEW_ITERATE ? visit(r) : evaluate_and_go_on(r);
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
  r.max_evaluations = number_in(control, "maxeval");
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
