# The points of a profile: where the others are predicted to be, and their minimum.

# Predicts where the others will be where par[i] is the target: on the tangent of the profile at the estimate, later on
# curves through the last points (columns).
predict_par <- function(points, i, target, walker) {
  last <- points[, ncol(points)]
  predicted <- if (ncol(points) == 1) {
    last + (target - last[i]) * walker$tangent(i)
  } else if (ncol(points) < 4) {
    drop(points %*% lagrange_weights(points[i, ], target))
  } else {
    on_best_curve(points, i, target)
  }
  replace(onto_box(predicted, walker$problem), i, target)
}

# Extrapolates each parameter (n) by that of the curves that would have told the last of four points best.
on_best_curve <- function(points, i, target) {
  four <- points[, ncol(points) - 3:0, drop = FALSE]
  misses <- abs(on_curves(four[, 1:3, drop = FALSE], i, four[i, 4]) - four[, 4])
  best <- max.col(-replace(misses, is.na(misses), Inf), "first")
  curves <- on_curves(four[, 2:4, drop = FALSE], i, target)
  predicted <- curves[cbind(seq_along(best), best)]
  ifelse(is.finite(predicted), predicted, curves[, 1])
}

# Extrapolates three points (n x 3) to par[i] = target (n x 6): by polynomials in par[i], and of logarithms, in par[i] and
# in its logarithm, so that what grows or falls exponentially, or as a power, is met; each through all three, and through
# the last two. NA where there is no logarithm.
on_curves <- function(points, i, target) {
  signs <- ifelse(abs(rowSums(sign(points))) == 3, sign(points[, 3]), NA)
  logs <- log(abs(points))
  x <- points[i, ]
  log_x <- if (isTRUE(signs[i] * target > 0)) logs[i, ] else rep(NA, 3)
  to <- function(y, x, at) cbind(y %*% lagrange_weights(x, at), y[, -1, drop = FALSE] %*% lagrange_weights(x[-1], at))
  cbind(to(points, x, target), signs * exp(cbind(to(logs, x, target), to(logs, log_x, log(abs(target))))))
}

# on_way_back = the point of the line through the start of the fit and `last` where par[i] is the target; `last` if there is none.
on_way_back <- function(last, i, target, problem) {
  start <- as.vector(problem$par)
  point <- last + (target - last[i]) / (last[i] - start[i]) * (last - start)
  if (all(is.finite(point))) onto_box(point, problem) else last
}

# Returns the minimum over the others, from the first of these starts, if they are finite, from which it has a `z` below
# `highest`, or else the lowest, and the `evaluations` of all; z is Inf where there is none.
point_from <- function(starts, i, walker, highest, confirm = FALSE) {
  best <- list(z = Inf)
  evaluations <- 0
  for (start in Filter(function(start) all(is.finite(start)), starts)) {
    point <- as.list(walker$minimize(i, as.vector(start), confirm))
    evaluations <- evaluations + sum(point$evaluations)
    if (!is.null(point$error)) value_at(objective_of(walker$fit), flat_par(walker$fit)) # passes on what is not far
    point$z <- if (is.null(point$par)) Inf else profile_z(walker$fit, point)
    if (best$z == Inf || point$z < best$z) best <- point
    if (best$z <= highest) break
  }
  replace(best, "evaluations", list(evaluations))
}

# Returns f(i, ...) that remembers what it has found for the last i: by it a walk that was interrupted goes on from its
# beginning to where it was at once.
remembering <- function(f) {
  found <- list()
  function(i, ...) {
    found <<- Filter(function(point) point$i == i, found)
    known <- Filter(function(point) identical(point$asked, list(...)), found)
    if (length(known) > 0) return(known[[1]]$end)
    end <- f(i, ...)
    if (is.null(end$error)) found <<- c(found, list(list(i = i, asked = list(...), end = end)))
    end
  }
}

# scales_at() = the standard errors at par (n), given those at the estimate: far from it they are as large a part of what has
# grown, or shrunk and kept its sign, as those of its logarithm are the same.
scales_at <- function(par, estimate, scales) {
  has_shrunk <- sign(par) == sign(estimate) & abs(par) < abs(estimate) / 30
  ifelse(has_shrunk | abs(par) > 4 * pmax(abs(estimate), scales), abs(par) * pmin(1, scales / abs(estimate)), scales)
}

# Returns the options of the runs for the others. As gradients are small from their start, these end by the published rules,
# which go by numbers: fn / fnscale is minus a log-likelihood, par / parscale in standard errors, and an iteration that gains
# no more than `gain` of it ends a run, or no more than rounding or noise hides.
control_of_others <- function(control, fit, gain = 1e-5) {
  factor <- variance_factor(fit)
  fnscale <- sign(control$fnscale) * if (factor > 0) factor else abs(control$fnscale)
  eps <- .Machine$double.eps
  hidden <- max(10 * eps, 2 * least_noise(control))
  reduction <- max(hidden, min(control$factr * eps, gain / max(1, abs(fit$value / fnscale))))
  replace(unwatched(control), c("confirm", "fnscale", "factr"), list(FALSE, fnscale, reduction / eps))
}

# until_confirmed() = the options of a run that ends on evidence, with scales of its own, or after more iterations than
# one for n parameters takes.
until_confirmed <- function(control, n) {
  replace(control, c("confirm", "parscale", "maxit"), list(TRUE, "auto", min(control$maxit, 200 + 10 * n)))
}

# Returns the minimum over all parameters but par[i], which stays at start[i], and whether the run `is_cut` short;
# NULL where fn is not finite, or where they go as far as numbers go, and the `error` instead where fn fails.
minimize_others <- function(objective, control, i, start) {
  problem <- objective$problem
  problem$par[] <- start
  problem$lower[i] <- problem$upper[i] <- start[i]
  problem$parscale <- read_parscale(control$parscale, problem$par)
  fit <- tryCatch(
    complete(start_problem(problem, control), objective$fn, objective$gr, frame = parent.env(objective),
             tape = objective$tape),
    lbfgsb_error_start = function(e) NULL,
    error = function(e) if (inherits(e, "lbfgsb_error") || is_time_limit(e)) stop(e) else list(error = e)
  )
  if (!inherits(fit, "lbfgsb")) return(fit)
  if (any(abs(fit$par) > .Machine$double.xmax / 2)) return(NULL)
  list(par = as.vector(fit$par), value = fit$value, gradient = fit$gradient, evaluations = fit$counts[["function"]],
       is_cut = fit$convergence == 1)
}

# gain_left() = sum (g_j s_j)^2 / 2 over the others, by what f / c would still fall if its curvatures were 1 / s_j^2, s_j the
# scales: much where a run has ended too early, as where one of them has become so small that its scale is far too large.
# scales: s_j / c (n), negative where f is maximized.
gain_left <- function(end, i, problem, scales) {
  slopes <- unlist(end$gradient) * scales
  at_lower <- end$par <= problem$lower & slopes > 0
  at_upper <- end$par >= problem$upper & slopes < 0
  moves <- problem$lower < problem$upper & !at_lower & !at_upper & seq_along(slopes) != i
  sum(slopes[moves]^2) / 2
}

# Returns the end of the second of two runs, or that of the first where the second has none, with the evaluations of both.
and_on <- function(first, second) {
  if (is.null(second$par)) return(first)
  replace(second, "evaluations", list(first$evaluations + second$evaluations))
}

# profile_z = sqrt(2 (f - f_min) / c), c the factor of the variance, 1 if f is minus the log-likelihood.
profile_z <- function(fit, point) {
  rise <- sign(control_of(fit)$fnscale) * (point$value - fit$value) / variance_factor(fit)
  noise <- control_of(fit)$noise
  hidden <- if (is.character(noise)) 0 else 2 * noise * abs(fit$value) / variance_factor(fit)
  if (rise < -max(negligible_gain, hidden)) refuse_fit(fit, point)
  sqrt(2 * max(rise, 0))
}

negligible_gain <- 5e-5 # of a log-likelihood: no z is off by more than 0.01 for that

# Refuses a fit that is not at the minimum; lbfgsb_last() keeps the better point.
refuse_fit <- function(fit, point) {
  exact <- kind_of_fn(fit) == "squares" && fit$value <= .Machine$double.eps * fit$history$value[1]
  error <- lbfgsb_error_profile(fit, refill(fit$par, as.vector(point$par)), point$value, isTRUE(exact))
  remember(error, is_empty = FALSE)
  stop(error)
}
