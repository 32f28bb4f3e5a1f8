# Installs what is missing, and only that, from CRAN into a library of its own:
#   Rscript tools/full-library.R LIBRARY suggested    what DESCRIPTION suggests and tests name, but RTMB
#   Rscript tools/full-library.R LIBRARY PACKAGE...
# RTMB has a library to itself: the TMB that comes with it may be newer than the one other packages were compiled
# with.

# Packages that a test file skips without: those named in its calls, and in its loops over packages.
named_in_tests <- function() {
  files <- list.files("tests/testthat", "[.]R$", full.names = TRUE)
  code <- unlist(lapply(files, function(file) paste(readLines(file), collapse = " ")))
  found <- function(pattern, code) unlist(regmatches(code, gregexpr(pattern, code, perl = TRUE)))
  loops <- found("for [(]package in c[(][^)]+", code)
  unique(c(found("(?<=skip_if_not_installed[(]\")[^\"]+", code), found("(?<=\")[A-Za-z][\\w.]*(?=\")", loops)))
}

suggested <- function() {
  field <- read.dcf("DESCRIPTION", "Suggests")[[1]]
  setdiff(union(sub("\\s*[(].*", "", trimws(strsplit(field, ",")[[1]])), named_in_tests()), c("RTMB", "TMB"))
}

is_missing <- function(package) !requireNamespace(package, quietly = TRUE)

# RTMB is C++17, which is not the standard of older R.
with_newer_standard <- function(install) {
  if (getRversion() >= "4.3") return(install)
  flags <- tempfile()
  compiler <- "g++ -std=gnu++17"
  writeLines(c(paste("CXX =", compiler), paste("CXX14 =", compiler), paste("CXX17 =", compiler)), flags)
  Sys.setenv(R_MAKEVARS_USER = flags)
  install
}

arguments <- commandArgs(TRUE)
library_path <- arguments[1]
dir.create(library_path, recursive = TRUE, showWarnings = FALSE)
.libPaths(c(library_path, .libPaths()))
wanted <- if (identical(arguments[-1], "suggested")) suggested() else arguments[-1]
missing <- Filter(is_missing, wanted)
if (length(missing) > 0) {
  if (identical(getOption("repos")[["CRAN"]], "@CRAN@")) chooseCRANmirror(graphics = FALSE, ind = 1)
  with_newer_standard(install.packages(missing, library_path, type = "source", Ncpus = parallel::detectCores()))
}
still <- Filter(is_missing, wanted)
if (length(still) > 0) cat("Not installed, so their tests skip:", paste(still, collapse = ", "), "\n")
quit(status = any(c("RTMB", "testthat") %in% still))
