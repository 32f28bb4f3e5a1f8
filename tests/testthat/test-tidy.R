test_that("tidy() and glance() are registered with generics", {
  skip_if_not_installed("generics")
  nll <- function(par) -sum(dnorm(cars$speed, par["mu"], par["sigma"], log = TRUE))
  fit <- lbfgsb(c(mu = 10, sigma = 4), nll, lower = c(sigma = 1e-6), hessian = TRUE)
  tidied <- generics::tidy(fit, conf.int = TRUE, conf.level = 0.9)
  expect_named(tidied, c("term", "estimate", "std.error", "statistic", "p.value", "bounds",
                         "conf.low", "conf.high"))
  expect_identical(tidied$term, c("mu", "sigma"))
  expect_identical(tidied$std.error, summary(fit)$parameters$se)
  expect_equal(cbind(tidied$conf.low, tidied$conf.high), confint(fit, level = 0.9),
               ignore_attr = TRUE)
  glanced <- generics::glance(fit)
  expect_identical(glanced$value, fit$value)
  expect_identical(glanced$free, 2L)
  fit$hessian <- NULL
  expect_named(generics::tidy(fit), c("term", "estimate", "bounds"))
})
