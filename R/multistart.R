#' Minimize from many starts
#'
#' Runs [lbfgsb()] from each of many starts and says which distinct optima there are, how often each was found
#' and from where. All starts are drawn before any run, and no run depends on another: the result is the same to
#' the bit over a cluster or not.
#'
#' @section Distinct optima:
#' Two runs have found the same optimum if their values differ by at most 1e-6 of what the median run has
#' gained, or 1e-9 of the value, and each parameter by at most 1e-3 of the range of its starts, or of its size where all
#' starts have the same. A run that has not converged counts where it ended: the column `converged` of the table says
#' how many have. No run is cut short, however high its value: how often each optimum was found tells whether others may
#' have been missed.
#'
#' Two optima with equal values and different parameters are two. `print()` tells of those that share the best
#' value. A few, found again and again, may be one model: the components of a mixture have changed places. Then the numbers
#' of each row are those of the others in another order, the weights but for 1 - w; a model in which they cannot, as with
#' means `m1` and `m1 + d`, `lower = c(d = 0)`, has one row for all. How often an optimum was found is therefore judged by its
#' value, by all runs that have reached it: where optima share a value, `print()` shows the `level` of each, and says of how
#' many values there was one run only.
#' If almost every run ends at another one, the model may not be identified: different parameters describe the
#' data equally well, as the two intercepts of `a + b + x`. Then fix one of them, `fixed = c(b = 0)`, or write
#' the model with fewer parameters.
#'
#' @section Where `fn` is not finite:
#' If you give the number of starts, one at which `fn` is not finite is drawn anew in the box, up to 20 times: `print()` says how
#' many were, and the result's `starts` are those from which the runs began. What is drawn depends on the number of the start
#' alone: the same call gives the same result. Starts that you give, and those at which `fn` fails by an error, are
#' not replaced: their runs fail, which `print()` says, too.
#'
#' @section Near and far:
#' The first steps of a run may be so long that they leave the valley in which it starts. Then runs from
#' different starts end in the same few optima. So first steps are short here: unless you give
#' `control$parscale` or `control$hessian_diag`, the scales are an eighth of the distance between neighbouring
#' starts. Where a parameter that is not fixed is the same in all starts, nothing tells its scale: then the runs find all
#' scales as [lbfgsb()] does.
#'
#' @section A wrong gradient:
#' If a run shows that the gradient is wrong, its `message` says so. Only that of `best` is a warning too.
#'
#' @section Over a cluster:
#' With `control = list(cluster = )` the runs, not the differences, are spread over the workers. This package
#' must be installed there. `fn`, `gr` and the arguments in `...` are sent once for 32 starts a worker. Packages and global
#' variables that `fn` needs must be there already.
#'
#' @section When it is interrupted:
#' After Ctrl-C `lbfgsb_resume(lbfgsb_last())` goes on with the starts that are left, and returns what the call would have
#' returned; over a cluster, with those of the last 32 a worker. `lbfgsb_last()$done` is the result of the starts that are done.
#' R's time limit, [setTimeLimit()], is no failure of a run: its error ends all, and one goes on in the same way.
#'
#' @param starts a matrix or data frame with one row per start, a list of starts in the shape of `par`, or a
#'   number: so many starts are drawn in the box by [lbfgsb_starts()]. Where bounds are infinite, draw them about a point
#'   or a fit, `starts = lbfgsb_starts(20, around = fit)`.
#' @param fn,gr,...,lower,upper as for [lbfgsb()].
#' @param control as for [lbfgsb()]. `trace`, `callback` and `keep_state` are for the last run alone, that of `best`, and
#'   `checkpoint` is an error.
#' @param x,object,fitted what `lbfgsb_multistart()` returned.
#' @param parm,level as for [confint.lbfgsb()].
#' @param rows the most optima to print.
#' @param row.names,optional as for [as.data.frame()].
#' @param digits significant digits.
#' @param xlab,ylab,pch,ylim as for [graphics::plot.default()].
#' @return A list of class `lbfgsb_multistart`:
#'   - `best`: the best run, a fit as of [lbfgsb()];
#'   - `optima`: a data frame with one row per optimum, the best first: its `value`, how many `runs` ended
#'     there, how many of them have `converged`, the list `starts` of their numbers, and the parameters;
#'   - `runs`: a data frame with one row per start: the number of the `optimum` it led to, `NA` if the run
#'     failed with an error; its `value`, `convergence`, number of `evaluations` and `message`, without the figures of
#'     the run, or that of the error if it failed; and how often its start was `redrawn`;
#'   - `starts`: the starts of the runs, as a matrix;
#'   - `levels`: for each optimum the number of its value, 1 for the best: optima of one level have equal values.
#'
#'   `as.data.frame()`: a row for each optimum, its number `optimum`, its `level`, and the columns of `optima` but for `starts`.
#'   Rows of one level with other parameters are equally good: parts of the model have changed places, or it is not identified.
#'   `subset(as.data.frame(runs), !duplicated(level))` has one of each.
#'
#'   If all runs fail, an error of class `lbfgsb_error_starts` names the distinct errors. `plot()` draws for
#'   each run, the best first, the value of its optimum, that of a level as one, the levels told apart by colours. Runs that
#'   ended far off are triangles at the edge, as the others could not be told apart: `ylim` shows them where they are.
#'   `print()` and `plot()` return `x`, invisibly. `coef()`, `vcov()`, `logLik()`, `profile()` and the other methods are
#'   those of `best`, and what takes a fit, as [lbfgsb_delta()] and [lbfgsb_boot()], takes it.
#' @examples
#' # Four minima
#' himmelblau <- function(x) (x[1]^2 + x[2] - 11)^2 + (x[1] + x[2]^2 - 7)^2
#' runs <- lbfgsb_multistart(20, himmelblau, lower = c(x = -5, y = -5), upper = 5)
#' runs
#' plot(runs)
#' runs$best
#'
#' # Without bounds: starts about a point
#' lbfgsb_multistart(lbfgsb_starts(10, around = c(x = 0, y = 0), spread = 5), himmelblau)
#' @export
lbfgsb_multistart <- function(starts, fn, gr = NULL, ..., lower = -Inf, upper = Inf, control = list()) {
  if (missing(starts) || missing(fn)) refuse_absent(if (missing(starts)) "starts" else "fn")
  check_call(fn, gr, hessian = FALSE)
  given <- setdiff(...names(), own_arguments)
  refuse_seed(given, fn, starts)
  if (length(given) > 0) check_dots(given, fn, gr)
  control <- as_control(control)
  refuse_unfit(control, unfit_for_starts)
  in_box <- is_number(starts)
  if (in_box) check_count(starts, "starts")
  starts <- list_of_starts(if (in_box) lbfgsb_starts(starts, lower, upper) else starts)
  check_separate(fn, names(starts[[1]]), ...names() %||% rep("", ...length()), substitute(fn))
  problems <- checked_problems(starts, lower, upper, control)
  points <- do.call(rbind, lapply(problems, function(problem) as.vector(problem$par)))
  task <- list(fn = fn, gr = gr, dots = list(...), lower = lower, upper = upper,
               control = local_control(control, points, problems[[1]]), box = if (in_box) finite_box(lower, upper))
  collect <- function(fits) collect_runs(fits, begun_at(fits, points), sign(control$fnscale))
  made <- function(fits) if (!all(failed(fits))) new_multistart(collect(fits), fits)
  ended <- function(fits, cluster) {
    task$control["cluster"] <- list(cluster)
    refuse_failures(fits, cluster, hint_for_starts(fn, starts[[1]], if (in_box) list(lower, upper)))
    runs <- collect(fits)
    fits[[runs$best]] <- run_again(fits[[runs$best]], task)
    new_multistart(runs, fits)
  }
  items <- Map(list, start = starts, number = seq_along(starts))
  run_parts(list(what = c("The multistart", "start"), cluster = control$cluster, items = items, f = run_start, task = task,
                 made = made, ended = ended))
}

refuse_absent <- function(argument) {
  stop(lbfgsb_error_argument(argument, "is missing: give the starts, or their number, and then the function, as in ",
                             "lbfgsb_multistart(starts, fn)"))
}

# Refuses a seed that `fn` cannot take, as it is meant for the starts.
refuse_seed <- function(given, fn, starts) {
  arguments <- names(formals(fn)) %||% "..." # of a primitive, which says so itself
  if (!"seed" %in% given || "..." %in% arguments || any(startsWith(arguments, "seed"))) return()
  stop(lbfgsb_error_argument("seed", "goes to `fn`, which has no argument of that name: for other starts give starts = ",
                             "lbfgsb_starts(", if (is_number(starts)) starts else "n", ", lower, upper, seed = ...)"))
}

# Lists the problem of each start, on the box, with one warning for all starts that were outside of it.
checked_problems <- function(starts, lower, upper, control) {
  moved <- list()
  note <- function(warning) {
    moved <<- c(moved, list(warning$elements))
    tryInvokeRestart("muffleWarning")
  }
  problems <- withCallingHandlers(lapply(starts, function(start) started(start, lower, upper, control)$problem),
                                  lbfgsb_warning_outside = note)
  elements <- sort(unique(unlist(moved)))
  if (length(moved) > 0) {
    warning(lbfgsb_warning_outside(elements, length(moved), " of ", counted(length(starts), "start"),
                                   if (length(moved) == 1) " was" else " were", " outside of the box and moved onto it",
                                   in_brackets(problems[[1]]$par, elements)))
  }
  problems
}

new_multistart <- function(runs, fits) structure(replace(runs, "best", fits[runs$best]), class = "lbfgsb_multistart")

# Returns a fit from its start again, with its objective, which workers do not send; the fit itself where that
# fails. Warns if its gradient is wrong.
run_again <- function(fit, task) {
  again <- as_parts(run_quietly(arguments_of(attr(fit, "start"), task)))
  if (!inherits(again, "lbfgsb")) return(fit)
  if (!is.null(attr(again, "gradient_doubt"))) warning(attr(again, "gradient_doubt"))
  again
}

# Sets options by which a first step is no longer than an eighth of the distance of neighbouring starts (rows),
# so that a run ends in the valley in which it began, if it can; where one is the same in all starts, nothing tells its
# scale, and those of lbfgsb() do. No gradient is larger than `pgtol` in the user's units.
# `problem`: that of a start.
local_control <- function(control, starts, problem) {
  range <- range_of_starts(starts)
  free <- problem$lower < problem$upper
  is_told <- !identical(control$parscale, default_control$parscale) || !is.null(control$hessian_diag)
  if (is_told || !any(free) || any(range[free] == 0)) return(control)
  scales <- ifelse(free, range / nrow(starts)^(1 / ncol(starts)) / 8, 1)
  if (!is.null(control$pgtol)) control$pgtol <- control$pgtol * min(scales[free])
  in_units(control, problem$par, scales)
}

# range_of_starts() = that (rows) in each parameter, 0 where they differ by rounding
range_of_starts <- function(starts) {
  range <- apply(starts, 2, max) - apply(starts, 2, min)
  ifelse(range > sqrt(.Machine$double.eps) * size_of_starts(starts), range, 0)
}

# size_of_starts() = max |x_i| of them (rows) in each parameter, 1 where that is 0
size_of_starts <- function(starts) {
  size <- apply(abs(starts), 2, max)
  ifelse(size > 0, size, 1)
}

# Makes a list of the starts, in the shape of par.
list_of_starts <- function(starts) {
  if (is.data.frame(starts)) starts <- as.matrix(starts)
  if (is.matrix(starts) && nrow(starts) > 0) starts <- rows_of(starts)
  if (!is.list(starts) || length(starts) == 0) refuse_kind(starts)
  if (!is.null(names(starts)) && all(lengths(starts) == 1) && !any(vapply(starts, is.list, NA))) {
    stop(lbfgsb_error_argument("starts", "is a list of single numbers with names, as one start is: for one start give ",
                               "list(start)"))
  }
  if (anyNA(names(starts))) names(starts)[is.na(names(starts))] <- "" # no row's name is NA
  check_starts(lapply(starts, unlist))
  in_one_order(starts)
}

refuse_kind <- function(starts) {
  is_point <- is.numeric(starts) && length(starts) > 1
  stop(lbfgsb_error_argument("starts", "must be a number, a matrix or data frame with one row per start, or a ",
                             "list of starts, not ", kind_of(starts),
                             if (is_point) ": for starts about that point give lbfgsb_starts(20, around = par)"))
}

# Refuses starts, vectors, of different lengths or not finite.
check_starts <- function(starts) {
  if (length(unique(lengths(starts))) > 1) {
    stop(lbfgsb_error_argument("starts", "must all have the same number of parameters"))
  }
  refuse_starts("must be finite numbers", !vapply(starts, function(start) all(is.finite(start)), NA))
}

refuse_starts <- function(requirement, wrong) {
  numbers <- unname(which(wrong))
  if (length(numbers) > 0) {
    stop(lbfgsb_error_argument("starts", requirement, ", unlike number ", enumerate(numbers), elements = numbers))
  }
}

# Returns starts in the order of the first.
in_one_order <- function(starts) {
  ordered <- lapply(starts, like_model, starts[[1]])
  refuse_starts("must all name the same parameters", vapply(ordered, is.null, NA))
  ordered
}

# Fits from one start, unwatched, or in a box, where fn is not finite there, from one that is drawn anew: the fit without its
# objective, its attributes the `start` and how often that was `redrawn`, or the condition of an error. `item`: the start, and
# its number.
run_start <- function(item, task) {
  task$control <- replace(unwatched(task$control), "cluster", list(NULL))
  run_from <- function(start) structure(run_quietly(arguments_of(start, task)), start = start)
  fit <- run_from(item$start)
  redrawn <- 0L
  for (start in if (!is.null(task$box) && is_refused(fit)) random_starts(task$box, item$number)) {
    fit <- run_from(start)
    redrawn <- redrawn + 1L
    if (!is_refused(fit)) break
  }
  if (!inherits(fit, "lbfgsb")) return(simpleError(message_of(fit)))
  structure(replace(fit, "objective", list(NULL)), redrawn = redrawn)
}

# Tells whether a run was refused as fn is not finite at its start.
is_refused <- function(fit) inherits(fit, "lbfgsb_error_start")

# Returns where the runs began (rows), of the starts as they were drawn first.
begun_at <- function(fits, starts) {
  for (i in which(!failed(fits))) if (attr(fits[[i]], "redrawn") > 0) starts[i, ] <- unlist(attr(fits[[i]], "start"))
  starts[seq_along(fits), , drop = FALSE]
}

arguments_of <- function(start, task) {
  c(list(par = start), task[c("fn", "gr")], task$dots, task[c("lower", "upper", "control")])
}

# Calls lbfgsb() for one of many runs: the fit, or the condition of an error.
run_quietly <- function(arguments) quietly(do.call(lbfgsb, arguments, quote = TRUE))

# Evaluates one of many runs without warnings that are known already, or given once for all.
quietly <- function(code) {
  known <- c("lbfgsb_warning_outside", "lbfgsb_warning_misspelt", "lbfgsb_warning_separate", "lbfgsb_warning_gradient",
             "lbfgsb_warning_list")
  on_error(suppressWarnings(code, classes = known), identity)
}

failed <- function(fits) !vapply(fits, inherits, NA, "lbfgsb")

refuse_failures <- function(fits, cluster, otherwise) {
  if (!all(failed(fits))) return()
  failures <- tabulate_failures(vapply(fits, conditionMessage, ""))
  stop(lbfgsb_error_starts(failures, "all ", counted(length(fits), "run"), " failed: ", describe_failures(failures),
                           describe_there(failures$message, cluster, otherwise)))
}

# Puts fits from `starts`, one row per start, together; sign: 1 where fn is minimized, -1 where it is maximized.
# `ranked` has the numbers of the runs that did not fail, the best first; `best` the first of them.
collect_runs <- function(fits, starts, sign) {
  ran <- which(!failed(fits))
  ranked <- ran[order(sign * values_of(fits[ran]))]
  ends <- do.call(rbind, lapply(fits[ranked], coef))
  begun <- vapply(fits[ranked], function(fit) fit$history$value[1], 0)
  gain <- median(sign * (begun - values_of(fits[ranked])))
  optimum <- distinct(ends, values_of(fits[ranked]), starts, gain)
  colnames(starts) <- colnames(ends)
  optima <- table_of_optima(fits, ranked, optimum, ends)
  list(best = ranked[1], optima = optima, runs = table_of_runs(fits, ranked, optimum), starts = starts,
       levels = levels_of(optima$value, gain))
}

# Numbers the distinct values of optima, the best first.
levels_of <- function(values, gain) {
  cumsum(c(1L, abs(diff(values)) > tolerance_of(values[-1], gain)))
}

# tolerance_of() = by how much values may differ and be the same
tolerance_of <- function(values, gain) pmax(1e-6 * gain, 1e-9 * abs(values))

values_of <- function(fits) vapply(fits, function(fit) fit$value, 0)

# Numbers the optima at which the runs (rows, the best first) ended: 1 is the best.
distinct <- function(ends, values, starts, gain) {
  close <- tolerance_of(values, gain)
  range <- range_of_starts(starts)
  within <- 1e-3 * ifelse(range > 0, range, pmax(size_of_starts(starts), apply(abs(ends), 2, max)))
  found <- integer()
  optimum <- integer(length(values))
  for (i in seq_along(values)) {
    same <- Filter(function(j) {
      abs(values[i] - values[j]) <= close[j] && all(abs(ends[i, ] - ends[j, ]) <= within)
    }, found)
    if (length(same) == 0) found <- c(found, same <- i)
    optimum[i] <- match(same[1], found)
  }
  optimum
}

table_of_optima <- function(fits, ranked, optimum, ends) {
  first <- match(seq_len(max(optimum)), optimum)
  converged <- vapply(fits[ranked], function(fit) fit$convergence == 0L, NA)
  table <- data.frame(value = values_of(fits[ranked[first]]), runs = tabulate(optimum),
                      converged = tabulate(optimum[converged], max(optimum)))
  table$starts <- unname(lapply(split(ranked, optimum), sort))
  cbind(table, ends[first, , drop = FALSE])
}

table_of_runs <- function(fits, ranked, optimum) {
  per_run <- function(figures) replace(rep(figures[NA_integer_], length(fits)), ranked, figures)
  of_ranked <- function(figure, type) vapply(fits[ranked], figure, type)
  data.frame(
    optimum = per_run(optimum),
    value = per_run(values_of(fits[ranked])),
    convergence = per_run(of_ranked(function(fit) fit$convergence, 0L)),
    evaluations = per_run(of_ranked(function(fit) fit$counts[["function"]], 0L)),
    message = sub("; value [^;]*", "", vapply(fits, function(fit) fit$message, "")), # of a fit or an error
    redrawn = per_run(of_ranked(function(fit) attr(fit, "redrawn"), 0L))
  )
}

#' @rdname lbfgsb_multistart
#' @export
print.lbfgsb_multistart <- function(x, digits = getOption("digits"), rows = 10, ...) {
  cat(counted(nrow(x$runs), "start"), ", ", counted_optima(nrow(x$optima), "distinct "), "\n\n", sep = "")
  ties <- anyDuplicated(x$levels) > 0
  shown <- head(as.data.frame(x)[if (ties) -1 else -(1:2)], rows)
  print(shown, digits = digits)
  tell_hidden(nrow(x$optima) - nrow(shown))
  print_failures(tabulate_failures(x$runs$message[is.na(x$runs$optimum)]), "run")
  print_redrawn(sum(x$runs$redrawn > 0, na.rm = TRUE))
  optima <- if (x$optima$converged[1] > 0) describe_optima(x$optima$runs, x$levels) # others say nothing of the model
  for (text in c(optima, describe_best(x$best))) cat("", strwrap(text), sep = "\n")
  invisible(x)
}

print_redrawn <- function(n) {
  if (n > 0) cat("\n", counted(n, "start"), " drawn anew, as fn or its gradient was not finite there.\n", sep = "")
}

# counted_optima(1, "distinct ") = "1 distinct optimum", counted_optima(2) = "2 optima"
counted_optima <- function(n, which = "") paste0(n, " ", which, if (n == 1) "optimum" else "optima")

# Says what it means that optima share the best value, and that values were found by one run alone, where each optimum was
# found by so many `runs`: of a model that is not identified none would be found again.
describe_optima <- function(runs, levels) {
  best <- runs[levels == 1]
  found <- tapply(runs, levels, sum)
  once <- sum(found == 1)
  c(if (length(best) > 1) describe_ties(length(best), sum(best), flat = sum(best == 1) >= 3),
    if (once > 0) describe_once(once, with_best = found[[1]] == 1, levels))
}

# Says how the best run ended where it has not converged, or no parameter is inside its bounds, as where `fn` is to be
# maximized; elsewhere at which bounds it is, if any.
describe_best <- function(fit) {
  if (fit$convergence != 0L || !any(fit$bounds == "free")) return(paste0("The best run: ", fit$message, "."))
  at <- which(fit$bounds %in% c("at lower", "at upper"))
  if (length(at) == 0) return(NULL)
  paste0("The best is at ", if (length(at) == 1) "a bound: " else "bounds: ",
         enumerate(paste(parameter_names(fit)[at], fit$bounds[at])), ".")
}

describe_ties <- function(ties, runs, flat) {
  cause <- if (flat) {
    "the model may not be identified. Fix a parameter, or write the model with fewer"
  } else {
    paste("they may be one model with its parts in another order, as the components of a mixture, or with other signs, as the",
          "loadings of a factor; otherwise all fit equally well")
  }
  paste0(ties, " optima have the same value at different parameters (", counted(runs, "run"), "): ", cause, ".")
}

# Says what it means that optima were found once; of optima that share values, that the values were.
describe_once <- function(once, with_best, levels) {
  ties <- anyDuplicated(levels) > 0
  which <- if (ties) paste(once, "of", counted(max(levels), "value"), "(`level`)") else counted_optima(once)
  found <- paste(which, if (once == 1) "was" else "were")
  best <- if (!with_best) "others" else if (once == 1) "it is the best, and better ones" else "the best is among them, and better ones"
  paste0(found, " found only once: ", best, " may have been missed. Give more starts, until each is found again.")
}

#' @rdname lbfgsb_multistart
#' @export
as.data.frame.lbfgsb_multistart <- function(x, row.names = NULL, optional = FALSE, ...) {
  shown <- as.list(x$optima)[-match("starts", names(x$optima))]
  table <- data.frame(optimum = seq_along(x$levels), level = x$levels, shown, row.names = row.names, check.names = FALSE)
  structure(table, names = make.unique(names(table)))
}

#' @rdname lbfgsb_multistart
#' @export
coef.lbfgsb_multistart <- function(object, ...) coef(object$best, ...)

#' @rdname lbfgsb_multistart
#' @export
vcov.lbfgsb_multistart <- function(object, ...) vcov(object$best, ...)

#' @rdname lbfgsb_multistart
#' @export
confint.lbfgsb_multistart <- function(object, parm, level = 0.95, ...) {
  if (missing(parm)) confint(object$best, level = level, ...) else confint(object$best, parm, level, ...)
}

#' @rdname lbfgsb_multistart
#' @export
summary.lbfgsb_multistart <- function(object, ...) summary(object$best, ...)

#' @rdname lbfgsb_multistart
#' @export
logLik.lbfgsb_multistart <- function(object, ...) logLik(object$best, ...)

#' @rdname lbfgsb_multistart
#' @export
deviance.lbfgsb_multistart <- function(object, ...) deviance(object$best, ...)

#' @rdname lbfgsb_multistart
#' @export
nobs.lbfgsb_multistart <- function(object, ...) nobs(object$best, ...)

#' @rdname lbfgsb_multistart
#' @export
df.residual.lbfgsb_multistart <- function(object, ...) df.residual(object$best, ...)

#' @rdname lbfgsb_multistart
#' @export
sigma.lbfgsb_multistart <- function(object, ...) sigma(object$best, ...)

#' @rdname lbfgsb_multistart
#' @export
BIC.lbfgsb_multistart <- BIC.lbfgsb

#' @export
extractAIC.lbfgsb_multistart <- function(fit, scale, k = 2, ...) extractAIC(fit$best, scale, k, ...)

#' @rdname lbfgsb_multistart
#' @export
profile.lbfgsb_multistart <- function(fitted, ...) profile(fitted$best, ...)

#' @rdname lbfgsb_multistart
#' @export
update.lbfgsb_multistart <- function(object, ...) update(object$best, ...)

# Returns the fit that is meant: of many runs the best.
as_fit <- function(fit) if (inherits(fit, "lbfgsb_multistart")) fit$best else fit

refuse_other_than_fit <- function(fit, of_boot = "give the fit, b$fit") {
  if (inherits(fit, "lbfgsb")) return()
  instead <- if (inherits(fit, "lbfgsb_boot")) of_boot else if (inherits(fit, "lbfgsb_many")) "give one fit, lbfgsb_one(fits, 1)"
  stop(lbfgsb_error_argument("fit", "must be what lbfgsb() returned, not ", kind_of(fit), if (!is.null(instead)) ": ", instead))
}

#' @rdname lbfgsb_multistart
#' @export
plot.lbfgsb_multistart <- function(x, xlab = "runs, the best first", ylab = "value", pch = 16, ylim = NULL, ...) {
  runs <- runs_by_value(x)
  far <- is.null(ylim) & are_far(runs$value)
  near <- runs$value[!far]
  edge <- near[length(near)] + 0.1 * (near[length(near)] - near[1])
  plot(seq_along(runs$value), ifelse(far, edge, runs$value), col = (runs$level - 1) %% 8 + 1, xlab = xlab,
       pch = replace(rep_len(pch, nrow(runs)), far, if (edge > near[1]) 2 else 6), ylab = ylab, ylim = ylim, las = 1, ...)
  if (any(far)) mtext(paste0(counted(sum(far), "run"), " farther off, at ", describe_range(runs$value[far])), cex = 0.8)
  invisible(x)
}

# Tells which of the values, the best first, are beyond a gap in which the distance from the best grows a hundredfold, the
# first that has half of them before it.
are_far <- function(values) {
  from_best <- abs(values - values[1])
  before <- seq_len(length(values) - 1)
  gaps <- which(from_best[before] > 0 & from_best[before + 1] > 100 * from_best[before] & before >= length(values) / 2)
  seq_along(values) > min(gaps, length(values))
}

# describe_range(c(3, 1, 2)) = "1 to 3", describe_range(1) = "1"
describe_range <- function(values) paste(unique(format(range(values), digits = 3, trim = TRUE)), collapse = " to ")

# Returns the table of the runs that did not fail, the best first, each with the `level` of its optimum, and the value of
# the first optimum of that.
runs_by_value <- function(x) {
  runs <- x$runs[!is.na(x$runs$optimum), ]
  runs$level <- x$levels[runs$optimum]
  runs$value <- x$optima$value[match(runs$level, x$levels)]
  runs[order(runs$level, runs$optimum), ]
}
