# Names of further arguments of fn that begin one of ours.
short_names <- c(letters, "pa", "st", "sh", "shar", "fi", "gra", "sk", "ob", "ro", "va", "..", ".p")

# Return f(theta, q, ...) with another name for q, and without it.
renamed <- function(f, name) rewritten(f, as.name(name), structure(formals(f), names = replace(names(formals(f)), 2, name)))
without_q <- function(f) rewritten(f, data_in_order, formals(f)[-2])
rewritten <- function(f, q, arguments) {
  as.function(c(arguments, do.call(substitute, list(body(f), list(q = q)))), envir = globalenv())
}

# Whose results tell if q is theta.
data_in_order <- c(1.25, 2)
quartic <- function(theta, q) sum((unlist(theta) - q)^2) + sum(unlist(theta)^4)
slope <- function(theta, q) 2 * (unlist(theta) - q) + 4 * unlist(theta)^3
start <- c(a = 0.5, b = 0.25)
call_with <- function(called, given, ...) do.call(called, c(list(...), given))
told_of <- function(fit) fit[c("par", "value", "gradient", "counts", "convergence", "message", "hessian")]
