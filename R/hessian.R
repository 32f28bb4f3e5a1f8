# The Hessian (n x n) of `fn` at `par` by differences of the gradient inside the box, symmetrized;
# NA for fixed parameters. The step, epsilon^(1/4) of the parameter's size, is wide enough for a
# gradient that is itself made of differences.
hessian_at <- function(objective, problem, par) {
  movable <- which(problem$lower < problem$upper)
  gradient_of <- function(par) gradient_at(objective, par)[movable]
  gradient <- gradient_of(par)
  hessian <- matrix(NA_real_, length(par), length(par), dimnames = square_dimnames(par))
  for (i in movable) {
    points <- difference_points(par, i, problem, .Machine$double.eps^(1 / 4))
    hessian[movable, i] <- partial_derivative(gradient_of, par, i, points, gradient)
  }
  (hessian + t(hessian)) / 2
}

square_dimnames <- function(par) {
  if (!is.null(names(par))) list(names(par), names(par))
}
