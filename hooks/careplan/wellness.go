package careplan

import (
	"slices"
	"time"

	"interictal/hooks/clinic"
)

// Wellness is the program after the plan (S-56): exercise progression and lifestyle, with sessions of its own that
// are never visits of the plan.
type Wellness struct {
	Start    clinic.Day       `json:"start"`
	End      clinic.Day       `json:"end"` // zero: it runs
	Focus    []string         `json:"focus"`
	Goals    []string         `json:"goals"`    // carried over: those not met yet
	ReviewOn clinic.Day       `json:"reviewOn"` // when the program is looked at next
	Sessions []WellnessRecord `json:"sessions"`
}

// WellnessRecord is one session.
type WellnessRecord struct {
	ID string     `json:"id"`
	On clinic.Day `json:"on"`
}

var focusAreas = []string{"exercise_progression", "lifestyle"}

// startWellness needs consent, and keeps an earlier program that still runs.
func (d *desk) startWellness(on clinic.Day) {
	if !d.plan.WellnessConsent {
		d.breaks(NoConsent, nil)
	}
	if d.plan.Wellness != nil && !d.plan.Wellness.End.Valid() {
		return
	}
	if on < d.plan.Start || on < d.plan.ClosedOn {
		d.breaks(BadValue, params{"field": "on"})
	}
	w := Wellness{Start: on, Focus: focusAreas, ReviewOn: on.Add(d.profile.WellnessReview)}
	for _, g := range d.plan.Goals {
		if g.Outcome() != Met {
			w.Goals = append(w.Goals, g.ID)
		}
	}
	d.plan.Wellness = &w
}

// handOver is T9.
func (m Move) handOver(d *desk) {
	on := m.day(d)
	if on.Sub(d.plan.ClosedOn) > d.profile.WellnessWithin {
		d.breaks(LateWellness, params{"days": d.profile.WellnessWithin})
	}
	d.startWellness(on)
	m.move(d, Event{Detail: Detail{Wellness: d.plan.Wellness}})
}

// completeAndHandOver is T10.
func (m Move) completeAndHandOver(d *desk) {
	d.closingGuards()
	d.startWellness(m.day(d))
	m.close(d, Detail{Wellness: d.plan.Wellness})
}

// StartWellness after a discharge. The plan stays discharged.
type StartWellness struct {
	On clinic.Day `json:"on"` // zero: today
}

func (c StartWellness) decide(d *desk) {
	d.therapistOnly()
	if d.plan.State != Discharged {
		d.breaks(NotThisTransition, params{"from": d.plan.State, "to": Transitioned})
	}
	d.noAlert(Emergency, Urgent)
	d.startWellness(Move{On: c.On}.day(d))
	d.event(Event{Kind: WellnessRow, Detail: Detail{Wellness: d.plan.Wellness}})
}

// RecordSession stores a wellness session.
type RecordSession struct {
	ID        string    `json:"id"`
	StartedAt time.Time `json:"startedAt"`
}

func (c RecordSession) decide(d *desk) {
	w, ok := d.wellness()
	if !ok {
		return
	}
	on := clinic.DayOf(c.StartedAt, d.plan.zone())
	w.Sessions = append(slices.Clone(w.Sessions), WellnessRecord{c.ID, on})
	d.plan.Wellness = &w
}

// EndWellness closes the program.
type EndWellness struct{}

func (EndWellness) decide(d *desk) {
	d.therapistOnly()
	w, ok := d.wellness()
	if !ok {
		return
	}
	w.End = d.today
	d.plan.Wellness = &w
	d.event(Event{Kind: WellnessRow, Detail: Detail{Wellness: &w}})
}

// wellness is a copy of the program that runs.
func (d *desk) wellness() (Wellness, bool) {
	if d.plan.Wellness == nil || d.plan.Wellness.End.Valid() {
		d.breaks(NoPlan, nil)
		return Wellness{}, false
	}
	return *d.plan.Wellness, true
}

// FollowUp that took place, so many months after closure (S-27).
type FollowUp struct {
	Months int        `json:"months"`
	On     clinic.Day `json:"on"`
}

// FollowUpDay is the same day of the month so many months later; the last day of a month that is too short.
func FollowUpDay(closed clinic.Day, months int) clinic.Day {
	t := closed.Start(time.UTC)
	first := time.Date(t.Year(), t.Month()+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return clinic.DayOf(first, time.UTC).Add(min(t.Day(), last) - 1)
}
