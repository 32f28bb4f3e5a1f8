# States of runs at all their phases, and damage to them.

# Convex, so there is one answer, with `best` for its value.
damage_problems <- function() {
  sizes <- rep(c(2, 5, 9, 17, 40), 2)
  lapply(seq_along(sizes), function(k) {
    n <- sizes[k]
    curvature <- exp(seq(0, 3, length.out = n))
    target <- rep(c(1, -1, 0.5), length.out = n)
    p <- list(
      par = rep(0.3, n), lower = if (k > 5) 0 else -Inf, upper = if (k > 5) 2 else Inf,
      fn = function(x) sum(curvature * (x - target)^2) + sum(x^4) + 1,
      gr = function(x) 2 * curvature * (x - target) + 4 * x^3,
      control = list(m = 2 + k %% 4, parscale = if (k %% 2) 1 else 3, fnscale = if (k %% 3) 1 else 2)
    )
    c(p, best = solve_damage_problem(p)$value)
  })
}

solve_damage_problem <- function(p, ..., fn = p$fn) {
  lbfgsb::lbfgsb(p$par, fn, p$gr, lower = p$lower, upper = p$upper, control = c(p$control, list(...)))
}

# Each problem at an iterate, at a trial, finished, and asked.
damage_runs <- function() {
  runs <- lapply(damage_problems(), function(p) {
    file <- tempfile()
    on.exit(unlink(file))
    at_iterate <- NULL
    solve_damage_problem(p, checkpoint = file, checkpoint_every = 0, callback = function(progress) {
      if (progress$iteration == 3) at_iterate <<- readRDS(file)
    })
    at_iterate$control["checkpoint"] <- list(NULL)
    calls <- 0
    failing <- function(x) if ((calls <<- calls + 1) == 6) stop("no") else p$fn(x)
    trial <- tryCatch(solve_damage_problem(p, fn = failing), error = function(e) e$state)
    asked <- lbfgsb::lbfgsb_start(p$par, p$lower, p$upper, p$control)
    for (i in 1:4) {
      point <- lbfgsb::lbfgsb_ask(asked)
      asked <- lbfgsb::lbfgsb_tell(asked, p$fn(point), p$gr(point))
    }
    finished <- solve_damage_problem(p, keep_state = TRUE)$state
    states <- list(reseal(at_iterate), trial, asked, finished)
    lapply(states, function(state) list(problem = p, state = state))
  })
  unlist(runs, recursive = FALSE)
}

# The checksum of a state, made right.
reseal <- function(state) sealed(unclass(state)[c("run", "problem", "control")])

# x with one to eight of its bits flipped.
flip_bits <- function(x) {
  bytes <- if (is.raw(x)) x else writeBin(as.vector(x), raw())
  for (i in seq_len(sample(8, 1))) {
    at <- sample(length(bytes), 1)
    bytes[at] <- xor(bytes[at], as.raw(2^sample(0:7, 1)))
  }
  if (is.raw(x)) return(bytes)
  x[] <- readBin(bytes, "double", length(x))
  x
}

flip_state <- function(state, part) {
  if (part == "problem") {
    field <- sample(names(state$problem), 1)
    state$problem[[field]] <- flip_bits(state$problem[[field]])
  } else {
    state$run[[part]] <- flip_bits(state$run[[part]])
  }
  state
}

forged <- function(state, part) reseal(flip_state(state, part))

# What comes of going on with a state: "refused"; "right"; "open" where the run itself says that it has not
# converged; "wrong" where it claims an answer that is none; or the class of another error.
outcome_of <- function(state, p) {
  fit <- tryCatch(suppressWarnings(lbfgsb::lbfgsb_resume(state, p$fn, p$gr, control = list(maxeval = 1000))),
                  error = identity)
  if (inherits(fit, c("lbfgsb_error_state", "lbfgsb_error_changed"))) return("refused")
  if (inherits(fit, "error")) return(class(fit)[1])
  if (fit$convergence != 0) return("open")
  right <- all(fit$par >= p$lower & fit$par <= p$upper) && p$fn(fit$par) - p$best <= 1e-6 * p$best
  if (right) "right" else "wrong"
}

# A list with the element at a path of names changed; NULL is an element too.
within_list <- function(x, path, change) {
  changed <- if (length(path) == 1) change(x[[path]]) else within_list(x[[path[1]]], path[-1], change)
  x[path[1]] <- list(changed)
  x
}

# A state with a right checksum, whatever it holds.
sealed <- function(state) structure(.Call(lbfgsb:::C_seal, unclass(state), TRUE), class = "lbfgsb_state")
