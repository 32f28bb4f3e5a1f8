#' A fit as a data frame
#'
#' Methods for the generics of the package generics, which broom and others export: `tidy()` returns
#' one row per parameter, of several starts one per optimum, `glance()` one row for the fit.
#'
#' @param x what [lbfgsb()], [lbfgsb_multistart()], [lbfgsb_many()], [lbfgsb_boot()] or [profile()][profile.lbfgsb] returned.
#' @param conf.int if `TRUE`, [confint()][confint.lbfgsb] is added.
#' @param conf.level its level.
#' @param conf.method its method: `"wald"` or `"profile"`; of a bootstrap its `type`, as for [lbfgsb_boot()].
#' @param exponentiate if `TRUE`, the estimates and their limits are given as `exp()` of them, as a rate ratio for the
#'   coefficient of a Poisson regression. `std.error`, `statistic` and `p.value` stay those of the parameter, as in broom.
#' @param ... for many fits, the arguments of `tidy()` for one; else nothing: an error for `tidy()`, ignored by `glance()`.
#' @return A data frame. `tidy()` of a fit: `term`, `estimate`, `std.error`, `statistic`, `p.value` (see
#'   [vcov.lbfgsb()] for when they are valid, and for the warnings), `newton` (see [summary()][summary.lbfgsb]), `bounds`,
#'   and if asked for `conf.low` and `conf.high`. If the fit has no `hessian`, `tidy()` computes it, as `vcov()` does;
#'   `summary()` does not. Where `vcov()` is an error, the four that are made of the Hessian are `NA`, and so are the limits, and a
#'   warning of class `lbfgsb_warning_errors` says why. `p.value` is also `NA` where a parameter has 0 not inside its bounds, as in
#'   [summary()][summary.lbfgsb]. `tidy()` of several starts: one row per optimum, as `as.data.frame()` of
#'   [lbfgsb_multistart()]. `glance()`, of several starts that of
#'   the best run:
#'   `value`, `convergence`, `iterations`, `evaluations`, `gradients`, `pgnorm`, `gap`, the number of `free`
#'   parameters, and `logLik`, `AIC`, `BIC`, `deviance`, `nobs` and `df.residual`, each what the function of that name
#'   returns ([logLik.lbfgsb()]), `NA` where it is an error: `df.residual` is `Inf` unless `fn` is a sum of squares.
#'
#'   Of many fits both have a first column `fit`, the row names of the table. `tidy()` has a row for each fit and parameter, but
#'   none for fits that failed: it makes each again, as [lbfgsb_one()], for its standard errors. Warnings of one class
#'   are one for all fits, that of the first, with the names of the fits, all of them in the field `fits`. `glance()` has
#'   a row for each
#'   fit, with `value`, `convergence`, `evaluations`, `gradients`, `logLik`, `AIC`, `BIC` and `nobs`.
#'
#'   `tidy()` of a bootstrap: `term`, `estimate`, its `bias` and `std.error` by the refits, and if asked for the
#'   limits. `glance()` of it: how many `replicates` there are, how many are `left_out`, its `seed`, how many
#'   observations or groups are `drawn`, and
#'   of which `kind` it is. `tidy()` of a profile: `term`, `estimate` and the limits.
#' @examples
#' nll <- function(par) -sum(dnorm(cars$speed, par["mu"], par["sigma"], log = TRUE))
#' fit <- lbfgsb(c(mu = 10, sigma = 4), nll, lower = c(sigma = 1e-6), hessian = TRUE,
#'               control = list(fn_is = "negloglik", nobs = 50))
#' if (requireNamespace("generics", quietly = TRUE)) {
#'   print(generics::tidy(fit, conf.int = TRUE))
#'   print(generics::glance(fit))
#' }
#' @name tidy.lbfgsb
#' @method tidy lbfgsb
#' @rawNamespace S3method(generics::tidy,lbfgsb)
tidy.lbfgsb <- function(x, conf.int = FALSE, conf.level = 0.95, conf.method = c("wald", "profile"),
                        exponentiate = FALSE, ...) {
  refuse_ignored(list(...), "tidy", c("conf.int", "conf.level", "conf.method", "exponentiate"))
  method <- choose_one(conf.method, c("wald", "profile"), "conf.method")
  check_flag(conf.int, "conf.int")
  check_flag(exponentiate, "exponentiate")
  if (conf.int && is.null(x$hessian)) x <- suppressWarnings(with_hessian(x), classes = "lbfgsb_warning_gradient")
  tidied <- data.frame(term = labels_of(flat_par(x)), estimate = as.vector(flat_par(x)))
  columns <- tidy_errors(x)
  tidied[c("std.error", "statistic", "p.value", "newton")] <- columns %||% NA_real_
  tidied$bounds <- unname(x$bounds)
  if (conf.int) tidied[c("conf.low", "conf.high")] <- tidy_limits(x, conf.level, method, has_errors = !is.null(columns))
  logged <- intersect(c("estimate", "conf.low", "conf.high"), names(tidied))
  if (exponentiate) tidied[logged] <- exp(tidied[logged])
  tidied
}

# Lists the columns on the errors; NULL with a warning where there are none.
tidy_errors <- function(fit) {
  errors <- standard_errors(fit)
  if (is.null(errors$error)) announce_assumed(fit) else warning(lbfgsb_warning_errors(errors$error))
  errors$columns
}

# tidy_limits() = confint(), without the warnings that the standard errors have given; NA where these are an error and so is
# that.
tidy_limits <- function(fit, level, method, has_errors) {
  check_level(level)
  warned <- paste0("lbfgsb_warning_", c("unconverged", "flat", "squares", "gradient"))
  tryCatch(suppressWarnings(confint(fit, level = level, method = method), classes = warned),
           lbfgsb_error = function(e) if (has_errors) stop(e) else matrix(NA_real_, length(flat_par(fit)), 2))
}

#' @rdname tidy.lbfgsb
#' @method tidy lbfgsb_multistart
#' @rawNamespace S3method(generics::tidy,lbfgsb_multistart)
tidy.lbfgsb_multistart <- function(x, ...) {
  if (...length() > 0) {
    stop(lbfgsb_error_argument(...names()[1] %||% "...", "is no argument of tidy() for several starts, which gives a row for ",
                               "each optimum: for the estimates of the best run give tidy(x$best, ...)"))
  }
  as.data.frame(x)
}

#' @rdname tidy.lbfgsb
#' @method glance lbfgsb
#' @rawNamespace S3method(generics::glance,lbfgsb)
glance.lbfgsb <- function(x, ...) {
  data.frame(value = x$value, convergence = x$convergence, iterations = x$iterations,
             evaluations = x$counts[["function"]], gradients = x$counts[["gradient"]],
             pgnorm = x$pgnorm, gap = x$gap %||% NA_real_, free = sum(x$bounds == "free"), logLik = known(logLik(x)),
             AIC = known(AIC(x)), BIC = known(BIC(x)), deviance = known(deviance(x)),
             nobs = known(nobs(x)), df.residual = known(df.residual(x)))
}

# Returns a figure, NA where it is an error, without the warnings that the row itself tells.
known <- function(figure) {
  said <- c("lbfgsb_warning_nobs", "lbfgsb_warning_unconverged")
  tryCatch(as.numeric(suppressWarnings(figure, classes = said)), lbfgsb_error_argument = function(e) NA_real_)
}

#' @rdname tidy.lbfgsb
#' @method glance lbfgsb_multistart
#' @rawNamespace S3method(generics::glance,lbfgsb_multistart)
glance.lbfgsb_multistart <- function(x, ...) glance.lbfgsb(x$best, ...)

#' @rdname tidy.lbfgsb
#' @method tidy lbfgsb_many
#' @rawNamespace S3method(generics::tidy,lbfgsb_many)
tidy.lbfgsb_many <- function(x, ...) {
  unknown <- if (isTRUE(task_of(x)$control$fn_is == "squares")) tryCatch(is.null(nobs(x)), lbfgsb_error_argument = identity)
  is_known <- !inherits(unknown, "error")
  if (!is_known) warning(lbfgsb_warning_errors(unknown))
  warned <- list()
  tidied <- function(row) {
    label <- attr(x, "row.names")[row]
    note <- function(w) {
      if (is_known || !inherits(w, "lbfgsb_warning_errors")) warned <<- c(warned, list(list(fit = label, warning = w)))
      tryInvokeRestart("muffleWarning")
    }
    cbind(fit = label, withCallingHandlers(tidy.lbfgsb(lbfgsb_one(x, row), ...), lbfgsb_warning = note))
  }
  tables <- lapply(which(!is.na(x$convergence)), tidied)
  warn_together(warned, nrow(x))
  do.call(rbind, c(list(data.frame()), tables))
}

# Makes one warning of all that have the same class: of the first, with the fits in which there is one. `warned`: a list of
# `fit`, its name, and `warning`.
warn_together <- function(warned, total) {
  classes <- vapply(warned, function(one) class(one$warning)[1], "")
  for (alike in split(warned, factor(classes, unique(classes)))) {
    fits <- unique(vapply(alike, function(one) as.character(one$fit), ""))
    is_same <- length(unique(vapply(alike, function(one) message_of(one$warning), ""))) == 1
    together <- alike[[1]]$warning
    together$message <- paste0("in ", length(fits), " of ", counted(total, "fit"), " (", enumerate(fits), ")",
                               if (!is_same) ", as in the first: " else ": ", message_of(together))
    together$fits <- fits
    warning(together)
  }
}

#' @rdname tidy.lbfgsb
#' @method glance lbfgsb_many
#' @rawNamespace S3method(generics::glance,lbfgsb_many)
glance.lbfgsb_many <- function(x, ...) {
  data.frame(fit = attr(x, "row.names"), unclass(x)[c("value", "convergence", "evaluations", "gradients")], logLik = known(logLik(x)),
             AIC = known(AIC(x)), BIC = known(BIC(x)), nobs = known(nobs(x)))
}

#' @rdname tidy.lbfgsb
#' @method tidy lbfgsb_boot
#' @rawNamespace S3method(generics::tidy,lbfgsb_boot)
tidy.lbfgsb_boot <- function(x, conf.int = FALSE, conf.level = 0.95,
                             conf.method = c("percentile", "basic", "bca", "normal"), ...) {
  refuse_ignored(list(...), "tidy", c("conf.int", "conf.level", "conf.method"))
  method <- choose_one(conf.method, boot_types, "conf.method")
  check_flag(conf.int, "conf.int")
  said <- summary(x)
  tidied <- data.frame(term = row.names(said), estimate = said$estimate, bias = said$bias, std.error = said$se)
  if (conf.int) tidied[c("conf.low", "conf.high")] <- confint(x, level = conf.level, type = method)
  tidied
}

#' @rdname tidy.lbfgsb
#' @method glance lbfgsb_boot
#' @rawNamespace S3method(generics::glance,lbfgsb_boot)
glance.lbfgsb_boot <- function(x, ...) {
  data.frame(replicates = x$R, left_out = sum(x$failures$times), seed = x$seed, drawn = nrow(x$data), kind = kind_of_boot(x))
}

#' @rdname tidy.lbfgsb
#' @method tidy profile.lbfgsb
#' @rawNamespace S3method(generics::tidy,profile.lbfgsb)
tidy.profile.lbfgsb <- function(x, conf.int = TRUE, conf.level = min(0.95, attr(x, "level")), ...) {
  refuse_ignored(list(...), "tidy", c("conf.int", "conf.level"))
  check_flag(conf.int, "conf.int")
  tidied <- data.frame(term = names(x), estimate = unname(flat_par(attr(x, "fit"))[attr(x, "elements")]))
  if (conf.int) tidied[c("conf.low", "conf.high")] <- confint(x, level = conf.level)
  tidied
}
