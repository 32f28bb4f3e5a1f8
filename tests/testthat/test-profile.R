# Minus the log-likelihood of a linear model, sigma known: quadratic
line_nll <- function(par) -sum(dnorm(cars$dist, par["a"] + par["b"] * cars$speed, 15, log = TRUE))
line_fit <- function(...) lbfgsb(c(a = 2, b = 1), line_nll, ...)

# A negative binomial regression of days absent from school: par is theta, then the coefficients
absences <- function() {
  skip_if_not_installed("MASS")
  glm_nb <- MASS::glm.nb(Days ~ Age + Sex + Eth + Lrn, MASS::quine)
  X <- model.matrix(glm_nb)
  days <- MASS::quine$Days
  nll <- function(par) {
    -sum(dnbinom(days, size = par[1], mu = exp(drop(X %*% par[-1])), log = TRUE))
  }
  start <- c(theta = 1, log(mean(days)), rep(0, ncol(X) - 1))
  list(nll = nll, start = start, lower = c(1e-6, rep(-Inf, ncol(X))), X = X, days = days)
}

# A GARCH(1, 1) of the DAX's returns
dax <- function() {
  y <- 100 * diff(log(as.vector(EuStockMarkets[, "DAX"])))
  s <- mean((y - mean(y))^2)
  past <- function(x, first) c(first, x[-length(x)])
  nll <- function(par) {
    e <- y - par[1]
    h <- c(filter(par[2] + par[3] * past(e^2, s), par[4], "recursive", init = s))
    u <- cbind(-2 * par[3] * past(e, 0), 1, past(e^2, s), past(h, s))
    dh <- unclass(filter(u, par[4], "recursive"))
    list(value = sum(log(2 * pi * h) + e^2 / h) / 2,
         gradient = colSums(dh * (h - e^2) / h^2) / 2 - c(sum(e / h), 0, 0, 0))
  }
  list(nll = nll, start = c(mu = mean(y), omega = 0.1 * s, alpha = 0.1, beta = 0.8),
       lower = c(-Inf, 1e-6, 0, 0), upper = c(Inf, Inf, 1, 1))
}

test_that("Wald intervals are estimate and standard errors, cut off at the bounds", {
  fit <- line_fit()
  se <- sqrt(diag(vcov(fit)))
  expect_equal(unname(confint(fit)), cbind(fit$par, fit$par) + 1.959964 * cbind(-se, se),
               tolerance = 1e-6, ignore_attr = TRUE)
  expect_identical(dimnames(confint(fit, "b", 0.9)), list("b", c("5 %", "95 %")))
  expect_identical(confint(fit, 2), confint(fit, "b"))
  expect_identical(confint(line_fit(upper = c(b = 4)), "b")[[2]], 4)
})

test_that("where fn is quadratic the profile agrees with Wald, and z is straight", {
  fit <- line_fit()
  profiled <- profile(fit)
  expect_s3_class(profiled, "profile.lbfgsb")
  expect_equal(confint(profiled), confint(fit), tolerance = 1e-4)
  expect_equal(confint(fit, method = "profile"), confint(fit), tolerance = 1e-4)
  slope <- diff(profiled$b$z) / diff(profiled$b$b) * sqrt(vcov(fit)["b", "b"])
  expect_equal(slope, rep(1, length(slope)), tolerance = 1e-3)
  expect_gt(max(abs(profiled$b$z)), qnorm(0.995))
})

test_that("a name that two parameters share is refused; their intervals have the names of coef()", {
  fit <- lbfgsb(c(a = 1, a = 2, b = 3), function(par) sum((par - 1:3)^2), control = list(fn_is = "negloglik"))
  expect_snapshot(error = TRUE, {
    confint(fit, "a")
    profile(fit, c("b", "a"))
  })
  expect_identical(rownames(confint(fit)), names(coef(fit)))
  expect_identical(confint(fit, "a.1"), confint(fit, 2))
  expect_equal(confint(profile(fit)), confint(fit), tolerance = 1e-4)
})

test_that("the tolerance and the steps of the fit are in its units, not those of the profile", {
  limits <- function(unit, ...) {
    squares <- function(par) sum((BOD$demand - par[["A"]] * (1 - exp(-par[["k"]] / unit * BOD$Time)))^2)
    fit <- lbfgsb(c(A = 20, k = unit / 2), squares, lower = c(k = 1e-6 * unit),
                  control = list(fn_is = "squares", nobs = 6, ...))
    confint(fit, method = "profile", level = 0.8) / c(1, unit)
  }
  right <- limits(1)
  expect_equal(limits(1e-6, ndeps = c(k = 1e-11, A = 1e-5)), right, tolerance = 1e-5)
  expect_equal(limits(1e-6, ndeps = 1e-5, parscale = c(k = 1e-6, A = 10), gradient = "richardson"), right, tolerance = 1e-5)
  expect_equal(limits(1e-3, pgtol = 1e3), right, tolerance = 1e-4)
})

test_that("where there are no standard errors the profile is right all the same", {
  nll <- function(par) -sum(dnorm(cars$speed, par[["a"]] + par[["b"]], par[["s"]], log = TRUE))
  both <- lbfgsb(c(a = 5, b = 5, s = 1), nll, lower = c(s = 0.1))
  expect_error(vcov(both), class = "lbfgsb_error_hessian")
  limits <- confint(both, method = "profile")
  one <- update(both, fixed = c(b = 0))
  expect_equal(limits["s", ], confint(one, "s", method = "profile")["s", ], tolerance = 1e-4)
  expect_identical(unname(limits[c("a", "b"), ]), cbind(c(-Inf, -Inf), c(Inf, Inf)))
  saddle <- lbfgsb(c(a = 1, b = 1), function(x) x[2]^2 - (x[1] - 1)^2, function(x) c(-2, 2) * (x - 1:0))
  expect_error(profile(saddle), "the fit is no minimum", class = "lbfgsb_error_hessian")
})

test_that("so it is for a parameter at its bound, and one that is all but at its", {
  nll <- function(p) 3 * p[["v"]] + (p[["a"]] + p[["b"]] + p[["v"]])^2 / 2 + p[["w"]]
  par <- c(a = 1, b = -1, v = 0, w = 1e-10)
  fit <- lbfgsb(par, nll, lower = c(v = 0, w = 0), control = list(fn_is = "negloglik"))
  fit$par[] <- par
  fit$value <- nll(par)
  fit$bounds[] <- c("free", "free", "at lower", "free")
  expect_error(vcov(fit), class = "lbfgsb_error_hessian")
  # Along the profile of v, a + b = -v.
  expect_equal(unname(confint(fit, "v", method = "profile")[1, ]), c(0, qchisq(0.95, 1) / 6), tolerance = 1e-4)
})

test_that("the profile interval of the theta of glm.nb is where the deviance says", {
  a <- absences()
  fit <- lbfgsb(a$start, a$nll, lower = a$lower)
  family <- function(theta) MASS::negative.binomial(theta)
  rise <- function(theta) {
    mu <- fitted(glm(a$days ~ a$X - 1, family = family(theta), epsilon = 1e-12))
    2 * (-sum(dnbinom(a$days, size = theta, mu = mu, log = TRUE)) - fit$value) - qchisq(0.95, 1)
  }
  limits <- c(uniroot(rise, c(0.5, fit$par[[1]]), tol = 1e-8)$root,
              uniroot(rise, c(fit$par[[1]], 3), tol = 1e-8)$root)
  expect_equal(as.vector(confint(fit, "theta", method = "profile")), limits, tolerance = 1e-4)
})

test_that("the profile interval of a GARCH parameter is where its profile says", {
  d <- dax()
  fit <- lbfgsb(d$start, d$nll, lower = d$lower, upper = d$upper)
  fixed_at <- function(beta) {
    start <- replace(fit$par, "beta", beta)
    lbfgsb(start, d$nll, lower = replace(d$lower, 4, beta), upper = replace(d$upper, 4, beta),
           control = list(factr = 10))$value
  }
  limits <- confint(fit, "beta", method = "profile")
  for (limit in limits) {
    expect_equal(2 * (fixed_at(limit) - fit$value), qchisq(0.95, 1), tolerance = 5e-3)
  }
})

# Evaluations of fn for the points of a profile, each from the start of the fit
cold_evaluations <- function(profiled, problem, i) {
  upper <- if (is.null(problem$upper)) rep(Inf, length(problem$start)) else problem$upper
  at <- setdiff(profiled[[1]][[1 + i]], attr(profiled, "fit")$par[[i]])
  runs <- lapply(at, function(value) {
    lbfgsb(replace(problem$start, i, value), problem$nll,
           lower = replace(problem$lower, i, value), upper = replace(upper, i, value))
  })
  sum(vapply(runs, function(run) run$counts[["function"]], 0L))
}

test_that("warm starts need at most half the evaluations of cold ones", {
  a <- absences()
  profiled <- profile(lbfgsb(a$start, a$nll, lower = a$lower), "theta", level = 0.95)
  expect_lt(attr(profiled, "evaluations"), cold_evaluations(profiled, a, 1) / 2)
  d <- dax()
  fit <- lbfgsb(d$start, d$nll, lower = d$lower, upper = d$upper)
  for (i in 1:4) {
    profiled <- profile(fit, i, level = 0.95)
    expect_lt(attr(profiled, "evaluations"), cold_evaluations(profiled, d, i) / 2)
  }
})

test_that("an interval ends at the bound where the likelihood does not", {
  nll <- function(par) -sum(dpois(c(0, 0, 1), par, log = TRUE))
  fit <- lbfgsb(c(rate = 0.5), nll, lower = 1e-8, upper = 0.6)
  limits <- confint(fit, method = "profile")
  expect_identical(limits[[2]], 0.6)
  rise <- function(rate) 2 * (nll(rate) - fit$value) - qchisq(0.95, 1)
  expect_equal(limits[[1]], uniroot(rise, c(1e-4, 1 / 3), tol = 1e-10)$root, tolerance = 1e-2)
})

# Where twice the rise of the profile of `a`, b free, is the quantile; `a` on its bound
end_of_profile <- function(fit, bound) {
  profiled <- function(a) optimize(function(b) line_nll(c(a = a, b = b)), c(0, 10), tol = 1e-10)$objective
  uniroot(function(a) 2 * (profiled(a) - fit$value) - qchisq(0.95, 1), c(bound, bound + 30), tol = 1e-9)$root
}

test_that("a parameter at its bound has no Wald interval, and a profile to the inside", {
  for (bound in c(-17, -10, 1)) { # the estimate is -17.58, its error 6.6
    fit <- line_fit(lower = c(a = bound))
    expect_identical(as.vector(confint(fit, "a")), c(NA_real_, NA_real_))
    limits <- confint(fit, "a", method = "profile")
    expect_identical(limits[[1]], bound)
    expect_equal(limits[[2]] - bound, end_of_profile(fit, bound) - bound, tolerance = 1e-3)
  }
  steep <- lbfgsb(c(a = 1), function(x) 1e6 * x, lower = 0, control = list(fn_is = "negloglik"))
  expect_equal(confint(steep, method = "profile")[[2]], qchisq(0.95, 1) / 2e6, tolerance = 1e-4)
  fixed <- line_fit(lower = c(a = 2), upper = c(a = 2))
  expect_identical(as.vector(confint(fixed, "a", method = "profile")), c(NA_real_, NA_real_))
  fit <- line_fit(lower = c(a = 1))
  # `a` leaves its bound where `b` falls, and stays where it rises.
  expect_equal(confint(fit, "b", method = "profile")[2], confint(fit, "b")[2], tolerance = 1e-4)
})

test_that("fn may be the log-likelihood itself, with scales", {
  maximized <- lbfgsb(c(a = 0, b = 1), function(par) -line_nll(par),
                      control = list(fnscale = -3, parscale = c(10, 1)))
  expect_equal(vcov(maximized), vcov(line_fit()), tolerance = 1e-5)
  expect_equal(confint(maximized, method = "profile"), confint(line_fit()), tolerance = 1e-4)
})

test_that("a profile that finds a better point says where", {
  two_wells <- function(par) sum(20 * (par[1]^2 - 1)^2 + par[1]) + par[2]^2
  fit <- lbfgsb(c(a = 1, b = 1), two_wells)
  try(profile(fit, "a", level = 1 - 1e-12), silent = TRUE)
  error <- lbfgsb_last()
  expect_s3_class(error, "lbfgsb_error_profile")
  expect_lt(error$value, fit$value)
  expect_identical(error$value, unname(two_wells(error$par)))
  expect_snapshot(conditionMessage(error))
  better <- lbfgsb_resume(lbfgsb_last())
  expect_lte(better$value, error$value)
  expect_identical(coef(better), coef(update(fit, par = error$par)))
  expect_silent(profile(better, "a"))
  expect_identical(coef(lbfgsb_resume(try(profile(fit, "a", level = 1 - 1e-12), silent = TRUE))), coef(better))
  expect_match(lbfgsb_resume(error, control = list(maxit = 1))$message, "maxit = 1")
})

test_that("plot says where there is no profile", {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  profiled <- profile(lbfgsb(c(1, 1), function(x) sum(x), lower = 0))
  expect_identical(plot(profiled, main = "none"), profiled)
})

test_that("a data frame of a profile has a row a run", {
  profiled <- profile(line_fit())
  long <- as.data.frame(profiled)
  expect_named(long, c("parameter", "focal", "z", "a", "b"))
  expect_identical(long$focal, ifelse(long$parameter == "a", long$a, long$b))
  expect_identical(long[long$parameter == "b", c("z", "a", "b")], profiled$b, ignore_attr = "row.names")
})

test_that("print shows a line for each parameter", {
  profiled <- profile(line_fit(upper = c(a = 2, b = Inf)))
  expect_snapshot(expect_identical(expect_invisible(print(profiled)), profiled))
  expect_snapshot(profile(line_fit(lower = c(a = 2), upper = c(a = 2)), level = 0.9))
})

test_that("some parameters of a profile are their profile", {
  nll <- function(p) -sum(dgamma(cars$speed, p["shape"], p["rate"], log = TRUE)) + (p["c"] - 1)^2
  fit <- lbfgsb(c(shape = 2, rate = 0.2, c = 0), nll, lower = c(shape = 1e-6, rate = 1e-6), fixed = c(c = 1),
                control = list(fn_is = "negloglik"), hessian = TRUE)
  all <- profile(fit)
  expect_identical(all["rate"], profile(fit, "rate"), ignore_function_env = TRUE)
  expect_identical(all[c("c", "shape")], all[c(3, 1)])
  expect_identical(all[-2], all[c(1, 3)])
  expect_identical(all[], all)
  expect_output(print(all["shape"]), "Profiles of 1 parameter, ")
  expect_identical(confint(all["rate"]), confint(all)["rate", , drop = FALSE])
  expect_error(all["mu"], "must be among the parameters that were profiled, shape, rate, c, not mu")
  expect_error(all[4], class = "lbfgsb_error_argument")
  grDevices::pdf(NULL)
  withr::defer(grDevices::dev.off())
  expect_s3_class(plot(all["rate"]), "profile.lbfgsb")
})

test_that("wrong parameters and levels are errors", {
  fit <- line_fit()
  expect_snapshot(error = TRUE, {
    confint(fit, "c")
    confint(fit, 3)
    confint(fit, level = 95)
    confint(profile(fit, "b", level = 0.9), level = 0.95)
    plot(profile(fit, "b", level = 0.9), level = 0.95)
  })
})

test_that("parameters are chosen as R's indices choose", {
  fit <- line_fit()
  for (chosen in list(1, -2, c(TRUE, FALSE), factor("a", c("b", "a")))) {
    expect_identical(confint(fit, chosen), confint(fit, "a"))
  }
  expect_identical(confint(fit, character()), confint(fit)[0, ])
  expect_silent(none <- profile(fit, character()))
  expect_length(none, 0)
  expect_identical(names(profile(fit, -1)), "b")
})

test_that("columns are named by their tails, however small", {
  expect_identical(colnames(confint(line_fit(), "b", 0.999)), c("0.05 %", "99.95 %"))
})

test_that("weights of Lagrange are exact for polynomials", {
  expect_equal(sum(lagrange_weights(c(1, 2, 4), 7) * c(1, 2, 4)^2), 49)
  expect_equal(sum(lagrange_weights(c(1, 2), 7) * c(1, 2)), 7)
})

test_that("plot draws a panel a parameter and leaves the graphics parameters", {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  before <- graphics::par(c("mar", "mfrow"))
  profiled <- profile(line_fit())
  expect_identical(expect_invisible(plot(profiled)), profiled)
  expect_identical(graphics::par(c("mar", "mfrow")), before)
})

test_that("plot draws z with its sign if asked to, without a warning, with its label", {
  profiled <- profile(line_fit(), "a")
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  graphics::par(mfrow = c(1, 1))
  axis_of <- function(...) {
    expect_silent(plot(profiled, ...))
    graphics::par("usr")[3:4]
  }
  extended <- function(z) range(z) + c(-0.04, 0.04) * diff(range(z))
  expect_equal(axis_of(absVal = FALSE), extended(profiled$a$z), tolerance = 1e-3)
  expect_equal(axis_of()[1], extended(c(0, abs(profiled$a$z)))[1], tolerance = 0.05)
  expect_identical(without_bars("|t| = root of F"), "t = signed root of F")
  expect_error(plot(profiled, absVal = NA), class = "lbfgsb_error_argument")
})

test_that("plot goes on in the panels that the user has set, if there are enough", {
  profiled <- profile(lbfgsb(c(a = 0, b = 0), function(x) sum((x - 1)^2), control = list(fn_is = "negloglik")))
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  graphics::par(mfrow = c(1, 4))
  graphics::plot(1)
  plot(profiled)
  expect_identical(graphics::par("mfg"), c(1L, 3L, 1L, 4L))
  graphics::par(mfrow = c(1, 1), mar = rep(3, 4))
  plot(profiled)
  expect_identical(graphics::par("mfrow"), c(1L, 1L))
  expect_identical(graphics::par("mar"), rep(3, 4))
})

test_that("plot names the parameter, the level and what z is, and takes the user's words", {
  texts_of <- function(...) {
    file <- withr::local_tempfile()
    grDevices::pdf(file, compress = FALSE, useKerning = FALSE)
    plot(...)
    grDevices::dev.off()
    shown <- grep("Tj$", readLines(file, warn = FALSE), value = TRUE)
    sub(".*\\((.*)\\) Tj", "\\1", shown)
  }
  profiled <- profile(line_fit(), "b")
  drawn <- texts_of(profiled, level = 0.9)
  for (text in c("b", "Profile of b", "90 %", "|z|, the root of the likelihood ratio statistic")) expect_true(text %in% drawn)
  expect_true("slope" %in% texts_of(profiled, main = "slope"))
  squares <- function(par) sum((cars$dist - par["a"])^2)
  fit <- lbfgsb(c(a = 1), squares, control = list(fn_is = "squares", nobs = 50))
  expect_true("|t|, the root of F" %in% texts_of(profile(fit)))
})

test_that("noise that the run has found reaches the profile", {
  set.seed(2)
  X <- cbind(1, matrix(rnorm(600), 200))
  y <- rpois(200, exp(X %*% c(1, 0.1, 0.2, 0.3)))
  smooth <- function(beta) sum(exp(drop(X %*% beta)) - y * drop(X %*% beta))
  noisy <- function(beta) smooth(beta) * (1 + 1e-8 * sin(1e9 * sum(beta * sqrt(seq_along(beta)))))
  limits <- function(fn) confint(profile(lbfgsb(numeric(4), fn, control = list(fn_is = "negloglik"))))
  exact <- limits(smooth)
  expect_lt(max(abs(limits(noisy) - exact)), 1e-3 * min(exact[, 2] - exact[, 1]))
})

test_that("limits of a parameter that was not profiled are refused", {
  profiled <- profile(line_fit(), "b")
  expect_identical(rownames(confint(profiled, "b")), "b")
  expect_identical(confint(profiled, 1), confint(profiled))
  for (parm in list("a", 2, NA)) {
    expect_error(confint(profiled, parm), "profiled, b, not", class = "lbfgsb_error_argument")
  }
})

test_that("an error of fn far out ends the profile there, with a warning that names the parameter", {
  count <- c(0, 7, 0, 12, 0)
  logits <- function(q) c(q[1:3], 0, q[4])
  nll <- function(q) if (any(q < -300)) stop("out of range") else -dmultinom(count, prob = exp(logits(q)), log = TRUE)
  start <- c(A = 0, B = 0, C = 0, E = 0)
  fit_of <- function(fn) lbfgsb(start, fn, control = list(fn_is = "negloglik"))
  warned <- expect_warning(profiled <- profile(fit_of(nll)), class = "lbfgsb_warning_profile")
  expect_identical(warned$parameters, c("A", "C", "E"))
  expect_match(conditionMessage(warned), conditionMessage(warned$parent), fixed = TRUE)
  exact <- profile(fit_of(function(q) 19 * log(sum(exp(logits(q)))) - sum(count * logits(q))))
  expect_equal(confint(profiled), confint(exact), tolerance = 1e-3)
  expect_snapshot(conditionMessage(warned))
})

test_that("an error of the package in a profile passes through", {
  asked <- 0
  fn <- function(x) {
    asked <<- asked + 1
    if (asked > limit) "no number" else sum((x - 1)^2)
  }
  limit <- Inf
  fit <- lbfgsb(c(a = 0, b = 0), fn, control = list(fn_is = "negloglik"))
  limit <- asked + 15
  expect_error(profile(fit), class = "lbfgsb_error_objective")
})

test_that("the profile of data that fit exactly says that they do", {
  x <- 0:20
  y <- 3 * exp(-0.2 * x) + 1
  squares <- function(p) sum((y - p[["a"]] * exp(-p[["b"]] * x) - p[["c"]])^2)
  fit <- lbfgsb(c(a = 1, b = 1, c = 0), squares, control = list(fn_is = "squares", nobs = 21))
  expect_equal(coef(fit), c(a = 3, b = 0.2, c = 1), tolerance = 1e-5)
  expect_error(confint(fit, method = "profile"), "the data fit exactly", class = "lbfgsb_error_profile")
})

test_that("a parameter that is asked for twice is profiled once", {
  fit <- lbfgsb(c(m = 0), function(p) sum((cars$speed - p[["m"]])^2) / 2, control = list(fn_is = "negloglik"))
  expect_named(profile(fit, c("m", "m")), "m")
})

test_that("a limit is between its neighbours, also beside a kink, and else on the cubic", {
  x <- c(4.0778, 4.1394, 4.7554, 4.7747)
  z <- c(1.8911, 1.9447, 2.4460, 2.5619)
  on_line <- approx(z, x, 1.96)$y
  expect_equal(crossing(x, z, 1.96), on_line, tolerance = 2e-3)
  expect_equal(crossing(-rev(x), -rev(z), -1.96), -crossing(x, z, 1.96))
  expect_equal(crossing(exp(x), z, 1.96), exp(on_line), tolerance = 1e-2)
  levels <- seq(1.945, 2.446, length.out = 50)
  expect_true(all(diff(vapply(levels, crossing, 0, x = x, z = z)) > 0))
  expect_equal(crossing(c(1, 2, 3, 4), c(1, 8, 27, 64), 15.625), 2.5)
})
