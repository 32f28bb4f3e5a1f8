# Where a standard deviation is at 0, a refit has to leave a bound along which the likelihood is level (R/level.R).

# Minus the log-likelihood of a random intercept; one of a slope b, too, if the data have an x
intercepts_nll <- function(p, d) {
  part <- function(e) {
    root <- chol(diag(p[["s"]]^2, nrow(e)) + p[["sb"]]^2)
    z <- backsolve(root, e$y - p[["mu"]] - if (!is.null(e$x)) p[["b"]] * e$x else 0, transpose = TRUE)
    sum(log(diag(root))) + sum(z^2) / 2 + nrow(e) / 2 * log(2 * pi)
  }
  sum(vapply(split(d, d$g), part, 0))
}

intercepts_fit <- function(d, ...) {
  start <- c(mu = 0, sb = 0.7, s = 1)
  lbfgsb(if (is.null(d$x)) start else c(start, b = 0), intercepts_nll, d = d, lower = c(sb = 0, s = 1e-3),
         control = list(fn_is = "negloglik"), ...)
}

groups_of <- function(seed) data.frame(g = rep(1:4, each = 4), y = with_random_state(seed, rnorm(16)))

lines_of <- function(seed) {
  with_random_state(seed, {
    d <- data.frame(g = rep(1:6, each = 5), x = rep(1:6, each = 5))
    d$y <- 0.4 * d$x + rnorm(30) + rep(rnorm(6, sd = 0.15), each = 5)
    d
  })
}

# Twice the rise of the profile of mu: sb is searched for from 0 on, s within
rise_at <- function(mu, fit, d) {
  over_s <- function(sb) optimize(function(s) intercepts_nll(c(mu = mu, sb = sb, s = s), d), c(0.1, 5), tol = 1e-8)$objective
  2 * (min(optimize(over_s, c(0, 3), tol = 1e-8)$objective, over_s(0)) - fit$value)
}

test_that("the profile of a mean leaves 0 for a standard deviation where that is better", {
  skip_on_cran() # long
  for (seed in c(5, 8, 10)) {
    d <- groups_of(seed)
    fit <- intercepts_fit(d)
    expect_identical(as.character(fit$bounds[2]), "at lower")
    table <- profile(fit, "mu", level = 0.99)$mu
    exact <- vapply(table$mu, rise_at, 0, fit, d)
    expect_equal(table$z^2, pmax(exact, 0), tolerance = 1e-4)
  }
})

test_that("its intervals are those of lme4", {
  skip_if_not_installed("lme4")
  d <- groups_of(10)
  theirs <- suppressMessages(confint(lme4::lmer(y ~ 1 + (1 | g), d, REML = FALSE), level = 0.99, quiet = TRUE))
  ours <- confint(intercepts_fit(d), "mu", level = 0.99, method = "profile")
  expect_equal(as.vector(ours), as.vector(theirs["(Intercept)", ]), tolerance = 1e-2)
})

test_that("the smaller model of update() leaves it, so that the likelihood ratio is right", {
  for (seed in c(1, 16, 21, 45)) {
    d <- lines_of(seed)
    full <- intercepts_fit(d)
    expect_identical(as.character(full$bounds[2]), "at lower")
    small <- update(full, fixed = c(b = 0))
    expect_lt(small$value - intercepts_fit(d, fixed = c(b = 0))$value, 1e-5)
    again <- update(update(full), fixed = c(b = 0)) # of a fit that itself began near 0
    expect_lt(again$value - small$value, 1e-5)
  }
})

test_that("so do refits of a bootstrap", {
  fit <- intercepts_fit(groups_of(10))
  simulate <- function(par, d) transform(d, y = rnorm(16, par[["mu"]], par[["s"]]))
  refits <- lbfgsb_boot(fit, 10, data = "d", simulate = simulate)$t
  values <- vapply(1:10, function(k) {
    drawn <- with_random_state(random_streams(1, 10)[[k]], simulate(fit$par, groups_of(10)))
    intercepts_nll(structure(refits[k, ], names = names(fit$par)), drawn) - intercepts_fit(drawn)$value
  }, 0)
  expect_lt(max(values), 1e-5)
  expect_gt(sum(refits[, 2] > 0.01), 2)
})

test_that("a refit that starts where a slope keeps the bound stays there", {
  fit <- lbfgsb(c(a = 1, b = 1), function(p) (p[["a"]] - 2)^2 + p[["b"]], lower = c(b = 0))
  expect_identical(off_level(fit$par, fit$gradient, fit), fit$par)
  expect_identical(off_level(fit$par, c(0, 0), fit), c(a = 2, b = 0.1) + c(fit$par[["a"]] - 2, 0))
  expect_identical(off_level(fit$par, NULL, fit), fit$par)
})

# Counts of a Poisson model, fitted by a negative binomial one: the best size is infinite.
counts_nll <- function(p, d) {
  -sum(dnbinom(d$y, size = p[["size"]], mu = exp(p[["a"]] + p[["b"]] * d$x + p[["c"]] * d$z), log = TRUE))
}

counts_fit <- function(d, ...) {
  lbfgsb(c(a = 1, b = 0, c = 0, size = 1), counts_nll, d = d, lower = c(size = 1e-6),
         control = list(fn_is = "negloglik"), ...)
}

counts_of <- function(seed) {
  with_random_state(seed, {
    x <- rnorm(30)
    data.frame(x = x, y = rpois(30, exp(2 + 0.5 * x)), z = rnorm(30))
  })
}

test_that("a smaller model and other data bring back what has gone far out", {
  for (seed in 16:20) {
    d <- counts_of(seed)
    full <- counts_fit(d)
    small <- update(full, fixed = c(b = 0))
    expect_lt(small$value - counts_fit(d, fixed = c(b = 0))$value, 1e-5)
    expect_identical(off_plateau(unname(full$par), full), unname(off_plateau(full$par, full)))
    other <- counts_of(seed + 100)
    expect_lt(update(full, d = other)$value - counts_fit(other)$value, 1e-5)
  }
})

test_that("so do refits of a bootstrap", {
  full <- counts_fit(counts_of(18))
  expect_gt(full$par[["size"]], 1e6)
  simulate <- function(par, d) transform(d, y = rnbinom(30, mu = exp(par[["a"]] + par[["b"]] * x), size = 5))
  expect_warning(refits <- lbfgsb_boot(full, 10, data = "d", simulate = simulate)$t, class = "lbfgsb_warning_flat")
  values <- vapply(1:10, function(k) {
    drawn <- with_random_state(random_streams(1, 10)[[k]], simulate(full$par, counts_of(18)))
    counts_nll(structure(refits[k, ], names = names(full$par)), drawn) - counts_fit(drawn)$value
  }, 0)
  expect_lt(max(abs(values)), 1e-4)
})

test_that("what is near stays where it is", {
  d <- counts_of(1)
  squares <- function(p) sum((cars$dist - p[1] - p[2] * cars$speed)^2)
  poisson <- function(p) -sum(dpois(d$y, exp(p[1] + p[2] * d$z), log = TRUE))
  gamma <- lbfgsb(c(k = 1.1, r = 0.01), function(p) -sum(dgamma(cars$speed, p[1], p[2], log = TRUE)), lower = 1e-6)
  fits <- list(gamma, intercepts_fit(groups_of(1)), lbfgsb(c(a = 0, b = 0), squares), lbfgsb(c(a = 0, b = 0), poisson))
  for (fit in fits) expect_identical(off_plateau(fit$par, fit), fit$par)
  unused <- lbfgsb(c(a = 1, b = 1), function(p) (p[["a"]] - 2)^2 + 1 + 0 * p[["b"]])
  expect_identical(off_plateau(c(2, 50), unused), c(2, 50))
})

test_that("so do the runs of a profile", {
  for (seed in c(5, 10, 22, 23)) {
    d <- counts_of(seed)
    fit <- counts_fit(d)
    limits <- suppressWarnings(confint(fit, "b", method = "profile"))
    z <- vapply(limits, function(b) sqrt(2 * (counts_fit(d, fixed = c(b = b))$value - fit$value)), 0)
    expect_equal(as.vector(z), rep(qnorm(0.975), 2), tolerance = 5e-3)
  }
})
