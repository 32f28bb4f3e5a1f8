#' Check a gradient against differences of the function
#'
#' Compares the gradient that `gr`, or `fn` itself, delivers with differences of `fn`, parameter by parameter,
#' and says which elements do not fit. A wrong gradient is the most frequent reason for a run that fails or ends
#' too early. [lbfgsb()] warns of most; this tells which elements are wrong, and finds those that a run did not
#' notice.
#'
#' @section Method:
#' For each parameter \eqn{x_i} there are ten slopes \eqn{D_k}, by differences of second order with
#' the steps \eqn{h_k = 10^{-k} \max(|x_i|, 10^{-3})}{h_k = 10^-k max(|x_i|, 0.001)},
#' \eqn{k = 1, ..., 10}, all of them inside the box. They are off by some \eqn{C h_k^2} and by
#' rounding, \eqn{\delta / h_k}. Neither \eqn{C} nor \eqn{\delta} is known; from the slopes
#' themselves
#' \deqn{E_k = |D_{k-1} - D_k| + \frac{4}{h_k} \max(\rho, \max_{j \ge k} |D_j - D_{j+1}| h_{j+1})}{
#'       E_k = |D[k-1]-D[k]| + 4 max(r, |D[j]-D[j+1]| h[j+1], j >= k) / h_k}
#' bounds both, where \eqn{\rho}{r} is the smallest difference between two of the values of `fn`, or between two such
#' differences, at least the rounding error of `fn(par)`, and larger where `fn` is. With both points on one side
#' of \eqn{x_i} noise has four times the effect, and the last term is four times as large. Where steps are longer than all
#' that `fn` has there, as 1000 days for the phase of a star, it looks like noise, and slopes are next to 0: \eqn{D_k} does
#' not count if a smaller step \eqn{h_j}, but the last, has a slope off by more than \eqn{10 (E_j + E_k)}. Of the others that
#' with the smallest \eqn{E_k} is `numeric`, and `allowed` is this \eqn{E_k} plus
#' \eqn{\epsilon^{1/3}}{epsilon^(1/3)} of the slope, about 6e-6: nothing better is asked of a
#' gradient than of one by differences.
#'
#' So `allowed` is small where `fn` is smooth, and large where it is noisy, rounded to a few digits,
#' or changes by little beside its own size. What is wrong by less than that does not show. Noise
#' that is smooth over the smallest steps does not show in these slopes: say so by `control$noise`,
#' and \eqn{\rho}{r} is at least that part of `fn(par)`. Where a run of [lbfgsb()] fails, it compares
#' slopes in the same way, with the noise that it was told or has found, and finds none wrong that fits at any of the
#' steps, by an error a tenth of what it is off at the best. Ridders (1982) takes the
#' error from differences with several steps as well; Moré and Wild (2012) treat noise.
#'
#' A gradient may be right at one point and wrong elsewhere, as one that is computed once and never again. So
#' one slope, that in the direction of steepest descent, is compared at a second point too, about a hundredth of
#' each parameter away. All in all a check takes some twenty evaluations of `fn` for each parameter, that of a fit
#' twice as many.
#'
#' @section Errors:
#' Wrong arguments are errors of the classes in [lbfgsb_conditions]; `par`, the box and the
#' functions are read as in [lbfgsb()]. It is an error of class `lbfgsb_error_argument` if there is
#' no gradient, of class `lbfgsb_error_start` if `fn(par)` is not finite.
#'
#' @inheritParams lbfgsb
#' @param par the point at which to check: a numeric vector, matrix, array or named list of such, as the start
#'   of [lbfgsb()]. The solution is no good choice: the gradient is 0 there, so a wrong factor would not show. Nor is
#'   a point with zeros: what is multiplied by one, as in a penalty `beta^2`, does not show there.
#' @param fn the function, of `par` and `...`; or a fit of [lbfgsb()], which needs no other argument: its gradient is
#'   checked at its start, and beside its estimate, about a hundredth of each parameter away. The order `par, fn, gr`
#'   of `lbfgsb()` is understood too.
#' @param gr its gradient, a function of `par` and `...`; or `NULL` if `fn` delivers it.
#' @param ... further arguments of `fn` and `gr`; ignored by `print()`.
#' @param control options as for [lbfgsb()], of which only `noise`, a number, matters here.
#' @return A data frame of class `lbfgsb_gradient_check` with a row for each parameter:
#'   - `parameter`: its name, or its position in brackets;
#'   - `analytic`, `numeric`: the element of the gradient, as delivered and by differences;
#'   - `difference`: the absolute difference of the two;
#'   - `allowed`: the most by which a right gradient would differ, in the same unit: what `numeric` may be off by;
#'   - `fits`: whether `difference <= allowed`; `NA` if the parameter is fixed, or if `fn` is not
#'     finite at enough points around `par`;
#'   - `at`: only for a fit: the point that the row is of, `"start"` or `"estimate"`. It is the start, unless only
#'     the other shows that the gradient does not fit.
#'
#'   The attribute `"nearby"` is a list on the second point: the slopes `analytic` and `numeric`,
#'   `disagrees`, whether they differ by more than a right gradient's would, and the `direction` in
#'   words; or `NULL` if `fn` or the gradient is not finite there.
#'
#'   `print()` says in a sentence what was found, shows the worst rows first, judged by
#'   `difference / allowed`, and returns `x` invisibly.
#' @references
#' C. J. F. Ridders (1982). Accurate computation of F'(x) and F'(x)F''(x). *Advances in Engineering
#' Software* 4(2), 75-76. \doi{10.1016/S0141-1195(82)80057-0}
#'
#' J. J. Moré and S. M. Wild (2012). Estimating derivatives of noisy simulations. *ACM Transactions
#' on Mathematical Software* 38(3), 19:1-19:21. \doi{10.1145/2168773.2168777}
#' @seealso [lbfgsb()]
#' @examples
#' rosenbrock <- function(x) 100 * (x[["b"]] - x[["a"]]^2)^2 + (1 - x[["a"]])^2
#' gradient <- function(x) {
#'   r <- 200 * (x[["b"]] - x[["a"]]^2)
#'   c(-2 * x[["a"]] * r - 2 * (1 - x[["a"]]), r)
#' }
#' check_gradient(rosenbrock, gradient, c(a = -1.2, b = 1))
#'
#' # The chain rule forgotten: `a` lacks the factor -2 a.
#' forgotten <- function(x) {
#'   r <- 200 * (x[["b"]] - x[["a"]]^2)
#'   c(r - 2 * (1 - x[["a"]]), r)
#' }
#' check <- check_gradient(rosenbrock, forgotten, c(a = -1.2, b = 1))
#' check
#' subset(check, !fits)$parameter
#' @export
check_gradient <- function(fn, gr = NULL, par, ..., lower = -Inf, upper = Inf, control = list()) {
  if (inherits(as_fit(fn), "lbfgsb")) return(check_fit(as_fit(fn)))
  if (!is.function(fn) && is.function(gr)) {
    return(check_gradient(fn = gr, gr = if (!missing(par)) par, par = fn, ..., lower = lower, upper = upper,
                          control = control))
  }
  if (missing(par)) stop(lbfgsb_error_argument("par", "is missing: give the point at which to check"))
  check_call(fn, gr, hessian = FALSE)
  if (is.list(par)) {
    start <- as_start(par)
    at <- flat_problem(start, lower, upper)
    return(check_gradient(fn = flat_fn(fn, start), gr = flat_gr(gr, start), par = at$par, ...,
                          lower = at$lower, upper = at$upper, control = control))
  }
  problem <- new_problem(par, lower, upper, parscale = 1)
  only_noise <- replace(default_control, "noise", as_control(control)["noise"])
  compare_gradient(new_objective(fn, gr, problem, only_noise, frame = environment()))
}

# Compares at the start of a fit and beside its estimate, where other terms show: each row is of the point `at` which
# finds the gradient wrong, or else of the start, if that can judge.
check_fit <- function(fit) {
  objective <- objective_of(fit)
  start <- compare_gradient(objective)
  silent <- recording(objective, guard = or_nan)
  end <- compare_gradient(silent, beside_estimate(fit, silent))
  start$at <- "start"
  end$at <- "estimate"
  tells_more <- gravity(end) > gravity(start)
  start[tells_more, ] <- end[tells_more, ]
  if (!isTRUE(attr(start, "nearby")$disagrees)) attr(start, "nearby") <- attr(end, "nearby")
  attr(start, "names_explain") <- attr(start, "names_explain") %||% attr(end, "names_explain")
  start
}

# gravity() = 0 where there is no verdict, 1 where the gradient fits, 2 where it does not.
gravity <- function(check) ifelse(is.na(check$fits), 0, 2 - check$fits)

# Returns the problem with a point beside the estimate for its start, or the estimate if `fn` is not finite there.
beside_estimate <- function(fit, objective) {
  problem <- objective$problem
  problem$par[] <- flat_par(fit)
  aside <- as.vector(point_beside(problem$par, problem, 0.01) - problem$par)
  if (is.finite(value_along(objective, problem$par, aside, 1))) problem$par <- onto_box(problem$par + aside, problem)
  problem
}

# Compares at the start of the problem.
compare_gradient <- function(objective, problem = objective$problem) {
  value <- value_at(objective, problem$par)$value
  analytic <- delivered_gradient(objective, problem$par)$gradient
  refuse_uncheckable(problem$par, value, analytic)
  numeric <- numeric_gradient(objective, problem, value)
  compared <- function(analytic) new_comparison(labels_of(problem$par), analytic, numeric)
  fits <- function(objective, par) !any(compared(delivered_gradient(objective, par)$gradient)$fits %in% FALSE)
  comparison <- compared(analytic)
  structure(
    comparison,
    names_explain = if (any(comparison$fits %in% FALSE)) describe_names(objective, problem$par, fits),
    nearby = compare_nearby(objective, problem),
    has_zeros = any(problem$par == 0 & problem$lower < problem$upper),
    class = c("lbfgsb_gradient_check", "data.frame")
  )
}

refuse_uncheckable <- function(par, value, gradient) {
  if (is.null(gradient)) {
    stop(lbfgsb_error_argument("gr", "is NULL and `fn` delivers none: there is nothing to check"))
  }
  if (!is.finite(value)) {
    stop(lbfgsb_error_start(par, value, gradient, "`fn` must be finite at `par`, not ", value))
  }
}

new_comparison <- function(labels, analytic, numeric) {
  difference <- abs(analytic - numeric$slope)
  data.frame(
    parameter = labels,
    analytic = analytic,
    numeric = numeric$slope,
    difference = difference,
    allowed = numeric$error,
    fits = fits_within(difference, numeric$error)
  )
}

# Returns NA where the error is not known; a difference that is not finite does not fit.
fits_within <- function(difference, error) {
  ifelse(is.finite(error), is.finite(difference) & difference <= error, NA)
}

# Returns the numeric `slope` along each parameter and its `error` (n), NA if it is fixed.
numeric_gradient <- function(objective, problem, value) {
  value_of <- function(par) value_at(objective, par)$value
  movable <- which(problem$lower < problem$upper)
  ladders <- lapply(movable, function(i) slope_ladder(value_of, problem$par, i, problem, value))
  everywhere <- rep(NA_real_, length(problem$par))
  best <- best_slopes(ladders, value, least_noise(objective$control))
  lapply(best, function(estimate) replace(everywhere, movable, estimate))
}

# Returns the derivative along x_i of f with steps that become smaller by tens, second order in each: a column
# for each step at which f is finite. Steps for which the box has no room are one step.
slope_ladder <- function(f, x, i, problem, f0) {
  steps <- 10^-(1:10) * parameter_size(x[[i]], problem$parscale[i])
  rungs <- unique(lapply(steps, function(step) difference_points(x, i, problem, step, order = 2)))
  ladder <- vapply(rungs, function(points) slope_rung(f, x, i, points, f0), numeric(4))
  ladder[, is.finite(ladder["slope", ]), drop = FALSE]
}

# Returns the slope by differences at these points; the step h, such that errors e of f change it by e / h at
# most; the largest |f|; and the smallest gap of its values.
slope_rung <- function(f, x, i, points, f0) {
  values <- f0
  recorded <- function(x) {
    value <- f(x)
    values <<- c(values, value)
    value
  }
  evaluate <- one_by_one(recorded)
  first <- head(points, 2)
  known <- evaluate(x, rep(i, length(first)), first)
  slope <- partial_derivative(evaluate, list(x = x, value = f0), i, points, known, order = 2)
  values <- sort(unique(values[is.finite(values)]))
  c(slope = slope, step = noise_step(points - x[[i]]), size = max(abs(values)), gap = smallest_gap(values))
}

# Returns the smallest difference of ordered values, or of two of their differences, if that is more than rounding: values that
# are multiples of the resolution of f have such differences; Inf if there is one value.
smallest_gap <- function(values) {
  first <- diff(values)
  second <- abs(diff(first))
  min(first, second[second > 8 * .Machine$double.eps * max(abs(values))], Inf)
}

# Returns h over that weight: extrapolate() adds up values of f with weights of |sum| 1 / h between offsets h
# and -h, and of 4 / h where the offsets are h and 2 h.
noise_step <- function(offsets) {
  both_sides <- isTRUE(offsets[1] * offsets[2] < 0)
  abs(offsets[1]) / if (both_sides) 1 else 4
}

# Returns the relative error that values of `fn` have at least: of rounding, or the noise told or found.
least_noise <- function(control) {
  noise <- control$noise
  if (is.character(noise)) .Machine$double.eps else max(noise, .Machine$double.eps)
}

# Returns the best slope of each ladder, and its error. The resolution of f, the smallest difference that it
# shows, is taken from the other ladders where f is constant along one. If it is along all, as if f were rounded
# to the fewest digits that are thought of. `noise`: the least relative error of values.
best_slopes <- function(ladders, f0, noise) {
  best <- Map(best_slope, ladders, resolutions(ladders, f0, noise), f0)
  list(slope = vapply(best, `[[`, 0, "slope"), error = vapply(best, `[[`, 0, "error"))
}

resolutions <- function(ladders, f0, noise) {
  resolution <- vapply(ladders, function(ladder) min(ladder["gap", ], Inf), 0)
  constant <- is.infinite(resolution)
  resolution[constant] <- if (all(constant)) coarsest_rounding * abs(f0) else min(resolution)
  pmax(resolution, noise * abs(f0))
}

# Six significant digits.
coarsest_rounding <- 1e-5

# Returns the slope D_k with the smallest E_k that no finer one contradicts, see the section Method.
best_slope <- function(ladder, resolution, f0) {
  if (ncol(ladder) < 2) return(c(slope = NaN, error = Inf))
  errors <- slope_errors(ladder, resolution, f0)
  best <- which.min(ifelse(are_contradicted(ladder["slope", ], errors), Inf, errors))
  slope <- ladder[["slope", best]]
  c(slope = slope, error = errors[[best]] + gradient_accuracy * abs(slope))
}

# slope_errors() = E_k: |D_{k-1} - D_k| bounds C h_k^2; noise shows in the slopes of all smaller steps as well; rounding
# may grow with the size of f.
slope_errors <- function(ladder, resolution, f0) {
  h <- ladder["step", ]
  changes <- abs(diff(ladder["slope", ]))
  noise <- rev(cummax(rev(c(changes * h[-1], resolution))))
  rounding <- min(resolution / abs(f0), coarsest_rounding, na.rm = TRUE) * ladder["size", ]
  c(Inf, changes) + 4 * pmax(noise, rounding) / h
}

# Tells of each k whether there is a j > k with |D_j - D_k| > 10 (E_j + E_k), but for the last one: no finer slope tells
# whether that is noise. So it is where h_k is longer than all that fn has there: D_k is then about 1 / h_k, as by noise.
are_contradicted <- function(slopes, errors) {
  apart <- abs(outer(slopes, slopes, `-`)) > 10 * outer(errors, errors, `+`)
  finer <- col(apart) > row(apart) & col(apart) < length(slopes)
  rowSums(apart & finer, na.rm = TRUE) > 0
}

gradient_accuracy <- .Machine$double.eps^(1 / 3) # relative; no more is asked of one

# Returns the slopes at a point a hundredth or two of each parameter away from `par`, inside the box: a gradient that
# does not follow `par` shows there. NULL where `fn` or the gradient is not finite.
compare_nearby <- function(objective, problem) {
  par <- problem$par
  par[] <- point_beside(as.vector(par), problem, 0.01)
  value <- value_at(objective, par)$value
  if (!is.finite(value)) return(NULL)
  gradient <- delivered_gradient(objective, par)$gradient
  if (all(is.finite(gradient))) compare_slopes(objective, problem, par, gradient, value)
}

# Returns the slope of `fn` at `par` along d, as far as that is inside the box, or the direction of steepest
# feasible descent, in which no parameter moves by more than its own size: `analytic`, g'd with g = gradient, and
# `numeric`; whether they disagree by more than with a right g; `direction`, d in words; and `error`, that of
# `numeric`. value = fn(par) and g are finite.
compare_slopes <- function(objective, problem, par, gradient, value,
                           d = feasible_descent(par, gradient, problem)) {
  d <- as.vector(onto_box(par + d, problem) - par)
  if (all(d == 0)) return(list(analytic = 0, numeric = 0, disagrees = FALSE, direction = "", error = 0))
  compare_along(objective, problem, par, d, sum(gradient * d), value)
}

# Does so along any d of the box.
compare_along <- function(objective, problem, par, d, analytic, value) {
  ladder <- slope_ladder(function(t) value_along(objective, par, d, t), 0, 1, line_through(par, d, problem), value)
  resolution <- resolutions(list(ladder), value, least_noise(objective$control))
  numeric <- as.list(best_slope(ladder, resolution, value))
  off <- abs(analytic - numeric$slope)
  fits <- !fits_within(off, numeric$error) %in% FALSE || fits_a_step(analytic, off / 10, ladder, resolution, value)
  list(
    analytic = analytic,
    numeric = numeric$slope,
    disagrees = !fits,
    direction = describe_direction(d, par, problem),
    error = numeric$error
  )
}

# Tells whether a slope fits at a step whose error is at most `known`: noise that is smooth over smaller steps has slopes
# of its own there.
fits_a_step <- function(slope, known, ladder, resolution, f0) {
  errors <- slope_errors(ladder, resolution, f0)
  any(errors <= known & abs(slope - ladder["slope", ]) <= errors)
}

# value_along() = fn(P(par + t d))
value_along <- function(objective, par, d, t) value_at(objective, onto_box(par + t * d, objective$problem))$value

# feasible_descent() = d = P(x - s D^2 g) - x, D = diag(parameter sizes), with s such that of the parameters
# that can move the steepest moves by its size, or to its bound.
feasible_descent <- function(par, gradient, problem) {
  blocked <- par <= problem$lower & gradient > 0 | par >= problem$upper & gradient < 0
  slopes <- ifelse(blocked, 0, gradient)
  if (all(slopes == 0)) return(numeric(length(par)))
  sizes <- parameter_sizes(par, problem)
  steepness <- sizes * (slopes / max(abs(slopes)))
  as.vector(onto_box(par - sizes * (steepness / max(abs(steepness))), problem) - par)
}

parameter_sizes <- function(par, problem) {
  parameter_size(as.vector(par), problem$parscale)
}

# Returns the points par + t d of the box as a problem in t, of size 1 at t = 0: -1 <= t <= 1.
line_through <- function(par, d, problem) {
  behind <- ifelse(d > 0, par - problem$lower, problem$upper - par) / abs(d)
  list(lower = -min(1, behind[d != 0]), upper = 1, parscale = 1000)
}

# describe_direction() = "b (-), sigma (+) and 3 more": the parameters that d moves, measured by their sizes, at
# least a tenth as far as the one it moves farthest.
describe_direction <- function(d, par, problem) {
  enumerate(signed_labels(d, par, leading_moves(d, par, problem)))
}

signed_labels <- function(d, par, elements) paste(labels_of(par, elements), ifelse(d[elements] > 0, "(+)", "(-)"))

leading_moves <- function(d, par, problem) {
  moves <- abs(d) / parameter_sizes(par, problem)
  order(-moves)[seq_len(sum(moves >= max(moves) / 10))]
}

#' @rdname check_gradient
#' @param x what `check_gradient()` returned.
#' @param digits significant digits.
#' @param rows the most parameters to print.
#' @export
print.lbfgsb_gradient_check <- function(x, digits = 4, rows = 10, ...) {
  if (!all(c("parameter", "difference", "allowed", "fits") %in% names(x))) return(NextMethod())
  cat(strwrap(verdict_on(x)), sep = "\n")
  cat("\n")
  excess <- ifelse(is.finite(x$difference), x$difference / x$allowed, Inf)
  shown <- head(order(x$fits, -excess), rows)
  print(as.data.frame(x)[shown, ], digits = digits, row.names = FALSE)
  tell_hidden(nrow(x) - length(shown))
  invisible(x)
}

# Writes one sentence on the parameters that were judged, then what else there is to say.
verdict_on <- function(check) {
  wrong <- check$parameter[check$fits %in% FALSE]
  judged <- sum(!is.na(check$fits))
  verdict <- if (length(wrong) > 0) {
    paste0("The gradient does not fit `fn` ", only_at_the_end(check), "in ", length(wrong), " of ",
           count_of(judged), ": ", enumerate(wrong), ".", sub("^([ai])(.*)", " \\U\\1\\E\\2.", perl = TRUE,
                                                                attr(check, "names_explain") %||% describe_factor_in(check)))
  } else if (judged > 0) {
    points <- if (!is.null(check$at)) ", at the start and beside the estimate"
    paste0("The gradient fits `fn` in ", count_of(judged), points, ".")
  } else {
    "There was nothing to check."
  }
  paste(c(verdict, verdict_nearby(attr(check, "nearby"), wrong), unjudged(check), hidden_by_zeros(check, wrong)), collapse = " ")
}

# Says that all elements are off by one factor; NULL where they are not.
describe_factor_in <- function(check) {
  check <- check[!is.na(check$fits), ]
  worst <- which.max(abs(check$numeric) / check$allowed)
  if (length(worst) == 0) return(NULL)
  times <- check$analytic[worst] / check$numeric[worst]
  is_common <- abs(check$analytic - times * check$numeric) <= (1 + abs(times)) * check$allowed
  if (isTRUE(all(is_common)) && times != 0) describe_factor(times, nrow(check))
}

# Says what does not show at the point, if it is the only one, and all fits there.
hidden_by_zeros <- function(check, wrong) {
  fits <- length(wrong) == 0 && !isTRUE(attr(check, "nearby")$disagrees)
  if (fits && isTRUE(attr(check, "has_zeros")) && is.null(check$at)) {
    "Where a parameter is 0, what is multiplied by it, as in a penalty, does not show: check at another point, too."
  }
}

# Says that the start of a fit shows none of what is wrong.
only_at_the_end <- function(check) {
  where <- check$at[check$fits %in% FALSE]
  if (!is.null(where) && all(where == "estimate")) "beside the estimate, though it does at the start, "
}

count_of <- function(k) paste(k, if (k == 1) "parameter" else "parameters")

# Tells of the second point, if all fits at `par`: what is wrong there is likely to be wrong near it too.
verdict_nearby <- function(nearby, wrong) {
  if (length(wrong) == 0 && isTRUE(nearby$disagrees)) {
    sprintf(paste("But it does not fit close by: in the direction %s the slope is %.6g by the",
                  "gradient, %.6g by differences of `fn`."),
            nearby$direction, nearby$analytic, nearby$numeric)
  }
}

unjudged <- function(check) {
  fixed <- sum(is.na(check$allowed))
  unknown <- check$parameter[is.infinite(check$allowed)]
  c(
    if (fixed > 0) paste0(count_of(fixed), if (fixed == 1) " is" else " are", " fixed."),
    if (length(unknown) > 0) paste0("No differences could be taken for ", enumerate(unknown), ".")
  )
}
