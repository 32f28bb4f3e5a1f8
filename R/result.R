# Why a run stopped, by the name that C has for it: `convergence`, what optim() returns in such a case, 0 where
# there is evidence of a minimum; and a sentence, a format, of the option it names, or another one where that
# is NULL. A run that could not begin has no entry.
stop_reason <- function(convergence, sentence, option = NULL, otherwise = NULL) {
  list(convergence = convergence, sentence = sentence, option = option, otherwise = otherwise)
}

stop_reasons <- list(
  running = stop_reason(1L, "not finished"),
  gradient_converged = stop_reason(
    0L, "converged: the projected gradient is within pgtol = %.3g", "pgtol",
    "converged: the projected gradient is small beside the value and beside the largest of the run"
  ),
  reduction_converged = stop_reason(
    0L, "converged: the last reduction of the value is within factr = %.3g", "factr"
  ),
  rounding_converged = stop_reason(
    0L, "converged: any further reduction of the value would be lost in its rounding"
  ),
  zero_gradient = stop_reason(
    0L, "the gradient is zero at the start: `par` is stationary already, or `fn` is constant around it"
  ),
  target_reached = stop_reason(1L, "stopped: the value has reached target = %.9g", "target"),
  iteration_limit = stop_reason(1L, "not converged: stopped by maxit = %.0f", "maxit"),
  evaluation_limit = stop_reason(1L, "not converged: stopped by maxeval = %.0f", "maxeval"),
  time_limit = stop_reason(1L, "not converged: stopped by maxtime = %.3g seconds", "maxtime"),
  stopped = stop_reason(1L, "not converged: stopped on request"),
  stalled = stop_reason(
    51L, "not converged: stalled, the value no longer falls though the gradient is not small"
  ),
  line_search_failed = stop_reason(52L, "not converged: the line search found no lower value"),
  unbounded = stop_reason(
    53L, "not converged: the value falls without end: is `fn` to be maximized? See `fnscale` in ?lbfgsb_control"
  )
)

# Writes for the documentation: rows of convergence and sentence, the option for its value.
table_of_reasons <- function() {
  rows_of <- function(reason) {
    sentences <- gsub("%[.0-9]*[a-z]", "...", c(reason$sentence, reason$otherwise))
    paste0("| ", reason$convergence, " | ", sentences, " |")
  }
  rows <- unlist(lapply(stop_reasons[names(stop_reasons) != "running"], rows_of))
  paste(c("| convergence | message |", "|---|---|", rows), collapse = "\n")
}

# What src/r_result.c fills in, in the order of its tables.
fit_template <- list(
  par = NULL, value = NULL, counts = c(`function` = 0L, gradient = 0L), convergence = NULL, message = NULL,
  gradient = NULL, pgnorm = NULL, gap = NULL, iterations = NULL,
  bounds = factor(levels = c("free", "at lower", "at upper", "fixed")), nonfinite = NULL,
  history = data.frame(iteration = 0L, evaluations = 0, value = 0, pgnorm = 0, step = 0, free = 0),
  fval = NULL, objective = NULL
)

# Returns the fit of a run that has finished, or of one under way: what is known of its best point. `gradient`,
# the one evaluated last, is for the error of a run that could not begin.
new_lbfgsb <- function(state, objective = NULL, gradient = NULL) {
  fit <- .Call(C_result, state, stop_reasons, fit_template, objective)
  if (is.null(fit$message)) refuse_start(fit$value, gradient, state$problem, objective$fn)
  if (keeps_state(state)) fit$state <- kept_state(state, whole = isTRUE(state$control$keep_state))
  class(fit) <- "lbfgsb"
  fit
}

# Returns its fields but for the state, as they are so far; no `convergence` and `message` if the run could not
# begin.
fields_of <- function(state) .Call(C_result, state, stop_reasons, fit_template, NULL)
