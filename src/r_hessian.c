/* r_hessian.c - the Hessian: differences of the gradient where there is one, else second differences of fn,
 * each value of which serves all elements that it can. Nothing leaves the box. */
#include "r_session.h"

#include <math.h>
#include <string.h>

/* Points x + d_k e_i, and f there less f(x): at h, -h, 2h and -2h, or at h, 2h and 3h where they must be on
 * one side. */
typedef struct {
  double step;
  int side; /* 0: both */
  bool settled;
  double d[4], rise[4];
} line;

/* A point x + di e_i + dj e_j, and f there less f(x). */
typedef struct {
  size_t i, j;
  double di, dj, rise;
} point;

typedef struct {
  session session;
  SEXP spread; /* the call for values at many points at once, or NULL: one after the other */
  size_t n;
  const double *x; /* n */
  double value;    /* f(x) */
  double size;     /* of f there, */
  double noise;    /* and the relative error of its values */
  double unit;     /* twice what f rises by at a standard error; infinite if it is not known */
  double target;   /* the rise of f along a line */
  double *at;      /* n, scratch */
  line *lines;     /* n */
  point *points;   /* those that are wanted next, room for 4 n */
  size_t wanted;
  double *hessian; /* n x n */
} differences;

/* ---- Values ------------------------------------------------------------------------------------------- */

static bool is_fixed(const differences *s, size_t i) {
  return s->session.units.lower[i] == s->session.units.upper[i];
}

/* Returns x_i + d, or the bound beyond which that is, if only by its rounding. */
static double moved(const differences *s, size_t i, double d) {
  const units *u = &s->session.units;
  return fmin(fmax(s->x[i] + d, u->lower[i]), u->upper[i]);
}

/* Returns d such that x_i + d is in the box, and a number. */
static double inside(const differences *s, size_t i, double d) { return moved(s, i, d) - s->x[i]; }

static void want(differences *s, size_t i, double di, size_t j, double dj) {
  s->points[s->wanted++] = (point){.i = i, .j = j, .di = di, .dj = dj};
}

/* Sets s->at to x + di e_i + dj e_j. */
static void go_to(differences *s, const point *p) {
  memcpy(s->at, s->x, s->n * sizeof(double));
  s->at[p->i] = moved(s, p->i, p->di);
  if (p->j != p->i) s->at[p->j] = moved(s, p->j, p->dj);
  R_CheckUserInterrupt();
}

/* Returns f at s->at; counted. */
static double value_at(differences *s) {
  s->session.tally[TALLY_FUNCTION]++;
  return evaluate_value(&s->session, s->at);
}

static void evaluate_here(differences *s) {
  for (size_t k = 0; k < s->wanted; k++) {
    go_to(s, &s->points[k]);
    s->points[k].rise = value_at(s) - s->value;
  }
}

/* Binds the numbers of elements, from 1 on, and where they are: vectors as long as there are points. */
static void bind_points(differences *s, const char *number, const char *at, bool first) {
  SEXP numbers = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)s->wanted));
  SEXP where = PROTECT(Rf_allocVector(REALSXP, (R_xlen_t)s->wanted));
  for (size_t k = 0; k < s->wanted; k++) {
    const point *p = &s->points[k];
    bool own = first || p->i == p->j;
    REAL(numbers)[k] = (double)(first ? p->i : p->j) + 1;
    REAL(where)[k] = moved(s, own ? p->i : p->j, own ? p->di : p->dj);
  }
  bind(s->session.env, number, numbers);
  bind(s->session.env, at, where);
  UNPROTECT(2);
}

static void evaluate_elsewhere(differences *s) {
  bind_par(&s->session, s->x);
  bind_points(s, "i", "at_i", true);
  bind_points(s, "j", "at_j", false);
  SEXP values = PROTECT(Rf_eval(s->spread, s->session.env));
  for (size_t k = 0; k < s->wanted; k++) s->points[k].rise = REAL(values)[k] - s->value;
  s->session.tally[TALLY_FUNCTION] += (double)s->wanted;
  UNPROTECT(1);
}

/* Takes the values that are wanted; none is any more. */
static void evaluate_points(differences *s) {
  if (s->spread == R_NilValue)
    evaluate_here(s);
  else if (s->wanted > 0)
    evaluate_elsewhere(s);
  s->wanted = 0;
}

/* ---- Lines -------------------------------------------------------------------------------------------- */

/* offset = d_k for a step h. */
static double offset(const line *l, int k, double h) {
  static const double both[] = {1, -1, 2, -2};
  return l->side == 0 ? both[k] * h : l->side * (k + 1) * h;
}

/* Lays all points by the line's step: half of that where they are on one side, which is where the other has
 * no room, or f is not defined there. */
static void lay_line(differences *s, size_t i) {
  line *l = &s->lines[i];
  double above = s->session.units.upper[i] - s->x[i], below = s->x[i] - s->session.units.lower[i];
  double room = fmin(above, below) / 2;
  if (l->side == 0 && room < l->step / 4) l->side = above >= below ? 1 : -1;
  double h = l->side == 0 ? fmin(l->step, room) : fmin(l->step / 2, (l->side > 0 ? above : below) / 3);
  for (int k = 0; k < 4; k++) l->d[k] = inside(s, i, offset(l, k, h));
}

/* curvature = f'' = 2 (s_0 - s_1) / (d_0 - d_1), of the slopes s of the secants to two points from the k-th
 * on. */
static double curvature(const line *l, int k) {
  const double *d = l->d + k, *rise = l->rise + k;
  return 2 * (rise[0] / d[0] - rise[1] / d[1]) / (d[0] - d[1]);
}

/* Says whether the line's step raises f by the target to a factor of 4; if not, the next step: f rises by
 * h^2 f'' / 2. Where f is defined on one side only, that one. */
static bool judge_line(line *l, double target) {
  if (l->side == 0 && isfinite(l->rise[0]) != isfinite(l->rise[1])) {
    l->side = isfinite(l->rise[0]) ? 1 : -1;
    return false;
  }
  double ratio = fabs(curvature(l, 0)) * l->step * l->step / 2 / target;
  if (!isfinite(ratio))
    l->step /= 10;
  else if (ratio < 0.25 || ratio > 4)
    l->step *= fmin(fmax(1 / sqrt(ratio), 0.01), 100);
  else
    return true;
  return false;
}

/* Takes the values at two points from the k-th on, of the lines that are not settled. */
static void evaluate_lines(differences *s, int k) {
  for (size_t i = 0; i < s->n; i++)
    for (int p = k; p < k + 2; p++)
      if (!s->lines[i].settled) want(s, i, s->lines[i].d[p], i, 0);
  evaluate_points(s);
  const point *p = s->points;
  for (size_t i = 0; i < s->n; i++)
    if (!s->lines[i].settled) {
      s->lines[i].rise[k] = (p++)->rise;
      s->lines[i].rise[k + 1] = (p++)->rise;
    }
}

enum { MOST_ATTEMPTS = 6 };

static void find_lines(differences *s, double first) {
  for (size_t i = 0; i < s->n; i++) {
    double size = fmax(fabs(s->x[i]), s->session.units.parscale[i] / 1000);
    s->lines[i] = (line){.step = first * size, .settled = is_fixed(s, i)};
  }
  for (int attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    for (size_t i = 0; i < s->n; i++)
      if (!s->lines[i].settled) lay_line(s, i);
    evaluate_lines(s, 0);
    for (size_t i = 0; i < s->n; i++)
      if (!s->lines[i].settled) s->lines[i].settled = judge_line(&s->lines[i], s->target);
  }
}

/* ---- Of values ---------------------------------------------------------------------------------------- */

static void set_element(differences *s, size_t i, size_t j, double value) {
  s->hessian[i * s->n + j] = s->hessian[j * s->n + i] = value;
}

/* Makes of two with an error c h^2, at h and 2h, one with an error of order 4, if f is defined at 2h. */
static double extrapolate(double near, double far) { return isfinite(far) ? (4 * near - far) / 3 : near; }

/* diagonal = f'', by h^2 f'' = 2 f_0 - 5 f_1 + 4 f_2 - f_3 where all points are on one side. */
static double diagonal(const line *l) {
  if (l->side == 0) return extrapolate(curvature(l, 0), curvature(l, 2));
  return (4 * l->rise[1] - 5 * l->rise[0] - l->rise[2]) / (l->d[0] * l->d[0]);
}

static void find_diagonal(differences *s) {
  for (size_t i = 0; i < s->n; i++) s->lines[i].settled = is_fixed(s, i);
  evaluate_lines(s, 2);
  for (size_t i = 0; i < s->n; i++)
    if (!is_fixed(s, i)) set_element(s, i, i, diagonal(&s->lines[i]));
}

static bool are_central(const differences *s, size_t i, size_t j) {
  return s->lines[i].side == 0 && s->lines[j].side == 0;
}

/* Wants four points off both lines: opposite ones at h and 2h, on the other diagonal if `turned`; or, if a
 * line has one side only, those that two of each span. */
static void want_corners(differences *s, size_t i, size_t j, bool turned) {
  const line *a = &s->lines[i], *b = &s->lines[j];
  bool central = are_central(s, i, j);
  for (int k = 0; k < 4; k++) want(s, i, a->d[central ? k : k / 2], j, b->d[central ? k ^ turned : k % 2]);
}

/* mixed_opposite = (f(d) + f(-d) - f(d_i) - f(-d_i) - f(d_j) - f(-d_j) + 2 f_0) / 2 d_i d_j, by two opposite
 * points; what any asymmetry of the steps brings in cancels. */
static double mixed_opposite(const differences *s, const point *p, int k) {
  const double *a = s->lines[p->i].rise + k, *b = s->lines[p->j].rise + k;
  double sum = (p[0].rise + p[1].rise) - (a[0] + a[1]) - (b[0] + b[1]);
  return sum / (p[0].di * p[0].dj + p[1].di * p[1].dj);
}

/* slope_weight = w_k such that the slope of the parabola through the centre and two points of the line is sum
 * w_k rise_k. */
static double slope_weight(const line *l, int k) { return l->d[1 - k] / (l->d[k] * (l->d[1 - k] - l->d[k])); }

/* mixed_product = the product of two slopes' formulas, sum_kl w_k w_l (f_kl - f_k - f_l + f_0). */
static double mixed_product(const differences *s, const point *p) {
  const line *a = &s->lines[p->i], *b = &s->lines[p->j];
  double sum = 0;
  for (int k = 0; k < 2; k++)
    for (int l = 0; l < 2; l++, p++)
      sum += slope_weight(a, k) * slope_weight(b, l) * ((p->rise - a->rise[k]) - b->rise[l]);
  return sum;
}

/* Finds the elements (i, j), j < i; if `turned`, those that f was not defined for, and that can be had
 * otherwise. */
static void find_row(differences *s, size_t i, bool turned) {
  for (size_t j = 0; j < i; j++) {
    bool wanted = turned ? are_central(s, i, j) && !isfinite(s->hessian[i * s->n + j]) : true;
    if (wanted && !is_fixed(s, i) && !is_fixed(s, j)) want_corners(s, i, j, turned);
  }
  size_t count = s->wanted;
  evaluate_points(s);
  for (const point *p = s->points; p < s->points + count; p += 4)
    set_element(s, p->i, p->j,
                are_central(s, p->i, p->j) ? extrapolate(mixed_opposite(s, p, 0), mixed_opposite(s, p + 2, 2))
                                           : mixed_product(s, p));
}

static void find_values(differences *s) {
  find_diagonal(s);
  for (size_t i = 1; i < s->n; i++) {
    find_row(s, i, false);
    find_row(s, i, true);
  }
}

/* ---- Of gradients ------------------------------------------------------------------------------------- */

/* Takes g (n) at a point; NaN where it does not come. */
static void gradient_at(differences *s, const point *p, double *g) {
  go_to(s, p);
  bool comes = s->session.has_gr;
  if (comes)
    bind_par(&s->session, s->at);
  else
    value_at(s);
  comes = comes || s->session.gradient != R_NilValue;
  const double *gradient = comes ? evaluate_gradient(&s->session) : NULL;
  for (size_t r = 0; r < s->n; r++) g[r] = comes ? gradient[r] : NAN;
}

static bool is_finite_gradient(const differences *s, const double *g) {
  for (size_t r = 0; r < s->n; r++)
    if (!is_fixed(s, r) && !isfinite(g[r])) return false;
  return true;
}

/* Finds H e_i = sum_k w_k (g_k - g), with the parabola's weights, or the secant's where g is finite on one
 * side only. */
static void find_column(differences *s, size_t i, const double *g, double *beside) {
  const line *l = &s->lines[i];
  double *column = s->hessian + i * s->n;
  bool finite[2];
  for (int k = 0; k < 2; k++) {
    gradient_at(s, &(point){.i = i, .j = i, .di = l->d[k]}, beside + (size_t)k * s->n);
    finite[k] = is_finite_gradient(s, beside + (size_t)k * s->n);
  }
  bool none = !finite[0] && !finite[1];
  for (size_t r = 0; r < s->n; r++) column[r] = none ? NAN : 0;
  for (int k = 0; k < 2; k++) {
    double weight = finite[1 - k] ? slope_weight(l, k) : 1 / l->d[k];
    for (size_t r = 0; finite[k] && r < s->n; r++)
      column[r] += weight * (beside[(size_t)k * s->n + r] - g[r]);
  }
}

static void find_columns(differences *s) {
  double *g = (double *)R_alloc(3 * s->n, sizeof(double));
  gradient_at(s, &(point){.di = 0}, g);
  for (size_t i = 0; i < s->n; i++)
    if (!is_fixed(s, i)) find_column(s, i, g, g + s->n);
}

/* ---- The entry ---------------------------------------------------------------------------------------- */

static void make_room(differences *s) {
  s->at = (double *)R_alloc(s->n, sizeof(double));
  s->lines = (line *)R_alloc(s->n, sizeof(line));
  s->points = (point *)R_alloc(4 * s->n, sizeof(point));
  for (size_t k = 0; k < s->n * s->n; k++) s->hessian[k] = NA_REAL;
}

/* Returns the rise of f along a line as a part of its size: a part of the noise that leaves most digits, but
 * no more than at a tenth of a standard error, where differences are far above the noise by that: a constant
 * in f makes its size larger, and the steps must not grow with it. */
static double relative_rise(const differences *s, bool has_gradient) {
  double factor = has_gradient ? 1 : 16, unit = s->unit / s->size, least = 1e3 * s->noise;
  return fmin(factor * sqrt(s->noise), fmax(unit / 200, fmax(factor * sqrt(s->noise * unit), least)));
}

/* Finds H. Where the value is not large, the step raises f by sqrt(epsilon) of its size where gradients are
 * differenced, with an error of order 2; by 16 times that where values are, with one of order 4. */
static void find_hessian(differences *s) {
  go_to(s, &(point){.di = 0});
  s->value = value_at(s);
  bool has_gradient = s->session.has_gr || s->session.gradient != R_NilValue;
  double rise = relative_rise(s, has_gradient);
  s->target = rise * s->size;
  find_lines(s, sqrt(rise));
  if (has_gradient)
    find_columns(s);
  else
    find_values(s);
}

/* Sets the steps of the lines, and f'' along them by values of f alone (n each); 0 and NA for fixed
 * parameters. */
static void show_lines(const differences *s, SEXP out) {
  SEXP steps = SET_VECTOR_ELT(out, HESSIAN_STEPS, Rf_allocVector(REALSXP, (R_xlen_t)s->n));
  SEXP curvatures = SET_VECTOR_ELT(out, HESSIAN_CURVATURES, Rf_allocVector(REALSXP, (R_xlen_t)s->n));
  for (size_t i = 0; i < s->n; i++) {
    REAL(steps)[i] = is_fixed(s, i) ? 0 : s->lines[i].d[0];
    REAL(curvatures)[i] = is_fixed(s, i) ? NA_REAL : curvature(&s->lines[i], 0);
  }
}

/* Returns list(hessian, counts, steps, curvatures) of the objective at `par`: H (n x n) in the user's units,
 * by gradients as these have it, not symmetric, NA for fixed parameters; the evaluations; and what the values
 * along each coordinate tell. `of_value` is the size of f at `par`, the noise and the unit; `spread`, or
 * NULL, evaluates at many points: it reads par, i, j, at_i, at_j. */
SEXP r_hessian(SEXP objective, SEXP calls, SEXP par, SEXP problem, SEXP of_value, SEXP spread) {
  SEXP out = PROTECT(new_named(VECSXP, hessian_names));
  int n = (int)XLENGTH(par);
  SEXP hessian = SET_VECTOR_ELT(out, HESSIAN_MATRIX, Rf_allocMatrix(REALSXP, n, n));
  differences s = {.spread = spread,
                   .n = (size_t)n,
                   .x = REAL(par),
                   .size = REAL(of_value)[0],
                   .noise = REAL(of_value)[1],
                   .unit = REAL(of_value)[2],
                   .hessian = REAL(hessian)};
  double tally[TALLY_LENGTH] = {0};
  s.session = new_session(objective, calls, PROTECT(R_NewEnv(objective, FALSE, 0)));
  s.session.tally = tally;
  s.session.units = units_in(problem, 1);
  s.session.units.par = par;
  s.session.units.scaled = false;
  PROTECT_WITH_INDEX(s.session.par, &s.session.par_index);
  PROTECT_WITH_INDEX(s.session.gradient, &s.session.gradient_index);
  make_room(&s);
  find_hessian(&s);
  SET_VECTOR_ELT(out, HESSIAN_COUNTS, new_counts(tally));
  show_lines(&s, out);
  UNPROTECT(4);
  return out;
}
