package progress

import (
	"math"
	"slices"

	"interictal/hooks/clinic"
	"interictal/hooks/diary"
)

const (
	weekDays      = 7
	enoughInWeek  = 5 // recorded days that make a week a point (§4.8, 4)
	fewestForLine = 3 // of B1's four weeks [D]
	inARow        = 6 // points on one side make a signal [D]
)

// RunChart is headache days by week.
type RunChart struct {
	Line    *diary.Rate  `json:"line"` // the median of B1's weeks
	Reason  diary.Reason `json:"reason"`
	Weeks   []Week       `json:"weeks"`
	Signals []Signal     `json:"signals"`
}

// Week is seven days that are over.
type Week struct {
	From         clinic.Day  `json:"from"`
	Base         bool        `json:"base"` // before the anchor
	Recorded     int         `json:"recorded"`
	HeadacheDays int         `json:"headacheDays"`
	Value        *diary.Rate `json:"value"` // of 7; null with fewer than 5 recorded days
}

// Signal is a run of points on one side of the line.
type Signal struct {
	Side   Side       `json:"side"`
	From   clinic.Day `json:"from"`
	To     clinic.Day `json:"to"` // the last day of its last week
	Points int        `json:"points"`
}

// Side of the line.
type Side string

const (
	Below Side = "below"
	Above Side = "above"
	onIt  Side = ""
)

// Run draws the weeks from B1's first day to the last complete one.
func Run(days []diary.Day, windows []diary.Window) RunChart {
	chart := RunChart{Reason: NotEnoughWeeks, Weeks: []Week{}, Signals: []Signal{}}
	if len(windows) == 0 || len(days) == 0 {
		return chart
	}
	base, last := windows[0], days[len(days)-1].Day
	var before []float64
	for from := base.From; from.Add(weekDays-1) <= last; from = from.Add(weekDays) {
		w := weekOf(between(days, from, from.Add(weekDays-1)))
		w.From, w.Base = from, from <= base.To
		if w.Base && w.Value != nil {
			before = append(before, float64(*w.Value))
		}
		chart.Weeks = append(chart.Weeks, w)
	}
	if len(before) < fewestForLine {
		return chart
	}
	chart.Line, chart.Reason = rate(median(before)), ""
	chart.Signals = signals(chart.Weeks, float64(*chart.Line))
	return chart
}

func weekOf(days []diary.Day) (w Week) {
	for _, d := range days {
		if !d.Recorded || !d.Headache.Known() {
			continue
		}
		w.Recorded++
		if d.Headache == clinic.Yes {
			w.HeadacheDays++
		}
	}
	if w.Recorded >= enoughInWeek {
		w.Value = rate(weekDays * float64(w.HeadacheDays) / float64(w.Recorded))
	}
	return w
}

// signals finds every run of enough points since the anchor; a point on the line neither counts nor ends a run.
func signals(weeks []Week, line float64) []Signal {
	found, run := []Signal{}, Signal{}
	end := func() {
		if run.Points >= inARow {
			found = append(found, run)
		}
	}
	for _, w := range weeks {
		if w.Base || w.Value == nil {
			continue
		}
		side := sideOf(float64(*w.Value), line)
		if side == onIt {
			continue
		}
		if side != run.Side {
			end()
			run = Signal{Side: side, From: w.From}
		}
		run.Points++
		run.To = w.From.Add(weekDays - 1)
	}
	end()
	return found
}

// sideOf forgives what dividing floats adds: weeks of sevenths, sixths and fifths differ by more.
func sideOf(value, line float64) Side {
	switch {
	case math.Abs(value-line) < 1e-9:
		return onIt
	case value < line:
		return Below
	}
	return Above
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
