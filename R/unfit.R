# Options, and arguments of lbfgsb(), that a call cannot follow: errors, where they would be ignored.

# Refuses those of `unfit`, a vector that says of each, by name, what to do, to which a user's `control` gives a value.
refuse_unfit <- function(control, unfit) {
  for (name in names(unfit)) {
    value <- control[[name]]
    is_off <- is.null(value) || is.atomic(value) && all(value == 0) || identical(value, default_control[[name]])
    if (!is_off) stop(lbfgsb_error_argument(paste0("control$", name), unfit[[name]]))
  }
}

by_itself <- function(fit) paste("is for a run by itself: leave it out, and call lbfgsb() for the fit that", fit)

unfit_for_refits <- c(
  trace = by_itself("you want to watch"),
  callback = by_itself("you want to watch"),
  keep_state = by_itself("is to keep its state"),
  checkpoint = paste("is for a run by itself: to have something left after a crash, call this function for one part",
                     "after another, and saveRDS() what each call returns"),
  parscale = "has no meaning here, where the scales are the standard errors: leave it out",
  hessian_diag = "has no meaning here, where the scales are the standard errors: leave it out",
  pgtol = "has no meaning here, where gradients are measured by the standard errors: leave it out",
  target = "has no meaning here, where each refit has values of its own: leave it out"
)

unfit_for_starts <- unfit_for_refits["checkpoint"]

unfit_for_many <- c(unfit_for_refits[c("trace", "callback", "keep_state", "checkpoint")],
                    polish = by_itself("you want to polish"))

unfit_in_step <- c(maxtime = "has no meaning with `block`: leave it out, or give `control$maxeval`",
                   cluster = "has no meaning with `block`: leave out one of them")

not_told <- "is for a run that calls `fn`: see to it in your own loop, or give it to lbfgsb_resume()"

unfit_for_telling <- c(trace = not_told, callback = not_told, checkpoint = not_told, maxtime = not_told,
                       cluster = not_told, polish = not_told)

# Refuses arguments of lbfgsb() in the `...` of many fits, unless `fn` has them too.
refuse_unfit_arguments <- function(given, fn, block) {
  given <- setdiff(given, names(formals(fn)))
  if ("hessian" %in% given) {
    stop(lbfgsb_error_argument("hessian", "is for one fit: leave it out, and take vcov(lbfgsb_one(fits, 1)) or the like of ",
                               "the result, `fits`"))
  }
  if ("fixed" %in% given && !is.null(block)) {
    stop(lbfgsb_error_argument("fixed", "does not go with `block`: fix a parameter by equal `lower` and `upper`"))
  }
}
