/* kernels_avx2.c - the kernels for x86-64 with AVX2. */
#include "kernels.h"

#ifdef KERNELS_X86
#include <immintrin.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2"))), apply_to = function)
#else
#pragma GCC target("avx2")
#endif

#define KERNELS_AVX2
#define VARIANT(name) kernel_##name##_avx2
#include "kernel_loops.h"

#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
