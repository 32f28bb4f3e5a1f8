/* r_run.c - the loop around the core: R closures are evaluated where it asks. An error or an interrupt
 * in a closure may leave it at any evaluation: all memory is R's. */
#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "r_api.h"

/* ---- The objective: closures, units and sign ---------------------------------------------------- */

/* Elements of the list `calls`, and the bindings their evaluation reads. */
enum { CALL_FN, CALL_GR, CALL_DIFFERENCES, CALL_READ_VALUE, CALL_READ_GRADIENT };

typedef struct {
  SEXP env, calls;
  SEXP template;                 /* `par` as the user gave it, for its attributes */
  SEXP par;                      /* the vector bound as `par`; reused unless somebody kept it */
  PROTECT_INDEX par_index;
  SEXP gradient;                 /* of the last evaluation, in user's units */
  PROTECT_INDEX gradient_index;
  const double *lower, *upper, *parscale; /* n, in the user's units */
  double fnscale;
  bool scaled;                   /* parscale or fnscale is not 1 */
  double *scaled_gradient;       /* n, if scaled */
  R_xlen_t n;
  double value, iterate_value;   /* fn at the last point and at the iterate, in the user's units */
  double gradients;              /* evaluations of the gradient */
} objective;

static bool all_ones(const double *v, R_xlen_t n) {
  for (R_xlen_t i = 0; i < n; i++)
    if (v[i] != 1) return false;
  return true;
}

/* x of the solver in the user's units: a bound is that bound to the bit, and rounding never leaves the box. */
static double unscale(const objective *o, R_xlen_t i, double x) {
  double scale = o->parscale[i], lower = o->lower[i], upper = o->upper[i], value = x * scale;
  if (value < lower || x == lower / scale) return lower;
  if (value > upper || x == upper / scale) return upper;
  return value;
}

static void unscale_all(const objective *o, const double *x, double *out) {
  if (!o->scaled)
    memcpy(out, x, (size_t)o->n * sizeof(double));
  else
    for (R_xlen_t i = 0; i < o->n; i++) out[i] = unscale(o, i, x[i]);
}

static SEXP new_par(const objective *o, const double *x) {
  SEXP par = PROTECT(Rf_allocVector(REALSXP, o->n));
  unscale_all(o, x, REAL(par));
  SHALLOW_DUPLICATE_ATTRIB(par, o->template);
  UNPROTECT(1);
  return par;
}

/* Binds `par` to the point x; a vector that fn kept is left to it. */
static void bind_par(objective *o, const double *x) {
  if (o->par == R_NilValue || MAYBE_SHARED(o->par))
    REPROTECT(o->par = new_par(o, x), o->par_index);
  else
    unscale_all(o, x, REAL(o->par));
  Rf_defineVar(Rf_install("par"), o->par, o->env);
}

static SEXP evaluate(const objective *o, int call) { return Rf_eval(VECTOR_ELT(o->calls, call), o->env); }

static bool is_number(SEXP x) { return TYPEOF(x) == REALSXP && XLENGTH(x) == 1; }

/* fn at `par`; sets o->gradient to the gradient that came with it, or NULL. */
static double evaluate_value(objective *o) {
  SEXP value = PROTECT(evaluate(o, CALL_FN)), result = value;
  Rf_defineVar(Rf_install("value"), value, o->env);
  if (is_number(value)) {
    REPROTECT(o->gradient = Rf_getAttrib(value, Rf_install("gradient")), o->gradient_index);
  } else {
    result = PROTECT(evaluate(o, CALL_READ_VALUE));
    REPROTECT(o->gradient = VECTOR_ELT(result, 1), o->gradient_index);
    result = VECTOR_ELT(result, 0);
    Rf_defineVar(Rf_install("value"), result, o->env);
    UNPROTECT(1);
  }
  double number = REAL(result)[0];
  UNPROTECT(1);
  return number;
}

/* The gradient at `par`, of gr, of fn, or by differences; sets o->gradient to a double vector (n). */
static void evaluate_gradient(objective *o) {
  bool has_gr = VECTOR_ELT(o->calls, CALL_GR) != R_NilValue;
  if (has_gr || o->gradient == R_NilValue)
    REPROTECT(o->gradient = evaluate(o, has_gr ? CALL_GR : CALL_DIFFERENCES), o->gradient_index);
  if (TYPEOF(o->gradient) != REALSXP || XLENGTH(o->gradient) != o->n) {
    Rf_defineVar(Rf_install("gradient"), o->gradient, o->env);
    REPROTECT(o->gradient = evaluate(o, CALL_READ_GRADIENT), o->gradient_index);
  }
  o->gradients++;
}

/* f and g at x in the solver's units; the gradient stays valid until the next evaluation. */
static double evaluate_objective(objective *o, const double *x, const double **gradient) {
  *gradient = NULL;
  bind_par(o, x);
  o->value = evaluate_value(o);
  if (!R_FINITE(o->value)) return o->value;
  evaluate_gradient(o);
  *gradient = REAL(o->gradient);
  if (o->scaled) {
    for (R_xlen_t i = 0; i < o->n; i++)
      o->scaled_gradient[i] = REAL(o->gradient)[i] * (o->parscale[i] / o->fnscale);
    *gradient = o->scaled_gradient;
  }
  return o->value / o->fnscale;
}

/* ---- The history: a column a quantity, a row an iteration ----------------------------------------- */

enum { HISTORY_EVALUATIONS, HISTORY_VALUE, HISTORY_PGNORM, HISTORY_STEP, HISTORY_FREE, HISTORY_COLUMNS };

typedef struct {
  SEXP columns; /* list of HISTORY_COLUMNS double vectors with room for more rows than used */
  R_xlen_t used;
} history;

static SEXP new_history(void) {
  const char *names[] = {"evaluations", "value", "pgnorm", "step", "free", ""};
  SEXP columns = PROTECT(Rf_mkNamed(VECSXP, names));
  for (int j = 0; j < HISTORY_COLUMNS; j++) SET_VECTOR_ELT(columns, j, Rf_allocVector(REALSXP, 32));
  UNPROTECT(1);
  return columns;
}

static void resize(history *h, R_xlen_t rows) {
  for (int j = 0; j < HISTORY_COLUMNS; j++)
    SET_VECTOR_ELT(h->columns, j, Rf_xlengthgets(VECTOR_ELT(h->columns, j), rows));
}

static void record(history *h, lbfgsb_summary now, double value) {
  const double row[HISTORY_COLUMNS] = {(double)now.evaluations, value, now.projected_gradient_norm, now.step,
                                       (double)now.free};
  if (h->used == XLENGTH(VECTOR_ELT(h->columns, 0))) resize(h, 2 * h->used);
  for (int j = 0; j < HISTORY_COLUMNS; j++) REAL(VECTOR_ELT(h->columns, j))[h->used] = row[j];
  h->used++;
}

static void print_progress(lbfgsb_summary now, double value, int every) {
  if (every == 0 || now.iterations % (size_t)every != 0) return;
  if (now.iterations == 0) Rprintf("iteration evaluations            value    pgnorm      step      free\n");
  Rprintf("%9.0f %11.0f %16.9g %9.3g %9.3g %9.0f\n", (double)now.iterations, (double)now.evaluations,
          value, now.projected_gradient_norm, now.step, (double)now.free);
}

/* ---- The run --------------------------------------------------------------------------------------- */

static SEXP count(size_t n) { return Rf_ScalarReal((double)n); }

/* The iterate's gradient in the user's units. */
static SEXP final_gradient(const objective *o, const lbfgsb *solver) {
  SEXP gradient = PROTECT(Rf_allocVector(REALSXP, o->n));
  const double *g = lbfgsb_gradient(solver);
  for (R_xlen_t i = 0; i < o->n; i++) REAL(gradient)[i] = g[i] / (o->parscale[i] / o->fnscale);
  UNPROTECT(1);
  return gradient;
}

static SEXP result(const objective *o, const lbfgsb *solver, SEXP columns) {
  const char *names[] = {"par",         "value",       "gradient",  "status",    "pgnorm",   "iterations",
                         "evaluations", "gradients",   "nonfinite", "skipped",   "restarts", "history", ""};
  lbfgsb_summary end = lbfgsb_report(solver);
  bool undefined = end.status == LBFGSB_START_NOT_FINITE;
  SEXP list = PROTECT(Rf_mkNamed(VECSXP, names));
  SET_VECTOR_ELT(list, 0, new_par(o, lbfgsb_iterate(solver)));
  SET_VECTOR_ELT(list, 1, Rf_ScalarReal(undefined ? o->value : o->iterate_value));
  SET_VECTOR_ELT(list, 2, undefined ? o->gradient : final_gradient(o, solver));
  SET_VECTOR_ELT(list, 3, Rf_ScalarInteger((int)end.status));
  SET_VECTOR_ELT(list, 4, Rf_ScalarReal(end.projected_gradient_norm));
  SET_VECTOR_ELT(list, 5, count(end.iterations));
  SET_VECTOR_ELT(list, 6, count(end.evaluations));
  SET_VECTOR_ELT(list, 7, Rf_ScalarReal(o->gradients));
  SET_VECTOR_ELT(list, 8, count(end.nonfinite));
  SET_VECTOR_ELT(list, 9, count(end.skipped));
  SET_VECTOR_ELT(list, 10, count(end.restarts));
  SET_VECTOR_ELT(list, 11, columns);
  UNPROTECT(1);
  return list;
}

/* x / parscale (n); x itself if all are 1. */
static const double *to_solver_units(SEXP x, SEXP parscale) {
  R_xlen_t n = XLENGTH(x);
  if (all_ones(REAL(parscale), n)) return REAL(x);
  double *scaled = (double *)R_alloc((size_t)n, sizeof(double));
  for (R_xlen_t i = 0; i < n; i++) scaled[i] = REAL(x)[i] / REAL(parscale)[i];
  return scaled;
}

/* The solver's state (a raw vector) for a start and a box (n). options: m, maxls, maxit, maxeval, pgtol,
 * reduction tolerance. */
SEXP r_start(SEXP par, SEXP lower, SEXP upper, SEXP parscale, SEXP options) {
  const double *option = REAL(options);
  lbfgsb_options settings = {.pairs = (size_t)option[0],
                             .max_trials = (size_t)option[1],
                             .max_iterations = option[2],
                             .max_evaluations = option[3],
                             .gradient_tolerance = option[4],
                             .reduction_tolerance = option[5]};
  size_t n = (size_t)XLENGTH(par), size = lbfgsb_size(n, settings.pairs);
  if (size == 0) Rf_error("%.0f parameters with m = %.0f exceed the memory", (double)n, option[0]);
  SEXP state = PROTECT(Rf_allocVector(RAWSXP, (R_xlen_t)size));
  if (lbfgsb_init((lbfgsb *)RAW(state), n, to_solver_units(par, parscale), to_solver_units(lower, parscale),
                  to_solver_units(upper, parscale), &settings) != 0)
    Rf_error("`par`, `lower` or `upper` divided by `parscale` exceeds the range of numbers");
  UNPROTECT(1);
  return state;
}

/* Runs a state to its end. env: where `calls` (enum above) are evaluated; C binds `par`, `value` and
 * `gradient` there. par, lower, upper, parscale (n), fnscale: user's units. report: lines every so
 * many iterations, 0 for none. */
SEXP r_run(SEXP state, SEXP env, SEXP calls, SEXP par, SEXP lower, SEXP upper, SEXP parscale,
           SEXP fnscale, SEXP report) {
  lbfgsb *solver = (lbfgsb *)RAW(state);
  objective o = {.env = env,
                 .calls = calls,
                 .template = par,
                 .par = R_NilValue,
                 .gradient = R_NilValue,
                 .lower = REAL(lower),
                 .upper = REAL(upper),
                 .parscale = REAL(parscale),
                 .fnscale = Rf_asReal(fnscale),
                 .n = XLENGTH(par)};
  PROTECT_WITH_INDEX(o.par, &o.par_index);
  PROTECT_WITH_INDEX(o.gradient, &o.gradient_index);
  o.scaled = o.fnscale != 1 || !all_ones(o.parscale, o.n);
  if (o.scaled) o.scaled_gradient = (double *)R_alloc((size_t)o.n, sizeof(double));
  history h = {PROTECT(new_history()), 0};

  double value = 0;
  const double *gradient = NULL;
  for (lbfgsb_request request = LBFGSB_EVALUATE; request != LBFGSB_FINISHED;
       request = lbfgsb_advance(solver, value, gradient)) {
    if (request == LBFGSB_EVALUATE) {
      value = evaluate_objective(&o, lbfgsb_point(solver), &gradient);
    } else {
      R_CheckUserInterrupt();
      o.iterate_value = o.value;
      record(&h, lbfgsb_report(solver), o.value);
      print_progress(lbfgsb_report(solver), o.value, Rf_asInteger(report));
    }
  }
  resize(&h, h.used);
  SEXP end = result(&o, solver, h.columns);
  UNPROTECT(3);
  return end;
}
