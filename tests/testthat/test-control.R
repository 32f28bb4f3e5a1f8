test_that("the defaults are the published ones", {
  control <- lbfgsb_control()
  expect_s3_class(control, "lbfgsb_control")
  expect_identical(unclass(control)[c("m", "factr", "pgtol", "maxit", "maxeval", "maxls")],
                   list(m = 10, factr = 1e7, pgtol = 1e-5, maxit = 15000, maxeval = Inf,
                        maxls = 20))
  expect_identical(as_control(list()), unclass(control))
  expect_identical(as_control(control), unclass(control))
})

test_that("the rules, the arguments and the help page name the same options", {
  expect_named(formals(lbfgsb_control), names(option_rules))
  expect_in <- function(x, all) expect_length(setdiff(x, all), 0)
  expect_in(option_aliases, names(option_rules))
})

test_that("the options stand in the order of the enum in src/r_api.h", {
  expect_named(option_rules, c(
    "m", "factr", "pgtol", "confirm", "target", "maxit", "maxeval", "maxtime", "maxls", "fnscale", "parscale",
    "trace", "REPORT", "gradient", "ndeps", "cluster", "threads", "callback", "keep_state", "checkpoint",
    "checkpoint_every"
  ))
})

test_that("aliases set what they stand for", {
  control <- as_control(list(maxcor = 5, ftol = 1e-9, gtol = 1e-3, maxfun = 50, maxiter = 7))
  expect_identical(control, as_control(list(m = 5, factr = 1e-9 / .Machine$double.eps, pgtol = 1e-3,
                                            maxeval = 50, maxit = 7)))
  expect_identical(as_control(list(lmm = 5)), as_control(list(m = 5)))
})

test_that("an option under two names must have one value", {
  expect_identical(as_control(list(m = 5L, lmm = 5)), as_control(list(m = 5L)))
  expect_identical(as_control(list(maxeval = Inf, maxfun = Inf)), as_control(list()))
  expect_identical(as_control(list(parscale = c(1, 2), parscale = c(1, 2)))$parscale, c(1, 2))
  expect_error(as_control(list(m = 5, lmm = 6)), class = "lbfgsb_error_argument")
  expect_error(as_control(list(parscale = c(1, 2), parscale = c(1, 3))), class = "lbfgsb_error_argument")
})

test_that("unknown names are ignored with a warning that suggests the nearest", {
  expect_snapshot(control <- as_control(list(factor = 10, reltol = 1e-8, maxIter = 5, pgtol = 0.1)))
  expect_identical(control, as_control(list(pgtol = 0.1)))
  warning <- tryCatch(as_control(list(factor = 10, reltol = 1)), warning = identity)
  expect_s3_class(warning, c("lbfgsb_warning_control", "lbfgsb_warning", "warning"), exact = FALSE)
  expect_identical(warning$unknown, c("factor", "reltol"))
})

test_that("a suggestion begins like the name, or is near to it", {
  suggested <- c(max = "maxit", ftl = "ftol", factor = "factr", M = "m", maxIter = "maxiter")
  expect_identical(vapply(names(suggested), suggest_name, ""),
                   vapply(suggested, function(name) paste0("; did you mean '", name, "'?"), ""))
  for (name in c("x", "fx", "ab", "reltol")) expect_identical(suggest_name(name), "")
})

test_that("bad values are errors that name the option", {
  expect_snapshot(error = TRUE, {
    lbfgsb_control(m = 0)
    lbfgsb_control(m = 2.5)
    lbfgsb_control(maxls = Inf)
    lbfgsb_control(factr = -1)
    lbfgsb_control(pgtol = NA)
    lbfgsb_control(maxit = "many")
    lbfgsb_control(maxeval = 0)
    lbfgsb_control(fnscale = 0)
    lbfgsb_control(fnscale = Inf)
    lbfgsb_control(parscale = c(1, 0))
    lbfgsb_control(trace = -1)
    lbfgsb_control(REPORT = NULL)
    as_control(list(ftol = -1))
    as_control(list(m = 5, lmm = 6))
    as_control(list(maxit = 5, maxit = 6))
    as_control(list(5))
    as_control(structure(list(5, 6), names = c("m", NA)))
    as_control("maxit")
  })
})

test_that("a control that was changed by hand is checked again", {
  control <- lbfgsb_control()
  control$maxit <- -1
  expect_error(as_control(control), class = "lbfgsb_error_argument")
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
})
