# Why a run stopped. `code` is the number in `enum lbfgsb_status` of inst/include/lbfgsb.h, from 0 in order,
# `convergence` what optim() returns in such a case, `sentence` a format, of the option it names, whose place
# among all the options src/r_result.c is told. The last status, of a run that could not begin, has no entry.
stop_reason <- function(code, convergence, sentence, option = NULL) {
  list(code = code, convergence = convergence, sentence = sentence,
       option = match(option, names(option_rules)))
}

stop_reasons <- list(
  running = stop_reason(0L, 1L, "not finished"),
  gradient_converged = stop_reason(
    1L, 0L, "converged: the projected gradient is within pgtol = %.3g", "pgtol"
  ),
  reduction_converged = stop_reason(
    2L, 0L, "converged: the last reduction of the value is within factr = %.3g", "factr"
  ),
  rounding_converged = stop_reason(
    3L, 0L, "converged: any further reduction of the value would be lost in its rounding"
  ),
  zero_gradient = stop_reason(
    4L, 0L, paste("the gradient is zero at the start: `par` is stationary already, or `fn` is",
                  "constant around it")
  ),
  target_reached = stop_reason(5L, 1L, "stopped: the value has reached target = %.9g", "target"),
  iteration_limit = stop_reason(
    6L, 1L, "not converged: stopped by maxit = %.0f", "maxit"
  ),
  evaluation_limit = stop_reason(
    7L, 1L, "not converged: stopped by maxeval = %.0f", "maxeval"
  ),
  time_limit = stop_reason(8L, 1L, "not converged: stopped by maxtime = %.3g seconds", "maxtime"),
  stopped = stop_reason(9L, 1L, "not converged: stopped on request"),
  stalled = stop_reason(
    10L, 51L, "not converged: stalled, the value no longer falls though the gradient is not small"
  ),
  line_search_failed = stop_reason(
    11L, 52L, "not converged: the line search found no lower value"
  )
)

# For the documentation: rows of convergence and sentence, the option for its value.
table_of_reasons <- function() {
  row_of <- function(reason) {
    sentence <- gsub("%[.0-9]*[a-z]", "...", reason$sentence)
    paste0("| ", reason$convergence, " | ", sentence, " |")
  }
  rows <- vapply(stop_reasons[-1], row_of, "")
  paste(c("| convergence | message |", "|---|---|", rows), collapse = "\n")
}

# What src/r_result.c fills in; it knows the fields, and the levels, by their places.
fit_template <- list(
  par = NULL, value = NULL, counts = c(`function` = 0L, gradient = 0L), convergence = NULL, message = NULL,
  gradient = NULL, pgnorm = NULL, iterations = NULL,
  bounds = factor(levels = c("free", "at lower", "at upper", "fixed")), nonfinite = NULL,
  history = data.frame(iteration = 0L, evaluations = 0, value = 0, pgnorm = 0, step = 0, free = 0),
  fval = NULL, objective = NULL
)

# The fit of a run that has finished, or of one under way: what is known of its best point. `gradient`, the
# one evaluated last, is for the error of a run that could not begin.
new_lbfgsb <- function(state, objective = NULL, gradient = NULL) {
  fit <- .Call(C_result, state, stop_reasons, fit_template, objective)
  if (is.null(fit$message)) refuse_start(fit$value, gradient, state$problem)
  if (state$control$keep_state) fit$state <- kept_state(state)
  class(fit) <- "lbfgsb"
  fit
}

# Its fields but for the state, as they are so far; no `convergence` and `message` if the run could not begin.
fields_of <- function(state) .Call(C_result, state, stop_reasons, fit_template, NULL)

#' Look at a fit
#'
#' `print()` shows how the run ended, the value and the parameters; `summary()` also what the run
#' cost and how it went, and standard errors if the fit has its `hessian`; `plot()` draws its
#' convergence; `coef()` returns the parameters.
#'
#' @param x,object what [lbfgsb()] returned; for `print()`, or `summary()` of it.
#' @param rows the most parameters to print; 0 for no table.
#' @param digits significant digits.
#' @param xlab,ylab,type,pch,cex,col,lty,ylim as for [graphics::matplot()]: labels of the axes, and how
#'   the two curves are drawn.
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
  print_message(x$message)
  cat(describe_cost(x), "\n", sep = "")
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
  print_message(x$message)
  cat(
    "\n",
    "value         ", number(x$value), " (", number(x$start), " at the start)\n",
    "last changes  ", if (length(x$changes) > 0) number(x$changes) else "none", "\n",
    "pgnorm        ", number(x$pgnorm), "\n",
    "cost          ", describe_cost(x), "\n",
    "not finite    ", counted(x$nonfinite, "trial"), "\n",
    "parameters    ", paste(x$bounds, names(x$bounds), collapse = ", "), "\n",
    sep = ""
  )
  print_parameters(head(x$parameters, rows), digits, hidden = max(0, nrow(x$parameters) - rows))
  if (!is.null(x$validity)) cat("", strwrap(x$validity), sep = "\n")
  invisible(x)
}

#' @rdname print.lbfgsb
#' @export
plot.lbfgsb <- function(x, xlab = "evaluations", ylab = "", type = "o", pch = 16, cex = 0.6,
                        col = c("black", "grey50"), lty = c(1, 2), ylim = NULL, ...) {
  active <- length(flat_par(x)) - x$history$free
  if (any(active > 0)) {
    before <- par(mfrow = c(2, 1), mar = c(4, 4, if (is.null(list(...)$main)) 1 else 3, 1))
    on.exit(par(before))
  }
  plot_convergence(x, xlab, ylab, type, pch, cex, col, lty, ylim, ...)
  if (any(active > 0)) {
    par(mar = c(4, 4, 1, 1))
    plot(x$history$iteration, active, type = "s", las = 1, ylim = c(0, max(active)),
         xlab = "iterations", ylab = "active bounds")
  }
  invisible(x)
}

plot_convergence <- function(x, xlab, ylab, type, pch, cex, col, lty, ylim, ...) {
  curves <- cbind(abs(x$history$value - x$value), x$history$pgnorm)
  curves[!(curves > 0 & curves < Inf)] <- NA
  if (all(is.na(curves))) return(plot_nothing(x, "the start was not improved", ...))
  exponents <- decades(if (is.null(ylim)) curves else ylim)
  if (is.null(ylim)) ylim <- with_headroom(range(exponents), lines = 3)
  matplot(x$history$evaluations, curves, type = type, pch = pch, cex = cex, col = col, lty = lty, log = "y",
          ylim = ylim, yaxt = "n", xlab = xlab, ylab = ylab, xaxt = "n", ...)
  axis(1, whole_ticks(x$history$evaluations))
  axis(2, 10^exponents, parse(text = paste0("10^", exponents)), las = 1)
  legend("topright", c("value - best value", "projected gradient norm"), pch = if (type != "l") pch,
         pt.cex = cex, col = col, lty = if (type != "p") lty, bty = "n")
}

#' @rdname print.lbfgsb
#' @export
coef.lbfgsb <- function(object, ...) object$par

# The reason, and on a line of its own what it found.
print_message <- function(message) {
  cat(strwrap(strsplit(message, "; ", fixed = TRUE)[[1]]), sep = "\n")
}

# "12 iterations, 15 function and 15 gradient evaluations"
describe_cost <- function(fit) {
  paste0(counted(fit$iterations, "iteration"), ", ", fit$counts[["function"]], " function and ",
         counted(fit$counts[["gradient"]], "gradient evaluation"))
}

# "1 trial", "2 trials"
counted <- function(n, noun) sprintf("%.0f %s%s", n, noun, if (n == 1) "" else "s")

parameter_table <- function(fit, elements = seq_along(flat_par(fit))) {
  data.frame(
    par = flat_par(fit)[elements],
    gradient = if (is.null(fit$gradient)) NA_real_ else unlist(fit$gradient)[elements],
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
  if (fit$convergence != 0L) {
    return("The standard errors (se) are not valid: the run has not converged.")
  }
  fixed <- which(fit$bounds != "free")
  given <- if (length(fixed) > 0) {
    paste0(". There is none for a parameter that is fixed or at its bound", in_brackets(flat_par(fit), fixed),
           ", and those of the others take it as known")
  }
  maximized <- objective_of(fit)$control$fnscale < 0
  paste0("The standard errors (se) are valid if fn is a ", if (!maximized) "negative ", "log-likelihood",
         " and its optimum is inside the bounds", given, ".")
}

# Nothing at all where no row is to be shown.
print_parameters <- function(table, digits, hidden) {
  if (nrow(table) == 0) return()
  cat("\n")
  print(table, digits = digits)
  if (hidden > 0) cat("... and ", counted(hidden, "more parameter"), "\n", sep = "")
}

# The picture where there is nothing to show, and why.
plot_nothing <- function(x, why, main = NULL, ...) {
  plot.new()
  box()
  text(0.5, 0.5, paste("Nothing to draw:", why))
  title(main = main)
  invisible(x)
}

# Exponents of 10 for the ticks of a logarithmic axis, eight at most, that cover all of y > 0.
decades <- function(y) {
  exponents <- range(log10(y), na.rm = TRUE)
  from <- floor(exponents[1])
  count <- max(ceiling(exponents[2]) - from, 1)
  by <- ceiling(count / 7)
  seq(from, by = by, length.out = ceiling(count / by) + 1)
}

# Limits of a logarithmic axis that leave room for a legend of so many lines above 10^exponents.
with_headroom <- function(exponents, lines) {
  legend <- min(0.5, lines * par("csi") / par("pin")[2])
  10^(exponents + c(0, diff(exponents) * legend / (1 - legend)))
}

# Ticks of an axis that counts.
whole_ticks <- function(counts) {
  ticks <- pretty(counts)
  ticks[ticks == round(ticks)]
}
