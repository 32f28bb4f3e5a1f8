#' In the place of optim()
#'
#' Takes what [stats::optim()] takes, reads it as `optim()` does, and answers as it does. A package that calls
#' `optim(method = "L-BFGS-B")` changes one line, its import:
#' `optim <- lbfgsb::lbfgsb_optim`. Any other `method`, the default among them, is left to `optim()` itself, and the answer
#' then has no attribute `"fit"`. For code of your own, [lbfgsb()] says more and checks more.
#'
#' @section What is read as optim() reads it:
#' - `method`: by default Nelder-Mead. Bounds switch to L-BFGS-B, with optim's warning. Only L-BFGS-B is done
#'   here; the other methods, and a `par` without elements, go to `stats::optim()` itself.
#' - `par`: numbers, or a list of them. `fn` and `gr` get a plain vector with its names.
#' - `lower`, `upper`: recycled to the length of `par`; their names mean nothing. `NA`, and an infinity of the
#'   wrong sign, is no bound. A start outside is moved onto the box without a word.
#' - `control`: a list or a named vector, with optim's names and defaults: `maxit` 100 (one more iteration is
#'   made, as by `optim()`), `pgtol` 0, `lmm` 5. It warns where `optim()` does.
#' - `...`: all of it goes to `fn` and `gr`, also arguments that `lbfgsb()` itself has, such as `fixed`.
#' - the value of `fn` and `gr`: whatever becomes a number.
#' - the rule by which a run has converged: the published one, which is optim's. [lbfgsb()] asks for more
#'   evidence: see `confirm` in [lbfgsb_control()].
#' - `hessian`: [stats::optimHess()] computes it, with optim's steps and so also outside the box. Where `fn` fails there,
#'   [lbfgsb_last()] has the run, which has finished.
#'
#' @section What is different:
#' - `fn` may return a value that is not finite: the step is then shortened. At the start it is an error, as by
#'   `optim()`. Where `optim()` stops with the error that it "needs finite values of 'fn'", `convergence` is 52 and
#'   these are the words of `message` if such values keep the run from its minimum: `par` is the best point found.
#' - Where there is no `gr`, central differences have steps relative to the size of the parameter, unless
#'   `control$ndeps` gives the steps. An attribute `"gradient"` of the value is used if
#'   it has a number for each parameter.
#' - Where `control` has no `parscale`, the parameters' scales are found: see [lbfgsb_control()]. With scales of 1
#'   the published rule ends too early where parameters differ in size. `parscale = 1` is optim's.
#' - `counts` are evaluations of value and gradient together, as optim's are. They leave out those for
#'   differences.
#' - Bounds that contradict each other are an error; `optim()` returns a value that is none.
#'
#' @param par,fn,gr,...,method,lower,upper,control,hessian as for [stats::optim()].
#' @return A plain list with the elements of optim's: `par`, `value`, `counts`, `convergence`, `message` and, if
#'   asked for, `hessian`. `convergence` is 0, 1 or 52, and `message` one of optim's own. The attribute
#'   `"fit"` is the fit of [lbfgsb()], which prints in a line or two here: `summary()` shows all.
#' @section Errors and warnings:
#' The warnings that `optim()` gives have its words and the class `lbfgsb_warning_optim`. Errors are those of
#' [lbfgsb()]: see [lbfgsb_conditions].
#' @seealso [lbfgsb()]; `vignette("coming-from")`.
#' @examples
#' rosenbrock <- function(x) 100 * (x[2] - x[1]^2)^2 + (1 - x[1])^2
#' answer <- lbfgsb_optim(c(-1.2, 1), rosenbrock, method = "L-BFGS-B")
#' answer[c("par", "value", "convergence", "message")]
#' summary(attr(answer, "fit"))
#'
#' # For a package: in its code, instead of importFrom(stats, optim).
#' optim <- lbfgsb_optim
#'
#' # For one that only suggests this package: each call asks whether it is there.
#' optim <- function(...) {
#'   if (requireNamespace("lbfgsb", quietly = TRUE)) lbfgsb::lbfgsb_optim(...) else stats::optim(...)
#' }
#'
#' # In a function of an installed package, whatever method it asks for.
#' with_lbfgsb <- function(f) {
#'   optim <- function(..., method) lbfgsb_optim(..., method = "L-BFGS-B")
#'   environment(f) <- list2env(list(optim = optim), parent = environment(f))
#'   f
#' }
#' with_lbfgsb(arima)(lh, order = c(3, 0, 0))
#' @export
lbfgsb_optim <- function(par, fn, gr = NULL, ...,
                         method = c("Nelder-Mead", "BFGS", "CG", "L-BFGS-B", "SANN", "Brent"),
                         lower = -Inf, upper = Inf, control = list(), hessian = FALSE) {
  method <- method_for_bounds(match.arg(method), lower, upper)
  if (method != "L-BFGS-B" || length(par) == 0) {
    return(optim(par = par, fn = fn, gr = gr, ..., method = method, lower = lower, upper = upper,
                 control = control, hessian = hessian))
  }
  par <- as_numbers(par)
  control <- read_optim_control(control)
  fit <- minimize_as_optim(
    par, lower, upper, control,
    fn = function(par) as_optim_value(fn(par, ...), length(par)),
    gr = if (!is.null(gr)) function(par) as.double(gr(par, ...))
  )
  answer <- answer_of_optim(doubt_edge(fit, control), par, control)
  if (hessian) {
    scales <- control[names(control) %in% c("fnscale", "parscale", "ndeps")]
    answer$hessian <- after_run(fit, optimHess(par = answer$par, fn = fn, gr = gr, ..., control = scales))
  }
  answer
}

# Evaluates `step` after the run of a fit, which a condition that ends it carries.
after_run <- function(fit, step) if (is.null(fit$state)) step else carrying(read_state(fit), fit$objective, step)

# ---- What optim() takes --------------------------------------------------------------------------

method_for_bounds <- function(method, lower, upper) {
  bounded <- any(lower > -Inf) || any(upper < Inf)
  if (!bounded || method %in% c("L-BFGS-B", "Brent")) return(method)
  warning(lbfgsb_warning_optim("bounds can only be used with method L-BFGS-B (or Brent)"))
  "L-BFGS-B"
}

# Makes a vector of a list, which keeps its names only; a vector keeps all attributes.
as_numbers <- function(par) {
  if (is.list(par)) return(structure(as.double(par), names = names(par)))
  storage.mode(par) <- "double"
  par
}

# Of L-BFGS-B, and what the other methods have: these are known, but without a meaning.
optim_defaults <- list(trace = 0, fnscale = 1, maxit = 100, REPORT = 10, lmm = 5, factr = 1e7, pgtol = 0)
optim_others <- c("parscale", "ndeps", "abstol", "reltol", "alpha", "beta", "gamma", "warn.1d.NelderMead",
                  "type", "tmax", "temp")

# Makes of a list or a named vector a list, with the defaults of what it does not name.
read_optim_control <- function(control) {
  options <- replace(optim_defaults, names(control), control)
  unknown <- setdiff(names(control), c(names(optim_defaults), optim_others))
  if (length(unknown) > 0) {
    warning(lbfgsb_warning_optim("unknown names in control: ", paste(unknown, collapse = ", ")))
  }
  if (options$trace < 0) {
    warning(lbfgsb_warning_optim("read the documentation for 'trace' more carefully"))
  }
  if (any(c("reltol", "abstol") %in% names(control))) {
    warning(lbfgsb_warning_optim("method L-BFGS-B uses 'factr' (and 'pgtol') instead of ",
                                 "'reltol' and 'abstol'"))
  }
  options
}

# Returns the published method, as optim() has it but for the scales, in the options of lbfgsb().
as_own_control <- function(control) {
  own <- control[names(control) %in% c("fnscale", "parscale", "ndeps", "factr", "pgtol", "REPORT")]
  own <- lapply(own, unname) # optim() takes all by position
  if (!is.null(own$REPORT)) own$REPORT <- trunc(own$REPORT)
  if (!is.null(own$pgtol)) own$pgtol <- pmax(own$pgtol, 0)
  published <- list(confirm = FALSE, gradient = "central", noise = 0)
  replace(published, c(names(own), "m", "maxit", "trace"),
          c(own, list(control$lmm, max(trunc(control$maxit), 0) + 1, max(control$trace, 0))))
}

optim_bound <- function(bound, n, none) {
  bound <- as.double(rep_len(bound, n))
  replace(bound, !is.finite(bound), none)
}

# Makes a plain number of a value if it is one, with the gradient if that is one.
as_optim_value <- function(value, n) {
  gradient <- attr(value, "gradient", exact = TRUE)
  if (length(value) == 1) value <- as.double(value)
  if (is.numeric(gradient) && length(gradient) == n) attr(value, "gradient") <- gradient
  value
}

minimize_as_optim <- function(par, lower, upper, control, fn, gr) {
  n <- length(par)
  box <- list(lower = optim_bound(lower, n, -Inf), upper = optim_bound(upper, n, Inf))
  check_bounds(box$lower, box$upper, par)
  start <- structure(as.double(par), names = names(par))
  lbfgsb(onto_box(start, box), fn, gr, lower = box$lower, upper = box$upper, control = as_own_control(control))
}

# ---- The edge of where fn is finite --------------------------------------------------------------

# The published rule asks how much the last step has gained, and a step that had to be shortened for values that are not
# finite gains little: that is no sign of a minimum.

# Takes the claim of convergence back if such values keep the run from going on.
doubt_edge <- function(fit, control) {
  met_some <- fit$convergence == 0L && fit$nonfinite > 0L && fit$pgnorm > control$pgtol
  if (!met_some || !ends_at_edge(fit, control)) return(fit)
  fit <- take_back(fit, "values of fn that are not finite are in the way")
  fit$message <- paste(fit$message, failure_causes[["edge"]], sep = "; ")
  fit
}

# Tells whether downhill, along d, fn is not finite where its slope promises a thousand times the reduction that the rule
# asks for, and nowhere has risen.
ends_at_edge <- function(fit, control) {
  record <- recording(fit$objective, guard = or_nan)
  sign <- sign(control$fnscale)
  d <- feasible_descent(fit$par, sign * fit$gradient, record$problem)
  t <- 2^-(0:33)
  values <- vapply(t, function(t) value_along(record, fit$par, d, t), 0)
  least <- max(control$factr, 1) * .Machine$double.eps * max(abs(fit$value), abs(control$fnscale))
  promises <- t * abs(sum(fit$gradient * d)) > 1000 * least
  any(promises & !is.finite(values)) && !any(sign * values > sign * fit$value & is.finite(values))
}

# ---- What optim() answers ------------------------------------------------------------------------

answer_of_optim <- function(fit, par, control) {
  par[] <- fit$par
  answer <- list(par = par, value = fit$value, counts = rep(fit$counts["gradient"], 2))
  names(answer$counts) <- names(fit$counts)
  class(fit) <- c("lbfgsb_attribute", class(fit))
  structure(c(answer, verdict_of_optim(fit, control)), fit = fit)
}

# Returns convergence and message.
verdict_of_optim <- function(fit, control) {
  if (fit$convergence == 0L && fit$pgnorm <= control$pgtol) {
    list(convergence = 0L, message = "CONVERGENCE: NORM OF PROJECTED GRADIENT <= PGTOL")
  } else if (fit$convergence == 0L) {
    list(convergence = 0L, message = "CONVERGENCE: REL_REDUCTION_OF_F <= FACTR*EPSMCH")
  } else if (fit$convergence == 1L) {
    list(convergence = 1L, message = "NEW_X")
  } else if (grepl(failure_causes[["edge"]], fit$message, fixed = TRUE)) {
    list(convergence = 52L, message = "ERROR: L-BFGS-B needs finite values of 'fn'")
  } else {
    list(convergence = 52L, message = "ERROR: ABNORMAL_TERMINATION_IN_LNSRCH")
  }
}

# R prints the attributes of a list with it.
#' @export
print.lbfgsb_attribute <- function(x, ...) {
  writeLines(strwrap(paste0("A fit of lbfgsb(), which summary() shows: ", sub(";.*", "", x$message))))
  invisible(x)
}
