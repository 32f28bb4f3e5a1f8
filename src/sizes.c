/* sizes.c - many variables of one kind, as heights, weights or abilities, that begin at sizes which mean
 * nothing, some at 1e-6, some at 1. METHOD.md (88). */
#include "sizes.h"

#include "evidence.h"
#include "logs.h"
#include "order.h"
#include "pairs.h"
#include "scales.h"

static const double APART = 1.25; /* times the spread of slopes, at least: that of sizes */
static const double MOST = 0.875; /* of the variables: whose curvatures are to speak for their sizes */

/* Of the variables' sizes r, and in the caller's units their slopes g at the start, g r, the slopes of
 * others, of no known size, and the curvatures h that the first pair shows, h r, and h r^2. */
typedef struct {
  logs sizes, slopes, slopes_by_size, others;
  logs curvatures, between, curvatures_by_size;
} kind;

static void add_curvature(kind *to, double h, double unit) {
  if (!(h > 0 && h < INFINITY)) return;
  logs_add(&to->curvatures_by_size, log2(h));
  logs_add(&to->between, log2(h) - unit);
  logs_add(&to->curvatures, log2(h) - 2 * unit);
}

/* Their scales are their sizes, as powers of two. */
static void add_variable(const lbfgsb_solver *s, size_t i, kind *to) {
  size_t stride, slot = pairs_newest(s);
  const double *row = order_row(s, i, &stride);
  double y = row[2 * slot * stride], step = row[(2 * slot + 1) * stride];
  double g = fabs(get(s, s->iterate.gradient)[i] - y), unit = ilogb(get(s, s->scales.scale)[i]);
  if (g == 0 || !scales_is_free(s, i)) return;
  if (scales_are_unknown(s, i)) {
    logs_add(&to->others, log2(g) - unit);
    return;
  }
  logs_add(&to->sizes, unit);
  logs_add(&to->slopes, log2(g) - unit);
  logs_add(&to->slopes_by_size, log2(g));
  add_curvature(to, y / step, unit);
}

static kind look(const lbfgsb_solver *s) {
  kind found = {NO_LOGS, NO_LOGS, NO_LOGS, NO_LOGS, NO_LOGS, NO_LOGS, NO_LOGS};
  for (size_t i = 0; i < s->layout.n; i++) add_variable(s, i, &found);
  return found;
}

/* True if sizes differ by more than chance, and slopes far less than these, and than in units of these. */
static bool are_of_one_kind(kind of) {
  double least = fmin(logs_spread(of.sizes), logs_spread(of.slopes_by_size));
  bool differ = of.sizes.count > FEW_SLOPES && logs_spread(of.sizes) > LOGS_CHANCE;
  return differ && APART * logs_spread(of.slopes) < least;
}

/* True if h r is most alike, as of a rate with its logarithm beside it: so the way is about r, by g / h. */
static bool speak_for_sizes(kind of) {
  double least = fmin(logs_spread(of.curvatures), logs_spread(of.curvatures_by_size));
  return of.between.count >= MOST * of.sizes.count && logs_spread(of.between) < least;
}

/* The curvatures along steps of the smallest are not to be had by differences of f. */
bool sizes_refute(lbfgsb_solver *s) {
  bool are_many = s->layout.n > FEW_SLOPES && evidence_is_by_slopes(s);
  if (!are_many || s->run.iterations != 1 || s->pairs.count != 1) return false;
  kind found = look(s);
  if (!are_of_one_kind(found) || speak_for_sizes(found)) return false;
  bool with_others = s->layout.n > MANY_VARIABLES && logs_are_alike(logs_both(found.slopes, found.others));
  for (size_t i = 0; i < s->layout.n; i++)
    if (with_others || !scales_are_unknown(s, i))
      scales_set_size(s, i, exp2(found.sizes.greatest) / get(s, s->scales.scale)[i]);
  return true;
}
