# Three problems: all free, half of the parameters at bounds, and with trials that are not finite.
resumable <- function() {
  set.seed(1)
  scales <- exp(seq(0, 5, length.out = 20))
  list(
    free = c(rosenbrock(10), control = list(list(m = 4))),
    bounded = list(
      par = rep(0.5, 20), lower = 0, upper = 2, control = list(m = 3, parscale = rep(c(1, 3), 10), fnscale = 7),
      fn = function(x) sum(scales * (x - c(1, -1))^2) + sum(diff(x)^4),
      gr = function(x) 2 * scales * (x - c(1, -1)) + 4 * (c(0, diff(x)^3) - c(diff(x)^3, 0))
    ),
    undefined = list(
      par = c(5, 50), lower = -Inf, upper = Inf, control = list(m = 5),
      fn = function(x) if (any(x <= 0)) NaN else sum(x - log(x)) + prod(x) / 100,
      gr = function(x) 1 - 1 / x + rev(x) / 100
    )
  )
}

run_problem <- function(p, ...) {
  lbfgsb(p$par, p$fn, p$gr, lower = p$lower, upper = p$upper, control = c(p$control, list(...)))
}

through_file <- function(object) {
  file <- withr::local_tempfile()
  saveRDS(object, file)
  readRDS(file)
}

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

test_that("asking and telling is the same run, through a file at every step", {
  for (p in resumable()) {
    state <- lbfgsb_start(p$par, p$lower, p$upper, p$control)
    while (!is.null(par <- lbfgsb_ask(state))) {
      value <- p$fn(par)
      state <- through_file(lbfgsb_tell(state, value, if (is.finite(value)) p$gr(par)))
    }
    expect_identical(figures_of(lbfgsb_result(state)), figures_of(run_problem(p)))
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

test_that("scales are the same by what they mean", {
  fn <- function(x) sum((x - 1)^4)
  start <- c(a = 3, b = 2)
  state <- lbfgsb(start, fn, control = list(parscale = c(a = 2), maxit = 3, keep_state = TRUE))$state
  resume <- function(parscale) lbfgsb_resume(state, fn, control = list(parscale = parscale))$par
  expect_identical(resume(c(b = 1, a = 2)), resume(c(a = 2)))
  expect_identical(resume(c(2, 1)), resume(c(a = 2)))
  expect_error(resume(c(b = 2)), class = "lbfgsb_error_argument")
})

test_that("a wrong step of ask and tell is an error that leaves the state as it was", {
  state <- lbfgsb_start(c(a = 1, b = 2))
  before <- serialize(state, NULL)
  expect_snapshot(error = TRUE, {
    lbfgsb_tell(state, 1)
    lbfgsb_tell(state, 1, 1)
    lbfgsb_tell(state, c(1, 2), c(1, 2))
    lbfgsb_tell(state, "1", c(1, 2))
    lbfgsb_ask(list())
    lbfgsb_resume("no such file", sum)
  })
  expect_identical(serialize(state, NULL), before)
  finished <- lbfgsb_tell(state, 0, c(0, 0))
  expect_null(lbfgsb_ask(finished))
  expect_snapshot(error = TRUE, lbfgsb_tell(finished, 0, c(0, 0)))
  expect_snapshot(error = TRUE, {
    lbfgsb_result(state)
    lbfgsb_result(lbfgsb_tell(state, NaN))
  })
  expect_match(lbfgsb_result(lbfgsb_tell(state, 5, c(1, 1)))$message, "not finished")
})

test_that("a state of another build or kind of machine is refused", {
  state <- lbfgsb_start(c(1, 2))
  state$run$solver[1] <- xor(state$run$solver[1], as.raw(1))
  expect_error(lbfgsb_ask(state), class = "lbfgsb_error_state")
  state$run$solver <- head(lbfgsb_start(c(1, 2))$run$solver, -8)
  expect_error(lbfgsb_ask(state), class = "lbfgsb_error_state")
})

test_that("a state whose options were dropped or moved goes on with the defaults in their places", {
  p <- rosenbrock(2)
  state <- lbfgsb_start(p$par, control = list(m = 3))
  moved <- dropped <- unknown <- state
  moved$control <- rev(state$control)
  dropped$control[c("callback", "maxit", "ndeps")] <- NULL
  unknown$control$speed <- 1
  turned <- structure(rev(unclass(state)), class = "lbfgsb_state")
  whole <- lbfgsb_resume(state, p$fn, p$gr)
  expect_identical(whole$convergence, 0L)
  expect_identical(lbfgsb_resume(moved, p$fn, p$gr)$par, whole$par)
  expect_identical(lbfgsb_resume(dropped, p$fn, p$gr)$par, whole$par)
  expect_error(lbfgsb_resume(unknown, p$fn), class = "lbfgsb_error_state")
  expect_error(lbfgsb_resume(turned, p$fn), class = "lbfgsb_error_state")
  expect_error(print(turned), class = "lbfgsb_error_state")
})

test_that("a file that is no state is refused", {
  junk <- withr::local_tempfile(lines = "junk")
  other <- withr::local_tempfile()
  saveRDS(1:3, other)
  for (file in c(junk, other, tempdir())) {
    expect_no_warning(expect_error(lbfgsb_resume(file, sum), class = "lbfgsb_error_state"))
  }
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
  expect_error(lbfgsb_resume(whole, square), "the fit holds no state", class = "lbfgsb_error_state")
  expect_error(lbfgsb_resume("nowhere.rds", square), "there is no file \"nowhere.rds\"", class = "lbfgsb_error_state")
})

test_that("an error in fn carries the run, with which it goes on to the same bits", {
  p <- resumable()$bounded
  whole <- run_problem(p)
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
  count <- suppressWarnings(lbfgsb(1, function(x) x, function(x) -1))$counts[["function"]]
  calls <- 50 - count
  error <- tryCatch(lbfgsb(1, uphill, function(x) -1), error = identity)
  expect_s3_class(error, "lbfgsb_unfinished")
})

test_that("the last run is not another one than that which ended", {
  fail <- function() try(lbfgsb(1, function(x) stop("no")), silent = TRUE)
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
  failed <- suppressWarnings(lbfgsb(1, function(x) x, function(x) -1))
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

test_that("a status line is shown where it is asked for, and is gone at the end", {
  withr::local_options(lbfgsb.status = TRUE)
  slow <- function(x) {
    Sys.sleep(0.4)
    sum(x^4)
  }
  shown <- capture.output(type = "message", fit <- lbfgsb(c(3, 1), slow, function(x) 4 * x^3, control = list(maxit = 8)))
  expect_match(shown, "iterations, value .*, pgnorm .*, .* evaluations, . s")
  expect_match(shown, "\r +\r$")
  withr::local_options(lbfgsb.status = NA)
  expect_silent(lbfgsb(1, function(x) x^2))
})

# ---- The short way ---------------------------------------------------------------------------------------

plain_state <- function(par, lower = -Inf, upper = Inf, control = list(), fn = sum, gr = NULL, hessian = FALSE,
                        method = "L-BFGS-B") {
  .Call(C_plain_state, par, fn, gr, lower, upper, control, hessian, method, default_control, option_ranges)
}

test_that("the short way makes the state that the long one makes", {
  expect_same <- function(par, lower = -Inf, upper = Inf, control = list()) {
    options <- as_control(control)
    long <- new_state(new_problem(par, lower, upper, options$parscale), options)
    short <- plain_state(par, lower, upper, control)
    expect_identical(short[c("problem", "control")], long[c("problem", "control")])
    expect_identical(short$run[c("history", "tally")], long$run[c("history", "tally")])
  }
  expect_same(c(a = 1, b = 2))
  expect_same(matrix(1:4 / 8, 2), lower = 0, upper = c(1, 2, 3, Inf))
  expect_same(flatten(list(x = 1, y = c(2, 3))), lower = c(-1, -Inf, 3))
  expect_same(5, lower = 5, upper = 5, control = list(m = 3, confirm = FALSE, pgtol = 0, target = -Inf))
  expect_same(1, control = list(maxit = 0, maxeval = Inf, maxtime = 0.5, maxls = 1, factr = 10, REPORT = 2,
                                threads = 2, keep_state = TRUE, checkpoint_every = 0))
})

test_that("the short way is for what is plain and right", {
  expect_null(plain_state(1:2))
  expect_null(plain_state(numeric()))
  expect_null(plain_state(NULL))
  expect_null(plain_state(list(a = 1)))
  expect_null(plain_state(Sys.Date()))
  expect_null(plain_state(c(1, NA)))
  expect_null(plain_state(c(1, Inf)))
  expect_null(plain_state(1, lower = 2))
  expect_null(plain_state(1, upper = 0L))
  expect_null(plain_state(1, upper = NA_real_))
  expect_null(plain_state(c(1, 1, 1), lower = c(0, 0)))
  expect_null(plain_state(c(a = 1, b = 1), lower = c(a = 0)))
  for (wrong in list(NULL, "sum", 1, quote(sum))) expect_null(plain_state(1, fn = wrong))
  for (wrong in list("sum", 1, quote(sum))) expect_null(plain_state(1, gr = wrong))
  for (wrong in list(NULL, NA, 1, c(TRUE, FALSE), "TRUE")) expect_null(plain_state(1, hessian = wrong))
  for (other in list(NULL, "BFGS", NA_character_, 1, c("L-BFGS-B", "BFGS"))) {
    expect_null(plain_state(1, method = other))
  }
  expect_false(is.null(plain_state(1, gr = function(x) x, hessian = TRUE)))
  expect_null(plain_state(1, control = list(5)))
  expect_null(plain_state(1, control = c(m = 5)))
  for (option in names(option_rules)) {
    for (wrong in list(NULL, "x", -1, NA_real_, NaN, list(1), c(1, 2), 5L)) {
      control <- structure(list(wrong), names = option)
      right <- identical(control, list(target = -1))
      expect_identical(is.null(plain_state(1, control = control)), !right)
    }
  }
  for (control in list(list(m = 2.5), list(confirm = NA), list(keep_state = 1), list(pgtol = Inf),
                       list(lmm = 5), list(m = 5, m = 5), list(M = 5), list(m = 5, reltol = 1))) {
    expect_null(plain_state(1, control = control))
  }
})
