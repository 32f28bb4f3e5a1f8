# What is solved at default options, and for how many evaluations of fn (those for differences included):
# lbfgsb() as it is and as published, and optim(method = "L-BFGS-B"), on the test problems.
# Writes bench/solved.md. Usage, from the root of the sources: Rscript bench/solved.R
#
# Solved is, whatever the solver says, a point in the box where with f and g evaluated anew
#   f - best <= 1e-5 min(|best|, f(start) - best), |best| taken as 1 where best = 0, and
#   ||P(x - g) - x||_inf <= 1e-3 ||g(start)||_inf:
# neither a scale nor an offset of f helps.
library(lbfgsb)
source("tests/testthat/helper-problems.R")
source("bench/judge.R")

# Runs ------------------------------------------------------------------------------------------------

solvers <- list(
  lbfgsb = function(...) lbfgsb(...),
  published = function(...) lbfgsb(..., control = list(confirm = FALSE, parscale = 1, m = 10)),
  optim = function(...) optim(..., method = "L-BFGS-B")
)

# "yes", "no", or "false": not solved, but the solver says that it has converged; and the evaluations.
run <- function(p, solve) {
  evaluations <- 0
  fn <- function(x) {
    evaluations <<- evaluations + 1
    p$fn(x)
  }
  fit <- tryCatch(
    suppressWarnings(solve(p$par, fn, p$gr, lower = p$lower, upper = p$upper)),
    error = function(e) list(par = NULL, convergence = NA)
  )
  solved <- !is.null(fit$par) && is_solved(p, fit$par)
  list(
    solved = if (solved) "yes" else if (fit$convergence %in% 0) "false" else "no",
    evaluations = evaluations
  )
}

# The table -------------------------------------------------------------------------------------------

table_row <- function(cells) paste0("| ", paste(cells, collapse = " | "), " |")

# solved and evaluations: a row a problem, a column a solver.
report <- function(solved, evaluations) {
  sizes <- lengths(lapply(problems, `[[`, "par"))
  cells <- matrix(paste(solved, evaluations, sep = ", "), nrow(solved))
  totals <- sprintf("%d solved, %d false, %.0f", colSums(solved == "yes"), colSums(solved == "false"),
                    colSums(evaluations))
  both <- solved[, 1] == "yes" & solved[, 2] == "yes"
  ratio <- sum(evaluations[both, 1]) / sum(evaluations[both, 2])
  c(
    "# Problems solved at default options",
    "",
    "Written by `Rscript bench/solved.R`, which says what counts as solved, on the problems of",
    "`tests/testthat/helper-problems.R`.",
    "`false`: not solved, but reported as converged. The number is that of evaluations of `fn`.",
    "",
    table_row(c("problem", "n", names(solvers))),
    table_row(c("---", "---:", rep("---", length(solvers)))),
    apply(cbind(rownames(solved), sizes, cells), 1, table_row),
    table_row(c(paste("all", nrow(solved)), "", totals)),
    "",
    sprintf("Where both solve, lbfgsb() takes %.2f of the evaluations of the published method.", ratio)
  )
}

runs <- lapply(problems, function(p) lapply(solvers, run, p = p))
field <- function(name, type) t(vapply(runs, vapply, rep(type, length(solvers)), `[[`, type, name))
lines <- report(field("solved", ""), field("evaluations", 0))
writeLines(lines)
writeLines(lines, "bench/solved.md")
