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
# differences of `fn` along it say so, the message does, and a warning. They are not counted, so a limit of
# evaluations forbids them.
explain_failure <- function(fit) {
  objective <- fit$objective
  checked <- objective$control$maxeval == Inf && !is.null(delivered_gradient(objective, fit$par)$gradient)
  if (!checked) return(fit)
  slope <- compare_slopes(objective, objective$problem, fit$par, fit$gradient, fit$value)
  if (slope$disagrees) {
    doubt <- describe_disagreement(slope)
    fit$message <- paste0(fit$message, "; ", doubt)
    warning(lbfgsb_warning_gradient(slope, doubt))
  }
  fit
}

describe_disagreement <- function(slope) {
  sprintf(paste("the gradient disagrees with fn: in the direction %s the slope is %.4g by the gradient,",
                "%.4g by differences of fn; see check_gradient()"),
          slope$direction, slope$analytic, slope$numeric)
}
