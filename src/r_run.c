/* r_run.c - the loop around the core: R closures are evaluated where it asks. An error or an interrupt
 * in a closure may leave it at any evaluation: all memory is R's, and the run can be taken up there. */
#include "r_api.h"

#include <math.h>
#include <string.h>

/* Calls that are evaluated in one environment, NULL where there is nothing to evaluate. C binds there what
 * they read. */
typedef struct {
  SEXP calls, env;
} scope;

/* The objective's. */
enum {
  CALL_FN,           /* fn(par, ...) */
  CALL_GR,           /* gr(par, ...) */
  CALL_DIFFERENCES,  /* reads par, value, left; list(gradient, evaluations), gradient NULL if there were
                        not enough evaluations left */
  CALL_READ_VALUE,   /* list(value, gradient) of what fn returned, if that is neither a plain number nor a
                        list with one */
  CALL_READ_GRADIENT /* a gradient that is no plain vector (n) */
};

/* Those of run_state() in R/state.R. */
enum {
  CALL_CALLBACK,   /* reads progress; TRUE stops the run */
  CALL_CHECKPOINT, /* every so many seconds */
  CALL_STATUS,     /* every so many seconds; reads figures */
  CALL_THREADS     /* how many may be used of those asked for */
};

enum { STATUS_EVERY = 1 }; /* seconds */

typedef struct {
  SEXP run;
  scope objective, frame;
  bool calls_back, keeps_checkpoint, shows_status;
  units units;
  double max_evaluations, max_seconds;
  double report_every;     /* iterations; 0 for never */
  double checkpoint_every; /* seconds */
  SEXP par_symbol, gradient_symbol;
  SEXP par; /* the vector bound as `par`; reused unless somebody kept it */
  PROTECT_INDEX par_index;
  SEXP gradient; /* of the last evaluation, in the user's units */
  PROTECT_INDEX gradient_index;
  double *buffer; /* n, if scaled */
  double value;   /* fn at the last point, in the user's units */
  double begun, next_checkpoint, next_status; /* seconds */
} session;

static bool has(const scope *in, int call) { return VECTOR_ELT(in->calls, call) != R_NilValue; }

static SEXP evaluate(const scope *in, int call) {
  return Rf_eval(VECTOR_ELT(in->calls, call), in->env);
}

static void bind(const scope *in, const char *name, SEXP value) {
  PROTECT(value);
  Rf_defineVar(Rf_install(name), value, in->env);
  UNPROTECT(1);
}

/* The environment, with these variables, of an objective: see R/objective.R. */
SEXP r_objective(SEXP fn, SEXP gr, SEXP problem, SEXP control, SEXP frame) {
  scope objective = {.env = PROTECT(R_NewEnv(frame, FALSE, 0))};
  bind(&objective, "problem", problem);
  bind(&objective, "control", control);
  bind(&objective, "gr", gr);
  bind(&objective, "fn", fn);
  UNPROTECT(1);
  return objective.env;
}

/* ---- Time ---------------------------------------------------------------------------------------------- */

static double now(void) {
  SEXP call = PROTECT(Rf_lang1(Rf_install("Sys.time")));
  double seconds = Rf_asReal(Rf_eval(call, R_BaseEnv));
  UNPROTECT(1);
  return seconds;
}

static bool watches_time(const session *s) {
  return R_FINITE(s->max_seconds) || s->keeps_checkpoint || s->shows_status;
}

static void stop_in_time(const session *s) {
  if (R_FINITE(s->max_seconds) && now() - s->begun >= s->max_seconds)
    lbfgsb_stop(run_solver(s->run), LBFGSB_TIME_LIMIT);
}

/* ---- The objective ------------------------------------------------------------------------------------- */

/* Binds `par` to the point x; a vector that fn kept is left to it. */
static void bind_par(session *s, const double *x) {
  if (s->par == R_NilValue || MAYBE_SHARED(s->par))
    REPROTECT(s->par = units_par(&s->units, x), s->par_index);
  else
    units_point(&s->units, x, REAL(s->par));
  if (!MAYBE_REFERENCED(s->par)) Rf_defineVar(s->par_symbol, s->par, s->objective.env);
}

/* The first element of a list of that name, or NULL. */
static SEXP element(SEXP list, const char *name) {
  SEXP names = Rf_getAttrib(list, R_NamesSymbol);
  for (R_xlen_t i = 0; i < Rf_xlength(names); i++)
    if (strcmp(CHAR(STRING_ELT(names, i)), name) == 0) return VECTOR_ELT(list, i);
  return R_NilValue;
}

static void set_gradient(session *s, SEXP gradient) { REPROTECT(s->gradient = gradient, s->gradient_index); }

/* The number in what fn returned, a plain number or a list with one, or what R makes of it; sets
 * s->gradient to the gradient that came with it, or NULL. */
static double read_value(session *s, SEXP returned) {
  bool is_list = TYPEOF(returned) == VECSXP && !Rf_isObject(returned);
  SEXP value = is_list ? element(returned, "value") : returned;
  if (is_plain(value) && XLENGTH(value) == 1) {
    set_gradient(s, is_list ? element(returned, "gradient") : Rf_getAttrib(value, s->gradient_symbol));
    return REAL(value)[0];
  }
  bind(&s->objective, "value", returned);
  SEXP parts = PROTECT(evaluate(&s->objective, CALL_READ_VALUE));
  double number = read_value(s, parts);
  UNPROTECT(1);
  return number;
}

static void evaluate_value(session *s) {
  SEXP returned = PROTECT(evaluate(&s->objective, CALL_FN));
  run_tally(s->run)[TALLY_FUNCTION]++;
  s->value = read_value(s, returned);
  UNPROTECT(1);
}

/* The gradient by differences; NULL if the limit of evaluations does not allow for it. */
static SEXP evaluate_differences(session *s) {
  double *tally = run_tally(s->run);
  bind(&s->objective, "value", Rf_ScalarReal(s->value));
  bind(&s->objective, "left", Rf_ScalarReal(s->max_evaluations - tally[TALLY_FUNCTION]));
  SEXP parts = PROTECT(evaluate(&s->objective, CALL_DIFFERENCES));
  tally[TALLY_FUNCTION] += Rf_asReal(VECTOR_ELT(parts, 1));
  UNPROTECT(1);
  return VECTOR_ELT(parts, 0);
}

/* The gradient at `par`, of gr, of fn, or by differences; sets s->gradient to a double vector (n), or NULL
 * if there are not enough evaluations left. */
static void evaluate_gradient(session *s) {
  if (has(&s->objective, CALL_GR)) {
    set_gradient(s, evaluate(&s->objective, CALL_GR));
  } else if (s->gradient == R_NilValue) {
    set_gradient(s, evaluate_differences(s));
    if (s->gradient == R_NilValue) return;
  }
  run_tally(s->run)[TALLY_GRADIENT]++;
  if (is_plain(s->gradient) && XLENGTH(s->gradient) == s->units.n) return;
  bind(&s->objective, "gradient", s->gradient);
  set_gradient(s, evaluate(&s->objective, CALL_READ_GRADIENT));
}

/* f and g at the solver's point, and on to its next request; stays where it is if a limit is reached.
 * The gradient stays valid until the next evaluation. */
static lbfgsb_request evaluate_and_advance(session *s) {
  lbfgsb_solver *solver = run_solver(s->run);
  R_CheckUserInterrupt(); /* here, where all iterates are recorded */
  stop_in_time(s);
  if (run_tally(s->run)[TALLY_FUNCTION] >= s->max_evaluations)
    lbfgsb_stop(solver, LBFGSB_EVALUATION_LIMIT);
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

/* ---- At an iterate ------------------------------------------------------------------------------------- */

static void print_progress(const session *s, lbfgsb_summary at) {
  double every = s->report_every;
  if (every == 0 || fmod((double)at.iterations, every) != 0) return;
  if (at.iterations == 0) Rprintf("iteration evaluations            value    pgnorm      step      free\n");
  Rprintf("%9.0f %11.0f %16.9g %9.3g %9.3g %9.0f\n", (double)at.iterations, (double)at.evaluations, s->value,
          at.projected_gradient_norm, at.step, (double)at.free);
}

/* What the user's callback sees. */
static SEXP progress(const session *s, lbfgsb_summary at) {
  const char *names[] = {"iteration", "par", "value", "gradient", "pgnorm", "step", "counts", ""};
  const char *count_names[] = {"function", "gradient", ""};
  const lbfgsb_solver *solver = run_solver(s->run);
  SEXP list = PROTECT(Rf_mkNamed(VECSXP, names)), counts = PROTECT(Rf_mkNamed(REALSXP, count_names));
  REAL(counts)[0] = run_tally(s->run)[TALLY_FUNCTION];
  REAL(counts)[1] = run_tally(s->run)[TALLY_GRADIENT];
  SET_VECTOR_ELT(list, 0, Rf_ScalarReal((double)at.iterations));
  SET_VECTOR_ELT(list, 1, units_par(&s->units, lbfgsb_iterate(solver)));
  SET_VECTOR_ELT(list, 2, Rf_ScalarReal(s->value));
  SET_VECTOR_ELT(list, 3, units_gradient(&s->units, lbfgsb_gradient(solver)));
  SET_VECTOR_ELT(list, 4, Rf_ScalarReal(at.projected_gradient_norm));
  SET_VECTOR_ELT(list, 5, Rf_ScalarReal(at.step));
  SET_VECTOR_ELT(list, 6, counts);
  UNPROTECT(2);
  return list;
}

static void call_back(const session *s, lbfgsb_summary at) {
  bind(&s->frame, "progress", progress(s, at));
  SEXP answer = evaluate(&s->frame, CALL_CALLBACK);
  if (TYPEOF(answer) == LGLSXP && XLENGTH(answer) == 1 && LOGICAL(answer)[0] == TRUE)
    lbfgsb_stop(run_solver(s->run), LBFGSB_STOPPED);
}

static void show_status(const session *s, lbfgsb_summary at, double seconds) {
  SEXP figures = PROTECT(Rf_allocVector(REALSXP, 5));
  const double values[] = {(double)at.iterations, s->value, at.projected_gradient_norm,
                           run_tally(s->run)[TALLY_FUNCTION], seconds};
  for (int i = 0; i < 5; i++) REAL(figures)[i] = values[i];
  bind(&s->frame, "figures", figures);
  UNPROTECT(1);
  evaluate(&s->frame, CALL_STATUS);
}

/* What is due by the clock: a checkpoint, the status line. */
static void keep_time(session *s, lbfgsb_summary at) {
  if (!watches_time(s)) return;
  double time = now();
  if (s->keeps_checkpoint && time >= s->next_checkpoint) {
    evaluate(&s->frame, CALL_CHECKPOINT);
    s->next_checkpoint = now() + s->checkpoint_every;
  }
  if (s->shows_status && time >= s->next_status) {
    show_status(s, at, time - s->begun);
    s->next_status = time + STATUS_EVERY;
  }
}

static void visit_iterate(session *s) {
  lbfgsb_summary at = lbfgsb_report(run_solver(s->run));
  run_record(s->run, s->value);
  print_progress(s, at);
  if (s->calls_back) call_back(s, at);
  keep_time(s, at);
}

/* ---- The run ------------------------------------------------------------------------------------------- */

static session begin_session(SEXP state, scope objective, scope frame, bool shows_status) {
  SEXP run = VECTOR_ELT(state, STATE_RUN), control = VECTOR_ELT(state, STATE_CONTROL);
  session s = {.run = run,
               .objective = objective,
               .frame = frame,
               .calls_back = VECTOR_ELT(control, OPTION_CALLBACK) != R_NilValue,
               .keeps_checkpoint = VECTOR_ELT(control, OPTION_CHECKPOINT) != R_NilValue,
               .shows_status = shows_status,
               .units = units_of(state),
               .max_evaluations = option(control, OPTION_MAXEVAL),
               .max_seconds = option(control, OPTION_MAXTIME),
               .report_every = option(control, OPTION_TRACE) > 0 ? option(control, OPTION_REPORT) : 0,
               .checkpoint_every = option(control, OPTION_CHECKPOINT_EVERY),
               .par_symbol = Rf_install("par"),
               .gradient_symbol = Rf_install("gradient"),
               .par = R_NilValue,
               .gradient = R_NilValue,
               .value = run_tally(run)[TALLY_VALUE]};
  if (s.units.scaled) s.buffer = (double *)R_alloc((size_t)s.units.n, sizeof(double));
  if (watches_time(&s)) s.begun = now();
  s.next_checkpoint = s.begun + s.checkpoint_every;
  s.next_status = s.begun + STATUS_EVERY;
  return s;
}

static void set_threads(const session *s, double wanted) {
  double threads = wanted > 1 ? Rf_asReal(evaluate(&s->frame, CALL_THREADS)) : 1;
  lbfgsb_set_threads(run_solver(s->run), (size_t)threads);
}

/* Goes on with the run of a state, which it changes, until it finishes. calls are evaluated in env,
 * frame_calls in frame: enums above. Returns the gradient evaluated last. */
SEXP r_run(SEXP state, SEXP env, SEXP calls, SEXP frame, SEXP frame_calls, SEXP shows_status) {
  const scope objective = {calls, env}, around = {frame_calls, frame};
  session s = begin_session(state, objective, around, Rf_asLogical(shows_status));
  SEXP run = s.run;
  lbfgsb_solver *solver = run_solver(run);
  set_threads(&s, option(VECTOR_ELT(state, STATE_CONTROL), OPTION_THREADS));
  PROTECT_WITH_INDEX(s.par, &s.par_index);
  PROTECT_WITH_INDEX(s.gradient, &s.gradient_index);
  lbfgsb_request request = lbfgsb_pending(solver);
  if (request == LBFGSB_NEW_ITERATE) request = lbfgsb_advance(solver, 0, NULL);
  while (request != LBFGSB_FINISHED) {
    if (request == LBFGSB_EVALUATE) {
      request = evaluate_and_advance(&s);
    } else {
      visit_iterate(&s);
      request = lbfgsb_advance(solver, 0, NULL);
    }
  }
  if (run_tally(run)[TALLY_ROWS] == 0) run_tally(run)[TALLY_VALUE] = s.value;
  lbfgsb_set_threads(solver, 1); /* the state of the end is the same by any number */
  SEXP gradient = s.gradient;
  UNPROTECT(2);
  return gradient;
}
