/* cauchy.c - the generalized Cauchy point: the first local minimizer of the model along the projected
 * path P(x - t g) (Byrd et al. 1995, section 4). */
#include <string.h>

#include "dense.h"
#include "state.h"

/* Where the search stands on the path: time t, and the model's first and second derivative there. */
typedef struct {
  double time, slope, curvature, smallest_curvature;
} path_point;

/* ---- Breakpoints in increasing order: a binary heap of variables ----------------------------- */

typedef struct {
  size_t *variable;
  size_t count;
  const double *time; /* n, of each variable */
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

/* All variables with a positive finite breakpoint. */
static heap heap_build(lbfgsb *s) {
  heap h = {(size_t *)put(s, s->at.trial), 0, get(s, s->at.breakpoints)};
  for (size_t i = 0; i < s->n; i++)
    if (h.time[i] > 0 && h.time[i] < INFINITY) h.variable[h.count++] = i;
  for (size_t parent = h.count / 2; parent-- > 0;) sift_down(&h, parent);
  return h;
}

static size_t heap_pop(heap *h) {
  size_t first = h->variable[0];
  h->variable[0] = h->variable[--h->count];
  if (h->count > 0) sift_down(h, 0);
  return first;
}

static double heap_next(const heap *h) { return h->count > 0 ? h->time[h->variable[0]] : INFINITY; }

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
  double *p = put(s, s->at.p), *Mw = put(s, s->at.Mw);
  const double *w = get(s, s->at.w);
  size_t k2 = 2 * s->count;

  advance_c(s, dt);
  pairs_move(s, b, -1);
  compact_apply(s, w, Mw);
  at->time += dt;
  at->slope += dt * at->curvature + g * (g + s->theta * z - dot_small(Mw, get(s, s->at.c), k2));
  at->curvature -= g * (s->theta * g + 2 * dot_small(Mw, p, k2) + g * dot_small(Mw, w, k2));
  at->curvature = fmax(at->curvature, at->smallest_curvature);
  for (size_t j = 0; j < k2; j++) p[j] += g * w[j];
}

/* How much further the model's minimizer on this segment, continued, lies. */
static double minimizer_ahead(const path_point *at) { return -at->slope / at->curvature; }

void cauchy_point(lbfgsb *s) {
  memset(put(s, s->at.c), 0, 2 * s->count * sizeof(double));
  s->path_time = 0;
  if (!s->constrained && s->count > 0) return;

  path_point at = path_begin(s);
  heap h = {0};
  double next = s->first_break;
  while (next < INFINITY && minimizer_ahead(&at) >= next - at.time) {
    if (h.variable == NULL) h = heap_build(s);
    path_cross(s, &at, heap_pop(&h));
    next = heap_next(&h);
  }
  double dt = minimizer_ahead(&at);
  if (!(dt > 0)) dt = 0;
  advance_c(s, dt);
  s->path_time = at.time + dt;
}
