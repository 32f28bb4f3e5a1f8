/* test_core.c - the core alone, without R: the reference runs of the published 3.0, and the contract of
 * lbfgsb.h under hostile values. Run as `test_core reference/summary.csv`; exit status 0 on success. */
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lbfgsb.h"

static int passed, failed;

static void check(bool ok, const char *what, const char *which) {
  if (ok)
    passed++;
  else
    failed++, printf("FAILED: %s (%s)\n", what, which);
}

/* ---- The reference problems (reference/README.md) ---------------------------------------------- */

typedef double objective(size_t n, const double *x, double *g);

static double square(double v) { return v * v; }

static double chain(size_t n, const double *x, double *g) {
  double f = square(x[0] - 1);
  memset(g, 0, n * sizeof *g);
  g[0] = 2 * (x[0] - 1);
  for (size_t i = 1; i < n; i++) {
    double r = x[i] - square(x[i - 1]);
    f += 4 * r * r;
    g[i] += 8 * r;
    g[i - 1] -= 16 * r * x[i - 1];
  }
  return f;
}

static double rosenbrock(size_t n, const double *x, double *g) {
  double f = 0;
  for (size_t i = 0; i + 1 < n; i += 2) {
    double r = x[i + 1] - square(x[i]);
    f += 100 * r * r + square(1 - x[i]);
    g[i] = -400 * x[i] * r - 2 * (1 - x[i]);
    g[i + 1] = 200 * r;
  }
  return f;
}

static double powell(size_t n, const double *x, double *g) {
  double f = 0;
  for (size_t i = 0; i + 3 < n; i += 4) {
    double p = x[i] + 10 * x[i + 1], q = x[i + 2] - x[i + 3];
    double r = x[i + 1] - 2 * x[i + 2], s = x[i] - x[i + 3];
    f += p * p + 5 * q * q + square(r * r) + 10 * square(s * s);
    g[i] = 2 * p + 40 * s * s * s;
    g[i + 1] = 20 * p + 4 * r * r * r;
    g[i + 2] = 10 * q - 8 * r * r * r;
    g[i + 3] = -10 * q - 40 * s * s * s;
  }
  return f;
}

static double membrane(size_t n, const double *x, double *g) {
  const double pi = acos(-1);
  double f = 0;
  for (size_t i = 0; i < n; i++) {
    double b = sin(6 * pi * (double)(i + 1) / (double)(n + 1)) / 10;
    double Tx = 2 * x[i] - (i > 0 ? x[i - 1] : 0) - (i + 1 < n ? x[i + 1] : 0);
    f += x[i] * (Tx / 2 - b);
    g[i] = Tx - b;
  }
  return f;
}

static double vardim(size_t n, const double *x, double *g) {
  double s = 0, f = 0;
  for (size_t i = 0; i < n; i++) s += (double)(i + 1) * (x[i] - 1);
  for (size_t i = 0; i < n; i++) {
    f += square(x[i] - 1);
    g[i] = 2 * (x[i] - 1) + (double)(i + 1) * (2 * s + 4 * s * s * s);
  }
  return f + s * s + square(s * s);
}

static double beale(size_t n, const double *x, double *g) {
  const double c[] = {1.5, 2.25, 2.625};
  double f = 0, power = 1;
  memset(g, 0, n * sizeof *g);
  for (int k = 0; k < 3; k++) {
    double derivative = (k + 1) * power;
    power *= x[1];
    double r = c[k] - x[0] * (1 - power);
    f += r * r;
    g[0] -= 2 * r * (1 - power);
    g[1] += 2 * r * x[0] * derivative;
  }
  return f;
}

static double wood(size_t n, const double *x, double *g) {
  double a = x[0], b = x[1], c = x[2], d = x[3], p = b - a * a, q = d - c * c;
  (void)n;
  g[0] = -400 * p * a - 2 * (1 - a);
  g[1] = 200 * p + 20.2 * (b - 1) + 19.8 * (d - 1);
  g[2] = -360 * q * c - 2 * (1 - c);
  g[3] = 180 * q + 20.2 * (d - 1) + 19.8 * (b - 1);
  return 100 * p * p + square(1 - a) + 90 * q * q + square(1 - c) + 10.1 * (square(b - 1) + square(d - 1)) +
         19.8 * (b - 1) * (d - 1);
}

typedef struct {
  size_t n;
  double *x, *lower, *upper;
} problem;

static problem new_problem(size_t n) {
  problem p = {n, malloc(n * sizeof(double)), malloc(n * sizeof(double)), malloc(n * sizeof(double))};
  for (size_t i = 0; i < n; i++) p.x[i] = 0, p.lower[i] = -INFINITY, p.upper[i] = INFINITY;
  return p;
}

static void free_problem(problem p) {
  free(p.x);
  free(p.lower);
  free(p.upper);
}

static void cycle(double *v, size_t n, const double *values, size_t period) {
  for (size_t i = 0; i < n; i++) v[i] = values[i % period];
}

static bool starts_with(const char *name, const char *prefix) {
  return strncmp(name, prefix, strlen(prefix)) == 0;
}

/* Start, bounds and function of the problem called `name`. */
static objective *set_up(const char *name, problem p) {
  bool box = strstr(name, "_box") != NULL;
  if (starts_with(name, "driver1") || starts_with(name, "chain")) {
    cycle(p.x, p.n, (double[]){3}, 1);
    cycle(p.lower, p.n, (double[]){1, -100}, 2);
    cycle(p.upper, p.n, (double[]){100}, 1);
    return chain;
  }
  if (starts_with(name, "rosen")) {
    cycle(p.x, p.n, (double[]){-1.2, 1}, 2);
    if (box) cycle(p.lower, p.n, (double[]){-1.5}, 1), cycle(p.upper, p.n, (double[]){0.5}, 1);
    return rosenbrock;
  }
  if (starts_with(name, "powell")) {
    cycle(p.x, p.n, (double[]){3, -1, 0, 1}, 4);
    if (box) cycle(p.lower, p.n, (double[]){-0.5}, 1), cycle(p.upper, p.n, (double[]){2}, 1);
    return powell;
  }
  if (starts_with(name, "membrane")) {
    cycle(p.lower, p.n, (double[]){-0.4}, 1);
    cycle(p.upper, p.n, (double[]){0.3}, 1);
    return membrane;
  }
  if (starts_with(name, "vardim")) {
    for (size_t j = 0; j < p.n; j++) p.x[j] = 1 - (double)(j + 1) / (double)p.n;
    cycle(p.lower, p.n, (double[]){0}, 1);
    cycle(p.upper, p.n, (double[]){2}, 1);
    return vardim;
  }
  if (starts_with(name, "beale")) {
    cycle(p.x, p.n, (double[]){1}, 1);
    if (box) cycle(p.lower, 2, (double[]){0.6, 0.5}, 2), cycle(p.upper, 2, (double[]){10, 0.8999}, 2);
    return beale;
  }
  cycle(p.x, p.n, (double[]){-3, -1}, 2);
  if (box) cycle(p.lower, 4, (double[]){-10}, 1), cycle(p.upper, 4, (double[]){0.9, 10, 10, 0.7}, 4);
  return wood;
}

/* Runs to the end; every point asked for is checked to be in the box. */
static lbfgsb_summary run(lbfgsb *solver, objective *f, problem p, const char *name) {
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

static void test_reference_row(const char *row) {
  char name[32];
  size_t n, iterations, evaluations;
  double value;
  lbfgsb_options options = lbfgsb_defaults();
  if (sscanf(row, "%31[^,],%zu,%zu,%lf,%lf,%zu,%zu,%lf", name, &n, &options.pairs,
             &options.reduction_tolerance, &options.gradient_tolerance, &iterations, &evaluations, &value) != 8) {
    check(false, "the row can be read", row);
    return;
  }
  options.reduction_tolerance *= DBL_EPSILON;
  options.confirm = 0;
  problem p = new_problem(n);
  objective *f = set_up(name, p);
  lbfgsb *solver = malloc(lbfgsb_size(n, options.pairs));
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
  lbfgsb *solver = malloc(lbfgsb_size(n, options.pairs));
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
  check(end.status == LBFGSB_START_NOT_FINITE || end.value <= start, "never worse than the start", "hostile");
  free(g);
  free(solver);
  free_problem(p);
}

static void test_bad_input(void) {
  double x[] = {0, 1}, nan[] = {NAN, 0}, low[] = {0, 3}, high[] = {1, 2}, inf[] = {INFINITY, INFINITY};
  lbfgsb_options options = lbfgsb_defaults(), no_pairs = options;
  no_pairs.pairs = 0;
  lbfgsb *solver = malloc(lbfgsb_size(2, 10));
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
  lbfgsb *moving = malloc(size), *whole = malloc(size);
  double *g = malloc(p.n * sizeof *g), value = 0;
  lbfgsb_init(whole, p.n, p.x, p.lower, p.upper, &options);
  lbfgsb_init(moving, p.n, p.x, p.lower, p.upper, &options);
  lbfgsb_summary end = run(whole, f, p, "relocation");
  for (lbfgsb_request request = LBFGSB_EVALUATE; request != LBFGSB_FINISHED;
       request = lbfgsb_advance(moving, value, g)) {
    lbfgsb *copy = malloc(size);
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
  test_reference(argc > 1 ? argv[1] : "tests/testthat/reference/summary.csv");
  test_bad_input();
  test_relocation();
  for (unsigned long long seed = 1; seed <= 3000; seed++) test_hostile(seed * 0x9E3779B97F4A7C15ULL);
  printf("%d passed, %d failed\n", passed, failed);
  return failed > 0;
}
