package progress

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Halved is the probability that the rate fell to `left` of what it was, or further: left is 0.5 for "halved". The two
// shares are independent Beta(x+½, n−x+½) (Jeffreys), so it is ∫ dBeta(p; before) · PBeta(left·p; now).
//
// The integral is a double exponential one: p = 1/(1+e^−2s) with s = π/2 sinh t makes both ends harmless, the density's
// infinite one at 0 included, and halving the step doubles the exact digits.
func Halved(before, now Count, f, left float64) float64 {
	a, b := before.thinned(f), now.thinned(f)
	return min(max(expect(a, func(p float64) float64 {
		return mathext.RegIncBeta(b.x+0.5, b.n-b.x+0.5, left*p)
	}), 0), 1)
}

const (
	reach    = 4.5  // beyond |t| both ends have vanished: p^½ < 10⁻²⁵
	nearly   = 1e-8 // two sums this close: the next would differ by far less than 1e-12
	halvings = 10
	nothing  = 1e-18
)

// expect is the mean of g under Beta(x+½, n−x+½).
func expect(s share, g func(p float64) float64) float64 {
	x, y := s.x+0.5, s.n-s.x+0.5
	scale := mathext.Lbeta(x, y)
	at := func(t float64) float64 {
		p, logP, logQ := logistic(math.Pi * math.Sinh(t))
		weight := math.Pi * math.Cosh(t) * math.Exp(x*logP+y*logQ-scale)
		if weight < nothing {
			return 0
		}
		return weight * g(p)
	}
	step, sum := 0.5, 0.0
	fine := min(0.1, 0.5/math.Sqrt(s.n+1)) // a density of many days is a narrow peak that wide steps can miss
	for t := -reach; t <= reach; t += step {
		sum += at(t)
	}
	for range halvings {
		before := sum * step
		for t := -reach + step/2; t <= reach; t += step {
			sum += at(t)
		}
		step /= 2
		if step < fine && math.Abs(sum*step-before) < nearly {
			break
		}
	}
	return sum * step
}

// logistic is p = 1/(1+e^−u) with the logarithms of p and 1−p, exact at both ends.
func logistic(u float64) (p, logP, logQ float64) {
	if u < 0 {
		e := math.Exp(u)
		return e / (1 + e), u - math.Log1p(e), -math.Log1p(e)
	}
	e := math.Exp(-u)
	return 1 / (1 + e), -math.Log1p(e), -u - math.Log1p(e)
}
