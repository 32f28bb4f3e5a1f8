# Differences over the workers of a cluster of the package parallel.
#
# A worker keeps a copy of the objective, shipped when it does not know the run's key; a request is
# then x and a share of the points. Each value is that of the same call of fn as in the serial case,
# and the same arithmetic follows, so the results are equal to the bit.

# Does as point_evaluator(), on the workers of `cluster`.
on_cluster <- function(objective, cluster) {
  key <- basename(tempfile("lbfgsb-"))
  asked <- 0
  function(x, i, at) {
    asked <<- asked + 1
    shares <- clusterSplit(cluster, seq_along(i))
    requests <- lapply(shares, function(share) {
      list(key = key, number = asked, x = x, i = i[share], at = at[share])
    })
    tryCatch({
      answers <- clusterApply(cluster, requests, evaluate_share)
      if (any(vapply(answers, is.null, NA))) {
        ship_objective(objective, cluster, key)
        answers <- clusterApply(cluster, requests, evaluate_share)
      }
    }, error = function(e) refuse_lost(cluster, requests, x, e))
    refuse_late(answers, requests, x)
    unlist(lapply(answers, read_answer), recursive = FALSE)
  }
}

ship_objective <- function(objective, cluster, key) {
  dots <- eval(quote(list(...)), parent.env(objective))
  clusterCall(cluster, keep_objective, list(key = key, fn = objective$fn, dots = dots))
}

# Keeps the objective on a worker. What workers run is base R alone, so they need not have this package.
keep_objective <- function(objective) {
  options(lbfgsb_objective = objective)
  NULL
}

# Returns fn(x) where x_i = at, for the request's share of the points: with its `key` and `number`, the
# `values`, or the condition of an error; NULL if the worker has another run's objective, or none.
evaluate_share <- function(request) {
  objective <- getOption("lbfgsb_objective")
  if (!identical(objective$key, request$key)) return(NULL)
  call_fn <- function(fn, par, ...) fn(par, ...)
  value_at <- function(i, at) {
    do.call(call_fn, c(list(objective$fn, replace(request$x, i, at)), objective$dots), quote = TRUE)
  }
  values <- tryCatch(Map(value_at, request$i, request$at), error = identity)
  list(key = request$key, number = request$number, values = values)
}
environment(keep_objective) <- environment(evaluate_share) <- baseenv()

read_answer <- function(answer) {
  if (inherits(answer$values, "condition")) stop(answer$values)
  lapply(answer$values, function(value) read_value(value)$value)
}

# ---- Workers that do not answer ------------------------------------------------------------------

# Says which workers are gone, and which parameters they were at.
refuse_lost <- function(cluster, requests, x, parent) {
  gone <- which(!vapply(seq_along(cluster), function(j) is_alive(cluster[j]), NA))
  if (length(gone) == 0) stop(parent)
  refuse_workers(gone, requests, x, parent, " gone")
}

# Refuses late answers: after an interrupt a worker's answers to what was asked before may still be on their
# way.
refuse_late <- function(answers, requests, x) {
  id <- c("key", "number")
  late <- which(!mapply(function(answer, request) {
    is.list(answer) && identical(answer[id], request[id])
  }, answers, requests))
  if (length(late) > 0) {
    refuse_workers(late, requests, x, NULL, " still answering to a computation that was interrupted")
  }
}

refuse_workers <- function(workers, requests, x, parent, trouble) {
  elements <- sort(unique(unlist(lapply(requests[workers], `[[`, "i"))))
  one <- length(workers) == 1
  stop(lbfgsb_error_worker(
    workers, elements, parent, if (one) "worker " else "workers ", enumerate(workers), " of the cluster ",
    if (one) "is" else "are", trouble, ", at the derivative", if (length(elements) != 1) "s",
    in_brackets(x, elements), ": go on over a new cluster with lbfgsb_resume()"
  ))
}

is_alive <- function(worker) {
  tryCatch({
    ask_worker(worker, NULL)
    TRUE
  }, error = function(e) FALSE)
}

# Tells whether all workers answer what they are asked.
is_ready <- function(cluster) {
  question <- basename(tempfile())
  answers_it <- function(j) {
    tryCatch(identical(ask_worker(cluster[j], question), question), error = function(e) FALSE)
  }
  all(vapply(seq_along(cluster), answers_it, NA))
}

# Asks a worker. The connection of a cluster that was closed, or read from a file, may be another's by now.
ask_worker <- function(worker, question) {
  connection <- worker[[1]]$con
  if (inherits(connection, "connection")) {
    current <- getConnection(connection)
    if (!identical(attr(current, "conn_id"), attr(connection, "conn_id"))) stop("not connected")
  }
  clusterCall(worker, identity, question)[[1]]
}
