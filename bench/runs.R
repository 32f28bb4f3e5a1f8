# Whole runs in R, start-up and result included, with the objective as R closures: lbfgsb() against the
# other minimizers. Writes bench/runs.md.
# Usage, from the root of the sources: Rscript bench/runs.R
library(lbfgsb)
source("bench/machine.R")
source("bench/timed-problems.R")

# Problems -------------------------------------------------------------------------------------------

# After so many iterations lbfgsb() and optim() have evaluated it equally often.
driver_22 <- replace(driver, c("name", "maxit"), list("driver, 22 iterations", 22))

problems <- c(list(solved, rosenbrock, driver, driver_22, logistic), lapply(10^(3:6), quadratic),
              list(quadratic(1e6, m = 10)))

# Solvers --------------------------------------------------------------------------------------------

iterations <- function(p) if (is.null(p$maxit)) 15000 else p$maxit

# One function for value and gradient; and the two that those need who do not take such a one.
combined <- function(p) function(x) list(value = p$fn(x), gradient = p$gr(x))

# Each returns the value; `package` is needed, `least` is from how many variables on it makes sense, `most`
# how many it takes in reasonable time, `box` whether it takes bounds.
solver <- function(run, package = "stats", least = 1, most = Inf, box = TRUE) {
  list(run = run, package = package, least = least, most = most, box = box)
}

solvers <- list(
  `lbfgsb()` = solver(package = "lbfgsb", function(p) {
    lbfgsb(p$par, p$fn, p$gr, lower = p$lower, upper = p$upper,
           control = list(m = p$m, confirm = FALSE, parscale = 1, maxit = iterations(p)))$value
  }),
  `lbfgsb(), confirm = TRUE` = solver(package = "lbfgsb", function(p) {
    lbfgsb(p$par, p$fn, p$gr, lower = p$lower, upper = p$upper,
           control = list(m = p$m, maxit = iterations(p)))$value
  }),
  `lbfgsb(), two threads` = solver(package = "lbfgsb", least = 1e5, function(p) {
    lbfgsb(p$par, p$fn, p$gr, lower = p$lower, upper = p$upper,
           control = list(m = p$m, confirm = FALSE, parscale = 1, maxit = iterations(p), threads = 2))$value
  }),
  `lbfgsb(), value and gradient in a list` = solver(package = "lbfgsb", function(p) {
    lbfgsb(p$par, combined(p), lower = p$lower, upper = p$upper,
           control = list(m = p$m, confirm = FALSE, parscale = 1, maxit = iterations(p)))$value
  }),
  `optim()` = solver(function(p) {
    optim(p$par, p$fn, p$gr, method = "L-BFGS-B", lower = p$lower, upper = p$upper,
          control = list(lmm = p$m, pgtol = 1e-5, maxit = iterations(p)))$value
  }),
  `optim(), value and gradient in a list` = solver(function(p) {
    fg <- combined(p)
    optim(p$par, function(x) fg(x)$value, function(x) fg(x)$gradient, method = "L-BFGS-B", lower = p$lower,
          upper = p$upper, control = list(lmm = p$m, pgtol = 1e-5, maxit = iterations(p)))$value
  }),
  `lbfgsb3c()` = solver(package = "lbfgsb3c", function(p) {
    lbfgsb3c::lbfgsb3c(p$par, p$fn, p$gr, lower = p$lower, upper = p$upper,
                       control = list(lmm = p$m, pgtol = 1e-5, maxit = iterations(p)))$value
  }),
  `nloptr(), LD_LBFGS` = solver(package = "nloptr", most = 1e3, function(p) {
    n <- length(p$par)
    nloptr::nloptr(p$par, p$fn, p$gr, lb = rep_len(p$lower, n), ub = rep_len(p$upper, n),
                   opts = list(algorithm = "NLOPT_LD_LBFGS", vector_storage = p$m, maxeval = 15000,
                               xtol_rel = 0, ftol_rel = 1e7 * .Machine$double.eps))$objective
  }),
  `nlminb()` = solver(most = 100, function(p) {
    nlminb(p$par, p$fn, p$gr, lower = p$lower, upper = p$upper,
           control = list(eval.max = 15000, iter.max = 15000))$objective
  }),
  `ucminf()` = solver(package = "ucminf", most = 100, box = FALSE, function(p) {
    ucminf::ucminf(p$par, p$fn, p$gr)$value
  })
)

packages <- unique(vapply(solvers, `[[`, "", "package"))
absent <- Filter(function(package) !requireNamespace(package, quietly = TRUE), packages)

takes <- function(solver, p) {
  n <- length(p$par)
  !solver$package %in% absent && n >= solver$least && n <= solver$most && (solver$box || all(p$lower == -Inf))
}

# Measurement ----------------------------------------------------------------------------------------

# A run's time, of `times` in a row; of short ones after another, which brings its code into the caches.
seconds <- function(run, times = 1) {
  if (times > 1) run()
  start <- as.numeric(Sys.time())
  for (i in seq_len(times)) run()
  (as.numeric(Sys.time()) - start) / times
}

# list(calls of fn, calls of gr, value) of a run.
count_calls <- function(solver, p) {
  calls <- c(fn = 0, gr = 0)
  counted <- replace(p, c("fn", "gr"), list(
    function(x) {
      calls["fn"] <<- calls["fn"] + 1
      p$fn(x)
    },
    function(x) {
      calls["gr"] <<- calls["gr"] + 1
      p$gr(x)
    }
  ))
  value <- solver$run(counted)
  list(fn = calls[["fn"]], gr = calls[["gr"]], value = value)
}

# Seconds of each, in an order by chance: who comes after whom matters to the caches.
one_round <- function(runs, block) {
  order <- sample(length(runs))
  times <- mapply(seconds, runs[order], block[order])
  times[names(runs)]
}

# Runs, of small problems blocks of a millisecond, alternate: a ratio is of neighbours in time.
measure <- function(p) {
  chosen <- Filter(function(solver) takes(solver, p), solvers)
  counts <- lapply(chosen, count_calls, p)
  first <- counts[[1]]
  alone <- function() {
    for (i in seq_len(first$fn)) p$fn(p$par)
    for (i in seq_len(first$gr)) p$gr(p$par)
  }
  runs <- c(lapply(chosen, function(solver) function() solver$run(p)), `its fn and gr alone` = alone)
  once <- vapply(runs, seconds, 0, times = 3)
  block <- pmax(1, ceiling(1e-3 / once))
  rounds <- min(1001, max(5, ceiling(15 / sum(block * once))))
  times <- replicate(rounds, one_round(runs, block))
  column <- function(name) c(vapply(counts, `[[`, 0, name), if (name == "value") NA else first[[name]])
  data.frame(problem = p$name, m = p$m, solver = names(runs), fn = column("fn"), gr = column("gr"),
             time = apply(times, 1, median),
             ratio = apply(times / rep(times[1, ], each = nrow(times)), 1, median),
             value = column("value"), rounds = rounds)
}

rows_of <- function(table) {
  with(table, sprintf("| %s | %g | %g | %.3g | %.2f | %s |", solver, fn, gr, 1e6 * time, ratio,
                      ifelse(is.na(value), "", sprintf("%.10g", value))))
}

section <- function(table) {
  c("", paste0("## ", table$problem[1]), "",
    paste0("Medians of ", table$rounds[1], " rounds; those that keep pairs keep ", table$m[1], "."), "",
    "| | fn | gr | time, us | ratio | value |", "| --- | ---: | ---: | ---: | ---: | ---: |", rows_of(table))
}

results <- lapply(problems, measure)
lines <- c(
  "# Whole runs in R", "",
  "Start-up, evaluations of the R closures and result together; *ratio*: of the time to that of the first",
  "row, in the same round, in which each runs, short runs again and again for a millisecond.",
  "`confirm = FALSE`, the published rule, is what the other programs of the method use. `pgtol` is 1e-5",
  "where there is one, other tolerances are each program's own, for nloptr optim's: *value* says what was",
  "reached. `ucminf()` takes no bounds; it, `nlminb()` and `nloptr()` are left out where they take too",
  "long.", "",
  machine(setdiff(packages, c("lbfgsb", "stats"))),
  if (length(absent) > 0) c("", paste("Not installed:", paste(absent, collapse = ", "))),
  unlist(lapply(results, section))
)
writeLines(lines, "bench/runs.md")
cat(lines, sep = "\n")
