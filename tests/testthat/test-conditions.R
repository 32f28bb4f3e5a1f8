test_that("errors and warnings have their classes, fields and no call", {
  conditions <- list(
    lbfgsb_error_argument("par", "is wrong", elements = 2L),
    lbfgsb_error_objective("fn", NULL, "`fn` is wrong"),
    lbfgsb_error_start(1, NaN, NULL, "the start is wrong"),
    lbfgsb_warning_outside(1L, "moved"),
    lbfgsb_warning_tape(list(what = "disagrees with", why = "it does")),
    lbfgsb_warning_control("foo", "unknown")
  )
  classes <- c("lbfgsb_error_argument", "lbfgsb_error_objective", "lbfgsb_error_start",
               "lbfgsb_warning_outside", "lbfgsb_warning_tape", "lbfgsb_warning_control")
  for (i in seq_along(conditions)) {
    type <- if (i <= 3) "error" else "warning"
    expect_s3_class(conditions[[i]], c(classes[i], paste0("lbfgsb_", type), type, "condition"),
                    exact = TRUE)
    expect_null(conditionCall(conditions[[i]]))
  }
})

test_that("wrong arguments are errors before anything is evaluated", {
  never <- function(x) stop("evaluated")
  expect_snapshot(error = TRUE, {
    lbfgsb(1, "rosenbrock")
    lbfgsb(1, never, gr = 3)
    lbfgsb(1, never, hessian = NA)
    lbfgsb(1, never, method = "Newton")
    lbfgsb(c(a = NA), never)
    lbfgsb(1, never, lower = 2, upper = 1)
    lbfgsb(1, never, control = list(maxit = -1))
    lbfgsb(c(1, 2), never, control = list(parscale = 1:3))
    lbfgsb(c(a = 1, b = 2), never, control = list(parscale = c(z = 1)))
  })
})

test_that("a start that is not finite is an error that says what and where", {
  start <- c(a = 1, b = 2, 3)
  fn <- function(x) sum(x^2)
  expect_snapshot(error = TRUE, {
    lbfgsb(start, function(x) NaN)
    lbfgsb(start, function(x) NA)
    lbfgsb(start, function(x) Inf)
    lbfgsb(start, fn, function(x) c(1, NaN, Inf))
    lbfgsb(start, function(x) if (identical(x, start)) 1 else NaN)
  })
  error <- tryCatch(lbfgsb(start, fn, function(x) c(1, NaN, 1)), error = identity)
  expect_s3_class(error, "lbfgsb_error_start")
  expect_identical(error[c("par", "value", "gradient")],
                   list(par = start, value = 14, gradient = c(1, NaN, 1)))
})

test_that("workers that do not answer are named, with what they were at", {
  par <- c(a = 1, b = 2, c = 3)
  elements <- list(1, c(2, 3))
  at <- function(workers) unlist(elements[workers])
  parent <- simpleError("connection is not open")
  lose <- function(workers, trouble) {
    naming_lost(stop(lost_workers(workers, trouble, parent)), function(w) place_of(par, at(w)), at)
  }
  worker <- tryCatch(lose(2L, "broke down"), error = identity)
  expect_s3_class(worker, c("lbfgsb_error_worker", "lbfgsb_error", "error", "condition"), exact = TRUE)
  expect_identical(worker[c("workers", "elements", "parent")],
                   list(workers = 2L, elements = c(2, 3), parent = parent))
  expect_null(conditionCall(worker))
  expect_snapshot(error = TRUE, {
    stop(worker)
    lose(1:2, "broke down")
    lose(1:2, silence(2))
  })
})

test_that("the texts of the conditions that are rare", {
  expect_snapshot(error = TRUE, stop(lbfgsb_error_profile(NULL, c(a = 1), 2.5)))
  expect_snapshot(fit <- lbfgsb(c(a = 1, b = 2), function(x) sum(x^2), function(x) -2 * x))
})

test_that("an error without a message, or with several, is one failure of many", {
  starts <- rbind(c(1, 1), c(5, 1), c(0, 0))
  for (message in list(NULL, c("a", "b"))) {
    odd <- structure(class = c("odd", "error", "condition"), list(message = message, call = NULL))
    fn <- function(p) if (p[1] > 4) stop(odd) else sum((p - 2)^2)
    rows <- function(p, fits) if (any(p[, 1] > 4)) stop(odd) else rowSums((p - 2)^2)
    said <- if (is.null(message)) "an error without a message" else "a; b"
    expect_identical(lbfgsb_multistart(starts, fn)$runs$message[2], said)
    for (block in list(NULL, 10)) {
      fits <- lbfgsb_many(starts, if (is.null(block)) fn else rows, block = block)
      expect_identical(fits$message[2], said)
      expect_equal(fits$value[-2], c(0, 0), tolerance = 1e-9)
      expect_output(print(fits), paste0("1 fit failed: ", said, " (1 time)"), fixed = TRUE)
    }
    expect_error(lbfgsb_multistart(starts[2, , drop = FALSE], fn), paste0("all 1 run failed: ", said), fixed = TRUE)
  }
})

test_that("so it is on a worker", {
  skip_on_cran()
  cluster <- local_cluster(1)
  fn <- function(p) {
    if (p[1] > 4) stop(structure(class = c("odd", "error", "condition"), list(message = NULL, call = NULL)))
    sum((p - 2)^2)
  }
  starts <- rbind(c(1, 1), c(5, 1), c(0, 0))
  fits <- lbfgsb_many(starts, fn, control = list(cluster = cluster))
  expect_identical(fits$message, lbfgsb_many(starts, fn)$message)
  expect_identical(lbfgsb_multistart(starts, fn, control = list(cluster = cluster))$runs$message[2], fits$message[2])
})
