# Computations that consist of many runs, as a profile, a bootstrap and starts: after an interrupt or an error they go on where
# they were.

# Runs a computation, list(what, cluster, items, f, task, made, ended): f(item, task) for all items of which there are no
# `results` yet, over the workers of the cluster if there is one. Returns what `ended` makes of all results, and of the
# cluster. After an interrupt or an error lbfgsb_last() has the computation and its results by then, of which `made` makes
# what users look at.
# `what`: in words, the computation and one of its parts; `under_way`: what is kept of one that is not done, here.
run_parts <- function(parts, results = list()) {
  keep <- function(condition) if (!inherits(condition, says_all)) keep_parts(unfinished_parts(condition, parts, results))
  on.exit(status_line$part <- NULL)
  withCallingHandlers(interrupt = keep, error = keep, {
    for (lot in lots_of(parts, length(results))) {
      status_line$part <- describe_part(length(results) + 1, parts$items, parts$what[2])
      results <- c(results, over_workers(parts$cluster, lot, parts$f, parts$task))
    }
    parts$ended(results, parts$cluster)
  })
}

# Errors after which nothing is to be gone on with.
says_all <- paste0("lbfgsb_error_", c("argument", "profile", "starts"))

# Lists the items after so many in lots to be run and kept at a time: over a cluster each worker is to have some. (That
# of shards has none for whole runs.)
lots_of <- function(parts, done) {
  check_mirai(parts$cluster, "control$cluster")
  left <- parts$items[seq_along(parts$items) > done]
  size <- if (is.null(parts$cluster)) 1 else max(1, 32 * count_workers(parts$cluster))
  split(left, (seq_along(left) - 1) %/% size)
}

# describe_part() = "parameter 2 of 5, sigma: "
describe_part <- function(k, items, noun) {
  paste0(noun, " ", k, " of ", length(items), if (!is.null(names(items))) paste0(", ", names(items)[k]), ": ")
}

# Keeps what is done, says so at the prompt, and signals it.
keep_parts <- function(unfinished) {
  remember(unfinished, is_empty = FALSE)
  signalCondition(unfinished)
  if (!talks()) return()
  clear_status()
  message(unfinished$progress, ". To go on: lbfgsb_resume(lbfgsb_last()).")
}

unfinished_parts <- function(condition, parts, results) {
  by <- if (inherits(condition, "interrupt")) "was interrupted after" else "was ended by an error after"
  progress <- paste0(parts$what[1], " ", by, " ", length(results), " of ", counted(length(parts$items), parts$what[2]),
                     if (is.null(parts$cluster)) parts$under_way)
  with_kept(condition, "lbfgsb_unfinished_parts", list(
    progress = progress, done = if (length(results) > 0) parts$made(results), parts = parts, results = results
  ))
}

# Goes on with what is unfinished, as it was begun, perhaps over another cluster.
resume_parts <- function(unfinished, control, hessian) {
  is_many <- inherits(unfinished, "lbfgsb_unfinished_many")
  has_cluster <- is_many || "cluster" %in% names(unfinished$parts)
  moves <- has_cluster && identical(names(control), "cluster")
  given <- c(if (length(control) > 0 && !moves) "control", if (!is.null(hessian)) "hessian")
  if (length(given) > 0) {
    stop(lbfgsb_error_argument(given[1], "cannot be given where many runs go on, as they go on as they began: ",
                               if (has_cluster) "only another control$cluster can" else "leave it out"))
  }
  check_cluster(control$cluster)
  parts <- replace(unfinished$parts, names(control), control)
  result <- if (is_many) unfinished$go_on(unfinished, control) else run_parts(parts, unfinished$results)
  note_resumed(unfinished)
  result
}

#' @export
print.lbfgsb_unfinished_parts <- function(x, ...) {
  is_last <- identical(x, last_run$condition)
  name <- if (is_last) "lbfgsb_last()" else "x"
  cat(strwrap(paste0(x$progress, if (inherits(x, "error")) paste0(": ", message_of(x)), ".")), sep = "\n")
  if (is_last && last_run$is_resumed) cat("lbfgsb_resume() has gone on with it since.\n")
  cat("\nTo go on:      lbfgsb_resume(", name, ")\n", sep = "")
  if (!is.null(x$done)) cat("What is done:  ", name, "$done\n", sep = "")
  invisible(x)
}
