package program

import (
	"slices"

	"interictal/hooks/careplan"
	"interictal/hooks/clinic"
)

// Kept is what was done of what was asked for.
type Kept struct {
	Prescribed int `json:"prescribed"`
	Done       int `json:"done"`
	Excused    int `json:"excused"`
}

// Raw counts every prescribed session, Adjusted those that could be expected.
func (k Kept) Raw() careplan.Share { return careplan.Share{Done: k.Done, Of: k.Prescribed} }
func (k Kept) Adjusted() careplan.Share {
	return careplan.Share{Done: k.Done, Of: k.Prescribed - k.Excused}
}

func (k Kept) plus(o Kept) Kept {
	return Kept{k.Prescribed + o.Prescribed, k.Done + o.Done, k.Excused + o.Excused}
}

// Adherence to one item from … to, both included. Callers end at yesterday: a day counts when it has passed.
func Adherence(it Item, logs []Log, marks Calendar, from, to clinic.Day) (sum Kept) {
	for i, v := range it.Versions {
		if !v.Confirmed {
			continue
		}
		first, last := max(v.first(), from), min(it.until(i), to)
		for first <= last {
			end := min(v.week(first).Add(6), last)
			sum = sum.plus(v.kept(logs, marks, first, end))
			first = end.Add(1)
		}
	}
	return sum
}

// week is the first day of the version's week that holds a day.
func (v Version) week(day clinic.Day) clinic.Day {
	start := v.first()
	return start.Add(day.Sub(start) / 7 * 7)
}

// kept within one week of a version, or a part of it.
func (v Version) kept(logs []Log, marks Calendar, first, last clinic.Day) Kept {
	k := Kept{Prescribed: v.prescribed(first, last)}
	excused := 0
	for day := first; day <= last; day++ {
		done := min(countDone(logs, day, day), v.Dose.perDay())
		k.Done += done
		if v.due(day) && isExcused(day, logs, marks) {
			excused += v.Dose.perDay() - done
		}
	}
	k.Done = min(k.Done, k.Prescribed)
	k.Excused = min(k.Prescribed-k.Done, excused)
	return k
}

// prescribed sessions of a week, or of a part of it: whole ones only.
func (v Version) prescribed(first, last clinic.Day) int {
	days := last.Sub(first) + 1
	if len(v.Weekdays) == 0 {
		return int(v.Dose.PerWeek) * days / 7 * v.Dose.perDay()
	}
	n := 0
	for day := first; day <= last; day++ {
		if v.due(day) {
			n += v.Dose.perDay()
		}
	}
	return n
}

// due: a session may be expected on this day. Without weekdays it may on any.
func (v Version) due(day clinic.Day) bool {
	return len(v.Weekdays) == 0 || slices.Contains(v.Weekdays, day.Weekday())
}

// isExcused by the calendar, or by the reason she gave for leaving it out.
func isExcused(day clinic.Day, logs []Log, marks Calendar) bool {
	return marks[day] != "" || slices.ContainsFunc(logs, func(l Log) bool {
		return l.Day == day && (l.Skipped == string(Attack) || l.Skipped == string(Illness))
	})
}

// daysDone are the days with a session.
func daysDone(logs []Log, from, to clinic.Day) int {
	n := 0
	for day := from; day <= to; day++ {
		if countDone(logs, day, day) > 0 {
			n++
		}
	}
	return n
}

// DataDays are the distinct days with an entry, done or not, among the 30 that end at a day.
func DataDays(logs []Log, to clinic.Day) int {
	seen := map[clinic.Day]bool{}
	for _, l := range logs {
		if to.Add(-29) <= l.Day && l.Day <= to {
			seen[l.Day] = true
		}
	}
	return len(seen)
}

// Week is S-44's pair of numbers: the sessions of seven days, and their minutes as far as said.
type Week struct {
	From     clinic.Day `json:"from"`
	To       clinic.Day `json:"to"`
	Sessions int        `json:"sessions"`
	Minutes  *float64   `json:"minutes"` // null: no session said
	Timed    int        `json:"timed"`   // sessions that the minutes rest on
}

// WeekOf sums the seven days that end at a day.
func WeekOf(logs []Log, to clinic.Day) Week {
	w := Week{From: to.Add(-6), To: to}
	for _, l := range logs {
		if !l.Done() || l.Day < w.From || l.Day > w.To {
			continue
		}
		w.Sessions++
		if l.Minutes != nil {
			sum := *l.Minutes
			if w.Minutes != nil {
				sum += *w.Minutes
			}
			w.Minutes = &sum
			w.Timed++
		}
	}
	return w
}
