# The table of many fits, and what it says.

table_of_fits <- function(done) {
  columns <- c(done$columns, list(bounds = bounds_of_fits(done)))
  structure(columns, row.names = done$labels, starts = done$starts, task = done$task, class = c("lbfgsb_many", "data.frame"))
}

# Says of each fit which parameters are at which bound, as "a at lower, b at upper"; NA of one without a result.
bounds_of_fits <- function(done) {
  box <- done$task[c("lower", "upper")]
  text <- ifelse(is.na(done$columns$convergence), NA_character_, "")
  for (j in setdiff(seq_len(ncol(done$starts)), match(names(done$task$dots$fixed), colnames(done$starts)))) {
    for (side in names(box)) {
      at <- which(done$columns[[j]] == box[[side]][, j] & box$lower[, j] < box$upper[, j])
      text[at] <- paste0(text[at], ifelse(nzchar(text[at]), ", ", ""), names(done$columns)[j], " at ", side)
    }
  }
  text
}

# Returns what one fit is made again by, lbfgsb_one(): the same wherever the fits ran.
kept_task <- function(task, is_in_step) {
  task$control <- replace(task$control, c("cluster", "threads"), list(NULL, 1))
  c(task[c("fn", "gr", "dots", "data", "lower", "upper", "control")], is_in_step = is_in_step)
}

#' @rdname lbfgsb_many
#' @export
lbfgsb_one <- function(fits, fit) {
  task <- attr(fits, "task")
  if (!inherits(fits, "lbfgsb_many") || is.null(task)) {
    stop(lbfgsb_error_argument("fits", "must be what lbfgsb_many() returned, or some of its rows with all columns"))
  }
  label <- row.names(fits)[if (is.character(fit)) match(fit, row.names(fits)) else fit]
  labels <- row.names(structure(list(), row.names = labels_of_fits(task$data, nrow(task$lower)), class = "data.frame"))
  i <- match(label, labels)
  if (length(i) != 1 || is.na(i)) {
    stop(lbfgsb_error_argument("fit", "must be the number or the name of one row of `fits`, which has ", nrow(fits)))
  }
  task$par <- onto_box(attr(fits, "starts"), task)
  task$call <- function(f, par, fits) do.call(f, c(list(par, fits), task$dots), quote = TRUE)
  call <- if (task$is_in_step) alone(i, task) else arguments_of_fit(i, task)
  do.call(lbfgsb, c(arguments_of_run(call), hessian = TRUE), quote = TRUE)
}

# Returns row names: the names of the data, or the numbers 1 to n.
labels_of_fits <- function(data, n) if (is.null(names(data))) .set_row_names(n) else make.unique(labels_of(data))

#' @rdname lbfgsb_many
#' @export
print.lbfgsb_many <- function(x, rows = 10, ...) {
  cat(counted(nrow(x), "fit"), ", ", sum(x$convergence %in% 0L), " converged\n\n", sep = "")
  is_bounded <- nzchar(x$bounds) & !is.na(x$bounds)
  hidden <- c("message", if (!any(is_bounded)) "bounds")
  print(head(as.data.frame(x)[!names(x) %in% hidden], rows), ...)
  tell_hidden(nrow(x) - rows)
  failed <- x$message[is.na(x$convergence) & !is.na(x$message)]
  print_failures(tabulate_failures(failed), "fit")
  if (any(is_bounded)) cat("", strwrap(describe_bounded(x$bounds[is_bounded])), sep = "\n")
  invisible(x)
}

# describe_bounded() = "3 fits end at bounds: sigma at lower (3 times), a at upper (1 time)"
describe_bounded <- function(bounds) {
  each <- tabulate_failures(unlist(strsplit(bounds, ", ", fixed = TRUE)))
  paste0(counted(length(bounds), "fit"), if (length(bounds) == 1) " ends" else " end", " at bounds: ", describe_failures(each))
}

#' @rdname lbfgsb_many
#' @export
plot.lbfgsb_many <- function(x, parm = colnames(coef(x)), ...) {
  chosen <- coef(x)[, choose_columns(x, parm), drop = FALSE]
  panels <- if (prod(par("mfrow")) < ncol(chosen)) list(mfrow = n2mfrow(ncol(chosen))) # or else the user's
  before <- par(c(panels, list(mar = c(4, 4, 2.5, 1))))
  on.exit(par(before))
  for (name in colnames(chosen)) plot_estimates(chosen[, name], name, colours_of(x, name), ...)
  invisible(x)
}

choose_columns <- function(x, parm) {
  names <- colnames(coef(x))
  known <- parm %in% if (is.character(parm)) names else seq_along(names)
  if (all(known)) return(parm)
  stop(lbfgsb_error_argument("parm", "must be names or numbers of the parameters, ", enumerate(names), ", not ",
                             enumerate(parm[!known])))
}

plot_estimates <- function(values, name, colours, ...) {
  draw <- function(xlab = "fit", ylab = name, main = name, pch = if (length(values) > 1000) "." else 16, col = colours, ...) {
    plot(seq_along(values), values, xlab = xlab, ylab = ylab, main = main, pch = pch, col = col, las = 1, ...)
  }
  draw(...)
}

# Returns the colour of each fit: red where it has not converged, blue where the parameter is at a bound.
colours_of <- function(x, name) {
  is_bounded <- grepl(paste0(", ", name, " at "), paste0(", ", x$bounds), fixed = TRUE)
  ifelse(!x$convergence %in% 0L, "red3", ifelse(is_bounded, "blue", "black"))
}

#' @rdname lbfgsb_many
#' @export
coef.lbfgsb_many <- function(object, ...) as.matrix(object[seq_len(match("value", names(object)) - 1)])

#' @rdname lbfgsb_many
#' @export
vcov.lbfgsb_many <- function(object, ...) refuse_table("covariance matrix", "vcov(lbfgsb_one(fits, 1))")

#' @rdname lbfgsb_many
#' @export
logLik.lbfgsb_many <- function(object, ...) {
  refuse_table("log-likelihood", paste("logLik(lbfgsb_one(fits, 1)); of minus log-likelihoods AIC is 2 * fits$value +",
                                       "2 * ncol(coef(fits))"))
}

refuse_table <- function(what, instead) {
  stop(lbfgsb_error_argument("object", "is a table of fits, which has no ", what, ": take that of one fit, as in ", instead))
}
