nll <- function(par) -sum(dnorm(cars$speed, par["mu"], par["sigma"], log = TRUE))
summary_of <- function(fn = nll, ..., lower = c(sigma = 1e-6), control = list(fn_is = "negloglik")) {
  summary(lbfgsb(c(mu = 10, sigma = 4), fn, ..., lower = lower, control = control, hessian = TRUE))
}

test_that("p is that of a parameter which is 0, and NA where 0 is not inside the box", {
  free <- summary_of(lower = c(sigma = -1))
  expect_equal(free$parameters$p, 2 * pnorm(-abs(free$parameters$z)))
  positive <- summary_of(lower = c(sigma = 0))
  expect_identical(is.na(positive$parameters$p), c(FALSE, TRUE))
  expect_identical(coef(positive)[, "Pr(>|z|)"], c(mu = positive$parameters$p[1], sigma = NA))
  expect_identical(is.na(summary_of(lower = c(sigma = 1e-3), upper = c(mu = 20))$parameters$p), c(FALSE, TRUE))
  mirrored <- suppressWarnings(summary_of(function(par) nll(c(-1, 1) * par), lower = c(sigma = 0.5),
                                          upper = c(mu = -1)), classes = "lbfgsb_warning_outside")
  expect_identical(is.na(mirrored$parameters$p), c(TRUE, TRUE))
})

test_that("summary() has its coefficients as that of lm() has", {
  both <- summary_of()
  expect_identical(both$coefficients, coef(both))
  expect_identical(dim(both$coefficients), c(2L, 4L))
})

test_that("summary() takes another covariance matrix", {
  fit <- lbfgsb(c(mu = 10, sigma = 4), nll, lower = c(sigma = 1e-6), control = list(fn_is = "negloglik"))
  expect_equal(coef(summary(fit, covariance = vcov(fit))), coef(summary_of()))
  doubled <- summary(fit, covariance = 4 * vcov(fit))
  expect_equal(coef(doubled)[, 2:3], coef(summary_of())[, 2:3] * rep(c(2, 0.5), each = 2))
  expect_null(doubled$parameters$newton)
  expect_output(print(doubled), "The standard errors (se) are those of the given `covariance`.", fixed = TRUE)
  expect_error(summary(fit, covariance = diag(3)), "2 x 2, as vcov(fit) is, not 3 x 3", fixed = TRUE)
  expect_error(summary(fit, vcov. = diag(2)), class = "lbfgsb_error_argument")
  short <- suppressWarnings(update(fit, par = c(8, 9), control = list(maxit = 1)))
  expect_warning(said <- summary(short, covariance = diag(2))$validity, class = "lbfgsb_warning_unconverged")
  expect_match(said, "not valid: the run has not converged")
})

test_that("what the errors rest on is said, for each kind of fn", {
  expect_snapshot(writeLines(c(
    summary_of()$validity,
    summary_of(function(par) -nll(par), control = list(fn_is = "loglik"))$validity,
    summary_of(function(par) -nll(par), control = list(fnscale = -1))$validity,
    summary_of(function(par) 2 * nll(par), control = list(fn_is = "deviance"))$validity
  )))
})

test_that("the errors of one model are the same, however fn says it", {
  expected <- coef(summary_of())
  expect_equal(coef(summary_of(function(par) -nll(par), control = list(fn_is = "loglik"))), expected,
               tolerance = 1e-5)
  expect_equal(coef(summary_of(function(par) 2 * nll(par), control = list(fn_is = "deviance"))), expected,
               tolerance = 1e-5)
})

test_that("a fit that has lost its objective and its state has no errors, and says why", {
  fit <- lbfgsb(c(mu = 10, sigma = 4), nll, lower = c(sigma = 1e-6), hessian = TRUE)
  fit$objective <- fit$state <- NULL
  expect_match(summary(fit)$validity, "^No standard errors: .*objective")
  expect_null(summary(fit)$kind)
})

# A fit that claims a minimum half a standard error away from it
gamma_fit_short <- function() {
  nll <- function(par) -sum(dgamma(cars$speed, par["shape"], par["rate"], log = TRUE))
  slope <- function(par) {
    c(shape = 50 * (digamma(par[["shape"]]) - log(par[["rate"]])) - sum(log(cars$speed)),
      rate = sum(cars$speed) - 50 * par[["shape"]] / par[["rate"]])
  }
  fit <- lbfgsb(c(shape = 2, rate = 0.2), nll, slope, lower = 1e-6, hessian = TRUE, control = list(fn_is = "negloglik"))
  fit$par <- fit$par - sqrt(diag(solve(fit$hessian))) / 2
  fit$gradient <- slope(fit$par)
  fit$value <- nll(fit$par)
  fit
}

test_that("newton is the step that is left, in standard errors", {
  A <- matrix(c(4, 1, 1, 9), 2)
  target <- c(a = 1, b = -2)
  fn <- function(x) drop((x - target) %*% A %*% (x - target)) / 2
  gr <- function(x) drop(A %*% (x - target))
  early <- function(sign = 1, factor = 1, ...) {
    lbfgsb(c(a = 5, b = 5), function(x) sign * factor * fn(x), function(x) sign * factor * gr(x), hessian = TRUE,
           control = list(maxit = 1, ...))
  }
  summary <- function(fit) suppressWarnings(base::summary(fit), classes = "lbfgsb_warning_unconverged")
  fit <- early()
  newton <- summary(fit)$parameters$newton
  expect_equal(newton, unname((target - fit$par) / sqrt(diag(solve(A)))), tolerance = 1e-6)
  expect_gt(max(abs(newton)), 1e-3)
  if (requireNamespace("generics", quietly = TRUE)) {
    expect_identical(suppressWarnings(generics::tidy(fit))$newton, newton)
  }
  expect_equal(summary(early(-1, fn_is = "loglik"))$parameters$newton, newton, tolerance = 1e-6)
  expect_equal(summary(early(1, 2, fn_is = "deviance", fnscale = 2))$parameters$newton, newton, tolerance = 1e-6)
})

test_that("a run that has converged far from the optimum, in standard errors, is told of", {
  fit <- gamma_fit_short()
  warned <- expect_warning(shown <- summary(fit), class = "lbfgsb_warning_distance")
  expect_identical(warned$elements, 1:2)
  expect_identical(warned$newton, shown$parameters$newton)
  expect_snapshot(writeLines(shown$validity))
  expect_no_warning(summary(update(fit, hessian = TRUE)))
})

test_that("newton is NA at a bound and takes the others as they are", {
  at <- summary_of(upper = c(mu = 12))$parameters
  expect_identical(is.na(at$newton), c(TRUE, FALSE))
  expect_lt(abs(at$newton[2]), 1e-3)
  saddle <- suppressWarnings(lbfgsb(c(1, 1), function(x) x[2]^2 - (x[1] - 1)^2, function(x) c(-2, 2) * (x - 1:0), hessian = TRUE),
                             classes = "lbfgsb_warning_saddle")
  errors <- suppressWarnings(summary(saddle), classes = "lbfgsb_warning_unconverged")
  expect_null(errors$parameters$newton)
})

test_that("print() says why p is missing for a parameter that is bounded by 0", {
  nll <- function(p) -sum(dnorm(cars$dist, p[["mu"]], p[["sigma"]], log = TRUE))
  fit <- lbfgsb(c(mu = 40, sigma = 20), nll, lower = c(sigma = 0), hessian = TRUE, control = list(fn_is = "negloglik", nobs = 50))
  expect_output(print(summary(fit)), "\nNo p for sigma: 0 is not inside its bounds.\n", fixed = TRUE)
  both <- update(fit, lower = c(mu = 0), hessian = TRUE)
  expect_output(print(summary(both)), "\nNo p for mu, sigma: 0 is not inside their bounds. If `fn` has a", fixed = TRUE)
  fit <- lbfgsb(c(mu = 40, sigma = 20), nll, fixed = c(sigma = 20), hessian = TRUE, control = list(fn_is = "negloglik", nobs = 50))
  expect_no_match(capture.output(print(summary(fit))), "No p for", fixed = TRUE)
})

test_that("summary() evaluates fn a few times at most for what may be 0", {
  calls <- 0
  squares <- function(p) {
    calls <<- calls + 1
    sum((p - 1:30)^2)
  }
  fit <- lbfgsb(rep(2, 30), squares, lower = 0, hessian = TRUE, control = list(fn_is = "negloglik"))
  calls <- 0
  expect_output(print(summary(fit)), "If `fn` has", fixed = TRUE)
  expect_lt(calls, 5)
})

test_that("the way to test a parameter that may be 0 is told where fn has a value next to 0", {
  nll <- random_intercepts()
  for (lower in c(0, 1e-6, 1e-3)) {
    fit <- lbfgsb(c(mu = 0.3, s = 1, tau = 0.5), nll, lower = c(s = lower, tau = lower), hessian = TRUE,
                  control = list(fn_is = "negloglik", nobs = 24))
    said <- gsub("\\s+", " ", paste(capture.output(print(summary(fit))), collapse = " "))
    expect_match(said, "No p for s, tau: 0 is not inside their bounds. If `fn` has a value where tau is 0", fixed = TRUE)
    expect_match(said, "anova(update(fit, lower = c(tau = 0), fixed = c(tau = 0)), fit)", fixed = TRUE)
  }
})

test_that("a covariance matrix is matched by its names", {
  x <- c(1, 2, 3, 4)
  y <- c(2, 1, 5, 4)
  fit <- lbfgsb(c(a = 0, b = 0), function(p) sum((y - p[1] - p[2] * x)^2), control = list(fn_is = "squares", nobs = 4))
  V <- vcov(lm(y ~ x))
  dimnames(V) <- rep(list(c("a", "b")), 2)
  for (given in list(V[2:1, 2:1], V[2:1, ], V[, 2:1], structure(V[2:1, 2:1], dimnames = list(c("b", "a"), NULL)),
                     structure(V[2:1, 2:1], dimnames = list(NULL, c("b", "a"))), unname(V))) {
    expect_equal(coef(summary(fit, covariance = given))[, "Std. Error"], sqrt(diag(V)))
    expect_equal(confint(fit, covariance = given), confint(lm(y ~ x)), ignore_attr = "dimnames", tolerance = 1e-6)
    expect_equal(lbfgsb_delta(fit, function(p) p, covariance = given)$se, unname(sqrt(diag(V))))
  }
  others <- structure(V, dimnames = list(c("a", "c"), c("a", "c")))
  expect_error(confint(fit, covariance = others), "has names that `par` does not have: \"c\"",
               class = "lbfgsb_error_argument")
  twice <- structure(V, dimnames = list(c("a", "a"), c("a", "a")))
  expect_error(confint(fit, covariance = twice), "has a name twice: a", class = "lbfgsb_error_argument")
  expect_error(confint(fit, covariance = matrix(1:4, 2)), "must be symmetric (elements a, b)", fixed = TRUE,
               class = "lbfgsb_error_argument")
  bare <- lbfgsb(c(0, 0), function(p) sum((y - p[1] - p[2] * x)^2), control = list(fn_is = "squares", nobs = 4))
  expect_equal(lbfgsb_delta(bare, function(p) p, covariance = V[2:1, 2:1])$se, unname(sqrt(diag(V)))[2:1])
})

test_that("what a covariance matrix takes as known is not tested", {
  fn <- function(p) (p[["a"]] - 2)^2 + (p[["b"]] - 3)^2 + (p[["c"]] - 1)^2
  fit <- lbfgsb(c(a = 0, b = 0, c = 0), fn, lower = c(a = -1), upper = c(a = 1), fixed = c(b = 2),
                control = list(fn_is = "negloglik"))
  table <- summary(fit, covariance = vcov(fit, at_bound = 0))$coefficients
  expect_identical(is.na(unname(table[, "z value"])), c(TRUE, TRUE, FALSE))
  expect_identical(is.na(unname(table[, "Pr(>|z|)"])), c(TRUE, TRUE, FALSE))
  expect_identical(unname(table[1:2, "Std. Error"]), c(0, 0))
})
