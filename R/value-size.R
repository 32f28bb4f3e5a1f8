# The size of a value of fn, of which its rounding is a part: that of the value itself, unless this is what is left of
# larger terms, as a sum of squares of next to no residuals. No unit of fn is one to go by.

# value_size() = |f|, f the `value` at `par`, NA if it is not known; but where f changes by more than that as parameters
# change by a hundredth, the size of which the error of f would be the rounding.
value_size <- function(objective, par, value) {
  beside <- function(step) {
    par[] <- point_beside(as.vector(par), objective$problem, step)
    value_at(objective, par)$value
  }
  if (is.na(value)) value <- value_at(objective, par)$value
  change <- abs(beside(0.01) - value)
  if (isTRUE(change <= abs(value))) return(abs(value))
  near <- vapply(8 * .Machine$double.eps * 1:4, beside, 0)
  size <- max(abs(value), error_of_values(c(value, near)) / .Machine$double.eps)
  if (isTRUE(size > change)) return(size)
  size <- max(size, hidden_error(function(step) beside(step) - value) / .Machine$double.eps)
  if (size > 0) size else max(change, 0, na.rm = TRUE) / 0.01^2
}

# Returns the error of values so close to one another that their second differences are nothing else; 0 where they are
# not finite.
error_of_values <- function(values) {
  bends <- abs(diff(values, differences = 2))
  max(0, bends[is.finite(bends)]) / 2
}

# Returns the error of f that close by is the same in all values, as that of the 1 in sqrt(1 + x^2) - 1: h^2 times what
# the second derivative by steps of h has lost, if by longer ones it had settled. `rise` of a step is f there less f.
hidden_error <- function(rise) {
  h <- 10^-(2:14)
  bends <- 2 * diff(vapply(h, rise, 0) / h) / diff(h)
  settled <- which(abs(diff(bends)) <= 0.01 * abs(bends[-1]))[1] + 1
  loss <- (bends[settled] - bends) * sign(bends[settled])
  lost <- which(seq_along(bends) > settled & loss > 0.1 * abs(bends[settled]))
  max(0, (loss * h[-length(h)]^2)[lost])
}
