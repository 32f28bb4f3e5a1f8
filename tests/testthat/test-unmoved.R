# A quartic with its minimum at (1, 2, 3), of which the gradient forgets the parameters `without`.
quartic <- function(x) sum((x - 1:3)^4) + (x[[1]] - x[[2]] + 1)^2
slopes <- function(x) 4 * (x - 1:3)^3 + 2 * (x[[1]] - x[[2]] + 1) * c(1, -1, 0)
forgetting <- function(without) function(x) replace(slopes(x), without, 0)

test_that("a parameter that the gradient has forgotten is told, in any units", {
  start <- c(a = 3, b = 4, c = 5)
  sizes <- list(c(1, 1, 1), 2^c(-20, 30, 10), c(1e-6, 1e5, 1e3))
  warned <- lapply(sizes, function(size) {
    for (unit in c(1, 2^40, 1e-9)) {
      fn <- function(x) unit * quartic(x / size)
      gr <- function(x) unit * forgetting(2)(x / size) / size
      warning <- tryCatch(lbfgsb(start * size, fn, gr), warning = identity)
      expect_s3_class(warning, "lbfgsb_warning_gradient")
      expect_match(warning$direction, "^b \\([+-]\\)$")
      expect_identical(warning$analytic, 0)
      fit <- suppressWarnings(lbfgsb(start * size, fn, gr))
      expect_identical(list(fit$convergence, fit$par[["b"]]), list(51L, (start * size)[["b"]]))
    }
    warning$numeric / unit
  })
  expect_identical(warned[[2]], warned[[1]])
  expect_equal(warned[[3]], warned[[1]], tolerance = 1e-4)
})

test_that("the claim is taken back, in what the fit says and in what is made of it", {
  expect_snapshot(fit <- lbfgsb(c(a = 3, b = 4, c = 5), quartic, forgetting(2), control = list(fn_is = "negloglik")))
  expect_identical(list(fit$convergence, fit$gap), list(51L, NA_real_))
  expect_snapshot(print(fit, rows = 0))
  nothing <- suppressWarnings(lbfgsb(list(a = 3, b = c(4, 5)), function(x) quartic(unlist(x)), function(x) c(0, 0, 0)))
  expect_identical(nothing$convergence, 51L)
  together <- function(x) structure(quartic(x), gradient = forgetting(3)(x))
  expect_warning(lbfgsb(c(3, 4, 5), together), "direction \\[3\\]", class = "lbfgsb_warning_gradient")
  expect_warning(lbfgsb(c(3, 4, 5), function(x) -quartic(x), function(x) -forgetting(2)(x),
                        control = list(fnscale = -1)), class = "lbfgsb_warning_gradient")
})

test_that("one forgotten among many that fn does not depend on is found, and it is not looked for at length", {
  depends <- c(1, 70)
  fn <- function(x) sum((x[depends] - 2)^4)
  right <- function(x) replace(numeric(100), depends, 4 * (x[depends] - 2)^3)
  fit <- lbfgsb(rep(c(0, 1), 50), fn, right) # no warning
  tally <- 0
  counted <- function(x) {
    tally <<- tally + 1
    fn(x)
  }
  fit <- lbfgsb(rep(c(0, 1), 50), counted, right)
  expect_identical(list(fit$convergence, fit$counts[["function"]]), list(0L, as.integer(tally)))
  unasked <- lbfgsb(rep(c(0, 1), 50), fn, right, control = list(maxeval = 1000))
  expect_identical(fit$counts - unasked$counts, c(`function` = 2L, gradient = 0L))
  expect_warning(lbfgsb(rep(c(0, 1), 50), fn, function(x) replace(right(x), 70, 0)), "direction \\[70\\]",
                 class = "lbfgsb_warning_gradient")
})

test_that("a right gradient may be 0 where a parameter starts", {
  bowl <- function(x) sum((x - 1:3)^2) + exp(x[[1]] - 1) - x[[1]]
  slope <- function(x) 2 * (x - 1:3) + c(exp(x[[1]] - 1) - 1, 0, 0)
  corner <- function(x) abs(x[[1]]) + (x[[2]] - 1)^2
  for (start in list(1:3, c(1, 5, 3), c(1, 2, 9))) {
    for (size in list(1, c(1e-8, 1, 1e6))) {
      fit <- lbfgsb(start * size, function(x) bowl(x / size), function(x) slope(x / size) / size)
      expect_identical(fit$convergence, 0L)
      expect_equal(fit$par, 1:3 * size, tolerance = 1e-4)
    }
  }
  expect_silent(lbfgsb(c(0, 0), corner, function(x) c(sign(x[[1]]), 2 * (x[[2]] - 1))))
  expect_silent(lbfgsb(c(0, 3), function(x) x[[1]]^3 + x[[2]]^2, function(x) c(3 * x[[1]]^2, 2 * x[[2]])))
  expect_silent(lbfgsb(c(3, 4, 5), quartic, slopes, lower = c(-Inf, 4, -Inf), upper = c(Inf, 4, Inf)))
  expect_silent(lbfgsb(c(3, 0), function(x) (x[[1]] - 1)^2 + x[[2]], function(x) c(2 * (x[[1]] - 1), 0), lower = 0))
})

test_that("a limit of evaluations holds, and fn may ask to stop", {
  fit <- lbfgsb(c(3, 4, 5), quartic, forgetting(2), control = list(maxeval = 1000))
  expect_identical(fit$convergence, 0L)
  run <- suppressWarnings(lbfgsb(c(3, 4, 5), quartic, forgetting(2)))
  calls <- 0
  fn <- function(x) {
    if ((calls <<- calls + 1) > tail(run$history$evaluations, 1)) lbfgsb_stop()
    quartic(x)
  }
  expect_silent(stopped <- lbfgsb(c(3, 4, 5), fn, forgetting(2)))
  expect_identical(stopped$par, run$par)
})
