draw <- function() runif(2)

test_that("the user's generator, its kind and its state stay", {
  withr::local_preserve_seed()
  for (kind in c("Mersenne-Twister", "Wichmann-Hill")) {
    suppressWarnings(RNGkind(kind, "Box-Muller", "Rounding"))
    set.seed(3)
    before <- .Random.seed
    kinds <- RNGkind()
    with_random_state(1, draw())
    random_streams(1, 3)
    lbfgsb_starts(3, c(0, 0), 1)
    expect_identical(.Random.seed, before)
    expect_identical(RNGkind(), kinds)
  }
  rm(".Random.seed", envir = globalenv())
  with_random_state(1, draw())
  expect_false(exists(".Random.seed", globalenv(), inherits = FALSE))
})

test_that("an error restores it too", {
  withr::local_seed(3)
  before <- .Random.seed
  expect_error(with_random_state(1, stop("no")), "no")
  expect_identical(.Random.seed, before)
})

test_that("streams are those of L'Ecuyer's generator, and do not depend on their number", {
  withr::local_preserve_seed()
  streams <- random_streams(7, 3)
  expect_identical(random_streams(7, 2), streams[1:2])
  set.seed(7, "L'Ecuyer-CMRG", "Inversion", "Rejection")
  expect_identical(streams[[1]], .Random.seed)
  expect_identical(streams[[3]], parallel::nextRNGStream(parallel::nextRNGStream(.Random.seed)))
  expect_identical(with_random_state(7, draw()), with_random_state(streams[[1]], draw()))
})

test_that("the second number of a pair by Box-Muller is left, too", {
  kinds <- RNGkind(normal.kind = "Box-Muller")
  on.exit(RNGkind(kinds[1], kinds[2], kinds[3]))
  set.seed(1)
  expected <- rnorm(4)
  set.seed(1)
  first <- rnorm(1)
  fit <- lbfgsb(c(a = 0), function(p) (p - 1)^2)
  update(fit)
  expect_identical(c(first, rnorm(3)), expected)
})
