# Cases from public reports of users in which other solvers fail, C1 to C16.

rosen <- function(x) 100 * (x[2] - x[1]^2)^2 + (1 - x[1])^2
rosen_g <- function(x) {
  c(-400 * x[1] * (x[2] - x[1]^2) - 2 * (1 - x[1]), 200 * (x[2] - x[1]^2))
}

test_that("C1: a barrier, Inf at the bound itself", {
  fit <- lbfgsb(c(5, 50), function(x) sum(x - log(x)), function(x) 1 - 1 / x, lower = 0)
  expect_identical(fit$convergence, 0L)
  expect_equal(fit$par, c(1, 1), tolerance = 1e-4)
  expect_equal(fit$value, 2, tolerance = 1e-8)
})

test_that("C2: NaN outside of the domain, called as TMB calls", {
  obj <- list(
    par = c(a = 5, b = 50),
    fn = function(x, ...) if (any(x <= 0)) NaN else sum(x - log(x)),
    gr = function(x, ...) if (any(x <= 0)) rep(NaN, 2) else 1 - 1 / x,
    he = function(x) diag(2), hessian = FALSE, method = "BFGS", retape = function() 1,
    env = new.env(), report = function() 1, simulate = function() 1
  )
  fit <- do.call(lbfgsb, obj)
  expect_identical(fit$convergence, 0L)
  expect_equal(fit$par, c(a = 1, b = 1), tolerance = 1e-4)
  expect_gt(fit$nonfinite, 0)
})

# fn where it is an error to be outside of the box
only_inside <- function(fn, lower, upper) {
  function(x) {
    if (any(x < lower | x > upper)) stop("outside of the box")
    fn(x)
  }
}

test_that("C3: never outside of the box, not by one ulp", {
  for (seed in 1:400) {
    set.seed(seed)
    A <- crossprod(matrix(rnorm(25), 5))
    b <- rnorm(5, sd = 5)
    lower <- runif(5, -1, 0)
    upper <- lower + runif(5)
    upper[1] <- lower[1] + 0.1
    value <- function(x) sum(x * (A %*% x)) / 2 - sum(b * x) + sum(sin(5 * x))
    fn <- only_inside(value, lower, upper)
    gr <- only_inside(function(x) as.vector(A %*% x) - b + 5 * cos(5 * x), lower, upper)
    start <- runif(5) * (upper - lower) + lower
    for (gradient in list(gr, NULL)) {
      fit <- lbfgsb(start, fn, gradient, lower = lower, upper = upper)
      expect_true(all(fit$par >= lower & fit$par <= upper))
    }
  }
})

test_that("C4: nor with parscale", {
  set.seed(1)
  for (i in 1:300) {
    parscale <- 10^runif(2, -3, 3)
    lower <- runif(2)
    upper <- lower + runif(2)
    fn <- only_inside(function(x) sum((x - c(5, -5))^2), lower, upper)
    fit <- lbfgsb((lower + upper) / 2, fn, lower = lower, upper = upper,
                  control = list(parscale = parscale))
    expect_identical(fit$par, c(upper[1], lower[2]))
  }
})

test_that("C6: no gradient, not defined outside of the box", {
  expect_silent(fit <- lbfgsb(0, function(x) log(1 + 1e-8 - x), lower = 0, upper = 1))
  expect_identical(fit$par, 1)
  expect_equal(fit$value, -18.42068075, tolerance = 1e-9)
})

test_that("C7: no gradient, a fixed parameter", {
  fit <- lbfgsb(c(1, 1, 1), function(x) sum((x - c(3, 2, 1))^2), lower = c(0, 1, 0),
                upper = c(5, 1, 5))
  expect_equal(fit$par, c(3, 1, 1), tolerance = 1e-6)
  expect_equal(fit$value, 1)
})

test_that("C8: no gradient, small parameters", {
  fit <- lbfgsb(c(5e-4, 1), function(x) (x[1] / 1e-4 - 1)^2 + (x[2] - 2)^2, lower = 0, upper = 10)
  expect_equal(fit$par / c(1e-4, 2), c(1, 1), tolerance = 1e-5)
  expect_identical(fit$convergence, 0L)
})

test_that("C9: an objective may minimize: the outer run is that alone, to the bit", {
  inner <- list(
    lbfgsb = function() lbfgsb(c(.5, .5, .5), function(z) sum((z - 1:3)^4), lower = 0),
    optim = function() {
      optim(c(.5, .5, .5), function(z) sum((z - 1:3)^4), method = "L-BFGS-B", lower = 0)
    },
    factanal = function() factanal(factors = 1, covmat = ability.cov),
    caught = function() try(lbfgsb(1, function(z) stop("in the inner one")), silent = TRUE)
  )
  alone <- lbfgsb(c(-1.2, 1), rosen, rosen_g)
  for (minimize in inner) {
    for (when in list(seq_len(1000), 3)) {
      evaluation <- 0
      nested <- function(x) {
        evaluation <<- evaluation + 1
        if (evaluation %in% when) minimize()
        rosen(x)
      }
      expect_identical(lbfgsb(c(-1.2, 1), nested, rosen_g), alone)
    }
  }
})

test_that("C9: so may a gradient, and the differences that stand in for it", {
  minimize <- function() lbfgsb(c(.5, .5, .5), function(z) sum((z - 1:3)^4), lower = 0)
  expect_identical(lbfgsb(c(-1.2, 1), rosen, function(x) { minimize(); rosen_g(x) }),
                   lbfgsb(c(-1.2, 1), rosen, rosen_g))
  expect_identical(lbfgsb(c(-1.2, 1), function(x) { minimize(); rosen(x) }),
                   lbfgsb(c(-1.2, 1), rosen))
})

test_that("C11: a start or gradient that is not finite, and wrong shapes, are errors", {
  expect_error(lbfgsb(c(0, 1), rosen, function(x) c(NaN, 1)), class = "lbfgsb_error_start")
  expect_error(lbfgsb(c(0, 1), rosen, function(x) 1), "2 numbers, .* length 1")
  expect_error(lbfgsb(c(0, 1), rosen, function(x) 1:3), "2 numbers, .* length 3")
  for (wrong in list(NULL, "1", c(1, 2))) {
    expect_error(lbfgsb(c(0, 1), function(x) wrong), class = "lbfgsb_error_objective")
  }
  expect_error(lbfgsb(c(0, 1), function(x) NA), class = "lbfgsb_error_start")
})

test_that("C11: gradients as TMB returns them work", {
  reference <- lbfgsb(c(0, 1), rosen, rosen_g)
  expect_identical(lbfgsb(c(0, 1), rosen, function(x) t(rosen_g(x))), reference)
  expect_identical(lbfgsb(c(0, 1), rosen, function(x) c(a = 1, b = 1) * rosen_g(x)), reference)
  whole <- lbfgsb(c(4, 9), function(x) sum(abs(x)), function(x) as.integer(sign(x)), lower = 1)
  expect_identical(whole$par, c(1, 1))
})

test_that("C11: wrong boxes and scales are errors", {
  expect_error(lbfgsb(c(0, 1), rosen, lower = 2, upper = 1), class = "lbfgsb_error_argument")
  expect_error(lbfgsb(c(0, 1), rosen, control = list(parscale = 0)),
               class = "lbfgsb_error_argument")
  expect_error(lbfgsb(c(0, NA), rosen), class = "lbfgsb_error_argument")
  expect_error(lbfgsb(c(0, 1), rosen, upper = NA), class = "lbfgsb_error_argument")
  expect_error(lbfgsb(c(0, 1), rosen, lower = c(0, NaN)), class = "lbfgsb_error_argument")
})

test_that("C12: a gradient that is zero at the start is said to be", {
  steps <- function(x) round(rosen(x))
  expect_match(lbfgsb(c(1.3, 1), function(x) 3)$message, "the gradient is zero at the start")
  expect_match(lbfgsb(c(1.3, 1), steps, control = list(gradient = "central"))$message,
               "the gradient is zero at the start")
  expect_lte(lbfgsb(c(1.3, 1), steps)$value, 1) # steps of the differences that are wider see a slope
})

test_that("C13: maxit iterations are maxit iterations, and value is fn(par)", {
  fit <- lbfgsb(c(0, 0), rosen, rosen_g, control = list(maxit = 5))
  expect_identical(fit$iterations, 5L)
  expect_identical(fit$value, rosen(fit$par))
  expect_identical(fit$convergence, 1L)
})

test_that("C14: small boxes", {
  linear <- lbfgsb(c(.5, .5), function(x) -x[1], lower = 0, upper = 1)
  expect_identical(linear$par, c(1, .5))
  far <- lbfgsb(rep(21, 4), function(x) sum(x^2), lower = 20, upper = 40)
  expect_identical(far$value, 1600)
  cut <- lbfgsb(c(-1.2, 1), rosen, rosen_g, upper = c(.5, Inf))
  expect_equal(cut$value, .25, tolerance = 1e-9)
})

test_that("C16: all arguments in the dots reach fn and gr", {
  received <- function(par, ..., l, u, c, h, m) {
    dots <- list(...)
    stopifnot(identical(dots, list(.scale = 2, 3)), l == 4, u == 5, c == 6, h == 7, m == 8)
    par
  }
  fn <- function(...) sum((received(...) - 1)^2)
  gr <- function(...) 2 * (received(...) - 1)
  fit <- lbfgsb(c(9, 9), fn, gr, .scale = 2, 3, l = 4, u = 5, c = 6, h = 7, m = 8)
  expect_equal(fit$par, c(1, 1), tolerance = 1e-6)
  without_gr <- lbfgsb(c(9, 9), fn, NULL, .scale = 2, 3, l = 4, u = 5, c = 6, h = 7, m = 8)
  expect_equal(without_gr$par, c(1, 1), tolerance = 1e-6)
})

test_that("C16: dots may match fn's arguments in part", {
  fit <- lbfgsb(1, function(x, target) (x - target)^2, tar = 4)
  expect_equal(fit$par, 4, tolerance = 1e-6)
})

test_that("callers find what they need", {
  expect_named(formals(lbfgsb), c("par", "fn", "gr", "...", "lower", "upper", "control", "hessian",
                                  "method", "fixed"))
  as_lme4 <- do.call(lbfgsb, list(fn = rosen, par = c(-1.2, 1), lower = -Inf, upper = Inf,
                                  control = list()))
  expect_identical(as_lme4$fval, as_lme4$value)
  as_glmmTMB <- lbfgsb(c(-1.2, 1), rosen, rosen_g, control = list())
  expect_identical(as_glmmTMB$convergence, 0L)
  as_bbmle <- lbfgsb(par = c(a = -1.2, b = 1), fn = rosen, method = "BFGS", hessian = TRUE,
                     gr = NULL, control = list(), lower = -Inf, upper = Inf)
  expect_named(as_bbmle$par, c("a", "b"))
  expect_identical(as_bbmle$conv, 0L)
})

test_that("foreign names in control warn and do not stop", {
  expect_warning(fit <- lbfgsb(c(-1.2, 1), rosen, rosen_g, control = list(rhobeg = 1)),
                 class = "lbfgsb_warning_control")
  expect_identical(fit$convergence, 0L)
})

test_that("C5: a gradient that disagrees with fn is named, with both slopes", {
  gr <- function(x) c(-20 * x[1] * (x[2] - x[1]^2) - 2 * (1 - x[1]), 20 * (x[2] - x[1]^2))
  fn <- function(x) 10 * (x[2] - x[1]^2)^2 + (1 - x[1])^2
  warnings <- list()
  fit <- withCallingHandlers(lbfgsb(c(-1, 1), fn, gr), lbfgsb_warning_gradient = function(w) {
    warnings <<- c(warnings, list(w))
    tryInvokeRestart("muffleWarning")
  })
  solved <- fit$convergence == 0 && max(abs(fit$par - 1)) < 1e-4
  expect_true(solved || length(warnings) == 1)

  opposite <- expect_warning(lbfgsb(c(1, 2), function(x) sum(x^2), function(x) -2 * x),
                             class = "lbfgsb_warning_gradient")
  fit <- suppressWarnings(lbfgsb(c(a = 1, b = 2), function(x) sum(x^2), function(x) -2 * x))
  expect_gt(fit$convergence, 50)
  expect_match(fit$message, "the gradient disagrees with fn in the direction a (+), b (+): a slope of", fixed = TRUE)
  expect_equal(opposite$analytic, -opposite$numeric, tolerance = 1e-4)
})

test_that("C10: a scale that fools the published tests is solved", {
  p <- rosenbrock(2)
  small <- lbfgsb(c(-1.2, 1), function(x) 1e-10 * p$fn(x), function(x) 1e-10 * p$gr(x))
  expect_identical(small$convergence, 0L)
  expect_equal(small$par, c(1, 1), tolerance = 1e-5)
  offset <- lbfgsb(c(-1.2, 1), function(x) 1e8 + p$fn(x), p$gr)
  expect_identical(offset$convergence, 0L)
  expect_equal(offset$par, c(1, 1), tolerance = 1e-3)
  for (f in list(function(x) 1e-10 * p$fn(x), function(x) 1e8 + p$fn(x))) {
    published <- lbfgsb(c(-1.2, 1), f, control = list(confirm = FALSE))
    expect_gt(max(abs(published$par - 1)), 0.1) # what `confirm` is for
  }
})

test_that("C9: so may forked processes", {
  skip_on_os("windows")
  p <- rosenbrock(10)
  alone <- lbfgsb(p$par, p$fn, p$gr)$par
  forked <- parallel::mclapply(1:4, function(i) lbfgsb(p$par, p$fn, p$gr)$par, mc.cores = 2)
  expect_identical(forked, rep(list(alone), 4))
})

# A value that is the rest of larger ones has their error: at a minimum of 0 no test beside f can be met
rests <- list(
  offset = function(x) sum((x - 0.5)^2) + 1 - 1,
  expanded = function(x) sum(x^2) - sum(x) + length(x) / 4,
  cosh = function(x) sum(cosh(x - 0.5) - 1),
  divergence = function(x) sum(x - 0.5 - log(x + 0.5))
)
slopes <- list(offset = function(x) 2 * (x - 0.5), expanded = function(x) 2 * x - 1, cosh = function(x) sinh(x - 0.5),
               divergence = function(x) 1 - 1 / (x + 0.5))

test_that("a run ends as converged, and soon, where its minimum is 0 but for the rounding of larger values", {
  for (gradient in c(FALSE, TRUE)) {
    runs <- expand.grid(seed = 1:10, n = c(1, 2, 5), kind = names(rests), stringsAsFactors = FALSE)
    fits <- Map(function(seed, n, kind) {
      start <- with_random_state(seed, runif(n, 0.1, 0.9))
      lbfgsb(start, rests[[kind]], if (gradient) slopes[[kind]])
    }, runs$seed, runs$n, runs$kind)
    off <- vapply(fits, function(fit) max(abs(fit$par - 0.5)), 0)
    expect_lt(max(off), 1e-5)
    codes <- vapply(fits, `[[`, 0L, "convergence")
    expect_lte(sum(codes != 0), 6) # of 120
    evaluations <- vapply(fits, function(fit) fit$counts[["function"]], 0)
    expect_lt(median(evaluations), if (gradient) 20 else 60)
  }
})

test_that("a corner is no minimum because curvature without end promises nothing there", {
  year <- 1950:2020
  claims <- vapply(1:20, function(seed) {
    y <- with_random_state(seed, 1000 + 30 * (year - 1985) + rnorm(71, 0, 150))
    fn <- function(p) sum(abs(y - p[1] - p[2] * (year - 1985)))
    lines <- utils::combn(71, 2)
    slope <- (y[lines[2, ]] - y[lines[1, ]]) / (lines[2, ] - lines[1, ])
    at <- y[lines[1, ]] - slope * (year[lines[1, ]] - 1985)
    best <- min(vapply(seq_along(at), function(k) fn(c(at[k], slope[k])), 0)) # it passes through two points
    fit <- suppressWarnings(lbfgsb(c(0, 0), fn))
    fit$convergence == 0 && fit$value > best * (1 + 1e-6)
  }, NA)
  expect_identical(sum(claims), 0L)
})

test_that("a run that creeps along an edge, where fn is steep, ends as stalled", {
  fit <- lbfgsb(c(0, 0), function(p) if (p[1] > 0.5) NaN else sum((p - 1)^2)) # took 288,449 evaluations
  expect_identical(fit$convergence, 51L)
  expect_lt(fit$counts[["function"]], 3000)
})

# Heckman's selection model, y in a small unit: from 0 the correlation goes next to 1, where each search meets NaN
selection <- function(seed) {
  drawn <- with_random_state(seed, {
    z <- rnorm(200)
    x <- rnorm(200)
    e <- rnorm(200)
    list(z = z, x = x, e = e, w = 0.6 * e + 0.8 * rnorm(200))
  })
  z <- drawn$z
  x <- drawn$x
  is_seen <- 0.5 + z + drawn$e > 0
  y <- 0.01 * (1 + 0.5 * x + drawn$w)
  mills <- function(q) exp(dnorm(q, log = TRUE) - pnorm(q, log.p = TRUE))
  parts <- function(p) {
    rho <- tanh(p[6])
    list(q = p[1] + p[2] * z, r = (y - p[3] - p[4] * x) / exp(p[5]), rho = rho, s = sqrt(1 - rho^2))
  }
  fn <- function(p) {
    of <- parts(p)
    seen <- pnorm((of$q + of$rho * of$r) / of$s, log.p = TRUE) - p[5] - of$r^2 / 2
    -sum(ifelse(is_seen, seen, pnorm(-of$q, log.p = TRUE)))
  }
  gr <- function(p) {
    of <- parts(p)
    m <- mills((of$q + of$rho * of$r) / of$s)
    by_q <- ifelse(is_seen, m / of$s, -mills(-of$q))
    by_r <- ifelse(is_seen, m * of$rho / of$s - of$r, 0)
    by_rho <- ifelse(is_seen, m * (of$r + of$q * of$rho) / of$s, 0) # by its atanh
    -c(sum(by_q), sum(by_q * z), -c(sum(by_r), sum(by_r * x)) / exp(p[5]), -sum(by_r * of$r + is_seen), sum(by_rho))
  }
  list(fn = fn, gr = gr)
}

test_that("a run that creeps on by next to nothing ends, however long it is", {
  fits <- lapply(c(1, 17, 20, 26), function(seed) lbfgsb(numeric(6), selection(seed)$fn, selection(seed)$gr))
  expect_false(1L %in% vapply(fits, `[[`, 0L, "convergence")) # one of these went on to maxit
  expect_lt(mean(vapply(fits, function(fit) fit$counts[["function"]], 0)), 1e4)
})

# fn and gr of a regression of counts, and their minimum to rounding, by Newton steps
poisson_at_minimum <- function(seed) {
  drawn <- with_random_state(seed, list(X = cbind(1, rnorm(60), rnorm(60)), u = runif(60)))
  X <- drawn$X
  y <- qpois(drawn$u, exp(drop(X %*% c(1, 0.3, -0.2))))
  gr <- function(b) -drop(crossprod(X, y - exp(drop(X %*% b))))
  b <- c(1, 0, 0)
  for (i in 1:30) b <- b - drop(solve(crossprod(X, exp(drop(X %*% b)) * X), gr(b)))
  list(par = b, fn = function(b) -sum(dpois(y, exp(drop(X %*% b)), log = TRUE)), gr = gr)
}

# the rate of a reaction by temperature, with errors of this part of it
arrhenius <- function(seed, error) {
  temperature <- seq(280, 360, length.out = 25)
  rate <- 1e7 * exp(-5000 / temperature)
  y <- rate + with_random_state(seed, rnorm(25, 0, error * mean(rate)))
  residuals <- function(p) y - p[1] * exp(-p[2] / temperature)
  gr <- function(p) {
    e <- exp(-p[2] / temperature)
    -2 * c(sum(residuals(p) * e), sum(residuals(p) * -p[1] * e / temperature))
  }
  list(par = c(1e7, 5000), fn = function(p) sum(residuals(p)^2), gr = gr)
}

codes_of <- function(fits) vapply(fits, `[[`, 0L, "convergence")
evaluations_of <- function(fits) vapply(fits, function(fit) fit$counts[["function"]], 0)

test_that("a run that starts where the gradient is rounding ends as converged, and soon", {
  fits <- lapply(1:30, function(seed) do.call(lbfgsb, poisson_at_minimum(seed)))
  expect_identical(unique(codes_of(fits)), 0L) # 9 of these were 52
  expect_lt(mean(evaluations_of(fits)), 15)
})

test_that("a run that starts where another has ended, with a gradient, ends as converged, and soon", {
  again <- unlist(lapply(1:20, function(seed) {
    lapply(10^-(2:4), function(error) {
      model <- arrhenius(seed, error)
      model$par <- do.call(lbfgsb, model)$par
      do.call(lbfgsb, model)
    })
  }), recursive = FALSE)
  expect_lte(sum(codes_of(again) != 0), 4) # of 60, 29 before
  expect_lt(mean(evaluations_of(again)), 25)
})

test_that("a run that starts off the minimum by what counts does not claim that rounding hides it", {
  far <- vapply(1:20, function(seed) {
    model <- arrhenius(seed, 1e-3)
    best <- do.call(lbfgsb, model)$value
    model$par <- model$par * (1 + c(1, 1e-2) * 10^-(seed / 3))
    fit <- do.call(lbfgsb, model)
    fit$convergence == 0 && fit$value > best * (1 + 1e-6)
  }, NA)
  expect_false(any(far))
})

test_that("a start at a minimum of 0 is told soon without a gradient", {
  fits <- list(lbfgsb(c(1, 1), function(x) sum((x - 1)^2)), lbfgsb(c(1, 1), rosen)) # took 72 and 73
  expect_identical(codes_of(fits), c(0L, 0L))
  expect_lt(max(evaluations_of(fits)), 20)
})

test_that("runs that begin with a gradient where others have ended end as converged, at once and again", {
  few <- Filter(function(p) length(p$par) <= 30 && !is.null(p$gr), problems)
  codes <- vapply(few, function(p) {
    run <- function(par) lbfgsb(par, p$fn, p$gr, lower = p$lower, upper = p$upper)
    again <- run(run(p$par)$par)
    c(again$convergence, run(again$par)$convergence)
  }, c(0L, 0L))
  at_rounding <- c("powell_badly_scaled", "brown_almost_linear", "meyer", "watson9") # meyer as exp() is rounded
  expect_identical(setdiff(names(few)[codes[1, ] != 0], at_rounding), character())
  expect_lte(sum(codes[2, ] != 0), 3)
})
