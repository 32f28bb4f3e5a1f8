# Random problems that meet as many ways through lbfgsb() as possible: random_problem(seed, options) is
# list(kind, arguments), where `kind` says how it is run (see bench/identical.R) and `options` names those of
# lbfgsb_control() that may be used. Each is a function of its seed alone.

one_of <- function(...) sample(list(...), 1)[[1]]
maybe <- function(share, value, otherwise = NULL) if (runif(1) < share) value else otherwise

# sum c_i (x_i - t_i)^2 / 2 + w sum cos(s_i x_i) + v sum (x_i - x_{i-1})^2 (x_i + 2): smooth, not convex
random_function <- function(n) {
  c <- exp(rnorm(n, sd = one_of(0, 1, 3)))
  t <- rnorm(n, sd = 2)
  s <- runif(n, 0.5, 2)
  w <- maybe(0.5, runif(1), 0)
  v <- maybe(0.3, 0.1, 0)
  list(
    fn = function(x) sum(c * (x - t)^2) / 2 + w * sum(cos(s * x)) + v * sum(diff(x)^2 * (x[-1] + 2)),
    gr = function(x) {
      d <- diff(x)
      c * (x - t) - w * s * sin(s * x) +
        v * (base::c(0, 2 * d * (x[-1] + 2) + d^2) - base::c(2 * d * (x[-1] + 2), 0))
    }
  )
}

# A box around the start, or not quite, of which some sides are missing and some variables are fixed.
random_box <- function(n) {
  par <- rnorm(n)
  width <- rexp(n) + 0.01
  kinds <- one_of("none", "both", "lower", "upper", c("none", "both"), c("both", "fixed", "lower", "upper"))
  sides <- sample(kinds, n, TRUE)
  lower <- par - width * runif(n)
  upper <- ifelse(sides == "fixed", lower, lower + width)
  lower[sides %in% c("none", "upper")] <- -Inf
  upper[sides %in% c("none", "lower")] <- Inf
  if (runif(1) < 0.05) par <- par + rnorm(n, sd = 0.3) # may be outside
  if (runif(1) < 0.2) return(list(par = pmin(pmax(par, -0.5), 1), lower = -0.5, upper = 1))
  list(par = par, lower = lower, upper = upper)
}

random_options <- function(n) {
  list(
    m = sample(c(1:12, 20), 1), factr = one_of(0, 10, 1e7, 1e7, 1e7, 1e12),
    pgtol = one_of(0, 1e-8, 1e-5, 1e-5), confirm = runif(1) < 0.7,
    maxit = maybe(0.3, sample(0:30, 1), 100), maxeval = maybe(0.2, sample(200, 1), Inf),
    maxls = maybe(0.1, sample(1:5, 1), 20), target = maybe(0.1, rnorm(1, sd = n), -Inf),
    parscale = one_of(1, 1, 1, 100, 10^runif(n, -2, 2), "auto"), fnscale = one_of(1, 1, 1, -1, 50, -0.01),
    ndeps = maybe(0.1, 10^runif(1, -6, -3)), threads = one_of(1, 1, 2),
    gradient = one_of("central", "central", "forward", "richardson", "complex")
  )
}

# The objective is not finite beyond a plane near the minimizer, in fn or only in gr.
with_a_hole <- function(f, par, bad, in_fn) {
  beyond <- function(x) sum(x - par) > 0.3 * length(par)
  fn <- f$fn
  gr <- f$gr
  if (in_fn) f$fn <- function(x) if (is.numeric(x) && beyond(x)) bad else fn(x)
  f$gr <- function(x) if (beyond(x)) rep(bad, length(x)) else gr(x)
  f
}

# How fn and gr may be given: by gr, by fn in two ways, or not at all.
delivered <- function(f, way) {
  switch(way,
    gr = f,
    attribute = list(fn = function(x) structure(f$fn(x), gradient = f$gr(x))),
    list = list(fn = function(x) list(value = f$fn(x), gradient = f$gr(x))),
    differences = f["fn"]
  )
}

# The shape of par: a vector, with names, a matrix, a list of two.
in_shape <- function(arguments, shape) {
  par <- arguments$par
  if (shape == "named") names(arguments$par) <- paste0("p", seq_along(par))
  if (shape == "matrix") dim(arguments$par) <- c(1, length(par))
  if (shape != "list") return(arguments)
  half <- seq_along(par) <= length(par) / 2
  split <- function(x) if (length(x) > 1) list(a = x[half], b = x[!half]) else x
  from_list <- function(f) if (!is.null(f)) function(x) f(unlist(x, use.names = FALSE))
  parts <- c("par", "lower", "upper")
  arguments[parts] <- lapply(arguments[parts], split)
  arguments[c("fn", "gr")] <- lapply(arguments[c("fn", "gr")], from_list)
  arguments
}

random_problem <- function(seed, options) {
  set.seed(seed)
  n <- sample(one_of(10, 60), 1)
  box <- random_box(n)
  f <- random_function(n)
  if (runif(1) < 0.15) f <- with_a_hole(f, box$par, one_of(NaN, Inf, -Inf, NA), runif(1) < 0.7)
  control <- random_options(n)
  if (control$fnscale < 0) {
    g <- f
    f <- list(fn = function(x) -g$fn(x), gr = function(x) -g$gr(x))
  }
  way <- one_of("gr", "gr", "gr", "attribute", "list", "differences", "differences")
  arguments <- c(box, delivered(f, way), list(control = control[names(control) %in% options]))
  shape <- one_of("vector", "vector", "named", "matrix", if (n > 1) "list" else "named")
  arguments <- in_shape(arguments, shape)
  if (n < 15 && runif(1) < 0.1) arguments$hessian <- TRUE
  list(kind = one_of("run", "run", "run", "resumed", "told"), arguments = arguments)
}
