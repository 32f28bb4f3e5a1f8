# `par` as a named list of numeric arrays: fn and gr see the list, the solver the vector unlist(par).

is_list_of_arrays <- function(par) {
  is.list(par) && !is.null(names(par)) && all(vapply(par, is.numeric, NA))
}

minimize_list <- function(par, fn, gr, lower, upper, control, hessian, ...) {
  in_shape <- function(x) relist(x, par)
  fit <- lbfgsb(
    par = unlist(par),
    fn = function(par, ...) flat_value(fn(in_shape(par), ...)),
    gr = if (is.function(gr)) function(par, ...) unlist(gr(in_shape(par), ...)) else gr,
    ...,
    lower = unlist_bound(lower, par, -Inf), upper = unlist_bound(upper, par, Inf),
    control = control, hessian = hessian
  )
  fit[c("par", "gradient")] <- lapply(fit[c("par", "gradient")], in_shape)
  fit
}

# The value of fn with the gradient that came along, a list of arrays too, as a vector.
flat_value <- function(value) {
  if (is.list(value)) {
    value$gradient <- unlist(value$gradient)
  } else if (is.list(attr(value, "gradient"))) {
    attr(value, "gradient") <- unlist(attr(value, "gradient"))
  }
  value
}

# A bound as a list holds for the components it names; other bounds are as for unlist(par).
unlist_bound <- function(bound, par, default) {
  if (!is.list(bound)) return(bound)
  unknown <- setdiff(names(bound), names(par))
  if (is.null(names(bound)) || length(unknown) > 0) {
    stop(lbfgsb_error_argument(if (default < 0) "lower" else "upper",
                               "must name components of `par`, not ", enumerate(unknown)))
  }
  full <- replace(lapply(par, function(x) default), names(bound), bound)
  unlist(Map(function(b, x) rep_len(b, length(x)), full, par), use.names = FALSE)
}

# The parameters of a fit as one vector.
flat_par <- function(fit) unlist(fit$par)
