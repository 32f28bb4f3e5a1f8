#' Minimize smooth functions of many parameters under bounds
#'
#' The method is L-BFGS-B, version 3.0, in a C core of its own.
#'
#' - [lbfgsb()] minimizes; its page describes the objective, the bounds, what is done without a gradient, and
#'   the result.
#' - [lbfgsb_control()] has the options, with optim's and SciPy's names for them.
#' - [print.lbfgsb()] and its companions show a fit.
#' - [vcov()][vcov.lbfgsb], [confint()][confint.lbfgsb] and [profile()][profile.lbfgsb] tell how sure the
#'   estimates are, [lbfgsb_boot()] by the bootstrap; [lbfgsb_delta()] is for predictions and other functions of the
#'   parameters. Say what `fn` is, a log-likelihood or another function, by `control$fn_is` ([lbfgsb_control()]).
#' - [logLik()][logLik.lbfgsb], [anova()][anova.lbfgsb] and [update()][update.lbfgsb] compare models.
#' - [lbfgsb_multistart()] looks for all minima; [lbfgsb_many()] fits many data sets in one call.
#' - [sharded_objective()] is for data on many machines: `vignette("at-scale")`.
#' - [native_objective()] takes a function in compiled code: `vignette("from-c")`.
#' - [lbfgsb_optim()] replaces `optim()` in code that relies on how `optim()` reads its arguments.
#' - [lbfgsb_resume()] goes on with a run that stopped early; [lbfgsb_start()] begins one whose function is
#'   evaluated outside of R.
#' - [lbfgsb_conditions] lists the classes of errors and warnings.
#'
#' `vignette("lbfgsb")` is the place to start: one model from the likelihood to intervals and tests.
#' `vignette("models")` has other models, from censored data to several starts. `vignette("troubleshooting")` goes
#' from what you see to what to do. `vignette("without-a-gradient")` explains what happens without a gradient,
#' `vignette("trust")` why a run stopped and how to go on, and `vignette("algorithm")` how the method works, in
#' pictures. `vignette("coming-from")` compares the calls of other optimizers with those of this one.
#'
#' @inherit lbfgsb references
#' @importFrom grDevices n2mfrow
#' @importFrom graphics axis box legend lines matplot mtext par plot.new points segments text title
#' @importFrom methods setOldClass
#' @importFrom parallel clusterApply nextRNGStream splitIndices
#' @importFrom stats AIC BIC anova coef confint cov cov2cor deviance df.residual dist extractAIC formula getCall influence logLik
#'   median nobs optim optimHess pchisq pf pnorm profile pt qnorm qt quantile runif sd sigma splinefun splinefunH terms uniroot
#'   update vcov
#' @importFrom utils adist head object.size removeSource str tail
#' @useDynLib lbfgsb, .registration = TRUE
#' @name lbfgsb-package
NULL

# Lets a fit stand where an S4 class asks for a list, as in the slot `details` of bbmle and stats4.
.onLoad <- function(libname, pkgname) {
  loaded$pid <- Sys.getpid()
  setOldClass(c("lbfgsb", "list"), where = topenv())
}
