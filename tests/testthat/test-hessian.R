quadratic <- list(
  A = crossprod(matrix(c(2, 1, 0, -1, 3, 1, 0.5, 0, 1), 3)),
  fn = function(x) sum(x * (quadratic$A %*% x)) / 2 - sum(x),
  gr = function(x) as.vector(quadratic$A %*% x) - 1
)

test_that("the Hessian is that of fn, symmetric, with names", {
  start <- c(a = 1, b = 1, c = 1)
  fit <- lbfgsb(start, quadratic$fn, quadratic$gr, hessian = TRUE)
  expect_equal(unname(fit$hessian), quadratic$A, tolerance = 1e-7)
  expect_true(isSymmetric(fit$hessian))
  expect_identical(dimnames(fit$hessian), list(names(start), names(start)))
})

test_that("without a gradient it is accurate enough for standard errors", {
  fit <- lbfgsb(c(1, 1, 1), quadratic$fn, hessian = TRUE)
  expect_equal(fit$hessian, quadratic$A, tolerance = 1e-4)
  expect_null(dimnames(fit$hessian))
})

test_that("neither fnscale nor parscale is in it", {
  fit <- lbfgsb(c(1, 1, 1), function(x) -quadratic$fn(x), function(x) -quadratic$gr(x),
                control = list(fnscale = -10, parscale = c(1, 3, 0.1)), hessian = TRUE)
  expect_equal(fit$hessian, -quadratic$A, tolerance = 1e-6)
})

test_that("it is taken inside of the box; fixed parameters are NA", {
  inside <- function(x) {
    stopifnot(x >= c(0, 0.2, -1), x <= c(0.1, 0.2, 1))
    x
  }
  fit <- lbfgsb(c(0.1, 0.2, 0), function(x) quadratic$fn(inside(x)),
                function(x) quadratic$gr(inside(x)),
                lower = c(0, 0.2, -1), upper = c(0.1, 0.2, 1), hessian = TRUE)
  expect_equal(fit$hessian[-2, -2], quadratic$A[-2, -2], tolerance = 1e-6)
  expect_true(all(is.na(fit$hessian[2, ])) && all(is.na(fit$hessian[, 2])))
})

test_that("it takes gradients that fn delivers and is not counted", {
  fn <- function(x) list(value = quadratic$fn(x), gradient = quadratic$gr(x))
  with <- lbfgsb(c(1, 1, 1), fn, hessian = TRUE)
  without <- lbfgsb(c(1, 1, 1), fn)
  expect_equal(with$hessian, quadratic$A, tolerance = 1e-7)
  expect_identical(with$counts, without$counts)
  expect_null(without$hessian)
})

test_that("standard errors are those of glm()", {
  logit <- glm(am ~ wt, binomial, mtcars)
  X <- model.matrix(logit)
  deviance <- function(beta) -sum(dbinom(mtcars$am, 1, plogis(X %*% beta), log = TRUE))
  fit <- lbfgsb(c(0, 0), deviance, hessian = TRUE, control = list(factr = 10))
  expect_equal(sqrt(diag(solve(fit$hessian))), unname(sqrt(diag(vcov(logit)))), tolerance = 1e-4)
})
