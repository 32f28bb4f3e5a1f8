# Finite differences that never leave the box.
#
# f'(x) is wanted along one coordinate. Each further point x + d of the box gives a secant slope
# s(d) = (f(x + d) - f(x)) / d = f'(x) + O(d), and two of them, extrapolated to d = 0,
#   f'(x) = (d2 s1 - d1 s2) / (d2 - d1) + O(d1 d2):
# the central formula where d1 = -d2, the one-sided one of the same order where d2 = 2 d1.

# The gradient of `fn` by differences, from value = fn(par), 0 for a fixed parameter; and how many
# evaluations it took. If more than `left` were needed, there is none.
new_differences <- function(objective, problem) {
  function(par, value, left = Inf) {
    evaluations <- 0
    value_of <- function(par) {
      if (evaluations >= left) stop(evaluations_used_up)
      evaluations <<- evaluations + 1
      value_at(objective, par)$value
    }
    gradient <- tryCatch(
      difference_gradient(value_of, par, value, problem),
      lbfgsb_evaluations_used_up = function(condition) NULL
    )
    list(gradient = gradient, evaluations = evaluations)
  }
}

evaluations_used_up <- errorCondition("no evaluation is left", class = "lbfgsb_evaluations_used_up")

difference_gradient <- function(value_of, par, value, problem) {
  gradient <- numeric(length(par))
  for (i in which(problem$lower < problem$upper)) {
    step <- .Machine$double.eps^(1 / 3) * parameter_size(par[[i]], problem$parscale[i])
    points <- difference_points(par, i, problem, step)
    gradient[i] <- partial_derivative(value_of, par, i, points, value)
  }
  gradient
}

# The derivative along x_i of f, a number or a vector, from f0 = f(x) and the first two of `points`
# where f is finite; from one if there is but one, NaN if there is none.
partial_derivative <- function(f, x, i, points, f0) {
  offsets <- numeric()
  slopes <- list()
  for (point in points) {
    slope <- (f(replace(x, i, point)) - f0) / (point - x[[i]])
    if (all(is.finite(slope))) {
      offsets <- c(offsets, point - x[[i]])
      slopes <- c(slopes, list(slope))
    }
    if (length(slopes) == 2) return(extrapolate(offsets, slopes))
  }
  if (length(slopes) == 1) slopes[[1]] else f0 * NaN
}

extrapolate <- function(d, s) {
  (d[2] * s[[1]] - d[1] * s[[2]]) / (d[2] - d[1])
}

# Values of x_i to take differences at, in order of preference: one on each side where the box has
# room for the step, else two on the roomier side.
difference_points <- function(x, i, problem, step) {
  centre <- x[[i]]
  lower <- problem$lower[i]
  upper <- problem$upper[i]
  points <- centre + feasible_offsets(upper - centre, centre - lower, step)
  points[points < lower] <- lower
  points[points > upper] <- upper
  unique(points[points != centre])
}

feasible_offsets <- function(above, below, step) {
  if (min(above, below) >= step) return(step * c(1, -1, -2, 2))
  side <- if (above >= below) 1 else -1
  side * min(2 * step, max(above, below)) * c(1 / 2, 1)
}

# The scale on which `fn` is taken to change with a parameter: its own size. Near 0 that says
# nothing, and a thousandth of `parscale` stands in, which at 0 serves natural scales from
# parscale / 1e6 to parscale * 1e3.
parameter_size <- function(x, parscale) {
  max(abs(x), parscale / 1000)
}
