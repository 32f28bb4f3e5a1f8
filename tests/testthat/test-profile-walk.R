negloglik <- list(fn_is = "negloglik")

# Fits whose best value is at infinity, and the profile's value at the parameter
normal_as_t <- function(n = 200) {
  y <- qnorm(ppoints(n))
  nll <- function(p) -sum(dt((y - p[["m"]]) / p[["s"]], p[["df"]], log = TRUE) - log(p[["s"]]))
  lbfgsb(c(m = 0.1, s = 1, df = 5), nll, lower = c(s = 0.01, df = 0.1), control = negloglik)
}
poisson_as_negbin <- function(seed) {
  set.seed(seed)
  y <- rpois(60, 5)
  lbfgsb(c(m = 1, k = 1), function(p) -sum(dnbinom(y, size = p[["k"]], mu = exp(p[["m"]]), log = TRUE)), lower = c(k = 1e-3),
         control = negloglik)
}

# The lower limit of a parameter by runs that fix it
limit_by_runs <- function(fit, name, within) {
  rise <- function(log_value) {
    fixed <- setNames(exp(log_value), name)
    start <- replace(replace(fit$par, name, exp(log_value)), "m", fit$par[["m"]] + 1e-3)
    2 * (update(fit, par = start, fixed = fixed)$value - fit$value) - qchisq(0.95, 1)
  }
  exp(uniroot(rise, log(within), tol = 1e-6)$root)
}

test_that("the profile of a parameter whose best value is at infinity comes back to where its limit is", {
  fit <- normal_as_t()
  expect_gt(fit$par[["df"]], 1e4)
  limit <- limit_by_runs(fit, "df", c(2, 200))
  for (start in list(fit, update(fit))) {
    limits <- expect_silent(confint(start, "df", method = "profile"))
    expect_equal(limits[[1]], limit, tolerance = 0.02)
    expect_identical(limits[[2]], Inf)
  }
})

test_that("a gain that moves no z is no better optimum", {
  for (seed in c(1, 4, 10)) {
    fit <- poisson_as_negbin(seed)
    expect_gt(fit$par[["k"]], 1e4)
    limits <- expect_silent(confint(fit, "k", method = "profile"))
    expect_equal(limits[[1]], limit_by_runs(fit, "k", c(3, 1000)), tolerance = 0.02)
    expect_identical(limits[[2]], Inf)
  }
})

test_that("where another parameter comes to the edge of the domain the walk goes on along it", {
  nll <- function(p) -sum(dgamma(cars$dist, p[["shape"]], p[["rate"]], log = TRUE))
  start <- c(shape = 1, rate = 0.05)
  bounded <- lbfgsb(start, nll, lower = 1e-6, upper = c(shape = 3), control = negloglik)
  expected <- confint(bounded, "rate", method = "profile")
  for (beyond in c(NaN, Inf)) {
    fit <- lbfgsb(start, function(p) if (p[["shape"]] > 3) beyond else nll(p), lower = 1e-6, control = negloglik)
    expect_equal(expect_silent(confint(fit, "rate", method = "profile")), expected, tolerance = 2e-3)
  }
  fit <- lbfgsb(start, function(p) if (p[["shape"]] > 3) stop("beyond") else nll(p), lower = 1e-6, control = negloglik)
  expect_warning(limits <- confint(fit, "rate", method = "profile"), "is NA, unless", class = "lbfgsb_warning_profile")
  expect_identical(limits[[2]], NA_real_)
})

test_that("from separated data, far beyond which fn is not finite, the walk goes back toward the start", {
  ill <- rep(0:1, each = 3)
  nll <- function(p) -sum(dbinom(ill, 1, plogis(p[["a"]] + p[["b"]] * 1:6), log = TRUE))
  fit <- lbfgsb(c(a = 0, b = 0), nll, control = negloglik)
  rise <- function(b) 2 * optimize(function(a) nll(c(a = a, b = b)), c(-4.5 * b - 20, 20), tol = 1e-10)$objective - qchisq(0.95, 1)
  limits <- suppressWarnings(confint(fit, "b", method = "profile"))
  expect_equal(limits[[1]], uniroot(rise, c(-1, 2), tol = 1e-8)$root, tolerance = 0.02)
  expect_identical(limits[[2]], Inf)
})

test_that("at an edge where z still rises the limit is NA, with a warning", {
  nll <- function(p) if (p[["shape"]] > 3) NaN else -sum(dgamma(cars$dist, p[["shape"]], p[["rate"]], log = TRUE))
  fit <- lbfgsb(c(shape = 1, rate = 0.05), nll, lower = 1e-6, control = negloglik)
  warned <- expect_warning(profiled <- profile(fit), class = "lbfgsb_warning_profile")
  expect_identical(warned$parameters, "shape")
  expect_snapshot(writeLines(conditionMessage(warned)))
  expect_identical(is.na(confint(profiled)), is.na(rbind(shape = c(1, NA), rate = c(1, 1))), ignore_attr = "dimnames")
  expect_false(anyNA(confint(profiled["shape"], level = 0.5)))
  expect_warning(confint(fit, method = "profile"), class = "lbfgsb_warning_profile")
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  expect_silent(plot(profiled))
})

test_that("a walk that gives up before the level has no limit, with a warning", {
  slow <- lbfgsb(c(a = 1), function(a) 0.3 * log1p(log1p(a^2)), control = negloglik)
  warned <- expect_warning(limits <- confint(slow, method = "profile"), class = "lbfgsb_warning_profile")
  expect_identical(as.vector(limits), c(NA_real_, NA_real_))
  expect_match(conditionMessage(warned), "followed to a = -.*, a = .*, in as many runs as it may take")
})

test_that("a change point has no profile, and is told to be one", {
  year <- as.vector(time(Nile))
  flow <- function(p) -sum(dnorm(Nile, ifelse(year < p[["tau"]], p[["m1"]], p[["m2"]]), p[["s"]], log = TRUE))
  fit <- lbfgsb(c(m1 = 1000, m2 = 900, tau = 1900, s = 100), flow, lower = c(s = 1), control = negloglik)
  warned <- expect_warning(limits <- confint(fit, "tau", method = "profile"), class = "lbfgsb_warning_profile")
  expect_identical(warned$parameters, rep("tau", 2))
  expect_match(conditionMessage(warned), "`fn` does not change up to tau = 1898, tau = 1899, and jumps there", fixed = TRUE)
  expect_identical(as.vector(limits), c(NA_real_, NA_real_))
  expect_error(vcov(fit), "may also change by jumps, as with a change point", fixed = TRUE, class = "lbfgsb_error_hessian")
})

test_that("halfway is the mean of numbers of one size, and the root of the product of others", {
  expect_equal(halfway(2000, 2010), 2005, tolerance = 1e-5)
  expect_equal(halfway(2, 200), 20, tolerance = 0.3)
  expect_identical(halfway(-4, 4), 0)
  expect_lt(halfway(1e9, 0), 1e8)
  expect_identical(halfway(-1e9, 0.5), -halfway(1e9, -0.5))
  expect_identical(halfway(2^70, 2^40), 2^40 * halfway(2^30, 1))
})

test_that("of few of many parameters a profile takes no Hessian, and of others it is counted", {
  n <- 110
  A <- diag(1:n / 10) + 0.05
  calls <- 0
  fn <- function(x) {
    calls <<- calls + 1
    drop((x - 1) %*% A %*% (x - 1)) / 2
  }
  gr <- function(x) drop(A %*% (x - 1))
  fit <- lbfgsb(numeric(n), fn, gr, control = negloglik)
  calls <- 0
  one <- profile(fit, 7)
  expect_lt(calls, n)
  expect_identical(sum(attr(one, "evaluations")), calls - 1) # one asks whether fn is what it was
  expect_equal(as.vector(confint(one)), 1 + c(-1, 1) * 1.959964 * sqrt(solve(A)[7, 7]), tolerance = 1e-4)
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  expect_silent(plot(one))
  calls <- 0
  three <- profile(fit, 5:7)
  expect_equal(sum(attr(three, "evaluations"), attr(three, "hessian_evaluations")), calls, tolerance = 0.05)
  expect_equal(confint(three)["[7]", ], confint(one)["[7]", ], tolerance = 1e-4)
  expect_output(print(three), ", and [0-9]+ for the Hessian")
  fit$state <- NULL
  expect_equal(confint(profile(fit, 7)), confint(one), tolerance = 1e-4)
})

# The fit of a curve to biochemical oxygen demands in units of u
demand_fit <- function(u, ...) {
  squares <- function(p) sum((u * BOD$demand - u * p[["A"]] * (1 - exp(-exp(p[["k"]]) * BOD$Time)))^2)
  lbfgsb(c(A = 20, k = -1), squares, control = list(fn_is = "squares", nobs = 6, ...))
}

test_that("limits do not depend on the unit of fn", {
  fit <- demand_fit(1)
  others <- function(A) optimize(function(k) fit$objective$fn(c(A = A, k = k)), c(-9, 4), tol = 1e-10)$objective
  rise <- function(A) (others(A) - fit$value) / (fit$value / 4) - qt(0.975, 4)^2
  limits <- confint(fit, method = "profile")
  expect_equal(limits[["A", 1]], uniroot(rise, c(10, 19), tol = 1e-8)$root, tolerance = 1e-2)
  expect_equal(limits[["A", 2]], uniroot(rise, c(20, 60), tol = 1e-8)$root, tolerance = 1e-2)
  for (u in 2^c(-10, -20, 20)) expect_identical(confint(demand_fit(u), method = "profile"), limits)
  expect_equal(confint(demand_fit(1, fnscale = 2^30), method = "profile"), limits, tolerance = 1e-5)
})

test_that("limits do not depend on fnscale, nor on a constant in fn", {
  set.seed(2)
  x <- rnorm(200)
  z <- 0.999 * x + sqrt(1 - 0.999^2) * rnorm(200)
  y <- rbinom(200, 1, plogis(0.3 + x))
  ll <- function(b) sum(dbinom(y, 1, plogis(b[["a"]] + b[["x"]] * x + b[["z"]] * z), log = TRUE))
  gr <- function(b) {
    r <- y - plogis(b[["a"]] + b[["x"]] * x + b[["z"]] * z)
    c(sum(r), sum(r * x), sum(r * z))
  }
  limits <- function(fnscale, constant = 0) {
    fn <- function(b) ll(b) + constant
    fit <- lbfgsb(c(a = 0, x = 0, z = 0), fn, gr, control = list(fnscale = fnscale, fn_is = "loglik"))
    confint(fit, "x", method = "profile")
  }
  expected <- suppressMessages(confint(glm(y ~ x + z, binomial), "x"))
  for (fnscale in c(-1, -1e5, -1e-5)) expect_equal(as.vector(limits(fnscale)), unname(expected), tolerance = 2e-4)
  expect_equal(limits(-1, 1e6), limits(-1), tolerance = 2e-4)
})

# Functions of one parameter that are far from quadratic, with a start and bounds
curves <- list(
  binomial = list(fn = function(p) -dbinom(1, 20, p[[1]], log = TRUE), start = 0.5, lower = 0, upper = 1),
  poisson = list(fn = function(r) -dpois(2, r[[1]], log = TRUE), start = 2, lower = 0, upper = Inf),
  wide = list(fn = function(x) (log(x[[1]]) / 5)^2 / 2, start = 1.5, lower = 1e-8, upper = Inf),
  saturating = list(fn = function(x) (2.1 * x[[1]] / (1 + abs(x[[1]])))^2 / 2, start = 0.3, lower = -Inf, upper = Inf),
  cube = list(fn = function(x) 2 * (x[[1]]^(1 / 3) - 2)^2, start = 1, lower = 1e-12, upper = Inf),
  variance = list(fn = function(v) (log(v[[1]]) + 1 / v[[1]]) / 2, start = 2, lower = 1e-12, upper = Inf),
  even = list(fn = function(s) 2 * log1p(s[[1]]^2) + 8.4 / (1 + s[[1]]^2), start = 1, lower = 0, upper = Inf)
)

test_that("at the limits z is what the level says, also in a profile for a higher one", {
  for (curve in curves) {
    fit <- lbfgsb(c(x = curve$start), curve$fn, lower = curve$lower, upper = curve$upper, control = negloglik)
    z_at <- function(limits) vapply(limits, function(x) sqrt(2 * (curve$fn(x) - fit$value)), 0)
    wanted <- qnorm(c(0.975, 0.975))
    profiled <- profile(fit)
    expect_lt(max(abs(z_at(confint(fit, method = "profile")) - wanted)), 0.005)
    expect_lt(max(abs(z_at(confint(profiled)) - wanted)), 0.005)
    expect_lt(max(abs(z_at(confint(profile(fit, level = 0.999))) - wanted)), 0.005)
    if (max(profiled$x$z) > 2.5) expect_lt(max(abs(z_at(confint(profiled, level = 0.99)) - qnorm(0.995))), 0.005)
    expect_lt(max(abs(z_at(confint(profiled, level = 0.8)) - qnorm(0.9))), 0.02)
    expect_identical(confint(profile(fit, level = 0.9), level = 0.9), confint(fit, method = "profile", level = 0.9))
    expect_false(is.unsorted(profiled$x$x, strictly = TRUE))
  }
})

test_that("a point at a limit is one of the profile, with the others at their minimum", {
  y <- c(1, 2, 4)
  nll <- function(p) -sum(dnorm(y, p[["m"]], p[["s"]], log = TRUE))
  fit <- lbfgsb(c(m = 2, s = 1), nll, lower = c(s = 0), control = negloglik)
  by_m <- profile(fit, "m")$m
  expect_equal(by_m$s, sqrt(colMeans(outer(y, by_m$m, "-")^2)), tolerance = 1e-4)
  reach <- sqrt(2 * expm1(qchisq(0.95, 1) / 3)) * sd(y) / sqrt(3)
  expect_equal(as.vector(confint(fit, "m", method = "profile")), mean(y) + c(-1, 1) * reach, tolerance = 2e-3)
})

test_that("an estimate next to its bound has the limit that it has without the bound", {
  nll <- function(p) -sum(dgamma(cars$speed, p[["shape"]], p[["rate"]], log = TRUE))
  gr <- function(p) {
    c(sum(digamma(p[["shape"]]) - log(p[["rate"]]) - log(cars$speed)), sum(cars$speed - p[["shape"]] / p[["rate"]]))
  }
  start <- c(shape = 2, rate = 0.2)
  best <- lbfgsb(start, nll, gr, lower = 1e-6, control = list(fn_is = "negloglik", factr = 10))
  limits <- confint(best, method = "profile")
  for (beyond in c(1e-8, 1e-4)) {
    upper <- best$par + beyond * sqrt(diag(vcov(best)))
    fit <- lbfgsb(start, nll, gr, lower = 1e-6, upper = upper, control = negloglik)
    expect_identical(as.vector(fit$bounds == "free"), c(TRUE, TRUE))
    expect_lt(max(abs(confint(fit, method = "profile")[, 1] - limits[, 1]) / sqrt(diag(vcov(best)))), 1e-4)
  }
})

test_that("a limit on a logarithmic scale is found however close to a bound at which fn is not finite", {
  wide <- function(x) if (x > 0) (log(x) / 5)^2 / 2 else NaN
  for (lower in list(0, -Inf, 1e-300)) {
    fit <- lbfgsb(c(x = 1.5), wide, lower = lower, control = negloglik)
    expect_equal(as.vector(log(expect_silent(confint(fit, method = "profile")))), c(-1, 1) * 5 * 1.959964, tolerance = 2e-3)
  }
  rate <- function(r) 2 * r - 0.1 * log(r)
  fit <- lbfgsb(c(r = 1), rate, lower = 0, control = negloglik)
  rise <- function(log_r) rate(exp(log_r)) - rate(0.05) - qchisq(0.95, 1) / 2
  limits <- log(expect_silent(confint(fit, method = "profile")))
  expect_equal(limits[[1]], uniroot(rise, c(-60, -3), tol = 1e-8)$root, tolerance = 2e-3)
  hardly <- lbfgsb(c(r = 1), function(r) 2e-3 * r - 1e-3 * log(r), lower = 0, control = negloglik)
  expect_warning(confint(hardly, method = "profile"), "in as many runs as it may take", class = "lbfgsb_warning_profile")
})

test_that("where a profile has a value short of a bound it ends there", {
  fit <- lbfgsb(c(p = 0.5), function(p) if (p > 0) 2 * (p - 0.5)^2 else NaN, lower = 0, control = negloglik)
  warned <- expect_warning(limits <- confint(fit, method = "profile"), class = "lbfgsb_warning_profile")
  expect_identical(is.na(as.vector(limits)), c(TRUE, FALSE))
  expect_match(conditionMessage(warned), "not finite right beyond p = ")
  expect_lt(attr(suppressWarnings(profile(fit)), "evaluations"), 40)
})

test_that("a domain that ends close above the estimate is an edge, and no side to which fn is flat", {
  nll <- function(p) -sum(dgamma(cars$speed, p[["shape"]], p[["rate"]], log = TRUE))
  best <- lbfgsb(c(shape = 6, rate = 0.4), nll, lower = 1e-6, control = negloglik)
  for (beyond in c(1e-8, 1e-4, 1e-2, 0.1)) {
    end <- best$par[["shape"]] + beyond * sqrt(vcov(best)[1, 1])
    for (value in c(NaN, Inf)) {
      fit <- best
      fit$objective$fn <- function(p) if (p[["shape"]] > end) value else nll(p)
      expect_warning(limits <- confint(fit, "shape", method = "profile"), "right beyond shape = ",
                     class = "lbfgsb_warning_profile")
      expect_identical(is.na(as.vector(limits)), c(FALSE, TRUE))
    }
  }
})

# The mean of an AR(1), whose coefficient is below 1
test_that("a penalty where the others are predicted to be takes no limit away", {
  for (seed in c(3, 5, 8)) {
    set.seed(seed)
    y <- as.numeric(arima.sim(list(ar = 0.9), 30))
    likelihood <- function(p, beyond) {
      if (abs(p[["phi"]]) >= 1) return(beyond)
      e <- y[-1] - p[["m"]] - p[["phi"]] * (y[-30] - p[["m"]])
      squares <- sum(e^2) + (1 - p[["phi"]]^2) * (y[1] - p[["m"]])^2
      squares / (2 * exp(2 * p[["ls"]])) + 30 * p[["ls"]] - log(1 - p[["phi"]]^2) / 2
    }
    limits <- function(beyond) {
      fit <- lbfgsb(c(m = 0, phi = 0.3, ls = 0), likelihood, beyond = beyond, control = list(fn_is = "negloglik"))
      confint(fit, "m", method = "profile")
    }
    expect_equal(limits(1e10), limits(Inf), tolerance = 1e-4)
  }
})

test_that("points between others are in the box to the last digit", {
  set.seed(42)
  x <- runif(12, 0, 5)
  y <- 3 * x / (0.7 + x) + 1.3 + rnorm(12) * 0.2
  squares <- function(p) sum((y - p[["Vm"]] * x / (p[["K"]] + x) - p[["base"]])^2)
  fit <- lbfgsb(c(Vm = 2, K = 0.5, base = 1.3), squares, lower = c(base = 1.3), upper = c(base = 1.3),
                control = list(fn_is = "squares", nobs = 12))
  free <- lbfgsb(c(Vm = 2, K = 0.5), function(p) squares(c(p, base = 1.3)), control = list(fn_is = "squares", nobs = 12))
  expect_equal(confint(fit, method = "profile")[1:2, ], confint(free, method = "profile"), tolerance = 1e-4)
})

test_that("a walk ends where its steps are lost in rounding", {
  fit <- lbfgsb(c(a = 1, b = 1), function(p) if (p[["a"]] + p[["b"]] > 2.5) 1e10 else 2 * sum((p - 1)^2),
                control = list(fn_is = "negloglik"))
  expect_warning(limits <- confint(fit, method = "profile"), class = "lbfgsb_warning_profile")
  expect_equal(limits[, 1], c(a = 1, b = 1) - qnorm(0.975) / 2, tolerance = 1e-3)
  expect_identical(unname(limits[, 2]), c(NA_real_, NA_real_))
})

test_that("runs for the others end where told noise hides what they gain", {
  set.seed(2)
  y <- 1 + 2 * rt(60, 4)
  fn <- function(p) -sum(dt((y - p[["mu"]]) / p[["s"]], p[["df"]], log = TRUE) - log(p[["s"]]))
  evaluations <- function(noise) {
    fit <- lbfgsb(c(mu = 0, s = 1, df = 5), fn, lower = c(-Inf, 1e-3, 0.5), control = list(fn_is = "negloglik", noise = noise))
    sum(attr(suppressWarnings(profile(fit, level = 0.999)), "evaluations"))
  }
  expect_lt(evaluations(1e-7), 5 * evaluations(0)) # 29 times as many, where they did not
})

test_that("a point between others that is in the farther one's valley is sought from the nearer one", {
  fit <- lbfgsb(c(a = 1, b = 1), function(p) sum(p^2) / 2, control = negloglik)
  walker <- new_walker(fit, 0.95)
  walker$minimize <- function(i, start, confirm) {
    is_far <- start[2] > 0.2
    list(par = c(start[1], is_far), value = if (is_far) 4.49 else start[1]^2 / 2, evaluations = 1)
  }
  walk <- list(par = cbind(c(0, 0), c(1.5, 0), c(2.5, 1)), z = c(0, 1.5, 3), evaluations = 0)
  walk <- add_point(walk, 1, 1, 1.96, walker)
  expect_equal(walk$z[3], walk$par[1, 3], tolerance = 1e-6)
  expect_equal(walk$evaluations, 2)
})
