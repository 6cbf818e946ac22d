package careplan

import (
	"slices"
	"strings"
	"unicode/utf8"

	"interictal/hooks/access"
	"interictal/hooks/clinic"
)

// Move is a transition of the plan (§2.1). Each needs only the fields it speaks of.
type Move struct {
	To     State  `json:"to"`
	Reason string `json:"reason"` // of T2, T8 and T11; ChangeReason of T3, T5 and T6
	Note   string `json:"note"`

	On clinic.Day `json:"on"` // first day of a pause, day of return, start of wellness; zero: today

	AdaptationNote string   `json:"adaptationNote"` // T3, T5, T6 (S-59)
	Items          []string `json:"items"`          // plan items changed or confirmed

	Kind      ExtensionKind `json:"kind"`      // T5, T6
	MaxVisits int           `json:"maxVisits"` // T5, T6
	Until     clinic.Day    `json:"until"`     // T5, T6; zero: the default length

	Second *Person `json:"second"` // T11: who else has said so
}

type pair struct{ from, to State }

// transition is a row of the table of §2.1: its name and its guards, which also write what it sets.
type transition struct {
	name  string
	guard func(Move, *desk)
}

var transitions = map[pair]transition{
	{Draft, Active}:           {"T1", Move.activate},
	{Draft, Voided}:           {"T2", Move.abandon},
	{Active, Paused}:          {"T3", Move.pause},
	{Extended, Paused}:        {"T3", Move.pause},
	{Paused, Active}:          {"T4", Move.resume},
	{Paused, Extended}:        {"T4", Move.resume},
	{Active, Extended}:        {"T5", Move.extend},
	{Extended, Extended}:      {"T6", Move.extend},
	{Active, Completed}:       {"T7", Move.complete},
	{Extended, Completed}:     {"T7", Move.complete},
	{Active, Discharged}:      {"T8", Move.discharge},
	{Extended, Discharged}:    {"T8", Move.discharge},
	{Paused, Discharged}:      {"T8", Move.discharge},
	{Completed, Transitioned}: {"T9", Move.handOver},
	{Active, Transitioned}:    {"T10", Move.completeAndHandOver},
	{Extended, Transitioned}:  {"T10", Move.completeAndHandOver},
	{Active, Voided}:          {"T11", Move.void},
	{Paused, Voided}:          {"T11", Move.void},
	{Extended, Voided}:        {"T11", Move.void},
	{Completed, Voided}:       {"T11", Move.void},
	{Discharged, Voided}:      {"T11", Move.void},
	{Transitioned, Voided}:    {"T11", Move.void},
}

// TransitionName is "T1" … "T11", and "" for a pair that is none.
func TransitionName(from, to State) string { return transitions[pair{from, to}].name }

func (m Move) decide(d *desk) {
	d.listed("reason", len(m.Reason) <= 64)
	d.listed("note", utf8.RuneCountInString(m.Note) <= longest && utf8.RuneCountInString(m.AdaptationNote) <= longest)
	d.listed("to", slices.Contains(States, m.To))
	t, ok := transitions[pair{d.plan.State, m.To}]
	if !ok && slices.Contains(States, m.To) {
		d.breaks(NotThisTransition, params{"from": d.plan.State, "to": m.To})
	}
	if m.To != Voided {
		d.therapistOnly()
	}
	if ok {
		t.guard(m, d)
	}
}

// move writes the state event.
func (m Move) move(d *desk, e Event) {
	e.Kind, e.From, e.To = Transition, d.plan.State, m.To
	e.Reason, e.Note = m.Reason, strings.TrimSpace(m.Note)
	d.event(e)
}

// day the move speaks of; today when it names none.
func (m Move) day(d *desk) clinic.Day {
	if m.On.Valid() {
		return m.On
	}
	return d.today
}

// activate is T1.
func (m Move) activate(d *desk) {
	if !d.plan.evaluated() {
		d.breaks(NoEvaluation, nil)
	}
	d.needsScreen(d.today.Add(-d.profile.ScreenWithin))
	d.noAlert(Emergency, Urgent)
	d.broken = append(d.broken, contentGuards(d.plan)...)
	if !d.plan.Consent {
		d.breaks(NoConsent, nil)
	}
	if d.plan.OtherOpen {
		d.breaks(PlanOverlap, nil)
	}
	d.broken = append(d.broken, Warnings(d.plan, d.profile, d.today)...)
	d.plan.SignedOn = d.today
	terms := d.plan.Terms
	m.move(d, Event{Detail: Detail{Terms: &terms}})
}

// needsScreen: a red-flag screen on or after a day, and not in the future.
func (d *desk) needsScreen(from clinic.Day) {
	for _, day := range d.plan.Screens {
		if day.Valid() && from <= day && day <= d.today {
			return
		}
	}
	d.breaks(NoRedFlagScreen, params{"days": d.profile.ScreenWithin})
}

func (d *desk) noAlert(levels ...Level) {
	if d.plan.alert(levels...) {
		d.breaks(RedFlagOpen, nil)
	}
}

// abandon is T2.
func (m Move) abandon(d *desk) {
	if role := d.command.By.Role; role != access.Therapist && role != access.ClinicAdmin {
		d.breaks(NotThisRole, params{"who": "a physical therapist or the clinic admin"})
	}
	m.saysWhy(d)
	m.close(d, Detail{})
}

func (m Move) saysWhy(d *desk) {
	if strings.TrimSpace(m.Reason+m.Note) == "" {
		d.breaks(BadValue, params{"field": "reason"})
	}
}

// void is T11: a therapist and a clinic admin, two people.
func (m Move) void(d *desk) {
	first := d.command.By
	if m.Second == nil || m.Second.ID == "" || m.Second.ID == first.ID || !bothOf(first.Role, m.Second.Role) {
		d.breaks(NotThisRole, params{"who": "a physical therapist and the clinic admin together, two people"})
	}
	m.saysWhy(d)
	m.close(d, Detail{Second: m.Second})
}

func bothOf(a, b access.Role) bool {
	return a == access.Therapist && b == access.ClinicAdmin || a == access.ClinicAdmin && b == access.Therapist
}

// complete is T7.
func (m Move) complete(d *desk) {
	d.closingGuards()
	m.close(d, Detail{})
}

// closingGuards of T7 and T10. Closing measures that are missing become a task and never hold up the end.
func (d *desk) closingGuards() {
	if open := withoutOutcome(d.plan.Goals); len(open) > 0 {
		d.breaks(GoalOutcome, params{"goals": open})
	}
	if missing := ReadinessMissing(d.plan.Readiness); len(missing) > 0 {
		d.breaks(NotReady, params{"missing": missing})
	}
	d.broken = append(d.broken, edges(WindowOn(d.plan, d.profile, d.today), d.today)...)
}

// DischargeReason of T8.
type DischargeReason string

const (
	GoalsMetEarly   DischargeReason = "goals_met_early"
	PatientChoice   DischargeReason = "patient_choice"
	NoProgress      DischargeReason = "no_progress"
	AdverseEvent    DischargeReason = "adverse_event"
	RedFlagReferral DischargeReason = "red_flag_referral"
	MedicalChange   DischargeReason = "medical_change"
	Financial       DischargeReason = "financial"
	Moved           DischargeReason = "moved"
	LostToFollowUp  DischargeReason = "lost_to_followup"
	Deceased        DischargeReason = "deceased"
	OtherDischarge  DischargeReason = "other"
)

// DischargeReasons in the order they are offered.
var DischargeReasons = []DischargeReason{GoalsMetEarly, PatientChoice, NoProgress, AdverseEvent, RedFlagReferral,
	MedicalChange, Financial, Moved, LostToFollowUp, Deceased, OtherDischarge}

// discharge is T8. Leaving early because the goals are met is no lack of treatment.
func (m Move) discharge(d *desk) {
	reason := DischargeReason(m.Reason)
	d.listed("reason", slices.Contains(DischargeReasons, reason))
	if reason == OtherDischarge && tooShort(m.Note, d.profile) {
		d.breaks(ReasonShort, params{"length": d.profile.ReasonLength})
	}
	visits := len(CountedDays(d.plan, d.profile))
	m.close(d, Detail{BelowTypicalDose: reason != GoalsMetEarly && visits < d.profile.FewVisits})
}

// close ends the plan, and with it a running pause and a planned one. It closes no earlier than its last visit, and
// one that was closed before keeps its date.
func (m Move) close(d *desk, detail Detail) {
	for i := range d.plan.Pauses {
		pause := &d.plan.Pauses[i]
		switch {
		case pause.Planned():
			pause.Withdrawn = true
		case pause.Running():
			pause.Resume = d.today
		default:
			continue
		}
		last := *pause
		detail.Pause = &last
	}
	if !d.plan.ClosedOn.Valid() {
		days := append([]clinic.Day{d.today}, CountedDays(d.plan, d.profile)...)
		d.plan.ClosedOn = slices.Max(days)
	}
	m.move(d, Event{On: d.plan.ClosedOn, Detail: detail})
}
