test_that("partial matching finds what callers look for", {
  names <- names(fit_rosenbrock(hessian = TRUE))
  for (prefix in c("par", "val", "count", "conv", "mess", "hess")) {
    expect_length(grep(paste0("^", prefix), names), 1)
  }
  expect_identical(unique(grep("^(conv|fval)", names, value = TRUE)), c("convergence", "fval"))
})

test_that("print shows a screen", {
  fit <- lbfgsb(c(a = 1, b = 2), function(x) sum(x^2), function(x) 2 * x, lower = c(0.5, 1))
  expect_snapshot(print(fit))
  large <- lbfgsb(rep(1, 100), function(x) sum(x^2), function(x) 2 * x, lower = 1)
  expect_snapshot(print(large, rows = 2))
  expect_snapshot(print(large, rows = 0))
})

test_that("rows = Inf shows all parameters of a fit and its summary, and coef() has all", {
  many <- lbfgsb(numeric(60), function(x) sum((x - 1)^2), function(x) 2 * (x - 1), hessian = TRUE,
                 control = list(fn_is = "deviance"))
  shown <- function(x, ...) sum(grepl("^\\[[0-9]+\\] ", capture.output(print(x, ...))))
  expect_identical(c(shown(many), shown(many, rows = Inf)), c(10L, 60L))
  summarized <- summary(many)
  expect_identical(c(shown(summarized), shown(summarized, rows = Inf)), c(50L, 60L))
  expect_output(print(summarized), "... and 10 more: print() with rows = Inf shows all", fixed = TRUE)
  expect_identical(dim(coef(summarized)), c(60L, 4L))
})

test_that("one is singular", {
  one <- lbfgsb(0, function(x) (x - 1)^2, function(x) 2 * (x - 1), upper = 0.5)
  expect_snapshot(print(one))
  two <- lbfgsb(c(1, 2), function(x) sum(x^2), function(x) 2 * x)
  expect_output(print(two, rows = 1), "... and 1 more: print\\(\\) with rows = Inf shows all$")
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

test_that("summary says that parameters at bounds count, and the residual standard error without them", {
  X <- cbind(1, cars$speed, -cars$speed^2, -cars$speed^3)
  squares <- function(b) sum((cars$dist - X %*% b)^2)
  fit <- lbfgsb(c(0, 1, 0, 0), squares, lower = 0, control = list(fn_is = "squares", nobs = 50))
  free <- fit$bounds == "free"
  shown <- paste(trimws(capture.output(print(summary(fit)))), collapse = " ")
  without <- sigma(lm(cars$dist ~ 0 + X[, free, drop = FALSE]))
  expect_match(shown, sprintf("This counts %d parameters at their bounds as estimated, as nls() does. Not counted, it is %.4g on %d.",
                              sum(!free), without, 50 - sum(free)), fixed = TRUE)
})

test_that("summary of a sum of squares has the residual standard error, and p as lm() has it", {
  squares <- function(par) sum((cars$dist - par[["a"]] - par[["b"]] * cars$speed)^2)
  fit <- lbfgsb(c(a = 0, b = 1), squares, hessian = TRUE, control = list(fn_is = "squares", nobs = 50))
  line <- summary(lm(dist ~ speed, cars))
  summary <- summary(fit)
  expect_equal(summary[c("sigma", "df.residual")], list(sigma = line$sigma, df.residual = 48), tolerance = 1e-6)
  shown <- capture.output(print(summary))
  expect_identical(grep("Residual", shown, value = TRUE), grep("Residual standard", capture.output(print(line)), value = TRUE))
  expect_match(shown, "0.0123 ", fixed = TRUE, all = FALSE)
  expect_match(shown, "1.49e-12", fixed = TRUE, all = FALSE)
  expect_identical(sum(grepl("11353.5211", shown)), 1L)
  without <- summary(suppressMessages(update(fit, control = list(fn_is = NULL), hessian = FALSE)))
  expect_null(without$sigma)
  expect_output(print(without), "par +gradient bounds\n")
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
  expect_warning(unconverged <- summary(fit(control = list(maxit = 5))), class = "lbfgsb_warning_unconverged")
  expect_match(unconverged$validity, "not valid: the run has not converged; to go on, call", fixed = TRUE)
  flat <- summary(lbfgsb(c(0, 1), function(x) sum(x)^2, hessian = TRUE))
  expect_match(flat$validity, "^No standard errors: the Hessian")
  expect_output(print(flat), "No standard errors")
})

test_that("coef returns the parameters, with the names of vcov()", {
  fit <- fit_rosenbrock()
  expect_identical(coef(fit), fit$par)
  expect_identical(coef(summary(fit)), matrix(fit$par, dimnames = list(c("a", "b"), "Estimate")))
  square <- lbfgsb(matrix(c(1, 2, 3, 4), 2), function(x) sum(x^2) / 2)
  expect_named(coef(square), c("[1,1]", "[2,1]", "[1,2]", "[2,2]"))
  twice <- lbfgsb(c(beta = 1, beta = 2), function(x) sum(x^2) / 2)
  expect_named(coef(twice), c("beta", "beta.1"))
  for (any in list(square, twice)) expect_identical(rownames(vcov(any)), names(coef(any)))
})

test_that("after the check of the gradient has found a lower value, one value and one norm are shown", {
  fn <- function(x) sum((x - 1:3)^2)
  wrong <- function(x) c(2, 2, -2) * (x - 1:3)
  suppressWarnings(fit <- lbfgsb(c(a = 0, b = 0, c = 0), fn, wrong), classes = "lbfgsb_warning_gradient")
  expect_lt(fit$value, min(fit$history$value))
  figures <- sprintf("; value %.9g, projected gradient norm %.3g; the run ended at a higher value: `par` is",
                     fit$value, fit$pgnorm)
  expect_match(fit$message, figures, fixed = TRUE)
  for (shown in list(capture.output(print(fit)), capture.output(print(summary(fit))))) {
    expect_no_match(shown, sprintf("%.9g", tail(fit$history$value, 1)), fixed = TRUE)
  }
})

test_that("print says how to go on with a run that a limit has ended", {
  run <- function(...) lbfgsb(c(2, 2), function(x) sum(x^4), function(x) 4 * x^3, control = list(...))
  expect_snapshot({
    print(run(maxit = 1), rows = 0)
    print(run(maxit = 1, keep_state = FALSE), rows = 0)
    print(run(callback = function(progress) TRUE), rows = 0)
  })
  expect_match(capture.output(print(summary(run(maxit = 1)))), "^to go on, call", all = FALSE)
  expect_no_match(capture.output(print(run())), "to go on", fixed = TRUE)
  expect_no_match(capture.output(print(summary(run(maxit = 1)))), "For standard errors", fixed = TRUE)
  state <- lbfgsb_tell(lbfgsb_start(c(1, 1)), 2, c(2, 2))
  expect_no_match(capture.output(print(lbfgsb_result(state))), "to go on", fixed = TRUE)
})

test_that("after maxtime a run goes on without another limit", {
  fit <- lbfgsb(c(1, 1), function(x) sum((x - 3)^4), control = list(maxtime = 1e-9))
  expect_match(capture.output(print(fit)), "^to go on, call lbfgsb_resume\\(fit\\)$", all = FALSE)
})

test_that("digits and rows that cannot be shown are refused, and format() is one line", {
  fit <- fit_rosenbrock()
  for (shown in list(fit, summary(fit))) {
    expect_error(print(shown, rows = -1), "`rows` must be", class = "lbfgsb_error_argument")
    expect_error(print(shown, digits = NA), "`digits` must be", class = "lbfgsb_error_argument")
  }
  expect_match(format(fit), "^<lbfgsb: value .*, convergence 0>$")
})
