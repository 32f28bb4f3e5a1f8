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

#include <R.h>
#include <R_ext/Rdynload.h>
#include <Rinternals.h>

#include "lbfgsb.h"

/* The functions of lbfgsb.h, without their prefix. */
typedef struct {
  lbfgsb_options (*defaults)(void);
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
} lbfgsb_api;

/* Looks all of them up; an error of R if the package is not loaded. */
static inline lbfgsb_api lbfgsb_load(void) {
  lbfgsb_api api;
#define LBFGSB_LOAD(name) \
  api.name = (__typeof__(api.name))(void (*)(void))R_GetCCallable("lbfgsb", "lbfgsb_" #name)
  LBFGSB_LOAD(defaults);
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
#undef LBFGSB_LOAD
  return api;
}

#endif
