# Why a run stopped. `code` is the number in `enum lbfgsb_status` of inst/include/lbfgsb.h,
# `convergence` what optim() returns in such a case, `sentence` a format of the named `figures`.
stop_reasons <- list(
  gradient_converged = list(
    code = 1L, convergence = 0L, figures = c("pgnorm", "pgtol"),
    sentence = "converged: the projected gradient norm, %.3g, is within pgtol = %.3g"
  ),
  reduction_converged = list(
    code = 2L, convergence = 0L, figures = c("reduction", "pgnorm"),
    sentence = paste("converged: the last iteration reduced the value by no more than",
                     "factr * epsilon = %.3g of its size (projected gradient norm %.3g)")
  ),
  zero_gradient = list(
    code = 3L, convergence = 0L, figures = character(),
    sentence = paste("the gradient is zero at the start: `par` is stationary already, or `fn` is",
                     "constant around it")
  ),
  iteration_limit = list(
    code = 4L, convergence = 1L, figures = c("maxit", "pgnorm"),
    sentence = "not converged: stopped by maxit = %.0f iterations (projected gradient norm %.3g)"
  ),
  evaluation_limit = list(
    code = 5L, convergence = 1L, figures = c("maxeval", "pgnorm"),
    sentence = "not converged: stopped by maxeval = %.0f evaluations (projected gradient norm %.3g)"
  ),
  line_search_failed = list(
    code = 6L, convergence = 52L, figures = "pgnorm",
    sentence = paste("not converged: the line search found no lower value, though the projected",
                     "gradient norm is %.3g; is the gradient that of `fn`?")
  ),
  stopped = list(
    code = 8L, convergence = 1L, figures = "pgnorm",
    sentence = "not converged: stopped on request (projected gradient norm %.3g)"
  )
)

# The code of a run that could not begin.
start_not_finite <- 7L

new_lbfgsb <- function(raw, objective, problem, control) {
  reason <- Find(function(reason) reason$code == raw$status, stop_reasons)
  fit <- list(
    par = raw$par,
    value = raw$value,
    counts = count_evaluations(raw, objective),
    convergence = reason$convergence,
    message = compose_message(reason, raw, control),
    gradient = replace(problem$par, seq_along(problem$par), raw$gradient),
    pgnorm = raw$pgnorm,
    iterations = as.integer(raw$iterations),
    bounds = bound_status(raw$par, problem),
    nonfinite = as.integer(raw$nonfinite),
    history = new_history(raw$history),
    fval = raw$value
  )
  structure(fit, class = "lbfgsb")
}

count_evaluations <- function(raw, objective) {
  by_differences <- environment(objective$differences)$evaluations
  c(`function` = as.integer(raw$evaluations + by_differences), gradient = as.integer(raw$gradients))
}

compose_message <- function(reason, raw, control) {
  figures <- list(pgnorm = raw$pgnorm, pgtol = control$pgtol, maxit = control$maxit,
                  maxeval = control$maxeval, reduction = control$factr * .Machine$double.eps)
  do.call(sprintf, c(reason$sentence, figures[reason$figures]))
}

# Levels 1 + (1 if at lower) + (2 if at upper).
bound_status <- function(par, problem) {
  structure(1L + (par == problem$lower) + 2L * (par == problem$upper),
            names = names(par), dim = NULL, dimnames = NULL,
            levels = c("free", "at lower", "at upper", "fixed"), class = "factor")
}

# A data frame with a row for the start and for each iteration; data.frame() is too slow for runs
# of microseconds.
new_history <- function(history) {
  iterations <- seq_along(history$value) - 1L
  structure(c(list(iteration = iterations), history),
            row.names = .set_row_names(length(iterations)), class = "data.frame")
}
