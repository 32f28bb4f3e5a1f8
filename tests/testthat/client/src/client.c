#include <lbfgsbAPI.h>
#include <math.h>
#include <string.h>
#include <time.h>

double rosenbrock(size_t n, const double *x, double *gradient, void *data) {
  double value = 0;
  if (gradient) memset(gradient, 0, n * sizeof(double));
  for (size_t i = 0; i + 1 < n; i++) {
    double r = x[i + 1] - x[i] * x[i], s = 1 - x[i];
    value += 100 * r * r + s * s;
    if (gradient) gradient[i] -= 400 * x[i] * r + 2 * s;
    if (gradient) gradient[i + 1] += 200 * r;
  }
  return value;
}

/* An objective that has no gradient: it leaves that alone. */
double values_alone(size_t n, const double *x, double *gradient, void *data) {
  return rosenbrock(n, x, NULL, data);
}

/* A sum of squares with all kinds of data: (x_i - target_i)^2 weight_i, NaN where x_i is above the limit. */
double weighted(size_t n, const double *x, double *gradient, void *data) {
  const lbfgsb_data *d = (const lbfgsb_data *)data;
  const double *target = d->vectors[0].doubles;
  const int *weight = d->vectors[1].integers;
  double value = 0;
  if (d->count != 2 || d->vectors[0].length != n || d->vectors[1].length != n) return NAN;
  for (size_t i = 0; i < n; i++) {
    double r = x[i] - target[i];
    value += weight[i] * r * r;
    if (gradient) gradient[i] = 2 * weight[i] * r;
  }
  return value;
}

/* An objective that leaves by an error of R. */
double failing(size_t n, const double *x, double *gradient, void *data) {
  Rf_error("the objective failed at %g", x[0]);
  return 0;
}

/* The same as rosenbrock(), in a tenth of a second. */
double slow(size_t n, const double *x, double *gradient, void *data) {
  clock_t end = clock() + CLOCKS_PER_SEC / 10;
  while (clock() < end) continue;
  return rosenbrock(n, x, gradient, data);
}

static lbfgsb_objective *objective_of(SEXP name) {
  return strcmp(CHAR(Rf_asChar(name)), "values_alone") == 0 ? values_alone : rosenbrock;
}

SEXP minimize(SEXP name, SEXP par, SEXP lower, SEXP upper) {
  lbfgsb_api api = lbfgsb_load();
  size_t n = (size_t)XLENGTH(par);
  lbfgsb_objective *f = objective_of(name);
  lbfgsb_options options = api.defaults();
  options.pairs = api.default_pairs(n);
  SEXP x = PROTECT(Rf_duplicate(par));
  lbfgsb_problem problem = {n, REAL(x), REAL(lower), REAL(upper), f, NULL, NULL, NULL, 1};
  if (f == values_alone) problem.differences = (lbfgsb_differences *)R_alloc(api.differences_size(n), 1);
  lbfgsb_summary end;
  if (api.minimize((lbfgsb_solver *)R_alloc(api.size(n, options.pairs), 1), &problem, &options, &end) != 0)
    Rf_error("bad input");
  const char *names[] = {"par", "value", "evaluations", ""};
  SEXP out = PROTECT(Rf_mkNamed(VECSXP, names));
  SET_VECTOR_ELT(out, 0, x);
  SET_VECTOR_ELT(out, 1, Rf_ScalarReal(end.value));
  SET_VECTOR_ELT(out, 2, Rf_ScalarReal((double)end.evaluations));
  UNPROTECT(2);
  return out;
}

SEXP pointer(SEXP null) {
  return R_MakeExternalPtrFn(Rf_asLogical(null) ? NULL : (DL_FUNC)rosenbrock, R_NilValue, R_NilValue);
}

SEXP minimize_cpp(SEXP par, SEXP lower, SEXP upper, SEXP throws_at);

static const R_CallMethodDef entries[] = {{"C_minimize", (DL_FUNC)minimize, 4},
                                          {"C_minimize_cpp", (DL_FUNC)minimize_cpp, 4},
                                          {"C_pointer", (DL_FUNC)pointer, 1},
                                          {NULL, NULL, 0}};

void R_init_client(DllInfo *dll) {
  R_registerRoutines(dll, NULL, entries, NULL, NULL);
  R_useDynamicSymbols(dll, FALSE);
  R_RegisterCCallable("client", "rosenbrock", (DL_FUNC)rosenbrock);
  R_RegisterCCallable("client", "values_alone", (DL_FUNC)values_alone);
  R_RegisterCCallable("client", "weighted", (DL_FUNC)weighted);
  R_RegisterCCallable("client", "slow", (DL_FUNC)slow);
  R_RegisterCCallable("client", "failing", (DL_FUNC)failing);
}
