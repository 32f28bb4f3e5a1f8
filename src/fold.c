/* fold.c - variables in which f is even, as a standard deviation, or has a branch at 0, as a shape: at 0 or a
 * bound, where they have come to, or have been from the start, the slope is 0 even if f falls from there.
 * METHOD.md (63). */
#include "fold.h"

#include "box.h"
#include "direction.h"
#include "evidence.h"
#include "pair_sums.h"
#include "plateau.h"
#include "scales.h"
#include "stop.h"

static const double NEXT_TO = 1e-4; /* of its way back to the start: a variable so close to a bound, or 0 */
static const double STILL = 1e-3;   /* of its size: so close to its start one has hardly moved; */
static const double AFAR = 1e4;     /* sizes: the way on which that is asked about, */
static const double KEPT = 1e-2;    /* and that where f is to rise if a slope keeps it */
static const double MANY = 100;     /* variables: of more some are as close by chance */
static const double KEEPS = 30; /* times what counts: a slope along which f rises by more keeps a variable */
static const double STRAIGHT = 30; /* times the change a tenth as far away: by more f rises as a square */
static const double LOWEST = -INFINITY; /* change: that of a point that is asked about again */
enum { VARIABLES = 10, POINTS = 8 };    /* asked about one after another, and where each, at most: */
enum { OF_MANY = 1 };                   /* of many some are level by chance */
enum { RETURNS = 4 };                   /* the first of the points on a way back */
static const double PARTS[POINTS] = {1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1}; /* of the way */

/* The way on which variable i is asked about. */
typedef struct {
  double length; /* with its sign */
  double near;   /* as close to a bound, or 0, it must be */
  double kept;   /* the part of it at whose end f is to rise if a slope keeps it */
  size_t first;  /* point */
} fold_way;

/* by_chance = the part of what counts as close that is left where many variables may be so by chance. */
static double by_chance(const lbfgsb_solver *s) { return fmin(1, MANY / (double)s->layout.n); }

/* Back to the start; from there, or next to it, into the box, whose width its size is at most. */
static fold_way way_of(const lbfgsb_solver *s, size_t i) {
  double x = get(s, s->iterate.x)[i], back = get(s, s->plateau.start)[i] - x;
  double above = get(s, s->box.upper)[i] - x, below = x - get(s, s->box.lower)[i];
  double size = fmin(fmax(fabs(x), 1), above + below);
  if (fabs(back) > STILL * size)
    return (fold_way){back, by_chance(s) * NEXT_TO * fabs(back), PARTS[POINTS - 1], RETURNS};
  double length = above >= below ? fmin(AFAR * size, above) : -fmin(AFAR * size, below);
  return (fold_way){length, STILL * size, KEPT * size / fabs(length), 0};
}

/* True if f rises from where variable i is by slopes or curvature that are told; one by differences may be
 * that of noise, as of a dispersion next to 0. */
static bool is_kept(const lbfgsb_solver *s, size_t i, fold_way way) {
  double rise = way.kept * way.length * get(s, s->iterate.gradient)[i];
  bool rises = rise > by_chance(s) * KEEPS * evidence_least_gain(s);
  return evidence_is_by_slopes(s) && (rises || (way.first == 0 && pair_sums_show_rise(s, i)));
}

/* Tells whether variable i is at its bound, or at 0, where nothing keeps it. */
static bool is_level(const lbfgsb_solver *s, size_t i) {
  fold_way way = way_of(s, i);
  double x = get(s, s->iterate.x)[i];
  double away = fmin(fabs(x), fmin(x - get(s, s->box.lower)[i], get(s, s->box.upper)[i] - x));
  return way.length != 0 && away <= way.near && !is_kept(s, i, way);
}

/* level_variable = the k-th such variable, n where there is none. */
static size_t level_variable(const lbfgsb_solver *s, size_t k) {
  size_t i = 0;
  while (i < s->layout.n && (!is_level(s, i) || k-- > 0)) i++;
  return i;
}

/* All together, if there are two or more, have the first turn on their ways, and the second on the others;
 * then each variable has two. all = n. */
static size_t variable_of(const lbfgsb_solver *s, size_t turn) {
  return turn < 2 ? s->layout.n : level_variable(s, turn / 2 - 1);
}
static bool is_other_way(size_t turn) { return turn % 2 == 1; }

/* other_length = that of the way into the box to the other side; 0 where there is no room, or the way is one
 * back to the start. */
static double other_length(const lbfgsb_solver *s, size_t i) {
  fold_way way = way_of(s, i);
  double x = get(s, s->iterate.x)[i];
  double room = way.length > 0 ? x - get(s, s->box.lower)[i] : get(s, s->box.upper)[i] - x;
  return way.first > 0 ? 0 : -copysign(fmin(fabs(way.length), room), way.length);
}

double fold_length(const lbfgsb_solver *s, size_t i) {
  if (!is_level(s, i)) return 0;
  bool is_other = s->fold.asked > 0 && is_other_way((s->fold.asked - 1) / POINTS);
  return is_other ? other_length(s, i) : way_of(s, i).length;
}

/* Sets the next point; false after the last turn. */
bool fold_ask(lbfgsb_solver *s) {
  size_t turn = s->fold.asked / POINTS, point = s->fold.asked % POINTS, all = s->layout.n;
  if (turn == 0 && level_variable(s, 1) == all) turn = 2;
  size_t i = variable_of(s, turn);
  size_t alone = all > MANY_VARIABLES ? OF_MANY : VARIABLES;
  if (turn >= 2 * (alone + 1) || !plateau_may_return(s) || (turn > 1 && i == all)) return false;
  if (i < all && point < way_of(s, i).first) point = way_of(s, i).first;
  s->fold.asked = turn * POINTS + point + 1;
  direction_aside(s, i, PARTS[point]);
  return true;
}

/* Tells whether there is another way for variable i; n: for any. */
static bool has_other_way(const lbfgsb_solver *s, size_t i) {
  size_t n = s->layout.n;
  if (i < n) return other_length(s, i) != 0;
  for (i = 0; i < n; i++)
    if (is_level(s, i) && other_length(s, i) != 0) return true;
  return false;
}

/* next_turn = that of the other way where f may fall on it, as it rises on this one. */
static size_t next_turn(const lbfgsb_solver *s, size_t turn, bool rises) {
  if (is_other_way(turn)) return turn + 1;
  return rises && has_other_way(s, variable_of(s, turn)) ? turn + 1 : turn + 2;
}

static void end_turn(lbfgsb_solver *s, bool rises) {
  s->fold.asked = next_turn(s, (s->fold.asked - 1) / POINTS, rises) * POINTS;
  s->fold.change = 0;
}

/* True of a clear change that may be one along a line, so that f falls on the other way: ten times as far it
 * is not by far more. */
static bool rises_as_a_line(double change, double before, double clear) {
  return change >= clear && !(before > 0 && before < change / STRAIGHT);
}

/* As long as f falls the next point is asked about; where it no longer does, the one before is asked about
 * again, if that, or what it has risen by, is clear. What one turn has told is not the next one's. */
bool fold_hear(lbfgsb_solver *s, double value) {
  double change = value - s->run.value, before = s->fold.change, clear = evidence_clear_gain(s);
  double hidden = stop_hidden_change(s);
  bool falls = change < fmin(before, -hidden), is_last = s->fold.asked % POINTS == 0;
  if (before == LOWEST || (falls && is_last)) {
    end_turn(s, false);
    return change < (before == LOWEST ? 0 : -clear);
  }
  s->fold.change = change;
  if (!falls && before < -hidden && (before < -clear || !(change < clear))) {
    s->fold.asked -= 2;
    s->fold.change = LOWEST;
  } else if (is_last || (!falls && !(fabs(change) < clear))) {
    end_turn(s, rises_as_a_line(change, before, clear));
  }
  return false;
}

bool fold_valid(const lbfgsb_solver *s) { return s->fold.asked <= 2 * POINTS * (VARIABLES + 1); }
