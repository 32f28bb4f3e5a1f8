# Gradients by differences in C (src/differences.c, src/r_differences.c); the machine alone: tests/core.

curved <- function(x) sum((x - seq_along(x))^4) + sum((x - seq_along(x))^2)
noisy <- function(f, level) function(x) f(x) * (1 + level * sin(1e9 * sum(x * sqrt(1 + seq_along(x)))))

# The points at which `fn` was evaluated, a row each
points_of <- function(run, fn) {
  points <- list()
  fit <- run(function(x) {
    points[[length(points) + 1]] <<- x
    fn(x)
  })
  list(points = do.call(rbind, points), fit = fit)
}

test_that("a run is taken up at any evaluation, to the bit, with the counts of the whole run", {
  skip_on_cran() # long
  cases <- list(
    list(fn = curved, par = c(0, 5), control = list(parscale = c(1, 3), fnscale = 7)),
    list(fn = noisy(curved, 1e-7), par = c(0, 5), control = list()),
    list(fn = curved, par = c(0, 5), control = list(gradient = "central", ndeps = 1e-4))
  )
  for (case in cases) {
    whole <- lbfgsb(case$par, case$fn, control = case$control)
    for (last in seq_len(whole$counts[["function"]])) {
      calls <- 0
      failing <- function(x) if ((calls <<- calls + 1) == last) stop("lost") else case$fn(x)
      lost <- tryCatch(lbfgsb(case$par, failing, control = case$control), error = identity)
      expect_identical(figures_of(lbfgsb_resume(through_file(lost$state), case$fn)), figures_of(whole))
    }
  }
})

test_that("`maxeval` is the number of evaluations, within a gradient too", {
  whole <- lbfgsb(c(0, 5, 1), curved)
  for (limit in 1:20) {
    run <- points_of(function(fn) lbfgsb(c(0, 5, 1), fn, control = list(maxeval = limit, keep_state = TRUE)), curved)
    expect_identical(nrow(run$points), limit)
    expect_identical(run$fit$counts[["function"]], limit)
    expect_identical(figures_of(lbfgsb_resume(run$fit, curved, control = list(maxeval = Inf))), figures_of(whole))
  }
})

test_that("`maxtime` is looked at before each difference", {
  calls <- 0
  slow <- function(x) {
    calls <<- calls + 1
    Sys.sleep(0.01)
    curved(x)
  }
  fit <- lbfgsb(rep(0, 50), slow, control = list(maxtime = 0.05))
  expect_match(fit$message, "maxtime")
  expect_lte(calls, 6)
})

test_that("no point leaves the box, in the user's units, and bounds are met to the bit", {
  lower <- c(0.1, 1 / 3, -0.7)
  upper <- lower + c(1e-7, 0.5, 2)
  for (gradient in c("auto", "forward", "central")) {
    run <- points_of(function(fn) {
      lbfgsb(lower, fn, lower = lower, upper = upper, control = list(parscale = c(3, 0.7, 1.1), gradient = gradient))
    }, curved)
    expect_true(all(t(run$points) >= lower & t(run$points) <= upper))
    expect_identical(run$fit$par, upper)
  }
})

test_that("a point that fn kept stays as it was", {
  kept <- list()
  fit <- lbfgsb(c(a = 0, b = 5), function(x) {
    kept[[length(kept) + 1]] <<- list(x, curved(x))
    curved(x)
  })
  for (point in kept) expect_identical(curved(point[[1]]), point[[2]])
  expect_gt(nrow(unique(do.call(rbind, lapply(kept, `[[`, 1)))), length(kept) - 3)
})

test_that("forward differences give way to central ones, by fewer evaluations", {
  auto <- lbfgsb(rep(0, 8), curved)
  central <- lbfgsb(rep(0, 8), curved, control = list(gradient = "central"))
  expect_identical(auto$convergence, 0L)
  expect_lt(auto$counts[["function"]], 0.7 * central$counts[["function"]])
  expect_equal(auto$par, 1:8, tolerance = 1e-5)
})

test_that("in units by powers of two a run is the same to the bit", {
  scales <- 2^c(-3, 5)
  rescaled <- lbfgsb(c(0, 5) * scales, function(x) 4 * curved(x / scales), control = list(parscale = scales, fnscale = 4))
  run <- lbfgsb(c(0, 5), curved, control = list(parscale = 1))
  expect_identical(rescaled$par / scales, run$par)
  expect_identical(rescaled$counts, run$counts)
  alone <- lbfgsb(c(3, 5), curved) # the scale that a start at 0 lacks is known after the first gradient
  found <- lbfgsb(c(3, 5) * scales, function(x) 8 * curved(x / scales))
  expect_identical(found$par / scales, alone$par)
  expect_identical(found$counts, alone$counts)
  expect_identical(found$gap / 8, alone$gap)
})

test_that("fn that delivers its gradient in some calls is taken at its word there", {
  gr <- function(x) 4 * (x - seq_along(x))^3 + 2 * (x - seq_along(x))
  always <- lbfgsb(c(0, 5), function(x) list(value = curved(x), gradient = gr(x)))
  expect_identical(figures_of(always), figures_of(lbfgsb(c(0, 5), curved, gr)))
  calls <- 0
  sometimes <- lbfgsb(c(0, 5), function(x) {
    calls <<- calls + 1
    if (calls %% 2 == 0) list(value = curved(x), gradient = gr(x)) else list(value = curved(x))
  })
  expect_identical(sometimes$convergence, 0L)
  expect_equal(sometimes$par, 1:2, tolerance = 1e-5)
  expect_identical(sometimes$counts[["function"]], as.integer(calls))
})

test_that("a run may go on by another way to the gradient", {
  gr <- function(x) 4 * (x - seq_along(x))^3 + 2 * (x - seq_along(x))
  for (limit in 1:25) {
    part <- lbfgsb(c(0, 5, 1), curved, control = list(maxeval = limit, keep_state = TRUE))
    for (method in c("forward", "central", "richardson", "complex")) {
      fit <- lbfgsb_resume(part, curved, control = list(gradient = method, maxeval = Inf))
      expect_equal(fit$par, 1:3, tolerance = 1e-4)
    }
    fit <- lbfgsb_resume(part, curved, gr, control = list(maxeval = Inf))
    expect_identical(fit$convergence, 0L)
    expect_equal(fit$par, 1:3, tolerance = 1e-5)
  }
})

test_that("noise that is smooth at the finest scale is found at a coarser one", {
  for (p in problems[c("poisson_offset", "logistic_offset")]) {
    weights <- sqrt(c(2, 3, 5, 7, 11))[seq_along(p$par)]
    fn <- function(x) p$fn(x) * (1 + 1e-6 * sin(1e9 * sum(x * weights)))
    fit <- suppressWarnings(lbfgsb(p$par, fn, lower = p$lower, upper = p$upper))
    expect_match(fit$message, "noise of about [1-9]e-0[678]")
    expect_lt(p$fn(fit$par) - p$best, 1e-4 * (p$fn(p$par) - p$best))
  }
})

test_that("a fit of few digits that begins again at its end does not leave it for the shape of f", {
  for (seed in 1:10) {
    set.seed(seed)
    X <- cbind(1, rnorm(500, 50, 10), rnorm(500, 1e4, 3e3))
    side <- 1 - 2 * rbinom(500, 1, plogis(X %*% c(-1, 0.04, -1e-4)))
    negloglik <- function(p) -sum(plogis(-side * drop(X %*% p), log.p = TRUE))
    best <- glm.fit(X, side < 0, family = binomial(), control = list(epsilon = 1e-14, maxit = 100))$coef
    for (digits in 5:7) {
      fn <- function(p) signif(negloglik(p), digits)
      fit <- suppressWarnings(lbfgsb(best, fn))
      expect_lte(fit$value, fn(best))
      expect_lt(negloglik(fit$par) - negloglik(best), 10^(3 - digits))
      expect_lt(fit$counts[["function"]], 600)
    }
  }
})

# A generalized Pareto likelihood that takes its limit close to shape 0: there f changes by leaps, farther off it bends.
test_that("what only shows at wide steps, along a slope that goes on, is no noise", {
  set.seed(1)
  y <- (runif(60)^-.3 - 1) / .3
  pareto <- function(p) {
    t <- 1 + p[2] * y / p[1]
    if (any(t <= 0)) return(Inf)
    if (abs(p[2]) <= 1e-5) 60 * log(p[1]) + sum(y) / p[1] else 60 * log(p[1]) + (1 + 1 / p[2]) * sum(log(t))
  }
  fit <- lbfgsb(c(mean(y), 0), pareto, lower = c(1e-6, -.95))
  expect_identical(fit$convergence, 0L)
  expect_equal(fit$value, nlminb(c(mean(y), .1), pareto, lower = c(1e-6, -.95))$objective, tolerance = 1e-7)
  expect_no_match(fit$message, "noise")
})

test_that("noise is measured, told of, and can be told", {
  fn <- noisy(function(x) 50 + curved(x), 1e-8)
  fit <- lbfgsb(c(0, 5), fn)
  expect_match(fit$message, "fn carries a relative noise of about [1-9]e-0[789]")
  expect_equal(curved(fit$par), 0, tolerance = 1e-5)
  expect_no_match(lbfgsb(c(0, 5), curved)$message, "noise")
  told <- lbfgsb(c(0, 5), fn, control = list(noise = 1e-8))
  expect_match(told$message, "noise of about 1e-08")
  expect_equal(curved(told$par), 0, tolerance = 1e-5)
  set.seed(1)
  before <- .Random.seed
  lbfgsb(c(0, 5), fn)
  expect_identical(.Random.seed, before)
})

test_that("values of few digits, from 0, are minimized", {
  f <- function(x) sum(c(1, 5, 20) * (x - c(0.7, -0.4, 0.3))^2) + 0.5 * sum(x)^2 + 50
  least <- f(lbfgsb(numeric(3), f)$par)
  for (digits in 6:10) {
    fit <- lbfgsb(numeric(3), function(x) signif(f(x), digits))
    expect_lte(f(fit$par) - least, 10^(2 - digits) * least)
  }
})

test_that("so they are from starts that are next to 0, as rounding leaves them", {
  f <- function(x) sum(c(1, 5, 20) * (x - c(0.7, -0.4, 0.3))^2) + 0.5 * sum(x)^2 + 50
  least <- f(lbfgsb(numeric(3), f)$par)
  for (start in c(1e-20, 1e-16, 1e-12, 1e-10, 1e-8)) for (digits in 6:10) {
    fit <- lbfgsb(start * c(-0.6, 0.2, -0.8), function(x) signif(f(x), digits))
    expect_lte(f(fit$par) - least, 10^(2 - digits) * least)
  }
})

# Between two of its values f is level.
test_that("so are regressions of few digits, whose values seem straight from step to step", {
  solved <- function(seed, digits, counts) {
    set.seed(seed)
    X <- cbind(1, rnorm(100), runif(100) * 10)
    y <- if (counts) rpois(100, exp(0.5 + 0.4 * X[, 2])) else rbinom(100, 1, plogis(X[, 2]))
    cumulant <- if (counts) exp else function(e) log1p(exp(-abs(e))) + pmax(e, 0)
    deviance <- function(b) sum(cumulant(X %*% b) - y * (X %*% b))
    fit <- lbfgsb(c(0, 0, 0), function(b) signif(deviance(b), digits))
    best <- glm.fit(X, y, family = if (counts) poisson() else binomial())$coefficients
    deviance(fit$par) - deviance(best) < 0.01
  }
  expect_true(all(mapply(solved, seed = c(36, 40, 20), digits = c(7, 7, 9), counts = FALSE)))
  expect_true(all(mapply(solved, seed = c(13, 15, 17, 7, 27), digits = c(6, 6, 6, 8, 8), counts = TRUE)))
})

test_that("where values are known to have few digits a trial on a step is taken", {
  at <- c(1.2, -.7, .4)
  exact <- function(x) sum(c(1, 4, 9) * (x - at)^2) + 10
  fits <- lapply(5:9, function(digits) lbfgsb(numeric(3), function(x) signif(exact(x), digits)))
  expect_identical(vapply(fits, `[[`, 0L, "convergence"), integer(5))
  expect_lt(max(vapply(fits, function(fit) fit$counts[["function"]], 0)), 200)
  for (i in 1:5) expect_lte(exact(fits[[i]]$par) - 10, 100 * 10^-(4 + i))
})

test_that("a run that begins at a minimum whose value is a rest of terms that cancel is soon converged", {
  himmelblau <- function(x) (x[1]^2 + x[2] - 11)^2 + (x[1] + x[2]^2 - 7)^2
  beale <- function(x) sum((c(1.5, 2.25, 2.625) - x[1] * (1 - x[2]^(1:3)))^2)
  rosenbrock <- function(x) 100 * (x[2] - x[1]^2)^2 + (1 - x[1])^2
  set.seed(5)
  for (fn in list(himmelblau, beale, rosenbrock)) {
    for (unit in list(1, 10^runif(2, -4, 4), 2^c(-30, 20))) {
      ends <- vapply(1:10, function(i) {
        first <- lbfgsb(runif(2, 0.5, 3) / unit, function(x) fn(x * unit))
        again <- lbfgsb(first$par, function(x) fn(x * unit))
        c(again$convergence, again$counts[["function"]])
      }, numeric(2))
      expect_identical(ends[1, ], numeric(10))
      expect_lt(median(ends[2, ]), 250)
    }
  }
})

test_that("a run to a minimum of 0 ends where its variables are settled, in any units", {
  for (n in c(1, 2, 5)) {
    for (unit in c(1, 2^30)) {
      evaluations <- vapply(1:20, function(seed) {
        at <- with_random_state(seed, rnorm(n) * 10^runif(1, -1, 2))
        weight <- with_random_state(seed, 10^runif(n, -1, 1))
        fit <- lbfgsb(unit * (at + 1), function(x) sum(weight * (x / unit - at)^2))
        expect_identical(fit$convergence, 0L)
        expect_equal(fit$par / unit, at, tolerance = 1e-7)
        fit$counts[["function"]]
      }, 0)
      expect_lt(mean(evaluations), 20 * n)
      expect_lt(max(evaluations), 30 * n)
    }
  }
})

test_that("a scale that a start far off has told spoils no slopes at the end", {
  fn <- function(p) -sum(dnorm(precip, p[1], p[2], log = TRUE))
  best <- fn(c(mean(precip), sqrt(mean((precip - mean(precip))^2))))
  for (start in 10^(2:9)) {
    fit <- lbfgsb(c(0, start), fn, lower = c(-Inf, 1e-6))
    expect_identical(fit$convergence, 0L)
    expect_equal(fit$value, best, tolerance = 1e-9)
  }
})

test_that("a run that begins at a minimum whose value is 0 is converged", {
  solution <- 1:3
  for (fn in list(function(x) sum((x - solution)^4), function(x) sum((x^2 - solution^2)^2) + (sum(x) - 6)^2)) {
    fit <- lbfgsb(solution, fn)
    expect_identical(fit[c("par", "value", "convergence")], list(par = as.double(solution), value = 0, convergence = 0L))
  }
})

# Along the exponent f is level up to where the power overflows, and 0 * Inf is no number.
test_that("a slope beyond which f is not defined is none where f is level, and fn is asked at numbers alone", {
  x <- c(.2, .5, 1, 2, 3, 4)
  for (unit in c(.1, .2, .24, .5)) {
    model <- function(p) sum((2 * x^1.4 - p[1] * x^(p[2] * unit))^2)
    run <- points_of(function(fn) lbfgsb(c(0, 0), fn), model)
    expect_true(all(is.finite(run$points)))
    expect_equal(run$fit$par, c(2, 1.4 / unit), tolerance = 1e-5)
    expect_identical(run$fit$convergence, 0L)
  }
  nowhere <- function(p) if (p[2] == 0) (p[1] - 1)^2 else NaN
  expect_error(points_of(function(fn) lbfgsb(c(0, 0), function(p) {
    expect_true(all(is.finite(p)))
    fn(p)
  }), nowhere), "must be finite at the start")
})

test_that("where no variable can gain the run ends with the same bits in other units", {
  himmelblau <- function(x) (x[1]^2 + x[2] - 11)^2 + (x[1] + x[2]^2 - 7)^2
  run <- function(unit) lbfgsb(c(3 + 1e-9, 2 - 1e-9) / unit, function(x) himmelblau(x * unit))
  alone <- run(1)
  for (unit in list(2^c(-20, 5), 2^c(7, 13))) {
    other <- run(unit)
    expect_identical(other$par * unit, alone$par)
    expect_identical(other[c("value", "counts", "convergence")], alone[c("value", "counts", "convergence")])
  }
})

test_that("a run that differences have ended, or a limit, is a state like others", {
  fns <- list(function(x) sum((x - c(1, 2))^2), function(x) 100 * (x[2] - x[1]^2)^2 + (1 - x[1])^2)
  for (fn in fns) for (most in seq(5, 60, 5)) {
    part <- suppressWarnings(lbfgsb(c(-1.2, 1) + most / 100, fn, control = list(maxeval = most)))
    expect_identical(lbfgsb_resume(part$state, fn, control = list(maxeval = 1000))$convergence, 0L)
  }
})

# Models (t, p) and data that they meet but for a relative error
close_fits <- function(seed) {
  set.seed(seed)
  size <- 10^runif(1, -3, 3)
  error <- 10^-runif(1, 1, 8)
  fit <- function(t, p, par, model) {
    y <- model(t, p) * (1 + rnorm(length(t), sd = error))
    list(par = par, fn = function(p) sum((y - model(t, p))^2))
  }
  list(
    fit(seq(0, 10, 0.5), c(size, 0.4), c(size / 2, 1), function(t, p) p[1] * exp(-p[2] * t)),
    fit(0:15, c(size, 10, 0.6), c(2 * size, 5, 0.3), function(t, p) p[1] / (1 + p[2] * exp(-p[3] * t))),
    fit(c(0.1, 0.3, 1, 3, 10, 30), c(size, 1), c(2 * size, 3), function(t, p) p[1] * t / (p[2] + t)),
    fit(seq(-3, 3, 0.4), c(size, 0.2, 1.3), c(size, 0, 1), function(t, p) p[1] * exp(-(t - p[2])^2 / p[3]))
  )
}

# A better gradient whose doubt has found no noise is one that the run has been given.
test_that("a run whose last gradient raised a doubt about noise is a state like others", {
  dose <- 1:6
  ill <- dose > 3
  separated <- function(p) -sum(dbinom(ill, 1, plogis(p[1] + p[2] * dose), log = TRUE))
  fit <- lbfgsb(c(-697.1, 183.5), separated)
  expect_identical(lbfgsb_resume(fit)$message, fit$message)
})

# On a step all slopes are 0: those of a trial on the next one, which is refused, are not the iterate's.
test_that("slopes at a trial that is refused end no run", {
  for (height in 1:2) {
    fit <- suppressWarnings(lbfgsb(c(0, 0), function(x) floor(height * sum(c(1, 3) * (x - 1:2)^2))))
    expect_no_match(fit$message, "lost in its rounding")
    expect_identical(suppressWarnings(lbfgsb_resume(fit))$message, fit$message)
  }
})

test_that("sums of squares that nearly vanish converge, with no more evaluations than nlminb()'s", {
  ours <- theirs <- 0
  for (p in unlist(lapply(1:12, close_fits), recursive = FALSE)) {
    fit <- lbfgsb(p$par, p$fn)
    other <- suppressWarnings(nlminb(p$par, p$fn))
    expect_identical(fit$convergence, 0L)
    expect_lte(fit$value, other$objective * (1 + 1e-6) + 1e-14 * p$fn(p$par))
    ours <- ours + fit$counts[["function"]]
    theirs <- theirs + sum(other$evaluations)
  }
  expect_lt(ours, theirs)
})

test_that("at a start of 0 curvature is not taken for a slope", {
  fit <- lbfgsb(problems$gaussian$par, problems$gaussian$fn)
  expect_identical(fit$convergence, 0L)
  expect_equal(fit$value, problems$gaussian$best, tolerance = 1e-8)
  expect_lte(fit$counts[["function"]], 60) # 508 where it is: the first step goes 9e5 far
})

test_that("no better slope is asked for of a variable that its bound holds by a clear one", {
  points <- NULL
  fn <- function(x) {
    points <<- rbind(points, x)
    sum((x[1:2] - 1:2)^4 + (x[1:2] - 1:2)^2) + exp(x[3])
  }
  fit <- lbfgsb(c(0, 0, 0), fn, lower = 0)
  expect_identical(fit$convergence, 0L)
  expect_equal(fit$par, c(1, 2, 0), tolerance = 1e-6)
  expect_equal(fit$gradient[3], 1, tolerance = 1e-6)
  differences <- which(points[, 3] > 0 & points[, 3] < 1e-6)
  expect_identical(nrow(points) - max(differences), 6L) # two values beside each of the others, and the questions (77) and (63)
})

test_that("a box with no room for a difference fixes its parameter", {
  fn <- function(x) sum((x - 1:2)^2)
  for (width in c(1, 2, 4)) {
    fit <- lbfgsb(c(1.5, 1), fn, lower = c(1.5, 0), upper = c(1.5 + width * .Machine$double.eps, 3))
    expect_equal(fit$convergence, 0)
    expect_equal(fit$par[2], 2, tolerance = 1e-7)
  }
})

# It is that of a step which may be far too long, and had shown nothing before: f has not few digits by that.
test_that("a faint change that is no slope is none for noise either", {
  fn <- function(x) 1 + 1.1e-9 * sign(x) * (abs(x) > 10)
  state <- lbfgsb_start(0, lower = -65, upper = 65, control = list(parscale = 1), differences = TRUE)
  while (!is.null(x <- lbfgsb_ask(state))) state <- through_file(lbfgsb_tell(state, fn(x)))
  expect_identical(lbfgsb_result(state)$par, 0)
})

# |x_i| tells no step there: eps^(1/3) of it is a part of the spread by which central differences are off.
test_that("a location far from 0 beside its spread is found", {
  evaluations <- 0
  for (seed in 1:3) {
    set.seed(seed)
    y <- rlnorm(100, 0, 0.4)
    fn <- function(p) -sum(dlnorm(y - p[1], p[2], p[3], log = TRUE))
    start <- c(min(y) - 0.5, 0, 1)
    lower <- c(-20, -Inf, 0.01)
    upper <- c(min(y) - 1e-6, Inf, Inf)
    near <- lbfgsb(start, fn, lower = lower, upper = upper)
    for (location in c(1e3, 1e4, 1e5)) {
      shift <- c(location, 0, 0)
      far <- lbfgsb(start + shift, function(p) fn(p - shift), lower = lower + shift, upper = upper + shift)
      expect_identical(far$convergence, 0L)
      expect_lte(far$value, near$value + 1e-5)
      evaluations <- evaluations + far$counts[["function"]]
    }
  }
  expect_lte(evaluations, 1500) # 4,867 where the step is told by |x_i| alone
})

# f(start) is 1e3 times the minimum and more, of which nothing cancels
test_that("it is so from farther off", {
  for (seed in 1:5) {
    set.seed(seed)
    y <- 1e5 + rnorm(60)
    expectile <- function(p) sum(ifelse(y > p, 0.8, 0.2) * (y - p)^2)
    fit <- lbfgsb(1e5 + 300, expectile)
    expect_identical(fit$convergence, 0L)
    expect_lte(fit$counts[["function"]], 30) # up to 339 by |x_i|
  }
})
