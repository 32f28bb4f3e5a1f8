/* test_steps.c - single steps where rounding decides, on states made for them. */
#include <stdlib.h>
#include <string.h>

#include "core_tests.h"
#include "box.h"
#include "cauchy.h"
#include "chunks.h"
#include "direction.h"
#include "iterate.h"
#include "layout.h"
#include "order.h"

/* A state at the start of p, its gradient g (n) absorbed. */
static lbfgsb_solver *state_at(problem p, const double *g) {
  lbfgsb_options options = lbfgsb_defaults();
  options.confirm = options.rescale = 0;
  lbfgsb_solver *s = malloc(lbfgsb_size(p.n, options.pairs));
  lbfgsb_init(s, p.n, p.x, p.lower, p.upper, &options);
  lbfgsb_advance(s, 1, g);
  return s;
}

/* The largest feasible step of a variable brings it to its bound to the bit: x + step d alone does not. */
static void test_bound_to_the_bit(void) {
  enum { ROWS = 200 };
  double g[ROWS];
  bool on_bound = true, short_of_it = false;
  problem p = new_problem(ROWS);
  for (size_t i = 0; i < ROWS; i++) {
    g[i] = sin((double)i + 1);
    p.x[i] = cos((double)i);
    p.lower[i] = p.x[i] - (double)(i + 1) / 7;
    p.upper[i] = p.x[i] + (double)(i + 1) / 3;
  }
  lbfgsb_solver *s = state_at(p, g);
  double *d = put(s, s->direction.d);
  for (size_t i = 0; i < ROWS; i++) d[i] = g[i];
  for (size_t i = 0; i < ROWS; i++) {
    double bound = d[i] < 0 ? p.lower[i] : p.upper[i], step = (bound - p.x[i]) / d[i];
    direction_set_trial(s, step);
    on_bound = on_bound && get(s, s->direction.trial)[i] == bound;
    short_of_it = short_of_it || clamp(p.x[i] + step * d[i], p.lower[i], p.upper[i]) != bound;
  }
  check(on_bound && short_of_it, "the bound is met to the bit", "direction_set_trial");
  free(s);
  free_problem(p);
}

/* One pair of f = x'x / 2 + c'x: B = I, so t* = 1, which the rounding of f' and f'' hides when what is left
 * of d'd is small: the floor on f'' keeps t* of its order. */
static void test_curvature_floor(void) {
  enum { CROSSED = 5, ROWS = CROSSED + 1 };
  double longest = 0;
  bool all_crossed = true;
  for (int trial = 1; trial <= 200; trial++) {
    problem p = new_problem(ROWS);
    double c[ROWS], g[ROWS], value = 0;
    for (size_t i = 0; i < CROSSED; i++) c[i] = 1.5 + sin(trial * (double)(i + 1));
    c[CROSSED] = 1e-12;
    lbfgsb_solver *s = state_at(p, c);
    s->box.constrained = true;
    s->box.same_lower = false;
    lbfgsb_advance(s, 0, NULL);
    for (size_t i = 0; i < ROWS; i++) {
      double x = lbfgsb_point(s)[i];
      g[i] = x + c[i];
      value += x * x / 2 + c[i] * x;
      if (i < CROSSED) put(s, s->box.lower)[i] = x - g[i] / (double)(i + 2);
    }
    lbfgsb_advance(s, 1 + value, g);
    cauchy_point(s);
    all_crossed = all_crossed && s->pairs.count == 1 && s->cauchy.crossed == CROSSED;
    longest = fmax(longest, s->cauchy.path_time);
    free(s);
    free_problem(p);
  }
  check(all_crossed, "all breakpoints are crossed", "path_cross");
  check(longest < 100, "t* stays finite", "path_cross");
}

/* A free variable that rounding takes beyond its bound stands on it: the step from there to a minimizer
 * further out is 0, not negative. */
static void test_cauchy_clamp(void) {
  problem p = new_problem(2);
  const double g[] = {1, 1};
  p.x[0] = 1;
  p.lower[0] = 0.9;
  lbfgsb_solver *s = state_at(p, g);
  double beyond = nextafter(0.9, 0);
  s->cauchy.path_time = 1 - beyond;
  direction_to_cauchy(s);
  check(get(s, s->direction.trial)[0] == 0.9, "the Cauchy point is in the box", "cauchy_in_row");
  double cauchy = get(s, s->direction.trial)[1];
  /* without pairs the minimizer is x - g / theta */
  s->pairs.theta = 1 / (1 - nextafter(beyond, 0));
  direction_truncated(s);
  check(get(s, s->direction.trial)[0] == 0.9 && get(s, s->direction.trial)[1] == cauchy, "no step back from it",
        "cauchy_in_row");
  free(s);
  free_problem(p);
}

/* All variables move between the free and the active set at every iterate: once more than n have, the Gram
 * matrices are built anew. */
static void test_rebuild(void) {
  enum { ROWS = 300 };
  double g[ROWS];
  size_t before = 0, rebuilds = 0;
  problem p = new_problem(ROWS);
  for (size_t i = 1; i < ROWS; i++) p.lower[i] = 0;
  for (size_t i = 0; i < ROWS; i++) g[i] = 1;
  lbfgsb_solver *s = state_at(p, g);
  for (int j = 1; j <= 10; j++) {
    cauchy_point(s);
    for (size_t i = 0; i < ROWS; i++) put(s, s->direction.trial)[i] = i == 0 ? j : 0;
    layout_accept_trial(s);
    for (size_t i = 1; i < ROWS; i++) g[i] = -g[i];
    g[0] += 1;
    iterate_absorb(s, g, 1);
    rebuilds += s->gram.moved < before;
    check(s->gram.moved < 2 * ROWS, "no more than 2 n rows have moved", "gram_begin");
    before = s->gram.moved;
  }
  check(rebuilds >= 3, "the Gram matrices are built anew", "gram_begin");
  free(s);
  free_problem(p);
}

/* Above 2^31 / 2m rows no index may pass through an int, nor the state take more than is promised. */
static void test_large_sizes(void) {
  size_t n = (size_t)5 << 30, m = 10;
  if (sizeof(size_t) < 8) return;
  lbfgsb_solver s = {.layout = {.n = n, .capacity = m}, .order.columns = 1000};
  check(order_offset(&s, n - BLOCK_ROWS) == 1000 + (n - BLOCK_ROWS) * 2 * m, "the last block's offset",
        "large sizes");
  check(chunk_begin(&s, chunk_count(&s)) == n && chunk_begin(&s, chunk_count(&s) - 1) < n,
        "the chunks end at n", "large sizes");
  const size_t sizes[] = {n, 250000, 1000003};
  for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
    for (m = 1; m <= 100; m++) {
      double doubles = (double)lbfgsb_size(sizes[i], m) / 8 / (double)sizes[i];
      check(doubles > (double)(2 * m + 6) && doubles < (double)(2 * m + 15), "2 m + 15 doubles a variable",
            "large sizes");
    }
}

/* That all that is left is hidden by the rounding of f counts only if the model that says so is positive
 * definite, though the direction needs only K. */
static void test_end_by_model(void) {
  for (int definite = 0; definite <= 1; definite++) {
    problem p = new_problem(2);
    lbfgsb_solver *s = state_at(p, (double[]){1, 2});
    lbfgsb_advance(s, 0, NULL);
    lbfgsb_advance(s, 0, (double[]){0.5, 0.7});
    s->run.value = s->run.previous_value = 1e15;
    s->options.confirm = 1;
    s->agreement.disagreement = 0;
    s->questions.repeat = REPEAT_KNOWN;
    memcpy(put(s, s->plateau.start), get(s, s->iterate.x), 2 * sizeof(double)); /* no way back to ask about */
    if (!definite) put(s, s->pairs.curvature)[0] = -1;
    lbfgsb_request request = lbfgsb_advance(s, 0, NULL);
    if (definite)
      check(request == LBFGSB_FINISHED && s->run.status == LBFGSB_ROUNDING_CONVERGED, "the end", "definite");
    else
      check(request == LBFGSB_EVALUATE && s->run.restarts == 1, "no end but a restart", "indefinite");
    free(s);
    free_problem(p);
  }
}

void test_steps(void) {
  test_bound_to_the_bit();
  test_curvature_floor();
  test_cauchy_clamp();
  test_rebuild();
  test_end_by_model();
  test_large_sizes();
}
