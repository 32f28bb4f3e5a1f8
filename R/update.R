# Recalls the call of lbfgsb() that made a fit, as a list of its arguments, those in `...` among them, evaluated; with the
# estimate for the start, off where `fn` is level. asked: names by which dots are to be known, if fn takes them by these.
call_of <- function(fit, asked = character(), par = refill(fit$par, start_anew(fit)), fn = own_function(objective_of(fit)$fn)) {
  objective <- objective_of(fit)
  dots <- dots_for(fn, dots_of(objective), own_function(objective$fn), asked)
  c(list(par = par, fn = fn, gr = own_function(objective$gr)), dots_known_as(asked, dots, fn),
    objective$problem[c("lower", "upper")], list(control = objective$control))
}

# near_estimate() = the estimate (n), off a bound along which `fn` is level; start_anew() = the same, off a plateau, too.
start_anew <- function(fit) off_plateau(near_estimate(fit), fit)
near_estimate <- function(fit) off_level(as.vector(flat_par(fit)), unlist(fit$gradient), fit)

dots_of <- function(objective) eval(quote(list(...)), parent.env(objective))

# Return the dots by the names of fn's arguments for which R takes them: those that are asked for, and the others as they were
# given, "" without a name; and all.
dots_known_as <- function(asked, dots, fn) {
  given <- given_names(dots)
  matched <- names_matched(given, fn)
  structure(dots, names = ifelse(matched %in% setdiff(asked, given), matched, given))
}

# Returns the dots of a former function for another one. What had no name, and was for an argument that the other one has too,
# gets its name. The rest stays in its order, if there are arguments without a default left for all of it, beside those that
# are `asked` for; else it gets the names of the former one, and is surplus.
dots_for <- function(fn, dots, former, asked) {
  given <- given_names(dots)
  if (identical(fn, former) || !is.function(fn) || all(nzchar(given))) return(dots)
  arguments <- formals_beside(fn)
  matched <- names_matched(given, former)
  is_shared <- !nzchar(given) & matched %in% setdiff(names(arguments), c("...", asked))
  required <- names(Filter(function(default) identical(default, quote(expr = )), as.list(arguments)))
  free <- setdiff(required, c(asked, given, matched[is_shared], "..."))
  has_room <- is.null(arguments) || "..." %in% names(arguments) || sum(!nzchar(given) & !is_shared) <= length(free)
  structure(dots, names = ifelse(is_shared | !nzchar(given) & !has_room, matched, given))
}

dots_by_name <- function(objective) {
  dots <- dots_of(objective)
  structure(dots, names = names_matched(given_names(dots), own_function(objective$fn)))
}

given_names <- function(dots) names(dots) %||% rep("", length(dots))

# names_matched(c("", "we"), function(par, y, weights) ...) = c("y", "weights")
names_matched <- function(given, f) {
  if (inherits(f, "lbfgsb_sharded")) f <- as.function(c(alist(par = ), formals_beside(f), list(NULL)))
  call <- as.call(c(quote(f), structure(as.list(0:length(given)), names = c("", given))))
  matched <- if (is.function(f) && !is.primitive(f)) on_error(as.list(match.call(f, call))[-1], function(e) NULL)
  places <- unlist(matched)
  if (is.null(names(matched))) given else replace(given, places[places > 0], names(matched)[places > 0])
}

# Refuses names that fn does not have, but may hand on, where there are dots without a name, which may be these.
refuse_unnamed <- function(names, dots, fn) {
  untold <- setdiff(names, c(names(dots), names(formals(fn))))
  if (length(untold) == 0 || all(nzchar(names(dots)))) return()
  stop(lbfgsb_error_argument(untold[1], "may be one of the arguments that the fit was given without a name: give them by ",
                             "name, as in lbfgsb(par, fn, ", untold[1], " = ...)"))
}

#' Fit again, with something else
#'
#' Calls [lbfgsb()] again as the fit records it, but from the estimate, and with those arguments changed that
#' are given: another start or bounds, other options, other data in the `...` of `fn`. `fixed` makes a
#' smaller model, for [anova()][anova.lbfgsb].
#'
#' A parameter at its bound starts a little inside where `fn` is level, as in a standard deviation at 0, where it would
#' stay: a tenth of the way back to where it started. One that has gone far out, where `fn` barely depends on it, as a logit
#' or a size that would be infinite, starts where `fn` begins to depend on it, unless `fn` is another.
#'
#' Where the fit has a Hessian, the new one gets it too, unless `hessian = FALSE`.
#'
#' `control$nobs` stays where what is changed in the `...` of `fn` has as many elements and rows as before, in a list each
#' part of it. Else, and where `fn` is another one, it is dropped, with a message of class `lbfgsb_message_dropped`, if it
#' is not given anew: nobody else knows how many observations there are now.
#'
#' `getCall()` is the call of `lbfgsb()` as it was written, to be shown.
#'
#' @param object,x what [lbfgsb()] returned.
#' @param ... arguments of `lbfgsb()` or of `fn` and `gr`, by name. If `fn` is among them, `gr` is forgotten
#'   unless it is too, and so, with a message of class `lbfgsb_message_surplus`, is what the new `fn` has no argument
#'   for. What the fit was given without a name goes by the names of the former `fn`, where the new one has these. `lower` and
#'   `upper` may name some of the parameters: the other bounds stay. The estimate is moved onto new bounds. What is fixed stays
#'   fixed, or moves where `fixed` names it again. To free a parameter, give a bound for it, as `lower = c(mu = -Inf)`; one
#'   number for all parameters frees none. `fixed = NULL` and `fixed = list()` free all. A freed parameter gets back the bounds of the call that fixed it, if that was the last one.
#'   If it was fixed in an earlier call, or by `lower` equal to `upper`, it gets only the bounds that you give now.
#' @param control a list of those options that are to differ from the fit's.
#' @return As [lbfgsb()]. `getCall()`: a call, `NULL` where there is none that somebody wrote, as of `update()`,
#'   [lbfgsb_one()] and [do.call()].
#' @examples
#' nll <- function(par, y) -sum(dnorm(y, par["mu"], par["sigma"], log = TRUE))
#' fit <- lbfgsb(c(mu = 10, sigma = 5), nll, y = cars$speed, lower = c(sigma = 1e-6))
#' coef(update(fit, y = 1.609 * cars$speed))
#' coef(update(fit, fixed = c(mu = 15)))
#'
#' # Two parameters are fixed; then one of them is freed.
#' both <- update(fit, fixed = c(mu = 15, sigma = 6))
#' coef(update(both, lower = c(mu = -Inf)))
#'
#' coef(update(fit, control = list(factr = 10)))
#' @export
update.lbfgsb <- function(object, ..., control = list()) {
  changes <- list(...)
  check_changes(changes, object)
  call <- call_to_change(object, changes, setdiff(names(changes), not_data))
  surplus <- surplus_for(changes[["fn"]], call, changes)
  call[surplus] <- changes[surplus] <- NULL
  changed <- setdiff(names(changes), not_data)
  if (!is.null(changes[["par"]])) changes[["par"]] <- call$par
  changes[c("lower", "upper")] <- changed_box(object, changes)
  refuse_unnamed(setdiff(changed, "fn"), dots_in(call), call$fn)
  resized <- changed[!as.logical(Map(is_as_large, changes[changed], call[changed]))]
  call[names(changes)] <- changes
  nobs <- if (length(resized) > 0 && !"nobs" %in% names(control)) call$control$nobs
  call$control <- as_control(control, base = without_sign(call$control, control))
  if (!is.null(nobs)) call$control["nobs"] <- list(NULL)
  if (!is.null(object$hessian) && !"hessian" %in% names(changes)) call$hessian <- TRUE
  if (length(changed) == 0) objective_now(object, call$control)
  moved <- if ("par" %in% names(changes)) character() else "lbfgsb_warning_outside"
  fit <- suppressWarnings(do.call(lbfgsb, call, quote = TRUE), classes = moved)
  if (length(surplus) > 0) message(lbfgsb_message_surplus(surplus))
  if (!is.null(nobs)) message(lbfgsb_message_dropped(nobs, resized))
  if (!"fn" %in% names(changes)) fit$contributions <- object$contributions
  fit
}

#' @rdname update.lbfgsb
#' @export
getCall.lbfgsb <- function(x, ...) if (has_objective(x)) get0("call", parent.env(objective_of(x)), inherits = FALSE)

# Recalls the call for the start and the function that are given: another function begins at the estimate, without a gradient.
call_to_change <- function(object, changes, asked) {
  has_fn <- "fn" %in% names(changes)
  start <- function() refill(object$par, if (has_fn) near_estimate(object) else start_anew(object))
  par <- if (is.null(changes[["par"]])) start() else changed_start(changes[["par"]], object)
  call <- call_of(object, asked, par, changes[["fn"]] %||% own_function(objective_of(object)$fn))
  if (has_fn) call["gr"] <- list(NULL)
  call
}

# Returns the options without the sign of a log-likelihood where they are to be those of something else.
without_sign <- function(base, control) {
  is_default <- identical(base$fn_is, "loglik") && base$fnscale == -1
  becomes <- control[["fn_is"]]
  if (is_default && is.character(becomes) && !identical(becomes, "loglik")) replace(base, "fnscale", 1) else base
}

not_data <- c("par", "gr", own_arguments)

# Tells whether data have as many elements and rows, in a list each part of it; of a function nobody knows.
is_as_large <- function(x, before) {
  if (is.function(x) || is.environment(x) || length(x) != length(before) || NROW(x) != NROW(before)) return(FALSE)
  !is.list(x) || all(as.logical(Map(is_as_large, x, before)))
}

# Returns the names of what `fn` got, and a new one has no argument for, unless they are given anew; none where that
# has `...`.
surplus_for <- function(fn, call, changes) {
  arguments <- if (is_native(fn)) "" else if (is.function(fn)) names(formals_beside(fn))
  if (is.null(arguments) || "..." %in% arguments) return(character())
  given <- setdiff(names(dots_in(call)), c("", names(Filter(Negate(is.null), changes))))
  Filter(function(name) !any(startsWith(arguments, name)), given)
}

check_changes <- function(changes, fit) {
  given <- given_names(changes)
  for (change in changes[!nzchar(given)]) if (inherits(change, "formula")) refuse_formula(change, fit)
  if (!all(nzchar(given))) stop(lbfgsb_error_argument("...", "must be arguments by their names"))
}

refuse_formula <- function(formula, fit) {
  labels <- parameter_names(fit)
  name <- c(intersect(all.vars(formula), labels), labels)[1]
  stop(lbfgsb_error_argument("...", "must be arguments by their names, and update() takes no formula, as `fn` has none: a ",
                             "model without a parameter is one where that is fixed, update(fit, fixed = c(", as_name(name),
                             " = 0))"))
}

# Returns another start in the fit's order, which is that of its bounds.
changed_start <- function(par, fit) {
  like_model(par, fit$par) %||%
    stop(lbfgsb_error_argument("par", "must have the parameters of the fit, ", enumerate(parameter_names(fit)),
                               ": for a model with others call lbfgsb()"))
}

# Returns the bounds (n) of the new call, `lower` and `upper`. What is freed, or fixed anew, has those it had before.
changed_box <- function(fit, changes) {
  problem <- objective_of(fit)$problem
  sides <- c(lower = "lower", upper = "upper")
  fixed <- problem$lower == problem$upper
  given <- lapply(sides, function(side) given_bounds(changes[[side]], fit$par, side, fixed))
  frees_all <- "fixed" %in% names(changes) && length(changes[["fixed"]]) == 0
  anew <- flat_problem(fit$par, -Inf, Inf, changes[["fixed"]])
  freed <- fixed & (frees_all | anew$lower == anew$upper | !is.na(given$lower) | !is.na(given$upper))
  before <- box_before_fixing(fit)
  lapply(sides, function(side) {
    kept <- ifelse(freed, before[[side]], problem[[side]])
    ifelse(is.na(given[[side]]), kept, given[[side]])
  })
}

# Returns what a change of bounds, in any form that these have, says (n): NA where it is about another parameter,
# or one number for all and the parameter is `fixed` (n).
given_bounds <- function(change, par, side, fixed) {
  if (is.null(change)) return(rep(NA_real_, length(fixed)))
  least <- spread(change, par, side, default = -Inf)
  most <- spread(change, par, side, default = Inf)
  for_all <- length(change) == 1 && is.null(names(change)) && length(fixed) > 1
  ifelse(least == most & !(for_all & fixed), least, NA)
}

# Returns the box without `fixed` of the call of lbfgsb(), in whose frame the objective is; no bounds where it was
# fixed otherwise.
box_before_fixing <- function(fit) {
  frame <- parent.env(objective_of(fit))
  box <- objective_of(fit)$problem[c("lower", "upper")]
  if (!is.null(frame$fixed)) box <- flat_problem(frame$par, frame$lower, frame$upper)[c("lower", "upper")]
  fixed <- box$lower == box$upper
  list(lower = ifelse(fixed, -Inf, box$lower), upper = ifelse(fixed, Inf, box$upper))
}
