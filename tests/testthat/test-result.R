fit_rosenbrock <- function(...) {
  p <- rosenbrock(2)
  lbfgsb(c(a = -1.2, b = 1), p$fn, p$gr, ...)
}

test_that("the fields are optim's, in optim's order, then ours", {
  fit <- fit_rosenbrock()
  expect_s3_class(fit, "lbfgsb", exact = TRUE)
  expect_named(fit, c("par", "value", "counts", "convergence", "message", "gradient", "pgnorm",
                      "iterations", "bounds", "nonfinite", "history", "fval", "objective"))
  expect_named(fit_rosenbrock(hessian = TRUE), c(names(fit), "hessian"))
  expect_type(fit$counts, "integer")
  expect_named(fit$counts, c("function", "gradient"))
  expect_type(fit$convergence, "integer")
})

test_that("partial matching finds what callers look for", {
  names <- names(fit_rosenbrock(hessian = TRUE))
  for (prefix in c("par", "val", "count", "conv", "mess", "hess")) {
    expect_length(grep(paste0("^", prefix), names), 1)
  }
  expect_identical(unique(grep("^(conv|fval)", names, value = TRUE)), c("convergence", "fval"))
})

test_that("the stop reasons are those of the core", {
  header <- readLines(system.file("include", "lbfgsb.h", package = "lbfgsb"))
  enum <- seq(grep("^/\\* Why the solver finished", header), grep("^} lbfgsb_status;", header))
  status <- regmatches(header[enum], regexpr("LBFGSB_[A-Z_]+", header[enum]))
  codes <- vapply(stop_reasons, `[[`, 0L, "code")
  names <- c(names(stop_reasons), "start_not_finite")
  expect_identical(tolower(sub("LBFGSB_", "", status)), names)
  expect_identical(unname(codes), seq_along(stop_reasons) - 1L)
})

test_that("every sentence takes its figures", {
  control <- list(target = -1, maxeval = 1e9, maxtime = 1.5, parscale = 2)
  state <- lbfgsb_start(c(0, 1, 1), lower = c(0, -Inf, -Inf), control = control)
  state <- lbfgsb_tell(state, 1 / 3, c(1, 0.123 / 2, 0))
  for (trial in 1:4) state <- lbfgsb_tell(state, NA)
  message_of <- function(reason) {
    state$run <- .Call(C_copy, state$run)
    if (reason$code > 0) .Call(C_stop, state$run, reason$code)
    lbfgsb_result(state)$message
  }
  expect_snapshot(writeLines(vapply(stop_reasons, message_of, "")))
})

test_that("how a run ended is what it says", {
  ends <- list(
    gradient_converged = fit_rosenbrock(control = list(factr = 0)),
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
    line_search_failed = suppressWarnings(lbfgsb(1, function(x) x, function(x) -1))
  )
  for (end in names(ends)) {
    expect_identical(ends[[end]]$convergence, stop_reasons[[end]]$convergence)
    beginning <- sub("%.*", "", stop_reasons[[end]]$sentence)
    expect_match(ends[[end]]$message, beginning, fixed = TRUE)
  }
})

test_that("nothing has converged before it was evaluated, fixed or not", {
  fixed <- function(...) lbfgsb(c(1, 2), function(x) sum(x^2), lower = 1:2, upper = 1:2, control = list(...))
  expect_identical(fixed()$message, "converged: every parameter is fixed")
  expect_match(fixed(maxtime = 0)$message, "^not converged: stopped by maxtime")
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
  expect_equal(last$evaluations, fit$counts[["function"]])
  expect_lt(max(diff(history$value)), 0)
})

test_that("a start that is the solution is a run of no iterations", {
  fit <- lbfgsb(c(1, 2), function(x) sum((x - 0:1)^2), function(x) 2 * (x - 0:1), lower = 1:2)
  expect_identical(fit$iterations, 0L)
  expect_identical(fit$convergence, 0L)
  expect_identical(fit$par, c(1, 2))
  expect_identical(nrow(fit$history), 1L)
})

test_that("print shows a screen", {
  fit <- lbfgsb(c(a = 1, b = 2), function(x) sum(x^2), function(x) 2 * x, lower = c(0.5, 1))
  expect_snapshot(print(fit))
  large <- lbfgsb(rep(1, 100), function(x) sum(x^2), function(x) 2 * x, lower = 1)
  expect_snapshot(print(large, rows = 2))
  expect_snapshot(print(large, rows = 0))
})

test_that("one is singular", {
  one <- lbfgsb(0, function(x) (x - 1)^2, function(x) 2 * (x - 1), upper = 0.5)
  expect_snapshot(print(one))
  two <- lbfgsb(c(1, 2), function(x) sum(x^2), function(x) 2 * x)
  expect_output(print(two, rows = 1), "... and 1 more parameter$")
})

test_that("a fit without a gradient says so, and is printed", {
  fn <- function(x) sum(x^2)
  fits <- list(
    evaluation_limit = lbfgsb(c(a = 1, b = 2), fn, control = list(maxeval = 1)),
    time_limit = lbfgsb(c(a = 1, b = 2), fn, control = list(maxtime = 0)),
    stopped = lbfgsb(c(a = 1, b = 2), function(x) lbfgsb_stop())
  )
  for (end in names(fits)) {
    expect_null(fits[[end]]$gradient)
    expect_identical(fits[[end]]$pgnorm, NA_real_)
    expect_no_match(fits[[end]]$message, "gradient norm")
    expect_identical(summary(fits[[end]])$parameters$gradient, c(NA_real_, NA_real_))
    expect_output(print(summary(fits[[end]])), "pgnorm +NA")
  }
  expect_snapshot(print(fits$evaluation_limit))
})

test_that("print takes parameters of one name, and matrices", {
  twice <- lbfgsb(c(beta = 1, beta = 2), function(x) sum(x^2), function(x) 2 * x)
  expect_output(print(twice), "beta.1")
  square <- lbfgsb(diag(2), function(x) sum(x^2), function(x) 2 * x)
  expect_output(print(square), "[2,1]", fixed = TRUE)
  expect_identical(labels_of(matrix(1:4, 2, dimnames = list(c("a", "b"), NULL)), 3:4), c("[a,2]", "[b,2]"))
  expect_identical(labels_of(array(1:8, c(2, 2, 2)), 8), "[2,2,2]")
})

test_that("summary tells more", {
  fit <- lbfgsb(c(a = 1, b = 2), function(x) sum(x^2), function(x) 2 * x, lower = c(0.5, 1))
  summary <- summary(fit)
  expect_identical(summary$start, 5)
  expect_identical(sum(summary$bounds), 2L)
  expect_identical(summary$parameters$bounds, unname(fit$bounds))
  expect_snapshot(print(summary))
})

test_that("summary has standard errors, and says when they are valid", {
  nll <- function(par) -sum(dnorm(cars$speed, par["mu"], par["sigma"], log = TRUE))
  fit <- function(...) {
    lbfgsb(c(mu = 10, sigma = 4), nll, lower = c(sigma = 1e-6), hessian = TRUE, ...)
  }
  free <- summary(fit())
  expect_equal(free$parameters$se, sqrt(mean((cars$speed - 15.4)^2)) / sqrt(c(50, 100)),
               tolerance = 1e-5)
  expect_equal(free$parameters$z, free$parameters$par / free$parameters$se)
  at_bound <- summary(fit(upper = c(sigma = 5)))
  expect_identical(is.na(at_bound$parameters$se), c(FALSE, TRUE))
  expect_snapshot(writeLines(c(free$validity, at_bound$validity)))
  saddle <- lbfgsb(c(0, 1), function(x) x[2]^2 - x[1]^2, function(x) c(-2, 2) * x, hessian = TRUE)
  expect_match(summary(fit(control = list(maxit = 5)))$validity, "not valid: the run has not converged")
  expect_match(summary(saddle)$validity, "^No standard errors: the Hessian")
  expect_output(print(summary(saddle)), "No standard errors")
})

test_that("coef returns the parameters", {
  fit <- fit_rosenbrock()
  expect_identical(coef(fit), fit$par)
})

test_that("plot draws the history and leaves the graphics parameters", {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  before <- graphics::par(c("mar", "mfrow", "las"))
  fit <- fit_rosenbrock()
  expect_identical(expect_invisible(plot(fit)), fit)
  expect_identical(graphics::par(c("mar", "mfrow", "las")), before)
  expect_silent(plot(fit_rosenbrock(upper = c(a = 0.5))))
  expect_identical(graphics::par(c("mar", "mfrow", "las")), before)
  expect_silent(plot(lbfgsb(1, function(x) 1, function(x) 0)))
  expect_silent(plot(fit_rosenbrock(control = list(maxit = 1)), main = "one iteration"))
  expect_silent(plot(fit, type = "l", pch = 1, cex = 1, ylim = c(1e-8, 1e4), xlab = "", xlim = c(0, 9)))
  expect_silent(plot(lbfgsb(1, function(x) (x - 1 - 1e-8)^2), type = "p"))
})

test_that("decades cover what is positive", {
  expect_identical(decades(c(0.002, 30, NA)), c(-3, -2, -1, 0, 1, 2))
  expect_identical(decades(c(NA, 1)), c(0, 1))
  wide <- decades(c(1e-30, 1e30))
  expect_lte(length(wide), 8)
  expect_lte(wide[1], -30)
  expect_gte(max(wide), 30)
})
