# Problems to minimize, for the tests and for bench/, which sources this file: `problems`, a named list of
# list(par, fn, gr, lower, upper, best), par inside the box. `best` is the value at the minimum that the start
# leads to, or the lowest known, NA where none is; to go lower is no mistake. `gr` is NULL where it is long:
# then it is for the minimizer to take differences. test-problems.R holds the gradients against differences,
# and those problems that tests/core/problems.c has too against C's.

# Makers of problems ---------------------------------------------------------------------------------

problem <- function(par, fn, gr = NULL, lower = -Inf, upper = Inf, best = NA) {
  list(par = pmin(pmax(par, lower), upper), fn = fn, gr = gr, lower = lower, upper = upper, best = best)
}

# f = sum of all elements of `terms`, expressions in the parameters (x1, x2, ... where `par` has no names)
# and in the vectors of `data`.
sums <- function(par, best, terms, data = list(), ...) {
  if (is.null(names(par))) names(par) <- paste0("x", seq_along(par))
  with_derivatives <- lapply(terms, deriv, namevec = names(par))
  values <- function(x) {
    lapply(with_derivatives, eval, envir = c(as.list(setNames(x, names(par))), data))
  }
  problem(
    par,
    fn = function(x) sum(unlist(values(x))),
    gr = function(x) colSums(do.call(rbind, lapply(values(x), attr, "gradient"))),
    ..., best = best
  )
}

# The same of the squares of `residuals`.
squares <- function(par, best, residuals, ...) {
  sums(par, best, lapply(residuals, function(r) bquote((.(r))^2)), ...)
}

# f = r'r with the Jacobian J of r, functions of x.
least_squares <- function(par, best, r, J, ...) {
  problem(par, function(x) sum(r(x)^2), function(x) c(2 * crossprod(J(x), r(x))), ..., best = best)
}

# f = offset + scale f of another problem.
rescaled <- function(p, scale = 1, offset = 0) {
  fn <- p$fn
  gr <- p$gr
  p$fn <- function(x) offset + scale * fn(x)
  p$gr <- function(x) scale * gr(x)
  p$best <- offset + scale * p$best
  p
}

# The same problem within other bounds.
bounded <- function(p, best, lower = -Inf, upper = Inf, par = p$par) {
  problem(par, p$fn, p$gr, lower, upper, best)
}

# Moré, Garbow, Hillstrom (1981), ACM TOMS 7(1) ------------------------------------------------------
# Numbers are those of the paper, starts and sizes its own.

mgh <- list(
  rosenbrock = squares(c(-1.2, 1), 0, expression(10 * (x2 - x1^2), 1 - x1)), # 1
  freudenstein_roth = squares( # 2
    c(0.5, -2), 48.98425368,
    expression(-13 + x1 + ((5 - x2) * x2 - 2) * x2, -29 + x1 + ((x2 + 1) * x2 - 14) * x2)
  ),
  powell_badly_scaled = squares(c(0, 1), 0, expression(1e4 * x1 * x2 - 1, exp(-x1) + exp(-x2) - 1.0001)), # 3
  brown_badly_scaled = squares(c(1, 1), 0, expression(x1 - 1e6, x2 - 2e-6, x1 * x2 - 2)), # 4
  beale = squares( # 5
    c(1, 1), 0,
    expression(1.5 - x1 * (1 - x2), 2.25 - x1 * (1 - x2^2), 2.625 - x1 * (1 - x2^3))
  ),
  jennrich_sampson = squares( # 6
    c(0.3, 0.4), 124.3621824,
    expression(2 + 2 * i - (exp(i * x1) + exp(i * x2))), list(i = 1:10)
  ),
  helical_valley = least_squares( # 7
    c(-1, 0, 0), 0,
    function(x) {
      turn <- atan(x[2] / x[1]) / (2 * pi) + (x[1] < 0) / 2
      c(10 * (x[3] - 10 * turn), 10 * (sqrt(x[1]^2 + x[2]^2) - 1), x[3])
    },
    function(x) {
      square <- x[1]^2 + x[2]^2
      rbind(c(50 * x[2] / (pi * square), -50 * x[1] / (pi * square), 10), c(10 * x[1:2] / sqrt(square), 0),
            c(0, 0, 1))
    }
  ),
  bard = squares( # 8
    c(1, 1, 1), 0.008214877307,
    expression(y - (x1 + u / (v * x2 + w * x3))),
    list(
      y = c(0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.1, 4.39),
      u = 1:15, v = 15:1, w = pmin(1:15, 15:1)
    )
  ),
  gaussian = squares( # 9
    c(0.4, 1, 0), 1.12793277e-08,
    expression(x1 * exp(-x2 * (t - x3)^2 / 2) - y),
    list(
      y = c(9, 44, 175, 540, 1295, 2420, 3521, 3989, 3521, 2420, 1295, 540, 175, 44, 9) / 1e4,
      t = (7:-7) / 2
    )
  ),
  meyer = squares( # 10
    c(0.02, 4000, 250), 87.94585517,
    expression(x1 * exp(x2 / (t + x3)) - y),
    list(
      y = c(34780, 28610, 23650, 19630, 16370, 13720, 11540, 9744, 8261, 7030, 6005, 5147, 4427, 3820,
            3307, 2872),
      t = 45 + 5 * 1:16
    )
  ),
  gulf = squares( # 11
    c(5, 2.5, 0.15), 0,
    expression(exp(-((y - x2)^2)^(x3 / 2) / x1) - t),
    list(y = 25 + (-50 * log(1:99 / 100))^(2 / 3), t = 1:99 / 100)
  ),
  box3 = squares( # 12
    c(0, 10, 20), 0,
    expression(exp(-t * x1) - exp(-t * x2) - x3 * (exp(-t) - exp(-10 * t))), list(t = 1:10 / 10)
  ),
  powell_singular = squares( # 13
    c(3, -1, 0, 1), 0,
    expression(x1 + 10 * x2, sqrt(5) * (x3 - x4), (x2 - 2 * x3)^2, sqrt(10) * (x1 - x4)^2)
  ),
  wood = squares( # 14
    c(-3, -1, -3, -1), 0,
    expression(10 * (x2 - x1^2), 1 - x1, sqrt(90) * (x4 - x3^2), 1 - x3, sqrt(10) * (x2 + x4 - 2),
               (x2 - x4) / sqrt(10))
  ),
  kowalik_osborne = squares( # 15
    c(0.25, 0.39, 0.415, 0.39), 3.075056038e-04,
    expression(y - x1 * (u^2 + u * x2) / (u^2 + u * x3 + x4)),
    list(
      y = c(1957, 1947, 1735, 1600, 844, 627, 456, 342, 323, 235, 246) / 1e4,
      u = c(4, 2, 1, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625)
    )
  ),
  brown_dennis = squares( # 16
    c(25, 5, -5, -1), 85822.20163,
    expression((x1 + t * x2 - exp(t))^2 + (x3 + x4 * sin(t) - cos(t))^2), list(t = 1:20 / 5)
  ),
  osborne1 = squares( # 17
    c(0.5, 1.5, -1, 0.01, 0.02), 5.464894697e-05,
    expression(y - (x1 + x2 * exp(-t * x4) + x3 * exp(-t * x5))),
    list(
      y = c(844, 908, 932, 936, 925, 908, 881, 850, 818, 784, 751, 718, 685, 658, 628, 603, 580, 558, 538,
            522, 506, 490, 478, 467, 457, 448, 438, 431, 424, 420, 414, 411, 406) / 1000,
      t = 10 * 0:32
    )
  ),
  biggs6 = squares( # 18
    c(1, 2, 1, 1, 1, 1), 0.005655649925,
    expression(x3 * exp(-t * x1) - x4 * exp(-t * x2) + x6 * exp(-t * x5) -
                 (exp(-t) - 5 * exp(-10 * t) + 3 * exp(-4 * t))),
    list(t = 1:13 / 10)
  ),
  osborne2 = squares( # 19
    c(1.3, 0.65, 0.65, 0.7, 0.6, 3, 5, 7, 2, 4.5, 5.5), 0.04013773629,
    expression(y - (x1 * exp(-t * x5) + x2 * exp(-(t - x9)^2 * x6) + x3 * exp(-(t - x10)^2 * x7) +
                      x4 * exp(-(t - x11)^2 * x8))),
    list(
      y = c(1366, 1191, 1112, 1013, 991, 885, 831, 847, 786, 725, 746, 679, 608, 655, 616, 606, 602, 626,
            651, 724, 649, 649, 694, 644, 624, 661, 612, 558, 533, 495, 500, 423, 395, 375, 372, 391, 396,
            405, 428, 429, 523, 562, 607, 653, 672, 708, 633, 668, 645, 632, 591, 559, 597, 625, 739, 710,
            729, 720, 636, 581, 428, 292, 162, 98, 54) / 1000,
      t = 0:64 / 10
    )
  )
)

# 20: r = B x - (A x)^2 - 1 at 29 points, and x_1, x_2 - x_1^2 - 1
watson <- function(n, best) {
  j <- seq_len(n)
  A <- outer(1:29 / 29, j - 1, "^")
  B <- cbind(0, outer(1:29 / 29, j[-n] - 1, function(t, k) (k + 1) * t^k))
  least_squares(
    rep(0, n), best,
    function(x) c(B %*% x - (A %*% x)^2 - 1, x[1], x[2] - x[1]^2 - 1),
    function(x) rbind(B - 2 * c(A %*% x) * A, c(1, 0, rep(0, n - 2)), c(-2 * x[1], 1, rep(0, n - 2)))
  )
}

# 21: sum over pairs (a, b): 100 (b - a^2)^2 + (1 - a)^2
rosenbrock <- function(n, ..., best = 0) {
  a <- seq(1, n, by = 2)
  b <- a + 1
  problem(
    rep_len(c(-1.2, 1), n),
    function(x) sum(100 * (x[b] - x[a]^2)^2 + (1 - x[a])^2),
    function(x) {
      r <- 200 * (x[b] - x[a]^2)
      c(rbind(-2 * x[a] * r - 2 * (1 - x[a]), r))
    },
    ..., best = best
  )
}

# 22: sum over quadruples (a, b, c, d): (a + 10 b)^2 + 5 (c - d)^2 + (b - 2 c)^4 + 10 (a - d)^4
powell_singular <- function(n) {
  problem(
    rep_len(c(3, -1, 0, 1), n),
    function(x) {
      x <- matrix(x, 4)
      sum((x[1, ] + 10 * x[2, ])^2 + 5 * (x[3, ] - x[4, ])^2 + (x[2, ] - 2 * x[3, ])^4 +
            10 * (x[1, ] - x[4, ])^4)
    },
    function(x) {
      x <- matrix(x, 4)
      p <- 2 * (x[1, ] + 10 * x[2, ])
      q <- 10 * (x[3, ] - x[4, ])
      r <- 4 * (x[2, ] - 2 * x[3, ])^3
      s <- 40 * (x[1, ] - x[4, ])^3
      c(rbind(p + s, 10 * p + r, q - 2 * r, -q - s))
    },
    best = 0
  )
}

# 23
penalty1 <- function(n, best) {
  least_squares(
    as.numeric(seq_len(n)), best,
    function(x) c(sqrt(1e-5) * (x - 1), sum(x^2) - 0.25),
    function(x) rbind(diag(sqrt(1e-5), n), 2 * x)
  )
}

# 24
penalty2 <- function(n, best) {
  j <- seq_len(n)
  a <- sqrt(1e-5)
  y <- exp(j[-1] / 10) + exp((j[-1] - 1) / 10)
  least_squares(
    rep(0.5, n), best,
    function(x) {
      e <- exp(x / 10)
      c(x[1] - 0.2, a * (e[-1] + e[-n] - y), a * (e[-1] - exp(-0.1)), sum((n - j + 1) * x^2) - 1)
    },
    function(x) {
      E <- diag(a * exp(x / 10) / 10)
      rbind(c(1, rep(0, n - 1)), E[-1, ] + E[-n, ], E[-1, ], 2 * (n - j + 1) * x)
    }
  )
}

# 25: sum (x_j - 1)^2 + s^2 + s^4, s = sum j (x_j - 1)
variably_dimensioned <- function(n) {
  j <- seq_len(n)
  least_squares(
    1 - j / n, 0,
    function(x) c(x - 1, sum(j * (x - 1)), sum(j * (x - 1))^2),
    function(x) rbind(diag(n), j, 2 * sum(j * (x - 1)) * j)
  )
}

# 26
trigonometric <- function(n, best) {
  i <- seq_len(n)
  least_squares(
    rep(1 / n, n), best,
    function(x) n - sum(cos(x)) + i * (1 - cos(x)) - sin(x),
    function(x) matrix(sin(x), n, n, byrow = TRUE) + diag(i * sin(x) - cos(x))
  )
}

# 27
brown_almost_linear <- function(n) {
  least_squares(
    rep(0.5, n), 0,
    function(x) c(x[-n] + sum(x) - (n + 1), prod(x) - 1),
    function(x) rbind(diag(n)[-n, ] + 1, vapply(seq_len(n), function(j) prod(x[-j]), 0))
  )
}

# 28
discrete_boundary <- function(n) {
  h <- 1 / (n + 1)
  t <- seq_len(n) * h
  T <- diag(2, n)
  T[abs(row(T) - col(T)) == 1] <- -1
  least_squares(
    t * (t - 1), 0,
    function(x) c(T %*% x) + h^2 * (x + t + 1)^3 / 2,
    function(x) T + diag(1.5 * h^2 * (x + t + 1)^2)
  )
}

# 29
discrete_integral <- function(n) {
  h <- 1 / (n + 1)
  t <- seq_len(n) * h
  K <- h / 2 * outer(t, t, function(s, t) ifelse(t <= s, (1 - s) * t, s * (1 - t)))
  least_squares(
    t * (t - 1), 0,
    function(x) x + c(K %*% (x + t + 1)^3),
    function(x) diag(n) + K %*% diag(3 * (x + t + 1)^2)
  )
}

# 30
broyden_tridiagonal <- function(n) {
  B <- matrix(0, n, n)
  B[col(B) == row(B) - 1] <- -1
  B[col(B) == row(B) + 1] <- -2
  least_squares(
    rep(-1, n), 0,
    function(x) (3 - 2 * x) * x + c(B %*% x) + 1,
    function(x) diag(3 - 4 * x) + B
  )
}

# 31
broyden_banded <- function(n) {
  B <- outer(seq_len(n), seq_len(n), function(i, j) as.numeric(j - i >= -5 & j - i <= 1 & i != j))
  least_squares(
    rep(-1, n), 0,
    function(x) x * (2 + 5 * x^2) + 1 - c(B %*% (x * (1 + x))),
    function(x) diag(2 + 15 * x^2) - B %*% diag(1 + 2 * x)
  )
}

# 32 - 34: r = A x - 1
linear <- function(A, best) {
  least_squares(rep(1, ncol(A)), best, function(x) c(A %*% x) - 1, function(x) A)
}

# 35: the mean of the Chebyshev polynomials T_1 ... T_n on [0, 1] over x, less their integrals
chebyquad <- function(n, best) {
  k <- seq_len(n)
  integral <- ifelse(k %% 2 == 0, -1 / (k^2 - 1), 0)
  angle <- function(x) acos(pmin(pmax(2 * x - 1, -1), 1))
  least_squares(
    k / (n + 1), best,
    function(x) colMeans(cos(outer(angle(x), k))) - integral,
    function(x) t(2 * outer(angle(x), k, function(a, k) k * sin(k * a) / sin(a)) / n),
    lower = 1e-6, upper = 1 - 1e-6
  )
}

mgh_any_size <- list(
  watson6 = watson(6, 0.002287670054),
  watson9 = watson(9, 1.399760138e-06),
  rosenbrock100 = rosenbrock(100),
  powell_singular100 = powell_singular(100),
  penalty1 = penalty1(10, 7.087651467e-05),
  penalty2 = penalty2(10, 2.936605375e-04),
  variably_dimensioned = variably_dimensioned(50),
  trigonometric = trigonometric(10, 2.795056122e-05),
  brown_almost_linear = brown_almost_linear(10),
  discrete_boundary = discrete_boundary(10),
  discrete_integral = discrete_integral(50),
  broyden_tridiagonal = broyden_tridiagonal(100),
  broyden_banded = broyden_banded(50),
  linear_full_rank = linear(diag(1, 20, 10) - 0.1, 10),
  linear_rank_one = linear(outer(1:20, 1:10), 190 / 41),
  chebyquad8 = chebyquad(8, 0.003516873726)
)

# Under bounds: Hock, Schittkowski (1981), and the problems above in a box ---------------------------

# The published driver's: (x_1 - 1)^2 + 4 sum_{i >= 2} (x_i - x_{i-1}^2)^2
chained_rosenbrock <- function(n) {
  problem(
    rep(3, n),
    function(x) (x[1] - 1)^2 + 4 * sum((x[-1] - x[-n]^2)^2),
    function(x) {
      r <- 8 * (x[-1] - x[-n]^2)
      c(2 * (x[1] - 1), rep(0, n - 1)) + c(0, r) - 2 * x * c(r, 0)
    }
  )
}

# x'Tx / 2 - b'x, T = tridiag(-1, 2, -1), b_i = sin(6 pi i / (n + 1)) / 10
membrane <- function(n) {
  load <- sin(6 * pi * seq_len(n) / (n + 1)) / 10
  tension <- function(x) 2 * x - c(0, x[-n]) - c(x[-1], 0)
  problem(rep(0, n), function(x) sum(x * tension(x) / 2 - load * x), function(x) tension(x) - load)
}

in_a_box <- list(
  hs1 = bounded(mgh$rosenbrock, 0, lower = c(-Inf, -1.5), par = c(-2, 1)),
  hs2 = bounded(mgh$rosenbrock, 4.941229318, lower = c(-Inf, 1.5), par = c(-2, 1)),
  hs3 = sums(c(10, 1), 0, expression(x2 + 1e-5 * (x2 - x1)^2), lower = c(-Inf, 0)),
  hs4 = sums(c(1.125, 0.125), 8 / 3, expression((x1 + 1)^3 / 3 + x2), lower = c(1, 0)),
  hs5 = sums(
    c(0, 0), -sqrt(3) / 2 - pi / 3,
    expression(sin(x1 + x2) + (x1 - x2)^2 - 1.5 * x1 + 2.5 * x2 + 1), lower = c(-1.5, -3), upper = c(4, 3)
  ),
  hs38 = bounded(mgh$wood, 0, lower = -10, upper = 10),
  hs45 = sums(rep(2, 5), 1, expression(2 - x1 * x2 * x3 * x4 * x5 / 120), lower = 0, upper = 1:5),
  hs110 = problem(
    rep(9, 10),
    function(x) sum(log(x - 2)^2 + log(10 - x)^2) - prod(x)^0.2,
    function(x) 2 * log(x - 2) / (x - 2) - 2 * log(10 - x) / (10 - x) - 0.2 * prod(x)^0.2 / x,
    lower = 2.001, upper = 9.999, best = -45.77846971
  ),
  rosenbrock_box = bounded(mgh$rosenbrock, 0.25, lower = -1.5, upper = 0.5),
  wood_box = bounded(mgh$wood, 4.533292714, lower = -10, upper = c(0.9, 10, 10, 0.7)),
  beale_box = bounded(mgh$beale, 0.02240393969, lower = 0.6, upper = 10),
  box3_box = bounded(mgh$box3, 0.0001143481803, lower = c(0, 5, 0), upper = c(2, 9.5, 20)),
  osborne1_box = bounded(
    mgh$osborne1, 6.749214426e-05,
    lower = c(0, 0, -2, 0, 0), upper = c(0.37, 2, 0, 1, 1)
  ),
  biggs6_box = bounded(mgh$biggs6, 0.0005320986591, lower = c(0, 0, 0, 1, 0, 0), upper = c(2, 8, 1, 7, 5, 5)),
  watson6_box = bounded(mgh_any_size$watson6, 0.005172710472, lower = -0.5, upper = 1),
  penalty1_box = bounded(mgh_any_size$penalty1, 7.249797601e-05, lower = rep_len(c(0, 0.2), 10), upper = 100),
  trigonometric_box = bounded(mgh_any_size$trigonometric, 3.006867915e-05, lower = 0.057, upper = 1),
  broyden_box = bounded(mgh_any_size$broyden_tridiagonal, 7.54449581, lower = -0.6, upper = 1),
  chain_box = bounded(chained_rosenbrock(25), 0, lower = rep_len(c(1, -100), 25), upper = 100),
  powell_box = bounded(
    mgh_any_size$powell_singular100, 0.04853471008,
    lower = rep_len(c(0.1, -1), 100), upper = 3
  ),
  membrane = bounded(membrane(200), -4.2059261, lower = -0.4, upper = 0.3)
)

# Scales that fool a test ----------------------------------------------------------------------------

# sum curvature_i (x_i - 1)^power, from 0
separable <- function(curvature, power) {
  problem(
    rep(0, length(curvature)),
    function(x) sum(curvature * (x - 1)^power),
    function(x) power * curvature * (x - 1)^(power - 1),
    best = 0
  )
}

hard_scales <- list(
  rosenbrock_tiny = rescaled(mgh$rosenbrock, scale = 1e-10),
  rosenbrock_offset = rescaled(mgh$rosenbrock, offset = 1e8),
  rosenbrock_huge = rescaled(mgh$rosenbrock, scale = 1e10),
  beale_tiny = rescaled(mgh$beale, scale = 1e-8),
  wood_tiny = rescaled(mgh$wood, scale = 1e-12),
  wood_offset = rescaled(mgh$wood, offset = -1e6),
  powell_tiny = rescaled(mgh$powell_singular, scale = 1e-6),
  rosenbrock_tiny_box = rescaled(in_a_box$rosenbrock_box, scale = 1e-10),
  ill_conditioned = separable(10^(0:8), 2),
  quartic = separable(rep(1, 10), 4),
  eighth_power = separable(c(1, 10, 100), 8)
)

# Likelihoods and regressions on data that come with R -----------------------------------------------

# Minus the log-likelihood of y[t] = mu + e[t], e[t] ~ N(0, h[t]), h[t] = omega + alpha e[t-1]^2 + beta h[t-1]
garch <- function(y, best) {
  s <- mean((y - mean(y))^2)
  past <- function(x, first) c(first, x[-length(x)])
  recursion <- function(x, beta, ...) unclass(filter(x, beta, "recursive", ...))
  variance <- function(x, e) recursion(x[2] + x[3] * past(e^2, s), x[4], init = s)
  problem(
    c(mean(y), 0.1 * s, 0.1, 0.8),
    function(x) {
      e <- y - x[1]
      h <- variance(x, e)
      sum(log(2 * pi * h) + e^2 / h) / 2
    },
    function(x) {
      e <- y - x[1]
      h <- variance(x, e)
      dh <- recursion(cbind(-2 * x[3] * past(e, 0), 1, past(e^2, s), past(h, s)), x[4])
      colSums(dh * (h - e^2) / h^2) / 2 - c(sum(e / h), 0, 0, 0)
    },
    lower = c(-Inf, 1e-6, 0, 0), upper = c(Inf, Inf, 1, 1), best = best
  )
}

# Minus the log-likelihood of a Gaussian process over time: variance, length of exp(-distance), noise
gaussian_process <- function(y, best) {
  distance <- as.matrix(dist(seq_along(y)))
  y <- (y - mean(y)) / sd(y)
  problem(
    c(1, 1, 1),
    function(x) {
      R <- chol(x[1] * exp(-distance / x[2]) + diag(x[3], length(y)))
      sum(log(diag(R))) + sum(backsolve(R, y, transpose = TRUE)^2) / 2
    },
    lower = c(1e-3, 1e-2, 1e-3), upper = c(100, 1000, 100), best = best
  )
}

# The objective of factor analysis with one factor, by uniquenesses
factor_analysis <- function(covariance, best) {
  S <- cov2cor(covariance)
  n <- nrow(S)
  problem(
    (1 - 0.5 / n) / diag(solve(S)),
    function(x) {
      e <- eigen(S / sqrt(outer(x, x)), symmetric = TRUE, only.values = TRUE)$values[-1]
      -sum(log(e) - e) - n + 1
    },
    lower = 0.005, upper = 1, best = best
  )
}

# ||A x - b||^2, x >= 0
nonnegative <- function(A, b, best) {
  least_squares(rep(0, ncol(A)), best, function(x) c(A %*% x) - b, function(x) A, lower = 0)
}

# Sum of squared one-step errors of Holt's linear smoothing
holt <- function(y, best) {
  problem(
    c(0.3, 0.1),
    function(x) HoltWinters(y, x[1], x[2], gamma = FALSE)$SSE,
    lower = 1e-4, upper = 1, best = best
  )
}

# Sum of squares of e[t] = y[t] - mu - phi (y[t-1] - mu) - theta e[t-1]
arma <- function(y, best) {
  problem(
    c(mean(y), 0, 0),
    function(x) sum(filter(y[-1] - x[1] - x[2] * (y[-length(y)] - x[1]), -x[3], "recursive")^2),
    lower = c(-Inf, -0.99, -0.99), upper = c(Inf, 0.99, 0.99), best = best
  )
}

# Regression: the sum of `term`, in which `eta` is the linear or other predictor
regression <- function(par, best, term, eta, data, ...) {
  term <- do.call(substitute, list(term, list(eta = eta)))
  sums(par, best, list(term), data, ...)
}

returns <- function(index) c(100 * diff(log(EuStockMarkets[, index])))

breaks <- with(warpbreaks, list(y = breaks, B = wool == "B", M = tension == "M", H = tension == "H"))
cancer <- with(esoph, list(y = ncases, n = ncases + ncontrols, age = unclass(agegp), alc = unclass(alcgp),
                           tob = unclass(tobgp)))
births <- with(infert, list(y = case, spontaneous = spontaneous, induced = induced, age = age))

likelihoods <- list(
  garch_dax = garch(returns("DAX"), 2594.796877),
  garch_ftse = garch(returns("FTSE"), 2134.806732),
  negative_binomial = regression(
    c(b0 = 0, b1 = 0, b2 = 0, b3 = 0, size = 1), 199.3819039,
    quote(lgamma(size) + lgamma(y + 1) - lgamma(y + size) - size * log(size) - y * eta +
            (y + size) * log(size + exp(eta))),
    quote(b0 + b1 * B + b2 * M + b3 * H), breaks, lower = c(rep(-Inf, 4), 1e-3)
  ),
  poisson_offset = regression(
    c(b0 = 0, b1 = 0, b2 = 0, b3 = 0), 130.117059, quote(exp(eta) - y * eta + lgamma(y + 1)),
    quote(log(n) + b0 + b1 * age + b2 * alc + b3 * tob), cancer
  ),
  zero_inflated_poisson = sums(
    c(p = 0.5, m = 1), 327.5169929,
    expression(-log(p * zero + (1 - p) * exp(y * log(m) - m - lgamma(y + 1)))),
    list(y = InsectSprays$count, zero = InsectSprays$count == 0), lower = c(0, 1e-6), upper = c(0.999, Inf)
  ),
  logistic_offset = regression(
    c(b0 = 0, b1 = 0, b2 = 0, b3 = 0), 365.1567535, quote(n * log(1 + exp(eta)) - y * eta),
    quote(b0 + b1 * age + b2 * alc + b3 * tob - log(100)), cancer
  ),
  logistic_raw_units = regression(
    c(b0 = 0, b1 = 0, b2 = 0), 8.892385301, quote(log(1 + exp(eta)) - y * eta),
    quote(b0 + b1 * weight + b2 * disp),
    with(mtcars, list(y = am, weight = wt, disp = disp))
  ),
  logistic_positive = regression(
    c(b0 = 0, b1 = 0, b2 = 0, b3 = 0), 139.5184013, quote(log(1 + exp(eta)) - y * eta),
    quote(b0 + b1 * spontaneous + b2 * induced + b3 * age), births, lower = c(-Inf, 0, 0, 0)
  ),
  probit = regression(
    c(b0 = 0, b1 = 0, b2 = 0, b3 = 0), 139.3756522, quote(-log(pnorm((2 * y - 1) * (eta)))),
    quote(b0 + b1 * spontaneous + b2 * induced + b3 * age), births
  ),
  mixture = sums(
    c(p = 0.5, m1 = 50, s1 = 10, m2 = 70, s2 = 10), 1034.00175,
    expression(-log(p * dnorm((y - m1) / s1) / s1 + (1 - p) * dnorm((y - m2) / s2) / s2)),
    list(y = faithful$waiting), lower = c(0, -Inf, 0.1, -Inf, 0.1), upper = c(1, Inf, Inf, Inf, Inf)
  ),
  weibull = sums( # lengths beyond 1000 miles are censored
    c(shape = 1, scale = 100), 888.0852253,
    expression((t / scale)^shape - seen * (log(shape) - shape * log(scale) + (shape - 1) * log(t))),
    list(t = pmin(rivers, 1000), seen = rivers <= 1000), lower = 1e-6
  ),
  gamma = regression(
    c(b0 = 0, b1 = 0, b2 = 0, shape = 1), 71.50402442,
    quote(lgamma(shape) - shape * log(shape) - (shape - 1) * log(y) + shape * (eta) + shape * y / exp(eta)),
    quote(b0 + b1 * girth + b2 * height), with(trees, list(y = Volume, girth = Girth, height = Height)),
    lower = c(-Inf, -Inf, -Inf, 1e-3)
  ),
  beta = regression(
    c(b0 = 0, b1 = 0, b2 = 0, precision = 1), -40.43403874,
    quote(lgamma(precision / (1 + exp(-(eta)))) + lgamma(precision / (1 + exp(eta))) - lgamma(precision) -
            (precision / (1 + exp(-(eta))) - 1) * log(y) - (precision / (1 + exp(eta)) - 1) * log(1 - y)),
    quote(b0 + b1 * complaints + b2 * learning),
    with(attitude / 100, list(y = rating, complaints = complaints, learning = learning)),
    lower = c(-Inf, -Inf, -Inf, 1e-3)
  ),
  student_t = regression(
    c(b0 = 0, b1 = 0, b2 = 0, scale = 10, df = 5), 38.59608673,
    quote(log(scale) + lgamma(df / 2) - lgamma((df + 1) / 2) + log(df) / 2 +
            (df + 1) / 2 * log(1 + ((y - (eta)) / scale)^2 / df)),
    quote(b0 + b1 * flow + b2 * temperature),
    with(stackloss, list(y = stack.loss, flow = Air.Flow, temperature = Water.Temp)),
    lower = c(-Inf, -Inf, -Inf, 1e-3, 1), upper = c(Inf, Inf, Inf, Inf, 100)
  ),
  extreme_value = sums(
    c(mu = 900, sigma = 150, xi = -0.1), 653.0307664,
    expression(log(sigma) + (1 + 1 / xi) * log(1 + xi * (y - mu) / sigma) +
                 (1 + xi * (y - mu) / sigma)^(-1 / xi)),
    list(y = c(Nile)), lower = c(-Inf, 1, -0.9), upper = c(Inf, Inf, -1e-6)
  ),
  michaelis_menten = squares(
    c(v = 200, k = 0.1), 1195.448814, expression(y - v * x / (k + x)),
    with(subset(Puromycin, state == "treated"), list(x = conc, y = rate)), lower = 0
  ),
  logistic_growth = squares(
    c(top = 1, mid = 0, width = 1), 0.3800949212, expression(y - top / (1 + exp((mid - x) / width))),
    with(DNase, list(x = log(conc), y = density)), lower = c(0, -Inf, 0.01)
  ),
  biexponential = squares(
    c(a = 1, k = 1, b = 1, l = 0.1), 1.887676436, expression(y - a * exp(-k * t) - b * exp(-l * t)),
    with(Indometh, list(t = time, y = conc)), lower = 0
  ),
  nonnegative_longley = nonnegative(as.matrix(longley[-7]), longley$Employed, 6.054698203),
  nonnegative_swiss = nonnegative(as.matrix(swiss[-1]), swiss$Fertility, 4985.040147),
  gaussian_process = gaussian_process(c(Nile)[1:40], 14.38678449),
  factor_analysis = factor_analysis(ability.cov$cov, 0.6993450354),
  holt = holt(Nile, 2267504.069),
  arma = arma(c(LakeHuron), 46.72580589)
)

problems <- c(mgh, mgh_any_size, in_a_box, hard_scales, likelihoods)

# The published runs ----------------------------------------------------------------------------------

# Their problems, by name and n; tests/core/problems.c has them too.
chain_box <- function(n) bounded(chained_rosenbrock(n), 0, lower = rep_len(c(1, -100), n), upper = 100)
membrane_box <- function(n) bounded(membrane(n), NA, lower = -0.4, upper = 0.3)
wood <- problem( # mgh$wood in the formula of the published run, of which 94 iterations show the rounding
  c(-3, -1, -3, -1),
  function(x) {
    100 * (x[2] - x[1]^2)^2 + (1 - x[1])^2 + 90 * (x[4] - x[3]^2)^2 + (1 - x[3])^2 +
      10.1 * ((x[2] - 1)^2 + (x[4] - 1)^2) + 19.8 * (x[2] - 1) * (x[4] - 1)
  },
  function(x) {
    r <- 200 * (x[2] - x[1]^2)
    s <- 180 * (x[4] - x[3]^2)
    c(-2 * x[1] * r - 2 * (1 - x[1]), r + 20.2 * (x[2] - 1) + 19.8 * (x[4] - 1),
      -2 * x[3] * s - 2 * (1 - x[3]), s + 20.2 * (x[4] - 1) + 19.8 * (x[2] - 1))
  },
  best = 0
)
reference_problems <- list(
  driver1 = chain_box,
  chain1000 = chain_box,
  rosen2 = rosenbrock,
  rosen2_box = function(n) rosenbrock(n, lower = -1.5, upper = 0.5, best = 0.25),
  rosen100 = rosenbrock,
  powell100 = powell_singular,
  powell100_box = function(n) bounded(powell_singular(n), NA, lower = -0.5, upper = 2),
  membrane200 = membrane_box,
  membrane2000 = membrane_box,
  vardim50 = function(n) bounded(variably_dimensioned(n), 0, lower = 0, upper = 2),
  beale = function(n) mgh$beale,
  beale_box = function(n) bounded(mgh$beale, NA, lower = c(0.6, 0.5), upper = c(10, 0.8999)),
  wood = function(n) wood,
  wood_box = function(n) bounded(wood, in_a_box$wood_box$best, lower = -10, upper = c(0.9, 10, 10, 0.7))
)

# The problem of a row of reference/summary.csv
reference_problem <- function(row) reference_problems[[row$problem]](row$n)

# The published runs: `summary`, a row a run; `traces`, a row an iteration
read_reference <- function() {
  read <- function(name) utils::read.csv(testthat::test_path("reference", name))
  list(summary = read("summary.csv"), traces = read("traces.csv"))
}
