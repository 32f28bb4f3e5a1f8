/* cauchy.h - private: the generalized Cauchy point (Byrd et al. 1995, section 4). */
#ifndef LBFGSB_CAUCHY_H
#define LBFGSB_CAUCHY_H

#include "box.h"
#include "gram.h"
#include "iterate.h"
#include "solver.h"

/* Finds the point. The variables that it brings to a bound leave the free set, and p and c follow. False if B
 * is not positive definite. Where d'd overflows it is the point at ||t g||_inf = 1, and no model is asked;
 * where it is sure to come before the first breakpoint, path_time is left to cauchy_time(). */
bool cauchy_point(lbfgsb_solver *s);

/* Takes the free set for that of pass 1: from the iterate no point has been looked for. */
void cauchy_forget(lbfgsb_solver *s);

/* Finds path_time where cauchy_point() has not. False if B is not positive definite. */
bool cauchy_time(lbfgsb_solver *s);

/* cauchy_in_row = row i of the point, once path_time is known. */
static inline double cauchy_in_row(const lbfgsb_solver *s, size_t i) {
  double x = get(s, s->iterate.x)[i], g = get(s, s->iterate.gradient)[i];
  double l = get(s, s->box.lower)[i], u = get(s, s->box.upper)[i];
  return gram_free_rows(s, 0)[i] ? clamp(x - s->cauchy.path_time * g, l, u) : bound_ahead(x, g, l, u);
}

#endif
