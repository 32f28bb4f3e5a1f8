begin_plain <- function(par, lower = -Inf, upper = Inf, parscale = 1, control = default_control) {
  .Call(C_begin, par, lower, upper, parscale, control)
}

test_that("C and R agree on what is plain", {
  expect_same <- function(par, lower = -Inf, upper = Inf, parscale = 1) {
    plain <- begin_plain(par, lower, upper, parscale)
    expect_identical(plain$problem, new_problem(par, lower, upper, parscale))
    made <- start_problem(new_problem(par, lower, upper, parscale), default_control)
    expect_identical(made[c("problem", "control")], plain[c("problem", "control")])
    expect_identical(made$run[c("history", "tally")], plain$run[c("history", "tally")])
  }
  expect_same(c(a = 1, b = 2))
  expect_same(matrix(1:4 / 8, 2), lower = 0, upper = c(1, 2, 3, Inf))
  expect_same(flatten(list(x = 1, y = c(2, 3))), lower = c(-1, -Inf, 3))
  expect_same(5, lower = 5, upper = 5)
  expect_same(c(-0, 0), lower = 0, parscale = c(2, 3))
})

test_that("what R takes for one of the first arguments, by the beginning of its name, is told", {
  y <- c(3, 5, 4)
  g <- c(0, 1, 1)
  shifted <- function(par, y, g) sum((y - par["a"] - par["b"] * g)^2)
  expect_snapshot(error = TRUE, {
    lbfgsb(c(a = 0, b = 0), shifted, y = y, g = g)
    lbfgsb(c(a = 0), function(th, y, p) sum((y - th - p)^2), y = y, p = 1)
    lbfgsb(c(a = 0), function(th, y, f) sum((y - th - f)^2), y = y, f = c(1, 2, 3))
    lbfgsb_multistart(3, function(th, y, s) sum((y - th)^2) / s, y = y, s = 2, lower = 0, upper = 9)
    lbfgsb_many(rbind(1, 2), function(th, g) sum((th - g)^2), g = g)
    do.call(lbfgsb, list(c(a = 0), function(th, g) sum((th - g)^2), g = g))
  })
  told <- lbfgsb(c(a = 0, b = 0), function(par, ...) shifted(par, ..., g = g), y = y)
  expect_equal(coef(told), c(a = 3, b = 1.5), tolerance = 1e-4)
})

test_that("what is not plain is left to R", {
  expect_null(begin_plain(1:2))
  expect_null(begin_plain(numeric()))
  expect_null(begin_plain(NULL))
  expect_null(begin_plain(list(a = 1)))
  expect_null(begin_plain(c(1, NA)))
  expect_null(begin_plain(c(1, Inf)))
  expect_null(begin_plain(1, lower = 2))
  expect_null(begin_plain(1, lower = 2, upper = 0))
  expect_null(begin_plain(1, upper = 0L))
  expect_null(begin_plain(1, upper = NA_real_))
  expect_null(begin_plain(c(1, 1, 1), lower = c(0, 0)))
  expect_null(begin_plain(c(a = 1, b = 1), lower = c(a = 0)))
  expect_null(begin_plain(c(a = 1, b = 1), parscale = c(a = 2)))
})

test_that("what R has made plain is the same run", {
  fn <- function(x) sum((x - 1:2)^4)
  reference <- lbfgsb(c(a = 5, b = 5), fn, lower = c(0, -Inf), control = list(m = 10))
  expect_identical(lbfgsb(c(a = 5L, b = 5L), fn, lower = c(a = 0), control = list(m = 10)), reference)
  named <- lbfgsb(c(a = 5, b = 5), fn, lower = c(b = -Inf, a = 0L), control = list(lmm = 10L))
  expect_identical(named, reference)
})

test_that("a problem that is larger than memory can be is refused", {
  expect_error(lbfgsb(1, sum, control = list(m = 2^31 - 1, pgtol = 0)), class = "lbfgsb_error_argument")
})

test_that("a start of a class is taken if it is numeric, and keeps its class", {
  start <- structure(c(5, 5), class = "lengths_in_m")
  fit <- lbfgsb(start, function(x) sum((unclass(x) - 1)^2))
  expect_s3_class(fit$par, "lengths_in_m")
  expect_equal(as.vector(unclass(fit$par)), c(1, 1), tolerance = 5e-6) # pgtol / 2, the curvature
  expect_error(lbfgsb(Sys.Date(), function(x) 1), class = "lbfgsb_error_argument")
})

test_that("what is missing is named", {
  expect_snapshot(error = TRUE, {
    lbfgsb(fn = sum)
    lbfgsb(1)
    lbfgsb(start = 1, objective = sum)
    lbfgsb(1, objective = sum)
  })
})

test_that("what cannot be taken is told in words", {
  fn <- function(par) sum(par^2)
  expect_snapshot(error = TRUE, {
    lbfgsb(1, fn, hessian = function(par) diag(2, 1))
    lbfgsb(1, fn, hessian = 1)
    lbfgsb(as.Date("2026-01-01"), fn)
    lbfgsb(factor("a"), fn)
    lbfgsb(quote(x), fn)
    lbfgsb(1, expression(x^2))
    lbfgsb(1:3, fn, control = list(m = 1e9))
    lbfgsb(1, fn, function(par) c(1, 2))
  })
})
