# Fits in lock step: src/r_lockstep.c advances the states of a block, and fn is called for all of them.

# Runs all that is to do; done$under_way is the block. Fits that begin take the memory of others that have
# ended, the `spare` runs.
run_in_step <- function(task, done, block) {
  progress <- fits_progress(done)
  task$plain <- plain_task(task)
  waiting <- setdiff(to_do(done), done$under_way$fits)
  joined <- 0
  last <- list(room = max(0, block - length(done$under_way$fits)), is_checked = FALSE)
  spare <- list()
  while (joined < length(waiting) || length(done$under_way$fits) > 0) {
    joining <- joined + seq_len(min(last$room, length(waiting) - joined))
    joined <- joined + length(joining)
    begin_fits(done, waiting[joining], task, spare)
    if (length(done$under_way$fits) == 0) next
    last <- step_all(task, done, block, last$is_checked)
    spare <- c(spare[seq_along(spare) > length(joining)], last$ended)
    progress()
  }
}

# Lets fits join the block. One that cannot begin is looked at alone.
begin_fits <- function(done, fits, task, spare) {
  if (length(fits) == 0) return()
  runs <- .Call(C_begin_rows, task$plain, fits, spare)
  begun <- lengths(runs) > 0
  for (i in fits[!begun]) take_rows(done, i, list(run_one(alone(i, task))))
  done$under_way <- list(fits = c(done$under_way$fits, fits[begun]), runs = c(done$under_way$runs, runs[begun]))
}

# Evaluates fn once for all of the block, and takes out the fits that have ended. Returns the `room` for others:
# for as many as their rows, but for none as long as fits have to wait; and the runs that have `ended`. No interrupt
# may leave a run under way that has finished, as that cannot go on.
step_all <- function(task, done, block, is_checked) {
  block_now <- done$under_way
  asked <- .Call(C_ask_all, task$plain, block_now, block)
  answers <- evaluate_rows(task, asked$par, block_now$fits[asked$run])
  if (!is_checked) check_rows(task, asked$par, block_now$fits[asked$run], answers)
  suspendInterrupts({
    went <- .Call(C_tell_all, task$plain, block_now, asked, answers$value, answers$gradient,
                  if (!is.null(answers$error)) !is.na(answers$error))
    done$under_way <- part_of_block(block_now, went == 0)
    failure <- function(k) list(row_of_failure(answers$error[went[k]], task$par[1, ]))
    for (k in which(went > 0)) take_rows(done, block_now$fits[k], failure(k))
    finished <- part_of_block(block_now, went < 0)
    left <- take_runs(done, finished, task)
  })
  for (k in left) take_rows(done, finished$fits[k], list(row_in_step(finished$fits[k], finished$runs[[k]], task)))
  waits <- asked$run[length(asked$run)] < length(went)
  list(room = if (waits) 0 else block - sum(went[asked$run] == 0), ended = block_now$runs[went != 0],
       is_checked = TRUE)
}

part_of_block <- function(block, part) list(fits = block$fits[part], runs = block$runs[part])

# Takes note of fits that have finished. Returns the places of those that are to be looked at alone: that could not begin,
# have failed, or are in doubt.
take_runs <- function(done, finished, task) {
  if (length(finished$fits) == 0) return(NULL)
  columns <- .Call(C_rows, task$plain, finished)
  names(columns) <- names(done$columns)
  well <- !is.na(columns$message) & !has_failed(columns)
  take_columns(done, finished$fits[well], if (all(well)) columns else lapply(columns, `[`, well))
  which(!well)
}

# Returns the row of such a fit, after what lbfgsb() does at the end of a run.
row_in_step <- function(i, run, task) {
  state <- state_of_fit(i, run, task)
  call <- alone(i, task)
  if (is.null(fields_of(state)$message)) return(run_one(call))
  row_of_end(as_parts(quietly(complete(state, call$fn, call$gr, frame = frame_of_dots()))), call$start)
}

# Returns the state of a fit that has not begun.
begin_fit <- function(i, task) begin_state(task$par[i, ], task$lower[i, ], task$upper[i, ], task$control)

# Returns what C takes of fits in lock step or over threads: what lbfgsb() would make of each, a column for each fit.
plain_task <- function(task) {
  first <- list(problem = list(par = task$par[1, ]), control = task$control)
  wrong <- .Call(C_unfit_data, task$data)
  if (wrong > 0) native_data(task$data[[wrong]]) # an error
  control <- task$control
  plain <- list(par = t(task$par), lower = t(task$lower), upper = t(task$upper),
                parscale = read_parscale(control$parscale, task$par[1, ]), control = control,
                fnscale = control$fnscale, maxeval = control$maxeval, steps = given_steps(first),
                native = attr(task$fn, "native"), data = task$data)
  if (is.null(control$hessian_diag)) return(plain)
  states <- lapply(seq_len(nrow(task$par)), begin_fit, task)
  plain$parscale <- vapply(states, function(state) state$problem$parscale, task$par[1, ])
  replace(plain, "control", list(states[[1]]$control))
}

state_of_fit <- function(i, run, task) replace(begin_fit(i, task), "run", list(run))

# Makes a frame in which `...` is found.
frame_of_dots <- function(...) environment()

# Returns the call of a fit by itself, with functions of one point.
alone <- function(i, task) {
  at <- function(f, par) task$call(f, matrix(par, 1, dimnames = list(NULL, names(par))), i)
  gr <- if (!is.null(task$gr)) function(par) as.vector(at(task$gr, par))
  fn <- function(par) {
    answer <- at(task$fn, par)
    gradient <- gradient_with(answer)
    value <- as.vector(if (is.list(answer)) answer[["value"]] else answer)
    list(value = value, gradient = if (!is.null(gradient)) as.vector(ordered_columns(gradient, names(par))))
  }
  list(start = task$par[i, ], lower = task$lower[i, ], upper = task$upper[i, ], fn = fn, gr = gr,
       control = task$control)
}

# ---- Evaluation ----------------------------------------------------------------------------------------------

# Returns fn at the rows of par: `value` (rows), `gradient` (rows x n, or NULL), and `error` (rows), NA where
# there was none, or NULL. Where it throws, each half is asked for itself.
evaluate_rows <- function(task, par, fits) {
  answers <- on_error(evaluate_at_once(task, par, fits), identity)
  if (inherits(answers, "lbfgsb_error_objective")) stop(answers)
  if (!inherits(answers, "error")) return(answers)
  rows <- nrow(par)
  if (rows == 1) return(list(value = NA_real_, gradient = NULL, error = message_of(answers)))
  first <- seq_len(rows %/% 2)
  join_answers(evaluate_rows(task, par[first, , drop = FALSE], fits[first]),
               evaluate_rows(task, par[-first, , drop = FALSE], fits[-first]), ncol(par))
}

join_answers <- function(a, b, n) {
  gradient <- if (!is.null(a$gradient) || !is.null(b$gradient)) {
    rbind(a$gradient %||% no_gradient(a, n), b$gradient %||% no_gradient(b, n))
  }
  list(value = c(a$value, b$value), gradient = gradient,
       error = c(a$error %||% no_error(a), b$error %||% no_error(b)))
}

no_error <- function(answers) rep(NA_character_, length(answers$value))

# Stands in for the gradients where there are none, as fn has failed there.
no_gradient <- function(answers, n) matrix(NA_real_, length(answers$value), n)

evaluate_at_once <- function(task, par, fits) {
  returned <- task$call(task$fn, par, fits)
  value <- if (is.list(returned)) returned[["value"]] else returned
  gradient <- gradient_with(returned)
  check_values(value, nrow(par), returned)
  value <- as.double(value)
  if (!is.null(task$gr)) gradient <- gradient_rows(task, par, fits, is.finite(value))
  if (!is.null(gradient)) gradient <- read_gradient_rows(gradient, par, if (is.null(task$gr)) "fn" else "gr")
  list(value = value, gradient = gradient)
}

check_values <- function(value, rows, returned) {
  if (!is_numeric(value) || length(value) != rows) {
    stop(lbfgsb_error_objective("fn", returned, "`fn` must return one value for each of the ", rows,
                                " rows of its first argument, not ", kind_of(value)))
  }
}

# Asks gr where fn is finite.
gradient_rows <- function(task, par, fits, finite) {
  gradient <- matrix(NA_real_, nrow(par), ncol(par))
  if (any(finite)) {
    at <- par[finite, , drop = FALSE]
    returned <- task$call(task$gr, at, fits[finite])
    gradient[finite, ] <- read_gradient_rows(returned, at, "gr")
  }
  gradient
}

read_gradient_rows <- function(gradient, par, source) {
  if (!is_numeric(gradient) || !identical(dim(gradient), dim(par))) {
    stop(lbfgsb_error_objective(source, gradient, "`", source, "` must return gradients as a matrix of ",
                                nrow(par), " x ", ncol(par), " numbers, like its first argument, not ",
                                kind_of(gradient)))
  }
  gradient <- ordered_columns(gradient, dimnames(par)[[2]])
  if (!is.double(gradient)) storage.mode(gradient) <- "double"
  gradient
}

# Orders the columns of gradients as the parameters, if they have the same names.
ordered_columns <- function(gradient, names) {
  given <- dimnames(gradient)[[2]]
  if (is.null(given) || is.null(names) || !setequal(given, names)) return(gradient)
  gradient[, names, drop = FALSE]
}

# Warns if the last row alone has another value or gradient than among the others.
check_rows <- function(task, par, fits, answers) {
  row <- max(which(is.na(answers$error %||% no_error(answers))), 0)
  if (row == 0 || nrow(par) == 1) return()
  single <- evaluate_rows(task, par[row, , drop = FALSE], fits[row])
  same <- identical(single$value, answers$value[row]) &&
    identical(as.vector(single$gradient), as.vector(answers$gradient[row, ]))
  if (!same) warning(lbfgsb_warning_rows(fits[row], single$value, answers$value[row]))
}
