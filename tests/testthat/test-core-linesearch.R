# phi(step) is c(value, slope); the search starts at step 0, where phi is `start`.
core_search <- function(phi, step, max_step = 1e10, max_trials = 20, start = phi(0)) {
  .Call(lbfgsb:::C_door_search, phi, start[1], start[2], step, max_step, as.integer(max_trials))
}

reference_search <- function(phi, step, max_step = 1e10, max_trials = 20, start = phi(0)) {
  dense_search(phi, start[1], start[2], step, max_step, max_trials)
}

expect_same_search <- function(core, dense) {
  expect_identical(core$outcome, dense$outcome)
  expect_close(log(core$trials), log(dense$trials))
}

sufficient_decrease <- function(phi, step) phi(step)[1] <= phi(0)[1] + 1e-3 * step * phi(0)[2]
small_slope <- function(phi, step) abs(phi(step)[2]) <= 0.9 * abs(phi(0)[2])

# Whatever the steps are, the j-th call returns row j of `points`, a call after the last row the last
replay <- function(points) {
  call <- 0
  function(step) {
    call <<- min(call + 1, nrow(points))
    points[call, ]
  }
}

# The steps tried from c(0, -1) when the trials, first at 1, give the rows of `points`
trials_of <- function(points, ...) core_search(replay(points), 1, ..., start = c(0, -1))$trials

# Moré, Thuente (1994), section 5 -------------------------------------------------------------------

rational <- function(a) c(-a / (a^2 + 2), (a^2 - 2) / (a^2 + 2)^2)

quintic <- function(a) {
  b <- a + 0.004
  c(b^5 - 2 * b^4, 5 * b^4 - 8 * b^3)
}

oscillating <- function(a) {
  beta <- 0.01
  l <- 39
  hinge <- if (abs(a - 1) >= beta) {
    c(abs(a - 1), sign(a - 1))
  } else {
    c((a - 1)^2 / (2 * beta) + beta / 2, (a - 1) / beta)
  }
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

test_that("the search of Moré and Thuente's functions is the dense one, from each of their starts", {
  for (phi in functions) for (step in 10^c(-3, -1, 1, 3)) {
    core <- core_search(phi, step)
    expect_same_search(core, reference_search(phi, step))
    expect_identical(core$outcome, "accepted")
    expect_identical(core$step, core$trials[length(core$trials)])
    expect_true(sufficient_decrease(phi, core$step))
  }
})

test_that("the step satisfies the strong Wolfe conditions", {
  for (phi in functions[c(1, 4, 5, 6)]) for (step in 10^c(-3, -1, 1, 3)) {
    expect_true(small_slope(phi, core_search(phi, step)$step))
  }
})

test_that("the search ends with sufficient decrease when the interval is small", {
  kink <- function(a) if (a < 0.3) c(-a, -1) else c(10 * a - 3.3, 10)
  core <- core_search(kink, 1)
  expect_same_search(core, reference_search(kink, 1))
  expect_identical(core$outcome, "accepted")
  expect_true(sufficient_decrease(kink, core$step))
  expect_false(small_slope(kink, core$step))
})

test_that("the dense interpolants interpolate", {
  cubic <- function(t) list(step = t, value = t^3 - 3 * t, slope = 3 * t^2 - 3)
  expect_equal(cubic_minimizer(cubic(-3), cubic(0.5)), 1)
  expect_equal(cubic_minimizer(cubic(4), cubic(2)), 1)
  parabola <- function(t) list(step = t, value = (t - 2)^2, slope = 2 * (t - 2))
  expect_equal(cubic_minimizer(parabola(0), parabola(3)), 2)
  expect_equal(parabola_minimizer(parabola(0), parabola(3)), 2)
  expect_equal(secant_zero(parabola(0), parabola(3)), 2)
})

# Moré, Thuente (1994), section 4 -------------------------------------------------------------------

test_that("case 1, a higher value: the cubic's minimizer or the mean with the parabola's", {
  expect_equal(trials_of(rbind(c(1, 2)))[2], 1 / (3 + sqrt(6)))
  expect_equal(trials_of(rbind(c(1, 6)))[2], ((1 + sqrt(10)) / 9 + 1 / 4) / 2)
})

test_that("case 2, slopes of opposite sign: the minimizer of the cubic or the secant, whichever is farther", {
  expect_equal(trials_of(rbind(c(-0.2, 2)))[2], 1 / 3)
  expect_equal(trials_of(rbind(c(-0.002, 0.95)))[2], 1 / (1.044 + sqrt(1.044^2 - 0.138)))
})

test_that("case 3, a flatter slope, not bracketed: the farther of both, 1.1 to 4 times the last move on", {
  # the second trial is 5 (case 4), the third lies in [9.4, 21]; the secant's zero is 9
  third <- function(value) trials_of(rbind(c(-2, -3), c(value, -1.5)))[3]
  expect_equal(third(-11.5), 9.4)
  expect_equal(third(-10.9), 1 + 48 / (3.3 + sqrt(3.69)))
  expect_equal(third(-10), 21) # the cubic has no minimizer
})

test_that("case 3, bracketed: the nearer of both, but at most 0.66 of the way to the other end", {
  second <- 1 / (3 + sqrt(6))
  expect_equal(trials_of(rbind(c(1, 2), c(-0.17, -0.95)))[3], second + 0.66 * (1 - second))
})

test_that("case 4, a steeper slope: 4 times the last move on, or bracketed the cubic through the other end", {
  expect_equal(trials_of(rbind(c(-1, -2)))[2], 5)
  expect_equal(trials_of(rbind(c(-1, -2)), max_step = 3)[2], 3)
  second <- list(step = 1 / (3 + sqrt(6)), value = -0.3, slope = -1.5)
  other <- list(step = 1, value = 1, slope = 2)
  expect_equal(trials_of(rbind(c(1, 2), c(-0.3, -1.5)))[3], cubic_minimizer(second, other))
})

test_that("an interval that did not shrink to 0.66 of its width in two trials is halved", {
  second <- 1 / (3 + sqrt(6))
  expect_equal(trials_of(rbind(c(1, 2), c(-0.3, -1.5)), max_step = 1)[3], (second + 1) / 2)
})

test_that("any sequence of cases is the dense one", {
  # random mean slopes from 0, some between phi'(0) / 1000 and 0, and slopes too steep to be accepted
  wild <- function(seed) {
    set.seed(seed)
    mean_slope <- ifelse(runif(20) < 0.2, -5e-4, rnorm(20, -0.5))
    slope <- sample(c(-1, 1), 20, TRUE, c(0.6, 0.4)) * (0.9 + rexp(20))
    steps <- numeric()
    function(step) {
      steps <<- union(steps, step)
      call <- match(step, steps)
      c(step * mean_slope[call], slope[call])
    }
  }
  for (seed in 1:500) for (max_step in c(30, 1e10)) {
    core <- core_search(wild(seed), 1, max_step, start = c(0, -1))
    expect_same_search(core, reference_search(wild(seed), 1, max_step, start = c(0, -1)))
  }
})

# The ends of a search ------------------------------------------------------------------------------

test_that("the largest step is accepted when phi descends up to it", {
  line <- function(a) c(-a, -1)
  expect_equal(core_search(line, 1, max_step = 3), list(trials = c(1, 3), outcome = "accepted", step = 3))
  expect_equal(core_search(line, 1, max_step = 1), list(trials = 1, outcome = "accepted", step = 1))
  for (phi in functions) expect_lte(max(core_search(phi, 0.1, max_step = 0.2)$trials), 0.2)
})

test_that("a start that does not descend fails without a trial", {
  for (slope in c(0, 1)) {
    failed <- core_search(function(a) c(a^2, slope), 1, start = c(0, slope))
    expect_identical(failed$outcome, "failed")
    expect_length(failed$trials, 0)
  }
})

test_that("phi that never decreases fails when the trials are used up", {
  for (phi in list(function(a) c(a, -1), function(a) c(0, -1))) for (max_trials in c(1, 7, 20)) {
    failed <- core_search(phi, 1, max_trials = max_trials)
    expect_same_search(failed, reference_search(phi, 1, max_trials = max_trials))
    expect_identical(failed$outcome, "failed")
    expect_length(failed$trials, max_trials)
  }
})

test_that("a trial that is not finite shortens the step", {
  # a barrier at 0.3, minimizer 0.2
  for (beyond in list(c(NaN, 0), c(NA, 0), c(Inf, 0), c(-Inf, 0), c(0, NaN), c(0, Inf))) {
    barrier <- function(a) if (a < 0.3) c(-log(0.3 - a) - 10 * a, 1 / (0.3 - a) - 10) else beyond
    for (step in c(0.31, 1, 100)) {
      core <- core_search(barrier, step)
      expect_identical(core$outcome, "accepted")
      expect_true(sufficient_decrease(barrier, core$step))
      failed <- which(core$trials >= 0.3)
      expect_true(1 %in% failed)
      expect_true(all(diff(core$trials)[failed] < 0))
      expect_true(all(core$trials > 0))
    }
  }
})

test_that("after a finite trial the step is shortened towards that one", {
  edge <- function(a) if (a < 2) c(-a^2 - a, -2 * a - 1) else c(NaN, NaN)
  trials <- core_search(edge, 1)$trials
  expect_equal(trials[1:2], c(1, 5))
  expect_gt(trials[3], 1)
  expect_lt(trials[3], 5)
})

test_that("a step that is not finite is the limit of those to come", {
  edge <- function(a) if (a < 2) c(-a^2 - a, -2 * a - 1) else c(NaN, NaN)
  expect_equal(core_search(edge, 1), list(trials = c(1, 5, 1.8), outcome = "accepted", step = 1.8))
})

test_that("a search without a finite trial fails when the trials are used up", {
  for (max_trials in c(1, 7, 20)) {
    failed <- core_search(function(a) c(NaN, NaN), 1, max_trials = max_trials, start = c(0, -1))
    expect_identical(failed$outcome, "failed")
    expect_length(failed$trials, max_trials)
    expect_true(all(failed$trials > 0))
    expect_true(all(diff(failed$trials) < 0))
  }
})

test_that("trials that are not finite count among the trials", {
  # every second trial is not finite, the others are too high
  call <- 0
  failed <- core_search(function(a) {
    call <<- call + 1
    if (call %% 2 == 1) c(NaN, NaN) else c(a, -1)
  }, 1, max_trials = 9, start = c(0, -1))
  expect_identical(failed$outcome, "failed")
  expect_length(failed$trials, 9)
})
