/* phase.h - private: what the run waits for. */
#ifndef LBFGSB_PHASE_H
#define LBFGSB_PHASE_H

#include <stdbool.h>

#include "lbfgsb.h"

enum phase {
  PHASE_START,          /* f and g at the start, */
  PHASE_TRIAL,          /* or at a trial */
  PHASE_ITERATE,        /* to go on from an iterate */
  PHASE_PLATEAU,        /* f beyond a trial with a gradient of 0 */
  PHASE_CURVATURE,      /* f and g next to the start */
  PHASE_QUESTION,       /* f and g where a claim of convergence is doubted */
  PHASE_START_GRADIENT, /* f is known at the start, at a trial, next to the start, */
  PHASE_TRIAL_GRADIENT,
  PHASE_CURVATURE_GRADIENT,
  PHASE_QUESTION_GRADIENT, /* or where a claim is doubted: g there; */
  PHASE_TRIAL_SLOPE,       /* or only g'd */
  PHASE_REFINE,            /* a better gradient at the iterate */
  PHASE_NOISE              /* whether the noise that was found elsewhere is that of f at the iterate, too */
};

/* True before the start has a gradient. */
static inline bool phase_is_start(enum phase phase) {
  return phase == PHASE_START || phase == PHASE_START_GRADIENT;
}

/* True next to the start, where g tells second derivatives. */
static inline bool phase_is_curvature(enum phase phase) {
  return phase == PHASE_CURVATURE || phase == PHASE_CURVATURE_GRADIENT;
}

/* True where a claim is doubted. */
static inline bool phase_is_question(enum phase phase) {
  return phase == PHASE_QUESTION || phase == PHASE_QUESTION_GRADIENT;
}

/* True if f has been told without its gradient. */
static inline bool phase_has_value(enum phase phase) {
  return phase == PHASE_START_GRADIENT || phase == PHASE_TRIAL_GRADIENT ||
         phase == PHASE_CURVATURE_GRADIENT || phase == PHASE_QUESTION_GRADIENT ||
         phase == PHASE_TRIAL_SLOPE || phase == PHASE_PLATEAU;
}

/* True unless f is known where a gradient or slope is asked for. */
static inline bool phase_wants_value(enum phase phase) {
  return !phase_has_value(phase) || phase == PHASE_PLATEAU;
}

/* True if what is asked for is about the iterate. */
static inline bool phase_is_refined(enum phase phase) {
  return phase == PHASE_REFINE || phase == PHASE_NOISE;
}

/* True if what is asked for lies along the direction from the iterate. */
static inline bool phase_has_direction(enum phase phase) {
  return !phase_is_start(phase) && !phase_is_curvature(phase) && phase != PHASE_ITERATE &&
         !phase_is_refined(phase);
}

/* phase_request = what the caller is asked for. */
static inline lbfgsb_request phase_request(enum phase phase) {
  switch (phase) {
  case PHASE_ITERATE:
    return LBFGSB_NEW_ITERATE;
  case PHASE_REFINE:
  case PHASE_NOISE:
    return LBFGSB_REFINE;
  case PHASE_TRIAL_SLOPE:
    return LBFGSB_SLOPE;
  case PHASE_PLATEAU:
    return LBFGSB_EVALUATE;
  default:
    return phase_has_value(phase) ? LBFGSB_GRADIENT : LBFGSB_EVALUATE;
  }
}

#endif
