/* linesearch.c - the line search of Moré and Thuente (1994), resumable: it asks for a step, and goes on
 * when it is told phi(step) = f(x + step d) and phi'(step). Sections refer to the paper. METHOD.md (2), (28)
 * to (30), (65), (66), (78), (89). */
#include "linesearch.h"

#include <float.h>
#include <math.h>

#include "arithmetic.h"

static const double SUFFICIENT_DECREASE = 1e-3; /* c1, with the next two the published 3.0's */
static const double CURVATURE = 0.9;            /* c2 */
static const double GIVEN_BACK = 0.5;           /* of the gain: a trial that has lost it is not the last, */
static const double A_PART = 1e-3;              /* if that is more than so much of f */
static const double BRACKET_TOLERANCE = 0.1;    /* relative width at which the search ends */
static const double EXTRAPOLATE_MIN = 1.1;      /* section 4: the next trial beyond the present one, */
static const double EXTRAPOLATE_MAX = 4;        /* in units of its distance from the best */
static const double BRACKET_SHRINK = 0.66;      /* the bracket shrinks by this in two trials, or is halved */
static const double WIDE = 100;                 /* a bracket, in units of its near end */
static const double NOT_FINITE_SHRINK = 0.2;    /* towards the best step, after a trial without a value */
static const double WALL = 1e6;                 /* a rise is a wall, in units of what the slope explains */
static const double HIDDEN = 1e-7;              /* of f: a rise that may be rounding, */
static const double UNTOLD = 10;                /* if it is more than this times what the slope explains */
static const double LEVEL = 1e-4;               /* of f: a change that its digits may not show */
static const double CONTINUE_SHRINK = 0.1;      /* from the shortest step to the next search's first */
static const size_t CONTINUE_LIMIT = 2;         /* such searches */
static const double SHORT = 0.125;              /* of the longest step: what a wrong slope brings is gone, */
static const double STAYS = 0.3;                /* but so much of an error of values is not, */
static const double SCATTERS = 0.1;             /* and differs by so much, as that of a jump does not */

search_outcome search_start(line_search *search, search_point start, double step, double max_step,
                            search_view view) {
  *search = (line_search){.start = start,
                          .best = start,
                          .other = start,
                          .least = start,
                          .step = step,
                          .highest = (1 + EXTRAPOLATE_MAX) * step,
                          .max_step = max_step,
                          .noise = view.noise,
                          .width = max_step,
                          .previous_width = 2 * max_step,
                          .shortest = INFINITY,
                          .by_size = view.by_size,
                          .by_slope = view.by_slope,
                          .by_guess = view.by_guess};
  return start.slope < 0 && start.slope > -INFINITY ? SEARCH_TRY : SEARCH_FAILED;
}

/* ---- Trial values (section 4), each a step ---------------------------------------------------- */

/* cubic_theta = theta of the cubic with the values and slopes of a and b: its slope at a step t between them,
 * t = 0 at a and 1 at b, is a.slope - 2 (a.slope + theta) t + (a.slope + b.slope + 2 theta) t^2. */
static double cubic_theta(search_point a, search_point b) {
  return 3 * (a.value - b.value) / (b.step - a.step) + a.slope + b.slope;
}

/* cubic_root = the root of theta^2 - a.slope b.slope, with the sign of b - a; 0 if the cubic has no
 * minimizer. */
static double cubic_root(search_point a, search_point b) {
  double theta = cubic_theta(a, b), scale = fmax(fabs(theta), fmax(fabs(a.slope), fabs(b.slope)));
  double square = (theta / scale) * (theta / scale) - (a.slope / scale) * (b.slope / scale);
  return copysign(scale * sqrt(fmax(square, 0)), b.step - a.step);
}

/* cubic_ratio = the cubic's minimizer t. */
static double cubic_ratio(search_point a, search_point b) {
  double root = cubic_root(a, b);
  return (root - a.slope + cubic_theta(a, b)) / (root - a.slope + root + b.slope);
}

static double cubic(search_point a, search_point b) { return a.step + cubic_ratio(a, b) * (b.step - a.step); }

/* quadratic = the minimizer of that with the values of a and b and the slope of a. */
static double quadratic(search_point a, search_point b) {
  double chord = (a.value - b.value) / (b.step - a.step);
  return a.step + a.slope / (chord + a.slope) / 2 * (b.step - a.step);
}

/* secant = the minimizer of the quadratic with the slopes of a and b. */
static double secant(search_point a, search_point b) {
  return a.step + a.slope / (a.slope - b.slope) * (b.step - a.step);
}

static double nearer(double a, double b, double to) { return fabs(a - to) < fabs(b - to) ? a : b; }
static double farther(double a, double b, double to) { return fabs(a - to) > fabs(b - to) ? a : b; }

/* Takes case 1: the value is higher than the best. The minimum is bracketed. */
static double step_if_higher(search_point best, search_point trial) {
  double c = cubic(best, trial), q = quadratic(best, trial);
  return fabs(c - best.step) < fabs(q - best.step) ? c : c + (q - c) / 2;
}

/* Takes case 2: lower, and the slope has changed its sign. The minimum is bracketed. */
static double step_if_opposite(search_point best, search_point trial) {
  return farther(cubic(trial, best), secant(trial, best), trial.step);
}

/* inward = the step that is a part of the way from a to b; from close to 0, where even the size of the
 * minimum's step is unknown, the geometric mean. */
static double inward(const line_search *search, double a, double b, double part) {
  bool wide = search->by_size && a > 0 && b > WIDE * a;
  return wide ? sqrt(a) * sqrt(b) : a + part * (b - a);
}

/* Takes case 3: lower, of the same sign, and flatter. The cubic counts only if its minimizer lies beyond the
 * trial. */
static double step_if_flatter(const line_search *search, search_point best, search_point trial,
                              double other) {
  double end = trial.step > best.step ? search->highest : search->lowest;
  bool beyond = cubic_root(trial, best) != 0 && cubic_ratio(trial, best) < 0;
  double c = beyond ? cubic(trial, best) : end, q = secant(trial, best);
  if (!search->bracketed) return fmax(search->lowest, fmin(search->highest, farther(c, q, trial.step)));
  double limit = inward(search, trial.step, other, BRACKET_SHRINK), step = nearer(c, q, trial.step);
  return trial.step > best.step ? fmin(limit, step) : fmax(limit, step);
}

/* Takes case 4: lower, of the same sign, and not flatter. */
static double step_if_steeper(const line_search *search, search_point best, search_point trial,
                              search_point other) {
  if (search->bracketed) return cubic(trial, other);
  return trial.step > best.step ? search->highest : search->lowest;
}

static bool opposite_slopes(search_point a, search_point b) { return (a.slope < 0) != (b.slope < 0); }

static double next_step(const line_search *search, search_point best, search_point trial,
                        search_point other) {
  if (trial.value > best.value) return step_if_higher(best, trial);
  if (opposite_slopes(best, trial)) return step_if_opposite(best, trial);
  if (fabs(trial.slope) < fabs(best.slope)) return step_if_flatter(search, best, trial, other.step);
  return step_if_steeper(search, best, trial, other);
}

/* ---- The bracket (sections 2 and 3) ------------------------------------------------------------ */

/* tilted = phi less the line of sufficient decrease: psi of section 2 with tilt = c1 phi'(0). */
static search_point tilted(search_point p, double tilt) {
  return (search_point){p.step, p.value - tilt * p.step, p.slope - tilt};
}

/* Updates the bracket by the algorithm of section 2. */
static void update_bracket(line_search *search, search_point trial, double tilt) {
  search_point best = tilted(search->best, tilt), candidate = tilted(trial, tilt);
  bool higher = candidate.value > best.value, opposite = opposite_slopes(best, candidate);
  search->bracketed = search->bracketed || higher || opposite;
  if (higher) {
    search->other = trial;
  } else {
    if (opposite) search->other = search->best;
    search->best = trial;
  }
}

/* Keeps the next step within the bracket, which must shrink, or within the extrapolation's limits. */
static void safeguard(line_search *search) {
  double best = search->best.step, other = search->other.step;
  if (search->bracketed) {
    if (fabs(other - best) >= BRACKET_SHRINK * search->previous_width)
      search->step = inward(search, best, other, 0.5);
    search->previous_width = search->width;
    search->width = fabs(other - best);
    search->lowest = fmin(best, other);
    search->highest = fmax(best, other);
  } else {
    search->lowest = search->step + EXTRAPOLATE_MIN * (search->step - best);
    search->highest = search->step + EXTRAPOLATE_MAX * (search->step - best);
  }
  search->step = fmin(search->step, search->max_step);
}

static bool exhausted(const line_search *search) {
  return search->bracketed && (!(search->step > search->lowest && search->step < search->highest) ||
                               search->highest - search->lowest <= BRACKET_TOLERANCE * search->highest);
}

/* True if psi chooses the next step, not phi. The first stage ends with a trial T that has decreased, at a
 * slope >= 0. That need not be remembered: what follows stays below T, where a value no higher than the best
 * is no higher than T's, and so a sufficient decrease (29). */
static bool first_stage(const line_search *search, search_point trial, bool decreased) {
  return !decreased && trial.value <= search->best.value;
}

/* Takes note of a trial, whose value may be NaN. */
static void record_trial(line_search *search, search_point trial) {
  for (size_t k = SEARCH_TRIED - 1; k > 0; k--) search->tried[k] = search->tried[k - 1];
  search->tried[0] = trial;
  double off = isfinite(trial.value) ? fabs(trial.value - search->start.value) : INFINITY;
  search->spread = fmax(search->spread, off);
  search->shortest = fmin(search->shortest, trial.step);
  search->steepest = fmax(search->steepest, fabs(trial.slope));
  if (isfinite(trial.slope) && trial.value < search->least.value) search->least = trial;
}

/* Tests value <= phi(0) + c1 step phi'(0), as far as the noise of two values lets it be seen. */
static bool has_decreased(const line_search *search, double value) {
  double line = search->start.value + SUFFICIENT_DECREASE * search->start.slope * search->step;
  return value <= line + 2 * search->noise;
}

double search_hidden(double value) { return HIDDEN * fabs(value); }

/* True if f has risen by no more than rounding may bring, and by more than the slope explains. */
static bool rises_by_rounding(const line_search *search, double value) {
  double start = search->start.value, told = search->step * -search->start.slope;
  return value <= start + search_hidden(start) && value - start > UNTOLD * told;
}

/* True if f is the same, as its digits are too few to show the small change that the slope tells. */
static bool lacks_digits(const line_search *search, double value) {
  double told = search->step * -search->start.slope;
  return value == search->start.value && told <= LEVEL * fabs(value);
}

/* True if it is its slope that tells of a trial. */
static bool goes_by_slope(const line_search *search, double value) {
  return search->by_slope && (rises_by_rounding(search, value) || lacks_digits(search, value));
}

/* True if the trial has lost much of what the best one has gained, and of f: between them f is lower. */
static bool gives_back(const line_search *search, double value) {
  double start = search->start.value, best = search->best.value;
  double part_of_f = A_PART * fmax(fabs(start), fabs(best));
  return search->by_guess && value - best > fmax(GIVEN_BACK * (start - best), part_of_f) + 2 * search->noise;
}

bool search_may_accept(const line_search *search, double value) {
  if (search->final) return value < search->start.value;
  if (gives_back(search, value)) return false;
  return has_decreased(search, value) || goes_by_slope(search, value);
}

bool search_is_lost(const line_search *search, double value) {
  return search->final && !(value < search->start.value);
}

search_outcome search_advance(line_search *search, double value, double slope) {
  search_point trial = {search->step, value, slope};
  double tilt = SUFFICIENT_DECREASE * search->start.slope;
  bool decreased = has_decreased(search, value);
  bool flat = fabs(slope) <= -CURVATURE * search->start.slope;
  bool at_limit = trial.step == search->max_step && slope <= tilt;
  record_trial(search, trial);
  if (search->final) return value < search->start.value ? SEARCH_ACCEPTED : SEARCH_FAILED;
  bool is_low = !gives_back(search, value);
  if (is_low && decreased && (flat || at_limit)) return SEARCH_ACCEPTED;
  if (is_low && flat && goes_by_slope(search, value)) return SEARCH_ACCEPTED;

  if (!first_stage(search, trial, decreased)) tilt = 0;
  search->step =
      next_step(search, tilted(search->best, tilt), tilted(trial, tilt), tilted(search->other, tilt));
  update_bracket(search, trial, tilt);
  safeguard(search);
  if (!exhausted(search)) return SEARCH_TRY;
  search->step = search->best.step;
  search->final = true;
  return search->step > 0 ? SEARCH_TRY : SEARCH_FAILED;
}

search_outcome search_shorten(line_search *search, double value) {
  double best = search->best.step;
  record_trial(search, (search_point){search->step, value, NAN});
  search->step = best + NOT_FINITE_SHRINK * (search->step - best);
  if (!search->bracketed) search->max_step = search->step;
  return search->step > best || search->bracketed ? SEARCH_TRY : SEARCH_FAILED;
}

/* ---- Ends --------------------------------------------------------------------------------------- */

double search_curvature(const line_search *search, double slope) {
  double step = search->step, curvature = step * (slope - search->start.slope);
  double noise = search->by_slope ? 0 : search->noise; /* of values, not of slopes that are told */
  double least = fmax(DBL_EPSILON * -search->start.slope * step, noise);
  return curvature > least ? curvature : 0;
}

bool search_meets_wall(const line_search *search, double value) {
  double ahead = search->step - search->best.step;
  double rise = value - search->best.value, hidden = search->by_slope ? search_hidden(search->best.value) : 0;
  return ahead > 0 && rise > fmax(WALL * ahead * -search->start.slope, hidden);
}

search_outcome search_refuse(line_search *search) {
  if (search->least.step == search->step) search->least = search->start;
  search->final = false;
  return search_shorten(search, NAN);
}

search_outcome search_settle(line_search *search) {
  if (search->final || !(search->least.value < search->start.value)) return SEARCH_FAILED;
  search->step = search->least.step;
  search->final = true;
  return SEARCH_TRY;
}

search_outcome search_continue(line_search *search, double rounding) {
  double wanted = search->step > 0 ? search->step : INFINITY, shortest = search->shortest;
  double step = fmin(wanted, CONTINUE_SHRINK * shortest);
  size_t continued = search->continued + 1;
  if (continued > CONTINUE_LIMIT || !(shortest < INFINITY)) return SEARCH_FAILED;
  if (!(-search->start.slope * step > rounding)) return SEARCH_FAILED;
  search_view view = {search->noise, search->by_size, search->by_slope, search->by_guess};
  search_outcome outcome = search_start(search, search->start, step, shortest, view);
  search->continued = continued;
  return outcome;
}

/* told_slope = phi'(step); where none was told, as at a wall, phi'(0) stands for it. */
static double told_slope(search_point start, search_point trial) {
  return isnan(trial.slope) ? start.slope : trial.slope;
}

/* explained = twice what a change of the slope between 0 and the trial may bring beside the trapezoid rule.
 */
static double explained(search_point start, search_point trial) {
  return trial.step * fabs(told_slope(start, trial) - start.slope);
}

/* unexplained = what phi(step) - phi(0) differs by from the trapezoid rule of the slopes. */
static double unexplained(search_point start, search_point trial) {
  return trial.value - start.value - trial.step * (start.slope + told_slope(start, trial)) / 2;
}

/* shown_noise = the error of a value that a trial and one much nearer to the start show together, as neither
 * is explained; 0 if it may be a wrong slope, which brings less near the start, or a jump, which brings the
 * same. */
static double shown_noise(search_point start, search_point trial, search_point nearer) {
  double far = unexplained(start, trial), near = unexplained(start, nearer),
         most = fmax(fabs(far), fabs(near));
  bool is_seen = fabs(far) > explained(start, trial) && fabs(near) > explained(start, nearer);
  bool is_nearer = nearer.step > 0 && nearer.step <= SHORT * trial.step;
  bool stays = fabs(near) >= STAYS * most && most < INFINITY;
  bool scatters = fabs(far - near) >= SCATTERS * most + explained(start, trial);
  return is_seen && is_nearer && stays && scatters ? most / 2 : 0;
}

double search_noise(const line_search *search) {
  double noise = 0;
  for (size_t k = 1; k < SEARCH_TRIED; k++)
    noise = fmax(noise, shown_noise(search->start, search->tried[k], search->tried[0]));
  return noise;
}

double search_bound(const line_search *search) {
  bool rose = isfinite(search->spread) && search->spread > search_hidden(search->start.value);
  return rose && search->by_slope ? -search->start.slope * search->shortest : INFINITY;
}
