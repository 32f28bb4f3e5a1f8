/* r_names.c - lists by name. */
#include "r_api.h"

#include <string.h>

/* Makes strings of a table of names. */
static SEXP new_strings(const char *const *names) {
  R_xlen_t length = 0;
  while (names[length]) length++;
  SEXP out = PROTECT(Rf_allocVector(STRSXP, length));
  for (R_xlen_t i = 0; i < length; i++) SET_STRING_ELT(out, i, Rf_mkChar(names[i]));
  UNPROTECT(1);
  return out;
}

/* Returns those of a table, which nobody may write: they are made once in a session, as far as there is room.
 */
static SEXP kept_strings(const char *const *names) {
  static struct {
    const char *const *names;
    SEXP strings;
  } kept[32];
  size_t i = 0, room = sizeof kept / sizeof *kept;
  while (i < room && kept[i].names && kept[i].names != names) i++;
  if (i == room) return new_strings(names);
  if (kept[i].names) return kept[i].strings;
  SEXP strings = new_strings(names);
  MARK_NOT_MUTABLE(strings);
  R_PreserveObject(strings);
  kept[i].strings = strings;
  kept[i].names = names;
  return strings;
}

SEXP new_named(SEXPTYPE type, const char *const *names) {
  SEXP strings = PROTECT(kept_strings(names)), out = PROTECT(Rf_allocVector(type, XLENGTH(strings)));
  Rf_setAttrib(out, R_NamesSymbol, strings);
  UNPROTECT(2);
  return out;
}

/* Most names differ in the first letter, for which strcmp() need not be called. */
static bool is_name(const char *given, const char *name) {
  return *given == *name && strcmp(given, name) == 0;
}

SEXP element(SEXP list, const char *name) {
  SEXP given = Rf_getAttrib(list, R_NamesSymbol);
  const SEXP *names = given == R_NilValue ? NULL : STRING_PTR_RO(given);
  for (R_xlen_t i = 0, length = Rf_xlength(given); i < length; i++)
    if (is_name(CHAR(names[i]), name)) return VECTOR_ELT(list, i);
  return R_NilValue;
}

bool has_names(SEXP x, const char *const *names) {
  SEXP given = Rf_getAttrib(x, R_NamesSymbol);
  R_xlen_t length = Rf_xlength(given), i = 0;
  while (i < length && names[i] && strcmp(CHAR(STRING_ELT(given, i)), names[i]) == 0) i++;
  return i == length && !names[i];
}

/* Returns of each of the core's options, by its name, the default, the least and the most. */
static SEXP core_options_table(void) {
  R_xlen_t count = 0;
  while (lbfgsb_option_at((size_t)count)) count++;
  SEXP out = PROTECT(Rf_allocVector(VECSXP, count)), names = PROTECT(Rf_allocVector(STRSXP, count));
  for (R_xlen_t i = 0; i < count; i++) {
    const lbfgsb_option *option = lbfgsb_option_at((size_t)i);
    double *row = REAL(SET_VECTOR_ELT(out, i, Rf_allocVector(REALSXP, 3)));
    row[0] = option->standard, row[1] = option->least, row[2] = option->most;
    SET_STRING_ELT(names, i, Rf_mkChar(option->name));
  }
  Rf_setAttrib(out, R_NamesSymbol, names);
  UNPROTECT(2);
  return out;
}

/* Returns all tables of r_names.h, each with its names in their order; and the core's options. */
SEXP r_names(void) {
  static const char *const tables[] = {"state",      "sealed", "run",      "history", "tally",   "problem",
                                       "calls",      "count",  "progress", "fit",     "bounds",  "methods",
                                       "lookalikes", "task",   "block",    "asked",   "options", 0};
  const char *const *names[] = {state_names,     sealed_names,  run_names,   history_names,
                                tally_names,     problem_names, call_names,  count_names,
                                progress_names,  fit_names,     bound_names, method_names,
                                lookalike_names, task_names,    block_names, asked_names};
  SEXP out = PROTECT(new_named(VECSXP, tables));
  R_xlen_t last = XLENGTH(out) - 1;
  for (R_xlen_t i = 0; i < last; i++) SET_VECTOR_ELT(out, i, new_strings(names[i]));
  SET_VECTOR_ELT(out, last, core_options_table());
  UNPROTECT(1);
  return out;
}

static SEXP string_or_null(const char *text) { return text ? Rf_mkString(text) : R_NilValue; }

static SEXP new_reason(const lbfgsb_reason *reason) {
  static const char *const names[] = {"name", "convergence", "sentence", "option", "otherwise", 0};
  SEXP out = PROTECT(new_named(VECSXP, names));
  SET_VECTOR_ELT(out, 0, Rf_mkString(reason->name));
  SET_VECTOR_ELT(out, 1, Rf_ScalarInteger(reason->convergence));
  SET_VECTOR_ELT(out, 2, string_or_null(reason->sentence));
  SET_VECTOR_ELT(out, 3, string_or_null(reason->option));
  SET_VECTOR_ELT(out, 4, string_or_null(reason->otherwise));
  UNPROTECT(1);
  return out;
}

/* Returns the core's reasons to end a run, a list of lists in the order of their statuses. */
SEXP r_reasons(void) {
  R_xlen_t count = 0;
  while (lbfgsb_reason_of((lbfgsb_status)count)) count++;
  SEXP out = PROTECT(Rf_allocVector(VECSXP, count));
  for (R_xlen_t i = 0; i < count; i++) SET_VECTOR_ELT(out, i, new_reason(lbfgsb_reason_of((lbfgsb_status)i)));
  UNPROTECT(1);
  return out;
}
