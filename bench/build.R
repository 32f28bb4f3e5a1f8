# Two commits side by side: the sources of each in a folder of their own, and installed in a library.

# list(name, sources, library) of a commit, which is shown.
build <- function(commit, folder = tempfile("build")) {
  sources <- file.path(folder, "lbfgsb")
  library <- file.path(folder, "library")
  for (path in c(sources, library)) dir.create(path, recursive = TRUE)
  archive <- sprintf("git archive %s | tar -x -C %s", shQuote(commit), shQuote(sources))
  if (system(archive) != 0 || length(list.files(sources)) == 0) stop("no commit ", commit)
  log <- file.path(folder, "log")
  install <- c("CMD INSTALL --no-docs --no-test-load -l", shQuote(c(library, sources)))
  status <- system2(file.path(R.home("bin"), "R"), install, stdout = log, stderr = log)
  if (status != 0) stop("R CMD INSTALL of ", commit, " failed:\n", paste(readLines(log), collapse = "\n"))
  list(name = commit, sources = sources, library = library)
}

# Compiles bench/core.c with the core's sources as R would, and loads it.
load_core <- function(sources = ".") {
  folder <- tempfile("core")
  dir.create(folder)
  files <- list.files(file.path(sources, "src"), "[.][ch]$", full.names = TRUE)
  files <- files[!startsWith(basename(files), "r_")]
  file.copy(files, folder)
  file.copy("bench/core.c", file.path(folder, "bench_core.c"))
  openmp <- "'$(SHLIB_OPENMP_CFLAGS)'"
  flags <- paste0(c("PKG_CPPFLAGS=-I", "PKG_CFLAGS=", "PKG_LIBS="),
                  c(shQuote(normalizePath(file.path(sources, "inst/include"))), openmp, openmp))
  objects <- c("bench_core.c", grep("[.]c$", basename(files), value = TRUE))
  library <- paste0(basename(folder), ".so")
  old <- setwd(folder)
  on.exit(setwd(old))
  compile <- c("CMD SHLIB -o", library, objects)
  status <- system2(file.path(R.home("bin"), "R"), compile, env = flags, stdout = FALSE)
  stopifnot(status == 0)
  dyn.load(library)
}

# Rscript with the library of a build before the others.
in_library <- function(build, arguments, ...) {
  libraries <- paste(c(build$library, .libPaths()), collapse = .Platform$path.sep)
  system2(file.path(R.home("bin"), "Rscript"), shQuote(arguments), env = paste0("R_LIBS=", libraries), ...)
}

# Those of the command line.
commits <- function(arguments) {
  if (!length(arguments) %in% 1:2) stop("one or two commits are expected")
  c(arguments, "HEAD")[1:2]
}
