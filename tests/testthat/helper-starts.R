# Problems whose starts mislead, of test-fold.R and test-scales.R; bench/starts.R runs many of them.

# Minus the log-likelihood of residuals ~ N(0, V), but for a constant; NaN where V is not positive definite.
normal_negloglik <- function(residuals, V) {
  root <- tryCatch(chol(V), error = function(e) NULL)
  if (is.null(root)) return(NaN)
  sum(log(diag(root))) + sum(backsolve(root, residuals, transpose = TRUE)^2) / 2
}

# A meta-analysis with two standard deviations, in which it is even.
meta_analysis <- function(seed) {
  set.seed(seed)
  se <- runif(15, 0.1, 0.5)
  group <- rep(1:5, 3)
  y <- 0.3 + rnorm(15) * se + rnorm(15) * 0.25 + rnorm(5)[group] * 0.15
  together <- outer(group, group, "==")
  function(p) normal_negloglik(y - p[1], diag(se^2 + p[2]^2) + p[3]^2 * together)
}

# The same with one deviation, and the gradient; of some the deviation is 0 at the minimum.
one_deviation <- function(seed) {
  set.seed(seed)
  variances <- runif(15, 0.1, 0.5)^2
  y <- 0.5 + rnorm(15, sd = runif(1, 0, 1)) + rnorm(15) * sqrt(variances)
  fn <- function(p) {
    total <- variances + p[2]^2
    sum(log(total) + (y - p[1])^2 / total) / 2
  }
  gr <- function(p) {
    total <- variances + p[2]^2
    residuals <- y - p[1]
    c(-sum(residuals / total), sum(p[2] / total - p[2] * residuals^2 / total^2))
  }
  best <- min(vapply(c(0.01, 0.1, 1), function(sd) nlminb(c(0.5, sd), fn, gr, lower = c(-Inf, 0))$objective, 0))
  list(par = c(0, 0), fn = fn, gr = gr, lower = c(-Inf, 0), best = best)
}

# A random intercept of ten groups by its likelihood: intercept, its standard deviation, that of the errors.
ten_groups <- function(seed) {
  set.seed(seed)
  group <- rep(1:10, each = 5)
  y <- 3 + rnorm(10)[group] + rnorm(50)
  fn <- function(p) {
    residuals <- y - p[1]
    errors <- p[3]^2
    total <- errors + 5 * p[2]^2
    sums <- rowsum(residuals, group)
    (40 * log(errors) + 10 * log(total) + sum(residuals^2) / errors - sum(p[2]^2 / (errors * total) * sums^2)) / 2
  }
  lower <- c(-Inf, 0, 0.01)
  list(par = c(mean(y), 0, sd(y)), fn = fn, lower = lower, best = nlminb(c(mean(y), 1, 1), fn, lower = lower)$objective)
}

# Negative binomial counts from the Poisson estimate: two coefficients, the dispersion from 0 or next to it, where the
# likelihood is all rounding.
dispersed_counts <- function(seed, start = 0) {
  set.seed(seed)
  x <- rnorm(100)
  y <- rnbinom(100, size = 1, mu = exp(0.5 + 0.4 * x))
  fn <- function(p) {
    mu <- exp(p[1] + p[2] * x)
    -sum(if (p[3] == 0) dpois(y, mu, log = TRUE) else dnbinom(y, size = 1 / p[3], mu = mu, log = TRUE))
  }
  poisson <- unname(coef(glm(y ~ x, family = poisson)))
  list(par = c(poisson, start), fn = fn, lower = c(-Inf, -Inf, 0),
       best = nlminb(c(poisson, 0.5), fn, lower = c(-Inf, -Inf, 0))$objective)
}

# A random intercept: intercept, slope, the standard deviation to be estimated, and that of the errors, 1.
random_intercept <- function(seed) {
  set.seed(seed)
  group <- gl(12, 6)
  x <- rnorm(72)
  y <- 100 + 5 * x + rnorm(12, sd = 10^runif(1, 0, 1.5))[group] + rnorm(72)
  together <- outer(group, group, "==")
  function(p) normal_negloglik(y - p[1] - p[2] * x, p[3]^2 * together + diag(p[4]^2, 72))
}

# A Poisson regression on covariates in any units: `estimate` of the first two coefficients without the others, `best`.
in_any_units <- function(seed) {
  set.seed(seed)
  unit <- 10^runif(2, -4, 4)
  X <- cbind(1, rnorm(80), rnorm(80) * unit[1], (runif(80) > 0.5) * unit[2])
  y <- rpois(80, exp(drop(X %*% c(1, 0.3, 0.4 / unit[1], 0.5 / unit[2]))))
  fn <- function(p) sum(exp(X %*% p) - y * (X %*% p))
  list(fn = fn, gr = function(p) drop(crossprod(X, exp(X %*% p) - y)),
       estimate = coef(glm.fit(X[, 1:2], y, family = poisson())),
       best = fn(coef(glm.fit(X, y, family = poisson()))))
}

# The rate of an enzyme by substrate and inhibitor, of which two parameters matter by their ratio first; `right`.
inhibition <- function(seed) {
  set.seed(seed)
  S <- rep(c(1, 2, 5, 10, 20, 50), 4)
  I <- rep(c(0, 5, 10, 30), each = 6)
  rate <- function(p) p[1] * S / (p[2] * (1 + I / p[3]) + S)
  right <- c(runif(1, 5, 100), runif(1, 2, 30), runif(1, 2, 30))
  y <- rate(right) * (1 + rnorm(24, sd = 0.03))
  list(fn = function(p) sum((y - rate(p))^2), right = right)
}

# A logistic curve of a covariate, with the logarithm of the errors' standard deviation.
logistic_curve <- function(seed) {
  set.seed(seed)
  x <- runif(80, 0, 2)
  mean <- function(p) 10 * plogis(p[1] + p[2] * x)
  y <- mean(c(0.5, 0.7)) + rnorm(80)
  gr <- function(p) {
    r <- (y - mean(p)) * exp(-2 * p[3])
    slope <- mean(p) * (1 - mean(p) / 10)
    c(-sum(r * slope), -sum(r * slope * x), 80 - sum((y - mean(p)) * r))
  }
  list(fn = function(p) 80 * p[3] + sum((y - mean(p))^2) * exp(-2 * p[3]) / 2, gr = gr)
}

# Least squares with many coefficients, some of a covariate in units of 10^U(-k, k), by their closed form `best`.
many_coefficients <- function(seed, n, k = 0, penalty = 0) {
  set.seed(seed)
  unit <- 10^runif(n, -k, k)
  X <- matrix(rnorm(2 * n^2), 2 * n)
  y <- drop(X %*% c(rnorm(20), numeric(n - 20))) + rnorm(2 * n)
  scaled <- sweep(X, 2, unit, "*")
  fn <- function(b) sum((y - scaled %*% b)^2) + penalty * sum((unit * b)^2)
  gr <- function(b) -2 * drop(crossprod(scaled, y - scaled %*% b)) + 2 * penalty * unit^2 * b
  best <- fn(drop(solve(crossprod(X) + diag(penalty, n), crossprod(X, y))) / unit)
  list(par = numeric(n), fn = fn, gr = gr, lower = -Inf, best = best, unit = unit)
}

# A mixture of two Poisson distributions: the logit of a weight, and the logarithms of the means.
poisson_mixture <- function(seed, start) {
  set.seed(seed)
  y <- rpois(150, ifelse(runif(150) < 0.4, 2, 8))
  components <- function(p) list(w = plogis(p[1]), first = dpois(y, exp(p[2])), second = dpois(y, exp(p[3])))
  fn <- function(p) with(components(p), -sum(log(w * first + (1 - w) * second)))
  gr <- function(p) {
    part <- with(components(p), w * first / (w * first + (1 - w) * second))
    -c(sum(part - plogis(p[1])), sum(part * (y - exp(p[2]))), sum((1 - part) * (y - exp(p[3]))))
  }
  list(par = start, fn = fn, gr = gr, lower = -Inf, best = nlminb(start, fn, gr)$objective)
}

# A sample of a skew-normal distribution: position, logarithm of the scale, and shape, at 0 of which f has a point that is
# level and no minimum.
skew_normal <- function(seed, start) {
  set.seed(seed)
  shape <- runif(1, 1, 6)
  part <- shape / sqrt(1 + shape^2)
  y <- 10 + 3 * (part * abs(rnorm(150)) + sqrt(1 - part^2) * rnorm(150))
  scaled <- function(p) (y - p[1]) * exp(-p[2])
  fn <- function(p) with(list(z = scaled(p)), 150 * p[2] + sum(z^2 / 2 - pnorm(p[3] * z, log.p = TRUE)))
  gr <- function(p) {
    z <- scaled(p)
    hazard <- exp(dnorm(p[3] * z, log = TRUE) - pnorm(p[3] * z, log.p = TRUE))
    slope <- z - p[3] * hazard
    c(-sum(slope) * exp(-p[2]), 150 - sum(slope * z), -sum(hazard * z))
  }
  list(par = start, fn = fn, gr = gr, lower = -Inf, best = nlminb(start, fn, gr)$objective)
}

# Four items of a test by Gauss-Hermite quadrature, all from 0: slopes, which have no slope there but by rounding, up to
# 1e6 and more, and difficulties.
item_responses <- function(seed, lower) {
  set.seed(seed)
  roots <- sqrt(1:14 / 2)
  at <- eigen(rbind(cbind(0, diag(roots)), 0) + rbind(0, cbind(diag(roots), 0)), symmetric = TRUE)
  right <- matrix(rbinom(800, 1, plogis(1.2 * rnorm(200))), 200)
  given <- function(node, p) {
    logits <- p[1:4] * node + p[5:8]
    exp(right %*% plogis(logits, log.p = TRUE) + (1 - right) %*% plogis(-logits, log.p = TRUE))
  }
  fn <- function(p) -sum(log(vapply(sqrt(2) * at$values, given, numeric(200), p) %*% at$vectors[1, ]^2))
  list(par = numeric(8), fn = fn, gr = NULL, lower = rep(c(lower, -Inf), each = 4),
       best = nlminb(rep(c(1, 0), each = 4), fn)$objective)
}

# A Poisson regression on powers of x, not centred: beside level and slope the higher ones are softer by 1e8 and more.
polynomial_counts <- function(seed, x, degree) {
  set.seed(seed)
  centred <- outer((x - mean(x)) / sd(x), 0:degree, `^`)
  y <- rpois(length(x), exp(drop(centred %*% c(1.5, 0.4, 0.3, 0.2)[0:degree + 1])))
  X <- outer(x, 0:degree, `^`)
  fn <- function(p) sum(exp(X %*% p) - y * X %*% p)
  gr <- function(p) drop(crossprod(X, exp(X %*% p) - y))
  best <- nlminb(numeric(degree + 1), function(p) sum(exp(centred %*% p) - y * centred %*% p))$objective
  list(par = c(log(mean(y)), numeric(degree)), fn = fn, gr = gr, lower = -Inf, best = best)
}

# A separable quadratic of condition 100 in a box: of many variables some end next to 0, to a bound or to their start.
box_quadratic <- function(seed, n, start) {
  set.seed(seed)
  curvature <- 10^runif(n, 0, 2)
  at <- rnorm(n)
  fn <- function(x) 1 + sum(curvature * (x - at)^2) / 2
  gr <- function(x) curvature * (x - at)
  list(par = rep(start, n), fn = fn, gr = gr, lower = -1, upper = 1, best = fn(pmin(pmax(at, -1), 1)))
}

# A yield curve by Nelson and Siegel, three coefficients from 0 beside a decay time.
yield_curve <- function(seed, third) {
  set.seed(seed)
  maturity <- c(0.25, 0.5, 1:8, 10, 12, 15, 20, 25, 30)
  curve <- function(p) {
    a <- maturity / p[4]
    slope <- (1 - exp(-a)) / a
    p[1] + p[2] * slope + p[3] * (slope - exp(-a))
  }
  truth <- c(4, -2, third, 1.8)
  y <- curve(truth) + rnorm(length(maturity), sd = 0.05)
  fn <- function(p) sum((y - curve(p))^2)
  lower <- c(-50, -50, -50, 0.05)
  list(par = c(0, 0, 0, 1), fn = fn, gr = NULL, lower = lower, upper = 50,
       best = nlminb(truth, fn, lower = lower, upper = 50)$objective)
}

# A stochastic frontier, normal less half-normal, from least squares: two coefficients, log s and log lambda from 0, these in
# a box as wide as a precaution.
frontier <- function(seed, width) {
  set.seed(seed)
  x <- rnorm(200)
  y <- 1 + x + rnorm(200, sd = 0.3) - abs(rnorm(200, sd = 0.6))
  scaled <- function(p) (y - p[1] - p[2] * x) / exp(p[3])
  fn <- function(p) {
    e <- scaled(p)
    200 * p[3] + sum(e^2) / 2 - sum(pnorm(-e * exp(p[4]), log.p = TRUE))
  }
  gr <- function(p) {
    e <- scaled(p)
    lambda <- exp(p[4])
    hazard <- exp(dnorm(e * lambda, log = TRUE) - pnorm(-e * lambda, log.p = TRUE))
    d <- -(e + lambda * hazard)
    c(sum(d) / exp(p[3]), sum(d * x) / exp(p[3]), 200 + sum(d * e), lambda * sum(e * hazard))
  }
  line <- lm.fit(cbind(1, x), y)
  start <- c(coef(line), log(sd(residuals(line))), 0)
  bound <- c(Inf, Inf, width, width)
  list(par = start, fn = fn, gr = gr, lower = -bound, upper = bound,
       best = nlminb(start, fn, gr, lower = -bound, upper = bound)$objective)
}

# Counts of four groups, whose rates are far below their start.
rates <- function(seed) {
  set.seed(seed)
  exposure <- 10^runif(40, 5, 7)
  group <- rep(1:4, 10)
  counts <- rpois(40, exposure * (10^runif(4, -6, -4))[group]) + (1:40 <= 4)
  fn <- function(rate) sum(exposure * rate[group] - counts * log(exposure * rate[group]))
  list(par = rep(1, 4), fn = fn, gr = NULL, lower = 1e-12,
       best = fn(tapply(counts, group, sum) / tapply(exposure, group, sum)))
}

# A curve of n heights that vary little from one to the next: a signal with jumps by total variation, counts by their
# log-rates, returns by their log-variances.
smoothing <- list(
  signal = function(seed, n) {
    set.seed(seed)
    y <- cumsum(rbinom(n, 1, 0.02) * rnorm(n, sd = 2)) + 0.3 * rnorm(n)
    gr <- function(x) {
      e <- diff(x) / sqrt(diff(x)^2 + 1e-6)
      x - y - 0.3 * diff(c(0, e, 0))
    }
    list(starts = list(numeric(n), y, rep(mean(y), n)), gr = gr,
         fn = function(x) sum((x - y)^2) / 2 + 0.3 * sum(sqrt(diff(x)^2 + 1e-6)))
  },
  counts = function(seed, n) {
    set.seed(seed)
    y <- rpois(n, exp(1 + cumsum(rnorm(n)) / 10))
    list(starts = list(numeric(n), log(y + 0.5), rep(log(mean(y)), n)),
         fn = function(x) sum(exp(x) - y * x) + 50 * sum(diff(x)^2),
         gr = function(x) exp(x) - y - 100 * diff(c(0, diff(x), 0)))
  },
  returns = function(seed, n) {
    set.seed(seed)
    v <- exp(as.vector(stats::filter(rnorm(n, sd = 0.2), 0.97, "recursive"))) * rnorm(n)^2 * 100^sample(-2:1, 1)
    list(starts = list(numeric(n), log(v + 1e-3 * mean(v)), rep(log(mean(v)), n)),
         fn = function(h) sum(h + v * exp(-h)) / 2 + 12.5 * sum(diff(h)^2),
         gr = function(h) (1 - v * exp(-h)) / 2 - 25 * diff(c(0, diff(h), 0)))
  }
)

# Squares of the differences between prices of options and a curve of volatilities, whose logarithm is a parabola: where
# all volatilities are next to 0 nothing changes. par, fn, gr; and the truth.
volatilities <- function(seed) {
  set.seed(seed)
  spot <- 10^runif(1, 2, 5)
  n <- sample(15:40, 1)
  strike <- seq(runif(1, 0.75, 0.9), runif(1, 1.1, 1.3), length.out = n)
  time <- runif(1, 0.05, 1)
  deviation <- function(p) exp(p[1] + p[2] * strike + p[3] * strike^2) * sqrt(time)
  upper <- function(v) v / 2 - log(strike) / v
  price <- function(v) spot * (pnorm(upper(v)) - strike * pnorm(upper(v) - v))
  truth <- c(-1.1, 0.5, -0.7) + 0.3 * rnorm(3)
  y <- price(deviation(truth)) + rnorm(n, sd = spot * 10^runif(1, -4, -2.5))
  gr <- function(p) {
    v <- deviation(p)
    slope <- -2 * (y - price(v)) * spot * dnorm(upper(v)) * v
    c(sum(slope), sum(slope * strike), sum(slope * strike^2))
  }
  list(par = truth + rnorm(3) * runif(1, 0.1, 2), fn = function(p) sum((y - price(deviation(p)))^2), gr = gr, truth = truth)
}
