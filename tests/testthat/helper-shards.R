# Logistic regression in a box, its 60 rows in shards; `nll` alone, and `with_gradient`.
shard_problem <- function(shards = 6) {
  x <- cbind(1, sin(1:60), cos(3 * (1:60)))
  y <- as.numeric((1:60 * 7) %% 11 < 5)
  rows <- split(seq_len(60), rep(seq_len(shards), length.out = 60))
  nll <- function(par, shard) {
    eta <- drop(shard$x %*% par)
    sum(log1p(exp(eta)) - shard$y * eta)
  }
  with_gradient <- function(par, shard) {
    eta <- drop(shard$x %*% par)
    list(value = sum(log1p(exp(eta)) - shard$y * eta),
         gradient = drop(crossprod(shard$x, 1 / (1 + exp(-eta)) - shard$y)))
  }
  environment(nll) <- environment(with_gradient) <- globalenv()
  list(shards = unname(lapply(rows, function(r) list(x = x[r, ], y = y[r]))), nll = nll,
       with_gradient = with_gradient, rows = rows,
       ridge = function(par) list(value = sum(par^2), gradient = 2 * par))
}

run_sharded <- function(f, ...) {
  lbfgsb(c(a = 0, b = 0, c = 0), f, lower = -0.2, upper = c(b = 0.5), ...,
         control = list(fn_is = "negloglik", nobs = 60))
}

local_cluster <- function(workers, frame = parent.frame()) {
  cluster <- parallel::makePSOCKcluster(workers)
  withr::defer(stop_workers(cluster), frame)
  cluster
}

# Some of them may be gone.
stop_workers <- function(cluster) {
  for (worker in cluster) {
    try(parallel::stopCluster(structure(list(worker), class = class(cluster))), silent = TRUE)
    try(close(worker$con), silent = TRUE)
  }
}
