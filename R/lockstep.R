# Fits in lock step: src/r_lockstep.c advances the states of a block, and fn is called for all of them.

# Runs all that is to do; done$under_way are the states of the block, by the numbers of their fits.
run_in_step <- function(task, done, block) {
  progress <- fits_progress(done)
  waiting <- setdiff(to_do(done), as.integer(names(done$under_way)))
  checked <- FALSE
  repeat {
    joining <- head(waiting, block - length(done$under_way))
    waiting <- tail(waiting, length(waiting) - length(joining))
    done$under_way <- c(done$under_way, begin_fits(joining, task))
    if (length(done$under_way) == 0) break
    checked <- step_all(task, done, block, checked)
    progress()
  }
}

begin_fits <- function(fits, task) {
  control <- task$control
  states <- lapply(fits, function(i) {
    suppressWarnings(begin_state(task$par[i, ], task$lower[i, ], task$upper[i, ], control),
                     classes = "lbfgsb_warning_outside")
  })
  structure(states, names = fits)
}

# Evaluates fn once for all of the block, and takes out those that have ended.
step_all <- function(task, done, block, checked) {
  states <- done$under_way
  fits <- as.integer(names(states))
  asked <- .Call(C_ask_all, states, block)
  colnames(asked$par) <- colnames(task$par)
  answers <- evaluate_rows(task, asked$par, fits[asked$run])
  if (!checked) check_rows(task, asked$par, fits[asked$run], answers)
  steps <- lapply(states, given_steps)
  went <- .Call(C_tell_all, states, asked, answers$value, answers$gradient, !is.na(answers$error), steps)
  ended <- which(went != 0)
  done$ends[fits[ended]] <- lapply(ended, function(k) {
    if (went[k] > 0) return(end_of_failure(answers$error[went[k]], task$par[1, ]))
    end_in_step(fits[k], states[[k]], task)
  })
  done$under_way <- states[went == 0]
  TRUE
}

# Returns the row of a fit that has finished. One that could not begin, or has failed, is looked at alone.
end_in_step <- function(i, state, task) {
  fit <- fields_of(state)
  if (is.null(fit$message)) return(run_one(alone(i, task), NULL))
  if (has_failed(fit)) {
    call <- alone(i, task)
    fit$objective <- new_objective(call$fn, call$gr, state$problem, task$control, frame_of_dots())
    fit <- suppressWarnings(explain_failure(fit), classes = "lbfgsb_warning_gradient")
  }
  end_of_fit(fit)
}

# Makes a frame in which `...` is found.
frame_of_dots <- function(...) environment()

# Returns the call of a fit by itself, with functions of one point.
alone <- function(i, task) {
  at <- function(f, par) do.call(f, c(list(matrix(par, 1, dimnames = list(NULL, names(par))), i), task$dots))
  gr <- if (!is.null(task$gr)) function(par, ...) as.vector(at(task$gr, par))
  fn <- function(par, ...) {
    answer <- at(task$fn, par)
    gradient <- if (is.list(answer)) answer$gradient else attr(answer, "gradient")
    value <- as.vector(if (is.list(answer)) answer$value else answer)
    list(value = value, gradient = if (!is.null(gradient)) as.vector(ordered_columns(gradient, par)))
  }
  list(start = task$par[i, ], lower = task$lower[i, ], upper = task$upper[i, ], fn = fn, gr = gr,
       control = task$control)
}

# ---- Evaluation ----------------------------------------------------------------------------------------------

# Returns fn at the rows of par: `value` (rows), `gradient` (rows x n, or NULL), and `error` (rows), NA where
# there was none. Where it throws, each half is asked for itself.
evaluate_rows <- function(task, par, fits) {
  answers <- tryCatch(evaluate_at_once(task, par, fits), error = identity)
  if (inherits(answers, "lbfgsb_error_objective")) stop(answers)
  if (!inherits(answers, "error")) return(answers)
  rows <- nrow(par)
  if (rows == 1) return(list(value = NA_real_, gradient = NULL, error = conditionMessage(answers)))
  first <- seq_len(rows %/% 2)
  join_answers(evaluate_rows(task, par[first, , drop = FALSE], fits[first]),
               evaluate_rows(task, par[-first, , drop = FALSE], fits[-first]), ncol(par))
}

join_answers <- function(a, b, n) {
  gradient <- if (!is.null(a$gradient) || !is.null(b$gradient)) {
    rbind(a$gradient %||% no_gradient(a, n), b$gradient %||% no_gradient(b, n))
  }
  list(value = c(a$value, b$value), gradient = gradient, error = c(a$error, b$error))
}

# Stands in for the gradients where there are none, as fn has failed there.
no_gradient <- function(answers, n) matrix(NA_real_, length(answers$value), n)

evaluate_at_once <- function(task, par, fits) {
  returned <- do.call(task$fn, c(list(par, fits), task$dots), quote = TRUE)
  value <- if (is.list(returned)) returned[["value"]] else returned
  gradient <- if (is.list(returned)) returned[["gradient"]] else attr(returned, "gradient")
  check_values(value, nrow(par), returned)
  value <- as.double(value)
  if (!is.null(task$gr)) gradient <- gradient_rows(task, par, fits, is.finite(value))
  if (!is.null(gradient)) gradient <- read_gradient_rows(gradient, par, if (is.null(task$gr)) "fn" else "gr")
  list(value = value, gradient = gradient, error = rep(NA_character_, nrow(par)))
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
    returned <- do.call(task$gr, c(list(at, fits[finite]), task$dots), quote = TRUE)
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
  gradient <- ordered_columns(gradient, par[1, ])
  storage.mode(gradient) <- "double"
  gradient
}

# Orders the columns of gradients as the parameters, if they have the same names.
ordered_columns <- function(gradient, par) {
  names <- colnames(gradient)
  if (is.null(names) || is.null(names(par)) || !setequal(names, names(par))) return(gradient)
  gradient[, names(par), drop = FALSE]
}

# Warns if the last row alone has another value or gradient than among the others.
check_rows <- function(task, par, fits, answers) {
  row <- max(which(is.na(answers$error)), 0)
  if (row == 0 || nrow(par) == 1) return()
  single <- evaluate_rows(task, par[row, , drop = FALSE], fits[row])
  same <- identical(single$value, answers$value[row]) &&
    identical(as.vector(single$gradient), as.vector(answers$gradient[row, ]))
  if (!same) warning(lbfgsb_warning_rows(fits[row], single$value, answers$value[row]))
}
