#' What a fit says as a likelihood
#'
#' These are the functions of the package stats for models, for a fit of [lbfgsb()]. They need to know what `fn`
#' is: say so by `control$fn_is` ([lbfgsb_control()]). Some need the number of observations, too:
#' `control$nobs`.
#'
#' `logLik()` returns the log-likelihood at the estimate, so [AIC()], [BIC()], `bbmle::AICtab()` and
#' `lmtest::lrtest()`, which needs `control$nobs`, work. Its `df` is the number of parameters that are not fixed.
#' One at its bound counts, as in stats4, bbmle and lme4. For a sum of squares the log-likelihood is that of normal
#' errors with variance `value / nobs`, which is one more parameter.
#'
#' `sigma()` and `df.residual()` of a sum of squares count a parameter at its bound, too, as [nls()] with `algorithm = "port"`
#' does. That errs on the safe side: where many coefficients are at 0 in truth, as in non-negative least squares, `sigma()` is
#' too large. There the variance is that of the free ones, `value / (nobs - free)`. `summary()` prints both
#' standard deviations. A parameter in `fixed` does not count.
#'
#' A mean of squares is no sum of them: these functions refuse `fn` that ends in `mean(...^2)`, but cannot tell every way to
#' write one. Its standard errors and intervals are right. The root of either is refused everywhere.
#'
#' `deviance()` is the value for a sum of squares. Otherwise it is minus twice the log-likelihood. [glm()]
#' subtracts that of a saturated model, so its deviance is another number.
#'
#' All of these warn, by the class `lbfgsb_warning_unconverged`, where the run has not converged, so that the
#' log-likelihood is not its maximum. (What [lbfgsb_optim()] returns is no such fit: it never warns.)
#'
#' Without `control$nobs`, `nobs()` stops with an error, and `BIC()` is `NA` with a warning of class
#' `lbfgsb_warning_nobs`.
#'
#' @param object,fit what [lbfgsb()] returned.
#' @param k the penalty of a parameter, as for [AIC()].
#' @param scale,... ignored.
#' @return `logLik()`: an object of class `logLik`. `deviance()`: a number. `nobs()`: `control$nobs`.
#'   `extractAIC()`: the `df` of `logLik()`, and the `AIC()`, which for squares is not that of [extractAIC()] for [lm()].
#'   `sigma()`: for a sum of squares, the standard deviation of an observation, the root of the value divided by
#'   `df.residual()`; an error for all others, which have it among their parameters, if at all.
#'   `df.residual()`: for a sum of squares `nobs` minus the number of parameters that are not fixed, by which
#'   t takes the place of z in [summary()][summary.lbfgsb], [confint()][confint.lbfgsb] and
#'   [profile()][profile.lbfgsb]; `Inf` for all others, whose tests are normal ones.
#' @seealso [anova.lbfgsb()], [vcov.lbfgsb()], [lbfgsb_delta()], [lbfgsb_boot()]
#' @examples
#' squares <- function(par) sum((cars$dist - par["a"] - par["b"] * cars$speed)^2)
#' fit <- lbfgsb(c(a = 0, b = 1), squares, control = list(fn_is = "squares", nobs = 50))
#' logLik(fit)
#' logLik(lm(dist ~ speed, cars))
#' AIC(fit)
#' sqrt(diag(vcov(fit)))
#' @export
logLik.lbfgsb <- function(object, ...) {
  refuse_other(object, "log-likelihood")
  announce_kind(object)
  warn_unconverged(object)
  squares <- kind_of_fn(object) == "squares"
  structure(log_likelihood(object), df = count_movable(object) + squares, nobs = control_of(object)$nobs,
            class = "logLik")
}

#' @rdname logLik.lbfgsb
#' @export
extractAIC.lbfgsb <- function(fit, scale, k = 2, ...) c(attr(logLik(fit), "df"), AIC(fit, k = k))

log_likelihood <- function(fit) {
  refuse_mean(fit)
  residual_df(fit) # or an error
  kind <- kind_of_fn(fit)
  if (kind == "squares") likelihood_by(kind, sum_of_squares(fit), nobs(fit)) else likelihood_by(kind, fit$value)
}

# Returns the log-likelihood where `fn` is of this kind and has this value, of squares of n observations.
likelihood_by <- function(kind, value, n) {
  switch(kind, negloglik = -value, loglik = value, deviance = -value / 2,
         squares = -n / 2 * (log(2 * pi * value / n) + 1))
}

#' @rdname logLik.lbfgsb
#' @export
deviance.lbfgsb <- function(object, ...) {
  refuse_other(object, "deviance")
  announce_kind(object)
  warn_unconverged(object)
  refuse_mean(object)
  if (kind_of_fn(object) == "squares") sum_of_squares(object) else -2 * log_likelihood(object)
}

#' @rdname logLik.lbfgsb
#' @export
nobs.lbfgsb <- function(object, ...) {
  control_of(object)$nobs %||%
    stop(lbfgsb_error_argument("control$nobs", "must be given, the number of observations, as in ",
                               "update(fit, control = list(nobs = 100))"))
}

#' @rdname logLik.lbfgsb
#' @export
df.residual.lbfgsb <- function(object, ...) {
  if (kind_of_fn(object) == "squares") nobs(object) - count_movable(object) else Inf
}

#' @rdname logLik.lbfgsb
#' @export
sigma.lbfgsb <- function(object, ...) {
  refuse_sigma(object)
  refuse_mean(object)
  sqrt(residual_variance(object))
}

refuse_sigma <- function(fit) {
  if (kind_of_fn(fit) == "squares") return()
  stop(lbfgsb_error_argument("control$fn_is", "must be \"squares\" for sigma(): in a likelihood, the standard ",
                             "deviation of an observation is a parameter of `fn`, see coef()"))
}

#' @export
fitted.lbfgsb_multistart <- function(object, ...) refuse_of_observations("fitted")

#' @export
predict.lbfgsb_multistart <- function(object, ...) refuse_of_observations("predict")

#' @export
residuals.lbfgsb <- function(object, ...) {
  refuse_of_observations("residuals", ". If lmtest::lrtest() asks for them, give control$nobs")
}

#' @export
residuals.lbfgsb_multistart <- residuals.lbfgsb

#' @export
fitted.lbfgsb <- function(object, ...) refuse_of_observations("fitted")

#' @export
predict.lbfgsb <- function(object, ...) refuse_of_observations("predict")

#' @importFrom stats simulate
#' @export
simulate.lbfgsb <- function(object, nsim = 1, seed = NULL, ...) {
  stop(lbfgsb_error_argument("object", "has no simulate(): `fn` does not tell how its data are drawn. Write that as a function ",
                             "draw(par, ...), and call it at coef(); lbfgsb_boot(fit, data = \"y\", simulate = draw) refits to ",
                             "such data"))
}

#' @importFrom stats family
#' @export
family.lbfgsb <- function(object, ...) {
  stop(lbfgsb_error_argument("object", "has no family(): `fn` may be any function. control$fn_is says what it is, such as ",
                             "\"negloglik\": see ?lbfgsb_control"))
}

# drop1(), step() and model.matrix() ask for these.
#' @export
terms.lbfgsb <- function(x, ...) refuse_terms("terms")

#' @export
formula.lbfgsb <- function(x, ...) refuse_terms("formula")

refuse_terms <- function(what) {
  stop(lbfgsb_error_argument("x", "has no ", what, "(), as `fn` is no formula. To drop a parameter, fix it, as by smaller <- ",
                             "update(fit, fixed = c(b = 0)), and compare by anova(smaller, fit) or AIC(smaller, fit). A robust ",
                             "covariance matrix comes from vcov(fit, contributions = )"))
}

#' @export
simulate.lbfgsb_multistart <- simulate.lbfgsb

#' @export
family.lbfgsb_multistart <- family.lbfgsb

#' @export
terms.lbfgsb_multistart <- terms.lbfgsb

#' @export
formula.lbfgsb_multistart <- formula.lbfgsb

# Without these stats would return NULL, or say that there is no method.
refuse_of_observations <- function(what, otherwise = NULL) {
  stop(lbfgsb_error_argument("object", "has no ", what, "(): `fn` is one number, and does not tell its observations. Compute ",
                             "them from coef(), or write them as a function of `par`: lbfgsb_delta(fit, f) gives them ",
                             "standard errors, see ?lbfgsb_delta", otherwise))
}

#' @rdname logLik.lbfgsb
#' @export
BIC.lbfgsb <- function(object, ...) {
  criteria <- NextMethod()
  warn_of_nobs(criteria, "as in update(fit, control = list(nobs = 100))")
  criteria
}

# Says what criteria that are NA lack, and `by` what they get it.
warn_of_nobs <- function(criteria, by) if (anyNA(unlist(criteria))) warning(lbfgsb_warning_nobs(by))

# ---- What fn is ------------------------------------------------------------------------------------

has_objective <- function(fit) is.environment(fit$objective)

# Returns what tells control and problem of a fit: its objective, or where that was dropped, or there never was one, its state;
# NULL without either.
setting_of <- function(fit) if (has_objective(fit)) fit$objective else fit$state

control_of <- function(fit) known_setting(fit)$control

problem_of <- function(fit) known_setting(fit)$problem

known_setting <- function(fit) {
  setting_of(fit) %||%
    stop(lbfgsb_error_argument("fit", "must be a fit of lbfgsb() with its `objective` or its `state`: fit again"))
}

kind_of_fn <- function(fit) control_of(fit)$fn_is %||% kind_by_sign(fit)

# Returns the kind of likelihood that is minimized or maximized as the fit's fn is.
kind_by_sign <- function(fit) if (control_of(fit)$fnscale < 0) "loglik" else "negloglik"

# variance_factor(fit) = c such that c A^-1 is the covariance matrix of the estimates, A the Hessian of what was
# minimized. A rise r of fn is then z^2 = 2 r / c.
variance_factor <- function(fit) {
  switch(kind_of_fn(fit), deviance = 2, squares = 2 * residual_variance(fit), 1)
}

# The same, or where nobody knows the number of observations of a sum of squares, that of one degree of freedom.
most_variance_factor <- function(fit) {
  tryCatch(variance_factor(fit), lbfgsb_error_argument = function(e) 2 * sum_of_squares(fit))
}

# residual_variance(fit) = s^2 = value / (nobs - p)
residual_variance <- function(fit) sum_of_squares(fit) / residual_df(fit)

# Returns the value of a fit whose fn is said to be a sum of squares.
sum_of_squares <- function(fit) {
  if (is_written(fit, "root")) {
    stop(lbfgsb_error_argument("fn", "is the root of a sum or mean of squares, as it is written, and control$fn_is = \"squares\" ",
                               "says that it is their sum: leave out the root, write sum(), and fit again"))
  }
  if (isTRUE(fit$value < 0)) {
    stop(lbfgsb_error_argument("control$fn_is", "is \"squares\", but `fn` is ", signif(fit$value, 3), " at the estimate, ",
                               "and no sum of squares is below 0: give one, without sign or constant, or say what `fn` is"))
  }
  fit$value
}

# residual_df(fit) = df.residual(fit), above 0
residual_df <- function(fit) {
  left <- df.residual(fit)
  if (left <= 0) {
    stop(lbfgsb_error_argument("control$nobs", "must exceed the number of parameters, ", count_movable(fit),
                               ", but it is ", nobs(fit)))
  }
  left
}

# Lists `sigma` and `df.residual` of a sum of squares; NULL of others, and where they are not known, as without nobs.
residual_error <- function(fit) {
  if (is.null(setting_of(fit)) || kind_of_fn(fit) != "squares") return(NULL)
  tryCatch(list(sigma = sigma(fit), df.residual = df.residual(fit)), lbfgsb_error_argument = function(e) NULL)
}

# Counts the parameters that are not fixed, p.
count_movable <- function(fit) sum(fit$bounds != "fixed")

describe_kind <- function(fit) {
  described <- switch(kind_of_fn(fit), negloglik = "minus a log-likelihood", loglik = "a log-likelihood",
                      deviance = "minus twice a log-likelihood", squares = "a sum of squares",
                      other = "no likelihood and no sum of squares")
  paste0(described, if (is_assumed(fit)) " (assumed)")
}

is_assumed <- function(fit) is.null(control_of(fit)$fn_is)

# Says, once a session, what `fn` is taken for where nobody has said what it is; each time where it is another thing.
announce_kind <- function(fit) {
  announce_assumed(fit)
  warn_of_written(fit)
}

announce_assumed <- function(fit) {
  kind <- kind_of_fn(fit)
  if (!is_assumed(fit) || kind %in% announced$kinds) return()
  announced$kinds <- c(announced$kinds, kind)
  message(lbfgsb_message_assumed(kind))
}

announced <- list2env(list(kinds = character())) # those that have been

# Warns of what is no log-likelihood, as it is written.
warn_of_written <- function(fit) {
  if (is_assumed(fit) && (is_written(fit, "sum") || is_written(fit, "mean") || is_written(fit, "root"))) {
    warning(lbfgsb_warning_squares())
  } else if (kind_of_fn(fit) %in% c("negloglik", "loglik", "deviance") && is_mean(code_of_fn(fit))) {
    warning(lbfgsb_warning_mean())
  }
}

# Refuses the log-likelihood and variance of a mean of squares that is said to be their sum.
refuse_mean <- function(fit) {
  if (kind_of_fn(fit) == "squares" && is_written(fit, "mean")) {
    stop(lbfgsb_error_argument("fn", "is a mean of squares, as it is written, and control$fn_is = \"squares\" says that it is ",
                               "their sum: write sum() in place of mean(), and fit again"))
  }
}

# Tells whether the value of code is, as it is written, a sum `of` squares, as sum(w * ...^2), sum(r * r) or crossprod(r),
# or a mean of them, or the root of either.
is_of_squares <- function(code, of) {
  if (!has_arguments(code)) return(FALSE)
  last <- code[[length(code)]]
  switch(deparse(code[[1]])[1],
    `{` = is_of_squares(last_value(code), of), return = , `(` = is_of_squares(last, of),
    drop = , c = , as.numeric = , as.vector = length(code) == 2 && is_of_squares(last, of),
    crossprod = of == "sum" && length(code) == 2, `[` = , `[[` = is_of_squares(code[[2]], of),
    sum = , mean = identical(code[[1]], as.name(of)) && length(code) == 2 && is_square(last),
    sqrt = of == "root" && length(code) == 2 && is_of_any_squares(last), FALSE)
}

is_of_any_squares <- function(code) {
  of <- if (is.call(code) && identical(code[[1]], quote(`/`))) code[[2]] else code
  is_of_squares(of, "sum") || is_of_squares(of, "mean")
}

has_arguments <- function(code) is.call(code) && length(code) > 1

# Tells whether the fit's `fn` is so written.
is_written <- function(fit, of) is_of_squares(code_of_fn(fit), of)

code_of_fn <- function(fit) if (has_objective(fit)) body(own_function(fit$objective$fn))

# Tells whether the value of code is, as it is written, a mean, minus one, or minus twice one: -mean(...), -sum(...) /
# length(y).
is_mean <- function(code) {
  if (!has_arguments(code)) return(FALSE)
  last <- code[[length(code)]]
  switch(deparse(code[[1]])[1],
    `{` = is_mean(last_value(code)), return = , `(` = is_mean(last), `-` = length(code) == 2 && is_mean(last),
    `*` = deparse(code[[2]])[1] %in% c("2", "-2") && is_mean(last), mean = TRUE,
    `/` = is.call(last) && deparse(last[[1]])[1] %in% c("length", "nrow"), FALSE)
}

# Returns the last expression of a block, or what the line before assigns to the name that stands there.
last_value <- function(block) {
  last <- block[[length(block)]]
  if (is.call(last) && identical(last[[1]], quote(return)) && length(last) == 2) last <- last[[2]]
  before <- block[[max(1, length(block) - 1)]]
  is_given <- is.name(last) && is.call(before) && deparse(before[[1]])[1] %in% c("<-", "=") && identical(before[[2]], last)
  if (is_given) before[[3]] else last
}

is_square <- function(code) {
  if (!has_arguments(code)) return(FALSE)
  first <- code[[2]]
  second <- code[[length(code)]]
  switch(deparse(code[[1]])[1], `^` = identical(second, 2), `(` = is_square(first),
         `*` = identical(first, second) || is_square(first) || is_square(second), FALSE)
}

# Refuses what needs a likelihood; `again`: how to fit again, the beginning of the call.
refuse_other <- function(fit, what, otherwise = NULL, again = "update(fit") {
  if (kind_of_fn(fit) == "other") {
    stop(lbfgsb_error_argument("control$fn_is", "is \"other\", so there is no ", what, ": if `fn` is a likelihood, say so, as in ",
                               again, ", control = list(fn_is = \"", kind_by_sign(fit), "\"))", otherwise))
  }
}

# Refuses what is made of the curvature, or of rises of fn, as a likelihood.
refuse_errors_of_other <- function(fit, what) refuse_other(fit, what, "; if it is none, see ?lbfgsb_boot")

warn_unconverged <- function(fit, label = NULL) {
  if (fit$convergence == 0L) return()
  run <- paste(c("the run", if (!is.null(label)) c("of", label)), collapse = " ")
  why <- sub("^(not converged|stopped): ([^;]*).*", "\\2", fit$message)
  name <- if (identical(make.names(label), label)) label else "fit"
  warning(lbfgsb_warning_unconverged(fit, run, " has not converged (", why, "), so log-likelihood, standard errors, intervals ",
                                     "and tests may mean nothing; ", describe_way_on(fit, name)))
}
