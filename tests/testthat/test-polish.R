logistic <- function(beta) -sum(dbinom(mtcars$am, 1, plogis(beta[[1]] + beta[[2]] * mtcars$wt), log = TRUE))
score <- function(beta) {
  r <- plogis(beta[[1]] + beta[[2]] * mtcars$wt) - mtcars$am
  c(sum(r), sum(r * mtcars$wt))
}
loose <- function(..., fn = logistic, gr = score, start = c(a = 0, b = 0), control = list()) {
  lbfgsb(start, fn, gr, ..., control = c(list(factr = 1e12, pgtol = 1e-1), control))
}

test_that("polish goes on to the minimum by Newton's method, and says what it gained", {
  best <- coef(glm(am ~ wt, binomial, mtcars, epsilon = 1e-14))
  for (gr in list(score, NULL)) {
    rough <- loose(gr = gr)
    fit <- loose(gr = gr, control = list(polish = TRUE), hessian = TRUE)
    expect_null(rough$polish)
    expect_gt(max(abs(rough$par - best)), 1e-4)
    expect_lt(max(abs(fit$par - best)), max(abs(rough$par - best)) / 100)
    expect_lt(fit$pgnorm, rough$pgnorm / 100)
    expect_identical(fit$value, logistic(fit$par))
    expect_identical(fit$fval, fit$value)
    expect_gt(fit$polish[["steps"]], 0)
    expect_identical(fit$polish[["gain"]], rough$value - fit$value)
    expect_lt(fit$gap, rough$gap)
    expect_match(fit$message, sprintf("; value %.9g, projected gradient norm %.3g$", fit$value, fit$pgnorm))
    expect_identical(fit$counts, rough$counts)
    expect_output(print(fit), "polished by [12] Newton steps?, a gain of")
  }
})

test_that("polish maximizes, and takes lists and units", {
  rough <- loose()
  fit <- loose(fn = function(b) -logistic(b), gr = function(b) -score(b),
               control = list(fnscale = -1, polish = TRUE))
  expect_equal(fit$par, loose(control = list(polish = TRUE))$par, tolerance = 1e-8)
  expect_gt(fit$polish[["gain"]], 0)
  listed <- loose(start = list(a = 0, b = 0), control = list(polish = TRUE))
  expect_type(listed$par, "list")
  expect_equal(unlist(listed$par), loose(control = list(polish = TRUE))$par, tolerance = 1e-10)
  scaled <- loose(control = list(parscale = c(2, 1), fnscale = 4, polish = TRUE))
  expect_equal(scaled$pgnorm, max(abs(score(scaled$par) * c(2, 1) / 4)))
  expect_match(scaled$message, sprintf("; value %.9g, scaled projected gradient norm %.3g$", scaled$value, scaled$pgnorm))
})

test_that("polish stays in the box, and leaves bounds alone", {
  fit <- loose(upper = c(b = -5), start = c(a = 20, b = -6), control = list(polish = TRUE))
  expect_lte(fit$par[["b"]], -5)
  held <- loose(fixed = c(a = 12), control = list(polish = TRUE))
  expect_identical(held$par[["a"]], 12)
  corner <- lbfgsb(1, function(x) x, function(x) 1, lower = 0, control = list(polish = TRUE))
  expect_identical(corner$polish, c(steps = 0, gain = 0))
  expect_output(print(corner), "not polished")
})

test_that("what polish moves onto a bound is counted in the message", {
  fn <- function(x) (x[[1]] + 2)^2 + (x[[2]] - 1)^4
  gr <- function(x) c(2 * (x[[1]] + 2), 4 * (x[[2]] - 1)^3)
  run <- function(...) lbfgsb(c(2, 3), fn, gr, lower = 0, control = list(pgtol = 100, parscale = 1, ...))
  expect_match(run()$message, "norm 3$")
  expect_match(run(polish = TRUE)$message, "norm [0-9.]+, 1 of 2 parameters at a bound$")
})

test_that("a Newton step that brings nothing is not taken", {
  saddle <- lbfgsb(c(1, 1), function(x) x[2]^2 - (x[1] - 1)^2, function(x) c(-2, 2) * (x - 1:0), control = list(polish = TRUE))
  expect_identical(saddle$polish[["steps"]], 0)
  # the Hessian's quadratic leads from 0.1 to beyond the minimum, where fn is higher
  steep <- function(x) sqrt(1e-4 + x^2)
  early <- lbfgsb(1, steep, function(x) x / steep(x), control = list(pgtol = 2, polish = TRUE))
  expect_lte(early$value, steep(1))
  limited <- loose(control = list(maxit = 1, pgtol = 1e-9, polish = TRUE)[-2])
  expect_true(limited$convergence == 0L || is.null(limited$polish))
})
