# `par` as a named list of numbers, arrays or such lists, at any depth: fn and gr see the list, the solver the
# vector flat_numbers(par), which carries the list as the attribute "skeleton", so a state knows it too.

# Returns the start as fn is to get it: a data frame of one row is a list.
as_start <- function(par) {
  if (!is.list(par)) return(par)
  if (is.data.frame(par)) par <- row_of(par)
  if (is.pairlist(par)) par <- as.list(par) # as formals() returns
  check_parts(par, "par")
  par
}

row_of <- function(frame) {
  if (nrow(frame) != 1) {
    stop(lbfgsb_error_argument("par", "is a data frame with ", counted(nrow(frame), "row"), ": give one of ",
                               "them, par[1, ], or all to lbfgsb_multistart()"))
  }
  as.list(frame)
}

# Refuses a list with parts that are no numbers; `path` is where it is in the call, "par$beta".
check_parts <- function(par, path) {
  if (length(par) == 0) stop(lbfgsb_error_argument(path, "must have at least one element"))
  check_names(par, path)
  for (name in names(par)) {
    part <- par[[name]]
    at <- paste0(path, "$", name)
    if (is.list(part)) {
      check_parts(part, at)
    } else if (!is.numeric(part)) {
      stop(lbfgsb_error_argument(at, "must be numeric, not ", kind_of(part)))
    }
  }
}

check_names <- function(list, path) {
  if (length(list) == 0) stop(lbfgsb_error_argument(path, "is an empty list: leave it out"))
  given <- names(list)
  if (is.null(given) || anyNA(given) || !all(nzchar(given))) {
    stop(lbfgsb_error_argument(path, "is a list, and some of its elements have no name: name them, or give a ",
                               "vector"))
  }
  refuse_twice(given, path)
}

refuse_twice <- function(names, path) {
  twice <- unique(names[duplicated(names)])
  if (length(twice) > 0) {
    stop(lbfgsb_error_argument(path, "has a name twice: ", enumerate(twice)))
  }
}

# ---- There and back ------------------------------------------------------------------------------

flatten <- function(par) if (is.list(par)) structure(flat_numbers(par), skeleton = par) else par

# flat_numbers(list(b = 1:2, M = M)) = unlist() of it, with names b1, b2, and M[1,2] or M[old,int] of a matrix or array.
flat_numbers <- function(par) {
  if (!is.list(par)) return(par)
  labelled <- function(part) if (length(dim(part)) < 2) part else structure(as.vector(part), names = labels_of(part))
  x <- unlist(rapply(par, labelled, how = "replace"))
  names(x) <- sub(".[", "[", names(x), fixed = TRUE)
  x
}

# Returns a vector as the list that it was made of, if it was.
in_shape <- function(x) {
  skeleton <- attr(x, "skeleton")
  if (is.null(skeleton)) x else refill(skeleton, as.vector(x))
}

# Returns the skeleton with these numbers, in the order of unlist(), in place of its own.
refill <- function(skeleton, x) {
  if (!is.list(skeleton)) {
    skeleton[] <- x
    return(skeleton)
  }
  sizes <- vapply(skeleton, function(part) length(unlist(part)), 0L)
  before <- cumsum(sizes) - sizes
  for (i in seq_along(skeleton)) skeleton[[i]] <- refill(skeleton[[i]], x[before[i] + seq_len(sizes[i])])
  skeleton
}

# Returns the numbers of `par` in the shape and order of `model`: par itself where its names are model's, or that has
# none; NULL if it names other parameters, or has more or fewer.
like_model <- function(par, model) {
  numbers <- flat_numbers(par)
  own <- names(flat_numbers(model))
  if (length(numbers) != length(unlist(model))) return(NULL)
  if (is.null(own) || identical(names(numbers), own)) return(par)
  if (is.null(names(numbers))) return(refill(model, numbers))
  if (setequal(names(numbers), own) && !anyDuplicated(own)) refill(model, unname(numbers[own]))
}

reshape_fit <- function(fit) {
  fit[c("par", "gradient")] <- lapply(fit[c("par", "gradient")], in_shape)
  fit
}

# Makes a callback see the lists.
with_lists <- function(callback, par) {
  force(callback)
  if (is.null(attr(par, "skeleton"))) return(callback)
  function(progress) callback(reshape_fit(progress))
}

# ---- fn and gr -----------------------------------------------------------------------------------

# Return fn and gr of a list like `skeleton`, as functions of the vector; as they are if that is none. What stands in for
# fn or gr calls the point `.`: R takes the beginning of a formal's name for the name, and `p` would be `par`.
flat_fn <- function(fn, skeleton) {
  if (!is.list(skeleton)) return(fn)
  works <- FALSE
  flat <- function(., ...) {
    value <- withCallingHandlers(
      fn(refill(skeleton, as.vector(.)), ...),
      error = function(e) if (!works && may_want_vector(fn, skeleton)) warning(lbfgsb_warning_list())
    )
    works <<- TRUE
    flat_value(value, skeleton)
  }
  structure(flat, own = fn)
}

# Tells whether all leaves of a list are single numbers, as of a vector that became one, or `fn` computes with the list;
# not where `fn` has its names as further arguments, of which others warn (R/dots.R).
may_want_vector <- function(fn, skeleton) {
  arguments <- names(formals(args(fn)))
  if (any(names(skeleton) %in% arguments[-1])) return(FALSE)
  all(rapply(skeleton, length, how = "unlist") == 1) || computes_with(body(fn), as.name(arguments[1]))
}

flat_gr <- function(gr, skeleton) {
  if (!is.list(skeleton) || is.null(gr)) return(gr)
  flat <- function(., ...) flat_gradient(gr(refill(skeleton, as.vector(.)), ...), skeleton, "gr")
  structure(flat, own = gr)
}

# Returns the user's function behind one of a flat vector.
own_function <- function(f) if (is.null(attr(f, "own"))) f else attr(f, "own")

# Returns the value of fn with the gradient that came along as a vector.
flat_value <- function(value, skeleton) {
  if (is.list(value)) {
    value[["gradient"]] <- flat_gradient(gradient_with(value), skeleton, "fn")
  } else if (is.list(gradient_with(value))) {
    attr(value, "gradient") <- flat_gradient(gradient_with(value), skeleton, "fn")
  }
  value
}

# Makes a vector of a gradient in the shape of `skeleton`, at every depth matched by its names if it has any.
flat_gradient <- function(gradient, skeleton, source) {
  if (!is.list(gradient) || !is.list(skeleton)) return(in_order_of(as_plain(gradient), skeleton))
  if (is.null(names(gradient))) {
    if (length(gradient) != length(skeleton)) return(unlist(gradient))
    names(gradient) <- names(skeleton)
  }
  missing <- setdiff(names(skeleton), names(gradient))
  if (length(missing) > 0) {
    stop(lbfgsb_error_objective(source, gradient, "`", source, "` must return a gradient with the ",
                                "components of `par`, and there is no ", enumerate(missing)))
  }
  parts <- Map(flat_gradient, gradient[names(skeleton)], skeleton, source)
  unlist(parts, use.names = FALSE)
}

# Returns x in the order of par, if its names are par's in another one; of an array, if those of its rows, columns, ... are.
in_order_of <- function(x, par) {
  if (length(dim(par)) > 1) return(if (identical(dim(x), dim(par))) aligned(x, par) else x)
  order <- if (length(x) == length(par)) order_along(names_along(x), names(par))
  if (is.null(order)) x else x[order]
}

# names_along() = names(x), or of a matrix of one row or column, as the gradient by deriv(), those of its columns or rows.
names_along <- function(x) if (sum(dim(x) > 1) == 1) dimnames(x)[[which(dim(x) > 1)]] else names(x)

# Returns an array of the dimensions of `par` with its rows, columns, ... in the order of par's.
aligned <- function(x, par) {
  if (is.null(dimnames(x)) || is.null(dimnames(par))) return(x)
  orders <- Map(function(given, wanted) order_along(given, wanted) %||% TRUE, unname(dimnames(x)), unname(dimnames(par)))
  do.call(`[`, c(list(x), orders, drop = FALSE))
}

# order_along(c("b", "a"), c("a", "b")) = 2:1, where names are among those `given`; NULL unless these are the same in another
# order.
order_along <- function(given, wanted) {
  permuted <- !is.null(given) && !identical(given, wanted) && !anyDuplicated(wanted) && setequal(given, wanted)
  if (permuted && length(given) == length(wanted)) match(wanted, given)
}

# ---- Bounds and fixed values ---------------------------------------------------------------------

# Returns what `x` says of each element of flat_numbers(par), a double; `default` where it says nothing. A list
# names components of `par`, at every depth, or single elements; anything else is as for a vector.
spread <- function(x, par, argument, default) {
  if (!is.list(x) || !is.list(par)) {
    if (is.list(par)) x <- by_elements(x, par, argument)
    return(per_parameter(x, flat_numbers(par), argument, default))
  }
  check_names(x, argument)
  longer <- Filter(function(name) !anyNA(positions_of(name, par)), setdiff(names(x), names(par)))
  refuse_unknown(setdiff(names(x), longer), par, argument)
  parts <- lapply(names(par), function(name) {
    if (!name %in% names(x)) return(rep(default, length(unlist(par[[name]]))))
    spread(named_within(x[[name]], par[name]), par[[name]], paste0(argument, "$", name), default)
  })
  values <- unlist(parts)
  for (name in longer) {
    at <- positions_of(name, par)
    values[at] <- per_parameter(x[[name]], flat_numbers(par)[at], paste0(argument, "$", name), default)
  }
  values
}

# Returns a vector that names a component of one element, c(sd = 0), with the name of that, "sd.s"; refuses a number for all
# of a component with several, and a name that parts share, as "a1" of list(a = 1:2, a1 = 3).
by_elements <- function(x, par, argument) {
  own <- names(flat_numbers(par))
  if (!identical(names(x), own)) refuse_shared(names(x), own, argument)
  for (component in setdiff(names(x), own)) {
    at <- positions_of(component, par)
    if (length(at) > 1) {
      stop(lbfgsb_error_argument(argument, "has the name of a component with several elements, ", component,
                                 ": for all of these give a list, ", argument, " = list(", component, " = ",
                                 format(x[[component]]), ")"))
    }
    if (!is.na(at)) names(x)[names(x) == component] <- own[at]
  }
  x
}

# positions_of("beta", list(mu = 0, beta = 1:2)) = c(2, 3): where a parameter, as coef() names it, or a component of a list
# is among all; NA of neither.
positions_of <- function(name, par) {
  at <- match(name, make.unique(labels_of(flat_numbers(par))))
  if (!is.na(at) || !is.list(par)) return(at)
  within <- which(vapply(components_of(par), function(components) name %in% components, NA))
  if (length(within) > 0) within else NA
}

# components_of(list(curve = list(phase = 1:2))) = two times c("curve", "curve.phase"): for each number what it is in.
components_of <- function(par, above = NULL) {
  below <- lapply(names(par), function(name) {
    components <- c(above, paste(c(tail(above, 1), name), collapse = "."))
    if (is.list(par[[name]])) components_of(par[[name]], components) else rep(list(components), length(par[[name]]))
  })
  unlist(below, recursive = FALSE)
}

# Returns x with the names of elements of a component, list(b = ), as they are within it, if they are those that the elements
# have in all of `par`: "b2" is "[2]".
named_within <- function(x, component) {
  if (is.list(component[[1]])) return(x)
  at <- match(names(x), names(flat_numbers(component)))
  if (length(at) > 0 && !anyNA(at)) names(x) <- labels_of(component[[1]], at)
  x
}

# Returns the parameters of a fit as one vector.
flat_par <- function(fit) flat_numbers(fit$par)
