package medication

import (
	"math"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

// Share is a proportion with its n. Below five there is no percentage.
type Share struct {
	Yes     int          `json:"yes"`
	N       int          `json:"n"`
	Percent *diary.Rate  `json:"percent"`
	Low     *diary.Rate  `json:"low"`
	High    *diary.Rate  `json:"high"`
	Reason  diary.Reason `json:"reason"`
}

// ShareOf n attacks.
func ShareOf(yes, n int) Share {
	s := Share{Yes: yes, N: n}
	s.finish()
	return s
}

func (s *Share) count(a clinic.YesNo) {
	if a.Known() {
		s.N++
	}
	if a == clinic.Yes {
		s.Yes++
	}
}

func (s *Share) finish() {
	if s.N < fewestAttacks {
		s.Reason = TooFewAttacks
		return
	}
	percent := diary.Rate(100 * float64(s.Yes) / float64(s.N))
	low, high := wilson(s.Yes, s.N)
	s.Percent, s.Low, s.High = &percent, &low, &high
}

// wilson is the 95 % score interval of a proportion, in per cent (Wilson 1927). It does not leave 0–100; the clamp takes
// off what rounding adds at the edges.
func wilson(yes, of int) (low, high diary.Rate) {
	const z = 1.959963984540054
	n, p := float64(of), float64(yes)/float64(of)
	middle := (p + z*z/(2*n)) / (1 + z*z/n)
	half := z / (1 + z*z/n) * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	clamp := func(x float64) diary.Rate { return diary.Rate(100 * min(max(x, 0), 1)) }
	return clamp(middle - half), clamp(middle + half)
}
