# What summary() and tidy() say of the errors of the estimates.

# Lists the columns on the errors, and the sentence on them, and warns as vcov() does; or the `error` by which there are
# none.
standard_errors <- function(fit) {
  warn_unconverged(fit)
  covariance <- tryCatch(covariance_of(fit), lbfgsb_error = identity)
  if (inherits(covariance, "condition")) {
    return(list(validity = paste0("No standard errors: ", message_of(covariance), "."), error = covariance))
  }
  warn_of_written(fit)
  se <- unname(sqrt(diag(covariance)))
  columns <- c(error_columns(fit, se), list(newton = newton_step(fit, covariance) / se))
  doubt <- warn_of_estimate(fit, covariance, columns$newton)
  about_doubt <- if (!is.null(doubt)) paste0(" But ", doubt, ".")
  list(columns = columns, validity = paste0(describe_validity(fit), about_doubt))
}

# Lists the columns and the sentence by another covariance matrix.
errors_by <- function(covariance, fit) {
  covariance <- ordered_covariance(covariance, fit)
  warn_unconverged(fit)
  converged <- fit$convergence == 0L
  list(columns = error_columns(fit, unname(sqrt(diag(covariance)))),
       validity = if (converged) "The standard errors (se) are those of the given `covariance`." else describe_validity(fit))
}

# Warns of an estimate that is flat, or else short of the optimum; returns the words, or NULL.
warn_of_estimate <- function(fit, V, newton = newton_step(fit, V) / sqrt(diag(V))) {
  warn_of_flat(fit, V) %||% warn_of_distance(fit, newton)
}

# Warns of estimates from which Newton's method would still go far, though the run has converged; returns the words, or
# NULL.
warn_of_distance <- function(fit, newton) {
  far <- which(abs(newton) > far_step)
  if (length(far) == 0 || fit$convergence != 0L || !is.null(attr(fit, "gradient_doubt"))) return(NULL)
  words <- paste0("the run has stopped short of the optimum: a step of Newton's method would move ",
                  enumerate(labels_of(flat_par(fit), far)), " by ", if (length(far) > 1) "up to ",
                  sprintf("%.2g", max(abs(newton[far]))), " standard errors. Go on from the estimate, update(fit), or to the ",
                  "end by update(fit, control = list(polish = TRUE))")
  warning(lbfgsb_warning_distance(far, newton[far], words))
  words
}

far_step <- 0.1 # standard errors

# newton_step() = -A^-1 g over the free parameters, A and g of what was minimized: what Newton's method would
# still move; NA for the others, and without a gradient.
newton_step <- function(fit, covariance) {
  free <- fit$bounds == "free"
  step <- rep(NA_real_, length(free))
  if (is.null(fit$gradient)) return(step)
  g <- unlist(fit$gradient)[free] * sign(control_of(fit)$fnscale)
  step[free] <- -covariance[free, free, drop = FALSE] %*% g / variance_factor(fit)
  step
}

# Lists `se`, the statistic, which is `t` for a sum of squares, else `z`, and its `p`, by which the parameter is
# 0: NA unless 0 is inside the box.
error_columns <- function(fit, se) {
  squares <- kind_of_fn(fit) == "squares"
  problem <- problem_of(fit)
  statistic <- as.vector(flat_par(fit)) / ifelse(se > 0, se, NA) # 0 of what is taken as known
  p <- 2 * pt(-abs(statistic), df.residual(fit))
  p[problem$lower >= 0 | problem$upper <= 0] <- NA
  structure(list(se, statistic, p), names = c("se", if (squares) "t" else "z", "p"))
}

describe_validity <- function(fit) {
  if (fit$convergence != 0L) {
    return(paste0("The standard errors (se) are not valid: the run has not converged; ",
                  describe_way_on(fit), "."))
  }
  doubt <- attr(fit, "gradient_doubt")
  if (!is.null(doubt)) return(paste0("The standard errors (se) are not valid: ", message_of(doubt), "."))
  fixed <- which(fit$bounds != "free")
  given <- if (length(fixed) > 0) {
    paste0(". There is none for a parameter that is fixed or at its bound", in_brackets(flat_par(fit), fixed),
           ", and those of the others take it as known")
  }
  paste0("The standard errors (se) are valid if ", describe_claim(fit), " and its optimum is inside the bounds",
         given, ".")
}

# Says "fn is minus a log-likelihood".
describe_claim <- function(fit) {
  paste0("fn is ", sub(" (assumed)", ", as is assumed,", describe_kind(fit), fixed = TRUE))
}

# Makes the matrix that coef() of a summary returns, of its table of parameters.
coefficients_in <- function(table) {
  statistic <- intersect(c("z", "t"), names(table))
  columns <- c("par", if (length(statistic) > 0) c("se", statistic, "p"))
  matrix(unlist(table[columns]), nrow(table), dimnames = list(row.names(table), c(
    "Estimate", if (length(statistic) > 0) {
      c("Std. Error", paste(statistic, "value"), paste0("Pr(>|", statistic, "|)"))
    }
  )))
}
