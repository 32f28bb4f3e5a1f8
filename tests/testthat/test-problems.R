# The problems themselves, of helper-problems.R.

inside <- function(x, p) pmin(pmax(x, p$lower), p$upper)

# Points in the box, the first of them the start.
points_of <- function(p, count, seed = 1) {
  set.seed(seed)
  spread <- 0.1 * pmax(abs(p$par), 0.1)
  lapply(seq_len(count), function(i) inside(p$par + (i > 1) * spread * runif(length(p$par), -1, 1), p))
}

# g'd by differences of the fourth order, which may leave the box.
slope_by_differences <- function(p, x, d) {
  at <- function(step) p$fn(x + step * d)
  h <- 1e-3
  (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
}

test_that("gradients agree with differences", {
  rows <- read_reference()$summary
  published <- lapply(split(rows, rows$problem), function(rows) reference_problem(rows[1, ]))
  all <- c(problems, published)
  for (name in names(all)) {
    p <- all[[name]]
    if (is.null(p$gr)) next
    for (x in points_of(p, 3)) {
      d <- 1e-2 * pmax(abs(x), 0.01) * sign(runif(length(x), -1, 1))
      expect_equal(sum(p$gr(x) * d), slope_by_differences(p, x, d), tolerance = 1e-5, info = name)
    }
  }
})

# tests/core/problems.c ------------------------------------------------------------------------------

# The entry for R. Of the problem `name`: start and bounds (n), f and g at `count` points (n each).
entry <- c(
  '#include "core_tests.h"',
  "#include <string.h>",
  "void evaluate(char **name, int *n, int *count, double *points, double *f, double *g, double *start,",
  "              double *lower, double *upper) {",
  "  size_t rows = (size_t)*n;",
  "  problem p = new_problem(rows);",
  "  objective *fn = set_up(*name, p);",
  "  memcpy(start, p.x, rows * sizeof *start);",
  "  memcpy(lower, p.lower, rows * sizeof *lower);",
  "  memcpy(upper, p.upper, rows * sizeof *upper);",
  "  for (int i = 0; i < *count; i++, points += rows, g += rows) f[i] = fn(rows, points, g);",
  "  free_problem(p);",
  "}"
)

# C's problems, compiled and loaded: where there are sources, as in a checkout, and a compiler.
load_problems <- function(folder) {
  sources <- test_path("..", "core", c("problems.c", "core_tests.h"))
  headers <- test_path("..", "..", "inst", "include")
  skip_if_not(all(file.exists(sources, headers)), "the sources of the core's tests are at hand")
  file.copy(sources, folder)
  writeLines(entry, file.path(folder, "entry.c"))
  flags <- paste0("PKG_CPPFLAGS=-I", shQuote(normalizePath(headers)))
  withr::local_dir(folder)
  status <- system2(file.path(R.home("bin"), "R"), "CMD SHLIB -o problems.so problems.c entry.c", env = flags,
                    stdout = FALSE, stderr = FALSE)
  skip_if_not(status == 0, "there is a C compiler")
  dyn.load("problems.so")
}

test_that("the problems that C has too are the same", {
  skip_on_cran()
  library <- load_problems(withr::local_tempdir())
  withr::defer(dyn.unload(library[["path"]]))
  evaluate <- getNativeSymbolInfo("evaluate", library)
  rows <- read_reference()$summary
  rows <- rows[!duplicated(rows$problem), ]
  expect_setequal(rows$problem, names(reference_problems))
  for (i in seq_len(nrow(rows))) {
    p <- reference_problem(rows[i, ])
    n <- length(p$par)
    points <- points_of(p, 20)
    c <- .C(evaluate, rows$problem[i], n, 20L, points = unlist(points), f = numeric(20), g = numeric(20 * n),
            start = numeric(n), lower = numeric(n), upper = numeric(n), NAOK = TRUE)
    expect_equal(c$f, vapply(points, p$fn, 0), tolerance = 1e-12, info = rows$problem[i])
    g <- unlist(lapply(points, p$gr), use.names = FALSE)
    expect_equal(c$g, g, tolerance = 1e-12, info = rows$problem[i])
    expect_identical(inside(c$start, p), unname(p$par), info = rows$problem[i]) # C leaves that to the solver
    expect_identical(c$lower, rep_len(p$lower, n), info = rows$problem[i])
    expect_identical(c$upper, rep_len(p$upper, n), info = rows$problem[i])
  }
})

test_that("a problem said otherwise has the same answer and claim", {
  for (name in c("beale", "helical_valley", "bard", "wood", "hs45", "biggs6_box", "chain_box", "logistic_positive")) {
    p <- problems[[name]]
    n <- length(p$par)
    run <- function(par = p$par, fn = p$fn, gr = p$gr, lower = p$lower, upper = p$upper) {
      lbfgsb(unname(par), fn, gr, lower = unname(lower), upper = unname(upper))
    }
    own <- run()
    mirrored <- run(-p$par, function(y) p$fn(-y), function(y) -p$gr(-y), -p$upper, -p$lower)
    expect_identical(-mirrored$par, own$par)
    for (factor in 2^c(-60, 60)) {
      other <- run(fn = function(x) factor * p$fn(x), gr = function(x) factor * p$gr(x))
      expect_identical(other[c("par", "counts", "convergence")], own[c("par", "counts", "convergence")])
      expect_identical(other$gap, factor * own$gap)
    }
    wide <- function(x, more) c(rep_len(x, n), more)
    fixed <- run(c(p$par, 1e6, 0), function(y) p$fn(y[1:n]), function(y) c(p$gr(y[1:n]), -7, 7),
                 wide(p$lower, c(1e6, 0)), wide(p$upper, c(1e6, 0)))
    doubled <- run(rep(p$par, 2), function(y) p$fn(y[1:n]) + p$fn(y[n + 1:n]),
                   function(y) c(p$gr(y[1:n]), p$gr(y[n + 1:n])), wide(p$lower, rep_len(p$lower, n)),
                   wide(p$upper, rep_len(p$upper, n)))
    back <- rev(seq_len(n))
    permuted <- run(p$par[back], function(y) p$fn(y[back]), function(y) p$gr(y[back])[back],
                    rep_len(p$lower, n)[back], rep_len(p$upper, n)[back])
    rise <- p$fn(p$par) - p$best
    values <- c(p$fn(fixed$par[1:n]), p$fn(doubled$par[1:n]), p$fn(permuted$par[back]))
    expect_true(all(values - p$best <= 1e-5 * min(rise, if (p$best == 0) 1 else abs(p$best))))
    expect_identical(c(own$convergence, fixed$convergence, doubled$convergence, permuted$convergence), rep(0L, 4))
    for (constant in c(-1e3, -1, 1, 1e3) * rise) {
      fit <- run(fn = function(x) constant + p$fn(x))
      expect_identical(fit$convergence, 0L)
      expect_lte(p$fn(fit$par) - p$best, max(1e-5 * rise, 1000 * .Machine$double.eps * abs(constant + p$best)))
    }
  }
})
