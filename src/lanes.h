/* lanes.h - private: LANES doubles as one vector (GCC's and Clang's vector extension, all of R's
 * compilers). Each lane is IEEE arithmetic without contraction, so the bits do not depend on the
 * instructions chosen. */
#ifndef LBFGSB_LANES_H
#define LBFGSB_LANES_H

#include "state.h"

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__) && defined(__FP_FAST_FMA)
#pragma GCC optimize("fp-contract=off")
#endif

typedef double lanes __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double)), may_alias));
typedef long long lane_mask __attribute__((vector_size(LANES * sizeof(double)), aligned(sizeof(double)), may_alias));

#define LOAD(p) (*(const lanes *)(p))
#define STORE(p, v) (*(lanes *)(p) = (v))
#define FILL(v) ((lanes){(v), (v), (v), (v)})
#define SELECT(mask, a, b) ((lanes)(((mask) & (lane_mask)(a)) | (~(mask) & (lane_mask)(b))))
#define LESSER(a, b) SELECT((a) < (b), (a), (b))
#define GREATER(a, b) SELECT((a) > (b), (a), (b))

/* Sum, smallest and largest of the lanes. */
static inline double lanes_sum(const double *v) { return (v[0] + v[1]) + (v[2] + v[3]); }
static inline double lanes_min(const double *v) { return fmin(fmin(v[0], v[1]), fmin(v[2], v[3])); }
static inline double lanes_max(const double *v) { return fmax(fmax(v[0], v[1]), fmax(v[2], v[3])); }

#endif
