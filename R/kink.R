# A kink at the estimate, as of a sum of absolute values: beside it `fn` rises by s |d|, and its curvature is 2 s / h by
# differences with a step h, whatever that is.

# Returns the warning of the parameters in which `fn`, without a gradient, has one, or NULL. With the curvature c by the points
# at h, that by those at 2 h is c / 2 there, and the Hessian, which is extrapolated from both, (4 c - c / 2) / 3; where `fn` is
# smooth, c.
find_kink <- function(found, par) {
  if (found$counts[["gradient"]] > 0) return(NULL)
  elements <- which(abs(diag(found$hessian) / found$curvatures - 7 / 6) < 0.02)
  if (length(elements) > 0) lbfgsb_warning_kink(elements, labels_of(par, elements))
}

# Evaluates code that needs a Hessian for its steps alone.
without_kink <- function(code) suppressWarnings(code, classes = "lbfgsb_warning_kink")
