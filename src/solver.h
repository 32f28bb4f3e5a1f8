/* solver.h - private: the solver's state, one flat block without pointers.
 *
 * The block is the struct below, then the arrays, each at an offset that its owner's group holds. A group
 * belongs to the file of its name, which alone writes its members and, by put(), its arrays; all else reaches
 * them by get(). (The offsets themselves are all set by layout.c.) Arrays of rows (n) are padded with zeros,
 * the scales with 1, to a multiple of LANES, so that no loop over rows needs a tail: a padded row is a
 * variable fixed at 0 with gradient 0. METHOD.md, section 8. */
#ifndef LBFGSB_SOLVER_H
#define LBFGSB_SOLVER_H

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernels.h"
#include "lbfgsb.h"
#include "linesearch.h"
#include "phase.h"

/* Whether f is the same twice at the same point. */
enum repeat { REPEAT_UNKNOWN, REPEAT_ASKED, REPEAT_KNOWN };

/* What of a question has led too far. */
enum far { FAR_NONE, FAR_TOLD, FAR_REST, FAR_OTHERS, FAR_STAYING };

/* Offsets are in doubles from the start of the block. An array of a chunk stands once for each chunk of rows
 * (chunks.h), `chunk_length` doubles apart. Lengths are by m: of that, the room there is, `capacity`. */
struct lbfgsb_solver {
  struct {
    size_t mark;     /* of this layout */
    size_t n;        /* variables */
    size_t capacity; /* pairs that there is room for: m at most */
    size_t ld;       /* m padded to LANES: from one row of a Gram matrix to the next */
    size_t chunk_length;
  } layout;

  lbfgsb_options options; /* lbfgsb.c */

  struct {
    size_t threads; /* at most */
  } chunks;

  struct {
    size_t lower, upper;         /* n */
    bool constrained;            /* some variable has a bound */
    bool boxed;                  /* every variable has both */
    bool same_lower, same_upper; /* all variables are known to have the same one, which may be infinite */
  } box;

  /* The iterate and what pass 1 saw there. */
  struct {
    size_t x, gradient;  /* n */
    size_t previous;     /* n, the iterate before, until a direction is looked for: in the trial's place */
    size_t block_breaks; /* n / BLOCK_ROWS, the smallest positive breakpoint of each block */
    size_t p;            /* 2m, W'd: the Y part, then theta S, oldest pair first; as all vectors of 2m */
    size_t sums;         /* iterate_sums, a chunk's */
    size_t dots;         /* m x DOT_VECTORS x 2 x LANES, a chunk's dot products */
    double pgnorm;       /* ||P(x - g) - x||_inf */
    double descent_sq;   /* d'd, d = -g over the rows with a positive breakpoint */
    double steepest;     /* ||d||_inf, at least pgnorm */
    double first_break;  /* the smallest positive breakpoint */
    bool far;            /* the step from the iterate before has moved some variable far */
  } iterate;

  /* The stored pairs: a ring of slots. */
  struct {
    size_t curvature; /* m, s'y by slot: the diagonal of D */
    size_t count;     /* k, pairs stored */
    size_t oldest;    /* slot of the oldest pair */
    size_t stored;    /* pairs stored since any were forgotten */
    double theta;     /* B0 = theta I: another diagonal would be other scales */
  } pairs;

  /* The pairs' columns, and the order of the rows in them. */
  struct {
    size_t columns;   /* n x 2m in blocks of rows: y_0 s_0 y_1 s_1 ... by slot */
    size_t marks;     /* n bits, and */
    size_t front;     /* n / BLOCK_ROWS bytes: which rows stand in front of their block, and how many */
    size_t unchanged; /* n / BLOCK_ROWS bytes: in how many passes in a row a block's free set has stayed, */
    size_t required;  /* and more than how many that must be for a new order */
    size_t natural;   /* BLOCK_ROWS x 2m, a chunk's: a block that is given a new order, in the natural one */
  } order;

  /* The Gram matrices, by slot, and the sets of rows over which they are summed. */
  struct {
    size_t free;                      /* n bytes: 1 free, 0 active */
    size_t yy_free, sy_free, ss_free; /* m x ld, a chunk's: Y'Y, S'Y and S'S over the free rows */
    size_t ss_active, sy_active; /* m x ld, a chunk's: over the active rows; S'Y where s is newer than y */
    size_t row;                  /* 2 ld, a chunk's: a gathered row of Y, and of S */
    size_t moved_in_chunk;       /* 1, a chunk's: rows moved in this pass */
    size_t free_count;           /* variables in the free set */
    size_t moved;                /* rows moved between the matrices since they were built */
  } gram; /* the matrices of the first chunk are the state's, to which the others' are added */

  struct {
    size_t M;    /* m x 3 ld, the factored inverse of M (dense.h) */
    size_t half; /* 2m, a vector half multiplied by M */
  } compact;

  /* The generalized Cauchy point. */
  struct {
    size_t breakpoints; /* n, of the blocks that the search reaches: in the place of the direction */
    size_t heap;        /* n indices of breakpoints: in the place of the trial */
    size_t p, c;        /* 2m, W'd on the path, and W_A'(the step of the active variables) */
    size_t w, Mw;       /* 2m, a row of W, and M times that */
    double path_time;   /* t*: it is x - t* g in the free variables; NaN where it was not needed */
    size_t crossed;     /* variables that it brings to a bound: if none, c = 0 */
  } cauchy;

  /* The minimizer over the free variables. */
  struct {
    size_t K;     /* m x 3 ld, factored (dense.h) */
    size_t q, Mc; /* 2m */
  } subspace;

  /* The search direction and the points on it. */
  struct {
    size_t trial;        /* n, the point to evaluate; while it is made, where the direction leads to */
    size_t d;            /* n */
    size_t coefficients; /* 2m, q in the order of the columns */
    size_t sums;         /* direction_sums, a chunk's */
    size_t slopes;       /* 1, a chunk's g'd at a trial */
    double slope;        /* g'd */
    double max_step;     /* the largest feasible step along it, at most STEP_LIMIT */
    double move;         /* the farthest that a variable goes along it, in parts of its size, |x_i| or 1 */
    double norm;         /* the farthest: ||d||_inf */
    bool projected;      /* the point it leads to was outside the box before its projection */
  } direction;

  /* The first step of a search. */
  struct {
    bool all_moved; /* no variable is where it started, but 0 and on bounds */
  } step;

  /* The scales of the variables: x and all that the state holds of it is z = x / scale; g is that by z. */
  struct {
    size_t scale;   /* n, powers of two */
    size_t lengths; /* 2m: of half of the pairs, by their own units and by others */
    bool used;      /* some may be another than 1 */
    bool told;      /* by second derivatives or slopes at the start, which a better gradient is not to do */
    bool bent;      /* the former tell that f is far from a quadratic there */
    size_t next_revision; /* not before this iteration */
    size_t claims_from;   /* this iteration on, as pairs had not learnt some variables; 0: they had */
  } scales;

  /* The units of variables that began at 0, in the first search. */
  struct {
    size_t recalls; /* of those that have thrown variables onto a level */
  } growth;

  /* Second derivatives at the start. */
  struct {
    bool asked; /* they have been */
  } curvature;

  /* What the caller tells and sees, which is in x. */
  struct {
    size_t told; /* n, a gradient told, by z; or the trial that may lie on a plateau */
    size_t point, iterate,
        gradient;            /* n, where scales are used: the trial, the iterate and the gradient there */
    double pgnorm, steepest; /* as in `iterate`, by x */
    bool shown;              /* the iterate and the gradient are in place: between two advances */
  } caller;

  /* What a claim of convergence is held against. */
  struct {
    double start_value, start_slope; /* f and ||d||_inf at the start */
    double largest_slope;            /* ||d||_inf, of the run */
    double lowest_value;             /* of the iterates */
    double top_value; /* f at the start, or after the last iteration that was a plunge from afar */
    double middle_value, older_value;  /* f when the run was half as long, or less; and a quarter */
    double recent_value, before_value; /* f where the pace was measured last, and before that */
    double promised, promised_before;  /* the fall of f by the model, from this iterate and from the last; */
                                       /* infinite without one */
    double gain,
        trial_gain;    /* along each variable alone, at the iterate and the trial: by differences, or NaN; */
                       /* infinite if unknown */
    double told_noise; /* the error of f that the caller knows of; what is measured is none of that */
    size_t near;       /* steps in a row that moved no variable far */
  } evidence;

  /* Whether the gradient is that of f. */
  struct {
    double disagreement;    /* by what part f has lately changed otherwise than its gradients say */
    size_t asked;           /* 1 + the iteration of the last question: asked once, also on resumption */
    double at_bounds;       /* the same part, of the rise from bounds at this iterate */
    size_t asked_at_bounds; /* as `asked`, of that */
  } agreement;

  /* What is asked before a claim of convergence stands. */
  struct {
    lbfgsb_status claim;  /* that is doubted */
    size_t asked;         /* as in `agreement`, of what the pairs tell, */
    size_t asked_others;  /* of what they do not, */
    size_t asked_rest;    /* of what the newest steps have left, */
    size_t asked_staying; /* and of slopes that the newest one has hardly changed */
    size_t rest_led;      /* iterates of the run that this has led to */
    size_t refutations;   /* iterates in a row that such questions have led to */
    enum repeat repeat;   /* once known never asked again */
    enum far far;         /* the first one that has led too far, at this iterate, */
    size_t cuts;          /* of its way, if it is asked about closer, */
    double part;          /* and to what part of it: 0 if no more */
  } questions;

  /* The ways beyond a point where f may be level and yet fall on, at this iterate. */
  struct {
    size_t asked;
  } inflection;

  /* The way back from where f does not depend on some variables. */
  struct {
    size_t start;  /* n */
    size_t asked;  /* points asked for at this iterate, */
    size_t left;   /* and iterates found there */
    double on;     /* the part of it that f is asked about next, past its ends, along a line; 0: not so; */
    double change; /* and by how much f is higher at the first point, or the last on that line */
  } plateau;

  /* Points inside the box asked about at this iterate, of variables that have not left a bound. */
  struct {
    size_t asked;
  } inside;

  /* Points asked about along variables in which f may be even, at this iterate, and by how much f is higher
   * at the last one of this variable. */
  struct {
    size_t asked;
    double change;
  } fold;

  /* The evidence for an end. */
  struct {
    double largest_pgnorm; /* of the run */
    double least_pgnorm;   /* at the last iterate that was not idle */
    size_t idle;           /* iterations in a row that reduced f by no more than its rounding, */
                           /* or only by the last trial of a search */
    bool doubted;          /* the pairs have been forgotten for it */
  } stop;

  struct {
    enum phase phase;
    lbfgsb_status status;
    size_t iterations, evaluations, nonfinite, skipped, restarts;
    size_t trials; /* of the present line search */
    double value, previous_value;
    double trial_value; /* where f alone is known, or a plateau is asked about; */
    double trial_error; /* and of an element of the gradient there, if there is a better one to be had */
    double rough;       /* the same of the iterate's gradient */
    double noise;       /* relative error of f; 0 for that of rounding */
    bool noise_doubted; /* once, if it was found elsewhere, where the run was to end */
    double step;        /* accepted last */
    double move;        /* ||s||_inf of it, by the scales there were then, or a quarter of the one before */
    line_search search;
  } run;
};

/* get, put = an array, to read, and for the file that owns it to write; get_chunk, put_chunk = a chunk's
 * own. */
static inline const double *get(const lbfgsb_solver *s, size_t offset) { return (const double *)s + offset; }
static inline double *put(lbfgsb_solver *s, size_t offset) { return (double *)s + offset; }

static inline const double *get_chunk(const lbfgsb_solver *s, size_t offset, size_t chunk) {
  return get(s, offset) + chunk * s->layout.chunk_length;
}
static inline double *put_chunk(lbfgsb_solver *s, size_t offset, size_t chunk) {
  return put(s, offset) + chunk * s->layout.chunk_length;
}

static inline const unsigned char *get_bytes(const lbfgsb_solver *s, size_t offset) {
  return (const unsigned char *)get(s, offset);
}
static inline unsigned char *put_bytes(lbfgsb_solver *s, size_t offset) {
  return (unsigned char *)put(s, offset);
}

#endif
