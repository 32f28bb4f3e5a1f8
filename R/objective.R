# What is evaluated, and how: an environment that holds `fn`, `gr`, what stands in for a missing
# `gr` and what reads the results, and where (`problem`) and by which options (`control`) it was
# minimized, for those who come back after the run. The calls below are evaluated in it, with `par` bound to the
# point; its parent is the frame of lbfgsb(), where `...` is found. The calls are made of symbols,
# so an error in `fn` shows fn(par, ...) however large the data are.
new_objective <- function(fn, gr, problem, control, frame) {
  objective <- new.env(parent = frame)
  objective$fn <- fn
  objective$gr <- gr
  objective$problem <- problem
  objective$control <- control
  objective$read_value <- read_value
  objective$read_gradient <- gradient_reader(if (is.null(gr)) "fn" else "gr", length(problem$par))
  objective$differences <- new_differences(objective, control)
  objective
}

# The order is that of the enum in src/r_run.c.
objective_calls <- list(
  fn = quote(fn(par, ...)),
  gr = quote(gr(par, ...)),
  differences = quote(differences(par, value, left)),
  read_value = quote(read_value(value)),
  read_gradient = quote(read_gradient(gradient)),
  callback = quote(callback(progress)),
  checkpoint = quote(checkpoint()),
  show_status = quote(show_status(figures))
)

# The calls of a run, NULL in place of those that `objective` has nothing for.
calls_for <- function(objective) {
  absent <- vapply(c("gr", "callback", "checkpoint", "show_status"),
                   function(name) is.null(objective[[name]]), NA)
  replace(objective_calls, names(absent)[absent], list(NULL))
}

# The value of `fn`, and the gradient where it came along, as an attribute or in a list.
read_value <- function(value) {
  if (!is.list(value)) {
    return(list(value = as_number(value), gradient = attr(value, "gradient")))
  }
  if (is.null(value[["value"]])) {
    stop(lbfgsb_error_objective("fn", value, "`fn` returned a list without `value`"))
  }
  list(value = as_number(value[["value"]]), gradient = value[["gradient"]])
}

as_number <- function(value) {
  if (!is_numeric(value) || length(value) != 1) {
    stop(lbfgsb_error_objective("fn", value, "`fn` must return one number, not ", kind_of(value)))
  }
  as.double(value)
}

# Reads the gradient that `source`, "fn" or "gr", delivers: n numbers in any shape.
gradient_reader <- function(source, n) {
  force(source)
  force(n)
  function(gradient) {
    if (!is_numeric(gradient) || length(gradient) != n) {
      stop(lbfgsb_error_objective(source, gradient, "`", source, "` must return a gradient of ", n,
                                  " numbers, not ", kind_of(gradient)))
    }
    as.double(gradient)
  }
}

# A plain NA is logical.
is_numeric <- function(x) {
  is.numeric(x) || is.logical(x) && all(is.na(x))
}

# `fn` at `par`: its value, and its gradient or NULL.
value_at <- function(objective, par) {
  read_value(eval(objective_calls$fn, list(par = par), objective))
}

# The gradient at `par`, of `gr` or as `fn` delivers it; NULL, and then the value, where neither does.
delivered_gradient <- function(objective, par) {
  if (!is.null(objective$gr)) {
    gradient <- eval(objective_calls$gr, list(par = par), objective)
    return(list(gradient = objective$read_gradient(gradient)))
  }
  at <- value_at(objective, par)
  if (!is.null(at$gradient)) at$gradient <- objective$read_gradient(at$gradient)
  at
}
