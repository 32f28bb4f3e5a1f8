# Random problems for a single step of the core.

# J + 1 iterates in a box and the gradients there of x'Ax/2 - b'x, A = diagonal + rank 3 with eigenvalues
# in [1/2, 10]: X, G (n x (J + 1)), lower, upper (n).
# sides: the bounds of each variable, "both", "lower", "upper", "none" or "fixed", recycled.
# pull: size of b, so of the gradients; the larger, the more variables the Cauchy search takes to a bound.
# drift: in (0, 1], how far an iterate moves from the one before it.
random_step <- function(seed, n, J, sides = "both", pull = 1, drift = 1) {
  set.seed(seed)
  sides <- rep_len(sides, n)
  lower <- -runif(n, 0.2, 1)
  upper <- ifelse(sides == "fixed", lower, runif(n, 0.2, 1))
  reach <- (upper - lower) * if (n < 10) 1 else 1.3 # beyond 1 some iterates lie on bounds
  targets <- (lower + upper) / 2 + reach * matrix(runif(n * (J + 1), -0.5, 0.5), n)
  lower[sides %in% c("upper", "none")] <- -Inf
  upper[sides %in% c("lower", "none")] <- Inf
  inside <- function(x) pmin(pmax(x, lower), upper)
  X <- inside(targets)
  for (j in seq_len(J)) X[, j + 1] <- inside(X[, j] + drift * (targets[, j + 1] - X[, j]))
  U <- matrix(rnorm(3 * n), n) / sqrt(n)
  b <- pull * rnorm(n)
  list(X = X, G = runif(n, 0.5, 2) * X + U %*% crossprod(U, X) - b, lower = lower, upper = upper)
}

# The same kind of iterates, where the variables that `resting` (n x (J + 1), logical) names stand at their
# upper bounds, pushed against them, and the others are far from their breakpoints.
resting_step <- function(seed, resting) {
  set.seed(seed)
  n <- nrow(resting)
  rests <- rowSums(resting) > 0
  X <- matrix(runif(length(resting), -0.5, 0.5), n)
  X[resting] <- 1
  U <- matrix(rnorm(3 * n), n) / sqrt(n)
  b <- 0.1 * rnorm(n) + 10 * rests
  list(X = X, G = runif(n, 0.5, 2) * X + U %*% crossprod(U, X) - b, lower = rep(-100, n),
       upper = ifelse(rests, 1, 100))
}

# (n, m, J): n below, at and above multiples of a block, on CRAN a few; no pairs, k < m, k = m, the ring wrapped around
step_sizes <- function() {
  n <- if (identical(Sys.getenv("NOT_CRAN"), "true")) c(1, 2, 3, 5, 63, 64, 65, 127, 128, 129, 300, 1000) else c(2, 64, 129)
  pairs <- data.frame(m = c(5, 5, 5, 5, 5, 1, 10), J = c(0, 3, 5, 6, 13, 4, 25))
  merge(data.frame(n), pairs)
}
