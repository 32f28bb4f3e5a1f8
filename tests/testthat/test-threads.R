# Longer than a chunk of rows, with bounds met and left on the way.
n <- 30005
curvature <- exp(seq(0, log(1000), length.out = n))
target <- rep_len(c(1, -1, 3, 0.5), n)
fn <- function(x) list(value = sum(curvature * (x - target)^2) / 2 + sum(diff(x)^2), gradient = gr(x))
gr <- function(x) {
  d <- diff(x)
  curvature * (x - target) + 2 * (c(0, d) - c(d, 0))
}
fit_by <- function(threads) {
  fit <- lbfgsb(rep(0.5, n), fn, lower = 0, upper = 2, control = list(m = 10, threads = threads, maxit = 40))
  fit$objective <- NULL
  fit
}

test_that("the results do not depend on the number of threads, to the bit", {
  skip_on_cran() # long
  one <- fit_by(1)
  expect_gt(one$iterations, 30)
  expect_gt(min(table(one$bounds)[c("free", "at lower", "at upper")]), n / 8)
  expect_identical(fit_by(2), one)
  expect_identical(fit_by(3), one)
})

test_that("a forked process goes on with one thread, where those of its parent are gone", {
  skip_on_os("windows")
  one <- fit_by(2)
  child <- parallel::mcparallel(fit_by(2))
  expect_identical(parallel::mccollect(child, timeout = 60)[[1]], one)
  child <- parallel::mcparallel(usable_threads(2))
  expect_identical(parallel::mccollect(child)[[1]], 1)
})

test_that("a check for CRAN is given no more than two threads", {
  withr::local_envvar("_R_CHECK_LIMIT_CORES_" = "TRUE")
  expect_identical(usable_threads(4), 2)
  withr::local_envvar("_R_CHECK_LIMIT_CORES_" = "false")
  expect_identical(usable_threads(4), 4)
})

test_that("a run begun by several threads can be told", {
  skip_on_cran() # long
  state <- lbfgsb(rep(0.5, n), fn, lower = 0, upper = 2,
                  control = list(threads = 2, maxit = 5, keep_state = TRUE))$state
  resumed <- lbfgsb_resume(state, fn, control = list(maxit = 8, threads = 1))
  opened <- open_state(state)
  told <- kept_state(resumed(opened, replace(opened$control, "maxit", 8)))
  while (!is.null(par <- lbfgsb_ask(told))) told <- lbfgsb_tell(told, fn(par)$value, gr(par))
  expect_identical(lbfgsb_result(told)$par, resumed$par)
  expect_equal(resumed$iterations, 8)
})
