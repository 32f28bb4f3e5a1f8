# A parameter on which `fn` barely depends at its estimate, as the logit of a category whose count is 0: the run ends
# far out, as converged, and the curvature, all but 0, makes a standard error that means nothing. `fn` itself tells;
# and at the end of a run, where it does not depend on one at all.

# Warns of such parameters, by the covariance matrix V, and of those that the data cannot tell apart; returns the words,
# or NULL, also where the fit has no objective to ask. That of a gradient known to be wrong tells nothing.
warn_of_flat <- function(fit, V) {
  if (fit$convergence != 0L || !has_objective(fit) || !is.null(attr(fit, "gradient_doubt"))) return(NULL)
  doubtful <- doubtful_in(fit, V)
  entangled <- if (length(doubtful$flat) == 0) entangled_in(fit, V)
  if (length(entangled) > 0) doubtful <- list(entangled = entangled)
  doubtful <- Filter(length, doubtful)
  if (length(doubtful) == 0) return(NULL)
  labels <- lapply(doubtful, function(elements) enumerate(labels_of(flat_par(fit), elements)))
  words <- paste(Map(describe_doubtful, names(doubtful), labels), collapse = "; ")
  warning(lbfgsb_warning_flat(unlist(doubtful, use.names = FALSE), words))
  words
}

describe_doubtful <- function(kind, labels) {
  switch(kind,
    flat = paste0("`fn` barely depends on ", labels, " at the estimate, so the standard error of ", labels, " means ",
                  "nothing: see \"barely depends\" in vignette(\"troubleshooting\", \"lbfgsb\")"),
    steep = paste0("beside the estimate `fn` rises more than ten times as much with ", labels, " as its Hessian says, so the ",
                   "standard error of ", labels, " means nothing: see \"ten times\" in vignette(\"troubleshooting\", ",
                   "\"lbfgsb\")"),
    entangled = paste0("the data can hardly tell ", labels, " apart, and where these change together `fn` does not rise as ",
                       "its Hessian says, so their standard errors mean nothing: see \"not positive definite\" in ",
                       "vignette(\"troubleshooting\", \"lbfgsb\")"))
}

# Lists the free parameters along which `fn` is `flat`, and those along which it is `steep`, as where it is 0 but for
# rounding and curves nowhere. Only those are looked at whose standard error is larger than the parameter.
doubtful_in <- function(fit, V) {
  suspects <- which(sqrt(diag(V)) > sizes_in(fit))
  objective <- if (length(suspects) > 0) recording(objective_now(fit), guard = or_nan)
  rises <- lapply(suspects, function(i) rises_along_profile(objective, fit, V, i))
  flat <- vapply(rises, is_flat, NA)
  list(flat = suspects[flat], steep = suspects[!flat & vapply(rises, is_steep, NA)])
}

# Returns the parameters whose best value may be infinite, by the evidence of vcov(): those that are flat, and all that is
# steep, or curves nowhere, where the likelihood is 1. V: the covariance matrix, NULL where the Hessian is singular.
endless_in <- function(fit, V) {
  is_told <- fit$convergence == 0L && is.null(attr(fit, "gradient_doubt")) && kind_of_fn(fit) != "other"
  if (!is_told) return(integer())
  is_certain <- !is.null(describe_certain(fit))
  if (is.null(V)) return(if (is_certain) which(fit$bounds == "free"))
  doubtful <- tryCatch(doubtful_in(fit, V), lbfgsb_error_argument = function(e) NULL) # of squares without `nobs`
  sort(unname(c(doubtful$flat, if (is_certain) doubtful$steep)))
}

is_flat <- function(rises) any(rises["most", ] < 1 / 10) && !is_quadratic(rises)

is_steep <- function(rises, times = 10) any(rises["least", ] > times & rises["without_slope", ] > times)

# Lists the free parameters whose errors are those of one combination that the data do not tell: the Hessian's curvature
# along it may be its own error. Only a parameter is looked at whose variance is 1e5 times what it were if the others were
# known; along its profile a curvature that is right would show in `fn` within a factor of ten.
entangled_in <- function(fit, V) {
  free <- which(fit$bounds == "free")
  if (length(free) < 2 || variance_factor(fit) == 0) return(NULL)
  R <- cov2cor(V[free, free])
  inflation <- diag(solve(R, tol = 0))
  worst <- which.max(inflation)
  if (inflation[worst] < 1e5) return(NULL)
  objective <- recording(objective_now(fit), guard = or_nan)
  rises <- rises_along_profile(objective, fit, V, free[worst], steep = Inf)
  if (any(rises["most", ] < 1 / 10 | rises["least", ] > 10) && !is_quadratic(rises)) free[R[, worst]^2 > 1 / 2]
}

# sizes_in() = the size of each parameter, or its way from the start where that is longer.
sizes_in <- function(fit) {
  problem <- problem_of(fit)
  par <- as.vector(flat_par(fit))
  pmax(parameter_size(par, problem$parscale), abs(par - as.vector(problem$par)))
}

# Returns V with the sizes of such parameters for their standard errors, and the same tangents V_.i / V_ii of their
# profiles.
without_flat <- function(fit, V) {
  shrink <- (sizes_in(fit) / sqrt(diag(V)))^2
  for (i in unlist(doubtful_in(fit, V))) V[i, ] <- V[, i] <- V[, i] * shrink[i]
  V
}

# Tells whether `fn` is what its slope and Hessian say, where the estimate is no more than short of the optimum.
is_quadratic <- function(rises) all(rises["without_slope", ] > 1 / 2 & rises["without_slope", ] < 2)

# Returns, for each side (columns), how far `fn` rises along the profile of par[i], in the box, by that of its
# quadratic, `least` and `most` by the rounding of `fn`: t^2 c / 2 at t d, d one standard error along the profile, t
# <= 1, and c the factor of the variance; and how far `without_slope`, t g'd. A side where the box ends at t <
# shortest, a hundredth of the parameter's size away, tells nothing: there t g'd, the rest of a slope, outweighs t^2.
rises_along_profile <- function(objective, fit, V, i, steep = 10) {
  se <- sqrt(V[i, i])
  d <- ifelse(fit$bounds == "free", V[, i], 0) / se
  shortest <- sizes_in(fit)[i] / se / 100
  slope <- if (is.null(fit$gradient)) 0 else sign(control_of(fit)$fnscale) * sum((unlist(fit$gradient) * d)[d != 0])
  cbind(rise_along(objective, fit, d, slope, shortest, steep), rise_along(objective, fit, -d, -slope, shortest, steep))
}

# Looks at the farthest of a few points at which `fn` is finite, or at a nearer one, from a hundredth on, where it is more than
# `steep` times as high as its quadratic there: far out, a valley that bends is so, too.
rise_along <- function(objective, fit, d, slope, shortest, steep) {
  par <- flat_par(fit)
  error <- 8 * least_noise(objective$control) * abs(fit$value)
  room <- -line_through(par, -d, objective$problem)$lower
  rises <- c(least = 0, most = Inf, without_slope = 1)
  for (t in if (room >= shortest) unique(pmax(room / c(1, 10, 100, 1000, Inf), shortest))) {
    rise <- sign(objective$control$fnscale) * (value_along(objective, par, d, t) - fit$value)
    if (!is.finite(rise)) next
    rises <- (rise + c(least = -error, most = error, without_slope = -t * slope)) / (t^2 * variance_factor(fit) / 2)
    if (t <= room / 100 || !is_steep(cbind(rises), steep)) break
  }
  rises
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

# Says in the message that all values of the run were whole numbers, if one a little beside the end is, too.
tell_steps <- function(fit) {
  record <- recording(fit$objective, guard = or_nan)
  beside <- value_at(record, point_beside(as.vector(fit$par), record$problem, 0.01))$value
  fit$counts <- fit$counts + c(1L, 0L)
  if (!isTRUE(beside == round(beside))) return(fit)
  fit$message <- paste0(fit$message, "; fn has returned whole numbers only: a step function, whose slopes tell nothing. ",
                        "Return what it is rounded from")
  fit
}
