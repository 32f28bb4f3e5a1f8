# Into a run: of the arguments of lbfgsb(), right or wrong, a state (R/state.R), or an error before anything is
# evaluated. One function in C makes every state, of what is plain (src/r_begin.c); what it cannot take is made
# plain here and goes there again, or is refused in words.

`%||%` <- function(x, y) if (is.null(x)) y else x # in base from R 4.4 on

# Refuses arguments of the wrong kind.
check_call <- function(fn, gr, hessian) {
  if (!is.function(fn)) {
    stop(lbfgsb_error_argument("fn", "must be a function, not ", kind_of(fn)))
  }
  if (!is.null(gr) && !is.function(gr)) {
    stop(lbfgsb_error_argument("gr", "must be a function or NULL, not ", kind_of(gr)))
  }
  if (!is.logical(hessian) || length(hessian) != 1 || is.na(hessian)) {
    stop(lbfgsb_error_argument("hessian", "must be TRUE or FALSE"))
  }
}

check_method <- function(method) {
  if (anyNA(match(method, optim_methods))) {
    stop(lbfgsb_error_argument("method", "must be one of optim()'s: ",
                               paste(optim_methods, collapse = ", ")))
  }
}

optim_methods <- c("Nelder-Mead", "BFGS", "CG", "L-BFGS-B", "SANN", "Brent")

begin_state <- function(par, lower, upper, control) {
  control <- if (length(control) == 0) default_control else as_control(control)
  state <- if (!is.object(par)) .Call(C_begin, par, lower, upper, control$parscale, control)
  if (is.null(state)) state <- start_problem(new_problem(par, lower, upper, control$parscale), control)
  state
}

# Begins a run of a problem (bounds.R); returns its state.
start_problem <- function(problem, control) {
  state <- .Call(C_begin, problem$par, problem$lower, problem$upper, problem$parscale, control)
  if (is.null(state)) {
    stop(lbfgsb_error_argument("par", "and `control` ask for more memory than there can be, or ",
                               "`control$parscale` brings `par` or the bounds out of range"))
  }
  state
}
