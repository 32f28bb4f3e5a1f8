# A kink at the estimate, as of a sum of absolute values: beside it `fn` rises by s |d|, and its curvature is 2 s / h by
# differences with a step h, whatever that is.

# Returns the Hessian by values that was `found`, with the warning of the parameters in which `fn` has one for its `doubt`. With
# the curvature c by the points at h, that by those at 2 h is c / 2 there, and the Hessian, which is extrapolated from both,
# (4 c - c / 2) / 3; where `fn` is smooth, c.
doubt_kink <- function(objective, par, value, found) {
  suspects <- which(abs(diag(found$hessian) / found$curvatures - 7 / 6) < 0.02)
  record <- recording(objective, guard = or_nan)
  elements <- Filter(function(i) rises_straight(record, par, value, found, i), suspects)
  found$counts[["function"]] <- found$counts[["function"]] + length(record$values)
  if (length(elements) > 0) found$doubt <- lbfgsb_warning_kink(elements, labels_of(par, elements))
  found
}

# Tells whether `fn` rises 8 times as much at 8 h, both sides taken together, where it is not the rounding of `fn` that looked
# like a kink.
rises_straight <- function(objective, par, value, found, i) {
  h <- replace(0 * as.vector(par), i, found$steps[i])
  rise <- value_along(objective, par, h, 8) + value_along(objective, par, h, -8) - 2 * value
  isTRUE(abs(rise / (found$curvatures[i] * found$steps[i]^2) - 8) < 0.1)
}

# Evaluates code that needs a Hessian for its steps alone.
without_kink <- function(code) suppressWarnings(code, classes = "lbfgsb_warning_kink")
