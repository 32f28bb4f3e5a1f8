bowl <- function(par, ...) sum((par - 1)^2)
rows <- function(par, fits) rowSums((par - 1)^2)
starts <- rbind(c(a = 0, b = 0), c(2, 2))
gamma_nll <- function(par, y, w = 1) -sum(w * dgamma(y, par["shape"], par["rate"], log = TRUE))

test_that("options that a call cannot follow are errors that say what to do", {
  fit <- lbfgsb(c(shape = 2, rate = 0.2), gamma_nll, y = cars$speed, lower = 1e-6,
                control = list(fn_is = "negloglik", nobs = 50))
  expect_snapshot(error = TRUE, {
    lbfgsb_many(starts, bowl, control = list(trace = 1))
    lbfgsb_many(starts, bowl, control = list(callback = print))
    lbfgsb_many(starts, bowl, control = list(keep_state = TRUE))
    lbfgsb_many(starts, bowl, control = list(polish = TRUE))
    lbfgsb_many(starts, rows, block = 2, control = list(checkpoint = "file"))
    lbfgsb_many(starts, rows, block = 2, control = list(maxtime = 1))
    lbfgsb_many(starts, bowl, hessian = TRUE)
    lbfgsb_many(starts, rows, block = 2, fixed = c(a = 1))
    lbfgsb_multistart(starts, bowl, control = list(checkpoint = "file"))
    lbfgsb_boot(fit, 2, weights = "w", control = list(trace = TRUE))
    lbfgsb_boot(fit, 2, weights = "w", control = list(parscale = 1:2))
    lbfgsb_boot(fit, 2, weights = "w", control = list(hessian_diag = 1:2))
    lbfgsb_start(1:2, control = list(maxtime = 1))
    lbfgsb_start(1:2, control = list(callback = print))
  })
})

test_that("options that are off, or of the fit's own run, are no errors", {
  off <- list(trace = FALSE, callback = NULL, keep_state = FALSE, checkpoint = NULL, polish = FALSE, maxtime = Inf)
  for (control in list(off, lbfgsb_control())) {
    expect_silent(lbfgsb_many(starts, rows, block = 2, control = control))
    expect_silent(lbfgsb_multistart(starts, bowl, control = control))
    expect_silent(lbfgsb_start(1:2, control = control))
  }
  watched <- list(fn_is = "negloglik", nobs = 50, callback = function(progress) NULL, parscale = c(rate = 0.1))
  fit <- lbfgsb(c(shape = 2, rate = 0.2), gamma_nll, y = cars$speed, lower = 1e-6, control = watched)
  expect_silent(lbfgsb_boot(fit, 2, weights = "w", control = off))
})

test_that("fits one at a time have fixed parameters, and fn its own arguments", {
  expect_identical(lbfgsb_many(starts, bowl, fixed = c(a = 5))$a, c(5, 5))
  own <- function(par, fits, fixed, hessian) rowSums((par - fixed)^2) + hessian
  fits <- lbfgsb_many(starts, own, fixed = 3, hessian = 1, block = 2)
  expect_equal(fits$a, c(3, 3))
  expect_equal(fits$value, c(1, 1))
})

test_that("a diagonal of the Hessian tells the scales of runs from many starts", {
  runs <- lbfgsb_multistart(starts, bowl, control = list(hessian_diag = c(2, 2)))
  expect_identical(runs$optima$runs, 2L)
  expect_identical(control_of(runs$best)$parscale, c(1, 1))
})
