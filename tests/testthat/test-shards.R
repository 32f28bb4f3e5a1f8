# What workers keep, by their processes.
kept_by <- function(cluster) unlist(parallel::clusterEvalQ(cluster, ls(getOption("lbfgsb_kept"))))

test_that("a sum over shards is local(par) plus theirs, in their order", {
  p <- shard_problem()
  par <- c(a = 0.1, b = -0.2, c = 0.3)
  f <- sharded_objective(p$with_gradient, p$shards, local = p$ridge)
  parts <- c(list(p$ridge(par)), lapply(p$shards, function(shard) p$with_gradient(par, shard)))
  expect_identical(f(par)$value, Reduce(`+`, lapply(parts, `[[`, "value")))
  expect_identical(f(par)$gradient, unname(Reduce(`+`, lapply(parts, `[[`, "gradient"))))
  whole <- list(x = do.call(rbind, lapply(p$shards, `[[`, "x")), y = unlist(lapply(p$shards, `[[`, "y")))
  expect_equal(f(par)$value, p$nll(par, whole) + sum(par^2), tolerance = 1e-14)
  expect_true(all(check_gradient(f, par = par)$fits))
})

test_that("the result is the same to the bit by 1, 2 and 4 workers, with gradients and without", {
  skip_on_cran()
  p <- shard_problem()
  for (fn in p[c("nll", "with_gradient")]) {
    local <- if (identical(fn, p$nll)) function(par) sum(par^2) else p$ridge
    alone <- run_sharded(sharded_objective(fn, p$shards, local = local))
    for (workers in c(1, 2, 4)) {
      fit <- run_sharded(sharded_objective(fn, p$shards, local_cluster(workers), local))
      expect_identical(figures_of(fit), figures_of(alone))
      expect_identical(vcov(fit), vcov(alone))
    }
    expect_identical(confint(fit, "a", method = "profile"), confint(alone, "a", method = "profile"))
  }
})

test_that("forked workers are no different", {
  skip_on_cran()
  skip_on_os("windows")
  p <- shard_problem()
  cluster <- parallel::makeForkCluster(2)
  on.exit(parallel::stopCluster(cluster))
  fit <- run_sharded(sharded_objective(p$with_gradient, p$shards, cluster))
  expect_identical(figures_of(fit), figures_of(run_sharded(sharded_objective(p$with_gradient, p$shards))))
})

test_that("values alone: all points of a gradient cross in one message", {
  skip_on_cran()
  p <- shard_problem()
  f <- sharded_objective(p$nll, p$shards, local_cluster(2))
  fit <- run_sharded(f)
  expect_gt(fit$counts[["function"]], 20)
  expect_lt(sharded[[environment(f)$key]]$number, 0.6 * fit$counts[["function"]])
})

test_that("a shard is loaded once, by a function on the worker if it is one", {
  skip_on_cran()
  p <- shard_problem()
  folder <- withr::local_tempdir()
  loaders <- lapply(1:6, function(k) {
    file <- file.path(folder, paste0(k, ".rds"))
    saveRDS(p$shards[[k]], file)
    function() {
      cat(Sys.getpid(), "\n", file = paste0(file, ".log"), append = TRUE)
      readRDS(file)
    }
  })
  fit <- run_sharded(sharded_objective(p$with_gradient, loaders, local_cluster(2)))
  logs <- lapply(list.files(folder, "log$", full.names = TRUE), readLines)
  expect_identical(lengths(logs), rep(1L, 6))
  expect_length(unique(unlist(logs)), 2)
  expect_false(Sys.getpid() %in% trimws(unlist(logs)))
  expect_identical(figures_of(fit), figures_of(run_sharded(sharded_objective(p$with_gradient, p$shards))))
})

test_that("a file keeps keys and loaders, no data", {
  big <- list(rnorm(1e5), rnorm(1e5))
  fn <- function(par, shard) (par - mean(shard))^2
  environment(fn) <- globalenv()
  f <- sharded_objective(fn, big)
  f(1)
  expect_lt(length(serialize(f, NULL)), 5000)
  read <- through_file(f)
  expect_identical(read(1), f(1))
  close(f)
  expect_snapshot(error = TRUE, {
    read(1)
    sharded_objective(read)
  })
  expect_identical(sharded_objective(read, big)(1), sum(vapply(big, function(x) fn(1, x), 0)))
  loading <- sharded_objective(fn, list(a = function() 1, b = function() 2))
  read <- through_file(loading)
  close(loading)
  expect_identical(sharded_objective(read)(0), 5)
})

test_that("several objectives live on a worker until they are closed, or garbage", {
  skip_on_cran()
  cluster <- local_cluster(2)
  fn <- function(par, shard) sum((par - shard)^2)
  make <- function(...) {
    f <- sharded_objective(fn, list(...), cluster)
    f(0)
    f
  }
  f <- make(1, 2)
  g <- make(3, 4)
  expect_identical(c(f(0), g(0), f(0)), c(5, 25, 5))
  held <- function(f) sum(kept_by(cluster) == environment(f)$key)
  expect_identical(c(held(f), held(g)), c(2L, 2L))
  close(f)
  expect_identical(c(held(f), held(g)), c(0L, 2L))
  expect_error(f(0), "has been closed", class = "lbfgsb_error_argument")
  key <- environment(g)$key
  rm(g)
  gc()
  h <- make(5, 6)
  expect_false(key %in% kept_by(cluster))
  expect_identical(held(h), 2L)
})

test_that("arguments in ... cross when they change, as weights of the bootstrap do", {
  skip_on_cran()
  p <- shard_problem(2)
  shards <- Map(function(shard, rows) c(shard, list(rows = rows)), p$shards, p$rows)
  fn <- function(par, shard, w = 1) {
    eta <- drop(shard$x %*% par)
    sum((log1p(exp(eta)) - shard$y * eta) * rep_len(w, 60)[shard$rows])
  }
  boots <- lapply(list(NULL, local_cluster(2)), function(cluster) {
    lbfgsb_boot(run_sharded(sharded_objective(fn, shards, cluster)), 3, weights = "w")
  })
  expect_identical(boots[[1]]$t, boots[[2]]$t)
  expect_gt(min(apply(boots[[1]]$t, 2, stats::sd)), 0)
})

test_that("errors of fn and of loaders are theirs; stopping too", {
  skip_on_cran()
  fails <- function(par, shard) if (shard == 2) stop(errorCondition("no data", class = "my_error")) else par
  for (cluster in list(NULL, local_cluster(2))) {
    expect_error(sharded_objective(fails, list(1, 2), cluster)(1), "no data", class = "my_error")
    broken <- sharded_objective(fails, list(1, function() stop("no file")), cluster)
    expect_error(broken(1), "no file")
    stopping <- structure(list(message = "", call = NULL), class = c("lbfgsb_stop", "condition"))
    stops <- function(par, shard) {
      if (par < 1) signalCondition(stopping)
      par^2
    }
    fit <- lbfgsb(3, sharded_objective(stops, list(1), cluster))
    expect_identical(fit$convergence, 1L)
  }
})

test_that("a shard whose loader has failed is loaded again when it is needed next, the others are not", {
  skip_on_cran()
  folder <- withr::local_tempdir()
  log_of <- function(k) file.path(folder, paste0(k, ".log")) # of its own, as workers write at the same time
  loaders <- lapply(1:4, function(k) function() {
    cat(k, "\n", file = log_of(k), append = TRUE)
    if (k == 3) readRDS(file.path(folder, "3.rds")) else k
  })
  squares <- function(par, shard) list(value = (par - shard)^2, gradient = 2 * (par - shard))
  for (cluster in list(NULL, local_cluster(2))) {
    unlink(dir(folder, full.names = TRUE))
    f <- sharded_objective(squares, loaders, cluster)
    failed <- tryCatch(suppressWarnings(lbfgsb(0, f)), error = identity)
    expect_match(conditionMessage(failed), "cannot open the connection")
    saveRDS(3, file.path(folder, "3.rds"))
    expect_identical(f(0), list(value = 30, gradient = -20))
    expect_identical(lbfgsb_resume(failed)$par, lbfgsb(0, sharded_objective(squares, as.list(1:4)))$par)
    expect_identical(lengths(lapply(log_of(1:4), readLines)), c(1L, 1L, 2L, 1L))
  }
})

test_that("a worker killed at ten moments, at work or at rest, is named; another cluster goes on, to the bit", {
  skip_on_cran()
  skip_on_os("windows")
  p <- shard_problem()
  alone <- run_sharded(sharded_objective(p$with_gradient, p$shards))
  slowly <- function(par, shard) {
    Sys.sleep(0.002)
    shard$fn(par, shard)
  }
  shards <- lapply(p$shards, function(shard) c(shard, list(fn = p$with_gradient)))
  moments <- withr::with_seed(1, runif(10, 0, 0.15))
  for (k in 1:10) {
    cluster <- local_cluster(2)
    f <- sharded_objective(slowly, shards, cluster)
    pid <- parallel::clusterCall(cluster, Sys.getpid)[[1 + k %% 2]]
    asleep <- k > 7
    if (asleep) f(c(0, 0, 0))
    later <- sprintf("(sleep %.3f; kill -9 %d)", moments[k], pid)
    if (asleep) tools::pskill(pid, 9) else system(later, wait = FALSE)
    outcome <- tryCatch(run_sharded(f), error = identity)
    if (inherits(outcome, "error")) {
      expect_s3_class(outcome, c("lbfgsb_error_worker", "lbfgsb_unfinished"))
      expect_identical(as.integer(outcome$workers), as.integer(1 + k %% 2))
      outcome <- lbfgsb_resume(outcome$state, sharded_objective(f, cluster = local_cluster(1)))
    }
    expect_identical(outcome[c("par", "value", "counts")], alone[c("par", "value", "counts")])
    stop_workers(cluster)
  }
})

test_that("a stopped worker counts as lost after the timeout", {
  skip_on_cran()
  skip_on_os("windows")
  p <- shard_problem()
  cluster <- local_cluster(2)
  f <- sharded_objective(p$with_gradient, p$shards, cluster, timeout = 1)
  pid <- parallel::clusterCall(cluster, Sys.getpid)[[2]]
  f(c(0, 0, 0))
  tools::pskill(pid, tools::SIGSTOP)
  withr::defer(tools::pskill(pid, 9), priority = "first")
  error <- tryCatch(run_sharded(f), error = identity)
  expect_s3_class(error, "lbfgsb_error_worker")
  expect_identical(as.integer(error$workers), 2L)
  expect_match(conditionMessage(error), "did not answer within 1 seconds")
  rest <- lbfgsb_resume(error$state, sharded_objective(f, cluster = local_cluster(2)))
  expect_identical(rest$par, run_sharded(sharded_objective(p$with_gradient, p$shards))$par)
})

test_that("an interrupt gets through while a worker computes, and the same cluster goes on", {
  skip_on_cran()
  skip_on_os("windows")
  slow <- function(par, shard) {
    if (par == 1) Sys.sleep(shard)
    sum(par^2)
  }
  f <- sharded_objective(slow, list(0, 10), local_cluster(2))
  interrupted <- function() { # an interrupt that comes too early or too late would end R
    system(paste("(sleep 1; kill -2", Sys.getpid(), ")"), wait = FALSE)
    f(1)
  }
  took <- system.time(condition <- tryCatch(interrupted(), interrupt = identity))[["elapsed"]]
  expect_s3_class(condition, "interrupt")
  expect_lt(took, 8)
  expect_identical(f(2), 8)
})

test_that("many fits of a sum over shards are those one by one, over its own workers", {
  skip_on_cran()
  p <- shard_problem()
  f <- sharded_objective(p$with_gradient, p$shards, local_cluster(2))
  starts <- rbind(c(0, 0, 0), c(1, -1, 1))
  many <- lbfgsb_many(starts, f)
  for (i in 1:2) {
    alone <- lbfgsb(starts[i, ], sharded_objective(p$with_gradient, p$shards))
    expect_identical(unlist(many[i, 1:4], use.names = FALSE), c(alone$par, alone$value))
  }
  close(f)
})

test_that("arguments are checked, and a cluster beside the shards' is refused", {
  fn <- function(par, shard) par
  expect_snapshot(error = TRUE, {
    sharded_objective(1, list(1))
    sharded_objective(fn, 1:3)
    sharded_objective(fn, list())
    sharded_objective(fn, list(a = 1, a = 2))
    sharded_objective(fn, list(1), cluster = 2)
    sharded_objective(fn, list(1), local = 2)
    sharded_objective(fn, list(1), timeout = 0)
    some <- function(par, shard) if (shard == 1) par else list(value = par, gradient = 1)
    sharded_objective(some, list(1, 2))(3)
  })
  f <- sharded_objective(fn, list(1, 2))
  cluster <- structure(list(), class = "cluster")
  for (minimize in list(lbfgsb, function(par, ...) lbfgsb_many(cbind(par), ...))) {
    refused <- expect_error(minimize(1, f, control = list(cluster = cluster)), class = "lbfgsb_error_argument")
    expect_match(conditionMessage(refused), "of its own")
  }
  expect_snapshot(print(f))
})

test_that("an argument of fn keeps its name, though one of ours begins so", {
  of_shard <- function(theta, q, shard) shard * sum((theta - q)^2) + sum(theta^4)
  results <- function(fn, given) {
    f <- sharded_objective(fn, list(1, 3))
    fit <- call_with(lbfgsb, given, par = start, fn = f, gr = NULL, hessian = TRUE)
    expect_identical(call_with(f, given, start), call_with(f, given, par = start))
    list(told_of(fit), confint(fit, method = "profile"), call_with(f, given, start))
  }
  none <- results(without_q(of_shard), list())
  for (name in setdiff(short_names, "..")) {
    expect_identical(results(renamed(of_shard, name), structure(list(data_in_order), names = name)), none, info = name)
  }
})

test_that("update() goes from a sharded fit to a plain one, and back", {
  squares <- function(par, shard, unit = 1) sum((unit * shard$dist - par[["a"]] - par[["b"]] * shard$speed)^2)
  slopes <- function(par, shard, unit = 1) {
    r <- unit * shard$dist - par[["a"]] - par[["b"]] * shard$speed
    list(value = sum(r^2), gradient = -2 * c(sum(r), sum(r * shard$speed)))
  }
  control <- list(fn_is = "squares", nobs = 50)
  lines <- unname(coef(lm(dist ~ speed, cars)))
  for (fn in list(squares, slopes)) {
    f <- sharded_objective(fn, split(cars, rep(1:2, 25)))
    over <- lbfgsb(c(a = 0, b = 1), f, unit = 2, control = control)
    plain <- update(over, fn = squares, shard = cars, unit = 1, control = control)
    expect_equal(unname(coef(plain)), lines, tolerance = 1e-5)
    expect_null(plain$objective$control$cluster)
    message <- tryCatch(update(plain, fn = f, control = control), message = identity)
    expect_identical(message$arguments, "shard")
    back <- suppressMessages(update(plain, fn = f, control = control))
    expect_equal(unname(coef(back)), lines, tolerance = 1e-5)
    expect_equal(unname(coef(update(back, unit = 2))), 2 * lines, tolerance = 1e-5)
    expect_equal(unname(coef(lbfgsb_resume(back, function(par) squares(par, cars)))), lines, tolerance = 1e-5)
    by_position <- lbfgsb(c(a = 0, b = 1), f, NULL, 2, control = control)
    expect_equal(unname(coef(update(by_position, fn = squares, shard = cars, control = control))), 2 * lines, tolerance = 1e-5)
  }
})
