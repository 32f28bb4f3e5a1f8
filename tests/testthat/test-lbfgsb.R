line <- function(par, x, y) sum((y - par[1] * x - par[2])^2)

test_that("the examples of SciPy's fmin_l_bfgs_b are solved without a gradient", {
  x <- 0:9
  y <- 2 * x + 3
  free <- lbfgsb(c(0, 1), line, x = x, y = y)
  expect_equal(free$par, c(2, 3), tolerance = 1e-6)
  expect_warning(
    boxed <- lbfgsb(c(0, 1), line, x = x, y = y, lower = c(0, 5), upper = c(5, 10)),
    class = "lbfgsb_warning_outside"
  )
  expect_equal(boxed$par, c(1.68421053, 5), tolerance = 1e-7)
  expect_equal(boxed$value, 11.57894737, tolerance = 1e-9)
  expect_equal(as.character(boxed$bounds), c("free", "at lower"))
})

test_that("names and dimensions of par reach fn, gr and the result", {
  seen <- list()
  fn <- function(par) {
    seen[[length(seen) + 1]] <<- attributes(par)
    sum((par - 1:4)^2)
  }
  par <- matrix(0L, 2, 2, dimnames = list(c("a", "b"), NULL))
  fit <- lbfgsb(par, fn, function(par) 2 * (par - 1:4))
  expect_true(all(vapply(seen, identical, NA, attributes(par))))
  expect_equal(attributes(fit$par), attributes(par))
  expect_equal(attributes(fit$gradient), attributes(par))
  expect_equal(as.vector(fit$par), 1:4, tolerance = 1e-6)
  expect_named(lbfgsb(c(a = 1, b = 2), function(x) sum(x^2))$par, c("a", "b"))
})

test_that("without fn there is an error that says so", {
  expect_error(lbfgsb(1), class = "lbfgsb_error_argument", "fn.*is missing")
  expect_error(lbfgsb(list(a = 1)), class = "lbfgsb_error_argument", "fn.*is missing")
})

test_that("fn gets its point though it removes `par` from where it was called", {
  fn <- function(x) {
    force(x)
    assign("par", NULL, parent.frame())
    list(value = sum((x - 1)^2), gradient = 2 * (x - 1))
  }
  expect_equal(lbfgsb(c(5, -3), fn)$par, c(1, 1))
})

test_that("points that fn keeps are left alone", {
  kept <- list()
  fn <- function(x) {
    kept[[length(kept) + 1]] <<- x
    sum((x - 3)^4)
  }
  fit <- lbfgsb(c(0, 1), fn, function(x) 4 * (x - 3)^3)
  expect_length(unique(kept), fit$counts[["function"]])
})

test_that("the result is the same through every way to deliver a gradient", {
  p <- rosenbrock(2)
  in_attribute <- function(x) structure(p$fn(x), gradient = p$gr(x))
  in_list <- function(x) list(value = p$fn(x), gradient = p$gr(x))
  reference <- lbfgsb(p$par, p$fn, p$gr)
  expect_identical(lbfgsb(p$par, in_attribute), reference)
  expect_identical(lbfgsb(p$par, in_list), reference)
  expect_identical(lbfgsb(p$par, in_list, p$gr), reference)
  expect_identical(lbfgsb(p$par, p$fn, function(x) t(p$gr(x))), reference)
})

test_that("functions made by deriv() work as they are", {
  fn <- deriv(~ 100 * (b - a^2)^2 + (1 - a)^2, c("a", "b"), function(a, b) NULL)
  fit <- lbfgsb(c(a = -1.2, b = 1), function(par) fn(par[["a"]], par[["b"]]))
  expect_equal(fit$par, c(a = 1, b = 1), tolerance = 1e-4)
  expect_identical(fit$counts[["function"]], fit$counts[["gradient"]])
})

test_that("nothing is evaluated twice", {
  p <- rosenbrock(2)
  evaluations <- 0
  fn <- function(x) {
    evaluations <<- evaluations + 1
    list(value = p$fn(x), gradient = p$gr(x))
  }
  fit <- lbfgsb(p$par, fn)
  expect_identical(fit$counts, c(`function` = as.integer(evaluations),
                                 gradient = as.integer(evaluations)))
})

test_that("a negative fnscale maximizes and the result is in fn's units", {
  fit <- lbfgsb(c(0, 0), function(x) 7 - sum((x - 1)^2), function(x) -2 * (x - 1),
                upper = c(2, 0.5), control = list(fnscale = -2))
  expect_equal(fit$par, c(1, 0.5), tolerance = 1e-6)
  expect_equal(fit$value, 6.75)
  expect_equal(fit$gradient, c(0, 1), tolerance = 1e-5)
  expect_gte(min(diff(fit$history$value)), 0)
})

test_that("where a maximized function is -Inf it is not defined: a trial is taken back, a start is refused", {
  loglik <- function(p) if (p[2] > 3) -Inf else sum(dnorm(cars$speed, 15, exp(p[1]), log = TRUE)) - (p[2] - 2.9)^2
  score <- function(p) c(sum((cars$speed - 15)^2 / exp(2 * p[1]) - 1), -2 * (p[2] - 2.9))
  for (gr in list(NULL, score)) {
    fit <- lbfgsb(c(1, -40), loglik, gr, control = list(fnscale = -1))
    expect_identical(fit$convergence, 0L)
    expect_gt(fit$nonfinite, 0)
    expect_equal(fit$par[2], 2.9, tolerance = 1e-4)
    expect_error(lbfgsb(c(1, 4), loglik, gr, control = list(fnscale = -1)), class = "lbfgsb_error_start")
  }
})

test_that("value is fn(par) to the bit, whatever the scaling", {
  p <- rosenbrock(2)
  for (fnscale in c(1, 3, 0.7, 1e-3)) {
    for (maxit in c(0:10, 100)) {
      fit <- lbfgsb(p$par, p$fn, p$gr,
                    control = list(fnscale = fnscale, parscale = c(0.3, 7), maxit = maxit))
      expect_identical(fit$value, p$fn(fit$par))
      expect_identical(tail(fit$history$value, 1), fit$value)
    }
  }
})

test_that("parscale by name is matched to par", {
  control <- lbfgsb_control(parscale = c(b = 100))
  by_name <- lbfgsb(c(a = 1, b = 50), function(x) sum(x^4), control = control)
  in_full <- lbfgsb(c(a = 1, b = 50), function(x) sum(x^4), control = list(parscale = c(1, 100)))
  expect_identical(by_name, in_full)
})

test_that("optim's methods are accepted and ignored", {
  fn <- function(x) sum(x^2)
  reference <- lbfgsb(1, fn)
  for (method in optim_methods) expect_identical(lbfgsb(1, fn, method = method), reference)
})

test_that("an error in fn passes through as it is, with a short call", {
  data <- rnorm(1e5)
  fn <- function(par, data) stop("no likelihood here")
  error <- tryCatch(do.call(lbfgsb, list(1, fn, data = data)), error = identity)
  expect_identical(conditionMessage(error), "no likelihood here")
  expect_identical(conditionCall(error), quote(fn(par, ...)))
})

test_that("no condition carries the data of the call, however it is made", {
  data <- rnorm(3e6)
  failing <- function(par, data) if (par > 0) stop("no") else (par - data[1])^2
  error <- tryCatch(do.call(lbfgsb, list(1, failing, data = data)), error = identity)
  expect_identical(conditionCall(error), quote(fn(par, ...)))
  expect_lt(object.size(error), 1e5)
  warning <- tryCatch(do.call(lbfgsb, list(-1, failing, data = data, lower = 0)), warning = identity)
  expect_lt(object.size(warning), 1e5)
})
