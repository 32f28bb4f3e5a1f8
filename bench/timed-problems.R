# Problems whose whole runs are timed, with closures as fast as R has them. m: pairs to keep, by those that keep
# pairs. Where there is a `maxit`, those of the method stop there.

rosenbrock <- list(
  m = 5, name = "Rosenbrock, n = 2", par = c(-1.2, 1), lower = -Inf, upper = Inf,
  fn = function(x) 100 * (x[2] - x[1]^2)^2 + (1 - x[1])^2,
  gr = function(x) c(-400 * x[1] * (x[2] - x[1]^2) - 2 * (1 - x[1]), 200 * (x[2] - x[1]^2))
)

# The driver that the published code comes with.
driver <- list(
  m = 5, name = "driver, n = 25, box", par = rep(3, 25), lower = rep_len(c(1, -100), 25),
  upper = rep(100, 25),
  fn = function(x) {
    n <- length(x)
    sum(c(1, rep(4, n - 1)) * (x - c(1, x[-n])^2)^2)
  },
  gr = function(x) {
    n <- length(x)
    d <- 2 * c(1, rep(4, n - 1)) * (x - c(1, x[-n])^2)
    d - c(2 * d[-1] * x[-n], 0)
  }
)

# Induced and spontaneous abortions as risks of infertility: 248 women, six coefficients.
logistic <- local({
  X <- model.matrix(~ scale(age) + scale(parity) + induced + spontaneous + scale(pooled.stratum), infert)
  y <- infert$case
  list(
    m = 5, name = "logistic regression, n = 6", par = numeric(ncol(X)), lower = -Inf, upper = Inf,
    fn = function(beta) {
      eta <- drop(X %*% beta)
      sum(log1p(exp(eta)) - y * eta)
    },
    gr = function(beta) drop(crossprod(X, plogis(drop(X %*% beta)) - y))
  )
})

# Curvatures from 1 to 1000; half of the variables end at a bound.
quadratic <- function(n, m = 5) {
  curvature <- exp(seq(0, log(1000), length.out = n))
  target <- rep(c(1, -1), length.out = n)
  list(
    m = m, name = sprintf("quadratic, n = %g, box", n), par = rep(0.5, n), lower = 0, upper = 2,
    fn = function(x) sum(curvature * (x - target)^2) / 2,
    gr = function(x) curvature * (x - target)
  )
}

# Nothing is left to do at the start: what remains is the cost of starting and returning.
solved <- list(
  m = 5, name = "solved at the start, n = 2", par = c(1e-8, 0), lower = -Inf, upper = Inf,
  fn = function(x) sum(x^2), gr = function(x) 2 * x
)
