# Computations that consist of many runs, as a profile, a bootstrap and starts: an interrupt leaves what is done.

# Lists f(item, task) for all items, as over_workers(). After an interrupt lbfgsb_last() has what `made` makes of the results
# that there are; over a cluster there are none before its end. `what`: in words, the computation and one of its parts.
keeping_parts <- function(cluster, items, f, task, what, made) {
  done <- list()
  kept <- function(item, task) {
    status_line$part <- describe_part(length(done) + 1, items, what[2])
    on.exit(status_line$part <- NULL)
    result <- f(item, task)
    done <<- c(done, list(result))
    result
  }
  pass_on <- function(condition) {
    progress <- paste("after", length(done), "of", counted(length(items), what[2]))
    keep_parts(lbfgsb_unfinished_parts(condition, what[1], progress, if (length(done) > 0) made(done)))
  }
  withCallingHandlers(over_workers(cluster, items, if (is.null(cluster)) kept else f, task), interrupt = pass_on)
}

# describe_part() = "parameter 2 of 5, sigma: "
describe_part <- function(k, items, noun) {
  paste0(noun, " ", k, " of ", length(items), if (!is.null(names(items))) paste0(", ", names(items)[k]), ": ")
}

# Keeps what is done, says so at the prompt, and signals it.
keep_parts <- function(unfinished) {
  remember(unfinished, is_empty = is.null(unfinished$done))
  signalCondition(unfinished)
  if (!talks()) return()
  clear_status()
  if (is.null(unfinished$done)) {
    message(unfinished$what, " was interrupted, and nothing of it is kept.")
  } else {
    message(unfinished$what, " was interrupted ", unfinished$progress, ". What is done is kept: lbfgsb_last()$done.")
  }
}

lbfgsb_unfinished_parts <- function(parent, what, progress, done) {
  structure(class = c("lbfgsb_unfinished_parts", "interrupt", "condition"),
            list(message = "", call = NULL, what = what, progress = progress, done = done, parent = parent))
}

#' @export
print.lbfgsb_unfinished_parts <- function(x, ...) {
  name <- if (identical(x, last_run$condition)) "lbfgsb_last()" else "x"
  cat(x$what, "was interrupted", paste0(x$progress, ".\n"))
  if (!is.null(x$done)) cat("What is done:  ", name, "$done\n", sep = "")
  if (inherits(x$done, "lbfgsb_boot")) cat("To go on:      lbfgsb_boot(", name, "$done, replicates)\n", sep = "")
  invisible(x)
}
