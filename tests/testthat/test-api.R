# The example in the head comment of lbfgsbAPI.h, as it stands there
example_lines <- function(header) {
  head <- readLines(header)
  head <- head[seq_len(which(head == " */")[1])]
  sub("^ \\*     ", "", head[startsWith(head, " *     ")])
}

# A new directory with the headers, in which `pattern` of lbfgsb.h is replaced, and the example
client_directory <- function(pattern = "^$", replacement = "") {
  directory <- tempfile("client")
  dir.create(directory)
  file.copy(list.files(system.file("include", package = "lbfgsb"), full.names = TRUE), directory)
  header <- readLines(file.path(directory, "lbfgsb.h"))
  expect_true(any(grepl(pattern, header)))
  writeLines(sub(pattern, replacement, header), file.path(directory, "lbfgsb.h"))
  writeLines(example_lines(file.path(directory, "lbfgsbAPI.h")), file.path(directory, "example.c"))
  directory
}

# The path of a library of a file in `directory`
compile <- function(directory, source = "example.c") {
  library <- file.path(directory, paste0("client", .Platform$dynlib.ext))
  log <- system2(
    file.path(R.home("bin"), "R"),
    c("CMD", "SHLIB", "-o", shQuote(library), shQuote(file.path(directory, source))),
    stdout = TRUE, stderr = TRUE,
    env = c(paste0("PKG_CPPFLAGS=", shQuote(paste0("-I", directory))), "PKG_CFLAGS=-std=c11", "PKG_CXXFLAGS=-std=c++11")
  )
  expect_true(file.exists(library), info = paste(log, collapse = "\n"))
  library
}

# f(minimize) with the example's minimize(), compiled in `directory`, which goes
with_client <- function(directory, f) {
  on.exit(unlink(directory, recursive = TRUE))
  loaded <- dyn.load(compile(directory))
  on.exit(dyn.unload(loaded[["path"]]), add = TRUE, after = FALSE)
  f(getNativeSymbolInfo("minimize", loaded))
}

skip_without_compiler <- function() {
  skip_on_cran()
  skip_if(Sys.which("make") == "" || Sys.which("cc") == "", "no C compiler")
}

test_that("C code of another package minimizes with lbfgsbAPI.h", {
  skip_without_compiler()
  with_client(client_directory(), function(minimize) {
    expect_equal(.Call(minimize, c(2, 2, 2)), c(1, 2, 2))
    expect_equal(.Call(minimize, c(Inf, 1, Inf)), c(1, 1, 3), tolerance = 1e-6)
  })
})

test_that("lbfgsb_load() loads the package", {
  skip_without_compiler()
  directory <- client_directory()
  on.exit(unlink(directory, recursive = TRUE))
  script <- file.path(directory, "script.R")
  writeLines(c(
    deparse(call(".libPaths", dirname(system.file(package = "lbfgsb")))),
    deparse(call("dyn.load", compile(directory))),
    'cat("lbfgsb" %in% loadedNamespaces(), .Call("minimize", c(2, 2, 2)))'
  ), script)
  answer <- system2(file.path(R.home("bin"), "Rscript"), c("--vanilla", shQuote(script)), stdout = TRUE)
  expect_equal(answer, "FALSE 1 2 2")
})

test_that("a client that was compiled with another header is refused", {
  skip_without_compiler()
  refused <- function(directory, message) {
    with_client(directory, function(minimize) expect_error(.Call(minimize, 1), paste0("(?s)", message), perl = TRUE))
  }
  number <- "^(#define LBFGSB_ABI) ([0-9]+)$"
  header <- readLines(system.file("include", "lbfgsb.h", package = "lbfgsb"))
  now <- sub(number, "\\2", grep(number, header, value = TRUE))
  refused(
    client_directory(number, "\\1 0"),
    paste0("compiled for version 0 .* has version ", now, " .*Reinstall the package")
  )
  short <- "compiled for version ([0-9]+) .*options of ([0-9]+) bytes, summary of ([0-9]+), problem of ([0-9]+)\\).* version \\1 "
  refused(client_directory("^  size_t confirm;.*", ""), paste0(short, "\\((?!\\2)[0-9]+, \\3, \\4\\)"))
  refused(client_directory("^  size_t free;.*", ""), paste0(short, "\\(\\2, (?!\\3)[0-9]+, \\4\\)"))
  refused(client_directory("^  size_t threads;.*", ""), paste0(short, "\\(\\2, \\3, (?!\\4)[0-9]+\\)"))
})

test_that("the headers compile as C11 and as C++11, before and after R's own solver's and those of C++", {
  skip_without_compiler()
  directory <- client_directory()
  on.exit(unlink(directory, recursive = TRUE))
  lines <- readLines(file.path(directory, "example.c"))
  others <- list(.c = "<R_ext/Applic.h>", .cpp = c("<R_ext/Applic.h>", "<lbfgsb.hpp>", "<fstream>"))
  for (extension in names(others)) {
    for (after in 0:1) {
      source <- paste0("others", after, "_as", extension, extension) # make takes the .o of a .c for that of a .cpp
      writeLines(append(lines, paste("#include", others[[extension]]), after = after), file.path(directory, source))
      unlink(compile(directory, source))
    }
  }
})
