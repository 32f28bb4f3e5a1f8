/* kernel_loops.h - the loops over rows of kernels.h, in vectors of LANES doubles (GCC's and Clang's
 * extension: all of R's compilers). kernels_*.c compile them, each for a set of instructions, as a table
 * for which they have their own pack() and unpack(). Each lane is IEEE arithmetic without contraction,
 * so all give the same bits. METHOD.md (26). */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdbool.h>

#include "kernels.h"

/* ---- Vectors ------------------------------------------------------------------------------------- */

#define VECTOR(type) __attribute__((vector_size(LANES * sizeof(type)), aligned(sizeof(type)), may_alias)) type
typedef VECTOR(double) lanes;
typedef VECTOR(long long) lane_mask;
typedef VECTOR(unsigned char) lane_bytes;

#define LOAD(p) (*(const lanes *)(p))
#define STORE(p, v) (*(lanes *)(p) = (v))
#define MASK(p) (*(lane_mask *)(p))
#define BYTES(p) (*(lane_bytes *)(p))
#define FILL(v) ((lanes){(v), (v), (v), (v)})
#define ABSOLUTE(v) ((lanes)((lane_mask)(v)&LLONG_MAX))

/* Stores without a way through the caches, where there is one: p must be aligned to a vector. Other threads
 * see what is stored so once it is settled. */
#ifdef KERNELS_AVX2
#define STREAM(p, v) _mm256_stream_pd((p), (__m256d)(v))
#define SETTLE() _mm_sfence()
#else
#define STREAM(p, v) STORE(p, v)
#define SETTLE() (void)0
#endif
#define IS_ALIGNED(p) ((uintptr_t)(p) % sizeof(lanes) == 0)

/* mask ? a : b, a < b ? a : b, a > b ? a : b. */
#ifdef KERNELS_AVX2
#define SELECT(mask, a, b) ((lanes)_mm256_blendv_pd((__m256d)(b), (__m256d)(a), (__m256d)(mask)))
#define LESSER(a, b) ((lanes)_mm256_min_pd((__m256d)(a), (__m256d)(b)))
#define GREATER(a, b) ((lanes)_mm256_max_pd((__m256d)(a), (__m256d)(b)))
#else
#define SELECT(mask, a, b) ((lanes)(((mask) & (lane_mask)(a)) | (~(mask) & (lane_mask)(b))))
#define LESSER(a, b) SELECT((a) < (b), (a), (b))
#define GREATER(a, b) SELECT((a) > (b), (a), (b))
#endif

/* Fetches row i, which is in the next block. */
INLINE void fetch_row(const box_rows *at, size_t i, const bool fetching) {
  fetch(at->x, i, fetching);
  fetch(at->g, i, fetching);
  fetch(at->lower, i, fetching);
  fetch(at->upper, i, fetching);
}

/* ---- Pass 1 --------------------------------------------------------------------------------------- */

/* Computes the breakpoints t of the rows i ... i + LANES - 1, and the room x - bound ahead. */
INLINE void breakpoint_rows(const box_rows *at, size_t i, lanes *t, lanes *room) {
  const lanes zero = FILL(0), infinite = FILL(INFINITY), smallest = FILL(DBL_MIN);
  lanes x = LOAD(at->x + i), g = LOAD(at->g + i);
  lanes above = x - LOAD(at->lower + i), below = x - LOAD(at->upper + i);
  lanes at_rest = SELECT((above <= zero) | (below >= zero), zero, infinite);
  *room = SELECT(g < zero, below, above);
  lanes ahead = SELECT(*room == zero, zero, GREATER(*room / g, smallest));
  *t = SELECT(g == zero, at_rest, ahead);
}

static void times(const box_rows *at, double *t) {
  lanes t_i, room;
  for (size_t i = 0; i < at->rows; i += LANES) {
    breakpoint_rows(at, i, &t_i, &room);
    STORE(t + i, t_i);
  }
}

/* Takes note of |g| and of the room in the caller's units. */
INLINE void callers_rows(const box_rows *at, size_t i, const lane_mask *is_free, const lanes *room,
                         breakpoint_sums *sums) {
  lanes scale = LOAD(at->scale + i), slope = ABSOLUTE(LOAD(at->g + i)) / scale;
  lanes projected = LESSER(ABSOLUTE(*room) * scale, slope), steep = SELECT(*is_free, slope, FILL(0));
  STORE(sums->callers_pgnorm, GREATER(projected, LOAD(sums->callers_pgnorm)));
  STORE(sums->callers_steepest, GREATER(steep, LOAD(sums->callers_steepest)));
}

INLINE void breakpoints_loop(const box_rows *at, double *d, unsigned char *free, breakpoint_sums *sums,
                             const bool fetching) {
  const lanes zero = FILL(0), infinite = FILL(INFINITY);
  lanes descent_sq = LOAD(sums->descent_sq), first = LOAD(sums->first);
  lanes pgnorm = LOAD(sums->pgnorm), steepest = LOAD(sums->steepest);
  lane_mask free_rows = MASK(sums->free);
  for (size_t i = 0; i < at->rows; i += LANES) {
    lanes g = LOAD(at->g + i), t, room;
    fetch_row(at, i + at->ahead, fetching);
    breakpoint_rows(at, i, &t, &room);
    lane_mask is_free = t > zero;
    lanes d_i = SELECT(is_free, -g, zero);
    pgnorm = GREATER(LESSER(ABSOLUTE(room), ABSOLUTE(g)), pgnorm);
    steepest = GREATER(ABSOLUTE(d_i), steepest);
    if (at->scale) callers_rows(at, i, &is_free, &room, sums);
    first = LESSER(SELECT(is_free, t, infinite), first);
    descent_sq += d_i * d_i;
    free_rows -= is_free;
    STORE(d + i, d_i);
    BYTES(free + i) = __builtin_convertvector(-is_free, lane_bytes);
  }
  STORE(sums->descent_sq, descent_sq);
  STORE(sums->pgnorm, pgnorm);
  STORE(sums->steepest, steepest);
  STORE(sums->first, first);
  MASK(sums->free) = free_rows;
}

static void breakpoints(const box_rows *at, double *d, unsigned char *free, breakpoint_sums *sums) {
  at->ahead > 0 ? breakpoints_loop(at, d, free, sums, true) : breakpoints_loop(at, d, free, sums, false);
}

INLINE void pair_loop(pair_rows *p, double *yy, const bool fetching) {
  const lanes zero = FILL(0), far_move = FILL(FAR_MOVE), least = FILL(SIZE_FLOOR);
  lanes sum = LOAD(yy);
  lane_mask moved = MASK(p->moved), far = MASK(p->far);
  for (size_t i = 0; i < p->rows; i += LANES) {
    lanes x_old = LOAD(p->x_old + i), y = LOAD(p->g + i) - LOAD(p->g_old + i), s = LOAD(p->x + i) - x_old;
    lane_mask is_free = -__builtin_convertvector(BYTES(p->free + i), lane_mask);
    fetch(p->x_old, i + p->ahead, fetching);
    fetch(p->g_old, i + p->ahead, fetching);
    sum += y * y;
    STORE(p->y + i, y);
    STORE(p->s + i, s);
    STORE(p->y_free + i, SELECT(is_free, y, zero));
    STORE(p->s_free + i, SELECT(is_free, s, zero));
    lanes s_active = SELECT(is_free, zero, s);
    STORE(p->s_active + i, s_active);
    moved |= s_active != zero;
    far |= ABSOLUTE(s) > far_move * GREATER(ABSOLUTE(x_old), least);
  }
  STORE(yy, sum);
  MASK(p->moved) = moved;
  MASK(p->far) = far;
}

static void pair(pair_rows *rows, double *yy) {
  rows->ahead > 0 ? pair_loop(rows, yy, true) : pair_loop(rows, yy, false);
}

/* Adds the dot products of y and s of pair j with V vectors x: 2 V independent sums hide the adds'
 * latency. */
INLINE void dots_of_pair(const pair_block *block, size_t j, const double *x, const int V, double *sums,
                         const bool fetching) {
  const double *y = block->columns + 2 * j * block->rows, *s = y + block->rows;
  lanes sum_y[DOT_VECTORS], sum_s[DOT_VECTORS];
#pragma GCC unroll 4
  for (int v = 0; v < V; v++) {
    sum_y[v] = LOAD(sums + 2 * v * LANES);
    sum_s[v] = LOAD(sums + (2 * v + 1) * LANES);
  }
  for (size_t i = 0; i < block->rows; i += LANES) {
    lanes y_i = LOAD(y + i), s_i = LOAD(s + i);
    fetch(y + block->ahead, i, fetching);
    fetch(s + block->ahead, i, fetching);
#pragma GCC unroll 4
    for (int v = 0; v < V; v++) {
      lanes x_i = LOAD(x + v * BLOCK_ROWS + i);
      sum_y[v] += y_i * x_i;
      sum_s[v] += s_i * x_i;
    }
  }
#pragma GCC unroll 4
  for (int v = 0; v < V; v++) {
    STORE(sums + 2 * v * LANES, sum_y[v]);
    STORE(sums + (2 * v + 1) * LANES, sum_s[v]);
  }
}

INLINE void dots_loop(const pair_block *block, const double *x, const int V, double *sums,
                      const bool fetching) {
  for (size_t j = 0; j < block->pairs; j++)
    dots_of_pair(block, j, x, V, sums + j * DOT_VECTORS * 2 * LANES, fetching);
}

static void dots(const pair_block *block, const double *x, int vectors, double *sums) { DOTS(dots_loop); }

static void eliminate(const upper_rows *a, double factor, const double *u) {
  for (size_t i = a->first; i < a->last; i++) {
    double *row = a->rows + i * a->stride;
    lanes l_i = FILL(factor * u[i]);
    for (size_t j = i - i % LANES; j < a->width; j += LANES)
      STORE(row + j, LOAD(row + j) - l_i * LOAD(u + j));
  }
}

static void outer(double *a, size_t ld, size_t k, double sign, const double *u, const double *v) {
  for (size_t j = 0; j < k; j += LANES) {
    lanes v_j = FILL(sign) * LOAD(v + j);
    for (size_t i = 0; i < k; i++) {
      double *a_ij = a + i * ld + j;
      STORE(a_ij, LOAD(a_ij) + FILL(u[i]) * v_j);
    }
  }
}

/* ---- Pass 2 --------------------------------------------------------------------------------------- */

/* Combines V vectors of rows, eight at a time, then one: each row's sum has the same order either way. */
INLINE void combine_rows(const pair_block *block, const double *w, const double *q, const size_t V,
                         double *out, const bool fetching) {
  lanes sum[8];
#pragma GCC unroll 8
  for (size_t v = 0; v < V; v++) sum[v] = FILL(0);
  for (size_t j = 0; j < 2 * block->pairs; j++, w += block->rows) {
    lanes q_j = FILL(q[j]);
#pragma GCC unroll 8
    for (size_t v = 0; v < V; v++) {
      fetch(w + block->ahead, v * LANES, fetching);
      sum[v] += q_j * LOAD(w + v * LANES);
    }
  }
#pragma GCC unroll 8
  for (size_t v = 0; v < V; v++) STORE(out + v * LANES, sum[v]);
}

INLINE void combine_loop(const pair_block *block, const double *q, double *out, const bool fetching) {
  const double *columns = block->columns;
  size_t i = 0;
  for (; i + 8 * LANES <= block->rows; i += 8 * LANES)
    combine_rows(block, columns + i, q, 8, out + i, fetching);
  for (; i < block->rows; i += LANES) combine_rows(block, columns + i, q, 1, out + i, fetching);
}

static void combine(const pair_block *block, const double *q, double *out) {
  block->ahead > 0 ? combine_loop(block, q, out, true) : combine_loop(block, q, out, false);
}

/* Does as minimizer() in the rows i ... i + LANES - 1. */
INLINE void minimizer_rows(const box_rows *at, const unsigned char *free, const double *Wq, double theta,
                           lanes *target, size_t i) {
  const lanes zero = FILL(0);
  lanes x = LOAD(at->x + i), g = LOAD(at->g + i);
  lanes bound = SELECT(g > zero, LOAD(at->lower + i), SELECT(g < zero, LOAD(at->upper + i), x));
  lane_mask is_free = -__builtin_convertvector(BYTES(free + i), lane_mask);
  *target = SELECT(is_free, x + (LOAD(Wq + i) - g) / FILL(theta), bound);
}

static void minimizer(const box_rows *at, const unsigned char *free, const double *Wq, double theta,
                      double *target) {
  lanes target_i;
  for (size_t i = 0; i < at->rows; i += LANES) {
    minimizer_rows(at, free, Wq, theta, &target_i, i);
    STORE(target + i, target_i);
  }
}

/* direction_sums in registers. */
typedef struct {
  lanes slope, max_step, move, norm;
  lane_mask projected;
} direction_lanes;

INLINE void load_direction(const direction_sums *sums, direction_lanes *in) {
  in->slope = LOAD(sums->slope);
  in->max_step = LOAD(sums->max_step);
  in->move = LOAD(sums->move);
  in->norm = LOAD(sums->norm);
  in->projected = MASK(sums->projected);
}

INLINE void store_direction(const direction_lanes *in, direction_sums *sums) {
  STORE(sums->slope, in->slope);
  STORE(sums->max_step, in->max_step);
  STORE(sums->move, in->move);
  STORE(sums->norm, in->norm);
  MASK(sums->projected) = in->projected;
}

/* Does as direction() in the rows i ... i + LANES - 1. */
INLINE void direction_rows(const box_rows *at, lanes *target, lanes *d, direction_lanes *sums, size_t i) {
  const lanes zero = FILL(0), largest = FILL(DBL_MAX);
  lanes x = LOAD(at->x + i), l = LOAD(at->lower + i), u = LOAD(at->upper + i);
  lanes inside = LESSER(GREATER(*target, GREATER(l, -largest)), LESSER(u, largest)), d_i = inside - x;
  lanes size = ABSOLUTE(d_i);
  lanes room = SELECT(d_i < zero, l - x, u - x) / d_i;
  sums->max_step = SELECT(d_i == zero, sums->max_step, LESSER(room, sums->max_step));
  sums->move = GREATER(sums->move, size / GREATER(ABSOLUTE(x), FILL(1)));
  sums->norm = GREATER(sums->norm, size);
  sums->projected |= inside != *target;
  sums->slope += LOAD(at->g + i) * d_i;
  *target = inside;
  *d = d_i;
}

static void direction(const box_rows *at, double *target, double *d, direction_sums *sums) {
  direction_lanes in;
  load_direction(sums, &in);
  for (size_t i = 0; i < at->rows; i += LANES) {
    lanes target_i = LOAD(target + i), d_i;
    direction_rows(at, &target_i, &d_i, &in, i);
    STORE(target + i, target_i);
    STORE(d + i, d_i);
  }
  store_direction(&in, sums);
}

INLINE void step_loop(const box_rows *at, const unsigned char *free, const double *Wq, double theta,
                      double *target, double *d, direction_sums *sums, const bool fetching,
                      const bool streams) {
  direction_lanes in;
  load_direction(sums, &in);
  for (size_t i = 0; i < at->rows; i += LANES) {
    lanes target_i, d_i;
    fetch_row(at, i + at->ahead, fetching);
    minimizer_rows(at, free, Wq, theta, &target_i, i);
    direction_rows(at, &target_i, &d_i, &in, i);
    if (streams) {
      STREAM(target + i, target_i);
      STREAM(d + i, d_i);
    } else {
      STORE(target + i, target_i);
      STORE(d + i, d_i);
    }
  }
  store_direction(&in, sums);
  if (streams) SETTLE();
}

static void step(const box_rows *at, const unsigned char *free, const double *Wq, double theta,
                 double *target, double *d, direction_sums *sums) {
  if (at->ahead == 0)
    step_loop(at, free, Wq, theta, target, d, sums, false, false);
  else if (at->streams && IS_ALIGNED(target) && IS_ALIGNED(d))
    step_loop(at, free, Wq, theta, target, d, sums, true, true);
  else
    step_loop(at, free, Wq, theta, target, d, sums, true, false);
}

/* ---- The line search -------------------------------------------------------------------------------- */

static double dot(const double *a, const double *b, size_t n) {
  lanes sum = FILL(0);
  double rest = 0;
  size_t i = 0;
  for (; i + LANES <= n; i += LANES) sum += LOAD(a + i) * LOAD(b + i);
  for (; i < n; i++) rest += a[i] * b[i];
  return (sum[0] + sum[1]) + (sum[2] + sum[3]) + rest;
}

/* The table of these functions; of the dot products there may be better ones. */
#define KERNEL_TABLE(best_dots)                                                                              \
  {                                                                                                          \
    .breakpoints = breakpoints, .times = times, .pair = pair, .pack = pack, .unpack = unpack,                \
    .dots = best_dots, .eliminate = eliminate, .outer = outer, .combine = combine, .minimizer = minimizer,   \
    .direction = direction, .step = step, .dot = dot                                                         \
  }
