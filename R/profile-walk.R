# The walk along the profile of a parameter, from the estimate to both sides.

# Makes what all walks go by: the `scales` and tangents of the first steps, the cutoff of |z|, the `stops`, at which a point
# is to be, and how the others are minimized where par[i] is start[i].
new_walker <- function(fit, level) {
  objective <- objective_of(fit)
  steps <- if (is.null(fit$hessian)) steps_by_pairs(fit) else steps_by_covariance(covariance_for_steps(fit))
  steps$scales <- as.vector(ifelse(is.na(steps$scales), objective$problem$parscale, steps$scales))
  near <- off_plateaus(fit)
  control <- control_of_others(unasked(objective$control), fit)
  scales <- function(par) pmin(scales_at(par, as.vector(flat_par(fit)), steps$scales), abs(near), na.rm = TRUE)
  minimize <- function(i, start, confirm) {
    if (confirm) return(minimize_others(objective, until_confirmed(control, length(start)), i, start))
    end <- minimize_others(objective, in_units(control, objective$problem$par, scales(start)), i, start)
    left <- if (is.null(end$par)) 0 else gain_left(end, i, objective$problem, scales(end$par) / control$fnscale)
    if (left > 1e-3) and_on(end, minimize(i, end$par, confirm = TRUE)) else end
  }
  c(steps, list(fit = fit, cutoff = cutoff_at(level, fit), stops = cutoff_at(unique(c(min(usual_level, level), level)), fit),
                problem = objective$problem, near = near, minimize = remembering(minimize)))
}

# Returns where runs begin in what has gone far out, which is its scale, too; NA of the others.
off_plateaus <- function(fit) {
  par <- as.vector(flat_par(fit))
  near <- off_plateau(par, fit)
  ifelse(near == par, NA, near)
}

# Lists the standard errors (n), NA where there is none, and the tangent(i) V_.i / V_ii (n) of the profile of par[i].
steps_by_covariance <- function(V) {
  list(scales = sqrt(diag(V)), tangent = function(i) ifelse(is.na(V[, i]), 0, V[, i] / V[i, i]))
}

# The same by the solver's own model of the Hessian, which takes no evaluation; or by the sizes where the fit has not kept it.
steps_by_pairs <- function(fit) {
  unit <- function(i) replace(numeric(length(flat_par(fit))), i, 1)
  if (is.null(fit$state)) return(list(scales = sizes_in(fit), tangent = unit))
  H <- inverse_hessian(fit)
  variances <- variance_factor(fit) * abs(diagonal_of(H))
  tangent <- function(i) {
    column <- H(unit(i))
    column / column[i]
  }
  list(scales = sqrt(ifelse(variances > 0, variances, NA)), tangent = tangent)
}

# Tells whether the Hessian is worth its evaluations, 2 n^2 values or 2 n gradients: for a profile of few of many parameters it
# takes more than the walk.
takes_hessian <- function(fit, elements) {
  length(flat_par(fit)) <= 50 * length(elements) || any(fit$bounds[elements] %in% c("at lower", "at upper"))
}

# Returns points of the profile of par[i], from its lower to its upper end: `par` (n x points), `z` (points); how it `ends`
# there (end_of()); the `evaluations` it took, and the first `error` of `fn` or NULL. From a bound the walk away from it ends at
# once. NULL of what is fixed.
profile_one <- function(i, walker) {
  if (walker$fit$bounds[i] == "fixed") return(NULL)
  down <- refine(walk_profile(walker, i, -1), i, -1, walker)
  up <- refine(walk_profile(walker, i, 1), i, 1, walker)
  list(par = cbind(down$par[, rev(seq_along(down$z)[-1]), drop = FALSE], up$par), z = c(rev(down$z[-1]), up$z),
       ends = c(down$end, up$end), evaluations = down$evaluations + up$evaluations, error = down$error %||% up$error)
}

# Walks to one side (-1 or 1) until |z| exceeds the cutoff, in steps that are to raise it by a quarter of that, or to a stop;
# one that raises it by more than half, or to where fn is not finite or fails, is taken back: its end is `beyond`, which
# `is_sure` when it has been tried again. `rise`:
# by how many cutoffs |z| has risen last. `trends`: by how many it would, at the slope of each step, on a way as long as that
# from the estimate, or a standard error.
walk_profile <- function(walker, i, side, most = 40) {
  fit <- walker$fit
  step <- if (fit$bounds[i] == "free") walker$cutoff / 4 * walker$scales[i] else step_off_bound(fit, i, walker$cutoff / 4)
  walk <- list(par = cbind(as.vector(flat_par(fit))), z = 0, slopes = unlist(fit$gradient), evaluations = 0, step = step,
               beyond = list(at = side * Inf, z = Inf), rise = 0, trends = numeric(), doubted = Inf,
               is_lost = FALSE, is_sure = FALSE)
  for (runs in 0:most) {
    walk$end <- end_of(walk, i, side, runs, walker)
    target <- next_target(walk, i, side, walker)
    is_there <- target == walk$par[i, ncol(walk$par)] # to the rounding of par[i]
    if (walk$end != "under way" || runs == most || is_there || walk$is_lost) break
    walk <- step_to(target, walk, i, side, walker)
  }
  walk
}

# Says why a walk of so many runs ends: at the `level`, the `bound`, where its profile is `flat`, at the `edge` of the domain
# of fn; or that it is `under way`, as where it goes on along a logarithm of par[i], in steps of halfway() to an edge at 0.
end_of <- function(walk, i, side, runs, walker) {
  last <- walk$par[i, ncol(walk$par)]
  bound <- walker$problem[[if (side < 0) "lower" else "upper"]][i]
  way <- max(abs(last - walk$par[i, 1]), walker$scales[i] / 1000)
  at_edge <- is.infinite(walk$beyond$z) && abs(walk$beyond$at - last) < way / 1000
  still_rises <- abs(walk$beyond$at - last) > abs(last) / 1000 && walk$rise > 1e-3
  is_open <- is.infinite(walk$beyond$z) && is.infinite(bound) && (runs > 10 || stands_still(walk, walker))
  if (abs(tail(walk$z, 1)) >= walker$cutoff) return("level")
  if (last == bound) return("bound")
  is_flat <- last_trend(walk) < 2e-3 && way > walker$scales[i] / 1000
  if ((is_open || at_edge) && is_flat) return("flat")
  if (at_edge && !still_rises) "edge" else "under way"
}

last_trend <- function(walk) tail(c(Inf, walk$trends), 1)

# Tells whether |z|, which has risen, does not any more, in two steps.
stands_still <- function(walk, walker) {
  abs(tail(walk$z, 1)) > walker$cutoff / 100 && length(walk$trends) > 2 && max(tail(walk$trends, 2)) < 2e-3
}

# Returns the next value of par[i], in the box: halfway to the end of a step that was taken back, if this one would go as far,
# and be taken back for that, too; there itself, once, where z stands still short of it, as the others are better predicted.
next_target <- function(walk, i, side, walker) {
  problem <- walker$problem
  last <- walk$par[i, ncol(walk$par)]
  target <- min(max(last + side * walk$step, problem$lower[i]), problem$upper[i])
  too_far <- side * (target - walk$beyond$at) >= 0 && walk$beyond$z - abs(tail(walk$z, 1)) > walker$cutoff / 2
  if (is_to_be_tried(walk, walker)) walk$beyond$at else if (too_far) halfway(last, walk$beyond$at) else target
}

is_to_be_tried <- function(walk, walker) is.finite(walk$beyond$z) && !walk$is_sure && stands_still(walk, walker)

# halfway() = the middle on a scale that is linear between numbers of about one size, and logarithmic between others.
halfway <- function(from, to) {
  unit <- max(min(abs(from), abs(to)), max(abs(from), abs(to)) / 256)
  unit * sinh((asinh(from / unit) + asinh(to / unit)) / 2)
}

# Goes where par[i] is the target.
step_to <- function(target, walk, i, side, walker) {
  last <- walk$par[i, ncol(walk$par)]
  point <- next_point(target, walk, i, walker)
  walk$evaluations <- walk$evaluations + point$evaluations
  walk$error <- walk$error %||% point$error
  z <- point$z
  if (isTRUE(point$is_lost)) return(replace(walk, "is_lost", TRUE))
  if (is_refuted(length(walk$z), z, walk)) return(before_doubt(walk))
  rise <- abs(z - abs(tail(walk$z, 1))) / walker$cutoff
  moved <- abs(target - last)
  if (rise > 1 / 2) {
    walk$step <- moved * max(1 / (4 * rise), 1 / 4)
    is_sure <- walk$is_sure || is_to_be_tried(walk, walker)
    return(replace(walk, c("beyond", "is_sure"), list(list(at = target, z = z), is_sure)))
  }
  if (side * (target - walk$beyond$at) >= 0) walk$beyond <- list(at = side * Inf, z = Inf)
  walk$rise <- rise
  if (isTRUE(point$is_higher)) walk$doubted <- min(walk$doubted, length(walk$z) + 1)
  walk$trends <- c(walk$trends, rise * way_by_step(target, walk, i, walker))
  walk[c("par", "z", "slopes")] <- list(cbind(walk$par, point$par), c(walk$z, side * z), point$gradient)
  walk$step <- next_step(walk, i, moved, walker)
  walk
}

# Tells whether a point is doubted, as its |z| has risen against expectation, and one farther out has a smaller |z|: the run
# for it has ended short of its minimum.
is_refuted <- function(point, z_beyond, walk) point >= walk$doubted && z_beyond < abs(walk$z[point])

# Returns the walk as it was before what is doubted, lost from there on.
before_doubt <- function(walk) {
  kept <- seq_len(walk$doubted - 1)
  replace(walk, c("par", "z", "end", "is_lost"), list(walk$par[, kept, drop = FALSE], walk$z[kept], "under way", TRUE))
}

# way_by_step() = the way from the estimate to the target, or a standard error, by the step to it.
way_by_step <- function(target, walk, i, walker) {
  max(abs(target - walk$par[i, 1]), walker$scales[i]) / abs(target - walk$par[i, ncol(walk$par)])
}

# Returns the point where par[i] is the target; where fn is not finite for the others as predicted, or far higher, as by a
# penalty, from where they are, or else on the way back to the start of the fit. A |z| that rises again where it had all but
# stopped is to be confirmed: the run may have ended short of the minimum.
next_point <- function(target, walk, i, walker) {
  last <- walk$par[, ncol(walk$par)]
  z <- abs(tail(walk$z, 1))
  predicted <- predict_par(walk$par, i, target, walker)
  off <- ifelse(is.na(walker$near), off_level(predicted, walk$slopes, walker$fit), walker$near)
  starts <- list(off, last, on_way_back(last, i, target, walker$problem))
  point <- point_from(lapply(starts, replace, i, target), i, walker, highest = z + walker$cutoff / 2)
  expected <- z + walker$cutoff * (last_trend(walk) / way_by_step(target, walk, i, walker) + 1e-3)
  has_slowed <- 2 * last_trend(walk) < max(walk$trends, 0)
  is_beyond <- is.finite(walk$beyond$z) && point$z > z + walker$cutoff / 2
  is_doubtful <- has_slowed && is.finite(point$z) && point$z > expected && !is_beyond
  if (is_doubtful) confirmed(point, predicted, i, walker, expected) else point
}

# Returns the point as runs find it that end on evidence, from where it is and from where it was predicted; whether it
# `is_higher` than expected still, and `is_lost` where they are too long.
confirmed <- function(point, predicted, i, walker, expected) {
  again <- point_from(list(point$par, predicted), i, walker, highest = expected, confirm = TRUE)
  best <- if (again$z < point$z) again else point
  is_higher <- best$z > expected
  known <- list(point$evaluations + again$evaluations, is_higher, is_higher && isTRUE(best$is_cut))
  replace(best, c("evaluations", "is_higher", "is_lost"), known)
}

# next_step() = the way to the next aim, about as long as the last one; no longer where |z| falls, as a better minimum may be
# near.
next_step <- function(walk, i, moved, walker) {
  z <- abs(tail(walk$z, 2))
  times <- way_to(next_aim(z[2], walker), walk, i) / moved
  moved * min(max(times, 1 / 4, na.rm = TRUE), if (z[2] < z[1]) 1 else 2)
}

# next_aim() = the |z| of the next point, from z on: a quarter of the cutoff farther, or a stop that is about there; a little
# beyond, as what is not reached takes another step.
next_aim <- function(z, walker) {
  aim <- z + walker$cutoff / 4
  stops <- walker$stops[walker$stops > z]
  nearest <- which.min(abs(stops - aim))
  is_near <- abs(stops[nearest] - aim) < walker$cutoff / 8
  if (isTRUE(is_near)) stops[nearest] * (1 + near_stop / 2) else aim
}

# way_to() = |x(aim) - x| from the last x = par[i] on, x(|z|) the polynomial through the last points, three at most; where
# that does not go on, by the last slope of |z|, up or down.
way_to <- function(aim, walk, i) {
  recent <- tail(seq_along(walk$z), 3)
  z <- abs(walk$z[recent])
  x <- abs(walk$par[i, recent] - walk$par[i, 1])
  way <- if (all(diff(z) > 0)) sum(lagrange_weights(z, aim) * x) - tail(x, 1) else -1
  if (way > 0) way else tail(diff(x) / abs(diff(z)), 1) * (aim - tail(z, 1))
}

near_stop <- 0.01 # of |z|: from a point as near as that a limit is interpolated to 0.005 of z

# Adds points to a walk where its profile crosses a stop, until one is near.
refine <- function(walk, i, side, walker, most = 4) {
  for (stop in rep(walker$stops, each = most)) walk <- add_point(walk, i, side, stop, walker)
  walk
}

# Adds the point where |z| seems to cross the stop, if it does and none is near, in its place.
add_point <- function(walk, i, side, stop, walker) {
  z <- abs(walk$z)
  ends <- ends_about(z, stop)
  if (is.null(ends) || min(abs(z[ends] - stop)) <= near_stop * stop) return(walk)
  power <- power_of_z(walker$fit, i)
  target <- crossing(walk$par[i, ], z^power, stop^power)
  between <- onto_box(drop(walk$par[, ends] %*% lagrange_weights(z[ends], stop)), walker$problem)
  starts <- lapply(list(between, walk$par[, ends[1]]), replace, i, target)
  point <- point_from(starts, i, walker, highest = (stop + z[ends[2]]) / 2)
  walk$evaluations <- walk$evaluations + point$evaluations
  if (is_refuted(ends[1], point$z, walk)) return(before_doubt(walk))
  if (point$z >= z[ends[2]]) return(walk)
  columns <- append(seq_along(z), length(z) + 1, ends[1])
  walk$par <- cbind(walk$par, point$par)[, columns, drop = FALSE]
  walk$z <- append(walk$z, side * point$z, ends[1])
  walk
}

# step_off_bound = the step of par[i] off its bound that raises fn by r = c z^2 / 2, c the factor of the
# variance: the root d of |g| d + h d^2 / 2 = r, where h, the curvature, is positive.
step_off_bound <- function(fit, i, z) {
  slope <- abs(unlist(fit$gradient)[[i]])
  curvature <- max(lbfgsb_hessian(fit)[i, i] * sign(control_of(fit)$fnscale), 0)
  rise <- variance_factor(fit) * z^2 / 2
  step <- 2 * rise / (slope + sqrt(slope^2 + 2 * curvature * rise))
  if (is.finite(step)) step else objective_of(fit)$problem$parscale[i]
}

# ---- What its ends say ----------------------------------------------------------------------------------------

# Warns of limits that are NA, as the walk has ended before the level and not at a bound, though fn was still rising.
warn_of_ends <- function(walks, elements, labels) {
  stopped_at <- function(end) {
    places <- Map(function(walk, i) range(walk$par[i, ])[ends_told(walk) == end], walks, elements)
    paste(rep(labels[elements], lengths(places)), "=", signif(as.numeric(unlist(places)), 4), recycle0 = TRUE)
  }
  for (end in c("edge", "jump", "under way")) {
    places <- stopped_at(end)
    words <- describe_end(end, enumerate(places))
    if (length(places) > 0) warning(lbfgsb_warning_profile(sub(" = .*", "", places), words))
  }
}

# Returns the ends of a walk, of which those still under way are at a jump where so many points have shown no rise.
ends_told <- function(walk) {
  is_level <- length(walk$z) > 10 && max(abs(walk$z)) < 0.01
  ifelse(walk$ends == "under way" & is_level, "jump", walk$ends)
}

describe_end <- function(end, places) {
  if (end == "jump") {
    paste0("`fn` does not change up to ", places, ", and jumps there, as a change point does: it has no profile, so that these ",
           "limits are NA: see \"by jumps\" in vignette(\"troubleshooting\", \"lbfgsb\")")
  } else if (end == "edge") {
    paste0("`fn` is not finite right beyond ", places, ", where the profile ends before it has reached the level, so that this ",
           "limit is NA: see \"an edge\" in vignette(\"troubleshooting\", \"lbfgsb\"), or keep the parameters from there by bounds")
  } else {
    paste0("the profile has been followed to ", places, ", in as many runs as it may take, and has not reached the level ",
           "there, so that the limit is NA: give that parameter a bound nearer to where its limit may be, or write `fn` of its ",
           "logarithm or inverse")
  }
}
