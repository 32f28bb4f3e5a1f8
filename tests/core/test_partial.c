/* test_partial.c - one element of a gradient by differences: which values it asks for, in boxes, beside holes
 * and where f shows nothing, and what it makes of them. METHOD.md (38), (64), (86). */
#include <float.h>
#include <math.h>

#include "core_tests.h"
#include "partial.h"

enum { MOST_VALUES = 12 };

typedef double curve(double t);

/* An element, and where it has asked for values. */
typedef struct {
  partial p;
  size_t count;
  double at[MOST_VALUES];
} element;

static partial_base at_place(curve *f, double x, double lower, double upper) {
  return (partial_base){.x = x,
                        .f = f(x),
                        .lower = lower,
                        .upper = upper,
                        .most = INFINITY,
                        .longest = INFINITY,
                        .growth = 10,
                        .told = INFINITY};
}

static element take(partial p, curve *f, const char *which) {
  element e = {.p = p};
  bool ends = false;
  while (!ends && e.count < MOST_VALUES) {
    double at = e.at[e.count++] = e.p.at;
    check(p.base.lower <= at && at <= p.base.upper, "a point in the box", which);
    check(partial_valid(&e.p, p.base), "a valid element", which);
    ends = partial_take(&e.p, f(at));
  }
  check(ends, "the element ends", which);
  return e;
}

static element forward(partial_base base, double step, curve *f, const char *which) {
  partial p;
  partial_begin_forward(&p, &base, step);
  return take(p, f, which);
}

static element central(partial_base base, double step, curve *f, const char *which) {
  partial p;
  partial_begin_central(&p, &base, step, 0.25);
  return take(p, f, which);
}

/* It has asked at these points, and no others. */
static void expect(const element *e, size_t count, const double *at, const char *which) {
  check(e->count == count, "as many values", which);
  for (size_t k = 0; k < count && k < e->count; k++)
    check(fabs(e->at[k] - at[k]) <= 4 * DBL_EPSILON * fabs(at[k]), "the point", which);
}

static double parabola(double t) { return 4 * t + t * t; }

/* ---- Boxes -------------------------------------------------------------------------------------------- */

/* In a box [0, 4 w] that is narrower than the step it goes to the end of the roomier side. */
static void test_narrow_forward(double x, double end, const char *which) {
  const double w = 0x1p-12;
  element e = forward(at_place(parabola, x * w, 0, 4 * w), 1, parabola, which);
  expect(&e, 1, (double[]){end * w}, which);
  check(e.p.slope == 4 + (x + end) * w && e.p.step == fabs(end - x) * w, "the slope, and its step", which);
}

/* So do central ones, and half way there: the parabola's slope and curvature at x, exactly. */
static void test_narrow_central(double x, double half, double end, const char *which) {
  const double w = 0x1p-12;
  element e = central(at_place(parabola, x * w, 0, 4 * w), 1, parabola, which);
  expect(&e, 2, (double[]){half * w, end * w}, which);
  check(e.p.slope == 4 + 2 * x * w && e.p.curvature == 2, "slope and curvature", which);
}

static void test_narrow(void) {
  test_narrow_forward(0, 4, "forward, on the lower bound");
  test_narrow_forward(1, 4, "forward, closer to it");
  test_narrow_forward(3, 0, "forward, closer to the upper one");
  test_narrow_forward(4, 0, "forward, on the upper bound");
  test_narrow_central(0, 2, 4, "central, on the lower bound");
  test_narrow_central(1, 2.5, 4, "central, closer to it");
  test_narrow_central(3, 1.5, 0, "central, closer to the upper one");
  test_narrow_central(4, 2, 0, "central, on the upper bound");
}

/* The step is that between two doubles. */
static void test_rounded(void) {
  element e = forward(at_place(parabola, 1, 0, 2), 1.25 * DBL_EPSILON, parabola, "rounded");
  check(e.p.step == DBL_EPSILON, "the step taken", "rounded");
}

/* ---- Holes -------------------------------------------------------------------------------------------- */

static double nowhere(double t) { return t == 0 ? 0 : NAN; }
static double above(double t) { return t < 0 ? NAN : parabola(t); }
static double below(double t) { return t > 0 ? NAN : parabola(t); }
static double close_by(double t) { return fabs(t) > 0x1p-11 ? NAN : parabola(t); }
static double aside(double t) { return t == 1 ? NAN : parabola(t); }
static double steep(double t) { return 1e3 * fabs(t); }

static void test_turns(void) {
  element e = forward(at_place(nowhere, 0, -8, 8), 1, nowhere, "to both sides");
  expect(&e, 6, (double[]){1, -1, 0.1, -0.1, 0.01, -0.01}, "to both sides");
  check(isnan(e.p.slope), "no slope", "to both sides");
  e = forward(at_place(nowhere, 0, 0, 8), 1, nowhere, "to one side");
  expect(&e, 6, (double[]){1, 0.1, 0.01, 1e-3, 1e-4, 1e-5}, "to one side");
  e = forward(at_place(close_by, 0, 0, 0x1p-10), 1, close_by, "in a narrow box");
  expect(&e, 2, (double[]){0x1p-10, 0x1p-10 / 10}, "in a narrow box");
  e = forward(at_place(below, 0, -8, 8), 1, below, "below");
  expect(&e, 2, (double[]){1, -1}, "below");
  check(e.p.slope == 3, "its slope", "below");
}

/* The parabola through three points on one side, or what two of them tell. */
static void test_holes(void) {
  element e = central(at_place(above, 0, -8, 8), 1, above, "none below");
  expect(&e, 3, (double[]){1, -1, 2}, "none below");
  check(e.p.slope == 4 && e.p.curvature == 2 && e.p.has_curvature, "of the parabola", "none below");
  e = central(at_place(below, 0, -8, 8), 1, below, "none above");
  expect(&e, 3, (double[]){1, -1, -2}, "none above");
  check(e.p.slope == 4 && e.p.curvature == 2, "of the parabola", "none above");
  e = central(at_place(below, 0, -1, 8), 1, below, "no third point");
  expect(&e, 2, (double[]){1, -1}, "no third point");
  check(e.p.slope == 3 && e.p.curvature == 0 && !e.p.has_curvature, "of two points", "no third point");
  e = central(at_place(aside, 0, 0, 8), 1, aside, "on a bound, the first");
  expect(&e, 2, (double[]){1, 2}, "on a bound, the first");
  check(e.p.slope == 6 && !e.p.has_curvature, "of two points", "on a bound, the first");
  e = central(at_place(aside, -1, -1, 8), 1, aside, "on a bound, the second");
  expect(&e, 2, (double[]){0, 1}, "on a bound, the second");
  check(e.p.slope == 3 && !e.p.has_curvature, "of two points", "on a bound, the second");
  e = central(at_place(nowhere, 0, -8, 8), 1, nowhere, "nowhere");
  expect(&e, 8, (double[]){1, -1, 0.25, -0.25, 0.025, -0.025, 0.0025, -0.0025}, "nowhere");
}

/* A rise to a wall is no value. */
static void test_wall(void) {
  partial_base base = at_place(steep, 0, -8, 8);
  base.most = 200;
  element e = forward(base, 1, steep, "a wall");
  expect(&e, 3, (double[]){1, -1, 0.1}, "a wall");
}

/* ---- Where f shows nothing -------------------------------------------------------------------------------
 */

static double level(double t) { return 0 * t; }
static double step_up(double t) { return t >= 10 ? 1e3 : 0; }
static double edges(double t) { return t >= 10 ? NAN : t <= -10 ? 1e3 : 0; }
static double hole_above(double t) { return t > 0 ? NAN : t <= -10 ? 1e3 : 0; }
static double hole_beyond(double t) { return fabs(t) > 1 || t == -1 ? NAN : 0; }
static double holes_between(double t) { return t == -1 || t == 2 ? NAN : t >= 10 ? 1e3 : 0; }
static double turned(double t) { return t + t * t; }

static partial_base widened(curve *f, double lower, double upper, double widest) {
  partial_base base = at_place(f, 0, lower, upper);
  base.hidden = 1e-9;
  base.widest = widest;
  return base;
}

/* Up to `widest`, a tenth of the room, or of `longest`. */
static void test_wider(void) {
  element e = forward(widened(level, -1e9, 1e9, 100), 1, level, "level");
  expect(&e, 3, (double[]){1, 10, 100}, "level");
  check(e.p.slope == 0 && e.p.unseen == 10, "it has shown nothing", "level");
  e = forward(widened(level, -1e9, 50, 100), 1, level, "little room");
  expect(&e, 2, (double[]){1, 10}, "little room");
  partial_base base = widened(level, -1e9, 1e9, 100);
  base.longest = 50;
  e = forward(base, 1, level, "long enough");
  expect(&e, 2, (double[]){1, 10}, "long enough");
  e = central(widened(level, -50, 60, 100), 1, level, "central");
  expect(&e, 3, (double[]){1, 10, -10}, "central");
  e = central(widened(level, -5, 190, 100), 1, level, "more room on one side");
  expect(&e, 3, (double[]){1, 10, 20}, "more room on one side");
  e = central(widened(level, -5, 15, 100), 1, level, "not enough");
  expect(&e, 2, (double[]){1, -1}, "not enough");
}

/* A faint change is none by a long step alone, which is no word that f is level there. */
static void test_faint(void) {
  partial_base base = widened(parabola, -1e9, 1e9, 1e9);
  base.faint = 1e9;
  element e = forward(base, 1, parabola, "by a short step");
  expect(&e, 1, (double[]){1}, "by a short step");
  e = forward(base, 1e4, parabola, "by a long one");
  expect(&e, 2, (double[]){1e4, 1e5}, "by a long one");
  check(e.p.unseen == 0, "it has shown something", "by a long one");
}

/* Where f is not defined at the wider step, it is level; and no step is widened on the other side. */
static void test_level_beside_holes(void) {
  partial_base base = widened(hole_beyond, -1e9, 1e9, 1e3);
  base.growth = 1e3;
  element e = forward(base, 1, hole_beyond, "beyond");
  expect(&e, 7, (double[]){1, 1e3, -1e3, 1e2, -1e2, 10, -10}, "beyond");
  check(e.p.slope == 0, "level", "beyond");
  e = forward(widened(hole_above, -1e9, 1e9, 1e3), 1, hole_above, "on the other side");
  expect(&e, 2, (double[]){1, -1}, "on the other side");
}

/* (86): where the wide step tells of more than the one before has shown, that is taken again, and no wider
 * one. */
static void test_narrower(void) {
  partial_base base = widened(step_up, -1e9, 1e9, 1e3);
  base.told = 1;
  element e = forward(base, 1, step_up, "forward");
  expect(&e, 3, (double[]){1, 10, 1}, "forward");
  check(e.p.slope == 0, "level", "forward");
  e = central(base, 1, step_up, "central");
  expect(&e, 5, (double[]){1, 10, -10, 1, -1}, "central");
  check(e.p.slope == 0 && e.p.curvature == 0, "level", "central");
  e = central(base, 1, holes_between, "between holes");
  check(e.count == 6 && e.p.slope == 0 && e.p.curvature == 0, "no curvature of the wider one",
        "between holes");
  base.growth = 1e3;
  base.upper = 50;
  e = forward(base, 4, step_up, "no shorter than at first");
  expect(&e, 3, (double[]){4, 50, 4}, "no shorter than at first");
  base = widened(edges, -1e9, 1e9, 1e3);
  base.told = 1;
  e = forward(base, 1, edges, "not beside an edge");
  expect(&e, 3, (double[]){1, 10, -10}, "not beside an edge");
  base = at_place(parabola, 0, -8, 8);
  base.told = 1;
  e = forward(base, 1, parabola, "not at the first one");
  expect(&e, 1, (double[]){1}, "not at the first one");
  base = widened(turned, -20, 0, 10);
  base.told = 1e-3;
  e = central(base, 1, turned, "a parabola");
  expect(&e, 3, (double[]){-1, -10, -20}, "a parabola");
  check(e.p.slope == 1 && e.p.curvature == 2, "to its side", "a parabola");
}

void test_partial(void) {
  test_narrow();
  test_rounded();
  test_turns();
  test_holes();
  test_wall();
  test_wider();
  test_faint();
  test_level_beside_holes();
  test_narrower();
}
