package program

import (
	"cmp"
	"math"
	"slices"
	"time"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

// Baseline is how often an attack begins in B1, the four weeks before the plan.
type Baseline struct {
	Onsets   int `json:"onsets"`
	AtRisk   int `json:"atRisk"`
	Recorded int `json:"recorded"`
}

// BaselineOf counts at-risk days and onsets (§4.3): a day is at risk when it and the day before are recorded and the day
// before had no headache; an onset is an at-risk day with one. late days were entered more than 7 days after, and do not
// count as recorded here. The first day only tells about the second.
func BaselineOf(days []diary.Day, late map[clinic.Day]bool) (b Baseline) {
	recorded := func(d diary.Day) bool { return d.Recorded && d.Headache.Known() && !late[d.Day] }
	for i, d := range days {
		if i == 0 || !recorded(d) {
			continue
		}
		b.Recorded++
		if before := days[i-1]; !recorded(before) || before.Headache != clinic.No {
			continue
		}
		b.AtRisk++
		if d.Headache == clinic.Yes {
			b.Onsets++
		}
	}
	return b
}

const (
	lastSessions  = 6
	enoughDays    = 14
	enoughChance  = 0.90
	afterSessions = 24 * time.Hour
)

// Limit is how many attacks within 24 hours after six sessions this person's own rate p lets expect: the smallest k with
// P(Binomial(6, p) ≤ k) ≥ 0.90, at least 1. Not known with fewer than 14 recorded days, or no day at risk.
func (b Baseline) Limit() (k int, known bool) {
	if b.Recorded < enoughDays || b.AtRisk == 0 {
		return 0, false
	}
	p := float64(b.Onsets) / float64(b.AtRisk)
	sum := 0.0
	for k := 0; k <= lastSessions; k++ {
		sum += choose(lastSessions, k) * math.Pow(p, float64(k)) * math.Pow(1-p, float64(lastSessions-k))
		if sum >= enoughChance-tiny {
			return max(k, 1), true
		}
	}
	return lastSessions, true
}

func choose(n, k int) float64 {
	out := 1.0
	for i := range k {
		out = out * float64(n-i) / float64(i+1)
	}
	return out
}

// After six sessions: the attacks that began within 24 hours after one of the last six since a moment, and the most that
// can be expected. known is false while there are fewer than six, or no limit.
type After struct {
	Attacks int  `json:"attacks"`
	Limit   int  `json:"limit"`
	Known   bool `json:"known"`
}

func afterLastSix(logs []Log, p Person, since time.Time) After {
	var sessions []Log
	for _, l := range logs {
		if l.Done() && l.At.After(since) {
			sessions = append(sessions, l)
		}
	}
	limit, known := p.Baseline.Limit()
	if len(sessions) < lastSessions || !known {
		return After{}
	}
	slices.SortFunc(sessions, func(a, b Log) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.ID, b.ID)) })
	a := After{Limit: limit, Known: true}
	for _, onset := range p.Onsets {
		if slices.ContainsFunc(sessions[len(sessions)-lastSessions:], func(l Log) bool {
			return onset.After(l.At) && onset.Sub(l.At) <= afterSessions
		}) {
			a.Attacks++
		}
	}
	return a
}
