# What a measurement was made with, for the head of its table: this package, R, the compiler, the machine and
# what else it does, and those of `packages` that are installed.
machine <- function(packages = character()) {
  cpu <- tryCatch(grep("^model name", readLines("/proc/cpuinfo"), value = TRUE)[1], error = function(e) NULL)
  compiler <- system2(file.path(R.home("bin"), "R"), c("CMD", "config", "CC"), stdout = TRUE)
  version <- system(paste(compiler, "--version"), intern = TRUE)[1]
  installed <- Filter(function(package) requireNamespace(package, quietly = TRUE), packages)
  versions <- vapply(installed, function(package) paste0(package, " ", packageVersion(package), ", "), "")
  paste0("lbfgsb ", read.dcf("DESCRIPTION", "Version"), ", ", R.version.string, ", ",
         paste(versions, collapse = ""), version, ", ", Sys.info()[["sysname"]], " ",
         Sys.info()[["machine"]], ", ", sub(".*: ", "", cpu), ", ", Sys.Date(), load())
}

# The processes that wanted a processor at a time, over 15 minutes, where the system says.
load <- function() {
  figures <- tryCatch(suppressWarnings(readLines("/proc/loadavg")), error = function(e) NULL)
  if (is.null(figures)) return(NULL)
  paste0(", load ", strsplit(figures, " ")[[1]][3], " on ", parallel::detectCores(), " processors")
}
