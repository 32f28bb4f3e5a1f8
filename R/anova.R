#' Compare nested models
#'
#' Tests of each model against the next smaller one: by the likelihood ratio, or, where `fn` is a sum of
#' squares, by F with the variance of the largest model, as [anova()] has it for [lm()].
#'
#' A fit that has not converged gets a warning of class `lbfgsb_warning_unconverged`, which names it.
#'
#' Two fits of the same `fn` with the same parameters, of which the smaller one fixes some, are nested where `fn` of the
#' larger one has at the estimate of the smaller one the value of that. Where it has another, as with other data in `...`, there
#' is a warning of class `lbfgsb_warning_data`.
#'
#' The models are put in the order of their numbers of parameters. Each must be nested in the next, a special case of it. Of two
#' different `fn` that is for you to make sure of. The heading reminds you where the smaller model estimates parameters that the
#' larger one does not have. What cannot be nested is an error of class `lbfgsb_error_argument`:
#' - different numbers of observations (`control$nobs`, where both have it);
#' - equal numbers of parameters: compare such models by [AIC()];
#' - fits of the same `fn`, to the same further arguments, of which the larger one fixes a parameter that the smaller one
#'   estimates, or fixes at another value: neither is a special case of the other;
#' - a sum of squares beside a likelihood;
#' - a larger model that fits worse than a smaller one: then one of the runs has not found its optimum.
#'
#' @section At the edge:
#' The law of the statistic does not hold where the smaller model lies at the edge of the larger one. The heading says so:
#' - Where a parameter is at its bound, as a variance at 0, or as good as infinite, as the `size` of a negative binomial
#'   distribution that is Poisson's, p is too large. With one such parameter, and no other that is tested, it is about twice what
#'   it should be.
#' - Where a parameter is 0 and its sign has no effect, as of a standard deviation without a bound, p is too large in the same way.
#' - Where other parameters have no effect, as the mean of a part of a mixture whose weight is 0, or the rate of a curve whose
#'   amplitude is 0, p may be far too small. Simulate the smaller model, and refit both.
#' - Where the larger model fits no better, as its estimate is at that bound, p is 1 whatever the law.
#' - Where `fn` does not use a parameter at all, that is said in its place.
#'
#' To see it `fn` of the larger model is evaluated where it is the smaller one, and beside, mostly once for each parameter; or
#' mostly its gradient, once, if `gr` or `fn` gives that. For a parameter that the smaller model does not have 0, 1, its bounds
#' and numbers far out are tried. Where none of these gives the value of the smaller model, as with other names in another order,
#' the heading says what may be.
#'
#' @param object,... fits of [lbfgsb()] to the same data; of [lbfgsb_multistart()] the best run is taken. `test` may name the
#'   test that there is, as for [glm()]: `"Chisq"` or `"LRT"`, and `"F"` for sums of squares.
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
anova.lbfgsb <- function(object, ...) {
  given <- if (missing(object)) list(...) else list(object, ...) # do.call() may have other names for all
  models <- which(!(names(given) %||% rep("", length(given))) %in% "test")
  fits <- lapply(given[models], as_fit)
  check_fits(fits)
  check_test(given[["test"]], fits)
  labels <- labels_of_models(substitute(list(object, ...)))[models]
  order <- order(vapply(fits, count_movable, 0))
  fits <- fits[order]
  check_comparable(fits)
  for (k in seq_along(fits)) warn_unconverged(fits[[k]], labels[order][k])
  check_nested(fits, labels[order])
  for (k in seq_along(fits)[-1]) warn_of_data(fits[[k]], fits[[k - 1]], labels[order][k - 0:1])
  lapply(fits, announce_kind)
  squares <- kind_of_fn(fits[[1]]) == "squares"
  structure(if (squares) f_table(fits) else ratio_table(fits), heading = anova_heading(fits, labels[order]),
            class = c("anova", "data.frame"))
}

#' @rdname anova.lbfgsb
#' @export
anova.lbfgsb_multistart <- anova.lbfgsb

# Returns the code of the arguments of a call; of what is none, as do.call(anova, fits) passes it, and of long code, their
# names or numbers.
labels_of_models <- function(call) {
  arguments <- Filter(function(code) !identical(code, quote(expr = )), as.list(call)[-1])
  codes <- vapply(arguments, function(code) if (is.language(code)) deparse1(code) else "", "")
  given <- names(arguments) %||% rep("", length(codes))
  place <- ifelse(given %in% c("", "object"), paste("argument", seq_along(codes)), given)
  ifelse(nzchar(codes) & nchar(codes) <= 60, codes, place)
}

check_fits <- function(fits) {
  if (length(fits) < 2) {
    stop(lbfgsb_error_argument("...", "must be at least one more fit: anova() compares models"))
  }
  if (any(vapply(fits, inherits, NA, "lbfgsb_many"))) {
    stop(lbfgsb_error_argument("...", "must be fits of lbfgsb(), and a table of fits is none: to test one fit of all data, `fit`, ",
                               "against a fit of each part, `fits`, take sum(logLik(fits)) - logLik(fit), or of squares ",
                               "deviance(fit) - sum(deviance(fits))"))
  }
  if (!all(vapply(fits, inherits, NA, "lbfgsb"))) {
    stop(lbfgsb_error_argument("...", "must be fits of lbfgsb(), and nothing else"))
  }
  for (fit in fits) refuse_other(fit, "likelihood ratio")
}

# Refuses another test than that of what `fn` is.
check_test <- function(test, fits) {
  squares <- kind_of_fn(fits[[1]]) == "squares"
  known <- if (squares) "F" else c("Chisq", "LRT")
  if (is.null(test) || is_string(test) && test %in% known) return()
  stop(lbfgsb_error_argument("test", "must be ", paste(dQuote(known, FALSE), collapse = " or "), " where `fn` is a ",
                             if (squares) "sum of squares" else "likelihood", ", or be left out: there is no other"))
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
  alone <- Map(fixed_alone, fits[-1], fits[-length(fits)])
  k <- match(TRUE, lengths(alone) > 0)
  if (!is.na(k)) {
    refuse("must be nested, but ", labels[k + 1], ", with more parameters, fixes ",
           enumerate(paste(names(alone[[k]]), "at", alone[[k]])), ", where ", labels[k],
           " does not: AIC() compares such models")
  }
  loglik <- vapply(fits, log_likelihood, 0)
  worse <- which(diff(loglik) < -pmax(negligible_in(loglik[-1]), short_of_infinity))
  if (length(worse) > 0) {
    refuse("must be nested optima, but ", labels[worse[1] + 1], ", with more parameters, fits worse than ",
           labels[worse[1]], ": start it from the estimate of the smaller model, if that is a special case of it and ",
           "fitted to the same data")
  }
}

# Returns the values, with their names, that the larger fit of one fn fixes, and the smaller one does not, or at others.
fixed_alone <- function(larger, smaller) {
  if (!is_same_fn(larger, smaller)) return(NULL)
  values <- fixed_in(larger)
  values[!(fixed_in(smaller)[names(values)] == values) %in% TRUE]
}

fixed_in <- function(fit) coef(fit)[fit$bounds == "fixed"]

# Warns where the larger fit, of one fn of the same parameters, has another value at the estimate of the smaller one than that
# has: then it is no special case. In `labels` the larger one comes first. One value, or a few more, tell.
warn_of_data <- function(larger, smaller, labels) {
  if (!is_same_code(larger, smaller)) return()
  objective <- on_error(objective_now(larger), function(e) NULL) # nobody can tell where it is not what it was
  par <- flat_par(smaller)
  if (is.null(objective) || any(onto_box(par, objective$problem) != par)) return()
  restore <- remember_random_state()
  on.exit(restore())
  value <- on_error(value_at(objective, replace(objective$problem$par, TRUE, par))$value, function(e) NaN)
  if (is_another(value, smaller, objective, control_of(larger))) {
    warning(lbfgsb_warning_data(labels, c(value, smaller$value), arguments_that_differ(larger, smaller)))
  }
}

# Tells whether two fits have one function of the same parameters, be it of other data.
is_same_code <- function(a, b) {
  model <- function(fit) list(removeSource(own_function(objective_of(fit)$fn)), names(coef(fit)))
  have_objectives(a, b) && identical(model(a), model(b), ignore.environment = TRUE, ignore.bytecode = TRUE)
}

have_objectives <- function(...) all(vapply(list(...), has_objective, NA))

arguments_that_differ <- function(a, b) {
  dots <- lapply(list(a, b), function(fit) dots_by_name(objective_of(fit)))
  shared <- setdiff(intersect(names(dots[[1]]), names(dots[[2]])), "")
  Filter(function(name) !identical(dots[[1]][[name]], dots[[2]][[name]]), shared)
}

is_same_fn <- function(a, b) {
  model <- function(fit) list(own_function(objective_of(fit)$fn), dots_by_name(objective_of(fit)), names(coef(fit)))
  have_objectives(a, b) && identical(model(a), model(b))
}

# By what a log-likelihood may stay below its limit, as of a negative binomial `size` of 1e6 for Poisson's: p is then 1 by any law.
short_of_infinity <- 1e-4

negligible_rise <- 1e-7 # of a log-likelihood, by what a run may end above its optimum

negligible_in <- function(loglik) negligible_rise * pmax(abs(loglik), 1)

is_no_better <- function(larger, smaller) {
  best <- log_likelihood(larger)
  best - log_likelihood(smaller) <= negligible_in(best)
}

ratio_table <- function(fits) {
  fits <- unname(fits)
  loglik <- vapply(fits, log_likelihood, 0)
  parameters <- vapply(fits, count_movable, 0)
  df <- c(NA, diff(parameters))
  statistic <- c(NA, pmax(2 * diff(loglik), 0))
  data.frame(parameters, logLik = loglik, Df = df, Chisq = statistic,
             `Pr(>Chisq)` = pchisq(statistic, df, lower.tail = FALSE), check.names = FALSE)
}

# Tests by F = (difference of RSS / Df) / s^2, s^2 that of the largest model.
f_table <- function(fits) {
  fits <- unname(fits)
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
  notes <- unlist(lapply(seq_along(fits)[-1], function(k) {
    c(note_on_names(fits[[k - 1]], fits[[k]], k), note_on_edge(fits[[k - 1]], fits[[k]], k))
  }))
  c(title, paste0(c(models, notes, ""), collapse = "\n"))
}

# Says where the smaller model estimates what the larger one does not have, so that nothing shows that they are nested.
note_on_names <- function(smaller, larger, k) {
  unknown <- setdiff(names(coef(smaller))[smaller$bounds != "fixed"], names(coef(larger)))
  if (length(unknown) == 0) return(NULL)
  strwrap(paste0("p of model ", k, " holds only if model ", k - 1, " is nested in it, which cannot be seen here, as model ", k,
                 " has no ", enumerate(unknown), ". If it is not, compare by AIC()"))
}
