# Objectives in compiled code, and the one call from C and C++: by a package that links to this one, ./client.

# The library with it, installed once for this file.
client_library <- local({
  library <- NULL
  function() {
    if (is.null(library)) library <<- install_client()
    library
  }
})

install_client <- function() {
  library <- tempfile("library")
  dir.create(library)
  source <- file.path(tempfile("source"), "client")
  dir.create(dirname(source))
  file.copy(test_path("client"), dirname(source), recursive = TRUE)
  log <- system2(
    file.path(R.home("bin"), "R"), c("CMD", "INSTALL", paste0("--library=", shQuote(library)), shQuote(source)),
    stdout = TRUE, stderr = TRUE, env = paste0("R_LIBS=", shQuote(dirname(system.file(package = "lbfgsb"))))
  )
  expect_true(dir.exists(file.path(library, "client")), info = paste(log, collapse = "\n"))
  library
}

with_client <- function(code) {
  skip_on_cran()
  skip_if(Sys.which("make") == "" || Sys.which("cc") == "" || Sys.which("c++") == "", "no C and C++ compiler")
  skip_if_not_installed("withr")
  withr::with_libpaths(client_library(), code, action = "prefix")
}

from_client <- function(name) getExportedValue("client", name)

client <- function(name, ...) native_objective(name, package = "client", ...)

# A start of the chained Rosenbrock function, and a box that some variables meet.
lower_of <- function(n) rep_len(c(-2, -2, 0.5), n)
upper_of <- function(n) rep_len(c(2, 0.9), n)
start_of <- function(n) pmin(pmax(rep_len(c(-1.2, 1), n), lower_of(n)), upper_of(n))

fit_client <- function(n, name = "rosenbrock", ..., control = list()) {
  lbfgsb(start_of(n), client(name, ...), lower = lower_of(n), upper = upper_of(n), control = control)
}

test_that("a native objective is to the bit the one call in C, and that in C++", {
  with_client(for (n in c(2, 3, 25, 1000, 1e6)) {
    in_r <- fit_client(n)
    in_c <- from_client("minimize")("rosenbrock", start_of(n), lower_of(n), upper_of(n))
    in_cpp <- from_client("minimize_cpp")(start_of(n), lower_of(n), upper_of(n))
    expect_identical(in_r$par, in_c$par)
    expect_identical(in_r$value, in_c$value)
    expect_equal(in_r$counts[["function"]], in_c$evaluations)
    expect_identical(in_r$par, as.vector(in_cpp))
    expect_identical(attr(in_cpp, "thrown"), "")
  })
})

test_that("it is to the bit the closure that evaluates it", {
  with_client({
    fn <- client("rosenbrock")
    closure <- function(par) fn(par)
    by_closure <- lbfgsb(start_of(7), closure, lower = lower_of(7), upper = upper_of(7))
    expect_identical(fit_client(7)[c("par", "value", "counts", "message", "history")],
                     by_closure[c("par", "value", "counts", "message", "history")])
  })
})

test_that("without a gradient differences stand in, to the bit those in C", {
  with_client({
    in_r <- fit_client(4, "values_alone", gradient = FALSE)
    in_c <- from_client("minimize")("values_alone", start_of(4), lower_of(4), upper_of(4))
    expect_identical(in_r$par, in_c$par)
    expect_equal(in_r$counts[["function"]], in_c$evaluations)
    expect_equal(in_r$par, fit_client(4)$par, tolerance = 1e-4)
    central <- fit_client(4, "values_alone", gradient = FALSE, control = list(gradient = "richardson"))
    expect_equal(central$par, in_r$par, tolerance = 1e-4)
  })
})

test_that("what C++ throws ends the run at once, and is thrown again outside", {
  with_client({
    ended <- from_client("minimize_cpp")(start_of(2), c(-2, -2), c(2, 2), throws_at = 4)
    expect_identical(attr(ended, "thrown"), "thrown at call 4")
  })
})

test_that("f gets the vectors of its data", {
  with_client({
    fn <- client("weighted", data = list(c(1, 2, 3), factor(c("a", "b", "b"))))
    expect_equal(fn(c(0, 0, 0)), list(value = 1 + 2 * 4 + 2 * 9, gradient = -2 * c(1, 4, 6)))
    expect_equal(lbfgsb(c(0, 0, 0), fn)$par, c(1, 2, 3))
    expect_identical(client("weighted", data = 1:3)(c(0, 0, 0))$value, NaN)
    expect_error(lbfgsb(c(0, 0, 0), client("weighted")), class = "lbfgsb_error_start")
  })
})

test_that("f gets integers and logicals as doubles too", {
  fn <- function(data) native_objective("lbfgsb_example", package = "lbfgsb", data = data)
  expect_identical(fn(c(1L, 3L))(c(0, 0)), fn(c(1, 3))(c(0, 0)))
  expect_identical(fn(c(TRUE, FALSE))(c(0, 0))$value, 1)
  expect_identical(fn(c(1L, NA))(c(0, 0))$value, NA_real_)
  expect_equal(lbfgsb(c(0, 0), fn(factor(c("a", "b"))))$par, c(1, 2))
  several <- lbfgsb_many(c(0, 0), fn(c(0, 0)), data = list(1:2, c(2, 1), c(TRUE, NA)))
  expect_equal(several$par1[1:2], c(1, 2))
  expect_equal(several$par2[1:2], c(2, 1))
  expect_identical(is.na(several$value), c(FALSE, FALSE, TRUE))
})

test_that("it serves all that takes fn", {
  with_client({
    fn <- client("weighted", data = list(c(1, 2), c(1L, 3L)))
    fit <- lbfgsb(c(a = 0, b = 0), fn, hessian = TRUE, control = list(fn_is = "negloglik"))
    expect_equal(fit$hessian, diag(c(a = 2, b = 6)), ignore_attr = TRUE, tolerance = 1e-6)
    expect_equal(vcov(fit), diag(1 / c(2, 6)), ignore_attr = TRUE, tolerance = 1e-6)
    expect_equal(unname(confint(profile(fit))), unname(confint(fit)), tolerance = 1e-3)
    expect_true(all(abs(with(check_gradient(fn, NULL, c(0, 0)), analytic - numeric)) < 1e-6))
    expect_equal(lbfgsb(c(a = 0, b = 0), fn, fixed = c(a = 0))$par, c(a = 0, b = 2))
    expect_equal(lbfgsb(c(0, 0), fn, function(par) 2 * c(1, 3) * (par - 1:2))$par, c(1, 2))
  })
})

test_that("a run is cut at an iterate, saved, and resumed to the bit", {
  with_client({
    file <- tempfile()
    whole <- fit_client(25)
    stopped <- fit_client(25, control = list(callback = function(at) at$iteration == 9))
    expect_lt(stopped$counts[["function"]], whole$counts[["function"]])
    saveRDS(stopped, file)
    resumed <- lbfgsb_resume(readRDS(file), control = list(callback = NULL))
    expect_identical(resumed$par, whole$par)
    expect_identical(resumed$counts, whole$counts)
  })
})

test_that("it is found in another process, where its package is not loaded", {
  with_client({
    skip_if_not_installed("parallel")
    cluster <- parallel::makePSOCKcluster(1)
    on.exit(parallel::stopCluster(cluster))
    parallel::clusterCall(cluster, function(paths) .libPaths(paths), .libPaths())
    there <- parallel::clusterCall(cluster, function(fn) list("client" %in% loadedNamespaces(), fn(c(0, 0))),
                                   client("rosenbrock"))[[1]]
    expect_identical(there[[1]], FALSE)
    expect_identical(there[[2]], client("rosenbrock")(c(0, 0)))
  })
})

# Returns the last line that a new process prints which evaluates these lines.
in_new_process <- function(...) {
  script <- tempfile(fileext = ".R")
  writeLines(c(deparse(call(".libPaths", .libPaths())), "library(lbfgsb)", ...), script)
  tail(system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", shQuote(script)), stdout = TRUE, stderr = TRUE), 1)
}

# Returns what a new process tells of a call, interrupted after half a second: `caught`, in `seconds`.
interrupted_in_new_process <- function(call, told) {
  in_new_process(
    'fn <- native_objective("slow", package = "client")',
    'interrupt <- function() system(paste0("(sleep 0.5; kill -INT ", Sys.getpid(), ")"), wait = FALSE)',
    "begun <- proc.time()[[3]]",
    paste0("caught <- tryCatch({ interrupt(); ", call, " }, interrupt = identity)"),
    "seconds <- proc.time()[[3]] - begun",
    paste0("cat(", told, ")")
  )
}

test_that("each method of a fit that was saved finds it in another process", {
  with_client({
    fn <- client("weighted", data = list(c(1, 2), c(1L, 3L)))
    fit <- lbfgsb(c(a = 0, b = 0), fn, control = list(fn_is = "negloglik"))
    calls <- c("vcov(fit)", "confint(fit)", "confint(profile(fit))", "lbfgsb_hessian(fit)", "summary(fit)",
               "check_gradient(fit)", "update(fit)", "lbfgsb_resume(fit, control = list(maxit = 200))",
               "fit$objective$fn(c(0, 0))")
    file <- withr::local_tempfile(fileext = ".rds")
    saveRDS(fit, file)
    for (call in calls) {
      told <- in_new_process(paste0("fit <- readRDS('", file, "')"), paste0("invisible(", call, ")"), "cat('found')")
      expect_identical(told, "found", label = call)
    }
  })
})

test_that("a run is interrupted within a second, and carried", {
  skip_on_os("windows")
  with_client({
    told <- interrupted_in_new_process(
      "lbfgsb(rep(3, 10), fn)",
      'inherits(caught, "lbfgsb_unfinished"), seconds > 0.3, seconds < 1.6, is.finite(caught$value)'
    )
    expect_identical(told, "TRUE TRUE TRUE TRUE")
  })
})

test_that("many fits over threads are interrupted within a second or so", {
  skip_on_os("windows")
  with_client({
    told <- interrupted_in_new_process(
      "lbfgsb_many(matrix(3, 300, 10), fn, control = list(threads = 2))",
      'inherits(caught, "lbfgsb_unfinished_many"), seconds > 0.3, seconds < 2.1, anyNA(caught$fits$value)'
    )
    expect_identical(told, "TRUE TRUE TRUE TRUE")
  })
})

test_that("R's time limit ends many fits over threads within a second or so, as an error of fn, and keeps what is done", {
  with_client({
    ended_by_limit <- function(starts, name, threads) {
      lbfgsb_last(forget = TRUE)
      setTimeLimit(elapsed = 0.2, transient = TRUE)
      error <- tryCatch(lbfgsb_many(starts, client(name), control = list(threads = threads)), error = identity)
      expect_match(conditionMessage(error), "reached elapsed time limit")
      expect_identical(lbfgsb_last(), error)
      error
    }
    for (threads in 1:2) {
      begun <- seconds()
      error <- ended_by_limit(matrix(3, 20, 10), "slow", threads)
      expect_lt(seconds() - begun, 2.1)
      expect_identical(error$fits$message, rep(NA_character_, 20))
    }
    set.seed(3)
    starts <- matrix(rnorm(2000 * 30), 2000)
    error <- ended_by_limit(starts, "rosenbrock", 2)
    is_done <- !is.na(error$fits$message)
    expect_true(any(is_done) && !all(is_done))
    expect_identical(lbfgsb_resume(error), lbfgsb_many(starts, client("rosenbrock")))
  })
})

test_that("the workers of a cluster take its differences, to the same bits", {
  with_client({
    cluster <- parallel::makePSOCKcluster(2)
    on.exit(parallel::stopCluster(cluster))
    parallel::clusterCall(cluster, function(paths) .libPaths(paths), .libPaths())
    here <- fit_client(6, "values_alone", gradient = FALSE)
    there <- fit_client(6, "values_alone", gradient = FALSE, control = list(cluster = cluster))
    expect_identical(there[c("par", "value", "counts")], here[c("par", "value", "counts")])
  })
})

test_that("an error of R in f leaves with the run's state", {
  with_client({
    failed <- tryCatch(lbfgsb(c(3, 4), client("failing")), error = identity)
    expect_s3_class(failed, "lbfgsb_unfinished")
    expect_match(conditionMessage(failed), "the objective failed at 3")
  })
})

test_that("a pointer serves while the process lives, and is refused when it is NULL", {
  with_client({
    fn <- native_objective(from_client("pointer")())
    expect_identical(fn(c(0, 0)), client("rosenbrock")(c(0, 0)))
    expect_identical(lbfgsb(start_of(2), fn)$par, lbfgsb(start_of(2), client("rosenbrock"))$par)
    sent <- unserialize(serialize(fn, NULL))
    expect_snapshot(error = TRUE, lbfgsb(start_of(2), sent))
    expect_error(sent(c(0, 0)), "pointer is NULL")
    expect_snapshot(error = TRUE, native_objective(from_client("pointer")(null = TRUE)))
  })
})

test_that("what is no native objective is refused in words", {
  expect_snapshot(error = TRUE, {
    native_objective(17, "lbfgsb")
    native_objective("lbfgsb_example")
    native_objective("nowhere", package = "lbfgsb")
    native_objective("lbfgsb_example", package = "lbfgsb", data = list(1, "a"))
    native_objective("lbfgsb_example", package = "lbfgsb", gradient = NA)
    native_objective(C_run)
    lbfgsb(0, native_objective("lbfgsb_example", package = "lbfgsb", data = 1), weights = 3)
  })
})

test_that("integers of bit64, whose bits are no doubles, are refused as data", {
  counts <- structure(c(4.9e-324, 9.9e-324), class = "integer64") # as.integer64(c(1, 2))
  fn <- function(data) native_objective("lbfgsb_example", package = "lbfgsb", data = data)
  expect_snapshot(error = TRUE, {
    fn(counts)
    fn(list(c(1, 2), counts))
    lbfgsb_many(c(0, 0), fn(c(0, 0)), data = list(c(1, 2), counts))
  })
})

test_that("R's time limit, wherever it strikes, is not taken for a function that is missing", {
  until_limit <- function() {
    setTimeLimit(elapsed = 5e-3, transient = TRUE)
    repeat native_objective("lbfgsb_example", package = "lbfgsb", data = 1)
  }
  for (i in 1:40) expect_error(until_limit(), "reached elapsed time limit")
})

test_that("a native objective says what it is", {
  expect_snapshot(native_objective("lbfgsb_example", package = "lbfgsb", data = 1))
})
