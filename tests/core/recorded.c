/* recorded.c - whole runs with all points that they ask for. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core_tests.h"

recorded_run begin_run(size_t n, const double *start, double unit, bool is_asked(const lbfgsb_solver *)) {
  lbfgsb_options options = lbfgsb_defaults();
  options.pairs = 8;
  problem p = new_problem(n);
  recorded_run t = {.n = n, .is_asked = is_asked, .solver = malloc(lbfgsb_size(n, options.pairs))};
  for (size_t i = 0; i < n; i++) p.x[i] = unit * start[i];
  lbfgsb_init(t.solver, n, p.x, p.lower, p.upper, &options);
  free_problem(p);
  return t;
}

void end_run(recorded_run *t) { free(t->solver); }

void run_recorded(recorded_run *t, objective *f, double unit, double most) {
  lbfgsb_options options = lbfgsb_options_of(t->solver);
  size_t size = lbfgsb_size(t->n, options.pairs);
  options.max_evaluations = most;
  lbfgsb_request request = lbfgsb_resume(t->solver, &options);
  while (request != LBFGSB_FINISHED && t->calls < RECORDED_POINTS) {
    double g[MOST_VARIABLES] = {0}, *x = t->x[t->calls], value = NAN;
    check(lbfgsb_valid(t->solver, size), "a valid state", "recorded");
    for (size_t i = 0; i < t->n; i++) x[i] = lbfgsb_point(t->solver)[i] / unit;
    if (request == LBFGSB_EVALUATE) {
      t->asked += t->is_asked(t->solver);
      value = unit * f(t->n, x, g);
      t->calls++;
    }
    request = lbfgsb_advance(t->solver, value, g);
  }
}

static bool same_points(const recorded_run *a, const recorded_run *b) {
  return a->calls == b->calls && a->calls < RECORDED_POINTS && memcmp(a->x, b->x, a->calls * sizeof a->x[0]) == 0;
}

void test_recorded(objective *f, size_t n, const double *start, bool is_asked(const lbfgsb_solver *),
                   const char *which) {
  recorded_run whole = begin_run(n, start, 1, is_asked), parts = begin_run(n, start, 1, is_asked);
  recorded_run scaled = begin_run(n, start, 1024, is_asked);
  run_recorded(&whole, f, 1, INFINITY);
  run_recorded(&scaled, f, 1024, INFINITY);
  check(same_points(&whole, &scaled), "the same points in other units", which);
  for (size_t most = 1; most <= whole.calls; most++) run_recorded(&parts, f, 1, (double)most);
  check(same_points(&whole, &parts), "the same points with limits", which);
  end_run(&whole);
  end_run(&scaled);
  end_run(&parts);
}
