/* r_evaluate.c - the objective at the core's points: R closures are evaluated. An error or an interrupt in
 * one may leave from here at any evaluation: all memory is R's, and the run can be taken up there. */
#include "r_session.h"

bool has_gr(const session *s) { return VECTOR_ELT(s->calls, CALL_GR) != R_NilValue; }

SEXP evaluate_call(const session *s, int call) { return Rf_eval(VECTOR_ELT(s->calls, call), s->env); }

void bind(SEXP env, const char *name, SEXP value) {
  PROTECT(value);
  Rf_defineVar(Rf_install(name), value, env);
  UNPROTECT(1);
}

/* Makes the environment, with these variables, of an objective: see R/objective.R. */
SEXP r_objective(SEXP fn, SEXP gr, SEXP problem, SEXP control, SEXP frame) {
  SEXP env = PROTECT(R_NewEnv(frame, FALSE, 0));
  bind(env, "problem", problem);
  bind(env, "control", control);
  bind(env, "gr", gr);
  bind(env, "fn", fn);
  UNPROTECT(1);
  return env;
}

/* ---- Value and gradient -------------------------------------------------------------------------------- */

/* Leaves a vector that fn kept to it. */
void bind_par(session *s, const double *x) {
  if (s->par == R_NilValue || MAYBE_SHARED(s->par))
    REPROTECT(s->par = units_par(&s->units, x), s->par_index);
  else
    units_point(&s->units, x, REAL(s->par));
  if (!MAYBE_REFERENCED(s->par)) Rf_defineVar(s->par_symbol, s->par, s->env);
}

static void set_gradient(session *s, SEXP gradient) { REPROTECT(s->gradient = gradient, s->gradient_index); }

/* Returns the number in what fn returned, a plain number or a list with one, or what R makes of it; sets
 * s->gradient to the gradient that came with it, or NULL. */
static double read_value(session *s, SEXP returned) {
  bool is_list = TYPEOF(returned) == VECSXP && !Rf_isObject(returned);
  SEXP value = is_list ? element(returned, "value") : returned;
  if (is_plain(value) && XLENGTH(value) == 1) {
    set_gradient(s, is_list ? element(returned, "gradient") : Rf_getAttrib(value, s->gradient_symbol));
    return REAL(value)[0];
  }
  bind(s->env, "value", returned);
  SEXP plain = PROTECT(evaluate_call(s, CALL_READ_VALUE));
  double number = read_value(s, plain);
  UNPROTECT(1);
  return number;
}

void evaluate_value(session *s) {
  SEXP returned = PROTECT(evaluate_call(s, CALL_FN));
  run_tally(s->run)[TALLY_FUNCTION]++;
  s->value = read_value(s, returned);
  UNPROTECT(1);
}

/* Returns the gradient by differences; NULL if the limit of evaluations does not allow for it. */
static SEXP evaluate_differences(session *s) {
  double *tally = run_tally(s->run);
  bind(s->env, "value", Rf_ScalarReal(s->value));
  bind(s->env, "left", Rf_ScalarReal(s->max_evaluations - tally[TALLY_FUNCTION]));
  SEXP differences = PROTECT(evaluate_call(s, CALL_DIFFERENCES));
  tally[TALLY_FUNCTION] += Rf_asReal(element(differences, "evaluations"));
  SEXP gradient = element(differences, "gradient");
  UNPROTECT(1);
  return gradient;
}

void evaluate_gradient(session *s) {
  if (has_gr(s)) {
    set_gradient(s, evaluate_call(s, CALL_GR));
  } else if (s->gradient == R_NilValue) {
    set_gradient(s, evaluate_differences(s));
    if (s->gradient == R_NilValue) return;
  }
  run_tally(s->run)[TALLY_GRADIENT]++;
  if (is_plain(s->gradient) && XLENGTH(s->gradient) == s->units.n) return;
  bind(s->env, "gradient", s->gradient);
  set_gradient(s, evaluate_call(s, CALL_READ_GRADIENT));
}

/* ---- Limits -------------------------------------------------------------------------------------------- */

double now(void) {
  SEXP call = PROTECT(Rf_lang1(Rf_install("Sys.time")));
  double seconds = Rf_asReal(Rf_eval(call, R_BaseEnv));
  UNPROTECT(1);
  return seconds;
}

/* Stops at limits that the core cannot know: of time, and of evaluations, those for differences included. */
static void stop_at_limits(const session *s) {
  lbfgsb_solver *solver = run_solver(s->run);
  if (R_FINITE(s->max_seconds) && now() - s->begun >= s->max_seconds) lbfgsb_stop(solver, LBFGSB_TIME_LIMIT);
  if (run_tally(s->run)[TALLY_FUNCTION] >= s->max_evaluations) lbfgsb_stop(solver, LBFGSB_EVALUATION_LIMIT);
}

lbfgsb_request evaluate_and_advance(session *s) {
  lbfgsb_solver *solver = run_solver(s->run);
  R_CheckUserInterrupt(); /* here, where all iterates are recorded */
  stop_at_limits(s);
  if (lbfgsb_report(solver).status != LBFGSB_RUNNING) return LBFGSB_FINISHED;

  bind_par(s, lbfgsb_point(solver));
  evaluate_value(s);
  if (!R_FINITE(s->value)) return lbfgsb_advance(solver, s->value, NULL);
  evaluate_gradient(s);
  if (s->gradient == R_NilValue) {
    lbfgsb_stop(solver, LBFGSB_EVALUATION_LIMIT);
    return LBFGSB_FINISHED;
  }
  const double *gradient = units_to_solver(&s->units, REAL(s->gradient), s->buffer);
  return lbfgsb_advance(solver, s->value / s->units.fnscale, gradient);
}
