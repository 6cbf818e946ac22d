package progress

import (
	"math"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

// share is x of n days, both already thinned: neither is a whole number any more.
type share struct{ x, n float64 }

func (s share) p() float64 { return s.x / s.n }

// Count is so many such days of so many days.
type Count struct{ Yes, Days int }

// thinned makes the effective count: days that resemble the day before say less than their number (spec §4.8, 2).
func (c Count) thinned(f float64) share { return share{float64(c.Yes) * f, float64(c.Days) * f} }

const (
	fewestPairs = 20  // pairs of days for an estimate of ρ
	assumedRho  = 0.3 // else
	highestRho  = 0.9
)

// Rho says how much a day resembles the day before it: the lag-1 autocorrelation within phases, pooled.
type Rho struct {
	Value   diary.Rate `json:"value"`
	Pairs   int        `json:"pairs"`
	Assumed bool       `json:"assumed"` // too few pairs, or days that are all alike: 0.3
}

// Shrink is the factor from days to effective days.
func (r Rho) Shrink() float64 {
	rho := min(max(float64(r.Value), 0), highestRho)
	return (1 - rho) / (1 + rho)
}

// Autocorrelation is the mean product of neighbouring days over the mean square, each about the mean of its phase. Only
// two days that follow each other and are both known make a pair.
func Autocorrelation(phases ...[]clinic.YesNo) Rho {
	var products, squares float64
	var pairs, days int
	for _, phase := range phases {
		mean := meanOf(phase)
		for i, day := range phase {
			if !day.Known() {
				continue
			}
			days++
			squares += square(about(day, mean))
			if i > 0 && phase[i-1].Known() {
				pairs++
				products += about(phase[i-1], mean) * about(day, mean)
			}
		}
	}
	if pairs < fewestPairs || squares == 0 {
		return Rho{Value: assumedRho, Pairs: pairs, Assumed: true}
	}
	return Rho{Value: diary.Rate(products / float64(pairs) / (squares / float64(days))), Pairs: pairs}
}

func meanOf(phase []clinic.YesNo) float64 {
	c := countOf(phase)
	return float64(c.Yes) / float64(max(c.Days, 1))
}

func countOf(phase []clinic.YesNo) (c Count) {
	for _, day := range phase {
		if day.Known() {
			c.Days++
		}
		if day == clinic.Yes {
			c.Yes++
		}
	}
	return c
}

func about(day clinic.YesNo, mean float64) float64 {
	if day == clinic.Yes {
		return 1 - mean
	}
	return -mean
}

func square(x float64) float64 { return x * x }

// z is the 97.5 % point of the normal distribution.
const z = 1.959963984540054

// wilson is the score interval of one share.
func (s share) wilson() (low, high float64) {
	middle := (s.x + z*z/2) / (s.n + z*z)
	half := z / (s.n + z*z) * math.Sqrt(s.x*(s.n-s.x)/s.n+z*z/4)
	return max(middle-half, 0), min(middle+half, 1)
}

// Difference is now − before for each 28 days, with Newcombe's hybrid score interval.
func Difference(before, now Count, f float64) (value, low, high float64) {
	a, b := before.thinned(f), now.thinned(f)
	aLow, aHigh := a.wilson()
	bLow, bHigh := b.wilson()
	d := b.p() - a.p()
	return 28 * d,
		28 * (d - math.Hypot(b.p()-bLow, aHigh-a.p())),
		28 * (d + math.Hypot(bHigh-b.p(), a.p()-aLow))
}
