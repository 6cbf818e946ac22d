package progress

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// RateRatio compares x2 events in t2 days with x1 events in t1 days, exactly: given both together, x2 is binomial. The
// interval is Clopper and Pearson's, p sums what is no likelier than what happened; both as R's
// poisson.test(c(x2, x1), c(t2, t1)). Without events before the ratio is infinite, without any it is NaN.
func RateRatio(x1 int, t1 float64, x2 int, t2 float64) (ratio, low, high, p float64) {
	n, odds := x1+x2, t1/t2
	ratio = float64(x2) / float64(x1) * odds
	low, high = 0, math.Inf(1)
	if x2 > 0 {
		low = odds * oddsAt(float64(x2), float64(x1+1), 0.025)
	}
	if x1 > 0 {
		high = odds * oddsAt(float64(x2+1), float64(x1), 0.975)
	}
	return ratio, low, high, twoSided(x2, n, t2/(t1+t2))
}

// oddsAt is q/(1−q) at the quantile q of Beta(a, b). Near 1 the other tail is asked, where no digits are lost.
func oddsAt(a, b, at float64) float64 {
	q := mathext.InvRegIncBeta(a, b, at)
	if q > 0.5 {
		rest := mathext.InvRegIncBeta(b, a, 1-at)
		return (1 - rest) / rest
	}
	return q / (1 - q)
}

// twoSided is the probability of all that is no likelier than x of n.
func twoSided(x, n int, p float64) float64 {
	const rounding = 1 + 1e-7 // as R's binom.test
	limit := binomial(x, n, p) * rounding
	sum := 0.0
	for i := range n + 1 {
		if d := binomial(i, n, p); d <= limit {
			sum += d
		}
	}
	return min(sum, 1)
}

func binomial(x, n int, p float64) float64 {
	a, b := float64(x), float64(n-x)
	return math.Exp(-mathext.Lbeta(a+1, b+1) - math.Log(float64(n+1)) + a*math.Log(p) + b*math.Log1p(-p))
}
