#' The Hessian of a fit, and standard errors
#'
#' `lbfgsb_hessian()` returns the Hessian of `fn` at the solution, also where it was not asked for in
#' the call of [lbfgsb()]; `vcov()` the covariance matrix of the estimates, which is a multiple of its
#' inverse, by what `control$fn_is` says that `fn` is: see [lbfgsb_control()].
#'
#' @section How it is computed:
#' - With `control$gradient = "rtmb"` from the tape, exact, if that still agrees with `fn`.
#' - Else, if `gr` or `fn` delivers the gradient: by central differences of it, symmetrized, two gradients a parameter. If
#'   that Hessian is off by a twentieth from the curvature of `fn`, or from being symmetric, the gradients are compared with
#'   `fn`. If they are wrong, as with a forgotten factor, a warning of class `lbfgsb_warning_gradient` says so, and all that
#'   is made of such a fit repeats it.
#' - Else by second differences of `fn` along lines through the solution: two or four points a parameter, and four a pair
#'   of parameters, some `2 * n^2` evaluations. For 500 parameters that is half a million, where a gradient takes a
#'   thousand. Nothing is shown meanwhile.
#'
#' The errors are of order 2 and 4 in the steps. The step in each parameter is the one that raises `fn` by about
#' `sqrt(epsilon)` of its value, or 16 times that without a gradient. Here `epsilon` is `.Machine$double.eps`, or the noise
#' of `fn`, told or found by the run. That is wide enough for the rounding of `fn`, and a small part of a standard error, and
#' does not depend on `fnscale`. A likelihood with a large value, as one with a constant of a million, gets shorter steps: they
#' raise it by no more than a tenth of a standard error does, where its rounding allows that. Where `control$fn_is` is not
#' given, they may raise it by more, a part of how much `fn` has changed in the run. To find the step takes two to twelve
#' evaluations of `fn` a parameter.
#'
#' Where larger terms cancel, as in a log-likelihood of about 0 or the sum of squares of a close fit, the value does not
#' show how much of it is rounding. So if `fn` changes by more than its value when the parameters change by a hundredth,
#' one evaluation, four close by measure the error. That of a 1 which is taken away again, as in `sqrt(1 + x^2) - 1`, is the
#' same in all of these: where they show less than that change, thirteen more find the step by which it hides the curvature.
#'
#' All points are inside the box: where it has no room on one side, or `fn` is not finite there, they are on the other. Over
#' `control$cluster` the values are those of the workers, and the result is the same to the bit.
#'
#' `counts` of the fit does not include these evaluations; the attribute `"hessian_counts"` of a fit that was called with
#' `hessian = TRUE` has them. After the fit there is one more at the estimate, and over a cluster one on each worker. It
#' tells whether `fn` still is what was fitted: the error `lbfgsb_error_changed` says that a variable that it reads has
#' changed since. So it is before [profile()][profile.lbfgsb], [update()][update.lbfgsb] unless that is given other data,
#' and [lbfgsb_boot()].
#'
#' @section Parameters at their bounds:
#' A parameter at its bound is not normally distributed about its estimate, however many the data are. So
#' `vcov()` has `NA` in its row and column, and takes it as known for the others. It does the same with a fixed
#' parameter. `fit$bounds` says which these are. With `at_bound = 0` their rows and columns are 0 instead: give
#' that to functions that need the whole matrix, as `deltaMethod()` and `linearHypothesis()` of the package car and `glht()`
#' of multcomp, which return `NA` without, or stop at a singular matrix or an `NA`: `vcov. = vcov(fit, at_bound = 0)`.
#' Derivatives at a bound are those from inside.
#'
#' @section Where standard errors mean nothing:
#' A run that has not converged is not at the maximum of a likelihood: `vcov()` and all that goes by it then warn, by
#' the class `lbfgsb_warning_unconverged`, and say how to go on.
#'
#' A run may end at a saddle point, where the gradient is 0 too: from a start where parts of a model are equal, as the
#' components of a mixture, nothing tells them apart. The Hessian tells: it has a negative eigenvalue. Where that is
#' less than -1/1000 of the largest, the diagonal being scaled to 1, and `fn` falls along its vector to both sides, as two
#' values say, the fit is no minimum. Then `hessian = TRUE` takes `convergence` 0 back and warns, by the class
#' `lbfgsb_warning_saddle`, and the error of `vcov()` says so.
#'
#' A likelihood may have its maximum at infinity, as for the logit of a category whose count is 0. The run goes far
#' out, and ends as converged when nothing is left to gain. There `fn` is flat, and the standard error is huge.
#' `vcov()`, [summary()][summary.lbfgsb] and [confint()][confint.lbfgsb] then warn, by the class
#' `lbfgsb_warning_flat`: where a standard error is larger than the parameter, and than its way from the start, they
#' evaluate `fn` a standard error to both sides, or as far as the box and the domain of `fn` go. If to one side it
#' rises by less than a tenth of what the Hessian says, `fn` barely depends on the parameter; if by more than ten times
#' that, the Hessian does not tell how `fn` goes: so it is where a logistic model separates the data, as there is no
#' maximum. This takes up to ten values of `fn` for such a parameter, two as a rule, one more for all of them, and none for
#' the others. The profile goes by `fn` itself: `confint(fit, method = "profile")`.
#'
#' The data may not tell parameters apart, as the shares of four sources by the means of two tracers. Then the Hessian is
#' singular, an error of `vcov()`, or is not only by its own errors. So where the variance of a parameter is `1e5` times what
#' it were if the others were known, `fn` is evaluated as above, along the one of which that is most. If to one side it
#' rises by less than a tenth of what the Hessian says, or by more than ten times that, the same warning names the parameters
#' whose variances are made of that direction. It does not come of covariates far from 0, as years, where the Hessian is right.
#'
#' At a kink, as that of a sum of absolute values at a median, the slope jumps, and a Hessian says how long the steps of its
#' differences were. Without a gradient it often shows, as the curvature by steps twice as long is half of that. Then a warning of
#' class `lbfgsb_warning_kink` says so, and all that is made of such a Hessian repeats it.
#'
#' @section The sandwich:
#' Where the model may be wrong, or observations belong together, these standard errors mislead. The sandwich
#' needs the `contributions` of the observations to `fn`. Given these, `vcov()` is \eqn{A^{-1} (\sum_i g_i
#' g_i^T) A^{-1}}{A^-1 (sum of g_i g_i') A^-1}, with the Hessian \eqn{A} of `fn` and the gradient \eqn{g_i} of
#' each contribution, by central differences inside the box: the covariance matrix of Huber and White, whatever
#' `fn` is. The package sandwich has others, such as its `vcovCL()` for clusters; it finds the contributions in
#' the fit: `fit$contributions <- function(par, ...) ...`, then `sandwich::sandwich(fit)`.
#'
#' `summary(fit, covariance = V)`, `confint(fit, covariance = V)` and [lbfgsb_delta()] go by any such matrix `V`, and so do tests
#' of the package lmtest: `coeftest(fit, vcov. = V)`.
#'
#' @param object,fit what [lbfgsb()] returned.
#' @param at_bound what stands in the rows and columns of parameters at a bound or fixed: `NA`, or 0.
#' @param contributions for the sandwich: a function of `par`, as `fn` gets it, and the `...` of the fit, that
#'   returns a vector, one number an observation, whose sum is `fn(par, ...)`. A row with a count of equal
#'   observations is as many numbers, not one.
#' @param ... nothing: an error, but for `complete`, which other packages give to all methods.
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
lbfgsb_hessian <- function(fit) curvature_of(fit)$hessian

# Returns list(hessian, doubt), stored or computed, then with its counts; the doubt is a warning too.
curvature_of <- function(fit) {
  fit <- as_fit(fit)
  refuse_other_than_fit(fit)
  doubt <- attr(fit, "gradient_doubt")
  warn_of_doubt(doubt)
  if (!is.null(fit$hessian)) return(list(hessian = fit$hessian, doubt = doubt))
  hessian_at(objective_now(fit), fit)
}

# Returns the fit with its Hessian, and the doubt.
with_hessian <- function(fit) {
  found <- curvature_of(fit)
  fit$hessian <- found$hessian
  attr(fit, "hessian_counts") <- found$counts %||% attr(fit, "hessian_counts")
  attr(fit, "gradient_doubt") <- found$doubt
  fit
}

#' @rdname lbfgsb_hessian
#' @export
vcov.lbfgsb <- function(object, at_bound = NA, contributions = NULL, ...) {
  refuse_ignored(list(...), "vcov", c("at_bound", "contributions"), also = "complete")
  if (!is_numeric(at_bound) || length(at_bound) != 1 || !at_bound %in% c(NA, 0)) {
    stop(lbfgsb_error_argument("at_bound", "must be NA or 0: 0 takes a parameter at its bound as known"))
  }
  announce_kind(object)
  warn_unconverged(object)
  if (!is.null(contributions)) return(sandwich_covariance(object, contributions, at_bound))
  covariance <- covariance_of(object, at_bound)
  warn_of_estimate(object, covariance)
  covariance
}

covariance_of <- function(fit, at_bound = NA) {
  refuse_errors_of_other(fit, "covariance matrix")
  variance_factor(fit) * inverse_curvature(fit, at_bound)
}

# A^-1 over the free parameters, A the Hessian of what was minimized; the other rows and columns are `at_bound`.
inverse_curvature <- function(fit, at_bound, found = curvature_of(fit)) {
  A <- found$hessian * sign(control_of(fit)$fnscale)
  doubt <- found$doubt %||%
    if (has_objective(fit)) find_saddle(recording(objective_now(fit), guard = or_nan), fit, found$hessian)
  free <- fit$bounds == "free"
  dimnames(A) <- list(parameter_names(fit), parameter_names(fit))
  A[!free, ] <- at_bound
  A[, !free] <- at_bound
  labels <- parameter_names(fit)[free]
  if (any(free)) A[free, free] <- inverse_of_definite(A[free, free, drop = FALSE], labels, doubt, describe_certain(fit))
  A
}

# Says that what is said to be a likelihood is 1, as where the response is separated; NULL where it is not, by its value at the
# start.
describe_certain <- function(fit) {
  is_said <- kind_of_fn(fit) %in% c("negloglik", "loglik", "deviance") && !is_assumed(fit)
  if (!is_said || !isTRUE(abs(fit$value) < 1e-6 * abs(fit$history$value[1]))) return(NULL)
  paste0("its data are certain at the estimate, where `fn` is ", signif(fit$value, 2), ", so the likelihood may have no maximum: ",
         "if the response is 0 or 1, see \"separation\" in vignette(\"troubleshooting\", \"lbfgsb\")")
}

# Returns what `fit` has minimized: see objective.R. If the workers of its cluster do not answer any more it is
# evaluated here.
objective_of <- function(fit) {
  if (!has_objective(fit)) {
    way_on <- if (is.null(fit$state)) ": fit again" else paste0(
      ". Get one from its state, with fn as it was: lbfgsb_resume(fit$state, fn, hessian = TRUE)")
    stop(lbfgsb_error_argument("fit", "must have its `objective` for this, as `fn` is to be evaluated", way_on))
  }
  objective <- fit$objective
  if (is_ready(objective$control$cluster)) objective else without_cluster(objective)
}

# Returns list(hessian, counts, doubt) of `fn` at a fit: the Hessian (n x n), NA for fixed parameters, the
# evaluations, and the warning that the gradient is not that of `fn`, where that is so: the one that is known already, or
# a new one (R/doubt.R).
hessian_at <- function(objective, fit) {
  par <- flat_par(fit)
  check_memory(length(par))
  found <- taped_hessian(objective, par) %||% hessian_by_differences(objective, par, fit)
  dimnames(found$hessian) <- square_dimnames(par)
  found[c("hessian", "counts", "doubt")]
}

# Refuses a Hessian (n x n) for which there is no memory, with the two copies that make it symmetric, before it is evaluated.
check_memory <- function(n) {
  tryCatch(numeric(3 * n^2), error = function(e) {
    stop(lbfgsb_error_hessian(NULL, NaN, sprintf("the Hessian of %.0f parameters takes %.3g GB, ", n, 8e-9 * n^2),
                              "and there is no memory for it: go on without `hessian` and vcov(). inverse_hessian(fit) ",
                              "estimates the product of its inverse and a vector"))
  })
}

warn_of_doubt <- function(doubt) if (!is.null(doubt)) warning(doubt)

hessian_by_differences <- function(objective, par, fit) {
  spread <- if (!is.null(objective$control$cluster)) spread_call
  record <- recording(objective, guard = or_nan)
  size <- value_size(record, par, fit$value)
  of_value <- c(size, noise_of_size(objective$control, fit, size), likelihood_unit(objective$control$fn_is, fit))
  found <- .Call(C_hessian, objective, objective_calls, par, objective$problem, of_value, spread)
  found$counts[["function"]] <- found$counts[["function"]] + length(record$values)
  found$doubt <- attr(fit, "gradient_doubt")
  if (is.null(found$doubt) && found$counts[["gradient"]] == 0) {
    found <- doubt_kink(objective, par, fit$value, found, size)
    warn_of_doubt(found$doubt)
  } else if (is.null(found$doubt)) {
    doubted <- doubt_curvature(objective, par, found)
    warn_of_doubt(doubted$doubt)
    found$doubt <- doubted$doubt
    found$counts <- found$counts + doubted$counts
  }
  found$hessian <- (found$hessian + t(found$hessian)) / 2
  found
}

# Returns the noise relative to the size of a value: that of a run is relative to the values it has seen.
noise_of_size <- function(control, fit, size) {
  seen <- max(abs(c(fit$value, fit$history$value[1])), if (is.na(fit$value)) size, na.rm = TRUE)
  max(least_noise(control) * min(1, seen / size, na.rm = TRUE), .Machine$double.eps)
}

# Returns twice what fn rises by at a standard error, if it is a likelihood: where nobody has said so, no less than a tenth
# of how much fn has changed in the run, if that is more than rounding. Inf of others.
likelihood_unit <- function(kind, fit) {
  change <- abs(fit$history$value[1] - fit$value)
  tells <- isTRUE(change > sqrt(.Machine$double.eps) * abs(fit$value))
  if (is.null(kind)) return(if (tells) max(1, change / 10) else Inf)
  switch(kind, negloglik = , loglik = 1, deviance = 2, Inf)
}

square_dimnames <- function(par) {
  if (!is.null(names(par))) list(names(par), names(par))
}

# What C evaluates for values over a cluster.
spread_call <- quote(values_between(evaluate_points, par, i, j, at_i, at_j))

# Returns fn(x) where x_i = at_i and x_j = at_j, for vectors i, j, at_i, at_j.
values_between <- function(evaluate, x, i, j, at_i, at_j) {
  unlist(evaluate(x, Map(c, i, j), Map(c, at_i, at_j)))
}

# inverse_of_definite(A) = A^-1 of a symmetric positive definite matrix, an error unless it is one, judged where
# its diagonal is scaled to 1.
inverse_of_definite <- function(A, labels, doubt = NULL, cause = NULL) {
  if (!all(is.finite(A))) {
    stop(lbfgsb_error_hessian(A, NaN, "the Hessian of the free parameters is not finite: `fn` is ",
                              "not defined close to the solution; keep the solution away from there by bounds"))
  }
  parts <- scaled_eigen(A)
  check_definite(A, parts, labels, doubt, cause)
  A[] <- parts$scale * parts$vectors %*% (t(parts$scale * parts$vectors) / parts$values)
  A
}

# Returns the eigenvalues and eigenvectors of A where its diagonal is scaled to 1 or -1, and the `scale`.
scaled_eigen <- function(A) {
  scale <- 1 / sqrt(ifelse(diag(A) == 0, 1, abs(diag(A))))
  c(unclass(eigen(A * outer(scale, scale), symmetric = TRUE)), list(scale = scale))
}

# Returns a fit that has converged with what its Hessian A tells of `gap`, no less than g'A^-1 g / 2, the gain that a step
# of Newton's method promises, if `fn` keeps a tenth of it, or what it gains; or with the message that A is singular.
measure_gap <- function(fit) {
  free <- which(fit$bounds == "free")
  A <- fit$hessian[free, free, drop = FALSE] * sign(control_of(fit)$fnscale)
  tells <- fit$convergence == 0L && is.null(attr(fit, "gradient_doubt"))
  if (!tells || length(free) == 0 || !all(is.finite(A))) return(fit)
  parts <- scaled_eigen(A)
  if (!is_definite(parts)) return(tell_singular(fit))
  slopes <- crossprod(parts$vectors, parts$scale * unlist(fit$gradient)[free])
  promised <- sum(slopes^2 / parts$values) / 2
  if (promised <= max(fit$gap, 0, na.rm = TRUE)) return(fit)
  step <- replace(0 * flat_par(fit), free, -parts$scale * parts$vectors %*% (slopes / parts$values))
  record <- recording(fit$objective, guard = or_nan)
  sign <- sign(control_of(fit)$fnscale)
  gain <- sign * (fit$value - value_along(record, flat_par(fit), sign * step, 1))
  attr(fit, "hessian_counts") <- attr(fit, "hessian_counts") + c(1L, 0L)
  kept <- if (isTRUE(gain >= promised / 10)) promised else gain
  if (isTRUE(kept > max(fit$gap, 0, na.rm = TRUE))) fit$gap <- kept
  fit
}

# How far from the best point the fit is neither A tells, nor `gap`.
tell_singular <- function(fit) {
  fit$gap <- NA_real_
  better <- if (control_of(fit)$fnscale < 0) "higher" else "lower"
  fit$message <- paste0(fit$message, "; the Hessian is singular, or nearly so, and fn may be ", better,
                        " far from there: see \"singular, or nearly so\" in vignette(\"troubleshooting\", \"lbfgsb\")")
  fit
}

# Tells whether all eigenvalues of scaled_eigen() are clearly above 0: a smaller part of the largest may be rounding.
is_definite <- function(parts) min(parts$values) > sqrt(.Machine$double.eps) * max(abs(parts$values))

# Refuses any other A, and one whose smallest eigenvalue may be the rounding of its elements; the error names the
# parameters with a large part in that eigenvector. One below 0 may be the error of differences, of an A that is
# singular. `doubt`: a warning that says what is wrong, or NULL; `cause`: what is the likely one, or NULL.
check_definite <- function(A, parts, labels, doubt, cause) {
  if (is_definite(parts)) return()
  smallest <- parts$values[nrow(A)]
  error <- 1e-5 * max(abs(parts$values))
  told <- if (!is.null(doubt) || smallest < -error) "not positive definite" else "singular, or nearly so"
  stop(lbfgsb_error_hessian(
    A, smallest, "the Hessian of the free parameters is ", told, ", so there is no covariance matrix: ",
    if (is.null(doubt)) cause %||% describe_indefinite(parts, labels, error) else message_of(doubt), doubt = doubt
  ))
}

describe_indefinite <- function(parts, labels, error) {
  last <- length(labels)
  loadings <- abs(parts$vectors[, last])
  involved <- intersect(order(-loadings), which(loadings > 0.3))
  named <- enumerate(labels[involved])
  cause <- if (parts$values[last] < -error) {
    paste("the run has not reached a minimum, or the data say too little about", named)
  } else if (length(involved) == 1) {
    paste0("`fn` does not change with ", named, " beside the estimate. If it does not use it, fix it, or leave it out; it may ",
           "also change by jumps, as with a change point")
  } else {
    paste0("the data can hardly tell ", named, " apart. If they belong to covariates that are nearly collinear, as a year and ",
           "its square, or an intercept and a year, centre these; if only their sum, or the like, matters, fix one; if the ",
           "response is 0 or 1, it may be separated")
  }
  paste0(cause, " (smallest eigenvalue ", signif(parts$values[last], 2), " where the diagonal is 1): see \"not positive ",
         "definite\" in vignette(\"troubleshooting\", \"lbfgsb\")")
}
