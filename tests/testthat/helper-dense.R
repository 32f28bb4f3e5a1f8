# The method by dense formulas, n x n and without any arrangement, to test each step of the core against.
#   [BLNZ] Byrd, Lu, Nocedal, Zhu (1995), SIAM J. Sci. Comput. 16(5)
#   [MN]   Morales, Nocedal (2011), ACM TOMS 38(1)
#   [MT]   Moré, Thuente (1994), ACM TOMS 20(3)
# n variables, k pairs; x, g, lower, upper (n); S, Y (n x k), oldest first; free (n) logical.

# The box ---------------------------------------------------------------------------------------------------------

project <- function(x, lower, upper) pmin(pmax(x, lower), upper)

# ||P(x - g) - x||_inf
projected_gradient_norm <- function(x, g, lower, upper) {
  max(abs(ifelse(g < 0, pmax(x - upper, g), pmin(x - lower, g))))
}

# t_i where x_i - t g_i meets a bound; 0 on a bound that g_i does not leave.   [BLNZ] (4.1)
breakpoints <- function(x, g, lower, upper) {
  on_bound <- x == lower | x == upper
  ifelse(g == 0, ifelse(on_bound, 0, Inf), (x - ifelse(g < 0, upper, lower)) / g)
}

# max { a <= 1e10 : lower <= x + a d <= upper }
longest_step <- function(x, d, lower, upper) {
  min(1e10, ((ifelse(d < 0, lower, upper) - x) / d)[d != 0])
}

# The model -------------------------------------------------------------------------------------------------------

# The last m differences of the columns of Z (n x (J + 1))
last_differences <- function(Z, m) {
  J <- ncol(Z) - 1
  kept <- seq_len(J) > J - m
  (Z[, -1, drop = FALSE] - Z[, -(J + 1), drop = FALSE])[, kept, drop = FALSE]
}

# B = theta I - W M W', W = [Y, theta S] (n x 2k), M = inverse of [[-D, L'], [L, theta S'S]].   [BLNZ] (3.2-3.4)
dense_model <- function(S, Y) {
  n <- nrow(S)
  k <- ncol(S)
  if (k == 0) return(list(theta = 1, W = matrix(0, n, 0), M = matrix(0, 0, 0), M_inverse = matrix(0, 0, 0), B = diag(n)))
  SY <- crossprod(S, Y)
  theta <- sum(Y[, k]^2) / SY[k, k]
  D <- diag(diag(SY), k)
  L <- SY * lower.tri(SY)
  W <- cbind(Y, theta * S)
  M_inverse <- rbind(cbind(-D, t(L)), cbind(L, theta * crossprod(S)))
  M <- solve(M_inverse)
  list(theta = theta, W = W, M = M, M_inverse = M_inverse, B = theta * diag(n) - W %*% M %*% t(W))
}

# The same B by k rank-two updates of theta I: B - B s s'B / s'B s + y y' / y's
bfgs_recursion <- function(S, Y, theta) {
  B <- theta * diag(nrow(S))
  for (j in seq_len(ncol(S))) {
    s <- S[, j]
    y <- Y[, j]
    Bs <- drop(B %*% s)
    B <- B - tcrossprod(Bs) / sum(s * Bs) + tcrossprod(y) / sum(y * s)
  }
  B
}

# The step --------------------------------------------------------------------------------------------------------

# First local minimizer of g'z + z'Bz / 2, z = P(x - t g) - x, over t >= 0, segment by segment.   [BLNZ] section 4
dense_cauchy <- function(x, g, lower, upper, B) {
  t <- breakpoints(x, g, lower, upper)
  start <- 0
  for (end in sort(unique(c(t[t > 0], Inf)))) {
    d <- ifelse(t > start, -g, 0)
    if (all(d == 0)) break
    z <- project(x - start * g, lower, upper) - x
    slope <- sum(d * (g + B %*% z))
    curvature <- sum(d * (B %*% d))
    minimizer <- start + max(-slope / curvature, 0)
    start <- min(minimizer, end)
    if (minimizer < end) break
  }
  list(x = project(x - start * g, lower, upper), t_star = start, free = t > start, crossed = sum(t > 0 & t <= start))
}

# Minimizer of g'z + z'Bz / 2 over the free variables, the others as at the Cauchy point.   [BLNZ] section 5.1
subspace_minimizer <- function(x, g, B, cauchy) {
  free <- cauchy$free
  reduced_gradient <- (g + B %*% (cauchy$x - x))[free]
  replace(cauchy$x, free, cauchy$x[free] - solve(B[free, free], reduced_gradient))
}

# From the Cauchy point towards xhat as far as the box allows.   [BLNZ] (5.8)
truncate_step <- function(cauchy, xhat, lower, upper) {
  d <- xhat - cauchy$x
  cauchy$x + min(1, longest_step(cauchy$x, d, lower, upper)) * d
}

# q (2k) of the two passes: xhat_i = x_i + (W_i q - g_i) / theta for free i.
# By Sherman-Morrison-Woodbury q = M c - v / theta, (M^-1 - W_F'W_F / theta) v = W_F'r,   [BLNZ] (5.11)
# c = W'(x_cauchy - x), r the reduced gradient at the Cauchy point
dense_q <- function(x, g, model, cauchy) {
  W_free <- model$W[cauchy$free, , drop = FALSE]
  Mc <- model$M %*% crossprod(model$W, cauchy$x - x)
  r <- (g + model$B %*% (cauchy$x - x))[cauchy$free]
  v <- solve(model$M_inverse - crossprod(W_free) / model$theta, crossprod(W_free, r))
  drop(Mc - v / model$theta)
}

# The quantities of C_door_step, by the names it gives them
dense_step <- function(m, X, G, lower, upper, truncate = FALSE) {
  x <- X[, ncol(X)]
  g <- G[, ncol(G)]
  S <- last_differences(X, m)
  Y <- last_differences(G, m)
  model <- dense_model(S, Y)
  bounded <- any(is.finite(c(lower, upper)))
  if (bounded || ncol(S) == 0) {
    cauchy <- dense_cauchy(x, g, lower, upper, model$B)
  } else {
    cauchy <- list(x = x, t_star = 0, free = rep(TRUE, length(x)), crossed = 0)
  }
  xhat <- cauchy$x
  q <- NULL
  if (any(cauchy$free) && ncol(S) > 0) {
    xhat <- subspace_minimizer(x, g, model$B, cauchy)
    q <- dense_q(x, g, model, cauchy)
  }
  inside <- if (truncate) truncate_step(cauchy, xhat, lower, upper) else project(xhat, lower, upper)
  d <- inside - x
  c(
    dense_pairs(S, Y, model, cauchy$free),
    list(
      breakpoints = breakpoints(x, g, lower, upper), pgnorm = projected_gradient_norm(x, g, lower, upper),
      p_start = drop(crossprod(model$W, ifelse(breakpoints(x, g, lower, upper) > 0, -g, 0))),
      c = drop(crossprod(model$W, cauchy$x - x)), t_star = cauchy$t_star, free = cauchy$free,
      q = q, xhat = inside, d = d, slope = sum(g * d), max_step = longest_step(x, d, lower, upper),
      crossed = cauchy$crossed, unconstrained = xhat, x_cauchy = cauchy$x
    )
  )
}

# S, Y, theta, D and the k x k products of the rows free and active at the Cauchy point
dense_pairs <- function(S, Y, model, free) {
  S_free <- S[free, , drop = FALSE]
  Y_free <- Y[free, , drop = FALSE]
  S_active <- S[!free, , drop = FALSE]
  sy_active <- crossprod(S_active, Y[!free, , drop = FALSE])
  list(
    count = ncol(S), theta = model$theta, Y = Y, S = S, D = colSums(S * Y),
    yy_free = crossprod(Y_free), sy_free = crossprod(S_free, Y_free), ss_free = crossprod(S_free),
    ss_active = crossprod(S_active), sy_active_lower = sy_active * lower.tri(sy_active)
  )
}

# The line search -------------------------------------------------------------------------------------------------
# A point of the search is list(step, value, slope), the slope with respect to the step.

# Minimizer of the cubic that has the values and slopes of a and b, NA if it has none
cubic_minimizer <- function(a, b) {
  h <- b$step - a$step
  conditions <- rbind(c(1, 0, 0, 0), c(0, 1, 0, 0), c(1, 1, 1, 1), c(0, 1, 2, 3)) # p(0), p'(0), p(1), p'(1)
  p <- solve(conditions, c(a$value, h * a$slope, b$value, h * b$slope))
  discriminant <- p[3]^2 - 3 * p[2] * p[4]
  if (discriminant < 0) return(NA)
  root <- sqrt(discriminant)
  a$step + h * if (p[3] > 0) -p[2] / (p[3] + root) else (root - p[3]) / (3 * p[4])
}

# Minimizer of the parabola that has the values of a and b and the slope of a
parabola_minimizer <- function(a, b) {
  h <- b$step - a$step
  a$step - h^2 * a$slope / (2 * (b$value - a$value - h * a$slope))
}

# Where the line through the slopes of a and b is zero
secant_zero <- function(a, b) {
  a$step - a$slope * (b$step - a$step) / (b$slope - a$slope)
}

opposite <- function(a, b) a$slope * b$slope < 0

# The step after `trial`, given the ends of the interval and the range allowed.   [MT] section 4, cases 1 to 4
next_step <- function(best, other, trial, bracketed, range) {
  distance <- function(step) abs(step - trial$step)
  cubic <- cubic_minimizer(best, trial)
  if (trial$value > best$value) {
    parabola <- parabola_minimizer(best, trial)
    return(if (abs(cubic - best$step) < abs(parabola - best$step)) cubic else (cubic + parabola) / 2)
  }
  secant <- secant_zero(best, trial)
  if (opposite(best, trial)) return(if (distance(cubic) > distance(secant)) cubic else secant)
  onward <- sign(trial$step - best$step)
  furthest <- if (onward > 0) range[2] else range[1]
  if (abs(trial$slope) >= abs(best$slope)) {
    return(if (bracketed) cubic_minimizer(trial, other) else furthest)
  }
  if (is.na(cubic) || onward * (cubic - trial$step) <= 0) cubic <- furthest
  if (!bracketed) return(project(if (distance(cubic) > distance(secant)) cubic else secant, range[1], range[2]))
  limit <- trial$step + 0.66 * (other$step - trial$step)
  onward * min(onward * limit, onward * if (distance(cubic) < distance(secant)) cubic else secant)
}

# The steps tried for phi(a) <= phi(0) + c1 a phi'(0) and |phi'(a)| <= c2 |phi'(0)|; phi(step) is
# c(value, slope). While no step satisfies the first and has phi' >= 0, trials that fail the first
# are interpolated on psi(a) = phi(a) - c1 a phi'(0).   [MT] sections 2 to 4
dense_search <- function(phi, value, slope, step, max_step, max_trials) {
  c1 <- 1e-3
  c2 <- 0.9
  psi <- function(point) {
    list(step = point$step, value = point$value - c1 * point$step * slope, slope = point$slope - c1 * slope)
  }
  best <- other <- list(step = 0, value = value, slope = slope)
  bracketed <- FALSE
  first_stage <- TRUE
  widths <- c(2, 1) * max_step
  range <- c(0, 5 * step)
  exhausted <- function() bracketed && (step <= range[1] || step >= range[2] || diff(range) <= 0.1 * range[2])
  trials <- numeric()
  while (length(trials) < max_trials) {
    trials <- c(trials, step)
    at <- phi(step)
    trial <- list(step = step, value = at[1], slope = at[2])
    decreased <- trial$value <= value + c1 * step * slope
    wolfe <- decreased && abs(trial$slope) <= -c2 * slope
    stopped <- decreased && step == max_step && trial$slope <= c1 * slope
    if (wolfe || stopped || exhausted()) return(list(trials = trials, outcome = "accepted", step = step))

    first_stage <- first_stage && !(decreased && trial$slope >= 0)
    view <- if (first_stage && !decreased && trial$value <= best$value) psi else identity
    step <- next_step(view(best), view(other), view(trial), bracketed, range)
    higher <- view(trial)$value > view(best)$value
    crossed <- opposite(view(best), view(trial))
    bracketed <- bracketed || higher || crossed
    if (crossed && !higher) other <- best
    if (higher) other <- trial else best <- trial

    if (bracketed) {
      width <- abs(other$step - best$step)
      if (width >= 0.66 * widths[1]) step <- (best$step + other$step) / 2
      widths <- c(widths[2], width)
      range <- sort(c(best$step, other$step))
    } else {
      range <- step + c(1.1, 4) * (step - best$step)
    }
    step <- project(step, 0, max_step)
    if (exhausted()) step <- best$step
  }
  list(trials = trials, outcome = "failed")
}

# Core against dense ----------------------------------------------------------------------------------------------

core_step <- function(m, step, truncate = FALSE) {
  .Call(lbfgsb:::C_door_step, as.integer(m), step$X, step$G, step$lower, step$upper, truncate)
}

# |object - expected| <= tolerance max(1, |expected|_inf) element by element, same shape, same infinities
expect_close <- function(object, expected, tolerance = 1e-9, label = "object") {
  finite <- is.finite(expected)
  same <- length(object) == length(expected) && identical(dim(object), dim(expected)) &&
    all(object[!finite] == expected[!finite])
  error <- if (same) max(0, abs(object - expected)[finite]) / max(1, abs(expected)[finite]) else NA
  testthat::expect(isTRUE(error <= tolerance), sprintf("%s: relative error %g or another shape", label, error))
  invisible(object)
}

# The named quantities of the core's step equal the dense ones, which are returned
expect_dense <- function(m, step, names, truncate = FALSE) {
  core <- core_step(m, step, truncate)
  dense <- dense_step(m, step$X, step$G, step$lower, step$upper, truncate)
  for (name in names) {
    label <- sprintf("%s (n = %d, m = %d, J = %d)", name, nrow(step$X), m, ncol(step$X) - 1)
    expect_close(core[[name]], dense[[name]], label = label)
  }
  invisible(dense)
}
