target <- list(b = matrix(1:4, 2), s = 2)
distance <- function(par) sum((par$b - target$b)^2) + (par$s - target$s)^2
slopes <- function(par) list(b = 2 * (par$b - target$b), s = 2 * (par$s - target$s))
start <- list(b = matrix(0, 2, 2), s = 1)
called <- c("b[1,1]", "b[2,1]", "b[1,2]", "b[2,2]", "s")

test_that("a list of arrays reaches fn and gr, and returns", {
  fn <- function(par) {
    stopifnot(identical(dim(par$b), c(2L, 2L)), length(par) == 2)
    distance(par)
  }
  along <- function(par) list(value = fn(par), gradient = slopes(par))
  attached <- function(par) structure(fn(par), gradient = slopes(par))
  fits <- list(lbfgsb(start, fn), lbfgsb(start, fn, slopes), lbfgsb(start, along),
               lbfgsb(start, attached))
  for (fit in fits) {
    expect_equal(fit$par, target, tolerance = 1e-6)
    expect_identical(lapply(fit$gradient, dim), lapply(start, dim))
  }
  expect_identical(fits[[2]]$value, fits[[3]]$value)
  expect_identical(fits[[3]]$value, fits[[4]]$value)
})

test_that("bounds may be lists, the dots are passed on", {
  fit <- lbfgsb(start, function(par, k) k * distance(par), k = 2, lower = list(s = 0),
                upper = list(b = 2.5))
  expect_equal(fit$par, list(b = matrix(c(1, 2, 2.5, 2.5), 2), s = 2), tolerance = 1e-6)
  expect_identical(names(fit$bounds), called)
  by_name <- lbfgsb(start, distance, upper = c("b[1,2]" = 2))
  expect_identical(by_name$par$b[3], 2)
  expect_error(lbfgsb(start, distance, upper = list(sigma = 1)), "sigma",
               class = "lbfgsb_error_argument")
})

test_that("the methods work on it", {
  fit <- lbfgsb(start, distance, hessian = TRUE)
  expect_equal(vcov(fit), diag(5) / 2, ignore_attr = TRUE, tolerance = 1e-5)
  expect_identical(rownames(confint(fit)), called)
  expect_equal(confint(fit, "s", method = "profile"), confint(fit, "s"), tolerance = 1e-4)
  expect_identical(coef(fit), structure(unlist(fit$par), names = called))
  expect_output(print(summary(fit)), "b[2,2]", fixed = TRUE)
})

test_that("a list that is not numeric is an error", {
  expect_error(lbfgsb(list(a = "1"), distance), class = "lbfgsb_error_argument")
  expect_error(lbfgsb(start, 3), class = "lbfgsb_error_argument", "fn.*must be a function")
  expect_error(lbfgsb(start, distance, method = "SGD"), class = "lbfgsb_error_argument", "method")
})

test_that("a gradient that is a list is matched by its names", {
  ahead <- lbfgsb(start, distance, slopes)
  backwards <- function(par) rev(slopes(par))
  expect_identical(lbfgsb(start, distance, backwards)$par, ahead$par)
  along <- function(par) list(value = distance(par), gradient = backwards(par))
  expect_identical(lbfgsb(start, along)$par, ahead$par)
  unnamed <- lbfgsb(start, distance, function(par) unname(slopes(par)))
  expect_identical(unnamed$par, ahead$par)
  expect_error(lbfgsb(start, distance, function(par) slopes(par)["s"]), "there is no b",
               class = "lbfgsb_error_objective")
})

test_that("a run on a list is taken up with the same fn, and asked and told in lists", {
  whole <- lbfgsb(start, distance, slopes, upper = list(b = 3))
  calls <- 0
  failing <- function(par) if ((calls <<- calls + 1) == 3) stop("no more") else distance(par)
  error <- tryCatch(lbfgsb(start, failing, slopes, upper = list(b = 3)), error = identity)
  expect_identical(lapply(error$par, dim), lapply(start, dim))
  rest <- lbfgsb_resume(unserialize(serialize(error$state, NULL)), distance, slopes)
  expect_identical(figures_of(rest), figures_of(whole))

  state <- lbfgsb_start(start, upper = list(b = 3))
  while (!is.null(par <- lbfgsb_ask(state))) {
    state <- lbfgsb_tell(state, distance(par), rev(slopes(par)))
  }
  expect_identical(figures_of(lbfgsb_result(state)), figures_of(whole))
  refused <- tryCatch(lbfgsb(start, function(par) NaN), error = identity)
  expect_identical(refused$par, start)
})

test_that("a bound of a component has one number, or as many as it", {
  expect_error(lbfgsb(start, distance, lower = list(b = 1:3)), class = "lbfgsb_error_argument",
               "`lower$b` must have length 1 or 4, the length of `par$b`, not 3", fixed = TRUE)
  expect_error(lbfgsb(start, distance, upper = list(s = 1:2, b = 9)), class = "lbfgsb_error_argument",
               "`upper$s` must have length 1", fixed = TRUE)
})

test_that("check_gradient() takes a list", {
  check <- check_gradient(distance, function(par) replace(slopes(par), "s", 0), start, lower = list(b = -1))
  expect_identical(check$parameter, called)
  expect_identical(check$fits, c(TRUE, TRUE, TRUE, TRUE, FALSE))
})

test_that("names are honoured at every depth of bounds", {
  par <- list(beta = c(a = 0, b = 0, c = 0), sigma = 1)
  fn <- function(par) sum((par$beta - 1:3)^2) + (par$sigma - 3)^2
  at <- function(...) lbfgsb(par, fn, ...)$par
  one <- at(lower = list(beta = c(c = 0)), upper = list(beta = c(c = 0)))
  expect_equal(one, list(beta = c(a = 1, b = 2, c = 0), sigma = 3), tolerance = 1e-6)
  permuted <- at(upper = list(beta = c(c = 0.3, a = 0.1, b = 0.2)))
  expect_equal(permuted$beta, c(a = 0.1, b = 0.2, c = 0.3))
  expect_equal(at(upper = list(beta = list(b = 0.2)))$beta, c(a = 1, b = 0.2, c = 3), tolerance = 1e-6)
})

test_that("an element of an array has one name, in all that is returned and all that is given", {
  M <- matrix(0, 2, 2, dimnames = list(c("old", "new"), c("int", "age")))
  model <- function(par) sum((par$M - 1:4)^2) + sum((par$b - 5:6)^2)
  control <- list(fn_is = "negloglik")
  start <- list(M = M + 10, b = c(9, 9))
  fit <- lbfgsb(start, model, control = control)
  labels <- c("M[old,int]", "M[new,int]", "M[old,age]", "M[new,age]", "b1", "b2")
  expect_named(coef(fit), labels)
  expect_identical(rownames(vcov(fit)), labels)
  expect_identical(rownames(summary(fit)$parameters), labels)
  expect_identical(rownames(confint(fit, "M[old,age]")), "M[old,age]")
  expect_identical(names(profile(fit, "M[new,int]")), "M[new,int]")
  expect_identical(dimnames(fit$par$M), dimnames(M))
  expect_equal(update(fit, par = rev(coef(fit)))$par, fit$par)
  expect_named(lbfgsb(list(deep = list(M = M)), function(par) sum((par$deep$M - 1)^2))$bounds, paste0("deep.", labels[1:4]))
  for (fixed in list(c("M[new,int]" = 9), list(M = c("[new,int]" = 9)), list(M = c("M[new,int]" = 9)))) {
    expect_identical(update(fit, fixed = fixed)$par$M[["new", "int"]], 9)
    expect_gte(lbfgsb(start, model, lower = fixed, control = control)$par$M[["new", "int"]], 9)
  }
  for (lower in list(c(b2 = 8), list(b = c("[2]" = 8)), list(b = c(b2 = 8)))) {
    expect_equal(lbfgsb(start, model, lower = lower)$par$b, c(5, 8), tolerance = 1e-6)
  }
  expect_identical(names(lbfgsb_starts(2, around = fit)[[1]]$b), NULL)
  expect_snapshot(error = TRUE, {
    lbfgsb(start, model, lower = c(M2 = 0))
    lbfgsb(start, model, lower = list(M = c(M2 = 0)))
    update(lbfgsb(c(M, 5), function(x) sum(x^2)), fixed = 2)
    update(lbfgsb(c(mu = 5), function(x) sum(x^2)), fixed = 2)
  })
})

test_that("par may be a list of lists", {
  par <- list(mean = list(one = 1, slopes = c(x = 0, y = 0)), sigma = 2)
  fn <- function(par) (par$mean$one - 4)^2 + sum((par$mean$slopes - 1:2)^2) + (par$sigma - 3)^2
  gr <- function(par) {
    list(sigma = 2 * (par$sigma - 3),
         mean = list(slopes = rev(2 * (par$mean$slopes - 1:2)), one = 2 * (par$mean$one - 4)))
  }
  best <- list(mean = list(one = 4, slopes = c(x = 1, y = 1.5)), sigma = 3)
  for (gradient in list(gr, NULL)) {
    fit <- lbfgsb(par, fn, gradient, upper = list(mean = list(slopes = c(y = 1.5))))
    expect_equal(fit$par, best, tolerance = 1e-6)
  }
  expect_identical(names(fit$bounds), c("mean.one", "mean.slopes.x", "mean.slopes.y", "sigma"))
  expect_true(all(check_gradient(fn, gr, par)$fits))
})

test_that("arrays of any number of dimensions keep them and their names", {
  cube <- array(0, c(2, 1, 2), list(c("u", "v"), NULL, NULL))
  fn <- function(par) {
    stopifnot(identical(attributes(par$cube), attributes(cube)))
    sum((par$cube - 1:4)^2)
  }
  fit <- lbfgsb(list(cube = cube), fn)
  expect_equal(fit$par, list(cube = replace(cube, 1:4, 1:4)), tolerance = 1e-6)
  expect_identical(attributes(fit$gradient$cube), attributes(cube))
})

test_that("a data frame with one row is a list", {
  fn <- function(par) {
    stopifnot(identical(class(par), "list"))
    (par$a - 1)^2 + (par$b - 2)^2
  }
  starts <- data.frame(a = c(0, 9), b = c(1L, 9L))
  expect_equal(lbfgsb(starts[1, ], fn)$par, list(a = 1, b = 2), tolerance = 1e-6)
})

test_that("a gradient by the names of par in another order is matched, by any way it comes", {
  names <- c(a = 1, b = 2)
  fn <- function(x) sum((x - names)^2 * c(1, 10))
  gr <- function(x) (2 * (x - names) * c(1, 10))[c("b", "a")]
  plain <- lbfgsb(c(a = 0, b = 0), fn, function(x) rev(gr(x)))
  along <- function(x) list(value = fn(x), gradient = gr(x))
  for (fit in list(lbfgsb(c(a = 0, b = 0), fn, gr), lbfgsb(c(a = 0, b = 0), along))) {
    expect_identical(figures_of(fit), figures_of(plain))
  }
  other <- lbfgsb(c(a = 0, b = 0), fn, function(x) c(x = gr(x)[["a"]], a = gr(x)[["b"]]))
  expect_identical(figures_of(other), figures_of(plain))
  state <- lbfgsb_start(c(a = 0, b = 0))
  while (!is.null(par <- lbfgsb_ask(state))) state <- lbfgsb_tell(state, fn(par), gr(par))
  expect_identical(figures_of(lbfgsb_result(state)), figures_of(plain))
  within <- list(beta = c(a = 0, b = 0))
  fit <- lbfgsb(within, function(p) fn(p$beta), function(p) list(beta = gr(p$beta)))
  expect_identical(fit$par$beta, plain$par)
})

test_that("no attribute of ours reaches fn, the callback, or the result", {
  bare <- function(x) is.null(attributes(x)) || all(names(attributes(x)) %in% c("names", "dim"))
  fn <- function(par) {
    stopifnot(bare(par), bare(par$b), bare(par$s))
    distance(par)
  }
  look <- function(progress) {
    stopifnot(is.list(progress$par), bare(progress$par), is.list(progress$gradient), bare(progress$gradient$b))
    FALSE
  }
  fit <- lbfgsb(start, fn, slopes, control = list(callback = look))
  expect_true(bare(fit$par) && bare(fit$par$b) && bare(fit$gradient) && bare(fit$gradient$b))
  expect_null(attr(fit$bounds, "skeleton"))
})

test_that("an fn that fails at the start on a list of numbers is told of the list", {
  fn <- function(x) sum((x - 1)^2)
  expect_snapshot(error = TRUE, lbfgsb(list(a = 0, b = 0), fn))
  calls <- 0
  later <- function(x) if ((calls <<- calls + 1) == 3) stop("later") else fn(unlist(x))
  expect_no_warning(try(lbfgsb(list(a = 0, b = 0), later), silent = TRUE))
  expect_warning(expect_error(lbfgsb(list(a = list(b = 1, c = 2), d = 1), function(x) stop("own")), "own"),
                 class = "lbfgsb_warning_list")
  expect_no_warning(try(lbfgsb(list(a = list(b = 1:2), d = 1), function(x) stop("own")), silent = TRUE))
  expect_warning(try(lbfgsb(list(a = list(b = 1:2), d = 1), function(x) sum(x[, 1], (x - 3)^2)), silent = TRUE),
                 class = "lbfgsb_warning_list")
  expect_warning(expect_error(lbfgsb(list(a = 1), function(x) stop("own")), "own"),
                 class = "lbfgsb_warning_list")
})

test_that("an fn that has the parameters as arguments is told of these, not of the list", {
  told <- function(fn) {
    classes <- character()
    note <- function(w) {
      classes <<- c(classes, class(w)[1])
      tryInvokeRestart("muffleWarning")
    }
    withCallingHandlers(try(lbfgsb(list(mu = 0, sigma = 1), fn), silent = TRUE), lbfgsb_warning = note)
    classes
  }
  expect_identical(told(function(mu, sigma) sum(dnorm(1:3, mu, sigma))), "lbfgsb_warning_arguments")
  expect_identical(told(function(mu = 0, sigma = 1) sum(dnorm(1:3, mu, sigma))), character()) # an error before
  expect_identical(told(function(mu) sum(dnorm(1:3, mu))), "lbfgsb_warning_list")
})

test_that("a component's name stands for all of its parameters", {
  nll <- function(p) sum((unlist(p) - 1:4)^2)
  fit <- lbfgsb(list(a = c(0, 0), b = c(u = 0), s = 0), nll, control = list(fn_is = "negloglik"))
  expect_identical(rownames(confint(fit, "a")), c("a1", "a2"))
  expect_identical(confint(fit, c("s", "a")), confint(fit, c("s", "a1", "a2")))
  expect_named(profile(fit, "b"), "b.u")
  expect_error(confint(fit, "c"), "not c; it has a1, a2, b.u, s", class = "lbfgsb_error_argument")
})

test_that("the names that coef() has are taken wherever parameters are named, and those of components", {
  start <- list(curve = list(amp = c(k = 1), phase = c(a = 0, b = 1)), n = 1:2, sd = c(s = 1))
  fit <- lbfgsb(start, function(par) sum((unlist(par) - 1:6)^2), control = list(fn_is = "negloglik"))
  profiled <- profile(fit)
  for (name in names(coef(fit))) {
    expect_identical(rownames(confint(fit, name)), name)
    expect_identical(rownames(confint(profiled, name)), name)
    for (as in list(c, list)) {
      fixed <- structure(as(9), names = name)
      expect_identical(coef(update(fit, fixed = fixed))[[name]], 9)
      expect_gte(coef(suppressWarnings(update(fit, lower = fixed)))[[name]], 9)
    }
  }
  expect_identical(rownames(confint(fit, "curve.phase")), c("curve.phase.a", "curve.phase.b"))
  expect_identical(rownames(confint(profiled, c("sd", "curve"))),
                   c("sd.s", "curve.amp.k", "curve.phase.a", "curve.phase.b"))
  held <- coef(update(fit, fixed = list(curve.phase = c(8, 9), sd.s = 7)))
  expect_identical(held[c("curve.phase.a", "curve.phase.b", "sd.s")], c(curve.phase.a = 8, curve.phase.b = 9, sd.s = 7))
  expect_identical(coef(update(fit, fixed = c(curve.amp = 8, sd = 9)))[c("curve.amp.k", "sd.s")],
                   c(curve.amp.k = 8, sd.s = 9))
  expect_error(update(fit, lower = list(curve.phase.a = 1:2)), "length of `par$curve.phase.a`, not 2", fixed = TRUE,
               class = "lbfgsb_error_argument")
})

test_that("lists that cannot be a start are errors that say why", {
  expect_snapshot(error = TRUE, {
    lbfgsb(list(1, 2), distance)
    lbfgsb(list(a = 1, 2), distance)
    lbfgsb(list(a = 1, b = 2, a = 3), distance)
    lbfgsb(list(), distance)
    lbfgsb(list(a = 1, b = list(c = "2")), distance)
    lbfgsb(data.frame(a = 1:2, b = 3:4), distance)
    lbfgsb(start, distance, lower = list(b = list(1)))
    lbfgsb(start, distance, lower = list(1))
    lbfgsb(start, distance, lower = list(b = 1, b = 2))
    lbfgsb(list(b = c(u = 1, v = 2)), distance, lower = list(b = c(w = 2)))
    lbfgsb(list(b = c(u = 1, v = 2)), distance, lower = c(b = 0))
    lbfgsb(list(sigma = 1), distance, lower = c(sgima = 0))
  })
})

test_that("a pairlist, as formals() returns, is a list", {
  start <- formals(function(a = 1, b = 2) NULL)
  expect_equal(unlist(lbfgsb(start, function(p) (p$a - 3)^2 + (p$b - 4)^2)$par), c(a = 3, b = 4), tolerance = 1e-6)
})

test_that("elements of a matrix are called alike in a list and by themselves", {
  fn <- function(p) sum((unlist(p) - 1)^2)
  M <- matrix(5, 2, 2)
  expect_named(coef(lbfgsb(M, fn)), c("[1,1]", "[2,1]", "[1,2]", "[2,2]"))
  fit <- lbfgsb(list(M = M, s = 5), fn, lower = c("M[2,1]" = 3))
  expect_named(coef(fit), c("M[1,1]", "M[2,1]", "M[1,2]", "M[2,2]", "s"))
  expect_equal(fit$par, list(M = matrix(c(1, 3, 1, 1), 2), s = 1), tolerance = 1e-6)
  expect_identical(lbfgsb(list(M = M, s = 5), fn, lower = list(M = c("[2,1]" = 3)))$par, fit$par)
})

test_that("a bound by a name that parts of a list share is refused, and one of the component is that of the component", {
  start <- list(a = c(5, 5), a1 = 5)
  fn <- function(p) sum((unlist(p) - 1)^2)
  expect_error(lbfgsb(start, fn, lower = c(a1 = 3)), "`lower` has a name that several parameters share: a1", fixed = TRUE,
               class = "lbfgsb_error_argument")
  expect_equal(lbfgsb(start, fn, lower = list(a1 = 3))$par, list(a = c(1, 1), a1 = 3), tolerance = 1e-6)
  expect_equal(lbfgsb(start, fn, lower = c(a1 = 3, a2 = 2, a1 = 4))$par, list(a = c(3, 2), a1 = 4), tolerance = 1e-6)
})
