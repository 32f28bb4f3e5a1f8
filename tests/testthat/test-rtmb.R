skip_if_no_rtmb <- function() {
  skip_if_not_installed("RTMB") # .ci/full installs it, .ci/run does not
}

# Objectives as users write them: f, a list with start, optionally lower, upper, dots and fnscale; `why`: what RTMB is
# expected to say where it refuses, or the guard.
objective <- function(fn, start, ..., why = NULL) list(fn = fn, start = start, why = why, ...)

users_objectives <- function() {
  y <- cars$speed
  d <- cars$dist
  X <- cbind(1, mtcars$wt, mtcars$hp / 100, mtcars$qsec - 18, mtcars$gear)
  vs <- mtcars$vs
  W <- scale(as.matrix(mtcars[, c("wt", "hp", "qsec", "drat", "disp", "cyl")]))
  breaks <- warpbreaks$breaks
  Z <- model.matrix(~ wool * tension, warpbreaks)
  dax <- 100 * diff(log(as.vector(EuStockMarkets[1:300, "DAX"])))
  series <- as.vector(lh)
  S <- cov(iris[, 1:3])
  helper <- function(eta) -sum(dbinom(vs, 1, plogis(eta), log = TRUE))
  list(
    normal = objective(function(p) -sum(dnorm(y, p["mu"], exp(p[["ls"]]), log = TRUE)), c(mu = 10, ls = 1)),
    maximized = objective(function(p) sum(dnorm(y, p[1], p[2], log = TRUE)), c(10, 3), lower = c(-Inf, 0.1),
                          fnscale = -1),
    dots = objective(function(p, data, k) k * sum((data - p[1] - p[2]^2)^2) + p[2]^4, c(1, 1),
                     dots = list(data = y, k = 0.1)),
    list_par = objective(function(p) sum((d - p$a - y * p$b[1] - y^2 * p$b[2])^2) / 1e3,
                         list(a = 0, b = c(1, 0.1))),
    matrix_par = objective(function(M) sum((M %*% t(M) - S)^2) + sum(M^2) / 100, diag(3) + 0.1),
    logistic = objective(function(b) -sum(dbinom(vs, 1, plogis(X %*% b), log = TRUE)) + sum(b^2) / 20, numeric(5)),
    logistic_helper = objective(function(b) helper(X %*% b) + sum(b^2) / 20, numeric(5)),
    logit_by_hand = objective(function(b) sum(log1p(exp(X %*% b))) - sum(vs * (X %*% b)) + sum(b^2) / 20, numeric(5)),
    probit = objective(function(b) {
      eta <- X %*% b
      -sum(vs * log(pnorm(eta)) + (1 - vs) * log(pnorm(-eta))) + sum(b^2) / 20
    }, numeric(5)),
    poisson = objective(function(b) -sum(dpois(breaks, exp(Z %*% b), log = TRUE)), c(3, 0, 0, 0, 0, 0)),
    negative_binomial = objective(function(p) {
      -sum(dnbinom(breaks, size = exp(p[1]), prob = 1 / (1 + exp(Z %*% p[-1]) / exp(p[1])), log = TRUE))
    }, c(1, 3, 0, 0, 0, 0, 0)),
    negative_binomial_mu = objective(function(p) {
      -sum(dnbinom(breaks, size = exp(p[1]), mu = exp(Z %*% p[-1]), log = TRUE))
    }, c(1, 3, 0, 0, 0, 0, 0), why = "Non-numeric"),
    gamma = objective(function(p) -sum(dgamma(y, p[1], p[2], log = TRUE)), c(2, 0.2), lower = 1e-3),
    weibull = objective(function(p) -sum(dweibull(y, p[1], p[2], log = TRUE)), c(2, 10), lower = 1e-3),
    beta = objective(function(p) -sum(dbeta(y / 30, p[1], p[2], log = TRUE)), c(1, 1), lower = 1e-3),
    student = objective(function(p) -sum(dt((d - p[1] - p[2] * y) / exp(p[3]), 4, log = TRUE) - p[3]), c(0, 1, 2)),
    regression = objective(function(p) {
      -sum(dnorm(mtcars$mpg, p$intercept + W %*% p$slopes, exp(p$log_sigma), log = TRUE))
    }, list(intercept = 20, slopes = numeric(6), log_sigma = 2)),
    mixture = objective(function(p) {
      w <- plogis(p[1])
      -sum(log(w * dnorm(faithful$eruptions, p[2], exp(p[4])) + (1 - w) * dnorm(faithful$eruptions, p[3], exp(p[5]))))
    }, c(0, 2, 4, -1, -1)),
    garch_loop = objective(function(p) {
      h <- var(dax)
      nll <- 0
      for (t in seq_along(dax)) {
        nll <- nll + (log(h) + dax[t]^2 / h) / 2
        h <- p[1] + p[2] * dax[t]^2 + p[3] * h
      }
      nll
    }, c(0.1, 0.1, 0.8), lower = c(1e-4, 0, 0), upper = c(Inf, 1, 1)),
    ar_filled_numeric = objective(function(p) {
      h <- numeric(length(series))
      h[1] <- p[1]
      for (t in 2:length(series)) h[t] <- p[1] + p[2] * (series[t - 1] - p[1])
      sum((series - h)^2)
    }, c(2, 0.5)),
    ar_filled_copy = objective(function(p) {
      h <- p[1] + 0 * series
      for (t in 2:length(series)) h[t] <- p[1] + p[2] * (series[t - 1] - p[1])
      sum((series - h)^2)
    }, c(2, 0.5)),
    logarithms = objective(function(p) sum(p - log(p)) + prod(p) / 9, c(3, 4, 5)),
    if_on_parameter = objective(function(p) if (p[1] <= 0) 1e10 else sum(p) - log(p[1]) + p[2]^2, c(2, 1),
                                why = "Comparison"),
    nan_region = objective(function(p) if (any(p <= 0)) NaN else sum(p - log(p)), c(5, 50), why = "Comparison"),
    branch_on_data = objective(function(p) if (mean(y) > 3) sum((p - 1:3)^4 + p^2) else NaN, c(0, 0, 0)),
    cholesky = objective(function(p) {
      K <- exp(p[1]) * exp(-abs(outer(y[1:12] + 1:12, y[1:12] + 1:12, "-")) / 5) + diag(12) * exp(p[2])
      L <- chol(K)
      sum(log(diag(L))) + sum((d[1:12] / 20) * solve(K, d[1:12] / 20)) / 2
    }, c(0, 0)),
    back_transposed = objective(function(p) {
      K <- exp(p[1]) * exp(-abs(outer(y[1:12] + 1:12, y[1:12] + 1:12, "-")) / 5) + diag(12) * exp(p[2])
      L <- chol(K)
      sum(log(diag(L))) + sum(backsolve(L, d[1:12] / 20, transpose = TRUE)^2) / 2
    }, c(0, 0), why = "NaN by the tape"),
    determinant = objective(function(p) {
      A <- diag(3) * exp(p[1]) + p[2]
      log(det(A)) + sum(diag(solve(A, S)))
    }, c(0, 0)),
    huber = objective(function(p) {
      r <- d - p[1] - p[2] * y
      sum(ifelse(abs(r) < 10, r^2 / 2, 10 * abs(r) - 50))
    }, c(0, 1), why = "Comparison"),
    integral = objective(function(p) {
      (integrate(function(t) exp(-t^2 * exp(p[1])), 0, 1)$value - 0.5)^2 + (p[2] - 1)^2
    }, c(0, 0)),
    bessel = objective(function(p) -sum(y / 10 * exp(p) - log(besselI(exp(p) * rep(1, 50), 0))) + 50 * exp(p)^2, 0.1),
    frozen = objective(function(p) {
      far <- tryCatch(if (p[1] > 1) (p[1] - 1)^2 else 0, error = function(e) 0)
      sum((p - 3:4)^4) + p[2]^2 + far
    }, c(0, 0), why = "by the tape"),
    list_value = objective(function(p) list(value = sum((p - 1:2)^4 + p), note = "mine"), c(0, 0)),
    spline = objective(function(p) sum((d - splinefun(c(4, 10, 18, 25), p)(y))^2) / 1e3, c(5, 20, 50, 80))
  )
}
