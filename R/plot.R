# The picture of a run's convergence.

#' @rdname print.lbfgsb
#' @export
plot.lbfgsb <- function(x, xlab = NULL, ylab = "", type = "o", pch = 16, cex = 0.6,
                        col = c("black", "grey50"), lty = c(1, 2), ylim = NULL, log = "y",
                        xlim = range(x$history$evaluations), ...) {
  refuse_choice(intersect(...names(), choosing), "plot(profile(fit, %s))", x)
  xlab <- xlab %||% describe_evaluations(x)
  active <- length(flat_par(x)) - x$history$free
  if (any(active > 0)) {
    before <- par(mfrow = c(2, 1), mar = c(4, 4, if (is.null(list(...)$main)) 1 else 3, 1))
    on.exit(par(before))
  }
  style <- list(type = type, pch = pch, cex = cex, col = col, lty = lty, log = log)
  plot_convergence(x, xlab, ylab, style, ylim, xlim = xlim, ...)
  if (any(active > 0)) {
    par(mar = c(4, 4, 1, 1))
    plot(x$history$evaluations, active, type = "s", las = 1, xlim = xlim, ylim = c(0, max(active)),
         log = only_x(log), xlab = xlab, ylab = "active bounds")
  }
  invisible(x)
}

# Refuses `arguments`, names, by which plot() is to choose parameters: graphics would warn of them, and draw all. `call`:
# what does choose one, %s.
refuse_choice <- function(arguments, call, fit) {
  if (length(arguments) > 0) {
    stop(lbfgsb_error_argument(arguments[1], "chooses no parameter in plot(): write ",
                               sprintf(call, dQuote(parameter_names(fit)[1], FALSE))))
  }
}

choosing <- c("which", "parm")

only_x <- function(log) gsub("[^x]", "", log)

# Draws the two curves; style: how.
plot_convergence <- function(x, xlab, ylab, style, ylim, ...) {
  curves <- cbind(abs(x$history$value - x$value), x$history$pgnorm)
  curves[!is.finite(curves)] <- NA
  shown <- replace(curves, curves == 0, NA)
  if (all(is.na(shown))) return(plot_nothing(x, "the start was not improved", ...))
  logarithmic <- grepl("y", style$log)
  exponents <- decades(if (is.null(ylim)) shown else ylim)
  if (is.null(ylim) && logarithmic) ylim <- with_headroom(range(exponents), lines = 3)
  matplot(x$history$evaluations, if (logarithmic) shown else curves, type = style$type, pch = style$pch,
          cex = style$cex, col = style$col, lty = style$lty, log = style$log, ylim = ylim, xlab = xlab, ylab = ylab,
          xaxt = "n", yaxt = "n", ...)
  axis(1, if (!grepl("x", style$log)) whole_ticks(x$history$evaluations))
  axis(2, if (logarithmic) 10^exponents, if (logarithmic) parse(text = paste0("10^", exponents)) else TRUE, las = 1)
  if (logarithmic) mark_zeros(x$history$evaluations, curves, style)
  explain_curves(style)
}

# Marks what is 0, the best value above all, by rings on the axis, where a logarithm would lose it.
mark_zeros <- function(evaluations, curves, style) {
  at <- which(curves == 0, arr.ind = TRUE)
  points(evaluations[at[, 1]], rep(10^par("usr")[3], nrow(at)), pch = 1, col = style$col[at[, 2]], xpd = NA)
}

explain_curves <- function(style) {
  legend("topright", c("value - best value", "projected gradient norm"), pch = if (style$type != "l") style$pch,
         pt.cex = style$cex, col = style$col, lty = if (style$type != "p") style$lty, bty = "n")
}

# Draws the picture where there is nothing to show, and why.
plot_nothing <- function(x, why, main = NULL, ...) {
  plot.new()
  box()
  text(0.5, 0.5, paste("Nothing to draw:", why))
  title(main = main)
  invisible(x)
}

# Returns exponents of 10 for the ticks of a logarithmic axis, eight at most, that cover all of y > 0.
decades <- function(y) {
  exponents <- range(log10(y), na.rm = TRUE)
  from <- floor(exponents[1])
  count <- max(ceiling(exponents[2]) - from, 1)
  by <- ceiling(count / 7)
  seq(from, by = by, length.out = ceiling(count / by) + 1)
}

# Returns limits of a logarithmic axis that leave room for a legend of so many lines above 10^exponents.
with_headroom <- function(exponents, lines) {
  legend <- min(0.5, lines * par("csi") / par("pin")[2])
  10^(exponents + c(0, diff(exponents) * legend / (1 - legend)))
}

# Returns ticks of an axis that counts.
whole_ticks <- function(counts) {
  ticks <- pretty(counts)
  ticks[ticks == round(ticks)]
}

# Says what is counted on the axis. By differences each gradient takes further evaluations, which `counts` includes.
describe_evaluations <- function(x) {
  by_differences <- x$counts[["function"]] >= 2 * max(x$counts[["gradient"]], 1)
  paste0("evaluations", if (by_differences) ", without those for differences")
}
