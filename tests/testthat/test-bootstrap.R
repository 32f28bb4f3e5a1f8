nll <- function(par, y, w = 1) -sum(w * dgamma(y, par["shape"], par["rate"], log = TRUE))
gamma_fit <- function(...) {
  lbfgsb(c(shape = 2, rate = 0.2), nll, y = cars$speed, lower = 1e-6, ...,
         control = list(fn_is = "negloglik", nobs = 50, factr = 10))
}
fit <- gamma_fit()

test_that("refits are those of lbfgsb() to what each stream draws", {
  b <- lbfgsb_boot(fit, 3, weights = "w", seed = 4)
  expect_s3_class(b, c("lbfgsb_boot", "boot"), exact = TRUE)
  counts <- with_random_state(random_streams(4, 2)[[2]], tabulate(sample.int(50, replace = TRUE), 50))
  expect_equal(b$t[2, ], suppressMessages(update(fit, w = counts))$par, tolerance = 1e-5)
  expect_identical(b$t0, coef(fit))
  expect_identical(dim(b$t), c(3L, 2L))
})

test_that("a replicate depends on the seed and its number alone", {
  few <- lbfgsb_boot(fit, 3, weights = "w")
  more <- lbfgsb_boot(fit, 5, weights = "w")
  expect_identical(more$t[1:3, ], few$t)
  expect_false(identical(lbfgsb_boot(fit, 3, weights = "w", seed = 2)$t, few$t))
})

test_that("a bootstrap goes on to more replicates, those of one from the beginning, failures included", {
  picky <- function(par, y) if (mean(y) > 15.7) stop("too fast") else nll(par, y)
  fit <- lbfgsb(c(shape = 2, rate = 0.2), picky, y = cars$speed, lower = 1e-6, control = list(fn_is = "negloglik", nobs = 50))
  whole <- lbfgsb_boot(fit, 12, data = "y")
  expect_gt(sum(whole$failures$times), 1)
  more <- lbfgsb_boot(lbfgsb_boot(fit, 5, data = "y"), replicates = 12)
  expect_identical(more[c("t", "R", "failures", "seed")], whole[c("t", "R", "failures", "seed")])
  expect_identical(lbfgsb_boot(whole, 12), whole)
  expect_snapshot(error = TRUE, {
    lbfgsb_boot(whole, 9)
    lbfgsb_boot(whole, 20, data = "y", seed = 2)
  })
})

test_that("an error of simulate leaves out the refit", {
  draws <- 0
  simulate <- function(par, y) {
    if ((draws <<- draws + 1) == 3) stop("no data") # the first looks whether fn depends on y
    rgamma(50, par["shape"], par["rate"])
  }
  b <- lbfgsb_boot(fit, 3, data = "y", simulate = simulate)
  expect_identical(is.na(b$t[, 1]), c(FALSE, TRUE, FALSE))
  expect_identical(b$failures, data.frame(message = "no data", times = 1L))
})

test_that("what boot() calls otherwise is told", {
  expect_snapshot(error = TRUE, {
    lbfgsb_boot(fit, 9, statistic = function(d, i) mean(d[i]))
    lbfgsb_boot(fit, 9, data = "y", ran.gen = rgamma)
  })
})

test_that("drawn rows and weights are the same bootstrap", {
  expect_equal(lbfgsb_boot(fit, 5, data = "y")$t, lbfgsb_boot(fit, 5, weights = "w")$t, tolerance = 1e-5)
  squares <- function(par, d) sum((d$dist - par["a"] - par["b"] * d$speed)^2)
  line <- lbfgsb(c(a = 0, b = 1), squares, d = cars, control = list(fn_is = "squares", nobs = 50))
  b <- lbfgsb_boot(line, 2, data = "d")
  rows <- with_random_state(random_streams(1, 1)[[1]], tabulate(sample.int(50, replace = TRUE), 50))
  expect_equal(b$t[1, ], coef(lm(dist ~ speed, cars[rep(1:50, rows), ])), tolerance = 1e-5, ignore_attr = TRUE)
})

test_that("a model that draws another number of observations is told", {
  draw <- function(n) function(par, ...) rgamma(n, par["shape"], par["rate"])
  told <- tryCatch(lbfgsb_boot(fit, 2, data = "y", simulate = draw(10)), lbfgsb_warning_size = identity)
  expect_identical(told$sizes, c(10L, 50L))
  expect_match(conditionMessage(told), "`simulate` draws 10 observations for `y`, which has 50: the errors are", fixed = TRUE)
  expect_silent(lbfgsb_boot(fit, 2, data = "y", simulate = draw(50)))
})

test_that("simulated data come from the model at the estimate", {
  simulate <- function(par, y) {
    stopifnot(identical(par, fit$par), identical(y, cars$speed))
    rgamma(50, par["shape"], par["rate"])
  }
  b <- lbfgsb_boot(fit, 100, data = "y", simulate = simulate)
  expect_identical(b$sim, "parametric")
  drawn <- with_random_state(random_streams(1, 1)[[1]], rgamma(50, fit$par["shape"], fit$par["rate"]))
  expect_equal(b$t[1, ], suppressMessages(update(fit, y = drawn))$par, tolerance = 1e-5)
  expect_equal(sqrt(diag(vcov(b))), sqrt(diag(vcov(fit))), tolerance = 0.3)
  expect_error(influence(b), class = "lbfgsb_error_argument")
})

test_that("weights of the fit are multiplied", {
  weighted <- gamma_fit(w = rep(c(1, 3), 25))
  times <- with_random_state(random_streams(1, 1)[[1]], draw_counts(list(1:50)))
  again <- suppressMessages(update(weighted, w = rep(c(1, 3), 25) * times))
  expect_equal(lbfgsb_boot(weighted, 1, weights = "w")$t[1, ], again$par, tolerance = 1e-5)
})

test_that("intervals are those of boot.ci", {
  skip_if_not_installed("boot")
  b <- lbfgsb_boot(fit, 999, weights = "w")
  theirs <- boot::boot.ci(b, type = c("perc", "basic"), index = 2)
  expect_equal(confint(b, "rate")[1, ], theirs$percent[4:5], ignore_attr = TRUE)
  expect_equal(confint(b, "rate", type = "basic")[1, ], theirs$basic[4:5], ignore_attr = TRUE)
  L <- influence(b)
  bca <- boot::boot.ci(b, type = "bca", index = 2, L = L[, "rate"])
  expect_equal(confint(b, "rate", type = "bca")[1, ], bca$bca[4:5], tolerance = 1e-2, ignore_attr = TRUE)
  by_itself <- boot::boot.ci(b, type = "bca", index = 2) # by refits with weights
  expect_equal(bca$bca[4:5], by_itself$bca[4:5], tolerance = 0.05)
  rows <- lbfgsb_boot(fit, 99, data = "y")
  expect_error(boot::boot.ci(rows, type = "bca"), class = "lbfgsb_error_argument", "influence")
})

test_that("influence is that of the jackknife", {
  influence <- influence(lbfgsb_boot(fit, 2, data = "y"))
  expect_identical(dim(influence), c(50L, 2L))
  without <- coef(suppressMessages(update(fit, y = cars$speed[-7])))
  expect_equal(influence[7, ], 49 * (coef(fit) - without), tolerance = 1e-3)
})

test_that("refits that fail are left out, and it is said", {
  calls <- 0
  failing <- function(par, y, w = 1) if (length(w) > 1 && w[1] > 0) stop("the first counts") else nll(par, y, w)
  b <- lbfgsb_boot(update(fit, fn = failing, control = list(nobs = 50)), 20, weights = "w")
  left_out <- is.na(b$t[, 1])
  draws_first <- function(stream) with_random_state(stream, draw_counts(list(1:50)))[1] > 0
  first_drawn <- vapply(random_streams(1, 20), draws_first, NA)
  expect_identical(left_out, first_drawn)
  expect_identical(b$failures, data.frame(message = "the first counts", times = sum(first_drawn)))
  expect_warning(confint(b, level = 0.5), paste("leave out", sum(first_drawn), "of 20 refits"),
                 class = "lbfgsb_warning_refits")
  expect_output(print(b), "left out: the first counts")
  limited <- lbfgsb_boot(fit, 3, weights = "w", control = list(maxit = 30))
  expect_identical(nrow(limited$failures), 0L)
  expect_error(lbfgsb_boot(fit, 3, weights = "w", control = list(maxit = 0)), "maxit = 0",
               class = "lbfgsb_error_starts")
})

test_that("intervals of an estimate at its bound warn, and name the profile", {
  y <- c(2, 0, 1, 3, 0, 1, 1, 2, 0, 0)
  d <- data.frame(y = y, none = rep(0:1, each = 5) * (y > 9))
  rates <- function(p, d) -sum(dpois(d$y, p[["a"]] + p[["b"]] * rep(0:1, each = 5), log = TRUE))
  fit <- lbfgsb(c(a = 1, b = 0.1), rates, d = d, lower = c(a = 0.1, b = 0), control = list(fn_is = "negloglik"))
  expect_identical(as.character(fit$bounds), c("free", "at lower"))
  b <- lbfgsb_boot(fit, 39, data = "d")
  expect_silent(confint(b, "a"))
  for (type in c("percentile", "bca")) {
    warned <- expect_warning(confint(b, type = type), "b is at its bound", class = "lbfgsb_warning_bound")
    expect_match(conditionMessage(warned), "confint(fit, \"b\", method = \"profile\")", fixed = TRUE)
    expect_identical(warned$elements, 2L)
  }
})

test_that("the bootstrap of an estimate at infinity warns, and names the profile, which has no upper limit", {
  skip_if_not_installed("MASS")
  d <- MASS::bacteria[1:40, ]
  expect_true(all(d$y[d$trt == "drug"] == "y"))
  nll <- function(p, d, unit = 1) -unit * sum(dbinom(d$y == "y", 1, plogis(p[["a"]] + p[["b"]] * (d$trt == "drug")), log = TRUE))
  by <- function(...) lbfgsb(c(a = 0, b = 0), nll, d = d, ..., control = list(fn_is = "negloglik", nobs = 40))
  fit <- by()
  expect_identical(confint(fit, "b", method = "profile")[[2]], Inf)
  b <- NULL
  # In one of the draws all with another treatment are "y", too.
  expect_warning(warned <- expect_warning(b <- lbfgsb_boot(fit, 39, data = "d"), "confint(fit, \"b\", method = \"profile\")",
                                          fixed = TRUE, class = "lbfgsb_warning_flat"), "1 of 39 refits put a more than")
  expect_identical(warned$elements, 2L)
  expect_silent(confint(b, "a", level = 0.9))
  for (type in c("percentile", "normal")) {
    expect_identical(classes_warned(confint(b, "b", type = type)), "lbfgsb_warning_flat")
    expect_warning(confint(b, "a", type = type), "confint(fit, \"a\", method = \"profile\")", fixed = TRUE)
  }
  expect_snapshot(writeLines(conditionMessage(warned)))
  certain <- data.frame(x = 1:12, y = rep(0:1, each = 6))
  logistic <- function(p, d) -sum(dbinom(d$y, 1, plogis(p[["a"]] + p[["b"]] * d$x), log = TRUE))
  separated <- lbfgsb(c(a = 0, b = 0), logistic, d = certain, control = list(fn_is = "negloglik"))
  expect_warning(try(lbfgsb_boot(separated, 2, data = "d"), silent = TRUE), "barely depends on a, b", class = "lbfgsb_warning_flat")
  inside <- transform(d, y = replace(as.character(y), which(trt == "drug")[1], "n"))
  expect_identical(classes_warned(lbfgsb_boot(update(fit, d = inside), 5, data = "d")), character())
})

test_that("over one and two workers the result is the same to the bit", {
  skip_on_cran()
  alone <- lbfgsb_boot(fit, 7, weights = "w")
  for (workers in 1:2) {
    cluster <- parallel::makePSOCKcluster(workers)
    together <- lbfgsb_boot(fit, 7, weights = "w", control = list(cluster = cluster))
    parallel::stopCluster(cluster)
    expect_identical(together$t, alone$t)
  }
})

test_that("the user's random numbers stay, those of fn are in the stream", {
  withr::local_seed(5)
  before <- .Random.seed
  lbfgsb_boot(fit, 2, weights = "w")
  expect_identical(.Random.seed, before)
})

test_that("par may be a list", {
  listed <- lbfgsb(list(shape = 2, rate = 0.2), function(par, y, w = 1) nll(unlist(par), y, w), y = cars$speed,
                   lower = 1e-6, control = list(nobs = 50))
  expect_equal(lbfgsb_boot(listed, 2, weights = "w")$t, lbfgsb_boot(fit, 2, weights = "w")$t, tolerance = 1e-4)
})

test_that("errors of a sum of squares do not depend on its unit, whether the number of observations is known or not", {
  squares <- function(par, cars, unit) sum((unit * cars$dist - par[["a"]] * (exp(par[["b"]] * cars$speed) - 1))^2)
  errors <- function(unit, nobs = NULL) {
    fit <- lbfgsb(c(a = 20 * unit, b = 0.1), squares, cars = cars, unit = unit, lower = c(a = unit, b = 1e-3),
                  control = list(fn_is = "squares", nobs = nobs))
    summary(lbfgsb_boot(fit, 19, data = "cars"))$se / c(unit, 1)
  }
  right <- errors(1)
  for (unit in c(1e-12, 1e-6, 1e6)) {
    for (nobs in list(NULL, 50)) expect_equal(errors(unit, nobs), right, tolerance = 1e-2, label = paste("in", unit))
  }
})

test_that("the tolerance, the target and the steps of the fit are in its units, not those of the refits", {
  y <- 1e6 * cars$dist
  likelihood <- function(par, y, w = 1) {
    -sum(w * dgamma(y, par[["shape"]], scale = par[["mean"]] / par[["shape"]], log = TRUE))
  }
  errors <- function(...) {
    fit <- lbfgsb(c(mean = 3e7, shape = 1), likelihood, y = y, lower = c(mean = 1, shape = 0.1),
                  control = list(fn_is = "negloglik", nobs = 50, ...))
    summary(lbfgsb_boot(fit, 19, weights = "w"))$se
  }
  right <- errors()
  expect_equal(errors(ndeps = c(shape = 1e-4, mean = 1e3)), right, tolerance = 1e-3)
  expect_equal(errors(ndeps = c(1e-4, 1e-4), parscale = c(1e7, 1)), right, tolerance = 1e-3)
  expect_equal(suppressWarnings(errors(target = 931)), right, tolerance = 1e-3)
  expect_equal(errors(pgtol = 1), right, tolerance = 1e-3)
  expect_equal(errors(pgtol = 1e-6, fnscale = 1e6), right, tolerance = 1e-3)
  expect_snapshot(error = TRUE, {
    lbfgsb_boot(fit, 9, weights = "w", control = list(pgtol = 1e-3))
    lbfgsb_boot(fit, 9, weights = "w", control = list(target = 10))
  })
})

test_that("wrong arguments are errors", {
  expect_snapshot(error = TRUE, {
    lbfgsb_boot(fit, 0, weights = "w")
    lbfgsb_boot(fit, 9)
    lbfgsb_boot(fit, 9, weights = "w", data = "y")
    lbfgsb_boot(fit, 9, weights = 1:50)
    lbfgsb_boot(fit, 9, data = "x")
    lbfgsb_boot(fit, 9, data = "w")
    lbfgsb_boot(fit, 9, weights = "w", simulate = rnorm)
    lbfgsb_boot(fit, 9, data = "y", simulate = function(par) rgamma(50, par["shape"], par["rate"]))
    lbfgsb_boot(fit, 9, weights = "w", strata = 1:3)
    lbfgsb_boot(fit, 9, weights = "w", groups = rep(1, 50), strata = 1:50)
    lbfgsb_boot(update(fit, control = list(nobs = NULL)), 9, weights = "w")
    lbfgsb_boot(list(), 9, weights = "w")
    lbfgsb_boot(3)
  })
})

test_that("print shows estimate, bias and error", {
  expect_snapshot(print(lbfgsb_boot(fit, 19, weights = "w"), digits = 2))
})

test_that("coef and summary are the estimates, bias and errors", {
  b <- lbfgsb_boot(fit, 19, weights = "w")
  expect_identical(coef(b), coef(fit))
  expect_equal(summary(b)$se, sqrt(diag(vcov(b))), ignore_attr = TRUE)
  expect_equal(summary(b)$bias, unname(colMeans(b$t) - coef(fit)))
})

test_that("plot is that of the package boot", {
  skip_if_not_installed("boot")
  withr::local_pdf(NULL)
  b <- lbfgsb_boot(fit, 19, weights = "w")
  expect_s3_class(plot(b, index = 2), "lbfgsb_boot")
})

test_that("a bootstrap of a fit that has not converged warns, once", {
  early <- update(fit, par = c(shape = 2, rate = 0.2), control = list(maxit = 2))
  refits <- quote(lbfgsb_boot(early, 2, weights = "w", control = list(maxit = 1000)))
  expect_identical(classes_warned(eval(refits)), "lbfgsb_warning_unconverged")
})

test_that("the kinds of interval have the names of the package boot, and its normal one", {
  skip_if_not_installed("boot")
  b <- lbfgsb_boot(fit, 49, weights = "w")
  for (i in 1:2) {
    theirs <- boot::boot.ci(b, index = i, type = "norm")$normal[2:3]
    expect_equal(as.vector(confint(b, i, type = "norm")), theirs, tolerance = 1e-12)
  }
  expect_identical(confint(b, type = "perc"), confint(b))
  expect_identical(confint(b, type = "BCa"), confint(b, type = "bca"))
})

test_that("intervals from fewer refits than the level takes warn", {
  few <- lbfgsb_boot(fit, 38, weights = "w")
  enough <- lbfgsb_boot(few, 39)
  expect_snapshot(limits <- confint(few))
  expect_silent(confint(enough))
  expect_warning(confint(enough, level = 0.99, type = "basic"), "at least 199", class = "lbfgsb_warning_refits")
  expect_silent(confint(few, type = "normal"))
  enough$failures <- data.frame(message = "the disk is full", times = 1L)
  expect_warning(expect_warning(confint(enough), "leave out 1 of 39"), "of 38 refits")
})

test_that("intervals by the bootstrap, asked of a fit, are errors that say how to get them", {
  expect_snapshot(error = TRUE, {
    confint(fit, type = "BCa")
    confint(fit, method = "boot")
    confint(fit, method = "norm")
    confint(fit, method = "lr")
  })
  expect_identical(confint(fit, method = "p"), confint(fit, method = "Profile"))
})

# A random intercept of each group. The rows of each group in a list are groups whatever they are called.
test_that("two copies of a group are two groups, also where fn goes by their names", {
  set.seed(3)
  school <- factor(rep(sprintf("s%02d", 1:12), rep(c(4, 7, 10), 4)))
  y <- 1 + rnorm(12)[school] + rnorm(84, 0, 0.7)
  negloglik <- function(p, y, group) {
    v <- exp(2 * p[["log_sd"]])
    u <- exp(2 * p[["log_su"]])
    n <- tabulate(group)
    r <- y - p[["mean"]]
    s <- as.vector(rowsum(r, group))
    sum(log(v) / 2 + r^2 / (2 * v)) + sum(log1p(n * u / v) / 2 - s^2 * u / (2 * v * (v + n * u)))
  }
  start <- c(mean = 0, log_sd = 0, log_su = 0)
  in_list <- function(p, l) negloglik(p, unlist(l), rep(seq_along(l), lengths(l)))
  drawn <- function(which, fn, ...) {
    fit <- lbfgsb(start, fn, ..., control = list(fn_is = "negloglik"))
    lbfgsb_boot(fit, 19, data = which, groups = if (which[1] != "l") school)$t
  }
  right <- drawn("l", in_list, l = unname(split(y, school)))
  number <- as.integer(school)
  in_frame <- function(p, d) negloglik(p, d$y, match(d$school, unique(d$school)))
  in_matrix <- function(p, d) negloglik(p, d[, 1], match(d[, 2], unique(d[, 2])))
  expect_equal(drawn("d", in_frame, d = data.frame(y, school)), right, tolerance = 1e-6)
  expect_equal(drawn("d", in_frame, d = data.frame(y, school = as.character(school))), right, tolerance = 1e-6)
  expect_equal(drawn("d", in_matrix, d = cbind(y, number)), right, tolerance = 1e-6)
  expect_equal(drawn(c("y", "group"), negloglik, y = y, group = number), right, tolerance = 1e-6)
})

test_that("a mean of each group is no name of it, and data by group are warned of", {
  school <- factor(rep(c("a", "b", "c", "d"), each = 5))
  age <- c(7.5, 8.25, 9, 9.5)
  d <- with_random_state(1, data.frame(school, age = age[school], y = rnorm(20)))
  fn <- function(p, d) sum((d$y - p[1] - p[2] * d$age)^2)
  fit <- lbfgsb(c(a = 0, b = 0), fn, d = d, control = list(fn_is = "squares", nobs = 20))
  b <- lbfgsb_boot(fit, 9, data = "d", groups = school)
  as_drawn <- drawn_arguments(b$task$scheme, c(2, 0, 1, 1))$d
  expect_identical(as_drawn$age, age[rep(c(1, 1, 3, 4), each = 5)])
  expect_identical(as_drawn$school, school)
  by_group <- function(p, d, age) sum((d$y - p[1] - p[2] * age[d$school])^2)
  fit <- lbfgsb(c(a = 0, b = 0), by_group, d = d, age = age, control = list(fn_is = "squares", nobs = 20))
  warned <- expect_warning(b <- lbfgsb_boot(fit, 9, data = "d", groups = school), class = "lbfgsb_warning_labels")
  expect_identical(warned$label, "d$school")
  in_data <- update(fit, fn = function(p, d, age) fn(p, d), control = list(nobs = 20))
  expect_equal(b$t, lbfgsb_boot(in_data, 9, data = "d", groups = school)$t, tolerance = 1e-6)
})

test_that("groups that are a covariate too keep its values, with a warning", {
  year <- rep(2001:2012, each = 3)
  y <- with_random_state(1, 0.3 * (year - 2006) + rnorm(12)[year - 2000] + rnorm(36))
  trend <- function(p, y, year) sum((y - p[["a"]] - p[["b"]] * (year - 2006))^2)
  refits <- function(fn, ..., groups) {
    fit <- lbfgsb(c(a = 0, b = 0), fn, ..., control = list(fn_is = "squares", nobs = 36))
    lbfgsb_boot(fit, 9, data = ...names(), groups = groups)$t
  }
  right <- refits(function(p, l) trend(p, unlist(lapply(l, `[[`, "y")), unlist(lapply(l, `[[`, "year"))), groups = NULL,
                  l = unname(split(data.frame(y, year), year)))
  warned <- expect_warning(by_vector <- refits(trend, y = y, year = year, groups = year), class = "lbfgsb_warning_labels")
  expect_snapshot(writeLines(conditionMessage(warned)))
  expect_equal(by_vector, right, tolerance = 1e-6)
  warned <- expect_warning(by_matrix <- refits(function(p, d) trend(p, d[, 1], d[, 2]), d = cbind(y, year), groups = year),
                           class = "lbfgsb_warning_labels")
  expect_identical(warned$label, "d[, 2]")
  expect_equal(by_matrix, right, tolerance = 1e-6)
})

test_that("groups may be a factor with levels that none has", {
  numbers <- rep(1:10, each = 5)
  by_factor <- lbfgsb_boot(fit, 3, data = "y", groups = factor(numbers, levels = 0:12))
  expect_identical(influence(by_factor), influence(lbfgsb_boot(fit, 3, data = "y", groups = numbers)))
})

test_that("refits of a list that fail are told once, and not of the list", {
  set.seed(1)
  y <- rbinom(20, 1, 0.1)
  nll <- function(p, y) if (sum(y) == 0) stop("no events") else -sum(dbinom(y, 1, plogis(p$eta), log = TRUE))
  fit <- lbfgsb(list(eta = 0), nll, y = y, control = list(fn_is = "negloglik"))
  expect_no_warning(b <- lbfgsb_boot(fit, 60, data = "y", seed = 1))
  expect_identical(b$failures$message, "no events")
  of_vector <- lbfgsb(c(eta = 0), function(p, y) nll(as.list(p), y), y = y, control = list(fn_is = "negloglik"))
  expect_identical(lbfgsb_boot(of_vector, 60, data = "y", seed = 1)$failures, b$failures)
})

test_that("intervals of a fixed parameter are its value, of each type", {
  nll <- function(p, y) -sum(dnorm(y, p[["mu"]], p[["sd"]], log = TRUE))
  fit <- lbfgsb(c(mu = 10, sd = 5), nll, y = cars$speed, fixed = c(sd = 5), control = list(fn_is = "negloglik"))
  b <- lbfgsb_boot(fit, 39, data = "y", seed = 1)
  for (type in boot_types) {
    limits <- suppressWarnings(confint(b, type = type), classes = "lbfgsb_warning_bound")
    expect_identical(limits["sd", ], setNames(c(5, 5), c("2.5 %", "97.5 %")))
    expect_true(all(is.finite(limits)))
  }
})

test_that("boot knows a bootstrap whose call has the function itself", {
  skip_if_not_installed("boot")
  b <- do.call(lbfgsb_boot, list(fit, 99, data = "y"))
  limits <- boot::boot.ci(b, 0.8, index = 1, type = "bca", L = influence(b)[, 1])$bca[4:5]
  named <- boot::boot.ci(lbfgsb_boot(fit, 99, data = "y"), 0.8, index = 1, type = "bca", L = influence(b)[, 1])$bca[4:5]
  expect_identical(limits, named)
})

test_that("refits to classes that are separated are told, with the profile to take", {
  d <- data.frame(x = 1:12, y = c(0, 0, 0, 0, 1, 0, 0, 1, 1, 1, 1, 1))
  nll <- function(p, d) -sum(dbinom(d$y, 1, plogis(p[["a"]] + p[["b"]] * d$x), log = TRUE))
  fit_to <- function(d) lbfgsb(c(a = 0, b = 0), nll, d = d, control = list(fn_is = "negloglik", nobs = nrow(d)))
  fit <- fit_to(d)
  call <- "Take the profile, confint(fit, c(\"a\", \"b\"), method = \"profile\")"
  warned <- tryCatch(lbfgsb_boot(fit, 49, data = "d"), warning = identity)
  expect_s3_class(warned, "lbfgsb_warning_flat")
  expect_identical(warned$elements, 1:2)
  expect_match(conditionMessage(warned), call, fixed = TRUE)
  b <- suppressWarnings(lbfgsb_boot(fit, 49, data = "d"))
  separated <- vapply(seq_len(49), function(i) { # by the draws themselves
    rows <- rep(1:12, with_random_state(random_streams(1, 49)[[i]], draw_counts(list(1:12))))
    max(d$x[rows][d$y[rows] == 0], 0) < min(d$x[rows][d$y[rows] == 1], 13)
  }, NA)
  expect_identical(unname(is_far(b$t, b, 1:2)[, "b"]), separated)
  expect_match(conditionMessage(warned), paste(sum(separated), "of 49 refits put a, b more than 30"), fixed = TRUE)
  for (type in c("percentile", "normal")) expect_identical(classes_warned(confint(b, type = type)), "lbfgsb_warning_flat")
  expect_warning(confint(b, level = 0.1), call, fixed = TRUE)
  expect_error(suppressWarnings(lbfgsb_boot(fit_to(transform(d, y = as.numeric(x > 6))), 3, data = "d")), call, fixed = TRUE,
               class = "lbfgsb_error_starts")
})

test_that("refits are not far where fn has other units than a log-likelihood", {
  d <- with_random_state(2, data.frame(x = rnorm(100), y = 1e4 * rnorm(100)))
  d$y <- residuals(lm(y ~ x, d))
  squares <- function(p, d) sum((d$y - p[["a"]] - p[["b"]] * d$x)^2) # no log-likelihood, and nothing says so
  fit <- lbfgsb(c(a = 0, b = 0), squares, d = d, control = list(fn_is = "negloglik"))
  errors <- summary(lm(y ~ x, d))$coefficients[, "Std. Error"]
  b <- lbfgsb_boot(fit, 49, data = "d")
  expect_identical(classes_warned(lbfgsb_boot(fit, 49, data = "d")), character())
  expect_equal(unname(summary(b)$se / errors), c(1, 1), tolerance = 0.3)
})
