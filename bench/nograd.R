# Without a gradient: evaluations, what is solved, time, noise and the Hessian, at default options, against
# optim(), nlminb() and this package before it chose between differences (`before`: the commit of bench/before.R,
# central throughout, which the script installs for the purpose). Writes bench/nograd.md.
# Usage, from the root of a clone: Rscript bench/nograd.R
source("tests/testthat/helper-problems.R")
source("bench/machine.R")
source("bench/before.R")
source("bench/judge.R")

# Problems --------------------------------------------------------------------------------------------

recycle <- function(p) {
  n <- length(p$par)
  p[c("lower", "upper")] <- list(rep_len(p$lower, n), rep_len(p$upper, n))
  p
}

problems <- lapply(Filter(function(p) length(p$par) <= 60, problems), recycle)
statistical <- problems[names(likelihoods)]

# Runs ------------------------------------------------------------------------------------------------

solvers <- list(
  auto = function(par, fn, lower, upper) lbfgsb::lbfgsb(par, fn, lower = lower, upper = upper),
  before = function(par, fn, lower, upper) lbfgsb::lbfgsb(par, fn, lower = lower, upper = upper),
  optim = function(par, fn, lower, upper) optim(par, fn, method = "L-BFGS-B", lower = lower, upper = upper),
  nlminb = function(par, fn, lower, upper) nlminb(par, fn, lower = lower, upper = upper)
)

# list(par, evaluations) of a run on fn; par is NULL after an error.
run <- function(p, solve, fn = p$fn) {
  evaluations <- 0
  counted <- function(x) {
    evaluations <<- evaluations + 1
    fn(x)
  }
  fit <- tryCatch(suppressWarnings(solve(p$par, counted, p$lower, p$upper)), error = function(e) NULL)
  list(par = fit$par, evaluations = evaluations)
}

# 1: evaluations and accuracy ----------------------------------------------------------------------------

geometric_mean <- function(x) exp(mean(log(x)))

# The largest error of a free parameter of a likelihood in standard errors; NA where these do not exist.
error_in_se <- function(p, x, solution) {
  free <- solution > p$lower & solution < p$upper
  covariance <- tryCatch(solve(optimHess(solution, p$fn)[free, free]), error = function(e) matrix(NaN))
  se <- suppressWarnings(sqrt(diag(covariance)))
  if (all(is.finite(se))) max(abs(x - solution)[free] / se) else NA
}

# The solution to nearly all digits, from a point close to it.
polish <- function(p, x) {
  control <- list(gradient = "richardson", factr = 0, pgtol = 0, maxit = 200)
  suppressWarnings(lbfgsb::lbfgsb(x, p$fn, p$gr, lower = p$lower, upper = p$upper, control = control))$par
}

# One row a problem: n, and of each solver the evaluations, whether it solved, and the accuracy.
compare <- function(before) {
  rows <- lapply(names(problems), function(name) {
    p <- problems[[name]]
    runs <- c(lapply(solvers[c("auto", "optim", "nlminb")], run, p = p), list(before = before[[name]]))
    solved <- vapply(runs, function(r) !is.null(r$par) && is_solved(p, r$par), NA)
    norms <- vapply(runs, function(r) if (is.null(r$par)) NA else pgnorm(p, r$par), 0)
    errors <- c(auto = NA, before = NA)
    if (name %in% names(statistical) && solved[["auto"]] && solved[["before"]]) {
      solution <- polish(p, runs$before$par)
      errors[] <- vapply(runs[c("auto", "before")], function(r) error_in_se(p, r$par, solution), 0)
    }
    data.frame(problem = name, n = length(p$par), t(vapply(runs, `[[`, 0, "evaluations")),
               solved = t(solved), pgnorm = t(norms), error = t(errors))
  })
  do.call(rbind, rows)
}

solved_lines <- function(table) {
  solved <- function(solver) table[[paste0("solved.", solver)]]
  ratio <- function(solver) {
    both <- solved("auto") & solved(solver)
    geometric_mean(table$auto[both] / table[[solver]][both])
  }
  both <- solved("auto") & solved("before")
  decades <- log10(table$pgnorm.auto / table$pgnorm.before)[both]
  errors <- subset(table, is.finite(error.auto))
  cells <- function(solver) paste0(table[[solver]], ifelse(solved(solver), "", " (no)"))
  c(
    "", "## Evaluations", "",
    paste("Evaluations of `fn`, those for differences included; (no): not solved. *ratio*: `auto` to",
          "`before`. Solved is as in `bench/solved.R`."), "",
    "| problem | n | auto | before | ratio | optim | nlminb |", "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    sprintf("| %s | %d | %s | %s | %.2f | %s | %s |", table$problem, table$n, cells("auto"), cells("before"),
            table$auto / table$before, cells("optim"), cells("nlminb")),
    sprintf("| solved, of %d | | %d | %d | | %d | %d |", nrow(table), sum(solved("auto")), sum(solved("before")),
            sum(solved("optim")), sum(solved("nlminb"))), "",
    sprintf("Solved before and not now: %d. Geometric means of the evaluations where both solve: %.3f of `before`'s, %.3f of nlminb's, %.3f of optim's; at most %.2f of `before`'s.",
            sum(solved("before") & !solved("auto")), ratio("before"), ratio("nlminb"), ratio("optim"),
            max((table$auto / table$before)[both])),
    sprintf("Accuracy: the projected gradient norm by exact gradients is, in the median, %.2f times that of `before`; the largest error of a parameter of the %d likelihoods that have standard errors, in these, in the median %.1e (`before` %.1e), at most %.1e (%.1e).",
            10^median(decades[is.finite(decades)]), nrow(errors), median(errors$error.auto), median(errors$error.before),
            max(errors$error.auto), max(errors$error.before))
  )
}

# 2: time ------------------------------------------------------------------------------------------------

cheap <- list(
  `Rosenbrock, n = 2` = list(par = c(-1.2, 1), fn = function(x) 100 * (x[2] - x[1]^2)^2 + (1 - x[1])^2),
  `driver, n = 25, box` = list(
    par = rep(3, 25), lower = rep_len(c(1, -100), 25), upper = rep(100, 25),
    fn = function(x) {
      n <- length(x)
      sum(c(1, rep(4, n - 1)) * (x - c(1, x[-n])^2)^2)
    }
  ),
  `quadratic, n = 10` = local({
    curvature <- exp(seq(0, log(100), length.out = 10))
    target <- rep(c(1, -1), 5)
    list(par = rep(0.5, 10), fn = function(x) sum(curvature * (x - target)^2) / 2)
  }),
  `GARCH, n = 4` = problems$garch_dax[c("par", "fn", "lower", "upper")],
  `Poisson regression, n = 11` = local({
    set.seed(1)
    X <- cbind(1, matrix(rnorm(2000), 200))
    y <- rpois(200, exp(X %*% c(1, rep(0.1, 10))))
    list(par = numeric(11), fn = function(beta) {
      eta <- drop(X %*% beta)
      sum(exp(eta) - y * eta)
    })
  }),
  `mixture, n = 5` = list(
    par = c(0.5, 50, 10, 70, 10), lower = c(0, -Inf, 0.1, -Inf, 0.1), upper = c(1, Inf, Inf, Inf, Inf),
    fn = function(x) {
      y <- faithful$waiting
      -sum(log(x[1] * dnorm(y, x[2], x[3]) + (1 - x[1]) * dnorm(y, x[4], x[5])))
    }
  )
)

# Of the processor's time, which what else runs does not disturb much; its clock ticks in milliseconds.
seconds <- function(f, times) {
  spent <- function() sum(proc.time()[c("user.self", "sys.self")])
  start <- spent()
  for (i in seq_len(times)) f()
  (spent() - start) / times
}

# The times of each, a row a round: they alternate, in blocks of some 20 milliseconds.
alternate <- function(runs, rounds = 31) {
  once <- vapply(runs, seconds, 0, times = 50)
  times <- pmax(1, ceiling(20e-3 / pmax(once, 1e-5)))
  t(replicate(rounds, mapply(seconds, runs, times)))
}

# One row a problem: the ratios of times, and (run time - closure alone) / evaluations in microseconds.
time_one <- function(name) {
  p <- cheap[[name]]
  p <- recycle(c(p, list(lower = -Inf, upper = Inf)[setdiff(c("lower", "upper"), names(p))]))
  chosen <- solvers[c("auto", "optim", "nlminb")]
  counts <- vapply(chosen, function(solve) run(p, solve)$evaluations, 0)
  values <- vapply(chosen, function(solve) p$fn(run(p, solve)$par), 0)
  runs <- lapply(chosen, function(solve) function() solve(p$par, p$fn, p$lower, p$upper))
  alone <- lapply(counts, function(count) function() for (i in seq_len(count)) p$fn(p$par))
  times <- alternate(c(runs, setNames(alone, paste0(names(alone), "_alone"))))
  overhead <- function(solver) {
    1e6 * median(times[, solver] - times[, paste0(solver, "_alone")]) / counts[[solver]]
  }
  data.frame(problem = name, auto = 1e6 * median(times[, "auto"]), to_optim = median(times[, "auto"] / times[, "optim"]),
             to_nlminb = median(times[, "auto"] / times[, "nlminb"]), overhead = overhead("auto"),
             overhead_optim = overhead("optim"), above_optim = values[["auto"]] - values[["optim"]])
}

time_lines <- function(table) {
  c(
    "", "## Time with cheap closures", "",
    "Whole calls; ratios of processor times of alternating runs, medians. *overhead*: (run - its `fn` alone) /", "evaluations.", "",
    "| problem | time, us | to optim's | to nlminb's | overhead, us | optim's | value - optim's |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    with(table, sprintf("| %s | %.0f | %.2f | %.2f | %.2f | %.2f | %.1e |", problem, auto, to_optim, to_nlminb,
                        overhead, overhead_optim, above_optim)),
    sprintf("| geometric mean | | %.2f | %.2f | | | |", geometric_mean(table$to_optim),
            geometric_mean(table$to_nlminb))
  )
}

# 3: noise -----------------------------------------------------------------------------------------------

# f(x) (1 + level sin(1e9 w'x)): neither random nor smooth.
noisy <- function(p, level) {
  weights <- sqrt(c(2, 3, 5, 7, 11, 13, 17, 19, 23, 29))[seq_along(p$par)]
  function(x) p$fn(x) * (1 + level * sin(1e9 * sum(x * weights)))
}

# Whether x is, without noise, as good as 1e-4 of the way from the start to the minimum.
is_near <- function(p, x) isTRUE(p$fn(x) - p$best <= 1e-4 * (p$fn(p$par) - p$best))

# One row a level: solved, and the median of the evaluations, of each solver.
noise_table <- function(levels = c(0, 1e-10, 1e-8, 1e-6)) {
  chosen <- solvers[c("auto", "optim", "nlminb")]
  rows <- lapply(levels, function(level) {
    runs <- lapply(statistical, function(p) lapply(chosen, run, p = p, fn = noisy(p, level)))
    solved <- mapply(function(p, r) vapply(r, function(one) !is.null(one$par) && is_near(p, one$par), NA),
                     statistical, runs)
    counts <- vapply(runs, vapply, numeric(length(chosen)), `[[`, 0, "evaluations")
    list(level = level, solved = rowSums(solved), counts = apply(counts, 1, median))
  })
  rows
}

# Values with few digits, from par = 0: the error of the minimum, relative, for d digits.
few_digits <- function(digits) {
  f <- function(x) sum(c(1, 5, 20) * (x - c(0.7, -0.4, 0.3))^2) + 0.5 * sum(x)^2 + 50
  minimum <- f(lbfgsb::lbfgsb(numeric(3), f, control = list(gradient = "richardson"))$par)
  vapply(digits, function(d) {
    fit <- suppressWarnings(lbfgsb::lbfgsb(numeric(3), function(x) signif(f(x), d)))
    (f(fit$par) - minimum) / minimum
  }, 0)
}

noise_lines <- function(rows, digits = 6:10) {
  c(
    "", "## Noise", "",
    sprintf("f(x) (1 + level sin(1e9 w'x)) on the %d likelihoods: solved, to 1e-4 of f(start) - minimum without", length(statistical)),
    "noise, and median evaluations.", "",
    "| level | auto | optim | nlminb |", "| --- | ---: | ---: | ---: |",
    vapply(rows, function(r) {
      sprintf("| %g | %s |", r$level, paste0(r$solved, " (", round(r$counts), ")", collapse = " | "))
    }, ""), "",
    paste("Values rounded to d digits, from 0, relative error of the minimum:",
          paste0("d = ", digits, ": ", sprintf("%.1e", few_digits(digits)), collapse = "; "))
  )
}

# 5: the Hessian -----------------------------------------------------------------------------------------

# Minus the log-likelihood of a Poisson regression, with its Hessian in formulas.
poisson <- function(n, rows = 200) {
  set.seed(n)
  X <- cbind(1, matrix(rnorm(rows * (n - 1)), rows) / sqrt(n))
  y <- rpois(rows, exp(X[, 1]))
  list(
    fn = function(beta) {
      eta <- drop(X %*% beta)
      sum(exp(eta) - y * eta)
    },
    hessian = function(beta) crossprod(X * exp(drop(X %*% beta)), X), par = numeric(n)
  )
}

hessian_row <- function(n) {
  p <- poisson(n)
  evaluations <- 0
  counted <- function(beta) {
    evaluations <<- evaluations + 1
    p$fn(beta)
  }
  fit <- lbfgsb::lbfgsb(p$par, p$fn)
  exact <- p$hessian(fit$par)
  error <- function(H) max(abs(H - exact)) / max(abs(exact))
  count <- function(of) {
    evaluations <<- 0
    of()
    evaluations
  }
  counting <- lbfgsb::lbfgsb(p$par, counted)
  runs <- list(lbfgsb = function() lbfgsb::lbfgsb_hessian(fit), optimHess = function() optimHess(fit$par, p$fn))
  times <- alternate(runs, rounds = 21)
  sprintf("| %d | %.2f | %.0f | %.0f | %.1e | %.1e |", n, median(times[, 1] / times[, 2]),
          count(function() lbfgsb::lbfgsb_hessian(counting)), count(function() optimHess(fit$par, counted)),
          error(runs$lbfgsb()), error(runs$optimHess()))
}

hessian_lines <- function() {
  c(
    "", "## The Hessian", "", "`lbfgsb_hessian(fit)` and `optimHess(fit$par, fn)`, Poisson regression.", "",
    "| n | time, ratio | evaluations | optimHess's | error, relative | optimHess's |",
    "| ---: | ---: | ---: | ---: | ---: | ---: |", vapply(c(5, 20, 50), hessian_row, "")
  )
}

# The report ---------------------------------------------------------------------------------------------

arguments <- commandArgs(TRUE)
if ("before" %in% arguments) {
  saveRDS(lapply(problems, run, solve = solvers$before), arguments[2])
} else {
  lines <- c(
    "# Without a gradient", "",
    paste0("Written by `Rscript bench/nograd.R`, default options. `before`: commit ", commit,
           ", central differences throughout."), "",
    machine("numDeriv"),
    solved_lines(compare(runs_before("bench/nograd.R"))),
    time_lines(do.call(rbind, lapply(names(cheap), time_one))),
    noise_lines(noise_table()),
    hessian_lines()
  )
  writeLines(lines, "bench/nograd.md")
  cat(lines, sep = "\n")
}
