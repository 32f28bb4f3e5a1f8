# Fits of native objectives over threads: src/r_threads.c runs them, batch by batch.

runs_in_threads <- function(task) {
  control <- task$control
  is_native(task$fn) && is.null(task$gr) && length(task$dots) == 0 && .Call(C_left_to_core, control) &&
    control$maxtime == Inf && is.null(control$hessian_diag)
}

# Runs all that is to do, one batch after another: as many as take some tenths of a second.
run_in_threads <- function(task, done, block) {
  progress <- fits_progress(done)
  threads <- usable_threads(task$control$threads)
  task$control$threads <- 1
  plain <- plain_task(task)
  fits <- to_do(done)
  size <- threads
  first <- 1
  while (first <= length(fits)) {
    begun <- seconds()
    batch <- fits[first:min(first + size - 1, length(fits))]
    columns <- .Call(C_run_all, plain, batch, threads)
    names(columns) <- names(done$columns)
    ended <- !is.na(columns$message) & !has_failed(columns)
    take_columns(done, batch[ended], lapply(columns, `[`, ended))
    ended_by <- attr(columns, "ended_by")
    if (inherits(ended_by, "error")) stop(ended_by)
    if (!is.null(ended_by)) interrupt()
    for (i in batch[!ended]) take_rows(done, i, list(run_one(arguments_of_fit(i, task))))
    first <- first + length(batch)
    if (seconds() - begun < 0.2 && size < 1000) size <- 2 * size
    progress()
  }
}

# Interrupts as the user has done.
interrupt <- function() {
  signalCondition(structure(class = c("interrupt", "condition"), list(message = "", call = NULL)))
  invokeRestart("abort")
}
