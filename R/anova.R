#' Compare nested models
#'
#' Tests of each model against the next smaller one: by the likelihood ratio, or, where `fn` is a sum of
#' squares, by F with the variance of the largest model, as [anova()] has it for [lm()].
#'
#' A fit that has not converged gets a warning of class `lbfgsb_warning_unconverged`, which names it.
#'
#' The models are put in the order of their numbers of parameters. Each must be a special case of the next: that
#' is for you to make sure of. What cannot be so is an error of class `lbfgsb_error_argument`:
#' - different numbers of observations (`control$nobs`, where both have it);
#' - equal numbers of parameters: compare such models by [AIC()];
#' - a sum of squares beside a likelihood;
#' - a larger model that fits worse than a smaller one: then one of the runs has not found its optimum.
#'
#' The test of a variance against 0, and the like, is a special case: the smaller model lies on a bound of the
#' larger one. The law of the statistic does not hold there: p is too large, with one such parameter about twice what it
#' should be. The heading says so.
#' For a parameter that the smaller model does not have, the value 0 is looked at.
#'
#' @param object,... fits of [lbfgsb()] to the same data; of [lbfgsb_multistart()] the best run is taken.
#' @param test the test, if it is to be named: `"Chisq"` or `"LRT"`, of sums of squares `"F"`. There is no other.
#' @return A data frame of class `anova` with one row per model: the number of `parameters`, `logLik`, and from
#'   the second row on `Df`, `Chisq` and `Pr(>Chisq)`; for sums of squares `Res.Df`, `RSS`, `Df`, `Sum of Sq`,
#'   `F` and `Pr(>F)`.
#' @seealso [logLik.lbfgsb()]
#' @examples
#' nll <- function(par) -sum(dgamma(cars$speed, par["shape"], par["rate"], log = TRUE))
#' full <- lbfgsb(c(shape = 2, rate = 0.2), nll, lower = 1e-6, control = list(fn_is = "negloglik"))
#' exponential <- update(full, fixed = c(shape = 1))
#' anova(exponential, full)
#' @export
anova.lbfgsb <- function(object, ..., test = NULL) {
  fits <- lapply(list(object, ...), as_fit)
  check_fits(fits)
  squares <- kind_of_fn(fits[[1]]) == "squares"
  check_test(test, squares)
  labels <- vapply(as.list(substitute(list(object, ...)))[-1], deparse1, "")
  order <- order(vapply(fits, count_movable, 0))
  fits <- fits[order]
  check_comparable(fits)
  for (k in seq_along(fits)) warn_unconverged(fits[[k]], labels[order][k])
  check_nested(fits, labels[order])
  lapply(fits, announce_kind)
  structure(if (squares) f_table(fits) else ratio_table(fits), heading = anova_heading(fits, labels[order]),
            class = c("anova", "data.frame"))
}

#' @rdname anova.lbfgsb
#' @export
anova.lbfgsb_multistart <- anova.lbfgsb

check_fits <- function(fits) {
  if (length(fits) < 2) {
    stop(lbfgsb_error_argument("...", "must be at least one more fit: anova() compares models"))
  }
  if (!all(vapply(fits, inherits, NA, "lbfgsb"))) {
    stop(lbfgsb_error_argument("...", "must be fits of lbfgsb(), and nothing else"))
  }
  for (fit in fits) refuse_other(fit, "likelihood ratio")
}

check_test <- function(test, squares) {
  choices <- if (squares) "F" else c("Chisq", "LRT")
  if (!is.null(test) && !(is_string(test) && test %in% choices)) {
    stop(lbfgsb_error_argument("test", "must be ", paste(dQuote(choices, FALSE), collapse = " or "), ", the test of what fn is ",
                               "(`control$fn_is`), or left out"))
  }
}

check_comparable <- function(fits) {
  observations <- unique(unlist(lapply(fits, function(fit) control_of(fit)$nobs)))
  if (length(observations) > 1) {
    stop(lbfgsb_error_argument("...", "must be fitted to the same data, not to ",
                               paste(observations, collapse = " and "), " observations"))
  }
  if (length(unique(vapply(fits, function(fit) kind_of_fn(fit) == "squares", NA))) > 1) {
    stop(lbfgsb_error_argument("...", "must all be sums of squares, or all likelihoods"))
  }
}

# Refuses fits, smaller ones first, that cannot be nested optima.
check_nested <- function(fits, labels) {
  refuse <- function(...) stop(lbfgsb_error_argument("...", ...))
  same <- which(diff(vapply(fits, count_movable, 0)) == 0)
  if (length(same) > 0) {
    refuse("must have different numbers of parameters, but ", labels[same[1]], " and ", labels[same[1] + 1],
           " have the same: AIC() compares such models")
  }
  loglik <- vapply(fits, log_likelihood, 0)
  worse <- which(diff(loglik) < -negligible_rise * pmax(abs(loglik[-1]), 1))
  if (length(worse) > 0) {
    refuse("must be nested optima, but ", labels[worse[1] + 1], ", with more parameters, fits worse than ",
           labels[worse[1]], ": start it from the estimate of the smaller model, if that is a special case of it and ",
           "fitted to the same data")
  }
}

negligible_rise <- 1e-7 # of a log-likelihood, by what a run may end above its optimum

ratio_table <- function(fits) {
  loglik <- vapply(fits, log_likelihood, 0)
  parameters <- vapply(fits, count_movable, 0)
  df <- c(NA, diff(parameters))
  statistic <- c(NA, pmax(2 * diff(loglik), 0))
  data.frame(parameters, logLik = loglik, Df = df, Chisq = statistic,
             `Pr(>Chisq)` = pchisq(statistic, df, lower.tail = FALSE), check.names = FALSE)
}

# Tests by F = (difference of RSS / Df) / s^2, s^2 that of the largest model.
f_table <- function(fits) {
  largest <- fits[[length(fits)]]
  left <- vapply(fits, df.residual, 0)
  rss <- vapply(fits, function(fit) fit$value, 0)
  df <- c(NA, -diff(left))
  f <- c(NA, pmax(-diff(rss), 0)) / df / residual_variance(largest)
  data.frame(Res.Df = left, RSS = rss, Df = df, `Sum of Sq` = c(NA, -diff(rss)), F = f,
             `Pr(>F)` = pf(f, df, df.residual(largest), lower.tail = FALSE), check.names = FALSE)
}

anova_heading <- function(fits, labels) {
  title <- if (kind_of_fn(fits[[1]]) == "squares") "Analysis of variance\n" else "Likelihood ratio tests\n"
  models <- paste0(format(seq_along(fits)), ": ", labels, collapse = "\n")
  notes <- unlist(lapply(seq_along(fits)[-1], function(k) note_on_bounds(fits[[k - 1]], fits[[k]], k)))
  c(title, paste0(c(models, notes, ""), collapse = "\n"))
}

# Says where the smaller model is at a bound of the larger one, NULL if it is at none.
note_on_bounds <- function(smaller, larger, k) {
  problem <- larger$objective$problem
  par <- coef(larger)
  known <- coef(smaller)[smaller$bounds == "fixed"]
  extra <- which(larger$bounds != "fixed" & !names(par) %in% names(coef(smaller))[smaller$bounds != "fixed"])
  null <- ifelse(names(par) %in% names(known), known[names(par)], 0)[extra]
  on_bound <- null == problem$lower[extra] | null == problem$upper[extra] | larger$bounds[extra] != "free"
  at_bound <- extra[on_bound]
  if (length(at_bound) == 0) return(NULL)
  is <- if (length(at_bound) == 1) " is at its bound" else " are at their bounds"
  law <- if (kind_of_fn(larger) == "squares") "F" else "chi-squared"
  strwrap(paste0("p of model ", k, " is too large: under model ", k - 1, ", ", enumerate(names(par)[at_bound]), is,
                 ", where the ", law, " law does not hold"))
}
