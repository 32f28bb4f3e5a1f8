# A gradient that is not that of fn, told at the end of a run, and where a Hessian is made of it (R/doubt.R).

# ---- Off by a factor: runs end in the right place -----------------------------------------------------------

set.seed(1)
X <- cbind(1, matrix(rnorm(600), 200))
counts <- rpois(200, exp(X %*% c(0.5, 0.3, -0.2, 0.1)))
poisson <- list(par = numeric(4), fn = function(b) -sum(dpois(counts, exp(X %*% b), log = TRUE)),
                gr = function(b) -drop(crossprod(X, counts - exp(X %*% b))))
well <- list(par = c(3, -1), fn = function(x) sum((x - 1:2)^4) + sum(x^2), gr = function(x) 4 * (x - 1:2)^3 + 2 * x)

test_that("a gradient that is wrong by a factor is told, and is 0 in the right place", {
  for (p in list(poisson, well, rosenbrock(2))) {
    right <- lbfgsb(p$par, p$fn, p$gr)
    for (factor in c(0.01, 0.5, 0.9, 1.1, 2, 100)) {
      warned <- expect_warning(fit <- lbfgsb(p$par, p$fn, function(x) factor * p$gr(x)), "disagrees with fn",
                               class = "lbfgsb_warning_gradient")
      expect_equal(warned$analytic / warned$numeric, factor, tolerance = 1e-4)
      expect_identical(fit$convergence, 0L)
      expect_equal(fit$par, right$par, tolerance = 1e-3)
    }
  }
})

test_that("an element that is wrong by a factor is named, in any units, and where others are at bounds", {
  element <- function(x) well$gr(x) * c(1, 1.2)
  for (size in list(c(1, 1), c(2^-20, 2^30), c(1e-6, 1e5))) {
    for (unit in c(1, 2^40, 1e-9)) {
      fn <- function(x) unit * well$fn(x / size)
      gr <- function(x) unit * element(x / size) / size
      warned <- expect_warning(fit <- lbfgsb(well$par * size, fn, gr), class = "lbfgsb_warning_gradient")
      expect_match(warned$direction, "^\\[2\\] \\([+-]\\)$")
      expect_identical(fit$convergence, 0L)
      expect_warning(fit <- lbfgsb(well$par * size, fn, gr, lower = c(2, -Inf) * size),
                     class = "lbfgsb_warning_gradient")
      expect_identical(fit$convergence, 0L)
    }
  }
})

test_that("the doubt is in the message, and in what is made of the fit", {
  fit <- suppressWarnings(lbfgsb(c(a = 3, b = -1), well$fn, function(x) 1.1 * well$gr(x),
                                 control = list(fn_is = "negloglik")))
  expect_snapshot(print(fit, rows = 0))
  for (made in list(vcov, confint, lbfgsb_hessian)) expect_warning(made(fit), class = "lbfgsb_warning_gradient")
  saddle <- suppressWarnings(lbfgsb(c(a = 1, b = 1), function(x) (x[["a"]] - 2)^2 - x[["b"]],
                                    function(x) c(2 * (x[["a"]] - 2), 0)))
  expect_snapshot(vcov(saddle), error = TRUE)
})

test_that("where fn or gr fails beside the fit nothing is said, and the fit is returned", {
  for (fails in list(fn = c(TRUE, FALSE), gr = c(FALSE, TRUE))) {
    end <- lbfgsb(well$par, well$fn, well$gr)$par
    near <- function(f, is_guarded) function(x) if (is_guarded && all(x > end + 1e-3)) stop("not here") else f(x)
    expect_no_warning(fit <- lbfgsb(c(-1, -1), near(well$fn, fails[1]), near(function(x) 1.1 * well$gr(x), fails[2])))
    expect_identical(fit$convergence, 0L)
  }
})

# ---- Off by a constant: runs end where the gradient is 0, and fn is not at its minimum -----------------------

test_that("no run converges where a gradient that is off by a constant is 0", {
  for (p in list(poisson, well, rosenbrock(2))) {
    for (off in 10^(-2:1)) {
      for (sign in c(1, -1)) {
        expect_warning(fit <- lbfgsb(p$par, function(x) sign * p$fn(x), function(x) sign * (p$gr(x) + off),
                                     control = list(fnscale = sign)),
                       "check_gradient()", class = "lbfgsb_warning_gradient")
        expect_true(fit$convergence %in% c(51L, 52L))
      }
    }
  }
})

test_that("the claim is taken back in words", {
  expect_snapshot(print(lbfgsb(well$par, well$fn, function(x) well$gr(x) + 1), rows = 0))
})

test_that("it is so in any units", {
  for (size in list(c(1, 1), c(2^-20, 2^30), c(1e-6, 1e5))) {
    for (unit in c(1, 2^40, 1e-9)) {
      expect_warning(fit <- lbfgsb(well$par * size, function(x) unit * well$fn(x / size),
                                   function(x) unit * (well$gr(x / size) + 1) / size),
                     class = "lbfgsb_warning_gradient")
      expect_true(fit$convergence %in% c(51L, 52L))
    }
  }
})

test_that("right gradients are not doubted, and cost nothing", {
  looked_at <- 0
  for (p in problems) {
    if (is.null(p$gr)) next
    tally <- c(fn = 0, gr = 0)
    counted <- function(which) {
      function(x) {
        tally[[which]] <<- tally[[which]] + 1
        p[[which]](x)
      }
    }
    expect_no_warning(lbfgsb(p$par, counted("fn"), counted("gr"), lower = p$lower, upper = p$upper))
    looked_at <- looked_at + (tally[["fn"]] - tally[["gr"]] > 3) # differences of fn; the run itself asks for both
  }
  expect_identical(looked_at, 0)
})

test_that("noise, gradients by differences, and corners are no contradiction", {
  noisy <- function(x) well$fn(x) * (1 + 1e-8 * sin(1e9 * sum(x)))
  by_differences <- function(x) {
    vapply(1:2, function(i) (well$fn(replace(x, i, x[i] + 1e-7)) - well$fn(x)) / 1e-7, 0)
  }
  rounded <- function(x) signif(well$gr(x), 4)
  single <- function(x) signif(well$fn(x), 7)
  for (start in list(c(3, -1), c(0, 0), c(10, 10))) {
    expect_no_warning(lbfgsb(start, noisy, well$gr))
    expect_no_warning(lbfgsb(start, single, well$gr))
    expect_no_warning(lbfgsb(start, well$fn, by_differences))
    expect_no_warning(lbfgsb(start, well$fn, rounded))
    expect_no_warning(lbfgsb(start, function(x) max(abs(x - 1:2)), function(x) {
      d <- x - 1:2
      replace(c(0, 0), which.max(abs(d)), sign(d[which.max(abs(d))]))
    }))
  }
})

test_that("the published rule is left alone, and a limit of evaluations is kept", {
  off <- function(x) well$gr(x) + 1e-3
  expect_warning(lbfgsb(well$par, well$fn, off), class = "lbfgsb_warning_gradient")
  for (control in list(list(confirm = FALSE), list(maxeval = 1000))) {
    expect_no_warning(fit <- lbfgsb(well$par, well$fn, off, control = control))
    expect_identical(fit$convergence, 0L)
  }
})

test_that("par may be a list or a matrix", {
  lbfgsb_quietly <- function(...) suppressWarnings(lbfgsb(...), classes = "lbfgsb_warning_gradient")
  off <- function(x) well$gr(x) + 1
  fit <- lbfgsb_quietly(list(a = 3, b = -1), function(p) well$fn(unlist(p)), function(p) as.list(off(unlist(p))))
  expect_identical(fit$convergence, 51L)
  expect_named(fit$par, c("a", "b"))
  fit <- lbfgsb_quietly(matrix(well$par, 1), function(p) well$fn(c(p)), function(p) off(c(p)), upper = c(3, 5))
  expect_identical(fit$convergence, 51L)
  expect_identical(dim(fit$par), c(1L, 2L))
})

# Counts by year and income as they are in the data: slopes along these are a million times those along the others.
set.seed(61)
people <- cbind(int = 1, yr = sample(1950:2020, 500, TRUE), inc = rlnorm(500, 10.9, 0.5), fem = rbinom(500, 1, 0.5))
set.seed(3)
visits <- rpois(500, exp(drop(people %*% c(-18, 0.01, 4e-6, 0.3))))
raw <- list(
  par = c(int = log(mean(visits)), yr = 0, inc = 0, fem = 0),
  fn = function(b) -sum(dpois(visits, exp(drop(people %*% b)), log = TRUE)),
  gr = function(b) drop(crossprod(people, exp(drop(people %*% b)) - visits))
)

test_that("a penalty that the gradient has forgotten, or a constant, is not lost in the steep slopes of others", {
  with_penalty <- function(b) raw$fn(b) + 25 * b[["fem"]]^2
  wrong <- c(list(list(with_penalty, raw$gr)),
             lapply(c(2, 5, 10), function(off) list(raw$fn, function(b) raw$gr(b) + c(0, 0, 0, off))))
  for (f in wrong) {
    warned <- expect_warning(fit <- lbfgsb(raw$par, f[[1]], f[[2]]), class = "lbfgsb_warning_gradient")
    expect_identical(warned$direction, "fem (+)")
    expect_true(fit$convergence %in% c(51L, 52L))
  }
  expect_silent(lbfgsb(raw$par, raw$fn, raw$gr))
  warned <- expect_warning(lbfgsb(raw$par, raw$fn, function(b) raw$gr(b) / 2), class = "lbfgsb_warning_gradient")
  expect_identical(warned$direction, "int (+), yr (+), inc (+), fem (+)")
})

test_that("noise that is smooth over small steps is none of the gradient", {
  p <- problems$nonnegative_longley
  for (level in c(1e-8, 1e-6)) {
    noisy <- function(x) p$fn(x) * (1 + level * sin(1e9 * sum(x)))
    expect_no_warning(lbfgsb(p$par, noisy, p$gr, lower = p$lower, upper = p$upper))
  }
})

test_that("a gradient by differences is off by next to nothing", {
  by_differences <- function(b) {
    vapply(seq_along(b), function(i) (raw$fn(replace(b, i, b[i] * (1 + 1e-7))) - raw$fn(b)) / (b[[i]] * 1e-7), 0)
  }
  expect_silent(lbfgsb(raw$par + 1e-6, raw$fn, by_differences))
})

# ---- An element with the wrong sign: a run ends at a bound where fn falls into the box -----------------------

# sum_i w_i (x_i - m_i)^2 + (sum x)^2 / n in the box [-1, 1]^n, from 1/2, with one wrong sign in the gradient, or none.
boxed <- function(n, seed, wrong = 0, size = 1, unit = 1) {
  with_random_state(seed, {
    m <- rnorm(n)
    w <- 10^runif(n, -1, 1)
  })
  fn <- function(x) unit * (sum(w * (x / size - m)^2) + sum(x / size)^2 / n)
  gr <- function(x) unit * (2 * w * (x / size - m) + 2 * sum(x / size) / n) / size * ifelse(seq_len(n) == wrong, -1, 1)
  calls <- c(fn = 0, gr = 0)
  counting <- function(f, which) {
    function(x) {
      calls[[which]] <<- calls[[which]] + 1
      f(x)
    }
  }
  list(par = rep(0.5, n) * size, fn = counting(fn, "fn"), gr = counting(gr, "gr"), bound = rep(1, n) * size,
       calls = function() calls)
}
run_boxed <- function(p, ...) lbfgsb(p$par, p$fn, p$gr, lower = -p$bound, upper = p$bound, ...)

test_that("an element with the wrong sign is told where it holds its parameter at the wrong bound", {
  for (n in c(1, 2, 3, 5, 10, 30, 100)) {
    for (seed in 1:8) {
      expect_warning(fit <- run_boxed(boxed(n, seed, wrong = n)), sprintf("in element [%d]", n), fixed = TRUE,
                     class = "lbfgsb_warning_gradient")
      expect_true(fit$convergence %in% c(51L, 52L))
    }
  }
})

test_that("it is told in any units, the same to the bit where they are powers of two, and where fn is maximized", {
  for (size in list(2^c(-20, 30, 10, 0, 3), c(1e-6, 1e5, 1e3, 1, 10))) {
    for (unit in c(2^40, 1e-9, -1)) {
      for (seed in 1:4) {
        p <- boxed(5, seed, wrong = 5, size, unit)
        warned <- expect_warning(fit <- run_boxed(p, control = list(fnscale = sign(unit))), "in element [5]", fixed = TRUE,
                                 class = "lbfgsb_warning_gradient")
        plain <- boxed(5, seed, wrong = 5)
        expected <- suppressWarnings(run_boxed(plain))
        if (unit == 2^40 && size[1] == 2^-20) {
          expect_identical(fit$par / size, expected$par)
          expect_identical(p$calls(), plain$calls())
        }
      }
    }
  }
})

test_that("a lower value that is found so is not lost where nothing looks closer", {
  for (seed in 1:10) {
    p <- boxed(3, seed, wrong = 3)
    lowest <- Inf
    fn <- function(x) {
      lowest <<- min(lowest, value <- p$fn(x))
      value
    }
    fit <- lbfgsb(p$par, fn, p$gr, lower = -1, upper = 1, control = list(maxeval = 1000))
    expect_lte(fit$value, lowest + 1e-7 * abs(lowest))
  }
})

test_that("a run that a limit has ended at this question goes on as it would have, and so does one that is told values", {
  for (wrong in c(0, 3)) {
    p <- boxed(3, 1, wrong)
    fit <- suppressWarnings(run_boxed(p))
    p <- boxed(3, 1, wrong)
    state <- lbfgsb_start(p$par, -p$bound, p$bound)
    while (!is.null(x <- lbfgsb_ask(state))) state <- lbfgsb_tell(state, p$fn(x), p$gr(x))
    expect_identical(lbfgsb_result(state)$par, run_boxed(p, control = list(maxeval = 1000))$par)
    for (evaluations in seq_len(lbfgsb_result(state)$counts[["function"]] - 1)) {
      first <- run_boxed(p, control = list(maxeval = evaluations, keep_state = TRUE))
      expect_identical(first$convergence, 1L)
      after <- suppressWarnings(lbfgsb_resume(first, control = list(maxeval = Inf)))
      expect_identical(after[c("par", "value", "message")], fit[c("par", "value", "message")])
    }
  }
})

test_that("a right gradient is not doubted where bounds hold parameters, by one value more at most, and none without", {
  for (n in c(1, 2, 3, 5, 10, 30)) {
    for (seed in 1:8) {
      p <- boxed(n, seed)
      expect_no_warning(fit <- run_boxed(p))
      expect_identical(fit$convergence, 0L)
      expect_lte(p$calls()[["fn"]] - p$calls()[["gr"]], 3) # those before asked for two
      inside <- lapply(c(0, 1), function(k) {
        q <- boxed(n, seed)
        lbfgsb(q$par, q$fn, q$gr, lower = -100 - k)
        q$calls()
      })
      expect_identical(inside[[1]], inside[[2]])
    }
  }
  corner <- list( # all parameters at bounds: linear, exponential, and a barrier within the box
    list(fn = function(x) sum(1:4 * x), gr = function(x) 1:4 + 0 * x),
    list(fn = function(x) sum(exp(3 * x)), gr = function(x) 3 * exp(3 * x)),
    list(fn = function(x) 10 - sum(log(2 - x)), gr = function(x) 1 / (2 - x))
  )
  for (p in corner) {
    for (lower in c(0, -1, 0.25)) {
      expect_no_warning(fit <- lbfgsb(rep(0.7, 4), p$fn, p$gr, lower = lower, upper = 1))
      expect_identical(fit$par, rep(lower, 4))
      expect_lte(diff(rev(fit$counts)), 2)
    }
  }
})

# ---- Elements that are always 0 ------------------------------------------------------------------------------

# A quartic with its minimum at (1, 2, 3), of which the gradient forgets the parameters `without`.
quartic <- function(x) sum((x - 1:3)^4) + (x[[1]] - x[[2]] + 1)^2
slopes <- function(x) 4 * (x - 1:3)^3 + 2 * (x[[1]] - x[[2]] + 1) * c(1, -1, 0)
forgetting <- function(without) function(x) replace(slopes(x), without, 0)

test_that("a parameter that the gradient has forgotten is told, in any units", {
  start <- c(a = 3, b = 4, c = 5)
  sizes <- list(c(1, 1, 1), 2^c(-20, 30, 10), c(1e-6, 1e5, 1e3))
  warned <- lapply(sizes, function(size) {
    for (unit in c(1, 2^40, 1e-9)) {
      fn <- function(x) unit * quartic(x / size)
      gr <- function(x) unit * forgetting(2)(x / size) / size
      warning <- tryCatch(lbfgsb(start * size, fn, gr), warning = identity)
      expect_s3_class(warning, "lbfgsb_warning_gradient")
      expect_match(warning$direction, "^b \\([+-]\\)$")
      expect_identical(warning$analytic, 0)
      fit <- suppressWarnings(lbfgsb(start * size, fn, gr))
      expect_identical(fit$convergence, 51L)
      expect_lt(fit$value, tail(fit$history$value, 1)) # the lowest that was found by looking
    }
    warning$numeric * size[2] / unit # as an element of the gradient
  })
  expect_identical(warned[[2]], warned[[1]])
  expect_equal(warned[[3]], warned[[1]], tolerance = 1e-4)
})

test_that("the claim is taken back, in what the fit says and in what is made of it", {
  expect_snapshot(fit <- lbfgsb(c(a = 3, b = 4, c = 5), quartic, forgetting(2), control = list(fn_is = "negloglik")))
  expect_identical(list(fit$convergence, fit$gap), list(51L, NA_real_))
  expect_snapshot(print(fit, rows = 0))
  nothing <- suppressWarnings(lbfgsb(list(a = 3, b = c(4, 5)), function(x) quartic(unlist(x)), function(x) c(0, 0, 0)))
  expect_identical(nothing$convergence, 51L)
  together <- function(x) structure(quartic(x), gradient = forgetting(3)(x))
  expect_warning(lbfgsb(c(3, 4, 5), together), "in element \\[3\\]", class = "lbfgsb_warning_gradient")
  expect_warning(lbfgsb(c(3, 4, 5), function(x) -quartic(x), function(x) -forgetting(2)(x),
                        control = list(fnscale = -1)), class = "lbfgsb_warning_gradient")
})

test_that("one forgotten among many that fn does not depend on is found, and it is not looked for at length", {
  depends <- c(1, 70)
  fn <- function(x) sum((x[depends] - 2)^2 + (x[depends] - 2)^4)
  right <- function(x) replace(numeric(100), depends, 2 * (x[depends] - 2) + 4 * (x[depends] - 2)^3)
  fit <- lbfgsb(rep(c(0, 1), 50), fn, right) # no warning
  tally <- 0
  counted <- function(x) {
    tally <<- tally + 1
    fn(x)
  }
  fit <- lbfgsb(rep(c(0, 1), 50), counted, right)
  expect_identical(list(fit$convergence, fit$counts[["function"]]), list(0L, as.integer(tally)))
  unasked <- lbfgsb(rep(c(0, 1), 50), fn, right, control = list(maxeval = 1000))
  expect_identical(fit$counts - unasked$counts, c(`function` = 3L, gradient = 0L)) # and one for a plateau
  expect_warning(lbfgsb(rep(c(0, 1), 50), fn, function(x) replace(right(x), 70, 0)), "in element \\[70\\]",
                 class = "lbfgsb_warning_gradient")
})

test_that("a right gradient may be 0 where a parameter starts", {
  bowl <- function(x) sum((x - 1:3)^2) + exp(x[[1]] - 1) - x[[1]]
  slope <- function(x) 2 * (x - 1:3) + c(exp(x[[1]] - 1) - 1, 0, 0)
  corner <- function(x) abs(x[[1]]) + (x[[2]] - 1)^2
  for (start in list(1:3, c(1, 5, 3), c(1, 2, 9))) {
    for (size in list(1, c(1e-8, 1, 1e6))) {
      fit <- lbfgsb(start * size, function(x) bowl(x / size), function(x) slope(x / size) / size)
      expect_identical(fit$convergence, 0L)
      expect_equal(fit$par, 1:3 * size, tolerance = 1e-4)
    }
  }
  expect_silent(lbfgsb(c(0, 0), corner, function(x) c(sign(x[[1]]), 2 * (x[[2]] - 1))))
  expect_silent(lbfgsb(c(0, 3), function(x) x[[1]]^3 + x[[2]]^2, function(x) c(3 * x[[1]]^2, 2 * x[[2]])))
  expect_silent(lbfgsb(c(3, 4, 5), quartic, slopes, lower = c(-Inf, 4, -Inf), upper = c(Inf, 4, Inf)))
})

test_that("an element that is 0 at a bound is told too; the claim is taken back if fn falls from there", {
  for (sign in c(1, -1)) {
    fn <- function(x) (x[[1]] - 1)^2 + sign * x[[2]]
    expect_warning(fit <- lbfgsb(c(3, 0), fn, function(x) c(2 * (x[[1]] - 1), 0), lower = 0, upper = c(Inf, 1)),
                   "in element \\[2\\]", class = "lbfgsb_warning_gradient")
    expect_identical(fit$convergence, if (sign == 1) 0L else 51L)
  }
})

test_that("a limit of evaluations holds, and fn may ask to stop", {
  fit <- lbfgsb(c(3, 4, 5), quartic, forgetting(2), control = list(maxeval = 1000))
  expect_identical(fit$convergence, 0L)
  run <- suppressWarnings(lbfgsb(c(3, 4, 5), quartic, forgetting(2)))
  calls <- 0
  fn <- function(x) {
    if ((calls <<- calls + 1) > tail(run$history$evaluations, 1) + 8) lbfgsb_stop() # eight are the core's last questions
    quartic(x)
  }
  expect_silent(stopped <- lbfgsb(c(3, 4, 5), fn, forgetting(2)))
  expect_identical(list(stopped$convergence, stopped$value), list(0L, tail(run$history$value, 1)))
})

# ---- Where a Hessian is made of it ---------------------------------------------------------------------------

# Of runs with a limit of evaluations, which do not look at their gradient.
fits_with <- function(gr, ..., control = list()) {
  fn <- function(p) sum((p - 1:3)^2 * c(1, 10, 5)) + p[["a"]] * p[["b"]]
  exact <- function(p) 2 * (p - 1:3) * c(1, 10, 5) + c(p[["b"]], p[["a"]], 0)
  lbfgsb(c(a = 0, b = 0, c = 0), fn, function(p) gr(exact(p), p), ..., control = c(list(maxeval = 1000), control))
}

test_that("a gradient wrong by a factor is told where standard errors are asked for", {
  for (factor in c(0.5, 0.9, 1.1, 2, 100)) {
    fit <- fits_with(function(g, p) factor * g)
    warned <- suppressWarnings(expect_warning(vcov(fit), class = "lbfgsb_warning_gradient"), "lbfgsb_warning_flat")
    expect_equal(warned$analytic / warned$numeric, factor, tolerance = 1e-3)
    expect_warning(fits_with(function(g, p) factor * g, hessian = TRUE), class = "lbfgsb_warning_gradient")
  }
  fit <- fits_with(function(g, p) g / 2)
  expect_snapshot(invisible(vcov(fit)))
})

test_that("a forgotten element is told though questions to fn have moved its parameter from 0", {
  for (seed in 1:20) {
    set.seed(seed)
    n <- sample(3:6, 1)
    at <- 3 * rnorm(n)
    weight <- 10^runif(n, -1, 1)
    fn <- function(x) 5 + sum(weight * (x - at)^2 + (x - at)^4 / 10)
    gr <- function(x) replace(2 * weight * (x - at) + 0.4 * (x - at)^3, 2, 0)
    start <- replace(ifelse(runif(n) < 0.6, 0, rnorm(n)), 2, 0)
    expect_warning(lbfgsb(start, fn, gr), class = "lbfgsb_warning_gradient")
  }
})

test_that("the parameter whose element is wrong is named", {
  fit <- fits_with(function(g, p) g * c(1, 1, 1.1))
  expect_warning(vcov(fit), "in element c:", class = "lbfgsb_warning_gradient")
  skewed <- suppressWarnings(fits_with(function(g, p) g + c(2 * p[["c"]] - 5.8, 0, 0)))
  expect_warning(try(lbfgsb_hessian(skewed), silent = TRUE), class = "lbfgsb_warning_gradient")
})

test_that("a right gradient is not doubted: of any problem, in any units, noisy, or at a flat minimum", {
  set.seed(1)
  for (p in Filter(function(p) !is.null(p$gr) && length(p$par) <= 30, problems)) {
    for (unit in list(1, 10^runif(length(p$par), -3, 3))) {
      fit <- suppressWarnings(lbfgsb(p$par * unit, function(x) p$fn(x / unit), function(x) p$gr(x / unit) / unit,
                                     lower = p$lower * unit, upper = p$upper * unit))
      expect_no_warning(lbfgsb_hessian(fit), class = "lbfgsb_warning_gradient")
    }
  }
  noisy <- function(level) {
    fn <- function(x) (sum((x - 1:3)^2) + 10) * (1 + level * sin(1e9 * sum(x)))
    lbfgsb(c(0, 0, 0), fn, function(x) 2 * (x - 1:3), control = list(noise = 10 * level))
  }
  for (level in c(1e-10, 1e-8)) expect_no_warning(lbfgsb_hessian(noisy(level)), class = "lbfgsb_warning_gradient")
  flat <- lbfgsb(c(1, 1), function(x) sum(x^4), function(x) 4 * x^3)
  expect_no_warning(lbfgsb_hessian(flat), class = "lbfgsb_warning_gradient")
})

test_that("a wrong gradient is found from a start far off, too, where it was huge", {
  y <- with_random_state(1, rnorm(40, 3))
  fn <- function(p) 40 * p[2] + sum((y - p[1])^2) / 2 / exp(2 * p[2])
  gr <- function(p) c(-sum(y - p[1]) / exp(2 * p[2]), 2 * (40 - sum((y - p[1])^2) / exp(2 * p[2])))
  for (start in c(-6, -10, -14)) {
    expect_warning(lbfgsb(c(0, start), fn, gr), "the gradient disagrees with fn in element [2]", fixed = TRUE)
  }
})

# Classes that are separated: fn falls to 0, and of plogis() - y is left what 1 - 1 is
test_that("a right gradient is not doubted for what rounding leaves of it where fn falls to 0", {
  for (seed in 1:25) {
    X <- with_random_state(seed, cbind(1, matrix(rnorm(100), 50)))
    y <- as.numeric(X %*% c(0.3, 2, -1) > 0)
    fn <- function(b) sum(log1p(exp(ifelse(y == 1, -1, 1) * X %*% b)))
    gr <- function(b) drop(crossprod(X, plogis(drop(X %*% b)) - y))
    likelihood <- function(b) -sum(dbinom(y, 1, plogis(X %*% b), log = TRUE)) # 0 where plogis() is 1
    for (fit in list(expect_silent(lbfgsb(numeric(3), fn, gr)), expect_silent(lbfgsb(numeric(3), likelihood, gr)))) {
      expect_identical(fit$convergence, 0L)
      expect_lt(fit$value, 1e-10)
    }
  }
})

test_that("the evaluations that it takes to be sure are counted", {
  calls <- c(0, 0)
  fn <- function(x) {
    calls[1] <<- calls[1] + 1
    sum((x - 1:2)^2)
  }
  gr <- function(x) {
    calls[2] <<- calls[2] + 1
    x - 1:2
  }
  fit <- suppressWarnings(lbfgsb(c(0, 0), fn, gr, hessian = TRUE))
  expect_equal(unname(fit$counts + attr(fit, "hessian_counts")), calls)
})

test_that("where there is no gradient none is doubted, at a flat minimum either", {
  fit <- expect_silent(lbfgsb(c(a = 1), function(x) sum((x - 5)^4) + 2, hessian = TRUE))
  expect_identical(attr(fit, "hessian_counts")[["gradient"]], 0L)
  delivers <- function(x) list(value = sum((x - 5)^2), gradient = x - 5)
  expect_warning(lbfgsb(c(a = 1), delivers, hessian = TRUE), class = "lbfgsb_warning_gradient")
})

test_that("what is made of a stored Hessian repeats the doubt of it", {
  fit <- suppressWarnings(fits_with(function(g, p) g / 2, hessian = TRUE, control = list(fn_is = "negloglik")))
  kept <- through_file(fit)
  for (made in list(vcov, confint, summary, lbfgsb_hessian, function(fit) lbfgsb_delta(fit, sum))) {
    expect_warning(made(kept), class = "lbfgsb_warning_gradient")
  }
  expect_match(suppressWarnings(summary(kept))$validity, "not valid: the gradient disagrees with fn", fixed = TRUE)
  right <- fits_with(function(g, p) g, hessian = TRUE, control = list(fn_is = "negloglik"))
  expect_null(attr(right, "hessian_doubt"))
  expect_silent(summary(right))
})

test_that("a right gradient that its names have put in another order is said to be so", {
  fn <- function(p) p[["a"]]^2 + p[["b"]]^2 + p[["a"]] * p[["b"]] - 3 * p[["a"]] + p[["b"]]^4
  gr <- function(p) c(p["b"] + 2 * p["a"] - 3, p["a"] + 2 * p["b"] + 4 * p["b"]^3)
  with_gradient <- function(p) structure(fn(p), gradient = gr(p))
  said <- "its names, b, a, have put it in another order: unname() it"
  start <- c(a = 0, b = 1)
  for (run in list(quote(lbfgsb(start, fn, gr)), quote(lbfgsb(start, with_gradient)))) {
    expect_warning(fit <- eval(run), said, fixed = TRUE, class = "lbfgsb_warning_gradient")
    expect_match(fit$message, said, fixed = TRUE)
  }
  right <- lbfgsb(start, fn, function(p) unname(gr(p)))
  expect_equal(right$par, optim(start, fn, gr, method = "BFGS", control = list(reltol = 1e-14))$par, tolerance = 1e-4)
  wrong <- function(p) 1.5 * gr(p) # in any order
  expect_warning(fit <- lbfgsb(start, fn, wrong), "correct it, or leave it out", class = "lbfgsb_warning_gradient")
  expect_no_match(fit$message, "unname")
  M <- matrix(1:4 / 4, 2, dimnames = list(c("u", "v"), c("x", "y")))
  gr <- function(p) structure(2 * 1:4 * p, dimnames = list(c("v", "u"), c("x", "y")))
  expect_warning(lbfgsb(M, function(p) sum(1:4 * p^2), gr), "its names, v, u, x, y, have put it", fixed = TRUE)
})

test_that("a wrong sign, and one factor in all elements, are named, and no others", {
  skip_if_not_installed("MASS")
  y <- MASS::Pima.tr$type == "Yes"
  X <- cbind(one = 1, as.matrix(MASS::Pima.tr[c("glu", "bmi", "age")]))
  nll <- function(b) sum(log1p(exp(X %*% b)) - y * (X %*% b))
  score <- function(b) drop(crossprod(X, plogis(drop(X %*% b)) - y))
  said_of <- function(factor) {
    warned <- expect_warning(lbfgsb(c(one = 0, glu = 0, bmi = 0, age = 0), nll, function(b) factor * score(b)),
                             class = "lbfgsb_warning_gradient")
    conditionMessage(warned)
  }
  expect_match(said_of(-1), "; it is minus the gradient of fn: change its sign$")
  expect_match(said_of(0.5), "; all its elements are 0.5 times those of the gradient of fn: divide it by 0.5$")
  for (others in list(c(1, 2, 1, 2), c(1, -1, 1, -1), c(2, 2, 2, 3))) expect_match(said_of(others), "correct it, or leave it out")
  expect_warning(lbfgsb(1, function(p) (p - 3)^2, function(p) -2 * (p - 3)), "change its sign", class = "lbfgsb_warning_gradient")
})

test_that("a wrong gradient is told in a box that is narrow beside its parameters", {
  y <- c(2001, 2004, 2003.5, 2002)
  fn <- function(p) sum((y - p[["year"]])^2) / 2 * exp(-2 * p[["ls"]]) + 4 * p[["ls"]]
  forgotten <- function(p) c(0, 4 - exp(-2 * p[["ls"]]) * sum((y - p[["year"]])^2))
  for (width in c(1, 3, 10, 30)) {
    lower <- c(2000 - width, -5)
    upper <- c(2000 + width, 5)
    expect_warning(fit <- lbfgsb(c(year = 2000, ls = 0), fn, forgotten, lower = lower, upper = upper),
                   "in element year: 0 by the gradient", class = "lbfgsb_warning_gradient")
    expect_identical(fit$convergence, 51L)
    right <- function(p) c(-sum(y - p[["year"]]) * exp(-2 * p[["ls"]]), forgotten(p)[2])
    expect_no_warning(fit <- lbfgsb(c(year = 2000, ls = 0), fn, right, lower = lower, upper = upper))
    expect_identical(fit$convergence, 0L)
  }
})
