/* r_result.h - private: what r_result.c and r_message.c know of a run. */
#ifndef LBFGSB_R_RESULT_H
#define LBFGSB_R_RESULT_H

#include "r_api.h"

typedef struct {
  units units;
  lbfgsb_summary solver;
  double value; /* in the user's units, NA before there is one */
  double gap;   /* as lbfgsb_gap(), in the user's units; NA if it is not known */
  double noise; /* relative, of fn; 0 if none is known */
  bool known;   /* there is an iterate: a gradient and its norm */
} result_view;

/* Makes the message, by this reason and a factor with `at_side` parameters on each side. */
SEXP new_message(const result_view *at, const lbfgsb_reason *reason, SEXP control, const R_xlen_t at_side[]);

#endif
