#' Starts all over a box
#'
#' A Latin hypercube: each parameter's range is cut into `n` equal parts, and each part holds one start. Of 20
#' such designs that with the largest distance between its two closest starts is taken. What `fn` is there nobody asks: where it
#' may not be finite, give [lbfgsb_multistart()] the number of starts, and it draws such starts anew.
#'
#' @param n how many starts.
#' @param lower,upper the box, as for [lbfgsb()]; taken from `around` if that is a fit.
#' @param around a point, in the shape of `par`, or a fit, about which the starts are drawn, at most `spread`
#'   away and inside the box; needed where the box is infinite.
#' @param spread the distances, of length 1 or that of `par`, or with names, or a list as for bounds; `NULL`: the size
#'   of each parameter, and 1 where it is 0.
#' @param seed a whole number: the same seed, the same starts. R's own random numbers are left as they were.
#' @return A matrix with one row per start and one named column per parameter; if `around` is a list, a matrix or an array,
#'   a list of such; if a bound is a list with more than single numbers, a list of such lists, with as many numbers in
#'   each part
#'   as the bound that has more.
#' @seealso [lbfgsb_multistart()]
#' @references
#' M. D. McKay, R. J. Beckman and W. J. Conover (1979). A comparison of three methods for selecting values of
#' input variables in the analysis of output from a computer code. *Technometrics* 21(2), 239-245.
#' \doi{10.1080/00401706.1979.10489755}
#' @examples
#' lbfgsb_starts(5, lower = c(a = 0, b = -1), upper = c(a = 10, b = 1))
#' lbfgsb_starts(3, around = c(mu = 5, sigma = 1), lower = c(sigma = 0.1))
#' @export
lbfgsb_starts <- function(n, lower = -Inf, upper = Inf, around = NULL, spread = NULL, seed = 1) {
  check_count(n, "n")
  check_seed(seed)
  box <- box_of_starts(lower, upper, around, spread)
  design <- with_random_state(seed, spaced_design(n, length(box$lower)))
  place_in(box, design)
}

# Places points of the unit cube (n x d) in the box: the starts.
place_in <- function(box, design) {
  points <- sweep(sweep(design, 2, box$upper - box$lower, "*"), 2, box$lower, "+")
  colnames(points) <- box$names
  if (is.null(box$skeleton)) return(points)
  lapply(seq_len(nrow(points)), function(i) refill(box$skeleton, points[i, ]))
}

# Lists 20 points of the box, drawn independently.
random_starts <- function(box, seed) {
  d <- length(box$lower)
  list_of_starts(place_in(box, with_random_state(seed, matrix(runif(20 * d), 20))))
}

# Finds the parameters' `names`, their ranges `lower` and `upper` (d), and the list or array `skeleton` if they are one.
box_of_starts <- function(lower, upper, around, spread) {
  if (is.null(around)) return(finite_box(lower, upper))
  around <- as_fit(around)
  if (!is.numeric(around) && !is.list(around)) {
    stop(lbfgsb_error_argument("around", "must be a point, in the shape of `par`, or a fit, not ", kind_of(around)))
  }
  if (inherits(around, "lbfgsb")) return(box_around(around$par, spread, problem_of(around)))
  box_around(around, spread, started(around, lower, upper)$problem)
}

# Takes the box itself, of parameters known by its bounds: their `names`, `lower` and `upper` (d).
finite_box <- function(lower, upper) {
  skeleton <- if (is_nested(lower) || is_nested(upper)) longer_of(lower, upper)
  par <- skeleton %||% par_bounded_by(lower, upper)
  lower <- spread(lower, par, "lower", default = -Inf)
  upper <- spread(upper, par, "upper", default = Inf)
  par <- flat_numbers(par)
  check_bounds(lower, upper, par)
  infinite <- !is.finite(lower) | !is.finite(upper)
  refuse_elements("lower", paste("and `upper` must be finite for starts drawn in the box: give both, or draw the starts about a",
                                 "point or a fit, lbfgsb_starts(20, around = par)"), infinite, par)
  list(lower = lower, upper = upper, names = names(par), skeleton = skeleton)
}

# Tells whether a bound is that of a list which is more than numbers with names.
is_nested <- function(bound) is.list(bound) && any(lengths(bound) != 1 | vapply(bound, is.list, NA))

# longer_of(list(w = 0, m = 1), list(w = 1, m = 2:3)) = list(w = 0, m = 2:3): of two bounds that with more numbers,
# part by part.
longer_of <- function(a, b) {
  if (!is.list(a) || !is.list(b)) return(if (is.list(a) || !is.list(b) && length(a) >= length(b)) a else b)
  parts <- union(names(a), names(b))
  structure(lapply(parts, function(part) longer_of(a[[part]], b[[part]])), names = parts)
}

# Returns a vector of the length and with the names that the bounds have: those of either, in the order of the longer.
par_bounded_by <- function(lower, upper) {
  names <- if (length(lower) >= length(upper)) union(names(lower), names(upper)) else union(names(upper), names(lower))
  structure(numeric(max(length(lower), length(upper), length(names))), names = names)
}

# Takes the part of a problem's box that is at most `spread` from `par`.
box_around <- function(par, spread, problem) {
  flat <- flat_numbers(par)
  reach <- if (is.null(spread)) ifelse(flat == 0, 1, abs(flat)) else spread(spread, par, "spread", default = 0)
  refuse_elements("spread", "must be finite and >= 0", !(is.finite(reach) & reach >= 0), flat)
  list(lower = as.vector(pmax(flat - reach, problem$lower)), upper = as.vector(pmin(flat + reach, problem$upper)),
       names = names(flat), skeleton = if (is.list(par) || length(dim(par)) > 1) par)
}

# Draws 20 Latin hypercubes (n x d, in the unit cube), and takes that whose two closest points are farthest
# apart.
spaced_design <- function(n, d, candidates = 20) {
  designs <- lapply(seq_len(candidates), function(k) latin_hypercube(n, d))
  if (n == 1) return(designs[[1]])
  designs[[which.max(vapply(designs, function(design) min(dist(design)), 0))]]
}

latin_hypercube <- function(n, d) {
  matrix(vapply(seq_len(d), function(j) (sample.int(n) - runif(n)) / n, numeric(n)), n, d)
}

# Says what may be the reason where the runs from all starts, as this one, failed. `bounds`: both, where it was drawn
# in them.
hint_for_starts <- function(fn, start, bounds) {
  if (!is.null(bounds) && length(unlist(start)) == 1) {
    paste(". The starts have one parameter, as the bounds have: if `fn` has more, give `lower` or `upper` one number for",
          "each, or names")
  } else if (!is.list(start) && any(vapply(bounds, is.list, NA))) {
    paste0(". The starts are vectors, of ", enumerate(names(start)), ", as the bounds have one number for each: if `fn` takes ",
           "a list of which a part has several, give a bound for each of these, as in lower = list(m = c(0, 0)), or draw about ",
           "a point, starts = lbfgsb_starts(20, lower, upper, around = par)")
  } else if (is.list(start) && may_want_vector(fn, start)) {
    ". `fn` gets a list, as the starts are lists: if it expects a vector, give vectors"
  }
}
