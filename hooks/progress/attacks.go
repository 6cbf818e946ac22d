package progress

import "interictal/hooks/diary"

// Attacks compares attack rates with B1's.
type Attacks struct {
	Now       Ratio      `json:"now"` // the last full window
	Row       []Ratio    `json:"row"`
	FollowUps []FollowUp `json:"followUps"` // after the plan was closed
}

// Ratio is one window's attack rate over B1's.
type Ratio struct {
	Window string        `json:"window"`
	Full   bool          `json:"full"`
	Rate   diary.Measure `json:"rate"`
	Ratio  Interval      `json:"ratio"`
	P      *Probability  `json:"p"`
}

// FollowUp is the ratio some months after the plan was closed.
type FollowUp struct {
	Months int `json:"months"`
	Ratio
}

// followUps says which P window ends last before 3, 6 and 12 months (S-65): 91, 182 and 365 days hold so many times 28.
var followUps = []struct {
	months int
	window string
}{{3, "P3"}, {6, "P6"}, {12, "P13"}}

// AttackRates compares every window with B1.
func AttackRates(windows []diary.Window) Attacks {
	out := Attacks{Now: noRatio("", diary.NoFullWindow), Row: []Ratio{}, FollowUps: []FollowUp{}}
	if len(windows) == 0 {
		return out
	}
	full := map[string]Ratio{}
	for _, w := range windows[1:] {
		r := ratioOf(windows[0].Attacks28, w)
		out.Row = append(out.Row, r)
		if w.Full {
			out.Now, full[w.Name] = r, r
		}
	}
	for _, f := range followUps {
		r, there := full[f.window]
		if !there {
			r = noRatio(f.window, NotYet)
		}
		out.FollowUps = append(out.FollowUps, FollowUp{f.months, r})
	}
	return out
}

func noRatio(window string, why diary.Reason) Ratio {
	return Ratio{Window: window, Rate: diary.Measure{Reason: why}, Ratio: Interval{Reason: why}}
}

func ratioOf(base diary.Measure, w diary.Window) Ratio {
	now := w.Attacks28
	r := Ratio{Window: w.Name, Full: w.Full, Rate: now}
	if r.Ratio.Reason = cannot(base, now); r.Ratio.Reason != "" {
		return r
	}
	if base.N+now.N == 0 {
		r.Ratio.Reason = diary.NoAttacks
		return r
	}
	ratio, low, high, p := RateRatio(base.N, float64(base.Days), now.N, float64(now.Days))
	shown := Probability(p)
	r.Ratio, r.P = interval(ratio, low, high), &shown
	if base.N == 0 {
		r.Ratio.Reason = diary.BaseZero
	}
	return r
}
