# A search from the point 0 of phi, where phi(step) is c(value, slope)
core_search <- function(phi, step, max_step = 1e10, max_trials = 20) {
  start <- phi(0)
  .Call(lbfgsb:::C_door_search, phi, start[1], start[2], step, max_step, as.integer(max_trials))
}

# The trials are the dense search's
expect_search <- function(phi, step, max_step = 1e10, max_trials = 20) {
  start <- phi(0)
  core <- core_search(phi, step, max_step, max_trials)
  dense <- dense_search(phi, start[1], start[2], step, max_step, max_trials)
  expect_equal(core$outcome, dense$outcome)
  expect_equal(length(core$trials), length(dense$trials))
  expect_equal(core$trials / dense$trials, rep(1, length(dense$trials)), tolerance = 1e-7)
  invisible(core)
}

sufficient_decrease <- function(phi, step) phi(step)[1] <= phi(0)[1] + 1e-3 * step * phi(0)[2]
small_slope <- function(phi, step) abs(phi(step)[2]) <= 0.9 * abs(phi(0)[2])

# c(value, slope) at 0 is start, at the first trial first, at any later one it ends the search
scripted <- function(start, first, trial) {
  function(step) if (step == 0) start else if (step == trial) first else c(start[1] - 1e6, 0)
}

# Moré, Thuente (1994), section 5 -------------------------------------------------------------------------------

rational <- function(a) c(-a / (a^2 + 2), (a^2 - 2) / (a^2 + 2)^2)

quintic <- function(a) {
  b <- a + 0.004
  c(b^5 - 2 * b^4, 5 * b^4 - 8 * b^3)
}

oscillating <- function(a) {
  beta <- 0.01
  l <- 39
  hinge <- if (abs(a - 1) >= beta) c(abs(a - 1), sign(a - 1)) else c((a - 1)^2 / beta + beta, 2 * (a - 1) / beta) / 2
  hinge + (1 - beta) * c(2 / (l * pi) * sin(l * pi * a / 2), cos(l * pi * a / 2))
}

yanai <- function(beta_1, beta_2) {
  gamma <- function(beta) sqrt(1 + beta^2) - beta
  function(a) {
    root_1 <- sqrt((1 - a)^2 + beta_2^2)
    root_2 <- sqrt(a^2 + beta_1^2)
    c(
      gamma(beta_1) * root_1 + gamma(beta_2) * root_2,
      gamma(beta_1) * (a - 1) / root_1 + gamma(beta_2) * a / root_2
    )
  }
}

functions <- list(rational, quintic, oscillating, yanai(0.001, 0.001), yanai(0.01, 0.001), yanai(0.001, 0.01))

test_that("Moré and Thuente's functions are searched as by the dense formulas, from their starts", {
  for (phi in functions) for (step in 10^c(-3, -1, 1, 3)) {
    accepted <- expect_search(phi, step)
    expect_equal(accepted$outcome, "accepted")
    expect_identical(accepted$step, accepted$trials[length(accepted$trials)])
    expect_true(sufficient_decrease(phi, accepted$step))
  }
})

test_that("the step satisfies the strong Wolfe conditions unless the interval became small", {
  for (phi in functions[c(1, 4, 5, 6)]) for (step in 10^c(-3, -1, 1, 3)) {
    expect_true(small_slope(phi, core_search(phi, step)$step))
  }
})
