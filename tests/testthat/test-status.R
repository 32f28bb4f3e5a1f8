test_that("a status line is shown where it is asked for, and is gone at the end", {
  skip_on_cran() # long
  withr::local_options(lbfgsb.status = TRUE)
  slow <- function(x) {
    Sys.sleep(0.4)
    sum(x^4)
  }
  shown <- capture.output(type = "message", fit <- lbfgsb(c(3, 1), slow, function(x) 4 * x^3, control = list(maxit = 8)))
  expect_match(shown, "iterations, value .*, pgnorm .*, .* evaluations, . s")
  expect_match(shown, "\r +\r$")
  quick <- capture.output(type = "message", fit <- lbfgsb(1, function(x) x^2))
  expect_identical(quick, character())
  withr::local_options(lbfgsb.status = NA)
  expect_silent(lbfgsb(1, function(x) x^2))
})

test_that("in a profile the line says which parameter it is", {
  skip_on_cran() # long
  withr::local_options(lbfgsb.status = TRUE)
  slow_calls <- 0
  slow <- function(x) {
    if ((slow_calls <<- slow_calls - 1) > 0) Sys.sleep(0.4)
    (x[[2]] - x[[1]]^2)^2 + (x[[1]] - 1)^4 + (x[[1]] - 1)^2
  }
  fit <- lbfgsb(c(mu = 3, sd = 1), slow, control = list(fn_is = "negloglik"), hessian = TRUE)
  slow_calls <- 8
  shown <- capture.output(type = "message", profiled <- profile(fit, "sd", level = 0.5))
  expect_match(shown, "parameter 1 of 1, sd: . iterations, value", all = FALSE)
  expect_null(status_line$part)
})

test_that("where a run is interrupted, the status line is gone before it is said that the run is kept", {
  skip_on_cran() # long
  withr::local_options(lbfgsb.status = TRUE)
  calls <- 0
  interrupted <- function(x) {
    Sys.sleep(0.4)
    if ((calls <<- calls + 1) > 5) interrupt()
    sum(x^4)
  }
  run <- function() lbfgsb(c(3, 1), interrupted, function(x) 4 * x^3)
  shown <- capture.output(type = "message", withRestarts(run(), abort = function() invisible(NULL)))
  expect_match(paste(shown, collapse = "\n"), "iterations, value .*\r +\rThe run is kept")
})
