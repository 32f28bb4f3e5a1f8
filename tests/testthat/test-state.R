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
