/* core.c - the time an iteration takes outside the objective: this core, and R's own of R_ext/Applic.h,
 * on the same objective in C. Built and called by core.R. */
#define lbfgsb lbfgsb_core /* R's function has the name of the core's type in commits before 3713227 */
#include "lbfgsb.h"
#undef lbfgsb

#include <R.h>
#include <R_ext/Applic.h>
#include <Rinternals.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static double seconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The thread's own time where a run is long enough to be interrupted by others; its clock is the slower. */
static clockid_t clock_for(int n) { return n <= 100 ? CLOCK_MONOTONIC : CLOCK_THREAD_CPUTIME_ID; }

/* Seconds that one reading of the clock takes. */
static double clock_cost(clockid_t clock) {
  double start = seconds(clock);
  for (int i = 0; i < 100; i++) seconds(clock);
  return (seconds(clock) - start) / 100;
}

/* f(x) = sum curvature_i (x_i - target_i)^2 / 2 + sum (x_i - x_{i-1})^2, with the time spent in it. */
typedef struct {
  const double *curvature; /* n */
  clockid_t clock;
  double cost;             /* of the clock, seconds */
  double inside;           /* seconds, readings of the clock included */
  int evaluations;
} objective;

static double target(int i) { return i % 2 ? -1 : 1; }

static double value(int n, double *x, void *data) {
  objective *o = data;
  double start = seconds(o->clock), f = 0;
  for (int i = 0; i < n; i++) {
    double e = x[i] - target(i), d = i > 0 ? x[i] - x[i - 1] : 0;
    f += o->curvature[i] * e * e / 2 + d * d;
  }
  o->evaluations++;
  o->inside += seconds(o->clock) - start + o->cost;
  return f;
}

static void gradient(int n, double *x, double *g, void *data) {
  objective *o = data;
  double start = seconds(o->clock);
  for (int i = 0; i < n; i++) {
    double d = i > 0 ? 2 * (x[i] - x[i - 1]) : 0;
    g[i] = o->curvature[i] * (x[i] - target(i)) + d;
    if (i > 0) g[i - 1] -= d;
  }
  o->inside += seconds(o->clock) - start + o->cost;
}

/* A start and a box (n), NULL where there is no bound at all. */
typedef struct {
  int n, m, iterations;
  double *x, *lower, *upper;
} problem;

static void run_core(problem p, int threads, objective *o, void *solver, double *g) {
  lbfgsb_options options = lbfgsb_defaults();
  options.pairs = (size_t)p.m;
#ifdef LBFGSB_ABI /* the contract without a number knew no more than the published method, as R's core does, */
  options.rescale = options.confirm = 0; /* by whose steps as many variables meet a bound */
#endif
  options.max_iterations = p.iterations;
  options.reduction_tolerance = options.gradient_tolerance = 0;
  if (lbfgsb_init(solver, (size_t)p.n, p.x, p.lower, p.upper, &options) != 0) Rf_error("bad input");
  lbfgsb_set_threads(solver, (size_t)threads);
  double f = 0;
  lbfgsb_request request = LBFGSB_EVALUATE;
  while (request != LBFGSB_FINISHED) {
    if (request == LBFGSB_EVALUATE) {
      double *x = (double *)lbfgsb_point(solver); /* Applic.h knows no const */
      f = value(p.n, x, o);
      gradient(p.n, x, g, o);
    }
    request = lbfgsb_advance(solver, f, g);
  }
  if (lbfgsb_report(solver).iterations != (size_t)p.iterations) Rf_error("the core stopped early");
}

static void run_R(problem p, objective *o, int *types) {
  double f;
  int fail, values, gradients;
  char message[60];
  for (int i = 0; i < p.n; i++) types[i] = p.lower ? 2 : 0;
  lbfgsb(p.n, p.m, p.x, p.lower ? p.lower : p.x, p.upper ? p.upper : p.x, types, &f, value, gradient, &fail, o,
         0, 0, &values, &gradients, p.iterations, message, 0, 10);
  if (fail != 1) Rf_error("R's core stopped early");
}

static double *doubles(int n) { return (double *)R_alloc((size_t)n, sizeof(double)); }

/* A block for the core, aligned as is fastest. */
static void *new_block(size_t size) {
  uintptr_t start = (uintptr_t)R_alloc(size + 63, 1);
  return (void *)((start + 63) / 64 * 64);
}

/* box: 0 bounds that are never met, 1 half of the variables end at one, 2 none, 3 as 1, but with two sorts of
 * bounds in turn. Microseconds an iteration outside the objective, on the wall's clock if `wall`, and the
 * evaluations: of R's core if threads is 0, else of this. */
SEXP bench_run(SEXP n_, SEXP m, SEXP box_, SEXP iterations, SEXP condition, SEXP threads_, SEXP wall) {
  int n = Rf_asInteger(n_), box = Rf_asInteger(box_), threads = Rf_asInteger(threads_);
  double *curvature = doubles(n), *x = doubles(n), *lower = doubles(n), *upper = doubles(n), *g = doubles(n);
  int *types = (int *)R_alloc((size_t)n, sizeof(int));
  for (int i = 0; i < n; i++) {
    curvature[i] = exp(log(Rf_asReal(condition)) * i / n);
    x[i] = 0.5;
    lower[i] = box == 1 || (box == 3 && i % 2) ? 0 : -100;
    upper[i] = box == 1 || (box == 3 && !(i % 2)) ? 2 : 100;
  }
  problem p = {n, Rf_asInteger(m), Rf_asInteger(iterations), x, lower, upper};
  if (box == 2) p.lower = p.upper = NULL;
  clockid_t clock = Rf_asLogical(wall) ? CLOCK_MONOTONIC : clock_for(n);
  objective o = {.curvature = curvature, .clock = clock, .cost = clock_cost(clock)};
  void *block = threads == 0 ? NULL : new_block(lbfgsb_size((size_t)n, (size_t)p.m));
  double start = seconds(o.clock);
  if (threads == 0)
    run_R(p, &o, types);
  else
    run_core(p, threads, &o, block, g);
  SEXP out = PROTECT(Rf_allocVector(REALSXP, 2));
  REAL(out)[0] = 1e6 * (seconds(o.clock) - start - o.inside) / p.iterations;
  REAL(out)[1] = o.evaluations;
  UNPROTECT(1);
  return out;
}

/* Doubles of the state for one variable. */
SEXP bench_memory(SEXP n, SEXP m) {
  return Rf_ScalarReal((double)lbfgsb_size((size_t)Rf_asReal(n), (size_t)Rf_asReal(m)) / 8 / Rf_asReal(n));
}

/* Bytes that the process has held at most. */
SEXP bench_peak(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return Rf_ScalarReal(1024.0 * (double)usage.ru_maxrss);
}

typedef double vector __attribute__((vector_size(16), aligned(8), may_alias));

/* Microseconds to read `count` doubles of a buffer (n doubles), over and over. */
SEXP bench_stream(SEXP n_, SEXP count) {
  enum { STEP = 16 };
  size_t n = (size_t)Rf_asReal(n_) / STEP * STEP;
  double *buffer = (double *)R_alloc(n, sizeof(double)), left = Rf_asReal(count);
  memset(buffer, 0, n * sizeof(double));
  vector a = {0}, b = a, c = a, d = a;
  clockid_t clock = clock_for((int)(n / 20));
  double start = seconds(clock);
  for (; left > 0; left -= (double)n)
    for (size_t i = 0; i < n && (double)i < left; i += STEP) {
      const vector *v = (const vector *)(buffer + i);
      a += v[0] + v[4];
      b += v[1] + v[5];
      c += v[2] + v[6];
      d += v[3] + v[7];
    }
  double time = 1e6 * (seconds(clock) - start);
  a += b + c + d;
  return Rf_ScalarReal(time + a[0]); /* + 0: the sums are needed */
}
