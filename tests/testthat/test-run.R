test_that("an error in fn carries the run, with which it goes on to the same bits", {
  p <- resumable()$bounded
  whole <- run_problem(p)
  lbfgsb_last(forget = TRUE) # a run that has evaluated nothing replaces none
  for (fails_at in c(1, 2, 7, 15)) {
    calls <- 0
    failing <- function(x) if ((calls <<- calls + 1) == fails_at) stop("the disk is full") else p$fn(x)
    error <- tryCatch(lbfgsb(p$par, failing, p$gr, lower = p$lower, upper = p$upper, control = p$control),
                      error = identity)
    expect_s3_class(error, c("simpleError", "lbfgsb_unfinished", "error", "condition"), exact = TRUE)
    expect_identical(conditionMessage(error), "the disk is full")
    expect_identical(class(error$parent), c("simpleError", "error", "condition"))
    if (fails_at > 1) expect_identical(error$value, p$fn(error$par))
    expect_identical(lbfgsb_last(), error)
    rest <- lbfgsb_resume(through_file(error$state), p$fn, p$gr)
    expect_identical(figures_of(rest), figures_of(whole))
  }
  expect_identical(lbfgsb_last(forget = TRUE), error)
  expect_null(lbfgsb_last())
})

test_that("a run that goes on after a condition leaves the state of the condition as it was", {
  p <- resumable()$free
  whole <- run_problem(p)
  calls <- 0
  failing <- function(x) {
    if ((calls <<- calls + 1) == 7) withRestarts(stop("the disk is full"), go_on = function() NULL)
    p$fn(x)
  }
  fit <- withCallingHandlers(lbfgsb(p$par, failing, p$gr, control = p$control),
                             error = function(condition) invokeRestart("go_on"))
  expect_identical(figures_of(fit), figures_of(whole))
  unfinished <- lbfgsb_last(forget = TRUE)
  at <- lbfgsb_result(unfinished$state)
  expect_identical(at$counts[["function"]], 6L)
  expect_identical(at[c("par", "value")], unfinished[c("par", "value")])
  expect_identical(figures_of(lbfgsb_resume(unfinished$state, p$fn, p$gr)), figures_of(whole))
})

test_that("an error after the last iteration carries the run", {
  p <- resumable()$bounded
  whole <- run_problem(p)
  calls <- 0
  most <- whole$counts[["function"]]
  failing <- function(x) if ((calls <<- calls + 1) > most) stop("no licence") else p$fn(x)
  error <- tryCatch(lbfgsb(p$par, failing, p$gr, lower = p$lower, upper = p$upper, control = p$control,
                           hessian = TRUE), error = identity)
  expect_s3_class(error, "lbfgsb_unfinished")
  expect_identical(error[c("par", "value")], unclass(whole)[c("par", "value")])
  expect_identical(lbfgsb_resume(error$state, p$fn, p$gr)$par, whole$par)
  calls <- 0
  uphill <- function(x) if ((calls <<- calls + 1) > 50) stop("no licence") else x
  undoubted <- list(maxeval = 1e9) # a limit forbids to doubt the gradient
  count <- lbfgsb(1, function(x) x, function(x) -1, control = undoubted)$counts[["function"]]
  calls <- 50 - count
  error <- tryCatch(lbfgsb(1, uphill, function(x) -1), error = identity)
  expect_s3_class(error, "lbfgsb_unfinished")
})

test_that("a condition of the user's own class is caught by its class", {
  own <- structure(class = c("no_licence", "error", "condition"), list(message = "none left", call = NULL))
  caught <- tryCatch(lbfgsb(1, function(x) stop(own)), no_licence = identity)
  expect_s3_class(caught, "lbfgsb_unfinished")
})

test_that("an interrupt carries the run", {
  p <- resumable()$free
  calls <- 0
  interrupt <- structure(class = c("interrupt", "condition"), list())
  interrupted <- function(x) {
    if ((calls <<- calls + 1) == 9) signalCondition(interrupt)
    p$fn(x)
  }
  caught <- tryCatch(lbfgsb(p$par, interrupted, p$gr, control = p$control), interrupt = identity)
  expect_s3_class(caught, c("lbfgsb_unfinished", "interrupt", "condition"), exact = TRUE)
  rest <- lbfgsb_resume(caught$state, p$fn, p$gr)
  expect_identical(figures_of(rest), figures_of(run_problem(p)))
})

test_that("a real interrupt at any iterate loses nothing of it", {
  skip_on_os("windows")
  p <- resumable()$free
  whole <- run_problem(p)
  for (at in c(1, 2, 5, 9, 20)) {
    calls <- 0
    interrupting <- function(x) {
      gradient <- p$gr(x)
      if ((calls <<- calls + 1) == at) tools::pskill(Sys.getpid(), tools::SIGINT)
      gradient
    }
    caught <- tryCatch(lbfgsb(p$par, p$fn, interrupting, control = p$control), interrupt = identity)
    expect_s3_class(caught, "lbfgsb_unfinished")
    expect_identical(caught$value, p$fn(caught$par))
    rest <- figures_of(lbfgsb_resume(caught$state, p$fn, p$gr))
    twice <- rest$counts - whole$counts # R may have looked for interrupts before gr had returned
    expect_true(twice[["function"]] %in% 0:1 && twice[["gradient"]] == 0)
    expect_identical(replace(rest, "counts", list(whole$counts)), figures_of(whole))
  }
})

test_that("lbfgsb_stop() ends the run that evaluates it, and only that", {
  p <- resumable()$free
  stopping <- function(x) {
    inner <- lbfgsb(1, function(z) lbfgsb_stop())
    p$fn(x)
  }
  expect_error(lbfgsb(1, function(z) lbfgsb_stop())$value, NA)
  calls <- 0
  fit <- lbfgsb(p$par, function(x) if ((calls <<- calls + 1) > 10) lbfgsb_stop() else p$fn(x), p$gr)
  expect_match(fit$message, "stopped on request")
  expect_identical(fit$value, p$fn(fit$par))
  expect_identical(lbfgsb(p$par, stopping, p$gr, control = p$control)$par, run_problem(p)$par)
  expect_error(lbfgsb_stop(), class = "lbfgsb_error_state")
})

test_that("a fit is not lost by lbfgsb_stop() after the run", {
  p <- resumable()$bounded
  whole <- run_problem(p)
  for (most in c(10, whole$counts[["function"]] + 3)) {
    calls <- 0
    stopping <- function(x) if ((calls <<- calls + 1) > most) lbfgsb_stop() else p$fn(x)
    fit <- lbfgsb(p$par, stopping, p$gr, lower = p$lower, upper = p$upper, control = p$control,
                  hessian = TRUE)
    expect_null(fit$hessian)
    expect_identical(calls, most + 1)
  }
  expect_identical(figures_of(fit), figures_of(whole))
  failed <- lbfgsb(1, function(x) x, function(x) -1, control = list(maxeval = 1e9)) # the gradient is not doubted
  calls <- 0
  most <- failed$counts[["function"]]
  stopping <- function(x) if ((calls <<- calls + 1) > most) lbfgsb_stop() else x
  fit <- lbfgsb(1, stopping, function(x) -1, hessian = TRUE)
  expect_identical(fit$convergence, 52L)
  expect_identical(calls, most + 1)
})

test_that("the callback sees each iterate, and stops the run with TRUE", {
  p <- resumable()$bounded
  seen <- list()
  fit <- run_problem(p, callback = function(progress) {
    seen[[length(seen) + 1]] <<- progress
    progress$iteration == 6
  })
  expect_identical(fit$iterations, 6L)
  expect_match(fit$message, "stopped on request")
  expect_named(seen[[1]], c("iteration", "par", "value", "gradient", "pgnorm", "step", "counts"))
  expect_equal(vapply(seen, `[[`, 0, "iteration"), 0:6)
  expect_identical(vapply(seen, `[[`, 0, "value"), fit$history$value)
  expect_identical(vapply(seen, `[[`, 0, "pgnorm"), fit$history$pgnorm)
  expect_identical(seen[[7]]$par, fit$par)
  expect_equal(seen[[7]]$gradient, p$gr(fit$par))
  expect_identical(vapply(seen, function(progress) p$fn(progress$par), 0), fit$history$value)
})

test_that("a callback that returns NA is an error, from which the run goes on; other answers than TRUE stop nothing", {
  p <- resumable()$bounded
  whole <- run_problem(p)
  unknown <- tryCatch(run_problem(p, callback = function(progress) progress$iteration == 3 && NA), error = identity)
  expect_s3_class(unknown, c("lbfgsb_error_objective", "lbfgsb_unfinished"))
  expect_match(conditionMessage(unknown), "returned NA: return TRUE to stop")
  expect_identical(figures_of(lbfgsb_resume(unknown)), figures_of(whole))
  for (answer in list(NULL, "printed", 1, c(TRUE, TRUE), list(), NA_real_)) {
    expect_identical(figures_of(run_problem(p, callback = function(progress) answer)), figures_of(whole))
  }
})

test_that("a state does not hold the callback, and a resumed run is given it again", {
  p <- resumable()$free
  seen <- 0
  data <- numeric(1e5)
  callback <- function(progress) {
    seen <<- seen + 1 + data[1]
    FALSE
  }
  file <- withr::local_tempfile()
  fit <- run_problem(p, maxit = 5, callback = callback, keep_state = TRUE,
                     checkpoint = file, checkpoint_every = 0)
  expect_identical(seen, 6)
  for (state in list(fit$state, readRDS(file))) expect_lt(length(serialize(state, NULL)), 1e5)
  more <- lbfgsb_resume(fit$state, p$fn, p$gr, control = list(maxit = 6, callback = callback))
  expect_identical(seen, 7)
  expect_lt(length(serialize(more$state, NULL)), 1e5)
})

test_that("maxeval is hard, differences included", {
  p <- resumable()$bounded
  for (maxeval in c(1L, 2L, 20L, 41L, 42L, 100L, 500L)) {
    calls <- 0
    fn <- function(x) {
      calls <<- calls + 1
      p$fn(x)
    }
    fit <- tryCatch(lbfgsb(p$par, fn, lower = 0, upper = 2, control = list(maxeval = maxeval)), error = identity)
    expect_lte(calls, maxeval)
    expect_identical(fit$counts[["function"]], as.integer(calls))
  }
})

test_that("a run that maxeval or maxtime has ended takes no Hessian, and says how to get one", {
  evaluations <- 0L
  fn <- function(x) {
    evaluations <<- evaluations + 1L
    sum((x - seq_along(x))^4)
  }
  for (control in list(list(maxeval = 50), list(maxtime = 0))) {
    evaluations <- 0L
    fit <- lbfgsb(rep(0, 10), fn, control = control, hessian = TRUE)
    expect_identical(evaluations, fit$counts[["function"]])
    expect_null(fit$hessian)
    said <- paste0("; no Hessian yet, as `", names(control), "` is used up")
    expect_match(fit$message, said, fixed = TRUE)
    expect_identical(dim(lbfgsb_hessian(fit)), c(10L, 10L))
    further <- lbfgsb_resume(fit, control = list(maxeval = Inf, maxtime = Inf), hessian = TRUE)
    expect_identical(dim(further$hessian), c(10L, 10L))
    expect_false(grepl("Hessian", further$message))
  }
  expect_identical(dim(lbfgsb(3:4, fn, control = list(maxit = 0), hessian = TRUE)$hessian), c(2L, 2L))
})

test_that("a run returns what is to be looked at, and NULL where that is nothing", {
  end_of <- function(..., fn, gr) {
    state <- begin_state(c(-1.2, 1), -Inf, Inf, list())
    run_state(state, new_objective(fn, gr, state$problem, state$control, environment()))
  }
  p <- rosenbrock(2)
  expect_null(end_of(fn = p$fn, gr = p$gr))
  expect_null(end_of(fn = p$fn, gr = NULL))
  expect_identical(end_of(fn = function(x) exp(x[1]) - 2 * x[1], gr = function(x) c(exp(x[1]) - 2, 0))$level, 2)
})
