#' A run whose function is evaluated elsewhere
#'
#' For objectives that R cannot call: a queue of jobs on a cluster, a simulator, a person. A state
#' is begun, asked for the point to evaluate, and told the value and gradient there, until there is
#' no point left. It is a plain object: [saveRDS()] keeps it between any two steps.
#'
#' @param par,lower,upper,control,fixed as for [lbfgsb()]. `trace`, `callback`, `checkpoint`, `maxtime`, `cluster` and
#'   `polish`, which need a run that calls `fn`, are errors.
#' @param state a state: what `lbfgsb_start()` or the last `lbfgsb_tell()` returned.
#' @param value the value at the point asked for; `NA`, `NaN` or infinite if the evaluation failed.
#' @param gradient the gradient there, as long as `par`; with the value, or after it where it is wanted.
#' @param slope where that is wanted, the slope there along the step from the best point so far:
#'   `sum(gradient * (lbfgsb_ask(state) - lbfgsb_result(state)$par))`. The gradient will do, too.
#' @param differences if `TRUE`, values alone are told, and gradients are made of their differences by
#'   `control$gradient` (`"auto"`, `"forward"` or `"central"`) as in a run of [lbfgsb()], at the points that
#'   that would ask for. A gradient that comes with a value takes their place; with that of a difference it is not used.
#' @return
#' - `lbfgsb_start()` and `lbfgsb_tell()`: a state. The state told is not changed, so a wrong step
#'   loses nothing.
#' - `lbfgsb_ask()`: the point to evaluate, as `par` in shape; `NULL` when the run has
#'   finished.
#' - `lbfgsb_wanted()`: what is to be told of that point: `"value"`, alone or with the gradient; `"gradient"` or
#'   `"slope"` after a value alone; `NULL` when the run has finished.
#' - `lbfgsb_result()`: as [lbfgsb()], but without its `objective`: [logLik()][logLik.lbfgsb] and [AIC()] work, and `vcov()` and
#'   intervals after `lbfgsb_resume(state, fn, hessian = TRUE)`. Of a run that has not finished, what is known so far.
#' @section Values first:
#' Where gradients take long, tell the value alone. Then the run says whether it needs the gradient, only the
#' slope along the step, because the value is too high, or neither, and asks for another point. `control$noise`
#' acts here if it is a number.
#' @section Errors:
#' A value or gradient that is not finite shortens the step. At the start it ends the run: [lbfgsb_ask()] is then `NULL`, and
#' only `lbfgsb_result()` is an error, of class `lbfgsb_error_start`.
#'
#' Telling a run that has finished is an error of class `lbfgsb_error_state`; a value or gradient of
#' the wrong kind or length one of class `lbfgsb_error_argument`. The state can be used as before.
#' @seealso [lbfgsb_resume()], which goes on with such a state too.
#' @examples
#' state <- lbfgsb_start(c(a = 5, b = 5), lower = c(a = 2))
#' while (!is.null(par <- lbfgsb_ask(state))) {
#'   state <- lbfgsb_tell(state, value = sum(par^2), gradient = 2 * par)
#' }
#' lbfgsb_result(state)
#'
#' # Values alone
#' state <- lbfgsb_start(c(a = 5, b = 5), lower = c(a = 2), differences = TRUE)
#' while (!is.null(par <- lbfgsb_ask(state))) state <- lbfgsb_tell(state, sum(par^2))
#' lbfgsb_result(state)$par
#' @export
lbfgsb_start <- function(par, lower = -Inf, upper = Inf, control = list(), fixed = NULL,
                         differences = FALSE) {
  control <- as_control(control)
  refuse_unfit(control, unfit_for_telling)
  state <- started(par, lower, upper, control, fixed)
  if (differences) differ(state)
  kept_state(state)
}

# Returns the state of a run of a start in any shape.
started <- function(par, lower = -Inf, upper = Inf, control = list(), fixed = NULL) {
  at <- flat_problem(as_start(par), lower, upper, fixed)
  begin_state(at$par, at$lower, at$upper, control)
}

# Begins differences, in place.
differ <- function(state) {
  if (!state$control$gradient %in% core_methods) {
    stop(lbfgsb_error_argument("control$gradient", "must be \"auto\", \"forward\" or \"central\" where ",
                               "values are told"))
  }
  .Call(C_differ, state$run, state$control, given_steps(state))
}

#' @rdname lbfgsb_start
#' @export
lbfgsb_ask <- function(state) {
  in_shape(asked_point(read_state(state)))
}

asked_point <- function(state) .Call(C_ask, state)

#' @rdname lbfgsb_start
#' @export
lbfgsb_wanted <- function(state) .Call(C_wanted, read_state(state)$run)

#' @rdname lbfgsb_start
#' @export
lbfgsb_tell <- function(state, value = NULL, gradient = NULL, slope = NULL) {
  state <- read_state(state)
  wanted <- .Call(C_wanted, state$run)
  if (is.null(wanted)) stop(lbfgsb_error_state("the run has finished: lbfgsb_result() returns the fit"))
  gradient <- flat_gradient(gradient, attr(state$problem$par, "skeleton"), "gr")
  gradient <- in_order_of(gradient, state$problem$par)
  check_told(wanted, value, gradient, slope)
  check_gradient_told(gradient, length(state$problem$par))
  gradient <- if (!is.null(gradient)) as.double(gradient)
  state$run <- .Call(C_tell, state, if (!is.null(value)) as.double(value), gradient, slope)
  kept_state(state)
}

# Refuses what is not wanted, and what is if it is not there.
check_told <- function(wanted, value, gradient, slope) {
  needs_value <- wanted == "value"
  if (needs_value && (!is_numeric(value) || length(value) != 1)) {
    stop(lbfgsb_error_argument("value", "must be one number, not ", kind_of(value)))
  }
  if (!needs_value && !is.null(value)) {
    stop(lbfgsb_error_argument("value", "is known already: now tell the ", wanted))
  }
  if (!is.null(slope) && (wanted != "slope" || !is_numeric(slope) || length(slope) != 1)) {
    stop(lbfgsb_error_argument("slope", "must be left out now: what is asked for is the ", wanted))
  }
  if (!needs_value && is.null(gradient) && is.null(slope)) {
    stop(lbfgsb_error_argument(wanted, "must be told now"))
  }
}

check_gradient_told <- function(gradient, n) {
  if (!is.null(gradient) && (!is_numeric(gradient) || length(gradient) != n)) {
    stop(lbfgsb_error_argument("gradient", "must have ", n, " numbers, not be ", kind_of(gradient)))
  }
}

#' @rdname lbfgsb_start
#' @export
lbfgsb_result <- function(state) {
  state <- read_state(state)
  fit <- new_lbfgsb(state)
  if (fit$counts[["function"]] == 0) {
    stop(lbfgsb_error_state("nothing has been evaluated yet: first lbfgsb_ask() and lbfgsb_tell()"))
  }
  reshape_fit(fit)
}
