# Where the smaller of two nested models lies at the edge of the larger one: a parameter is at its bound, or as good as
# infinite, or others have no effect, as the mean of a part of a mixture whose weight is 0. Then the law of their test is
# another one.

# Says what that does to p; NULL where it does nothing.
note_on_edge <- function(smaller, larger, k) {
  extra <- which(larger$bounds != "fixed" & !names(coef(larger)) %in% estimated_in(smaller))
  if (is_no_better(larger, smaller)) return(note_on_no_better(smaller, larger, extra, k))
  place <- place_within(larger, smaller, extra)
  if (is.null(place)) return(strwrap_any(describe_unknown_place(larger, smaller, extra, k)))
  strwrap_any(c(describe_unused(place$unused, larger, extra, k), describe_place(place, larger, setdiff(extra, place$unused), k)))
}

# Wraps each of the sentences; NULL of none.
strwrap_any <- function(text) if (length(text) > 0) strwrap(text)

estimated_in <- function(fit) names(coef(fit))[fit$bounds != "fixed"]

# Returns the values of these parameters in the smaller model, 0 of what it does not have.
values_within <- function(smaller, larger, extra) {
  known <- fixed_in(smaller)
  labels <- names(coef(larger))[extra]
  as.vector(ifelse(labels %in% names(known), known[labels], 0))
}

is_at_edge <- function(x, problem, elements) x <= problem$lower[elements] | x >= problem$upper[elements]

note_on_no_better <- function(smaller, larger, extra, k) {
  is_there <- is_at_edge(values_within(smaller, larger, extra), problem_of(larger), extra) | larger$bounds[extra] != "free"
  if (!any(is_there)) return(strwrap_any(describe_unused(unused_in(larger, extra), larger, extra, k)))
  at <- describe_at_bound(names(coef(larger))[extra[is_there]])
  strwrap(paste0("p of model ", k, " is about 1 by any law: under model ", k - 1, ", ", at, ", and model ", k,
                 " fits no better"))
}

describe_at_bound <- function(labels) {
  if (length(labels) > 0) paste0(enumerate(labels), if (length(labels) == 1) " is at its bound" else " are at their bounds")
}

# Says that `fn` does not use these parameters, which make p too large where Df counts them.
describe_unused <- function(unused, larger, extra, k) {
  if (length(unused) == 0) return(NULL)
  counted <- enumerate(names(coef(larger))[intersect(unused, extra)])
  paste0("`fn` of model ", k, " does not use ", enumerate(names(coef(larger))[unused]), if (any(unused %in% extra)) {
    paste0(", and Df counts ", counted, " all the same, so that p is too large")
  }, ": take it out, or fix it in both models")
}

describe_place <- function(place, larger, extra, k) {
  labels <- function(elements) enumerate(names(coef(larger))[elements])
  law <- if (kind_of_fn(larger) == "squares") "F" else "chi-squared"
  at <- c(describe_at_bound(names(coef(larger))[place$at_bound]),
          if (length(place$at_infinity) > 0) paste(labels(place$at_infinity), "is as good as infinite"),
          if (length(place$even) > 0) paste0(labels(place$even), ", whose sign has no effect, is 0"))
  if (length(place$idle) > 0) {
    no_effect <- paste(labels(place$idle), if (length(place$idle) == 1) "has" else "have", "no effect")
    return(paste0("p of model ", k, " may be far too small: under model ", k - 1, ", ",
                  paste(c(at, no_effect), collapse = ", and "), ", so that the ", law, " law does not hold. ",
                  "Simulate the smaller model, and refit both"))
  }
  if (length(at) == 0) return(NULL)
  paste0("p of model ", k, " is too large: under model ", k - 1, ", ", paste(at, collapse = ", and "), ", where the ", law,
         " law does not hold", if (length(extra) == 1) "; half of it is about right")
}

# Says what may be where nobody can tell, if 0 is not inside the bounds of a parameter that the smaller model does not have.
describe_unknown_place <- function(larger, smaller, extra, k) {
  known <- names(fixed_in(smaller))
  near_0 <- extra[is_at_edge(0, problem_of(larger), extra) & !names(coef(larger))[extra] %in% known]
  may_be <- function(rise, record) Filter(function(i) may_be_limit(i, rise, larger), near_0)
  bounded <- if (length(near_0) > 20) near_0 else asking(larger, may_be, otherwise = near_0)
  if (length(bounded) == 0) return(NULL)
  paste0("p of model ", k, " holds only if model ", k - 1, " is inside the bounds of model ", k, ". If it is at one, as of ",
         enumerate(names(coef(larger))[bounded]), ", p is too large; or far too small if others have no effect there, as ",
         "the mean of a part of a mixture whose weight is 0")
}

# Tells whether a smaller model may lie at the bound of par[i] that is at 0 or next to it: not where fn is not finite there, nor
# where it falls from there to twice as far by more than 1, as of the standard deviation of an observation, or of a mixture that
# is no question. The others are at their estimates.
may_be_limit <- function(i, rise, larger) {
  problem <- problem_of(larger)
  par <- as.vector(coef(larger))
  bound <- onto_bounds(0, problem, i)
  at <- rise(replace(par, i, bound))
  if (!is.finite(at) || bound == 0 || abs(bound) > abs(par[i]) / 100) return(is.finite(at))
  !isTRUE(sign(control_of(larger)$fnscale) * (rise(replace(par, i, 2 * bound)) - at) < -1)
}

# ---- Where it is -----------------------------------------------------------------------------------------------

# place_within() lists the elements of `par` of the larger model that are `at_bound`, or `at_infinity`, or `idle`, without an
# effect, where that is the smaller one; NULL where nobody can tell. Without its objective only what is fixed tells.
place_within <- function(larger, smaller, extra) {
  is_known <- names(coef(larger))[extra] %in% names(fixed_in(smaller))
  by_names <- function() list(at_bound = extra[is_at_edge(values_within(smaller, larger, extra), problem_of(larger), extra)])
  asking(larger, otherwise = if (all(is_known)) by_names(), function(rise, record) {
    place <- find_place(rise, larger, smaller, extra[!is_known])
    if (is.null(place)) return(NULL)
    place$used <- used_by_slope(place$par, record, larger, extra)
    look_around(place, rise, larger, extra, extra[is_known])
  })
}

# Returns what f says, of the rise of `fn` by `par` and the record of that; `otherwise` where `fn` is lost, or not what it was.
asking <- function(fit, f, otherwise = NULL) {
  objective <- on_error(objective_now(fit), function(e) NULL)
  if (is.null(objective)) return(otherwise)
  restore <- remember_random_state()
  on.exit(restore())
  record <- recording(objective, guard = or_nan)
  f(rise_by_par(record, fit), record)
}

# Returns a function of `par` (n): fn there in units of a log-likelihood.
rise_by_par <- function(objective, fit) {
  unit <- most_variance_factor(fit)
  function(par) value_at(objective, replace(objective$problem$par, TRUE, par))$value / unit
}

# Returns where fn of the larger model has the value of the smaller one: `par`, as that has it, but for the elements
# `guessed`, which are tried; `at_infinity`: those far out. The value is compared to a hundredth, as a bound may be 1e-6 for 0.
find_place <- function(rise, larger, smaller, guessed) {
  base <- par_within(larger, smaller)
  if (length(guessed) == 0) return(list(par = base))
  kind <- kind_of_fn(larger)
  sign <- if (kind == "loglik") 1 else -1
  level <- if (kind == "squares") smaller$value / variance_factor(larger) else sign * log_likelihood(smaller)
  for (place in places_to_try(base, guessed, problem_of(larger))) {
    if (isTRUE(abs(rise(place$par) - level) < 0.01)) return(place)
  }
}

# Returns the estimate of the larger model with the values of the smaller one for all that this has, on its box: a value
# that a bound keeps out is a test at that bound.
par_within <- function(larger, smaller) {
  values <- coef(larger)
  shared <- intersect(names(values), names(coef(smaller)))
  values[shared] <- coef(smaller)[shared]
  onto_bounds(as.vector(values), problem_of(larger), seq_along(values))
}

# Moves values of these parameters onto their bounds, if they are beyond.
onto_bounds <- function(x, problem, elements) pmin(pmax(x, problem$lower[elements]), problem$upper[elements])

# Lists them: all at 0, or one of them at 0, at 1, at a bound, or far out.
places_to_try <- function(base, guessed, problem) {
  all_at_0 <- list(par = replace(base, guessed, onto_bounds(0, problem, guessed)))
  each <- lapply(if (length(guessed) <= 20) guessed, function(i) {
    far <- max(1e8, 1e3 * abs(base[i]))
    lapply(unique(onto_bounds(c(0, 1, -far, far), problem, i)), function(x) {
      list(par = replace(base, i, x), at_infinity = if (abs(x) == far) i)
    })
  })
  c(list(all_at_0), unlist(each, recursive = FALSE))
}

# Says which of its elements are idle there, or not used at all, and of the others which are at a bound, as at infinity (those
# `fixed`), or at 0 where fn is even.
look_around <- function(place, rise, larger, extra, fixed) {
  level <- rise(place$par)
  asked <- setdiff(which(larger$bounds != "fixed"), place$used)
  idle <- asked[vapply(asked, has_no_effect, NA, place$par, level, rise, larger)]
  unused <- idle[vapply(idle, is_unused, NA, rise, larger)]
  at_bound <- extra[is_at_edge(place$par[extra], problem_of(larger), extra)]
  far <- Filter(function(i) is_as_infinite(i, place$par, level, rise, larger), setdiff(fixed, c(idle, at_bound)))
  even <- Filter(function(i) is_even(i, place$par, rise, larger), setdiff(extra, c(idle, at_bound, place$used)))
  list(at_bound = setdiff(at_bound, idle), at_infinity = c(setdiff(place$at_infinity, idle), far), even = even,
       idle = setdiff(idle, c(far, unused)), unused = unused)
}

# Returns the elements that a delivered gradient shows to have an effect, one where all that both models estimate have moved
# by a tenth of their sizes from `par`, as at the estimate no slope tells; none without such a gradient.
used_by_slope <- function(par, objective, larger, extra) {
  problem <- problem_of(larger)
  shared <- setdiff(which(larger$bounds != "fixed"), c(extra, which(is_at_edge(par, problem, seq_along(par)))))
  aside <- replace(par, shared, beside_by_size(par, problem, 1 / 10)[shared])
  slopes <- on_error(delivered_gradient(objective, replace(problem$par, TRUE, aside))$gradient, function(e) NULL)
  effects <- slopes * parameter_size(aside, problem$parscale, divisor = 1) / variance_factor(larger)
  which(abs(effects) > negligible_effect)
}

# Returns the point (n) at which each parameter is a part of its size from par, up or, where a bound is near, down.
beside_by_size <- function(par, problem, part) {
  away <- part * parameter_size(par, problem$parscale, divisor = 1)
  onto_box(ifelse(problem$upper - par >= away, par + away, par - away), problem)
}

negligible_effect <- 1e-3 # on a log-likelihood

# Tells whether fn stays where it is as par[i] goes by its size to either side, or to its estimate in the larger model.
has_no_effect <- function(i, par, level, rise, larger) {
  aims <- setdiff(c(around(i, par, larger), onto_bounds(coef(larger)[[i]], problem_of(larger), i)), par[i])
  for (x in aims) if (!isTRUE(abs(rise(replace(par, i, x)) - level) < negligible_effect)) return(FALSE)
  length(aims) > 0
}

# Returns the values of par[i] that are its size away, in the box.
around <- function(i, par, larger) {
  problem <- problem_of(larger)
  onto_bounds(par[i] + c(1, -1) * parameter_size(par[i], problem$parscale[i], divisor = 1), problem, i)
}

# Tells whether fn is the same to the bit wherever a parameter is, where all others are beside their estimates in the larger
# model, off their bounds.
is_unused <- function(i, rise, larger) {
  par <- beside_by_size(as.vector(coef(larger)), problem_of(larger), 1 / 10)
  level <- rise(par)
  is.finite(level) && all(vapply(around(i, par, larger), function(x) identical(rise(replace(par, i, x)), level), NA))
}

# Returns those of the elements that fn of a model does not use.
unused_in <- function(fit, elements) {
  asking(fit, function(rise, record) Filter(function(i) is_unused(i, rise, fit), elements))
}

# Tells whether par[i] is 0 and its sign has no effect, to the bit, there and at the estimate of the larger model, as of a
# standard deviation without a bound: its square is at an edge.
is_even <- function(i, par, rise, larger) {
  problem <- problem_of(larger)
  estimate <- as.vector(coef(larger))
  x <- min(abs(estimate[i]), -problem$lower[i], problem$upper[i])
  if (par[i] != 0 || x <= 0) return(FALSE)
  is_same <- function(par) isTRUE(rise(replace(par, i, x)) == rise(replace(par, i, -x)))
  is_same(par) && is_same(estimate)
}

# Tells whether par[i], farther out than in the larger model, may be a tenth longer or shorter and fn does not change.
is_as_infinite <- function(i, par, level, rise, larger) {
  if (abs(par[i]) <= 2 * abs(coef(larger)[[i]])) return(FALSE)
  aims <- onto_bounds(c(0.9, 1.1) * par[i], problem_of(larger), i)
  changes <- vapply(aims, function(x) rise(replace(par, i, x)) - level, 0)
  isTRUE(all(abs(changes) <= negligible_in(level)))
}
