#' A fit as a data frame
#'
#' Methods for the generics of the package generics, which broom and others export: `tidy()` returns
#' one row per parameter, `glance()` one row for the fit.
#'
#' @param x what [lbfgsb()] returned.
#' @param conf.int if `TRUE`, [confint()][confint.lbfgsb] is added, by Wald.
#' @param conf.level its level.
#' @param ... ignored.
#' @return A data frame. `tidy()`: `term`, `estimate`, if the fit has its `hessian` `std.error`,
#'   `statistic` and `p.value` (see [vcov.lbfgsb()] for when they are valid, and for the warnings) and `newton`
#'   (see [summary()][summary.lbfgsb]), `bounds`, and if asked for `conf.low` and `conf.high`. `glance()`:
#'   `value`, `convergence`, `iterations`, `evaluations`, `gradients`, `pgnorm`, `gap`, the number of `free`
#'   parameters, and `logLik`, `AIC`, `BIC`, `deviance`, `nobs` and `df.residual` (`nobs` minus the parameters that are not fixed), `NA` where they are unknown or `fn` is no
#'   likelihood ([logLik.lbfgsb()]).
#' @examples
#' nll <- function(par) -sum(dnorm(cars$speed, par["mu"], par["sigma"], log = TRUE))
#' fit <- lbfgsb(c(mu = 10, sigma = 4), nll, lower = c(sigma = 1e-6), hessian = TRUE,
#'               control = list(fn_is = "negloglik", nobs = 50))
#' if (requireNamespace("generics", quietly = TRUE)) {
#'   print(generics::tidy(fit, conf.int = TRUE))
#'   print(generics::glance(fit))
#' }
#' @name tidy.lbfgsb
#' @exportS3Method generics::tidy
tidy.lbfgsb <- function(x, conf.int = FALSE, conf.level = 0.95, ...) {
  tidied <- data.frame(term = labels_of(flat_par(x)), estimate = as.vector(flat_par(x)))
  errors <- standard_errors(x)$columns
  if (!is.null(errors)) {
    tidied$std.error <- errors$se
    tidied$statistic <- errors$z %||% errors$t
    tidied$p.value <- errors$p
    tidied$newton <- errors$newton
  }
  tidied$bounds <- unname(x$bounds)
  if (!conf.int) return(tidied)
  warned <- if (!is.null(errors)) c("lbfgsb_warning_unconverged", "lbfgsb_warning_flat", "lbfgsb_warning_squares") else "none"
  tidied[c("conf.low", "conf.high")] <- suppressWarnings(confint(x, level = conf.level), classes = warned)
  tidied
}

#' @rdname tidy.lbfgsb
#' @exportS3Method generics::glance
glance.lbfgsb <- function(x, ...) {
  said <- c("lbfgsb_warning_nobs", "lbfgsb_warning_unconverged") # by the row itself
  known <- function(figure) {
    tryCatch(as.numeric(suppressWarnings(figure, classes = said)), lbfgsb_error_argument = function(e) NA_real_)
  }
  data.frame(value = x$value, convergence = x$convergence, iterations = x$iterations,
             evaluations = x$counts[["function"]], gradients = x$counts[["gradient"]],
             pgnorm = x$pgnorm, gap = x$gap %||% NA_real_, free = sum(x$bounds == "free"), logLik = known(logLik(x)),
             AIC = known(AIC(x)), BIC = known(BIC(x)), deviance = known(deviance(x)),
             nobs = known(nobs(x)), df.residual = known(nobs(x) - count_movable(x)))
}
