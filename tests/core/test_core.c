/* test_core.c - the core alone, without R: the reference runs of the published 3.0, and the contract of
 * lbfgsb.h under hostile values. Run as `test_core reference/summary.csv`; exit status 0 on success. As
 * `test_core bits` it prints the bits of some runs. */
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core_tests.h"

static int passed, failed;

void check(bool ok, const char *what, const char *which) {
  if (ok)
    passed++;
  else
    failed++, printf("FAILED: %s (%s)\n", what, which);
}

lbfgsb_summary run(lbfgsb_solver *solver, objective *f, problem p, const char *name) {
  double *g = malloc(p.n * sizeof *g), value = 0;
  bool inside = true;
  for (lbfgsb_request request = LBFGSB_EVALUATE; request != LBFGSB_FINISHED;
       request = lbfgsb_advance(solver, value, g)) {
    if (request != LBFGSB_EVALUATE) continue;
    const double *x = lbfgsb_point(solver);
    for (size_t i = 0; i < p.n; i++) inside = inside && x[i] >= p.lower[i] && x[i] <= p.upper[i];
    value = f(p.n, x, g);
  }
  check(inside, "every trial is inside the box", name);
  free(g);
  return lbfgsb_report(solver);
}

/* ---- The reference runs ------------------------------------------------------------------------ */

static void test_reference_row(const char *row) {
  char name[32];
  size_t n, iterations, evaluations;
  double value;
  lbfgsb_options options = lbfgsb_defaults();
  if (sscanf(row, "%31[^,],%zu,%zu,%lf,%lf,%zu,%zu,%lf", name, &n, &options.pairs,
             &options.reduction_tolerance, &options.gradient_tolerance, &iterations, &evaluations,
             &value) != 8) {
    check(false, "the row can be read", row);
    return;
  }
  options.reduction_tolerance *= DBL_EPSILON;
  options.confirm = options.rescale = 0;
  problem p = new_problem(n);
  objective *f = set_up(name, p);
  lbfgsb_solver *solver = malloc(lbfgsb_size(n, options.pairs));
  check(lbfgsb_init(solver, n, p.x, p.lower, p.upper, &options) == 0, "init", name);
  lbfgsb_summary end = run(solver, f, p, name);
  size_t off = evaluations > 60 ? 1 : 0;
  bool same = end.iterations + off >= iterations && end.iterations <= iterations + off &&
              end.evaluations + off >= evaluations && end.evaluations <= evaluations + off;
  if (!same)
    printf("%s: %zu iterations (%zu), %zu evaluations (%zu)\n", name, end.iterations, iterations,
           end.evaluations, evaluations);
  check(same, "the published iterations and evaluations", name);
  check(fabs(end.value - value) <= fmax(1e-6 * fabs(value), 1e-12), "the published value", name);
  free(solver);
  free_problem(p);
}

static void test_reference(const char *path) {
  char row[512];
  FILE *file = fopen(path, "r");
  if (!file || !fgets(row, sizeof row, file)) {
    check(false, "the reference runs can be read", path);
    return;
  }
  while (fgets(row, sizeof row, file)) test_reference_row(row);
  fclose(file);
}

/* ---- The contract under hostile values ----------------------------------------------------------- */

/* xorshift64* */
static double uniform(unsigned long long *seed) {
  *seed ^= *seed >> 12;
  *seed ^= *seed << 25;
  *seed ^= *seed >> 27;
  return (double)((*seed * 2685821657736338717ULL) >> 11) / 9007199254740992.0;
}

static double hostile(unsigned long long *seed) {
  const double extremes[] = {0, -0.0, 1, -1, NAN, INFINITY, -INFINITY, 1e300, -1e300, 1e-310, 1e160, -1e-160};
  double u = uniform(seed);
  return u < 0.2 ? extremes[(int)(uniform(seed) * 12)] : exp(20 * (u - 0.6)) * (uniform(seed) - 0.5);
}

static void hostile_box(problem p, unsigned long long *seed) {
  for (size_t i = 0; i < p.n; i++) {
    double u = uniform(seed), at = 10 * (uniform(seed) - 0.5);
    p.x[i] = 10 * (uniform(seed) - 0.5);
    if (u < 0.6) p.lower[i] = at;
    if (u > 0.4) p.upper[i] = u > 0.95 ? at : u > 0.9 ? nextafter(at, 10) : at + uniform(seed);
    if (p.lower[i] > p.upper[i]) p.lower[i] = p.upper[i];
  }
}

static void test_hostile(unsigned long long seed) {
  size_t n = 1 + (size_t)(uniform(&seed) * 10), evaluations = 0;
  if (uniform(&seed) < 0.1) n += 120;
  lbfgsb_options options = lbfgsb_defaults();
  options.pairs = 1 + (size_t)(uniform(&seed) * ((double)n + 3));
  options.max_evaluations = 200;
  problem p = new_problem(n);
  hostile_box(p, &seed);
  lbfgsb_solver *solver = malloc(lbfgsb_size(n, options.pairs));
  double *g = malloc(n * sizeof *g), value = 0, start = 0;
  bool inside = true;
  lbfgsb_init(solver, n, p.x, p.lower, p.upper, &options);
  for (lbfgsb_request request = LBFGSB_EVALUATE; request != LBFGSB_FINISHED;
       request = lbfgsb_advance(solver, value, g)) {
    if (request != LBFGSB_EVALUATE) continue;
    const double *x = lbfgsb_point(solver);
    for (size_t i = 0; i < n; i++) inside = inside && x[i] >= p.lower[i] && x[i] <= p.upper[i];
    value = hostile(&seed);
    for (size_t i = 0; i < n; i++) g[i] = uniform(&seed) < 0.9 ? uniform(&seed) - 0.5 : hostile(&seed);
    if (evaluations++ == 0) start = value;
  }
  lbfgsb_summary end = lbfgsb_report(solver);
  check(inside, "every trial is inside the box", "hostile");
  check(evaluations == end.evaluations && evaluations <= 200, "the limit holds", "hostile");
  double noise = lbfgsb_noise(solver), risen = 2 * noise / (1 - 2 * noise) * fabs(start);
  bool lower = end.value <= start || end.value - start <= risen;
  check(noise <= 0.1, "noise is a small part", "hostile");
  check(end.status == LBFGSB_START_NOT_FINITE || lower, "never worse than the start but for noise",
        "hostile");
  free(g);
  free(solver);
  free_problem(p);
}

static void test_bad_input(void) {
  double x[] = {0, 1}, nan[] = {NAN, 0}, low[] = {0, 3}, high[] = {1, 2}, inf[] = {INFINITY, INFINITY};
  lbfgsb_options options = lbfgsb_defaults(), no_pairs = options;
  no_pairs.pairs = 0;
  lbfgsb_solver *solver = malloc(lbfgsb_size(2, 10));
  check(lbfgsb_init(solver, 2, nan, NULL, NULL, &options) == -1, "a NaN start", "bad input");
  check(lbfgsb_init(solver, 2, x, nan, NULL, &options) == -1, "a NaN bound", "bad input");
  check(lbfgsb_init(solver, 2, x, low, high, &options) == -1, "lower > upper", "bad input");
  check(lbfgsb_init(solver, 2, x, inf, NULL, &options) == -1, "lower = Inf", "bad input");
  check(lbfgsb_init(solver, 2, x, NULL, NULL, &no_pairs) == -1, "no pairs", "bad input");
  check(lbfgsb_init(solver, 2, x, NULL, NULL, &options) == 0, "good input", "bad input");
  check(lbfgsb_size(0, 10) == 0 && lbfgsb_size((size_t)-1 / 16, 10) == 0, "impossible sizes", "bad input");
  free(solver);
}

/* A byte copy of the block, moved elsewhere, goes on to the bit. */
static void test_relocation(void) {
  problem p = new_problem(100);
  objective *f = set_up("powell100_box", p);
  lbfgsb_options options = lbfgsb_defaults();
  size_t size = lbfgsb_size(p.n, options.pairs);
  lbfgsb_solver *moving = malloc(size), *whole = malloc(size);
  double *g = malloc(p.n * sizeof *g), value = 0;
  lbfgsb_init(whole, p.n, p.x, p.lower, p.upper, &options);
  lbfgsb_init(moving, p.n, p.x, p.lower, p.upper, &options);
  lbfgsb_summary end = run(whole, f, p, "relocation");
  for (lbfgsb_request request = LBFGSB_EVALUATE; request != LBFGSB_FINISHED;
       request = lbfgsb_advance(moving, value, g)) {
    lbfgsb_solver *copy = malloc(size);
    memcpy(copy, moving, size);
    memset(moving, 255, size);
    free(moving);
    moving = copy;
    if (request == LBFGSB_EVALUATE) value = f(p.n, lbfgsb_point(moving), g);
  }
  check(end.evaluations == lbfgsb_report(moving).evaluations, "the same evaluations", "relocation");
  check(memcmp(lbfgsb_iterate(whole), lbfgsb_iterate(moving), p.n * sizeof(double)) == 0, "the same bits",
        "relocation");
  free(g);
  free(moving);
  free(whole);
  free_problem(p);
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "bits") == 0) {
    print_bits();
    return 0;
  }
  test_reference(argc > 1 ? argv[1] : "tests/testthat/reference/summary.csv");
  test_bad_input();
  test_relocation();
  test_run();
  test_steps();
  test_stop();
  test_noise_tables();
  test_gap();
  test_evidence();
  test_way_back();
  test_inflections();
  test_conjugate();
  test_last_questions();
  test_contract();
  test_wrong_calls();
  test_linesearch();
  test_scales();
  test_growth();
  test_start_curvature();
  test_layout();
  test_bytes();
  test_partial();
  test_differences();
  test_differences_end();
  test_minimize();
  test_valid();
  test_bits();
  for (unsigned long long seed = 1; seed <= 3000; seed++) test_hostile(seed * 0x9E3779B97F4A7C15ULL);
  printf("%d passed, %d failed\n", passed, failed);
  return failed > 0;
}
