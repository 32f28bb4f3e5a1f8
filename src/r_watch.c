/* r_watch.c - what is done at an iterate: it is recorded, printed, and shown to watch() in R. */
#include "r_session.h"

#include <math.h>

static bool is_reported(const session *s, lbfgsb_summary at) {
  return s->report_every > 0 && fmod((double)at.iterations, s->report_every) == 0;
}

static void print_iterate(const session *s, lbfgsb_summary at) {
  if (at.iterations == 0) Rprintf("iteration evaluations            value    pgnorm      step      free\n");
  Rprintf("%9.0f %11.0f %16.9g %9.3g %9.3g %9.0f\n", (double)at.iterations, (double)at.evaluations,
          s->tally[TALLY_VALUE], at.projected_gradient_norm, at.step, (double)at.free);
}

/* Returns what the user's callback sees. */
static SEXP progress(const session *s, lbfgsb_summary at) {
  SEXP list = PROTECT(new_named(VECSXP, progress_names));
  SEXP counts = SET_VECTOR_ELT(list, PROGRESS_COUNTS, new_named(REALSXP, count_names));
  REAL(counts)[COUNT_FUNCTION] = s->tally[TALLY_FUNCTION];
  REAL(counts)[COUNT_GRADIENT] = s->tally[TALLY_GRADIENT];
  SET_VECTOR_ELT(list, PROGRESS_ITERATION, Rf_ScalarReal((double)at.iterations));
  SET_VECTOR_ELT(list, PROGRESS_PAR, units_par(&s->units, lbfgsb_iterate(s->solver)));
  SET_VECTOR_ELT(list, PROGRESS_VALUE, Rf_ScalarReal(s->tally[TALLY_VALUE]));
  SET_VECTOR_ELT(list, PROGRESS_GRADIENT, units_gradient(&s->units, lbfgsb_gradient(s->solver)));
  SET_VECTOR_ELT(list, PROGRESS_PGNORM, Rf_ScalarReal(at.projected_gradient_norm));
  SET_VECTOR_ELT(list, PROGRESS_STEP, Rf_ScalarReal(at.step));
  UNPROTECT(1);
  return list;
}

static bool is_due(double time) { return time == R_NegInf || (time < R_PosInf && now() >= time); }

/* Shows the iterate to watch(), if it is to be asked by now. */
static void ask_watch(session *s, lbfgsb_summary at) {
  if (!is_due(s->watch_from)) return;
  bind(s->env, "progress", progress(s, at));
  SEXP answer = evaluate_call(s, CALL_WATCH);
  if (TYPEOF(answer) == LGLSXP)
    lbfgsb_stop(s->solver, LBFGSB_STOPPED);
  else
    s->watch_from = Rf_asReal(answer);
}

void visit_iterate(session *s) {
  lbfgsb_summary at = lbfgsb_report(s->solver);
  run_record(s->run, s->units.fnscale);
  if (is_reported(s, at)) print_iterate(s, at);
  ask_watch(s, at);
}

void visit_end(const session *s) {
  lbfgsb_summary at = lbfgsb_report(s->solver);
  if (s->report_every > 0 && !is_reported(s, at)) print_iterate(s, at);
}
