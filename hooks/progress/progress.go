// Package progress says whether there are fewer headaches than before, and how sure the diary is of it. It stands on the
// windows of package diary, knows no patient and no clock, and names no cause (spec/clinical.md §4.8).
//
// # The five numbers, and nothing else to a patient
//
//  1. the rate for 28 days, with the days it rests on;
//  2. the difference to B1, with a 95 % interval;
//  3. the change in per cent;
//  4. the probability that the rate was halved, in a word: ≥0.8 "likely halved", ≤0.2 "probably not halved", else
//     "too early to say"; the same for a fall by 75 %;
//  5. the run chart of weekly headache days.
//
// B1 is compared with the last full window and never with the best one; the row shows every window. A window needs 14
// recorded days as in diary; what is missing is null with its reason.
//
// # Days resemble each other
//
// A headache day is often followed by another, so 28 days say less than 28 coin tosses. ρ is the correlation of a day
// with the day before, within B1 and the other window, pooled; both numbers below count with x·f of n·f days,
// f = (1−ρ)/(1+ρ). With fewer than 20 pairs of recorded days, or days that are all alike, ρ is taken as 0.3.
//
//	difference   Newcombe's hybrid score: two Wilson intervals put together.  14/28 → 7/28: −7 (−13.0 to 0.1)
//	halved       two independent Beta(x+½, n−x+½).                           14/28 → 7/28: 0.48
//
// # Run chart
//
// Weeks count from B1's first day, each over when its seventh day is. A week with 5 or more days decided is a point, scaled to 7 days. The
// line is the median of B1's points, if there are 3 or more [D]. A signal is 6 points in a row on one side, since the
// anchor; points on the line are passed over, and so are weeks without a point.
//
// # Attacks
//
// The ratio of attack rates, its exact interval and p, from the attacks and recorded days of both windows: 9 in 28 days and
// then 4 in 28 are 0.44 (0.10 to 1.59). Three, six and twelve months after the plan was closed it is that of P3, P6 and P13,
// the last 28 days before.
//
// # Beside headaches
//
// Neck pain on the day before a headache day, on it, after it and between: means over the days that have a neck score. A
// day between two headache days is both a day before and a day after. Attacks with and without cold or a device: medians
// of duration and pain, at least 5 attacks on each side. Whoever hurts longer has more time to reach for the cold pack: the
// two sides describe, they do not compare like with like.
//
// # A clinic
//
// Only together, from 20 patients on, and no group of fewer than 5 is shown (cohort.go).
//
// Every before/after view carries Caption: people often start in a bad month.
package progress

import (
	"encoding/json"
	"math"
	"strconv"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

// Caption is the code of the text that stands under every before/after view: "People often start treatment in a bad
// month, and headaches then ease by themselves for some. This shows what happened, not what caused it."
const Caption = "T-BEFORE-AFTER"

// Reasons beside those of diary.
const (
	NotEnoughWeeks    diary.Reason = "NOT_ENOUGH_WEEKS"
	NotEnoughAttacks  diary.Reason = "NOT_ENOUGH_ATTACKS"
	NotEnoughPatients diary.Reason = "NOT_ENOUGH_PATIENTS"
	SmallCell         diary.Reason = "SMALL_CELL"
	NotYet            diary.Reason = "NOT_YET"
)

// Numbers are the five numbers of one patient.
type Numbers struct {
	Caption       string   `json:"caption"`
	HeadacheDays  Compared `json:"headacheDays"`
	MigraineDays  Compared `json:"migraineDays"`
	ModSevereDays Compared `json:"modSevereDays"`
	RunChart      RunChart `json:"runChart"`
}

// Compared is one measure in B1, in the last full window, and in every window.
type Compared struct {
	Base diary.Measure `json:"base"`
	Now  Change        `json:"now"`
	Row  []Change      `json:"row"`
}

// Change is one window beside B1.
type Change struct {
	Window        string        `json:"window"` // "" while there is no full one
	Full          bool          `json:"full"`
	Rate          diary.Measure `json:"rate"`
	Difference    Interval      `json:"difference"`
	ChangePercent Percent       `json:"changePercent"`
	Halved        Chance        `json:"halved"`
	Fell75        Chance        `json:"fell75"`
	Rho           Rho           `json:"rho"`
}

// Interval is a number with its 95 % interval. A bound that is null has no end.
type Interval struct {
	Value  *diary.Rate  `json:"value"`
	Low    *diary.Rate  `json:"low"`
	High   *diary.Rate  `json:"high"`
	Reason diary.Reason `json:"reason"`
}

// Percent is the change against B1, as diary's responder has it.
type Percent struct {
	Value  *diary.Rate  `json:"value"`
	Reason diary.Reason `json:"reason"`
}

// Chance is a probability and its word.
type Chance struct {
	Probability *Probability `json:"probability"`
	Words       Words        `json:"words"`
	Reason      diary.Reason `json:"reason"`
}

// Probability is exact in Go and has four digits in JSON, so that a small one is not shown as none.
type Probability float64

func (p Probability) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(p), 'g', 4, 64), nil
}

// Words are what a probability comes to; "" (null in JSON) where there is none.
type Words string

func (w Words) MarshalJSON() ([]byte, error) {
	if w == "" {
		return []byte("null"), nil
	}
	return json.Marshal(string(w))
}

const (
	Likely      Words = "likely"
	ProbablyNot Words = "probably_not"
	TooEarly    Words = "too_early_to_say"
)

func wordsFor(p float64) Words {
	switch {
	case p >= 0.8:
		return Likely
	case p <= 0.2:
		return ProbablyNot
	}
	return TooEarly
}

// Of takes the windows as diary.Windows made them from the same entries, and the days from the one before B1 to today.
func Of(days []diary.Day, windows []diary.Window) Numbers {
	responder := diary.Respond(windows)
	series := func(of func(diary.Day) clinic.YesNo) phases { return phases{days, of} }
	return Numbers{
		Caption: Caption,
		HeadacheDays: compare(windows, responder.MHD28, func(w diary.Window) diary.Measure { return w.MHD28 },
			series(func(d diary.Day) clinic.YesNo { return d.Headache })),
		MigraineDays: compare(windows, responder.MMD28, func(w diary.Window) diary.Measure { return w.MMD28 },
			series(func(d diary.Day) clinic.YesNo { return d.Migraine })),
		ModSevereDays: compare(windows, responder.ModSevere28, func(w diary.Window) diary.Measure { return w.ModSevere28 },
			series(func(d diary.Day) clinic.YesNo { return d.ModSevere })),
		RunChart: Run(days, windows),
	}
}

// Days judges the days that Of and Neck ask for.
func Days(e diary.Entries, p diary.Profile, windows []diary.Window, today clinic.Day) []diary.Day {
	if len(windows) == 0 {
		return nil
	}
	return diary.Days(e, p, windows[0].From.Add(-1), today)
}

// phases cuts one answer of each day into windows.
type phases struct {
	days []diary.Day
	of   func(diary.Day) clinic.YesNo
}

func (s phases) in(w diary.Window) []clinic.YesNo {
	phase := []clinic.YesNo{}
	for _, d := range between(s.days, w.From, w.To) {
		answer := clinic.Unknown
		if d.Recorded {
			answer = s.of(d)
		}
		phase = append(phase, answer)
	}
	return phase
}

// between are the days from … to, as far as there are any.
func between(days []diary.Day, from, to clinic.Day) []diary.Day {
	if len(days) == 0 {
		return nil
	}
	first := max(from.Sub(days[0].Day), 0)
	after := min(to.Sub(days[0].Day)+1, len(days))
	return days[min(first, len(days)):max(after, min(first, len(days)))]
}

func compare(windows []diary.Window, responder diary.Response, of func(diary.Window) diary.Measure, s phases) Compared {
	none := diary.Measure{Reason: diary.NoFullWindow}
	out := Compared{Base: none, Now: unknown(none), Row: []Change{}}
	if len(windows) == 0 {
		return out
	}
	out.Base = of(windows[0])
	before := s.in(windows[0])
	for i, w := range windows[1:] {
		c := change(out.Base, of(w), Autocorrelation(before, s.in(w)))
		c.Window, c.Full = w.Name, w.Full
		c.ChangePercent = Percent{responder.Row[i].ChangePercent, responder.Row[i].Reason}
		out.Row = append(out.Row, c)
		if w.Full {
			out.Now = c
		}
	}
	return out
}

// unknown is a change of which nothing can be said, for the reason of its rate.
func unknown(rate diary.Measure) Change {
	return Change{Rate: rate, Difference: Interval{Reason: rate.Reason}, ChangePercent: Percent{Reason: rate.Reason},
		Halved: Chance{Reason: rate.Reason}, Fell75: Chance{Reason: rate.Reason}, Rho: Rho{Value: assumedRho, Assumed: true}}
}

func change(base, now diary.Measure, rho Rho) Change {
	c := Change{Rate: now, Rho: rho}
	if why := cannot(base, now); why != "" {
		c.Difference.Reason, c.Halved.Reason, c.Fell75.Reason = why, why, why
		return c
	}
	before, after, f := Count{base.N, base.Days}, Count{now.N, now.Days}, rho.Shrink()
	c.Difference = interval(Difference(before, after, f))
	if before.Yes == 0 {
		c.Halved.Reason, c.Fell75.Reason = diary.BaseZero, diary.BaseZero
		return c
	}
	c.Halved = chance(Halved(before, after, f, 0.5))
	c.Fell75 = chance(Halved(before, after, f, 0.25))
	return c
}

// cannot says why two windows cannot be compared.
func cannot(base, now diary.Measure) diary.Reason {
	if base.Value == nil {
		return diary.BaseMissing
	}
	return now.Reason
}

func interval(value, low, high float64) Interval {
	return Interval{Value: rate(value), Low: rate(low), High: rate(high)}
}

func chance(p float64) Chance {
	shown := Probability(p)
	return Chance{Probability: &shown, Words: wordsFor(p)}
}

// rate is nil for what has no end.
func rate(value float64) *diary.Rate {
	if math.IsInf(value, 0) || math.IsNaN(value) {
		return nil
	}
	r := diary.Rate(value)
	return &r
}
