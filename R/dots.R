# What is meant for lbfgsb() and goes to fn in `...`, because it is misspelt.

own_arguments <- c("lower", "upper", "control", "hessian", "method", "fixed")

# Checks the names of what goes to fn.
check_dots <- function(given, fn, gr, ours = own_arguments) {
  meant <- names_meant(given, fn, gr, ours)
  refuse_surplus(given, fn, meant)
  if (is.function(gr)) refuse_surplus(given, gr, meant, "gr")
  warn_of_misspelt(meant)
}

# Lists what is meant by those of the names that are options or begin one of these arguments, which have five letters or
# more, or are at most two edits from it, unless fn or gr names it. Most calls end at the first lines.
names_meant <- function(given, fn, gr, ours = own_arguments) {
  if (is_native(fn)) {
    stop(lbfgsb_error_argument("...", "goes to `fn`, and a native objective takes nothing but `par`: give what it ",
                               "needs as `data` to native_objective()"))
  }
  arguments <- names(formals(fn)) %||% character()
  place <- match(given, arguments)
  if (!anyNA(place)) return(character())
  known <- c("", NA, if (is.function(gr)) names(formals(gr)))
  meant <- unlist(lapply(setdiff(given[is.na(place)], known), meant_by, arguments, ours))
  if (length(meant) > 0) meant[!names(meant) %in% unlist(lapply(c(fn, gr), names_within))]
}

# Returns the words of a function's code, as of list(...)$low, and the arguments of the functions to which it may hand `...` on.
names_within <- function(f) {
  called <- Filter(is.function, lapply(all.names(body(f)), get0, environment(f), mode = "function"))
  c(unlist(strsplit(deparse(body(f)), "[^[:alnum:]._]+")), unlist(lapply(called, function(g) names(formals(g)))))
}

# meant_by("lowr") = c(lowr = "lower"), or NULL, as where R completes the name to one of fn's arguments.
meant_by <- function(name, arguments, ours) {
  if (any(startsWith(arguments, name))) return(NULL)
  hands_on <- "..." %in% arguments
  meant <- meant_elsewhere(name, hands_on)
  edits <- edits_to(ours, name, hands_on)
  if (is.na(meant) && min(edits) <= 2) meant <- ours[which.min(edits)]
  if (!is.na(meant)) structure(meant, names = name)
}

warn_of_misspelt <- function(meant) {
  for (name in names(meant)) warning(lbfgsb_warning_misspelt(name, meant[[name]]))
}

# Refuses a name that is no argument of fn, or gr, nor the beginning of one: R's own error has all data in it.
refuse_surplus <- function(given, f, meant, what = "fn") {
  arguments <- names(formals(f))
  if (is.null(arguments) || "..." %in% arguments) return()
  surplus <- Filter(function(name) !any(startsWith(arguments, name)), setdiff(given, c("", NA)))
  if (length(surplus) == 0) return()
  first <- c(intersect(surplus, names(meant)), surplus)[1]
  near <- near_names(first, structure(arguments[-1], names = arguments[-1]))
  meant <- c(meant, structure(near, names = rep(first, length(near))))
  what_to_do <- if (first %in% names(meant)) advise(first, meant[[first]]) else paste0("leave it out, or give `", what, "` one")
  stop(lbfgsb_error_argument(first, "goes to `", what, "`, which has no argument of that name: ", what_to_do))
}

advise <- function(name, meant) {
  if (name %in% maximize_names) return(paste("give", meant))
  if (!name %in% constraint_names) return(paste0("did you mean `", meant, "`?"))
  "lbfgsb() has bounds only, see \"Constraints other than bounds\" in vignette(\"models\", \"lbfgsb\")"
}

# Warns, where fn has failed at the start, of arguments that it asks for and nobody gives.
warn_of_missing <- function(objective) {
  if (is.null(objective$fn)) return() # of a run by lbfgsb_tell()
  given <- eval(quote(if (...length() > 0) ...names() %||% ""), parent.env(objective)) %||% character()
  if (anyNA(given) || "" %in% given) return() # one without a name may be any
  arguments <- formals(own_function(objective$fn))[-1]
  required <- names(arguments)[vapply(arguments, identical, NA, quote(expr = ))]
  missing <- Filter(function(name) !any(startsWith(name, given)), setdiff(required, "..."))
  if (length(missing) == 0) return()
  parameters <- names(in_shape(objective$problem$par))
  warning(lbfgsb_warning_arguments(missing, are_parameters = all(missing %in% parameters)))
}

# Warns, once a function, of parameters that `fn` has as arguments of their own too, with a default: fn would go by that,
# and nothing fail.
# Refuses them where the first argument is a parameter by its name, too. `given`: the names in `...`, of which "" may be any;
# `written`: what the call has for `fn`. Most calls end at the first lines.
check_separate <- function(fn, parameters, given, written) {
  arguments <- formals(fn)
  if (length(arguments) < 2) return()
  separate <- parameters[match(parameters, names(arguments)[-1], 0L) > 0L]
  if (length(separate) == 0 || anyNA(given)) return()
  is_left <- function(name) !identical(arguments[[name]], quote(expr = )) && !any(startsWith(name, as.character(given)))
  separate <- Filter(is_left, separate)
  if (length(separate) == 0) return()
  first <- names(arguments)[1]
  wrapper <- wrapper_of(if (is.name(written)) as.character(written) else "fn", has_others = length(given) > 0)
  if (first %in% parameters) refuse_separate(c(first, separate), wrapper)
  if (is_untold(fn, separate)) warning(lbfgsb_warning_separate(separate, first, wrapper))
}

# Tells whether nobody has asked this before in the session, of these arguments of a function of this code.
is_untold <- function(fn, arguments) {
  code <- paste(c(arguments, deparse(removeSource(fn))), collapse = "\n")
  is_known <- code %in% told$separate
  if (!is_known) told$separate <- c(told$separate, code)
  !is_known
}

told <- list2env(list(separate = character())) # of which functions a warning has told

# wrapper_of("nll", FALSE) = "function(p) do.call(nll, as.list(p))"
wrapper_of <- function(fn, has_others) {
  if (has_others) return(paste0("function(p, ...) do.call(", fn, ", c(as.list(p), list(...)))"))
  paste0("function(p) do.call(", fn, ", as.list(p))")
}

refuse_separate <- function(arguments, wrapper) {
  stop(lbfgsb_error_argument("fn", "gets all parameters in one argument, the first, and has one for each, ",
                             enumerate(paste0("`", arguments, "`")), ": give ", wrapper, " in its place"))
}

# Warns, where fn has failed at the start, of names that it asks for and `par` does not have, and of `$` on a vector.
warn_of_names <- function(objective) {
  if (is.null(objective$fn)) return() # of a run by lbfgsb_tell()
  fn <- own_function(objective$fn)
  par <- in_shape(objective$problem$par)
  cause <- describe_dollar(fn, par) %||% describe_asked(fn, par, "fn")
  if (!is.null(cause)) warning(lbfgsb_warning_names(setdiff(names_asked(fn), names(par)), "`fn` fails at the start", cause))
}

# Counts the edits from a name to ours: none if it begins ours, but Inf if it is short and fn may hand it on.
edits_to <- function(ours, name, hands_on) {
  is_short <- hands_on && nchar(name) <= 2
  ifelse(startsWith(ours, name), if (is_short) Inf else 0, adist(name, ours, ignore.case = TRUE))
}

# Returns what is meant by an option outside of `control`, ours or another optimizer's, and by what others call our
# arguments, or NA. Where fn hands `...` on, a short name may well be another function's.
meant_elsewhere <- function(name, hands_on) {
  if (hands_on && nchar(name) <= 3 && !name %in% telling_names) return(NA_character_)
  options <- c(foreign_options, structure(paste(names(own_names), "= ..."), names = names(own_names)))
  unname(c(other_names, structure(paste0("control = list(", options, ")"), names = names(options)))[name])
}

telling_names <- c("jac", "lmm", "lb", "ub", "up") # short, and nobody else's
constraint_names <- c("ui", "ci", "constraints", "hin", "heq", "eval_g_ineq", "eval_g_eq") # of other optimizers
maximize_names <- c("maximize", "maximise", "maximum") # of other optimizers
how_to_maximize <- paste("control = list(fn_is = \"loglik\") to maximize a log-likelihood, or control = list(fn_is =",
                         "\"other\", fnscale = -1) to maximize anything else")
other_names <- c(hess = "hessian", grad = "gr", jac = "gr", start = "par", x0 = "par", lb = "lower", ub = "upper",
                 up = "upper", ctrl = "control", crtl = "control",
                 bounds = "lower` and `upper", gradient = "gr` or `control = list(gradient = ...)",
                 structure(rep("lower` and `upper", length(constraint_names)), names = constraint_names),
                 structure(rep(how_to_maximize, length(maximize_names)), names = maximize_names))

# ---- Names that fn asks for ----------------------------------------------------------------------

# Returns the names by which `fn` takes elements of its first argument, as written: "mu" of par["mu"].
names_asked <- function(fn, by = c("[", "[[", "$")) {
  if (is.null(fn)) return(character()) # of a run by lbfgsb_tell()
  first <- names(formals(fn))[1]
  if (is.null(first)) return(character()) # a primitive
  unique(indices_in(body(fn), as.name(first), by))
}

indices_in <- function(code, par, by) {
  if (!is.call(code)) return(character())
  parts <- as.list(code)
  takes <- deparse(parts[[1]])[1] %in% by && identical(parts[[2]], par)
  own <- if (takes) strings_in(parts[[3]], deparse(parts[[1]]) == "$")
  calls <- parts[vapply(parts, is.call, NA)]
  c(own, unlist(lapply(calls, indices_in, par, by)))
}

# Tells whether `code` computes with all of `par` as with a vector, as in (par - 1)^2.
computes_with <- function(code, par) {
  if (!is.call(code)) return(FALSE)
  parts <- as.list(code)
  computes <- deparse(parts[[1]])[1] %in% c("+", "-", "*", "/", "^", "%*%")
  calls <- parts[vapply(parts, is.call, NA)]
  computes && any(vapply(parts[-1], identical, NA, par)) || any(vapply(calls, computes_with, NA, par))
}

# Returns those of "mu", of c("mu", "sigma"), and of mu in par$mu.
strings_in <- function(index, is_name) {
  if (is_name) return(as.character(index))
  if (is.call(index) && identical(index[[1]], quote(c))) index <- as.list(index)[-1]
  unlist(Filter(is.character, as.list(index)))
}

# ---- What a method would ignore ------------------------------------------------------------------

# Refuses the arguments `given` in `...` of a method, and says which of `ours` is meant. `also`: names that
# callers give to all methods of a generic.
refuse_ignored <- function(given, method, ours, also = character()) {
  names <- setdiff(names(given) %||% rep("", length(given)), also)
  if (length(names) == 0) return()
  name <- if (names[1] == "") "..." else names[1]
  stop(lbfgsb_error_argument(name, "is not known to ", method, "(): ", suggest_argument(name, ours)))
}

# choose_one() = that of the choices which `x` is, or begins; the first where `x` is the default, all of them.
choose_one <- function(x, choices, argument) {
  if (identical(x, choices)) return(choices[1])
  chosen <- if (is_string(x)) pmatch(tolower(x), choices, nomatch = 0) else 0
  if (chosen == 0) {
    shown <- if (is_string(x)) dQuote(x, FALSE) else kind_of(x)
    stop(lbfgsb_error_argument(argument, "must be one of ", enumerate(dQuote(choices, FALSE)), ", not ", shown))
  }
  choices[chosen]
}

# What the methods of other packages call what ours have.
foreign_arguments <- list(
  type = c("method", "contributions"), method = "type", parm = "which", which = "parm", alpha = "level",
  conf = "level", conf.level = "level", cluster = "contributions", R = "replicates", B = "replicates",
  nsim = "replicates", nboot = "replicates", statistic = "data", ran.gen = "simulate", vcov. = "covariance",
  vcov = "covariance", contributions = "covariance"
)

by_another_matrix <- "; by another covariance matrix V go summary(fit, covariance = V) and confint(fit, covariance = V)"

# What more to say of an argument that is meant.
argument_hints <- list(
  covariance = " A matrix, as vcov(fit, contributions = ...): see the sandwich in ?vcov.lbfgsb",
  contributions = " See the sandwich in ?vcov.lbfgsb",
  data = " It names the argument of `fn` that is drawn, as in data = \"y\": the statistic is the estimate"
)

# suggest_argument("levl", ours) = "did you mean `level`?", or a list of ours.
suggest_argument <- function(name, ours) {
  near <- ours[adist(name, ours, ignore.case = TRUE) <= 2]
  meant <- c(intersect(foreign_arguments[[name]], ours), near)
  if (length(meant) > 0) return(paste0("did you mean `", meant[1], "`?", argument_hints[[meant[1]]]))
  paste0("its arguments are ", enumerate(c("the fit", paste0("`", ours, "`", recycle0 = TRUE))),
         if ("covariance" %in% foreign_arguments[[name]]) by_another_matrix)
}
