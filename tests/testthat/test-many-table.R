squares <- function(par, y) sum((y - par[["a"]])^2) + par[["b"]]^2
run <- function(data, ...) lbfgsb_many(c(a = 1, b = 1), squares, data = data, ...)

test_that("rows have the names of the data, in print() too", {
  data <- list(first = 1:3, second = 4:6)
  fits <- run(data)
  expect_identical(row.names(fits), names(data))
  expect_identical(row.names(as.data.frame(fits)), names(data))
  expect_output(print(fits), "\nfirst +2", perl = TRUE)
  expect_identical(run(data, from = fits), fits)
  expect_error(run(rev(data), from = fits), "same starts", class = "lbfgsb_error_argument")
  expect_identical(row.names(run(list(x = 1, x = 2, 3))), c("x", "x.1", "[3]"))
  expect_identical(attr(run(unname(data)), "row.names"), 1:2)
})

test_that("data that are no list are told how to become one", {
  expect_snapshot(error = TRUE, {
    run(data.frame(y = 1:3))
    run(matrix(1:6, 2))
    run(1:3)
  })
  frame <- data.frame(p = c(1, 3), q = 5:6)
  expect_equal(run(as.list(frame))$a, c(2, 5.5), tolerance = 1e-6)
  expect_equal(run(split(frame, seq_len(nrow(frame))))$a, c(3, 4.5), tolerance = 1e-6)
  expect_equal(run(asplit(as.matrix(frame), 1))$a, c(3, 4.5), tolerance = 1e-6)
  expect_identical(row.names(run(asplit(as.matrix(frame), 2))), c("p", "q"))
})

test_that("coef() is the matrix of the parameters, and vcov() an error", {
  fits <- run(list(u = 1:3, v = 4:6))
  expect_identical(coef(fits), cbind(a = c(u = fits$a[1], v = fits$a[2]), b = fits$b))
  expect_identical(dimnames(coef(lbfgsb_many(cbind(1:2, 3), function(par) sum(par^2)))), list(NULL, c("par1", "par2")))
  expect_snapshot(error = TRUE, {
    vcov(fits)
    confint(fits)
  })
})

test_that("why fits failed is wrapped to the width", {
  withr::local_options(width = 40)
  fits <- run(list(1:3, "a", NA))
  expect_lte(max(nchar(tail(capture.output(print(fits)), 4))), 40)
  expect_output(print(fits), "\n2 fits failed: ", fixed = TRUE)
})
