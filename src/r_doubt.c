/* r_doubt.c - at the end of a run: where the gradient that was delivered may not be that of fn. What costs
 * nothing is looked at first; R makes sure of it (R/doubt.R). METHOD.md (55), (56). */
#include <float.h>
#include <math.h>

#include "r_result.h"
#include "r_session.h"

static const double DISAGREES =
    0.05;                         /* part of a change of fn: near a minimum a right gradient disagrees less */
static const double ASIDE = 1e-6; /* of its size, up to twice that: a variable moves so far */
static const double HIDDEN = 100; /* times the relative error of fn: no evidence of a slope */

/* A run at its end; start (n) in the user's units. */
typedef struct {
  const lbfgsb_solver *solver;
  const units *units;
  const double *start;
} ended_run;

/* Tells whether the run claims convergence, by evidence. */
static bool claims(const lbfgsb_solver *solver) {
  return lbfgsb_is_evidence(lbfgsb_report(solver).status) && lbfgsb_options_of(solver).confirm;
}

static bool steps_disagree(const lbfgsb_solver *solver) {
  return lbfgsb_disagreement(solver) > DISAGREES && lbfgsb_report(solver).free > 0;
}

typedef bool chooses(const ended_run *run, R_xlen_t i);

static bool is_movable(const ended_run *run, R_xlen_t i) {
  return run->units->lower[i] < run->units->upper[i];
}

/* Tells whether a parameter, whose gradient is 0, is where it began, but for being scaled and back. */
static bool is_unmoved(const ended_run *run, R_xlen_t i) {
  if (lbfgsb_gradient(run->solver)[i] != 0) return false;
  double start = run->start[i], x = units_coordinate(run->units, i, lbfgsb_iterate(run->solver)[i]);
  return fabs(x - start) <= 4 * DBL_EPSILON * fabs(start) && is_movable(run, i);
}

static R_xlen_t count_parameters(const ended_run *run, chooses *is_chosen) {
  R_xlen_t count = 0;
  for (R_xlen_t i = 0; i < run->units->n; i++) count += is_chosen(run, i);
  return count;
}

bool is_in_doubt(const lbfgsb_solver *solver, const units *u, const double *start) {
  ended_run run = {solver, u, start};
  return claims(solver) && (steps_disagree(solver) || count_parameters(&run, is_unmoved) > 0);
}

/* Tells whether the run claims convergence by a delivered gradient, and may evaluate more. */
static bool relies_on_gradient(const session *s) {
  bool delivered = has_gr(s) || (is_by_core(s->control) && !run_differences(s->run));
  return delivered && claims(run_solver(s->run)) && s->max_evaluations == R_PosInf;
}

/* Lists those parameters, from 1 on; NULL if there are none. */
static SEXP list_parameters(const ended_run *run, chooses *is_chosen) {
  R_xlen_t count = count_parameters(run, is_chosen);
  if (count == 0) return R_NilValue;
  SEXP list = Rf_allocVector(REALSXP, count);
  for (R_xlen_t i = 0, k = 0; k < count; i++)
    if (is_chosen(run, i)) REAL(list)[k++] = (double)i + 1;
  return list;
}

/* aside = a step of variable i, in the solver's units, to the side where there is more room; of different
 * parts of the sizes, so that slopes do not cancel. */
static double aside(const session *s, R_xlen_t i) {
  const units *u = &s->units;
  const lbfgsb_solver *solver = run_solver(s->run);
  double x = lbfgsb_iterate(solver)[i], scale = u->parscale[i];
  double above = u->upper[i] / scale - x, below = x - u->lower[i] / scale;
  double part = 1 + fmod(0.618 * (double)i, 1), size = fmax(fabs(x), lbfgsb_scale(solver)[i] / 1000);
  return above >= below ? fmin(ASIDE * part * size, above) : -fmin(ASIDE * part * size, below);
}

/* Returns fn, counted, where the listed parameters have moved aside by a part t of that; at (n): scratch. */
static double value_aside(session *s, SEXP list, double t, double *at) {
  const double *x = lbfgsb_iterate(run_solver(s->run));
  for (R_xlen_t i = 0; i < s->units.n; i++) at[i] = x[i];
  for (R_xlen_t k = 0; k < XLENGTH(list); k++) {
    R_xlen_t i = (R_xlen_t)REAL(list)[k] - 1;
    at[i] += t * aside(s, i);
  }
  run_tally(s->run)[TALLY_FUNCTION]++;
  return evaluate_value(s, at);
}

/* Tells whether fn has a slope aside that shows beside its curvature, and its error (56). */
static bool changes_aside(session *s, SEXP list) {
  double *at = (double *)R_alloc((size_t)s->units.n, sizeof(double));
  double f = run_tally(s->run)[TALLY_VALUE];
  double middle = value_aside(s, list, 0.5, at), end = value_aside(s, list, 1, at);
  double slope = 4 * middle - 3 * f - end, bend = end - 2 * middle + f;
  double error = fmax(DBL_EPSILON, lbfgsb_noise(run_solver(s->run))) * fmax(fabs(f), fabs(end));
  return fabs(slope) > fmax(fabs(bend) / 2, HIDDEN * error);
}

SEXP find_suspects(session *s) {
  if (!relies_on_gradient(s)) return R_NilValue;
  ended_run run = {run_solver(s->run), &s->units, REAL(s->units.par)};
  if (steps_disagree(run.solver)) return list_parameters(&run, is_movable);
  SEXP unmoved = PROTECT(list_parameters(&run, is_unmoved));
  bool suspect = unmoved != R_NilValue && changes_aside(s, unmoved);
  UNPROTECT(1);
  return suspect ? unmoved : R_NilValue;
}
