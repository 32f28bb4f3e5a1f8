start <- c(a = 1, b = 2, c = 3)
distance <- function(par) sum((par - c(5, 6, 7))^2)
slope <- function(par) 2 * (par - c(5, 6, 7))

test_that("a call that gives fn what is ours says so", {
  nll <- function(p, y, lower) -sum(dpois(y, exp(p[["a"]]) + lower, log = TRUE))
  by_method <- function(p, method) if (method == "x") p^2 else p^4
  expect_snapshot(error = TRUE, {
    lbfgsb(c(a = 0), nll, y = 1:9, lower = -1)
    lbfgsb(1, by_method, method = "x")
  })
  with_default <- function(p, lower = 0) sum((p - lower)^2)
  expect_silent(lbfgsb(1, with_default, lower = -1))
  expect_silent(lbfgsb(1, function(p, lower) if (missing(lower)) sum(p^2)))
})

test_that("fixed parameters have their value in the start, in fn and in the result", {
  seen <- NULL
  fn <- function(par) {
    seen <<- c(seen, par[["b"]])
    distance(par)
  }
  for (fixed in list(c(b = 4), list(b = 4L))) {
    fit <- lbfgsb(start, fn, fixed = fixed)
    expect_equal(fit$par, c(a = 5, b = 4, c = 7), tolerance = 1e-6)
    expect_identical(as.vector(fit$bounds), c("free", "fixed", "free"))
  }
  expect_identical(unique(seen), 4)
  expect_equal(lbfgsb(start, distance, slope, fixed = c(c = 0, a = -1))$par, c(a = -1, b = 6, c = 0),
               tolerance = 1e-6)
  expect_equal(lbfgsb(replace(start, "b", NA), distance, slope, fixed = c(b = 4))$par, c(a = 5, b = 4, c = 7),
               tolerance = 1e-6)
  expect_identical(lbfgsb(start, distance, slope, fixed = start)$par, start)
})

test_that("it is what bounds that are equal are, also after the run", {
  by_bounds <- lbfgsb(c(a = 1, b = 4, c = 3), distance, slope, lower = c(b = 4), upper = c(b = 4, c = 6.5))
  by_name <- lbfgsb(start, distance, slope, upper = c(c = 6.5), fixed = c(b = 4))
  expect_identical(figures_of(by_name), figures_of(by_bounds))
  variances <- function(fit) suppressWarnings(vcov(fit), classes = "lbfgsb_warning_squares")
  expect_identical(variances(by_name), variances(by_bounds))
  run <- function(...) lbfgsb(start, distance, upper = c(c = 6.5), fixed = c(b = 4), ...)
  cut <- run(control = list(maxit = 1, keep_state = TRUE))
  rest <- lbfgsb_resume(cut, distance, control = list(maxit = 100))
  expect_identical(figures_of(rest), figures_of(run()))
})

test_that("lists: by component, by name within it, by the names of unlist(par)", {
  par <- list(beta = c(x = 0, y = 0), sigma = 1)
  fn <- function(par) sum((par$beta - 1:2)^2) + (par$sigma - 3)^2
  at <- function(...) unlist(lbfgsb(par, fn, ...)$par)
  expect_equal(at(fixed = list(beta = c(y = 9))), c(beta.x = 1, beta.y = 9, sigma = 3), tolerance = 1e-6)
  expect_equal(at(fixed = list(beta = list(y = 9))), c(beta.x = 1, beta.y = 9, sigma = 3), tolerance = 1e-6)
  expect_equal(at(fixed = list(beta = 9)), c(beta.x = 9, beta.y = 9, sigma = 3), tolerance = 1e-6)
  expect_equal(at(fixed = list(beta = c(y = 8, x = 9))), c(beta.x = 9, beta.y = 8, sigma = 3), tolerance = 1e-6)
  expect_equal(at(fixed = c(beta.y = 9)), c(beta.x = 1, beta.y = 9, sigma = 3), tolerance = 1e-6)
})

test_that("lbfgsb_start() fixes as well", {
  state <- lbfgsb_start(start, upper = c(c = 6), fixed = c(b = 4))
  while (!is.null(par <- lbfgsb_ask(state))) state <- lbfgsb_tell(state, distance(par), slope(par))
  expect_equal(lbfgsb_result(state)$par, c(a = 5, b = 4, c = 6))
})

test_that("nothing is fixed by NULL or by nothing", {
  plain <- lbfgsb(start, distance, slope)
  for (none in list(NULL, list(), numeric())) {
    expect_identical(figures_of(lbfgsb(start, distance, slope, fixed = none)), figures_of(plain))
  }
})

test_that("wrong fixed values are errors that say which and why", {
  own <- function(par, fixed) distance(par)
  expect_snapshot(error = TRUE, {
    lbfgsb(start, distance, fixed = 4)
    lbfgsb(start, distance, fixed = "b")
    lbfgsb(start, distance, fixed = c(d = 4))
    lbfgsb(start, distance, fixed = c(b = 4, b = 5))
    lbfgsb(start, distance, fixed = c(b = NA, c = 1))
    lbfgsb(start, distance, fixed = c(b = NA))
    lbfgsb(start, distance, fixed = c(b = -Inf, c = 1))
    lbfgsb(c(b = 1, b = 2, c = 3), distance, fixed = c(b = 4))
    lbfgsb(list(beta = c(b = 1, b = 2)), distance, fixed = list(beta = c(b = 4)))
    lbfgsb(start, distance, fixed = list(b = 4, 3))
    lbfgsb(start, distance, fixed = list(b = 4:5))
    lbfgsb(start, distance, fixed = c(b = 4), lower = 5)
    lbfgsb(start, own, fixed = c(b = 4))
    lbfgsb(start, distance, own, fixed = c(b = 4))
    lbfgsb(list(beta = start), distance, fixed = list(beta = c(d = 1)))
    lbfgsb(unname(start), distance, fixed = c(b = 1))
  })
  error <- tryCatch(lbfgsb(start, distance, fixed = c(b = 4), lower = 5), error = identity)
  expect_identical(error[c("argument", "elements")], list(argument = "fixed", elements = 2L))
})

test_that("an fn with an argument of that name gets nothing in its place unless asked", {
  own <- function(par, fixed = 2) fixed * distance(par)
  expect_equal(lbfgsb(start, own)$par, c(a = 5, b = 6, c = 7), tolerance = 1e-6)
})

test_that("the message counts those at a bound, not those fixed", {
  message_of <- function(...) lbfgsb(c(a = 3, b = 3, c = 3), function(x) sum(x^2), fixed = c(a = 3), ...)$message
  expect_no_match(message_of(), "at a bound")
  expect_match(message_of(lower = c(b = 1)), "1 of 2 parameters at a bound")
})

# Beside the others, whose function it does not change, its slope is large, and changes from point to point
test_that("the slope of what is fixed has no say, in any units", {
  for (name in c("rosenbrock", "wood", "bard", "brown_dennis")) {
    p <- problems[[name]]
    others <- seq_along(p$par)
    alone <- lbfgsb(p$par, p$fn, p$gr, control = list(m = 7))
    for (at in c(0, 1)) for (weight in c(2^-40, 1, 2^20)) {
      fn <- function(x) p$fn(x[others]) + (x[["held"]] - at) * weight * sum(x[others]^2)
      gr <- function(x) c(p$gr(x[others]) + 2 * (x[["held"]] - at) * weight * x[others], weight * sum(x[others]^2))
      beside <- lbfgsb(c(p$par, held = at), fn, gr, fixed = c(held = at), control = list(m = 7))
      expect_identical(unname(beside$par[others]), unname(alone$par))
      expect_identical(beside$counts, alone$counts)
      expect_identical(beside$gradient[["held"]], weight * sum(alone$par^2))
    }
  }
})

test_that("from 0, too, what is fixed tells nothing of the sizes of others", {
  target <- 1:3
  run <- function(slope) {
    lbfgsb(numeric(4), function(x) sum((x[1:3] - target)^4 + (x[1:3] - target)^2) + slope * x[4],
           function(x) c(4 * (x[1:3] - target)^3 + 2 * (x[1:3] - target), slope),
           lower = c(-Inf, -Inf, -Inf, 0), upper = c(Inf, Inf, Inf, 0))
  }
  for (slope in c(1e-6, 1, 1e6)) expect_identical(run(slope)[c("par", "counts")], run(0)[c("par", "counts")])
})

test_that("NULL is no value to fix", {
  fn <- function(p) sum((unlist(p) - 1:2)^2)
  for (fixed in list(list(a = NULL), list(a = 1, b = NULL))) {
    expect_error(lbfgsb(c(a = 1, b = 2), fn, fixed = fixed), "not NULL: update() frees", fixed = TRUE,
                 class = "lbfgsb_error_argument")
    expect_error(lbfgsb(list(a = 1, b = 2), fn, fixed = fixed), "not NULL: update() frees", fixed = TRUE,
                 class = "lbfgsb_error_argument")
  }
})

test_that("values without names are told how to name the first that is one", {
  fn <- function(p) sum(p^2)
  refused <- function(...) expect_error(lbfgsb(1:3, fn, ...), class = "lbfgsb_error_argument")
  expect_match(conditionMessage(refused(fixed = c(NA, 5, NA))), "fixed = c(\"[2]\" = 5)", fixed = TRUE)
  expect_match(conditionMessage(refused(fixed = NA)), "fixed = c(\"[1]\" = 1)", fixed = TRUE)
})

test_that("what many fits cannot fix is an error before any of them runs", {
  calls <- 0
  squares <- function(par, d) {
    calls <<- calls + 1
    sum((d - par[["a"]] - par[["b"]] * seq_along(d))^2)
  }
  many <- function(fixed, par = c(a = 1, b = 1), ...) lbfgsb_many(par, squares, data = list(1:3, c(2, 5, 7)), fixed = fixed, ...)
  expect_error(many(c(zz = 1)), "`fixed` has names that `par` does not have: \"zz\"; it has a, b", class = "lbfgsb_error_argument")
  expect_error(many(list(zz = 1), list(a = 1, b = 1)), "\"zz\"", class = "lbfgsb_error_argument")
  expect_error(many(1), "must name the parameters to fix", class = "lbfgsb_error_argument")
  expect_error(many(c(a = NA)), "must be finite", class = "lbfgsb_error_argument")
  expect_error(many(c(a = -1), lower = 0), "must lie within", class = "lbfgsb_error_argument")
  expect_identical(calls, 0)
  expect_identical(coef(many(c(a = 0)))[, "a"], c(0, 0))
  expect_identical(coef(many(list(a = 0), list(a = 1, b = 1)))[, "a"], c(0, 0))
  each <- suppressWarnings(many(c(a = 0), lower = rbind(c(a = -1, b = 0), c(1, 0))))
  expect_identical(is.na(each$value), c(FALSE, TRUE))
})
