# A file that always holds a whole state.

check_checkpoint <- function(file) {
  if (dir.exists(file) || grepl("/$", file) || !nzchar(file)) {
    stop(lbfgsb_error_argument("control$checkpoint", "must be the name of a file, not ",
                               if (nzchar(file)) "that of a directory: " else "empty", file))
  }
  if (!dir.exists(dirname(file))) {
    stop(lbfgsb_error_argument("control$checkpoint", "must be in a directory that exists, and there is no ",
                               dirname(file)))
  }
}

# Replaces the file at once: whenever the process ends, one whole file is there.
write_checkpoint <- function(state, file) {
  unfinished <- paste0(file, ".unfinished")
  saveRDS(kept_state(state), unfinished, compress = FALSE)
  if (!file.rename(unfinished, file)) {
    stop(lbfgsb_error_argument("control$checkpoint", "cannot be written: ", file))
  }
}

checkpoint_chore <- function(state) {
  control <- state$control
  check_checkpoint(control$checkpoint)
  chore(control$checkpoint_every, function(progress) write_checkpoint(state, control$checkpoint))
}

read_checkpoint <- function(file) {
  if (!file.exists(file)) stop(lbfgsb_error_state("there is no file ", dQuote(file, FALSE)))
  tryCatch(suppressWarnings(readRDS(file)), error = function(e) {
    stop(lbfgsb_error_state("the file ", dQuote(file, FALSE), " is none that saveRDS() or `control$checkpoint` has written"))
  })
}
