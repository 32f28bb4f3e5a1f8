/* cauchy.c - the generalized Cauchy point: the first local minimizer of the model along the projected
 * path P(x - t g) (Byrd et al. 1995, section 4). METHOD.md (9) to (14). */
#include "cauchy.h"

#include <string.h>

#include "compact.h"
#include "dense.h"
#include "pairs.h"

/* The heap is filled as far ahead as the minimizer may move when breakpoints are crossed. */
static const double HORIZON = 2;

/* Where the search stands on the path: time t, and the model's first and second derivative there. */
typedef struct {
  double time, slope, curvature, smallest_curvature;
} path_point;

/* ---- Breakpoints in increasing order: a heap of those up to a horizon --------------------------- */

/* Of each parent: half the levels of a binary heap, and the children's times are read together. */
enum { CHILDREN = 4 };

typedef struct {
  size_t *variable;
  size_t count;
  const double *time; /* n, of each variable that it has held */
  double horizon;     /* all breakpoints up to here are in the heap or behind */
} heap;

/* Finds the earliest of the children that begin at `first`. */
static size_t earliest_child(const heap *h, size_t first) {
  size_t end = h->count - first < CHILDREN ? h->count : first + CHILDREN, earliest = first;
  double time = h->time[h->variable[first]];
  for (size_t child = first + 1; child < end; child++) {
    double t = h->time[h->variable[child]];
    earliest = t < time ? child : earliest;
    time = t < time ? t : time;
  }
  return earliest;
}

static void sift_down(heap *h, size_t parent) {
  size_t moving = h->variable[parent];
  for (size_t first; (first = CHILDREN * parent + 1) < h->count;) {
    size_t child = earliest_child(h, first);
    if (h->time[moving] <= h->time[h->variable[child]]) break;
    h->variable[parent] = h->variable[child];
    parent = child;
  }
  h->variable[parent] = moving;
}

static size_t heap_pop(heap *h) {
  size_t first = h->variable[0];
  h->variable[0] = h->variable[--h->count];
  if (h->count > 0) sift_down(h, 0);
  return first;
}

/* Computes the breakpoints of the block that begins at row `first`. */
static const double *block_times(lbfgsb_solver *s, size_t first) {
  box_rows at = iterate_rows(s, first);
  double *t = put(s, s->cauchy.breakpoints) + first;
  kernels()->times(&at, t);
  return t;
}

/* Fills the empty heap with the breakpoints from its horizon to a new one. */
static void heap_fill(lbfgsb_solver *s, heap *h, double horizon) {
  const double *block_first = get(s, s->iterate.block_breaks);
  for (size_t first = 0; first < s->layout.n; first += BLOCK_ROWS) {
    if (block_first[first / BLOCK_ROWS] > horizon) continue;
    const double *t = block_times(s, first);
    for (size_t i = 0; i < block_rows(s, first); i++)
      if (t[i] > h->horizon && t[i] <= horizon && t[i] < INFINITY) h->variable[h->count++] = first + i;
  }
  for (size_t parent = (h->count + CHILDREN - 2) / CHILDREN; parent-- > 0;) sift_down(h, parent);
  h->horizon = horizon;
}

/* ---- The path -------------------------------------------------------------------------------- */

/* Begins at x: f' = -d'd, f'' = theta d'd - p'Mp. False if B is not positive definite (9). */
static bool path_begin(lbfgsb_solver *s, path_point *at) {
  if (!compact_factor(s)) return false;
  double curvature = s->pairs.theta * s->iterate.descent_sq, smallest = DBL_EPSILON * curvature;
  curvature -= compact_form(s, get(s, s->iterate.p));
  *at = (path_point){0, -s->iterate.descent_sq, fmax(curvature, smallest), smallest};
  return true;
}

/* Goes to the breakpoint of variable b, which meets its bound and becomes active. With z = bound - x:
 * f' += dt f'' + g^2 + theta g z - g w'M(c + t p),  f'' -= theta g^2 + 2 g w'Mp + g^2 w'Mw,
 * c += z w,  p += g w (11). */
static void path_cross(lbfgsb_solver *s, path_point *at, size_t b) {
  double dt = get(s, s->cauchy.breakpoints)[b] - at->time, g = get(s, s->iterate.gradient)[b];
  double x = get(s, s->iterate.x)[b];
  double z = bound_ahead(x, g, get(s, s->box.lower)[b], get(s, s->box.upper)[b]) - x;
  double *p = put(s, s->cauchy.p), *c = put(s, s->cauchy.c), *w = put(s, s->cauchy.w),
         *Mw = put(s, s->cauchy.Mw);
  size_t k2 = 2 * s->pairs.count;

  gram_activate(s, b);
  gram_activated_row(s, w);
  compact_apply(s, w, Mw);
  at->time += dt;
  double wMp = dot_small(Mw, p, k2), wMc = dot_small(Mw, c, k2) + at->time * wMp;
  at->slope += dt * at->curvature + g * (g + s->pairs.theta * z - wMc);
  at->curvature -= g * (s->pairs.theta * g + 2 * wMp + g * dot_small(Mw, w, k2));
  at->curvature = fmax(at->curvature, at->smallest_curvature);
  add_small(c, z, w, k2);
  add_small(p, g, w, k2);
  s->cauchy.crossed++;
}

/* minimizer_ahead = how much further the model's minimizer on this segment, continued, lies. */
static double minimizer_ahead(const path_point *at) { return -at->slope / at->curvature; }

/* Takes the variable whose breakpoint comes before the minimizer, in *b; false if none does (12). */
static bool next_breakpoint(lbfgsb_solver *s, heap *h, const path_point *at, size_t *b) {
  double ahead = minimizer_ahead(at), reach = at->time + ahead;
  if (!(reach >= s->iterate.first_break)) return false;
  if (h->count == 0 && reach > h->horizon) heap_fill(s, h, HORIZON * reach);
  if (h->count == 0 || ahead < h->time[h->variable[0]] - at->time) return false;
  *b = heap_pop(h);
  return true;
}

/* Finds the point without pairs, where the model is a sum over the variables: each is at its minimum at
 * t = 1 / theta, unless it has met its bound. No order of the breakpoints is needed, of which all may come
 * first (14). */
static void separable_point(lbfgsb_solver *s) {
  const double *block_first = get(s, s->iterate.block_breaks);
  s->cauchy.path_time = 1 / s->pairs.theta;
  for (size_t first = 0; first < s->layout.n; first += BLOCK_ROWS) {
    if (block_first[first / BLOCK_ROWS] > s->cauchy.path_time) continue;
    const double *t = block_times(s, first);
    for (size_t i = 0; i < block_rows(s, first); i++)
      if (t[i] > 0 && t[i] <= s->cauchy.path_time) {
        gram_activate(s, first + i);
        s->cauchy.crossed++;
      }
  }
}

/* latest_minimizer = a time that the minimizer does not pass if no breakpoint comes before: B s = y for the
 * newest pair, so by the inequality of Cauchy and Schwarz f'' = d'Bd >= (y'd)^2 / s'y (13). */
static double latest_minimizer(const lbfgsb_solver *s) {
  size_t newest = s->pairs.count - 1;
  double yd = get(s, s->iterate.p)[newest];
  return s->iterate.descent_sq / yd * (get(s, s->pairs.curvature)[pairs_slot(s, newest)] / yd);
}

void cauchy_forget(lbfgsb_solver *s) { s->cauchy.crossed = 0; }

bool cauchy_point(lbfgsb_solver *s) {
  memset(put(s, s->cauchy.c), 0, 2 * s->pairs.count * sizeof(double));
  memcpy(put(s, s->cauchy.p), get(s, s->iterate.p), 2 * s->pairs.count * sizeof(double));
  s->cauchy.path_time = NAN;
  s->cauchy.crossed = 0;
  if (!isfinite(s->iterate.descent_sq)) {
    s->cauchy.path_time = 1 / s->iterate.steepest;
    return true;
  }
  if (s->pairs.count == 0) {
    separable_point(s);
    return true;
  }
  if (!s->box.constrained || latest_minimizer(s) < s->iterate.first_break) return true;

  path_point at;
  if (!path_begin(s, &at)) return false;
  heap h = {(size_t *)put(s, s->cauchy.heap), 0, get(s, s->cauchy.breakpoints), 0};
  for (size_t b; next_breakpoint(s, &h, &at, &b);) path_cross(s, &at, b);

  s->cauchy.path_time = at.time + fmax(minimizer_ahead(&at), 0);
  return true;
}

bool cauchy_time(lbfgsb_solver *s) {
  path_point at;
  if (!isnan(s->cauchy.path_time)) return true;
  if (!path_begin(s, &at)) return false;
  s->cauchy.path_time = fmin(fmax(minimizer_ahead(&at), 0), s->iterate.first_break);
  return true;
}
