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

test_that("steps suit the curvature, whatever the parameters' units and values", {
  for (unit in 10^c(-8, -3, 0, 3, 8)) {
    nll <- function(x) -sum(dnorm(cars$speed, x[1] / unit + 1e4, exp(x[2]), log = TRUE))
    fit <- lbfgsb(c(-1e4 * unit, 1), nll, control = list(parscale = c(unit, 1), factr = 10))
    se <- unname(sqrt(diag(vcov(fit)))) / c(unit, 1)
    expect_equal(se, c(exp(fit$par[2]) / sqrt(50), 0.1), tolerance = 1e-4)
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
  all_fixed <- lbfgsb(c(a = 1), function(x) x^2, lower = 1, upper = 1)
  expect_identical(vcov(all_fixed), matrix(NA_real_, 1, 1, dimnames = list("a", "a")))
})

test_that("a Hessian that is not positive definite is an error that says along what", {
  flat <- lbfgsb(c(a = 1, b = 1, c = 1), function(x) (x[1] + x[2] - 3)^2 + x[3]^2)
  expect_snapshot(error = TRUE, vcov(flat),
                  transform = function(x) sub("eigenvalue [^ ]+", "eigenvalue #", x))
  error <- tryCatch(vcov(flat), lbfgsb_error_hessian = identity)
  expect_equal(dim(error$hessian), c(3, 3))
  expect_lt(abs(error$eigenvalue), 1e-6)
  saddle <- lbfgsb(c(a = 0, b = 1), function(x) x[2]^2 - x[1]^2, function(x) c(-2, 2) * x)
  expect_error(vcov(saddle), "too little about a \\(", class = "lbfgsb_error_hessian")
})
