local_cluster <- function(workers, frame = parent.frame()) {
  cluster <- parallel::makePSOCKcluster(workers)
  do.call(on.exit, list(substitute(try(parallel::stopCluster(cluster), silent = TRUE)), add = TRUE),
          envir = frame)
  cluster
}

test_that("two workers give the result of none, to the bit, in less time", {
  skip_on_cran()
  cluster <- local_cluster(2)
  slow <- function(x, target) {
    Sys.sleep(0.05)
    sum((x - target)^2 + sin(x))
  }
  run <- function(cluster) {
    control <- list(cluster = cluster, maxit = 2)
    time <- system.time(
      fit <- lbfgsb(rep(0, 20), slow, target = 1:20, upper = 15, control = control)
    )
    list(fit = fit, seconds = time[["elapsed"]])
  }
  alone <- run(NULL)
  together <- run(cluster)
  figures <- setdiff(names(alone$fit), "objective")
  expect_identical(together$fit[figures], alone$fit[figures])
  expect_gt(alone$seconds / together$seconds, 1.7)
})

test_that("forked workers, names, non-finite sides and Hessians are no different", {
  skip_on_cran()
  skip_on_os("windows")
  cluster <- parallel::makeForkCluster(2)
  on.exit(parallel::stopCluster(cluster))
  fn <- function(x) if (x[["a"]] < 0.5) NaN else sum((x - c(0.5, 3))^2) + exp(x[["b"]] / 9)
  for (method in c("forward", "central", "richardson")) {
    fits <- lapply(list(NULL, cluster), function(cluster) {
      lbfgsb(c(a = 0.6, b = 1), fn, hessian = TRUE,
             control = list(cluster = cluster, gradient = method))
    })
    figures <- setdiff(names(fits[[1]]), "objective")
    expect_identical(fits[[1]][figures], fits[[2]][figures])
  }
})

test_that("runs that share a cluster do not mix", {
  skip_on_cran()
  cluster <- local_cluster(1)
  inner <- function() lbfgsb(1, function(z) (z - 3)^2, control = list(cluster = cluster))$par
  main <- Sys.getpid()
  outer <- function(x) {
    if (Sys.getpid() == main) stopifnot(abs(inner() - 3) < 1e-5)
    sum((x - 5)^4)
  }
  alone <- lbfgsb(c(1, 2), function(x) sum((x - 5)^4))
  expect_identical(lbfgsb(c(1, 2), outer, control = list(cluster = cluster))$par, alone$par)
})

test_that("an error of fn on a worker is that error, and a lost worker is named", {
  skip_on_cran()
  cluster <- local_cluster(2)
  main <- Sys.getpid()
  fails <- function(x) {
    if (Sys.getpid() != main) stop(errorCondition("not here", class = "my_error"))
    sum(x^2)
  }
  expect_error(lbfgsb(c(1, 1), fails, control = list(cluster = cluster)), "not here",
               class = "my_error")
  dies <- function(x) {
    if (Sys.getpid() != main && x[["c"]] != 1) tools::pskill(Sys.getpid(), 9)
    sum(x^2)
  }
  error <- tryCatch(lbfgsb(c(a = 1, b = 1, c = 1), dies, control = list(cluster = cluster)),
                    error = identity)
  expect_s3_class(error, "lbfgsb_error_worker")
  expect_identical(error$workers, 2L)
  expect_true(3 %in% error$elements)
  expect_match(conditionMessage(error), "c\\)")
})

test_that("a cluster must be one", {
  expect_error(lbfgsb_control(cluster = 2), class = "lbfgsb_error_argument")
})
