/* cauchy.c - the generalized Cauchy point: the first local minimizer of the model along the projected
 * path P(x - t g) (Byrd et al. 1995, section 4). */
#include <string.h>

#include "dense.h"
#include "state.h"

/* The heap is filled as far ahead as the minimizer may move when breakpoints are crossed. */
static const double HORIZON = 2;

/* Where the search stands on the path: time t, and the model's first and second derivative there. */
typedef struct {
  double time, slope, curvature, smallest_curvature;
} path_point;

/* ---- Breakpoints in increasing order: a binary heap of those up to a horizon ------------------- */

typedef struct {
  size_t *variable;
  size_t count;
  const double *time; /* n, of each variable */
  double horizon;     /* all breakpoints up to here are in the heap or behind */
} heap;

static void sift_down(heap *h, size_t parent) {
  size_t moving = h->variable[parent];
  for (size_t child; (child = 2 * parent + 1) < h->count; parent = child) {
    if (child + 1 < h->count && h->time[h->variable[child + 1]] < h->time[h->variable[child]]) child++;
    if (h->time[moving] <= h->time[h->variable[child]]) break;
    h->variable[parent] = h->variable[child];
  }
  h->variable[parent] = moving;
}

static size_t heap_pop(heap *h) {
  size_t first = h->variable[0];
  h->variable[0] = h->variable[--h->count];
  if (h->count > 0) sift_down(h, 0);
  return first;
}

/* Fills the empty heap with the breakpoints from its horizon to a new one. */
static void heap_fill(const lbfgsb *s, heap *h, double horizon) {
  const double *block_first = get(s, s->at.block_breaks);
  for (size_t first = 0; first < s->n; first += BLOCK_ROWS) {
    if (block_first[first / BLOCK_ROWS] > horizon) continue;
    for (size_t i = first; i < s->n && i < first + BLOCK_ROWS; i++)
      if (h->time[i] > h->horizon && h->time[i] <= horizon && h->time[i] < INFINITY)
        h->variable[h->count++] = i;
  }
  for (size_t parent = h->count / 2; parent-- > 0;) sift_down(h, parent);
  h->horizon = horizon;
}

/* ---- The path -------------------------------------------------------------------------------- */

/* At x: f' = -d'd, f'' = theta d'd - p'Mp. */
static path_point path_begin(lbfgsb *s) {
  double *p = put(s, s->at.p), *Mp = put(s, s->at.Mw);
  compact_apply(s, p, Mp);
  double curvature = s->theta * s->descent_sq, smallest = DBL_EPSILON * curvature;
  curvature -= dot_small(p, Mp, 2 * s->count);
  return (path_point){0, -s->descent_sq, fmax(curvature, smallest), smallest};
}

/* c += dt p (2k). */
static void advance_c(lbfgsb *s, double dt) {
  double *c = put(s, s->at.c);
  const double *p = get(s, s->at.p);
  for (size_t j = 0; j < 2 * s->count; j++) c[j] += dt * p[j];
}

/* Goes to the breakpoint of variable b, which meets its bound and becomes active. With z = bound - x:
 * f' += dt f'' + g^2 + theta g z - g w'Mc,  f'' -= theta g^2 + 2 g w'Mp + g^2 w'Mw,  p += g w. */
static void path_cross(lbfgsb *s, path_point *at, size_t b) {
  double dt = get(s, s->at.breakpoints)[b] - at->time, g = get(s, s->at.gradient)[b];
  double x = get(s, s->at.x)[b];
  double z = bound_ahead(x, g, get(s, s->at.lower)[b], get(s, s->at.upper)[b]) - x;
  double *p = put(s, s->at.p), *w = put(s, s->at.w), *Mw = put(s, s->at.Mw);
  size_t k2 = 2 * s->count;

  advance_c(s, dt);
  pairs_move(s, b, -1);
  pairs_row(s, w);
  compact_apply(s, w, Mw);
  at->time += dt;
  at->slope += dt * at->curvature + g * (g + s->theta * z - dot_small(Mw, get(s, s->at.c), k2));
  at->curvature -= g * (s->theta * g + 2 * dot_small(Mw, p, k2) + g * dot_small(Mw, w, k2));
  at->curvature = fmax(at->curvature, at->smallest_curvature);
  for (size_t j = 0; j < k2; j++) p[j] += g * w[j];
}

/* How much further the model's minimizer on this segment, continued, lies. */
static double minimizer_ahead(const path_point *at) { return -at->slope / at->curvature; }

/* The variable whose breakpoint comes before the minimizer, in *b; false if none does. */
static bool next_breakpoint(const lbfgsb *s, heap *h, const path_point *at, size_t *b) {
  double ahead = minimizer_ahead(at), reach = at->time + ahead;
  if (!(reach >= s->first_break)) return false;
  if (h->count == 0 && reach > h->horizon) heap_fill(s, h, HORIZON * reach);
  if (h->count == 0 || ahead < h->time[h->variable[0]] - at->time) return false;
  *b = heap_pop(h);
  return true;
}

void cauchy_point(lbfgsb *s) {
  memset(put(s, s->at.c), 0, 2 * s->count * sizeof(double));
  s->path_time = 0;
  if (!s->constrained && s->count > 0) return;

  path_point at = path_begin(s);
  heap h = {(size_t *)put(s, s->at.trial), 0, get(s, s->at.breakpoints), 0};
  for (size_t b; next_breakpoint(s, &h, &at, &b);) path_cross(s, &at, b);

  double dt = minimizer_ahead(&at);
  if (!(dt > 0)) dt = 0;
  advance_c(s, dt);
  s->path_time = at.time + dt;
}
