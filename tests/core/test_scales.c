/* test_scales.c - the scales that a run finds: where they come from, and that units do not matter, to the
 * bit. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core_tests.h"
#include "scales.h"

/* A run, and how much of it was the same as another. */
typedef struct {
  lbfgsb_solver *solver;
  problem p;
  double *u, *g; /* n, the variables' units, and a gradient */
  double unit;   /* of f */
} scaled_run;

static scaled_run begin(problem p, const double *u, double unit, const lbfgsb_options *options) {
  scaled_run r = {malloc(lbfgsb_size(p.n, options->pairs)), p, malloc(p.n * sizeof(double)),
                  malloc(p.n * sizeof(double)), unit};
  problem scaled = new_problem(p.n);
  for (size_t i = 0; i < p.n; i++) {
    r.u[i] = u ? u[i] : 1;
    scaled.x[i] = p.x[i] * r.u[i];
    scaled.lower[i] = p.lower[i] * r.u[i];
    scaled.upper[i] = p.upper[i] * r.u[i];
  }
  check(lbfgsb_init(r.solver, p.n, scaled.x, scaled.lower, scaled.upper, options) == 0, "a run begins",
        "scales");
  free_problem(scaled);
  return r;
}

static void end(scaled_run r) {
  free(r.solver);
  free(r.u);
  free(r.g);
}

/* Evaluates f(x / u) unit, and its gradient. */
static double evaluate(scaled_run *r, objective *f) {
  double x[64];
  for (size_t i = 0; i < r->p.n; i++) x[i] = lbfgsb_point(r->solver)[i] / r->u[i];
  double value = f(r->p.n, x, r->g) * r->unit;
  for (size_t i = 0; i < r->p.n; i++) r->g[i] = r->g[i] * r->unit / r->u[i];
  return value;
}

static bool same_point(const scaled_run *a, const scaled_run *b) {
  const double *x = lbfgsb_point(a->solver), *y = lbfgsb_point(b->solver);
  for (size_t i = 0; i < a->p.n; i++)
    if (x[i] / a->u[i] != y[i] / b->u[i]) return false;
  return true;
}

/* Runs of f in other units take the same way, to the bit, from the first evaluation to the last. */
static void test_units(const char *name, size_t n, double unit) {
  problem p = new_problem(n);
  objective *f = set_up(name, p);
  lbfgsb_options options = lbfgsb_defaults();
  double u[64];
  for (size_t i = 0; i < n; i++) u[i] = ldexp(1, (int)(7 * i % 31) - 15);
  scaled_run a = begin(p, NULL, 1, &options), b = begin(p, u, unit, &options);
  lbfgsb_request request = LBFGSB_EVALUATE, other = LBFGSB_EVALUATE;
  bool same = true;
  double value[2] = {0, 0};
  while (request != LBFGSB_FINISHED && same) {
    if (request == LBFGSB_EVALUATE) {
      same = same_point(&a, &b);
      value[0] = evaluate(&a, f);
      value[1] = evaluate(&b, f);
    }
    request = lbfgsb_advance(a.solver, value[0], a.g);
    other = lbfgsb_advance(b.solver, value[1], b.g);
    same = same && request == other;
  }
  check(same, "units do not matter, to the bit", name);
  check(lbfgsb_report(a.solver).status == lbfgsb_report(b.solver).status, "nor to how it ends", name);
  end(a);
  end(b);
  free_problem(p);
}

/* x (4) in this box and with these slopes has the scales. */
static void test_found(const double *x, const double *width, const double *slope, const double *scale,
                       const char *which) {
  problem p = new_problem(4);
  lbfgsb_options options = lbfgsb_defaults();
  for (size_t i = 0; i < 4; i++) {
    p.x[i] = x[i];
    if (width[i] < INFINITY) p.lower[i] = x[i], p.upper[i] = x[i] + width[i];
  }
  scaled_run r = begin(p, NULL, 1, &options);
  lbfgsb_advance(r.solver, 8, slope);
  for (size_t i = 0; i < 4; i++) check(lbfgsb_scale(r.solver)[i] == scale[i], "the scale", which);
  end(r);
  free_problem(p);
}

static void test_sources(void) {
  const double inf = INFINITY, steep[] = {1, 1, 1, 1};
  test_found((double[]){1000, 1e-5, -3, 0.7}, (double[]){inf, inf, inf, 0.01}, steep,
             (double[]){1024, 0x1p-17, 4, 0x1p-7}, "of the start and the box");
  test_found((double[]){4, 0, 0, 0}, (double[]){inf, inf, inf, inf}, (double[]){2, 1, 1024, 1e-12},
             (double[]){4, 2, 0x1p-9, 1}, "of a quarter of the slope of those that have one");
  test_found((double[]){4, 0, 4, 4}, (double[]){inf, inf, inf, inf}, (double[]){2, 1, 2, 2},
             (double[]){4, 8, 4, 4}, "of all of it if it is the only one");
  test_found((double[]){0, 0, 0, 0}, (double[]){inf, inf, inf, inf}, (double[]){1, 8, 0.5, 0},
             (double[]){0.5, 0.0625, 1, 1}, "of f, where none has");
}

/* By the second derivatives c (2) and the slopes g at 0, where f = 16 and T = 1, the units are 1 / sqrt|c_i|.
 * Where f bends downwards along x1, which promises more, Newton's steps |g_i / c_i| count as much if they are
 * less. */
static void test_bend(const double *g, const double *c, double lower, const double *unit, const char *which) {
  problem p = new_problem(2);
  lbfgsb_options options = lbfgsb_defaults();
  p.lower[0] = lower;
  scaled_run r = begin(p, NULL, 1, &options);
  lbfgsb_advance_value(r.solver, 16);
  scales_tell(r.solver, g, c);
  for (size_t i = 0; i < 2; i++) check(lbfgsb_scale(r.solver)[i] == unit[i], "the unit", which);
  end(r);
  free_problem(p);
}

static void test_bends(void) {
  const double g[] = {2, 1}, away[] = {-2, 1}, level[] = {2, 0}, by_c[] = {0x1p-3, 0x1p-4};
  test_bend(g, (double[]){64, 256}, -INFINITY, by_c, "upwards");
  test_bend(g, (double[]){64, -256}, -INFINITY, by_c, "downwards along what promises less");
  test_bend(g, (double[]){-64, 256}, 0, by_c, "downwards along what a bound holds");
  test_bend(away, (double[]){-64, 256}, 0, (double[]){0x1p-4, 0x1p-6}, "downwards, off a bound");
  test_bend(g, (double[]){-64, 256}, -INFINITY, (double[]){0x1p-4, 0x1p-6}, "downwards");
  test_bend(g, (double[]){-0.25, 256}, -INFINITY, (double[]){2, 0x1p-6}, "where Newton's step is longer");
  test_bend(level, (double[]){-64, 256}, -INFINITY, (double[]){0x1p-4, 0x1p-4}, "where one is level");
}

/* Without them x is what it is; with them what the caller sees is in his units all the same. */
static void test_published(void) {
  problem p = new_problem(2);
  lbfgsb_options options = lbfgsb_defaults();
  p.x[0] = 1000;
  options.rescale = 0;
  scaled_run r = begin(p, NULL, 1, &options);
  lbfgsb_advance(r.solver, 1, (double[]){3, 4});
  check(lbfgsb_scale(r.solver)[0] == 1 && lbfgsb_scale(r.solver)[1] == 1, "no scales", "published");
  end(r);
  options.rescale = 1;
  r = begin(p, NULL, 1, &options);
  check(lbfgsb_point(r.solver)[0] == 1000, "the point is the caller's", "units");
  lbfgsb_advance(r.solver, 1, (double[]){3, 4});
  check(lbfgsb_iterate(r.solver)[0] == 1000 && lbfgsb_gradient(r.solver)[0] == 3, "so is the iterate",
        "units");
  check(lbfgsb_report(r.solver).projected_gradient_norm == 4, "and its norm", "units");
  end(r);
  free_problem(p);
}

/* Where a revision is due at the claim that teaches, it is not a run's that goes on with the state there.
 * Fewer pairs than variables teach nothing. */
static void test_teaching(void) {
  problem p = new_problem(4);
  objective *f = set_up("wood_box", p);
  lbfgsb_options options = lbfgsb_defaults();
  scaled_run r = begin(p, NULL, 1, &options);
  lbfgsb_solver *s = r.solver;
  bool teaches = false;
  size_t next = 0;
  for (size_t pairs = 0; pairs <= 4; pairs = lbfgsb_pair_count(s)) {
    if (pairs > 0 && lbfgsb_pending(s) == LBFGSB_NEW_ITERATE) {
      next = s->scales.next_revision = s->run.iterations;
      s->pairs.theta *= 1e4;
      teaches = scales_teach(s);
      check(teaches == (pairs == 4), "B0 alone says what a curvature is", "teaching");
      if (teaches) break;
      s->pairs.theta /= 1e4;
    }
    double value = evaluate(&r, f);
    lbfgsb_advance(s, value, r.g);
  }
  check(teaches && s->scales.next_revision > next, "no revision is due", "teaching");
  end(r);
  free_problem(p);
}

void test_scales(void) {
  test_units("wood_box", 4, 1);
  test_units("wood_box", 4, 0x1p20);
  test_units("rosen24", 24, 0x1p-40);
  test_units("vardim50", 50, 1);
  test_sources();
  test_bends();
  test_published();
  test_teaching();
}
