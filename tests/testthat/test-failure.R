test_that("a start where fn is not finite names the parameters at a bound", {
  nll <- function(p) -sum(dnorm(precip, p[["mu"]], p[["sigma"]], log = TRUE))
  text_at <- function(...) tryCatch(lbfgsb(..., fn = nll), lbfgsb_error_start = conditionMessage)
  expect_snapshot(writeLines(c(text_at(c(mu = 1, sigma = 0), lower = c(sigma = 0)),
                               text_at(c(mu = 1, sigma = 0), lower = c(mu = 1, sigma = 0)),
                               text_at(c(mu = 1, sigma = 0), lower = c(mu = 1, sigma = 0), upper = c(mu = 1)),
                               text_at(c(mu = 1, sigma = 0)))))
})

rough <- function(size) function(x) size * ((sum(x * c(12345.678, 98765.432)) * 1e4) %% 1 - 0.5)
failing <- list(
  gradient = list(rosenbrock(2)$fn, function(x) -rosenbrock(2)$gr(x)),
  noise = list(function(x) rosenbrock(2)$fn(x) + rough(1e-2)(x), rosenbrock(2)$gr),
  plateau = list(function(x) signif(1 + rosenbrock(2)$fn(x), 2), rosenbrock(2)$gr),
  scales = list(function(x) sum(abs(x - c(1, -2))), function(x) sign(x - c(1, -2)))
)
words <- c(gradient = "the gradient disagrees with fn", noise = "the noise of fn hides",
           plateau = "the same value at many", scales = "may have a corner")

test_that("the message of a run that fails names the likely cause", {
  for (cause in names(failing)) {
    for (sign in c(1, -1)) {
      f <- failing[[cause]]
      start <- if (cause == "scales") c(0.2, 0.3) else c(-1.2, 1) # not to end in the corner itself
      fit <- suppressWarnings(lbfgsb(start, function(x) sign * f[[1]](x), function(x) sign * f[[2]](x),
                                     control = list(fnscale = sign)))
      expect_true(fit$convergence %in% c(51L, 52L))
      expect_match(fit$message, words[[cause]], fixed = TRUE)
      for (other in setdiff(names(words), cause)) expect_no_match(fit$message, words[[other]], fixed = TRUE)
    }
  }
})

test_that("where differences get a slope wrong, a steep penalty or a kink is named too", {
  steep <- function(p) (p[1] - 1)^2 + (p[2] - 2)^2 + p[1] * p[2] + 1e8 * max(0, sum(p^2) - 1)^2
  fit <- lbfgsb(c(0.3, 0.3), steep)
  expect_true(fit$convergence %in% c(51L, 52L))
  expect_match(fit$message, "or a steep penalty or a kink does", fixed = TRUE)
})

test_that("only a delivered gradient that disagrees is warned of", {
  noisy <- function(x) rosenbrock(2)$fn(x) + rough(1e-6)(x)
  expect_no_warning(fit <- lbfgsb(c(-1.2, 1.2), noisy, control = list(noise = 0)))
  expect_true(fit$convergence %in% c(51L, 52L))
  expect_match(fit$message, words[["noise"]], fixed = TRUE)
  f <- failing$gradient
  expect_warning(lbfgsb(c(-1.2, 1), f[[1]], f[[2]]), class = "lbfgsb_warning_gradient")
  limited <- lbfgsb(c(-1.2, 1), f[[1]], f[[2]], control = list(maxeval = 1e6))
  expect_no_match(limited$message, "disagrees")
  expect_match(limited$message, "the cause is looked for only without `maxeval`", fixed = TRUE)
})

test_that("where a run has failed by a delivered gradient in which nothing wrong is found, the message doubts it", {
  f <- failing$scales
  doubt <- "or the gradient is wrong: see check_gradient(fit)"
  expect_match(lbfgsb(c(0.2, 0.3), f[[1]], f[[2]])$message, doubt, fixed = TRUE)
  without <- lbfgsb(c(-1.2, 1), failing$noise[[1]], control = list(noise = 0))
  expect_true(without$convergence %in% c(51L, 52L))
  expect_no_match(without$message, doubt, fixed = TRUE)
})

test_that("a corner is no wrong gradient, nor is one that is wrong everywhere a corner", {
  for (weights in list(c(1, 1), c(1, 3), c(1, 100))) {
    fn <- function(x) sum(weights * abs(x - c(1, -2)))
    for (start in list(c(0, 0.7), c(3, 1), c(-1.2, 1))) {
      fit <- lbfgsb(start, fn, function(x) weights * sign(x - c(1, -2))) # no warning
      if (fit$convergence != 0) expect_match(fit$message, words[["scales"]], fixed = TRUE)
    }
  }
  forgotten <- function(x) c(-400 * x[1] * (x[2] - x[1]^2), 200 * (x[2] - x[1]^2))
  expect_warning(lbfgsb(c(-1.2, 1), rosenbrock(2)$fn, forgotten), class = "lbfgsb_warning_gradient")
})

test_that("each cause has its section", {
  vignette <- test_path("../../vignettes/troubleshooting.Rmd")
  skip_if_not(file.exists(vignette))
  headings <- grep("^### The cause", readLines(vignette), value = TRUE)
  named <- regmatches(failure_causes, regexpr("(?<=\")[a-z ]+(?=\" in)", failure_causes, perl = TRUE))
  expect_length(named, 4)
  for (name in named) expect_length(grep(name, headings, fixed = TRUE), 1)
})

test_that("a run that stops at the edge of where fn is defined says so, by whatever value fn tells of it", {
  for (sign in c(1, -1)) {
    for (beyond in c(Inf, NaN, NA, 1e10)) {
      fn <- function(x) sign * if (sum(x) >= 1) beyond else sum((x - c(1, 2))^2)
      for (gr in list(NULL, function(x) sign * 2 * (x - c(1, 2)))) {
        for (upper in c(1, Inf)) {
          fit <- lbfgsb(c(0.1, 0.1), fn, gr, lower = 0, upper = upper, control = list(fnscale = sign)) # no warning
          expect_true(fit$convergence %in% c(51L, 52L))
          expect_match(fit$message, "fn is not finite, or jumps, right beside that point", fixed = TRUE)
        }
      }
    }
  }
})

test_that("a gradient that is not finite where fn is gets named", {
  fn <- function(x) sum((x - 1:3)^2)
  gr <- function(x) replace(2 * (x - 1:3), x != 0 & 1:3 == 2, NaN)
  both <- function(x) list(value = -fn(x), gradient = -gr(x))
  start <- c(a = 0, b = 0, c = 0)
  for (fit in list(lbfgsb(start, fn, gr), lbfgsb(start, both, control = list(fnscale = -1)))) {
    expect_identical(fit$convergence, 52L)
    expect_match(fit$message, "the gradient is not finite (element b) right beside that point", fixed = TRUE)
  }
})

test_that("a gradient that is off by a constant in one element is wrong, not a corner", {
  fn <- function(x) sum(1:10 * (x - 1:10)^2)
  for (off in c(1e-3, 1e-2, 0.1, 10)) {
    gr <- function(x) 2 * 1:10 * (x - 1:10) + c(off, rep(0, 9))
    expect_warning(fit <- lbfgsb(numeric(10), fn, gr), "check_gradient()", class = "lbfgsb_warning_gradient")
    expect_match(fit$message, words[["gradient"]], fixed = TRUE)
  }
})

test_that("a warning of the gradient names the parameters whose elements are wrong, and no others", {
  fn <- function(x) sum((x - c(1, 2, 3))^4) + x[["a"]] * x[["b"]]
  gr <- function(x) 4 * (x - c(1, 2, 3))^3 + c(x[["b"]], x[["a"]], 0)
  wrong <- function(x) gr(x) * c(1, -1, 1)
  warning <- tryCatch(lbfgsb(c(a = 3, b = 4, c = 5), fn, wrong), warning = identity)
  expect_s3_class(warning, "lbfgsb_warning_gradient")
  expect_match(warning$direction, "^b \\([+-]\\)$")
  expect_equal(warning$analytic, -warning$numeric, tolerance = 1e-3)
  expect_equal(sign(warning$analytic), -1)
})

test_that("an element that is wrong is named though others are a million times as steep", {
  set.seed(61)
  X <- cbind(int = 1, yr = sample(1950:2020, 500, TRUE), inc = rlnorm(500, 10.9, 0.5), fem = rbinom(500, 1, 0.5))
  for (seed in c(1, 4)) {
    set.seed(seed)
    y <- rpois(500, exp(drop(X %*% c(-18, 0.01, 4e-6, 0.3))))
    fn <- function(b) -sum(dpois(y, exp(drop(X %*% b)), log = TRUE))
    gr <- function(b) drop(crossprod(X, exp(drop(X %*% b)) - y))
    for (i in 1:4) {
      wrong <- function(b) replace(gr(b), i, -gr(b)[i])
      warned <- expect_warning(lbfgsb(c(int = log(mean(y)), yr = 0, inc = 0, fem = 0), fn, wrong),
                               class = "lbfgsb_warning_gradient")
      expect_identical(warned$direction, paste(colnames(X)[i], "(+)"))
    }
  }
})

test_that("where a parameter has run off, and the value with it, the message asks whether fn is to be maximized", {
  loglik <- function(p) { # without that end it would be said to have no limit
    if (abs(p[1]) > 1e17) NaN else sum(dt((precip - p[1]) / p[2], p[3], log = TRUE) - log(p[2]))
  }
  run <- function(fn = loglik, unit = 1, ...) {
    start <- c(mu = 0, s = 1, nu = 5)
    lbfgsb(start * unit, function(p) fn(p / unit), lower = c(-Inf, 0.1, 1) * unit, upper = c(Inf, 50, 30) * unit, ...)
  }
  expect_match(run()$message, "the run has moved mu to .*, and fn falls all the way: is it to be maximized, not minimized")
  expect_match(run(unit = 2^10)$message, "the run has moved mu to")
  expect_match(run(function(p) -loglik(p), control = list(fn_is = "loglik"))$message,
               "fn rises all the way: is it to be minimized, not maximized\\? See \"without limit\" in vignette")
  far <- lbfgsb(1, function(x) abs(x - 1e12) + 1e12, function(x) sign(x - 1e12), control = list(confirm = FALSE))
  expect_no_match(far$message, "has moved", fixed = TRUE)
})

test_that("a better value of the check is told only where its digits differ", {
  near <- list(par = 1, value = 1, pgnorm = 0, gradient = 0, bounds = factor("free", c("free", "at lower", "at upper")),
               message = "not converged; value 1, projected gradient norm 0")
  at <- function(gain, fnscale = 1) {
    value <- 1 - fnscale * gain
    fn <- function(x) if (x == 2) value else 1
    record <- recording(lbfgsb(1, fn, control = list(maxit = 0, fnscale = fnscale))$objective)
    record$points <- list(2)
    record$values <- value
    at_lowest(near, record)
  }
  expect_no_match(at(1e-12)$message, "tried after it")
  expect_identical(at(1e-12)$par, 2)
  found <- "`par` is the best point of those tried after it, and need not be a"
  expect_match(at(1e-3)$message, paste0("value 0.999, .*; the run ended at a higher value: ", found, " minimum$"))
  expect_match(at(1e-3, fnscale = -1)$message, paste0("value 1.001, .*; the run ended at a lower value: ", found, " maximum$"))
})

test_that("a likelihood that is no logarithm is told to be one", {
  set.seed(1)
  y <- rnorm(100, 3, 2)
  likelihood <- function(p) prod(dnorm(y, p[1], p[2]))
  fit <- lbfgsb(c(2, 3), likelihood, lower = c(-Inf, 0.01), control = list(fnscale = -1))
  expect_identical(fit$convergence, 53L) # f(start) is 1e-101
  expect_match(fit$message, "product of densities, let it be the sum of their logarithms", fixed = TRUE)
})

test_that("after a failure each evaluation counts, by whatever differences", {
  set.seed(2)
  y <- rnorm(50, 3, 2)
  evaluations <- 0
  nll <- function(p) {
    evaluations <<- evaluations + 1
    -sum(dnorm(y, p[["mu"]], p[["sd"]], log = TRUE))
  }
  for (gradient in c("auto", "forward", "central", "richardson")) for (noise in c(1e-8, 1e-6, 1e-4)) {
    evaluations <- 0
    fit <- lbfgsb(c(mu = 1, sd = 3), nll, lower = c(sd = 0.01), control = list(gradient = gradient, noise = noise))
    expect_identical(fit$counts[["function"]], as.integer(evaluations), info = paste(gradient, noise))
  }
})
