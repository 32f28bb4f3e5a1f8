# Must equal the published L-BFGS-B 3.0: reference/summary.csv, reference/traces.csv

reference <- read_reference()

# |object - expected| <= relative |expected| or 1e-12, element by element
expect_near <- function(object, expected, relative) {
  expect_length(object, length(expected))
  excess <- max(abs(object - expected) - pmax(relative * abs(expected), 1e-12))
  expect(excess <= 0, sprintf("beyond the tolerance by %g", excess))
}

minimize_reference <- function(row) {
  p <- reference_problem(row)
  control <- list(m = row$m, factr = row$factr, pgtol = row$pgtol, confirm = FALSE, parscale = 1)
  lbfgsb(p$par, p$fn, p$gr, lower = p$lower, upper = p$upper, control = control)
}

for (i in seq_len(nrow(reference$summary))) {
  row <- reference$summary[i, ]
  trace <- subset(reference$traces, problem == row$problem & m == row$m & iteration <= 15)

  test_that(sprintf("%s with m = %d runs as published", row$problem, row$m), {
    fit <- minimize_reference(row)
    allowed <- if (row$evaluations > 60) 1 else 0
    expect_lte(abs(fit$iterations - row$iterations), allowed)
    expect_lte(abs(fit$counts[["function"]] - row$evaluations), allowed)
    expect_near(fit$value, row$value, 1e-6)
    expect_equal(sum(fit$bounds %in% c("at lower", "at upper")), row$at_bound)

    history <- fit$history[seq_len(nrow(trace)), ]
    expect_equal(history$iteration, trace$iteration)
    expect_near(history$value, trace$value, 1e-7)
    expect_near(history$pgnorm, trace$pgnorm, 1e-7)
  })
}

test_that("the gradients of the reference problems are their functions' derivatives", {
  for (i in seq_len(nrow(reference$summary))) {
    p <- reference_problem(reference$summary[i, ])
    set.seed(i)
    d <- rnorm(length(p$par))
    d <- d / sqrt(sum(d^2))
    difference <- (p$fn(p$par + 1e-5 * d) - p$fn(p$par - 1e-5 * d)) / 2e-5
    expect_equal(sum(p$gr(p$par) * d), difference, tolerance = 1e-6)
  }
})
