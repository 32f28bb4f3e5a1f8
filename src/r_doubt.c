/* r_doubt.c - at the end of a run: where the gradient that was delivered may not be that of fn. What costs
 * nothing is looked at first; R makes sure of it (R/doubt.R). And where fn may be level. METHOD.md (55),
 * (56). */
#include <float.h>
#include <math.h>

#include "r_result.h"
#include "r_session.h"

static const double ASIDE = 1e-6; /* of its size, up to twice that: a variable moves so far */
static const double HIDDEN = 100; /* times the relative error of fn: no evidence of a slope */

/* Tells whether a run claims convergence, by evidence, and may evaluate more. */
static bool may_be_doubted(const lbfgsb_solver *solver) {
  lbfgsb_options options = lbfgsb_options_of(solver);
  return lbfgsb_is_evidence(lbfgsb_report(solver).status) && options.confirm &&
         options.max_evaluations == INFINITY;
}

static bool steps_disagree(const lbfgsb_solver *solver) {
  return lbfgsb_disagreement(solver) > LBFGSB_DISAGREES;
}

typedef bool chooses(const ended_run *run, R_xlen_t i);

static bool is_movable(const ended_run *run, R_xlen_t i) {
  return run->units->lower[i] < run->units->upper[i];
}

static bool is_zero(const ended_run *run, R_xlen_t i) {
  return lbfgsb_gradient(run->solver)[i] == 0 && is_movable(run, i);
}

/* Nor one earlier: the parameter is where it began, or where questions to fn alone (63) have brought it. */
static bool has_no_slope(const ended_run *run, R_xlen_t i) { return is_zero(run, i) && run->y[i] == 0; }

/* Takes y of the oldest pair; 0 where there is none. */
static void take_change(const ended_run *run) {
  for (R_xlen_t i = 0; i < run->units->n; i++) run->y[i] = 0;
  lbfgsb_pair(run->solver, 0, NULL, run->y);
}

static R_xlen_t count_parameters(const ended_run *run, chooses *is_chosen) {
  R_xlen_t count = 0;
  for (R_xlen_t i = 0; i < run->units->n; i++) count += is_chosen(run, i);
  return count;
}

/* Lists those parameters, from 1 on. */
static SEXP list_parameters(const ended_run *run, chooses *is_chosen) {
  SEXP list = Rf_allocVector(REALSXP, count_parameters(run, is_chosen));
  for (R_xlen_t i = 0, k = 0; i < run->units->n; i++)
    if (is_chosen(run, i)) REAL(list)[k++] = (double)i + 1;
  return list;
}

/* aside = a step of variable i, in the solver's units, to the side where there is more room; of different
 * parts of the sizes, so that slopes do not cancel. */
static double aside(const ended_run *run, R_xlen_t i) {
  const units *u = run->units;
  double x = lbfgsb_iterate(run->solver)[i], scale = u->parscale[i];
  double above = u->upper[i] / scale - x, below = x - u->lower[i] / scale;
  double part = 1 + fmod(0.618 * (double)i, 1), size = fmax(fabs(x), lbfgsb_scale(run->solver)[i] / 1000);
  return above >= below ? fmin(ASIDE * part * size, above) : -fmin(ASIDE * part * size, below);
}

/* Returns fn where these parameters have moved aside by a part t of that. */
static double value_aside(const ended_run *run, double t) {
  const double *x = lbfgsb_iterate(run->solver);
  for (R_xlen_t i = 0; i < run->units->n; i++)
    run->at[i] = x[i] + (has_no_slope(run, i) ? t * aside(run, i) : 0);
  return run->evaluate(run->data, run->at);
}

/* Tells whether fn has a slope aside that shows beside its curvature, and its error (56). */
static bool changes_aside(const ended_run *run) {
  double f = run->value, middle = value_aside(run, 0.5), end = value_aside(run, 1);
  double slope = 4 * middle - 3 * f - end, bend = end - 2 * middle + f;
  double error = fmax(DBL_EPSILON, lbfgsb_noise(run->solver)) * fmax(fabs(f), fabs(end));
  return fabs(slope) > fmax(fabs(bend) / 2, HIDDEN * error);
}

/* Tells whether the gradient is 0 in parameters, but perhaps not fn's. */
static bool is_zero_in_doubt(const ended_run *run) {
  if (count_parameters(run, is_zero) == 0) return false;
  take_change(run);
  return count_parameters(run, has_no_slope) > 0 && (!run->evaluate || changes_aside(run));
}

/* Tells whether the run claims convergence, and its gradient may be wrong: by its steps, or as it is 0 in a
 * parameter in which fn, asked twice if it may be asked, has a slope. */
static bool is_in_doubt(const ended_run *run) {
  return may_be_doubted(run->solver) && (steps_disagree(run->solver) || is_zero_in_doubt(run));
}

static bool is_free(const ended_run *run, R_xlen_t i) {
  return side_of(run->units, i, units_coordinate(run->units, i, lbfgsb_iterate(run->solver)[i])) ==
         BOUND_FREE;
}

static bool is_level(const ended_run *run, R_xlen_t i) {
  return lbfgsb_gradient(run->solver)[i] == 0 && is_free(run, i);
}

/* Tells whether the gradient is 0 in some free parameters, but not in all. */
static bool is_level_in_part(const ended_run *run) {
  R_xlen_t level = may_be_doubted(run->solver) ? count_parameters(run, is_level) : 0;
  return level > 0 && level < count_parameters(run, is_free);
}

bool asks_for_a_look(const ended_run *run, bool delivered) {
  return (delivered && is_in_doubt(run)) || is_level_in_part(run);
}

/* ---- In a session -------------------------------------------------------------------------------------- */

static double evaluate_counted(void *data, const double *x) {
  session *s = data;
  s->tally[TALLY_FUNCTION]++;
  return evaluate_value(s, x);
}

static ended_run end_of_session(session *s) {
  return (ended_run){.solver = s->solver,
                     .units = &s->units,
                     .value = s->tally[TALLY_VALUE],
                     .evaluate = evaluate_counted,
                     .data = s,
                     .y = (double *)R_alloc((size_t)s->units.n, sizeof(double)),
                     .at = (double *)R_alloc((size_t)s->units.n, sizeof(double))};
}

SEXP find_suspects(session *s) {
  bool delivered = s->has_gr || (is_by_core(s->control) && !run_differences(s->run));
  if (!delivered) return R_NilValue;
  ended_run run = end_of_session(s);
  if (!is_in_doubt(&run)) return R_NilValue;
  return list_parameters(&run, steps_disagree(run.solver) ? is_movable : has_no_slope);
}

/* Tells whether x is a whole number, below 2^40: near there every double almost is. */
static bool is_whole(double x) { return fabs(x) <= 0x1p40 && x == rint(x); }

/* Tells whether all iterates' values, of which there are more than two, are whole numbers. */
static bool has_whole_values(SEXP run) {
  const double *value = REAL(VECTOR_ELT(run, RUN_HISTORY)) + HISTORY_VALUE;
  int rows = (int)run_tally(run)[TALLY_ROWS], changes = 0, row = 0;
  for (; row < rows && is_whole(*value); row++, value += HISTORY_COLUMNS)
    changes += row > 0 && value[0] != value[-HISTORY_COLUMNS];
  return row == rows && changes > 1;
}

static bool is_fraction(const ended_run *run, R_xlen_t i) {
  return !is_whole(units_coordinate(run->units, i, lbfgsb_iterate(run->solver)[i]));
}

bool shows_steps(session *s) {
  ended_run run = end_of_session(s);
  bool has_converged = lbfgsb_reason_of(lbfgsb_report(run.solver).status)->convergence == 0;
  return has_converged && has_whole_values(s->run) && count_parameters(&run, is_fraction) > 0;
}

SEXP find_level(session *s) {
  ended_run run = end_of_session(s);
  return is_level_in_part(&run) ? list_parameters(&run, is_level) : R_NilValue;
}
