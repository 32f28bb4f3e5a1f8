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

test_that("a state is as long as its pairs want it, and no longer", {
  D <- diff(diag(60), differences = 2)
  fn <- function(x) sum((x - sin(1:60))^2) + 1e3 * sum((D %*% x)^2)
  gr <- function(x) 2 * (x - sin(1:60)) + 2e3 * as.vector(crossprod(D, D %*% x))
  length_after <- function(maxit) {
    fit <- lbfgsb(numeric(60), fn, gr, control = list(maxit = maxit))
    expect_identical(fit$iterations, maxit)
    length(fit$state$run$solver)
  }
  lengths <- vapply(c(7L, 20L, 60L, 110L, 150L), length_after, 1L)
  expect_true(all(diff(lengths[1:4]) > 0))
  expect_lt(lengths[1], lengths[4] / 10)
  expect_identical(lengths[4], lengths[5])
})

test_that("equal runs have equal states, byte for byte", {
  for (p in resumable()) {
    states <- lapply(1:20, function(i) {
      occupied <- lapply(seq_len(i %% 4), function(j) raw(137 * j)) # the next block lies elsewhere
      list(run_problem(p)$state, run_problem(p[names(p) != "gr"], maxeval = 150)$state, occupied)[1:2]
    })
    expect_length(unique(states), 1)
  }
})
