# The example in the head comment of lbfgsbAPI.h, compiled as it stands there
example_lines <- function(header) {
  head <- readLines(header)
  head <- head[seq_len(which(head == " */")[1])]
  sub("^ \\*     ", "", head[startsWith(head, " *     ")])
}

test_that("C code of another package minimizes with lbfgsbAPI.h", {
  skip_on_cran()
  skip_if(Sys.which("make") == "" || Sys.which("cc") == "", "no C compiler")
  include <- system.file("include", package = "lbfgsb")
  directory <- tempfile()
  dir.create(directory)
  on.exit(unlink(directory, recursive = TRUE))
  source <- file.path(directory, "example.c")
  library <- file.path(directory, paste0("example", .Platform$dynlib.ext))
  writeLines(example_lines(file.path(include, "lbfgsbAPI.h")), source)
  log <- system2(
    file.path(R.home("bin"), "R"), c("CMD", "SHLIB", "-o", shQuote(library), shQuote(source)),
    stdout = TRUE, stderr = TRUE, env = paste0("PKG_CPPFLAGS=", shQuote(paste0("-I", include)))
  )
  expect_true(file.exists(library), info = paste(log, collapse = "\n"))
  loaded <- dyn.load(library)
  on.exit(dyn.unload(library), add = TRUE, after = FALSE)
  minimize <- getNativeSymbolInfo("minimize", loaded)
  expect_equal(.Call(minimize, c(2, 2, 2)), c(1, 2, 2))
  expect_equal(.Call(minimize, c(Inf, 1, Inf)), c(1, 1, 3))
})
