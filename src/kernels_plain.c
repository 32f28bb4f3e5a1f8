/* kernels_plain.c - the kernels for the instructions that all machines of a kind have. */
#define VARIANT(name) kernel_##name##_plain
#include "kernel_loops.h"
