# Damage to states: none may be misread, and none may take R down.

test_that("the states to be damaged are whole: each goes on to the answer", {
  for (run in damage_runs()) expect_identical(outcome_of(run$state, run$problem), "right")
})

test_that("a state with one to eight flipped bits is refused, wherever they are", {
  runs <- damage_runs()
  set.seed(1)
  refused <- replicate(5000, {
    state <- runs[[sample(length(runs), 1)]]$state
    damaged <- flip_state(state, sample(c("solver", "history", "tally", "problem"), 1))
    identical(damaged, state) || # a bit that was flipped twice
      inherits(tryCatch(lbfgsb_ask(damaged), error = identity), "lbfgsb_error_state")
  })
  expect_true(all(refused))
})

test_that("names, attributes, options, layout and checksum are sealed too", {
  par <- structure(c(a = 1, b = 2), unit = list("m", 1i, c(x = 2L), raw(2), NA))
  state <- kept_state(begin_state(par, -Inf, Inf, list(parscale = c(a = 2), checkpoint = "file")))
  expect_identical(lbfgsb_ask(through_file(state)), par)
  set_unit <- function(state, unit) {
    within_list(state, c("problem", "par"), function(x) `attr<-`(x, "unit", unit))
  }
  change <- list(
    function(state) `names<-`(state, rev(names(state))),
    function(state) state[-4],
    function(state) `names<-`(state, NULL),
    function(state) within_list(state, c("run", "tally"), function(x) `names<-`(x, rev(names(x)))),
    function(state) within_list(state, c("problem", "par"), function(x) `names<-`(x, c("a", "c"))),
    function(state) set_unit(state, list("m", 1i, c(x = 2L), raw(2), TRUE)),
    function(state) set_unit(state, list("m", 1i, c(y = 2L), raw(2), NA)),
    function(state) set_unit(state, list("n", 1i, c(x = 2L), raw(2), NA)),
    function(state) within_list(state, c("problem", "par"), function(x) `attr<-`(x, "new", 1)),
    function(state) within_list(state, c("control", "maxit"), function(x) x + 1),
    function(state) within_list(state, c("control", "parscale"), function(x) c(b = 2)),
    function(state) within_list(state, c("control", "checkpoint"), function(x) "files"),
    function(state) within_list(state, "control", rev),
    function(state) within_list(state, "control", function(x) x[-3]),
    function(state) within_list(state, "control", function(x) c(x, speed = 1)),
    function(state) within_list(state, "layout", function(x) x + 1000L),
    function(state) within_list(state, "layout", function(x) NULL),
    function(state) within_list(state, "checksum", function(x) rev(x)),
    function(state) within_list(state, "checksum", function(x) x[1:4])
  )
  for (damage in change) expect_error(lbfgsb_ask(damage(state)), class = "lbfgsb_error_state")
})

test_that("a state of another version, or cut, is refused in words that say what to do", {
  state <- lbfgsb_start(c(1, 2))
  older <- structure(unclass(state)[c("run", "problem", "control")], class = "lbfgsb_state")
  cut <- within_list(state, c("run", "tally"), function(x) x[1:2])
  expect_snapshot(error = TRUE, {
    lbfgsb_ask(older)
    lbfgsb_resume(within_list(state, "layout", function(x) x + 1000L), sum)
    lbfgsb_resume(cut, sum)
  })
})

test_that("parts that are cut or of another type are refused whatever the checksum says", {
  state <- lbfgsb_tell(lbfgsb_start(matrix(c(1, 2), 1, dimnames = list(NULL, c("a", "b")))), 5, c(2, 4))
  numbers <- list(NULL, numeric(), 1, c(1, NA), c(1, 2, 3), 1:2, "1", list(1, 2), raw(16), sum, quote(x))
  places <- list("run", "problem", "control", c("run", "solver"), c("run", "history"), c("run", "tally"),
                 c("problem", "lower"), c("problem", "upper"), c("problem", "parscale"))
  for (place in places) {
    for (value in numbers) {
      damaged <- within_list(state, place, function(x) value)
      expect_error(lbfgsb_ask(sealed(damaged)), class = "lbfgsb_error_state")
    }
  }
  expect_refused <- function(place, change) {
    expect_error(lbfgsb_ask(sealed(within_list(state, place, change))), class = "lbfgsb_error_state")
  }
  expect_refused(c("run", "tally"), function(x) replace(x, "rows", 1e9))
  expect_refused(c("run", "tally"), function(x) replace(x, "rows", 0.5))
  expect_refused(c("run", "tally"), function(x) replace(x, "rows", NaN))
  expect_refused(c("run", "tally"), function(x) replace(x, "value", 4))
  expect_refused(c("run", "tally"), function(x) replace(x, "function", -1))
  expect_refused(c("run", "tally"), function(x) replace(x, "gradient", 2))
  expect_refused(c("run", "history"), function(x) x[1:4])
  expect_refused(c("run", "history"), function(x) replace(x, 3, 1e-9))
  expect_refused(c("run", "solver"), function(x) head(x, -8))
  expect_refused(c("problem", "par"), function(x) x[1])
  expect_refused(c("problem", "lower"), function(x) c(3, -Inf))
  expect_refused(c("problem", "upper"), function(x) c(NaN, Inf))
  expect_refused(c("problem", "parscale"), function(x) c(1, 0))
  expect_refused(c("problem", "parscale"), function(x) c(1, 2))
  expect_refused("control", function(x) replace(x, "maxit", -1))
  expect_refused("control", function(x) replace(x, "m", 2))
  expect_refused("control", function(x) replace(x, "pgtol", 1e9))
  expect_refused("control", function(x) c(x, speed = 1))
  expect_refused("control", function(x) c(x, m = 10))
  expect_refused(c("control", "maxeval"), function(x) "many")
})

test_that("options that a state's version did not have are the defaults", {
  state <- lbfgsb_start(c(1, 2), control = list(m = 3))
  dropped <- within_list(state, "control", function(x) rev(x[setdiff(names(x), c("callback", "ndeps"))]))
  fn <- function(x) sum((x - 1)^4)
  expect_identical(lbfgsb_resume(sealed(dropped), fn)$par, lbfgsb_resume(state, fn)$par)
})

# In a process of its own: what is to be shown is that it ends.
test_that("a forged state with a checksum made right is refused, or goes on to no wrong answer", {
  skip_on_cran()
  script <- normalizePath("damaged-states.R")
  rscript <- file.path(R.home("bin"), "Rscript")
  for (part in c("solver", "history", "tally", "problem")) {
    printed <- system2(rscript, c("--vanilla", script, if (part == "solver") 3000 else 700, 1, part),
                       stdout = TRUE, stderr = TRUE)
    expect_null(attr(printed, "status"), label = paste(part, printed))
    outcomes <- sub("=.*", "", strsplit(tail(printed, 1), " ")[[1]])
    expect_length(setdiff(outcomes, c("refused", "right", "open", "")), 0)
    expect_true("refused" %in% outcomes)
  }
})
