# A GARCH(1,1) for the daily log returns of the DAX, in percent, by maximum likelihood under bounds.
# vignettes/lbfgsb.Rmd tells the same story at length, with a gradient.
library(lbfgsb)

# Minus the log-likelihood of y[t] = mu + e[t], e[t] ~ N(0, h[t]), where
#   h[t] = omega + alpha e[t-1]^2 + beta h[t-1]   and   e[0]^2 = h[0] = s.
garch <- function(par, y, s = mean((y - mean(y))^2)) {
  e <- y - par["mu"]
  news <- par["omega"] + par["alpha"] * c(s, head(e, -1)^2)
  h <- filter(news, par["beta"], "recursive", init = s)
  sum(log(2 * pi * h) + e^2 / h) / 2
}

returns <- c(100 * diff(log(EuStockMarkets[, "DAX"])))
start <- c(mu = mean(returns), omega = 0.1 * var(returns), alpha = 0.1, beta = 0.8)

fit <- lbfgsb(start, garch, y = returns,
              lower = c(omega = 1e-6, alpha = 0, beta = 0), upper = c(alpha = 1, beta = 1))
print(fit)

png("garch-convergence.png", width = 800, height = 500, res = 110)
plot(fit, main = "GARCH(1,1) for the DAX")
invisible(dev.off())
cat("The picture of its convergence: garch-convergence.png, in the current directory\n")
