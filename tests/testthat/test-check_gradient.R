cubic <- function(x) sum((x - 2)^3) + prod(x)
cubic_gradient <- function(x) 3 * (x - 2)^2 + vapply(seq_along(x), function(i) prod(x[-i]), 0)

expect_fit <- function(check, elements = seq_len(nrow(check))) {
  expect_true(all(check$fits[elements]))
  expect_false(attr(check, "nearby")$disagrees)
}

test_that("a right gradient fits, and its error is estimated, not too low and not too high", {
  for (par in list(c(0.3, -1.2, 3), c(1e-3, 7, -40), c(0, 0, 5))) {
    check <- check_gradient(cubic, cubic_gradient, par)
    expect_fit(check)
    expect_identical(check$analytic, cubic_gradient(par))
    expect_equal(check$numeric, check$analytic, tolerance = 1e-6)
    expect_identical(check$difference, abs(check$analytic - check$numeric))
    expect_true(all(check$allowed < 1e-3 * abs(check$analytic)))
  }
})

test_that("what is wrong with a gradient shows, and where", {
  at <- c(a = 1.5, b = -0.7, c = 3)
  wrong <- function(gr) which(!check_gradient(cubic, gr, at)$fits)
  change <- function(i, how) {
    function(x) replace(cubic_gradient(x), i, how(cubic_gradient(x)[i]))
  }
  expect_identical(wrong(change(2, function(g) 1.001 * g)), 2L)
  expect_identical(wrong(change(3, function(g) -g)), 3L)
  expect_identical(wrong(change(1:2, rev)), 1:2)
  expect_identical(wrong(change(1, function(g) NaN)), 1L)
  expect_identical(wrong(change(3, function(g) Inf)), 3L)
  expect_identical(wrong(change(1:3, function(g) 0 * g)), 1:3)
  stale <- cubic_gradient(at + 0.1)
  expect_identical(wrong(function(x) stale), 1:3)
})

test_that("a forgotten factor of the chain rule shows", {
  loglik <- function(p) sum(dnorm(cars$speed, p[1], exp(p[2]), log = TRUE))
  score <- function(p) {
    z <- (cars$speed - p[1]) / exp(p[2])
    c(sum(z) / exp(p[2]), sum(z^2 - 1))
  }
  forgotten <- function(p) score(p) / c(1, exp(p[2]))
  at <- c(mean = 12, logsd = 1.2)
  expect_fit(check_gradient(loglik, score, at))
  expect_identical(check_gradient(loglik, forgotten, at)$fits, c(TRUE, FALSE))
})

test_that("a gradient that is right at one point only shows close to it", {
  at <- c(0.3, -1.2, 3)
  constant <- cubic_gradient(at)
  check <- check_gradient(cubic, function(x) constant, at)
  expect_true(all(check$fits))
  expect_true(attr(check, "nearby")$disagrees)
})

test_that("badly scaled parameters and values do not deceive it", {
  scale <- 10^(-8:8)
  fn <- function(x) sum((x / scale - 2)^2 * log1p(x / scale))
  gr <- function(x) {
    z <- x / scale
    (2 * (z - 2) * log1p(z) + (z - 2)^2 / (1 + z)) / scale
  }
  for (offset in c(0, 1e8)) {
    shifted <- function(x) offset + fn(x)
    for (at in c(0.1, 1, 10)) {
      expect_fit(check_gradient(shifted, gr, at * scale, lower = 0))
      twice <- check_gradient(shifted, function(x) 2 * gr(x), at * scale, lower = 0)
      expect_false(any(twice$fits[scale >= 1e-4]))
    }
    expect_fit(check_gradient(shifted, gr, 0 * scale, lower = 0))
  }
})

test_that("a parameter that is large beside its changes, as a Julian day, does not deceive it", {
  for (m in epoch_models()) {
    fn <- function(par) sum(m$terms(par))
    expect_fit(check_gradient(fn, m$gr, m$start))
    expect_fit(check_gradient(fit_epoch(m)))
    for (i in 1:2) {
      wrong <- function(par) replace(m$gr(par), i, 1.1 * m$gr(par)[i])
      expect_identical(which(!check_gradient(fn, wrong, m$start)$fits), i)
      expect_identical(which(!check_gradient(fn, function(par) replace(m$gr(par), i, 0), m$start)$fits), i)
    }
  }
})

test_that("noise of fn is not taken for an error of gr, nor does it hide a large one", {
  skip_on_cran() # long
  set.seed(1)
  noisy <- list(
    function(x) signif(cubic(x), 6),
    function(x) round(cubic(x), 4),
    function(x) round(cubic(x) * 2^20) / 2^20,
    function(x) cubic(x) + 1e-6 * rnorm(1),
    function(x) 1e8 + cubic(x)
  )
  for (fn in noisy) {
    for (i in 1:30) {
      at <- runif(4, 0.5, 4)
      lower <- if (i %% 2) -Inf else at - c(0, 1e-9, 1e-3, 1)
      expect_fit(check_gradient(fn, cubic_gradient, at, lower = lower))
      opposite <- check_gradient(fn, function(x) -cubic_gradient(x), at, lower = lower)
      steep <- abs(cubic_gradient(at)) > 1
      expect_false(any(opposite$fits[steep]))
    }
  }
})

test_that("noise that is smooth over small steps is not taken for an error of gr where it is told", {
  for (scale in 2^c(-30, 0, 30)) {
    waves <- function(x) scale * (cubic(x) + 1e-4 * sum(cos(1e4 * x)))
    right <- function(x) scale * cubic_gradient(x)
    at <- c(0.3, -1.2, 3)
    check <- function(gr, ...) check_gradient(waves, gr, at, control = list(...))
    expect_false(any(check(right)$fits))
    expect_fit(check(right, noise = 1e-5))
    expect_false(any(check(function(x) 2 * right(x), noise = 1e-5)$fits))
  }
  expect_error(check(right, noise = 2), class = "lbfgsb_error_argument")
})

test_that("it stays inside of the box, at its bounds, next to them and in narrow ones", {
  at <- c(1, 2, 3)
  boxes <- list(
    list(at, at + 1), list(at - 1, at), list(at - 1e-9, at + 1), list(at - 1, at + 1e-12),
    list(at - 1e-7, at + 1e-7), list(at, at * (1 + .Machine$double.eps))
  )
  for (box in boxes) {
    inside <- function(f) {
      function(x) if (all(x >= box[[1]] & x <= box[[2]])) f(x) else stop("outside of the box")
    }
    check <- check_gradient(inside(cubic), inside(cubic_gradient), at, lower = box[[1]], upper = box[[2]])
    expect_false(any(check$fits %in% FALSE))
    expect_false(attr(check, "nearby")$disagrees)
  }
  narrow <- check_gradient(cubic, function(x) -cubic_gradient(x), at, lower = at - 1e-7, upper = at + 1e-7)
  expect_identical(narrow$fits, rep(FALSE, 3))
})

test_that("fixed parameters are left out and cost nothing", {
  moved <- FALSE
  fn <- function(x) {
    moved <<- moved || x[2] != 1
    cubic(x)
  }
  check <- check_gradient(fn, function(x) replace(cubic_gradient(x), 2, 99), c(3, 1, 2.5), lower = c(0, 1, 0), upper = c(5, 1, 5))
  expect_identical(check$fits, c(TRUE, NA, TRUE))
  expect_identical(is.na(check$numeric), c(FALSE, TRUE, FALSE))
  expect_false(moved)
  none <- check_gradient(cubic, cubic_gradient, 1, lower = 1, upper = 1)
  expect_identical(none$fits, NA)
})

test_that("where fn is not finite there is no verdict", {
  alone <- function(x) if (x[2] == 2) x[1]^2 else NaN
  check <- check_gradient(alone, function(x) c(2 * x[1], 5), c(1, 2))
  expect_identical(check$fits, c(TRUE, NA))
  expect_null(attr(check, "nearby"))
  barrier <- function(x) if (x > 1) NaN else -sqrt(1 - x)
  check <- check_gradient(barrier, function(x) 1 / (2 * sqrt(1 - x)), 1 - 1e-4)
  expect_true(check$fits)
  expect_null(attr(check, "nearby"))
})

test_that("a constant fn fits the gradient 0 only", {
  check <- check_gradient(function(x) 7, function(x) c(0, 1), c(1, 2))
  expect_identical(check$fits, c(TRUE, FALSE))
})

test_that("par, fn and gr are read as by lbfgsb()", {
  at <- matrix(1:4 / 3, 2, dimnames = list(NULL, c("a", "b")))
  both <- function(x, power) {
    stopifnot(identical(dim(x), c(2L, 2L)))
    list(value = sum(x^power), gradient = power * x^(power - 1))
  }
  check <- check_gradient(both, par = at, power = 3)
  expect_fit(check)
  expect_identical(check$parameter, c("[1,a]", "[2,a]", "[1,b]", "[2,b]"))
  named <- check_gradient(cubic, cubic_gradient, c(a = 1, b = 2), lower = c(b = 2))
  expect_identical(named$parameter, c("a", "b"))
  ignored <- check_gradient(both, function(x, power) -power * x^(power - 1), at, power = 3)
  expect_identical(ignored$fits, rep(FALSE, 4))
})

test_that("what cannot be checked is an error", {
  expect_snapshot(error = TRUE, {
    check_gradient(cubic, par = c(a = 1))
    check_gradient("cubic", par = c(a = 1))
    check_gradient(function(x) NaN, function(x) 1, c(a = 1))
    check_gradient(cubic, function(x) 1:2, c(a = 1))
    check_gradient(cubic, cubic_gradient, c(a = 1), lower = 2, upper = 1)
  })
})

test_that("the printed form begins with a verdict and the worst parameters", {
  squares <- function(x) sum(x^2)
  at <- setNames(1:12 / 2, letters[1:12])
  wrong <- check_gradient(squares, function(x) 2 * x * rep(c(1, -1, 1), c(4, 1, 7)), at, lower = c(b = 1), upper = c(b = 1))
  stale <- check_gradient(squares, function(x) 2, c(x = 1))
  expect_snapshot({
    print(check_gradient(squares, function(x) 2 * x, at[1:2])[c("parameter", "analytic", "fits")])
    cat(verdict_on(check_gradient(squares, function(x) 2 * x, at)))
    cat(verdict_on(wrong))
    cat(verdict_on(stale))
    cat(verdict_on(check_gradient(squares, function(x) 2 * x, 1, lower = 1, upper = 1)))
    cat(verdict_on(check_gradient(function(x) if (x == 1) 1 else NaN, function(x) 1, 1)))
  })
  output <- capture.output(returned <- withVisible(print(wrong)))
  expect_identical(returned, list(value = wrong, visible = FALSE))
  rows <- sub("^ *([a-l]) .*", "\\1", grep("TRUE|FALSE", output, value = TRUE))
  expect_length(rows, 10)
  expect_identical(rows[1], "e")
  expect_match(output[length(output)], "2 more: print")
  expect_length(grep("TRUE|FALSE", capture.output(print(wrong, rows = 3))), 3)
})

# Slopes --------------------------------------------------------------------------------------------

slopes_at <- function(par, fn, gr, lower = -Inf, upper = Inf, parscale = 1, ...) {
  problem <- new_problem(par, lower, upper, parscale)
  objective <- new_objective(fn, gr, problem, default_control, frame = environment())
  compare_slopes(objective, problem, par, gr(par), fn(par))
}

test_that("C5: the slopes disagree along the path, and both are told", {
  fn <- function(x) 10 * (x[2] - x[1]^2)^2 + (1 - x[1])^2
  gradient <- function(x, factor) {
    r <- x[2] - x[1]^2
    c(-factor * x[1] * r - 2 * (1 - x[1]), 20 * r)
  }
  path <- list(c(-0.93, 1), c(-0.841, 0.947), c(3.04, -1.96), c(0.265, 0.111), c(0.363, 0.0487),
               c(1.012, 1.018), c(0.9632, 0.9234), c(1.00008, 1.000195))
  for (x in path) {
    wrong <- slopes_at(x, fn, function(x) gradient(x, 20))
    d <- feasible_descent(x, gradient(x, 20), new_problem(x, -Inf, Inf, 1))
    expect_true(wrong$disagrees)
    expect_equal(wrong$analytic, sum(gradient(x, 20) * d))
    expect_equal(wrong$numeric, sum(gradient(x, 40) * d), tolerance = 1e-4)
    right <- slopes_at(x, fn, function(x) gradient(x, 40))
    expect_false(right$disagrees)
    expect_equal(right$numeric, right$analytic, tolerance = 1e-4)
  }
})

test_that("slopes of right gradients agree, at starts and ends, however fn is rounded", {
  reference <- read_reference()$summary
  reference <- reference[!duplicated(reference$problem), ]
  expect_gte(nrow(reference), 12)
  for (i in seq_len(nrow(reference))) {
    p <- reference_problem(reference[i, ])
    forms <- list(p$fn, function(x) signif(p$fn(x), 6), function(x) 1e8 + p$fn(x))
    for (fn in forms) {
      end <- lbfgsb(p$par, fn, p$gr, lower = p$lower, upper = p$upper)$par
      for (par in list(p$par, (p$par + 3 * end) / 4, end)) {
        slopes <- slopes_at(par, fn, p$gr, p$lower, p$upper)
        expect_false(slopes$disagrees, label = paste(reference$problem[i], "disagrees"))
        expect_lte(slopes$analytic, 0)
      }
    }
  }
})

test_that("rounding that hides the slope is no disagreement, a sign that does not is", {
  fn <- function(x) signif(1e4 + sum((x - 3)^2), 6)
  for (x in 3 + 10^-(1:8)) {
    expect_false(slopes_at(c(x, 3), fn, function(x) 2 * (x - 3))$disagrees)
  }
  expect_true(slopes_at(c(20, 9), fn, function(x) -2 * (x - 3))$disagrees)
})

test_that("the direction descends inside of the box, each parameter in its own size", {
  lower <- c(0, 0, 0, 1, -Inf)
  upper <- c(1, 1, 1, 1, Inf)
  problem <- new_problem(c(0, 1, 0.5, 1, 4), lower, upper, 1)
  descent <- function(gradient) feasible_descent(problem$par, gradient, problem)
  expect_identical(descent(c(8, -8, 0, 9, 0)), numeric(5))
  expect_equal(descent(c(8, 0, 4, 9, 0)), c(0, 0, -0.5, 0, 0))
  expect_equal(descent(c(8, 0, 4, 9, -1)), c(0, 0, -0.25, 0, 4))
  expect_equal(descent(c(-8000, 0, 0, 0, -1)), c(0.001, 0, 0, 0, 2))
  inside <- function(x) if (all(x >= lower & x <= upper)) sum((x - 2)^2) else stop("outside")
  slopes <- slopes_at(problem$par, inside, function(x) 2 * (x - 2), lower, upper)
  expect_false(slopes$disagrees)
  expect_lt(slopes$analytic, 0)
})

test_that("the direction is named by the parameters that move most", {
  par <- c(a = 1, b = 100, c = 1, d = 0)
  problem <- new_problem(par, -Inf, Inf, 1)
  expect_identical(describe_direction(c(-0.05, 50, 0.5, 0), par, problem), "b (+), c (+), a (-)")
  expect_identical(describe_direction(c(-0.04, 50, 0, 0), par, problem), "b (+)")
  stationary <- slopes_at(c(1, 1), function(x) sum((x - 1)^2), function(x) 2 * (x - 1))
  expect_identical(stationary, list(analytic = 0, numeric = 0, disagrees = FALSE, direction = "", error = 0))
})

test_that("a fit is checked at its start", {
  fit <- suppressWarnings(lbfgsb(c(a = 3, b = 1), function(x) sum((x - 1:2)^2), function(x) c(2, 1) * (x - 1:2)))
  check <- check_gradient(fit)
  expect_identical(check$fits, c(TRUE, FALSE))
  expect_equal(check$numeric, c(4, -2), tolerance = 1e-6)
  expect_error(check_gradient(lbfgsb(c(0, 0), function(x) sum(x^2))), class = "lbfgsb_error_argument")
})

test_that("what does not show at the start of a fit is found beside its estimate, and named", {
  wrong_fits <- list(
    beta = function(scale) {
      penalized <- function(x) scale * (sum((c(6, 4) - x)^2) + 2 * x[["beta"]]^2)
      forgotten <- function(x) scale * 2 * (x - c(6, 4)) # and the penalty's 4 beta
      lbfgsb(c(mu = 1, beta = 0), penalized, forgotten)
    },
    logsd = function(scale) {
      nll <- function(x) -scale * sum(dnorm(cars$speed, x[["mu"]], exp(x[["logsd"]]), log = TRUE))
      score <- function(x) {
        z <- (cars$speed - x[["mu"]]) / exp(x[["logsd"]])
        -scale * c(sum(z) / exp(x[["logsd"]]), sum(z^2 - 1) / exp(x[["logsd"]]))
      }
      lbfgsb(c(mu = 10, logsd = 0), nll, score)
    }
  )
  for (name in names(wrong_fits)) {
    for (scale in 2^c(-30, 0, 30)) {
      check <- check_gradient(suppressWarnings(wrong_fits[[name]](scale)))
      expect_identical(check$parameter[!check$fits], name)
      expect_identical(check$at, c("start", "estimate"))
      expect_output(print(check), paste0("beside the estimate.*: ", name, "\\."))
    }
  }
})

test_that("a right gradient fits at both points of a fit, with parameters at bounds and fixed", {
  fit <- lbfgsb(list(a = c(3, 0), b = 1), function(x) sum((unlist(x) - 1:3)^4), function(x) 4 * (unlist(x) - 1:3)^3,
                upper = list(a = c(5, 1)), fixed = c(b = 2))
  check <- check_gradient(fit)
  expect_identical(check$fits, c(TRUE, TRUE, NA))
  expect_identical(check$at, rep("start", 3))
  expect_false(attr(check, "nearby")$disagrees)
  expect_output(print(check), "at the start and beside")
})

test_that("where fn fails beside the estimate, the start alone tells", {
  edge <- function(x) if (x[1] > 1.001) stop("an edge") else sum((x - 1)^2)
  fit <- lbfgsb(c(0, 0), function(x) edge(pmin(x, 1)), function(x) 2 * (x - 1))
  fit$objective <- list2env(list(fn = edge), list2env(as.list(fit$objective), parent = parent.env(fit$objective)))
  expect_identical(check_gradient(fit)$at, c("start", "start"))
})

test_that("par, fn, gr in the order of lbfgsb() are understood", {
  fn <- function(x, k) k * sum((x - 1)^2)
  gr <- function(x, k) 2 * k * (x - 1)
  par <- c(a = 2, b = 3)
  expected <- check_gradient(fn, gr, par, k = 3, lower = 0)
  expect_identical(check_gradient(par, fn, gr, k = 3, lower = 0), expected)
  expect_identical(check_gradient(as.list(par), function(x, k) fn(unlist(x), k), function(x, k) gr(unlist(x), k), k = 3,
                                  lower = 0), expected)
  both <- function(x) list(value = sum(x^2), gradient = 2 * x)
  expect_identical(check_gradient(par, both), check_gradient(both, par = par))
})

test_that("a point that is missing is named", {
  expect_error(check_gradient(function(x) sum(x^2), function(x) 2 * x), "`par` is missing",
               class = "lbfgsb_error_argument")
})

test_that("at zeros it says what does not show there", {
  set.seed(1)
  X <- matrix(rnorm(300), 100)
  y <- rbinom(100, 1, plogis(X %*% 1:3))
  fn <- function(b) -sum(dbinom(y, 1, plogis(X %*% b), log = TRUE)) + sum(b^2)
  half_penalty <- function(b) drop(crossprod(X, plogis(X %*% b) - y)) + b
  expect_output(print(check_gradient(fn, half_penalty, numeric(3))), "fits.*does\\s+not\\s+show:\\s+check\\s+at")
  expect_output(print(check_gradient(fn, half_penalty, 1:3 / 10)), "does not fit")
})

test_that("a right gradient that its names have put in another order is said to be so", {
  fn <- function(p) p[["a"]]^2 + 3 * p[["b"]]^2
  gr <- function(p) c(b = 2 * p[["a"]], a = 6 * p[["b"]])
  said <- "Its names,\\sb, a, have put it in another order: unname"
  expect_output(print(check_gradient(fn, gr, c(a = 1, b = 2)), rows = 0), said)
  expect_output(print(check_gradient(function(p) list(value = fn(p), gradient = gr(p)), par = c(a = 1, b = 2))), said)
  fit <- suppressWarnings(lbfgsb(c(a = 1, b = 2), fn, gr))
  expect_output(print(check_gradient(fit)), said)
  expect_no_match(capture_output(print(check_gradient(fn, function(p) 2 * gr(p), c(a = 1, b = 2)))), "names")
})

test_that("a wrong sign, and one factor in all elements, are named", {
  fn <- function(p) p[["a"]]^2 + 3 * p[["b"]]^2 + exp(p[["c"]])
  gr <- function(p) c(2 * p[["a"]], 6 * p[["b"]], exp(p[["c"]]))
  said_of <- function(f) gsub("\\s+", " ", capture_output(print(check_gradient(fn, function(p) f * gr(p), c(a = 1, b = 2, c = 0)))))
  expect_match(said_of(-1), "It is minus the gradient of fn: change its sign.", fixed = TRUE)
  expect_match(said_of(0.5), "All its elements are 0.5 times those of the gradient of fn", fixed = TRUE)
  for (others in list(c(-1, -1, 1), c(2, 2, 1), c(2, 3, 2), c(0, 0, 0))) expect_no_match(said_of(others), "All its|It is")
})
