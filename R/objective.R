# Makes what is evaluated: an environment that holds `fn`, `gr`, what stands in for a missing `gr`, and where
# (`problem`) and by which options (`control`) it was minimized, for those who come back after the run. It is
# never written after it is made. Its parent is the frame of lbfgsb(), where `...` is found. `tape`: one that
# there is already (R/rtmb.R).
new_objective <- function(fn, gr, problem, control, frame, tape = NULL) {
  objective <- .Call(C_objective, fn, gr, problem, control, frame)
  if (is.null(gr) && !.Call(C_left_to_core, control)) {
    if (control$gradient == "rtmb") tape <- tape %||% new_tape(problem$par)
    add_differences(objective, point_evaluator(objective, control$cluster), tape)
  }
  objective
}

# Adds what stands in for a missing `gr`: the last step of its making.
add_differences <- function(objective, evaluate_points, tape) {
  objective$evaluate_points <- evaluate_points
  if (!is.null(tape)) objective$tape <- tape
  objective$differences <- new_differences(objective)
}

# Returns a copy for another problem, over the same workers.
with_problem <- function(objective, problem, control = objective$control) {
  copy <- .Call(C_objective, objective$fn, objective$gr, problem, control, parent.env(objective))
  if (!is.null(objective$differences)) add_differences(copy, objective$evaluate_points, objective$tape)
  copy
}

# Returns a copy whose `parscale` and `noise` are what a run has found of them, if it has: the Hessian's steps
# and profiles go by them.
with_findings <- function(objective, state) {
  found <- .Call(C_findings, state)
  if (is.null(found)) return(objective)
  control <- objective$control
  if (!is.null(found$noise)) control$noise <- found$noise
  with_problem(objective, found$problem, control)
}

# Returns a copy that is evaluated here.
without_cluster <- function(objective) {
  control <- replace(objective$control, "cluster", list(NULL))
  new_objective(objective$fn, objective$gr, objective$problem, control, parent.env(objective), objective$tape)
}

# What a run evaluates, in a child of the objective where `par` and the like are bound; the order is that of
# C. The calls are made of symbols, so an error in `fn` shows fn(par, ...) however large the data are.
objective_calls <- list(
  fn = quote(fn(par, ...)),
  gr = quote(gr(par, ...)),
  differences = quote(differences(par, value, left, sizes)),
  points = quote(evaluate_points(par, index, at)),
  read_value = quote(read_value(value)),
  read_gradient = quote(read_gradient(gradient, gr, problem)),
  refuse_lookalike = quote(refuse_lookalike(value)),
  watch = quote(watch(progress))
)

# Returns the value of `fn`, and the gradient where it came along, as an attribute or in a list.
read_value <- function(value) {
  if (!is.list(value)) {
    return(list(value = as_number(value), gradient = gradient_with(value)))
  }
  if (is.null(value[["value"]])) {
    stop(lbfgsb_error_objective("fn", value, "`fn` returned a list without `value`: return ",
                                "list(value = , gradient = )"))
  }
  list(value = as_number(value[["value"]]), gradient = gradient_with(value))
}

# Returns the gradient beside a value, by its whole name: `$` and attr() take what begins so.
gradient_with <- function(value) if (is.list(value)) value[["gradient"]] else attr(value, "gradient", exact = TRUE)

# Names that are near to `gradient`.
lookalikes <- c("grad", "gr", "jac", "jacobian", "deriv", "derivative")

refuse_lookalike <- function(value) {
  given <- intersect(if (is.list(value)) names(value) else names(attributes(value)), lookalikes)[1]
  kind <- if (is.list(value)) "element" else "attribute"
  stop(lbfgsb_error_objective("fn", value, "`fn` returned an ", kind, " `", given, "` and none with the name ",
                              "`gradient`: if it is the gradient, rename it to `gradient`"))
}

as_number <- function(value) {
  value <- as_plain(value)
  if (!is_numeric(value) || length(value) != 1) {
    hint <- if (is_numeric(value) && length(value) > 1) ": is a sum() missing?"
    by_deriv <- if (is.matrix(gradient_with(value))) {
      " Of a vector v by deriv() return structure(sum(v), gradient = colSums(attr(v, \"gradient\")))"
    }
    stop(lbfgsb_error_objective("fn", value, "`fn` must return one number, not ", kind_of(value), hint, by_deriv))
  }
  as.double(value)
}

# Returns a gradient as `gr` delivers it, or `fn` where that is NULL: n numbers in any shape, matched by their
# names if these are those of `par`.
read_gradient <- function(gradient, gr, problem) {
  gradient <- as_plain(gradient)
  n <- length(problem$par)
  if (!is_numeric(gradient) || length(gradient) != n) {
    source <- if (is.null(gr)) "fn" else "gr"
    stop(lbfgsb_error_objective(source, gradient, "`", source, "` must return a gradient of ", counted(n, "number"),
                                ", not ", kind_of(gradient)))
  }
  as.double(in_order_of(gradient, problem$par))
}

# Returns the numbers of an S4 object, as those of the package Matrix are; all else, and one without numbers, as it is.
as_plain <- function(x) if (isS4(x)) on_error(plain_numbers(x), function(e) x) else x

plain_numbers <- function(x) if (is.null(dim(x))) as.numeric(x) else array(as.numeric(x), dim(x), dimnames(x))

# Tells whether x is numbers: a plain NA is logical.
is_numeric <- function(x) {
  is.numeric(x) || is.logical(x) && all(is.na(x))
}

# Returns `fn` at `par`: its value, and its gradient or NULL.
value_at <- function(objective, par) {
  read_value(eval(objective_calls$fn, list(par = par), objective))
}

# Returns the gradient at `par`, of `gr` or as `fn` delivers it; NULL, and then the value, where neither does.
delivered_gradient <- function(objective, par,
                               read = function(gradient) read_gradient(gradient, objective$gr, objective$problem)) {
  if (!is.null(objective$gr)) {
    return(list(gradient = read(eval(objective_calls$gr, list(par = par), objective))))
  }
  at <- value_at(objective, par)
  if (!is.null(at$gradient)) at$gradient <- read(at$gradient)
  at
}

# Returns a copy whose parts are to be replaced.
open_copy <- function(objective) list2env(as.list(objective, all.names = TRUE), parent = parent.env(objective))

# Returns a copy whose delivered gradient is taken as it is returned, whatever its names.
by_position <- function(objective) {
  copy <- open_copy(objective)
  if (is.null(objective$gr)) {
    copy$fn <- function(., ...) {
      at <- read_value(objective$fn(., ...))
      list(value = at$value, gradient = as.vector(as_plain(at$gradient)))
    }
  } else {
    copy$gr <- function(., ...) as.vector(as_plain(objective$gr(., ...)))
  }
  copy
}
