# Whether the gradient that is delivered is that of `fn`, where a Hessian is made of it: the same evaluations tell the
# curvature along each parameter by values too. A factor that is forgotten in `gr` moves no minimum, but every
# standard error.

# Returns a `doubt`, the warning, if the curvature by gradients is not that by values, or NULL; and `counts`, the
# evaluations c(fn, gr) that it took to be sure, 0 where nothing is suspicious. `found` is what C found: the Hessian as
# the gradients have it, not symmetric.
doubt_curvature <- function(objective, par, found) {
  suspects <- head(list_suspects(found), 5)
  record <- recording(objective)
  compared <- lapply(suspects, function(at) {
    compare_rises(record, par, replace(numeric(length(par)), at, found$steps[at]))
  })
  wrong <- vapply(compared, function(rise) rise$disagrees, NA)
  labels <- labels_of(par, unique(unlist(suspects[wrong])))
  list(doubt = if (any(wrong)) lbfgsb_warning_gradient(compared[[which(wrong)[1]]], describe_curvature(labels)),
       counts = c(length(record$values), record$gradients))
}

describe_curvature <- function(labels) {
  paste0("the gradient is not that of `fn`: in ", enumerate(labels), " `fn` rises otherwise than it says, so standard ",
         "errors are wrong; check_gradient(fit) compares all elements")
}

# Lists the parameters, one or two at a time, in which the Hessian by gradients is off by a tenth: from the curvature
# by values, or from being symmetric.
list_suspects <- function(found) {
  A <- found$hessian
  size <- sqrt(pmax(abs(diag(A)), abs(found$curvatures)))
  off <- which(abs(diag(A) - found$curvatures) > 0.1 * size^2)
  skew <- which(abs(A - t(A)) > 0.1 * outer(size, size) & upper.tri(A), arr.ind = TRUE)
  c(as.list(off), lapply(seq_len(nrow(skew)), function(k) skew[k, ]))
}

# Compares the rise of `fn` along t d from `par` with that by the gradient, for t = 1, 10, 100 in the box: they
# disagree if they do for all, as noise in `fn` or `gr` shows in short steps only, and higher derivatives in long ones.
# As compare_slopes() says it.
compare_rises <- function(objective, par, d) {
  inside <- function(t) all(par + t * d == onto_box(par + t * d, objective$problem))
  rises <- lapply(c(1, Filter(inside, c(10, 100))), function(t) compare_rise(objective, par, t * d))
  differ <- vapply(rises, function(rise) rise$differs, NA)
  c(rises[[1]][c("analytic", "numeric")],
    list(disagrees = all(differ), direction = describe_direction(d, par, objective$problem)))
}

# The rise by the gradient is its integral by Gauss's rule with three points, exact up to the sixth power.
compare_rise <- function(objective, par, d) {
  point <- function(t) onto_box(par + t * d, objective$problem)
  value <- c(value_at(objective, par)$value, value_at(objective, point(1))$value)
  at <- (1 + c(-1, 0, 1) * sqrt(0.6)) / 2
  slope <- vapply(at, function(t) sum(delivered_gradient(objective, point(t))$gradient * d), 0)
  analytic <- sum(c(5, 8, 5) * slope) / 18
  numeric <- value[2] - value[1]
  error <- least_noise(objective) * max(abs(c(value, objective$control$fnscale)))
  list(analytic = analytic, numeric = numeric,
       differs = isTRUE(abs(analytic - numeric) > 0.1 * abs(numeric) + 8 * error))
}
