# Gradients that are off by a constant: runs would end where these are 0.
set.seed(1)
X <- cbind(1, matrix(rnorm(600), 200))
counts <- rpois(200, exp(X %*% c(0.5, 0.3, -0.2, 0.1)))
poisson <- list(par = numeric(4), fn = function(b) -sum(dpois(counts, exp(X %*% b), log = TRUE)),
                gr = function(b) -drop(crossprod(X, counts - exp(X %*% b))))
quartic <- list(par = c(3, -1), fn = function(x) sum((x - 1:2)^4) + sum(x^2), gr = function(x) 4 * (x - 1:2)^3 + 2 * x)

test_that("no run converges where a gradient that is off by a constant is 0", {
  for (p in list(poisson, quartic, rosenbrock(2))) {
    for (off in 10^(-2:1)) {
      for (sign in c(1, -1)) {
        expect_warning(fit <- lbfgsb(p$par, function(x) sign * p$fn(x), function(x) sign * (p$gr(x) + off),
                                     control = list(fnscale = sign)),
                       "check_gradient()", class = "lbfgsb_warning_gradient")
        expect_true(fit$convergence %in% c(51L, 52L))
      }
    }
  }
})

test_that("the claim is taken back in words", {
  expect_snapshot(print(lbfgsb(quartic$par, quartic$fn, function(x) quartic$gr(x) + 1), rows = 0))
})

test_that("it is so in any units", {
  for (size in list(c(1, 1), c(2^-20, 2^30), c(1e-6, 1e5))) {
    for (unit in c(1, 2^40, 1e-9)) {
      expect_warning(fit <- lbfgsb(quartic$par * size, function(x) unit * quartic$fn(x / size),
                                   function(x) unit * (quartic$gr(x / size) + 1) / size),
                     class = "lbfgsb_warning_gradient")
      expect_true(fit$convergence %in% c(51L, 52L))
    }
  }
})

test_that("right gradients are not doubted, and cost nothing", {
  looked_at <- 0
  for (p in problems) {
    if (is.null(p$gr)) next
    tally <- 0
    counted <- function(x) {
      tally <<- tally + 1
      p$fn(x)
    }
    expect_no_warning(fit <- lbfgsb(p$par, counted, p$gr, lower = p$lower, upper = p$upper))
    looked_at <- looked_at + (tally - fit$history$evaluations[nrow(fit$history)] > 3)
  }
  expect_identical(looked_at, 0)
})

test_that("noise, gradients by differences, and corners are no contradiction", {
  noisy <- function(x) quartic$fn(x) * (1 + 1e-8 * sin(1e9 * sum(x)))
  by_differences <- function(x) {
    vapply(1:2, function(i) (quartic$fn(replace(x, i, x[i] + 1e-7)) - quartic$fn(x)) / 1e-7, 0)
  }
  rounded <- function(x) signif(quartic$gr(x), 4)
  single <- function(x) signif(quartic$fn(x), 7)
  for (start in list(c(3, -1), c(0, 0), c(10, 10))) {
    expect_no_warning(lbfgsb(start, noisy, quartic$gr))
    expect_no_warning(lbfgsb(start, single, quartic$gr))
    expect_no_warning(lbfgsb(start, quartic$fn, by_differences))
    expect_no_warning(lbfgsb(start, quartic$fn, rounded))
    expect_no_warning(lbfgsb(start, function(x) max(abs(x - 1:2)), function(x) {
      d <- x - 1:2
      replace(c(0, 0), which.max(abs(d)), sign(d[which.max(abs(d))]))
    }))
  }
})

test_that("the published rule is left alone, and a limit of evaluations is kept", {
  off <- function(x) quartic$gr(x) + 1e-3
  expect_warning(lbfgsb(quartic$par, quartic$fn, off), class = "lbfgsb_warning_gradient")
  for (control in list(list(confirm = FALSE), list(maxeval = 1000))) {
    expect_no_warning(fit <- lbfgsb(quartic$par, quartic$fn, off, control = control))
    expect_identical(fit$convergence, 0L)
  }
})

test_that("par may be a list or a matrix", {
  lbfgsb_quietly <- function(...) suppressWarnings(lbfgsb(...), classes = "lbfgsb_warning_gradient")
  off <- function(x) quartic$gr(x) + 1
  fit <- lbfgsb_quietly(list(a = 3, b = -1), function(p) quartic$fn(unlist(p)), function(p) as.list(off(unlist(p))))
  expect_identical(fit$convergence, 51L)
  expect_named(fit$par, c("a", "b"))
  fit <- lbfgsb_quietly(matrix(quartic$par, 1), function(p) quartic$fn(c(p)), function(p) off(c(p)), upper = c(3, 5))
  expect_identical(fit$convergence, 51L)
  expect_identical(dim(fit$par), c(1L, 2L))
})

test_that("a gradient that is wrong by a factor is 0 in the right place", {
  for (factor in c(0.01, 0.5, 2, 100)) {
    expect_no_warning(fit <- lbfgsb(poisson$par, poisson$fn, function(b) factor * poisson$gr(b)))
    expect_identical(fit$convergence, 0L)
  }
})
