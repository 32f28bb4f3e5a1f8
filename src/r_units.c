/* r_units.c - between the user's units and the solver's. */
#include "r_api.h"

#include <string.h>

static bool all_ones(const double *v, R_xlen_t n) {
  for (R_xlen_t i = 0; i < n; i++)
    if (v[i] != 1) return false;
  return true;
}

units new_units(SEXP par, R_xlen_t n, const double *lower, const double *upper, const double *parscale,
                double fnscale) {
  return (units){.par = par,
                 .n = n,
                 .lower = lower,
                 .upper = upper,
                 .parscale = parscale,
                 .fnscale = fnscale,
                 .scaled = fnscale != 1 || !all_ones(parscale, n)};
}

units units_in(SEXP problem, double fnscale) {
  SEXP par = VECTOR_ELT(problem, PROBLEM_PAR);
  return new_units(par, XLENGTH(par), REAL(VECTOR_ELT(problem, PROBLEM_LOWER)),
                   REAL(VECTOR_ELT(problem, PROBLEM_UPPER)), REAL(VECTOR_ELT(problem, PROBLEM_PARSCALE)),
                   fnscale);
}

units units_of(SEXP state) {
  return units_in(VECTOR_ELT(state, STATE_PROBLEM), number_in(VECTOR_ELT(state, STATE_CONTROL), "fnscale"));
}

fit_problems read_problems(SEXP task) {
  SEXP par = VECTOR_ELT(task, TASK_PAR), parscale = VECTOR_ELT(task, TASK_PARSCALE);
  R_xlen_t n = Rf_nrows(par);
  double fnscale = Rf_asReal(VECTOR_ELT(task, TASK_FNSCALE));
  fit_problems problems = {.starts = REAL(par), .parscale_step = XLENGTH(parscale) > n ? n : 0};
  problems.first = new_units(R_NilValue, n, REAL(VECTOR_ELT(task, TASK_LOWER)),
                             REAL(VECTOR_ELT(task, TASK_UPPER)), REAL(parscale), fnscale);
  problems.first.scaled = fnscale != 1 || !all_ones(REAL(parscale), XLENGTH(parscale));
  return problems;
}

units units_of_fit(const fit_problems *problems, R_xlen_t fit) {
  units u = problems->first;
  u.lower += fit * u.n;
  u.upper += fit * u.n;
  u.parscale += fit * problems->parscale_step;
  return u;
}

double units_coordinate(const units *u, R_xlen_t i, double x) {
  if (!u->scaled) return x;
  double scale = u->parscale[i], lower = u->lower[i], upper = u->upper[i], value = x * scale;
  if (value < lower || x == lower / scale) return lower;
  if (value > upper || x == upper / scale) return upper;
  return value;
}

void units_point(const units *u, const double *x, double *out) {
  if (!u->scaled)
    memcpy(out, x, (size_t)u->n * sizeof(double));
  else
    for (R_xlen_t i = 0; i < u->n; i++) out[i] = units_coordinate(u, i, x[i]);
}

SEXP units_par(const units *u, const double *x) {
  SEXP par = PROTECT(Rf_allocVector(REALSXP, u->n));
  units_point(u, x, REAL(par));
  SHALLOW_DUPLICATE_ATTRIB(par, u->par);
  UNPROTECT(1);
  return par;
}

SEXP units_sizes(const units *u, const lbfgsb_solver *solver) {
  const double *scale = lbfgsb_scale(solver);
  SEXP sizes = Rf_allocVector(REALSXP, u->n);
  for (R_xlen_t i = 0; i < u->n; i++) REAL(sizes)[i] = u->parscale[i] * scale[i];
  return sizes;
}

/* The same of a state. */
SEXP r_sizes(SEXP state) {
  units u = units_of(state);
  return units_sizes(&u, run_solver(VECTOR_ELT(state, STATE_RUN)));
}

/* Returns list(problem, noise): the problem with the sizes (n) that a run has found, and NULL if it has found
 * no noise; NULL if it has found nothing. */
SEXP r_findings(SEXP state) {
  static const char *const names[] = {"problem", "noise", NULL};
  units u = units_of(state);
  const lbfgsb_solver *solver = run_solver(VECTOR_ELT(state, STATE_RUN));
  SEXP told = element(VECTOR_ELT(state, STATE_CONTROL), "noise");
  bool has_noise = TYPEOF(told) == STRSXP && lbfgsb_noise(solver) > 0;
  if (!has_noise && all_ones(lbfgsb_scale(solver), u.n)) return R_NilValue;
  SEXP found = PROTECT(new_named(VECSXP, names));
  SEXP problem = SET_VECTOR_ELT(found, 0, Rf_shallow_duplicate(VECTOR_ELT(state, STATE_PROBLEM)));
  SET_VECTOR_ELT(problem, PROBLEM_PARSCALE, units_sizes(&u, solver));
  if (has_noise) SET_VECTOR_ELT(found, 1, Rf_ScalarReal(lbfgsb_noise(solver)));
  UNPROTECT(1);
  return found;
}

SEXP units_gradient(const units *u, const double *g) {
  SEXP gradient = PROTECT(Rf_allocVector(REALSXP, u->n));
  for (R_xlen_t i = 0; i < u->n; i++) REAL(gradient)[i] = g[i] / (u->parscale[i] / u->fnscale);
  SHALLOW_DUPLICATE_ATTRIB(gradient, u->par);
  UNPROTECT(1);
  return gradient;
}

const double *units_to_solver(const units *u, const double *g, double *out) {
  if (!u->scaled) return g;
  for (R_xlen_t i = 0; i < u->n; i++) out[i] = g[i] * (u->parscale[i] / u->fnscale);
  return out;
}
