# Where f is even in a variable that has come to 0, or began there (src/fold.c): its slope is 0, be it a minimum or not.

lower <- c(-Inf, 0, 0)

test_that("a standard deviation that a step has thrown to 0 comes back, if f falls from there", {
  for (seed in c(21, 32, 40, 49, 69, 72, 81, 94, 131, 1:10)) {
    fn <- meta_analysis(seed)
    farthest <- 0
    watched <- function(p) {
      farthest <<- max(farthest, abs(p))
      fn(p)
    }
    fit <- lbfgsb(c(0, 1, 1), watched, lower = lower)
    best <- min(vapply(list(c(0.3, 0.1, 0.1), c(0.3, 0.3, 0.3)), function(par) lbfgsb(par, fn)$value, 0))
    expect_identical(fit$convergence, 0L)
    expect_lt(fit$value - best, 1e-5)
    expect_lt(farthest, 100) # 4e8 where the first trial went as far as the pairs said
  }
})

test_that("it does so in any units, to the bit, and after a resumption", {
  fn <- meta_analysis(46)
  start <- c(0.5, 1, 1)
  fit <- lbfgsb(start, fn, lower = lower)
  expect_gt(fit$par[2], 0.1) # a step had thrown it to 0
  for (unit in list(2^c(0, 30, -20), 2^c(-7, -40, 11))) {
    again <- lbfgsb(start * unit, function(p) 2^-9 * fn(p / unit), lower = lower)
    expect_identical(again$par / unit, fit$par)
    expect_identical(again$counts, fit$counts)
  }
  for (evaluations in seq(20, fit$counts[["function"]] - 1, 7)) {
    first <- lbfgsb(start, fn, lower = lower, control = list(maxeval = evaluations, keep_state = TRUE))
    expect_identical(lbfgsb_resume(first, control = list(maxeval = Inf))$par, fit$par)
  }
})

test_that("one whose minimum is at 0 stays there, at a few evaluations", {
  fn <- function(p) 50 * log(1 + p[2]^2) + sum((p[1] - 1)^2) + p[2]^4
  evaluations <- 0
  counted <- function(p) {
    evaluations <<- evaluations + (p[2] > 0 && p[2] <= 0.1)
    fn(p)
  }
  fit <- lbfgsb(c(0, 1), counted, function(p) c(2 * (p[1] - 1), 100 * p[2] / (1 + p[2]^2) + 4 * p[2]^3), lower = c(-Inf, 0))
  expect_identical(fit$convergence, 0L)
  expect_equal(fit$par, c(1, 0), tolerance = 1e-6)
  expect_lte(evaluations, 4)
})

test_that("a standard deviation that starts at 0 leaves it, if f falls from there", {
  at_zero <- 0
  for (seed in 1:30) {
    p <- one_deviation(seed)
    for (gr in list(NULL, p$gr)) {
      for (lower in c(0, -Inf)) {
        fit <- lbfgsb(c(0, 0), p$fn, gr, lower = c(-Inf, lower))
        expect_identical(fit$convergence, 0L)
        expect_equal(fit$value, p$best, tolerance = 1e-7)
        at_zero <- at_zero + (fit$par[2] == 0)
      }
    }
  }
  expect_gt(at_zero, 10)
  expect_lt(at_zero, 110)
})

test_that("it does so where differences have moved it by next to nothing, or tell a slope that is all rounding", {
  for (seed in c(1:10, 12, 17, 20)) {
    p <- ten_groups(seed)
    for (lower in c(-Inf, 0)) {
      fit <- lbfgsb(p$par, p$fn, lower = c(-Inf, lower, 0.01))
      expect_identical(fit$convergence, 0L)
      expect_equal(fit$value, p$best, tolerance = 1e-6)
    }
    p <- dispersed_counts(seed)
    fit <- lbfgsb(p$par, p$fn, lower = p$lower)
    expect_identical(fit$convergence, 0L)
    expect_equal(fit$value, p$best, tolerance = 1e-6)
  }
})

test_that("a dispersion next to 0, or at its bound there, leaves it, as short differences are all noise", {
  for (seed in c(1:10, 31)) {
    for (start in c(1e-6, 1e-5, 1e-4)) {
      for (lower in c(start, 0)) {
        p <- dispersed_counts(seed, start)
        evaluations <- 0
        counted <- function(par) {
          evaluations <<- evaluations + 1
          p$fn(par)
        }
        fit <- lbfgsb(p$par, counted, lower = c(-Inf, -Inf, lower))
        expect_identical(fit$convergence, 0L)
        expect_equal(fit$value, p$best, tolerance = 1e-6)
        expect_lt(evaluations, 200) # some 290 where its size was believed
      }
    }
  }
})

test_that("f is followed as far as it falls", {
  farthest <- function(par, fn) {
    most <- 0
    lbfgsb(par, function(p) {
      most <<- max(most, p[2])
      fn(p)
    }, lower = c(-Inf, 0), control = list(maxit = 1))
    most
  }
  level <- function(p) 10 + p[1]^2 - p[2]^2 + p[2]^4 / 1e4 # falls up to 70
  expect_gt(farthest(c(0, 0), level), 50)
})

test_that("a run that a limit has ended among these questions goes on as it would have", {
  p <- one_deviation(1)
  for (gr in list(NULL, p$gr)) {
    fit <- lbfgsb(p$par, p$fn, gr, lower = p$lower)
    for (evaluations in seq_len(fit$counts[["function"]] - 1)) {
      first <- lbfgsb(p$par, p$fn, gr, lower = p$lower, control = list(maxeval = evaluations, keep_state = TRUE))
      expect_identical(first$convergence, 1L)
      expect_identical(lbfgsb_resume(first, control = list(maxeval = Inf))$par, fit$par)
    }
  }
})

test_that("many of them leave 0 together", {
  for (n in c(3, 12, 40)) {
    part <- seq(0.5, 5, length.out = n) # a minimum at 0 where it is at most 1
    fn <- function(s) sum(log(1 + s^2) + part / (1 + s^2))
    gr <- function(s) 2 * s / (1 + s^2) - 2 * s * part / (1 + s^2)^2
    for (gradient in list(gr, if (n < 20) NULL else gr)) {
      fit <- lbfgsb(numeric(n), fn, gradient, lower = 0)
      expect_identical(fit$convergence, 0L)
      expect_equal(fit$value, sum(ifelse(part > 1, log(part) + 1, part)), tolerance = 1e-8)
    }
    expect_lt(lbfgsb(numeric(n), fn, gr, lower = 0)$counts[["function"]], 100)
  }
})

test_that("it does so from an upper bound, in a narrow box, and whatever its size", {
  p <- one_deviation(3)
  for (size in 10^(-3:4)) {
    for (sign in c(1, -1)) {
      fn <- function(par) p$fn(c(par[1], par[2] / size))
      gr <- function(par) p$gr(c(par[1], par[2] / size)) / c(1, size)
      box <- list(c(-Inf, 0), c(Inf, size))
      if (sign < 0) box <- list(c(-Inf, -size), c(Inf, 0))
      for (gradient in list(NULL, gr)) {
        fit <- lbfgsb(c(0, 0), fn, gradient, lower = box[[1]], upper = box[[2]])
        expect_identical(fit$convergence, 0L)
        expect_equal(fit$value, p$best, tolerance = 1e-7)
      }
    }
  }
})

test_that("a run that starts at a saddle, or a maximum, at 0 leaves it", {
  saddle <- function(x) x[1]^2 - x[2]^2 + x[2]^4
  slopes <- function(x) c(2 * x[1], -2 * x[2] + 4 * x[2]^3)
  for (offset in c(0, 1, -10)) {
    for (gr in list(NULL, slopes)) {
      fit <- lbfgsb(c(0, 0), function(x) saddle(x) + offset, gr)
      expect_identical(fit$convergence, 0L)
      expect_equal(fit$value, offset - 0.25, tolerance = 1e-7)
    }
  }
  hill <- lbfgsb(c(0, 0), function(x) -sum(x^2), function(x) -2 * x)
  expect_identical(hill$convergence, 53L)
  expect_lt(hill$counts[["function"]], 50)
})

test_that("a minimum at the start is left as it is, at few evaluations", {
  for (fn in list(function(x) sum(x^2), function(x) 1 + sum(x^2))) {
    fit <- lbfgsb(c(0, 0), fn, function(x) 2 * x)
    expect_identical(fit$par, c(0, 0))
    expect_lte(fit$counts[["function"]], 9)
  }
})

# par: scale, and shape, at 0 of which is a branch that tells fn and gr no slope.
pareto_sample <- function(shape) {
  y <- ((1 - runif(200))^-shape - 1) / shape
  list(
    mean = mean(y),
    fn = function(p) {
      if (abs(p[2]) < 1e-6) return(200 * log(p[1]) + sum(y) / p[1])
      if (any(p[2] * y / p[1] <= -1)) return(Inf)
      200 * log(p[1]) + (1 + 1 / p[2]) * sum(log1p(p[2] * y / p[1]))
    },
    gr = function(p) {
      if (abs(p[2]) < 1e-6) return(c(200 / p[1] - sum(y) / p[1]^2, 0))
      z <- y / p[1]
      w <- 1 + p[2] * z
      c(200 - (1 + p[2]) * sum(z / w), (1 + 1 / p[2]) * sum(z / w) - sum(log(w)) / p[2]^2) / c(p[1], 1)
    },
    best = function(fn) nlminb(c(1, shape), fn, lower = c(1e-6, -1), upper = c(Inf, 2))$objective
  )
}

test_that("a shape at 0 is followed to either side", {
  for (shape in c(-0.3, 0.3)) {
    set.seed(1)
    p <- pareto_sample(shape)
    fit <- lbfgsb(c(p$mean, 0), p$fn, p$gr, lower = c(1e-6, -1), upper = c(Inf, 2))
    expect_equal(fit$value, p$best(p$fn), tolerance = 1e-7)
  }
})

test_that("shapes of many sites at 0 are followed together, to either side", {
  for (sites in c(6, 12)) {
    set.seed(sites)
    for (shape in list(rep(-0.3, sites), rep(c(0.2, -0.3), length.out = sites))) {
      all <- lapply(shape, pareto_sample)
      at <- function(p) split(p, rep(seq_len(sites), 2))
      fn <- function(p) sum(mapply(function(site, q) site$fn(q), all, at(p)))
      gr <- function(p) c(t(mapply(function(site, q) site$gr(q), all, at(p))))
      fit <- lbfgsb(c(vapply(all, `[[`, 0, "mean"), numeric(sites)), fn, gr,
                    lower = rep(c(1e-6, -1), each = sites), upper = rep(c(Inf, 2), each = sites))
      best <- sum(vapply(all, function(site) site$best(site$fn), 0))
      expect_equal(fit$value, best, tolerance = 1e-7)
      expect_lt(fit$counts[["function"]], 100)
    }
  }
})

test_that("a gradient that forgets a variable at 0 is told to be wrong all the same", {
  fn <- function(x) (x[1] - 1)^2 + x[2]^4 - x[2]
  expect_warning(lbfgsb(c(3, 0), fn, function(x) c(2 * (x[1] - 1), 0)), class = "lbfgsb_warning_gradient")
})

test_that("lmer() gets the fit of its own optimizer", {
  skip_if_not_installed("lme4")
  d <- expand.grid(ward = factor(1:18), t = 0:5, rep = 1:3)
  for (seed in c(21, 28, 54, 63)) {
    d$z <- with_random_state(5000 + seed, rnorm(nrow(d)) + rnorm(18)[d$ward] + (0.2 + 0.1 * rnorm(18)[d$ward]) * d$t)
    fits <- lapply(c("lbfgsb", "nloptwrap"), function(optimizer) {
      suppressMessages(lme4::lmer(z ~ t + (1 | ward) + (0 + t | ward), d, control = lme4::lmerControl(optimizer)))
    })
    expect_equal(c(logLik(fits[[1]])), c(logLik(fits[[2]])), tolerance = 1e-6)
  }
})

test_that("a point that is asked about again leads on, also if the value is told first", {
  fn <- function(p) 1 + (p[1] - 1)^2 * (1 + 0.1 * p[1]^2) - 1e-4 * p[2]^2 + 0.1 * p[2]^4
  gr <- function(p) c(2 * (p[1] - 1) * (1 + 0.1 * p[1]^2) + 0.2 * (p[1] - 1)^2 * p[1], -2e-4 * p[2] + 0.4 * p[2]^3)
  together <- first <- lbfgsb_start(c(3, 0))
  while (!is.null(p <- lbfgsb_ask(together))) together <- lbfgsb_tell(together, fn(p), gr(p))
  while (!is.null(p <- lbfgsb_ask(first))) {
    first <- if (lbfgsb_wanted(first) == "value") lbfgsb_tell(first, fn(p)) else lbfgsb_tell(first, gradient = gr(p))
  }
  expect_equal(lbfgsb_result(together)$par, c(1, sqrt(5e-4)), tolerance = 1e-3)
  expect_equal(lbfgsb_result(first)$par, lbfgsb_result(together)$par, tolerance = 1e-3)
})

test_that("chance brings some of many variables next to 0, and is no reason to ask", {
  evaluations <- function(seed, n, start) {
    p <- box_quadratic(seed, n, start)
    fit <- lbfgsb(p$par, p$fn, p$gr, lower = -1, upper = 1)
    expect_identical(fit$convergence, 0L)
    expect_equal(fit$value, p$best, tolerance = 1e-7)
    fit$counts[["function"]]
  }
  runs <- expand.grid(seed = 1:3, n = c(100, 1000, 10000), start = c(0, 0.5))
  expect_lt(max(mapply(evaluations, runs$seed, runs$n, runs$start)), 45) # 181 where they are asked about
})

test_that("what one variable's last point has told is no fall along the next one", {
  level <- function(u) -2e-6 * u^2 / (1 + u^4) # falls by too little to count, from 100 to 1000 by next to nothing
  fn <- function(p) 10 + (p[1] - 1)^2 + level(p[2] / 100) + 1e3 * p[3]^2
  gr <- function(p) {
    u <- p[2] / 100
    c(2 * (p[1] - 1), -2e-8 * (2 * u - 2 * u^5) / (1 + u^4)^2, 2e3 * p[3])
  }
  fit <- lbfgsb(c(3, 0, 0), fn, gr, lower = c(-Inf, 0, 0))
  expect_identical(fit$par, c(1, 0, 0))
  expect_lte(fit$counts[["function"]], 17)
})

test_that("of many variables on their bounds some are level by chance, and few are asked about alone", {
  set.seed(1)
  n <- 1e5
  at <- rnorm(n)
  fn <- function(x) sum((x - at)^2) + sum(diff(x)^2)
  gr <- function(x) 2 * (x - at) + 2 * c(0, diff(x)) - 2 * c(diff(x), 0)
  fit <- lbfgsb(numeric(n), fn, gr, lower = 0)
  expect_identical(fit$convergence, 0L)
  expect_gt(fit$counts[["function"]], max(fit$history$evaluations))
  expect_lte(fit$counts[["function"]], max(fit$history$evaluations) + 4 * 8) # points on each of four ways
})
