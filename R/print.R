#' Look at a fit
#'
#' `print()` shows how the run ended, the value, how far that may be from the optimum, and the parameters. If a limit has
#' ended the run, it says how to go on. Where the run has converged without a `pgtol` it leaves out the norm of the gradient:
#' in the units of the parameters that may be large at the optimum. It is called scaled where `fnscale` or `parscale` is given,
#' as of a `"loglik"`: then it is that of `fn / fnscale` as a function of `par / parscale`. `summary()` also shows what the run cost and how it went,
#' and standard errors if the fit has its `hessian`. `plot()` draws its convergence. `coef()` returns the parameters, and of a
#' summary the table of them.
#'
#' @param x,object what [lbfgsb()] returned; for `print()`, or `summary()` of it.
#' @param rows the most parameters to print; 0 for no table, `Inf` for all.
#' @param covariance a covariance matrix of the estimates that takes the place of `vcov(fit)`, as for
#'   [confint()][confint.lbfgsb]: `vcov(fit, contributions = ...)`, or `vcov(b)` of a bootstrap `b`. The fit needs no Hessian then,
#'   and there is no `newton`.
#' @param digits significant digits.
#' @param xlab,ylab,type,pch,cex,col,lty,xlim,ylim,log as for [graphics::matplot()]: labels of the axes, and how
#'   the two curves are drawn. On a logarithmic axis, the default, a ring at its foot stands for 0.
#' @param ... for `plot()`, passed to [graphics::matplot()]; an error for `summary()`, and ignored by the
#'   others.
#' @return `print()` and `plot()` return `x`, invisibly; `coef()` returns the parameters as a numeric vector
#'   with names, those of `vcov()`, in whatever shape `par` is; `summary()` returns a list of class
#'   `summary.lbfgsb`:
#'   - `message`, `value`, `counts`, `iterations`, `pgnorm` and `nonfinite`, as in the fit;
#'   - `distance`: in words, how far the value may be from the optimum, an estimate; `NULL` where that is not known;
#'   - `way_on`: what to do next: how to go on with a run that a limit has ended, or of one that has converged how to get
#'     standard errors if the fit has no `hessian`;
#'   - `sigma` and `df.residual`: of a sum of squares whose `nobs` is known, the residual standard error and its degrees of
#'     freedom, as of [sigma()][sigma.lbfgsb] and [df.residual()][df.residual.lbfgsb]; else `NULL`;
#'   - `kind`: what `fn` is, in words, and whether that is assumed: see [lbfgsb_control()];
#'   - `parameters`: a data frame with the columns `par`, `gradient` and `bounds`, and if the fit has
#'     its `hessian` and `vcov()` is no error, `se`, the standard errors ([vcov.lbfgsb()], whose warnings `summary()` has too), `z`,
#'     `par / se`, and `p`, by the normal distribution, that of a parameter which is 0; for a sum of squares `t`
#'     and its distribution. `p` is `NA` for a parameter that has 0 not inside its bounds, as a `sigma` with
#'     a `lower` of 0 or 1e-6: there z is no test of it, but [anova()][anova.lbfgsb] is one of a variance. `newton` is the
#'     step that Newton's method would still take, in standard errors: where it is small, as 1e-3, nothing is left to gain;
#'     above 0.1 there is a warning of class `lbfgsb_warning_distance`;
#'   - `validity`: in a sentence, when these standard errors are valid, or why there are none; `NULL`
#'     without a `hessian`, which `summary()` does not compute, as `vcov()` and [tidy()][tidy.lbfgsb] do;
#'   - `bounds`: how many parameters are free, at a bound, fixed;
#'   - `start`: the value at the start;
#'   - `changes`: the changes of the value in the last iterations, five at most;
#'   - `coefficients`, which is `coef(summary(fit))`: a matrix with one row per parameter, and the columns `Estimate`,
#'     `Std. Error`, `z value` and `Pr(>|z|)` (`t` for a sum of squares); `Estimate` alone where there are no standard errors.
#' @section The plot:
#' Against the number of evaluations (without those for differences), on a logarithmic scale: the
#' distance of the value from the best one and the projected gradient norm, a point for the start and for
#' each iteration. Zeros are left out. Where parameters have been at bounds, below it their number at each
#' iteration.
#' @seealso [lbfgsb()]
#' @examples
#' flb <- function(x) sum(c(1, rep(4, length(x) - 1)) * (x - c(1, head(x, -1)^2))^2)
#' fit <- lbfgsb(rep(3, 25), flb, lower = 2, upper = 4)
#' print(fit, rows = 3)
#' summary(fit)$bounds
#' plot(fit)
#' coef(fit)[24]
#' @name print.lbfgsb
NULL

#' @rdname print.lbfgsb
#' @export
print.lbfgsb <- function(x, digits = max(3, getOption("digits") - 3), rows = 10, ...) {
  check_shown(digits, rows)
  print_message(x$message)
  writeLines(c(describe_polish(x), describe_gap(x), describe_cost(x), strwrap(describe_stopped(x))))
  shown <- seq_len(min(rows, length(flat_par(x))))
  print_parameters(parameter_table(x, shown), digits, hidden = length(flat_par(x)) - length(shown))
  invisible(x)
}

# One line, as for a column of a table.
#' @export
format.lbfgsb <- function(x, ...) paste0("<lbfgsb: value ", format(x$value, digits = 9), ", convergence ", x$convergence, ">")

#' @rdname print.lbfgsb
#' @export
summary.lbfgsb <- function(object, covariance = NULL, ...) {
  refuse_ignored(list(...), "summary", "covariance")
  values <- object$history$value
  parameters <- parameter_table(object)
  errors <- if (!is.null(covariance)) errors_by(covariance, object) else if (!is.null(object$hessian)) standard_errors(object)
  as_in_fit <- c("message", "value", "counts", "iterations", "pgnorm", "nonfinite")
  parameters[names(errors$columns)] <- errors$columns
  summary <- c(unclass(object)[as_in_fit], list(
    parameters = parameters,
    coefficients = coefficients_in(parameters),
    validity = errors$validity,
    missing_p = describe_missing_p(object, parameters),
    distance = describe_gap(object),
    way_on = c(describe_stopped(object), describe_way_to_errors(object)),
    kind = if (!is.null(setting_of(object))) describe_kind(object),
    bounds = table(object$bounds, dnn = NULL),
    start = values[1],
    changes = tail(diff(values), 5)
  ), residual_error(object))
  structure(summary, class = "summary.lbfgsb")
}

#' @rdname print.lbfgsb
#' @export
print.summary.lbfgsb <- function(x, digits = max(3, getOption("digits") - 3), rows = 50, ...) {
  check_shown(digits, rows)
  number <- function(y) paste(format(y, digits = digits), collapse = " ")
  print_message(sub("; value [^;]*", "", x$message)) # what follows has it
  cat(
    "\n",
    "value         ", format(x$value, digits = max(digits, 9)), " (", number(x$start), " at the start)\n",
    if (!is.null(x$distance)) c("              ", x$distance, "\n"),
    "last changes  ", if (length(x$changes) > 0) number(x$changes) else "none", "\n",
    if (!is.null(x$kind)) c("fn            ", x$kind, "\n"),
    "pgnorm        ", number(x$pgnorm), "\n",
    "cost          ", describe_cost(x), "\n",
    "not finite    ", counted(x$nonfinite, "trial"), "\n",
    "parameters    ", paste(x$bounds, names(x$bounds), collapse = ", "), "\n",
    sep = ""
  )
  print_parameters(head(x$parameters, rows), digits, hidden = max(0, nrow(x$parameters) - rows))
  writeLines(c("", describe_residuals(x, digits), strwrap(x$validity %||% x$way_on), strwrap_any(x$missing_p),
               describe_newton(x$parameters)))
  invisible(x)
}

check_shown <- function(digits, rows) {
  if (!is_number(rows) || rows < 0) stop(lbfgsb_error_argument("rows", "must be a number >= 0, or Inf for all"))
  if (!is_number(digits) || digits < 1 || digits > 22) stop(lbfgsb_error_argument("digits", "must be a number from 1 to 22"))
}

# Says how to get standard errors; NULL of what is no likelihood, which has none, and of a run that is to go on first.
describe_way_to_errors <- function(fit) {
  if (is.null(setting_of(fit)) || kind_of_fn(fit) == "other" || fit$convergence != 0L) return(NULL)
  again <- if (has_objective(fit)) "update(fit, hessian = TRUE), or vcov(fit)." else "lbfgsb_resume(fit$state, fn, hessian = TRUE)."
  paste("For standard errors:", again)
}

# Says it in the words of lm(); NULL where it is not known.
describe_residuals <- function(x, digits) {
  if (is.null(x$sigma)) return(NULL)
  left <- counted(x$df.residual, "degree")
  c(paste("Residual standard error:", format(x$sigma, digits = digits), "on", left, "of freedom"),
    strwrap(describe_bounded_df(x, digits)), "")
}

# Says that parameters at bounds count as used degrees of freedom, and what sigma is if they do not; NULL where there are none.
describe_bounded_df <- function(x, digits) {
  bounded <- sum(x$bounds[c("at lower", "at upper")])
  if (bounded == 0) return(NULL)
  left <- x$df.residual + bounded
  sigma <- x$sigma * sqrt(x$df.residual / left)
  paste0("This counts ", counted(bounded, "parameter"), " at ", if (bounded == 1) "its bound" else "their bounds",
         " as estimated, as nls() does. Not counted, it is ", format(sigma, digits = digits), " on ", left, ".")
}

# Says why `p` is missing where there is a standard error, and how to test a parameter that may be 0.
describe_missing_p <- function(fit, parameters) {
  missing <- which(is.finite(parameters$se) & is.na(parameters$p))
  if (length(missing) == 0) return(NULL)
  labels <- row.names(parameters)
  bounds <- if (length(missing) == 1) "its bounds" else "their bounds"
  paste0("No p for ", enumerate(labels[missing]), ": 0 is not inside ", bounds, ".", describe_test_at_0(fit, labels, missing))
}

describe_test_at_0 <- function(fit, labels, missing) {
  first <- asking(fit, function(rise, record) Find(function(i) may_be_limit(i, rise, fit), missing))
  if (is.null(first)) return(NULL)
  at_0 <- paste0("c(", as_name(labels[first]), " = 0)")
  side <- if (flat_par(fit)[[first]] < 0) "upper" else "lower"
  paste0(" If `fn` has a value where ", labels[first], " is 0, as for the variance of a random effect, test that by anova(",
         "update(fit, ", side, " = ", at_0, ", fixed = ", at_0, "), fit).")
}

# Says what the column `newton` is, where it has a number.
describe_newton <- function(parameters) {
  if (!any(is.finite(parameters$newton))) return(NULL)
  strwrap("newton: how far one more step of Newton's method would move the estimate, in standard errors.")
}

#' @rdname print.lbfgsb
#' @export
coef.lbfgsb <- function(object, ...) {
  structure(as.vector(flat_par(object)), names = parameter_names(object))
}

# One for each parameter, each different from the others.
parameter_names <- function(fit) make.unique(labels_of(flat_par(fit)))

# Prints the reason, and on a line of its own what it found. The norm of the gradient, in the units of the parameters, is
# no measure of a run that has converged, unless it was held against pgtol.
print_message <- function(message) {
  if (grepl("^converged", message) && !grepl("pgtol", message)) {
    message <- sub(", (scaled )?projected gradient norm [^,;]*", "", message)
  }
  cat(strwrap(strsplit(message, "; ", fixed = TRUE)[[1]]), sep = "\n")
}

# describe_gap() = "about 3e-07 above the minimum, as far as the run can tell"; NULL where it is not known.
describe_gap <- function(fit) {
  if (is.na(fit$gap %||% NA)) return(NULL)
  maximizes <- !is.null(setting_of(fit)) && control_of(fit)$fnscale < 0
  sprintf("about %.2g %s, as far as the run can tell", abs(fit$gap),
          if (maximizes) "below the maximum" else "above the minimum")
}

# describe_stopped() = "to go on, call lbfgsb_resume(fit) with another limit in `control`", of a run that a limit has
# ended.
describe_stopped <- function(fit) {
  if (fit$convergence == 1L && has_objective(fit)) describe_way_on(fit) else character()
}

# describe_polish() = "polished by 1 Newton step, a gain of 2.1e-09"; NULL where it was not asked for.
describe_polish <- function(fit) {
  if (is.null(fit$polish)) return(NULL)
  if (fit$polish[["steps"]] == 0) return("not polished: no Newton step brought a gain")
  sprintf("polished by %s, a gain of %.2g", counted(fit$polish[["steps"]], "Newton step"), fit$polish[["gain"]])
}

# describe_cost() = "12 iterations, 15 function and 15 gradient evaluations"
describe_cost <- function(fit) {
  paste0(counted(fit$iterations, "iteration"), ", ", fit$counts[["function"]], " function and ",
         counted(fit$counts[["gradient"]], "gradient evaluation"))
}

# counted(1, "trial") = "1 trial", counted(2, "trial") = "2 trials"
counted <- function(n, noun) sprintf("%.0f %s%s", n, noun, if (n == 1) "" else "s")

parameter_table <- function(fit, elements = seq_along(flat_par(fit))) {
  data.frame(
    par = flat_par(fit)[elements],
    gradient = if (is.null(fit$gradient)) NA_real_ else unlist(fit$gradient)[elements],
    bounds = fit$bounds[elements],
    row.names = make.unique(labels_of(flat_par(fit), elements))
  )
}

# Prints the table, nothing at all where no row is to be shown.
print_parameters <- function(table, digits, hidden) {
  if (nrow(table) == 0) return()
  cat("\n")
  if ("p" %in% names(table)) table$p <- format.pval(table$p, digits = max(1, min(5, digits - 1))) # as printCoefmat()
  print(table, digits = digits)
  tell_hidden(hidden)
}
