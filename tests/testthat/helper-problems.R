# Problems to minimize, the published runs on them, and random problems for a single step.

# The reference problems ----------------------------------------------------------------------------
# Each is made by n and is list(par, fn, gr, lower, upper), par inside the box.

problem <- function(par, fn, gr, lower = -Inf, upper = Inf) {
  list(par = pmin(pmax(par, lower), upper), fn = fn, gr = gr, lower = lower, upper = upper)
}

# (x_1 - 1)^2 + 4 sum_{i >= 2} (x_i - x_{i-1}^2)^2
chained_rosenbrock <- function(n) {
  residual <- function(x) x[-1] - x[-n]^2
  problem(
    par = rep(3, n),
    fn = function(x) (x[1] - 1)^2 + 4 * sum(residual(x)^2),
    gr = function(x) {
      r <- residual(x)
      8 * c(0, r) - 16 * x * c(r, 0) + c(2 * (x[1] - 1), rep(0, n - 1))
    },
    lower = rep_len(c(1, -100), n),
    upper = 100
  )
}

# sum over pairs (a, b): 100 (b - a^2)^2 + (1 - a)^2
rosenbrock <- function(n, ...) {
  a <- seq(1, n, by = 2)
  b <- a + 1
  problem(
    par = rep_len(c(-1.2, 1), n),
    fn = function(x) sum(100 * (x[b] - x[a]^2)^2 + (1 - x[a])^2),
    gr = function(x) {
      r <- 200 * (x[b] - x[a]^2)
      c(rbind(-2 * x[a] * r - 2 * (1 - x[a]), r))
    },
    ...
  )
}

# sum over quadruples (a, b, c, d): (a + 10 b)^2 + 5 (c - d)^2 + (b - 2 c)^4 + 10 (a - d)^4
powell_singular <- function(n, ...) {
  a <- seq(1, n, by = 4)
  b <- a + 1
  c <- a + 2
  d <- a + 3
  problem(
    par = rep_len(base::c(3, -1, 0, 1), n),
    fn = function(x) {
      sum((x[a] + 10 * x[b])^2 + 5 * (x[c] - x[d])^2 + (x[b] - 2 * x[c])^4 + 10 * (x[a] - x[d])^4)
    },
    gr = function(x) {
      ab <- 2 * (x[a] + 10 * x[b])
      cd <- 10 * (x[c] - x[d])
      bc <- 4 * (x[b] - 2 * x[c])^3
      ad <- 40 * (x[a] - x[d])^3
      base::c(rbind(ab + ad, 10 * ab + bc, cd - 2 * bc, -cd - ad))
    },
    ...
  )
}

# x'Tx / 2 - b'x, T = tridiag(-1, 2, -1), b_i = sin(6 pi i / (n + 1)) / 10
membrane <- function(n) {
  load <- sin(6 * pi * seq_len(n) / (n + 1)) / 10
  tension <- function(x) 2 * x - c(0, x[-n]) - c(x[-1], 0)
  problem(
    par = rep(0, n),
    fn = function(x) sum(x * tension(x)) / 2 - sum(load * x),
    gr = function(x) tension(x) - load,
    lower = -0.4,
    upper = 0.3
  )
}

# sum (x_j - 1)^2 + s^2 + s^4, s = sum j (x_j - 1)
variably_dimensioned <- function(n) {
  j <- seq_len(n)
  problem(
    par = 1 - j / n,
    fn = function(x) {
      s <- sum(j * (x - 1))
      sum((x - 1)^2) + s^2 + s^4
    },
    gr = function(x) {
      s <- sum(j * (x - 1))
      2 * (x - 1) + (2 * s + 4 * s^3) * j
    },
    lower = 0,
    upper = 2
  )
}

# sum_k (c_k - a (1 - b^k))^2, k = 1, 2, 3
beale <- function(n, ...) {
  k <- 1:3
  residual <- function(x) c(1.5, 2.25, 2.625) - x[1] * (1 - x[2]^k)
  problem(
    par = c(1, 1),
    fn = function(x) sum(residual(x)^2),
    gr = function(x) {
      r <- 2 * residual(x)
      c(-sum(r * (1 - x[2]^k)), sum(r * x[1] * k * x[2]^(k - 1)))
    },
    ...
  )
}

wood <- function(n, ...) {
  problem(
    par = c(-3, -1, -3, -1),
    fn = function(x) {
      100 * (x[2] - x[1]^2)^2 + (1 - x[1])^2 + 90 * (x[4] - x[3]^2)^2 + (1 - x[3])^2 +
        10.1 * ((x[2] - 1)^2 + (x[4] - 1)^2) + 19.8 * (x[2] - 1) * (x[4] - 1)
    },
    gr = function(x) {
      r <- 200 * (x[2] - x[1]^2)
      s <- 180 * (x[4] - x[3]^2)
      c(
        -2 * x[1] * r - 2 * (1 - x[1]),
        r + 20.2 * (x[2] - 1) + 19.8 * (x[4] - 1),
        -2 * x[3] * s - 2 * (1 - x[3]),
        s + 20.2 * (x[4] - 1) + 19.8 * (x[2] - 1)
      )
    },
    ...
  )
}

problems <- function() {
  list(
    driver1 = chained_rosenbrock,
    chain1000 = chained_rosenbrock,
    rosen2 = rosenbrock,
    rosen2_box = function(n) rosenbrock(n, lower = -1.5, upper = 0.5),
    rosen100 = rosenbrock,
    powell100 = powell_singular,
    powell100_box = function(n) powell_singular(n, lower = -0.5, upper = 2),
    membrane200 = membrane,
    membrane2000 = membrane,
    vardim50 = variably_dimensioned,
    beale = beale,
    beale_box = function(n) beale(n, lower = c(0.6, 0.5), upper = c(10, 0.8999)),
    wood = wood,
    wood_box = function(n) wood(n, lower = -10, upper = c(0.9, 10, 10, 0.7))
  )
}

# The problem of a row of reference/summary.csv
reference_problem <- function(row) problems()[[row$problem]](row$n)

# The published runs: `summary`, a row a run; `traces`, a row an iteration
read_reference <- function() {
  read <- function(name) utils::read.csv(testthat::test_path("reference", name))
  list(summary = read("summary.csv"), traces = read("traces.csv"))
}

# Random steps --------------------------------------------------------------------------------------

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

# (n, m, J): n below, at and above multiples of a block; no pairs, k < m, k = m, the ring wrapped around
step_sizes <- function() {
  pairs <- data.frame(m = c(5, 5, 5, 5, 5, 1, 10), J = c(0, 3, 5, 6, 13, 4, 25))
  merge(data.frame(n = c(1, 2, 3, 5, 63, 64, 65, 127, 128, 129, 300, 1000)), pairs)
}
