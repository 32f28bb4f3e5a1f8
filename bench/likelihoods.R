# Statistical models without a gradient, as written and with each parameter in a unit of its own, 10^U(-4, 4): what is
# solved, and what is claimed. Writes bench/likelihoods.md:
#   Rscript bench/likelihoods.R [SEEDS]
library(lbfgsb)
source("bench/machine.R")

arguments <- commandArgs(TRUE)
seeds <- seq_len(if (length(arguments) > 0) as.numeric(arguments[1]) else 10)

# A model: a start, a function of the parameters, and bounds.
model <- function(par, fn, lower = -Inf, upper = Inf) {
  list(par = par, fn = fn, lower = rep_len(lower, length(par)), upper = rep_len(upper, length(par)))
}
scale_of_data <- function(from, to) 10^runif(1, from, to)
normal_loglik <- function(y, mean, V) {
  root <- tryCatch(chol(V), error = function(e) NULL)
  if (is.null(root)) return(NaN)
  sum(log(diag(root))) + sum(backsolve(root, y - mean, transpose = TRUE)^2) / 2
}
squares <- function(y, curve) function(p) sum((y - curve(p))^2)

models <- list(
  logistic = function() {
    X <- cbind(1, rnorm(200, 50, 10), rexp(200) * 1e4, rnorm(200))
    y <- rbinom(200, 1, plogis(X %*% c(-2, 0.03, 5e-5, 0.5)))
    model(numeric(4), function(p) sum(log1p(exp(-abs(X %*% p))) + pmax(X %*% p, 0) - y * (X %*% p)))
  },
  poisson = function() {
    X <- cbind(1, runif(150, 0, 100), rnorm(150, 2000, 30))
    y <- rpois(150, exp(X %*% c(-8, 0.02, 0.005)))
    model(c(log(mean(y) + 0.1), 0, 0), function(p) sum(exp(X %*% p) - y * (X %*% p)))
  },
  negative_binomial = function() {
    x <- rnorm(200)
    y <- rnbinom(200, size = 2, mu = exp(1 + 0.5 * x))
    model(c(0, 0, 1), function(p) -sum(dnbinom(y, size = p[3], mu = exp(p[1] + p[2] * x), log = TRUE)),
          lower = c(-Inf, -Inf, 1e-6))
  },
  gamma = function() {
    y <- rgamma(100, 3, rate = scale_of_data(-4, 4))
    model(c(1, 1), function(p) -sum(dgamma(y, p[1], rate = p[2], log = TRUE)), lower = 1e-8)
  },
  weibull = function() {
    y <- rweibull(100, 1.7, scale_of_data(-3, 5))
    model(c(1, mean(y) / 2), function(p) -sum(dweibull(y, p[1], p[2], log = TRUE)), lower = 1e-8)
  },
  beta = function() {
    y <- rbeta(80, 0.7, 3)
    model(c(1, 1), function(p) -sum(dbeta(y, p[1], p[2], log = TRUE)), lower = 0)
  },
  student = function() {
    y <- 1000 + 50 * rt(150, 3)
    model(c(median(y), sd(y), 10), function(p) -sum(dt((y - p[1]) / p[2], p[3], log = TRUE) - log(p[2])),
          lower = c(-Inf, 1e-6, 0.5), upper = c(Inf, Inf, 1e4))
  },
  extreme_values = function() {
    y <- 20 - 10 * log(-log(runif(60)))
    negloglik <- function(p) {
      z <- (y - p[1]) / p[2]
      if (abs(p[3]) < 1e-8) return(60 * log(p[2]) + sum(z + exp(-z)))
      u <- 1 + p[3] * z
      if (any(u <= 0)) Inf else 60 * log(p[2]) + sum((1 + 1 / p[3]) * log(u) + u^(-1 / p[3]))
    }
    model(c(mean(y), sd(y), 0.1), negloglik, lower = c(-Inf, 1e-6, -Inf))
  },
  mixture = function() {
    y <- c(rnorm(120, 100, 10), rnorm(80, 160, 15))
    model(c(0.5, 90, 20, 170, 20),
          function(p) -sum(log(p[1] * dnorm(y, p[2], p[3]) + (1 - p[1]) * dnorm(y, p[4], p[5]))),
          lower = c(0.01, -Inf, 1, -Inf, 1), upper = c(0.99, Inf, Inf, Inf, Inf))
  },
  garch = function() {
    y <- h <- numeric(400)
    h[1] <- 1e-4
    for (i in seq_along(y)) {
      if (i > 1) h[i] <- 1e-5 + 0.1 * y[i - 1]^2 + 0.8 * h[i - 1]
      y[i] <- sqrt(h[i]) * rnorm(1)
    }
    negloglik <- function(p) {
      v <- c(var(y), filter(p[1] + p[2] * y[-400]^2, p[3], "recursive", init = var(y)))
      s <- sum(log(v) + y^2 / v) / 2
      if (is.finite(s)) s else 1e10
    }
    model(c(0.1 * var(y), 0.1, 0.7), negloglik, lower = c(1e-12, 0, 0), upper = 1)
  },
  arma = function() {
    y <- arima.sim(list(ar = 0.6, ma = 0.3), 150) * scale_of_data(-2, 3)
    negloglik <- function(p) {
      e <- numeric(150)
      for (i in 2:150) e[i] <- y[i] - p[1] * y[i - 1] - p[2] * e[i - 1]
      75 * p[3] + sum(e^2) / exp(p[3]) / 2
    }
    model(c(0, 0, log(var(y))), negloglik, lower = c(-0.99, -0.99, -Inf), upper = c(0.99, 0.99, Inf))
  },
  gaussian_process = function() {
    D <- as.matrix(dist(sort(runif(25))))
    y <- drop(t(chol(4 * exp(-D^2 / 0.08) + diag(0.1, 25))) %*% rnorm(25))
    model(c(0, -1, -1), function(p) {
      normal_loglik(y, 0, exp(p[1]) * exp(-D^2 / (2 * exp(2 * p[2]))) + diag(exp(p[3]) + 1e-9, 25))
    }, lower = -10, upper = 10)
  },
  random_intercept = function() {
    group <- gl(12, 6)
    x <- rnorm(72)
    y <- 100 + 5 * x + rnorm(12, sd = 3)[group] + rnorm(72)
    together <- outer(group, group, "==")
    model(c(0, 0, 1, 1),
          function(p) normal_loglik(y, p[1] + p[2] * x, p[3]^2 * together + diag(p[4]^2, 72)),
          lower = c(-Inf, -Inf, 0, 1e-4))
  },
  factor = function() {
    S <- cov(mtcars[sample(32, 28), c(1, 3, 4, 6)])
    model(c(1, 1, 1, 1, diag(S) / 2), function(p) {
      root <- tryCatch(chol(tcrossprod(p[1:4]) + diag(p[5:8])), error = function(e) NULL)
      if (is.null(root)) 1e20 else 2 * sum(log(diag(root))) + sum(diag(chol2inv(root) %*% S))
    }, lower = rep(c(-Inf, 1e-6), each = 4))
  },
  cox = function() {
    X <- cbind(rnorm(100, 60, 10), rbinom(100, 1, 0.4))
    X <- X[order(-rexp(100, exp(0.03 * X[, 1] + 0.7 * X[, 2] - 3))), ]
    died <- rbinom(100, 1, 0.8)
    model(c(0, 0), function(p) -sum(died * (X %*% p - log(cumsum(exp(X %*% p))))))
  },
  tobit = function() {
    x <- rnorm(120, 10, 3)
    y <- pmax(0, -5 + 0.8 * x + rnorm(120, sd = 2))
    model(c(0, 0, 1), function(p) {
      at <- p[1] + p[2] * x
      -sum(ifelse(y > 0, dnorm(y, at, p[3], log = TRUE), pnorm(0, at, p[3], log.p = TRUE)))
    }, lower = c(-Inf, -Inf, 1e-4))
  },
  probit = function() {
    x <- rnorm(100) / 1000
    sign <- 2 * rbinom(100, 1, pnorm(0.3 + 800 * x)) - 1
    model(c(0, 0), function(p) -sum(pnorm(sign * (p[1] + p[2] * x), log.p = TRUE)))
  },
  inflated_zeros = function() {
    y <- ifelse(rbinom(150, 1, 0.3) == 1, 0, rpois(150, 4))
    model(c(0.5, 1), function(p) -sum(log(p[1] * (y == 0) + (1 - p[1]) * dpois(y, p[2]))),
          lower = c(0, 1e-8), upper = c(1, Inf))
  },
  copula = function() {
    z <- matrix(rnorm(200), 100) %*% chol(matrix(c(1, 0.7, 0.7, 1), 2))
    model(0, function(r) {
      if (abs(r) >= 1) return(Inf)
      sum(log(1 - r^2) / 2 + (r^2 * rowSums(z^2) - 2 * r * z[, 1] * z[, 2]) / (2 * (1 - r^2)))
    }, lower = -1, upper = 1)
  },
  pareto = function() {
    y <- 3 * runif(80)^(-1 / 2.5)
    model(c(1, 1), function(p) -sum(log(p[1]) + p[1] * log(p[2]) - (p[1] + 1) * log(y)), lower = 1e-8,
          upper = c(Inf, min(y)))
  },
  shifted_lognormal = function() {
    y <- 50 + rlnorm(80, 2, 0.6)
    model(c(0, 1, min(y) - 5), function(p) -sum(dlnorm(y - p[3], p[1], p[2], log = TRUE)),
          lower = c(-Inf, 1e-4, -Inf), upper = c(Inf, Inf, min(y) - 1e-3))
  },
  nonnegative = function() {
    X <- matrix(rnorm(900), 60) %*% diag(10^runif(15, -3, 3))
    y <- drop(X %*% (rnorm(15) / apply(X, 2, sd))) + rnorm(60)
    model(numeric(15), squares(y, function(p) X %*% p), lower = 0)
  },
  growth = function() {
    t <- 0:20
    y <- scale_of_data(1, 7) / (1 + 19 * exp(-0.5 * t)) * exp(rnorm(21, sd = 0.05))
    model(c(2 * max(y), 5, 0.1), squares(y, function(p) p[1] / (1 + p[2] * exp(-p[3] * t))), lower = 1e-3)
  },
  michaelis_menten = function() {
    s <- c(0.5, 1, 2, 4, 8, 16) * scale_of_data(-3, 3)
    y <- scale_of_data(-3, 5) * s / (s[3] + s) * (1 + rnorm(6, sd = 0.03))
    model(c(max(y), mean(s)), squares(y, function(p) p[1] * s / (p[2] + s)), lower = 0)
  },
  two_exponentials = function() {
    t <- seq(0, 10, 0.5)
    y <- scale_of_data(-2, 6) * (0.7 * exp(-0.8 * t) + 0.3 * exp(-0.1 * t)) * (1 + rnorm(21, sd = 0.01))
    model(c(max(y) / 2, 1, max(y) / 2, 0.2),
          squares(y, function(p) p[1] * exp(-p[2] * t) + p[3] * exp(-p[4] * t)), lower = 0)
  },
  dose_response = function() {
    dose <- 10^seq(-9, -5, 0.5)
    y <- 5 + 95 / (1 + (1e-7 / dose)^1.2) + rnorm(9, sd = 2)
    model(c(0, 100, 1e-6, 1), squares(y, function(p) p[1] + (p[2] - p[1]) / (1 + (p[3] / dose)^p[4])),
          lower = c(-Inf, -Inf, 1e-12, 0.1), upper = c(Inf, Inf, 1, 10))
  },
  pharmacokinetic = function() {
    t <- c(0.25, 0.5, 1, 2, 4, 8, 12)
    curve <- function(p) 320 * p[1] * p[2] / p[3] / (p[1] - p[2]) * (exp(-p[2] * t) - exp(-p[1] * t))
    true <- c(1.5, 0.2, 0.05 * scale_of_data(-2, 2))
    y <- curve(true) * exp(rnorm(7, sd = 0.1))
    model(c(1, 0.1, 3 * true[3]), function(p) if (p[1] == p[2]) NaN else sum(log(y / curve(p))^2), lower = 1e-6)
  }
)

# The end of each optimizer, with the parameters in these units: par, value, and whether it claims to have converged.
optimizers <- list(
  lbfgsb = function(p, fn) {
    fit <- lbfgsb(p$par, fn, lower = p$lower, upper = p$upper)
    list(par = fit$par, value = fit$value, claims = fit$convergence == 0)
  },
  nlminb = function(p, fn) {
    fit <- nlminb(p$par, fn, lower = p$lower, upper = p$upper)
    list(par = fit$par, value = fit$objective, claims = fit$convergence == 0)
  },
  optim = function(p, fn) {
    fit <- optim(p$par, fn, method = "L-BFGS-B", lower = p$lower, upper = p$upper)
    list(par = fit$par, value = fit$value, claims = fit$convergence == 0)
  }
)

run <- function(optimizer, p, unit) {
  scaled <- list(par = p$par / unit, lower = p$lower / unit, upper = p$upper / unit)
  end <- tryCatch(suppressWarnings(optimizer(scaled, function(x) p$fn(x * unit))), error = function(e) NULL)
  if (is.null(end)) return(list(par = p$par, value = Inf, claims = FALSE))
  replace(end, "par", list(end$par * unit))
}

# The lowest value that nlminb() in three scalings and Nelder and Mead's method find from an end.
improve <- function(p, end) {
  best <- end
  keep <- function(par, value) {
    inside <- all(par >= p$lower & par <= p$upper)
    if (inside && isTRUE(value < best$value)) best <<- list(par = par, value = value)
  }
  for (power in rep(c(0, -1, 1), 3)) {
    size <- pmax(abs(best$par), 1e-3)
    control <- list(eval.max = 5000, iter.max = 3000, rel.tol = 1e-13)
    fit <- try(nlminb(best$par, p$fn, lower = p$lower, upper = p$upper, scale = size^power, control = control),
               silent = TRUE)
    if (!inherits(fit, "try-error")) keep(fit$par, fit$objective)
    control <- list(maxit = 4000, reltol = 1e-14, parscale = pmax(abs(best$par), 1e-6))
    fit <- try(optim(best$par, p$fn, method = "Nelder-Mead", control = control), silent = TRUE)
    if (!inherits(fit, "try-error")) keep(fit$par, fit$value)
  }
  best$value
}

# Solved: within 1e-5 of the lowest value that anybody has found, relative to it, or to the fall from the start if
# that is less. False: claimed, though a lower value, by 1e-4, can be reached from there. Alarm: not claimed, though
# none, by 1e-7, can be.
judge <- function(p, unit) {
  ends <- lapply(optimizers, run, p, unit)
  reached <- suppressWarnings(vapply(ends, function(end) {
    if (is.finite(end$value)) min(improve(p, end), end$value) else Inf
  }, 0))
  lowest <- min(reached)
  value <- vapply(ends, `[[`, 0, "value")
  claims <- vapply(ends, `[[`, NA, "claims")
  size <- min(abs(lowest), p$fn(p$par) - lowest)
  lost <- value - reached > 1e-4 * size
  data.frame(optimizer = names(ends), solved = value - lowest < 1e-5 * size, false = claims & lost,
             alarm = !claims & !(value - reached > 1e-7 * size))
}

runs <- expand.grid(model = names(models), seed = seeds, spoilt = c(FALSE, TRUE), stringsAsFactors = FALSE)
judged <- lapply(seq_len(nrow(runs)), function(k) {
  set.seed(97 * runs$seed[k], "Mersenne-Twister", "Inversion", "Rejection")
  p <- models[[runs$model[k]]]()
  unit <- 10^runif(length(p$par), -4, 4)
  cbind(judge(p, if (runs$spoilt[k]) unit else rep(1, length(unit))), runs[k, ])
})
judged <- do.call(rbind, judged)

count <- aggregate(cbind(solved, false, alarm) ~ optimizer + spoilt, judged, sum)
lost <- unique(subset(judged, optimizer == "lbfgsb" & !solved)[c("model", "seed", "spoilt")])
writeLines(c(
  "# Statistical models without a gradient",
  "",
  paste0("Written by `Rscript bench/likelihoods.R`: ", length(models), " models, ", length(seeds),
         " data sets of each, default options."),
  "",
  machine(),
  "",
  "| units | optimizer | solved | claimed falsely | not claimed at the solution |",
  "| --- | --- | ---: | ---: | ---: |",
  with(count, paste("|", ifelse(spoilt, "times 10^U(-4, 4)", "as written"), "|", paste0("`", optimizer, "()`"), "|",
                    solved, "|", false, "|", alarm, "|")),
  "",
  paste0("Of ", length(models) * length(seeds), " each. Not solved by `lbfgsb()`: ",
         if (nrow(lost) > 0) {
           paste0(lost$model, " ", lost$seed, ifelse(lost$spoilt, " (units)", ""), collapse = ", ")
         } else {
           "none"
         }, ".")
), "bench/likelihoods.md")
