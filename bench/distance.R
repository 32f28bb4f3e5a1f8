# How far from the optimum: `gap` of a fit at default options against the truth, on the test problems.
# Writes bench/distance.md. Usage, from the root of the sources: Rscript bench/distance.R
#
# The truth is value - the lowest value that can be found from there: by a run with tolerances of 0, then by
# projected Newton steps with a Hessian by differences of the gradient, as long as they bring a lower value.
library(lbfgsb)
source("tests/testthat/helper-problems.R")
source("bench/judge.R")

# The truth -------------------------------------------------------------------------------------------

# The Newton step over the variables that can move, 0 for the others; NULL where there is none.
newton_step <- function(p, x) {
  g <- gradient(p, x)
  movable <- inside(x - sign(g) * .Machine$double.eps * pmax(abs(x), 1), p) != x
  if (!any(movable)) return(NULL)
  slopes <- function(z) gradient(p, replace(x, movable, z))[movable]
  H <- tryCatch(numDeriv::jacobian(slopes, x[movable]), error = function(e) NULL)
  step <- tryCatch(solve(H + t(H), -2 * g[movable], tol = 0), error = function(e) NULL)
  if (!is.null(step)) replace(0 * x, movable, step)
}

# A lower point along a step, or NULL.
lower_along <- function(p, x, step) {
  for (part in c(1, 0.5, 0.1)) {
    y <- inside(x + part * step, p)
    if (isTRUE(p$fn(y) < p$fn(x))) return(y)
  }
}

lowest_from <- function(p, x) {
  tight <- suppressWarnings(lbfgsb(x, p$fn, p$gr, lower = p$lower, upper = p$upper,
                                   control = list(factr = 0, pgtol = 0, maxit = 3000)))
  if (tight$value < p$fn(x)) x <- tight$par
  for (k in 1:30) {
    step <- newton_step(p, x)
    y <- if (!is.null(step)) lower_along(p, x, step)
    if (is.null(y)) break
    x <- y
  }
  p$fn(x)
}

# Against it ------------------------------------------------------------------------------------------

distance <- function(p) {
  fit <- suppressWarnings(lbfgsb(p$par, p$fn, p$gr, lower = p$lower, upper = p$upper))
  data.frame(value = fit$value, convergence = fit$convergence, stated = fit$gap,
             true = fit$value - lowest_from(p, fit$par))
}

found <- do.call(rbind, lapply(problems, distance))
found$within <- found$true <= 10 * found$stated
known <- pmax(found$true, .Machine$double.eps * abs(found$value))
found$ratio <- ifelse(found$stated == known, 1, found$stated / known) # both may be 0

table_row <- function(cells) paste0("| ", paste(cells, collapse = " | "), " |")
number <- function(x) formatC(x, digits = 2, format = "g")
lines <- c(
  "# How far from the optimum: what is said and what is true",
  "",
  "Written by `Rscript bench/distance.R`, which says how the truth is found, on the problems of",
  "`tests/testthat/helper-problems.R`. `stated` is `fit$gap`, `true` the distance of the value from the lowest.",
  "",
  table_row(c("problem", "value", "stated", "true", "true <= 10 stated")),
  table_row(c("---", "---:", "---:", "---:", "---")),
  apply(cbind(rownames(found), number(found$value), number(found$stated), number(found$true),
              ifelse(found$within, "yes", "**no**")), 1, table_row),
  "",
  sprintf("The true distance is at most 10 times the stated one in %d of %d: %.1f %%. Exceptions: %s.",
          sum(found$within), nrow(found), 100 * mean(found$within),
          paste(rownames(found)[!found$within], collapse = ", ")),
  sprintf("The stated one is in the median %.0f times the true one, or the value's rounding if that is more.",
          median(found$ratio))
)
writeLines(lines)
writeLines(lines, "bench/distance.md")
