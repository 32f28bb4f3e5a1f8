/* lbfgsb - minimize a smooth function of n variables under bounds, by L-BFGS-B 3.0.
 *
 * The public contract of the solver's core. The core is a resumable machine in one block of memory
 * that the caller provides: it calls nothing back, allocates nothing, prints nothing and keeps no
 * static data. The block holds no pointers, so a byte copy of it is a checkpoint that can be
 * resumed elsewhere on a machine of the same architecture. Results do not depend on threads.
 * lbfgsb_minimize(), below, is a whole run in one call. No pointer may be NULL but where it says so.
 *
 *     lbfgsb_options options = lbfgsb_defaults();
 *     options.pairs = lbfgsb_default_pairs(n);
 *     lbfgsb_solver *solver = malloc(lbfgsb_size(n, options.pairs));
 *     lbfgsb_init(solver, n, x0, lower, upper, &options);
 *     lbfgsb_request request = LBFGSB_EVALUATE;
 *     while (request != LBFGSB_FINISHED) {
 *       if (request == LBFGSB_EVALUATE)
 *         value = f(lbfgsb_point(solver), gradient);
 *       request = lbfgsb_advance(solver, value, gradient);
 *     }
 *     lbfgsb_summary end = lbfgsb_report(solver);      // lbfgsb_iterate(solver) is the minimizer
 *
 * Sources: Byrd, Lu, Nocedal, Zhu (1995), SIAM J. Sci. Comput. 16(5), the method; Morales, Nocedal
 * (2011), ACM TOMS 38(1), the subspace step; Moré, Thuente (1994), ACM TOMS 20(3), the line search.
 */
#ifndef LBFGSB_H
#define LBFGSB_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The number of this contract, raised whenever a client that was compiled before would no longer fit: with
 * every change of a struct or an enum. New fields go at the end of their struct, new statuses at the end of
 * theirs. */
#define LBFGSB_ABI 3

/* Returns LBFGSB_ABI of the library that runs, and in bytes the size of its lbfgsb_options and
 * lbfgsb_summary: a client that was compiled with others must not call anything else. This call itself stays
 * as it is. */
int lbfgsb_abi(size_t *options_size, size_t *summary_size);

/* The solver: opaque, it lies at the start of the caller's block. */
typedef struct lbfgsb_solver lbfgsb_solver;

/* What the solver asks of its caller. */
typedef enum {
  LBFGSB_EVALUATE,    /* the value and the gradient at lbfgsb_point(), then advance */
  LBFGSB_NEW_ITERATE, /* nothing: look at the iterate, stop if you wish, then advance */
  LBFGSB_FINISHED,    /* nothing more; lbfgsb_report() says why */
  LBFGSB_GRADIENT,    /* after lbfgsb_advance_value(): the gradient at lbfgsb_point() */
  LBFGSB_SLOPE,       /* after it: the slope there, g'(point - iterate) */
  LBFGSB_REFINE       /* a better gradient at lbfgsb_iterate() than the rough one that was given */
} lbfgsb_request;

/* Why the solver finished. */
typedef enum {
  LBFGSB_RUNNING,             /* it has not */
  LBFGSB_GRADIENT_CONVERGED,  /* |g_i| <= gradient_tolerance unless -g_i leads out of the box */
  LBFGSB_REDUCTION_CONVERGED, /* the last reduction of f was small */
  LBFGSB_ROUNDING_CONVERGED,  /* a reduction that is still possible is lost in the rounding of f */
  LBFGSB_ZERO_GRADIENT,       /* g = 0 at the start: nothing was learned */
  LBFGSB_TARGET_REACHED,      /* f <= target_value */
  LBFGSB_ITERATION_LIMIT,     /* max_iterations iterations are done */
  LBFGSB_EVALUATION_LIMIT,    /* max_evaluations evaluations are done */
  LBFGSB_TIME_LIMIT,          /* the caller's, told by lbfgsb_stop() */
  LBFGSB_STOPPED,             /* the caller's wish, told by lbfgsb_stop() */
  LBFGSB_STALLED,             /* f no longer falls, but the gradient is not small */
  LBFGSB_LINE_SEARCH_FAILED,  /* no lower value along the projected gradient either */
  LBFGSB_START_NOT_FINITE,    /* f or g is not finite at the start */
  LBFGSB_UNBOUNDED,           /* f falls without limit */
  LBFGSB_RANDOM               /* f is not what it was at the same point */
} lbfgsb_status;

/* Returns 1 if a run that ended so has evidence of a minimum: LBFGSB_..._CONVERGED, LBFGSB_ZERO_GRADIENT;
 * else 0. */
int lbfgsb_is_evidence(lbfgsb_status status);

/* The gradient_tolerance by the published rules, where none is given. */
#define LBFGSB_PUBLISHED_TOLERANCE 1e-5

/* Settings; lbfgsb_defaults() gives the value in brackets. With `confirm` the run ends as converged only with
 * evidence that holds in other units of f too: the gradient is small beside the largest of the run and
 * beside |f|; a small reduction counts if the gradient has fallen as well, by the root of
 * reduction_tolerance; the model must promise no gain that counts; and where it is not plain, f is asked once
 * more, along the gradient, and once off the bounds. A gradient_tolerance that is given holds by itself,
 * times the largest gradient of the run if that is below 1. Searches that find a lower value end with it, and
 * f may be found to fall without limit. With `rescale` the run is one in x / scale, powers of two that it
 * finds by start, box and first gradient, and corrects by the pairs; all that the caller tells and sees is in
 * x nevertheless. Without both, all is by the published rules. */
typedef struct {
  size_t pairs;               /* m >= 1, the pairs (s, y) kept [10: n is not known here, as it is to
                                 lbfgsb_default_pairs()] */
  size_t max_trials;          /* >= 1, evaluations in one line search [20] */
  double max_iterations;      /* >= 0 [15000] */
  double max_evaluations;     /* >= 1 [infinity] */
  double gradient_tolerance;  /* >= 0, on |g_i| unless -g_i leads out of the box; NaN: 1e-7 of the run's
                                 largest, or of |f|; the published one unless confirm [NaN] */
  double reduction_tolerance; /* >= 0, on (f_old - f) / max(|f_old|, |f|, 1 unless confirm)
                                 [1e7 * DBL_EPSILON] */
  double target_value;        /* stop when f is no higher [-infinity] */
  size_t confirm;             /* 0 or 1 [1] */
  size_t rescale;             /* 0 or 1: find the variables' scales [1] */
} lbfgsb_options;

/* Where the solver stands. */
typedef struct {
  lbfgsb_status status;
  double value;                   /* f at the iterate */
  double projected_gradient_norm; /* ||P(x - g) - x||_inf at the iterate */
  double step;                    /* of the last line search, in units of its direction */
  size_t iterations, evaluations; /* evaluations: of f, with g or without */
  size_t nonfinite;               /* trials whose f, g or g'd was not finite */
  size_t skipped;                 /* pairs that failed the curvature condition */
  size_t restarts;                /* times the pairs were forgotten */
  size_t free;                    /* variables free at the last Cauchy point */
} lbfgsb_summary;

/* Returns the defaults. With confirm = 0 and rescale = 0 they are the published ones. */
lbfgsb_options lbfgsb_defaults(void);

/* A field of lbfgsb_options, for whoever sets, checks or compares all of them without naming one. */
typedef struct {
  const char *name;             /* by which users know it */
  size_t offset;                /* of the field in bytes */
  int is_count;                 /* 1: it is a size_t; 0: a double */
  double unit;                  /* of the field, if that is a double; x, and the next three, are in it */
  double standard, least, most; /* the default, and the range */
  int may_be_nan;               /* 1: NaN stands for no number given */
} lbfgsb_option;

/* Returns the i-th of them, from 0 on; NULL after the last. */
const lbfgsb_option *lbfgsb_option_at(size_t i);

/* Return the number in a field, in its unit, and set it. x: a number in the option's range, or NaN where that
 * is right. */
double lbfgsb_option_get(const lbfgsb_options *from, const lbfgsb_option *option);
void lbfgsb_option_set(lbfgsb_options *to, const lbfgsb_option *option, double x);

/* Return 1 if all are in their ranges; and if all of a and b are the same numbers, or NaN in both; else 0. */
int lbfgsb_options_valid(const lbfgsb_options *options);
int lbfgsb_options_equal(const lbfgsb_options *a, const lbfgsb_options *b);

/* Why a run ended, in words: its name; `convergence` as optim() of R has it, 0 with evidence of a minimum, 1
 * stopped, 51 and above failed; and a sentence, NULL where the run could not begin: a format for the value of
 * the option of that name, if there is one, and `otherwise` where that was not given. */
typedef struct {
  const char *name;
  int convergence;
  const char *sentence, *option, *otherwise;
} lbfgsb_reason;

/* Returns that of a status; NULL if there is no such status. */
const lbfgsb_reason *lbfgsb_reason_of(lbfgsb_status status);

/* Returns how many pairs serve n variables best, and a run of lbfgsb() in R has: 4 n up to n = 10; then 40, or
 * 2 n if that is more, but no more than 100; 20 above n = 100, where more do not save as much; 10 from n = 1e4
 * on. Where f takes next to no time, 20 take less. */
size_t lbfgsb_default_pairs(size_t n);

/* Returns the bytes of the block for n variables and m pairs: for m up to 100 and n above 250,000 less than
 * 8 (2 m + 15) n, about 8 (2 m + 13) n where m is 10; 0 if n or m is 0 or the size exceeds what a
 * size_t can hold. */
size_t lbfgsb_size(size_t n, size_t m);

/* A run of up to 128 variables uses that block from the front on, the more the more pairs it has. Return the
 * bytes that it uses at first, and from now on until the next LBFGSB_NEW_ITERATE: a block of so many is
 * enough that grows there, as by realloc(). 0 where lbfgsb_size() is. */
size_t lbfgsb_first_size(size_t n, size_t m);
size_t lbfgsb_next_size(const lbfgsb_solver *solver);

/* Begins a run in `block`, which is aligned as malloc aligns, or for speed to 64 bytes, and has
 * lbfgsb_size(n, options->pairs) bytes, or lbfgsb_first_size() if it is to grow. What was in the memory it uses is
 * cleared: after equal runs its bytes are equal. x (n): the start, moved onto the box where it lies outside. lower,
 * upper (n): bounds, -+Inf where there is none, equal for a fixed variable; NULL for no bounds at all. All are
 * copied. Returns 0, or -1 (and the block must not be used) if block, x or options is NULL, a size is 0, x is
 * not finite, a bound is NaN, lower > upper, lower = Inf, upper = -Inf, or an option is out of its range. */
int lbfgsb_init(lbfgsb_solver *block, size_t n, const double *x, const double *lower, const double *upper,
                const lbfgsb_options *options);

/* Lets the solver use up to so many threads (at least 1, as after lbfgsb_init()), but no more than there are
 * processors, where it was built with OpenMP and n is in the tens of thousands. A process forked from one
 * that has used OpenMP must leave it at 1. */
void lbfgsb_set_threads(lbfgsb_solver *solver, size_t threads);

/* Goes on to the next request. value and gradient (n): f and g at lbfgsb_point() if the last
 * request was LBFGSB_EVALUATE, not finite where they are not defined (then gradient may be NULL);
 * ignored after any other. The first request of a run is LBFGSB_EVALUATE. */
lbfgsb_request lbfgsb_advance(lbfgsb_solver *solver, double value, const double *gradient);

/* ---- Values before gradients, where gradients are expensive ----
 *
 * lbfgsb_advance_value() answers LBFGSB_EVALUATE with the value alone, and says what else is needed there: a
 * gradient, only the slope along the search, or nothing. A run may go from one way to the other at any
 * LBFGSB_EVALUATE; and lbfgsb_advance() answers LBFGSB_GRADIENT and LBFGSB_SLOPE too, as another evaluation.
 * `evaluations` and max_evaluations count values. */

/* Goes on with f at lbfgsb_point(), not finite where it is not defined: to LBFGSB_GRADIENT, LBFGSB_SLOPE, the
 * next LBFGSB_EVALUATE, LBFGSB_REFINE or LBFGSB_FINISHED. Like the next two, only returns lbfgsb_pending()
 * where something else was asked for. */
lbfgsb_request lbfgsb_advance_value(lbfgsb_solver *solver, double value);

/* Answers LBFGSB_SLOPE: g'(point - iterate) with the gradient g at lbfgsb_point(); not finite where it is not
 * known. */
lbfgsb_request lbfgsb_advance_slope(lbfgsb_solver *solver, double slope);

/* Answers LBFGSB_GRADIENT, or LBFGSB_SLOPE, with a gradient (n) at lbfgsb_point(), and LBFGSB_REFINE with one
 * at lbfgsb_iterate(). error: a bound of the error of an element if there is a better gradient to be had,
 * which may be infinite; 0 if not. What the solver would do for a gradient with an error, but not for all
 * that are as near, end the run or forget the pairs, it does not do: it asks for a better one, by
 * LBFGSB_REFINE. */
lbfgsb_request lbfgsb_advance_gradient(lbfgsb_solver *solver, const double *gradient, double error);

/* Returns f at lbfgsb_point() where that alone was told: while LBFGSB_GRADIENT or LBFGSB_SLOPE is asked for.
 */
double lbfgsb_trial_value(const lbfgsb_solver *solver);

/* Tells the relative error of f, if that is larger than told before; at first it is 0, for that of rounding.
 * The value of a trial may then be higher by it, pairs and reductions below it are taken for nothing. In a
 * search from a gradient with an error the pairs are forgotten, and the gradient is asked for anew. Returns
 * lbfgsb_pending(). */
lbfgsb_request lbfgsb_set_noise(lbfgsb_solver *solver, double noise);

/* Returns the relative error of f that was told. */
double lbfgsb_noise(const lbfgsb_solver *solver);

/* Sets diagonal (n) to an estimate of the Hessian's diagonal by the stored pairs, all of it positive: theta
 * I, updated by each pair, oldest first, as a diagonal matrix is (Gilbert, Lemarechal 1989, Math. Programming
 * 45). Returns 1, or 0, and leaves it alone, if there are no pairs. */
int lbfgsb_curvature(const lbfgsb_solver *solver, double *diagonal);

/* ---- No gradient at all: a machine around the solver, which asks for one value of f after another ----
 *
 *     lbfgsb_differences *differences = malloc(lbfgsb_differences_size(n));
 *     lbfgsb_differences_init(differences, solver, LBFGSB_AUTO, 1, NULL);
 *     lbfgsb_request request = LBFGSB_EVALUATE;
 *     while (request != LBFGSB_FINISHED) {
 *       if (request == LBFGSB_EVALUATE)
 *         request = lbfgsb_differences_tell(differences, solver, f(lbfgsb_differences_point(differences)),
 *                                            NULL);
 *       else
 *         request = lbfgsb_differences_go_on(differences, solver);
 *     }
 *
 * Its block holds no pointers either: byte copies of both blocks, taken at any time, go on to the same bits.
 * `evaluations` of lbfgsb_report() and max_evaluations count the solver's points alone here, not the values
 * beside them that make a gradient. lbfgsb_minimize() counts, and limits, all calls of f. */
typedef struct lbfgsb_differences lbfgsb_differences;

/* Which differences. A step is relative to max(|x_i|, 1/1000); eps is DBL_EPSILON, or the noise told. */
typedef enum {
  LBFGSB_AUTO,    /* forward where these are enough, else central; steps by the solver's model; slopes alone
                     where they do */
  LBFGSB_FORWARD, /* one further value an element, steps eps^(1/2) */
  LBFGSB_CENTRAL  /* two, eps^(1/3) */
} lbfgsb_method;

/* Returns the bytes of the block for n variables, which is aligned as malloc aligns; 0 if a size_t cannot
 * hold them. */
size_t lbfgsb_differences_size(size_t n);

/* Begins in `block`, with a solver that has just begun or waits for anything. measures_noise: 1 to measure
 * the relative error of f where it shows, with LBFGSB_AUTO, once; 0 for what lbfgsb_set_noise() tells alone.
 * steps (n): positive, instead of those above; NULL for these. */
void lbfgsb_differences_init(lbfgsb_differences *block, lbfgsb_solver *solver, lbfgsb_method method,
                             int measures_noise, const double *steps);

/* Returns the point (n) at which the value is asked for: inside the box. */
const double *lbfgsb_differences_point(const lbfgsb_differences *differences);

/* Goes on with f there, not finite where it is not defined: to LBFGSB_EVALUATE, LBFGSB_NEW_ITERATE or
 * LBFGSB_FINISHED. gradient (n): that of f, if it came along at a point that takes one, else NULL. Where it
 * always comes the run is that of lbfgsb_advance(). Like the next but one, only returns what is asked for
 * where that was something else. */
lbfgsb_request lbfgsb_differences_tell(lbfgsb_differences *differences, lbfgsb_solver *solver, double value,
                                       const double *gradient);
int lbfgsb_differences_takes_gradient(const lbfgsb_differences *differences);

/* Goes on after LBFGSB_NEW_ITERATE. */
lbfgsb_request lbfgsb_differences_go_on(lbfgsb_differences *differences, lbfgsb_solver *solver);

/* Returns, after lbfgsb_resume() of the solver, what the two wait for. Not to be called where that has refused
 * the options: the run would go on by those that it had. */
lbfgsb_request lbfgsb_differences_resume(lbfgsb_differences *differences, lbfgsb_solver *solver);

/* Looks ahead: if all values of the gradient under way are finite, and show something, it takes those at the
 * base with x_index = at, in this order, of which the first is asked for now. Sets the indices and the
 * coordinates (2n each); returns how many there are, 0 if no gradient is under way. */
size_t lbfgsb_differences_ahead(const lbfgsb_differences *differences, const lbfgsb_solver *solver,
                                size_t *index, double *at);

/* Returns the gradient (n) that was taken last, or is under way; elements that could not be taken are NaN. */
const double *lbfgsb_differences_gradient(const lbfgsb_differences *differences);

/* Return how many gradients there were, differences or not; and f at the point of the solver that was told
 * last. */
size_t lbfgsb_differences_gradients(const lbfgsb_differences *differences);
double lbfgsb_differences_value(const lbfgsb_differences *differences);

/* Returns 1 if lbfgsb_differences_init() was given this method and these steps (n, or NULL). */
int lbfgsb_differences_are(const lbfgsb_differences *differences, lbfgsb_method method, const double *steps);

/* Returns 1 if `size` bytes at `block` can go on with this solver, which is itself valid. */
int lbfgsb_differences_valid(const void *block, size_t size, const lbfgsb_solver *solver);

/* ---- All in one call --------------------------------------------------------------------------------
 *
 *     double f(size_t n, const double *x, double *gradient, void *data) { ... }
 *
 *     lbfgsb_options options = lbfgsb_defaults();
 *     options.pairs = lbfgsb_default_pairs(n);
 *     size_t size = lbfgsb_size(n, options.pairs);
 *     lbfgsb_problem problem = {.n = n, .x = x, .f = f, .data = data, .size = size};
 *     lbfgsb_summary end;
 *     lbfgsb_solver *block = malloc(size);
 *     if (lbfgsb_minimize(block, &problem, &options, &end) == 0) ...    // x is the minimizer
 */

/* An objective: returns f at x (n), not finite where it is not defined, and sets gradient (n) unless that is
 * NULL: where only the value is asked for, which where differences stand in is always. It may leave by
 * longjmp or an error of R: there is nothing to free. It may end the run: lbfgsb_stop() on the block, after
 * which it is not called again. */
typedef double lbfgsb_objective(size_t n, const double *x, double *gradient, void *data);

/* A watcher: sees each iterate, the start first; returns 0 to go on, anything else to end the run, with
 * LBFGSB_STOPPED. */
typedef int lbfgsb_watcher(const lbfgsb_solver *solver, void *data);

/* What an objective gets as data from R's native_objective(): the vectors of a list, in its order. Integers
 * and R's logicals come as doubles too, which are a copy: NA_INTEGER as NA_REAL. */
typedef struct {
  size_t length;
  const double *doubles; /* length */
  const int *integers;   /* length; NULL where R's vector is one of doubles */
} lbfgsb_vector;

typedef struct {
  size_t count;
  const lbfgsb_vector *vectors; /* count */
} lbfgsb_data;

/* What to minimize, and where. All that is left 0 has the value in brackets. */
typedef struct {
  size_t n;
  double *x;                   /* n: the start; at the end the minimizer */
  const double *lower, *upper; /* n, as in lbfgsb_init() [no bounds] */
  lbfgsb_objective *f;
  lbfgsb_watcher *watch; /* [nobody] */
  void *data;            /* for both [NULL] */
  /* Where f has no gradient: a block of lbfgsb_differences_size(n) bytes, for LBFGSB_AUTO [f has one] */
  lbfgsb_differences *differences;
  size_t threads; /* as in lbfgsb_set_threads() [1] */
  size_t size;    /* of the solver's block in bytes: a run that needs more is bad input [not looked at] */
} lbfgsb_problem;

/* Minimizes from problem->x. block: as in lbfgsb_init(), lbfgsb_size(n, options->pairs) bytes; it holds the
 * solver, also after f has left. Sets x and summary, in which, as for max_evaluations, each call of f counts
 * as an evaluation; where f falls without limit, x is where it was seen to. projected_gradient_norm is NaN
 * there, and where the run ends before the gradient at the start is known; value is f then all the same.
 * Returns 0, or -1 for bad input, as lbfgsb_init() does, for an argument or an f that is NULL, and for a
 * block smaller than it must be, as where options->pairs was raised after lbfgsb_size(); x and summary stay
 * as they were then. Runs in several threads do not meet where their blocks, x and f do not. */
int lbfgsb_minimize(lbfgsb_solver *block, const lbfgsb_problem *problem, const lbfgsb_options *options,
                    lbfgsb_summary *summary);

/* Runs a solver that stands at its start, as lbfgsb_init() and what was set of it since have made it: the
 * latter part of lbfgsb_minimize(). Of the problem lower, upper and threads are not looked at, x (n) is only
 * set; differences, if any, have been begun by lbfgsb_differences_init(). */
void lbfgsb_run(lbfgsb_solver *block, const lbfgsb_problem *problem, lbfgsb_summary *summary);

/* Returns the size of lbfgsb_problem in bytes, to be compared as those of lbfgsb_abi() are. */
size_t lbfgsb_problem_size(void);

/* The same as lbfgsb_defaults() and lbfgsb_report() for languages that take no struct by value. */
void lbfgsb_set_defaults(lbfgsb_options *options);
void lbfgsb_get_report(const lbfgsb_solver *solver, lbfgsb_summary *summary);

/* ---- Beside them --------------------------------------------------------------------------------------- */

/* Ends the run at the last iterate, for a reason of the caller's: LBFGSB_STOPPED or one of the limits.
 * The next request is LBFGSB_FINISHED. */
void lbfgsb_stop(lbfgsb_solver *solver, lbfgsb_status reason);

/* Returns what the solver waits for: LBFGSB_EVALUATE the value and gradient at lbfgsb_point(),
 * LBFGSB_NEW_ITERATE just an advance, others only after lbfgsb_advance_value(). Also of a run that has
 * finished, as if it had not. */
lbfgsb_request lbfgsb_pending(const lbfgsb_solver *solver);

/* Takes up a run, a copy of one, or one that has finished, with new options (`pairs` must be the
 * same): returns lbfgsb_pending(), or LBFGSB_FINISHED if there are no evaluations left; or if `pairs` is
 * another or an option out of its range, and then the run stays as it was. With the options it had, it goes
 * on to the same bits. */
lbfgsb_request lbfgsb_resume(lbfgsb_solver *solver, const lbfgsb_options *options);

/* Returns the options of a run, and n. */
lbfgsb_options lbfgsb_options_of(const lbfgsb_solver *solver);
size_t lbfgsb_variables(const lbfgsb_solver *solver);

/* Returns 1 if `size` bytes at `block`, which may come from anywhere, hold the state of a run that this build
 * of the solver can take up there, which it cannot where they are not aligned as malloc aligns: no function
 * will then reach beyond them, or lbfgsb_next_size(). What follows from the point, its gradient and the box
 * is computed again and compared. lbfgsb_variables() is then to be compared with n, as vectors (n) are the
 * caller's, and `pairs` of lbfgsb_options_of() with m. 0 also if block is NULL. */
int lbfgsb_valid(const void *block, size_t size);

/* Returns the point (n) at which to evaluate: inside the box to the last bit. Moves between advances. */
const double *lbfgsb_point(const lbfgsb_solver *solver);

/* Return the point accepted last (n), the best so far but for rounding, or noise; and the gradient there (n).
 * Both move between advances; neither is defined before the start has been evaluated. */
const double *lbfgsb_iterate(const lbfgsb_solver *solver);
const double *lbfgsb_gradient(const lbfgsb_solver *solver);

/* Returns the scales of the variables (n): 1 where none have been found. They change between advances. */
const double *lbfgsb_scale(const lbfgsb_solver *solver);

/* Returns status, value and counts. */
lbfgsb_summary lbfgsb_report(const lbfgsb_solver *solver);

/* Returns what f may still be above its minimum by, at most, where the run has converged: by what the model
 * and the last reduction promise, and no less than the rounding or the noise of f hides. An estimate, for a
 * local minimum; infinite where the run has not converged, or had no model. */
double lbfgsb_gap(const lbfgsb_solver *solver);

/* Returns by what part, 0 to 2, f has lately changed otherwise than its gradient says: along a step the mean
 * of the slopes at its ends is all but exact near a minimum. Steps that change f by little more than its
 * rounding do not count; the largest of the others does, a third of it after each. Where it is more than
 * LBFGSB_DISAGREES at a claim of convergence, f is asked once more along the last step, where neither its
 * curvature nor its rounding makes a right gradient disagree by 1/500: if it agrees there, that counts alone.
 * Where all variables are on bounds steps do not count. If bounds hold k > 0 of them against their slopes f
 * is asked once a little off these bounds: by what part it rises otherwise than the slopes say counts too,
 * times k / 20 if k is more than that, up to 10 times, as one wrong sign among many changes little. What is
 * still more is a reason to compare the gradient with differences of f. */
#define LBFGSB_DISAGREES 0.05
double lbfgsb_disagreement(const lbfgsb_solver *solver);

/* Return what the model of the Hessian at the iterate is made of: the number k of stored pairs, at most m,
 * and the scale theta of its initial matrix theta I. */
size_t lbfgsb_pair_count(const lbfgsb_solver *solver);
double lbfgsb_theta(const lbfgsb_solver *solver);

/* Copies the stored pair of an age, 0 the oldest, k - 1 the newest: a step in s (n) and the change of the
 * gradient along it in y (n), both of z = x / scale, in which the model is. One that is NULL is left out.
 * Returns 0, or -1 if there is no such pair. */
int lbfgsb_pair(const lbfgsb_solver *solver, size_t age, double *s, double *y);

#ifdef __cplusplus
}
#endif
#endif
