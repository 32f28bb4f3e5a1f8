# What counts as solved, for the benches: a point of the box that neither a scale nor an offset of f makes look good.

inside <- function(x, p) pmin(pmax(x, p$lower), p$upper)
gradient <- function(p, x) if (is.null(p$gr)) numDeriv::grad(p$fn, x) else p$gr(x)
pgnorm <- function(p, x) max(abs(inside(x - gradient(p, x), p) - x))

is_solved <- function(p, x) {
  unit <- if (p$best == 0) 1 else abs(p$best)
  if (any(x != inside(x, p))) return(FALSE)
  isTRUE(p$fn(x) - p$best <= 1e-5 * min(unit, p$fn(p$par) - p$best) &&
           pgnorm(p, x) <= 1e-3 * max(abs(gradient(p, p$par))))
}
