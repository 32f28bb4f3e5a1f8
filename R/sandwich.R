# What single observations contribute to fn, for the sandwich A^-1 (sum of g_i g_i') A^-1.

sandwich_covariance <- function(fit, contributions, at_bound) {
  found <- curvature_of(fit)
  bread <- inverse_curvature(fit, 0, found)
  gradients <- contribution_gradients(fit, contributions, found$hessian)
  covariance <- bread %*% crossprod(gradients) %*% bread
  bound <- fit$bounds != "free"
  covariance[bound, ] <- at_bound
  covariance[, bound] <- at_bound
  covariance
}

# Takes the gradients g_i of the contributions at the estimate, as rows (observations x n); 0 for fixed
# parameters. `hessian`: that of fn, whose diagonal tells the standard errors where the others are known.
contribution_gradients <- function(fit, contributions, hessian) {
  check_contributions(contributions_at(fit, contributions, fit$par), fit)
  errors <- sqrt(most_variance_factor(fit) / abs(diag(hessian)))
  gradients <- jacobian_at(fit, function(par) contributions_at(fit, contributions, par), errors)
  dimnames(gradients) <- list(NULL, parameter_names(fit))
  gradients
}

# The call is made of symbols, so an error in it shows no data.
contributions_at <- function(fit, contributions, par) {
  if (!is.function(contributions)) {
    stop(lbfgsb_error_argument("contributions", "must be a function(par, ...) that returns what each observation contributes to ",
                               "`fn`, not ", kind_of(contributions)))
  }
  data <- parent.env(objective_of(fit))
  check_takes_dots(contributions, eval(quote(...names() %||% rep("", ...length())), data))
  frame <- list2env(list(contributions = contributions, par = par), parent = data)
  as.vector(eval(quote(contributions(par, ...)), frame))
}

# Refuses a function that does not take the `...` of the fit, of these names, "" for none: R's own error has all data in it.
check_takes_dots <- function(contributions, given) {
  arguments <- names(formals(args(contributions))) %||% "..."
  if ("..." %in% arguments) return()
  is_taken <- vapply(given, function(name) name %in% c("", NA) || any(startsWith(arguments, name)), NA)
  if (all(is_taken) && length(given) < length(arguments)) return()
  unnamed <- given %in% c("", NA)
  wanted <- paste(c("par", ifelse(unnamed, paste0("data", seq_along(given)), given)), collapse = ", ")
  stop(lbfgsb_error_argument("contributions", "gets the `...` of the fit, too, as `fn` does, and must take them as arguments: ",
                             "function(", wanted, ") ..., or function(par, ...) ..."))
}

check_contributions <- function(terms, fit) {
  if (!is.numeric(terms) || !all(is.finite(terms))) {
    stop(lbfgsb_error_argument("contributions", "must return finite numbers, not ", kind_of(terms)))
  }
  if (length(terms) == 1) {
    stop(lbfgsb_error_argument("contributions", "must return one number for each observation, not their sum"))
  }
  if (abs(sum(terms) - fit$value) > 1e-6 * max(abs(fit$value), sum(abs(terms)))) {
    objective_now(fit) # where fn has changed, that is the reason
    stop(lbfgsb_error_argument("contributions", "must return a vector whose sum is the value of fn, at the ",
                               "estimate ", format(fit$value, digits = 9), ", not ",
                               format(sum(terms), digits = 9)))
  }
}

# Takes the derivatives (outputs x n) of f, a function of par in shape, at the estimate by central differences
# in the box; 0 for fixed parameters. `errors` (n): see jacobian_steps().
jacobian_at <- function(fit, f, errors) {
  problem <- problem_of(fit)
  par <- problem$par
  par[] <- flat_par(fit)
  at <- list(x = par, value = f(in_shape(par)))
  movable <- which(problem$lower < problem$upper)
  steps <- jacobian_steps(parameter_size(as.vector(par), problem$parscale), errors)
  columns <- differentiate(one_by_one(function(x) f(in_shape(x))), at, movable, steps, problem, order = 2)
  jacobian <- matrix(0, length(at$value), length(par))
  jacobian[, movable] <- unlist(columns)
  jacobian
}

# jacobian_steps(s, e) = h (n), the steps of central differences, by the sizes of the parameters, s, and their standard
# errors, e, 0 or NA where nobody knows. Where f changes over a length L, h^2 / L^2 is what the differences leave out, and
# epsilon s / h comes of the rounding of the parameter: in balance by epsilon^(1/3) s if L = s. But a parameter may be large
# beside L, as a Julian day. A hundredth of e is short enough, or, if that is all but lost in the rounding, the balance by L = e.
jacobian_steps <- function(sizes, errors) {
  epsilon <- .Machine$double.eps
  errors[!(errors > 0)] <- NA
  pmin(epsilon^(1 / 3) * sizes, errors * pmax(0.01, (epsilon * sizes / errors)^(1 / 3)), na.rm = TRUE)
}

#' Parts of the sandwich
#'
#' Methods for the package sandwich, by which its `sandwich()`, `meat()`, `vcovCL()`, `vcovPL()`, `vcovOPG()`, `vcovHAC()`,
#' `kernHAC()` and `NeweyWest()` work on a fit that holds the contributions of its observations:
#' `fit$contributions <- function(par, ...) ...`, as [vcov.lbfgsb()] takes them. Its `vcovHC()`, `vcovPC()` and `vcovBS()`
#' do not: they need the terms of a regression model. `sandwich()` is what `vcovHC()` calls HC0, and [lbfgsb_boot()] is
#' there for `vcovBS()`. `estfun()` and `bread()` both go by the Hessian: with `hessian = TRUE` the fit has it, else each
#' computes it.
#'
#' @param x what [lbfgsb()] returned, with `contributions`.
#' @param ... ignored.
#' @return `estfun()`: the derivatives of the log-likelihood of each observation, one row per observation and
#'   one column per parameter; for a sum of squares, of minus half of its contributions, as for [lm()]. `bread()`:
#'   the inverse of minus the derivative of their sum, times the number of observations. Rows and columns of
#'   `bread()` are 0 for parameters at a bound or fixed, which are taken as known; where one is at a bound, a warning of
#'   class `lbfgsb_warning_bound` says so. [vcov()][vcov.lbfgsb] with `contributions` has `NA` there.
#' @examples
#' terms <- function(par) -dpois(warpbreaks$breaks, exp(par[["a"]]), log = TRUE)
#' fit <- lbfgsb(c(a = 1), function(par) sum(terms(par)), control = list(fn_is = "negloglik"))
#' fit$contributions <- terms
#' if (requireNamespace("sandwich", quietly = TRUE)) {
#'   sandwich::sandwich(fit)
#'   sandwich::vcovCL(fit, warpbreaks$tension)
#' }
#' @name estfun.lbfgsb
#' @method estfun lbfgsb
#' @rawNamespace S3method(sandwich::estfun,lbfgsb)
estfun.lbfgsb <- function(x, ...) {
  -contribution_gradients(x, contributions_in(x), curvature_of(x)$hessian) * sign(control_of(x)$fnscale) / score_units(x)
}

#' @rdname estfun.lbfgsb
#' @method bread lbfgsb
#' @rawNamespace S3method(sandwich::bread,lbfgsb)
bread.lbfgsb <- function(x, ...) {
  warn_unconverged(x)
  warn_of_zero_bread(x)
  length(contributions_at(x, contributions_in(x), x$par)) * score_units(x) * inverse_curvature(x, 0)
}

# A parameter at its bound would have a standard error of 0, and the best of all p values.
warn_of_zero_bread <- function(fit) {
  elements <- which(!as.vector(fit$bounds) %in% c("free", "fixed"))
  if (length(elements) == 0) return()
  warning(lbfgsb_warning_bound(elements, labels_of(flat_par(fit), elements), "normal theory does not hold, so its rows and ",
                               "columns here are 0: as if it were known. vcov(fit, contributions = fit$contributions) has NA ",
                               "there"))
}

# score_units(fit) = fn / minus the log-likelihood
score_units <- function(fit) if (kind_of_fn(fit) %in% c("deviance", "squares")) 2 else 1

contributions_in <- function(fit) {
  fit$contributions %||%
    stop(lbfgsb_error_argument("fit", "must hold the contributions of its observations: ",
                               "fit$contributions <- function(par, ...) ..., see ?vcov.lbfgsb"))
}
