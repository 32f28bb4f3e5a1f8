test_that("a run resumed at any iteration, through a file, ends at the bits of the whole one", {
  for (p in resumable()) {
    whole <- run_problem(p)
    expect_gt(whole$iterations, 5)
    for (maxit in seq_len(whole$iterations) - 1L) {
      part <- run_problem(p, maxit = maxit, keep_state = TRUE)
      expect_identical(part$iterations, maxit)
      rest <- lbfgsb_resume(through_file(part$state), p$fn, p$gr, control = list(maxit = 15000))
      expect_identical(figures_of(rest), figures_of(whole))
    }
  }
  expect_gt(run_problem(resumable()$undefined)$nonfinite, 0)
  expect_gt(sum(run_problem(resumable()$bounded)$bounds != "free"), 8)
})

test_that("a run resumed at any evaluation goes on to the same bits", {
  p <- resumable()$undefined
  whole <- run_problem(p)
  for (maxeval in seq_len(whole$counts[["function"]] - 1)) {
    part <- run_problem(p, maxeval = maxeval, keep_state = TRUE)
    expect_identical(part$counts[["function"]], maxeval)
    rest <- lbfgsb_resume(part$state, p$fn, p$gr, control = list(maxeval = Inf))
    expect_identical(figures_of(rest), figures_of(whole))
  }
})

test_that("a state can be resumed any number of times, and is not changed", {
  p <- resumable()$free
  state <- run_problem(p, maxit = 5, keep_state = TRUE)$state
  before <- serialize(state, NULL)
  fits <- replicate(2, lbfgsb_resume(state, p$fn, p$gr, control = list(maxit = 50)), simplify = FALSE)
  expect_identical(fits[[1]]$par, fits[[2]]$par)
  expect_identical(serialize(state, NULL), before)
})

test_that("what a run was begun with cannot change", {
  p <- resumable()$bounded
  state <- run_problem(p, maxit = 5, keep_state = TRUE)$state
  resume <- function(...) lbfgsb_resume(state, p$fn, p$gr, control = list(...))
  expect_identical(resume(m = 3L, fnscale = 7, maxit = 50)$par, run_problem(p)$par)
  expect_snapshot(error = TRUE, {
    resume(m = 4)
    resume(fnscale = -7)
    resume(parscale = "auto")
  })
})

test_that("noise that a run has been told, or has found, cannot be less from then on", {
  fn <- function(x) sum((x - 1)^2)
  rounded <- function(x) round(1e4 * (1 + sum((x - 1)^2))) / 1e4
  told <- lbfgsb(c(3, 2), fn, control = list(noise = 1e-6, maxit = 1))
  found <- lbfgsb(c(3, 2), rounded)
  expect_match(found$message, "relative noise")
  expect_snapshot(error = TRUE, lbfgsb_resume(told, control = list(noise = 1e-9, maxit = 9)))
  expect_error(lbfgsb_resume(found, control = list(noise = 0)), "cannot be lower", class = "lbfgsb_error_argument")
  expect_identical(lbfgsb_resume(told, control = list(noise = 1e-6, maxit = 9)),
                   lbfgsb_resume(told, control = list(maxit = 9)), ignore_attr = TRUE)
})

test_that("scales are the same by what they mean", {
  fn <- function(x) sum((x - 1)^4)
  start <- c(a = 3, b = 2)
  state <- lbfgsb(start, fn, control = list(parscale = c(a = 2), maxit = 3, keep_state = TRUE))$state
  resume <- function(parscale) lbfgsb_resume(state, fn, control = list(parscale = parscale, maxit = 9))$par
  expect_identical(resume(c(b = 1, a = 2)), resume(c(a = 2)))
  expect_identical(resume(c(2, 1)), resume(c(a = 2)))
  expect_error(resume(c(b = 2)), class = "lbfgsb_error_argument")
})

test_that("what holds a state will do, and what holds none says so", {
  square <- function(x) sum((x - 1:2)^2)
  whole <- lbfgsb(c(5, 5), square)
  fit <- lbfgsb(c(5, 5), square, control = list(maxit = 1, keep_state = TRUE))
  expect_identical(lbfgsb_resume(fit, square, control = list(maxit = 15000))$par, whole$par)
  calls <- 0
  failing <- function(x) if ((calls <<- calls + 1) == 7) stop("no more") else square(x)
  error <- tryCatch(lbfgsb(c(5, 5), failing), error = identity)
  expect_identical(lbfgsb_resume(error, square)$par, whole$par)
  none <- lbfgsb(c(5, 5), square, control = list(keep_state = FALSE))
  expect_error(lbfgsb_resume(none, square), "the fit holds no state", class = "lbfgsb_error_state")
  expect_error(lbfgsb_resume("nowhere.rds", square), "there is no file \"nowhere.rds\"", class = "lbfgsb_error_state")
})

test_that("the last run is not another one than that which ended", {
  fail <- function() try(lbfgsb(1, function(x) stop("no")), silent = TRUE)
  lbfgsb_last(forget = TRUE)
  fail()
  callCC(function(leave) lbfgsb(1, function(x) leave(NULL))) # seen by no handler, like infinite recursion
  expect_null(lbfgsb_last())
  fail()
  fit <- lbfgsb(c(0, 0), function(x) lbfgsb_stop(), control = list(parscale = "auto"))
  fit <- lbfgsb(1, function(x) lbfgsb_stop())
  expect_identical(conditionMessage(lbfgsb_last()), "no")
  nested <- function(x) {
    fail()
    on.exit(lbfgsb(1, function(y) y^2)) # while the outer run ends
    stop("outer")
  }
  try(lbfgsb(1, nested), silent = TRUE)
  expect_identical(conditionMessage(lbfgsb_last(forget = TRUE)), "outer")
})

test_that("a fit is resumed with what it holds", {
  p <- rosenbrock(2)
  whole <- lbfgsb(p$par, p$fn, p$gr)
  part <- lbfgsb(p$par, p$fn, p$gr, control = list(maxit = 5))
  expect_identical(figures_of(lbfgsb_resume(part, control = list(maxit = 100))), figures_of(whole))
  twice <- lbfgsb_resume(lbfgsb_resume(part, control = list(maxit = 7)), control = list(maxit = 100))
  expect_identical(figures_of(twice), figures_of(whole))

  shifted <- function(par, by, at) sum((unlist(par) - by)^4) + at
  run <- function(...) {
    lbfgsb(list(a = 1, b = 2), shifted, by = 5:6, at = 2, lower = list(b = 1.5), upper = list(b = 5.5), ...)
  }
  rest <- lbfgsb_resume(run(control = list(maxit = 3)), control = list(maxit = 100), hessian = TRUE)
  expect_identical(figures_of(rest), figures_of(run(hessian = TRUE)))
  expect_identical(rest$hessian, run(hessian = TRUE)$hessian)
  expect_identical(dim(suppressWarnings(vcov(rest), classes = "lbfgsb_warning_flat")), c(2L, 2L)) # of order 4
})

test_that("the state is kept up to a size, or as control says", {
  fn <- function(x) list(value = sum(x^2), gradient = 2 * x)
  expect_s3_class(lbfgsb(rep(1, 19000), fn)$state, "lbfgsb_state")
  expect_null(lbfgsb(rep(1, 21000), fn)$state)
  expect_s3_class(lbfgsb(rep(1, 21000), fn, control = list(keep_state = TRUE))$state, "lbfgsb_state")
  expect_null(lbfgsb(1, fn, control = list(keep_state = FALSE))$state)
})

test_that("what cannot be resumed without fn says so", {
  fn <- function(x) sum((x - 1)^4)
  fit <- lbfgsb(c(5, 5), fn, control = list(maxit = 2))
  expect_snapshot(error = TRUE, {
    lbfgsb_resume(fit$state)
    lbfgsb_resume(fit, gr = function(x) x)
    lbfgsb_resume(fit, maxit = 100)
    lbfgsb_resume(lbfgsb(5, fn, control = list(keep_state = FALSE)))
    lbfgsb_resume(replace(fit, "objective", list(NULL)))
  })
})

# Interrupts a run at its evaluation `at`, as at the prompt.
interrupted <- function(at, hessian = FALSE) {
  calls <- 0
  fn <- function(x) {
    if ((calls <<- calls + 1) == at) interrupt()
    sum((x - 1)^4)
  }
  withr::local_options(lbfgsb.status = TRUE)
  withRestarts(lbfgsb(c(5, 5), fn, function(x) 4 * (x - 1)^3, hessian = hessian),
               abort = function() invisible(NULL))
}

test_that("what was ended says where it stood and how to go on", {
  expect_snapshot({
    interrupted(at = 9)
    lbfgsb_last()
  })
  fn <- function(x) if (x < 1) stop("the disk is full") else x
  failed <- tryCatch(lbfgsb(2, fn, function(x) 1), error = identity)
  expect_snapshot({
    print(failed)
    print(tryCatch(lbfgsb(0, fn, function(x) 1), error = identity))
  })
  lbfgsb_last(forget = TRUE)
  expect_snapshot(print(failed))
})

test_that("a run that was asked for a Hessian goes on to it, unless told otherwise", {
  p <- resumable()$free
  run <- function(...) lbfgsb(p$par, p$fn, p$gr, hessian = TRUE, ...)
  whole <- run()
  part <- run(control = list(maxit = 5))
  more <- list(maxit = 100)
  expect_identical(lbfgsb_resume(part, control = more)$hessian, whole$hessian)
  expect_identical(lbfgsb_resume(part, p$fn, p$gr, control = more)$hessian, whole$hessian)
  expect_null(lbfgsb_resume(part, control = more, hessian = FALSE)$hessian)
  expect_null(lbfgsb_resume(part$state, p$fn, p$gr, control = more)$hessian)
  asked_later <- lbfgsb_resume(lbfgsb(p$par, p$fn, p$gr, control = list(maxit = 5)), control = list(maxit = 6), hessian = TRUE)
  expect_identical(lbfgsb_resume(asked_later, control = more)$hessian, whole$hessian)
})

test_that("what was ended goes on to the Hessian that was asked for, and says if nothing else is missing", {
  whole <- lbfgsb(c(5, 5), function(x) sum((x - 1)^4), function(x) 4 * (x - 1)^3, hessian = TRUE)
  suppressMessages(interrupted(at = 4, hessian = TRUE))
  expect_no_match(capture.output(lbfgsb_last()), "finished")
  suppressMessages(interrupted(at = whole$counts[["function"]] + 2, hessian = TRUE))
  expect_snapshot(lbfgsb_last())
  expect_identical(lbfgsb_resume(lbfgsb_last())$hessian, whole$hessian)
})

test_that("the last run says that it has been gone on with, and is kept all the same", {
  works <- FALSE
  fn <- function(x) if (x < 1 && !works) stop("the disk is full") else (x - 0.5)^2
  try(lbfgsb(2, fn, function(x) 2 * (x - 0.5)), silent = TRUE)
  try(lbfgsb_resume(lbfgsb_last()), silent = TRUE)
  expect_no_match(capture.output(print(lbfgsb_last())), "since")
  works <- TRUE
  fit <- lbfgsb_resume(lbfgsb_last())
  expect_output(print(lbfgsb_last()), "lbfgsb_resume\\(\\) has gone on with it since\\.\n\nThe best point")
  expect_identical(lbfgsb_resume(lbfgsb_last())$par, fit$par)
  works <- FALSE
  try(lbfgsb(2, fn, function(x) 2 * (x - 0.5)), silent = TRUE)
  expect_no_match(capture.output(print(lbfgsb_last())), "since")
})

test_that("the line at the prompt is shown only if something is kept, and where somebody reads it", {
  expect_silent(interrupted(at = 1))
  expect_message(interrupted(at = 2), "lbfgsb_last()", fixed = TRUE)
  withr::local_options(lbfgsb.status = TRUE)
  failing <- function(x) if (x < 4) stop("no") else x^2
  expect_silent(try(lbfgsb(5, failing), silent = TRUE))
  expect_silent(tryCatch(lbfgsb(5, failing), error = function(e) NULL))
})

test_that("of nested runs it is shown once", {
  skip_on_cran()
  code <- quote({
    library(lbfgsb)
    options(lbfgsb.status = TRUE)
    inner <- function(y) lbfgsb(5, function(x) if (y < 4 && x < 4) stop("no") else x^2)$value
    lbfgsb(5, function(y) inner(y) + y^2)
  })
  script <- withr::local_tempfile(lines = deparse(code))
  said <- suppressWarnings(system2(file.path(R.home("bin"), "Rscript"), script, stdout = TRUE, stderr = TRUE,
                                   env = paste0("R_LIBS=", paste(.libPaths(), collapse = .Platform$path.sep))))
  expect_match(said, "no", all = FALSE)
  expect_identical(sum(grepl("The run is kept", said)), 1L)
})

test_that("a run within a profile, bootstrap or multistart leaves nothing to resume, but the profile that it ends", {
  fails_at <- Inf
  calls <- 0
  fn <- function(par, y) {
    if ((calls <<- calls + 1) > fails_at) stop("the disk is full")
    sum((y - par)^2) / 2
  }
  fit <- lbfgsb(c(mu = 10), fn, y = cars$speed, control = list(fn_is = "negloglik"))
  lbfgsb_last(forget = TRUE)
  try(lbfgsb(1, function(x) stop("the last run")), silent = TRUE)
  covariance <- vcov(fit)
  unfinished <- lapply(list(
    function() profile(fit),
    function() lbfgsb_boot(fit, 9, data = "y"),
    function() lbfgsb_multistart(cbind(mu = 1:3), fn, y = 1),
    function() lbfgsb_many(cbind(mu = 1:3), fn, y = 1)
  ), function(computation) {
    calls <<- 0
    fails_at <<- 10
    tryCatch(suppressWarnings(computation(), classes = "lbfgsb_warning_failures"), error = identity,
             finally = fails_at <<- Inf)
  })
  expect_s3_class(unfinished[[1]], "lbfgsb_unfinished_parts") # fn fails at the estimate too
  expect_false(any(vapply(unfinished, inherits, NA, "lbfgsb_unfinished")))
  expect_identical(lbfgsb_last(), unfinished[[1]])
  outer <- function(x) {
    profile(fit)
    if (x < 1) stop("the outer run")
    x
  }
  try(lbfgsb(2, outer, function(x) 1), silent = TRUE) # but one that has a profile in its fn does
  last <- lbfgsb_last()
  expect_identical(list(conditionMessage(last), length(last$par)), list("the outer run", 1L))
  expect_invisible(lbfgsb_last(forget = TRUE))
})

test_that("a run that is still at its limit says what to raise", {
  fn <- function(x) sum((x - 1)^4)
  part <- lbfgsb(c(5, 5), fn, control = list(maxit = 2, maxeval = 12))
  warned <- tryCatch(lbfgsb_resume(part), warning = identity)
  expect_s3_class(warned, c("lbfgsb_warning_limit", "lbfgsb_warning", "warning", "condition"), exact = TRUE)
  expect_identical(unclass(warned)[c("option", "value")], list(option = "maxit", value = 2))
  expect_warning(again <- lbfgsb_resume(lbfgsb(c(5, 5), fn, control = list(maxit = 2))), "`maxit` = 2")
  expect_identical(again$counts, lbfgsb(c(5, 5), fn, control = list(maxit = 2))$counts)
  expect_warning(lbfgsb_resume(lbfgsb(c(5, 5), fn, control = list(target = 20))), "`target` = 20")
  expect_silent(lbfgsb_resume(part, control = list(maxit = 100, maxeval = 1000)))
})

test_that("so it does at a limit beyond which the run is, and the message has the one that ended it", {
  fn <- function(x) sum((x - 1)^4)
  further <- list(maxit = c(4, 3), maxeval = c(12, 5), target = c(20, 30))
  for (limit in names(further)) {
    with_limit <- function(k) structure(list(further[[limit]][k]), names = limit)
    part <- lbfgsb(c(5, 5), fn, control = with_limit(1))
    expect_warning(again <- lbfgsb_resume(part, control = with_limit(2)), paste0("`", limit, "` = ", further[[limit]][2]),
                   class = "lbfgsb_warning_limit")
    expect_identical(again[c("message", "counts")], part[c("message", "counts")])
  }
  upwards <- lbfgsb(c(5, 5), function(x) -fn(x), control = list(fn_is = "other", fnscale = -1, target = -20))
  expect_warning(lbfgsb_resume(upwards, control = list(target = -30)), class = "lbfgsb_warning_limit")
  expect_silent(lbfgsb_resume(upwards, control = list(target = -10)))
})

test_that("a file that is not there is named, whether fn is given or not", {
  expect_error(lbfgsb_resume("nowhere.rds"), "there is no file \"nowhere.rds\"", class = "lbfgsb_error_state")
})

test_that("another fn than the run's is refused, and the error holds where to begin with it", {
  fn <- function(par, y) sum((y - par[["a"]])^2) + (par[["b"]] - 1)^4
  part <- lbfgsb(list(a = 1, b = 3), fn, y = cars$speed, control = list(maxit = 2))
  refused <- tryCatch(lbfgsb_resume(part$state, fn, y = cars$dist, control = list(maxit = 99)), error = identity)
  expect_s3_class(refused, c("lbfgsb_error_changed", "lbfgsb_error", "error", "condition"), exact = TRUE)
  expect_identical(refused[c("par", "value", "before")],
                   list(par = part$par, value = fn(part$par, cars$dist), before = part$value))
  expect_snapshot(error = TRUE, {
    lbfgsb_resume(part, fn, y = cars$dist, control = list(maxit = 9))
    lbfgsb_resume(part, function(par) NaN, control = list(maxit = 9))
  })
  expect_error(lbfgsb_resume(lbfgsb(5, function(x) x^2), function(x) x^2 + 1), class = "lbfgsb_error_changed")
  expect_silent(expect_error(lbfgsb_resume(part, fn, y = cars$dist), class = "lbfgsb_error_changed"))
})

test_that("data that have changed behind a fit are noticed, in any units", {
  for (unit in c(2^-40, 1, 1e12)) {
    y <- cars$speed
    fn <- function(mu) unit * sum((y - mu)^4)
    part <- lbfgsb(0, fn, control = list(maxit = 2))
    y[7] <- y[7] + 0.01
    expect_error(lbfgsb_resume(part, control = list(maxit = 9)), class = "lbfgsb_error_changed")
    y <- cars$speed + 1e-15
    expect_identical(lbfgsb_resume(part, control = list(maxit = 99))$convergence, 0L)
  }
})

test_that("what tells another fn is not counted, draws nothing, may stop the run, and may be noisy", {
  calls <- 0
  noisy <- function(x) {
    calls <<- calls + 1
    (sum((x - 1)^4) + 1) * (1 + 1e-6 * runif(1))
  }
  withr::local_seed(1)
  options <- list(maxit = 2, noise = 1e-6)
  part <- lbfgsb(c(5, 5), noisy, function(x) 4 * (x - 1)^3, control = options)
  before <- .Random.seed
  calls <- 0
  suppressWarnings(again <- lbfgsb_resume(part), classes = "lbfgsb_warning_limit")
  expect_identical(list(calls, again$counts, .Random.seed), list(1, part$counts, before))
  unaware <- lbfgsb(c(5, 5), noisy, function(x) 4 * (x - 1)^3, control = list(maxit = 2))
  expect_error(lbfgsb_resume(unaware, control = list(maxit = 9)), class = "lbfgsb_error_changed")
  stopped <- lbfgsb_resume(part, function(x) lbfgsb_stop(), control = list(maxit = 9))
  expect_identical(stopped[c("par", "convergence")], list(par = part$par, convergence = 1L))
})

test_that("what ended a run holds what it evaluates, and is resumed without more", {
  calls <- 0
  fails <- function(par, y) {
    if ((calls <<- calls + 1) == 9) stop("the disk is full")
    sum((y - par[["a"]])^2) + (par[["b"]] - 1)^4
  }
  run <- function() lbfgsb(list(a = 1, b = 3), fails, y = cars$speed, lower = list(b = 0))
  caught <- try(run(), silent = TRUE)
  whole <- run()
  expect_identical(figures_of(lbfgsb_resume(lbfgsb_last())), figures_of(whole))
  expect_identical(figures_of(lbfgsb_resume(caught)), figures_of(whole))
  expect_identical(figures_of(lbfgsb_resume(attr(caught, "condition"), fails, y = cars$speed)), figures_of(whole))
  expect_identical(lbfgsb_result(caught)$par, lbfgsb_last()$par)
  lbfgsb_last(forget = TRUE)
})

test_that("a call that fails before it has evaluated anything does not replace the last run", {
  fails <- function(x) if (x < 1) stop("the first run") else x
  try(lbfgsb(2, fails, function(x) 1), silent = TRUE)
  slip <- function(x, y) sum((y - x)^2)
  try(lbfgsb(2, slip, y = no_such_data), silent = TRUE)
  expect_warning(lbfgsb_many(cbind(1:2), function(x, fits) no_such_thing, block = 2), class = "lbfgsb_warning_failures")
  ended <- try(lbfgsb_many(cbind(1:2), function(x, fits) "no values", block = 2), silent = TRUE)
  expect_s3_class(attr(ended, "condition"), "lbfgsb_unfinished_many")
  callCC(function(leave) lbfgsb(1, function(x) leave(NULL)))
  expect_identical(conditionMessage(lbfgsb_last()), "the first run")
  second <- function(x) if ((calls <<- calls + 1) > 2) stop("the second, within its first gradient") else sum(x^4)
  calls <- 0
  try(lbfgsb(c(5, 5, 5), second), silent = TRUE)
  expect_identical(conditionMessage(lbfgsb_last()), "the second, within its first gradient")
  calls <- 0
  callCC(function(leave) lbfgsb(c(5, 5), function(x) if ((calls <<- calls + 1) > 5) leave(NULL) else sum(x^4)))
  expect_null(lbfgsb_last())
})

test_that("what holds no run says what to do", {
  expect_snapshot(error = TRUE, {
    lbfgsb_resume(NULL)
    lbfgsb_resume(try(log("a"), silent = TRUE))
    lbfgsb_resume(tryCatch(stop("no run"), error = identity), sum)
  })
})

# Ends that rest on what is left of x's digits, or on no step at all: of runs that begin where others have ended
test_that("a run that begins at a solution is a state like others", {
  skip_on_cran() # long
  few <- Filter(function(p) length(p$par) <= 10 && !is.null(p$gr), problems)
  for (p in few) {
    run <- function(par) suppressWarnings(lbfgsb(par, p$fn, p$gr, lower = p$lower, upper = p$upper))
    first <- run(p$par)
    again <- run(first$par)
    for (fit in list(first, again, run(again$par))) {
      resumed <- suppressWarnings(lbfgsb_resume(fit))
      expect_identical(resumed[c("par", "value")], fit[c("par", "value")])
    }
  }
})

test_that("without a run it says what to give", {
  expect_error(lbfgsb_resume(), "`state` is missing: give a fit, or lbfgsb_last()", class = "lbfgsb_error_argument", fixed = TRUE)
})

test_that("a run that is ended where a wider step of a difference has met a wall goes on", {
  fn <- function(x) if (abs(x[2]) > 1e-8) Inf else signif(160 + (x[1] - 3)^2 + (x[2] / 1e-8 - 0.3)^2, 3)
  whole <- lbfgsb(c(1, 0), fn)
  for (k in seq_len(whole$counts[["function"]] - 1)) {
    part <- lbfgsb(c(1, 0), fn, control = list(maxeval = k))
    expect_identical(lbfgsb_resume(part, control = list(maxeval = Inf))[c("par", "value")], whole[c("par", "value")])
  }
})

test_that("a target is lifted by -Inf and Inf", {
  fn <- function(p) -sum((p - c(1, 20))^2) - (p[1] * p[2])^2
  at_target <- lbfgsb(c(0, 0), fn, control = list(fn_is = "loglik", target = -300))
  for (none in c(-Inf, Inf)) {
    expect_identical(expect_silent(lbfgsb_resume(at_target, control = list(target = none)))$convergence, 0L)
  }
})

# The step to that iterate has brought parameters to bounds, and the next direction is still to be found.
test_that("a run that a limit has ended where its step met bounds goes on with the same bits", {
  for (seed in c(117, 131, 224, 337)) {
    set.seed(seed)
    X <- cbind(1, matrix(runif(120), 60))
    y <- rpois(60, exp(1 + X[, 3]))
    fn <- function(b) sum(exp(X %*% b) - y * X %*% b)
    par <- rep(0.2, 3)
    lower <- par - runif(3, 0.1, 3)
    upper <- par + runif(3, 0.1, 3)
    for (gr in list(NULL, function(b) drop(crossprod(X, exp(X %*% b) - y)))) {
      whole <- lbfgsb(par, fn, gr, lower = lower, upper = upper)
      for (most in seq_len(whole$iterations - 1)) {
        part <- lbfgsb(par, fn, gr, lower = lower, upper = upper, control = list(maxit = most))
        rest <- lbfgsb_resume(part, control = list(maxit = 1000))
        expect_identical(rest[c("par", "value", "counts")], whole[c("par", "value", "counts")])
      }
    }
  }
})
