# A run as an R object: list(run, problem, control), of class lbfgsb_state where users get it. `run` is
# what C keeps of it, plain vectors (src/r_state.c); `problem` what does not change.

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

#' @export
print.lbfgsb_state <- function(x, ...) {
  best <- fields_of(read_state(x))
  cat("The state of a run of lbfgsb with ", length(best$par), " parameters: ", best$iterations,
      " iterations, value ", format(best$value, digits = 9), "\n", sep = "")
  invisible(x)
}
