cauchy <- c("c", "t_star", "free")

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
    before <- vapply(seq(0, t_star, length.out = 1000), model_on_path, 0, x, g, step, B)
    expect_true(all(diff(before) < 0))
    after <- vapply(t_star * c(1.001, 1.002, 1.003), model_on_path, 0, x, g, step, B)
    expect_true(all(after > before[1000]))
  }
})

test_that("the Cauchy point is the dense one for every size", {
  sizes <- step_sizes()
  for (i in seq_len(nrow(sizes))) for (pull in c(0.1, 1)) {
    step <- random_step(seed = i, sizes$n[i], sizes$J[i], pull = pull)
    dense <- expect_cauchy(sizes$m[i], step)
  }
})

test_that("the Cauchy point is the dense one after many breakpoints", {
  for (seed in 1:20) for (pull in c(1, 3, 30)) {
    dense <- expect_cauchy(5, random_step(seed, n = 129, J = 7, pull = pull))
    expect_gte(dense$crossed, 10)
  }
})
