test_that("automatic scales are powers of two from the start and the box", {
  sizes <- new_problem(c(1e-5, 1000, 0, 0, 3, 1990), c(-Inf, -Inf, 0, -Inf, 3, 1980),
                       c(Inf, Inf, 10, Inf, 3, 2000), "auto")$parscale
  expect_identical(log2(sizes), c(-17, 10, 3, 0, 2, 4))
})

test_that("automatic scales solve what is badly scaled", {
  fn <- function(x) sum((x / c(1e-6, 1, 1e6) - 1:3)^4 + (x / c(1e-6, 1, 1e6) - 1:3)^2)
  fit <- lbfgsb(c(2e-6, 3, 1e6), fn, control = list(parscale = "auto"))
  expect_equal(fit$par / c(1e-6, 1, 1e6), 1:3, tolerance = 1e-4)
})

test_that("where the start and the box say nothing the gradient does, as a power of two", {
  sizes <- c(NA, 4, NA, 0.5, NA)
  expect_identical(sizes_by_gradient(sizes, c(2^10, 2, -1, 16, 2^-30), 0), c(2^-7, 4, 8, 0.5, 1))
  expect_identical(sizes_by_gradient(sizes, c(2^10, 0, 0, 0, 1), 0), c(0.5, 4, 1, 0.5, 2^9))
  expect_identical(sizes_by_gradient(sizes, c(8, 2, 1, 16, 1e-5), 1e-4), c(1, 4, 8, 0.5, 1))
  expect_identical(sizes_by_gradient(sizes, numeric(5), 0), c(1, 4, 1, 0.5, 1))
  expect_true(all(is.finite(1 / sizes_by_gradient(c(NA, 1), c(1e300, 1e-300), 0))))
})

# A sum of quartics in x / scale, (0, 0, 0) their start
quartics <- function(scale, target = c(-1, 3, 2)) {
  list(fn = function(x) sum((x / scale - target)^4 + (x / scale - target)^2),
       gr = function(x) (4 * (x / scale - target)^3 + 2 * (x / scale - target)) / scale,
       solution = scale * target)
}

test_that("automatic scales solve what is badly scaled from a start at 0", {
  p <- quartics(c(1e-6, 1, 1e6))
  auto <- lbfgsb(c(0, 0, 0), p$fn, p$gr, control = list(parscale = "auto"))
  expect_equal(auto$par / p$solution, c(1, 1, 1), tolerance = 1e-4)
  expect_lt(auto$counts[["function"]], 30)
  plain <- lbfgsb(c(0, 0, 0), p$fn, p$gr)
  expect_gt(max(abs(plain$par / p$solution - 1)), 0.9)

  p <- quartics(c(1e-4, 1, 100))
  by_differences <- lbfgsb(c(0, 0, 0), p$fn, control = list(parscale = "auto"))
  expect_equal(by_differences$par / p$solution, c(1, 1, 1), tolerance = 1e-4)
  expect_lt(by_differences$counts[["function"]], 200)
})

test_that("with automatic scales the units do not matter, to the bit", {
  p <- quartics(c(1, 3, 0.7))
  run <- function(unit) {
    lbfgsb(c(0, 0, 0), function(x) p$fn(x / unit), function(x) p$gr(x / unit) / unit,
           control = list(parscale = "auto"))
  }
  for (unit in list(2^c(-20, 0, 4), 2^c(10, 0, -10))) {
    expect_identical(run(unit)$par, run(1)$par * unit)
    expect_identical(run(unit)$history, run(1)$history)
  }
})

test_that("the evaluation that tells sizes is counted, and within maxeval", {
  p <- quartics(c(1e-4, 1, 100))
  for (gr in list(p$gr, NULL)) {
    for (maxeval in c(1:20, 60)) {
      calls <- 0
      fn <- function(x) {
        calls <<- calls + 1
        p$fn(x)
      }
      control <- list(parscale = "auto", maxeval = maxeval)
      fit <- tryCatch(lbfgsb(c(0, 0, 0), fn, gr, control = control), error = identity)
      expect_lte(calls, maxeval)
      expect_identical(fit$counts[["function"]], as.integer(calls))
      expect_identical(fit$value, p$fn(fit$par))
    }
  }
})

test_that("a start that is not finite, or fails, is no different with automatic scales", {
  auto <- list(parscale = "auto")
  error_of <- function(...) {
    error <- tryCatch(lbfgsb(c(0, 0), ..., control = auto), error = identity)
    c(class(error), conditionMessage(error))
  }
  fn <- function(x) sum((x - 1)^2)
  expect_identical(error_of(function(x) NaN, function(x) stop("not asked for"))[1], "lbfgsb_error_start")
  expect_match(error_of(fn, function(x) c(1, NaN)), "finite at the start", all = FALSE)
  expect_match(error_of(fn, function(x) 1), "must return a gradient of 2", all = FALSE)
  expect_match(lbfgsb(c(0, 0), function(x) lbfgsb_stop(), control = auto)$message, "stopped on request")

  p <- quartics(c(1e-4, 1, 100))
  whole <- lbfgsb(c(0, 0, 0), p$fn, control = auto)
  for (fails_at in c(1, 3, 8, 10, 30)) {
    calls <- 0
    failing <- function(x) if ((calls <<- calls + 1) == fails_at) stop("no more") else p$fn(x)
    error <- tryCatch(lbfgsb(c(0, 0, 0), failing, control = auto), error = identity)
    expect_s3_class(error, "lbfgsb_unfinished")
    rest <- lbfgsb_resume(error$state, p$fn)
    expect_identical(rest[c("par", "history")], whole[c("par", "history")])
  }
})

test_that("who is told sizes the run by its first gradient as well", {
  p <- quartics(c(1e-6, 1, 1e6))
  state <- lbfgsb_start(c(0, 0, 0), control = list(parscale = "auto"))
  state <- lbfgsb_tell(state, p$fn(lbfgsb_ask(state)), p$gr(lbfgsb_ask(state)))
  rest <- lbfgsb_resume(state, p$fn, p$gr)
  whole <- lbfgsb(c(0, 0, 0), p$fn, p$gr, control = list(parscale = "auto"))
  expect_identical(rest[c("par", "history")], whole[c("par", "history")])
  expect_identical(rest$counts, whole$counts - 1L)
})

test_that("what comes after the run has its scales", {
  p <- quartics(c(1e-4, 1, 100), c(1, 1, 1))
  fit <- lbfgsb(c(0, 0, 0), p$fn, p$gr, control = list(parscale = "auto"))
  expect_identical(round(log2(fit$objective$problem$parscale / c(1e-4, 1, 100))), c(0, 0, 0))
  expect_equal(unname(sqrt(diag(vcov(fit)))), c(1e-4, 1, 100) / sqrt(2), tolerance = 1e-3)
})
