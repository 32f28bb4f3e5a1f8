#' Many fits in one call
#'
#' Minimizes one function for many data sets or from many starts: genes, subjects, weights, a grid. The result
#' has a row for each fit. If a fit fails, its row has the message, and the others go on; if every fit does, a
#' warning of class `lbfgsb_warning_failures` says so. Each fit is what [lbfgsb()] gives for it alone, to the bit,
#' over however many workers, as long as `fn` returns the same bits.
#'
#' @section One at a time:
#' This is the simple way, without `block`. `fn` and `gr` are as for [lbfgsb()]: `fn(par, ...)`, or, if you give
#' `data`, `fn(par, data[[i]], ...)` for fit `i`. With `control$cluster` the fits are spread over its workers,
#' where this package must be installed. Without a cluster it is no faster than a loop over [lbfgsb()]: 1,000
#' Poisson regressions of 50 counts took 1.4 times as long as in a loop, in lock step 0.6 times. What it is for: a fit that fails
#' leaves the others as they are, after Ctrl-C [lbfgsb_resume()] goes on, and all is in one table.
#'
#' @section In lock step:
#' This is the fast way where R's vectorized functions and matrix algebra can serve many fits at once. With `block`,
#' so many fits go side by side, and each call of `fn(par, fits, ...)` is for all of them. `par` is a matrix of
#' 1 to `block` rows, never a vector. `fits` has the number of the fit that each row belongs to. `fn` returns
#' one value for each row. A fit that ends leaves the block, and the next one moves up. A block of some hundred
#' rows is a good choice: each fit in it takes some 50 kB for a few parameters, and more than the processor's
#' caches hold is slower again.
#'
#' The gradients are a matrix like `par`: the attribute `"gradient"` of the values, an element of
#' `list(value = , gradient = )`, or what `gr(par, fits, ...)` returns. Without them differences are taken.
#' One call has all points that a gradient takes, so a fit may have several rows. Other fits then wait, and
#' none joins until they need not. A point that a gradient did not need after all is not counted in `evaluations`.
#'
#' Where the data of a fit are a column, `y[, fits]`, `fn` finds them faster than where they are a row.
#'
#' A row must not depend on the others. That is checked at first: one row is asked alone, and if its value or
#' gradient then differs by as much as a bit, there is a warning of class `lbfgsb_warning_rows`. Matrix products
#' of some BLAS differ so. The fits are right then, but not the same to the bit beside other fits. If `fn` or
#' `gr` throws an error, the rows are halved until the one that fails is found.
#'
#' @section Native objectives:
#' A [native_objective()] without `gr` gets `data[[i]]`, vectors like its own `data`, in fit `i`. Where R has
#' OpenMP the fits run over `control$threads` threads, with the same bits for any number of them. So the
#' function must not call R, even with one thread: no `Rf_error()`, no `R_CheckUserInterrupt()`, no `Rprintf()`,
#' no random numbers. It must use `lgamma_r()` in place of `lgamma()`, which writes a global variable. If it
#' fails it returns NaN. Ctrl-C, or R's time limit, [setTimeLimit()], is noticed within a second or so, as soon as a
#' call of the function has ended. Fits that were under way then begin anew when the call goes on.
#'
#' @section A wrong gradient:
#' As at the end of a run of [lbfgsb()], the steps of each fit are held against its gradient. If that is wrong the
#' `message` of the fit says so. One warning of class `lbfgsb_warning_gradient` is for all of them: it names the
#' first of the fits. To look at a gradient costs more than a small fit. So once it was wrong in 20 fits, it is taken for
#' wrong in those others of which the steps say so, or that fail, and their `message` says that it was not looked at. Their
#' `convergence` is 51 or 52 where it is so for any of the 20. [lbfgsb_one()] looks. (Over a cluster all are looked at.)
#'
#' @section When it is interrupted:
#' `lbfgsb_resume(lbfgsb_last())` goes on with the rest, to the same bits, and so does the same call with
#' `from = lbfgsb_last()`, of which `fn` and options may be other ones. `lbfgsb_last()$fits` has what is done. Fits
#' that were under way in lock step go on where they were, but begin anew where options or bounds are other ones now.
#' The same holds for a call that an error ended, as a wrong number of values from `fn`, or R's time limit, [setTimeLimit()].
#'
#' @param par the starts: a matrix or data frame with a row for each fit; or a vector or named list,
#'   from which as many fits start as `data` has elements, and which `fn` gets, as in [lbfgsb()].
#' @param fn,gr see the sections; `fn` may be a [native_objective()], which then gets `data[[i]]`.
#' @param ... further arguments of `fn` and `gr`; one at a time also `fixed`, as for [lbfgsb()].
#' @param data a list with one element for each fit, which is the second argument of `fn` and `gr`; or a matrix or data frame
#'   with a row for each fit, of which they get a vector, or a data frame of one row. Groups of rows are
#'   `split(data, data$group)`, which a message of class `lbfgsb_message_groups` proposes where a column looks like
#'   groups one after the other; columns are `asplit(data, 2)`. Not with `block`: there `fits` says which data are meant.
#' @param lower,upper bounds as for [lbfgsb()], for all fits; or a matrix each with a row for each fit. Names of its
#'   columns are matched with those of `par`, of which it may name some only.
#' @param control as for [lbfgsb()]. `trace`, `callback`, `keep_state`, `checkpoint` and `polish` are for a run by
#'   itself, and an error here. In lock step so are `maxtime` and `cluster`, `threads` is 1, and gradients by
#'   differences are `"auto"`, `"forward"` or `"central"`.
#' @param block the most rows that `fn` gets in lock step; `NULL` for one fit at a time.
#' @param from what an earlier call with the same starts came to: its result, or `lbfgsb_last()`. Fits that it
#'   has are not run again, but for those that failed, without a `convergence`.
#' @param x,object,fits what `lbfgsb_many()` returned, or some of its rows, `fits[rows, ]`, with the names that they have there.
#'   Some of its columns are a plain data frame.
#' @param fit the number of a row of `fits`, or its name.
#' @param parm the parameters to draw, by name or number.
#' @param rows the most fits to print.
#' @return A data frame of class `lbfgsb_many` with a row for each fit, named as its `data`: the parameters, `par1`, `par2`,
#'   ... if they have no names; `value`; `convergence` and `message` as of [lbfgsb()], and of a fit that failed
#'   by an error `NA` and what that says; `evaluations` of `fn` and of `gradients`; and `bounds`, which parameters are at
#'   which, as `"sigma at lower"`, or `""`. The attribute `"starts"` is the matrix of these, and `"task"` has `fn` and its data
#'   for `lbfgsb_one()`. `coef()`: the matrix of the parameters, a row for each fit. `logLik()`: the
#'   log-likelihoods of all fits, `NA` of one that failed, with a warning if any has not converged; so `AIC()` and `BIC()` have a
#'   number for each: `cbind(coef(fits), AIC = AIC(fits))`. So have `deviance()`, `df.residual()` and, of sums of squares,
#'   `sigma()`, as of [one fit][deviance.lbfgsb]. `control$nobs` is the number of observations of one fit. `summary()`
#'   is that of a data frame. `plot()` draws the parameters, a panel for each: fits that have not converged in red, of the others
#'   those with the parameter at a bound in blue. `print()` and `plot()` return `x`, invisibly.
#'
#'   `lbfgsb_one()`: one of the fits, made again from its start, as [lbfgsb()] returns it with `hessian = TRUE`. Of this all
#'   methods can be had, as `summary()` with standard errors, `vcov()`, `logLik()`, `AIC()` and [profile()][profile.lbfgsb];
#'   where the fit had failed, that error is thrown. Of the table `vcov()`, `profile()`, `anova()` and `update()` are errors that
#'   say so.
#' @seealso [lbfgsb_multistart()] for the distinct optima of one problem, [lbfgsb_boot()] for the bootstrap
#'   of a fit.
#' @examples
#' # A line through the data of each chick: one at a time,
#' chicks <- split(ChickWeight, ChickWeight$Chick, drop = TRUE)
#' squares <- function(par, d) sum((d$weight - par["a"] - par["b"] * d$Time)^2)
#' fits <- lbfgsb_many(c(a = 40, b = 5), squares, data = chicks)
#' fits
#' plot(fits)
#'
#' # One of them in full, for what else is asked of a fit
#' lbfgsb_one(fits, "13")
#'
#' # and 200 logistic regressions with a common design, in lock step
#' x <- cbind(1, seq(-2, 2, length.out = 50))
#' y <- matrix(rep_len(c(0, 0, 1, 0, 1, 1, 1), 200 * 50), 200)
#' minus_loglik <- function(par, fits) {
#'   eta <- par %*% t(x)
#'   p <- plogis(eta)
#'   list(value = rowSums(log1p(exp(eta)) - y[fits, , drop = FALSE] * eta),
#'        gradient = (p - y[fits, , drop = FALSE]) %*% x)
#' }
#' lbfgsb_many(matrix(0, 200, 2), minus_loglik, block = 100)
#' @order 1
#' @export
lbfgsb_many <- function(par, fn, gr = NULL, ..., data = NULL, lower = -Inf, upper = Inf, control = list(),
                        block = NULL, from = NULL) {
  check_call(fn, gr, hessian = FALSE)
  refuse_unfit_arguments(...names(), fn, block)
  given <- setdiff(...names(), own_arguments)
  if (length(given) > 0) check_dots(given, fn, gr, c("lower", "upper", "control", "block"))
  check_data(data, block)
  if (is.data.frame(data)) tell_groups(data)
  skeleton <- skeleton_of_many(par, block)
  if (!is.null(skeleton)) {
    at <- flat_problem(skeleton, lower, upper)
    par <- flat_numbers(skeleton)
    lower <- at$lower
    upper <- at$upper
  }
  task <- list(fn = fn, gr = gr, dots = list(...), call = function(f, par, fits) f(par, fits, ...), data = list_rows(data),
               control = many_control(control, block), skeleton = skeleton)
  task$par <- read_many_starts(par, task$data)
  task$lower <- bound_rows(lower, task$par, "lower")
  task$upper <- bound_rows(upper, task$par, "upper")
  if (is.null(data) && is.null(block)) {
    check_separate(fn, colnames(task$par), ...names() %||% rep("", ...length()), substitute(fn))
  }
  check_many_bounds(task)
  if (is.null(block)) check_fixed_in_all(task$dots[["fixed"]], task)
  if (!is.null(block)) check_count(block, "block")
  if (inherits(fn, "lbfgsb_sharded")) refuse_cluster(task$control$cluster)
  run_many(task, from, block, call = first_call(task, !is.null(dim(par)), block))
}

# Runs all fits but for those that an earlier call has come to, `from`; `call`: see first_call().
run_many <- function(task, from, block, call) {
  done <- read_done(from, task, is_in_step = !is.null(block))
  go_on <- function(from, control) {
    if (!is.null(block)) refuse_unfit(control, unfit_in_step)
    task$control <- replace(task$control, names(control), control)
    run_many(task, from, block, call)
  }
  moved <- replace(task, "par", list(onto_box(task$par, task)))
  run <- if (!is.null(block)) run_in_step else if (runs_in_threads(task)) run_in_threads else run_each
  keep_done(done, moved, go_on = go_on, {
    doubting_few(done, run(moved, done, block))
    warn_of_gradients(done$doubts, done$columns$message)
    warn_of_failures(done$columns, task$control$cluster, call)
    table_of_fits(done)
  })
}

# ---- What is given -----------------------------------------------------------------------------------------

many_control <- function(control, block) {
  control <- as_control(control)
  refuse_unfit(control, unfit_for_many)
  control <- unwatched(control)
  if (is.null(block)) return(control)
  refuse_unfit(control, unfit_in_step)
  if (!control$gradient %in% core_methods) {
    stop(lbfgsb_error_argument("control$gradient", "must be \"auto\", \"forward\" or \"central\" with `block`"))
  }
  control
}

# Returns the start of all fits where that is a list; NULL where `par` has numbers for rows.
skeleton_of_many <- function(par, block) {
  if (!is.list(par) || is.data.frame(par)) return(NULL)
  if (is.null(block)) return(as_start(par))
  stop(lbfgsb_error_argument("par", "must be a matrix or data frame with `block`, as `fn` gets rows of it, not ", kind_of(par)))
}

# Returns the starts, doubles, a row for each fit.
read_many_starts <- function(par, data) {
  if (is.data.frame(par)) par <- as.matrix(par)
  if (is.numeric(par) && !is.matrix(par) && !is.null(data)) {
    par <- matrix(par, length(data), length(par), byrow = TRUE, dimnames = list(NULL, names(par)))
  }
  if (!is.numeric(par) || !is.matrix(par) || length(par) == 0) {
    stop(lbfgsb_error_argument("par", "must be a matrix or data frame of numbers with a row for each fit, or ",
                               "a vector where `data` is given, not ", kind_of(par)))
  }
  if (!is.null(data) && nrow(par) != length(data)) {
    stop(lbfgsb_error_argument("data", "must have ", nrow(par), " elements, one for each row of `par`, not ",
                               length(data)))
  }
  taken <- intersect(colnames(par), c(names(row_of_none(numeric())), "bounds"))
  if (length(taken) > 0) {
    stop(lbfgsb_error_argument("par", "must not have a column ", enumerate(taken), ", which the result has"))
  }
  refuse_rows("par", "must be finite", !is.finite(par))
  storage.mode(par) <- "double"
  rownames(par) <- NULL
  par
}

check_data <- function(data, block) {
  if (is.null(data)) return()
  if (!is.null(block)) {
    stop(lbfgsb_error_argument("data", "is for one fit at a time: with `block`, `fn` is told by `fits` which ",
                               "data are meant"))
  }
  if (length(data) == 0) stop(lbfgsb_error_argument("data", "must have an element for each fit, and is empty"))
  if (!is.list(data) && !is.matrix(data)) {
    stop(lbfgsb_error_argument("data", "must be a list with one element for each fit, or a matrix or data frame with a row ",
                               "for each, not ", kind_of(data), if (is.atomic(data)) {
                                 paste(": if each element is that of one fit, give as.list(data); what all fits share goes",
                                       "to `fn` in `...`, by another name")
                               }))
  }
}

# Makes a list of the rows of a matrix or data frame, named as these unless by their numbers.
list_rows <- function(data) {
  if (!is.matrix(data) && !is.data.frame(data)) return(data)
  labels <- if (is.matrix(data) || is.character(attr(data, "row.names"))) rownames(data)
  rows <- if (is.matrix(data)) rows_of(data) else lapply(seq_len(nrow(data)), function(i) data[i, , drop = FALSE])
  structure(rows, names = labels)
}

# Lists the rows of a matrix. Where rows have names R would drop those of the columns, if that is one.
rows_of <- function(x) {
  rownames(x) <- NULL
  lapply(seq_len(nrow(x)), function(i) x[i, ])
}

refuse_rows <- function(argument, requirement, wrong) {
  rows <- which(rowSums(wrong) > 0)
  if (length(rows) > 0) {
    stop(lbfgsb_error_argument(argument, requirement, " (", if (length(rows) == 1) "row " else "rows ",
                               enumerate(rows), ")", elements = rows))
  }
}

# Returns a bound of all fits: a matrix like `par`.
bound_rows <- function(bound, par, argument) {
  default <- if (argument == "lower") -Inf else Inf
  if (is.data.frame(bound)) bound <- as.matrix(bound)
  if (!is.matrix(bound)) {
    bound <- per_parameter(bound, par[1, ], argument, default)
    return(matrix(bound, nrow(par), ncol(par), byrow = TRUE))
  }
  bound <- in_order_of_starts(bound, par, argument, default)
  if (!is.numeric(bound) || !identical(dim(bound), dim(par))) {
    stop(lbfgsb_error_argument(argument, "must be a matrix of numbers like `par`, ", nrow(par), " x ",
                               ncol(par), " or with names of fewer columns, or one bound for each parameter"))
  }
  refuse_rows(argument, "must not be NA", is.na(bound))
  storage.mode(bound) <- "double"
  unname(bound)
}

# Returns bounds, a matrix like `par`, with the columns in its order, if both have names, and the default where it has none.
in_order_of_starts <- function(bound, par, argument, default) {
  names <- colnames(bound)
  if (is.null(names) || is.null(colnames(par)) || identical(names, colnames(par))) return(bound)
  refuse_unknown(names, par[1, ], argument)
  refuse_twice(names, argument)
  full <- matrix(default, nrow(bound), ncol(par), dimnames = list(NULL, colnames(par)))
  full[, names] <- bound
  full
}

# Refuses boxes that are none, and warns of starts outside of theirs.
check_many_bounds <- function(task) {
  refuse_rows("lower", "must be less than Inf", task$lower == Inf)
  refuse_rows("upper", "must be greater than -Inf", task$upper == -Inf)
  refuse_rows("lower", "must not exceed `upper`", task$lower > task$upper)
  rows <- which(rowSums(task$par < task$lower | task$par > task$upper) > 0)
  if (length(rows) > 0) {
    warning(lbfgsb_warning_outside(rows, "`par` was outside of the box and has been moved onto it (",
                                   counted(length(rows), "row"), ": ", enumerate(rows), ")"))
  }
}

# ---- One at a time -------------------------------------------------------------------------------------------

# Runs all that is to do, some fits at a time over a cluster.
run_each <- function(task, done, block) {
  cluster <- task$control$cluster
  task$control["cluster"] <- list(NULL)
  check_mirai(cluster, "control$cluster")
  progress <- fits_progress(done)
  fits <- to_do(done)
  size <- if (is.null(cluster)) 1 else 32 * count_workers(cluster)
  for (share in split(fits, (seq_along(fits) - 1) %/% size)) {
    take_rows(done, share, over_workers(cluster, lapply(share, own_of_fit, task), run_part, common_task(task)))
    progress()
  }
}

# Returns what is a fit's own: a task of this fit alone, but for the common_task(), which goes to workers once for all.
own_of_fit <- function(i, task) {
  row <- function(x) x[i, , drop = FALSE]
  list(par = row(task$par), lower = row(task$lower), upper = row(task$upper), data = task$data[i])
}

common_task <- function(task) task[c("fn", "gr", "dots", "control", "skeleton")]

run_part <- function(own, task) run_one(arguments_of_fit(1, c(own, task)))

# Returns the call of one fit.
arguments_of_fit <- function(i, task) {
  own <- if (!is.null(task$data)) list(task$data[[i]])
  if (is_native(task$fn) && !is.null(own)) {
    native <- attr(task$fn, "native")
    task$fn <- native_objective(native$f, native$package, own[[1]], native$gradient)
    own <- NULL
  }
  start <- if (is.null(task$skeleton)) task$par[i, ] else refill(task$skeleton, task$par[i, ])
  list(start = start, lower = task$lower[i, ], upper = task$upper[i, ], fn = task$fn, gr = task$gr,
       control = task$control, given = c(own, task$dots))
}

# Runs a fit, and returns its row.
run_one <- function(call) row_of_end(run_quietly(arguments_of_run(call)), call$start)

arguments_of_run <- function(call) {
  c(list(par = call$start), call[c("fn", "gr")], call$given, call[c("lower", "upper", "control")])
}

# Returns a function that shows a line of how many fits have ended, once a second, where somebody reads it; and
# once shown, to its end.
fits_progress <- function(done) {
  if (!talks()) return(function() NULL)
  first <- due <- seconds() + 1
  function() {
    if (seconds() < due && !(due > first && all(done$ended))) return()
    line <- sprintf("%d of %d fits ", sum(done$ended), length(done$ended))
    cat("\r", line, if (all(done$ended)) "\n", sep = "", file = stderr())
    status_line$fits <- if (all(done$ended)) 0 else nchar(line)
    due <<- seconds() + 1
  }
}

# ---- What it says -------------------------------------------------------------------------------------------

# Makes one warning of those of fits; `messages`: of all.
warn_of_gradients <- function(doubts, messages) {
  if (length(doubts) == 0) return()
  first <- doubts[[1]]
  presumed <- sum(grepl(presumed_wrong, messages, fixed = TRUE))
  others <- c(if (length(doubts) > 1) counted(length(doubts) - 1, "other fit"),
              if (presumed > 0) paste("it seems in", presumed, "more that were not looked at"))
  others <- if (length(others) > 0) paste0(" (and in ", paste(others, collapse = ", and as "), ")")
  warning(lbfgsb_warning_gradient(first, "in fit ", names(doubts)[1], others, " ",
                                  describe_disagreement(first, see = "check_gradient()")))
}

# Warns if every fit failed, and that the `call` shows how.
warn_of_failures <- function(columns, cluster, call) {
  if (!all(is.na(columns$convergence))) return()
  failures <- tabulate_failures(columns$message)
  warning(lbfgsb_warning_failures(failures, "every fit failed: ", describe_failures(failures),
                                  describe_there(failures$message, cluster, otherwise = call)))
}

# Says what to call to see how fits fail; nothing of a native objective, whose data are its own.
first_call <- function(task, has_rows, block) {
  if (is_native(task$fn)) return(NULL)
  rows <- if (nrow(task$par) > 1) "1:2" else "1"
  by_itself <- c(if (has_rows) "par[1, ]" else "par", if (!is.null(task$data)) "data[[1]]")
  given <- if (is.null(block)) by_itself else c(paste0("par[", rows, ", , drop = FALSE]"), rows)
  given <- paste(c(given, if (length(task$dots) > 0) "..."), collapse = ", ")
  paste0(". To see where, call fn(", given, ") yourself", if (!is.null(task$gr)) ", and `gr` likewise")
}
