# Fits whose rows are computed alike in any company: sums over observations, one after another.
count <- 40
observed <- local({
  set.seed(15)
  matrix(rnbinom(count * 50, mu = 5, size = 2), count)
})
covariate <- seq(-1, 1, length.out = 50)
# Negative binomial: par = intercept, slope, log size; rows of par, and of their data
minus_loglik <- function(par, fits, with_gradient = TRUE) {
  value <- numeric(nrow(par))
  gradient <- matrix(0, nrow(par), 3)
  size <- exp(par[, 3])
  for (j in seq_along(covariate)) {
    y <- observed[fits, j]
    mu <- exp(par[, 1] + par[, 2] * covariate[j])
    value <- value - (lgamma(y + size) - lgamma(size) - lfactorial(y) + size * log(size / (size + mu)) +
                        y * log(mu / (size + mu)))
    slope <- (mu - y) * size / (size + mu)
    gradient[, 1] <- gradient[, 1] + slope
    gradient[, 2] <- gradient[, 2] + slope * covariate[j]
    gradient[, 3] <- gradient[, 3] - size * (digamma(y + size) - digamma(size) + log(size / (size + mu)) +
                                               (mu - y) / (size + mu))
  }
  if (with_gradient) list(value = value, gradient = gradient) else value
}
starts <- matrix(c(1, 0, 0), count, 3, byrow = TRUE, dimnames = list(NULL, c("a", "b", "size")))
by_itself <- function(i, ..., fn = minus_loglik, lower = -3, upper = 3, control = list()) {
  fn_one <- function(par) {
    answer <- fn(matrix(par, 1), i, ...)
    if (is.list(answer)) list(value = answer$value, gradient = as.vector(answer$gradient)) else answer
  }
  fit <- lbfgsb(starts[i, ], fn_one, lower = lower, upper = upper, control = control)
  c(as.list(fit$par), fit["value"], fit["convergence"], fit["message"],
    list(evaluations = fit$counts[["function"]], gradients = fit$counts[["gradient"]]))
}
in_step <- function(block, ..., fn = minus_loglik, lower = -3, upper = 3) {
  lbfgsb_many(starts, fn, ..., lower = lower, upper = upper, block = block)
}
# What lbfgsb() says of it, too.
row_of <- function(fits, i) lapply(unclass(fits)[names(fits) != "bounds"], `[`, i)
expect_same_fits <- function(fits, others) expect_identical(lapply(fits, identity), lapply(others, identity))

test_that("in lock step each fit is that of lbfgsb() alone, to the bit, in any company", {
  fits <- in_step(17)
  for (i in c(1, 2, 20, 40)) expect_identical(row_of(fits, i), by_itself(i), ignore_attr = TRUE)
  expect_true(all(fits$convergence == 0))
  for (block in c(1, 3, 1000)) expect_same_fits(in_step(block), fits)
})

test_that("without a gradient too: the points of all differences go together, a row once", {
  skip_on_cran() # long
  rows <- integer()
  counted <- function(par, fits) {
    expect_true(is.matrix(par))
    rows <<- c(rows, nrow(par))
    minus_loglik(par, fits, with_gradient = FALSE)
  }
  fits <- in_step(100, fn = counted)
  for (i in c(1, 7, 40)) {
    alone <- by_itself(i, with_gradient = FALSE)
    expect_identical(row_of(fits, i), alone, ignore_attr = TRUE)
  }
  expect_gt(max(rows), 40)
  expect_lte(max(rows), 100)
  together <- function(par, fits) {
    expect_lte(length(fits), 17)
    several <<- several + (anyDuplicated(fits) > 0)
    minus_loglik(par, fits, with_gradient = FALSE)
  }
  several <- 0
  expect_same_fits(in_step(17, fn = together), fits)
  expect_gt(several, count)
  expect_same_fits(in_step(1, fn = counted), fits)
})

test_that("scales, the sign, limits and gr act as in lbfgsb()", {
  value <- function(par, fits) -minus_loglik(par, fits)$value
  slope <- function(par, fits) -minus_loglik(par, fits)$gradient[, 3:1, drop = FALSE]
  named <- function(par, fits) structure(slope(par, fits), dimnames = list(NULL, c("size", "b", "a")))
  control <- list(fnscale = -3, parscale = c(2, 1, 0.5), maxeval = 9)
  fits <- lbfgsb_many(starts, value, named, lower = -3, upper = 3, control = control, block = 7)
  both <- function(par, fits) lapply(minus_loglik(par, fits), `-`)
  expect_identical(row_of(fits, 5), by_itself(5, fn = both, control = control), ignore_attr = TRUE)
  few <- lbfgsb_many(starts, value, lower = -3, upper = 3, control = list(fnscale = -1, maxeval = 9),
                     block = 50)
  expect_identical(row_of(few, 5), by_itself(5, fn = value, control = list(fnscale = -1, maxeval = 9)),
                   ignore_attr = TRUE)
  expect_true(all(few$evaluations <= 9))
})

test_that("one at a time, over a cluster too, each fit is that of lbfgsb()", {
  data <- lapply(seq_len(8), function(i) observed[i, ])
  squares <- function(par, y, x) sum((y - par[1] - par[2] * x)^2)
  fits <- lbfgsb_many(c(a = 1, b = 0), squares, x = covariate, data = data)
  one <- lbfgsb(c(a = 1, b = 0), squares, y = data[[3]], x = covariate)
  expect_identical(c(fits$a[3], fits$b[3], fits$value[3]), c(unname(one$par), one$value))
  expect_identical(fits$message[3], one$message)
  skip_on_cran()
  cluster <- parallel::makeCluster(2)
  on.exit(parallel::stopCluster(cluster))
  parallel::clusterCall(cluster, .libPaths, .libPaths())
  expect_same_fits(lbfgsb_many(c(a = 1, b = 0), squares, x = covariate, data = data,
                               control = list(cluster = cluster)), fits)
  # What all fits have in common crosses once, with a warning where it is large, and not with each of them.
  large <- function(par, d, x) sum((par - d)^2)
  run <- function(x, ...) lbfgsb_many(c(a = 1), large, data = as.list(1:8), x = x, control = list(...))
  warned <- expect_warning(fits <- run(numeric(2.2e6), cluster = cluster), class = "lbfgsb_warning_shipped")
  expect_lt(warned$size, 2^25)
  expect_same_fits(fits, run(0))
})

test_that("a native objective gets the data of each fit", {
  fn <- native_objective("lbfgsb_example", package = "lbfgsb", data = c(0, 0))
  fits <- lbfgsb_many(c(0, 0), fn, data = list(c(1, 2), c(-3, 4)))
  expect_equal(fits$par2, c(2, 4))
})

test_that("native objectives run over threads to the bits of lbfgsb() alone, broken ones beside them", {
  targets <- lapply(seq_len(60), function(i) sin(i * 1:5) * 10^(i %% 4))
  targets[[7]][2] <- NaN
  start <- c(a = 1, b = 2, c = 3, d = 4, e = 5)
  controls <- list(list(), list(fnscale = 3, parscale = 1:5), list(maxeval = 4))
  for (gradient in c(TRUE, FALSE)) for (control in controls) {
    fn <- native_objective("lbfgsb_example", package = "lbfgsb", data = 1:5 + 0, gradient = gradient)
    by <- function(threads) {
      lbfgsb_many(start, fn, data = targets, lower = -5, upper = c(2, 50, 7, 9, 6),
                  control = c(control, threads = threads))
    }
    fits <- by(1)
    expect_same_fits(by(2), fits)
    expect_match(fits$message[7], "must be finite at the start")
    for (i in c(1, 2, 30, 60)) {
      fit <- lbfgsb(start, native_objective("lbfgsb_example", package = "lbfgsb", data = targets[[i]],
                                            gradient = gradient), lower = -5, upper = c(2, 50, 7, 9, 6),
                    control = control)
      expect_identical(row_of(fits, i), c(as.list(fit$par), fit["value"], fit["convergence"], fit["message"],
                                          list(evaluations = fit$counts[["function"]],
                                               gradients = fit$counts[["gradient"]])))
    }
  }
})

test_that("a native fit that falls without limit ends at its lowest point, as alone", {
  for (gradient in c(TRUE, FALSE)) {
    fn <- native_objective("lbfgsb_example", package = "lbfgsb", data = c(1, 2), gradient = gradient)
    fit <- lbfgsb(c(0, 0), fn, control = list(fnscale = -1))
    fits <- lbfgsb_many(rbind(c(0, 0)), fn, control = list(fnscale = -1))
    expect_gt(fits$value, 1e10)
    expect_identical(c(fits$par1, fits$par2, fits$value), c(fit$par, fit$value))
    expect_identical(fits$message, fit$message)
  }
})

test_that("native fits from their own starts and boxes, over threads", {
  fn <- native_objective("lbfgsb_example", package = "lbfgsb", data = c(1, 2))
  par <- cbind(a = c(5, 0, -9, 1), b = c(5, 0, 3, 2))
  lower <- cbind(c(2, -Inf, -1, 1), c(-Inf, 3, 0, 2))
  upper <- cbind(c(9, 0, Inf, 1), c(1, Inf, 1, 2))
  expect_warning(fits <- lbfgsb_many(par, fn, lower = lower, upper = upper, control = list(threads = 2)),
                 class = "lbfgsb_warning_outside")
  expect_identical(fits$a, c(2, 0, 1, 1))
  expect_identical(fits$b, c(1, 3, 1, 2))
  for (i in 1:4) {
    fit <- suppressWarnings(lbfgsb(par[i, ], fn, lower = lower[i, ], upper = upper[i, ]))
    expect_identical(fits$message[i], fit$message)
  }
})

test_that("bounds that are matrices are matched by their columns' names", {
  value <- function(par, fits) rowSums((par - 1)^2)
  par <- cbind(a = 2:3, b = 12:13)
  by <- function(lower) lbfgsb_many(par, value, lower = lower, block = 2)
  expect_same_fits(by(cbind(b = c(10, 11), a = c(0, 0))), by(cbind(c(0, 0), c(10, 11))))
  expect_same_fits(by(data.frame(b = c(10, 11), a = c(0, 0))), by(cbind(a = c(0, 0), b = c(10, 11))))
})

test_that("a column of the starts without a name has its number", {
  fits <- lbfgsb_many(cbind(a = 1:2, 3:4), function(par, fits) rowSums(par^2), block = 2)
  expect_identical(names(fits)[1:3], c("a", "par2", "value"))
})

test_that("broken fits come back with their messages, and the others are the same to the bit", {
  broken <- function(par, fits) {
    if (any(fits %in% c(4, 23))) stop("no data for ", paste(intersect(fits, c(4, 23)), collapse = " and "))
    answer <- minus_loglik(par, fits)
    answer$value[fits == 9] <- NaN
    answer
  }
  whole <- in_step(40)
  fits <- in_step(40, fn = broken)
  expect_identical(fits$message[c(4, 23)], c("no data for 4", "no data for 23"))
  expect_match(fits$message[9], "must be finite at the start, not NaN")
  expect_identical(which(is.na(fits$convergence)), c(4L, 9L, 23L))
  expect_same_fits(fits[-c(4, 9, 23), ], whole[-c(4, 9, 23), ])
  expect_snapshot(print(fits, rows = 2, digits = 3))
})

test_that("where every fit fails one warning says how, and with what call to see it", {
  value <- function(par, fits) rowSums((par - 1)^2)
  told <- function(par, fits, with_value) if (with_value) value(par, fits) else stop("no value")
  alone <- function(par, d) if (d > 0) stop("no data") else NaN
  expect_snapshot({
    none <- lbfgsb_many(rbind(1:2, 3:4, 5:6), told, with_value = FALSE, block = 2)
    none
    invisible(lbfgsb_many(rbind(c(a = 1, b = 2)), value, function(par, fits) stop("no slope"), block = 2))
    invisible(lbfgsb_many(1:2, alone, data = list(1, 0, 2)))
    invisible(lbfgsb_many(data.frame(1, 2), function(par) Inf))
  })
  expect_identical(nrow(none), 3L)
  failures <- tryCatch(lbfgsb_many(1:2, alone, data = list(1, 2)), lbfgsb_warning_failures = identity)$failures
  expect_identical(failures, data.frame(message = "no data", times = 2L))
  expect_no_warning(lbfgsb_many(1:2, function(par, d) if (d) stop("no") else sum(par^2), data = list(TRUE, FALSE)))
  expect_error(lbfgsb_many(rbind(1:2), value, blok = 2), "did you mean `block`", class = "lbfgsb_error_argument")
  expect_identical(classes_warned(lbfgsb_many(rbind(1:2), function(par, ...) value(par, 1), blok = 2)),
                   c("lbfgsb_warning_misspelt", "lbfgsb_warning_failures"))
})

test_that("a fit that fails in the middle of a gradient leaves, too", {
  failing <- function(par, fits) {
    if (any(fits == 2 & par[, 1] != 1)) stop("only at the start")
    minus_loglik(par, fits, with_gradient = FALSE)
  }
  fits <- in_step(200, fn = failing)
  expect_identical(fits$message[2], "only at the start")
  expect_identical(row_of(fits, 3), by_itself(3, with_gradient = FALSE), ignore_attr = TRUE)
})

test_that("a call that was ended goes on with what is done", {
  calls <- 0
  whole <- in_step(11)
  ended <- function(par, fits) {
    calls <<- calls + 1
    answer <- minus_loglik(par, fits)
    if (calls == 20) answer$value <- 1:3 # what is no value a row ends the call
    answer
  }
  condition <- tryCatch(in_step(11, fn = ended), error = identity)
  expect_s3_class(condition, "lbfgsb_unfinished_many")
  expect_s3_class(condition, "lbfgsb_error_objective")
  expect_identical(lbfgsb_last(), condition)
  done <- sum(!is.na(condition$fits$message))
  expect_true(done > 0 && done < count)
  rows <- 0
  counted <- function(par, fits) {
    rows <<- rows + nrow(par)
    minus_loglik(par, fits)
  }
  again <- lbfgsb_many(starts, counted, lower = -3, upper = 3, block = 11, from = condition)
  expect_same_fits(again, whole)
  expect_lt(rows, sum(whole$evaluations[is.na(condition$fits$message)]))
  expect_same_fits(lbfgsb_many(starts, stop, from = whole), whole)
  moved <- replace(starts, 2, starts[2] + 1)
  expect_error(lbfgsb_many(moved, stop, from = whole), "same starts", class = "lbfgsb_error_argument")
  expect_error(lbfgsb_many(moved, stop, from = condition), "same starts", class = "lbfgsb_error_argument")
  turned <- whole[count:1, ]
  expect_error(lbfgsb_many(starts, stop, from = turned), "same starts", class = "lbfgsb_error_argument")
  by_interrupt <- function(par, fits) {
    calls <<- calls + 1
    if (calls == 30) signalCondition(structure(class = c("interrupt", "condition"), list()))
    minus_loglik(par, fits)
  }
  calls <- 0
  condition <- tryCatch(in_step(11, fn = by_interrupt), interrupt = identity)
  again <- lbfgsb_many(starts, minus_loglik, lower = -3, upper = 3, block = 11, from = condition)
  expect_same_fits(again, whole)
  expect_same_fits(lbfgsb_resume(condition), whole)
  expect_error(lbfgsb_resume(condition, control = list(m = 9)), "as they began", class = "lbfgsb_error_argument")
})

test_that("Ctrl-C at any place in lock step leaves no fit under way that has ended", {
  skip_on_cran()
  skip_on_os("windows")
  centres <- matrix(sin(1:900), 300)
  calls <- interrupted_at <- 0
  fn <- function(par, fits) {
    if ((calls <<- calls + 1) == interrupted_at) tools::pskill(Sys.getpid(), tools::SIGINT)
    rowSums((par - centres[fits, , drop = FALSE])^4) + rowSums(par^2)
  }
  run <- function() lbfgsb_many(matrix(0, 300, 3), fn, block = 60)
  whole <- run()
  for (at in seq(3, calls - 10, length.out = 30)) {
    calls <- 0
    interrupted_at <- floor(at)
    kept <- tryCatch(run(), interrupt = identity)
    expect_s3_class(kept, "lbfgsb_unfinished_many")
    expect_same_fits(lbfgsb_resume(kept), whole)
    if (length(kept$under_way) > 0) within <- kept # the signal may come only when the last of a block has ended
  }
  kept <- within
  state <- copied(open_state(kept$under_way[[1]]))
  .Call(C_stop, state$run, "stopped")
  kept$under_way[[1]] <- kept_state(state)
  expect_same_fits(lbfgsb_resume(kept), whole)
})

test_that("a call goes on by other options and a smaller block: fits under way begin anew by those", {
  calls <- 0
  ended <- function(par, fits) {
    calls <<- calls + 1
    if (calls == 6) signalCondition(structure(class = c("interrupt", "condition"), list()))
    minus_loglik(par, fits)
  }
  condition <- tryCatch(in_step(11, fn = ended), interrupt = identity)
  expect_length(condition$under_way, 11)
  expect_s3_class(lbfgsb_resume(condition$under_way[[2]], function(par) {
    lapply(minus_loglik(matrix(par, 1), 2), as.vector)
  }), "lbfgsb")
  go_on <- function(...) in_step(4, ..., from = condition)
  expect_same_fits(go_on(), in_step(11))
  expect_same_fits(go_on(control = list(m = 60)), in_step(11, control = list(m = 60)))
  expect_same_fits(go_on(upper = 1.5), in_step(11, upper = 1.5))
})

test_that("one at a time, too, an interrupt keeps what is done", {
  interrupts <- TRUE
  squares <- function(par, y) {
    if (y == 5 && interrupts) signalCondition(structure(class = c("interrupt", "condition"), list()))
    sum((par - y)^2)
  }
  run <- function(...) lbfgsb_many(c(a = 0), squares, data = as.list(1:8), ...)
  condition <- tryCatch(run(), interrupt = identity)
  expect_s3_class(condition, "lbfgsb_unfinished_many")
  expect_equal(condition$fits$a, c(1:4, rep(NA, 4)))
  interrupts <- FALSE
  expect_same_fits(run(from = condition), run())
  expect_same_fits(lbfgsb_resume(lbfgsb_last()), run())
  expect_output(print(lbfgsb_last()), "gone on with it since", fixed = TRUE)
})

test_that("what ends a call when all fits are done loses none of them", {
  withr::local_options(warn = 2) # a warning of all fits is an error
  fn <- function(par, y) {
    if (y < 3) stop("the disk is full")
    list(value = cosh(par), gradient = 1.3 * sinh(par))
  }
  for (data in list(1:2, 2:4)) {
    lbfgsb_last(forget = TRUE)
    error <- tryCatch(lbfgsb_many(c(a = 1), fn, data = as.list(data)), error = identity)
    expect_match(conditionMessage(error), "every fit failed|the gradient disagrees")
    expect_identical(lbfgsb_last(), error)
    expect_false(anyNA(error$fits$message))
    expect_same_fits(suppressWarnings(lbfgsb_resume(error)), error$fits)
  }
})

test_that("of an earlier result those fits are run again that failed", {
  run <- function(fn, ...) lbfgsb_many(c(a = 0), fn, data = as.list(1:4), ...)
  fits <- run(function(par, y) if (y == 3) stop("the disk is full") else sum((par - y)^2))
  again <- run(function(par, y) if (y == 3) sum((par - y)^2) else stop("it was run again"), from = fits)
  expect_same_fits(again, run(function(par, y) sum((par - y)^2)))
})

test_that("a later run that an error ends replaces it as the last, but for one that had evaluated nothing", {
  lbfgsb_last(forget = TRUE)
  interrupted <- function(par, y) {
    if (y == 5) signalCondition(structure(class = c("interrupt", "condition"), list()))
    sum((par - y)^2)
  }
  kept <- tryCatch(lbfgsb_many(c(a = 0), interrupted, data = as.list(1:8)), interrupt = identity)
  later <- function(fails_at) {
    calls <- 0
    failing <- function(x) if ((calls <<- calls + 1) == fails_at) stop("the disk is full") else sum((x - 1)^2)
    tryCatch(lbfgsb(c(0, 0), failing), error = identity)
  }
  later(fails_at = 1)
  expect_identical(lbfgsb_last(), kept)
  error <- later(fails_at = 8)
  expect_identical(lbfgsb_last(forget = TRUE), error)
})

test_that("what an interrupt keeps stays as it was, also where the call goes on all the same", {
  whole <- in_step(5)
  calls <- 0
  interrupting <- function(par, fits) {
    calls <<- calls + 1
    if (calls == 20) signalCondition(structure(class = c("interrupt", "condition"), list()))
    minus_loglik(par, fits)
  }
  kept <- NULL
  keep <- function(condition) if (inherits(condition, "lbfgsb_unfinished_many")) kept <<- condition
  expect_same_fits(withCallingHandlers(in_step(5, fn = interrupting), interrupt = keep), whole)
  expect_length(kept$under_way, 5)
  go_on <- function() lbfgsb_many(starts, minus_loglik, lower = -3, upper = 3, block = 5, from = kept)
  expect_same_fits(go_on(), whole)
  expect_same_fits(go_on(), whole)
})

test_that("a fit that begins in another one's place has nothing of it, nor of its size", {
  task_with <- function(pairs) {
    plain_task(list(fn = minus_loglik, par = starts, lower = unname(starts - 3), upper = unname(starts + 3),
                    control = as_control(list(m = pairs))))
  }
  task <- task_with(4)
  new <- .Call(C_begin_rows, task, 3:5, list())
  old <- list(fits = 1:2, runs = .Call(C_begin_rows, task, 1:2, list()))
  for (i in 1:6) {
    asked <- .Call(C_ask_all, task, old, 8)
    values <- minus_loglik(asked$par, asked$run)$value
    .Call(C_tell_all, task, old, asked, values, NULL, NULL)
  }
  expect_gt(old$runs[[1]]$tally[["function"]], 5)
  begun <- .Call(C_begin_rows, task, 3:5, old$runs)
  for (part in c("history", "tally", "differences")) {
    expect_identical(lapply(begun, `[[`, part), lapply(new, `[[`, part))
  }
  state <- begin_state(starts[3, ], starts[3, ] - 3, starts[3, ] + 3, task$control)
  is_valid <- function(run) .Call(C_valid, replace(state, "run", list(run)))
  expect_true(all(vapply(begun, is_valid, NA)))
  larger <- .Call(C_begin_rows, task_with(60), 3:4, begun)
  expect_gt(length(larger[[1]]$solver), length(new[[1]]$solver))
})

test_that("the line of progress is shown to its end", {
  before <- options(lbfgsb.status = TRUE)
  on.exit(options(before))
  done <- list2env(list(ended = c(TRUE, FALSE)))
  lines <- capture.output(type = "message", {
    progress <- fits_progress(done)
    progress()
    environment(progress)$due <- environment(progress)$first <- -1
    progress()
    done$ended[2] <- TRUE
    progress()
    cat("next", file = stderr())
  })
  expect_identical(lines, c("\r1 of 2 fits \r2 of 2 fits ", "next"))
})

test_that("where it is interrupted, the line is gone before it is said what is kept, and how to go on", {
  skip_on_cran() # long
  withr::local_options(lbfgsb.status = TRUE)
  squares <- function(par, y) {
    Sys.sleep(0.05)
    if (y == 5) interrupt()
    sum((par - y)^2)
  }
  run <- function() lbfgsb_many(c(a = 0), squares, data = as.list(1:8))
  shown <- capture.output(type = "message", withRestarts(run(), abort = function() invisible(NULL)))
  expect_match(paste(shown, collapse = "\n"), "of 8 fits \r +\rWhat is done is kept")
  expect_output(print(lbfgsb_last()), "lbfgsb_last\\(\\)\\$fits\nTo go .* from = lbfgsb_last\\(\\)")
  kept <- replace(lbfgsb_last(), "parent", list(NULL))
  expect_output(print(kept), " x\\$fits\nTo go .* from = x")
})

# 40 fits of which numbers 3 and 8 have a gradient that is off by a factor.
half_wrong <- function(par, fits) {
  answer <- minus_loglik(par, fits)
  answer$gradient <- answer$gradient * ifelse(fits %in% c(3, 8), 1.3, 1)
  answer
}

test_that("a wrong gradient is told, by one warning for all fits, and each is that of lbfgsb() alone", {
  expect_warning(fits <- in_step(17, fn = half_wrong),
                 "^in fit 3 \\(and in 1 other fit\\) the gradient disagrees with fn in .*: see check_gradient\\(\\)$",
                 class = "lbfgsb_warning_gradient")
  for (i in c(3, 5, 8)) {
    alone <- suppressWarnings(by_itself(i, fn = half_wrong), classes = "lbfgsb_warning_gradient")
    expect_identical(row_of(fits, i), alone, ignore_attr = TRUE)
  }
  one <- function(par, i) lapply(half_wrong(matrix(par, 1), i), as.vector)
  given <- list(starts, one, data = as.list(1:40), lower = -3, upper = 3)
  expect_warning(singly <- do.call(lbfgsb_many, given), class = "lbfgsb_warning_gradient")
  expect_same_fits(singly, fits)
  expect_identical(classes_warned(in_step(17, fn = half_wrong, control = list(maxeval = 1000))), character())
})

# 60 fits by a gradient that is off by a factor, which moves no minimum, or by a constant, which does.
all_wrong <- function(off, ...) {
  centres <- seq(-1, 1, length.out = 60)
  fn <- function(par, fits) list(value = rowSums(cosh(par - centres[fits])), gradient = off(sinh(par - centres[fits])))
  lbfgsb_many(matrix(2, 60, 2, dimnames = list(NULL, c("a", "b"))), fn, block = 7, ...)
}

test_that("where the gradient of many fits is wrong, only a few are looked at, and the others say so", {
  warned <- expect_warning(fits <- all_wrong(function(g) 2 * g), class = "lbfgsb_warning_gradient")
  expect_match(conditionMessage(warned), "^in fit 2 .and in 19 other fits, and as it seems in 40 more that were not looked at. ")
  expect_identical(fits$convergence, rep(0L, 60))
  not_looked_at <- grepl("converged: .*; the gradient seems wrong as in other fits, and was not looked at here; value", fits$message)
  expect_identical(sum(not_looked_at), 40L)
  expect_lt(max(fits$evaluations[not_looked_at]), min(fits$evaluations[!not_looked_at]))
  last <- suppressWarnings(lbfgsb_one(fits, 60))
  expect_match(last$message, "disagrees with fn")

  expect_warning(fits <- all_wrong(function(g) g + 0.1), class = "lbfgsb_warning_gradient")
  expect_true(all(fits$convergence %in% 51:52))
  expect_s3_class(suppressWarnings(lbfgsb_one(fits, 60)), "lbfgsb")
})

test_that("a wrong gradient that was found before an interrupt is told after it", {
  interrupts <- TRUE
  fn <- function(par, y) {
    if (y == 3 && interrupts) signalCondition(structure(class = c("interrupt", "condition"), list()))
    list(value = sum(cosh(par - y)), gradient = (if (y == 1) 1.3 else 1) * sinh(par - y))
  }
  condition <- tryCatch(lbfgsb_many(c(a = 0), fn, data = as.list(1:4)), interrupt = identity)
  interrupts <- FALSE
  expect_warning(lbfgsb_resume(condition), "^in fit 1 the gradient", class = "lbfgsb_warning_gradient")
  corrected <- function(par, y) list(value = sum(cosh(par - y)), gradient = sinh(par - y))
  expect_no_warning(lbfgsb_many(c(a = 0), corrected, data = as.list(1:4), from = condition))
})

test_that("a parameter that stays where it began as its gradient is 0 is told in many fits too", {
  forgotten <- function(par, fits) {
    list(value = rowSums((par - 1)^2), gradient = cbind(2 * (par[, 1] - 1), 0))
  }
  expect_warning(fits <- lbfgsb_many(rbind(c(3, 5), c(2, 1)), forgotten, block = 2), class = "lbfgsb_warning_gradient")
  alone <- function(par) lapply(forgotten(matrix(par, 1)), as.vector)
  expect_warning(fit <- lbfgsb(c(3, 5), alone), class = "lbfgsb_warning_gradient")
  expect_identical(fits$message[1], fit$message)
  expect_identical(fits$evaluations[1], fit$counts[["function"]])
  expect_identical(fits$convergence, c(51L, 0L))
})

test_that("a native fit of which a parameter stays where it began is looked at as lbfgsb() does", {
  fn <- native_objective("lbfgsb_example", package = "lbfgsb", data = c(1, 5))
  fits <- lbfgsb_many(rbind(c(3, 5), c(3, 4)), fn)
  for (i in 1:2) {
    fit <- lbfgsb(c(3, 6 - i), fn)
    expect_identical(fits$evaluations[i], fit$counts[["function"]])
    expect_identical(fits$message[i], fit$message)
  }
})

test_that("a parameter that fn does not use is named as lbfgsb() names it", {
  bowl <- function(par, fits) rowSums(cosh(par[, 1:2, drop = FALSE] / 7 - 0.1))
  slope <- function(par, fits) cbind(sinh(par[, 1:2, drop = FALSE] / 7 - 0.1) / 7, idle = 0)
  start <- c(a = 1, b = 1, idle = 1)
  for (gr in list(NULL, slope)) {
    fits <- lbfgsb_many(rbind(start, 2 * start), bowl, gr, block = 2)
    fit <- lbfgsb(start, function(par) bowl(rbind(par)), if (!is.null(gr)) function(par) drop(gr(rbind(par))))
    expect_match(fit$message, "does not change with idle")
    expect_identical(row_of(fits, 1)[c("message", "evaluations")],
                     list(message = fit$message, evaluations = fit$counts[["function"]]))
  }
})

test_that("a native fit with the gradient 0 in a part of its parameters is that of lbfgsb()", {
  for (gradient in c(TRUE, FALSE)) {
    fn <- native_objective("lbfgsb_example", package = "lbfgsb", data = c(1 / 3, 5, 1 / 7), gradient = gradient)
    fits <- lbfgsb_many(rbind(c(3, 5, 1), c(3, 4, 2)), fn)
    for (i in 1:2) {
      fit <- lbfgsb(attr(fits, "starts")[i, ], fn)
      expect_identical(unlist(row_of(fits, i)[c("message", "evaluations")]),
                       c(message = fit$message, evaluations = as.character(fit$counts[["function"]])))
    }
  }
})

test_that("rows that depend on one another are warned of", {
  mixed <- function(par, fits) rowSums((par - 1)^2) + mean(par) * 1e-9
  expect_warning(lbfgsb_many(rbind(1:2, 3:4), mixed, block = 2), class = "lbfgsb_warning_rows")
  expect_no_warning(in_step(7))
})

test_that("what is wrong is named before anything runs", {
  expect_snapshot(error = TRUE, {
    lbfgsb_many(1:3, minus_loglik, block = 2)
    lbfgsb_many(rbind(1:2, c(NA, 2), 3:4), stop)
    lbfgsb_many(rbind(1:2, 3:4), stop, lower = rbind(0:1, 5:6), upper = 5)
    lbfgsb_many(rbind(1:2, 3:4), stop, lower = rbind(0:1))
    lbfgsb_many(cbind(a = 1:2, b = 3:4), stop, upper = cbind(a = 9:8, c = 9:8))
    lbfgsb_many(cbind(value = 1:2), stop)
    lbfgsb_many(rbind(1:2, 3:4), stop, data = list(1))
    lbfgsb_many(rbind(1:2, 3:4), stop, data = list(1, 2), block = 2)
    lbfgsb_many(rbind(1:2, 3:4), native_objective("lbfgsb_example", "lbfgsb"), data = list(1, list(1, "a")))
    lbfgsb_many(rbind(1:2, 3:4), stop, block = 0)
    lbfgsb_many(rbind(1:2, 3:4), stop, block = 2, control = list(gradient = "complex"))
    lbfgsb_many(rbind(1:2, 3:4), stop, from = 1)
    lbfgsb_many(rbind(1:2, 3:4), function(par, fits) 1, block = 2)
    lbfgsb_many(rbind(1:2, 3:4), function(par, fits) list(value = fits, gradient = 1:4), block = 2)
  })
})

test_that("one at a time, the start may be a list", {
  fn <- function(par, y) sum((par$a - y)^2) + (par$b$c - 1)^2
  data <- list(u = 1, v = 2, w = "none")
  run <- function(par, ...) lbfgsb_many(par, fn, data = data, ...)
  fits <- run(list(a = c(5, 5), b = list(c = 5)), lower = list(b = list(c = 2)), fixed = list(a = c("[1]" = 4)))
  expect_equal(coef(fits)[1:2, ], rbind(u = c(a1 = 4, a2 = 1, b.c = 2), v = c(4, 2, 2)), tolerance = 1e-6)
  expect_identical(is.na(fits$convergence), c(FALSE, FALSE, TRUE))
  expect_equal(lbfgsb_one(fits, "v")$par, list(a = c(4, 2), b = list(c = 2)), tolerance = 1e-6)
  expect_error(lbfgsb_many(list(a = 1), fn, block = 3), "matrix or data frame with `block`", class = "lbfgsb_error_argument")
  expect_error(lbfgsb_many(c(a = 1), fn, data = list()), "`data` must have an element", class = "lbfgsb_error_argument")
})

test_that("the warning of a gradient that its names have put in another order says so", {
  fn <- function(p) sum((p - 1:3)^4) + sum(p^2)
  gr <- function(p) setNames(unname(4 * (p - 1:3)^3 + 2 * p), c("b", "c", "a"))
  expect_warning(lbfgsb_many(rbind(c(a = 0, b = 0, c = 0)), fn, gr), "unname() it", fixed = TRUE, class = "lbfgsb_warning_gradient")
})

test_that("one column of data keeps its name, whether the rows have names or not", {
  fn <- function(par, row) (par[["mu"]] - row[["y"]])^2
  data <- cbind(y = c(1, 3, 5))
  expected <- lbfgsb_many(c(mu = 0), fn, data = data)
  expect_equal(expected$mu, c(1, 3, 5), tolerance = 1e-6)
  rownames(data) <- c("a", "b", "c")
  named <- lbfgsb_many(c(mu = 0), fn, data = data)
  expect_identical(named$mu, expected$mu)
  expect_identical(row.names(named), c("a", "b", "c"))
})

test_that("an interrupt in the first fit takes the place of an older run", {
  lbfgsb_last(forget = TRUE)
  at <- Inf
  calls <- 0
  fn <- function(p, y) {
    calls <<- calls + 1
    if (calls == at) interrupt()
    sum((y - p)^2 * (1 + p^2))
  }
  at <- 20
  tryCatch(lbfgsb_multistart(5, function(p) fn(p, 2), lower = c(m = -3), upper = 3), interrupt = identity)
  at <- calls + 7
  ended <- tryCatch(lbfgsb_many(c(m = 0), fn, data = list(1:3, 4:6)), interrupt = identity)
  expect_identical(lbfgsb_last(), ended)
  expect_s3_class(lbfgsb_resume(lbfgsb_last()), "lbfgsb_many")
})

test_that("a name that fn or gr cannot take is an error before any fit, as in lbfgsb()", {
  calls <- 0
  fn <- function(par, y) {
    calls <<- calls + 1
    sum((y - par)^2)
  }
  with_weight <- function(par, y, w) w * fn(par, y)
  gr <- function(par, y) -2 * sum(y - par)
  expect_snapshot(error = TRUE, {
    lbfgsb_many(c(a = 1), fn, data = list(1:3, 4:6), groups = 1:2)
    lbfgsb_many(c(a = 1), with_weight, gr, data = list(1:3, 4:6), w = 2)
    lbfgsb_many(cbind(a = 1:2), function(par, fits) par[, 1]^2, block = 2, cluter = 3)
  })
  expect_identical(calls, 0)
})

test_that("a matrix of bounds may name some of the columns", {
  fn <- function(p, d) sum((p - d)^2)
  data <- list(c(1, 5), c(2, 6), c(3, 7))
  by <- function(...) lbfgsb_many(c(a = 1.6, b = 8), fn, data = data, ...)
  part <- cbind(b = c(5.5, 5.5, 7.5))
  whole <- by(lower = cbind(a = -Inf, part))
  expect_equal(whole$b, c(5.5, 6, 7.5), tolerance = 1e-6)
  expect_identical(coef(by(lower = part)), coef(whole))
  expect_identical(coef(by(lower = as.data.frame(part))), coef(whole))
  expect_equal(by(upper = cbind(a = c(1.7, 1.7, 1.8)))$a, c(1, 1.7, 1.8), tolerance = 1e-6)
  expect_snapshot(error = TRUE, {
    by(lower = unname(part))
    by(lower = cbind(c = 1:3))
    by(lower = cbind(b = 1:2))
  })
})
