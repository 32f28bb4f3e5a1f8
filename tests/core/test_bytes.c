/* test_bytes.c - equal runs have equal states, byte for byte: nothing in a block is of what its memory held
 * before, of where it lies, or of the stack. */
#include <stdlib.h>
#include <string.h>

#include "core_tests.h"
#include "layout.h"

enum telling { TELLS_BOTH, TELLS_VALUES_FIRST, TELLS_VALUES };

typedef struct {
  const char *name;
  size_t n, pairs, threads;
  enum telling by;
} byte_run;

/* A run among bytes that are all `garbage`. */
typedef struct {
  unsigned char garbage;
  void *memory, *differences;
  lbfgsb_solver *s;
  objective *f;
  double value, *g; /* n */
  lbfgsb_request request;
} session;

static void fill_stack(unsigned char garbage) {
  volatile unsigned char below[1 << 15];
  for (size_t i = 0; i < sizeof below; i++) below[i] = garbage;
}

static void *filled(size_t bytes, unsigned char garbage) { return memset(malloc(bytes), garbage, bytes); }

/* Begins it, so many doubles from where memory is aligned. */
static session begin(const byte_run *run, problem p, unsigned char garbage, size_t shift) {
  size_t bytes = lbfgsb_size(p.n, run->pairs) + shift * sizeof(double);
  session r = {.garbage = garbage, .f = set_up(run->name, p), .g = calloc(p.n, sizeof(double))};
  lbfgsb_options options = lbfgsb_defaults();
  options.pairs = run->pairs;
  options.max_evaluations = 150;
  r.memory = filled(bytes, garbage);
  r.s = (lbfgsb_solver *)((double *)r.memory + shift);
  r.differences = filled(lbfgsb_differences_size(p.n), garbage);
  fill_stack(garbage);
  lbfgsb_init(r.s, p.n, p.x, p.lower, p.upper, &options);
  lbfgsb_set_threads(r.s, run->threads);
  if (run->by == TELLS_VALUES) lbfgsb_differences_init(r.differences, r.s, LBFGSB_AUTO, 1, NULL);
  return r;
}

static void end(session r) {
  free(r.memory);
  free(r.differences);
  free(r.g);
}

static double slope(const session *r) {
  const double *x = lbfgsb_iterate(r->s), *point = lbfgsb_point(r->s);
  double sum = 0;
  for (size_t i = 0; i < lbfgsb_variables(r->s); i++) sum += r->g[i] * (point[i] - x[i]);
  return sum;
}

static lbfgsb_request tell_in_parts(session *r) {
  if (r->request == LBFGSB_EVALUATE) return lbfgsb_advance_value(r->s, r->value);
  if (r->request == LBFGSB_SLOPE) return lbfgsb_advance_slope(r->s, slope(r));
  if (r->request == LBFGSB_GRADIENT) return lbfgsb_advance_gradient(r->s, r->g, 0);
  return lbfgsb_advance(r->s, r->value, r->g);
}

static lbfgsb_request tell_value(session *r) {
  size_t n = lbfgsb_variables(r->s);
  if (r->request != LBFGSB_EVALUATE) return lbfgsb_differences_go_on(r->differences, r->s);
  double value = r->f(n, lbfgsb_differences_point(r->differences), r->g);
  fill_stack(r->garbage);
  return lbfgsb_differences_tell(r->differences, r->s, value, NULL);
}

static void step(session *r, enum telling by) {
  if (r->request == LBFGSB_EVALUATE && by != TELLS_VALUES)
    r->value = r->f(lbfgsb_variables(r->s), lbfgsb_point(r->s), r->g);
  fill_stack(r->garbage);
  if (by == TELLS_BOTH) r->request = lbfgsb_advance(r->s, r->value, r->g);
  if (by == TELLS_VALUES_FIRST) r->request = tell_in_parts(r);
  if (by == TELLS_VALUES) r->request = tell_value(r);
}

/* The bytes in use: a block grows from the front on. */
static bool have_same_bytes(const session *a, const session *b, enum telling by) {
  size_t n = lbfgsb_variables(a->s), used = layout_size(n, a->s->layout.capacity);
  return memcmp(a->s, b->s, used) == 0 &&
         (by != TELLS_VALUES || memcmp(a->differences, b->differences, lbfgsb_differences_size(n)) == 0);
}

static void test_run_of(byte_run run) {
  problem p = new_problem(run.n);
  session a = begin(&run, p, 0x00, 0), b = begin(&run, p, 0xa5, 2);
  bool same = have_same_bytes(&a, &b, run.by);
  check(same, "equal runs begin with equal bytes", run.name);
  while (same && a.request != LBFGSB_FINISHED) {
    step(&a, run.by);
    step(&b, run.by);
    same = a.request == b.request && have_same_bytes(&a, &b, run.by);
  }
  check(same, "and have equal bytes to their end", run.name);
  end(a);
  end(b);
  free_problem(p);
}

void test_bytes(void) {
  const byte_run runs[] = {
      {"rosenbrock", 2, 8, 1, TELLS_BOTH},     {"beale_box", 2, 5, 1, TELLS_BOTH},
      {"driver1", 25, 5, 1, TELLS_BOTH},       {"rosen_box", 63, 40, 1, TELLS_BOTH},
      {"powell_box", 127, 65, 1, TELLS_BOTH},  {"powell_box", 1003, 7, 1, TELLS_BOTH},
      {"chain", 20001, 10, 1, TELLS_BOTH},     {"chain", 20001, 10, 2, TELLS_BOTH},
      {"powell_box", 20001, 3, 2, TELLS_BOTH}, {"rosen_box", 63, 40, 1, TELLS_VALUES_FIRST},
      {"powell", 20, 40, 1, TELLS_VALUES},     {"rosen_box", 5, 20, 1, TELLS_VALUES},
      {"beale_box", 2, 16, 1, TELLS_VALUES},   {"chain", 11, 40, 1, TELLS_VALUES}};
  for (size_t i = 0; i < sizeof runs / sizeof *runs; i++) test_run_of(runs[i]);
}
