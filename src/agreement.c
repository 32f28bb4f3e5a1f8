/* agreement.c - whether the gradient told is that of f: what its slopes say of a change of f is held against
 * it, at each step, and where that leaves a doubt at a question close to the end; and from bounds. METHOD.md
 * (55), (81). */
#include "agreement.h"

#include "direction.h"
#include "evidence.h"
#include "fold.h"
#include "inflection.h"
#include "plateau.h"

static const double TELLS = 1e3; /* times the error of a value: what f must change by to tell of its slopes */
static const double AGREES = 2e-3;   /* a gradient whose slopes, close to a minimum, tell a change so well */
static const double FEW = 20;        /* variables at bounds: what many rise by counts as many times more, */
static const double MOST_TIMES = 10; /* at most: by more rounding would count, too */
static const double FORGETS = 3;     /* by what an earlier disagreement is divided with each step */

/* A change of f, and what its slopes tell of it. */
typedef struct {
  double change, told;
} change_told;

static double larger(change_told by) { return fmax(fabs(by.change), fabs(by.told)); }

static double part_untold(change_told by) { return fabs(by.change / larger(by) - by.told / larger(by)); }

/* telling_change = that of f which tells of its slopes. */
static double telling_change(const lbfgsb_solver *s) {
  return (TELLS + (double)s->layout.n) * evidence_error(s, s->run.value);
}

static bool is_hidden_by_error(const lbfgsb_solver *s, change_told by) {
  return larger(by) <= telling_change(s);
}

/* change_of = that of f from one end of a step to the other, and what the slopes at both tell of it. */
static change_told change_of(const lbfgsb_solver *s, double from, double to, double slope) {
  return (change_told){to - from, s->run.search.step * (s->run.search.start.slope + slope) / 2};
}

double agreement_part_told(const lbfgsb_solver *s, double value, double slope) {
  change_told by = change_of(s, s->run.value, value, slope);
  return is_hidden_by_error(s, by) ? 1 : by.change / by.told;
}

void agreement_compare(lbfgsb_solver *s, double slope) {
  bool led = fold_is_asked(s) || !plateau_hides(s->run.search.start.slope, s->run.search.start.value);
  bool by_values = inflection_is_asked(s) || s->questions.cuts > 0;
  if (!led || by_values) return; /* a change tells of slopes where those, or (63), have led */
  change_told by = change_of(s, s->run.previous_value, s->run.value, slope);
  if (!is_hidden_by_error(s, by))
    s->agreement.disagreement = fmax(part_untold(by), s->agreement.disagreement / FORGETS);
}

static double asked_rise(const lbfgsb_solver *s) {
  return fmin(evidence_wanted_gain(s), fmax(evidence_asked_part(s), 4 * telling_change(s)));
}

bool agreement_ask(lbfgsb_solver *s) {
  size_t question = s->run.iterations + 1;
  bool is_in_doubt = s->agreement.disagreement > LBFGSB_DISAGREES && evidence_is_by_slopes(s);
  if (s->agreement.asked == question || !is_in_doubt || s->pairs.count == 0) return false;
  s->agreement.asked = question;
  direction_by_pair(s, asked_rise(s));
  return true;
}

bool agreement_is_asked(const lbfgsb_solver *s) {
  return s->agreement.asked == s->run.iterations + 1 && s->inflection.asked == 0 && s->fold.asked == 0 &&
         s->plateau.asked == 0;
}

bool agreement_hear(lbfgsb_solver *s, double value, double slope) {
  if (isnan(slope)) return isfinite(value);
  change_told by = {value - s->run.value, (s->direction.slope + slope) / 2};
  if (!is_hidden_by_error(s, by) && part_untold(by) <= AGREES) s->agreement.disagreement = part_untold(by);
  return false;
}

/* ---- At bounds ---------------------------------------------------------------------------------------- */

double agreement_part(const lbfgsb_solver *s) {
  return fmax(s->agreement.at_bounds, s->gram.free_count > 0 ? s->agreement.disagreement : 0);
}

bool agreement_ask_at_bounds(lbfgsb_solver *s) {
  if (!evidence_is_by_slopes(s)) return false;
  direction_off_bounds(s, asked_rise(s));
  double least = fmax(telling_change(s), evidence_above_noise(s, evidence_least_gain(s)));
  if (!(s->direction.slope > least)) return false;
  s->agreement.asked_at_bounds = s->run.iterations + 1;
  return true;
}

bool agreement_is_asked_at_bounds(const lbfgsb_solver *s) {
  return s->agreement.asked_at_bounds == s->run.iterations + 1;
}

/* The part, of the rise by a few variables where there are more. */
static double part_of_few(const lbfgsb_solver *s, change_told by) {
  return fmin(2, part_untold(by) * clamp(direction_held(s) / FEW, 1, MOST_TIMES));
}

/* The slope there takes curvature out of it. f is lower by as much as slopes of the other sign would say, or
 * less: by more it is lower for another reason, such as noise. */
bool agreement_hear_at_bounds(lbfgsb_solver *s, double value, double slope) {
  change_told by = {value - s->run.value, s->direction.slope};
  if (!isfinite(value) || part_of_few(s, by) <= LBFGSB_DISAGREES) return false;
  if (isnan(slope)) return true;
  by.told = (s->direction.slope + slope) / 2;
  if (!is_hidden_by_error(s, by)) s->agreement.at_bounds = part_of_few(s, by);
  return -by.change > by.told / 4 && -by.change <= (1 + LBFGSB_DISAGREES) * by.told;
}
