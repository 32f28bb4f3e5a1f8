# A run that failed: what is said of it.

refuse_start <- function(value, gradient, problem, fn = NULL) {
  wrong <- which(!is.finite(gradient))
  text <- if (!is.finite(value)) {
    paste0("`fn` must be finite at the start, not ", value,
           describe_asked(own_function(fn), in_shape(problem$par), "fn") %||% ": give a start where it is finite")
  } else if (length(wrong) > 0) {
    paste0("the gradient must be finite at the start", in_brackets(problem$par, wrong),
           ": give a start where it is, or correct `gr`")
  } else {
    "`control$fnscale` or `control$parscale` makes the start overflow or underflow: give numbers closer to 1"
  }
  stop(lbfgsb_error_start(in_shape(problem$par), value, gradient, text))
}

# Tells whether the run of a fit, or of each row of fits, has found no way on.
has_failed <- function(fit) {
  code <- .subset2(fit, "convergence") # without asking for methods of `$`
  code == 51L | code == 52L
}

# Says why a run may have failed, in the message, by values of `fn` along its gradient: a wrong gradient is the
# cause more often than not, and a warning too. A limit of evaluations forbids them. They are counted, and if
# one is lower than the run's end the fit moves there.
explain_failure <- function(fit) {
  objective <- fit$objective
  if (objective$control$maxeval < Inf) return(fit)
  record <- recording(objective)
  slope <- compare_slopes(record, objective$problem, fit$par, fit$gradient, fit$value)
  values <- record$values
  disagrees <- slope$disagrees && !is.null(delivered_gradient(record, fit$par)$gradient)
  wrong <- disagrees && !agrees_nearby(record, fit, slope)
  if (wrong) slope <- narrow_down(slope, record, fit)
  values <- values * sign(objective$control$fnscale)
  cause <- likely_cause(slope, values, wrong, has_corner = disagrees && !wrong)
  fit <- at_lowest(fit, record)
  fit$counts <- fit$counts + c(length(record$values), record$gradients)
  fit$message <- paste(c(fit$message, cause), collapse = "; ")
  if (wrong) warning(lbfgsb_warning_gradient(slope, cause))
  fit
}

# Tells whether beside the fit the gradient is right in the direction in which it is wrong there, `slope`: then
# `fn` has a corner. An error that is the same in both places may hide in the larger slope of the second.
agrees_nearby <- function(objective, fit, slope) {
  problem <- replace(objective$problem, "par", list(fit$par))
  nearby <- compare_nearby(objective, problem, feasible_descent(fit$par, fit$gradient, problem))
  off <- function(slope) abs(slope$analytic - slope$numeric)
  uncertain <- nearby$error - gradient_accuracy * abs(nearby$numeric)
  isFALSE(nearby$disagrees) && off(nearby) <= max(uncertain, off(slope) / 2)
}

# Returns the slope along those of the parameters leading in a direction, five at most, whose own slopes are wrong;
# as it was where these are all, or none by itself.
narrow_down <- function(slope, record, fit) {
  problem <- record$problem
  slope_along <- function(i) {
    compare_slopes(record, problem, fit$par, replace(0 * fit$gradient, i, fit$gradient[i]), fit$value)
  }
  leading <- head(leading_moves(feasible_descent(fit$par, fit$gradient, problem), fit$par, problem), 5)
  wrong <- leading[vapply(leading, function(i) slope_along(i)$disagrees, NA)]
  if (length(wrong) == 0 || length(leading) == 1) return(slope)
  narrowed <- slope_along(wrong)
  if (narrowed$disagrees) narrowed else slope
}

# Says what makes a search fail: a wrong gradient; values of which half are the same; the edge of where `fn` is
# defined; a slope that is lost in errors of `fn`, or that differences get wrong; or else none of these. NULL
# where there is no way down. `values`, those along the slope, are to be minimized.
likely_cause <- function(slope, values, is_wrong, has_corner) {
  if (slope$direction == "") return(NULL)
  if (is_wrong) return(describe_disagreement(slope))
  if (length(unique(values)) <= length(values) / 2) return(failure_causes[["plateau"]])
  if (meets_edge(values)) return(failure_causes[["edge"]])
  is_lost <- slope$disagrees || isTRUE(slope$error >= abs(slope$analytic))
  failure_causes[[if (is_lost && !has_corner) "noise" else "scales"]]
}

# Tells whether values along a slope, at distances that fall by tens, are not finite, or one constant above all
# others, at three distances or more.
meets_edge <- function(values) {
  values[is.na(values)] <- Inf
  sum(values == max(values)) >= 3
}

failure_causes <- c(
  edge = paste("fn is not finite, or jumps, right beside that point: if a constraint ends there, write it as a",
               "bound; see \"an edge\" in vignette(\"troubleshooting\", \"lbfgsb\")"),
  plateau = paste("fn has the same value at many points around: it is rounded, or has plateaus; see",
                  "\"a plateau\" in vignette(\"troubleshooting\", \"lbfgsb\")"),
  noise = paste("the noise of fn hides its slope there: see control$noise, and \"noise\" in",
                "vignette(\"troubleshooting\", \"lbfgsb\")"),
  scales = paste("fn may have a corner there, or parameters of very different scales: see control$parscale,",
                 "and \"scales and corners\" in vignette(\"troubleshooting\", \"lbfgsb\")")
)

# Returns a copy of an objective that keeps the `points` and `values` of its evaluations, and how many
# `gradients` `gr` was asked for.
recording <- function(objective) {
  record <- list2env(as.list(objective, all.names = TRUE), parent = parent.env(objective))
  record$gradients <- 0L
  record$fn <- function(par, ...) {
    answer <- objective$fn(par, ...)
    record$points <- c(record$points, list(par))
    record$values <- c(record$values, read_value(answer)$value)
    answer
  }
  if (!is.null(objective$gr)) {
    record$gr <- function(par, ...) {
      record$gradients <- record$gradients + 1L
      objective$gr(par, ...)
    }
  }
  record
}

# Moves the fit to the lowest point of a record, if that is lower than the run's end.
at_lowest <- function(fit, record) {
  sign <- sign(record$control$fnscale)
  lowest <- which.min(sign * record$values)
  if (!isTRUE(sign * record$values[lowest] < sign * fit$value)) return(fit)
  at <- evaluate_at(record, record$points[[lowest]])
  if (!all(is.finite(at$gradient))) return(fit)
  fit$message <- sprintf("%s; the check of the gradient found the lower value %.9g, which is returned",
                         fit$message, at$value)
  moved_to(at, fit, record)
}

describe_disagreement <- function(slope) {
  sprintf(paste("the gradient disagrees with fn: in the direction %s the slope is %.4g by the gradient,",
                "%.4g by differences of fn; see check_gradient()"),
          slope$direction, slope$analytic, slope$numeric)
}
