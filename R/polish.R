# Newton's method after a run: a step is -A^-1 g over the free parameters, A the Hessian of what was minimized.

# Returns the fit after at most two projected Newton steps with the Hessian at its end. Its `gap` is then what
# the quadratic by A^-1 promises, g'A^-1 g / 2, or rounding.
polish <- function(fit, objective) {
  sign <- sign(objective$control$fnscale)
  free <- fit$bounds == "free"
  inverse <- if (any(free)) inverse_at(objective, fit, free)
  before <- fit$value
  steps <- 0
  while (steps < 2 && !is.null(inverse)) {
    step <- -sign * inverse %*% fit$gradient[free]
    at <- evaluate_at(objective, onto_box(replace(fit$par, free, fit$par[free] + step), objective$problem))
    if (!is_better(at, fit, sign)) break
    fit <- moved_to(at, fit, objective)
    fit$gap <- max(sum(at$gradient[free] * inverse %*% at$gradient[free]) / 2, rounding_of(at$value))
    steps <- steps + 1
  }
  fit$polish <- c(steps = steps, gain = sign * (before - fit$value))
  fit
}

# Returns the message with the figures of where the fit is now (src/r_message.c).
restate <- function(fit) {
  at_bound <- sum(fit$bounds %in% c("at lower", "at upper"))
  movable <- counted(sum(fit$bounds != "fixed"), "parameter")
  figures <- sprintf("; value %.9g\\1 %.3g%s", fit$value, fit$pgnorm,
                     if (at_bound > 0) paste0(", ", at_bound, " of ", movable, " at a bound") else "")
  sub("; value [^,;]*(, (scaled )?projected gradient norm) [^,;]*(, [0-9]+ of [0-9]+ parameters? at a bound)?", figures,
      fit$message)
}

# inverse_at() = A^-1 over the free parameters; NULL where A is not positive definite.
inverse_at <- function(objective, fit, free) {
  H <- hessian_at(objective, fit)$hessian
  A <- H[free, free, drop = FALSE] * sign(objective$control$fnscale)
  tryCatch(inverse_of_definite(A, labels_of(fit$par, which(free))), lbfgsb_error_hessian = function(e) NULL)
}

# Returns list(par, value, gradient) of fn, with pgnorm, max |P(x - g) - x| of the scaled problem.
evaluate_at <- function(objective, par) {
  at <- delivered_gradient(objective, par)
  value <- at$value %||% value_at(objective, par)$value
  gradient <- at$gradient %||% differences_of(objective)(par, value)$gradient
  problem <- objective$problem
  scale <- read_parscale(objective$control$parscale, problem$par)
  room <- onto_box(par - gradient * scale^2 / objective$control$fnscale, problem) - par
  list(par = par, value = value, gradient = gradient, pgnorm = max(abs(room / scale)))
}

# Tells whether what is minimized is lower there, or the same but for rounding and its gradient smaller.
is_better <- function(at, fit, sign) {
  rise <- sign * (at$value - fit$value)
  isTRUE(rise < 0 || rise <= rounding_of(fit$value) && at$pgnorm < fit$pgnorm)
}

rounding_of <- function(value) 10 * .Machine$double.eps * abs(value)

# Returns the fit at another point, with its figures in the message.
moved_to <- function(at, fit, objective) {
  fit[c("par", "value", "fval", "pgnorm")] <- list(at$par, at$value, at$value, at$pgnorm)
  fit$gradient[] <- at$gradient
  problem <- objective$problem
  movable <- problem$lower < problem$upper
  fit$bounds[movable] <- "free"
  fit$bounds[movable & fit$par == problem$lower] <- "at lower"
  fit$bounds[movable & fit$par == problem$upper] <- "at upper"
  fit$message <- restate(fit)
  fit
}
