# Fits are compared without their objectives: environments, so never identical.
compare_without_objective <- function(x, path) {
  list(object = structure(unclass(x)[names(x) != "objective"], class = class(x)), path = path)
}
registerS3method("compare_proxy", "lbfgsb", compare_without_objective, envir = asNamespace("waldo"))

# What a fit has found, without what it was found by.
figures_of <- function(fit) unclass(fit)[setdiff(names(fit), c("objective", "state"))]
