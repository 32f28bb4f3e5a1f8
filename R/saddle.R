# A fit that is no minimum: from a start where parts of a model are equal, a run ends where the gradient is 0, at a saddle
# point. Where a Hessian is made, it tells, and values of `fn` have the last word.

# Returns the fit, whose claim is taken back if its Hessian shows that it is no minimum.
doubt_minimum <- function(fit, objective) {
  if (fit$convergence != 0L) return(fit)
  record <- recording(objective, guard = or_nan)
  saddle <- find_saddle(record, fit, fit$hessian)
  attr(fit, "hessian_counts")[["function"]] <- attr(fit, "hessian_counts")[["function"]] + length(record$values)
  if (is.null(saddle)) return(fit)
  fit <- take_back(fit, "fn is no minimum there")
  fit$message <- paste(fit$message, describe_saddle(saddle$direction), sep = "; ")
  warning(saddle)
  fit
}

# Returns a warning if `fn`, whose Hessian at the fit is H, falls to both sides of it along some direction; else NULL.
# The objective is not looked at, nor made, unless H is in doubt.
find_saddle <- function(objective, fit, H) {
  free <- which(fit$bounds == "free")
  A <- H[free, free, drop = FALSE] * sign(control_of(fit)$fnscale)
  if (length(free) == 0 || !all(is.finite(A))) return(NULL)
  lowest <- lowest_curvature(A)
  if (!isTRUE(lowest$value < -clear_fall)) return(NULL)
  par <- flat_par(fit)
  below <- fall_along(objective, par, fit$value, replace(0 * as.vector(par), free, lowest$direction))
  if (is.null(below)) return(NULL)
  direction <- describe_direction(as.vector(below$par - par), par, objective$problem)
  lbfgsb_warning_saddle(direction, in_shape(below$par), below$value, "the fit is no minimum: ", describe_saddle(direction))
}

clear_fall <- 1e-3 # of the largest curvature, where the diagonal is 1: above the error of a Hessian by differences

# Returns the smallest eigenvalue of a symmetric matrix, over the largest, where its diagonal is 1 or -1, and the
# direction d of its vector, such that d'Ad = -1 where it is negative; without those that have next to no part in it.
lowest_curvature <- function(A) {
  parts <- scaled_eigen(A)
  n <- nrow(A)
  leading <- replace(parts$vectors[, n], abs(parts$vectors[, n]) < 0.01, 0)
  list(value = parts$values[n] / max(abs(parts$values)), direction = parts$scale * leading / sqrt(abs(parts$values[n])))
}

# Returns list(par, value), a lower point along d, where `fn` should fall as -t^2 / 2; NULL unless it does by half of
# that, taken over both sides, at the step of the Hessian, in the box. From there it takes the best of longer steps, up to
# the size of a parameter.
fall_along <- function(objective, par, value, d) {
  size <- value_size(objective, par, value)
  room <- -c(line_through(par, d, objective$problem)$lower, line_through(par, -d, objective$problem)$lower)
  t <- min(sqrt(2 * size) * least_noise(objective$control)^0.25, room)
  change <- function(t) sign(objective$control$fnscale) * (value_along(objective, par, d, t) - value)
  changes <- c(change(t), change(-t))
  falls <- mean(changes) < -t^2 / 4 && min(changes) < -8 * least_noise(objective$control) * size
  if (!isTRUE(falls)) return(NULL)
  farthest <- min(parameter_size(as.vector(par), objective$problem$parscale, divisor = 1) / abs(d))
  steps <- c(t, -t)[which.min(changes)] * max(farthest / t, 1)^(0:12 / 12)
  at <- onto_box(par + steps[which.min(vapply(steps, change, 0))] * d, objective$problem)
  list(par = at, value = value_at(objective, at)$value)
}

describe_saddle <- function(direction) {
  paste0("fn falls from there in the direction ", direction, ": a saddle point or a maximum, as from a start where ",
         "parts of a model are equal. Move the start a little that way: see \"a saddle point\" in ",
         "vignette(\"troubleshooting\", \"lbfgsb\")")
}
