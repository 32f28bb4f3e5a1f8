/* test_plateau.c - the way back from where f does not depend on a variable, and into the box from a bound
 * where f is infinitely steep. METHOD.md (59), (85). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core_tests.h"
#include "inside.h"
#include "plateau.h"

enum { N = 2, MOST_CALLS = 200 };

/* f = 4 + e^(x - 3) - (x - 3) and a narrow well around y = 1.1, of depth 1, on a plateau: the first step
 * leads over it. */
static double well(const double *x, double *g) {
  double away = x[1] - 1.1;
  bool inside = fabs(away) < 0.1;
  g[0] = exp(x[0] - 3) - 1;
  g[1] = inside ? 200 * away : 0;
  return 4 + exp(x[0] - 3) - (x[0] - 3) + (inside ? 100 * away * away - 1 : 0);
}

/* The same without the well, of which there is but a slope at the start. */
static double flat(const double *x, double *g) {
  g[0] = exp(x[0] - 3) - 1;
  g[1] = x[1] == 1.01 ? -18 : 0;
  return 4 + exp(x[0] - 3) - (x[0] - 3);
}

/* The same, but lower the larger y, of which no gradient tells. */
static double fallen(const double *x, double *g) { return flat(x, g) - 1e-3 * log(fmax(x[1], 1)); }

/* The same along a line, up to y = 1e6. */
static double line(const double *x, double *g) { return flat(x, g) + 1e-9 * fabs(x[1] - 1e6); }

/* The same as flat, with some slope along y to the end. */
static double slight(const double *x, double *g) {
  double f = flat(x, g);
  if (x[1] != 1.01) g[1] = -1e-10;
  return f;
}

/* Without y. */
static double unused(const double *x, double *g) {
  double f = flat(x, g);
  g[1] = 0;
  return f;
}

typedef struct {
  lbfgsb_solver *solver;
  size_t calls;
  double x[MOST_CALLS][N];
} session;

/* Runs to the end, or to this many evaluations; each state on the way is valid, and as good as its copy. */
static lbfgsb_request run_on(session *t, double (*f)(const double *, double *), double most) {
  lbfgsb_options options = lbfgsb_options_of(t->solver);
  size_t size = lbfgsb_size(N, options.pairs);
  double g[N], value;
  options.max_evaluations = most;
  lbfgsb_request request = lbfgsb_resume(t->solver, &options);
  while (request != LBFGSB_FINISHED && t->calls < MOST_CALLS) {
    check(lbfgsb_valid(t->solver, size), "a valid state", "plateau");
    if (request == LBFGSB_EVALUATE) memcpy(t->x[t->calls++], lbfgsb_point(t->solver), sizeof g);
    value = f(lbfgsb_point(t->solver), g);
    request = lbfgsb_advance(t->solver, value, g);
  }
  return request;
}

static session begin(void) {
  lbfgsb_options options = lbfgsb_defaults();
  options.pairs = 5;
  session t = {.solver = malloc(lbfgsb_size(N, options.pairs))};
  const double x[N] = {4.5, 1.01}, lower[N] = {-INFINITY, -INFINITY}, upper[N] = {INFINITY, INFINITY};
  lbfgsb_init(t.solver, N, x, lower, upper, &options);
  return t;
}

static void test_return(void) {
  session t = begin();
  run_on(&t, well, INFINITY);
  lbfgsb_summary end = lbfgsb_report(t.solver);
  check(t.solver->plateau.left == 1, "the run returns", "well");
  check(lbfgsb_is_evidence(end.status) && fabs(end.value - 4) < 1e-8, "and finds the well", "well");
  free(t.solver);
}

/* Half way, a quarter, ..., the start, x as it is; then the claim stands. */
static void test_way(void) {
  session t = begin();
  run_on(&t, flat, INFINITY);
  const double *end = lbfgsb_iterate(t.solver);
  check(t.calls > 21 && lbfgsb_is_evidence(lbfgsb_report(t.solver).status), "the claim stands", "flat");
  for (int k = 1; k <= 21; k++) {
    const double *x = t.x[t.calls - 22 + (size_t)k];
    double expected = k < 21 ? 1.01 + ldexp(end[1] - 1.01, -k) : 1.01;
    check(x[0] == end[0] && fabs(x[1] - expected) < 1e-15, "a point on the way back", "flat");
  }
  free(t.solver);
}

/* Where f rises at once only the start is asked about besides; so it is, if there is some slope, where f is
 * as high. */
static void test_rise(double (*f)(const double *, double *), const char *which) {
  session t = begin();
  run_on(&t, f, INFINITY);
  const double *end = lbfgsb_iterate(t.solver), *last = t.x[t.calls - 1];
  size_t asked = 0;
  for (size_t i = 0; i < t.calls; i++) asked += t.x[i][0] == end[0] && t.x[i][1] < end[1];
  check(asked == 2 && lbfgsb_is_evidence(lbfgsb_report(t.solver).status), "two questions", which);
  check(last[0] == end[0] && last[1] == 1.01, "the last of them about the start", which);
  free(t.solver);
}

/* Where f falls along a line it is followed, four times as far each time; to the last point but one. */
static void test_line(void) {
  session t = begin();
  run_on(&t, line, INFINITY);
  check(t.solver->plateau.left > 0, "the run goes on", "line");
  check(lbfgsb_iterate(t.solver)[1] > 1e6 / 4 && lbfgsb_iterate(t.solver)[1] < 1.75e6, "far along it",
        "line");
  size_t strides = 0;
  for (size_t i = 1; i + 1 < t.calls; i++) {
    double before = t.x[i][1] - t.x[i - 1][1], next = t.x[i + 1][1] - t.x[i][1];
    strides += t.x[i + 1][0] == t.x[i - 1][0] && before > 0 && fabs(next / before - 4) < 1e-6;
  }
  check(strides > 3, "by strides", "line");
  free(t.solver);
}

/* On a line from f = 10 where it was 9 last, four times as far each time: lower there it goes on, higher it
 * goes back one stride, to end there, as the next iterate if f is clearly lower. */
static void test_stride(double value, double before, bool lower, double on, const char *which) {
  session t = begin();
  t.solver->run.value = 10;
  t.solver->plateau.asked = 21;
  t.solver->plateau.on = 4;
  t.solver->plateau.change = before;
  check(plateau_hear(t.solver, value) == lower, "the next iterate", which);
  check(t.solver->plateau.on == on, "the next point", which);
  free(t.solver);
}

static void test_strides(void) {
  test_stride(8, -1, false, 16, "on");
  test_stride(9.5, -1, false, 1, "back");
  test_stride(9 - 1e-14, -1, false, 1, "back, where rounding is all it falls by");
  test_stride(11, 0, false, 0, "no lower point");
  test_stride(9, -INFINITY, true, 0, "back, and lower");
  test_stride(10, -INFINITY, false, 0, "back, and as high");
}

/* A variable that f does not use costs nothing. */
static void test_unused(void) {
  session t = begin();
  run_on(&t, unused, INFINITY);
  check(t.solver->plateau.asked == 0 && lbfgsb_is_evidence(lbfgsb_report(t.solver).status), "no question",
        "unused");
  free(t.solver);
}

/* A limit reached on the way back is what ends the run, which asks the rest on resumption. */
static void test_limit(void) {
  session whole = begin(), parts = begin();
  run_on(&whole, flat, INFINITY);
  for (size_t most = whole.calls - 20; most <= whole.calls; most++) {
    run_on(&parts, flat, (double)most);
    bool claims = lbfgsb_is_evidence(lbfgsb_report(parts.solver).status);
    check(claims == (most == whole.calls), "a claim only where nothing is left to ask", "limit");
  }
  check(parts.calls == whole.calls && memcmp(parts.x, whole.x, sizeof whole.x) == 0, "the same points",
        "limit");
  free(whole.solver);
  free(parts.solver);
}

/* ---- A trial ------------------------------------------------------------------------------------------ */

/* A trial at step 1 of 10, from f by a slope of -8; d = (1, 0). */
static session at_trial(double f) {
  session t = begin();
  lbfgsb_solver *s = t.solver;
  s->run.value = f;
  s->run.search.step = 1;
  s->run.search.start.slope = -8;
  s->direction.max_step = s->evidence.start_value = 10;
  put(s, s->direction.d)[0] = 1;
  return t;
}

/* Whether a trial with g = 0 may lie on a plateau. */
static void expect_possible(session t, double value, bool possible, const char *which) {
  const double level[N] = {0, 0}, slope[N] = {0, 1e-300};
  check(plateau_is_possible(t.solver, value, level) == possible, "a plateau", which);
  check(!plateau_is_possible(t.solver, value, slope), "none with a slope", which);
  free(t.solver);
}

static void test_possible(void) {
  expect_possible(at_trial(10), 5, true, "a trial");
  session t = at_trial(10);
  t.solver->run.search.step = 9.9;
  expect_possible(t, 5, true, "short of the bound");
  t = at_trial(10);
  t.solver->run.search.step = 9.91;
  expect_possible(t, 5, false, "at the bound");
  t = at_trial(10);
  t.solver->run.noise = 1e-9;
  expect_possible(t, 5, false, "by noise");
  t = at_trial(10);
  t.solver->options.confirm = 0;
  expect_possible(t, 5, false, "as published");
  expect_possible(at_trial(1e-16), 0, false, "0, from where f was lost in rounding");
  expect_possible(at_trial(1e-16), 1e-17, true, "more than 0, from there");
  expect_possible(at_trial(10), 0, true, "0, from where f was not");
}

/* Whether it does for all that the slopes say: next to none is left, this of x_0, and f has fallen by less
 * than half of the 4 that they told. */
static void expect_evident(session t, double value, double slope, bool evident, const char *which) {
  const double g[N] = {slope, 1};
  check(plateau_is_evident(t.solver, value, 0, g) == evident, "evident", which);
  free(t.solver);
}

static void test_evident(void) {
  expect_evident(at_trial(10), 9, 0.49e-6, true, "a quarter of it");
  expect_evident(at_trial(10), 9, 0.51e-6, false, "a slope that promises more than 1e-6 of that");
  expect_evident(at_trial(1.1), 0.1, 0.49e-7, true, "to a small value");
  expect_evident(at_trial(1.1), 0.1, 0.51e-7, false, "a slope that promises more than 1e-6 of this");
  expect_evident(at_trial(10), 8.01, 0, true, "hardly less than half of it");
  expect_evident(at_trial(10), 7.99, 0, false, "more than half of it");
  session t = at_trial(10);
  t.solver->evidence.gain = INFINITY;
  expect_evident(t, 9, 0, false, "by differences");
  t = at_trial(10);
  t.solver->run.noise = 1e-9;
  expect_evident(t, 9, 0, false, "by noise");
}

/* f is asked about half as far again, but not beyond the bound. */
static void test_beyond(void) {
  session t = at_trial(10);
  check(plateau_step(t.solver) == 1.5, "half as far again", "beyond");
  t.solver->direction.max_step = 1.25;
  check(plateau_step(t.solver) == 1.25, "to the bound", "beyond");
  free(t.solver);
}

/* ---- Into the box ------------------------------------------------------------------------------------- */

/* A variable's box and start, and where it is now, in a unit of its own that is so many of the caller's. */
typedef struct {
  double lower, upper, start, x, unit;
} place;

static void put_at(lbfgsb_solver *s, size_t i, place at) {
  put(s, s->box.lower)[i] = at.lower;
  put(s, s->box.upper)[i] = at.upper;
  put(s, s->plateau.start)[i] = at.start;
  put(s, s->iterate.x)[i] = at.x;
  put(s, s->scales.scale)[i] = at.unit;
}

/* x_0 has this way to its other bound; so has its mirror image, to the other side. */
static void test_way_in(place at, double way, const char *which) {
  session t = begin();
  put_at(t.solver, 0, at);
  put_at(t.solver, 1, (place){-at.upper, -at.lower, -at.start, -at.x, at.unit});
  check(inside_way(t.solver, 0) == way, "the way from the lower bound", which);
  check(inside_way(t.solver, 1) == -way, "the way from the upper bound", which);
  free(t.solver);
}

static void test_ways_in(void) {
  const double w = 0x1p30, close = 0x1p11, unit = 0x1p-30, lower = 0x1p40;
  test_way_in((place){lower, lower + w, lower, lower, unit}, w, "on the bound");
  test_way_in((place){lower, lower + w, lower + close, lower, unit}, w, "began close to it");
  test_way_in((place){lower, lower + w, lower + close + 1, lower, unit}, 0, "began farther off");
  test_way_in((place){lower, lower + w, lower, lower + close, unit}, w, "is close to it");
  test_way_in((place){lower, lower + w, lower, lower + close + 1, unit}, 0, "has left it");
  test_way_in((place){0, 0x1p19, 0, 0, unit}, 0x1p19, "a unit that may be too small");
  test_way_in((place){0, 0x1p18, 0, 0, unit}, 0, "a unit that is no smaller than others");
  test_way_in((place){0, w, 0, 0, 0x1p-10}, w, "a wide box");
  test_way_in((place){0, w, 0, 0, 0x1p-9}, 0, "a box that may stand for none");
}

/* Of two shares that began at their bound one has left it: it alone gets another unit, 2^-7 of its box; nor
 * does one that began elsewhere. */
static void test_leave(double side) {
  const double small = 0x1p-40;
  place share = {side > 0 ? 0 : -3 / small, side > 0 ? 3 / small : 0, 0, 0, small}, moved = share;
  moved.x = side * 0x1p33;
  session t = begin();
  put_at(t.solver, 0, share);
  put_at(t.solver, 1, moved);
  plateau_leave(t.solver);
  const double *scale = lbfgsb_scale(t.solver), *x = get(t.solver, t.solver->iterate.x);
  check(scale[0] == small && x[0] == 0, "one that has not left its bound", "leave");
  check(scale[1] == 0x1p-5, "the unit of one that has", "leave"); /* p2(3 / 2^7) */
  check(x[1] * scale[1] == side * 0x1p-7, "it stays where it is", "leave");
  moved.start = moved.x;
  put_at(t.solver, 1, moved);
  plateau_leave(t.solver);
  check(scale[1] == small, "one that began elsewhere", "leave");
  free(t.solver);
}

/* f is asked about three points in the box, but not after the fifth return. */
static void test_asked_inside(void) {
  session t = begin();
  put_at(t.solver, 0, (place){0, 0x1p30, 0, 0, 0x1p-30});
  for (int k = 0; k < 3; k++) check(inside_ask(t.solver), "a point inside", "asked");
  check(!inside_ask(t.solver), "no fourth one", "asked");
  t.solver->inside.asked = 0;
  t.solver->plateau.left = 5;
  check(!inside_ask(t.solver), "none after five returns", "asked");
  free(t.solver);
}

void test_way_back(void) {
  test_return();
  test_way();
  test_rise(fallen, "rise");
  test_line();
  test_rise(slight, "level");
  test_strides();
  test_unused();
  test_limit();
  test_possible();
  test_evident();
  test_beyond();
  test_ways_in();
  test_leave(1);
  test_leave(-1);
  test_asked_inside();
}
