# Returns what is kept of what interrupt() ends, as at the prompt.
until_interrupted <- function(code) {
  lbfgsb_last(forget = TRUE)
  withRestarts(code, abort = function() NULL)
  lbfgsb_last()
}

test_that("an interrupted profile leaves the parameters that are done, and goes on within the next one", {
  is_far <- function(p) FALSE
  evaluations <- 0
  fn <- function(p) {
    evaluations <<- evaluations + 1
    if (is_far(p)) interrupt() else sum((p - 1:3)^2) + (p[1] - 1)^4
  }
  fit <- lbfgsb(c(a = 0, b = 0, c = 0), fn, control = list(fn_is = "negloglik"), hessian = TRUE)
  two <- profile(fit, c("a", "b"))
  evaluations <- 0
  whole <- profile(fit)
  takes <- evaluations
  is_far <- function(p) abs(p[["c"]] - 3) > 1
  evaluations <- 0
  last <- until_interrupted(profile(fit))
  expect_s3_class(last, "lbfgsb_unfinished_parts")
  is_far <- function(p) FALSE
  expect_equal(last$done, two, ignore_attr = "fit")
  expect_identical(confint(last$done), confint(two))
  expect_identical(lbfgsb_resume(last), whole, ignore_function_env = TRUE)
  expect_lt(evaluations, takes + 10) # no point is computed twice, but for the one that was interrupted
})

test_that("intervals that are interrupted go on to intervals", {
  is_far <- function(p) abs(p[["b"]] - 2) > 1
  fit <- lbfgsb(c(a = 0, b = 2), function(p) if (is_far(p)) interrupt() else sum((p - 1:2)^2), lower = c(b = 1.5),
                control = list(fn_is = "negloglik"))
  last <- until_interrupted(confint(fit, 2:1, 0.9, "profile"))
  expect_null(last$done)
  is_far <- function(p) FALSE
  expect_identical(lbfgsb_resume(last), confint(fit, 2:1, 0.9, "profile"))
})

test_that("a profile that is interrupted in its first parameter goes on", {
  is_far <- function(p) abs(p - 1) > 1
  fit <- lbfgsb(c(a = 1.5), function(p) if (is_far(p)) interrupt() else (p - 1)^2, control = list(fn_is = "negloglik"))
  last <- until_interrupted(profile(fit))
  expect_null(last$done)
  is_far <- function(p) FALSE
  expect_identical(lbfgsb_resume(last), profile(fit), ignore_function_env = TRUE)
})

test_that("an interrupted bootstrap is one with fewer replicates", {
  fit <- lbfgsb(c(mu = 10), function(par, y) sum((y - par)^2) / 2, y = cars$speed, control = list(fn_is = "negloglik"))
  draws <- 0
  draw <- function(par, y) {
    if ((draws <<- draws + 1) > limit) interrupt()
    rnorm(length(y), par)
  }
  limit <- 6 # one of them looks whether fn depends on y
  last <- until_interrupted(lbfgsb_boot(fit, 9, data = "y", simulate = draw))
  limit <- Inf
  five <- lbfgsb_boot(fit, 5, data = "y", simulate = draw)
  expect_identical(last$done[c("t0", "t", "R", "failures")], five[c("t0", "t", "R", "failures")])
  expect_identical(confint(last$done, level = 0.5), confint(five, level = 0.5))
  nine <- lbfgsb_boot(fit, 9, data = "y", simulate = draw)
  expect_identical(lbfgsb_boot(last$done, 9), nine, ignore_function_env = TRUE)
  expect_identical(lbfgsb_resume(last), nine, ignore_function_env = TRUE)
})

test_that("interrupted starts leave the runs that are done, unless all have failed", {
  stops_at <- 3
  fn <- function(x) if (x == stops_at) interrupt() else (x^2 - 2)^2 + x / 10
  starts <- cbind(x = c(-1, 1, 3, 4))
  last <- until_interrupted(lbfgsb_multistart(starts, fn, lower = -5, upper = 5))
  expect_s3_class(last$done, "lbfgsb_multistart")
  stops_at <- Inf
  whole <- lbfgsb_multistart(starts, fn, lower = -5, upper = 5)
  expect_identical(last$done$runs, whole$runs[1:2, ])
  expect_identical(coef(last$done), coef(whole))
  expect_identical(lbfgsb_resume(last), whole, ignore_function_env = TRUE)
  failing <- function(x) if (x == 3) interrupt() else stop("no")
  expect_null(until_interrupted(lbfgsb_multistart(starts, failing))$done)
})

test_that("at the prompt a line says what is kept, and lbfgsb_last() how to get it", {
  stops_at <- 3
  fn <- function(x) if (x == stops_at) interrupt() else x^2
  run <- function() until_interrupted(lbfgsb_multistart(cbind(x = 1:4), fn))
  expect_silent(run())
  withr::local_options(lbfgsb.status = TRUE)
  expect_snapshot({
    last <- run()
    last
    lbfgsb_last(forget = TRUE)
    last
    stops_at <- 1
    run()
  })
  expect_error(lbfgsb_resume(last, control = list(maxit = 9)), "as they began", class = "lbfgsb_error_argument")
  expect_error(lbfgsb_resume(last, fn), "give it alone", class = "lbfgsb_error_state")
  stops_at <- Inf
  lbfgsb_resume(lbfgsb_last())
  expect_output(print(lbfgsb_last()), "gone on with it since", fixed = TRUE)
})

test_that("over a cluster, the lots that are done are kept", {
  skip_on_cran()
  skip_on_os("windows")
  main <- Sys.getpid()
  once <- withr::local_tempfile()
  fn <- function(x) {
    if (Sys.getpid() != main && x > 5 && dir.create(once, showWarnings = FALSE)) {
      tools::pskill(main, tools::SIGINT)
      Sys.sleep(0.2)
    }
    (x - 1)^2
  }
  cluster <- local_cluster(1)
  starts <- cbind(x = 1:40 / 10 + rep(c(0, 2), c(35, 5)))
  run <- function() lbfgsb_multistart(starts, fn, control = list(cluster = cluster))
  lbfgsb_last(forget = TRUE)
  expect_s3_class(tryCatch(run(), interrupt = identity), "lbfgsb_unfinished_parts")
  last <- lbfgsb_last()
  expect_identical(nrow(last$done$runs), 32L)
  expect_identical(lbfgsb_resume(last)$runs, run()$runs)
})

test_that("many runs whose workers are gone go on over another cluster, to the bit", {
  skip_on_cran()
  once <- withr::local_tempfile()
  fn <- function(x) { # ends a worker, once
    if (x > 5 && dir.create(once, showWarnings = FALSE)) quit("no")
    (x - 1)^2
  }
  starts <- cbind(x = 1:40 / 10 + rep(c(0, 2), c(35, 5)))
  over <- list(function(cluster) lbfgsb_multistart(starts, fn, control = list(cluster = cluster)),
               function(cluster) lbfgsb_many(starts, fn, control = list(cluster = cluster)))
  for (run in over) {
    unlink(once, recursive = TRUE)
    lost <- tryCatch(run(local_cluster(1)), error = identity)
    expect_match(conditionMessage(lost), "go on over a new one with lbfgsb_resume(lbfgsb_last(), control = list(cluster", fixed = TRUE)
    expect_error(lbfgsb_resume(lost), class = "lbfgsb_error_worker")
    expect_error(lbfgsb_resume(lost, control = list(cluster = 7)), "`cluster` must be", class = "lbfgsb_error_argument")
    figures <- function(result) if (is.data.frame(result)) as.list(result) else c(result$runs, result$best$par)
    expect_identical(figures(lbfgsb_resume(lost, control = list(cluster = local_cluster(2)))), figures(run(NULL)))
    expect_identical(figures(lbfgsb_resume(lost, control = list(cluster = NULL))), figures(run(NULL)))
  }
  fit <- lbfgsb(c(m = 0), function(m, y) sum((y - m)^2), y = as.numeric(1:9), control = list(fn_is = "squares", nobs = 9))
  boot <- function(cluster) lbfgsb_boot(fit, 40, data = "y", seed = 1, control = list(cluster = cluster))
  gone <- local_cluster(1)
  stop_workers(gone)
  lost <- tryCatch(boot(gone), error = identity)
  again <- lbfgsb_resume(lost, control = list(cluster = NULL))
  expect_identical(again[names(again) != "call"], boot(NULL)[names(again) != "call"], ignore_function_env = TRUE)
})

# Has R's time limit strike now.
run_out_of_time <- function() {
  setTimeLimit(elapsed = 1e-3, transient = TRUE)
  repeat sum(1)
}

test_that("R's time limit ends many runs as an interrupt does, and is no failure of one of them", {
  is_late <- FALSE
  fn <- function(x, y = 0) if (is_late && x > 2.5) run_out_of_time() else (x - y)^2
  ended_by_time <- function(code) {
    lbfgsb_last(forget = TRUE)
    is_late <<- TRUE
    error <- tryCatch(code, error = identity)
    is_late <<- FALSE
    expect_match(conditionMessage(error), "reached elapsed time limit")
    expect_identical(lbfgsb_last(), error)
    error
  }
  starts <- cbind(x = c(1, 2, 3, 4))
  runs <- ended_by_time(lbfgsb_multistart(starts, fn))
  expect_identical(nrow(runs$done$runs), 2L)
  expect_identical(lbfgsb_resume(runs), lbfgsb_multistart(starts, fn), ignore_function_env = TRUE)
  many <- ended_by_time(lbfgsb_many(starts, fn))
  expect_identical(many$fits$convergence, c(0L, 0L, NA, NA))
  expect_identical(lbfgsb_resume(many), lbfgsb_many(starts, fn), ignore_function_env = TRUE)
  rows <- function(par, fits) vapply(par[, 1], fn, 0)
  in_step <- ended_by_time(lbfgsb_many(starts, rows, block = 2))
  expect_true(all(is.na(in_step$fits$message[3:4])))
  expect_identical(lbfgsb_resume(in_step), lbfgsb_many(starts, rows, block = 2), ignore_function_env = TRUE)
  fit <- lbfgsb(c(x = 0), fn, y = 1, control = list(fn_is = "negloglik"))
  profiled <- ended_by_time(profile(fit))
  expect_null(profiled$done)
  expect_identical(lbfgsb_resume(profiled), profile(fit), ignore_function_env = TRUE)
  draw <- function(par, y) if (is_late && (draws <<- draws + 1) > 4) run_out_of_time() else rnorm(1)
  draws <- 0
  boot <- ended_by_time(lbfgsb_boot(fit, 9, data = "y", simulate = draw))
  expect_identical(boot$done$R, 3L)
  expect_identical(lbfgsb_resume(boot), lbfgsb_boot(fit, 9, data = "y", simulate = draw), ignore_function_env = TRUE)
  weighted <- function(m, y, w) if (is_late && w[4] == 0) run_out_of_time() else sum(w * (m - y)^2)
  fit <- lbfgsb(c(m = 0), weighted, y = c(1, 2, 4, 9, 3), w = rep(1, 5), control = list(fn_is = "squares", nobs = 5))
  b <- lbfgsb_boot(fit, 39, weights = "w")
  bca <- ended_by_time(confint(b, type = "bca"))
  expect_identical(bca$done, influence(b)[1:3, , drop = FALSE])
  expect_identical(lbfgsb_resume(bca), confint(b, type = "bca"))
})

test_that("an error without a message is a failure as any", {
  nameless <- structure(list(), class = c("error", "condition"))
  expect_false(is_time_limit(nameless))
  expect_true(is_time_limit(simpleError(paste(gettext("reached CPU time limit", domain = "R"), "(on a worker of the cluster)"))))
})

test_that("an error of fn leaves what is done of a profile, and it goes on where fn works again", {
  fails_at <- is_lost <- FALSE
  fn <- function(p) {
    if (fails_at && abs(p[["b"]] - 2) > 1) is_lost <<- TRUE
    if (is_lost) stop("no file server") else sum((p - 1:3)^2)
  }
  fit <- lbfgsb(c(a = 0, b = 0, c = 0), fn, control = list(fn_is = "negloglik"), hessian = TRUE)
  fails_at <- TRUE
  error <- tryCatch(profile(fit), error = identity)
  expect_s3_class(error, "lbfgsb_unfinished_parts")
  expect_snapshot(lbfgsb_last())
  fails_at <- is_lost <- FALSE
  expect_identical(lbfgsb_last(), error)
  expect_identical(confint(error$done), confint(profile(fit, "a")))
  expect_identical(lbfgsb_resume(error), profile(fit), ignore_function_env = TRUE)
})
