/* one-call.c - the one call against the loop around the core that it stands for, in runs that alternate:
 * Rosenbrock's function, n = 2. Prints the median ratio of processor time, and what a run takes. By
 *   make core
 *   cc -O2 -Iinst/include bench/one-call.c liblbfgsb.a -lm -o one-call.out && ./one-call.out */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "lbfgsb.h"

enum { ROUNDS = 301, RUNS = 200, N = 2 };

static double rosenbrock(size_t n, const double *x, double *gradient, void *data) {
  double r = x[1] - x[0] * x[0], s = 1 - x[0];
  (void)n, (void)data;
  if (gradient) {
    gradient[0] = -400 * x[0] * r - 2 * s;
    gradient[1] = 200 * r;
  }
  return 100 * r * r + s * s;
}

static size_t by_call(lbfgsb_solver *block, const lbfgsb_options *options) {
  double x[N] = {-1.2, 1};
  lbfgsb_problem problem = {.n = N, .x = x, .f = rosenbrock};
  lbfgsb_summary end = {.evaluations = 0};
  lbfgsb_minimize(block, &problem, options, &end);
  return end.evaluations;
}

static size_t by_loop(lbfgsb_solver *block, const lbfgsb_options *options) {
  double x[N] = {-1.2, 1}, gradient[N], value = 0;
  lbfgsb_init(block, N, x, NULL, NULL, options);
  for (lbfgsb_request request = LBFGSB_EVALUATE; request != LBFGSB_FINISHED;
       request = lbfgsb_advance(block, value, gradient))
    if (request == LBFGSB_EVALUATE) value = rosenbrock(N, lbfgsb_point(block), gradient, NULL);
  return lbfgsb_report(block).evaluations;
}

typedef size_t run(lbfgsb_solver *block, const lbfgsb_options *options);

/* seconds_of = those of a run, on average; its evaluations are added up. */
static double seconds_of(run *f, lbfgsb_solver *block, const lbfgsb_options *options, size_t *evaluations) {
  struct timespec begin, end;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
  for (int i = 0; i < RUNS; i++) *evaluations += f(block, options);
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
  return ((double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec)) / RUNS;
}

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static double median(double *v) {
  qsort(v, ROUNDS, sizeof *v, compare);
  return v[ROUNDS / 2];
}

int main(void) {
  lbfgsb_options options = lbfgsb_defaults();
  lbfgsb_solver *block = malloc(lbfgsb_size(N, options.pairs));
  double ratio[ROUNDS], seconds[ROUNDS];
  size_t call = 0, loop = 0;
  for (int i = 0; i < ROUNDS; i++) {
    double one = seconds_of(by_call, block, &options, &call);
    seconds[i] = one;
    ratio[i] = one / seconds_of(by_loop, block, &options, &loop);
  }
  printf("%.3f of the loop's time; %.2f us a run of %zu evaluations\n", median(ratio), 1e6 * median(seconds),
         call / ROUNDS / RUNS);
  free(block);
  return call != loop;
}
