/* r_evaluate.c - the objective at the core's points: R closures are evaluated. An error or an interrupt in
 * one may leave from here at any evaluation: all memory is R's, and the run can be taken up there. */
#include "r_session.h"

SEXP evaluate_call(const session *s, int call) { return Rf_eval(VECTOR_ELT(s->calls, call), s->env); }

void bind(SEXP env, const char *name, SEXP value) {
  PROTECT(value);
  Rf_defineVar(Rf_install(name), value, env);
  UNPROTECT(1);
}

/* Returns what an objective (R/objective.R) holds by that name, which it does hold: a symbol's value. */
static SEXP held(SEXP objective, const char *name) { return Rf_eval(Rf_install(name), objective); }

session new_session(SEXP objective, SEXP calls, SEXP env) {
  return (session){.calls = calls,
                   .env = env,
                   .par_symbol = Rf_install("par"),
                   .gradient_symbol = Rf_install("gradient"),
                   .par = R_NilValue,
                   .gradient = R_NilValue,
                   .has_gr = held(objective, "gr") != R_NilValue,
                   .native = find_native(Rf_getAttrib(held(objective, "fn"), Rf_install("native")))};
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

void set_gradient(session *s, SEXP gradient) { REPROTECT(s->gradient = gradient, s->gradient_index); }

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

/* Tells whether fn returned what seems to be meant as its gradient, by another name. */
static bool has_lookalike(SEXP returned) {
  for (int i = 0; lookalike_names[i]; i++) {
    const char *name = lookalike_names[i];
    bool is_list = TYPEOF(returned) == VECSXP;
    SEXP found = is_list ? element(returned, name) : Rf_getAttrib(returned, Rf_install(name));
    if (found != R_NilValue) return true;
  }
  return false;
}

/* Refuses the first value of a run without a gradient, if it has something like one. */
static void refuse_lookalike(session *s, SEXP returned) {
  if (s->is_first && s->gradient == R_NilValue && !s->has_gr && has_lookalike(returned)) {
    bind(s->env, "value", returned);
    evaluate_call(s, CALL_REFUSE_LOOKALIKE);
  }
  s->is_first = false;
}

double evaluate_value(session *s, const double *x) {
  bind_par(s, x);
  if (s->native) return evaluate_native(s);
  SEXP returned = PROTECT(evaluate_call(s, CALL_FN));
  double value = read_value(s, returned);
  refuse_lookalike(s, returned);
  UNPROTECT(1);
  return value;
}

/* Returns the gradient by differences; NULL if the limit of evaluations does not allow for it. */
static SEXP evaluate_differences(session *s) {
  double *tally = s->tally;
  bind(s->env, "value", Rf_ScalarReal(s->value));
  bind(s->env, "left", Rf_ScalarReal(s->max_evaluations - tally[TALLY_FUNCTION]));
  bind(s->env, "sizes", units_sizes(&s->units, s->solver));
  SEXP differences = PROTECT(evaluate_call(s, CALL_DIFFERENCES));
  tally[TALLY_FUNCTION] += Rf_asReal(element(differences, "evaluations"));
  SEXP gradient = element(differences, "gradient");
  UNPROTECT(1);
  return gradient;
}

/* Tells whether x has no names, or those of par in their order, as far as par has any; in R those of another
 * matrix are read. */
static bool is_in_order(SEXP x, SEXP par) {
  SEXP labels = Rf_getAttrib(x, R_DimNamesSymbol);
  if (labels != R_NilValue && Rf_length(labels) > 1)
    return R_compute_identical(labels, Rf_getAttrib(par, R_DimNamesSymbol), 16);
  SEXP names = Rf_getAttrib(x, R_NamesSymbol), wanted = Rf_getAttrib(par, R_NamesSymbol);
  if (names == R_NilValue || wanted == R_NilValue || names == wanted) return true;
  R_xlen_t n = XLENGTH(wanted), i = 0;
  while (i < n && STRING_ELT(names, i) == STRING_ELT(wanted, i)) i++;
  return i == n;
}

/* s->gradient, made a double vector (n) in the order of par, in the solver's units. */
static const double *read_gradient(session *s) {
  bool plain = is_plain(s->gradient) && XLENGTH(s->gradient) == s->units.n;
  if (!plain || !is_in_order(s->gradient, s->units.par)) {
    bind(s->env, "gradient", s->gradient);
    set_gradient(s, evaluate_call(s, CALL_READ_GRADIENT));
  }
  return units_to_solver(&s->units, REAL(s->gradient), s->buffer);
}

const double *evaluate_gradient(session *s) {
  if (s->has_gr)
    set_gradient(s, evaluate_call(s, CALL_GR));
  else if (s->gradient == R_NilValue)
    set_gradient(s, evaluate_differences(s));
  if (s->gradient == R_NilValue && !s->has_gr) return NULL;
  s->tally[TALLY_GRADIENT]++;
  return read_gradient(s);
}

/* ---- Limits -------------------------------------------------------------------------------------------- */

double now(void) {
  SEXP call = PROTECT(Rf_lang1(Rf_install("Sys.time")));
  double seconds = Rf_asReal(Rf_eval(call, R_BaseEnv));
  UNPROTECT(1);
  return seconds;
}

/* Stops at limits that the core cannot know: of time, and of evaluations, those for differences included.
 * True if it has. */
static bool stop_at_limits(const session *s) {
  bool is_late = R_FINITE(s->max_seconds) && now() - s->begun >= s->max_seconds;
  bool is_spent = s->tally[TALLY_FUNCTION] >= s->max_evaluations;
  if (is_late || is_spent) lbfgsb_stop(s->solver, is_late ? LBFGSB_TIME_LIMIT : LBFGSB_EVALUATION_LIMIT);
  return is_late || is_spent;
}

/* ---- What a run asks for ------------------------------------------------------------------------------- */

/* fn at the solver's point, with the gradient where it comes along. */
static void evaluate_point(session *s) {
  s->value = evaluate_value(s, lbfgsb_point(s->solver));
  run_evaluated(s->run, s->value);
}

/* One value for the differences. */
static lbfgsb_request advance_differences(session *s, const lbfgsb_differences *differences) {
  bool takes_gradient = lbfgsb_differences_takes_gradient(differences);
  size_t gradients = lbfgsb_differences_gradients(differences);
  double value;
  if (takes_gradient || !take_from_batch(s, &value))
    value = evaluate_value(s, lbfgsb_differences_point(differences));
  if (takes_gradient) s->value = value;
  bool delivered = takes_gradient && R_FINITE(value) && s->gradient != R_NilValue;
  const double *gradient = delivered ? read_gradient(s) : NULL;
  lbfgsb_request request = tell_differences(s->run, &s->units, value, gradient);
  if (lbfgsb_differences_gradients(differences) > gradients) forget_batch(s);
  return request;
}

/* The value that is known, with no gradient, is the first one of the core's differences. */
static lbfgsb_request begin_by_differences(session *s) {
  begin_differences(s->run, s->control, s->steps);
  return tell_differences(s->run, &s->units, s->value, NULL);
}

/* Value and gradient together. */
static lbfgsb_request advance_both(session *s) {
  evaluate_point(s);
  bool missing = !s->has_gr && s->gradient == R_NilValue;
  if (R_FINITE(s->value) && missing && is_by_core(s->control)) return begin_by_differences(s);
  s->tally[TALLY_FUNCTION]++;
  double value = s->value / s->units.fnscale;
  if (!R_FINITE(s->value)) return lbfgsb_advance(s->solver, value, NULL);
  const double *gradient = evaluate_gradient(s);
  if (!gradient && is_by_core_without_tape(s->control)) {
    s->tally[TALLY_FUNCTION]--; /* it is told, and counted, again */
    return begin_by_differences(s);
  }
  if (!gradient) lbfgsb_stop(s->solver, LBFGSB_EVALUATION_LIMIT);
  return gradient ? lbfgsb_advance(s->solver, value, gradient) : LBFGSB_FINISHED;
}

/* A better gradient at the iterate, of a run that has gone on without one; where there is none, the one at
 * hand is the best. */
static lbfgsb_request advance_refined(session *s) {
  double value = s->value;
  s->value = evaluate_value(s, lbfgsb_iterate(s->solver));
  s->tally[TALLY_FUNCTION]++;
  const double *gradient = R_FINITE(s->value) ? evaluate_gradient(s) : NULL;
  s->value = value;
  lbfgsb_request request =
      lbfgsb_advance_gradient(s->solver, gradient ? gradient : lbfgsb_gradient(s->solver), 0);
  run_refine(s->run);
  return request;
}

lbfgsb_request evaluate_and_advance(session *s) {
  R_CheckUserInterrupt(); /* here, where all iterates are recorded */
  if (stop_at_limits(s)) return LBFGSB_FINISHED;
  const lbfgsb_differences *differences = run_differences(s->run);
  if (differences) return advance_differences(s, differences);
  return lbfgsb_pending(s->solver) == LBFGSB_REFINE ? advance_refined(s) : advance_both(s);
}
