# x'Ax / 2 - b'x + sum x^4 / 4, A of rank 3 and a diagonal from 1 to 1000
curved <- function(n, ...) {
  set.seed(1)
  U <- matrix(rnorm(3 * n), n)
  d <- 10^seq(0, 3, length.out = n)
  b <- 30 * rnorm(n)
  Ax <- function(x) d * x + drop(U %*% crossprod(U, x))
  problem(rep(0.5, n), function(x) sum(x * Ax(x)) / 2 - sum(b * x) + sum(x^4) / 4,
          function(x) Ax(x) - b + x^3, ...)
}

run_curved <- function(n, updates, ..., parscale = 1, fnscale = 1) {
  p <- curved(n, ...)
  control <- list(maxit = updates, m = 10, factr = 0, pgtol = 0, keep_state = TRUE,
                  parscale = parscale, fnscale = fnscale)
  lbfgsb(p$par, p$fn, p$gr, lower = p$lower, upper = p$upper, control = control)
}

pairs_of <- function(fit) .Call(C_pairs, fit$state$run)

test_that("it satisfies the secant equation and is the BFGS recursion, the ring wrapped or not", {
  for (updates in c(3, 12, 100)) {
    fit <- run_curved(200, updates)
    expect_identical(fit$iterations, as.integer(updates))
    pairs <- pairs_of(fit)
    k <- ncol(pairs$S)
    expect_identical(k, as.integer(min(updates, 10)))
    H <- inverse_hessian(fit)
    expect_equal(H(pairs$Y[, k]), pairs$S[, k], tolerance = 1e-10)
    dense <- bfgs_recursion(pairs$S, pairs$Y, pairs$theta)
    expect_equal(as.matrix(H), solve(dense), tolerance = 1e-10)
  }
})

test_that("at bounds it is the inverse of the free part of the model", {
  fit <- run_curved(100, 12, lower = -0.1, upper = 0.2)
  free <- fit$bounds == "free"
  expect_true(sum(free) %in% 5:95)
  pairs <- pairs_of(fit)
  H <- as.matrix(inverse_hessian(fit))
  B <- bfgs_recursion(pairs$S, pairs$Y, pairs$theta)
  expect_equal(H[free, free], solve(B[free, free]), tolerance = 1e-9)
  expect_true(all(H[!free, ] == 0) && all(H[, !free] == 0))
})

test_that("it is in the units of fn and par", {
  parscale <- 10^seq(-1, 1, length.out = 50)
  fit <- run_curved(50, 12, parscale = parscale, fnscale = 4)
  pairs <- pairs_of(fit)
  H <- inverse_hessian(fit)
  expect_equal(H(pairs$Y[, 10] * 4 / parscale), pairs$S[, 10] * parscale, tolerance = 1e-10)
})

test_that("it multiplies matrices, and without pairs it is a multiple of the identity", {
  fit <- run_curved(20, 5)
  H <- inverse_hessian(fit)
  v <- matrix(as.double(1:40), 20)
  expect_equal(H(v), cbind(H(v[, 1]), H(v[, 2])))
  expect_equal(H(v), as.matrix(H) %*% v)
  alone <- as.matrix(inverse_hessian(run_curved(20, 0)))
  expect_gt(alone[1, 1], 0)
  expect_equal(alone, diag(alone[1, 1], 20))
})

test_that("it keeps names, prints a line, and says what it needs", {
  fit <- lbfgsb(c(a = 1, b = 2), function(x) sum(x^2), lower = c(b = 1),
                control = list(keep_state = TRUE))
  H <- inverse_hessian(fit)
  expect_identical(dimnames(as.matrix(H)), list(c("a", "b"), c("a", "b")))
  fit$state <- NULL
  expect_snapshot(error = TRUE, {
    print(H)
    H(1:3)
    inverse_hessian(fit)
  })
})

test_that("the diagonal of the model of the inverse Hessian is that of its matrix", {
  fit <- lbfgsb(rep(2, 5), function(x) -sum((x - 1:5)^4 + x^2), lower = c(2, rep(0, 4)), control = list(fnscale = -2))
  H <- inverse_hessian(fit)
  expect_equal(diagonal_of(H), diag(as.matrix(H)))
})

test_that("what it multiplies is matched by its names", {
  A <- matrix(c(4, 1, 0, 1, 9, 2, 0, 2, 5), 3)
  fit <- lbfgsb(c(a = 1, b = 2, c = 3), function(x) drop(x %*% A %*% x), control = list(keep_state = TRUE))
  H <- inverse_hessian(fit)
  expect_identical(H(c(c = 3, a = 1, b = 2)), H(c(1, 2, 3)))
  expect_identical(H(c(u = 1, v = 2, w = 3)), H(c(1, 2, 3)))
  v <- matrix(1:6, 3, dimnames = list(c("c", "a", "b"), NULL))
  expect_identical(unname(H(v)), H(unname(v)[c(2, 3, 1), ]))
})
