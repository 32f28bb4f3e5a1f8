target <- list(b = matrix(1:4, 2), s = 2)
distance <- function(par) sum((par$b - target$b)^2) + (par$s - target$s)^2
slopes <- function(par) list(b = 2 * (par$b - target$b), s = 2 * (par$s - target$s))
start <- list(b = matrix(0, 2, 2), s = 1)

test_that("a list of arrays reaches fn and gr, and returns", {
  fn <- function(par) {
    stopifnot(identical(dim(par$b), c(2L, 2L)), length(par) == 2)
    distance(par)
  }
  along <- function(par) list(value = fn(par), gradient = slopes(par))
  attached <- function(par) structure(fn(par), gradient = slopes(par))
  fits <- list(lbfgsb(start, fn), lbfgsb(start, fn, slopes), lbfgsb(start, along),
               lbfgsb(start, attached))
  for (fit in fits) {
    expect_equal(fit$par, target, tolerance = 1e-6)
    expect_identical(lapply(fit$gradient, dim), lapply(start, dim))
  }
  expect_identical(fits[[2]]$value, fits[[3]]$value)
  expect_identical(fits[[3]]$value, fits[[4]]$value)
})

test_that("bounds may be lists, the dots are passed on", {
  fit <- lbfgsb(start, function(par, k) k * distance(par), k = 2, lower = list(s = 0),
                upper = list(b = 2.5))
  expect_equal(fit$par, list(b = matrix(c(1, 2, 2.5, 2.5), 2), s = 2), tolerance = 1e-6)
  expect_identical(names(fit$bounds), c("b1", "b2", "b3", "b4", "s"))
  by_name <- lbfgsb(start, distance, upper = c(b3 = 2))
  expect_identical(by_name$par$b[3], 2)
  expect_error(lbfgsb(start, distance, upper = list(sigma = 1)), "sigma",
               class = "lbfgsb_error_argument")
})

test_that("the methods work on it", {
  fit <- lbfgsb(start, distance, hessian = TRUE)
  expect_equal(vcov(fit), diag(5) / 2, ignore_attr = TRUE, tolerance = 1e-5)
  expect_identical(rownames(confint(fit)), c("b1", "b2", "b3", "b4", "s"))
  expect_equal(confint(fit, "s", method = "profile"), confint(fit, "s"), tolerance = 1e-4)
  expect_identical(coef(fit), fit$par)
  expect_output(print(summary(fit)), "b4")
})

test_that("a list that is not numeric is an error", {
  expect_error(lbfgsb(list(a = "1"), distance), class = "lbfgsb_error_argument")
  expect_error(lbfgsb(start, 3), class = "lbfgsb_error_argument", "fn.*must be a function")
  expect_error(lbfgsb(start, distance, method = "SGD"), class = "lbfgsb_error_argument", "method")
})

test_that("a gradient that is a list is matched by its names", {
  ahead <- lbfgsb(start, distance, slopes)
  backwards <- function(par) rev(slopes(par))
  expect_identical(lbfgsb(start, distance, backwards)$par, ahead$par)
  along <- function(par) list(value = distance(par), gradient = backwards(par))
  expect_identical(lbfgsb(start, along)$par, ahead$par)
  unnamed <- lbfgsb(start, distance, function(par) unname(slopes(par)))
  expect_identical(unnamed$par, ahead$par)
  expect_error(lbfgsb(start, distance, function(par) slopes(par)["s"]), "there is no b",
               class = "lbfgsb_error_objective")
})

test_that("a run on a list is taken up with the same fn, and asked and told in lists", {
  whole <- lbfgsb(start, distance, slopes, upper = list(b = 3))
  calls <- 0
  failing <- function(par) if ((calls <<- calls + 1) == 3) stop("no more") else distance(par)
  error <- tryCatch(lbfgsb(start, failing, slopes, upper = list(b = 3)), error = identity)
  expect_identical(lapply(error$par, dim), lapply(start, dim))
  rest <- lbfgsb_resume(unserialize(serialize(error$state, NULL)), distance, slopes)
  expect_identical(figures_of(rest), figures_of(whole))

  state <- lbfgsb_start(start, upper = list(b = 3))
  while (!is.null(par <- lbfgsb_ask(state))) {
    state <- lbfgsb_tell(state, distance(par), rev(slopes(par)))
  }
  expect_identical(figures_of(lbfgsb_result(state)), figures_of(whole))
  refused <- tryCatch(lbfgsb(start, function(par) NaN), error = identity)
  expect_identical(refused$par, start)
})

test_that("a bound of a component has one number, or as many as it", {
  expect_error(lbfgsb(start, distance, lower = list(b = 1:3)), class = "lbfgsb_error_argument",
               "lower.* must have one number or as many as `par` has in b")
  expect_error(lbfgsb(start, distance, upper = list(s = 1:2, b = 9)), class = "lbfgsb_error_argument", "upper.*in s")
})

test_that("check_gradient() takes a list", {
  check <- check_gradient(distance, function(par) replace(slopes(par), "s", 0), start, lower = list(b = -1))
  expect_identical(check$parameter, c("b1", "b2", "b3", "b4", "s"))
  expect_identical(check$fits, c(TRUE, TRUE, TRUE, TRUE, FALSE))
})
