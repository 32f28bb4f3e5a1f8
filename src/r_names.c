/* r_names.c - lists by name. */
#include "r_api.h"

#include <string.h>

SEXP new_strings(const char *const *names) {
  R_xlen_t length = 0;
  while (names[length]) length++;
  SEXP out = PROTECT(Rf_allocVector(STRSXP, length));
  for (R_xlen_t i = 0; i < length; i++) SET_STRING_ELT(out, i, Rf_mkChar(names[i]));
  UNPROTECT(1);
  return out;
}

SEXP new_named(SEXPTYPE type, const char *const *names) {
  SEXP strings = PROTECT(new_strings(names)), out = PROTECT(Rf_allocVector(type, XLENGTH(strings)));
  Rf_setAttrib(out, R_NamesSymbol, strings);
  UNPROTECT(2);
  return out;
}

SEXP element(SEXP list, const char *name) {
  SEXP names = Rf_getAttrib(list, R_NamesSymbol);
  for (R_xlen_t i = 0; i < Rf_xlength(names); i++)
    if (strcmp(CHAR(STRING_ELT(names, i)), name) == 0) return VECTOR_ELT(list, i);
  return R_NilValue;
}

double option(SEXP control, int which) { return Rf_asReal(element(control, option_names[which])); }

/* All tables of r_names.h, each with its names in their order. */
SEXP r_names(void) {
  static const char *const tables[] = {"state", "run",      "history", "tally",  "problem",  "options", "calls",
                                       "count", "progress", "fit",     "bounds", "statuses", 0};
  const char *const *names[] = {state_names,  run_names,  history_names, tally_names,
                                problem_names, option_names, call_names, count_names,
                                progress_names, fit_names, bound_names, status_names};
  SEXP out = PROTECT(new_named(VECSXP, tables));
  for (R_xlen_t i = 0; i < XLENGTH(out); i++) SET_VECTOR_ELT(out, i, new_strings(names[i]));
  UNPROTECT(1);
  return out;
}
