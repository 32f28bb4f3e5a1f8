# Differences, and whole runs, over the workers of a cluster (R/workers.R).
#
# Each value is that of the same call of fn as in the serial case, and the same arithmetic follows, so the
# results are equal to the bit.

# Does as point_evaluator(), on the workers of `cluster`.
on_cluster <- function(objective, cluster) {
  check_mirai(cluster, "control$cluster")
  key <- new_key()
  asked <- 0
  payload <- NULL
  function(x, i, at) {
    asked <<- asked + 1
    if (is.null(payload)) payload <<- pack(shipped_parts(objective))
    shares <- splitIndices(length(i), min(length(i), count_workers(cluster)))
    requests <- lapply(shares, function(share) {
      list(slot = "run", key = key, family = key, number = asked, x = x, i = i[share], at = at[share])
    })
    elements_of <- function(workers) sort(unique(unlist(lapply(requests[workers], `[[`, "i"))))
    answers <- naming_lost(ask_with_payload(cluster, requests, payload), function(workers) {
      place_of(x, elements_of(workers))
    }, elements_of)
    unlist(lapply(answers, read_answer, cluster), recursive = FALSE)
  }
}

shipped_parts <- function(objective) {
  list(answer = answer_points, fn = objective$fn, dots = dots_of(objective))
}

# Returns fn(x) where x_i = at_i, for the request's points.
answer_points <- function(request, own, worker) {
  dots <- do.call(function(...) environment(), own$dots, quote = TRUE)
  value_at <- function(i, at) eval(quote(fn(par, ...)), list(fn = own$fn, par = replace(request$x, i, at)), dots)
  Map(value_at, request$i, request$at)
}
environment(answer_points) <- baseenv()

read_answer <- function(answer, cluster) lapply(result_of(answer, cluster), function(value) read_value(value)$value)

# Says at which derivatives lost workers were, and how to go on.
place_of <- function(x, elements) {
  paste0(", at the derivative", if (length(elements) != 1) "s", in_brackets(x, elements),
         ": go on over a new cluster with lbfgsb_resume()")
}

# Tells whether all workers answer what they are asked.
is_ready <- function(cluster) {
  if (is.null(cluster) || inherits(cluster, "lbfgsb_shards")) return(TRUE)
  key <- new_key()
  requests <- rep(list(list(slot = key, key = key, number = 0)), length(cluster))
  if (is_mirai(cluster)) return(requireNamespace("mirai", quietly = TRUE) && count_daemons(cluster) > 0)
  !inherits(try(ask_workers(cluster, requests, timeout = 5), silent = TRUE), "try-error")
}

# Lists f(item, task) for all items, over the workers of a cluster if there is one, to which the task is sent
# once. f may need this package there, of the same build, so what may name it is packed until that is known. What runs f
# begins are parts of this.
over_workers <- function(cluster, items, f, task) {
  fn <- task$fn %||% task$call$fn
  if (inherits(fn, "lbfgsb_sharded")) refuse_cluster(cluster)
  if (is.null(cluster) || inherits(cluster, "lbfgsb_shards")) return(as_parts(lapply(items, f, task)))
  check_mirai(cluster, "control$cluster")
  task$cluster <- task$control$cluster <- NULL
  shares <- split(seq_along(items), rep_len(seq_len(count_workers(cluster)), length(items)))
  key <- new_key()
  packed <- pack(list(f = f, fn = fn, task = task))
  own <- list(answer = answer_items, packed = packed, build = build(), library = loaded_from())
  payload <- serialize(own, NULL, xdr = FALSE)
  requests <- lapply(unname(shares), function(share) {
    share <- serialize(items[share], NULL, xdr = FALSE)
    list(slot = "items", key = key, family = key, number = 1, items = share, payload = payload)
  })
  answers <- naming_lost(ask_workers(cluster, requests), function(workers) {
    ": go on over a new one with lbfgsb_resume(lbfgsb_last(), control = list(cluster = new))"
  })
  unsplit_list(lapply(answers, result_of, cluster), shares)
}

# Loads this package as it is at the master's, if the worker sees that and has not loaded it, and refuses another build.
answer_items <- function(request, own, worker) {
  if (!isNamespaceLoaded("lbfgsb") && file.exists(file.path(own$library, "lbfgsb"))) {
    loadNamespace("lbfgsb", lib.loc = own$library)
  }
  here <- loadNamespace("lbfgsb")
  found <- if (is.null(here$build)) getNamespaceVersion(here)[[1]] else here$build()
  if (!identical(found, own$build)) {
    text <- paste0("the workers have loaded lbfgsb ", found, " from ", getNamespaceInfo(here, "path"),
                   ", and this session has ", own$build, ": install the same for both, and start the cluster anew")
    stop(errorCondition(text, class = c("lbfgsb_error_worker", "lbfgsb_error")))
  }
  own <- unserialize(own$packed)
  lapply(unserialize(request$items), own$f, own$task)
}
environment(answer_items) <- baseenv()

# build() = "0.1.0, layout 204603108": equal where runs are the same.
build <- function() paste0(getNamespaceVersion("lbfgsb"), ", layout ", .Call(C_layout))

loaded_from <- function() dirname(getNamespaceInfo("lbfgsb", "path"))

unsplit_list <- function(answers, shares) {
  results <- vector("list", sum(lengths(shares)))
  results[unlist(shares)] <- unlist(answers, recursive = FALSE)
  results
}
