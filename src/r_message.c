/* r_message.c - why a run stopped, in words and figures. */
#include "r_result.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  char letters[1024]; /* what does not fit is cut off */
  size_t length;
} text;

static void add(text *t, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(t->letters + t->length, sizeof t->letters - t->length, format, arguments);
  va_end(arguments);
  t->length += strlen(t->letters + t->length);
}

/* Adds a number as sprintf() of R does. */
static void add_number(text *t, const char *format, double x) {
  if (R_FINITE(x))
    add(t, format, x == 0 ? 0 : x); /* not -0 */
  else
    add(t, ISNAN(x) ? "NA" : x > 0 ? "Inf" : "-Inf");
}

static void add_counted(text *t, double count, const char *noun) {
  add(t, "%.0f %s%s", count, noun, count == 1 ? "" : "s");
}

/* The reason's sentence is about rounding, which noise is more than. */
static bool is_lost_in_noise(const result_view *at) {
  return at->solver.status == LBFGSB_ROUNDING_CONVERGED && at->noise > 0;
}

/* Adds the sentence of a reason: a format, if it names an option, of its value; `otherwise` where that is
 * NULL, as pgtol may be, but for the published tests. */
static void add_sentence(text *t, const result_view *at, const lbfgsb_reason *reason, SEXP control) {
  SEXP option = reason->option ? element(control, reason->option) : R_NilValue;
  bool confirm = Rf_asLogical(element(control, "confirm"));
  double value = option == R_NilValue ? LBFGSB_PUBLISHED_TOLERANCE : Rf_asReal(option);
  if (is_lost_in_noise(at))
    add(t, "converged: any further reduction of the value would be lost in its noise");
  else if (reason->option && option == R_NilValue && confirm)
    add(t, "%s", reason->otherwise);
  else
    add(t, reason->sentence, value);
}

/* Tells whether fn has no limit at a trial, the last one. */
static bool is_infinite_at_trial(const result_view *at) {
  return at->solver.status == LBFGSB_UNBOUNDED && at->known;
}

/* trial_side = where that trial had moved variable i: to one of its bounds, or BOUND_FREE. */
static int trial_side(const result_view *at, R_xlen_t i) {
  const units *u = &at->units;
  if (!at->trial || at->trial[i] == at->x[i]) return BOUND_FREE;
  return side_of(u, i, units_coordinate(u, i, at->trial[i]));
}

/* Returns the first variable from i on that the trial had moved to a bound; n if there is none, or no such
 * trial. */
static R_xlen_t met_bound(const result_view *at, R_xlen_t i) {
  if (!is_infinite_at_trial(at)) return at->units.n;
  while (i < at->units.n && trial_side(at, i) == BOUND_FREE) i++;
  return i;
}

static R_xlen_t count_met(const result_view *at) {
  R_xlen_t count = 0;
  for (R_xlen_t i = met_bound(at, 0); i < at->units.n; i = met_bound(at, i + 1)) count++;
  return count;
}

/* Adds the name of a parameter, or its number in brackets. */
static void add_label(text *t, const units *u, R_xlen_t i) {
  SEXP names = u->par == R_NilValue ? R_NilValue : Rf_getAttrib(u->par, R_NamesSymbol);
  SEXP name = names == R_NilValue ? R_BlankString : STRING_ELT(names, i);
  if (name == R_BlankString || name == R_NaString)
    add(t, "[%.0f]", (double)i + 1);
  else
    add(t, "%s", Rf_translateChar(name));
}

static const R_xlen_t MOST_NAMED = 5; /* as in enumerate() of R/words.R */

/* Adds "shape, scale, loc", the variables that the trial had moved to bounds, `met` of them. */
static void add_met(text *t, const result_view *at, R_xlen_t met) {
  R_xlen_t i = met_bound(at, 0);
  for (R_xlen_t named = 0; named < met && named < MOST_NAMED; named++, i = met_bound(at, i + 1)) {
    add(t, named > 0 ? ", " : "");
    add_label(t, &at->units, i);
  }
  if (met > MOST_NAMED) add(t, " and %.0f more", (double)(met - MOST_NAMED));
}

/* Adds ", fn was -Inf at a trial where loc was at its upper bound", or where several were at bounds. */
static void add_infinite(text *t, const result_view *at) {
  R_xlen_t met = count_met(at);
  add(t, ", fn was %s at a trial", at->units.fnscale < 0 ? "Inf" : "-Inf");
  if (met == 0) return;
  add(t, " where ");
  add_met(t, at, met);
  if (met > 1)
    add(t, " were at bounds");
  else
    add(t, " was at its %s bound", trial_side(at, met_bound(at, 0)) == BOUND_LOWER ? "lower" : "upper");
}

/* Adds "; value 1.5, projected gradient norm 2e-06, 1 of 3 parameters at a bound", of those that are not
 * fixed. A run whose value has no limit, and which is not at the point that shows it, has met an infinite
 * one. */
static void add_figures(text *t, const result_view *at, const R_xlen_t at_side[]) {
  R_xlen_t at_bound = at_side[BOUND_LOWER] + at_side[BOUND_UPPER];
  add(t, "; value ");
  add_number(t, "%.9g", at->value);
  if (at->known) {
    add(t, ", %sprojected gradient norm ", at->units.scaled ? "scaled " : "");
    add_number(t, "%.3g", at->solver.projected_gradient_norm);
  }
  if (at_bound > 0) {
    add(t, ", %.0f of ", (double)at_bound);
    add_counted(t, (double)(at->units.n - at_side[BOUND_FIXED]), "parameter");
    add(t, " at a bound");
  }
  if (at->solver.nonfinite > 0) {
    add(t, ", ");
    add_counted(t, (double)at->solver.nonfinite, "trial");
    add(t, " not finite");
  }
  if (is_infinite_at_trial(at)) add_infinite(t, at);
  if (at->noise > 0 && at->solver.status != LBFGSB_UNBOUNDED)
    add(t, ", fn carries a relative noise of about %.1g", at->noise);
}

/* What to do if the sign of `fn` is not the one that its user has said. */
static const struct {
  const char *kind, *advice;
} sign_advice[] = {
    {"negloglik", "if `fn` is a log-likelihood, not minus one, give control = list(fn_is = \"loglik\")"},
    {"loglik", "if `fn` is minus a log-likelihood, give control = list(fn_is = \"negloglik\")"},
    {"deviance", "`fn` should be minus twice a log-likelihood: check its sign"},
    {"squares", "`fn` should be a sum of squares, which is never negative: check its sign"},
};

static const char *advise_on_sign(SEXP kind, double fnscale) {
  for (size_t i = 0; kind != R_NilValue && i < sizeof sign_advice / sizeof *sign_advice; i++)
    if (strcmp(CHAR(STRING_ELT(kind, 0)), sign_advice[i].kind) == 0) return sign_advice[i].advice;
  if (fnscale < 0) return "to minimize `fn`, give a positive control$fnscale";
  if (kind != R_NilValue) return "to maximize `fn`, give control = list(fnscale = -1)";
  return "if `fn` is a log-likelihood, give control = list(fn_is = \"loglik\"); else, to maximize it, "
         "control = list(fn_is = \"other\", fnscale = -1)";
}

/* Below it a value that falls without limit, as by 1e10 times its first, is a likelihood that is no
 * logarithm: a product of so many densities that nothing else is as small. */
static const double PRODUCT = 1e-30;
static const char no_logarithm[] = "if `fn` is a product of densities, let it be the sum of their logarithms";

/* And below this one it begins so close to 0 that anything is large beside it. */
static const double NEXT_TO_ZERO = 1;
static const double FAR_OFF = 0x1p80; /* unless it is by the way that it goes on falling */
static const char beside_zero[] =
    "`fn` starts next to 0, and all is large beside that: if it has an optimum, add 1 to it";

static const char no_maximum[] =
    "the likelihood may have no maximum: by bounds keep a location away from the smallest observation, "
    "a variance away from 0";

static bool is_loglik(SEXP kind) {
  const char *said = kind == R_NilValue ? "" : CHAR(STRING_ELT(kind, 0));
  return strcmp(said, "negloglik") == 0 || strcmp(said, "loglik") == 0;
}

/* Tells whether a parameter is so far off. */
static bool has_run_off(const result_view *at) {
  R_xlen_t i = 0;
  while (i < at->units.n && !(fabs(at->x[i]) > FAR_OFF)) i++;
  return i < at->units.n;
}

/* Adds what it may mean that the value improves without limit, or, where nobody has said what fn is, that no
 * parameter is inside its bounds. */
static void add_doubt(text *t, const result_view *at, SEXP control, const R_xlen_t at_side[]) {
  SEXP kind = element(control, "fn_is");
  bool inside = at_side[BOUND_LOWER] + at_side[BOUND_UPPER] + at_side[BOUND_FIXED] < at->units.n;
  bool is_said = at->units.fnscale < 0 || kind != R_NilValue;
  bool at_corner = lbfgsb_is_evidence(at->solver.status) && !inside && !is_said;
  if (!at_corner && at->solver.status != LBFGSB_UNBOUNDED) return;
  if (at_corner) add(t, "; every parameter is at a bound");
  R_xlen_t met = count_met(at);
  if (met == 1) add(t, "; fn may have no limit there: move that bound a little inside");
  if (met > 1) add(t, "; at one of these fn may have no limit: move that bound a little inside");
  if (met == 0 && is_loglik(kind) && is_infinite_at_trial(at)) add(t, "; %s", no_maximum);
  bool is_product = !at_corner && fabs(at->value) < PRODUCT;
  bool is_slight = !at_corner && !is_product && fabs(at->value) < NEXT_TO_ZERO && !is_infinite_at_trial(at) &&
                   !has_run_off(at);
  if (is_slight) add(t, "; %s", beside_zero);
  add(t, "; %s", is_product ? no_logarithm : advise_on_sign(kind, at->units.fnscale));
}

SEXP new_message(const result_view *at, const lbfgsb_reason *reason, SEXP control, const R_xlen_t at_side[]) {
  bool is_evidence = lbfgsb_is_evidence(at->solver.status),
       is_held = is_evidence && at_side[BOUND_FIXED] == at->units.n;
  text t = {.length = 0};
  if (is_held)
    add(&t, "converged: every parameter is fixed");
  else
    add_sentence(&t, at, reason, control);
  add_figures(&t, at, at_side);
  if (!is_held) add_doubt(&t, at, control, at_side);
  return Rf_mkString(t.letters);
}
