# A run that failed: what is said of it.

refuse_start <- function(value, gradient, problem, fn = NULL) {
  wrong <- which(!is.finite(gradient))
  text <- if (!is.finite(value)) {
    paste0("`fn` must be finite at the start, not ", value,
           describe_asked(own_function(fn), in_shape(problem$par), "fn") %||% describe_missing(value, problem))
  } else if (length(wrong) > 0) {
    paste0("the gradient must be finite at the start", in_brackets(problem$par, wrong),
           ": give a start where it is, correct `gr` if you gave one, or rescale the data, so that its numbers are closer to 1")
  } else if (is.null(gradient)) {
    paste0("the gradient told at the start must be finite, also in units of `control$fnscale` and `control$parscale`, if these are ",
           "given: begin a new run by lbfgsb_start() from a point where it is, or correct it")
  } else {
    "`control$fnscale` or `control$parscale` makes the start overflow or underflow: give numbers closer to 1"
  }
  stop(lbfgsb_error_start(in_shape(problem$par), value, gradient, text))
}

# Says what to do: NA that is not NaN comes of data as a rule, other values of a standard deviation that starts at 0.
describe_missing <- function(value, problem) {
  at_bound <- which(problem$lower < problem$upper & (problem$par == problem$lower | problem$par == problem$upper))
  off <- if (length(at_bound) > 1) "off their bounds" else "off the bound"
  finite <- paste0("give a start where it is finite",
                   if (length(at_bound) > 0) paste(": move", enumerate(labels_of(problem$par, at_bound)), off))
  paste0(": ", if (is.na(value) && !is.nan(value)) "do the data have missing values? If not, ", finite)
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
  if (has_doubted_enough()) return(presume_wrong(fit))
  objective <- fit$objective
  if (objective$control$maxeval < Inf) {
    fit$message <- paste0(fit$message, "; the cause is looked for only without `maxeval`: that takes some 40 evaluations")
    return(fit)
  }
  record <- recording(objective)
  slope <- compare_slopes(record, objective$problem, fit$par, fit$gradient, fit$value)
  values <- record$values * sign(objective$control$fnscale)
  is_delivered <- !is.null(delivered_gradient(record, fit$par)$gradient)
  movable <- which(objective$problem$lower < objective$problem$upper)
  undefined <- if (is_delivered) describe_undefined(fit, record)
  aside <- slope_aside(record, fit$par, if (is_delivered) movable)
  aside$disagrees <- shows_error(aside, record, fit)
  fit <- at_lowest(fit, record)
  fit$counts <- fit$counts + c(length(record$values), record$gradients)
  if (aside$disagrees) return(disavow(fit, aside))
  cause <- describe_runaway(fit) %||% undefined %||% likely_cause(slope, values, is_delivered)
  fit$message <- paste(c(fit$message, cause), collapse = "; ")
  fit
}

# Says in which parameters a delivered gradient is not finite at the nearest point of a record where `fn` is; NULL
# where there is none.
describe_undefined <- function(fit, record) {
  away <- vapply(record$points, function(par) max(abs(as.vector(par - fit$par))), 0)
  away[away == 0 | !is.finite(record$values)] <- NA
  if (all(is.na(away))) return(NULL)
  wrong <- which(!is.finite(delivered_gradient(record, record$points[[which.min(away)]])$gradient))
  if (length(wrong) == 0) return(NULL)
  paste0("the gradient is not finite", in_brackets(fit$par, wrong), " right beside that point, though `fn` is: correct it, ",
         "or leave it out")
}

# Says that parameters are more than 1e10 times their sizes at the start away from it, and the value much farther below
# zero than it was, as that of a log-likelihood that is minimized; NULL where it is not so.
describe_runaway <- function(fit) {
  control <- fit$objective$control
  start <- as.vector(fit$objective$problem$par)
  away <- which(abs(fit$par - start) > 1e10 * pmax(abs(start), fit$objective$problem$parscale))
  sign <- sign(control$fnscale)
  if (length(away) == 0 || sign * fit$value > -10 * abs(fit$history$value[1])) return(NULL)
  gone <- enumerate(paste(labels_of(fit$par, away), "to", signif(fit$par[away], 3)))
  does <- if (sign > 0) c("fall", "maximized, not minimized") else c("rise", "minimized, not maximized")
  paste0("the run has moved ", gone, ", and fn ", does[1], "s all the way: is it to be ", does[2], "? See ",
         "\"without limit\" in vignette(\"troubleshooting\", \"lbfgsb\")")
}

# Says what makes a search fail, if not a wrong gradient: values of which half are the same; the edge of where `fn` is
# defined; a slope that is lost in errors of `fn`, or that differences get wrong; or else none of these. NULL
# where there is no way down. `values`, those along the slope, are to be minimized; by a delivered gradient that is right
# aside, a slope that is wrong shows a corner.
likely_cause <- function(slope, values, is_delivered) {
  if (slope$direction == "") return(NULL)
  if (length(unique(values)) <= length(values) / 2) return(failure_causes[["plateau"]])
  if (meets_edge(values)) return(failure_causes[["edge"]])
  is_lost <- slope$disagrees || isTRUE(slope$error >= abs(slope$analytic))
  has_corner <- is_delivered && slope$disagrees
  c(failure_causes[[if (is_lost && !has_corner) "noise" else "scales"]],
    if (is_delivered) "or the gradient is wrong: see check_gradient(fit)")
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
  noise = paste("the noise of fn hides its slope there, or a steep penalty or a kink does: see control$noise, and",
                "\"noise\" in vignette(\"troubleshooting\", \"lbfgsb\")"),
  scales = paste("fn may have a corner there, or parameters of very different scales: see control$parscale,",
                 "and \"scales and corners\" in vignette(\"troubleshooting\", \"lbfgsb\")")
)

# Returns a copy of an objective that keeps the `points` and `values` of its evaluations, and how many
# `gradients` `gr` was asked for. `guard` evaluates them.
recording <- function(objective, guard = function(value, n) value) {
  record <- open_copy(objective)
  record$gradients <- 0L
  record$fn <- function(., ...) {
    answer <- guard(objective$fn(., ...), 1)
    record$points <- c(record$points, list(.))
    record$values <- c(record$values, read_value(answer)$value)
    answer
  }
  if (!is.null(objective$gr)) {
    record$gr <- function(., ...) {
      record$gradients <- record$gradients + 1L
      guard(objective$gr(., ...), length(.))
    }
  }
  takes_points <- !is.null(objective$differences) && any(objective$control$gradient == names(difference_methods))
  if (takes_points) add_differences(record, recorded_points(record, objective, guard), NULL)
  record
}

# Returns what evaluates an objective at the points of differences, as over a cluster, and keeps these in a record.
recorded_points <- function(record, objective, guard) {
  function(x, i, at) {
    values <- as.list(guard(objective$evaluate_points(x, i, at), length(i)))
    record$points <- c(record$points, lapply(seq_along(i), function(j) replace(x, i[j], at[j])))
    record$values <- c(record$values, unlist(values))
    values
  }
}

# Moves the fit to the lowest point of a record, the highest where fn is maximized, if that is better than the run's end.
at_lowest <- function(fit, record) {
  sign <- sign(record$control$fnscale)
  lowest <- which.min(sign * record$values)
  if (!isTRUE(sign * record$values[lowest] < sign * fit$value)) return(fit)
  at <- evaluate_at(record, record$points[[lowest]])
  if (!all(is.finite(at$gradient))) return(fit)
  shows <- sprintf("%.9g", c(at$value, fit$value)) # as the message does
  words <- if (sign > 0) c("higher", "minimum") else c("lower", "maximum")
  found <- paste("the run ended at a", words[1], "value: `par` is the best point of those tried after it, and need not be a",
                 words[2])
  fit$message <- paste(c(fit$message, if (shows[1] != shows[2]) found), collapse = "; ")
  moved_to(at, fit, record)
}
