test_that("p is that of lm, glm and survreg", {
  skip_if_not_installed("survival")
  for (m in likelihood_models()) {
    ours <- anova(fit_likelihood(m), fit_smaller(m))
    theirs <- anova(m$smaller, m$model, test = if (m$kind == "squares") "F" else "Chisq")
    expect_equal(ours[2, ncol(ours)], theirs[2, ncol(theirs)], tolerance = 1e-4)
    expect_s3_class(ours, c("anova", "data.frame"), exact = TRUE)
  }
})

nll <- function(par) -sum(dgamma(cars$speed, par["shape"], par["rate"], log = TRUE))
gamma_fit <- function(control = list(), ...) {
  lbfgsb(c(shape = 2, rate = 0.2), nll, lower = c(shape = 1, rate = 1e-6),
         control = c(list(fn_is = "negloglik"), control), ...)
}

test_that("print names the models, and says where p is too large", {
  full <- gamma_fit()
  exponential <- update(full, fixed = c(shape = 1))
  inside <- update(full, fixed = c(shape = 6))
  expect_snapshot({
    anova(full, exponential)
    anova(inside, full)
  })
  both <- gamma_fit(fixed = c(shape = 1, rate = 1e-6))
  withr::local_options(width = 50)
  expect_snapshot(writeLines(attr(anova(both, full), "heading")))
})

test_that("a parameter that the smaller model lacks is 0 there", {
  squares <- function(par) sum((cars$dist - par["a"] - sum(par["b"], na.rm = TRUE) * cars$speed)^2)
  control <- list(fn_is = "squares", nobs = 50)
  line <- lbfgsb(c(a = 1, b = 1), squares, lower = c(b = 0), control = control)
  level <- lbfgsb(c(a = 1), squares, control = control)
  expect_match(attr(anova(level, line), "heading")[2], "p of model 2 is too large: under model 1, b is at its bound,")
  expect_match(attr(anova(level, line), "heading")[2], "F law does not hold")
  free <- lbfgsb(c(a = 1, b = 1), squares, control = control)
  expect_no_match(attr(anova(level, free), "heading")[2], "too large")
})

test_that("where the larger model fits no better from a bound on, p is 1 and said to be", {
  full <- lbfgsb(c(shape = 10, rate = 0.2), nll, lower = c(shape = 9, rate = 1e-6), control = list(fn_is = "negloglik"))
  heading <- attr(anova(update(full, fixed = c(shape = 9)), full), "heading")[2]
  expect_match(heading, "p of model 2 is about 1 by any law: under model 1, shape is at its", fixed = TRUE)
  expect_no_match(heading, "too large")
})

test_that("of models with other parameters it is said that nobody knows whether they are nested", {
  normal <- lbfgsb(c(mu = 10), function(p) -sum(dnorm(cars$speed, p[["mu"]], 15, log = TRUE)),
                   control = list(fn_is = "negloglik"))
  heading <- attr(anova(normal, gamma_fit()), "heading")[2]
  expect_match(heading, "p of model 2 holds only if model 1 is nested in it, which cannot be\nseen here, as model 2 has no mu.",
               fixed = TRUE)
  exponential <- lbfgsb(c(rate = 0.1), function(p) nll(c(shape = 1, p)), lower = 1e-6, control = list(fn_is = "negloglik"))
  expect_no_match(attr(anova(exponential, gamma_fit()), "heading")[2], "nested in it")
})

test_that("models that cannot be nested are errors", {
  full <- gamma_fit(list(nobs = 50))
  smaller <- update(full, fixed = c(shape = 2))
  fewer <- update(smaller, control = list(nobs = 49))
  squares <- update(full, control = list(fn_is = "squares"))
  cut_short <- suppressWarnings(gamma_fit(list(maxit = 0)))
  expect_snapshot(error = TRUE, {
    anova(full)
    anova(full, "smaller")
    anova(full, fewer)
    anova(full, full)
    anova(smaller, squares)
    anova(smaller, cut_short)
  })
})

test_that("fits of one fn that fix different parameters, or at different values, are not nested", {
  squares <- function(b, x) sum((cars$dist - b[["a"]] - b[["b"]] * x - b[["c"]] * x^2)^2)
  full <- lbfgsb(c(a = 0, b = 0, c = 0), squares, x = cars$speed / 10, control = list(fn_is = "squares", nobs = 50))
  smaller <- update(full, fixed = c(a = 1, b = 2))
  larger <- update(full, fixed = c(c = 0))
  at_other <- update(full, fixed = c(a = 2))
  expect_snapshot(error = TRUE, {
    anova(larger, smaller)
    anova(smaller, at_other)
  })
  expect_s3_class(anova(smaller, update(full, fixed = c(a = 1)), full), "anova")
  other_data <- update(full, x = cars$speed / 5, fixed = c(c = 0)) # what its parameters are nobody knows
  expect_s3_class(anova(smaller, other_data), "anova")
})

test_that("a larger model that fits worse by a little is refused, too", {
  y <- cars$dist - 17.58 - 3.932 * cars$speed
  squares <- function(b) sum((y - b[["a"]] - b[["b"]] * cars$speed)^2)
  options <- list(fn_is = "squares", nobs = 50)
  full <- lbfgsb(c(a = 0, b = 0), squares, control = options)
  small <- update(full, fixed = c(b = coef(full)[["b"]]))
  full$value <- small$value * (1 + 1e-5)
  expect_error(anova(small, full), "fits worse", class = "lbfgsb_error_argument")
})

test_that("a larger model that is the smaller one at infinity may stop short of it", {
  k <- c(rep(3:5, c(6, 8, 6)), 2, 6) # less dispersed than Poisson's
  poisson <- lbfgsb(c(mu = 3), function(p) -sum(dpois(k, p, log = TRUE)), lower = 1e-3, control = list(fn_is = "negloglik"))
  larger <- lbfgsb(c(mu = 3, size = 5), function(p) -sum(dnbinom(k, mu = p[["mu"]], size = p[["size"]], log = TRUE)),
                   lower = 1e-3, upper = c(size = 1e6), control = list(fn_is = "negloglik"))
  expect_gt(larger$value - poisson$value, negligible_in(poisson$value))
  expect_identical(anova(poisson, larger)[["Pr(>Chisq)"]][2], 1)
})

test_that("`test` may name the test that there is", {
  full <- gamma_fit()
  small <- update(full, fixed = c(shape = 1))
  expect_identical(anova(small, full, test = "Chisq"), anova(small, full))
  expect_identical(anova(test = "LRT", small, full), anova(small, full))
  squares <- lbfgsb(c(a = 0, b = 0), function(b) sum((cars$dist - b[["a"]] - b[["b"]] * cars$speed)^2),
                    control = list(fn_is = "squares", nobs = 50))
  smaller <- update(squares, fixed = c(b = 0))
  expect_identical(anova(smaller, squares, test = "F"), anova(smaller, squares))
  expect_snapshot(error = TRUE, {
    anova(small, full, test = "F")
    anova(smaller, squares, test = "Chisq")
    anova(small, full, dispersion = 1)
  })
})

test_that("models without a name, or with a long one, are named by their places in the call", {
  full <- gamma_fit()
  exponential <- update(full, fixed = c(shape = 1))
  models <- function(...) strsplit(attr(anova(...), "heading")[2], "\n")[[1]][1:2]
  expect_identical(models(full, exponential), c("1: exponential", "2: full"))
  in_list <- function(fits) strsplit(attr(do.call(anova, fits), "heading")[2], "\n")[[1]][1:2]
  expect_identical(in_list(list(full, exponential)), c("1: argument 2", "2: argument 1"))
  expect_identical(in_list(list(all = full, small = exponential)), c("1: small", "2: all"))
  expect_identical(in_list(list(exponential, all = full, test = "Chisq")), c("1: argument 1", "2: all"))
  long <- models(exponential, update(gamma_fit(), control = list(maxit = 1000, factr = 1e3, confirm = TRUE)))
  expect_identical(long[2], "2: argument 2")
  expect_error(do.call(anova, list(full, full)), "argument 1 and argument 2 have the same", class = "lbfgsb_error_argument")
})

test_that("fits of one fn to other data warn, and those that are nested by an argument do not", {
  nll <- function(par, y) -sum(dnorm(y, par[["mu"]], par[["s"]], log = TRUE))
  make <- function(y, ..., fn = nll) {
    lbfgsb(c(mu = 10, s = 5), fn, y = y, lower = c(s = 0.1), control = list(fn_is = "negloglik", nobs = 50), ...)
  }
  small <- make(cars$dist, fixed = c(mu = 14))
  big <- make(cars$speed)
  expect_snapshot(invisible(anova(small, big)))
  warned <- tryCatch(anova(small, big), warning = identity)
  expect_s3_class(warned, c("lbfgsb_warning_data", "lbfgsb_warning", "warning", "condition"), exact = TRUE)
  expect_identical(warned$arguments, "y")
  expect_silent(anova(small, make(cars$dist)))
  expect_silent(anova(small, make(cars$dist, fn = function(par, y) nll(par, y)))) # another function
  within_closure <- function(y) function(par, ...) nll(par, y)
  expect_warning(anova(make(0, fn = within_closure(cars$dist), fixed = c(mu = 14)), make(0, fn = within_closure(cars$speed))),
                 "what `fn` reads", class = "lbfgsb_warning_data")
  squares <- function(b, X, y) sum((y - X %*% b)^2)
  linear <- function(X, ...) {
    lbfgsb(rep(0, ncol(X)), squares, X = X, y = cars$dist, control = list(fn_is = "squares", nobs = 50), ...)
  }
  X <- cbind(1, cars$speed, cars$speed^2 / 20)
  expect_silent(anova(linear(X[, 1, drop = FALSE]), linear(X[, -3]), linear(X))) # other parameters
  expect_silent(anova(linear(X[, -2], fixed = c("[2]" = 0)), linear(X[, -3])))   # the same value there
})

test_that("rows are numbered as in the heading, however the arguments are called", {
  y <- with_random_state(1, rnorm(20, 1))
  large <- lbfgsb(c(mu = 0, ls = 0), function(p) -sum(dnorm(y, p[1], exp(p[2]), log = TRUE)),
                  control = list(fn_is = "negloglik"))
  small <- update(large, fixed = c(mu = 0))
  expect_identical(rownames(anova(large, small = small)), c("1", "2"))
  expect_identical(rownames(do.call(anova, list(large, `1` = small))), c("1", "2"))
})

test_that("a table of fits beside a fit is told how to be tested", {
  squares <- function(p, d) sum((d - p)^2)
  fit <- lbfgsb(c(m = 1), squares, d = cars$speed, control = list(fn_is = "squares", nobs = 50))
  fits <- lbfgsb_many(c(m = 1), squares, data = split(cars$speed, rep(1:2, 25)), control = list(fn_is = "squares", nobs = 25))
  expect_error(anova(fit, fits), "deviance(fit) - sum(deviance(fits))", fixed = TRUE, class = "lbfgsb_error_argument")
})
