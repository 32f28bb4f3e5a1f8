# The table of many fits, and what it says.

table_of_fits <- function(done) {
  structure(done$columns, row.names = done$labels, starts = done$starts, class = c("lbfgsb_many", "data.frame"))
}

# Returns row names: the names of the data, or the numbers 1 to n.
labels_of_fits <- function(data, n) if (is.null(names(data))) .set_row_names(n) else make.unique(labels_of(data))

#' @rdname lbfgsb_many
#' @export
print.lbfgsb_many <- function(x, rows = 10, ...) {
  cat(counted(nrow(x), "fit"), ", ", sum(x$convergence %in% 0L), " converged\n\n", sep = "")
  print(head(as.data.frame(x)[names(x) != "message"], rows), ...)
  if (nrow(x) > rows) cat("... and ", nrow(x) - rows, " more\n", sep = "")
  failed <- x$message[is.na(x$convergence) & !is.na(x$message)]
  print_failures(tabulate_failures(failed), "fit")
  invisible(x)
}

#' @rdname lbfgsb_many
#' @export
coef.lbfgsb_many <- function(object, ...) as.matrix(object[seq_len(match("value", names(object)) - 1)])

#' @rdname lbfgsb_many
#' @export
vcov.lbfgsb_many <- function(object, ...) {
  stop(lbfgsb_error_argument("object", "is a table of fits, which has no covariance matrix: fit the data of the row that ",
                             "is meant by lbfgsb(), as in vcov(lbfgsb(par, fn, data[[1]]))"))
}
