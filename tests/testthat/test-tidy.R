test_that("tidy() and glance() are registered with generics", {
  skip_if_not_installed("generics")
  nll <- function(par) -sum(dnorm(cars$speed, par["mu"], par["sigma"], log = TRUE))
  fit <- lbfgsb(c(mu = 10, sigma = 4), nll, lower = c(sigma = 1e-6), hessian = TRUE)
  tidied <- generics::tidy(fit, conf.int = TRUE, conf.level = 0.9)
  expect_named(tidied, c("term", "estimate", "std.error", "statistic", "p.value", "newton", "bounds",
                         "conf.low", "conf.high"))
  expect_identical(tidied$term, c("mu", "sigma"))
  expect_identical(tidied$std.error, summary(fit)$parameters$se)
  expect_equal(cbind(tidied$conf.low, tidied$conf.high), confint(fit, level = 0.9),
               ignore_attr = TRUE)
  glanced <- generics::glance(fit)
  expect_identical(glanced$value, fit$value)
  expect_identical(glanced$free, 2L)
  expect_equal(glanced$logLik, -fit$value)
  expect_equal(glanced$AIC, 2 * fit$value + 4)
  expect_true(all(is.na(glanced[c("BIC", "nobs", "df.residual")])))
  counted <- generics::glance(update(fit, control = list(nobs = 50)))
  expect_equal(unlist(counted[c("BIC", "deviance", "nobs", "df.residual")]),
               c(BIC = BIC(update(fit, control = list(nobs = 50))), deviance = 2 * fit$value, nobs = 50, df.residual = 48))
  other <- generics::glance(update(fit, control = list(fn_is = "other")))
  expect_true(all(is.na(other[c("logLik", "AIC", "deviance")])))
  fit$hessian <- NULL
  expect_named(generics::tidy(fit), c("term", "estimate", "bounds"))
})
