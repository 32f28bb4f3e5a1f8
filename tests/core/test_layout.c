/* test_layout.c - the block makes room for more pairs while a run goes on, which changes nothing else. */
#include <stdlib.h>
#include <string.h>

#include "caller.h"
#include "core_tests.h"
#include "layout.h"

typedef struct {
  lbfgsb_solver *s;
  objective *f;
  double value, *g; /* n */
  lbfgsb_request request;
} session;

static session begin(problem p, const char *name, size_t pairs, size_t bytes) {
  session r = {malloc(bytes), set_up(name, p), 0, calloc(p.n, sizeof(double)), LBFGSB_EVALUATE};
  lbfgsb_options options = lbfgsb_defaults();
  options.pairs = pairs;
  lbfgsb_init(r.s, p.n, p.x, p.lower, p.upper, &options);
  return r;
}

static void step(session *r) {
  if (r->request == LBFGSB_EVALUATE) r->value = r->f(lbfgsb_variables(r->s), lbfgsb_point(r->s), r->g);
  r->request = lbfgsb_advance(r->s, r->value, r->g);
}

static void end(session r) {
  free(r.s);
  free(r.g);
}

/* Makes room for all pairs before there are any. */
static void make_all_room(lbfgsb_solver *s) {
  size_t before;
  do {
    before = s->pairs.count = s->layout.capacity;
    layout_make_room(s);
  } while (s->layout.capacity > before);
  s->pairs.count = 0;
}

static bool same_bits(const double *a, const double *b, size_t n) {
  return memcmp(a, b, n * sizeof(double)) == 0;
}

/* True if both are at the same point, to the bit, and have the same pairs. */
static bool are_same(const session *a, const session *b, double *to, double *from) {
  size_t n = lbfgsb_variables(a->s), pairs = lbfgsb_pair_count(a->s);
  lbfgsb_summary one = lbfgsb_report(a->s), two = lbfgsb_report(b->s);
  if (a->request != b->request || one.status != two.status || one.evaluations != two.evaluations ||
      pairs != lbfgsb_pair_count(b->s) || lbfgsb_theta(a->s) != lbfgsb_theta(b->s) ||
      !same_bits(&one.value, &two.value, 1) || !same_bits(lbfgsb_point(a->s), lbfgsb_point(b->s), n) ||
      !same_bits(lbfgsb_iterate(a->s), lbfgsb_iterate(b->s), n))
    return false;
  for (size_t age = 0; age < pairs; age++) {
    lbfgsb_pair(a->s, age, to, to + n);
    lbfgsb_pair(b->s, age, from, from + n);
    if (!same_bits(to, from, 2 * n)) return false;
  }
  return true;
}

/* A run in a block that is never longer than it must be is that in one with room for all pairs. */
static void test_room(const char *name, size_t n, size_t pairs) {
  problem p = new_problem(n);
  size_t all = lbfgsb_size(n, pairs), bytes = lbfgsb_first_size(n, pairs), grown = 0;
  session a = begin(p, name, pairs, bytes), b = begin(p, name, pairs, all);
  double *to = malloc(2 * n * sizeof *to), *from = malloc(2 * n * sizeof *from);
  bool same = true, valid = true, cut = true;
  make_all_room(b.s);
  while (a.request != LBFGSB_FINISHED && same) {
    size_t next = lbfgsb_next_size(a.s);
    valid = valid && lbfgsb_valid(a.s, bytes) && lbfgsb_valid(b.s, all) && next <= all;
    cut = cut && !lbfgsb_valid(a.s, bytes - 1);
    if (a.request == LBFGSB_NEW_ITERATE && next > bytes) {
      a.s = realloc(a.s, bytes = next);
      grown++;
    }
    step(&a);
    step(&b);
    same = are_same(&a, &b, to, from);
  }
  check(same, "a run is the same to the bit when its block grows", name);
  check(valid, "and valid, in no more bytes than it says", name);
  check(cut, "but not in fewer", name);
  check((grown > 0) == (n <= 128 && lbfgsb_report(a.s).iterations > 8 && pairs > 8), "it has grown", name);
  end(a);
  end(b);
  free(to);
  free(from);
  free_problem(p);
}

/* A ring that is full waits for more room at an iterate, and nowhere else. */
static void test_full_ring(void) {
  problem p = new_problem(6);
  size_t bytes = lbfgsb_size(6, 20);
  session r = begin(p, "rosen_box", 20, bytes);
  bool others = true;
  while (lbfgsb_pair_count(r.s) < 8) {
    step(&r);
    bool full = lbfgsb_pair_count(r.s) == 8, valid = lbfgsb_valid(r.s, bytes);
    lbfgsb_solver kept = *r.s;
    r.s->run.rough = 1;
    if (r.request == LBFGSB_NEW_ITERATE) r.s->run.phase = PHASE_REFINE;
    caller_show(r.s);
    others = others && valid && lbfgsb_valid(r.s, bytes) == !full;
    *r.s = kept;
  }
  check(others, "a full ring is valid at an iterate only", "layout");
  check(lbfgsb_next_size(r.s) == lbfgsb_size(6, 16), "and wants room for as many again", "layout");
  r.s->pairs.stored = 9, r.s->pairs.oldest = 1;
  check(!lbfgsb_valid(r.s, bytes), "one that has dropped a pair is not", "layout");
  end(r);
  free_problem(p);
}

/* Nor is a block with another number of pairs than its room can be for. */
static void test_forged_room(size_t n, size_t pairs) {
  problem p = new_problem(n);
  size_t bytes = lbfgsb_size(n, 20);
  session r = begin(p, "rosen", 20, bytes);
  check(lbfgsb_valid(r.s, bytes), "as it was begun", "room");
  r.s->options.pairs = pairs;
  check(!lbfgsb_valid(r.s, bytes), "as it can not have been", "room");
  end(r);
  free_problem(p);
}

static void test_default_pairs(void) {
  const size_t wanted[][2] = {{1, 4},    {10, 40},   {11, 40},  {20, 40},   {21, 42},   {50, 100},
                              {51, 100}, {100, 100}, {101, 20}, {9999, 20}, {10000, 10}};
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
    check(lbfgsb_default_pairs(wanted[i][0]) == wanted[i][1], "as many pairs", "by default");
}

void test_layout(void) {
  test_default_pairs();
  test_forged_room(6, SIZE_MAX);
  test_forged_room(6, 7);
  test_forged_room(132, 40);
  check(lbfgsb_first_size(129, 40) == lbfgsb_size(129, 40) && lbfgsb_first_size(3, 8) == lbfgsb_size(3, 8) &&
            lbfgsb_first_size(100, 80) < lbfgsb_size(100, 80) / 10 && lbfgsb_first_size(0, 1) == 0,
        "the first size", "layout");
  const char *names[] = {"rosen_box", "rosen", "powell_box", "wood", "membrane", "chain"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    test_room(names[i], 12, 7);
    test_room(names[i], 12, 24);
    test_room(names[i], 64, 40);
    test_room(names[i], 64, 65);
    test_room(names[i], 124, 100);
    test_room(names[i], 128, 300);
    test_room(names[i], 132, 20);
  }
  test_full_ring();
}
