minimize <- function(name, par, lower, upper) .Call(C_minimize, name, par, lower, upper)
minimize_cpp <- function(par, lower, upper, throws_at = 0) .Call(C_minimize_cpp, par, lower, upper, throws_at)
pointer <- function(null = FALSE) .Call(C_pointer, null)
