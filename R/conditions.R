#' The errors and warnings of the package
#'
#' Every error and warning of the package has a class, and fields that say in figures what its
#' message says in words, so a program can catch it by [tryCatch()] and look. What your own `fn` or
#' `gr` throws passes through as it is.
#'
#' | class | when | fields |
#' |-------|------|--------|
#' | `lbfgsb_error_argument` | an argument is wrong; nothing has been evaluated | `argument`, its name; `elements`, the indices of the wrong ones, or `NULL` |
#' | `lbfgsb_error_objective` | `fn` or `gr` returned what is no value or no gradient | `argument`, `"fn"` or `"gr"`; `returned`, what it was |
#' | `lbfgsb_error_start` | `fn` or its gradient is not finite at the start | `par`, the start; `value`; `gradient`, `NULL` if it was not asked for |
#' | `lbfgsb_error_state` | a state is none, is of another version, or has finished | |
#' | `lbfgsb_unfinished` | an additional class of an error or interrupt that ended a run, but for infinite recursion: see [lbfgsb_resume()] | `par`, `value`, the best point so far; `state`; `parent`, the original condition |
#' | `lbfgsb_stop` | a condition, no error, by which `fn`, `gr` or the callback may end the run: [lbfgsb_stop()] | |
#' | `lbfgsb_error_worker` | a worker of `control$cluster` is lost, or behind with its answers | `workers`, their numbers; `elements`, the indices of the parameters whose derivatives they were at; `parent`, the error of the connection, or `NULL` |
#' | `lbfgsb_error_hessian` | [vcov()][vcov.lbfgsb] needs the inverse of a Hessian that is not positive definite | `hessian`, that of the free parameters; `eigenvalue`, the smallest where its diagonal is scaled to 1 |
#' | `lbfgsb_error_profile` | [profile()][profile.lbfgsb] found a lower value than the fit's: the fit was not at the minimum | `par`, `value`: what it found |
#' | `lbfgsb_warning_outside` | `par` was outside of the box and has been moved onto it | `elements`, the indices of the moved ones |
#' | `lbfgsb_warning_gradient` | a run has failed or stalled, and the gradient disagrees with differences of `fn` | `analytic`, `numeric`, the slopes in the `direction` |
#' | `lbfgsb_warning_control` | `control` holds unknown names, which are ignored | `unknown`, the names |
#'
#' The errors inherit from `lbfgsb_error`, the warnings from `lbfgsb_warning`. None carries a call.
#'
#' @name lbfgsb_conditions
#' @examples
#' tryCatch(
#'   lbfgsb(c(a = 1, b = 1), function(x) sum(x^2), lower = c(a = 2), upper = c(a = 0)),
#'   lbfgsb_error_argument = function(e) e$elements
#' )
#'
#' withCallingHandlers(
#'   lbfgsb(c(a = -1, b = 1), function(x) sum((x - 2)^2), lower = 0),
#'   lbfgsb_warning_outside = function(w) tryInvokeRestart("muffleWarning")
#' )
NULL

lbfgsb_error_argument <- function(argument, ..., elements = NULL) {
  errorCondition(paste0("`", argument, "` ", ...),
                 class = c("lbfgsb_error_argument", "lbfgsb_error"),
                 argument = argument, elements = elements)
}

lbfgsb_error_objective <- function(argument, returned, ...) {
  errorCondition(paste0(...), class = c("lbfgsb_error_objective", "lbfgsb_error"),
                 argument = argument, returned = returned)
}

lbfgsb_error_start <- function(par, value, gradient, ...) {
  errorCondition(paste0(...), class = c("lbfgsb_error_start", "lbfgsb_error"),
                 par = par, value = value, gradient = gradient)
}

lbfgsb_error_state <- function(...) {
  errorCondition(paste0(...), class = c("lbfgsb_error_state", "lbfgsb_error"))
}

# The condition that ended a run, with a copy of the run, which may go on all the same.
with_run <- function(condition, state) {
  state$run <- .Call(C_copy, state$run)
  best <- fields_of(state)
  unfinished <- unclass(condition)
  unfinished[c("par", "value", "state", "parent")] <-
    list(in_shape(best$par), best$value, kept_state(state), condition)
  general <- intersect(class(condition), c("error", "interrupt", "condition"))
  own <- setdiff(class(condition), c("lbfgsb_unfinished", general))
  structure(unfinished, class = c(own, "lbfgsb_unfinished", general))
}

#' Stop a run from within
#'
#' Called by `fn`, `gr` or `control$callback`, ends the run of [lbfgsb()] that evaluates them. The
#' run returns normally, with the best point so far and `convergence` 1. After the last iteration it ends
#' what is evaluated then: the fit has no `hessian`. A run that was stopped has none either.
#' @return Nothing: it does not return. Outside of a run it is an error.
#' @examples
#' calls <- 0
#' fn <- function(x) {
#'   calls <<- calls + 1
#'   if (calls > 20) lbfgsb_stop()
#'   sum((x - 1:2)^4)
#' }
#' lbfgsb(c(0, 0), fn)$message
#' @export
lbfgsb_stop <- function() {
  signalCondition(structure(class = c("lbfgsb_stop", "condition"),
                            list(message = "the run is to stop", call = NULL)))
  stop(lbfgsb_error_state("lbfgsb_stop() was called outside of a run"))
}

lbfgsb_error_worker <- function(workers, elements, parent, ...) {
  errorCondition(paste0(...), class = c("lbfgsb_error_worker", "lbfgsb_error"),
                 workers = workers, elements = elements, parent = parent)
}

lbfgsb_error_hessian <- function(hessian, eigenvalue, ...) {
  errorCondition(paste0(...), class = c("lbfgsb_error_hessian", "lbfgsb_error"),
                 hessian = hessian, eigenvalue = eigenvalue)
}

lbfgsb_error_profile <- function(par, value) {
  errorCondition(paste0("the profile found a better value than the fit's, ",
                        format(value, digits = 9), ": start anew from the `par` of this error"),
                 class = c("lbfgsb_error_profile", "lbfgsb_error"), par = par, value = value)
}

lbfgsb_warning_outside <- function(elements, ...) {
  warningCondition(paste0(...), class = c("lbfgsb_warning_outside", "lbfgsb_warning"),
                   elements = elements)
}

lbfgsb_warning_gradient <- function(slope, ...) {
  warningCondition(paste0(...), class = c("lbfgsb_warning_gradient", "lbfgsb_warning"),
                   analytic = slope$analytic, numeric = slope$numeric, direction = slope$direction)
}

lbfgsb_warning_control <- function(unknown, ...) {
  warningCondition(paste0(...), class = c("lbfgsb_warning_control", "lbfgsb_warning"),
                   unknown = unknown)
}

# "a numeric vector of length 2", "a list of length 1", "an object of class 'Date'", "NULL"
kind_of <- function(x) {
  if (is.null(x)) return("NULL")
  if (is.object(x)) return(paste0("an object of class '", class(x)[1], "'"))
  if (is.function(x)) return("a function")
  type <- if (is.list(x)) "list" else paste(mode(x), "vector")
  paste("a", type, "of length", length(x))
}

# The names of these elements of `par`, `[i]` where there is none; `[i,j]` in a matrix.
labels_of <- function(par, elements = seq_along(par)) {
  positions <- paste0("[", positions_in(par, elements), "]", recycle0 = TRUE)
  if (is.null(names(par))) return(positions)
  names <- names(par)[elements]
  ifelse(is.na(names) | names == "", positions, names)
}

# "3"; "1,2", or "a,2" where the rows have names.
positions_in <- function(par, elements) {
  if (length(dim(par)) < 2) return(elements)
  indices <- arrayInd(elements, dim(par))
  along <- lapply(seq_len(ncol(indices)), function(k) {
    labels <- dimnames(par)[[k]]
    if (is.null(labels)) indices[, k] else labels[indices[, k]]
  })
  do.call(paste, c(along, sep = ","))
}

# "a, b, [3], d, e and 12 more"
enumerate <- function(labels, most = 5) {
  shown <- paste(head(labels, most), collapse = ", ")
  more <- length(labels) - most
  if (more > 0) paste(shown, "and", more, "more") else shown
}

# " (element b)", " (elements a, [2], d)"
in_brackets <- function(par, elements) {
  noun <- if (length(elements) == 1) "element" else "elements"
  paste0(" (", noun, " ", enumerate(labels_of(par, elements)), ")")
}
