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
  foreign <- list(maximize = FALSE, iter.max = 5, verbose = 1, cores = 2)
  expect_snapshot(control <- as_control(c(list(pgtol = 0.1), foreign)))
  expect_identical(control, as_control(list(pgtol = 0.1)))
  warning <- tryCatch(as_control(list(factor = 10, reltol = 1)), warning = identity)
  expect_s3_class(warning, c("lbfgsb_warning_control", "lbfgsb_warning", "warning"), exact = FALSE)
  expect_identical(warning$unknown, c("factor", "reltol"))
})

test_that("an argument of lbfgsb() among the options is an error that says where it goes", {
  calls <- 0
  counted <- function(p) calls <<- calls + 1
  expect_snapshot(error = TRUE, {
    lbfgsb(c(mu = 1), counted, control = list(trace = 0, fixed = c(mu = 1)))
    lbfgsb(c(mu = 1), counted, control = list(par = 1))
  })
  for (name in c("fn", "gr", "lower", "upper", "hessian", "method")) {
    error <- tryCatch(as_control(structure(list(1), names = name)), error = identity)
    expect_s3_class(error, "lbfgsb_error_argument")
    expect_identical(error$argument, paste0("control$", name))
  }
  expect_identical(calls, 0)
})

test_that("what others call nobs and trace is told", {
  expect_warning(as_control(list(n = 50)), "see 'nobs'", class = "lbfgsb_warning_control")
  expect_warning(as_control(list(disp = TRUE)), "see 'trace'", class = "lbfgsb_warning_control")
})

test_that("a relative tolerance says how it becomes `factr`", {
  for (name in c("reltol", "rel.tol", "ftol_rel")) {
    expect_warning(as_control(structure(list(1e-8), names = name)),
                   paste0("give 'factr = ", name, " / .Machine$double.eps'"), fixed = TRUE)
  }
})

test_that("what is to be maximized is not minimized", {
  expect_snapshot(error = TRUE, lbfgsb(1, function(x) -x^2, control = list(maximize = TRUE)))
  for (name in c("maximise", "maximum")) {
    expect_error(as_control(structure(list(TRUE), names = name)), "fnscale = -1", class = "lbfgsb_error_argument")
  }
})

test_that("a suggestion begins like the name, or is near to it", {
  suggested <- c(max = "maxit", ftl = "ftol", factor = "factr", M = "m", maxIter = "maxiter", maxti = "maxit", maxtim = "maxtime", mxait = "maxit")
  expect_identical(vapply(names(suggested), suggest_name, ""),
                   vapply(suggested, function(name) paste0("; did you mean '", name, "'?"), ""))
  for (name in c("x", "fx", "ab", "kkttol")) expect_identical(suggest_name(name), "")
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
    lbfgsb_control(parscale = factor(1:2))
    lbfgsb_control(parscale = list(a = 2, b = 1:3))
    lbfgsb_control(trace = -1)
    lbfgsb_control(REPORT = NULL)
    as_control(list(ftol = -1))
    as_control(list(m = 5, lmm = 6))
    as_control(list(maxit = 5, maxit = 6))
    as_control(list(5))
    as_control(structure(list(5, 6), names = c("m", NA)))
    as_control("maxit")
    as_control(c(maxit = 5))
  })
})

test_that("a control that was changed by hand is checked again", {
  control <- lbfgsb_control()
  control$maxit <- -1
  expect_error(as_control(control), class = "lbfgsb_error_argument")
})
