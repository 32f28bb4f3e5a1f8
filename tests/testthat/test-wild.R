# Cases on which solvers fail, from public reports: each a kind, some with several seeds.

with_and_without <- function(gr) list(gr, NULL)

test_that("W1: trials that run out end with the lowest of them", {
  K <- 1.4e9
  f <- function(b) (K / (1 + (K - 1) * exp(-11 * b)) - 4000)^2
  g <- function(b) {
    e <- (K - 1) * exp(-11 * b)
    2 * (K / (1 + e) - 4000) * 11 * e * K / (1 + e)^2
  }
  for (upper in c(1, 10, 100, 1e4, 1e8, Inf)) {
    for (gr in with_and_without(g)) {
      fit <- lbfgsb(.6, f, gr, lower = 0, upper = upper)
      expect_identical(fit$convergence, 0L)
      expect_equal(fit$par, .7540048, tolerance = 1e-6)
    }
  }
  short <- lbfgsb(10, function(x) x + exp(-10 * x), function(x) 1 - 10 * exp(-10 * x), control = list(maxls = 5))
  expect_equal(short$par, log(10) / 10, tolerance = 1e-4)
})

test_that("W2: a plateau in the far corner of a box does not count as solved", {
  set.seed(4)
  S <- 12817
  X <- seq(10400, 14800, 200)
  T <- .15
  bs <- function(p) {
    v <- exp(p[1] + p[2] * X / S + p[3] * (X / S)^2)
    d <- (log(S / X) + v^2 * T / 2) / (v * sqrt(T))
    S * pnorm(d) - X * pnorm(d - v * sqrt(T))
  }
  y <- bs(c(-1.1, .5, -.7)) + rnorm(23, sd = 5)
  for (width in c(2, 3, 5, 50, Inf)) {
    fit <- lbfgsb(c(-1, -.1, .5), function(p) sum((y - bs(p))^2), lower = -width, upper = width,
                  control = list(gradient = "central"))
    expect_identical(fit$convergence, 0L)
    expect_equal(fit$value, 360.4922, tolerance = 1e-3) # the valley is flat: 3e-4 above
  }
})

test_that("W3: a slope that is infinite towards the solution is followed to it", {
  one <- lbfgsb(1, sqrt, function(x) .5 / sqrt(x), lower = 0, upper = 10)
  expect_identical(one$par, 0)
  expect_lt(one$counts[["function"]], 10)
  three <- lbfgsb(c(1, 1, 1), function(x) sum(sqrt(x)) + sum((x - c(3, .1, .2))^2),
                  function(x) .5 / sqrt(x) + 2 * (x - c(3, .1, .2)), lower = 0, upper = 10)
  expect_identical(as.character(three$bounds), c("free", "at lower", "at lower"))
  expect_lt(three$counts[["function"]], 30)
})

test_that("W5: least squares at a level are solved, and said to be", {
  t <- seq(0, 10, .25)
  for (S in c(1e2, 1e6)) {
    set.seed(3)
    for (i in 1:10) {
      truth <- c(runif(1, .3, .9), runif(1, .1, .8), runif(1, .05, .3))
      y <- S * (truth[1] * exp(-truth[2] * t) + truth[3]) + rnorm(41)
      f <- function(p) sum((y - S * (p[1] * exp(-p[2] * t) + p[3]))^2)
      g <- function(p) {
        e <- exp(-p[2] * t)
        r <- y - S * (p[1] * e + p[3])
        -2 * S * c(sum(r * e), sum(-r * p[1] * t * e), sum(r))
      }
      fit <- lbfgsb(c(.5, .5, .1), f, g)
      expect_identical(fit$convergence, 0L)
      best <- nls(y ~ S * (a * exp(-b * t) + c), start = list(a = truth[1], b = truth[2], c = truth[3]))
      expect_lte(fit$value, deviance(best) * (1 + 1e-6))
    }
  }
})

test_that("W7: what falls without end is said to, soon", {
  set.seed(1)
  x <- rweibull(200, .7, 100) + 50
  e <- sqrt(.Machine$double.eps)
  unbounded <- list(
    weibull = lbfgsb(c(1, 100, 1), function(p) -sum(dweibull(x - p[3], p[1], p[2], log = TRUE)),
                     lower = c(e, e, 0), upper = c(Inf, Inf, min(x))),
    minus = lbfgsb(1, function(x) -x, function(x) -1),
    differences = lbfgsb(1, function(x) -x),
    concave = lbfgsb(c(1, 2), function(x) -sum(x^2), function(x) -2 * x),
    log = lbfgsb(1, log, function(x) 1 / x, lower = 0)
  )
  for (fit in unbounded) {
    expect_identical(fit$convergence, 53L)
    expect_match(fit$message, "falls without end: is `fn` to be maximized", fixed = TRUE)
    expect_lte(fit$counts[["function"]], 500)
  }
})

test_that("W8: a function is solved in whatever unit", {
  p <- rosenbrock(2)
  for (unit in 10^c(-20, -10, 0, 10, 20)) {
    for (gr in with_and_without(function(x) unit * p$gr(x))) {
      fit <- lbfgsb(c(-1.2, 1), function(x) unit * p$fn(x), gr)
      expect_identical(fit$convergence, 0L)
      expect_equal(fit$par, c(1, 1), tolerance = 1e-3)
    }
  }
})

test_that("W9: values with few digits are enough", {
  s <- function(x) sum(c(1, 5, 20) * (x - c(.7, -.4, .3))^2) + .5 * sum(x)^2 + 50
  for (digits in 6:10) {
    expect_equal(s(lbfgsb(c(0, 0, 0), function(x) signif(s(x), digits))$par), 50.1107692, tolerance = 1e-6)
  }
})

test_that("W10: growth curves with a capacity in large units", {
  t <- 0:15
  growth <- function(p) p[3] / (1 + (p[3] / p[2] - 1) * exp(-p[1] * t))
  solved <- 0
  for (seed in 1:20) {
    set.seed(seed)
    K <- 10^runif(1, 4, 7)
    truth <- c(runif(1, .3, .9), 2, K)
    y <- growth(truth) * exp(rnorm(16, sd = .05))
    f <- function(p) sum((y - growth(p))^2)
    lower <- c(0, 1e-3, K / 100)
    best <- nlminb(truth, f, lower = lower, scale = 1 / truth, control = list(rel.tol = 1e-14))$objective
    fit <- lbfgsb(c(.2, 1, K), f, lower = lower, upper = c(5, 1e3, 1e4 * K), control = list(gradient = "central"))
    solved <- solved + (fit$value <= best * (1 + 1e-6))
    expect_true(fit$convergence != 0 || fit$value <= best * (1 + 1e-3))
  }
  expect_gte(solved, 18)
})

test_that("W13: penalty walls of any height give the same minimum", {
  barrier <- function(wall) {
    lbfgsb(c(5, 50), function(x) if (any(x <= 0)) wall else sum(x - log(x)),
           function(x) if (any(x <= 0)) c(0, 0) else 1 - 1 / x)
  }
  free <- barrier(Inf)
  expect_equal(free$par, c(1, 1), tolerance = 1e-5)
  for (wall in c(1e2, 1e4, 1e10, 1e20, .Machine$double.xmax, NaN)) {
    fit <- barrier(wall)
    expect_identical(fit$convergence, 0L)
    expect_equal(fit$par, c(1, 1), tolerance = 1e-5)
    expect_lte(fit$counts[["function"]], 2 * free$counts[["function"]])
  }
})
