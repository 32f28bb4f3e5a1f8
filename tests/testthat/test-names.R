# What R and C share by place is held together here: src/r_names.h has a table at each enum.

test_that("the lists of R have C's names, in C's order", {
  names <- .Call(C_names)
  expect_named(fit_template, names$fit)
  expect_named(fit_template$counts, names$count)
  expect_identical(levels(fit_template$bounds), names$bounds)
  expect_named(fit_template$history, c("iteration", names$history))
  expect_named(objective_calls, names$calls)
  expect_named(new_problem(1, -Inf, Inf, 1), names$problem)
  expect_identical(lookalikes, names$lookalikes)
  expect_identical(core_methods, names$methods)
  par <- matrix(0, 1, 1)
  task <- list(fn = function(par, fits) par^2, par = par, lower = par, upper = par, control = default_control)
  expect_named(plain_task(task), names$task)
  expect_named(new_done(par, 1, NULL)$under_way, names$block)
})

test_that("the lists of C have these names", {
  names <- .Call(C_names)
  state <- begin_state(c(1, 2), -Inf, Inf, list())
  expect_named(state, names$state)
  expect_named(kept_state(state), names$sealed)
  expect_named(state$problem, names$problem)
  expect_named(state$run, names$run)
  expect_named(state$run$tally, names$tally)
  lbfgsb(1, function(x) x^2, control = list(callback = function(progress) {
    expect_named(progress, names$progress)
    expect_named(progress$counts, names$count)
  }))
})

test_that("the core's options have R's names, defaults and ranges", {
  core <- .Call(C_names)$options
  core$rescale <- NULL # parscale = "auto"
  expect_identical(lapply(option_rules[names(core)], function(rule) rule$range[1:2]),
                   lapply(core, function(option) option[2:3]))
  by_itself <- vapply(default_control[names(core)], is.null, NA)
  expect_named(by_itself[by_itself], c("m", "pgtol"))
  expect_identical(lapply(default_control[names(core)][!by_itself], as.double),
                   lapply(core[!by_itself], function(option) option[1]))
})

test_that("C reads options each where it belongs", {
  fn <- function(x) sum((x - 1:2)^4)
  gr <- function(x) 4 * (x - 1:2)^3
  run <- function(...) lbfgsb(c(5, 5), fn, gr, control = list(...))
  stopped_by <- function(...) sub(";.*", "", run(...)$message)
  expect_match(stopped_by(maxit = 3), "maxit = 3$")
  expect_match(stopped_by(maxeval = 4), "maxeval = 4$")
  expect_match(stopped_by(maxtime = 0), "maxtime = 0 seconds$")
  expect_match(stopped_by(target = 7), "target = 7$")
  expect_match(stopped_by(pgtol = 0.125), "pgtol = 0.125$")
  expect_match(stopped_by(pgtol = 0, factr = 1e14, confirm = FALSE), "factr = 1e\\+14$")
  downhill <- lbfgsb(c(5, 5), function(x) -fn(x), function(x) -gr(x), control = list(fnscale = -1))
  expect_identical(downhill$convergence, 0L)
  block <- function(m) length(lbfgsb_start(1, control = list(m = m))$run$solver)
  expect_gt(block(20), block(5))
  expect_length(capture.output(fit <- run(trace = 1, REPORT = 2, maxit = 4)), 4)
  cliff <- function(x) if (x < 5) NaN else x
  failed <- suppressWarnings(lbfgsb(5, cliff, function(x) 1, control = list(maxls = 3, confirm = FALSE)))
  expect_identical(failed$nonfinite, 3L)
})
