/* conjugate.c - the slopes that the newest steps have left: r = g - Y c, the least by the variables' sizes.
 * As y = H s, the way along it is conjugate to those steps: f falls along it as if they were done, however
 * much stiffer it is along them. METHOD.md (77). */
#include "conjugate.h"

#include "direction.h"
#include "order.h"
#include "pairs.h"

static const double FARTHEST = 0.1; /* of the variables' sizes, ||R^-1 d||: as far as f is asked about */
static const double SEEN = 1e-12;   /* of g'R^2 g: what is left of less is rounding, */
static const double APART = 1e-15;  /* and of y'R^2 y: it is another one's multiple */

/* Y'R^2 Y c = Y'R^2 g, newest y first; eliminated from the first on, so that c of fewer y comes from the
 * leading rows. */
typedef struct {
  size_t count;
  double matrix[CONJUGATE_STEPS][CONJUGATE_STEPS], right[CONJUGATE_STEPS];
  double slopes; /* g'R^2 g */
} normal_equations;

static size_t column_of(const lbfgsb_solver *s, size_t j) {
  return 2 * pairs_slot(s, s->pairs.count - 1 - j);
}

/* weight = r_i^2 of a variable that can move, 0 of another. */
static double weight(const lbfgsb_solver *s, size_t i) {
  double size = direction_free_size(s, i);
  return size * size;
}

static void add_block(const lbfgsb_solver *s, size_t first, normal_equations *to) {
  const double *g = get(s, s->iterate.gradient) + first;
  double copied[CONJUGATE_STEPS][BLOCK_ROWS];
  const double *y[CONJUGATE_STEPS];
  for (size_t j = 0; j < to->count; j++) y[j] = order_block(s, first, column_of(s, j), copied[j]);
  for (size_t i = 0; i < block_rows(s, first); i++) {
    double w = weight(s, first + i);
    to->slopes += w * g[i] * g[i];
    for (size_t j = 0; j < to->count; j++) {
      to->right[j] += w * y[j][i] * g[i];
      for (size_t k = j; k < to->count; k++) to->matrix[j][k] += w * y[j][i] * y[k][i];
    }
  }
}

/* Takes multiples of row j from the rows behind it. */
static void eliminate(normal_equations *from, size_t j) {
  for (size_t i = j + 1; i < from->count; i++) {
    double factor = from->matrix[j][i] / from->matrix[j][j];
    for (size_t k = i; k < from->count; k++) from->matrix[i][k] -= factor * from->matrix[j][k];
    from->right[i] -= factor * from->right[j];
  }
}

static normal_equations eliminated(const lbfgsb_solver *s) {
  normal_equations by = {.count = CONJUGATE_STEPS < s->pairs.count ? CONJUGATE_STEPS : s->pairs.count};
  double squares[CONJUGATE_STEPS];
  for (size_t first = 0; first < s->layout.n; first += BLOCK_ROWS) add_block(s, first, &by);
  for (size_t j = 0; j < by.count; j++) squares[j] = by.matrix[j][j];
  for (size_t j = 0; j < by.count; j++) {
    if (by.matrix[j][j] > APART * squares[j])
      eliminate(&by, j);
    else
      by.count = j;
  }
  return by;
}

/* Solves for the newest `steps` y. */
static conjugate_way solved(const normal_equations *by, size_t steps) {
  conjugate_way way = {.steps = steps};
  for (size_t j = steps; j-- > 0;) {
    double sum = by->right[j];
    for (size_t k = j + 1; k < steps; k++) sum -= by->matrix[j][k] * way.c[k];
    way.c[j] = sum / by->matrix[j][j];
  }
  return way;
}

void conjugate_look(const lbfgsb_solver *s, size_t first, const conjugate_way *way, double *d) {
  const double *g = get(s, s->iterate.gradient) + first;
  for (size_t i = 0; i < block_rows(s, first); i++) d[i] = g[i];
  for (size_t j = 0; j < way->steps; j++) {
    double copied[BLOCK_ROWS];
    const double *y = order_block(s, first, column_of(s, j), copied);
    for (size_t i = 0; i < block_rows(s, first); i++) d[i] -= way->c[j] * y[i];
  }
  for (size_t i = 0; i < block_rows(s, first); i++) d[i] *= -way->part * weight(s, first + i);
}

/* left_by = r'R^2 r with the newest `steps` y. */
static double left_by(const normal_equations *by, size_t steps) {
  double left = by->slopes;
  for (size_t j = 0; j < steps; j++) left -= by->right[j] * by->right[j] / by->matrix[j][j];
  return left;
}

/* most_steps = of as many y r is the rest that f could still fall by so much along it, near by. */
static size_t most_steps(const normal_equations *by, double least) {
  size_t steps = 0;
  double enough = fmax(SEEN * by->slopes, least / FARTHEST * (least / FARTHEST));
  while (steps < by->count && left_by(by, steps + 1) > enough) steps++;
  return steps;
}

bool conjugate_ask(lbfgsb_solver *s, double promise, double least) {
  normal_equations by = eliminated(s);
  size_t steps = most_steps(&by, least);
  if (steps == 0) return false;
  double left = left_by(&by, steps);
  conjugate_way way = solved(&by, steps);
  way.part = fmin(promise / left, FARTHEST / sqrt(left));
  direction_conjugate(s, &way);
  return s->direction.slope < 0;
}
