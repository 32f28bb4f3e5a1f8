/* r_threads.c - fits of native objectives side by side over threads, which call nothing of R: R's own thread
 * takes the pointers before and writes what has come of it after. A thread has one block of each kind, in
 * which its fits begin one after another. */
#include <math.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include "r_result.h"
#include "r_session.h"

#ifdef _OPENMP
#include <omp.h>
#endif

/* What all fits have in common. */
typedef struct {
  const native_objective *native;
  lbfgsb_options options;
  double noise;
  difference_plan differences;
  fit_problems problems;
  SEXP result;             /* what r_run_all() returns; */
  double **columns;        /* n, each (fits): the best points in it */
  atomic_bool interrupted; /* written by R's thread alone */
} native_task;

/* One fit, and what has come of it. */
typedef struct {
  R_xlen_t row;
  lbfgsb_data data;
  fit_end end;
} native_fit;

/* A thread's place of work, for one fit after another. */
typedef struct {
  native_task *task;
  native_fit *fit;
  R_xlen_t number;                 /* of that, from 0 */
  lbfgsb_solver *solver;           /* NULL where that is larger than memory can be */
  lbfgsb_differences *differences; /* NULL where f has a gradient */
  units units;                     /* of the fit */
  double *start, *least, *most;    /* n, the start, and then the end, and its box in the solver's */
  double *x, *gradient;            /* n */
  double point, before; /* f at the last two of the solver's points, in the user's units; NaN before */
  bool is_first;        /* it is R's own thread, */
  time_t looked;        /* which has looked for an end in this second */
} native_run;

/* ---- In any thread ------------------------------------------------------------------------------------- */

/* R looks at its time limit at each sixth such call. */
static SEXP check_interrupt(void *nothing) {
  (void)nothing;
  for (int i = 0; i < 6; i++) R_CheckUserInterrupt();
  return R_NilValue;
}

static SEXP take_condition(SEXP condition, void *nothing) {
  (void)nothing;
  return condition;
}

/* Keeps the interrupt by the user, or the error of R's time limit, that is to end all. */
static void check_end(void *data) {
  native_task *t = data;
  SEXP kinds = PROTECT(Rf_allocVector(STRSXP, 2));
  SET_STRING_ELT(kinds, 0, Rf_mkChar("interrupt"));
  SET_STRING_ELT(kinds, 1, Rf_mkChar("error"));
  SEXP condition = PROTECT(R_tryCatch(check_interrupt, NULL, kinds, take_condition, NULL, NULL, NULL));
  if (condition != R_NilValue) Rf_setAttrib(t->result, Rf_install("ended_by"), condition);
  t->interrupted = condition != R_NilValue;
  UNPROTECT(2);
}

/* Lets R's thread look, at first and once a second, whether all is to end. */
static void look_for_end(native_run *r) {
  time_t second = time(NULL);
  if (!r->is_first || r->task->interrupted || second == r->looked) return;
  r->looked = second;
  R_ToplevelExec(check_end, r->task); /* nothing leaves the threads by a jump */
}

static void keep_value(native_run *r, double value) {
  r->before = r->point;
  r->point = value;
}

/* The native objective in the solver's units. It sets a gradient wherever it has one, as in a run of
 * lbfgsb(), whose counts are the same. */
static double evaluate(size_t n, const double *x, double *gradient, void *data) {
  native_run *r = data;
  bool is_point = !r->differences || lbfgsb_differences_takes_gradient(r->differences);
  look_for_end(r);
  units_point(&r->units, x, r->x);
  double value = r->task->native->f(n, r->x, r->differences ? NULL : r->gradient, &r->fit->data);
  if (is_point) keep_value(r, value);
  r->fit->end.gradients += !r->differences && isfinite(value);
  if (gradient) memcpy(gradient, units_to_solver(&r->units, r->gradient, r->gradient), n * sizeof(double));
  return value / r->units.fnscale;
}

static int see_iterate(const lbfgsb_solver *solver, void *data) {
  native_run *r = data;
  r->fit->end.view.known = true;
  r->fit->end.view.value =
      value_at_iterate(r->point, r->before, lbfgsb_report(solver).value, r->units.fnscale);
  return r->task->interrupted;
}

/* Takes the start and the box of the fit; nothing has been evaluated. */
static void take_problem(native_run *r) {
  const fit_problems *problems = &r->task->problems;
  r->units = units_of_fit(problems, r->fit->row);
  const units *u = &r->units;
  for (R_xlen_t i = 0; i < u->n; i++) {
    r->start[i] = problems->starts[r->fit->row * u->n + i] / u->parscale[i];
    r->least[i] = u->lower[i] / u->parscale[i];
    r->most[i] = u->upper[i] / u->parscale[i];
    r->gradient[i] = NAN;
  }
  r->point = r->before = NAN;
}

/* Begins a fit; false if that is refused. */
static bool begin_fit(native_run *r) {
  const native_task *t = r->task;
  take_problem(r);
  if (lbfgsb_init(r->solver, (size_t)r->units.n, r->start, r->least, r->most, &t->options) != 0) return false;
  lbfgsb_set_noise(r->solver, t->noise);
  const difference_plan *plan = &t->differences;
  if (r->differences)
    lbfgsb_differences_init(r->differences, r->solver, plan->method, plan->measures_noise, plan->steps);
  return true;
}

/* Keeps what has come of it. */
static void end_fit(native_run *r, lbfgsb_summary summary) {
  fit_end *end = &r->fit->end;
  end->evaluations = (double)summary.evaluations;
  if (r->differences) end->gradients = (double)lbfgsb_differences_gradients(r->differences);
  end->view.units = r->units;
  end->view.solver = summary;
  end->view.noise = lbfgsb_noise(r->solver);
  if (summary.status == LBFGSB_UNBOUNDED && isfinite(r->point)) end->view.known = false;
  if (!end->view.known) end->view.value = r->point;
  units_point(&r->units, r->start, r->x);
  count_sides(&r->units, r->x, end->at_side);
}

/* f in the user's units, at x in the solver's. */
static double evaluate_counted(void *data, const double *x) {
  native_run *r = data;
  r->fit->end.evaluations++;
  units_point(&r->units, x, r->x);
  return r->task->native->f((size_t)r->units.n, r->x, r->gradient, &r->fit->data);
}

/* Tells whether a fit that has ended is in doubt. */
static void doubt_fit(native_run *r) {
  fit_end *end = &r->fit->end;
  ended_run run = {.solver = r->solver,
                   .units = &r->units,
                   .value = end->view.value,
                   .evaluate = evaluate_counted,
                   .data = r,
                   .y = r->most,
                   .at = r->least};
  end->in_doubt = asks_for_a_look(&run, !r->differences);
}

/* Runs a fit. */
static void run_fit(native_run *r) {
  lbfgsb_problem problem = {.n = (size_t)r->task->problems.first.n,
                            .x = r->start,
                            .f = evaluate,
                            .watch = see_iterate,
                            .data = r,
                            .differences = r->differences};
  lbfgsb_summary end;
  if (!r->solver || r->task->interrupted || !begin_fit(r)) return;
  lbfgsb_run(r->solver, &problem, &end);
  end_fit(r, end);
  for (R_xlen_t i = 0; i < r->units.n; i++) r->task->columns[i][r->number] = r->x[i];
  doubt_fit(r);
}

/* Limits the threads asked for to the processors there are. */
static int usable_threads(int threads) {
#ifdef _OPENMP
  return threads < omp_get_num_procs() ? threads : omp_get_num_procs();
#else
  return threads > 0;
#endif
}

static int thread_number(void) {
#ifdef _OPENMP
  return omp_get_thread_num();
#else
  return 0;
#endif
}

/* Runs fits (count), by as many threads as there are places of work. */
static void run_fits(native_fit *fits, R_xlen_t count, native_run *runs, int threads) {
#ifdef _OPENMP
#pragma omp parallel for num_threads(threads) schedule(dynamic)
#else
  (void)threads;
#endif
  for (R_xlen_t k = 0; k < count; k++) {
    native_run *r = &runs[thread_number()];
    r->fit = &fits[k];
    r->number = k;
    run_fit(r);
  }
}

/* ---- In R's thread ------------------------------------------------------------------------------------- */

static native_task read_task(SEXP task) {
  SEXP control = VECTOR_ELT(task, TASK_CONTROL);
  fit_problems problems = read_problems(task);
  return (native_task){.native = find_native(VECTOR_ELT(task, TASK_NATIVE)),
                       .options = core_options(control, (size_t)problems.first.n),
                       .noise = noise_told(control),
                       .differences = plan_differences(control, VECTOR_ELT(task, TASK_STEPS)),
                       .problems = problems};
}

static double *doubles(R_xlen_t n) { return (double *)R_alloc((size_t)n, sizeof(double)); }

static native_run new_run(native_task *t, int number) {
  R_xlen_t n = t->problems.first.n;
  native_run r = {.task = t,
                  .start = doubles(n),
                  .least = doubles(n),
                  .most = doubles(n),
                  .x = doubles(n),
                  .gradient = doubles(n),
                  .is_first = number == 0};
  size_t size = lbfgsb_size((size_t)n, t->options.pairs);
  if (size > 0) r.solver = (lbfgsb_solver *)R_alloc(size, 1);
  if (!t->native->has_gradient)
    r.differences = (lbfgsb_differences *)R_alloc(lbfgsb_differences_size((size_t)n), 1);
  return r;
}

/* The k-th of the fits, by their numbers from 1; data: of all fits, or NULL. */
static native_fit new_fit(const native_task *t, SEXP fits, SEXP data, R_xlen_t k) {
  R_xlen_t row = INTEGER(fits)[k] - 1;
  return (native_fit){.row = row,
                      .data = data == R_NilValue ? t->native->data : find_data(VECTOR_ELT(data, row)),
                      .end = {.view = {.gap = NA_REAL, .value = NAN}}};
}

/* Runs the fits of these numbers (count), by so many threads. Returns the columns of their rows, as
 * row_of_none() in R/many-done.R has them, (count) each; message is NA of a fit that could not begin or is in
 * doubt, and where the attribute "ended_by" is a condition that has ended all, of one that has not ended. */
SEXP r_run_all(SEXP task, SEXP fits, SEXP threads) {
  native_task t = read_task(task);
  R_xlen_t count = XLENGTH(fits);
  int workers = usable_threads(Rf_asInteger(threads));
  native_fit *all = (native_fit *)R_alloc((size_t)count, sizeof(native_fit));
  native_run *runs = (native_run *)R_alloc((size_t)workers, sizeof(native_run));
  R_xlen_t n = t.problems.first.n;
  SEXP columns = PROTECT(t.result = new_columns(count, n));
  t.columns = (double **)R_alloc((size_t)n, sizeof(double *));
  for (R_xlen_t i = 0; i < n; i++) t.columns[i] = REAL(VECTOR_ELT(columns, i));
  for (R_xlen_t k = 0; k < count; k++) all[k] = new_fit(&t, fits, VECTOR_ELT(task, TASK_DATA), k);
  for (int i = 0; i < workers; i++) runs[i] = new_run(&t, i);
  run_fits(all, count, runs, workers);
  for (R_xlen_t k = 0; k < count; k++) write_end(columns, k, &all[k].end, VECTOR_ELT(task, TASK_CONTROL));
  UNPROTECT(1);
  return columns;
}
