# Values that are right to some digits only, with an exact gradient: the trials of a search show their noise, and the run
# goes on by the slopes.

breaks <- model.matrix(~ wool * tension, warpbreaks)
reference <- glm(breaks ~ wool * tension, poisson, warpbreaks)
break_counts <- function(beta) -sum(dpois(warpbreaks$breaks, exp(drop(breaks %*% beta)), log = TRUE))
count_slopes <- function(beta) drop(crossprod(breaks, exp(drop(breaks %*% beta)) - warpbreaks$breaks))
lowest <- -as.numeric(logLik(reference))
start <- c(3, 0, 0, 0, 0, 0)

# Off by up to a part `level` of the value, by a wave too fast to follow.
with_noise <- function(fn, level, seed) {
  set.seed(seed)
  frequency <- runif(1, 5e8, 2e9)
  function(beta) fn(beta) * (1 + level * sin(frequency * sum(beta * seq_along(beta))))
}

runs_with <- function(level, ...) {
  run <- function(seed) {
    fit <- suppressWarnings(lbfgsb(start, with_noise(break_counts, level, seed), count_slopes, control = list(...)))
    c(off = max(abs(fit$par - coef(reference)) / sqrt(diag(vcov(reference)))), code = fit$convergence, n = fit$counts[[1]])
  }
  vapply(1:20, run, c(off = 0, code = 0, n = 0))
}

test_that("noise that is told, or that a search shows, ends no run before its slopes are small", {
  exact <- lbfgsb(start, break_counts, count_slopes)$counts[["function"]]
  for (level in c(1e-8, 1e-6, 1e-4, 1e-2)) {
    for (runs in list(runs_with(level, noise = level), runs_with(level))) {
      expect_gte(sum(runs["code", ] == 0), 18)
      expect_lt(max(runs["off", ]), 0.05)
      if (level < 1e-2) expect_lt(median(runs["n", ]), 2.5 * exact)
    }
  }
})

test_that("the message tells of noise that a search has shown", {
  fit <- lbfgsb(start, with_noise(break_counts, 1e-3, 2), count_slopes)
  expect_match(fit$message, "fn carries a relative noise of about 0.0009")
})

test_that("a run with noise goes on to the same bits after any evaluation, and in any units of f", {
  fn <- with_noise(break_counts, 1e-3, 5)
  whole <- lbfgsb(start, fn, count_slopes)
  for (most in seq_len(whole$counts[["function"]] - 1)) {
    part <- suppressWarnings(lbfgsb(start, fn, count_slopes, control = list(maxeval = most, keep_state = TRUE)))
    rest <- lbfgsb_resume(part$state, fn, count_slopes, control = list(maxeval = Inf))
    expect_identical(rest[c("par", "value", "counts", "message")], whole[c("par", "value", "counts", "message")])
  }
  scaled <- lbfgsb(start, function(beta) 2^40 * fn(beta), function(beta) 2^40 * count_slopes(beta))
  expect_identical(scaled[c("par", "counts")], whole[c("par", "counts")])
})

test_that("neither a wrong gradient nor a jump is taken for noise", {
  wrong <- function(beta) count_slopes(beta) * c(1, 1, -1, 1, 1, 1)
  fit <- suppressWarnings(lbfgsb(start, break_counts, wrong))
  expect_false(fit$convergence == 0L)
  expect_match(fit$message, "the gradient disagrees with fn")
  expect_no_match(fit$message, "relative noise")
  for (at in c(-0.3, 0.1, 0.25)) {
    jump <- function(beta) break_counts(beta) + 5 * (beta[5] > at)
    expect_no_match(suppressWarnings(lbfgsb(start, jump, count_slopes))$message, "relative noise")
  }
})

test_that("beside noise slopes of a corner are no minimum", {
  corner <- function(x) abs(x[1] - 1) + 0.01 * (x[2] - 3)^2 + 1
  slopes <- function(x) c(sign(x[1] - 1), 0.02 * (x[2] - 3))
  for (seed in 1:10) {
    fit <- suppressWarnings(lbfgsb(c(0.2, 0), with_noise(corner, 1e-3, seed), slopes))
    expect_true(fit$convergence != 0L || corner(fit$par) < 1.01)
  }
})
