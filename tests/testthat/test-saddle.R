# A fit that is no minimum, told by its Hessian and by values of fn (R/saddle.R).

saddle_of <- function(code) {
  saddle <- NULL
  fit <- withCallingHandlers(code, lbfgsb_warning_saddle = function(w) {
    saddle <<- w
    invokeRestart("muffleWarning")
  })
  list(fit = fit, warning = saddle)
}

waiting <- faithful$waiting
mixture <- function(p, unit = 1) {
  p <- p / unit
  -sum(log(plogis(p[1]) * dnorm(waiting, p[2], exp(p[3])) + plogis(-p[1]) * dnorm(waiting, p[4], exp(p[5]))))
}
equal <- c(w = 0, m1 = 70, s1 = 2.6, m2 = 70, s2 = 2.6)

test_that("a mixture that begins with equal components has not converged, in any units, and a way on is given", {
  for (unit in list(1, 2^20, c(1, 1e3, 1e-3, 1e3, 1e-3))) {
    for (sign in c(1, -1)) {
      fn <- function(p) sign * mixture(p, unit)
      found <- saddle_of(lbfgsb(equal * unit, fn, hessian = TRUE, control = list(fnscale = sign)))
      expect_s3_class(found$warning, c("lbfgsb_warning_saddle", "lbfgsb_warning"), exact = FALSE)
      expect_identical(found$fit$convergence, 51L)
      expect_identical(found$fit$gap, NA_real_)
      expect_match(found$warning$direction, "m1 \\([+-]\\), m2 \\([+-]\\)")
      expect_equal(fn(found$warning$par), found$warning$value)
      expect_lt(sign * found$warning$value, sign * found$fit$value - 0.1)
      again <- lbfgsb(found$warning$par, fn, control = list(fnscale = sign))
      expect_equal(sign * again$value, 1034.002, tolerance = 1e-6)
    }
  }
})

test_that("it is said in the message, in summary() and by the error of vcov()", {
  fn_is <- list(fn_is = "negloglik")
  fit <- saddle_of(lbfgsb(equal, mixture, hessian = TRUE, control = fn_is))$fit
  expect_snapshot(print(fit))
  expect_match(suppressWarnings(summary(fit))$validity, "No standard errors: .*the fit is no minimum: fn falls")
  without <- lbfgsb(equal, mixture, control = fn_is)
  expect_error(vcov(without), "the fit is no minimum: fn falls from there in the direction", class = "lbfgsb_error_hessian")
})

test_that("a saddle point and a maximum are found, of a list too, with a gradient or without", {
  wells <- function(p) ((p$a - 2)^2 - 1)^2 + p$b^2
  slopes <- function(p) list(a = 4 * (p$a - 2) * ((p$a - 2)^2 - 1), b = 2 * p$b)
  found <- saddle_of(lbfgsb(list(a = 2, b = 1), wells, slopes, hessian = TRUE))
  expect_match(found$warning$direction, "^a \\([+-]\\)$")
  expect_named(found$warning$par, c("a", "b"))
  expect_gt(attr(found$fit, "hessian_counts")[["function"]], 2)
  top <- saddle_of(lbfgsb(c(3, 3), function(x) exp(-sum((x - 3)^2)), hessian = TRUE))
  expect_identical(top$fit$convergence, 51L)
  product <- saddle_of(lbfgsb(c(a = 0, b = 0), prod, lower = -1, upper = 1, hessian = TRUE))
  expect_lt(product$warning$value, -0.1)
})

test_that("what has a minimum there is no saddle: at bounds, flat, nearly singular", {
  none <- function(...) {
    found <- saddle_of(lbfgsb(..., hessian = TRUE))
    expect_null(found$warning)
    expect_identical(found$fit$convergence, 0L)
  }
  none(c(0.5, 0.5), function(x) -sum(x^2), lower = 0, upper = 1)
  none(c(1, 2), function(x) (x[1] + x[2] - 1)^2)
  none(c(1, 2), function(x) (x[1] + x[2] - 1)^2 + 1e-9 * (x[1] - x[2])^4)
  none(1, function(x) 3)
  none(c(1, 1, 1), function(x) sum(abs(x)^1.5))
  ages <- 20:80
  powers <- outer(ages, 0:3, "^")
  set.seed(1)
  y <- 10 + 0.5 * ages + rnorm(61)
  none(numeric(4), function(b) sum((y - powers %*% b)^2), control = list(fn_is = "squares", nobs = 61))
})

test_that("of the problems of the tests only biggs6 ends at a saddle point, from which its minimum is reached", {
  small <- Filter(function(p) length(p$par) <= 12, problems)
  told <- lapply(small, function(p) {
    suppressWarnings(saddle_of(lbfgsb(p$par, p$fn, p$gr, lower = p$lower, upper = p$upper, hessian = TRUE))$warning)
  })
  told <- Filter(Negate(is.null), told)
  expect_named(told, "biggs6")
  expect_lt(lbfgsb(told$biggs6$par, problems$biggs6$fn, problems$biggs6$gr)$value, 1e-15)
})
