# Makes the place of the search, all in the user's units: the start `par`, a double with the
# attributes the user gave it, moved onto the box; `lower`, `upper`, `parscale`: doubles (n).
new_problem <- function(par, lower, upper, parscale) {
  par <- check_par(par)
  lower <- per_parameter(lower, par, "lower", default = -Inf)
  upper <- per_parameter(upper, par, "upper", default = Inf)
  if (!all(lower <= par & par <= upper)) {
    check_bounds(lower, upper, par)
    par <- move_inside(par, lower, upper)
  }
  list(par = par, lower = lower, upper = upper, parscale = read_parscale(parscale, par))
}

# Returns control$parscale (n); 1 for "auto", where the core finds scales of its own (src/scales.c).
read_parscale <- function(parscale, par) {
  per_parameter(if (is.character(parscale)) 1 else parscale, par, "control$parscale", default = 1)
}

check_par <- function(par) {
  if (!is.numeric(par)) {
    stop(lbfgsb_error_argument("par", "must be a numeric vector, not ", kind_of(par)))
  }
  if (length(par) == 0) {
    stop(lbfgsb_error_argument("par", "must have at least one element"))
  }
  if (!all(is.finite(par))) refuse_elements("par", "must be finite", !is.finite(par), par)
  if (!is.double(par)) storage.mode(par) <- "double"
  par
}

# Returns an argument of length 1 or n, or with names, as a double (n): `default` where it names nothing.
per_parameter <- function(x, par, argument, default) {
  n <- length(par)
  if (!is_numeric(x)) {
    stop(lbfgsb_error_argument(argument, "must be numeric, not ", kind_of(x)))
  } else if (!is.null(names(x)) && !names_nothing_new(x, par)) {
    x <- match_names(x, par, argument, default)
  } else if (length(x) == 1 || length(x) == n) {
    x <- rep_len(as.double(x), n)
  } else {
    stop(lbfgsb_error_argument(argument, "must have length 1 or ", n, ", the length of `par`, not ",
                               length(x)))
  }
  if (anyNA(x)) refuse_elements(argument, "must not be NA", is.na(x), par)
  x
}

# Tells whether `x` has full length and the names of `par`, or names where `par` has none.
names_nothing_new <- function(x, par) {
  length(x) == length(par) && (is.null(names(par)) || identical(names(x), names(par)))
}

match_names <- function(x, par, argument, default) {
  unknown <- setdiff(names(x), names(par))
  if (length(unknown) > 0) {
    stop(lbfgsb_error_argument(argument, "names what `par` does not: ",
                               enumerate(dQuote(unknown, FALSE))))
  }
  twice <- unique(names(x)[duplicated(names(x))])
  if (length(twice) > 0) {
    stop(lbfgsb_error_argument(argument, "names an element twice: ", enumerate(twice)))
  }
  matched <- as.double(x)[match(names(par), names(x))]
  matched[!names(par) %in% names(x)] <- default
  matched
}

check_bounds <- function(lower, upper, par) {
  refuse_elements("lower", "must be less than Inf", lower == Inf, par)
  refuse_elements("upper", "must be greater than -Inf", upper == -Inf, par)
  refuse_elements("lower", "must not exceed `upper`", lower > upper, par)
}

move_inside <- function(par, lower, upper) {
  outside <- unname(which(par < lower | par > upper))
  warning(lbfgsb_warning_outside(
    outside, "`par` was outside of the box and has been moved onto it", in_brackets(par, outside)
  ))
  onto_box(par, list(lower = lower, upper = upper))
}

# Returns P(x), with the attributes of x.
onto_box <- function(x, problem) {
  x[] <- pmin(pmax(x, problem$lower), problem$upper)
  x
}

refuse_elements <- function(argument, requirement, wrong, par) {
  if (any(wrong)) {
    elements <- unname(which(wrong))
    stop(lbfgsb_error_argument(argument, requirement, in_brackets(par, elements),
                               elements = elements))
  }
}
