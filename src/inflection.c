/* inflection.c - points where f, along the way of the last steps, is level and yet falls on: its slope is a
 * square of the distance there, so that steps towards it are ever shorter, and none goes beyond. METHOD.md
 * (70). */
#include "inflection.h"

#include "direction.h"
#include "evidence.h"
#include "iterate.h"

enum { WAYS = 4 };                              /* asked about at most, at an iterate, */
static const size_t STEPS[WAYS] = {5, 4, 3, 2}; /* made of so many steps each, */
enum { TRIES = 3 };                             /* each so often, */
static const double FARTHER = 2;                /* and each time farther */
static const double LEFT = 0x1p-9;   /* of phi''': the slope left, at least; by five steps 0.1^2 / 2 */
static const double PROMISE = 2;     /* clear gains, on the way, */
static const double KEPT = 0.25;     /* and the part of them that is enough: the way bends */
static const double RISE = 0.01;     /* of a clear gain, at most, before that */
static const double CLOSEST = 0.125; /* where that is looked at, in parts of the way so far, */
static const double APART = 1.4;     /* times as far, one after another, */
static const double NEAR = 1, FARTHEST = 32; /* and where the promise may be kept */

/* phi(t) = f(x + t w), w the sum of the newest steps. */
typedef struct {
  double slope, bend, turn; /* phi'(0), phi''(0) and phi''', that of a cubic */
} course;

/* Sums over the variables: of w, of h, its newer half, and of the changes of g over them, y_w and y_h. */
typedef struct {
  double ww, hw, gw, yw_w, yh_w;
} way_sums;

static void add_block(const lbfgsb_solver *s, size_t first, size_t steps, way_sums *sums) {
  const double *g = get(s, s->iterate.gradient);
  double w[BLOCK_ROWS], yw[BLOCK_ROWS], h[BLOCK_ROWS], yh[BLOCK_ROWS];
  iterate_way(s, first, steps, WAY_OF_G, yw);
  iterate_way(s, first, steps, WAY_OF_X, w);
  iterate_way(s, first, steps / 2, WAY_OF_G, yh);
  iterate_way(s, first, steps / 2, WAY_OF_X, h);
  for (size_t i = 0; i < block_rows(s, first); i++) {
    sums->ww += w[i] * w[i];
    sums->hw += h[i] * w[i];
    sums->gw += g[first + i] * w[i];
    sums->yw_w += yw[i] * w[i];
    sums->yh_w += yh[i] * w[i];
  }
}

/* The cubic with the slopes at t = 0, at the middle, t = -m, and at t = -1. */
static course look_back(const lbfgsb_solver *s, size_t steps) {
  way_sums sums = {0, 0, 0, 0, 0};
  for (size_t first = 0; first < s->layout.n; first += BLOCK_ROWS) add_block(s, first, steps, &sums);
  double m = sums.hw / sums.ww, turn = 2 * (m * sums.yw_w - sums.yh_w) / (m * (m - 1));
  return (course){sums.gw, turn / 2 + sums.yw_w, turn};
}

static double rise(course phi, double t) { return t * (phi.slope + t * (phi.bend + t * phi.turn / 3) / 2); }

/* promising_step = the first t where f is to be clearly lower, without a rise before; 0 if there is none as
 * near as that, or if so little slope is left as where there is a minimum. */
static double promising_step(const lbfgsb_solver *s, size_t steps) {
  course phi = look_back(s, steps);
  double clear = evidence_clear_gain(s), t = CLOSEST;
  if (!(phi.slope / phi.turn >= LEFT)) return 0;
  while (t <= FARTHEST && rise(phi, t) > -PROMISE * clear && rise(phi, t) <= RISE * clear) t *= APART;
  return t >= NEAR && t <= FARTHEST && rise(phi, t) <= -PROMISE * clear ? t : 0;
}

/* The longest way is asked about first; where it breaks its promise, farther on, as that grows by t^3, and
 * what a way a little aside costs by t^2; then the next one. */
bool inflection_ask(lbfgsb_solver *s) {
  double t = 0;
  while (t == 0 && s->inflection.asked < WAYS * TRIES) {
    size_t steps = STEPS[s->inflection.asked / TRIES], again = s->inflection.asked % TRIES;
    if (steps <= s->pairs.count) t = promising_step(s, steps) * pow(FARTHER, (double)again);
    if (t > FARTHEST) t = 0;
    s->inflection.asked++;
    if (t > 0) direction_on(s, steps, t);
  }
  return t > 0;
}

bool inflection_hear(const lbfgsb_solver *s, double value) {
  return value < s->run.value - KEPT * PROMISE * evidence_clear_gain(s);
}

bool inflection_valid(const lbfgsb_solver *s) { return s->inflection.asked <= WAYS * TRIES; }
