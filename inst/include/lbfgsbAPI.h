/* lbfgsbAPI.h - the solver of lbfgsb.h for the C code of other R packages.
 *
 * In DESCRIPTION:  Imports: lbfgsb  and  LinkingTo: lbfgsb;  in NAMESPACE:  import(lbfgsb).  Then, to
 * minimize sum (x_i - i)^2 over x <= upper from 0, i = 1 ... n:
 *
 *     #include <lbfgsbAPI.h>
 *
 *     SEXP minimize(SEXP upper) {
 *       lbfgsb_api api = lbfgsb_load();
 *       size_t n = (size_t)XLENGTH(upper);
 *       SEXP x = PROTECT(Rf_allocVector(REALSXP, XLENGTH(upper)));
 *       double *g = (double *)R_alloc(n, sizeof(double)), value = 0;
 *       for (size_t i = 0; i < n; i++) REAL(x)[i] = 0;
 *
 *       lbfgsb_options options = api.defaults();
 *       lbfgsb_solver *solver = (lbfgsb_solver *)R_alloc(api.size(n, options.pairs), 1);
 *       if (api.init(solver, n, REAL(x), NULL, REAL(upper), &options) != 0) Rf_error("bad input");
 *       lbfgsb_request request = LBFGSB_EVALUATE;
 *       while (request != LBFGSB_FINISHED) {
 *         if (request == LBFGSB_EVALUATE) {
 *           const double *at = api.point(solver);
 *           value = 0;
 *           for (size_t i = 0; i < n; i++) {
 *             double r = at[i] - (double)(i + 1);
 *             value += r * r;
 *             g[i] = 2 * r;
 *           }
 *         }
 *         request = api.advance(solver, value, g);
 *       }
 *       for (size_t i = 0; i < n; i++) REAL(x)[i] = api.iterate(solver)[i];
 *       UNPROTECT(1);
 *       return x;
 *     }
 */
#ifndef LBFGSB_API_H
#define LBFGSB_API_H

#if defined(__cplusplus) && !defined(R_NO_REMAP)
#define R_NO_REMAP /* as R 4.5 has it: R's macro length() breaks headers of C++ */
#endif
#include <R.h>
#include <R_ext/Rdynload.h>
#include <Rinternals.h>

#include "lbfgsb.h"

/* The functions of lbfgsb.h, without their prefix. */
typedef struct {
  lbfgsb_options (*defaults)(void);
  const lbfgsb_option *(*option_at)(size_t i);
  double (*option_get)(const lbfgsb_options *from, const lbfgsb_option *option);
  void (*option_set)(lbfgsb_options *to, const lbfgsb_option *option, double x);
  int (*options_valid)(const lbfgsb_options *options);
  int (*options_equal)(const lbfgsb_options *a, const lbfgsb_options *b);
  const lbfgsb_reason *(*reason_of)(lbfgsb_status status);
  size_t (*size)(size_t n, size_t m);
  int (*init)(lbfgsb_solver *block, size_t n, const double *x, const double *lower, const double *upper,
              const lbfgsb_options *options);
  void (*set_threads)(lbfgsb_solver *solver, size_t threads);
  lbfgsb_request (*advance)(lbfgsb_solver *solver, double value, const double *gradient);
  void (*stop)(lbfgsb_solver *solver, lbfgsb_status reason);
  lbfgsb_request (*pending)(const lbfgsb_solver *solver);
  lbfgsb_request (*resume)(lbfgsb_solver *solver, const lbfgsb_options *options);
  lbfgsb_options (*options_of)(const lbfgsb_solver *solver);
  int (*valid)(const void *block, size_t size);
  const double *(*point)(const lbfgsb_solver *solver);
  const double *(*iterate)(const lbfgsb_solver *solver);
  const double *(*gradient)(const lbfgsb_solver *solver);
  lbfgsb_summary (*report)(const lbfgsb_solver *solver);
  int (*is_evidence)(lbfgsb_status status);
  size_t (*variables)(const lbfgsb_solver *solver);
  size_t (*pair_count)(const lbfgsb_solver *solver);
  double (*theta)(const lbfgsb_solver *solver);
  int (*pair)(const lbfgsb_solver *solver, size_t age, double *s, double *y);
  lbfgsb_request (*advance_value)(lbfgsb_solver *solver, double value);
  lbfgsb_request (*advance_slope)(lbfgsb_solver *solver, double slope);
  lbfgsb_request (*advance_gradient)(lbfgsb_solver *solver, const double *gradient, double error);
  double (*trial_value)(const lbfgsb_solver *solver);
  lbfgsb_request (*set_noise)(lbfgsb_solver *solver, double noise);
  double (*noise)(const lbfgsb_solver *solver);
  int (*curvature)(const lbfgsb_solver *solver, double *diagonal);
  size_t (*differences_size)(size_t n);
  void (*differences_init)(lbfgsb_differences *block, lbfgsb_solver *solver, lbfgsb_method method,
                           int measures_noise, const double *steps);
  const double *(*differences_point)(const lbfgsb_differences *differences);
  lbfgsb_request (*differences_tell)(lbfgsb_differences *differences, lbfgsb_solver *solver, double value,
                                     const double *gradient);
  int (*differences_takes_gradient)(const lbfgsb_differences *differences);
  lbfgsb_request (*differences_go_on)(lbfgsb_differences *differences, lbfgsb_solver *solver);
  lbfgsb_request (*differences_resume)(lbfgsb_differences *differences, lbfgsb_solver *solver);
  size_t (*differences_ahead)(const lbfgsb_differences *differences, const lbfgsb_solver *solver,
                              size_t *index, double *at);
  const double *(*differences_gradient)(const lbfgsb_differences *differences);
  size_t (*differences_gradients)(const lbfgsb_differences *differences);
  double (*differences_value)(const lbfgsb_differences *differences);
  int (*differences_are)(const lbfgsb_differences *differences, lbfgsb_method method, const double *steps);
  int (*differences_valid)(const void *block, size_t size, const lbfgsb_solver *solver);
  int (*minimize)(lbfgsb_solver *block, const lbfgsb_problem *problem, const lbfgsb_options *options,
                  lbfgsb_summary *summary);
  const double *(*scale)(const lbfgsb_solver *solver);
  size_t (*default_pairs)(size_t n);
  void (*set_defaults)(lbfgsb_options *options);
  void (*get_report)(const lbfgsb_solver *solver, lbfgsb_summary *summary);
  double (*gap)(const lbfgsb_solver *solver);
  void (*run)(lbfgsb_solver *block, const lbfgsb_problem *problem, lbfgsb_summary *summary);
  double (*disagreement)(const lbfgsb_solver *solver);
  size_t (*first_size)(size_t n, size_t m);
  size_t (*next_size)(const lbfgsb_solver *solver);
} lbfgsb_api;

/* Loads the package; an error of R if it is not installed. */
static inline void lbfgsb_load_package(void) {
  SEXP name = PROTECT(Rf_mkString("lbfgsb")), call = PROTECT(Rf_lang2(Rf_install("loadNamespace"), name));
  Rf_eval(call, R_BaseEnv);
  UNPROTECT(2);
}

/* A function of the package that is loaded. */
static inline void (*lbfgsb_find(const char *name))(void) {
  return (void (*)(void))R_GetCCallable("lbfgsb", name);
}

/* Sets the version and sizes of the package that is loaded; returns 1 if they are those with which this was
 * compiled. An older one has no lbfgsb_problem_size(). */
static inline int lbfgsb_fits(int *abi, size_t *options, size_t *summary, size_t *problem) {
  *abi = ((int (*)(size_t *, size_t *))lbfgsb_find("lbfgsb_abi"))(options, summary);
  *problem = *abi < 3 ? 0 : ((size_t(*)(void))lbfgsb_find("lbfgsb_problem_size"))();
  return *abi == LBFGSB_ABI && *options == sizeof(lbfgsb_options) && *summary == sizeof(lbfgsb_summary) &&
         *problem == sizeof(lbfgsb_problem);
}

/* An error of R unless the package that is loaded has the contract with which this was compiled. */
static inline void lbfgsb_check_contract(void) {
  size_t options = 0, summary = 0, problem = 0;
  int abi = 0;
  if (lbfgsb_fits(&abi, &options, &summary, &problem)) return;
  Rf_error(
      "This C code was compiled for version %d of the interface of package 'lbfgsb' (options of %d bytes, "
      "summary of %d, problem of %d), but the package that is installed has version %d (%d, %d, %d).\n"
      "Reinstall the package that this code belongs to, from its sources.",
      LBFGSB_ABI, (int)sizeof(lbfgsb_options), (int)sizeof(lbfgsb_summary), (int)sizeof(lbfgsb_problem), abi,
      (int)options, (int)summary, (int)problem);
}

/* Loads the package if need be and looks all of its functions up; an error of R if it is not installed, or if
 * it does not fit the header with which this was compiled. */
static inline lbfgsb_api lbfgsb_load(void) {
  lbfgsb_api api;
  lbfgsb_load_package();
  lbfgsb_check_contract();
#define LBFGSB_LOAD(name) api.name = (__typeof__(api.name))lbfgsb_find("lbfgsb_" #name)
  LBFGSB_LOAD(defaults);
  LBFGSB_LOAD(option_at);
  LBFGSB_LOAD(option_get);
  LBFGSB_LOAD(option_set);
  LBFGSB_LOAD(options_valid);
  LBFGSB_LOAD(options_equal);
  LBFGSB_LOAD(reason_of);
  LBFGSB_LOAD(size);
  LBFGSB_LOAD(init);
  LBFGSB_LOAD(set_threads);
  LBFGSB_LOAD(advance);
  LBFGSB_LOAD(stop);
  LBFGSB_LOAD(pending);
  LBFGSB_LOAD(resume);
  LBFGSB_LOAD(options_of);
  LBFGSB_LOAD(valid);
  LBFGSB_LOAD(point);
  LBFGSB_LOAD(iterate);
  LBFGSB_LOAD(gradient);
  LBFGSB_LOAD(report);
  LBFGSB_LOAD(is_evidence);
  LBFGSB_LOAD(variables);
  LBFGSB_LOAD(pair_count);
  LBFGSB_LOAD(theta);
  LBFGSB_LOAD(pair);
  LBFGSB_LOAD(advance_value);
  LBFGSB_LOAD(advance_slope);
  LBFGSB_LOAD(advance_gradient);
  LBFGSB_LOAD(trial_value);
  LBFGSB_LOAD(set_noise);
  LBFGSB_LOAD(noise);
  LBFGSB_LOAD(curvature);
  LBFGSB_LOAD(differences_size);
  LBFGSB_LOAD(differences_init);
  LBFGSB_LOAD(differences_point);
  LBFGSB_LOAD(differences_tell);
  LBFGSB_LOAD(differences_takes_gradient);
  LBFGSB_LOAD(differences_go_on);
  LBFGSB_LOAD(differences_resume);
  LBFGSB_LOAD(differences_ahead);
  LBFGSB_LOAD(differences_gradient);
  LBFGSB_LOAD(differences_gradients);
  LBFGSB_LOAD(differences_value);
  LBFGSB_LOAD(differences_are);
  LBFGSB_LOAD(differences_valid);
  LBFGSB_LOAD(minimize);
  LBFGSB_LOAD(run);
  LBFGSB_LOAD(scale);
  LBFGSB_LOAD(default_pairs);
  LBFGSB_LOAD(set_defaults);
  LBFGSB_LOAD(get_report);
  LBFGSB_LOAD(gap);
  LBFGSB_LOAD(disagreement);
  LBFGSB_LOAD(first_size);
  LBFGSB_LOAD(next_size);
#undef LBFGSB_LOAD
  return api;
}

#endif
