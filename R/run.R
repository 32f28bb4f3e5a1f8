# A run from its state to its end.

# Runs a state to its end, in place; the objective may end it by a condition. Returns NULL, or a list of what is to be
# looked at: the `gradient` at a start that was refused; `suspects`, the parameters in which it may be wrong: see doubt.R;
# `level`, those in which it is 0, and `steps`, whether `fn` returns whole numbers only: see flat.R. That of a run which has
# failed, or is to be polished, is a list, though there may be nothing in it.
run_state <- function(state, objective) {
  extras <- if (talks() || .Call(C_has_extras, state$control)) run_extras(state)
  if (!is.null(extras) && extras$shown) on.exit(clear_status())
  end <- carrying(state, objective, .Call(C_run, state, objective, objective_calls, extras$watch, extras$threads,
                                          extras$steps))
  if (!is.null(extras$file)) carrying(state, objective, write_checkpoint(state, extras$file))
  end
}

# Returns what there is to a run beside its evaluations: whether its status is `shown`, the `file` of its checkpoint, who
# is to `watch` it, its `threads`, and the `steps` of its differences.
run_extras <- function(state) {
  control <- state$control
  file <- control$checkpoint
  shown <- shows_status(control)
  list(shown = shown, file = file,
       watch = if (shown || !is.null(file) || !is.null(control$callback)) new_watch(state, shown),
       threads = if (control$threads > 1) usable_threads(control$threads), steps = given_steps(state))
}

# Limits the threads asked for: to one in a forked process, where OpenMP may hang, and to two in a check for
# CRAN.
usable_threads <- function(threads) {
  if (Sys.getpid() != loaded$pid) return(1)
  limited <- !tolower(Sys.getenv("_R_CHECK_LIMIT_CORES_")) %in% c("", "false")
  if (limited) min(threads, 2) else threads
}

loaded <- new.env() # pid: of the process that loaded the package

# ---- Who looks at the iterates -----------------------------------------------------------------------------

# Returns a function of a new iterate, `progress`, that returns TRUE to stop the run, or else the time until
# which it need not be asked: for a callback always.
new_watch <- function(state, shows_status) {
  callback <- state$control$callback
  if (!is.null(callback)) callback <- asked_to_stop(with_lists(callback, state$problem$par))
  chores <- c(if (!is.null(state$control$checkpoint)) checkpoint_chore(state), if (shows_status) status_chore())
  if (is.null(chores)) return(function(progress) if (callback(progress)) TRUE else -Inf)
  function(progress) {
    if (!is.null(callback) && callback(progress)) return(TRUE)
    due <- vapply(chores, function(chore) chore(progress), 0)
    if (is.null(callback)) min(due) else -Inf
  }
}

# Returns a callback that tells whether the user's asks to stop: by TRUE. What else it returns may be by the way, but
# not NA, the answer of a condition that cannot be told.
asked_to_stop <- function(callback) {
  force(callback)
  function(progress) {
    answer <- callback(progress)
    if (identical(answer, NA)) {
      stop(lbfgsb_error_objective("control$callback", NA, "`control$callback` returned NA: return TRUE to stop the run, ",
                                  "or FALSE to go on"))
    }
    isTRUE(answer)
  }
}

# Returns a function of `progress` that does what is to be done every so many seconds, and returns when that is
# next.
chore <- function(every, do) {
  due <- seconds() + every
  function(progress) {
    if (seconds() >= due) {
      do(progress)
      due <<- seconds() + every
    }
    due
  }
}

seconds <- function() as.numeric(Sys.time())

# ---- What ends a run -----------------------------------------------------------------------------------------

# Evaluates what belongs to a run: `step`, or NULL if it asks to stop, which `leave` does, from within the
# handler: a return() that is evaluated late leaves at less cost than tryCatch(). A condition that ends the run
# is signalled again, with the run and its objective; where nobody catches that, it goes on as it was. What ends without
# one, as infinite recursion does, for which R calls no handler, must not leave another run as the last. Of a run that
# is a part of another computation nothing is left.
carrying <- function(state, objective, step, leave = return(.Call(C_stop, state$run, "stopped"))) {
  known <- is_part <- last_run$has_parts
  on.exit(if (!known) remember(NULL, has_evaluated_nothing(state)))
  pass_on <- function(condition) {
    if (is_part) return()
    unfinished <- with_run(condition, state, objective)
    is_empty <- has_evaluated_nothing(state)
    if (is_empty && inherits(condition, "error")) {
      warn_of_missing(objective)
      warn_of_names(objective)
    }
    remember(unfinished, is_empty)
    known <<- TRUE
    signalCondition(unfinished)
    is_outermost <- identical(parent.env(environment()), outermost_run())
    if (is_outermost) announce(unfinished) # nobody has caught it
  }
  result <- withCallingHandlers(
    step,
    lbfgsb_stop = function(condition) {
      known <<- TRUE
      leave
    },
    error = pass_on,
    interrupt = pass_on
  )
  known <- TRUE
  result
}

# condition: what ended it, or NULL; is_empty: whether it had evaluated nothing; is_resumed: whether it has been gone on
# with; has_parts: whether runs are parts of something else now
last_run <- list2env(list(has_parts = FALSE))

# Keeps what has ended a run as the last, but for one that had evaluated nothing, as in a call with a typo, after one
# that had.
remember <- function(condition, is_empty) {
  if (is_empty && isFALSE(last_run$is_empty)) return()
  last_run$condition <- condition
  last_run$is_empty <- is_empty || is.null(condition)
  last_run$is_resumed <- FALSE
}

has_evaluated_nothing <- function(state) state$run$tally[["function"]] == 0

# Evaluates code whose runs are parts of another computation, as of a profile: nobody could go on with one of them.
as_parts <- function(code) {
  before <- last_run$has_parts
  on.exit(last_run$has_parts <- before)
  last_run$has_parts <- TRUE
  code
}

# Returns, of runs within the objectives of others, the frame of carrying() of the first.
outermost_run <- function() {
  for (i in seq_len(sys.nframe())) if (identical(sys.function(i), carrying)) return(sys.frame(i))
}

# Says at the prompt where the run is kept, if there is something to keep. What an inner run has signalled will
# come once more as it was.
announce <- function(unfinished) {
  if (inherits(unfinished$parent, "lbfgsb_unfinished") || is.na(unfinished$value) || !talks()) return()
  clear_status()
  message("The run is kept: lbfgsb_last() says where it stood and how to go on.")
}

# Returns the condition that ended a run, with a copy of the run, which may go on all the same, and with its objective.
with_run <- function(condition, state, objective) {
  state <- copied(state)
  best <- fields_of(state)
  with_kept(condition, "lbfgsb_unfinished",
            list(par = in_shape(best$par), value = best$value, state = kept_state(state), objective = objective))
}

# Returns the condition that ended something with what is `kept` of that, and its `class` before the general ones.
with_kept <- function(condition, class, kept) {
  unfinished <- unclass(condition)
  unfinished[c(names(kept), "parent")] <- c(kept, list(condition))
  general <- intersect(class(condition), c("error", "interrupt", "condition"))
  own <- setdiff(class(condition), c("lbfgsb_unfinished", general))
  structure(unfinished, class = c(own, class, general))
}

#' Stop a run from within
#'
#' Called by `fn`, `gr` or `control$callback`, ends the run of [lbfgsb()] that evaluates them. The
#' run returns normally, with the best point so far and `convergence` 1. After the last iteration it ends
#' what is evaluated then: the fit has no `hessian`. A run that was stopped has none either.
#' @return Nothing: it does not return. Outside of a run it is an error.
#' @examples
#' calls <- 0
#' fn <- function(x) {
#'   calls <<- calls + 1
#'   if (calls > 20) lbfgsb_stop()
#'   sum((x - 1:2)^4)
#' }
#' lbfgsb(c(0, 0), fn)$message
#' @export
lbfgsb_stop <- function() {
  signalCondition(structure(class = c("lbfgsb_stop", "condition"),
                            list(message = "the run is to stop", call = NULL)))
  stop(lbfgsb_error_state("lbfgsb_stop() was called outside of a run: call it in `fn`, `gr` or the callback"))
}
