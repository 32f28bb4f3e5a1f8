/* threads_core.c - many solves in many threads at once, each equal to the bit to the same one alone. Built
 * with the thread sanitizer, and without OpenMP, by tools/check-core.sh threads; exit status 0 on success. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core_tests.h"

enum { THREADS = 8, SOLVES = 1000, MOST = 8 };

static const char *const names[] = {"rosenbrock", "powell", "chain", "membrane"};
enum { NAMES = sizeof names / sizeof *names };

/* A minimizer, zeros behind its n, and how it was reached. */
typedef struct {
  double x[MOST], value;
  size_t evaluations;
} answer;

static double call(size_t n, const double *x, double *gradient, void *data) {
  double unused[MOST];
  return (*(objective **)data)(n, x, gradient ? gradient : unused);
}

/* The k-th solve: its function, its start, its pairs and whether it has a gradient vary with k. */
static answer solve(size_t k) {
  problem p = new_problem(MOST);
  objective *f = set_up(names[k % NAMES], p);
  bool by_differences = k % 5 == 0;
  lbfgsb_options options = lbfgsb_defaults();
  options.pairs = 1 + k % 7;
  lbfgsb_solver *block = malloc(lbfgsb_size(MOST, options.pairs));
  lbfgsb_differences *differences = by_differences ? malloc(lbfgsb_differences_size(MOST)) : NULL;
  for (size_t i = 0; i < MOST; i++) p.x[i] += 1e-3 * (double)(k % 97);
  lbfgsb_problem all = {.n = MOST,
                        .x = p.x,
                        .lower = p.lower,
                        .upper = p.upper,
                        .f = call,
                        .data = &f,
                        .differences = differences};
  lbfgsb_summary end;
  answer out = {{0}, NAN, 0};
  if (lbfgsb_minimize(block, &all, &options, &end) == 0) {
    out.value = end.value;
    out.evaluations = end.evaluations;
    memcpy(out.x, p.x, sizeof out.x);
  }
  free(block);
  free(differences);
  free_problem(p);
  return out;
}

static answer serial[SOLVES];

/* Each thread begins elsewhere, so that at any moment they do different things; returns how many differ. */
static void *work(void *first) {
  size_t wrong = 0, begin = *(size_t *)first;
  for (size_t i = 0; i < SOLVES; i++) {
    size_t k = (begin + i) % SOLVES;
    answer a = solve(k);
    wrong += memcmp(&a, &serial[k], sizeof a) != 0;
  }
  *(size_t *)first = wrong;
  return NULL;
}

int main(void) {
  pthread_t threads[THREADS];
  size_t wrong[THREADS], sum = 0, evaluations = 0;
  for (size_t k = 0; k < SOLVES; k++) evaluations += (serial[k] = solve(k)).evaluations;
  for (size_t t = 0; t < THREADS; t++) {
    wrong[t] = t * SOLVES / THREADS;
    if (pthread_create(&threads[t], NULL, work, &wrong[t]) != 0)
      return puts("a thread could not be begun"), 1;
  }
  for (size_t t = 0; t < THREADS; t++) {
    pthread_join(threads[t], NULL);
    sum += wrong[t];
  }
  printf("%d threads, %d solves each (%zu evaluations): %zu differ from the same alone\n", THREADS, SOLVES,
         evaluations, sum);
  return sum > 0 || evaluations < 10 * SOLVES;
}
