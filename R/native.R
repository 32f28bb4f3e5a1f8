#' An objective in compiled code
#'
#' Makes an `fn` of a function of C, C++, Fortran or the like, for [lbfgsb()] and all that takes an `fn`. A run
#' of [lbfgsb()] calls it without any evaluation by R, if `par` is a vector and there is no `fixed`.
#'
#' The function is of type `lbfgsb_objective` (`lbfgsb.h`, in the folder `include` of this package):
#'
#' `double f(size_t n, const double *x, double *gradient, void *data)`
#'
#' It returns the value at `x` (n), `NaN` where that is not defined, and sets `gradient` (n) unless that is
#' `NULL`. Between calls it keeps nothing that matters. `data` points to an `lbfgsb_data`: the vectors of the list
#' `data`, in its order, as pointers and lengths, taken before the run; they must not be written. Each vector has its
#' `doubles`. One of R's integers, logicals or factors has its `integers` besides; its `doubles` are then a copy, made
#' once a run, with `NA_REAL` for `NA`, and once a call outside of runs: give what is large as doubles.
#'
#' A run looks for an interrupt by the user before each call of f, on R's thread; so it ends, with its state, when
#' a call that is under way is done. f may leave by `Rf_error()` as long as it is called on R's thread, as by
#' [lbfgsb()] it is; it need not look for interrupts itself. A function that is to run in several threads at once, as
#' by [lbfgsb_many()], must call nothing of R's: no `Rf_error()`, no `R_CheckUserInterrupt()`, nothing that may warn
#' (`lgamma_r()` of C for `lgamma()`); it reports a failure by `NaN`.
#'
#' `vignette("from-c")` has a package with such a function.
#'
#' @param f The name by which the package registers the function for others, by `R_RegisterCCallable()`; or
#'   an external pointer to it, made by `R_MakeExternalPtrFn()`; or what [getNativeSymbolInfo()] returns for a
#'   function that is not registered with R otherwise.
#' @param package The package, for a name. It is loaded where it is not, in another session and on the workers
#'   of a cluster too; a pointer is of this process alone, `NULL` after [readRDS()], which is refused.
#' @param data A list of numeric, integer or logical vectors (factors, matrices, a data frame's columns), or one
#'   such vector.
#' @param gradient `TRUE` if f sets `gradient`; `FALSE` if it never does, and differences are to be taken.
#' @return A function of `par` (doubles) of class `"lbfgsb_native"`, which returns `list(value, gradient)`.
#' @seealso [lbfgsb()]
#' @examples
#' # The sum of squares of par - target, which this package has for its examples
#' fn <- native_objective("lbfgsb_example", package = "lbfgsb", data = c(1, 2))
#' fn(c(0, 0))
#' lbfgsb(c(0, 0), fn, upper = 1.5)$par
#' @export
native_objective <- function(f, package = NULL, data = list(), gradient = TRUE) {
  if (inherits(f, "NativeSymbolInfo")) f <- f$address
  check_flag(gradient, "gradient")
  native <- list(f = f, package = package, data = native_data(data), gradient = gradient)
  fn <- function(par) call_native(native, par)
  environment(fn) <- list2env(list(native = native), parent = topenv())
  fn <- structure(fn, class = "lbfgsb_native", native = native)
  check_native(fn)
  fn
}

# Returns list(value, gradient) at `par`, in whichever process this is.
call_native <- function(native, par) .Call(C_native_call, native, par)

is_native <- function(fn) is.object(fn) && inherits(fn, "lbfgsb_native")

native_data <- function(data) {
  data <- if (is.list(data)) as.list(data) else list(data)
  is_plain <- function(x) typeof(x) %in% c("double", "integer", "logical") && !inherits(x, "integer64")
  wrong <- which(!vapply(data, is_plain, NA))
  if (length(wrong) > 0) {
    stop(lbfgsb_error_argument("data", "must hold numeric, integer or logical vectors; element ", wrong[1],
                               " is ", kind_of(data[[wrong[1]]]),
                               if (inherits(data[[wrong[1]]], "integer64")) ": give as.double() of it", elements = wrong))
  }
  data
}

# Refuses one that is not there, and loads its package.
check_native <- function(fn) {
  native <- attr(fn, "native")
  if (typeof(native$f) == "externalptr") check_pointer(native$f) else check_callable(native$f, native$package)
}

check_pointer <- function(pointer) {
  if (inherits(pointer, "RegisteredNativeSymbol")) {
    stop(lbfgsb_error_argument("f", "is registered for .C() or .Call(), where it has another type: register it ",
                               "by R_RegisterCCallable(), and give its name and `package`"))
  }
  if (!.Call(C_native_find, pointer, NULL)) {
    stop(lbfgsb_error_argument("f", "is a pointer that is NULL, as one is that was saved or sent to another ",
                               "process: make it anew, or give a name and `package`, which are found there too"))
  }
}

check_callable <- function(name, package) {
  if (!is_string(name)) {
    stop(lbfgsb_error_argument("f", "must be the name of a function, or a pointer to one, not ", kind_of(name)))
  }
  if (!is_string(package)) {
    stop(lbfgsb_error_argument("package", "must name the package that has `f`, as one string"))
  }
  if (!isNamespaceLoaded(package)) loadNamespace(package)
  on_error(.Call(C_native_find, name, package), function(e) {
    stop(lbfgsb_error_argument("f", "is \"", name, "\", which package ", package, " has not registered by ",
                               "R_RegisterCCallable()"))
  })
}

#' @export
print.lbfgsb_native <- function(x, ...) {
  native <- attr(x, "native")
  where <- if (is.character(native$f)) paste0(native$package, "::", native$f) else "a pointer"
  cat("A native objective, ", where, "; vectors of data: ", length(native$data), "\n", sep = "")
  invisible(x)
}
