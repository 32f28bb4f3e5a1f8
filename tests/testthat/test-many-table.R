squares <- function(par, y) sum((y - par[["a"]])^2) + par[["b"]]^2
run <- function(data, ...) lbfgsb_many(c(a = 1, b = 1), squares, data = data, ...)

test_that("rows have the names of the data, in print() too", {
  data <- list(first = 1:3, second = 4:6)
  fits <- run(data)
  expect_identical(row.names(fits), names(data))
  expect_identical(row.names(as.data.frame(fits)), names(data))
  expect_output(print(fits), "\nfirst +2", perl = TRUE)
  expect_identical(run(data, from = fits), fits)
  expect_error(run(rev(data), from = fits), "same starts", class = "lbfgsb_error_argument")
  expect_identical(row.names(run(list(x = 1, x = 2, 3))), c("x", "x.1", "[3]"))
  expect_identical(attr(run(unname(data)), "row.names"), 1:2)
})

test_that("data may be a matrix or data frame with a row for each fit", {
  expect_snapshot(run(1:3), error = TRUE)
  frame <- data.frame(p = c(1, 3), q = 5:6)
  rows <- run(asplit(as.matrix(frame), 1))
  expect_equal(rows$a, c(3, 4.5), tolerance = 1e-6)
  expect_identical(coef(run(as.matrix(frame))), coef(rows))
  expect_identical(coef(run(frame)), coef(rows))
  expect_identical(row.names(run(matrix(1:4, 2, dimnames = list(c("g1", "g2"), NULL)))), c("g1", "g2"))
  expect_identical(row.names(run(data.frame(p = 1:2, row.names = c("u", "v")))), c("u", "v"))
  expect_equal(lbfgsb_many(c(a = 1), function(par, d) (par - d$p)^2 + d$q, data = frame)$a, c(1, 3), tolerance = 1e-6)
  expect_identical(row.names(run(asplit(as.matrix(frame), 2))), c("p", "q"))
})

test_that("a data frame whose rows look like those of groups is told how to give these", {
  each <- function(data, ...) lbfgsb_many(c(a = 1), function(par, d) sum((par - d[[1]])^2), data = data, ...)
  chicks <- as.data.frame(ChickWeight)[1:40, ]
  chicks$Chick <- droplevels(chicks$Chick)
  expect_snapshot(fits <- each(chicks))
  expect_identical(nrow(fits), 40L)
  expect_message(try(lbfgsb_many(cbind(a = 1:4), sum, data = chicks), silent = TRUE), class = "lbfgsb_message_groups")
  counts <- data.frame(site = rep(c("a", "b", "c"), each = 6), treated = rep(0:1, 9), y = c(1, 4, 0, 2, 2, 1))
  for (few in list(counts, counts["site"], counts[c("site", "y")])) {
    told <- tryCatch(each(few), lbfgsb_message_groups = identity)
    expect_identical(unclass(told)[c("column", "groups")], list(column = "site", groups = 3L))
  }
  expect_silent(each(split(chicks, chicks$Chick)))
  expect_silent(each(data.frame(p = c(0.5, 1.5, 2.5, 3.5), sex = c("f", "m", "f", "m"))))
  expect_silent(each(expand.grid(p = 1:3, q = 1:2)))
  expect_silent(each(data.frame(p = 1:4, q = c(0.5, 0.5, 1, 1))))
})

test_that("the table says which parameters of which fits are at bounds", {
  fits <- run(list(1:3, 4:6, "a", 9), lower = c(b = 1), upper = c(a = 7))
  expect_identical(fits$bounds, c("b at lower", "b at lower", NA, "a at upper, b at lower"))
  expect_snapshot(fits)
  expect_identical(run(list(1:3, 4), fixed = c(b = 1), lower = c(b = 1))$bounds, c("", ""))
  expect_identical(lbfgsb_many(cbind(2:1), function(p, fits) (p[, 1] - 1)^2, lower = cbind(2:1), block = 2)$bounds,
                   c("par1 at lower", "par1 at lower"))
})

test_that("lbfgsb_one() is the fit of a row in full", {
  data <- list(u = 1:3, v = 4:6, w = "a")
  fits <- run(data, upper = c(a = 3), control = list(fn_is = "negloglik"))
  alone <- lbfgsb(c(a = 1, b = 1), squares, y = data$v, upper = c(a = 3), control = list(fn_is = "negloglik"))
  one <- lbfgsb_one(fits, "v")
  expect_identical(coef(one), coef(alone))
  expect_identical(one$message, fits$message[2])
  expect_identical(vcov(one), vcov(alone))
  expect_identical(coef(lbfgsb_one(fits, 2)), coef(alone))
  expect_identical(coef(lbfgsb_one(fits[2:3, ], 1)), coef(alone))
  expect_error(lbfgsb_one(fits, "w"), "non-numeric")
  expect_snapshot(error = TRUE, {
    lbfgsb_one(fits, 4)
    lbfgsb_one(fits, "x")
    lbfgsb_one(coef(fits), 1)
  })
  in_step <- function(par, fits, y) (par[, "a"] - y[fits])^2 + exp(par[, "b"]) - par[, "b"]
  fits <- lbfgsb_many(cbind(a = c(0, 1, 3), b = 1), in_step, y = c(5, 6, 7), block = 2)[2:3, ]
  one <- lbfgsb_one(fits, 2)
  expect_identical(unname(coef(one)), unname(coef(fits)[2, ]))
  expect_identical(one$counts[["function"]], fits$evaluations[2])
  expect_identical(dim(vcov(one)), c(2L, 2L))
})

test_that("rows of a table are one, and some of its columns a data frame", {
  fits <- run(list(1:3, 4:6, 7:9))
  expect_identical(fits[1:3, ], fits)
  expect_identical(subset(fits, a > 3), fits[2:3, ])
  expect_identical(fits[2, "a"], fits$a[2])
  fits$group <- "g"
  expect_s3_class(fits[2:1, ], c("lbfgsb_many", "data.frame"), exact = TRUE)
  for (chosen in list(fits[c("a", "value")], fits[, c("a", "value")], fits[1:2, -1], fits[rev(names(fits))])) {
    expect_null(c(attr(chosen, "starts"), attr(chosen, "task")))
    expect_s3_class(chosen, "data.frame", exact = TRUE)
  }
  expect_identical(dim(fits[names(fits) != "group"]), c(3L, 8L))
})

test_that("a row whose name is not that of its fit is refused", {
  fits <- run(list(1:3, 4:6), control = list(fn_is = "negloglik"))
  others <- run(list(7:9, 1:3, 2), control = list(fn_is = "negloglik"))
  both <- rbind(fits, others)
  expect_identical(coef(lbfgsb_one(both, 2)), coef(lbfgsb_one(fits, 2)))
  swapped <- structure(fits[2:1, ], row.names = 1:2) # as dplyr::arrange() makes it
  expect_snapshot(error = TRUE, {
    lbfgsb_one(both, 4)
    AIC(both)
    lbfgsb_one(swapped, 1)
  })
  expect_identical(coef(lbfgsb_one(fits[2:1, ], 1)), coef(lbfgsb_one(fits, 2)))
})

test_that("plot() draws a panel for each parameter", {
  fits <- run(list(1:3, 4:6, "a", 9), lower = c(b = 1), upper = c(a = 7))
  expect_identical(colours_of(fits, "a"), c("black", "black", "red3", "blue"))
  expect_identical(colours_of(fits, "b"), c("blue", "blue", "red3", "blue"))
  grDevices::pdf(NULL)
  withr::defer(grDevices::dev.off())
  before <- par("mfrow")
  expect_invisible(plot(fits))
  expect_identical(par("mfrow"), before)
  expect_silent(plot(fits, "b", main = "b", pch = 1))
  expect_error(plot(fits, "c"), "a, b, not c", class = "lbfgsb_error_argument")
})

test_that("coef() is the matrix of the parameters, and vcov() an error", {
  fits <- run(list(u = 1:3, v = 4:6))
  expect_identical(coef(fits), cbind(a = c(u = fits$a[1], v = fits$a[2]), b = fits$b))
  expect_identical(dimnames(coef(lbfgsb_many(cbind(1:2, 3), function(par) sum(par^2)))), list(NULL, c("par1", "par2")))
  expect_snapshot(error = TRUE, {
    vcov(fits)
    confint(fits)
  })
})

test_that("why fits failed is wrapped to the width", {
  withr::local_options(width = 40)
  fits <- run(list(1:3, "a", NA))
  expect_lte(max(nchar(tail(capture.output(print(fits)), 4))), 40)
  expect_output(print(fits), "\n2 fits failed: ", fixed = TRUE)
})

test_that("what a table of fits does not have is an error that says where it is to be had", {
  fits <- run(list(1:3, 4:6))
  expect_snapshot(error = TRUE, {
    update(fits, upper = 3)
    anova(fits, fits)
    profile(fits)
    lbfgsb_delta(fits, sum)
  })
})

test_that("logLik(), AIC() and BIC() of a table are those of its fits", {
  nll <- function(par, y) -sum(dnorm(y, par[["mu"]], par[["sigma"]], log = TRUE))
  data <- split(iris$Sepal.Length, iris$Species)
  fit <- function(fn, kind, ...) {
    lbfgsb_many(c(mu = 5, sigma = 1), fn, data = data, lower = c(sigma = 0.1), control = list(fn_is = kind, nobs = 50), ...)
  }
  by_kind <- list(fit(nll, "negloglik"), fit(function(...) -nll(...), "loglik"), fit(function(...) 2 * nll(...), "deviance"),
                  fit(nll, "negloglik", fixed = c(sigma = 1)), fit(function(p, y) sum((y - p[["mu"]])^2 + p[["sigma"]]), "squares"))
  for (fits in by_kind) {
    singly <- lapply(names(data), lbfgsb_one, fits = fits)
    expect_identical(c(logLik(fits)), vapply(setNames(singly, names(data)), logLik, 0))
    expect_identical(attr(logLik(fits), "df"), attr(logLik(singly[[1]]), "df") + 0)
    expect_identical(deviance(fits), vapply(setNames(singly, names(data)), deviance, 0))
    if (kind_of_fn(singly[[1]]) == "squares") {
      expect_identical(sigma(fits), vapply(setNames(singly, names(data)), sigma, 0))
    } else {
      expect_error(sigma(fits), "must be \"squares\" for sigma", class = "lbfgsb_error_argument")
    }
    expect_identical(AIC(fits), vapply(singly, AIC, 0))
    expect_identical(BIC(fits), vapply(singly, BIC, 0))
    expect_identical(AIC(fits[2:3, ]), AIC(fits)[2:3])
    for (criterion in list(AIC, BIC)) expect_error(criterion(fits, fits), "cbind", class = "lbfgsb_error_argument")
    expect_identical(AIC(subset(fits, is.finite(value))), AIC(fits))
    expect_error(logLik.lbfgsb_many(fits["value"]), "fits\\[rows, \\]", class = "lbfgsb_error_argument")
  }
  expect_output(print(logLik(by_kind[[1]])), "(df=2)", fixed = TRUE)
})

test_that("parameters are counted for each fit", {
  fits <- lbfgsb_many(rbind(c(1, 2), c(1, 1)), function(p) sum((p - 3)^2), upper = rbind(c(4, 4), c(1, 4)),
                      lower = rbind(c(1, 1), c(1, 1)), control = list(fn_is = "negloglik"))
  expect_identical(attr(logLik(fits), "df"), c(2, 1))
  expect_identical(attr(logLik(fits[2, ]), "df"), 1)
})

test_that("fits that failed, have not converged, or have too few observations are no silent likelihoods", {
  fits <- run(list(1:3, "a", 4:6), control = list(fn_is = "negloglik", maxit = 1))
  expect_snapshot(loglik <- logLik(fits))
  expect_identical(unname(is.na(loglik)), c(FALSE, TRUE, FALSE))
  squares <- run(list(1:3), control = list(fn_is = "squares"))
  expect_snapshot(logLik(squares), error = TRUE)
  expect_snapshot(logLik(run(list(1:3), control = list(fn_is = "other"))), error = TRUE)
  expect_identical(c(logLik(run(list(1:3), control = list(fn_is = "squares", nobs = 2)))), c("1" = NA_real_))
  expect_warning(expect_identical(BIC(run(list(1:3), control = list(fn_is = "negloglik"))), NA_real_),
                 "lbfgsb_many", class = "lbfgsb_warning_nobs")
  failed <- run(list(1:3, "a"), control = list(fn_is = "negloglik", nobs = 3))
  expect_no_warning(criteria <- BIC(failed))
  expect_identical(is.na(criteria), c(FALSE, TRUE))
  few <- run(list(1:3), control = list(fn_is = "squares", nobs = 1))
  expect_identical(c(sigma(few), deviance(few)), c("1" = NA, "1" = few$value))
  expect_error(deviance(run(list(1:3), control = list(fn_is = "other"))), "no deviance", class = "lbfgsb_error_argument")
})

test_that("what is fixed by a part of a list or by its position is not counted, as in one fit", {
  ys <- split(with_random_state(4, rnorm(60, 3)), rep(1:3, 20))
  fn <- function(p, y) {
    p <- unlist(p)
    sum((y - p[[1]])^2) / 2 / exp(2 * p[[3]]) + length(y) * p[[3]] + p[[2]]^2
  }
  expect_as_one <- function(par, fixed, df) {
    fits <- lbfgsb_many(par, fn, data = ys, fixed = fixed, control = list(fn_is = "negloglik", nobs = 20))
    expect_equal(attr(logLik(fits), "df"), df)
    expect_equal(unname(AIC(fits)[1]), AIC(lbfgsb_one(fits, 1)))
  }
  listed <- list(a = 1, b = c(u = 2, v = 0))
  expect_as_one(listed, list(b = c(u = 1, v = 0)), 1)
  expect_as_one(listed, list(b = c(u = 1)), 2)
  expect_as_one(c(1, 2, 0), c("[2]" = 1), 2)
  expect_as_one(c(a = 1, b = 2, c = 0), c(b = 1), 2)
  at_bound <- lbfgsb_many(listed, fn, data = ys, fixed = list(b = c(u = 1)), lower = list(b = c(u = 1)))
  expect_identical(unique(at_bound$bounds), "")
})

test_that("one fit of a table has its state, by which it goes on and has an inverse Hessian", {
  fn <- function(p, y) 100 * (p[["b"]] - p[["a"]]^2)^2 + (y - p[["a"]])^2
  fits <- lbfgsb_many(c(a = -1, b = 1), fn, data = list(1, 2), control = list(maxit = 3))
  one <- suppressWarnings(lbfgsb_one(fits, 2))
  expect_equal(coef(lbfgsb_resume(one, control = list(maxit = 100))), c(a = 2, b = 4), tolerance = 1e-4)
  expect_true(is.function(inverse_hessian(one)))
})

test_that("a table whose fits all failed is not drawn", {
  fits <- suppressWarnings(lbfgsb_many(c(a = 1), function(p, y) stop("no"), data = list(1, 2)))
  expect_error(plot(fits), "none has a result to draw", class = "lbfgsb_error_argument")
})

test_that("of a table what stats would take for NULL is an error, and df.residual() is that of each fit", {
  squares <- function(p, d) sum((d$weight - p[["a"]] - p[["b"]] * d$Time)^2)
  chicks <- split(ChickWeight, ChickWeight$Chick)[c("13", "40")]
  fits <- lbfgsb_many(c(a = 40, b = 5), squares, data = chicks, control = list(fn_is = "squares", nobs = 12))
  lines <- lapply(chicks, function(d) lm(weight ~ Time, d))
  expect_identical(df.residual(fits), vapply(lines, function(l) as.numeric(df.residual(l)), 0))
  expect_equal(sigma(fits), vapply(lines, sigma, 0), tolerance = 1e-6)
  fixed <- lbfgsb_many(c(a = 40, b = 5), squares, data = chicks, fixed = c(a = 40), control = list(fn_is = "squares", nobs = 12))
  expect_identical(df.residual(fixed), c(`13` = 11, `40` = 11))
  likelihoods <- lbfgsb_many(c(a = 40, b = 5), squares, data = chicks, control = list(fn_is = "negloglik"))
  expect_identical(df.residual(likelihoods), c(`13` = Inf, `40` = Inf))
  for (f in list(fitted, predict, residuals, simulate)) {
    expect_error(f(fits), "from the rows of coef(fits)", fixed = TRUE, class = "lbfgsb_error_argument")
  }
})
