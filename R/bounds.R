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
    is_dressed <- is.numeric(unclass(par)) && !is.factor(par) # as a date
    stop(lbfgsb_error_argument("par", "must be a numeric vector, not ", kind_of(par),
                               if (is_dressed) ": give as.numeric() of it, and let `fn` make it what it is"))
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
  if (is.list(x)) x <- numbers_in(x, argument)
  if (length(dim(x)) > 1) x <- from_array(x, par, argument)
  if (!is_numeric(x)) {
    stop(lbfgsb_error_argument(argument, "must be numeric, not ", kind_of(x), if (is.null(x)) absence_hint(argument)))
  } else if (!is.null(names(x)) && !names_nothing_new(x, par)) {
    x <- match_names(x, par, argument, default)
  } else if (length(x) == 1 || length(x) == n) {
    x <- rep_len(as.double(x), n)
  } else {
    stop(lbfgsb_error_argument(argument, "must have length 1", if (n > 1) paste(" or", n), ", the length of `",
                               counterpart(argument), "`, not ", length(x), recycling_hint(argument, length(x), n)))
  }
  if (anyNA(x)) refuse_elements(argument, paste0("must not be NA", absence_hint(argument)), is.na(x), par)
  x
}

# Makes a vector of an array of numbers: where `par` is one too, in its order by the names of rows, columns, ...; else of one
# row or column with its names.
from_array <- function(x, par, argument) {
  if (length(dim(par)) < 2 || length(x) == 1) return(structure(as.vector(x), names = names_along(x)))
  if (!identical(dim(x), dim(par))) {
    stop(lbfgsb_error_argument(argument, "must have the dimensions of `", counterpart(argument), "`, ",
                               paste(dim(par), collapse = " x "), ", not ", paste(dim(x), collapse = " x ")))
  }
  for (k in seq_along(dimnames(x))) refuse_other_labels(dimnames(x)[[k]], dimnames(par)[[k]], argument)
  as.vector(aligned(x, par))
}

# Refuses names `given` to the rows, columns, ... of an array that are none of par's, or one twice.
refuse_other_labels <- function(given, own, argument) {
  if (is.null(own) || is.null(given) || identical(given, own)) return()
  unknown <- setdiff(given, own)
  if (length(unknown) > 0) {
    stop(lbfgsb_error_argument(argument, "has names that `", counterpart(argument), "` does not have: ",
                               enumerate(dQuote(unknown, FALSE)), "; it has ", enumerate(own)))
  }
  refuse_twice(given, argument)
}

# Says what optim() does with such bounds, if that may be meant.
recycling_hint <- function(argument, length, n) {
  in_rounds <- length > 0 && length < n && n %% length == 0
  if (in_rounds && argument %in% c("lower", "upper")) "; lbfgsb_optim() recycles it, as optim() does"
}

# Says how to tell that there is no bound.
absence_hint <- function(argument) {
  switch(argument, lower = ": no bound is -Inf", upper = ": no bound is Inf", "")
}

# Makes a vector of a list that has one number for each name.
numbers_in <- function(x, argument) {
  check_names(x, argument)
  if (!all(lengths(x) == 1)) {
    stop(lbfgsb_error_argument(argument, "must have one number for each name, as `", counterpart(argument),
                               "` is not a list"))
  }
  unlist(x)
}

# Names what an argument about parameters is about: "par", and "par$beta" of "lower$beta".
counterpart <- function(argument) sub("^(control\\$)?[a-z_]+", "par", argument)

# Tells whether `x` has full length and the names of `par`, or names of its own where `par` has none.
names_nothing_new <- function(x, par) {
  own <- is.null(names(par)) && !all(names(x) %in% labels_of(par))
  length(x) == length(par) && (own || identical(names(x), names(par)))
}

match_names <- function(x, par, argument, default) {
  refuse_unknown(names(x), par, argument)
  refuse_twice(names(x), argument)
  matched <- as.double(x)[match(labels_of(par), names(x))]
  matched[!labels_of(par) %in% names(x)] <- default
  matched
}

refuse_unknown <- function(names, par, argument) {
  unknown <- setdiff(names, labels_of(par))
  if (any(unknown %in% c("", NA))) {
    stop(lbfgsb_error_argument(argument, "has names, but some of its elements have none: name all of them, or none"))
  } else if (length(unknown) > 0) {
    path <- counterpart(argument)
    stop(lbfgsb_error_argument(argument, "has names that `", path, "` does not have: ",
                               enumerate(dQuote(unknown, FALSE)), suggest_place(unknown[1], par, path)))
  }
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

refuse_elements <- function(argument, requirement, wrong, par, advice = NULL) {
  if (any(wrong)) {
    elements <- unname(which(wrong))
    stop(lbfgsb_error_argument(argument, requirement, in_brackets(par, elements), advice, elements = elements))
  }
}
