/* r_differences.c - the block of the core's differences in a run: begun where a gradient is missing, and told
 * values in the user's units. */
#include "r_api.h"

#include <string.h>

/* The place in method_names of control$gradient; METHODS for a way that is R's. */
static int method_of(SEXP control) {
  const char *name = CHAR(Rf_asChar(element(control, "gradient")));
  int method = 0;
  while (method < METHODS && strcmp(method_names[method], name) != 0) method++;
  return method;
}

bool is_by_core(SEXP control) { return method_of(control) < METHODS; }

/* Returns TRUE if differences are taken by the core alone, one value after another. */
SEXP r_left_to_core(SEXP control) {
  return Rf_ScalarLogical(element(control, "cluster") == R_NilValue && is_by_core(control));
}

bool is_by_core_without_tape(SEXP control) {
  return strcmp(CHAR(Rf_asChar(element(control, "gradient"))), "rtmb") == 0;
}

/* Given steps leave nothing to choose: differences are central then, unless they are to be forward. Those
 * that replace a tape are the default's. */
static lbfgsb_method method_with(SEXP control, SEXP steps) {
  int method = is_by_core(control) ? method_of(control) : LBFGSB_AUTO;
  return steps != R_NilValue && method == LBFGSB_AUTO ? LBFGSB_CENTRAL : (lbfgsb_method)method;
}

difference_plan plan_differences(SEXP control, SEXP steps) {
  return (difference_plan){.method = method_with(control, steps),
                           .measures_noise = TYPEOF(element(control, "noise")) == STRSXP,
                           .steps = steps == R_NilValue ? NULL : REAL(steps)};
}

void begin_differences(SEXP run, SEXP control, SEXP steps) {
  lbfgsb_solver *solver = run_solver(run);
  difference_plan plan = plan_differences(control, steps);
  size_t size = lbfgsb_differences_size(lbfgsb_variables(solver));
  SEXP block = SET_VECTOR_ELT(run, RUN_DIFFERENCES, Rf_allocVector(RAWSXP, (R_xlen_t)size));
  lbfgsb_differences_init((lbfgsb_differences *)RAW(block), solver, plan.method, plan.measures_noise,
                          plan.steps);
}

void fit_differences(SEXP run, SEXP control, SEXP steps, bool wanted) {
  lbfgsb_differences *differences = run_differences(run);
  if (!differences) return;
  difference_plan plan = plan_differences(control, steps);
  if (!wanted || !(is_by_core(control) || is_by_core_without_tape(control)))
    SET_VECTOR_ELT(run, RUN_DIFFERENCES, Rf_allocVector(RAWSXP, 0));
  else if (!lbfgsb_differences_are(differences, plan.method, plan.steps))
    begin_differences(run, control, steps);
}

/* Takes note of the gradients that there are beside so many before. */
static void count_gradients(SEXP run, const lbfgsb_differences *differences, size_t before) {
  size_t taken = lbfgsb_differences_gradients(differences) - before;
  if (taken == 0) return;
  run_tally(run)[TALLY_GRADIENT] += (double)taken;
  run_refine(run);
}

/* Makes the solver's block as long as it is to be from here on. (Rf_xlengthgets() would copy byte by byte,
 * which takes as long as a short run.) */
static void make_room(SEXP run) {
  SEXP block = VECTOR_ELT(run, RUN_SOLVER);
  size_t size = (size_t)XLENGTH(block), wanted = lbfgsb_next_size(run_solver(run));
  if (wanted <= size) return;
  SEXP longer = Rf_allocVector(RAWSXP, (R_xlen_t)wanted);
  memcpy(RAW(longer), RAW(block), size);
  SET_VECTOR_ELT(run, RUN_SOLVER, longer);
}

lbfgsb_request leave_iterate(SEXP run) {
  make_room(run);
  lbfgsb_solver *solver = run_solver(run);
  lbfgsb_differences *differences = run_differences(run);
  if (!differences) return lbfgsb_advance(solver, 0, NULL);
  size_t before = lbfgsb_differences_gradients(differences);
  lbfgsb_request request = lbfgsb_differences_go_on(differences, solver);
  count_gradients(run, differences, before); /* one that is known as it is takes no value */
  return request;
}

lbfgsb_request tell_differences(SEXP run, const units *u, double value, const double *gradient) {
  lbfgsb_differences *differences = run_differences(run);
  size_t before = lbfgsb_differences_gradients(differences);
  run_tally(run)[TALLY_FUNCTION]++;
  if (lbfgsb_differences_takes_gradient(differences)) run_evaluated(run, value);
  lbfgsb_request request =
      lbfgsb_differences_tell(differences, run_solver(run), value / u->fnscale, gradient);
  count_gradients(run, differences, before);
  return request;
}
