# A start next to 0 whose size means nothing: steps by it are so short that rounding hides the slopes.

from_tiny <- function(par, fn, gr, lower, upper = Inf, best = par + 0.5) {
  fit <- lbfgsb(par, fn, lower = lower, upper = upper)
  right <- nlminb(best, fn, gr, lower = lower, upper = upper, control = list(eval.max = 2000, iter.max = 1000))
  list(fit = fit, above = fit$value - right$objective)
}

test_that("a nonnegative quadratic that begins just above its bounds comes to its minimum", {
  for (seed in 1:6) {
    set.seed(seed)
    n <- sample(c(5, 10, 20), 1)
    x <- matrix(rnorm(3 * n * n), 3 * n)
    y <- drop(x %*% rnorm(n)) + rnorm(3 * n)
    hessian <- crossprod(x)
    slope <- drop(crossprod(x, y))
    fn <- function(p) sum(p * (hessian %*% p)) / 2 - sum(slope * p)
    for (start in c(1e-9, 1e-8, 1e-7)) {
      told <- from_tiny(rep(start, n), fn, function(p) drop(hessian %*% p) - slope, 0)
      expect_identical(told$fit$convergence, 0L)
      expect_lte(told$above, 1e-7 * abs(told$fit$value)) # 0.2 to 17 above in 5 of 18
    }
  }
})

test_that("a regression with the identity link that begins just above 0 does so", {
  for (seed in c(2, 12, 17, 22)) {
    set.seed(seed)
    n <- sample(c(2, 5, 15), 1)
    x <- matrix(abs(rnorm(4 * n * n)), 4 * n)
    mean <- drop(x %*% (rexp(n) * rbinom(n, 1, 0.6)))
    y <- rgamma(4 * n, 2, 2 / (mean + 0.3))
    fitted <- function(b) drop(x %*% b) + 1e-9
    fn <- function(b) sum(y / fitted(b) + log(fitted(b)))
    gr <- function(b) drop(crossprod(x, 1 / fitted(b) - y / fitted(b)^2))
    for (start in c(1e-12, .Machine$double.eps)) {
      told <- from_tiny(rep(start, n), fn, gr, start)
      expect_identical(told$fit$convergence, 0L)
      expect_lte(told$above, 1e-4) # 0.004 to 0.22 above in 4 of 8
    }
  }
})

# A GARCH(1, 1) likelihood of 300 values and its gradient: h = p1 + p2 e^2 + p3 h of the time before
garch <- function(seed) {
  set.seed(seed)
  h <- 1
  e <- numeric(300)
  for (i in seq_along(e)) {
    e[i] <- sqrt(h) * rnorm(1)
    h <- 0.1 + 0.1 * e[i]^2 + 0.8 * h
  }
  squares <- e^2
  along <- function(first, rest, p) stats::filter(c(first, rest), p[3], "recursive")
  variances <- function(p) along(var(e), p[1] + p[2] * squares[-300], p)
  list(
    fn = function(p) sum(log(variances(p)[-1]) + squares[-1] / variances(p)[-1]) / 2,
    gr = function(p) {
      h <- variances(p)
      weights <- (1 / h[-1] - squares[-1] / h[-1]^2) / 2
      slope <- function(of) sum(weights * along(0, of, p)[-1])
      c(slope(rep(1, 299)), slope(squares[-300]), slope(h[-300]))
    }
  )
}

test_that("a GARCH model whose constant begins at 1e-6 is not claimed where its likelihood goes on", {
  lower <- c(1e-8, 0, 0)
  upper <- c(10, 1, 1)
  cases <- list(
    list(seeds = c(21, 77), start = c(1e-6, 0.05, 0.9)),
    list(seeds = c(9, 77, 102, 116), start = c(1e-6, 0.1, 0.8)),
    list(seeds = c(2, 25, 51, 77, 112), start = c(1e-6, 0.3, 0.3))
  )
  for (case in cases) {
    for (seed in case$seeds) {
      of <- garch(seed)
      fit <- lbfgsb(case$start, of$fn, lower = lower, upper = upper)
      again <- lbfgsb(fit$par, of$fn, of$gr, lower = lower, upper = upper)
      expect_identical(fit$convergence, 0L)
      expect_lte(fit$value - again$value, 1e-4) # 0.011 to 3.9
    }
  }
})

test_that("it is so to the bit in other units of fn, and where the run is taken up, inside the box", {
  start <- c(1e-6, 0.1, 0.8)
  lower <- c(1e-8, 0, 0)
  fn <- garch(9)$fn
  inside <- function(p) {
    stopifnot(p >= lower, p <= 1)
    fn(p)
  }
  whole <- lbfgsb(start, inside, lower = lower, upper = 1)
  other <- lbfgsb(start, function(p) 2^20 * fn(p), lower = lower, upper = 1)
  expect_identical(other$par, whole$par)
  expect_identical(other$counts, whole$counts)
  for (last in seq(60, whole$counts[["function"]], by = 3)) {
    calls <- 0
    failing <- function(p) if ((calls <<- calls + 1) == last) stop("lost") else fn(p)
    lost <- tryCatch(lbfgsb(start, failing, lower = lower, upper = 1), error = identity)
    expect_identical(figures_of(lbfgsb_resume(through_file(lost$state), fn)), figures_of(whole))
  }
})
