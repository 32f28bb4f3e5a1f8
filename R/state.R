# A run as an R object: list(run, problem, control), of class lbfgsb_state where users get it. `run` is
# what C keeps of it, plain vectors (src/r_state.c); `problem` what does not change.

`%||%` <- function(x, y) if (is.null(x)) y else x # in base from R 4.4 on

# The state of a new run, of the arguments of lbfgsb(), right or wrong.
begin_state <- function(par, fn, gr, lower, upper, control, hessian, method) {
  check_call(fn, gr, hessian, method)
  control <- as_control(control)
  new_state(new_problem(par, lower, upper, control$parscale), control)
}

new_state <- function(problem, control) {
  run <- .Call(C_start, problem, control)
  if (is.null(run)) {
    stop(lbfgsb_error_argument("par", "and `control` ask for more memory than there can be, or ",
                               "`control$parscale` brings `par` or the bounds out of range"))
  }
  list(run = run, problem = problem, control = control)
}

# A state as users get it: without the callback, which its environment comes with, and the cluster, which does
# not outlive its session, as a state may.
kept_state <- function(state) {
  state$control[c("callback", "cluster")] <- list(NULL)
  structure(state, class = "lbfgsb_state")
}

# The options of a run that goes on within another computation.
unwatched <- function(control) {
  replace(control, c("trace", "callback", "keep_state", "checkpoint"), list(0, NULL, FALSE, NULL))
}

# Runs a state to its end, in place; the objective may end it by a condition. The gradient that was
# evaluated last.
run_state <- function(state, objective) {
  control <- state$control
  callback <- control$callback
  shown <- shows_status(control)
  if (shown) on.exit(clear_status())
  frame <- environment()
  gradient <- carrying(state, .Call(C_run, state, objective, calls_for(objective), frame, frame_calls, shown))
  objective$par <- objective$value <- objective$left <- objective$gradient <- NULL # bound by the loop
  if (!is.null(control$checkpoint)) carrying(state, write_checkpoint(state, control$checkpoint))
  gradient
}

# What a run evaluates in the frame of run_state(). The order is that of the enum in src/r_run.c.
frame_calls <- list(
  callback = quote(callback(progress)),
  checkpoint = quote(write_checkpoint(state, control$checkpoint)),
  status = quote(show_status(figures)),
  threads = quote(usable_threads(control$threads))
)

# Of the threads asked for: one in a forked process, where OpenMP may hang, and two in a check for CRAN.
usable_threads <- function(threads) {
  if (Sys.getpid() != loaded$pid) return(1)
  limited <- !tolower(Sys.getenv("_R_CHECK_LIMIT_CORES_")) %in% c("", "false")
  if (limited) min(threads, 2) else threads
}

loaded <- new.env() # pid: of the process that loaded the package

# Evaluates what belongs to a run: `step`, or NULL if it asks to stop, which `leave` does, from within the
# handler: a return() that is evaluated late leaves at less cost than tryCatch(). A condition that ends the run
# is signalled again, with the run; where nobody catches that, it goes on as it was. What ends without one, as
# infinite recursion does, for which R calls no handler, must not leave another run as the last.
carrying <- function(state, step, leave = return(.Call(C_stop, state$run, stop_reasons$stopped$code))) {
  known <- FALSE
  on.exit(if (!known) last_run$condition <- NULL)
  pass_on <- function(condition) {
    last_run$condition <- with_run(condition, state)
    known <<- TRUE
    signalCondition(last_run$condition)
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

last_run <- new.env()

#' Go on with a run
#'
#' A run that ended before its time can be taken up where it was, in the same R session or in a
#' later one: one that reached a limit, was interrupted, or failed because `fn` did. Resumed with
#' the same `fn`, it ends at the same bits as if it had not been interrupted.
#'
#' The state of a run is an object of class `lbfgsb_state`, which [saveRDS()] keeps. It comes from
#' - the result, as `fit$state`, if `control$keep_state` is `TRUE`;
#' - the condition that ended the run, an error in `fn` or an interrupt, as `condition$state`. The
#'   condition has the additional class `lbfgsb_unfinished`, and holds also `par` and `value`, the
#'   best point so far, and as `parent` the original condition;
#' - `lbfgsb_last()`: the last such condition of this R session, for one that nobody caught. Infinite
#'   recursion in `fn` carries no run, since R calls no handlers for it: `lbfgsb_last()` is `NULL` then;
#' - the file named by `control$checkpoint`.
#'
#' A state holds neither `fn` nor its data, nor `control$callback` or `control$cluster`. It can be resumed
#' any number of times, by the same version of the package on the same kind of machine. Where an
#' evaluation did not come to its end, because the gradient failed after the value, both are evaluated
#' again: `counts` has such a value twice, and none of the differences that were lost.
#'
#' @param state a state, the fit or the condition that holds it, or the name of a checkpoint file.
#' @param fn,gr,...,hessian as for [lbfgsb()].
#' @param control a list of those options that are to differ from the ones of the run, such as
#'   higher limits, and a `callback` and a `cluster`, which a state does not keep. `m`, `fnscale` and
#'   `parscale` cannot be different.
#' @return `lbfgsb_resume()`: as [lbfgsb()]. `lbfgsb_last()`: a condition, or `NULL`.
#' @section Errors:
#' A different `m`, `fnscale` or `parscale` is an error of class `lbfgsb_error_argument`.
#' An object that is not a state, or one of another version or kind of machine, is an error of class
#' `lbfgsb_error_state`.
#' @seealso [lbfgsb_ask()] for runs whose function is evaluated elsewhere.
#' @examples
#' rosenbrock <- function(x) 100 * (x[2] - x[1]^2)^2 + (1 - x[1])^2
#' fit <- lbfgsb(c(-1.2, 1), rosenbrock, control = list(maxit = 10, keep_state = TRUE))
#' fit$message
#' lbfgsb_resume(fit$state, rosenbrock, control = list(maxit = 1000))$message
#' @export
lbfgsb_resume <- function(state, fn, gr = NULL, ..., control = list(), hessian = FALSE) {
  check_call(fn, gr, hessian)
  on.exit(rm(state)) # the fit's objective keeps this frame
  state <- read_state(state)
  control <- as_control(control, base = state$control)
  refuse_changes(control, state)
  state <- resumed(state, control)
  skeleton <- attr(state$problem$par, "skeleton")
  reshape_fit(complete(state, flat_fn(fn, skeleton), flat_gr(gr, skeleton), frame = environment(), hessian))
}

#' @rdname lbfgsb_resume
#' @param forget if `TRUE`, the condition and its state are no longer kept.
#' @export
lbfgsb_last <- function(forget = FALSE) {
  condition <- last_run$condition
  if (forget) last_run$condition <- NULL
  condition
}

read_state <- function(state) {
  if (is.character(state) && length(state) == 1) {
    if (!file.exists(state)) stop(lbfgsb_error_state("there is no file ", dQuote(state, FALSE)))
    state <- tryCatch(suppressWarnings(readRDS(state)), error = function(e) NULL)
  }
  if (inherits(state, c("lbfgsb", "lbfgsb_unfinished"))) {
    state <- state$state
    if (is.null(state)) stop(lbfgsb_error_state("the fit holds no state: `control$keep_state` was not TRUE"))
  }
  if (!is_state(state)) {
    stop(lbfgsb_error_state("`state` must be the state of a run, or the file of one, of this version ",
                            "of lbfgsb on this kind of machine"))
  }
  state$control <- replace(default_control, names(state$control), state$control) # by place for C
  unclass(state)
}

is_state <- function(x) {
  inherits(x, "lbfgsb_state") && identical(names(x), c("run", "problem", "control")) &&
    all(names(x$control) %in% names(option_rules)) && .Call(C_valid, x$run$solver)
}

# The pairs, and all that a state holds in the solver's units, depend on these.
refuse_changes <- function(control, state) {
  par <- state$problem$par
  meant <- function(name, control) {
    option <- control[[name]]
    if (name != "parscale" || is.character(option)) return(option)
    per_parameter(option, par, "control$parscale", default = 1)
  }
  for (name in c("m", "fnscale", "parscale")) {
    if (!isTRUE(all.equal(meant(name, control), meant(name, state$control), tolerance = 0))) {
      stop(lbfgsb_error_argument(paste0("control$", name), "cannot change while a run goes on"))
    }
  }
}

# A copy of a state, ready to go on by these options.
resumed <- function(state, control) {
  state$control <- control
  state$run <- .Call(C_resume, state$run, control)
  state
}

#' A run whose function is evaluated elsewhere
#'
#' For objectives that R cannot call: a queue of jobs on a cluster, a simulator, a person. A state
#' is begun, asked for the point to evaluate, and told the value and gradient there, until there is
#' no point left. It is a plain object: [saveRDS()] keeps it between any two steps.
#'
#' @param par,lower,upper,control as for [lbfgsb()]. Options about time, output and `callback` have
#'   no meaning here.
#' @param state a state: what `lbfgsb_start()` or the last `lbfgsb_tell()` returned.
#' @param value the value at the point asked for; `NA`, `NaN` or infinite if the evaluation failed.
#' @param gradient the gradient there, as long as `par`; `NULL` will do if the evaluation failed.
#' @return
#' - `lbfgsb_start()` and `lbfgsb_tell()`: a state. The state told is not changed, so a wrong step
#'   loses nothing.
#' - `lbfgsb_ask()`: the point to evaluate, as `par` in shape; `NULL` when the run has
#'   finished.
#' - `lbfgsb_result()`: as [lbfgsb()]. Of a run that has not finished, what is known so far.
#' @section Errors:
#' Telling a run that has finished is an error of class `lbfgsb_error_state`; a value or gradient of
#' the wrong kind or length one of class `lbfgsb_error_argument`. The state can be used as before.
#' @seealso [lbfgsb_resume()], which goes on with such a state too.
#' @examples
#' state <- lbfgsb_start(c(a = 5, b = 5), lower = c(a = 2))
#' while (!is.null(par <- lbfgsb_ask(state))) {
#'   state <- lbfgsb_tell(state, value = sum(par^2), gradient = 2 * par)
#' }
#' lbfgsb_result(state)
#' @export
lbfgsb_start <- function(par, lower = -Inf, upper = Inf, control = list()) {
  control <- as_control(control)
  if (is_list_of_arrays(par)) {
    lower <- unlist_bound(lower, par, -Inf)
    upper <- unlist_bound(upper, par, Inf)
    par <- flatten(par)
  }
  kept_state(new_state(new_problem(par, lower, upper, control$parscale), control))
}

#' @rdname lbfgsb_start
#' @export
lbfgsb_ask <- function(state) {
  in_shape(asked_point(read_state(state)))
}

asked_point <- function(state) .Call(C_ask, state)

#' @rdname lbfgsb_start
#' @export
lbfgsb_tell <- function(state, value, gradient = NULL) {
  state <- read_state(state)
  if (is.null(asked_point(state))) {
    stop(lbfgsb_error_state("the run has finished: there is nothing to tell it"))
  }
  gradient <- flat_gradient(gradient, attr(state$problem$par, "skeleton"), "gr")
  check_told(value, gradient, length(state$problem$par))
  gradient <- if (!is.null(gradient)) as.double(gradient)
  if (is.finite(value) && awaits_sizes(state)) state <- with_sizes(state, gradient)
  state$run <- .Call(C_tell, state, as.double(value), gradient)
  kept_state(state)
}

check_told <- function(value, gradient, n) {
  if (!is_numeric(value) || length(value) != 1) {
    stop(lbfgsb_error_argument("value", "must be one number, not ", kind_of(value)))
  }
  failed <- !is.finite(value) && is.null(gradient)
  if (!failed && (!is_numeric(gradient) || length(gradient) != n)) {
    stop(lbfgsb_error_argument("gradient", "must have ", n, " numbers, not be ", kind_of(gradient)))
  }
}

#' @rdname lbfgsb_start
#' @export
lbfgsb_result <- function(state) {
  state <- read_state(state)
  fit <- new_lbfgsb(state)
  if (is.null(fit$gradient)) stop(lbfgsb_error_state("nothing has been evaluated yet"))
  reshape_fit(fit)
}

#' @export
print.lbfgsb_state <- function(x, ...) {
  best <- fields_of(read_state(x))
  cat("The state of a run of lbfgsb with ", length(best$par), " parameters: ", best$iterations,
      " iterations, value ", format(best$value, digits = 9), "\n", sep = "")
  invisible(x)
}

check_checkpoint <- function(file) {
  if (!dir.exists(dirname(file))) {
    stop(lbfgsb_error_argument("control$checkpoint", "must be in a directory that exists, and there is no ",
                               dirname(file)))
  }
}

# Replaces the file at once: whenever the process ends, one whole file is there.
write_checkpoint <- function(state, file) {
  unfinished <- paste0(file, ".unfinished")
  saveRDS(kept_state(state), unfinished, compress = FALSE)
  if (!file.rename(unfinished, file)) {
    stop(lbfgsb_error_argument("control$checkpoint", "cannot be written: ", file))
  }
}

# ---- The status line of a long run in an interactive session ------------------------------------------

shows_status <- function(control) {
  if (control$trace > 0) return(FALSE)
  wanted <- getOption("lbfgsb.status")
  if (is.null(wanted)) interactive() && !isTRUE(getOption("knitr.in.progress")) else isTRUE(wanted)
}

# figures: iterations, value, projected gradient norm, evaluations, seconds.
show_status <- function(figures) {
  cat(sprintf("\r%.0f iterations, value %.9g, pgnorm %.3g, %.0f evaluations, %.0f s ",
              figures[1], figures[2], figures[3], figures[4], figures[5]), file = stderr())
}

clear_status <- function() cat("\r", strrep(" ", 78), "\r", sep = "", file = stderr())
