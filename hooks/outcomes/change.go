package outcomes

import "math"

// Verdict on a change.
type Verdict string

const (
	WorthNoting   Verdict = "worth_noting"
	BelowWorth    Verdict = "below_worth_noting"
	WithinNoise   Verdict = "within_noise"
	BeyondNoise   Verdict = "beyond_noise" // of a physical measure: nobody has said what is worth noting
	NoRule        Verdict = "no_rule"      // no size was published
	NotComparable Verdict = "not_comparable"
)

// readings are how a verdict reads in plain words.
var readings = map[Verdict]string{
	WorthNoting:   "a change worth noting",
	BelowWorth:    "smaller than a change worth noting",
	WithinNoise:   "within measurement noise",
	BeyondNoise:   "more than measurement noise",
	NoRule:        "no size worth noting is known",
	NotComparable: "cannot be compared",
}

// Way a change went, for the person.
type Way string

const (
	Better Way = "better"
	Worse  Way = "worse"
	Same   Way = "same"
)

// Change between two scores. By is null, with a reason, where they cannot be compared.
type Change struct {
	By      *float64 `json:"by"`
	Way     Way      `json:"way"`
	Verdict Verdict  `json:"verdict"`
	Reads   string   `json:"reads"`
	Reached *Worth   `json:"reached"` // the largest published size it reaches
	Next    *Worth   `json:"next"`    // the smallest it does not
	Source  string   `json:"source"`
	Reason  string   `json:"reason"`
}

// Compare two scores of one scale. A scale that is itself a rating of change is read as it is.
func (s Scale) Compare(before, after *float64) Change {
	if s.Rated && after != nil {
		return s.weigh(*after, math.NaN())
	}
	if before == nil || after == nil {
		return incomparable("NO_SCORE")
	}
	return s.weigh(*after-*before, *before)
}

func incomparable(reason string) Change {
	return Change{Verdict: NotComparable, Reads: readings[NotComparable], Reason: reason}
}

func (s Scale) weigh(by, before float64) Change {
	c := Change{By: &by, Way: wayOf(by, s.HighGood), Verdict: NoRule}
	for i := range s.Worth {
		w := s.Worth[i]
		if before < w.From || w.To > 0 && before > w.To {
			continue
		}
		if w.reached(by, before) {
			c.Reached, c.Verdict = &w, WorthNoting
			continue
		}
		c.Next = &w
		break
	}
	if c.Reached == nil && c.Next != nil {
		c.Verdict = BelowWorth
		if c.Next.Noise {
			c.Verdict = WithinNoise
		}
	}
	c.Reads = readings[c.Verdict]
	for _, w := range []*Worth{c.Next, c.Reached} {
		if w != nil {
			c.Source = w.Source
		}
	}
	return c
}

func (w Worth) reached(by, before float64) bool {
	if w.Percent {
		return math.Abs(by)*100 >= w.Size*math.Abs(before)-tiny
	}
	return math.Abs(by) >= w.Size-tiny
}

func wayOf(by float64, highGood bool) Way {
	switch {
	case math.Abs(by) < tiny:
		return Same
	case by > 0 == highGood:
		return Better
	}
	return Worse
}
