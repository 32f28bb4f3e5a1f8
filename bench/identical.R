# Whether two commits give the same results to the bit: par, value, gradient, counts, history, message,
# convergence and what else a fit has but for its state, with conditions. Over the reference problems and all
# others of helper-problems.R, those of test-cases.R, large ones, and random ones.
#   Rscript bench/identical.R COMMIT [COMMIT]   by default against HEAD; exit status 1 if anything differs
# Each runs in an R process of its own, over the problems and tests of this checkout.
source("bench/build.R")

# ---- Runs ---------------------------------------------------------------------------------------------------

# What is compared of a fit, or its error; and the warnings.
outcome <- function(fit) {
  warnings <- character()
  result <- tryCatch(
    withCallingHandlers(fit, warning = function(w) {
      warnings <<- c(warnings, conditionMessage(w))
      tryInvokeRestart("muffleWarning")
    }),
    error = function(e) list(error = c(class(e), conditionMessage(e)))
  )
  c(unclass(result)[setdiff(names(result), c("state", "objective"))], list(warnings = warnings))
}

# Runs the first iterations, and the rest from the state.
resumed <- function(arguments) {
  limit <- arguments$control$maxit
  arguments$control[c("maxit", "keep_state")] <- list(min(4, limit), TRUE)
  part <- do.call(lbfgsb, arguments)
  lbfgsb_resume(part$state, arguments$fn, arguments$gr, control = list(maxit = limit))
}

# Asks and tells; without a gradient as any run.
told <- function(arguments) {
  if (is.null(arguments$gr)) return(do.call(lbfgsb, arguments))
  state <- do.call(lbfgsb_start, arguments[c("par", "lower", "upper", "control")])
  while (!is.null(par <- lbfgsb_ask(state))) {
    value <- arguments$fn(par)
    state <- lbfgsb_tell(state, value, if (is.finite(value)) arguments$gr(par))
  }
  lbfgsb_result(state)
}

minimize <- function(p, ..., gr = p$gr) {
  lbfgsb(p$par, p$fn, gr, lower = p$lower, upper = p$upper, control = list(...))
}

# ---- What is run: each a named list of outcomes ------------------------------------------------------------

# With the gradient, and by differences where that does not take long.
both_ways <- function(p, ...) {
  n <- length(p$par)
  methods <- if (n <= 12) c("auto", "forward", "central", "richardson", "complex") else if (n <= 100) c("auto", "central")
  by_differences <- lapply(setNames(nm = methods), function(method) {
    outcome(minimize(p, ..., gr = NULL, gradient = method, maxit = 300))
  })
  c(list(gr = outcome(minimize(p, ..., maxit = 2000))), by_differences)
}

flatten <- function(outcomes) do.call(c, outcomes) # names: problem.way

reference_runs <- function() {
  rows <- read.csv("tests/testthat/reference/summary.csv")
  flatten(lapply(split(rows, paste(rows$problem, rows$m)), function(row) {
    p <- reference_problem(row)
    c(both_ways(p, m = row$m),
      published = list(outcome(minimize(p, m = row$m, factr = row$factr, pgtol = row$pgtol, confirm = FALSE, parscale = 1))))
  }))
}

bench_runs <- function() flatten(lapply(problems, both_ways))

# Several chunks of rows, by one thread and by two.
large_runs <- function() {
  large <- list(chain = chain_box(20001), membrane = membrane_box(30000),
                powell = bounded(powell_singular(50000), NA, lower = -0.5, upper = 2))
  flatten(lapply(large, function(p) {
    lapply(list(one = 1, two = 2), function(threads) outcome(minimize(p, maxit = 40, threads = threads)))
  }))
}

# All calls of lbfgsb() in the tests of test-cases.R, which need not succeed.
case_runs <- function() {
  outcomes <- list()
  scope <- new.env(parent = globalenv())
  scope$lbfgsb <- lbfgsb
  body(scope$lbfgsb) <- quote({
    call <- sys.call()
    call[[1]] <- lbfgsb::lbfgsb
    record(eval(call, parent.frame()))
  })
  environment(scope$lbfgsb) <- scope
  scope$record <- function(fit) {
    outcomes[[length(outcomes) + 1]] <<- outcome(fit)
    fit
  }
  scope$test_that <- function(name, code) {
    suppressWarnings(try(eval(substitute(code), new.env(parent = scope)), silent = TRUE))
  }
  library(testthat, warn.conflicts = FALSE)
  sys.source("tests/testthat/test-cases.R", scope)
  setNames(outcomes, seq_along(outcomes))
}

random_runs <- function(options, count = 4000) {
  kinds <- list(run = function(arguments) do.call(lbfgsb, arguments), resumed = resumed, told = told)
  lapply(setNames(nm = seq_len(count)), function(seed) {
    p <- random_problem(seed, options)
    outcome(kinds[[p$kind]](p$arguments))
  })
}

run_all <- function(options, file) {
  library(lbfgsb)
  source("tests/testthat/helper-problems.R")
  source("bench/random-problems.R")
  saveRDS(list(reference = reference_runs(), bench = bench_runs(), large = large_runs(), cases = case_runs(),
               random = random_runs(options)), file)
}

# ---- Comparison -------------------------------------------------------------------------------------------

# The fields in which two outcomes differ.
differing <- function(a, b) {
  fields <- union(names(a), names(b))
  Filter(function(field) !identical(a[[field]], b[[field]], num.eq = FALSE), fields)
}

# Prints what a group has, and its first differences; their number.
compare_group <- function(group, first, second) {
  names <- union(names(first), names(second))
  compare_one <- function(name) differing(first[[name]], second[[name]])
  fields <- Filter(length, sapply(names, compare_one, simplify = FALSE))
  how_many <- function(holds) sum(vapply(first, holds, NA))
  cat(sprintf("%-10s %5d runs: %d converged, %d ended by an error; %d differ\n", group, length(names),
              how_many(function(outcome) identical(outcome$convergence, 0L)),
              how_many(function(outcome) !is.null(outcome$error)), length(fields)))
  differences <- sprintf("  %s: %s\n", names(fields), vapply(fields, paste, "", collapse = ", "))
  cat(head(differences, 20), sep = "")
  length(fields)
}

# Options of lbfgsb_control() that both have.
common_options <- function(builds) {
  show <- c("-e", "writeLines(names(formals(lbfgsb::lbfgsb_control)))")
  Reduce(intersect, lapply(builds, in_library, show, stdout = TRUE))
}

compare_commits <- function(commits) {
  builds <- lapply(commits, build)
  files <- c(tempfile(), tempfile())
  run <- c("bench/identical.R", "run", paste(common_options(builds), collapse = ","))
  start <- function(build, file) in_library(build, c(run, file))
  status <- parallel::mcmapply(start, builds, files, mc.cores = 2)
  if (any(status != 0)) stop("the runs of ", paste(commits[status != 0], collapse = " and "), " failed")
  results <- lapply(files, readRDS)
  cat(paste(commits, collapse = " and "), "\n", sep = "")
  sum(mapply(compare_group, names(results[[1]]), results[[1]], results[[2]]))
}

arguments <- commandArgs(TRUE)
if (arguments[1] %in% "run") {
  run_all(strsplit(arguments[2], ",")[[1]], arguments[3])
} else {
  quit(status = compare_commits(commits(arguments)) > 0)
}
