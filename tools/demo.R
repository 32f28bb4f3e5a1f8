# A GARCH(1,1) for the daily log returns of the DAX, in percent, by maximum likelihood under bounds.
# vignettes/lbfgsb.Rmd tells the same story at length, with a gradient.
library(lbfgsb)

# Minus the log-likelihood of y[t] = mu + e[t], e[t] ~ N(0, h[t]), where
#   h[t] = omega + alpha e[t-1]^2 + beta h[t-1]   and   e[0]^2 = h[0] = s.
garch <- function(par, y, s = mean((y - mean(y))^2)) {
  h <- variances(par, y, s)
  sum(log(2 * pi * h) + (y - par["mu"])^2 / h) / 2
}
variances <- function(par, y, s = mean((y - mean(y))^2)) {
  news <- par["omega"] + par["alpha"] * c(s, head(y - par["mu"], -1)^2)
  filter(news, par["beta"], "recursive", init = s)
}

returns <- c(100 * diff(log(EuStockMarkets[, "DAX"])))
start <- c(mu = mean(returns), omega = 0.1 * var(returns), alpha = 0.1, beta = 0.8)

fit <- lbfgsb(start, garch, y = returns,
              lower = c(omega = 1e-6, alpha = 0, beta = 0), upper = c(alpha = 1, beta = 1))
print(fit)

days <- time(EuStockMarkets)[-1]
deviation <- sqrt(variances(coef(fit), returns))
png("garch.png", width = 1200, height = 500, res = 110)
layout(t(1:2), widths = c(2, 3))
par(mar = c(4, 4, 3, 1))
plot(fit, main = "Convergence")
plot(days, returns, type = "h", col = "grey60", las = 1, xlab = "", ylab = "percent a day",
     main = "DAX: returns, and twice their fitted deviation")
lines(days, 2 * deviation)
lines(days, -2 * deviation)
invisible(dev.off())
cat("The pictures of convergence and fit: garch.png, in the current directory\n")
