/* plateau.c - plateaus: of f, to which a trial may lead; and of f along some variables, thrown so far by a
 * step that a model no longer depends on them, where a run has settled for the others. METHOD.md (59). */
#include "plateau.h"

#include <string.h>

#include "agreement.h"
#include "arithmetic.h"
#include "box.h"
#include "dense.h"
#include "direction.h"
#include "evidence.h"
#include "inside.h"
#include "order.h"
#include "pairs.h"
#include "scales.h"
#include "stop.h"

static const double BEYOND = 1.5; /* to where f is asked about a trial, in units of the step there */
static const double HALF = 0.5;   /* of the change of f that slopes say: it is less on the way to a plateau */
static const double LITTLE = 1e-6; /* of that change, or of f if that is less: slopes promise no more there */
static const double FAR = 1e-2;    /* of its size: a way on which a variable may have been lost, */
static const double SLIGHT_SLOPE = 1e-5; /* of f: what its slope here promises over that way, at most, */
static const double SLIGHT_BEND = 1e-4;  /* and what curvature changes it by */
enum { POINTS = 21 };                    /* on the way back, the last one the start */
enum { RECENT = 5 };                    /* pairs that tell curvatures, as the newest alone may tell others' */
static const double SEEN = 4;           /* times what f hides: a change that tells of a line, */
static const double CURVED = 0.25;      /* of it: what it may be off by */
static const double STRIDE = 4;         /* times as far f is asked about next on a line, */
static const double FARTHEST = 0x1p60;  /* and that part of the way at most */
static const double LOWEST = -INFINITY; /* change: that of a point that is asked about again */
enum { RETURNS = 5 };                   /* at most, so that a run ends */

void plateau_init(lbfgsb_solver *s) {
  memcpy(put(s, s->plateau.start), get(s, s->iterate.x), pad_rows(s->layout.n) * sizeof(double));
}

void plateau_rescale(lbfgsb_solver *s, size_t i, double factor) { put(s, s->plateau.start)[i] /= factor; }

void plateau_record(lbfgsb_solver *s) {
  s->plateau.asked = 0;
  s->plateau.on = s->plateau.change = 0;
}

void plateau_leave(lbfgsb_solver *s) {
  s->plateau.left++;
  inside_leave(s);
}

/* ---- A trial ----------------------------------------------------------------------------------------- */

/* The end of a way to a bound is no plateau to be lost on, nor is a step that noise makes, or 0, where f was
 * lost in rounding before. */
static bool may_be_lost(const lbfgsb_solver *s, double value) {
  bool at_bound = s->run.search.step > 0.99 * s->direction.max_step;
  bool at_bottom = value == 0 && fabs(s->run.value) <= evidence_rounding(s);
  return s->options.confirm && !at_bound && !at_bottom && s->run.noise == 0;
}

bool plateau_is_possible(const lbfgsb_solver *s, double value, const double *gradient) {
  return may_be_lost(s, value) && all_zero(gradient, s->layout.n);
}

bool plateau_is_evident(const lbfgsb_solver *s, double value, double slope, const double *gradient) {
  const double *d = get(s, s->direction.d);
  double part = (double)s->layout.n * s->run.search.step;
  double little = LITTLE * lesser(fabs(value), fabs(value - s->run.value));
  if (!evidence_is_by_slopes(s) || !may_be_lost(s, value)) return false;
  if (agreement_part_told(s, value, slope) > HALF) return false;
  for (size_t i = 0; i < s->layout.n; i++)
    if (!(fabs(gradient[i] * d[i]) * part <= little)) return false;
  return true;
}

double plateau_step(const lbfgsb_solver *s) {
  return fmin(BEYOND * s->run.search.step, s->direction.max_step);
}

/* ---- The way back ------------------------------------------------------------------------------------ */

/* What a variable may be lost by: no slope, now and in the newest pair; or next to none, nor curvature. */
enum lost { NOT_LOST, NEARLY_LOST, LOST };

/* What the pairs say of the variables of a block: y of the newest, and |y_i / s_i|, of that or of the newest
 * ones together, whichever is less, as other variables bring much to y_i. */
typedef struct {
  double newest[BLOCK_ROWS], bend[BLOCK_ROWS];
} pairs_say;

static pairs_say look_back(const lbfgsb_solver *s, size_t first) {
  double turns[BLOCK_ROWS] = {0}, moves[BLOCK_ROWS] = {0}, step[BLOCK_ROWS] = {0};
  pairs_say said = {.newest = {0}};
  size_t count = s->pairs.count;
  for (size_t age = count > RECENT ? count - RECENT : 0; age < count; age++) {
    order_read_block(s, first, 2 * pairs_slot(s, age), said.newest);
    order_read_block(s, first, 2 * pairs_slot(s, age) + 1, step);
    for (size_t j = 0; j < block_rows(s, first); j++) {
      turns[j] += fabs(said.newest[j]);
      moves[j] += fabs(step[j]);
    }
  }
  for (size_t j = 0; j < block_rows(s, first); j++)
    said.bend[j] = fmin(fabs(said.newest[j] / step[j]), turns[j] / moves[j]);
  return said;
}

static void look(const lbfgsb_solver *s, size_t first, enum lost *lost) {
  const double *x = get(s, s->iterate.x), *g = get(s, s->iterate.gradient), *start = get(s, s->plateau.start);
  double f = fabs(s->run.value), n = (double)s->layout.n;
  bool is_level = f > evidence_rounding(s) && plateau_hides(n * s->iterate.steepest, f); /* along all */
  pairs_say said = look_back(s, first);
  for (size_t j = 0, i = first; j < block_rows(s, first); j++, i++) {
    double way = fabs(x[i] - start[i]), before = is_level ? 0 : fabs(said.newest[j]);
    double slope = fmax(fabs(g[i]), before);
    bool is_slight = fabs(g[i]) * way <= SLIGHT_SLOPE * f && said.bend[j] * way * way <= SLIGHT_BEND * f;
    enum lost by = plateau_hides(n * slope * way, f) ? LOST : is_slight ? NEARLY_LOST : NOT_LOST;
    lost[j] = way > FAR * direction_size(start[i]) ? by : NOT_LOST;
  }
}

void plateau_look(const lbfgsb_solver *s, size_t first, bool *lost) {
  enum lost by[BLOCK_ROWS];
  look(s, first, by);
  for (size_t j = 0; j < block_rows(s, first); j++) lost[j] = by[j] != NOT_LOST;
}

/* most_lost = the most that any variable is. */
static enum lost most_lost(const lbfgsb_solver *s) {
  enum lost by[BLOCK_ROWS], most = NOT_LOST;
  for (size_t first = 0; first < s->layout.n; first += BLOCK_ROWS) {
    look(s, first, by);
    for (size_t j = 0; j < block_rows(s, first); j++) most = by[j] > most ? by[j] : most;
  }
  return most;
}

bool plateau_may_return(const lbfgsb_solver *s) { return s->plateau.left < RETURNS; }

/* part_of_way = that of the way back at the point to ask about: past the start, or below 0 on from where the
 * variables are, where f falls along a line. */
static double part_of_way(const lbfgsb_solver *s) {
  if (s->plateau.on != 0) return s->plateau.on;
  return s->plateau.asked < POINTS ? 1 - ldexp(1, -(int)s->plateau.asked) : 1;
}

bool plateau_ask(lbfgsb_solver *s) {
  bool goes_on = s->plateau.on != 0;
  if (!plateau_may_return(s) || (s->plateau.asked >= POINTS && !goes_on) || most_lost(s) == NOT_LOST)
    return false;
  if (!goes_on) s->plateau.asked++;
  direction_back(s, part_of_way(s));
  return true;
}

/* True if f at the first two points has changed along a line, and visibly: its minimum is at least as far
 * off, about, as all of the way so far. */
static bool is_line(const lbfgsb_solver *s, double change) {
  bool is_second = s->plateau.asked == 2 || s->plateau.asked == POINTS;
  double straight = part_of_way(s) / HALF * s->plateau.change;
  bool shows = fmin(fabs(change), fabs(s->plateau.change)) > SEEN * stop_hidden_change(s);
  return is_second && shows && fabs(change - straight) <= CURVED * fabs(straight);
}

/* Follows a line as long as f falls. Where it no longer does, the point before is asked about again, if f was
 * clearly lower there. */
static bool hear_on(lbfgsb_solver *s, double change) {
  double before = s->plateau.change, on = s->plateau.on, clear = evidence_clear_gain(s);
  bool again = before == LOWEST, was_lower = !again && before < -clear;
  bool falls = change < before - stop_hidden_change(s) && fabs(on) < FARTHEST;
  s->plateau.on = falls ? STRIDE * on : was_lower ? on / STRIDE : 0;
  s->plateau.change = falls ? change : was_lower ? LOWEST : 0;
  return again && change < -clear;
}

/* Begins to follow a line, to the side where f falls. */
static bool begin_on(lbfgsb_solver *s, double change) {
  s->plateau.on = change > 0 ? -1 : 1;
  s->plateau.change = 0;
  s->plateau.asked = POINTS;
  return false;
}

/* Where f rises at once the variables are at a minimum, as they are, if there is some slope, where it does
 * not fall; or on the far side of a rise, of which the start alone tells. Of many some seem lost by chance.
 */
bool plateau_hear(lbfgsb_solver *s, double value) {
  double f = s->run.value, change = value - f;
  if (s->run.phase == PHASE_QUESTION_GRADIENT) return true;
  if (s->plateau.on != 0) return hear_on(s, change);
  if (change < -evidence_clear_gain(s)) return true;
  if (is_line(s, change)) return begin_on(s, change);
  bool may_fall = most_lost(s) == LOST ? change <= stop_hidden_change(s) : change < 0;
  s->plateau.change = s->plateau.asked == 1 && isfinite(change) ? change : 0;
  if (s->plateau.asked == 1 && !may_fall)
    s->plateau.asked = s->layout.n > MANY_VARIABLES ? POINTS : POINTS - 1;
  return false;
}

bool plateau_valid(const lbfgsb_solver *s) {
  double on = fabs(s->plateau.on);
  bool line_valid = (on == 0 || (1 <= on && on <= STRIDE * FARTHEST)) && s->plateau.change < INFINITY;
  return line_valid && s->plateau.asked <= POINTS && s->plateau.left <= RETURNS &&
         s->plateau.left <= s->run.iterations;
}
