told_by <- function(...) gsub("\\s+", " ", attr(anova(...), "heading")[2])

normal <- function(p, y) -sum(dnorm(y, p[["m1"]], p[["s"]], log = TRUE))
mixture <- function(p, y) {
  -sum(log(p[["p"]] * dnorm(y, p[["m2"]], p[["s"]]) + (1 - p[["p"]]) * dnorm(y, p[["m1"]], p[["s"]])))
}
fit_mixture <- function(lower = c(p = 0, s = 0.1)) {
  y <- with_random_state(2, c(rnorm(90), rnorm(10, 3)))
  lbfgsb(c(p = 0.1, m1 = 0, s = 1, m2 = 3), mixture, y = y, lower = lower, upper = c(p = 1),
         control = list(fn_is = "negloglik", nobs = 100))
}

test_that("of a mixture p is said to be too small, however the smaller model is written", {
  two <- fit_mixture()
  small <- "p of model 2 may be far too small: under model 1, p is at its bound, and m2 has no effect, so that the chi-squared law"
  expect_match(told_by(update(two, fixed = c(p = 0)), two), small, fixed = TRUE)
  expect_match(told_by(update(two, fixed = c(p = 0, m2 = 3)), two), small, fixed = TRUE)
  one <- lbfgsb(c(m1 = 0, s = 1), normal, y = with_random_state(2, c(rnorm(90), rnorm(10, 3))), lower = c(s = 0.1),
                control = list(fn_is = "negloglik", nobs = 100))
  expect_match(told_by(one, two), small, fixed = TRUE)
  expect_match(told_by(one, fit_mixture(c(p = 1e-6, s = 0.1))), small, fixed = TRUE)
})

test_that("where the names do not tell, the heading says what may be", {
  two <- fit_mixture()
  other <- lbfgsb(c(mu = 0, sigma = 1), function(p, y) normal(c(m1 = p[[1]], s = p[[2]]), y), lower = c(sigma = 0.1),
                  y = with_random_state(2, c(rnorm(90), rnorm(10, 3))), control = list(fn_is = "negloglik", nobs = 100))
  expect_match(told_by(other, two), "holds only if model 1 is inside the bounds of model 2. If it is at one, as of p, s,", fixed = TRUE)
})

counts <- c(0, 5, 0, 13, 1, 0, 4, 0, 2, 9, 1, 0, 7)
poisson_counts <- function() {
  lbfgsb(c(l = 0), function(p) -sum(dpois(counts, exp(p[["l"]]), log = TRUE)), control = list(fn_is = "negloglik"))
}

test_that("a limit at infinity is an edge, too", {
  infinite <- function(name) paste0("p of model 2 is too large: under model 1, ", name, " is as good as infinite, where the ",
                                    "chi-squared law does not hold; half of it is about right")
  nll <- function(p) -sum(dnbinom(counts, mu = exp(p[["l"]]), size = exp(p[["ls"]]), log = TRUE))
  logged <- lbfgsb(c(l = 0, ls = 0), nll, control = list(fn_is = "negloglik"))
  plain <- lbfgsb(c(l = 0, size = 1), function(p) nll(c(p[1], ls = log(p[[2]]))), lower = c(size = 1e-6),
                  control = list(fn_is = "negloglik"))
  expect_match(told_by(poisson_counts(), plain), infinite("size"), fixed = TRUE)
  expect_match(told_by(poisson_counts(), logged), infinite("ls"), fixed = TRUE)
  expect_match(told_by(update(logged, fixed = c(ls = 25)), logged), infinite("ls"), fixed = TRUE)
  expect_no_match(told_by(update(logged, fixed = c(ls = 1)), logged), "too large")
  many <- function(fn, ...) lbfgsb(fn = fn, ..., y = 40 * counts, control = list(fn_is = "negloglik"))
  poisson <- many(function(p, y) -sum(dpois(y, exp(p[["l"]]), log = TRUE)), c(l = 0))
  plain <- many(function(p, y) -sum(dnbinom(y, mu = exp(p[["l"]]), size = p[["size"]], log = TRUE)), c(l = 0, size = 1),
                lower = c(size = 1e-6))
  expect_match(told_by(poisson, plain), infinite("size"), fixed = TRUE)
})

test_that("of a standard deviation that is bounded at 1e-6, or by 0, p is said to be too large", {
  skip_if_not_installed("nlme")
  groups <- split(nlme::Orthodont$distance, as.character(nlme::Orthodont$Subject))
  minus_loglik <- function(p) { # of a random intercept
    sum(vapply(groups, function(y) {
      n <- length(y)
      e <- y - p[["mu"]]
      total <- p[["s"]]^2 + n * p[["tau"]]^2
      (n * log(2 * pi) + 2 * (n - 1) * log(p[["s"]]) + log(total) + (sum(e^2) - p[["tau"]]^2 / total * sum(e)^2) / p[["s"]]^2) / 2
    }, 0))
  }
  full <- lbfgsb(c(mu = 20, s = 1, tau = 1), minus_loglik, lower = c(s = 0.01, tau = 1e-6), control = list(fn_is = "negloglik"))
  none <- lbfgsb(c(mu = 20, s = 1), function(p) minus_loglik(c(p, tau = 0)), lower = c(s = 0.01),
                 control = list(fn_is = "negloglik"))
  large <- "p of model 2 is too large: under model 1, tau is at its bound, where the chi-squared law does not hold; half of it"
  expect_match(told_by(none, full), large, fixed = TRUE)
  expect_match(told_by(update(full, lower = c(tau = 0), fixed = c(tau = 0)), full), large, fixed = TRUE)
})

test_that("a value inside the bounds is no edge, and one that is not 0 is found", {
  nll <- function(par) -sum(dgamma(cars$speed, par["shape"], par["rate"], log = TRUE))
  fit <- function(shape) lbfgsb(c(shape = 2, rate = 0.2), nll, lower = c(shape = shape, rate = 1e-6),
                                control = list(fn_is = "negloglik"))
  exponential <- lbfgsb(c(rate = 0.2), function(p) nll(c(shape = 1, p)), lower = 1e-6, control = list(fn_is = "negloglik"))
  expect_no_match(told_by(exponential, fit(0)), "p of model 2")
  expect_match(told_by(exponential, fit(1)), "shape is at its bound", fixed = TRUE)
})

test_that("a rate has no effect where its amplitude is 0, inside the bounds", {
  squares <- function(p) sum((Puromycin$rate - p[["a"]] - p[["b"]] * exp(-p[["c"]] * Puromycin$conc))^2)
  curve <- lbfgsb(c(a = 200, b = -150, c = 5), squares, control = list(fn_is = "squares", nobs = 23))
  small <- "p of model 2 may be far too small: under model 1, c has no effect, so that the F law does not hold."
  expect_match(told_by(update(curve, fixed = c(b = 0)), curve), small, fixed = TRUE)
  level <- lbfgsb(c(a = 100), function(p) sum((Puromycin$rate - p)^2), control = list(fn_is = "squares", nobs = 23))
  expect_match(told_by(level, curve), small, fixed = TRUE)
})

test_that("fn is not evaluated beyond the bounds of the larger model", {
  seen <- NULL
  nll <- function(p, y, of) {
    seen <<- c(seen, p[["tau"]])
    v <- p[["tau"]]^2 + p[["s"]]^2 / 4
    4 * 3 * log(p[["s"]]) + sum((y - ave(y, of, FUN = mean))^2) / (2 * p[["s"]]^2) +
      sum(log(v) + (tapply(y, of, mean) - p[["mu"]])^2 / v) / 2
  }
  fit_to <- function(lower, ...) {
    y <- rep(c(-1, 0, 1, 2), each = 4) + with_random_state(1, rnorm(16, 0, 0.5))
    lbfgsb(c(mu = 0, s = 1, tau = 0.5), nll, y = y, of = rep(1:4, each = 4), lower = lower, ...,
           control = list(fn_is = "negloglik", nobs = 16))
  }
  one <- fit_to(c(s = 0.1), fixed = c(tau = 0))
  two <- fit_to(c(s = 0.1, tau = 1e-3))
  seen <- NULL
  expect_match(told_by(one, two), "tau is at its bound", fixed = TRUE)
  expect_identical(min(seen), 1e-3)
})

test_that("one gradient shows what has an effect; without it a parameter takes one evaluation", {
  n <- 60
  x <- with_random_state(1, matrix(rnorm(300 * n, sd = 0.3), 300))
  y <- with_random_state(2, rpois(300, 2))
  counted <- c(fn = 0, gr = 0)
  nll <- function(b) {
    counted[["fn"]] <<- counted[["fn"]] + 1
    sum(exp(x %*% b) - y * (x %*% b))
  }
  slopes <- function(b) {
    counted[["gr"]] <<- counted[["gr"]] + 1
    drop(crossprod(x, exp(x %*% b) - y))
  }
  count_in <- function(larger) {
    smaller <- update(larger, fixed = c(b1 = 0, b2 = 0))
    counted[] <<- 0
    heading <- told_by(smaller, larger)
    expect_no_match(heading, "p of model 2")
    counted
  }
  named <- setNames(rep(0, n), paste0("b", 1:n))
  full <- lbfgsb(named, nll, slopes, control = list(fn_is = "negloglik"))
  expect_lt(sum(count_in(full)), 10)
  expect_lt(count_in(lbfgsb(named, nll, control = list(fn_is = "negloglik")))[["fn"]], n + 10)
})

test_that("with a gradient a rate without an effect is seen, too", {
  curve <- function(p) Puromycin$rate - p[["a"]] - p[["b"]] * exp(-p[["c"]] * Puromycin$conc)
  slopes <- function(p) {
    decay <- exp(-p[["c"]] * Puromycin$conc)
    -2 * c(a = sum(curve(p)), b = sum(curve(p) * decay), c = -sum(curve(p) * p[["b"]] * Puromycin$conc * decay))
  }
  fit <- lbfgsb(c(a = 200, b = -150, c = 5), function(p) sum(curve(p)^2), slopes, control = list(fn_is = "squares", nobs = 23))
  expect_match(told_by(update(fit, fixed = c(b = 0)), fit), "far too small: under model 1, c has no effect", fixed = TRUE)
})

test_that("of a parameter that fn does not use that is said", {
  squares <- function(p) sum((cars$dist - p[["a"]] - p[["b"]] * cars$speed)^2)
  full <- lbfgsb(c(a = 0, b = 1, u = 1, w = 2), squares, control = list(fn_is = "squares", nobs = 50))
  says <- "`fn` of model 2 does not use u, and Df counts u all the same, so that p is too large: take it out, or fix it in both"
  smaller <- update(full, fixed = c(b = 0, u = 1, w = 2))
  without_w <- update(full, fixed = c(w = 2))
  expect_match(told_by(smaller, without_w), says, fixed = TRUE)
  expect_no_match(told_by(smaller, without_w), "far too small")
  expect_match(told_by(update(without_w, fixed = c(u = 1)), without_w), says, fixed = TRUE)
  expect_match(told_by(update(full, fixed = c(b = 0)), full), "does not use u, w: take", fixed = TRUE)
})

test_that("a standard deviation of 0 whose bounds let it be negative is at an edge", {
  nll <- random_intercepts()
  full <- lbfgsb(c(mu = 0.3, s = 1, tau = 0.5), nll, lower = c(s = 0.1), control = list(fn_is = "negloglik", nobs = 24))
  large <- "p of model 2 is too large: under model 1, tau, whose sign has no effect, is 0, where the chi-squared law does not hold"
  expect_match(told_by(update(full, fixed = c(tau = 0)), full), large, fixed = TRUE)
  none <- lbfgsb(c(mu = 0.3, s = 1), function(p) nll(c(p, tau = 0)), lower = c(s = 0.1),
                 control = list(fn_is = "negloglik", nobs = 24))
  expect_match(told_by(none, full), large, fixed = TRUE)
  expect_no_match(told_by(update(full, fixed = c(mu = 0)), full), "p of model 2")
})

test_that("symmetric data are no edge of their mean", {
  y <- c(-3, -1, 1, 3)
  squares <- function(p) sum((y - p[["a"]] - p[["b"]] * 1:4)^2)
  full <- lbfgsb(c(a = 0, b = 0), squares, control = list(fn_is = "squares", nobs = 4))
  expect_no_match(told_by(update(full, fixed = c(b = 0)), full), "p of model 2")
  expect_no_match(told_by(update(full, fixed = c(a = 0, b = 1)), update(full, fixed = c(b = 1))), "sign")
})

test_that("a bound of a standard deviation at which fn is as good as infinite is no edge", {
  line <- function(lower, fn_is = "negloglik") {
    sign <- if (fn_is == "loglik") 1 else -1
    nll <- function(p) sign * sum(dnorm(cars$dist, p[["a"]] + p[["b"]] * cars$speed, p[["sigma"]], log = TRUE))
    lbfgsb(c(a = 1, b = 1, sigma = 1), nll, lower = c(sigma = lower), control = list(fn_is = fn_is, nobs = 50))
  }
  mean <- lbfgsb(c(mu = 1, s = 1), function(p) -sum(dnorm(cars$dist, p[["mu"]], p[["s"]], log = TRUE)), lower = c(s = 1e-3),
                 control = list(fn_is = "negloglik", nobs = 50))
  for (lower in c(0, 1e-6, 1e-3)) {
    expect_no_match(told_by(mean, line(lower)), "inside the bounds", fixed = TRUE)
    expect_no_match(told_by(mean, line(lower, "loglik")), "inside the bounds", fixed = TRUE)
  }
  expect_match(told_by(mean, line(1)), "If it is at one, as of sigma,", fixed = TRUE)
  rate <- lbfgsb(c(rate = 1), function(p) -sum(dexp(cars$dist, p, log = TRUE)), lower = 1e-3, control = list(fn_is = "negloglik"))
  weibull <- lbfgsb(c(shape = 1, scale = 10), function(p) -sum(dweibull(cars$dist, p[["shape"]], p[["scale"]], log = TRUE)),
                    lower = 1e-3, control = list(fn_is = "negloglik"))
  expect_no_match(told_by(rate, weibull), "inside the bounds", fixed = TRUE)
})
