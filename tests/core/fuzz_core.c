/* fuzz_core.c - the contract of lbfgsb.h under whatever libFuzzer thinks of: sizes, options, boxes, starts,
 * values and gradients, moves of the block, stops, resumed runs. What does not hold is printed, then abort()
 * is called. Run by tools/fuzz.sh. */
#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lbfgsb.h"

enum { EVALUATIONS = 80 };                  /* at most, in one run */
static const double LARGEST_UNIT = 0x1p300; /* of a variable */

static void check(bool ok, const char *what) {
  if (ok) return;
  fprintf(stderr, "FAILED: %s\n", what);
  abort();
}

/* ---- Numbers from the input ---------------------------------------------------------------------- */

typedef struct {
  const uint8_t *data;
  size_t size, next;
  unsigned wild; /* numbers of 256 that may have any size */
} input;

/* The bytes form a ring: in the first round as they are, then scrambled in each round anew. */
static unsigned next_byte(input *in) {
  size_t at = in->next++;
  uint64_t key = at / in->size * (at + 1) * 0x9E3779B97F4A7C15ULL;
  return in->data[at % in->size] ^ (unsigned)(key >> 56);
}

/* True for `often` bytes of 256. */
static bool chance(input *in, unsigned often) { return next_byte(in) < often; }

/* In -7 ... 7. */
static double tame_number(input *in) { return ((double)next_byte(in) - 128) / 18; }

static double wild_number(input *in) {
  const double special[] = {NAN,          INFINITY,      -INFINITY, DBL_MAX, -DBL_MAX, DBL_MIN,         0,
                            DBL_TRUE_MIN, -DBL_TRUE_MIN, 1e20,      -1e20,   1e-20,    1 + DBL_EPSILON, -0.0};
  size_t kind = next_byte(in), specials = sizeof special / sizeof *special;
  double digits = (double)next_byte(in) - 128;
  return kind < specials ? special[kind] : ldexp(digits, 8 * ((int)kind - 128));
}

static double finite_number(input *in) {
  double v = chance(in, in->wild) ? wild_number(in) : tame_number(in);
  return isfinite(v) ? v : 0;
}

/* 0, or 2^0 ... 2^-63. */
static double small_number(input *in) { return chance(in, 64) ? 0 : ldexp(1, -(int)(next_byte(in) % 64)); }

/* ---- Problems ------------------------------------------------------------------------------------ */

/* f = scale sum w_i r_i^2 / 2 + q r_i^4 / 4, r_i = x_i - c_i - k x_{i-1}^2, but in `failures` of 256
 * evaluations anything. */
typedef struct {
  size_t n;
  double *start, *lower, *upper; /* n */
  double *w, *c;                 /* n */
  double q, k, scale;
  unsigned failures;
} problem;

static double *new_vector(size_t n) { return malloc(n * sizeof(double)); }

/* No bounds, one, two, equal ones, or neighbours. */
static void choose_bounds(input *in, double *lower, double *upper) {
  unsigned kind = next_byte(in) % 8;
  double at = finite_number(in);
  if (chance(in, 64)) at = trunc(at); /* -0 is one of these */
  *lower = kind == 0 || kind == 1 ? -INFINITY : at;
  *upper = kind == 0 || kind == 2   ? INFINITY
           : kind == 1 || kind == 3 ? at
           : kind == 4              ? nextafter(at, INFINITY)
                                    : at + fabs(finite_number(in));
}

static problem new_problem(input *in) {
  size_t n = chance(in, 248) ? 1 + next_byte(in) % 8 : 1 + next_byte(in);
  problem p = {n, new_vector(n), new_vector(n), new_vector(n), new_vector(n), new_vector(n), 0, 0, 1, 0};
  bool bounded = chance(in, 192), even = chance(in, 64);
  for (size_t i = 0; i < n; i++) {
    p.lower[i] = -INFINITY, p.upper[i] = INFINITY;
    if (bounded) choose_bounds(in, &p.lower[i], &p.upper[i]);
    p.start[i] = finite_number(in);
    p.c[i] = tame_number(in);
    p.w[i] = even ? 1 : tame_number(in) + 6;
  }
  if (chance(in, 128)) p.q = tame_number(in) + 6;
  if (chance(in, 128)) p.k = tame_number(in) / 7;
  if (chance(in, 64)) p.scale = finite_number(in);
  p.failures = chance(in, 128) ? 0 : next_byte(in) >> next_byte(in) % 8;
  return p;
}

static void free_problem(problem p) {
  free(p.start);
  free(p.lower);
  free(p.upper);
  free(p.w);
  free(p.c);
}

static double smooth(const problem *p, const double *x, double *g) {
  double f = 0;
  for (size_t i = 0; i < p->n; i++) {
    double before = i > 0 ? x[i - 1] : 0, r = x[i] - p->c[i] - p->k * before * before;
    f += p->w[i] * r * r / 2 + p->q * r * r * r * r / 4;
    g[i] = p->scale * (p->w[i] * r + p->q * r * r * r);
    if (i > 0) g[i - 1] -= 2 * p->k * before * g[i];
  }
  return p->scale * f;
}

static double hostile_number(input *in) { return chance(in, 128) ? wild_number(in) : tame_number(in); }

static double evaluate(input *in, const problem *p, const double *x, double *g) {
  double f = smooth(p, x, g);
  if (!chance(in, p->failures)) return f;
  unsigned kind = next_byte(in);
  for (size_t i = 0; i < p->n; i++)
    if (kind & (1u << i % 6)) g[i] = hostile_number(in);
  return kind & 64 ? hostile_number(in) : f;
}

/* 1 to n + 3, but rarely more than 12, which take long. */
static size_t choose_pairs(input *in, size_t n) {
  return 1 + next_byte(in) % (n > 9 && chance(in, 250) ? 12 : n + 3);
}

static lbfgsb_options choose_options(input *in, size_t pairs) {
  lbfgsb_options options = lbfgsb_defaults();
  options.pairs = pairs;
  if (chance(in, 64)) options.max_trials = 1 + next_byte(in) % 20;
  if (chance(in, 64)) options.max_iterations = next_byte(in) % 20;
  if (chance(in, 64)) options.max_evaluations = 1 + next_byte(in) % EVALUATIONS;
  options.gradient_tolerance = small_number(in);
  options.reduction_tolerance = small_number(in);
  if (chance(in, 32)) options.target_value = finite_number(in);
  options.confirm = chance(in, 128);
  options.rescale = chance(in, 128);
  return options;
}

/* ---- A run and what must hold in it ---------------------------------------------------------------- */

/* f and g at x. */
typedef struct {
  double *x, *g; /* n */
  double f;
} evaluation;

typedef struct {
  const problem *p;
  lbfgsb_options options;
  lbfgsb_solver *solver;
  evaluation last, before, best; /* the last one of all, that before it; at the iterate */
  lbfgsb_request request;        /* the last one */
  size_t evaluations, iterates;
  lbfgsb_status told; /* to lbfgsb_stop(); LBFGSB_RUNNING: nothing */
} run;

static evaluation new_evaluation(size_t n) { return (evaluation){new_vector(n), new_vector(n), INFINITY}; }

static void free_evaluation(evaluation at) {
  free(at.x);
  free(at.g);
}

static void copy(double *to, const double *from, size_t n) { memcpy(to, from, n * sizeof(double)); }

static bool same(const double *a, const double *b, size_t n) { return memcmp(a, b, n * sizeof(double)) == 0; }

static bool all_finite(const double *v, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (!isfinite(v[i])) return false;
  return true;
}

static bool inside(const problem *p, const double *x) {
  for (size_t i = 0; i < p->n; i++)
    if (!(x[i] >= p->lower[i] && x[i] <= p->upper[i])) return false;
  return true;
}

static void check_point(const run *r) {
  const double *x = lbfgsb_point(r->solver);
  check(inside(r->p, x), "every trial is inside the box");
  check(all_finite(x, r->p->n), "every trial is finite");
  check((double)r->evaluations < r->options.max_evaluations, "max_evaluations holds");
}

/* But for a slope out of the box that was infinite in the unit that there was, which is bounded; and for what
 * underflows in the solver's units. */
static bool same_gradient(const run *r, const evaluation *at) {
  const double *g = lbfgsb_gradient(r->solver);
  for (size_t i = 0; i < r->p->n; i++) {
    double given = at->g[i];
    bool bounded = !isfinite(given * LARGEST_UNIT) && isfinite(g[i]);
    if (!bounded && !(fabs(g[i] - given) <= 1e-200)) return false;
  }
  return true;
}

/* The best point so far is the iterate, with the value and the gradient given for it. */
static void check_iterate(const run *r) {
  check(same(lbfgsb_iterate(r->solver), r->best.x, r->p->n), "the iterate is the best point accepted");
  check(same_gradient(r, &r->best), "its gradient is the one given there");
  check(lbfgsb_report(r->solver).value == r->best.f, "its value is the one given there");
}

/* The evaluation that is the iterate: the last one, or if that has shown that a gradient of 0 is no
 * plateau's, the one before, maybe at the same point, where a hostile function has another value. */
static const evaluation *accepted(const run *r) {
  bool is_last = same(lbfgsb_iterate(r->solver), r->last.x, r->p->n) &&
                 lbfgsb_report(r->solver).value == r->last.f && same_gradient(r, &r->last);
  return is_last ? &r->last : &r->before;
}

static void check_new_iterate(run *r) {
  const evaluation *at = accepted(r);
  check(r->request == LBFGSB_EVALUATE, "an iterate comes of an evaluation");
  check(isfinite(at->f) && all_finite(lbfgsb_gradient(r->solver), r->p->n), "an iterate's are finite");
  double error = fmax(1e-7, 2 * lbfgsb_noise(r->solver)); /* that slopes have spoken against (65), (89) */
  check(at->f <= r->best.f + error * fabs(r->best.f), "no iterate is worse, but for rounding and noise");
  copy(r->best.x, at->x, r->p->n);
  copy(r->best.g, at->g, r->p->n);
  r->best.f = at->f;
  r->iterates++;
  check_iterate(r);
}

static void check_status(const run *r) {
  lbfgsb_status status = lbfgsb_report(r->solver).status;
  bool told = status == LBFGSB_STOPPED || status == LBFGSB_TIME_LIMIT;
  bool bad_start = r->evaluations > 0 && r->iterates == 0;
  check(status != LBFGSB_RUNNING, "a run that ends says why");
  check(told ? status == r->told : r->told == LBFGSB_RUNNING, "a run that was stopped says so, and no other");
  bool unbounded = status == LBFGSB_UNBOUNDED && r->last.f < 0;
  check((status == LBFGSB_START_NOT_FINITE) == (bad_start && !told && !unbounded),
        "nor one with a finite start that it is not");
  check(status != LBFGSB_UNBOUNDED || (unbounded && r->options.confirm), "what has no end is below zero");
  check(status != LBFGSB_TARGET_REACHED || r->best.f <= r->options.target_value, "the target is reached");
  check(status != LBFGSB_ZERO_GRADIENT || r->iterates == 1, "a zero gradient is one of the start");
}

static void check_end(const run *r) {
  lbfgsb_summary end = lbfgsb_report(r->solver);
  check_status(r);
  check(end.evaluations == r->evaluations, "evaluations are counted");
  check(end.iterations + 1 == r->iterates || r->iterates == 0, "iterations are counted");
  check((double)end.iterations <= r->options.max_iterations, "max_iterations holds");
  check(lbfgsb_advance(r->solver, 0, NULL) == LBFGSB_FINISHED, "the end is the end");
  if (r->iterates > 0) check_iterate(r);
}

/* To another place, to the byte. */
static void move_block(run *r) {
  size_t size = lbfgsb_size(r->p->n, r->options.pairs);
  lbfgsb_solver *moved = malloc(size);
  memcpy(moved, r->solver, size);
  free(r->solver);
  r->solver = moved;
  check(lbfgsb_valid(moved, size), "a copy is valid");
  check(lbfgsb_pending(moved) == r->request, "what is pending is the last request");
}

static lbfgsb_request stop(run *r, lbfgsb_status reason) {
  r->told = reason;
  lbfgsb_stop(r->solver, reason);
  return lbfgsb_advance(r->solver, 0, NULL);
}

static lbfgsb_request advance(run *r, input *in) {
  bool asked = r->request == LBFGSB_EVALUATE;
  if (asked) {
    check_point(r);
    evaluation before = r->before;
    r->before = r->last;
    r->last = before;
    copy(r->last.x, lbfgsb_point(r->solver), r->p->n);
    r->last.f = evaluate(in, r->p, r->last.x, r->last.g);
    r->evaluations++;
  }
  bool no_gradient = !asked || (!isfinite(r->last.f) && chance(in, 128));
  return lbfgsb_advance(r->solver, r->last.f, no_gradient ? NULL : r->last.g);
}

static void go(run *r, input *in) {
  while (r->request != LBFGSB_FINISHED) {
    if (chance(in, 8)) move_block(r);
    lbfgsb_request request = r->evaluations >= EVALUATIONS ? stop(r, LBFGSB_TIME_LIMIT)
                             : chance(in, 1)               ? stop(r, LBFGSB_STOPPED)
                                                           : advance(r, in);
    if (request == LBFGSB_NEW_ITERATE) check_new_iterate(r);
    r->request = request;
  }
  check_end(r);
}

/* Takes the run up again with new options and limits beyond those that it has reached. */
static void resume(run *r, input *in) {
  r->options = choose_options(in, r->options.pairs);
  r->options.max_iterations += (double)r->iterates;
  r->options.max_evaluations += (double)r->evaluations;
  r->told = LBFGSB_RUNNING;
  r->request = lbfgsb_resume(r->solver, &r->options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  input in = {data, size, 0, 0};
  if (chance(&in, 128)) in.wild = next_byte(&in) / 4;
  problem p = new_problem(&in);
  lbfgsb_options options = choose_options(&in, choose_pairs(&in, p.n));
  size_t bytes = lbfgsb_size(p.n, options.pairs);
  run r = {.p = &p,
           .options = options,
           .last = new_evaluation(p.n),
           .before = new_evaluation(p.n),
           .best = new_evaluation(p.n)};
  r.solver = malloc(bytes);
  memset(r.solver, 255, bytes);
  check(lbfgsb_init(r.solver, p.n, p.start, p.lower, p.upper, &options) == 0, "good input is accepted");
  go(&r, &in);
  for (; r.evaluations < EVALUATIONS && chance(&in, 64); go(&r, &in)) resume(&r, &in);
  free(r.solver);
  free_evaluation(r.last);
  free_evaluation(r.before);
  free_evaluation(r.best);
  free_problem(p);
  return 0;
}
