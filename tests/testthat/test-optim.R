square <- function(x) sum((x - 1)^2)
slope <- function(x) 2 * (x - 1)
bounded <- function(...) lbfgsb_optim(..., method = "L-BFGS-B")

test_that("the formals are optim's, and the answer is a plain list like its", {
  expect_identical(formals(lbfgsb_optim), formals(stats::optim))
  run <- function(optim) {
    optim(c(a = -1.2, b = 1), square, slope, method = "L-BFGS-B", hessian = TRUE, lower = -2)
  }
  theirs <- run(stats::optim)
  ours <- run(lbfgsb_optim)
  expect_identical(names(ours), names(theirs))
  expect_identical(lapply(ours, names), lapply(theirs, names))
  expect_identical(lapply(ours, typeof), lapply(theirs, typeof))
  expect_identical(oldClass(ours), NULL)
  expect_equal(ours$par, theirs$par)
  expect_equal(ours$hessian, theirs$hessian)
  expect_s3_class(attr(ours, "fit"), "lbfgsb")
})

test_that("the messages and codes are optim's own", {
  same <- function(...) {
    theirs <- stats::optim(..., method = "L-BFGS-B")
    ours <- bounded(...)
    expect_identical(ours[c("message", "convergence")], theirs[c("message", "convergence")])
    ours
  }
  p <- rosenbrock(2)
  small <- same(p$par, p$fn, p$gr, control = list(pgtol = 1e-3))
  expect_match(small$message, "PGTOL")
  expect_match(same(p$par, p$fn, p$gr)$message, "FACTR")
  expect_identical(same(p$par, p$fn, p$gr, control = list(maxit = 3))$message, "NEW_X")
  wrong <- function(x) -p$gr(x)
  expect_identical(suppressWarnings(same(p$par, p$fn, wrong))$convergence, 52L)
  expect_match(same(c(1, 1), p$fn, p$gr)$message, "PGTOL")
})

test_that("maxit and counts are as optim counts", {
  p <- rosenbrock(2)
  for (maxit in c(0, 1, 5)) {
    for (gr in list(p$gr, NULL)) {
      ours <- bounded(p$par, p$fn, gr, control = list(maxit = maxit))
      theirs <- stats::optim(p$par, p$fn, gr, method = "L-BFGS-B", control = list(maxit = maxit))
      expect_identical(attr(ours, "fit")$iterations, as.integer(maxit + 1))
      expect_identical(ours$counts, theirs$counts)
      expect_equal(ours$value, theirs$value, tolerance = 1e-4)
    }
  }
})

test_that("optim's defaults hold: the method, maxit, pgtol, lmm", {
  p <- rosenbrock(2)
  expect_identical(lbfgsb_optim(p$par, p$fn), stats::optim(p$par, p$fn))
  control <- attr(bounded(p$par, p$fn), "fit")$objective$control
  expect_identical(control[c("m", "maxit", "pgtol", "factr", "confirm")],
                   list(m = 5, maxit = 101, pgtol = 0, factr = 1e7, confirm = FALSE))
  for (method in c("BFGS", "CG", "Nelder-Mead")) {
    expect_identical(lbfgsb_optim(p$par, p$fn, p$gr, method = method),
                     stats::optim(p$par, p$fn, p$gr, method = method))
  }
  brent <- function(optim) optim(0.3, square, method = "Brent", lower = 0, upper = 3)
  expect_identical(brent(lbfgsb_optim), brent(stats::optim))
  empty <- function(optim) optim(numeric(), function(x) 3, method = "L-BFGS-B")
  expect_identical(empty(lbfgsb_optim), empty(stats::optim))
})

test_that("it warns where optim() does, in its words", {
  warned <- function(optim, ...) {
    texts <- character()
    utils::capture.output(withCallingHandlers(optim(c(-1.2, 1), square, ...), warning = function(w) {
      texts <<- c(texts, conditionMessage(w))
      if (identical(optim, lbfgsb_optim)) expect_s3_class(w, c("lbfgsb_warning_optim", "lbfgsb_warning"))
      tryInvokeRestart("muffleWarning")
    }))
    texts
  }
  same <- function(...) {
    ours <- warned(lbfgsb_optim, ...)
    expect_gt(length(ours), 0)
    expect_identical(ours, warned(stats::optim, ...))
  }
  same(lower = 0)
  same(upper = 3, method = "BFGS")
  same(method = "L-BFGS-B", control = list(maxiter = 3, reltol = 1, fnscale = 1))
  same(method = "L-BFGS-B", control = list(trace = -1))
  same(method = "L-BFGS-B", control = list(fixed = c(mu = 1), lower = 0, hessian = TRUE, method = "BFGS"))
  expect_silent(bounded(c(-1.2, 1), square, control = list(tmax = 3, ndeps = c(1e-3, 1e-3))))
})

test_that("par may be a list or of integers; names are kept, attributes reach the answer but not fn", {
  plain <- function(x) {
    stopifnot(is.double(x), all(names(attributes(x)) == "names"))
    square(x)
  }
  expect_equal(bounded(list(a = 0, b = 2L), plain)$par, c(a = 1, b = 1), tolerance = 1e-6)
  expect_equal(bounded(c(a = 0L, b = 2L), plain)$par, c(a = 1, b = 1), tolerance = 1e-6)
  expect_equal(bounded(matrix(0, 2, 2), plain)$par, matrix(1, 2, 2), tolerance = 1e-6)
  expect_error(bounded(list(1, 1:2), square), "coerced")
})

test_that("bounds: NA is none, they are recycled, their names mean nothing, the start is moved in silence", {
  at <- function(...) expect_silent(bounded(c(a = -2, b = 3, c = 0), square, slope, ...))$par
  expect_equal(at(lower = c(NA, 2, 2), upper = NA), c(a = 1, b = 2, c = 2))
  expect_equal(at(lower = c(2, -9)), c(a = 2, b = 1, c = 2))
  expect_equal(at(lower = c(c = 2, b = -9, a = -9)), c(a = 2, b = 1, c = 1))
  expect_equal(at(lower = Inf, upper = -Inf), c(a = 1, b = 1, c = 1), tolerance = 1e-5)
  expect_error(bounded(c(a = 1), square, lower = 3, upper = 2), class = "lbfgsb_error_argument")
})

test_that("control may be a named vector, and fnscale, parscale and ndeps mean what they mean", {
  p <- rosenbrock(2)
  expect_identical(bounded(p$par, p$fn, control = c(maxit = 3))$message, "NEW_X")
  up <- function(optim) {
    optim(p$par, function(x) -p$fn(x), method = "L-BFGS-B",
          control = list(fnscale = -2, parscale = c(1, 3), ndeps = c(1e-4, 1e-4)))
  }
  expect_equal(up(lbfgsb_optim)[1:4], up(stats::optim)[1:4], tolerance = 1e-5)
})

test_that("scales are found where no parscale is given, so that the published rule does not end too early", {
  for (p in problems[c("bard", "kowalik_osborne", "osborne2", "chebyquad8", "student_t")]) {
    units <- 10^seq(-2, 2, length.out = length(p$par))
    run <- function(...) {
      bounded(p$par * units, function(x) p$fn(x / units), lower = p$lower * units, upper = p$upper * units,
              control = list(maxit = 1000, ...))$value
    }
    natural <- bounded(p$par, p$fn, lower = p$lower, upper = p$upper, control = c(maxit = 1000))$value
    expect_equal(run(), natural, tolerance = 1e-4)
    expect_gt(run(parscale = 1), 1.0001 * natural)
  }
})

test_that("all of `...` goes to fn and gr, and what fn returns becomes a number", {
  fn <- function(x, fixed, l, control.) sum((x - fixed)^2) + l + control.
  fit <- bounded(c(0, 0), fn, fixed = 3, l = 1, control. = 2, hessian = TRUE)
  expect_equal(fit[c("par", "value")], list(par = c(3, 3), value = 3), tolerance = 1e-6)
  expect_equal(fit$hessian, diag(2, 2), tolerance = 1e-6)
  expect_identical(bounded(1, function(x) "3")$value, 3)
  expect_identical(bounded(1, function(x) list(3))$value, 3)
  expect_equal(bounded(c(0, 0), square, function(x) as.list(slope(x)))$par, c(1, 1))
  expect_error(bounded(c(0, 0), function(x) x), class = "lbfgsb_error_objective")
})

test_that("a gradient that comes along is used, and one that is none is left alone", {
  calls <- 0
  along <- function(x) {
    calls <<- calls + 1
    structure(square(x), gradient = slope(x))
  }
  fit <- bounded(c(0, 0, 0), along)
  expect_identical(calls, as.numeric(fit$counts[["function"]]))
  other <- bounded(c(0, 0), function(x) structure(square(x), gradient = "steep"))
  expect_equal(other$par, c(1, 1), tolerance = 1e-6)
})

test_that("a value that is not finite shortens the step; at the start it is an error", {
  barrier <- function(x) sum(x - log(x))
  expect_equal(suppressWarnings(bounded(c(5, 50), barrier))$par, c(1, 1), tolerance = 1e-5)
  expect_error(bounded(c(1, 1), function(x) NA), class = "lbfgsb_error_start")
})

test_that("no convergence is claimed where values that are not finite keep the run from its minimum", {
  edge <- function(x) if (x[1] < 1) NA else x[1]^2 + (x[2] - 3)^2
  expect_error(stats::optim(c(3, 1), edge, method = "L-BFGS-B"), "finite values of 'fn'")
  answer <- bounded(c(3, 1), edge)
  expect_identical(answer[c("convergence", "message")],
                   list(convergence = 52L, message = "ERROR: L-BFGS-B needs finite values of 'fn'"))
  expect_lt(answer$value, edge(c(3, 1)))
  expect_snapshot(cat(attr(answer, "fit")$message))
  up <- bounded(c(3, 1), function(x) -edge(x), control = list(fnscale = -1))
  expect_identical(up$message, answer$message)
})

test_that("convergence is claimed at a minimum close to such values, and where they were met on the way only", {
  close_by <- function(x) if (x[1] < 0.9) NaN else 100 * (x[2] - x[1]^2)^2 + (x[1] - 1)^2
  barrier <- function(x) if (x[1] < 0) NA else x[1] - log(x[1])
  for (answer in list(bounded(c(3, 9), close_by), bounded(30, barrier))) {
    expect_gt(attr(answer, "fit")$nonfinite, 0)
    expect_identical(answer$convergence, 0L)
    expect_equal(answer$par, rep(1, length(answer$par)), tolerance = 1e-4)
  }
})

test_that("the answer prints without all of its fit", {
  shown <- capture.output(print(bounded(c(3, 9), square)))
  expect_identical(shown[length(shown) - 1:0], c(
    "A fit of lbfgsb(), which summary() shows: converged: the last reduction", "of the value is within factr = 1e+07"
  ))
})

# Of the script callers.R, by package.
callers <- NULL
results_of_callers <- function() {
  if (is.null(callers)) {
    file <- withr::local_tempfile()
    script <- normalizePath(test_path("callers.R"))
    system2(file.path(R.home("bin"), "Rscript"), c(shQuote(script), file), stdout = FALSE, stderr = FALSE,
            env = paste0("R_LIBS=", paste(.libPaths(), collapse = .Platform$path.sep)))
    callers <<- readRDS(file)
  }
  callers
}

# A value may be this much higher than optim's.
leeway <- function(value) 1e-6 * abs(value) + 1e-10

for (package in c("stats", "stats4", "MASS", "bbmle", "evd", "fitdistrplus", "nlme", "metafor", "msm", "pscl",
                  "glmmTMB", "lme4", "lavaan", "psych", "paleoTS", "pso", "betareg", "drc")) {
  test_that(paste(package, "runs with lbfgsb_optim() in optim's place, to values as good"), {
    skip_on_cran()
    skip_if_not_installed(package)
    result <- results_of_callers()[[package]]
    expect_null(result$error_of_optim)
    expect_null(result$error)
    compared <- result$compared
    expect_gt(nrow(compared), 0)
    expect_true(all(compared$same_fields))
    expect_lte(max(compared$ours - compared$theirs - leeway(compared$theirs)), 0)
  })
}

test_that("a run is kept where its Hessian fails, as optimHess() steps outside the box", {
  fn <- function(x) if (any(x < 0)) stop("negative") else sum(sqrt(x) + x)
  for (ends in list(fn, function(x) if (any(x < 0)) NaN else fn(x))) {
    failed <- expect_error(lbfgsb_optim(c(0.5, 0.5), ends, method = "L-BFGS-B", lower = 0, upper = 1, hessian = TRUE),
                           class = "lbfgsb_unfinished")
    expect_identical(failed$par, c(0, 0))
    expect_identical(lbfgsb_last()$state, failed$state)
    expect_output(print(failed), "The run itself had finished.", fixed = TRUE)
    fit <- lbfgsb_resume(failed)
    expect_identical(fit$convergence, 0L)
    expect_identical(fit$par, c(0, 0))
  }
  stopping <- function(x) if (any(x < 0)) lbfgsb_stop() else fn(x)
  answer <- lbfgsb_optim(c(0.5, 0.5), stopping, method = "L-BFGS-B", lower = 0, upper = 1, hessian = TRUE)
  expect_identical(answer[c("par", "convergence")], list(par = c(0, 0), convergence = 0L))
  expect_null(answer$hessian)
})

test_that("control is taken as optim() does: by position, whole parts, no negative tolerance", {
  h <- function(p) (p[1] - 2)^2 + 10 * (p[2] - 1)^2
  for (control in list(list(parscale = c(x = 1, y = 2)), list(ndeps = c(x = 1e-3, y = 2e-3)), list(maxit = 5.5),
                       list(REPORT = 2.5), list(pgtol = -1))) {
    theirs <- optim(c(a = 1, b = 2), h, method = "L-BFGS-B", control = control)
    ours <- lbfgsb_optim(c(a = 1, b = 2), h, method = "L-BFGS-B", control = control)
    expect_equal(ours$par, theirs$par, tolerance = 1e-3)
    expect_identical(ours$convergence, theirs$convergence)
  }
})

test_that("pgtol of two is refused", {
  expect_error(lbfgsb_optim(c(0.5, 2), function(p) sum(p^2), method = "L-BFGS-B", control = list(pgtol = c(1e-3, 1))),
               class = "lbfgsb_error_argument")
})
