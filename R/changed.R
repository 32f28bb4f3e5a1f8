# Whether `fn` is what was minimized: a variable that it reads may have changed since. One value tells, that at the
# best point.

# Returns objective_of(fit) for what evaluates it after the fit, or refuses another `fn` than was fitted. That takes an
# evaluation, and one on each worker, and leaves no trace in R's random numbers.
objective_now <- function(fit, control = control_of(fit)) {
  objective <- objective_of(fit)
  if (is.na(fit$value)) return(objective) # of a run that was ended before it had one
  restore <- remember_random_state()
  on.exit(restore())
  values <- on_error(values_now(objective, flat_par(fit)), function(e) refuse_lost(e, fit))
  for (value in values) {
    if (is_another(value, fit, objective, control)) {
      stop(lbfgsb_error_changed(fit$par, value, fit$value, "the estimate",
                                "A variable that it reads has changed since, or it draws random numbers. Give what it ",
                                "reads as arguments after `fn`, as in lbfgsb(par, fn, y = y): they are kept with ",
                                "the fit. Or fit again."))
    }
  }
  objective
}

# Refuses `fn` that fails now where it did not, as where the data that it reads are not there in a new session.
refuse_lost <- function(error, fit) {
  if (inherits(error, "lbfgsb_error")) stop(error)
  stop(lbfgsb_error_changed(fit$par, NA_real_, fit$value, "the estimate",
                            "What `fn` reads from elsewhere, as data, is not kept with the fit: give it as arguments after ",
                            "`fn`, as in lbfgsb(par, fn, y = y). Or make it again before you ask.", parent = error))
}

# Returns `fn` at `par` as it is here, and as the workers have it who take differences.
values_now <- function(objective, par) {
  here <- value_at(objective, par)$value
  cluster <- objective$control$cluster
  if (!is.null(objective$gr) || is.null(cluster) || inherits(cluster, "lbfgsb_shards")) return(here)
  workers <- count_workers(cluster)
  c(here, unlist(objective$evaluate_points(par, rep(1, workers), rep(par[[1]], workers))))
}

# Tells whether a value at the best point is not the one that a fit, or a run under way, has: to 8 digits, to the noise
# of `fn`, or, as measured by a few values more, to its rounding.
is_another <- function(value, fit, objective, control) {
  off <- abs(value - fit$value)
  noise <- max(sqrt(.Machine$double.eps), 8 * least_noise(control))
  if (isTRUE(off <= noise * abs(fit$value))) return(FALSE)
  !is.finite(off) || off > rounding_of(value_size(recording(objective, guard = or_nan), flat_par(fit), value))
}
