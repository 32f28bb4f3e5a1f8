#' The Hessian of a fit, and standard errors
#'
#' `lbfgsb_hessian()` returns the Hessian of `fn` at the solution, also where it was not asked for in
#' the call of [lbfgsb()]; `vcov()` the covariance matrix of the estimates, which is a multiple of its
#' inverse, by what `control$fn_is` says that `fn` is: see [lbfgsb_control()].
#'
#' @section How it is computed:
#' By central differences of the gradient, which is itself made of differences where `fn` and `gr`
#' deliver none, all inside of the box; the result is symmetrized. The step in each parameter is the
#' one that raises `fn` by about `sqrt(epsilon)` of `max(abs(fn), fnscale)`: wide enough for the
#' rounding of `fn`, and a small part of a standard error. It takes four to ten evaluations of `fn`
#' a parameter to find it. `counts` of the fit does not include any of these.
#'
#' @section Parameters at their bounds:
#' At a bound the derivatives are those from inside. Such a parameter is not normally distributed
#' about its estimate, however many the data are, so `vcov()` has `NA` in its row and column, and
#' treats the others as if it were known; so it does with a fixed parameter, whose row and column
#' are `NA` in the Hessian already. `fit$bounds` says which these are. With `at_bound = 0` their rows and
#' columns are 0: they are taken as known throughout, as functions of all parameters want it.
#'
#' @section The sandwich:
#' Where the model may be wrong, or observations belong together, the curvature alone misleads. Given the
#' `contributions` of the observations to `fn`, `vcov()` is \eqn{A^{-1} (\sum_i g_i g_i^T) A^{-1}}{A^-1 (sum of
#' g_i g_i') A^-1}, with the Hessian \eqn{A} of `fn` and the gradient \eqn{g_i} of each contribution, by central
#' differences inside the box: the covariance matrix of Huber and White, whatever `fn` is. The package sandwich
#' has others, such as its `vcovCL()` for clusters; it finds the contributions in the fit:
#' `fit$contributions <- function(par, ...) ...`, then `sandwich::sandwich(fit)`.
#'
#' @param object,fit what [lbfgsb()] returned.
#' @param at_bound what stands in the rows and columns of parameters at a bound or fixed: `NA`, or 0.
#' @param contributions for the sandwich: a function of `par`, as `fn` gets it, and the `...` of the fit, that
#'   returns a vector, one number an observation, whose sum is `fn(par, ...)`.
#' @param ... ignored.
#' @return A matrix with the names of the parameters, those of [coef()][coef.lbfgsb] for `vcov()`, which throws
#'   an `lbfgsb_error_hessian`
#'   ([lbfgsb_conditions]) where the Hessian of the free parameters is not positive definite.
#' @seealso [confint.lbfgsb()], [inverse_hessian()]
#' @examples
#' # Minus the log-likelihood of a logistic regression
#' X <- cbind(intercept = 1, weight = mtcars$wt)
#' terms <- function(beta) -dbinom(mtcars$am, 1, plogis(drop(X %*% beta)), log = TRUE)
#' nll <- function(beta) sum(terms(beta))
#' fit <- lbfgsb(c(intercept = 0, weight = 0), nll, control = list(fn_is = "negloglik"))
#' sqrt(diag(vcov(fit)))
#' sqrt(diag(vcov(glm(am ~ wt, binomial, mtcars))))
#' sqrt(diag(vcov(fit, contributions = terms)))
#' @export
lbfgsb_hessian <- function(fit) {
  if (!is.null(fit$hessian)) return(fit$hessian)
  hessian_at(objective_of(fit), flat_par(fit), fit$value)
}

#' @rdname lbfgsb_hessian
#' @export
vcov.lbfgsb <- function(object, at_bound = NA, contributions = NULL, ...) {
  announce_kind(object)
  if (!is.null(contributions)) return(sandwich_covariance(object, contributions, at_bound))
  covariance_of(object, at_bound)
}

covariance_of <- function(fit, at_bound = NA) variance_factor(fit) * inverse_curvature(fit, at_bound)

# A^-1 over the free parameters, A the Hessian of what was minimized; the other rows and columns are `at_bound`.
inverse_curvature <- function(fit, at_bound) {
  A <- lbfgsb_hessian(fit) * sign(control_of(fit)$fnscale)
  free <- fit$bounds == "free"
  dimnames(A) <- list(parameter_names(fit), parameter_names(fit))
  A[!free, ] <- at_bound
  A[, !free] <- at_bound
  if (any(free)) A[free, free] <- inverse_of_definite(A[free, free, drop = FALSE], parameter_names(fit)[free])
  A
}

# Returns what `fit` has minimized: see objective.R. If the workers of its cluster do not answer any more it is
# evaluated here.
objective_of <- function(fit) {
  if (!is.environment(fit$objective)) {
    stop(lbfgsb_error_argument("fit", "must be a fit of lbfgsb() with its `objective`"))
  }
  objective <- fit$objective
  if (is_ready(objective$control$cluster)) objective else without_cluster(objective)
}

# Returns the Hessian (n x n) of `fn` at `par`, where it is `value`, by differences of the gradient inside the
# box, symmetrized; NA for fixed parameters.
hessian_at <- function(objective, par, value) {
  problem <- objective$problem
  movable <- which(problem$lower < problem$upper)
  steps <- hessian_steps(objective, par, value)
  gradient_of <- function(par) stepped_gradient(objective, par, steps)[movable]
  at <- list(x = par, value = gradient_of(par))
  columns <- differentiate(one_by_one(gradient_of), at, movable, steps, problem, order = 2)
  hessian <- matrix(NA_real_, length(par), length(par), dimnames = square_dimnames(par))
  hessian[movable, movable] <- unlist(columns)
  (hessian + t(hessian)) / 2
}

square_dimnames <- function(par) {
  if (!is.null(names(par))) list(names(par), names(par))
}

# Returns the gradient as fn or gr deliver it, else by differences with these steps (n).
stepped_gradient <- function(objective, par, steps) {
  delivered <- delivered_gradient(objective, par)
  if (!is.null(delivered$gradient)) return(delivered$gradient)
  difference_gradient(objective$evaluate_points, par, steps, objective$problem, delivered$value, 2)
}

# Finds steps h (n) such that the mean of fn(x +- h_i) is sqrt(epsilon) of its size above fn(x), to a factor of
# 4; NA for fixed parameters.
hessian_steps <- function(objective, par, value) {
  problem <- objective$problem
  target <- sqrt(.Machine$double.eps) * max(abs(value), abs(objective$control$fnscale))
  steps <- rep(NA_real_, length(par))
  for (i in which(problem$lower < problem$upper)) {
    rise_of <- function(step) {
      points <- difference_points(par, i, problem, step, 2)
      second_difference(function(x) value_at(objective, x)$value, par, i, points, value) / 2
    }
    first <- .Machine$double.eps^(1 / 4) * parameter_size(par[[i]], problem$parscale[i])
    steps[i] <- step_to_rise(rise_of, first, target)
  }
  steps
}

# step_to_rise = h with rise_of(h) = target to a factor of 4, rise_of(h) being about h^2 times a constant.
step_to_rise <- function(rise_of, step, target, attempts = 6) {
  for (attempt in seq_len(attempts)) {
    ratio <- abs(rise_of(step)) / target
    if (!is.finite(ratio)) {
      step <- step / 10
    } else if (ratio < 1 / 4 || ratio > 4) {
      step <- step * min(max(1 / sqrt(ratio), 1 / 100), 100)
    } else {
      break
    }
  }
  step
}

# second_difference = h^2 f''(x) along x_i from the first two points at x + d1, x + d2: with the slopes s1, s2
# of the secants from x, f'' = 2 (s2 - s1) / (d2 - d1), and h = d1.
second_difference <- function(f, x, i, points, f0) {
  if (length(points) < 2) return(NaN)
  d <- points[1:2] - x[[i]]
  s <- c(f(replace(x, i, points[1])) - f0, f(replace(x, i, points[2])) - f0) / d
  2 * d[1]^2 * (s[2] - s[1]) / (d[2] - d[1])
}

# inverse_of_definite(A) = A^-1 of a symmetric positive definite matrix, an error unless it is one, judged where
# its diagonal is scaled to 1.
inverse_of_definite <- function(A, labels) {
  if (!all(is.finite(A))) {
    stop(lbfgsb_error_hessian(A, NaN, "the Hessian of the free parameters is not finite: `fn` is ",
                              "not defined close to the solution"))
  }
  scale <- 1 / sqrt(ifelse(diag(A) == 0, 1, abs(diag(A))))
  parts <- eigen(A * outer(scale, scale), symmetric = TRUE)
  check_definite(A, parts, labels)
  A[] <- scale * parts$vectors %*% (t(scale * parts$vectors) / parts$values)
  A
}

# Refuses any other A; its error names the parameters with a large part in the eigenvector of the smallest eigenvalue.
check_definite <- function(A, parts, labels) {
  smallest <- parts$values[nrow(A)]
  if (smallest < sqrt(.Machine$double.eps) * parts$values[1]) {
    loadings <- abs(parts$vectors[, nrow(A)])
    involved <- intersect(order(-loadings), which(loadings > 0.3))
    stop(lbfgsb_error_hessian(
      A, smallest, "the Hessian of the free parameters is not positive definite, so there is no ",
      "covariance matrix: the run has not reached a minimum, or the data say too little about ",
      enumerate(labels[involved]), " (smallest eigenvalue ", signif(smallest, 2),
      " where the diagonal is 1)"
    ))
  }
}
