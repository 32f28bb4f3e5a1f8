# 1,000 bootstrap refits of models with five parameters, without a gradient: lbfgsb_boot() against optim()'s L-BFGS-B in
# a loop, from the same estimate. Writes bench/bootstrap.md:
#   Rscript bench/bootstrap.R [REFITS]
library(lbfgsb)
source("bench/machine.R")

arguments <- commandArgs(TRUE)
refits <- if (length(arguments) > 0) as.numeric(arguments[1]) else 1000
rounds <- 3

set.seed(5)
n <- 200
X <- cbind(1, matrix(rnorm(3 * n), n))
eta <- drop(X %*% c(1, 0.5, -0.3, 0.2))
start <- c(b = numeric(4), scale = 1)

# Each: data, and minus a log-likelihood of the coefficients and a positive parameter, with weights.
models <- list(
  `normal regression` = list(
    y = eta + rnorm(n),
    fn = function(par, y, w = 1) -sum(w * dnorm(y, drop(X %*% par[1:4]), par[5], log = TRUE))
  ),
  `negative binomial regression` = list(
    y = rnbinom(n, size = 2, mu = exp(eta)),
    fn = function(par, y, w = 1) -sum(w * dnbinom(y, size = par[5], mu = exp(drop(X %*% par[1:4])), log = TRUE))
  ),
  `Weibull regression` = list(
    y = rweibull(n, 1.5, exp(eta)),
    fn = function(par, y, w = 1) -sum(w * dweibull(y, par[5], exp(drop(X %*% par[1:4])), log = TRUE))
  )
)
lower <- c(rep(-Inf, 4), 1e-3)

# Returns the estimates (refits x 5).
refit_by_optim <- function(fit, model) {
  t(replicate(refits, {
    w <- tabulate(sample.int(n, replace = TRUE), n)
    optim(coef(fit), model$fn, method = "L-BFGS-B", lower = lower, y = model$y, w = w)$par
  }))
}

# Seconds of the processor, which others on the machine do not take.
seconds_of <- function(code) sum(system.time(code)[c("user.self", "sys.self")])

# Times both, one after the other, and compares the median absolute deviations of the estimates.
measure <- function(model) {
  fit <- lbfgsb(start, model$fn, y = model$y, lower = lower, control = list(fn_is = "negloglik", nobs = n))
  ratios <- replicate(rounds, {
    seconds <- seconds_of(ours <<- lbfgsb_boot(fit, refits, weights = "w"))
    seconds / seconds_of(theirs <<- refit_by_optim(fit, model))
  })
  data.frame(ratio = median(ratios), most = max(ratios), left_out = sum(ours$failures$times),
             spread = max(abs(log(apply(ours$t, 2, mad) / apply(theirs, 2, mad)))))
}

ours <- theirs <- NULL
measured <- do.call(rbind, lapply(models, measure))
writeLines(c(
  "# Bootstrap refits",
  "",
  paste0("Written by `Rscript bench/bootstrap.R`: ", refits, " refits of five parameters to ", n, " observations, without ",
         "a gradient, by `lbfgsb_boot()` and by `optim(method = \"L-BFGS-B\")` in a loop, ", rounds, " times one after ",
         "the other."),
  "",
  machine(),
  "",
  "| model | time / optim's: median | largest | refits left out | median absolute deviations differ by at most |",
  "| --- | ---: | ---: | ---: | ---: |",
  sprintf("| %s | %.2f | %.2f | %d | %.0f %% |", names(models), measured$ratio, measured$most, measured$left_out,
          100 * measured$spread)
), "bench/bootstrap.md")
