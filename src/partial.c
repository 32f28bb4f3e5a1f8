/* partial.c - the slope of f along one coordinate by differences that never leave the box: resumable, it asks
 * for one value after another. METHOD.md (38), (86). */
#include "partial.h"

#include <math.h>

#include "arithmetic.h"
#include "box.h"

static const double WORTHWHILE = 10; /* a factor by which to widen a step */
static const double LONG = 1e-6;     /* of the widest: a step which a faint change is not to be believed by */
enum { TURNS = 6 };                  /* values tried by the forward rule where f is not finite */

static double room_beside(const partial *p, double side) {
  return side > 0 ? p->base.upper - p->base.x : p->base.x - p->base.lower;
}

static double inside(const partial *p, double at) { return clamp(at, p->base.lower, p->base.upper); }

/* Ends the element. */
static bool found(partial *p, double slope) {
  p->slope = slope;
  return true;
}

static bool ask(partial *p, enum partial_stage stage, double at) {
  p->stage = stage;
  p->at = inside(p, at);
  return false;
}

double partial_nothing(const partial *p) {
  return fmax(p->base.hidden, p->step > LONG * p->base.widest ? p->base.faint : 0);
}

/* Takes a wider step, within the room, where the value shows nothing, or not enough; false if it stays. */
static bool widen(partial *p, double value, double room) {
  double change = fabs(value - p->base.f),
         wider = fmin(p->base.growth * p->step, fmin(room, p->base.longest));
  bool is_nothing = change <= partial_nothing(p);
  if (!is_nothing || p->narrowed || p->step >= p->base.widest || wider < WORTHWHILE * p->step) return false;
  if (change <= p->base.hidden) p->unseen = p->step;
  p->step = wider;
  return true;
}

/* Takes the step before a wider one again, where the slope and curvature found by that tell of more there
 * than it has shown: f is no parabola so far; false if it stays. */
static bool narrow(partial *p, double slope) {
  double before = fmax(p->step / p->base.growth, p->least);
  double change = before * (slope + p->side * before * p->curvature / 2);
  if (p->step <= p->least || !(fabs(change) > p->base.told)) return false;
  p->step = before;
  p->narrowed = true;
  p->curvature = 0;
  return true;
}

/* ---- Forward ------------------------------------------------------------------------------------- */

static bool ask_forward(partial *p) { return ask(p, STAGE_FORWARD, p->base.x + p->side * p->step); }

/* Begins upwards, or downwards where there is no room above and more below. */
static bool begin_forward(partial *p, double step) {
  double above = room_beside(p, 1), below = room_beside(p, -1);
  p->side = above < step && below > above ? -1 : 1;
  p->step = p->least = fmin(step, room_beside(p, p->side));
  return ask_forward(p);
}

/* Goes to the other side, if it has room, and after both to a tenth of the step. */
static bool turn(partial *p) {
  bool can_turn = room_beside(p, -p->side) >= p->step;
  if (can_turn) p->side = -p->side;
  if (!can_turn || p->turns % 2 == 0) p->step /= 10;
  return ask_forward(p);
}

static bool take_forward(partial *p, double value) {
  if (!isfinite(value)) return ++p->turns < TURNS ? turn(p) : found(p, p->unseen > 0 ? 0 : NAN);
  if (p->turns == 0 && widen(p, value, room_beside(p, p->side))) return ask_forward(p);
  double slope = (value - p->base.f) / (p->at - p->base.x);
  if (p->turns == 0 && narrow(p, slope)) return ask_forward(p);
  p->step = fabs(p->at - p->base.x);
  return found(p, slope);
}

/* ---- Central ------------------------------------------------------------------------------------- */

/* Begins at x + h, or on the roomier side of x, where one has no room for h. */
static bool begin_central(partial *p) {
  double above = room_beside(p, 1), below = room_beside(p, -1), x = p->base.x;
  double side = above >= below ? 1 : -1, far = fmin(2 * p->step, fmax(above, below));
  p->two_sided = fmin(above, below) >= p->step;
  p->side = p->two_sided ? 1 : side;
  p->first = inside(p, p->two_sided ? x + p->step : x + side * far / 2);
  p->second = inside(p, p->two_sided ? x - p->step : x + side * far);
  return ask(p, STAGE_FIRST, p->first);
}

/* Takes the slope at x of the parabola through three points, and its curvature. */
static bool end_central(partial *p, double second_value) {
  double d1 = p->first - p->base.x, d2 = p->second - p->base.x;
  double s1 = (p->first_value - p->base.f) / d1, s2 = (second_value - p->base.f) / d2;
  if (!isfinite(second_value)) return found(p, s1);
  if (!isfinite(p->first_value)) return found(p, s2);
  p->curvature = 2 * (s2 - s1) / (d2 - d1);
  double slope = (s1 * d2 - s2 * d1) / (d2 - d1);
  if (narrow(p, slope)) return begin_central(p);
  p->has_curvature = true;
  return found(p, slope);
}

static bool take_first(partial *p, double value) {
  double above = room_beside(p, 1), below = room_beside(p, -1);
  if (widen(p, value, fmax(fmin(above, below), fmax(above, below) / 2))) return begin_central(p);
  p->first_value = value;
  return ask(p, STAGE_SECOND, p->second);
}

/* Goes on by the forward rule where f is finite at neither point; to a third point where f is finite on one
 * side alone: twice as far there. */
static bool take_second(partial *p, double value) {
  bool has_first = isfinite(p->first_value), has_second = isfinite(value);
  if (!has_first && !has_second) return begin_forward(p, p->forward_step);
  if (!p->two_sided || (has_first && has_second)) return end_central(p, value);
  double side = has_first ? 1 : -1, third = inside(p, p->base.x + side * 2 * p->step);
  if (!has_first) {
    p->first = p->second;
    p->first_value = value;
  }
  p->second = third;
  return third == p->first ? end_central(p, NAN) : ask(p, STAGE_THIRD, third);
}

/* ---- Both ---------------------------------------------------------------------------------------- */

void partial_begin_forward(partial *p, partial_base base, double step) {
  *p = (partial){.base = base, .second = base.x};
  begin_forward(p, step);
}

void partial_begin_central(partial *p, partial_base base, double step, double forward_step) {
  *p = (partial){.base = base, .second = base.x, .step = step, .least = step, .forward_step = forward_step};
  begin_central(p);
}

bool partial_take(partial *p, double value) {
  if (value - p->base.f > p->base.most) value = INFINITY;
  switch (p->stage) {
  case STAGE_FORWARD:
    return take_forward(p, value);
  case STAGE_FIRST:
    return take_first(p, value);
  case STAGE_SECOND:
    return take_second(p, value);
  case STAGE_THIRD:
    return end_central(p, value);
  }
  return true;
}

/* True if l <= v <= u. */
static bool is_between(double v, double l, double u) { return l <= v && v <= u; }

bool partial_valid(const partial *p, partial_base base) {
  const partial_base *b = &p->base;
  bool same_base = b->x == base.x && b->f == base.f && b->lower == base.lower && b->upper == base.upper &&
                   b->hidden == base.hidden && b->faint == base.faint && b->most == base.most &&
                   b->widest == base.widest && b->longest == base.longest && b->growth == base.growth &&
                   b->told == base.told;
  bool steps = is_between(p->step, 0, INFINITY) && is_between(p->least, 0, INFINITY) && fabs(p->side) <= 1 &&
               is_between(p->forward_step, 0, INFINITY) && is_between(p->unseen, 0, INFINITY) &&
               p->turns < TURNS;
  return same_base && steps && p->stage <= STAGE_THIRD && is_between(p->at, b->lower, b->upper) &&
         is_between(p->second, b->lower, b->upper);
}
