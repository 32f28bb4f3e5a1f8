/* direction_asked.c - directions to points at which f is asked about: along slopes, the newest pairs, single
 * variables, back to the start, off bounds and into the box. METHOD.md (45), (55), (59), (63), (70), (77),
 * (81), (85). */
#include "direction.h"

#include "fold.h"
#include "inside.h"
#include "iterate.h"
#include "order.h"
#include "pair_sums.h"
#include "pairs.h"
#include "plateau.h"

static const double HARDLY = 0.125;   /* of a slope: a change by less leaves it as it was */
static const double OFF_BOUND = 0.01; /* of its size: as far as a variable leaves a bound to be asked about */

/* ---- Along the slopes, by sizes ------------------------------------------------------------------- */

double direction_free_size(const lbfgsb_solver *s, size_t i) {
  double x = get(s, s->iterate.x)[i], g = get(s, s->iterate.gradient)[i];
  double ahead = bound_ahead(x, g, get(s, s->box.lower)[i], get(s, s->box.upper)[i]);
  return ahead == x ? 0 : direction_size(x);
}

static void sizes_rows(const lbfgsb_solver *s, size_t first, const void *by, double *point) {
  const double *x = get(s, s->iterate.x) + first, *g = get(s, s->iterate.gradient) + first;
  double step = *(const double *)by;
  for (size_t i = 0; i < block_rows(s, first); i++) {
    double size = direction_size(x[i]);
    point[i] = x[i] - step * size * size * g[i];
  }
}

void direction_by_sizes(lbfgsb_solver *s, double step) { direction_to(s, sizes_rows, &step); }

typedef struct {
  enum movers which;
  double times; /* the way to the minimum by that curvature */
  double part, promise;
  double way; /* the part of all that to go */
} reach;

/* farthest_move = up to where a variable is asked about: a part of its size, or where its slope promises
 * enough if that is farther, as a size may be far too small. */
static double farthest_move(double x, double slope, const reach *by) {
  return fmax(by->part * direction_size(x), by->promise / slope);
}

/* How far a variable goes: h its curvature by the pairs, y what the newest step has changed its slope g by.
 */
static double way_by(const reach *by, double x, double g, double h, double y) {
  double slope = fabs(g), farthest = farthest_move(x, slope, by), curvature = fabs(h) / by->times;
  if (by->which == MOVE_STAYING) return fabs(y) <= HARDLY * slope ? farthest : 0;
  if ((h > 0) != (by->which == MOVE_TOLD)) return 0;
  return slope < curvature * farthest ? slope / curvature : farthest;
}

static void curvatures_rows(const lbfgsb_solver *s, size_t first, const void *argument, double *point) {
  const double *x = get(s, s->iterate.x) + first, *g = get(s, s->iterate.gradient) + first;
  const reach *by = argument;
  double h[BLOCK_ROWS] = {0}, copied[BLOCK_ROWS];
  const double *y = order_block(s, first, 2 * pairs_newest(s), copied);
  if (by->which != MOVE_STAYING) pair_sums_curvatures(s, first, h);
  for (size_t i = 0; i < block_rows(s, first); i++)
    point[i] = x[i] - (g[i] == 0 ? 0 : copysign(by->way * way_by(by, x[i], g[i], h[i], y[i]), g[i]));
}

void direction_by_curvatures(lbfgsb_solver *s, enum movers which, double times, double part, double promise) {
  reach by = {which, times, part, promise, 1};
  direction_to(s, curvatures_rows, &by);
  if (-s->direction.slope <= promise) return;
  by.way = promise / -s->direction.slope;
  direction_to(s, curvatures_rows, &by);
}

/* ---- By the newest pairs ---------------------------------------------------------------------------- */

typedef struct {
  size_t steps; /* so many, the newest, as one */
  double part;  /* of that */
} way_on;

static void way_rows(const lbfgsb_solver *s, size_t first, const void *argument, double *point) {
  const double *x = get(s, s->iterate.x) + first;
  const way_on *by = argument;
  double way[BLOCK_ROWS];
  iterate_way(s, first, by->steps, WAY_OF_X, way);
  for (size_t i = 0; i < block_rows(s, first); i++) point[i] = x[i] + by->part * way[i];
}

void direction_on(lbfgsb_solver *s, size_t steps, double part) {
  direction_to(s, way_rows, &(way_on){steps, part});
}

void direction_by_pair(lbfgsb_solver *s, double rise) {
  direction_on(s, 1, sqrt(2 * rise / get(s, s->pairs.curvature)[pairs_newest(s)]));
}

static void conjugate_rows(const lbfgsb_solver *s, size_t first, const void *way, double *point) {
  const double *x = get(s, s->iterate.x) + first;
  double d[BLOCK_ROWS];
  conjugate_look(s, first, way, d);
  for (size_t i = 0; i < block_rows(s, first); i++) point[i] = x[i] + d[i];
}

void direction_conjugate(lbfgsb_solver *s, const conjugate_way *way) { direction_to(s, conjugate_rows, way); }

/* ---- Aside, and back to the start ------------------------------------------------------------------ */

typedef struct {
  size_t only; /* the variable that moves; n: all */
  double part; /* of its way */
} aside;

static void aside_rows(const lbfgsb_solver *s, size_t first, const void *argument, double *point) {
  const double *x = get(s, s->iterate.x);
  const aside *by = argument;
  for (size_t i = first; i < first + block_rows(s, first); i++) {
    bool moves = by->only == i || by->only == s->layout.n;
    point[i - first] = x[i] + (moves ? by->part * fold_length(s, i) : 0);
  }
}

void direction_aside(lbfgsb_solver *s, size_t only, double part) {
  direction_to(s, aside_rows, &(aside){only, part});
}

/* back_point = (1 - part) x + part start: at part = 1 the start to the bit, and beyond it nothing overflows
 * to what is no number. */
static double back_point(double x, double start, double part) {
  return 0 <= part && part <= 1 ? (1 - part) * x + part * start : x + part * (start - x);
}

static void back_rows(const lbfgsb_solver *s, size_t first, const void *argument, double *point) {
  const double *x = get(s, s->iterate.x) + first, *start = get(s, s->plateau.start) + first;
  double part = *(const double *)argument;
  bool goes[BLOCK_ROWS];
  plateau_look(s, first, goes);
  for (size_t i = 0; i < block_rows(s, first); i++)
    point[i] = goes[i] ? back_point(x[i], start[i], part) : x[i];
}

void direction_back(lbfgsb_solver *s, double part) { direction_to(s, back_rows, &part); }

/* ---- Off the bounds ---------------------------------------------------------------------------------- */

/* room_off_bound = how far variable i may go from the bound that holds it against its slope; 0 where none
 * does. */
static double room_off_bound(const lbfgsb_solver *s, size_t i) {
  double x = get(s, s->iterate.x)[i], g = get(s, s->iterate.gradient)[i];
  double l = get(s, s->box.lower)[i], u = get(s, s->box.upper)[i];
  return g != 0 && bound_ahead(x, g, l, u) == x ? fmin(u - l, OFF_BOUND * direction_size(x)) : 0;
}

/* rise = that of f by the slope of each variable. */
static void off_bounds_rows(const lbfgsb_solver *s, size_t first, const void *rise, double *point) {
  const double *x = get(s, s->iterate.x), *g = get(s, s->iterate.gradient);
  for (size_t i = first; i < first + block_rows(s, first); i++) {
    double room = room_off_bound(s, i), way = *(const double *)rise / fabs(g[i]);
    point[i - first] = x[i] + (room > 0 ? copysign(fmin(way, room), g[i]) : 0);
  }
}

double direction_held(const lbfgsb_solver *s) {
  double held = 0;
  for (size_t i = 0; i < s->layout.n; i++) held += room_off_bound(s, i) > 0;
  return held;
}

void direction_off_bounds(lbfgsb_solver *s, double rise) {
  rise /= fmax(direction_held(s), 1);
  direction_to(s, off_bounds_rows, &rise);
}

/* ---- Into the box ------------------------------------------------------------------------------------ */

static void inside_rows(const lbfgsb_solver *s, size_t first, const void *part, double *point) {
  const double *x = get(s, s->iterate.x);
  for (size_t i = first; i < first + block_rows(s, first); i++)
    point[i - first] = x[i] + *(const double *)part * inside_way(s, i);
}

void direction_inside(lbfgsb_solver *s, double part) { direction_to(s, inside_rows, &part); }

/* ---- On the same way ----------------------------------------------------------------------------------- */

static void shorter_rows(const lbfgsb_solver *s, size_t first, const void *part, double *point) {
  const double *x = get(s, s->iterate.x) + first, *d = get(s, s->direction.d) + first;
  for (size_t i = 0; i < block_rows(s, first); i++) point[i] = x[i] + *(const double *)part * d[i];
}

void direction_shorten(lbfgsb_solver *s, double part) { direction_to(s, shorter_rows, &part); }
