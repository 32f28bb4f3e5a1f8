# Growth curves A b(t, x, s) of data that may stop early. Where x grows so must A, as exp(x / s) or as a power of x: b comes
# to `far` of t and s.
growth <- list(
  logistic = list(b = function(t, x, s) 1 / (1 + exp((x - t) / s)), far = function(t, s) exp((t - max(t)) / s),
                  start = c(A = 368, x = 14, s = 6), slopes = function(b, t, x, s) -b * (1 - b) / s * cbind(1, (t - x) / s)),
  hill = list(b = function(t, x, s) t^s / (x^s + t^s), far = function(t, s) (t / max(t))^s, start = c(A = 100, x = 8, s = 2),
              slopes = function(b, t, x, s) b * (1 - b) * cbind(-s / x, log(t / x)))
)

fit_growth <- function(model, t, y, with_gradient, ...) {
  squares <- function(p) sum((y - p[["A"]] * model$b(t, p[["x"]], p[["s"]]))^2)
  gradient <- function(p) {
    b <- model$b(t, p[["x"]], p[["s"]])
    -2 * drop((y - p[["A"]] * b) %*% cbind(b, p[["A"]] * model$slopes(b, t, p[["x"]], p[["s"]])))
  }
  lbfgsb(model$start, squares, if (with_gradient) gradient, ..., control = list(fn_is = "squares", nobs = length(t)))
}

# z at x, or where it goes as x grows: given x and s, A is linear
z_of_growth <- function(model, t, y, value, x = Inf) {
  squares <- function(log_s) {
    b <- if (x == Inf) model$far(t, exp(log_s)) else model$b(t, x, exp(log_s))
    sum((y - sum(y * b) / sum(b^2) * b)^2)
  }
  log_s <- seq(-2, 5, length.out = 141)
  nearest <- log_s[which.min(vapply(log_s, squares, 0))]
  best <- optimize(squares, nearest + c(-0.05, 0.05), tol = 1e-10)$objective
  sqrt(max(best - value, 0) / (value / (length(t) - 3)))
}

chick <- function(k) subset(datasets::ChickWeight, Chick == k)

test_that("where a curve that grows for ever is inside the interval, the upper limit is Inf", {
  for (k in c(1, 13, 22, 31, 37, 38, 39)) {
    data <- chick(k)
    cutoff <- qt(0.975, nrow(data) - 3)
    for (with_gradient in c(FALSE, TRUE)) {
      fit <- fit_growth(growth$logistic, data$Time, data$weight, with_gradient)
      expect_lt(z_of_growth(growth$logistic, data$Time, data$weight, fit$value), cutoff)
      expect_identical(expect_silent(confint(fit, "x", method = "profile"))[[2]], Inf)
    }
  }
})

test_that("where it is outside, the upper limit is where the profile crosses the level", {
  for (k in c(3, 4, 11, 20, 26)) {
    data <- chick(k)
    cutoff <- qt(0.975, nrow(data) - 3)
    for (with_gradient in c(FALSE, TRUE)) {
      fit <- fit_growth(growth$logistic, data$Time, data$weight, with_gradient)
      expect_gt(z_of_growth(growth$logistic, data$Time, data$weight, fit$value), cutoff)
      limit <- confint(fit, "x", method = "profile")[[2]]
      expect_equal(z_of_growth(growth$logistic, data$Time, data$weight, fit$value, limit), cutoff, tolerance = 2e-3)
    }
  }
})

# Concentrations up to some part of the half maximum, 8
doses <- function(seed, highest = 8.8) {
  set.seed(seed)
  t <- seq(highest / 10, highest, length.out = 12)
  y <- 100 * growth$hill$b(t, 8, 2)
  data.frame(t, y = y + rnorm(12, sd = 0.04 * max(y)))
}

test_that("the limit of a half maximal concentration is Inf or right", {
  for (seed in c(22, 1:4)) {
    data <- doses(seed)
    for (with_gradient in c(FALSE, TRUE)) {
      fit <- fit_growth(growth$hill, data$t, data$y, with_gradient, lower = c(x = 0.01, s = 0.05))
      z <- function(x) z_of_growth(growth$hill, data$t, data$y, fit$value, x)
      limit <- expect_silent(confint(fit, "x", method = "profile"))[[2]]
      if (z(Inf) < qt(0.975, 9)) expect_identical(limit, Inf) else expect_equal(z(limit), qt(0.975, 9), tolerance = 2e-3)
    }
  }
})

test_that("where another parameter falls as an exponential the limit is Inf, too", {
  for (k in c(1, 31, 38)) {
    data <- chick(k)
    squares <- function(p) sum((data$weight - growth$logistic$b(data$Time, p[["x"]], p[["s"]]) / p[["B"]])^2)
    fit <- lbfgsb(c(B = 1 / 368, x = 14, s = 6), squares, control = list(fn_is = "squares", nobs = nrow(data)))
    expect_identical(expect_silent(confint(fit, "x", method = "profile"))[[2]], Inf)
  }
})

# Of two exponentials the second one may be gone after the first time, and then B is as exp(exp(l) t[1])
test_that("where a step was taken back for want of a prediction, the walk comes to its end later", {
  t <- seq(0.5, 6, length.out = 12)
  for (seed in c(3, 4, 6)) {
    set.seed(seed)
    y <- 5 * exp(-0.3 * t) + 3 * exp(-1.5 * t) + rnorm(12, sd = 0.1)
    squares <- function(p) sum((y - p[["A"]] * exp(-exp(p[["k"]]) * t) - p[["B"]] * exp(-exp(p[["l"]]) * t))^2)
    fit <- lbfgsb(c(A = 4, k = -1, B = 2, l = 0.5), squares, control = list(fn_is = "squares", nobs = 12))
    one <- function(k) sum(qr.resid(qr(exp(-exp(k) * t[-1])), y[-1])^2)
    far <- min(vapply(seq(-4, 2, by = 0.01), one, 0))
    expect_lt((far - fit$value) / (fit$value / 8), qt(0.975, 8)^2)
    expect_identical(expect_silent(confint(fit, "l", method = "profile"))[[2]], Inf)
  }
})

test_that("a limit is not told where the runs for the others do not come to a minimum", {
  set.seed(34) # the level is reached by runs that end short, and is nowhere
  last <- runif(1, 0.7, 1.3) * 5
  t <- seq(last / 12, last, length.out = 12)
  y <- 100 * exp(-exp((5 - t) / 3))
  y <- y + rnorm(12, sd = 0.04 * max(y))
  gompertz <- function(p) sum((y - p[["A"]] * exp(-exp((p[["x"]] - t) / p[["s"]])))^2)
  fit <- lbfgsb(c(A = 100, x = 5, s = 3), gompertz, lower = c(s = 0.05), control = list(fn_is = "squares", nobs = 12))
  expect_warning(limits <- confint(fit, "x", method = "profile"), class = "lbfgsb_warning_profile")
  expect_identical(limits[[2]], NA_real_)
})

test_that("the others are predicted exactly where they go along polynomials, exponentials and powers", {
  walker <- list(problem = list(lower = rep(-Inf, 7), upper = c(rep(Inf, 6), 1)))
  others <- function(x) c(x, 1 + x - x^2, exp(x), -2 * exp(x / 3 - x^2), 3 * abs(x)^-1.5, 5, 0 * x)
  for (x in list(c(1, 1.5, 2.2, 2.5), c(1, 2, 4, 8), -c(1, 1.5, 2.2, 2.5))) {
    for (target in c(1.2, 2) * x[4]) {
      expect_equal(predict_par(vapply(x, others, numeric(7)), 1, target, walker), others(target))
    }
  }
})

test_that("where a logarithm ends a prediction is by a polynomial, and it is in the box", {
  of_two <- function(x, f, target, ...) {
    predict_par(vapply(x, function(x) c(x, f(x)), numeric(2)), 1, target, list(problem = list(...)))
  }
  expect_equal(of_two(4:1, function(x) 1 / x, -1, lower = -9, upper = 9), c(-1, 3))
  expect_identical(of_two(1:4, identity, 5, lower = 0, upper = c(9, 4.5)), c(5, 4.5))
})

test_that("scales are in proportion to what has grown far, or shrunk far and kept its sign", {
  expect_identical(scales_at(c(2, 30, -5e6, 8e3, 80), c(1, 10, -100, 0, 20), c(1, 2, 50, 4, 5)), c(1, 2, 2.5e6, 8e3, 5))
  expect_equal(scales_at(c(-0.1, 1e-3, 0.1, -1e-3, 0), c(-1, 1, 1, 1, 1), c(0.2, 0.2, 8, 0.2, 0.2)), c(0.2, 2e-4, 8, 0.2, 0.2))
  expect_equal(scales_at(1e-3, 1, 8), 1e-3)
})

# The log-likelihood of errors with sd as a parameter, where given x the mean is linear in columns X(x) and s in r alone
z_of_linear <- function(X, y, value) {
  function(x) sqrt(2 * (-sum(dnorm(r <- lm.fit(X(x), y)$residuals, 0, sqrt(mean(r^2)), log = TRUE)) - value))
}

power_law <- function(seed) {
  set.seed(seed)
  x <- runif(10, 1, 50)
  y <- 0.01 * x^2.5
  y <- y + rnorm(10, 0, sd(y) / 2)
  nll <- function(p) -sum(dnorm(y, p[["a"]] * x^p[["b"]], p[["s"]], log = TRUE))
  fit <- lbfgsb(c(a = 0.01, b = 2.5, s = sd(y) / 2), nll, lower = c(s = 0.01), control = list(fn_is = "negloglik"))
  list(fit = fit, z = z_of_linear(function(b) cbind(x^b), y, fit$value))
}

test_that("the profile of an exponent is right where its factor has all but gone", {
  for (seed in c(11, 4, 16)) {
    law <- power_law(seed)
    profiled <- profile(law$fit, "b")
    far <- subset(profiled$b, abs(z) > 0.3)
    expect_equal(abs(far$z), vapply(far$b, law$z, 0), tolerance = 5e-3)
    expect_equal(vapply(confint(profiled), law$z, 0), rep(qnorm(0.975), 2), tolerance = 2e-3)
  }
})

test_that("and where the mean has a constant, too", {
  for (seed in c(46, 57)) {
    set.seed(seed)
    x <- runif(12, 0.1, 50)
    y <- 2 * x^0.6 + 1
    y <- y + rnorm(12, 0, 0.3 * sd(y))
    nll <- function(p) -sum(dnorm(y, p[["a"]] * x^p[["b"]] + p[["c"]], p[["s"]], log = TRUE))
    fit <- lbfgsb(c(a = 2, b = 0.6, c = 1, s = 1), nll, lower = c(s = 1e-3), control = list(fn_is = "negloglik"))
    profiled <- profile(fit, "b")
    z <- z_of_linear(function(b) cbind(x^b, 1), y, fit$value)
    expect_equal(vapply(confint(profiled), z, 0), rep(qnorm(0.975), 2), tolerance = 2e-3)
    expect_equal(vapply(confint(profiled, level = 0.99), z, 0), rep(qnorm(0.995), 2), tolerance = 2e-3)
  }
})

# Minus the log-likelihood of y = a x^b with normal errors; where b is known, a and sd are in closed form.
power_nll <- function(p, x, y) -sum(dnorm(y, p[["a"]] * x^p[["b"]], p[["sd"]], log = TRUE))

power_data <- function(seed) {
  with_random_state(seed, {
    x <- runif(10, 1, 50)
    y <- 0.01 * x^2.5
    list(x = x, y = y + rnorm(10, sd = sd(y) / 2))
  })
}

exact_z <- function(b, d, fit) {
  r <- lm.fit(cbind(d$x^b), d$y)$residuals
  sqrt(2 * pmax(0, -sum(dnorm(r, 0, sqrt(mean(r^2)), log = TRUE)) - fit$value))
}

test_that("a parameter that falls by powers of ten far out does not end the runs for the others early", {
  for (seed in c(11, 12, 13, 57)) {
    d <- power_data(seed)
    fit <- lbfgsb(c(a = 0.01, b = 2.5, sd = 20), power_nll, x = d$x, y = d$y, lower = c(sd = 0.01),
                  control = list(fn_is = "negloglik"))
    table <- profile(fit, "b")$b
    expect_lt(max(abs(abs(table$z) - vapply(table$b, exact_z, 0, d, fit))), 5e-3)
  }
})

# For b2 without limit the curve becomes a exp(k Time), which nls() fits: its z is below the level.
test_that("another parameter that goes as far as numbers go is no limit", {
  for (chick in c(1, 13)) {
    one <- subset(ChickWeight, Chick == chick)
    squares <- function(p) sum((one$weight - p[["Asym"]] * exp(-p[["b2"]] * p[["b3"]]^one$Time))^2)
    fit <- lbfgsb(c(Asym = 200, b2 = 1, b3 = 0.5), squares, lower = c(b2 = 0, b3 = 0), upper = c(b3 = 1),
                  control = list(fn_is = "squares", nobs = 12))
    exponential <- nls(weight ~ a * exp(k * Time), one, start = list(a = 40, k = 0.05))
    expect_lt((deviance(exponential) - fit$value) / (fit$value / 9), qt(0.975, 9)^2)
    limits <- suppressWarnings(confint(fit, "b2", method = "profile"), classes = "lbfgsb_warning_profile")
    expect_true(limits[[2]] %in% c(NA, Inf))
  }
})
