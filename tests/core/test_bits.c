/* test_bits.c - results to the bit: the same for any number of threads, and printed, to be compared between
 * compilers and kinds of vectors (tools/check-core.sh bits). */
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core_tests.h"

/* FNV-1a. */
static unsigned long long digest(unsigned long long hash, const void *data, size_t size) {
  for (const unsigned char *byte = data, *end = byte + size; byte < end; byte++)
    hash = (hash ^ *byte) * 1099511628211ULL;
  return hash;
}

/* Of every point that is asked for in 100 evaluations. */
static unsigned long long bits_of_run(const char *name, size_t n, size_t pairs, size_t threads) {
  problem p = new_problem(n);
  objective *f = set_up(name, p);
  lbfgsb_options options = lbfgsb_defaults();
  options.pairs = pairs;
  options.max_evaluations = 100;
  options.reduction_tolerance = options.gradient_tolerance = 0;
  lbfgsb *solver = malloc(lbfgsb_size(n, pairs));
  double *g = calloc(n, sizeof *g), value = 0; /* powell_box leaves up to three of g as they are */
  unsigned long long hash = 14695981039346656037ULL;
  lbfgsb_init(solver, n, p.x, p.lower, p.upper, &options);
  lbfgsb_set_threads(solver, threads);
  for (lbfgsb_request request = LBFGSB_EVALUATE; request != LBFGSB_FINISHED;
       request = lbfgsb_advance(solver, value, g)) {
    if (request != LBFGSB_EVALUATE) continue;
    hash = digest(hash, lbfgsb_point(solver), n * sizeof(double));
    value = f(n, lbfgsb_point(solver), g);
  }
  free(g);
  free(solver);
  free_problem(p);
  return hash;
}

/* Of less than a vector of rows, of less than a block, of more than a chunk, with few and with many pairs. */
static const struct {
  const char *name;
  size_t n, pairs;
} runs[] = {{"beale_box", 2, 5},     {"driver1", 25, 5},      {"powell_box", 1003, 7}, {"chain", 20001, 10},
            {"rosen_box", 40000, 1}, {"powell_box", 33000, 34}};
enum { RUNS = sizeof runs / sizeof *runs };

void test_bits(void) {
  for (size_t i = 0; i < RUNS; i++) {
    unsigned long long one = bits_of_run(runs[i].name, runs[i].n, runs[i].pairs, 1);
    for (size_t threads = 2; threads <= 3; threads++)
      check(bits_of_run(runs[i].name, runs[i].n, runs[i].pairs, threads) == one,
            "the same bits by more threads", runs[i].name);
  }
}

void print_bits(void) {
  for (size_t i = 0; i < RUNS; i++)
    printf("%s %zu %zu %016llx\n", runs[i].name, runs[i].n, runs[i].pairs,
           bits_of_run(runs[i].name, runs[i].n, runs[i].pairs, 2));
}
