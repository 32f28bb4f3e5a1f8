# A parameter at a bound along which f is level, as a standard deviation at 0, in which f is even: a run that starts there
# stays there, also where f falls to the inside, as it may once others have moved.

# off_level() = par (n), where a fit or a part of a profile ended, for the start of another run: what is at such a bound,
# or next to it, is a tenth of the way back to the start of the fit. slopes: of f at par (n), or NULL.
off_level <- function(par, slopes, fit) {
  if (is.null(slopes)) return(par)
  problem <- objective_of(fit)$problem
  away <- abs(as.vector(problem$par) - par)
  away <- ifelse(away > 0, away, parameter_size(par, problem$parscale, divisor = 1))
  at_lower <- par - problem$lower <= next_to_bound * away
  at_upper <- problem$upper - par <= next_to_bound * away
  level <- at_lower != at_upper & abs(slopes) * away / 10 <= level_rise(fit)
  ifelse(level, onto_box(par + ifelse(at_lower, away, -away) / 10, problem), par)
}

next_to_bound <- 1e-4 # of the way to the start

# level_rise() = 30 max(3e-10, 2 eta) |f|, as in METHOD.md (63) with fall = 0
level_rise <- function(fit) 30 * max(3e-10, 2 * least_noise(control_of(fit))) * abs(fit$value)
