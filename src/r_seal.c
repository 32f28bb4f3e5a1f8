/* r_seal.c - a state as users get it: with the number of its layout and a checksum of all that it holds, so
 * one that was cut, damaged or made by another version is known before anything in it is read. Without the
 * checksum, what C takes for granted is still looked at (r_valid.c). */
#include "r_api.h"

#include <stdint.h>
#include <string.h>

/* Raised by hand where the order or the meaning of what a state holds changes (r_names.h), but not for an
 * option that the core does not know; and with LAYOUT of layout.c, unless the core's sizes have changed, too.
 * With the kind of machine: the size of an address and the order of bytes. */
enum { LAYOUT = 6 };

static int layout(void) {
  const uint16_t one = 1;
  unsigned char little;
  memcpy(&little, &one, 1);
  size_t core = (lbfgsb_size(1, 1) + lbfgsb_differences_size(1)) / sizeof(double);
  return 1000 * (100 * (int)core + LAYOUT) + 100 * little + (int)sizeof(void *);
}

SEXP r_layout(void) { return Rf_ScalarInteger(layout()); }

/* ---- The checksum -------------------------------------------------------------------------------------- */

enum { HASH_LANES = 4 }; /* so that the multiplications of words that follow each other overlap */

typedef struct {
  uint64_t lane[HASH_LANES];
} hash;

/* Mixes a word in; one to one in h for a given word, and in the word for a given h: no change of one word
 * goes unseen. */
static uint64_t mix(uint64_t h, uint64_t word) {
  h = (h ^ word) * UINT64_C(0x9E3779B97F4A7C15);
  return h ^ h >> 32;
}

static void add_words(hash *h, const unsigned char *bytes) {
  uint64_t words[HASH_LANES];
  memcpy(words, bytes, sizeof words);
  for (int i = 0; i < HASH_LANES; i++) h->lane[i] = mix(h->lane[i], words[i]);
}

/* Adds bytes, in whole steps, the last one filled up with zeros: the length must be added too. */
static void add_bytes(hash *h, const void *from, size_t size) {
  const unsigned char *bytes = from;
  unsigned char rest[HASH_LANES * sizeof(uint64_t)] = {0};
  hash local = *h; /* in registers */
  for (; size >= sizeof rest; bytes += sizeof rest, size -= sizeof rest) add_words(&local, bytes);
  if (size > 0) {
    memcpy(rest, bytes, size);
    add_words(&local, rest);
  }
  *h = local;
}

static void add_head(hash *h, int type, R_xlen_t length) {
  const int64_t head[HASH_LANES] = {type, length};
  add_bytes(h, head, sizeof head);
}

static void add_string(hash *h, SEXP string) {
  add_head(h, string == NA_STRING, XLENGTH(string));
  add_bytes(h, CHAR(string), (size_t)XLENGTH(string));
}

static void add_object(hash *h, SEXP x);

/* Adds the elements of a vector. A state holds no functions, and what an attribute may hold beside vectors,
 * as a formula does, C never reads: of that, the type. */
static void add_elements(hash *h, SEXP x) {
  size_t length = (size_t)Rf_xlength(x);
  int type = TYPEOF(x);
  if (type == RAWSXP) add_bytes(h, RAW(x), length);
  if (type == LGLSXP) add_bytes(h, LOGICAL(x), length * sizeof(int));
  if (type == INTSXP) add_bytes(h, INTEGER(x), length * sizeof(int));
  if (type == REALSXP) add_bytes(h, REAL(x), length * sizeof(double));
  if (type == CPLXSXP) add_bytes(h, COMPLEX(x), length * sizeof(Rcomplex));
  for (size_t i = 0; type == STRSXP && i < length; i++) add_string(h, STRING_ELT(x, (R_xlen_t)i));
  for (size_t i = 0; type == VECSXP && i < length; i++) add_object(h, VECTOR_ELT(x, (R_xlen_t)i));
}

/* Adds type, length, names, class and elements: all that is read of a run and of options. */
static void add_object(hash *h, SEXP x) {
  SEXP names = Rf_isVector(x) ? Rf_getAttrib(x, R_NamesSymbol) : R_NilValue;
  R_CheckStack();
  add_head(h, TYPEOF(x), Rf_isVector(x) ? XLENGTH(x) : 0);
  add_elements(h, x);
  if (names != R_NilValue) add_elements(h, names);
  if (Rf_isVector(x) && Rf_isObject(x)) add_elements(h, Rf_getAttrib(x, R_ClassSymbol));
}

/* Adds the attributes of x, and theirs: those of `par`, whatever the user gave it. */
static void add_attributes(hash *h, SEXP x) {
  if (!Rf_isVector(x)) return;
  SEXP call = PROTECT(Rf_lang2(Rf_install("attributes"), x));
  SEXP attributes = PROTECT(Rf_eval(call, R_BaseEnv));
  R_CheckStack();
  if (attributes != R_NilValue) add_object(h, attributes);
  for (R_xlen_t i = 0; i < Rf_xlength(attributes); i++) add_attributes(h, VECTOR_ELT(attributes, i));
  if (TYPEOF(x) == VECSXP)
    for (R_xlen_t i = 0; i < XLENGTH(x); i++) add_attributes(h, VECTOR_ELT(x, i));
  UNPROTECT(2);
}

/* checksum_of() = that of the first STATE_LENGTH elements of a state, sealed or not. */
static uint64_t checksum_of(SEXP state) {
  hash h = {{1, 2, 3, 4}};
  for (int i = 0; i < STATE_LENGTH; i++) add_object(&h, VECTOR_ELT(state, i));
  SEXP problem = VECTOR_ELT(state, STATE_PROBLEM);
  if (is_problem(problem)) add_attributes(&h, VECTOR_ELT(problem, PROBLEM_PAR));
  uint64_t sum = (uint64_t)layout();
  for (int i = 0; i < HASH_LANES; i++) sum = mix(sum, h.lane[i]);
  return sum;
}

/* ---- Sealed and opened --------------------------------------------------------------------------------- */

/* Returns options without the callback, which its environment comes with, and the cluster, which does not
 * outlive its session, as a state may. */
static SEXP without_functions(SEXP control) {
  static const char *const left_out[] = {"callback", "cluster"};
  SEXP names = Rf_getAttrib(control, R_NamesSymbol);
  if (element(control, left_out[0]) == R_NilValue && element(control, left_out[1]) == R_NilValue)
    return control;
  control = PROTECT(Rf_shallow_duplicate(control));
  for (R_xlen_t i = 0; i < XLENGTH(control); i++)
    for (size_t j = 0; j < 2; j++)
      if (strcmp(CHAR(STRING_ELT(names, i)), left_out[j]) == 0) SET_VECTOR_ELT(control, i, R_NilValue);
  UNPROTECT(1);
  return control;
}

/* Returns it sealed, with its class. `whole`: with a checksum. A fit's own state, which mostly never leaves
 * R's memory, goes without: the checksum would cost as much as a short run. */
SEXP r_seal(SEXP state, SEXP whole) {
  SEXP sealed = PROTECT(new_named(VECSXP, sealed_names));
  for (int i = 0; i < STATE_LENGTH; i++) SET_VECTOR_ELT(sealed, i, VECTOR_ELT(state, i));
  SET_VECTOR_ELT(sealed, SEALED_CONTROL, without_functions(VECTOR_ELT(state, STATE_CONTROL)));
  SET_VECTOR_ELT(sealed, SEALED_LAYOUT, Rf_ScalarInteger(layout()));
  bool with_checksum = Rf_asLogical(whole) == TRUE;
  uint64_t sum = with_checksum ? checksum_of(sealed) : 0;
  size_t size = with_checksum ? sizeof sum : 0;
  SEXP checksum = SET_VECTOR_ELT(sealed, SEALED_CHECKSUM, Rf_allocVector(RAWSXP, (R_xlen_t)size));
  memcpy(RAW(checksum), &sum, size);
  Rf_setAttrib(sealed, R_ClassSymbol, Rf_mkString("lbfgsb_state"));
  UNPROTECT(1);
  return sealed;
}

/* Returns the state as a fit holds it: with a checksum where control$keep_state is TRUE; NULL where that is
 * FALSE, or where nobody has said so and it is large. */
SEXP r_keep(SEXP state) {
  enum { LARGEST_KEPT = 5 << 20 }; /* bytes */
  SEXP wanted = element(VECTOR_ELT(state, STATE_CONTROL), "keep_state");
  bool is_large = XLENGTH(VECTOR_ELT(VECTOR_ELT(state, STATE_RUN), RUN_SOLVER)) > LARGEST_KEPT;
  bool is_kept = wanted == R_NilValue ? !is_large : Rf_asLogical(wanted) == TRUE;
  return is_kept ? r_seal(state, wanted) : R_NilValue;
}

static bool has_layout(SEXP x) {
  SEXP number = element(x, sealed_names[SEALED_LAYOUT]);
  return TYPEOF(number) == INTSXP && XLENGTH(number) == 1 && INTEGER(number)[0] == layout();
}

static bool is_whole(SEXP sealed) {
  SEXP checksum = VECTOR_ELT(sealed, SEALED_CHECKSUM);
  if (TYPEOF(checksum) == RAWSXP && XLENGTH(checksum) == 0) return true; /* nobody asked for one */
  uint64_t sum = checksum_of(sealed);
  return TYPEOF(checksum) == RAWSXP && XLENGTH(checksum) == (R_xlen_t)sizeof sum &&
         memcmp(RAW(checksum), &sum, sizeof sum) == 0;
}

/* Returns the state in a sealed one; or what is wrong with it, a name of `state_faults` in R/state.R. */
SEXP r_unseal(SEXP sealed) {
  if (TYPEOF(sealed) != VECSXP || !Rf_inherits(sealed, "lbfgsb_state")) return Rf_mkString("none");
  if (!has_layout(sealed)) return Rf_mkString("other");
  if (!has_names(sealed, sealed_names) || !is_whole(sealed)) return Rf_mkString("damaged");
  SEXP run = VECTOR_ELT(sealed, SEALED_RUN), problem = VECTOR_ELT(sealed, SEALED_PROBLEM);
  bool listed = TYPEOF(VECTOR_ELT(sealed, SEALED_CONTROL)) == VECSXP;
  if (!listed || !is_run(run) || !is_problem(problem)) return Rf_mkString("damaged");
  SEXP state = PROTECT(new_named(VECSXP, state_names));
  for (int i = 0; i < STATE_LENGTH; i++) SET_VECTOR_ELT(state, i, VECTOR_ELT(sealed, i));
  UNPROTECT(1);
  return state;
}
