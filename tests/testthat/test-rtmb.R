skip_if_no_rtmb <- function() {
  testthat::skip_if_not(requireNamespace("RTMB", quietly = TRUE), "RTMB is not installed: only .ci/full runs this")
}

# Objectives as users write them: f, a list with start, optionally lower, upper, dots and fnscale; `why`: what RTMB is
# expected to say where it refuses, or the guard.
objective <- function(fn, start, ..., why = NULL) list(fn = fn, start = start, why = why, ...)

users_objectives <- function() {
  y <- cars$speed
  d <- cars$dist
  X <- cbind(1, mtcars$wt, mtcars$hp / 100, mtcars$qsec - 18, mtcars$gear)
  vs <- mtcars$vs
  W <- scale(as.matrix(mtcars[, c("wt", "hp", "qsec", "drat", "disp", "cyl")]))
  breaks <- warpbreaks$breaks
  Z <- model.matrix(~ wool * tension, warpbreaks)
  dax <- 100 * diff(log(as.vector(EuStockMarkets[1:300, "DAX"])))
  series <- as.vector(lh)
  S <- cov(iris[, 1:3])
  helper <- function(eta) -sum(dbinom(vs, 1, plogis(eta), log = TRUE))
  list(
    normal = objective(function(p) -sum(dnorm(y, p["mu"], exp(p[["ls"]]), log = TRUE)), c(mu = 10, ls = 1)),
    maximized = objective(function(p) sum(dnorm(y, p[1], p[2], log = TRUE)), c(10, 3), lower = c(-Inf, 0.1),
                          fnscale = -1),
    dots = objective(function(p, data, k) k * sum((data - p[1] - p[2]^2)^2) + p[2]^4, c(1, 1),
                     dots = list(data = y, k = 0.1)),
    list_par = objective(function(p) sum((d - p$a - y * p$b[1] - y^2 * p$b[2])^2) / 1e3,
                         list(a = 0, b = c(1, 0.1))),
    matrix_par = objective(function(M) sum((M %*% t(M) - S)^2) + sum(M^2) / 100, diag(3) + 0.1),
    logistic = objective(function(b) -sum(dbinom(vs, 1, plogis(X %*% b), log = TRUE)) + sum(b^2) / 20, numeric(5)),
    logistic_helper = objective(function(b) helper(X %*% b) + sum(b^2) / 20, numeric(5)),
    logit_by_hand = objective(function(b) sum(log1p(exp(X %*% b))) - sum(vs * (X %*% b)) + sum(b^2) / 20, numeric(5)),
    probit = objective(function(b) {
      eta <- X %*% b
      -sum(vs * log(pnorm(eta)) + (1 - vs) * log(pnorm(-eta))) + sum(b^2) / 20
    }, numeric(5)),
    poisson = objective(function(b) -sum(dpois(breaks, exp(Z %*% b), log = TRUE)), c(3, 0, 0, 0, 0, 0)),
    negative_binomial = objective(function(p) {
      -sum(dnbinom(breaks, size = exp(p[1]), prob = 1 / (1 + exp(Z %*% p[-1]) / exp(p[1])), log = TRUE))
    }, c(1, 3, 0, 0, 0, 0, 0)),
    negative_binomial_mu = objective(function(p) {
      -sum(dnbinom(breaks, size = exp(p[1]), mu = exp(Z %*% p[-1]), log = TRUE))
    }, c(1, 3, 0, 0, 0, 0, 0), why = "Non-numeric"),
    gamma = objective(function(p) -sum(dgamma(y, p[1], p[2], log = TRUE)), c(2, 0.2), lower = 1e-3),
    weibull = objective(function(p) -sum(dweibull(y, p[1], p[2], log = TRUE)), c(2, 10), lower = 1e-3),
    beta = objective(function(p) -sum(dbeta(y / 30, p[1], p[2], log = TRUE)), c(1, 1), lower = 1e-3),
    student = objective(function(p) -sum(dt((d - p[1] - p[2] * y) / exp(p[3]), 4, log = TRUE) - p[3]), c(0, 1, 2)),
    regression = objective(function(p) {
      -sum(dnorm(mtcars$mpg, p$intercept + W %*% p$slopes, exp(p$log_sigma), log = TRUE))
    }, list(intercept = 20, slopes = numeric(6), log_sigma = 2)),
    mixture = objective(function(p) {
      w <- plogis(p[1])
      -sum(log(w * dnorm(faithful$eruptions, p[2], exp(p[4])) + (1 - w) * dnorm(faithful$eruptions, p[3], exp(p[5]))))
    }, c(0, 2, 4, -1, -1)),
    garch_loop = objective(function(p) {
      h <- var(dax)
      nll <- 0
      for (t in seq_along(dax)) {
        nll <- nll + (log(h) + dax[t]^2 / h) / 2
        h <- p[1] + p[2] * dax[t]^2 + p[3] * h
      }
      nll
    }, c(0.1, 0.1, 0.8), lower = c(1e-4, 0, 0), upper = c(Inf, 1, 1)),
    ar_filled_numeric = objective(function(p) {
      h <- numeric(length(series))
      h[1] <- p[1]
      for (t in 2:length(series)) h[t] <- p[1] + p[2] * (series[t - 1] - p[1])
      sum((series - h)^2)
    }, c(2, 0.5)),
    ar_filled_copy = objective(function(p) {
      h <- p[1] + 0 * series
      for (t in 2:length(series)) h[t] <- p[1] + p[2] * (series[t - 1] - p[1])
      sum((series - h)^2)
    }, c(2, 0.5)),
    logarithms = objective(function(p) sum(p - log(p)) + prod(p) / 9, c(3, 4, 5)),
    if_on_parameter = objective(function(p) if (p[1] <= 0) 1e10 else sum(p) - log(p[1]) + p[2]^2, c(2, 1),
                                why = "Comparison"),
    nan_region = objective(function(p) if (any(p <= 0)) NaN else sum(p - log(p)), c(5, 50), why = "Comparison"),
    branch_on_data = objective(function(p) if (mean(y) > 3) sum((p - 1:3)^4 + p^2) else NaN, c(0, 0, 0)),
    cholesky = objective(function(p) {
      K <- exp(p[1]) * exp(-abs(outer(y[1:12] + 1:12, y[1:12] + 1:12, "-")) / 5) + diag(12) * exp(p[2])
      L <- chol(K)
      sum(log(diag(L))) + sum((d[1:12] / 20) * solve(K, d[1:12] / 20)) / 2
    }, c(0, 0)),
    back_transposed = objective(function(p) {
      K <- exp(p[1]) * exp(-abs(outer(y[1:12] + 1:12, y[1:12] + 1:12, "-")) / 5) + diag(12) * exp(p[2])
      L <- chol(K)
      sum(log(diag(L))) + sum(backsolve(L, d[1:12] / 20, transpose = TRUE)^2) / 2
    }, c(0, 0), why = "NaN by the tape"),
    determinant = objective(function(p) {
      A <- diag(3) * exp(p[1]) + p[2]
      log(det(A)) + sum(diag(solve(A, S)))
    }, c(0, 0)),
    huber = objective(function(p) {
      r <- d - p[1] - p[2] * y
      sum(ifelse(abs(r) < 10, r^2 / 2, 10 * abs(r) - 50))
    }, c(0, 1), why = "Comparison"),
    integral = objective(function(p) {
      (integrate(function(t) exp(-t^2 * exp(p[1])), 0, 1)$value - 0.5)^2 + (p[2] - 1)^2
    }, c(0, 0)),
    bessel = objective(function(p) -sum(y / 10 * exp(p) - log(besselI(exp(p) * rep(1, 50), 0))) + 50 * exp(p)^2, 0.1),
    frozen = objective(function(p) {
      far <- tryCatch(if (p[1] > 1) (p[1] - 1)^2 else 0, error = function(e) 0)
      sum((p - 3:4)^4) + p[2]^2 + far
    }, c(0, 0), why = "by the tape"),
    list_value = objective(function(p) list(value = sum((p - 1:2)^4 + p), note = "mine"), c(0, 0)),
    spline = objective(function(p) sum((d - splinefun(c(4, 10, 18, 25), p)(y))^2) / 1e3, c(5, 20, 50, 80))
  )
}

# Runs an objective, and catches what is said about the tape.
run_objective <- function(o, gradient, start = o$start, ...) {
  said <- NULL
  arguments <- c(list(start, o$fn), o$dots, list(lower = o$lower %||% -Inf, upper = o$upper %||% Inf))
  control <- list(gradient = gradient, fnscale = o$fnscale %||% 1, ...)
  fit <- withCallingHandlers(
    do.call(lbfgsb, c(arguments, list(control = control, hessian = TRUE))),
    warning = function(w) {
      if (inherits(w, "lbfgsb_warning_tape")) said <<- w
      tryInvokeRestart("muffleWarning") # those of fn, which are not the matter here
    }
  )
  list(fit = fit, said = said)
}

distance <- function(x, y) max(abs(unlist(x) - unlist(y))) / max(1, abs(unlist(y)))

test_that("each objective of a user is either exact or falls back with a reason", {
  skip_if_no_rtmb()
  evaluations <- NULL
  for (name in names(users_objectives())) {
    o <- users_objectives()[[name]]
    taped <- run_objective(o, "rtmb", factr = 1e5) # so close that two runs end at the same point
    expect_lt(distance(taped$fit$par, run_objective(o, "richardson", factr = 1e5)$fit$par), 1e-6, label = name)
    if (!is.null(o$why)) {
      expect_s3_class(taped$said, c("lbfgsb_warning_tape", "lbfgsb_warning", "warning", "condition"), exact = TRUE)
      expect_match(conditionMessage(taped$said), o$why, label = name)
      next
    }
    expect_null(taped$said, label = name)
    there <- run_objective(o, "richardson", taped$fit$par, maxit = 0)$fit
    size <- max(1, abs(unlist(run_objective(o, "richardson", maxit = 0)$fit$gradient)))
    expect_lt(max(abs(unlist(taped$fit$gradient) - unlist(there$gradient))) / size, 1e-9, label = name)
    expect_lt(distance(taped$fit$hessian, there$hessian), 1e-7, label = name)
    counts <- c(taped$fit$counts[["function"]], run_objective(o, "central")$fit$counts[["function"]])
    evaluations <- rbind(evaluations, counts)
  }
  expect_gte(nrow(evaluations), 25)
  expect_lt(sum(evaluations[, 1]) / sum(evaluations[, 2]), 0.15)
})

test_that("Hessian and vcov() are exact", {
  skip_if_no_rtmb()
  Z <- model.matrix(~ wool * tension, warpbreaks)
  nll <- function(b) -sum(dpois(warpbreaks$breaks, exp(Z %*% b), log = TRUE))
  fit <- lbfgsb(c(3, numeric(5)), nll, control = list(gradient = "rtmb"), hessian = TRUE)
  exact <- crossprod(Z * exp(drop(Z %*% fit$par)), Z)
  expect_equal(fit$hessian, exact, tolerance = 1e-13, ignore_attr = TRUE)
  expect_equal(vcov(fit), solve(exact), tolerance = 1e-12, ignore_attr = TRUE)
  expect_identical(attr(fit, "hessian_counts"), c(`function` = 1L, gradient = 0L))
  expect_equal(vcov(unserialize(serialize(fit, NULL))), vcov(fit), tolerance = 1e-14)
})

test_that("fixed parameters, bounds, names and profiles are as ever", {
  skip_if_no_rtmb()
  y <- cars$speed
  nll <- function(p) -sum(dnorm(y, p[["mu"]] + p[["k"]], p[["sigma"]], log = TRUE))
  run <- function(...) {
    lbfgsb(c(mu = 10, sigma = 2, k = 1), nll, lower = c(sigma = 0, k = 1), upper = c(k = 1), control = list(...))
  }
  fit <- run(gradient = "rtmb")
  plain <- run(gradient = "central")
  expect_equal(fit$par, plain$par, tolerance = 1e-6)
  expect_identical(fit$gradient[["k"]], 0)
  expect_equal(lbfgsb_hessian(fit), lbfgsb_hessian(plain), tolerance = 1e-6)
  expect_equal(confint(fit, method = "profile"), confint(plain, method = "profile"), tolerance = 1e-5)
  taken <- function(fit) attr(profile(fit, "mu"), "evaluations")
  expect_lt(taken(fit), taken(plain) / 2)
})

test_that("RTMB is attached only while a tape is made, whatever fn does then", {
  skip_if_no_rtmb()
  before <- search()
  fn <- function(x) {
    if (!is.numeric(x) || inherits(x, "advector")) stop("no")
    sum((x - 1:2)^2)
  }
  expect_warning(fit <- lbfgsb(c(0, 0), fn, control = list(gradient = "rtmb")), "no", class = "lbfgsb_warning_tape")
  expect_equal(fit$par, 1:2, tolerance = 1e-6)
  stops <- function(x) if (inherits(x, "advector")) lbfgsb_stop() else sum(x^2)
  expect_match(lbfgsb(c(1, 1), stops, control = list(gradient = "rtmb"))$message, "on request")
  expect_identical(search(), before)
})

test_that("a tape that turns wrong is dropped, and the run goes on with its pairs", {
  skip_if_no_rtmb()
  o <- users_objectives()$frozen
  iterations <- function(gradient) run_objective(o, gradient)$fit$iterations
  said <- run_objective(o, "rtmb")$said
  expect_match(conditionMessage(said), "disagrees with `fn`, and gradients are differences from here on")
  expect_false(said$by_fn == said$by_tape)
  expect_lte(iterations("rtmb"), iterations("central") + 2)
})

test_that("a function with another derivative than its own values' is found out", {
  skip_if_no_rtmb()
  hidden <- function(x) if (inherits(x, "advector")) RTMB::DataEval(function(x) sum(x^3), x) else sum(x^3)
  run <- function() lbfgsb(c(2, 3), function(x) sum(x^4) + hidden(x), control = list(gradient = "rtmb"))
  expect_warning(fit <- run(), class = "lbfgsb_warning_tape")
  expect_equal(fit$par, lbfgsb(c(2, 3), function(x) sum(x^4) + sum(x^3))$par, tolerance = 1e-6)
})

test_that("a run is resumed to the same bits, and no state holds a tape", {
  skip_if_no_rtmb()
  calls <- 0
  fn <- function(x) {
    if (!inherits(x, "advector")) calls <<- calls + 1
    if (calls == stop_at) stop("lost")
    sum((x[-1] - x[-4]^2)^2) + sum((x - 1)^4)
  }
  stop_at <- 0
  run <- function() lbfgsb(c(-1, 1, 2, 0), fn, control = list(gradient = "rtmb"))
  whole <- run()
  for (stop_at in c(2, 5, 12)) {
    calls <- 0
    error <- tryCatch(run(), error = identity)
    expect_s3_class(error, "lbfgsb_unfinished")
    rest <- lbfgsb_resume(unserialize(serialize(error$state, NULL)), fn)
    expect_identical(rest[c("par", "value", "gradient", "history")], whole[c("par", "value", "gradient", "history")])
  }
})

test_that("a state knows of a tape that was dropped", {
  skip_if_no_rtmb()
  calls <- stop_at <- 0
  fn <- function(p) {
    if (!inherits(p, "advector")) calls <<- calls + 1
    if (calls == stop_at) stop("lost")
    users_objectives()$frozen$fn(p)
  }
  dropped_at <- Inf
  run <- function() {
    withCallingHandlers(lbfgsb(c(0, 0), fn, control = list(gradient = "rtmb")), lbfgsb_warning_tape = function(w) {
      dropped_at <<- calls
      tryInvokeRestart("muffleWarning")
    })
  }
  whole <- run()
  expect_lt(dropped_at, calls - 7)
  for (stop_at in seq(dropped_at + 1, calls, 7)) {
    calls <- 0
    error <- tryCatch(run(), error = identity)
    calls <- -Inf
    rest <- suppressWarnings(lbfgsb_resume(error$state, fn))
    expect_identical(rest[c("par", "value", "counts", "history")], whole[c("par", "value", "counts", "history")])
  }
})

test_that("without RTMB there is an error before anything is evaluated", {
  if (requireNamespace("RTMB", quietly = TRUE)) skip("RTMB is installed")
  never <- function(x) stop("evaluated")
  expect_snapshot(error = TRUE, lbfgsb(1, never, control = list(gradient = "rtmb")))
  expect_identical(lbfgsb(3, function(x) x^2, function(x) 2 * x, control = list(gradient = "rtmb"))$convergence, 0L)
})
