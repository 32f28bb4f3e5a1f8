/* test_noise.c - the noise that a table of values tells of a function of one variable. METHOD.md (42). */
#include <math.h>

#include "core_tests.h"
#include "noise.h"

typedef double function(double x);

/* The level at x, relative to f, from steps of this scale on. */
static double level(function *f, double x, double scale) {
  noise_table table;
  noise_begin(&table, f(x), scale, 0);
  while (!noise_take(&table, f(noise_point(&table, 0, x, fabs(x), -INFINITY, INFINITY))))
    check(noise_valid(&table), "goes on from anywhere", "noise");
  return table.level / fabs(f(x));
}

/* A season in hours since an epoch, a pulsation and a dip in Julian days. */
static double season(double x) { return 10 + 6 * cos(x / 2); }
static double pulsation(double x) { return 10 + 6 * cos(x); }
static double dip(double x) { return 2 - exp(-pow(20 * (x - 2458000.35), 2) / 2); }

static void test_shape(void) {
  check(level(season, 438000, 1e-5) == 0, "steps as long as a wave", "shape");
  check(level(pulsation, 2458000, 0x1p-26) == 0, "steps that widen to a wave", "shape");
  check(level(dip, 2458000.3, 0x1p-26) == 0, "steps that widen to a dip", "shape");
}

/* 80 residuals, which pass the corners of their loss, or its bends, as x moves. */
static double huber(double x) {
  double sum = 0;
  for (int i = 0; i < 80; i++) {
    double r = fabs(x - 3 * sin(i * i) * (i % 9 == 0 ? 1e3 : 1));
    sum += r < 1 ? r * r / 2 : r - 0.5;
  }
  return sum;
}
static double bent(double x) { return 100 + sqrt(1 + 9 * (x - 30000) * (x - 30000)); }
static double one_off(double x) { return x == 3 ? 1.001 : 1 + x / 1000; }

static void test_bends(void) {
  for (int k = 1; k < 100; k++) check(level(huber, 37.3 * k, 0x1p-26) == 0, "corners", "bends");
  for (int k = 1; k < 100; k++) check(level(bent, 29995 + 0.1 * k, 0x1p-26) == 0, "a soft corner", "bends");
  check(level(one_off, 3, 0x1p-26) == 0, "one value that is off", "bends");
}

/* A term that is left out close to 0.3, where it is 0: a step among the first eight points. */
static double guard(double x) { return 100 * exp(x) + (x > 0.3 * (1 + 4e-4) ? x - 0.3 : 0); }

static void test_one_step(void) { check(level(guard, 0.3, 1e-4) == 0, "one step of a guard", "steps"); }

static double chance(double x) { return 1 + 0.02 * fmod(fabs(sin(x) * 1e15), 1); }
static double digits(double x) { return round(100 * (2 + cos(x))) / 100; }
static double wave(double x) { return 1 + 1e-5 * sin(1e9 * x); }

/* A line, and what is left of it by seven decimals, which seems as straight where the steps are even. */
static double straight(double x) { return 69.3147 + 0.4 * x; }
static double stairs(double x) { return round(1e7 * straight(x)) / 1e7; }

static void test_stairs(void) {
  for (int k = 1; k < 100; k++) {
    double found = level(stairs, 1 + 0.01 * k, 0x1p-26);
    check(found > 1e-10 && found < 2e-9, "the step of seven decimals", "stairs");
    check(level(straight, 1 + 0.01 * k, 0x1p-26) == 0, "none", "straight");
  }
}

static double slow(double x) { return 1 + 1e-6 * sin(1e7 * x); }

static void test_level(void) {
  double much = level(chance, 3, 0x1p-26), little = level(wave, 3, 0x1p-26);
  check(much > 2e-3 && much < 2e-2, "much noise", "level");
  check(little > 2e-6 && little < 2e-5, "a small wave", "level");
  check(level(digits, 1, 0x1p-26) > 1e-3, "values of two digits", "level");
  double smooth = level(slow, 3, 0x1p-26);
  check(smooth > 2e-7 && smooth < 2e-6, "a wave that is smooth at the first steps", "level");
}

/* Whether the level is doubted rightly at x. */
static bool shows(function *f, double x, double level) {
  noise_table table;
  noise_doubt(&table, f(x), level);
  while (!noise_take(&table, f(noise_point(&table, 0, x, fabs(x), -INFINITY, INFINITY))))
    check(noise_valid(&table), "goes on from anywhere", "noise");
  check(table.level == 0 || table.level == level, "it, or none", "doubt");
  return table.level > 0;
}

static double plain(double x) { return 2 + cos(x); }

static void test_doubt(void) {
  for (int k = 1; k < 100; k++) {
    check(!shows(plain, 0.1 * k, 1e-5), "a smooth function", "doubt");
    check(shows(chance, 0.1 * k, 5e-3), "chance", "doubt");
    check(shows(digits, 0.1 * k, 3e-3), "two digits", "doubt");
  }
  int waves = 0;
  for (int k = 1; k < 100; k++) waves += shows(wave, 0.1 * k, 7e-6);
  check(waves >= 95, "waves, but for those in step with both tables", "doubt");
}

void test_noise_tables(void) {
  test_one_step();
  test_doubt();
  test_shape();
  test_bends();
  test_level();
  test_stairs();
}
