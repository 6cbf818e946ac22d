# Checks testdata/vectors.json against R, once: Rscript check.R > check-R-4.2.2.txt  (R 4.2, package survival; no test needs R)
# R has no exact mid-p interval and no sceptical posterior for a common odds ratio, so those are computed here from base R's
# own pieces (dhyper, choose), in another way than in Go: by plain products of probabilities instead of logarithms.
suppressMessages(library(survival))
options(digits = 10)

cases <- list(
  A = rbind(c(20,4,7,3), c(18,3,6,2), c(22,5,9,4)),
  B = rbind(c(24,5,6,5), c(21,4,7,4)),
  C = rbind(c(24,5,12,1), c(21,4,11,1), c(20,4,9,0)),
  D = rbind(c(25,3,10,1), c(25,3,10,1), c(25,3,10,2)))

# P(T = 0, 1, …) at odds ratio psi
dist <- function(b, psi) {
  out <- 1
  for (i in seq_len(nrow(b))) {
    n <- b[i,1]; k <- b[i,2]; m <- b[i,3]
    u <- 0:k
    f <- dhyper(u, m, n - m, k) * psi^u
    f <- f / sum(f)
    new <- rep(0, length(out) + k)
    for (j in seq_along(u)) new[(1:length(out)) + u[j]] <- new[(1:length(out)) + u[j]] + out * f[j]
    out <- new
  }
  out
}
upper <- function(b, psi) { T <- sum(b[,4]); p <- dist(b, psi); sum(p[(seq_along(p) - 1) > T]) + p[T + 1] / 2 }
least <- function(b) sum(pmax(0, b[,2] - b[,1] + b[,3]))
most  <- function(b) sum(pmin(b[,2], b[,3]))
root <- function(f) exp(uniroot(f, c(-15, 15), tol = 1e-14)$root)

p <- c()
for (name in names(cases)) {
  b <- cases[[name]]; T <- sum(b[,4])
  u0 <- upper(b, 1); pm <- min(1, 2 * min(u0, 1 - u0)); p[name] <- pm
  or <- if (T == least(b)) 0 else if (T == most(b)) Inf else
    root(function(beta) { d <- dist(b, exp(beta)); sum(d * (seq_along(d) - 1)) - T })
  lo <- if (T == least(b)) 0 else root(function(beta) upper(b, exp(beta)) - 0.025)
  hi <- if (T == most(b)) Inf else root(function(beta) 0.025 - (1 - upper(b, exp(beta))))
  grid <- seq(-6, 6, by = 0.005)
  w <- dnorm(grid, 0, 0.5) * sapply(grid, function(beta) dist(b, exp(beta))[T + 1]); w <- w / sum(w)
  q <- function(x) exp(grid[which(cumsum(w) >= x)[1]])
  cat(sprintf("%s  T %d  mid-p %.10g  OR %.10g (%.10g to %.10g)  posterior %.10g (%.10g to %.10g)  up %.9f down %.9f\n",
    name, T, pm, or, lo, hi, q(.5), q(.025), q(.975), sum(w[grid > log(1.2)]), sum(w[grid < -log(1.2)])))

  tab <- array(0, c(2, 2, nrow(b)))
  for (i in seq_len(nrow(b))) tab[,,i] <- matrix(c(b[i,4], b[i,3]-b[i,4], b[i,2]-b[i,4], b[i,1]-b[i,2]-b[i,3]+b[i,4]), 2)
  m <- mantelhaen.test(tab, exact = TRUE)
  cat(sprintf("   mantelhaen.test(exact): OR %.10g, p %.8g (not mid-p), %.6g to %.6g\n", m$estimate, m$p.value, m$conf.int[1], m$conf.int[2]))
  rows <- do.call(rbind, lapply(seq_len(nrow(b)), function(i) {
    n <- b[i,1]; k <- b[i,2]; mm <- b[i,3]; a <- b[i,4]
    data.frame(block = i, x = c(rep(1, mm), rep(0, n - mm)), y = c(rep(1, a), rep(0, mm - a), rep(1, k - a), rep(0, n - mm - k + a)))
  }))
  fit <- suppressWarnings(clogit(y ~ x + strata(block), data = rows, method = "exact"))
  cat(sprintf("   clogit(exact): beta %.7f, SE %.7f\n", coef(fit), sqrt(vcov(fit))))
}
cat("BH ", sprintf("%.10g", p.adjust(p, "BH")), "\n")

wilson <- function(x, n) suppressWarnings(prop.test(x, n, correct = FALSE)$conf.int)
for (v in list(c(6,22), c(5,61), c(0,10), c(10,10))) cat(sprintf("Wilson %d/%d: %.8f to %.8f\n", v[1], v[2], wilson(v[1], v[2])[1], wilson(v[1], v[2])[2]))

x <- c(3,5,2,6,4,7,1,2,3,8,5,4, 2,2,5,6,7,3,1,4,4,6,5,2, 1,3,3,5,8,9,2,4,6,5,7,3)
y <- c(0,0,0,1,0,1,0,0,0,1,0,0, 0,0,1,0,1,0,0,0,0,1,0,0, 0,0,0,0,1,1,0,0,1,0,0,0)
block <- rep(1:3, each = 12)
for (how in c("exact", "efron", "breslow")) {
  fit <- clogit(y ~ x + strata(block), method = how)
  cat(sprintf("dose, %s: beta %.9f, SE %.9f, log-lik %.9f (null %.8f)\n", how, coef(fit), sqrt(vcov(fit)), fit$loglik[2], fit$loglik[1]))
}
