/* arithmetic.h - private: no file of the core multiplies and adds with one rounding where the machine could.
 * METHOD.md (26). */
#ifndef LBFGSB_ARITHMETIC_H
#define LBFGSB_ARITHMETIC_H

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#else
#pragma GCC optimize("fp-contract=off")
#endif

/* lesser, greater = the one of two numbers, neither NaN: fmin() and fmax() are calls. */
static inline double lesser(double a, double b) { return a < b ? a : b; }
static inline double greater(double a, double b) { return a > b ? a : b; }

#endif
