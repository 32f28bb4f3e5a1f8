terms <- function(par, weight) {
  mean <- exp(par[["a"]] + par[["b"]] * (warpbreaks$wool == "B"))
  -weight * dpois(warpbreaks$breaks, mean, log = TRUE)
}
poisson_fit <- function(...) {
  fit <- lbfgsb(c(a = 1, b = 0), function(par, weight) sum(terms(par, weight)), weight = 1, ...,
                control = list(fn_is = "negloglik", factr = 10))
  fit$contributions <- terms
  fit
}

test_that("sandwich(), vcovCL() and estfun() agree with those of glm() and lm()", {
  for (package in c("survival", "sandwich")) skip_if_not_installed(package)
  for (m in likelihood_models()) {
    fit <- fit_likelihood(m)
    fit$contributions <- m$terms
    clusters <- rep(1:8, length.out = m$nobs)
    expect_equal(sandwich::sandwich(fit), sandwich::sandwich(m$model), tolerance = 1e-4, ignore_attr = TRUE)
    theirs <- sandwich::vcovCL(m$model, clusters, type = "HC0")
    expect_equal(sandwich::vcovCL(fit, clusters), theirs, tolerance = 1e-4, ignore_attr = TRUE)
    expect_equal(sandwich::estfun(fit), sandwich::estfun(m$model), tolerance = 1e-3, ignore_attr = TRUE)
    expect_equal(sandwich::bread(fit), sandwich::bread(m$model), tolerance = 1e-4, ignore_attr = TRUE)
  }
})

test_that("a parameter that is large beside its error has the sandwich, and the gradients, in closed form", {
  for (m in epoch_models()) {
    for (gr in list(m$gr, NULL)) {
      fit <- fit_epoch(replace(m, "gr", list(gr)))
      J <- m$jacobian(coef(fit))
      H <- lbfgsb_hessian(fit)
      V <- solve(H, t(solve(H, crossprod(J))))
      expect_equal(vcov(fit, contributions = m$terms), V, tolerance = 1e-4)
      fit$contributions <- m$terms
      expect_equal(estfun.lbfgsb(fit), -J / 2, tolerance = 1e-4, ignore_attr = TRUE)
      unsaid <- fit_epoch(replace(m, c("gr", "nobs"), list(gr, NULL)))
      expect_equal(vcov(unsaid, contributions = m$terms), V, tolerance = 1e-3)
    }
  }
})

test_that("intervals go by another covariance matrix, as those of lmtest, and stop at bounds", {
  fit <- suppressWarnings(poisson_fit(lower = c(a = 3.35)), classes = "lbfgsb_warning_outside")
  V <- vcov(fit, contributions = terms)
  limits <- confint(fit, level = 0.9, covariance = V)
  expect_equal(limits[, 2], coef(fit) + qnorm(0.95) * sqrt(diag(V)))
  expect_identical(limits["a", 1], 3.35)
  expect_identical(confint(fit, "b", 0.9, covariance = V), limits["b", , drop = FALSE])
  expect_snapshot(error = TRUE, {
    confint(fit, covariance = V, method = "profile")
    confint(fit, covariance = sqrt(diag(V)))
    confint(fit, covariance = vcov)
    lbfgsb_delta(fit, function(par) par[["a"]], covariance = V[1, , drop = FALSE])
    summary(fit, covariance = matrix(NA, 2, 2))
    summary(fit, covariance = -V)
  })
  skip_if_not_installed("lmtest")
  expect_equal(limits["b", ], lmtest::coefci(fit, "b", 0.9, vcov. = V)[1, ], ignore_attr = TRUE)
})

test_that("arguments in the dots reach the contributions; a parameter at its bound is known", {
  skip_if_not_installed("sandwich")
  model <- glm(breaks ~ wool, poisson, warpbreaks, epsilon = 1e-14)
  fit <- poisson_fit()
  expect_equal(sandwich::sandwich(fit), sandwich::sandwich(model), tolerance = 1e-4, ignore_attr = TRUE)
  bound <- poisson_fit(lower = c(b = 0))
  robust <- vcov(bound, contributions = terms)
  expect_identical(is.na(robust), matrix(c(FALSE, TRUE, TRUE, TRUE), 2, dimnames = dimnames(robust)))
  warned <- tryCatch(sandwich::bread(bound), lbfgsb_warning_bound = identity)
  expect_match(conditionMessage(warned), "^b is at its bound.*vcov\\(fit, contributions = fit\\$contributions\\) has NA")
  expect_identical(warned$elements, 2L)
  theirs <- suppressWarnings(sandwich::sandwich(bound), classes = "lbfgsb_warning_bound")
  expect_equal(theirs, vcov(bound, 0, terms), tolerance = 1e-12, ignore_attr = TRUE)
  expect_no_warning(sandwich::bread(fit))
  smaller <- glm(breaks ~ 1, poisson, warpbreaks)
  expect_equal(robust[["a", "a"]], sandwich::sandwich(smaller)[[1]], tolerance = 1e-4)
})

test_that("contributions that are none are errors", {
  fit <- poisson_fit()
  expect_snapshot(error = TRUE, {
    vcov(fit, contributions = "terms")
    vcov(fit, contribution = 3)
    vcov(fit, contributions = function(par, weight) "none")
    vcov(fit, contributions = function(par, weight) 2 * terms(par, weight))
    vcov(fit, contributions = function(par, weight) sum(terms(par, weight)))
    estfun.lbfgsb(replace(fit, "contributions", list(NULL)))
  })
})

test_that("contributions that do not take the data of the fit are told to", {
  named <- lbfgsb(c(mu = 1), function(par, y) sum((y - par)^2) / 2, y = cars$speed, control = list(fn_is = "negloglik"))
  unnamed <- lbfgsb(c(mu = 1), function(par, y, s) sum((y - par)^2) / s, NULL, cars$speed, 2,
                    control = list(fn_is = "negloglik"))
  expect_snapshot(error = TRUE, {
    vcov(named, contributions = function(par) (cars$speed - par)^2 / 2)
    vcov(named, contributions = function(par, x) (x - par)^2 / 2)
    vcov(unnamed, contributions = function(par, y) (y - par)^2 / 2)
  })
  V <- vcov(named, contributions = function(par, y) (y - par)^2 / 2)
  expect_identical(vcov(named, contributions = function(par, ...) (cars$speed - par)^2 / 2), V)
  expect_identical(vcov(named, contributions = function(par, ydata) (ydata - par)^2 / 2), V)
  expect_equal(vcov(unnamed, contributions = function(par, y, s) (y - par)^2 / s), V, tolerance = 1e-6)
})

test_that("an error in the contributions shows no data", {
  fit <- lbfgsb(c(mu = 1), function(par, y) sum((y - par)^2) / 2, y = cars$speed)
  error <- tryCatch(vcov(fit, contributions = function(par, y) stop("no")), error = identity)
  expect_identical(conditionMessage(error), "no")
  expect_lt(nchar(paste(deparse(conditionCall(error)), collapse = "")), 50)
})
