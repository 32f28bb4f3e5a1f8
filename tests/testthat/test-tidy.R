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
  expect_true(all(is.na(glanced[c("BIC", "nobs")])))
  expect_identical(glanced$df.residual, df.residual(fit))
  counted <- generics::glance(update(fit, control = list(nobs = 50)))
  expect_equal(unlist(counted[c("BIC", "deviance", "nobs", "df.residual")]),
               c(BIC = BIC(update(fit, control = list(nobs = 50))), deviance = 2 * fit$value, nobs = 50, df.residual = Inf))
  other <- generics::glance(update(fit, control = list(fn_is = "other")))
  expect_true(all(is.na(other[c("logLik", "AIC", "deviance")])))
})

test_that("a fit without a Hessian is tidied by that of vcov()", {
  with <- lbfgsb(c(a = 1, b = 2), function(x) sum((x - 3)^2) / 2, hessian = TRUE, control = list(fn_is = "negloglik"))
  without <- update(with, hessian = FALSE)
  tidied <- expect_silent(tidy.lbfgsb(without))
  expect_identical(tidied$std.error, unname(sqrt(diag(vcov(without)))))
  expect_equal(tidied, tidy.lbfgsb(with))
})

test_that("standard errors that vcov() does not have are NA, and a warning says why", {
  fn <- function(x, y) sum((y - sum(x))^2)
  alike <- lbfgsb(c(a = 1, b = 2), fn, y = 1:9, control = list(fn_is = "negloglik"))
  uncounted <- lbfgsb(c(a = 1), fn, y = 1:9, control = list(fn_is = "squares"))
  errors <- c("std.error", "statistic", "p.value", "newton")
  lost <- replace(uncounted, c("objective", "state"), list(NULL))
  expect_snapshot(without <- list(tidy.lbfgsb(uncounted), tidy.lbfgsb(lost)))
  for (tidied in without) expect_true(all(is.na(tidied[errors])))
  warned <- expect_warning(tidied <- tidy.lbfgsb(alike), "no standard errors: the Hessian")
  expect_true(all(is.na(tidied[errors])))
  expect_s3_class(warned, c("lbfgsb_warning_errors", "lbfgsb_warning", "warning", "condition"), exact = TRUE)
  expect_s3_class(warned$parent, "lbfgsb_error_hessian")
})

test_that("limits that there are none of are NA too, so that a table of fits is whole", {
  alike <- lbfgsb(c(a = 1, b = 2), function(x, y) sum((y - sum(x))^2), y = 1:9, control = list(fn_is = "negloglik"))
  other <- lbfgsb(c(a = 1), function(x) sum((x - 2)^2), control = list(fn_is = "other"))
  tidied_by <- function(fit, method) {
    expect_warning(tidied <- tidy.lbfgsb(fit, conf.int = TRUE, conf.method = method), class = "lbfgsb_warning_errors")
    tidied[c("estimate", "std.error", "conf.low", "conf.high")]
  }
  for (tidied in list(tidied_by(alike, "wald"), tidied_by(other, "wald"), tidied_by(other, "profile"))) {
    expect_true(all(is.na(tidied[-1])) && !anyNA(tidied$estimate))
  }
  by_profile <- tidied_by(alike, "profile") # either may be anything, as the other makes up for it
  expect_identical(c(by_profile$conf.low, by_profile$conf.high), rep(c(-Inf, Inf), each = 2))
  expect_error(suppressWarnings(tidy.lbfgsb(alike, conf.int = TRUE, conf.level = 2)), "level")
})

test_that("tidy() warns of a wrong gradient once", {
  run <- function() lbfgsb(c(a = 1, b = 1), function(x) sum((x - 3)^2) / 2, function(x) (x - 3) * 2,
                           control = list(fn_is = "negloglik"))
  fit <- suppressWarnings(run(), classes = "lbfgsb_warning_gradient")
  for (conf.int in c(FALSE, TRUE)) {
    expect_identical(classes_warned(tidy.lbfgsb(fit, conf.int)), "lbfgsb_warning_gradient")
  }
})

test_that("intervals of a fit without a Hessian come with the standard errors that they are made of", {
  with <- lbfgsb(c(a = 1, b = 2), function(x) sum((x - 3)^2) / 2, hessian = TRUE, control = list(fn_is = "negloglik"))
  for (method in c("wald", "profile")) {
    expect_equal(tidy.lbfgsb(update(with, hessian = FALSE), conf.int = TRUE, conf.method = method),
                 tidy.lbfgsb(with, conf.int = TRUE, conf.method = method))
  }
})

test_that("tidy() takes the intervals by the profile, and exp() of estimates and limits alone", {
  fit <- lbfgsb(c(a = 0, b = 0), function(p) -sum(dpois(warpbreaks$breaks, exp(p["a"] + p["b"] * (warpbreaks$wool == "A")),
                                                        log = TRUE)),
                hessian = TRUE, control = list(fn_is = "negloglik"))
  plain <- tidy.lbfgsb(fit, conf.int = TRUE, conf.method = "profile")
  expect_equal(cbind(plain$conf.low, plain$conf.high), unclass(confint(fit, method = "profile")), ignore_attr = TRUE)
  expect_false(isTRUE(all.equal(plain$conf.low, tidy.lbfgsb(fit, conf.int = TRUE)$conf.low, tolerance = 1e-6)))
  ratios <- tidy.lbfgsb(fit, conf.int = TRUE, conf.method = "profile", exponentiate = TRUE)
  logged <- c("estimate", "conf.low", "conf.high")
  expect_equal(ratios[logged], exp(plain[logged]))
  expect_identical(ratios[setdiff(names(plain), logged)], plain[setdiff(names(plain), logged)])
  expect_snapshot(error = TRUE, {
    tidy.lbfgsb(fit, conf.method = "boot")
    tidy.lbfgsb(fit, exponentate = TRUE)
  })
})

test_that("several starts are tidied by a row for each optimum, and glanced at by the best", {
  himmelblau <- function(x) (x[1]^2 + x[2] - 11)^2 + (x[1] + x[2]^2 - 7)^2
  starts <- list(c(x = 3, y = 2), c(x = -3, y = 3), c(x = 3.1, y = 2))
  runs <- lbfgsb_multistart(starts, himmelblau, lower = -5, upper = 5, control = list(fn_is = "other"))
  tidied <- tidy.lbfgsb_multistart(runs)
  expect_identical(as.data.frame(runs), tidied)
  expect_identical(tidied$level, runs$levels)
  expect_named(tidied, c("optimum", "level", "value", "runs", "converged", "x", "y"))
  expect_identical(tidied$optimum, 1:2)
  expect_identical(sort(tidied$runs), 1:2)
  expect_equal(as.matrix(tidied[c("x", "y")]), as.matrix(runs$optima[c("x", "y")]), ignore_attr = TRUE)
  expect_identical(glance.lbfgsb_multistart(runs), glance.lbfgsb(runs$best))
  expect_snapshot(error = TRUE, tidy.lbfgsb_multistart(runs, conf.int = TRUE))
})

test_that("many fits are tidied by a row for each fit and parameter, and glanced at by one for each fit", {
  skip_if_not_installed("generics")
  nll <- function(par, y) -sum(dnorm(y, par[["mu"]], par[["sigma"]], log = TRUE))
  data <- c(split(iris$Sepal.Length, iris$Species), list(none = "a"))
  fits <- lbfgsb_many(c(mu = 5, sigma = 1), nll, data = data, lower = c(sigma = 0.1), control = list(fn_is = "negloglik", nobs = 50))
  tidied <- generics::tidy(fits, conf.int = TRUE)
  expect_identical(tidied$fit, rep(names(data)[1:3], each = 2))
  expect_identical(tidied[3:4, -1], generics::tidy(lbfgsb_one(fits, 2), conf.int = TRUE), ignore_attr = "row.names")
  glanced <- generics::glance(fits)
  expect_identical(glanced$fit, names(data))
  expect_identical(glanced[c("value", "convergence")], as.data.frame(fits)[c("value", "convergence")], ignore_attr = TRUE)
  expect_identical(glanced$BIC[1:3], unname(BIC(fits[1:3, ])))
  expect_identical(generics::glance(fits[2, ])$logLik, glanced$logLik[2])
  unknown <- lbfgsb_many(rbind(c(a = 1), 2), function(p) sum(p^2), control = list(fn_is = "other"))
  expect_identical(generics::glance(unknown)[c("fit", "AIC", "nobs")], data.frame(fit = 1:2, AIC = NA_real_, nobs = NA_real_))
  expect_error(generics::tidy(fits, level = 0.9), class = "lbfgsb_error_argument")
})

test_that("conf.int and exponentiate are TRUE or FALSE", {
  fit <- lbfgsb(c(a = 1), function(p) sum((p - 2)^2), control = list(fn_is = "negloglik"))
  expect_error(tidy.lbfgsb(fit, conf.int = "yes"), "`conf.int` must be TRUE or FALSE", class = "lbfgsb_error_argument")
  expect_error(tidy.lbfgsb(fit, exponentiate = NA), "`exponentiate` must be TRUE or FALSE", class = "lbfgsb_error_argument")
})

test_that("tidy() of a table says once what its sums of squares lack, and how to give it", {
  skip_if_not_installed("generics")
  squares <- function(par, d) sum((d - par)^2)
  fits <- lbfgsb_many(c(a = 1), squares, data = list(1:3, 2:4), control = list(fn_is = "squares"))
  said <- character()
  tidied <- withCallingHandlers(generics::tidy(fits), lbfgsb_warning_errors = function(w) {
    said <<- c(said, conditionMessage(w))
    invokeRestart("muffleWarning")
  })
  expect_match(said, "must be given to lbfgsb_many()", fixed = TRUE)
  expect_length(said, 1)
  expect_identical(tidied$std.error, c(NA_real_, NA_real_))
})

test_that("the warnings of many fits are one for each class, with the names of the fits", {
  counts <- list(a = c(8, 12, 5), b = c(3, 9, 0), c = c(4, 0, 6), d = c(7, 7, 7), e = c(2, 11, 0))
  nll <- function(p, counts) {
    q <- c(0, p)
    -sum(counts * (q - max(q) - log(sum(exp(q - max(q))))))
  }
  fits <- lbfgsb_many(c(u = 0, v = 0), nll, data = counts, control = list(fn_is = "negloglik"))
  expect_warning(vcov(lbfgsb_one(fits, "b")), "barely depends on v", class = "lbfgsb_warning_flat")
  told <- list()
  tidied <- withCallingHandlers(tidy.lbfgsb_many(fits), lbfgsb_warning = function(w) {
    told <<- c(told, list(w))
    tryInvokeRestart("muffleWarning")
  })
  alone <- function(i) suppressWarnings(tidy.lbfgsb(lbfgsb_one(fits, i)), classes = "lbfgsb_warning_flat")
  expect_identical(tidied[-1], do.call(rbind, lapply(1:5, alone)), ignore_attr = TRUE)
  expect_length(told, 1)
  expect_s3_class(told[[1]], "lbfgsb_warning_flat")
  expect_identical(told[[1]]$fits, c("b", "c", "e"))
  expect_snapshot(writeLines(conditionMessage(told[[1]])))
})

test_that("a bootstrap and a profile have tidy(), of what confint() and summary() say", {
  skip_if_not_installed("generics")
  nll <- function(p, y, w = 1) -sum(w * dgamma(y, p["shape"], p["rate"], log = TRUE))
  fit <- lbfgsb(c(shape = 2, rate = 0.2), nll, y = cars$speed, lower = 1e-6, control = list(fn_is = "negloglik", nobs = 50))
  b <- lbfgsb_boot(fit, 39, weights = "w")
  tidied <- generics::tidy(b)
  expect_identical(tidied, data.frame(term = c("shape", "rate"), estimate = unname(coef(fit)),
                                      bias = unname(colMeans(b$t) - coef(fit)), std.error = unname(apply(b$t, 2, sd))))
  limits <- expect_silent(generics::tidy(b, conf.int = TRUE, conf.level = 0.9, conf.method = "basic"))[c("conf.low", "conf.high")]
  expect_identical(as.matrix(limits), confint(b, level = 0.9, type = "basic"), ignore_attr = TRUE)
  expect_identical(generics::glance(b), data.frame(replicates = 39L, left_out = 0L, seed = 1, drawn = 50L, kind = "weighted"))
  expect_error(generics::tidy(b, levl = 0.9), class = "lbfgsb_error_argument")
  profiled <- profile(fit, "rate", level = 0.9)
  expect_identical(generics::tidy(profiled), data.frame(term = "rate", estimate = fit$par[["rate"]],
                                                        conf.low = confint(profiled, level = 0.9)[[1]],
                                                        conf.high = confint(profiled, level = 0.9)[[2]]))
})
