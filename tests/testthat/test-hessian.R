quadratic <- list(
  A = crossprod(matrix(c(2, 1, 0, -1, 3, 1, 0.5, 0, 1), 3)),
  fn = function(x) sum(x * (quadratic$A %*% x)) / 2 - sum(x),
  gr = function(x) as.vector(quadratic$A %*% x) - 1
)

test_that("the Hessian is that of fn, symmetric, with names", {
  start <- c(a = 1, b = 1, c = 1)
  fit <- lbfgsb(start, quadratic$fn, quadratic$gr, hessian = TRUE)
  expect_equal(unname(fit$hessian), quadratic$A, tolerance = 1e-7)
  expect_true(isSymmetric(fit$hessian))
  expect_identical(dimnames(fit$hessian), list(names(start), names(start)))
})

test_that("without a gradient it is accurate enough for standard errors", {
  fit <- lbfgsb(c(1, 1, 1), quadratic$fn, hessian = TRUE)
  expect_equal(fit$hessian, quadratic$A, tolerance = 1e-4)
  expect_null(dimnames(fit$hessian))
})

test_that("neither fnscale nor parscale is in it", {
  fit <- lbfgsb(c(1, 1, 1), function(x) -quadratic$fn(x), function(x) -quadratic$gr(x),
                control = list(fnscale = -10, parscale = c(1, 3, 0.1)), hessian = TRUE)
  expect_equal(fit$hessian, -quadratic$A, tolerance = 1e-6)
})

test_that("it is taken inside of the box; fixed parameters are NA", {
  inside <- function(x) {
    stopifnot(x >= c(0, 0.2, -1), x <= c(0.1, 0.2, 1))
    x
  }
  fit <- lbfgsb(c(0.1, 0.2, 0), function(x) quadratic$fn(inside(x)),
                function(x) quadratic$gr(inside(x)),
                lower = c(0, 0.2, -1), upper = c(0.1, 0.2, 1), hessian = TRUE)
  expect_equal(fit$hessian[-2, -2], quadratic$A[-2, -2], tolerance = 1e-6)
  expect_true(all(is.na(fit$hessian[2, ])) && all(is.na(fit$hessian[, 2])))
})

test_that("it takes gradients that fn delivers and is not counted", {
  fn <- function(x) list(value = quadratic$fn(x), gradient = quadratic$gr(x))
  with <- lbfgsb(c(1, 1, 1), fn, hessian = TRUE)
  without <- lbfgsb(c(1, 1, 1), fn)
  expect_equal(with$hessian, quadratic$A, tolerance = 1e-7)
  expect_identical(with$counts, without$counts)
  expect_null(without$hessian)
})

test_that("it can be asked for after the run", {
  start <- c(a = 1, b = 1, c = 1)
  for (gr in list(quadratic$gr, NULL)) {
    fit <- lbfgsb(start, quadratic$fn, gr)
    expect_identical(lbfgsb_hessian(fit), lbfgsb(start, quadratic$fn, gr, hessian = TRUE)$hessian)
    saved <- tempfile()
    saveRDS(fit, saved)
    expect_equal(vcov(readRDS(saved)), vcov(fit))
  }
  fit$objective <- NULL
  expect_error(lbfgsb_hessian(fit), class = "lbfgsb_error_argument")
})

test_that("arguments in the dots are there after the run", {
  fit_scaled <- function(k) lbfgsb(c(1, 1, 1), function(x, k) k * quadratic$fn(x), k = k)
  expect_equal(lbfgsb_hessian(fit_scaled(3)), 3 * quadratic$A, tolerance = 1e-6)
})

# Without a gradient ----------------------------------------------------------------------------------

# Minus the log-likelihood of a Poisson regression, and its Hessian in formulas
counts <- function(n, rows = 200) {
  set.seed(n)
  X <- cbind(1, matrix(rnorm(rows * (n - 1)), rows) / sqrt(n))
  y <- rpois(rows, exp(X[, 1]))
  list(
    fn = function(beta) sum(exp(X %*% beta) - y * (X %*% beta)),
    hessian = function(beta) crossprod(X * exp(drop(X %*% beta)), X)
  )
}

relative_error <- function(H, exact) max(abs(H - exact)) / max(abs(exact))

test_that("it takes 2 n^2 values and some a parameter, which are reported, and is good to 8 digits", {
  for (n in c(1, 5, 20)) {
    p <- counts(n)
    calls <- 0
    counted <- function(beta) {
      calls <<- calls + 1
      p$fn(beta)
    }
    fit <- lbfgsb(numeric(n), counted)
    before <- calls
    H <- lbfgsb_hessian(fit)
    taken <- calls - before - 1 # that by which fn is known again
    expect_lte(taken, 2 * n * (n - 1) + 8 * n + 1)
    expect_lt(relative_error(H, p$hessian(fit$par)), 2e-8) # 1.2e-8 with one parameter, 2e-9 with more
    expect_true(isSymmetric(H, tol = 0))
    reported <- lbfgsb(numeric(n), p$fn, hessian = TRUE)
    expect_identical(attr(reported, "hessian_counts"), c(`function` = as.integer(taken), gradient = 0L))
    expect_identical(reported$counts, fit$counts)
  }
})

test_that("with a gradient it takes two a parameter", {
  fit <- lbfgsb(c(1, 1, 1), quadratic$fn, quadratic$gr, hessian = TRUE)
  expect_identical(attr(fit, "hessian_counts")[["gradient"]], 7L)
  expect_null(attr(lbfgsb(c(1, 1, 1), quadratic$fn, quadratic$gr), "hessian_counts"))
})

test_that("it needs less than half of the evaluations, and a hundredth of the error, of optimHess()", {
  p <- counts(20)
  fit <- lbfgsb(numeric(20), p$fn, hessian = TRUE)
  exact <- p$hessian(fit$par)
  expect_lt(relative_error(fit$hessian, exact), relative_error(optimHess(fit$par, p$fn), exact) / 100)
  expect_lt(attr(fit, "hessian_counts")[["function"]], 0.6 * 4 * 20^2)
})

curved <- function(x) exp(x[1] - x[2]) + 2 * cosh(x[2]) + x[1]^2 * x[3]^2 + x[3]^2 + x[1]^2
curved_hessian <- function(x) {
  e <- exp(x[1] - x[2])
  matrix(c(e + 2 * x[3]^2 + 2, -e, 4 * x[1] * x[3],
           -e, e + 2 * cosh(x[2]), 0,
           4 * x[1] * x[3], 0, 2 * x[1]^2 + 2), 3)
}

test_that("at bounds the points are on one side, and never outside", {
  x <- c(0.3, -0.2, 0.5)
  for (free in list(1, 2, 3, c(1, 3), NULL)) {
    for (side in c("lower", "upper")) {
      lower <- rep(-Inf, 3)
      upper <- rep(Inf, 3)
      held <- setdiff(1:3, free)
      if (side == "lower") lower[held] <- x[held] else upper[held] <- x[held]
      fn <- function(x) {
        stopifnot(x >= lower, x <= upper)
        curved(x)
      }
      fit <- lbfgsb(x, fn, lower = lower, upper = upper, control = list(maxit = 0))
      expect_equal(lbfgsb_hessian(fit), curved_hessian(x), tolerance = 2e-3)
    }
  }
})

test_that("a box too narrow for the steps is enough", {
  x <- c(0.3, -0.2, 0.5)
  fit <- lbfgsb(x, curved, lower = x - 1e-4, upper = x + c(1e-4, 2e-5, 1e-4), control = list(maxit = 0))
  expect_equal(lbfgsb_hessian(fit), curved_hessian(x), tolerance = 1e-4)
})

test_that("not even the rounding of a sum leads outside of the box", {
  lower <- -366.65824476315862
  flat <- function(x) {
    stopifnot(x >= lower)
    1 + ((x - 5245.0760743474211) / 12936776)^2
  }
  fit <- lbfgsb(5250, flat, lower = lower, hessian = TRUE)
  expect_equal(fit$hessian[1], 2 / 12936776^2, tolerance = 1e-2)
})

test_that("where fn is not defined on one side, or in a corner, the other points do", {
  x <- c(0.3, -0.2, 0.5)
  at <- function(fn) lbfgsb_hessian(lbfgsb(x, fn, control = list(maxit = 0)))
  for (nothing in list(NaN, NA, Inf)) {
    edge <- function(y) if (y[2] < x[2]) nothing else curved(y)
    expect_equal(at(edge), curved_hessian(x), tolerance = 1e-3)
  }
  cut <- function(y) if (y[1] > x[1] && y[2] > x[2]) NaN else curved(y)
  expect_equal(at(cut), curved_hessian(x), tolerance = 1e-7)
  closing <- FALSE
  fit <- lbfgsb(x, function(y) if (closing && any(y != x)) NaN else curved(y), control = list(maxit = 0))
  closing <- TRUE
  expect_true(all(is.nan(lbfgsb_hessian(fit))))
  expect_error(suppressWarnings(vcov(fit)), "not defined close", class = "lbfgsb_error_hessian")
})

test_that("fn may return a list, a value with attributes, or an integer, and sees par in its shape", {
  start <- matrix(c(1, 1, 1, 1), 2, dimnames = list(c("a", "b"), NULL))
  plain <- function(x) {
    stopifnot(identical(dimnames(x), dimnames(start)))
    sum((x - 1:4)^2) + x[1] * x[4]
  }
  H <- lbfgsb_hessian(lbfgsb(start, plain))
  expect_equal(H, 2 * diag(4) + outer(c(1, 0, 0, 0), c(0, 0, 0, 1)) + outer(c(0, 0, 0, 1), c(1, 0, 0, 0)),
               tolerance = 1e-7)
  expect_identical(lbfgsb_hessian(lbfgsb(start, function(x) list(value = plain(x)))), H)
  expect_identical(lbfgsb_hessian(lbfgsb(start, function(x) structure(plain(x), note = "mine"))), H)
  parts <- lbfgsb(list(a = 1, b = c(1, 1)), function(p) p$a^2 + sum((p$b - p$a)^2), hessian = TRUE)
  expect_equal(unname(parts$hessian), 2 * matrix(c(3, -1, -1, -1, 1, 0, -1, 0, 1), 3), tolerance = 1e-7)
  expect_identical(rownames(parts$hessian), c("a", "b1", "b2"))
})

test_that("a vector that fn keeps is left to it", {
  kept <- list()
  fn <- function(x) {
    kept[[length(kept) + 1]] <<- x
    quadratic$fn(x)
  }
  fit <- lbfgsb(c(1, 1, 1), fn)
  kept <- list()
  lbfgsb_hessian(fit)
  expect_identical(anyDuplicated(kept[-1]), 0L)
  expect_identical(kept[[1]], fit$par)
})

test_that("an error of fn is passed on, with the run; lbfgsb_stop() leaves out the Hessian", {
  after <- function(do) {
    calls <- 0
    last <- lbfgsb(c(1, 1, 1), quadratic$fn)$counts[["function"]]
    lbfgsb(c(1, 1, 1), function(x) {
      calls <<- calls + 1
      if (calls > last + 10) do()
      quadratic$fn(x)
    }, hessian = TRUE)
  }
  stopped <- after(lbfgsb_stop)
  expect_identical(stopped$convergence, 0L)
  expect_null(stopped$hessian)
  error <- tryCatch(after(function() stop("mine")), error = identity)
  expect_identical(conditionMessage(error), "mine")
  expect_s3_class(error, "lbfgsb_unfinished")
  rest <- lbfgsb_resume(error$state, quadratic$fn, hessian = TRUE)
  expect_equal(rest$hessian, quadratic$A, tolerance = 1e-7)
})

test_that("noise that is told, or that the run finds, widens the steps", {
  p <- counts(4)
  noisy <- function(beta) p$fn(beta) * (1 + 1e-8 * sin(10^8.5 * sum(beta)))
  error_with <- function(noise) {
    fit <- lbfgsb(numeric(4), noisy, control = list(noise = noise))
    relative_error(lbfgsb_hessian(fit), p$hessian(fit$par))
  }
  expect_lt(error_with(1e-8), 1e-3)
  expect_lt(error_with("auto"), 1e-3)
  expect_gt(error_with(0), 1e-2)
})

test_that("a change of units by powers of two is none, to the bit", {
  x <- c(0.3, -0.2, 0.5)
  hessian_of <- function(units, k) {
    fn <- function(y) k * curved(y / units)
    lbfgsb_hessian(lbfgsb(x * units, fn, control = list(maxit = 0, parscale = units, fnscale = k)))
  }
  units <- 2^c(-20, 3, 11)
  expect_identical(hessian_of(units, 2^9) * outer(units, units) / 2^9, hessian_of(c(1, 1, 1), 1))
})

test_that("steps suit the curvature, whatever the parameters' units and values", {
  for (unit in 10^c(-8, -3, 0, 3, 8)) {
    nll <- function(x) -sum(dnorm(cars$speed, x[1] / unit + 1e4, exp(x[2]), log = TRUE))
    fit <- lbfgsb(c(-1e4 * unit, 1), nll, control = list(parscale = c(unit, 1), factr = 10))
    se <- unname(sqrt(diag(vcov(fit)))) / c(unit, 1)
    expect_equal(se, c(exp(fit$par[2]) / sqrt(50), 0.1), tolerance = 1e-4)
  }
})

test_that("a constant in fn leaves standard errors as they are, whether fn is said to be a likelihood or not", {
  logit <- glm(am ~ wt, binomial, mtcars, epsilon = 1e-14)
  X <- model.matrix(logit)
  error <- function(constant, gradient, k = 1, ...) {
    nll <- function(beta) k * (constant - sum(dbinom(mtcars$am, 1, plogis(drop(X %*% beta)), log = TRUE)))
    score <- function(beta) -k * drop(crossprod(X, mtcars$am - plogis(drop(X %*% beta))))
    fit <- lbfgsb(c(0, 0), nll, if (gradient) score, control = list(...))
    max(abs(sqrt(diag(vcov(fit))) / sqrt(diag(vcov(logit))) - 1))
  }
  for (gradient in c(FALSE, TRUE)) for (constant in c(-1e8, 1e6, 1e7)) {
    expect_lt(error(constant, gradient, fn_is = "negloglik"), 1e-3)
    expect_lt(error(constant, gradient), 3e-3)
    expect_lt(error(constant, gradient, -1, fn_is = "loglik", fnscale = -1), 1e-3)
    expect_lt(error(constant, gradient, 2, fn_is = "deviance"), 1e-3)
  }
})

test_that("the Hessian of a large function, of which nobody says what it is, keeps its digits", {
  large <- function(x) 1e12 * (sum(exp(x)) + x[1]^2 * x[2]^2)
  hessian <- function(x) {
    1e12 * (diag(exp(x)) + rbind(c(2 * x[2]^2, 4 * x[1] * x[2]), c(4 * x[1] * x[2], 2 * x[1]^2)))
  }
  fit <- lbfgsb(c(1, 2), large, lower = 0.5)
  expect_lt(relative_error(lbfgsb_hessian(fit), hessian(fit$par)), 1e-6)
})

test_that("a large sum of squares that begins at its minimum has its Hessian", {
  set.seed(2)
  X <- cbind(1, rnorm(60))
  for (unit in 10^c(5, 7, 9)) {
    y <- unit * (10 + 2 * X[, 2] + rnorm(60))
    squares <- function(p) sum((y - X %*% p)^2)
    for (start in list(lm.fit(X, y)$coefficients, c(0, 0))) {
      fit <- lbfgsb(unname(start), squares)
      expect_lt(relative_error(lbfgsb_hessian(fit), 2 * crossprod(X)), 1e-6)
      expect_lt(relative_error(lbfgsb_hessian(update(fit)), 2 * crossprod(X)), 1e-6)
    }
  }
})

# Real models, fitted by others -----------------------------------------------------------------------

errors_of <- function(nll, start, ...) {
  fit <- lbfgsb(start, nll, ..., control = list(factr = 10))
  unname(sqrt(diag(vcov(fit))))
}
std_errors <- function(model) unname(sqrt(diag(vcov(model))))

test_that("standard errors are those of glm()", {
  logit <- glm(am ~ wt + hp, binomial, mtcars, epsilon = 1e-14)
  X <- model.matrix(logit)
  nll <- function(beta) -sum(dbinom(mtcars$am, 1, plogis(X %*% beta), log = TRUE))
  score <- function(beta) -crossprod(X, mtcars$am - plogis(X %*% beta))
  expect_equal(errors_of(nll, c(0, 0, 0)), std_errors(logit), tolerance = 1e-4)
  expect_equal(errors_of(nll, c(0, 0, 0), gr = score), std_errors(logit), tolerance = 1e-5)
  poisson <- glm(breaks ~ wool + tension, poisson, warpbreaks, epsilon = 1e-14)
  Z <- model.matrix(poisson)
  counts <- function(beta) -sum(dpois(warpbreaks$breaks, exp(Z %*% beta), log = TRUE))
  expect_equal(errors_of(counts, c(3, 0, 0, 0)), std_errors(poisson), tolerance = 1e-4)
})

test_that("standard errors are those of glm.nb() and theta.ml()", {
  skip_if_not_installed("MASS")
  days <- MASS::quine$Days
  # With one mean a group the expected information, glm.nb's, is the observed one.
  glm_nb <- MASS::glm.nb(days ~ MASS::quine$Age, control = glm.control(1e-12, 100))
  X <- model.matrix(glm_nb)
  nll <- function(par) {
    -sum(dnbinom(days, size = par[1], mu = exp(drop(X %*% par[-1])), log = TRUE))
  }
  theta <- MASS::theta.ml(days, fitted(glm_nb), eps = 1e-12, limit = 100)
  expect_equal(errors_of(nll, c(1, 2, 0, 0, 0), lower = c(1e-6, rep(-Inf, 4))),
               c(attr(theta, "SE"), std_errors(glm_nb)), tolerance = 1e-4)
})

test_that("standard errors are those of survreg()", {
  skip_if_not_installed("survival")
  lung <- na.omit(survival::lung[c("time", "status", "age", "sex")])
  weibull <- survival::survreg(survival::Surv(time, status) ~ age + sex, lung,
                               control = survival::survreg.control(rel.tolerance = 1e-12))
  X <- model.matrix(weibull)
  nll <- function(par) {
    u <- (log(lung$time) - drop(X %*% par[1:3])) / exp(par[4])
    -sum((lung$status == 2) * (u - par[4]) - exp(u))
  }
  expect_equal(errors_of(nll, c(5, 0, 0, 0)), std_errors(weibull), tolerance = 1e-4)
})

# Bounds, and what has no inverse -----------------------------------------------------------------------

test_that("a parameter at its bound, or fixed, has NA, and the others take it as known", {
  fit <- lbfgsb(c(a = 1, b = 0, c = 0), quadratic$fn, lower = c(a = 0.5, c = 0),
                upper = c(c = 0))
  expect_identical(as.character(fit$bounds), c("at lower", "free", "fixed"))
  covariance <- vcov(fit)
  expect_equal(covariance[["b", "b"]], 1 / quadratic$A[2, 2], tolerance = 1e-6)
  expect_identical(sum(!is.na(covariance)), 1L)
  expect_identical(vcov(fit, at_bound = 0)[["a", "b"]], 0)
  for (wrong in list(1, "NA", c(0, 0), NULL, NaN)) {
    expect_error(vcov(fit, at_bound = wrong), "must be NA or 0", class = "lbfgsb_error_argument")
  }
  all_fixed <- lbfgsb(c(a = 1), function(x) x^2, lower = 1, upper = 1)
  expect_identical(vcov(all_fixed), matrix(NA_real_, 1, 1, dimnames = list("a", "a")))
})

test_that("a Hessian that is not positive definite is an error that says along what", {
  flat <- lbfgsb(c(a = 1, b = 1, c = 1), function(x) (x[1] + x[2] - 3)^2 + x[3]^2)
  expect_snapshot(error = TRUE, vcov(flat),
                  transform = function(x) sub("eigenvalue [^ ]+", "eigenvalue #", x))
  error <- tryCatch(vcov(flat), lbfgsb_error_hessian = identity)
  expect_equal(dim(error$hessian), c(3, 3))
  expect_lt(abs(error$eigenvalue), 1e-5) # 0, but for the error of differences: see check_definite()
  saddle <- lbfgsb(c(a = 1, b = 1), function(x) x[2]^2 - (x[1] - 1)^2, function(x) c(-2, 2) * (x - 1:0))
  expect_error(vcov(saddle), "falls from there in the direction a \\(", class = "lbfgsb_error_hessian")
})

test_that("parameters that the data can hardly tell apart are named so, and one on which fn does not depend", {
  year <- c(1950:2020)
  heat <- (year - 1985)^2 + 100 * sin(year)
  cubic <- function(b) sum((heat - b[["one"]] - b[["year"]] * year - b[["square"]] * year^2)^2)
  raw <- lbfgsb(c(one = 3938025, year = -3969.7, square = 1), cubic,
                control = list(fn_is = "squares", nobs = 71, maxit = 0))
  unused <- lbfgsb(c(a = 1, b = 1), function(x) (x[1] - 2)^2)
  constant <- lbfgsb(c(a = 1), function(x) 3)
  expect_snapshot(error = TRUE, transform = function(x) sub("eigenvalue [^)]+", "eigenvalue #", x), {
    suppressWarnings(vcov(raw))
    vcov(unused)
    vcov(constant)
  })
})

test_that("what is not a fit is refused by name", {
  for (f in list(lbfgsb_hessian, inverse_hessian, lbfgsb_boot, function(x) lbfgsb_delta(x, sum))) {
    expect_error(f(3), "`fit` must be what lbfgsb\\(\\) returned, not a numeric vector of length 1",
                 class = "lbfgsb_error_argument")
    expect_error(f(lm(dist ~ speed, cars)), "not an object of class 'lm'", class = "lbfgsb_error_argument")
  }
})

# A regression in raw units, whose covariates are nearly collinear: by the published rule, a rough one, the run stops
# short of the minimum.
set.seed(13)
year <- 1950:2020
people <- 1e6 * (150 + 2.5 * (year - 1950) + rnorm(71))
spent <- 1e5 + 3e-3 * people - 400 * (year - 1950) + rnorm(71, sd = 1e4)
squares_of <- function(covariate) function(p) sum((spent - p[["a"]] - p[["b"]] * covariate - p[["c"]] * people)^2)

test_that("a Hessian tells how far the value is from the minimum, where the run has stopped short of it", {
  squares <- list(fn_is = "squares", nobs = 71)
  centred <- year - mean(year)
  rough <- c(squares, confirm = FALSE, factr = 1e12)
  fit <- lbfgsb(c(a = 1, b = 1, c = 1), squares_of(centred), hessian = TRUE, control = rough)
  above <- fit$value - deviance(lm(spent ~ centred + people))
  expect_gt(above, 1e6)
  expect_gt(fit$gap, above / 2)
  expect_lt(fit$gap, above * 2)
  expect_warning(vcov(fit), "by up to [0-9.]+ standard errors", class = "lbfgsb_warning_distance")
  again <- update(fit, control = list(confirm = TRUE, factr = 1e7))
  expect_no_warning(expect_equal(vcov(again), vcov(lm(spent ~ centred + people)), ignore_attr = TRUE, tolerance = 1e-3))
})

test_that("what a step of Newton's method promises, and fn does not keep, is no gap", {
  set.seed(1)
  x <- rnorm(60)
  y <- NULL
  nll <- function(p) -sum(dnbinom(y, size = p[["theta"]], mu = exp(p[["a"]] + p[["b"]] * x), log = TRUE))
  gaps <- vapply(1:5, function(seed) {
    set.seed(seed)
    y <<- rpois(60, exp(1 + 0.3 * x))
    lbfgsb(c(a = 0, b = 0, theta = 1), nll, lower = c(theta = 1e-6), hessian = TRUE)$gap
  }, 0)
  expect_true(any(is.finite(gaps)))
  expect_true(all(is.na(gaps) | gaps < 1e-3))
  short <- lbfgsb(0.97, function(p) 1 + sqrt(1 + p^2), hessian = TRUE, control = list(pgtol = 10))
  expect_gt(short$gap, 0.03)
})

test_that("a Hessian that is singular is told in the message, and the gap is not known", {
  fit <- lbfgsb(c(a = 1, b = 1), function(p) (p[["a"]] + p[["b"]] - 2)^2 + 1, hessian = TRUE)
  expect_identical(fit$convergence, 0L)
  expect_match(fit$message, "the Hessian is singular, or nearly so, and fn may be lower far from there", fixed = TRUE)
  expect_identical(fit$gap, NA_real_)
})

test_that("an exact fit has standard errors of 0", {
  x <- 1:10
  fit <- lbfgsb(c(a = 1, b = 2), function(p) sum((1 + 2 * x - p[["a"]] - p[["b"]] * x)^2), hessian = TRUE,
                control = list(fn_is = "squares", nobs = 10))
  expect_no_warning(covariance <- vcov(fit))
  expect_identical(unname(covariance), matrix(0, 2, 2))
  expect_identical(summary(fit)$parameters$se, c(0, 0))
})

test_that("where the gradient is wrong no Hessian of it tells the distance", {
  fn <- function(p) sum((p - 1:2)^2) + (p[1] * p[2])^2
  gr <- function(p) 2 * (p - 1:2) + 1.2 * p[1] * p[2] * rev(p)
  expect_warning(fit <- lbfgsb(c(3, 3), fn, gr, hessian = TRUE), class = "lbfgsb_warning_gradient")
  expect_true(is.na(fit$gap))
})

test_that("a Hessian for which there is no memory is refused, and the run is there without", {
  skip_on_cran() # n = 3e5: 2.2e12 bytes
  fn <- function(x) list(value = sum((x - 1)^2), gradient = 2 * (x - 1))
  start <- numeric(3e5)
  fit <- lbfgsb(start, fn, control = list(fn_is = "negloglik", m = 1))
  expect_snapshot(error = TRUE, vcov(fit))
  expect_error(lbfgsb(start, fn, hessian = TRUE, control = list(m = 1)), class = "lbfgsb_error_hessian")
  expect_snapshot(print(lbfgsb_last()))
  expect_identical(lbfgsb_resume(lbfgsb_last())$par, fit$par)
})
