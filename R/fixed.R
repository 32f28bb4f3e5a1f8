# Fixed parameters: both bounds and the start are their values.

# Returns where a call searches that has a list, or fixes something: par as a vector, lower and upper (n).
flat_problem <- function(par, lower, upper, fixed = NULL) {
  problem <- list(
    par = flatten(par),
    lower = spread(lower, par, "lower", default = -Inf),
    upper = spread(upper, par, "upper", default = Inf)
  )
  if (length(fixed) == 0) return(problem)
  check_fixed(fixed, problem$par)
  refuse_shared(names(flat_numbers(fixed)), names(problem$par), "fixed")
  hold(problem, spread(fixed, par, "fixed", default = Inf))
}

# True if there is a NULL in a list, at any depth.
has_null <- function(x) is.null(x) || (is.list(x) && any(vapply(x, has_null, NA)))

check_fixed <- function(fixed, par) {
  if (has_null(fixed)) {
    stop(lbfgsb_error_argument("fixed", "must have a value for each name, not NULL: update() frees a parameter that is given a ",
                               "bound, as by lower = c(sigma = -Inf)"))
  }
  if (!is_numeric(fixed) && !is.list(fixed)) {
    stop(lbfgsb_error_argument("fixed", "must be numbers with names, or a list of them, as in fixed = c(sigma = 1), ",
                               "not ", kind_of(fixed)))
  }
  if (is.null(names(fixed))) {
    first <- which(is.finite(unlist(fixed)[seq_along(par)]))[1]
    label <- as_name(labels_of(par, max(first, 1, na.rm = TRUE)))
    stop(lbfgsb_error_argument("fixed", "must name the parameters to fix, as in fixed = c(", label, " = ",
                               if (is.na(first)) 1 else unlist(fixed)[[first]], ")"))
  }
  values <- unlist(fixed)
  if (!is_numeric(values) || all(is.finite(values))) return()
  example <- values[is.finite(values)][1]
  infinite <- names(values)[is.infinite(values)][1]
  requirement <- paste0("must be finite", if (is.na(infinite)) ": name only what is to be fixed",
                        if (is.na(infinite) && !is.na(example)) {
                          paste0(", as in fixed = c(", as_name(names(example)), " = ", example, ")")
                        })
  advice <- paste0(". For a limit at infinity write `fn` with a parameter that is finite there, as a probability of 0 for its ",
                   "logit. To free a parameter, give it a bound: update(fit, lower = c(", as_name(infinite), " = -Inf))")
  refuse_elements("fixed", requirement, !is.finite(values), values, advice = if (!is.na(infinite)) advice)
}

# Refuses names that several parameters share: which one is meant?
refuse_shared <- function(names, of_par, argument) {
  shared <- intersect(names, of_par[duplicated(of_par)])
  if (length(shared) > 0) {
    stop(lbfgsb_error_argument(argument, "has a name that several parameters share: ", enumerate(shared),
                               "; give each a name of its own"))
  }
}

# Fixes parameters at `values` (n), which are Inf for the others.
hold <- function(problem, values) {
  held <- values < Inf
  outside <- held & (values < problem$lower | values > problem$upper)
  refuse_elements("fixed", "must lie within `lower` and `upper`", outside, problem$par,
                  advice = describe_wider(problem, values, which(outside)[1]))
  problem$par[held] <- problem$lower[held] <- problem$upper[held] <- values[held]
  problem
}

# Says how to move the bound that leaves values[i] out.
describe_wider <- function(problem, values, i) {
  label <- as_name(labels_of(problem$par, i))
  side <- if (values[i] < problem$lower[i]) "lower" else "upper"
  paste0(": move that bound, too, as by ", side, " = c(", label, " = ", exact_number(values[i]), ")")
}

# Writes a number by as few digits as give it back.
exact_number <- function(x) {
  for (digits in 15:17) {
    text <- format(x, digits = digits)
    if (as.numeric(text) == x) break
  }
  unname(text)
}

# Refuses what many fits cannot fix, in the box that they share, before any of them runs.
check_fixed_in_all <- function(fixed, task) {
  shared <- function(bounds, none) if (all(bounds == rep(bounds[1, ], each = nrow(bounds)))) bounds[1, ] else none
  flat_problem(task$skeleton %||% task$par[1, ], shared(task$lower, -Inf), shared(task$upper, Inf), fixed)
}

# Refuses an fn that has an argument of this name: it would never get it.
refuse_own_fixed <- function(fn, gr) {
  for (name in c("fn", "gr")) {
    own <- list(fn = fn, gr = gr)[[name]]
    if (is.function(own) && "fixed" %in% names(formals(args(own)))) refuse_twofold("fixed", "parameters to fix", name)
  }
}

# Refuses an fn that needs another of our arguments, which the call gives: it would never get it.
refuse_own <- function(fn, call) {
  arguments <- formals(fn)
  own <- intersect(names(arguments)[-1], intersect(names(own_purposes), names(call)))
  own <- Filter(function(name) identical(arguments[[name]], quote(expr = )), own)
  if (length(own) > 0) refuse_twofold(own[1], own_purposes[[own[1]]], "fn")
}

own_purposes <- c(lower = "bounds", upper = "bounds", control = "options", hessian = "the Hessian",
                  method = "a method of optim()")

refuse_twofold <- function(argument, purpose, of) {
  stop(lbfgsb_error_argument(argument, "is for ", purpose, ", but `", of, "` has an argument of that name too: wrap it",
                             ", as in function(par) ", of, "(par, ", argument, " = ...)"))
}
