/* state.h - private: the solver's state, one flat block without pointers.
 *
 * The block is the struct below, then the arrays, each at an offset in `at`. A file writes only the
 * group it owns (named at each group) and reads the others through const. Arrays of rows (n) are
 * padded with zeros to a multiple of LANES, so that no loop over rows needs a tail: a padded row is
 * a variable fixed at 0 with gradient 0.
 */
#ifndef LBFGSB_STATE_H
#define LBFGSB_STATE_H

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels.h"
#include "lbfgsb.h"

/* phi(step) = f(x + step d) and phi'(step). */
typedef struct {
  double step, value, slope;
} search_point;

/* linesearch.c - the Moré-Thuente search for a step. */
typedef struct {
  search_point start;      /* at step 0 */
  search_point best;       /* the lowest value so far; one end of the bracket */
  search_point other;      /* the other end, once bracketed */
  double step;             /* the trial asked for */
  double lowest, highest;  /* what the next trial is kept within */
  double max_step;
  double width, previous_width; /* of the bracket */
  bool bracketed;
  bool final;     /* the bracket is exhausted: the trial is its best end */
  bool unused[6]; /* to the next double: a copy of the struct copies no byte that is not set */
} line_search;

/* Rows that one thread takes at a time, at least (a whole number of blocks), see chunk_rows(). */
enum { CHUNK_ROWS = 64 * BLOCK_ROWS };

/* What a pass adds up over a chunk of rows. Chunks are added in their order, so no sum depends on the
 * number of threads. */
typedef struct {
  breakpoint_sums breakpoints;
  double yy[LANES];         /* of the newest pair */
  direction_sums direction;
  double slope;             /* g'd at a trial */
  size_t free;              /* variables with a positive breakpoint */
  size_t moved;             /* rows moved between the Gram matrices */
} chunk_sums;

/* Offsets of the arrays from the start of the block, in doubles. m: capacity. */
typedef struct {
  size_t lower, upper; /* n, the box */
  size_t x, gradient;  /* n, the iterate */
  size_t trial;        /* n, the point to evaluate; in pass 1 the previous iterate; in the Cauchy
                          search the heap of breakpoints (n indices) */
  size_t breakpoints;  /* n, of the blocks that the Cauchy search reaches */
  size_t block_breaks; /* n / BLOCK_ROWS, the smallest positive breakpoint of each block */
  size_t direction;    /* n, from pass 2 on: in the place of the breakpoints */
  size_t free;         /* n bytes: 1 free, 0 active: the sets of the Gram matrices */
  size_t columns;      /* n x 2m in blocks of rows: y_0 s_0 y_1 s_1 ... by slot */
  size_t marks;        /* n bits, and n / BLOCK_ROWS bytes: the order of the rows in them (order.c): which */
  size_t front;        /* stand in the front of their block, and how many there are in each */
  size_t calm, patience; /* n / BLOCK_ROWS bytes: in how many passes in a row a block's free set has not
                          changed, and how many that must be for a new order */
  size_t curvature;    /* m, s'y by slot: the diagonal of D */
  size_t chunk;        /* chunk_sums, and the arrays up to `sums`: the first chunk's; the next one's stand
                          `chunk_length` further */
  size_t chunk_length;
  size_t yy_free, sy_free, ss_free; /* m x ld, Y'Y, S'Y and S'S over the free rows, by slot */
  size_t ss_active, sy_active;      /* m x ld, over the active rows; S'Y where s is newer than y; the first
                          chunk's are the state's, to which the others' are added */
  size_t row;          /* 2 ld, a gathered row of Y, and of S */
  size_t reordered;    /* BLOCK_ROWS x 2m, a block that is given a new order */
  size_t sums;         /* m x DOT_VECTORS x 2 x LANES, the dot products of pass 1 */
  size_t M, K;         /* m x 3 ld each, factored quasi-definite matrices (dense.h) */
  size_t p, c, q, Mc, w, Mw; /* 2m each: Y part, then theta S part, oldest pair first */
} array_offsets;

/* What the run waits for: f and g at the start, or at a trial; to look for a direction from an iterate; to
 * search along it. */
enum phase { PHASE_START, PHASE_TRIAL, PHASE_ITERATE, PHASE_DIRECTION };

struct lbfgsb_solver {
  size_t mark;     /* of this layout */
  size_t n;        /* variables */
  size_t capacity; /* m, pairs at most */
  size_t ld;       /* m padded to LANES: from one row of a Gram matrix to the next */
  array_offsets at;

  /* solver.c - the run */
  lbfgsb_options options;
  size_t threads; /* at most */
  enum phase phase;
  lbfgsb_status status;
  size_t iterations, evaluations, nonfinite, skipped, restarts;
  size_t trials; /* of the present line search */
  double value, previous_value;
  double step; /* accepted last */

  /* stop.c - the evidence */
  double largest_pgnorm;   /* of the run */
  size_t idle;             /* iterations in a row that reduced f by no more than its rounding */
  bool doubted;            /* the pairs have been forgotten for it */

  /* box.c - the box */
  bool constrained;            /* some variable has a bound */
  bool boxed;                  /* every variable has both */
  bool same_lower, same_upper; /* all variables have the same one, which may be infinite */

  /* pairs.c - the stored pairs, the free set, and what pass 1 saw */
  size_t count;  /* k, pairs stored */
  size_t oldest; /* slot of the oldest pair */
  size_t stored; /* pairs stored since any were forgotten */
  double theta;
  size_t free_count;  /* variables in the free set */
  size_t moved;       /* rows moved between the Gram matrices since they were built */
  double pgnorm;      /* ||P(x - g) - x||_inf */
  double descent_sq;  /* d'd, d = -g over the rows with a positive breakpoint */
  double steepest;    /* ||d||_inf, at least pgnorm */
  double first_break; /* the smallest positive breakpoint */

  /* cauchy.c - the generalized Cauchy point */
  double path_time; /* t*: it is x - t* g in the free variables; NaN where it was not needed */
  size_t crossed;   /* variables that it brings to a bound: if none, c = 0 */

  /* box.c - the direction */
  double slope;    /* g'd */
  double max_step; /* the largest feasible step along it, at most STEP_LIMIT */
  bool projected;  /* the point it leads to was outside the box before its projection */

  line_search search;
};

static inline const double *get(const lbfgsb_solver *s, size_t offset) { return (const double *)s + offset; }
static inline double *put(lbfgsb_solver *s, size_t offset) { return (double *)s + offset; }
static inline const unsigned char *get_bytes(const lbfgsb_solver *s, size_t offset) {
  return (const unsigned char *)get(s, offset);
}
static inline unsigned char *put_bytes(lbfgsb_solver *s, size_t offset) { return (unsigned char *)put(s, offset); }
static inline const unsigned char *get_free(const lbfgsb_solver *s) { return get_bytes(s, s->at.free); }
static inline unsigned char *put_free(lbfgsb_solver *s) { return put_bytes(s, s->at.free); }

/* The trial becomes the iterate, and the iterate the previous one. */
static inline void swap_iterate(lbfgsb_solver *s) {
  size_t previous = s->at.x;
  s->at.x = s->at.trial;
  s->at.trial = previous;
}

/* ---- Chunks of rows ------------------------------------------------------------------------------- */

/* In proportion to m where that is large, so that the chunks' Gram matrices stay small beside the pairs. */
static inline size_t chunk_rows(size_t m) { return CHUNK_ROWS * (1 + m / 24); }
static inline size_t chunk_count(size_t n, size_t m) { return (n + chunk_rows(m) - 1) / chunk_rows(m); }

/* The chunk's first row, or n for the one after the last. */
static inline size_t chunk_begin(const lbfgsb_solver *s, size_t chunk) {
  size_t first = chunk * chunk_rows(s->capacity);
  return first < s->n ? first : s->n;
}

/* The chunk's own array. */
static inline double *put_chunk(lbfgsb_solver *s, size_t offset, size_t chunk) {
  return put(s, offset) + chunk * s->at.chunk_length;
}
static inline chunk_sums *sums_of(lbfgsb_solver *s, size_t chunk) {
  return (chunk_sums *)put_chunk(s, s->at.chunk, chunk);
}

/* chunks.c: task(s, chunk, what) for each chunk, by up to s->threads threads. */
typedef void chunk_task(lbfgsb_solver *s, size_t chunk, const void *what);
void each_chunk(lbfgsb_solver *s, chunk_task *task, const void *what);

/* Rows of the block that begins at row `first`, padded. */
static inline size_t block_rows(const lbfgsb_solver *s, size_t first) {
  return s->n - first < BLOCK_ROWS ? pad_rows(s->n - first) : BLOCK_ROWS;
}

/* The columns of the rows before row i take up so much. */
static inline size_t columns_offset(const lbfgsb_solver *s, size_t i) { return s->at.columns + 2 * s->capacity * i; }

/* ---- The steps --------------------------------------------------------------------------------------- */

/* Whether the next block is to be fetched while the one that begins at row `first` is at work: if there is
 * one, of full length, and the pairs are too many for the caches next to the processor. */
#define FETCH_ABOVE ((size_t)1 << 20) /* doubles */
static inline bool fetches_ahead(const lbfgsb_solver *s, size_t first) {
  return 2 * s->capacity * s->n > FETCH_ABOVE && first + 2 * BLOCK_ROWS <= s->n;
}

/* Whether what pass 2 writes would leave the caches before it is read again. */
#define PAST_ABOVE ((size_t)1 << 22) /* doubles */
static inline bool stores_past(const lbfgsb_solver *s) { return 2 * s->capacity * s->n > PAST_ABOVE; }

/* The bounds of the block that begins at row `first`: where they are the same for all variables, those of
 * the first block, which stay in the nearest cache. A padded block has its own. */
static inline const double *get_bounds(const lbfgsb_solver *s, size_t offset, bool same, size_t first) {
  return get(s, offset) + (same && first + BLOCK_ROWS <= s->n ? 0 : first);
}

/* The iterate and its box in the block that begins at row `first`. */
static inline box_rows get_rows(const lbfgsb_solver *s, size_t first) {
  return (box_rows){.rows = block_rows(s, first),
                    .ahead = fetches_ahead(s, first) ? BLOCK_ROWS : 0,
                    .past = stores_past(s),
                    .x = get(s, s->at.x) + first,
                    .g = get(s, s->at.gradient) + first,
                    .lower = get_bounds(s, s->at.lower, s->same_lower, first),
                    .upper = get_bounds(s, s->at.upper, s->same_upper, first)};
}

/* box.c */

#define STEP_LIMIT 1e10 /* the published 3.0's */

static inline double clamp(double v, double lower, double upper) {
  return v < lower ? lower : v > upper ? upper : v;
}

/* The bound that -g leads to; x itself where g = 0. */
static inline double bound_ahead(double x, double g, double lower, double upper) {
  return g > 0 ? lower : g < 0 ? upper : x;
}

/* No NaN, no lower above its upper, no lower = Inf, no upper = -Inf. NULL: no bounds. */
bool box_valid(size_t n, const double *lower, const double *upper);

/* Copies the box and the start, moved onto it, into the state. Writes lower, upper, x. */
void box_init(lbfgsb_solver *s, const double *x, const double *lower, const double *upper);

/* trial = P(x + step d). */
void box_trial(lbfgsb_solver *s, double step);

/* The direction to P(trial): trial = P(trial), direction = trial - x. Writes slope, max_step, projected.
 * Block by block, after point(s, first, what) has written trial in the block that begins at row `first`. */
typedef void block_point(lbfgsb_solver *s, size_t first, const void *what);
void box_direction(lbfgsb_solver *s, block_point *point, const void *what);

/* The same in steps: the sums of each chunk begin, are added to by kernels, and after all chunks end. */
void box_direction_begin(lbfgsb_solver *s, size_t chunk);
void box_direction_end(lbfgsb_solver *s);

/* pairs.c */

/* Forgets the pairs: B = I. */
void pairs_forget(lbfgsb_solver *s);

/* Pass 1 at the iterate x and its gradient (n); trial and the state's gradient hold the previous
 * iterate's. curvature: s'y of the pair to store, 0 for none. Writes the pairs, the Gram matrices,
 * theta, the free set, what it sees of the breakpoints, p = W'd, and the gradient. */
void pairs_absorb(lbfgsb_solver *s, const double *gradient, double curvature);

/* Variable i moves from the free to the active set, with its rank-one terms. */
void pairs_activate(lbfgsb_solver *s, size_t i);

/* w (2k) = (y_i, theta s_i) of the row moved last. */
void pairs_row(const lbfgsb_solver *s, double *w);

/* Pass 2: trial = the subspace minimizer x_F + (W_F q - g_F) / theta, bounds in the active rows; and,
 * if `project`, the direction to its projection on the box (box.c). */
void pairs_direction(lbfgsb_solver *s, bool project);

/* The slot of the pair of an age, 0 the oldest. */
static inline size_t pairs_slot(const lbfgsb_solver *s, size_t age) {
  size_t slot = s->oldest + age;
  return slot < s->capacity ? slot : slot - s->capacity;
}

/* Row `age` of a matrix by slot. */
static inline const double *pairs_gram_row(const lbfgsb_solver *s, size_t offset, size_t age) {
  return get(s, offset) + pairs_slot(s, age) * s->ld;
}

/* order.c - the order of the rows in W. A block begins at row `first`. */

/* The order in which all rows are in front. */
void order_init(lbfgsb_solver *s);

/* How many rows of the block are in front, and which. */
static inline size_t order_front(const lbfgsb_solver *s, size_t first) {
  return get_bytes(s, s->at.front)[first / BLOCK_ROWS];
}
static inline const uint64_t *order_marks(const lbfgsb_solver *s, size_t first) {
  return (const uint64_t *)get(s, s->at.marks) + first / MARKS;
}

/* The front or the back of the block; where in it a column begins; and stores that column, whose rows are
 * given one after another. */
pair_block order_part(const lbfgsb_solver *s, size_t first, bool front);
double *order_column(lbfgsb_solver *s, size_t first, bool front, size_t column);
void order_store(lbfgsb_solver *s, size_t first, bool front, size_t column, const double *rows);

/* Row i in column 0; in the next column it is `stride` further. */
const double *order_row(const lbfgsb_solver *s, size_t i, size_t *stride);

/* Prepares the block for a new free set, while the state's own is still the previous one: a new free row that
 * is not in front brings all rows there; a set that stays brings the others behind. */
void order_follow(lbfgsb_solver *s, size_t chunk, size_t first, const unsigned char *free, size_t free_rows);

/* compact.c - B = theta I - W M W', W = [Y, theta S] */

/* Factors the inverse of M. False if it is not quasi-definite. */
bool compact_factor(lbfgsb_solver *s);

/* out = M v, both (2k). */
void compact_apply(lbfgsb_solver *s, const double *v, double *out);

/* v'M v; overwrites v (2k). */
double compact_form(lbfgsb_solver *s, double *v);

/* cauchy.c */

/* The generalized Cauchy point (Byrd et al. 1995, section 4). Writes path_time, c = W_A'(its step), and,
 * for the variables that it brings to a bound, p and the free set. False if B is not positive definite.
 * Where d'd overflows it is the point at ||t g||_inf = 1, and no model is asked; where it is sure to come
 * before the first breakpoint, path_time is left to cauchy_time(). */
bool cauchy_point(lbfgsb_solver *s);

/* Writes path_time where cauchy_point() has not. False if B is not positive definite. */
bool cauchy_time(lbfgsb_solver *s);

/* subspace.c */

/* There are pairs, free variables to minimize over, and products that do not overflow. */
bool subspace_exists(const lbfgsb_solver *s);

/* Writes q (2k) of the subspace minimizer over the free variables. False if K is not quasi-definite. */
bool subspace_minimizer(lbfgsb_solver *s);

/* trial = the Cauchy point, and the direction to it. */
void subspace_cauchy(lbfgsb_solver *s);

/* From the Cauchy point towards the subspace minimizer up to the first bound (Byrd et al. 1995, section
 * 5.1). Writes trial, and the direction to it. False if B is not positive definite. */
bool subspace_truncate(lbfgsb_solver *s);

/* solver.c */

/* The search direction and its first trial point. False if the model is not positive definite. */
bool solver_direction(lbfgsb_solver *s);

/* stop.c */

/* Takes note of a new iterate. Writes largest_pgnorm, idle, doubted. */
void stop_record(lbfgsb_solver *s);

/* Why to stop, or LBFGSB_RUNNING: at an iterate; when the direction from it is known; before another
 * evaluation; when no direction brings a lower value. */
lbfgsb_status stop_at_iterate(const lbfgsb_solver *s);
lbfgsb_status stop_at_direction(const lbfgsb_solver *s);
lbfgsb_status stop_before_evaluation(const lbfgsb_solver *s);
lbfgsb_status stop_without_progress(const lbfgsb_solver *s);

/* So many idle iterations that the pairs should be forgotten, once. */
bool stop_doubts_model(const lbfgsb_solver *s);
void stop_doubt(lbfgsb_solver *s);

/* linesearch.c */

typedef enum { SEARCH_TRY, SEARCH_ACCEPTED, SEARCH_FAILED } search_outcome;

/* Begins a search from phi(0), phi'(0) with a first trial step. Fails unless phi'(0) < 0, and finite. */
search_outcome search_start(line_search *search, search_point start, double step, double max_step);

/* The trial has this value and slope: accepts it, or asks for another in search->step. */
search_outcome search_advance(line_search *search, double value, double slope);

/* The trial was not finite: asks for one nearer to the best step. */
search_outcome search_shorten(line_search *search);

#endif
