# Recalls the call of lbfgsb() that made a fit, as a list of its arguments, those in `...` among them,
# evaluated; with the estimate for the start.
call_of <- function(fit) {
  objective <- objective_of(fit)
  problem <- objective$problem
  c(list(par = fit$par, fn = own_function(objective$fn), gr = own_function(objective$gr)), dots_of(objective),
    problem[c("lower", "upper")], list(control = objective$control))
}

dots_of <- function(objective) eval(quote(list(...)), parent.env(objective))

#' Fit again, with something else
#'
#' Calls [lbfgsb()] again as the fit records it, but from the estimate, and with those arguments changed that
#' are given: another start or bounds, other options, other data in the `...` of `fn`. `fixed` makes a
#' smaller model, for [anova()][anova.lbfgsb].
#'
#' @param object what [lbfgsb()] returned.
#' @param ... arguments of `lbfgsb()` or of `fn` and `gr`, by name. If `fn` is among them, `gr` is forgotten
#'   unless it is too. `lower` and `upper` may name some of the parameters: the other bounds stay. The estimate
#'   is moved onto new bounds. What is fixed stays so, unless new bounds set it free.
#' @param control a list of those options that are to differ from the fit's.
#' @return As [lbfgsb()].
#' @examples
#' nll <- function(par, y) -sum(dnorm(y, par["mu"], par["sigma"], log = TRUE))
#' fit <- lbfgsb(c(mu = 10, sigma = 5), nll, y = cars$speed, lower = c(sigma = 1e-6))
#' coef(update(fit, y = 1.609 * cars$speed))
#' coef(update(fit, fixed = c(mu = 15)))
#' coef(update(fit, control = list(factr = 10)))
#' @export
update.lbfgsb <- function(object, ..., control = list()) {
  call <- call_of(object)
  changes <- list(...)
  check_changes(changes)
  if ("fn" %in% names(changes)) call["gr"] <- list(NULL)
  for (side in intersect(c("lower", "upper"), names(changes))) {
    changes[[side]] <- amended(call[[side]], changes[[side]], object$par, side)
  }
  call[names(changes)] <- changes
  call$control <- as_control(control, base = call$control)
  moved <- if ("par" %in% names(changes)) character() else "lbfgsb_warning_outside"
  suppressWarnings(do.call(lbfgsb, call, quote = TRUE), classes = moved)
}

check_changes <- function(changes) {
  if (length(changes) > 0 && (is.null(names(changes)) || !all(nzchar(names(changes))))) {
    stop(lbfgsb_error_argument("...", "must be arguments by their names"))
  }
}

# Replaces those elements of a bound (n) that `change`, in any form that bounds have, is about.
amended <- function(bound, change, par, side) {
  least <- spread(change, par, side, default = -Inf)
  most <- spread(change, par, side, default = Inf)
  ifelse(least == most, least, bound)
}
