# The table of many fits, and what it says.

table_of_fits <- function(done) {
  columns <- c(done$columns, list(bounds = bounds_of_fits(done)))
  structure(columns, row.names = done$labels, starts = done$starts, task = done$task, class = c("lbfgsb_many", "data.frame"))
}

# Says of each fit which parameters are at which bound, as "a at lower, b at upper"; NA of one without a result.
bounds_of_fits <- function(done) {
  box <- done$task[c("lower", "upper")]
  text <- ifelse(is.na(done$columns$convergence), NA_character_, "")
  for (j in which(!held_in(done$task, done$starts))) {
    for (side in names(box)) {
      at <- which(done$columns[[j]] == box[[side]][, j] & box$lower[, j] < box$upper[, j])
      text[at] <- paste0(text[at], ifelse(nzchar(text[at]), ", ", ""), names(done$columns)[j], " at ", side)
    }
  }
  text
}

# Tells which parameters `fixed` in the dots holds in all fits: none where no fit can be made by it.
held_in <- function(task, starts) {
  hold_all <- function() flat_problem(task$skeleton %||% starts[1, ], -Inf, Inf, task$dots[["fixed"]])
  problem <- on_error(hold_all(), function(e) list(lower = rep(-Inf, ncol(starts)), upper = Inf))
  unname(problem$lower == problem$upper)
}

# Returns what one fit is made again by, lbfgsb_one(): the same wherever the fits ran.
kept_task <- function(task, is_in_step) {
  task$control <- replace(task$control, c("cluster", "threads"), list(NULL, 1))
  c(task[c("fn", "gr", "dots", "data", "lower", "upper", "control", "skeleton")], is_in_step = is_in_step)
}

# Rows of a table are one while they have its columns, and else a plain data frame.
#' @export
`[.lbfgsb_many` <- function(x, ...) {
  chosen <- NextMethod()
  if (!is.data.frame(chosen)) return(chosen)
  columns <- names(x)[seq_len(match("bounds", names(x), 0))]
  is_table <- identical(head(names(chosen), length(columns)), columns)
  for (what in c("starts", "task")) attr(chosen, what) <- if (is_table) attr(x, what)
  if (!is_table) class(chosen) <- "data.frame"
  chosen
}

#' @rdname lbfgsb_many
#' @export
lbfgsb_one <- function(fits, fit) {
  task <- task_of(fits)
  row <- if (is.character(fit)) match(fit, row.names(fits)) else fit
  if (length(row) != 1 || !row %in% seq_len(nrow(fits))) {
    stop(lbfgsb_error_argument("fit", "must be the number or the name of one row of `fits`, which has ", nrow(fits)))
  }
  i <- numbers_of(fits, row)
  task$control["keep_state"] <- list(NULL) # which the fits of a table do not have
  task$par <- onto_box(attr(fits, "starts"), task)
  task$call <- function(f, par, fits) do.call(f, c(list(par, fits), task$dots), quote = TRUE)
  call <- if (task$is_in_step) alone(i, task) else arguments_of_fit(i, task)
  one <- do.call(lbfgsb, c(arguments_of_run(call), hessian = TRUE), quote = TRUE)
  found <- c(coef(one), one$value)
  is_same <- isTRUE(all.equal(unlist(fits[row, seq_along(found)]), found, check.attributes = FALSE))
  was_looked_at <- !is.na(fits$value[row]) && !grepl(presumed_wrong, fits$message[row], fixed = TRUE)
  if (!is_same && was_looked_at) {
    refuse_labels(row, "made again, the fit of that name ends elsewhere")
  }
  one
}

# Returns what the fits of a table are made again by, kept_task().
task_of <- function(fits) {
  task <- attr(fits, "task")
  if (!inherits(fits, "lbfgsb_many") || is.null(task)) {
    stop(lbfgsb_error_argument("fits", "must be what lbfgsb_many() returned, or some of its rows with all their columns, ",
                               "fits[rows, ]"))
  }
  task
}

# Returns the numbers that these rows of a table had in the call, by their names.
numbers_of <- function(fits, rows = seq_len(nrow(fits))) {
  task <- task_of(fits)
  labels <- row.names(structure(list(), row.names = labels_of_fits(task$data, nrow(task$lower)), class = "data.frame"))
  numbers <- match(row.names(fits)[rows], labels)
  if (anyNA(numbers)) refuse_labels(rows[is.na(numbers)], "its call had no such name")
  numbers
}

refuse_labels <- function(rows, why) {
  stop(lbfgsb_error_argument("fits", "must keep the row names that lbfgsb_many() gave, by which its fits are known, unlike row ",
                             enumerate(rows), ": ", why, ". Sort and choose by fits[rows, ], which keeps them. Take a fit from ",
                             "the table of its own call, before rbind()", elements = rows))
}

# Says of a data frame that looks like one of several fits what to do if it is.
tell_groups <- function(data) {
  column <- group_column(data)
  if (!is.null(column)) message(lbfgsb_message_groups(nrow(data), column, length(unique(data[[column]]))))
}

# Returns the name of the column that tells groups of rows, of several that with most groups. NULL where there is none, and of
# a grid, whose rows are all combinations, once each.
group_column <- function(data) {
  counts <- vapply(data, function(column) length(unique(column)), 0L)
  groups <- counts[vapply(data, has_groups, NA)]
  is_grid <- prod(counts) == nrow(data) && anyDuplicated(data) == 0
  if (length(groups) > 0 && !is_grid) names(which.max(groups))
}

# Tells whether a column has labels or whole numbers, each in two rows or more, one after the other.
has_groups <- function(column) {
  if (is.numeric(column) && !isTRUE(all(column == floor(column)))) return(FALSE)
  if (!is.null(dim(column)) || !is.factor(column) && !is.character(column) && !is.numeric(column)) return(FALSE)
  groups <- rle(as.character(column))
  length(groups$values) > 1 && min(groups$lengths) > 1 && anyDuplicated(groups$values) == 0
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
  if (all(is.na(chosen))) refuse_table("x", "and none has a result to draw")
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
vcov.lbfgsb_many <- function(object, ...) {
  refuse_table("object", "which has no covariance matrix: take that of one fit, as in vcov(lbfgsb_one(fits, 1))")
}

refuse_table <- function(argument, ...) stop(lbfgsb_error_argument(argument, "is a table of fits, ", ...))

#' @export
profile.lbfgsb_many <- function(fitted, ...) {
  refuse_table("fitted", "which has no profile: take that of one fit, as in profile(lbfgsb_one(fits, 1))")
}

#' @export
update.lbfgsb_many <- function(object, ...) {
  refuse_table("object", "which has no update(): call lbfgsb_many() again with what is to be another, or update one fit, ",
               "update(lbfgsb_one(fits, 1), ...)")
}

#' @export
anova.lbfgsb_many <- function(object, ...) {
  refuse_table("object", "which anova() does not compare: take one fit of each table, anova(lbfgsb_one(a, 1), lbfgsb_one(b, 1)); ",
               "or test all, pchisq(2 * (logLik(b) - logLik(a)), df, lower.tail = FALSE), with the difference of their numbers ",
               "of parameters for df")
}

# Without these stats would return NULL, or say that there is no method.
#' @export
fitted.lbfgsb_many <- function(object, ...) refuse_observations("fitted")

#' @export
predict.lbfgsb_many <- function(object, ...) refuse_observations("predict")

#' @export
residuals.lbfgsb_many <- function(object, ...) refuse_observations("residuals")

#' @export
simulate.lbfgsb_many <- function(object, nsim = 1, seed = NULL, ...) refuse_observations("simulate")

refuse_observations <- function(what) {
  refuse_table("object", "which has no ", what, "(), as `fn` does not tell its observations: compute it from the rows of ",
               "coef(fits); with standard errors of one fit, lbfgsb_delta(lbfgsb_one(fits, 1), f)")
}

#' @rdname lbfgsb_many
#' @export
df.residual.lbfgsb_many <- function(object, ...) {
  squares <- kind_of_fn(model_of(object)) == "squares"
  left <- if (squares) nobs(object) - count_each_movable(object) else rep(Inf, nrow(object))
  structure(left, names = row.names(object))
}

#' @rdname lbfgsb_many
#' @export
logLik.lbfgsb_many <- function(object, ...) {
  kind <- kind_of_likelihood(object, "log-likelihood")
  squares <- kind == "squares"
  n <- if (squares) nobs(object)
  parameters <- count_each_movable(object)
  loglik <- replace(likelihood_by(kind, object$value, n), n <= parameters, NA)
  df <- parameters + squares
  structure(loglik, names = row.names(object), df = if (length(unique(df)) == 1) df[1] else df,
            nobs = task_of(object)$control$nobs, class = "logLik")
}

# Returns what `fn` is, said to be a likelihood or a sum of squares, of which `what` is to be told.
kind_of_likelihood <- function(fits, what) {
  model <- model_of(fits)
  refuse_other(model, what, again = "lbfgsb_many(par, fn")
  refuse_mean(model)
  announce_kind(model)
  warn_of_unconverged(fits)
  kind_of_fn(model)
}

# Returns a fit, as far as it tells what `fn` is.
model_of <- function(fits) list(objective = list2env(task_of(fits)))

#' @rdname lbfgsb_many
#' @export
deviance.lbfgsb_many <- function(object, ...) {
  kind <- kind_of_likelihood(object, "deviance")
  structure(if (kind == "squares") object$value else -2 * likelihood_by(kind, object$value), names = row.names(object))
}

#' @rdname lbfgsb_many
#' @export
sigma.lbfgsb_many <- function(object, ...) {
  model <- model_of(object)
  refuse_sigma(model)
  refuse_mean(model)
  left <- df.residual(object)
  structure(sqrt(replace(object$value, left <= 0, NA) / left), names = row.names(object))
}

#' @rdname lbfgsb_many
#' @importFrom stats AIC
#' @param k as for [AIC()].
#' @export
AIC.lbfgsb_many <- function(object, ..., k = 2) {
  refuse_more_tables("AIC", ...length())
  NextMethod()
}

#' @rdname lbfgsb_many
#' @importFrom stats BIC
#' @export
BIC.lbfgsb_many <- function(object, ...) {
  refuse_more_tables("BIC", ...length())
  criteria <- NextMethod()
  by <- paste("as in lbfgsb_many(..., control = list(nobs = 100)); where fits have different numbers n, BIC is",
              "-2 * logLik(fits) + log(n) * k, with k parameters")
  if (is.null(task_of(object)$control$nobs)) warn_of_nobs(criteria, by)
  criteria
}

# Refuses to compare tables in one call, which stats would take for fits.
refuse_more_tables <- function(what, more) {
  if (more == 0) return()
  stop(lbfgsb_error_argument("...", "must be left out: ", what, "() takes one table, as it has a number for each fit. Compare by ",
                             "cbind(", what, "(a), ", what, "(b))"))
}

# Counts the parameters of each fit that are not fixed.
count_each_movable <- function(fits) {
  task <- task_of(fits)
  movable <- (task$lower < task$upper)[numbers_of(fits), , drop = FALSE]
  rowSums(movable[, !held_in(task, attr(fits, "starts")), drop = FALSE])
}

#' @rdname lbfgsb_many
#' @export
nobs.lbfgsb_many <- function(object, ...) {
  task_of(object)$control$nobs %||%
    stop(lbfgsb_error_argument("control$nobs", "must be given to lbfgsb_many(), the number of observations of a fit, as in ",
                               "control = list(nobs = 100)"))
}

warn_of_unconverged <- function(fits) {
  unconverged <- fits[which(fits$convergence != 0L), ]
  if (nrow(unconverged) == 0) return()
  have <- if (nrow(unconverged) == 1) " has" else " have"
  warning(lbfgsb_warning_unconverged(unconverged, nrow(unconverged), " of ", counted(nrow(fits), "fit"), have, " not ",
                                     "converged, so log-likelihoods may mean nothing where `convergence` is not 0: `message` ",
                                     "says why"))
}
