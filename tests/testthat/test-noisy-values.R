# Functions whose values are right to some digits only: the start's differences may be all noise, and no gradient can be
# small beside a value whose last digits are.

breaks <- model.matrix(~ wool * tension, warpbreaks)
break_counts <- function(beta) -sum(dpois(warpbreaks$breaks, exp(drop(breaks %*% beta)), log = TRUE))
lowest <- -as.numeric(logLik(glm(breaks ~ wool * tension, poisson, warpbreaks)))

# Runs from `start` with values that are wrong by up to a part `level` of them, by chance or by a wave too fast to follow.
noisy_runs <- function(level, wave, ..., start = c(3, 0, 0, 0, 0, 0)) {
  run <- function(seed) {
    set.seed(seed)
    frequency <- runif(1, 5e8, 2e9)
    error <- if (wave) function(beta) sin(frequency * sum(beta)) else function(beta) runif(1, -1, 1)
    fit <- suppressWarnings(lbfgsb(start, function(beta) break_counts(beta) * (1 + level * error(beta)),
                                   control = list(...)))
    c(excess = break_counts(fit$par) - lowest, code = fit$convergence)
  }
  vapply(1:20, run, c(excess = 0, code = 0))
}

test_that("slopes that start at 0 are not held there by noise", {
  for (level in c(1e-10, 1e-8, 1e-6, 1e-5)) {
    for (wave in c(FALSE, TRUE)) {
      runs <- noisy_runs(level, wave)
      expect_lt(max(runs["excess", ]), 0.1)
      expect_gte(sum(runs["code", ] == 0), 16)
    }
  }
})

test_that("a noise that is told makes no run fail", {
  for (level in c(1e-8, 1e-6, 1e-5)) {
    runs <- noisy_runs(level, FALSE, noise = level)
    expect_lt(max(runs["excess", ]), 0.1)
    expect_gte(sum(runs["code", ] == 0), 18)
  }
})

test_that("T2-5: forward differences by a noise that is told have steps by the curvature seen, and end soon", {
  set.seed(1)
  X <- cbind(1, matrix(rnorm(120), 40))
  run <- function(y, noise) {
    fn <- function(b) sum(exp(drop(X %*% b)) - y * drop(X %*% b))
    fit <- suppressWarnings(lbfgsb(rep(0, 4), fn, control = list(gradient = "forward", noise = noise)))
    c(excess = fit$value - fn(coef(glm.fit(X, y, family = poisson()))), code = fit$convergence, count = fit$counts[[1]])
  }
  for (noise in c(1e-10, 1e-8, 1e-6)) {
    runs <- replicate(10, run(rpois(40, exp(X %*% c(1, 0.5, 0, -0.3))), noise))
    expect_lt(max(runs["excess", ]), 1e-3)
    expect_gte(sum(runs["code", ] == 0), 9)
    expect_lte(mean(runs["count", ]), 150)
  }
})

test_that("differences that noise has made too short do not end a run", {
  runs <- noisy_runs(1e-5, FALSE, noise = 1e-5, start = c(1, 0, 0, 0, 0, 0))
  expect_lt(max(runs["excess", ]), 0.1)
  expect_gte(sum(runs["code", ] == 0), 18)
})

test_that("so much noise as tells nothing excuses no steep slope", {
  rosenbrock <- function(x) 100 * (x[2] - x[1]^2)^2 + (1 - x[1])^2 + 1
  is_claimed_far_off <- function(seed) {
    set.seed(seed)
    fit <- suppressWarnings(lbfgsb(runif(2, -2, 2), function(x) rosenbrock(x) * (1 + 1e-2 * runif(1, -1, 1)), lower = -5,
                                   upper = 5, control = list(noise = 1e-2)))
    fit$convergence == 0 && rosenbrock(fit$par) > 1.5
  }
  expect_lte(sum(vapply(1:300, is_claimed_far_off, NA)), 36) # two thirds of them by the root of any noise
})

test_that("where the slopes explain the first value of a table, it ends there", {
  sharp <- function(p) sum((c(1, 1e7, 1e7) * p - 1:3)^2) + 1
  evaluations <- function(...) lbfgsb(c(1, 0, 0), sharp, control = list(...))$counts[["function"]]
  expect_identical(evaluations() - evaluations(noise = 0), 1L)
})

test_that("values of few digits beside an exact gradient end no run too early, nor late", {
  run <- function(seed, digits) {
    set.seed(seed)
    X <- cbind(1, matrix(rnorm(800), 200))
    y <- rpois(200, exp(X %*% rnorm(5, 0, 0.5)))
    exact <- function(b) sum(exp(X %*% b) - y * X %*% b + lgamma(y + 1))
    fit <- lbfgsb(numeric(5), function(b) signif(exact(b), digits), function(b) drop(crossprod(X, exp(X %*% b) - y)))
    c(code = fit$convergence, excess = exact(fit$par) - exact(glm.fit(X, y, family = poisson())$coefficients),
      evaluations = fit$counts[["function"]])
  }
  runs <- mapply(run, 1:10, c(6, 8, 10, 6, 8))
  expect_identical(unname(runs["code", ]), numeric(10))
  expect_lt(max(runs["excess", ]), 1e-6)
  expect_lt(max(runs["evaluations", ]), 100) # up to 500 where a value that is no lower is refused
})

# By |x_i| they would be far too long for a valley, by the root of the noise
test_that("once the noise is known, steps go by the curvature", {
  valley <- function(x) 100 * (x[2] - x[1]^2)^2 + (1 - x[1])^2
  run <- function(seed) {
    set.seed(seed)
    start <- c(-1.2, 1) + rnorm(2, 0, 0.2)
    frequency <- 10^runif(1, 5, 8)
    fit <- suppressWarnings(lbfgsb(start, function(x) valley(x) + 1e-6 * sin(frequency * (x[1] + 1.3 * x[2]))))
    c(solved = fit$value < 3e-6, wrong = fit$convergence == 0 && fit$value > 1e-5)
  }
  runs <- rowSums(vapply(1:100, run, c(NA, NA)))
  expect_gte(runs[["solved"]], 45) # 52; none by |x_i|
  expect_lte(runs[["wrong"]], 15) # 8; 33 by |x_i|
})

# The step by the noise, eta^(1/3) |x|, is longer than the spread there: a ten-thousandth of it is no digit of the minimum
test_that("noise that is known is no reason to claim a location far from 0", {
  for (case in list(c(at = 1e7, noise = 1e-8), c(at = 2459000, noise = 1e-6))) {
    for (seed in 1:5) {
      set.seed(seed)
      y <- case[["at"]] + rnorm(50)
      frequency <- 10^runif(1, 6, 8)
      exact <- function(p) -sum(dnorm(y, p, log = TRUE))
      fn <- function(p) exact(p) * (1 + case[["noise"]] * sin(frequency * (p - case[["at"]])))
      fit <- suppressWarnings(lbfgsb(case[["at"]] + 0.5, fn, control = list(noise = case[["noise"]])))
      expect_lt(exact(fit$par) - exact(mean(y)), 10 * case[["noise"]] * exact(mean(y))) # up to 12 where it was claimed at once
    }
  }
})

# The start is large beside the period: steps that are small beside it span whole waves, or a peak, which look like noise
positions <- list(
  season = function() {
    t <- seq(1990, 2010, 1 / 12)
    y <- 10 + 6 * cos(2 * pi * (t - 0.55)) + 0.03 * (t - 2000) + rnorm(length(t))
    list(fn = function(p) sum((y - p[1] - p[2] * (t - 2000) - p[3] * cos(2 * pi * (t - p[4])))^2), par = c(10, 0, 5, 2000),
         lower = c(-Inf, -Inf, 0, -Inf))
  },
  pulsation = function() {
    begin <- 2455000
    t <- begin + sort(runif(60, 0, 40))
    y <- 12 + 0.8 * sin(2 * pi * (t - begin - 1.3) / 5.4) + rnorm(60, 0, 0.1)
    list(fn = function(p) sum((y - p[1] - p[2] * sin(2 * pi * (t - p[3]) / 5.4))^2), par = c(12, 0.5, begin),
         lower = c(-Inf, 0, -Inf))
  },
  mass = function() {
    centre <- 1000.5 + runif(1)
    x <- centre + seq(-0.3, 0.3, 0.01)
    y <- 1e4 * exp(-0.5 * ((x - centre - 0.02) / 0.05)^2) + rnorm(61, 50, 30)
    list(fn = function(p) sum((y - p[1] * exp(-0.5 * ((x - p[2]) / p[3])^2) - p[4])^2), par = c(1e4, centre, 0.1, 0),
         lower = c(0, -Inf, 1e-4, -Inf))
  }
)

test_that("a wave or a peak, of a position far from 0, is no noise, in any units", {
  for (position in positions) {
    for (seed in 1:8) {
      set.seed(seed)
      p <- position()
      fit <- lbfgsb(p$par, p$fn, lower = p$lower)
      near <- lbfgsb(p$par, p$fn, lower = p$lower, control = list(parscale = 1))
      expect_identical(fit$convergence, 0L)
      expect_lt(fit$value, near$value * (1 + 1e-6))
      expect_no_match(fit$message, "noise")
      unit <- ifelse(p$par == 0, 1, 2^c(7, -3, 5, 2)[seq_along(p$par)])
      other <- lbfgsb(p$par * unit, function(x) 2^9 * p$fn(x / unit), lower = p$lower * unit)
      expect_identical(other$value, 2^9 * fit$value)
      expect_identical(other$counts, fit$counts)
    }
  }
})

test_that("a large noise that is there, by chance or of two digits, is found", {
  exact <- function(x) 5 + sum(c(1, 3) * (x - 1)^2)
  for (seed in 1:10) {
    set.seed(seed)
    start <- rnorm(2, 0, 3)
    by_chance <- suppressWarnings(lbfgsb(start, function(x) exact(x) * (1 + 1e-2 * runif(1, -1, 1))))
    digits <- suppressWarnings(lbfgsb(start, function(x) signif(exact(x), 2)))
    for (fit in list(by_chance, digits)) expect_match(fit$message, "a relative noise of about")
  }
})

test_that("corners and bends of robust losses are no noise, from afar, in other units and beside a large place", {
  for (k in 1:20) {
    set.seed(18)
    X <- cbind(1, rnorm(80, 20, 5), rnorm(80) * 1e3)
    y <- drop(X %*% c(3, 1, 0.002) + rt(80, 1.5))
    huber <- function(b) {
      r <- abs(y - drop(X %*% b))
      sum(ifelse(r < 1, r^2 / 2, r - 0.5))
    }
    set.seed(1000 + k)
    unit <- 10^runif(3, -4, 4)
    fit <- lbfgsb(c(10^runif(1, 2, 7), 0, 0) / unit, function(p) huber(p * unit))
    expect_lt(fit$value, 99.36858 + 1e-3)
  }
  for (seed in 1:20) {
    set.seed(seed)
    x <- 6563 + seq(-4, 4, 0.25)
    y <- 1 + 5 * exp(-(x - 6563)^2 / 2) + rt(33, 2) * 0.2
    loss <- function(p) sum(sqrt(1 + ((y - p[1] - p[2] * exp(-(x - p[3])^2 / 2 / p[4]^2)) / 0.2)^2) - 1)
    start <- c(0.5, 3, 6563 + rnorm(1, 0, 0.5), 1.5)
    fit <- lbfgsb(start, loss)
    expect_no_match(fit$message, "relative noise")
    expect_lt(fit$value, lbfgsb(start, loss, control = list(noise = 0))$value + 1e-3)
  }
})

# A guard such as `if (abs(xi) < 1e-4)` is a step of fn next to a start at 0, which differences there take for noise
guarded_pareto <- function(seed, tol, unit) {
  set.seed(seed)
  y <- 3 * (runif(150)^-0.4 - 1) / 0.4
  function(p) {
    shape <- p[2] / unit
    if (abs(shape) < tol) return(sum(p[1] + y / exp(p[1])))
    w <- 1 + shape * y / exp(p[1])
    if (any(w <= 0)) Inf else sum(p[1] + (1 + 1 / shape) * log(w))
  }
}

test_that("a step of a guard at the start is no noise", {
  for (seed in 1:5) {
    for (tol in c(1e-5, 1e-4, 2e-4, 3e-4, 5e-4, 1e-3)) {
      fn <- guarded_pareto(seed, tol, 1)
      fit <- lbfgsb(c(0, 0), fn)
      expect_identical(fit$convergence, 0L)
      expect_no_match(fit$message, "noise")
      expect_lt(fit$value, nlminb(c(log(3), 0.4), fn)$objective + 1e-4)
    }
  }
})

test_that("noise that was found elsewhere is measured anew where the run is to end, and goes on to the same bits", {
  for (seed in 1:5) {
    fn <- guarded_pareto(seed, 1e-4, 100)
    fit <- lbfgsb(c(0, 0), fn)
    expect_identical(fit$convergence, 0L)
    expect_no_match(fit$message, "noise")
    expect_lt(fit$value, nlminb(c(log(3), 40), fn)$objective + 1e-4)
  }
  for (most in seq_len(fit$counts[["function"]] - 1)) {
    part <- suppressWarnings(lbfgsb(c(0, 0), fn, control = list(maxeval = most, keep_state = TRUE)))
    resumed <- lbfgsb_resume(part$state, fn, control = list(maxeval = Inf))
    expect_identical(resumed[c("par", "value", "counts")], fit[c("par", "value", "counts")])
  }
})

# A zero-inflated Poisson model of counts that are Poisson's: the logit of the inflation has its best value at -Inf.
inflated_counts <- function(seed, digits) {
  set.seed(seed)
  x <- rnorm(150)
  y <- rpois(150, exp(0.5 + 0.3 * x))
  fn <- function(p) {
    zero <- plogis(p[3])
    signif(-sum(log(ifelse(y == 0, zero, 0) + (1 - zero) * dpois(y, exp(p[1] + p[2] * x)))), digits)
  }
  list(fn = fn, best = -as.numeric(logLik(glm(y ~ x, poisson))))
}

test_that("where f has become level along a parameter, a step that is too wide tells no slope", {
  run <- function(seed, digits) {
    counts <- inflated_counts(seed, digits)
    fit <- lbfgsb(c(0, 0, 0), counts$fn)
    c(excess = (fit$value / counts$best - 1) * 10^digits, code = fit$convergence)
  }
  cases <- expand.grid(seed = 1:15, digits = c(7, 9, 11))
  runs <- mapply(run, cases$seed, cases$digits)
  expect_identical(unname(runs["code", ]), numeric(45))
  expect_lt(max(runs["excess", cases$digits < 11]), 30)
})

test_that("such steps are taken again as well where a run is resumed, and in any units of f", {
  fn <- inflated_counts(1, 9)$fn
  whole <- lbfgsb(c(0, 0, 0), fn)
  for (maxeval in seq_len(whole$counts[["function"]] - 1)) {
    part <- suppressWarnings(lbfgsb(c(0, 0, 0), fn, control = list(maxeval = maxeval, keep_state = TRUE)))
    rest <- lbfgsb_resume(part$state, fn, control = list(maxeval = Inf))
    expect_identical(rest[c("par", "value", "counts")], whole[c("par", "value", "counts")])
  }
  scaled <- lbfgsb(c(0, 0, 0), function(p) 2^40 * fn(p))
  expect_identical(scaled[c("par", "counts")], whole[c("par", "counts")])
})
