# Returns why runs stop, by name (src/catalogue.c): `convergence`, what optim() returns in such a case, 0 where
# there is evidence of a minimum; and a sentence, a format, of the option it names, or another one where that is
# NULL. A run that could not begin has none.
stop_reasons <- function() {
  reasons <- .Call(C_reasons)
  names(reasons) <- vapply(reasons, `[[`, "", "name")
  Filter(function(reason) !is.null(reason$sentence), reasons)
}

# Writes for the documentation: an item with convergence and sentence for each, the option for its value.
list_of_reasons <- function() {
  items_of <- function(reason) {
    sentences <- gsub("%[.0-9]*[a-z]", "...", c(reason$sentence, reason$otherwise))
    paste0("- ", reason$convergence, ": ", sentences)
  }
  paste(unlist(lapply(stop_reasons()[-1], items_of)), collapse = "\n")
}

# What src/r_result.c fills in, in the order of its tables.
fit_template <- list(
  par = NULL, value = NULL, counts = c(`function` = 0L, gradient = 0L), convergence = NULL, message = NULL,
  gradient = NULL, pgnorm = NULL, gap = NULL, iterations = NULL,
  bounds = factor(levels = c("free", "at lower", "at upper", "fixed")), nonfinite = NULL,
  history = data.frame(iteration = 0L, evaluations = 0, value = 0, pgnorm = 0, step = 0, free = 0),
  fval = NULL, objective = NULL, state = NULL
)

# Returns the fit of a run that has finished, or of one under way: what is known of its best point. `gradient`,
# the one evaluated last, is for the error of a run that could not begin.
new_lbfgsb <- function(state, objective = NULL, gradient = NULL) {
  kept <- .Call(C_keep, state)
  fit <- .Call(C_result, state, fit_template, objective, kept)
  if (is.null(objective)) fit$state <- kept
  if (is.null(fit$message)) refuse_start(fit$value, gradient, state$problem, objective$fn)
  class(fit) <- "lbfgsb"
  fit
}

# Returns its fields but for the state, as they are so far; no `convergence` and `message` if the run could not
# begin.
fields_of <- function(state) .Call(C_result, state, fit_template, NULL, NULL)
