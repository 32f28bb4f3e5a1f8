#' Confidence intervals and profiles
#'
#' `confint()` returns intervals for the parameters, by the curvature at the estimate (Wald) or by the profile
#' of the likelihood, which `profile()` computes. What a likelihood is to `fn`, `control$fn_is` says:
#' [lbfgsb_control()].
#'
#' @section Wald intervals:
#' They are the estimate and [qnorm()] times the standard error, [vcov()][vcov.lbfgsb], to both
#' sides, cut off at the bounds; `NA` for a parameter at its bound. If `fn` is a sum of squares, [qt()] takes
#' the place of `qnorm()`. With `covariance` they are those of another matrix than `vcov()`, as of the sandwich.
#'
#' @section Profiles:
#' The profile of a parameter is the value of `fn` minimized over all others. The interval holds those values of
#' the parameter at which it is no more than `qchisq(level, 1) / 2` above the minimum. It need not be symmetric.
#' And it does not depend on how the parameter is written: the interval of `log(sigma)` is the log of that of
#' `sigma`.
#'
#' `profile()` fixes the parameter at values farther and farther from its estimate, and each time runs [lbfgsb()]
#' for the others, with the options of the fit, but for its tolerances and scales: these are of a log-likelihood
#' and of standard errors, whatever the units of `fn`. It goes on until `z` is beyond the `level`, or a bound or
#' the end of the domain of `fn` is reached. Where `z` crosses the `level`, and that of 0.95, it adds points until
#' one is within 1 % of it, so that limits there are those of `fn`, to 0.005 of `z`; at other levels `confint()`
#' interpolates. Where `fn` barely depends on the parameter to one side, `z` does not get that far, and the
#' interval ends at the bound, or has no end (`-Inf`, `Inf`). Where `z` rises again though it had all but stopped, the
#' run may have ended short of the minimum, and is made again until there is evidence of one. Where `z` still rises as
#' the domain of `fn` ends, where `fn` is not finite or fails, after 40 runs, or if one for such evidence takes too many
#' iterations, the limit is `NA`, and a warning of class `lbfgsb_warning_profile` tells. An error that `fn` now has at the
#' estimate, too, is none of those.
#'
#' A value that is better than the fit's by more than 5e-5 of a log-likelihood, a `z` of 0.01, is the error
#' `lbfgsb_error_profile`: then the fit is not at the minimum.
#'
#' The first step is by the Hessian, which is computed where the fit has none; where more than 50 parameters are there for each
#' that is profiled, it would take more evaluations than the profile, and [inverse_hessian()] takes its place. `print()` tells the
#' evaluations of both.
#'
#' `z` is the signed root of twice the rise of minus the log-likelihood, which is the rise of a deviance. For a
#' sum of squares it is the root of its rise over the variance, and is judged as a t.
#'
#' `plot()` draws `|z|` against the parameter: its square is the likelihood ratio statistic, for a sum of
#' squares F. The interval is where it is below the grey line of the `level`. The dashed lines are those of a
#' Wald interval: where the curve is close to them, that interval will do. Each parameter has a panel: one of those that you
#' have set by `par(mfrow = )` or [graphics::layout()], if these are enough.
#'
#' Another parameter at its bound starts a little inside where `fn` is level, as in a standard deviation at 0, and so
#' leaves it where that is better. Give a standard deviation its bound, `lower = c(sigma = 0)`: without, it may stay at 0.
#'
#' A parameter at its bound has a profile to the inside only, and an interval from the bound on; a fixed one has
#' none. After Ctrl-C, an error that `fn` has at the estimate, too, or the end of R's time limit, [setTimeLimit()],
#' `lbfgsb_resume(lbfgsb_last())` goes on, and returns the profile, or the intervals if `confint()` was interrupted;
#' `lbfgsb_last()$done` is the profile of the parameters that are done. Intervals and profiles of a run that has not converged
#' come with a warning of class `lbfgsb_warning_unconverged`.
#'
#' @param object,fitted what [lbfgsb()] returned; for `confint()` also what `profile()` returned.
#' @param parm,which the parameters, by name or index, or by the name of a component where `par` is a list; all by
#'   default.
#' @param level the confidence level; for `profile()` the highest that `confint()` can be asked for later.
#' @param method `"wald"` or `"profile"`. Intervals by the bootstrap are those of [lbfgsb_boot()], with a `type`, as in the
#'   package boot.
#' @param covariance for Wald intervals: the covariance matrix of the estimates, such as `vcov(fit, contributions = ...)`,
#'   in the order of the parameters, or with their names, in any order.
#' @param x what `profile()` returned.
#' @param absVal whether `plot()` draws `|z|`, or `z` with its sign, as that of stats4 and bbmle.
#' @param digits significant digits.
#' @param row.names,optional as for [as.data.frame()].
#' @param ... for `plot()`, passed to [graphics::plot.default()]; anything here is an error for `confint()` and
#'   `profile()`, and ignored by the others.
#' @return `confint()`: a matrix with one row per parameter and the lower and upper limits as columns.
#'   `profile()`: a list of class `profile.lbfgsb` with one data frame per parameter: `z` and all
#'   parameters, one row per run, in the order of the profiled parameter; the attribute `evaluations` has
#'   for each the number of evaluations of `fn` in its runs, `hessian_evaluations` those for the Hessian before, and `fit` is the
#'   fit. `profiled["shape"]` is the profile of that
#'   parameter alone, also to plot. `as.data.frame()` puts all in one, one row per run:
#'   the name of the profiled `parameter`, its value `focal`, `z`, and all parameters. `print()` shows a line for each
#'   parameter: its interval, how far it was followed, and the number of points. `print()` and `plot()` return `x`, invisibly.
#' @seealso [lbfgsb_hessian()]
#' @examples
#' # Minus the log-likelihood of a gamma distribution of the speeds
#' nll <- function(par) -sum(dgamma(cars$speed, par["shape"], par["rate"], log = TRUE))
#' fit <- lbfgsb(c(shape = 2, rate = 0.2), nll, lower = 1e-6, control = list(fn_is = "negloglik"))
#' confint(fit)
#' profiled <- profile(fit, "shape")
#' confint(profiled)
#' plot(profiled)
#' @export
confint.lbfgsb <- function(object, parm = NULL, level = 0.95,
                           method = c("wald", "profile"), covariance = vcov(object), ...) {
  refuse_bootstrap(method, "method")
  refuse_bootstrap(list(...)[["type"]], "type")
  refuse_ignored(list(...), "confint", c("parm", "level", "method", "covariance"))
  check_level(level)
  elements <- choose_parameters(object, parm)
  as_asked <- function(limits) as_limits(limits, parameter_names(object)[elements], level)
  if (choose_one(method, c("wald", "profile"), "method") == "profile") {
    if (!missing(covariance)) refuse_for_profile()
    return(profile_elements(object, elements, level, function(profile) as_asked(confint(profile, level = level))))
  }
  covariance <- ordered_covariance(covariance, object)
  as_asked(wald_limits(object, level, covariance)[elements, , drop = FALSE])
}

#' @rdname confint.lbfgsb
#' @export
profile.lbfgsb <- function(fitted, which = NULL, level = 0.99, ...) {
  refuse_ignored(list(...), "profile", c("which", "level"))
  check_level(level)
  profile_elements(fitted, unique(choose_parameters(fitted, which, "which")), level)
}

# Profiles these parameters; `asked`: what is asked of the profile, also by lbfgsb_resume() after an interrupt.
profile_elements <- function(fit, elements, level, asked = identity) {
  refuse_errors_of_other(fit, "profile")
  announce_kind(fit)
  warn_unconverged(fit)
  labels <- parameter_names(fit)
  objective_now(fit)
  is_given <- !is.null(fit$hessian)
  if (is_given || takes_hessian(fit, elements)) fit <- without_kink(with_hessian(fit))
  for_hessian <- if (!is_given) attr(fit, "hessian_counts")[["function"]]
  walker <- new_walker(fit, level)
  made <- function(walks) new_profile(fit, walks, elements[seq_along(walks)], level, sum(for_hessian))
  ended <- function(walks, cluster) {
    failed <- !vapply(lapply(walks, `[[`, "error"), is.null, NA)
    if (any(failed)) warn_of_failure(labels[elements[failed]], walks[[which(failed)[1]]]$error)
    told <- failed | vapply(walks, is.null, NA)
    warn_of_ends(walks[!told], elements[!told], labels)
    asked(made(walks))
  }
  run_parts(list(what = c("The profile", "parameter"), items = structure(elements, names = labels[elements]), f = profile_one,
                 task = walker, made = made, ended = ended, under_way = ", with what there is of the next"))
}

# Makes the result of the walks (profile_one()) of these parameters.
new_profile <- function(fit, walks, elements, level, for_hessian) {
  labels <- parameter_names(fit)
  tables <- lapply(walks, function(walk) if (!is.null(walk)) profile_table(walk, labels))
  structure(tables, names = labels[elements], class = "profile.lbfgsb", fit = fit, level = level, elements = elements,
            evaluations = vapply(walks, function(walk) walk$evaluations %||% 0, 0), ends = lapply(walks, `[[`, "ends"),
            hessian_evaluations = for_hessian)
}

warn_of_failure <- function(parameters, error) {
  warning(lbfgsb_warning_profile(
    parameters, "`fn` fails far from the estimate, so the profile of ", enumerate(parameters), " ends before that. A limit ",
    "that it has not reached is NA, unless `fn` is flat there: let `fn` return Inf or NaN in place of the error \"",
    message_of(error), "\"", parent = error
  ))
}

#' @rdname confint.lbfgsb
#' @export
`[.profile.lbfgsb` <- function(x, parm = names(x)) {
  chosen <- choose_profiled(x, if (is.character(parm)) parm else seq_along(x)[parm])
  attributes <- attributes(x)
  by_parameter <- c("names", "elements", "evaluations", "ends")
  attributes[by_parameter] <- lapply(attributes[by_parameter], `[`, chosen)
  `attributes<-`(unclass(x)[chosen], attributes)
}

#' @rdname confint.lbfgsb
#' @export
confint.profile.lbfgsb <- function(object, parm = names(object), level = 0.95, ...) {
  refuse_ignored(list(...), "confint", c("parm", "level"))
  check_profiled_level(object, level)
  chosen <- choose_profiled(object, parm)
  limits <- vapply(chosen, function(j) {
    profile_limits(object, j, level)
  }, numeric(2))
  as_limits(t(limits), names(object)[chosen], level)
}

# Returns the numbers of the chosen tables of a profile.
choose_profiled <- function(object, parm) {
  places <- function(name) match(positions_of(name, attr(object, "fit")$par), attr(object, "elements"))
  chosen <- if (is.character(parm)) lapply(parm, places) else as.list(match(parm, seq_along(object)))
  unknown <- vapply(chosen, anyNA, NA)
  if (any(unknown)) {
    stop(lbfgsb_error_argument("parm", "must be among the parameters that were profiled, ",
                               enumerate(names(object)), ", not ", enumerate(parm[unknown]), elements = which(unknown)))
  }
  unlist(chosen)
}

#' @rdname confint.lbfgsb
#' @export
print.profile.lbfgsb <- function(x, digits = max(3, getOption("digits") - 3), ...) {
  range_of <- function(j) if (is.null(x[[j]])) c(NA, NA) else range(x[[j]][[1 + attr(x, "elements")[j]]])
  ends <- vapply(seq_along(x), range_of, numeric(2))
  points <- vapply(x, function(table) NROW(table) * !is.null(table), 0L)
  cost <- counted(sum(attr(x, "evaluations")), "evaluation")
  before <- attr(x, "hessian_evaluations")
  cat("Profiles of ", counted(length(x), "parameter"), ", ", cost, " of fn",
      if (before > 0) paste(", and", before, "for the Hessian"), "\n\n", sep = "")
  print(data.frame(estimate = flat_par(attr(x, "fit"))[attr(x, "elements")],
                   confint(x, level = min(usual_level, attr(x, "level"))), from = ends[1, ], to = ends[2, ], points,
                   row.names = names(x), check.names = FALSE), digits = digits, ...)
  reach <- paste0("from, to: how far each was followed, for intervals up to the level ", attr(x, "level"))
  cat("", strwrap(paste0(reach, ". as.data.frame() has all points.")), sep = "\n")
  invisible(x)
}

#' @rdname confint.lbfgsb
#' @export
as.data.frame.profile.lbfgsb <- function(x, row.names = NULL, optional = FALSE, ...) {
  long <- lapply(which(!vapply(x, is.null, NA)), function(j) {
    focal <- x[[j]][[1 + attr(x, "elements")[j]]]
    data.frame(parameter = names(x)[j], focal, x[[j]], check.names = FALSE)
  })
  table <- do.call(rbind, long)
  row.names(table) <- row.names
  table
}

# Returns a covariance matrix for the steps and tangents: where there is none, as where the data cannot tell parameters
# apart, it is made of their sizes, unless the fit is no minimum.
covariance_for_steps <- function(fit) {
  tryCatch(without_kink(without_flat(fit, covariance_of(fit))), lbfgsb_error_hessian = function(e) {
    if (!is.null(e$doubt)) stop(e)
    V <- diag(sizes_in(fit)^2, length(fit$bounds))
    V[fit$bounds != "free", ] <- V[, fit$bounds != "free"] <- NA
    V
  })
}

# The level of confint(), print() and plot().
usual_level <- 0.95

# Of the normal distribution, or of t for a sum of squares.
cutoff_at <- function(level, fit) qt((1 + level) / 2, residual_df(fit))

check_level <- function(level, hint = NULL) {
  if (!is_number(level) || level <= 0 || level >= 1) {
    stop(lbfgsb_error_argument("level", "must be a number between 0 and 1, as 0.95", hint))
  }
}

check_profiled_level <- function(profile, level) {
  check_level(level)
  if (level > attr(profile, "level")) {
    stop(lbfgsb_error_argument("level", "must be at most ", attr(profile, "level"),
                               ", the level of the profile: make it anew by profile(fit, level = )"))
  }
}

# Returns the positions in `par` of parameters chosen by name, also that of a component of a list, or as R's indices are; of
# all by NULL.
choose_parameters <- function(fit, chosen, argument = "parm") {
  all <- seq_along(flat_par(fit))
  chosen <- if (is.factor(chosen)) as.character(chosen) else chosen %||% TRUE
  if (anyNA(chosen)) stop(lbfgsb_error_argument(argument, "must be names or numbers of the parameters, not NA"))
  if (is.logical(chosen) || is.numeric(chosen) && isTRUE(all(chosen < 0))) chosen <- all[chosen]
  if (is.character(chosen)) refuse_shared(chosen, names(flat_par(fit)), argument)
  at <- if (is.character(chosen)) lapply(chosen, positions_of, fit$par) else as.list(chosen)
  elements <- unlist(at) %||% integer()
  unknown <- chosen[unique(rep(seq_along(at), lengths(at))[!elements %in% all])]
  if (length(unknown) > 0) {
    stop(lbfgsb_error_argument(argument, "must be names or numbers of the parameters, not ", enumerate(unknown),
                               suggest_place(as.character(unknown[1]), flat_par(fit))))
  }
  elements
}

refuse_for_profile <- function() {
  stop(lbfgsb_error_argument("covariance", "is for Wald intervals: a profile goes by the likelihood alone, so leave one of ",
                             "`covariance` and `method` out"))
}

# Returns a covariance matrix in the order of the fit's parameters, by the names of its rows and columns if it has any.
ordered_covariance <- function(covariance, fit) {
  n <- length(flat_par(fit))
  if (!is.matrix(covariance) || !is.numeric(covariance) || any(dim(covariance) != n)) {
    stop(lbfgsb_error_argument("covariance", "must be a matrix of numbers, ", n, " x ", n, ", as vcov(fit) is, not ",
                               describe_matrix(covariance)))
  }
  rows <- places_among(rownames(covariance) %||% colnames(covariance), fit)
  columns <- places_among(colnames(covariance) %||% rownames(covariance), fit)
  covariance <- covariance[rows, columns, drop = FALSE]
  refuse_elements("covariance", "has a negative variance", (diag(covariance) < 0) %in% TRUE, flat_par(fit))
  refuse_asymmetric(covariance, flat_par(fit))
  covariance
}

# Returns where the fit's parameters are among `names`, those of the rows or columns of its covariance matrix.
places_among <- function(names, fit) {
  par <- flat_par(fit)
  own <- parameter_names(fit)
  in_order <- is.null(names) || identical(names, own) || names_nothing_new(structure(names, names = names), par)
  if (in_order) return(seq_along(own))
  refuse_unknown(names, par, "covariance")
  refuse_twice(names, "covariance")
  match(own, names)
}

# Refuses V if any |V_ij - V_ji| is more than a thousandth of a standard error each: more than the rounding of an inverse.
refuse_asymmetric <- function(V, par) {
  se <- sqrt(diag(V))
  off <- abs(V - t(V)) > 1e-3 * outer(se, se)
  refuse_elements("covariance", "must be symmetric", rowSums(off, na.rm = TRUE) > 0, par)
}

describe_matrix <- function(x) {
  if (!is.matrix(x)) kind_of(x) else if (!is.numeric(x)) paste("a", typeof(x), "matrix") else paste(dim(x), collapse = " x ")
}

wald_limits <- function(fit, level, covariance) {
  problem <- problem_of(fit)
  par <- as.vector(flat_par(fit))
  reach <- cutoff_at(level, fit) * sqrt(diag(covariance))
  cbind(pmax(par - reach, problem$lower), pmin(par + reach, problem$upper))
}

# Names the columns "2.5 %", "97.5 %".
as_limits <- function(limits, labels, level) {
  tails <- 100 * c(1 - level, 1 + level) / 2
  columns <- paste(format(tails, trim = TRUE, digits = 3, scientific = FALSE), "%")
  matrix(limits, ncol = 2, dimnames = list(labels, columns))
}

profile_table <- function(walk, labels) {
  par <- structure(t(walk$par), dimnames = list(NULL, labels))
  data.frame(z = walk$z, par, check.names = FALSE)
}

# Returns the lower and upper limit by the j-th table of a profile. Where z does not reach the level it is the bound, if the
# walk has come there, or `fn` is flat toward it; else NA.
profile_limits <- function(profile, j, level) {
  table <- profile[[j]]
  if (is.null(table)) return(c(NA_real_, NA_real_))
  fit <- attr(profile, "fit")
  i <- attr(profile, "elements")[j]
  power <- power_of_z(fit, i)
  cutoff <- cutoff_at(level, fit)^power
  z <- sign(table$z) * abs(table$z)^power
  limits <- c(crossing(table[[1 + i]], z, -cutoff), crossing(table[[1 + i]], z, cutoff))
  problem <- objective_of(fit)$problem
  at_bound <- is.na(limits) & attr(profile, "ends")[[j]] %in% c("bound", "flat")
  ifelse(at_bound, c(problem$lower[i], problem$upper[i]), limits)
}

# power_of_z() = p where sign(z) |z|^p is a smooth function of par[i]: off a bound it is the rise, z^2, and not z.
power_of_z <- function(fit, i) if (fit$bounds[i] == "free") 1 else 2

# Returns the x where the curve through four points (x, z) about it is `level`, the crossing closest to z = 0; NA if there is
# none: in x, or in log |x| where the slopes of z differ less.
crossing <- function(x, z, level) {
  ends <- ends_about(z, level)
  if (is.null(ends)) return(NA_real_)
  nodes <- nodes_about(ends, x)
  on_log <- length(unique(sign(x[nodes]))) == 1 &&
    isTRUE(unevenness(log(abs(x[nodes])), z[nodes]) < unevenness(x[nodes], z[nodes]))
  scaled <- if (on_log) log(abs(x)) else x
  within <- sort(scaled[ends])
  curve <- curve_through(scaled[nodes], z[nodes], within)
  root <- uniroot(function(at) curve(at) - level, within, tol = 1e-8 * diff(within))$root
  if (on_log) sign(x[ends[2]]) * exp(root) else root
}

# Returns the polynomial through the points; where that turns between the two `within`, as z has a kink beside them, the cubics
# whose slopes at a point are the harmonic mean of those to its neighbours, which do not.
curve_through <- function(x, z, within) {
  polynomial <- function(at) sum(lagrange_weights(x, at) * z)
  values <- vapply(seq(within[1], within[2], length.out = 33), polynomial, 0)
  if (length(unique(sign(diff(values)))) == 1) return(polynomial)
  slopes <- diff(z) / diff(x)
  pairs <- cbind(slopes[-1], slopes[-length(slopes)])
  means <- ifelse(pairs[, 1] * pairs[, 2] > 0, 2 / rowSums(1 / pairs), 0)
  splinefunH(x, z, c(slopes[1], means, slopes[length(slopes)]))
}

# Returns the numbers of the points between which z crosses the level first; NULL if it does not.
ends_about <- function(z, level) {
  outside <- which(z / level >= 1)
  if (length(outside) == 0) NULL else if (level > 0) min(outside) - 1:0 else max(outside) + 0:1
}

# Returns the numbers of the two points and of those beside them, if these are far enough for a slope.
nodes_about <- function(ends, x) {
  least <- abs(diff(x[ends])) / 1000
  is_far <- function(pair) isTRUE(abs(diff(x[pair])) > least)
  c(if (is_far(ends[1] - 1:0)) ends[1] - 1, ends, if (is_far(ends[2] + 0:1)) ends[2] + 1)
}

unevenness <- function(x, z) {
  slopes <- abs(diff(z) / diff(x))
  max(slopes) / min(slopes)
}

#' @rdname confint.lbfgsb
#' @export
plot.profile.lbfgsb <- function(x, level = min(0.95, attr(x, "level")), absVal = TRUE, ...) {
  refuse_choice(c(if (is.character(level)) "level", intersect(...names(), choosing)), "plot(p[%s]), where p is the profile", attr(x, "fit"))
  check_profiled_level(x, level)
  check_flag(absVal, "absVal")
  profiled <- which(!vapply(x, is.null, NA))
  if (length(profiled) == 0) return(plot_nothing(x, "no parameter is free", ...))
  panels <- if (prod(par("mfrow")) < length(profiled)) list(mfrow = n2mfrow(length(profiled))) # or else the user's
  before <- par(c(panels, list(mar = c(4, 4, 2.5, 1))))
  on.exit(par(before))
  for (j in profiled) plot_profile(x, j, level, absVal, ...)
  invisible(x)
}

# Draws |z|, or z, against the parameter: straight lines, the dashed ones, if fn is quadratic in it; the interval where they
# meet the level.
plot_profile <- function(x, j, level, absVal, ...) {
  table <- x[[j]]
  i <- attr(x, "elements")[j]
  fit <- attr(x, "fit")
  value <- table[[1 + i]]
  between <- seq(min(value), max(value), length.out = 201)
  shown <- if (absVal) abs else identity
  draw <- function(xlab = names(table)[1 + i], ylab = if (absVal) label_of_z(fit) else without_bars(label_of_z(fit)),
                   main = paste("Profile of", names(table)[1 + i]), ...) {
    plot(between, shown(splinefun(value, table$z)(between)), type = "l", las = 1, xlab = xlab, ylab = ylab,
         main = main, ...)
  }
  draw(...)
  points(value, shown(table$z), pch = 16, cex = 0.6)
  se <- if (is.null(fit$hessian)) NA else tryCatch(sqrt(covariance_of(fit)[i, i]), lbfgsb_error_hessian = function(e) NA)
  lines(flat_par(fit)[[i]] + se * c(-10, 0, 10), shown(c(-10, 0, 10)), lty = 2, col = "grey50")
  mark_interval(profile_limits(x, j, level), shown(c(-1, 1)) * cutoff_at(level, fit), level)
}

# Says what z^2 is: twice the difference of log-likelihoods from the best one, or for a sum of squares an F.
label_of_z <- function(fit) {
  if (kind_of_fn(fit) == "squares") "|t|, the root of F" else "|z|, the root of the likelihood ratio statistic"
}

# cutoffs: where z crosses the level, at the lower and the upper limit.
mark_interval <- function(limits, cutoffs, level) {
  segments(limits[1], cutoffs, limits[2], cutoffs, col = "grey50")
  segments(limits, 0, limits, cutoffs, col = "grey50")
  ends <- pmin(pmax(limits, par("usr")[1]), par("usr")[2])
  text(mean(ends), cutoffs[2], paste(format(100 * level, digits = 3), "%"), pos = 3, col = "grey30")
}
