# Runs with default options, without a gradient but where it is said, beside nlminb(). In two kinds values alone mislead:
# fits that are close, so that their sums of squares nearly vanish, and starts far off. A random intercept hardly moves
# from a small start, and standard deviations are level at 0. Regressions from 0 do not tell in what units they are.
# Of many coefficients at 0 chance makes the slopes differ as other units would.
# Values of few digits show nothing over small steps; where a run has ended rounding is all that is left.
# METHOD.md (31), (53), (54); (50), (63); (49), (57); (59), (64), (65) to (67).
# Writes bench/starts.md.
# Usage, from the root of a clone: Rscript bench/starts.R
source("bench/machine.R")
source("tests/testthat/helper-problems.R")
source("tests/testthat/helper-starts.R")
library(lbfgsb)

# One run of each solver: value, whether it claims to have converged, evaluations.
run <- function(p) {
  upper <- if (is.null(p$upper)) Inf else p$upper
  ours <- suppressWarnings(lbfgsb(p$par, p$fn, p$gr, lower = p$lower, upper = upper))
  theirs <- suppressWarnings(nlminb(p$par, p$fn, p$gr, lower = p$lower, upper = upper))
  data.frame(
    solver = c("lbfgsb", "nlminb"), value = c(ours$value, theirs$objective),
    claims = c(ours$convergence, theirs$convergence) == 0,
    evaluations = c(ours$counts[["function"]], sum(theirs$evaluations))
  )
}

# Solved, to `within` of the best value; claimed though it is not; not claimed though it is.
judge <- function(p) {
  at <- run(p)
  best <- min(at$value, p$best)
  solved <- at$value - best <= p$within(best)
  data.frame(solver = at$solver, solved, wrong = at$claims & !solved, alarms = solved & !at$claims,
             evaluations = at$evaluations)
}

# ---- Close fits ------------------------------------------------------------------------------------------------

curves <- list(
  list(t = seq(0, 10, 0.5), p = 0.4, par = c(0.5, 1), f = function(t, a, b) a * exp(-b * t)),
  list(t = 0:15, p = c(10, 0.6), par = c(2, 5, 0.3), f = function(t, a, b, c) a / (1 + b * exp(-c * t))),
  list(t = c(0.1, 0.3, 1, 3, 10, 30), p = 1, par = c(2, 3), f = function(t, a, b) a * t / (b + t)),
  list(t = seq(-3, 3, 0.4), p = c(0.2, 1.3), par = c(1, 0, 1), f = function(t, a, b, c) a * exp(-(t - b)^2 / c)),
  list(t = 10^seq(-2, 2, 0.5), p = c(1, 1.5), par = c(2, 2, 1), f = function(t, a, b, c) a * t^c / (b^c + t^c))
)

close_fit <- function(curve, seed) {
  set.seed(seed)
  size <- 10^runif(1, -3, 3)
  values <- function(p) do.call(curve$f, c(list(curve$t), p))
  y <- values(c(size, curve$p)) * (1 + rnorm(length(curve$t), sd = 10^-runif(1, 1, 8)))
  fn <- function(p) sum((y - values(p))^2)
  par <- curve$par * c(size, rep(1, length(curve$p)))
  total <- fn(par)
  list(par = par, fn = fn, lower = -Inf, best = Inf, within = function(best) 1e-6 * best + 1e-14 * total)
}

# Users' first try: squares whose minimum is 0.
squares <- function(seed, n) {
  set.seed(seed)
  at <- rnorm(n) * 10^runif(1, -1, 2)
  weight <- 10^runif(n, -1, 1)
  start <- at + rnorm(n)
  fn <- function(x) sum(weight * (x - at)^2)
  list(par = start, fn = fn, lower = -Inf, best = 0, within = function(best) 1e-10 * fn(start))
}

# ---- A normal sample from far off --------------------------------------------------------------------------------

far_start <- function(seed) {
  set.seed(seed)
  y <- rnorm(100, 5, 2)
  fn <- function(p) 100 * log(p[2]) + sum((y - p[1])^2) / (2 * p[2]^2)
  list(par = c(10^runif(1, 2, 8) * sample(c(-1, 1), 1), 10^runif(1, -2, 2)), fn = fn, lower = c(-Inf, 1e-8),
       best = fn(c(mean(y), sqrt(mean((y - mean(y))^2)))), within = function(best) 1e-4 * abs(best))
}

# A Poisson regression whose intercept starts at the mean of the counts, not at its logarithm.
counts <- function(seed) {
  set.seed(seed)
  mean <- 10^runif(1, 1, 2.6)
  x <- rnorm(100)
  y <- rpois(100, mean * exp(0.3 * x))
  fn <- function(p) sum(exp(p[1] + p[2] * x) - y * (p[1] + p[2] * x) + lgamma(y + 1))
  list(par = c(mean(y), 0), fn = fn, lower = -Inf, best = fn(coef(glm(y ~ x, family = poisson))),
       within = function(best) 1e-4 * abs(best))
}

# ---- A random intercept, whose standard deviation starts at a hundredth of the error's -----------------------------

from_small_deviation <- function(seed, start) {
  fn <- random_intercept(seed)
  lower <- c(-Inf, -Inf, 0, 1e-4)
  list(par = start, fn = fn, lower = lower, best = lbfgsb(c(100, 5, 3, 1), fn, lower = lower)$value,
       within = function(best) 1e-5 * abs(best))
}

random_intercepts <- c(lapply(1:30, from_small_deviation, c(0, 0, 0.01, 1)),
                       lapply(1:30, from_small_deviation, c(90, 0, 0.01, 1)))

# Two standard deviations of a meta-analysis, bounded by 0, where its likelihood is level; from there, and not.
with_level_deviations <- function(seed, start) {
  fn <- meta_analysis(seed)
  best <- min(vapply(c(0.01, 0.1, 0.3), function(sd) nlminb(c(0.3, sd, sd), fn)$objective, 0))
  list(par = c(0, start, start), fn = fn, lower = c(-Inf, 0, 0), best = best, within = function(best) 1e-4)
}

from_no_deviation <- function(seed, kind, ...) c(kind(seed, ...), list(within = function(best) 1e-4))

next_to_none <- function(seed, start) from_no_deviation(seed, dispersed_counts, start)

# ---- Regressions from 0, whose covariates have units of 10^U(-k, k) ------------------------------------------------

# negloglik(eta, y, the last parameter) of each kind, and the y of a linear predictor.
kinds <- list(
  poisson = list(function(eta, y, last) exp(eta) - y * eta, function(eta) rpois(200, exp(eta))),
  logistic = list(function(eta, y, last) log1p(exp(-abs(eta))) + pmax(eta, 0) - y * eta,
                  function(eta) rbinom(200, 1, plogis(eta - 1))),
  negative_binomial = list(function(eta, y, last) -dnbinom(y, size = exp(last), mu = exp(eta), log = TRUE),
                           function(eta) rnbinom(200, size = 3, mu = exp(eta))),
  weibull = list(function(eta, y, last) -dweibull(y, exp(last), exp(eta), log = TRUE),
                 function(eta) rweibull(200, 2, exp(eta))),
  normal = list(function(eta, y, last) -dnorm(y, eta, exp(last), log = TRUE),
                function(eta) eta + rnorm(200, sd = 0.5))
)

regression <- function(kind, n, k, seed) {
  set.seed(seed)
  X <- cbind(1, matrix(rnorm(200 * (n - 2)), 200))
  binary <- seq(3, n - 1, by = 3)
  X[, binary] <- X[, binary] > 0.5
  y <- kinds[[kind]][[2]](drop(X %*% c(1, rnorm(n - 2, sd = 0.8 / sqrt(n)))))
  X[, -1] <- X[, -1] %*% diag(10^runif(n - 2, -k, k), n - 2)
  fn <- function(p) sum(kinds[[kind]][[1]](drop(X %*% p[-n]), y, p[n]))
  list(par = numeric(n), fn = fn, lower = -Inf, best = Inf, within = function(best) 1e-6 * abs(best))
}

regressions <- function(k) {
  cases <- expand.grid(kind = names(kinds), n = c(4, 7, 12, 21), k = k, seed = 1:5, stringsAsFactors = FALSE)
  do.call(Map, c(list(regression), cases))
}

# ---- An enzyme with an inhibitor, whose parameters all start at 1e-6 -------------------------------------------------

from_1e_6 <- function(seed, lower) {
  p <- inhibition(seed)
  list(par = rep(1e-6, 3), fn = p$fn, lower = lower, best = nlminb(p$right, p$fn, lower = lower)$objective,
       within = function(best) 1e-6 * best)
}

# ---- A logistic curve from 0, beside a standard deviation that damps its slopes --------------------------------------

damped <- function(seed, sigma) {
  p <- logistic_curve(seed)
  list(par = c(0, 0, log(sigma)), fn = p$fn, gr = p$gr, lower = -Inf, best = nlminb(c(0.5, 0.7, 0), p$fn, p$gr)$objective,
       within = function(best) 1e-6 * abs(best))
}

# ---- Problems of the tests, begun where a run has ended, with a gradient ---------------------------------------------

with_gradient <- Filter(function(p) length(p$par) <= 120 && !is.null(p$gr), problems)

ended <- function(p, times) {
  total <- abs(p$fn(p$par))
  for (k in seq_len(times)) {
    p$par <- suppressWarnings(lbfgsb(p$par, p$fn, p$gr, lower = p$lower, upper = p$upper))$par
  }
  c(p[c("par", "fn", "gr", "lower", "upper")], list(best = Inf, within = function(best) max(1e-9 * abs(best), 1e-14 * total)))
}

# ---- Values of few digits, from 0 --------------------------------------------------------------------------------------

few_digits <- function(seed, digits, next_to = 0) {
  set.seed(seed)
  n <- sample(2:5, 1)
  weight <- 10^runif(n, -1, 1.5)
  at <- rnorm(n)
  together <- runif(1)
  offset <- 10^runif(1, 0, 3)
  exact <- function(x) sum(weight * (x - at)^2) + together * sum(x)^2 + offset
  best <- exact(solve(2 * diag(weight) + 2 * together, 2 * weight * at))
  list(par = next_to * rnorm(n), fn = function(x) signif(exact(x), digits), lower = -Inf, best = best,
       within = function(best) max(1e-4 * (exact(numeric(n)) - best), 30 * 10^-digits * best))
}

# ---- Normal models in raw units from 0, whose deviation starts at 1 ----------------------------------------------------

# f falls from 1e10 and more to some hundreds, of which each counts. log: the last parameter is that of the deviation.
raw_normal <- function(X, y, log, gradient) {
  k <- ncol(X)
  deviation <- function(p) if (log) exp(p[k + 1]) else p[k + 1]
  fn <- function(p) -sum(dnorm(y, X %*% p[1:k], deviation(p), log = TRUE))
  gr <- function(p) {
    r <- y - drop(X %*% p[1:k])
    s <- deviation(p)
    c(-crossprod(X, r) / s^2, (length(y) - sum(r^2) / s^2) / (if (log) 1 else s))
  }
  list(par = c(numeric(k), if (log) 0 else 1), fn = fn, gr = if (gradient) gr,
       lower = if (log) -Inf else c(rep(-Inf, k), 1e-9), best = -c(logLik(lm(y ~ 0 + X))), within = function(best) 0.01)
}

raw_sample <- function(seed, log, gradient) {
  set.seed(seed)
  n <- sample(20:100, 1)
  unit <- 10^runif(1, 3, 10)
  raw_normal(matrix(1, n), rnorm(n, unit, unit * 10^runif(1, -5, -0.5)), log, gradient)
}

raw_regression <- function(seed, log, gradient) {
  set.seed(seed)
  n <- sample(40:400, 1)
  unit <- 10^runif(1, 2, 10)
  X <- cbind(1, rlnorm(n, runif(1, 0, 18), 0.6), rnorm(n, runif(1, 0, 100), 10))
  effects <- unit * (runif(1, 0.5, 2) + rnorm(1) * X[, 2] / sd(X[, 2]) + rnorm(1) * (X[, 3] - mean(X[, 3])) / 100)
  explained <- runif(1, 0.05, 0.95)
  raw_normal(X, effects + rnorm(n, sd = sd(effects) * sqrt(1 / explained - 1)), log, gradient)
}

# ---- A covariate that begins at 0, the others at their estimate or in raw units --------------------------------------

freed <- function(seed, distance, gradient, start = 0) {
  p <- in_any_units(seed)
  list(par = c(p$estimate * (1 + distance), start, -start), fn = p$fn, gr = if (gradient) p$gr, lower = -Inf,
       best = p$best, within = function(best) 1e-6 * abs(best))
}

raw_units <- function(seed, columns, gradient) {
  set.seed(seed)
  X <- cbind(1, 1e-3 * rlnorm(100, 0, 0.5), 1e6 * rlnorm(100), 1960:2059)
  y <- rnorm(100, 30000 + drop(X[, -1] %*% c(5e6, 2e-3, 100)), 4000)
  X <- X[, seq_len(columns)]
  fn <- function(p) -sum(dnorm(y, X %*% p[1:columns], exp(p[columns + 1]), log = TRUE))
  gr <- function(p) {
    r <- y - drop(X %*% p[1:columns])
    precision <- exp(-2 * p[columns + 1])
    c(-crossprod(X, r) * precision, 100 - sum(r^2) * precision)
  }
  fit <- lm.fit(X, y)
  list(par = c(numeric(columns), log(sd(y))), fn = fn, gr = if (gradient) gr, lower = -Inf,
       best = fn(c(coef(fit), log(sqrt(mean(residuals(fit)^2))))), within = function(best) 1e-6 * abs(best))
}

# Logarithms and logits from 0 beside one that is not.
mixture <- function(seed, third, gradient) {
  p <- poisson_mixture(seed, c(0, 0, third))
  if (!gradient) p$gr <- NULL
  c(p, list(within = function(best) 1e-3))
}

# A shape that comes by 0, where f is level.
shape <- function(seed, first, gradient) {
  p <- skew_normal(seed, c(0, 0, first))
  if (!gradient) p$gr <- NULL
  c(p, list(within = function(best) 1e-3))
}

# A skew-normal sample around 50, from a position of 0.
far_shape <- function(seed, shape) {
  set.seed(seed)
  y <- 50 + 1.5 * (shape * abs(rnorm(200)) + rnorm(200)) / sqrt(1 + shape^2)
  fn <- function(p) {
    z <- (y - p[1]) / p[3]
    -sum(log(2) + dnorm(z, log = TRUE) - log(p[3]) + pnorm(p[2] * z, log.p = TRUE))
  }
  lower <- c(-Inf, -Inf, 1e-3)
  list(par = c(0, 0, 1), fn = fn, gr = NULL, lower = lower, best = nlminb(c(mean(y), 1, sd(y)), fn, lower = lower)$objective,
       within = function(best) 1e-3)
}

# A line of data of a size from 1e4 to 1e6, from zeros and a deviation of 1.
far_line <- function(seed, size) {
  set.seed(seed)
  x <- seq(-1, 1, length.out = 200)
  y <- size * exp(runif(1, -0.5, 0.5)) + x + rnorm(200, 0, exp(runif(1, -1, 1.5)))
  fn <- function(p) sum(log(p[3]) + ((y - p[1] - p[2] * x) / p[3])^2 / 2)
  fit <- lm.fit(cbind(1, x), y)
  list(par = c(0, 0, 1), fn = fn, gr = NULL, lower = c(-Inf, -Inf, 1e-6),
       best = fn(c(coef(fit), sqrt(mean(residuals(fit)^2)))), within = function(best) 1e-2)
}

# Samples with a location far from 0 beside their spread; the best is that of the same sample around 0.
samples <- list(
  gumbel = list(function() -log(-log(runif(100))), function(e, p) sum(log(p) + e / p + exp(-e / p)), 2),
  logistic = list(function() rlogis(100), function(e, p) -sum(dlogis(e, 0, p, log = TRUE)), 2),
  lognormal = list(function() rlnorm(100, 0, 0.4), function(e, p) -sum(dlnorm(e, log(p[2]), p[1], log = TRUE)), c(1, 1))
)

located <- function(seed, kind, location) {
  set.seed(seed)
  y <- samples[[kind]][[1]]()
  fn <- function(p) samples[[kind]][[2]](y - p[1], p[-1])
  start <- c(min(y) - 0.5, samples[[kind]][[3]])
  lower <- c(-20, rep(0.01, length(start) - 1))
  upper <- if (kind == "lognormal") c(min(y) - 1e-6, Inf, Inf) else Inf
  shift <- c(location, 0 * start[-1])
  list(par = start + shift, fn = function(p) fn(p - shift), gr = NULL, lower = lower + shift, upper = upper + shift,
       best = nlminb(start, fn, lower = lower, upper = upper)$objective, within = function(best) 1e-5)
}

boxed <- function(seed, n, start) c(box_quadratic(seed, n, start), list(within = function(best) 1e-6 * abs(best)))

smoothed <- function(seed, kind, start) {
  p <- smoothing[[kind]](seed, 150)
  c(list(par = p$starts[[start]], lower = -Inf, best = Inf, within = function(best) 1e-6 * abs(best)), p[c("fn", "gr")])
}

in_wide_box <- function(seed, width, gradient) {
  p <- frontier(seed, width)
  if (!gradient) p$gr <- NULL
  c(p, list(within = function(best) 1e-3))
}

rates_from_one <- function(seed, upper) c(rates(seed), list(upper = upper, within = function(best) 1e-6 * abs(best)))
yields <- function(seed, third) c(yield_curve(seed, third), list(within = function(best) 1e-4 * best))

# A Poisson regression on powers that are not centred, of years, degrees Kelvin and a percentage.
polynomial <- function(seed, kind, gradient) {
  p <- switch(kind, polynomial_counts(seed, 1990:2020, 2), polynomial_counts(seed, 280:310, 3),
              polynomial_counts(seed, seq(90, 110, 0.5), 3))
  if (!gradient) p$gr <- NULL
  c(p, list(within = function(best) 1e-3))
}

# Two logistic growth curves by the logarithms of their parameters, from 0.
growth_pair <- function(seed, capacity, gradient) {
  set.seed(seed)
  t <- 0:20
  mean <- function(p) exp(p[1]) * plogis(exp(p[3]) * t - p[2])
  slopes <- function(p) {
    m <- mean(p)
    slope <- m * plogis(p[2] - exp(p[3]) * t)
    cbind(m, -slope, slope * exp(p[3]) * t)
  }
  truth <- log(c(capacity, 30, 0.4, 20, 5, 0.8))
  first <- capacity / (1 + 30 * exp(-0.4 * t)) + rnorm(21, 0, capacity / 80)
  second <- 20 / (1 + 5 * exp(-0.8 * t)) + rnorm(21, 0, 0.5)
  rest <- function(p) list(first - mean(p[1:3]), second - mean(p[4:6]))
  fn <- function(p) sum(unlist(rest(p))^2)
  gr <- function(p) {
    r <- rest(p)
    -2 * c(crossprod(r[[1]], slopes(p[1:3])), crossprod(r[[2]], slopes(p[4:6])))
  }
  best <- optim(truth, fn, gr, method = "BFGS", control = list(reltol = 1e-14))$value
  list(par = numeric(6), fn = fn, gr = if (gradient) gr, lower = -Inf, best = best,
       within = function(best) 1e-6 * best)
}

# Two normal samples, so far apart, as a mixture, by a logit, means and the logarithms of deviations.
apart <- function(seed, far, second) {
  set.seed(seed)
  from_first <- runif(150) < 0.35
  y <- ifelse(from_first, rnorm(150), rnorm(150, far, 1.3))
  fn <- function(p) {
    -sum(log(plogis(p[1]) * dnorm(y, p[2], exp(p[4])) + plogis(-p[1]) * dnorm(y, p[3], exp(p[5]))))
  }
  best <- nlminb(c(qlogis(0.35), 0, far, 0, log(1.3)), fn)$objective
  list(par = c(0, 0, second, 0, 0), fn = fn, gr = NULL, lower = -Inf, best = best, within = function(best) 1e-3)
}

# Growth curves over years, of a far smaller capacity than that of the start, with a gradient.
over_years <- function(seed, curve) {
  set.seed(seed)
  t <- 1990:2010
  mean <- switch(curve, logistic = function(p) p[1] / (1 + exp(-p[2] * (t - p[3]))),
                 richards = function(p) p[1] * (1 + p[4] * exp(-p[2] * (t - p[3])))^(-1 / p[4]))
  n <- if (curve == "richards") 4 else 3
  truth <- c(0.1, 0.5, 1997, 0.7)[seq_len(n)]
  y <- mean(truth) + 0.002 * rnorm(21)
  fn <- function(p) sum((y - mean(p))^2)
  gr <- function(p) vapply(seq_len(n), function(i) Im(fn(replace(as.complex(p), i, p[i] + 1e-50i))) / 1e-50, 0)
  lower <- c(0, 0, -Inf, 1e-3)[seq_len(n)]
  list(par = c(1, 1, 2000, 0.5)[seq_len(n)], fn = fn, gr = gr, lower = lower,
       best = nlminb(truth, fn, gr, lower = lower)$objective, within = function(best) 1e-6 * best)
}

# Fits whose first step may end in the far corner of a box, where nothing changes.
in_far_box <- function(seed, width, gradient) {
  p <- volatilities(seed)
  best <- nlminb(p$truth, p$fn, p$gr, lower = -width, upper = width, control = list(rel.tol = 1e-14))$objective
  list(par = p$par, fn = p$fn, gr = if (gradient) p$gr, lower = -width, upper = width, best = best,
       within = function(best) 1e-6 * best)
}

items <- function(seed, lower) c(item_responses(seed, lower), list(within = function(best) 1e-3))

# Counts with one to six covariates: minus the log-likelihood, its gradient, the estimate, and the null model's.
count_data <- function(seed) {
  set.seed(seed)
  X <- cbind(1, matrix(rnorm(100 * sample(6, 1)), 100))
  y <- rpois(100, exp(drop(X %*% c(rnorm(1), rnorm(ncol(X) - 1, 0, 0.5)))))
  list(fn = function(b) -sum(dpois(y, exp(drop(X %*% b)), log = TRUE)),
       gr = function(b) drop(crossprod(X, exp(drop(X %*% b)) - y)),
       par = glm.fit(X, y, family = poisson())$coefficients, null = c(log(mean(y)), numeric(ncol(X) - 1)))
}

# Their values, wrong by a wave too fast to follow, from an intercept of 1 and zeros.
noisy_counts <- function(seed, level) {
  data <- count_data(seed)
  frequencies <- 1e9 * runif(length(data$par), 1, 2)
  fn <- function(b) data$fn(b) * (1 + level * sin(sum(frequencies * b)))
  list(par = replace(0 * data$par, 1, 1), fn = fn, gr = NULL, lower = -Inf, best = data$fn(data$par),
       within = function(best) 0.1)
}

# Minus the logarithm of their likelihood ratio to the null model, from there.
ratio <- function(seed, gradient) {
  data <- count_data(seed)
  at_null <- data$fn(data$null)
  list(par = data$null, fn = function(b) data$fn(b) - at_null, gr = if (gradient) data$gr, lower = -Inf,
       best = data$fn(data$par) - at_null, within = function(best) 1e-3)
}

# 100 to 300 coefficients from 0, with a gradient, in units of 10^U(-k, k).
many <- function(seed, n, k) c(many_coefficients(seed, n, k), list(within = function(best) 1e-6 * best))

each <- function(make, ...) do.call(Map, c(list(make), expand.grid(seed = 1:40, ..., stringsAsFactors = FALSE)))
distances <- c(0, 1e-9, 1e-7, 1e-5, 1e-2)
large <- expand.grid(seed = 1:10, n = c(100, 200, 300))
in_box <- expand.grid(seed = 1:10, n = c(100, 300, 1000), start = c(0, 0.5))
curves_of <- expand.grid(seed = 1:10, kind = names(smoothing), start = 1:3, stringsAsFactors = FALSE)
sigmas <- c(1, 2, 3, 5, 8, 10, 15, 20, 50, 100, 1000)

# ---- All --------------------------------------------------------------------------------------------------------

table_of <- function(kind, problems) {
  judged <- do.call(rbind, lapply(problems, judge))
  sums <- aggregate(cbind(solved, wrong, alarms, evaluations) ~ solver, judged, sum)
  paste("|", kind, "|", sums$solver, "|", length(problems), "|", sums$solved, "|", sums$wrong, "|", sums$alarms, "|",
        sums$evaluations, "|")
}

close <- unlist(lapply(1:30, function(seed) lapply(curves, close_fit, seed)), recursive = FALSE)
lines <- c("# Starts and sums of squares by which values mislead", "", machine(), "",
           "| | solver | runs | solved | claimed wrongly | not claimed | evaluations |",
           "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
           table_of("squares", each(squares, n = c(1, 2, 3, 5, 10))), table_of("close fits", close),
           table_of("from far off", lapply(1:200, far_start)),
           table_of("from counts", lapply(1:60, counts)), table_of("random intercepts", random_intercepts),
           table_of("meta-analyses", lapply(1:200, with_level_deviations, 1)),
           table_of("from deviations of 0", lapply(1:200, with_level_deviations, 0)),
           table_of("of ten groups, from 0", lapply(1:200, from_no_deviation, ten_groups)),
           table_of("a dispersion, from 0", lapply(1:200, from_no_deviation, dispersed_counts)),
           table_of("from next to 0", each(next_to_none, start = c(1e-6, 1e-5, 1e-4))),
           table_of("from one, with a gradient", lapply(1:200, from_no_deviation, one_deviation)),
           table_of("regressions from 0", regressions(0)), table_of("in units, k = 1.5", regressions(1.5)),
           table_of("freed from 0", each(freed, distance = distances, gradient = FALSE)),
           table_of("the same with a gradient", each(freed, distance = distances, gradient = TRUE)),
           table_of("from next to 0", each(freed, distance = 0, gradient = FALSE, start = c(1e-8, 1e-10, 1e-13))),
           table_of("the same with a gradient", each(freed, distance = 0, gradient = TRUE, start = c(1e-8, 1e-10, 1e-13))),
           table_of("from 1e-6, bounded by 1e-9", lapply(1:40, from_1e_6, 1e-9)),
           table_of("from 1e-6, bounded by 1e-14", lapply(1:40, from_1e_6, 1e-14)),
           table_of("damped slopes, with a gradient", do.call(Map, c(list(damped), expand.grid(seed = 1:20, sigma = sigmas)))),
           table_of("100 to 300 coefficients, with a gradient", do.call(Map, c(list(many), large, k = 0))),
           table_of("the same in units, k = 2", do.call(Map, c(list(many), large, k = 2))),
           table_of("100 to 1,000 in a box, with a gradient", do.call(Map, c(list(boxed), in_box))),
           table_of("curves of 150 heights, with a gradient", do.call(Map, c(list(smoothed), curves_of))),
           table_of("frontiers in wide boxes", each(in_wide_box, width = c(5, 10, 50), gradient = FALSE)),
           table_of("the same with a gradient", each(in_wide_box, width = c(5, 10, 50), gradient = TRUE)),
           table_of("yield curves from betas of 0", each(yields, third = c(-2, -1, 1, 2, 3))),
           table_of("rates of 1e-6 to 1e-4 from 1", each(rates_from_one, upper = c(1, Inf))),
           table_of("mixtures from (0, 0, .5 to 2)", each(mixture, third = c(0.5, 1, 2), gradient = FALSE)),
           table_of("the same with a gradient", each(mixture, third = c(0.5, 1, 2), gradient = TRUE)),
           table_of("mixtures of two normals 12 to 30 apart", each(apart, far = c(12, 20, 30), second = c(1, 2))),
           table_of("curves over years, with a gradient", each(over_years, curve = c("logistic", "richards"))),
           table_of("skew-normal samples", each(shape, first = c(0.1, 1), gradient = FALSE)),
           table_of("the same with a gradient", each(shape, first = c(0.1, 1), gradient = TRUE)),
           table_of("skew-normal samples around 50", each(far_shape, shape = c(2, 5))),
           table_of("lines of data from afar", each(far_line, size = c(1e4, 1e5, 1e6))),
           table_of("locations of 1e3 to 1e5", each(located, kind = names(samples), location = 10^(3:5))),
           table_of("pairs of growth curves", each(growth_pair, capacity = c(8, 80, 800), gradient = FALSE)),
           table_of("the same with a gradient", each(growth_pair, capacity = c(8, 80, 800), gradient = TRUE)),
           table_of("polynomials, not centred", each(polynomial, kind = 1:3, gradient = FALSE)),
           table_of("the same with a gradient", each(polynomial, kind = 1:3, gradient = TRUE)),
           table_of("tests of items, from 0", each(items, lower = c(0, -Inf))),
           table_of("noisy counts from 0", each(noisy_counts, level = c(1e-9, 1e-8, 1e-7, 1e-6, 1e-5))),
           table_of("likelihood ratios from the null model", each(ratio, gradient = c(FALSE, TRUE))),
           table_of("where problems have ended, with a gradient", lapply(with_gradient, ended, times = 1)),
           table_of("and once more", lapply(with_gradient, ended, times = 2)),
           table_of("few digits", each(few_digits, digits = 5:10)),
           table_of("the same from next to 0", each(few_digits, digits = 6:10, next_to = c(1e-16, 1e-12, 1e-9, 1e-6))),
           table_of("volatilities of options", each(in_far_box, width = c(5, 50, 500), gradient = FALSE)),
           table_of("the same with a gradient", each(in_far_box, width = c(5, 50, 500), gradient = TRUE)),
           table_of("samples in raw units", each(raw_sample, log = c(FALSE, TRUE), gradient = c(FALSE, TRUE))),
           table_of("regressions in raw units", each(raw_regression, log = c(FALSE, TRUE), gradient = c(FALSE, TRUE))),
           table_of("in raw units", each(raw_units, columns = 2:4, gradient = FALSE)),
           table_of("the same with a gradient", each(raw_units, columns = 2:4, gradient = TRUE)))
writeLines(lines, "bench/starts.md")
writeLines(lines)
