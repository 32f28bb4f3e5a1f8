/* stop.h - private: when a run ends. */
#ifndef LBFGSB_STOP_H
#define LBFGSB_STOP_H

#include "solver.h"

/* Takes note of a new iterate, while that before is still known; and of another gradient there. */
void stop_record(lbfgsb_solver *s);
void stop_see_gradient(lbfgsb_solver *s);

/* Tells why to stop, or LBFGSB_RUNNING: at an iterate; there where the model speaks against a claim; by the
 * limits alone; when the direction is known; before another evaluation; when no direction brings a lower
 * value. */
lbfgsb_status stop_at_iterate(const lbfgsb_solver *s);
lbfgsb_status stop_without_claim(const lbfgsb_solver *s);
lbfgsb_status stop_at_limits(const lbfgsb_solver *s);
lbfgsb_status stop_at_direction(const lbfgsb_solver *s);
lbfgsb_status stop_before_evaluation(const lbfgsb_solver *s);
lbfgsb_status stop_without_progress(const lbfgsb_solver *s);

/* stop_hidden_change = the change of f that its rounding, or its noise, hides. */
double stop_hidden_change(const lbfgsb_solver *s);

/* True if the reason claims convergence by evidence, so that the model is asked. */
bool stop_is_claim(const lbfgsb_solver *s, lbfgsb_status reason);

/* True if f is asked once more before it ends the run. */
bool stop_is_doubted(const lbfgsb_solver *s, lbfgsb_status reason);

/* True if the iterate's gradient is rough and the reason rests on it, and not just as well on all gradients
 * that are as near to the true one. */
bool stop_is_premature(const lbfgsb_solver *s, lbfgsb_status reason);

/* True if the status is one that the caller may have given, or that the rules give here. */
bool stop_status_valid(const lbfgsb_solver *s);

/* True after so many idle iterations that the pairs should be forgotten, once; takes note that they are. */
bool stop_doubts_model(const lbfgsb_solver *s);
void stop_doubt(lbfgsb_solver *s);

/* Takes back all idle iterations, as they were by another noise. */
void stop_forget(lbfgsb_solver *s);

#endif
