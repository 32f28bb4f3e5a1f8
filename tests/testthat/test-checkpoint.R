# 30 to 60 ms of run, a checkpoint each iteration.
slow <- rosenbrock(6)
slow_fn <- function(x) {
  Sys.sleep(0.0005)
  slow$fn(x)
}

run_with_checkpoints <- function(file) {
  lbfgsb(slow$par, slow_fn, slow$gr, control = list(factr = 10, checkpoint = file, checkpoint_every = 0))
}

# A process that runs until it is killed, `after` seconds from its first checkpoint.
run_and_kill <- function(file, after) {
  job <- parallel::mcparallel(repeat run_with_checkpoints(file), silent = TRUE)
  on.exit(suppressWarnings(parallel::mccollect(job)))
  while (!file.exists(file)) Sys.sleep(0.001)
  Sys.sleep(after)
  tools::pskill(job$pid, tools::SIGKILL)
}

test_that("a process killed at any moment leaves a whole checkpoint, which goes on to the same bits", {
  skip_on_os("windows")
  skip_on_cran()
  whole <- lbfgsb(slow$par, slow$fn, slow$gr, control = list(factr = 10))
  set.seed(1)
  iterations <- integer()
  for (after in runif(50, 0, 0.1)) {
    file <- withr::local_tempfile(fileext = ".rds")
    run_and_kill(file, after)
    state <- readRDS(file)
    iterations <- c(iterations, nrow(lbfgsb_result(state)$history) - 1L)
    rest <- lbfgsb_resume(file, slow$fn, slow$gr)
    fields <- c("par", "value", "counts", "gradient", "history", "message")
    expect_identical(unclass(rest)[fields], unclass(whole)[fields])
  }
  expect_gt(length(unique(iterations)), 10)
})

test_that("the last checkpoint is the end, and there are as many as asked for", {
  file <- withr::local_tempfile(fileext = ".rds")
  fit <- run_with_checkpoints(file)
  expect_identical(lbfgsb_result(readRDS(file))$par, fit$par)
  expect_false(file.exists(paste0(file, ".unfinished")))
  unlink(file)
  expect_message(
    lbfgsb(slow$par, slow$fn, slow$gr, control = list(checkpoint = file, callback = function(progress) {
      if (progress$iteration == 3) message(file.exists(file))
      FALSE
    })),
    "FALSE"
  )
  expect_true(file.exists(file))
})

test_that("a checkpoint that cannot be written is an error, and loses nothing", {
  for (every in c(0, Inf)) { # each iteration, and at the end only
    directory <- withr::local_tempdir()
    losing <- function(x) {
      unlink(directory, recursive = TRUE)
      slow$fn(x)
    }
    control <- list(checkpoint = file.path(directory, "state.rds"), checkpoint_every = every)
    error <- tryCatch(suppressWarnings(lbfgsb(slow$par, losing, slow$gr, control = control)),
                      error = identity)
    expect_s3_class(error, "lbfgsb_unfinished")
    rest <- lbfgsb_resume(error$state, slow$fn, slow$gr, control = list(checkpoint = NULL))
    expect_identical(rest$convergence, 0L)
  }
})

test_that("the directory of a checkpoint is looked for before anything runs", {
  nowhere <- file.path(withr::local_tempdir(), "no", "such", "place.rds")
  never <- function(x) stop("evaluated")
  error <- tryCatch(lbfgsb(1, never, control = list(checkpoint = nowhere)), error = identity)
  expect_s3_class(error, "lbfgsb_error_argument")
  expect_identical(error$argument, "control$checkpoint")
})

test_that("a checkpoint that is a directory, or has no name, is refused before anything runs", {
  for (file in c(tempdir(), file.path(tempdir(), "none/"), "")) {
    expect_error(lbfgsb(c(1, 2), function(x) stop("ran"), control = list(checkpoint = file)), "must be the name of a file",
                 class = "lbfgsb_error_argument")
  }
})

test_that("a file that holds no R object is refused by its name", {
  file <- withr::local_tempfile()
  writeLines("no state", file)
  expect_error(lbfgsb_resume(file, function(x) x^2), basename(file), class = "lbfgsb_error_state")
})
