# Directions that are softer by far than those of the newest steps (src/conjugate.c).

is_solved <- function(p) {
  fit <- lbfgsb(p$par, p$fn, p$gr)
  fit$value < p$best + 1e-3
}

test_that("polynomials that are not centred are solved", {
  expect_gte(sum(vapply(1:20, function(seed) is_solved(polynomial_counts(seed, 1990:2020, 2)), NA)), 19)
  expect_gte(sum(vapply(1:20, function(seed) is_solved(polynomial_counts(seed, 280:310, 3)), NA)), 19)
})

test_that("a variable that its bound holds is no part of that", {
  p <- polynomial_counts(3, 1990:2020, 2)
  line <- nlminb(p$par[1:2], function(b) p$fn(c(b, 0)), function(b) p$gr(c(b, 0))[1:2])$objective
  fit <- lbfgsb(p$par, p$fn, p$gr, upper = c(Inf, Inf, 0))
  expect_equal(fit$value, line, tolerance = 1e-9)
  expect_identical(fit$convergence, 0L)
})

test_that("a run that creeps along one ends", {
  evaluations <- function(seed) {
    p <- polynomial_counts(seed, 1990:2020, 2)
    lbfgsb(p$par, p$fn)$counts[["function"]]
  }
  expect_lt(max(vapply(c(10, 22, 33), evaluations, 0)), 2e4)
})
