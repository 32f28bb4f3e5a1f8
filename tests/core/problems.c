/* problems.c - the problems of the reference runs. test-problems.R holds them against R's. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core_tests.h"

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

problem new_problem(size_t n) {
  problem p = {n, malloc(n * sizeof(double)), malloc(n * sizeof(double)), malloc(n * sizeof(double))};
  for (size_t i = 0; i < n; i++) p.x[i] = 0, p.lower[i] = -INFINITY, p.upper[i] = INFINITY;
  return p;
}

void free_problem(problem p) {
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

objective *set_up(const char *name, problem p) {
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
