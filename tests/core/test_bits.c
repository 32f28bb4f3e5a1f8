/* test_bits.c - results to the bit: the same for any number of threads and wherever the block is, and
 * printed, to be compared between compilers and kinds of vectors (tools/check-core.sh bits). */
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core_tests.h"
#include "solver.h"

/* FNV-1a. */
static unsigned long long digest(unsigned long long hash, const void *data, size_t size) {
  for (const unsigned char *byte = data, *end = byte + size; byte < end; byte++)
    hash = (hash ^ *byte) * 1099511628211ULL;
  return hash;
}

/* Of less than a vector of rows, of less than a block, of more than a chunk, with few and with many pairs;
 * the last is stored past the caches. */
typedef struct {
  const char *name;
  size_t n, pairs;
} trial_run;
static const trial_run runs[] = {{"beale_box", 2, 5},  {"driver1", 25, 5},      {"powell_box", 1003, 7},
                                 {"chain", 20001, 10}, {"rosen_box", 40000, 1}, {"powell_box", 50001, 42}};
enum { RUNS = sizeof runs / sizeof *runs };

/* What must not matter. */
typedef struct {
  size_t threads;
  size_t shift;      /* doubles by which the block is moved once the run has begun */
  bool reads_bounds; /* from where each row has its own, though they are the same for all */
} setting;

/* Of every point that is asked for in 100 evaluations, and the number of free variables before. */
static unsigned long long bits_of_run(trial_run run, setting with) {
  problem p = new_problem(run.n);
  objective *f = set_up(run.name, p);
  lbfgsb_options options = lbfgsb_defaults();
  options.pairs = run.pairs;
  options.max_evaluations = 100;
  options.reduction_tolerance = options.gradient_tolerance = 0;
  size_t size = lbfgsb_size(run.n, run.pairs);
  double *block = malloc(size + with.shift * sizeof *block);
  double *g = calloc(run.n, sizeof *g), value = 0; /* powell_box leaves up to three of g as they are */
  unsigned long long hash = 14695981039346656037ULL;
  lbfgsb_init((lbfgsb_solver *)block, run.n, p.x, p.lower, p.upper, &options);
  lbfgsb_solver *solver = memmove(block + with.shift, block, size);
  lbfgsb_set_threads(solver, with.threads);
  if (with.reads_bounds) solver->box.same_lower = solver->box.same_upper = false;
  for (lbfgsb_request request = LBFGSB_EVALUATE; request != LBFGSB_FINISHED;
       request = lbfgsb_advance(solver, value, g)) {
    if (request != LBFGSB_EVALUATE) continue;
    size_t free_count = lbfgsb_report(solver).free;
    hash = digest(hash, &free_count, sizeof free_count);
    hash = digest(hash, lbfgsb_point(solver), run.n * sizeof(double));
    value = f(run.n, lbfgsb_point(solver), g);
  }
  free(g);
  free(block);
  free_problem(p);
  return hash;
}

void test_bits(void) {
  for (size_t i = 0; i < RUNS; i++) {
    unsigned long long one = bits_of_run(runs[i], (setting){.threads = 1});
    for (size_t threads = 2; threads <= 3; threads++)
      check(bits_of_run(runs[i], (setting){.threads = threads}) == one, "the same bits by more threads",
            runs[i].name);
    check(bits_of_run(runs[i], (setting){.threads = 1, .shift = 2}) == one, "the same bits elsewhere",
          runs[i].name);
    check(bits_of_run(runs[i], (setting){.threads = 1, .reads_bounds = true}) == one,
          "the same bits with bounds that are not known to be the same", runs[i].name);
  }
}

void print_bits(void) {
  for (size_t i = 0; i < RUNS; i++)
    printf("%s %zu %zu %016llx\n", runs[i].name, runs[i].n, runs[i].pairs,
           bits_of_run(runs[i], (setting){.threads = 2}));
}
