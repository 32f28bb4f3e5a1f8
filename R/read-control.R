# A user's `control`, read once: what C cannot take as it stands (src/r_options.c) is matched and checked here.

# The options' own names, by all names that there are for them.
own_names <- c(structure(names(option_rules), names = names(option_rules)), option_aliases)

# Returns a user's `control`, any list with names of the table, as a plain list of all options; `base` has what
# it does not name.
as_control <- function(control, base = default_control) {
  if (length(control) == 0) return(base)
  .Call(C_options, control, base, option_rules) %||% read_control(control, base)
}

# Does the same where C leaves it to R: names are matched, and errors found.
read_control <- function(control, base) {
  check_list(control)
  options <- drop_unknown(unclass(control))
  own <- own_names[names(options)]
  check_options(options, own)
  if (!is.null(options[["ftol"]])) options[["ftol"]] <- options[["ftol"]] / .Machine$double.eps
  check_agreement(options, own)
  first <- !duplicated(own)
  base[own[first]] <- options[first]
  signed(base, own)
}

# With the sign of `fnscale` that maximizes a log-likelihood, unless it is among the options `given`.
signed <- function(control, given) {
  if (identical(control$fn_is, "loglik") && !"fnscale" %in% given) control$fnscale <- -abs(control$fnscale)
  check_sign(control)
  control
}

# Refuses an `fnscale` whose sign contradicts `fn_is`.
check_sign <- function(control) {
  kind <- control$fn_is
  if (is.null(kind) || kind == "other" || (kind == "loglik") == (control$fnscale < 0)) return()
  stop(lbfgsb_error_argument("control$fnscale", "must be ", if (kind == "loglik") "negative" else "positive",
                             " where `control$fn_is` is \"", kind, "\", which is ",
                             if (kind == "loglik") "maximized" else "minimized", ": ", switch(kind,
    loglik = "if `fn` is minus a log-likelihood, give fn_is = \"negloglik\"; else fnscale = -1",
    negloglik = "if `fn` is a log-likelihood, give fn_is = \"loglik\"; else fnscale = 1", "give fnscale = 1"
  )))
}

drop_unknown <- function(options) {
  refuse_maximize(options)
  refuse_arguments(options)
  known <- names(options) %in% names(own_names)
  if (!all(known)) warn_of_unknown(unique(names(options)[!known]))
  options[known]
}

# Refuses to minimize what is to be maximized.
refuse_maximize <- function(options) {
  asked <- options[maximize_names]
  asked <- names(asked)[!vapply(asked, function(value) is.null(value) || identical(value, FALSE), NA)]
  if (length(asked) > 0) {
    stop(lbfgsb_error_argument(paste0("control$", asked[1]), "is not known: give ", how_to_maximize))
  }
}

# Refuses to go on without what is meant for an argument of lbfgsb().
refuse_arguments <- function(options) {
  argument <- intersect(names(options), names(formals(lbfgsb)))[1]
  if (is.na(argument)) return()
  shown <- c("par, fn", if (!argument %in% c("par", "fn")) paste(argument, "= ..."))
  stop(lbfgsb_error_argument(paste0("control$", argument), "is an argument, not an option: lbfgsb(",
                             paste(shown, collapse = ", "), ")"))
}

check_list <- function(control) {
  if (!is.list(control)) {
    stop(lbfgsb_error_argument("control", "must be a list, not ", kind_of(control),
                               if (!is.null(names(control))) ": as.list() makes it one"))
  }
  given <- names(control)
  if (is.null(given) || anyNA(given) || !all(nzchar(given))) {
    stop(lbfgsb_error_argument("control", "must name all of its elements"))
  }
}

# Refuses the first option that breaks its rule; `own` are the options' own names.
check_options <- function(options, own) {
  for (i in seq_along(own)) {
    rule <- option_rules[[own[[i]]]]
    if (!obeys(options[[i]], rule)) refuse_option(names(options)[i], options[[i]], rule)
  }
}

refuse_option <- function(name, value, rule) {
  without <- if (is.function(value) && !takes_argument(value)) " without one"
  stop(lbfgsb_error_argument(paste0("control$", name), "must be ", rule$words, ", not ", described(value), without,
                             if (is.list(value) && isTRUE(rule$many)) ": give a vector, with names as coef() gives them"))
}

warn_of_unknown <- function(names) {
  hints <- vapply(names, suggest_name, "")
  lines <- paste0("unknown control '", names, "' is ignored", hints)
  warning(lbfgsb_warning_control(names, paste(lines, collapse = "\n")))
}

# What is written here for what other optimizers call so.
foreign_options <- c(
  reltol = "factr = reltol / .Machine$double.eps", rel.tol = "factr = rel.tol / .Machine$double.eps",
  ftol_rel = "factr = ftol_rel / .Machine$double.eps", abstol = "target = ...", abs.tol = "target = ...",
  gradtol = "pgtol = ...", iter.max = "maxit = ...", iterlim = "maxit = ...", eval.max = "maxeval = ...",
  maxfeval = "maxeval = ...", verbose = "trace = ...", print.level = "trace = ...", print_level = "trace = ...",
  disp = "trace = ...", cores = "cluster = ..., threads = ...", ncores = "cluster = ..., threads = ...", n = "nobs = ..."
)

# suggest_name("factor") = "; did you mean 'factr'?": the name of the table with the same letters in another order, or
# else the first that begins so, or the nearest one, if that is at most two edits away and not made of nothing but edits.
suggest_name <- function(unknown) {
  if (unknown %in% names(foreign_options)) return(suggest_foreign(foreign_options[[unknown]]))
  candidates <- names(own_names)
  beginning <- nchar(unknown) > 1 & startsWith(tolower(candidates), tolower(unknown))
  edits <- ifelse(beginning, 0.5, adist(unknown, candidates, ignore.case = TRUE))
  edits[letters_in(candidates) == letters_in(unknown)] <- 0
  if (min(edits) > 2 || min(edits) >= nchar(unknown)) return("")
  paste0("; did you mean '", candidates[which.min(edits)], "'?")
}

# suggest_foreign("factr = ...") = "; see 'factr'", suggest_foreign("fnscale = -1") = "; give 'fnscale = -1'"
suggest_foreign <- function(option) {
  named <- gsub(" = ...", "", option, fixed = TRUE)
  paste0("; ", if (named == option) "give" else "see", " '", named, "'")
}

# Refuses different values of an option given twice.
check_agreement <- function(options, own) {
  for (name in own[duplicated(own)]) {
    given <- options[own == name]
    agrees <- vapply(given, function(value) isTRUE(all.equal(value, given[[1]], tolerance = 0)), NA)
    if (!all(agrees)) refuse_both(names(given))
  }
}

refuse_both <- function(names) {
  gives <- if (length(unique(names)) == 1) {
    paste("gives", names[1], "twice, with different values")
  } else {
    paste("gives one option different values, as", paste(names, collapse = " and "))
  }
  stop(lbfgsb_error_argument("control", gives))
}

default_control <- unclass(lbfgsb_control())
