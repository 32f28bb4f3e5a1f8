#' Minimize smooth functions of many parameters under bounds
#'
#' The method is L-BFGS-B, version 3.0, in a C core of its own.
#'
#' - [lbfgsb()] minimizes; its page describes the objective, the bounds, the differences that stand
#'   in for a missing gradient, and the result.
#' - [lbfgsb_control()] has the options, with optim's and SciPy's names for them.
#' - [print.lbfgsb()] and its companions show a fit.
#' - [vcov()][vcov.lbfgsb], [confint()][confint.lbfgsb] and [profile()][profile.lbfgsb] tell how sure its
#'   estimates are, [lbfgsb_boot()] by refits, [lbfgsb_delta()] of functions of them; `control$fn_is` says what
#'   `fn` is ([lbfgsb_control()]).
#' - [logLik()][logLik.lbfgsb], [anova()][anova.lbfgsb] and [update()][update.lbfgsb] compare models.
#' - [lbfgsb_multistart()] looks for all minima; [lbfgsb_many()] fits many data sets in one call.
#' - [sharded_objective()] is for data on many machines: `vignette("at-scale")`.
#' - [native_objective()] takes a function in compiled code: `vignette("from-c")`.
#' - [lbfgsb_optim()] stands in optim's place, for code that relies on how `optim()` reads its arguments.
#' - [lbfgsb_resume()] goes on with a run that ended before its time; [lbfgsb_start()] begins one whose
#'   function is evaluated elsewhere.
#' - [lbfgsb_conditions] lists the classes of errors and warnings.
#'
#' `vignette("models")` has the models of statistics, from censored data to several starts. `vignette("lbfgsb")`
#' tells a fit from the model to the picture of its convergence, `vignette("without-a-gradient")` what happens
#' without one, `vignette("trust")` how to run where nobody watches: why a run stopped, and how to go on,
#' `vignette("algorithm")` how the method works, in pictures. `vignette("troubleshooting")` goes from what you
#' see to what to do, `vignette("coming-from")` from the calls of other optimizers to those of this one.
#'
#' @inherit lbfgsb references
#' @importFrom grDevices n2mfrow
#' @importFrom graphics axis box legend lines matplot par plot.new points segments text title
#' @importFrom methods setOldClass
#' @importFrom parallel clusterApply nextRNGStream splitIndices
#' @importFrom stats AIC BIC anova coef confint cov deviance df.residual dist influence logLik median nobs optim
#' @importFrom stats optimHess pchisq pf pnorm profile pt qnorm qt quantile runif sd splinefun uniroot update
#'   vcov
#' @importFrom utils adist head object.size removeSource str tail
#' @useDynLib lbfgsb, .registration = TRUE
#' @name lbfgsb-package
NULL

# Lets a fit stand where an S4 class asks for a list, as in the slot `details` of bbmle and stats4.
.onLoad <- function(libname, pkgname) {
  loaded$pid <- Sys.getpid()
  setOldClass(c("lbfgsb", "list"), where = topenv())
}
