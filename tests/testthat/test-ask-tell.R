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
