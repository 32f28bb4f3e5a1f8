/* questions.c - the last questions, before a claim of convergence stands: f is asked where it would be lower
 * if the claim were wrong. METHOD.md (45), (69), (77), (81), (85). */
#include "questions.h"

#include "conjugate.h"
#include "direction.h"
#include "evidence.h"
#include "inside.h"
#include "scales.h"

static const double GROWTH = 4;        /* times what is asked for, after each question that has led on, */
static const double MOST_GROWTHS = 10; /* up to a fifth of f */
static const double FARTHEST = 0.1; /* of its size: as far as a variable moves for that, or as is promised */
static const double HALF = 0.5;     /* of f: no claim stands such a fall */
static const double AFAR = 0x1p-4;  /* of its way: a question is cut to, where f is not defined at its end, */
static const double CLOSER = 0.5;   /* and then, as long as f is higher there; */
static const size_t MOST_CUTS = 16; /* so often at most */

void questions_record(lbfgsb_solver *s) {
  size_t k = s->run.iterations;
  s->questions.far = FAR_NONE;
  s->questions.cuts = 0;
  s->questions.part = 1;
  bool asked = s->questions.asked == k || s->questions.asked_others == k || s->questions.asked_rest == k ||
               s->questions.asked_staying == k;
  bool goes_on = s->run.previous_value - s->run.value > evidence_wanted_gain(s);
  if (k > 0 && asked)
    s->questions.refutations++;
  else if (k == 0 || goes_on)
    s->questions.refutations = 0;
  agreement_record(s);
  inflection_record(s);
  fold_record(s);
  plateau_record(s);
  inside_record(s);
}

/* Along -R^2 g, R = diag(r_i), r_i the variables' sizes: ||R g||^2, and max |r_i g_i|, by t times which the
 * largest step t moves a variable, in parts of its size; over the variables that can move. */
typedef struct {
  double sum, largest;
} slopes;

static slopes slopes_by_sizes(const lbfgsb_solver *s) {
  const double *g = get(s, s->iterate.gradient);
  slopes found = {0, 0};
  for (size_t i = 0; i < s->layout.n; i++) {
    double gain = fabs(g[i]) * direction_free_size(s, i);
    found.sum += gain * gain;
    found.largest = fmax(found.largest, gain);
  }
  return found;
}

/* grown = times what a slope must promise, where questions have led on so often. */
static double grown(size_t led) { return pow(GROWTH, fmin((double)led, MOST_GROWTHS)); }

static double growth(const lbfgsb_solver *s) { return grown(s->questions.refutations); }

/* Sets the trial, each variable whose curvature the pairs tell, or each other one, at its own minimum by
 * that, but no farther than to a part of its size or where its slope promises enough; or so far each whose
 * slope stays; if that promises more than the model may. */
static bool ask_by_pairs(lbfgsb_solver *s, enum movers which) {
  if (s->pairs.count == 0) return false;
  double times = growth(s), promise = evidence_above_noise(s, times * evidence_asked_part(s));
  direction_by_curvatures(s, which, times, FARTHEST, promise);
  return -s->direction.slope >= evidence_above_noise(s, evidence_least_gain(s));
}

/* Sets the trial where the slope promises enough. Where that is farther than `farthest` the claim is plain,
 * unless it is one about f near 0: then it is asked about there. */
static bool ask_by_sizes(lbfgsb_solver *s, double step, double farthest) {
  if (step > farthest && !evidence_is_about_zero(s)) return false;
  direction_by_sizes(s, fmin(step, farthest));
  return s->direction.slope < 0;
}

static bool ask_by_told(lbfgsb_solver *s) { return ask_by_pairs(s, MOVE_TOLD); }

/* Asks of slopes that are not on their way to 0; of many some seem so by chance. */
static bool ask_by_staying(lbfgsb_solver *s) {
  return s->layout.n <= MANY_VARIABLES && ask_by_pairs(s, MOVE_STAYING);
}

static bool ask_by_rest(lbfgsb_solver *s) {
  double more = grown(s->questions.rest_led), least = evidence_above_noise(s, evidence_least_gain(s));
  return s->pairs.count > 0 && conjugate_ask(s, more * evidence_wanted_gain(s), more * least);
}

static bool is_asked(const lbfgsb_solver *s, size_t asked) { return asked == s->run.iterations + 1; }

/* Asks of the variables of which the pairs tell nothing, apart, as they may move too far; or of all. */
static bool ask_by_others(lbfgsb_solver *s) {
  slopes by_sizes = slopes_by_sizes(s);
  if (ask_by_pairs(s, MOVE_OTHERS)) return true;
  if (is_asked(s, s->questions.asked) || is_asked(s, s->questions.asked_rest) || !(by_sizes.sum > 0))
    return false;
  return ask_by_sizes(s, growth(s) * evidence_wanted_gain(s) / by_sizes.sum, FARTHEST / by_sizes.largest);
}

/* Tells whether a question is left at this iterate; it is then asked. */
static bool ask_once(lbfgsb_solver *s, size_t *asked, bool ask(lbfgsb_solver *)) {
  if (is_asked(s, *asked) || !ask(s)) return false;
  *asked = s->run.iterations + 1;
  return true;
}

/* Sets the way of the question that has led too far as it was. */
static bool ask_far(lbfgsb_solver *s) {
  if (s->questions.far == FAR_TOLD) return ask_by_told(s);
  if (s->questions.far == FAR_STAYING) return ask_by_staying(s);
  return s->questions.far == FAR_REST ? ask_by_rest(s) : ask_by_others(s);
}

/* Sets the trial closer to the iterate on that way, if what was heard last there wants it. */
static bool ask_closer(lbfgsb_solver *s) {
  size_t cuts = s->questions.cuts;
  double part = s->questions.far != FAR_NONE ? s->questions.part : 0;
  s->questions.cuts = 0;
  s->questions.part = 0;
  if (part == 0 || !ask_far(s)) return false;
  direction_shorten(s, part);
  if (!(s->direction.slope < 0)) return false;
  s->questions.cuts = cuts + 1;
  s->questions.part = part;
  return true;
}

/* Sets the trial where the iterate is, if it is by values of f that the run is to end. */
static bool ask_again(lbfgsb_solver *s) {
  lbfgsb_status claim = s->questions.claim;
  bool is_by_slopes = claim != LBFGSB_ROUNDING_CONVERGED && lbfgsb_is_evidence(claim);
  if (is_by_slopes || s->questions.repeat != REPEAT_UNKNOWN) return false;
  s->questions.repeat = REPEAT_ASKED;
  direction_aside(s, 0, 0);
  return true;
}

void questions_put_off(lbfgsb_solver *s, lbfgsb_status claim) { s->questions.claim = claim; }

bool questions_ask(lbfgsb_solver *s, lbfgsb_status claim) {
  s->questions.claim = claim;
  if (ask_again(s)) return true;
  if (agreement_is_asked_at_bounds(s)) return false; /* that is the last one */
  if (!lbfgsb_is_evidence(claim)) return fold_ask(s);
  return (ask_once(s, &s->questions.asked, ask_by_told) ||
          ask_once(s, &s->questions.asked_rest, ask_by_rest) ||
          ask_once(s, &s->questions.asked_others, ask_by_others) ||
          ask_once(s, &s->questions.asked_staying, ask_by_staying) || agreement_ask(s) || inflection_ask(s) ||
          fold_ask(s) || plateau_ask(s) || inside_ask(s) || ask_closer(s) || agreement_ask_at_bounds(s));
}

/* Where f is another one no value tells anything. */
static bool hear_again(lbfgsb_solver *s, double value) {
  bool is_same = evidence_is_repeated(s, value);
  s->questions.repeat = is_same ? REPEAT_KNOWN : REPEAT_UNKNOWN;
  if (!is_same) s->questions.claim = LBFGSB_RANDOM;
  return false;
}

/* True if the question asked is that about the rest; others are asked about after it. */
static bool rest_is_asked(const lbfgsb_solver *s) {
  return is_asked(s, s->questions.asked_rest) && !is_asked(s, s->questions.asked_others) &&
         !is_asked(s, s->questions.asked_staying);
}

/* next_cut = to what part the way is to be cut: where f is not defined at its end it has told nothing, nor
 * does it by higher values on the way from there, until they differ by no more than what counts. */
static double next_cut(const lbfgsb_solver *s, double value) {
  if (s->questions.cuts == MOST_CUTS) return 0;
  if (!isfinite(value)) return AFAR;
  bool is_far = !direction_is_within(s, 1);
  return is_far && value > s->run.value + evidence_clear_gain(s) ? CLOSER : 0;
}

/* On a way that has been cut the slope promises nothing that counts. */
static double refuting_gain(const lbfgsb_solver *s) {
  if (s->questions.cuts > 0) return evidence_clear_gain(s);
  return fmin(-s->direction.slope / 4, HALF * fabs(s->run.value));
}

static enum far asked_last(const lbfgsb_solver *s) {
  if (is_asked(s, s->questions.asked_staying)) return FAR_STAYING;
  if (is_asked(s, s->questions.asked_others)) return FAR_OTHERS;
  return rest_is_asked(s) ? FAR_REST : FAR_TOLD;
}

/* Of the questions of (45) and (77), or closer on the way of the first that has led too far. */
static bool hear_by_slopes(lbfgsb_solver *s, double value, double slope) {
  bool refutes = value < s->run.value - refuting_gain(s), is_first = s->questions.far == FAR_NONE;
  double cut = is_first || s->questions.cuts > 0 ? next_cut(s, value) : 1;
  if (is_first && cut > 0) s->questions.far = asked_last(s);
  if (s->questions.far != FAR_NONE) s->questions.part *= cut;
  s->questions.rest_led += refutes && isfinite(slope) && s->questions.cuts == 0 && rest_is_asked(s);
  return refutes;
}

bool questions_hear(lbfgsb_solver *s, double value, double slope) {
  if (s->questions.repeat == REPEAT_ASKED) return hear_again(s, value);
  if (agreement_is_asked_at_bounds(s)) return agreement_hear_at_bounds(s, value, slope);
  if (s->questions.cuts > 0) return hear_by_slopes(s, value, slope);
  if (inside_is_asked(s)) return inside_hear(s, value);
  if (agreement_is_asked(s)) return agreement_hear(s, value, slope);
  if (inflection_is_asked(s)) return inflection_hear(s, value);
  if (fold_is_asked(s)) return s->run.phase == PHASE_QUESTION_GRADIENT || fold_hear(s, value);
  return plateau_is_asked(s) ? plateau_hear(s, value) : hear_by_slopes(s, value, slope);
}

bool questions_valid(const lbfgsb_solver *s) {
  double part = s->questions.part;
  return part >= 0 && part <= 1 && s->questions.cuts <= MOST_CUTS && s->questions.far <= FAR_STAYING;
}
