#' Minimize a smooth function under bounds
#'
#' Finds a local minimum of a smooth function of `par`, each element of which may have a lower and an upper
#' bound. The method is L-BFGS-B, version 3.0, a limited-memory quasi-Newton method for one to millions of
#' parameters. The arguments are those of [stats::optim()], and the result has the fields of optim's, and more.
#'
#' @section The objective:
#' `fn(par, ...)` returns one number, `gr(par, ...)` a vector of the length of `par` with the
#' derivatives: in the order of `par`, or, if they have its names, in any order; other names are ignored. The names
#' of a matrix are those of its rows and columns. `par` reaches both with the names and dimensions it has in the call,
#' and is always inside the box. What they return may be of the package Matrix.
#'
#' `fn` may also return the gradient itself, so that nothing is computed twice: as the attribute `"gradient"` of
#' the value, as for [stats::nlm()] and from [stats::deriv()] (the sum of a vector takes the sums of its columns: see the
#' examples), or as `list(value = , gradient = )`. If there is
#' a `gr`, that is used instead. A list or value without `gradient`, but with a `grad`, `gr`, `jac`, `jacobian`,
#' `deriv` or `derivative`, is an error, as the name is probably wrong.
#'
#' Pass the data as arguments, as in `lbfgsb(par, fn, y = y)`: they are kept with the fit. A variable that `fn` reads from
#' elsewhere is not. What evaluates `fn` after the fit, as [vcov()][vcov.lbfgsb], needs it as it was: where `fn` at the
#' estimate is another number by then, that is an error of class `lbfgsb_error_changed`.
#'
#' Where `fn` is not defined, `fn` or `gr` may return `NA`, `NaN` or an infinite value: the run then takes a
#' shorter step. Only at the start this is an error.
#'
#' @section Without a gradient:
#' Where neither `gr` nor `fn` delivers a gradient it is computed by differences of `fn`, as
#' `control$gradient` says:
#'
#' | `gradient` | evaluations per parameter | relative error, about |
#' |------------|---------------------------|-----------------------|
#' | `"auto"`, the default | 1, at the end 2 | 1e-10 at the end |
#' | `"forward"` | 1 | 1e-8 |
#' | `"central"` | 2 | 1e-10 |
#' | `"richardson"` | 6 | 1e-12 |
#' | `"complex"` | 1, complex | 1e-16 |
#' | `"rtmb"` | none | 1e-16 |
#'
#' The step is `epsilon^(1/p)` times the larger of `abs(par)` and a part of `parscale`: \eqn{p} is 2 for
#' `"forward"`, 3 for `"central"` and 5 for `"richardson"`, and the part a thousandth, for `"richardson"` a
#' tenth. Steps of `"auto"` depend on the curvature, too. Here `epsilon` is `.Machine$double.eps`, or
#' `control$noise` if that is a larger number. If the box has no room on one side, or `fn` is not finite there,
#' points on the other side are used. A fixed parameter has gradient 0 and costs nothing. `counts` includes all
#' these evaluations.
#'
#' `"auto"` takes forward differences as long as these are good enough: until an iteration gains hardly more
#' than their error may hide. Before the run ends, it checks them by central differences at the same point, if
#' they are not good enough to be sure. If the two do not agree, it goes on with central differences. At a trial
#' whose value is too high it takes one difference, along the step, instead of a gradient.
#'
#' `fn` may be noisy: the result of a simulation with a fixed seed, of an integral or an inner iteration to a
#' tolerance, or of rounding. `"auto"` measures the noise when there is a sign of it: no difference at the start
#' is above its rounding, a search fails again and again, or forward and central differences disagree (Moré and
#' Wild 2011). Then steps are wider, the run does not wait for decreases below the noise, and `message` says how
#' large the noise is. If you know it, say so by `control$noise`.
#'
#' The errors in the table are those of an `fn` that is computed to full accuracy. They are larger if a large
#' part of `fn` is constant. Where `par` is near 0 beside `parscale` they are up to 1000 times as large, with
#' `"richardson"` up to 10 times. Use
#' - `"richardson"` if a run stalls or stops early, or if the last digits
#'   count;
#' - `"complex"`, which is as exact as a gradient by hand, if `fn` is made of arithmetic and functions for
#'   complex numbers, such as `exp()`, `sqrt()` and `%*%`, but not `abs()`, `max()` or `dnorm()`. Two more
#'   evaluations at the start check that;
#' - `"forward"` if evaluations take long and a few digits are enough: close to a solution its error hides the
#'   gradient.
#'
#' `"rtmb"` needs the package RTMB, which calls `fn` once, records the computation on a tape, and gets the
#' derivatives from that: a gradient costs about as much as one call of `fn`, however many parameters there are.
#' `fn` must be made of arithmetic, linear algebra and densities such as `dnorm()`, on its parameters alone;
#' RTMB refuses an `if` on a parameter, and elements set in a plain vector. The tape is compared with `fn` at
#' every point, and with a difference of `fn` in one direction at the start and now and then. If RTMB refuses,
#' or the tape disagrees, there is a warning of class `lbfgsb_warning_tape`, and the run goes on by differences
#' from where it is. [lbfgsb_hessian()], [vcov()][vcov.lbfgsb] and [profile()][profile.lbfgsb] use the tape too.
#' A resumed run makes it anew, at the same start.
#'
#' Two kinds of parameters need care. If one may be 0 and its typical size is below 1e-6 or above 1e3, give that
#' size, `control$parscale`. If one is large beside its typical changes, as a time in seconds since 1970, count
#' it from a nearer origin, or give the steps, `control$ndeps`.
#'
#' @section Bounds:
#' `lower` and `upper` have length 1 or that of `par`, or they have names, in any order, and hold
#' for all elements of `par` so named: `lower = c(sigma = 0)`. Elements without names are called as [coef()] calls
#' them: `c("[2]" = 0)`, in a matrix `c("[age,b]" = 0)`; a matrix of bounds for one of parameters is matched by the names of
#' its rows and columns. If `par` is a list, these names begin with the component's,
#' `c("M[age,b]" = 0)`, or the bounds may be lists for some of its components, at every depth by name:
#' `lower = list(beta = c(age = 0))` where `par` is `list(beta = c(one = 0, age = 1), sigma = 1)`. Within a component
#' the names are its own, `list(M = c("[age,b]" = 0))`, or those of the whole. A list takes these by themselves, too:
#' `list(beta.age = 0)`.
#'
#' `fixed = c(sigma = 1)` keeps a parameter at a value, which must lie within its bounds; the start's own value
#' is ignored. A name that several parameters share is an error there, and so it is in bounds where `par` is a list:
#' where that is `list(a = 1:2, a1 = 3)`, name the component in a list, `lower = list(a1 = 0)`. A parameter with
#' `lower == upper` is fixed too. If `fn` itself has an argument `fixed`, set that in a function of your own: `function(par) fn(par, fixed = )`.
#'
#' A start outside of the box is moved onto it, with a warning. `fn` is never evaluated outside of the box, also for
#' differences and with `parscale`.
#'
#' @section Errors and warnings:
#' Wrong arguments are errors before anything is evaluated. All errors and warnings have classes: see
#' [lbfgsb_conditions]. An error in `fn` or `gr` ends the run and is passed on as it is; [lbfgsb_resume()] can
#' go on from there. `fn` may itself call `lbfgsb()`.
#'
#' @section Why a run stops:
#' `convergence` and the beginning of `message` are one of these. Only 0 claims that `par` is a solution; where the gradient
#' is 0 at the start, 0 claims no more than that. `message` goes on with the value, the projected gradient norm, how many
#' parameters are at a bound, and how many trials were not finite. After 0 it names parameters with which `fn` does not change there: those in which alone the gradient is 0, if
#' one more value of `fn` agrees.
#'
#' `r list_of_reasons()`
#' - 0: converged: any further reduction of the value would be lost in its noise
#' - 0: converged: every parameter is fixed
#' - 51: not converged: the gradient is not that of fn
#' - 51: not converged: fn is no minimum there
#'
#' The last one takes `hessian = TRUE`.
#'
#' @section A wrong gradient:
#' A gradient that you deliver, by `gr` or with `fn`, may be wrong. Where all of it is off by a factor the run
#' ends in the right place, and only standard errors are wrong; else it may end anywhere. So at the end the
#' last steps are held against it: `fn` must have changed in them as the gradient says. That takes no
#' evaluation. A parameter in which the gradient is 0, at the end as at first, takes two. Where bounds hold
#' parameters, one value a little off them tells whether `fn` rises from there as the gradient says: by an element with
#' the wrong sign the run ends at the wrong bound. If something is off by more than a twentieth, some twenty values of
#' `fn` beside `par` tell whether it is the gradient. If so there is a warning of class `lbfgsb_warning_gradient`;
#' `message` names the parameters, and
#' the two slopes; `gap` is `NA`; and `vcov()` and what is made of it repeat the warning. `convergence` is 51
#' if `fn` is not at a minimum either.
#'
#' An element that is off but hardly matters to the last steps may go unnoticed, and so may one of a run that
#' ends after a step or two: [check_gradient()] looks at each. `counts` includes these evaluations. `maxeval`
#' forbids them, but for the one off bounds, and with `confirm = FALSE` there are none.
#'
#' @section How far from the optimum:
#' `gap` says by how much `value` may be above the minimum nearby (below the maximum, where `fn` is maximized).
#' It is an estimate, not a bound, and takes no evaluation without `hessian`: the gain that one more iteration promises
#' by the model of the
#' Hessian, or, if that is more, the geometric mean of it and the last iteration's gain. It is no less than the
#' rounding of `fn`, ten times `.Machine$double.eps` of its value, or its noise. In 89 of 91 test problems
#' `value` was within ten times `gap` of the minimum (`bench/distance.R`). In the others `fn` is so flat in some
#' direction that the run has not noticed it, and there the value may be a thousand times `gap` and more above. So
#' it is with hundreds of coefficients, and with covariates that are nearly collinear. Where the run has not
#' converged, or began so close to the minimum that it has no model of the Hessian, or the Hessian that was asked for is
#' singular, or the promise is above all that the run has gained, `gap` is `NA`. With `hessian = TRUE` it is no less than the gain that a step of Newton's method
#' promises, if `fn` keeps at least a tenth of that promise.
#'
#' `gap` is in units of `fn`. For estimates another question counts: how far are they from the minimum, in
#' standard errors? With `hessian = TRUE`, the column `newton` of [summary()][summary.lbfgsb] says so for each
#' of them.
#'
#' @param par the start: a numeric vector, matrix or array of finite numbers, or a named list of such or of
#'   such lists, which `fn` and `gr` then get, and the result has; the names of `unlist(par)` are the
#'   parameters', but for a matrix or array: `"M[2,1]"`, `"M[old,int]"`. A data frame with one row is such a list.
#' @param fn the function to be minimized, of `par` and `...`; or a [native_objective()], in compiled code.
#' @param gr its gradient, a function of `par` and `...`, or `NULL`: then `fn` delivers it, or it
#'   is computed by differences.
#' @param ... further arguments of `fn` and `gr`. Write the names of all arguments of `lbfgsb()` after `gr` in
#'   full. A name that `fn` cannot take is an error. Where `fn` has `...` it takes any name. Then a name is a warning if
#'   - it is that of an option, or nearly that of an argument of `lbfgsb()`, as `low` and `lb`,
#'   - and neither `fn` nor `gr` has it as an argument or in its code,
#'   - nor does a function that they call have it as an argument.
#' @param lower,upper bounds, in the units of `par`; `-Inf` and `Inf` where there is none: numbers, or a list
#'   of them by the names of `par`: see "Bounds" in [lbfgsb()].
#' @param control a list of options, or [lbfgsb_control()], where they are described. To maximize a
#'   log-likelihood: `list(fn_is = "loglik")`; to maximize anything else: `list(fn_is = "other", fnscale = -1)`.
#' @param hessian if `TRUE`, the Hessian of `fn` at the solution is computed too, but not if the run was stopped on
#'   request, or ended by `maxeval` or `maxtime`, as `message` then says. What the Hessian itself takes is not limited by
#'   these.
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
#'   - `convergence`: 0: converged, or the gradient is 0 at the start: look at `message`; 1: stopped by a limit or on request; 51: stalled, or, as the Hessian
#'     or values of `fn` tell, not at a minimum; 52: the line search failed, as at a kink or a steep penalty; 53: `fn`
#'     seems to fall without limit; 54: `fn` gives different values at the same parameters.
#'   - `message`: why the run stopped, in words and figures: see the section on that.
#'   - `gradient`: of `fn` at `par`, in the units of both. It is `NULL`, and `pgnorm` is `NA`, if the run was
#'     stopped before there was one, or ended where `fn` falls without limit.
#'   - `pgnorm`: the projected gradient norm, 0 at a solution: the largest of the gradient's elements, each cut off at
#'     the distance to the bound toward which `fn` falls. In symbols, \eqn{\max |P(x - g) - x|}{max |P(x - g) - x|},
#'     with the gradient \eqn{g} and the projection \eqn{P} on the box, of the scaled problem.
#'   - `gap`: how far `value` may be from the optimum: see the section on that.
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
#'     them, and so the data, with the fit; `fit$objective <- NULL` drops them. What needs no evaluation then goes by the
#'     `state`: [logLik()][logLik.lbfgsb] and [AIC()], and if the fit has its `hessian`, `vcov()`, `confint()` and the errors of
#'     `summary()`, which are then not asked whether `fn` is flat. `lbfgsb_resume(fit$state, fn)` makes it whole again.
#'   - `state`: unless it is large, see `control$keep_state`: the solver's state, for [lbfgsb_resume()] and
#'     [inverse_hessian()].
#'   - `polish`: only if asked for, by `control$polish`: the Newton steps that counted, and their gain.
#'   - `hessian`: only if asked for: see [lbfgsb_hessian()]; in the units of `fn` and `par`, `NA` for fixed
#'     parameters. The attribute `"hessian_counts"` of the list has the evaluations that it took, which `counts`
#'     does not include; the attribute `"gradient_doubt"` the warning, if there was one, that the gradient is
#'     not that of `fn`.
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
#' @seealso [lbfgsb_control()] for the options, [lbfgsb_conditions] for the errors, [print.lbfgsb()] for the methods,
#'   [confint()][confint.lbfgsb] for intervals, [lbfgsb_delta()] for predictions and other functions of the parameters
#'   with a band, [lbfgsb_multistart()] for several starts, [lbfgsb_many()] for many fits.
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
#' # The gradient by deriv(): a row for each observation. sum() drops it: its columns' sums go along.
#' residual <- deriv(~ (rate - Vm * conc / (K + conc))^2, c("Vm", "K"),
#'                   function(Vm, K, conc, rate) NULL)
#' squares <- function(par, data) {
#'   v <- residual(par["Vm"], par["K"], data$conc, data$rate)
#'   structure(sum(v), gradient = colSums(attr(v, "gradient")))
#' }
#' lbfgsb(c(Vm = 200, K = 0.1), squares, data = Puromycin, control = list(fn_is = "squares"))
#'
#' # One function for value and gradient, a thousand parameters.
#' quadratic <- function(x) list(value = sum((x - 1:1000)^2), gradient = 2 * (x - 1:1000))
#' table(lbfgsb(rep(100, 1000), quadratic, lower = 50, upper = 500)$bounds)
#' @export
lbfgsb <- function(par, fn, gr = NULL, ..., lower = -Inf, upper = Inf, control = list(),
                   hessian = FALSE, method = "L-BFGS-B", fixed = NULL) {
  if (missing(par)) refuse_missing("par", "the start", ...names())
  if (missing(fn)) refuse_missing("fn", "the function", ...names())
  call <- sys.call()
  if (check_call(fn, gr, hessian) > 1) refuse_own(fn, call)
  if (!is_plain_call(call)) call <- NULL
  if (!missing(method)) check_method(method)
  if (...length() > 0) check_dots(...names(), fn, gr)
  if (!is.null(names(par))) check_separate(fn, names(par), ...names() %||% rep("", ...length()), substitute(fn))
  if (is.list(par) || !is.null(fixed)) {
    if (!is.null(fixed)) refuse_own_fixed(fn, gr)
    par <- as_start(par)
    at <- flat_problem(par, lower, upper, fixed)
    state <- begin_state(at$par, at$lower, at$upper, control)
    return(reshape_fit(complete(state, flat_fn(fn, par), flat_gr(gr, par), frame = environment(), hessian)))
  }
  complete(begin_state(par, lower, upper, control), fn, gr, frame = environment(), hessian)
}

# Tells whether a call is as somebody wrote it, not with all the data in it, as by do.call().
is_plain_call <- function(call) {
  for (i in seq_along(call)) {
    if (is.function(call[[i]]) || (!is.language(call[[i]]) && length(call[[i]]) > 1)) return(FALSE)
  }
  TRUE
}

# Names an argument as other optimizers call it, if the call has one.
refuse_missing <- function(argument, what, given) {
  ours <- c(start = "par", x0 = "par", objective = "fn", eval_f = "fn")
  theirs <- intersect(names(ours), given)
  stop(lbfgsb_error_argument(argument, "is missing: give ", what, ", as in lbfgsb(par, fn)",
                             if (length(theirs) > 0) paste0("; what you call `", theirs[1], "` is `", ours[theirs[1]], "` here")))
}

# Runs a state to its end, and makes the fit of it, whose objective keeps `frame`, where `...` is found.
complete <- function(state, fn, gr, frame, hessian = FALSE, tape = NULL) {
  if (is.object(fn) || !is.null(attr(fn, "own")) || is.object(state$control$cluster)) state <- over_its_shards(state, fn)
  objective <- new_objective(fn, gr, state$problem, state$control, frame, tape)
  end <- run_state(state, objective)
  objective <- with_findings(objective, state)
  fit <- new_lbfgsb(state, objective, end$gradient)
  if (hessian) {
    ended <- .Call(C_status, state$run)
    if (ended %in% names(cost_limits)) fit <- without_hessian(fit, cost_limits[[ended]])
    hessian <- !ended %in% c("stopped", names(cost_limits))
  }
  if (hessian || !is.null(end)) {
    fit <- carrying(state, objective, look_closer(fit, objective, hessian, end))
  }
  fit
}

# The options that limit what a run may cost, by the names of the reasons.
cost_limits <- c(evaluation_limit = "maxeval", time_limit = "maxtime")

# Says that a Hessian would exceed the limit.
without_hessian <- function(fit, limit) {
  fit$message <- paste0(fit$message, "; no Hessian yet, as `", limit, "` is used up")
  fit
}

# Returns the fit with what is evaluated after a run, as far as `fn` does not ask to stop. `end`: see run_state().
look_closer <- function(fit, objective, hessian, end) {
  tryCatch({
    if (isTRUE(end$steps)) fit <- tell_steps(fit)
    if (has_failed(fit)) fit <- explain_failure(fit)
    if (!is.null(end$suspects)) fit <- doubt_gradient(fit, end$suspects) else fit <- tell_plateau(fit, end$level)
    if (objective$control$polish && (fit$convergence == 0L || has_failed(fit))) fit <- polish(fit, objective)
    if (hessian) {
      found <- hessian_at(objective, fit)
      fit$hessian <- found$hessian
      attributes(fit)[c("hessian_counts", "gradient_doubt")] <- found[c("counts", "doubt")]
      fit <- measure_gap(doubt_minimum(fit, objective))
    }
  }, lbfgsb_stop = function(condition) NULL)
  fit
}
