/* r_options.c - the options, where a rule without a function tells all: whatever else, right or wrong, is
 * NULL here, for R/read-control.R to read, match and refuse. */
#include "r_api.h"

#include <math.h>
#include <string.h>

enum { RANGE_LEAST, RANGE_MOST, RANGE_WHOLE }; /* of a rule's range */

static bool is_in_range(double x, const double *range) {
  return x >= range[RANGE_LEAST] && x <= range[RANGE_MOST] && (range[RANGE_WHOLE] == 0 || x == floor(x));
}

/* Returns the place of a string that is one of `names`, or NULL; else their number. */
static R_xlen_t place_of(SEXP name, SEXP names) {
  R_xlen_t j = 0;
  while (j < Rf_xlength(names) && STRING_ELT(names, j) != name) j++;
  return j;
}

/* Tells whether the rule takes what R calls by this mode. */
static bool takes(SEXP rule, const char *mode) {
  SEXP modes = element(rule, "modes");
  R_xlen_t j = 0;
  while (j < Rf_xlength(modes) && strcmp(CHAR(STRING_ELT(modes, j)), mode) != 0) j++;
  return j < Rf_xlength(modes);
}

static bool are_numbers(SEXP x, SEXP rule) {
  if (!takes(rule, "numeric") || (XLENGTH(x) != 1 && element(rule, "many") == R_NilValue)) return false;
  const double *range = REAL(element(rule, "range"));
  for (R_xlen_t i = 0; i < XLENGTH(x); i++)
    if (!is_in_range(REAL(x)[i], range)) return false;
  return XLENGTH(x) > 0;
}

static bool is_flag(SEXP x, SEXP rule) {
  return takes(rule, "logical") && XLENGTH(x) == 1 && LOGICAL(x)[0] != NA_LOGICAL;
}

static bool is_choice(SEXP x, SEXP rule) {
  SEXP choices = element(rule, "choices");
  return takes(rule, "character") && XLENGTH(x) == 1 &&
         place_of(STRING_ELT(x, 0), choices) < XLENGTH(choices);
}

/* Tells whether x is plain, and all that a rule of R/control.R asks for. */
static bool is_plainly_right(SEXP x, SEXP rule) {
  if (element(rule, "holds") != R_NilValue || Rf_isObject(x)) return false;
  if (TYPEOF(x) == REALSXP) return are_numbers(x, rule);
  if (TYPEOF(x) == LGLSXP) return is_flag(x, rule);
  if (TYPEOF(x) == STRSXP) return is_choice(x, rule);
  return x == R_NilValue && element(rule, "optional") != R_NilValue;
}

static bool is_right(SEXP x, SEXP standard, SEXP rule) {
  return x == standard || is_plainly_right(x, rule) || R_compute_identical(x, standard, 16);
}

/* Puts the options in `control` where they stand in `base`, and marks these places in `taken`; false unless
 * all are right, and named once, by their own names. */
static bool take_options(SEXP options, SEXP control, SEXP rules, int *taken) {
  SEXP given = Rf_getAttrib(control, R_NamesSymbol), names = Rf_getAttrib(options, R_NamesSymbol);
  if (TYPEOF(control) != VECSXP || given == R_NilValue) return false;
  for (R_xlen_t i = 0; i < XLENGTH(control); i++) {
    SEXP x = VECTOR_ELT(control, i);
    R_xlen_t j = place_of(STRING_ELT(given, i), names);
    if (j == XLENGTH(options) || taken[j]++) return false;
    if (!is_right(x, VECTOR_ELT(options, j), VECTOR_ELT(rules, j))) return false;
    SET_VECTOR_ELT(options, j, x);
  }
  return true;
}

/* Returns all options: those in `control`, if R has nothing to say to them, and the others of `base`, which
 * is right; else NULL. rules: `option_rules` in R/control.R. */
SEXP r_options(SEXP control, SEXP base, SEXP rules) {
  if (Rf_xlength(control) == 0) return base;
  SEXP options = PROTECT(Rf_shallow_duplicate(base)), taken = PROTECT(Rf_allocVector(INTSXP, XLENGTH(base)));
  memset(INTEGER(taken), 0, (size_t)XLENGTH(base) * sizeof(int));
  bool right = take_options(options, control, rules, INTEGER(taken));
  UNPROTECT(2);
  return right ? options : R_NilValue;
}
