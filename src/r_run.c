/* r_run.c - the loop around the core. */
#include "r_session.h"

static session begin_session(SEXP state, SEXP calls, SEXP env, SEXP watch, SEXP steps) {
  SEXP run = VECTOR_ELT(state, STATE_RUN);
  SEXP control = VECTOR_ELT(state, STATE_CONTROL);
  session s = {.run = run,
               .calls = calls,
               .control = control,
               .steps = steps,
               .env = env,
               .units = units_of(state),
               .max_evaluations = number_in(control, "maxeval"),
               .max_seconds = number_in(control, "maxtime"),
               .report_every = number_in(control, "trace") > 0 ? number_in(control, "REPORT") : 0,
               .watch_from = watch == R_NilValue ? R_PosInf : R_NegInf,
               .is_first = true,
               .par_symbol = Rf_install("par"),
               .gradient_symbol = Rf_install("gradient"),
               .par = R_NilValue,
               .gradient = R_NilValue,
               .batch = {.values = R_NilValue},
               .native = find_native(VECTOR_ELT(calls, CALL_NATIVE)),
               .value = run_tally(run)[TALLY_POINT]};
  if (s.units.scaled) s.buffer = (double *)R_alloc((size_t)s.units.n, sizeof(double));
  if (R_FINITE(s.max_seconds)) s.begun = now();
  bind(env, "watch", watch);
  return s;
}

/* What the run waits for, by these options. */
static lbfgsb_request resume(const session *s) {
  lbfgsb_solver *solver = run_solver(s->run);
  fit_differences(s->run, s->control, s->steps, !has_gr(s));
  lbfgsb_differences *differences = run_differences(s->run);
  return differences ? lbfgsb_differences_resume(differences, solver) : lbfgsb_pending(solver);
}

static void run_to_end(session *s) {
  lbfgsb_request request = resume(s);
  if (request == LBFGSB_NEW_ITERATE) request = leave_iterate(s->run); /* it was visited */
  while (request != LBFGSB_FINISHED) {
    if (request == LBFGSB_NEW_ITERATE) {
      visit_iterate(s);
      request = leave_iterate(s->run);
    } else {
      request = evaluate_and_advance(s);
    }
  }
}

/* Returns the gradient evaluated last, or taken by differences at the start. */
static SEXP last_gradient(const session *s) {
  const lbfgsb_differences *differences = run_differences(s->run);
  bool at_start = run_tally(s->run)[TALLY_ROWS] == 0 && s->gradient == R_NilValue;
  if (!differences || !at_start) return s->gradient;
  return units_gradient(&s->units, lbfgsb_differences_gradient(differences));
}

/* Goes on with the run of a state, which it changes, until it finishes. The calls are evaluated in a child of
 * the objective that dies with the run; `watch` and `steps`, those of differences, may be NULL. Returns the
 * gradient evaluated last, where it may be wrong, where fn is level, and whether it makes steps. */
SEXP r_run(SEXP state, SEXP objective, SEXP calls, SEXP watch, SEXP threads, SEXP steps) {
  session s = begin_session(state, calls, PROTECT(R_NewEnv(objective, FALSE, 0)), watch, steps);
  lbfgsb_solver *solver = run_solver(s.run);
  PROTECT_WITH_INDEX(s.par, &s.par_index);
  PROTECT_WITH_INDEX(s.gradient, &s.gradient_index);
  PROTECT_WITH_INDEX(s.batch.values, &s.batch.values_index);
  begin_batch(&s);
  lbfgsb_set_threads(solver, (size_t)Rf_asReal(threads));
  run_to_end(&s);
  visit_end(&s);
  if (run_tally(s.run)[TALLY_ROWS] == 0) run_tally(s.run)[TALLY_VALUE] = s.value;
  lbfgsb_set_threads(solver, 1); /* the state of the end is the same by any number */
  SEXP end = PROTECT(new_named(VECSXP, end_names));
  SET_VECTOR_ELT(end, END_GRADIENT, last_gradient(&s));
  SET_VECTOR_ELT(end, END_SUSPECTS, find_suspects(&s));
  SET_VECTOR_ELT(end, END_LEVEL, find_level(&s));
  SET_VECTOR_ELT(end, END_STEPS, Rf_ScalarLogical(shows_steps(&s)));
  UNPROTECT(5);
  return end;
}
