# Time an iteration spends outside the objective, lbfgsb() against optim(method = "L-BFGS-B"), in one
# run: the same problem, m and number of iterations; the time inside fn and gr is measured there and
# taken away. Usage: Rscript bench/overhead.R [n ...]
library(lbfgsb)

# A chained quadratic with curvatures from 1 to 1000; the box is met by half of the variables.
new_problem <- function(n, bounded) {
  curvature <- exp(seq(0, log(1000), length.out = n))
  target <- rep(c(1, -1), length.out = n)
  list(
    par = rep(0.5, n),
    fn = function(x) sum(curvature * (x - target)^2) / 2 + sum(diff(x)^2),
    gr = function(x) {
      d <- diff(x)
      curvature * (x - target) + 2 * (c(0, d) - c(d, 0))
    },
    lower = if (bounded) 0 else rep(-100, n),
    upper = if (bounded) 2 else rep(100, n)
  )
}

# f, with the seconds spent in it added up in `clock`.
timed <- function(f, clock) {
  force(f)
  function(x) {
    start <- as.numeric(Sys.time())
    on.exit(clock$inside <- clock$inside + as.numeric(Sys.time()) - start)
    f(x)
  }
}

# Microseconds an iteration outside fn and gr; solve(problem) runs it.
overhead <- function(problem, solve) {
  clock <- new.env()
  clock$inside <- 0
  problem$fn <- timed(problem$fn, clock)
  problem$gr <- timed(problem$gr, clock)
  total <- system.time(iterations <- solve(problem), gcFirst = TRUE)[["elapsed"]]
  1e6 * (total - clock$inside) / iterations
}

iterations <- 150
solvers <- list(
  lbfgsb = function(p) {
    control <- list(m = 10, maxit = iterations, factr = 0, pgtol = 0, confirm = FALSE, parscale = 1)
    lbfgsb(p$par, p$fn, p$gr, lower = p$lower, upper = p$upper, control = control)$iterations
  },
  optim = function(p) {
    control <- list(lmm = 10, maxit = iterations, factr = 0, pgtol = 0)
    fit <- optim(p$par, p$fn, p$gr, method = "L-BFGS-B", lower = p$lower, upper = p$upper, control = control)
    min(iterations, fit$counts[["function"]])
  }
)

sizes <- as.numeric(commandArgs(TRUE))
if (length(sizes) == 0) sizes <- 1e5
for (n in sizes) {
  for (bounded in c(FALSE, TRUE)) {
    problem <- new_problem(n, bounded)
    runs <- replicate(5, vapply(solvers, function(solve) overhead(problem, solve), 0))
    ratio <- median(runs["lbfgsb", ] / runs["optim", ])
    cat(sprintf("n = %g, %s: lbfgsb %.0f us, optim %.0f us an iteration; median ratio %.3f\n", n,
                if (bounded) "half at bounds" else "all free", median(runs["lbfgsb", ]),
                median(runs["optim", ]), ratio))
  }
}
