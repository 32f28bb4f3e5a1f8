par <- c(mu = 1, sigma = 2, rho = 0.5)

test_that("bounds of length 1 and n are in the order of par", {
  problem <- new_problem(par, -1, 3:5, 1)
  expect_identical(problem$lower, c(-1, -1, -1))
  expect_identical(problem$upper, c(3, 4, 5))
  expect_identical(problem$parscale, c(1, 1, 1))
})

test_that("bounds with names are matched, the others are infinite", {
  problem <- new_problem(par, c(sigma = 0), c(rho = 1, mu = 9), 1)
  expect_identical(problem$lower, c(-Inf, 0, -Inf))
  expect_identical(problem$upper, c(9, Inf, 1))
})

test_that("names that par has, or that it lacks altogether, leave the order", {
  repeated <- c(beta = 1, beta = 2)
  expect_identical(new_problem(repeated, c(beta = 0, beta = 1), Inf, 1)$lower, c(0, 1))
  expect_identical(new_problem(c(1, 2), c(a = 0, b = 1), Inf, 1)$lower, c(0, 1))
})

test_that("without names of its own par has those of coef(), in any order", {
  expect_identical(new_problem(c(1, 2), c("[2]" = 0), Inf, 1)$lower, c(-Inf, 0))
  bounded <- lbfgsb(c(1, 2), function(x) sum(x^2), lower = c("[2]" = 1, "[1]" = -Inf))
  expect_identical(as.character(bounded$bounds), c("free", "at lower"))
  start <- matrix(1, 2, 2, dimnames = list(c("one", "age"), c("a", "b")))
  squares <- function(B) sum((B - 1:4)^2)
  fit <- lbfgsb(start, squares, fixed = c("[age,b]" = 9), control = list(fn_is = "negloglik"))
  expect_identical(coef(fit)[["[age,b]"]], 9)
  expect_identical(coef(update(fit, fixed = c("[one,a]" = 3)))[["[one,a]"]], 3)
  expect_identical(confint(fit, "[one,b]"), confint(fit, 3))
  expect_identical(names(profile(fit, "[one,b]")), "[one,b]")
  expect_error(lbfgsb(start, squares, fixed = c("[age,c]" = 9)), "it has [one,a], [age,a], [one,b], [age,b]",
               fixed = TRUE, class = "lbfgsb_error_argument")
  expect_identical(new_problem(c(a = 1, 2), c("[2]" = 0), Inf, 1)$lower, c(-Inf, 0))
  expect_error(new_problem(c(a = 1, 2), c(b = 0), Inf, 1), "it has a, [2]", fixed = TRUE)
})

test_that("a name holds for all parameters that have it", {
  repeated <- c(beta = 1, beta = 2, sigma = 1)
  expect_identical(new_problem(repeated, c(beta = 0), Inf, 1)$lower, c(0, 0, -Inf))
})

test_that("par becomes double and keeps its attributes", {
  array <- array(1:8, c(2, 2, 2))
  expect_identical(new_problem(array, -Inf, Inf, 1)$par, array + 0)
  expect_identical(new_problem(par, -Inf, Inf, 1)$par, par)
})

test_that("par outside of the box is moved onto it with a warning that says where", {
  expect_snapshot(problem <- new_problem(par, c(mu = 2), c(rho = 0), 1))
  expect_identical(problem$par, c(mu = 2, sigma = 2, rho = 0))
  expect_snapshot(many <- new_problem(rep(-1, 17), 0, Inf, 1))
  warning <- tryCatch(new_problem(par, 1, Inf, 1), warning = identity)
  expect_s3_class(warning, c("lbfgsb_warning_outside", "lbfgsb_warning"))
  expect_identical(warning$elements, 3L)
  matrix <- matrix(c(1, 5, 5, 1), 2)
  expect_identical(suppressWarnings(new_problem(matrix, 2, 4, 1))$par, matrix(c(2, 4, 4, 2), 2))
})

test_that("a start on the box is not moved", {
  expect_silent(problem <- new_problem(par, par, par, 1))
  expect_identical(problem$par, par)
})

test_that("wrong bounds are errors that say which and where", {
  expect_snapshot(error = TRUE, {
    new_problem(par, c(0, 0), Inf, 1)
    new_problem(par, numeric(), Inf, 1)
    new_problem(par, NULL, Inf, 1)
    new_problem(par, list(), Inf, 1)
    new_problem(par, factor(1:3), Inf, 1)
    new_problem(par, "0", Inf, 1)
    new_problem(par, c(0, NA, NaN), Inf, 1)
    new_problem(par, -Inf, NA, 1)
    new_problem(par, c(sigm = 0), Inf, 1)
    new_problem(par, c(s = 0), Inf, 1)
    new_problem(par, c(0, sigma = 1), Inf, 1)
    new_problem(unname(par), c(sigma = 0), Inf, 1)
    new_problem(par, c(mu = 0, mu = 1), Inf, 1)
    new_problem(par, 3, c(4, 2, 1), 1)
    new_problem(rep(1, 17), 3, 2, 1)
    new_problem(par, Inf, Inf, 1)
    new_problem(par, -Inf, -Inf, 1)
    new_problem(par, -Inf, Inf, c(1, 2))
    new_problem(1, -Inf, Inf, c(1, 2))
  })
  error <- tryCatch(new_problem(par, 3, c(4, 2, 1), 1), error = identity)
  expect_identical(error[c("argument", "elements")], list(argument = "lower", elements = 2:3))
})

test_that("recycling is named where it would make whole rounds, not where a bound is too long or leaves some over", {
  message <- function(bound, n) tryCatch(new_problem(numeric(n), bound, Inf, 1), error = conditionMessage)
  expect_match(message(c(0, 0), 4), "not 2; lbfgsb_optim() recycles it, as optim() does", fixed = TRUE)
  for (text in c(message(c(0, 0), 3), message(numeric(4), 2), message(numeric(3), 2), message(numeric(), 2))) {
    expect_no_match(text, "recycles")
  }
})

test_that("a wrong par is an error that says why", {
  expect_snapshot(error = TRUE, {
    new_problem("1", -Inf, Inf, 1)
    new_problem(1i, -Inf, Inf, 1)
    new_problem(list(1, 2), -Inf, Inf, 1)
    new_problem(factor("a"), -Inf, Inf, 1)
    new_problem(NULL, -Inf, Inf, 1)
    new_problem(numeric(), -Inf, Inf, 1)
    new_problem(c(a = 1, b = NA, 3, Inf), -Inf, Inf, 1)
  })
})

test_that("a run with parscale is that of the scaled function: to the bit for powers of two", {
  p <- rosenbrock(4, lower = c(-2, -1, -2, -1), upper = c(0.5, 2, 2, 2))
  same <- function(scale, tolerance) {
    scaled <- lbfgsb(p$par / scale, function(z) p$fn(scale * z),
                     function(z) scale * p$gr(scale * z), lower = p$lower / scale, upper = p$upper / scale,
                     control = list(parscale = 1))
    fit <- lbfgsb(p$par, p$fn, p$gr, lower = p$lower, upper = p$upper,
                  control = list(parscale = scale))
    expect_equal(fit$par, scale * scaled$par, tolerance = tolerance)
    expect_equal(fit$value, scaled$value, tolerance = tolerance)
    expect_identical(fit$par[1], 0.5)
  }
  for (power in list(c(2, 0.5, 8, 1), 2^-3, c(0.25, 2, 4, 1))) same(power, 0)
  for (scale in list(c(3, 0.7, 1.1, 1), 1 / 3)) same(scale, 1e-6)
})

test_that("bounds, scales and steps of a matrix are matched by its rows and columns", {
  M <- matrix(0, 2, 3, dimnames = list(c("u", "v"), c("x", "y", "z")))
  target <- matrix(6:1, 2)
  fn <- function(p) sum((p + target)^2) # every lower bound is active
  L <- matrix(-(1:6) / 10, 2, dimnames = dimnames(M))
  expect_identical(lbfgsb(M, fn, lower = L)$par, L)
  expect_identical(lbfgsb(M, fn, lower = L[2:1, c(2, 3, 1)])$par, L)
  expect_identical(lbfgsb(M, fn, lower = unname(L))$par, L)
  expect_identical(lbfgsb(list(M = M), function(p) fn(p$M), lower = list(M = L[2:1, ]))$par$M, L)
  expect_identical(lbfgsb(list(M = M), function(p) fn(p$M), fixed = list(M = L[, 3:1]))$par$M, L)
  expect_identical(unname(update(lbfgsb(M, fn), lower = L[2:1, ])$par), unname(L))
  scaled <- function(x) lbfgsb(M, fn, control = list(parscale = x, ndeps = x / 1e3, gradient = "central"))$par
  expect_identical(scaled(-L[2:1, ]), scaled(as.vector(-L)))
  expect_identical(lbfgsb(c(a = 0, b = 0), function(p) sum((p - 3)^2), upper = cbind(c(b = 2, a = 1)))$par, c(a = 1, b = 2))
  expect_snapshot(error = TRUE, {
    lbfgsb(M, fn, lower = t(L))
    lbfgsb(M, fn, lower = `rownames<-`(L, c("u", "w")))
    lbfgsb(M, fn, upper = `colnames<-`(L, c("x", "y", "y")))
    lbfgsb(list(M = M), function(p) fn(p$M), lower = list(M = array(0, c(1, 2, 3))))
  })
})
