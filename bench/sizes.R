# Many variables of one kind, as the heights of a surface, weights or abilities, that begin at sizes which mean nothing:
# with a gradient, by at most 1,000 iterations, beside one size for all (parscale = 1), optim() and nlminb(). Solved: to 1e-6 of the
# best value. METHOD.md (48), (49), (68), (88). Writes bench/sizes.md. Usage, from the root of a clone:
# Rscript bench/sizes.R
source("bench/machine.R")
library(lbfgsb)

positive <- function(rows, columns) matrix(rexp(rows * columns) * (runif(rows * columns) < 0.3), rows)

# Each of n variables: fn, gr, lower and upper.
kinds <- list(
  `non-negative least squares` = function(n) {
    X <- positive(2 * n, n)
    y <- X %*% pmax(0, rnorm(n)) + 0.1 * rnorm(2 * n)
    list(fn = function(b) sum((X %*% b - y)^2), gr = function(b) drop(2 * crossprod(X, X %*% b - y)), lower = 0)
  },
  `emission tomography` = function(n) {
    X <- 20 * positive(3 * n, n)
    y <- rpois(3 * n, X %*% rexp(n))
    list(fn = function(b) sum(X %*% b + 1e-3 - y * log(X %*% b + 1e-3)),
         gr = function(b) drop(crossprod(X, 1 - y / (X %*% b + 1e-3))), lower = 0)
  },
  `a denoised signal` = function(n) {
    y <- cumsum(3 * rnorm(n) * (runif(n) < 0.1)) + 0.3 * rnorm(n)
    list(fn = function(u) sum((u - y)^2) / 2 + sum(sqrt(diff(u)^2 + 1e-6)),
         gr = function(u) u - y - diff(c(0, diff(u) / sqrt(diff(u)^2 + 1e-6), 0)), lower = 0, upper = 5)
  },
  `a string between bounds` = function(n) {
    load <- 10 * runif(1, 0.5, 2) / (n + 1)
    list(fn = function(u) sum(diff(c(0, u, 0))^2) * (n + 1) / 2 - load * sum(u),
         gr = function(u) -diff(diff(c(0, u, 0))) * (n + 1) - load, lower = 0, upper = 0.8)
  },
  `logistic regression in units of 1e-2 to 1e2` = function(n) {
    unit <- 10^runif(n, -2, 2)
    X <- matrix(rnorm(4 * n^2) * (runif(4 * n^2) < 0.3), 4 * n) %*% diag(unit)
    y <- rbinom(4 * n, 1, plogis(drop(X %*% (rnorm(n) / unit))))
    list(fn = function(b) sum(log1p(exp(-abs(X %*% b))) + pmax(X %*% b, 0) - y * X %*% b) + sum((b * unit)^2) / 20,
         gr = function(b) drop(crossprod(X, plogis(X %*% b) - y)) + b * unit^2 / 10)
  },
  `a factorization` = function(n) {
    rows <- n %/% 4
    half <- seq_len(2 * rows)
    V <- tcrossprod(matrix(rexp(2 * rows), rows), matrix(rexp(2 * rows), rows)) + 0.1 * rnorm(rows^2)
    rest <- function(b) tcrossprod(matrix(b[half], rows), matrix(b[-half], rows)) - V
    list(n = 4 * rows, fn = function(b) sum(rest(b)^2) / 2, lower = 0,
         gr = function(b) c(rest(b) %*% matrix(b[-half], rows), crossprod(rest(b), matrix(b[half], rows))))
  },
  `support vectors` = function(n) {
    Z <- matrix(rnorm(20 * n), n)
    Z <- Z * sign(Z[, 1] + 0.5 * rnorm(n))
    list(fn = function(a) sum(crossprod(Z, a)^2) / 2 - sum(a), gr = function(a) drop(Z %*% crossprod(Z, a)) - 1,
         lower = 0, upper = 1)
  }
)

starts <- list(`from 0.5 to 1.5` = function(n) runif(n, 0.5, 1.5), `from 1e-6 to 1` = function(n) 10^runif(n, -6, 0),
               `from 1e-6 and 1` = function(n) ifelse(runif(n) < 0.5, 1e-6, 1),
               `from 0 and 1e-4 to 1` = function(n) ifelse(runif(n) < 0.5, 0, 10^runif(n, -4, 0)),
               `from 0 and some 0.01` = function(n) pmax(0, 0.01 * rnorm(n)))

most <- list(maxit = 1000)
solvers <- list(
  lbfgsb = function(start, p, lower, upper) lbfgsb(start, p$fn, p$gr, lower = lower, upper = upper, control = most),
  `with parscale = 1` = function(start, p, lower, upper) {
    lbfgsb(start, p$fn, p$gr, lower = lower, upper = upper, control = c(most, parscale = 1))
  },
  optim = function(start, p, lower, upper) {
    optim(start, p$fn, p$gr, method = "L-BFGS-B", lower = lower, upper = upper, control = most)
  },
  nlminb = function(start, p, lower, upper) {
    fit <- nlminb(start, p$fn, p$gr, lower = lower, upper = upper, control = list(eval.max = 1000, iter.max = 1000))
    list(value = fit$objective, convergence = fit$convergence, counts = fit$evaluations)
  }
)

# A row for each solver: value, whether it claims to have converged, evaluations.
run <- function(kind, n, start, seed) {
  set.seed(seed)
  p <- kinds[[kind]](n)
  ends <- modifyList(list(lower = -Inf, upper = Inf, n = n), p[names(p) %in% c("lower", "upper", "n")])
  from <- pmin(pmax(starts[[start]](ends$n), ends$lower), ends$upper)
  fits <- suppressWarnings(lapply(solvers, function(solve) solve(from, p, ends$lower, ends$upper)))
  value <- vapply(fits, `[[`, 0, "value")
  claims <- vapply(fits, function(fit) fit$convergence == 0, NA)
  solved <- value - min(value) <= 1e-6 * max(abs(min(value)), 1e-6)
  data.frame(start, solver = names(solvers), runs = 1, solved, wrong = claims & !solved,
             evaluations = vapply(fits, function(fit) fit$counts[[1]], 0))
}

cases <- expand.grid(seed = 1:2, kind = names(kinds), n = c(12, 40, 120), start = names(starts), stringsAsFactors = FALSE)
all <- do.call(rbind, Map(run, cases$kind, cases$n, cases$start, cases$seed))
sums <- aggregate(cbind(runs, solved, wrong, evaluations) ~ solver + start, all, sum)
sums <- sums[order(match(sums$start, names(starts)), match(sums$solver, names(solvers))), ]
lines <- c("# Starts whose sizes mean nothing", "", paste0(machine(), "."), "",
           paste0(length(kinds), " kinds of functions (", paste(names(kinds), collapse = ", "),
                  ") of 12, 40 and 120 variables, with a gradient."), "",
           "| | solver | runs | solved | claimed wrongly | evaluations |", "| --- | --- | ---: | ---: | ---: | ---: |",
           paste("|", sums$start, "|", sums$solver, "|", sums$runs, "|", sums$solved, "|", sums$wrong, "|",
                 sums$evaluations, "|"))
writeLines(lines, "bench/sizes.md")
writeLines(lines)
