himmelblau <- function(x) (x[1]^2 + x[2] - 11)^2 + (x[1] + x[2]^2 - 7)^2
four_minima <- rbind(c(3, 2), c(-2.805118, 3.131312), c(-3.779310, -3.283186), c(3.584428, -1.848127))
search_himmelblau <- function(starts = 30, ...) {
  lbfgsb_multistart(starts, himmelblau, ..., lower = c(x = -5, y = -5), upper = 5)
}

# Whether each row of `listed` is among the ends.
found <- function(runs, listed, within = 1e-3) {
  ends <- as.matrix(runs$optima[-(1:4)])
  apply(listed, 1, function(point) any(apply(abs(sweep(ends, 2, point)) < within, 1, all)))
}

test_that("the table has the optima, how often and from where each was found", {
  runs <- search_himmelblau()
  expect_named(runs, c("best", "optima", "runs", "starts", "levels"))
  expect_true(all(found(runs, four_minima)))
  expect_named(runs$optima, c("value", "runs", "converged", "starts", "x", "y"))
  expect_identical(runs$optima$runs, lengths(runs$optima$starts))
  expect_setequal(unlist(runs$optima$starts), 1:30)
  expect_identical(runs$runs$optimum[runs$optima$starts[[2]]], rep(2L, runs$optima$runs[2]))
  expect_identical(dimnames(runs$starts), list(NULL, c("x", "y")))
  expect_false(is.unsorted(runs$optima$value))
  expect_identical(nrow(runs$runs), 30L)
})

test_that("the best one is a fit like any", {
  runs <- search_himmelblau()
  expect_s3_class(runs$best, "lbfgsb")
  expect_identical(runs$best$value, runs$optima$value[1])
  expect_identical(runs$best$convergence, 0L)
  x <- runs$best$par[["x"]]
  y <- runs$best$par[["y"]]
  H <- rbind(c(12 * x^2 + 4 * y - 42, 4 * (x + y)), c(4 * (x + y), 12 * y^2 + 4 * x - 26))
  expect_equal(unname(vcov(runs$best)), solve(H), tolerance = 1e-6)
  expect_equal(unname(vcov(lbfgsb(runs$best$par, himmelblau))), solve(H), tolerance = 1e-6)
})

test_that("starts may be a matrix, a data frame or a list; the dots, gr and the sign are used", {
  scaled <- function(x, k) -k * sum((x - 3)^2)
  slope <- function(x, k) -2 * k * (x - 3)
  starts <- cbind(a = c(1, 5), b = c(0, 9))
  control <- list(fnscale = -1)
  by_matrix <- lbfgsb_multistart(starts, scaled, slope, k = 2, control = control)
  expect_identical(lbfgsb_multistart(as.data.frame(starts), scaled, slope, k = 2, control = control)$optima,
                   by_matrix$optima)
  expect_equal(unlist(by_matrix$optima[c("value", "runs", "a", "b")]), c(value = 0, runs = 2, a = 3, b = 3))
  listed <- lbfgsb_multistart(list(list(p = 1:2), list(p = c(9, 9))), function(par) sum((par$p - 4)^2))
  expect_equal(listed$best$par, list(p = c(4, 4)), tolerance = 1e-6)
})

test_that("starts of a list have one order, that of the first, whatever that of their names", {
  fn <- function(par) (par[["a"]] - 1)^2 + (par[["b"]] - 20)^2
  runs <- lbfgsb_multistart(list(c(a = 1, b = 20), c(b = 20, a = 3), c(3, 20)), fn, lower = c(b = 10))
  expect_equal(unlist(runs$optima[c("runs", "a", "b")]), c(runs = 3, a = 1, b = 20), tolerance = 1e-5)
  listed <- lbfgsb_multistart(list(list(a = 1, b = 20), list(b = 20, a = 3)), function(par) fn(unlist(par)))
  expect_identical(listed$starts, rbind(c(a = 1, b = 20), c(3, 20)))
})

test_that("one parameter keeps its name, whether the starts have names or not", {
  fn <- function(par) (par[["mu"]] - 2)^2
  starts <- cbind(mu = c(1, 3, 9))
  expected <- lbfgsb_multistart(starts, fn)
  expect_equal(coef(expected), c(mu = 2), tolerance = 1e-6)
  rownames(starts) <- c("a", "b", "c")
  frame <- data.frame(mu = c(0, 1, 3, 9))
  for (same in list(starts, as.data.frame(starts), frame[frame$mu > 0, , drop = FALSE])) {
    expect_identical(lbfgsb_multistart(same, fn)[c("optima", "runs")], expected[c("optima", "runs")])
  }
})

test_that("the runs have the names of the starts, though one is NA", {
  starts <- list(c(1, 2), c(-3, 4))
  runs_named <- function(names) lbfgsb_multistart(structure(starts, names = names), function(p) sum((p^2 - 1)^2))$runs
  expect_identical(rownames(runs_named(c("a", "b"))), c("a", "b"))
  expect_identical(runs_named(c("a", NA)), runs_named(c("a", "")))
})

test_that("equal values at different parameters are different optima", {
  two <- lbfgsb_multistart(cbind(a = c(-2, 2, 1)), function(x) (x^2 - 1)^2)
  expect_identical(two$optima$runs, c(1L, 2L)[order(two$optima$a)])
  expect_equal(sort(two$optima$a), c(-1, 1), tolerance = 1e-4)
})

test_that("in other units the same optima are found, by powers of two to the bit", {
  runs <- search_himmelblau(20)
  in_units <- function(unit, scale) {
    lbfgsb_multistart(unit * lbfgsb_starts(20, c(x = -5, y = -5), 5), function(x) scale * himmelblau(x / unit),
                      lower = -5 * unit, upper = 5 * unit, control = list(fnscale = scale))
  }
  by_two <- in_units(2^10, 2^5)
  expect_identical(by_two$optima$x, 2^10 * runs$optima$x)
  expect_identical(by_two$runs$optimum, runs$runs$optimum)
  by_ten <- in_units(1e6, 1e-3)
  expect_identical(nrow(by_ten$optima), 4L)
  expect_true(all(found(by_ten, 1e6 * four_minima, within = 1e3)))
})

test_that("the tolerance and the steps are in the user's units, not those of the distance of starts", {
  fn <- function(x) (x[["a"]] / 1e3 - 2)^2 * (1 + (x[["a"]] / 1e3)^2) + (x[["b"]] * 1e3 - 1)^2
  search <- function(...) {
    lbfgsb_multistart(8, fn, lower = c(a = -1e4, b = -1e-2), upper = c(a = 1e4, b = 1e-2), control = list(...))
  }
  expect_lte(max(abs(search(pgtol = 1e-3)$best$gradient)), 1e-3)
  by_steps <- search(ndeps = c(b = 1e-8, a = 1e-2))
  expect_identical(by_steps$optima$converged, 8L)
  expect_equal(coef(by_steps), c(a = 2000, b = 1e-3), tolerance = 1e-6)
})

test_that("where a parameter is the same in all starts the scales are those of lbfgsb()", {
  nll <- function(p, y) -sum(dgamma(y, p[["shape"]], p[["rate"]], log = TRUE)) # convex: there is one optimum
  for (seed in c(1, 5, 7)) {
    set.seed(seed)
    y <- rgamma(60, 3, 1e-5)
    starts <- cbind(shape = runif(8, 0.5, 6), rate = 1.3e-5)
    search <- function(starts) lbfgsb_multistart(starts, nll, y = y, lower = 1e-11)
    best <- lbfgsb(starts[1, ], nll, y = y, lower = 1e-11)
    runs <- search(starts)
    expect_equal(runs$runs$value, rep(best$value, 8), tolerance = 1e-8)
    expect_identical(c(runs$optima$runs, runs$optima$converged), c(8L, 8L))
    expect_identical(figures_of(search(starts[1, , drop = FALSE])$best), figures_of(best))
    expect_identical(search(starts[c(1, 1), ])$optima$runs, 2L)
  }
})

test_that("a tiny number that is the same in all starts holds no run where it is", {
  set.seed(1)
  x <- rnorm(100, 3, 2)
  nll <- function(p) -sum(dnorm(x, p[1], sqrt(p[2]^2 + 0.01), log = TRUE))
  for (tiny in c(1e-8, 1e-6)) {
    starts <- cbind(c(0, 0.5, 1, 2), tiny)
    expect_equal(lbfgsb_multistart(starts, nll)$runs$value, apply(starts, 1, function(s) lbfgsb(s, nll)$value), tolerance = 1e-8)
  }
  fixed <- lbfgsb_multistart(cbind(a = 1:4, b = 1e-12), function(p) sum((p - 3)^2), lower = c(b = 1e-12), upper = c(b = 1e-12),
                             control = list(pgtol = 1e-4))
  expect_identical(fixed$optima$converged, 4L)
  expect_match(fixed$best$message, "within pgtol")
})

test_that("of a parameter that is the same in all starts the rounding of the ends makes no optima", {
  bowl <- function(p, b) (p[[1]] - 1)^2 + (p[[2]] - b)^2
  for (b in c(0, 1e3)) {
    expect_identical(lbfgsb_multistart(cbind(a = -9:10, b = b), bowl, b = b)$optima$runs, 20L)
    expect_identical(lbfgsb_multistart(cbind(a = 1:4, b = b * (1 + 1e-9 * 1:4)), bowl, b = b + 1)$optima$runs, 4L)
  }
})

test_that("starts of a number at which fn is not finite are drawn anew, the same in each call", {
  half <- function(x) if (x[["a"]] + x[["b"]] > 0) Inf else sum((x + 1)^2)
  search <- function(starts = 12, fn = half, ...) lbfgsb_multistart(starts, fn, lower = c(a = -2, b = -2), upper = 2, ...)
  runs <- search()
  first <- lbfgsb_starts(12, c(a = -2, b = -2), 2)
  outside <- rowSums(first) > 0
  expect_gt(sum(outside), 3)
  expect_identical(runs$runs$redrawn > 0, outside)
  expect_identical(runs$starts[!outside, ], first[!outside, ])
  expect_true(all(rowSums(runs$starts) <= 0))
  expect_identical(anyDuplicated(runs$starts), 0L)
  expect_identical(search()$starts, runs$starts)
  expect_output(print(runs), paste(sum(outside), "starts drawn anew, as fn or its gradient was not finite there."), fixed = TRUE)
  given <- search(first)
  expect_identical(is.na(given$runs$optimum), outside)
  expect_identical(given$starts, first)
  corner <- search(fn = function(x) if (max(x) > -1.6) Inf else sum(x^2))
  expect_true(anyNA(corner$runs$redrawn))
  listed <- lbfgsb_multistart(9, function(p) half(c(a = p$s, b = p$b[["y"]])), lower = list(s = -2, b = c(x = 0, y = -2)),
                              upper = 2)
  expect_true(all(rowSums(listed$starts[, c("s", "b.y")]) <= 0))
  expect_identical(listed$best$value, min(listed$runs$value))
})

test_that("runs that fail are told, and if all fail it is an error that names why", {
  picky <- function(x) if (x[1] < 0) stop("negative") else sum((x - 1)^2)
  runs <- lbfgsb_multistart(cbind(a = c(-1, 2, 3)), picky)
  expect_identical(runs$runs$optimum, c(NA, 1L, 1L))
  expect_identical(runs$runs$message[1], "negative")
  expect_true(is.na(runs$runs$value[1]))
  expect_snapshot(error = TRUE, lbfgsb_multistart(cbind(a = c(-1, -2)), picky))
  error <- tryCatch(lbfgsb_multistart(cbind(a = c(-1, -2)), picky), error = identity)
  expect_s3_class(error, "lbfgsb_error_starts")
  expect_identical(error$failures, data.frame(message = "negative", times = 2L))
})

test_that("a seed that fn cannot take is told to be one for the starts", {
  expect_snapshot(error = TRUE, lbfgsb_multistart(5, function(x) sum(x^2), lower = c(a = 0), upper = 1, seed = 2))
  for (fn in list(function(x, seed) sum(x^2) + seed, function(x, ...) sum(x^2) + list(...)$seed, function(x, seeds) sum(x^2) + seeds)) {
    expect_s3_class(lbfgsb_multistart(2, fn, lower = c(a = 0), upper = 1, seed = 2), "lbfgsb_multistart")
  }
})

test_that("what a run would warn of again is not said again", {
  warnings <- 0
  withCallingHandlers(
    runs <- lbfgsb_multistart(cbind(a = c(-3, 1)), function(x) (x - 1)^2, lower = 0),
    warning = function(w) {
      warnings <<- warnings + 1
      tryInvokeRestart("muffleWarning")
    }
  )
  expect_identical(warnings, 1)
  expect_identical(runs$starts[, "a"], c(0, 1))
})

test_that("runs that have not converged are counted where they ended", {
  runs <- search_himmelblau(5, control = list(maxit = 1))
  expect_identical(sum(runs$optima$converged), 0L)
  expect_identical(runs$runs$convergence, rep(1L, 5))
})

test_that("wrong starts are errors", {
  fn <- function(x) sum(x^2)
  expect_snapshot(error = TRUE, {
    lbfgsb_multistart("ten", fn)
    lbfgsb_multistart(10, fn)
    lbfgsb_multistart(list(1, c(1, 2)), fn)
    lbfgsb_multistart(list(c(a = 1, b = 2), c(a = 1, c = 2)), fn)
    lbfgsb_multistart(cbind(a = c(1, NA)), fn)
    lbfgsb_multistart(cbind(a = 1:2), 3)
    lbfgsb_multistart(fn, n = 20)
  })
})

test_that("over one and two workers the result is the same to the bit", {
  skip_on_cran()
  alone <- search_himmelblau(11)
  for (workers in 1:2) {
    cluster <- parallel::makePSOCKcluster(workers)
    together <- search_himmelblau(11, control = list(cluster = cluster))
    parallel::stopCluster(cluster)
    expect_identical(together[-1], alone[-1])
    expect_identical(figures_of(together$best), figures_of(alone$best))
  }
})

test_that("the random numbers of the user stay", {
  withr::local_seed(5)
  before <- .Random.seed
  search_himmelblau(3)
  expect_identical(.Random.seed, before)
})

test_that("print and plot", {
  failing <- function(x) if (x[1] > 2) stop("beyond 2") else himmelblau(x) - x[["b"]] # no two ends alike
  runs <- lbfgsb_multistart(rbind(c(a = -3, b = -3), c(-3, -2.9), c(-3, 3), c(3, 3)), failing)
  expect_snapshot({
    print(runs, digits = 3)
    print(runs, digits = 3, rows = 1)
  }, transform = function(lines) sub("[0-9.]+e-[0-9]+", "#", lines))
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  expect_identical(expect_invisible(plot(runs)), runs)
})

test_that("plot() draws the runs by their values, the best first", {
  for (sign in c(1, -1)) {
    runs <- lbfgsb_multistart(cbind(c(1, 3, 5, 2.99, 1.01)), function(x) sign * sin(x * 3) / x, lower = 0.5, upper = 6,
                              control = list(fnscale = sign))
    expect_gt(max(runs$runs$optimum), 1)
    expect_identical(runs_by_value(runs)$value, rep(runs$optima$value, runs$optima$runs))
  }
})

test_that("plot() puts runs that ended far off at the edge, unless they are the most", {
  far <- function(values) which(are_far(values))
  expect_identical(far(c(0, 0, 1, 2, 1e6, 2e6)), 5:6)
  expect_identical(far(c(0, 0, 1, 1e6, 1e6, 2e6, 3e6)), integer())
  expect_identical(far(-c(0, 1, 2, 5000)), 4L)
  for (values in list(1, c(1, 1), c(0, 1e9), c(0, 0, 1e9))) expect_identical(far(values), integer())
  fn <- function(x) if (abs(x) > 3) 1e6 + x else (x^2 - 1)^2 + x / 10
  runs <- lbfgsb_multistart(cbind(x = c(-1, 1, -2, 2, 1.5, 4)), fn, lower = -5, upper = 5)
  grDevices::pdf(NULL)
  withr::defer(grDevices::dev.off())
  plot(runs)
  expect_lt(par("usr")[4], 1)
  plot(runs, ylim = c(0, 1e6))
  expect_gt(par("usr")[4], 1e6)
})

test_that("plot() draws optima that share a value as equal, not their rounding", {
  runs <- search_himmelblau()
  expect_identical(runs$levels, rep(1L, 4))
  expect_identical(as.data.frame(runs)[c("optimum", "level")], data.frame(optimum = 1:4, level = 1L))
  drawn <- runs_by_value(runs)
  expect_identical(unique(drawn$value), runs$best$value)
  expect_identical(drawn$optimum, rep(1:4, runs$optima$runs))
  expect_identical(drawn$level, rep(1L, 30))
  wells <- function(x) (x[[1]]^2 - 1)^2 + 3 * (x[[2]]^2 - 1)^2 - x[[2]] / 10 # two values, each of two optima
  paired <- lbfgsb_multistart(cbind(a = c(2, -2, 2, -2), b = c(2, 2, -2, -2)), wells)
  expect_identical(paired$levels, c(1L, 1L, 2L, 2L))
  expect_identical(runs_by_value(paired)$value, rep(paired$optima$value[c(1, 3)], each = 2))
  three <- lbfgsb_multistart(cbind(a = c(2, -2, 2), b = c(2, 2, -2)), wells)
  shown <- capture.output(print(three))
  expect_match(shown[3], "^ +level +value runs converged +a +b$")
  expect_match(paste(shown, collapse = " "), "1 of 2 values (`level`) was found only once: others", fixed = TRUE)
})

test_that("how often an optimum was found is counted by its value, however often its parts change places", {
  y <- c(qnorm(ppoints(40), 2), qnorm(ppoints(60), 6, 0.7))
  nll <- function(p) -sum(log(p["w"] * dnorm(y, p["m1"], p["s1"]) + (1 - p["w"]) * dnorm(y, p["m2"], p["s2"])))
  lower <- c(w = 0.05, m1 = 0, m2 = 0, s1 = 0.2, s2 = 0.2)
  starts <- rbind(c(w = 0.4, m1 = 2, m2 = 6, s1 = 1, s2 = 1), c(0.6, 6, 2, 1, 1))
  runs <- lbfgsb_multistart(starts, nll, lower = lower, upper = c(w = 0.95))
  expect_identical(runs$optima$runs, c(1L, 1L))
  said <- paste(capture.output(print(runs)), collapse = " ")
  expect_match(said, "2 optima have the same value at different parameters (2 runs)", fixed = TRUE)
  expect_no_match(said, "only once")
})

test_that("print() names the bounds at which the best is", {
  at <- function(lower) capture.output(print(lbfgsb_multistart(cbind(a = 3:4, b = 5:6), function(x) sum(x^2), lower = lower)))
  expect_match(at(c(a = 1)), "The best is at a bound: a at lower.", fixed = TRUE, all = FALSE)
  expect_no_match(at(-1), "bound")
})

test_that("one warning says how many starts were outside of the box", {
  expect_snapshot(runs <- lbfgsb_multistart(cbind(a = -2:2, b = 1), function(x) sum((x - 1)^2), lower = 0))
  expect_identical(runs$starts[, "a"], c(0, 0, 0, 1, 2))
  moved <- tryCatch(lbfgsb_multistart(cbind(a = c(1, -1), b = c(-1, 1)), function(x) sum(x^2), lower = 0),
                    lbfgsb_warning_outside = function(w) w$elements)
  expect_identical(moved, 1:2)
})

test_that("the messages of the table are without the figures that its columns have", {
  runs <- search_himmelblau(3)
  expect_identical(runs$runs$message[runs$optima$starts[[1]][1]], sub("; value.*", "", runs$best$message))
})

test_that("what takes a fit takes the best run", {
  nll <- function(par, y) -sum(dnorm(y, par[["mu"]], par[["sigma"]], log = TRUE))
  runs <- lbfgsb_multistart(cbind(mu = c(10, 20), sigma = c(3, 9)), nll, y = cars$speed, lower = c(sigma = 0.1),
                            control = list(fn_is = "negloglik", nobs = 50))
  as_best <- list(logLik, AIC, BIC, extractAIC, deviance, nobs, df.residual, profile, lbfgsb_hessian,
                  function(x) inverse_hessian(x)(c(1, 1)), function(x) lbfgsb_delta(x, sum),
                  function(x) lbfgsb_boot(x, 3, data = "y")$t, function(x) lbfgsb_starts(3, around = x),
                  function(x) coef(update(x, y = cars$dist, control = list(nobs = 50))))
  for (made in as_best) expect_identical(made(runs), made(runs$best))
  smaller <- update(runs, fixed = c(sigma = 5))
  expect_equal(anova(runs, smaller), anova(runs$best, smaller), ignore_attr = "heading")
  expect_equal(anova(smaller, runs), anova(runs$best, smaller), ignore_attr = "heading")
  unknown <- lbfgsb_multistart(cbind(a = 1:2), function(x) (x - 3)^2, control = list(fn_is = "negloglik"))
  expect_warning(BIC(unknown), class = "lbfgsb_warning_nobs")
  expect_error(sigma(unknown), class = "lbfgsb_error_argument")
  with_gradient <- lbfgsb_multistart(cbind(a = 1:2), function(x) (x - 3)^2, function(x) 2 * (x - 3))
  expect_true(check_gradient(with_gradient)$fits)
  expect_error(lbfgsb_resume(runs), "its `best`", class = "lbfgsb_error_state")
  for (has_none in list(formula, terms, simulate, family, residuals)) {
    said <- lapply(list(runs, runs$best), function(x) tryCatch(has_none(x), lbfgsb_error_argument = conditionMessage))
    expect_identical(said[[1]], said[[2]])
  }
})

test_that("odd starts and bounds say what to do", {
  expect_snapshot(error = TRUE, {
    lbfgsb_multistart(fn = himmelblau)
    lbfgsb_multistart(10)
    lbfgsb_multistart(10, himmelblau, lower = -5, upper = 5)
    lbfgsb_multistart(c(1, 2), himmelblau)
    lbfgsb_multistart(list(x = 1, y = 2), function(par) par$x^2 + par$y^2)
  })
  expect_error(lbfgsb_multistart(cbind(1, 2), himmelblau, contrl = list()), "`control`", class = "lbfgsb_error_argument")
  expect_silent(fixed <- search_himmelblau(5, fixed = c(x = 1)))
  expect_identical(fixed$best$par[["x"]], 1)
  native <- native_objective("lbfgsb_example", package = "lbfgsb", data = c(1, 2))
  expect_silent(lbfgsb_multistart(cbind(0, 0:1), native, hessian = TRUE))
})

# All minima, from 50 starts ---------------------------------------------------------------------------------

camel <- function(x) (4 - 2.1 * x[1]^2 + x[1]^4 / 3) * x[1]^2 + x[1] * x[2] + 4 * (x[2]^2 - 1) * x[2]^2
branin <- function(x) {
  (x[2] - 5.1 / (4 * pi^2) * x[1]^2 + 5 / pi * x[1] - 6)^2 + 10 * (1 - 1 / (8 * pi)) * cos(x[1]) + 10
}
mixture <- function(par, y) {
  -sum(log(par[1] * dnorm(y, par[2], par[4]) + (1 - par[1]) * dnorm(y, par[3], par[5])))
}
six_minima <- rbind(c(0.089842, -0.712656), c(1.703607, -0.796084), c(1.607105, 0.568651))
three_minima <- rbind(c(-pi, 12.275), c(pi, 2.275), c(3 * pi, 2.475))

# Of 20 seeds, for how many all of the listed minima were found from 50 starts.
seeds_with_all <- function(fn, lower, upper, listed, ...) {
  sum(vapply(1:20, function(seed) {
    starts <- lbfgsb_starts(50, lower, upper, seed = seed)
    all(found(lbfgsb_multistart(starts, fn, ..., lower = lower, upper = upper), listed))
  }, NA))
}

test_that("all minima of the camel, Himmelblau's and Branin's functions are found from 50 starts", {
  skip_on_cran()
  expect_gte(seeds_with_all(camel, c(-3, -2), c(3, 2), rbind(six_minima, -six_minima)), 19)
  expect_gte(seeds_with_all(himmelblau, c(-5, -5), c(5, 5), four_minima), 19)
  expect_gte(seeds_with_all(branin, c(-5, 0), c(10, 15), three_minima), 19)
})

test_that("all minima of a mixture are found from 50 starts, those by a change of labels too", {
  skip_on_cran()
  skip_if_not_installed("MASS")
  one <- rbind(c(0.085185, 9.709357, 21.864186, 0.422103, 3.144630),
               c(0.254762, 19.276851, 21.359079, 8.190002, 1.890305))
  changed <- cbind(1 - one[, 1], one[, c(3, 2, 5, 4)])
  lower <- c(0.01, 5, 5, 0.1, 0.1)
  upper <- c(0.99, 35, 35, 10, 10)
  expect_gte(seeds_with_all(mixture, lower, upper, rbind(one, changed), y = MASS::galaxies / 1000), 19)
})

test_that("coef, vcov, confint and summary are those of the best run, and optima found once ask for more starts", {
  humps <- function(x) sum(x^4 - 8 * x^2 + x)
  runs <- lbfgsb_multistart(cbind(a = c(-3, -1, 2)), humps, control = list(fn_is = "negloglik"))
  expect_identical(coef(runs), coef(runs$best))
  expect_identical(vcov(runs), vcov(runs$best))
  expect_identical(confint(runs, "a", 0.9), confint(runs$best, "a", 0.9))
  expect_identical(confint(runs), confint(runs$best))
  expect_s3_class(summary(runs), "summary.lbfgsb")
  expect_output(print(runs), "1 optimum was found only once: others", fixed = TRUE)
  best <- lbfgsb_multistart(cbind(a = c(-3, 2)), humps, control = list(fn_is = "negloglik"))
  expect_match(paste(capture.output(print(best)), collapse = " "), "2 optima were found only once: the best is among them")
  twice <- lbfgsb_multistart(cbind(a = c(-3, -2)), humps)
  expect_false(any(grepl("only once", capture.output(print(twice)))))
})

test_that("optima of the same value are told: a model that is not identified, components that have changed places", {
  nll <- function(par) -sum(dnorm(cars$speed, par["a"] + par["b"], par["s"], log = TRUE))
  lower <- c(a = -10, b = -10, s = 0.1)
  flat <- lbfgsb_multistart(8, nll, lower = lower, upper = c(a = 30, b = 30, s = 20))
  expect_snapshot(print(flat, digits = 3, rows = 2), transform = function(lines) {
    grep("^ *(level|[12] )", lines, value = TRUE, invert = TRUE) # which of equal optima are first is up to rounding
  })
  expect_identical(flat$levels, rep(1L, 8))
  y <- faithful$eruptions
  mixture <- function(par) {
    density <- par["p"] * dnorm(y, par["m1"], par["s1"]) + (1 - par["p"]) * dnorm(y, par["m2"], par["s2"])
    -sum(log(density))
  }
  switched <- lbfgsb_multistart(10, mixture, lower = c(p = 0.05, m1 = 1.5, s1 = 0.1, m2 = 1.5, s2 = 0.1),
                                upper = c(p = 0.95, m1 = 5, s1 = 1.5, m2 = 5, s2 = 1.5))
  expect_snapshot(print(switched, digits = 3))
  one <- lbfgsb_multistart(4, function(x) sum((x - 1)^2), lower = c(a = -5, b = -5), upper = 5)
  expect_identical(one$levels, 1L)
  expect_no_match(capture.output(print(one)), "same value")
})

test_that("print() says how the best run ended where it is in doubt, as whether fn is to be maximized", {
  loglik <- function(p) sum(dgamma(rivers, p["shape"], p["rate"], log = TRUE))
  starts <- function(...) {
    lbfgsb_multistart(3, loglik, lower = c(shape = 0.1, rate = 1e-4), upper = c(shape = 20, rate = 1), ...)
  }
  in_one_line <- function(runs) paste(capture.output(print(runs)), collapse = " ")
  in_doubt <- list(starts(), lbfgsb_multistart(cbind(a = 1:2), function(a) -a^2),
                   lbfgsb_multistart(cbind(a = 1:2), function(a) (a - 9)^2, control = list(maxit = 0)))
  for (runs in in_doubt) expect_match(in_one_line(runs), paste0("The best run: ", runs$best$message, "."), fixed = TRUE)
  expect_match(in_doubt[[1]]$best$message, "every parameter is at a bound; if `fn` is a", fixed = TRUE)
  expect_no_match(in_one_line(lbfgsb_multistart(cbind(a = 1:2), function(a) (a - 9)^2)), "The best run")
  said <- capture.output(print(starts(control = list(fn_is = "loglik"))))
  expect_no_match(said, "log-likelihood", fixed = TRUE)
})

test_that("ends of runs that have not converged say nothing of the model", {
  stopped <- lbfgsb_multistart(list(c(1, 2.5), c(2.5, 1), c(3, 0.5)), function(p) (sum(p) - 3)^2, control = list(maxit = 0))
  expect_output(print(stopped), "The best run")
  expect_false(any(grepl("optima have the same value", capture.output(print(stopped)))))
})

test_that("what says how many starts, or about what, is told by its name", {
  fn <- function(p) sum(p^2)
  expect_error(lbfgsb_multistart(2.5, fn, lower = -1, upper = 1), "`starts` must be a whole number", class = "lbfgsb_error_argument")
  expect_error(lbfgsb_starts(2, around = "a"), "`around` must be a point", class = "lbfgsb_error_argument")
})

test_that("residuals and predictions of runs are refused as those of a fit are", {
  runs <- lbfgsb_multistart(2, function(p) sum(p^2), lower = c(a = -1), upper = 1)
  for (method in list(residuals, fitted, predict)) expect_error(method(runs), "lbfgsb_delta", class = "lbfgsb_error_argument")
})

test_that("starts that are lists and fail are not told that `fn` may want vectors, unless all do", {
  fn <- function(p) if (p$a < 0) stop("not there") else (p$a - 1)^2 + p$b^2
  starts <- lapply(c(-2, -1, 1, 2), function(a) list(a = a, b = 1))
  expect_no_warning(runs <- lbfgsb_multistart(starts, fn))
  expect_identical(sum(runs$optima$runs), 2L)
  expect_no_warning(told <- expect_error(lbfgsb_multistart(starts, function(p) sum(p^2)), class = "lbfgsb_error_starts"))
  expect_match(conditionMessage(told), "if it expects a vector, give vectors", fixed = TRUE)
})

test_that("parameters that are called as columns of the table are shown beside these", {
  fn <- function(p) (p[["level"]] - 7)^2 + (p[["starts"]] - 3)^2 + (p[["value"]] - 5)^2
  runs <- lbfgsb_multistart(3, fn, lower = c(level = 0, starts = 0, value = 0), upper = 10)
  table <- as.data.frame(runs)
  expect_named(table, c("optimum", "level", "value", "runs", "converged", "level.1", "starts", "value.1"))
  expect_equal(unlist(table[c("level.1", "starts", "value.1")], use.names = FALSE), c(7, 3, 5), tolerance = 1e-4)
  expect_output(print(runs, digits = 3), "value runs converged level.1 starts value.1")
})

test_that("BIC() of several fits names its rows as they are called", {
  squares <- function(p) sum((cars$dist - p[1] - p[2] * cars$speed)^2)
  control <- list(fn_is = "squares", nobs = 50)
  fit <- lbfgsb(c(a = 0, b = 1), squares, control = control)
  runs <- lbfgsb_multistart(lbfgsb_starts(3, around = fit), squares, control = control)
  expect_identical(rownames(BIC(runs, fit)), c("runs", "fit"))
  expect_equal(BIC(runs), BIC(fit))
})

test_that("bounds in lists with one number for each say why an fn of longer parts fails, and how to give the starts", {
  mix <- function(p, y) -sum(log(p$w * dnorm(y, p$m[1], p$s) + (1 - p$w) * dnorm(y, p$m[2], p$s)))
  by <- function(starts, ...) lbfgsb_multistart(starts, mix, y = faithful$waiting, ..., control = list(fn_is = "negloglik"))
  lower <- list(w = 0, m = 40, s = 1)
  upper <- list(w = 1, m = 100, s = 20)
  expect_snapshot(by(5, lower = lower, upper = upper), error = TRUE)
  about <- lbfgsb_starts(5, lower, upper, around = list(w = 0.5, m = c(50, 80), s = 5))
  longer <- replace(lower, "m", list(c(40, 40)))
  known <- lbfgsb(c(0.4, 50, 80, 5), function(p, y) mix(list(w = p[1], m = p[2:3], s = p[4]), y), y = faithful$waiting, lower = 1e-3,
                  upper = c(1, 100, 100, 20), control = list(fn_is = "negloglik"))
  for (runs in list(by(about, lower = lower, upper = upper), by(5, lower = longer, upper = upper))) {
    expect_equal(runs$best$value, known$value, tolerance = 1e-8)
  }
})
