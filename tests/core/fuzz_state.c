/* fuzz_state.c - states from anywhere: a run is begun, bytes of its block are overwritten as libFuzzer
 * thinks, and if lbfgsb_valid() takes the block it is resumed to the end. What does not hold is printed, then
 * abort() is called; the sanitizers see to the rest. Run by tools/fuzz.sh. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core_tests.h"

enum { EVALUATIONS = 20 };          /* at most, of the resumed run */
static const double COUNTED = 1e15; /* evaluations, of which no run has more: their number ends there */

void check(bool ok, const char *what, const char *which) {
  if (ok) return;
  fprintf(stderr, "FAILED: %s (%s)\n", what, which);
  abort();
}

/* ---- The input ------------------------------------------------------------------------------------ */

typedef struct {
  const uint8_t *data;
  size_t size, next;
} input;

/* 0 where there is no more. */
static size_t next_byte(input *in) { return in->next < in->size ? in->data[in->next++] : 0; }
static size_t next_word(input *in) {
  size_t high = next_byte(in);
  return high << 8 | next_byte(in);
}

/* ---- A run ---------------------------------------------------------------------------------------- */

typedef struct {
  const char *name;
  size_t n;
} kind;
static const kind kinds[] = {{"beale_box", 2}, {"wood_box", 4},  {"rosen_box", 6}, {"powell_box", 12},
                             {"chain", 5},     {"rosen", 1},     {"wood", 4},      {"membrane", 140},
                             {"chain", 260},   {"powell_box", 8}};
enum { KINDS = sizeof kinds / sizeof *kinds };

typedef struct {
  kind of;
  objective *f;
  lbfgsb_solver *solver;
  size_t pairs, bytes;
  double *g, value; /* n */
  lbfgsb_request request;
} run_of;

static void evaluate_at(run_of *r, const double *x) { r->value = r->f(r->of.n, x, r->g); }

/* slope = g'(x - the iterate) at x. */
static double slope_at(run_of *r, const double *x) {
  double slope = 0;
  evaluate_at(r, x);
  for (size_t i = 0; i < r->of.n; i++) slope += r->g[i] * (x[i] - lbfgsb_iterate(r->solver)[i]);
  return slope;
}

/* Gives the solver what it asks for: a state that was made to wait for a gradient or a slope gets that. */
static void step(run_of *r) {
  lbfgsb_solver *s = r->solver;
  if (r->request == LBFGSB_SLOPE) {
    r->request = lbfgsb_advance_slope(s, slope_at(r, lbfgsb_point(s)));
  } else if (r->request == LBFGSB_GRADIENT || r->request == LBFGSB_REFINE) {
    evaluate_at(r, r->request == LBFGSB_REFINE ? lbfgsb_iterate(s) : lbfgsb_point(s));
    r->request = lbfgsb_advance_gradient(s, r->g, 0);
  } else {
    if (r->request == LBFGSB_EVALUATE) evaluate_at(r, lbfgsb_point(s));
    r->request = lbfgsb_advance(s, r->value, r->g);
  }
}

static run_of begin(input *in) {
  kind of = kinds[next_byte(in) % KINDS];
  problem p = new_problem(of.n);
  lbfgsb_options options = lbfgsb_defaults();
  size_t pairs = next_byte(in);
  options.pairs = pairs < 192 ? 1 + pairs % 6 : pairs - 180; /* with room for all from the start, or not */
  options.confirm = next_byte(in) % 2;
  options.max_evaluations = 1 + (double)next_byte(in);
  size_t bytes = lbfgsb_size(of.n, options.pairs);
  run_of r = {of, set_up(of.name, p), malloc(bytes), options.pairs, bytes, calloc(of.n, sizeof(double)),
              0,  LBFGSB_EVALUATE};
  memset(r.solver, 255, bytes);
  check(lbfgsb_init(r.solver, of.n, p.x, p.lower, p.upper, &options) == 0, "good input is accepted", of.name);
  free_problem(p);
  return r;
}

static void end(run_of r) {
  free(r.g);
  free(r.solver);
}

/* ---- Damage --------------------------------------------------------------------------------------- */

/* One to eight bits of the block, of its first bytes more often. */
static void flip(input *in, run_of *r) {
  unsigned char *block = (unsigned char *)r->solver;
  for (size_t bits = 1 + next_byte(in) % 8; bits > 0; bits--) {
    size_t at = next_word(in) % (next_byte(in) % 2 ? 1024 : r->bytes);
    block[at % r->bytes] ^= (unsigned char)(1u << next_byte(in) % 8);
  }
}

/* A double, or a number, somewhere. */
static void overwrite(input *in, run_of *r) {
  const double special[] = {0, 1, -1, 1e308, -1e308, 1e-308, NAN, INFINITY, -INFINITY};
  size_t words = r->bytes / sizeof(double), at = next_word(in) % (next_byte(in) % 2 ? 128 : words);
  size_t choice = next_byte(in), number = next_word(in);
  double v = choice % 16 < 9 ? special[choice % 16] : ldexp((double)number - 32768, (int)choice - 128);
  unsigned char *to = (unsigned char *)r->solver + at % words * sizeof(double);
  if (choice < 128)
    memcpy(to, &v, sizeof v);
  else
    memcpy(to, &number, sizeof number);
}

/* What is left of the input, from somewhere on, or over and over in the whole block. */
static void fill(input *in, run_of *r, size_t from) {
  unsigned char *block = (unsigned char *)r->solver;
  size_t left = in->size - in->next;
  if (left == 0) return;
  for (size_t i = from; i < (from > 0 && from + left < r->bytes ? from + left : r->bytes); i++)
    block[i] = in->data[in->next + (i - from) % left];
}

static void damage(input *in, run_of *r) {
  switch (next_byte(in) % 8) {
  case 0:
    fill(in, r, 0);
    return;
  case 1:
    fill(in, r, next_word(in) % r->bytes);
    return;
  case 2:
  case 3:
    for (size_t times = 1 + next_byte(in) % 4; times > 0; times--) overwrite(in, r);
    return;
  default:
    flip(in, r);
  }
}

/* ---- Resumed ---------------------------------------------------------------------------------------- */

static void look(const run_of *r, double *s, double *y) {
  for (size_t age = 0; age < lbfgsb_pair_count(r->solver); age++)
    check(lbfgsb_pair(r->solver, age, s, y) == 0, "every pair can be copied", r->of.name);
  check(lbfgsb_pair(r->solver, lbfgsb_pair_count(r->solver), s, y) == -1, "and no other", r->of.name);
}

static void check_point(const run_of *r) {
  for (size_t i = 0; i < r->of.n; i++)
    check(isfinite(lbfgsb_point(r->solver)[i]), "every trial is finite", r->of.name);
}

/* What is said of an iterate of the resumed run is true of it; but for the first one, whose value may have
 * been told before the damage. */
static void check_iterate(const run_of *r, double *g) {
  double value = r->f(r->of.n, lbfgsb_iterate(r->solver), g);
  check(lbfgsb_report(r->solver).value == value, "the iterate has this value", r->of.name);
  for (size_t i = 0; i < r->of.n; i++)
    check(lbfgsb_gradient(r->solver)[i] == g[i], "and this gradient", r->of.name);
}

static void resume(run_of *r) {
  lbfgsb_options options = lbfgsb_options_of(r->solver);
  double *s = calloc(r->of.n, sizeof *s), *y = calloc(r->of.n, sizeof *y);
  look(r, s, y);
  options.max_evaluations = (double)lbfgsb_report(r->solver).evaluations + EVALUATIONS;
  r->request = lbfgsb_resume(r->solver, &options);
  size_t iterates = 0;
  while (r->request != LBFGSB_FINISHED) {
    if (r->request == LBFGSB_EVALUATE) check_point(r);
    step(r);
    if (r->request == LBFGSB_NEW_ITERATE && iterates++ > 0) check_iterate(r, s);
    check(lbfgsb_valid(r->solver, r->bytes), "a state under way is valid", r->of.name);
  }
  look(r, s, y);
  free(s);
  free(y);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  input in = {data, size, 0};
  run_of r = begin(&in);
  for (size_t steps = next_byte(&in) % 40; steps > 0 && r.request != LBFGSB_FINISHED; steps--) step(&r);
  check(lbfgsb_valid(r.solver, r.bytes), "a state is valid", r.of.name);
  check(!lbfgsb_valid(r.solver, lbfgsb_first_size(r.of.n, r.pairs) - 1), "a cut one is not", r.of.name);
  damage(&in, &r);
  bool taken = lbfgsb_valid(r.solver, r.bytes) && lbfgsb_variables(r.solver) == r.of.n &&
               lbfgsb_options_of(r.solver).pairs == r.pairs;
  if (taken && (double)lbfgsb_report(r.solver).evaluations < COUNTED) resume(&r);
  end(r);
  return 0;
}
