/* evidence.h - private: what a claim of convergence is held against, in no units. */
#ifndef LBFGSB_EVIDENCE_H
#define LBFGSB_EVIDENCE_H

#include "solver.h"

void evidence_init(lbfgsb_solver *s);

/* Takes note of a new iterate. */
void evidence_record(lbfgsb_solver *s);

/* Takes note of what may be gained along each variable alone, all added up, at the point whose gradient comes
 * next: infinite where differences do not tell, NaN where the gradient is not by differences. */
void evidence_tell_gain(lbfgsb_solver *s, double gain);

/* True if a search goes by slopes, which are told, and not rough, where rounding hides what f does. */
bool evidence_is_by_slopes(const lbfgsb_solver *s);

/* evidence_of_search = what a search is to know of f. */
search_view evidence_of_search(const lbfgsb_solver *s);

/* Takes note of what the model promises along the direction just found. */
void evidence_promise(lbfgsb_solver *s);

/* Forgets the pairs, and what the model of them has promised. */
void evidence_forget(lbfgsb_solver *s);

/* Takes back what the model has promised here and at the last iterate, as it was one of another place. */
void evidence_take_back(lbfgsb_solver *s);

/* True if there is no promise to hold a claim against, because there are no pairs, as after those of noise
 * were forgotten. */
bool evidence_is_lost(const lbfgsb_solver *s);

/* evidence_slope = what ||d||_inf is held against: the largest of the run, or what is more of f and its fall,
 * if that is smaller; strictly, the fall only where it is more than f. */
double evidence_slope(const lbfgsb_solver *s);
double evidence_strict_slope(const lbfgsb_solver *s);

/* evidence_rounding = what may be lost of a value that is a rest of terms as large as f was at the start. */
double evidence_rounding(const lbfgsb_solver *s);

/* evidence_error = the absolute error eps_f of a value (54). */
double evidence_error(const lbfgsb_solver *s, double value);

/* True if what may be gained along each variable alone is known, and too little to count. */
bool evidence_is_at_bottom(const lbfgsb_solver *s);

/* evidence_least_gain = what counts, at a claim. */
double evidence_least_gain(const lbfgsb_solver *s);

/* True if all that the model promises is too little to count. */
bool evidence_is_exhausted(const lbfgsb_solver *s);

/* True if f is not steep at the iterate, beside its value or its steepest: at a corner it is. */
bool evidence_is_flat(const lbfgsb_solver *s);

/* The same, but for variables that are all but on a bound. */
bool evidence_has_no_corner(const lbfgsb_solver *s);

/* evidence_trials = how many trials the search may take: few, if a better gradient may show where f is lower.
 */
size_t evidence_trials(const lbfgsb_solver *s);

/* True if the trials of the search, and what the model promises, show nothing but the rounding of f. */
bool evidence_ends_search(const lbfgsb_solver *s);

/* True if f, by differences, is next to nothing of what it was at the start, and hardly falls on, by what a
 * question finds: it has come to 0. */
bool evidence_is_spent(const lbfgsb_solver *s);

/* True if f has hardly fallen since the run was half as long, or in its last iterations, though it is steep:
 * at an edge, or a corner. */
bool evidence_creeps(const lbfgsb_solver *s);

/* True if the slopes promise no more than f hides over all the room that the box leaves. */
bool evidence_is_confined(const lbfgsb_solver *s, double hidden);

/* True if a level of noise may be the rounding of a value that is the rest of larger ones. */
bool evidence_is_rounding(const lbfgsb_solver *s, double level);

/* True if what the model promised, from this iterate or from the one before, rounding may have hidden. */
bool evidence_is_hidden(const lbfgsb_solver *s);
bool evidence_was_hidden(const lbfgsb_solver *s);

/* True if a value shows that f falls without end; or at a trial, that it is one of a wall. */
bool evidence_is_unbounded(const lbfgsb_solver *s, double value);
bool evidence_is_wall(const lbfgsb_solver *s, double value);

/* True if the last steps moved no variable far, and the next would move none by more than its last digits. */
bool evidence_is_there(const lbfgsb_solver *s);

/* True if a run may have ended so, or as its search had no trial left that differs from the iterate. */
bool evidence_digits_valid(const lbfgsb_solver *s);

/* evidence_asked_part = the part of f that a question is to gain; evidence_wanted_gain = the same, or where f
 * may be on its way to 0, as is_about_zero() tells, that of its fall; evidence_above_noise = a gain, or what
 * two values can show if that is more. */
double evidence_asked_part(const lbfgsb_solver *s);
double evidence_wanted_gain(const lbfgsb_solver *s);
bool evidence_is_about_zero(const lbfgsb_solver *s);
double evidence_above_noise(const lbfgsb_solver *s, double gain);

/* evidence_clear_gain = what f must be lower by for a variable that no slope has moved. */
double evidence_clear_gain(const lbfgsb_solver *s);

/* Takes note of a relative error of f that the caller knows of. */
void evidence_tell_noise(lbfgsb_solver *s, double noise);

/* True if f at the iterate, evaluated again, is what it was: but for that error, and for what threads or an
 * iteration within f may do, which is no reason to give up as good a point. */
bool evidence_is_repeated(const lbfgsb_solver *s, double value);

/* evidence_shown_noise = the relative error of f that a search by slopes that are told shows; 0 if it is no
 * small part of f. */
double evidence_shown_noise(const lbfgsb_solver *s);

#endif
