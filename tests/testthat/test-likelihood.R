test_that("logLik, AIC, BIC, deviance, errors, intervals and sandwich are those of lm, glm and survreg", {
  for (package in c("survival", "sandwich")) skip_if_not_installed(package)
  for (m in likelihood_models()) {
    fit <- fit_likelihood(m)
    expect_equal(c(logLik(fit)), c(logLik(m$model)), tolerance = 1e-6)
    expect_equal(attr(logLik(fit), "df"), attr(logLik(m$model), "df"))
    expect_equal(AIC(fit), AIC(m$model), tolerance = 1e-6)
    expect_equal(BIC(fit), BIC(m$model), tolerance = 1e-6)
    expect_equal(vcov(fit), vcov(m$model), tolerance = 1e-4, ignore_attr = TRUE)
    expect_equal(coef(fit), their_coef(m$model), tolerance = 1e-4, ignore_attr = TRUE)
    expect_equal(vcov(fit, contributions = m$terms), sandwich::sandwich(m$model), tolerance = 1e-4,
                 ignore_attr = TRUE)
  }
})

test_that("a deviance is minus twice the log-likelihood, and that of squares the value", {
  skip_if_not_installed("survival")
  models <- likelihood_models()
  expect_equal(deviance(fit_likelihood(models$lm)), deviance(models$lm$model), tolerance = 1e-6)
  expect_equal(deviance(fit_likelihood(models$logit)), deviance(models$logit$model), tolerance = 1e-6)
  expect_equal(deviance(fit_likelihood(models$poisson)), -2 * c(logLik(models$poisson$model)), tolerance = 1e-6)
})

test_that("summary and intervals of a sum of squares are those of lm: t, not z", {
  skip_if_not_installed("survival")
  m <- likelihood_models()$lm
  fit <- fit_likelihood(m, hessian = TRUE)
  expect_equal(coef(summary(fit)), coef(summary(m$model)), tolerance = 1e-4, ignore_attr = "dimnames")
  expect_identical(dimnames(coef(summary(fit))),
                   list(c("a", "b", "c"), c("Estimate", "Std. Error", "t value", "Pr(>|t|)")))
  expect_equal(confint(fit), confint(m$model), tolerance = 1e-4, ignore_attr = TRUE)
  expect_equal(confint(fit, method = "profile"), confint(m$model), tolerance = 1e-4, ignore_attr = TRUE)
  expect_identical(df.residual(fit), 29)
})

test_that("a z is one for likelihoods, whatever their sign and factor", {
  for (package in c("survival", "MASS")) skip_if_not_installed(package)
  models <- likelihood_models()
  for (m in models[c("logit", "poisson")]) {
    fit <- fit_likelihood(m, hessian = TRUE)
    expect_equal(coef(summary(fit)), coef(summary(m$model)), tolerance = 1e-4, ignore_attr = TRUE)
    expect_identical(colnames(coef(summary(fit)))[3:4], c("z value", "Pr(>|z|)"))
    theirs <- suppressMessages(suppressWarnings(confint(m$model))) # by the profile, of MASS
    expect_equal(confint(fit, method = "profile"), theirs, tolerance = 1e-3, ignore_attr = TRUE)
    expect_identical(df.residual(fit), Inf)
  }
})

# Models whose observed information is not what others report -------------------------------------------------

test_that("glm.nb: estimates, logLik, AIC and theta's error; the others by the observed information", {
  skip_if_not_installed("MASS")
  theirs <- MASS::glm.nb(Days ~ Age + Sex, MASS::quine, control = glm.control(1e-14, 200))
  X <- model.matrix(theirs)
  y <- MASS::quine$Days
  nll <- function(par) -sum(dnbinom(y, size = par[1], mu = exp(drop(X %*% par[-1])), log = TRUE))
  fit <- lbfgsb(c(theta = 1, coef(theirs)), nll, lower = c(theta = 1e-6),
                control = list(fn_is = "negloglik", nobs = length(y), factr = 10))
  expect_equal(coef(fit), c(theta = theirs$theta, coef(theirs)), tolerance = 1e-6)
  expect_equal(c(logLik(fit)), c(logLik(theirs)), tolerance = 1e-6)
  expect_equal(AIC(fit), AIC(theirs), tolerance = 1e-6)
  expect_equal(sqrt(vcov(fit)["theta", "theta"]), theirs$SE.theta, tolerance = 1e-4)
  information <- negative_binomial_information(fit$par, X, y)
  expect_equal(vcov(fit), solve(information), tolerance = 1e-4, ignore_attr = TRUE)
})

test_that("a probit and nls: estimates, logLik and AIC; errors by the observed information", {
  probit <- glm(am ~ wt, binomial("probit"), mtcars, epsilon = 1e-14, maxit = 100)
  X <- model.matrix(probit)
  s <- 2 * mtcars$am - 1
  nll <- function(par) -sum(pnorm(s * drop(X %*% par), log.p = TRUE))
  fit <- lbfgsb(c(0, 0), nll, control = list(fn_is = "negloglik", nobs = 32, factr = 10))
  expect_equal(coef(fit), coef(probit), tolerance = 1e-6, ignore_attr = TRUE)
  expect_equal(c(logLik(fit), AIC(fit)), c(logLik(probit), AIC(probit)), tolerance = 1e-6)
  eta <- drop(X %*% fit$par)
  mills <- s * dnorm(eta) / pnorm(s * eta)
  expect_equal(vcov(fit), solve(crossprod(X, X * mills * (mills + eta))), tolerance = 1e-4, ignore_attr = TRUE)

  decay <- nls(rate ~ Vm * conc / (K + conc), Puromycin, start = c(Vm = 200, K = 0.05),
               subset = state == "treated", control = nls.control(tol = 1e-8))
  treated <- Puromycin[Puromycin$state == "treated", ]
  squares <- function(par) sum((treated$rate - par[["Vm"]] * treated$conc / (par[["K"]] + treated$conc))^2)
  fit <- lbfgsb(c(Vm = 200, K = 0.05), squares,
                control = list(fn_is = "squares", nobs = 12, factr = 10, parscale = c(100, 0.1)))
  expect_equal(coef(fit), coef(decay), tolerance = 1e-6)
  expect_equal(c(logLik(fit), AIC(fit)), c(logLik(decay), AIC(decay)), tolerance = 1e-6)
  expect_equal(vcov(fit), michaelis_covariance(fit$par, treated), tolerance = 1e-4, ignore_attr = TRUE)
})

# What fn is ---------------------------------------------------------------------------------------------

normal_nll <- function(par) -sum(dnorm(cars$speed, par["mu"], par["sigma"], log = TRUE))
normal_fit <- function(fn = normal_nll, ..., control = list()) {
  lbfgsb(c(mu = 10, sigma = 4), fn, lower = c(sigma = 1e-6), ..., control = control)
}

test_that("the same model said in three ways gives the same answers", {
  fits <- list(
    normal_fit(control = list(fn_is = "negloglik", nobs = 50)),
    normal_fit(function(par) -normal_nll(par), control = list(fn_is = "loglik", nobs = 50)),
    normal_fit(function(par) 2 * normal_nll(par), control = list(fn_is = "deviance", nobs = 50))
  )
  for (fit in fits[-1]) {
    expect_equal(logLik(fit), logLik(fits[[1]]), tolerance = 1e-8)
    expect_equal(vcov(fit), vcov(fits[[1]]), tolerance = 1e-5)
    expect_equal(confint(fit, method = "profile"), confint(fits[[1]], method = "profile"), tolerance = 1e-4)
  }
  expect_equal(confint(fits[[3]])["mu", ], confint(fits[[1]])["mu", ], tolerance = 1e-5)
})

test_that("a log-likelihood is maximized; a sign that contradicts is an error", {
  expect_identical(as_control(list(fn_is = "loglik"))$fnscale, -1)
  expect_identical(lbfgsb_control(fn_is = "loglik")$fnscale, -1)
  expect_identical(as_control(list(fn_is = "loglik", fnscale = -3))$fnscale, -3)
  expect_identical(as_control(list(fn_is = "other", fnscale = -3))$fnscale, -3)
  expect_snapshot(error = TRUE, {
    as_control(list(fn_is = "loglik", fnscale = 1))
    lbfgsb_control(fn_is = "loglik", fnscale = 1)
    as_control(list(fn_is = "deviance", fnscale = -1))
    as_control(list(fn_is = "chisq"))
    as_control(list(nobs = 0.5))
  })
})

test_that("a state keeps what fn is", {
  fit <- normal_fit(control = list(fn_is = "deviance", nobs = 50, maxit = 2, keep_state = TRUE))
  rest <- lbfgsb_resume(fit$state, normal_nll, control = list(maxit = 100))
  expect_identical(rest$objective$control[c("fn_is", "nobs")], list(fn_is = "deviance", nobs = 50))
})

test_that("squares need nobs, and more of them than parameters", {
  squares <- function(par) sum((cars$speed - par)^2)
  bare <- lbfgsb(c(a = 1), squares, control = list(fn_is = "squares"), hessian = TRUE)
  expect_snapshot(error = TRUE, {
    vcov(bare)
    nobs(bare)
    logLik(bare)
    vcov(update(bare, control = list(nobs = 1)))
  })
  expect_match(summary(bare)$validity, "^No standard errors: .*control\\$nobs")
})

test_that("without nobs logLik has none, and BIC is NA and says why", {
  fit <- normal_fit(control = list(fn_is = "negloglik"))
  expect_null(attr(logLik(fit), "nobs"))
  expect_snapshot(BIC(fit))
  expect_warning(both <- BIC(update(fit, control = list(nobs = 50)), fit), class = "lbfgsb_warning_nobs")
  expect_identical(is.na(both$BIC), c(FALSE, TRUE))
  expect_identical(suppressWarnings(BIC(fit)), NA_real_)
  expect_error(nobs(fit), class = "lbfgsb_error_argument", "control\\$nobs")
})

test_that("parameters at a bound count, fixed ones do not", {
  at_bound <- normal_fit(upper = c(sigma = 5), control = list(fn_is = "negloglik"))
  expect_identical(attr(logLik(at_bound), "df"), 2L)
  fixed <- lbfgsb(c(mu = 10, sigma = 5), normal_nll, lower = c(sigma = 5), upper = c(sigma = 5),
                  control = list(fn_is = "negloglik"))
  expect_identical(attr(logLik(fixed), "df"), 1L)
})

test_that("what is neither likelihood nor squares has no AIC", {
  fit <- lbfgsb(c(a = 1), function(x) sum(abs(cars$speed - x)^1.5), control = list(fn_is = "other", nobs = 50))
  expect_snapshot(error = TRUE, {
    logLik(fit)
    deviance(fit)
    anova(fit, fit)
  })
})

test_that("what nobody has said is said once a session, and always by summary()", {
  withr::defer(announced$kinds <- c("negloglik", "loglik"))
  announced$kinds <- character()
  fit <- normal_fit()
  message <- tryCatch(vcov(fit), message = identity)
  expect_s3_class(message, c("lbfgsb_message_assumed", "lbfgsb_message", "message", "condition"), exact = TRUE)
  expect_identical(message$kind, "negloglik")
  expect_snapshot(writeLines(conditionMessage(message)))
  expect_silent(vcov(fit))
  expect_output(print(summary(fit)), "fn +minus a log-likelihood \\(assumed\\)")
  up <- normal_fit(function(par) -normal_nll(par), control = list(fnscale = -1))
  message <- tryCatch(AIC(up), message = identity)
  expect_identical(message$kind, "loglik")
  expect_snapshot(writeLines(conditionMessage(message)))
  announced$kinds <- character()
  expect_silent(vcov(normal_fit(control = list(fn_is = "negloglik"))))
})

test_that("a mean is told where a log-likelihood is meant, each time", {
  y <- cars$speed
  terms <- function(par) dnorm(y, par[["mu"]], par[["sigma"]], log = TRUE)
  mean_of <- normal_fit(function(par) -mean(terms(par)), control = list(fn_is = "negloglik"))
  for (ask in list(vcov, confint, summary, logLik, AIC, deviance)) {
    hessian <- if (identical(ask, summary)) lbfgsb_hessian(mean_of)
    mean_of$hessian <- hessian
    expect_identical(classes_warned(ask(mean_of)), "lbfgsb_warning_mean")
  }
  expect_snapshot(invisible(vcov(mean_of)))
  expect_identical(classes_warned(vcov(update(mean_of, control = list(fn_is = NULL)))), "lbfgsb_warning_mean")
  means <- list(quote(mean(x)), quote(-mean(x)), quote(-2 * mean(x)), quote({ l <- mean(x); return(-l) }), quote(-sum(x) / nrow(d)),
                quote(return(-(mean(x)))), quote(2 * (-sum(x) / length(y))))
  expect_identical(vapply(means, is_mean, NA), c(TRUE, TRUE, TRUE, FALSE, TRUE, TRUE, TRUE))
  sums <- list(quote(-sum(x)), quote(-length(y) * mean(x)), quote(log(mean(x))), quote(-sum(x) / 2), quote(n * s - mean(x)), quote(mean), 1, NULL)
  for (code in sums) expect_false(is_mean(code))
})

test_that("a sum of squares of which nobody has said so is told, each time", {
  squares <- function(par) {
    rest <- cars$dist - par[["a"]] - par[["b"]] * cars$speed
    sum(rest^2)
  }
  weighted <- function(par, w = 1) return(sum(w * (cars$dist - par[["a"]] - par[["b"]] * cars$speed)^2))
  start <- c(a = 0, b = 1)
  for (fn in list(squares, weighted)) {
    fit <- lbfgsb(start, fn, hessian = TRUE)
    for (ask in list(vcov, confint, summary, logLik, function(fit) tidy.lbfgsb(fit, conf.int = TRUE))) {
      expect_identical(classes_warned(ask(fit)), "lbfgsb_warning_squares")
    }
  }
  expect_snapshot(invisible(vcov(fit)))
  expect_identical(classes_warned(vcov(lbfgsb(as.list(start), function(par) sum((par$a - 1)^2 * (par$b - 1)^2 + par$b^2)))),
                   character())
  said <- update(fit, control = list(fn_is = "negloglik"))
  expect_silent(vcov(said))
  for (fn in list(function(par) squares(par) / 2, function(par) sum((par - 1)^2) + 1, function(par) sum(abs(par - 1)^3))) {
    expect_identical(setdiff(classes_warned(vcov(lbfgsb(start, fn))), "lbfgsb_warning_flat"), character()) # the cubes are flat
  }
})

test_that("squares are told as they are commonly written, and other functions are not", {
  squares <- list(quote(sum(r^2)), quote(sum((a - b)^2)), quote(sum(r * r)), quote(drop(crossprod(r))), quote(crossprod(r)),
                  quote({ s <- sum(r^2); s }), quote({ s <- sum(r^2); return(s) }), quote(as.numeric(crossprod(r))),
                  quote(crossprod(r)[1]), quote(crossprod(r)[[1]]))
  for (code in squares) expect_identical(c(is_of_squares(code, "sum"), is_of_squares(code, "mean")), c(TRUE, FALSE))
  means <- list(quote(mean(r^2)), quote({ s <- mean((y - f)^2); s }), quote(return(mean(w * r^2))))
  for (code in means) expect_identical(c(is_of_squares(code, "sum"), is_of_squares(code, "mean")), c(FALSE, TRUE))
  others <- list(quote(sum(r * s)), quote(crossprod(r, s)), quote(sum(r^3)), quote({ s <- sum(r^2); s <- s + p; s }),
                 quote({ s <- sum(r^2); t }), quote(c(crossprod(r), 1)), quote(sum(r^2, p)), quote(-sum(r^2)), quote({}),
                 quote({ r }), quote(mean(r)), NULL, 1)
  for (code in others) expect_false(is_of_squares(code, "sum") || is_of_squares(code, "mean"))
})

test_that("code without arguments, or with a function in it, is read as any other", {
  codes <- list(quote(sum(g())), quote(mean((function() r^2)())), quote(return(sum(obj$residuals()))), quote(sum()), quote(`*`()),
                quote(`[`()), quote((function(x) {
                  y <- x + 1
                  y * 2
                })(2) * mean(x)))
  for (code in codes) {
    expect_silent(found <- c(is_of_squares(code, "sum"), is_of_squares(code, "mean"), is_mean(code)))
    expect_identical(found, c(FALSE, FALSE, identical(code[[1]], quote(mean))))
  }
  residuals <- function(p) c(1, 2, 3.5, 2) - p[1]
  fn <- function(p) {
    terms <- function() -dnorm(residuals(p), 0, exp(p[2]), log = TRUE)
    sum(terms())
  }
  fit <- lbfgsb(c(1, 0), fn)
  said <- lbfgsb(c(1, 0), fn, control = list(fn_is = "negloglik"))
  for (ask in list(vcov, confint, AIC)) expect_equal(ask(fit), ask(said), tolerance = 1e-6)
  expect_silent(sigma(lbfgsb(1, function(p) mean((function() residuals(p)^2)()), control = list(fn_is = "squares", nobs = 4))))
})

test_that("a mean of squares has no log-likelihood, deviance or sigma, but right standard errors", {
  control <- list(fn_is = "squares", nobs = 50)
  sum_of <- lbfgsb(c(a = 0, b = 1), function(p) sum((cars$dist - p["a"] - p["b"] * cars$speed)^2), control = control)
  mean_of <- lbfgsb(c(a = 0, b = 1), function(p) mean((cars$dist - p["a"] - p["b"] * cars$speed)^2), control = control)
  expect_equal(vcov(mean_of), vcov(sum_of), tolerance = 1e-5)
  expect_snapshot(error = TRUE, AIC(mean_of))
  for (ask in list(logLik, BIC, deviance, sigma)) expect_error(ask(mean_of), "mean of squares", class = "lbfgsb_error_argument")
  expect_true(is.na(glance.lbfgsb(mean_of)$AIC))
  expect_identical(classes_warned(vcov(update(mean_of, control = list(fn_is = NULL)))), "lbfgsb_warning_squares")
})

test_that("the root of a sum or mean of squares is refused where it is said to be their sum, and told else", {
  residuals <- function(p) cars$dist - p[["a"]] - p[["b"]] * cars$speed
  roots <- list(function(p) sqrt(sum(residuals(p)^2)), function(p) sqrt(mean(residuals(p)^2)),
                function(p) sqrt(sum(residuals(p)^2) / 50))
  for (fn in roots) {
    fit <- lbfgsb(c(a = 0, b = 1), fn, control = list(fn_is = "squares", nobs = 50))
    for (ask in list(vcov, confint, sigma, logLik, AIC, deviance, function(fit) confint(fit, method = "profile"))) {
      expect_error(ask(fit), "root of a sum or mean of squares", class = "lbfgsb_error_argument")
    }
    expect_identical(classes_warned(vcov(update(fit, control = list(fn_is = NULL)))), "lbfgsb_warning_squares")
  }
  length_of <- lbfgsb(c(a = 0, b = 1), function(p) sqrt(p[["a"]]^2 + (p[["b"]] - 1)^2 + 1), control = list(fn_is = "negloglik"))
  expect_silent(vcov(length_of))
})

test_that("what is no likelihood has no standard errors, intervals or profiles, but those of the sandwich and the bootstrap", {
  terms <- function(par, w = 1) -w * dnorm(cars$speed, par["mu"], par["sigma"], log = TRUE)
  nll <- function(par, w = 1) sum(terms(par, w))
  fit <- normal_fit(nll, control = list(fn_is = "other", nobs = 50), hessian = TRUE)
  for (ask in list(vcov, confint, profile, function(fit) confint(fit, method = "profile"),
                   function(fit) lbfgsb_delta(fit, sum))) {
    expect_error(ask(fit), "is \"other\", so there is no", class = "lbfgsb_error_argument")
  }
  expect_snapshot(error = TRUE, vcov(fit))
  expect_named(summary(fit)$parameters, c("par", "gradient", "bounds"))
  expect_no_match(capture.output(print(summary(fit))), "hessian = TRUE")
  profit <- lbfgsb(c(a = 1), function(a) -(a - 2)^2, control = list(fn_is = "other", fnscale = -1))
  expect_error(vcov(profit), 'fn_is = "loglik"', fixed = TRUE)
  expect_match(summary(fit)$validity, "No standard errors: `control$fn_is` is \"other\"", fixed = TRUE)
  said <- update(fit, control = list(fn_is = "negloglik"))
  expect_equal(vcov(fit, contributions = terms), vcov(said, contributions = terms), tolerance = 1e-4)
  expect_equal(lbfgsb_boot(fit, 3, weights = "w")$t, lbfgsb_boot(said, 3, weights = "w")$t, tolerance = 1e-5)
})

test_that("what is asked of a run that has not converged warns, once, and says what to do", {
  terms <- function(par) -dnorm(cars$speed, par["mu"], par["sigma"], log = TRUE)
  fit <- normal_fit(control = list(fn_is = "negloglik", nobs = 50, maxit = 2), hessian = TRUE)
  fit$contributions <- terms
  asked <- expression(vcov(fit), vcov(fit, contributions = terms), logLik(fit), AIC(fit), BIC(fit), deviance(fit),
                      confint(fit), confint(fit, "mu"), summary(fit), lbfgsb_delta(fit, function(par) par),
                      lbfgsb_delta(fit, function(par) par, covariance = vcov(fit, contributions = terms)))
  for (call in asked) expect_identical(classes_warned(eval(call)), "lbfgsb_warning_unconverged", label = deparse1(call))
  for (profiled in expression(profile(fit, "mu"), confint(fit, "mu", method = "profile"))) {
    warned <- classes_warned(try(eval(profiled), silent = TRUE)) # an error, where it finds a lower value
    expect_identical(warned, "lbfgsb_warning_unconverged")
  }
  for (silent in expression(print(fit), coef(fit), nobs(fit), summary(normal_fit(control = list(maxit = 2))))) {
    expect_identical(classes_warned(capture.output(eval(silent))), character())
  }
  warned <- tryCatch(confint(fit), warning = identity)
  expect_identical(warned$convergence, 1L)
  expect_identical(warned$reason, fit$message)
})

test_that("extractAIC() has the parameters and the AIC", {
  fit <- normal_fit()
  expect_equal(extractAIC(fit), c(2, AIC(fit)))
  expect_equal(extractAIC(fit, k = log(50)), c(2, AIC(fit, k = log(50))))
})

test_that("what asks for terms or a formula is told how to drop a parameter", {
  for (asked in expression(step(fit), drop1(fit), model.matrix(fit), formula(fit))) {
    error <- expect_error(eval(asked, list(fit = normal_fit())), "update(fit, fixed = c(b = 0))", fixed = TRUE)
    expect_s3_class(error, "lbfgsb_error_argument")
  }
})

test_that("residuals(), fitted(), predict(), simulate() and family() say that there are none", {
  expect_snapshot(error = TRUE, {
    residuals(normal_fit())
    fitted(normal_fit())
    predict(normal_fit(), data.frame(x = 1))
    simulate(normal_fit())
    family(normal_fit())
  })
})

test_that("where lmtest::lrtest() asks for residuals, the error says that it needs nobs", {
  skip_if_not_installed("lmtest")
  fits <- function(...) {
    full <- normal_fit(control = list(fn_is = "negloglik", ...))
    list(update(full, fixed = c(mu = 15)), full)
  }
  expect_error(do.call(lmtest::lrtest, fits()), "If lmtest::lrtest() asks for them, give control$nobs", fixed = TRUE)
  known <- fits(nobs = 50)
  expect_equal(do.call(lmtest::lrtest, known)$Chisq[2], 2 * (known[[1]]$value - known[[2]]$value))
})

test_that("sandwich, tidy() and glance() of a run that has not converged", {
  for (package in c("sandwich", "generics")) skip_if_not_installed(package)
  fit <- normal_fit(control = list(fn_is = "negloglik", maxit = 2), hessian = TRUE)
  fit$contributions <- function(par) -dnorm(cars$speed, par["mu"], par["sigma"], log = TRUE)
  for (asked in expression(sandwich::sandwich(fit), generics::tidy(fit), generics::tidy(fit, conf.int = TRUE))) {
    expect_identical(classes_warned(eval(asked)), "lbfgsb_warning_unconverged", label = deparse1(asked))
  }
  expect_identical(classes_warned(generics::glance(fit)), character()) # the row says so
})

test_that("the warning says the way on: resumption, update, or the vignette", {
  text_of <- function(fit) conditionMessage(tryCatch(vcov(fit), lbfgsb_warning_unconverged = identity))
  limited <- normal_fit(control = list(fn_is = "negloglik", maxit = 2))
  failed <- lbfgsb(c(a = 1), function(x) -x, control = list(fn_is = "negloglik"))
  aimed <- normal_fit(control = list(fn_is = "negloglik", target = 160))
  expect_snapshot(writeLines(c(
    text_of(limited), text_of(replace(limited, "state", list(NULL))), text_of(failed), text_of(aimed)
  )))
})

test_that("a fit without its objective has what its value, its state and its Hessian tell", {
  squares <- function(par) sum((cars$dist - par["a"] - par["b"] * cars$speed)^2)
  fits <- list(normal_fit(hessian = TRUE, control = list(fn_is = "negloglik", nobs = 50)),
               lbfgsb(c(a = 0, b = 1), squares, hessian = TRUE, control = list(fn_is = "squares", nobs = 50)))
  of_first <- function(fit) lbfgsb_delta(fit, function(par) par[[1]]^2)
  for (fit in fits) {
    bare <- replace(fit, "objective", list(NULL))
    for (f in list(logLik, AIC, BIC, nobs, deviance, vcov, confint, df.residual, inverse_hessian, of_first)) {
      expect_identical(f(bare), f(fit))
    }
    expect_identical(summary(bare)[names(summary(bare)) != "way_on"], summary(fit)[names(summary(fit)) != "way_on"])
  }
})

test_that("fits without their objectives are compared by their values", {
  control <- list(fn_is = "negloglik", nobs = 50)
  fits <- list(normal_fit(fixed = c(mu = 40), control = control), normal_fit(control = control))
  bare <- lapply(fits, replace, "objective", list(NULL))
  expect_equal(anova(bare[[1]], bare[[2]])[["Pr(>Chisq)"]], anova(fits[[1]], fits[[2]])[["Pr(>Chisq)"]])
})

test_that("what fn is to be evaluated for says how to get it back", {
  bare <- replace(normal_fit(), "objective", list(NULL))
  expect_identical(logLik(bare), logLik(normal_fit()))
  lost <- replace(bare, "state", list(NULL))
  expect_snapshot(error = TRUE, {
    vcov(bare)
    confint(bare, method = "profile")
    update(bare)
    vcov(lost)
    logLik(lost)
  })
  expect_snapshot(writeLines(summary(bare)$way_on))
  whole <- lbfgsb_resume(bare$state, normal_nll, hessian = TRUE)
  expect_equal(vcov(whole), vcov(normal_fit()), tolerance = 1e-4)
})

test_that("so has the result of a run whose function was evaluated elsewhere", {
  state <- lbfgsb_start(c(mu = 10, sigma = 4), lower = c(sigma = 1e-6), control = list(fn_is = "negloglik", nobs = 50),
                        differences = TRUE)
  state <- lbfgsb_tell(state, normal_nll(lbfgsb_ask(state)))
  expect_warning(logLik(lbfgsb_result(state)), "has not converged .*lbfgsb_resume", class = "lbfgsb_warning_unconverged")
  while (!is.null(par <- lbfgsb_ask(state))) state <- lbfgsb_tell(state, normal_nll(par))
  fit <- normal_fit(control = list(fn_is = "negloglik", nobs = 50))
  expect_equal(logLik(lbfgsb_result(state)), logLik(fit))
  expect_equal(BIC(lbfgsb_result(state)), BIC(fit))
})

# Packages that take fits -------------------------------------------------------------------------------------

mixed_par <- function() {
  control <- list(fn_is = "negloglik", nobs = 50)
  list(
    vector = normal_fit(control = control),
    unnamed = lbfgsb(c(10, 4), function(x) normal_nll(c(mu = x[1], sigma = x[2])), lower = c(-Inf, 1e-6),
                     control = control),
    matrix = lbfgsb(matrix(c(10, 4), 1), function(x) normal_nll(c(mu = x[1], sigma = x[2])),
                    lower = c(-Inf, 1e-6), control = control),
    list = lbfgsb(list(mu = 10, sigma = 4), function(x) normal_nll(unlist(x)), lower = list(sigma = 1e-6),
                  control = control),
    at_bound = normal_fit(upper = c(sigma = 5), control = control)
  )
}

test_that("lmtest, car, multcomp, bbmle and broom work on fits of any shape", {
  for (package in c("lmtest", "car", "multcomp", "bbmle", "broom")) skip_if_not_installed(package)
  for (fit in mixed_par()) {
    known <- vcov(fit, at_bound = 0)
    se <- sqrt(diag(known))
    expect_identical(names(coef(fit)), rownames(known))
    tested <- lmtest::coeftest(fit)
    expect_equal(tested[, "Std. Error"], ifelse(fit$bounds == "free", se, NA), ignore_attr = TRUE)
    expect_identical(attr(tested, "method"), "z test of coefficients")
    ratio <- sprintf("`%s` / `%s`", names(se)[1], names(se)[2])
    by_car <- car::deltaMethod(fit, ratio, vcov. = known)
    by_us <- lbfgsb_delta(fit, function(par) unlist(par)[[1]] / unlist(par)[[2]], covariance = known)
    expect_equal(unlist(by_us), unlist(by_car), ignore_attr = TRUE, tolerance = 1e-6)
    hypothesis <- multcomp::glht(fit, linfct = matrix(c(1, 0), 1), vcov. = known)
    expect_equal(summary(hypothesis)$test$sigma, se[[1]], ignore_attr = TRUE)
    expect_identical(broom::tidy(fit)$estimate, unname(coef(fit)))
    expect_equal(broom::glance(fit)$AIC, AIC(fit))
  }
})

test_that("bbmle::AICtab and lmtest::lrtest compare fits", {
  for (package in c("lmtest", "bbmle")) skip_if_not_installed(package)
  full <- normal_fit(control = list(fn_is = "negloglik", nobs = 50))
  smaller <- update(full, lower = c(mu = 14), upper = c(mu = 14))
  table <- bbmle::AICtab(full, smaller, weights = FALSE, sort = FALSE)
  expect_equal(table$dAIC, AIC(full, smaller)$AIC - min(AIC(full), AIC(smaller)))
  expect_equal(lmtest::lrtest(smaller, full)[2, "Pr(>Chisq)"], anova(smaller, full)[2, "Pr(>Chisq)"])
})

test_that("sigma() is that of lm, and of nothing that is no sum of squares", {
  squares <- function(par) sum((cars$dist - par["a"] - par["b"] * cars$speed)^2)
  fit <- lbfgsb(c(a = 0, b = 1), squares, control = list(fn_is = "squares", nobs = 50))
  expect_equal(sigma(fit), sigma(lm(dist ~ speed, cars)), tolerance = 1e-6)
  expect_equal(sigma(update(fit, fixed = c(b = 0))), sigma(lm(dist ~ 1, cars)), tolerance = 1e-6)
  expect_snapshot(error = TRUE, sigma(normal_fit(control = list(fn_is = "negloglik", nobs = 50))))
})

test_that("weighted squares are as in lm(), but for a constant of the log-likelihood; so is glm()'s deviance", {
  w <- seq(0.5, 2, length.out = 50)
  squares <- function(p) sum(w * (cars$dist - p["a"] - p["b"] * cars$speed)^2)
  fit <- lbfgsb(c(a = 0, b = 1), squares, control = list(fn_is = "squares", nobs = 50))
  linear <- lm(dist ~ speed, cars, weights = w)
  expect_equal(vcov(fit), vcov(linear), ignore_attr = TRUE, tolerance = 1e-5)
  expect_equal(as.numeric(logLik(linear)) - as.numeric(logLik(fit)), sum(log(w)) / 2, tolerance = 1e-6)
  breaks <- warpbreaks$breaks
  deviance_of <- function(p) sum(poisson()$dev.resids(breaks, exp(p[1] + p[2] * (warpbreaks$wool == "B")), 1))
  fit <- lbfgsb(c(3, 0), deviance_of, control = list(fn_is = "deviance", nobs = 54))
  loglinear <- glm(breaks ~ wool, poisson, warpbreaks, epsilon = 1e-14)
  expect_equal(vcov(fit), vcov(loglinear), ignore_attr = TRUE, tolerance = 1e-5)
  saturated <- sum(dpois(breaks, breaks, log = TRUE))
  expect_equal(as.numeric(logLik(loglinear)) - as.numeric(logLik(fit)), saturated, tolerance = 1e-6)
})

test_that("squares of no more observations than parameters have no likelihood and no intervals", {
  fn <- function(b) sum((b - 1:3)^2) + sum(b^2)
  fit <- lbfgsb(c(a = 0, b = 0, c = 0), fn, control = list(fn_is = "squares", nobs = 3))
  expect_error(AIC(fit), "must exceed the number of parameters, 3", class = "lbfgsb_error_argument")
  expect_no_warning(expect_error(confint(fit), "must exceed", class = "lbfgsb_error_argument"))
})

test_that("what is below 0 is said to be no sum of squares", {
  fit <- lbfgsb(c(a = 1), function(p) (p - 2)^2 - 5, control = list(fn_is = "squares", nobs = 10))
  for (ask in list(vcov, confint, logLik, deviance, sigma, profile)) {
    expect_no_warning(expect_error(ask(fit), "\"squares\", but `fn` is -5 at the estimate", class = "lbfgsb_error_argument"))
  }
  expect_match(summary(update(fit, hessian = TRUE))$validity, "no sum of squares is below 0")
})
