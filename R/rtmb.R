# Exact gradients from a tape: RTMB calls `fn` once, with numbers that record what is computed from them, and
# knows its derivatives from then on. A tape can be wrong without an error, where `fn` takes another branch, or
# uses what the tape does not see. So it is compared with `fn`, and where they disagree it is dropped.

# Makes what an objective keeps of its tape: `tape`, a function of a vector with methods, NULL before the first
# gradient and once it is `dropped`; `start`, where it is made; `asked`, the number of gradients; `largest`, the
# largest value so far.
new_tape <- function(start) {
  check_rtmb()
  list2env(list(tape = NULL, dropped = FALSE, start = start, asked = 0, largest = 0), parent = emptyenv())
}

# Says whether there is a tape, of this session: it does not outlive its own.
has_own_tape <- function(at) !is.null(at$tape) && identical(at$session, loaded)

# Refuses to begin without the package.
check_rtmb <- function() {
  if (!requireNamespace("RTMB", quietly = TRUE)) {
    stop(lbfgsb_error_argument("control$gradient", "= \"rtmb\" needs the package RTMB: ",
                               "install.packages(\"RTMB\"), or choose another gradient"))
  }
}

# Returns the gradient (n) at `par`, where fn is `value`; NULL, after a warning, where there is no tape for it.
taped_gradient <- function(objective, par, value, spend) {
  at <- objective$tape
  if (!has_tape(objective, spend)) return(NULL)
  at$asked <- at$asked + 1
  at$largest <- max(at$largest, abs(value))
  gradient <- as.vector(at$tape$jacobian(as.vector(par)))
  fault <- value_fault(at, par, value) %||% gradient_fault(gradient) %||%
    slope_fault(objective, par, value, gradient, spend)
  if (!is.null(fault)) return(drop_tape(at, fault))
  fixed <- objective$problem$lower == objective$problem$upper
  replace(gradient, fixed, 0)
}

# Says whether there is one, and makes it now if it has not been yet, or was in another session.
has_tape <- function(objective, spend = function(n) NULL) {
  at <- objective$tape
  if (is.null(at) || at$dropped) return(FALSE)
  if (!has_own_tape(at)) {
    spend(1)
    at$session <- loaded
    at$hessian <- NULL
    at$tape <- on_error(make_tape(objective, at$start), function(e) {
      drop_tape(at, tape_fault("cannot differentiate", message_of(e)))
    })
  }
  !at$dropped
}

# ---- The tape ----------------------------------------------------------------------------------------------

# Returns fn as a function of a vector, taped at `par`, whose shape it gets.
make_tape <- function(objective, par) {
  skeleton <- attr(par, "skeleton")
  fn <- if (is.null(skeleton)) objective$fn else environment(objective$fn)$fn
  local_overloads()
  suppressWarnings(RTMB::MakeTape(function(x) {
    x <- if (is.null(skeleton)) shaped(x, par) else parts_of(x, skeleton)
    value <- eval(objective_calls$fn, list(par = x, fn = overloaded(fn)), objective)
    if (is.list(value)) value[["value"]] else value
  }, as.vector(par)))
}

# Returns RTMB's numbers x in the shape of `like`, and as a list of arrays; relist() would lose their class.
shaped <- function(x, like) {
  shape <- attributes(like)[c("names", "dim", "dimnames")]
  for (name in names(Filter(Negate(is.null), shape))) attr(x, name) <- shape[[name]]
  x
}

parts_of <- function(x, skeleton) {
  before <- cumsum(lengths(skeleton)) - lengths(skeleton)
  Map(function(like, before) shaped(x[before + seq_along(like)], like), skeleton, before)
}

# Attaches RTMB until the frame that calls is left, which functions that `fn` calls need to find its versions.
local_overloads <- function(frame = parent.frame()) {
  if ("package:RTMB" %in% search()) return()
  suppressPackageStartupMessages(attachNamespace("RTMB"))
  do.call(on.exit, list(quote(detach("package:RTMB")), add = TRUE), envir = frame)
}

# Returns a copy of `fn`, while a tape is made, for which RTMB's versions stand before those of R's own
# packages, and of no others; it is not compiled, since compiled code may have R's own built in.
overloaded <- function(fn) {
  if (is.primitive(fn)) return(fn)
  exported <- getNamespaceExports("RTMB")
  special <- c("[<-", "c", "diag<-")
  versions <- c(mget(exported, envir = asNamespace("RTMB"), inherits = TRUE),
                sapply(special, RTMB::ADoverload))
  own <- vapply(names(versions), function(name) is_of_r(get0(name, environment(fn), mode = "function")), NA)
  environment(fn) <- list2env(versions[own], parent = environment(fn))
  fn
}

is_of_r <- function(f) {
  is.primitive(f) || is.function(f) && environmentName(environment(f)) %in% c("base", "stats", "methods")
}

# ---- Guards ------------------------------------------------------------------------------------------------

# Says what is wrong with a tape: in words, and the two numbers that differ if there are.
tape_fault <- function(what, why, by_fn = NULL, by_tape = NULL) {
  list(what = what, why = why, by_fn = by_fn, by_tape = by_tape)
}

drop_tape <- function(at, fault) {
  at$tape <- NULL
  at$dropped <- TRUE
  warning(lbfgsb_warning_tape(fault))
  NULL
}

disagreement <- function(what, by_fn, by_tape) {
  why <- sprintf("%s is %.9g by `fn`, %.9g by the tape", what, by_fn, by_tape)
  tape_fault("disagrees with", why, by_fn, by_tape)
}

# Compares values to 8 digits, and to the rounding of the largest one so far.
value_fault <- function(at, par, value) {
  taped <- at$tape(as.vector(par))
  close <- abs(taped - value) <= 1e-8 * abs(value) + 1e-12 * at$largest
  if (!isTRUE(close)) disagreement("the value", value, taped)
}

gradient_fault <- function(gradient) {
  if (!all(is.finite(gradient))) tape_fault("disagrees with", "the gradient of the tape is not finite")
}

# At the 1st, 4th, 16th ... gradient, compares what `fn` and the tape change by along a direction, and the
# gradient with the tape's own slope there.
slope_fault <- function(objective, par, value, gradient, spend) {
  if (log(objective$tape$asked, 4) %% 1 != 0) return(NULL)
  spend(1)
  tape <- objective$tape$tape
  taped_value <- function(x) tape(as.vector(x))
  beside <- point_beside(par, objective$problem, .Machine$double.eps^(1 / 4))
  change <- value_at(objective, beside)$value - value
  taped <- taped_value(beside) - taped_value(par)
  close <- abs(change - taped) <= 1e-5 * abs(taped) + 1e-12 * objective$tape$largest
  if (is.finite(change) && !isTRUE(close)) return(disagreement("the change to a point close by", change, taped))
  if (!has_slope(taped_value, par, taped_value(par), gradient, objective$problem)) {
    tape_fault("disagrees with", "the gradient of the tape is not the slope of its values")
  }
}

# ---- The Hessian -------------------------------------------------------------------------------------------

# Returns list(hessian, counts) by the tape, NULL where there is none, or it does not fit `fn` at `par`.
taped_hessian <- function(objective, par) {
  at <- objective$tape
  if (is.null(at) || at$asked == 0 || !has_tape(objective)) return(NULL)
  fault <- value_fault(at, par, value_at(objective, par)$value)
  if (!is.null(fault)) return(drop_tape(at, fault))
  if (is.null(at$hessian)) at$hessian <- at$tape$jacfun()$jacfun()
  hessian <- at$hessian(as.vector(par))
  fixed <- objective$problem$lower == objective$problem$upper
  hessian[fixed, ] <- hessian[, fixed] <- NA
  if (!all(is.finite(hessian[!fixed, !fixed]))) return(NULL)
  list(hessian = (hessian + t(hessian)) / 2, counts = c(`function` = 1L, gradient = 0L))
}
