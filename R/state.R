# A run as an R object: list(run, problem, control), of class lbfgsb_state where users get it. `run` is
# what C keeps of it, plain vectors (src/r_state.c); `problem` what does not change.

# Seals a state as users get it, by a checksum if it is to be `whole`.
kept_state <- function(state, whole = TRUE) .Call(C_seal, state, whole)

# Returns a state whose run is a copy, at which it stays while that goes on.
copied <- function(state) replace(state, "run", list(.Call(C_copy, state$run)))

# Returns the options of a run that goes on within another computation.
unwatched <- function(control) {
  replace(control, c("trace", "callback", "keep_state", "checkpoint"), list(0, NULL, FALSE, NULL))
}

# Returns those of a run over par / scales (n), with differences over steps as long as they were.
in_units <- function(control, par, scales) {
  steps <- given_steps(list(problem = list(par = par), control = control))
  if (!is.null(steps)) control$ndeps <- steps * read_parscale(control$parscale, par) / scales
  replace(control, "parscale", list(scales))
}

# Returns those without what only the fit itself was asked for: `pgtol`, in its units, and `target`, a value of its fn.
unasked <- function(control) replace(control, c("pgtol", "target"), default_control[c("pgtol", "target")])

# Returns the state that a user has given, in whatever holds one.
read_state <- function(state) {
  state <- caught(state)
  if (is.character(state) && length(state) == 1) state <- read_checkpoint(state)
  if (inherits(state, c("lbfgsb", "lbfgsb_unfinished"))) {
    state <- state$state
    if (is.null(state)) {
      stop(lbfgsb_error_state("the fit holds no state: run it again with control = list(keep_state = TRUE)"))
    }
  }
  if (is.null(state) || inherits(state, c("condition", "lbfgsb_multistart"))) refuse_stateless(state)
  open_state(state)
}

# Returns the condition in what try() has returned.
caught <- function(x) if (inherits(x, "try-error")) attr(x, "condition") else x

# Says why there is no run in what was caught or kept.
refuse_stateless <- function(condition) {
  why <- if (is.null(condition)) {
    paste("`state` is NULL, as lbfgsb_last() is where no run of the session was ended by an error or an interrupt:",
          "begin one by lbfgsb()")
  } else if (inherits(condition, "lbfgsb_multistart")) {
    "`state` is of many runs: give its `best`"
  } else if (inherits(condition, "lbfgsb_unfinished_many")) {
    "`state` is of many runs: give it alone, lbfgsb_resume(lbfgsb_last()), or go on with lbfgsb_many(from = )"
  } else if (inherits(condition, "lbfgsb_unfinished_parts")) {
    "`state` is of many runs, which go on as they began: give it alone, lbfgsb_resume(lbfgsb_last())"
  } else {
    paste0("`state` is an error that ended no run (", message_of(condition), "): correct the call and begin anew")
  }
  stop(lbfgsb_error_state(why))
}

# Returns a sealed state, opened; an error unless all of it is as it was written.
open_state <- function(sealed) {
  state <- .Call(C_unseal, sealed)
  if (is.character(state)) refuse_state(state)
  state$control <- kept_options(state$control)
  if (!.Call(C_valid, state) || !fits_skeleton(state$problem$par) || !fits_scale(state)) refuse_state("damaged")
  state
}

state_faults <- c(
  none = paste("must be the state of a run, or the file of one, of this version of lbfgsb on this kind of",
               "machine"),
  other = paste("is of another version of lbfgsb, or of another kind of machine: go on with it there, or begin",
                "a new run"),
  damaged = "is damaged: go on with an earlier copy of it, or begin a new run"
)

refuse_state <- function(fault) stop(lbfgsb_error_state("`state` ", state_faults[[fault]]))

# Returns all options of a state, the defaults for those that its version did not have.
kept_options <- function(control) {
  .Call(C_options, control, default_control, option_rules) %||% check_kept(control)
}

check_kept <- function(control) {
  if (!is.list(control) || is.null(names(control))) refuse_state("damaged")
  if (!all(names(control) %in% names(option_rules))) refuse_state("other")
  if (anyDuplicated(names(control)) || !all(mapply(obeys, control, option_rules[names(control)]))) {
    refuse_state("damaged")
  }
  replace(default_control, names(control), control)
}

# Tells whether the sizes in a state are those of its option, as far as that tells them.
fits_scale <- function(state) {
  option <- state$control$parscale
  sizes <- state$problem$parscale
  if (is.character(option) || identical(option, 1)) return(all(sizes == 1))
  tryCatch(all(sizes == read_parscale(option, state$problem$par)), lbfgsb_error_argument = function(e) FALSE)
}

# Tells whether the list that `par` was, if it was one, can be made of it again.
fits_skeleton <- function(par) {
  skeleton <- attr(par, "skeleton")
  is.null(skeleton) || is_skeleton(skeleton) && length(unlist(skeleton)) == length(par)
}

is_skeleton <- function(x) {
  is.list(x) && !is.null(names(x)) && all(vapply(x, function(part) is.numeric(part) || is_skeleton(part), NA))
}

#' @export
print.lbfgsb_state <- function(x, ...) {
  best <- fields_of(read_state(x))
  cat("The state of a run of lbfgsb with ", counted(length(best$par), "parameter"), ": ",
      counted(best$iterations, "iteration"), ", value ", format(best$value, digits = 9), "\n", sep = "")
  invisible(x)
}
