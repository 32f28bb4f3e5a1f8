nll <- function(par) -sum(dnorm(cars$speed, par["mu"], par["sigma"], log = TRUE))
summary_of <- function(fn = nll, ..., lower = c(sigma = 1e-6), control = list(fn_is = "negloglik")) {
  summary(lbfgsb(c(mu = 10, sigma = 4), fn, ..., lower = lower, control = control, hessian = TRUE))
}

test_that("p is that of a parameter which is 0, and NA where a bound is 0", {
  free <- summary_of()
  expect_equal(free$parameters$p, 2 * pnorm(-abs(free$parameters$z)))
  positive <- summary_of(lower = c(sigma = 0))
  expect_identical(is.na(positive$parameters$p), c(FALSE, TRUE))
  expect_identical(coef(positive)[, "Pr(>|z|)"], c(mu = positive$parameters$p[1], sigma = NA))
  expect_identical(is.na(summary_of(upper = c(mu = 20))$parameters$p), c(FALSE, FALSE))
})

test_that("what the errors rest on is said, for each kind of fn", {
  expect_snapshot(writeLines(c(
    summary_of()$validity,
    summary_of(function(par) -nll(par), control = list(fn_is = "loglik"))$validity,
    summary_of(function(par) -nll(par), control = list(fnscale = -1))$validity,
    summary_of(function(par) 2 * nll(par), control = list(fn_is = "deviance"))$validity,
    summary_of(control = list(fn_is = "other"))$validity
  )))
})

test_that("the errors of one model are the same, however fn says it", {
  expected <- coef(summary_of())
  expect_equal(coef(summary_of(function(par) -nll(par), control = list(fn_is = "loglik"))), expected,
               tolerance = 1e-5)
  expect_equal(coef(summary_of(function(par) 2 * nll(par), control = list(fn_is = "deviance"))), expected,
               tolerance = 1e-5)
})

test_that("a fit that has lost its objective has no errors, and says why", {
  fit <- lbfgsb(c(mu = 10, sigma = 4), nll, lower = c(sigma = 1e-6), hessian = TRUE)
  fit$objective <- NULL
  expect_match(summary(fit)$validity, "^No standard errors: .*objective")
  expect_null(summary(fit)$kind)
})
