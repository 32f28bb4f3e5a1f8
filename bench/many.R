# 10,000 fits of 5 parameters to 50 observations each: lbfgsb_many() against a loop over optim(), in one run.
# Usage: Rscript bench/many.R [fits]; writes the table bench/many.md.
library(lbfgsb)
source("bench/machine.R")
fits <- if (length(commandArgs(TRUE)) > 0) as.numeric(commandArgs(TRUE)[1]) else 10000
observations <- 50
set.seed(15)
x <- cbind(1, matrix(rnorm(observations * 4) / 2, observations))
broken <- round(seq(7, fits, length.out = 10))

# ---- The data: matrices with a row a fit -------------------------------------------------------------------
effects <- matrix(rnorm(fits * 5) / 2, fits)
binary <- matrix(rbinom(fits * observations, 1, plogis(effects %*% t(x))), fits)
counts <- matrix(rnbinom(fits * observations, mu = exp(1 + effects[, 1:4] %*% t(x[, 1:4])), size = 2), fits)
binary[broken, 1] <- counts[broken, 1] <- NaN

# ---- For optim, of one fit -----------------------------------------------------------------------------------
logistic <- list(fn = function(b, y) {
  eta <- x %*% b
  sum(log1p(exp(eta)) - y * eta)
}, gr = function(b, y) crossprod(x, plogis(x %*% b) - y))
design <- x[, 1:4]
negative_binomial <- list(fn = function(par, y) {
  -sum(dnbinom(y, mu = exp(design %*% par[1:4]), size = exp(par[5]), log = TRUE))
}, gr = function(par, y) {
  size <- exp(par[5])
  mu <- exp(design %*% par[1:4])
  c(crossprod(design, (mu - y) * size / (size + mu)),
    -size * sum(digamma(y + size) - digamma(size) + log(size / (size + mu)) + (mu - y) / (size + mu)))
})

# ---- In lock step ------------------------------------------------------------------------------------------
logistic_rows <- function(b, fits, with_gradient = TRUE) {
  eta <- tcrossprod(b, x)
  odds <- exp(eta)
  y <- binary[fits, , drop = FALSE]
  value <- rowSums(log1p(odds) - y * eta)
  if (with_gradient) list(value = value, gradient = (odds / (1 + odds) - y) %*% x) else value
}
negative_binomial_rows <- function(par, fits, with_gradient = TRUE) {
  size <- exp(par[, 5])
  eta <- tcrossprod(par[, 1:4, drop = FALSE], design)
  mu <- exp(eta)
  y <- counts[fits, , drop = FALSE]
  value <- -rowSums(lgamma(y + size) - lgamma(y + 1) - lgamma(size) + size * log(size / (size + mu)) +
                      y * log(mu / (size + mu)))
  if (!with_gradient) return(value)
  slope <- (mu - y) * size / (size + mu)
  by_size <- digamma(y + size) - digamma(size) + log(size / (size + mu)) + (mu - y) / (size + mu)
  list(value = value, gradient = cbind(slope %*% design, -size * rowSums(by_size)))
}

# ---- The native one ----------------------------------------------------------------------------------------
compiled <- local({
  folder <- tempfile()
  dir.create(folder)
  file.copy("bench/many.c", folder)
  Sys.setenv(PKG_CPPFLAGS = paste0("-I", system.file("include", package = "lbfgsb")))
  status <- system2(file.path(R.home("bin"), "R"), c("CMD", "SHLIB", file.path(folder, "many.c")),
                    stdout = FALSE)
  stopifnot(status == 0)
  dyn.load(file.path(folder, paste0("many", .Platform$dynlib.ext)))
})
address <- getNativeSymbolInfo("negative_binomial", compiled)$address
attributes(address) <- NULL

# ---- The race ----------------------------------------------------------------------------------------------
by_optim <- function(model, data, with_gradient) {
  for (i in seq_len(fits)) {
    tryCatch(optim(numeric(5), model$fn, if (with_gradient) model$gr, y = data[i, ], method = "L-BFGS-B",
                   lower = -10, upper = 10), error = identity)
  }
}
in_step <- function(fn, with_gradient) {
  lbfgsb_many(matrix(0, fits, 5), fn, with_gradient = with_gradient, lower = -10, upper = 10, block = 200)
}
native <- function(threads, with_gradient) {
  data <- lapply(seq_len(fits), function(i) list(counts[i, ], design))
  fn <- native_objective(address, data = data[[1]], gradient = with_gradient)
  lbfgsb_many(numeric(5), fn, data = data, lower = -10, upper = 10, control = list(threads = threads))
}
seconds <- function(code) system.time(code, gcFirst = TRUE)[["elapsed"]]
rows <- character()
for (with_gradient in c(TRUE, FALSE)) {
  optim_logistic <- seconds(by_optim(logistic, binary, with_gradient))
  ours_logistic <- seconds(a <- in_step(logistic_rows, with_gradient))
  optim_counts <- seconds(by_optim(negative_binomial, counts, with_gradient))
  ours_counts <- seconds(b <- in_step(negative_binomial_rows, with_gradient))
  one <- seconds(c1 <- native(1, with_gradient))
  two <- seconds(c2 <- native(2, with_gradient))
  same <- identical(as.list(c1), as.list(c2))
  row <- function(what, optim, ours, result) {
    sprintf("| %s | %s | %.2f | %.2f | %.1f | %d |", what, if (with_gradient) "yes" else "no", optim, ours,
            optim / ours, sum(is.na(result$convergence)))
  }
  rows <- c(rows, row("logistic, in lock step", optim_logistic, ours_logistic, a),
            row("negative binomial, in lock step", optim_counts, ours_counts, b),
            row("negative binomial, native, 1 thread", optim_counts, one, c1),
            row(paste0("negative binomial, native, 2 threads", if (same) ", the same bits"),
                optim_counts, two, c2))
}
text <- c("# Many fits in one call", "", machine(), "",
          sprintf(paste("%d fits of 5 parameters to %d observations, 10 of them broken; seconds of a loop over",
                        "optim() with closures and of lbfgsb_many(), one run of `Rscript bench/many.R`."),
                  as.integer(fits), observations), "",
          "| model | with a gradient | optim | lbfgsb_many | times as fast | failed |",
          "| --- | --- | ---: | ---: | ---: | ---: |",
          rows)
writeLines(text, "bench/many.md")
cat(text, sep = "\n")
