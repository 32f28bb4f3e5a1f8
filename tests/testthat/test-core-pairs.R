pass_1 <- c("count", "theta", "Y", "S", "D", "breakpoints", "pgnorm", "p_start")
gram <- c("yy_free", "sy_free", "ss_free", "ss_active", "sy_active_lower")

test_that("the dense model is the BFGS recursion", {
  for (seed in 1:10) {
    step <- random_step(seed, n = 20, J = 6)
    S <- last_differences(step$X, 5)
    Y <- last_differences(step$G, 5)
    model <- dense_model(S, Y)
    expect_close(model$B, bfgs_recursion(S, Y, model$theta))
    expect_close(model$B %*% S[, 5], Y[, 5, drop = FALSE])
  }
})

test_that("pass 1 gives the pairs, their products, the breakpoints and W'd for every size", {
  sizes <- step_sizes()
  for (i in seq_len(nrow(sizes))) {
    step <- random_step(seed = i, sizes$n[i], sizes$J[i])
    expect_dense(sizes$m[i], step, c(pass_1, gram))
  }
})

test_that("pass 1 knows every kind of bound", {
  for (seed in 1:10) {
    kinds <- c("both", "lower", "upper", "none", "fixed")
    expect_dense(5, random_step(seed, n = 130, J = 7, sides = kinds), c(pass_1, gram))
    for (kind in kinds[1:4]) {
      expect_dense(5, random_step(seed, n = 65, J = 7, sides = kind), c(pass_1, gram))
    }
  }
})

test_that("the products follow rows that move between free and active, few and many", {
  for (seed in 1:10) for (drift in c(0.05, 1)) {
    step <- random_step(seed, n = 300, J = 30, drift = drift)
    before <- dense_step(5, step$X[, 1:30], step$G[, 1:30], step$lower, step$upper)
    after <- expect_dense(5, step, gram)
    moved <- sum(before$free != after$free)
    if (drift == 1) expect_gte(moved, 15) else expect_lte(moved, 15)
  }
})

test_that("the products are right with every variable free, and with every variable active", {
  for (seed in 1:10) {
    free <- expect_dense(5, random_step(seed, n = 63, J = 7, pull = 0.01, drift = 0.5), gram)
    active <- expect_dense(5, random_step(seed, n = 63, J = 7, pull = 1e4), gram)
    expect_true(all(free$free))
    expect_false(any(active$free))
  }
})

test_that("what a row leaves behind when it moves is gone after a while", {
  # row 1 moves by 1e6 to its bound, and then to the free set and back; rows 2 to 11 go to and fro, which
  # has all products built anew
  set.seed(1)
  J <- 9
  X <- rbind(c(1e6, rep(0, J)), matrix(0, 10, J + 1), matrix(runif(10 * (J + 1)), 10))
  G <- X
  G[1, ] <- c(1e6, 1, -1, rep(1, J - 2))
  G[2:11, ] <- rep(c(1, -1), length.out = J + 1)[col(G[2:11, ])]
  lower <- rep(c(0, -Inf), c(11, 10))
  core <- core_step(J, list(X = X, G = G, lower = lower, upper = rep(Inf, 21)))
  expect_false(core$free[1])
  dense <- dense_products(last_differences(X, J), last_differences(G, J), core$theta, core$free)
  for (name in c("yy_free", "sy_free", "ss_free")) expect_close(core[[name]], dense[[name]], label = name)
})

test_that("a variable on a bound that its gradient does not leave has breakpoint 0", {
  #      inside       on its lower  on its upper  fixed        no bounds
  x <- c(.5, .5, .5,  0,  0, 0,     1,  1, 1,     2,  2, 2,    3,  3, 3)
  l <- c( 0,  0,  0,  0,  0, 0,     0,  0, 0,     2,  2, 2,    -Inf, -Inf, -Inf)
  u <- c( 1,  1,  1,  1,  1, 1,     1,  1, 1,     2,  2, 2,    Inf, Inf, Inf)
  g <- c( 2, -2,  0,  2, -2, 0,     2, -2, 0,     2, -2, 0,    4, -4, 0)
  t <- c(.25, .25, Inf, 0, .5, 0,   .5, 0, 0,     0,  0, 0,    Inf, Inf, Inf)
  start <- core_step(5, list(X = cbind(x), G = cbind(g), lower = l, upper = u))
  expect_equal(start$breakpoints, t)
})

test_that("the projected gradient norm is that of P(x - g) - x", {
  norm <- function(x, g) {
    core_step(5, list(X = cbind(x), G = cbind(g), lower = c(0, 0), upper = c(1, Inf)))$pgnorm
  }
  expect_equal(norm(c(0.25, 1), c(8, 0)), 0.25)
  expect_equal(norm(c(0.25, 1), c(-8, 0)), 0.75)
  expect_equal(norm(c(0.25, 1), c(-0.5, 0)), 0.5)
  expect_equal(norm(c(0.25, 1), c(8, -8)), 8)
  expect_equal(norm(c(0, 0), c(8, 8)), 0)
})

test_that("M is the inverse of [[-D, L'], [L, theta S'S]]", {
  sizes <- subset(step_sizes(), J > 0)
  for (i in seq_len(nrow(sizes))) {
    step <- random_step(seed = i, sizes$n[i], sizes$J[i])
    model <- dense_model(last_differences(step$X, sizes$m[i]), last_differences(step$G, sizes$m[i]))
    v <- rnorm(nrow(model$M))
    core <- .Call(
      lbfgsb:::C_door_compact, as.integer(sizes$m[i]), step$X, step$G, step$lower, step$upper, v
    )
    expect_close(core, drop(model$M %*% v))
  }
})

# n x (J + 1): in four blocks of rows half of the variables, by chance, rest: in the first for good, in the
# second until iterate 18, in the third again from 20 on, and in the fourth more and more of them.
resting_rows <- function(seed, J) {
  set.seed(seed)
  n <- 3 * 128 + 117
  block <- (seq_len(n) - 1) %/% 128 + 1
  half <- runif(n) < 0.5
  more <- runif(n) < 0.8
  rests <- function(j) {
    half & block == 1 | half & block == 2 & j < 18 | half & block == 3 & (j < 15 | j >= 20) |
      half & block == 4 | more & block == 4 & j >= 16
  }
  vapply(0:J, rests, logical(n))
}

test_that("the order that resting variables give the rows of the columns does not show", {
  skip_on_cran() # long
  for (seed in 1:3) {
    in_front <- numeric()
    for (J in c(3, 12, 15, 16, 17, 18, 19, 20, 21, 25)) {
      step <- resting_step(seed, resting_rows(seed, J))
      for (truncate in c(FALSE, TRUE)) expect_dense(5, step, c(pass_1, gram, "c", "free", "xhat", "d"), truncate)
      in_front[J] <- core_step(5, step)$in_front / nrow(step$X)
    }
    expect_lt(in_front[12], 0.6)            # every block has an order
    expect_gt(in_front[15], in_front[12])   # the third is natural again
    expect_lt(in_front[17], in_front[15])   # the fourth has a shorter front
    expect_gt(in_front[18], in_front[17])   # the second is natural again
    expect_lt(in_front[21], in_front[18])   # the third has an order again
  }
})

test_that("rows that leave their bounds again and again do not have the columns reordered each time", {
  # in each block another row is released in every second iterate
  n <- 3 * 128
  J <- 60
  half <- seq_len(n) %% 2 == 0
  released <- function(j) j %% 2 == 0 & seq_len(n) %% 128 == j %% 128
  resting <- vapply(0:J, function(j) half & !released(j), logical(n))
  orders <- vapply(10:J, function(j) core_step(5, resting_step(1, resting[, 1:(j + 1)]))$in_front, 0)
  expect_lt(sum(diff(orders) != 0), 20)
})
