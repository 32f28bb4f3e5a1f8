test_that("the defaults are the published ones, but for what a run finds by itself", {
  control <- lbfgsb_control()
  expect_s3_class(control, "lbfgsb_control")
  expect_identical(unclass(control)[c("m", "factr", "pgtol", "maxit", "maxeval", "maxls")],
                   list(m = NULL, factr = 1e7, pgtol = NULL, maxit = 15000, maxeval = Inf,
                        maxls = 20))
  expect_identical(as_control(list()), unclass(control))
  expect_identical(as_control(control), unclass(control))
})

test_that("the rules, the arguments and the help page name the same options", {
  expect_named(formals(lbfgsb_control), names(option_rules))
  expect_in <- function(x, all) expect_length(setdiff(x, all), 0)
  expect_in(option_aliases, names(option_rules))
})

# The rules of the package, until a test ends.
local_rules <- function(rules, frame = parent.frame()) {
  set_rules <- function(rules) {
    package <- asNamespace("lbfgsb")
    unlockBinding("option_rules", package)
    assign("option_rules", rules, package)
  }
  before <- option_rules
  set_rules(rules)
  withr::defer(set_rules(before), frame)
}

test_that("a rule that only a function knows is obeyed, by whatever way an option comes", {
  rules <- option_rules
  rules$factr$holds <- function(x) x != 10
  local_rules(rules)
  run <- function(...) lbfgsb(1, function(x) x^2, function(x) 2 * x, control = list(...))
  expect_error(run(factr = 10), class = "lbfgsb_error_argument")
  expect_error(run(factr = 10L), class = "lbfgsb_error_argument")
  expect_error(run(factr = -1), class = "lbfgsb_error_argument")
  expect_identical(run(factr = 11)$convergence, 0L)
  expect_identical(run(factr = 1e7)$convergence, 0L)
})

test_that("C takes as plain what the rules take, and no more", {
  values <- list(NULL, NA, NaN, TRUE, FALSE, -1, 0, 0.5, 1, 2, 10, 1e300, Inf, -Inf, 3L, "auto", "central",
                 c(1, 2), c(a = 1), list(1), sum, factor("a"), structure(1, class = "of_nobody"))
  for (option in names(option_rules)) {
    for (value in values) {
      control <- structure(list(value), names = option)
      plain <- .Call(C_options, control, default_control, option_rules)
      if (obeys(value, option_rules[[option]])) {
        expect_identical(as_control(control), read_control(control, default_control))
        if (!is.null(plain)) expect_identical(plain, as_control(control))
      } else {
        expect_null(plain)
      }
    }
  }
  expect_null(.Call(C_options, list(m = 5, m = 5), default_control, option_rules))
  expect_null(.Call(C_options, list(lmm = 5), default_control, option_rules))
  expect_null(.Call(C_options, list(5), default_control, option_rules))
  expect_null(.Call(C_options, c(m = 5), default_control, option_rules))
  full <- lbfgsb_control(m = 4, trace = 0)
  expect_identical(.Call(C_options, full, default_control, option_rules), unclass(full))
})

test_that("the limits are exact", {
  p <- rosenbrock(2)
  by_iterations <- lbfgsb(p$par, p$fn, p$gr, control = list(maxit = 7))
  expect_identical(by_iterations$iterations, 7L)
  expect_identical(by_iterations$convergence, 1L)
  by_evaluations <- lbfgsb(p$par, p$fn, p$gr, control = list(maxeval = 7))
  expect_identical(by_evaluations$counts, c(`function` = 7L, gradient = 7L))
  expect_identical(by_evaluations$convergence, 1L)
})

test_that("trace prints a line every REPORT iterations", {
  p <- rosenbrock(2)
  run <- function(...) invisible(lbfgsb(p$par, p$fn, p$gr, control = list(maxit = 6, ...)))
  expect_silent(run())
  lines <- capture.output(run(trace = TRUE, REPORT = 3))
  expect_length(lines, 4)
  expect_length(unique(nchar(lines)), 1)
  expect_match(lines[-1], "^ +[036] ")
  expect_match(capture.output(run(trace = TRUE, REPORT = 4))[-1], "^ +[046] ") # the last one, too
  expect_match(capture.output(run(trace = TRUE, REPORT = 100))[-1], "^ +[06] ")
})

test_that("print shows only what differs from the defaults", {
  expect_snapshot({
    lbfgsb_control()
    lbfgsb_control(maxit = 5, fn_is = "loglik", callback = function(progress) FALSE)
  })
})
