# Minus a log-likelihood of a variable that is not among its arguments, as in a loop over groups.
fit_behind <- function(y, ..., env = new.env()) {
  env$y <- y
  fn <- function(par) -sum(dnorm(y, par["mu"], par["sigma"], log = TRUE))
  environment(fn) <- env
  lbfgsb(c(mu = 10, sigma = 5), fn, ..., lower = c(sigma = 0.1), control = list(fn_is = "negloglik", nobs = length(y)))
}

changed_behind <- function(...) {
  env <- new.env(parent = globalenv())
  fit <- fit_behind(cars$speed, ..., env = env)
  env$y <- cars$dist
  fit
}

test_that("whatever evaluates fn after the fit refuses another one than was fitted", {
  fit <- changed_behind()
  refused <- tryCatch(vcov(fit), error = identity)
  expect_s3_class(refused, c("lbfgsb_error_changed", "lbfgsb_error", "error", "condition"), exact = TRUE)
  expect_identical(refused[c("par", "value", "before")],
                   list(par = fit$par, value = fit$objective$fn(fit$par), before = fit$value))
  expect_snapshot(error = TRUE, vcov(fit))
  refuses <- function(code) expect_error(code, class = "lbfgsb_error_changed")
  refuses(lbfgsb_hessian(fit))
  refuses(confint(fit))
  refuses(profile(fit, "mu"))
  refuses(lbfgsb_delta(fit, function(par) par[["sigma"]] / par[["mu"]]))
  refuses(update(fit, fixed = c(mu = 15)))
  refuses(lbfgsb_resume(fit))
  expect_identical(AIC(fit), 2 * fit$value + 4)
})

test_that("fn whose data are gone says that they are not kept, and what to do", {
  env <- new.env(parent = globalenv())
  fit <- fit_behind(cars$speed, env = env)
  rm("y", envir = env)
  for (ask in list(vcov, confint, profile, update, lbfgsb_hessian)) {
    lost <- tryCatch(ask(fit), error = identity)
    expect_s3_class(lost, "lbfgsb_error_changed")
    expect_identical(lost$value, NA_real_)
    expect_match(conditionMessage(lost$parent), "'y'", fixed = TRUE)
  }
  expect_snapshot(error = TRUE, vcov(fit))
})

test_that("with a Hessian that was made at the fit nothing is asked of fn, but by what evaluates it", {
  fit <- changed_behind(hessian = TRUE)
  right <- fit_behind(cars$speed, hessian = TRUE)
  expect_identical(vcov(fit), vcov(right))
  expect_identical(confint(fit), confint(right))
  expect_identical(coef(summary(fit)), coef(summary(right)))
  expect_error(profile(fit), class = "lbfgsb_error_changed")
})

test_that("data that are arguments are kept with the fit, and may be given anew", {
  nll <- function(par, y) -sum(dnorm(y, par["mu"], par["sigma"], log = TRUE))
  y <- cars$speed
  fit <- lbfgsb(c(mu = 10, sigma = 5), nll, y = y, lower = c(sigma = 0.1), control = list(fn_is = "negloglik"))
  y <- cars$dist
  expect_equal(vcov(fit), vcov(fit_behind(cars$speed)))
  expect_equal(coef(update(fit, y = y)), coef(lbfgsb(c(mu = 10, sigma = 5), nll, y = y, lower = c(sigma = 0.1))),
               tolerance = 1e-4)
  behind <- changed_behind()
  suppressMessages(again <- update(behind, fn = behind$objective$fn), classes = "lbfgsb_message_dropped")
  expect_equal(coef(again), coef(update(fit, y = y)), tolerance = 1e-4)
})

test_that("a flat parameter and a saddle point are told by the fn that was fitted, or not at all", {
  k <- 1
  logits <- function(q) -k * sum(c(8, 12, 5, 0) * (c(0, q) - log(1 + sum(exp(q)))))
  flat <- lbfgsb(c(b = 0, c = 0, d = 0), logits, hessian = TRUE)
  expect_warning(suppressMessages(vcov(flat)), class = "lbfgsb_warning_flat")
  saddle <- suppressWarnings(lbfgsb(c(0, 2), function(x) k * (1 + x[1]^2 - (x[2] - 2)^2), lower = -1, upper = 5, hessian = TRUE))
  k <- 10
  expect_error(suppressMessages(vcov(flat)), class = "lbfgsb_error_changed")
  expect_error(suppressWarnings(vcov(saddle)), class = "lbfgsb_error_changed")
})

test_that("it takes one evaluation, draws nothing, and lets fn be noisy as far as that is known", {
  calls <- 0
  noisy <- function(x) {
    calls <<- calls + 1
    (sum((x - 1)^2) + 1) * (1 + 1e-6 * runif(1))
  }
  gr <- function(x) 2 * (x - 1)
  withr::local_seed(1)
  fit <- lbfgsb(c(5, 5), noisy, gr, control = list(noise = 1e-6))
  before <- .Random.seed
  calls <- 0
  objective_now(fit)
  expect_identical(list(calls, .Random.seed), list(1, before))
  unaware <- lbfgsb(c(5, 5), noisy, gr)
  expect_error(vcov(unaware), class = "lbfgsb_error_changed")
  expect_s3_class(update(unaware, control = list(noise = 1e-6)), "lbfgsb")
})

test_that("a change is noticed in any units, and rounding is none", {
  for (unit in c(2^-40, 1, 1e12)) {
    y <- cars$speed
    fit <- lbfgsb(0, function(mu) unit * sum((y - mu)^2))
    y[7] <- y[7] + 0.01
    expect_error(vcov(fit), class = "lbfgsb_error_changed")
    y <- cars$speed + 1e-15
    covariance <- suppressWarnings(vcov(fit), classes = "lbfgsb_warning_distance")
    expect_equal(covariance[1, 1], 1 / (100 * unit), tolerance = 1e-6)
  }
})

test_that("a start far off hides no change, and rounding of a perfect fit is none", {
  y <- cars$speed
  fit <- lbfgsb(1e12, function(mu) sum((y - mu)^2), control = list(fn_is = "squares", nobs = 50))
  y[7] <- y[7] + 1
  expect_error(vcov(fit), class = "lbfgsb_error_changed")
  line <- 3 + 0.2 * cars$speed
  perfect <- lbfgsb(c(0, 0), function(b) sum((line - b[1] - b[2] * cars$speed)^2), control = list(fn_is = "negloglik"))
  rounded <- perfect
  rounded$value <- rounded$value + 1e-25
  expect_equal(lbfgsb_hessian(rounded), lbfgsb_hessian(perfect), tolerance = 1e-5)
  line[1] <- line[1] + 1e-6
  expect_error(vcov(perfect), class = "lbfgsb_error_changed")
})

test_that("the bootstrap, and contributions that are no longer those of the fit, are refused too", {
  env <- new.env(parent = globalenv())
  env$shift <- 0
  nll <- function(par, w = 1) sum(w * (cars$speed - shift - par)^2) / 50
  environment(nll) <- env
  fit <- lbfgsb(c(mu = 10), nll, hessian = TRUE, control = list(fn_is = "negloglik"))
  terms <- function(par) (cars$speed - shift - par)^2 / 50
  environment(terms) <- env
  expect_silent(vcov(fit, contributions = terms))
  env$shift <- 5
  expect_error(lbfgsb_boot(fit, 9, weights = "w"), class = "lbfgsb_error_changed")
  expect_error(vcov(fit, contributions = terms), class = "lbfgsb_error_changed")
})

test_that("a profile that was made is drawn without fn", {
  env <- new.env(parent = globalenv())
  fit <- fit_behind(cars$speed, env = env)
  profiled <- profile(fit)
  env$y <- NULL
  withr::local_pdf(NULL)
  expect_silent(plot(profiled))
})

test_that("the values of each worker are looked at", {
  skip_on_cran()
  cluster <- local_cluster(2)
  env <- globalenv()
  withr::defer(rm("lbfgsb_test_y", envir = env))
  env$lbfgsb_test_y <- cars$speed
  parallel::clusterExport(cluster, "lbfgsb_test_y", envir = env)
  fn <- function(par) sum((lbfgsb_test_y - par[1] - par[2] * seq_along(lbfgsb_test_y))^2)
  environment(fn) <- env
  fit <- lbfgsb(c(0, 0), fn, control = list(cluster = cluster))
  expect_identical(lbfgsb_hessian(fit), lbfgsb_hessian(lbfgsb(c(0, 0), fn)))
  parallel::clusterEvalQ(cluster[2], lbfgsb_test_y <- 2 * lbfgsb_test_y)
  expect_error(lbfgsb_hessian(fit), class = "lbfgsb_error_changed")
})
