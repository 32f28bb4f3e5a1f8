announced$kinds <- c("negloglik", "loglik") # that message has its own test, in test-likelihood.R

# Models that other functions fit too. Each: `model`, theirs, and `smaller`, one nested in it; `terms`, the
# contributions of the observations to our fn; `start`, `kind` and `nobs`; `null`, the parameters that the
# smaller one lacks.
likelihood_models <- function() {
  lung <- na.omit(survival::lung[c("time", "status", "age", "sex")])
  logit <- glm(am ~ wt + hp, binomial, mtcars, epsilon = 1e-14)
  loglinear <- glm(breaks ~ wool + tension, poisson, warpbreaks, epsilon = 1e-14)
  tight <- survival::survreg.control(rel.tolerance = 1e-12)
  weibull <- survival::survreg(survival::Surv(time, status) ~ age + sex, lung, control = tight)
  list(
    lm = list(
      model = lm(mpg ~ wt + hp, mtcars), smaller = lm(mpg ~ wt, mtcars), kind = "squares", nobs = 32,
      null = "c", start = c(a = 30, b = 0, c = 0),
      terms = function(par) (mtcars$mpg - par[1] - par[2] * mtcars$wt - par[3] * mtcars$hp)^2
    ),
    logit = list(
      model = logit, smaller = update(logit, . ~ wt), kind = "deviance", nobs = 32, null = "c",
      start = c(a = 0, b = 0, c = 0),
      terms = function(par) {
        eta <- drop(model.matrix(logit) %*% par)
        -2 * dbinom(mtcars$am, 1, plogis(eta), log = TRUE)
      }
    ),
    poisson = list(
      model = loglinear, smaller = update(loglinear, . ~ wool), kind = "loglik", nobs = 54, null = c("c", "d"),
      start = c(a = 3, b = 0, c = 0, d = 0),
      terms = function(par) dpois(warpbreaks$breaks, exp(drop(model.matrix(loglinear) %*% par)), log = TRUE)
    ),
    survreg = list(
      model = weibull, smaller = survival::survreg(survival::Surv(time, status) ~ age, lung, control = tight),
      kind = "negloglik", nobs = nrow(lung), null = "c", start = c(a = 5, b = 0, c = 0, d = 0),
      terms = function(par) {
        u <- (log(lung$time) - drop(model.matrix(weibull) %*% par[1:3])) / exp(par[4])
        exp(u) - (lung$status == 2) * (u - par[4] - log(lung$time))
      }
    )
  )
}

# Our fit of one of them.
fit_likelihood <- function(m, ...) {
  scale <- ifelse(m$start == 0, 0.1, 1) # ages and horsepowers are larger than 1
  lbfgsb(m$start, function(par) sum(m$terms(par)), ...,
         control = list(fn_is = m$kind, nobs = m$nobs, factr = 10, parscale = scale))
}

# The smaller model: the null parameters fixed at 0.
fit_smaller <- function(m) {
  zero <- structure(numeric(length(m$null)), names = m$null)
  m$start[m$null] <- 0
  fit_likelihood(m, lower = zero, upper = zero)
}

# Their covariance matrix and estimates, the log of the scale of survreg() among them.
their_coef <- function(model) if (inherits(model, "survreg")) c(coef(model), log(model$scale)) else coef(model)

# Minus the second derivatives of the log-likelihood of a negative binomial with log link, in theta and beta
negative_binomial_information <- function(par, X, y) {
  theta <- par[[1]]
  mu <- exp(drop(X %*% par[-1]))
  in_theta <- -sum(trigamma(y + theta) - trigamma(theta) + 1 / theta - 2 / (mu + theta) +
                     (y + theta) / (mu + theta)^2)
  mixed <- -colSums(X * mu * (y - mu) / (mu + theta)^2)
  in_beta <- crossprod(X, X * theta * mu * (y + theta) / (mu + theta)^2)
  rbind(c(in_theta, mixed), cbind(mixed, in_beta))
}

# 2 s^2 H^-1 with the second derivatives of the sum of squares of Vm x / (K + x)
michaelis_covariance <- function(par, data) {
  part <- data$conc / (par[["K"]] + data$conc)
  f <- par[["Vm"]] * part
  J <- cbind(part, -f / (par[["K"]] + data$conc))
  r <- data$rate - f
  mixed <- sum(r * part / (par[["K"]] + data$conc))
  in_k <- -sum(r * 2 * f / (par[["K"]] + data$conc)^2)
  H <- 2 * (crossprod(J) + rbind(c(0, mixed), c(mixed, in_k)))
  2 * sum(r^2) / (nrow(data) - 2) * solve(H)
}

# Evaluates code; the warnings of our classes that it gives, as their classes
classes_warned <- function(code) {
  classes <- character()
  withCallingHandlers(code, lbfgsb_warning = function(w) {
    classes <<- c(classes, class(w)[1])
    tryInvokeRestart("muffleWarning")
  })
  classes
}

# Curves A m((t - t0) / s) whose time t0, a Julian day or seconds since 1970, is large beside what moves it: `terms`, their
# squared residuals; `gr`, of their sum; `jacobian`, of the terms; `start`; `beside`, a time at which to ask for the curve;
# `curve` and its `slopes` there.
epoch_models <- function() {
  set.seed(7)
  days <- 2451545 + sort(runif(150, 0, 3))
  seconds <- 1.7e9 + seq(-600, 600, by = 10)
  period <- 1 / (4 * pi)
  steps <- plogis((seconds - 1.7e9 - 37) / 60) + rnorm(length(seconds), sd = 0.05)
  list(
    sine = epoch_model(days, sin((days - 2451545.2) / period) + rnorm(150, sd = 0.3), sin, cos, c(A = 1, t0 = 2451545.19),
                       s = function(par) period, beside = 2451546),
    logistic = epoch_model(seconds, steps, plogis, dlogis, c(t0 = 1.7e9 + 20, s = 50), s = function(par) par[["s"]],
                           beside = 1.7e9 + 60)
  )
}

epoch_model <- function(t, y, m, m1, start, s, beside) {
  size <- function(par) if ("A" %in% names(par)) par[["A"]] else 1
  curve <- function(par, at) size(par) * m((at - par[["t0"]]) / s(par))
  slopes <- function(par, at) {
    z <- (at - par[["t0"]]) / s(par)
    all <- cbind(A = m(z), t0 = -size(par) * m1(z) / s(par), s = -size(par) * m1(z) * z / s(par))
    all[, names(par), drop = FALSE]
  }
  terms <- function(par) (y - curve(par, t))^2
  jacobian <- function(par) -2 * (y - curve(par, t)) * slopes(par, t)
  list(terms = terms, jacobian = jacobian, gr = function(par) colSums(jacobian(par)), start = start, nobs = length(y),
       curve = function(par) curve(par, beside), slopes = function(par) slopes(par, beside))
}

fit_epoch <- function(m, ...) {
  lbfgsb(m$start, function(par) sum(m$terms(par)), m$gr,
         control = list(fn_is = "squares", nobs = m$nobs, parscale = c(A = 1, t0 = 0.01, s = 1)[names(m$start)], ...))
}

# The negative log-likelihood of random intercepts, by c(mu, s, tau): 8 groups of 3.
random_intercepts <- function() {
  groups <- rep(1:8, each = 3)
  y <- with_random_state(3, rnorm(24) + rnorm(8)[groups])
  function(p) {
    v <- p[["tau"]]^2 + p[["s"]]^2 / 3
    16 * log(p[["s"]]) + sum((y - ave(y, groups))^2) / (2 * p[["s"]]^2) +
      sum(log(v) + (tapply(y, groups, mean) - p[["mu"]])^2 / v) / 2
  }
}
