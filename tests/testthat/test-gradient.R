# The gradient by differences, and the points it looked at, as columns.
differences_of <- function(fn, par, lower = -Inf, upper = Inf, parscale = 1, ...) {
  points <- NULL
  recorded <- function(x) {
    points <<- cbind(points, x)
    fn(x)
  }
  problem <- new_problem(par, lower, upper, parscale)
  objective <- new_objective(recorded, NULL, problem, lbfgsb_control(), frame = environment())
  value <- read_value(fn(problem$par))$value
  c(objective$differences(problem$par, value), list(points = points))
}

smooth <- function(x) sum(exp(x) * sin(2 * x)) + prod(x)
smooth_gradient <- function(x) {
  exp(x) * (sin(2 * x) + 2 * cos(2 * x)) + vapply(seq_along(x), function(i) prod(x[-i]), 0)
}

test_that("differences are accurate inside of the box, at its bounds and near them", {
  for (par in list(c(0.3, -1.2, 2), c(-2, 0.5, 2), c(-2 + 1e-9, 0.5, 2 - 1e-9), c(0, 0, 0))) {
    d <- differences_of(smooth, par, lower = -2, upper = 2)
    expect_equal(d$gradient, smooth_gradient(par), tolerance = 1e-7)
  }
})

test_that("the formula is of second order, with offsets on one side and unequal ones too", {
  quadratic <- function(x) 3 * x^2 - 5 * x + 7
  for (offsets in list(c(1, -1), c(1, 2), c(-2, -0.5), c(-1, 0.25))) {
    slopes <- lapply(offsets, function(d) (quadratic(2 + d) - quadratic(2)) / d)
    expect_equal(extrapolate(offsets, slopes), 7)
  }
})

test_that("no point is outside of the box, however narrow it is", {
  set.seed(1)
  for (width in c(1, 1e-6, 1e-10, .Machine$double.eps)) {
    lower <- rnorm(4)
    upper <- lower + width * abs(lower)
    for (par in list(lower, upper, lower + (upper - lower) * runif(4))) {
      d <- differences_of(function(x) sum(x), par, lower, upper)
      expect_true(all(d$points >= lower & d$points <= upper))
      expect_true(all(is.finite(d$gradient)))
    }
  }
})

test_that("the gradient is right in narrow boxes", {
  par <- c(1, 2)
  d <- differences_of(function(x) sum(x^2), par, lower = par, upper = par + 1e-7)
  expect_equal(d$gradient, 2 * par, tolerance = 1e-6)
  one_ulp <- differences_of(function(x) 3 * x, 1, lower = 1, upper = 1 + .Machine$double.eps)
  expect_equal(one_ulp$gradient, 3, tolerance = 0.5)
})

test_that("a fixed parameter has gradient 0 and costs nothing", {
  d <- differences_of(smooth, c(0.5, 1, 0.5), lower = c(0, 1, 0), upper = c(2, 1, 2))
  expect_identical(d$gradient[2], 0)
  expect_identical(d$evaluations, 4)
  expect_true(all(d$points[2, ] == 1))
})

test_that("a side on which fn is not finite is answered by the other", {
  edge <- 0.7
  for (side in c(-1, 1)) {
    fn <- function(x) if (side * (x - edge) > 0) NaN else exp(x)
    d <- expect_silent(differences_of(fn, edge))
    expect_equal(d$gradient, exp(edge), tolerance = 1e-8)
  }
  alone <- differences_of(function(x) if (x == 1) 1 else Inf, 1)
  expect_identical(alone$gradient, NaN)
})

test_that("one finite point gives a derivative of first order", {
  narrow <- function(x) if (x > 1 + 7e-6) NaN else exp(x)
  expect_equal(differences_of(narrow, 1, lower = 1)$gradient, exp(1), tolerance = 1e-5)
})

test_that("steps are relative to the parameter's size", {
  for (size in 10^(-8:8)) {
    fn <- function(x) exp(x / size)
    d <- differences_of(fn, size, parscale = size)
    expect_equal(d$gradient * size, exp(1), tolerance = 1e-9)
  }
  for (scale in 10^(-5:2)) {
    at_zero <- differences_of(function(x) exp(x / scale), 0, lower = 0)
    expect_equal(at_zero$gradient * scale, 1, tolerance = 1e-4)
  }
})

test_that("differences read the values that fn() lists", {
  listed <- differences_of(function(x) list(value = sum(x^2)), c(1, 2))
  expect_equal(listed$gradient, c(2, 4), tolerance = 1e-8)
})

test_that("counts hold every evaluation of fn", {
  evaluations <- 0
  fn <- function(x) {
    evaluations <<- evaluations + 1
    sum((x - 1:3)^4)
  }
  fit <- lbfgsb(c(0, 0, 0), fn, upper = c(0.5, 5, 5))
  expect_identical(fit$counts[["function"]], as.integer(evaluations))
})

test_that("fn sees the attributes of par in differences as well", {
  fn <- function(x) {
    stopifnot(identical(dim(x), c(2L, 2L)))
    sum((x - 1)^2)
  }
  expect_equal(lbfgsb(diag(2), fn)$par, matrix(1, 2, 2), tolerance = 1e-5)
})
