/* evidence.c - what a claim of convergence is held against, in any units of f, and of x where the solver's
 * own are the problem's. METHOD.md (31), (32), (44), (46), (47), (54), (60), (66), (67), (89). */
#include "evidence.h"

#include "box.h"
#include "direction.h"
#include "pairs.h"
#include "plateau.h"
#include "scales.h"

static const double FALL_PART = 1e-8;  /* of the whole fall of f */
static const double PLUNGE = 1e3;      /* times what is left of f: an iteration that takes off more */
static const double SLOPE_FALLS = 1e8; /* what falls a slope is held against, */
static const double ASKED_FALLS = 1e5; /* and the gain that is asked for */
static const double EXHAUSTED = 3e-10; /* of the scale: what the model may promise at a claim, */
static const double BOTTOM = 3e-11;    /* and what may be gained along each variable alone, */
static const double HIDDEN = 1e-7;     /* and what rounding may have hidden */
static const double ROUNDED = 10;  /* eps f(start): as much is lost of a value that is the rest of others, */
static const double NOISY = 10;    /* times that: as large a level of noise may be it */
static const double FLAT = 1e-4;   /* of |f|, or of the largest slope: a steeper f has a corner there */
static const double NEARER = 1e-3; /* of its way from a bound at the start: a variable has come to it */
static const double LARGE_NOISE = 1.6e-5; /* relative: more of it excuses no steeper slope, */
static const double MOST_NOISE = 2e-4;    /* and more than this none */
static const double SHOWN = 0.1;          /* and no more is taken for it where a search shows it */
static const size_t FEW_TRIALS = 5;       /* show whether there is a lower value, */
static const size_t ROUGH_TRIALS = 4;     /* or a direction without pairs by a rough gradient */
static const double IDLE = 1e-8;          /* of f: a run that falls by less, half of its way, is stuck, */
static const size_t LONG = 32;            /* where f is steep, if none of so many steps was far */
static const double ASKED = 2e-7;         /* what the slope promises at the last question */
static const size_t PACE = 64;            /* iterations, or n if that is more, */
static const double SLOW = 2e-7;          /* of f: that take off less where f is steep lead nowhere */
static const double NOTHING = 1e-20;      /* of f at the start: a run has come to 0 if of so little of it */
static const double HARDLY = 1e-3;        /* or less is taken off since it was half as long */
static const size_t NEAR_STEPS = 2;       /* in a row that are not far may end a run whose minimum is 0 */
static const double LEVEL = 0.1;          /* of f: as long as it falls by more, it is on its way to 0, */
static const double TOLD_LEVEL = 1;       /* where slopes are told */
static const double LAST_DIGITS = 4 * DBL_EPSILON; /* of its size: so little is no move of a variable */
static const double SCATTER = 1e-4;      /* of f: one that differs by more at the same point is random, */
static const double SCATTER_FALL = 1e-8; /* and by more than that of its fall */
static const double ENDLESS = 1e10;      /* values so far below zero have no end, in units of the start's; */
static const double FALLEN = 10;         /* nor has -Inf, from so far, */
enum { UNDERFLOWS = 20 };                /* or after so many trials without a value; until then it is one */
static const double BEYOND = 0x1p80; /* sizes at the start: where f still falls below zero it has no end */

void evidence_init(lbfgsb_solver *s) { s->evidence.gain = s->evidence.trial_gain = NAN; }

/* pace_length = the iterations by which a run is judged; a quadratic f has n directions. */
static size_t pace_length(const lbfgsb_solver *s) { return s->layout.n < PACE ? PACE : s->layout.n; }

/* Measures falls from this iterate on. */
static void begin_falls(lbfgsb_solver *s) {
  s->evidence.top_value = s->evidence.older_value = s->evidence.middle_value = s->run.value;
  s->evidence.before_value = s->evidence.recent_value = s->run.value;
}

/* True if the iteration has taken off nearly all of f by a far step, while there was much of f, and some is
 * left; or more than is left, of what is next to nothing beside the top: as from a start far off, where f is
 * no measure. Close to a minimum of 0 short steps may take off as much. */
static bool is_plunge(const lbfgsb_solver *s) {
  double before = s->run.previous_value, left = fabs(s->run.value), off = before - s->run.value;
  double much = FALL_PART * s->evidence.top_value;
  bool takes_nearly_all = before > much && off > PLUNGE * left && left > FALL_PART * before;
  return s->evidence.near == 0 && (takes_nearly_all || (off > left && before < FALL_PART * much));
}

/* Takes note of f at each iteration whose number the length divides; of the last and the one before. */
static void record_pace(lbfgsb_solver *s) {
  if (s->run.iterations % pace_length(s) != 0) return;
  s->evidence.before_value = s->evidence.recent_value;
  s->evidence.recent_value = s->run.value;
}

/* slope_at_start = max_i |d_i| r_i: what f would fall by there along one variable, by its slope, over its
 * size: |x_i|, or the caller's unit if that is more and its box as wide, as a start next to 0 may be no size.
 */
static double slope_at_start(const lbfgsb_solver *s) {
  const double *x = get(s, s->iterate.x), *g = get(s, s->iterate.gradient), *scale = get(s, s->scales.scale);
  const double *l = get(s, s->box.lower), *u = get(s, s->box.upper);
  double most = s->iterate.steepest;
  for (size_t i = 0; i < s->layout.n; i++) {
    double size = fmax(fabs(x[i]), fmin(1 / scale[i], u[i] - l[i]));
    if (bound_ahead(x[i], g[i], l[i], u[i]) != x[i]) most = fmax(most, fabs(g[i]) * size);
  }
  return most;
}

void evidence_record(lbfgsb_solver *s) {
  size_t k = s->run.iterations;
  double f = s->run.value;
  if (k == 0) {
    s->evidence.start_value = f;
    s->evidence.start_slope = slope_at_start(s);
  }
  s->evidence.lowest_value = k == 0 ? f : fmin(f, s->evidence.lowest_value);
  s->evidence.near = k == 0 || s->iterate.far ? 0 : s->evidence.near + 1;
  if (k == 0 || is_plunge(s)) {
    begin_falls(s);
  } else if ((k & (k - 1)) == 0) {
    s->evidence.older_value = s->evidence.middle_value;
    s->evidence.middle_value = f;
  }
  record_pace(s);
  s->evidence.gain = s->evidence.trial_gain;
  s->evidence.largest_slope = fmax(s->evidence.largest_slope, s->iterate.steepest);
  s->evidence.promised_before = k == 0 ? INFINITY : s->evidence.promised;
  s->evidence.promised = INFINITY;
}

/* A sum of squares of differences a - b has an error of about eps sqrt(f A), A the sum of squares of a, and
 * what f was at the top is such a sum. */
double evidence_error(const lbfgsb_solver *s, double value) {
  double f = greater(fabs(value), DBL_MIN), top = s->run.noise > 0 ? 0 : s->evidence.top_value;
  return greater(s->run.noise, DBL_EPSILON) * f * sqrt(clamp(top / f, 1, DBL_MAX));
}

/* Differences tell a gain, a gradient that is told none; a rough one may be wrong where f is lost. */
bool evidence_is_by_slopes(const lbfgsb_solver *s) {
  return s->options.confirm && isnan(s->evidence.gain) && !(s->run.rough > 0);
}

/* noise_left = the error of f; but a rise that is let pass for it lets pass so much less from there on, so
 * that no run creeps upwards by slopes. */
static double noise_left(const lbfgsb_solver *s) {
  double noise = s->run.noise * fabs(s->run.value), risen = s->run.value - s->evidence.lowest_value;
  return evidence_is_by_slopes(s) ? fmax(noise - risen / 2, 0) : noise;
}

search_view evidence_of_search(const lbfgsb_solver *s) {
  return (search_view){.noise = noise_left(s),
                       .by_size = s->options.confirm,
                       .by_slope = evidence_is_by_slopes(s),
                       .by_guess = s->options.confirm && s->run.iterations == 0};
}

void evidence_tell_gain(lbfgsb_solver *s, double gain) {
  if (s->run.phase == PHASE_REFINE)
    s->evidence.gain = gain;
  else
    s->evidence.trial_gain = gain;
}

void evidence_promise(lbfgsb_solver *s) {
  if (s->pairs.count > 0) s->evidence.promised = -s->direction.slope / 2;
}

void evidence_forget(lbfgsb_solver *s) {
  pairs_forget(s);
  s->evidence.promised_before = s->evidence.promised;
  s->evidence.promised = INFINITY;
}

void evidence_take_back(lbfgsb_solver *s) { s->evidence.promised = s->evidence.promised_before = INFINITY; }

static bool is_near(const lbfgsb_solver *s) { return s->evidence.near >= NEAR_STEPS; }

/* A direction that moves nothing ends the search, but the pairs tell of which variables f is to be asked. */
bool evidence_is_there(const lbfgsb_solver *s) {
  return (is_near(s) || s->direction.slope == 0) && direction_is_within(s, LAST_DIGITS);
}

/* fall = a part of what f has fallen by, but no more than since the run was at most half as long: what a
 * start far off has brought is forgotten. None as long as variables go far: f would go on falling. */
static double fall(const lbfgsb_solver *s) {
  double f = s->run.value;
  if (!is_near(s)) return 0;
  return fmin(FALL_PART * (s->evidence.top_value - f), s->evidence.older_value - f);
}

/* rest = the same where f goes on falling towards 0; where it has come to a level, its last digits count. */
static double rest(const lbfgsb_solver *s) {
  double level = evidence_is_by_slopes(s) ? TOLD_LEVEL : LEVEL;
  bool is_level = s->run.previous_value - s->run.value < level * fabs(s->run.value);
  return is_level ? 0 : fall(s);
}

/* scale = what gains are held against. */
static double scale(const lbfgsb_solver *s) { return fmax(fabs(s->run.value), rest(s)); }

double evidence_strict_slope(const lbfgsb_solver *s) {
  double f = fabs(s->run.value), fallen = rest(s);
  return fmin(s->evidence.largest_slope, f > fallen ? f : SLOPE_FALLS * fallen);
}

double evidence_slope(const lbfgsb_solver *s) {
  return fmin(s->evidence.largest_slope, fmax(fabs(s->run.value), SLOPE_FALLS * fall(s)));
}

/* part_of_scale = what a part of the scale comes to, but no less than the noise of two values. */
static double part_of_scale(const lbfgsb_solver *s, double part) {
  return fmax(part * scale(s), 2 * s->run.noise * fabs(s->run.value));
}

/* flat_part = the part of |f|, or of the largest slope, up to which f is flat: noise lets a slope be no
 * smaller, as a part up to `most`, but so much of it leaves no claim. */
static double flat_part(const lbfgsb_solver *s, double most) {
  return fmax(FLAT, s->run.noise <= MOST_NOISE ? sqrt(fmin(s->run.noise, most)) : 0);
}

/* flat_slope = the largest slope at which f is flat. Where there is noise, slopes that are told are held
 * against f alone. */
static double flat_slope(const lbfgsb_solver *s) {
  double f = fabs(s->run.value), most = fmax(f, s->evidence.largest_slope);
  if (!evidence_is_by_slopes(s)) return flat_part(s, LARGE_NOISE) * most;
  return s->run.noise > HIDDEN ? flat_part(s, MOST_NOISE) * f : FLAT * most;
}

bool evidence_is_flat(const lbfgsb_solver *s) { return s->iterate.steepest <= flat_slope(s); }

/* left_at_bound = what the slope of variable i promises over as much as is left of its way to a bound next to
 * which it has come from afar, towards it, or over as much again; 0 of one that its bound holds, infinite of
 * others. */
static double left_at_bound(const lbfgsb_solver *s, size_t i) {
  double x = get(s, s->iterate.x)[i], g = get(s, s->iterate.gradient)[i], start = get(s, s->plateau.start)[i];
  double l = get(s, s->box.lower)[i], u = get(s, s->box.upper)[i];
  double bound = x - l <= u - x ? l : u, left = fabs(x - bound);
  if (left == 0) return bound_ahead(x, g, l, u) == bound ? 0 : INFINITY;
  return left <= NEARER * fabs(start - bound) ? fabs(g) * left : INFINITY;
}

/* Where f is as x log(x), it is steep without end at a bound that may be next to its minimum: all such
 * variables together are to promise next to nothing. */
bool evidence_has_no_corner(const lbfgsb_solver *s) {
  const double *g = get(s, s->iterate.gradient);
  double slope = flat_slope(s), left = 0;
  if (!s->box.constrained || s->iterate.steepest <= slope) return evidence_is_flat(s);
  for (size_t i = 0; i < s->layout.n; i++)
    if (!(fabs(g[i]) <= slope)) left += left_at_bound(s, i);
  return left <= HIDDEN * scale(s);
}

bool evidence_is_at_bottom(const lbfgsb_solver *s) {
  return s->evidence.gain <= part_of_scale(s, BOTTOM) && evidence_has_no_corner(s);
}

double evidence_least_gain(const lbfgsb_solver *s) { return part_of_scale(s, EXHAUSTED); }

bool evidence_is_exhausted(const lbfgsb_solver *s) { return s->evidence.promised <= evidence_least_gain(s); }

bool evidence_is_lost(const lbfgsb_solver *s) {
  bool forgotten = s->run.iterations > 0 && s->evidence.promised == INFINITY;
  return forgotten && s->iterate.steepest > 0;
}

double evidence_rounding(const lbfgsb_solver *s) {
  return ROUNDED * DBL_EPSILON * fmax(fabs(s->run.value), s->evidence.start_value - s->run.value);
}

static bool is_hidden(const lbfgsb_solver *s, double promised) {
  double left = fmin(promised, s->evidence.gain);
  return left <= fmax(part_of_scale(s, HIDDEN), evidence_rounding(s)) && evidence_has_no_corner(s);
}

/* most_left = the most that f may fall by, if it falls so little along its slope, and no curvature is less
 * than eps times another. */
static double most_left(const lbfgsb_solver *s) {
  const line_search *search = &s->run.search;
  return search_bound(search) / DBL_EPSILON;
}

bool evidence_is_hidden(const lbfgsb_solver *s) {
  return is_hidden(s, fmin(s->evidence.promised, most_left(s)));
}
bool evidence_was_hidden(const lbfgsb_solver *s) { return is_hidden(s, s->evidence.promised_before); }

bool evidence_is_confined(const lbfgsb_solver *s, double hidden) {
  const double *x = get(s, s->iterate.x), *g = get(s, s->iterate.gradient);
  const double *l = get(s, s->box.lower), *u = get(s, s->box.upper);
  double promised = 0;
  for (size_t i = 0; i < s->layout.n; i++)
    promised += fabs(g[i]) * fabs(bound_ahead(x[i], g[i], l[i], u[i]) - x[i]);
  return promised > 0 && promised <= hidden;
}

static bool is_lower(const line_search *search) { return search->least.value < search->start.value; }

/* True if no trial is lower, and the slope promised next to nothing beside the rises that there were: its
 * sign may be that of its error. */
static bool is_doubtful(const line_search *search) {
  double promised = -search->start.slope * search->shortest;
  return !is_lower(search) && isfinite(search->spread) && promised <= HIDDEN * search->spread;
}

size_t evidence_trials(const lbfgsb_solver *s) {
  const line_search *search = &s->run.search;
  size_t most = s->options.max_trials;
  bool may_be_rough = s->options.confirm && s->run.rough > 0 && s->pairs.count == 0;
  return may_be_rough && is_doubtful(search) && most > ROUGH_TRIALS ? ROUGH_TRIALS : most;
}

/* True if the slope at the iterate is next to nothing beside those of trials: a corner's would not be. */
static bool is_slight(const lbfgsb_solver *s) {
  return evidence_is_by_slopes(s) && -s->run.search.start.slope <= FLAT * s->run.search.steepest;
}

/* True if the next trial would move no variable by more than its last digits. */
static bool has_no_digits_left(const lbfgsb_solver *s) {
  return is_slight(s) && direction_is_within(s, LAST_DIGITS / s->run.search.step);
}

/* Of a state the direction may be another by now, that of a question; what it promised tells as much. */
bool evidence_digits_valid(const lbfgsb_solver *s) {
  const double *x = get(s, s->iterate.x), *g = get(s, s->iterate.gradient);
  double most = 0, trial = -s->run.search.start.slope * s->run.search.step;
  for (size_t i = 0; i < s->layout.n; i++) most += 2 * LAST_DIGITS * fabs(g[i]) * direction_size(x[i]);
  if (s->run.trials >= FEW_TRIALS && is_slight(s) && trial <= most) return true;
  return s->pairs.count > 0 && (is_near(s) ? 2 * s->evidence.promised <= most : s->evidence.promised == 0);
}

bool evidence_ends_search(const lbfgsb_solver *s) {
  const line_search *search = &s->run.search;
  if (!s->options.confirm || s->run.trials < FEW_TRIALS || is_lower(search)) return false;
  if (has_no_digits_left(s)) return true;
  if (s->pairs.count == 0) return most_left(s) < INFINITY && is_hidden(s, most_left(s));
  return fmax(search->spread, s->evidence.promised) <= evidence_rounding(s) && evidence_has_no_corner(s);
}

/* True if f has fallen so little since the run was half as long. */
static bool is_stuck(const lbfgsb_solver *s) {
  return s->evidence.near >= LONG && s->evidence.older_value - s->run.value <= IDLE * fabs(s->run.value);
}

/* True if it has in so many of the last iterations, and f was not defined at some trial of the run. */
static bool is_slow(const lbfgsb_solver *s) {
  double off = s->evidence.before_value - s->run.value;
  bool is_long = s->evidence.near >= 2 * pace_length(s);
  return s->run.nonfinite > 0 && is_long && off <= SLOW * fabs(s->run.value);
}

bool evidence_creeps(const lbfgsb_solver *s) {
  return s->options.confirm && (is_stuck(s) || is_slow(s)) && !evidence_has_no_corner(s);
}

/* Differences are of no use where f is so little of what it was: they take steps by which it is far more. So
 * a claim is refuted, again and again, by next to nothing. */
bool evidence_is_spent(const lbfgsb_solver *s) {
  double f = fabs(s->run.value), off = s->evidence.older_value - s->run.value;
  bool is_refuted = s->options.confirm && !evidence_is_by_slopes(s) && s->questions.refutations > 0;
  bool is_little = f <= NOTHING * fabs(s->evidence.start_value) && off <= HARDLY * f;
  return is_refuted && s->evidence.near >= LONG && is_little && evidence_has_no_corner(s);
}

bool evidence_is_rounding(const lbfgsb_solver *s, double level) {
  return level <= NOISY * evidence_rounding(s);
}

/* True if one of a few variables is so far off at the trial, by far steps alone. */
static bool has_run_off(const lbfgsb_solver *s) {
  const double *x = get(s, s->direction.trial), *start = get(s, s->plateau.start);
  const double *scale = get(s, s->scales.scale);
  size_t i = 0, n = s->layout.n;
  if (s->evidence.near > 0 || n > MANY_VARIABLES) return false;
  while (i < n && !(fabs(x[i]) > BEYOND * fmax(fabs(start[i]), 1 / scale[i]))) i++;
  return i < n;
}

bool evidence_is_unbounded(const lbfgsb_solver *s, double value) {
  double start = fmax(fabs(s->evidence.start_value), s->evidence.start_slope);
  if (start == 0) start = s->evidence.largest_slope;
  bool has_fallen = s->run.value < -FALLEN * start;
  bool may_be_lost = s->run.phase == PHASE_TRIAL && s->run.nonfinite < UNDERFLOWS && !has_fallen;
  bool is_endless = value == -INFINITY ? !may_be_lost : start > 0 && value < -ENDLESS * start;
  return s->options.confirm && (is_endless || (value < fmin(0, s->run.value) && has_run_off(s)));
}

bool evidence_is_wall(const lbfgsb_solver *s, double value) {
  const line_search *search = &s->run.search;
  return s->options.confirm && isfinite(value) && search_meets_wall(search, value);
}

/* ---- What a question is to gain ------------------------------------------------------------------------ */

double evidence_above_noise(const lbfgsb_solver *s, double gain) {
  return fmax(gain, 8 * s->run.noise * fabs(s->run.value));
}

double evidence_asked_part(const lbfgsb_solver *s) { return ASKED * fabs(s->run.value); }

bool evidence_is_about_zero(const lbfgsb_solver *s) { return ASKED_FALLS * rest(s) > fabs(s->run.value); }

double evidence_wanted_gain(const lbfgsb_solver *s) {
  return evidence_above_noise(s, ASKED * fmax(fabs(s->run.value), ASKED_FALLS * rest(s)));
}

double evidence_clear_gain(const lbfgsb_solver *s) {
  return fmax(evidence_wanted_gain(s), 8 * evidence_error(s, s->run.value));
}

double evidence_shown_noise(const lbfgsb_solver *s) {
  const line_search *search = &s->run.search;
  double f = fabs(s->run.value), noise = evidence_is_by_slopes(s) ? search_noise(search) : 0;
  return evidence_rounding(s) < noise && noise < SHOWN * f ? noise / f : 0;
}

/* ---- Random values ------------------------------------------------------------------------------------- */

void evidence_tell_noise(lbfgsb_solver *s, double noise) {
  s->evidence.told_noise = fmax(s->evidence.told_noise, noise);
}

bool evidence_is_repeated(const lbfgsb_solver *s, double value) {
  double f = s->run.value, part = fmax(SCATTER, 8 * s->evidence.told_noise);
  return fabs(value - f) <= fmax(part * fabs(f), SCATTER_FALL * (s->evidence.start_value - f));
}
