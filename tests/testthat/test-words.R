test_that("values and elements are described in few words", {
  expect_identical(kind_of(NULL), "NULL")
  expect_identical(kind_of(sum), "a function")
  expect_identical(kind_of(Sys.Date()), "an object of class 'Date'")
  expect_identical(kind_of(list(1)), "a list of length 1")
  expect_identical(kind_of(1:2), "a numeric vector of length 2")
  expect_identical(enumerate(letters[1:5]), "a, b, c, d, e")
  expect_identical(enumerate(letters[1:6]), "a, b, c, d, e and 1 more")
  expect_identical(labels_of(c(a = 1, 2)), c("a", "[2]"))
  expect_identical(labels_of(1:3, 2:3), c("[2]", "[3]"))
  expect_identical(labels_of(c(a = 1), integer()), character()) # print(fit, rows = 0)
})

test_that("a name is found in a list, at every depth, and written as one writes it", {
  par <- list(mean = c(b0 = 0, b1 = 1), sigma = 2, deep = list(er = c(x = 1)))
  expect_identical(places_of("b0", par), 'par$mean["b0"]')
  expect_identical(places_of("mean.b1", par), 'par$mean["b1"]')
  expect_identical(places_of("sigma", par), "par$sigma")
  expect_identical(places_of("er", par), "par$deep$er")
  expect_identical(places_of("deep.er.x", par, "lower"), 'lower$deep$er["x"]')
  expect_length(places_of("b2", par), 0)
})

test_that("the nearest names are told, those of elements of a list too", {
  fit <- lbfgsb(list(off = c(group1 = 0, group2 = 0), beta = c(0, 0)), function(p) sum((unlist(p) - 1:4)^2),
                control = list(fn_is = "negloglik"))
  expect_error(update(fit, fixed = c(off.grup2 = 1)), 'did you mean "off.group2"?', fixed = TRUE)
  expect_error(update(fit, fixed = list(off.grup2 = 1)), 'did you mean "off.group2"?', fixed = TRUE)
  expect_error(confint(fit, "off.group3"), 'did you mean "off.group1" or "off.group2"?', fixed = TRUE)
  expect_error(profile(fit, "beta[2]"), 'did you mean "beta2"?', fixed = TRUE)
})

test_that("a name that par does not have is told as it is to be written", {
  y <- cars$dist
  nll <- function(par) -sum(dnorm(y, par$mean["b0"] + par$mean["b1"] * cars$speed, par$sigma, log = TRUE))
  start <- list(mean = c(b0 = 0, b1 = 1), sigma = 10)
  fit <- lbfgsb(start, nll, lower = list(sigma = 0.1), control = list(fn_is = "negloglik"))
  expect_snapshot(error = TRUE, {
    update(fit, fixed = list(b0 = 1))
    update(fit, fixed = list(mean = c(b2 = 1)))
    update(fit, fixed = c(b0 = 1))
    update(fit, fixed = c(b7 = 1))
    lbfgsb(c(1, 2), function(par) sum(par^2), lower = c(sigma = 0))
    lbfgsb(start, function(par) NA * sum(par$b1))
    lbfgsb_delta(fit, function(par) par["b0"])
    lbfgsb_delta(fit, function(par) par["sigma"])
    lbfgsb_delta(fit, function(par) par$mean["b2"])
    lbfgsb_delta(fit, function(par) par$b0)
    confint(fit, "b0")
    profile(fit, "b0")
  })
})

test_that("large numbers of elements are written in full", {
  expect_identical(labels_of(numeric(2e5), c(7, 1e5)), c("[7]", "[100000]"))
  expect_match(conditionMessage(lbfgsb_warning_limit("maxit", 1e5)), "`maxit` = 100000 already", fixed = TRUE)
})

test_that("names that are none in R are quoted in code to be typed", {
  squares <- function(p) sum((p - 1:2)^2)
  fit <- lbfgsb(c("(Intercept)" = 0, b = 0), squares, control = list(fn_is = "other"))
  expect_error(update(fit, . ~ . - 1), "update(fit, fixed = c(\"(Intercept)\" = 0))", fixed = TRUE)
  expect_error(update(fit, fixed = c("(Intercept)" = Inf)), "lower = c(\"(Intercept)\" = -Inf)", fixed = TRUE)
  expect_error(update(fit, fixed = c("(Intercept)" = 2, b = NA)), "as in fixed = c(\"(Intercept)\" = 2)", fixed = TRUE)
})
