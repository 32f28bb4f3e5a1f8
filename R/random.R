# Random numbers that leave the user's generator, its kind and its state, as they were.

# Evaluates `code` from this state of the generator "L'Ecuyer-CMRG", or from the one that a number is the seed
# of.
with_random_state <- function(state, code) {
  restore <- remember_random_state()
  on.exit(restore())
  if (length(state) == 1) {
    set.seed(state, "L'Ecuyer-CMRG", "Inversion", "Rejection")
  } else {
    assign(".Random.seed", state, envir = globalenv())
  }
  code
}

# Returns a function that brings the generator back to where it is now.
remember_random_state <- function() {
  kinds <- RNGkind()
  state <- get0(".Random.seed", globalenv(), inherits = FALSE)
  function() {
    is_same <- identical(RNGkind(), kinds) # what sets a kind drops the second number of a pair by "Box-Muller"
    if (!is_same) suppressWarnings(RNGkind(kinds[1], kinds[2], kinds[3])) # "Rounding" warns
    if (is.null(state)) {
      rm(list = intersect(".Random.seed", ls(globalenv(), all.names = TRUE)), envir = globalenv())
    } else {
      assign(".Random.seed", state, envir = globalenv())
    }
  }
}

# Returns the first n streams of a seed, states of the generator: the i-th is the same for any n.
random_streams <- function(seed, n) {
  streams <- list(with_random_state(seed, get(".Random.seed", globalenv())))
  for (i in seq_len(n - 1)) streams[[i + 1]] <- nextRNGStream(streams[[i]])
  streams
}

check_seed <- function(seed) {
  if (!is_number(seed) || seed != floor(seed) || abs(seed) > .Machine$integer.max) {
    stop(lbfgsb_error_argument("seed", "must be a whole number"))
  }
}

check_count <- function(n, argument) {
  if (!is_number(n) || n < 1 || n != floor(n) || n > .Machine$integer.max) {
    stop(lbfgsb_error_argument(argument, "must be a whole number >= 1"))
  }
}
