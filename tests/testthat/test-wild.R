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

# Newton's last steps each take off nearly all of what is left of f, though they are short.
test_that("W1: a minimum of 0 that is reached by leaps is said to be one", {
  set.seed(130)
  for (i in 1:40) {
    K <- 10^runif(1, 6, 10)
    rate <- runif(1, 5, 15)
    level <- 10^runif(1, 3, 4)
    f <- function(b) (K / (1 + (K - 1) * exp(-rate * b)) - level)^2
    g <- function(b) {
      e <- (K - 1) * exp(-rate * b)
      2 * (K / (1 + e) - level) * rate * e * K / (1 + e)^2
    }
    fit <- lbfgsb(.6, f, g, lower = 0)
    expect_identical(fit$convergence, 0L)
    expect_equal(fit$par, log((K - 1) / (K / level - 1)) / rate, tolerance = 1e-8)
    expect_lt(fit$counts[["function"]], 60)
  }
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
    fit <- lbfgsb(c(-1, -.1, .5), function(p) sum((y - bs(p))^2), lower = -width, upper = width)
    expect_identical(fit$convergence, 0L)
    expect_equal(fit$value, 360.4922, tolerance = 1e-6)
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

# From the bound on the values are those of a root: they look rough, but there is no noise in them.
test_that("W3: a root at the bound is no noise, in any units", {
  roots <- function(x, centre) sum(sqrt(x)) + sum((x - centre)^2)
  for (seed in c(26, 49, 83, 87, 90)) {
    set.seed(seed)
    centre <- c(runif(1, 2, 4), runif(2, 0, .3))
    start <- rep(runif(1, .5, 2), 3)
    set.seed(seed + 5)
    unit <- 10^runif(3, -4, 4)
    fit <- lbfgsb(start * unit, function(x) roots(x / unit, centre), lower = 0, upper = 10 * unit)
    expect_identical(fit$convergence, 0L)
    expect_false(grepl("noise", fit$message))
    expect_identical(as.character(fit$bounds), c("free", "at lower", "at lower"))
    expect_lt(fit$counts[["function"]], 100)
  }
})

# Entropies, steep without end at their bounds, from which the minimum is as near as exp(-most); by closed forms
entropy_run <- function(seed, most, with_gradient, upper = Inf) {
  set.seed(seed)
  cost <- c(5, -5, 0.1, most)
  term <- function(z) ifelse(z > 0, z * log(z), 0)
  one <- is.finite(upper)
  fn <- function(x) sum(cost * x) + sum(term(x)) + if (one) sum(term(1 - x)) else 0
  gr <- function(x) cost + log(x) + if (one) -log1p(-x) else 1
  minimum <- if (one) -sum(log1p(exp(-cost))) else -sum(exp(-1 - cost))
  fit <- suppressWarnings(lbfgsb(runif(4, 0.1, 0.9), fn, if (with_gradient) gr, lower = 0, upper = upper))
  c(convergence = fit$convergence, off = fit$value / minimum - 1)
}

test_that("an entropy whose minimum is next to a bound is solved, and said to be", {
  for (case in list(list(36, TRUE, 1), list(36, TRUE, Inf), list(25, FALSE, 1))) {
    runs <- vapply(1:20, function(seed) do.call(entropy_run, c(seed, case)), c(convergence = 0, off = 0))
    expect_lt(max(abs(runs["off", ])), 1e-7, label = deparse(case))
    expect_gte(sum(runs["convergence", ] == 0), 19, label = deparse(case))
  }
})

test_that("W5: least squares at a level are solved, and said to be", {
  t <- seq(0, 10, .25)
  for (S in c(1e2, 1e6, 1e7)) {
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
    log = lbfgsb(1, log, function(x) 1 / x, lower = 0),
    slow = lbfgsb(1, function(x) -1e-4 * log(x), function(x) -1e-4 / x, lower = 1e-8),
    by_differences = lbfgsb(1, function(x) -1e4 * log(x), lower = 1e-8),
    t = lbfgsb(c(mu = 0, s = 1, nu = 5), function(p) sum(dt((precip - p[1]) / p[2], p[3], log = TRUE) - log(p[2])),
               lower = c(-Inf, 0.1, 1), upper = c(Inf, 50, 30))
  )
  for (fit in unbounded) {
    expect_identical(fit$convergence, 53L)
    expect_match(fit$message, "seems to improve without limit, see 53", fixed = TRUE)
    expect_lte(fit$counts[["function"]], 500)
  }
})

test_that("what begins next to 0 is told so where it seems to have no end, and a constant helps", {
  quartic <- function(x) sum(x^4 / 4 - x^2 / 2)
  for (start in 10^-(6:9)) expect_equal(lbfgsb(rep(start, 3), quartic)$value, -0.75)
  for (start in 10^-(11:14)) {
    fit <- lbfgsb(rep(start, 3), quartic)
    expect_match(fit$message, "`fn` starts next to 0, and all is large beside that: if it has an optimum, add 1 to it", fixed = TRUE)
    expect_equal(lbfgsb(rep(start, 3), function(x) 1 + quartic(x))$value, 0.25)
  }
  expect_no_match(lbfgsb(1, function(x) -x)$message, "starts next to 0")
  slow <- lbfgsb(1, function(x) -0.5 - 1e-3 * log(x), lower = 1e-8)
  expect_identical(slow$convergence, 53L)
  expect_no_match(slow$message, "starts next to 0")
})

test_that("T2-2: a start next to 0 is no size by which a fall is judged: a quadratic has its end, a straight line none", {
  for (start in c(1e-10, 1e-12, .Machine$double.eps, 1e-20)) {
    for (box in list(c(0, 1), c(0, Inf), c(-Inf, Inf))) {
      fit <- lbfgsb(c(start, start), function(x) sum(x^2 - x), function(x) 2 * x - 1, lower = box[1], upper = box[2])
      expect_identical(fit$convergence, 0L)
      expect_equal(fit$value, -0.5)
    }
    narrow <- lbfgsb(start, function(x) 1e3 * x^2 - 0.8 * x, function(x) 2e3 * x - 0.8, lower = 0, upper = 1e-3)
    expect_equal(narrow$par, 4e-4, tolerance = 1e-4)
    fit <- lbfgsb(start, function(x) -x)
    expect_identical(fit$convergence, 53L)
    expect_lte(fit$counts[["function"]], 200)
  }
})

test_that("T2-3: a box as wide as the last digits of a parameter holds it, and leaves no slope to go by", {
  one <- lbfgsb(0.3, function(x) (x - 1)^2, function(x) 2 * (x - 1), lower = 0.3, upper = 0.1 + 0.2)
  expect_identical(one$convergence, 0L)
  for (seed in 1:30) {
    set.seed(seed)
    goal <- runif(3, -2, 3)
    lower <- rnorm(3, 1, 0.5)
    for (ulps in c(1, 2, 4, 8)) {
      for (unit in 2^c(-20, 0, 20)) {
        fit <- lbfgsb(unit * lower, function(x) sum((x / unit - goal)^2), function(x) 2 * (x / unit - goal) / unit,
                      lower = unit * lower, upper = unit * (lower + ulps * .Machine$double.eps * abs(lower)))
        expect_identical(fit$convergence, 0L)
        expect_equal(fit$value, sum((lower - goal)^2), tolerance = 1e-12)
      }
    }
  }
})

test_that("C10: above a constant of 1e6 the curvature at 0 of what has no slope there tells its size", {
  for (constant in 10^c(6, 6.3, 6.6, 7)) {
    fn <- function(x) constant + 100 * (x[2] - x[1]^2)^2 + (1 - x[1])^2
    expect_equal(lbfgsb(c(0, 0), fn, upper = 0.8)$value - constant, 0.04, tolerance = 0.05)
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

test_that("a function that draws random numbers is said to, and not claimed to be minimized", {
  functions <- list(
    sample = function(p) mean((rnorm(1000, sd = 0.1) + p[1] - 1)^2) + (p[2] - 2)^2,
    factor = function(p) (1 + sum((p - 1:2)^2)) * (1 + 0.01 * rnorm(1)),
    summand = function(p) sum((p - 1:2)^2) + 0.01 * rnorm(1)
  )
  right <- 0
  for (name in names(functions)) for (seed in 1:20) {
    set.seed(seed)
    fit <- lbfgsb(c(5, 5), functions[[name]])
    right <- right + (fit$convergence == 54 || max(abs(fit$par - 1:2)) < 0.1)
  }
  expect_gte(right, 59) # of 60: by chance a value may be the same a second time
  expect_snapshot(writeLines(sub(";.*", "", fit$message)))
})

# A part of a log-likelihood is drawn: as large a noise is measured on the way, but it is none that stays where it is
test_that("measured noise is no excuse for random values; that which is told is", {
  X <- model.matrix(~ wool * tension, warpbreaks)
  code <- function(seed, level, ...) {
    set.seed(seed)
    fn <- function(b) -sum(dpois(warpbreaks$breaks, exp(X %*% b), log = TRUE)) * (1 + level * rnorm(1))
    suppressWarnings(lbfgsb(c(3, 0, 0, 0, 0, 0), fn, control = list(...)))$convergence
  }
  for (level in c(1e-3, 1e-2)) {
    codes <- vapply(1:20, code, 0L, level)
    expect_false(0 %in% codes)
    expect_gte(sum(codes == 54), 19) # by chance a value may be nearly the same a second time
    expect_false(54 %in% vapply(1:20, code, 0L, level, noise = level))
  }
})

test_that("values that differ a little at the same point, as by threads, are not taken for random numbers", {
  from <- list(c(5, 5), c(50, -50), c(-3, 2))
  for (level in c(1e-12, 1e-9)) for (gr in list(NULL, function(p) 2 * (p - 1:2))) {
    codes <- vapply(1:30, function(seed) {
      set.seed(seed)
      fit <- lbfgsb(from[[1 + seed %% 3]], function(p) sum((p - 1:2)^2) + level * rnorm(1), gr)
      expect_lt(max(abs(fit$par - 1:2)), 1e-3)
      fit$convergence
    }, 0L)
    expect_false(54 %in% codes)
  }
  for (seed in 1:10) {
    set.seed(seed)
    fit <- lbfgsb(c(-1.2, 1), function(p) (1 + problems$rosenbrock$fn(p)) * (1 + 1e-6 * rnorm(1)), problems$rosenbrock$gr)
    expect_false(fit$convergence == 54)
  }
})

test_that("noise that is measured, or told, and rounding are not taken for random numbers", {
  square <- function(p) 1 + sum((p - 1:2)^2)
  for (level in c(1e-10, 1e-6)) {
    noisy <- function(p) square(p) * (1 + level * rnorm(1))
    for (noise in list("auto", level)) {
      set.seed(2)
      expect_equal(lbfgsb(c(5, 5), noisy, control = list(noise = noise))$convergence, 0)
    }
  }
})

test_that("W9: values with few digits are enough", {
  s <- function(x) sum(c(1, 5, 20) * (x - c(.7, -.4, .3))^2) + .5 * sum(x)^2 + 50
  minimum <- s(lbfgsb(c(0, 0, 0), s, control = list(gradient = "richardson"))$par)
  for (digits in 5:11) {
    fit <- lbfgsb(c(0, 0, 0), function(x) signif(s(x), digits))
    expect_lte(s(fit$par) - minimum, minimum * 5 * 10^-digits)
  }
})

# Differences over small steps are 0 there, or those of one unit of the last digit.
test_that("W9: regressions whose values have few digits are solved from 0", {
  for (digits in c(7, 9)) {
    for (seed in 1:20) {
      set.seed(seed)
      X <- cbind(1, matrix(rnorm(600), 200))
      y <- rbinom(200, 1, plogis(drop(X %*% c(-0.5, rnorm(3, sd = 0.5)))))
      fn <- function(p) sum(log1p(exp(X %*% p)) - y * (X %*% p))
      minimum <- fn(glm.fit(X, y, family = binomial())$coefficients)
      fit <- lbfgsb(numeric(4), function(p) signif(fn(p), digits))
      expect_lte(fn(fit$par) - minimum, minimum * 30 * 10^-digits)
    }
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

test_that("W5: what is known of f but for its error keeps a regression at a level of 1e10 from a claim far off", {
  for (seed in 1:20) {
    set.seed(seed)
    X <- cbind(1, rnorm(80), rnorm(80))
    y <- drop(X %*% c(1, 0.3, 0.5)) + rnorm(80)
    squares <- function(b) sum((y - X %*% b)^2)
    fit <- lbfgsb(c(0, 0, 0), function(b) 1e10 + squares(b))
    expect_lt(squares(fit$par) - squares(lm.fit(X, y)$coefficients), 0.01)
  }
})

test_that("W6: parameters of 1e1, 1e5 and 1e-11 are found from their orders of magnitude", {
  w <- 10^seq(3, 8, length.out = 60)
  impedance <- function(p) p[1] + 1 / (1 / p[2] + 1i * w * p[3])
  truth <- c(33, 2.2e5, 4.7e-11)
  set.seed(6)
  y <- impedance(truth) * exp(complex(real = rnorm(60, sd = .02), imaginary = rnorm(60, sd = .02)))
  f <- function(p) sum(Mod(impedance(p) - y)^2 / Mod(y)^2)
  best <- nlminb(truth, f, scale = 1 / truth, control = list(rel.tol = 1e-14))$objective
  for (start in list(c(10, 1e5, 1e-11), c(100, 1e6, 1e-10), c(50, 5e4, 2e-11))) {
    for (lower in c(0, -Inf)) {
      fit <- lbfgsb(start, f, lower = lower)
      expect_identical(fit$convergence, 0L)
      expect_lte(fit$value, best * (1 + 1e-8))
      expect_lte(fit$counts[["function"]], 150)
    }
  }
})

test_that("W11: all evaluations are counted, and the lowest value is returned", {
  values <- NULL
  corner <- function(p) {
    values <<- c(values, abs(p[1] - 1) + abs(p[2] + p[1]) + 1e-3 * sum(p^2))
    values[length(values)]
  }
  for (sign in c(1, -1)) {
    for (wrong in list(function(p) -2 * p, function(p) 1e-3 * p, function(p) c(1, -3))) {
      values <- NULL
      fit <- suppressWarnings(lbfgsb(c(2, 1), function(p) sign * corner(p), function(p) sign * wrong(p),
                                     control = list(fnscale = sign)))
      expect_identical(fit$counts[["function"]], length(values))
      expect_identical(fit$value, sign * min(values))
      expect_identical(sign * corner(fit$par), fit$value)
      values <- NULL
      both <- suppressWarnings(lbfgsb(c(2, 1), function(p) list(value = corner(p), gradient = wrong(p))))
      expect_identical(both$counts[["function"]], length(values))
      expect_identical(both$value, min(values))
    }
  }
  values <- NULL
  fit <- lbfgsb(c(2, 1), corner, control = list(noise = 0))
  expect_identical(fit$counts[["function"]], length(values))
})

test_that("W12: small sums of squares are not small gradients", {
  set.seed(12)
  at <- expand.grid(t = seq(.1, 2, .1), k = seq(-.3, .3, .1))
  volatility <- function(p) p[1] + p[2] * exp(-p[3] * at$t) + p[4] * at$k + p[5] * at$k^2
  v <- volatility(c(.02, .01, 1.5, -.005, .03)) + rnorm(nrow(at), sd = 3e-6)
  f <- function(p) sum((v - volatility(p))^2)
  g <- function(p) {
    r <- volatility(p) - v
    e <- exp(-p[3] * at$t)
    2 * c(sum(r), sum(r * e), sum(-r * p[2] * at$t * e), sum(r * at$k), sum(r * at$k^2))
  }
  rest <- function(rate) { # the other four parameters are linear
    sum(lm.fit(cbind(1, exp(-rate * at$t), at$k, at$k^2), v)$residuals^2)
  }
  best <- optimize(rest, c(1, 2), tol = 1e-10)$objective
  for (gr in with_and_without(g)) {
    free <- lbfgsb(c(.05, .05, 1, 0, 0), f, gr)
    boxed <- lbfgsb(c(.05, .05, 1, .01, .01), f, gr, lower = c(0, 0, .01, -1, -1), upper = c(1, 1, 20, 1, 1))
    for (fit in list(free, boxed)) {
      expect_identical(fit$convergence, 0L)
      expect_lte(fit$value, best * (1 + 1e-6))
    }
  }
})

test_that("W13: a likelihood that is not always defined has one minimum behind walls of any height", {
  S <- cov(mtcars[, 1:4])
  lower <- lower.tri(S, TRUE)
  nll <- function(p, wall) {
    L <- matrix(0, 4, 4)
    L[lower] <- p
    R <- tryCatch(chol(L %*% t(L) + L + t(L)), error = function(e) NULL)
    if (is.null(R)) wall else 2 * sum(log(diag(R))) + sum(diag(chol2inv(R) %*% S))
  }
  start <- diag(4)[lower] * 10
  most <- 2 * lbfgsb(start, nll, wall = Inf)$counts[["function"]]
  for (wall in c(1e4, 1e10, 1e15, 1e20, .Machine$double.xmax, Inf, NaN)) {
    fit <- lbfgsb(start, nll, wall = wall)
    expect_identical(fit$convergence, 0L)
    expect_lte(fit$value, 22.49745)
    expect_lte(fit$counts[["function"]], most)
  }
  # seed 29: the steps that look for second derivatives at the start meet the wall
  for (seed in c(29, 15, 19)) {
    set.seed(seed)
    S <- crossprod(matrix(rnorm(240), 60) %*% diag(10^runif(4, -1, 1))) / 60
    best <- lbfgsb(start, nll, wall = Inf)$value
    for (wall in c(1e10, 1e20, .Machine$double.xmax)) {
      expect_equal(lbfgsb(start, nll, wall = wall)$value, best, tolerance = 1e-7)
    }
  }
})

test_that("W13: lavaan finds its own minimum", {
  skip_if_not_installed("lavaan")
  skip_on_cran()
  model <- "visual =~ x1 + x2 + x3
            textual =~ x4 + x5 + x6
            speed =~ x7 + x8 + x9"
  fitted <- lavaan::cfa(model, lavaan::HolzingerSwineford1939)
  deviance <- fitted@Model
  data <- list(S = fitted@SampleStats@cov[[1]])
  f <- function(x) {
    Sigma <- lavaan::lav_model_implied(lavaan::lav_model_set_parameters(deviance, x))$cov[[1]]
    R <- tryCatch(chol(Sigma), error = function(e) NULL)
    if (is.null(R)) return(1e20)
    (2 * sum(log(diag(R))) + sum(chol2inv(R) * data$S) - determinant(data$S)$modulus[[1]] - ncol(data$S)) / 2
  }
  best <- fitted@optim$fx
  for (start in list(rep(0.5, 21), rep(0.1, 21), fitted@optim$x * 3)) {
    fit <- lbfgsb(start, f)
    expect_identical(fit$convergence, 0L)
    expect_equal(fit$value, best, tolerance = 1e-6)
  }
})

test_that("W14: where the profile is flat the minimum is found, and costs little where it is plain", {
  for (seed in 1:8) {
    set.seed(seed)
    x <- rgamma(120, 2, 1 / 3)
    h <- rnorm(150, 50, 20)
    shape <- function(p) -sum(dgamma(x, p, rate = p / mean(x), log = TRUE))
    heavy <- function(p) -sum(dt((h - 50) / 15, p, log = TRUE))
    one <- lbfgsb(1, shape, lower = .01)
    two <- lbfgsb(2, heavy, lower = .1, upper = 300)
    expect_lte(one$value, optimize(shape, c(.1, 20), tol = 1e-12)$objective * (1 + 1e-8))
    expect_lte(two$value, optimize(heavy, c(.3, 300), tol = 1e-12)$objective * (1 + 1e-8))
    expect_lte(max(one$counts[["function"]], two$counts[["function"]]), 40)
  }
})

test_that("W14: least squares that fit cost no more than optim() takes to come as close", {
  x <- seq(0, 3, .1)
  y <- 2 * exp(-1.3 * x)
  f <- function(p) sum((y - p[1] * exp(-p[2] * x))^2)
  g <- function(p) {
    e <- exp(-p[2] * x)
    r <- p[1] * e - y
    c(2 * sum(r * e), -2 * sum(r * p[1] * x * e))
  }
  for (start in list(c(1, 1), c(5, 3), c(.5, .2), c(1, 5))) {
    fit <- lbfgsb(start, f, g)
    theirs <- optim(start, f, g, method = "L-BFGS-B")
    expect_identical(fit$convergence, 0L)
    expect_equal(fit$par, c(2, 1.3), tolerance = 1e-6)
    expect_lte(fit$counts[["function"]], 1.5 * theirs$counts[["function"]] + 3)
  }
})

# Minus the log-likelihood of maxima x by location, scale and shape; 1e6 outside of its domain.
maxima_negloglik <- function(x, p) {
  z <- (x - p[1]) / p[2]
  if (p[2] <= 0) return(1e6)
  if (p[3] == 0) return(length(x) * log(p[2]) + sum(z + exp(-z)))
  u <- 1 + p[3] * z
  if (min(u) <= 0) return(1e6)
  length(x) * log(p[2]) + sum((1 + 1 / p[3]) * log(u) + u^(-1 / p[3]))
}

test_that("a likelihood that is rough close to the start, as that of extreme values is at shape 0", {
  lost <- wrong <- 0
  for (seed in 1:20) {
    set.seed(seed)
    x <- 4 - 0.2 * log(-log(runif(65)))
    negloglik <- function(p) maxima_negloglik(x, p)
    best <- lbfgsb(c(4, 0.2, 0.1), negloglik)$value
    fit <- lbfgsb(c(mean(x) - 0.45 * sd(x), 0.78 * sd(x), 0), negloglik)
    is_lost <- fit$value > best + 1e-4
    lost <- lost + is_lost
    wrong <- wrong + (is_lost && fit$convergence == 0)
  }
  expect_identical(wrong, 0)
  expect_lte(lost, 1) # one that says so
})

# Pairs of roughness tell a curvature in which no step moves the shape: what the last questions find, small step by small
# step, must not be all that does.
test_that("from a shape of next to 0, where f is rough, it does not creep", {
  evaluations <- lost <- 0
  for (seed in 1:10) {
    set.seed(seed)
    shape <- runif(1, -0.3, 0.4)
    x <- 10 + 2 * ((-log(runif(60)))^(-shape) - 1) / shape
    negloglik <- function(p) maxima_negloglik(x, c(p[1], exp(p[2]), p[3]))
    start <- c(mean(x) - 0.35 * sd(x), log(0.78 * sd(x)))
    best <- lbfgsb(c(start, 0.1), negloglik)$value
    for (first in c(1e-8, -1e-8)) {
      fit <- lbfgsb(c(start, first), negloglik)
      expect_true(fit$value <= best + 1e-3 || fit$convergence != 0)
      lost <- lost + (fit$value > best + 1e-3)
      evaluations <- evaluations + fit$counts[["function"]]
    }
  }
  expect_lte(lost, 1)
  expect_lte(evaluations, 6000) # 252,816 where each question that leads on is as short as the first
})

# The same by the curvature that the pairs tell
test_that("from a shape of 1e-7 it does not creep, either", {
  for (seed in c(15, 31)) {
    set.seed(seed)
    shape <- runif(1, -0.3, 0.4)
    x <- 10 + 2 * ((-log(runif(60)))^(-shape) - 1) / shape
    negloglik <- function(p) maxima_negloglik(x, c(p[1], exp(p[2]), p[3]))
    fit <- lbfgsb(c(mean(x) - 0.35 * sd(x), log(0.78 * sd(x)), 1e-7), negloglik, control = list(maxeval = 5000))
    expect_identical(fit$convergence, 0L)
    expect_lte(fit$counts[["function"]], 1000) # the limit where (45) is asked by no more of 1 / h_i
  }
})

# Up to where the penalty sets in f falls as a line, and no trial there is closer to it than the last but little.
test_that("the edge of a steep penalty is found", {
  for (seed in c(38, 123, 138)) {
    set.seed(seed)
    A <- crossprod(matrix(rnorm(12), 4))
    b <- rnorm(3, 0, 2)
    a <- rnorm(3)
    weight <- 10^runif(1, 2, 6)
    beyond <- function(x) max(0, sum(a * x) - .1)
    f <- function(x) sum(x * (A %*% x)) / 2 - sum(b * x) + weight * beyond(x)^2
    g <- function(x) drop(A %*% x) - b + 2 * weight * beyond(x) * a
    penalized <- A + 2 * weight * tcrossprod(a)
    minimum <- f(solve(penalized, b + .2 * weight * a))
    fit <- lbfgsb(c(0, 0, 0), f, g)
    expect_identical(fit$convergence, 0L)
    expect_equal(fit$value, minimum, tolerance = 1e-7)
    expect_lt(fit$counts[["function"]], 90)
  }
})

test_that("where a penalty sets in is no noise", {
  wrong <- 0
  for (seed in 1:50) {
    set.seed(seed)
    n <- sample(2:4, 1)
    target <- runif(n, 0.3, 1)
    weight <- 10^runif(1, 2, 5)
    fn <- function(p) sum((p - target)^2) + weight * max(0, sum(p) - 0.999)^2
    gr <- function(p) 2 * (p - target) + 2 * weight * max(0, sum(p) - 0.999)
    best <- lbfgsb(rep(0.1, n), fn, gr, lower = 0, upper = 1)$value
    fit <- lbfgsb(runif(n, 0.1, 0.6), fn, lower = 0, upper = 1)
    wrong <- wrong + (fit$convergence == 0 && fit$value > 1.001 * best)
  }
  expect_lte(wrong, 7) # of 50, as of nlminb()
})

test_that("W13: no point at the edge of a penalty of 1e300 is claimed, as none is where it is infinite", {
  ends <- function(seed, wall) {
    set.seed(seed)
    n <- sample(2:5, 1)
    A <- crossprod(matrix(rnorm(n * n), n)) + 0.1 * diag(n)
    center <- runif(n, 0.5, 2)
    fn <- function(x) if (sum(x) >= 1) wall else sum((x - center) * (A %*% (x - center)))
    fit <- suppressWarnings(lbfgsb(numeric(n), fn))
    c(fit$convergence, fit$value)
  }
  for (seed in 1:8) {
    end <- ends(seed, 1e300)
    expect_true(end[1] != 0)
    expect_identical(end, ends(seed, Inf))
  }
})

test_that("a run whose minimum is 0 ends when it has come there", {
  functions <- list(
    list(fn = function(x) (log(x[1]) - 1)^2 + x[2]^2,
         starts = list(c(5, 1), c(4.032782, 0.1114568), c(18.519452, 0.5925658))),
    list(fn = function(x) (x[1]^2 - 3)^2 + x[2]^2, starts = list(c(0.5259285, -1.569574)))
  )
  for (f in functions) for (start in f$starts) {
    fit <- suppressWarnings(lbfgsb(start, f$fn)) # NaN of a logarithm
    expect_identical(fit$convergence, 0L)
    expect_lt(fit$value, 1e-20 * f$fn(start))
    expect_lt(sum(fit$counts), 5000) # 486,147 of the first, without a limit
  }
})

test_that("far off, where f is a small part of what it was, a run goes on", {
  beale <- function(x) sum((c(1.5, 2.25, 2.625) - x[1] * (1 - x[2]^(1:3)))^2)
  fit <- lbfgsb(c(14000, 5000), beale)
  expect_identical(fit$convergence, 0L)
  expect_lt(fit$value, 1e-10)
})
