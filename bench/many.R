# 10,000 fits of 5 parameters to 50 observations each: lbfgsb_many() against a loop over optim(), by turns.
# Usage: Rscript bench/many.R [fits]; writes the table bench/many.md.
library(lbfgsb)
source("bench/machine.R")
fits <- if (length(commandArgs(TRUE)) > 0) as.numeric(commandArgs(TRUE)[1]) else 10000
rounds <- 5
observations <- 50
set.seed(15)
x <- cbind(1, matrix(rnorm(observations * 4) / 2, observations))
broken <- round(seq(7, fits, length.out = 10))

# ---- The data: matrices with a column for each fit, where its data stand together ---------------------------
effects <- matrix(rnorm(fits * 5) / 2, 5)
binary <- matrix(rbinom(fits * observations, 1, plogis(x %*% effects)), observations)
means <- exp(1 + x[, 1:4] %*% effects[1:4, ])
counts <- matrix(rnbinom(fits * observations, mu = means, size = 2), observations)
binary[1, broken] <- counts[1, broken] <- NaN

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
  eta <- tcrossprod(x, b)
  odds <- exp(eta)
  y <- binary[, fits, drop = FALSE]
  value <- colSums(log1p(odds) - y * eta)
  if (with_gradient) list(value = value, gradient = crossprod(odds / (1 + odds) - y, x)) else value
}
negative_binomial_rows <- function(par, fits, with_gradient = TRUE) {
  for_each <- function(v) rep(v, each = observations)
  dispersion <- exp(par[, 5])
  size <- for_each(dispersion)
  mu <- exp(tcrossprod(design, par[, 1:4, drop = FALSE]))
  y <- counts[, fits, drop = FALSE]
  share <- log(size / (size + mu))
  value <- -colSums(lgamma(y + size) - lgamma(y + 1) - for_each(lgamma(dispersion)) + size * share +
                      y * log(mu / (size + mu)))
  if (!with_gradient) return(value)
  slope <- (mu - y) / (size + mu)
  by_size <- digamma(y + size) - for_each(digamma(dispersion)) + share + slope
  list(value = value, gradient = cbind(crossprod(slope * size, design), -dispersion * colSums(by_size)))
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
    tryCatch(optim(numeric(5), model$fn, if (with_gradient) model$gr, y = data[, i], method = "L-BFGS-B",
                   lower = -10, upper = 10), error = identity)
  }
  NULL
}
in_step <- function(fn, with_gradient) {
  block <- if (with_gradient) 150 else 200
  lbfgsb_many(matrix(0, fits, 5), fn, with_gradient = with_gradient, lower = -10, upper = 10, block = block)
}
native <- function(threads, with_gradient) {
  data <- lapply(seq_len(fits), function(i) list(counts[, i], design))
  fn <- native_objective(address, data = data[[1]], gradient = with_gradient)
  lbfgsb_many(numeric(5), fn, data = data, lower = -10, upper = 10, control = list(threads = threads))
}
race <- function(with_gradient) {
  list(optim_logistic = function() by_optim(logistic, binary, with_gradient),
       logistic = function() in_step(logistic_rows, with_gradient),
       optim_counts = function() by_optim(negative_binomial, counts, with_gradient),
       counts = function() in_step(negative_binomial_rows, with_gradient),
       native = function() native(1, with_gradient),
       over_threads = function() native(2, with_gradient))
}
timed <- function(run) {
  seconds <- system.time(result <- run(), gcFirst = TRUE)
  list(failed = sum(is.na(result$convergence)), processor = sum(seconds[c("user.self", "sys.self")]),
       elapsed = seconds[["elapsed"]])
}
rows_of <- function(with_gradient) {
  all <- lapply(seq_len(rounds), function(round) lapply(race(with_gradient), timed))
  of_rounds <- function(name, clock) vapply(all, function(round) as.double(round[[name]][[clock]]), 0)
  row <- function(what, optim, ours, clock = "processor") {
    theirs <- of_rounds(optim, clock)
    seconds <- of_rounds(ours, clock)
    sprintf("| %s | %s | %.2f | %.2f | %.1f | %d |", what, if (with_gradient) "yes" else "no", median(theirs),
            median(seconds), median(theirs / seconds), as.integer(of_rounds(ours, "failed")[1]))
  }
  same <- identical(as.list(native(1, with_gradient)), as.list(native(2, with_gradient)))
  c(row("logistic, in lock step", "optim_logistic", "logistic"),
    row("negative binomial, in lock step", "optim_counts", "counts"),
    row("negative binomial, native, 1 thread", "optim_counts", "native"),
    row(paste0("negative binomial, native, 2 threads", if (same) ", the same bits"), "optim_counts",
        "over_threads", "elapsed"))
}
text <- c("# Many fits in one call", "", machine(), "",
          sprintf(paste("%d fits of 5 parameters to %d observations, 10 of them broken: a loop over optim()",
                        "with closures, and lbfgsb_many(), by `Rscript bench/many.R`, the medians of %d rounds",
                        "in which they take turns. Seconds of the processor, but of 2 threads on the clock."),
                  as.integer(fits), observations, rounds), "",
          "| model | with a gradient | optim | lbfgsb_many | times as fast | failed |",
          "| --- | --- | ---: | ---: | ---: | ---: |",
          rows_of(TRUE), rows_of(FALSE))
writeLines(text, "bench/many.md")
cat(text, sep = "\n")
