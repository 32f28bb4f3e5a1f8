/* r_run.c - the loop around the core. */
#include "r_session.h"

static session begin_session(SEXP state, SEXP objective, SEXP calls, SEXP env, SEXP watch, SEXP steps) {
  SEXP control = VECTOR_ELT(state, STATE_CONTROL);
  session s = new_session(objective, calls, env);
  s.run = VECTOR_ELT(state, STATE_RUN);
  s.solver = run_solver(s.run);
  s.tally = run_tally(s.run);
  s.value = s.tally[TALLY_POINT];
  s.control = control;
  s.steps = steps;
  s.units = units_of(state);
  s.max_evaluations = number_in(control, "maxeval");
  s.max_seconds = number_in(control, "maxtime");
  s.report_every = number_in(control, "trace") > 0 ? number_in(control, "REPORT") : 0;
  s.watch_from = watch == R_NilValue ? R_PosInf : R_NegInf;
  s.batch.values = R_NilValue;
  s.is_first = true;
  if (s.units.scaled) s.buffer = (double *)R_alloc((size_t)s.units.n, sizeof(double));
  if (R_FINITE(s.max_seconds)) s.begun = now();
  if (watch != R_NilValue) bind(env, "watch", watch);
  return s;
}

/* What the run waits for, by these options. */
static lbfgsb_request resume(const session *s) {
  fit_differences(s->run, s->control, s->steps, !s->has_gr);
  lbfgsb_differences *differences = run_differences(s->run);
  return differences ? lbfgsb_differences_resume(differences, s->solver) : lbfgsb_pending(s->solver);
}

/* Goes on from an iterate, at which the run's block may grow. */
static lbfgsb_request leave(session *s) {
  lbfgsb_request request = leave_iterate(s->run);
  s->solver = run_solver(s->run);
  return request;
}

static void run_to_end(session *s) {
  lbfgsb_request request = resume(s);
  if (lbfgsb_report(s->solver).status != LBFGSB_RUNNING) return;
  if (request == LBFGSB_NEW_ITERATE) request = leave(s); /* it was visited */
  while (request != LBFGSB_FINISHED) {
    if (request == LBFGSB_NEW_ITERATE) {
      visit_iterate(s);
      request = leave(s);
    } else {
      request = evaluate_and_advance(s);
    }
  }
}

/* Returns the gradient of a run that has not got beyond its start; else NULL. */
static SEXP first_gradient(const session *s) {
  const lbfgsb_differences *differences = run_differences(s->run);
  if (s->tally[TALLY_ROWS] > 0) return R_NilValue;
  if (!differences || s->gradient != R_NilValue) return s->gradient;
  return units_gradient(&s->units, lbfgsb_differences_gradient(differences));
}

/* Tells whether the run has failed, as has_failed() in R/failure.R does of a fit. */
static bool has_failed(const session *s) {
  int convergence = lbfgsb_reason_of(lbfgsb_report(s->solver).status)->convergence;
  return convergence == 51 || convergence == 52;
}

/* Returns what is to be looked at after the run; NULL, as mostly, where that is nothing, and the end is one
 * to be left as it is. */
static SEXP new_end(session *s) {
  SEXP gradient = PROTECT(first_gradient(s)), suspects = PROTECT(find_suspects(s)),
       level = PROTECT(find_level(s)), end = R_NilValue;
  bool steps = shows_steps(s), goes_on = has_failed(s) || Rf_asLogical(element(s->control, "polish")) == TRUE;
  if (gradient != R_NilValue || suspects != R_NilValue || level != R_NilValue || steps || goes_on) {
    end = PROTECT(new_named(VECSXP, end_names));
    SET_VECTOR_ELT(end, END_GRADIENT, gradient);
    SET_VECTOR_ELT(end, END_SUSPECTS, suspects);
    SET_VECTOR_ELT(end, END_LEVEL, level);
    SET_VECTOR_ELT(end, END_STEPS, Rf_ScalarLogical(steps));
    UNPROTECT(1);
  }
  UNPROTECT(3);
  return end;
}

/* Returns TRUE if these options ask R for something to a run: somebody to look on, threads, or steps. */
SEXP r_has_extras(SEXP control) {
  static const char *const extras[] = {"checkpoint", "callback", "ndeps"};
  bool asks = number_in(control, "threads") > 1;
  for (size_t i = 0; i < sizeof extras / sizeof *extras; i++)
    asks = asks || element(control, extras[i]) != R_NilValue;
  return Rf_ScalarLogical(asks);
}

/* Goes on with the run of a state, which it changes, until it finishes. The calls are evaluated in a child of
 * the objective that dies with the run; `watch`, `threads` and `steps`, those of differences, may be NULL.
 * Returns NULL, or the gradient at a start that was refused, where it may be wrong, where fn is level, and
 * whether it makes steps. */
SEXP r_run(SEXP state, SEXP objective, SEXP calls, SEXP watch, SEXP threads, SEXP steps) {
  SEXP env = PROTECT(R_NewEnv(objective, FALSE, 0));
  session s = begin_session(state, objective, calls, env, watch, steps);
  PROTECT_WITH_INDEX(s.par, &s.par_index);
  PROTECT_WITH_INDEX(s.gradient, &s.gradient_index);
  PROTECT_WITH_INDEX(s.batch.values, &s.batch.values_index);
  begin_batch(&s);
  lbfgsb_set_threads(s.solver, threads == R_NilValue ? 1 : (size_t)Rf_asReal(threads));
  run_to_end(&s);
  visit_end(&s);
  if (s.tally[TALLY_ROWS] == 0) s.tally[TALLY_VALUE] = s.value;
  lbfgsb_set_threads(s.solver, 1); /* the state of the end is the same by any number */
  SEXP end = new_end(&s);
  UNPROTECT(4);
  return end;
}
