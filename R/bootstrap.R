#' The bootstrap of a fit
#'
#' Refits a model from its estimate to data drawn anew, many times: what the estimates do is then seen, not
#' derived from the curvature of `fn`.
#'
#' @section What is drawn:
#' What changes from refit to refit is in the `...` of the fit:
#' - `weights` names the one that holds the weights of the observations: each is weighted by how often it is
#'   drawn, times its weight in the fit, 1 if the fit had none. `fn` is to be a sum over observations, each
#'   times its weight. Weights that count equal observations, as in a table, will not do: a warning of class
#'   `lbfgsb_warning_frequencies` tells where they add up to `control$nobs`. So it does of `data` that may be a table of
#'   counts, whose cells would be drawn, and says how `simulate` draws the observations.
#' - `data` names the one that holds the data, a vector, matrix or data frame, whose rows are drawn with
#'   replacement, or a list, whose elements are, as the parts that `split()` makes; or several, `data = c("y", "x")`,
#'   of which the same rows are drawn. A warning of class `lbfgsb_warning_drawn` names other arguments with as many rows,
#'   which are not drawn; one of class `lbfgsb_warning_order` says that `fn` goes by the order of the rows, as of a time series.
#' - `data` and `simulate`: the data are `simulate(par, ...)` at the estimate, with `par` and `...` as `fn` gets
#'   them: the parametric bootstrap.
#'
#' It is an error if `fn` does not depend on what is drawn, as where it has an argument for weights that it does not use,
#' or takes its data from elsewhere: up to 21 evaluations tell, mostly 2.
#'
#' With `groups`, whole groups of observations are drawn, as patients or schools; with `strata`, within each of
#' them as many as it has. Where `data` has the names of the groups, as a factor, strings, or the numbers that `groups`
#' has, and `fn` goes by them, as a model with an effect of each group does, the copies of a group that is drawn twice
#' get different names: the k-th group that is drawn has the name of the k-th. So it is if they are but names: the value of
#' `fn` stays the same where the groups exchange them. If not, as where a year is a covariate too, or names are looked up in
#' a table, they stay, and a warning of class `lbfgsb_warning_labels` says so: if `fn` goes by groups there, let `data` be a
#' list with an element for each, as of `split()`. Do the same where groups have parts with names of their own, as schools
#' have classes.
#'
#' @section Random numbers:
#' Replicate `i` uses the `i`-th stream of L'Ecuyer's generator from `seed`, for all that it does. So it depends
#' on `seed` and `i` alone, not on their number and not on the workers. R's own random numbers, their kind and
#' state, are left as they were.
#'
#' @section Going on:
#' A bootstrap goes on: `lbfgsb_boot(b, 1999)` adds the replicates that `b` has not yet, and the result is that of 1999
#' from the beginning. It draws as it did, so it takes no other argument. After Ctrl-C, or the error of R's time limit,
#' [setTimeLimit()], `lbfgsb_resume(lbfgsb_last())` goes on, also with the refits that intervals `"bca"` take.
#'
#' @section Intervals:
#' `confint()` has four kinds, as in Davison and Hinkley (1997) and the package boot, whose names for them will do:
#' `"percentile"`; `"basic"`; `"normal"`, by the mean and standard deviation of the refits; and `"bca"`, which
#' corrects the percentiles for bias and acceleration, and takes one more refit an observation or group for
#' that. A refit that failed or has not converged is `NA` in `t`, and intervals leave it out with a warning of
#' class `lbfgsb_warning_refits` that says how many there are. There is one, too, where there are fewer refits than the level takes,
#' 39 at 0.95 and 199 at 0.99, so that intervals end at the most extreme of them. (One whose search stalled within a thousandth of
#' a standard error of its optimum, by the gradient, has converged.) Where a parameter is often at its bound
#' none of them is right; where its estimate is, a warning of class `lbfgsb_warning_bound` says so, and to take the
#' profile. So does one of class `lbfgsb_warning_flat` where `fn` barely depends on a parameter at its estimate, as on a
#' logit that would be infinite; `lbfgsb_boot()` itself has that, too, as the errors mean no more. Both have it where refits
#' went more than 30 standard errors and ten times the estimate away, as where classes are separated in the drawn data; of
#' intervals those that reach there.
#'
#' The result is also one of class `boot`, for `boot::boot.ci()`, `boot::envelope()` and others of that package.
#' Say which parameter, as in `boot.ci(b, index = 2)`: of several without, boot takes the second for the variance of the first.
#' Of drawn data it does not know the draws: for BCa give it `L = influence(b)[, index]`. A parametric bootstrap has no
#' BCa, so `boot.ci(b, type = "all")` is an error: give it `type = c("norm", "basic", "perc")`. `boot.array()`, and so
#' `jack.after.boot()`, would draw anew from another generator, and are wrong here.
#'
#' @param fit what [lbfgsb()] returned; or `lbfgsb_boot()`, to go on.
#' @param replicates how many refits.
#' @param weights,data the name of an argument of `fn`, as a string, for `data` of several: see the section on what is
#'   drawn.
#' @param simulate a function of `par` and `...` that returns new data, as many as there are: else a warning of class
#'   `lbfgsb_warning_size` says that the errors are those of other data.
#' @param groups,strata vectors as long as there are observations, that say to which group and stratum each
#'   belongs.
#' @param seed a whole number.
#' @param control a list of options that are to differ from the fit's: with `cluster`, as of
#'   [parallel::makeCluster()], the refits are spread over its workers, where this package is to be installed.
#'   These are errors here: `trace`, `callback`, `keep_state` and `checkpoint`, which are for a run by itself; `parscale`
#'   and `hessian_diag`, as the refits' scales are the standard errors; `pgtol` and `target`. Refits do not take the fit's
#'   `pgtol` and `target`, which are for its own units and data; its `ndeps` are as long in them.
#' @param object,x,model what `lbfgsb_boot()` returned.
#' @param parm the parameters, by name or number; all by default.
#' @param level the confidence level.
#' @param type the kind of interval. (For a fit, [confint()][confint.lbfgsb] has `method` instead.)
#' @param digits significant digits.
#' @param ... nothing: an error for `lbfgsb_boot()` and `confint()`, and ignored by the others; for `plot()`, passed to
#'   that of the package boot: `index`, the number of the parameter.
#' @return `lbfgsb_boot()`: a list of class `lbfgsb_boot` and `boot`: `t0`, the estimates; `t`, a matrix with
#'   one row per replicate; `R`, their number; `failures`, a data frame of the reasons (`message`) why refits are
#'   left out and how many `times`; `fit`, `seed` and the other components of a `boot` object. If all refits fail,
#'   an error of class `lbfgsb_error_starts`. `confint()`: a matrix as of [confint.lbfgsb()]. `vcov()`: the
#'   covariance matrix of the refits. `influence()`: the influence of each observation or group on the estimates
#'   by the jackknife, one row each. `coef()`: `t0`. `summary()`: a data frame of the estimates, their `bias` and
#'   standard errors `se` by the refits. `print()` and `plot()` return `x`, invisibly.
#' @references
#' A. C. Davison and D. V. Hinkley (1997). *Bootstrap Methods and their Application*. Cambridge University
#' Press.
#' @seealso [confint.lbfgsb()], [lbfgsb_delta()]
#' @examples
#' nll <- function(par, y, w = 1) -sum(w * dgamma(y, par["shape"], par["rate"], log = TRUE))
#' fit <- lbfgsb(c(shape = 2, rate = 0.2), nll, y = cars$speed, lower = 1e-6,
#'               control = list(fn_is = "negloglik", nobs = 50))
#' b <- lbfgsb_boot(fit, 99, weights = "w")
#' b
#' confint(b)
#'
#' # Data drawn anew, and from the model
#' lbfgsb_boot(fit, 19, data = "y")
#' draw <- function(par, y) rgamma(length(y), par["shape"], par["rate"])
#' lbfgsb_boot(fit, 19, data = "y", simulate = draw)
#' @export
lbfgsb_boot <- function(fit, replicates = 999, weights = NULL, data = NULL, simulate = NULL, groups = NULL,
                        strata = NULL, seed = 1, control = list(), ...) {
  refuse_ignored(list(...), "lbfgsb_boot", setdiff(names(formals(lbfgsb_boot)), c("fit", "...")))
  call <- match.call()
  if (inherits(fit, "lbfgsb_boot")) return(go_on_drawing(fit, replicates, call))
  fit <- as_fit(fit)
  refuse_other_than_fit(fit)
  check_count(replicates, "replicates")
  check_seed(seed)
  restore <- remember_random_state()
  on.exit(restore())
  task <- refit_task(fit, control, c(weights, data))
  warn_unconverged(fit)
  warn_of_endless(fit, task$endless)
  task$scheme <- drawing_scheme(fit, weights, data, simulate, groups, strata)
  value <- value_beside(fit, dots_in(task$call))
  task$scheme$labels <- mere_labels(task$scheme, value)
  warn_of_order(task$scheme, value)
  refuse_unused(task, fit, seed)
  add_replicates(new_boot(fit, task, seed, call), replicates)
}

# Goes on with a bootstrap as it was begun.
go_on_drawing <- function(boot, replicates, call) {
  given <- setdiff(names(call), c("", "fit", "replicates"))
  if (length(given) > 0) {
    stop(lbfgsb_error_argument(given[1], "cannot be given where a bootstrap goes on, as it draws as it did: give ",
                               "`replicates` alone, or begin anew with a fit"))
  }
  check_count(replicates, "replicates")
  if (replicates < boot$R) {
    stop(lbfgsb_error_argument("replicates", "must be at least the ", boot$R, " that there are: it is the number in all"))
  }
  objective_now(boot$fit)
  add_replicates(boot, replicates)
}

# Returns the bootstrap with so many replicates in all.
add_replicates <- function(boot, replicates) {
  streams <- random_streams(boot$seed, replicates)[seq_len(replicates) > boot$R]
  task <- boot$task
  made <- function(ends) with_refits(boot, ends)
  ended <- function(ends, cluster) {
    boot$task["cluster"] <- list(cluster)
    boot <- refuse_all_failed(with_refits(boot, ends))
    warn_of_runaways(boot, setdiff(seq_along(boot$t0), task$endless))
    boot
  }
  run_parts(list(what = c("The bootstrap", "refit"), cluster = task$cluster, items = streams, f = refit_drawn, task = task,
                 made = made, ended = ended))
}

# Returns the bootstrap unless all its refits failed.
refuse_all_failed <- function(boot) {
  if (sum(boot$failures$times) == boot$R) {
    stop(lbfgsb_error_starts(boot$failures, "all ", boot$R, " refits failed: ", describe_failures(boot$failures),
                             describe_there(boot$failures$message, boot$task$cluster), if (length(boot$task$endless) > 0) {
                               paste0(". ", take_profile(boot$fit, boot$task$endless))
                             }))
  }
  boot
}

# Recalls the call of the fit, without what watches it or is for other methods, in units in which the curvature is
# about 1, and a standard error is: refits then take some 0.6 of the evaluations. And the cluster for them, and which
# parameters may have no finite estimate.
refit_task <- function(fit, control, asked) {
  objective_now(fit)
  call <- call_of(fit, asked)
  base <- replace(unasked(unwatched(call$control)), "parscale", default_control$parscale)
  control <- as_control(control, base)
  refuse_unfit(control, unfit_for_refits)
  units <- refit_units(fit, flat_numbers(call$par))
  rescaled <- in_units(replace(control, "parscale", call$control["parscale"]), objective_of(fit)$problem$par, units$parscale)
  call$control <- replace(rescaled, c("cluster", "fn_is", "nobs", "fnscale"), list(NULL, NULL, NULL, units$fnscale))
  list(call = call, cluster = control$cluster, endless = units$endless, errors = units$errors)
}

# Lists `fnscale` and `parscale`: the factor of the variance and the standard errors, or the fit's own where there is no
# curvature to go by; of what has come back from far out, by its size at the start (n). And the standard `errors` (n), NULL if
# there are none, and what is `endless` by them.
refit_units <- function(fit, start) {
  fnscale <- control_of(fit)$fnscale
  parscale <- objective_of(fit)$problem$parscale
  factor <- most_variance_factor(fit)
  curvature <- tryCatch(without_kink(inverse_curvature(fit, NA)), lbfgsb_error_hessian = function(e) NULL)
  endless <- endless_in(fit, if (!is.null(curvature)) factor * curvature)
  if (is.null(curvature) || factor == 0) return(list(fnscale = fnscale, parscale = parscale, endless = endless))
  free <- fit$bounds == "free"
  errors <- replace(NA * parscale, free, sqrt(factor * diag(curvature)[free]))
  scales <- replace(parscale, free, errors[free])
  came_back <- free & start != flat_par(fit)
  scales <- replace(scales, came_back, pmin(scales, abs(start))[came_back])
  list(fnscale = sign(fnscale) * factor, parscale = scales, endless = endless, errors = errors)
}

# Makes a bootstrap without replicates, which is also one of the package boot.
new_boot <- function(fit, task, seed, call) {
  scheme <- task$scheme
  units <- length(scheme$rows)
  structure(list(
    t0 = coef(fit), t = matrix(0, 0, length(coef(fit))), R = 0L, data = data.frame(unit = seq_len(units)), seed = seed,
    statistic = function(data, w) refit_weighted(w, task), call = call, stype = "w",
    sim = if (is.null(scheme$simulate)) "ordinary" else "parametric", strata = scheme$strata,
    weights = rep(1 / units, units), failures = tabulate_failures(character()), fit = fit, task = task
  ), class = c("lbfgsb_boot", "boot"), boot_type = "boot") # by which boot knows one whatever its call
}

# Adds what further refits ended with, refit().
with_refits <- function(boot, ends) {
  boot$t <- rbind(boot$t, do.call(rbind, lapply(ends, `[[`, "par")))
  boot$R <- nrow(boot$t)
  reasons <- c(rep(boot$failures$message, boot$failures$times), unlist(lapply(ends, `[[`, "failure")))
  boot$failures <- tabulate_failures(reasons)
  boot
}

# ---- The refits ------------------------------------------------------------------------------------------

# Refits: `par` (n), NA if that failed, and then why, `failure`. So it is if making the `arguments` fails, which R does here.
refit <- function(arguments, task) {
  call <- task$call
  fit <- quietly(do.call(lbfgsb, replace(call, names(arguments), arguments), quote = TRUE))
  if (inherits(fit, "error")) {
    return(list(par = rep(NA_real_, length(unlist(call$par))), failure = message_of(fit)))
  }
  there <- is_at_optimum(fit)
  list(par = if (there) coef(fit) else NA * coef(fit), failure = if (!there) sub(";.*", "", fit$message))
}

# Tells whether a refit ended at its optimum. In units in which the curvature is 1 the gradient is the distance
# from it in standard errors: a search that ends in the rounding of fn ends near enough.
is_at_optimum <- function(fit) fit$convergence == 0L || fit$convergence > 1L && isTRUE(fit$pgnorm <= 1e-3)

# Makes one replicate, from a stream.
refit_drawn <- function(stream, task) with_random_state(stream, refit(draw_arguments(task), task))

# Refits without one unit.
refit_without <- function(unit, task) {
  refit(drawn_arguments(task$scheme, replace(rep(1, length(task$scheme$rows)), unit, 0)), task)
}

# Refits for boot's influence functions: the estimates where the units have the weights w, whose sum in each
# stratum is 1.
refit_weighted <- function(w, task) {
  if (task$scheme$by == "data") {
    stop(lbfgsb_error_argument("L", "must be given for BCa where data are drawn, and `index` with it: ",
                               "boot.ci(b, index = 2, L = influence(b)[, 2])"))
  }
  sizes <- table(task$scheme$strata)[as.character(task$scheme$strata)]
  refit(drawn_arguments(task$scheme, as.vector(w * sizes)), task)$par
}

# ---- What it says ----------------------------------------------------------------------------------------

#' @rdname lbfgsb_boot
#' @export
confint.lbfgsb_boot <- function(object, parm = seq_along(object$t0), level = 0.95,
                                type = c("percentile", "basic", "bca", "normal"), ...) {
  refuse_ignored(list(...), "confint", c("parm", "level", "type"))
  check_level(level)
  type <- choose_one(type, boot_types, "type")
  elements <- choose_parameters(object$fit, parm)
  warn_left_out(object)
  if (type != "normal") warn_of_few(object, level)
  warn_of_bounded(object$fit, elements)
  warn_of_endless(object$fit, intersect(elements, object$task$endless))
  limits_by <- function(influence) {
    limits <- vapply(elements, boot_limits, numeric(2), object, level, type, influence)
    told <- if (type == "normal") object$t[, elements, drop = FALSE] else limits
    warn_of_runaways(object, setdiff(elements[colSums(is_far(told, object, elements)) > 0], object$task$endless))
    as_limits(t(limits), names(object$t0)[elements], level)
  }
  if (type == "bca") influence_of(object, limits_by) else limits_by(NULL)
}

# Returns the limits of parameter i.
boot_limits <- function(i, boot, level, type, influence) {
  t <- boot$t[!is.na(boot$t[, i]), i]
  tails <- c(1 - level, 1 + level) / 2
  if (type == "normal") return(2 * boot$t0[[i]] - mean(t) + qnorm(tails) * sd(t))
  if (type == "bca" && any(t != boot$t0[[i]])) tails <- bca_tails(tails, t, boot$t0[[i]], influence[, i])
  if (type == "basic") 2 * boot$t0[[i]] - upper_first(t, tails) else order_quantile(t, tails)
}

boot_types <- c("percentile", "basic", "bca", "normal")

# Refuses of a fit a kind of interval that is the bootstrap's, and says how to get it.
refuse_bootstrap <- function(kind, argument) {
  if (!is_string(kind) || nchar(kind) < 3) return() # "p" is "profile"
  type <- pmatch(tolower(kind), c(boot_types, "bootstrap"), nomatch = 0)
  if (type == 0) return()
  stop(lbfgsb_error_argument(argument, "is ", dQuote(kind, FALSE), ", an interval by the bootstrap: make one by b <- ",
                             "lbfgsb_boot(fit, ...), and take confint(b, type = ", dQuote(c(boot_types, "bca")[type], FALSE),
                             "); see ?lbfgsb_boot"))
}

upper_first <- function(t, tails) order_quantile(t, rev(tails))

# order_quantile(t, p) = the (R + 1) p-th of R ordered values
order_quantile <- function(t, p) quantile(t, p, names = FALSE, type = 6)

# Corrects the tails for bias and acceleration, by the influence of the observations.
bca_tails <- function(tails, t, t0, influence) {
  bias <- qnorm(mean(t < t0))
  acceleration <- sum(influence^3) / (6 * sum(influence^2)^1.5)
  z <- bias + qnorm(tails)
  pnorm(bias + z / (1 - acceleration * z))
}

warn_left_out <- function(object) {
  left_out <- sum(object$failures$times)
  if (left_out > 0) {
    warning(lbfgsb_warning_refits(object$failures, "the intervals leave out ", left_out, " of ", object$R,
                                  " refits: ", describe_failures(object$failures)))
  }
}

# Warns where a tail, (1 - level) / 2, is less than the 1 / (R + 1) beyond the most extreme of R refits.
warn_of_few <- function(object, level) {
  refits <- object$R - sum(object$failures$times)
  needed <- ceiling(signif(2 / (1 - level) - 1, 10))
  if (refits >= needed) return()
  warning(lbfgsb_warning_refits(object$failures, "the intervals end at the most extreme of ", counted(refits, "refit"), ": level ",
                                level, " takes at least ", needed, ", better many more, as by lbfgsb_boot(b, ",
                                max(999, 10 * needed), ")"))
}

# Warns of estimates at their bounds, at which refits pile up.
warn_of_bounded <- function(fit, elements) {
  elements <- elements[fit$bounds[elements] %in% c("at lower", "at upper")]
  if (length(elements) == 0) return()
  labels <- parameter_names(fit)[elements]
  warning(lbfgsb_warning_bound(elements, labels, "no interval by the bootstrap is right: take the profile, ",
                               "confint(fit, ", deparse1(labels), ", method = \"profile\")"))
}

# Warns of estimates (numbers) that may be infinite: refits end where they happen to stop on the way there.
warn_of_endless <- function(fit, elements) {
  if (length(elements) == 0) return()
  labels <- parameter_names(fit)[elements]
  warning(lbfgsb_warning_flat(
    elements, "`fn` barely depends on ", enumerate(labels), " at the estimate, as where the best value is infinite, and refits ",
    "end wherever they stop on the way: no error or interval by the bootstrap is right there. ", take_profile(fit, elements)
  ))
}

# take_profile() = "Take the profile, confint(fit, \"a\", method = \"profile\")"
take_profile <- function(fit, elements) {
  paste0("Take the profile, confint(fit, ", deparse1(parameter_names(fit)[elements]), ", method = \"profile\")")
}

# Warns of those of the parameters which some refits have carried far away, as on the way to infinity.
warn_of_runaways <- function(boot, elements) {
  far <- is_far(boot$t[, elements, drop = FALSE], boot, elements)
  elements <- elements[colSums(far) > 0]
  if (length(elements) == 0) return()
  warning(lbfgsb_warning_flat(
    elements, sum(rowSums(far) > 0), " of ", counted(boot$R, "refit"), " put ", enumerate(parameter_names(boot$fit)[elements]),
    " more than ", far_refit, " standard errors away, as where the best value for the drawn data is infinite, for instance where ",
    "these separate the classes. Such refits end wherever they stop on the way: no error by the bootstrap is right then, and no ",
    "interval that reaches there. ", take_profile(boot$fit, elements)
  ))
}

# Tells which numbers of a matrix, with a column for each of the elements, are that far from the estimate, and ten times its size:
# on the way to infinity.
is_far <- function(x, boot, elements) {
  t0 <- boot$t0[elements]
  errors <- pmax(boot$task$errors %||% (NA * boot$t0), errors_of_refits(boot))[elements]
  distance <- sweep(abs(sweep(x, 2, t0)), 2, pmax(far_refit * errors, 10 * abs(t0)), "/")
  distance > 1 & !is.na(distance)
}

# Estimates the standard errors by the tenth of the refits that is closest to the estimate, as up to nine tenths may have run
# away: those by the curvature are far too small where `fn` has other units than a log-likelihood, as Huber's loss has, or Poisson's
# of amounts.
errors_of_refits <- function(boot) {
  apply(abs(sweep(boot$t, 2, boot$t0)), 2, quantile, 0.1, na.rm = TRUE, names = FALSE) / qnorm(0.55)
}

far_refit <- 30 # standard errors

#' @rdname lbfgsb_boot
#' @export
coef.lbfgsb_boot <- function(object, ...) object$t0

#' @rdname lbfgsb_boot
#' @export
summary.lbfgsb_boot <- function(object, ...) {
  se <- apply(object$t, 2, sd, na.rm = TRUE)
  data.frame(estimate = object$t0, bias = colMeans(object$t, na.rm = TRUE) - object$t0, se,
             row.names = names(object$t0))
}

#' @rdname lbfgsb_boot
#' @export
vcov.lbfgsb_boot <- function(object, ...) {
  structure(cov(object$t, use = "complete.obs"), dimnames = list(names(object$t0), names(object$t0)))
}

#' @rdname lbfgsb_boot
#' @export
influence.lbfgsb_boot <- function(model, ...) influence_of(model)

# Returns what is `asked` of the influence, also by lbfgsb_resume() after an interrupt.
influence_of <- function(boot, asked = identity) {
  task <- boot$task
  if (!is.null(task$scheme$simulate)) {
    stop(lbfgsb_error_argument("simulate", "leaves no influence of the data, which BCa intervals need: take type = ",
                               "\"percentile\" or \"basic\""))
  }
  sizes <- as.vector(table(task$scheme$strata)[as.character(task$scheme$strata)])
  made <- function(ends) {
    without <- do.call(rbind, lapply(ends, `[[`, "par"))
    influence <- (sizes[seq_along(ends)] - 1) * (rep(boot$t0, each = length(ends)) - without)
    structure(influence, dimnames = list(NULL, names(boot$t0)))
  }
  items <- as.list(seq_along(sizes))
  run_parts(list(what = c("The computation of the influence", "refit"), cluster = task$cluster, items = items, f = refit_without,
                 task = task, made = made, ended = function(ends, cluster) asked(made(ends))))
}

#' @rdname lbfgsb_boot
#' @export
print.lbfgsb_boot <- function(x, digits = max(3, getOption("digits") - 3), ...) {
  cat(counted(x$R, "refit"), ", ", kind_of_boot(x), ", seed ", x$seed, "\n\n", sep = "")
  print(summary(x), digits = digits)
  print_failures(x$failures, "refit", "left out")
  invisible(x)
}

kind_of_boot <- function(boot) {
  if (boot$sim == "parametric") "parametric" else if (boot$task$scheme$by == "weights") "weighted" else "resampled"
}

#' @rdname lbfgsb_boot
#' @export
plot.lbfgsb_boot <- function(x, ...) {
  if (!requireNamespace("boot", quietly = TRUE)) {
    stop(lbfgsb_error_argument("x", "is drawn by the package boot: install.packages(\"boot\")"))
  }
  NextMethod()
}
