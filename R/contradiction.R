# A gradient that is not that of `fn`: the run ends where it is 0, and claims to have converged. Its last step
# tells. By the trapezoid rule `fn` changes along s, with y the change of the gradient g, by s'(g - y / 2), and
# where g is right that is all but exact so near to the end. If `fn` says otherwise the claim is looked at.

# Tells so (src/r_pairs.c); not by the published rule, which asks for no evidence.
is_contradicted <- function(state) state$control$confirm && .Call(C_contradicted, state)

# Takes the claim back if `fn` has a slope at the end that the gradient does not have. What is evaluated is
# counted.
doubt_claim <- function(fit) {
  record <- recording(fit$objective)
  d <- ifelse(fit$bounds == "free", as.vector(point_beside(fit$par, record$problem, 1) - fit$par), 0)
  slope <- compare_along(record, record$problem, fit$par, d, sum(fit$gradient * d), fit$value)
  wrong <- slope$disagrees && is_as_wrong_nearby(record, fit, slope, d)
  fit <- at_lowest(fit, record)
  fit$counts <- fit$counts + c(length(record$values), record$gradients)
  if (wrong) take_back(fit, slope, "not converged: the gradient is not that of fn") else fit
}

# Tells whether the slope's error is about the same beside the fit. At a corner it is gone there; and of a gradient
# that is wrong by a factor it is far larger, but that is 0 in the right place.
is_as_wrong_nearby <- function(objective, fit, slope, d) {
  nearby <- compare_nearby(objective, replace(objective$problem, "par", list(fit$par)), d)
  isTRUE(error_ratio(nearby, slope) > 1 / 2 && error_ratio(nearby, slope) < 4)
}

error_ratio <- function(a, b) abs(a$analytic - a$numeric) / abs(b$analytic - b$numeric)
