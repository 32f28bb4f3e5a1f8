#' Functions of the parameters, with standard errors
#'
#' The delta method: where \eqn{J} is the derivative of a function of the parameters at the estimate, by central
#' differences inside the box, and \eqn{V} the covariance matrix of the estimates, the function has about the
#' covariance matrix \eqn{J V J^T}{J V J'}.
#'
#' A function with many values, as a curve at many points, gives a confidence band. It says where the expected
#' value may be, at each point, not at all at once, and gets narrower with more data.
#'
#' A prediction band is another thing. It says where a new observation may be, so it is wider: `se` knows only
#' the error of the estimates, not the scatter of an observation about its expected value. With normal errors
#' the variance of a new observation is `se^2 + sigma^2`. Where `fn` is a sum of squares, `interval = "prediction"` gives this
#' band, with `sigma` by [sigma()][sigma.lbfgsb] and the quantile of t: for a line that of [predict.lm()]. In a likelihood
#' `sigma` is one of the parameters, so the reach of the band is `qnorm(0.975) * sqrt(se^2 + coef(fit)[["sigma"]]^2)`: for
#' few data that band is narrower, for 50 observations by a twentieth.
#' With other distributions draw new observations: `vignette("models")` does so.
#'
#' There is no `predict()` for a fit, as only you know what in `fn` is the expected value: write it as `f`.
#'
#' @section At a bound:
#' A parameter at its bound is not normally distributed about its estimate, which can be off to one side only. So
#' the errors of values that depend on it are `NA`, with a warning of class `lbfgsb_warning_bound`; those of other
#' values are what they are if it is known to be there. `covariance = vcov(fit, at_bound = 0)` takes it as known for
#' all of them. Its own interval goes to the inside only: `confint(fit, method = "profile")`. So does that of a
#' function of it where you write `fn` with this function as a parameter.
#'
#' @param fit what [lbfgsb()] returned.
#' @param f a function of `par`, in the shape in which `fn` gets it, that returns one number or more. With names it names its
#'   values: `c(mean = par[["shape"]] / par[["rate"]])`. R keeps names where nobody wants them: `par["shape"] / par["rate"]` is
#'   called "shape", `par[["shape"]] / par[["rate"]]` has no name.
#' @param level the confidence level.
#' @param covariance the covariance matrix of the estimates: another, such as `vcov(fit, contributions = ...)`, or `vcov(b)` of a
#'   bootstrap `b`, may take the place of `vcov(fit)`, in its order, or with the names of the parameters, in any order.
#' @param interval what `lower` and `upper` enclose: the expected value, or a new observation of weight 1 where `fn` is a sum
#'   of squares, as in [predict.lm()]. `se` is that of the expected value.
#' @param ... nothing: an error says how `f` gets further arguments, as `x` by `function(par) f(par, x)`.
#' @return A data frame with one row per value of `f`, named as these are, and the columns `estimate`, `se`,
#'   `lower` and `upper`; its attribute `"covariance"` is \eqn{J V J^T}{J V J'}.
#' @seealso [confint.lbfgsb()]; [lbfgsb_boot()], if the function is far from straight within the error of the
#'   estimates.
#' @examples
#' nll <- function(par) -sum(dgamma(cars$speed, par["shape"], par["rate"], log = TRUE))
#' fit <- lbfgsb(c(shape = 2, rate = 0.2), nll, lower = 1e-6, control = list(fn_is = "negloglik"))
#' moments <- function(par) c(mean = par[["shape"]], sd = sqrt(par[["shape"]])) / par[["rate"]]
#' lbfgsb_delta(fit, moments)
#'
#' # A regression line: its confidence band, and the prediction band of a new observation.
#' line <- function(par, speed) par[["a"]] + par[["b"]] * speed
#' squares <- function(par) sum((cars$dist - line(par, cars$speed))^2)
#' fit <- lbfgsb(c(a = 0, b = 1), squares, control = list(fn_is = "squares", nobs = 50))
#' at <- c(5, 10, 20)
#' lbfgsb_delta(fit, function(par) line(par, at))
#' lbfgsb_delta(fit, function(par) line(par, at), interval = "prediction")
#' @export
lbfgsb_delta <- function(fit, f, level = 0.95, covariance = vcov(fit), interval = c("confidence", "prediction"), ...) {
  fit <- as_fit(fit)
  refuse_other_than_fit(fit, of_boot = "give lbfgsb_delta(b$fit, f, covariance = vcov(b)), where b is the bootstrap")
  if (!is.function(f)) {
    stop(lbfgsb_error_argument("f", "must be a function, as function(par) par[[1]]^2, not ", kind_of(f)))
  }
  further <- c(if (!is.character(interval)) substitute(interval), as.list(substitute(list(...)))[-1])
  if (length(further) > 0) refuse_further(f, substitute(f), further)
  check_level(level, if (length(formals(f)) > 1) suggest_wrapper(substitute(f), written(substitute(level))))
  scatter <- scatter_in(fit, choose_one(interval, c("confidence", "prediction"), "interval"))
  estimate <- f(fit$par)
  check_estimate(estimate, f, fit$par)
  covariance <- ordered_covariance(covariance, fit)
  values <- function(par) as_long(as.vector(f(par)), estimate)
  jacobian <- jacobian_at(fit, values, sqrt(diag(covariance)))
  unknown <- which(is.na(diag(covariance)))
  depends <- jacobian[, unknown, drop = FALSE] != 0 | moves_with(fit, values, unknown)
  of_f <- propagate(jacobian, covariance, depends)
  warn_of_bound(unknown[colSums(depends) > 0], fit$par)
  se <- sqrt(diag(of_f))
  reach <- cutoff_at(level, fit) * sqrt(se^2 + scatter)
  labels <- make.unique(labels_of(estimate))
  table <- data.frame(estimate = as.vector(estimate), se, lower = as.vector(estimate) - reach,
                      upper = as.vector(estimate) + reach, row.names = labels)
  structure(table, covariance = structure(of_f, dimnames = list(labels, labels)))
}

# scatter_in() = sigma^2, the variance of a new observation about its expected value; 0 about the expected value itself.
scatter_in <- function(fit, interval) {
  if (interval == "confidence") return(0)
  if (kind_of_fn(fit) != "squares") {
    stop(lbfgsb_error_argument("interval", "is \"prediction\", which needs control$fn_is = \"squares\": in a likelihood, the ",
                               "scatter of an observation is up to `fn`, see \"A prediction band\" in ?lbfgsb_delta"))
  }
  sigma(fit)^2
}

# Refuses what is in `...`, `further` in code: it says how `f` gets that, if `f` takes more than par, or what is meant.
refuse_further <- function(f, code_of_f, further) {
  name <- names(further)[1] %||% ""
  arguments <- names(formals(f))
  takes <- "..." %in% arguments || any(startsWith(arguments, name))
  if (!takes) refuse_ignored(further, "lbfgsb_delta", c("f", "level", "covariance", "interval"))
  given <- paste0(if (nzchar(name)) paste(name, "= "), written(further[[1]]))
  stop(lbfgsb_error_argument(if (nzchar(name)) name else "...", "is not known to lbfgsb_delta()",
                             suggest_wrapper(code_of_f, given)))
}

# suggest_wrapper(quote(mm), "xx") = "; for a further argument of `f` write function(par) mm(par, xx)"
suggest_wrapper <- function(f, given) {
  paste0("; for a further argument of `f` write function(par) ", if (is.name(f)) written(f) else "f", "(par, ", given, ")")
}

# Refuses what f returned where it is not finite numbers, and says what f asks for that `par` does not have, if
# that may be why.
check_estimate <- function(estimate, f, par) {
  refuse <- function(...) stop(lbfgsb_error_argument("f", "must return ", ..., describe_asked(f, par, "f")))
  if (is.list(estimate)) refuse("numbers, not a list (`[[` and `$` take an element of one)")
  if (!is.numeric(estimate) || length(estimate) == 0) refuse("numbers, not ", kind_of(estimate))
  wrong <- !is.finite(estimate)
  if (any(wrong)) refuse("finite numbers at the estimate, not ", enumerate(estimate[wrong]))
}

# Refuses what f returned beside the estimate where it has another length.
as_long <- function(values, estimate) {
  if (length(values) == length(estimate)) return(values)
  stop(lbfgsb_error_argument("f", "must return as many numbers everywhere, not ", length(estimate), " at the estimate and ",
                             length(values), " beside it"))
}

# moves_with() = whether a value of f (row) is another one where one of these elements of par (column) is a tenth of its size
# off its bound: its derivative at the bound may be 0, as that of a variance by its root at 0.
moves_with <- function(fit, f, elements) {
  problem <- problem_of(fit)
  par <- problem$par
  par[] <- flat_par(fit)
  steps <- sizes_in(fit) / 10 * ifelse(as.vector(par) < problem$upper, 1, -1)
  values <- f(in_shape(par))
  moves <- vapply(elements, function(i) {
    moved <- f(in_shape(onto_box(replace(par, i, par[i] + steps[i]), problem)))
    is.na(moved) | moved != values
  }, logical(length(values)))
  matrix(moves, length(values), length(elements))
}

# Warns where values depend on these parameters, whose variance is NA, as they are at a bound.
warn_of_bound <- function(elements, par) {
  if (length(elements) == 0) return()
  them <- if (length(elements) == 1) "it" else "them"
  warning(lbfgsb_warning_bound(elements, labels_of(flat_numbers(par), elements), "normal theory does not hold, so ",
                               "what depends on ", them, " has no standard error: see \"At a bound\" in ?lbfgsb_delta"))
}

# propagate(J, V) = J V J', where V may be NA for parameters on which no value, a row of J, `depends`; NA for those that do.
propagate <- function(J, V, depends) {
  unknown <- which(is.na(diag(V)))
  V[unknown, ] <- V[, unknown] <- 0
  covariance <- J %*% V %*% t(J)
  of_unknown <- rowSums(depends) > 0
  covariance[of_unknown, ] <- covariance[, of_unknown] <- NA
  covariance
}
