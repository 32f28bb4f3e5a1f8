/* partial.h - private: one element of a gradient by differences, an object of its own. */
#ifndef LBFGSB_PARTIAL_H
#define LBFGSB_PARTIAL_H

#include <stdbool.h>
#include <stddef.h>

/* Where an element is wanted, along its coordinate. */
typedef struct {
  double x, f;         /* of the point, and f there */
  double lower, upper; /* what all values are asked for within */
  double hidden;       /* a change of f that shows no slope, */
  double faint;        /* nor does so much by a long step */
  double most;         /* and up to which it may rise: to more it does at a wall, as where f is not finite */
  double widest;       /* up to where a step that shows none is widened; 0 for not at all, */
  double longest;      /* but no longer than this, */
  double growth;       /* by this factor, or less where a bound is close; */
  double told; /* and back, as long as what it finds tells more of the step before, which showed none */
} partial_base;

enum partial_stage { STAGE_FORWARD, STAGE_FIRST, STAGE_SECOND, STAGE_THIRD };

typedef struct {
  partial_base base;
  enum partial_stage stage;
  bool two_sided;       /* a central difference proper, not one at a bound */
  bool narrowed;        /* the step was too wide */
  bool has_curvature;   /* f is finite at both points */
  bool unused;          /* to the next double */
  size_t turns;         /* points of the forward rule at which f was not finite */
  double at;            /* where f is asked for */
  double step, side;    /* h > 0, and +1 or -1: x + side h is the forward point, or the first central one */
  double least;         /* the step that it began by */
  double unseen;        /* the widest step that has shown nothing; 0 for none */
  double forward_step;  /* for the forward rule where f is finite at neither point of the central one */
  double first, second; /* coordinates of a central difference, and */
  double first_value;   /* f at the first */
  double slope, curvature; /* found; the curvature by a central difference alone, else 0 */
} partial;

/* Begin: the slope at x by one further point, or by two, x + h and x - h where the box has room. */
void partial_begin_forward(partial *p, const partial_base *base, double step);
void partial_begin_central(partial *p, const partial_base *base, double step, double forward_step);

/* Takes f at p->at, not finite where it is not defined. True if that ends it: the slope is known, or is NaN;
 * else another value is asked for. */
bool partial_take(partial *p, double value);

/* partial_nothing = a change of f that shows no slope by the present step. */
double partial_nothing(const partial *p);

/* True if p is at work at this base, and what it asks for is within the bounds. */
bool partial_valid(const partial *p, partial_base base);

#endif
