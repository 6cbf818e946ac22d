package triggers

import "math"

// Slope is the dose version: how the odds of an onset change for one unit more of a number.
type Slope struct {
	Onsets int     `json:"onsets"`
	Beta   float64 `json:"beta"` // log odds ratio for one unit more
	SE     float64 `json:"se"`
	OR     Odds    `json:"or"`
	Low    Odds    `json:"low"` // 95 %, β ± 1.96 SE
	High   Odds    `json:"high"`
	LogLik float64 `json:"-"`
	Null   float64 `json:"-"` // log likelihood at β = 0
}

// Amount is one at-risk day: how much, and whether an attack began.
type Amount struct {
	X     float64
	Onset bool
}

const (
	doseOnsets = 20   // §4.5: fewer onsets say too little about a slope
	steepest   = 30.0 // |β| × range of x: beyond it every onset lies on the highest (or lowest) days, and there is no slope
)

// FitSlope maximises the exact conditional likelihood, never Efron's or Breslow's approximation of it. It is nil where the
// likelihood has no maximum: all onsets on the highest or on the lowest days, or no two amounts in any block.
func FitSlope(blocks [][]Amount) *Slope {
	sets, width, onsets := riskSets(blocks)
	if width == 0 {
		return nil
	}
	s := &Slope{Onsets: onsets}
	s.Null, _, _ = likelihood(sets, 0)
	for range 100 {
		_, score, information := likelihood(sets, s.Beta)
		if information <= 0 {
			return nil
		}
		step := max(-1/width, min(1/width, score/information)) // short steps: the function is concave, not tame
		s.Beta += step
		if math.Abs(s.Beta)*width > steepest {
			return nil
		}
		if math.Abs(step)*width < 1e-12 {
			break
		}
	}
	ll, _, information := likelihood(sets, s.Beta)
	s.LogLik, s.SE = ll, 1/math.Sqrt(information)
	s.OR, s.Low, s.High = Odds(math.Exp(s.Beta)), Odds(math.Exp(s.Beta-1.959963984540054*s.SE)), Odds(math.Exp(s.Beta+1.959963984540054*s.SE))
	return s
}

// riskSet is one block: amounts counted from its middle, of which `cases` had an onset and `sum` is theirs.
type riskSet struct {
	x     []float64
	cases int
	sum   float64
}

// riskSets keeps the blocks that can say something; width is the widest range of amounts within one.
func riskSets(blocks [][]Amount) (sets []riskSet, width float64, onsets int) {
	for _, block := range blocks {
		s, low, high := riskSet{}, math.Inf(1), math.Inf(-1)
		for _, day := range block {
			low, high = min(low, day.X), max(high, day.X)
		}
		for _, day := range block {
			x := day.X - (low+high)/2
			s.x = append(s.x, x)
			if day.Onset {
				s.cases++
				s.sum += x
			}
		}
		if onsets += s.cases; s.cases > 0 && s.cases < len(s.x) && high > low {
			sets, width = append(sets, s), max(width, high-low)
		}
	}
	return sets, width, onsets
}

// likelihood at β: its logarithm, slope and curvature. The sum over all ways to choose the days of the onsets is built day
// by day: B(j, with one day more) = B(j) + e^{βx}·B(j−1), and the same for its two derivatives.
func likelihood(sets []riskSet, beta float64) (ll, score, information float64) {
	for _, s := range sets {
		top := math.Inf(-1)
		for _, x := range s.x {
			top = max(top, beta*x)
		}
		b, d1, d2 := make([]float64, s.cases+1), make([]float64, s.cases+1), make([]float64, s.cases+1)
		b[0] = 1
		for _, x := range s.x {
			w := math.Exp(beta*x - top)
			for j := s.cases; j > 0; j-- {
				d2[j] += w * (d2[j-1] + 2*x*d1[j-1] + x*x*b[j-1])
				d1[j] += w * (d1[j-1] + x*b[j-1])
				b[j] += w * b[j-1]
			}
		}
		mean := d1[s.cases] / b[s.cases]
		ll += beta*s.sum - math.Log(b[s.cases]) - float64(s.cases)*top
		score += s.sum - mean
		information += d2[s.cases]/b[s.cases] - mean*mean
	}
	return ll, score, information
}
