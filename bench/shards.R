# Logistic ridge regression in a box over workers: 1e6 rows x 50 columns in 8 shards, over PSOCK and mirai
# with 1, 2 and 4 workers. Writes bench/shards.md:
#   OPENBLAS_NUM_THREADS=1 Rscript bench/shards.R [ROWS]
# One BLAS thread, as otherwise one worker alone takes all cores, and bits depend on them.
Sys.setenv(OPENBLAS_NUM_THREADS = 1, OMP_NUM_THREADS = 1)
library(lbfgsb)

arguments <- commandArgs(TRUE)
rows <- if (length(arguments) > 0) as.numeric(arguments[1]) else 1e6
columns <- 50

# Makes a function that makes shard k where it is called.
loader <- function(k, rows, columns) {
  force(list(k, rows, columns)) # or workers would look for what they were given
  function() {
    set.seed(k, "Mersenne-Twister", "Inversion", "Rejection") # whatever kind a worker has
    x <- matrix(rnorm(rows * columns), rows, columns)
    list(x = x, y = rbinom(rows, 1, 1 / (1 + exp(-drop(x %*% sin(seq_len(columns)))))))
  }
}
loaders <- lapply(1:8, loader, rows / 8, columns)

negloglik <- function(par, shard) {
  eta <- drop(shard$x %*% par)
  p <- 1 / (1 + exp(-eta))
  list(value = sum(log1p(exp(eta)) - shard$y * eta), gradient = drop(crossprod(shard$x, p - shard$y)))
}
ridge <- function(par) list(value = sum(par^2) / 2, gradient = par)
idle <- function(par, shard) list(value = 0, gradient = par) # what crosses, and no work

has_mirai <- requireNamespace("mirai", quietly = TRUE)
make <- list(PSOCK = parallel::makePSOCKcluster, mirai = if (has_mirai) mirai::make_cluster)
stop_workers <- function(cluster) {
  if (inherits(cluster, "miraiCluster")) mirai::stop_cluster(cluster) else parallel::stopCluster(cluster)
}

# Bytes of the messages of an evaluation: the worker's part of each is serialized here.
crossing <- function(workers) {
  size <- function(x) length(serialize(x, NULL))
  par <- numeric(columns)
  keys <- as.character(1:8)
  request <- list(points = list(par), slot = "lbfgsb-1234567890ab", family = "lbfgsb-1234567890ab",
                  key = "lbfgsb-1234567890ab 1", number = 10, drop = character(), wanted = keys)
  call <- list(type = "EXEC", data = list(fun = "eval", args = list(lbfgsb:::relay, list(request = request)),
                                          return = TRUE, tag = NULL))
  one <- list(list(value = 0, gradient = par))
  answer <- list(type = "VALUE", value = list(key = request$key, number = 10, worker = "host 12345",
                                              result = rep(list(one), 8)), success = TRUE, time = numeric(3))
  workers * size(call) + size(answer) + (workers - 1) * 400
}

milliseconds <- function(f, par, times) {
  f(par)
  1000 * system.time(for (i in seq_len(times)) f(par))[["elapsed"]] / times
}

measure <- function(kind, workers) {
  cluster <- make[[kind]](workers)
  on.exit(stop_workers(cluster))
  f <- sharded_objective(negloglik, loaders, cluster, ridge)
  fit <- lbfgsb(numeric(columns), f, lower = -0.9, upper = 0.9)
  nothing <- sharded_objective(idle, as.list(1:8), cluster, ridge)
  beyond <- milliseconds(nothing, fit$par, 200)
  list(kind = kind, workers = workers, fit = fit[c("par", "value", "gradient", "counts", "message")],
       evaluation = milliseconds(f, fit$par, 10), beyond = beyond,
       bytes = crossing(workers))
}

# The median of the ratios of alternating evaluations by one and by two workers.
speed_up <- function(kind, times = 15) {
  clusters <- list(make[[kind]](1), make[[kind]](2))
  on.exit(for (cluster in clusters) stop_workers(cluster))
  fs <- lapply(clusters, function(cluster) sharded_objective(negloglik, loaders, cluster, ridge))
  par <- rep(0.1, columns)
  for (f in fs) f(par)
  ratios <- replicate(times, {
    took <- vapply(fs, function(f) system.time(f(par))[["elapsed"]], 0)
    took[1] / took[2]
  })
  quantile(ratios, c(0.1, 0.5, 0.9))
}

kinds <- names(Filter(Negate(is.null), make))
runs <- unlist(lapply(kinds, function(kind) lapply(c(1, 2, 4), measure, kind = kind)), recursive = FALSE)
equal <- vapply(runs, function(run) identical(run$fit, runs[[1]]$fit), NA)
speed <- lapply(kinds, speed_up)
row <- function(run, same) {
  sprintf("| %s | %d | %.0f | %.2f | %s | %s |", run$kind, run$workers, run$evaluation, run$beyond,
          sprintf("%.0f", run$bytes), if (same) "yes" else "NO")
}
text <- c(
  "# Data in shards", "",
  sprintf("Logistic ridge regression in a box, %.0f rows x %d columns in 8 shards, one BLAS thread, %d cores.",
          rows, columns, parallel::detectCores()),
  "Written by `bench/shards.R`.", "",
  "| cluster | workers | ms an evaluation | of these beyond the work | bytes an evaluation | equal bits |",
  "| --- | ---: | ---: | ---: | ---: | --- |", mapply(row, runs, equal), "",
  "Beyond the work: the same messages, of an `fn` that does nothing. Bytes: of `par` to each worker and of a",
  "value and a gradient of each shard back, as serialized, with what belongs to them. An answer of more",
  "than 4 kB, as of one PSOCK worker here, waits some 40 ms for an acknowledgement: R writes it in pieces.", "",
  sprintf("Speed-up of two workers over one, alternating, %s: median %.2f (10 %% %.2f, 90 %% %.2f).",
          kinds, vapply(speed, `[[`, 0, 2), vapply(speed, `[[`, 0, 1), vapply(speed, `[[`, 0, 3))
)
load <- suppressWarnings(tryCatch(strsplit(readLines("/proc/loadavg"), " ")[[1]][2], error = function(e) NA))
text <- c(text, "", paste0("Load of the machine in the last five minutes, at the end: ", load, "."))
writeLines(text)
writeLines(text, "bench/shards.md")
quit(status = !all(equal))
