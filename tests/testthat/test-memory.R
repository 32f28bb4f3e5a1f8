# Megabytes of this process, but for the last broken run and what R can collect.
resident <- function() {
  lbfgsb_last(forget = TRUE)
  gc()
  pages <- as.numeric(strsplit(readLines("/proc/self/statm"), " ")[[1]][2])
  pages * 4096 / 2^20
}

# A run of n parameters that ends at a random evaluation, by an error or an interrupt.
broken_run <- function(n, by) {
  target <- rep(c(1, -1), length.out = n)
  left <- sample(8, 1)
  fn <- function(x) {
    if ((left <<- left - 1) == 0) {
      if (by == "error") stop("no more") else signalCondition(structure(class = c("interrupt", "condition"), list()))
    }
    sum((x - target)^2 * (1:2))
  }
  gr <- function(x) 2 * (x - target) * (1:2)
  tryCatch(lbfgsb(rep(0.5, n), fn, gr, lower = 0, control = list(factr = 0, pgtol = 0)),
           error = class, interrupt = class)
}

test_that("memory stays flat over runs that fail or are interrupted", {
  skip_on_cran()
  skip_if_not(file.exists("/proc/self/statm"))
  set.seed(1)
  expect_true("lbfgsb_unfinished" %in% broken_run(10, "error"))
  for (i in 1:100) broken_run(1e5, "error")
  before <- resident()
  for (i in 1:500) {
    broken_run(1e5, "error")
    broken_run(1e5, "interrupt")
  }
  expect_lt(resident() - before, 5)
})

test_that("C15: memory stays flat when fn fails at n = 1e6", {
  skip_on_cran()
  skip_if_not(file.exists("/proc/self/statm"))
  set.seed(1)
  for (i in 1:3) broken_run(1e6, "error")
  before <- resident()
  for (i in 1:8) broken_run(1e6, "error")
  expect_lt(resident() - before, 5)
})
