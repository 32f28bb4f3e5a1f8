/* linesearch.h - private: the line search of Moré and Thuente (1994), an object of its own. */
#ifndef LBFGSB_LINESEARCH_H
#define LBFGSB_LINESEARCH_H

#include <stdbool.h>

/* phi(step) = f(x + step d) and phi'(step). */
typedef struct {
  double step, value, slope;
} search_point;

typedef struct {
  search_point start;     /* at step 0 */
  search_point best;      /* the lowest value so far; one end of the bracket */
  search_point other;     /* the other end, once bracketed */
  double step;            /* the trial asked for */
  double lowest, highest; /* what the next trial is kept within */
  double max_step;
  double noise;                 /* absolute error of a value */
  double width, previous_width; /* of the bracket */
  bool bracketed;
  bool final;     /* the bracket is exhausted: the trial is its best end */
  bool unused[6]; /* to the next double: a copy of the struct copies no byte that is not set */
} line_search;

typedef enum { SEARCH_TRY, SEARCH_ACCEPTED, SEARCH_FAILED } search_outcome;

/* Begins a search from phi(0), phi'(0) with a first trial step. Fails unless phi'(0) < 0, and finite. */
search_outcome search_start(line_search *search, search_point start, double step, double max_step);

/* True if the trial with this value may be accepted, if its slope is right; if its value alone ends the
 * search.
 */
bool search_may_accept(const line_search *search, double value);
bool search_is_lost(const line_search *search, double value);

/* Judges the trial by its value and slope: accepts it, or asks for another in search->step. */
search_outcome search_advance(line_search *search, double value, double slope);

/* Asks for a trial nearer to the best step, after one that was not finite. */
search_outcome search_shorten(line_search *search);

#endif
