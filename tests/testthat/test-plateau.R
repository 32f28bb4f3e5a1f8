# Parameters thrown so far by a step that `fn` no longer depends on them (src/plateau.c).

years <- 1950:2020

# Growth curves of the parameters K, r, mid by u = r (year - mid): the part of K that is reached, and its slope
growth <- list(
  gompertz = list(part = function(u) exp(-exp(-u)), slope = function(u) exp(-exp(-u) - u)),
  logistic = list(part = plogis, slope = dlogis)
)

# Sum of squares of a curve, its gradient, and the minimum from a good start
curve_fit <- function(curve) {
  set.seed(4)
  u <- function(p) p[2] * (years - p[3])
  y <- 8000 * curve$part(u(c(8000, 0.1, 1976))) + rnorm(71, 0, 100)
  rest <- function(p) y - p[1] * curve$part(u(p))
  fn <- function(p) sum(rest(p)^2)
  gr <- function(p) {
    slope <- p[1] * curve$slope(u(p))
    -2 * colSums(rest(p) * cbind(curve$part(u(p)), slope * (years - p[3]), -slope * p[2]))
  }
  list(fn = fn, gr = gr, value = lbfgsb(c(8000, 0.1, 1976), fn, gr)$value)
}

t_likelihood <- function(seed, unit = 1) {
  set.seed(seed)
  y <- unit * (2 + 1.5 * rt(100, df = c(2, 3, 4, 5)[seed %% 4 + 1]))
  function(p) -sum(dt((y - p[1]) / exp(p[2]), exp(p[3]), log = TRUE) - p[2])
}

test_that("a run comes back from where a growth curve has collapsed", {
  for (curve in growth) {
    problem <- curve_fit(curve)
    for (start in list(c(1000, 1, 1985), c(7830, 0.1, 2020), c(1000, 0.1, 1985))) {
      for (gr in list(NULL, problem$gr)) {
        fit <- lbfgsb(start, problem$fn, gr, lower = c(0, 0, -Inf))
        expect_identical(fit$convergence, 0L)
        expect_equal(fit$value, problem$value, tolerance = 1e-4)
      }
    }
  }
})

test_that("a run comes back from degrees of freedom without end", {
  for (case in list(c(13, 1), c(15, 1000))) {
    fn <- t_likelihood(case[1], case[2])
    expect_equal(lbfgsb(c(0, 0, 0), fn)$value, lbfgsb(c(case[2] * 2, log(case[2]), 1), fn)$value, tolerance = 1e-7)
  }
})

test_that("it does so resumed at any evaluation, and in any units", {
  fn <- t_likelihood(13)
  whole <- lbfgsb(c(0, 0, 0), fn)
  expect_lt(whole$value, fn(c(whole$par[1:2], 25)) - 1)
  for (maxeval in seq_len(whole$counts[["function"]])) {
    part <- suppressWarnings(lbfgsb(c(0, 0, 0), fn, control = list(maxeval = maxeval)))
    rest <- lbfgsb_resume(part$state, fn, control = list(maxeval = Inf))
    expect_identical(rest[c("par", "value", "history")], whole[c("par", "value", "history")])
  }
  problem <- curve_fit(growth$gompertz)
  unit <- 2^c(-20, 7, 30)
  at <- function(unit) {
    fit <- lbfgsb(c(1000, 0.1, 1985) * unit, function(p) problem$fn(p / unit), function(p) problem$gr(p / unit) / unit,
                  lower = c(0, 0, -Inf))
    list(fit$par / unit, fit$value, fit$counts)
  }
  expect_identical(at(unit), at(1))
})

# A step leads to (16, 4.7), or (36050, 42480): as sigma is large, the coefficients have little slope beside it
test_that("a run comes back from the tail of a curve, where some slope is left", {
  for (sigma in c(10, 15, 1000)) for (seed in 1:5) {
    p <- logistic_curve(seed)
    best <- nlminb(c(0.5, 1, 0), p$fn, p$gr)$objective
    expect_equal(lbfgsb(c(0, 0, log(sigma)), p$fn, p$gr)$value, best, tolerance = 1e-6)
  }
})

# A period, or a location, on which fn does not depend at the start, where the amplitude is 0
test_that("a parameter that gets its slope later is not thrown away by its first move", {
  hours <- seq(0, 72, 2)
  day <- function(p) p[1] + p[2] * cos(2 * pi * hours / p[4]) + p[3] * sin(2 * pi * hours / p[4])
  ages <- 0:50
  growth <- function(p) p[1] + p[2] * plogis((ages - p[3]) / p[4])
  cases <- list(list(curve = day, truth = c(10, 3, 2, 24), starts = list(c(0, 0, 0, 23), c(0, 0, 0, 24.5))),
                list(curve = growth, truth = c(1, 5, 20, 3), starts = list(c(0, 0, 10, 2))))
  for (case in cases) {
    for (seed in 1:5) {
      set.seed(seed)
      y <- case$curve(case$truth) + rnorm(length(case$curve(case$truth)), 0, 0.15)
      fn <- function(p) sum((y - case$curve(p))^2)
      gr <- function(p) {
        at <- function(i) replace(as.complex(p), i, complex(real = p[i], imaginary = 1e-30))
        vapply(seq_along(p), function(i) -2 * sum((y - case$curve(p)) * Im(case$curve(at(i)))) / 1e-30, 0)
      }
      lowest <- lbfgsb(case$truth, fn)$value
      slopes <- if (identical(case$curve, day)) list(NULL, gr) else list(NULL)
      for (start in case$starts) {
        for (g in slopes) expect_equal(lbfgsb(start, fn, g)$value, lowest, tolerance = 1e-5)
      }
    }
  }
})

test_that("a run comes back from a random intercept's deviation of next to 0", {
  excess <- function(seed) {
    set.seed(seed)
    unit <- 10^runif(1, -1, 2)
    x <- round(runif(90, 0, 50))
    y <- unit * (10 + 0.1 * x + 0.5 * rnorm(15)[rep(1:15, each = 6)] + rnorm(90))
    fn <- function(p) {
      r <- y - p[1] - p[2] * x
      between <- exp(2 * p[3])
      within <- exp(2 * p[4])
      total <- within + 6 * between
      7.5 * (5 * log(within) + log(total)) + (sum(r^2) - between / total * sum(colSums(matrix(r, 6))^2)) / (2 * within)
    }
    start <- c(mean(y), 0, log(sd(y) / 2), log(sd(y) / 2))
    lbfgsb(start, fn)$value - nlminb(start, fn)$objective
  }
  expect_lt(max(vapply(c(2, 23, 25, 38, 65, 76, 109, 120), excess, 0)), 1e-3)
})

# From a year of 2000 the first step leads half of that further on, where all slopes are 1e-14 or less, not 0
test_that("the first step does not end on a plateau beyond all data", {
  years <- 1990:2010
  curves <- list(
    logistic = list(at = function(p) p[1] / (1 + exp(-p[2] * (years - p[3]))),
                    truth = c(0.1, 0.5, 1999), start = c(1, 1, 2000)),
    richards = list(at = function(p) p[1] * (1 + p[4] * exp(-p[2] * (years - p[3])))^(-1 / p[4]),
                    truth = c(0.1, 0.5, 1997, 0.7), start = c(1, 1, 2000, 0.5))
  )
  for (curve in curves) {
    for (seed in 1:3) {
      set.seed(seed)
      y <- curve$at(curve$truth) + 0.002 * rnorm(21)
      fn <- function(p) sum((y - curve$at(p))^2)
      gr <- function(p) {
        at <- function(i) replace(as.complex(p), i, complex(real = p[i], imaginary = 1e-50))
        vapply(seq_along(p), function(i) Im(fn(at(i))) / 1e-50, 0)
      }
      lower <- c(0, 0, -Inf, 1e-3)[seq_along(curve$start)]
      fit <- lbfgsb(curve$start, fn, gr, lower = lower)
      expect_equal(fit$value, lbfgsb(curve$truth, fn, gr, lower = lower)$value, tolerance = 1e-6)
      unit <- 2^c(-9, 3, 5, 1)[seq_along(curve$start)]
      other <- lbfgsb(curve$start * unit, function(p) fn(p / unit), function(p) gr(p / unit) / unit, lower = lower * unit)
      expect_identical(other$par / unit, fit$par)
    }
  }
})

# Counts with zeros of their own, by their share and the mean of the others. Where dpois(0, lambda) is next to 0 at the
# start, the slope of the share is infinite there.
count <- rep(0:6, c(50, 3, 6, 10, 8, 5, 2))
zip <- function(p) -sum(log(p[1] * (count == 0) + (1 - p[1]) * dpois(count, p[2])))
zip_gr <- function(p) {
  e <- dpois(count, p[2])
  d <- p[1] * (count == 0) + (1 - p[1]) * e
  -c(sum(((count == 0) - e) / d), sum((1 - p[1]) * e * (count / p[2] - 1) / d))
}

test_that("a share that begins at its bound, where fn is infinitely steep, is not left there", {
  best <- lbfgsb(c(0.5, 3), zip, zip_gr, lower = c(0, 1e-6), upper = c(1, Inf))$value
  for (lambda in c(3, 10, 30, 50, 100)) for (way in list(NULL, zip_gr)) {
    fit <- lbfgsb(c(0, lambda), zip, way, lower = c(0, 1e-6), upper = c(1, Inf))
    expect_identical(fit$convergence, 0L)
    expect_equal(fit$value, best, tolerance = 1e-7)
  }
  run <- function(k = 0, ...) {
    lbfgsb(c(0, 30), function(p) 2^k * zip(p), function(p) 2^k * zip_gr(p), lower = c(0, 1e-6), upper = c(1, Inf),
           control = list(...))
  }
  whole <- run()
  expect_identical(run(9)[c("par", "counts")], whole[c("par", "counts")])
  for (at in seq_len(whole$counts[["function"]] - 1)) {
    rest <- lbfgsb_resume(run(maxeval = at), control = list(maxeval = Inf))
    expect_identical(rest[c("par", "counts")], whole[c("par", "counts")])
  }
})

test_that("nor is its mirror image at an upper bound", {
  turn <- c(-1, 1)
  mirrored <- function(lambda, gr) {
    lbfgsb(c(0, lambda), function(p) zip(p * turn), gr, lower = c(-1, 1e-6), upper = c(0, Inf))
  }
  best <- lbfgsb(c(0.5, 3), zip, zip_gr, lower = c(0, 1e-6), upper = c(1, Inf))$value
  for (lambda in c(10, 40, 100)) {
    low <- lbfgsb(c(0, lambda), zip, zip_gr, lower = c(0, 1e-6), upper = c(1, Inf))
    high <- mirrored(lambda, function(p) zip_gr(p * turn) * turn)
    expect_identical(high$par * turn, low$par)
    expect_identical(high$counts, low$counts)
    by_values <- mirrored(lambda, NULL)
    expect_identical(by_values$convergence, 0L)
    expect_equal(by_values$value, best, tolerance = 1e-7)
  }
})

test_that("nor is a share of outliers", {
  z <- as.numeric(precip)
  fn <- function(p) -sum(log((1 - p[1]) * dnorm(z, p[2], p[3]) + p[1] / diff(range(z))))
  for (s in c(1, 2, 5, 10)) {
    fit <- lbfgsb(c(0, mean(z), s), fn, lower = c(0, -Inf, 0.01), upper = c(1, Inf, Inf))
    expect_equal(fit$value, 273.2355, tolerance = 1e-6)
  }
})

# Minus the log-likelihood of a local linear trend, by Kalman's filter: the logarithms of the variances of level,
# slope and error. From 0, variances of 1 beside data of some hundreds, the slope's takes all that varies, and the
# others, too small to matter, have slopes of next to nothing
trend <- function(seed, size) {
  set.seed(seed)
  slope <- cumsum(rnorm(100, 0, 0.05))
  y <- size * (cumsum(slope + rnorm(100, 0, 0.3)) + rnorm(100))
  fn <- function(p) {
    v <- exp(p)
    at <- c(y[1], 0)
    P <- diag(1e4 * size^2, 2)
    sum <- 0
    for (now in y) {
      spread <- P[1, 1] + v[3]
      error <- now - at[1]
      sum <- sum + (log(spread) + error^2 / spread) / 2
      gain <- P[, 1] / spread
      at <- at + gain * error
      P <- P - tcrossprod(gain, P[, 1])
      at[1] <- sum(at)
      P[1, ] <- P[1, ] + P[2, ]
      P[, 1] <- P[, 1] + P[, 2]
      P <- P + diag(v[1:2])
    }
    sum
  }
  list(fn = fn, value = nlminb(log(c(0.09, 0.0025, 1) * size^2), fn)$objective)
}

# The same of one factor, by loadings and the logarithms of what is left
one_factor <- function(seed, size) {
  set.seed(seed)
  p <- 4 + seed %% 3
  loadings <- runif(p, 0.3, 0.9)
  X <- outer(rnorm(150), loadings) + matrix(rnorm(150 * p), 150) %*% diag(sqrt(1 - loadings^2))
  S <- size^2 * cov(X)
  fn <- function(q) {
    R <- tryCatch(chol(tcrossprod(q[1:p]) + diag(exp(q[p + 1:p]))), error = function(e) NULL)
    if (is.null(R)) Inf else 75 * (2 * sum(log(diag(R))) + sum(chol2inv(R) * S))
  }
  gr <- function(q) {
    V <- chol2inv(chol(tcrossprod(q[1:p]) + diag(exp(q[p + 1:p]))))
    D <- 75 * (V - V %*% S %*% V)
    c(2 * D %*% q[1:p], diag(D) * exp(q[p + 1:p]))
  }
  truth <- c(loadings * size, log(size^2 * (1 - loadings^2)))
  list(fn = fn, gr = gr, start = rep(1:0, each = p),
       value = nlminb(truth, fn, gr, control = list(iter.max = 1000, eval.max = 2000))$objective)
}

test_that("variances of which others have taken the part are found, whatever the unit of the data", {
  above <- outer(1:6, c(10, 100, 1000), Vectorize(function(seed, size) {
    problem <- trend(seed, size)
    lbfgsb(c(0, 0, 0), problem$fn)$value - problem$value
  }))
  expect_lte(sum(above > 0.01), 4) # 11 by the slopes of the start alone, now 2
})

test_that("so is what factors leave of variables, and loadings", {
  solved <- vapply(1:20, function(seed) {
    problem <- one_factor(seed, 1000)
    above <- vapply(list(NULL, problem$gr), function(gr) lbfgsb(problem$start, problem$fn, gr)$value - problem$value, 0)
    above < 0.01
  }, logical(2))
  expect_true(all(rowSums(solved) >= c(14, 11))) # 9 and 6 by the start alone, now 17 and 13, by another exp() 16 and 13
})

test_that("slopes that stay are followed the same in other units, and resumed at any evaluation", {
  fn <- trend(2, 1000)$fn
  whole <- lbfgsb(c(0, 0, 0), fn)
  other <- lbfgsb(c(0, 0, 0), function(p) 0x1p-30 * fn(p))
  expect_identical(other[c("par", "counts")], whole[c("par", "counts")])
  expect_identical(other$value, 0x1p-30 * whole$value)
  for (maxeval in seq(5, whole$counts[["function"]], by = 23)) {
    part <- suppressWarnings(lbfgsb(c(0, 0, 0), fn, control = list(maxeval = maxeval)))
    rest <- lbfgsb_resume(part$state, fn, control = list(maxeval = Inf))
    expect_identical(rest[c("par", "value", "history")], whole[c("par", "value", "history")])
  }
  problem <- one_factor(3, 1000)
  whole <- lbfgsb(problem$start, problem$fn, problem$gr)
  other <- lbfgsb(problem$start / 8, function(q) problem$fn(8 * q), function(q) 8 * problem$gr(8 * q))
  expect_identical(8 * other$par, whole$par)
})

test_that("a step into the far corner of a box, where nothing changes, is no end; nor is f far below its start", {
  expect_solved <- function(seed, gradient, width) {
    p <- volatilities(seed)
    fit <- lbfgsb(p$par, p$fn, if (gradient) p$gr, lower = -width, upper = width)
    best <- nlminb(p$truth, p$fn, p$gr, lower = -width, upper = width, control = list(rel.tol = 1e-14))$objective
    expect_identical(fit$convergence, 0L)
    expect_lte(fit$value, (1 + 1e-6) * best)
  }
  for (seed in c(38, 49)) expect_solved(seed, TRUE, 50)
  for (seed in c(108, 122, 127, 206)) expect_solved(seed, FALSE, 50)
  expect_solved(51, FALSE, 500)
})
