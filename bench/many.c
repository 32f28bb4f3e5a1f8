/* Negative binomial regression: minus the log-likelihood of y (50) with mean exp(X b) and size exp(s),
 * x = (b, s) (n); data: y, X (50 x (n - 1)). */
#include <math.h>

#include <lbfgsbAPI.h>

/* What the gamma function's logarithm and its derivative have to say of a count y: the logarithm of the binomial
 * coefficient (y + size - 1 over y), a product, and psi(y + size) - psi(size), a sum over k < y. */
typedef struct {
  double log_choose, psi_change;
} gamma_terms;

static gamma_terms terms_of(double y, double size) {
  gamma_terms terms = {0, 0};
  double product = 1;
  for (double k = 0; k < y; k++) {
    product *= (size + k) / (k + 1);
    terms.psi_change += 1 / (size + k);
    if (product > 1e200) {
      terms.log_choose += log(product);
      product = 1;
    }
  }
  terms.log_choose += log(product);
  return terms;
}

double negative_binomial(size_t n, const double *x, double *gradient, void *data) {
  const lbfgsb_vector *v = ((lbfgsb_data *)data)->vectors;
  size_t rows = v[0].length;
  const double *y = v[0].doubles, *design = v[1].doubles;
  double size = exp(x[n - 1]), value = 0;
  if (gradient)
    for (size_t j = 0; j < n; j++) gradient[j] = 0;
  for (size_t i = 0; i < rows; i++) {
    double eta = 0;
    for (size_t j = 0; j + 1 < n; j++) eta += design[i + j * rows] * x[j];
    double mu = exp(eta), total = log(size + mu);
    gamma_terms terms = terms_of(y[i], size);
    value -= terms.log_choose + size * (x[n - 1] - total) + y[i] * (eta - total);
    if (!gradient) continue;
    double slope = (mu - y[i]) * size / (size + mu);
    for (size_t j = 0; j + 1 < n; j++) gradient[j] += slope * design[i + j * rows];
    gradient[n - 1] -= size * (terms.psi_change + x[n - 1] - total + (mu - y[i]) / (size + mu));
  }
  return value;
}
