# Four problems: all free, half of the parameters at bounds, with trials that are not finite, and with more pairs than
# there is room for at first.
resumable <- function() {
  set.seed(1)
  scales <- exp(seq(0, 5, length.out = 20))
  list(
    free = c(rosenbrock(10), control = list(list(m = 4))),
    bounded = list(
      par = rep(0.5, 20), lower = 0, upper = 2, control = list(m = 3, parscale = rep(c(1, 3), 10), fnscale = 7),
      fn = function(x) sum(scales * (x - c(1, -1))^2) + sum(diff(x)^4),
      gr = function(x) 2 * scales * (x - c(1, -1)) + 4 * (c(0, diff(x)^3) - c(diff(x)^3, 0))
    ),
    undefined = list(
      par = c(5, 50), lower = -Inf, upper = Inf, control = list(m = 5),
      fn = function(x) if (any(x <= 0)) NaN else sum(x - log(x)) + prod(x) / 100,
      gr = function(x) 1 - 1 / x + rev(x) / 100
    ),
    growing = c(rosenbrock(10), control = list(list(m = 20)))
  )
}

run_problem <- function(p, ...) {
  lbfgsb(p$par, p$fn, p$gr, lower = p$lower, upper = p$upper, control = c(p$control, list(...)))
}

through_file <- function(object) {
  file <- withr::local_tempfile()
  saveRDS(object, file)
  readRDS(file)
}

fit_rosenbrock <- function(...) {
  p <- rosenbrock(2)
  lbfgsb(c(a = -1.2, b = 1), p$fn, p$gr, ...)
}
