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

bool has_names(SEXP x, const char *const *names) {
  SEXP given = Rf_getAttrib(x, R_NamesSymbol);
  R_xlen_t length = Rf_xlength(given), i = 0;
  while (i < length && names[i] && strcmp(CHAR(STRING_ELT(given, i)), names[i]) == 0) i++;
  return i == length && !names[i];
}

option_values read_options(SEXP control) {
  SEXP names = Rf_getAttrib(control, R_NamesSymbol);
  R_xlen_t length = Rf_xlength(names), at = 0;
  option_values out;
  for (int i = 0; i < OPTIONS; i++) {
    R_xlen_t tried = 0; /* from where the last one was found: mostly they stand in one order */
    for (; tried < length && strcmp(CHAR(STRING_ELT(names, at)), option_names[i]) != 0; tried++)
      at = (at + 1) % length;
    out.value[i] = tried < length ? Rf_asReal(VECTOR_ELT(control, at)) : NA_REAL;
  }
  return out;
}

/* Returns the statuses that are evidence of a minimum. */
static SEXP evidence_names(void) {
  const char *names[STATUSES + 1] = {0};
  int count = 0;
  for (int status = 0; status < STATUSES; status++)
    if (lbfgsb_is_evidence((lbfgsb_status)status)) names[count++] = status_names[status];
  return new_strings(names);
}

/* Returns all tables of r_names.h, each with its names in their order; and of the statuses, those of
 * evidence. */
SEXP r_names(void) {
  static const char *const tables[] = {"state",    "sealed",  "run",        "history",  "tally", "problem",
                                       "options",  "calls",   "count",      "progress", "fit",   "bounds",
                                       "statuses", "methods", "lookalikes", "evidence", 0};
  const char *const *names[] = {state_names,   sealed_names, run_names,    history_names, tally_names,
                                problem_names, option_names, call_names,   count_names,   progress_names,
                                fit_names,     bound_names,  status_names, method_names,  lookalike_names};
  SEXP out = PROTECT(new_named(VECSXP, tables));
  R_xlen_t last = XLENGTH(out) - 1;
  for (R_xlen_t i = 0; i < last; i++) SET_VECTOR_ELT(out, i, new_strings(names[i]));
  SET_VECTOR_ELT(out, last, evidence_names());
  UNPROTECT(1);
  return out;
}
