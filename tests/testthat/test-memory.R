# In a process of its own, whose allocator gives large blocks back at once.
growth <- function(n, first, more) {
  skip_on_cran()
  skip_if_not(file.exists("/proc/self/statm"))
  script <- normalizePath(test_path("broken-runs.R"))
  libraries <- paste(.libPaths(), collapse = .Platform$path.sep)
  as.numeric(system2(file.path(R.home("bin"), "Rscript"), c(shQuote(script), n, first, more), stdout = TRUE,
                     env = c("MALLOC_MMAP_THRESHOLD_=100000", paste0("R_LIBS=", shQuote(libraries)))))
}

test_that("memory stays flat over 1,000 runs that fail or are interrupted", {
  expect_lt(growth(2e4, first = 100, more = 1000), 5)
})

test_that("C15: memory stays flat when fn fails at n = 1e6", {
  expect_lt(growth(1e6, first = 3, more = 8), 5)
})
