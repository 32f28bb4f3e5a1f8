# A gradient that is not that of fn, told where a Hessian is made of it (R/curvature.R).

fits_with <- function(gr, ...) {
  fn <- function(p) sum((p - 1:3)^2 * c(1, 10, 5)) + p[["a"]] * p[["b"]]
  exact <- function(p) 2 * (p - 1:3) * c(1, 10, 5) + c(p[["b"]], p[["a"]], 0)
  lbfgsb(c(a = 0, b = 0, c = 0), fn, function(p) gr(exact(p), p), ...)
}

test_that("a gradient wrong by a factor is told where standard errors are asked for", {
  for (factor in c(0.5, 0.8, 1.3, 2, 100)) {
    fit <- fits_with(function(g, p) factor * g)
    warned <- expect_warning(vcov(fit), class = "lbfgsb_warning_gradient")
    expect_equal(warned$analytic / warned$numeric, factor, tolerance = 1e-3)
    expect_warning(fits_with(function(g, p) factor * g, hessian = TRUE), class = "lbfgsb_warning_gradient")
  }
  fit <- fits_with(function(g, p) g / 2)
  expect_snapshot(invisible(vcov(fit)))
})

test_that("the parameter whose element is wrong is named", {
  fit <- suppressWarnings(fits_with(function(g, p) g * c(1, 1, 3)))
  expect_warning(vcov(fit), "in c `fn` rises", class = "lbfgsb_warning_gradient")
  skewed <- suppressWarnings(fits_with(function(g, p) g + c(2 * p[["c"]] - 5.8, 0, 0)))
  expect_warning(try(vcov(skewed), silent = TRUE), class = "lbfgsb_warning_gradient")
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
  expect_match(suppressWarnings(summary(kept))$validity, "not valid: the gradient is not that of `fn`", fixed = TRUE)
  right <- fits_with(function(g, p) g, hessian = TRUE, control = list(fn_is = "negloglik"))
  expect_null(attr(right, "hessian_doubt"))
  expect_silent(summary(right))
})
