# The gradient by differences with these options, and the points it looked at, as columns.
differences_of <- function(fn, par, lower = -Inf, upper = Inf, parscale = 1, ...) {
  points <- NULL
  recorded <- function(x) {
    points <<- cbind(points, x)
    fn(x)
  }
  problem <- new_problem(par, lower, upper, parscale)
  objective <- new_objective(recorded, NULL, problem, lbfgsb_control(parscale = parscale, ...),
                             frame = (function(...) environment())())
  value <- read_value(fn(problem$par))$value
  c(new_differences(objective)(problem$par, value), list(points = points))
}

smooth <- function(x) sum(exp(x) * sin(2 * x)) + prod(x)
smooth_gradient <- function(x) {
  exp(x) * (sin(2 * x) + 2 * cos(2 * x)) + vapply(seq_along(x), function(i) prod(x[-i]), 0)
}

test_that("differences are accurate inside of the box, at its bounds and near them", {
  for (par in list(c(0.3, -1.2, 2), c(-2, 0.5, 2), c(-2 + 1e-9, 0.5, 2 - 1e-9), c(0, 0, 0))) {
    d <- differences_of(smooth, par, lower = -2, upper = 2)
    expect_equal(d$gradient, smooth_gradient(par), tolerance = 1e-7)
  }
})

test_that("the formula is of second order, with offsets on one side and unequal ones too", {
  quadratic <- function(x) 3 * x^2 - 5 * x + 7
  for (offsets in list(c(1, -1), c(1, 2), c(-2, -0.5), c(-1, 0.25))) {
    slopes <- lapply(offsets, function(d) (quadratic(2 + d) - quadratic(2)) / d)
    expect_equal(extrapolate(offsets, slopes), 7)
  }
})

test_that("no point is outside of the box, however narrow it is", {
  set.seed(1)
  for (width in c(1, 1e-6, 1e-10, .Machine$double.eps)) {
    lower <- rnorm(4)
    upper <- lower + width * abs(lower)
    for (par in list(lower, upper, lower + (upper - lower) * runif(4))) {
      d <- differences_of(function(x) sum(x), par, lower, upper)
      expect_true(all(d$points >= lower & d$points <= upper))
      expect_true(all(is.finite(d$gradient)))
    }
  }
})

test_that("the gradient is right in narrow boxes", {
  par <- c(1, 2)
  d <- differences_of(function(x) sum(x^2), par, lower = par, upper = par + 1e-7)
  expect_equal(d$gradient, 2 * par, tolerance = 1e-6)
  one_ulp <- differences_of(function(x) 3 * x, 1, lower = 1, upper = 1 + .Machine$double.eps)
  expect_equal(one_ulp$gradient, 3, tolerance = 0.5)
})

test_that("a fixed parameter has gradient 0 and costs nothing", {
  d <- differences_of(smooth, c(0.5, 1, 0.5), lower = c(0, 1, 0), upper = c(2, 1, 2))
  expect_identical(d$gradient[2], 0)
  expect_identical(d$evaluations, 4)
  expect_true(all(d$points[2, ] == 1))
})

test_that("a side on which fn is not finite is answered by the other", {
  edge <- 0.7
  for (side in c(-1, 1)) {
    fn <- function(x) if (side * (x - edge) > 0) NaN else exp(x)
    d <- expect_silent(differences_of(fn, edge))
    expect_equal(d$gradient, exp(edge), tolerance = 1e-8)
  }
  alone <- differences_of(function(x) if (x == 1) 1 else Inf, 1)
  expect_identical(alone$gradient, NaN)
})

test_that("one finite point gives a derivative of first order", {
  narrow <- function(x) if (x > 1 + 7e-6) NaN else exp(x)
  expect_equal(differences_of(narrow, 1, lower = 1)$gradient, exp(1), tolerance = 1e-5)
})

test_that("steps are relative to the parameter's size", {
  for (size in 10^(-8:8)) {
    fn <- function(x) exp(x / size)
    d <- differences_of(fn, size, parscale = size)
    expect_equal(d$gradient * size, exp(1), tolerance = 1e-9)
  }
  for (scale in 10^(-5:2)) {
    at_zero <- differences_of(function(x) exp(x / scale), 0, lower = 0)
    expect_equal(at_zero$gradient * scale, 1, tolerance = 1e-4)
  }
})

test_that("differences read the values that fn() lists", {
  listed <- differences_of(function(x) list(value = sum(x^2)), c(1, 2))
  expect_equal(listed$gradient, c(2, 4), tolerance = 1e-8)
})

test_that("counts hold every evaluation of fn", {
  evaluations <- 0
  fn <- function(x) {
    evaluations <<- evaluations + 1
    sum((x - 1:3)^4)
  }
  fit <- lbfgsb(c(0, 0, 0), fn, upper = c(0.5, 5, 5))
  expect_identical(fit$counts[["function"]], as.integer(evaluations))
})

test_that("fn sees the attributes of par in differences as well", {
  fn <- function(x) {
    stopifnot(identical(dim(x), c(2L, 2L)))
    sum((x - 1)^2)
  }
  expect_equal(lbfgsb(diag(2), fn)$par, matrix(1, 2, 2), tolerance = 1e-5)
})

# Against numDeriv -------------------------------------------------------------------------------------

# Twenty functions with their gradients, for x (n) of size 1
differentiable <- function() {
  ahead <- function(x) x[-1]
  behind <- function(x) x[-length(x)]
  list(
    squares = list(function(x) sum(x^2), function(x) 2 * x),
    cubes = list(function(x) sum(x^3), function(x) 3 * x^2),
    quartic = list(function(x) sum((x - 1:4)^4), function(x) 4 * (x - 1:4)^3),
    product = list(function(x) prod(x),
                   function(x) vapply(seq_along(x), function(i) prod(x[-i]), 0)),
    exponential = list(function(x) sum(exp(x)), function(x) exp(x)),
    decay = list(function(x) sum(exp(-3 * x)), function(x) -3 * exp(-3 * x)),
    bell = list(function(x) exp(-sum(x^2)), function(x) -2 * x * exp(-sum(x^2))),
    logarithm = list(function(x) sum(log(5 + x)), function(x) 1 / (5 + x)),
    barrier = list(function(x) sum(x - log(3 + x)), function(x) 1 - 1 / (3 + x)),
    root = list(function(x) sum(sqrt(4 + x)), function(x) 0.5 / sqrt(4 + x)),
    sine = list(function(x) sum(sin(x)), function(x) cos(x)),
    waves = list(function(x) sum(sin(10 * x)), function(x) 10 * cos(10 * x)),
    mixed = list(function(x) sum(exp(x) * sin(2 * x)),
                 function(x) exp(x) * (sin(2 * x) + 2 * cos(2 * x))),
    arctangent = list(function(x) sum(x * atan(x)), function(x) atan(x) + x / (1 + x^2)),
    rational = list(function(x) sum(1 / (1 + x^2)), function(x) -2 * x / (1 + x^2)^2),
    logistic = list(function(x) sum(log(1 + exp(x))), function(x) 1 / (1 + exp(-x))),
    log_sum = list(function(x) log(sum(exp(x))), function(x) exp(x) / sum(exp(x))),
    hyperbolic = list(function(x) sum(log(cosh(x))), function(x) tanh(x)),
    rosenbrock = list(function(x) sum(100 * (ahead(x) - behind(x)^2)^2 + (1 - behind(x))^2),
                      function(x) {
                        r <- 200 * (ahead(x) - behind(x)^2)
                        c(-2 * behind(x) * r - 2 * (1 - behind(x)), 0) + c(0, r)
                      }),
    offset = list(function(x) 1e3 + sum(x^2 + cos(x)), function(x) 2 * x - sin(x))
  )
}

# Points of the box [-2, 2]^4: inside, at bounds, near them, at 0
spots <- list(interior = c(0.3, -1.2, 1.9, 0.7), at_lower = c(0.3, -2, 1.9, 0.7),
              at_upper = c(0.3, -1.2, 2, 0.7), close = c(0.3, -2 + 1e-9, 2 - 1e-9, 0.7),
              near = c(0.3, -2 + 1e-6, 2 - 1e-5, 0.7), zero = c(0, 0, 0, 0))

# The errors of our method, and of the best of `theirs`, of numDeriv's methods, relative to the largest
# element; fn is in units of `scale` and an error outside of its box.
compare_errors <- function(case, x, scale, method, theirs) {
  truth <- case[[2]](x) / scale
  error <- function(gradient) max(abs(gradient - truth)) / max(abs(truth))
  # numDeriv's absolute step is too long for small scales: then it fails or is not finite.
  fn <- function(p) case[[1]](p / scale)
  theirs <- vapply(theirs, function(method) {
    tryCatch(error(suppressWarnings(numDeriv::grad(fn, x * scale, method))),
             error = function(e) Inf)
  }, 0)
  c(ours = error(scaled_gradient(case, x, scale, method)), theirs = min(theirs, Inf, na.rm = TRUE))
}

scaled_gradient <- function(case, x, scale, method) {
  inside <- function(p) {
    stopifnot(Re(p) >= -2 * scale, Re(p) <= 2 * scale)
    case[[1]](p / scale)
  }
  differences_of(inside, x * scale, -2 * scale, 2 * scale, scale, gradient = method)$gradient
}

# use(case, x, scale) for all functions, spots and units where a gradient has a relative error
for_all_spots <- function(use) {
  for (case in differentiable()) {
    for (x in spots) {
      if (all(case[[2]](x) == 0)) next
      for (scale in 10^c(-8, -4, 0, 4, 8)) use(case, x, scale)
    }
  }
}

test_that("richardson and complex are within 10 times numDeriv's best on 20 functions, in any units", {
  skip_on_cran() # long
  skip_if_not_installed("numDeriv")
  beyond <- 0
  for_all_spots(function(case, x, scale) {
    real <- compare_errors(case, x, scale, "richardson", c("simple", "Richardson"))
    # numDeriv's may be 0 by luck, where all its points give the same slope: ours has its rounding
    # error, epsilon by the step, up to 3e-12 of the function's size.
    expect_lte(real[["ours"]], 10 * max(real[["theirs"]], 1e-12))
    expect_lte(real[["ours"]], 1e-9)
    beyond <<- beyond + (real[["ours"]] > 10 * real[["theirs"]])
    complex <- compare_errors(case, x, scale, "complex", "complex")
    expect_lte(complex[["ours"]], 10 * max(complex[["theirs"]], 2e-16))
  })
  expect_lte(beyond, 20) # of 560
})

# What two points can tell of f'(x): the error of the formula, h^2 f''' / 6 or with both on one side
# h^2 f''' / 3, and that of rounding: that of f, weights of 4 / h in all, of its terms of size 1, and
# of x, which f takes up to |x g|.
central_error <- function(case, x) {
  h <- difference_methods$central$step * parameter_size(x, 1)
  size <- 1 + abs(case[[1]](x)) + sum(abs(x * case[[2]](x)))
  along <- function(i, d) case[[2]](replace(x, i, x[i] + d))[i]
  third <- vapply(seq_along(x), function(i) {
    (along(i, 1e-3) - 2 * along(i, 0) + along(i, -1e-3)) / 1e-6
  }, 0)
  h^2 * (abs(third) + 1e-3) / 3 + 4 * .Machine$double.eps * size / h
}

test_that("central is as accurate as two evaluations can be, in any units", {
  skip_on_cran() # long
  for_all_spots(function(case, x, scale) {
    error <- abs(scaled_gradient(case, x, scale, "central") * scale - case[[2]](x))
    expect_true(all(error <= 1.05 * central_error(case, x)))
  })
})

test_that("every method finds the solution, with its own count of evaluations", {
  p <- list(par = c(-1.2, 1), fn = function(x) 100 * (x[2] - x[1]^2)^2 + (1 - x[1])^2)
  each <- c(forward = 2, central = 4, richardson = 12, complex = 2)
  for (method in names(each)) {
    fit <- lbfgsb(p$par, p$fn, control = list(gradient = method, factr = 10))
    expect_equal(fit$par, c(1, 1), tolerance = if (method == "forward") 1e-2 else 1e-4)
    checks <- if (method == "complex") 2 else 0 # at the start
    expect_equal(fit$counts[["function"]], (1 + each[[method]]) * fit$counts[["gradient"]] + checks)
  }
})

test_that("richardson has its order on one side as well", {
  fn <- function(x) if (any(x < 1)) NaN else sum(exp(x))
  d <- differences_of(fn, c(1, 1), gradient = "richardson")
  expect_equal(d$gradient, exp(c(1, 1)), tolerance = 1e-10)
})

test_that("ndeps are steps in units of parscale, as optim's", {
  d <- differences_of(function(x) sum(x^3), c(a = 1, b = 2), parscale = c(1, 10),
                      ndeps = c(b = 0.01, a = 0.5))
  expect_equal(d$points - c(1, 2), cbind(c(0.5, 0), c(-0.5, 0), c(0, 0.1), c(0, -0.1)),
               ignore_attr = TRUE)
  expect_warning(fit <- lbfgsb(1, function(x) (x - 3)^2, control = list(ndeps = 1e-3)), NA)
  expect_equal(fit$par, 3, tolerance = 1e-6)
})

test_that("an fn without complex numbers says so", {
  expect_snapshot(error = TRUE, {
    lbfgsb(1, function(x) Re(x)^2, control = list(gradient = "complex"))
    lbfgsb(c(1, 1), function(x) x[1]^2 + lbeta(2, 3) * Re(x[2])^2, control = list(gradient = "complex"))
    lbfgsb_control(gradient = "backward")
    lbfgsb_control(ndeps = 0)
  })
})

test_that("a loss of the imaginary part is an error at the start, and nothing else is", {
  complex_fit <- function(start, fn, ...) lbfgsb(start, fn, ..., control = list(gradient = "complex"))
  drop <- function(x) if (is.complex(x)) complex(real = Re(x), imaginary = 0) else x
  lost <- list(
    function(x) sum(drop(x)^2), function(x) x[1]^2 + x[2] * drop(x[2]),
    function(x) sum(x^2) + drop(exp(x[2])), function(x) sum(drop(abs(x))^3) + 0 * sum(x)
  )
  for (fn in lost) expect_error(complex_fit(c(2, -1), fn), "imaginary", class = "lbfgsb_error_objective")
  kept <- list(
    function(x) sum(x^2), function(x) 1e9 + sum(exp(x)), function(x) sum(sqrt(x)), function(x) sum(cos(300 * x)),
    function(x) sum(x^2) * 1e-30, function(x) sum((x - 2)^4)
  )
  for (fn in kept) {
    expect_s3_class(complex_fit(c(1, 2), fn, lower = 0), "lbfgsb")
    expect_s3_class(complex_fit(c(2, 2), fn, lower = c(2, 1), upper = 2), "lbfgsb")
  }
})
