# c = W'(x_cauchy - x), t* and the free variables equal the dense ones. Once every variable is active t* is
# any step beyond the last breakpoint.
expect_cauchy <- function(m, step) {
  dense <- expect_dense(m, step, c("c", "free"))
  core <- core_step(m, step)
  x <- step$X[, ncol(step$X)]
  g <- step$G[, ncol(step$G)]
  expect_close(project(x - core$t_star * g, step$lower, step$upper), dense$x_cauchy)
  if (any(dense$free)) expect_close(core$t_star, dense$t_star)
  invisible(dense)
}

# The model g'z + z'Bz / 2 on the projected path, z = P(x - t g) - x
model_on_path <- function(t, x, g, step, B) {
  z <- project(x - t * g, step$lower, step$upper) - x
  sum(g * z) + sum(z * (B %*% z)) / 2
}

test_that("the dense Cauchy point is the first local minimizer of the model on the path", {
  for (seed in 1:10) {
    step <- random_step(seed, n = 30, J = 5)
    x <- step$X[, 6]
    g <- step$G[, 6]
    B <- dense_model(last_differences(step$X, 5), last_differences(step$G, 5))$B
    t_star <- dense_cauchy(x, g, step$lower, step$upper, B)$t_star
    before <- vapply(t_star * (0:1000) / 1000, model_on_path, 0, x, g, step, B)
    after <- vapply(t_star * (1 + 1:10 / 1e5), model_on_path, 0, x, g, step, B)
    expect_true(all(diff(before) < 0))
    expect_true(all(after > before[1001]))
  }
})

test_that("the Cauchy point is the dense one for every size", {
  sizes <- step_sizes()
  for (i in seq_len(nrow(sizes))) for (pull in c(0.1, 1)) {
    expect_cauchy(sizes$m[i], random_step(seed = i, sizes$n[i], sizes$J[i], pull = pull))
  }
})

test_that("the Cauchy point is the dense one after many breakpoints", {
  for (seed in 1:20) for (pull in c(1, 3)) {
    dense <- expect_cauchy(5, random_step(seed, n = 129, J = 7, pull = pull))
    expect_gte(dense$crossed, 10)
  }
})

test_that("the Cauchy point is the dense one when no breakpoint is crossed", {
  for (seed in 1:10) {
    dense <- expect_cauchy(5, random_step(seed, n = 65, J = 7, pull = 0.01, drift = 0.5))
    expect_equal(dense$crossed, 0)
    expect_true(all(dense$free))
    expect_gt(dense$t_star, 0)
  }
})

test_that("the Cauchy point is a corner of the box when every variable becomes active", {
  for (seed in 1:10) for (J in c(0, 7)) {
    dense <- expect_cauchy(5, random_step(seed, n = 65, J = J, pull = 1e4))
    expect_false(any(dense$free))
  }
})

test_that("the Cauchy point knows every kind of bound", {
  for (seed in 1:10) for (J in c(0, 7)) {
    kinds <- c("both", "lower", "upper", "none", "fixed")
    expect_cauchy(5, random_step(seed, n = 130, J = J, sides = kinds))
    expect_cauchy(5, random_step(seed, n = 65, J = J, sides = "lower"))
    expect_cauchy(5, random_step(seed, n = 65, J = J, sides = "upper"))
    expect_cauchy(5, random_step(seed, n = 65, J = J, sides = c("none", "fixed")))
  }
  expect_cauchy(5, random_step(1, n = 65, J = 0, sides = "fixed"))
})

test_that("there is no search without bounds", {
  for (seed in 1:10) {
    step <- random_step(seed, n = 65, J = 7, sides = "none")
    expect_cauchy(5, step)
    expect_false(core_step(5, step)$searched)
    first <- core_step(5, random_step(seed, n = 65, J = 0, sides = "none"))
    expect_equal(first$t_star, 1)
    expect_true(all(first$free))
  }
})

test_that("there is a search wherever a breakpoint is crossed, and not everywhere", {
  searched <- crossed <- logical()
  for (seed in 1:100) for (pull in c(0.1, 1)) {
    step <- random_step(seed, n = 3, J = 4, pull = pull)
    searched <- c(searched, core_step(2, step)$searched)
    crossed <- c(crossed, expect_cauchy(2, step)$crossed > 0)
  }
  expect_true(all(searched[crossed]))
  expect_gte(sum(crossed), 20)
  expect_gte(sum(!searched), 20)
})

test_that("breakpoints that coincide are crossed together", {
  stops_between <- 0
  for (seed in 1:30) {
    step <- random_step(seed, n = 20, J = 7)
    rows <- rep(1:20, each = 3)
    step <- list(X = step$X[rows, ], G = step$G[rows, ], lower = step$lower[rows], upper = step$upper[rows])
    dense <- expect_dense(5, step, c("c", "t_star"))
    expect_gte(dense$crossed, 6)
    if (dense$t_star %in% dense$breakpoints) next # there the search may leave some of them free
    expect_identical(core_step(5, step)$free, dense$free)
    stops_between <- stops_between + 1
  }
  expect_gte(stops_between, 15)
})

test_that("the search goes on to breakpoints decades ahead", {
  # six groups of variables, whose curvatures fall tenfold from one to the next; the pairs are A's
  # eigenvectors. Each group that meets its bounds lets the minimizer move on to the next one's
  n <- 600
  group <- rep(1:6, n / 6)
  a <- 10^(1 - group)
  set.seed(1)
  X <- outer(group, 0:6, function(group, j) as.numeric(group > j))
  g <- rep(1, n)
  room <- g / a * runif(n, 0.1, 0.2)
  step <- list(X = X, G = a * X + g, lower = -room, upper = rep(Inf, n))
  dense <- dense_step(6, step$X, step$G, step$lower, step$upper)
  expect_identical(core_step(6, step)$free, dense$free)
  expect_gt(max(dense$breakpoints) / min(dense$breakpoints), 1e4)
  expect_gte(dense$crossed, 500)
})

test_that("a variable that its gradient leaves alone is free inside the box and active on a bound", {
  step <- random_step(1, n = 20, J = 7)
  step$X[1:2, ] <- matrix((step$lower + step$upper)[1:2] / 2, 2, 8)
  step$X[3, ] <- step$lower[3]
  step$X[4, ] <- step$upper[4]
  step$G[1:4, ] <- 0
  dense <- expect_cauchy(5, step)
  expect_equal(dense$free[1:4], c(TRUE, TRUE, FALSE, FALSE))
})
