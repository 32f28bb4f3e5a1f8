/* scales.h - private: the variables' scales, which the run finds by itself. */
#ifndef LBFGSB_SCALES_H
#define LBFGSB_SCALES_H

#include "solver.h"

enum { MANY_VARIABLES = 64 }; /* of more than which a few pairs tell too little */
enum { FEW_SLOPES = 8 };      /* at 0: of more than which some are small by chance */

/* True if a start of x is meant as 0: it tells no size, as no unit is so small. */
static inline bool scales_is_zero(double x) { return fabs(x) <= 0x1p-90; }

/* scales_power_of_two = that closest to v, by their ratio; 1 where v tells nothing. */
double scales_power_of_two(double v);

/* Measures variable i in a unit `factor` times as large, a power of two: all that is kept of it follows.
 * False if it stays as it is: the factor is 1, or something would be rounded. */
bool scales_change_unit(lbfgsb_solver *s, size_t i, double factor);

/* Makes a size of variable i its unit, or the width of its box if that is smaller; one that is infinite or no
 * number tells nothing. */
void scales_set_size(lbfgsb_solver *s, size_t i, double size);

/* Sets the scales: 1 as published; else by start and box. */
void scales_init(lbfgsb_solver *s);

/* True if neither the start, as it is 0, nor the box has told the variable's scale, and it can move: the box
 * of one of few may be a precaution. */
bool scales_are_unknown(const lbfgsb_solver *s, size_t i);

/* Takes, at the start, the width of the box for no size of a variable that is 0 where it has so steep a
 * slope, the caller's, or none, NaN: its scale is unknown then, and less. False where nothing has changed. */
bool scales_refute_width(lbfgsb_solver *s, size_t i, double slope, double f);

/* True if f is so small at the start, and so is a change of it, beside the slope of a variable of no known
 * size, that they may be what rounding has left of larger terms. */
bool scales_leave_rest(double f, double change, double slope);

/* Tells, at the start, such scales by the second derivatives c (n) of f, 0 where there is none, and else by
 * the slopes (n). Both are the caller's. */
void scales_tell(lbfgsb_solver *s, const double *slopes, const double *c);

/* Doubts, at the start, the scale that x has told, in place of what this slope and this second derivative
 * tell, 0 where they tell nothing. Both are the caller's. beside_others: there are scales that are not
 * doubted, so that the way which the curvature tells may mean something. */
void scales_doubt(lbfgsb_solver *s, size_t i, double slope, double c, bool beside_others);

/* Absorbs a gradient at the iterate; at the start it tells the scales of which start and box say nothing. */
void scales_absorb(lbfgsb_solver *s, const double *gradient);

/* Forgets, at the start, what a gradient has told. */
void scales_forget(lbfgsb_solver *s);

/* Corrects the scales by the pairs, where they are far from what the pairs say. True if any has changed, as
 * above: the pairs stay. */
bool scales_revise(lbfgsb_solver *s);

/* True if the pairs show next to nothing of some variable: a rough gradient is asked to be better before a
 * claim. */
bool scales_are_untold(const lbfgsb_solver *s);

/* Corrects, at the first claim of a run, those of variables that the pairs have not learnt. True if there are
 * any: before some iterations have taught them no claim is allowed. */
bool scales_teach(lbfgsb_solver *s);
bool scales_allow_claims(const lbfgsb_solver *s);

/* False of a fixed variable, whose scale tells nothing of the others'. */
bool scales_is_free(const lbfgsb_solver *s, size_t i);

/* True if all are what scales may be. */
bool scales_valid(const lbfgsb_solver *s);

#endif
