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

/* Takes a relative error of f; it only rises so. */
lbfgsb_request run_set_noise(lbfgsb_solver *s, double noise);

/* True if the search shows more noise than was known; takes it. */
bool run_finds_noise(lbfgsb_solver *s);

/* True if a run that is to end for this reason rests on a noise that was found elsewhere; then, in place of
 * the end, the caller is asked about it, and tells, at the iterate, whether it shows. */
bool run_doubts_noise(const lbfgsb_solver *s, lbfgsb_status reason);
lbfgsb_request run_doubt_noise(lbfgsb_solver *s, lbfgsb_status reason);
lbfgsb_request run_hear_noise(lbfgsb_solver *s, bool shows);

/* Goes back to the iterate; the free set is again what it was before a direction was looked for. */
lbfgsb_request run_return(lbfgsb_solver *s, enum phase phase);

/* Ends the run, unless f is to be asked; by a limit where it no longer can be. */
lbfgsb_request run_conclude(lbfgsb_solver *s, lbfgsb_status reason);

/* run_show = the request, when what the caller sees is in place. */
lbfgsb_request run_show(lbfgsb_solver *s, lbfgsb_request request);

/* Forgets the pairs, to go on from the iterate along the projected gradient. METHOD.md, section 7. */
void run_restart(lbfgsb_solver *s);

/* Ends the run; takes it up again, as lbfgsb_resume(). */
lbfgsb_request run_finish(lbfgsb_solver *s, lbfgsb_status status);
lbfgsb_request run_resume(lbfgsb_solver *s);

/* run_pending = what the run waits for, as lbfgsb_pending(). */
lbfgsb_request run_pending(const lbfgsb_solver *s);

#endif
