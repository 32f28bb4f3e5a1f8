# Rscript damaged-states.R COUNT SEED PART...: forges so many states, each with one to eight bits flipped in one
# of the parts and the checksum made right again, goes on with them, and prints how often each outcome came.
suppressMessages(library(lbfgsb))
source("helper-damage.R")

given <- commandArgs(TRUE)
set.seed(as.numeric(given[2]))
runs <- damage_runs()
outcomes <- replicate(as.numeric(given[1]), {
  run <- runs[[sample(length(runs), 1)]]
  outcome_of(forged(run$state, sample(rep(given[-(1:2)], 2), 1)), run$problem)
})
counts <- table(outcomes)
cat(paste0(names(counts), "=", counts), "\n")
