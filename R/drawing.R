# What a bootstrap draws: which arguments of fn, and how.

# Says what is drawn: `by`, "weights" or "data"; `originals`, the arguments that change, by name, as they are in the fit;
# `simulate` or NULL; `rows`, the observations of each unit that is drawn whole; what `labels` the units in each of the
# originals; the `strata` of the units, and the `members` of each stratum.
drawing_scheme <- function(fit, weights, data, simulate, groups, strata) {
  arguments <- check_drawn(weights, data, simulate)
  if (!is.null(simulate)) refuse_units(list(groups = groups, strata = strata))
  by <- if (is.null(weights)) "data" else "weights"
  fn <- own_function(objective_of(fit)$fn)
  dots <- dots_known_as(arguments, dots_of(objective_of(fit)), fn)
  check_takes(fn, arguments, by)
  refuse_unnamed(arguments, dots, fn)
  originals <- if (by == "data") data_in(dots, arguments, value_beside(fit, dots)) else weights_in(dots, arguments, fit)
  n <- NROW(originals[[1]])
  check_membership(groups, n, "groups")
  check_membership(strata, n, "strata")
  rows <- unname(split(seq_len(n), groups %||% seq_len(n), drop = TRUE))
  first <- vapply(rows, `[`, 0L, 1L)
  check_nesting(rows, strata)
  strata <- (strata %||% rep(1, n))[first]
  labels <- lapply(originals, find_labels, if (by == "data") groups)
  scheme <- list(by = by, originals = originals, simulate = simulate, rows = rows, labels = labels, strata = strata,
                 members = split(seq_along(strata), strata))
  if (!is.null(simulate)) check_simulate(simulate, dots)
  scheme$is_told <- !is.null(simulate) || check_draws(scheme, dots, control_of(fit)$nobs)
  scheme
}

# Returns the names of the arguments that are drawn.
check_drawn <- function(weights, data, simulate) {
  if (!is.null(simulate) && is.null(data)) {
    stop(lbfgsb_error_argument("simulate", "needs `data` too, the name of the argument that it draws: for ",
                               "lbfgsb(par, fn, y = y) say data = \"y\""))
  }
  if (is.null(weights) == is.null(data)) {
    stop(lbfgsb_error_argument("weights", "or `data`, one of them, must name the argument of fn that is drawn: for ",
                               "lbfgsb(par, fn, y = y) say lbfgsb_boot(fit, data = \"y\")"))
  }
  if (!is.null(simulate) && (!is.function(simulate) || length(data) != 1)) {
    stop(lbfgsb_error_argument("simulate", "must be a function that returns new `data`, one argument"))
  }
  check_names_of(data %||% weights, by = if (is.null(data)) "weights" else "data")
}

# Refuses units that are drawn together where a model draws all.
refuse_units <- function(units) {
  given <- names(Filter(length, units))
  if (length(given) > 0) {
    stop(lbfgsb_error_argument(given[1], "has no meaning with `simulate`, which draws all data as its model says: leave it ",
                               "out"))
  }
}

# Refuses a function that does not take what it will be given: `par` and the arguments of fn.
check_simulate <- function(simulate, dots) {
  own <- names(formals(args(simulate)))
  if ("..." %in% own) return()
  if (length(own) <= length(dots) || !all(names(dots) %in% c(own, ""))) {
    takes <- paste(c("par", names(dots)), collapse = ", ")
    stop(lbfgsb_error_argument("simulate", "must take what `fn` takes: function(", takes, ") or function(par, ...), ",
                               "not function(", paste(own, collapse = ", "), ")"))
  }
}

check_names_of <- function(arguments, by) {
  number <- length(arguments)
  if (!is.character(arguments) || number == 0 || number > 1 && by == "weights" || anyNA(arguments)) {
    stop(lbfgsb_error_argument(by, "must be the name of an argument, not ", kind_of(arguments)))
  }
  refuse_twice(arguments, by)
  arguments
}

# Refuses a name that is no argument of fn, unless fn has `...`.
check_takes <- function(fn, arguments, by) {
  own <- names(formals(args(fn)))
  unknown <- if (!"..." %in% own) setdiff(arguments, own)
  if (length(unknown) > 0) {
    stop(lbfgsb_error_argument(by, "must name an argument of fn, and there is no ", unknown[1]))
  }
}

# Lists the data, all of as many observations. `value`: see value_beside().
data_in <- function(dots, arguments, value) {
  for (name in arguments) refuse_no_rows(dots[[name]], name)
  refuse_variables(dots[arguments], value)
  n <- vapply(dots[arguments], NROW, 0L)
  other <- which(n != n[1])
  if (length(other) > 0) {
    stop(lbfgsb_error_argument("data", "must name arguments with as many observations each, and ", arguments[1],
                               " has ", n[1], ", ", arguments[other[1]], " ", n[other[1]]))
  }
  dots[arguments]
}

# Refuses what has no rows to draw.
refuse_no_rows <- function(x, name) {
  if (is.null(x)) {
    stop(lbfgsb_error_argument("data", "must name an argument that the fit was given, not ", name))
  }
  if (length(dim(x)) > 2) {
    stop(lbfgsb_error_argument("data", "must name a vector, matrix, data frame or list, and ", name, " is an array of ",
                               length(dim(x)), " dimensions: fit with a list of its slices, one for each observation"))
  }
}

# Refuses variables in a list, of which each would be taken for an observation. Observations, as the parts that split()
# makes, leave fn its value where each takes the place, and the name, of another.
refuse_variables <- function(originals, value) {
  name <- names(Filter(may_be_variables, originals))[1]
  if (is.na(name) || are_exchangeable(originals, value)) return()
  x <- originals[[name]]
  instead <- if (length(unique(vapply(x, NROW, 0L))) == 1) {
    paste("fit with", as_rows(x, name))
  } else {
    "fit with each variable as an argument of its own, and give their names, as in data = c(\"y\", \"x\")"
  }
  stop(lbfgsb_error_argument("data", "names ", name, ", a list of which `fn` takes the elements by name or place, as variables, ",
                             "and these would be drawn, not their rows: ", instead))
}

may_be_variables <- function(x) is_plain_list(x) && !is.null(names(x)) && all(vapply(x, is.atomic, NA))

# Writes what makes a data frame of a list of variables, in which a matrix stays one column.
as_rows <- function(x, name) {
  if (any(lengths(lapply(x, dim)) > 0)) paste0("data.frame(lapply(", name, ", I))") else paste0("data.frame(", name, ")")
}

# Refuses units of which each draw takes all, and warns of what may belong to drawn data and stays as it is, and of a table. Tells
# whether it has, or the data are not drawn at all.
check_draws <- function(scheme, dots, nobs) {
  if (all(table(scheme$strata) == 1)) {
    stop(lbfgsb_error_argument(scheme$by, "must leave something to draw: there is one observation or group alone, or ",
                               "each is a stratum of its own"))
  }
  if (scheme$by != "data") return(TRUE)
  others <- dots[!names(dots) %in% c("", names(scheme$originals))]
  n <- NROW(scheme$originals[[1]])
  kept <- names(Filter(function(x) !is.function(x) && NROW(x) == n, others))
  if (length(kept) > 0) warning(lbfgsb_warning_drawn(names(scheme$originals), kept))
  is_table <- n < (nobs %||% 0) && warn_of_table(scheme$originals, nobs)
  length(kept) > 0 || is_table
}

# Warns of a table, of which the cells would be drawn: where there are counts that add up to the number of observations, or
# fewer numbers than these, unless they only name what is drawn. Tells whether it has.
warn_of_table <- function(originals, nobs) {
  counts <- unlist(Map(counts_in, originals, names(originals), nobs), use.names = FALSE)[1]
  is_short <- !any(vapply(originals, is_plain_list, NA)) && sum(lengths(lapply(originals, unlist))) < nobs
  if (is.null(counts) && (!is_short || any(vapply(originals, are_ids, NA)))) return(FALSE)
  name <- sub("\\$.*", "", counts %||% names(originals)[1])
  x <- originals[[name]]
  warning(lbfgsb_warning_frequencies(
    name, nobs, "`", name, "` has ", counted(NROW(x), if (length(dim(x)) > 1) "row" else "element"), ", and control$nobs is ",
    nobs, ". If it is a table of counts, the bootstrap draws its cells, not the observations that they count, and its errors ",
    "are wrong. ", draw_table(name, counts, length(originals) > 1)
  ))
  TRUE
}

# counts_in() = "n" or "d$Freq": what counts the observations; NULL if nothing does, or what it counts are trials, as another
# column of whole numbers is nowhere larger.
counts_in <- function(x, name, nobs) {
  if (!is.data.frame(x)) return(if (are_frequencies(x, nobs)) name)
  columns <- names(Filter(function(column) are_frequencies(column, nobs), x))
  if (length(columns) > 0 && !have_successes(x, columns[1])) paste0(name, "$", columns[1])
}

# Tells whether x may name what is drawn, as subjects: by words or whole numbers, each once.
are_ids <- function(x) {
  is.atomic(x) && is.null(dim(x)) && anyDuplicated(x) == 0 && (!is.numeric(x) || isTRUE(all(x == round(x))))
}

have_successes <- function(x, trials) {
  are_within <- function(column) is.numeric(column) && all(column == round(column) & column <= x[[trials]] & column >= 0)
  any(vapply(x[names(x) != trials], function(column) isTRUE(are_within(column)), NA))
}

is_plain_list <- function(x) is.list(x) && !is.data.frame(x)

# Says how to draw the observations of a table: their counts are multinomial, with those that there are for probabilities.
draw_table <- function(name, counts, among_others) {
  if (is.null(counts)) {
    return(paste("If its rows are what varies, as studies, or trials with their successes, this is right. Else fit to the single",
                 "observations, or give `simulate`, a function that draws such a table"))
  }
  paste0("To draw the observations give simulate = function(par, ", name, ", ...) { ", counts, "[] <- rmultinom(1, sum(",
         counts, "), ", counts, "); ", name, " }", if (among_others) paste0(", and data = ", dQuote(name, FALSE)))
}

# ---- Groups ----------------------------------------------------------------------------------------

# Finds what labels the groups in an argument: TRUE for a vector that does, the names or numbers of columns; nothing
# without groups.
find_labels <- function(x, groups) {
  if (is.data.frame(x)) return(names(Filter(function(column) are_labels(column, groups), x)))
  if (is.matrix(x)) return(which(apply(x, 2, are_labels, groups)))
  if (are_labels(x, groups)) TRUE
}

# Tells whether x names the groups: by words, or by the numbers that `groups` has, or those of its levels. Other numbers, as a
# mean of each group, are data.
are_labels <- function(x, groups) {
  if (is.null(groups) || !is.atomic(x) || length(x) != length(groups)) return(FALSE)
  splits_as <- function(groups) identical(match(x, unique(x)), match(groups, unique(groups)))
  is_number <- !is.factor(x) && !is.character(x)
  same <- function(groups) identical(as.character(x), as.character(groups))
  splits_as(groups) && (!is_number || same(groups) || same(as.integer(factor(groups))))
}

# Leaves of the labels those that are nothing else: the value of fn stays the same where the groups exchange them, each taking
# that of the next. What is data too, as a year, keeps its values, and is warned of.
mere_labels <- function(scheme, value) {
  if (all(lengths(scheme$labels) == 0)) return(scheme$labels)
  in_order <- drawn_arguments(scheme, rep(1, length(scheme$rows)))
  before <- value(in_order)
  first <- vapply(scheme$rows, `[`, 0L, 1L)
  exchanged <- rep(c(first[-1], first[1]), lengths(scheme$rows))
  is_mere <- function(label, name) {
    x <- draw_rows(scheme$originals[[name]], label, unlist(scheme$rows), exchanged)
    isTRUE(abs(value(replace(in_order, name, list(x))) - before) <= 1e-10 * abs(before))
  }
  Map(function(labels, name) {
    are_mere <- vapply(labels, is_mere, NA, name)
    for (label in labels[!are_mere]) warning(lbfgsb_warning_labels(describe_label(name, label)))
    labels[are_mere]
  }, scheme$labels, names(scheme$labels))
}

# describe_label() = d, d$school or d[, 2]
describe_label <- function(name, label) {
  paste0(name, if (is.character(label)) paste0("$", label) else if (is.numeric(label)) paste0("[, ", label, "]"))
}

# Lists one weight an observation, by the argument's name: 1 where the fit has none.
weights_in <- function(dots, argument, fit) {
  given <- dots[[argument]]
  refuse_no_weights(given, argument)
  if (are_frequencies(given, control_of(fit)$nobs)) warn_of_frequencies(argument, sum(given))
  if (length(given) > 1) return(dots[argument])
  n <- control_of(fit)$nobs %||%
    stop(lbfgsb_error_argument("control$nobs", "must be given, the number of observations, or `", argument,
                               "`, their weights"))
  structure(list(rep(given %||% 1, n)), names = argument)
}

warn_of_frequencies <- function(argument, observations) {
  warning(lbfgsb_warning_frequencies(
    argument, observations, "`", argument, "` adds up to control$nobs, ", observations, ": if it counts equal observations, ",
    "they are drawn all together or not at all, and the errors are too large. Fit to the single observations, whose rows are ",
    "rep(seq_along(", argument, "), ", argument, ")"
  ))
}

refuse_no_weights <- function(x, name) {
  if (is.null(x) || (is.numeric(x) || is.logical(x)) && length(x) == NROW(x)) return()
  what <- if (is.data.frame(x)) "a data frame" else if (is.matrix(x)) "a matrix" else kind_of(x)
  instead <- if (is.function(x)) "name the argument that weights the observations" else paste0("give data = \"", name, "\"")
  stop(lbfgsb_error_argument(name, "is ", what, ", not weights: ", instead))
}

# Tells whether numbers say how many equal observations there are: whole ones, in all `nobs`.
are_frequencies <- function(x, nobs) {
  is.numeric(x) && length(x) > 1 && isTRUE(all(x == round(x))) && sum(x) > length(x) && sum(x) == (nobs %||% 0)
}

check_membership <- function(x, n, argument) {
  if (!is.null(x) && (length(x) != n || anyNA(x))) {
    stop(lbfgsb_error_argument(argument, "must have one element for each of the ", n,
                               " observations, and no NA"))
  }
}

check_nesting <- function(rows, strata) {
  if (!is.null(strata) && any(vapply(rows, function(unit) length(unique(strata[unit])), 0L) > 1)) {
    stop(lbfgsb_error_argument("strata", "must be the same for all observations of a group"))
  }
}

# Draws how often each unit counts, of the members of each stratum: as many as it has.
draw_counts <- function(members) {
  counts <- integer(sum(lengths(members)))
  for (units in members) counts[units] <- tabulate(sample.int(length(units), replace = TRUE), length(units))
  counts
}

# Makes the arguments that change, by name, where unit j counts so many times. The k-th unit that is drawn is labelled as the
# k-th of all, so that two copies of a group are two groups.
drawn_arguments <- function(scheme, times) {
  if (scheme$by == "weights") {
    by_row <- unlist(scheme$rows)
    return(lapply(scheme$originals, function(w) replace(w, by_row, w[by_row] * rep(times, lengths(scheme$rows)))))
  }
  arranged(scheme, scheme$rows[rep(seq_along(times), times)])
}

# Makes them of these units, a list of their rows.
arranged <- function(scheme, rows) {
  first <- vapply(scheme$rows[seq_along(rows)], `[`, 0L, 1L)
  Map(draw_rows, scheme$originals, scheme$labels, list(unlist(rows)), list(rep(first, lengths(rows))))
}

# Takes these rows of x; what `labels` them from other ones.
draw_rows <- function(x, labels, rows, labelled_as) {
  if (isTRUE(labels)) return(x[labelled_as])
  if (length(dim(x)) < 2) return(x[rows])
  drawn <- x[rows, , drop = FALSE]
  if (length(labels) > 0) drawn[, labels] <- x[labelled_as, labels]
  drawn
}

# Draws the arguments of one refit.
draw_arguments <- function(task) {
  scheme <- task$scheme
  if (is.null(scheme$simulate)) return(drawn_arguments(scheme, draw_counts(scheme$members)))
  simulated <- do.call(scheme$simulate, c(list(task$call$par), dots_in(task$call)), quote = TRUE)
  replace(scheme$originals, 1, list(simulated))
}

# Returns what a call gives to fn besides par.
dots_in <- function(call) call[!names(call) %in% c("par", "fn", "gr", "lower", "upper", "control")]

# Refuses arguments on which fn does not depend: beside the estimate, where nothing is balanced, its value is the same
# for each of 20 draws. Mostly one is enough.
refuse_unused <- function(task, fit, seed) {
  value <- value_beside(fit, dots_in(task$call))
  before <- value(task$scheme$originals)
  changes <- function(stream) {
    drawn <- NULL # where that fails
    after <- with_random_state(stream, value(drawn <- draw_arguments(task)))
    changed <- !isTRUE(abs(after - before) <= rounding_of(before))
    if (changed) warn_of_size(task$scheme, drawn)
    changed
  }
  for (stream in random_streams(seed, 20)) if (changes(stream)) return()
  stop(lbfgsb_error_argument(task$scheme$by, "must name what `fn` depends on, and its value stays the same whatever is ",
                             "drawn for ", enumerate(names(task$scheme$originals))))
}

# Warns of a model that draws another number of observations than there are: then the errors are those of other data.
warn_of_size <- function(scheme, drawn) {
  sizes <- c(NROW(drawn[[1]]), NROW(scheme$originals[[1]]))
  if (!is.null(scheme$simulate) && !is.null(drawn) && sizes[1] != sizes[2]) {
    warning(lbfgsb_warning_size(names(scheme$originals), sizes))
  }
}

# Returns a function of those of the dots that are drawn: fn at a point close to the estimate, NA where it fails.
value_beside <- function(fit, dots) {
  objective <- objective_of(fit)
  beside <- point_beside(flat_par(fit), objective$problem, 0.01)
  function(drawn) {
    call <- c(list(beside), replace(dots, names(drawn), drawn))
    on_error(read_value(do.call(objective$fn, call, quote = TRUE))$value, function(e) NA_real_)
  }
}
