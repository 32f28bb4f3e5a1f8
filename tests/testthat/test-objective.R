# An objective whose frame has `...`, as lbfgsb()'s has.
objective_of <- function(fn, gr = NULL, par = c(a = 1, b = 2), ...) {
  new_objective(fn, gr, new_problem(par, -Inf, Inf, 1), lbfgsb_control(), frame = environment())
}

test_that("fn and gr get par and the dots", {
  objective <- objective_of(function(x, k) sum(x) * k, function(x, k) c(k, k), k = 3)
  expect_identical(value_at(objective, c(1, 2))$value, 9)
  expect_identical(delivered_gradient(objective, c(1, 2))$gradient, c(3, 3))
})

test_that("values are read from all that holds one number", {
  expect_identical(read_value(2L), list(value = 2, gradient = NULL))
  expect_identical(read_value(c(a = 2)), list(value = 2, gradient = NULL))
  expect_identical(read_value(matrix(2)), list(value = 2, gradient = NULL))
  expect_identical(read_value(NA), list(value = NA_real_, gradient = NULL))
  expect_identical(read_value(structure(2, gradient = 1:2)), list(value = 2, gradient = 1:2))
  expect_identical(read_value(list(gradient = 1:2, value = 2)), list(value = 2, gradient = 1:2))
  expect_identical(read_value(list(value = NaN)), list(value = NaN, gradient = NULL))
})

test_that("gradients are read from all that holds n numbers", {
  read <- function(gradient) read_gradient(gradient, gr = NULL, problem = list(par = c(0, 0)))
  expect_identical(read(1:2), c(1, 2))
  expect_identical(read(t(c(a = 1, b = 2))), c(1, 2))
  expect_identical(read(c(NA, NA)), c(NA_real_, NA_real_))
})

test_that("what is no value or no gradient is an error that says what it was", {
  run <- function(fn, gr = NULL) lbfgsb(c(a = 1, b = 2), fn, gr)
  one <- function(x) 1
  expect_snapshot(error = TRUE, {
    run(function(x) NULL)
    run(function(x) "1")
    run(function(x) x)
    run(deriv(~ (x - a)^2, "a", function(a, x = 1:4) NULL))
    run(function(x) TRUE)
    run(function(x) 1i)
    run(function(x) list(1))
    run(function(x) list(value = 1:2))
    run(function(x) data.frame(value = "a"))
    run(function(x) structure(1, gradient = 1:3))
    run(function(x) list(value = 1, gradient = "a"))
    run(one, function(x) 1)
    run(one, function(x) c(1, 2, 3))
    run(one, function(x) NULL)
    run(one, function(x) list(1, 2))
    run(one, function(x) c("1", "2"))
  })
  error <- tryCatch(run(one, function(x) 1:3), error = identity)
  expect_identical(error[c("argument", "returned")], list(argument = "gr", returned = 1:3))
})

test_that("numbers of a class are read by its methods, with gr and without", {
  registerS3method("as.double", "halves", function(x, ...) unclass(x) / 2, envir = asNamespace("base"))
  halves <- function(x) structure(2 * x, class = "halves")
  fn <- function(x) sum((x - 1)^4)
  gr <- function(x) 4 * (x - 1)^3
  plain <- lbfgsb(c(3, 2), fn, gr)
  expect_identical(figures_of(lbfgsb(c(3, 2), function(x) halves(fn(x)), gr)), figures_of(plain))
  expect_identical(figures_of(lbfgsb(c(3, 2), fn, function(x) halves(gr(x)))), figures_of(plain))
  both <- function(x) list(value = halves(fn(x)), gradient = halves(gr(x)))
  expect_identical(figures_of(lbfgsb(c(3, 2), both)), figures_of(plain))
  for (class in c("Date", "difftime")) {
    dated <- function(x) structure(fn(x), class = class)
    expect_error(lbfgsb(c(3, 2), dated), class = "lbfgsb_error_objective")
    expect_error(lbfgsb(c(3, 2), dated, gr), class = "lbfgsb_error_objective")
    dated_gr <- function(x) structure(gr(x), class = class)
    expect_error(lbfgsb(c(3, 2), fn, dated_gr), class = "lbfgsb_error_objective")
  }
})

test_that("a run leaves nothing in the objective of its fit", {
  fits <- list(
    lbfgsb(c(3, 2), function(x) sum(x^2)),
    suppressWarnings(lbfgsb(c(3, 2), function(x) sum(x^2), function(x) as.integer(2 * x)),
                     classes = "lbfgsb_warning_gradient"), # which is wrong by up to 1
    lbfgsb(c(3, 2), function(x) lbfgsb_stop())
  )
  for (fit in fits) {
    record <- c("fn", "gr", "problem", "control", "differences", "evaluate_points")
    expect_length(setdiff(ls(fit$objective, all.names = TRUE), record), 0)
  }
})

test_that("wrong values later in the run are errors too", {
  late <- function(x) if (x == 1) 1 else NULL
  expect_error(lbfgsb(1, late, function(x) 1), class = "lbfgsb_error_objective")
})

test_that("a gradient is not asked for where the value is not finite", {
  at <- numeric()
  fn <- function(x) if (x < 0.5) NaN else (x - 1)^2
  gr <- function(x) {
    at <<- c(at, x)
    2 * (x - 1)
  }
  fit <- lbfgsb(4, fn, gr)
  expect_equal(fit$par, 1, tolerance = 1e-5)
  expect_gte(min(at), 0.5)
})

test_that("non-finite trials shorten the step and are counted", {
  for (bad in list(NaN, NA, Inf, NA_integer_)) {
    fit <- lbfgsb(50, function(x) if (x <= 0) bad else x - log(x),
                  function(x) if (x <= 0) NaN else 1 - 1 / x)
    expect_equal(fit$par, 1, tolerance = 1e-4)
    expect_gt(fit$nonfinite, 0)
  }
})

test_that("what is nearly called `gradient` is an error where there is none", {
  square <- function(x) sum(x^2)
  in_list <- function(x) list(value = square(x), grad = 2 * x)
  attached <- function(x) structure(square(x), jac = 2 * x)
  expect_snapshot(error = TRUE, {
    lbfgsb(c(1, 2), in_list)
    lbfgsb(c(1, 2), attached)
    lbfgsb(list(a = 1, b = 2), function(par) in_list(unlist(par)))
  })
  for (name in lookalikes) {
    fn <- function(x) structure(list(square(x), 2 * x), names = c("value", name))
    expect_error(lbfgsb(c(1, 2), fn), name, class = "lbfgsb_error_objective")
  }
})

test_that("it is left alone where there is a gradient, and so is anything else", {
  square <- function(x) sum(x^2)
  both <- function(x) list(value = square(x), gradient = 2 * x, grad = "steep")
  expect_equal(lbfgsb(c(1, 2), both)$value, 0)
  named <- function(x) list(value = square(x), jac = diag(2))
  expect_equal(lbfgsb(c(1, 2), named, function(x) 2 * x)$value, 0)
  other <- function(x) structure(list(value = square(x), fitted = x, graph = 3), class = "own")
  expect_equal(lbfgsb(c(1, 2), other)$value, 0, tolerance = 1e-6)
})

test_that("a value and a gradient of the package Matrix are taken for their numbers", {
  skip_if_not_installed("Matrix")
  X <- Matrix::Matrix(diag(c(1, 2, 0)), sparse = TRUE)
  y <- c(1, 2, 0)
  fn <- function(b) Matrix::crossprod(X %*% b - y) + sum(b^2)
  gr <- function(b) 2 * Matrix::crossprod(X, X %*% b - y) + 2 * b
  expect_true(isS4(fn(1:3)) && isS4(gr(1:3)))
  plain <- lbfgsb(rep(0, 3), function(b) as.vector(fn(b)), function(b) as.vector(gr(b)))
  expect_identical(figures_of(lbfgsb(rep(0, 3), fn, gr)), figures_of(plain))
  both <- lbfgsb(rep(0, 3), function(b) list(value = fn(b), gradient = gr(b)))
  listed <- lbfgsb(list(b = rep(0, 3)), function(p) fn(p$b), function(p) list(b = gr(p$b)))
  for (fit in list(both, listed)) expect_identical(fit[c("value", "counts")], plain[c("value", "counts")])
  no_numbers <- methods::getClass("numeric")
  expect_error(lbfgsb(1, function(x) no_numbers), "not an object of class", class = "lbfgsb_error_objective")
})

test_that("what comes after a fit leaves its objective as it is: update() goes by its own options", {
  set.seed(1)
  x <- runif(60, 0, 10)
  y <- 5 * exp(-0.4 * x) + rnorm(60, sd = 0.2)
  squares <- function(p, x, y) sum((y - p[["A"]] * exp(-p[["k"]] * x))^2)
  residuals <- function(p, x, y) (y - p[["A"]] * exp(-p[["k"]] * x))^2
  fit <- lbfgsb(c(A = 1, k = 0.1), squares, x = x, y = y, control = list(fn_is = "squares", nobs = 60, callback = function(s) FALSE))
  after <- list(profile = profile, confint = function(fit) confint(fit, method = "profile"), hessian = lbfgsb_hessian,
                summary = summary, sandwich = function(fit) vcov(fit, contributions = residuals), deviance = deviance,
                delta = function(fit) lbfgsb_delta(fit, function(p) p[["A"]]), update = function(fit) update(fit, y = 2 * y))
  before <- as.list(fit$objective)
  expect_identical(before$control$parscale, "auto")
  for (name in names(after)) {
    after[[name]](fit)
    expect_identical(as.list(fit$objective), before, info = name)
  }
  small <- update(fit, y = 1e-4 * y)
  reference <- nls(y ~ A * exp(-k * x), data.frame(x, y = 1e-4 * y), start = list(A = 5e-4, k = 0.4))
  expect_equal(coef(small), coef(reference), tolerance = 1e-4)
})

test_that("a gradient that is a matrix is matched by the names of its rows or columns", {
  f <- deriv(~ (a - 3)^2 + 2 * (b - 1)^2, c("b", "a"), function(a, b) NULL)
  by_deriv <- lbfgsb(c(a = 0, b = 0), function(p) f(p[["a"]], p[["b"]]))
  expect_identical(by_deriv$convergence, 0L)
  expect_equal(by_deriv$par, c(a = 3, b = 1), tolerance = 1e-5)
  fn <- function(p) f(p[["a"]], p[["b"]])[1]
  slope <- function(p) c(b = 4 * (p[["b"]] - 1), a = 2 * (p[["a"]] - 3))
  expected <- lbfgsb(c(a = 0, b = 0), fn, slope)
  both <- c("par", "counts")
  expect_same <- function(gr) expect_identical(lbfgsb(c(a = 0, b = 0), fn, gr)[both], expected[both])
  expect_same(function(p) t(as.matrix(slope(p))))
  expect_same(function(p) as.matrix(slope(p)))
  expect_same(function(p) as.matrix(rev(slope(p))))
  expect_same(function(p) matrix(rev(slope(p)), 2, dimnames = list(c("u", "v"), "x")))
  as_list <- lbfgsb(list(a = 0, b = 0), fn, function(p) t(as.matrix(slope(unlist(p)))))
  expect_identical(unlist(as_list$par), expected$par)
  skip_if_not_installed("Matrix")
  expect_same(function(p) Matrix::Matrix(as.matrix(slope(p))))
})

test_that("the gradient of a matrix is matched by its rows and columns", {
  M <- matrix(0, 2, 3, dimnames = list(c("u", "v"), c("x", "y", "z")))
  target <- replace(M, TRUE, 1:6)
  fn <- function(p) sum(1:6 * (p - target)^2)
  gr <- function(p) 2 * 1:6 * (p - target)
  expected <- lbfgsb(M, fn, gr)[c("par", "counts")]
  same <- function(gr) lbfgsb(M, fn, gr)[c("par", "counts")]
  expect_identical(same(function(p) gr(p)[2:1, c(3, 1, 2)]), expected)
  expect_identical(same(function(p) `rownames<-`(gr(p)[, 3:1], NULL)), expected)
  expect_identical(same(function(p) `colnames<-`(gr(p)[2:1, ], letters[1:3])), expected)
  within <- lbfgsb(list(M = M), function(p) fn(p$M), function(p) list(M = gr(p$M)[2:1, ]))
  expect_identical(within$par$M, expected$par)
})

test_that("what only begins with `gradient` is no gradient", {
  squares <- function(p) sum((unlist(p) - 1:2)^2)
  listed <- function(p) list(value = squares(p), gradient_check = p)
  marked <- function(p) structure(squares(p), gradient_check = p)
  rows <- function(p, fits) rowSums((p - rep(1:2, each = nrow(p)))^2)
  for (start in list(c(a = 0, b = 0), list(a = 0, b = 0))) {
    for (fn in list(listed, marked)) {
      expect_identical(lbfgsb(start, fn)[c("par", "counts")], lbfgsb(start, squares)[c("par", "counts")])
      expect_error(check_gradient(fn, NULL, start), class = "lbfgsb_error_argument")
    }
  }
  in_step <- function(fn) c(lbfgsb_many(cbind(a = 0, b = 0), fn, block = 1))
  expected <- in_step(rows)
  expect_identical(in_step(function(p, fits) structure(rows(p), gradient_check = p)), expected)
  expect_identical(in_step(function(p, fits) list(value = rows(p), gradient_check = p)), expected)
  optim_like <- function(fn) lbfgsb_optim(c(0, 0), fn, method = "L-BFGS-B")[c("par", "counts")]
  expect_identical(optim_like(marked), optim_like(squares))
})

# What calls fn and gr: functions of these and of the list of their further arguments.
routes <- list(
  vector = function(f, g, given) told_of(call_with(lbfgsb, given, par = start, fn = f, gr = g, hessian = TRUE)),
  differences = function(f, g, given) told_of(call_with(lbfgsb, given, par = start, fn = f, gr = NULL, hessian = TRUE)),
  list = function(f, g, given) told_of(call_with(lbfgsb, given, par = as.list(start), fn = f, gr = g, hessian = TRUE)),
  multistart = function(f, g, given) call_with(lbfgsb_multistart, given, starts = rbind(start, 3), fn = f, gr = g)$runs,
  many = function(f, g, given) c(call_with(lbfgsb_many, given, par = rbind(start, 3), fn = f, gr = g)),
  one = function(f, g, given) told_of(lbfgsb_one(call_with(lbfgsb_many, given, par = rbind(start, 3), fn = f, gr = g), 2)),
  check = function(f, g, given) call_with(check_gradient, given, fn = f, gr = g, par = as.list(start)),
  wrong = function(f, g, given) {
    wrong <- function(...) 1.3 * g(...)
    expect_warning(fit <- call_with(lbfgsb, given, par = start, fn = f, gr = wrong), class = "lbfgsb_warning_gradient")
    list(told_of(fit), check_gradient(fit))
  },
  profile = function(f, g, given) {
    fit <- call_with(lbfgsb, given, par = start, fn = f, gr = g, control = list(fn_is = "negloglik"))
    list(confint(fit, method = "profile"), vcov(fit), told_of(lbfgsb_resume(fit, control = list(factr = 1))))
  }
)

test_that("an argument of fn keeps its name, though one of ours begins so", {
  none <- lapply(routes, function(route) route(without_q(quartic), without_q(slope), list()))
  for (name in short_names) {
    given <- structure(list(data_in_order), names = name)
    named <- lapply(routes, function(route) route(renamed(quartic, name), renamed(slope, name), given))
    expect_identical(named, none, info = name)
  }
})
