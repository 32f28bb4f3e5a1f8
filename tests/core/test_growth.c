/* test_growth.c - sizes of variables that begin at 0: by trials that are not defined, and by the first pair.
 * Values and gradients are told as no function would. */
#include <math.h>
#include <stdlib.h>

#include "core_tests.h"

/* A run in two variables that is told f = 16 and this gradient at its start. */
static lbfgsb_solver *begin(const double *start, const double *g) {
  lbfgsb_options options = lbfgsb_defaults();
  lbfgsb_solver *s = malloc(lbfgsb_size(2, options.pairs));
  lbfgsb_init(s, 2, start, NULL, NULL, &options);
  check(lbfgsb_advance(s, 16, g) == LBFGSB_NEW_ITERATE, "the start is an iterate", "growth");
  check(lbfgsb_advance(s, 0, NULL) == LBFGSB_EVALUATE, "a trial is asked for", "growth");
  return s;
}

/* A trial where f is not defined, or beyond a wall, takes back what began at 0, if something began elsewhere.
 */
static void test_undefined(double value, size_t nonfinite) {
  const double beside[2] = {4, 0}, zeros[2] = {0, 0}, g[2] = {1, 0x1p-10};
  lbfgsb_solver *s = begin(beside, g);
  double x1 = lbfgsb_point(s)[0], x2 = lbfgsb_point(s)[1], unit = lbfgsb_scale(s)[1];
  check(lbfgsb_advance_value(s, value) == LBFGSB_EVALUATE, "another trial", "undefined");
  check(lbfgsb_scale(s)[0] == 4 && lbfgsb_scale(s)[1] == unit / 16, "by one smaller unit", "undefined");
  check(lbfgsb_point(s)[0] == x1 && lbfgsb_point(s)[1] == x2 / 256, "so far goes the one alone", "undefined");
  check(lbfgsb_report(s).nonfinite == nonfinite, "what is not finite is counted", "undefined");
  check(lbfgsb_valid(s, lbfgsb_size(2, lbfgsb_options_of(s).pairs)) == 1, "the state is valid", "undefined");
  free(s);
  s = begin(zeros, g);
  x1 = lbfgsb_point(s)[0], x2 = lbfgsb_point(s)[1], unit = lbfgsb_scale(s)[1];
  check(lbfgsb_advance_value(s, value) == LBFGSB_EVALUATE, "another trial", "undefined");
  check(lbfgsb_scale(s)[1] == unit, "no other unit where all began at 0", "undefined");
  check(lbfgsb_point(s)[0] / x1 == lbfgsb_point(s)[1] / x2, "but a shorter step", "undefined");
  free(s);
}

/* What was in vain four times is taken back, and the step of all is shortened; nothing is taken back beyond a
 * lower value. */
static void test_in_vain(void) {
  const double start[2] = {4, 0}, g[2] = {1, 0x1p-10}, on[2] = {1, 0x1p-10};
  lbfgsb_solver *s = begin(start, g);
  double x1 = lbfgsb_point(s)[0], x2 = lbfgsb_point(s)[1], unit = lbfgsb_scale(s)[1];
  for (int trial = 1; trial <= 4; trial++) lbfgsb_advance_value(s, NAN);
  check(lbfgsb_scale(s)[1] == ldexp(unit, -16) && lbfgsb_point(s)[0] == x1, "four times smaller", "in vain");
  lbfgsb_advance_value(s, NAN);
  check(lbfgsb_scale(s)[1] == unit && lbfgsb_point(s)[1] == x2, "what was in vain is taken back", "in vain");
  lbfgsb_advance_value(s, NAN);
  double part = lbfgsb_point(s)[1] / x2;
  check(lbfgsb_scale(s)[1] == unit && part < 1, "and all are shortened", "in vain");
  check(fabs((lbfgsb_point(s)[0] - 4) / (x1 - 4) - part) < 1e-12, "alike", "in vain");
  free(s);
  s = begin(start, g);
  check(lbfgsb_advance(s, 15.99, on) == LBFGSB_EVALUATE, "the search goes on", "in vain");
  unit = lbfgsb_scale(s)[1];
  lbfgsb_advance_value(s, NAN);
  check(lbfgsb_scale(s)[1] == unit, "no other unit beyond a lower value", "in vain");
  free(s);
}

/* So it does where the gradient has an error, as by differences; and of a trial that is lower, whose slope
 * along x2 is lost. Then x1 is taken back, too, if it has lost its slope and gone far. */
static void test_by_differences(double first, double slope, double scale) {
  const double start[2] = {4, 0}, g[2] = {first, 0x1p-10}, lost[2] = {slope, 0x1p-30};
  lbfgsb_options options = lbfgsb_defaults();
  lbfgsb_solver *s = malloc(lbfgsb_size(2, options.pairs));
  lbfgsb_init(s, 2, start, NULL, NULL, &options);
  lbfgsb_advance_value(s, 16);
  lbfgsb_advance_gradient(s, g, 1e-9);
  check(lbfgsb_advance(s, 0, NULL) == LBFGSB_EVALUATE, "a trial is asked for", "by differences");
  double unit = lbfgsb_scale(s)[1];
  check(lbfgsb_advance_value(s, NAN) == LBFGSB_EVALUATE, "another trial", "by differences");
  check(lbfgsb_scale(s)[1] == unit / 16, "by a smaller unit", "by differences");
  check(lbfgsb_advance_value(s, 15) == LBFGSB_GRADIENT, "a lower value", "by differences");
  check(lbfgsb_advance_gradient(s, lost, 1e-9) == LBFGSB_EVALUATE, "is no iterate", "by differences");
  check(lbfgsb_scale(s)[1] == unit / 256, "taken back again", "by differences");
  check(lbfgsb_scale(s)[0] == scale, "and what is far off", "by differences");
  free(s);
}

/* Where all began elsewhere a variable that has lost its slope is at its minimum. */
static void test_at_minimum(void) {
  const double start[2] = {4, 4}, g[2] = {1, 1}, there[2] = {0.5, 0};
  lbfgsb_solver *s = begin(start, g);
  check(lbfgsb_advance(s, 15, there) == LBFGSB_NEW_ITERATE, "an iterate", "at the minimum");
  free(s);
}

/* x2 from 0 has five times the way to go that the first step took, by its slope there. */
static void test_first_pair(double first, double times) {
  const double start[2] = {first, 0}, g[2] = {0.25, 1}, there[2] = {0.125, 0.8};
  lbfgsb_solver *s = begin(start, g);
  double unit = lbfgsb_scale(s)[1], way = fabs(lbfgsb_point(s)[1]) * (1 + 0.8 / 0.2);
  check(lbfgsb_advance(s, 15.5, there) == LBFGSB_NEW_ITERATE, "an iterate", "the first pair");
  lbfgsb_advance(s, 0, NULL);
  double grown = lbfgsb_scale(s)[1] / unit;
  check(times > 1 ? fabs(log2(grown * unit / way)) <= 0.5 : grown == 1, "the way is the size",
        "the first pair");
  free(s);
}

void test_growth(void) {
  test_undefined(NAN, 1);
  test_undefined(INFINITY, 1);
  test_undefined(1e30, 0);
  test_in_vain();
  test_by_differences(1, 0.5, 4);
  test_by_differences(1, 0, 0.25);
  test_by_differences(0x1p-12, 0, 4);
  test_at_minimum();
  test_first_pair(4, 4);
  test_first_pair(0, 1);
}
