nll <- function(par, y) -sum(dnorm(y, par["mu"], par["sigma"], log = TRUE))
fit <- lbfgsb(c(mu = 10, sigma = 5), nll, y = cars$speed, lower = c(sigma = 1e-6),
              control = list(fn_is = "negloglik", nobs = 50))

test_that("update() begins at the estimate and keeps what is not changed", {
  again <- update(fit)
  expect_identical(again$history$value[1], fit$value)
  expect_identical(again$objective$control, fit$objective$control)
  expect_identical(again$objective$problem$lower, fit$objective$problem$lower)
})

test_that("update() changes data, start, options, bounds and fn", {
  expect_equal(coef(suppressMessages(update(fit, y = 2 * cars$speed))), 2 * coef(fit), tolerance = 1e-5)
  start <- c(mu = 1, sigma = 9)
  expect_identical(update(fit, par = start)$history$value[1], nll(start, cars$speed))
  expect_identical(update(fit, control = list(m = 3))$objective$control$nobs, 50)
  fixed <- expect_silent(update(fit, fixed = c(mu = 16)))
  expect_identical(fixed$par[["mu"]], 16)
  expect_identical(as.character(suppressMessages(update(fixed, y = cars$speed))$bounds), c("fixed", "free"))
  expect_equal(coef(update(fixed, lower = c(mu = -Inf), upper = c(mu = Inf))), coef(fit), tolerance = 1e-5)
  smaller <- expect_silent(update(fit, lower = c(mu = 16), upper = c(mu = 16)))
  expect_identical(smaller$par, fixed$par)
  expect_identical(smaller$objective$problem$lower, c(16, 1e-6))
  t_nll <- function(par, y) -sum(dt((y - par["mu"]) / par["sigma"], 5, log = TRUE) - log(par["sigma"]))
  heavy <- update(fit, fn = t_nll, control = list(nobs = 50))
  expect_gt(heavy$value, fit$value)
  expect_true(is.environment(update(fit, hessian = TRUE)$objective))
  expect_false(is.null(update(fit, hessian = TRUE)$hessian))
})

test_that("an argument that fn cannot take is an error, without a word on observations before it", {
  expect_silent(expect_error(update(fit, foo = 1), "`foo` goes to `fn`", class = "lbfgsb_error_argument"))
})

test_that("other data drop the number of observations, unless it is given, and that is said", {
  message <- tryCatch(update(fit, y = cars$speed[1:20]), message = identity)
  expect_s3_class(message, c("lbfgsb_message_dropped", "lbfgsb_message", "message", "condition"), exact = TRUE)
  expect_identical(unclass(message)[c("nobs", "changed")], list(nobs = 50, changed = "y"))
  fewer <- suppressMessages(update(fit, y = cars$speed[1:20]))
  expect_error(nobs(fewer), class = "lbfgsb_error_argument")
  expect_warning(expect_identical(BIC(fewer), NA_real_), class = "lbfgsb_warning_nobs")
  expect_message(update(fit, fn = function(par, y) nll(par, y)), class = "lbfgsb_message_dropped")
  given <- expect_silent(update(fit, y = cars$speed[1:20], control = list(nobs = 20)))
  expect_identical(nobs(given), 20)
  expect_identical(nobs(expect_silent(update(fit, par = c(mu = 1, sigma = 2), upper = 99, hessian = TRUE))), 50)
  expect_snapshot(writeLines(conditionMessage(message)))
})

test_that("other data of the same size keep the number of observations", {
  expect_identical(nobs(expect_silent(update(fit, y = rev(cars$speed)))), 50)
  by <- function(data) {
    lbfgsb(c(mu = 10, sigma = 5), function(par, d) nll(par, unlist(d)), d = data, lower = c(sigma = 1e-6),
           control = list(fn_is = "negloglik", nobs = 50))
  }
  sizes <- list(frame = cars["speed"], listed = list(y = cars$speed), parts = split(cars$speed, rep(1:5, 10)),
                wide = matrix(cars$speed, 5))
  for (data in sizes) expect_identical(nobs(expect_silent(update(by(data), d = data))), 50)
  other <- list(frame = cars[1:20, "speed", drop = FALSE], listed = list(y = cars$speed[1:20]),
                parts = split(cars$speed, rep(1:5, c(30, 5, 5, 5, 5))), wide = t(sizes$wide))
  for (name in names(sizes)) {
    expect_message(update(by(sizes[[name]]), d = other[[name]]), class = "lbfgsb_message_dropped")
  }
  scaled <- lbfgsb(c(mu = 10, sigma = 5), function(par, part) nll(par, part(cars$speed)), part = sqrt,
                   lower = c(sigma = 1e-6), control = list(fn_is = "negloglik", nobs = 50))
  expect_message(update(scaled, part = function(y) y[1:20]), class = "lbfgsb_message_dropped")
})

test_that("fixed = NULL and fixed = list() free, and one bound given for a fixed parameter frees it whole", {
  box <- function(fit) unlist(fit$objective$problem[c("lower", "upper")], use.names = FALSE)
  fixed <- lbfgsb(c(mu = 10, sigma = 5), nll, y = cars$speed, lower = c(sigma = 1e-6), fixed = c(sigma = 2))
  freed <- update(fixed, fixed = NULL)
  expect_equal(coef(freed), coef(fit), tolerance = 1e-5)
  expect_identical(box(freed), c(-Inf, 1e-6, Inf, Inf))
  expect_identical(box(update(fixed, fixed = list())), c(-Inf, 1e-6, Inf, Inf))
  expect_identical(box(update(fixed, lower = c(sigma = 1))), c(-Inf, 1, Inf, Inf))
  expect_identical(box(update(fixed, upper = c(sigma = 9))), c(-Inf, 1e-6, Inf, 9))
  expect_identical(box(update(fixed, lower = 0)), c(0, 2, Inf, 2))
  by_bounds <- lbfgsb(c(mu = 10, sigma = 5), nll, y = cars$speed, lower = c(sigma = 5), upper = c(sigma = 5))
  expect_identical(box(update(by_bounds, fixed = NULL, lower = c(sigma = 1))), c(-Inf, 1, Inf, Inf))
  expect_identical(box(update(by_bounds, fixed = NULL)), c(-Inf, -Inf, Inf, Inf))
})

test_that("one of several fixed parameters is freed, with the bounds of the call that fixed it", {
  both <- update(fit, fixed = c(mu = 15, sigma = 6))
  one <- update(both, lower = c(mu = -Inf))
  expect_identical(as.character(one$bounds), c("free", "fixed"))
  expect_equal(coef(one), c(mu = mean(cars$speed), sigma = 6), tolerance = 1e-6)
  box <- function(fit) unlist(fit$objective$problem[c("lower", "upper")], use.names = FALSE)
  expect_identical(box(update(both, fixed = NULL)), box(fit))
  expect_identical(box(update(update(both, hessian = TRUE), fixed = NULL)), c(-Inf, -Inf, Inf, Inf))
})

test_that("a new fn drops what it has no argument for, and says so; what is given it keeps", {
  in_frame <- function(par, d, unit = 1) nll(par, unit * d$speed)
  framed <- lbfgsb(c(mu = 10, sigma = 5), in_frame, d = cars, unit = 2, lower = c(sigma = 1e-6), control = list(fn_is = "negloglik"))
  told <- list()
  note <- function(message) {
    told <<- c(told, list(message))
    tryInvokeRestart("muffleMessage")
  }
  by <- function(...) withCallingHandlers(update(framed, fn = nll, y = cars$speed, ...), message = note)
  expect_equal(coef(by()), coef(fit), tolerance = 1e-5)
  expect_identical(coef(by(d = NULL)), coef(by()))
  expect_identical(told[[1]]$arguments, c("d", "unit"))
  expect_s3_class(told[[1]], c("lbfgsb_message_surplus", "lbfgsb_message", "message", "condition"), exact = TRUE)
  expect_snapshot(writeLines(conditionMessage(told[[1]])))
  expect_error(by(d = cars), "`d` goes to `fn`", class = "lbfgsb_error_argument")
  kept <- expect_silent(update(framed, fn = function(par, d, ...) in_frame(par, d)))
  expect_identical(dots_of(kept$objective), list(d = cars, unit = 2))
  abbreviated <- expect_silent(update(fit, fn = function(par, years) nll(par, years), control = list(nobs = 50)))
  expect_equal(coef(abbreviated), coef(fit))
})

test_that("a formula is an error that says how to fix a parameter", {
  skip_if_not_installed("lmtest")
  expect_snapshot(error = TRUE, {
    update(fit, . ~ . - sigma)
    lmtest::lrtest(fit)
  })
})

test_that("a new fn drops the gradient of the old one", {
  squares <- lbfgsb(c(a = 1), function(x) (x - 2)^2, function(x) 2 * (x - 2))
  expect_null(update(squares, fn = function(x) (x - 3)^2)$objective$gr)
  expect_equal(update(squares, fn = function(x) (x - 3)^2)$par, c(a = 3), tolerance = 1e-6)
})

test_that("update() works where par is a list, with bounds of its components", {
  listed <- lbfgsb(list(mu = 10, sigma = 5), function(par, y) nll(unlist(par), y), y = cars$speed,
                   lower = list(sigma = 1e-6))
  expect_equal(update(listed, y = 2 * cars$speed)$par, as.list(2 * coef(fit)), tolerance = 1e-5)
  expect_identical(update(listed, upper = list(sigma = 5))$par$sigma, 5)
  expect_identical(update(listed, fixed = list(mu = 3))$par$mu, 3)
})

test_that("a new start is in the fit's order, whatever that of its names", {
  bounded <- lbfgsb(c(a = 1, b = 12), function(par) (par[["a"]] - 1)^2 + (par[["b"]] - 20)^2,
                    lower = c(a = 0, b = 10), upper = c(a = 5, b = 30))
  starts <- list(c(b = 11, a = 2), c(2, 11), c(a = 2, b = 11))
  for (start in starts) expect_identical(update(bounded, par = start)$par, update(bounded, par = c(a = 2, b = 11))$par)
  list_of <- function(par) par$v[["a"]]^2 + (par$v[["b"]] - 2)^2 + par$w^2
  listed <- lbfgsb(list(v = c(a = 1, b = 1), w = 3), list_of, lower = list(v = c(b = -1), w = 1))
  expect_identical(update(listed, par = list(w = 2, v = c(b = 2, a = 1)))$par,
                   update(listed, par = list(v = c(a = 1, b = 2), w = 2))$par)
})

test_that("changes without names and bounds of no parameter are errors", {
  expect_snapshot(error = TRUE, {
    update(fit, 3)
    update(fit, par = c(mu = 1))
    update(fit, par = c(mu = 1, tau = 2))
    update(fit, lower = c(tau = 1))
  })
})

test_that("a fit with a Hessian gets another one", {
  fit <- lbfgsb(c(1, 1), function(p) sum((p - 1:2)^2), hessian = TRUE, control = list(fn_is = "negloglik"))
  expect_equal(update(fit, control = list(nobs = 10))$hessian, fit$hessian, tolerance = 1e-5)
  expect_null(update(fit, hessian = FALSE)$hessian)
})

test_that("contributions stay with the fit while fn is the same", {
  with <- fit
  with$contributions <- function(par, y) -dnorm(y, par["mu"], par["sigma"], log = TRUE)
  expect_identical(update(with, fixed = c(mu = 15))$contributions, with$contributions)
  expect_null(update(with, fn = function(par, y) nll(par, y) + 1)$contributions)
})

test_that("what is fixed already is fixed elsewhere, within the bounds beside it", {
  nll <- function(par) -sum(dnorm(cars$speed, par[["mu"]], par[["sigma"]], log = TRUE))
  fit <- lbfgsb(c(mu = 10, sigma = 5), nll, lower = c(mu = 1, sigma = 1e-6), upper = c(mu = 20),
                control = list(fn_is = "negloglik"))
  at15 <- update(fit, fixed = c(mu = 15))
  rms <- function(mu) c(mu = mu, sigma = sqrt(mean((cars$speed - mu)^2)))
  expect_equal(update(at15, fixed = c(mu = 16))$par, rms(16), tolerance = 1e-5)
  expect_error(update(at15, fixed = c(mu = 21)), "must lie within `lower` and `upper` (element mu)", fixed = TRUE)
  expect_equal(update(update(at15, control = list(factr = 10)), fixed = c(mu = 14))$par, rms(14), tolerance = 1e-5)
  both <- update(at15, fixed = c(sigma = 4))
  expect_identical(update(both, fixed = c(mu = 16))$par, c(mu = 16, sigma = 4))
  expect_identical(update(both, fixed = c(sigma = 6, mu = 13))$par, c(mu = 13, sigma = 6))
  expect_identical(update(update(both, fixed = c(mu = 16)), fixed = c(sigma = 3))$par, c(mu = 16, sigma = 3))
  expect_error(update(at15, fixed = c(mu = 16), lower = c(mu = 17)), "must lie within", class = "lbfgsb_error_argument")
})

gamma_nll <- function(p, y, w = 1) -sum(w * dgamma(y, p[["shape"]], p[["rate"]], log = TRUE))
by_gamma <- function(fn, ...) {
  lbfgsb(c(shape = 1, rate = 1), fn, NULL, ..., lower = 1e-3, control = list(fn_is = "negloglik", nobs = 50))
}
twice <- 2 * cars$speed
prior <- rep(c(0.5, 1.5), 25)

test_that("arguments that were given by position, or by the beginning of a name, are those of fn", {
  by_position <- coef(update(by_gamma(gamma_nll, cars$speed, prior), y = twice))
  expect_equal(by_position, coef(by_gamma(gamma_nll, y = twice, w = prior)), tolerance = 1e-5)
  fits <- lbfgsb_many(c(shape = 1, rate = 1), gamma_nll, data = list(cars$speed, twice), lower = 1e-3,
                      control = list(fn_is = "negloglik", nobs = 50))
  expect_equal(coef(update(lbfgsb_one(fits, 1), y = twice)), coef(fits)[2, ], tolerance = 1e-5)
  weighted <- function(p, yy, weights = 1) gamma_nll(p, yy, weights)
  abbreviated <- suppressMessages(update(by_gamma(weighted, y = twice, we = 1), weights = prior))
  expect_equal(coef(abbreviated), by_position, tolerance = 1e-5)
  other <- update(by_gamma(weighted, twice, prior), fn = function(p, y, w) gamma_nll(p, y, w), control = list(nobs = 50))
  expect_equal(coef(other), by_position, tolerance = 1e-5)
})

test_that("what may be any of those without a name is an error", {
  fit <- by_gamma(function(p, ...) gamma_nll(p, ...), cars$speed)
  expect_equal(coef(update(fit)), coef(fit), tolerance = 1e-5)
  expect_error(update(fit, y = twice), "`y` may be one of the arguments that the fit was given without a name",
               class = "lbfgsb_error_argument")
  twofold <- lbfgsb(c(m = 1), function(p, y) sum((y - p)^2), function(p, speed) -2 * sum(speed - p), cars$speed)
  expect_error(update(twofold, y = twice), class = "lbfgsb_error_argument")
})

test_that("the sign of a log-likelihood goes with it", {
  up <- update(fit, fn = function(par, y) -nll(par, y), control = list(fn_is = "loglik", nobs = 50))
  down <- expect_silent(update(up, fn = nll, control = list(fn_is = "negloglik", nobs = 50)))
  expect_equal(coef(down), coef(fit), tolerance = 1e-5)
  other <- update(up, fn = nll, control = list(fn_is = "other", nobs = 50))
  expect_identical(control_of(other)$fnscale, 1)
})

test_that("what is given by position stays so, unless it is asked for by its name", {
  y <- cars$speed
  weights <- cars$dist
  ll <- function(p, y) sum(dnorm(y, p[[1]], exp(p[[2]]), log = TRUE))
  negate <- function(f) function(...) -f(...)
  by_dots <- lbfgsb(c(m = 10, s = 1), negate(ll), NULL, y)
  expect_equal(coef(update(by_dots)), coef(by_dots), tolerance = 1e-5)
  weighted <- function(par, y, weights = 1, ...) sum(weights * (y - par)^2)
  partial <- lbfgsb(c(m = 10), weighted, y = y, we = weights)
  expect_equal(coef(update(partial, we = rev(weights))), c(m = weighted.mean(y, rev(weights))), tolerance = 1e-5)
  expect_equal(coef(update(partial, weights = rev(weights))), c(m = weighted.mean(y, rev(weights))), tolerance = 1e-5)
  squares <- function(p, y) sum((y - p)^2)
  slope_of <- function(p, data) -2 * sum(data - p)
  with_gr <- lbfgsb(c(m = 10), squares, function(p, ...) slope_of(p, ...), y)
  expect_equal(coef(update(with_gr)), c(m = mean(y)), tolerance = 1e-5)
  expect_equal(coef(update(lbfgsb(c(m = 10), squares, NULL, y), gr = slope_of)), c(m = mean(y)), tolerance = 1e-5)
  after <- lbfgsb(c(m = 10), function(par, ..., k = 1) sum((c(...) - par)^2) * k, NULL, y)
  expect_equal(update(after, k = 2)$value, 2 * after$value)
})

test_that("a log-likelihood that is said to be one again stays one; another start or function asks nothing of the old one", {
  calls <- 0
  ll <- function(p, y) {
    calls <<- calls + 1
    sum(dnorm(y, p[["m"]], exp(p[["s"]]), log = TRUE))
  }
  fit <- lbfgsb(c(m = 10, s = 1), ll, y = cars$speed, control = list(fn_is = "loglik"))
  expect_equal(coef(update(fit, control = list(fn_is = "loglik", factr = 10))), coef(fit), tolerance = 1e-5)
  expect_equal(update(fit, control = list(fn_is = NULL))$value, fit$value, tolerance = 1e-8)
  calls <- 0
  update(fit, fn = function(p, y) sum((y - p[["m"]])^2) + p[["s"]]^2, control = list(fn_is = "other"))
  expect_identical(calls, 0)
})

test_that("getCall() is the call as it was written, without data where do.call() wrote these into it", {
  y <- cars$speed
  written <- quote(lbfgsb(c(mu = 10, sigma = 5), nll, y = y, lower = c(sigma = 1e-6), control = list(fn_is = "negloglik", nobs = 50)))
  made <- eval(written)
  expect_identical(getCall(made), written)
  expect_identical(coef(eval(getCall(made))), coef(fit))
  short <- quote(lbfgsb(c(a = 1), cos, control = list(maxit = 1)))
  expect_identical(getCall(lbfgsb_resume(eval(short), control = list(maxit = 50))), short)
  expect_null(getCall(update(made)))
  expect_null(getCall(do.call("lbfgsb", list(c(mu = 10, sigma = 5), nll, y = y, lower = c(sigma = 1e-6)))))
  expect_null(getCall(eval(bquote(lbfgsb(c(mu = 10, sigma = 5), nll, y = .(y), lower = c(sigma = 1e-6))))))
  expect_null(getCall(replace(made, "objective", list(NULL))))
})

test_that("what was given by position goes by its name to another fn, in whatever order that has its arguments", {
  mean_of <- function(par, y, k) sum((y - par)^2) / k
  told <- NULL
  by_position <- function(fn, ...) {
    old <- lbfgsb(c(m = 10), mean_of, NULL, cars$speed, 2, control = list(fn_is = "other"))
    note <- function(m) {
      told <<- m$arguments
      tryInvokeRestart("muffleMessage")
    }
    withCallingHandlers(update(old, fn = fn, ...), message = note)
  }
  value <- mean_of(mean(cars$speed), cars$speed, 2)
  expect_equal(by_position(function(p, k, y) mean_of(p, y, k))$value, value)
  expect_equal(by_position(function(p, k, years) mean_of(p, years, k))$value, value)
  expect_equal(by_position(function(p, y, n) mean_of(p, y, n), n = 4)$value, value / 2)
  expect_equal(by_position(function(p, y) mean_of(p, y, 2))$value, value)
  expect_identical(told, "k")
  expect_equal(by_position(function(p) mean_of(p, 1:3, 2))$par, c(m = 2))
  expect_identical(told, c("y", "k"))
  expect_warning(expect_error(by_position(function(p, ages) mean_of(p, ages, 2))), "nobody gives it `ages`")
})
