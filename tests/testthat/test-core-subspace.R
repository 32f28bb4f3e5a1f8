# q, the trial point at step 1, its direction and slope and the longest step equal the dense ones; the
# point is inside the box, its active variables on their bounds, to the last bit
expect_direction <- function(m, step, truncate = FALSE) {
  names <- c("xhat", "d", "slope", "max_step")
  dense <- expect_dense(m, step, names, truncate)
  core <- core_step(m, step, truncate)
  if (any(dense$free) && dense$count > 0) expect_close(core$q, dense$q)
  x <- step$X[, ncol(step$X)]
  bound <- ifelse(core$breakpoints == 0, x, ifelse(step$G[, ncol(step$G)] < 0, step$upper, step$lower))
  expect_true(all(core$xhat >= step$lower & core$xhat <= step$upper))
  expect_identical(core$xhat[!core$free], bound[!core$free])
  invisible(dense)
}

test_that("the dense subspace minimizer has no reduced gradient and no move of the active variables", {
  for (seed in 1:10) {
    step <- random_step(seed, n = 30, J = 5)
    dense <- dense_step(5, step$X, step$G, step$lower, step$upper)
    B <- dense_model(dense$S, dense$Y)$B
    gradient <- step$G[, 6] + drop(B %*% (dense$minimizer - step$X[, 6]))
    expect_close(gradient[dense$free], rep(0, sum(dense$free)))
    expect_equal(dense$minimizer[!dense$free], dense$x_cauchy[!dense$free])
  }
})

test_that("on the free variables the subspace minimizer is x + (W q - g) / theta", {
  for (seed in 1:10) {
    step <- random_step(seed, n = 30, J = 5)
    dense <- dense_step(5, step$X, step$G, step$lower, step$upper)
    W <- dense_model(dense$S, dense$Y)$W
    xhat <- step$X[, 6] + drop(W %*% dense$q - step$G[, 6]) / dense$theta
    expect_close(xhat[dense$free], dense$minimizer[dense$free])
  }
})

test_that("the direction is the dense one for every size", {
  sizes <- step_sizes()
  for (i in seq_len(nrow(sizes))) for (pull in c(0.1, 1)) {
    expect_direction(sizes$m[i], random_step(seed = i, sizes$n[i], sizes$J[i], pull = pull))
  }
})

test_that("the direction is projected on the box", {
  projected <- 0
  for (seed in 1:40) {
    dense <- expect_direction(5, random_step(seed, n = 129, J = 7))
    projected <- projected + any(dense$xhat != dense$minimizer)
  }
  expect_gte(projected, 30)
})

test_that("the fallback cuts the direction from the Cauchy point short at the first bound", {
  truncated <- 0
  for (seed in 1:40) {
    dense <- expect_direction(5, random_step(seed, n = 129, J = 7), truncate = TRUE)
    truncated <- truncated + any(dense$xhat != dense$minimizer)
    expect_lt(dense$slope, 0)
  }
  expect_gte(truncated, 30)
})

test_that("the fallback is the dense one for every size", {
  sizes <- step_sizes()
  for (i in seq_len(nrow(sizes))) {
    step <- random_step(seed = i, sizes$n[i], sizes$J[i], pull = 0.05)
    expect_direction(sizes$m[i], step, truncate = TRUE)
  }
})

test_that("the fallback is taken, and descends, where the projection does not", {
  # B = A, as the pairs are A's eigenvectors; from x = 0 the minimizer is (1, -0.95), beyond x_1 <= 0.05
  A <- rbind(c(1, 0.99), c(0.99, 1))
  X <- cbind(c(-2, 0), c(-1, 1), c(0, 0))
  step <- list(X = X, G = A %*% (X - c(1, -0.95)), lower = c(-3, -3), upper = c(0.05, 3))
  projection <- dense_step(5, step$X, step$G, step$lower, step$upper)
  fallback <- expect_direction(5, step, truncate = TRUE)
  expect_equal(projection$xhat, c(0.05, -0.95))
  expect_gt(projection$slope, 0)
  expect_lt(fallback$slope, 0)
  expect_identical(core_step(5, step), core_step(5, step, truncate = TRUE))
})

test_that("the direction leads to the Cauchy point with every variable active", {
  for (seed in 1:10) for (truncate in c(FALSE, TRUE)) {
    dense <- expect_direction(5, random_step(seed, n = 65, J = 7, pull = 1e4), truncate)
    expect_false(any(dense$free))
  }
})

test_that("the direction is the dense one with every variable free", {
  for (seed in 1:10) for (truncate in c(FALSE, TRUE)) {
    step <- random_step(seed, n = 65, J = 7, pull = 0.01, drift = 0.5)
    dense <- expect_direction(5, step, truncate)
    expect_true(all(dense$free))
  }
})

test_that("without bounds the direction is the quasi-Newton step", {
  for (seed in 1:10) for (J in c(0, 3, 5, 13)) {
    step <- random_step(seed, n = 65, J = J, sides = "none")
    expect_direction(5, step)
    expect_direction(5, step, truncate = TRUE)
    model <- dense_model(last_differences(step$X, 5), last_differences(step$G, 5))
    core <- core_step(5, step)
    expect_close(core$d, -solve(model$B, step$G[, J + 1]))
    expect_equal(core$max_step, 1e10)
  }
})

test_that("the direction knows every kind of bound", {
  for (seed in 1:10) for (truncate in c(FALSE, TRUE)) {
    kinds <- c("both", "lower", "upper", "none", "fixed")
    expect_direction(5, random_step(seed, n = 130, J = 7, sides = kinds), truncate)
    expect_direction(5, random_step(seed, n = 65, J = 7, sides = "lower"), truncate)
    expect_direction(5, random_step(seed, n = 65, J = 7, sides = "upper"), truncate)
    expect_direction(5, random_step(seed, n = 65, J = 7, sides = c("none", "fixed")), truncate)
  }
  expect_direction(5, random_step(1, n = 65, J = 0, sides = "fixed"))
})
