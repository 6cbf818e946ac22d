# Every vector of spec/clinical.md §4.8 once more, by R's own functions. Not a dependency: run it by hand,
#   Rscript hooks/progress/testdata/check.R > hooks/progress/testdata/check.txt
# and TestAgainstR reads the output.
options(digits = 12, scipen = 20)

say <- function(what, ...) cat(what, sprintf("%.12g", c(...)), "\n")

# 1. attack rate ratio: poisson.test
for (c in list(c(9, 28, 4, 28), c(11, 56, 0, 28), c(6, 25, 5, 40), c(0, 28, 3, 28), c(1, 14, 1, 365), c(120, 300, 95, 200), c(40, 28, 2, 56))) {
  r <- poisson.test(c(c[3], c[1]), c(c[4], c[2]))
  say("ratio", c, r$estimate, r$conf.int, r$p.value)
}

# 2. Newcombe's hybrid score interval on effective counts; Wilson parts by prop.test (no correction), which takes fractions
wilson <- function(x, n) as.numeric(suppressWarnings(prop.test(x, n, correct = FALSE)$conf.int))
for (c in list(c(14, 28, 7, 28, 0), c(14, 28, 7, 28, 0.4), c(0, 28, 5, 20, 0.2), c(20, 25, 25, 25, 0.9))) {
  f <- (1 - c[5]) / (1 + c[5])
  p <- c(c[1] / c[2], c[3] / c[4]); a <- wilson(c[1] * f, c[2] * f); b <- wilson(c[3] * f, c[4] * f)
  d <- p[2] - p[1]
  say("difference", c, 28 * d, 28 * (d - sqrt((p[2] - b[1])^2 + (a[2] - p[1])^2)), 28 * (d + sqrt((b[2] - p[2])^2 + (p[1] - a[1])^2)))
}
y <- as.numeric(strsplit("0110001110010000110000011000", "")[[1]]); m <- mean(y); n <- length(y)
say("rho", mean((y[-n] - m) * (y[-1] - m)) / mean((y - m)^2))

# 3. P(fell to left of what it was): integrate
for (c in list(c(14, 28, 7, 28, 0, 0.5), c(14, 28, 7, 28, 0.4, 0.5), c(12, 28, 3, 28, 0, 0.5), c(12, 28, 3, 28, 0, 0.25),
               c(12, 19, 2, 20, 0, 0.5), c(12, 19, 2, 20, 0.3516, 0.5), c(28, 28, 10, 28, 0.3, 0.5), c(5, 14, 0, 14, 0.9, 0.25), c(2000, 5000, 985, 5000, 0, 0.5))) {
  f <- (1 - c[5]) / (1 + c[5])
  a <- c(c[1] * f + 0.5, (c[2] - c[1]) * f + 0.5); b <- c(c[3] * f + 0.5, (c[4] - c[3]) * f + 0.5)
  # over the quantiles of the first Beta there is no infinite density
  g <- function(u) pbeta(c[6] * qbeta(u, a[1], a[2]), b[1], b[2])
  say("halved", c, integrate(g, 0, 1, rel.tol = 1e-12, subdivisions = 5000)$value)
}

# 5. a clinic: glm with patient effects; the negative binomial likelihood maximised by optimize (as MASS glm.nb does)
cohort <- function(before, now) {
  k <- length(before); y <- c(before, now); id <- factor(rep(1:k, 2)); g <- rep(0:1, each = k)
  m <- glm(y ~ id + g, family = poisson, control = glm.control(epsilon = 1e-14)); e <- coef(summary(m))["g", ]
  phi <- sum(residuals(m, "pearson")^2) / m$df.residual
  l <- function(t) sum(dnbinom(before, size = exp(t), mu = mean(before), log = TRUE) + dnbinom(now, size = exp(t), mu = mean(now), log = TRUE))
  theta <- exp(optimize(l, c(-3, 8), maximum = TRUE, tol = 1e-12)$maximum)
  se <- sqrt(sum(1 / (k * c(mean(before) / (1 + mean(before) / theta), mean(now) / (1 + mean(now) / theta)))))
  say("cohort", e[1], e[2] * sqrt(max(1, phi)), phi, se, theta)
}
cohort(c(12, 8, 15, 6, 20, 9, 11, 7, 14, 10, 5, 16), c(9, 7, 9, 5, 19, 4, 10, 3, 12, 6, 5, 10))
cohort(c(2, 18, 25, 6, 20, 3), c(20, 1, 25, 15, 2, 9))
