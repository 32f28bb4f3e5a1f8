# The same problem said otherwise has the same answer: each test problem as it is, and changed in ways that
# change nothing. Writes bench/metamorphic.md. Usage, from the root of the sources: Rscript bench/metamorphic.R
#
# A run of a changed problem agrees if its point, taken back, is solved (bench/judge.R) just where that of the
# problem itself is, and it claims to have converged just where that does. With a constant added a point is right
# if the value is within 1e-5 of the fall from the start, or within 1000 roundings of the sum; a claim of
# convergence elsewhere is false.
library(lbfgsb)
source("tests/testthat/helper-problems.R")
source("bench/judge.R")

# Changes ---------------------------------------------------------------------------------------------

# Each a function of a problem: list(problem, back), `back` taking its points to those of the first.
full <- function(p) {
  p[c("lower", "upper")] <- lapply(p[c("lower", "upper")], rep_len, length(p$par))
  p
}

# The problem in y, where x = back(y), and dx_i / dy_i = slope_i for the y_i that to() puts where x_i is.
substituted <- function(p, to, back, slope = 1) {
  gr <- p$gr
  fn <- p$fn
  p[c("par", "lower", "upper")] <- lapply(p[c("par", "lower", "upper")], to)
  p$fn <- function(y) fn(back(y))
  if (!is.null(gr)) p$gr <- function(y) to(gr(back(y)) * slope) * slope
  list(problem = p, back = back)
}

permuted <- function(p) {
  order <- rev(seq_along(p$par))
  substituted(p, to = function(x) x[order], back = function(y) y[order])
}

mirrored <- function(p) {
  changed <- substituted(p, to = function(x) -x, back = function(y) -y)
  changed$problem[c("lower", "upper")] <- list(-p$upper, -p$lower)
  changed
}

# f(x) + f(y), from the same start: both halves have the answer, of which the first is looked at.
doubled <- function(p) {
  n <- length(p$par)
  q <- lapply(p[c("par", "lower", "upper")], rep, times = 2)
  q$fn <- function(y) p$fn(y[1:n]) + p$fn(y[n + 1:n])
  if (!is.null(p$gr)) q$gr <- function(y) c(p$gr(y[1:n]), p$gr(y[n + 1:n]))
  list(problem = q, back = function(y) y[1:n])
}

# Three variables more that cannot move.
with_fixed <- function(p) {
  n <- length(p$par)
  q <- lapply(p[c("par", "lower", "upper")], c, 1e-3, 0, 1e6)
  q$fn <- function(y) p$fn(y[1:n])
  if (!is.null(p$gr)) q$gr <- function(y) c(p$gr(y[1:n]), 7, -7, 0)
  list(problem = q, back = function(y) y[1:n])
}

times <- function(factor) {
  function(p) {
    q <- p
    q$fn <- function(x) factor * p$fn(x)
    if (!is.null(p$gr)) q$gr <- function(x) factor * p$gr(x)
    list(problem = q, back = identity)
  }
}

changes <- list(permuted = permuted, mirrored = mirrored, doubled = doubled, fixed = with_fixed,
                `2^-60` = times(2^-60), `2^60` = times(2^60))

# Runs ------------------------------------------------------------------------------------------------

run <- function(p) {
  suppressWarnings(tryCatch(lbfgsb(p$par, p$fn, p$gr, lower = p$lower, upper = p$upper),
                            error = function(e) list(par = p$par, convergence = -1L)))
}

verdict <- function(p, x, fit) paste(if (is_solved(p, x)) "solved" else "not", fit$convergence == 0)

# "": agrees, to the bit "=", or what it is instead of what.
compare <- function(p, own, change) {
  changed <- change(p)
  fit <- run(changed$problem)
  point <- changed$back(fit$par)
  if (identical(point, own$par)) return("=")
  verdicts <- c(verdict(p, own$par, own), verdict(p, point, fit))
  if (verdicts[1] == verdicts[2]) "" else paste(verdicts, collapse = " -> ")
}

# The same with a constant: "" right; "false" claim; "short" of it and not claimed.
with_constant <- function(p, c) {
  fit <- run(rescaled(p, offset = c))
  gap <- p$fn(fit$par) - p$best
  allowed <- max(1e-5 * (p$fn(p$par) - p$best), 1000 * .Machine$double.eps * abs(p$best + c))
  if (isTRUE(gap <= allowed)) "" else if (fit$convergence == 0) "false" else "short"
}

known <- Filter(function(p) !is.null(p$gr), lapply(problems, full))
rows <- lapply(known, function(p) {
  own <- run(p)
  fall <- p$fn(p$par) - p$best
  constants <- c(-1e3, -1, 1, 1e3)
  sums <- vapply(constants * fall, with_constant, "", p = p)
  c(vapply(changes, compare, "", p = p, own = own), structure(sums, names = sprintf("f %+g fall", constants)))
})
table <- do.call(rbind, rows)

# The table -------------------------------------------------------------------------------------------

table_row <- function(cells) paste0("| ", paste(cells, collapse = " | "), " |")
odd <- apply(table, 1, function(row) any(!row %in% c("", "=")))
lines <- c(
  "# The same problem said otherwise",
  "",
  "Written by `Rscript bench/metamorphic.R`, which says what is changed and what agrees, at default options with",
  "gradients. `=`: the same point to the bit; nothing: the same answer and claim; else what it is instead. `fall`",
  "is f(start) minus the minimum. Problems on which all agree are left out.",
  "",
  table_row(c("problem", colnames(table))),
  table_row(rep("---", ncol(table) + 1)),
  if (any(odd)) apply(cbind(rownames(table), table)[odd, , drop = FALSE], 1, table_row),
  table_row(c(paste("agree, of", nrow(table)), colSums(table == "" | table == "="))),
  table_row(c("to the bit", colSums(table == "=")[seq_along(changes)], rep("", 4)))
)
lines <- c(lines, "", paste(
  "meyer with 1000 falls added ends by `factr`, which is relative to the value: 1.8e4 above the minimum is 1e-8",
  "of 1.7e12."
))
writeLines(lines)
writeLines(lines, "bench/metamorphic.md")
