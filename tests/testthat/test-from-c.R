# The package of vignette("from-c"), built as it stands there: its files are the code blocks below a line that
# holds nothing but a path; a second block of a file is added to the first.
vignette_lines <- function() {
  files <- c(test_path("../../vignettes/from-c.Rmd"), system.file("doc", "from-c.Rmd", package = "lbfgsb"))
  found <- files[file.exists(files)]
  skip_if(length(found) == 0, "the vignettes are not installed")
  readLines(found[1])
}

# Returns the block that follows a line
block_after <- function(lines, at) {
  fences <- which(startsWith(lines, "```"))
  fences <- fences[fences > at]
  lines[(fences[1] + 1):(fences[2] - 1)]
}

write_package <- function(lines, folder) {
  for (at in grep("^`[^` ]+`$", lines)) {
    file <- file.path(folder, gsub("`", "", lines[at]))
    dir.create(dirname(file), showWarnings = FALSE, recursive = TRUE)
    cat(block_after(lines, at), sep = "\n", file = file, append = TRUE)
  }
}

test_that("the package of the vignette is installed, and fits as glm() does", {
  skip_on_cran()
  skip_if(Sys.which("make") == "" || Sys.which("cc") == "" || Sys.which("c++") == "", "no C and C++ compiler")
  skip_if_not_installed("withr")
  lines <- vignette_lines()
  source <- file.path(tempfile("source"), "tinypoisson")
  library <- tempfile("library")
  dir.create(library)
  write_package(lines, source)
  expect_setequal(list.files(source, recursive = TRUE),
                  c("DESCRIPTION", "NAMESPACE", "R/fit.R", "src/fit.c", "src/fit_cpp.cpp", "src/poisson.c"))
  log <- system2(
    file.path(R.home("bin"), "R"), c("CMD", "INSTALL", paste0("--library=", shQuote(library)), shQuote(source)),
    stdout = TRUE, stderr = TRUE, env = paste0("R_LIBS=", shQuote(dirname(system.file(package = "lbfgsb"))))
  )
  expect_true(dir.exists(file.path(library, "tinypoisson")), info = paste(log, collapse = "\n"))
  withr::with_libpaths(library, action = "prefix", {
    use <- parse(text = block_after(lines, which(startsWith(lines, "After `R CMD INSTALL"))))
    answers <- lapply(use[-1], eval, envir = list2env(list(X = eval(use[[1]][[3]]))))
    model <- glm(breaks ~ tension, poisson, warpbreaks)
    expect_equal(answers[[1]], unname(coef(model)), tolerance = 1e-6)
    expect_equal(unname(answers[[2]]), unname(confint.default(model)), tolerance = 1e-4)
    from_package <- function(name) getExportedValue("tinypoisson", name)(eval(use[[1]][[3]]), warpbreaks$breaks)
    expect_identical(from_package("fit_in_r")$par, answers[[1]])
    expect_identical(from_package("fit_in_cpp"), answers[[1]])
    for (name in c("fit_in_c", "fit_in_cpp")) {
      expect_warning(getExportedValue("tinypoisson", name)(matrix(NA, 2, 1), 1:2), "no minimum was found: start_not_finite")
    }
  })
})
