# Rscript broken-runs.R N FIRST MORE: prints by how many megabytes this process grows over MORE runs with N
# parameters that end at a random evaluation, half by an error and half by an interrupt, after FIRST ones.
library(lbfgsb)

# But for the last broken run and what R can collect.
resident <- function() {
  lbfgsb_last(forget = TRUE)
  gc()
  pages <- as.numeric(strsplit(readLines("/proc/self/statm"), " ")[[1]][2])
  pages * 4096 / 2^20
}

break_off <- function(by) {
  if (by == "error") stop("no more")
  signalCondition(structure(class = c("interrupt", "condition"), list()))
}

broken_run <- function(n, by) {
  target <- rep(c(1, -1), length.out = n)
  left <- sample(8, 1)
  fn <- function(x) {
    if ((left <<- left - 1) == 0) break_off(by)
    sum((x - target)^4 * (1:2))
  }
  gr <- function(x) 4 * (x - target)^3 * (1:2)
  ended <- tryCatch(lbfgsb(rep(0.5, n), fn, gr, lower = 0, control = list(factr = 0, pgtol = 0)),
                    error = identity, interrupt = identity)
  stopifnot(inherits(ended, "lbfgsb_unfinished"))
}

size <- as.numeric(commandArgs(TRUE))
set.seed(1)
for (i in seq_len(size[2])) broken_run(size[1], "error")
before <- resident()
for (i in seq_len(size[3])) broken_run(size[1], c("error", "interrupt")[1 + i %% 2])
cat(resident() - before)
