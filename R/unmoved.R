# A parameter that the gradient has forgotten: its element is always 0, so the run leaves the parameter at its start,
# and claims to have converged. If `fn` changes along it the claim is taken back.

# Tells whether a run relies on a gradient that is delivered, and may evaluate more.
relies_on_gradient <- function(state, objective) {
  delivers <- !is.null(objective$gr) ||
    objective$control$gradient == "auto" && length(state$run$differences) == 0
  delivers && objective$control$maxeval == Inf
}

# Lists the free parameters that are where they began, and in which the gradient is 0.
unmoved_in <- function(fit, state) {
  zero <- as.vector(fit$gradient) == 0
  if (!any(zero)) return(integer())
  start <- as.vector(state$problem$par)
  stays <- abs(as.vector(fit$par) - start) <= 4 * .Machine$double.eps * abs(start) # scaled and back
  if (any(zero & stays)) which(zero & stays & fit$bounds == "free") else integer()
}

# Takes the claim back if `fn` has a slope along these parameters. It moves all of them first: where that shows
# nothing, 2 evaluations are enough. They are counted.
doubt_unmoved <- function(fit, elements) {
  record <- recording(fit$objective)
  slope <- slope_of_forgotten(record, fit, elements)
  fit$counts <- fit$counts + c(length(record$values), record$gradients)
  if (slope$disagrees) take_back(fit, slope, forgotten) else fit
}

# Returns the fit as one that has not converged, because of a slope that is not the gradient's.
take_back <- function(fit, slope, reason) {
  fit[c("convergence", "gap")] <- list(51L, NA_real_)
  cause <- describe_disagreement(slope)
  fit$message <- paste(sub("^[^;]*", reason, fit$message), cause, sep = "; ")
  warning(lbfgsb_warning_gradient(slope, cause))
  fit
}

forgotten <- "not converged: the gradient was 0 throughout in a parameter that fn depends on"

# Returns the slope along one of these parameters in which it is not 0, as compare_slopes() does: found by halves, along
# all of each, by different parts of their sizes so that slopes do not cancel.
slope_of_forgotten <- function(objective, fit, elements) {
  aside <- as.vector(point_beside(fit$par, objective$problem, 1) - fit$par)
  d <- replace(0 * aside, elements, aside[elements])
  if (!changes_along(objective, fit, d)) return(list(disagrees = FALSE))
  slope <- compare_along(objective, objective$problem, fit$par, d, 0, fit$value)
  if (!slope$disagrees || length(elements) == 1) return(slope)
  first <- seq_len(length(elements) %/% 2)
  for (half in list(elements[first], elements[-first])) {
    narrowed <- slope_of_forgotten(objective, fit, half)
    if (narrowed$disagrees) return(narrowed)
  }
  slope
}

# Tells whether fn's slope along d shows beside its curvature, at a thousandth of d: it does unless a minimum along d is
# as near as that.
changes_along <- function(objective, fit, d) {
  t <- head(difference_points(0, 1, line_through(fit$par, d, objective$problem), 1e-3, order = 2), 2)
  values <- vapply(t, function(t) value_along(objective, fit$par, d, t), 0)
  secants <- (values - fit$value) / t
  isTRUE(abs(extrapolate(t, secants)) > abs(diff(secants)) / 2)
}
