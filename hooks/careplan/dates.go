package careplan

import (
	"slices"

	"interictal/hooks/clinic"
)

// Window is where a day stands in a plan (§2.3). All of it is zero while no visit counts.
type Window struct {
	Day        int        `json:"day"` // plan day, 1 on the start date
	Week       int        `json:"week"`
	PauseDays  int        `json:"pauseDays"` // days paused up to and including this one
	ActiveDay  int        `json:"activeDay"`
	ActiveWeek int        `json:"activeWeek"`
	Earliest   clinic.Day `json:"earliest"` // typical end: last day of week 4, later by the pause days
	Latest     clinic.Day `json:"latest"`   // typical end: last day of week 6, later by the pause days
	Until      clinic.Day `json:"until"`    // Latest, or the end of an extension of time
}

// WindowOn is the plan's window as it stands on a day.
func WindowOn(p Plan, f Profile, day clinic.Day) Window {
	days := CountedDays(p, f)
	if len(days) == 0 {
		return Window{}
	}
	start := days[0]
	paused := p.pauseDays(f, start, day)
	plan := day.Sub(start) + 1
	w := Window{Day: plan, Week: week(plan), PauseDays: paused, ActiveDay: plan - paused, ActiveWeek: week(plan - paused),
		Earliest: start.Add(f.EarliestDay - 1 + paused), Latest: start.Add(f.LatestDay - 1 + paused)}
	w.Until = w.Latest
	for _, e := range p.Extensions {
		if e.Until.Valid() {
			w.Until = max(w.Until, e.Until.Add(paused-p.pauseDays(f, start, e.On)))
		}
	}
	return w
}

// week of a plan day; weeks before the start are 0, −1, …
func week(day int) int {
	if day < 1 {
		return day / 7
	}
	return (day-1)/7 + 1
}

// pauseDays counts the days x with from ≤ x ≤ day that lie in a pause.
func (p Plan) pauseDays(f Profile, from, day clinic.Day) int {
	if !f.PausesStopClock {
		return 0
	}
	n := 0
	for _, pause := range p.Pauses {
		n += pause.days(from, day)
	}
	return n
}

// windowRules judges a planned end against the window as it stands today.
func windowRules(p Plan, f Profile, end, today clinic.Day) []clinic.Broken {
	w := WindowOn(p, f, today)
	if !end.Valid() || !w.Latest.Valid() {
		return nil
	}
	start := today.Add(1 - w.Day)
	if last := start.Add(f.LongestDays); end < start || end > last {
		return []clinic.Broken{breaks(WindowRange, params{"from": start, "to": last})}
	}
	return edges(w, end)
}

// edges: an end before week 4 is over, or after the agreed time.
func edges(w Window, end clinic.Day) []clinic.Broken {
	switch {
	case !w.Latest.Valid():
	case end < w.Earliest:
		return []clinic.Broken{breaks(WindowShort, params{"earliest": w.Earliest})}
	case end > w.Until:
		return []clinic.Broken{breaks(WindowLong, params{"latest": w.Until})}
	}
	return nil
}

// CountedDays are the dates of the visits that count, in order: visit n is on CountedDays[n-1], and the plan starts
// on the first.
func CountedDays(p Plan, f Profile) []clinic.Day {
	var days []clinic.Day
	for _, v := range p.Visits {
		if p.counts(f, v) {
			days = append(days, p.Day(v))
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// careDays are the dates of treatment in the eyes of the law: the evaluation is always one (R3, R6).
func careDays(p Plan, f Profile) []clinic.Day {
	f.EvaluationCounts = true
	return CountedDays(p, f)
}
