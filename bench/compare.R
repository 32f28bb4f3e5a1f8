# Whether a commit is as fast as another: the core for an iteration, from C, and whole runs in R, start-up included,
# by the published method and at default options; where these evaluate fn more often, or less, a run is another.
# Beside them a second build of the first commit, whose difference from it is what the machine and the place in
# memory make of equal code.
#   Rscript bench/compare.R COMMIT [COMMIT]   by default against HEAD; exit status 1 if the second is slower
# Builds run in turn, in an order by chance; a ratio is of times from the same round, its median over all.
source("bench/build.R")
source("bench/timed-problems.R")

CORE_LIMIT <- 0.03
START_LIMIT <- 0.05

# ---- Rounds -------------------------------------------------------------------------------------------------

# run(build) is a time. As many rounds as fit into so many seconds, at least 11: a row a build.
rounds <- function(run, builds, seconds) {
  once <- system.time(vapply(builds, run, 0))[["elapsed"]]
  count <- min(1001, max(11, ceiling(seconds / once)))
  replicate(count, {
    order <- sample(length(builds))
    times <- vapply(builds[order], run, 0)
    times[names(builds)]
  })
}

# Of times (first, again, second; a column a round); prints them as a row, with a remark in place of a judgement if
# there is one.
ratios <- function(what, times, limit, remark = NULL) {
  ratio <- function(name) median(times[name, ] / times["first", ])
  again <- ratio("again")
  second <- ratio("second")
  slower <- is.null(remark) && second > 1 + max(limit, abs(again - 1))
  cat(sprintf("| %s | %.4g | %.3f | %.3f | %s |\n", what, 1e6 * median(times["first", ]), again, second,
              if (!is.null(remark)) remark else if (slower) "SLOWER" else ""))
  data.frame(second, slower)
}

# ---- The core: all builds in this process ------------------------------------------------------------------

# Seconds of an iteration outside the objective; of short runs the median of several.
core_time <- function(core, n, box) {
  iterations <- if (n < 10) 2L else if (n <= 100) 40L else if (n < 1e6) 60L else 20L # all are needed
  condition <- if (n <= 100) 1e5 else 1e3
  run <- function(i) .Call(core, n, 10L, box, iterations, condition, 1L, FALSE)[1]
  1e-6 * median(vapply(seq_len(if (n <= 100) 25 else 1), run, 0))
}

compare_core <- function(n, box, cores) {
  times <- rounds(function(core) core_time(core, n, box), cores, 4)
  ratios(sprintf("core, n = %g, %s", n, c("all free", "half at bounds")[box + 1]), times, CORE_LIMIT)
}

# ---- Whole runs: each build in a process of its own --------------------------------------------------------

by_options <- function(p) {
  list(c(p, list(control = list(m = p$m, confirm = FALSE, parscale = 1))),
       c(replace(p, "name", paste0(p$name, ", default")), list(control = list())))
}
timed_problems <- unlist(lapply(list(rosenbrock, solved, driver, quadratic(1e5)), by_options), recursive = FALSE)

# A worker with a build's package and the problems.
start_worker <- function(build) {
  worker <- parallel::makePSOCKcluster(1)
  parallel::clusterCall(worker, loadNamespace, "lbfgsb", build$library)
  parallel::clusterExport(worker, c("timed_problems", "run_whole", "run_time", "evaluations"))
  worker
}

run_whole <- function(p) {
  lbfgsb::lbfgsb(p$par, p$fn, p$gr, lower = p$lower, upper = p$upper, control = p$control)
}

evaluations <- function(which) run_whole(timed_problems[[which]])$counts[["function"]]

# Seconds of the worker's own time that a run takes, of `times` after two that warm up.
run_time <- function(which, times) {
  p <- timed_problems[[which]]
  for (i in 1:2) run_whole(p)
  gc()
  start <- sum(proc.time()[1:2])
  for (i in seq_len(times)) run_whole(p)
  (sum(proc.time()[1:2]) - start) / times
}

# So many at once that the milliseconds in which that time is given are a hundredth of it.
compare_runs <- function(which, workers) {
  in_worker <- function(worker, times) parallel::clusterCall(worker, run_time, which, times)[[1]]
  times <- 1
  while (in_worker(workers$first, times) * times < 0.1) times <- 2 * times
  timed <- rounds(function(worker) in_worker(worker, times), workers, 12)
  counts <- vapply(workers[c("first", "second")], function(w) parallel::clusterCall(w, evaluations, which)[[1]], 0)
  remark <- if (counts[[1]] != counts[[2]]) sprintf("%g evaluations, now %g", counts[[1]], counts[[2]])
  ratios(timed_problems[[which]]$name, timed, START_LIMIT, remark)
}

# ---- Both ---------------------------------------------------------------------------------------------------

compare_cores <- function(builds) {
  cores <- lapply(builds, function(build) getNativeSymbolInfo("bench_run", load_core(build$sources)))
  cases <- expand.grid(box = 0:1, n = c(2, 10^(1:6)))
  do.call(rbind, Map(compare_core, cases$n, cases$box, MoreArgs = list(cores)))
}

compare_packages <- function(builds) {
  workers <- lapply(builds, start_worker)
  on.exit(lapply(workers, parallel::stopCluster))
  do.call(rbind, lapply(seq_along(timed_problems), compare_runs, workers))
}

geometric_mean <- function(x) exp(mean(log(x)))

compare_commits <- function(commits) {
  builds <- lapply(c(first = commits[1], again = commits[1], second = commits[2]), build)
  cat("The time of ", commits[1], "; relative to it, that of the same built again and of ", commits[2], ".\n\n",
      "| | us | again | second | |\n| --- | ---: | ---: | ---: | --- |\n", sep = "")
  core <- compare_cores(builds)
  whole <- compare_packages(builds)
  slower <- any(core$slower, whole$slower)
  cat(sprintf("\nGeometric means: core %.3f, whole runs %.3f.\n", geometric_mean(core$second),
              geometric_mean(whole$second)),
      if (slower) "FAILED" else "Passed",
      sprintf(": core within %g %%, whole runs within %g %%, or as far off as the same built again.\n",
              100 * CORE_LIMIT, 100 * START_LIMIT), sep = "")
  slower
}

quit(status = compare_commits(commits(commandArgs(TRUE))))
