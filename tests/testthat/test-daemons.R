# These need the package mirai, which .ci/full installs.
local_daemons <- function(n, dispatcher, frame = parent.frame()) {
  mirai::daemons(n, dispatcher = dispatcher)
  withr::defer(mirai::daemons(0), frame)
  tasks <- lapply(seq_len(n), function(i) mirai::mirai({
    Sys.sleep(0.3)
    Sys.getpid()
  }))
  unique(unlist(lapply(tasks, function(task) mirai::call_mirai(task)$data)))
}

test_that("shards go by key: uneven calls, which turn the daemons round, change nothing", {
  skip_on_cran()
  skip_if_not_installed("mirai")
  p <- shard_problem()
  alone <- sharded_objective(p$with_gradient, p$shards)
  for (dispatcher in c(TRUE, FALSE)) {
    local({
      local_daemons(2, dispatcher)
      f <- sharded_objective(p$with_gradient, p$shards, "mirai")
      for (k in 1:20) {
        if (k %% 2 == 0) mirai::mirai(Sys.sleep(0.01))
        par <- c(k, -k, 1) / 20
        expect_identical(f(par), alone(par))
      }
    })
  }
})

test_that("the result is that of no workers, to the bit, over mirai's clusters and daemons", {
  skip_on_cran()
  skip_if_not_installed("mirai")
  p <- shard_problem()
  for (fn in p[c("nll", "with_gradient")]) {
    alone <- run_sharded(sharded_objective(fn, p$shards))
    for (workers in 1:2) {
      cluster <- mirai::make_cluster(workers)
      withr::defer(mirai::stop_cluster(cluster))
      fit <- run_sharded(sharded_objective(fn, p$shards, cluster))
      expect_identical(figures_of(fit), figures_of(alone))
      expect_identical(vcov(fit), vcov(alone))
    }
  }
})

test_that("the others get the shards of a daemon that is killed or stopped, with one message", {
  skip_on_cran()
  skip_if_not_installed("mirai")
  skip_on_os("windows")
  p <- shard_problem()
  alone <- run_sharded(sharded_objective(p$with_gradient, p$shards))
  for (dispatcher in c(TRUE, FALSE)) for (signal in c(9, tools::SIGSTOP)) {
    local({
      local_daemons(3, dispatcher)
      f <- sharded_objective(p$with_gradient, p$shards, "mirai", timeout = 2)
      f(c(0, 0, 0))
      holders <- unlist(sharded[[environment(f)$key]]$holders)
      pid <- as.integer(sub(".* ", "", holders[[1]]))
      tools::pskill(pid, signal)
      withr::defer(tools::pskill(pid, 9), priority = "first")
      told <- testthat::capture_messages(fit <- run_sharded(f))
      expect_length(told, 1)
      expect_match(told, counted(sum(holders == holders[[1]]), "shard"), fixed = TRUE)
      expect_identical(figures_of(fit), figures_of(alone))
    })
  }
})

test_that("without a daemon that is left it is an error, with the state", {
  skip_on_cran()
  skip_if_not_installed("mirai")
  skip_on_os("windows")
  p <- shard_problem()
  pids <- local_daemons(1, TRUE)
  f <- sharded_objective(p$with_gradient, p$shards, "mirai", timeout = 5)
  f(c(0, 0, 0))
  tools::pskill(pids, 9)
  error <- suppressMessages(tryCatch(run_sharded(f), error = identity))
  expect_s3_class(error, c("lbfgsb_error_worker", "lbfgsb_unfinished"))
  rest <- lbfgsb_resume(error$state, sharded_objective(f, cluster = NULL))
  expect_identical(rest$par, run_sharded(sharded_objective(p$with_gradient, p$shards))$par)
})

test_that("differences and many starts over mirai are those without it, to the bit", {
  skip_on_cran()
  skip_if_not_installed("mirai")
  fn <- function(x) sum((x - 1:6)^4) + x[1] * x[6]
  alone <- lbfgsb(numeric(6), fn)
  runs <- lbfgsb_multistart(4, function(x) sum(cos(3 * x) + x^2), lower = c(-2, -2), upper = 2)
  expect_error(lbfgsb(numeric(6), fn, control = list(cluster = "mirai")), "daemons",
               class = "lbfgsb_error_argument")
  for (dispatcher in c(TRUE, FALSE)) {
    local({
      local_daemons(2, dispatcher)
      expect_identical(figures_of(lbfgsb(numeric(6), fn, control = list(cluster = "mirai"))), figures_of(alone))
    })
  }
  cluster <- mirai::make_cluster(2)
  withr::defer(mirai::stop_cluster(cluster))
  fit <- lbfgsb(numeric(6), fn, control = list(cluster = cluster))
  expect_identical(figures_of(fit), figures_of(alone))
  expect_identical(vcov(fit), vcov(alone))
  libraries <- strsplit(Sys.getenv("R_LIBS"), .Platform$path.sep)[[1]]
  skip_if(!any(file.exists(file.path(libraries, "lbfgsb"))), "daemons look for lbfgsb in R_LIBS")
  over <- lbfgsb_multistart(4, function(x) sum(cos(3 * x) + x^2), lower = c(-2, -2), upper = 2,
                            control = list(cluster = cluster))
  expect_identical(over$runs, runs$runs)
})
