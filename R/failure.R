# A run that failed: what is said of it.

refuse_start <- function(value, gradient, problem, fn = NULL) {
  wrong <- which(!is.finite(gradient))
  text <- if (!is.finite(value)) {
    paste0("`fn` must be finite at the start, not ", value, describe_missing_names(problem$par, fn))
  } else if (length(wrong) > 0) {
    paste0("the gradient must be finite at the start", in_brackets(problem$par, wrong))
  } else {
    "`control$fnscale` or `control$parscale` brings the start out of the range of numbers"
  }
  stop(lbfgsb_error_start(in_shape(problem$par), value, gradient, text))
}

# Tells whether the run of a fit has found no way on.
has_failed <- function(fit) fit$convergence == 51L || fit$convergence == 52L

# Says that `par` has no names, if that may be why a value is NA; else NULL.
describe_missing_names <- function(par, fn) {
  asked <- if (is.null(names(par))) names_asked(fn)
  if (length(asked) > 0) {
    paste0(": `par` has no names, and `fn` asks for ", enumerate(dQuote(asked, FALSE)))
  }
}

# Doubts the gradient: a fit without a lower value in sight has a wrong gradient more often than not: if
# differences of `fn` along it say so, the message does, and a warning. A limit of evaluations forbids them.
explain_failure <- function(fit) {
  objective <- fit$objective
  if (objective$control$maxeval < Inf) return(fit)
  delivered <- !is.null(delivered_gradient(objective, fit$par)$gradient)
  fit <- counting(fit, as.integer(is.null(objective$gr)), as.integer(delivered))
  if (!delivered) return(fit)
  slope <- compare_slopes(objective, objective$problem, fit$par, fit$gradient, fit$value)
  fit <- at_lowest(counting(fit, length(slope$values), 0L), slope, objective)
  if (slope$disagrees) {
    doubt <- describe_disagreement(slope)
    fit$message <- paste0(fit$message, "; ", doubt)
    warning(lbfgsb_warning_gradient(slope, doubt))
  }
  fit
}

counting <- function(fit, values, gradients) {
  fit$counts <- fit$counts + c(values, gradients)
  fit
}

# Moves the fit to the lowest of the points where `fn` was asked for a slope, if that is lower than the run's end.
at_lowest <- function(fit, slope, objective) {
  heights <- sign(objective$control$fnscale) * slope$values
  lowest <- which.min(heights)
  if (!isTRUE(heights[lowest] < sign(objective$control$fnscale) * fit$value)) return(fit)
  at <- evaluate_at(objective, slope$points[[lowest]])
  if (!all(is.finite(at$gradient))) return(fit)
  fit$message <- sprintf("%s; %.9g was found close by when the gradient was doubted, and is returned", fit$message,
                         at$value)
  counting(moved_to(at, fit, objective), 1L, 1L)
}

describe_disagreement <- function(slope) {
  sprintf(paste("the gradient disagrees with fn: in the direction %s the slope is %.4g by the gradient,",
                "%.4g by differences of fn; see check_gradient()"),
          slope$direction, slope$analytic, slope$numeric)
}
