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

/* Goes from pass 1 to the direction, as the run takes it or, if `truncate`, always by the fallback. */
SEXP r_door_step(SEXP m, SEXP x, SEXP g, SEXP lower, SEXP upper, SEXP truncate) {
  const char *names[] = {
      "count",    "theta",    "Y",       "S",       "D",         "breakpoints",     "pgnorm",
      "p_start",  "yy_free",  "sy_free", "ss_free", "ss_active", "sy_active_lower", "c",
      "t_star",   "free",     "q",       "xhat",    "d",         "slope",           "max_step",
      "in_front", "searched", ""};
  lbfgsb_solver *s = absorb_all(m, x, g, lower, upper);
  SEXP out = PROTECT(Rf_mkNamed(VECSXP, names));
  int next = 0;
#define ADD(value) SET_VECTOR_ELT(out, next++, value)
  ADD(Rf_ScalarInteger((int)s->pairs.count));
  ADD(Rf_ScalarReal(s->pairs.theta));
  ADD(columns_by_age(s, 0));
  ADD(columns_by_age(s, 1));
  SEXP curvature = ADD(Rf_allocVector(REALSXP, (R_xlen_t)s->pairs.count));
  for (size_t j = 0; j < s->pairs.count; j++)
    REAL(curvature)[j] = get(s, s->pairs.curvature)[pairs_slot(s, j)];
  for (size_t first = 0; first < s->layout.n; first += BLOCK_ROWS) {
    box_rows at = iterate_rows(s, first);
    kernels()->times(&at, put(s, s->cauchy.breakpoints) + first);
  }
  ADD(doubles(get(s, s->cauchy.breakpoints), s->layout.n));
  ADD(Rf_ScalarReal(s->iterate.pgnorm));
  ADD(doubles(get(s, s->iterate.p), 2 * s->pairs.count));

  bool definite = direction_find(s), searched = !isnan(s->cauchy.path_time);
  if (definite && Rf_asLogical(truncate) && subspace_exists(s)) definite = direction_truncated(s);
  if (!definite || !cauchy_time(s)) Rf_error("the model is not positive definite");
  ADD(gram_by_age(s, s->gram.yy_free, 0));
  ADD(gram_by_age(s, s->gram.sy_free, 0));
  ADD(gram_by_age(s, s->gram.ss_free, 0));
  ADD(gram_by_age(s, s->gram.ss_active, 0));
  ADD(gram_by_age(s, s->gram.sy_active, 1));
  ADD(cauchy_c(s));
  ADD(Rf_ScalarReal(s->cauchy.path_time));
  ADD(free_set(s));

  ADD(doubles(get(s, s->subspace.q), 2 * s->pairs.count));
  ADD(doubles(get(s, s->direction.trial), s->layout.n));
  ADD(doubles(get(s, s->direction.d), s->layout.n));
  ADD(Rf_ScalarReal(s->direction.slope));
  ADD(Rf_ScalarReal(s->direction.max_step));
  ADD(Rf_ScalarReal((double)in_front(s)));
  ADD(Rf_ScalarLogical(searched));
#undef ADD
  UNPROTECT(1);
  return out;
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
  search_outcome outcome = search_start(&search, start, Rf_asReal(step), Rf_asReal(max_step));
  while (outcome == SEARCH_TRY && used < limit) {
    search_point trial = evaluate_phi(phi, REAL(trials)[used++] = search.step);
    bool known = isfinite(trial.value) && isfinite(trial.slope);
    outcome = known ? search_advance(&search, trial.value, trial.slope) : search_shorten(&search);
  }
  SEXP out = PROTECT(Rf_mkNamed(VECSXP, names));
  SET_VECTOR_ELT(out, 0, Rf_xlengthgets(trials, used));
  SET_VECTOR_ELT(out, 1, Rf_mkString(outcome == SEARCH_ACCEPTED ? "accepted" : "failed"));
  SET_VECTOR_ELT(out, 2, Rf_ScalarReal(outcome == SEARCH_ACCEPTED ? search.step : NA_REAL));
  UNPROTECT(2);
  return out;
}
