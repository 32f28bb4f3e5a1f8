test_that("a file that is no state is refused", {
  junk <- withr::local_tempfile(lines = "junk")
  other <- withr::local_tempfile()
  saveRDS(1:3, other)
  for (file in c(junk, other, tempdir())) {
    expect_no_warning(expect_error(lbfgsb_resume(file, sum), class = "lbfgsb_error_state"))
  }
})

test_that("a state is printed, unless it is none", {
  state <- lbfgsb_tell(lbfgsb_start(c(1, 2)), 5, c(2, 4))
  expect_output(print(state), "with 2 parameters: 0 iterations, value 5$")
  turned <- structure(rev(unclass(state)), class = "lbfgsb_state")
  expect_error(print(turned), class = "lbfgsb_error_state")
})
