# The bench problems with each parameter multiplied by its own 10^U(-k, k), ten draws, at default options, with and
# without a gradient, judged in their own units: of those that this package solved before (bench/before.R) as they are.
# Writes bench/units.md. Usage, from the root of a clone: Rscript bench/units.R
source("tests/testthat/helper-problems.R")
source("bench/machine.R")
source("bench/judge.R")
source("bench/before.R")

problems <- lapply(Filter(function(p) length(p$par) <= 60, problems), function(p) {
  p[c("lower", "upper")] <- lapply(p[c("lower", "upper")], rep_len, length(p$par))
  p
})
with_gradient <- Filter(function(p) !is.null(p$gr), problems)
sets <- list(`with a gradient` = with_gradient, without = lapply(problems, replace, "gr", list(NULL)))

# True if `x`, which is not solved, is a stationary point all the same: no descent from there gains.
is_stationary <- function(p, x) {
  lower <- nlminb(x, p$fn, p$gr, lower = p$lower, upper = p$upper, control = list(rel.tol = 1e-14, eval.max = 5000))
  p$fn(x) - lower$objective <= 1e-6 * abs(p$fn(x))
}

# One row: how the run in these units ended, and its evaluations.
run <- function(p, unit = 1) {
  evaluations <- 0
  fn <- function(x) {
    evaluations <<- evaluations + 1
    p$fn(x / unit)
  }
  gr <- if (!is.null(p$gr)) function(x) p$gr(x / unit) / unit
  fit <- tryCatch(suppressWarnings(lbfgsb::lbfgsb(p$par * unit, fn, gr, lower = p$lower * unit, upper = p$upper * unit)),
                  error = function(e) list(par = p$par * unit, convergence = NA))
  x <- inside(fit$par / unit, p)
  solved <- is_solved(p, x)
  claims <- fit$convergence %in% 0
  data.frame(solved, elsewhere = !solved && claims && is_stationary(p, x), claims, evaluations)
}

runs_in_units <- function(p, k, draws = 1:10) {
  do.call(rbind, lapply(draws, function(draw) {
    set.seed(1000 * draw + k)
    run(p, 10^runif(length(p$par), -k, k))
  }))
}

summary_row <- function(set, k, before) {
  counted <- names(which(vapply(before[[set]], `[[`, NA, "solved")))
  runs <- lapply(sets[[set]][counted], runs_in_units, k, draws = if (k == 0) 1 else 1:10)
  all <- do.call(rbind, runs)
  ratio <- unlist(lapply(counted, function(name) runs[[name]]$evaluations / before[[set]][[name]]$evaluations))
  alarms <- sum(all$solved & !all$claims)
  sprintf("| %s | %g | %d | %d (%.1f %%) | %d | %d | %d (%.1f %%) | %.2f |", set, k, nrow(all), sum(all$solved),
          100 * mean(all$solved), sum(all$elsewhere), sum(all$claims & !all$solved & !all$elsewhere), alarms,
          100 * alarms / sum(all$solved), exp(mean(log(ratio[all$solved]))))
}

arguments <- commandArgs(TRUE)
if (length(arguments) == 2) {
  saveRDS(lapply(sets, lapply, run), arguments[2])
} else {
  before <- runs_before("bench/units.R")
  rows <- outer(names(sets), c(0, 2, 4), Vectorize(function(set, k) summary_row(set, k, before)))
  lines <- c("# Other units", "", machine(), "",
             paste("*elsewhere*: claimed at another stationary point, from where no descent gains; *evaluations*: to those",
                   "before with k = 0, geometric mean over the solved."), "",
             "| | k | runs | solved | elsewhere | claimed wrongly | not claimed | evaluations |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |", t(rows))
  writeLines(lines, "bench/units.md")
  writeLines(lines)
}
