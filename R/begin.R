# Into a run: of the arguments of lbfgsb(), right or wrong, a state (R/state.R), or an error before anything is
# evaluated. One function in C makes every state, of what is plain (src/r_begin.c); what it cannot take is made
# plain here and goes there again, or is refused in words.

`%||%` <- function(x, y) if (is.null(x)) y else x # in base from R 4.4 on

# Refuses arguments of the wrong kind; counts those of fn. `hint`: what R may have matched otherwise than it was meant.
check_call <- function(fn, gr, hessian, hint = describe_abbreviated(sys.call(-1), sys.function(-1))) {
  if (!is.function(fn)) {
    stop(lbfgsb_error_argument("fn", "must be a function, not ", kind_of(fn),
                               hint %||% if (is.numeric(fn)) ": the start comes first, then `fn`"))
  }
  if (is.object(fn) && is_native(fn)) check_native(fn)
  arguments <- length(formals(fn))
  if (arguments == 0 && !takes_argument(fn)) refuse_without_argument("fn")
  if (is.function(gr) && !takes_argument(gr)) refuse_without_argument("gr")
  if (!is.null(gr) && !is.function(gr)) {
    stop(lbfgsb_error_argument("gr", "must be a function or NULL, not ", kind_of(gr),
                               hint %||% if (!is.character(gr)) ": give further arguments of `fn` by name"))
  }
  check_flag(hessian, "hessian", if (is.function(hessian)) ": a run needs no function of the Hessian, so leave it out")
  arguments
}

check_flag <- function(x, argument, hint = NULL) {
  is_flag <- is.logical(x) && length(x) == 1 && !is.na(x)
  if (!is_flag) {
    stop(lbfgsb_error_argument(argument, "must be TRUE or FALSE, not ", described(x), hint))
  }
}

# Refuses a function() that cannot be told the parameters.
refuse_without_argument <- function(name) {
  stop(lbfgsb_error_argument(name, "must be a function of the parameters, as function(par) ..., and has no argument"))
}

takes_argument <- function(f) length(formals(f)) > 0 || is.primitive(f)

# Says which argument before `...` R takes an abbreviated name of the call for; NULL where there is none.
describe_abbreviated <- function(call, called) {
  ours <- names(formals(called))
  ours <- ours[seq_len(match("...", ours, nomatch = length(ours) + 1) - 1)]
  short <- Filter(function(name) any(startsWith(ours, name)), setdiff(names(call), c("", ours)))
  if (length(short) == 0) return(NULL)
  paste0(". R takes `", short[1], "` for `", ours[startsWith(ours, short[1])][1], "`, which begins so: rename that ",
         "argument of `fn`, or give function(par, ...) fn(par, ..., ", short[1], " = ", written(call[[short[1]]]),
         ") in place of `fn`")
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
  state <- if (!is.object(par)) .Call(C_begin, par, lower, upper, NULL, control)
  if (is.null(state)) begin_unplain(par, lower, upper, control) else state
}

# Begins what C has left to R.
begin_unplain <- function(par, lower, upper, control) {
  if (!is.null(control$hessian_diag)) return(begin_by_diagonal(new_problem(par, lower, upper, 1), control))
  start_problem(new_problem(par, lower, upper, control$parscale), control)
}

# Begins a run whose scales are told by the diagonal of the Hessian, which the state keeps as `parscale`.
begin_by_diagonal <- function(problem, control) {
  if (!is.character(control$parscale)) {
    stop(lbfgsb_error_argument("control$hessian_diag", "tells the scales, and so does `control$parscale`: ",
                               "give one of them"))
  }
  control$parscale <- problem$parscale <- scales_by_diagonal(problem, control)
  control["hessian_diag"] <- list(NULL)
  start_problem(problem, control)
}

# scales_by_diagonal() = 1 / sqrt(diag H), H that of what is minimized, rounded to powers of two; 1 where a
# parameter is fixed.
scales_by_diagonal <- function(problem, control) {
  H <- control$hessian_diag
  if (is.function(H)) H <- H(in_shape(problem$par))
  H <- flat_numbers(H)
  H[is.na(H)] <- 0 # refused below, unless it is that of a fixed parameter
  H <- per_parameter(H, problem$par, "control$hessian_diag", default = sign(control$fnscale))
  H <- H * sign(control$fnscale)
  H[problem$lower == problem$upper] <- 1
  requirement <- paste("must be finite and", if (control$fnscale < 0) "negative" else "positive")
  refuse_elements("control$hessian_diag", requirement, !(is.finite(H) & H > 0), problem$par)
  2^round(-log2(H) / 2)
}

# Begins a run of a problem (bounds.R); returns its state.
start_problem <- function(problem, control) {
  begun <- function(control) .Call(C_begin, problem$par, problem$lower, problem$upper, problem$parscale, control)
  state <- begun(control)
  if (is.null(state)) {
    if (!is.null(begun(replace(control, "m", 1)))) {
      stop(lbfgsb_error_argument("control$m", "= ", control$m, " asks for more memory than there can be: give fewer"))
    }
    stop(lbfgsb_error_argument("par", "and `control` ask for more memory than there can be, or ",
                               "`control$parscale` brings `par` or the bounds out of range"))
  }
  state
}
