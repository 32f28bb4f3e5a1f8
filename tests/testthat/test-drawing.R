nll <- function(par, y, w = 1) -sum(w * dgamma(y, par["shape"], par["rate"], log = TRUE))
fit <- lbfgsb(c(shape = 2, rate = 0.2), nll, y = cars$speed, lower = 1e-6,
              control = list(fn_is = "negloglik", nobs = 50))
line_fit <- function(fn, ...) lbfgsb(c(a = 0, b = 1), fn, ..., control = list(fn_is = "squares", nobs = 50))
squares <- function(par, x, y) sum((y - par["a"] - par["b"] * x)^2)

test_that("groups are drawn whole, strata keep their sizes", {
  groups <- rep(1:10, each = 5)
  strata <- rep(c("a", "b"), c(15, 35))
  scheme <- drawing_scheme(fit, "w", NULL, NULL, groups, strata)
  expect_identical(scheme$strata, rep(c("a", "b"), c(3, 7)))
  times <- with_random_state(1, draw_counts(scheme$members))
  expect_identical(c(sum(times[1:3]), sum(times[4:10])), c(3L, 7L))
  expect_identical(drawn_arguments(scheme, times), list(w = as.double(rep(times, each = 5))))
  rows <- drawing_scheme(fit, NULL, "y", NULL, groups, NULL)
  expect_identical(sort(drawn_arguments(rows, times)$y), sort(rep(cars$speed, rep(times, each = 5))))
  clustered <- lbfgsb_boot(fit, 2, weights = "w", groups = groups, strata = strata)
  expect_identical(nrow(clustered$data), 10L)
})

test_that("data in several arguments are drawn together", {
  together <- lbfgsb_boot(line_fit(squares, x = cars$speed, y = cars$dist), 5, data = c("y", "x"))
  in_frame <- line_fit(function(par, d) squares(par, d$speed, d$dist), d = cars)
  expect_equal(together$t, lbfgsb_boot(in_frame, 5, data = "d")$t, tolerance = 1e-6)
  matrix_fit <- line_fit(function(par, X, y) squares(par, X[, 2], y), X = cbind(1, cars$speed), y = cars$dist)
  expect_equal(together$t, lbfgsb_boot(matrix_fit, 5, data = c("X", "y"))$t, tolerance = 1e-6)
})

test_that("what has as many rows and is not drawn is told, unless data are simulated", {
  fit <- line_fit(squares, x = cars$speed, y = cars$dist)
  told <- tryCatch(lbfgsb_boot(fit, 5, data = "y"), warning = identity)
  expect_s3_class(told, c("lbfgsb_warning_drawn", "lbfgsb_warning", "warning", "condition"), exact = TRUE)
  expect_identical(unclass(told)[c("drawn", "kept")], list(drawn = "y", kept = "x"))
  expect_snapshot(invisible(lbfgsb_boot(fit, 2, data = "y")))
  draw <- function(par, x, y) rnorm(50, par["a"] + par["b"] * x, 15)
  expect_silent(lbfgsb_boot(fit, 2, data = "y", simulate = draw))
  expect_silent(lbfgsb_boot(fit, 2, data = c("x", "y")))
})

test_that("elements of a list are drawn if they are observations, not if they are variables", {
  subjects <- unname(split(cars, rep(1:10, 5)))
  over <- function(par, d) sum(vapply(d, function(part) squares(par, part$speed, part$dist), 0))
  listed <- lbfgsb_boot(line_fit(over, d = subjects), 3, data = "d")
  rows <- line_fit(function(par, d) squares(par, d$speed, d$dist), d = cars)
  expect_equal(listed$t, lbfgsb_boot(rows, 3, data = "d", groups = rep(1:10, 5))$t, tolerance = 1e-6)
  variables <- line_fit(function(par, d) squares(par, d$speed, d$dist), d = as.list(cars))
  expect_error(lbfgsb_boot(variables, 3, data = "d"), "data.frame(d)", fixed = TRUE, class = "lbfgsb_error_argument")
})

test_that("parts as of split(), with the names of their groups, are drawn, also two lists of them together", {
  skip_if_not_installed("nlme")
  parts <- split(nlme::Orthodont$distance, as.character(nlme::Orthodont$Subject))
  intercepts <- function(p, parts) {
    part <- function(y) { # of a normal distribution with the variance s^2 I + t^2 11'
      n <- length(y)
      r <- y - p[["mu"]]
      v <- p[["s"]]^2
      u <- p[["t"]]^2
      (n * log(2 * pi) + (n - 1) * log(v) + log(v + n * u) + (sum(r^2) - u / (v + n * u) * sum(r)^2) / v) / 2
    }
    sum(vapply(parts, part, 0))
  }
  fit_to <- function(parts) {
    lbfgsb(c(mu = 20, s = 1, t = 1), intercepts, parts = parts, lower = c(s = 0.01, t = 0), control = list(fn_is = "negloglik"))
  }
  unnamed <- lbfgsb_boot(fit_to(unname(parts)), 5, data = "parts")
  expect_identical(lbfgsb_boot(fit_to(parts), 5, data = "parts")$t, unnamed$t)
  ragged <- parts
  for (i in 1:9) ragged[[i]] <- ragged[[i]][-1]
  expect_identical(lbfgsb_boot(fit_to(ragged), 2, data = "parts")$t, lbfgsb_boot(fit_to(unname(ragged)), 2, data = "parts")$t)
  over <- function(par, x, y) sum(mapply(function(x, y) squares(par, x, y), x, y))
  xs <- split(cars$speed, rep(letters[1:10], each = 5))
  ys <- split(cars$dist, rep(letters[1:10], each = 5))
  together <- lbfgsb_boot(line_fit(over, x = xs, y = ys), 3, data = c("x", "y"))
  expect_identical(together$t, lbfgsb_boot(line_fit(over, x = unname(xs), y = unname(ys)), 3, data = c("x", "y"))$t)
})

test_that("variables in a list of other lengths, or taken by place, are refused with what to do", {
  with_prior <- function(par, d) squares(par, d$speed, d$dist) + sum((par - d$prior)^2)
  by_place <- function(par, d) squares(par, d[[1]], d[[2]])
  expect_snapshot(error = TRUE, {
    lbfgsb_boot(line_fit(with_prior, d = c(cars, list(prior = 0:1))), 3, data = "d")
    lbfgsb_boot(line_fit(by_place, d = as.list(cars)), 3, data = "d")
  })
})

test_that("variables of which one is a matrix are made a data frame in which it stays one", {
  squares <- function(par, d) sum((d$y - d$X %*% par)^2)
  data <- list(X = cbind(1, cars$speed), y = cars$dist)
  fit <- lbfgsb(c(0, 0), squares, d = data, control = list(fn_is = "squares"))
  expect_error(lbfgsb_boot(fit, 5, data = "d"), "fit with data.frame(lapply(d, I))", fixed = TRUE, class = "lbfgsb_error_argument")
  fit <- lbfgsb(c(0, 0), squares, d = data.frame(lapply(data, I)), control = list(fn_is = "squares"))
  expect_identical(dim(lbfgsb_boot(fit, 5, data = "d")$t), c(5L, 2L))
})

test_that("what fn does not depend on is refused, as are draws that change nothing", {
  unused <- function(par, y, w = 1) nll(par, y)
  global <- function(par, ...) nll(par, cars$speed)
  expect_snapshot(error = TRUE, {
    lbfgsb_boot(update(fit, fn = unused, control = list(nobs = 50)), 9, weights = "w")
    lbfgsb_boot(update(fit, fn = global, control = list(nobs = 50)), 9, data = "y")
    lbfgsb_boot(update(fit, fn = global, control = list(nobs = 50)), 9, data = "y", simulate = function(par, y) 1)
    lbfgsb_boot(fit, 9, weights = "w", strata = 1:50)
    lbfgsb_boot(fit, 9, data = "y", groups = rep(1, 50))
    lbfgsb_boot(fit, 9, data = c("y", "y"))
    lbfgsb_boot(line_fit(squares, x = 3, y = cars$dist), 9, data = c("x", "y"))
  })
  pair <- lbfgsb(c(m = 0), function(par, y) sum((y - par)^2), y = c(1, 4), control = list(fn_is = "squares", nobs = 2))
  for (seed in 1:20) expect_silent(lbfgsb_boot(pair, 1, data = "y", seed = seed))
})

test_that("weights that count equal observations are told", {
  counted <- table(warpbreaks$breaks)
  breaks <- as.numeric(names(counted))
  nll <- function(par, w) -sum(w * dpois(breaks, par[["rate"]], log = TRUE))
  fit_to <- function(w, nobs = 54) lbfgsb(c(rate = 20), nll, w = w, control = list(fn_is = "negloglik", nobs = nobs))
  warned <- tryCatch(lbfgsb_boot(fit_to(as.vector(counted)), 2, weights = "w"), lbfgsb_warning_frequencies = identity)
  expect_identical(warned[c("argument", "observations")], list(argument = "w", observations = 54L))
  expect_snapshot(writeLines(conditionMessage(warned)))
  single <- fit_to(1 + 0 * breaks, length(breaks))
  fractions <- fit_to(54 * breaks / sum(breaks))
  for (fit in list(single, fractions, fit_to(as.vector(counted), 53))) {
    expect_silent(lbfgsb_boot(fit, 2, weights = "w"))
  }
})

test_that("a table of counts, whose cells would be drawn, is told, and what is told draws its observations", {
  n <- c(A = 186, B = 38, AB = 13, O = 284) # blood groups
  abo <- function(p, n) {
    p <- c(p, 1 - sum(p))
    sum(n * log(c(p[1]^2 + 2 * p[1] * p[3], p[2]^2 + 2 * p[2] * p[3], 2 * p[1] * p[2], p[3]^2)))
  }
  fit_to <- function(n, nobs = sum(n), fn = abo) {
    lbfgsb(c(A = 0.3, B = 0.1), fn, n = n, lower = 1e-3, upper = 0.45, control = list(fn_is = "loglik", nobs = nobs))
  }
  fit <- fit_to(n)
  told <- expect_warning(lbfgsb_boot(fit, 2, data = "n"), class = "lbfgsb_warning_frequencies")
  expect_identical(told[c("argument", "observations")], list(argument = "n", observations = 521))
  advised <- function(told) eval(str2lang(sub(".* simulate = ", "", conditionMessage(told))))
  b <- expect_silent(lbfgsb_boot(fit, 199, data = "n", simulate = advised(told)))
  expect_equal(summary(b)$se, sqrt(diag(vcov(fit))), tolerance = 0.2, ignore_attr = TRUE)
  framed <- fit_to(data.frame(group = names(n), count = n), 521, function(p, n) abo(p, n$count))
  told_of_column <- expect_warning(lbfgsb_boot(framed, 2, data = "n"), class = "lbfgsb_warning_frequencies")
  expect_identical(lbfgsb_boot(framed, 3, data = "n", simulate = advised(told_of_column))$t, b$t[1:3, ])
  told_of_shares <- expect_warning(lbfgsb_boot(fit_to(n / 521, 521), 2, data = "n"), class = "lbfgsb_warning_frequencies")
  expect_snapshot(for (w in list(told, told_of_column, told_of_shares)) writeLines(conditionMessage(w)))
  several <- function(p, n) sum(vapply(n, function(part) abo(p, part), 0))
  for (fit in list(fit_to(n, NULL), fit_to(n, 4))) { # of which the places tell what they are
    expect_identical(classes_warned(lbfgsb_boot(fit, 2, data = "n")), "lbfgsb_warning_order")
  }
  expect_silent(lbfgsb_boot(fit_to(list(n, 2 * n, 3 * n), 3126, several), 2, data = "n"))
  wide <- matrix(rep(0:3, 10), 10)
  means <- lbfgsb(c(m = 1), function(m, y) -sum(dpois(y, m, log = TRUE)), y = wide, control = list(fn_is = "negloglik", nobs = 40))
  expect_silent(lbfgsb_boot(means, 2, data = "y"))
})

test_that("weights that are no numbers, and simulate without data, say how data are named", {
  weigh <- function(w, nobs = 50) {
    fit <- lbfgsb(c(m = 1), function(par, w) (par - 1)^2, w = w, control = list(fn_is = "negloglik", nobs = nobs))
    lbfgsb_boot(fit, 9, weights = "w")
  }
  expect_snapshot(error = TRUE, {
    weigh(cars)
    weigh(letters)
    weigh(as.matrix(cars))
    weigh(sum)
    weigh(factor("a"))
    lbfgsb_boot(fit, 9, simulate = function(par, y) y)
    lbfgsb_boot(fit, 9, weights = "w", simulate = function(par, y) y)
    lbfgsb_boot(fit, 9, data = "y", simulate = 3)
    lbfgsb_boot(fit, 9, data = c("y", "w"), simulate = function(par, y) y)
  })
})

test_that("what a fit was given by position is drawn, or an error where its name cannot be told", {
  prior <- rep(c(0.5, 1.5), 25)
  by <- function(fn, ...) {
    lbfgsb(c(shape = 2, rate = 0.2), fn, NULL, ..., lower = 1e-6, control = list(fn_is = "negloglik", nobs = 50))
  }
  scheme_of <- function(fit, ...) drawing_scheme(fit, ..., simulate = NULL, groups = NULL, strata = NULL)
  by_position <- by(function(par, y, w = 1, ...) nll(par, y, w), cars$speed, prior)
  expect_identical(scheme_of(by_position, "w", NULL)$originals, list(w = prior))
  expect_identical(scheme_of(by_position, NULL, c("y", "w"))$originals, list(y = cars$speed, w = prior))
  expect_equal(lbfgsb_boot(by_position, 3, weights = "w")$t,
               lbfgsb_boot(by(nll, y = cars$speed, w = prior), 3, weights = "w")$t, tolerance = 1e-5)
  expect_error(lbfgsb_boot(by(function(p, ...) nll(p, ...), cars$speed), 3, weights = "w"), "without a name",
               class = "lbfgsb_error_argument")
})

test_that("an array of one dimension is drawn as a vector, one of three is refused by its name", {
  y <- tapply(warpbreaks$breaks, rep(1:27, 2), mean)
  fn <- function(p, y) -sum(dnorm(y, p[["m"]], p[["s"]], log = TRUE))
  by <- function(y) lbfgsb(c(m = 20, s = 5), fn, y = y, lower = c(s = 0.1), control = list(fn_is = "negloglik"))
  expect_equal(lbfgsb_boot(by(y), 5, data = "y")$t, lbfgsb_boot(by(c(y)), 5, data = "y")$t)
  expect_error(lbfgsb_boot(by(array(y, c(9, 3, 1))), 5, data = "y"), "y is an array of 3 dimensions",
               class = "lbfgsb_error_argument")
})

test_that("groups and strata are refused where a model draws the data", {
  simulate <- function(par, y) rgamma(50, par[["shape"]], par[["rate"]])
  for (units in list(list(groups = rep(1:10, 5)), list(strata = rep(1:2, 25)))) {
    asked <- c(list(fit, 3, data = "y", simulate = simulate), units)
    expect_error(do.call(lbfgsb_boot, asked), "has no meaning with `simulate`", class = "lbfgsb_error_argument")
  }
})

test_that("trials beside their successes are no counts to draw", {
  d <- with_random_state(1, data.frame(n = rpois(15, 20) + 5, x = rnorm(15)))
  d$r <- with_random_state(2, rbinom(15, d$n, 0.4))
  ll <- function(p, d) sum(dbinom(d$r, d$n, plogis(p[["a"]] + p[["b"]] * d$x), log = TRUE))
  fit <- lbfgsb(c(a = 0, b = 0), ll, d = d, control = list(fn_is = "loglik", nobs = sum(d$n)))
  told <- expect_warning(lbfgsb_boot(fit, 2, data = "d"), class = "lbfgsb_warning_frequencies")
  expect_match(conditionMessage(told), "trials with their successes, this is right", fixed = TRUE)
  expect_no_match(conditionMessage(told), "rmultinom")
})

test_that("two variables in a list that fn takes symmetrically are no observations", {
  l <- list(before = c(1, 2, 4, 3), after = c(2, 2, 5, 5))
  fit <- lbfgsb(c(m = 0, s = 1), function(p, l) sum(((l[[1]] - l[[2]])^2 - p[["m"]])^2) / p[["s"]]^2 + log(p[["s"]]), l = l,
                lower = c(s = 0.1), control = list(fn_is = "negloglik", nobs = 4))
  expect_error(lbfgsb_boot(fit, 2, data = "l"), class = "lbfgsb_error_argument")
})

test_that("a list that fn walks by its names is drawn", {
  sprays <- split(InsectSprays$count, InsectSprays$spray)
  fit_to <- function(fn) lbfgsb(c(m = 1), fn, sprays = sprays, control = list(fn_is = "negloglik", nobs = 72))
  term <- function(y, p) -sum(dpois(y, exp(p[["m"]]), log = TRUE))
  by_names <- fit_to(function(p, sprays) sum(vapply(names(sprays), function(k) term(sprays[[k]], p), 0)))
  by_parts <- fit_to(function(p, sprays) sum(vapply(sprays, term, 0, p)))
  expect_identical(lbfgsb_boot(by_names, 9, data = "sprays")$t, lbfgsb_boot(by_parts, 9, data = "sprays")$t)
  some <- fit_to(function(p, sprays) term(sprays$A, p) + term(sprays$B, p))
  expect_error(lbfgsb_boot(some, 9, data = "sprays"), "as variables", class = "lbfgsb_error_argument")
})

test_that("names of what is drawn are no table of counts", {
  y <- with_random_state(1, rnorm(100))
  subject <- rep(1:20, each = 5)
  nll <- function(p, ids) -sum(dnorm(y[unlist(lapply(ids, function(i) which(subject == i)))], p[["m"]], p[["s"]], log = TRUE))
  fit_of <- function(ids) {
    lbfgsb(c(m = 0, s = 1), nll, ids = ids, lower = c(s = 0.1), control = list(fn_is = "negloglik", nobs = 100))
  }
  for (ids in list(1:20, as.character(20:1))) expect_no_warning(lbfgsb_boot(fit_of(ids), 9, data = "ids"))
  cells <- lbfgsb(c(m = 0), function(p, d) sum((d - p)^2), d = c(3.5, 2, 4), control = list(fn_is = "squares", nobs = 100))
  expect_warning(lbfgsb_boot(cells, 9, data = "d"), class = "lbfgsb_warning_frequencies")
})

test_that("rows on whose order fn depends are told", {
  series <- function(p, y) sum((y[-1] - p[["a"]] - p[["b"]] * y[-length(y)])^2)
  fit_to <- function(fn, ...) lbfgsb(c(a = 1, b = 0.1), fn, ..., control = list(fn_is = "squares", nobs = 50))
  lag <- fit_to(series, y = as.numeric(Nile)[1:51])
  warned <- expect_warning(lbfgsb_boot(lag, 3, data = "y"), class = "lbfgsb_warning_order")
  expect_identical(warned$arguments, "y")
  expect_snapshot(writeLines(conditionMessage(warned)))
  draw <- function(par, y) as.numeric(filter(c(y[1], rnorm(50)), par[["b"]], "recursive"))
  expect_no_warning(lbfgsb_boot(lag, 3, data = "y", simulate = draw))
  closed <- function(p, y) 2e9 + series(p, c(y, y[1])) # beside much else, and without ends
  expect_warning(lbfgsb_boot(fit_to(closed, y = as.numeric(Nile)[1:51]), 3, data = "y"), class = "lbfgsb_warning_order")
  read <- fit_to(function(p, y) sum((y - p[["a"]] - p[["b"]] * cars$speed)^2), y = cars$dist)
  expect_warning(lbfgsb_boot(read, 3, data = "y"), class = "lbfgsb_warning_order")
  given <- fit_to(function(p, y, x) sum((y - p[["a"]] - p[["b"]] * x)^2), y = cars$dist, x = cars$speed)
  expect_no_warning(lbfgsb_boot(given, 3, data = c("y", "x")))
  expect_identical(classes_warned(lbfgsb_boot(given, 3, data = "y")), "lbfgsb_warning_drawn")
  blocks <- fit_to(function(p, y) sum((y - rep(p, each = 25))^2), y = cars$dist)
  expect_warning(lbfgsb_boot(blocks, 3, data = "y"), class = "lbfgsb_warning_order")
  expect_no_warning(lbfgsb_boot(blocks, 3, data = "y", strata = rep(1:2, each = 25)))
})

test_that("random numbers in fn tell nothing of the order of rows, and fn without a value in another one does", {
  fit_to <- function(fn, ...) lbfgsb(c(m = 1), fn, ..., control = list(fn_is = "negloglik"))
  y <- with_random_state(1, rnorm(30))
  by_draws <- function(p, y) {
    set.seed(1)
    z <- matrix(rnorm(30 * 5), 30)
    -sum(log(rowMeans(dnorm(y, p + z, 1))))
  }
  withr::local_seed(2)
  drawn <- fit_to(by_draws, y = y)
  runif(1)
  before <- .Random.seed
  expect_identical(classes_warned(lbfgsb_boot(drawn, 2, data = "y")), character())
  expect_identical(.Random.seed, before)
  times <- cumsum(c(1, 2, 1, 3, 2, 4, 1, 2))
  gaps <- fit_to(function(p, t) -sum(dnorm(log(diff(t) + 1), p, 1, log = TRUE)), t = times) # NaN in another order
  expect_identical(classes_warned(lbfgsb_boot(gaps, 2, data = "t")), "lbfgsb_warning_order")
  ordered <- fit_to(function(p, t) if (is.unsorted(t)) stop("unsorted") else sum((t - p)^2), t = times)
  expect_identical(classes_warned(lbfgsb_boot(ordered, 2, data = "t")), "lbfgsb_warning_order")
})

test_that("strata that are no blocks of rows do not keep their places", {
  y <- with_random_state(1, rnorm(30))
  fit_to <- function(x) {
    lbfgsb(c(a = 1, b = 0.1), function(p, y) sum((y - p[["a"]] - p[["b"]] * x)^2), y = y, control = list(fn_is = "squares", nobs = 30))
  }
  for (x in list(rep(1:3, 10), rep(1:3, each = 10))) {
    told <- classes_warned(b <- lbfgsb_boot(fit_to(x), 3, data = "y", strata = x))
    drawn <- rep(1:30, with_random_state(random_streams(1, 1)[[1]], draw_counts(split(1:30, x))))
    expect_identical(told, if (!identical(x[drawn], x)) "lbfgsb_warning_order" else character())
  }
})
