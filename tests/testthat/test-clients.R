# The packages that take an optimizer, as they are.

test_that("lme4: lmer() and glmer() by the name of the function", {
  skip_if_not_installed("lme4")
  data <- new.env()
  utils::data(sleepstudy, cbpp, package = "lme4", envir = data)
  linear <- function(...) {
    lme4::lmer(Reaction ~ Days + (Days | Subject), data$sleepstudy,
               control = lme4::lmerControl(...))
  }
  expect_silent(ours <- linear(optimizer = "lbfgsb"))
  expect_equal(c(logLik(ours)), c(logLik(linear())), tolerance = 1e-4 / 872)
  generalized <- function(...) {
    lme4::glmer(cbind(incidence, size - incidence) ~ period + (1 | herd), data$cbpp, binomial,
                control = lme4::glmerControl(...))
  }
  expect_silent(ours <- generalized(optimizer = "lbfgsb"))
  expect_equal(c(logLik(ours)), c(logLik(generalized())), tolerance = 1e-4 / 92)
  expect_equal(lme4::fixef(ours), lme4::fixef(generalized()), tolerance = 1e-3)
})

test_that("lme4: glmer.nb(), which needs the name", {
  skip_on_cran()
  for (package in c("lme4", "MASS")) skip_if_not_installed(package)
  negative_binomial <- function(...) {
    suppressMessages(lme4::glmer.nb(Days ~ Age + Sex + (1 | Lrn), MASS::quine, control = lme4::glmerControl(...)))
  }
  expect_equal(logLik(negative_binomial(optimizer = "lbfgsb")), logLik(negative_binomial()), tolerance = 1e-4)
})

test_that("lme4: a profile, whose values at a correlation of 1 are chance, and go to NaN for good", {
  skip_on_cran()
  skip_if_not_installed("lme4")
  utils::data(sleepstudy, package = "lme4", envir = environment())
  fit <- lme4::lmer(Reaction ~ Days + (Days | Subject), sleepstudy, control = lme4::lmerControl(optimizer = "lbfgsb"))
  limits <- suppressWarnings(confint(fit, method = "profile", quiet = TRUE))
  by_another <- confint(profile(fit, optimizer = "bobyqa"), quiet = TRUE)
  expect_equal(limits, by_another, tolerance = 1e-4)
})

test_that("glmmTMB: a zero-inflated model", {
  skip_if_not_installed("glmmTMB")
  model <- count ~ mined + (1 | site)
  own <- glmmTMB::glmmTMB(model, ziformula = ~mined, family = poisson, data = glmmTMB::Salamanders)
  ours <- update(own, control = glmmTMB::glmmTMBControl(optimizer = lbfgsb, optArgs = list()))
  expect_equal(c(logLik(ours)), c(logLik(own)), tolerance = 1e-4 / 949)
  expect_equal(glmmTMB::fixef(ours), glmmTMB::fixef(own), tolerance = 1e-3)
})

decay <- data.frame(x = 0:10, y = c(26, 17, 13, 12, 20, 5, 9, 8, 5, 4, 8))

test_that("bbmle: mle2() with optimizer = \"user\"", {
  skip_if_not_installed("bbmle")
  fit <- function(...) {
    bbmle::mle2(y ~ dpois(lambda = top / (1 + x / half)), start = list(top = 25, half = 3),
                data = decay, ...)
  }
  own <- fit()
  ours <- fit(optimizer = "user", optimfun = lbfgsb)
  bounded <- fit(optimizer = "user", optimfun = lbfgsb, lower = c(top = 0.1, half = 0.1))
  for (mle in list(ours, bounded)) {
    expect_equal(bbmle::coef(mle), bbmle::coef(own), tolerance = 1e-3)
    expect_equal(bbmle::stdEr(mle), bbmle::stdEr(own), tolerance = 1e-3)
  }
})

test_that("stats4: mle() with its argument `optim`", {
  skip_if_not("optim" %in% names(formals(stats4::mle)), "stats4::mle() of this R has no `optim`")
  nll <- function(a = 1, b = 0) -sum(dpois(decay$y, exp(a + b * decay$x), log = TRUE))
  own <- stats4::mle(nll)
  for (ours in list(stats4::mle(nll, optim = lbfgsb),
                    stats4::mle(nll, optim = lbfgsb, lower = c(-9, -9)))) {
    expect_equal(stats4::coef(ours), stats4::coef(own), tolerance = 1e-3)
    expect_equal(stats4::vcov(ours), stats4::vcov(own), tolerance = 1e-3)
  }
})

# y_i ~ N(mu + u_group, sigma), u ~ N(0, tau)
random_intercept <- "
#include <TMB.hpp>
template<class Type> Type objective_function<Type>::operator()() {
  DATA_VECTOR(y); DATA_IVECTOR(group);
  PARAMETER(mu); PARAMETER(log_sigma); PARAMETER(log_tau); PARAMETER_VECTOR(u);
  Type nll = -dnorm(u, Type(0), exp(log_tau), true).sum();
  for (int i = 0; i < y.size(); i++)
    nll -= dnorm(y(i), mu + u(group(i)), exp(log_sigma), true);
  return nll;
}"

test_that("TMB: do.call() with the object itself", {
  skip_on_cran()
  skip_if_not_installed("TMB")
  folder <- withr::local_tempdir()
  writeLines(random_intercept, file.path(folder, "intercept.cpp"))
  withr::local_dir(folder)
  suppressMessages(utils::capture.output(TMB::compile("intercept.cpp", "-O0 -w")))
  dyn.load(TMB::dynlib("intercept"))
  obj <- TMB::MakeADFun(
    list(y = ChickWeight$weight / 100, group = as.integer(ChickWeight$Diet) - 1L),
    list(mu = 1, log_sigma = 0, log_tau = 0, u = numeric(4)), random = "u", DLL = "intercept",
    silent = TRUE
  )
  own <- stats::nlminb(obj$par, obj$fn, obj$gr)
  ours <- do.call(lbfgsb, obj)
  expect_identical(ours$convergence, 0L)
  expect_equal(ours$value, own$objective, tolerance = 1e-6)
  expect_equal(ours$par, own$par, tolerance = 1e-3)
  expect_equal(vcov(ours), TMB::sdreport(obj)$cov.fixed, tolerance = 1e-3)
})
