#' A run whose function is evaluated elsewhere
#'
#' For objectives that R cannot call: a queue of jobs on a cluster, a simulator, a person. A state
#' is begun, asked for the point to evaluate, and told the value and gradient there, until there is
#' no point left. It is a plain object: [saveRDS()] keeps it between any two steps.
#'
#' @param par,lower,upper,control,fixed as for [lbfgsb()]. Options about time, output and `callback`
#'   have no meaning here.
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
lbfgsb_start <- function(par, lower = -Inf, upper = Inf, control = list(), fixed = NULL) {
  at <- flat_problem(as_start(par), lower, upper, fixed)
  kept_state(begin_state(at$par, at$lower, at$upper, control))
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
  gradient <- in_order_of(gradient, state$problem$par)
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
