# A gradient that is delivered, and may not be that of `fn`. It is suspected where a run has converged, by its steps, or
# in parameters in which it is 0, now and at first (src/r_doubt.c); where a run has failed (R/failure.R); and where a Hessian is
# made of it, below. Whether it is so is seen in one way: a little aside, where no slope is 0 and a right gradient is
# right even if the point is a corner, slopes are compared with those by `fn`.

# Returns the fit with a doubt if its gradient is wrong in `suspects`, parameters by number. Evaluations are counted, and
# where the claim is taken back the fit moves to the lowest of them.
doubt_gradient <- function(fit, suspects) {
  if (has_doubted_enough()) return(presume_wrong(fit))
  record <- recording(fit$objective, guard = or_nan)
  slope <- slope_aside(record, fit$par, suspects)
  slope$disagrees <- shows_error(slope, record, fit)
  stands <- !slope$disagrees || is_minimum(record, fit, slope)
  if (!stands) fit <- at_lowest(take_back(fit, "the gradient is not that of fn"), record)
  fit$counts <- fit$counts + c(length(record$values), record$gradients)
  if (slope$disagrees) disavow(fit, slope) else fit
}

# Returns n times NaN for what fails, and is silent of what warns: a run that has converged was fine without.
or_nan <- function(value, n) suppressWarnings(on_error(value, function(e) rep(NaN, n)))

# Tells whether by `fn` the fit is a minimum along a slope's direction all the same, as a factor moves none: level but
# for a trace of what is wrong aside, and at bounds rising into the box.
is_minimum <- function(objective, fit, slope) {
  free <- fit$bounds == "free"
  along <- function(d) compare_slopes(objective, objective$problem, fit$par, fit$gradient, fit$value, d)
  level <- along(slope$d * free)
  inward <- along(slope$d * !free)
  rise <- inward$numeric * sign(objective$control$fnscale)
  (!level$disagrees || error_of(level) < error_of(slope) / 1000) && rise >= -inward$error
}

# Tells whether slopes disagree by more than rounding may take.
shows_error <- function(slope, objective, fit) {
  slope$disagrees && error_of(slope) > lost_inside(objective, fit, slope$d)
}

# Returns what rounding may take of a slope along `d` within `gr`, whose terms are as large as at the start: where of fn no
# more is left than its rounding there, as of a likelihood of classes that are separated, they leave nothing that is right.
# Elsewhere nothing: from a start far off they have become smaller, too.
lost_inside <- function(objective, fit, d) {
  fallen <- abs(fit$history$value[1] - fit$value)
  if (abs(fit$value) > 10 * .Machine$double.eps * fallen) return(0)
  start <- fit$par
  start[] <- objective$problem$par
  .Machine$double.eps * sum(abs(d * as.vector(delivered_gradient(objective, start)$gradient)))
}

error_of <- function(slope) abs(slope$analytic - slope$numeric)

# Takes the claim of convergence back.
take_back <- function(fit, why) {
  fit[c("convergence", "gap")] <- list(51L, NA_real_)
  fit$message <- sub("^[^;]*", paste("not converged:", why), fit$message)
  fit
}

# Says in the message, right after how the run ended, that the gradient is wrong, and warns; the warning is the attribute
# "gradient_doubt" too.
disavow <- function(fit, slope) {
  record <- recording(fit$objective, guard = or_nan)
  slope <- per_unit(c(slope, list(names = describe_names(record, fit$par, fits_aside))))
  fit$counts <- fit$counts + c(length(record$values), record$gradients)
  cause <- describe_disagreement(slope)
  fit <- tell_at_end(fit, cause)
  attr(fit, "gradient_doubt") <- lbfgsb_warning_gradient(slope, cause)
  warning(attr(fit, "gradient_doubt"))
  fit
}

# Says that its names have put a delivered gradient in another order than that in which it is returned, if it `fits` in that
# one: names that R has left on it by accident. NULL if it is not so.
describe_names <- function(objective, par, fits) {
  if (is.null(names(objective$problem$par)) && is.null(dimnames(objective$problem$par))) return(NULL)
  returned <- delivered_gradient(objective, par, as_plain)$gradient
  if (identical(in_order_of(returned, objective$problem$par), returned) || !fits(by_position(objective), par)) return(NULL)
  names <- names_along(returned) %||% unlist(dimnames(returned))
  paste0("its names, ", enumerate(names), ", have put it in another order: unname() it")
}

# Tells whether the gradient is seen to be right beside `par`.
fits_aside <- function(objective, par) {
  slope <- slope_aside(objective, par, which(objective$problem$lower < objective$problem$upper))
  !slope$disagrees && isTRUE(is.finite(slope$numeric))
}

# Says so in the message, right after how the run ended, of which the gap means nothing.
tell_at_end <- function(fit, cause) {
  end <- sub(";.*", "", fit$message)
  fit$message <- paste0(end, "; ", cause, substring(fit$message, nchar(end) + 1))
  fit$gap <- NA_real_
  fit
}

# ---- In many fits ----

# A look at a gradient costs far more than a fit in lock step. Where it was wrong in 20 of many fits it is taken for wrong in
# the others whose steps, or whose failure, say so.

doubting <- list2env(list(many = NULL)) # many: the record of the fits that run, new_done(), or NULL

has_doubted_enough <- function() length(doubting$many$doubts) >= 20

# Runs many fits, `code`, with a look at the gradients of so many.
doubting_few <- function(done, code) {
  before <- doubting$many
  on.exit(doubting$many <- before)
  doubting$many <- done
  code
}

# Says that a gradient is taken for wrong. The claim is taken back if any was where it was looked at.
presume_wrong <- function(fit) {
  many <- doubting$many
  stands <- !any(has_failed(list(convergence = many$columns$convergence[as.integer(names(many$doubts))])))
  if (fit$convergence == 0L && !stands) fit <- take_back(fit, "the gradient is not that of fn")
  tell_at_end(fit, presumed_wrong)
}

presumed_wrong <- "the gradient seems wrong as in other fits, and was not looked at here"

# Returns slopes along a single parameter by a change of 1 in it, as an element of the gradient is; others as they are.
per_unit <- function(slope) {
  if (length(slope$elements) != 1) return(slope)
  along <- c("analytic", "numeric")
  replace(slope, along, lapply(slope[along], `/`, abs(slope$d[slope$elements])))
}

# Names the element, where a direction such as "b (-)" is that of one; `see`: what tells more, where names do not explain it.
describe_disagreement <- function(slope, see = "check_gradient(fit)") {
  sides <- regmatches(slope$direction, gregexpr("[(][-+][)]", slope$direction))[[1]]
  is_element <- length(sides) == 1
  side <- if (identical(sides, "(-)")) -1 else 1
  where <- if (is_element) sub(" [(][-+][)]$", "", slope$direction) else slope$direction
  what <- if (is_element) "in element %s:" else "in the direction %s: a slope of"
  sprintf(paste("the gradient disagrees with fn", what, "%.4g by the gradient, %.4g by differences of fn, beside par; %s"),
          where, side * slope$analytic + 0, side * slope$numeric + 0, # + 0: not -0
          slope$names %||% slope$factor %||% paste("correct it, or leave it out: see", see))
}

# Says that a gradient is `times` that of `fn` in all elements; NULL where it is not, or where the number shows it.
describe_factor <- function(times, n) {
  if (is.null(times)) return(NULL)
  if (abs(times + 1) < 1e-3) return("it is minus the gradient of fn: change its sign")
  if (n > 1) sprintf("all its elements are %1$.6g times those of the gradient of fn: divide it by %1$.6g", times)
}

# Compares the slopes beside `par` along these parameters, as compare_slopes(), with the direction `d`; along the half
# of them that is wrong, and so on, as long as the other half is right. What is off by less than a thousandth must be
# off by more closer to `par`, as a constant is, and cost something: a right gradient may be rounded, or be taken by
# differences.
slope_aside <- function(objective, par, elements) {
  if (length(elements) == 0) return(list(disagrees = FALSE))
  slope <- slope_beside(objective, par, elements, part = 1e-2)
  if (isTRUE(slope$is_slight)) slope <- slope_beside(objective, par, elements, part = 1e-4, least_gain = 1e-10)
  movable <- which(objective$problem$lower < objective$problem$upper)
  is_all <- slope$disagrees && setequal(slope$elements, movable)
  c(slope, list(factor = if (is_all) describe_factor(slope$times, length(movable))))
}

# least_gain: of fn, in parts of it, so much as a wrong slope keeps from the run at least.
slope_beside <- function(objective, par, elements, part, least_gain = 0) {
  problem <- objective$problem
  point <- par
  point[] <- point_beside(as.vector(par), problem, part)
  value <- value_at(objective, point)$value
  gradient <- if (is.finite(value)) delivered_gradient(objective, point)$gradient
  if (is.null(gradient) || !all(is.finite(gradient))) return(list(disagrees = FALSE))
  levelled <- levelled_direction(par, gradient, value, elements, problem)
  along <- function(elements) {
    d <- replace(0 * levelled, elements, levelled[elements])
    judged(compare_slopes(objective, problem, point, gradient, value, d), elements, d)
  }
  judged <- function(slope, elements, d) {
    is_slight <- slope$disagrees && error_of(slope) < abs(slope$numeric) / 1000
    wrong <- slope$disagrees && !is_slight && gain_in(slope, part) >= least_gain * abs(value)
    said <- list(disagrees = wrong, direction = enumerate(signed_labels(d, par, elements[d[elements] != 0])))
    c(replace(slope, names(said), said), list(is_slight = is_slight, d = d, elements = elements))
  }
  narrow_down(along(elements), along, judged)
}

# gain_in() = e^2 / (2 c), what f would fall by along d from where a slope that is off by e is 0, of the curvature c that
# the slope aside, part c, shows.
gain_in <- function(slope, part) part * error_of(slope)^2 / (2 * abs(slope$numeric))

# Returns a direction along these parameters in which none moves by more than one or two of its sizes, or brings so much
# of the slope that the others are lost in it: once or twice the least of them, or a part of fn.
levelled_direction <- function(par, gradient, value, elements, problem) {
  away <- as.vector(point_beside(par, problem, 1) - par)
  slopes <- abs(gradient) * parameter_sizes(par, problem)
  level <- max(min(slopes[elements]), 1e-4 * abs(value))
  away * ifelse(slopes > level, level / slopes, 1)
}

# A slope is linear in its direction: that along one half tells that along the other.
narrow_down <- function(slope, along, judged) {
  n <- length(slope$elements)
  if (!slope$disagrees || n == 1) return(c(slope, list(times = times_in(slope))))
  first <- along(slope$elements[seq_len(n %/% 2)])
  rest <- rest_of(slope, first)
  rest <- judged(rest, setdiff(slope$elements, first$elements), slope$d - first$d)
  if (first$disagrees && rest$disagrees) return(c(slope, list(times = common_times(first, rest))))
  if (first$disagrees) narrow_down(first, along, judged) else if (rest$disagrees) narrow_down(rest, along, judged) else slope
}

# times_in() = the slope by the gradient over that by `fn`; common_times() = that of both parts, or NULL where they differ.
times_in <- function(slope) slope$analytic / slope$numeric
common_times <- function(first, rest) {
  times <- c(times_in(first), times_in(rest))
  error <- sum(c(first$error, rest$error) / abs(c(first$numeric, rest$numeric)))
  if (isTRUE(abs(diff(times)) < (1e-3 + error) * abs(times[1]) && error < 0.01)) times[1]
}

# Returns the slopes along the rest of a direction.
rest_of <- function(whole, part) {
  rest <- list(analytic = whole$analytic - part$analytic, numeric = whole$numeric - part$numeric, error = whole$error + part$error)
  c(rest, list(disagrees = error_of(rest) > rest$error, direction = ""))
}

# ---- Where a Hessian is made of it ---------------------------------------------------------------------------

# A factor that is forgotten in `gr` moves no minimum, but every standard error. The evaluations for the Hessian tell
# the curvature along each parameter by values too.

# Returns the `doubt`, a warning or NULL, and `counts`, the evaluations that it took, 0 where nothing is suspicious.
# `found` is what C found: the Hessian as the gradients have it, not symmetric.
doubt_curvature <- function(objective, par, found) {
  record <- recording(objective)
  slope <- slope_aside(record, par, list_suspects(found))
  slope <- per_unit(slope)
  list(doubt = if (slope$disagrees) lbfgsb_warning_gradient(slope, describe_disagreement(slope)),
       counts = c(length(record$values), record$gradients))
}

# Lists the parameters in which the Hessian by gradients is off by a twentieth: from the curvature by values, or from
# being symmetric.
list_suspects <- function(found) {
  A <- found$hessian
  size <- sqrt(pmax(abs(diag(A)), abs(found$curvatures)))
  off <- abs(A - t(A)) > outer(size, size) / 20
  diag(off) <- abs(diag(A) - found$curvatures) > size^2 / 20
  which(rowSums(off, na.rm = TRUE) > 0)
}
