# The method by dense formulas, n x n and without any arrangement: what each step of the core must equal.
# By their numbers in src/METHOD.md: the model (2) to (5), the Cauchy point (7), (8), (12), the subspace
# minimizer (16), (17), (20), the direction (21), (22), the Gram matrices (23), the line search (28) to (30).
#   [BLNZ] Byrd, Lu, Nocedal, Zhu (1995), SIAM J. Sci. Comput. 16(5)
#   [MN]   Morales, Nocedal (2011), ACM TOMS 38(1)
#   [MT]   Moré, Thuente (1994), ACM TOMS 20(3)
# n variables, k pairs; x, g, lower, upper (n); S, Y (n x k), oldest first; free (n), logical.

# The box -------------------------------------------------------------------------------------------

project <- function(x, lower, upper) pmin(pmax(x, lower), upper)

# ||P(x - g) - x||_inf
projected_gradient_norm <- function(x, g, lower, upper) {
  max(abs(ifelse(g < 0, pmax(x - upper, g), pmin(x - lower, g))))
}

# t_i where x_i - t g_i meets a bound; 0 on a bound that g_i does not leave.   [BLNZ] (4.1)
breakpoints <- function(x, g, lower, upper) {
  at_rest <- ifelse(x == lower | x == upper, 0, Inf)
  ifelse(g == 0, at_rest, (x - ifelse(g < 0, upper, lower)) / g)
}

# max { a <= 1e10 : lower <= x + a d <= upper }
longest_step <- function(x, d, lower, upper) {
  min(1e10, ((ifelse(d < 0, lower, upper) - x) / d)[d != 0])
}

# The model -----------------------------------------------------------------------------------------

# The last m differences of the columns of Z (n x (J + 1))
last_differences <- function(Z, m) {
  J <- ncol(Z) - 1
  differences <- Z[, -1, drop = FALSE] - Z[, -(J + 1), drop = FALSE]
  differences[, seq_len(J) > J - m, drop = FALSE]
}

# B = theta I - W M W', W = [Y, theta S] (n x 2k), M the inverse of N = [[-D, L'], [L, theta S'S]].
# [BLNZ] (3.2) to (3.4)
dense_model <- function(S, Y) {
  k <- ncol(S)
  if (k == 0) return(list(theta = 1, W = S, M = diag(0), N = diag(0), B = diag(nrow(S))))
  SY <- crossprod(S, Y)
  theta <- sum(Y[, k]^2) / SY[k, k]
  D <- diag(diag(SY), k)
  L <- SY * lower.tri(SY)
  W <- cbind(Y, theta * S)
  N <- rbind(cbind(-D, t(L)), cbind(L, theta * crossprod(S)))
  M <- solve(N)
  list(theta = theta, W = W, M = M, N = N, B = theta * diag(nrow(S)) - W %*% M %*% t(W))
}

# The same B by k updates of theta I: B - B s s'B / s'B s + y y' / y's
bfgs_recursion <- function(S, Y, theta) {
  B <- theta * diag(nrow(S))
  for (j in seq_len(ncol(S))) {
    Bs <- drop(B %*% S[, j])
    B <- B - tcrossprod(Bs) / sum(S[, j] * Bs) + tcrossprod(Y[, j]) / sum(S[, j] * Y[, j])
  }
  B
}

# The step ------------------------------------------------------------------------------------------

# First local minimizer over t >= 0 of g'z + z'Bz / 2, z = P(x - t g) - x, segment by segment.
# [BLNZ] section 4
dense_cauchy <- function(x, g, lower, upper, B) {
  t <- breakpoints(x, g, lower, upper)
  start <- 0
  for (end in sort(unique(c(t[t > 0], Inf)))) {
    d <- ifelse(t > start, -g, 0)
    if (all(d == 0)) break
    z <- project(x - start * g, lower, upper) - x
    minimizer <- start + max(0, -sum(d * (g + B %*% z)) / sum(d * (B %*% d)))
    start <- min(minimizer, end)
    if (minimizer < end) break
  }
  point <- project(x - start * g, lower, upper)
  list(x = point, t_star = start, free = t > start, crossed = sum(t > 0 & t <= start))
}

# The gradient of the model at the Cauchy point, in the free variables
reduced_gradient <- function(x, g, B, cauchy) drop(g + B %*% (cauchy$x - x))[cauchy$free]

# Minimizer of the model over the free variables, the others as at the Cauchy point.
# [BLNZ] section 5.1; without pairs, or without free variables, it is the Cauchy point
subspace_minimizer <- function(x, g, B, cauchy) {
  free <- cauchy$free
  if (!any(free)) return(cauchy$x)
  xhat <- cauchy$x
  xhat[free] <- xhat[free] - solve(B[free, free], reduced_gradient(x, g, B, cauchy))
  xhat
}

# From the Cauchy point towards xhat as far as the box allows.   [BLNZ] section 5.1
truncate_step <- function(cauchy, xhat, lower, upper) {
  d <- xhat - cauchy$x
  cauchy$x + min(1, longest_step(cauchy$x, d, lower, upper)) * d
}

# q (2k), by which xhat_i = x_i + (W_i q - g_i) / theta for free i. With c = W'(x_cauchy - x) and the
# reduced gradient r, Sherman-Morrison-Woodbury gives q = Mc - v / theta with
# (N - W_F'W_F / theta) v = W_F'r.
dense_q <- function(x, g, model, cauchy) {
  W_free <- model$W[cauchy$free, , drop = FALSE]
  r <- reduced_gradient(x, g, model$B, cauchy)
  v <- solve(model$N - crossprod(W_free) / model$theta, crossprod(W_free, r))
  drop(model$M %*% crossprod(model$W, cauchy$x - x) - v / model$theta)
}

# theta, D and the k x k products over the rows free and active at the Cauchy point
dense_products <- function(S, Y, theta, free) {
  S_free <- S[free, , drop = FALSE]
  Y_free <- Y[free, , drop = FALSE]
  S_active <- S[!free, , drop = FALSE]
  SY_active <- crossprod(S_active, Y[!free, , drop = FALSE])
  list(
    count = ncol(S), theta = theta, Y = Y, S = S, D = colSums(S * Y),
    yy_free = crossprod(Y_free), sy_free = crossprod(S_free, Y_free), ss_free = crossprod(S_free),
    ss_active = crossprod(S_active), sy_active_lower = SY_active * lower.tri(SY_active)
  )
}

# All that C_door_step returns, by the same names, and the points on the way to xhat
dense_step <- function(m, X, G, lower, upper, truncate = FALSE) {
  x <- X[, ncol(X)]
  g <- G[, ncol(G)]
  S <- last_differences(X, m)
  Y <- last_differences(G, m)
  Y[lower == upper, ] <- 0
  model <- dense_model(S, Y)
  cauchy <- dense_cauchy(x, g, lower, upper, model$B)
  minimizer <- subspace_minimizer(x, g, model$B, cauchy)
  inside <- if (truncate) truncate_step else function(cauchy, ...) project(...)
  xhat <- inside(cauchy, minimizer, lower, upper)
  t <- breakpoints(x, g, lower, upper)
  c(dense_products(S, Y, model$theta, cauchy$free), list(
    breakpoints = t, pgnorm = projected_gradient_norm(x, g, lower, upper),
    p_start = drop(crossprod(model$W, ifelse(t > 0, -g, 0))),
    c = drop(crossprod(model$W, cauchy$x - x)), t_star = cauchy$t_star, free = cauchy$free,
    q = if (ncol(S) > 0 && any(cauchy$free)) dense_q(x, g, model, cauchy),
    xhat = xhat, d = xhat - x, slope = sum(g * (xhat - x)),
    max_step = longest_step(x, xhat - x, lower, upper),
    x_cauchy = cauchy$x, crossed = cauchy$crossed, minimizer = minimizer
  ))
}

# The line search -----------------------------------------------------------------------------------
# A point of the search is list(step, value, slope), the slope with respect to the step.

# Minimizer of the cubic that has the values and slopes of a and b, NA if it has none
cubic_minimizer <- function(a, b) {
  h <- b$step - a$step
  at_ends <- rbind(c(1, 0, 0, 0), c(0, 1, 0, 0), c(1, 1, 1, 1), c(0, 1, 2, 3)) # p, p' at 0; p, p' at 1
  p <- solve(at_ends, c(a$value, h * a$slope, b$value, h * b$slope))
  discriminant <- p[3]^2 - 3 * p[2] * p[4]
  if (discriminant <= 0) return(NA)
  root <- sqrt(discriminant)
  a$step + h * if (p[3] > 0) -p[2] / (p[3] + root) else (root - p[3]) / (3 * p[4])
}

# Minimizer of the parabola that has the values of a and b and the slope of a
parabola_minimizer <- function(a, b) {
  h <- b$step - a$step
  a$step - h^2 * a$slope / (2 * (b$value - a$value - h * a$slope))
}

# Where the line through the slopes of a and b is zero
secant_zero <- function(a, b) a$step - a$slope * (b$step - a$step) / (b$slope - a$slope)

opposite_slopes <- function(a, b) a$slope * b$slope < 0

# The step after `trial`; best and other are the ends of the interval.   [MT] section 4, cases 1 to 4
next_step <- function(best, other, trial, bracketed, range) {
  distance <- function(step) abs(step - trial$step)
  cubic <- cubic_minimizer(best, trial)
  if (trial$value > best$value) {
    parabola <- parabola_minimizer(best, trial)
    nearer <- abs(cubic - best$step) < abs(parabola - best$step)
    return(if (nearer) cubic else (cubic + parabola) / 2)
  }
  secant <- secant_zero(best, trial)
  if (opposite_slopes(best, trial)) {
    return(if (distance(cubic) > distance(secant)) cubic else secant)
  }
  onward <- sign(trial$step - best$step)
  furthest <- if (onward > 0) range[2] else range[1]
  if (abs(trial$slope) >= abs(best$slope)) {
    return(if (bracketed) cubic_minimizer(trial, other) else furthest)
  }
  if (is.na(cubic) || onward * (cubic - trial$step) <= 0) cubic <- furthest
  if (!bracketed) {
    return(project(if (distance(cubic) > distance(secant)) cubic else secant, range[1], range[2]))
  }
  limit <- trial$step + 0.66 * (other$step - trial$step)
  onward * min(onward * limit, onward * if (distance(cubic) < distance(secant)) cubic else secant)
}

# The interval after `trial`, bracketed if its ends enclose a minimizer.   [MT] section 2
update_interval <- function(interval, trial, view) {
  higher <- view(trial)$value > view(interval$best)$value
  opposite <- opposite_slopes(view(interval$best), view(trial))
  list(
    best = if (higher) interval$best else trial,
    other = if (higher) trial else if (opposite) interval$best else interval$other,
    bracketed = interval$bracketed || higher || opposite
  )
}

# What the next step may be: inside the interval, or 1.1 to 4 times the last move on
allowed_range <- function(interval, step) {
  if (interval$bracketed) return(sort(c(interval$best$step, interval$other$step)))
  step + c(1.1, 4) * (step - interval$best$step)
}

exhausted <- function(interval, range, step) {
  interval$bracketed && (step <= range[1] || step >= range[2] || diff(range) <= 0.1 * range[2])
}

# The steps tried for one with phi(a) <= phi(0) + c1 a phi'(0) and |phi'(a)| <= c2 |phi'(0)|; phi(a) is
# c(value, slope). Until a trial satisfies the first with phi'(a) >= 0, those that fail it are
# interpolated on psi(a) = phi(a) - c1 a phi'(0).   [MT] sections 2 to 4
dense_search <- function(phi, value, slope, step, max_step, max_trials) {
  tilt <- 1e-3 * slope
  psi <- function(p) list(step = p$step, value = p$value - tilt * p$step, slope = p$slope - tilt)
  start <- list(step = 0, value = value, slope = slope)
  interval <- list(best = start, other = start, bracketed = FALSE)
  first_stage <- TRUE
  widths <- c(2, 1) * max_step
  range <- c(0, 5 * step)
  trials <- numeric()
  while (length(trials) < max_trials) {
    trials <- c(trials, step)
    trial <- as.list(setNames(c(step, phi(step)), c("step", "value", "slope")))
    decreased <- trial$value <= value + tilt * step
    flat <- abs(trial$slope) <= 0.9 * abs(slope)
    at_limit <- step == max_step && trial$slope <= tilt
    if (decreased && (flat || at_limit) || exhausted(interval, range, step)) {
      return(list(trials = trials, outcome = "accepted", step = step))
    }
    first_stage <- first_stage && !(decreased && trial$slope >= 0)
    view <- if (first_stage && !decreased && trial$value <= interval$best$value) psi else identity
    step <- next_step(
      view(interval$best), view(interval$other), view(trial), interval$bracketed, range
    )
    interval <- update_interval(interval, trial, view)
    if (interval$bracketed) {
      ends <- c(interval$best$step, interval$other$step)
      if (abs(diff(ends)) >= 0.66 * widths[1]) step <- mean(ends)
      widths <- c(widths[2], abs(diff(ends)))
    }
    range <- allowed_range(interval, step)
    step <- project(step, 0, max_step)
    if (exhausted(interval, range, step)) step <- interval$best$step
  }
  list(trials = trials, outcome = "failed")
}

# Core against dense --------------------------------------------------------------------------------

core_step <- function(m, step, truncate = FALSE) {
  .Call(lbfgsb:::C_door_step, as.integer(m), step$X, step$G, step$lower, step$upper, truncate)
}

# |object - expected| <= tolerance max(1, |expected|_inf) in every element, of the same shape, with the
# same infinities
expect_close <- function(object, expected, tolerance = 1e-9, label = "object") {
  finite <- is.finite(expected)
  alike <- length(object) == length(expected) && identical(dim(object), dim(expected)) &&
    all(object[!finite] == expected[!finite])
  error <- if (alike) max(0, abs(object - expected)[finite]) / max(1, abs(expected)[finite]) else Inf
  message <- sprintf("%s is off by %g (Inf: another shape)", label, error)
  testthat::expect(isTRUE(error <= tolerance), message)
}

# The named quantities of the core's step equal the dense ones; returns all of the dense ones
expect_dense <- function(m, step, names, truncate = FALSE) {
  core <- core_step(m, step, truncate)
  dense <- dense_step(m, step$X, step$G, step$lower, step$upper, truncate)
  for (name in names) {
    label <- sprintf("%s (n = %d, m = %d, J = %d)", name, nrow(step$X), m, ncol(step$X) - 1)
    expect_close(core[[name]], dense[[name]], label = label)
  }
  dense
}
