#' The errors and warnings of the package
#'
#' Every error and warning of the package has a class, and fields that say in figures what its
#' message says in words, so a program can catch it by [tryCatch()] and look. What your own `fn` or
#' `gr` throws passes through as it is.
#'
#' - `lbfgsb_error_argument`: an argument is wrong; nothing has been evaluated. Fields: `argument`, its name;
#'   `elements`, the indices of the wrong ones, or `NULL`.
#' - `lbfgsb_error_objective`: `fn` or `gr` returned something that is no value or no gradient, or the callback `NA`.
#'   Fields: `argument`, `"fn"`, `"gr"` or `"control$callback"`; `returned`, what it was.
#' - `lbfgsb_error_start`: `fn` or its gradient is not finite at the start. Fields: `par`, the start; `value`;
#'   `gradient`, `NULL` if it was not asked for.
#' - `lbfgsb_error_state`: what was given is no state, or a state that is damaged, of another version, or of a
#'   run that has finished.
#' - `lbfgsb_error_changed`: `fn` is not what it was in the run: a variable that it reads has changed since, or
#'   [lbfgsb_resume()] is given another `fn`, or other data. Thrown by all that evaluates `fn` after the run. Fields:
#'   `par`, the best point; `value`, that of `fn` there now, `NA` where it fails; `before`, that of the run; `parent`,
#'   the error by which it fails, or `NULL`.
#' - `lbfgsb_unfinished`: an additional class of an error or interrupt that ended a run, but for infinite
#'   recursion: see [lbfgsb_resume()]. Fields: `par`, `value`, the best point so far; `state`; `objective`, as
#'   of a fit; `parent`, the original condition.
#' - `lbfgsb_stop`: a condition, no error, by which `fn`, `gr` or the callback may end the run: [lbfgsb_stop()].
#' - `lbfgsb_error_worker`: a worker of a cluster is lost, silent, or behind with its answers; or it has another build of
#'   this package, an error without fields. Fields: `workers`, their numbers; `elements`, the indices of the
#'   parameters whose derivatives they were at, or `NULL`; `parent`, the error of the connection, or `NULL`.
#' - `lbfgsb_error_hessian`: [vcov()][vcov.lbfgsb] needs the inverse of a Hessian that is not positive definite.
#'   Fields: `hessian`, that of the free parameters; `eigenvalue`, the smallest where its diagonal is scaled to
#'   1; `doubt`, the warning that the fit is no minimum or its gradient wrong, or `NULL`. Or there is no memory for a Hessian:
#'   then `hessian` is `NULL` and `eigenvalue` `NaN`. If it was asked for by `hessian = TRUE`, the run had finished, and
#'   `lbfgsb_resume(lbfgsb_last())` returns its fit.
#' - `lbfgsb_error_profile`: [profile()][profile.lbfgsb] found a lower value than the fit's: the fit was not at
#'   the minimum. Fields: `par`, `value`: what it found; `fit`. [lbfgsb_last()] keeps it, and [lbfgsb_resume()] fits again
#'   from there.
#' - `lbfgsb_warning_profile`: a profile ends before the level, where `fn` is not finite or fails, or after many runs, so a
#'   limit is `NA`. Fields: `parameters`, the names of those whose profiles do; `parent`, the first error of `fn`, or `NULL`.
#' - `lbfgsb_error_starts`: all runs of [lbfgsb_multistart()] or [lbfgsb_boot()] failed. Fields: `failures`, a
#'   data frame: `message`, `times`.
#' - `lbfgsb_warning_outside`: `par` was outside of the box and has been moved onto it. Fields: `elements`, the
#'   indices of the moved ones.
#' - `lbfgsb_warning_gradient`: the gradient is not that of `fn`, as found at the end of a run, or where a
#'   Hessian is made of it. Fields: `analytic`, `numeric`, the slopes beside `par` by the gradient and by
#'   differences of `fn`: of a single parameter as elements of the gradient, of several by a step of about their sizes;
#'   `direction`, in words, in which they are; `names`, a sentence on them if they are what is wrong, or `NULL`.
#' - `lbfgsb_warning_tape`: the tape of RTMB could not be made, or disagrees with `fn`, and is not used: see
#'   [lbfgsb()]. Fields: `reason`, in words; `by_fn`, `by_tape`, the two numbers that differ, or `NULL`.
#' - `lbfgsb_warning_optim`: [lbfgsb_optim()] warns of what `optim()` warns of, in its words.
#' - `lbfgsb_warning_misspelt`: a name in `...` is an option of [lbfgsb()], or nearly an argument of it, and not one of
#'   `fn` or `gr`. Fields: `given`, `meant`, the two names.
#' - `lbfgsb_warning_arguments`: `fn` fails at the start, and has arguments without a default that nobody gives. Fields:
#'   `arguments`, their names.
#' - `lbfgsb_warning_separate`: once a function: `fn` has further arguments, with defaults, that have the names of
#'   parameters. (Where the first argument has, too, as in functions for `stats4::mle()`, that is an error.) Fields:
#'   `arguments`, their names.
#' - `lbfgsb_warning_names`: `fn` fails at the start, and takes elements of its first argument by names that `par` does not
#'   have, or by `$` of a vector. Fields: `names`, those that `par` does not have.
#' - `lbfgsb_warning_list`: `par` is a list of numbers, and `fn` fails at the start, as one does that expects a
#'   vector.
#' - `lbfgsb_warning_control`: `control` holds unknown names, which are ignored. Fields: `unknown`, the names.
#' - `lbfgsb_warning_limit`: [lbfgsb_resume()] of a run that has reached its limit, without one that is further.
#'   Fields: `option`, its name; `value`.
#' - `lbfgsb_warning_unconverged`: a log-likelihood, standard error, interval, test, profile or band is asked of
#'   a run that has not converged. Fields: `convergence`, `reason`: the fit's `convergence` and `message`; those of
#'   each such fit where many are asked, [lbfgsb_many()].
#' - `lbfgsb_warning_data`: [anova()][anova.lbfgsb] of fits of the same `fn`, as it seems to other data. Fields: `arguments`,
#'   the names of those that differ.
#' - `lbfgsb_warning_errors`: [tidy()][tidy.lbfgsb] has no standard errors, as [vcov()][vcov.lbfgsb] stops with an error. Fields:
#'   `parent`, that error.
#' - `lbfgsb_warning_distance`: a run has converged, and by its `hessian` a step of Newton's method would still move
#'   parameters by more than a tenth of a standard error, as [summary()][summary.lbfgsb] finds. Fields: `elements`, their
#'   numbers; `newton`, these steps, in standard errors.
#' - `lbfgsb_warning_flat`: `fn` barely depends on a parameter at its estimate, or rises more than ten times as much with it
#'   as its Hessian says, or the data can hardly tell some apart, so their standard errors mean nothing:
#'   [vcov()][vcov.lbfgsb]. Or a bootstrap, or an interval by it, is asked of such a parameter: [lbfgsb_boot()]. Fields:
#'   `elements`, the indices of such parameters.
#' - `lbfgsb_warning_kink`: a Hessian is asked of `fn` at a kink, as of a sum of absolute values, so that it means nothing:
#'   [lbfgsb_hessian()]. Fields: `elements`, the indices of the parameters whose slopes jump.
#' - `lbfgsb_warning_bound`: values of [lbfgsb_delta()] depend on a parameter at its bound, and have no standard error;
#'   or an interval by [lbfgsb_boot()] is asked of it, or its row of `sandwich::bread()`, which is 0. Fields: `elements`,
#'   the indices of such parameters.
#' - `lbfgsb_warning_saddle`: a run with `hessian = TRUE` has ended at a saddle point or a maximum, where the gradient is
#'   0 too. Fields: `direction`, in words, in which `fn` falls; `par`, a point there, for a new start; `value`, that
#'   of `fn` there.
#' - `lbfgsb_warning_squares`: a log-likelihood, standard error, interval or profile is asked of a sum or mean of
#'   squares, of which nobody has said so ([lbfgsb_control()]).
#' - `lbfgsb_warning_mean`: the same is asked of `fn` that is to be a log-likelihood, and a mean as it is written.
#' - `lbfgsb_warning_nobs`: [BIC()] of a fit whose number of observations is not known.
#' - `lbfgsb_warning_refits`: an interval by the bootstrap leaves out refits, or has fewer than its level takes. Fields: `failures`,
#'   a data frame: `message`, `times`.
#' - `lbfgsb_warning_labels`: in [lbfgsb_boot()] all copies of a group that is drawn twice keep its name, because `fn` depends on
#'   the name. Field: `label`, the argument or column with the names.
#' - `lbfgsb_warning_drawn`: [lbfgsb_boot()] draws rows of some data, and others with as many rows stay as they
#'   are. Fields: `drawn`, `kept`, the names of their arguments.
#' - `lbfgsb_warning_order`: [lbfgsb_boot()] draws rows on whose order `fn` depends. Fields: `arguments`, the names.
#' - `lbfgsb_warning_size`: `simulate` of [lbfgsb_boot()] draws another number of observations than the fit has. Fields:
#'   `argument`, its name; `sizes`, the two numbers.
#' - `lbfgsb_warning_frequencies`: [lbfgsb_boot()] is to draw by weights that count equal observations, and would
#'   draw all of them or none; or the cells of a table of counts. Fields: `argument`, the name of the weights or the table;
#'   `observations`, their number.
#' - `lbfgsb_warning_failures`: all fits of [lbfgsb_many()] failed. Fields: `failures`, as of `lbfgsb_error_starts`.
#' - `lbfgsb_warning_rows`: [lbfgsb_many()] in lock step: `fn` at one row depends on the others. Fields: `fit`,
#'   its number; `alone`, `together`, its value so.
#' - `lbfgsb_unfinished_many`: an additional class of an error or interrupt that ended [lbfgsb_many()]. Fields:
#'   `fits`, what is done; `under_way`, states; `parent`, the original condition.
#' - `lbfgsb_unfinished_parts`: an additional class of the interrupt or error that ended [profile()][profile.lbfgsb],
#'   [lbfgsb_boot()] or [lbfgsb_multistart()]: [lbfgsb_resume()] goes on with it. Fields: `done`, their result of
#'   the parameters, refits or starts that were done by then, or `NULL`; `progress`, how many, in words;
#'   `parent`, the original condition.
#' - `lbfgsb_warning_shipped`: what goes to each worker of a cluster is larger than 16 MiB; once a function.
#'   Fields: `size`, in bytes; `objects`, the sizes of the largest, by name.
#' - `lbfgsb_message_dropped`: [update()][update.lbfgsb] with data of another size, or another `fn`, drops
#'   `control$nobs`. Fields: `nobs`, as it was; `changed`, the names of the arguments.
#' - `lbfgsb_message_surplus`: [update()][update.lbfgsb] with another `fn` drops what that has no argument for. Fields:
#'   `arguments`, the names.
#' - `lbfgsb_message_groups`: [lbfgsb_many()] fits each row of a data frame, of which a column looks like groups. Fields:
#'   `column`, its name; `groups`, their number.
#' - `lbfgsb_message_worker`: a daemon of mirai is lost, and the others do what it had. Fields: `count`, of
#'   requests or shards.
#' - `lbfgsb_message_assumed`: once a session: nobody has said what `fn` is ([lbfgsb_control()]), and the answer
#'   depends on it. Fields: `kind`, what it is taken for.
#'
#' The errors inherit from `lbfgsb_error`, the warnings from `lbfgsb_warning`, the messages from `message`. None
#' carries a call.
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

lbfgsb_error_changed <- function(par, value, before, place, ..., parent = NULL) {
  number <- function(x) format(x, digits = 9)
  now <- if (is.null(parent)) paste("is", number(value)) else paste0("fails (", message_of(parent), ")")
  noisy <- if (is.null(parent)) " If `fn` is noisy, say how much by control$noise"
  errorCondition(paste0("`fn` is not what it was: at ", place, " it ", now, ", it was ", number(before), ". ", ..., noisy),
                 class = c("lbfgsb_error_changed", "lbfgsb_error"), par = par, value = value, before = before,
                 parent = parent)
}

lbfgsb_error_worker <- function(workers, elements, parent, ...) {
  errorCondition(paste0(...), class = c("lbfgsb_error_worker", "lbfgsb_error"),
                 workers = workers, elements = elements, parent = parent)
}

lbfgsb_error_hessian <- function(hessian, eigenvalue, ..., doubt = NULL) {
  errorCondition(paste0(...), class = c("lbfgsb_error_hessian", "lbfgsb_error"),
                 hessian = hessian, eigenvalue = eigenvalue, doubt = doubt)
}

lbfgsb_error_profile <- function(fit, par, value, is_exact = FALSE) {
  what <- if (is_exact) {
    ", but the data fit exactly and both are rounding: there is no error of which a profile could tell"
  } else {
    ", so the fit is not at the minimum: go on from there by fit <- lbfgsb_resume(lbfgsb_last())"
  }
  errorCondition(paste0("the profile found a better value than the fit's, ", format(value, digits = 9), what),
                 class = c("lbfgsb_error_profile", "lbfgsb_error"), fit = fit, par = par, value = value)
}

lbfgsb_warning_profile <- function(parameters, ..., parent = NULL) {
  warningCondition(paste0(...), class = c("lbfgsb_warning_profile", "lbfgsb_warning"), parameters = parameters, parent = parent)
}

lbfgsb_warning_outside <- function(elements, ...) {
  warningCondition(paste0(...), class = c("lbfgsb_warning_outside", "lbfgsb_warning"),
                   elements = elements)
}

lbfgsb_warning_gradient <- function(slope, ...) {
  warningCondition(paste0(...), class = c("lbfgsb_warning_gradient", "lbfgsb_warning"),
                   analytic = slope$analytic, numeric = slope$numeric, direction = slope$direction, names = slope$names)
}

lbfgsb_warning_tape <- function(fault) {
  warningCondition(paste0("RTMB ", fault$what, " `fn`, and gradients are differences from here on: ",
                          fault$why),
                   class = c("lbfgsb_warning_tape", "lbfgsb_warning"),
                   reason = fault$why, by_fn = fault$by_fn, by_tape = fault$by_tape)
}

lbfgsb_warning_control <- function(unknown, ...) {
  warningCondition(paste0(...), class = c("lbfgsb_warning_control", "lbfgsb_warning"),
                   unknown = unknown)
}

lbfgsb_warning_misspelt <- function(given, meant) {
  warningCondition(paste0("`", given, "` goes to `fn`, which has no argument of that name: ", advise(given, meant)),
                   class = c("lbfgsb_warning_misspelt", "lbfgsb_warning"), given = given, meant = meant)
}

# fits: one, or the table of many.
lbfgsb_warning_unconverged <- function(fits, ...) {
  warningCondition(paste0(...), class = c("lbfgsb_warning_unconverged", "lbfgsb_warning"),
                   convergence = fits$convergence, reason = fits$message)
}

# Evaluates code; an error of it is answered by `answer`, but for that of R's time limit, setTimeLimit(), which the user has set
# and which strikes only once.
on_error <- function(code, answer) tryCatch(code, error = function(e) if (is_time_limit(e)) stop(e) else answer(e))

# Returns the message of a condition as one string: it may have none, or several.
message_of <- function(condition) {
  text <- paste(conditionMessage(condition), collapse = "; ")
  if (nzchar(text)) text else "an error without a message"
}

# R translates its messages, and a worker's say where that was.
is_time_limit <- function(error) {
  messages <- gettext(paste("reached", c("elapsed", "CPU", "session elapsed", "session CPU"), "time limit"), domain = "R")
  any(unlist(lapply(messages, grepl, conditionMessage(error), fixed = TRUE))) # an error may have no message
}

# Says what to do with a fit that has not converged; `name`: what the user calls it, as far as that is known.
describe_way_on <- function(fit, name = "fit") {
  if (fit$convergence != 1L) {
    return("print the fit to see why, and see vignette(\"troubleshooting\", \"lbfgsb\")")
  }
  if (is.null(fit$state)) return(paste0("to go on from its estimate, call update(", name, ")"))
  limit <- if (!grepl("on request|by maxtime", fit$message)) " with another limit in `control`"
  paste0("to go on, call lbfgsb_resume(", name, ")", limit)
}

# labels, values: of the larger fit and the smaller one.
lbfgsb_warning_data <- function(labels, values, arguments) {
  cause <- if (length(arguments) > 0) enumerate(paste0("`", arguments, "`")) else "what `fn` reads"
  warningCondition(paste0(labels[2], " is no special case of ", labels[1], " by what it fixes: at its estimate `fn` is ",
                          format(values[1], digits = 9), " there, and not ", format(values[2], digits = 9), ". They differ in ",
                          cause, ". If these are data, the test means nothing: fit both to the same"),
                   class = c("lbfgsb_warning_data", "lbfgsb_warning"), arguments = arguments)
}

lbfgsb_warning_flat <- function(elements, ...) {
  warningCondition(paste0(...), class = c("lbfgsb_warning_flat", "lbfgsb_warning"), elements = elements)
}

lbfgsb_warning_errors <- function(parent) {
  warningCondition(paste("no standard errors:", message_of(parent)),
                   class = c("lbfgsb_warning_errors", "lbfgsb_warning"), parent = parent)
}

lbfgsb_warning_distance <- function(elements, newton, ...) {
  warningCondition(paste0(...), class = c("lbfgsb_warning_distance", "lbfgsb_warning"), elements = elements, newton = newton)
}

lbfgsb_warning_bound <- function(elements, labels, ...) {
  is <- if (length(labels) == 1) " is at its bound" else " are at their bounds"
  warningCondition(paste0(enumerate(labels), is, ", where ", ...),
                   class = c("lbfgsb_warning_bound", "lbfgsb_warning"), elements = elements)
}

lbfgsb_warning_kink <- function(elements, labels) {
  warningCondition(paste0("`fn` has a kink at the estimate, where its slope along ", enumerate(labels), " jumps, as that of a sum ",
                          "of absolute values does: its Hessian, and standard errors by that, mean nothing. lbfgsb_boot() and ",
                          "confint(fit, method = \"profile\") do without"),
                   class = c("lbfgsb_warning_kink", "lbfgsb_warning"), elements = elements)
}

lbfgsb_warning_saddle <- function(direction, par, value, ...) {
  warningCondition(paste0(...), class = c("lbfgsb_warning_saddle", "lbfgsb_warning"),
                   direction = direction, par = par, value = value)
}

lbfgsb_warning_squares <- function() {
  warningCondition(paste("`fn` is a sum or mean of squares, or its root, as it is written, and is taken for minus a log-likelihood,",
                         "which is right for a sum only if the variance is known to be 1/2: return the sum, and give control =",
                         "list(fn_is = \"squares\", nobs = ...), with the number of observations, or fn_is = \"negloglik\" if",
                         "that is meant"),
                   class = c("lbfgsb_warning_squares", "lbfgsb_warning"))
}

lbfgsb_warning_mean <- function() {
  warningCondition(paste("`fn` is a mean, as it is written, and a log-likelihood is the sum over all observations: of a mean,",
                         "standard errors are too large by the root of their number, and AIC and tests are wrong. Return the",
                         "sum, as by sum() in place of mean()"),
                   class = c("lbfgsb_warning_mean", "lbfgsb_warning"))
}

lbfgsb_warning_nobs <- function(by) {
  warningCondition(paste("BIC() is NA: it needs the number of observations,", by),
                   class = c("lbfgsb_warning_nobs", "lbfgsb_warning"))
}

lbfgsb_warning_refits <- function(failures, ...) {
  warningCondition(paste0(...), class = c("lbfgsb_warning_refits", "lbfgsb_warning"), failures = failures)
}

lbfgsb_warning_drawn <- function(drawn, kept) {
  name <- function(arguments) paste0("`", arguments, "`", collapse = ", ")
  warningCondition(paste0("the rows of ", name(drawn), " are drawn anew, and ", name(kept), ", with as many, ",
                          if (length(kept) == 1) "stays as it is" else "stay as they are", ". If they belong together, ",
                          "draw them together: data = c(", paste0("\"", c(drawn, kept), "\"", collapse = ", "), ")"),
                   class = c("lbfgsb_warning_drawn", "lbfgsb_warning"), drawn = drawn, kept = kept)
}

lbfgsb_warning_order <- function(arguments) {
  name <- paste0("`", arguments, "`", collapse = ", ")
  warningCondition(paste0("`fn` has another value, or none, where the rows of ", name, " stand in another order. The errors are wrong ",
                          "if these are a time series, or if other data that `fn` reads belong to them and stay as they are: draw a ",
                          "series by `simulate`, or whole series of several subjects by `groups`; let all that belongs together be ",
                          "an argument of `fn`, and draw it. If `fn` only takes the rows as sorted, let it sort them itself"),
                   class = c("lbfgsb_warning_order", "lbfgsb_warning"), arguments = arguments)
}

lbfgsb_warning_size <- function(argument, sizes) {
  warningCondition(paste0("`simulate` draws ", counted(sizes[1], "observation"), " for `", argument, "`, which has ", sizes[2],
                          ": the errors are those of data of that size. If the number is not random, draw as many as there are"),
                   class = c("lbfgsb_warning_size", "lbfgsb_warning"), argument = argument, sizes = sizes)
}

lbfgsb_warning_labels <- function(label) {
  warningCondition(paste0("`", label, "` names the `groups`, and `fn` depends on its values, so the copies of a group ",
                          "that is drawn twice keep it. If `fn` also goes by groups, it takes them for one, and the errors are wrong: fit to ",
                          "a list with an element for each group, as D = split(d, d$g), and draw data = \"D\""),
                   class = c("lbfgsb_warning_labels", "lbfgsb_warning"), label = label)
}

lbfgsb_warning_frequencies <- function(argument, observations, ...) {
  warningCondition(paste0(...), class = c("lbfgsb_warning_frequencies", "lbfgsb_warning"),
                   argument = argument, observations = observations)
}

lbfgsb_warning_rows <- function(fit, alone, together) {
  warningCondition(paste0("`fn` returns one value or gradient for fit ", fit, " alone, another among others: ",
                          "its rows depend on one another, or a matrix product rounds differently for one row. ",
                          "So a fit's result may depend on the other fits of its block; block = 1 avoids that"),
                   class = c("lbfgsb_warning_rows", "lbfgsb_warning"),
                   fit = fit, alone = alone, together = together)
}

lbfgsb_warning_failures <- function(failures, ...) {
  warningCondition(paste0(...), class = c("lbfgsb_warning_failures", "lbfgsb_warning"), failures = failures)
}

lbfgsb_error_starts <- function(failures, ...) {
  errorCondition(paste0(...), class = c("lbfgsb_error_starts", "lbfgsb_error"), failures = failures)
}

lbfgsb_message_assumed <- function(kind) {
  what <- if (kind == "loglik") "a log-likelihood" else "minus a log-likelihood"
  why <- if (kind == "loglik") ", as it is maximized"
  others <- if (kind == "loglik") "\"other\"" else "\"deviance\", \"squares\" or \"other\""
  text <- paste0("lbfgsb assumes that `fn` is ", what, ", the sum over all observations", why, ": standard errors, ",
                 "intervals and tests depend on that. If it is, say so by control = list(fn_is = \"", kind,
                 "\"); else by ", others, ", see ?lbfgsb_control.\n")
  structure(class = c("lbfgsb_message_assumed", "lbfgsb_message", "message", "condition"),
            list(message = text, call = NULL, kind = kind))
}

lbfgsb_warning_limit <- function(option, value) {
  warningCondition(paste0("the run has reached `", option, "` = ", sprintf("%.15g", value), " already, and does not go on: ",
                          "give another one, control = list(", option, " = ...)"),
                   class = c("lbfgsb_warning_limit", "lbfgsb_warning"), option = option, value = value)
}

lbfgsb_message_dropped <- function(nobs, changed) {
  text <- paste0("update() drops `control$nobs` = ", nobs, ", as ", enumerate(paste0("`", changed, "`")), " may have ",
                 "another number of observations: give it by control = list(nobs = ...).\n")
  structure(class = c("lbfgsb_message_dropped", "lbfgsb_message", "message", "condition"),
            list(message = text, call = NULL, nobs = nobs, changed = changed))
}

lbfgsb_message_surplus <- function(arguments) {
  text <- paste0("update() drops ", enumerate(paste0("`", arguments, "`")), ", as the new `fn` has no ",
                 if (length(arguments) == 1) "argument of that name" else "arguments of these names", ".\n")
  structure(class = c("lbfgsb_message_surplus", "lbfgsb_message", "message", "condition"),
            list(message = text, call = NULL, arguments = arguments))
}

lbfgsb_message_groups <- function(rows, column, groups) {
  text <- paste0("lbfgsb_many() fits each of the ", rows, " rows of `data` by itself. If `", column, "` tells which belong ",
                 "together, give data = split(data, data$", deparse(as.name(column), backtick = TRUE), "), for ", groups,
                 " fits.\n")
  structure(class = c("lbfgsb_message_groups", "lbfgsb_message", "message", "condition"),
            list(message = text, call = NULL, column = column, groups = groups))
}

lbfgsb_warning_arguments <- function(arguments, are_parameters) {
  first <- arguments[1]
  advice <- if (are_parameters) {
    ". Give function(p) do.call(fn, as.list(p)) in its place"
  } else {
    paste0(". A parameter is an element of `par`: write par[2], or par[\"", first, "\"], in a function of `par`. Data are ",
           "given by name: lbfgsb(par, fn, ", first, " = ", first, ")")
  }
  warningCondition(paste0("`fn` fails at the start. It gets all parameters in one argument, `par`, and nobody gives it ",
                          enumerate(paste0("`", arguments, "`")), advice),
                   class = c("lbfgsb_warning_arguments", "lbfgsb_warning"), arguments = arguments)
}

lbfgsb_warning_separate <- function(arguments, first, wrapper) {
  keep <- if (length(arguments) == 1) " keeps its default" else " keep their defaults"
  warningCondition(paste0("`fn` gets all parameters in its first argument, `", first, "`, and ",
                          enumerate(paste0("`", arguments, "`")), keep, ". If the parameter of that name is meant, give ",
                          wrapper, " in place of `fn`; else rename the argument of `fn`"),
                   class = c("lbfgsb_warning_separate", "lbfgsb_warning"), arguments = arguments)
}

lbfgsb_warning_names <- function(names, ...) {
  warningCondition(paste0(...), class = c("lbfgsb_warning_names", "lbfgsb_warning"), names = names)
}

lbfgsb_warning_list <- function() {
  warningCondition(paste("`fn` fails at the start. It gets a list there, because `par` is one: if it expects a",
                         "vector, give unlist(par), or use lbfgsb_optim()"),
                   class = c("lbfgsb_warning_list", "lbfgsb_warning"))
}

lbfgsb_warning_optim <- function(...) {
  warningCondition(paste0(...), class = c("lbfgsb_warning_optim", "lbfgsb_warning"))
}

lbfgsb_warning_shipped <- function(size, objects) {
  mib <- function(bytes) paste(format(bytes / 2^20, digits = 2, trim = TRUE), "MiB")
  named <- ifelse(names(objects) == "", "(without a name)", names(objects))
  warningCondition(paste0("`fn` takes ", mib(size), " to each worker, with what its environment holds: ",
                          enumerate(paste0(named, " (", vapply(objects, mib, ""), ")")),
                          ". If it needs less, make it where those are not"),
                   class = c("lbfgsb_warning_shipped", "lbfgsb_warning"), size = size, objects = objects)
}

lbfgsb_message_worker <- function(count, what) {
  text <- paste0("A daemon of mirai is lost: the others do what it had, ", counted(count, what), ".\n")
  structure(class = c("lbfgsb_message_worker", "lbfgsb_message", "message", "condition"),
            list(message = text, call = NULL, count = count))
}
