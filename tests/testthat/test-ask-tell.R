test_that("asking and telling is the same run, through a file at every step", {
  for (p in resumable()) {
    state <- lbfgsb_start(p$par, p$lower, p$upper, p$control)
    while (!is.null(par <- lbfgsb_ask(state))) {
      value <- p$fn(par)
      state <- through_file(lbfgsb_tell(state, value, if (is.finite(value)) p$gr(par)))
    }
    expect_identical(figures_of(lbfgsb_result(state)), figures_of(run_problem(p)))
  }
})

test_that("a wrong step of ask and tell is an error that leaves the state as it was", {
  state <- lbfgsb_start(c(a = 1, b = 2))
  before <- serialize(state, NULL)
  expect_snapshot(error = TRUE, {
    lbfgsb_tell(state, gradient = c(1, 1))
    lbfgsb_tell(state, 1, slope = 1)
    lbfgsb_tell(lbfgsb_tell(state, 1), 1)
    lbfgsb_tell(lbfgsb_tell(state, 1))
    lbfgsb_start(1, control = list(gradient = "complex"), differences = TRUE)
    lbfgsb_tell(state, 1, 1)
    lbfgsb_tell(state, c(1, 2), c(1, 2))
    lbfgsb_tell(state, "1", c(1, 2))
    lbfgsb_ask(list())
    lbfgsb_resume("no such file", sum)
  })
  expect_identical(serialize(state, NULL), before)
  finished <- lbfgsb_tell(state, 0, c(0, 0))
  expect_null(lbfgsb_ask(finished))
  expect_snapshot(error = TRUE, lbfgsb_tell(finished, 0, c(0, 0)))
  expect_snapshot(error = TRUE, {
    lbfgsb_result(state)
    lbfgsb_result(lbfgsb_tell(state, NaN))
  })
  expect_match(lbfgsb_result(lbfgsb_tell(state, 5, c(1, 1)))$message, "not finished")
})

test_that("the value first, and the gradient or the slope where it is wanted, is the same run", {
  for (p in resumable()) {
    state <- lbfgsb_start(p$par, p$lower, p$upper, p$control)
    wanted <- character()
    while (!is.null(par <- lbfgsb_ask(state))) {
      wanted <- c(wanted, lbfgsb_wanted(state))
      state <- through_file(if (lbfgsb_wanted(state) == "value") {
        lbfgsb_tell(state, p$fn(par))
      } else {
        lbfgsb_tell(state, gradient = p$gr(par))
      })
    }
    whole <- run_problem(p)
    ours <- lbfgsb_result(state)
    expect_null(lbfgsb_wanted(state))
    fields <- c("par", "value", "message", "iterations")
    expect_identical(unclass(ours)[fields], unclass(whole)[fields])
    expect_identical(ours$counts[["function"]], whole$counts[["function"]])
    expect_lte(ours$counts[["gradient"]], whole$counts[["gradient"]])
  }
  expect_true("value" %in% wanted && "gradient" %in% wanted)
})

# Where only the slope is wanted, that is told; `slopes` counts them.
by_slopes <- function(state, fn, gr) {
  slopes <- 0
  while (!is.null(par <- lbfgsb_ask(state))) {
    state <- switch(
      lbfgsb_wanted(state),
      value = lbfgsb_tell(state, fn(par)),
      gradient = lbfgsb_tell(state, gradient = gr(par)),
      slope = {
        slopes <- slopes + 1
        lbfgsb_tell(state, slope = sum(gr(par) * (par - lbfgsb_result(state)$par)))
      }
    )
  }
  list(fit = lbfgsb_result(state), slopes = slopes)
}

test_that("slopes that are told do as well as gradients", {
  fn <- function(x) 100 * (x[2] - x[1]^2)^2 + (1 - x[1])^2
  gr <- function(x) c(-400 * x[1] * (x[2] - x[1]^2) - 2 * (1 - x[1]), 200 * (x[2] - x[1]^2))
  for (scales in list(list(), list(fnscale = 4, parscale = c(2, 8)))) {
    told <- by_slopes(lbfgsb_start(c(-1.2, 1), control = scales), fn, gr)
    expect_gt(told$slopes, 0)
    expect_equal(told$fit$par, c(1, 1), tolerance = 1e-4)
    expect_equal(told$fit$iterations, lbfgsb(c(-1.2, 1), fn, gr, control = scales)$iterations)
  }
})

test_that("the value first, where rounding hides what fn does, leads to the minimum too", {
  withr::local_seed(1)
  for (n in rep(1:2, each = 40)) {
    target <- rnorm(n, 2)
    weight <- 10^runif(n, -1, 1)
    fn <- function(x) 1 + sum(weight * (x - target)^2) / 2 + 1e-12 * sin(1e9 * sum(x))
    gr <- function(x) weight * (x - target)
    fit <- by_slopes(lbfgsb_start(target * (1 + 1e-8 * rnorm(n))), fn, gr)$fit
    expect_identical(fit$convergence, 0L)
    expect_lt(max(abs(gr(fit$par))), 1e-7)
  }
})

test_that("values alone are the run of lbfgsb() without a gradient", {
  skip_on_cran() # long
  for (p in resumable()) {
    for (method in c("auto", "forward", "central")) {
      p$control$gradient <- method
      state <- lbfgsb_start(p$par, p$lower, p$upper, p$control, differences = TRUE)
      told <- 0
      while (!is.null(par <- lbfgsb_ask(state))) {
        if (told %% 7 == 0) state <- through_file(state)
        if (lbfgsb_wanted(state) != "value") fail("values alone are asked for")
        state <- lbfgsb_tell(state, p$fn(par))
        told <- told + 1
      }
      p$gr <- NULL
      expect_identical(figures_of(lbfgsb_result(state)), figures_of(run_problem(p)))
    }
  }
})

test_that("gradients that come with the values take the place of their differences", {
  for (p in resumable()[c("free", "bounded")]) {
    state <- lbfgsb_start(p$par, p$lower, p$upper, p$control, differences = TRUE)
    while (!is.null(par <- lbfgsb_ask(state))) state <- lbfgsb_tell(state, p$fn(par), p$gr(par))
    expect_identical(figures_of(lbfgsb_result(state)), figures_of(run_problem(p)))
  }
})

test_that("values alone are the run of lbfgsb() where noise is found on the way, too", {
  for (seed in 1:20) {
    set.seed(seed)
    best <- rnorm(4)
    fn <- function(x) (1 + sum(2^(-3:0) * (x - best)^2)) * (1 + 1e-5 * sin(1e7 * sum(x * 1:4)))
    start <- ifelse(runif(4) < 0.4, 0, rnorm(4))
    run <- lbfgsb_start(start, differences = TRUE)
    while (!is.null(at <- lbfgsb_ask(run))) run <- lbfgsb_tell(run, fn(at))
    expect_identical(lbfgsb_result(run)$par, lbfgsb(start, fn)$par)
  }
})

test_that("a run that a callback has ended is asked and told from where it was", {
  fn <- function(x) sum((x - 1:3)^4 + x^2)
  gr <- function(x) 4 * (x - 1:3)^3 + 2 * x
  callback <- function(at) if (at$iteration == 3) stop("enough")
  for (gradient in list(gr, NULL)) {
    whole <- lbfgsb(rep(0, 3), fn, gradient)
    state <- tryCatch(lbfgsb(rep(0, 3), fn, gradient, control = list(callback = callback)),
                      error = function(e) e$state)
    while (!is.null(par <- lbfgsb_ask(state))) {
      state <- lbfgsb_tell(state, fn(par), if (!is.null(gradient)) gradient(par))
    }
    told <- lbfgsb_result(state)
    fields <- c("par", "value", "counts", "message")
    expect_identical(told[fields], whole[fields])
  }
})

test_that("values for differences count in maxeval, to one", {
  fn <- function(x) sum((x - 1:5)^4) + sum(x[-1] * x[-5])
  control <- list(maxeval = 20)
  state <- lbfgsb_start(rep(3, 5), control = control, differences = TRUE)
  while (!is.null(x <- lbfgsb_ask(state))) state <- lbfgsb_tell(state, fn(x))
  fit <- lbfgsb_result(state)
  run <- lbfgsb(rep(3, 5), fn, control = control)
  expect_identical(fit$counts[["function"]], 20L)
  expect_identical(fit[c("par", "value", "convergence", "message", "counts")],
                   run[c("par", "value", "convergence", "message", "counts")])
  on <- lbfgsb_resume(state, fn, control = list(maxeval = Inf))
  expect_identical(on$par, lbfgsb(rep(3, 5), fn)$par)
})

test_that("a limit within the first gradient leaves a fit of the start", {
  fn <- function(x) sum((x - 1)^2)
  state <- lbfgsb_start(rep(3, 30), control = list(maxeval = 20), differences = TRUE)
  while (!is.null(x <- lbfgsb_ask(state))) state <- lbfgsb_tell(state, fn(x))
  fields <- c("par", "value", "convergence", "message", "counts")
  expect_identical(lbfgsb_result(state)[fields], lbfgsb(rep(3, 30), fn, control = list(maxeval = 20))[fields])
})

test_that("a better gradient is asked for where the search before has met an infinite value", {
  set.seed(9)
  lifetimes <- 3 + rweibull(30, 0.8, 2)
  nll <- function(p) if (p[1] >= min(lifetimes)) Inf else -sum(dweibull(lifetimes - p[1], exp(p[2]), exp(p[3]), log = TRUE))
  state <- lbfgsb_start(c(min(lifetimes) - 0.5, 0, 0), differences = TRUE)
  told <- 0
  while (!is.null(x <- lbfgsb_ask(state))) {
    state <- suppressWarnings(lbfgsb_tell(state, nll(x)))
    told <- told + 1
  }
  expect_gt(told, 418) # where it was said to be damaged
})
