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

# ---- Far out -------------------------------------------------------------------------------------------------

# off_plateau() = par (n), where a fit ended, for the start of another run: what has gone so far out that f barely depends on
# it, as the logit of a share of 0, comes back towards the start of the fit. Of other data, or of a smaller model, the best
# value may be near, and nothing out there would tell. Each parameter takes an evaluation, so this is for n <= 100.
off_plateau <- function(par, fit) {
  if (fit$convergence == 1L || !is.finite(fit$value) || length(par) > 100) return(par)
  objective <- recording(objective_of(fit), guard = or_nan)
  shape <- objective$problem$par
  start <- as.vector(shape)
  rise <- function(par) sign(objective$control$fnscale) * (value_at(objective, replace(shape, TRUE, par))$value - fit$value)
  most <- min(on_error(most_variance_factor(fit), function(e) Inf) / 100, 1e-4 * abs(fit$value))
  restore <- remember_random_state()
  on.exit(restore())
  far <- which(fit$bounds == "free" & abs(par - start) > abs(start))
  if (length(far) > 0 && !isTRUE(abs(rise(par)) <= most)) return(par) # f is not what it was
  for (i in far) {
    at <- function(part) replace(par, i, par[i] + (1 - part) * (start[i] - par[i])) # for 1 to the bit
    par <- at(part_back(function(part) rise(at(part)), most))
  }
  par
}

# part_back() = the least part of the way from the start to the end at which f is no more than `most` above its value at the
# end. It is 1 where f has risen so after a quarter of the way back, or more than a hundredth of all: a parabola rises by 1/16.
part_back <- function(rise, most) {
  is_level <- function(part) isTRUE(rise(part) <= most)
  part <- 3 / 4
  if (!is_level(part) || isTRUE(rise(0) <= max(most, 100 * rise(part)))) return(1)
  while (part > 1e-12 && is_level(part / 2)) part <- part / 2
  for (factor in 2^-(1 / c(2, 4, 8))) if (is_level(part * factor)) part <- part * factor
  part
}
