test_that("a status line is shown where it is asked for, and is gone at the end", {
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
