# The record of a call of lbfgsb_many(): what is done, what an earlier call had done, and what is kept of one that is ended.

# Makes the record of a call, which is written as fits end: whether each has `ended`, the `columns` of the
# result, `under_way`, the numbers of other `fits` and their `runs` (R/state.R), and `doubts`, warnings of wrong
# gradients by the fits' numbers. `starts`: theirs, which the result keeps; `labels`: its row names; `task`: see kept_task().
new_done <- function(par, labels, task) {
  columns <- lapply(row_of_none(par[1, ]), rep, nrow(par))
  list2env(list(starts = par, labels = labels, task = task, ended = logical(nrow(par)), columns = columns,
                under_way = list(fits = integer(), runs = list()), doubts = list()))
}

# Returns the record of an earlier call, or a new one.
read_done <- function(from, task, is_in_step) {
  par <- task$par
  done <- new_done(par, labels_of_fits(task$data, nrow(par)), kept_task(task, is_in_step))
  if (is.null(from)) return(done)
  fits <- if (inherits(from, "lbfgsb_unfinished_many")) from$fits else from
  in_order <- identical(attr(fits, "row.names"), attr(table_of_fits(done), "row.names"))
  if (!inherits(fits, "lbfgsb_many") || !in_order || !identical(attr(fits, "starts"), par)) {
    stop(lbfgsb_error_argument("from", "must be what an earlier call with the same starts came to: its ",
                               "result, or lbfgsb_last()"))
  }
  done$ended <- !is.na(fits$convergence) # those that failed are tried again
  done$columns <- as.list(fits)[names(done$columns)]
  if (inherits(from, "lbfgsb_unfinished_many")) {
    done$under_way <- read_under_way(from$under_way, task)
    if (identical(attr(fits, "task")[c("fn", "gr")], task[c("fn", "gr")])) done$doubts <- from$doubts
  }
  done
}

# Returns those of the fits under way that are what this call would have begun, and have not finished; the others begin anew.
read_under_way <- function(states, task) {
  states <- lapply(states, function(state) copied(open_state(state)))
  fits <- as.integer(names(states))
  task$par <- onto_box(task$par, task)
  fixed <- function(state) state[c("problem", "control")]
  goes_on <- function(i, state) {
    .Call(C_status, state$run) == "running" && identical(fixed(state), fixed(begin_fit(i, task)))
  }
  left <- as.logical(Map(goes_on, fits, states))
  list(fits = fits[left], runs = lapply(states[left], `[[`, "run"))
}

to_do <- function(done) which(!done$ended)

# Returns a row of the result: of a fit that has not ended, of one that failed, and of a fit.
row_of_none <- function(par) {
  numbered <- paste0("par", seq_along(par), recycle0 = TRUE)
  names <- if (is.null(names(par))) numbered else ifelse(names(par) %in% c("", NA), numbered, names(par))
  c(structure(as.list(rep(NA_real_, length(par))), names = names),
    list(value = NA_real_, convergence = NA_integer_, message = NA_character_, evaluations = NA_integer_,
         gradients = NA_integer_))
}

row_of_failure <- function(message, par) replace(row_of_none(par), "message", message)

# Its attribute "doubt" is the warning, if there was one, that the gradient is wrong.
row_of_fit <- function(fit) {
  fit <- unclass(fit)
  evaluations <- fit$counts
  row <- c(as.list(as.vector(flat_par(fit))), list(fit$value, fit$convergence, fit$message, evaluations[["function"]],
                                             evaluations[["gradient"]]))
  structure(row, doubt = attr(fit, "gradient_doubt"))
}

# Returns the row of what came of a run from `start`: a fit, or the condition of an error.
row_of_end <- function(end, start) {
  if (inherits(end, "lbfgsb")) row_of_fit(end) else row_of_failure(message_of(end), flat_numbers(start))
}

# Takes note of fits that have ended, by the columns of their rows: in place, as nobody else has them meanwhile.
take_columns <- function(done, fits, columns) {
  force(columns) # in which fits may run
  suspendInterrupts({
    all_columns <- done$columns
    ended <- done$ended
    done$columns <- done$ended <- NULL
    for (j in seq_along(columns)) all_columns[[j]][fits] <- columns[[j]]
    ended[fits] <- TRUE
    done$columns <- all_columns
    done$ended <- ended
  })
}

take_rows <- function(done, fits, rows) {
  done$doubts <- c(done$doubts, Filter(length, structure(lapply(rows, attr, "doubt"), names = fits)))
  column <- function(j) unlist(lapply(rows, `[[`, j))
  take_columns(done, fits, if (length(rows) == 1) rows[[1]] else lapply(seq_along(rows[[1]]), column))
}

# Evaluates the code that runs the fits; a condition that ends it is signalled again, with what is done, and `go_on`.
keep_done <- function(done, task, code, go_on) {
  pass_on <- function(condition) {
    unfinished <- unfinished_many(condition, done, task)
    unfinished$go_on <- go_on
    is_empty <- has_nothing(done) && !inherits(condition, "interrupt") && !is_time_limit(condition)
    remember(unfinished, is_empty)
    signalCondition(unfinished)
    status_line$width <- max(status_line$width, status_line$fits)
    clear_status()
    if (talks() && !is_empty) message("What is done is kept. To go on: lbfgsb_resume(lbfgsb_last()).")
  }
  withCallingHandlers(code, error = pass_on, interrupt = pass_on)
}

has_nothing <- function(done) {
  values <- vapply(done$under_way$runs, function(run) run$tally[["value"]], 0)
  !any(done$ended) && all(is.na(values))
}

unfinished_many <- function(condition, done, task) {
  states <- Map(function(i, run) kept_state(copied(state_of_fit(i, run, task))), done$under_way$fits,
                done$under_way$runs)
  names(states) <- done$under_way$fits
  with_kept(condition, "lbfgsb_unfinished_many", list(fits = table_of_fits(done), under_way = states, doubts = done$doubts))
}

#' @export
print.lbfgsb_unfinished_many <- function(x, ...) {
  by <- if (inherits(x, "interrupt")) "an interrupt" else paste("an error:", message_of(x))
  is_last <- identical(x, last_run$condition)
  name <- if (is_last) "lbfgsb_last()" else "x"
  cat(strwrap(paste("A call of lbfgsb_many() was ended by", by)),
      paste0("after ", sum(!is.na(x$fits$message)), " of ", counted(nrow(x$fits), "fit"), "."),
      if (is_last && last_run$is_resumed) "lbfgsb_resume() has gone on with it since.", "",
      paste0("What is done:           ", name, "$fits"),
      paste0("To go on with the rest: lbfgsb_resume(", name, ")"),
      paste0("With a corrected fn:    the same call with from = ", name), sep = "\n")
  invisible(x)
}
