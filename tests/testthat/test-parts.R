# Returns what is kept of what interrupt() ends, as at the prompt.
until_interrupted <- function(code) {
  lbfgsb_last(forget = TRUE)
  withRestarts(code, abort = function() NULL)
  lbfgsb_last()
}

test_that("an interrupted profile leaves the parameters that are done", {
  is_far <- function(p) FALSE
  fn <- function(p) if (is_far(p)) interrupt() else sum((p - 1:3)^2)
  fit <- lbfgsb(c(a = 0, b = 0, c = 0), fn, control = list(fn_is = "negloglik"), hessian = TRUE)
  two <- profile(fit, c("a", "b"))
  is_far <- function(p) all(abs(p - 1:3)[1:2] < 1e-3) && abs(p[["c"]] - 3) > 0.1
  last <- until_interrupted(profile(fit))
  expect_s3_class(last, "lbfgsb_unfinished_parts")
  is_far <- function(p) FALSE
  expect_equal(last$done, two, ignore_attr = "fit")
  expect_identical(confint(last$done), confint(two))
})

test_that("an interrupted bootstrap is one with fewer replicates", {
  fit <- lbfgsb(c(mu = 10), function(par, y) sum((y - par)^2) / 2, y = cars$speed, control = list(fn_is = "negloglik"))
  draws <- 0
  draw <- function(par, y) {
    if ((draws <<- draws + 1) > limit) interrupt()
    rnorm(length(y), par)
  }
  limit <- 6 # one of them looks whether fn depends on y
  last <- until_interrupted(lbfgsb_boot(fit, 9, data = "y", simulate = draw))
  limit <- Inf
  five <- lbfgsb_boot(fit, 5, data = "y", simulate = draw)
  expect_identical(last$done[c("t0", "t", "R", "failures")], five[c("t0", "t", "R", "failures")])
  expect_identical(confint(last$done), confint(five))
  nine <- lbfgsb_boot(fit, 9, data = "y", simulate = draw)
  expect_identical(lbfgsb_boot(last$done, 9), nine, ignore_function_env = TRUE)
  expect_output(print(last), "To go on:      lbfgsb_boot(lbfgsb_last()$done, replicates)", fixed = TRUE)
})

test_that("interrupted starts leave the runs that are done, unless all have failed", {
  stops_at <- 3
  fn <- function(x) if (x == stops_at) interrupt() else (x^2 - 2)^2 + x / 10
  starts <- cbind(x = c(-1, 1, 3, 4))
  last <- until_interrupted(lbfgsb_multistart(starts, fn, lower = -5, upper = 5))
  expect_s3_class(last$done, "lbfgsb_multistart")
  stops_at <- Inf
  whole <- lbfgsb_multistart(starts, fn, lower = -5, upper = 5)
  expect_identical(last$done$runs, whole$runs[1:2, ])
  expect_identical(coef(last$done), coef(whole))
  failing <- function(x) if (x == 3) interrupt() else stop("no")
  expect_null(until_interrupted(lbfgsb_multistart(starts, failing))$done)
})

test_that("at the prompt a line says what is kept, and lbfgsb_last() how to get it", {
  stops_at <- 3
  fn <- function(x) if (x == stops_at) interrupt() else x^2
  run <- function() until_interrupted(lbfgsb_multistart(cbind(x = 1:4), fn))
  expect_silent(run())
  withr::local_options(lbfgsb.status = TRUE)
  expect_snapshot({
    last <- run()
    last
    lbfgsb_last(forget = TRUE)
    last
    stops_at <- 1
    run()
  })
  expect_error(lbfgsb_resume(last), "its `done`", class = "lbfgsb_error_state")
})
