# Differences over the workers of a cluster of the package parallel.
#
# A worker keeps a copy of the objective, shipped when it does not know the run's key; a request is
# then x and a share of the points. Each value is that of the same call of fn as in the serial case,
# and the same arithmetic follows, so the results are equal to the bit.

# As point_evaluator(), on the workers of `cluster`.
on_cluster <- function(objective, cluster) {
  key <- basename(tempfile("lbfgsb-"))
  function(x, i, at) {
    shares <- clusterSplit(cluster, seq_along(i))
    requests <- lapply(shares, function(share) list(x = x, i = i[share], at = at[share]))
    tryCatch({
      answers <- clusterApply(cluster, requests, evaluate_share, key)
      if (any(vapply(answers, is.null, NA))) {
        ship_objective(objective, cluster, key)
        answers <- clusterApply(cluster, requests, evaluate_share, key)
      }
    }, error = function(e) refuse_workers(cluster, requests, x, e))
    unlist(lapply(answers, read_answer), recursive = FALSE)
  }
}

ship_objective <- function(objective, cluster, key) {
  dots <- eval(quote(list(...)), parent.env(objective))
  clusterCall(cluster, keep_objective, list(key = key, fn = objective$fn, dots = dots))
}

# What workers run: base R alone, so they need not have this package.
keep_objective <- function(objective) {
  options(lbfgsb_objective = objective)
  NULL
}

# fn(x) where x_i = at, for the request's share of the points: the values, or the condition of an
# error; NULL if the worker has another run's objective, or none.
evaluate_share <- function(request, key) {
  objective <- getOption("lbfgsb_objective")
  if (!identical(objective$key, key)) return(NULL)
  call_fn <- function(fn, par, ...) fn(par, ...)
  value_at <- function(i, at) {
    do.call(call_fn, c(list(objective$fn, replace(request$x, i, at)), objective$dots), quote = TRUE)
  }
  tryCatch(Map(value_at, request$i, request$at), error = identity)
}
environment(keep_objective) <- environment(evaluate_share) <- baseenv()

read_answer <- function(answer) {
  if (inherits(answer, "condition")) stop(answer)
  lapply(answer, function(value) read_value(value)$value)
}

# Which workers are gone, and which parameters they were at.
refuse_workers <- function(cluster, requests, x, parent) {
  gone <- which(!vapply(seq_along(cluster), function(j) is_alive(cluster[j]), NA))
  elements <- sort(unique(unlist(lapply(requests[gone], `[[`, "i"))))
  stop(lbfgsb_error_worker(gone, elements, parent, "worker ", enumerate(gone),
                           " of the cluster is gone, at the derivative", in_brackets(x, elements)))
}

is_alive <- function(worker) {
  tryCatch({
    clusterCall(worker, identity, NULL)
    TRUE
  }, error = function(e) FALSE)
}
