# Rates by Michaelis and Menten; `per` of the unit of these rates are one of the usual. `write` makes a rate constant of
# the parameters.
michaelis <- local({
  set.seed(101)
  S <- rep(c(0.5, 1, 2, 5, 10, 20, 50), each = 6)
  list(S = S, v = 3.2 * S / (6 + S) + rnorm(42, 0, 0.1))
})

fit_rates <- function(per = 1, v = michaelis$v, gr = NULL, par = c(Vm = 1, Km = 1), ..., gradient = "auto") {
  S <- michaelis$S
  rest <- function(p) v * per - p[["Vm"]] * S / (p[["Km"]] + S)
  slope <- function(p) 2 * c(-sum(rest(p) * S / (p[["Km"]] + S)), sum(rest(p) * p[["Vm"]] * S / (p[["Km"]] + S)^2))
  units <- c(per, 1)
  lbfgsb(par * units, function(p) sum(rest(p)^2), if (!is.null(gr)) slope, lower = 1e-3 * units, ...,
         control = list(fn_is = "squares", nobs = 42, parscale = units, gradient = gradient))
}

se_of <- function(fit) sqrt(diag(vcov(fit)))

se_by_nls <- function(v = michaelis$v) {
  start <- list(Vm = 3, Km = 6)
  summary(nls(v ~ Vm * S / (Km + S), data.frame(v, S = michaelis$S), start))$coefficients[, "Std. Error"]
}

test_that("standard errors of a sum of squares do not depend on its unit, by powers of two to the bit", {
  for (gr in list(NULL, TRUE)) {
    right <- se_of(fit_rates(gr = gr))
    expect_equal(right, se_by_nls(), tolerance = 0.01) # which has no second derivatives
    for (k in c(-40, -10, 20)) expect_identical(se_of(fit_rates(2^k, gr = gr)) / c(2^k, 1), right, label = paste("2 to the", k))
    for (k in c(-15, -8, -4, 15)) {
      expect_equal(se_of(fit_rates(10^k, gr = gr)) / c(10^k, 1), right, tolerance = 1e-4, label = paste("10 to the", k))
    }
  }
  expect_equal(se_of(fit_rates(1e-8, gradient = "richardson")) / c(1e-8, 1), right, tolerance = 1e-4)
})

test_that("nor do those of logarithms of the parameters, nor intervals", {
  squares <- function(q, per) sum((michaelis$v * per - exp(q[[1]]) * michaelis$S / (exp(q[[2]]) + michaelis$S))^2)
  in_logs <- function(per) {
    lbfgsb(c(Vm = log(per), Km = 0), squares, per = per, control = list(fn_is = "squares", nobs = 42))
  }
  for (per in c(1e-9, 1e-5)) {
    expect_equal(se_of(in_logs(per)), se_of(in_logs(1)), tolerance = 1e-4)
    for (method in c("wald", "profile")) {
      shift <- c(log(per), 0)
      expect_equal(confint(in_logs(per), method = method) - shift, confint(in_logs(1), method = method), tolerance = 1e-4)
    }
  }
})

test_that("a Hessian is that of fn in any unit", {
  rosenbrock <- function(x, unit, rest) unit * (100 * (x[2] - x[1]^2)^2 + (1 - x[1])^2 + rest)
  exact <- matrix(c(802, -400, -400, 200), 2)
  for (rest in c(0, 1, -3)) {
    for (unit in 10^c(-30, -12, -3, 0, 3, 12, 30)) {
      H <- lbfgsb_hessian(lbfgsb(c(-1.2, 1), rosenbrock, unit = unit, rest = rest))
      expect_equal(H / unit, exact, tolerance = 1e-4, label = paste(rest, "in the unit", unit))
    }
  }
})

test_that("a log-likelihood that happens to be next to 0 has the Hessian of any other", {
  nll <- function(par, off) -sum(dgamma(cars$speed, par[["shape"]], par[["rate"]], log = TRUE)) - off
  usual <- lbfgsb(c(shape = 2, rate = 0.2), nll, off = 0, lower = 1e-6)
  for (rest in c(0, 1e-10, 1e-6, -1e-4, 1e-2)) {
    fit <- lbfgsb(usual$par, nll, off = usual$value + rest, lower = 1e-6, control = list(maxit = 0))
    expect_equal(lbfgsb_hessian(fit), lbfgsb_hessian(usual), tolerance = 1e-5, label = paste("that of the value", rest))
  }
})

test_that("where fn is what is left of larger terms, its error decides on the steps", {
  X <- cbind(1, cars$speed)
  y <- drop(X %*% c(3, 0.2))
  perfect <- function(b) sum((y - X %*% b)^2)
  slope <- function(b) -2 * drop(crossprod(X, y - X %*% b))
  expanded <- function(b) sum(y^2) - 2 * sum(b * crossprod(X, y)) + sum(b * crossprod(X) %*% b)
  precise <- function(b) sum((y * (1 + 1e-9 * (-1)^(1:50)) - X %*% b)^2)
  for (start in list(c(0, 0), c(3, 0.2))) {
    for (fn in list(perfect, expanded, precise)) {
      for (unit in c(1, 1e-12)) {
        fit <- lbfgsb(start, function(b) unit * fn(b), control = list(confirm = FALSE))
        expect_equal(lbfgsb_hessian(fit) / unit, 2 * unname(crossprod(X)), tolerance = 1e-3)
      }
    }
    expect_equal(lbfgsb_hessian(lbfgsb(start, perfect, slope)), 2 * unname(crossprod(X)), tolerance = 1e-3)
  }
})

test_that("an error that all values close by share decides on the steps", {
  ridge <- function(x) sqrt(1 + (x - 1)^2) - 1 + 0.05 * (x - 1)^2
  for (start in c(-2, 0, 3)) {
    for (rest in c(0, 1e-12, 1e-9)) {
      fit <- lbfgsb(start, function(x) ridge(x) + rest, hessian = TRUE, control = list(fn_is = "negloglik"))
      expect_equal(fit$hessian, matrix(1.1), tolerance = 1e-6)
    }
  }
  X <- cbind(1, 1:6)
  for (intercept in c(0, 2)) {
    for (error in c(0, 1e-7, 1e-5, 1e-4)) {
      y <- drop(X %*% c(intercept, 3)) + error * c(1, -1, 2, 0, -1, 1)
      for (start in list(c(0, 0), c(1, 5))) {
        line <- lbfgsb(start, function(p) sum(sqrt(1 + (y - X %*% p)^2) - 1), hessian = TRUE)
        expect_identical(line$convergence, 0L)
        expect_equal(line$hessian, crossprod(X), tolerance = 1e-3)
      }
    }
  }
})

test_that("a noise that is large beside a value next to 0 is that of the value", {
  share <- c(0.2, 0.3, 0.5)
  divergence <- function(p) sum(share * log(share / prop.table(exp(c(p, 0))))) # of Kullback and Leibler
  exact <- diag(share[1:2]) - outer(share[1:2], share[1:2])
  for (start in list(c(0, 0), c(1, -1), c(-2, 2))) {
    fit <- lbfgsb(start, divergence)
    for (again in list(fit, lbfgsb(fit$par, divergence))) expect_equal(lbfgsb_hessian(again), exact, tolerance = 1e-4)
  }
})

test_that("one value aside tells that the size of fn is that of its value", {
  calls <- 0
  fn <- function(x) {
    calls <<- calls + 1
    1 + sum((x - 1:2)^2)
  }
  objective <- lbfgsb(c(0, 0), fn)$objective
  calls <- 0
  for (value in c(1, NA)) expect_identical(value_size(objective, c(1, 2), value), 1)
  expect_identical(calls, 3)
})

test_that("a saddle point is told in any unit", {
  set.seed(3)
  time <- rep(0:24, 2)
  decay <- 8 * exp(-0.9 * time) + 2 * exp(-0.08 * time) + rnorm(50, 0, 0.05)
  squares <- function(p, unit) {
    sum((decay * unit - p[["A"]] * exp(-p[["al"]] * time) - p[["B"]] * exp(-p[["be"]] * time))^2)
  }
  for (unit in c(1e-6, 1, 1e6)) {
    start <- c(A = unit, al = 0.1, B = unit, be = 0.1)
    fit <- suppressWarnings(lbfgsb(start, squares, unit = unit, lower = 0, hessian = TRUE,
                                   control = list(fn_is = "squares", nobs = 50)), classes = "lbfgsb_warning_saddle")
    if (fit$value > 0.1 * unit^2) { # it may leave it by the last questions, and then ends at 0.0912
      expect_identical(fit$convergence, 51L)
      expect_match(fit$message, "fn is no minimum there")
    }
  }
  for (unit in c(1e-20, 1, 1e20)) {
    flat <- lbfgsb(c(0, 0), function(x) unit * (x[1]^2 - x[2]^2), control = list(maxit = 0))
    expect_error(suppressWarnings(vcov(flat)), "the fit is no minimum")
  }
})

test_that("a noise that is the same everywhere, found where fn was large, is in the Hessian where fn is next to 0", {
  for (seed in 4:8) {
    set.seed(seed)
    A <- cbind(1, rnorm(50))
    y <- drop(A %*% c(1, 2))
    fn <- function(p) sum((y - A %*% p)^2) + 1e-4 * (1 + sin(1e9 * sum(p)))
    fit <- lbfgsb(c(-3, 5), fn, hessian = TRUE)
    expect_lt(max(abs(fit$hessian - 2 * crossprod(A))) / max(crossprod(A)), 1e-2)
  }
})
