# What is meant for lbfgsb() and goes to fn in `...`, because it is misspelt.

own_arguments <- c("lower", "upper", "control", "hessian", "method", "fixed")

# Warns of each of the names that is at most two edits from one of these arguments, which have five letters or
# more, unless fn or gr has an argument of that name, or it only begins like ours: fn may well take a part of a
# name. Most calls end at the first line.
warn_of_misspelt <- function(given, fn, gr, ours = own_arguments) {
  if (is_native(fn)) {
    stop(lbfgsb_error_argument("...", "goes to `fn`, and a native objective takes nothing but `par`: give what it ",
                               "needs as `data` to native_objective()"))
  }
  place <- match(given, names(formals(fn)))
  if (!anyNA(place)) return()
  known <- c("", NA, if (is.function(gr)) names(formals(gr)))
  for (name in setdiff(given[is.na(place)], known)) {
    edits <- ifelse(startsWith(ours, name), Inf, adist(name, ours, ignore.case = TRUE))
    if (min(edits) <= 2) warning(lbfgsb_warning_misspelt(name, ours[which.min(edits)]))
  }
}

# ---- Names that fn asks for ----------------------------------------------------------------------

# Returns the names by which `fn` takes elements of its first argument, as written: "mu" of par["mu"].
names_asked <- function(fn) {
  first <- names(formals(fn))[1]
  if (is.null(first)) return(character()) # a primitive
  unique(indices_in(body(fn), as.name(first)))
}

indices_in <- function(code, par) {
  if (!is.call(code)) return(character())
  parts <- as.list(code)
  takes <- deparse(parts[[1]])[1] %in% c("[", "[[", "$") && identical(parts[[2]], par)
  own <- if (takes) strings_in(parts[[3]], deparse(parts[[1]]) == "$")
  calls <- parts[vapply(parts, is.call, NA)]
  c(own, unlist(lapply(calls, indices_in, par)))
}

# Returns those of "mu", of c("mu", "sigma"), and of mu in par$mu.
strings_in <- function(index, is_name) {
  if (is_name) return(as.character(index))
  if (is.call(index) && identical(index[[1]], quote(c))) index <- as.list(index)[-1]
  unlist(Filter(is.character, as.list(index)))
}
