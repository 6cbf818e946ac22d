package triggers

import (
	"encoding/json"
	"math"
	"slices"
)

// Block is one stretch of 28 days, or one pair of a planned test: n at-risk days, k of them onsets, m exposed, a both.
type Block struct {
	N int `json:"n"`
	K int `json:"k"`
	M int `json:"m"`
	A int `json:"a"`
}

// informative: both an onset and a day without, both an exposed day and one that is not. The others say nothing.
func (b Block) informative() bool { return 0 < b.K && b.K < b.N && 0 < b.M && b.M < b.N }

// Odds is an odds ratio or its bound. Without an upper bound (JSON: null) it is +Inf.
type Odds float64

func (o Odds) MarshalJSON() ([]byte, error) {
	if math.IsInf(float64(o), 1) {
		return []byte("null"), nil
	}
	return json.Marshal(float64(o))
}

func (o *Odds) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*o = Odds(math.Inf(1))
		return nil
	}
	return json.Unmarshal(data, (*float64)(o))
}

// Estimate is what exact conditional inference says about one factor (§4.4).
type Estimate struct {
	P      float64 `json:"p"` // mid-p, two-sided
	OR     Odds    `json:"or"`
	Low    Odds    `json:"low"` // 95 % interval, by mid-p
	High   Odds    `json:"high"`
	Median Odds    `json:"median"` // sceptical posterior: median and 95 %
	From   Odds    `json:"from"`
	To     Odds    `json:"to"`
	PUp    float64 `json:"pUp"`   // P(OR > 1.2)
	PDown  float64 `json:"pDown"` // P(OR < 1/1.2)
}

const (
	tail      = 0.025
	reach     = 15.0 // β is looked for between −15 and 15
	prior     = 0.5  // standard deviation of β before the data: 95 % of odds ratios between 0.38 and 2.66
	gridReach = 6.0
	gridSteps = 2401 // −6 … 6 by 0.005
	someLink  = 1.2  // an odds ratio that would matter to somebody
)

// Infer is §4.4 on one factor's blocks.
func Infer(blocks []Block) Estimate {
	d, t := distributionOf(blocks)
	e := Estimate{P: d.midP(t)}
	e.OR, e.Low, e.High = d.conditional(t)
	d.sceptical(t, &e)
	return e
}

// distribution is the exact distribution of T, the number of exposed onsets, given everything else: T runs from least,
// and log[i] is the log weight of least+i when exposure does not matter (β = 0).
type distribution struct {
	least int
	log   []float64
}

// distributionOf convolves the blocks' hypergeometric weights; t is T as it was seen.
func distributionOf(blocks []Block) (d distribution, t int) {
	d = distribution{log: []float64{0}}
	for _, b := range blocks {
		t += b.A
		low, high := max(0, b.K-b.N+b.M), min(b.K, b.M)
		own := make([]float64, high-low+1)
		for i := range own {
			own[i] = choose(b.M, low+i) + choose(b.N-b.M, b.K-low-i)
		}
		d = distribution{d.least + low, convolve(d.log, own)}
	}
	return d, t
}

// choose is the logarithm of n over k.
func choose(n, k int) float64 { return factorial(n) - factorial(k) - factorial(n-k) }

func factorial(n int) float64 {
	log, _ := math.Lgamma(float64(n + 1))
	return log
}

// convolve multiplies two polynomials whose coefficients are given by their logarithms.
func convolve(a, b []float64) []float64 {
	out := make([]float64, len(a)+len(b)-1)
	terms := make([]float64, 0, min(len(a), len(b)))
	for s := range out {
		terms = terms[:0]
		for i := max(0, s-len(b)+1); i <= min(s, len(a)-1); i++ {
			terms = append(terms, a[i]+b[s-i])
		}
		out[s] = logSum(terms)
	}
	return out
}

func logSum(logs []float64) float64 {
	top := slices.Max(logs)
	sum := 0.0
	for _, l := range logs {
		sum += math.Exp(l - top)
	}
	return top + math.Log(sum)
}

// at is how probable fewer than t, t, and more than t are at β.
func (d distribution) at(beta float64, t int) (below, equal, above float64) {
	top := math.Inf(-1)
	for i, l := range d.log {
		top = max(top, l+beta*float64(i))
	}
	for i, l := range d.log {
		w := math.Exp(l + beta*float64(i) - top)
		switch {
		case d.least+i < t:
			below += w
		case d.least+i > t:
			above += w
		default:
			equal += w
		}
	}
	sum := below + equal + above
	return below / sum, equal / sum, above / sum
}

func (d distribution) midP(t int) float64 {
	below, equal, above := d.at(0, t)
	return min(1, 2*min(above+equal/2, below+equal/2))
}

// mean of T at β.
func (d distribution) mean(beta float64) float64 {
	top := math.Inf(-1)
	for i, l := range d.log {
		top = max(top, l+beta*float64(i))
	}
	sum, weights := 0.0, 0.0
	for i, l := range d.log {
		w := math.Exp(l + beta*float64(i) - top)
		weights += w
		sum += w * float64(i)
	}
	return float64(d.least) + sum/weights
}

// conditional is the conditional maximum-likelihood odds ratio and its 95 % mid-p interval. T at its least gives 0 and
// no lower bound, T at its most ∞ and no upper bound.
func (d distribution) conditional(t int) (or, low, high Odds) {
	most := d.least + len(d.log) - 1
	or, low, high = 0, 0, Odds(math.Inf(1))
	if t == most {
		or = high
	}
	if d.least < t && t < most {
		or = Odds(math.Exp(rising(func(beta float64) float64 { return d.mean(beta) - float64(t) })))
	}
	if t > d.least {
		low = Odds(math.Exp(rising(func(beta float64) float64 {
			_, equal, above := d.at(beta, t)
			return above + equal/2 - tail
		})))
	}
	if t < most {
		high = Odds(math.Exp(rising(func(beta float64) float64 {
			below, equal, _ := d.at(beta, t)
			return tail - below - equal/2
		})))
	}
	return or, low, high
}

// rising finds the zero of a function that grows with β, by halving.
func rising(f func(beta float64) float64) float64 {
	low, high := -reach, reach
	for high-low > 1e-12 {
		if mid := (low + high) / 2; f(mid) < 0 {
			low = mid
		} else {
			high = mid
		}
	}
	return (low + high) / 2
}

// sceptical is the posterior on the grid: most factors are expected to matter little until the data say otherwise.
func (d distribution) sceptical(t int, e *Estimate) {
	weights := make([]float64, gridSteps)
	up, down := d.around(t)
	for g := range weights {
		beta := gridAt(g)
		weights[g] = math.Exp(-beta*beta/(2*prior*prior)) / (polynomial(up, math.Exp(beta)) + polynomial(down, math.Exp(-beta)) - 1)
		switch {
		case beta > math.Log(someLink):
			e.PUp += weights[g]
		case beta < -math.Log(someLink):
			e.PDown += weights[g]
		}
	}
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	e.PUp, e.PDown = e.PUp/sum, e.PDown/sum
	e.From, e.Median, e.To = quantile(weights, sum, tail), quantile(weights, sum, 0.5), quantile(weights, sum, 1-tail)
}

// around gives the weights of t, t+1, … and of t, t−1, … against that of t, so that the grid needs no logarithm: the
// probability of t at β is one over the sum of them all, each times e^{β·distance}.
func (d distribution) around(t int) (up, down []float64) {
	i := t - d.least
	for j := i; j < len(d.log); j++ {
		up = append(up, math.Exp(d.log[j]-d.log[i]))
	}
	for j := i; j >= 0; j-- {
		down = append(down, math.Exp(d.log[j]-d.log[i]))
	}
	return up, down
}

func polynomial(coefficients []float64, z float64) (sum float64) {
	for i := len(coefficients) - 1; i >= 0; i-- {
		sum = sum*z + coefficients[i]
	}
	return sum
}

func gridAt(g int) float64 { return (float64(g) - (gridSteps-1)/2) * 2 * gridReach / (gridSteps - 1) }

// quantile is the first grid point at which the weight so far is at least q.
func quantile(weights []float64, sum, q float64) Odds {
	so := 0.0
	for g, w := range weights {
		if so += w; so >= q*sum {
			return Odds(math.Exp(gridAt(g)))
		}
	}
	return Odds(math.Exp(gridReach))
}

// BenjaminiHochberg turns p values into q values: among all links called at q ≤ 0.10, one in ten is expected to be
// false.
func BenjaminiHochberg(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return 0
	})
	q := make([]float64, len(p))
	least := 1.0
	for rank := len(order); rank > 0; rank-- {
		i := order[rank-1]
		least = min(least, p[i]*float64(len(p))/float64(rank))
		q[i] = least
	}
	return q
}

// Share is a plain frequency, always shown first: so many of so many days, with Wilson's 95 % interval.
type Share struct {
	Of   int     `json:"of"`
	Days int     `json:"days"`
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Wilson's interval, kept within 0 and 1. Of no days nothing is known.
func Wilson(of, days int) Share {
	s := Share{Of: of, Days: days, Low: 0, High: 1}
	if days == 0 {
		return s
	}
	const z = 1.959963984540054
	n := float64(days)
	p := float64(of) / n
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	s.Low, s.High = max(0, middle-half), min(1, middle+half)
	if of == 0 {
		s.Low = 0 // rounding leaves 1e-17
	}
	if of == days {
		s.High = 1
	}
	return s
}
