package careplan

import (
	"cmp"
	"slices"
	"time"

	"interictal/hooks/clinic"
)

// Visit of a plan, or of a draft that will become one.
type Visit struct {
	ID          string      `json:"id"`
	Kind        VisitKind   `json:"kind"`
	Mode        string      `json:"mode"` // in_person, video, phone: each counts (S-68)
	Status      VisitStatus `json:"status"`
	ScheduledAt time.Time   `json:"scheduledAt,omitzero"`
	StartedAt   time.Time   `json:"startedAt,omitzero"`
	RecordedOn  clinic.Day  `json:"recordedOn"`            // when it was stored as completed
	AttackDay   bool        `json:"attackDay,omitempty"`   // absent or cancelled on a day with an attack: excused (§2.7)
	NeedsReason []Code      `json:"needsReason,omitempty"` // every code its record broke, answered or not
}

// VisitKind says what a visit is for.
type VisitKind string

const (
	Evaluation VisitKind = "evaluation"
	Treatment  VisitKind = "treatment"
	ReviewOf   VisitKind = "review"
	Closing    VisitKind = "closing"
)

// VisitStatus (§2.4). Only completed and completed_partial count.
type VisitStatus string

const (
	Scheduled        VisitStatus = "scheduled"
	CheckedIn        VisitStatus = "checked_in"
	Done             VisitStatus = "completed"
	DonePartly       VisitStatus = "completed_partial"
	CancelledPatient VisitStatus = "cancelled_patient"
	CancelledClinic  VisitStatus = "cancelled_clinic"
	LateCancelled    VisitStatus = "late_cancelled"
	NoShow           VisitStatus = "no_show"
	EnteredInError   VisitStatus = "entered_in_error"
)

// TookPlace: the visits that count, as far as their status goes.
func (s VisitStatus) TookPlace() bool { return s == Done || s == DonePartly }

// visitMoves: what may become of a visit. "" is one that is not stored yet. A visit that took place and was never
// checked in is a late record, whatever was noted of it before.
var visitMoves = map[VisitStatus][]VisitStatus{
	"":               {Scheduled, CheckedIn, Done, DonePartly, CancelledPatient, CancelledClinic, LateCancelled, NoShow},
	Scheduled:        {Scheduled, CheckedIn, Done, DonePartly, CancelledPatient, CancelledClinic, LateCancelled, NoShow, EnteredInError},
	CheckedIn:        {Done, DonePartly, CancelledPatient, CancelledClinic, EnteredInError},
	Done:             {Done, DonePartly, EnteredInError},
	DonePartly:       {Done, DonePartly, EnteredInError},
	CancelledPatient: {Scheduled, Done, DonePartly, LateCancelled, EnteredInError},
	CancelledClinic:  {Scheduled, Done, DonePartly, EnteredInError},
	LateCancelled:    {CancelledPatient, Done, DonePartly, LateCancelled, EnteredInError},
	NoShow:           {CheckedIn, Done, DonePartly, LateCancelled, NoShow, EnteredInError},
}

// Day is the visit's local date: when it began, and before that when it is planned.
func (p Plan) Day(v Visit) clinic.Day {
	if v.StartedAt.IsZero() {
		return clinic.DayOf(v.ScheduledAt, p.zone())
	}
	return clinic.DayOf(v.StartedAt, p.zone())
}

// counts: it took place, its kind counts, and not after the plan closed (I7).
func (p Plan) counts(f Profile, v Visit) bool {
	return v.Status.TookPlace() && (v.Kind != Evaluation || f.EvaluationCounts) && !p.closedBefore(p.Day(v))
}

func (p Plan) closedBefore(day clinic.Day) bool { return p.ClosedOn.Valid() && day > p.ClosedOn }

// evaluated: the evaluation took place.
func (p Plan) evaluated() bool {
	return slices.ContainsFunc(p.Visits, func(v Visit) bool { return v.Kind == Evaluation && v.Status.TookPlace() })
}

func (p Plan) visit(id string) int {
	return slices.IndexFunc(p.Visits, func(v Visit) bool { return v.ID == id })
}

// Attend is everything that happens to a visit: scheduling (and rescheduling), check-in, completing, absence,
// cancelling, correcting. Fields left out stay as they are; a check-in without a start begins now.
type Attend struct {
	Visit       string      `json:"visit"`
	To          VisitStatus `json:"to"`
	Kind        VisitKind   `json:"kind"`
	Mode        string      `json:"mode"`
	ScheduledAt time.Time   `json:"scheduledAt"`
	StartedAt   time.Time   `json:"startedAt"`
	AttackDay   bool        `json:"attackDay"`
}

func (a Attend) decide(d *desk) {
	i := d.plan.visit(a.Visit)
	if i < 0 {
		i = len(d.plan.Visits)
		d.plan.Visits = append(d.plan.Visits, Visit{ID: a.Visit})
	}
	before := d.plan.Visits[i]
	after := a.apply(before, d.command.At)
	if !slices.Contains(visitMoves[before.Status], a.To) {
		d.breaks(NotThisTransition, params{"from": cmp.Or(before.Status, "new"), "to": cmp.Or(a.To, "nothing")})
		return
	}
	switch {
	case a.To == Scheduled:
		for _, b := range gates(d.plan, d.profile, d.occasion(after)) {
			d.broken = append(d.broken, ahead(b))
		}
	case a.To == CheckedIn:
		d.visit = a.Visit
		d.broken = append(d.broken, gates(d.plan, d.profile, d.occasion(after))...)
	case a.To.TookPlace():
		d.store(&after, before)
	}
	d.plan.Visits[i] = after
}

func (a Attend) apply(v Visit, now time.Time) Visit {
	v.Status = a.To
	if a.Kind != "" {
		v.Kind = a.Kind
	}
	if v.Kind == "" {
		v.Kind = Treatment
	}
	if a.Mode != "" {
		v.Mode = a.Mode
	}
	if !a.ScheduledAt.IsZero() {
		v.ScheduledAt = a.ScheduledAt
	}
	if !a.StartedAt.IsZero() {
		v.StartedAt = a.StartedAt
	}
	if v.StartedAt.IsZero() && (a.To == CheckedIn || a.To.TookPlace() && (v.ScheduledAt.IsZero() || v.ScheduledAt.After(now))) {
		v.StartedAt = now
	}
	v.AttackDay = v.AttackDay || a.AttackDay
	return v
}

// store a visit that took place. What was checked in answers only for what has changed since: a pause or a closing
// in between, or another date.
func (d *desk) store(after *Visit, before Visit) {
	codes := codesOf(gates(d.plan, d.profile, d.occasion(*after)))
	sameDay := d.plan.Day(*after) == d.plan.Day(before)
	if before.Status == CheckedIn && sameDay {
		codes = slices.DeleteFunc(codes, func(c Code) bool { return c != InPause && c != PlanClosed })
	}
	if before.Status.TookPlace() && sameDay {
		codes = nil
	}
	if before.Status.TookPlace() && !sameDay {
		after.NeedsReason = slices.DeleteFunc(slices.Clone(after.NeedsReason), func(c Code) bool { return aboutTheDate(c) && !d.plan.answered(after.ID, c) })
	}
	for _, code := range codes {
		d.needs(after, code)
	}
	if !after.RecordedOn.Valid() {
		after.RecordedOn = d.today
	}
	if d.doubled(*after) {
		d.breaks(SameDay, params{"day": d.plan.Day(*after)})
	}
}

// aboutTheDate: what a corrected date answers by itself. What was given in a visit stays given.
func aboutTheDate(c Code) bool {
	return slices.Contains([]Code{NoPlan, PlanClosed, InPause, ReviewDue, OverPlanned, VisitLimit, PastWindow, CertExpired, ProgressOverdue, NoReferral}, c)
}

// doubled: two visits that count on one date; an evaluation with the first treatment is ordinary.
func (d *desk) doubled(v Visit) bool {
	return v.Kind != Evaluation && slices.ContainsFunc(d.plan.Visits, func(other Visit) bool {
		return other.ID != v.ID && other.Kind != Evaluation && d.plan.counts(d.profile, other) && d.plan.Day(other) == d.plan.Day(v)
	})
}
