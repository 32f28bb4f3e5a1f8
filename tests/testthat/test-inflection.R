# Points at which a run would stay, as slope and curvature vanish together, and beyond which fn falls (src/inflection.c).

test_that("a cubic is followed through where it is level", {
  fn <- function(x) 10 + x^3 / 3 + x^4 / 4
  for (start in c(0.3, 1, 3)) {
    for (gr in list(NULL, function(x) x^2 + x^3)) {
      fit <- lbfgsb(start, fn, gr)
      expect_identical(fit$convergence, 0L)
      expect_equal(fit$par, -1, tolerance = 1e-4)
    }
  }
})

test_that("a skew-normal sample does not stay normal", {
  solved <- function(seed, gradient) {
    p <- skew_normal(seed, c(0, 0, 1))
    lbfgsb(p$par, p$fn, if (gradient) p$gr)$value < p$best + 1e-3
  }
  expect_gte(sum(vapply(1:20, solved, NA, TRUE)), 17)
  expect_gte(sum(vapply(1:20, solved, NA, FALSE)), 17)
})

test_that("units do not matter to that", {
  p <- skew_normal(3, c(0, 0, 1))
  run <- function(unit, level) lbfgsb(unit * p$par, function(x) level * p$fn(x / unit), function(x) level / unit * p$gr(x / unit))
  expect_identical(run(c(8, 2, 1 / 16), 1024)$par / c(8, 2, 1 / 16), run(1, 1)$par)
  expect_equal(run(c(1e5, 1e-3, 1e2), 1e4)$value / 1e4, p$best, tolerance = 1e-6)
})
