#' Minimize a smooth function under bounds
#'
#' Finds a local minimum of a smooth function of `par`, each element of which may have a lower and
#' an upper bound, by the limited-memory quasi-Newton method L-BFGS-B, version 3.0. It takes one to
#' millions of parameters, is called as [stats::optim()] is, and returns what `optim()` returns and
#' more.
#'
#' @section The objective:
#' `fn(par, ...)` returns one number, `gr(par, ...)` a vector of the length of `par` with the
#' derivatives: in the order of `par`, or, if they have its names, in any order. `par` reaches both with the
#' names and dimensions it has in the call, and is always inside the box.
#'
#' `fn` may deliver the gradient itself and nothing is then evaluated twice: as the attribute
#' `"gradient"` of the value, as for [stats::nlm()] and from [stats::deriv()], or by returning
#' `list(value = , gradient = )`. A gradient so delivered is ignored where there is a `gr`; a list
#' without `gradient` is a value without one, but if it has a `grad`, `gr`, `jac`, `jacobian`, `deriv` or
#' `derivative` instead, that is an error, and so is such an attribute.
#'
#' Where `fn` is not defined, `fn` or `gr` may return `NA`, `NaN` or an infinite value: the step is
#' then shortened, except at the start, where this is an error.
#'
#' @section Without a gradient:
#' Where neither `gr` nor `fn` delivers a gradient it is computed by differences of `fn`, as
#' `control$gradient` says:
#'
#' | `gradient` | evaluations a parameter | step | error, relative, about |
#' |------------|-------------------------|------|------------------------|
#' | `"auto"`, the default | 1, at the end 2 | by the curvature | at the end 1e-10 |
#' | `"forward"` | 1 | `epsilon^(1/2) * max(abs(par), parscale / 1000)` | 1e-8 |
#' | `"central"` | 2 | `epsilon^(1/3) * max(abs(par), parscale / 1000)` | 1e-10 |
#' | `"richardson"` | 6 | `epsilon^(1/5) * max(abs(par), parscale / 10)` | 1e-12 |
#' | `"complex"` | 1, complex | | 1e-16 |
#' | `"rtmb"` | none | | 1e-16 |
#'
#' `epsilon` is `.Machine$double.eps`, or `control$noise` if that is a larger number. If the box has no room on
#' one side, or `fn` is not finite there, points on the other side are used. A fixed parameter has gradient 0
#' and costs nothing. `counts` includes all these evaluations.
#'
#' `"auto"` takes forward differences, with steps by what the run has learned of the curvature, as long as these
#' are enough: until an iteration gains hardly more than their error may hide. The run does not end on their
#' word, unless that holds for every gradient within their error: it takes central differences at the same
#' point first, and goes on with these if they do not agree. At a trial whose value is too high it takes one
#' difference, along the step, instead of a gradient.
#'
#' `fn` may be noisy: the result of a simulation with a fixed seed, of an integral or an inner iteration to a
#' tolerance, or of rounding. `"auto"` measures the noise where it shows: when no difference at the start is
#' above its rounding, when a search fails again and again, and when forward and central differences disagree
#' (Moré and Wild 2011). Then steps are wider, decreases below the noise are not waited for, and `message` names
#' it. If you know it say so by `control$noise`.
#'
#' The errors are those for an `fn` of the size of its changes, computed to full accuracy; they grow with the
#' part of `fn` that does not change, and where `par` is near 0 beside `parscale` by up to 1000, `"richardson"`
#' by up to 10. Take `"richardson"` if a run stalls or stops early, if `fn` has a large constant part, or if the
#' last digits count; `"complex"`, which is as good as a gradient in formulas, if `fn` is made of arithmetic and
#' functions that know complex numbers, as `exp()`, `sqrt()` and `%*%` do, but not `abs()`, `max()` or `dnorm()`
#' (two evaluations more at the start show whether it does); `"forward"` if evaluations take long and a few
#' digits are enough: close to a solution its error hides the gradient.
#'
#' `"rtmb"` needs the package RTMB, which calls `fn` once to record on a tape what it computes, and knows its
#' derivatives from then on: a gradient costs about as much as one call of `fn`, however many parameters there
#' are. `fn` has to be made of arithmetic, linear algebra and densities such as `dnorm()`, on its parameters
#' alone; RTMB refuses an `if` on a parameter, and elements set in a plain vector. The tape is compared with
#' `fn` at every point, and with a difference of `fn` in one direction at the start and now and then. Where RTMB
#' refuses, or the tape disagrees, there is a warning of class `lbfgsb_warning_tape`, and the run goes on by
#' differences from where it is. [lbfgsb_hessian()], [vcov()][vcov.lbfgsb] and [profile()][profile.lbfgsb] use
#' the tape too. A resumed run makes it anew, at the same start.
#'
#' If a parameter may be 0 and its natural scale is below 1e-6 or above 1e3, say so by
#' `control$parscale`. If it is large beside its natural scale, as a time in seconds since 1970 is,
#' measure it from a nearer origin, or give the steps by `control$ndeps`.
#'
#' @section Bounds:
#' `lower` and `upper` have length 1 or that of `par`, or they have names, in any order, and hold
#' for the elements of `par` so named: `lower = c(sigma = 0)`. If `par` is a list, they may be lists with
#' bounds for some of its components, at every depth by name: `lower = list(beta = c(age = 0))` where `par`
#' is `list(beta = c(one = 0, age = 1), sigma = 1)`.
#'
#' `fixed = c(sigma = 1)` keeps a parameter at a value: the start has it instead of its own, and both bounds
#' are this value, which has to be within the bounds given. A parameter with `lower == upper` is fixed too.
#' If `fn` has an argument `fixed` itself, give that within a function: `function(par) fn(par, fixed = )`.
#'
#' A start outside of the box is moved onto it, with a warning. No evaluation, those for
#' differences included, is outside of the box, not even by rounding, and not with `parscale`
#' either.
#'
#' @section Errors and warnings:
#' Wrong arguments are errors before anything is evaluated. All errors and warnings are classed:
#' see [lbfgsb_conditions]. An error in `fn` or `gr` ends the run and is passed on as it is, but it
#' carries the run with it, which [lbfgsb_resume()] takes up. `fn` may itself call `lbfgsb()`.
#'
#' @section Why a run stops:
#' `convergence` and the beginning of `message` are one of these. `message` goes on with the value,
#' the projected gradient norm, how many parameters are at a bound and how many trials were not
#' finite. Only 0 claims that `par` is a solution.
#'
#' `r table_of_reasons()`
#'
#' @section How far from the optimum:
#' `gap` says by how much `value` may be above the minimum that the run has found (below the maximum, with a
#' negative `fnscale`). It costs nothing: it is what the model of the Hessian promises of one more iteration, or
#' the geometric mean of that and what the last one has brought if that is more, and no less than the rounding
#' of `fn`, ten times `.Machine$double.eps` of its value, or its noise. On 91 test problems `value` was
#' within ten times `gap` in 87 (`bench/distance.R`), and beyond where in some direction `fn` is so flat that the
#' run has not noticed. `NA` where the run has not converged, as then the model says too little. With
#' `hessian = TRUE`, [summary()][summary.lbfgsb] tells for each parameter how many standard errors are left.
#'
#' @param par the start: a numeric vector, matrix or array of finite numbers, or a named list of such or of
#'   such lists, which `fn` and `gr` then get, and the result has; the names of `unlist(par)` are the
#'   parameters'. A data frame with one row is such a list.
#' @param fn the function to be minimized, of `par` and `...`; or a [native_objective()], in compiled code.
#' @param gr its gradient, a function of `par` and `...`, or `NULL`: then `fn` delivers it, or it
#'   is computed by differences.
#' @param ... further arguments of `fn` and `gr`. What follows `...` in the call of `lbfgsb()` has
#'   to be named in full. A name that is nearly one of those, and not one of `fn` or `gr`, warns.
#' @param lower,upper bounds, in the units of `par`; `-Inf` and `Inf` where there is none: numbers, or a list
#'   of them by the names of `par`. See the section on bounds.
#' @param control a list of options, or [lbfgsb_control()], where they are described.
#' @param hessian if `TRUE`, the Hessian of `fn` at the solution is computed too.
#' @param method ignored, so that calls made for `optim()` work: it may be any of the names of its
#'   methods, but whatever it says, also `"BFGS"` or `"SANN"`, the method is L-BFGS-B.
#' @param fixed parameters that are to keep a value: a vector with names, or a list, as for the bounds. They
#'   reach `fn` in `par`. See the section on bounds.
#'
#' @return A list of class `lbfgsb`; `print()`, `summary()`, `plot()` and `coef()` work on it
#'   ([print.lbfgsb()]):
#'   - `par`: the best parameters found, with the attributes of the start.
#'   - `value`: `fn(par)`.
#'   - `counts`: the evaluations: `function`, those for differences included, and `gradient`.
#'   - `convergence`: 0: converged; 1: stopped by a limit or on request; 51: stalled; 52: the line search
#'     failed; 53: `fn` falls without end.
#'   - `message`: why the run stopped, in words and figures: see the section on that.
#'   - `gradient`: of `fn` at `par`, in the units of both, whatever the scaling; `NULL` if the run was
#'     stopped before there was one, and `pgnorm` is `NA` then.
#'   - `pgnorm`: the projected gradient norm \eqn{\max |P(x - g) - x|}{max |P(x - g) - x|}, with the
#'     gradient \eqn{g} and the projection \eqn{P} on the box, of the scaled problem; 0 at a
#'     solution.
#'   - `gap`: how far `value` may be from its optimum, at most, as far as the run can tell: see the section on
#'     that.
#'   - `iterations`: how many there were.
#'   - `bounds`: a factor that says of each parameter whether it is `free`, `at lower`, `at upper`
#'     or `fixed`.
#'   - `nonfinite`: how many trial points had a value or gradient that was not finite.
#'   - `history`: a data frame with a row for the start and for each iteration: `iteration`,
#'     `evaluations` so far (without those for differences), `value`, `pgnorm`, the `step` in units
#'     of the search direction, and the number of `free` parameters.
#'   - `fval`: `value` again, under the name by which lme4 asks for it.
#'   - `objective`: an environment that holds `fn`, `gr` and the arguments in `...`, so that
#'     [vcov()][vcov.lbfgsb] and [profile()][profile.lbfgsb] can evaluate them. `saveRDS()` saves
#'     them, and so the data, with the fit; `fit$objective <- NULL` drops them.
#'   - `state`: unless it is large, see `control$keep_state`: the solver's state, for [lbfgsb_resume()] and
#'     [inverse_hessian()].
#'   - `polish`: only if asked for, by `control$polish`: the Newton steps that counted, and their gain.
#'   - `hessian`: only if asked for: see [lbfgsb_hessian()]; in the units of `fn` and `par`, `NA` for
#'     fixed parameters.
#'     The attribute `"hessian_counts"` of the list has the evaluations that it took, which `counts` does not
#'     include.
#'
#' @references
#' R. H. Byrd, P. Lu, J. Nocedal and C. Zhu (1995). A limited memory algorithm for bound
#' constrained optimization. *SIAM Journal on Scientific Computing* 16(5), 1190-1208.
#' \doi{10.1137/0916069}
#'
#' J. L. Morales and J. Nocedal (2011). Remark on "Algorithm 778: L-BFGS-B". *ACM Transactions on
#' Mathematical Software* 38(1), 7:1-7:4. \doi{10.1145/2049662.2049669}
#'
#' J. J. Moré and D. J. Thuente (1994). Line search algorithms with guaranteed sufficient decrease.
#' *ACM Transactions on Mathematical Software* 20(3), 286-307. \doi{10.1145/192115.192132}
#'
#' @seealso [lbfgsb_control()] for the options, [lbfgsb_conditions] for the errors,
#'   [print.lbfgsb()] for the methods.
#' @examples
#' # Least squares, without a gradient: the line y = m x + b.
#' x <- 0:9
#' y <- 2 * x + 3
#' squares <- function(par, x, y) sum((y - par["m"] * x - par["b"])^2)
#' lbfgsb(c(m = 0, b = 1), squares, x = x, y = y)
#'
#' # The same with m in [0, 5] and b in [5, 10].
#' lbfgsb(c(m = 0, b = 5), squares, x = x, y = y, lower = c(0, 5), upper = c(5, 10))
#'
#' # Through the point (0, 3).
#' lbfgsb(c(m = 0, b = 1), squares, x = x, y = y, fixed = c(b = 3))
#'
#' # Maximum likelihood: the normal distribution, sigma > 0, with a gradient.
#' speed <- cars$speed
#' loglik <- function(par) sum(dnorm(speed, par["mu"], par["sigma"], log = TRUE))
#' score <- function(par) {
#'   z <- (speed - par["mu"]) / par["sigma"]
#'   c(mu = sum(z), sigma = sum(z^2 - 1)) / par["sigma"]
#' }
#' fit <- lbfgsb(c(mu = 10, sigma = 1), loglik, score, lower = c(sigma = 1e-6),
#'               control = list(fn_is = "loglik"), hessian = TRUE)
#' fit
#' summary(fit)
#' confint(fit)
#'
#' # One function for value and gradient, a thousand parameters.
#' quadratic <- function(x) list(value = sum((x - 1:1000)^2), gradient = 2 * (x - 1:1000))
#' table(lbfgsb(rep(100, 1000), quadratic, lower = 50, upper = 500)$bounds)
#' @export
lbfgsb <- function(par, fn, gr = NULL, ..., lower = -Inf, upper = Inf, control = list(),
                   hessian = FALSE, method = "L-BFGS-B", fixed = NULL) {
  if (missing(par)) stop(lbfgsb_error_argument("par", "is missing"))
  if (missing(fn)) stop(lbfgsb_error_argument("fn", "is missing"))
  check_call(fn, gr, hessian)
  if (!missing(method)) check_method(method)
  if (...length() > 0) warn_of_misspelt(...names(), fn, gr)
  if (is.list(par) || !is.null(fixed)) {
    if (!is.null(fixed)) refuse_own_fixed(fn, gr)
    par <- as_start(par)
    at <- flat_problem(par, lower, upper, fixed)
    state <- begin_state(at$par, at$lower, at$upper, control)
    return(reshape_fit(complete(state, flat_fn(fn, par), flat_gr(gr, par), frame = environment(), hessian)))
  }
  complete(begin_state(par, lower, upper, control), fn, gr, frame = environment(), hessian)
}

# Runs a state to its end, and makes the fit of it, whose objective keeps `frame`, where `...` is found.
complete <- function(state, fn, gr, frame, hessian = FALSE, tape = NULL) {
  state <- over_its_shards(state, fn)
  control <- state$control
  if (!is.null(control$checkpoint)) check_checkpoint(control$checkpoint)
  if (control$gradient == "rtmb" && is.null(gr)) check_rtmb()
  objective <- new_objective(fn, gr, state$problem, control, frame, tape)
  gradient <- run_state(state, objective)
  objective <- with_findings(objective, state)
  fit <- new_lbfgsb(state, objective, gradient)
  hessian <- hessian && .Call(C_status, state$run) != "stopped"
  if (has_failed(fit) || hessian || control$polish) fit <- carrying(state, look_closer(fit, objective, hessian))
  fit
}

# Returns the fit with what is evaluated after a run, as far as `fn` does not ask to stop.
look_closer <- function(fit, objective, hessian) {
  tryCatch({
    if (has_failed(fit)) fit <- explain_failure(fit)
    if (objective$control$polish && (fit$convergence == 0L || has_failed(fit))) fit <- polish(fit, objective)
    if (hessian) {
      found <- hessian_at(objective, fit$par)
      fit$hessian <- found$hessian
      attr(fit, "hessian_counts") <- found$counts
    }
  }, lbfgsb_stop = function(condition) NULL)
  fit
}
