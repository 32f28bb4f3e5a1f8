#' The solver's own inverse Hessian
#'
#' L-BFGS-B models the Hessian of `fn` from the last `m` steps and changes of the gradient. This
#' returns the inverse of that model at the end of a run, over the free parameters, as a function
#' that multiplies a vector by it: at no evaluation of `fn`, and in `4 * m * length(par)` operations,
#' where `vcov()` takes many evaluations and a matrix. It preconditions, and it tells sizes; for
#' standard errors it is too rough.
#'
#' @details
#' The model is \eqn{B = \theta I - W M W^T}{B = theta I - W M W'}; with `F` for the rows of the free
#' parameters, the inverse of \eqn{B_{FF}}{B_FF} is
#' \deqn{I / \theta - W_F K^{-1} W_F^T / \theta^2,
#'   \qquad K = W_F^T W_F / \theta - M^{-1}.}{I / theta - W_F K^-1 W_F' / theta^2,
#'   K = W_F'W_F / theta - M^-1.}
#' Where all are free it satisfies the secant equation: it takes the last change of the gradient to
#' the last step.
#'
#' @param fit what [lbfgsb()] returned that holds its state: `control$keep_state`.
#' @param x what `inverse_hessian()` returned.
#' @param ... ignored.
#' @return A function of class `lbfgsb_inverse_hessian` of one argument, a vector of the length of
#'   `par` or a matrix with as many rows, matched by its names if these are those of `par`, that returns the
#'   product, in the units of `fn` and `par`; rows of parameters at a bound or fixed are 0, and do not matter
#'   in the argument. `as.matrix()` makes it dense.
#' @seealso [vcov.lbfgsb()] for standard errors.
#' @examples
#' fn <- function(x) sum((x - 1:5)^4 + x^2)
#' fit <- lbfgsb(rep(2, 5), fn, lower = c(2, rep(0, 4)))
#' H <- inverse_hessian(fit)
#' H(c(0, 1, 0, 0, 0))
#' round(diag(as.matrix(H)), 3)
#' round(1 / diag(lbfgsb_hessian(fit)), 3)
#' @export
inverse_hessian <- function(fit) {
  fit <- as_fit(fit)
  refuse_other_than_fit(fit)
  if (is.null(fit$state)) {
    stop(lbfgsb_error_argument("fit", "holds no state: run it again with control = list(keep_state = TRUE)"))
  }
  fnscale <- control_of(fit)$fnscale
  free <- as.vector(fit$bounds == "free")
  state <- read_state(fit)
  model <- reduced_model(.Call(C_pairs, state$run), free)
  scale <- .Call(C_sizes, state)
  labels <- names(flat_par(fit))
  product <- function(v, rows) {
    check_factor(v, length(scale))
    order <- order_along(rows, labels)
    v <- if (is.matrix(v)) v[order %||% TRUE, , drop = FALSE] else as.vector(v)[order %||% TRUE]
    free * scale * multiply_inverse(model, free * scale * v) / fnscale
  }
  structure(function(v) if (is.matrix(v)) product(v, rownames(v)) else drop(product(v, names(v))),
            class = "lbfgsb_inverse_hessian", labels = labels, free = free)
}

# Returns theta, W_F (rows of bound parameters are 0) and K, from pairs scaled to s'y = 1. So formed, nothing
# cancels: K = [[D + Y_F'Y_F / theta, (S_F'Y_F - L)'], [S_F'Y_F - L, -theta S_A'S_A]], and S_F'Y_F - L is upper
# triangular but for the active rows.
reduced_model <- function(pairs, free) {
  size <- 1 / sqrt(colSums(pairs$S * pairs$Y))
  S <- sweep(pairs$S, 2, size, "*")
  Y <- sweep(pairs$Y, 2, size, "*")
  theta <- pairs$theta
  free_sy <- crossprod(S[free, , drop = FALSE], Y[free, , drop = FALSE])
  active <- !free
  active_sy <- crossprod(S[active, , drop = FALSE], Y[active, , drop = FALSE])
  E <- ifelse(lower.tri(free_sy), -active_sy, free_sy)
  P <- diag(ncol(S)) + crossprod(Y[free, , drop = FALSE]) / theta
  K <- rbind(cbind(P, t(E)), cbind(E, -theta * crossprod(S[active, , drop = FALSE])))
  list(theta = theta, W = free * cbind(Y, theta * S), K = K)
}

# multiply_inverse = B_FF^-1 v, both n x j with 0 in the rows of bound parameters.
multiply_inverse <- function(model, v) {
  if (ncol(model$W) == 0) return(v / model$theta)
  (v - model$W %*% solve(model$K, crossprod(model$W, v), tol = 0) / model$theta) / model$theta
}

# diagonal_of(H) = that of the matrix (n) by which an inverse_hessian() multiplies.
diagonal_of <- function(H) {
  own <- environment(H)
  W <- own$model$W
  of_pairs <- if (ncol(W) > 0) rowSums(W * t(solve(own$model$K, t(W), tol = 0))) else 0
  own$free * own$scale^2 * (1 - of_pairs / own$model$theta) / own$model$theta / own$fnscale
}

check_factor <- function(v, n) {
  if (!is.numeric(v) || NROW(v) != n) {
    stop(lbfgsb_error_argument("v", "must be numeric with ", n, " rows, not ", kind_of(v)))
  }
}

#' @rdname inverse_hessian
#' @export
as.matrix.lbfgsb_inverse_hessian <- function(x, ...) {
  n <- length(attr(x, "free"))
  structure(x(diag(n)), dimnames = if (!is.null(attr(x, "labels"))) rep(list(attr(x, "labels")), 2))
}

#' @rdname inverse_hessian
#' @export
print.lbfgsb_inverse_hessian <- function(x, ...) {
  free <- attr(x, "free")
  cat("inverse Hessian of ", length(free), " parameters, ", sum(free), " of them free: ",
      "a function to multiply by; see ?inverse_hessian\n", sep = "")
  invisible(x)
}
