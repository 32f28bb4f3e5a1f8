# `par` as a named list of numeric arrays: fn and gr see the list, the solver the vector unlist(par), which
# carries the list as the attribute "skeleton", so a state knows it too.

is_list_of_arrays <- function(par) {
  is.list(par) && !is.null(names(par)) && all(vapply(par, is.numeric, NA))
}

flatten <- function(par) structure(unlist(par), skeleton = par)

# Returns a vector as the list that it was made of, if it was.
in_shape <- function(x) {
  skeleton <- attr(x, "skeleton")
  if (is.null(skeleton)) x else relist(x, skeleton)
}

reshape_fit <- function(fit) {
  fit[c("par", "gradient")] <- lapply(fit[c("par", "gradient")], in_shape)
  fit
}

# Return fn and gr of a list like `skeleton`, as functions of the vector; as they are if that is NULL.
flat_fn <- function(fn, skeleton) {
  if (is.null(skeleton) || !is.function(fn)) return(fn)
  function(par, ...) flat_value(fn(relist(par, skeleton), ...), skeleton)
}

flat_gr <- function(gr, skeleton) {
  if (is.null(skeleton) || !is.function(gr)) return(gr)
  function(par, ...) flat_gradient(gr(relist(par, skeleton), ...), skeleton, "gr")
}

# Returns the value of fn with the gradient that came along as a vector.
flat_value <- function(value, skeleton) {
  if (is.list(value)) {
    value$gradient <- flat_gradient(value$gradient, skeleton, "fn")
  } else if (is.list(attr(value, "gradient"))) {
    attr(value, "gradient") <- flat_gradient(attr(value, "gradient"), skeleton, "fn")
  }
  value
}

# Makes a vector of a gradient: a list of arrays is matched by its names, if it has any.
flat_gradient <- function(gradient, skeleton, source) {
  if (!is.list(gradient) || is.null(skeleton)) return(gradient)
  if (!is.null(names(gradient)) && !identical(names(gradient), names(skeleton))) {
    missing <- setdiff(names(skeleton), names(gradient))
    if (length(missing) > 0) {
      stop(lbfgsb_error_objective(source, gradient, "`", source, "` must return a gradient with the ",
                                  "components of `par`, and there is no ", enumerate(missing)))
    }
    gradient <- gradient[names(skeleton)]
  }
  unlist(gradient, use.names = FALSE)
}

# Makes a vector of a bound: as a list it holds for the components it names, each a number or as long as the
# component; other bounds are as for unlist(par).
unlist_bound <- function(bound, par, default) {
  if (!is.list(bound)) return(bound)
  argument <- if (default < 0) "lower" else "upper"
  unknown <- setdiff(names(bound), names(par))
  if (is.null(names(bound)) || length(unknown) > 0) {
    stop(lbfgsb_error_argument(argument, "must name components of `par`, not ", enumerate(unknown)))
  }
  wrong <- names(bound)[!(lengths(bound) == 1 | lengths(bound) == lengths(par[names(bound)]))]
  if (length(wrong) > 0) {
    stop(lbfgsb_error_argument(argument, "must have one number or as many as `par` has in ",
                               enumerate(wrong)))
  }
  full <- replace(lapply(par, function(x) default), names(bound), bound)
  unlist(Map(function(b, x) rep_len(b, length(x)), full, par), use.names = FALSE)
}

# Returns the parameters of a fit as one vector.
flat_par <- function(fit) unlist(fit$par)
