/* run.h - private: the run, from one request to the next. */
#ifndef LBFGSB_RUN_H
#define LBFGSB_RUN_H

#include "solver.h"

/* Goes on to the next request, as lbfgsb_advance(). */
lbfgsb_request run_advance(lbfgsb_solver *s, double value, const double *gradient);

/* Go on as lbfgsb_advance_value() and those after it. */
lbfgsb_request run_advance_value(lbfgsb_solver *s, double value);
lbfgsb_request run_advance_slope(lbfgsb_solver *s, double slope);
lbfgsb_request run_advance_gradient(lbfgsb_solver *s, const double *gradient, double error);
lbfgsb_request run_set_noise(lbfgsb_solver *s, double noise);

/* Forgets the pairs, to go on from the iterate along the projected gradient. METHOD.md, section 7. */
void run_restart(lbfgsb_solver *s);

/* Ends the run; takes it up again, as lbfgsb_resume(). */
lbfgsb_request run_finish(lbfgsb_solver *s, lbfgsb_status status);
lbfgsb_request run_resume(lbfgsb_solver *s);

/* run_pending = what the run waits for, as lbfgsb_pending(). */
lbfgsb_request run_pending(const lbfgsb_solver *s);

#endif
