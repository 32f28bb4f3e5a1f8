test_that("the fields are optim's, in optim's order, then ours", {
  fit <- fit_rosenbrock()
  expect_s3_class(fit, "lbfgsb", exact = TRUE)
  expect_named(fit, c("par", "value", "counts", "convergence", "message", "gradient", "pgnorm",
                      "gap", "iterations", "bounds", "nonfinite", "history", "fval", "objective", "state"))
  expect_named(fit_rosenbrock(hessian = TRUE), c(names(fit), "hessian"))
  expect_type(fit$counts, "integer")
  expect_named(fit$counts, c("function", "gradient"))
  expect_type(fit$convergence, "integer")
})

test_that("the stop reasons are those of the core", {
  header <- readLines(system.file("include", "lbfgsb.h", package = "lbfgsb"))
  enum <- seq(grep("^/\\* Why the solver finished", header), grep("^} lbfgsb_status;", header))
  status <- regmatches(header[enum], regexpr("LBFGSB_[A-Z_]+", header[enum]))
  expect_identical(vapply(.Call(C_reasons), `[[`, "", "name"), tolower(sub("LBFGSB_", "", status)))
  expect_identical(setdiff(tolower(sub("LBFGSB_", "", status)), names(stop_reasons())), "start_not_finite")
})

test_that("every sentence takes its figures", {
  control <- list(target = -1, maxeval = 1e9, maxtime = 1.5, parscale = 2)
  state <- kept_state(begin_state(c(0, 1, 1), c(0, -Inf, -Inf), Inf, control))
  state <- lbfgsb_tell(state, 1 / 3, c(1, 0.123 / 2, 0))
  for (trial in 1:4) state <- lbfgsb_tell(state, NA)
  message_of <- function(reason) {
    stopped <- list(run = .Call(C_copy, state$run), problem = state$problem, control = state$control)
    if (reason != "running") .Call(C_stop, stopped$run, reason)
    expect_identical(.Call(C_status, stopped$run), reason)
    fields_of(stopped)$message
  }
  expect_snapshot(writeLines(vapply(names(stop_reasons()), message_of, "")))
})

test_that("how a run ended is what it says", {
  ends <- list(
    gradient_converged = fit_rosenbrock(control = list(factr = 0, pgtol = 1e-5)),
    reduction_converged = fit_rosenbrock(control = list(pgtol = 0, confirm = FALSE)),
    rounding_converged = local({
      p <- rosenbrock(2)
      lbfgsb(c(1 + 1e-5, 1), function(x) 1e6 + p$fn(x), p$gr)
    }),
    target_reached = fit_rosenbrock(control = list(target = 1)),
    time_limit = fit_rosenbrock(control = list(maxtime = 0)),
    stopped = fit_rosenbrock(control = list(callback = function(progress) progress$iteration == 2)),
    iteration_limit = fit_rosenbrock(control = list(maxit = 3)),
    evaluation_limit = fit_rosenbrock(control = list(maxeval = 3)),
    zero_gradient = lbfgsb(1, function(x) 1, function(x) 0),
    line_search_failed = suppressWarnings(lbfgsb(1, function(x) x, function(x) -1)),
    unbounded = lbfgsb(1, function(x) -x)
  )
  for (end in names(ends)) {
    expect_identical(ends[[end]]$convergence, stop_reasons()[[end]]$convergence)
    beginning <- sub("%.*", "", stop_reasons()[[end]]$sentence)
    expect_match(ends[[end]]$message, beginning, fixed = TRUE)
  }
})

test_that("the published test of the gradient is said with its tolerance", {
  tiny <- function(x) 1e-7 * sum((x - 1)^2)
  published <- lbfgsb(c(3, 4), tiny, control = list(confirm = FALSE, parscale = 1))
  expect_match(published$message, "^converged: the projected gradient is within pgtol = 1e-05; value 1.3e-06, ")
})

test_that("nothing has converged before it was evaluated, fixed or not", {
  fixed <- function(...) lbfgsb(c(1, 2), function(x) sum(x^2), lower = 1:2, upper = 1:2, control = list(...))
  expect_identical(fixed()$message, "converged: every parameter is fixed; value 5, projected gradient norm 0")
  expect_match(capture.output(print(fixed())), "^value 5$", all = FALSE)
  expect_match(fixed(maxtime = 0)$message, "^not converged: stopped by maxtime")
  for (gradient in c("auto", "forward", "central")) {
    fit <- fixed(gradient = gradient)
    expect_identical(unname(fit$counts), c(1L, 1L))
    expect_output(print(fit$state))
    expect_identical(lbfgsb_resume(fit, function(x) sum(x^2))$value, 5)
    expect_identical(inverse_hessian(fit)(c(1, 1)), c(0, 0))
  }
})

test_that("bounds says where each parameter is", {
  fit <- lbfgsb(c(a = 1, b = 1, c = 1, d = 1), function(x) sum((x - c(3, -3, 1, 1.5))^2),
                lower = c(b = -2, c = 1), upper = c(a = 2, c = 1))
  expect_identical(fit$bounds, factor(c(a = "at upper", b = "at lower", c = "fixed", d = "free"),
                                      levels = c("free", "at lower", "at upper", "fixed")))
})

test_that("bounds are met to the bit with parscale too", {
  fit <- lbfgsb(c(1, 1), function(x) sum((x - c(9, -9))^2), lower = 0.1, upper = 1.3,
                control = list(parscale = c(0.3, 7)))
  expect_identical(fit$par, c(1.3, 0.1))
  expect_identical(as.character(fit$bounds), c("at upper", "at lower"))
})

test_that("the history is a data frame from the start to the end", {
  fit <- fit_rosenbrock()
  history <- fit$history
  expect_s3_class(history, "data.frame", exact = TRUE)
  expect_named(history, c("iteration", "evaluations", "value", "pgnorm", "step", "free"))
  expect_identical(history$iteration, 0:fit$iterations)
  expect_identical(history$value[1], rosenbrock(2)$fn(c(-1.2, 1)))
  expect_identical(history$step[1], 0)
  last <- history[nrow(history), ]
  expect_identical(last$value, fit$value)
  expect_identical(last$pgnorm, fit$pgnorm)
  expect_equal(last$evaluations + 1, fit$counts[["function"]]) # the last question
  expect_lt(max(diff(history$value)), 0)
})

test_that("a start that is the solution is a run of no iterations", {
  fit <- lbfgsb(c(1, 2), function(x) sum((x - 0:1)^2), function(x) 2 * (x - 0:1), lower = 1:2)
  expect_identical(fit$iterations, 0L)
  expect_identical(fit$convergence, 0L)
  expect_identical(fit$par, c(1, 2))
  expect_identical(nrow(fit$history), 1L)
})

test_that("gap says how far the value is from the optimum, in the units of fn", {
  p <- rosenbrock(2)
  fit <- lbfgsb(c(-1.2, 1), p$fn, p$gr)
  expect_gte(10 * fit$gap, fit$value) # the minimum is 0
  expect_lte(fit$gap, 1e-10)
  expect_output(print(fit), "about [0-9.e-]+ above the minimum, as far as the run can tell")
  for (factor in 2^c(-40, 40)) {
    other <- lbfgsb(c(-1.2, 1), function(x) factor * p$fn(x), function(x) factor * p$gr(x))
    expect_identical(other$gap, factor * fit$gap)
  }
  top <- lbfgsb(c(-1.2, 1), function(x) -4 * p$fn(x), function(x) -4 * p$gr(x), control = list(fnscale = -4))
  expect_identical(top$gap, 4 * fit$gap)
  expect_output(print(top), "below the maximum")
})

test_that("gap is the rounding or the noise of fn where that is more", {
  flat <- lbfgsb(c(1, 1), function(x) 1e6 + sum((x - 3)^2), function(x) 2 * (x - 3))
  expect_equal(flat$gap, 10 * .Machine$double.eps * flat$value, tolerance = 1e-12)
  noisy <- lbfgsb(c(1, 1), function(x) 1e6 + sum((x - 3)^2), function(x) 2 * (x - 3), control = list(noise = 1e-8))
  expect_gte(noisy$gap, 2e-8 * noisy$value)
  bound <- lbfgsb(1, function(x) x, function(x) 1, lower = 0.5)
  expect_identical(bound$gap, 5 * .Machine$double.eps)
})

test_that("what noise hides is said to be lost in noise, not in rounding", {
  uneven <- function(x) 1 + sum((x - 0.3)^2) + 1e-7 * sin(1e8 * sum(x))
  messages <- vapply(1:10, function(start) lbfgsb(c(start, 1), uneven)$message, "")
  expect_true(any(grepl("lost in its noise", messages)))
  expect_false(any(grepl("lost in its rounding", messages)))
})

test_that("gap is NA where the run cannot tell", {
  p <- rosenbrock(2)
  expect_identical(lbfgsb(c(-1.2, 1), p$fn, p$gr, control = list(maxit = 10))$gap, NA_real_)
  expect_identical(lbfgsb(c(1, 1), function(x) 1, function(x) c(0, 0))$gap, NA_real_)
  expect_identical(lbfgsb(1, function(x) -x, function(x) -1)$gap, NA_real_)
  expect_no_match(capture.output(print(lbfgsb(1, function(x) -x, function(x) -1))), "as far as the run can tell")
})

test_that("where fn falls without end par is the lowest point seen, in any units and sign", {
  for (sign in c(1, -1)) {
    seen <- Inf
    fn <- function(x) {
      value <- sum((x - 1)^2) - 2 * sum((x - 1)^4)
      seen <<- min(seen, value)
      sign * value
    }
    fit <- lbfgsb(c(a = 2, b = 3), fn, control = list(fnscale = sign * 8, parscale = c(a = 4)))
    expect_identical(fit$convergence, 53L)
    expect_identical(fit$value, sign * seen)
    expect_identical(fn(fit$par), fit$value)
    expect_null(fit$gradient)
    expect_match(fit$message, sprintf("value %.9g", fit$value), fixed = TRUE)
    expect_output(print(summary(fit)))
  }
  row <- lbfgsb_many(cbind(a = 1), function(x) -x^2)
  expect_identical(row$value, -row$a^2)
})

test_that("log-likelihoods whose minus sign is forgotten ask for it, in a box, with few bounds and with none", {
  counts <- warpbreaks$breaks
  z <- as.numeric(warpbreaks$tension == "L")
  speed <- cars$speed
  logliks <- list(
    normal = function(p) sum(dnorm(speed, p[1], p[2], log = TRUE)),
    t = function(p) sum(dt((speed - p[1]) / p[2], 4, log = TRUE) - log(p[2])),
    gamma = function(p) sum(dgamma(speed, p[2], p[1], log = TRUE)),
    weibull = function(p) sum(dweibull(speed, p[2], p[1], log = TRUE)),
    poisson = function(p) sum(dpois(counts, exp(p[1] + p[2] * z), log = TRUE)),
    logistic = function(p) sum(dbinom(z, 1, plogis(p[1] + p[2] * counts), log = TRUE)),
    autoregression = function(p) sum(dnorm(speed[-1], p[1] * speed[-50], p[2], log = TRUE))
  )
  boxes <- list(box = list(c(1e-3, 1e-3), c(50, 50)), scale = list(c(1e-3, 1e-3), Inf), free = list(c(-Inf, 1e-3), Inf))
  asks <- function(fn, box) {
    fit <- suppressWarnings(lbfgsb(c(0.5, 1), fn, lower = box[[1]], upper = box[[2]]))
    grepl("if `fn` is a log-likelihood|is it to be maximized", fit$message)
  }
  for (name in names(logliks)) {
    for (box in names(boxes)) expect_true(asks(logliks[[name]], boxes[[box]]), label = paste(name, box))
  }
})

test_that("a run that ends with every parameter at a bound asks whether fn is to be maximized", {
  loglik <- function(par) sum(dnorm(cars$speed, par["mu"], par["sigma"], log = TRUE))
  run <- function(..., fn = loglik, par = c(mu = 10, sigma = 5)) {
    lbfgsb(par, fn, lower = c(0, 1), upper = c(100, 50), control = list(...))$message
  }
  hint <- "every parameter is at a bound; if `fn` is a log-likelihood, give control = list(fn_is = \"loglik\");"
  expect_match(run(), hint, fixed = TRUE)
  expect_snapshot(print(lbfgsb(c(mu = 10, sigma = 5), loglik, lower = c(0, 1), upper = c(100, 50))))
  half <- function(par) par["mu"] + (par["sigma"] - 5)^2
  said <- list(run(fnscale = -1), run(fn_is = "loglik"), run(fn_is = "negloglik", fn = loglik), run(maxit = 1),
               run(fn = half))
  for (message in said) expect_no_match(message, hint, fixed = TRUE)
})

test_that("a log-likelihood that is minimized by mistake: the hint names fn_is first, and no noise that is none", {
  loglik <- function(par) sum(dnorm(cars$speed, par["mu"], par["sigma"], log = TRUE))
  run <- function(fn = loglik, ...) lbfgsb(c(mu = 10, sigma = 4), fn, lower = c(sigma = 1e-6), control = list(...))
  expect_snapshot(print(run()))
  expect_no_match(run(noise = 1e-6)$message, "noise")
  sign_error <- function(par) -loglik(par)
})

test_that("where the value has no limit the sign is the suspect, whatever has been said of fn", {
  loglik <- function(par) sum(dnorm(cars$speed, par["mu"], par["sigma"], log = TRUE))
  minus <- function(par) -loglik(par)
  run <- function(fn = loglik, ...) lbfgsb(c(mu = 10, sigma = 4), fn, lower = c(sigma = 1e-6), control = list(...))
  fits <- list(run(fn_is = "negloglik"), run(minus, fn_is = "loglik"), run(fn_is = "deviance"),
               run(fn_is = "squares", nobs = 50), run(fn_is = "other"), run(minus, fnscale = -1),
               run(minus, fn_is = "other", fnscale = -1))
  for (fit in fits) expect_identical(fit$convergence, 53L)
  expect_snapshot(writeLines(vapply(fits, function(fit) sub(".*; ", "", fit$message), "")))
})

test_that("a run that has met an infinite value says so", {
  logit <- function(b) -sum(dbinom(mtcars$am, 1, plogis(b[1] + b[2] * mtcars$wt), log = TRUE))
  expect_match(lbfgsb(c(3, 0), function(b) -logit(b))$message, ", fn was -Inf at a trial", fixed = TRUE)
  expect_match(lbfgsb(c(3, 0), logit, control = list(fnscale = -1))$message, ", fn was Inf at a trial", fixed = TRUE)
  expect_no_match(lbfgsb(c(1, 2), function(x) -sum(x^2))$message, "Inf", fixed = TRUE)
})

# Minus the log-likelihood of lifetimes by Weibull with a location
weibull_of <- function(lifetimes) function(p) -sum(dweibull(lifetimes - p[[1]], p[[2]], p[[3]], log = TRUE))

test_that("where fn has no limit at a trial at a bound, the message names the parameter and what to do", {
  set.seed(3)
  lifetimes <- 2 + rweibull(40, 0.7, 3)
  nll <- weibull_of(lifetimes)
  run <- function(fn, kind, start = c(loc = 0, shape = 1, scale = 3)) {
    lbfgsb(start, fn, lower = c(-Inf, 1e-3, 1e-3), upper = c(min(lifetimes), Inf, Inf), control = list(fn_is = kind))
  }
  fits <- list(run(nll, "negloglik"), run(function(p) -nll(p), "loglik"), run(nll, NULL), run(nll, "other", c(0, 1, 3)))
  expect_identical(vapply(fits, `[[`, 0L, "convergence"), rep(53L, 4))
  expect_snapshot(writeLines(vapply(fits, `[[`, "", "message")))
  many <- lbfgsb(rep(0.5, 8), function(x) if (all(x == 1)) -Inf else -sum(x), lower = 0, upper = 1)
  expect_match(many$message, "where [1], [2], [3], [4], [5] and 3 more were at bounds; at one of these", fixed = TRUE)
})

test_that("probabilities that round to 1 do not hide that the minus sign is forgotten", {
  won <- rep(1:0, c(4, 6))
  fn <- function(p) sum(log(dbinom(won, 1, plogis(p))))
  for (gr in list(NULL, function(p) sum(won - plogis(p)))) {
    fit <- suppressWarnings(lbfgsb(0, fn, gr))
    expect_identical(fit$convergence, 53L)
    expect_true(is.finite(fit$value))
    expect_match(fit$message, "if `fn` is a log-likelihood", fixed = TRUE)
  }
})

test_that("a pole that one trial has met does not end a run that has a minimum beside it", {
  lifetimes <- 100 + qweibull(ppoints(30), 2, 3000)
  nll <- weibull_of(lifetimes)
  fit <- lbfgsb(c(loc = 0, shape = 1, scale = 1000), nll, lower = c(-Inf, 0.01, 1), upper = c(min(lifetimes), Inf, Inf))
  best <- nlminb(c(0, 2, 3000), nll, lower = c(-Inf, 0.01, 1), upper = c(min(lifetimes) - 1, Inf, Inf))
  expect_identical(fit$convergence, 0L)
  expect_equal(fit$value, best$objective, tolerance = 1e-8)
  expect_match(fit$message, "1 trial not finite", fixed = TRUE)
  # besselI() underflows beyond 1e5
  von_mises <- function(p, angles) {
    k <- exp(p[[2]])
    length(angles) * log(besselI(k, 0, TRUE)) - k * sum(cos(angles - p[[1]]) - 1)
  }
  for (spread in c(1, 0.1, 0.03)) for (seed in 1:5) {
    set.seed(seed)
    angles <- runif(1, -3, 3) + rnorm(100, 0, spread)
    best <- nlminb(c(atan2(sum(sin(angles)), sum(cos(angles))), -2 * log(spread)), von_mises, angles = angles)$objective
    fit <- suppressWarnings(lbfgsb(c(0, 1), von_mises, angles = angles))
    expect_identical(fit$convergence, 0L)
    expect_equal(fit$value, best, tolerance = 1e-6)
  }
})

test_that("a likelihood that has met an infinite value is said to have no maximum, where nobody doubts that it is one", {
  set.seed(1)
  x <- 5 + rweibull(40, 0.8, 10)
  nll <- function(p) -sum(dweibull(x - p["loc"], p["shape"], p["scale"], log = TRUE))
  run <- function(...) lbfgsb(c(loc = 4, shape = 0.9, scale = 8), nll, lower = c(shape = 0.01, scale = 0.01), ...)
  said <- run(control = list(fn_is = "negloglik"))
  expect_identical(said$convergence, 53L)
  expect_match(said$message, "; the likelihood may have no maximum: by bounds keep a location away", fixed = TRUE)
  expect_no_match(run()$message, "no maximum", fixed = TRUE)
})

test_that("no value is -0", {
  fit <- lbfgsb(c(0, 0), function(x) -sum(x^2), function(x) -2 * x, control = list(fnscale = -1))
  expect_match(fit$message, "value 0,", fixed = TRUE)
})

test_that("the gap is no more than the run has gained", {
  for (n in c(3, 6, 12)) {
    d <- rep(0:1, each = n)
    separated <- function(p) -sum(dbinom(d, 1, plogis(p[["a"]] + p[["b"]] * d), log = TRUE))
    fit <- lbfgsb(c(a = 0, b = 0), separated, control = list(fn_is = "negloglik"))
    expect_identical(fit$convergence, 0L)
    expect_true(is.na(fit$gap) || fit$gap <= n * log(4))
  }
})

test_that("where the value meets no limit at a bound, the sign is asked about, too", {
  binomial <- function(p) -dbinom(7, 10, p, log = TRUE)
  wrong <- lbfgsb(c(p = 0.5), binomial, lower = 0, upper = 1, control = list(fn_is = "loglik"))
  expect_identical(wrong$convergence, 53L)
  expect_match(wrong$message, paste("fn may have no limit there: move that bound a little inside; if `fn` is minus a",
                                    "log-likelihood, give control = list(fn_is = \"negloglik\")"), fixed = TRUE)
})
