/* r_options.c - the options, where a number and its range tell all: whatever else, right or wrong, is NULL
 * here, for R/read-control.R to read, match and refuse. */
#include "r_api.h"

#include <math.h>
#include <string.h>

enum { RANGE_LEAST, RANGE_MOST, RANGE_WHOLE, RANGE_LENGTH }; /* rows of `option_ranges` in R/control.R */

/* Tells whether x is a number, or TRUE or FALSE, as `standard` is, in its range, which is NaN where that does
 * not tell all. For NULL there may be a number. */
static bool is_in_range(SEXP x, SEXP standard, const double *range) {
  int type = standard == R_NilValue ? REALSXP : (int)TYPEOF(standard);
  bool simple = TYPEOF(x) == REALSXP || TYPEOF(x) == LGLSXP;
  if (!simple || TYPEOF(x) != type || XLENGTH(x) != 1 || Rf_isObject(x)) return false;
  double number = Rf_asReal(x);
  return number >= range[RANGE_LEAST] && number <= range[RANGE_MOST] &&
         (range[RANGE_WHOLE] == 0 || number == floor(number));
}

static bool is_right(SEXP x, SEXP standard, const double *range) {
  return x == standard || is_in_range(x, standard, range) || R_compute_identical(x, standard, 16);
}

/* Returns the place of a string that is one of `names`; else their number. */
static R_xlen_t place_of(SEXP name, SEXP names) {
  R_xlen_t j = 0;
  while (j < XLENGTH(names) && STRING_ELT(names, j) != name) j++;
  return j;
}

/* Puts the options in `control` where they stand in `base`, and marks these places in `taken`; false unless
 * all are right, and named once, by their own names. */
static bool take_options(SEXP options, SEXP control, SEXP ranges, int *taken) {
  SEXP given = Rf_getAttrib(control, R_NamesSymbol), names = Rf_getAttrib(options, R_NamesSymbol);
  if (TYPEOF(control) != VECSXP || given == R_NilValue) return false;
  for (R_xlen_t i = 0; i < XLENGTH(control); i++) {
    SEXP x = VECTOR_ELT(control, i);
    R_xlen_t j = place_of(STRING_ELT(given, i), names);
    if (j == XLENGTH(options) || taken[j]++) return false;
    if (!is_right(x, VECTOR_ELT(options, j), REAL(ranges) + RANGE_LENGTH * j)) return false;
    SET_VECTOR_ELT(options, j, x);
  }
  return true;
}

/* Returns all options: those in `control`, if R has nothing to say to them, and the others of `base`, which
 * is right; else NULL. ranges (RANGE_LENGTH x options). */
SEXP r_options(SEXP control, SEXP base, SEXP ranges) {
  if (Rf_xlength(control) == 0) return base;
  SEXP options = PROTECT(Rf_shallow_duplicate(base)), taken = PROTECT(Rf_allocVector(INTSXP, XLENGTH(base)));
  memset(INTEGER(taken), 0, (size_t)XLENGTH(base) * sizeof(int));
  bool right = take_options(options, control, ranges, INTEGER(taken));
  UNPROTECT(2);
  return right ? options : R_NilValue;
}
