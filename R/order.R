# Whether fn depends on the order, or the places, of what a bootstrap draws.

# Warns where fn has another value, or none, if every second unit stands before the others: a series, or other data that fn reads
# and that stay. Strata keep their places only where each is a block of rows. Random numbers in fn go by rows, and tell nothing.
warn_of_order <- function(scheme, value) {
  if (scheme$is_told) return()
  places <- seq_along(scheme$rows)
  are_blocks <- !is.unsorted(match(scheme$strata, unique(scheme$strata)))
  for (units in if (are_blocks) scheme$members else list(places)) places[units] <- units[order(seq_along(units) %% 2)]
  before <- value_without_luck(value, scheme$originals)
  if (!is.finite(before)) return()
  change <- suppressWarnings(value_without_luck(value, arranged(scheme, scheme$rows[places]))) - before
  if (!isTRUE(abs(change) <= 1e-6 * abs(before))) warning(lbfgsb_warning_order(names(scheme$originals)))
}

# Returns the value of the drawn, -Inf where it takes random numbers.
value_without_luck <- function(value, drawn) {
  with_random_state(1, {
    state <- get(".Random.seed", globalenv())
    found <- value(drawn)
    if (identical(get(".Random.seed", globalenv()), state)) found else -Inf
  })
}

# Tells whether fn keeps its value where each observation stands in the place of the next, has one without the first, and another
# one with that twice: what it takes by a name of its own, x$a, it would not see again.
are_exchangeable <- function(originals, value) {
  value_of <- function(rows_of) {
    suppressWarnings(value(lapply(originals, function(x) draw_rows(x, NULL, rows_of(seq_len(NROW(x)))))))
  }
  turned <- suppressWarnings(value(lapply(originals, in_turn)))
  before <- value(originals)
  same <- function(value) isTRUE(abs(value - before) <= 1e-10 * abs(before))
  more <- value_of(function(rows) c(rows, 1))
  same(turned) && is.finite(value_of(function(rows) rows[-1])) && is.finite(more) && !same(more)
}

# Puts each observation in the place of the next, in a list under its name.
in_turn <- function(x) {
  drawn <- draw_rows(x, NULL, c(seq_len(NROW(x))[-1], 1))
  if (is_plain_list(x)) structure(drawn, names = names(x)) else drawn
}
