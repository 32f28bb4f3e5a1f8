# Minus the log-likelihood of counts, by the logits of all categories but the first, with a factor for their unit
counts <- c(8, 12, 5, 0)
logits_nll <- function(q, unit = 1) {
  q <- c(0, q / unit)
  -sum(counts * (q - max(q) - log(sum(exp(q - max(q))))))
}
logits_fit <- function(fn = logits_nll, ..., start = c(b = 0, c = 0, d = 0), control = list(fn_is = "negloglik")) {
  lbfgsb(start, fn, ..., control = control)
}

test_that("the logit of a category without a count is told by vcov(), confint(), summary() and tidy(), once", {
  fit <- logits_fit(hessian = TRUE)
  expect_identical(fit$convergence, 0L)
  expect_gt(suppressWarnings(vcov(fit))["d", "d"], 100^2)
  warned <- tryCatch(vcov(fit), lbfgsb_warning = identity)
  expect_identical(unname(warned$elements), 3L)
  expect_snapshot({
    writeLines(conditionMessage(warned))
    writeLines(suppressWarnings(summary(fit))$validity)
  })
  for (told in list(quote(vcov(fit)), quote(confint(fit)), quote(summary(fit)), quote(lbfgsb_delta(fit, exp)))) {
    expect_identical(classes_warned(eval(told)), "lbfgsb_warning_flat", label = deparse(told))
  }
  skip_if_not_installed("generics")
  expect_identical(classes_warned(generics::tidy(fit, conf.int = TRUE)), "lbfgsb_warning_flat")
  expect_identical(classes_warned(generics::tidy(logits_fit(), conf.int = TRUE)), "lbfgsb_warning_flat")
})

# Minus the log-likelihoods of logistic models of data that they separate
separated_fits <- function() {
  binomial <- function(y, X) function(b) -sum(dbinom(y, 1, plogis(drop(X %*% b)), log = TRUE))
  stable <- function(y, X) {
    function(b) {
      eta <- drop(X %*% b)
      sum(log1p(exp(-abs(eta))) + pmax(eta, 0) - y * eta)
    }
  }
  fit <- function(fn, n) lbfgsb(c(a = 0, b = 0, c = 0, d = 0)[seq_len(n)], fn, control = list(fn_is = "negloglik"))
  cars <- function(names) binomial(mtcars$am, cbind(1, as.matrix(mtcars[names])))
  x <- qnorm(ppoints(100))[c(seq(1, 99, 2), seq(2, 100, 2))]
  list(dose = fit(binomial(rep(0:1, each = 3), cbind(1, 1:6)), 2), stable = fit(stable(as.numeric(x > 0.1), cbind(1, x)), 2),
       four = fit(cars(c("wt", "hp", "qsec")), 4), three = fit(cars(c("wt", "qsec")), 3))
}

test_that("data that a logistic model separates have no standard errors without a warning", {
  for (fit in separated_fits()) {
    expect_identical(fit$convergence, 0L)
    for (told in list(quote(vcov(fit)), quote(confint(fit)))) {
      expect_true(inherits(tryCatch(eval(told), condition = identity), c("lbfgsb_warning_flat", "lbfgsb_error_hessian")))
    }
  }
})

test_that("where the Hessian is singular as the data are certain, the error says so first", {
  d <- rep(0:1, each = 4)
  eta <- function(p) p[["a"]] + p[["b"]] * d
  nll <- function(p) -sum(dbinom(d, 1, plogis(eta(p)), log = TRUE))
  slope <- function(p) c(sum(plogis(eta(p)) - d), sum((plogis(eta(p)) - d) * d))
  fit <- lbfgsb(c(a = 0, b = 0), nll, slope, control = list(fn_is = "negloglik"))
  expect_error(vcov(fit), "its data are certain at the estimate, .*see \"separation\"", class = "lbfgsb_error_hessian")
})

test_that("a steep function is told in words, one that is not quadratic but to a factor is not", {
  d <- rep(0:1, each = 12)
  nll <- function(p) -sum(dbinom(d, 1, plogis(p[["a"]] + p[["b"]] * d), log = TRUE))
  fit <- lbfgsb(c(a = 0, b = 0), nll, control = list(fn_is = "negloglik"))
  expect_snapshot(writeLines(conditionMessage(tryCatch(vcov(fit), lbfgsb_warning_flat = identity))))
  rate <- function(p) -sum(dpois(c(0, 1, 1), exp(p[["l"]] - 0.5), log = TRUE))
  expect_identical(classes_warned(vcov(lbfgsb(c(l = 0.1), rate, control = list(fn_is = "negloglik")))), character())
})

test_that("it is told in any units, from any start, and where a bound or the domain of fn ends early", {
  told <- function(...) expect_identical(classes_warned(vcov(logits_fit(...))), "lbfgsb_warning_flat")
  for (unit in c(2^-20, 2^20, 1e-6, 1e3)) told(unit = unit)
  told(start = c(b = 1, c = -1, d = -25))
  told(lower = -50, upper = 50)
  told(fn = function(q) 2 * logits_nll(q), control = list(fn_is = "deviance"))
  told(fn = function(q) -logits_nll(q), control = list(fn_is = "loglik"))
  told(fn = function(q) if (any(abs(q) > 200)) stop("out of range") else logits_nll(q))
  told(fn = function(q) if (any(abs(q) > 200)) NaN else logits_nll(q))
})

test_that("in units by powers of two the elements are the same to the bit", {
  V <- function(unit) {
    fit <- logits_fit(unit = unit, control = list(parscale = unit))
    suppressWarnings(vcov(fit), classes = "lbfgsb_warning_flat")
  }
  expect_identical(V(2^12) / 2^24, V(1))
})

test_that("an estimate that is not significant, or at 0, is no flat one", {
  set.seed(1)
  for (seed in 1:10) {
    x <- matrix(rnorm(60), 20)
    y <- rbinom(20, 1, 0.5)
    logistic <- lbfgsb(numeric(4), function(b) -sum(dbinom(y, 1, plogis(b[1] + drop(x %*% b[-1])), log = TRUE)))
    expect_identical(classes_warned(vcov(logistic)), character())
    squares <- lbfgsb(numeric(4), function(b) sum((y - 1e-6 * b[1] - drop(x %*% b[-1]))^2),
                      control = list(fn_is = "squares", nobs = 20))
    expect_identical(classes_warned(vcov(squares)), character())
  }
  at_zero <- lbfgsb(c(a = 0), function(a) -sum(dnorm(c(-1, 1), a, 1, log = TRUE)), lower = -1e-3, upper = 1e-3)
  expect_identical(classes_warned(vcov(at_zero)), character())
})

test_that("the degrees of freedom of normal data are flat", {
  y <- qnorm(ppoints(200))
  nll <- function(p) -sum(dt((y - p[["mu"]]) / p[["s"]], p[["df"]], log = TRUE) - log(p[["s"]]))
  fit <- lbfgsb(c(mu = 0.1, s = 1, df = 5), nll, lower = c(s = 1e-3, df = 0.1), control = list(fn_is = "negloglik"))
  expect_identical(fit$convergence, 0L)
  warned <- tryCatch(vcov(fit), lbfgsb_warning_flat = identity)
  expect_identical(unname(warned$elements), 3L)
})

test_that("fn is evaluated for suspicious parameters only, a few times", {
  calls <- 0
  counted <- function(q) {
    calls <<- calls + 1
    logits_nll(q)
  }
  fit <- logits_fit(counted, hessian = TRUE)
  calls <- 0
  suppressWarnings(vcov(fit), "lbfgsb_warning_flat")
  expect_lte(calls, 11)
  expect_gte(calls, 2) # of which one tells that fn is what it was
  sure <- logits_fit(counted, hessian = TRUE, fixed = c(d = -5), start = c(b = 0.1, c = 0.1, d = 0))
  calls <- 0
  vcov(sure)
  expect_lte(calls, 5)
})

test_that("the profile of a flat parameter is open to that side and right to the other", {
  fit <- logits_fit()
  limits <- expect_silent(confint(fit, "d", method = "profile"))
  expect_identical(limits[[1]], -Inf)
  others <- function(d) lbfgsb(c(b = 0, c = 0), function(q) logits_nll(c(q, d)))$value
  rise <- function(d) 2 * (others(d) - fit$value) - qchisq(0.95, 1)
  expect_equal(limits[[2]], uniroot(rise, c(-4, 0), tol = 1e-8)$root, tolerance = 1e-3)
})

test_that("a side where the box leaves next to no room tells nothing", {
  y <- c(1, 1, 4, 6, 2, 13, 8, 10) # of 20 each; the probabilities never fall
  for (unit in c(2^c(-20, 0, 20), 1e-3, 1e3)) {
    increasing <- function(p) suppressWarnings(-sum(dbinom(y, 20, cumsum(p) / unit, log = TRUE)))
    fit <- lbfgsb(rep(0.05, 8) * unit, increasing, lower = 0, control = list(fn_is = "negloglik", parscale = unit))
    beside <- replace(fit$par, 2, 7.9e-8 * unit) # a run may end so: free, and all but at its bound
    fit[c("par", "value")] <- list(beside, increasing(beside))
    fit$bounds[2] <- "free"
    expect_gt(vcov(fit)[2, 2], (0.06 * unit)^2)
    expect_identical(classes_warned(vcov(fit)), character())
  }
})

# Minus the log-likelihood of proportions of four sources, v broken off one after the other, by means of two tracers: the
# data tell two of the three. `unit` is that of v.
tracers <- matrix(c(-22, 6, -18, 9, -14, 12, -25, 14), 2)
set.seed(12)
mixed <- t(drop(tracers %*% c(0.5, 0.35, 0.15, 0)) + matrix(rnorm(60), 2))
sources_nll <- function(p, unit = 1) {
  v <- p[c("v1", "v2", "v3")] / unit
  shares <- c(v, 1) * cumprod(c(1, 1 - v))
  -sum(dnorm(mixed, rep(drop(tracers %*% shares), each = 30), p[["sd"]], log = TRUE))
}
sources_fit <- function(unit = 1) {
  lbfgsb(c(v1 = 0.3 * unit, v2 = 0.3 * unit, v3 = 0.3 * unit, sd = 2), sources_nll, unit = unit,
         lower = c(v1 = 0, v2 = 0, v3 = 0, sd = 0.01), upper = c(v1 = unit, v2 = unit, v3 = unit),
         control = list(fn_is = "negloglik", parscale = c(unit, unit, unit, 1)))
}

# Gives the fit a Hessian whose smallest eigenvalue, 0, is off by an error, where the diagonal is 1
with_curvature_off <- function(fit, error) {
  A <- lbfgsb_hessian(fit)
  scale <- sqrt(diag(A))
  parts <- eigen(A / outer(scale, scale), symmetric = TRUE)
  n <- nrow(A)
  fit$hessian <- A + outer(scale, scale) * tcrossprod(parts$vectors[, n]) * (error - parts$values[n])
  fit
}

test_that("parameters that the data cannot tell apart are named where the Hessian's error hides it, in any units", {
  fit <- with_curvature_off(sources_fit(), 1e-7)
  expect_identical(fit$convergence, 0L)
  warned <- tryCatch(vcov(fit), lbfgsb_warning = identity)
  expect_s3_class(warned, "lbfgsb_warning_flat")
  expect_identical(unname(warned$elements), 1:3)
  expect_snapshot({
    writeLines(conditionMessage(warned))
    writeLines(suppressWarnings(summary(fit))$validity)
  })
  for (unit in c(2^-20, 2^20, 1e-6)) {
    for (error in c(1e-7, 1e-6)) {
      expect_identical(classes_warned(vcov(with_curvature_off(sources_fit(unit), error))), "lbfgsb_warning_flat")
    }
  }
  expect_identical(classes_warned(confint(fit)), "lbfgsb_warning_flat")
})

test_that("shares that nothing bounds are told so, or to be singular", {
  drawn <- function(seed) {
    set.seed(seed)
    t(drop(tracers %*% c(0.5, 0.35, 0.1, 0.05)) + matrix(rnorm(60), 2))
  }
  for (seed in 1:6) {
    y <- drawn(seed)
    nll <- function(q) {
      means <- tracers %*% exp(c(q[1:3], 0)) / sum(exp(c(q[1:3], 0)))
      -sum(dnorm(y, rep(drop(means), each = 30), exp(q[4]), log = TRUE))
    }
    fit <- lbfgsb(c(q = numeric(3), log_sd = 1), nll, control = list(fn_is = "negloglik"))
    told <- tryCatch(vcov(fit), condition = identity)
    expect_true(inherits(told, c("lbfgsb_warning_flat", "lbfgsb_error_hessian")), label = class(told)[1])
  }
})

test_that("covariates far from their origin are no entangled ones", {
  year <- 2000:2020
  set.seed(1)
  counted <- rpois(21, exp(2 + 0.05 * (year - 2010)))
  poisson <- function(p) sum(exp(p[[1]] + p[[2]] * year) - counted * (p[[1]] + p[[2]] * year))
  normal <- function(p) -sum(dnorm(counted, p[[1]] + p[[2]] * year, p[[3]], log = TRUE))
  control <- list(fn_is = "negloglik")
  fits <- list(lbfgsb(c(a = 0, b = 0), poisson, control = control),
               lbfgsb(c(a = 0, b = 0, s = 1), normal, lower = c(s = 0.001), control = control))
  for (fit in fits) {
    expect_silent(V <- vcov(fit))
    expect_gt(max(diag(solve(cov2cor(V)))), 1e5)
  }
})

# ---- At the end of a run -------------------------------------------------------------------------------------

test_that("parameters along which fn does not change at the end are named in the message, with or without a gradient", {
  used <- function(p) sum((p[c("a", "b")] - c(1, 2))^4) + p[["a"]]^2
  slopes <- function(p) c(4 * (p[["a"]] - 1)^3 + 2 * p[["a"]], 0, 4 * (p[["b"]] - 2)^3, 0)
  start <- c(a = 3, idle = 5, b = 4, lag = 3.2)
  for (gr in list(NULL, slopes)) {
    for (unit in c(1, 2^30)) {
      fit <- lbfgsb(start, function(p) unit * used(p), if (!is.null(gr)) function(p) unit * gr(p))
      expect_identical(fit$convergence, 0L)
      expect_match(fit$message, "fn does not change with idle, lag there: a plateau, or parameters that it does not use; an",
                   fixed = TRUE)
    }
  }
  rounded <- lbfgsb(c(a = 3, lag = 3.2), function(p) (p[["a"]] - round(p[["lag"]] / 100))^4 + p[["a"]])
  expect_match(rounded$message, "fn does not change with lag there: a plateau, or a parameter that it does not use; another")
})

test_that("a minimum that is met to the bit is no plateau, nor are parameters at bounds or fixed, or those of no claim", {
  bowl <- function(p) (p[["a"]] - 1)^2 + (p[["b"]] - 2)^4 + p[["b"]]
  gradient <- function(p) c(2 * (p[["a"]] - 1), 4 * (p[["b"]] - 2)^3 + 1)
  met <- lbfgsb(c(a = 1, b = 5), bowl, gradient)
  expect_identical(met$gradient[["a"]], 0)
  idle <- function(p) (p[["b"]] - 2)^4 + p[["b"]]
  fits <- list(met, lbfgsb(c(a = 1, b = 5), idle, lower = c(a = 1)), lbfgsb(c(a = 1, b = 5), idle, fixed = c(a = 1)),
               lbfgsb(c(a = 1, b = 5), idle, control = list(maxit = 2)),
               lbfgsb(c(a = 1, b = 5), idle, control = list(maxeval = 1000)))
  for (fit in fits) expect_no_match(fit$message, "does not change")
})

test_that("looking for a plateau is counted, and cannot fail", {
  calls <- 0
  fn <- function(p) {
    calls <<- calls + 1
    if (p[["idle"]] > 5.001) stop("not here")
    (p[["b"]] - 2)^4 + p[["b"]]
  }
  fit <- lbfgsb(c(idle = 5, b = 5), fn, function(p) c(0, 4 * (p[["b"]] - 2)^3 + 1))
  expect_identical(fit$counts[["function"]], as.integer(calls))
  expect_no_match(fit$message, "does not change")
})

test_that("a function that is rounded to whole numbers is told, no other", {
  squares <- function(p) sum((p - 5)^2)
  steps <- "fn has returned whole numbers only"
  for (sign in c(1, -1)) {
    fit <- lbfgsb(c(100, 20), function(p) sign * as.integer(round(squares(p))), control = list(fnscale = sign))
    expect_identical(fit$convergence, 0L)
    expect_match(fit$message, steps, fixed = TRUE)
  }
  expect_snapshot(writeLines(sub("^.*; fn has", "fn has", fit$message)))
  for (fn in list(squares, function(p) 2^60 * squares(p), function(p) sum(abs(p - 5)))) {
    expect_no_match(lbfgsb(c(100, 20), fn)$message, steps, fixed = TRUE)
  }
})

test_that("a smooth function that meets whole numbers only is no step function", {
  square <- function(q) sum(q)^2 - sum(10 * q)
  fit <- lbfgsb(c(A = 1, B = 1), square, lower = 0, upper = 10, control = list(fn_is = "other"))
  expect_no_match(fit$message, "whole numbers")
})
