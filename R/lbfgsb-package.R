#' Minimize smooth functions of many parameters under bounds
#'
#' The method is L-BFGS-B, version 3.0, in a C core of its own.
#'
#' - [lbfgsb()] minimizes; its page describes the objective, the bounds, the differences that stand
#'   in for a missing gradient, and the result.
#' - [lbfgsb_control()] has the options, with optim's and SciPy's names for them.
#' - [print.lbfgsb()] and its companions show a fit.
#' - [vcov()][vcov.lbfgsb], [confint()][confint.lbfgsb] and [profile()][profile.lbfgsb] tell how sure its
#'   estimates are.
#' - [lbfgsb_conditions] lists the classes of errors and warnings.
#'
#' `vignette("lbfgsb")` tells a fit from the model to the picture of its convergence.
#'
#' @inherit lbfgsb references
#' @importFrom grDevices n2mfrow
#' @importFrom graphics axis legend lines matplot par points segments
#' @importFrom stats coef confint profile qnorm splinefun uniroot vcov
#' @importFrom utils adist head tail
#' @useDynLib lbfgsb, .registration = TRUE
#' @name lbfgsb-package
NULL
