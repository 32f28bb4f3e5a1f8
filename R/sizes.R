# Typical sizes of the parameters, control$parscale = "auto": powers of two, by which scaling is exact.
#
# The start and the box tell most of them. What they do not tell, where the start is 0 and the box
# infinite, is taken from the gradient at the start: so sized, these parameters have slopes s_i |g_i|
# like the others. In other units of a parameter its size is the same in those, whatever it is taken from.

# Returns sizes near the smaller of |par| and the width of the box; NA where neither says anything; 1 where that
# does not matter, for a parameter fixed at 0.
typical_sizes <- function(par, lower, upper) {
  size <- pmin(ifelse(par == 0, Inf, abs(par)), ifelse(lower == upper, Inf, upper - lower))
  size[size == Inf] <- ifelse((lower == upper)[size == Inf], 1, NA)
  as.vector(power_of_two(size))
}

power_of_two <- function(size) 2^round(log2(size))

# Returns the sizes with what the gradient (n) says about those that are NA: of a parameter whose element is 0,
# or so small that it may be a rounding error, nothing, and its size is 1.
sizes_by_gradient <- function(sizes, gradient, rounding) {
  unknown <- is.na(sizes)
  slopes <- abs(gradient) * ifelse(unknown, 1, sizes)
  typical <- typical_slope(slopes, unknown)
  told <- unknown & slopes > pmax(rounding, sqrt(.Machine$double.eps) * typical)
  sizes[unknown] <- 1
  sizes[told] <- power_of_two(pmax(typical / slopes[told], smallest_size))
  sizes
}

smallest_size <- 1e-100

# Returns the median slope of the parameters that have a size, else of the others; 0 if all slopes are.
typical_slope <- function(slopes, unknown) {
  steep <- slopes > 0
  if (!any(steep)) return(0)
  if (any(steep & !unknown)) steep <- steep & !unknown
  median(slopes[steep])
}

# ---- In a run ------------------------------------------------------------------------------------

# Tells whether the next gradient is to tell sizes.
awaits_sizes <- function(state) {
  is.character(state$control$parscale) && state$run$tally[["function"]] == 0 &&
    anyNA(sizes_known(state$problem))
}

sizes_known <- function(problem) typical_sizes(problem$par, problem$lower, problem$upper)

# Returns the state with all sizes: if some are awaited, at the cost of an evaluation at the start, which
# `counts` includes; with 1 for those that the start and the box do not tell if it is not finite, or if
# `maxeval` does not allow for two of them.
size_at_start <- function(state, objective) {
  half <- floor(state$control$maxeval / 2)
  if (!awaits_sizes(state) || half < 1) return(state)
  start <- carrying(state, evaluate_start(objective, half))
  if (is.null(start)) return(state)
  state <- with_sizes(state, start$gradient, start$rounding)
  state$run$tally[c("function", "gradient")] <- c(start$evaluations, !is.null(start$gradient))
  state
}

# Returns the gradient at the start, NULL where it or the value is not finite, or takes more than `left`
# evaluations; the size of its rounding errors; and the number of evaluations it took.
evaluate_start <- function(objective, left) {
  par <- objective$problem$par
  at <- value_at(objective, par)
  start <- list(gradient = at$gradient, evaluations = 1, rounding = 0)
  if (!is.finite(at$value)) return(replace(start, "gradient", list(NULL)))
  if (!is.null(objective$gr)) {
    start$gradient <- delivered_gradient(objective, par)$gradient
  } else if (is.null(at$gradient)) {
    differences <- objective$differences(par, at$value, left - 1)
    start["gradient"] <- differences["gradient"]
    start$evaluations <- 1 + differences$evaluations
    start$rounding <- difference_rounding(par, at$value, objective$problem, objective$control)
  }
  start
}

# Gives a state that has not been told anything sizes by this gradient.
with_sizes <- function(state, gradient, rounding = 0) {
  n <- length(state$problem$par)
  if (!is_numeric(gradient) || length(gradient) != n || !all(is.finite(gradient))) return(state)
  state$problem$parscale <- sizes_by_gradient(sizes_known(state$problem), gradient, rounding)
  start_problem(state$problem, state$control)
}
