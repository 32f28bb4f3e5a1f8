# Whether a wrong gradient is told, and no right one is: of each test problem, changed in one way. Writes
# bench/wrong-gradients.md. Usage, from the root of the sources: Rscript bench/wrong-gradients.R
library(lbfgsb)
source("tests/testthat/helper-problems.R")

# ---- Ways: functions of a problem, its start and one of its elements that can move, i ------------------------

with_gradient <- function(change) {
  function(p, i) {
    gr <- p$gr
    replace(p, "gr", list(function(x) change(gr(x), i, p)))
  }
}
times <- function(factor) with_gradient(function(g, i, p) factor * g)
element_times <- function(factor) with_gradient(function(g, i, p) replace(g, i, factor * g[i]))

# The part of the slopes at the start that is added.
plus <- function(part) with_gradient(function(g, i, p) g + part * sqrt(mean(p$slopes^2)))

# fn has a prior that the gradient has forgotten: its rise from the start is a hundredth of what fn falls by.
without_prior <- function(p, i) {
  fn <- p$fn
  size <- pmax(abs(p$par), 0.1)
  unit <- p$fall / 100
  replace(p, "fn", list(function(x) fn(x) + unit * sum(((x - p$par) / size)^2)))
}

wrong <- list(
  "1.1 times" = times(1.1), "half" = times(0.5), "twice" = times(2),
  "an element 1.1 times" = element_times(1.1), "an element half" = element_times(0.5),
  "an element twice" = element_times(2), "an element's sign" = element_times(-1), "an element 0" = element_times(0),
  "1e-4 of the slopes added" = plus(1e-4), "1e-2 of the slopes added" = plus(1e-2), "a prior forgotten" = without_prior
)

with_value <- function(change) {
  function(p, i) {
    fn <- p$fn
    replace(p, "fn", list(function(x) change(fn(x), x)))
  }
}
noisy <- function(level) with_value(function(f, x) f * (1 + level * sin(1e9 * sum(x))))

in_units <- function(k) {
  function(p, i) {
    unit <- 10^runif(length(p$par), -k, k)
    fn <- p$fn
    gr <- p$gr
    p[c("par", "lower", "upper")] <- lapply(p[c("par", "lower", "upper")], `*`, unit)
    p[c("fn", "gr")] <- list(function(x) fn(x / unit), function(x) gr(x / unit) / unit)
    p
  }
}

# |x_i - c| more, with a minimum of its own.
with_corner <- function(p, i) {
  fn <- p$fn
  gr <- p$gr
  corner <- p$par[i]
  weight <- abs(p$slopes[i])
  p$fn <- function(x) fn(x) + weight * abs(x[i] - corner)
  p$gr <- function(x) replace(gr(x), i, gr(x)[i] + weight * sign(x[i] - corner))
  p$par[i] <- corner + 0.1 * max(abs(corner), 0.1)
  p
}

from_afar <- function(p, i) replace(p, "par", list(pmin(pmax(p$par * 10 + 1, p$lower), p$upper)))

right <- list(
  "as it is" = function(p, i) p,
  "units 10^U(-2, 2)" = in_units(2), "units 10^U(-4, 4)" = in_units(4), "fn times 1e9" = function(p, i) {
    fn <- p$fn
    gr <- p$gr
    replace(p, c("fn", "gr"), list(function(x) 1e9 * fn(x), function(x) 1e9 * gr(x)))
  },
  "noise of 1e-12" = noisy(1e-12), "noise of 1e-10" = noisy(1e-10), "noise of 1e-8" = noisy(1e-8),
  "noise of 1e-6" = noisy(1e-6), "noise of 1e-4" = noisy(1e-4),
  "fn to 7 digits" = with_value(function(f, x) signif(f, 7)),
  "gradient to 4 digits" = with_gradient(function(g, i, p) signif(g, 4)),
  "a corner" = with_corner, "from ten times as far" = from_afar
)

# ---- Runs ---------------------------------------------------------------------------------------------------

# Whether it claims to have converged, whether the gradient is warned of, and the evaluations to be sure: those of fn
# alone, as a run asks for the gradient wherever fn is finite.
run <- function(p) {
  told <- FALSE
  alone <- 0
  fn <- function(x) {
    value <- p$fn(x)
    alone <<- alone + is.finite(value[[1]])
    value
  }
  gr <- function(x) {
    alone <<- alone - 1
    p$gr(x)
  }
  fit <- tryCatch(
    withCallingHandlers(lbfgsb(p$par, fn, gr, lower = p$lower, upper = p$upper), warning = function(w) {
      told <<- told || inherits(w, "lbfgsb_warning_gradient")
      tryInvokeRestart("muffleWarning")
    }),
    lbfgsb_error = function(e) NULL
  )
  if (is.null(fit)) return(NULL)
  c(claims = fit$convergence == 0, told = told, more = alone)
}

complete <- function(p) {
  p[c("lower", "upper")] <- lapply(p[c("lower", "upper")], rep_len, length(p$par))
  p$slopes <- p$gr(p$par)
  p$fall <- p$fn(p$par) - lbfgsb(p$par, p$fn, p$gr, lower = p$lower, upper = p$upper)$value
  p
}

candidates <- Filter(function(p) !is.null(p$gr) && length(p$par) <= 100, problems)
candidates <- suppressWarnings(lapply(candidates, complete))

row_of <- function(change, name) {
  set.seed(1)
  runs <- lapply(candidates, function(p) {
    movable <- which(p$lower < p$upper)
    run(change(p, movable[sample.int(length(movable), 1)]))
  })
  at <- do.call(rbind, runs)
  claims <- at[, "claims"] == 1
  told <- at[, "told"] == 1
  cells <- c(name, nrow(at), sum(told), sum(claims & told), sum(claims & !told), sum(!claims & !told),
             sum(at[claims, "more"] > 3))
  paste0("| ", paste(cells, collapse = " | "), " |")
}

table_of <- function(title, ways) {
  c("", paste("##", title), "",
    "| the gradient | runs | told | and converged | converged, not told | not converged, not told | asked |",
    "| --- | ---: | ---: | ---: | ---: | ---: | ---: |", unlist(Map(row_of, ways, names(ways)), use.names = FALSE))
}

lines <- c(
  "# Wrong gradients, and right ones", "",
  "Written by `Rscript bench/wrong-gradients.R`, on the problems of `tests/testthat/helper-problems.R` with a gradient.",
  "Told: a warning says that the gradient is not that of `fn`. Asked: runs that have converged, and were looked at more",
  "closely, at some 25 evaluations.",
  table_of("Wrong", wrong), table_of("Right", right)
)
writeLines(lines)
writeLines(lines, "bench/wrong-gradients.md")
