# A parameter on which `fn` barely depends at its estimate, as the logit of a category whose count is 0: the run ends
# far out, as converged, and the curvature, all but 0, makes a standard error that means nothing. `fn` itself tells;
# and at the end of a run, where it does not depend on one at all.

# Warns of such parameters, by the covariance matrix V, and returns which they are. That of a gradient known to be wrong
# tells nothing.
warn_of_flat <- function(fit, V) {
  elements <- if (fit$convergence == 0L && is.null(attr(fit, "gradient_doubt"))) flat_in(fit, V)
  if (length(elements) > 0) warning(lbfgsb_warning_flat(elements, describe_flat(fit, elements)))
  elements
}

describe_flat <- function(fit, elements) {
  labels <- enumerate(labels_of(flat_par(fit), elements))
  paste0("`fn` barely depends on ", labels, " at the estimate, so the standard error of ", labels, " means ",
         "nothing: see \"barely depends\" in vignette(\"troubleshooting\", \"lbfgsb\")")
}

# Lists the free parameters along which `fn` is flat. Only those are looked at whose standard error is larger than
# the parameter.
flat_in <- function(fit, V) {
  par <- as.vector(flat_par(fit))
  se <- sqrt(diag(V))
  suspects <- which(se > sizes_in(fit))
  if (length(suspects) == 0) return(suspects)
  shortest <- sizes_in(fit) / se / 100
  objective <- recording(objective_now(fit), guard = or_nan)
  suspects[vapply(suspects, function(i) is_flat(objective, fit, par, V[, i] / se[i], shortest[i]), NA)]
}

# sizes_in() = the size of each parameter, or its way from the start where that is longer.
sizes_in <- function(fit) {
  problem <- objective_of(fit)$problem
  par <- as.vector(flat_par(fit))
  pmax(parameter_size(par, problem$parscale), abs(par - as.vector(problem$par)))
}

# Returns V with the sizes of flat parameters for their standard errors, and the same tangents V_.i / V_ii of their
# profiles.
without_flat <- function(fit, V) {
  shrink <- (sizes_in(fit) / sqrt(diag(V)))^2
  for (i in flat_in(fit, V)) V[i, ] <- V[, i] <- V[, i] * shrink[i]
  V
}

# Tells whether to one side at least `fn` rises, in the box, by less than a tenth of what its quadratic does: t^2 c / 2
# where d is one standard error along the profile, t <= 1, and c the factor of the variance. A side where the box ends at
# t < shortest, a hundredth of the parameter's size away, tells nothing: there t g'd, the rest of a slope, outweighs t^2.
is_flat <- function(objective, fit, par, d, shortest) {
  d[fit$bounds != "free"] <- 0
  is_flat_along(objective, fit, par, d, shortest) || is_flat_along(objective, fit, par, -d, shortest)
}

# Looks at the farthest of a few points at which `fn` is finite.
is_flat_along <- function(objective, fit, par, d, shortest) {
  error <- 8 * least_noise(objective$control) * abs(fit$value)
  room <- -line_through(par, -d, objective$problem)$lower
  if (room < shortest) return(FALSE)
  for (t in room / c(1, 10, 100, 1000)) {
    rise <- sign(objective$control$fnscale) * (value_along(objective, par, d, t) - fit$value)
    if (is.finite(rise)) return(rise + error < t^2 * variance_factor(fit) / 20)
  }
  FALSE
}

# ---- At the end of a run -------------------------------------------------------------------------------------

# Says in the message that `fn` does not change along these parameters, in which its gradient is 0, if it has the same
# value where they have moved a hundredth of their sizes.
tell_plateau <- function(fit, level) {
  if (is.null(level)) return(fit)
  record <- recording(fit$objective, guard = or_nan)
  aside <- point_beside(as.vector(fit$par), record$problem, 0.01)
  value <- value_at(record, replace(fit$par, level, aside[level]))$value
  fit$counts <- fit$counts + c(1L, 0L)
  if (identical(value, fit$value)) fit$message <- paste(fit$message, describe_plateau(fit$par, level), sep = "; ")
  fit
}

describe_plateau <- function(par, level) {
  what <- if (length(level) == 1) "a parameter that it does not use" else "parameters that it does not use"
  paste0("fn does not change with ", enumerate(labels_of(par, level)), " there: a plateau, or ", what,
         "; another start may tell")
}

# Says in the message that all values of the run were whole numbers.
tell_steps <- function(fit) {
  fit$message <- paste0(fit$message, "; fn has returned whole numbers only: a step function, whose slopes tell nothing. ",
                        "Return what it is rounded from")
  fit
}
