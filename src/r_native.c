/* r_native.c - objectives in compiled code: found by name or at an address, and called with the vectors of an
 * R list, without any evaluation by R. */
#include <R_ext/Rdynload.h>

#include "r_session.h"

/* Returns a function of R's own at x. */
static SEXP call_base(const char *name, SEXP x) {
  SEXP call = PROTECT(Rf_lang2(Rf_install(name), x));
  SEXP value = Rf_eval(call, R_BaseEnv);
  UNPROTECT(1);
  return value;
}

/* Loads the package where it is not, as in the process that has read a fit; loadNamespace() itself takes long
 * to see that it is. */
static void load_package(SEXP package) {
  if (!Rf_asLogical(call_base("isNamespaceLoaded", package))) call_base("loadNamespace", package);
}

/* The address of a function, which is a name and a package, or an external pointer. */
static DL_FUNC find_address(SEXP f, SEXP package) {
  if (TYPEOF(f) == EXTPTRSXP) return R_ExternalPtrAddrFn(f);
  load_package(package);
  return R_GetCCallable(CHAR(Rf_asChar(package)), CHAR(Rf_asChar(f)));
}

static lbfgsb_objective *address_of(SEXP native) {
  DL_FUNC address = find_address(element(native, "f"), element(native, "package"));
  if (!address) Rf_error("the native objective's pointer is NULL");
  return (lbfgsb_objective *)(void (*)(void))address;
}

/* Returns integers (length) as doubles, NA as NA, in memory that R takes back at the end of the call. */
static const double *as_doubles(const int *integers, size_t length) {
  double *doubles = (double *)R_alloc(length, sizeof(double));
  for (size_t i = 0; i < length; i++) doubles[i] = integers[i] == NA_INTEGER ? NA_REAL : integers[i];
  return doubles;
}

/* A logical's are integers too. */
static lbfgsb_vector vector_of(SEXP x) {
  size_t length = (size_t)XLENGTH(x);
  if (TYPEOF(x) == REALSXP) return (lbfgsb_vector){.length = length, .doubles = REAL(x)};
  const int *integers = TYPEOF(x) == LGLSXP ? LOGICAL(x) : INTEGER(x);
  return (lbfgsb_vector){.length = length, .doubles = as_doubles(integers, length), .integers = integers};
}

static bool is_list(SEXP x) { return TYPEOF(x) == VECSXP; }

lbfgsb_data find_data(SEXP data) {
  size_t count = is_list(data) ? (size_t)XLENGTH(data) : 1;
  lbfgsb_vector *vectors = (lbfgsb_vector *)R_alloc(count, sizeof(lbfgsb_vector));
  for (size_t i = 0; i < count; i++)
    vectors[i] = vector_of(is_list(data) ? VECTOR_ELT(data, (R_xlen_t)i) : data);
  return (lbfgsb_data){.count = count, .vectors = vectors};
}

/* What bit64 has in the place of doubles are integers. */
static bool has_address(SEXP x) {
  bool is_plain = TYPEOF(x) == REALSXP || TYPEOF(x) == INTSXP || TYPEOF(x) == LGLSXP;
  return is_plain && !Rf_inherits(x, "integer64");
}

static bool have_addresses(SEXP data) {
  if (!is_list(data)) return has_address(data);
  for (R_xlen_t i = 0; i < XLENGTH(data); i++)
    if (!has_address(VECTOR_ELT(data, i))) return false;
  return true;
}

/* Returns the number of the first of these that find_data() does not take; 0 if it takes them all. */
SEXP r_unfit_data(SEXP data) {
  for (R_xlen_t i = 0; i < Rf_xlength(data); i++)
    if (!have_addresses(VECTOR_ELT(data, i))) return Rf_ScalarReal((double)i + 1);
  return Rf_ScalarReal(0);
}

native_objective *find_native(SEXP native) {
  if (native == R_NilValue) return NULL;
  native_objective *found = (native_objective *)R_alloc(1, sizeof(native_objective));
  *found = (native_objective){.f = address_of(native),
                              .has_gradient = Rf_asLogical(element(native, "gradient")),
                              .data = find_data(element(native, "data"))};
  return found;
}

/* Makes a gradient (n), all NaN, so that one that f leaves alone is seen. */
static SEXP new_gradient(R_xlen_t n) {
  SEXP gradient = Rf_allocVector(REALSXP, n);
  for (R_xlen_t i = 0; i < n; i++) REAL(gradient)[i] = R_NaN;
  return gradient;
}

/* Makes s->gradient a vector (n) that nobody else has. */
static double *own_gradient(session *s) {
  bool own =
      TYPEOF(s->gradient) == REALSXP && XLENGTH(s->gradient) == s->units.n && !MAYBE_REFERENCED(s->gradient);
  if (!own) set_gradient(s, new_gradient(s->units.n));
  return REAL(s->gradient);
}

double evaluate_native(session *s) {
  native_objective *native = s->native;
  bool wanted = native->has_gradient && !s->has_gr;
  if (!wanted) set_gradient(s, R_NilValue);
  double *gradient = wanted ? own_gradient(s) : NULL;
  return native->f((size_t)s->units.n, REAL(s->par), gradient, &native->data);
}

/* Returns f at `par`, doubles: list(value, gradient), gradient NULL if f has none. For those who evaluate fn
 * in R, outside of a run. */
SEXP r_native_call(SEXP native, SEXP par) {
  static const char *const names[] = {"value", "gradient", NULL};
  native_objective *found = find_native(native);
  if (TYPEOF(par) != REALSXP) Rf_error("a native objective takes `par` as doubles");
  SEXP out = PROTECT(new_named(VECSXP, names));
  double *gradient = NULL;
  if (found->has_gradient) gradient = REAL(SET_VECTOR_ELT(out, 1, new_gradient(XLENGTH(par))));
  double value = found->f((size_t)XLENGTH(par), REAL(par), gradient, &found->data);
  SET_VECTOR_ELT(out, 0, Rf_ScalarReal(value));
  UNPROTECT(1);
  return out;
}

/* Tells whether there is a function; an error of R if the package has none of that name. */
SEXP r_native_find(SEXP f, SEXP package) { return Rf_ScalarLogical(find_address(f, package) != NULL); }

double lbfgsb_example(size_t n, const double *x, double *gradient, void *data) {
  const lbfgsb_vector *target = ((lbfgsb_data *)data)->vectors;
  double value = 0;
  for (size_t i = 0; i < n; i++) {
    double r = x[i] - target->doubles[i];
    value += r * r;
    if (gradient) gradient[i] = 2 * r;
  }
  return value;
}
