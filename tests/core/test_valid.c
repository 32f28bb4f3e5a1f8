/* test_valid.c - lbfgsb_valid() takes every state of a run, wherever it is, and none that was damaged. */
#include <stdlib.h>
#include <string.h>

#include "core_tests.h"
#include "layout.h"
#include "order.h"
#include "stop.h"

enum { PAIRS = 3 };

typedef struct {
  lbfgsb_solver *s;
  size_t bytes;
  problem p;
  objective *f;
  double *g, value; /* n */
  lbfgsb_request request;
} session;

static session begin(const char *name, size_t n) {
  problem p = new_problem(n);
  objective *f = set_up(name, p);
  lbfgsb_options options = lbfgsb_defaults();
  options.pairs = PAIRS;
  size_t bytes = lbfgsb_size(n, PAIRS);
  session r = {malloc(bytes), bytes, p, f, calloc(n, sizeof(double)), 0, LBFGSB_EVALUATE};
  memset(r.s, 255, bytes);
  lbfgsb_init(r.s, n, p.x, p.lower, p.upper, &options);
  return r;
}

static void step(session *r) {
  if (r->request == LBFGSB_EVALUATE) r->value = r->f(r->p.n, lbfgsb_point(r->s), r->g);
  r->request = lbfgsb_advance(r->s, r->value, r->g);
}

static void end(session r) {
  free(r.s);
  free(r.g);
  free_problem(r.p);
}

/* ---- What is valid -------------------------------------------------------------------------------- */

static void test_valid_run(const char *name, size_t n) {
  session r = begin(name, n);
  char *place = malloc(r.bytes + 64);
  bool valid = lbfgsb_valid(r.s, r.bytes), cut = true;
  for (size_t steps = 0; r.request != LBFGSB_FINISHED && steps < 300; steps++) {
    step(&r);
    char *moved = memcpy(place + steps % 4 * 16, r.s, r.bytes);
    valid = valid && lbfgsb_valid(r.s, r.bytes) && lbfgsb_valid(moved, r.bytes);
    cut = cut && !lbfgsb_valid(moved, r.bytes - 1) && !lbfgsb_valid(moved, 1);
  }
  check(valid, "every state of a run is valid, wherever it is", name);
  check(cut, "but not one that is cut", name);
  free(place);
  end(r);
}

/* The end is as true as the run: a limit lowered, a search that failed, a start that is not finite. */
static void test_valid_ends(void) {
  session r = begin("wood_box", 4);
  lbfgsb_stop(r.s, LBFGSB_STOPPED);
  check(lbfgsb_valid(r.s, r.bytes), "stopped before the start", "ends");
  lbfgsb_options options = lbfgsb_options_of(r.s);
  lbfgsb_resume(r.s, &options);
  r.request = lbfgsb_advance(r.s, NAN, NULL);
  check(r.request == LBFGSB_FINISHED && lbfgsb_valid(r.s, r.bytes), "a start that is not finite", "ends");
  lbfgsb_resume(r.s, &options);
  r.request = LBFGSB_EVALUATE;
  for (int steps = 0; steps < 12; steps++) step(&r);
  for (int trials = 0; lbfgsb_report(r.s).status == LBFGSB_RUNNING && trials < 100; trials++) {
    bool is_repeated = r.s->run.phase == PHASE_QUESTION;
    lbfgsb_advance(r.s, is_repeated ? r.s->run.value : NAN, lbfgsb_gradient(r.s));
    check(lbfgsb_valid(r.s, r.bytes), "while no trial is finite", "ends");
  }
  check(lbfgsb_report(r.s).status == LBFGSB_LINE_SEARCH_FAILED && lbfgsb_valid(r.s, r.bytes),
        "a search that has failed", "ends");
  options.pairs = PAIRS + 1;
  check(lbfgsb_resume(r.s, &options) == LBFGSB_FINISHED, "m stays as it is", "ends");
  end(r);
}

/* ---- What is not ---------------------------------------------------------------------------------- */

/* With `size` bytes of `value` at `place` of it the state is refused, and is valid without. */
static void refuse(session *r, const void *place, const void *value, size_t size, const char *which) {
  unsigned char kept[sizeof(double)],
      *at = (unsigned char *)r->s + ((const char *)place - (const char *)r->s);
  memcpy(kept, at, size);
  memcpy(at, value, size);
  check(!lbfgsb_valid(r->s, r->bytes), "damage is seen", which);
  memcpy(at, kept, size);
  check(lbfgsb_valid(r->s, r->bytes), "undone, it is valid again", which);
}

static void refuse_size(session *r, const size_t *place, size_t value, const char *which) {
  refuse(r, place, &value, sizeof value, which);
}
static void refuse_double(session *r, const double *place, double value, const char *which) {
  refuse(r, place, &value, sizeof value, which);
}
static void refuse_byte(session *r, const void *place, unsigned char value, const char *which) {
  refuse(r, place, &value, 1, which);
}

/* All offsets stand in the struct as numbers of doubles in the block: one more or less of any number. */
static void test_sizes(session *r) {
  const size_t *offsets[] = {&r->s->layout.mark,
                             &r->s->layout.n,
                             &r->s->layout.capacity,
                             &r->s->layout.ld,
                             &r->s->layout.chunk_length,
                             &r->s->box.lower,
                             &r->s->box.upper,
                             &r->s->iterate.x,
                             &r->s->iterate.gradient,
                             &r->s->scales.scale,
                             &r->s->caller.told,
                             &r->s->caller.point,
                             &r->s->caller.iterate,
                             &r->s->caller.gradient,
                             &r->s->iterate.previous,
                             &r->s->iterate.block_breaks,
                             &r->s->iterate.p,
                             &r->s->iterate.sums,
                             &r->s->iterate.dots,
                             &r->s->pairs.curvature,
                             &r->s->order.columns,
                             &r->s->order.marks,
                             &r->s->order.front,
                             &r->s->order.unchanged,
                             &r->s->order.required,
                             &r->s->order.natural,
                             &r->s->gram.free,
                             &r->s->gram.yy_free,
                             &r->s->gram.sy_free,
                             &r->s->gram.ss_free,
                             &r->s->gram.ss_active,
                             &r->s->gram.sy_active,
                             &r->s->gram.row,
                             &r->s->gram.moved_in_chunk,
                             &r->s->compact.M,
                             &r->s->compact.half,
                             &r->s->cauchy.breakpoints,
                             &r->s->cauchy.heap,
                             &r->s->cauchy.p,
                             &r->s->cauchy.c,
                             &r->s->cauchy.w,
                             &r->s->cauchy.Mw,
                             &r->s->subspace.K,
                             &r->s->subspace.q,
                             &r->s->subspace.Mc,
                             &r->s->direction.trial,
                             &r->s->direction.d,
                             &r->s->direction.coefficients,
                             &r->s->direction.sums,
                             &r->s->direction.slopes};
  for (size_t i = 0; i < sizeof offsets / sizeof *offsets; i++) {
    refuse_size(r, offsets[i], *offsets[i] + 1000, "sizes and offsets");
    refuse_size(r, offsets[i], *offsets[i] - 1, "sizes and offsets");
    refuse_size(r, offsets[i], (size_t)-1, "sizes and offsets");
  }
}

/* At the start the point asked for is the iterate, and nothing has been counted or seen. */
static void test_start(void) {
  session r = begin("wood_box", 4);
  const lbfgsb_solver *s = r.s;
  const size_t *counts[] = {&s->run.iterations, &s->run.nonfinite, &s->run.skipped, &s->stop.idle,
                            &s->pairs.stored};
  for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
    refuse_size(&r, counts[i], 1, "a count at the start");
  refuse_size(&r, &s->run.evaluations, (size_t)-1, "evaluations at the start");
  refuse_double(&r, &s->run.step, 1, "a step at the start");
  refuse_double(&r, &s->evidence.told_noise, 1e-9, "more noise told than there is");
  refuse_double(&r, &s->evidence.told_noise, -1, "noise below 0 told");
  refuse_double(&r, &s->stop.largest_pgnorm, 1, "a gradient at the start");
  refuse_double(&r, &s->stop.least_pgnorm, 1, "the least at the start");
  refuse_byte(&r, &s->stop.doubted, 1, "a doubt at the start");
  refuse_double(&r, get(s, s->direction.trial), 0, "the point asked for at the start");
  refuse_double(&r, get(s, s->box.lower), INFINITY, "a lower bound of Inf");
  refuse_byte(&r, &s->box.constrained, !s->box.constrained, "whether there are bounds");
  refuse_byte(&r, &s->box.boxed, !s->box.boxed, "whether all have both");
  refuse_byte(&r, &s->box.same_lower, !s->box.same_lower, "whether all have the same");
  refuse_byte(&r, &s->box.same_upper, !s->box.same_upper, "whether all have the same");
  end(r);
}

static void test_options(session *r) {
  const lbfgsb_options *options = &r->s->options;
  refuse_size(r, &options->max_trials, 0, "an option");
  refuse_double(r, &options->max_iterations, -1, "an option");
  refuse_double(r, &options->max_evaluations, 0, "an option");
  refuse_double(r, &options->gradient_tolerance, -1, "an option");
  refuse_double(r, &options->reduction_tolerance, NAN, "an option");
  refuse_double(r, &options->target_value, NAN, "an option");
  refuse_size(r, &options->pairs, PAIRS - 1, "another m");
}

static void test_members(session *r) {
  const lbfgsb_solver *s = r->s;
  const bool *bools[] = {&s->box.constrained,      &s->box.boxed,           &s->box.same_lower,
                         &s->box.same_upper,       &s->direction.projected, &s->stop.doubted,
                         &s->run.search.bracketed, &s->run.search.final,    &s->run.search.by_size,
                         &s->run.search.by_slope,  &s->run.search.by_guess, &s->scales.bent,
                         &s->scales.used,          &s->run.noise_doubted};
  for (size_t i = 0; i < sizeof bools / sizeof *bools; i++) refuse_byte(r, bools[i], 2, "a bool of 2");
  refuse_byte(r, &s->run.phase, PHASE_NOISE + 1, "the phase");
  refuse_byte(r, &s->run.status, 255, "the status");
  if (stop_at_iterate(s) != LBFGSB_GRADIENT_CONVERGED) /* what the model says to it is believed */
    refuse_byte(r, &s->run.status, LBFGSB_GRADIENT_CONVERGED, "a convergence that is none");
  refuse_byte(r, &s->run.status, LBFGSB_ROUNDING_CONVERGED, "a convergence that is none");
  refuse_size(r, &s->pairs.count, PAIRS + 1, "more pairs than there is room for");
  refuse_size(r, &s->pairs.oldest, (s->pairs.oldest + 1) % PAIRS, "another oldest pair");
  refuse_size(r, &s->pairs.stored, s->pairs.stored + 1, "pairs stored");
  refuse_double(r, &s->pairs.theta, 2 * s->pairs.theta, "theta");
  refuse_double(r, get(s, s->pairs.curvature), -1, "s'y");
  refuse_size(r, &s->gram.free_count, s->gram.free_count + 1, "free variables");
  refuse_size(r, &s->run.iterations, s->run.evaluations, "iterations");
  refuse_size(r, &s->run.nonfinite, s->run.evaluations, "trials that were not finite");
  refuse_size(r, &s->chunks.threads, 0, "no thread");
  refuse_double(r, &s->run.value, NAN, "no value");
  refuse_double(r, &s->run.value, s->run.previous_value + 1, "a value that is higher than the one before");
  refuse_double(r, &s->iterate.pgnorm, s->iterate.pgnorm / 2, "pgnorm");
  refuse_double(r, &s->iterate.steepest, 0, "steepest");
  refuse_double(r, &s->iterate.descent_sq, 1, "descent_sq");
  refuse_double(r, &s->iterate.first_break, 0, "first_break");
  refuse_double(r, &s->stop.largest_pgnorm, 0, "largest_pgnorm");
  refuse_double(r, &s->stop.least_pgnorm, NAN, "least_pgnorm");
  refuse_double(r, &s->stop.least_pgnorm, -1, "least_pgnorm below 0");
  refuse_double(r, &s->stop.least_pgnorm, nextafter(s->stop.largest_pgnorm, INFINITY),
                "more than the largest");
  refuse_size(r, &s->run.skipped, s->run.iterations + 1, "pairs skipped");
  refuse_size(r, &s->stop.idle, s->run.iterations + 1, "idle iterations");
  refuse_double(r, &s->run.previous_value, INFINITY, "the value before");
  refuse_double(r, &s->run.step, INFINITY, "the step");
  refuse_double(r, &s->caller.pgnorm, 0, "the caller's pgnorm");
  refuse_double(r, &s->caller.steepest, 0, "the caller's steepest");
  refuse_double(r, get(s, s->scales.scale), 3, "a scale that is no power of two");
  refuse_byte(r, &s->questions.claim, 255, "the claim");
  refuse_byte(r, &s->questions.repeat, REPEAT_ASKED, "a question that is not asked");
  refuse_double(r, &s->agreement.disagreement, NAN, "the disagreement");
  refuse_double(r, &s->agreement.disagreement, 3, "the disagreement");
  refuse_double(r, &s->agreement.at_bounds, 3, "the disagreement at bounds");
}

static void test_rows(session *r) {
  const lbfgsb_solver *s = r->s;
  size_t last = s->layout.n - 1, free = 0;
  while (!get_bytes(s, s->gram.free)[free]) free++;
  refuse_double(r, get(s, s->iterate.x) + last, 1e10, "x outside the box");
  refuse_double(r, get(s, s->iterate.gradient) + last, NAN, "the gradient");
  refuse_double(r, get(s, s->iterate.gradient) + free, 2 * get(s, s->iterate.gradient)[free] + 1,
                "the gradient");
  refuse_double(r, get(s, s->box.lower) + last, NAN, "a bound");
  refuse_double(r, get(s, s->box.upper) + last, -1e10, "a box that is empty");
  refuse_double(r, get(s, s->box.upper) + last + 1, 1, "padding");
  refuse_double(r, get(s, s->iterate.block_breaks), 1e-3, "the first breakpoint of a block");
  refuse_byte(r, get_bytes(s, s->gram.free) + last, 2, "a free variable");
  refuse_byte(r, get_bytes(s, s->gram.free) + last, !get_bytes(s, s->gram.free)[last], "a free variable");
  refuse_byte(r, get_bytes(s, s->order.front), 255, "the front of a block");
  refuse_byte(r, get(s, s->order.marks), 0, "the marks of a block");
}

static void test_search(session *r) {
  const lbfgsb_solver *s = r->s;
  const line_search *search = &s->run.search;
  refuse_double(r, get(s, s->direction.trial), nextafter(get(s, s->direction.trial)[0], 1e10), "the trial");
  refuse_double(r, get(s, s->direction.d), get(s, s->direction.d)[0] + 1, "the direction");
  refuse_double(r, &s->direction.slope, 2 * s->direction.slope, "the slope");
  refuse_double(r, &s->direction.max_step, 2 * s->direction.max_step, "the largest step");
  refuse_double(r, &s->direction.move, 2 * s->direction.move, "the farthest move");
  refuse_double(r, &search->step, NAN, "the step");
  const double *finite[] = {&search->best.step,  &search->best.value,  &search->best.slope,
                            &search->other.step, &search->other.value, &search->width,
                            &search->max_step,   &search->step,        &search->previous_width,
                            &search->start.slope};
  for (size_t i = 0; i < sizeof finite / sizeof *finite; i++)
    refuse_double(r, finite[i], INFINITY, "the search");
  refuse_double(r, &search->lowest, NAN, "the least next step"); /* which may be infinite */
  refuse_double(r, &search->highest, NAN, "the greatest next step");
  refuse_double(r, &search->lowest, -1, "a least next step below 0");
  refuse_double(r, &search->highest, search->lowest - 1, "a greatest next step below the least");
  refuse_double(r, &search->best.step, -1, "the best step");
  refuse_double(r, &search->other.step, -1, "the other step");
  refuse_double(r, &search->least.step, -1, "the lowest trial's step");
  refuse_double(r, &search->least.value, 2 * fabs(s->run.value) + 1, "the lowest trial's value");
  refuse_double(r, &search->steepest, -1, "the steepest slope");
  refuse_double(r, &search->shortest, -1, "the shortest step");
  refuse_double(r, &search->shortest, NAN, "the shortest step");
  refuse_double(r, &search->start.value, 0, "the value at the start");
}

/* A run in which the rounding of f, far from 0, hides all that is left ends at a direction. */
static void test_valid_rounding(const char *name, size_t n) {
  session r = begin(name, n);
  lbfgsb_options options = lbfgsb_options_of(r.s);
  options.gradient_tolerance = 0;
  lbfgsb_resume(r.s, &options);
  while (r.request != LBFGSB_FINISHED) {
    if (r.request == LBFGSB_EVALUATE) r.value = 1e10 + r.f(n, lbfgsb_point(r.s), r.g);
    r.request = lbfgsb_advance(r.s, r.value, r.g);
  }
  const lbfgsb_solver *s = r.s;
  check(s->run.phase == PHASE_ITERATE && s->run.status == LBFGSB_ROUNDING_CONVERGED, "the end", name);
  check(lbfgsb_valid(s, r.bytes), "it is valid", name);
  refuse_double(&r, &s->evidence.promised, INFINITY, "what the model promised at the end");
  refuse_byte(&r, &s->run.status, LBFGSB_GRADIENT_CONVERGED, "another convergence");
  end(r);
}

/* Trials with and without the end of a direction, and iterates, once pairs are there. */
static void test_damage(const char *name, size_t n) {
  session r = begin(name, n);
  size_t trials = 0, iterates = 0;
  for (size_t steps = 0; r.request != LBFGSB_FINISHED && steps < 60; steps++) {
    step(&r);
    if (lbfgsb_report(r.s).status != LBFGSB_RUNNING || lbfgsb_pair_count(r.s) < PAIRS) continue;
    test_sizes(&r);
    test_members(&r);
    test_options(&r);
    test_rows(&r);
    if (r.request == LBFGSB_EVALUATE) test_search(&r), trials++;
    iterates += r.request == LBFGSB_NEW_ITERATE;
  }
  check(trials > 3 && iterates > 3, "there was enough to damage", name);
  end(r);
}

void test_valid(void) {
  test_valid_run("beale_box", 2);
  test_valid_run("rosen2", 2);
  test_valid_run("powell_box", 1003);
  test_valid_run("membrane", 300);
  test_valid_run("chain", 20001);
  test_valid_ends();
  test_valid_rounding("chain", 40);
  test_start();
  test_damage("chain", 5);
  test_damage("chain", 301);
}
