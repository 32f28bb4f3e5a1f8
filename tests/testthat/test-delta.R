nll <- function(par) -sum(dgamma(cars$speed, par["shape"], par["rate"], log = TRUE))
fit <- lbfgsb(c(shape = 2, rate = 0.2), nll, lower = 1e-6, control = list(fn_is = "negloglik", factr = 10))

test_that("functions of the parameters have J V J'", {
  mean_and_shape <- function(par) c(mean = par[["shape"]] / par[["rate"]], shape = par[["shape"]])
  both <- lbfgsb_delta(fit, mean_and_shape, level = 0.9)
  p <- coef(fit)
  J <- rbind(c(1 / p[["rate"]], -p[["shape"]] / p[["rate"]]^2), c(1, 0))
  expected <- J %*% vcov(fit) %*% t(J)
  expect_equal(attr(both, "covariance"), expected, tolerance = 1e-7, ignore_attr = TRUE)
  expect_identical(dimnames(both), list(c("mean", "shape"), c("estimate", "se", "lower", "upper")))
  expect_equal(both$se, sqrt(diag(expected)), tolerance = 1e-7)
  expect_equal(both$upper - both$estimate, qnorm(0.95) * both$se)
})

test_that("a parameter that is large beside its error has the derivative of f, and one that is small beside it", {
  for (m in epoch_models()) {
    fit <- fit_epoch(m)
    J <- m$slopes(coef(fit))
    expect_equal(lbfgsb_delta(fit, m$curve)$se, drop(sqrt(J %*% vcov(fit) %*% t(J))), tolerance = 1e-4)
  }
  set.seed(3)
  y <- as.vector(scale(rnorm(100))) * 1e-7
  tiny <- lbfgsb(c(m = 3e-8, ls = -16), function(par) -sum(dnorm(y, par[["m"]], exp(par[["ls"]]), log = TRUE)),
                 control = list(fn_is = "negloglik"))
  expect_equal(lbfgsb_delta(tiny, function(par) exp(par[["m"]] / 1e-8))$se,
               exp(coef(tiny)[["m"]] / 1e-8) * sqrt(vcov(tiny)[[1, 1]]) / 1e-8, tolerance = 1e-4)
})

test_that("where a standard error is huge, 0, or not known, the size of the parameter tells the step", {
  f <- function(par) exp(par[["shape"]]) * par[["rate"]]
  p <- coef(fit)
  J <- exp(p[["shape"]]) * c(p[["rate"]], 1)
  for (v in list(c(1e30, 1e30), c(1, 0), c(0, 0), c(Inf, 1))) {
    V <- diag(v)
    se <- lbfgsb_delta(fit, f, covariance = V)$se
    if (all(is.finite(V))) expect_equal(se, sqrt(sum(J^2 * v)), tolerance = 1e-6)
  }
  singular <- tcrossprod(c(1, 0.1))
  expect_equal(lbfgsb_delta(fit, f, covariance = singular)$se, abs(sum(J * c(1, 0.1))), tolerance = 1e-5)
})

test_that("the delta method is that of car on lm, glm and survreg", {
  for (package in c("survival", "car")) skip_if_not_installed(package)
  for (m in likelihood_models()) {
    theirs <- their_coef(m$model)
    names(theirs) <- names(m$start)
    by_car <- car::deltaMethod(theirs, "exp(b) / a", vcov. = vcov(m$model))
    ours <- lbfgsb_delta(fit_likelihood(m), function(par) exp(par[["b"]]) / par[["a"]])
    expect_equal(ours$se, by_car$SE, tolerance = 1e-4)
    expect_equal(ours$estimate, by_car$Estimate, tolerance = 1e-4)
  }
})

test_that("a band is that of predict.lm, and so is that of a new observation", {
  squares <- function(par) sum((cars$dist - par["a"] - par["b"] * cars$speed)^2)
  line <- lbfgsb(c(a = 0, b = 1), squares, control = list(fn_is = "squares", nobs = 50))
  at <- c(5, 10, 20)
  band <- lbfgsb_delta(line, function(par) par[["a"]] + par[["b"]] * at)
  theirs <- predict(lm(dist ~ speed, cars), data.frame(speed = at), interval = "confidence")
  expect_equal(as.matrix(band[c("estimate", "lower", "upper")]), theirs, tolerance = 1e-4, ignore_attr = TRUE)
  new <- predict(lm(dist ~ speed, cars), data.frame(speed = at), interval = "prediction")
  ours <- lbfgsb_delta(line, function(par) par[["a"]] + par[["b"]] * at, interval = "prediction")
  expect_equal(as.matrix(ours[c("estimate", "lower", "upper")]), new, tolerance = 1e-4, ignore_attr = TRUE)
  expect_identical(ours$se, band$se)
  expect_snapshot(error = TRUE, {
    lbfgsb_delta(fit, function(par) par[["rate"]], interval = "prediction")
    lbfgsb_delta(line, function(par) par[["a"]], interval = "both")
    predict(line, interval = "prediction")
  })
})

# Moments that give a between-group deviation of 0; sb enters by its square, whose derivative there is 0.
test_that("a value whose derivative by a parameter is 0 at its bound depends on it all the same", {
  y <- c(1, 5, 3, 2, 4, 3, 3, 1, 5)
  groups <- gl(3, 3)
  nll <- function(p) {
    v <- p[["s"]]^2
    w <- v + 3 * p[["sb"]]^2
    within <- sum((y - ave(y, groups))^2)
    between <- 3 * sum((tapply(y, groups, mean) - p[["a"]])^2)
    3 * log(v) + 1.5 * log(w) + within / (2 * v) + between / (2 * w)
  }
  at_0 <- lbfgsb(c(a = 0, sb = 1, s = 1), nll, lower = c(sb = 0, s = 1e-6), control = list(fn_is = "negloglik"))
  expect_identical(at_0$par[["sb"]], 0)
  icc <- function(p) c(icc = p[["sb"]]^2 / (p[["sb"]]^2 + p[["s"]]^2), s = p[["s"]])
  expect_warning(of_icc <- lbfgsb_delta(at_0, icc), class = "lbfgsb_warning_bound")
  expect_identical(is.na(of_icc$se), c(TRUE, FALSE))
  known <- expect_no_warning(lbfgsb_delta(at_0, icc, covariance = vcov(at_0, at_bound = 0)))
  expect_identical(known$se[1], 0)
})

test_that("what depends on a parameter at its bound is NA, unless that is taken as known", {
  bound <- update(fit, upper = c(shape = 3))
  f <- function(par) c(rate = par[["rate"]], mean = par[["shape"]] / par[["rate"]])
  expect_snapshot(of_bound <- lbfgsb_delta(bound, f))
  expect_identical(is.na(of_bound$se), c(FALSE, TRUE))
  expect_no_warning(lbfgsb_delta(bound, function(par) par[["rate"]]))
  expect_no_warning(lbfgsb_delta(update(fit, fixed = c(shape = 3)), f))
  known <- lbfgsb_delta(bound, f, covariance = vcov(bound, at_bound = 0))
  se_rate <- sqrt(vcov(bound)[["rate", "rate"]])
  expect_equal(known$se, se_rate * c(1, 3 / coef(bound)[["rate"]]^2), tolerance = 1e-7)
})

test_that("f gets par in shape, and must return numbers", {
  listed <- lbfgsb(list(shape = 2, rate = 0.2), function(par) nll(unlist(par)), lower = 1e-6,
                   control = list(fn_is = "negloglik"))
  expect_equal(lbfgsb_delta(listed, function(par) par$shape)$se, sqrt(vcov(fit)[1, 1]), tolerance = 1e-4)
  expect_snapshot(error = TRUE, lbfgsb_delta(fit, function(par) "mean"))
})

test_that("a function that is not finite, or asks for what par has not, is named", {
  fit <- lbfgsb(c(a = 1, b = 2), function(par) sum((par - 3)^2))
  expect_snapshot(error = TRUE, {
    lbfgsb_delta(fit, function(par) par["mean"] + par["a"])
    lbfgsb_delta(fit, function(par) par / 0)
    lbfgsb_delta(fit, function(par) "a")
    lbfgsb_delta(fit, "a")
  })
})

test_that("a further argument of f is an error that says how f gets it", {
  at <- c(1, 2)
  line <- function(par, x) par[["shape"]] + par[["rate"]] * x
  expect_snapshot(error = TRUE, {
    lbfgsb_delta(fit, line, at)
    lbfgsb_delta(fit, line, x = at)
    lbfgsb_delta(fit, function(par, x) par * x, 2)
    lbfgsb_delta(fit, line, 0.9, vcov(fit), at)
    lbfgsb_delta(fit, line, conf.level = 0.9)
    lbfgsb_delta(fit, exp, 95)
  })
  error <- tryCatch(lbfgsb_delta(fit, line, x = at), error = identity)
  expect_s3_class(error, "lbfgsb_error_argument")
  expect_identical(error$argument, "x")
})

test_that("of a bootstrap it says how to take its covariance", {
  fit <- lbfgsb(c(mu = 10), function(par, y) sum((y - par)^2) / 2, y = cars$speed, control = list(fn_is = "negloglik"))
  b <- lbfgsb_boot(fit, 5, data = "y")
  expect_error(lbfgsb_delta(b, sum), "lbfgsb_delta(b$fit, f, covariance = vcov(b))", fixed = TRUE, class = "lbfgsb_error_argument")
  expect_equal(lbfgsb_delta(b$fit, sum, covariance = vcov(b))$se, sd(b$t))
  expect_error(lbfgsb_hessian(b), "give the fit, b$fit", fixed = TRUE)
})

test_that("numbers that are more or fewer beside the estimate are refused", {
  fit <- lbfgsb(c(a = 1, b = 1), function(p) sum((p - 2)^2))
  expect_error(lbfgsb_delta(fit, function(p) rep(1, if (p[["a"]] == fit$par[["a"]]) 2 else 3), covariance = diag(2)),
               "not 2 at the estimate and 3 beside it", class = "lbfgsb_error_argument")
})
