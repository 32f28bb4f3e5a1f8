test_that("two workers give the result of none, to the bit, and share the evaluations", {
  skip_on_cran()
  cluster <- local_cluster(2)
  logs <- withr::local_tempdir()
  fn <- function(x, target) { # a file for each process
    cat(".", file = file.path(logs, Sys.getpid()), append = TRUE)
    sum((x - target)^2 + sin(x))
  }
  run <- function(cluster) {
    lbfgsb(rep(0, 20), fn, target = 1:20, upper = 15, control = list(cluster = cluster, maxit = 2))
  }
  alone <- run(NULL)
  expect_identical(list.files(logs), as.character(Sys.getpid()))
  unlink(list.files(logs, full.names = TRUE))
  expect_identical(figures_of(run(cluster)), figures_of(alone))
  evaluated <- file.size(list.files(logs, full.names = TRUE))
  shared <- evaluated[list.files(logs) != Sys.getpid()]
  expect_length(shared, 2)
  expect_gt(min(shared), 0.45 * sum(shared))
  expect_gt(sum(shared), 0.8 * sum(evaluated))
})

test_that("a run that fails counts as many evaluations over a cluster", {
  skip_on_cran() # opens sockets
  cluster <- parallel::makePSOCKcluster(1)
  on.exit(parallel::stopCluster(cluster))
  set.seed(2)
  y <- rnorm(50, 3, 2)
  nll <- function(p, y) -sum(dnorm(y, p[["mu"]], p[["sd"]], log = TRUE))
  run <- function(cluster) {
    control <- list(gradient = "forward", noise = 1e-8, cluster = cluster)
    lbfgsb(c(mu = 1, sd = 3), nll, y = y, lower = c(sd = 0.01), control = control)[c("convergence", "value", "counts")]
  }
  expect_identical(run(cluster), run(NULL))
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
    expect_identical(figures_of(fits[[1]]), figures_of(fits[[2]]))
  }
})

# with() keeps a reference to `par`, so that the next value must not be written over it
test_that("a cluster gives the same values to the bit where fn keeps par", {
  cluster <- local_cluster(1)
  fn <- function(p) with(list(z = p[1] - 3), 10 + z^2 + (p[2] - z)^4 + 0 * p[3])
  g <- local({
    shift <- function(p) p[1] - 3
    function(p) with(list(z = shift(p)), 10 + z^2 + (p[2] - z)^4 + 0 * p[3])
  })
  for (f in list(fn, g)) {
    expect_identical(lbfgsb(c(0, 0, 1), f, control = list(cluster = cluster))$par, lbfgsb(c(0, 0, 1), f)$par)
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

test_that("what a worker lacks is told, and how it gets there", {
  skip_on_cran()
  cluster <- local_cluster(1)
  y <- c(3, 5, 4)
  nll <- function(p) sum((y - p["a"])^2)
  environment(nll) <- globalenv() # as at the prompt
  assign("y", y, globalenv())
  withr::defer(rm("y", envir = globalenv()))
  control <- list(cluster = cluster)
  paths <- .libPaths()
  parallel::clusterCall(cluster, .libPaths, paths)
  expect_snapshot(error = TRUE, {
    lbfgsb(c(a = 1), nll, control = control)
    lbfgsb_multistart(3, nll, lower = c(a = 1), upper = 10, control = control)
    fits <- lbfgsb_many(cbind(a = 1:3), nll, control = control)
    fits <- lbfgsb_many(cbind(a = 1:3), function(p) stop("too far"), control = control)
  })
  error <- tryCatch(lbfgsb(c(a = 1), nll, control = control), error = identity)
  expect_match(conditionMessage(error), "clusterExport(cl, \"y\")", fixed = TRUE)
  there <- function(text) describe_there(text, cluster)
  expect_match(there("could not find function \"rnormal\""), "clusterExport(cl, \"rnormal\")", fixed = TRUE)
  expect_match(there("there is no package called 'zoo'"), "install it", fixed = TRUE)
  expect_match(describe_there("object 'y' not found", "mirai"), "mirai::everywhere()", fixed = TRUE)
  expect_identical(there("no"), " (on a worker of the cluster)")
  expect_null(describe_there("object 'y' not found", NULL))
})

test_that("a run whose worker is killed goes on over another cluster to the same bits", {
  skip_on_cran()
  main <- Sys.getpid()
  killed <- withr::local_tempfile()
  fn <- function(x) sum((x - 1:4)^4) + x[["a"]] * x[["d"]]
  # The worker that comes to a third of the way first.
  dying <- function(x) {
    if (Sys.getpid() != main && x[["d"]] > 2 && !file.exists(killed)) {
      file.create(killed)
      tools::pskill(Sys.getpid(), 9)
    }
    fn(x)
  }
  start <- c(a = 0, b = 0, c = 0, d = 0)
  whole <- lbfgsb(start, fn, upper = c(c = 2), hessian = TRUE)
  error <- tryCatch(
    lbfgsb(start, dying, upper = c(c = 2), control = list(cluster = local_cluster(2))),
    error = identity
  )
  expect_true(file.exists(killed))
  expect_s3_class(error, c("lbfgsb_error_worker", "lbfgsb_error", "lbfgsb_unfinished", "error", "condition"),
                  exact = TRUE)
  lost <- names(start)[error$elements]
  expect_match(conditionMessage(error), paste(lost, collapse = ", "), fixed = TRUE)
  expect_identical(error$value, fn(error$par))
  expect_lt(error$value, fn(start))

  state <- unserialize(serialize(error$state, NULL))
  for (control in list(list(cluster = local_cluster(2)), list())) {
    rest <- lbfgsb_resume(state, dying, control = control, hessian = TRUE)
    expect_identical(figures_of(rest), figures_of(whole))
  }
})

test_that("no state holds a cluster, which would not outlive the session", {
  skip_on_cran()
  file <- withr::local_tempfile()
  control <- list(cluster = local_cluster(1), keep_state = TRUE, checkpoint = file, maxit = 3)
  fit <- lbfgsb(c(1, 2), function(x) sum(x^4), control = control)
  rest <- lbfgsb_resume(fit$state, function(x) sum(x^4), control = replace(control, "maxit", 6))
  for (state in list(fit$state, rest$state, readRDS(file))) {
    expect_true("cluster" %in% names(state$control))
    expect_null(state$control$cluster)
  }
})

test_that("a fit is evaluated again over its cluster, and without where that is gone", {
  skip_on_cran()
  main <- Sys.getpid()
  log <- withr::local_tempdir()
  fn <- function(x) {
    file.create(file.path(log, Sys.getpid()))
    sum((x - 1:3)^4 + (x - 2)^2)
  }
  workers <- function() setdiff(list.files(log), main)
  alone <- lbfgsb(c(0, 0, 0), fn)
  cluster <- parallel::makePSOCKcluster(2)
  fit <- lbfgsb(c(0, 0, 0), fn, control = list(cluster = cluster))
  expect_length(workers(), 2)
  unlink(file.path(log, workers()))
  expect_identical(vcov(fit), vcov(alone))
  expect_length(workers(), 2)
  unlink(file.path(log, workers()))
  saved <- unserialize(serialize(fit, NULL))
  expect_identical(vcov(saved), vcov(alone))
  parallel::stopCluster(cluster)
  expect_identical(vcov(fit), vcov(alone))
  expect_identical(confint(fit, 1, method = "profile"), confint(alone, 1, method = "profile"))
  expect_length(workers(), 0)
  expect_identical(fit$objective$control$cluster, cluster)
})

test_that("an interrupt leaves answers on their way, which no run over the same cluster takes for its own", {
  skip_on_cran()
  skip_on_os("windows")
  main <- Sys.getpid()
  once <- withr::local_tempfile()
  fn <- function(x) sum((x - 1:4)^4) + x[1] * x[4]
  interrupting <- function(x) {
    if (Sys.getpid() != main && x[4] > 2 && dir.create(once, showWarnings = FALSE)) {
      tools::pskill(main, tools::SIGINT)
      Sys.sleep(0.2)
    }
    fn(x)
  }
  cluster <- local_cluster(2)
  condition <- tryCatch(lbfgsb(numeric(4), interrupting, control = list(cluster = cluster)), interrupt = identity)
  expect_s3_class(condition, "lbfgsb_unfinished")
  rest <- lbfgsb_resume(condition$state, fn, control = list(cluster = cluster))
  expect_identical(rest$par, lbfgsb(numeric(4), fn)$par)
})

test_that("workers load this package from where it is here, and another build is an error", {
  skip_on_cran()
  cluster <- local_cluster(1)
  run <- function() lbfgsb_multistart(cbind(x = c(1, 3)), function(x) (x - 2)^2, control = list(cluster = cluster))
  parallel::clusterEvalQ(cluster, .libPaths(character()))
  expect_equal(coef(run()), c(x = 2), tolerance = 1e-6)
  expect_identical(parallel::clusterEvalQ(cluster, getNamespaceInfo("lbfgsb", "path"))[[1]],
                   getNamespaceInfo("lbfgsb", "path"))
  other <- function(build) {
    package <- asNamespace("lbfgsb")
    unlockBinding("build", package)
    package$build <- build
  }
  environment(other) <- globalenv()
  parallel::clusterCall(cluster, other, function() "0.0.9, layout 1")
  error <- expect_error(run(), class = "lbfgsb_error_worker")
  expect_match(conditionMessage(error), "^the workers have loaded lbfgsb 0.0.9, layout 1 from .*this session has .* anew$")
  parallel::clusterCall(cluster, other, NULL)
  expect_error(run(), "have loaded lbfgsb [0-9.]+ from", class = "lbfgsb_error_worker")
})

test_that("a cluster must be one", {
  expect_error(lbfgsb_control(cluster = 2), class = "lbfgsb_error_argument")
})

test_that("an argument of fn keeps its name on a worker, though one of ours begins so", {
  skip_on_cran()
  cluster <- local_cluster(1)
  results <- function(f, given) {
    by <- function(called, ...) call_with(called, given, fn = f, gr = NULL, control = list(cluster = cluster), ...)
    list(told_of(by(lbfgsb, par = start, hessian = TRUE)), told_of(by(lbfgsb, par = as.list(start))),
         by(lbfgsb_multistart, starts = rbind(start, 3))$runs, c(by(lbfgsb_many, par = rbind(start, 3))))
  }
  none <- results(without_q(quartic), list())
  for (name in c("p", "pa", "f", "g", "s", "x", "i", "w", "o", "a", "r")) {
    expect_identical(results(renamed(quartic, name), structure(list(data_in_order), names = name)), none, info = name)
  }
})
