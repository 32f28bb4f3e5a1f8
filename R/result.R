# Why a run stopped. `code` is the number in `enum lbfgsb_status` of inst/include/lbfgsb.h,
# `convergence` what optim() returns in such a case, `sentence` a format of the named `figures`.
stop_reasons <- list(
  gradient_converged = list(
    code = 1L, convergence = 0L, figures = c("pgnorm", "pgtol"),
    sentence = "converged: the projected gradient norm, %.3g, is within pgtol = %.3g"
  ),
  reduction_converged = list(
    code = 2L, convergence = 0L, figures = c("reduction", "pgnorm"),
    sentence = paste("converged: the last iteration reduced the value by no more than",
                     "factr * epsilon = %.3g of its size (projected gradient norm %.3g)")
  ),
  zero_gradient = list(
    code = 3L, convergence = 0L, figures = character(),
    sentence = paste("the gradient is zero at the start: `par` is stationary already, or `fn` is",
                     "constant around it")
  ),
  iteration_limit = list(
    code = 4L, convergence = 1L, figures = c("maxit", "pgnorm"),
    sentence = "not converged: stopped by maxit = %.0f iterations (projected gradient norm %.3g)"
  ),
  evaluation_limit = list(
    code = 5L, convergence = 1L, figures = c("maxeval", "pgnorm"),
    sentence = "not converged: stopped by maxeval = %.0f evaluations (projected gradient norm %.3g)"
  ),
  line_search_failed = list(
    code = 6L, convergence = 52L, figures = "pgnorm",
    sentence = paste("not converged: the line search found no lower value, though the projected",
                     "gradient norm is %.3g; is the gradient that of `fn`?")
  ),
  stopped = list(
    code = 8L, convergence = 1L, figures = "pgnorm",
    sentence = "not converged: stopped on request (projected gradient norm %.3g)"
  )
)

# The code of a run that could not begin.
start_not_finite <- 7L

new_lbfgsb <- function(raw, objective, problem, control) {
  reason <- Find(function(reason) reason$code == raw$status, stop_reasons)
  fit <- list(
    par = raw$par,
    value = raw$value,
    counts = count_evaluations(raw, objective),
    convergence = reason$convergence,
    message = compose_message(reason, raw, control),
    gradient = replace(problem$par, seq_along(problem$par), raw$gradient),
    pgnorm = raw$pgnorm,
    iterations = as.integer(raw$iterations),
    bounds = bound_status(raw$par, problem),
    nonfinite = as.integer(raw$nonfinite),
    history = new_history(raw$history),
    fval = raw$value,
    objective = objective
  )
  fit$state <- raw$state
  structure(fit, class = "lbfgsb")
}

count_evaluations <- function(raw, objective) {
  by_differences <- environment(objective$differences)$evaluations
  c(`function` = as.integer(raw$evaluations + by_differences), gradient = as.integer(raw$gradients))
}

compose_message <- function(reason, raw, control) {
  figures <- list(pgnorm = raw$pgnorm, pgtol = control$pgtol, maxit = control$maxit,
                  maxeval = control$maxeval, reduction = control$factr * .Machine$double.eps)
  do.call(sprintf, c(reason$sentence, figures[reason$figures]))
}

# A factor: 1, plus 1 at the lower bound, plus 2 at the upper.
bound_status <- function(par, problem) {
  level <- as.integer(1L + (par == problem$lower) + 2L * (par == problem$upper))
  structure(level, levels = c("free", "at lower", "at upper", "fixed"), class = "factor",
            names = names(par))
}

# A data frame with a row for the start and for each iteration; data.frame() is too slow for runs
# of microseconds.
new_history <- function(history) {
  iterations <- seq_along(history$value) - 1L
  structure(c(list(iteration = iterations), history),
            row.names = .set_row_names(length(iterations)), class = "data.frame")
}

#' Look at a fit
#'
#' `print()` shows how the run ended, the value and the parameters; `summary()` also what the run
#' cost and how it went, and standard errors if the fit has its `hessian`; `plot()` draws its
#' convergence; `coef()` returns the parameters.
#'
#' @param x,object what [lbfgsb()] returned; for `print()`, or `summary()` of it.
#' @param rows the most parameters to print.
#' @param digits significant digits.
#' @param xlab,ylab,col,lty labels of the axes; colours and line types of the two curves.
#' @param ... for `plot()`, passed to [graphics::matplot()]; otherwise ignored.
#' @return `print()` and `plot()` return `x`, invisibly; `coef()` returns the parameters; `summary()`
#'   returns a list of class `summary.lbfgsb`:
#'   - `message`, `value`, `counts`, `iterations`, `pgnorm` and `nonfinite`, as in the fit;
#'   - `parameters`: a data frame with the columns `par`, `gradient` and `bounds`, and if the fit has
#'     its `hessian`, `se`, the standard errors ([vcov.lbfgsb()]), and `z`, `par / se`;
#'   - `validity`: in a sentence, when these standard errors are valid, or why there are none; `NULL`
#'     without a `hessian`;
#'   - `bounds`: how many parameters are free, at a bound, fixed;
#'   - `start`: the value at the start;
#'   - `changes`: the changes of the value in the last iterations, five at most.
#' @section The plot:
#' Against the number of evaluations, on a logarithmic scale: the distance of the value from the
#' best one and the projected gradient norm, a point for the start and for each iteration. Zeros
#' are left out. Where parameters have been at bounds, below it their number at each iteration.
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
  cat(strwrap(x$message), sep = "\n")
  cat("value ", format(x$value, digits = digits), " after ", describe_cost(x), "\n\n", sep = "")
  shown <- seq_len(min(rows, length(flat_par(x))))
  print_parameters(parameter_table(x, shown), digits, hidden = length(flat_par(x)) - length(shown))
  invisible(x)
}

#' @rdname print.lbfgsb
#' @export
summary.lbfgsb <- function(object, ...) {
  values <- object$history$value
  parameters <- parameter_table(object)
  errors <- standard_errors(object)
  as_in_fit <- c("message", "value", "counts", "iterations", "pgnorm", "nonfinite")
  summary <- c(unclass(object)[as_in_fit], list(
    parameters = replace(parameters, names(errors$columns), errors$columns),
    validity = errors$validity,
    bounds = table(object$bounds, dnn = NULL),
    start = values[1],
    changes = tail(diff(values), 5)
  ))
  structure(summary, class = "summary.lbfgsb")
}

#' @rdname print.lbfgsb
#' @export
print.summary.lbfgsb <- function(x, digits = max(3, getOption("digits") - 3), rows = 50, ...) {
  number <- function(y) paste(format(y, digits = digits), collapse = " ")
  cat(strwrap(x$message), sep = "\n")
  cat(
    "\n",
    "value         ", number(x$value), " (", number(x$start), " at the start)\n",
    "last changes  ", number(x$changes), "\n",
    "pgnorm        ", number(x$pgnorm), "\n",
    "cost          ", describe_cost(x), "\n",
    "not finite    ", x$nonfinite, " trials\n",
    "parameters    ", paste(x$bounds, names(x$bounds), collapse = ", "), "\n\n",
    sep = ""
  )
  print_parameters(head(x$parameters, rows), digits, hidden = max(0, nrow(x$parameters) - rows))
  if (!is.null(x$validity)) cat("", strwrap(x$validity), sep = "\n")
  invisible(x)
}

#' @rdname print.lbfgsb
#' @export
plot.lbfgsb <- function(x, xlab = "evaluations", ylab = "", col = c("black", "grey50"),
                        lty = c(1, 2), ...) {
  active <- length(flat_par(x)) - x$history$free
  if (any(active > 0)) {
    before <- par(mfrow = c(2, 1), mar = c(4, 4, 1, 1))
    on.exit(par(before))
  }
  plot_convergence(x, xlab, ylab, col, lty, ...)
  if (any(active > 0)) {
    plot(x$history$iteration, active, type = "s", las = 1, ylim = c(0, max(active)),
         xlab = "iterations", ylab = "active bounds")
  }
  invisible(x)
}

plot_convergence <- function(x, xlab, ylab, col, lty, ...) {
  curves <- cbind(abs(x$history$value - x$value), x$history$pgnorm)
  curves[curves == 0] <- NA
  exponents <- decades(curves)
  matplot(x$history$evaluations, curves, type = "o", pch = 16, cex = 0.6, col = col, lty = lty,
          log = "y", ylim = 10^range(exponents), yaxt = "n", xlab = xlab, ylab = ylab, ...)
  axis(2, 10^exponents, parse(text = paste0("10^", exponents)), las = 1)
  legend("topright", c("value - best value", "projected gradient norm"), pch = 16, pt.cex = 0.6,
         col = col, lty = lty, bty = "n")
}

#' @rdname print.lbfgsb
#' @export
coef.lbfgsb <- function(object, ...) object$par

# "12 iterations, 15 function and 15 gradient evaluations"
describe_cost <- function(fit) {
  paste(fit$iterations, "iterations,", fit$counts[["function"]], "function and",
        fit$counts[["gradient"]], "gradient evaluations")
}

parameter_table <- function(fit, elements = seq_along(flat_par(fit))) {
  data.frame(
    par = flat_par(fit)[elements],
    gradient = unlist(fit$gradient)[elements],
    bounds = fit$bounds[elements],
    row.names = make.unique(labels_of(flat_par(fit), elements))
  )
}

# The columns `se` and `z`, and the sentence on them; NULL where nobody asked for a Hessian.
standard_errors <- function(fit) {
  if (is.null(fit$hessian)) return(NULL)
  covariance <- tryCatch(vcov(fit), lbfgsb_error_hessian = identity)
  if (inherits(covariance, "condition")) {
    return(list(columns = list(se = NA_real_, z = NA_real_),
                validity = paste("No standard errors:", conditionMessage(covariance))))
  }
  se <- sqrt(diag(covariance))
  list(columns = list(se = unname(se), z = as.vector(flat_par(fit)) / unname(se)),
       validity = describe_validity(fit))
}

describe_validity <- function(fit) {
  fixed <- which(fit$bounds != "free")
  given <- if (length(fixed) > 0) {
    paste0(". There is none for a parameter at its bound", in_brackets(flat_par(fit), fixed),
           ", and those of the others take it as known")
  }
  paste0("The standard errors (se) are valid if fn is a negative log-likelihood",
         if (objective_of(fit)$control$fnscale < 0) " times -1",
         " and its optimum is inside the bounds", given, ".")
}

print_parameters <- function(table, digits, hidden) {
  print(table, digits = digits)
  if (hidden > 0) cat("... and", hidden, "more parameters\n")
}

# Exponents of 10 for the ticks of a logarithmic axis, seven at most, that cover all of y > 0.
decades <- function(y) {
  exponents <- if (all(is.na(y))) 0 else range(log10(y), na.rm = TRUE)
  from <- floor(min(exponents))
  to <- max(ceiling(exponents), from + 1)
  seq(from, to, by = ceiling((to - from) / 7))
}
