#' Options of the minimization
#'
#' The options of [lbfgsb()]. Pass what this returns as `control`, or a plain list with some of the names:
#'
#' | option | default | must be |
#' |--------|---------|---------|
#' | `m` | NULL | a whole number >= 1, or NULL |
#' | `factr` | 1e7 | >= 0 |
#' | `pgtol` | NULL | >= 0, or NULL |
#' | `confirm` | TRUE | TRUE or FALSE |
#' | `target` | -Inf | a number |
#' | `maxit` | 15000 | a whole number >= 0, or Inf |
#' | `maxeval` | Inf | a whole number >= 1, or Inf |
#' | `maxtime` | Inf | >= 0, in seconds |
#' | `maxls` | 20 | a whole number >= 1 |
#' | `fnscale` | 1 | not 0 |
#' | `parscale` | "auto" | > 0, or "auto" |
#' | `hessian_diag` | NULL | numbers, a function or NULL |
#' | `trace` | 0 | >= 0, TRUE or FALSE |
#' | `REPORT` | 10 | a whole number >= 1 |
#' | `callback` | NULL | a function with an argument, or NULL |
#' | `gradient` | "auto" | a method, as below |
#' | `ndeps` | NULL | > 0, or NULL |
#' | `noise` | "auto" | from 0 to 1, or "auto" |
#' | `cluster` | NULL | a cluster, "mirai", or NULL |
#' | `threads` | 1 | a whole number >= 1 |
#' | `keep_state` | NULL | TRUE, FALSE or NULL |
#' | `checkpoint` | NULL | a file's name or NULL |
#' | `checkpoint_every` | 60 | >= 0, in seconds |
#' | `fn_is` | NULL | a kind, as below, or NULL |
#' | `nobs` | NULL | a whole number >= 1, or NULL |
#' | `polish` | FALSE | TRUE or FALSE |
#'
#' A plain list, but not `lbfgsb_control()` itself, also takes names that other programs use: `lmm` (optim) and
#' `maxcor` (SciPy) for `m`; `ftol` (SciPy), which is `factr * .Machine$double.eps`; `gtol` (SciPy) for `pgtol`;
#' `maxiter` and `maxfun` (SciPy) for `maxit` and `maxeval`.
#'
#' The two tolerances, `factr` and `pgtol`, are for `fn(par) / fnscale` as a function of `par / parscale`, as in
#' [stats::optim()]. With `parscale = "auto"` they are for a function of `par` itself.
#'
#' Most users need `fn_is` and `nobs`, and if a run is slow a gradient. The defaults of the others are meant to
#' be left alone. With `confirm = FALSE`, `parscale = 1` and `m = 10` a run is the published L-BFGS-B 3.0,
#' without what the next two sections describe.
#'
#' @section Convergence:
#' A run ends as converged in one of three cases:
#' - The gradient is small: at most 1e-7 of the value, and of the largest gradient of the run. Each element is
#'   measured in units of its parameter's scale. Where the minimum is near 0, the fall of the value so far takes
#'   the value's place. Elements that push a parameter against the bound it is at do not count. If you give
#'   `pgtol`, that is the test instead.
#' - An iteration reduces the value by no more than `factr * .Machine$double.eps` times its size, and the
#'   gradient has fallen by the root of that tolerance as well.
#' - Whatever could still be gained would be lost in the rounding of the value.
#'
#' In each case the run asks for evidence. Its model of the curvature must promise no gain that counts. Then,
#' unless the case is clear, `fn` is evaluated once more, along the gradient, where the slope promises a gain of
#' 2e-7 of the value. If the value there is lower, the run goes on from it. Where a trial has the gradient 0,
#' `fn` is evaluated once beyond it. If the value is the same there, it is a plateau, and the step is shortened.
#' A step may have thrown parameters so far that `fn` no longer changes with them. Then up to 11 values on their way
#' back to the start are asked for, and the run goes on from the first that is lower, however it is run: also by
#' [lbfgsb_many()], by [lbfgsb_start()] and in C.
#' None of this depends on the units of the parameters, but what falls without limit. One thing depends on those of `fn`: a value below 1.5e-8 at the
#' start may be what rounding has left. The size of a parameter that starts at 0 is not taken from such a value where that
#' would make it tiny.
#'
#' A gradient that you deliver is evidence only if it is right. So the last steps are held against it: see "A
#' wrong gradient" in [lbfgsb()].
#'
#' A run may also end without having converged:
#' - It has stalled, `convergence` 51: three iterations in a row gained no more than rounding, there is no
#'   evidence of a minimum, and a new model of the curvature did not help.
#' - The search has failed, 52: no trial is lower, even with a new model and shorter steps.
#' - `fn` seems to fall without limit, 53: the value is `-Inf`, or below -1e10 times the larger of two numbers
#'   at the start: its absolute value there, and what the slope changes over the size of a parameter, `parscale` at least.
#'   Or it is below 0 and still falls, though one of at most 64 parameters has come to 1e24 times its start, or `parscale` if
#'   that is more.
#' - `fn` is random, 54: evaluated once more at the point where the run would end, it gives another value, off by more than
#'   1e-4 of it, and than the `noise` that you have told.
#'
#' Where a search runs out of trials, or meets a penalty, the run goes on from its lowest trial.
#'
#' With `confirm = FALSE` a run ends by the published tests: a gradient of at most `pgtol`, or a reduction of at
#' most `factr * .Machine$double.eps` times the larger of 1 and the absolute value.
#'
#' @section Scales:
#' The method is at its best where a change of 1 in any parameter matters about as much. So the run divides each
#' parameter by a scale, which it finds by itself. With a gradient none of this takes an evaluation.
#' - At the start the scale is about the smaller of `abs(par)` and `upper - lower`.
#' - Where the start is 0 and there are no bounds, the gradient at the start tells: the scale is such that the
#'   slope is that of the other parameters. If no parameter has a size, it is such that a change of 1 changes
#'   `fn` by a sixteenth of its value; of more than 8 of them, by an equal part of that. Bounds so far apart that `fn`
#'   changes by thousands of times its value between them, as 1e10 for none, count as none; so do those more than a million
#'   apart where `fn` is 0 at the start.
#' - Without a gradient a few values of `fn` beside such a start tell its second derivatives, and so the scales
#'   better; and whether a start next to 0, as 1e-10, is a size at all.
#' - Of more than 64 parameters those whose scales would differ by no more than chance, as those of random numbers do, get
#'   one scale.
#' - Where more than 8 parameters begin far apart, as at 1e-6 and 1, and their slopes are more alike than that, they are of one
#'   kind, as weights or heights, and the largest of these is the scale of all.
#' - After 5, 10, 20, 40 ... iterations scales are corrected where the run has shown them to be wrong by a
#'   factor of 8 or more. Where more than 8 of up to 64 parameters start at 0, with a gradient, some slopes are small by chance:
#'   there it is after each iteration below 40, and a factor of 2 is enough.
#'
#' So a run is the same in whatever units a parameter is, to the bit if they differ by a power of two: all
#' scales are powers of two. An exception are more than 64 parameters, and more than 8 that begin far apart: if they share a
#' scale in one set of units, they may have their own in another. The other exception is a parameter that starts at 0, without bounds. Where there is no
#' gradient, the first difference along it is in its units; where its slope is 0, or as small as the rounding of the
#' others', nothing tells its scale: if you know it, give `parscale`. Numbers for `parscale` are taken as they are.
#'
#' If you know the diagonal of the Hessian of `fn`, or its size, give it as `hessian_diag`. The scales are then
#' one over its roots, rounded to powers of two, for all of the run.
#'
#' Found scales change no option's meaning: a given `pgtol` and `ndeps`, and `pgnorm` in the result, the history
#' and the callback, are in units of the given `parscale`, 1 if there is none.
#'
#' @section Status line:
#' In an interactive session a run of more than a second without `trace` shows one line about where
#' it is, which is gone when the run ends. `options(lbfgsb.status = FALSE)` turns it off.
#'
#' @section What fn is:
#' Standard errors, intervals, tests and information criteria depend on what `fn` is. Say it once, by `fn_is`;
#' then [vcov.lbfgsb()], [confint.lbfgsb()], [logLik.lbfgsb()] and all the others go by it:
#'
#' - `"negloglik"`: `fn` is minus a log-likelihood. The covariance matrix of the estimates is
#'   \eqn{H^{-1}}{H^-1}, with the Hessian \eqn{H} of `fn`. A constant that is left out of it, as `sum(lgamma(y + 1))` of
#'   a Poisson likelihood, `logLik()`, `AIC()` and `BIC()` miss: compare them only among fits of the same `fn`. Standard
#'   errors and tests do not depend on it.
#' - `"loglik"`: a log-likelihood, which is maximized: `fnscale` is -1 unless given. \eqn{-H^{-1}}{-H^-1}.
#' - `"deviance"`: minus twice a log-likelihood. \eqn{2 H^{-1}}{2 H^-1}. The deviance of a [glm()] of the binomial or
#'   Poisson family is one but for a constant, which `logLik()`, `AIC()` and `BIC()` miss: compare them only among fits
#'   of the same deviance. Standard errors and tests do not depend on it.
#' - `"squares"`: a sum of squared residuals. It needs `nobs`. \eqn{2 s^2 H^{-1}}{2 s^2 H^-1}, where \eqn{s^2}
#'   is the value divided by `nobs` minus the number of parameters. Residuals may have weights,
#'   `sum(w * residuals^2)`, which are taken as known up to a factor, as in [lm()]: \eqn{s^2} is then the variance of an
#'   observation of weight 1. `logLik()` misses the constant `sum(log(w)) / 2`. [nls()] has the covariance matrix
#'   \eqn{s^2 (J^T J)^{-1}}{s^2 (J'J)^-1}, with the Jacobian \eqn{J} of the residuals, which leaves out their second
#'   derivatives. Both are right for many data; for few, standard errors may differ by a tenth and more. For a model
#'   that is linear in its parameters they are the same.
#' - `"other"`: none of these, as a profit, or a sum of squares with a penalty. There is no likelihood, so AIC, tests,
#'   standard errors, intervals and profiles are errors. [lbfgsb_boot()], and `vcov()` with `contributions`, need none.
#'
#' `NULL`, the default, is taken for `"negloglik"`, or for `"loglik"` where `fnscale` is negative. What
#' depends on that says so once a session, for each of the two, by a message of class `lbfgsb_message_assumed`, and
#' `summary()` says it each time. If `fn`, as it is written, ends in `sum(...^2)`, each time a warning of class
#' `lbfgsb_warning_squares` says that it is a sum of squares.
#'
#' A log-likelihood is the sum over all observations. Of their mean the standard errors are too large by the root of
#' `nobs`, and AIC and tests are wrong. A mean can be told from a sum only where `fn`, as it is written, ends in `mean()` or in
#' a sum divided by a `length()`: then there is a warning of class `lbfgsb_warning_mean`, each time.
#'
#' The run itself is the same whatever `fn` is.
#'
#' @section Errors and warnings:
#' A value out of range is an error of class `lbfgsb_error_argument` that names the option, and so is an option
#' with different values under two names, and an `fnscale` whose sign contradicts `fn_is`. A name in a plain
#' list that is not in the table is ignored, with a warning of class `lbfgsb_warning_control`. It names our
#' option for some of the options of other optimizers, as `reltol` and `iter.max`; `maximize = TRUE` is an error, and
#' so is an argument of [lbfgsb()] in the list, as `fixed`.
#'
#' @param m how many pairs of past steps and gradient changes model the curvature. They take
#'   about `16 * m * length(par) + 90 * m^2` bytes. `NULL`, for n elements of `par`: `4 * n` up to 10 of them; then 40,
#'   or `2 * n` if that is more, but at most 100; 20 above n = 100, and 10 from 10,000 on. Where the run is long and `fn`
#'   takes its time, more may save evaluations; where it takes next to none, 20 take less time.
#' @param factr how little an iteration may gain before the run stops: `factr * .Machine$double.eps` times the
#'   size of the value (see the section on convergence). 1e12 stands for low accuracy, 10 for the highest. With
#'   0 the value must no longer change at all.
#' @param pgtol how small the gradient must be for the run to stop: no element may be larger in absolute value,
#'   but for those that push a parameter against the bound it is at. (`pgnorm`, which is small just short of a bound,
#'   too, is not what is tested.) With `confirm`, where the largest projected
#'   gradient norm of the run is below 1, the limit is `pgtol` times that. With 0 they must be exactly 0.
#'   `NULL`, the default, is a test that does not depend on units (see the section on convergence), and 1e-5
#'   with `confirm = FALSE`.
#' @param confirm if `TRUE`, a run has converged only with evidence that `par` is stationary, in any units: see
#'   the section on convergence. `FALSE` is the published rule, which the other implementations of L-BFGS-B use.
#' @param target stops when the value is no higher (no lower, with a negative `fnscale`).
#' @param maxit the most iterations.
#' @param maxeval the most evaluations of `fn` in the run, those for differences included. A Hessian after it does not
#'   count, but a run that this or `maxtime` ends takes none.
#' @param maxtime the most seconds of the run, looked at before each evaluation.
#' @param maxls the most evaluations in one line search.
#' @param fnscale `fn(par) / fnscale` is minimized. To maximize a log-likelihood give `fn_is = "loglik"`, which makes it -1;
#'   to maximize anything else `fn_is = "other", fnscale = -1`. With -1 alone `fn` is taken for a log-likelihood.
#' @param parscale the search is over `par / parscale`, so these are typical sizes of the parameters. Of length
#'   1 or that of `par`, or with names, in any order, 1 for the others. `"auto"`: the run finds them, see the
#'   section on scales. Bounds are exact whatever the scale.
#' @param hessian_diag the diagonal of the Hessian of `fn`, instead of `parscale`: numbers, or a function of
#'   `par`, which is called once, at the start. All of it must be positive (negative where `fn` is maximized),
#'   but for fixed parameters, where it may be `NA`, as in a fit's `hessian`.
#' @param trace if `TRUE` or above 0, a line is printed every `REPORT` iterations.
#' @param REPORT iterations from one line to the next.
#' @param callback called at the start and after each iteration with a list: `iteration`, `par`,
#'   `value`, `gradient`, `pgnorm`, `step`, and `counts`, as in the result. If it returns `TRUE` the run
#'   stops; `NA` is an error, and with anything else it goes on. A state does not keep it: give it to
#'   [lbfgsb_resume()] again.
#' @param keep_state whether the result keeps the state of the run, by which [lbfgsb_resume()] goes on, and
#'   which [inverse_hessian()] reads. It takes what `m` says, and about `100 * length(par)` bytes more. `NULL`: it
#'   is kept up to 5 MiB, which is about 20,000 parameters with the default `m`. With `TRUE` it also has a checksum, by
#'   which a damaged copy is known.
#' @param checkpoint a file to which the state is written every `checkpoint_every` seconds, and at
#'   the end. It is replaced in one step: a crash at any moment leaves a whole file.
#' @param checkpoint_every seconds from one checkpoint to the next; 0 for one each iteration.
#' @param gradient how to get a gradient that neither `fn` nor `gr` delivers; [lbfgsb()] compares them. By
#'   differences of values of `fn`: one for each parameter (`"forward"`), two (`"central"`), six
#'   (`"richardson"`), or as many as are needed (`"auto"`). Or exact: by complex numbers (`"complex"`), if `fn`
#'   can compute with them, or by the package RTMB (`"rtmb"`).
#' @param ndeps steps of the differences in units of `parscale`, as in [stats::optim()]; of length 1
#'   or that of `par`, or with names. `NULL`: steps relative to the parameters' sizes, and with `"auto"` to what
#'   the run has learned. With given steps `"auto"` is `"central"`.
#' @param noise the relative error of the values of `fn`, as 1e-6 where six digits are right, as of a
#'   simulation; 0 if there is none but rounding. By it the run chooses the steps of its differences, what
#'   counts as a decrease, and when to stop. `"auto"`, the default: without a gradient, and with
#'   `gradient = "auto"`, the run measures the noise once, when there is a sign of it, by 7 to 28 evaluations,
#'   which `counts` includes; otherwise, where the values along a search cannot be told by the slopes that you give,
#'   these show it, and the run goes on by the slopes. Give rather too small a number than too large a one. Of
#'   five Poisson regressions without noise and without a gradient all ended within 5e-6 of the minimum where `noise` was
#'   1e-6; where it was 1e-4, up to 0.18 above it, and three were still reported as converged. [lbfgsb_resume()] may be given a higher number, not a lower one.
#' @param cluster a cluster, as [parallel::makeCluster()] makes it, over which differences are taken. The result
#'   is the same as without it, to the bit. `fn` is sent to its workers once, with its environment and the
#'   arguments in `...`. If that is more than 16 MiB, a warning of class `lbfgsb_warning_shipped` names the
#'   largest objects. Packages and global variables that `fn` needs must be there already. [vcov()][vcov.lbfgsb]
#'   and [profile()][profile.lbfgsb] use the cluster too, as long as it is there. If a worker is lost, an error
#'   of class `lbfgsb_error_worker` says which derivatives it was at, and [lbfgsb_resume()] goes on over a new
#'   cluster. After Ctrl-C it goes on over the same one. `"mirai"` stands for the daemons that were set by
#'   `mirai::daemons()`, and a cluster may be one of `mirai::make_cluster()`. Then the other daemons do what a
#'   lost one was at, with a message.
#' @param threads the most threads that the solver itself uses, where R has OpenMP and `par` is longer than
#'   `8192 * (1 + m %/% 24)`: useful from about 100,000 on, where an iteration takes longer than waking them.
#'   No more than there are processors. The results are the same to the bit. `fn` and `gr` are always called
#'   from R's own thread. One is used by [lbfgsb_tell()], and in a process that was forked after the package
#'   was loaded, where OpenMP may hang.
#' @param fn_is what `fn` is, a log-likelihood or another function: see the section on that.
#' @param nobs the number of observations, for [BIC()], the t and F tests of sums of squares, and their
#'   variance.
#' @param polish if `TRUE`, one or two steps of Newton's method follow a run that has converged, stalled or
#'   failed, with the Hessian of [lbfgsb_hessian()]. They take the last digits. A step counts only if `fn` is
#'   lower, or the same and the gradient smaller. The fit says in `polish` how many `steps` counted, and their
#'   `gain` in `fn`. `state`, `history` and `counts` are those of the run before.
#' @return A list of class `lbfgsb_control` with all of the options.
#' @seealso [lbfgsb()]
#' @examples
#' rosenbrock <- function(x) 100 * (x[2] - x[1]^2)^2 + (1 - x[1])^2
#' lbfgsb(c(-1.2, 1), rosenbrock, control = lbfgsb_control(factr = 10))$par
#'
#' # A plain list will do, and with SciPy's names too.
#' lbfgsb(c(-1.2, 1), rosenbrock, control = list(gtol = 1e-8, ftol = 1e-14))$par
#' @export
lbfgsb_control <- function(m = NULL, factr = 1e7, pgtol = NULL, confirm = TRUE, target = -Inf,
                           maxit = 15000, maxeval = Inf, maxtime = Inf, maxls = 20,
                           fnscale = if (identical(fn_is, "loglik")) -1 else 1, parscale = "auto",
                           trace = 0, REPORT = 10, gradient = "auto", ndeps = NULL, noise = "auto",
                           cluster = NULL, threads = 1, callback = NULL, keep_state = NULL,
                           checkpoint = NULL, checkpoint_every = 60, fn_is = NULL, nobs = NULL, hessian_diag = NULL,
                           polish = FALSE) {
  control <- mget(names(option_rules))
  check_options(control, names(control))
  check_sign(control)
  structure(control, class = "lbfgsb_control")
}

#' @export
print.lbfgsb_control <- function(x, ...) {
  changed <- Filter(function(name) !identical(x[[name]], default_control[[name]]), names(x))
  cat("Options of lbfgsb(): ", if (length(changed) == 0) "the defaults" else "these differ from the defaults", "\n",
      sep = "")
  if (length(changed) > 0) str(unclass(x)[changed], no.list = TRUE, give.attr = FALSE)
  invisible(x)
}

# What each option must be, in `words`, and what tells it: of what `modes` it may be, the `range` of its numbers,
# its `choices` if it is a string, whether it has one element or `many`, and whether NULL is right (`optional`). For
# what these cannot tell there is a function, `holds`; C takes an option only where there is none
# (src/r_options.c).
option_rule <- function(words, holds) list(words = words, holds = holds)

number_rule <- function(words, least = -Inf, most = Inf, whole = FALSE, modes = "numeric") {
  list(words = words, modes = modes, range = c(least, most, whole))
}

choice_rule <- function(choices) {
  list(words = paste0("one of ", paste0("\"", choices, "\"", collapse = ", ")), modes = "character",
       choices = choices)
}

# Returns the same rule, which "auto" obeys, too.
or_auto <- function(rule) {
  auto <- list(paste0(rule$words, ", or \"auto\""), c(rule$modes, "character"), "auto")
  replace(rule, c("words", "modes", "choices"), auto)
}

is_number <- function(x) is.numeric(x) && length(x) == 1 && !is.na(x)

flag_rule <- number_rule("TRUE or FALSE", 0, 1, modes = "logical")
seconds_rule <- number_rule("a number of seconds >= 0", least = 0)
count_rule <- number_rule("a whole number from 1 to 2^31 - 1", 1, .Machine$integer.max, whole = TRUE)
tolerance_rule <- number_rule("a finite number >= 0", 0, .Machine$double.xmax)
least_number <- 2^-1074 # above 0
sizes_rule <- c(number_rule("finite and positive", least_number, .Machine$double.xmax), many = TRUE)

# Returns the same rule, which NULL obeys, too.
or_null <- function(rule) {
  replace(rule, c("words", "optional"), list(paste0(rule$words, ", or NULL"), TRUE))
}

fn_kinds <- c("negloglik", "loglik", "deviance", "squares", "other") # see R/likelihood.R
core_methods <- c("auto", "forward", "central") # src/r_names.h
gradient_methods <- c(core_methods, "richardson", "complex", "rtmb")

option_rules <- list(
  m = or_null(count_rule),
  factr = tolerance_rule,
  pgtol = or_null(tolerance_rule),
  confirm = flag_rule,
  target = number_rule("a number"),
  maxit = number_rule("a whole number >= 0, or Inf", least = 0, whole = TRUE),
  maxeval = number_rule("a whole number >= 1, or Inf", least = 1, whole = TRUE),
  maxtime = seconds_rule,
  maxls = count_rule,
  fnscale = option_rule("a finite number other than 0", function(x) is_number(x) && is.finite(x) && x != 0),
  parscale = or_auto(sizes_rule),
  trace = number_rule("TRUE, FALSE or a number >= 0", least = 0, modes = c("numeric", "logical")),
  REPORT = count_rule,
  gradient = choice_rule(gradient_methods),
  ndeps = or_null(sizes_rule),
  noise = or_auto(number_rule("a number from 0 to 1", 0, 1)),
  cluster = option_rule(
    "a cluster of the package parallel, \"mirai\", or NULL",
    function(x) is.null(x) || inherits(x, "cluster") || identical(x, "mirai")
  ),
  threads = count_rule,
  callback = option_rule("a function with an argument, or NULL", function(x) is.null(x) || is.function(x) && takes_argument(x)),
  keep_state = or_null(flag_rule),
  checkpoint = option_rule("the name of a file or NULL", function(x) is.null(x) || is_string(x)),
  checkpoint_every = seconds_rule,
  fn_is = option_rule(
    paste0(choice_rule(fn_kinds)$words, ", or NULL"), function(x) is.null(x) || is_string(x) && x %in% fn_kinds
  ), # which has to agree with fnscale
  nobs = or_null(number_rule("a whole number >= 1", 1, .Machine$integer.max, whole = TRUE)),
  hessian_diag = option_rule(
    "numbers, a function or NULL", function(x) is.null(x) || is.function(x) || is.numeric(x) && length(x) > 0
  ),
  polish = flag_rule
)

is_string <- function(x) is.character(x) && length(x) == 1 && !is.na(x)

obeys <- function(x, rule) {
  if (is.null(rule$modes)) return(rule$holds(x))
  if (is.null(x)) return(isTRUE(rule$optional))
  is_plain(x, rule) && (is.null(rule$holds) || rule$holds(x))
}

is_plain <- function(x, rule) {
  if (!mode_of(x) %in% rule$modes || length(x) != 1 && !(isTRUE(rule$many) && length(x) > 0)) return(FALSE)
  if (is.character(x)) x %in% rule$choices else !anyNA(x) && all(is_in_range(x, rule$range))
}

mode_of <- function(x) if (is.numeric(x)) "numeric" else if (is.logical(x) || is.character(x)) mode(x) else "other"

is_in_range <- function(x, range) x >= range[1] & x <= range[2] & (!range[3] | x == floor(x))

option_aliases <- c(lmm = "m", maxcor = "m", ftol = "factr", gtol = "pgtol", maxiter = "maxit",
                    maxfun = "maxeval")
