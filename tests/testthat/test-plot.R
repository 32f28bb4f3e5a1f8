test_that("plot draws the history and leaves the graphics parameters", {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  before <- graphics::par(c("mar", "mfrow", "las"))
  fit <- fit_rosenbrock()
  expect_identical(expect_invisible(plot(fit)), fit)
  expect_identical(graphics::par(c("mar", "mfrow", "las")), before)
  expect_silent(plot(fit_rosenbrock(upper = c(a = 0.5))))
  expect_identical(graphics::par(c("mar", "mfrow", "las")), before)
  expect_silent(plot(lbfgsb(1, function(x) 1, function(x) 0)))
  expect_silent(plot(fit_rosenbrock(control = list(maxit = 1)), main = "one iteration"))
  expect_silent(plot(fit, type = "l", pch = 1, cex = 1, ylim = c(1e-8, 1e4), xlab = "", xlim = c(0, 9)))
  expect_silent(plot(lbfgsb(1, function(x) (x - 1 - 1e-8)^2), type = "p"))
  for (log in c("", "x", "xy")) expect_silent(plot(fit_rosenbrock(upper = c(a = 0.5)), log = log))
})

test_that("plot() of a fit or profile with the name of a parameter says that profile() takes it", {
  withr::local_pdf(NULL)
  fit <- lbfgsb(c(mu = 1, tau = 2), function(x) sum((x - 3:4)^2) / 2, control = list(fn_is = "negloglik"))
  profiled <- profile(fit)
  expect_snapshot(error = TRUE, {
    plot(fit, which = "mu")
    plot(profiled, "mu")
    plot(profiled, parm = "mu")
    plot(profiled, 3)
  })
})

# The points that a picture has drawn as rings, on the x axis.
rings_of <- function(picture) {
  calls <- lapply(picture[[1]], function(call) as.list(call[[2]]))
  drawn <- Filter(function(call) identical(call[[1]]$name, "C_plotXY") && identical(call[[4]], 1), calls)
  unlist(lapply(drawn, function(call) call[[2]]$x))
}

test_that("both panels have one x axis, the user's too", {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  grDevices::dev.control("enable")
  windows_of <- function(...) {
    plot(fit_rosenbrock(upper = c(a = 0.5)), ...)
    calls <- lapply(grDevices::recordPlot()[[1]], function(call) as.list(call[[2]]))
    lapply(Filter(function(call) identical(call[[1]]$name, "C_plot_window"), calls), function(call) call[[2]])
  }
  for (windows in list(windows_of(), windows_of(xlim = c(0, 9)))) {
    expect_length(windows, 2)
    expect_identical(as.numeric(windows[[1]]), as.numeric(windows[[2]]))
  }
  expect_identical(windows[[2]], c(0, 9))
})

test_that("the best value, 0 above itself, is not lost on a logarithmic axis", {
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  grDevices::dev.control("enable")
  fit <- fit_rosenbrock()
  plot(fit)
  expect_identical(rings_of(grDevices::recordPlot()), fit$history$evaluations[fit$history$value == fit$value])
  plot(fit, log = "")
  expect_null(rings_of(grDevices::recordPlot()))
})

test_that("decades cover what is positive", {
  expect_identical(decades(c(0.002, 30, NA)), c(-3, -2, -1, 0, 1, 2))
  expect_identical(decades(c(NA, 1)), c(0, 1))
  wide <- decades(c(1e-30, 1e30))
  expect_lte(length(wide), 8)
  expect_lte(wide[1], -30)
  expect_gte(max(wide), 30)
})
