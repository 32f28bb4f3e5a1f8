/* linesearch.h - private: the line search of Moré and Thuente (1994), an object of its own. */
#ifndef LBFGSB_LINESEARCH_H
#define LBFGSB_LINESEARCH_H

#include <stdbool.h>
#include <stddef.h>

/* phi(step) = f(x + step d) and phi'(step). */
typedef struct {
  double step, value, slope;
} search_point;

enum { SEARCH_TRIED = 3 }; /* trials that are kept */

typedef struct {
  search_point start;     /* at step 0 */
  search_point best;      /* the lowest value so far; one end of the bracket */
  search_point other;     /* the other end, once bracketed */
  search_point least;     /* the lowest trial, or the start */
  double step;            /* the trial asked for */
  double lowest, highest; /* what the next trial is kept within */
  double max_step;
  search_point tried[SEARCH_TRIED]; /* the last trials, newest first; at step 0 there was none */
  double noise;                     /* absolute error of a value */
  double width, previous_width;     /* of the bracket */
  double shortest;                  /* the smallest step tried; infinite before the first */
  double spread;                    /* of the values tried about phi(0); infinite if one was none */
  double steepest;                  /* the largest |phi'| told at trials, but at walls */
  size_t continued;                 /* searches along the same direction that went on from one that failed */
  bool bracketed;
  bool by_size;   /* a wide bracket shrinks by the size of its steps, which may be very different */
  bool by_slope;  /* slopes are told, and may be right where rounding hides what f does */
  bool by_guess;  /* the first step is one: a trial may be too far, though it is lower than the start */
  bool final;     /* the last trial, to be accepted if it is lower at all */
  bool unused[3]; /* to the next double: a copy of the struct copies no byte that is not set */
} line_search;

/* What a search knows of phi, as in line_search; zeros for a search as published. */
typedef struct {
  double noise;
  bool by_size, by_slope, by_guess;
} search_view;

typedef enum { SEARCH_TRY, SEARCH_ACCEPTED, SEARCH_FAILED } search_outcome;

/* search_hidden = the highest rise of f from a value that may pass for rounding. */
double search_hidden(double value);

/* Begins a search from phi(0), phi'(0) with a first trial step. Fails unless phi'(0) < 0, and finite. */
search_outcome search_start(line_search *search, search_point start, double step, double max_step,
                            search_view view);

/* True if the trial with this value may be accepted, if its slope is right; if its value alone ends the
 * search.
 */
bool search_may_accept(const line_search *search, double value);
bool search_is_lost(const line_search *search, double value);

/* Judges the trial by its value and slope: accepts it, or asks for another in search->step. */
search_outcome search_advance(line_search *search, double value, double slope);

/* Asks for a trial nearer to the best step, after one without a value, NaN, or at a wall. */
search_outcome search_shorten(line_search *search, double value);

/* search_curvature = s'y of the step just accepted, with this slope at its end; 0 if the pair fails the
 * curvature condition (2), or s'y may be nothing but noise. */
double search_curvature(const line_search *search, double slope);

/* True if the trial's value lies so far above what the slope explains that interpolation has no digits for
 * it: a wall, where the step is to be shortened as if there were no value; where slopes are told, no rise
 * that may be rounding is one. */
bool search_meets_wall(const line_search *search, double value);

/* Takes back that a trial was accepted: it is as one that was not finite. */
search_outcome search_refuse(line_search *search);

/* Asks once more for the lowest trial, as the last one, when there may be no others; fails if none is lower
 * than the start. */
search_outcome search_settle(line_search *search);

/* Goes on, after a failure without a lower value, with a new search closer to the start; fails where the
 * slope promises no more than `rounding` there, or after two such searches. */
search_outcome search_continue(line_search *search, double rounding);

/* search_bound = the most by which phi, if convex, may fall below phi(0), after a search that has found no
 * lower value: infinite where it has not clearly risen, or no slope was told. */
double search_bound(const line_search *search);

/* search_noise = the error of a value that the last trials show, as their slopes explain none of what f did;
 * 0 if they may, or if it is a jump or a wrong slope that does not. */
double search_noise(const line_search *search);

#endif
