test_that("what is large is named, once a function", {
  skip_on_cran()
  ballast <- rnorm(3e6)
  other <- rnorm(10)
  fn <- function(x) sum((x - other[1])^2)
  control <- list(cluster = local_cluster(1))
  warned <- expect_warning(lbfgsb(1, fn, control = control), class = "lbfgsb_warning_shipped")
  expect_identical(names(warned$objects)[1], "ballast")
  expect_gt(warned$size, 2.4e7)
  expect_match(conditionMessage(warned), "23 MiB")
  expect_no_warning(lbfgsb(1, fn, control = control))
})

test_that("sizes of objects are found in environments and lists, and no promise is forced that fails", {
  make <- function(data, missing_one) function() data
  f <- make(list(a = numeric(1000), b = 1))
  sizes <- largest_objects(list(fn = f))
  expect_identical(sizes[["a"]], as.numeric(object.size(numeric(1000))))
})

test_that("answers to what was asked before are left behind", {
  skip_on_cran()
  cluster <- local_cluster(2)
  for (node in cluster) send_request(node, list(slot = "s", key = "old", number = 1))
  request <- list(slot = "s", key = "new", number = 1)
  answers <- ask_workers(cluster, list(request, request))
  expect_identical(vapply(answers, `[[`, "", "key"), c("new", "new"))
})

test_that("a worker of a closed cluster is lost", {
  skip_on_cran()
  cluster <- local_cluster(1)
  parallel::stopCluster(cluster)
  request <- list(slot = "s", key = "k", number = 1)
  expect_error(ask_workers(cluster, list(request)), class = "lbfgsb_lost_workers")
})

# Two namespaces of the network, joined by a cable: a host of its own for the workers.
local_host <- function(frame = parent.frame()) {
  run <- function(...) suppressWarnings(system(paste("ip", ...), ignore.stdout = TRUE, ignore.stderr = TRUE))
  space <- paste0("lbfgsb", Sys.getpid() %% 10000)
  steps <- c(
    paste("netns add", space), paste("link add", space, "type veth peer name eth0 netns", space),
    paste("addr add 10.231.7.1/24 dev", space), paste("link set", space, "up"),
    paste("-n", space, "addr add 10.231.7.2/24 dev eth0"), paste("-n", space, "link set eth0 up")
  )
  withr::defer(run("netns del", space), frame)
  for (step in steps) if (run(step) != 0) return(NULL)
  space
}

test_that("a cluster on another host, as its user would start it", {
  skip_on_cran()
  skip_on_os(c("windows", "mac"))
  space <- local_host()
  if (is.null(space)) skip("a network namespace takes root, and no other host is known here")
  shell <- withr::local_tempfile()
  # In the place of ssh: called as ssh -l user host command
  writeLines(c("#!/bin/sh", "while [ \"$1\" != 10.231.7.2 ]; do shift; done", "shift",
               paste("exec ip netns exec", space, "sh -c \"$*\"")), shell)
  Sys.chmod(shell, "0755")
  cluster <- parallel::makePSOCKcluster(rep("10.231.7.2", 2), master = "10.231.7.1", rshcmd = shell,
                                        rscript = file.path(R.home("bin"), "Rscript"))
  withr::defer(stop_workers(cluster))
  links <- parallel::clusterEvalQ(cluster, system("ip -o link", intern = TRUE))
  expect_false(any(grepl(space, unlist(links), fixed = TRUE))) # they see another network
  p <- shard_problem()
  fit <- run_sharded(sharded_objective(p$with_gradient, p$shards, cluster, p$ridge))
  alone <- run_sharded(sharded_objective(p$with_gradient, p$shards, local = p$ridge))
  expect_identical(figures_of(fit), figures_of(alone))
})
