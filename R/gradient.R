# Finite differences that never leave the box.
#
# f'(x) is wanted along one coordinate. Each further point x + d of the box gives a secant slope
#   s(d) = (f(x + d) - f(x)) / d = f'(x) + f''(x) d / 2 + ...
# and k of them, extrapolated to d = 0 by the polynomial through them, f'(x) + O(d^k): the forward
# formula for k = 1, the central one where d2 = -d1, one-sided ones of the same order at a bound.

# Of each method the number k of points, and the step relative to the parameter's size at which
# truncation, h^k, and rounding, epsilon / h, are in balance; that size is at least parscale / `divisor`.
difference_methods <- list(
  auto = list(order = 2, step = .Machine$double.eps^(1 / 3), divisor = 1000),
  forward = list(order = 1, step = .Machine$double.eps^(1 / 2), divisor = 1000),
  central = list(order = 2, step = .Machine$double.eps^(1 / 3), divisor = 1000),
  richardson = list(order = 6, step = .Machine$double.eps^(1 / 5), divisor = 10)
)

# What stands in for a missing gradient: a function of `par` and value = fn(par), whose value is a
# list of the gradient and the evaluations of `fn` that it took. If more than `left` were needed, there
# is no gradient. `sizes`: the parameters' (n), as far as they are known.
new_differences <- function(objective) {
  check <- if (objective$control$gradient == "complex") check_complex
  function(par, value, left = Inf, sizes = objective$problem$parscale) {
    evaluations <- 0
    spend <- function(n) {
      if (evaluations + n > left) stop(evaluations_used_up)
      evaluations <<- evaluations + n
    }
    gradient <- tryCatch(
      numeric_derivatives(objective, par, value, sizes, spend),
      lbfgsb_evaluations_used_up = function(condition) NULL
    )
    if (!is.null(check) && evaluations + 6 <= left) {
      evaluations <- evaluations + check(objective, par, value, gradient)
      check <<- NULL
    }
    list(gradient = gradient, evaluations = evaluations)
  }
}

# Returns it of an objective, also of one whose differences are left to the core.
differences_of <- function(objective) objective$differences %||% new_differences(objective)

evaluations_used_up <- errorCondition("no evaluation is left", class = "lbfgsb_evaluations_used_up")

# Returns the gradient by objective$control; spend(n) is told of each n evaluations beforehand.
numeric_derivatives <- function(objective, par, value, sizes, spend) {
  problem <- replace(objective$problem, "parscale", list(sizes))
  control <- objective$control
  if (control$gradient == "complex") {
    spend(sum(problem$lower < problem$upper))
    return(complex_gradient(objective, problem, par))
  }
  if (control$gradient == "rtmb") return(taped_gradient(objective, par, value, spend))
  evaluate <- objective$evaluate_points %||% point_evaluator(objective, control$cluster)
  paid <- function(x, i, at) {
    spend(length(i))
    evaluate(x, i, at)
  }
  order <- difference_methods[[control$gradient]]$order
  difference_gradient(paid, par, difference_steps(par, problem, control), problem, value, order)
}

# Returns the gradient by differences with these steps (n), from value = f(par); 0 for a fixed parameter.
difference_gradient <- function(evaluate, par, steps, problem, value, order) {
  movable <- which(problem$lower < problem$upper)
  gradient <- numeric(length(par))
  at <- list(x = par, value = value)
  gradient[movable] <- unlist(differentiate(evaluate, at, movable, steps, problem, order))
  gradient
}

# Returns the derivatives along x_i of f, a number or a vector, for the i in `elements`, a list, at = list(x,
# value = f(x)). evaluate(x, i, to): a list of f where x_i = to, for vectors i and to.
differentiate <- function(evaluate, at, elements, steps, problem, order) {
  points <- lapply(elements, function(i) difference_points(at$x, i, problem, steps[i], order))
  first <- lapply(points, function(to) to[seq_len(min(order, length(to)))])
  values <- evaluate(at$x, rep(elements, lengths(first)), unlist(first))
  before <- cumsum(lengths(first)) - lengths(first)
  lapply(seq_along(elements), function(j) {
    known <- values[before[j] + seq_along(first[[j]])]
    partial_derivative(evaluate, at, elements[j], points[[j]], known, order)
  })
}

# Returns the derivative along x_i from the first k of `points` where f is finite, f being known, `values`, at
# the first ones; from fewer if there are no more, NaN if there is none.
partial_derivative <- function(evaluate, at, i, points, values, order) {
  finite <- are_finite(values)
  for (point in points[-seq_along(values)]) {
    if (sum(finite) == order) break
    values <- c(values, evaluate(at$x, i, point))
    finite <- are_finite(values)
  }
  if (!any(finite)) return(at$value * NaN)
  d <- points[which(finite)] - at$x[[i]]
  extrapolate(d, Map(function(value, d) (value - at$value) / d, values[finite], d))
}

are_finite <- function(values) vapply(values, function(value) all(is.finite(value)), NA)

# extrapolate(d, s) = s(0) of the polynomial through the points (d, s), s numbers or vectors.
extrapolate <- function(d, s) {
  weights <- lagrange_weights(d, 0)
  limit <- 0
  for (j in seq_along(d)) limit <- limit + weights[j] * s[[j]]
  limit
}

# lagrange_weights(nodes, x) = w such that sum(w p(nodes)) = p(x) for polynomials p of degree below
# length(nodes).
lagrange_weights <- function(nodes, x) {
  vapply(seq_along(nodes), function(j) prod((x - nodes[-j]) / (nodes[j] - nodes[-j])), 0)
}

# ---- Where ---------------------------------------------------------------------------------------

# Returns values of x_i to take differences at, in order of preference: half of them on each side where the box
# has room, then further ones; else all on the roomier side.
difference_points <- function(x, i, problem, step, order) {
  centre <- x[[i]]
  lower <- problem$lower[i]
  upper <- problem$upper[i]
  points <- centre + feasible_offsets(upper - centre, centre - lower, step, order)
  points[points < lower] <- lower
  points[points > upper] <- upper
  unique(points[points != centre])
}

feasible_offsets <- function(above, below, step, order) {
  if (min(above, below) >= step * ceiling(order / 2)) {
    return(step * c(rbind(seq_len(order), -seq_len(order))))
  }
  side <- if (above >= below) 1 else -1
  side * min(order * step, max(above, below)) * seq_len(order) / order
}

# Returns optim's `ndeps` where it is given, in units of parscale; else relative to the parameter's size.
difference_steps <- function(par, problem, control) {
  given <- given_steps(list(problem = problem, control = control))
  if (!is.null(given)) return(given * read_parscale(control$parscale, problem$par))
  method <- difference_methods[[control$gradient]]
  method$step * parameter_size(as.vector(par), problem$parscale, method$divisor)
}

# given_steps() = control$ndeps (n), or NULL.
given_steps <- function(state) {
  ndeps <- state$control$ndeps
  if (!is.null(ndeps)) as.double(per_parameter(ndeps, state$problem$par, "control$ndeps", default = 1e-3))
}

# Returns the scale on which `fn` is taken to change with a parameter: its own size. Near 0 that says nothing,
# and a part of `parscale` stands in: for central differences a thousandth, which at 0 serves natural scales
# from parscale / 1e6 to parscale * 1e3.
parameter_size <- function(x, parscale, divisor = 1000) {
  pmax(abs(x), parscale / divisor)
}

# ---- Who evaluates ---------------------------------------------------------------------------------

# Returns a function of x, i and at, these two vectors: the list of fn(x) where x_i = at.
point_evaluator <- function(objective, cluster) {
  if (inherits(cluster, "lbfgsb_shards")) return(over_shards(objective))
  if (!is.null(cluster)) return(on_cluster(objective, cluster))
  one_by_one(function(par) value_at(objective, par)$value)
}

one_by_one <- function(f) {
  function(x, i, at) lapply(seq_along(i), function(j) f(replace(x, i[j], at[j])))
}

# complex_gradient[j] = Im fn(x + i h e_j) / h: no difference is taken, so h may be tiny and the result is exact
# to rounding.
complex_gradient <- function(objective, problem, par) {
  gradient <- numeric(length(par))
  for (j in which(problem$lower < problem$upper)) {
    h <- 1e-20 * parameter_size(par[[j]], problem$parscale[j])
    x <- replace(par, j, complex(real = par[[j]], imaginary = h))
    gradient[j] <- Im(complex_value(eval(objective_calls$fn, list(par = x), objective))) / h
  }
  gradient
}

complex_value <- function(value) {
  number <- if (is.list(value)) value[["value"]] else value
  if (!is.complex(number) || length(number) != 1) {
    stop(lbfgsb_error_objective("fn", value, "for control$gradient = \"complex\", `fn` must ",
                                "return one complex number where `par` is complex, not ", kind_of(number)))
  }
  number
}

# Refuses a function that loses the imaginary part, which it does without an error: the gradient has to be the
# slope of `fn` along a direction in which all parameters move. Returns the evaluations that this took, 2 to 6.
check_complex <- function(objective, par, value, gradient) {
  evaluations <- 0
  f <- function(x) {
    evaluations <<- evaluations + 1
    value_at(objective, x)$value
  }
  if (is.null(gradient) || has_slope(f, par, value, gradient, objective$problem)) return(evaluations)
  stop(lbfgsb_error_objective(
    "fn", gradient, "for control$gradient = \"complex\", the slope of `fn` at the start is not that by ",
    "differences: some function in it loses the imaginary part of its argument, as abs(), pmax(), Re() and ",
    "lbeta() do; use control$gradient = \"richardson\""
  ))
}

# ---- Whether a gradient is that of a function ------------------------------------------------------------

# Says whether g'd = 4 f(x + d / 2) - 3 f(x) - f(x + d) along d, into the box, for one of these steps, to 3
# digits, and as far as the curvature and rounding of f let it show; value = f(x).
has_slope <- function(f, x, value, gradient, problem) {
  for (step in c(1e-6, 1e-8, 1e-4)) {
    d <- as.vector(point_beside(x, problem, step) - x)
    values <- c(f(x + d / 2), value, f(x + d))
    error <- abs(sum(c(4, -3, -1) * values) - sum(gradient * d))
    hidden <- abs(sum(c(2, -1, -1) * values)) + 100 * .Machine$double.eps * max(abs(values))
    if (isTRUE(error <= 1e-3 * sum(abs(gradient * d)) + hidden)) return(TRUE)
  }
  FALSE
}

# Returns the point of the box beside x: each parameter moves by a part of its size, or of the room if that is less,
# from `step` to twice that, to the roomier side.
point_beside <- function(x, problem, step) {
  side <- ifelse(problem$upper - x >= x - problem$lower, 1, -1)
  room <- pmax(problem$upper - x, x - problem$lower)
  part <- 1 + (seq_along(x) * (sqrt(5) - 1) / 2) %% 1
  onto_box(x + side * part * step * pmin(parameter_sizes(x, problem), room), problem)
}
