/* Negative binomial regression: minus the log-likelihood of y (50) with mean exp(X b) and size exp(s),
 * x = (b, s) (n); data: y, X (50 x (n - 1)). */
#include <math.h>

#include <lbfgsbAPI.h>

double lgamma_r(double x, int *sign);

/* By recurrence and the asymptotic series. */
static double psi(double x) {
  double sum = 0;
  for (; x < 6; x++) sum -= 1 / x;
  double f = 1 / (x * x);
  return sum + log(x) - 0.5 / x - f * (1. / 12 - f * (1. / 120 - f * (1. / 252 - f * (1. / 240 - f / 132))));
}

double negative_binomial(size_t n, const double *x, double *gradient, void *data) {
  const lbfgsb_vector *v = ((lbfgsb_data *)data)->vectors;
  size_t rows = v[0].length;
  const double *y = v[0].doubles, *design = v[1].doubles;
  double size = exp(x[n - 1]), value = 0;
  int sign;
  double constant = lgamma_r(size, &sign), psi_size = gradient ? psi(size) : 0;
  if (gradient)
    for (size_t j = 0; j < n; j++) gradient[j] = 0;
  for (size_t i = 0; i < rows; i++) {
    double eta = 0;
    for (size_t j = 0; j + 1 < n; j++) eta += design[i + j * rows] * x[j];
    double mu = exp(eta), total = log(size + mu);
    value -= lgamma_r(y[i] + size, &sign) - constant - lgamma_r(y[i] + 1, &sign) + size * (x[n - 1] - total) +
             y[i] * (eta - total);
    if (!gradient) continue;
    double slope = (mu - y[i]) * size / (size + mu);
    for (size_t j = 0; j + 1 < n; j++) gradient[j] += slope * design[i + j * rows];
    gradient[n - 1] -= size * (psi(y[i] + size) - psi_size + x[n - 1] - total + (mu - y[i]) / (size + mu));
  }
  return value;
}
