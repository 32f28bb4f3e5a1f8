/* r_doors.c - doors for the tests: the core's steps one at a time, on given iterates. */
#include <math.h>
#include <string.h>

#include "r_api.h"

#include "cauchy.h"
#include "compact.h"
#include "direction.h"
#include "gram.h"
#include "iterate.h"
#include "layout.h"
#include "order.h"
#include "pairs.h"
#include "subspace.h"

/* ---- Steps of the iteration ---------------------------------------------------------------------------- */

/* Absorbs the iterates x (n x (J + 1)) with gradients g one after another, as a run would. */
static lbfgsb_solver *absorb_all(SEXP m, SEXP x, SEXP g, SEXP lower, SEXP upper) {
  size_t n = (size_t)Rf_nrows(x), iterates = (size_t)Rf_ncols(x);
  lbfgsb_options options = lbfgsb_defaults();
  options.pairs = (size_t)Rf_asInteger(m);
  options.rescale = 0; /* x is what is given */
  lbfgsb_solver *s = (lbfgsb_solver *)R_alloc(lbfgsb_size(n, options.pairs), 1);
  if (lbfgsb_init(s, n, REAL(x), REAL(lower), REAL(upper), &options) != 0) Rf_error("bad input");
  iterate_absorb(s, REAL(g), 0);
  for (size_t j = 1; j < iterates; j++) {
    const double *x_j = REAL(x) + j * n, *g_j = REAL(g) + j * n;
    if (!cauchy_point(s)) Rf_error("M^-1 is not quasi-definite");
    double curvature = 0;
    for (size_t i = 0; i < n; i++) curvature += (x_j[i] - x_j[i - n]) * (g_j[i] - g_j[i - n]);
    memcpy(put(s, s->direction.trial), x_j, n * sizeof(double));
    layout_accept_trial(s);
    layout_make_room(s);
    iterate_absorb(s, g_j, curvature);
  }
  if (!compact_factor(s)) Rf_error("M^-1 is not quasi-definite");
  return s;
}

static SEXP doubles(const double *v, size_t n) {
  SEXP out = Rf_allocVector(REALSXP, (R_xlen_t)n);
  if (n > 0) memcpy(REAL(out), v, n * sizeof(double));
  return out;
}

/* cauchy_c = W'(the Cauchy point - x) = c + t* p. */
static SEXP cauchy_c(const lbfgsb_solver *s) {
  SEXP out = doubles(get(s, s->cauchy.c), 2 * s->pairs.count);
  for (size_t j = 0; j < 2 * s->pairs.count; j++)
    REAL(out)[j] += s->cauchy.path_time * get(s, s->cauchy.p)[j];
  return out;
}

/* gram_by_age = a k x k matrix by slot, oldest first; only its strictly lower part, or whole. */
static SEXP gram_by_age(const lbfgsb_solver *s, size_t offset, int strictly_lower) {
  size_t k = s->pairs.count;
  SEXP out = Rf_allocMatrix(REALSXP, (int)k, (int)k);
  for (size_t i = 0; i < k; i++)
    for (size_t j = 0; j < k; j++) {
      double entry = get(s, offset)[pairs_slot(s, i) * s->layout.ld + pairs_slot(s, j)];
      REAL(out)[i + j * k] = strictly_lower && i <= j ? 0 : entry;
    }
  return out;
}

static SEXP free_set(const lbfgsb_solver *s) {
  SEXP out = Rf_allocVector(LGLSXP, (R_xlen_t)s->layout.n);
  for (size_t i = 0; i < s->layout.n; i++) LOGICAL(out)[i] = gram_free_rows(s, 0)[i];
  return out;
}

/* in_front = rows in front of their blocks. */
static size_t in_front(const lbfgsb_solver *s) {
  size_t count = 0;
  for (size_t first = 0; first < s->layout.n; first += BLOCK_ROWS) count += order_front(s, first);
  return count;
}

/* A list that is being filled. */
typedef struct {
  SEXP list;
  int next;
} filling;

static void add(filling *to, SEXP value) { SET_VECTOR_ELT(to->list, to->next++, value); }
static void add_number(filling *to, double value) { add(to, Rf_ScalarReal(value)); }
static void add_doubles(filling *to, const lbfgsb_solver *s, size_t offset, size_t n) {
  add(to, doubles(get(s, offset), n));
}

/* curvatures = the diagonal of D, oldest first. */
static SEXP curvatures(const lbfgsb_solver *s) {
  SEXP out = Rf_allocVector(REALSXP, (R_xlen_t)s->pairs.count);
  for (size_t j = 0; j < s->pairs.count; j++) REAL(out)[j] = get(s, s->pairs.curvature)[pairs_slot(s, j)];
  return out;
}

/* breakpoints = all of them, though the search computes them only where it needs them. */
static SEXP breakpoints(const lbfgsb_solver *s) {
  SEXP out = Rf_allocVector(REALSXP, (R_xlen_t)s->layout.n);
  for (size_t first = 0; first < s->layout.n; first += BLOCK_ROWS) {
    box_rows at = iterate_rows(s, first);
    double t[BLOCK_ROWS];
    kernels()->times(&at, t);
    size_t rows = s->layout.n - first < BLOCK_ROWS ? s->layout.n - first : BLOCK_ROWS;
    memcpy(REAL(out) + first, t, rows * sizeof(double));
  }
  return out;
}

/* Adds what pass 1 leaves. */
static void add_iterate(filling *to, const lbfgsb_solver *s) {
  add(to, Rf_ScalarInteger((int)s->pairs.count));
  add_number(to, s->pairs.theta);
  add(to, columns_by_age(s, 0));
  add(to, columns_by_age(s, 1));
  add(to, curvatures(s));
  add(to, breakpoints(s));
  add_number(to, s->iterate.pgnorm);
  add_doubles(to, s, s->iterate.p, 2 * s->pairs.count);
}

/* Adds the Gram matrices at the Cauchy point, and that. */
static void add_cauchy(filling *to, const lbfgsb_solver *s) {
  add(to, gram_by_age(s, s->gram.yy_free, 0));
  add(to, gram_by_age(s, s->gram.sy_free, 0));
  add(to, gram_by_age(s, s->gram.ss_free, 0));
  add(to, gram_by_age(s, s->gram.ss_active, 0));
  add(to, gram_by_age(s, s->gram.sy_active, 1));
  add(to, cauchy_c(s));
  add_number(to, s->cauchy.path_time);
  add(to, free_set(s));
}

static void add_direction(filling *to, const lbfgsb_solver *s, bool searched) {
  add_doubles(to, s, s->subspace.q, 2 * s->pairs.count);
  add_doubles(to, s, s->direction.trial, s->layout.n);
  add_doubles(to, s, s->direction.d, s->layout.n);
  add_number(to, s->direction.slope);
  add_number(to, s->direction.max_step);
  add_number(to, (double)in_front(s));
  add(to, Rf_ScalarLogical(searched));
}

/* Goes from pass 1 to the direction, as the run takes it or, if `truncate`, always by the fallback. */
SEXP r_door_step(SEXP m, SEXP x, SEXP g, SEXP lower, SEXP upper, SEXP truncate) {
  const char *names[] = {
      "count",    "theta",    "Y",       "S",       "D",         "breakpoints",     "pgnorm",
      "p_start",  "yy_free",  "sy_free", "ss_free", "ss_active", "sy_active_lower", "c",
      "t_star",   "free",     "q",       "xhat",    "d",         "slope",           "max_step",
      "in_front", "searched", ""};
  lbfgsb_solver *s = absorb_all(m, x, g, lower, upper);
  filling out = {PROTECT(Rf_mkNamed(VECSXP, names)), 0};
  add_iterate(&out, s);
  bool definite = direction_find(s), searched = !isnan(s->cauchy.path_time);
  if (definite && Rf_asLogical(truncate) && subspace_exists(s)) definite = direction_truncated(s);
  if (!definite || !cauchy_time(s)) Rf_error("the model is not positive definite");
  add_cauchy(&out, s);
  add_direction(&out, s, searched);
  UNPROTECT(1);
  return out.list;
}

/* r_door_compact = M v, v (2k) and the result oldest first. */
SEXP r_door_compact(SEXP m, SEXP x, SEXP g, SEXP lower, SEXP upper, SEXP v) {
  lbfgsb_solver *s = absorb_all(m, x, g, lower, upper);
  double *Mv = put(s, s->cauchy.Mw);
  compact_apply(s, REAL(v), Mv);
  return doubles(Mv, 2 * s->pairs.count);
}

/* ---- The line search ----------------------------------------------------------------------------------- */

/* Evaluates phi(step) = c(value, slope). */
static search_point evaluate_phi(SEXP phi, double step) {
  SEXP call = PROTECT(Rf_lang2(phi, PROTECT(Rf_ScalarReal(step))));
  SEXP answer = PROTECT(Rf_eval(call, R_GlobalEnv));
  search_point point = {step, REAL(answer)[0], REAL(answer)[1]};
  UNPROTECT(3);
  return point;
}

SEXP r_door_search(SEXP phi, SEXP value, SEXP slope, SEXP step, SEXP max_step, SEXP max_trials) {
  const char *names[] = {"trials", "outcome", "step", ""};
  search_point start = {0, Rf_asReal(value), Rf_asReal(slope)};
  int limit = Rf_asInteger(max_trials), used = 0;
  SEXP trials = PROTECT(Rf_allocVector(REALSXP, limit));
  line_search search;
  search_outcome outcome =
      search_start(&search, start, Rf_asReal(step), Rf_asReal(max_step), (search_view){0});
  while (outcome == SEARCH_TRY && used < limit) {
    search_point trial = evaluate_phi(phi, REAL(trials)[used++] = search.step);
    bool known = isfinite(trial.value) && isfinite(trial.slope);
    outcome = known ? search_advance(&search, trial.value, trial.slope) : search_shorten(&search, NAN);
  }
  SEXP out = PROTECT(Rf_mkNamed(VECSXP, names));
  SET_VECTOR_ELT(out, 0, Rf_xlengthgets(trials, used));
  SET_VECTOR_ELT(out, 1, Rf_mkString(outcome == SEARCH_ACCEPTED ? "accepted" : "failed"));
  SET_VECTOR_ELT(out, 2, Rf_ScalarReal(outcome == SEARCH_ACCEPTED ? search.step : NA_REAL));
  UNPROTECT(2);
  return out;
}
