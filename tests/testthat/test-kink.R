set.seed(1)
sample <- rnorm(51)
median_fit <- function(...) {
  lbfgsb(c(p = 0), function(par, y, w = 1) sum(w * abs(y - par[["p"]])), y = sample, ...,
         control = list(fn_is = "negloglik", nobs = 51))
}

test_that("at a kink there is no Hessian to go by, and all that goes by it says so", {
  fit <- median_fit()
  expect_identical(fit$convergence, 0L)
  expect_equal(coef(fit)[["p"]], median(sample), tolerance = 1e-4)
  for (asked in list(vcov, confint, lbfgsb_hessian, function(fit) lbfgsb_delta(fit, exp))) {
    warned <- tryCatch(asked(fit), lbfgsb_warning_kink = identity)
    expect_s3_class(warned, "lbfgsb_warning_kink")
    expect_identical(warned$elements, 1L)
  }
  expect_snapshot(V <- vcov(fit))
  expect_warning(with <- median_fit(hessian = TRUE), class = "lbfgsb_warning_kink")
  expect_warning(vcov(with), class = "lbfgsb_warning_kink")
  expect_warning(told <- summary(with), class = "lbfgsb_warning_kink")
  expect_output(print(told), "are not valid: `fn`\\s+has a kink")
})

test_that("profile and bootstrap do without the Hessian, and do not warn", {
  fit <- median_fit()
  expect_no_warning(limits <- confint(fit, method = "profile"))
  rise <- function(p) sum(abs(sample - p)) - sum(abs(sample - median(sample))) - qchisq(0.95, 1) / 2
  expected <- c(uniroot(rise, c(-2, 0.1), tol = 1e-9)$root, uniroot(rise, c(0.12, 2), tol = 1e-9)$root)
  expect_equal(as.vector(limits), expected, tolerance = 1e-2)
  expect_no_warning(lbfgsb_boot(fit, 9, weights = "w"), class = "lbfgsb_warning_kink")
})

test_that("only the parameter with the kink is named, and a smooth fn has none", {
  fn <- function(par) sum(abs(sample - par[["p"]])) + (par[["q"]] - 3)^2 * (1 + par[["q"]]^2)
  warned <- tryCatch(lbfgsb_hessian(lbfgsb(c(q = 4, p = 0), fn)), lbfgsb_warning_kink = identity)
  expect_identical(warned$elements, 2L)
  smooth <- list(function(par) sum(cosh(par - 1)), function(par) sum(log(cosh(10 * (par - 1)))),
                 function(par) 1 + sum((par - 1)^4), function(par) sum(sqrt(1e-4 + (par - 1)^2)))
  for (fn in smooth) expect_no_warning(lbfgsb_hessian(lbfgsb(c(0.9, 1.2), fn)))
})

test_that("T2-6: a slope at a bound, by the long steps that noise takes, is no kink; one inside is, beside it", {
  set.seed(99)
  X <- cbind(1, matrix(rnorm(120), 40))
  lower <- c(-Inf, -Inf, 0, -Inf)
  for (i in 1:12) {
    y <- rpois(40, exp(X %*% c(1, 0.5, 0, -0.3)))
    fn <- function(b) sum(exp(drop(X %*% b)) - y * drop(X %*% b))
    for (noise in c(1e-8, 1e-6, 1e-5)) {
      control <- list(noise = noise, maxit = 0)
      expect_no_warning(lbfgsb(rep(0, 4), fn, lower = lower, hessian = TRUE, control = control), class = "lbfgsb_warning_kink")
      for (side in c(-1, 1)) {
        expect_no_warning(lbfgsb(lbfgsb(rep(0, 4), fn, lower = lower)$par * side, function(b) fn(b * side),
                                 lower = if (side < 0) -Inf else lower, upper = if (side < 0) -lower else Inf,
                                 hessian = TRUE, control = control), class = "lbfgsb_warning_kink")
      }
    }
  }
  both <- function(par) sum(abs(sample - par[["p"]])) + (par[["q"]] - 3)^2 * (1 + par[["q"]]^2)
  warned <- tryCatch(lbfgsb_hessian(lbfgsb(c(q = 4, p = 0), both, lower = c(3.2, -9))), lbfgsb_warning_kink = identity)
  expect_identical(warned$elements, 2L)
})

test_that("a level floor between two kinks is one, where the steps are as narrow, and where a run takes it for noise", {
  laplace <- function(seed, n) {
    y <- with_random_state(seed, rnorm(n, 3, 2))
    fn <- function(p) n * log(2 * p[["b"]]) + sum(abs(y - p[["m"]])) / p[["b"]]
    suppressWarnings(lbfgsb(c(m = 1, b = 1), fn, lower = c(b = 0.01), control = list(fn_is = "negloglik")))
  }
  for (seed in c(8, 10, 37)) expect_warning(lbfgsb_hessian(laplace(seed, 200)), class = "lbfgsb_warning_kink")
  for (seed in c(5, 6, 17, 24)) expect_warning(lbfgsb_hessian(laplace(seed, 20)), class = "lbfgsb_warning_kink")
})
