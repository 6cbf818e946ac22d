package program

import (
	"math"
	"slices"

	"interictal/hooks/careplan"
)

// Reason is why something is as it is; the reader's words for it are the screen's.
type Reason string

const (
	OnAttackDay Reason = "ATTACK_DAY"
	OnPostdrome Reason = "POSTDROME_DAY"
	RedFlagOpen Reason = "RED_FLAG_OPEN"
	IsPaused    Reason = "PAUSED"
	IsAdapted   Reason = "ADAPTED"
	Returning   Reason = "RETURNING" // the first sessions after an illness
	DayOff      Reason = "DAY_OFF"   // not one of its weekdays
	WeekDone    Reason = "WEEK_DONE" // as often as prescribed this week
	DayDone     Reason = "DAY_DONE"
	AsNeeded    Reason = "AS_NEEDED" // no number of days is prescribed
)

// Shown is an item as she sees it today.
type Shown struct {
	Item    string   `json:"item"`
	Version int      `json:"version"`
	Dose    Dose     `json:"dose"`
	Halved  bool     `json:"halved"`
	Due     bool     `json:"due"`  // expected today; an item that is not may still be done
	Done    int      `json:"done"` // sessions today
	Reasons []Reason `json:"reasons"`
}

// Swapped is an item that is left out today, and why.
type Swapped struct {
	Item   string `json:"item"`
	Reason Reason `json:"reason"`
}

// Today is the program of one day. logs are by item.
func Today(items []Item, logs map[string][]Log, p Person) (shown []Shown, swapped []Swapped) {
	for _, it := range items {
		v, ok := it.On(p.Today)
		if !ok {
			continue
		}
		if why := p.leavesOut(it); why != "" {
			swapped = append(swapped, Swapped{it.ID, why})
			continue
		}
		shown = append(shown, it.show(v, logs[it.ID], p))
	}
	return shown, swapped
}

func (p Person) leavesOut(it Item) Reason {
	switch mark := p.Marks[p.Today]; {
	case p.alert(careplan.Emergency):
		return RedFlagOpen
	case mark == Attack && !it.AttackOK:
		return OnAttackDay
	case mark == Postdrome && !it.AttackOK:
		return OnPostdrome
	}
	return ""
}

func (it Item) show(v Version, logs []Log, p Person) Shown {
	s := Shown{Item: it.ID, Version: v.Number, Dose: v.Dose, Due: true, Done: countDone(logs, p.Today, p.Today), Reasons: []Reason{}}
	say := func(is bool, why Reason) bool {
		if is {
			s.Reasons = append(s.Reasons, why)
		}
		return is
	}
	adapted := say(p.adapted(), IsAdapted)
	returning := say(p.returning(logs), Returning)
	paused := say(p.Paused, IsPaused)
	s.Halved = adapted || returning || paused && p.PausedIll
	if s.Halved {
		s.Dose = half(v.Dose)
	}
	week := v.week(p.Today)
	off := say(len(v.Weekdays) > 0 && !slices.Contains(v.Weekdays, p.Today.Weekday()), DayOff)
	full := say(len(v.Weekdays) == 0 && v.Dose.PerWeek > 0 && daysDone(logs, week, p.Today) >= int(v.Dose.PerWeek), WeekDone)
	done := say(s.Done >= v.Dose.perDay(), DayDone)
	free := say(len(v.Weekdays) == 0 && v.Dose.PerWeek <= 0, AsNeeded)
	s.Due = !(paused || off || full || done || free)
	return s
}

// half a dose: half of one variable, up to the next whole one.
func half(d Dose) Dose {
	for _, v := range []Variable{Minutes, Reps, Hold, Sets, Load} {
		if d.Of(v) > 0 {
			return d.With(v, math.Ceil(d.Of(v)/2))
		}
	}
	return d
}
