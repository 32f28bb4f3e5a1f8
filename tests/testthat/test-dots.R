fn <- function(x, k = 1, ...) k * sum((x - 1)^2)
fit_with <- function(..., fn = function(x, ...) sum((x - 1)^2), gr = NULL) lbfgsb(c(0, 0), fn, gr, ...)

test_that("a name that is nearly one of ours warns, and says which", {
  expect_snapshot({
    fit <- fit_with(contol = list(maxit = 5))
    fit <- fit_with(lowr = 0, uper = 1)
    fit <- fit_with(Hessian = TRUE)
  })
  warning <- tryCatch(fit_with(metod = "BFGS"), warning = identity)
  expect_s3_class(warning, c("lbfgsb_warning_misspelt", "lbfgsb_warning"))
  expect_identical(unclass(warning)[c("given", "meant")], list(given = "metod", meant = "method"))
  cut <- lbfgsb(c(0, 0), fn, control = list(maxit = 1, keep_state = TRUE))
  expect_warning(suppressWarnings(lbfgsb_resume(cut, fn, contrl = list()), "lbfgsb_warning_limit"), "`control`", class = "lbfgsb_warning_misspelt")
})

test_that("no other name does: fn's or gr's own, the beginning of one of ours, none at all, one far off", {
  own <- function(x, power, lowe) sum((x - lowe)^power)
  expect_silent(fit_with(power = 2, lowe = 1, fn = own))
  slope <- function(x, power, lowe) power * (x - lowe)^(power - 1)
  expect_silent(fit_with(power = 2, lowe = 1, fn = function(x, ...) own(x, ...), gr = slope))
  expect_silent(fit_with(l = 1, u = 2, c = 3, h = 4, m = 5, lo = 6))
  expect_silent(fit_with(1, 2, data = 3, env = 4, he = 5, report = 6, loc = 7, fn = function(x, ...) sum(x^2),
                         gr = function(x, ...) 2 * x))
})

test_that("the beginnings of our names, and others' names for them, warn also where fn has `...`", {
  meant_by_name <- function(name) {
    warned <- tryCatch(do.call(fit_with, structure(list(4), names = name)), lbfgsb_warning_misspelt = identity)
    warned$meant
  }
  meant <- c(low = "lower", lowe = "lower", up = "upper", upp = "upper", lb = "lower", ub = "upper", fix = "fixed",
             ctrl = "control", crtl = "control", contr = "control", meth = "method")
  expect_identical(lapply(names(meant), meant_by_name), unname(as.list(meant)))
})

test_that("no name warns that fn or gr has in its code, or a function to which they hand it on", {
  bounded <- function(x, lb = 0, low = 0) sum((x - lb - low)^2)
  slope <- function(x, ...) 2 * (x - list(...)[["fix"]])
  expect_silent({
    fit_with(lb = 1, low = 2, fn = function(x, ...) bounded(x, ...))
    fit_with(lb = 1, fn = function(x, ...) do.call(bounded, list(x, ...)))
    fit_with(up = 1, fn = function(x, ...) sum((x - list(...)$up)^2))
    fit_with(fix = 1, fn = function(x, ...) sum((x - ..1)^2), gr = slope)
  })
})

test_that("what fn cannot take is an error by its name, without the data in it", {
  y <- cars$speed
  expect_snapshot(error = TRUE, {
    lbfgsb(10, function(mu) sum((y - mu)^2), data = y)
    lbfgsb(10, function(mu) sum((y - mu)^2), contol = list(maxit = 5))
  })
  calls <- 0
  counted <- function(mu) calls <<- calls + 1
  expect_error(lbfgsb_multistart(cbind(1, 2), counted, data = y), class = "lbfgsb_error_argument")
  expect_identical(calls, 0)
  part <- function(mu, database) sum((database - mu)^2)
  expect_identical(lbfgsb(10, part, data = y)$par, lbfgsb(10, part, database = y)$par) # R completes names
  expect_error(lbfgsb(1, abs, data = y), "unused|2 arguments") # a primitive says so itself
})

test_that("what gr cannot take, and functions without an argument, are errors in words", {
  fn <- function(x, y) sum((x - y)^2)
  expect_snapshot(error = TRUE, {
    lbfgsb(1, fn, function(x) 2 * (x - 1), y = 1)
    lbfgsb(1, function() 3)
    lbfgsb(1, fn, function() 3, y = 1)
    lbfgsb(1, fn, y = 1, control = list(callback = function() 3))
  })
  expect_silent(lbfgsb(1, fn, function(x, ...) 2 * (x - list(...)$y), y = 1))
  expect_silent(lbfgsb(1, abs, sign))
})

test_that("where fn fails at the start, and asks for arguments that nobody gives, a warning says what it gets", {
  stats4_style <- function(m, s) -sum(dnorm(cars$speed, m, s, log = TRUE))
  for (par in list(c(m = 10, s = 5), c(10, 5))) {
    expect_snapshot(invisible(try(lbfgsb(par, stats4_style), silent = TRUE)))
  }
  warned <- tryCatch(lbfgsb(1, function(par, x, y, z = 1) x + y, y = 2), warning = identity)
  expect_s3_class(warned, c("lbfgsb_warning_arguments", "lbfgsb_warning", "warning", "condition"), exact = TRUE)
  expect_identical(warned$arguments, "x")
  expect_no_warning(try(lbfgsb(1, function(par, x) stop("no"), 2, gr = NULL), silent = TRUE))
  expect_no_warning(try(lbfgsb(1, function(par, n, ...) stop("no"), nu = 2, n = 1), silent = TRUE))
  optional <- function(par, k) if (missing(k)) sum(par^2) else k
  expect_silent(lbfgsb(1, optional))
})

test_that("a function with an argument for each parameter, as for stats4, is an error, though all have defaults", {
  nll <- function(m = 1, s = 6) -sum(dnorm(cars$speed, m, s, log = TRUE))
  scaled <- function(m = 1, s = 6, y) -sum(dnorm(y, m, s, log = TRUE))
  expect_snapshot(error = TRUE, {
    lbfgsb(c(m = 10, s = 5), nll, lower = 0.1)
    lbfgsb(c(s = 5, m = 10), scaled, y = cars$speed, lower = 0.1)
    lbfgsb_multistart(3, nll, lower = c(m = 1, s = 1), upper = 10)
    lbfgsb_many(rbind(c(m = 10, s = 5)), nll, lower = 0.1)
  })
  expect_error(lbfgsb(c(m = 10, s = 5), nll), class = "lbfgsb_error_argument")
  told <- function(p) do.call(nll, as.list(p))
  expect_silent(fit <- lbfgsb(c(m = 10, s = 5), told, lower = 0.1))
  expect_equal(coef(fit)[["m"]], mean(cars$speed), tolerance = 1e-4)
})

test_that("arguments of fn with the names of parameters, after one that may be all of them, are told", {
  told$separate <- character() # of an earlier run of this test
  nll <- function(p, s = 6) -sum(dnorm(cars$speed, p[["m"]], s, log = TRUE))
  expect_snapshot({
    fit <- lbfgsb(c(m = 10, s = 5), nll, lower = 0.1)
    fit <- lbfgsb(list(m = 10, s = 5), function(p, k = 3, s = 1) (p$m - s)^2 + p$s^2)
  })
  expect_silent(lbfgsb(c(m = 10, s = 5), nll, lower = 0.1)) # once a function
  expect_warning(lbfgsb(c(m = 10, p = 5, s = 1), function(q, p = 6, s = 1) sum(q^2) + p), class = "lbfgsb_warning_separate")
  told$separate <- character()
  warned <- tryCatch(lbfgsb(c(m = 10, s = 5), nll), warning = identity)
  expect_s3_class(warned, c("lbfgsb_warning_separate", "lbfgsb_warning", "warning", "condition"), exact = TRUE)
  expect_identical(warned$arguments, "s")
  given <- function(p, sigma = 1) sum(p^2) * sigma
  expect_silent(lbfgsb(c(mu = 1, sigma = 1), given, sigma = 2))
  expect_silent(lbfgsb(c(mu = 1, sigma = 1), given, 2, gr = NULL))
  expect_silent(lbfgsb(c(1, 1), given))
})

test_that("what is passed on is not evaluated for it", {
  expect_silent(lbfgsb(c(0, 0), function(x, ...) sum(x^2), data = stop("not asked for")))
})

test_that("NA at the start says that par has no names, where fn asks for some", {
  by_name <- function(p, y = 1) (p["mu"] - y)^2 + p[["sigma"]]^2
  expect_snapshot(error = TRUE, {
    lbfgsb(c(1, 1), function(p) (p["mu"] - 1)^2 + p["sigma"]^2)
    lbfgsb(c(mu = 1, sigma = 1), function(p) p["mean"])
    lbfgsb(c(1, 1), function(p) NA)
  })
})

test_that("where fn fails at the start, and takes what `par` does not have, a warning says so", {
  expect_snapshot({
    try(lbfgsb(c(1, 1), function(p) (p[["mu"]] - 1)^2 + p[["sigma"]]^2), silent = TRUE)
    try(lbfgsb(c(mu = 1, sd = 1), function(p) (p[["mu"]] - 1)^2 + p[["sigma"]]^2), silent = TRUE)
    try(lbfgsb(c(mu = 1, sigma = 1), function(p) (p$mu - 1)^2 + p$sigma^2), silent = TRUE)
  })
  warned <- tryCatch(lbfgsb(c(1, 1), function(p) p[["mu"]]), warning = identity)
  expect_s3_class(warned, c("lbfgsb_warning_names", "lbfgsb_warning", "warning", "condition"), exact = TRUE)
  expect_identical(warned$names, "mu")
  expect_no_warning(try(lbfgsb(c(mu = 1), function(p) stop(p[["mu"]])), silent = TRUE))
  expect_no_warning(try(lbfgsb(list(mu = 1:2), function(p) stop(p$mu)), silent = TRUE))
})

test_that("the names that a function asks for are found in its code", {
  expect_identical(names_asked(function(p) p["a"] + p[["b"]] * p[c("c", "d")] - p[1]), c("a", "b", "c", "d"))
  expect_identical(names_asked(function(p, q) {
    for (i in 1:2) q["x"] <- p$y + p[, "z"]
    if (q) function(r) p["w"]
  }), c("y", "w"))
  expect_identical(names_asked(function(p) p["a"] + p$b, by = "$"), "b")
  expect_identical(names_asked(sum), character())
  expect_identical(names_asked(function() 1), character())
})

test_that("what a method would ignore is an error that names what is meant", {
  fit <- lbfgsb(c(a = 0, b = 0), function(x) sum((x - 1)^2), control = list(fn_is = "negloglik"), hessian = TRUE)
  expect_snapshot(error = TRUE, {
    confint(fit, type = "profile")
    confint(fit, levl = 0.9)
    profile(fit, 1, 0.9, 3)
    profile(fit, parm = "a")
    profile(fit, alpha = 0.1)
    confint(profile(fit, "a"), which = "a")
    vcov(fit, type = "HC0")
    summary(fit, correlation = TRUE)
    confint(fit, vcov. = diag(2))
    confint(fit, contributions = identity)
    summary(fit, vcov = diag(2))
  })
  error <- tryCatch(confint(fit, type = "profile"), error = identity)
  expect_s3_class(error, c("lbfgsb_error_argument", "lbfgsb_error"))
  expect_identical(error$argument, "type")
  expect_identical(vcov(fit, complete = FALSE), vcov(fit))
})

test_that("a bootstrap's intervals name their kind by `type`", {
  fit <- lbfgsb(c(mu = 10), function(par, y) sum((y - par)^2) / 2, y = cars$speed)
  boot <- lbfgsb_boot(fit, 19, data = "y")
  expect_error(confint(boot, method = "basic"), "did you mean `type`", class = "lbfgsb_error_argument")
})

test_that("an unknown kind of interval is an error that lists those there are", {
  fit <- lbfgsb(c(mu = 10), function(par, y) sum((y - par)^2) / 2, y = cars$speed, control = list(fn_is = "negloglik"))
  boot <- lbfgsb_boot(fit, 39, data = "y")
  expect_snapshot(error = TRUE, {
    confint(fit, method = "bca")
    confint(fit, method = 2)
    confint(boot, type = "student")
  })
  expect_identical(confint(fit, method = "prof"), confint(fit, method = "profile"))
  expect_identical(confint(boot), confint(boot, type = "percentile"))
})

test_that("lbfgsb_boot() names its own arguments for those of others", {
  fit <- lbfgsb(c(mu = 10), function(par, y) sum((y - par)^2) / 2, y = cars$speed)
  for (name in c("R", "B", "nsim", "nboot")) {
    call <- c(list(fit, data = "y"), structure(list(19), names = name))
    error <- tryCatch(do.call(lbfgsb_boot, call), error = identity)
    expect_s3_class(error, "lbfgsb_error_argument")
    expect_identical(conditionMessage(error),
                     paste0("`", name, "` is not known to lbfgsb_boot(): did you mean `replicates`?"))
  }
})

test_that("an option outside of `control`, and another name of ours, warns unless fn has it", {
  meant <- function(...) tryCatch(fit_with(...), warning = function(w) unclass(w)[c("given", "meant")])
  expect_identical(meant(maxit = 5), list(given = "maxit", meant = "control = list(maxit = ...)"))
  expect_identical(meant(hess = TRUE), list(given = "hess", meant = "hessian"))
  expect_identical(meant(grad = sin), list(given = "grad", meant = "gr"))
  expect_identical(meant(maximize = TRUE), list(given = "maximize", meant = how_to_maximize))
  expect_identical(meant(iter.max = 5), list(given = "iter.max", meant = "control = list(maxit = ...)"))
  strict <- function(x) sum((x - 1)^2)
  given <- list(reltol = 1, iter.max = 1, verbose = 1, cores = 1)
  ours <- c(reltol = "factr = reltol / .Machine$double.eps", iter.max = "maxit = ...", verbose = "trace = ...",
            cores = "cluster = ..., threads = ...")
  for (name in names(given)) {
    expect_error(do.call(fit_with, c(given[name], fn = strict)), paste0("did you mean `control = list(", ours[[name]], ")`"),
                 fixed = TRUE, class = "lbfgsb_error_argument")
  }
  ours <- c(start = "par", x0 = "par", lb = "lower", ub = "upper", bounds = "lower` and `upper",
            gradient = "gr` or `control = list(gradient = ...)", low = "lower", up = "upper")
  for (name in names(ours)) {
    expect_error(do.call(fit_with, c(structure(list(1), names = name), fn = strict)),
                 paste0("did you mean `", ours[[name]], "`?"), fixed = TRUE, class = "lbfgsb_error_argument")
  }
  expect_error(fit_with(trace = 1, fn = strict), "control = list(trace = ...)", fixed = TRUE)
})

test_that("where fn has `...`, each of these names warns, unless it is short, or fn or gr has it", {
  known <- setdiff(c(names(own_names), names(foreign_options), names(other_names)), c("m", constraint_names, maximize_names))
  for (name in known) {
    short <- nchar(name) <= 3 && !name %in% c("jac", "lmm", "lb", "ub", "up")
    expect_warning(do.call(fit_with, structure(list(1), names = name)), if (short) NA else "did you mean",
                   class = if (!short) "lbfgsb_warning_misspelt")
  }
  expect_snapshot(fit <- fit_with(fn_is = "negloglik", bounds = 1))
  expect_silent(fit_with(trace = 1, noise = 2, fn = function(x, trace, noise_sd, ...) sum((x - 1)^2)))
  expect_silent(fit_with(nobs = 3, gr = function(x, nobs, ...) 2 * (x - 1)))
  expect_silent(fit_with(maxit = 5, hess = 1, fn = function(x, maxit, hess) sum((x - 1)^2)))
})

test_that("of constraints other than bounds it says that there are none", {
  expect_snapshot(error = TRUE, lbfgsb(c(0, 0), function(x) sum(x^2), ui = c(-1, -1), ci = -1))
  expect_snapshot(fit <- fit_with(constraints = "a + b < 1"))
  for (name in constraint_names) {
    expect_error(do.call(fit_with, c(structure(list(1), names = name), fn = function(x) sum(x^2))),
                 "\"Constraints other than bounds\"", class = "lbfgsb_error_argument")
  }
})

test_that("what others call an argument is told once", {
  expect_no_warning(expect_error(lbfgsb(c(1, 2), function(x) sum(x^2), hess = TRUE), "`hessian`"))
})

test_that("an argument of fn that is misspelt is told", {
  penalized <- function(par, lambda, scale = 1) sum((par - 1)^2) + lambda * sum(par^2)
  expect_error(lbfgsb(1, penalized, lamda = 2), "did you mean `lambda`?", fixed = TRUE, class = "lbfgsb_error_argument")
  expect_error(lbfgsb(1, penalized, weights = 2), "leave it out", class = "lbfgsb_error_argument")
})
