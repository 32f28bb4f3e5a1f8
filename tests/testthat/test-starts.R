test_that("each part of each range holds one start", {
  starts <- lbfgsb_starts(10, lower = c(a = 0, b = -5), upper = c(a = 1, b = 15))
  expect_identical(dimnames(starts), list(NULL, c("a", "b")))
  expect_identical(sort(ceiling(10 * starts[, "a"])), as.double(1:10))
  expect_identical(sort(ceiling((starts[, "b"] + 5) / 2)), as.double(1:10))
})

test_that("the same seed gives the same starts, another others", {
  starts <- function(seed) lbfgsb_starts(5, c(0, 0), 1, seed = seed)
  expect_identical(starts(1), starts(1))
  expect_false(identical(starts(1), starts(2)))
})

test_that("starts are spread better than one Latin hypercube is", {
  closest <- function(points) min(dist(points))
  single <- with_random_state(1, replicate(200, closest(latin_hypercube(20, 2))))
  expect_gt(closest(lbfgsb_starts(20, c(0, 0), 1)), quantile(single, 0.8))
  expect_identical(dim(lbfgsb_starts(1, c(0, 0, 0), 1)), c(1L, 3L))
})

test_that("around a point they are at most `spread` away, and inside the box", {
  about <- lbfgsb_starts(50, around = c(mu = 5, sigma = 0, nu = 1), lower = c(sigma = 0),
                         spread = c(mu = 2, sigma = 3))
  expect_true(all(abs(about[, "mu"] - 5) <= 2 & about[, "nu"] == 1))
  expect_true(all(about[, "sigma"] >= 0 & about[, "sigma"] <= 3))
  expect_gt(diff(range(about[, "sigma"])), 2.5)
  by_size <- lbfgsb_starts(50, around = c(-4, 0))
  expect_true(all(by_size[, 1] >= -8 & by_size[, 1] <= 0 & abs(by_size[, 2]) <= 1))
  fit <- lbfgsb(c(a = 1.6), function(x) (x - 2)^2, lower = 1.5, upper = 3)
  expect_true(all(abs(lbfgsb_starts(20, around = fit) - 2.25) <= 0.75))
  listed <- lbfgsb_starts(2, around = list(b = c(1, 2), s = 3))
  expect_identical(lengths(listed[[2]]), c(b = 2L, s = 1L))
})

test_that("around a matrix or an array they are such", {
  start <- matrix(c(0, 3, -2, 0), 2, dimnames = list(c("i", "x"), c("u", "v")))
  expect_silent(starts <- lbfgsb_starts(4, around = start, lower = replace(start, TRUE, -2.5), spread = 2 + 0 * start))
  expect_length(starts, 4)
  for (one in starts) expect_identical(dimnames(one), dimnames(start))
  flat <- lbfgsb_starts(4, around = as.vector(start), lower = -2.5, spread = 2)
  expect_identical(do.call(rbind, lapply(starts, as.vector)), flat)
  fn <- function(b) sum((b %*% c(1, 1) - 1:2)^2) + sum(b^2)
  fit <- lbfgsb(start, fn)
  around_fit <- lbfgsb_multistart(lbfgsb_starts(4, around = fit), fn)
  expect_equal(coef(around_fit), coef(fit), tolerance = 1e-5)
  expect_identical(dimnames(around_fit$best$par), dimnames(start))
  expect_identical(lapply(lbfgsb_starts(2, around = array(1:8, c(2, 2, 2))), dim), list(c(2L, 2L, 2L), c(2L, 2L, 2L)))
  expect_silent(of_table <- lbfgsb_starts(2, around = array(1:2, 2, list(c("a", "b")))))
  expect_identical(dimnames(of_table), list(NULL, c("a", "b")))
})

test_that("of two bounds that are lists that with more numbers tells each part; spread may be a list, too", {
  few <- list(w = 0, m = c(40, 30), s = list(a = 1, b = 1))
  more <- list(w = 1, m = 100, s = list(a = 20, b = c(20, 30)))
  full <- list(lower = list(w = 0, m = c(40, 30), s = list(a = 1, b = c(1, 1))), upper = list(w = 1, m = c(100, 100), s = more$s))
  for (seed in 1:2) {
    expect_identical(lbfgsb_starts(3, few, more, seed = seed), lbfgsb_starts(3, full$lower, full$upper, seed = seed))
  }
  around <- list(w = 0.5, m = c(50, 80), s = c(5, 5))
  listed <- lbfgsb_starts(3, around = around, spread = list(w = 0.4, m = 20))
  expect_identical(listed, lbfgsb_starts(3, around = around, spread = c(w = 0.4, m1 = 20, m2 = 20)))
  expect_identical(listed, lbfgsb_starts(3, around = around, spread = c(0.4, 20, 20, 0, 0)))
  expect_identical(listed[[1]]$s, c(5, 5))
  expect_error(lbfgsb_starts(3, around = around, spread = list(v = 1)), "`spread` has names that `par` does not have: \"v\"",
               fixed = TRUE, class = "lbfgsb_error_argument")
})

test_that("bounds that are lists of vectors give starts that are such lists", {
  lower <- list(a = 0, b = c(x = -1, y = -2))
  starts <- lbfgsb_starts(4, lower, list(a = 5, b = c(y = 2, x = 1)))
  expect_length(starts, 4)
  expect_identical(lapply(starts[[1]], names), lapply(lower, names))
  flat <- lbfgsb_starts(4, unlist(lower), c(a = 5, b.x = 1, b.y = 2))
  expect_identical(do.call(rbind, lapply(starts, unlist)), flat)
  distance <- function(p) (p$a - 1)^2 + sum((p$b - c(0.5, 2))^2)
  found <- lbfgsb_multistart(4, distance, lower = lower, upper = 5)
  expect_equal(found$best$par, list(a = 1, b = c(x = 0.5, y = 2)), tolerance = 1e-6)
  expect_type(lbfgsb_starts(4, list(a = 0, b = 1), 2), "double") # single numbers are bounds of a vector
})

test_that("what cannot be drawn is an error", {
  expect_snapshot(error = TRUE, {
    lbfgsb_starts(0, 0, 1)
    lbfgsb_starts(5, c(a = 0, b = 0), c(a = 1, b = Inf))
    lbfgsb_starts(5, 0, 1, seed = "one")
    lbfgsb_starts(5, c(a = 0), c(a = 1, b = 1))
    lbfgsb_starts(5, c(a = 0, b = 0), c(a = 1, c = 1))
    lbfgsb_starts(5, around = c(a = 1), spread = -1)
  })
})

test_that("covariances that begin at 0 beside variances that are far too large are found by their gradient", {
  q <- 4
  S <- cov(mtcars[seq_len(q)])
  lower <- lower.tri(S, TRUE)
  full <- function(p) {
    A <- matrix(0, q, q)
    A[lower] <- p
    A + t(A) - diag(diag(A), q)
  }
  best <- as.numeric(determinant(S)$modulus) + q
  for (wall in c(1e10, Inf)) {
    root <- function(p) tryCatch(chol(full(p)), error = function(e) NULL)
    fn <- function(p) if (is.null(R <- root(p))) wall else 2 * sum(log(diag(R))) + sum(chol2inv(R) * S)
    gr <- function(p) {
      if (is.null(R <- root(p))) return(rep(NaN, length(p)))
      V <- chol2inv(R)
      ((V - V %*% S %*% V) * (2 - diag(q)))[lower]
    }
    for (times in c(0.1, 0.3, 1)) {
      fit <- lbfgsb((diag(q) * mean(diag(S)) * times)[lower], fn, gr)
      expect_identical(fit$convergence, 0L)
      expect_lt(fit$value - best, 1e-6)
      expect_lt(fit$counts[["function"]], 300)
    }
  }
})

test_that("zeros are not to blame where another variable leaves its domain", {
  for (seed in 1:4) {
    set.seed(seed)
    x <- cbind(1, rnorm(60, 500, 100), rnorm(60, 3, 30))
    y <- rpois(60, exp(2 + scale(x[, -1]) %*% c(0.5, -0.5)))
    for (c in c(0.6, 0.9)) { # the domain of the last, whose minimum is at u = 0.1
      u <- function(p) (p[4] - c) / (1 - c)
      fn <- function(p) if (u(p) <= 0) NaN else sum(exp(x %*% p[-4]) - y * (x %*% p[-4])) + 1e4 * (10 * u(p) - log(u(p)))
      gr <- function(p) c(crossprod(x, exp(x %*% p[-4]) - y), 1e4 * (10 - 1 / u(p)) / (1 - c))
      best <- fn(c(coef(glm(y ~ x - 1, family = poisson)), c + (1 - c) / 10))
      fit <- lbfgsb(c(log(mean(y)), 0, 0, 1), fn, gr)
      expect_identical(fit$convergence, 0L)
      expect_lt(fit$value - best, 1e-3)
    }
  }
})
