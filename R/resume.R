#' Go on with a run
#'
#' A run that reached a limit, was interrupted, or failed because `fn` did can go on from where it was, in the
#' same R session or in a later one. With the same `fn` it gives the same result, to the last bit, as if it had not
#' been interrupted.
#'
#' The state of a run is an object of class `lbfgsb_state`, which [saveRDS()] keeps. It comes from
#' - the result, as `fit$state`, unless it is large: see `control$keep_state`. The fit itself holds `fn`, `gr`
#'   and the further arguments too: `lbfgsb_resume(fit)` needs no more;
#' - the condition that ended the run, an error in `fn` or an interrupt, as `condition$state`. The
#'   condition has the additional class `lbfgsb_unfinished`, and holds also `par` and `value`, the
#'   best point so far, as `parent` the original condition, and as a fit does `fn` with its arguments:
#'   `lbfgsb_resume(condition)` needs no more, nor does it of what [try()] returned;
#' - `lbfgsb_last()`: the last such condition of this R session, for one that nobody caught. Printed, it says
#'   where the run stood and how to go on, and whether [lbfgsb_resume()] has done so since; at the prompt a line points
#'   to it. A call that fails before it has
#'   evaluated anything, as with a typo, does not take its place. Infinite recursion in `fn`
#'   carries no run, since R calls no handlers for it: `lbfgsb_last()` is `NULL` then. The runs within
#'   [profile()][profile.lbfgsb], [lbfgsb_boot()], [lbfgsb_multistart()] and the like leave none either: their
#'   data or bounds differ from the call's. But where a profile finds a better value than the fit's, `lbfgsb_last()`
#'   is that error, of class `lbfgsb_error_profile`, its `par` is where, and `lbfgsb_resume(lbfgsb_last())` fits again from
#'   there, as [update()][update.lbfgsb] does. And after Ctrl-C, or an error that ended it, in a profile, bootstrap, multistart
#'   or [lbfgsb_many()] `lbfgsb_resume(lbfgsb_last())` goes on with that, and returns what it would have returned, to
#'   the bit.
#'   `lbfgsb_last()$done` is the result of the parameters, replicates or starts that were done; of [lbfgsb_many()] it is
#'   `lbfgsb_last()$fits`, all rows of the table. Over a cluster they are kept by lots of 32 for each worker;
#' - the file named by `control$checkpoint`.
#'
#' A state holds neither `fn` nor its data, nor `control$callback` or `control$cluster`. It can be resumed any
#' number of times, by the same version of the package on the same kind of machine. It goes on at the evaluation
#' that failed, also in the middle of a gradient by differences, and `counts` is that of the whole run. Only if `gr`
#' failed, or a gradient by `"richardson"` or `"complex"`, value and gradient are evaluated again: `counts` then has
#' such a value twice, and the differences that were lost are not counted.
#'
#' With another `fn`, or with other data, what the run knows of `fn` would be wrong. So `fn` is first evaluated once more
#' at the best point so far, and where its value is not the run's, to 8 digits or the noise of `fn`, that is an error.
#' This evaluation is not in `counts`, and leaves R's random numbers as they were.
#'
#' @section R's time limit:
#' That of [setTimeLimit()] ends a run by an error, "reached elapsed time limit", as an error of `fn` would, and many runs too,
#' where other errors are failures of one of them. R drops the limit as it strikes: what follows in the same call from the
#' prompt, as in a [tryCatch()], has none. The next call has it again in full, unless it was set with `transient = TRUE`: so has
#' `lbfgsb_resume(lbfgsb_last())` at the prompt. `control$maxtime` ends a single run without an error.
#'
#' @section Limits:
#' All options of the run stay as they were, but for those in `control`. So after a limit give a higher one:
#' `lbfgsb_resume(fit, control = list(maxit = 1000))`. `maxit` and `maxeval` count from the start of the whole run:
#' after 10 iterations, `maxit = 30` allows 20 more. `maxtime` counts from the resumption: `maxtime = 60` is a
#' minute more.
#'
#' @param state a state, the fit, the condition or what [try()] returned that holds it, or the name of a checkpoint
#'   file.
#' @param fn,gr,... as for [lbfgsb()]. Of a fit or a condition, all may be missing. A profile,
#'   bootstrap, multistart or call of [lbfgsb_many()] goes on as it began, and takes no other argument; but of all but
#'   a profile `control = list(cluster = )` is the cluster to go on over, as where a worker was lost.
#' @param hessian whether to return the Hessian, as for [lbfgsb()]. By default as the call that began the run was asked,
#'   which a fit and a condition know; a state and a file do not, and there is none.
#' @param control a list of the options to change, such as higher limits (see the section on these), and
#'   of a `callback` and a `cluster`, which a state does not keep. `m`, `fnscale`, `parscale` and
#'   `hessian_diag` cannot change, and `noise` cannot be lowered.
#' @return `lbfgsb_resume()`: as [lbfgsb()], or as the function whose many runs go on. `lbfgsb_last()`: a condition, or `NULL`.
#' @section Errors:
#' A different `m`, `fnscale`, `parscale` or `hessian_diag`, or a lower `noise`, is an error of class
#' `lbfgsb_error_argument`.
#' An object that is not a state, one of another version or kind of machine, or a damaged one is an error of class
#' `lbfgsb_error_state`: of a checkpoint, a condition and a fit with `keep_state = TRUE`, which have a checksum, where any
#' byte has changed. Another `fn` than the run's is one of class `lbfgsb_error_changed`; its `par` is where to begin a
#' new run: `lbfgsb(par, fn)`.
#' @seealso [lbfgsb_ask()] for runs whose function is evaluated elsewhere.
#' @examples
#' rosenbrock <- function(x) 100 * (x[2] - x[1]^2)^2 + (1 - x[1])^2
#' fit <- lbfgsb(c(-1.2, 1), rosenbrock, control = list(maxit = 10))
#' fit$message
#' lbfgsb_resume(fit, control = list(maxit = 1000))$message
#'
#' # The state alone holds no function: in another session, say.
#' lbfgsb_resume(fit$state, rosenbrock, control = list(maxit = 1000))$message
#' @export
lbfgsb_resume <- function(state, fn, gr = NULL, ..., control = list(), hessian = NULL) {
  if (missing(state)) {
    stop(lbfgsb_error_argument("state", "is missing: give a fit, or lbfgsb_last() for the run that ended last without one"))
  }
  if (missing(fn)) {
    if (!is.null(gr) || ...length() > 0) {
      stop(lbfgsb_error_argument("fn", "is missing: with `gr` or further arguments, `fn` must be given too; options ",
                                 "go into `control`, as in control = list(maxit = 1000)"))
    }
    return(resume_with_own(caught(state), control, hessian))
  }
  hessian <- hessian %||% asks_hessian(caught(state))
  check_call(fn, gr, hessian)
  if (...length() > 0) check_dots(...names(), fn, gr, c("control", "hessian"))
  on.exit(rm(state)) # the fit's objective keeps this frame
  state <- read_state(state)
  skeleton <- attr(state$problem$par, "skeleton")
  go_on(state, control, flat_fn(fn, skeleton), flat_gr(gr, skeleton), frame = environment(), hessian)
}

# Resumes a fit, or what ended a run, with the objective that it holds.
resume_with_own <- function(holder, control, hessian) {
  is_of_many <- inherits(holder, c("lbfgsb_unfinished_parts", "lbfgsb_unfinished_many"))
  if (is_of_many) return(resume_parts(holder, control, hessian))
  if (inherits(holder, "lbfgsb_error_profile")) return(update(holder$fit, par = holder$par, control = control))
  state <- read_state(holder)
  objective <- own_objective(holder)
  if (is.null(objective)) {
    stop(lbfgsb_error_argument("fn", "is missing: give it, as a state alone does not hold it"))
  }
  hessian <- hessian %||% asks_hessian(holder)
  check_call(objective$fn, objective$gr, hessian)
  fit <- go_on(state, control, objective$fn, objective$gr, frame = parent.env(objective), hessian)
  note_resumed(holder)
  fit
}

# Returns the objective of a fit, or of what ended a run; NULL where there is none, as in a state.
own_objective <- function(holder) if (inherits(holder, c("lbfgsb", "lbfgsb_unfinished"))) holder$objective

note_resumed <- function(holder) if (identical(holder, last_run$condition)) last_run$is_resumed <- TRUE

# Goes on with a run, as complete(), if `fn` is its own.
go_on <- function(state, control, fn, gr, frame, hessian) {
  before <- state$control
  state$control <- changed_options(state, control)
  refuse_another(state, .Call(C_objective, fn, gr, state$problem, state$control, frame))
  state <- resumed(state, with_own_limit(.Call(C_status, state$run), state$control, before))
  reshape_fit(complete(state, fn, gr, frame, hessian))
}

# Refuses an objective whose value at the best point so far is not the run's: an evaluation that is not counted and
# leaves no trace in R's random numbers.
refuse_another <- function(state, objective) {
  best <- fields_of(state)
  if (is.na(best$value)) return()
  restore <- remember_random_state()
  on.exit(restore())
  value <- carrying(state, objective, value_at(objective, best$par)$value)
  if (is.null(value)) return() # fn has asked to stop
  if (is_another(value, best, objective, with_findings(objective, state)$control)) {
    stop(lbfgsb_error_changed(in_shape(best$par), value, best$value, "the best point so far",
                              "For another function or other data begin a new run at that point, the `par` of this ",
                              "error: lbfgsb(par, fn)."))
  }
}

#' @rdname lbfgsb_resume
#' @param forget if `TRUE`, the condition and its state are no longer kept, and returned invisibly.
#' @export
lbfgsb_last <- function(forget = FALSE) {
  condition <- last_run$condition
  if (!forget) return(condition)
  remember(NULL, is_empty = FALSE)
  invisible(condition)
}

#' @export
print.lbfgsb_unfinished <- function(x, ...) {
  by <- if (inherits(x, "interrupt")) "an interrupt" else paste("an error:", message_of(x))
  is_last <- identical(x, last_run$condition)
  name <- if (is_last) "lbfgsb_last()" else "x"
  cat(strwrap(paste("A run of lbfgsb() was ended by", by)), describe_progress(x),
      if (is_last && last_run$is_resumed) "lbfgsb_resume() has gone on with it since.", "",
      paste0("The best point so far:  ", name, "$par"),
      paste0("To go on from there:    fit <- lbfgsb_resume(", name, ")"),
      paste0("With a corrected fn:    fit <- lbfgsb_resume(", name, ", fn, gr, ...)"), sep = "\n")
  invisible(x)
}

# Tells whether the call that began a run, in whose frame the objective is, has asked for a Hessian, for which there is
# memory, or its fit has one.
asks_hessian <- function(holder) {
  objective <- own_objective(holder)
  if (is.null(objective) || inherits(holder, "lbfgsb_error_hessian")) return(FALSE)
  !is.null(holder$hessian) || isTRUE(parent.env(objective)$hessian)
}

# Says how far a run had come.
describe_progress <- function(unfinished) {
  if (is.na(unfinished$value)) return("at its start.")
  tally <- unfinished$state$run$tally
  has_finished <- .Call(C_status, unfinished$state$run) != "running"
  c(paste0("after ", counted(tally[["rows"]] - 1, "iteration"), " and ",
           counted(tally[["function"]], "evaluation"), " of fn, at the value ",
           format(unfinished$value, digits = 9), "."),
    if (has_finished) paste0("The run itself had finished", if (asks_hessian(unfinished)) ": its Hessian is missing", "."))
}

# Refuses another value of what the pairs, and all that a state holds in the solver's units, depend on these.
refuse_changes <- function(control, state) {
  par <- state$problem$par
  meant <- function(name, control) {
    option <- control[[name]]
    if (name != "parscale" || is.character(option)) return(option)
    per_parameter(option, par, "control$parscale", default = 1)
  }
  for (name in c("m", "fnscale", "parscale", "hessian_diag")) {
    if (!isTRUE(all.equal(meant(name, control), meant(name, state$control), tolerance = 0))) {
      stop(lbfgsb_error_argument(paste0("control$", name), "cannot change while a run goes on: leave it ",
                                 "out, or start a new run from the fit's `par`"))
    }
  }
}

# Refuses less noise than the run has been told, or has found.
refuse_less_noise <- function(noise, state) {
  told <- state$control$noise
  known <- if (is.character(told)) .Call(C_findings, state)$noise else told
  if (is.numeric(noise) && noise < max(known, 0)) {
    stop(lbfgsb_error_argument("control$noise", "cannot be lower than that of the run, ", signif(known, 3), ": leave it ",
                               "out, or start a new run from the fit's `par`"))
  }
}

# Returns the options of a state with these changed.
changed_options <- function(state, control) {
  control <- as_control(control, base = state$control)
  refuse_changes(control, state)
  refuse_less_noise(control$noise, state)
  control
}

# Returns a copy of a state, ready to go on by these options.
resumed <- function(state, control) {
  state$control <- control
  state$run <- .Call(C_resume, state$run, control)
  state
}

# Returns the options, with the limit that a run has reached in place of one that it has reached, too, which is told.
with_own_limit <- function(reason, control, before) {
  if (!reason %in% names(limits)) return(control)
  limit <- limits[[reason]]
  if (!is.finite(control[[limit]])) return(control) # there is none any more
  further <- (control[[limit]] - before[[limit]]) * if (limit == "target") -sign(control$fnscale) else 1
  if (further > 0) return(control)
  warning(lbfgsb_warning_limit(limit, control[[limit]]))
  replace(control, limit, before[limit])
}

# The options that end a run which may go on, by the names of the reasons; `maxtime` begins anew.
limits <- c(iteration_limit = "maxit", evaluation_limit = "maxeval", target_reached = "target")
