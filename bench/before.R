# What a script's runs were at the commit before the house was rebuilt, in an R of its own with that version: the script,
# given "before" and a file, saves them there.
commit <- "5cf8035"

runs_before <- function(script) {
  folder <- tempfile()
  dir.create(folder)
  on.exit(unlink(folder, recursive = TRUE))
  shell <- function(...) stopifnot(system(paste0(...), ignore.stdout = TRUE, ignore.stderr = TRUE) == 0)
  shell("git archive ", commit, " | tar -x -C ", folder)
  shell("R CMD INSTALL --no-docs --library=", folder, " ", folder)
  shell("R_LIBS=", folder, " Rscript ", script, " before ", file.path(folder, "runs.rds"))
  readRDS(file.path(folder, "runs.rds"))
}
