/* caller.c - what the caller tells and sees, in his units, of x; the solver's are those of z = x / scale.
 * Where all scales are 1 nothing is copied. METHOD.md, section 14. */
#include "caller.h"

#include <string.h>

#include "box.h"
#include "chunks.h"
#include "direction.h"

/* ---- From the caller ---------------------------------------------------------------------------------- */

/* in_place_of = what an infinite slope g is taken as where the slope at the iterate was `before`. */
static double in_place_of(double g, double before) {
  return before != 0 && (before > 0) == (g > 0) ? before : copysign(1, g);
}

const double *caller_bounded(lbfgsb_solver *s, const double *g) {
  if (!s->options.confirm) return g;
  double *out = put(s, s->caller.told);
  const double *l = get(s, s->box.lower), *u = get(s, s->box.upper), *z = get(s, s->direction.trial);
  const double *before = get(s, s->iterate.gradient);
  bool known = s->run.phase != PHASE_START;
  for (size_t i = 0; i < s->layout.n; i++) {
    bool leads_out = isinf(g[i]) && bound_ahead(z[i], g[i], l[i], u[i]) == z[i];
    out[i] = leads_out ? in_place_of(g[i], known ? before[i] : 0) : g[i];
  }
  return out;
}

static void told_chunk(lbfgsb_solver *s, size_t chunk, const void *argument) {
  const double *gradient = argument, *scale = get(s, s->scales.scale);
  double *out = put(s, s->caller.told);
  for (size_t i = chunk_begin(s, chunk); i < chunk_begin(s, chunk + 1); i++) out[i] = gradient[i] * scale[i];
}

const double *caller_told(lbfgsb_solver *s, const double *gradient) {
  if (!gradient || !s->scales.used) return gradient;
  each_chunk(s, told_chunk, gradient);
  return get(s, s->caller.told);
}

/* An infinite slope shows in g'd, which is not finite then. Without a gradient it is not known. */
double caller_slope(lbfgsb_solver *s, double value, const double **gradient) {
  if (!isfinite(value) || !*gradient) return NAN;
  *gradient = caller_told(s, *gradient);
  double slope = direction_slope(s, *gradient);
  if (isfinite(slope)) return slope;
  *gradient = caller_bounded(s, *gradient);
  return direction_slope(s, *gradient);
}

double *caller_room(lbfgsb_solver *s) { return put(s, s->caller.told); }

void caller_clear_room(lbfgsb_solver *s) {
  for (size_t i = 0; i < s->layout.n; i++) caller_room(s)[i] = NAN;
}

void caller_keep_trial(lbfgsb_solver *s) {
  memcpy(put(s, s->caller.told), get(s, s->direction.trial), pad_rows(s->layout.n) * sizeof(double));
}

const double *caller_kept(const lbfgsb_solver *s) { return get(s, s->caller.told); }

const double *caller_zero(lbfgsb_solver *s) {
  double *out = put(s, s->caller.told);
  memset(out, 0, s->layout.n * sizeof(double));
  return out;
}

/* ---- To the caller ------------------------------------------------------------------------------------ */

/* in_units = z scale, exactly so on a bound; a number, however large. */
static double in_units(double z, double scale) { return greater(-DBL_MAX, lesser(z * scale, DBL_MAX)); }

void caller_record(lbfgsb_solver *s, double pgnorm, double steepest) {
  s->caller.pgnorm = s->scales.used ? pgnorm : s->iterate.pgnorm;
  s->caller.steepest = s->scales.used ? steepest : s->iterate.steepest;
  s->caller.shown = false;
}

void caller_outdate(lbfgsb_solver *s) { s->caller.shown = false; }

static void point_chunk(lbfgsb_solver *s, size_t chunk, const void *unused) {
  (void)unused;
  const double *trial = get(s, s->direction.trial), *scale = get(s, s->scales.scale);
  double *point = put(s, s->caller.point);
  for (size_t i = chunk_begin(s, chunk); i < chunk_begin(s, chunk + 1); i++)
    point[i] = in_units(trial[i], scale[i]);
}

static void iterate_chunk(lbfgsb_solver *s, size_t chunk, const void *unused) {
  (void)unused;
  const double *z = get(s, s->iterate.x), *g = get(s, s->iterate.gradient), *scale = get(s, s->scales.scale);
  double *iterate = put(s, s->caller.iterate), *slopes = put(s, s->caller.gradient);
  for (size_t i = chunk_begin(s, chunk); i < chunk_begin(s, chunk + 1); i++) {
    iterate[i] = in_units(z[i], scale[i]);
    slopes[i] = g[i] / scale[i];
  }
}

void caller_show(lbfgsb_solver *s) {
  if (s->scales.used && s->run.phase != PHASE_ITERATE) each_chunk(s, point_chunk, NULL);
  if (s->scales.used && !s->caller.shown) each_chunk(s, iterate_chunk, NULL);
  s->caller.shown = true;
}

const double *caller_point(const lbfgsb_solver *s) {
  return get(s, s->scales.used ? s->caller.point : s->direction.trial);
}
const double *caller_iterate(const lbfgsb_solver *s) {
  return get(s, s->scales.used ? s->caller.iterate : s->iterate.x);
}
const double *caller_gradient(const lbfgsb_solver *s) {
  return get(s, s->scales.used ? s->caller.gradient : s->iterate.gradient);
}

bool caller_valid(const lbfgsb_solver *s) {
  const double *scale = get(s, s->scales.scale);
  bool asked = s->run.phase != PHASE_ITERATE, known = s->run.phase != PHASE_START;
  for (size_t i = 0; s->scales.used && i < s->layout.n; i++) {
    bool right = (!asked || caller_point(s)[i] == in_units(get(s, s->direction.trial)[i], scale[i])) &&
                 caller_iterate(s)[i] == in_units(get(s, s->iterate.x)[i], scale[i]) &&
                 (!known || caller_gradient(s)[i] == get(s, s->iterate.gradient)[i] / scale[i]);
    if (!right) return false;
  }
  return s->caller.shown;
}
