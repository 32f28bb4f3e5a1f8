# A kink at the estimate, as of a sum of absolute values: beside it `fn` rises by s |d|, and its curvature is 2 s / h by
# differences with a step h, whatever that is.

# Returns the Hessian by values that was `found`, with the warning of the parameters in which `fn` has one for its `doubt`. With
# the curvature c by the points at h, that by those at 2 h is c / 2 there, and the Hessian, which is extrapolated from both,
# (4 c - c / 2) / 3, or another where `fn` is level between two kinks; where `fn` is smooth, about c, or less than 5/6 of it
# as of an exponential far out. A parameter at a bound, which holds a slope, has no other side to tell. size: of what is
# rounded, value_size().
doubt_kink <- function(objective, par, value, found, size) {
  ratio <- diag(found$hessian) / found$curvatures
  room <- pmin(as.vector(par) - objective$problem$lower, objective$problem$upper - as.vector(par))
  suspects <- which(abs(ratio - 1) > 1e-3 & ratio > 5 / 6 & room >= abs(found$steps))
  record <- recording(objective, guard = or_nan)
  elements <- Filter(function(i) has_kink(record, par, value, found, i, size), suspects)
  found$counts[["function"]] <- found$counts[["function"]] + length(record$values)
  if (length(elements) > 0) found$doubt <- lbfgsb_warning_kink(elements, labels_of(par, elements))
  found
}

# Tells whether `fn` rises at h / 16, both sides taken together, by more than a parabola, 1 / 256 of its rise at h, would: 16
# times as much beside a kink; or not at all, which is less than a power of 4 would. Where values do not show that, it
# rises 8 times as much at 8 h.
has_kink <- function(objective, par, value, found, i, size) {
  h <- replace(0 * as.vector(par), i, found$steps[i])
  rise <- found$curvatures[i] * found$steps[i]^2
  at <- function(times) value_along(objective, par, h, times)
  part_at <- function(times) (at(times) + at(-times) - 2 * value) / rise
  error <- 8 * max(least_noise(objective$control), 1e3 * .Machine$double.eps) * size
  is_shown <- abs(rise) / 256 > error && abs(rise) < size
  if (!is_shown) return(abs(found$hessian[i, i] / found$curvatures[i] - 7 / 6) < 0.02 && isTRUE(abs(part_at(8) - 8) < 0.1))
  times <- 256 * part_at(1 / 16)
  isTRUE(abs(times) < 1e-3 || times > 6 && times < 20 && 16 * part_at(1 / 4) > 2)
}

# Evaluates code that needs a Hessian for its steps alone.
without_kink <- function(code) suppressWarnings(code, classes = "lbfgsb_warning_kink")
