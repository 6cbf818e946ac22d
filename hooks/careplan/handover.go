package careplan

import (
	"slices"

	"interictal/hooks/clinic"
)

// HandOver is what a plan leaves to whoever goes on, the patient first (S-56, S-60): where it started and ended, what
// became of each goal, how it was kept up, and what she said she can do by herself.
type HandOver struct {
	Start       clinic.Day     `json:"start"`
	ClosedOn    clinic.Day     `json:"closedOn"`
	Visits      int            `json:"visits"`
	Goals       []GoalResulted `json:"goals"`
	Consistency Consistency    `json:"consistency"`
	Ready       []Answer       `json:"ready"` // the last answer to each statement
	FollowUps   []Due          `json:"followUps"`
	Wellness    *Wellness      `json:"wellness"`
}

// GoalResulted is a goal with what became of it; "" while nobody has said anything.
type GoalResulted struct {
	Goal
	Outcome GoalResult `json:"outcome"`
}

// Consistency is three shares with what they rest on (§2.7).
type Consistency struct {
	Attendance Share `json:"attendance"`
	Home       Share `json:"home"`
	Diary      Share `json:"diary"`
}

// Due is a follow-up: so many months after closure, held or not.
type Due struct {
	Months int        `json:"months"`
	On     clinic.Day `json:"due"`
	Held   clinic.Day `json:"held"`
}

// HandOverOf a plan.
func HandOverOf(p Plan, f Profile) HandOver {
	h := HandOver{Start: p.Start, ClosedOn: p.ClosedOn, Visits: len(CountedDays(p, f)), Goals: []GoalResulted{}, Ready: []Answer{}, FollowUps: []Due{},
		Consistency: Consistency{Attendance(p, f), p.Home, p.Diary}, Wellness: p.Wellness}
	for _, g := range p.Goals {
		h.Goals = append(h.Goals, GoalResulted{g, g.Outcome()})
	}
	for _, s := range Statements {
		for _, a := range slices.Backward(p.Readiness) {
			if a.Statement == s {
				h.Ready = append(h.Ready, a)
				break
			}
		}
	}
	if !p.followed() {
		return h
	}
	for _, months := range f.FollowUpMonths {
		due := Due{Months: months, On: FollowUpDay(p.ClosedOn, months)}
		for _, u := range p.FollowUps {
			if u.Months == months {
				due.Held = u.On
			}
		}
		h.FollowUps = append(h.FollowUps, due)
	}
	return h
}
