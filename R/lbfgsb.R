lbfgsb <- function(par, fn, gr = NULL, ..., lower = -Inf, upper = Inf, control = list(),
                   hessian = FALSE, method = "L-BFGS-B") {
  check_call(fn, gr, hessian, method)
  control <- as_control(control)
  problem <- new_problem(par, lower, upper, control$parscale)
  objective <- new_objective(fn, gr, problem, frame = environment())
  raw <- run_solver(objective, problem, control)
  fit <- new_lbfgsb(raw, objective, problem, control)
  if (hessian) fit$hessian <- hessian_at(objective, problem, fit$par)
  fit
}
